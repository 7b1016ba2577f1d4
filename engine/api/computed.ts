/** Functions of one row of an exposed table: its computed fields and relationships. */
import type { Routine } from '../catalog/catalog.ts';
import type { Callable, CallResult, Column, Edge, Overload } from './api.ts';
import type { Findings } from './diagnose.ts';
import { isOfRow } from './graphql-functions.ts';
import { graphqlName } from './naming.ts';
import { type DraftTable, relationIdentity } from './tables.ts';

/** A function of one row of an exposed table is also a field, or a relationship, of that table. */
export function attach(
  callable: Callable,
  { routine, result }: Overload,
  byRelation: ReadonlyMap<string, DraftTable>,
  findings: Findings,
): void {
  const [row] = routine.arguments;
  if (row === undefined || !isOfRow(routine)) return;
  const table = byRelation.get(relationIdentity(callable.database, row.type.schema, row.type.name));
  if (table === undefined || result.kind === 'void' || result.kind === 'records') return;
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
  const graphql = freeName(table, callable, findings);
  if (result.kind === 'scalar')
    table.computed.set(name, { ...computedColumn(name, callable, routine, result.type), graphql });
  else table.edges.set(name, { ...computedEdge(name, callable, routine, table, result), graphql });
}

/** Columns and relationships keep their names; a computed field that would have one of them is left out of GraphQL. */
function freeName(table: DraftTable, callable: Callable, findings: Findings): string | null {
  const name = graphqlName(callable.rest);
  const visible = [...table.columns.values()].filter(({ hidden }) => !hidden);
  const other = [...visible, ...table.edges.values(), ...table.computed.values()].find(
    (one) => one.graphql === name && one.name !== callable.rest,
  );
  if (other === undefined) return name;
  findings.add({
    code: 'BIND_GRAPHQL_NAME_TAKEN',
    severity: 'warning',
    message: `The computed field "${callable.rest}" of table "${table.name}" is left out of GraphQL, where it would have the name "${name}" of "${other.name}".`,
    hint: 'declare the function under another name, with function: saying which function it is',
    path: ['functions', callable.name],
    part: 'key',
  });
  return null;
}

type Nameless<One> = Omit<One, 'graphql'>;

function computedColumn(
  name: string,
  callable: Callable,
  routine: Routine,
  type: Column['type'],
): Nameless<Column> {
  return {
    name,
    column: name,
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
): Nameless<Edge> {
  return {
    name,
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
