/** The body of a write → rows and the columns they give. Knows no type of a column: the planner reads values. */
import { isUtf8 } from 'node:buffer';
import { Problem } from '../problem/problem.ts';
import { parseJson } from '../query/json.ts';
import { notServed } from './parse/cursor.ts';

/** A row by API names. It may have a key `__proto__`: read it with `Object.hasOwn`. */
export type Row = Readonly<Record<string, unknown>>;

export interface RowsGiven {
  /** API names, the same for every row. */
  readonly columns: readonly string[];
  /** A column that a row lacks is null. */
  readonly rows: readonly Row[];
}

export interface BodyOptions {
  /** `columns=`: the only keys that count; undefined: those of the rows, which must then agree. */
  readonly columns?: readonly string[];
  /** What stands for a key of `columns` that a row lacks. Default null. */
  readonly missing?: 'default' | 'null';
}

/**
 * The rows of an insert: one object or a list of objects. Pure.
 *
 * @throws {Problem} PGRST102 (400) not JSON, not objects, or objects with different keys; 22021 (400) NUL
 */
export function readRows(body: Buffer | undefined, options: BodyOptions = {}): RowsGiven {
  const value = readJson(body);
  const rows: readonly unknown[] = Array.isArray(value) ? value : [value];
  requireRows(rows);
  if (options.columns === undefined) return { columns: commonKeys(rows), rows };
  const { columns } = options;
  return { columns: options.missing === 'default' ? givenColumns(rows, columns) : columns, rows };
}

/**
 * The one row of an update: an object, or a list with one. Pure.
 *
 * @throws {Problem} as `readRows`
 */
export function readRow(body: Buffer | undefined, options: BodyOptions = {}): RowsGiven {
  const given = readRows(body, options);
  if (given.rows.length === 1) return given;
  throw new Problem('PGRST102', {
    message: `The body holds ${given.rows.length} rows where one is expected.`,
    hint: 'Send one object with the columns to change.',
  });
}

function readJson(body: Buffer | undefined): unknown {
  if (body === undefined) return parseJson('');
  if (!isUtf8(body))
    throw new Problem('PGRST102', {
      message: 'The body is not valid UTF-8.',
      hint: 'Send JSON encoded in UTF-8.',
    });
  return parseJson(body.toString('utf8'));
}

function requireRows(rows: readonly unknown[]): asserts rows is readonly Row[] {
  for (const row of rows)
    if (!isRow(row))
      throw new Problem('PGRST102', {
        message: 'The body is not an object or a list of objects.',
        hint: 'Send {"column": value} or [{"column": value}].',
      });
}

/** What JSON.parse makes of an object; lists have another prototype, exact numbers have none. */
function isRow(value: unknown): value is Row {
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}

function commonKeys(rows: readonly Row[]): readonly string[] {
  const first = rows[0];
  if (first === undefined) return [];
  const columns = Object.keys(first);
  for (const row of rows)
    if (!hasKeys(row, columns))
      throw new Problem('PGRST102', {
        message: 'All object keys must match',
        hint: 'Give every row the same keys, or name the columns with columns=a,b.',
      });
  return columns;
}

/** Rows nearly always have their keys in one order; `Object.hasOwn` answers for the others. */
function hasKeys(row: Row, columns: readonly string[]): boolean {
  const keys = Object.keys(row);
  if (keys.length !== columns.length) return false;
  for (let at = 0; at < keys.length; at += 1) {
    const column = columns[at]!;
    if (keys[at] !== column && !Object.hasOwn(row, column)) return false;
  }
  return true;
}

/**
 * The columns that the rows give, without those that are left to their defaults. Goes through the keys of the rows and
 * never through columns × rows, which a few bytes of each can make long.
 */
function givenColumns(rows: readonly Row[], columns: readonly string[]): readonly string[] {
  if (rows.length === 0) return columns;
  const having = new Map(columns.map((column) => [column, 0]));
  for (const row of rows)
    for (const key of Object.keys(row)) {
      const count = having.get(key);
      if (count !== undefined) having.set(key, count + 1);
    }
  const given = columns.filter((column) => having.get(column) !== 0);
  if (given.every((column) => having.get(column) === rows.length)) return given;
  throw notServed(
    'Prefer: missing=default for rows with different keys is',
    'Send the rows in one request for each set of keys.',
  );
}
