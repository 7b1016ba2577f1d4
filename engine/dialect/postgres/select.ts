/** The parts of a SELECT: what a level gives, its columns by name, the order of its rows and its page. */
import { Buffer } from 'node:buffer';
import type { AggregateFunction } from '../../api/aggregates.ts';
import { bareType } from '../../api/operators.ts';
import type { Type } from '../../catalog/catalog.ts';
import type { AuthorizedNode, AuthorizedOrder, Key, Summary, Term } from '../../query/query.ts';
import { type Sql, sql } from '../sql.ts';
import { readColumn, readPath, type Scope } from './condition.ts';
import { maxIdentifierBytes, typeName } from './notation.ts';

/** Where the rows of a level come from: its own condition, and how they hang together with the level above. */
export interface Source {
  readonly from: Sql;
  readonly where: Sql;
  readonly scope: Scope;
  /** The order that the rows have by themselves. */
  readonly order?: Sql;
}

export type SourceNode = Pick<AuthorizedNode, 'table' | 'where' | 'guards'>;

/** One column of a level. */
export interface Output {
  readonly as: string;
  /** Absent: `count` of the rows, or an object. */
  readonly value: Sql | undefined;
  /** Undefined: JSON that the statement builds. */
  readonly type: Type | undefined;
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
export type Part = Pick<Output, 'as' | 'value' | 'parts'>;

/** The columns of a level, and what else its FROM must join for them. */
export interface Level {
  readonly outputs: readonly Output[];
  readonly joins: Sql;
}

/** A SELECT of a level's fields, and how a row of it, read as `alias`, becomes a JSON object. */
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
  /** Each is read by itself, so each needs a name of its own. */
  readonly single?: boolean;
}

/** The n-th hidden column of a level. */
export function hiddenColumn(index: number): Sql {
  return sql.identifier(`novastack_${index}`);
}

/** Whether the name can be a column's: not empty, and not so long that it would be cut. */
export function isIdentifier(name: string): boolean {
  return name !== '' && Buffer.byteLength(name) <= maxIdentifierBytes;
}

/**
 * Values as columns under their names in the answer, so that the row itself is the object. A name longer than an
 * identifier may be would be cut, and a hidden column would be seen, so such a level goes by short names and writes its
 * object's text key by key.
 */
export function columnsOf(
  outputs: readonly Part[],
  { hidden = [], single = false }: Columns = {},
): { readonly list: Sql; readonly names: readonly Sql[]; readonly asJson: LevelRows['asJson'] } {
  const hasParts = outputs.some(({ parts }) => parts !== undefined);
  const byKeys = single || hidden.length > 0 || hasParts || outputs.some(({ as }) => !isIdentifier(as));
  const values = outputs.flatMap(leavesOf);
  const names = values.map(({ as }, index) => sql.identifier(byKeys ? `c${index}` : as));
  const list = sql.join(
    [
      ...values.map(({ value }, index) => sql`${value!} AS ${names[index]!}`),
      ...hidden.map((value, index) => sql`${value} AS ${hiddenColumn(index)}`),
    ],
    sql`, `,
  );
  // A level with no column of its own still has rows: `SELECT FROM …` gives `{}` for each.
  if (!byKeys) return { list, names, asJson: (alias) => sql`row_to_json(${alias}.*)` };
  if (outputs.length === 0) return { list, names, asJson: () => sql`'{}'::json` };
  const asJson = (alias: Sql) => {
    const columns = names.values();
    return sql`(${objectText(outputs, () => sql`${alias}.${columns.next().value!}`)})::json`;
  };
  return { list, names, asJson };
}

function leavesOf(part: Part): readonly Part[] {
  return part.parts === undefined ? [part] : part.parts.flatMap(leavesOf);
}

/** The object's text, key by key. @param next gives the columns in the order of the values */
function objectText(parts: readonly Part[], next: () => Sql): Sql {
  const pairs = parts.map(({ as, parts: inner }, index) => {
    const key = sql.literal(`${index === 0 ? '' : ','}${JSON.stringify(as)}:`);
    const value =
      inner === undefined ? sql`coalesce(to_json(${next()})::text, 'null')` : objectText(inner, next);
    return sql`${key} || ${value}`;
  });
  return sql.join([sql`'{'`, ...pairs, sql`'}'`], sql` || `);
}

/** The column, a place in its JSON, and either as another type. */
export function readTerm({ column, path, cast }: Term, scope: Scope): Sql {
  const plain = readColumn(column, scope);
  const value = path === undefined ? plain : readPath(plain, column, path);
  return cast === undefined ? value : sql`(${value})::${typeName(cast)}`;
}

export function limits({ limit, offset }: Pick<AuthorizedNode, 'limit' | 'offset'>): Sql {
  const most = limit === undefined ? sql.empty : sql` LIMIT ${sql.integer(limit)}`;
  if (offset === undefined) return most;
  return sql`${most} OFFSET ${sql.parameter({ kind: 'offset', slot: offset })}::int8`;
}

export function directed(
  value: Sql,
  { direction, nulls }: Pick<AuthorizedOrder, 'direction' | 'nulls'>,
): Sql {
  const way = direction === 'desc' ? sql` DESC` : sql.empty;
  const last = nulls === undefined ? sql.empty : nulls === 'first' ? sql` NULLS FIRST` : sql` NULLS LAST`;
  return sql`${value}${way}${last}`;
}

/**
 * A value as CSV has it, in the form of the type's own output: a cast would say true for t, trim what is padded, and give
 * an address a mask.
 */
export function csvText(value: Sql, type: Type | undefined): Sql {
  const { name } = type === undefined ? { name: undefined } : bareType(type);
  if (name === 'bool') return sql`textin(boolout(${value}))`;
  if (name === 'inet') return sql`textin(inet_out(${value}))`;
  if (name === 'bpchar') return sql`textin(bpcharout(${value}))`;
  return sql`(${value})::text`;
}
