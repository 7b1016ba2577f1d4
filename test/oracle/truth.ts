/**
 * Three-valued logic over rows in memory: true, false, and null for unknown. Written from "Predicates" of the language, and
 * from nothing of the engine.
 *
 * A missing claim is unknown, "so no `_not`, `_neq` or `_nin` opens anything": a question about rows that hangs on a missing
 * claim is true where some row answers it without the claim, and else unknown; a count that hangs on one is unknown.
 */
import { type Claims, claimAt, readClaim, readClaimList } from './claims.ts';
import { type Comparison, claimsOf, type Operand, type Pattern, type Predicate } from './predicate.ts';
import { type Column, type Edge, type Json, order, type Row } from './schema.ts';

export type Truth = boolean | null;

/** Whose rows are asked of: the database's as they are, or a caller's. */
export interface World {
  readonly claims: Claims;
  readonly rows: (table: string) => readonly Row[];
  readonly follow: (edge: Edge, row: Row) => readonly Row[];
  /** Of how many rows a count tells at least: one of fewer is unknown. */
  readonly least: (table: string) => number;
}

export function holds(predicate: Predicate, row: Row, world: World): boolean {
  return truthOf(predicate, row, world) === true;
}

export function truthOf(predicate: Predicate, row: Row, world: World): Truth {
  switch (predicate.kind) {
    case 'and':
      return all(predicate.of.map((part) => truthOf(part, row, world)));
    case 'or':
      return not(all(predicate.of.map((part) => not(truthOf(part, row, world)))));
    case 'not':
      return not(truthOf(predicate.of, row, world));
    case 'null':
      return (row[predicate.column.name] === null) === predicate.is;
    case 'compare':
      return comparison(predicate.operator, cell(row, predicate.column), scalar(predicate, world));
    case 'columns':
      return comparison(predicate.operator, cell(row, predicate.column), cell(row, predicate.other));
    case 'among':
      return among(predicate.operator, cell(row, predicate.column), list(predicate, world));
    case 'contains': {
      const value = cell(row, predicate.column);
      return value === null ? null : contains(value, predicate.value);
    }
    case 'hasKey': {
      const value = cell(row, predicate.column);
      return value === null ? null : isObject(value) && Object.hasOwn(value, predicate.key);
    }
    case 'related':
      return some(world.follow(predicate.edge, row), predicate.where, world);
    case 'exists':
      return some(world.rows(predicate.table), predicate.where, world);
    case 'count': {
      const { where, edge, operator, than } = predicate;
      if (where !== undefined && hangsOnMissing(where, world.claims)) return null;
      const far = world.follow(edge, row);
      const counted = where === undefined ? far : far.filter((one) => holds(where, one, world));
      return counted.length < world.least(edge.to) ? null : comparison(operator, counted.length, than);
    }
    default:
      return predicate satisfies never;
  }
}

function all(parts: readonly Truth[]): Truth {
  if (parts.includes(false)) return false;
  return parts.includes(null) ? null : true;
}

function not(truth: Truth): Truth {
  return truth === null ? null : !truth;
}

function some(rows: readonly Row[], where: Predicate, world: World): Truth {
  if (rows.some((row) => holds(where, row, world))) return true;
  return hangsOnMissing(where, world.claims) ? null : false;
}

export function hangsOnMissing(where: Predicate, claims: Claims): boolean {
  return claimsOf(where).some(({ path }) => claimAt(claims, path) === undefined);
}

/** @throws {ClaimUnfit} a claim that is of another type */
export function requireClaims(predicate: Predicate, claims: Claims): void {
  for (const { path, column, list } of claimsOf(predicate))
    (list ? readClaimList : readClaim)(claims, path, column.type);
}

const cell = (row: Row, column: Column): Json => row[column.name] ?? null;

function scalar({ operand, column }: { operand: Operand; column: Column }, { claims }: World): Json {
  return operand.kind === 'literal' ? operand.value : (readClaim(claims, operand.path, column.type) ?? null);
}

/** Undefined for a list that is missing. */
function list(
  { operand, column }: { operand: Operand; column: Column },
  { claims }: World,
): readonly Json[] | undefined {
  if (operand.kind === 'literal') return operand.value as readonly Json[];
  return readClaimList(claims, operand.path, column.type);
}

function among(operator: 'in' | 'nin', value: Json, values: readonly Json[] | undefined): Truth {
  if (values === undefined) return null;
  const found = not(all(values.map((one) => not(comparison('eq', value, one)))));
  return operator === 'in' ? found : not(found);
}

function comparison(operator: Comparison | Pattern, a: Json, b: Json): Truth {
  if (a === null || b === null) return null;
  switch (operator) {
    case 'eq':
      return a === b;
    case 'neq':
      return a !== b;
    case 'gt':
      return compareValues(a, b) > 0;
    case 'gte':
      return compareValues(a, b) >= 0;
    case 'lt':
      return compareValues(a, b) < 0;
    case 'lte':
      return compareValues(a, b) <= 0;
    case 'like':
    case 'ilike':
      return like(String(a), String(b), operator === 'ilike');
    case 'nlike':
    case 'nilike':
      return !like(String(a), String(b), operator === 'nilike');
    default:
      return operator satisfies never;
  }
}

/** Of one type; texts by their bytes, which of these texts are their code units. */
export function compareValues(a: Json, b: Json): number {
  if (typeof a === 'string' && typeof b === 'string') return order(a, b);
  return Number(a) - Number(b);
}

function like(text: string, pattern: string, caseless: boolean): boolean {
  const source = pattern.replace(/\\(.)|([%_])|([^\\%_])/gs, (_whole, escaped, wild, plain) => {
    if (wild !== undefined) return wild === '%' ? '.*' : '.';
    return (escaped ?? plain).replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  });
  return new RegExp(`^${source}$`, caseless ? 'is' : 's').test(text);
}

const isObject = (value: Json): value is { readonly [key: string]: Json } =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Of objects and scalars within them, as the values here are. */
function contains(value: Json, part: Json): boolean {
  if (!isObject(part) || !isObject(value)) return value === part;
  return Object.entries(part).every(
    ([key, one]) => Object.hasOwn(value, key) && contains(value[key] as Json, one),
  );
}
