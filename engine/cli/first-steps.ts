/** What a newcomer can paste: one request that works, and the claims that a role's permissions ask for. Pure. */
import type { Api, Column, Edge, World, WorldTable } from '../api/api.ts';
import type { Condition, Value } from '../api/condition.ts';
import type { ClaimValue } from '../auth/principal.ts';
import type { Type } from '../catalog/catalog.ts';

export interface Example {
  /** From the project's path on: `/rest/v1/books?select=id,title&limit=3`. */
  readonly path: string;
  /** The role whose token it needs; undefined: none. */
  readonly role: string | undefined;
}

/** Names that need no quoting in a URL, in REST's `select` and in a shell. */
const plain = /^[A-Za-z_][A-Za-z0-9_]*$/;
/** What people call the column by which a row is recognized. */
const recognizable = /^(title|name|label)$/i;

/**
 * A read of the table that shows most: as anonymous where that is possible, with a to-one relationship where there is one.
 *
 * @returns undefined when no role can read anything
 */
export function exampleRequest(api: Api): Example | undefined {
  const others = [...api.roles.keys()].filter((role) => role !== api.anonymous);
  for (const role of api.anonymous === undefined ? others : [api.anonymous, ...others]) {
    const path = bestRead(api.world(role));
    if (path !== undefined) return { path, role: role === api.anonymous ? undefined : role };
  }
  return undefined;
}

/**
 * Claims with which a token of the role reaches something: a plausible value for each that its permissions read, such
 * as `{ customer_id: 1, sub: '1' }`. Claims of types that no value can be made up for are left out.
 */
export function sampleClaims(api: Api, role: string): { readonly [name: string]: ClaimValue } {
  const found: Claim[] = [];
  for (const { select, insert, update, delete: remove } of api.world(role).tables.values()) {
    const conditions = [
      ...(select?.parts.map((part) => part.where) ?? []),
      insert?.check,
      update?.where,
      update?.check,
      remove?.where,
    ];
    for (const condition of conditions) if (condition !== undefined) collect(condition, found);
    for (const value of insert?.set.values() ?? []) collectValue(value, found);
    for (const value of update?.set.values() ?? []) collectValue(value, found);
  }
  return found.sort((a, b) => (a.path.join('.') < b.path.join('.') ? -1 : 1)).reduce(withSample, {});
}

type Claim = Extract<Value, { kind: 'claim' }>;

/** Claims that say what a token is, not what its bearer may reach. */
const reserved = new Set(['iss', 'aud', 'iat', 'exp', 'nbf', 'jti', 'role', 'roles', '__proto__']);

function withSample(
  claims: { readonly [name: string]: ClaimValue },
  claim: Claim,
): { readonly [name: string]: ClaimValue } {
  const [first, ...rest] = claim.path;
  if (first === undefined || reserved.has(first) || Object.hasOwn(claims, first)) return claims;
  const single = first === 'sub' ? '1' : sampleOf(claim.type);
  if (single === undefined) return claims;
  const value = rest.reduceRight<ClaimValue>(
    (inner, key) => ({ [key]: inner }),
    claim.list ? [single] : single,
  );
  return { ...claims, [first]: value };
}

function sampleOf(type: Type): ClaimValue | undefined {
  switch (type.family) {
    case 'integer':
    case 'decimal':
    case 'float':
      return 1;
    case 'string':
      return '1';
    case 'boolean':
      return true;
    case 'uuid':
      return '00000000-0000-0000-0000-000000000001';
    case 'enum':
      return type.labels?.[0];
    default:
      return undefined;
  }
}

function collect(condition: Condition, found: Claim[]): void {
  switch (condition.kind) {
    case 'true':
    case 'false':
    case 'compareColumns':
      break;
    case 'and':
    case 'or':
      for (const part of condition.of) collect(part, found);
      break;
    case 'not':
      collect(condition.of, found);
      break;
    case 'compare':
      if (condition.value !== undefined) collectValue(condition.value, found);
      break;
    case 'related':
    case 'exists':
      collect(condition.where, found);
      break;
    case 'aggregate':
      collect(condition.where, found);
      for (const { value } of condition.compare) if (value !== undefined) collectValue(value, found);
      break;
    case 'fenced':
      collect(condition.policy, found);
      collect(condition.of, found);
      break;
    case 'guarded':
      for (const guard of condition.guards.values()) collect(guard, found);
      collect(condition.of, found);
      break;
    default:
      condition satisfies never;
  }
}

function collectValue(value: Value, found: Claim[]): void {
  if (value.kind === 'claim') found.push(value);
}

function bestRead(world: World): string | undefined {
  const reads = [...world.tables.values()]
    .filter((one) => one.select !== undefined && one.columns.size > 0 && world.rest(one.table.rest) === one)
    .map((one) => ({ one, free: isFree(one), select: selectOf(one, world) }))
    .sort(
      (a, b) =>
        Number(b.free) - Number(a.free) ||
        b.select.length - a.select.length ||
        b.one.edges.size - a.one.edges.size,
    );
  const best = reads[0];
  if (best === undefined) return undefined;
  const select = best.select.length === 0 ? '' : `select=${best.select.join(',')}&`;
  return `/rest/v1/${encodeURIComponent(best.one.table.rest)}?${select}limit=3`;
}

/** Whether rows can be seen whatever the token claims: an example that answers nothing teaches nothing. */
function isFree({ select }: WorldTable): boolean {
  return (select?.parts ?? []).some(({ where }) => {
    const claims: Claim[] = [];
    collect(where, claims);
    return claims.length === 0 && where.kind !== 'false';
  });
}

/** The key, what rows are recognized by, and the same of a related row. */
function selectOf(one: WorldTable, world: World): readonly string[] {
  const columns = named(one);
  const label = labelOf(columns);
  const key = columns.filter((column) => one.table.key.includes(column) && column !== label);
  const own = [...key, ...(label === undefined ? [] : [label])].map(({ name }) => name);
  if (own.length === 0) return [];
  const embedded = [...one.edges.values()]
    .map((edge) => embed(edge, world))
    .find((text) => text !== undefined);
  return embedded === undefined ? own : [...own, embedded];
}

function embed(edge: Edge, world: World): string | undefined {
  const far = world.tables.get(edge.to.name);
  if (edge.kind !== 'one' || edge.to === edge.from || far === undefined || !plain.test(edge.name))
    return undefined;
  const label = labelOf(named(far));
  return label === undefined ? undefined : `${edge.name}(${label.name})`;
}

function named(one: WorldTable): readonly Column[] {
  return [...one.columns.values()].filter((column) => plain.test(column.name));
}

function labelOf(columns: readonly Column[]): Column | undefined {
  return (
    columns.find((column) => recognizable.test(column.name)) ??
    columns.find((column) => column.type.family === 'string')
  );
}
