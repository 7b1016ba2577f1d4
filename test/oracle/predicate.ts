/** The predicates of policies as the language has them: drawn, and as YAML. */
import { type Column, type Edge, type Json, type Row, type Schema, type Table, valuesOf } from './schema.ts';
import type { Draw } from './tape.ts';

export type Comparison = 'eq' | 'neq' | 'gt' | 'gte' | 'lt' | 'lte';
export type Pattern = 'like' | 'nlike' | 'ilike' | 'nilike';

export type Operand =
  | { readonly kind: 'literal'; readonly value: Json }
  | { readonly kind: 'claim'; readonly path: readonly string[] };

export type Predicate =
  | { readonly kind: 'and' | 'or'; readonly of: readonly Predicate[] }
  | { readonly kind: 'not'; readonly of: Predicate }
  | {
      readonly kind: 'compare';
      readonly column: Column;
      readonly operator: Comparison | Pattern;
      readonly operand: Operand;
    }
  | {
      readonly kind: 'among';
      readonly column: Column;
      readonly operator: 'in' | 'nin';
      readonly operand: Operand;
    }
  | { readonly kind: 'null'; readonly column: Column; readonly is: boolean }
  | { readonly kind: 'contains'; readonly column: Column; readonly value: Json }
  | { readonly kind: 'hasKey'; readonly column: Column; readonly key: string }
  | {
      readonly kind: 'columns';
      readonly column: Column;
      readonly operator: Comparison;
      readonly other: Column;
    }
  | { readonly kind: 'related'; readonly edge: Edge; readonly where: Predicate }
  | { readonly kind: 'exists'; readonly table: string; readonly where: Predicate }
  | {
      readonly kind: 'count';
      readonly edge: Edge;
      readonly where: Predicate | undefined;
      readonly operator: Comparison;
      readonly than: number;
    };

export const always: Predicate = { kind: 'and', of: [] };

const comparisons: readonly Comparison[] = ['eq', 'neq', 'gt', 'gte', 'lt', 'lte'];
const parts: readonly Json[] = [{ a: 1 }, { b: 'x' }, {}, { c: { a: 1 } }];
const patterns: readonly Pattern[] = ['like', 'nlike', 'ilike', 'nilike'];

/** What a predicate may hold: a caller's has no claims, no other tables, no two columns. */
export interface Extent {
  readonly schema: Schema;
  /** Columns that may be asked of; by default all. */
  readonly columns: (table: Table) => readonly Column[];
  readonly edges: (table: Table) => readonly Edge[];
  readonly policy: boolean;
  /** Whether keys of JSON objects may be asked for. */
  readonly keys: boolean;
  readonly counts: (edge: Edge) => boolean;
}

export function policyExtent(schema: Schema): Extent {
  const columns = (table: Table) => table.columns;
  return { schema, columns, edges: ({ edges }) => edges, policy: true, keys: true, counts: () => true };
}

/** @param deep how many steps through relationships may be left */
export function drawPredicate(draw: Draw, table: Table, extent: Extent, deep = 2, height = 2): Predicate {
  const kind = draw.int(100);
  if (height > 0 && kind >= 60 && kind < 72)
    return {
      kind: draw.pick(['and', 'or'] as const),
      of: Array.from({ length: 1 + draw.int(3) }, () => drawPredicate(draw, table, extent, deep, height - 1)),
    };
  if (height > 0 && kind >= 72 && kind < 80)
    return { kind: 'not', of: drawPredicate(draw, table, extent, deep, height - 1) };
  if (deep > 0 && kind >= 80) return drawBeyond(draw, table, extent, deep, height);
  return drawLeaf(draw, table, extent);
}

function drawBeyond(draw: Draw, table: Table, extent: Extent, deep: number, height: number): Predicate {
  const edges = extent.edges(table);
  const within = (name: string) =>
    drawPredicate(draw, extent.schema.get(name)!, extent, deep - 1, Math.min(height, 1));
  if (extent.policy && draw.chance(25)) {
    const far = draw.pick([...extent.schema.keys()]);
    return { kind: 'exists', table: far, where: within(far) };
  }
  if (edges.length === 0) return drawLeaf(draw, table, extent);
  const edge = draw.pick(edges);
  if (edge.many && extent.counts(edge) && draw.chance(35))
    return {
      kind: 'count',
      edge,
      where: draw.chance(60) ? within(edge.to) : undefined,
      operator: draw.pick(comparisons),
      than: draw.int(4),
    };
  return { kind: 'related', edge, where: within(edge.to) };
}

function drawLeaf(draw: Draw, table: Table, extent: Extent): Predicate {
  const columns = extent.columns(table);
  if (columns.length === 0) return always;
  const column = draw.pick(columns);
  const kind = draw.int(100);
  if (kind >= 85) return { kind: 'null', column, is: draw.chance(50) };
  if (column.type === 'json')
    return !extent.keys || draw.chance(70)
      ? { kind: 'contains', column, value: draw.pick(parts) }
      : { kind: 'hasKey', column, key: draw.pick(['a', 'b']) };
  if (extent.policy && kind >= 50 && kind < 75) return drawClaim(draw, column);
  if (extent.policy && kind >= 75) {
    const alike = columns.filter(({ type }) => type === column.type);
    return { kind: 'columns', column, operator: draw.pick(operatorsOf(column)), other: draw.pick(alike) };
  }
  if (kind >= 35 && column.type === 'text' && kind < 50) return drawPattern(draw, column);
  if (kind >= 20 && kind < 35)
    return {
      kind: 'among',
      column,
      operator: draw.pick(['in', 'nin'] as const),
      operand: { kind: 'literal', value: draw.few(valuesOf[column.type], 1 + draw.int(3)) },
    };
  return {
    kind: 'compare',
    column,
    operator: draw.pick(operatorsOf(column)),
    operand: { kind: 'literal', value: draw.pick(valuesOf[column.type]) },
  };
}

const operatorsOf = ({ type }: Column) => (type === 'bool' ? comparisons.slice(0, 2) : comparisons);

function drawPattern(draw: Draw, column: Column): Predicate {
  const value = draw.pick(['a%', '%b', '_', '%', 'A_', '%\\_%', 'u_']);
  return { kind: 'compare', column, operator: draw.pick(patterns), operand: { kind: 'literal', value } };
}

/** Mostly a claim that is meant for such a column. */
function drawClaim(draw: Draw, column: Column): Predicate {
  if (['int', 'decimal', 'text'].includes(column.type) && draw.chance(30))
    return {
      kind: 'among',
      column,
      operator: draw.pick(['in', 'nin'] as const),
      operand: { kind: 'claim', path: [column.type === 'text' ? 'names' : 'ids'] },
    };
  const path = { int: ['n'], text: ['sub'], bool: ['app', 'yes'], date: ['app', 'day'], decimal: ['n'], json: [] }[
    column.type
  ]; // biome-ignore format: a table
  const operator = draw.chance(60) ? 'eq' : draw.pick(operatorsOf(column));
  return { kind: 'compare', column, operator, operand: { kind: 'claim', path } };
}

/** As YAML has it, and GraphQL's `where` too. */
export function toYaml(predicate: Predicate): Readonly<Record<string, Json>> {
  switch (predicate.kind) {
    case 'and':
    case 'or':
      if (predicate.kind === 'and' && predicate.of.length === 0) return {};
      return { [`_${predicate.kind}`]: predicate.of.map(toYaml) };
    case 'not':
      return { _not: toYaml(predicate.of) };
    case 'compare':
    case 'among':
      return { [predicate.column.name]: { [`_${predicate.operator}`]: operandText(predicate.operand) } };
    case 'null':
      return { [predicate.column.name]: { _is_null: predicate.is } };
    case 'contains':
      return { [predicate.column.name]: { _contains: predicate.value } };
    case 'hasKey':
      return { [predicate.column.name]: { _has_key: predicate.key } };
    case 'columns':
      return { [predicate.column.name]: { [`_c${predicate.operator}`]: predicate.other.name } };
    case 'related':
      return { [predicate.edge.name]: toYaml(predicate.where) };
    case 'exists':
      return { _exists: { table: predicate.table, where: toYaml(predicate.where) } };
    case 'count': {
      const filter: Row = predicate.where === undefined ? {} : { filter: toYaml(predicate.where) };
      const count = { ...filter, predicate: { [`_${predicate.operator}`]: predicate.than } };
      return { [`${predicate.edge.name}_aggregate`]: { count } };
    }
    default:
      return predicate satisfies never;
  }
}

function operandText(operand: Operand): Json {
  return operand.kind === 'literal' ? operand.value : `$jwt.${operand.path.join('.')}`;
}

/** Every claim in it, with the type that it is read as. */
export function claimsOf(
  predicate: Predicate,
): readonly { readonly path: readonly string[]; readonly column: Column; readonly list: boolean }[] {
  switch (predicate.kind) {
    case 'and':
    case 'or':
      return predicate.of.flatMap(claimsOf);
    case 'not':
      return claimsOf(predicate.of);
    case 'compare':
    case 'among': {
      const { operand, column, kind } = predicate;
      return operand.kind === 'claim' ? [{ path: operand.path, column, list: kind === 'among' }] : [];
    }
    case 'null':
    case 'contains':
    case 'hasKey':
    case 'columns':
      return [];
    case 'related':
    case 'exists':
      return claimsOf(predicate.where);
    case 'count':
      return predicate.where === undefined ? [] : claimsOf(predicate.where);
    default:
      return predicate satisfies never;
  }
}
