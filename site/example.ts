/** Requests that work as printed: curl lines and GraphQL documents with a project's real names. Pure. */
import type { Column, Edge, Table, World, WorldTable } from '../engine/index.ts';
import type { Urls } from './content.ts';
import { curl, inQuery, shellQuoted } from './request.ts';

export interface Example {
  readonly title: string;
  readonly language: 'sh' | 'graphql';
  readonly code: string;
}

/** A table and what is known of it: of a page, by the world of the one role that it is for. */
export interface Documented {
  readonly table: Table;
  readonly worlds: readonly { readonly role: string; readonly world: World; readonly seen: WorldTable }[];
  readonly columns: readonly Column[];
  readonly edges: readonly Edge[];
}

/** A role to ask as, and what it sees of the table. */
interface Caller {
  readonly role: string;
  readonly world: World;
  readonly seen: WorldTable;
  readonly needsToken: boolean;
}

const mostColumns = 4;
/** What people call the column by which a row is recognized. */
const recognizable = /^(title|name|label)$/i;

/** A read by REST, the same by GraphQL, and one row by its key, as the least of the roles that may read. */
export function examplesOf(one: Documented, urls: Urls, anonymous: string | undefined): readonly Example[] {
  const caller = readerOf(one, anonymous);
  if (caller === undefined) return [];
  const columns = telling(caller.seen);
  const edge = firstEdge(caller.seen);
  const by = caller.needsToken ? ` as ${caller.role}` : '';
  return [
    { title: `REST${by}`, language: 'sh', code: restExample(one, urls, caller, columns, edge) },
    ...graphqlExample(one, `GraphQL${by}`, caller, columns, edge),
  ];
}

/** The first requests of a newcomer: a list by REST and by GraphQL, of a table that most can read. */
export function quickStart(
  documented: readonly Documented[],
  urls: Urls,
  anonymous: string | undefined,
): readonly Example[] {
  const [first] = documented
    .filter((one) => readerOf(one, anonymous) !== undefined)
    .sort((a, b) => interest(b, anonymous) - interest(a, anonymous));
  if (first === undefined) return [];
  const caller = readerOf(first, anonymous)!;
  const columns = telling(caller.seen);
  const document = graphqlText(first, caller, columns, firstEdge(caller.seen));
  return [
    { title: 'REST', language: 'sh', code: restExample(first, urls, caller, columns, undefined) },
    ...(document === undefined
      ? []
      : [
          {
            title: 'GraphQL',
            language: 'sh' as const,
            code: curl(urls.graphql, [
              ...tokenHeader(caller),
              `-H 'content-type: application/json'`,
              `-d ${shellQuoted(JSON.stringify({ query: document.replace(/\s+/g, ' ') }))}`,
            ]),
          },
        ]),
  ];
}

/** The anonymous role when it may read, else the first of the project's roles that may. */
function readerOf(one: Documented, anonymous: string | undefined): Caller | undefined {
  const readers = one.worlds.filter(({ seen }) => seen.select !== undefined && seen.columns.size > 0);
  const reader = readers.find(({ role }) => role === anonymous) ?? readers[0];
  return reader === undefined ? undefined : { ...reader, needsToken: reader.role !== anonymous };
}

function interest(one: Documented, anonymous: string | undefined): number {
  const caller = readerOf(one, anonymous);
  if (caller === undefined) return -1;
  return (caller.needsToken ? 0 : 1000) + caller.seen.edges.size * 10 + Math.min(caller.seen.columns.size, 9);
}

/** The key and the columns that say most to a reader. */
function telling(seen: WorldTable): readonly Column[] {
  const readable = [...seen.columns.values()];
  const rank = (column: Column): number => {
    if (seen.table.key.includes(column) || recognizable.test(column.name)) return 0;
    if (seen.table.relation.foreignKeys.some((key) => key.columns.includes(column.column))) return 3;
    return ['json', 'binary', 'composite', 'other'].includes(column.type.family)
      ? 4
      : column.nullable
        ? 2
        : 1;
  };
  return readable
    .map((column, index) => ({ column, index }))
    .sort((a, b) => rank(a.column) - rank(b.column) || a.index - b.index)
    .slice(0, mostColumns)
    .sort((a, b) => a.index - b.index)
    .map(({ column }) => column);
}

/** A relationship to one is the easier read; any other will do. */
function firstEdge(seen: WorldTable): Edge | undefined {
  const edges = [...seen.edges.values()].filter((edge) => edge.to !== seen.table);
  return edges.find((edge) => edge.kind === 'one') ?? edges[0] ?? [...seen.edges.values()][0];
}

/** What of the far rows is shown: a column of text if one is readable. */
function farColumn(edge: Edge, caller: Caller): Column | undefined {
  const readable = [...(caller.world.tables.get(edge.to.name)?.columns.values() ?? [])];
  const linking = new Set(edge.pairs.flatMap(({ near, far }) => [near, far]));
  const rest = readable.filter((column) => !linking.has(column) && !edge.to.key.includes(column));
  return (
    rest.find((column) => recognizable.test(column.name)) ??
    rest.find((column) => column.type.family === 'string') ??
    rest[0] ??
    readable[0]
  );
}

function restExample(
  one: Documented,
  urls: Urls,
  caller: Caller,
  columns: readonly Column[],
  edge: Edge | undefined,
): string {
  const far = edge === undefined ? undefined : farColumn(edge, caller);
  const embedded =
    edge === undefined || far === undefined ? [] : [`${inQuery(edge.name)}(${inQuery(far.name)})`];
  const select = [...columns.map((column) => inQuery(column.name)), ...embedded].join(',');
  const order = caller.seen.table.key.filter((column) => caller.seen.columns.has(column.name));
  const query = [
    `select=${select}`,
    ...(order.length === 0 ? [] : [`order=${order.map((column) => inQuery(column.name)).join(',')}`]),
    'limit=10',
  ].join('&');
  const profile =
    one.table.name === one.table.rest ? [] : [`-H ${shellQuoted(`accept-profile: ${one.table.profile}`)}`];
  return curl(`${urls.rest}/${encodeURIComponent(one.table.rest)}?${query}`, [
    ...tokenHeader(caller),
    ...profile,
  ]);
}

function graphqlExample(
  one: Documented,
  title: string,
  caller: Caller,
  columns: readonly Column[],
  edge: Edge | undefined,
): readonly Example[] {
  const code = graphqlText(one, caller, columns, edge);
  return code === undefined ? [] : [{ title, language: 'graphql', code }];
}

/** Undefined when none of the columns has a name in GraphQL. */
function graphqlText(
  one: Documented,
  caller: Caller,
  columns: readonly Column[],
  edge: Edge | undefined,
): string | undefined {
  const fields = columns.flatMap((column) => (column.graphql === null ? [] : [`    ${column.graphql}`]));
  if (fields.length === 0) return undefined;
  const far = edge === undefined ? undefined : farColumn(edge, caller);
  if (edge?.graphql && far?.graphql) fields.push(`    ${edge.graphql} {`, `      ${far.graphql}`, '    }');
  const order = caller.seen.table.key.find((column) => caller.seen.columns.has(column.name));
  const arguments_ = order?.graphql ? `(limit: 10, order_by: { ${order.graphql}: asc })` : '(limit: 10)';
  return ['query {', `  ${one.table.graphql}${arguments_} {`, ...fields, '  }', '}'].join('\n');
}

function tokenHeader(caller: Caller): readonly string[] {
  return caller.needsToken ? [`-H "authorization: Bearer $TOKEN"`] : [];
}
