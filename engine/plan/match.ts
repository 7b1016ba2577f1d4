/** Which thing of the head is which of the base: by its name, else by what it stands for, so that a new name is told as that. Pure. */
import type { Api, Callable, Column, Edge, Table } from '../api/api.ts';

/** Pairs, and what has none; each in the order in which the base, or the head, has it. */
export interface Matched<One> {
  readonly pairs: readonly (readonly [base: One, head: One])[];
  readonly gone: readonly One[];
  readonly added: readonly One[];
}

/** Tables of two projects: the same name, else the same relation of the same database. */
export function matchTables(base: Api, head: Api): Matched<Table> {
  return match(
    [...base.tables.values()],
    [...head.tables.values()],
    ({ name }) => name,
    ({ database, relation }) => key(database, relation.schema, relation.name),
  );
}

/**
 * Columns and computed fields: the same name, which the two share, else the same column of the database or function. Hidden
 * ones too: one that is hidden now is the column that it was.
 */
export function matchColumns(base: Table, head: Table): Matched<Column> {
  const all = ({ columns, computed }: Table) => [...columns.values(), ...computed.values()];
  return match(
    all(base),
    all(head),
    ({ name }) => name,
    ({ column, routine }) =>
      routine === undefined ? key('column', column) : key('computed', routine.schema, routine.name),
  );
}

/** Relationships: the same name, else the same columns to the same relation. */
export function matchEdges(base: Table, head: Table): Matched<Edge> {
  return match([...base.edges.values()], [...head.edges.values()], ({ name }) => name, edgeIdentity);
}

/** Functions: the same name, else the same function of the same database. */
export function matchFunctions(base: Api, head: Api): Matched<Callable> {
  return match(
    [...base.functions.values()],
    [...head.functions.values()],
    ({ name }) => name,
    ({ database, overloads }) => key(database, overloads[0]!.routine.schema, overloads[0]!.routine.name),
  );
}

/** What makes two relationships one, whatever they are called and however many rows they give. */
export function edgeIdentity({ to, pairs, through, routine }: Edge): string {
  const columns = (list: Edge['pairs']) => list.map(({ near, far }) => [near.column, far.column]).sort();
  const relation = (table: Table) => [table.database, table.relation.schema, table.relation.name];
  return key(
    relation(to),
    columns(pairs),
    through === undefined ? null : [relation(through.table), columns(through.near), columns(through.far)],
    routine === undefined ? null : [routine.schema, routine.name],
  );
}

/** Several that stand for one thing are paired in their order. */
function match<One>(
  base: readonly One[],
  head: readonly One[],
  nameOf: (one: One) => string,
  identityOf: (one: One) => string,
): Matched<One> {
  const named = new Map(head.map((one) => [nameOf(one), one]));
  const heads = new Map<One, One>();
  for (const one of base) {
    const same = named.get(nameOf(one));
    if (same !== undefined) heads.set(one, same);
  }
  const taken = new Set(heads.values());
  const free = Map.groupBy(
    head.filter((one) => !taken.has(one)),
    identityOf,
  );
  for (const one of base) {
    const other = heads.has(one) ? undefined : free.get(identityOf(one))?.shift();
    if (other !== undefined) heads.set(one, other);
  }
  const found = new Set(heads.values());
  return {
    pairs: base.flatMap((one) => (heads.has(one) ? [[one, heads.get(one)!] as const] : [])),
    gone: base.filter((one) => !heads.has(one)),
    added: head.filter((one) => !found.has(one)),
  };
}

function key(...parts: readonly unknown[]): string {
  return JSON.stringify(parts);
}
