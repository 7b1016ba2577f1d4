/** Which thing of the head is which of the base: by its name, else by what it stands for, so that a new name is told as that. Pure. */
import type { Api, Callable, Column, Edge, Table } from '../api/api.ts';

/** Pairs, and what has none. */
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

/** Columns and computed fields: the same name, else the same column of the database or function. */
export function matchColumns(base: Table, head: Table): Matched<Column> {
  const all = ({ columns, computed }: Table) => [...columns.values(), ...computed.values()];
  return match(
    all(base),
    all(head),
    ({ name, callable }) => key(name, callable === undefined ? 'column' : 'computed'),
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

/** What makes two relationships one, whatever they are called. */
export function edgeIdentity({ kind, to, pairs, through, routine }: Edge): string {
  const columns = (list: Edge['pairs']) => list.map(({ near, far }) => [near.column, far.column]).sort();
  const relation = (table: Table) => [table.database, table.relation.schema, table.relation.name];
  return key(
    kind,
    relation(to),
    columns(pairs),
    through === undefined ? null : [relation(through.table), columns(through.near), columns(through.far)],
    routine === undefined ? null : [routine.schema, routine.name],
  );
}

function match<One>(
  base: readonly One[],
  head: readonly One[],
  nameOf: (one: One) => string,
  identityOf: (one: One) => string,
): Matched<One> {
  const named = new Map(head.map((one) => [nameOf(one), one]));
  const pairs = base.flatMap((one): (readonly [One, One])[] => {
    const same = named.get(nameOf(one));
    return same === undefined ? [] : [[one, same]];
  });
  const taken = new Set(pairs.map(([, one]) => one));
  const known = new Set(pairs.map(([one]) => one));
  const free = new Map<string, One>();
  for (const one of head) if (!taken.has(one) && !free.has(identityOf(one))) free.set(identityOf(one), one);
  const gone: One[] = [];
  const renamed: (readonly [One, One])[] = [];
  for (const one of base) {
    if (known.has(one)) continue;
    const identity = identityOf(one);
    const other = free.get(identity);
    if (other === undefined) gone.push(one);
    else {
      free.delete(identity);
      taken.add(other);
      renamed.push([one, other]);
    }
  }
  return { pairs: [...pairs, ...renamed], gone, added: head.filter((one) => !taken.has(one)) };
}

function key(...parts: readonly unknown[]): string {
  return JSON.stringify(parts);
}
