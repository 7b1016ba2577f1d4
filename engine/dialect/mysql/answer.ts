/** What a write answers with, read back by the keys of its rows: whether they pass, which of them are seen, their bodies. */
import { bareType } from '../../api/operators.ts';
import type { Capabilities } from '../../catalog/catalog.ts';
import type { AuthorizedInsert, AuthorizedReturning } from '../../query/query.ts';
import { type Sql, sql } from '../sql.ts';
import {
  aliasOf,
  checkOf,
  handedWidth,
  isChecked,
  isNewRow,
  isToldByInsert,
  isVerified,
  type Write,
} from './check.ts';
import { Aliases, compileCondition, readColumn, relationOf, type Scope } from './condition.ts';
import { jsonOf, textOf, textType } from './json.ts';
import { handed, type Identity, type Key, lostRows, noIdentity, position, sameKey } from './keys.ts';
import { nodeRows } from './level.ts';
import { type Part, type Parts, type Run, runPart } from './parts.ts';
import { bodyOf, streamed } from './read.ts';
import { jsonList, type LevelRows } from './select.ts';

type Row = readonly (string | null)[];

/** Reads written rows back. */
export interface Answering {
  readonly table: Write['table'];
  readonly part: Part;
  /** Of a single new row its key is told too; `plain`: by the texts that it is found by, since every caller may read it. */
  readonly tellsKey: 'plain' | 'read' | undefined;
  /** More than a key is told. */
  readonly isNeeded: boolean;
  /** Keys of the rows are needed, whether or not anything is told. */
  readonly isVerified: boolean;
}

/** What is told of rows that were read back; the key of a single row. */
export interface Answer {
  readonly holds: string | null;
  /** In the representation. */
  readonly rows: string | null;
  readonly key: string | null;
  /** The bodies, then what is yielded. */
  readonly values: Row;
}

const noGuards: Scope['guards'] = new Map();
const hands: Sql = sql.identifier('written');

/** Whether rows have to be found again once they are written. */
export function isReadBack(query: Write): boolean {
  return query.returning.length > 0 || isChecked(query) || yieldsRows(query);
}

function yieldsRows(query: Write): boolean {
  return query.kind === 'insert' && query.yields.length > 0;
}

export function compileAnswer(
  query: Write,
  identity: Identity,
  capabilities: Capabilities,
  parts: Parts,
): Answering {
  const aliases = new Aliases(capabilities, query.form);
  const width = handedWidth(query, identity);
  const reading: Reading = { query, identity, aliases };
  const values = [
    sql`(SELECT COUNT(*) FROM ${found(reading, aliases.next())})`,
    checks(reading),
    visible(reading),
    singleKey(reading),
    ...query.returning.map((returning) => representation(returning, reading)),
    ...yieldedRows(reading),
  ];
  const rows = aliases.next();
  const statement = sql`WITH ${hands} AS (SELECT * FROM ${handed(width, rows)}) SELECT ${sql.join(values, sql`, `)}`;
  return {
    table: query.table,
    part: parts.statement(statement),
    isVerified: isVerified(query),
    tellsKey:
      query.kind === 'insert' && query.key !== undefined ? howKeyIsTold(query.key, identity) : undefined,
    isNeeded: query.returning.length > 0 || isCheckRead(query, capabilities) || yieldsRows(query),
  };
}

function isCheckRead(query: Write, capabilities: Capabilities): boolean {
  if (!isChecked(query) || isVerified(query)) return false;
  return query.kind !== 'insert' || !isToldByInsert(query, capabilities);
}

function howKeyIsTold(
  { columns, where }: NonNullable<AuthorizedInsert['key']>,
  identity: Identity,
): 'plain' | 'read' {
  const isSame =
    columns.length === identity.length && columns.every((column, index) => column === identity[index]);
  const isPlain = columns.every(({ type }) => bareType(type).family === 'integer');
  return isSame && isPlain && where.kind === 'true' ? 'plain' : 'read';
}

interface Reading {
  readonly query: Write;
  readonly identity: Identity;
  readonly aliases: Aliases;
}

/** The rows at hand as the table has them. */
function found({ query, identity }: Reading, alias: Sql): Sql {
  return sql`${hands} STRAIGHT_JOIN ${relationOf(query.table)} AS ${alias} ON ${sameKey(identity, alias, hands)}`;
}

function checks(reading: Reading): Sql {
  const { query, identity, aliases } = reading;
  if (!isChecked(query) || isVerified(query)) return sql`'t'`;
  const scope = aliasOf(aliases);
  const all = sql`COALESCE(MIN(${checkOf(query, scope, isNewRow(identity, hands))}), 1) = 1`;
  return sql`(SELECT CASE WHEN ${all} THEN 't' ELSE 'f' END FROM ${found(reading, scope.alias)})`;
}

/** How many rows the caller may read. */
function visible(reading: Reading): Sql {
  const [returning] = reading.query.returning;
  const scope = aliasOf(reading.aliases);
  const where = returning === undefined ? sql.empty : sql` WHERE ${compileCondition(returning.where, scope)}`;
  return sql`(SELECT COUNT(*) FROM ${found(reading, scope.alias)}${where})`;
}

/** Key values of the only row, as a list of text, when the caller may read that row. */
function singleKey(reading: Reading): Sql {
  const { query, aliases } = reading;
  if (query.kind !== 'insert' || query.key === undefined) return sql`NULL`;
  const scope = aliasOf(aliases);
  const texts = query.key.columns.map((column) =>
    jsonOf(textOf(readColumn(column, scope), column.type), textType),
  );
  const where = compileCondition(query.key.where, scope);
  return sql`(SELECT CASE COUNT(*) WHEN 1 THEN MAX(${listOf(texts)}) END FROM ${found(reading, scope.alias)} WHERE ${where})`;
}

function listOf(texts: readonly Sql[]): Sql {
  return sql`CONCAT('[', ${sql.join(texts, sql`, ',', `)}, ']')`;
}

/** Values of the written rows, as JSON, in the order of the body. */
function yieldedRows(reading: Reading): readonly Sql[] {
  const { query, aliases } = reading;
  if (query.kind !== 'insert' || query.yields.length === 0) return [];
  const scope = aliasOf(aliases);
  const values = query.yields.flat().map((column) => jsonOf(readColumn(column, scope), column.type));
  return [
    sql`(SELECT ${jsonList(listOf(values), sql` ORDER BY ${hands}.${position}`)} FROM ${found(reading, scope.alias)})`,
  ];
}

function representation({ fields, order, where, guards }: AuthorizedReturning, reading: Reading): Sql {
  const { query, aliases } = reading;
  const { table } = query;
  const scope: Scope = { alias: aliases.next(), guards, aliases };
  const from = found(reading, scope.alias);
  const rows = nodeRows(
    {
      table,
      fields,
      order,
      where,
      guards,
      limit: undefined,
      offset: undefined,
      distinct: [],
      having: undefined,
      groupBy: undefined,
    },
    {
      from,
      where: compileCondition(where, { ...scope, guards: noGuards }),
      scope,
      order: sql`${hands}.${position}`,
    },
  );
  const alias = aliases.next();
  return sql`(SELECT ${writtenBody(rows, alias, reading)} FROM (${rows.select}) AS ${alias})`;
}

/** All rows in the form asked for; of CSV a list of lists, the first of which has the names. */
function writtenBody(rows: LevelRows, alias: Sql, { query, aliases }: Reading): Sql {
  const { shape, form } = query;
  if (form.stream === undefined) return bodyOf(rows, alias, shape, form);
  const outputs = rows.outputs.map((output, index) => ({
    ...output,
    value: sql`${alias}.${rows.names[index]!}`,
  }));
  const texts = streamed(outputs, aliases, form);
  switch (form.stream) {
    case 'ndjson':
      return sql`COALESCE(GROUP_CONCAT(${texts[0]!}, ${sql.literal('\n')} SEPARATOR ''), '')`;
    case 'csv': {
      const names = sql.literal(JSON.stringify(outputs.map(({ as }) => as)));
      const list = listOf(texts.map((text) => jsonOf(text, textType)));
      return sql`CONCAT('[', ${names}, COALESCE(GROUP_CONCAT(',', ${list} SEPARATOR ''), ''), ']')`;
    }
    default:
      return form.stream satisfies never;
  }
}

/**
 * @param keys of the rows, with what the statement reads of each behind its key
 * @throws {Problem} 0A000 not each of them is there, or none could be told from others
 */
export async function readBack(answering: Answering, run: Run, keys: readonly Key[]): Promise<Answer> {
  if (keys.some((key) => key.includes(null))) throw noIdentity(answering.table);
  const { rows } = await runPart(answering.part, run, keys);
  const [count, holds = null, visible = null, key = null, ...values] = rows[0] ?? [];
  if (Number(count) !== keys.length) throw lostRows(answering.table);
  return { holds, rows: visible, key: keys.length === 1 ? key : null, values };
}
