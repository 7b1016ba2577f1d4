/** A page by keyset → one JSON object of edges, cursors, what is beyond the page, and the number of all rows. */
import type { AuthorizedConnection, AuthorizedField, ConnectionPart } from '../../query/query.ts';
import { type Sql, sql } from '../sql.ts';
import type { Aliases } from './condition.ts';
import { textOf, textType } from './json.ts';
import type { Ordered } from './order.ts';
import { objectOf, type Part } from './select.ts';
import type { RowTable, TableColumn } from './table.ts';

/** What the level that the rows are of has to give. */
export interface PageSource {
  /** The rows with these values, in their order and numbered, one row more than the page has. */
  readonly table: (columns: readonly TableColumn[]) => RowTable;
  /** What the rows are ordered by. */
  readonly order: readonly Ordered[];
  /** The JSON text of a row's object. */
  readonly node: (fields: readonly AuthorizedField[]) => Sql;
}

export interface ConnectionSources {
  readonly page: () => PageSource;
  readonly count: () => Sql;
}

/**
 * Rows are numbered as they are read, so that the one too many is told from the others and a page backwards is turned
 * round. Everything is read once, but for the count.
 */
export function connectionObject(
  node: AuthorizedConnection,
  { page, count }: ConnectionSources,
  aliases: Aliases,
): Sql {
  const shown = node.parts.some(({ kind }) => kind === 'edges' || kind === 'pageInfo');
  const rows = shown ? pageOf(node, page(), aliases) : undefined;
  const parts = node.parts.map((part): Part => {
    const { as } = part;
    switch (part.kind) {
      case 'constant':
        return { as, value: sql.literal(part.text), type: textType };
      case 'totalCount':
        return { as, value: count(), type: undefined };
      case 'edges':
        return { as, value: rows!.edges.get(part)!, type: undefined };
      case 'pageInfo':
        return {
          as,
          value: undefined,
          type: undefined,
          parts: part.items.map((item) => infoOf(item, node, rows!)),
        };
      default:
        return part satisfies never;
    }
  });
  const object = objectOf(parts, aliases);
  return rows === undefined ? object : sql`(SELECT ${object} FROM ${rows.from} WHERE ${rows.where})`;
}

type Edges = Extract<ConnectionPart<AuthorizedField>, { kind: 'edges' }>;
type Info = Extract<ConnectionPart<AuthorizedField>, { kind: 'pageInfo' }>['items'][number];

/** Functions over the page's rows: a list of edges for each part that shows them, and what the page is. */
interface Page extends Pick<RowTable, 'from' | 'where'> {
  readonly edges: ReadonlyMap<Edges, Sql>;
  readonly more: Sql;
  readonly first: Sql;
  readonly last: Sql;
}

function pageOf(
  node: AuthorizedConnection,
  { table: tableOf, order, node: nodeOf }: PageSource,
  aliases: Aliases,
): Page {
  const edges = node.parts.filter((part) => part.kind === 'edges');
  const nodes = edges.flatMap(({ items }) => items.filter((item) => item.kind === 'node'));
  const table = tableOf([
    { value: node.parts.some(needsCursor) ? cursorOf(node.binding, order) : sql`NULL`, type: textType },
    ...nodes.map(({ fields }) => ({ value: nodeOf(fields), type: undefined })),
  ]);
  const [cursor, ...objects] = table.columns;
  const limit = sql.integer(node.limit);
  const kept = (value: Sql) => sql`CASE WHEN ${table.place} <= ${limit} THEN ${value} END`;
  const listOf = ({ items }: Edges) => {
    const parts = items.map((item): Part => {
      const { as } = item;
      switch (item.kind) {
        case 'constant':
          return { as, value: sql.literal(item.text), type: textType };
        case 'cursor':
          return { as, value: cursor!, type: textType };
        case 'node':
          return { as, value: objects[nodes.indexOf(item)]!, type: undefined };
        default:
          return item satisfies never;
      }
    });
    const way = node.backward ? sql` DESC` : sql.empty;
    const list = sql`GROUP_CONCAT(${kept(objectOf(parts, aliases))} ORDER BY ${table.place}${way} SEPARATOR ',')`;
    return sql`CONCAT('[', COALESCE(${list}, ''), ']')`;
  };
  return {
    from: table.from,
    where: table.where,
    edges: new Map(edges.map((part) => [part, listOf(part)])),
    more: truth(sql`COUNT(*) > ${limit}`),
    first: sql`MAX(CASE WHEN ${table.place} = 1 THEN ${cursor!} END)`,
    // A cursor has no comma in it.
    last: sql`SUBSTRING_INDEX(GROUP_CONCAT(${kept(cursor!)} ORDER BY ${table.place} DESC SEPARATOR ','), ',', 1)`,
  };
}

function infoOf(item: Info, { backward, known }: AuthorizedConnection, { more, first, last }: Page): Part {
  const { as } = item;
  switch (item.kind) {
    case 'constant':
      return { as, value: sql.literal(item.text), type: textType };
    case 'hasNextPage':
      return {
        as,
        value: known.behind ? truth(sql`true`) : backward ? truth(sql`false`) : more,
        type: undefined,
      };
    case 'hasPreviousPage':
      return {
        as,
        value: known.before ? truth(sql`true`) : backward ? more : truth(sql`false`),
        type: undefined,
      };
    case 'startCursor':
      return { as, value: backward ? last : first, type: textType };
    case 'endCursor':
      return { as, value: backward ? first : last, type: textType };
    default:
      return item satisfies never;
  }
}

function truth(holds: Sql): Sql {
  return sql`CASE WHEN ${holds} THEN 'true' ELSE 'false' END`;
}

/** The row's values as texts behind what they are bound to, in base64url: the same text as on PostgreSQL. */
function cursorOf(binding: string, order: readonly Ordered[]): Sql {
  const texts = order.map(({ value, type }) => sql`COALESCE(JSON_QUOTE(${textOf(value, type)}), 'null')`);
  const list = sql.join([sql.literal(`[${JSON.stringify(binding)}`), ...texts], sql`, ', ', `);
  // In lines of 76 characters, as in a letter.
  const letters = sql`REPLACE(TO_BASE64(CONCAT(${list}, ']')), CHAR(10 USING utf8mb4), '')`;
  return sql`REPLACE(REPLACE(REPLACE(${letters}, '+', '-'), '/', '_'), '=', '')`;
}

function needsCursor(part: ConnectionPart<AuthorizedField>): boolean {
  return (
    (part.kind === 'pageInfo' &&
      part.items.some(({ kind }) => kind === 'startCursor' || kind === 'endCursor')) ||
    (part.kind === 'edges' && part.items.some(({ kind }) => kind === 'cursor'))
  );
}
