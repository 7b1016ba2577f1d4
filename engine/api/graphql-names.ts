/** Warns of GraphQL names that are derived and already another's: declared names win, the derived one is left out. */
import type { Pieces } from '../../schema/pieces.ts';
import { derivedAggregateNames, measureOf } from './aggregates.ts';
import type { Callable, Table } from './api.ts';
import type { Findings } from './diagnose.ts';
import { functionForm, type NoForm } from './graphql-functions.ts';
import type { DraftTable } from './tables.ts';

/** Names that every schema has, so that a table of that name has no place in GraphQL. */
export const reservedNames: ReadonlySet<string> = new Set([
  'Int',
  'Float',
  'String',
  'Boolean',
  'ID',
  'query_root',
  'mutation_root',
  'subscription_root',
  'order_by',
]);

export function* warnOfGraphqlNames(
  tables: ReadonlyMap<string, DraftTable>,
  findings: Findings,
): Pieces<void> {
  const declared = new Map([...tables.values()].map((table) => [table.graphql, table.name] as const));
  for (const table of tables.values()) {
    yield;
    if (reservedNames.has(table.graphql)) {
      findings.add({
        code: 'BIND_GRAPHQL_NAME_TAKEN',
        severity: 'warning',
        message: `Table "${table.name}" is left out of GraphQL, where "${table.graphql}" is a name of the schema itself.`,
        hint: 'declare it under another name, with relation: saying which relation it is',
        path: ['tables', table.name],
        part: 'key',
      });
    }
    if (table.graphql === 'PageInfo')
      leftOut(
        table,
        '"PageInfo", without which there are no connections,',
        `table "${table.name}"`,
        findings,
      );
    for (const name of derivedNames(table)) {
      const other = declared.get(name);
      if (other !== undefined)
        leftOut(table, `"${name}" of table "${table.name}"`, `table "${other}"`, findings);
    }
    for (const edge of table.edges.values()) {
      if (edge.kind !== 'many' || edge.graphql === null) continue;
      for (const name of [`${edge.graphql}_aggregate`, `${edge.graphql}_connection`]) {
        const isTaken = [...table.columns.values(), ...table.edges.values(), ...table.computed.values()].some(
          (one) => one.graphql === name && !('hidden' in one && one.hidden),
        );
        if (isTaken)
          leftOut(
            table,
            `"${name}" of relationship "${edge.name}"`,
            `a column or relationship of table "${table.name}"`,
            findings,
          );
      }
    }
  }
}

/** Functions come last: tables, and what is derived from them, have their names first. */
export function* warnOfFunctionNames(
  functions: ReadonlyMap<string, Callable>,
  tables: ReadonlyMap<string, DraftTable>,
  findings: Findings,
): Pieces<void> {
  const taken = new Map<string, string>();
  for (const table of tables.values()) {
    for (const name of derivedNames(table)) taken.set(name, `derived from table "${table.name}"`);
    yield;
  }
  for (const table of tables.values()) taken.set(table.graphql, `the name of table "${table.name}"`);
  const functionNames = new Map<string, Callable>();
  for (const callable of functions.values()) {
    const at = { path: ['functions', callable.name], part: 'key' } as const;
    const form = functionForm(callable);
    if (form.kind === 'row') continue;
    if (form.kind !== 'field') {
      findings.add({
        ...at,
        code: 'BIND_GRAPHQL_FUNCTION',
        severity: 'notice',
        message: `Function "${callable.name}" is left out of GraphQL: ${whyNoForm[form.kind]}.`,
        hint: 'REST serves it; in GraphQL a function is one field with one type, called by the names of its arguments',
      });
      continue;
    }
    const other = functionNames.get(form.name);
    // An error in REST already.
    if (other !== undefined && other.profile === callable.profile && other.rest === callable.rest) continue;
    const what = other === undefined ? taken.get(form.name) : `the name of function "${other.name}"`;
    if (what === undefined) functionNames.set(form.name, callable);
    else
      findings.add({
        ...at,
        code: 'BIND_GRAPHQL_NAME_TAKEN',
        severity: 'warning',
        message: `Function "${callable.name}" is left out of GraphQL, where "${form.name}" is ${what}.`,
        hint: 'REST serves it; declare it under another name, with function: saying which function it is',
      });
  }
}

const whyNoForm: Readonly<Record<Exclude<NoForm['kind'], 'row'>, string>> = {
  unnamed: 'its arguments have no names',
  results: 'its overloads give different types',
  arguments: 'its overloads take an argument of one name as different types',
};

function leftOut(table: DraftTable, what: string, other: string, findings: Findings): void {
  findings.add({
    code: 'BIND_GRAPHQL_NAME_TAKEN',
    severity: 'warning',
    message: `The derived name ${what} is left out of GraphQL: it is the name of ${other}.`,
    hint: 'REST serves both; declare one of them under another name to have both in GraphQL',
    path: ['tables', table.name],
    part: 'key',
  });
}

/** Types and root fields that may be made of a table, whoever may ask for them. */
export function derivedNames({ graphql: name, columns }: Pick<Table, 'graphql' | 'columns'>): string[] {
  const suffixes = [
    'by_pk',
    'aggregate',
    'connection',
    'aggregate_fields',
    'aggregate_bool_exp',
    'aggregate_bool_exp_count',
    'group_by',
    'bool_exp',
    'order_by',
    'select_column',
    'insert_input',
    'set_input',
    'pk_columns_input',
    'mutation_response',
    'constraint',
    'update_column',
    'on_conflict',
    'obj_rel_insert_input',
    'arr_rel_insert_input',
    'inc_input',
    'append_input',
    'prepend_input',
    'delete_key_input',
    'delete_elem_input',
    'delete_at_path_input',
    'updates',
    'stream',
    'stream_cursor_input',
    'stream_cursor_value_input',
  ];
  const verbs = [
    `insert_${name}`,
    `insert_${name}_one`,
    `update_${name}`,
    `update_${name}_by_pk`,
    `update_${name}_many`,
    `delete_${name}`,
    `delete_${name}_by_pk`,
  ];
  const measures = [...columns.values()].map(({ type, hidden }) => (hidden ? undefined : measureOf(type)));
  const aggregates = derivedAggregateNames(name).filter(({ holds }) => [undefined, ...measures].some(holds));
  return [
    ...suffixes.map((suffix) => `${name}_${suffix}`),
    `${name}Connection`,
    `${name}Edge`,
    ...verbs,
    ...aggregates.map((aggregate) => aggregate.name),
  ];
}
