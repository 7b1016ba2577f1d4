/** The page of a table: what it is, its columns and relationships, what the role may do with it, and requests. Pure. */
import type { Access, Cells, Verb } from '../access.ts';
import type { RoleSite } from '../content.ts';
import {
  type Block,
  between,
  code,
  codes,
  heading,
  link,
  newLine,
  type Page,
  paragraph,
  strong,
  tag,
  text,
  type Word,
  type Words,
  weak,
} from '../document.ts';
import type { Operation } from '../operations.ts';
import type { ColumnContent, RelationshipContent, TableContent } from '../tables.ts';
import { exampleBlocks } from './examples.ts';

const kinds = {
  table: 'table',
  partitioned: 'table',
  view: 'view',
  'materialized-view': 'materialized view',
  foreign: 'foreign table',
} as const;

export function tablePage(table: TableContent, role: RoleSite): Page {
  return {
    id: `table:${table.name}`,
    path: `/tables/${table.slug}/`,
    title: table.name,
    description: table.description,
    blocks: [
      ...(table.description === null
        ? []
        : [{ kind: 'text', words: [text(table.description)], form: 'lead' } as const]),
      facts(table),
      ...columns(table),
      ...relationships(table.relationships),
      ...access(table.access, role),
      ...operations(table.operations),
      ...examples(table, role),
    ],
  };
}

function facts({ rest, graphql, kind }: TableContent): Block {
  const profile: Words =
    rest.profile === null
      ? []
      : [
          newLine,
          text('with the header '),
          code(`Accept-Profile: ${rest.profile}`),
          text(' ('),
          code('Content-Profile'),
          text(' when writing)'),
        ];
  const byKey: Words = rest.byKey === null ? [] : [newLine, code(rest.byKey), text(' for one row')];
  return {
    kind: 'table',
    head: null,
    form: 'facts',
    label: 'Where the table is',
    rows: [
      [[text('REST')], [code(rest.path), ...byKey, ...profile]],
      [[text('GraphQL')], [code(graphql)]],
      [[text('Kind')], [text(kinds[kind])]],
    ],
  };
}

function columns({ columns }: TableContent): readonly Block[] {
  if (columns.length === 0) return [];
  return [
    heading(2, 'columns', 'Columns'),
    {
      kind: 'table',
      head: ['Name', 'Type', 'Description'],
      form: 'columns',
      label: 'Columns',
      rows: columns.map((column) => [nameWords(column), typeWords(column), aboutWords(column)]),
    },
  ];
}

function nameWords({ name, key, indexed }: ColumnContent): Words {
  return [code(name), ...(key ? [text(' '), tag('key')] : indexed ? [text(' '), tag('indexed')] : [])];
}

const filled = {
  identity: 'numbered by the database',
  generated: 'computed by the database',
  computed: 'computed, when it is named in select',
} as const;

function typeWords(column: ColumnContent): Words {
  const notes: readonly Words[] = [
    ...(column.nullable && column.filled !== 'computed' ? [[weak('may be empty')]] : []),
    ...(column.filled === null ? [] : [[weak(filled[column.filled])]]),
    ...(column.default === null
      ? []
      : column.default.kind === 'sql'
        ? [[weak('default '), code(column.default.text)]]
        : [[weak('default set by the database')]]),
  ];
  return between([[text(column.type)], ...notes], newLine);
}

function aboutWords({ description, labels }: ColumnContent): Words {
  const listed = between(
    labels.map((label) => [code(label)]),
    text(' '),
  );
  return between(
    [...(description === null ? [] : [[text(description)]]), ...(labels.length === 0 ? [] : [listed])],
    newLine,
  );
}

function relationships(edges: readonly RelationshipContent[]): readonly Block[] {
  if (edges.length === 0) return [];
  return [
    heading(2, 'relationships', 'Relationships'),
    {
      kind: 'table',
      head: ['Name', 'Leads to', 'By'],
      form: 'plain',
      label: 'Relationships',
      rows: edges.map((edge) => [
        [code(edge.name)],
        [
          text(edge.kind === 'one' ? 'one of ' : 'many of '),
          link(edge.to, `/tables/${edge.slug}/`),
          ...(edge.description === null ? [] : [newLine, text(edge.description)]),
        ],
        edge.through === null
          ? between(
              edge.pairs.map((pair) => [code(pair)]),
              newLine,
            )
          : [text('through '), code(edge.through)],
      ]),
    },
  ];
}

function access(access: Access, { name }: RoleSite): readonly Block[] {
  const verbs = verbRows(access);
  return [
    heading(2, 'access', `What ${name} may do`),
    ...(access.matrix.length === 0 ? [] : [matrix(access)]),
    { kind: 'table', head: null, form: 'facts', label: `Rows, by verb, for ${name}`, rows: verbs },
  ];
}

/** A verb that is not granted has no column. */
function matrix({ select, insert, update, matrix }: Access): Block {
  const shown = [
    { verb: select, title: 'Read', cell: ({ read }: Cells) => mark(read) },
    { verb: insert, title: 'Insert', cell: ({ insert }: Cells) => mark(insert) },
    { verb: update, title: 'Update', cell: ({ update }: Cells) => mark(update) },
  ].filter(({ verb }) => verb !== null);
  return {
    kind: 'table',
    head: ['Column', ...shown.map(({ title }) => title)],
    form: 'matrix',
    label: 'Columns, by verb',
    rows: matrix.map((cells) => [[code(cells.column)], ...shown.map(({ cell }) => [cell(cells)])]),
  };
}

const marks = {
  yes: strong('yes'),
  partly: strong('in some rows'),
  needed: strong('needed'),
  set: text('set by the engine'),
  no: weak('no'),
} as const satisfies { readonly [mark: string]: Word };

function mark(cell: keyof typeof marks): Word {
  return marks[cell];
}

function verbRows({ select, insert, update, delete: remove }: Access): readonly (readonly Words[])[] {
  const row = (name: string, verb: Verb | null, rows: (verb: Verb) => Words): readonly Words[] => [
    [text(name)],
    verb === null ? [weak('no')] : between([rows(verb), ...further(verb)], newLine),
  ];
  return [
    row('Read', select, reached),
    row('Insert', insert, ({ rows }) =>
      rows === null ? [text('any row')] : [text('the new row must satisfy: '), ...rows],
    ),
    row('Update', update, reached),
    row('Delete', remove, reached),
  ];
}

function reached({ rows }: Verb): Words {
  return rows === null ? [text('all rows')] : [text('rows where '), ...rows];
}

function further({ partly, sets, after, limit, aggregate }: Verb): readonly Words[] {
  return [
    ...partly.map(({ columns, rows }) => [
      ...codes(columns),
      text(' only where '),
      ...rows,
      text('; empty in other rows'),
    ]),
    ...sets.map(({ column, value }) => [text('the engine sets '), code(column), text(' to '), ...value]),
    ...(after === null ? [] : [[text('afterwards the row must satisfy: '), ...after]]),
    ...(limit === null ? [] : [[text(`at most ${limit} rows in a list`)]]),
    ...(aggregate === null
      ? []
      : [[text(aggregate > 1 ? `aggregates, over no fewer than ${aggregate} rows` : 'aggregates')]]),
  ];
}

const operationKinds = { query: 'Queries', mutation: 'Mutations', subscription: 'Subscriptions' } as const;

/** Root fields of GraphQL, by what they do. */
export function operations(all: readonly Operation[]): readonly Block[] {
  if (all.length === 0) return [];
  const kinds = ['query', 'mutation', 'subscription'] as const;
  const rows = kinds.flatMap((kind) => {
    const names = all.filter((one) => one.kind === kind).map(({ name }) => name);
    return names.length === 0 ? [] : [[[text(operationKinds[kind])], codes(names)]];
  });
  return [
    heading(2, 'graphql', 'GraphQL'),
    { kind: 'table', head: null, form: 'facts', label: 'Fields of GraphQL', rows },
    ...(all.some(({ kind }) => kind === 'query')
      ? [paragraph('Each query can also be ', link('subscribed to', '/guides/realtime/'), '.')]
      : []),
  ];
}

function examples({ examples }: TableContent, role: RoleSite): readonly Block[] {
  if (examples.length === 0) return [];
  return [heading(2, 'examples', 'Examples'), ...exampleBlocks(examples, role, 'example')];
}
