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
  const rows = Array.isArray(value) ? value : [value];
  if (!rows.every(isRow))
    throw new Problem('PGRST102', {
      message: 'The body is not an object or a list of objects.',
      hint: 'send {"column": value} or [{"column": value}]',
    });
  if (options.columns === undefined) return { columns: commonKeys(rows), rows };
  return pick(rows, options.columns, options.missing ?? 'null');
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
    hint: 'send one object with the columns to change',
  });
}

function readJson(body: Buffer | undefined): unknown {
  if (body === undefined) return parseJson('');
  if (!isUtf8(body))
    throw new Problem('PGRST102', {
      message: 'The body is not valid UTF-8.',
      hint: 'send JSON encoded in UTF-8',
    });
  return parseJson(body.toString('utf8'));
}

function isRow(value: unknown): value is Row {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !JSON.isRawJSON(value);
}

function commonKeys(rows: readonly Row[]): readonly string[] {
  const first = rows[0];
  if (first === undefined) return [];
  const keys = Object.keys(first);
  for (const row of rows) {
    if (Object.keys(row).length !== keys.length || !keys.every((key) => Object.hasOwn(row, key)))
      throw new Problem('PGRST102', {
        message: 'All object keys must match',
        hint: 'give every row the same keys, or name the columns with columns=a,b',
      });
  }
  return keys;
}

function pick(rows: readonly Row[], columns: readonly string[], missing: 'default' | 'null'): RowsGiven {
  const lacking = columns.filter((column) => rows.some((row) => !Object.hasOwn(row, column)));
  if (lacking.length === 0 || rows.length === 0) return { columns, rows };
  if (missing === 'null') return { columns, rows: rows.map((row) => filled(row, lacking)) };
  if (rows.some((row) => lacking.some((column) => Object.hasOwn(row, column))))
    throw notServed(
      'Prefer: missing=default for rows with different keys is',
      'send the rows in one request for each set of keys',
    );
  return { columns: columns.filter((column) => !lacking.includes(column)), rows };
}

function filled(row: Row, lacking: readonly string[]): Row {
  // No prototype: assigning the key `__proto__` must make a key.
  const copy: Record<string, unknown> = Object.assign(Object.create(null), row);
  for (const column of lacking) if (!Object.hasOwn(row, column)) copy[column] = null;
  return copy;
}
