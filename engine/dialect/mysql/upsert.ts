/**
 * INSERT … ON CONFLICT as these servers have it not: their own upsert reacts to any unique key, and asks no condition. Here
 * the rows of the target's keys are read first, and locked where they are to be changed: those that are there are updated,
 * the others inserted. Who is told then that a row exists reads again.
 */

import type { Column } from '../../api/api.ts';
import { columnsAsked } from '../../api/columns-asked.ts';
import type { Capabilities } from '../../catalog/catalog.ts';
import { uniquesOf } from '../../catalog/unique-keys.ts';
import { Problem } from '../../problem/problem.ts';
import type { AuthorizedInsert } from '../../query/query.ts';
import { type Sql, sql } from '../sql.ts';
import { Aliases, compileCondition, relationOf, type Scope } from './condition.ts';
import { constraintOf } from './constraint.ts';
import { defaultText } from './default-text.ts';
import { bodyColumns, type Given, givenIn, isAlwaysGiven, rowCount, textFor } from './given.ts';
import { type Inserting, insertRows } from './insert.ts';
import {
  handed,
  handedText,
  type Identity,
  type Key,
  keyTexts,
  lostRows,
  position,
  sameKey,
} from './keys.ts';
import { type Part, type Parts, type Run, runPart } from './parts.ts';
import type { WriteTransaction } from './pool.ts';
import { proposedValue, stored, storedPreset } from './stored.ts';

type Conflict = NonNullable<AuthorizedInsert['conflict']>;
type Merge = Extract<Conflict, { action: 'merge' }>;

/** Of a row of the body, the value of a column by which it is held against the rows that are there. */
interface Proposed {
  readonly column: Column;
  readonly given: Given | undefined;
  /** What rows have that do not give it. */
  readonly default: string | null;
}

/** What an existing row takes over from rows that give one set of columns. */
interface Merging {
  /** Undefined: nothing. */
  readonly change: Part | undefined;
  /** Texts of the row at hand, behind its key. */
  readonly texts: readonly Given[];
  /** For each column of the key, what it becomes; undefined: it stays. */
  readonly newKey: readonly (Given | 'default' | undefined)[];
}

export interface Upserting {
  readonly inserting: Inserting;
  readonly action: Conflict['action'];
  /** Names of unique keys that are the target. */
  readonly target: ReadonlySet<string>;
  readonly proposed: readonly Proposed[];
  /** Which rows are there, and what is to become of them. */
  readonly find: Part;
  readonly keyLength: number;
  /** By which columns of the body a row gives. */
  readonly merges: ReadonlyMap<string, Merging>;
}

const noGuards: Scope['guards'] = new Map();
const numberOf: Sql = sql.identifier('novastack_position');
const firstOf: Sql = sql.identifier('novastack_first');

/** @throws {Problem} 0A000 a check is of values that the server alone knows */
export function compileUpserting(
  query: AuthorizedInsert,
  conflict: Conflict,
  inserting: Inserting,
  identity: Identity,
  capabilities: Capabilities,
  parts: Parts,
): Upserting {
  const { table } = query;
  const asked = conflict.action === 'merge' ? columnsAsked(query.check) : [];
  const columns = [...new Set([...conflict.target, ...asked])];
  const proposed = columns.map((column) => ({
    column,
    given: inserting.given.find((one) => one.column === column),
    default: isAlwaysGiven(column, query) ? null : defaultOf(column, conflict, query),
  }));
  return {
    inserting,
    action: conflict.action,
    target: namesOf(conflict.target, table),
    proposed,
    find: parts.statement(findRows(query, conflict, columns, identity, capabilities)),
    keyLength: identity.length,
    merges: conflict.action === 'merge' ? mergesOf(query, conflict, inserting, identity, parts) : new Map(),
  };
}

function namesOf(target: readonly Column[], { relation }: AuthorizedInsert['table']): ReadonlySet<string> {
  const names = new Set(target.map(({ column }) => column));
  const fits = uniquesOf(relation).filter(
    ({ columns }) => columns.length === names.size && columns.every((name) => names.has(name)),
  );
  return new Set(fits.map(({ name }) => name));
}

/** What is counted up or worked out for a new row is in no other yet, so that a target of it is like no other: null. */
function defaultOf(column: Column, { target }: Conflict, { table }: AuthorizedInsert): string | null {
  const text = defaultText(column);
  if (text !== undefined || target.includes(column)) return text ?? null;
  throw new Problem('0A000', {
    message: `the check of ${table.rest} is of values that are known only once a row is written`,
    hint: 'Give the columns that the permission checks in each row, or insert without on_conflict.',
  });
}

// ---- reading ----

/**
 * A row for each of those at hand, in the order of the target, so that all who lock the same rows do it in one order: its
 * place, the first place with the same target; then of the row that is there its key, and for a merge whether the
 * permission reaches it, whether the caller wants it changed, and whether the proposed row passes.
 */
function findRows(
  query: AuthorizedInsert,
  conflict: Conflict,
  columns: readonly Column[],
  identity: Identity,
  capabilities: Capabilities,
): Sql {
  const aliases = new Aliases(capabilities);
  const existing: Scope = { alias: aliases.next(), guards: noGuards, aliases };
  const proposed: Scope = { alias: aliases.next(), guards: noGuards, aliases };
  const named = (column: Column) => sql`${proposed.alias}.${sql.identifier(column.column)}`;
  const on = sql.join(
    conflict.target.map(
      (column) => sql`${existing.alias}.${sql.identifier(column.column)} = ${named(column)}`,
    ),
    sql` AND `,
  );
  const order = sql.join(conflict.target.map(named), sql`, `);
  const asked = conflict.action === 'merge' ? judgements(query, conflict, existing, proposed) : [];
  const values = [
    sql`${proposed.alias}.${numberOf}`,
    sql`${proposed.alias}.${firstOf}`,
    ...keyTexts(identity, existing.alias),
    ...asked.map((condition) => sql`(${condition}) IS TRUE`),
  ];
  // Rows that are left alone are not locked.
  const lock = conflict.action === 'merge' ? sql` FOR UPDATE` : sql.empty;
  return sql`SELECT ${sql.join(values, sql`, `)} FROM (${proposedRows(columns, conflict.target, aliases)}) AS ${proposed.alias} LEFT JOIN ${relationOf(query.table)} AS ${existing.alias} ON ${on} ORDER BY ${order}${lock}`;
}

function judgements(
  query: AuthorizedInsert,
  { where, only }: Merge,
  existing: Scope,
  proposed: Scope,
): Sql[] {
  return [
    compileCondition(where, existing),
    only === undefined ? sql`true` : compileCondition(only, existing),
    compileCondition(query.check, proposed),
  ];
}

/** In the order of the target: the limit keeps it. A target with a null is like no other. */
function proposedRows(columns: readonly Column[], target: readonly Column[], aliases: Aliases): Sql {
  const hand = aliases.next();
  const values = columns.map((column, index) => proposedValue(sql`${hand}.${handedText(index)}`, column));
  const keys = target.map((column) => values[columns.indexOf(column)]!);
  const isNull = sql.join(
    target.map((column) => sql`${hand}.${handedText(columns.indexOf(column))} IS NULL`),
    sql` OR `,
  );
  const place = sql`${hand}.${position}`;
  const list = [
    sql`${place} AS ${numberOf}`,
    sql`CASE WHEN ${isNull} THEN ${place} ELSE MIN(${place}) OVER (PARTITION BY ${sql.join(keys, sql`, `)}) END AS ${firstOf}`,
    ...columns.map((column, index) => sql`${values[index]!} AS ${sql.identifier(column.column)}`),
  ];
  return sql`SELECT ${sql.join(list, sql`, `)} FROM ${handed(columns.length, hand)} ORDER BY ${sql.join(keys, sql`, `)} LIMIT 18446744073709551615`;
}

// ---- merging ----

function mergesOf(
  query: AuthorizedInsert,
  conflict: Merge,
  inserting: Inserting,
  identity: Identity,
  parts: Parts,
): ReadonlyMap<string, Merging> {
  const sets = query.sets?.columns ?? [query.columns];
  return new Map(
    sets.map((columns) => {
      const key = patternOf(
        bodyColumns(query).map((column) => columns.includes(column) || query.links.flat().includes(column)),
      );
      return [key, mergingOf(query, conflict, columns, inserting, identity, parts)];
    }),
  );
}

/** Which columns of the body a row gives. */
function patternOf(given: readonly boolean[]): string {
  return given.map((one) => (one ? '1' : '0')).join('');
}

function mergingOf(
  query: AuthorizedInsert,
  { set, columns, named }: Merge,
  given: readonly Column[],
  inserting: Inserting,
  identity: Identity,
  parts: Parts,
): Merging {
  // Those that the caller names are taken over whether or not it gives them, and else have their defaults.
  const taken = columns.filter((column) => !set.has(column) && (named || given.includes(column)));
  const sources = new Map<Column, Given | 'default'>(
    taken.map((column) => [column, sourceOf(column, given, query, inserting)]),
  );
  const texts = [...new Set(sources.values())].filter((source) => source !== 'default');
  const alias = sql.identifier('written');
  const hand = sql.identifier('hand');
  const assignments = [
    ...[...sources].map(([column, source]) => {
      const text =
        source === 'default'
          ? undefined
          : sql`${hand}.${handedText(identity.length + texts.indexOf(source))}`;
      return sql`${alias}.${sql.identifier(column.column)} = ${text === undefined ? sql`DEFAULT` : stored(text, column.type)}`;
    }),
    ...[...set].map(
      ([column, value]) =>
        sql`${alias}.${sql.identifier(column.column)} = ${storedPreset(sql.parameter({ kind: 'preset', value }), value, column.type)}`,
    ),
  ];
  const change =
    assignments.length === 0
      ? undefined
      : parts.statement(
          sql`UPDATE ${handed(identity.length + texts.length, hand)} STRAIGHT_JOIN ${relationOf(query.table)} AS ${alias} ON ${sameKey(identity, alias, hand)} SET ${sql.join(assignments, sql`, `)}`,
        );
  return {
    change,
    texts,
    newKey: identity.map((column) => (set.has(column) ? 'default' : sources.get(column))),
  };
}

function sourceOf(
  column: Column,
  given: readonly Column[],
  query: AuthorizedInsert,
  inserting: Inserting,
): Given | 'default' {
  const isGiven = given.includes(column) || query.set.has(column) || query.links.flat().includes(column);
  return isGiven ? inserting.given.find((one) => one.column === column)! : 'default';
}

// ---- running ----

/** What became of the rows of the body, by their places in it. */
export interface Upserted {
  readonly written: ReadonlyMap<number, { readonly key: Key; readonly isNew: boolean }>;
  /** Rows that the permission reaches and the caller's own condition leaves as they are. */
  readonly skipped: number;
}

/** How often rows are looked for that others write at the same time. */
const maxRounds = 10;

/** @throws {Problem} 21000 a row would be written twice; 23505 another unique key is in the way */
export async function upsertRows(upserting: Upserting, run: Run): Promise<Upserted> {
  const written = new Map<number, { key: Key; isNew: boolean }>();
  let skipped = 0;
  let open = Array.from({ length: rowCount(upserting.inserting.body, run) }, (_, index) => index);
  for (let round = 1; open.length > 0; round += 1) {
    const found = await findAll(upserting, run, open);
    const { fresh, existing } = sortOut(upserting, found, round === 1);
    if (upserting.action === 'merge') {
      skipped += existing.filter(({ reached, wanted }) => reached && !wanted).length;
      const merged = existing.filter(({ reached, wanted, passes }) => reached && wanted && passes);
      for (const [row, key] of await mergeRows(upserting, run, merged))
        written.set(row, { key, isNew: false });
    }
    const { attempt } = run.transaction as WriteTransaction;
    const { keys, refusal } = await insertRows(
      upserting.inserting,
      run,
      fresh,
      attempt.bind(run.transaction),
    );
    for (const [row, key] of keys) written.set(row, { key, isNew: true });
    if (refusal !== undefined && !isOfTarget(refusal, upserting, round)) throw refusal;
    open = fresh.filter((row) => !keys.has(row));
  }
  return { written, skipped };
}

function isOfTarget(refusal: Problem, { target }: Upserting, round: number): boolean {
  const name = constraintOf(refusal)?.constraint;
  return round < maxRounds && (name === undefined || target.has(name));
}

/** One row of the body, and the row that is there. */
interface Found {
  readonly row: number;
  readonly first: number;
  readonly key: Key | undefined;
  readonly reached: boolean;
  readonly wanted: boolean;
  readonly passes: boolean;
}

async function findAll(
  { find, proposed, inserting, keyLength }: Upserting,
  run: Run,
  open: readonly number[],
): Promise<readonly Found[]> {
  const hands = open.map((row) =>
    proposed.map((one) => {
      const text = one.given && textFor(one.given, inserting.body, run, row);
      return text === undefined ? one.default : text;
    }),
  );
  const { rows } = await runPart(find, run, hands);
  return rows.map(([place, first, ...rest]) => {
    const key = rest.slice(0, keyLength);
    const [reached, wanted, passes] = rest.slice(keyLength);
    return {
      row: open[Number(place) - 1]!,
      first: open[Number(first) - 1]!,
      key: key.includes(null) ? undefined : key,
      reached: reached === '1',
      wanted: wanted === '1',
      passes: passes === '1',
    };
  });
}

interface Sorted {
  /** Places of rows that are not there, in the order of the target. */
  readonly fresh: readonly number[];
  readonly existing: readonly (Found & { readonly key: Key })[];
}

/** @param isFirst rows of the body that are one have not been looked for yet */
function sortOut({ action }: Upserting, found: readonly Found[], isFirst: boolean): Sorted {
  const fresh: number[] = [];
  const existing: (Found & { readonly key: Key })[] = [];
  for (const one of found) {
    const { key } = one;
    const isSecond = isFirst && one.first !== one.row;
    const isWritten = key === undefined || (one.reached && one.wanted && one.passes);
    if (isSecond && action === 'merge' && isWritten) throw twice();
    if (key !== undefined) existing.push({ ...one, key });
    else if (!isSecond) fresh.push(one.row);
  }
  return { fresh, existing };
}

function twice(): Problem {
  return new Problem('21000', {
    message: 'ON CONFLICT DO UPDATE command cannot affect row a second time',
    hint: 'Ensure that no rows proposed for insertion within the same command have duplicate constrained values.',
  });
}

/** Updates rows that are locked. Gives their keys as they are then. */
async function mergeRows(
  { inserting, merges }: Upserting,
  run: Run,
  rows: readonly (Found & { readonly key: Key })[],
): Promise<ReadonlyMap<number, Key>> {
  const keys = new Map<number, Key>();
  for (const [pattern, some] of Map.groupBy(rows, ({ row }) =>
    patternOf(givenIn(inserting.body, run, row)),
  )) {
    const { change, texts, newKey } = merges.get(pattern)!;
    const hands = some.map(({ row, key }) => [
      ...key,
      ...texts.map((given) => textFor(given, inserting.body, run, row) ?? null),
    ]);
    if (change !== undefined) {
      const { affected } = await runPart(change, run, hands);
      if (affected !== some.length) throw lostRows(inserting.table);
    }
    for (const { row, key } of some) keys.set(row, keyAfter(key, newKey, row, inserting, run));
  }
  return keys;
}

/** A trigger may give a row another key than the one that it is told to take. */
function keyAfter(key: Key, newKey: Merging['newKey'], row: number, inserting: Inserting, run: Run): Key {
  return key.map((text, index) => {
    const source = newKey[index];
    if (source === undefined) return text;
    const next = source === 'default' ? undefined : textFor(source, inserting.body, run, row);
    if (next === undefined || (next !== text && inserting.table.relation.triggers))
      throw lostRows(inserting.table);
    return next;
  });
}
