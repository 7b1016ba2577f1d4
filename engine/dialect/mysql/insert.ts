/** Rows of a body → INSERT … VALUES, some at a time, and the keys that the rows have then. */
import type { Capabilities } from '../../catalog/catalog.ts';
import { Problem } from '../../problem/problem.ts';
import type { AuthorizedInsert } from '../../query/query.ts';
import type { Parameter, Rows, Statement } from '../dialect.ts';
import { type Sql, sql } from '../sql.ts';
import { checkOf, isToldByInsert } from './check.ts';
import { Aliases, relationOf } from './condition.ts';
import { type Body, compileBody, type Given, givenColumns, isCounted, type Made, textFor } from './given.ts';
import { type Identity, type Key, lostRows } from './keys.ts';
import {
  countedNumbers,
  forgetNumber,
  givenKey,
  type KnownKeys,
  knownKeys,
  madeColumns,
  makeFor,
  rowsBefore,
} from './new-keys.ts';
import { finish, named } from './notation.ts';
import { type Part, type Parts, parametersOf, type Run } from './parts.ts';
import { keyText } from './stored.ts';

/** How the keys of new rows are learned: the INSERT tells them, or they are known by other means. */
type Learned =
  | { readonly kind: 'returned'; readonly keyLength: number }
  | ({ readonly kind: 'known' } & KnownKeys);

export interface Inserting {
  readonly table: AuthorizedInsert['table'];
  readonly body: Body;
  readonly given: readonly Given[];
  readonly head: string;
  /** What the statement gives of each row: its key, then with `tellsCheck` whether the row passes. */
  readonly tail: Part | undefined;
  readonly tellsCheck: boolean;
  /** Undefined: nobody asks for them. */
  readonly learned: Learned | undefined;
}

export function compileInserting(
  query: AuthorizedInsert,
  identity: Identity | undefined,
  capabilities: Capabilities,
  parts: Parts,
): Inserting {
  const { table } = query;
  const { returning } = capabilities;
  const made = identity === undefined || returning ? [] : madeColumns(identity, query);
  const given = givenColumns(query, made, parts);
  const names = sql.join(
    given.map(({ column }) => sql.identifier(column.column)),
    sql`, `,
  );
  const tellsCheck = identity !== undefined && isToldByInsert(query, capabilities);
  const told = identity && [...keyOf(identity), ...(tellsCheck ? [passes(query, capabilities)] : [])];
  return {
    table,
    body: compileBody(query, parts),
    given,
    head: textOf(sql`INSERT INTO ${relationOf(table)} (${names}) VALUES `),
    tail: told && returning ? parts.piece(sql` RETURNING ${sql.join(told, sql`, `)}`) : undefined,
    tellsCheck,
    learned:
      identity &&
      (returning
        ? { kind: 'returned', keyLength: identity.length }
        : { kind: 'known', ...knownKeys(identity, given, query, parts) }),
  };
}

/** A piece of a statement whose number of rows is known when it runs. */
function textOf(piece: Sql): string {
  return finish(piece).statement.text;
}

/** No alias: RETURNING has none to name. */
function keyOf(identity: Identity): readonly Sql[] {
  return identity.map(({ column, type }) => keyText(sql.identifier(column), type));
}

/** The table's own name is what its columns are told by. */
function passes(query: AuthorizedInsert, capabilities: Capabilities): Sql {
  const { name } = query.table.relation;
  const scope = { alias: sql.identifier(name), guards: new Map(), aliases: new Aliases(capabilities) };
  return sql`CASE WHEN ${checkOf(query, scope, sql.empty)} THEN 't' ELSE 'f' END`;
}

/** Rows that were inserted, with their keys where somebody asks for those. */
export interface Inserted {
  readonly keys: Map<number, Key>;
  /** False: a row does not pass its check, where the statement tells that. */
  readonly holds: boolean;
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
  let holds = true;
  for (const chunk of chunksOf(inserting, run, rows)) {
    const result = await send(chunk.statement, chunk.parameters);
    if (result instanceof Problem) return { keys, holds, refusal: result };
    for (const [index, row] of chunk.rows.entries()) {
      const told = result.rows[index] ?? [];
      keys.set(row, told.slice(0, learned?.keyLength));
      holds &&= !inserting.tellsCheck || told.at(-1) === 't';
    }
  }
  return { keys, holds, refusal: undefined };
}

/**
 * Of one INSERT the server counts all rows or none, so that their numbers follow each other: those that have one go first,
 * since only to such can others of the body refer.
 */
async function insertKnown(
  inserting: Inserting,
  known: KnownKeys,
  run: Run,
  rows: readonly number[],
  send: Send,
): Promise<Inserted> {
  const { counted } = known;
  const { body, table } = inserting;
  const made = await makeFor(known, run, rows);
  const keys = new Map<number, Key>();
  const keyOf = (row: number) => givenKey(known, body, run, row, made);
  const isCountedUp = (row: number) => counted !== undefined && keyOf(row)[counted] === null;
  const numbered = rows.filter((row) => !isCountedUp(row));
  const before = await rowsBefore(known, run, numbered.map(keyOf));
  for (const chunk of chunksOf(inserting, run, numbered, made)) {
    const result = await send(chunk.statement, chunk.parameters);
    if (result instanceof Problem) return { keys, holds: true, refusal: result };
    for (const row of chunk.rows) keys.set(row, keyOf(row));
  }
  for (const chunk of chunksOf(inserting, run, rows.filter(isCountedUp), made)) {
    if (known.before !== undefined) run.transaction.prepend(forgetNumber, []);
    const result = await send(chunk.statement, chunk.parameters);
    if (result instanceof Problem) return { keys, holds: true, refusal: result };
    const numbers = await countedNumbers(known, run, chunk.rows.length, result.numbered);
    for (const [index, row] of chunk.rows.entries())
      keys.set(row, keyOf(row).with(counted!, numbers[index]!));
  }
  // If a row had such a key before, a trigger has given the new one another.
  if (before > 0) throw lostRows(table);
  return { keys, holds: true, refusal: undefined };
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

function* chunksOf(inserting: Inserting, run: Run, rows: readonly number[], made?: Made): Generator<Chunk> {
  const width = inserting.given.reduce((sum, { times }) => sum + times, 0);
  const room = maxParameters - (inserting.tail?.fills.length ?? 0);
  const most = Math.max(1, Math.min(maxRows, Math.floor(room / Math.max(1, width))));
  let chunk: number[] = [];
  let characters = 0;
  for (const row of rows) {
    const own = charactersOf(inserting, run, row, made);
    if (chunk.length === most || (chunk.length > 0 && characters + own > maxCharacters)) {
      yield chunkOf(inserting, run, chunk, made);
      chunk = [];
      characters = 0;
    }
    chunk.push(row);
    characters += own;
  }
  if (chunk.length > 0) yield chunkOf(inserting, run, chunk, made);
}

function charactersOf({ given, body }: Inserting, run: Run, row: number, made?: Made): number {
  return given.reduce((sum, one) => sum + (textFor(one, body, run, row, made)?.length ?? 0) * one.times, 0);
}

function chunkOf(
  { given, head, tail, body }: Inserting,
  run: Run,
  rows: readonly number[],
  made?: Made,
): Chunk {
  const parameters: Parameter[] = [];
  let isUsual = rows.length <= 8 || rows.length === maxRows;
  const texts = rows.map((row) => {
    const values = given.map((one) => {
      const text = textFor(one, body, run, row, made);
      if (text === undefined) {
        isUsual = false;
        // Of a column that is counted up, the server takes the default to be 0.
        return isCounted(one.column) ? 'NULL' : 'DEFAULT';
      }
      for (let time = 0; time < one.times; time += 1) parameters.push(text);
      return one.text;
    });
    return `(${values.join(', ')})`;
  });
  if (tail !== undefined) parameters.push(...parametersOf(tail, run));
  const text = `${head}${texts.join(', ')}${tail?.statement.text ?? ''}`;
  // Statements of some numbers of rows are kept prepared, so that there is not one for each number.
  return { statement: isUsual ? named(text) : { text, name: undefined }, parameters, rows };
}
