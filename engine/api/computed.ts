/** Functions of one row of an exposed table: its computed fields and relationships. */
import type { Routine } from '../catalog/catalog.ts';
import type { Callable, CallResult, Column, Edge, Overload } from './api.ts';
import type { Findings } from './diagnose.ts';
import { type DraftTable, relationIdentity } from './tables.ts';

/** A function of one row of an exposed table is also a field, or a relationship, of that table. */
export function attach(
  callable: Callable,
  { routine, result }: Overload,
  byRelation: ReadonlyMap<string, DraftTable>,
  findings: Findings,
): void {
  const [row, ...others] = routine.arguments;
  if (row === undefined || row.type.family !== 'composite' || others.some(({ optional }) => !optional))
    return;
  const table = byRelation.get(relationIdentity(callable.database, row.type.schema, row.type.name));
  if (table === undefined || result.kind === 'void') return;
  if (result.kind === 'scalar' && result.set) return;
  if (result.kind === 'rows' && !result.exposed) return;
  const name = callable.rest;
  const taken = table.columns.has(name) ? 'column' : table.edges.has(name) ? 'relationship' : undefined;
  if (taken !== undefined) {
    findings.add({
      code: 'BIND_NAME_TAKEN',
      severity: 'warning',
      message: `Function "${callable.name}" computes no field of table "${table.name}", which has a ${taken} of that name.`,
      hint: 'declare it under another name, with function: saying which function it is',
      path: ['functions', callable.name],
      part: 'key',
    });
    return;
  }
  if (result.kind === 'scalar')
    table.computed.set(name, computedColumn(name, callable, routine, result.type));
  else table.edges.set(name, computedEdge(name, callable, routine, table, result));
}

function computedColumn(name: string, callable: Callable, routine: Routine, type: Column['type']): Column {
  return {
    name,
    column: name,
    graphql: null,
    type,
    nullable: true,
    hidden: false,
    description: routine.comment,
    source: {
      name,
      type,
      nullable: true,
      default: null,
      identity: null,
      generated: true,
      computed: true,
      comment: routine.comment,
    },
    routine,
    callable: callable.name,
  };
}

function computedEdge(
  name: string,
  callable: Callable,
  routine: Routine,
  from: DraftTable,
  { table: to, set }: Extract<CallResult, { kind: 'rows' }>,
): Edge {
  return {
    name,
    graphql: null,
    kind: set && !routine.oneRow ? 'many' : 'one',
    from,
    to,
    pairs: [],
    through: undefined,
    routine,
    callable: callable.name,
    constraint: undefined,
    declared: true,
    description: routine.comment,
  };
}
