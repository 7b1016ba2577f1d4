/** Reads → one statement that builds the whole JSON answer. */
import { Buffer } from 'node:buffer';
import { always } from '../../api/condition.ts';
import type {
  AuthorizedAggregate,
  AuthorizedField,
  AuthorizedNode,
  AuthorizedOrder,
  AuthorizedRead,
  AuthorizedReadAggregate,
  Link,
  Summary,
} from '../../query/query.ts';
import type { CompiledRead } from '../program.ts';
import { type Sql, sql } from '../sql.ts';
import {
  Aliases,
  compileCondition,
  countOf,
  joinFar,
  readColumn,
  relationOf,
  type Scope,
} from './condition.ts';
import { finish, maxIdentifierBytes } from './notation.ts';

const rowCount: Sql = sql`count(*)`;
const noGuards: Scope['guards'] = new Map();

export function compileRead(query: AuthorizedRead): CompiledRead {
  const aliases = new Aliases();
  const { node, shape, count } = query;
  const source = rootSource(node, aliases);
  const rows = nodeRows({ ...node, limit: shape === 'row' ? 1 : node.limit }, source);
  const alias = aliases.next();
  const list = rows.asJson(alias);
  const body = shape === 'list' ? textList(list) : sql`coalesce((json_agg(${list}) -> 0)::text, 'null')`;
  const total = count ? sql`, (${totalOf(node, aliases)})` : sql.empty;
  return {
    kind: 'read',
    ...finish(sql`SELECT ${body}, ${rowCount}${total} FROM (${rows.select}) AS ${alias}`),
  };
}

export function compileReadAggregate(query: AuthorizedReadAggregate): CompiledRead {
  const aliases = new Aliases();
  const { node } = query;
  const source = rootSource(node, aliases);
  return { kind: 'read', ...finish(sql`SELECT ${aggregateObject(node, aliases, () => source)}::text, 1`) };
}

function rootSource(node: SourceNode, aliases: Aliases): Source {
  const scope: Scope = { alias: aliases.next(), guards: node.guards, aliases };
  const where = compileCondition(node.where, { ...scope, guards: noGuards });
  return { from: sql`${relationOf(node.table)} AS ${scope.alias}`, where, scope };
}

/** All rows that match, whatever the page. */
function totalOf(node: AuthorizedNode, aliases: Aliases): Sql {
  const { from, where } = rootSource(node, aliases);
  return sql`SELECT count(*) FROM ${from} WHERE ${where}`;
}

/** The whole answer: `[…]` as text without json_agg's line breaks, shorter to send and as fast to build. */
function textList(row: Sql): Sql {
  return sql`coalesce('[' || string_agg((${row})::text, ',') || ']', '[]')`;
}

/** A list within the answer: text would have to be read as JSON again, which costs a tenth of a nested request. */
function jsonList(row: Sql): Sql {
  return sql`coalesce(json_agg(${row}), '[]'::json)`;
}

/** Where the rows of a level come from: its own condition, and how they hang together with the level above. */
export interface Source {
  readonly from: Sql;
  readonly where: Sql;
  readonly scope: Scope;
}

type SourceNode = Pick<AuthorizedNode, 'table' | 'where' | 'guards'>;

/** A SELECT of a level's fields, and how a row of it, read as `alias`, becomes a JSON object. */
export interface LevelRows {
  readonly select: Sql;
  readonly asJson: (alias: Sql) => Sql;
}

type Page = Pick<AuthorizedNode, 'order' | 'limit' | 'offset' | 'distinct'>;

function nodeRows(node: AuthorizedNode, source: Source): LevelRows {
  const { list, asJson } = selectList(node.fields, source.scope);
  return { select: sql`SELECT ${distinctOn(node, source.scope)}${list} ${pageOf(node, source)}`, asJson };
}

export function selectList(
  fields: readonly AuthorizedField[],
  scope: Scope,
): { readonly list: Sql; readonly asJson: LevelRows['asJson'] } {
  return columnsOf(fields.map((field) => ({ as: field.as, value: compileField(field, scope) })));
}

/**
 * Values as columns under their names in the answer, so that the row itself is the object. A name longer than an
 * identifier may be would be cut, so such a level goes by short names and writes its object's text key by key.
 */
function columnsOf(values: readonly { readonly as: string; readonly value: Sql }[]): {
  readonly list: Sql;
  readonly asJson: LevelRows['asJson'];
} {
  const isLong = values.some(({ as }) => Buffer.byteLength(as) > maxIdentifierBytes);
  const list = sql.join(
    values.map(({ as, value }, index) => sql`${value} AS ${sql.identifier(isLong ? `c${index}` : as)}`),
    sql`, `,
  );
  // A level with no column of its own still has rows: `SELECT FROM …` gives `{}` for each.
  if (!isLong) return { list, asJson: (alias) => sql`row_to_json(${alias}.*)` };
  const pairs = (alias: Sql) =>
    values.map(({ as }, index) => {
      const key = sql.literal(`${index === 0 ? '' : ','}${JSON.stringify(as)}:`);
      return sql`${key} || coalesce(to_json(${alias}.${sql.identifier(`c${index}`)})::text, 'null')`;
    });
  return { list, asJson: (alias) => sql`('{' || ${sql.join(pairs(alias), sql` || `)} || '}')::json` };
}

function compileField(field: AuthorizedField, scope: Scope): Sql {
  switch (field.kind) {
    case 'column': {
      const value = readColumn(field.column, scope);
      return field.text ? sql`(${value})::text` : value;
    }
    case 'constant':
      return sql`${sql.literal(field.text)}::text`;
    case 'embed':
      return field.link.edge.kind === 'one'
        ? embedOne(field.link, field.node, scope)
        : embedMany(field.link, field.node, scope);
    case 'embedAggregate':
      // Each part reads the related rows by itself, so each has aliases of its own.
      return aggregateObject(field.node, scope.aliases, () => farSource(field.link, field.node, scope));
    default:
      return field satisfies never;
  }
}

function farSource(link: Link, node: SourceNode, scope: Scope): Source {
  const far: Scope = { alias: scope.aliases.next(), guards: node.guards, aliases: scope.aliases };
  return { ...joinFar(link, node.where, scope, far), scope: far };
}

function embedOne(link: Link, node: AuthorizedNode, scope: Scope): Sql {
  const rows = nodeRows({ ...node, limit: 1 }, farSource(link, node, scope));
  const alias = scope.aliases.next();
  return sql`(SELECT ${rows.asJson(alias)} FROM (${rows.select}) AS ${alias})`;
}

function embedMany(link: Link, node: AuthorizedNode, scope: Scope): Sql {
  const rows = nodeRows(node, farSource(link, node, scope));
  const alias = scope.aliases.next();
  return sql`(SELECT ${jsonList(rows.asJson(alias))} FROM (${rows.select}) AS ${alias})`;
}

/** `{ "aggregate": {…}, "nodes": […] }`: each part is over the same rows, and reads them by itself. */
function aggregateObject(node: AuthorizedAggregate, aliases: Aliases, open: () => Source): Sql {
  const parts = node.parts.map((part) => {
    switch (part.kind) {
      case 'constant':
        return { as: part.as, value: sql`${sql.literal(part.text)}::text` };
      case 'summary':
        return { as: part.as, value: summary(node, part.items, open()) };
      case 'nodes': {
        const rows = nodeRows({ ...node, fields: part.fields, limit: part.limit }, open());
        const alias = aliases.next();
        return {
          as: part.as,
          value: sql`(SELECT ${jsonList(rows.asJson(alias))} FROM (${rows.select}) AS ${alias})`,
        };
      }
      default:
        return part satisfies never;
    }
  });
  return objectFrom(parts, undefined, aliases);
}

/** One object of values over the rows of `from`, or over nothing. */
function objectFrom(values: Parameters<typeof columnsOf>[0], from: Sql | undefined, aliases: Aliases): Sql {
  const { list, asJson } = columnsOf(values);
  const alias = aliases.next();
  const rows = from === undefined ? sql.empty : sql` FROM (${from}) AS ${aliases.next()}`;
  return sql`(SELECT ${asJson(alias)} FROM (SELECT ${list}${rows}) AS ${alias})`;
}

function summary(node: AuthorizedAggregate, items: readonly Summary[], source: Source): Sql {
  const columns = [...new Set(items.flatMap((item) => (item.kind === 'count' ? item.columns : [])))];
  const names = new Map(columns.map((column, index) => [column, sql.identifier(`c${index}`)] as const));
  const list = sql.join(
    columns.map((column) => sql`${readColumn(column, source.scope)} AS ${names.get(column)!}`),
    sql`, `,
  );
  const values = items.map((item) => ({
    as: item.as,
    value:
      item.kind === 'constant'
        ? sql`${sql.literal(item.text)}::text`
        : countOf(
            item.columns.map((column) => names.get(column)!),
            item.distinct,
          ),
  }));
  const page = sql`SELECT ${distinctOn(node, source.scope)}${list} ${pageOf(node, source)}`;
  // Constants alone aggregate nothing, and would come once a row.
  const one = items.some((item) => item.kind === 'count') ? page : undefined;
  return objectFrom(values, one, source.scope.aliases);
}

function distinctOn(page: Page, scope: Scope): Sql {
  if (page.distinct.length === 0) return sql.empty;
  return sql`DISTINCT ON (${sql.join(
    page.distinct.map((column) => readColumn(column, scope)),
    sql`, `,
  )}) `;
}

/** FROM … WHERE … ORDER BY … LIMIT … OFFSET … */
function pageOf(page: Page, { from, where, scope }: Source): Sql {
  const clauses = [sql`FROM ${from} WHERE ${where}`];
  if (page.order.length > 0) clauses.push(sql`ORDER BY ${orderTerms(page.order, scope)}`);
  if (page.limit !== undefined) clauses.push(sql`LIMIT ${sql.integer(page.limit)}`);
  if (page.offset !== undefined)
    clauses.push(sql`OFFSET ${sql.parameter({ kind: 'offset', slot: page.offset })}::int8`);
  return sql.join(clauses, sql` `);
}

export function orderTerms(order: readonly AuthorizedOrder[], scope: Scope): Sql {
  return sql.join(
    order.map((term) => {
      const value = term.through.length === 0 ? readColumn(term.column, scope) : throughOne(term, 0, scope);
      const direction = term.direction === 'desc' ? sql` DESC` : sql.empty;
      const nulls =
        term.nulls === undefined ? sql.empty : term.nulls === 'first' ? sql` NULLS FIRST` : sql` NULLS LAST`;
      return sql`${value}${direction}${nulls}`;
    }),
    sql`, `,
  );
}

/** The column of a row that to-one relationships lead to; null where the caller may not see that row. */
function throughOne(term: AuthorizedOrder, index: number, scope: Scope): Sql {
  const step = term.through[index];
  if (step === undefined) return readColumn(term.column, scope);
  const far: Scope = { alias: scope.aliases.next(), guards: step.guards, aliases: scope.aliases };
  const { from, where } = joinFar(step.link, { kind: 'fenced', policy: step.where, of: always }, scope, far);
  return sql`(SELECT ${throughOne(term, index + 1, far)} FROM ${from} WHERE ${where} LIMIT 1)`;
}
