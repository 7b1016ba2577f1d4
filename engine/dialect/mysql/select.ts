/** The parts of a SELECT: what a level gives, its columns by name, the order of its rows and its page. */
import type { AggregateFunction } from '../../api/aggregates.ts';
import type { Type } from '../../catalog/catalog.ts';
import type { AuthorizedNode, AuthorizedOrder, Key, Summary, Term } from '../../query/query.ts';
import { type Sql, sql } from '../sql.ts';
import { castOf } from './cast.ts';
import { type Aliases, readColumn, readPath, type Scope, typeOfPlace } from './condition.ts';
import { jsonOf, jsonOrNull } from './json.ts';

/** Where the rows of a level come from: its own condition, and how they hang together with the level above. */
export interface Source {
  readonly from: Sql;
  readonly where: Sql;
  readonly scope: Scope;
  /** The order that the rows have by themselves. */
  readonly order?: Sql;
  /** It names rows of the level above. */
  readonly correlated?: boolean;
}

export type SourceNode = Pick<AuthorizedNode, 'table' | 'where' | 'guards'>;

/** One column of a level. */
export interface Output {
  readonly as: string;
  /** Absent: `count` of the rows, or an object. */
  readonly value: Sql | undefined;
  /** Undefined: JSON text that the statement builds, or a plain number. Text is `textType`. */
  readonly type: Type | undefined;
  /** Of a text column: what it is grouped by. */
  readonly collation?: string;
  readonly aggregate?: { readonly function: AggregateFunction; readonly cast: Type | undefined };
  /** The same in every row, so nothing is grouped by it. */
  readonly constant?: boolean;
  /** Of a group: objects whose parts are known once it is known what the group is of. */
  readonly keys?: readonly Key[];
  readonly summary?: readonly Summary[];
  /** It is an object of these. */
  readonly parts?: readonly Part[];
}

/** A value under its name in the answer. */
export type Part = Pick<Output, 'as' | 'value' | 'type' | 'parts'>;

/** The columns of a level. */
export interface Level {
  readonly outputs: readonly Output[];
}

/** A SELECT of a level's fields, and how a row of it, read as `alias`, becomes the text of a JSON object. */
export interface LevelRows {
  readonly select: Sql;
  readonly outputs: readonly Output[];
  /** Of the columns of `select`, in the order of `outputs`. */
  readonly names: readonly Sql[];
  readonly asJson: (alias: Sql) => Sql;
}

/** What a level's columns are made for, besides its rows' JSON. */
export interface Columns {
  /** Columns that no row shows. */
  readonly hidden?: readonly Sql[];
}

/** Whether a derived table over the rows could not name the rows that they hang on. */
export function mustBeFlat({ correlated, scope }: Source): boolean {
  return correlated === true && !scope.aliases.capabilities.lateral;
}

/** The n-th hidden column of a level. */
export function hiddenColumn(index: number): Sql {
  return sql.identifier(`h${index}`);
}

/** Values as columns under short names: names in the answer may be too long, or alike but for case. */
export function columnsOf(
  outputs: readonly Part[],
  aliases: Aliases,
  { hidden = [] }: Columns = {},
): { readonly values: readonly Sql[] } & Pick<LevelRows, 'names' | 'asJson'> {
  const leaves = outputs.flatMap(leavesOf);
  const names = leaves.map((_, index) => sql.identifier(`c${index}`));
  const values = [
    ...leaves.map(({ value }, index) => sql`${value!} AS ${names[index]!}`),
    ...hidden.map((value, index) => sql`${value} AS ${hiddenColumn(index)}`),
  ];
  const asJson = (alias: Sql) => {
    const columnNames = names.values();
    return objectOf(outputs, aliases, () => sql`${alias}.${columnNames.next().value!}`);
  };
  // There is no SELECT of nothing, and rows without columns are rows.
  return { values: values.length === 0 ? [sql`1 AS c`] : values, names, asJson };
}

function leavesOf(part: Part): readonly Part[] {
  return part.parts === undefined ? [part] : part.parts.flatMap(leavesOf);
}

/**
 * The text of a JSON object, key by key.
 *
 * @param next gives the values in their order; undefined: they are those of the parts
 */
export function objectOf(parts: readonly Part[], aliases: Aliases, next?: () => Sql): Sql {
  if (parts.length === 0) return sql`'{}'`;
  const members = parts.map((part) => {
    const { as, type, parts: inner } = part;
    if (inner !== undefined) return { as, json: objectOf(inner, aliases, next), there: true };
    const value = next?.() ?? part.value!;
    return aliases.stripNulls
      ? { as, json: jsonOrNull(value, type), there: false }
      : { as, json: jsonOf(value, type), there: true };
  });
  if (aliases.stripNulls) {
    const pairs = members.map(({ as, json }) => memberUnlessNull(as, json));
    return sql`CONCAT('{', SUBSTRING(CONCAT(${sql.join(pairs, sql`, `)}), 2), '}')`;
  }
  const pairs = members.map(
    ({ as, json }, index) => sql`${sql.literal(`${index === 0 ? '{' : ','}${JSON.stringify(as)}:`)}, ${json}`,
  );
  return sql`CONCAT(${sql.join(pairs, sql`, `)}, '}')`;
}

/** A JSON column may hold a null of its own. */
function memberUnlessNull(as: string, json: Sql): Sql {
  return sql`COALESCE(CONCAT(${sql.literal(`,${JSON.stringify(as)}:`)}, NULLIF(CONCAT(${json}), 'null')), '')`;
}

/**
 * The text of a JSON list of what each row gives: in the order in which the rows come, or in that of ` ORDER BY …`.
 *
 * @param limit for MariaDB alone
 */
export function jsonList(row: Sql, order: Sql = sql.empty, limit?: number): Sql {
  const most = limit === undefined ? sql.empty : sql` LIMIT ${sql.integer(limit)}`;
  return sql`CONCAT('[', COALESCE(GROUP_CONCAT(${row}${order} SEPARATOR ','${most}), ''), ']')`;
}

/** The column, a place in its JSON, and either as another type. */
export function readTerm({ column, path, cast }: Term, scope: Scope): Sql {
  const plain = readColumn(column, scope);
  const value = path === undefined ? plain : readPath(plain, column, path);
  if (cast === undefined) return value;
  return castOf(value, typeOfPlace(column, path), cast);
}

/** LIMIT and OFFSET. `ordered`: there is a limit in any case, else the order of a derived table is not kept. */
export function limits(
  { limit, offset }: { readonly limit?: number | undefined; readonly offset?: number | undefined },
  { ordered }: { readonly ordered: boolean },
): Sql {
  if (limit === undefined && offset === undefined && !ordered) return sql.empty;
  const most = sql` LIMIT ${limit === undefined ? sql`18446744073709551615` : sql.integer(limit)}`;
  return offset === undefined ? most : sql`${most} OFFSET ${offsetOf(offset)}`;
}

export function offsetOf(slot: number): Sql {
  return sql.parameter({ kind: 'offset', slot });
}

/** One value that rows are ordered by. */
export interface OrderTerm extends Pick<AuthorizedOrder, 'direction' | 'nulls'> {
  readonly value: Sql;
  /** Default true. */
  readonly nullable?: boolean;
}

/** NULL comes last when ascending and first when descending, as on PostgreSQL, unless the caller says. */
export function directed({ value, direction, nulls, nullable = true }: OrderTerm): Sql {
  const descending = direction === 'desc';
  const nullsFirst = nulls === undefined ? descending : nulls === 'first';
  const way = descending ? sql` DESC` : sql.empty;
  // NULL is the smallest here. Where nothing need be said of it an index can give the order.
  if (!nullable || nullsFirst !== descending) return sql`${value}${way}`;
  return nullsFirst ? sql`${value} IS NULL DESC, ${value}${way}` : sql`${value} IS NULL, ${value}${way}`;
}

/** ` ORDER BY …`, or nothing. Without terms the rows have the order of their source. */
export function orderBy(terms: readonly OrderTerm[], own: Sql | undefined): Sql {
  if (terms.length > 0) return sql` ORDER BY ${sql.join(terms.map(directed), sql`, `)}`;
  return own === undefined ? sql.empty : sql` ORDER BY ${own}`;
}
