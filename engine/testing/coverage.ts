/** Which of role × table × verb the tests exercise, taken from what the engine authorized. Pure but for its collecting. */
import { type Project, type Verb, verbs } from '../../schema/project.ts';
import type { Observe } from '../execute/executor.ts';
import type {
  AuthorizedAggregate,
  AuthorizedConnection,
  AuthorizedField,
  AuthorizedNode,
  AuthorizedQuery,
  AuthorizedReturning,
} from '../query/query.ts';
import type { Cell, Coverage } from './result.ts';

/**
 * A cell for each verb on each table and each role, but for roles with `everything`, of which one line says all there is.
 *
 * @param covered what requests were authorized for, and what statements name
 */
export function coverageOf(project: Project, covered: readonly Cell[]): Coverage {
  const roles = [...project.roles.values()].filter(({ everything }) => !everything).map(({ name }) => name);
  const tables = [...project.tables.keys()];
  const known = new Set(covered.map(keyOf));
  const cells = roles.flatMap((role) =>
    tables.flatMap((table) =>
      verbs.map((verb) => ({ role, table, verb, covered: known.has(keyOf({ role, table, verb })) })),
    ),
  );
  return { roles, tables, cells };
}

/** Of a hundred; all where there is no cell. */
export function percentOf({ cells }: Coverage): number {
  return cells.length === 0 ? 100 : (cells.filter(({ covered }) => covered).length / cells.length) * 100;
}

/** Hears every query that is authorized. */
export class Recorder {
  readonly #cells = new Map<string, Cell>();

  readonly observe: Observe = (query, { role }) => {
    for (const [table, verb] of touched(query)) {
      const cell = { role, table, verb };
      this.#cells.set(keyOf(cell), cell);
    }
  };

  get cells(): readonly Cell[] {
    return [...this.#cells.values()];
  }
}

function keyOf({ role, table, verb }: Cell): string {
  return JSON.stringify([role, table, verb]);
}

type Touch = readonly [table: string, verb: Verb];

/** What a query reads rows of, embedded ones too, and what it writes. */
function* touched(query: AuthorizedQuery): Generator<Touch> {
  switch (query.kind) {
    case 'read':
    case 'readConnection':
    case 'readAggregate':
      yield* ofNode(query.node);
      return;
    case 'call':
      // Columns of a function's own are of no table.
      if (query.exposed && query.node !== undefined) yield* ofNode(query.node);
      if (query.exposed && query.aggregate !== undefined) yield* ofNode(query.aggregate);
      return;
    case 'insert':
      yield [query.table.name, 'insert'];
      if (query.conflict?.action === 'merge') yield [query.table.name, 'update'];
      yield* ofReturning(query.table.name, query.returning);
      return;
    case 'update':
    case 'delete':
      yield [query.table.name, query.kind];
      yield* ofReturning(query.table.name, query.returning);
      return;
    default:
      query satisfies never;
  }
}

function* ofReturning(table: string, returning: readonly AuthorizedReturning[]): Generator<Touch> {
  for (const { fields } of returning) {
    yield [table, 'select'];
    yield* ofFields(fields);
  }
}

function* ofNode(node: AuthorizedNode | AuthorizedAggregate | AuthorizedConnection): Generator<Touch> {
  yield [node.table.name, 'select'];
  if ('fields' in node) yield* ofFields(node.fields);
  else
    for (const part of node.parts) {
      if (part.kind === 'nodes') yield* ofFields(part.fields);
      if (part.kind === 'edges')
        for (const item of part.items) if (item.kind === 'node') yield* ofFields(item.fields);
    }
}

function* ofFields(fields: readonly AuthorizedField[]): Generator<Touch> {
  for (const field of fields)
    if (
      field.kind === 'embed' ||
      field.kind === 'spread' ||
      field.kind === 'embedAggregate' ||
      field.kind === 'embedConnection'
    )
      yield* ofNode(field.node);
}
