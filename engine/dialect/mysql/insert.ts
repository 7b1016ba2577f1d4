/** Rows of a body → INSERT … VALUES, some at a time, and the keys that the rows have then. */
import type { Column } from '../../api/api.ts';
import type { Capabilities } from '../../catalog/catalog.ts';
import { Problem } from '../../problem/problem.ts';
import type { Cells } from '../../query/bind.ts';
import type { AuthorizedInsert } from '../../query/query.ts';
import type { Parameter, Rows, Statement } from '../dialect.ts';
import { type Sql, sql } from '../sql.ts';
import { relationOf } from './condition.ts';
import { handed, type Identity, type Key, lostRows, sameKey } from './keys.ts';
import { finish, named } from './notation.ts';
import { type Part, type Parts, type Run, runPart } from './parts.ts';
import { keyText, stored } from './stored.ts';

/** What each row of an INSERT has for a column: a cell of the body, or a preset. */
export interface Given {
  readonly column: Column;
  readonly text: string;
  /** How often the text names its value. */
  readonly times: number;
  readonly from:
    | { readonly kind: 'cell'; readonly index: number }
    | { readonly kind: 'preset'; readonly place: number };
}

/** How the keys of new rows are learned. */
type Learned =
  /** The INSERT tells them. */
  | { readonly kind: 'returned' }
  /** They were given, or the server counts them up: `counted` is the column's place among the key's. */
  | {
      readonly kind: 'known';
      readonly from: readonly (Given | undefined)[];
      readonly counted: number | undefined;
      /** Where triggers may give rows other keys: how many rows have the given ones beforehand. */
      readonly before: Part | undefined;
    };

export interface Inserting {
  readonly table: AuthorizedInsert['table'];
  /** Place of the body's cells. */
  readonly body: number;
  /** Columns that a row does not give take their defaults; else they are null. */
  readonly defaults: boolean;
  readonly given: readonly Given[];
  readonly head: string;
  readonly tail: string;
  /** Undefined: nobody asks for them. */
  readonly learned: Learned | undefined;
}

/** What the body holds: the caller's columns, then those that relationships determine. */
export function bodyColumns({ columns, links }: AuthorizedInsert): readonly Column[] {
  return [...columns, ...links.flat()];
}

export function bodyCells(query: AuthorizedInsert, parts: Parts): number {
  const columns = bodyColumns(query).map(({ name, type }) => ({ name, type }));
  return parts.value({ kind: 'cells', slot: query.rows, columns, single: false });
}

/** The keys that rows of an insert can be found by on a server that does not return them: the first that will be known. */
export function knowableKey(query: AuthorizedInsert, keys: readonly Identity[]): Identity | undefined {
  const given = new Set([...bodyColumns(query), ...query.set.keys()]);
  const always =
    query.sets === undefined
      ? given
      : new Set(query.sets.columns.reduce(intersect).concat([...query.links.flat(), ...query.set.keys()]));
  return keys.find((columns) => columns.every((column) => always.has(column) || isCounted(column)));
}

function intersect(some: readonly Column[], others: readonly Column[]): readonly Column[] {
  return some.filter((column) => others.includes(column));
}

/** `AUTO_INCREMENT` */
export function isCounted({ source }: Column): boolean {
  return source.identity !== null;
}

export function compileInserting(
  query: AuthorizedInsert,
  body: number,
  identity: Identity | undefined,
  capabilities: Capabilities,
  parts: Parts,
): Inserting {
  const { table, set } = query;
  const given = [
    ...bodyColumns(query).flatMap((column, index) =>
      set.has(column) ? [] : [givenBy(column, { kind: 'cell', index })],
    ),
    ...[...set].map(([column, value]) =>
      givenBy(column, { kind: 'preset', place: parts.value({ kind: 'preset', value }) }),
    ),
  ];
  const names = sql.join(
    given.map(({ column }) => sql.identifier(column.column)),
    sql`, `,
  );
  const returns = identity !== undefined && capabilities.returning;
  return {
    table,
    body,
    defaults: query.sets !== undefined,
    given,
    head: textOf(sql`INSERT INTO ${relationOf(table)} (${names}) VALUES `),
    tail: returns ? textOf(sql` RETURNING ${returned(identity)}`) : '',
    learned: identity && learnedBy(identity, given, query, capabilities, parts),
  };
}

/** A piece of a statement whose number of rows is known when it runs. */
function textOf(piece: Sql): string {
  return finish(piece).statement.text;
}

function givenBy(column: Column, from: Given['from']): Given {
  // Which value it is of is told by `from`.
  const { statement, bindings } = finish(stored(sql.parameter({ kind: 'written' }), column.type));
  return { column, text: statement.text, times: bindings.length, from };
}

/** No alias: RETURNING has none to name. */
function returned(identity: Identity): Sql {
  return sql.join(
    identity.map(({ column, type }) => keyText(sql.identifier(column), type)),
    sql`, `,
  );
}

function learnedBy(
  identity: Identity,
  given: readonly Given[],
  { table }: AuthorizedInsert,
  { returning }: Capabilities,
  parts: Parts,
): Learned {
  if (returning) return { kind: 'returned' };
  const from = identity.map((column) => given.find((one) => one.column === column));
  const counted = identity.findIndex(isCounted);
  const hand = sql.identifier('hand');
  const row = sql.identifier('written');
  return {
    kind: 'known',
    // What is not given is counted.
    from,
    counted: counted === -1 ? undefined : counted,
    before: table.relation.triggers
      ? parts.statement(
          sql`SELECT COUNT(*) FROM ${handed(identity.length, hand)} STRAIGHT_JOIN ${relationOf(table)} AS ${row} ON ${sameKey(identity, row, hand)}`,
        )
      : undefined,
  };
}

/** Rows that were inserted, with their keys where somebody asks for those. */
export interface Inserted {
  readonly keys: Map<number, Key>;
  /** Why the others were not: a row with such a key exists already. */
  readonly refusal: Problem | undefined;
}

/** Runs an INSERT; a refusal to be passed over is given back. */
type Send = (statement: Statement, parameters: readonly Parameter[]) => Promise<Rows | Problem>;

/**
 * Inserts some rows of the body.
 *
 * @param rows their places in the body, in the order in which they are inserted
 */
export async function insertRows(
  inserting: Inserting,
  run: Run,
  rows: readonly number[],
  send: Send = (statement, parameters) => run.transaction.run(statement, parameters),
): Promise<Inserted> {
  const { learned } = inserting;
  if (learned?.kind === 'known') return insertKnown(inserting, learned, run, rows, send);
  const keys = new Map<number, Key>();
  for (const chunk of chunksOf(inserting, run, rows)) {
    const result = await send(chunk.statement, chunk.parameters);
    if (result instanceof Problem) return { keys, refusal: result };
    for (const [index, row] of chunk.rows.entries()) keys.set(row, result.rows[index] ?? []);
  }
  return { keys, refusal: undefined };
}

/**
 * Of one INSERT the server counts all rows or none, so that their numbers follow each other: those that have one go first,
 * since only to such can others of the body refer.
 */
async function insertKnown(
  inserting: Inserting,
  learned: Extract<Learned, { kind: 'known' }>,
  run: Run,
  rows: readonly number[],
  send: Send,
): Promise<Inserted> {
  const { counted } = learned;
  const keys = new Map<number, Key>();
  const givenKey = (row: number): Key =>
    learned.from.map((given) => (given && textFor(given, run, inserting, row)) ?? null);
  const isCountedUp = (row: number) => counted !== undefined && givenKey(row)[counted] === null;
  const numbered = rows.filter((row) => !isCountedUp(row));
  const before = await alreadyThere(learned, run, numbered.map(givenKey));
  for (const chunk of chunksOf(inserting, run, numbered)) {
    const result = await send(chunk.statement, chunk.parameters);
    if (result instanceof Problem) return { keys, refusal: result };
    for (const row of chunk.rows) keys.set(row, givenKey(row));
  }
  for (const chunk of chunksOf(inserting, run, rows.filter(isCountedUp))) {
    if (learned.before !== undefined) run.transaction.prepend(forgetNumber, []);
    const result = await send(chunk.statement, chunk.parameters);
    if (result instanceof Problem) return { keys, refusal: result };
    const numbers = await countedNumbers(inserting, run, chunk.rows.length);
    for (const [index, row] of chunk.rows.entries())
      keys.set(row, givenKey(row).with(counted!, numbers[index]!));
  }
  // A null equals nothing, and if a row had such a key before, a trigger has given the new one another.
  if (before > 0 || keys.values().some((key) => key.includes(null))) throw lostRows(inserting.table);
  return { keys, refusal: undefined };
}

async function alreadyThere(
  { before }: Extract<Learned, { kind: 'known' }>,
  run: Run,
  keys: readonly Key[],
): Promise<number> {
  if (before === undefined || keys.length === 0) return 0;
  const { rows } = await runPart(before, run, keys);
  return Number(rows[0]?.[0]);
}

const forgetNumber: Statement = { text: 'DO LAST_INSERT_ID(0)', name: 'novastack_forget_number' };
const lastNumber: Statement = {
  text: 'SELECT CONCAT(LAST_INSERT_ID()), CONCAT(@@auto_increment_increment)',
  name: 'novastack_last_number',
};

async function countedNumbers(
  { table }: Inserting,
  { transaction }: Run,
  count: number,
): Promise<readonly string[]> {
  const { rows } = await transaction.run(lastNumber, []);
  const [first = 0n, step = 1n] = (rows[0] ?? []).map((text) => BigInt(text ?? 0));
  if (first === 0n) throw lostRows(table);
  return Array.from({ length: count }, (_, index) => String(first + BigInt(index) * step));
}

interface Chunk {
  readonly statement: Statement;
  readonly parameters: readonly Parameter[];
  readonly rows: readonly number[];
}

/** So many parameters a statement may have. */
const maxParameters = 65_535;
const maxRows = 1000;
/** Well within what a server takes at once: the least that one is set up with is a mebibyte. */
const maxCharacters = 256 * 1024;

function* chunksOf(inserting: Inserting, run: Run, rows: readonly number[]): Generator<Chunk> {
  const width = inserting.given.reduce((sum, { times }) => sum + times, 0);
  const most = Math.max(1, Math.min(maxRows, Math.floor(maxParameters / Math.max(1, width))));
  let from = 0;
  while (from < rows.length) {
    let characters = 0;
    let to = from;
    while (to < rows.length && to - from < most && (to === from || characters < maxCharacters)) {
      for (const given of inserting.given) {
        const text = textFor(given, run, inserting, rows[to]!);
        characters += (typeof text === 'string' ? text.length : 0) * given.times;
      }
      to += 1;
    }
    // The row that is too much is the next one's first.
    if (characters >= maxCharacters && to - from > 1) to -= 1;
    yield chunkOf(inserting, run, rows.slice(from, to));
    from = to;
  }
}

function chunkOf(inserting: Inserting, run: Run, rows: readonly number[]): Chunk {
  const { given, head, tail } = inserting;
  const parameters: Parameter[] = [];
  let hasDefaults = false;
  const texts = rows.map((row) => {
    const values = given.map((one) => {
      const value = textFor(one, run, inserting, row);
      if (value === undefined) {
        hasDefaults = true;
        // Of a column that is counted up, the server takes the default to be 0.
        return isCounted(one.column) ? 'NULL' : 'DEFAULT';
      }
      for (let time = 0; time < one.times; time += 1) parameters.push(value);
      return one.text;
    });
    return `(${values.join(', ')})`;
  });
  const text = `${head}${texts.join(', ')}${tail}`;
  return {
    statement: isUsual(rows.length) && !hasDefaults ? named(text) : { text, name: undefined },
    parameters,
    rows,
  };
}

/** Statements of some numbers of rows are kept prepared, so that they are not one for each number. */
function isUsual(rows: number): boolean {
  return rows <= 8 || rows === maxRows;
}

/** The text that a row has for a column; undefined: the column's default. */
export function textFor(
  { from }: Given,
  { bound }: Run,
  { body, defaults }: Inserting,
  row: number,
): string | null | undefined {
  if (from.kind === 'preset') return bound[from.place] as string | null;
  const cell = (bound[body] as Cells)[row]![from.index];
  return cell === undefined && !defaults ? null : cell;
}
