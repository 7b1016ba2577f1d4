/** A page by keyset → one JSON object of edges, cursors, what is beyond the page, and the number of all rows. */
import type { AuthorizedConnection, AuthorizedField, ConnectionPart } from '../../query/query.ts';
import { type Sql, sql } from '../sql.ts';
import type { Aliases } from './condition.ts';

/** What the level that the rows are of has to give. */
export interface PageSource {
  /** FROM … WHERE … ORDER BY … LIMIT, with one row more than the page has. */
  readonly from: Sql;
  /** What the rows are ordered by. */
  readonly order: readonly Sql[];
  readonly node: (fields: readonly AuthorizedField[]) => Sql;
}

export interface ConnectionSources {
  readonly page: () => PageSource;
  readonly count: () => Sql;
  /** One object of values, over the one row that an alias before it has. */
  readonly object: (values: readonly { readonly as: string; readonly value: Sql }[]) => Sql;
}

const cursor = sql.identifier('k');
const place = sql.identifier('i');

/**
 * Rows are numbered as they are read, so that the one too many is told from the others and a page backwards is turned
 * round. Everything is read once, but for the count.
 */
export function connectionObject(
  node: AuthorizedConnection,
  { page, count, object }: ConnectionSources,
  aliases: Aliases,
): Sql {
  const shown = node.parts.some(({ kind }) => kind === 'edges' || kind === 'pageInfo');
  const rows = shown ? pageOf(node, page(), object, aliases) : undefined;
  const parts = node.parts.map((part) => {
    switch (part.kind) {
      case 'constant':
        return { as: part.as, value: text(part.text) };
      case 'totalCount':
        return { as: part.as, value: count() };
      case 'edges':
        return { as: part.as, value: rows!.edges.get(part)! };
      case 'pageInfo':
        return { as: part.as, value: object(part.items.map((item) => infoOf(item, node, rows!))) };
      default:
        return part satisfies never;
    }
  });
  return rows === undefined
    ? object(parts)
    : sql`(SELECT ${object(parts)} FROM (${rows.select}) AS ${rows.alias})`;
}

type Edges = Extract<ConnectionPart<AuthorizedField>, { kind: 'edges' }>;
type Info = Extract<ConnectionPart<AuthorizedField>, { kind: 'pageInfo' }>['items'][number];

/** One row: a list of edges for each part that shows them, and what the page is. */
interface Page {
  readonly select: Sql;
  readonly alias: Sql;
  readonly edges: ReadonlyMap<Edges, Sql>;
  readonly more: Sql;
  readonly first: Sql;
  readonly last: Sql;
}

function pageOf(
  node: AuthorizedConnection,
  { from, order, node: nodeOf }: PageSource,
  object: ConnectionSources['object'],
  aliases: Aliases,
): Page {
  const columns: { readonly name: Sql; readonly value: Sql }[] = [];
  if (node.parts.some(needsCursor)) columns.push({ name: cursor, value: cursorOf(node.binding, order) });
  const [read, numbered, alias] = [aliases.next(), aliases.next(), aliases.next()];
  const edges = new Map<Edges, Sql>();
  const lists: Sql[] = [];
  const limit = sql.integer(node.limit);
  const kept = sql`FILTER (WHERE ${numbered}.${place} <= ${limit})`;
  for (const part of node.parts) {
    if (part.kind !== 'edges') continue;
    const values = part.items.map((item) => {
      switch (item.kind) {
        case 'constant':
          return { as: item.as, value: text(item.text) };
        case 'cursor':
          return { as: item.as, value: sql`${numbered}.${cursor}` };
        case 'node': {
          const name = sql.identifier(`n${columns.length}`);
          columns.push({ name, value: nodeOf(item.fields) });
          return { as: item.as, value: sql`${numbered}.${name}` };
        }
        default:
          return item satisfies never;
      }
    });
    const way = node.backward ? sql` DESC` : sql.empty;
    const name = sql.identifier(`e${lists.length}`);
    lists.push(
      sql`coalesce(json_agg(${object(values)} ORDER BY ${numbered}.${place}${way}) ${kept}, '[]'::json) AS ${name}`,
    );
    edges.set(part, sql`${alias}.${name}`);
  }
  const [more, first, last] = [sql.identifier('more'), sql.identifier('first'), sql.identifier('last')];
  lists.push(sql`count(*) > ${limit} AS ${more}`);
  if (node.parts.some(needsEnds)) {
    const cursors = sql`array_agg(${numbered}.${cursor} ORDER BY ${numbered}.${place}) ${kept}`;
    lists.push(sql`(${cursors})[1] AS ${first}`, sql`(${cursors})[least(count(*), ${limit})] AS ${last}`);
  }
  const list = sql.join(
    columns.map(({ name, value }) => sql`${value} AS ${name}`),
    sql`, `,
  );
  const names = sql.join(
    [sql`row_number() OVER () AS ${place}`, ...columns.map(({ name }) => sql`${read}.${name}`)],
    sql`, `,
  );
  return {
    select: sql`SELECT ${sql.join(lists, sql`, `)} FROM (SELECT ${names} FROM (SELECT ${list} ${from}) AS ${read}) AS ${numbered}`,
    alias,
    edges,
    more: sql`${alias}.${more}`,
    first: sql`${alias}.${first}`,
    last: sql`${alias}.${last}`,
  };
}

function infoOf(item: Info, { backward, known }: AuthorizedConnection, { more, first, last }: Page) {
  const { as } = item;
  switch (item.kind) {
    case 'constant':
      return { as, value: text(item.text) };
    case 'hasNextPage':
      return { as, value: known.behind ? sql`true` : backward ? sql`false` : more };
    case 'hasPreviousPage':
      return { as, value: known.before ? sql`true` : backward ? more : sql`false` };
    case 'startCursor':
      return { as, value: backward ? last : first };
    case 'endCursor':
      return { as, value: backward ? first : last };
    default:
      return item satisfies never;
  }
}

/** The row's values as texts behind what they are bound to, in base64url. */
function cursorOf(binding: string, order: readonly Sql[]): Sql {
  const values = [text(binding), ...order.map((value) => sql`(${value})::text`)];
  const json = sql`json_build_array(${sql.join(values, sql`, `)})::text`;
  return sql`translate(encode(convert_to(${json}, 'UTF8'), 'base64'), E'+/=\\n', '-_')`;
}

function needsCursor(part: ConnectionPart<AuthorizedField>): boolean {
  return needsEnds(part) || (part.kind === 'edges' && part.items.some(({ kind }) => kind === 'cursor'));
}

function needsEnds(part: ConnectionPart<AuthorizedField>): boolean {
  return (
    part.kind === 'pageInfo' && part.items.some(({ kind }) => kind === 'startCursor' || kind === 'endCursor')
  );
}

function text(constant: string): Sql {
  return sql`${sql.literal(constant)}::text`;
}
