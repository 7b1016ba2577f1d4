/**
 * Rows as a table of FROM that may name the rows around it. MySQL has derived tables for that. MariaDB's see nothing of what
 * stands around them, but the text of a JSON_TABLE may be a subquery that does: there each row is a list in it.
 */
import { bareType } from '../../api/operators.ts';
import type { Type } from '../../catalog/catalog.ts';
import type { AuthorizedNode } from '../../query/query.ts';
import { type Sql, sql } from '../sql.ts';
import type { Aliases } from './condition.ts';
import { isGeometry, jsonOf, numberText } from './json.ts';
import { jsonList, limits, mustBeFlat, type OrderTerm, offsetOf, orderBy, type Source } from './select.ts';

/** A value of each row. */
export interface TableColumn {
  readonly value: Sql;
  /** Undefined: JSON text that the statement builds, or a plain number. */
  readonly type: Type | undefined;
  /** Of a text column: what it is compared and grouped by. */
  readonly collation?: string | undefined;
}

/** Which rows of a source, in which order. */
export interface Paged {
  readonly source: Source;
  readonly order: readonly OrderTerm[];
  /**
   * Of rows that have these values alike the first one alone. `order`: the terms of the order that are by them, first there.
   * `ties`: what decides between rows that are alike in the order too.
   */
  readonly distinct?:
    | {
        readonly columns: readonly TableColumn[];
        readonly order: readonly OrderTerm[];
        readonly ties: readonly OrderTerm[];
      }
    | undefined;
  readonly limit?: number | undefined;
  readonly offset?: AuthorizedNode['offset'];
}

export interface RowTable {
  readonly from: Sql;
  readonly where: Sql;
  /** How the columns are read, in their order. */
  readonly columns: readonly Sql[];
  /** The row's number in the order, from 1; with an offset from the first row there is. */
  readonly place: Sql;
}

const place = sql.identifier('i');

/** The page as a table whose rows are numbered. */
export function tableOf(columns: readonly TableColumn[], page: Paged, aliases: Aliases): RowTable {
  if (!mustBeFlat(page.source)) return derivedTable(columns, page, aliases);
  // Such a table has a column at least.
  const some = columns.length === 0 ? [{ value: sql`1`, type: undefined }] : columns;
  return page.distinct === undefined
    ? jsonTable(some, page, aliases)
    : firstOfEach(some, page, page.distinct, aliases);
}

function derivedTable(columns: readonly TableColumn[], page: Paged, aliases: Aliases): RowTable {
  const [inner, alias] = [aliases.next(), aliases.next()];
  const names = columns.map((_, index) => sql.identifier(`c${index}`));
  const terms = page.order.length > 0 ? page.order : ownOrder(page.source);
  const ordered = terms.map((_, index) => sql.identifier(`k${index}`));
  const select = selectOf(
    [
      ...columns.map(({ value }, index) => sql`${value} AS ${names[index]!}`),
      ...terms.map(({ value }, index) => sql`${value} AS ${ordered[index]!}`),
    ],
    page,
    aliases,
  );
  // MariaDB numbers the rows of an ordered table as it likes, unless it is told again.
  const again = terms.map((term, index) => ({ ...term, value: sql`${inner}.${ordered[index]!}` }));
  const list = sql.join(
    [
      ...names.map((name) => sql`${inner}.${name}`),
      sql`ROW_NUMBER() OVER (${orderBy(again, undefined)}) AS ${place}`,
    ],
    sql`, `,
  );
  return {
    from: sql`(SELECT ${list} FROM (${select}) AS ${inner}) AS ${alias}`,
    where: sql`true`,
    columns: names.map((name) => sql`${alias}.${name}`),
    place: sql`${alias}.${place}`,
  };
}

function ownOrder({ order }: Source): readonly OrderTerm[] {
  return order === undefined ? [] : [{ value: order, direction: 'asc', nulls: undefined, nullable: false }];
}

/**
 * SELECT … FROM … WHERE … ORDER BY … LIMIT …, as a derived table has it: an order is kept only where there is a limit.
 *
 * @param list values with their names `c0`, `c1` …
 */
export function selectOf(list: readonly Sql[], page: Paged, aliases: Aliases): Sql {
  const { source, order } = page;
  const values = list.length === 0 ? [sql`1 AS c`] : list;
  if (page.distinct !== undefined) return selectFirst(values, page, page.distinct, aliases);
  const by = orderBy(order, source.order);
  return sql`SELECT ${sql.join(values, sql`, `)} FROM ${source.from} WHERE ${source.where}${by}${limits(page, { ordered: by !== sql.empty })}`;
}

/** DISTINCT ON: the rows of each numbered by the order, and the first of them. */
function selectFirst(
  list: readonly Sql[],
  { source, order, limit, offset }: Paged,
  { columns, ties }: NonNullable<Paged['distinct']>,
  aliases: Aliases,
): Sql {
  const alias = aliases.next();
  const by = orderBy([...order, ...ties], source.order);
  const partition = sql.join(
    columns.map(({ value }) => value),
    sql`, `,
  );
  const ordered = order.map((_, index) => sql.identifier(`o${index}`));
  const values = [
    ...list,
    ...order.map(({ value }, index) => sql`${value} AS ${ordered[index]!}`),
    sql`ROW_NUMBER() OVER (PARTITION BY ${partition}${by}) AS ${place}`,
  ];
  const outer = order.map((term, index) => ({ ...term, value: sql`${alias}.${ordered[index]!}` }));
  return sql`SELECT ${alias}.* FROM (SELECT ${sql.join(values, sql`, `)} FROM ${source.from} WHERE ${source.where}) AS ${alias} WHERE ${alias}.${place} = 1${orderBy(outer, undefined)}${limits({ limit, offset }, { ordered: outer.length > 0 })}`;
}

/** Every row as a list of texts, and all of them as one JSON text. */
function jsonTable(
  columns: readonly TableColumn[],
  page: Paged,
  aliases: Aliases,
  listed = (row: Sql) => row,
): RowTable {
  const { source, order, limit, offset } = page;
  const alias = aliases.next();
  const by = orderBy(order, source.order);
  // GROUP_CONCAT takes no parameter for its limit.
  const list = jsonList(listed(packed(columns)), by, offset === undefined ? limit : undefined);
  const rows = sql`(SELECT ${list} FROM ${source.from} WHERE ${source.where})`;
  const where: Sql[] = [];
  if (offset !== undefined) {
    where.push(sql`${alias}.${place} > CAST(${offsetOf(offset)} AS UNSIGNED)`);
    if (limit !== undefined)
      where.push(sql`${alias}.${place} <= CAST(${offsetOf(offset)} AS UNSIGNED) + ${sql.integer(limit)}`);
  }
  return {
    from: sql`JSON_TABLE(${rows}, '$[*]' COLUMNS (${place} FOR ORDINALITY, ${unpacked(columns)})) AS ${alias}`,
    where: sql.join(where, sql` AND `, sql`true`),
    columns: columns.map(({ type }, index) => unpack(sql`${alias}.${sql.identifier(`c${index}`)}`, type)),
    place: sql`${alias}.${place}`,
  };
}

/**
 * DISTINCT ON, whose order begins with what is distinct: the values that there are in their order, and of each the first
 * row.
 */
function firstOfEach(
  columns: readonly TableColumn[],
  { source, order, limit, offset }: Paged,
  distinct: NonNullable<Paged['distinct']>,
  aliases: Aliases,
): RowTable {
  const by = orderBy(order, source.order);
  const groups = groupTable(distinct.columns, { source, order: distinct.order, limit, offset }, aliases);
  const alias = aliases.next();
  const first = sql`(SELECT ${packed(columns)} FROM ${source.from} WHERE ${source.where} AND ${groups.matches}${by} LIMIT 1)`;
  return {
    from: sql`${groups.from} JOIN JSON_TABLE(${first}, '$' COLUMNS (${unpacked(columns)})) AS ${alias}`,
    where: groups.where,
    columns: columns.map(({ type }, index) => unpack(sql`${alias}.${sql.identifier(`c${index}`)}`, type)),
    place: groups.place,
  };
}

/** The different values of a source's rows, as a table of MariaDB. */
export interface GroupTable extends RowTable {
  /** A condition on a row of the source: that it is of the group of the table's row. */
  readonly matches: Sql;
}

/**
 * The groups that the rows have by their keys; whatever is over the rows of one of them is a subquery over the source
 * where `matches` holds. Only for sources that are read flat (`mustBeFlat`).
 *
 * @param page `order` may be by the keys alone
 */
export function groupTable(keys: readonly TableColumn[], page: Paged, aliases: Aliases): GroupTable {
  const text = groupText(keys);
  // The text stands first in each row, so it is the table's first column.
  const columns = [{ value: text, type: undefined }, ...keys];
  const collation = sql.identifier(collationOf(keys));
  const table = jsonTable(columns, page, aliases, (row) => sql`DISTINCT ${collated(row, collation)}`);
  const [found, ...rest] = table.columns;
  return { ...table, columns: rest, matches: sql`${text} = ${collated(found!, collation)}` };
}

/** The values of a group as one text, in which NULL is like NULL. */
function groupText(keys: readonly TableColumn[]): Sql {
  const values = keys.map(({ value, type }) => jsonOf(value, type));
  return sql`CONCAT(${sql.join([sql`'['`, ...values, sql`']'`], sql`, ' ', `)})`;
}

function collated(text: Sql, collation: Sql): Sql {
  return sql`CONVERT(${text} USING utf8mb4) COLLATE ${collation}`;
}

/** What all the texts are grouped by, else byte by byte. */
function collationOf(keys: readonly TableColumn[]): string {
  const collations = new Set(keys.flatMap(({ collation }) => collation ?? []));
  const [only] = collations;
  return only !== undefined && collations.size === 1 && only.startsWith('utf8mb4_') ? only : 'utf8mb4_bin';
}

/** The values as a JSON list of texts and nulls. */
function packed(columns: readonly TableColumn[]): Sql {
  const texts = columns.map(
    ({ value, type }) =>
      sql`COALESCE(JSON_QUOTE(CONVERT(${packedValue(value, type)} USING utf8mb4)), 'null')`,
  );
  return sql`CONCAT('[', ${sql.join(texts, sql`, ',', `)}, ']')`;
}

function packedValue(value: Sql, type: Type | undefined): Sql {
  const bare = type && bareType(type);
  if (bare?.family === 'binary' || isGeometry(bare)) return sql`HEX(${value})`;
  if (bare?.name === 'bit') return sql`CONCAT(${value} + 0)`;
  return bare?.family === 'float' ? sql`CONCAT(${numberText(value, bare)})` : sql`CONCAT(${value})`;
}

/** The values with their types again: `c0`, `c1` … */
function unpacked(columns: readonly TableColumn[]): Sql {
  return sql.join(
    columns.map(
      (column, index) =>
        sql`${sql.identifier(`c${index}`)} ${typeOf(column)} PATH '$[${sql.integer(index)}]'`,
    ),
    sql`, `,
  );
}

function unpack(column: Sql, type: Type | undefined): Sql {
  const bare = type && bareType(type);
  return bare?.family === 'binary' || isGeometry(bare) ? sql`UNHEX(${column})` : column;
}

function typeOf({ type, collation }: TableColumn): Sql {
  const bare = type && bareType(type);
  switch (bare?.family) {
    case 'boolean':
      return sql`TINYINT`;
    case 'integer':
      return bare.unsigned ? sql`BIGINT UNSIGNED` : sql`BIGINT`;
    case 'decimal':
      return sql`DECIMAL${digits(bare, sql`(65,30)`)}`;
    case 'float':
      return bare.bits === 32 ? sql`FLOAT` : sql`DOUBLE`;
    case 'date':
      return sql`DATE`;
    case 'time':
      return sql`TIME${digits(bare, sql`(0)`)}`;
    case 'timestamp':
      return sql`DATETIME${digits(bare, sql`(0)`)}`;
    default:
      if (bare?.name === 'bit') return sql`BIGINT UNSIGNED`;
      return collation?.startsWith('utf8mb4_')
        ? sql`LONGTEXT CHARACTER SET utf8mb4 COLLATE ${sql.identifier(collation)}`
        : sql`LONGTEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin`;
  }
}

/** `(10,2)` of the type, as the server itself has printed it. */
function digits({ modifiers }: Type, otherwise: Sql): Sql {
  const numbers = modifiers.match(/[0-9]+/g)?.map((number) => sql.integer(Number(number))) ?? [];
  return numbers.length === 0 ? otherwise : sql`(${sql.join(numbers, sql`,`)})`;
}
