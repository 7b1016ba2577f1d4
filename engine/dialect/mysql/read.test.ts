/** What reads give on MySQL and MariaDB: the same rows from the same requests as on PostgreSQL. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createProject, token } from '../../../test/project.ts';
import type { AnyRead, FieldRequest, FilterRequest, NodeRequest, ReadRequest } from '../../query/request.ts';

const sql = `
  CREATE TABLE authors (id int PRIMARY KEY, name varchar(50), owner varchar(50), boss_id int,
    FOREIGN KEY (boss_id) REFERENCES authors (id));
  CREATE TABLE books (
    id int PRIMARY KEY, title varchar(100), price decimal(10,2), year int, meta json, author_id int, owner varchar(50),
    FOREIGN KEY (author_id) REFERENCES authors (id));
  CREATE TABLE reviews (id int PRIMARY KEY, book_id int, stars int, FOREIGN KEY (book_id) REFERENCES books (id));
  CREATE TABLE genres (name varchar(20) PRIMARY KEY, place int);
  CREATE TABLE book_genres (book_id int, genre varchar(20), note varchar(20), PRIMARY KEY (book_id, genre),
    FOREIGN KEY (book_id) REFERENCES books (id), FOREIGN KEY (genre) REFERENCES genres (name));
  CREATE TABLE papers (doc json);
  INSERT INTO papers VALUES ('{"a":\n1}');
  INSERT INTO authors VALUES (1, 'Ada', 'me', NULL), (2, 'Bo', 'you', 1);
  INSERT INTO books VALUES
    (1, 'One ship', 10.50, 2001, '{"k": {"a": [1, 2]}, "n": 7, "z": null, "t": "x y"}', 1, 'me'),
    (2, 'Two', 20, 2002, '{"n": 12, "o\\'k\\\\"": "q"}', 2, 'me'),
    (3, 'Three ships', 30, NULL, NULL, 1, 'you');
  INSERT INTO reviews VALUES (1, 1, 5), (2, 1, 3), (3, 2, 4);
  INSERT INTO genres VALUES ('sea', 1), ('war', 2), ('odd', NULL);
  INSERT INTO book_genres VALUES (1, 'sea', 'me'), (1, 'war', 'you'), (3, 'sea', 'me'), (3, 'odd', 'me');
`;

const yaml = `
roles: { reader: {}, mine: {} }
limits: { export: 5000 }
tables:
  authors:
    permissions: { reader: { select: true }, mine: { select: { columns: "*", where: { owner: me } } } }
  books:
    permissions:
      reader: { select: { columns: "*", aggregate: true } }
      mine: { select: { columns: "*", where: { owner: $jwt.sub }, aggregate: true } }
  reviews: { permissions: { reader: { select: { columns: "*", aggregate: true } }, mine: { select: { columns: "*", aggregate: true } } } }
  papers: { permissions: { reader: { select: true } } }
  genres: { permissions: { reader: { select: true }, mine: { select: true } } }
  book_genres:
    permissions: { reader: { select: true }, mine: { select: { columns: "*", where: { note: me } } } }
`;

const column = (name: string, rest: object = {}): FieldRequest => ({
  kind: 'column',
  column: name,
  as: name,
  ...rest,
});
const id = column('id');
const by = (name: string, rest: object = {}) =>
  ({ through: [], column: name, direction: 'asc', ...rest }) as const;
const byId = [by('id')];
const at = (text: boolean, ...steps: readonly (string | number)[]) => ({ path: { steps, text } });
const compare = (
  name: string,
  operator: string,
  value: number | undefined,
  rest: object = {},
): FilterRequest => ({ kind: 'compare', column: name, operator, value, ...rest }) as FilterRequest;
const and = (...of: FilterRequest[]): FilterRequest => ({ kind: 'and', of });
const aggregate = (name: string, of: object = {}, rest: object = {}): FieldRequest =>
  ({ kind: 'aggregate', as: name, term: { function: name, ...of }, ...rest }) as FieldRequest;
const embed = (relationship: string, node: NodeRequest, rest: object = {}): FieldRequest => ({
  kind: 'embed',
  as: relationship,
  relationship,
  join: 'left',
  node,
  ...rest,
});
const spread = (relationship: string, node: NodeRequest): FieldRequest =>
  embed(relationship, node, { spread: true });

const books = (
  node: Partial<NodeRequest>,
  values: readonly unknown[] = [],
  rest: Partial<ReadRequest> = {},
): ReadRequest => ({
  kind: 'read',
  table: 'books',
  values,
  node: { fields: [id], order: byId, ...node },
  shape: 'list',
  count: false,
  ...rest,
});
const authors = (
  node: Partial<NodeRequest>,
  values: readonly unknown[] = [],
  rest: Partial<ReadRequest> = {},
) => books(node, values, { table: 'authors', ...rest });
const where = (filter: FilterRequest, ...values: readonly unknown[]) => books({ where: filter }, values);
const titles = (node: Partial<NodeRequest> = {}): NodeRequest => ({
  fields: [column('title')],
  order: byId,
  ...node,
});

const counted = (as: string, page: object): FieldRequest => ({
  kind: 'embedAggregate',
  as,
  relationship: 'books',
  node: {
    ...page,
    parts: [
      {
        kind: 'summary',
        as: 'a',
        items: [
          { kind: 'count', as: 'n', columns: [], distinct: false },
          { kind: 'function', as: 'max', function: 'max', column: 'price' },
        ],
      },
    ],
  },
});

interface Case {
  readonly name: string;
  readonly role?: 'reader' | 'mine';
  readonly request: AnyRead;
  readonly body: string;
  readonly total?: number;
  readonly last?: readonly (string | null)[];
}

const cases: readonly Case[] = [
  {
    name: 'rows with every column of a table, keys in the order of the request',
    request: books({
      fields: [column('title'), id, column('price'), column('year')],
      order: [by('id', { direction: 'desc' })],
    }),
    body: '[{"title":"Three ships","id":3,"price":30.00,"year":null},{"title":"Two","id":2,"price":20.00,"year":2002},{"title":"One ship","id":1,"price":10.50,"year":2001}]',
  },
  { name: 'no rows', request: where(compare('id', 'eq', 0), '99'), body: '[]' },
  { name: 'rows of no column', request: books({ fields: [] }), body: '[{},{},{}]' },
  {
    name: 'names that differ in case, are long, or hold quotes',
    request: books({
      fields: [
        column('id', { as: 'A' }),
        column('title', { as: 'a' }),
        column('year', { as: 'x'.repeat(80) }),
        column('id', { as: `q"'\\` }),
      ],
      limit: 1,
    }),
    body: `[{"A":1,"a":"One ship","${'x'.repeat(80)}":2001,"q\\"'\\\\":1}]`,
  },
  {
    name: 'nulls last when ascending, first when descending, and as asked',
    request: books({ order: [by('year')] }),
    body: '[{"id":1},{"id":2},{"id":3}]',
  },
  {
    name: 'nulls first by descending',
    request: books({ order: [by('year', { direction: 'desc' })] }),
    body: '[{"id":3},{"id":2},{"id":1}]',
  },
  {
    name: 'nulls first when asked for',
    request: books({ order: [by('year', { nulls: 'first' })] }),
    body: '[{"id":3},{"id":1},{"id":2}]',
  },
  {
    name: 'nulls last when asked for',
    request: books({ order: [by('year', { direction: 'desc', nulls: 'last' })] }),
    body: '[{"id":2},{"id":1},{"id":3}]',
  },
  {
    name: 'a page by limit and offset, with the number of all rows',
    request: books({ limit: 1, offset: 0 }, ['1'], { count: true }),
    body: '[{"id":2}]',
    total: 3,
  },
  { name: 'an offset without a limit', request: books({ offset: 0 }, ['2']), body: '[{"id":3}]' },
  {
    name: 'places in JSON, selected',
    request: books({
      fields: [
        column('meta', { as: 'a', ...at(false, 'k', 'a', 0) }),
        column('meta', { as: 't', ...at(true, 'k', 'a', -1) }),
        column('meta', { as: 'l', ...at(false, 'k', 'a') }),
        column('meta', { as: 's', ...at(false, 't') }),
        column('meta', { as: 'x', ...at(true, 't') }),
        column('meta', { as: 'z', ...at(false, 'z') }),
        column('meta', { as: 'y', ...at(true, 'z') }),
        column('meta', { as: 'o', ...at(false, 'k', 0) }),
        column('meta', { as: 'n', ...at(false, 'n', 0) }),
        column('meta', { as: 'q', ...at(true, 'o\'k"') }),
        column('title', { as: 'p', ...at(false, 'k') }),
      ],
      limit: 2,
    }),
    body: '[{"a":1,"t":"2","l":[1, 2],"s":"x y","x":"x y","z":null,"y":null,"o":null,"n":7,"q":null,"p":null},{"a":null,"t":null,"l":null,"s":null,"x":null,"z":null,"y":null,"o":null,"n":12,"q":"q","p":null}]',
  },
  {
    name: 'places in JSON, compared and ordered by',
    role: 'mine',
    request: books(
      {
        where: and(
          compare('meta', 'gt', 0, at(false, 'n')),
          compare('meta', 'in', 1, at(true, 'n')),
          compare('meta', 'isNull', undefined, at(false, 'none')),
        ),
        order: [by('meta', { ...at(true, 'n'), direction: 'desc', nulls: 'last' })],
      },
      ['6', ['12', '7']],
    ),
    body: '[{"id":1},{"id":2}]',
  },
  {
    name: 'rows by the numbers in their JSON',
    request: books({ order: [by('meta', at(false, 'n'))] }),
    body: '[{"id":1},{"id":2},{"id":3}]',
  },
  {
    name: 'casts',
    request: books({
      fields: [
        column('price', { cast: 'text' }),
        column('meta', { as: 'n', ...at(true, 'n'), cast: 'int' }),
        column('price', { as: 'i', cast: 'int' }),
        column('id', { as: 'd', cast: 'numeric' }),
        column('id', { as: 'b', cast: 'bool' }),
        column('meta', { as: 'f', ...at(false, 'n'), cast: 'float8' }),
        column('meta', { as: 'm', ...at(true, 'n'), cast: 'numeric' }),
      ],
      limit: 1,
    }),
    body: '[{"price":"10.50","n":7,"i":11,"d":1,"b":true,"f":7,"m":7}]',
  },
  {
    name: 'an object to one, and null where there is none',
    request: authors({
      fields: [column('name'), embed('boss', { fields: [column('name'), embed('boss', { fields: [id] })] })],
    }),
    body: '[{"name":"Ada","boss":null},{"name":"Bo","boss":{"name":"Ada","boss":null}}]',
  },
  {
    name: 'lists to many, each in its order and to its limit',
    request: authors({
      fields: [id, embed('books', titles({ order: [by('title', { direction: 'desc' })], limit: 1 }))],
    }),
    body: '[{"id":1,"books":[{"title":"Three ships"}]},{"id":2,"books":[{"title":"Two"}]}]',
  },
  {
    name: 'lists to many from an offset',
    request: authors({ fields: [id, embed('books', titles({ limit: 1, offset: 0 }))] }, ['1']),
    body: '[{"id":1,"books":[{"title":"Three ships"}]},{"id":2,"books":[]}]',
  },
  {
    name: 'short pages of rows that have rows of their own',
    request: authors(
      {
        fields: [
          id,
          embed('books', {
            fields: [
              column('title'),
              embed('genres', { fields: [column('name')], order: [by('name')], limit: 1 }),
            ],
            order: [by('price', { direction: 'desc' })],
            limit: 1,
          }),
          embed(
            'books',
            { fields: [id, embed('author', { fields: [id] })], order: [by('price')], offset: 0 },
            { as: 'rest' },
          ),
          embed(
            'books',
            {
              fields: [id, embed('reviews', { fields: [id], order: byId })],
              order: [by('year', { nulls: 'first' }), by('id')],
              distinct: ['year'],
              limit: 1,
            },
            { as: 'first' },
          ),
        ],
      },
      ['1'],
    ),
    body: '[{"id":1,"books":[{"title":"Three ships","genres":[{"name":"odd"}]}],"rest":[{"id":3,"author":{"id":1}}],"first":[{"id":3,"reviews":[]}]},{"id":2,"books":[{"title":"Two","genres":[]}],"rest":[],"first":[{"id":2,"reviews":[{"id":3}]}]}]',
  },
  {
    name: 'short pages within many to many',
    request: {
      ...books({
        fields: [
          column('name'),
          embed('books', {
            fields: [id, embed('author', { fields: [column('name')] })],
            order: [by('id', { direction: 'desc' })],
            limit: 1,
          }),
        ],
        order: [by('name')],
      }),
      table: 'genres',
    },
    body: '[{"name":"odd","books":[{"id":3,"author":{"name":"Ada"}}]},{"name":"sea","books":[{"id":3,"author":{"name":"Ada"}}]},{"name":"war","books":[{"id":1,"author":{"name":"Ada"}}]}]',
  },
  {
    name: 'levels within levels, with filters of their own',
    request: authors(
      {
        fields: [
          column('name'),
          embed('books', {
            fields: [
              column('title'),
              embed('reviews', {
                fields: [column('stars')],
                order: [by('stars')],
                where: compare('stars', 'gt', 0),
              }),
              embed('author', { fields: [id] }),
            ],
            order: byId,
            where: compare('year', 'isNotNull', undefined),
          }),
        ],
      },
      ['3'],
    ),
    body: '[{"name":"Ada","books":[{"title":"One ship","reviews":[{"stars":5}],"author":{"id":1}}]},{"name":"Bo","books":[{"title":"Two","reviews":[{"stars":4}],"author":{"id":2}}]}]',
  },
  {
    name: 'many to many',
    request: books({ fields: [id, embed('genres', { fields: [column('name')], order: [by('name')] })] }),
    body: '[{"id":1,"genres":[{"name":"sea"},{"name":"war"}]},{"id":2,"genres":[]},{"id":3,"genres":[{"name":"odd"},{"name":"sea"}]}]',
  },
  {
    name: 'many to many through the rows of the junction that the caller may see',
    role: 'mine',
    request: books({ fields: [id, embed('genres', { fields: [column('name')], order: [by('name')] })] }),
    body: '[{"id":1,"genres":[{"name":"sea"}]},{"id":2,"genres":[]}]',
  },
  {
    name: 'rows with a related row, and without one',
    request: books(
      {
        where: {
          kind: 'and',
          of: [
            { kind: 'related', relationship: 'reviews', where: compare('stars', 'lt', 0) },
            { kind: 'not', of: { kind: 'related', relationship: 'genres', where: compare('name', 'eq', 1) } },
          ],
        },
      },
      ['5', 'sea'],
    ),
    body: '[{"id":2}]',
  },
  {
    name: 'only rows that have what is embedded',
    request: authors(
      { fields: [id, embed('books', titles({ where: compare('price', 'gt', 0) }), { join: 'inner' })] },
      ['25'],
    ),
    body: '[{"id":1,"books":[{"title":"Three ships"}]}]',
  },
  {
    name: 'rows by a related row, and by how many there are',
    request: books({
      order: [
        { through: ['author'], column: 'name', direction: 'desc' },
        { through: [], related: 'reviews', aggregate: 'count', direction: 'desc' },
      ] as never,
    }),
    body: '[{"id":2},{"id":1},{"id":3}]',
  },
  {
    name: 'a spread of one, whose rows the caller may not all see',
    role: 'mine',
    request: books({
      fields: [
        id,
        spread('author', {
          fields: [
            column('name', { as: 'author' }),
            spread('boss', { fields: [column('name', { as: 'boss' })] }),
          ],
        }),
      ],
    }),
    body: '[{"id":1,"author":"Ada","boss":null},{"id":2,"author":null,"boss":null}]',
  },
  {
    name: 'a spread of many',
    request: books({
      fields: [
        id,
        spread('reviews', {
          fields: [column('stars'), column('id', { as: 'ids' })],
          order: [by('stars')],
          limit: 9,
        }),
      ],
    }),
    body: '[{"id":1,"stars":[3,5],"ids":[2,1]},{"id":2,"stars":[4],"ids":[3]},{"id":3,"stars":[],"ids":[]}]',
  },
  {
    name: 'a spread of many within what is embedded, from an offset',
    request: authors(
      {
        fields: [
          id,
          embed('books', {
            fields: [id, spread('reviews', { fields: [column('stars')], order: [by('stars')], offset: 0 })],
            order: byId,
          }),
        ],
      },
      ['1'],
    ),
    body: '[{"id":1,"books":[{"id":1,"stars":[5]},{"id":3,"stars":[]}]},{"id":2,"books":[{"id":2,"stars":[]}]}]',
  },
  {
    name: 'the first of each',
    request: books({
      fields: [column('author_id'), id],
      distinct: ['author_id'],
      order: [by('author_id'), by('price', { direction: 'desc' })],
    }),
    body: '[{"author_id":1,"id":3},{"author_id":2,"id":2}]',
  },
  {
    name: 'the first of each, embedded, by pages',
    request: authors(
      {
        fields: [
          id,
          embed('books', {
            fields: [id, column('author_id')],
            distinct: ['author_id'],
            order: [by('author_id', { direction: 'desc' }), by('id', { direction: 'desc' })],
            limit: 5,
          }),
          embed(
            'books',
            { fields: [id], distinct: ['year'], order: [by('year'), by('id')], limit: 1, offset: 0 },
            { as: 'second' },
          ),
        ],
      },
      ['1'],
    ),
    body: '[{"id":1,"books":[{"id":3,"author_id":1}],"second":[{"id":3}]},{"id":2,"books":[{"id":2,"author_id":2}],"second":[]}]',
  },
  {
    name: 'groups, with having and orders',
    role: 'mine',
    request: books(
      {
        fields: [
          column('author_id'),
          aggregate('count'),
          aggregate('sum', { column: 'price' }, { cast: 'text' }),
          aggregate('max', { column: 'meta', ...at(true, 'n'), cast: 'int' }, { as: 'n' }),
        ],
        having: {
          kind: 'and',
          of: [
            { kind: 'compare', term: { function: 'count' }, operator: 'gte', value: 0 },
            {
              kind: 'not',
              of: { kind: 'compare', term: { function: 'avg', column: 'price' }, operator: 'isNull' },
            },
          ],
        } as never,
        order: [
          { through: [], aggregate: 'sum', column: 'price', direction: 'desc' },
          by('author_id'),
        ] as never,
        limit: 5,
      },
      ['1'],
    ),
    body: '[{"author_id":2,"count":1,"sum":"20.00","n":12},{"author_id":1,"count":1,"sum":"10.50","n":7}]',
  },
  {
    name: 'the number of rows',
    role: 'mine',
    request: books({ fields: [aggregate('count')], order: [] }, [], { count: true }),
    body: '[{"count":2}]',
    total: 1,
  },
  {
    name: 'groups of what is embedded',
    request: authors({
      fields: [
        id,
        embed('books', {
          fields: [column('owner'), aggregate('count'), aggregate('sum', { column: 'price' })],
          order: [by('owner')],
        }),
      ],
    }),
    body: '[{"id":1,"books":[{"owner":"me","count":1,"sum":10.50},{"owner":"you","count":1,"sum":30.00}]},{"id":2,"books":[{"owner":"me","count":1,"sum":20.00}]}]',
  },
  {
    name: 'groups by what is spread',
    request: books({
      fields: [spread('author', { fields: [column('name')] }), aggregate('count')],
      order: [{ through: ['author'], column: 'name', direction: 'desc' }],
    }),
    body: '[{"name":"Bo","count":1},{"name":"Ada","count":2}]',
  },
  {
    name: 'without nulls, on every level',
    request: books(
      {
        fields: [
          id,
          column('year'),
          column('meta', at(false, 'z')),
          embed('author', { fields: [column('name'), column('boss_id')] }),
        ],
      },
      [],
      { stripNulls: true },
    ),
    body: '[{"id":1,"year":2001,"author":{"name":"Ada"}},{"id":2,"year":2002,"author":{"name":"Bo","boss_id":1}},{"id":3,"author":{"name":"Ada"}}]',
  },
  {
    name: 'the last key of a page',
    request: books(
      {
        fields: [column('title', { as: 'id' })],
        order: [by('year', { direction: 'desc', nulls: 'last' }), by('id')],
        limit: 2,
        offset: 0,
      },
      [1],
      { lastKey: true },
    ),
    body: '[{"id":"One ship"},{"id":"Three ships"}]',
    last: [null, '3'],
  },
  {
    name: 'an estimated count, exact up to a number of rows',
    request: books({ limit: 1 }, [], { count: 'estimated' }),
    body: '[{"id":1}]',
    total: 3,
  },
  {
    name: 'an estimated count where rows are hidden',
    role: 'mine',
    request: books({ limit: 1 }, [], { count: 'estimated' }),
    body: '[{"id":1}]',
    total: 2,
  },
  {
    name: 'one object',
    request: books({ where: compare('id', 'eq', 0) }, ['2'], { shape: 'object' }),
    body: '{"id":2}',
  },
  {
    name: 'no row where one is asked for',
    request: books({ where: compare('id', 'eq', 0) }, ['9'], { shape: 'row' }),
    body: 'null',
  },
  {
    name: 'rows by their keys, in the order of the keys',
    request: books({ fields: [column('title')] as FieldRequest[], order: [] }, [[{ c0: 3 }, { c0: 1 }]], {
      keys: 0,
    }),
    body: '[{"title":"Three ships"},{"title":"One ship"}]',
  },
  {
    name: 'rows by keys that are text',
    request: {
      ...books({ fields: [column('place')], order: [] }, [[{ c0: 'war' }, { c0: 'odd' }]], { keys: 0 }),
      table: 'genres',
    },
    body: '[{"place":2},{"place":null}]',
  },
  {
    name: 'aggregates over pages of the rows, and the rows themselves',
    request: {
      kind: 'readAggregate',
      table: 'books',
      values: ['1'],
      node: {
        order: [by('price', { direction: 'desc' })],
        limit: 2,
        offset: 0,
        parts: [
          {
            kind: 'summary',
            as: 'aggregate',
            items: [
              { kind: 'count', as: 'count', columns: [], distinct: false },
              { kind: 'count', as: 'authors', columns: ['author_id', 'owner'], distinct: true },
              {
                kind: 'object',
                as: 'sum',
                items: [{ kind: 'function', as: 'price', function: 'sum', column: 'price' }],
              },
              {
                kind: 'object',
                as: 'min',
                items: [{ kind: 'function', as: 'title', function: 'min', column: 'title' }],
              },
              { kind: 'constant', as: '__typename', text: 'books_aggregate_fields' },
            ],
          },
          {
            kind: 'nodes',
            as: 'nodes',
            fields: [column('title'), embed('reviews', { fields: [id], order: byId })],
          },
          { kind: 'constant', as: '__typename', text: 'books_aggregate' },
        ],
      },
    },
    body: '{"aggregate":{"count":2,"authors":2,"sum":{"price":30.50},"min":{"title":"One ship"},"__typename":"books_aggregate_fields"},"nodes":[{"title":"Two","reviews":[{"id":3}]},{"title":"One ship","reviews":[{"id":1},{"id":2}]}],"__typename":"books_aggregate"}',
  },
  {
    name: 'aggregates of related rows, of all of them and of pages',
    request: authors(
      {
        fields: [
          id,
          counted('all', {}),
          counted('some', { order: [by('price', { direction: 'desc' })], limit: 1 }),
          counted('rest', { order: [by('price', { direction: 'desc' })], offset: 0 }),
          counted('first', { order: [by('author_id'), by('price')], distinct: ['author_id'] }),
          counted('none', { where: compare('id', 'gt', 1) }),
        ],
      },
      ['1', '9'],
    ),
    body: '[{"id":1,"all":{"a":{"n":2,"max":30.00}},"some":{"a":{"n":1,"max":30.00}},"rest":{"a":{"n":1,"max":10.50}},"first":{"a":{"n":1,"max":10.50}},"none":{"a":{"n":0,"max":null}}},{"id":2,"all":{"a":{"n":1,"max":20.00}},"some":{"a":{"n":1,"max":20.00}},"rest":{"a":{"n":0,"max":null}},"first":{"a":{"n":1,"max":20.00}},"none":{"a":{"n":0,"max":null}}}]',
  },
  {
    name: 'rows by how many related rows there are, and by their sums',
    request: books(
      {
        where: and(
          {
            kind: 'aggregate',
            relationship: 'reviews',
            columns: [],
            distinct: false,
            compare: [{ operator: 'gte', value: 0 }],
          } as never,
          {
            kind: 'aggregate',
            relationship: 'reviews',
            function: 'sum',
            columns: ['stars'],
            distinct: false,
            compare: [{ operator: 'gt', value: 1 }],
          } as never,
        ),
      },
      ['1', '4'],
    ),
    body: '[{"id":1}]',
  },
  {
    name: 'a page by keyset, with its cursors and the number of all rows',
    role: 'mine',
    request: {
      kind: 'readConnection',
      table: 'books',
      values: [1],
      node: {
        within: compare('id', 'gt', 0),
        order: byId,
        backward: false,
        limit: 1,
        binding: 'b',
        known: { before: true, behind: false },
        parts: [
          {
            kind: 'edges',
            as: 'edges',
            items: [
              { kind: 'node', as: 'node', fields: [id] },
              { kind: 'constant', as: '__typename', text: 'booksEdge' },
            ],
          },
          {
            kind: 'pageInfo',
            as: 'pageInfo',
            items: [
              { kind: 'hasNextPage', as: 'next' },
              { kind: 'hasPreviousPage', as: 'previous' },
            ],
          },
          { kind: 'totalCount', as: 'totalCount' },
        ],
      },
    },
    body: '{"edges":[{"node":{"id":2},"__typename":"booksEdge"}],"pageInfo":{"next":false,"previous":true},"totalCount":2}',
  },
  {
    name: 'pages backwards of related rows',
    request: books({
      fields: [
        id,
        {
          kind: 'embedConnection',
          as: 'reviews',
          relationship: 'reviews',
          node: {
            order: [by('id', { direction: 'desc' })],
            backward: true,
            limit: 1,
            binding: 'b',
            known: { before: false, behind: false },
            parts: [
              { kind: 'edges', as: 'edges', items: [{ kind: 'node', as: 'node', fields: [id] }] },
              { kind: 'pageInfo', as: 'p', items: [{ kind: 'hasPreviousPage', as: 'more' }] },
            ],
          },
        },
      ],
    }),
    body: '[{"id":1,"reviews":{"edges":[{"node":{"id":2}}],"p":{"more":true}}},{"id":2,"reviews":{"edges":[{"node":{"id":3}}],"p":{"more":false}}},{"id":3,"reviews":{"edges":[],"p":{"more":false}}}]',
  },
];

/** A stream, line by line. */
const streams: readonly (Pick<Case, 'name' | 'role'> & {
  request: ReadRequest;
  rows: readonly (readonly (string | null)[])[];
})[] = [
  {
    name: 'lines of JSON',
    role: 'mine',
    request: books({ fields: [id, column('title')] }, [], { stream: 'ndjson' }),
    rows: [['{"id":1,"title":"One ship"}'], ['{"id":2,"title":"Two"}']],
  },
  {
    name: 'lines of JSON whose values hold line feeds',
    request: { ...books({ fields: [column('doc')], order: [] }, [], { stream: 'ndjson' }), table: 'papers' },
    rows: [['{"doc":{"a": 1}}']],
  },
  {
    name: 'CSV, counted',
    role: 'mine',
    request: books(
      {
        fields: [
          id,
          column('price'),
          embed('author', { fields: [column('name')] }),
          embed('reviews', { fields: [column('stars')], order: byId }),
        ],
      },
      [],
      { stream: 'csv', count: true },
    ),
    rows: [
      ['1', '10.50', '{"name":"Ada"}', '[{"stars":5},{"stars":3}]', '2'],
      ['2', '20.00', null, '[{"stars":4}]', '2'],
    ],
  },
  {
    name: 'CSV of groups',
    request: books({ fields: [column('author_id'), aggregate('count')], order: [by('author_id')] }, [], {
      stream: 'csv',
    }),
    rows: [
      ['1', '2'],
      ['2', '1'],
    ],
  },
];

for (const engine of ['mariadb', 'mysql'] as const)
  test(`reads on ${engine}`, async (t) => {
    const { executor } = await createProject(t, { engine, sql, yaml });
    for (const one of cases)
      await t.test(one.name, async () => {
        const principal = token(one.role ?? 'reader', { sub: 'me' });
        const { body, total, last } = await executor.read(one.request, { principal });
        assert.deepEqual({ body, total, last }, { body: one.body, total: one.total, last: one.last });
        JSON.parse(body);
      });
    for (const one of streams)
      await t.test(`${one.name}, as they come`, async () => {
        const rows: (readonly (string | null)[])[] = [];
        const sink = {
          rows: (some: typeof rows) => void rows.push(...some),
          text: (lines: Buffer) =>
            void rows.push(
              ...lines
                .toString()
                .trimEnd()
                .split('\n')
                .map((line) => [line]),
            ),
        };
        await executor.stream(one.request, sink, { principal: token(one.role ?? 'reader', { sub: 'me' }) });
        assert.deepEqual(rows, one.rows);
      });
  });
