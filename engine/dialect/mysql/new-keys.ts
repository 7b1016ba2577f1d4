/** How the keys of new rows are learned on a server that does not tell them: as they are given, made or counted up. */
import type { Column } from '../../api/api.ts';
import type { AuthorizedInsert } from '../../query/query.ts';
import type { Statement } from '../dialect.ts';
import { type Sql, sql } from '../sql.ts';
import { relationOf } from './condition.ts';
import { defaultText } from './default-text.ts';
import { type Body, type Given, isAlwaysGiven, isCounted, type Made, textFor } from './given.ts';
import { handed, type Identity, type Key, lostRows, sameKey } from './keys.ts';
import { type Part, type Parts, type Run, runPart } from './parts.ts';
import { keyText } from './stored.ts';

export interface KnownKeys {
  readonly table: AuthorizedInsert['table'];
  /** For each column of the key; undefined: it is counted up and never given. */
  readonly from: readonly (Given | undefined)[];
  /** The place in the key of the column that the server counts up. */
  readonly counted: number | undefined;
  /** Makes values for as many rows as are at hand. */
  readonly make: Part | undefined;
  /** Where triggers may give rows other keys: how many rows have the given ones beforehand. */
  readonly before: Part | undefined;
}

/** The first key that all rows of the insert will be known by. */
export function knowableKey(query: AuthorizedInsert, keys: readonly Identity[]): Identity | undefined {
  return keys.find((columns) =>
    columns.every((column) => isAlwaysGiven(column, query) || isCounted(column) || isMade(column, query)),
  );
}

/** Columns of the key whose default is made beforehand, so that it is known. */
export function madeColumns(identity: Identity, query: AuthorizedInsert): readonly Column[] {
  return identity.filter(
    (column) => !isAlwaysGiven(column, query) && !isCounted(column) && isMade(column, query),
  );
}

/** Defaults that may as well be worked out before the row is there. The catalog's text is told apart, and never run. */
const makers: ReadonlyMap<string, Sql> = new Map([
  ['uuid()', sql`UUID()`],
  ['uuid_to_bin(uuid())', sql`UUID_TO_BIN(UUID())`],
  ['uuid_to_bin(uuid(),false)', sql`UUID_TO_BIN(UUID())`],
  ['uuid_to_bin(uuid(),0)', sql`UUID_TO_BIN(UUID())`],
  ['uuid_to_bin(uuid(),true)', sql`UUID_TO_BIN(UUID(), 1)`],
  ['uuid_to_bin(uuid(),1)', sql`UUID_TO_BIN(UUID(), 1)`],
]);

function makerOf({ source }: Column): Sql | undefined {
  return makers.get((source.default ?? '').toLowerCase().replaceAll(' ', ''));
}

/**
 * A default that is a constant is given, as if it were in the body. Not a view's: of a number that is counted up behind it
 * MySQL says that it is 0.
 */
function isMade(column: Column, { table }: AuthorizedInsert): boolean {
  if (makerOf(column) !== undefined) return true;
  return table.relation.kind !== 'view' && typeof defaultText(column) === 'string';
}

export function knownKeys(
  identity: Identity,
  given: readonly Given[],
  { table }: AuthorizedInsert,
  parts: Parts,
): KnownKeys {
  const counted = identity.findIndex(isCounted);
  const made = given.filter(({ from }) => from.kind === 'made');
  return {
    table,
    from: identity.map((column) => given.find((one) => one.column === column)),
    counted: counted === -1 ? undefined : counted,
    make: made.length === 0 ? undefined : parts.statement(makeValues(made)),
    before: table.relation.triggers ? parts.statement(countRows(identity, table)) : undefined,
  };
}

function makeValues(made: readonly Given[]): Sql {
  const values = made.map(({ column }) => {
    const maker = makerOf(column);
    return maker === undefined ? sql.literal(defaultText(column)!) : keyText(maker, column.type);
  });
  return sql`SELECT ${sql.join(values, sql`, `)} FROM ${handed(0, sql.identifier('hand'))}`;
}

function countRows(identity: Identity, table: AuthorizedInsert['table']): Sql {
  const hand = sql.identifier('hand');
  const row = sql.identifier('written');
  return sql`SELECT COUNT(*) FROM ${handed(identity.length, hand)} STRAIGHT_JOIN ${relationOf(table)} AS ${row} ON ${sameKey(identity, row, hand)}`;
}

/** What rows have where they give nothing. */
export async function makeFor(
  { make }: KnownKeys,
  run: Run,
  rows: readonly number[],
): Promise<Made | undefined> {
  if (make === undefined || rows.length === 0) return undefined;
  const made = await runPart(
    make,
    run,
    rows.map(() => []),
  );
  return new Map(rows.map((row, index) => [row, made.rows[index]!]));
}

/** Null where it is counted up. */
export function givenKey(
  { from }: KnownKeys,
  body: Body,
  run: Run,
  row: number,
  made: Made | undefined,
): Key {
  return from.map((given) => (given && textFor(given, body, run, row, made)) ?? null);
}

/** Rows that have such keys already: then no new one can have got it, unless a trigger has changed that. */
export async function rowsBefore({ before }: KnownKeys, run: Run, keys: readonly Key[]): Promise<number> {
  if (before === undefined || keys.length === 0) return 0;
  const { rows } = await runPart(before, run, keys);
  return Number(rows[0]?.[0]);
}

/** To go before an INSERT in which a trigger may leave nothing to be counted up. */
export const forgetNumber: Statement = { text: 'DO LAST_INSERT_ID(0)', name: 'novastack_forget_number' };
const lastNumber: Statement = {
  text: 'SELECT CONCAT(LAST_INSERT_ID()), CONCAT(@@auto_increment_increment)',
  name: 'novastack_last_number',
};

/**
 * The numbers of the rows of one INSERT, all of which the server has counted: they follow each other.
 *
 * @param numbered what it told of the first, where no trigger can have given it another
 */
export async function countedNumbers(
  { table, before }: KnownKeys,
  { transaction }: Run,
  count: number,
  numbered: string | undefined,
): Promise<readonly string[]> {
  if (count === 1 && numbered !== undefined && before === undefined) return [numbered];
  const { rows } = await transaction.run(lastNumber, []);
  const [first = 0n, step = 1n] = (rows[0] ?? []).map((text) => BigInt(text ?? 0));
  if (first === 0n) throw lostRows(table);
  return Array.from({ length: count }, (_, index) => String(first + BigInt(index) * step));
}
