/** The body of a write → rows and the columns they give. Values stay as they are: the database reads them as its types. */
import { isUtf8 } from 'node:buffer';
import type { WorldTable } from '../api/api.ts';
import { Problem } from '../problem/problem.ts';
import { parseJson } from '../query/json.ts';
import { parseCsv } from './csv.ts';
import type { RowsType } from './parse/media.ts';
import { parseQuery } from './parse/query.ts';

/** A row by API names. It may have a key `__proto__`: read it with `Object.hasOwn`. */
export type Row = Readonly<Record<string, unknown>>;

export interface RowsGiven {
  /** API names, the same for every row. */
  readonly columns: readonly string[];
  /** A column that a row lacks is null. */
  readonly rows: readonly Row[];
  /** Where a column that a row lacks takes its default: the sets of columns given, and the number of each row's. */
  readonly sets?: { readonly columns: readonly (readonly string[])[]; readonly of: readonly number[] };
}

export interface BodyOptions {
  /** Default JSON. */
  readonly type?: RowsType;
  /** Says which columns of a CSV hold JSON. */
  readonly table?: WorldTable;
  /** `columns=`: the only keys that count; undefined: those of the rows, which must then agree. */
  readonly columns?: readonly string[];
  /** What stands for a key of `columns` that a row lacks. Default null. */
  readonly missing?: 'default' | 'null';
}

/**
 * The rows of an insert: one object or a list of objects. Pure.
 *
 * @throws {Problem} PGRST102 (400) not JSON or CSV, not objects, or objects with different keys; 22021 (400) NUL
 */
export function readRows(body: Buffer | undefined, options: BodyOptions = {}): RowsGiven {
  const value = readBody(body, options);
  const rows: readonly unknown[] = Array.isArray(value) ? value : [value];
  requireRows(rows);
  if (options.columns === undefined) return { columns: commonKeys(rows), rows };
  const { columns } = options;
  return options.missing === 'default' ? { rows, ...givenColumns(rows, columns) } : { columns, rows };
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

function readBody(body: Buffer | undefined, { type = 'json', table }: BodyOptions): unknown {
  switch (type) {
    case 'json':
      return readJson(body);
    case 'csv':
      return readCsv(body, table);
    case 'form': {
      const fields = parseQuery(readText(body)).map(({ key, value }) => [key, asColumn(value, key, table)]);
      return [Object.fromEntries(fields)];
    }
    default:
      return type satisfies never;
  }
}

/** A text of a CSV or a form: JSON where the column is JSON. */
function asColumn(text: string, name: string, table: WorldTable | undefined): unknown {
  const isJson = table?.known.get(name)?.type.family === 'json';
  return isJson ? parseJson(text, { code: '22P02' }) : text;
}

function readJson(body: Buffer | undefined): unknown {
  return parseJson(readText(body));
}

/** @throws {Problem} PGRST102 (400) not UTF-8 */
export function readText(body: Buffer | undefined): string {
  if (body === undefined) return '';
  if (isUtf8(body)) return body.toString('utf8');
  throw new Problem('PGRST102', {
    message: 'The body is not valid UTF-8.',
    hint: 'Send it encoded in UTF-8.',
  });
}

/** The first line names the columns; `NULL` without quotes is null, everything else a text. */
function readCsv(body: Buffer | undefined, table: WorldTable | undefined): readonly Row[] {
  const [header, ...lines] = readLines(readText(body));
  if (header === undefined)
    throw new Problem('PGRST102', {
      message: 'The body is empty.',
      hint: 'Send one line with the names of the columns, then a line for each row.',
    });
  const names = header.map(String);
  const ragged = lines.findIndex((fields) => fields.length !== names.length);
  if (ragged !== -1)
    throw notCsv(`Row ${ragged + 1} has ${lines[ragged]!.length} fields, and the header ${names.length}.`);
  // Not by assignment: a column may be named __proto__.
  return lines.map((fields) =>
    Object.fromEntries(
      fields.map((field, at) => [names[at]!, field === null ? null : asColumn(field, names[at]!, table)]),
    ),
  );
}

function notCsv(details: string): Problem {
  return new Problem('PGRST102', {
    message: 'The body is not CSV with one header line and as many fields in every line.',
    details,
    hint: 'Put fields with commas, quotes or line breaks in double quotes, and double the quotes within.',
  });
}

function readLines(text: string): readonly (readonly (string | null)[])[] {
  const lines = parseCsv(text);
  if (typeof lines !== 'string') return lines;
  throw notCsv(lines);
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

/** Most sets of columns in one body: each is an INSERT of its own. */
const mostSets = 50;

/**
 * The columns that the rows give, without those that are left to their defaults, and which rows give which where they
 * differ. Goes through the keys of the rows and never through columns × rows, which a few bytes of each can make long.
 */
function givenColumns(rows: readonly Row[], columns: readonly string[]): Pick<RowsGiven, 'columns' | 'sets'> {
  if (rows.length === 0) return { columns };
  const places = new Map(columns.map((column, place) => [column, place]));
  const sets = new Map<string, { readonly number: number; readonly places: readonly number[] }>();
  const of = rows.map((row) => {
    const given = Object.keys(row)
      .map((key) => places.get(key))
      .filter((place) => place !== undefined)
      .sort((a, b) => a - b);
    const key = given.join();
    const set = sets.get(key) ?? { number: sets.size, places: given };
    sets.set(key, set);
    if (sets.size > mostSets) throw tooManySets();
    return set.number;
  });
  const used = new Set([...sets.values()].flatMap((set) => set.places));
  const named = columns.filter((_column, place) => used.has(place));
  if (sets.size === 1) return { columns: named };
  const lists = [...sets.values()].map((set) => set.places.map((place) => columns[place]!));
  return { columns: named, sets: { columns: lists, of } };
}

function tooManySets(): Problem {
  return new Problem('PGRST102', {
    message: `The rows give more than ${mostSets} different sets of keys.`,
    hint: 'Give more rows the same keys, or send them in several requests.',
  });
}
