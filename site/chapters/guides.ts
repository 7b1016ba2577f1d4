/** How lists are filtered, embedded, paged and followed, told with the role's own tables. Pure. */
import type { RoleSite, SiteContent } from '../content.ts';
import { type Block, heading, link, type Page, paragraph } from '../document.ts';
import { curl } from '../request.ts';
import type { ColumnContent, RelationshipContent, TableContent } from '../tables.ts';

/** The role's requests, as the guides write them. */
export interface Guide {
  readonly site: SiteContent;
  readonly role: RoleSite;
}

/** Names that stand in a query string as they are, and are no parameter of their own. */
const plain =
  /^(?!(?:select|order|limit|offset|and|or|not|columns|on_conflict|having|after|apikey)$)[A-Za-z_]\w*$/;

export function guidePages(guide: Guide): readonly Page[] {
  return [filteringPage(guide), embeddingPage(guide), pagingPage(guide), realtimePage(guide)].filter(
    (page) => page !== undefined,
  );
}

/** What people call the column by which a row is recognized. */
const recognizable = /^(title|name|label)$/i;

/** One way to filter, shown with a column that the role has. */
interface Filter {
  readonly title: string;
  readonly says: string;
  readonly fits: (column: ColumnContent) => boolean;
  readonly rest: (column: ColumnContent) => string;
  /** What stands behind the column's name in `where`. */
  readonly graphql: (column: ColumnContent) => string;
}

const numbers: ReadonlySet<string> = new Set(['integer', 'decimal', 'float']);

const filters: readonly Filter[] = [
  {
    title: 'A number between two others',
    says: '`eq`, `neq`, `gt`, `gte`, `lt` and `lte` compare. Several filters must all hold.',
    fits: ({ family, key, name }) => numbers.has(family) && !key && !/_id$/i.test(name),
    rest: ({ name }) => `${name}=gte.10&${name}=lt.100`,
    graphql: () => '{ _gte: 10, _lt: 100 }',
  },
  {
    title: 'A part of a text',
    says: '`like` and `ilike` (in any case of letters) take `*` for anything.',
    fits: ({ family, type, name }) =>
      family === 'string' && /^(text|varchar|character varying|char)/.test(type) && name !== '',
    rest: ({ name }) => `${name}=ilike.*a*`,
    graphql: () => '{ _ilike: "%a%" }',
  },
  {
    title: 'One of several values',
    says: '`in` takes a list.',
    fits: ({ family, labels }) =>
      family === 'enum' && labels.length > 1 && labels.slice(0, 2).every((label) => /^\w+$/.test(label)),
    rest: ({ name, labels }) => `${name}=in.(${labels.slice(0, 2).join(',')})`,
    graphql: ({ labels }) => `{ _in: [${labels.slice(0, 2).join(', ')}] }`,
  },
  {
    title: 'Yes or no',
    says: '`is` takes `true`, `false`, `null` and `unknown`.',
    fits: ({ family }) => family === 'boolean',
    rest: ({ name }) => `${name}=is.true`,
    graphql: () => '{ _eq: true }',
  },
  {
    title: 'Since a day',
    says: 'Dates and times are written as ISO 8601 has them.',
    fits: ({ family }) => family === 'date' || family === 'timestamp',
    rest: ({ name }) => `${name}=gte.2026-01-01`,
    graphql: () => '{ _gte: "2026-01-01" }',
  },
  {
    title: 'Nothing there',
    says: '`not.` before an operator turns it round.',
    fits: ({ nullable, key }) => nullable && !key,
    rest: ({ name }) => `${name}=not.is.null`,
    graphql: () => '{ _is_null: false }',
  },
];

function filteringPage(guide: Guide): Page | undefined {
  const table = best(guide.role.tables, (one) => filters.filter((filter) => columnFor(filter, one)).length);
  if (table === undefined) return undefined;
  const parts = filters.flatMap((filter, index) => {
    const column = columnFor(filter, table);
    return column === undefined ? [] : filterBlocks(filter, column, table, index, guide);
  });
  return {
    id: 'guide:filtering',
    path: '/guides/filtering/',
    title: 'Filtering',
    description: 'Which rows a list has.',
    blocks: [
      paragraph(
        'In REST a filter is a parameter of the URL: the column, then an operator and a value. In GraphQL it stands in ' +
          '`where`. The examples ask for ',
        link(table.name, `/tables/${table.slug}/`),
        '.',
      ),
      ...parts,
      ...alternatives(table, guide),
    ],
  };
}

function columnFor(filter: Filter, table: TableContent): ColumnContent | undefined {
  const all = readable(table).filter(filter.fits);
  return (
    all.find(({ name }) => recognizable.test(name)) ?? all.find(({ filled }) => filled === null) ?? all[0]
  );
}

function filterBlocks(
  filter: Filter,
  column: ColumnContent,
  table: TableContent,
  index: number,
  guide: Guide,
): readonly Block[] {
  return [
    heading(2, `filter-${index + 1}`, filter.title),
    paragraph(filter.says),
    rest(guide, table, filter.rest(column)),
    ...graphql(table, `(where: { ${column.graphql}: ${filter.graphql(column)} }, limit: 10)`, column),
  ];
}

/** Two filters of which one must hold. */
function alternatives(table: TableContent, guide: Guide): readonly Block[] {
  const found = filters
    .filter(({ title }) => title !== 'One of several values')
    .flatMap((filter) => {
      const column = columnFor(filter, table);
      return column === undefined ? [] : [{ filter, column }];
    });
  const [one, other] = found.filter(
    ({ column }, at) => found.findIndex((each) => each.column === column) === at,
  );
  if (one === undefined || other === undefined) return [];
  const inside = [one, other].map(({ filter, column }) =>
    filter.rest(column).split('&')[0]!.replace('=', '.'),
  );
  return [
    heading(2, 'or', 'One or the other'),
    paragraph('`or` and `and` take filters in parentheses, with a dot behind the column.'),
    rest(guide, table, `or=(${inside.join(',')})`),
    ...graphql(
      table,
      `(where: { _or: [${[one, other].map(({ filter, column }) => `{ ${column.graphql}: ${filter.graphql(column)} }`).join(', ')}] }, limit: 10)`,
      one.column,
    ),
  ];
}

function embeddingPage(guide: Guide): Page | undefined {
  const { tables } = guide.role;
  const table = best(
    tables,
    (one) =>
      linksOf(one, tables).length * 10 +
      (linksOf(one, tables).some(({ edge }) => edge.kind === 'one') ? 5 : 0),
  );
  if (table === undefined) return undefined;
  const links = linksOf(table, tables);
  const own = telling(table)!;
  const one = links.find(({ edge }) => edge.kind === 'one');
  const many = links.find(({ edge }) => edge.kind === 'many');
  return {
    id: 'guide:embedding',
    path: '/guides/embedding/',
    title: 'Embedding',
    description: 'Rows with the rows that belong to them, in one request.',
    blocks: [
      paragraph(
        'Related rows are asked for by the name of the relationship, with their columns behind it. The examples ask for ',
        link(table.name, `/tables/${table.slug}/`),
        '.',
      ),
      ...(one === undefined
        ? []
        : linkBlocks(
            guide,
            table,
            own,
            one,
            'one',
            'The row that it belongs to',
            'The answer has an object, or null.',
          )),
      ...(many === undefined
        ? []
        : linkBlocks(
            guide,
            table,
            own,
            many,
            'many',
            'The rows that belong to it',
            'The answer has a list. It has a filter, an order and a limit of its own, under its name.',
          )),
      ...(one === undefined
        ? []
        : [
            heading(2, 'inner', 'Only rows that have one'),
            paragraph(
              '`!inner` leaves out rows without a related one, and so do filters on what is embedded.',
            ),
            rest(guide, table, `select=${own.name},${one.edge.name}!inner(${one.far.name})`, false),
          ]),
      paragraph(
        `Related rows can be embedded ${guide.role.limits.depth} levels deep. A related row that the role may not read is not there.`,
      ),
    ],
  };
}

interface Link {
  readonly edge: RelationshipContent;
  readonly far: ColumnContent;
}

function linkBlocks(
  guide: Guide,
  table: TableContent,
  own: ColumnContent,
  { edge, far }: Link,
  id: string,
  title: string,
  says: string,
): readonly Block[] {
  const limited = edge.kind === 'many' ? `&${edge.name}.limit=3` : '';
  const inner = edge.kind === 'many' ? '(limit: 3)' : '';
  return [
    heading(2, id, title),
    paragraph(says),
    rest(guide, table, `select=${own.name},${edge.name}(${far.name})${limited}`, false),
    ...(own.graphql === null || far.graphql === null || edge.graphql === null
      ? []
      : [
          {
            kind: 'code',
            language: 'graphql',
            code: `query {\n  ${table.graphql}(limit: 10) {\n    ${own.graphql}\n    ${edge.graphql}${inner} {\n      ${far.graphql}\n    }\n  }\n}`,
          } as const,
        ]),
  ];
}

/** Relationships that can be written plainly, each with a column to show of the far rows. */
function linksOf(table: TableContent, tables: readonly TableContent[]): readonly Link[] {
  if (telling(table) === undefined) return [];
  return table.relationships.flatMap((edge) => {
    const to = tables.find(({ name }) => name === edge.to);
    const far = to === undefined ? undefined : telling(to);
    return far === undefined || !plain.test(edge.name) || edge.to === table.name ? [] : [{ edge, far }];
  });
}

function pagingPage(guide: Guide): Page | undefined {
  const table = best(guide.role.tables, (one) => (keyOf(one) === undefined ? 0 : readable(one).length + 1));
  const key = table === undefined ? undefined : keyOf(table);
  if (table === undefined || key === undefined) return undefined;
  const connection = table.operations.find(({ name }) => name === `${table.graphql}_connection`);
  const most = Math.min(guide.role.limits.rows, table.access.select?.limit ?? guide.role.limits.rows);
  return {
    id: 'guide:pagination',
    path: '/guides/pagination/',
    title: 'Pagination',
    description: 'Long lists, page by page.',
    blocks: [
      paragraph(
        'A list of ',
        link(table.name, `/tables/${table.slug}/`),
        ` has at most ${most.toLocaleString('en')} rows. Ask for pages, in an order that says which row is next.`,
      ),
      heading(2, 'offset', 'By offset'),
      rest(guide, table, `select=${key.name}&order=${key.name}&limit=20&offset=40`, false),
      ...graphql(table, `(order_by: { ${key.graphql}: asc }, limit: 20, offset: 40)`, key),
      heading(2, 'cursor', 'By cursor'),
      paragraph(
        'When the order ends in the key, a full page has the header `Link` with the URL of the next one. Follow it as it ' +
          'is: it begins behind the last row that you have seen, whatever was inserted or deleted meanwhile.',
      ),
      rest(guide, table, `select=${key.name}&order=${key.name}&limit=20`, false, '-i'),
      ...(connection === undefined || key.graphql === null
        ? []
        : [
            {
              kind: 'code',
              language: 'graphql',
              code: `query ($after: String) {\n  ${connection.name}(first: 20, after: $after) {\n    edges { node { ${key.graphql} } }\n    pageInfo { hasNextPage endCursor }\n  }\n}`,
            } as const,
          ]),
      heading(2, 'count', 'How many there are'),
      paragraph('`Prefer: count=exact` puts the number of all rows behind the slash of `Content-Range`.'),
      rest(guide, table, `select=${key.name}&limit=1`, false, '-i', `-H 'prefer: count=exact'`),
      heading(2, 'all', 'All rows'),
      paragraph('As NDJSON or CSV rows come as they are read, one a line.'),
      rest(guide, table, `select=${key.name}&order=${key.name}`, false, `-H 'accept: application/x-ndjson'`),
    ],
  };
}

function realtimePage(guide: Guide): Page | undefined {
  const { urls } = guide.site;
  const table = best(guide.role.tables, (one) =>
    one.operations.some(({ kind, name }) => kind === 'query' && name === one.graphql)
      ? 1 + (one.operations.some(({ kind }) => kind === 'subscription') ? 1 : 0)
      : 0,
  );
  const column = table === undefined ? undefined : telling(table);
  if (table === undefined || column === undefined || column.graphql === null) return undefined;
  const document = `subscription {\n  ${table.graphql}(limit: 10) {\n    ${column.graphql}\n  }\n}`;
  const headers = guide.role.anonymous
    ? ''
    : '\n  connectionParams: { headers: { Authorization: `Bearer ${token}` } },';
  const stream = streamOf(table);
  return {
    id: 'guide:realtime',
    path: '/guides/realtime/',
    title: 'Realtime',
    description: 'Answers that follow the data.',
    blocks: [
      paragraph(
        'Every query of GraphQL can be subscribed to: the answer comes at once, and again whenever it is another. The ' +
          'subscription goes over a WebSocket at the address of GraphQL, with the protocol `graphql-transport-ws`, which ' +
          'graphql-ws, urql and Apollo speak.',
      ),
      { kind: 'code', language: 'graphql', code: document },
      {
        kind: 'code',
        language: 'js',
        code: `import { createClient } from 'graphql-ws';\n\nconst client = createClient({\n  url: ${JSON.stringify(urls.graphql.replace(/^http/, 'ws'))},${headers}\n});\nclient.subscribe(\n  { query: ${JSON.stringify(document.replace(/\s+/g, ' '))} },\n  { next: ({ data }) => console.log(data), error: console.error, complete: () => {} },\n);`,
      },
      paragraph('The rows are those that the role sees; a subscription has one field at its root.'),
      ...(stream === undefined
        ? []
        : [
            heading(2, 'streams', 'Rows as they are added'),
            paragraph(
              'A stream gives rows behind a cursor, each once. Best is a column that is unique and grows.',
            ),
            { kind: 'code', language: 'graphql', code: stream } as const,
          ]),
    ],
  };
}

function streamOf(table: TableContent): string | undefined {
  const stream = table.operations.find(({ kind }) => kind === 'subscription');
  const key = readable(table).find(
    (column) => column.key && column.family === 'integer' && column.graphql !== null,
  );
  if (stream === undefined || key === undefined) return undefined;
  return `subscription {\n  ${stream.name}(batch_size: 10, cursor: { initial_value: { ${key.graphql}: 0 }, ordering: ASC }) {\n    ${key.graphql}\n  }\n}`;
}

/** The table that is worth most; none when none is worth anything. */
function best(
  tables: readonly TableContent[],
  worth: (table: TableContent) => number,
): TableContent | undefined {
  const ranked = tables
    .filter((table) => table.access.select !== null && table.rest.profile === null)
    .map((table) => ({ table, is: worth(table) }))
    .sort((a, b) => b.is - a.is);
  return ranked[0] !== undefined && ranked[0].is > 0 ? ranked[0].table : undefined;
}

function readable(table: TableContent): readonly ColumnContent[] {
  return table.columns.filter(
    ({ readable, name, filled, graphql }) =>
      readable && plain.test(name) && graphql !== null && filled !== 'computed',
  );
}

/** A column by which people know a row. */
function telling(table: TableContent): ColumnContent | undefined {
  const all = readable(table);
  return (
    all.find(({ name }) => recognizable.test(name)) ??
    all.find(({ family, key }) => family === 'string' && !key) ??
    all[0]
  );
}

/** The column of a key of one column. */
function keyOf(table: TableContent): ColumnContent | undefined {
  const keys = readable(table).filter(({ key }) => key);
  const isWhole = table.rest.byKey !== null && !table.rest.byKey.includes(',');
  return isWhole ? keys[0] : undefined;
}

function rest(
  guide: Guide,
  table: TableContent,
  query: string,
  limited = true,
  ...options: readonly string[]
): Block {
  const token = guide.role.anonymous ? [] : [`-H "authorization: Bearer $TOKEN"`];
  const url = `${guide.site.urls.rest}/${table.rest.path.slice('/rest/v1/'.length)}?${query}${limited ? '&limit=10' : ''}`;
  return { kind: 'code', language: 'sh', code: curl(url, [...token, ...options]) };
}

function graphql(table: TableContent, args: string, column: ColumnContent): readonly Block[] {
  if (column.graphql === null) return [];
  return [
    {
      kind: 'code',
      language: 'graphql',
      code: `query {\n  ${table.graphql}${args} {\n    ${column.graphql}\n  }\n}`,
    },
  ];
}
