/** What a query may cost, before it runs: the rows that it may touch, by its limits and by what is known of the tables. Pure. */
import type { Edge, Table } from '../api/api.ts';
import type { Condition } from '../api/condition.ts';
import { uniquesOf } from '../catalog/unique-keys.ts';
import type {
  AuthorizedAggregate,
  AuthorizedConnection,
  AuthorizedField,
  AuthorizedNode,
  AuthorizedQuery,
  AuthorizedReturning,
  Link,
} from './query.ts';
import type { Slot } from './request.ts';

/** The same for every request of one shape, but for the number of rows that it brings or names by keys. */
export interface Cost {
  /** Of everything but those rows. */
  readonly base: number;
  readonly rows: RowsCost | undefined;
  /** The level that adds most, by its keys in the answer; empty when it is the root. */
  readonly heaviest: readonly string[];
}

interface RowsCost {
  /** Of the list that has one entry for each. */
  readonly slot: Slot;
  /** How many of them count 1. */
  readonly perUnit: number;
  /** What each embeds in the answer. */
  readonly embedded: number;
}

/**
 * Rows of a table of which nothing is known, or of which the caller may see some only: an estimate is made of all rows,
 * and a refusal must not tell how many there are that the caller cannot see.
 */
const fewRows = 100;
/** Rows of a body that count 1. */
const rowsOfBody = 10;
/** Rows that belong to one row, where nothing is known. */
const fewFar = 3;

/**
 * The cost of a query. Each level counts its rows: at most its limit, the table's estimate, and one where a unique key
 * is given; times the rows of the level above. An aggregate counts 1 and 1 for each of its parts, whatever it scans.
 * Ten rows of a body count 1: `limits.body` is the limit of their number. Of a stream only what each row embeds counts: `limits.export` is the limit of its rows.
 */
export function costOf(query: AuthorizedQuery): Cost {
  const levels = new Levels();
  switch (query.kind) {
    case 'read': {
      if (query.keys !== undefined) {
        levels.fields(query.node.fields, query.node.table, seesAll(query.node.where), 1, []);
        const { base, heaviest } = levels.cost();
        return { base: 0, rows: { slot: query.keys, perUnit: 1, embedded: base }, heaviest };
      }
      const isStream = query.form.stream !== undefined;
      levels.node(query.node, isStream ? 1 : rootRows(query.node, query.shape === 'row'), []);
      return levels.cost();
    }
    case 'readAggregate':
      levels.aggregate(query.node, 1, rootRows(query.node, false), []);
      return levels.cost();
    case 'readConnection':
      levels.connection(query.node, 1, rootRows(query.node, false), []);
      return levels.cost();
    case 'call': {
      const rows = Math.min(query.page.limit ?? fewRows, fewRows);
      if (query.aggregate !== undefined) levels.aggregate(query.aggregate, 1, rows, []);
      else if (query.node === undefined) levels.add(1, []);
      else levels.node(query.node, Math.min(rows, query.node.limit ?? rows), []);
      return levels.cost();
    }
    case 'insert': {
      for (const returning of query.returning) levels.fields(returning.fields, query.table, true, 1, []);
      const { base, heaviest } = levels.cost();
      return { base: 0, rows: { slot: query.rows, perUnit: rowsOfBody, embedded: base }, heaviest };
    }
    case 'update':
    case 'delete': {
      const rows = Math.min(query.maxAffected ?? Infinity, writtenRows(query));
      levels.add(1, []);
      for (const returning of query.returning) levels.returning(returning, query.table, rows);
      return levels.cost();
    }
    default:
      return query satisfies never;
  }
}

/**
 * Of one request with its values.
 *
 * @param written rows that the keys will be of, where they are not known yet
 */
export function totalCost({ base, rows }: Cost, values: readonly unknown[], written = 1): number {
  if (rows === undefined) return base;
  const list = values[rows.slot];
  const count = Array.isArray(list) ? list.length : written;
  return base + Math.ceil(count / rows.perUnit) + count * rows.embedded;
}

/** Adds up, and remembers what was largest. */
class Levels {
  #total = 0;
  #largest = 0;
  #heaviest: readonly string[] = [];

  cost(): Cost {
    return { base: this.#total, rows: undefined, heaviest: this.#heaviest };
  }

  add(rows: number, path: readonly string[]): void {
    this.#total = Math.min(this.#total + rows, Number.MAX_SAFE_INTEGER);
    if (rows <= this.#largest) return;
    this.#largest = rows;
    this.#heaviest = path;
  }

  /** @param rows of this level, all parents together */
  node(node: AuthorizedNode, rows: number, path: readonly string[]): void {
    this.add(rows, path);
    this.fields(node.fields, node.table, seesAll(node.where), rows, path);
  }

  returning({ fields, where }: AuthorizedReturning, table: Table, rows: number): void {
    this.add(rows, []);
    this.fields(fields, table, where.kind === 'true', rows, []);
  }

  fields(
    fields: readonly AuthorizedField[],
    table: Table,
    known: boolean,
    rows: number,
    path: readonly string[],
  ): void {
    for (const field of fields) {
      switch (field.kind) {
        case 'column':
        case 'aggregate':
        case 'constant':
        // Of groups, each of which counts as a row.
        case 'keys':
        case 'summary':
          break;
        case 'embed':
        case 'spread': {
          const inner = [...path, field.kind === 'embed' ? field.as : field.link.edge.name];
          const far = farRows(field.link, table, known, seesAll(field.node.where));
          this.node(field.node, rows * Math.min(far, field.node.limit ?? far), inner);
          break;
        }
        case 'embedAggregate': {
          const far = farRows(field.link, table, known, seesAll(field.node.where));
          this.aggregate(field.node, rows, far, [...path, field.as]);
          break;
        }
        case 'embedConnection': {
          const far = farRows(field.link, table, known, seesAll(field.node.where));
          this.connection(field.node, rows, Math.min(far, field.node.limit), [...path, field.as]);
          break;
        }
        default:
          field satisfies never;
      }
    }
  }

  /** A count of all rows is an aggregate. @param each rows of each of `times` pages */
  connection(node: AuthorizedConnection, times: number, each: number, path: readonly string[]): void {
    const rows = times * each;
    this.add(rows, path);
    for (const part of node.parts) {
      if (part.kind === 'totalCount') this.add(times, path);
      if (part.kind !== 'edges') continue;
      for (const item of part.items)
        if (item.kind === 'node')
          this.fields(item.fields, node.table, seesAll(node.where), rows, [...path, part.as, item.as]);
    }
  }

  /** @param scanned rows that each of `times` aggregates is over */
  aggregate(node: AuthorizedAggregate, times: number, scanned: number, path: readonly string[]): void {
    this.add(times * (1 + node.parts.length), path);
    for (const part of node.parts) {
      if (part.kind !== 'nodes') continue;
      const inner = [...path, part.as];
      const rows = times * Math.min(scanned, part.limit);
      this.add(rows, inner);
      this.fields(part.fields, node.table, seesAll(node.where), rows, inner);
    }
  }
}

function rootRows(
  { table, where, limit }: Pick<AuthorizedNode, 'table' | 'where' | 'limit'>,
  byKey: boolean,
): number {
  if (byKey || givesKey(where, table)) return 1;
  return Math.min(estimateOf(table, seesAll(where)) ?? fewRows, limit ?? Infinity);
}

function writtenRows({ table, where }: { readonly table: Table; readonly where: Condition }): number {
  return givesKey(where, table) ? 1 : fewRows;
}

/** Rows that one row of `near` leads to. */
function farRows({ edge, junction }: Link, near: Table, nearKnown: boolean, farKnown: boolean): number {
  if (edge.kind === 'one') return 1;
  const nearRows = estimateOf(near, nearKnown);
  const reached = reachedRows(edge, farKnown, junction.kind === 'true');
  if (nearRows === undefined || reached === undefined) return fewFar;
  return Math.max(1, Math.ceil(reached / Math.max(1, nearRows)));
}

function reachedRows(edge: Edge, farKnown: boolean, junctionKnown: boolean): number | undefined {
  if (edge.callable !== undefined) return undefined;
  return edge.through === undefined
    ? estimateOf(edge.to, farKnown)
    : estimateOf(edge.through.table, junctionKnown);
}

function estimateOf(table: Table, known: boolean): number | undefined {
  return known ? (table.relation.rowEstimate ?? undefined) : undefined;
}

/** Whether the caller sees all rows of the table. */
function seesAll(where: Condition): boolean {
  return where.kind === 'true' || (where.kind === 'fenced' && where.policy.kind === 'true');
}

/** Whether the filter gives a value for each column of a unique key. */
function givesKey(where: Condition, table: Table): boolean {
  const given = new Set<string>();
  collectEqual(where, given);
  return uniquesOf(table.relation).some((key) => key.columns.every((column) => given.has(column)));
}

function collectEqual(where: Condition, given: Set<string>): void {
  switch (where.kind) {
    case 'and':
      for (const part of where.of) collectEqual(part, given);
      return;
    case 'fenced':
    case 'guarded':
      collectEqual(where.of, given);
      return;
    case 'compare':
      if (where.operator === 'eq' && where.path === undefined && where.quantifier === undefined)
        given.add(where.column.column);
      return;
    default:
      return;
  }
}
