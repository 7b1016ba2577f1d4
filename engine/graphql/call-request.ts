/** A function's root field → the request that calls it: its arguments as one object, and what is made of its rows. Pure. */
import type { CallRequest, NodeRequest } from '../query/request.ts';
import { Bare } from './bare.ts';
import { listOf } from './filter.ts';
import type { ModelFunction } from './functions.ts';
import type { Arguments, CallRootPlan } from './operation.ts';
import { countOf } from './page.ts';
import { buildAggregate, buildFields, buildRows } from './selection.ts';
import { argumentValues, type Outer, type RootContext } from './slots.ts';

export function buildCall(root: CallRootPlan, path: string, outer: Outer): CallRequest {
  const { functions, tables } = outer.role;
  const called = functions.get(root.function)!;
  const values: unknown[] = [];
  const slot = (value: unknown) => values.push(value) - 1;
  const given = givenArguments(root.arguments, called, outer);
  const others = root.arguments.filter(({ name }) => name !== 'args');
  const request = {
    kind: 'call',
    function: called.name,
    values,
    json: true,
    arguments: Object.keys(given),
    body: slot(given),
    count: false,
  } as const;
  const { result } = called;
  if (result.kind !== 'rows') {
    const node = pageOf(others, path, slot, outer);
    const isText = result.kind === 'scalar' && result.number === 'string';
    return { ...request, ...(isText ? { number: 'string' } : null), node, shape: 'list' };
  }
  const context: RootContext = { ...outer, table: tables.get(result.table)!, path, values, slot };
  return { ...request, ...rowsOf(root.rows, others, result.set, context) };
}

function rowsOf(
  rows: CallRootPlan['rows'],
  args: Arguments,
  set: boolean,
  context: RootContext,
): Pick<CallRequest, 'node' | 'aggregate' | 'shape' | 'nullsAreNone'> {
  if (rows?.kind === 'parts') {
    const aggregate = buildAggregate(
      { parts: rows.parts, arguments: args },
      context.table,
      context.path,
      context,
    );
    return { node: { fields: [] }, aggregate, shape: 'list' };
  }
  const fields = buildFields(rows?.fields ?? [], context.path, context);
  if (!set) return { node: { fields }, shape: 'row', nullsAreNone: true };
  return { node: { fields, ...buildRows(args, context.table, context.path, context) }, shape: 'list' };
}

/** In the order in which the function has them, so that the same arguments are one shape. */
function givenArguments(args: Arguments, called: ModelFunction, outer: Outer): Bare {
  const values = argumentValues(
    args.filter(({ name }) => name === 'args'),
    outer,
  );
  const sent = (values.get('args') ?? {}) as Readonly<Record<string, unknown>>;
  const given = new Bare();
  for (const { name, graphql, list } of called.arguments) {
    if (!Object.hasOwn(sent, graphql)) continue;
    const value = sent[graphql];
    given[name] = list && value !== null ? listOf(value) : value;
  }
  return given;
}

/** Of values that have no columns. */
function pageOf(args: Arguments, path: string, slot: RootContext['slot'], outer: Outer): NodeRequest {
  const values = argumentValues(args, outer);
  const limit = countOf(values.get('limit'), `${path}.args.limit`);
  const offset = countOf(values.get('offset'), `${path}.args.offset`);
  return {
    fields: [],
    ...(limit === undefined ? null : { limit }),
    ...(offset === undefined ? null : { offset: slot(offset) }),
  };
}
