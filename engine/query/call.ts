/** A call of a function → Query: the overload that the caller means, its arguments, and what is made of its rows. */
import type { CallResult, Table, WorldTable } from '../api/api.ts';
import { always } from '../api/condition.ts';
import { Problem } from '../problem/problem.ts';
import { formOf } from './form.ts';
import { type Planning, planAggregateNode, planNode } from './node.ts';
import { chooseOverload, functionNotFound } from './overload.ts';
import type { CallSource, Query } from './query.ts';
import { denied } from './refusal.ts';
import type { CallRequest, NodeRequest } from './request.ts';

type Call = Extract<Query, { kind: 'call' }>;

/**
 * Pure.
 *
 * @throws {Problem} PGRST202 no such function or overload for this caller, PGRST203 several fit, 42501 its rows are of a
 *   table that the role may not read, and what planning a read throws
 */
export function planCall(request: CallRequest, planning: Planning): Query {
  const { world } = planning;
  const given = { names: request.arguments, body: request.bodyType };
  const callable = world.functions.get(request.function);
  if (callable === undefined) throw functionNotFound(request.function, world, given);
  const { overload, whole } = chooseOverload(callable, given);
  const { routine, result } = overload;
  if (request.maxAffected !== undefined && !isSet(result))
    throw new Problem('PGRST128', {
      message: 'Invalid preferences given for the function: max-affected needs a set of rows',
      hint: 'Leave max-affected out; nothing was done.',
    });
  const source: CallSource = {
    routine,
    arguments: whole
      ? [{ argument: routine.arguments[0]!, name: null }]
      : routine.arguments
          .filter(({ name }) => name !== null && request.arguments?.includes(name))
          .map((argument) => ({ argument, name: argument.name })),
    body: request.body,
  };
  const { shape, count, node } = request;
  const common = {
    kind: 'call',
    source,
    shape,
    count,
    page: { limit: node.limit, offset: node.offset },
    nullsAreNone: request.nullsAreNone === true,
    text: request.number === 'string',
    aggregate: undefined,
  } as const;
  switch (result.kind) {
    case 'void':
      return { ...common, ...scalar(request), result: 'void' };
    case 'records':
      refuseShaping(request);
      return { ...common, ...scalar(request), form: formOf(request, undefined), result: 'records' };
    case 'scalar':
      return {
        ...common,
        ...scalar(request),
        result: result.set ? 'scalars' : 'scalar',
        type: result.type,
      };
    case 'rows': {
      const table = result.exposed ? world.tables.get(result.table.name) : described(result.table);
      if (table?.select === undefined)
        throw denied(
          planning.principal,
          `permission denied for the rows of function ${callable.rest}`,
          'They are those of a table that your role may not read.',
        );
      const rows = {
        ...common,
        result: result.set ? 'rows' : 'row',
        type: undefined,
        exposed: result.exposed,
      } as const;
      if (request.aggregate !== undefined) {
        if (!table.select.aggregate)
          throw denied(planning.principal, `permission denied for aggregates of function ${callable.rest}`);
        const aggregate = planAggregateNode(request.aggregate, table, planning, 0);
        return { ...rows, node: undefined, aggregate, form: formOf(request, undefined) };
      }
      const planned = planNode(node, table, planning, 0);
      return { ...rows, node: planned, form: formOf(request, planned) };
    }
    default:
      return result satisfies never;
  }
}

function isSet(result: CallResult): boolean {
  return result.kind === 'records' || (result.kind !== 'void' && result.set);
}

/** Their columns are not known before the call has run, and its statement cannot stand inside another. */
function refuseShaping({ aggregate, node }: CallRequest): void {
  const { fields, where, order, having, limit, offset } = node;
  const asked = [aggregate, where, order, having, limit, offset].some((part) => part !== undefined);
  if (!asked && fields.every(({ kind }) => kind === 'all')) return;
  throw new Problem('0A000', {
    message: 'The rows of a procedure cannot be selected from, filtered, ordered or paged.',
    hint: 'Let the procedure do it by arguments of its own; nothing was done.',
  });
}

function scalar(request: CallRequest): Pick<Call, 'type' | 'exposed' | 'node' | 'form'> {
  refuseFilters(request.node);
  return {
    type: undefined,
    exposed: false,
    node: undefined,
    form: formOf({ ...request, geojson: false }, undefined),
  };
}

function refuseFilters({ where, order, having }: NodeRequest): void {
  if (where === undefined && order === undefined && having === undefined) return;
  throw new Problem('PGRST100', {
    message: 'The function gives single values, which have no columns to filter or order by.',
    hint: 'Leave out what is no argument of the function, or let it return a table.',
  });
}

const worlds = new WeakMap<Table, WorldTable>();

/** Rows that `execute` alone governs: every column, every row. */
function described(table: Table): WorldTable {
  const known = worlds.get(table);
  if (known !== undefined) return known;
  const columns = new Set(table.columns.values());
  const world: WorldTable = Object.freeze({
    table,
    select: {
      parts: [{ where: always, columns }],
      rows: always,
      guards: new Map(),
      limit: undefined,
      aggregate: true,
      minGroup: 1,
    },
    insert: undefined,
    update: undefined,
    delete: undefined,
    columns: table.columns,
    known: table.columns,
    edges: table.edges,
    computed: table.computed,
  });
  worlds.set(table, world);
  return world;
}
