/** Whole calls → whole requests: one table of what is asked, and what the planner gets. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { limits as defaults } from '../../../test/limits.ts';
import type { WorldTable } from '../../api/api.ts';
import type { RestCall } from './draft.ts';
import { parseRequest } from './request.ts';

const limits = { ...defaults, depth: 3 };

const int4 = {
  schema: 'pg_catalog',
  name: 'int4',
  modifiers: '',
  family: 'integer',
  bits: 32,
  scalar: 'int4',
};

/** The parser needs a table's name and its key's columns, nothing else. */
function tableWith(name: string, columns: readonly string[], hidden: readonly string[] = []): WorldTable {
  const key = columns.map((column) => ({ name: column, type: int4 }));
  const known = new Map(key.filter((one) => !hidden.includes(one.name)).map((one) => [one.name, one]));
  return { table: { name, rest: name, key }, known } as unknown as WorldTable;
}
const books = tableWith('books', ['id']);
const lines = tableWith('order_lines', ['order_id', 'no']);

function parse(text: string, rest: Partial<RestCall> & { json?: string } = {}) {
  const [head = '', query = ''] = text.split('?');
  const [method, key] = head.split(' ');
  const { json, ...call } = rest;
  return parseRequest(
    {
      method: method as RestCall['method'],
      table: books,
      key,
      query,
      body: json === undefined ? undefined : Buffer.from(json),
      ...call,
    },
    limits,
  );
}

const list = { shape: 'list', contentType: 'application/json; charset=utf-8' };
const object = { shape: 'object', contentType: 'application/vnd.pgrst.object+json; charset=utf-8' };
const all = { kind: 'all' };

test('reads a plain list', () => {
  assert.deepEqual(parse('GET'), {
    kind: 'read',
    media: list,
    preferences: {},
    byKey: false,
    offset: 0,
    next: undefined,
    request: {
      kind: 'read',
      table: 'books',
      node: { fields: [all] },
      shape: 'list',
      count: false,
      values: [],
    },
  });
});

test('reads fields, filters, order and page of every level; values apart from the shape', () => {
  const parsed = parse(
    'GET?select=id,w:people!author_id(name,books(id)),reviews!inner(stars)' +
      '&price=gte.5&w.name=ilike.*a*&w.books.order=id.desc&reviews.stars=in.(4,5)&reviews.limit=3&reviews.offset=2' +
      '&reviews.or=(a.eq.1,b.eq.2)&w.not.and=(a.eq.3,b.eq.4)&not.or=(a.eq.5,b.eq.6)' +
      '&order=price.desc.nullslast,w(name),id&limit=20&offset=40',
    { prefer: 'count=exact', accept: 'application/vnd.pgrst.object+json' },
  );
  const compare = (column: string, operator: string, value: number) => ({
    kind: 'compare',
    column,
    operator,
    value,
  });
  assert.deepEqual(parsed, {
    kind: 'read',
    media: object,
    preferences: { count: 'exact' },
    byKey: false,
    offset: 40,
    next: undefined,
    request: {
      kind: 'read',
      table: 'books',
      node: {
        fields: [
          { kind: 'column', column: 'id', as: 'id' },
          {
            kind: 'embed',
            as: 'w',
            relationship: 'people',
            hint: 'author_id',
            join: 'left',
            node: {
              fields: [
                { kind: 'column', column: 'name', as: 'name' },
                {
                  kind: 'embed',
                  as: 'books',
                  relationship: 'books',
                  join: 'left',
                  node: {
                    fields: [{ kind: 'column', column: 'id', as: 'id' }],
                    order: [{ through: [], column: 'id', direction: 'desc', nulls: undefined }],
                  },
                },
              ],
              where: {
                kind: 'and',
                of: [
                  compare('name', 'ilike', 1),
                  { kind: 'not', of: { kind: 'and', of: [compare('a', 'eq', 5), compare('b', 'eq', 6)] } },
                ],
              },
            },
          },
          {
            kind: 'embed',
            as: 'reviews',
            relationship: 'reviews',
            join: 'inner',
            node: {
              fields: [{ kind: 'column', column: 'stars', as: 'stars' }],
              where: {
                kind: 'and',
                of: [
                  compare('stars', 'in', 2),
                  { kind: 'or', of: [compare('a', 'eq', 3), compare('b', 'eq', 4)] },
                ],
              },
              limit: 3,
              offset: 9,
            },
          },
        ],
        where: {
          kind: 'and',
          of: [
            compare('price', 'gte', 0),
            { kind: 'not', of: { kind: 'or', of: [compare('a', 'eq', 7), compare('b', 'eq', 8)] } },
          ],
        },
        order: [
          { through: [], column: 'price', direction: 'desc', nulls: 'last' },
          { through: ['people'], hint: 'author_id', column: 'name', direction: 'asc', nulls: undefined },
          { through: [], column: 'id', direction: 'asc', nulls: undefined },
        ],
        limit: 20,
        offset: 10,
      },
      shape: 'object',
      count: true,
      values: ['5', '%a%', ['4', '5'], '1', '2', '3', '4', '5', '6', 2, 40],
    },
  });
});

test('turns is.null of a relationship into "no such row", with its own filters and required rows', () => {
  const { request } = parse(
    'GET?select=id,reviews(id),w:people!a(n,books!inner(id))&reviews.stars=gt.3&w.books.price=lt.9' +
      '&or=(reviews.is.null,w.not.is.null)',
  );
  assert.deepEqual('node' in request && request.node.where, {
    kind: 'or',
    of: [
      {
        kind: 'not',
        of: {
          kind: 'related',
          relationship: 'reviews',
          where: { kind: 'compare', column: 'stars', operator: 'gt', value: 0 },
        },
      },
      {
        kind: 'related',
        relationship: 'people',
        hint: 'a',
        where: {
          kind: 'related',
          relationship: 'books',
          where: { kind: 'compare', column: 'price', operator: 'lt', value: 1 },
        },
      },
    ],
  });
});

test('finds an embed by its alias, else by its relationship', () => {
  const { request } = parse('GET?select=r:reviews(id),reviews:tags(id)&reviews.id=eq.1&r.id=eq.2');
  const filters =
    'node' in request &&
    request.node.fields.map((field) => field.kind === 'embed' && [field.relationship, field.node.where]);
  const compare = (value: number) => ({ kind: 'compare', column: 'id', operator: 'eq', value });
  assert.deepEqual(filters, [
    ['reviews', compare(1)],
    ['tags', compare(0)],
  ]);
  assert.equal(parse('GET?select=r:reviews(id)&reviews.id=eq.1').request.values.length, 1);
});

test('decodes names and values once, quotes included', () => {
  const { request } = parse(
    'GET?select=%22a.b%22&%22a.b%22=eq.1%252+%2B&title=eq.a%26b=c&%5F%5Fproto%5F%5F=is.null',
  );
  assert.deepEqual('node' in request && [request.node, request.values], [
    {
      fields: [{ kind: 'column', column: 'a.b', as: 'a.b' }],
      where: {
        kind: 'and',
        of: [
          { kind: 'compare', column: 'a.b', operator: 'eq', value: 0 },
          { kind: 'compare', column: 'title', operator: 'eq', value: 1 },
          { kind: 'compare', column: '__proto__', operator: 'isNull', value: undefined },
        ],
      },
    },
    ['1%2 +', 'a&b=c'],
  ]);
});

test('reads one row by a key of several parts, commas and slashes encoded', () => {
  const parsed = parse('GET 7,a%2Cb%2F?select=no', { table: lines });
  assert.deepEqual(parsed, {
    kind: 'read',
    media: list,
    preferences: {},
    byKey: true,
    offset: 0,
    next: undefined,
    request: {
      kind: 'read',
      table: 'order_lines',
      node: { fields: [{ kind: 'column', column: 'no', as: 'no' }] },
      key: [0, 1],
      shape: 'row',
      count: false,
      values: ['7', 'a,b/'],
    },
  });
});

test('cuts limits by the project, and pages by Range', () => {
  const page = (text: string, range?: string) => {
    const { request } = parse(text, { range });
    return 'node' in request ? [request.node.limit, request.values] : [];
  };
  assert.deepEqual(page('GET?limit=5000'), [1000, []]);
  assert.deepEqual(page('GET?limit=0'), [0, []]);
  assert.deepEqual(page('GET', '10-19'), [10, [10]]);
  assert.deepEqual(page('GET', '10-'), [undefined, [10]]);
  assert.deepEqual(page('GET?limit=5', '0-9'), [5, []]);
  assert.deepEqual(page('GET?limit=5&offset=3', '4-9'), [4, [4]]);
  assert.deepEqual(page('GET', 'pages=1'), [undefined, []]);
});

test('parses an insert of many rows, exact numbers kept', () => {
  const parsed = parse('POST?select=id,author(name)&order=id', {
    prefer: 'return=representation, resolution=ignore-duplicates, count=exact',
    contentType: 'application/json; charset=UTF-8',
    json: '[{"title":"A","price":1.10},{"price":2,"title":null}]',
  });
  assert.equal(parsed.kind === 'write' && parsed.verb, 'insert');
  assert.deepEqual(parsed.request, {
    kind: 'insert',
    table: 'books',
    columns: ['title', 'price'],
    rows: 0,
    returning: [
      {
        fields: [
          { kind: 'column', column: 'id', as: 'id' },
          {
            kind: 'embed',
            as: 'author',
            relationship: 'author',
            join: 'left',
            node: { fields: [{ kind: 'column', column: 'name', as: 'name' }] },
          },
        ],
        order: [{ through: [], column: 'id', direction: 'asc', nulls: undefined }],
      },
    ],
    shape: 'list',
    conflict: { action: 'ignore' },
    values: [
      [
        { title: 'A', price: JSON.rawJSON('1.10') },
        { price: 2, title: null },
      ],
    ],
  });
});

test('takes only the columns that columns= names, and adds nothing to the rows', () => {
  const rows = '[{"a":1,"b":2,"x":9},{"a":3}]';
  const given = (text: string, prefer?: string) => {
    const { request } = parse(text, { json: rows, prefer });
    return request.kind === 'insert' ? [request.columns, JSON.stringify(request.values[0])] : [];
  };
  assert.deepEqual(given('POST?columns=a,b'), [['a', 'b'], rows]);
  assert.deepEqual(given('POST?columns=a,%22c%22', 'missing=default'), [['a'], rows]);
});

test('reads places in JSON, casts, groups and spread of every level', () => {
  const { request } = parse(
    'GET?select=...author(name),meta->a->>b,n:price::int.sum()&meta->a->0=gt.1&author.meta->>x=is.null&or=(meta->>s.eq.t,id.eq(any).{1,2})' +
      '&order=meta->>a.desc,author(meta->b),price.sum().desc&having=(count().gt.1,price.avg().lt.9)&title[0]=eq.a&title[1]=neq.b',
  );
  assert.deepEqual('node' in request && [request.node, request.values], [
    {
      fields: [
        {
          kind: 'embed',
          as: 'author',
          relationship: 'author',
          join: 'left',
          spread: true,
          node: {
            fields: [{ kind: 'column', column: 'name', as: 'name' }],
            where: {
              kind: 'compare',
              column: 'meta',
              path: { steps: ['x'], text: true },
              operator: 'isNull',
              value: undefined,
            },
          },
        },
        { kind: 'column', column: 'meta', path: { steps: ['a', 'b'], text: true }, as: 'b' },
        { kind: 'aggregate', as: 'n', term: { function: 'sum', column: 'price', cast: 'int' } },
      ],
      where: {
        kind: 'and',
        of: [
          {
            kind: 'compare',
            column: 'meta',
            path: { steps: ['a', 0], text: false },
            operator: 'gt',
            value: 0,
          },
          {
            kind: 'or',
            of: [
              {
                kind: 'compare',
                column: 'meta',
                path: { steps: ['s'], text: true },
                operator: 'eq',
                value: 1,
              },
              { kind: 'compare', column: 'id', operator: 'eq', quantifier: 'any', value: 2 },
            ],
          },
          { kind: 'compare', column: 'title', operator: 'eq', value: 5 },
          { kind: 'compare', column: 'title', operator: 'neq', value: 6 },
        ],
      },
      order: [
        {
          through: [],
          column: 'meta',
          path: { steps: ['a'], text: true },
          direction: 'desc',
          nulls: undefined,
        },
        {
          through: ['author'],
          column: 'meta',
          path: { steps: ['b'], text: false },
          direction: 'asc',
          nulls: undefined,
        },
        { through: [], column: 'price', aggregate: 'sum', direction: 'desc', nulls: undefined },
      ],
      having: {
        kind: 'and',
        of: [
          { kind: 'compare', term: { function: 'count' }, operator: 'gt', value: 3 },
          { kind: 'compare', term: { function: 'avg', column: 'price' }, operator: 'lt', value: 4 },
        ],
      },
    },
    ['1', 't', ['1', '2'], '1', '9', 'a', 'b'],
  ]);
});

test('takes having for a filter where its value is one', () => {
  const { request } = parse('GET?having=eq.5');
  assert.deepEqual('node' in request && [request.node.where, request.values], [
    { kind: 'compare', column: 'having', operator: 'eq', value: 0 },
    ['5'],
  ]);
});

test('counts comparisons of groups among the conditions', () => {
  const having = (count: number) =>
    `GET?select=count()&having=(${Array(count).fill('count().gt.1').join(',')})`;
  assert.ok(parse(having(1000)));
  assert.throws(() => parse(having(1001)), {
    code: 'PGRST100',
    message: 'The request has more than 1000 conditions.',
  });
});

test('asks for the form of the answer, and streams no more than has a body', () => {
  const form = (text: string, accept: string, prefer?: string) => {
    const { request } = parse(text, { accept, prefer, json: '{"a":1}' });
    const { stream, stripNulls, geojson, shape } = request as unknown as Record<string, unknown>;
    return { stream, stripNulls, geojson, shape };
  };
  const plain = { stream: undefined, stripNulls: undefined, geojson: undefined, shape: 'list' };
  assert.deepEqual(form('GET', 'text/csv'), { ...plain, stream: 'csv' });
  assert.deepEqual(form('HEAD', 'text/csv'), plain);
  assert.deepEqual(form('GET 5', 'application/x-ndjson'), { ...plain, stream: 'ndjson', shape: 'row' });
  assert.deepEqual(form('GET', 'application/geo+json'), { ...plain, geojson: true });
  const stripped = 'application/vnd.pgrst.object+json;nulls=stripped';
  assert.deepEqual(form('GET', stripped), { ...plain, stripNulls: true, shape: 'object' });
  assert.deepEqual(form('POST', 'text/csv', 'return=representation'), { ...plain, stream: 'csv' });
  assert.deepEqual(form('POST', 'text/csv'), plain);
});

test('counts as it is asked to', () => {
  const count = (prefer?: string) => {
    const { request } = parse('GET', { prefer });
    return 'count' in request && request.count;
  };
  assert.deepEqual([undefined, 'count=exact', 'count=planned', 'count=estimated', 'count=all'].map(count), [
    false,
    true,
    'planned',
    'estimated',
    false,
  ]);
});

test('cuts a list by the project, and leaves a stream to its own limit', () => {
  const limit = (accept?: string) => {
    const { request } = parse('GET?limit=5000', { accept });
    return 'node' in request && request.node.limit;
  };
  assert.deepEqual([limit(), limit('text/csv'), limit('application/x-ndjson')], [1000, 5000, 5000]);
});

test('leaves what a row lacks to its default, set by set', () => {
  const { request } = parse('POST?columns=a,b', {
    json: '[{"a":1},{"b":2},{"a":3}]',
    prefer: 'missing=default',
  });
  assert.deepEqual(request, {
    kind: 'insert',
    table: 'books',
    columns: ['a', 'b'],
    rows: 0,
    sets: { columns: [['a'], ['b']], of: 1 },
    returning: [],
    shape: 'list',
    values: [
      [{ a: 1 }, { b: 2 }, { a: 3 }],
      [0, 1, 0],
    ],
  });
});

test('reads the rows that a write under If-Match is for, as a GET of its URL does', () => {
  const precondition = (text: string, rest: Parameters<typeof parse>[1] = {}) => {
    const parsed = parse(text, { ifMatch: '"x"', json: '{"title":"A"}', ...rest });
    return parsed.kind === 'write' ? parsed.precondition : assert.fail();
  };
  const where = { kind: 'compare', column: 'title', operator: 'eq', value: 0 };
  assert.deepEqual(precondition('PATCH?title=eq.x&select=id&order=id'), {
    kind: 'read',
    table: 'books',
    node: {
      fields: [{ kind: 'column', column: 'id', as: 'id' }],
      where,
      order: [{ through: [], column: 'id', direction: 'asc', nulls: undefined }],
    },
    shape: 'list',
    count: false,
    locks: true,
    values: ['x', { title: 'A' }],
  });
  const byKey = {
    kind: 'read',
    table: 'books',
    node: { fields: [all] },
    key: [0],
    shape: 'row',
    count: false,
    locks: true,
  };
  assert.deepEqual(precondition('DELETE 5'), { ...byKey, values: ['5'] });
  assert.deepEqual(precondition('PUT 5'), { ...byKey, values: ['5'] });
  assert.deepEqual(precondition('PUT?id=eq.5'), { ...byKey, values: ['5'] });
  assert.equal(precondition('POST'), undefined);
  assert.equal(precondition('PATCH 5', { ifMatch: undefined }), undefined);
});

test('takes memory that grows with the body alone, whatever columns= names', () => {
  const columns = Array.from({ length: 1500 }, (_, at) => `c${at}`).join(',');
  const json = `[${Array(100_000).fill('{}').join(',')}]`;
  for (const prefer of ['missing=null', 'missing=default']) {
    const before = process.memoryUsage().heapUsed;
    const { request } = parse(`POST?columns=${columns}`, { json, prefer });
    assert.ok(process.memoryUsage().heapUsed - before < 100_000_000);
    assert.equal((request.values[0] as unknown[]).length, 100_000);
  }
});

test('asks whether a write is admitted before it reads the body', () => {
  const admitted: unknown[] = [];
  const admit: RestCall['admit'] = ({ kind, columns }) => {
    admitted.push([kind, columns]);
    throw new Error('refused');
  };
  for (const text of ['POST?columns=a,b', 'POST', 'PATCH?id=eq.1&columns=a', 'PUT 5?columns=b'])
    assert.throws(() => parse(text, { admit, json: 'no JSON' }), { message: 'refused' });
  assert.deepEqual(admitted, [
    ['insert', ['a', 'b']],
    ['insert', []],
    ['update', ['a']],
    ['insert', ['b']],
  ]);
});

test('parses an upsert on named columns; without a key there is none', () => {
  const conflict = (text: string, prefer: string, table = books) => {
    const { request } = parse(text, { json: '{"a":1}', prefer, table });
    return request.kind === 'insert' ? request.conflict : 'none';
  };
  assert.deepEqual(conflict('POST?on_conflict=isbn,%22a%20b%22', 'resolution=merge-duplicates'), {
    action: 'merge',
    columns: ['isbn', 'a b'],
  });
  assert.deepEqual(conflict('POST', 'resolution=merge-duplicates'), { action: 'merge' });
  assert.equal(conflict('POST?on_conflict=isbn', ''), undefined);
  assert.equal(conflict('POST', 'resolution=merge-duplicates', tableWith('log', [])), undefined);
  const halfHidden = tableWith('log', ['id', 'hid'], ['hid']);
  assert.equal(conflict('POST', 'resolution=merge-duplicates', halfHidden), undefined);
});

test('parses updates and deletes, by filter and by key', () => {
  assert.deepEqual(parse('PATCH?id=eq.1', { json: '{"title":"B"}' }).request, {
    kind: 'update',
    table: 'books',
    columns: ['title'],
    row: 1,
    where: { kind: 'compare', column: 'id', operator: 'eq', value: 0 },
    returning: [],
    shape: 'list',
    values: ['1', { title: 'B' }],
  });
  assert.deepEqual(
    parse('DELETE 5', { prefer: 'return=representation,handling=strict,max-affected=1' }).request,
    {
      kind: 'delete',
      table: 'books',
      key: [0],
      returning: [{ fields: [all] }],
      shape: 'row',
      maxAffected: 1,
      values: ['5'],
    },
  );
  assert.deepEqual(parse('DELETE', { contentType: 'text/plain', prefer: 'max-affected=1' }).request, {
    kind: 'delete',
    table: 'books',
    returning: [],
    shape: 'list',
    values: [],
  });
});

test('parses a PUT as an upsert under the key of its URL', () => {
  for (const text of ['PUT 5', 'PUT?id=eq.5']) {
    const parsed = parse(text, { json: '{"title":"A"}' });
    assert.equal(parsed.kind === 'write' && parsed.verb, 'put');
    const { values, ...request } = parsed.request as unknown as Record<string, unknown>;
    assert.deepEqual(request, {
      kind: 'insert',
      table: 'books',
      columns: ['title', 'id'],
      rows: 1,
      returning: [],
      shape: text === 'PUT 5' ? 'row' : 'list',
      conflict: { action: 'merge' },
    });
    assert.equal(JSON.stringify(values), '["5",[{"title":"A","id":"5"}]]');
  }
});

test('names no column of a key that the role does not know whole', () => {
  const table = tableWith('log', ['id', 'hid'], ['hid']);
  const { request } = parse('PUT 5,6', { json: '{"b":1}', table });
  assert.deepEqual('columns' in request && request.columns, ['b']);
  for (const query of ['id=eq.5&hid=eq.6', 'id=eq.5', 'hid=eq.6'])
    assert.throws(() => parse(`PUT?${query}`, { json: '{"b":1}', table }), { code: 'PGRST105' });
});

test('compares the key of a PUT as values, and takes the form of the URL', () => {
  const rows = (text: string, json: string) => JSON.stringify(parse(text, { json }).request.values.at(-1));
  assert.equal(rows('PUT 5', '{"id":5.0}'), '[{"id":"5"}]');
  assert.equal(rows('PUT?id=eq.05', '{"id":5}'), '[{"id":"05"}]');
  for (const id of ['6', '"6"', 'null', '"x"', '[5]', '{"toString":1}', '5.5'])
    assert.throws(() => parse('PUT 5', { json: `{"id":${id}}` }), { code: 'PGRST115' }, id);
});

const refused: readonly (readonly [string, Partial<RestCall> & { json?: string }, string, number, string])[] = [
  ['GET?id', {}, 'PGRST100', 400, 'The parameter "id" has no value.'],
  ['GET?title=eq.%ff', {}, 'PGRST100', 400, '"eq.%ff" is not valid percent-encoded UTF-8.'],
  ['GET?title=eq.%00', {}, '22021', 400, 'The text holds a NUL character (%00), which cannot be stored.'],
  ['GET?author.name=eq.x', {}, 'PGRST108', 400, "'author' is not an embedded resource in this request"],
  ['GET?select=id,author(id)&order=writer(name)', {}, 'PGRST108', 400, "'writer' is not an embedded resource in this request"],
  ['GET?select=id,author(id)&author=eq.5', {}, 'PGRST120', 400, "Bad operator on the 'author' embedded resource"],
  ['GET?limit=-1', {}, 'PGRST103', 416, 'Requested range not satisfiable'],
  ['GET?offset=-1', {}, 'PGRST103', 416, 'Requested range not satisfiable'],
  ['GET?limit=abc', {}, 'PGRST100', 400, '"failed to parse limit (abc)" (line 1, column 1)'],
  ['GET?offset=99999999999999999999', {}, 'PGRST100', 400, '"failed to parse offset (99999999999999999999)" (line 1, column 1)'],
  ['GET?order=id.up', {}, 'PGRST100', 400, '"failed to parse order (id.up)" (line 1, column 4)'],
  ['GET?order=id.ascx', {}, 'PGRST100', 400, '"failed to parse order (id.ascx)" (line 1, column 4)'],
  ['GET?order=', {}, 'PGRST100', 400, '"failed to parse order ()" (line 1, column 1)'],
  ['GET?a.=eq.1', {}, 'PGRST100', 400, '"failed to parse tree path (a.)" (line 1, column 3)'],
  ['GET', { accept: 'text/html' }, 'PGRST107', 406, 'None of these media types are available: text/html'],
  ['GET', { accept: 'application/json;q=0' }, 'PGRST107', 406, 'None of these media types are available: application/json;q=0'],
  ['GET', { range: '9-3' }, 'PGRST103', 416, 'Requested range not satisfiable'],
  ['GET', { prefer: 'handling=strict, foo=bar' }, 'PGRST122', 400, 'Invalid preferences given with handling=strict'],
  ['POST', { json: '{}', contentType: 'application/json; charset=utf-16' }, 'PGRST107', 415, 'Content-Type not acceptable: application/json; charset=utf-16'],
  ['POST', { json: '5' }, 'PGRST102', 400, 'The body is not an object or a list of objects.'],
  ['POST', { json: '[1]' }, 'PGRST102', 400, 'The body is not an object or a list of objects.'],
  ['POST', { json: '1.10' }, 'PGRST102', 400, 'The body is not an object or a list of objects.'],
  ['POST', { json: '[{"a":1},{"b":1}]' }, 'PGRST102', 400, 'All object keys must match'],
  ['POST', { json: '[{"a":1},{"a":1,"b":1}]' }, 'PGRST102', 400, 'All object keys must match'],
  ['POST', {}, 'PGRST102', 400, 'Empty or invalid json'],
  ['POST', { body: Buffer.from([0x22, 0xff, 0x22]) }, 'PGRST102', 400, 'The body is not valid UTF-8.'],
  ['POST?id=eq.1', { json: '{}' }, 'PGRST100', 400, 'Filters do not apply to an insert.'],
  ['POST 5', { json: '{}' }, 'PGRST117', 405, 'Unsupported HTTP method: POST on one row'],
  ['PATCH?id=eq.1', { json: '[{"a":1},{"a":2}]' }, 'PGRST102', 400, 'The body holds 2 rows where one is expected.'],
  ['PATCH?id=eq.1&limit=1', { json: '{"a":1}' }, 'PGRST100', 400, 'limit and offset do not apply to PATCH.'],
  ['DELETE?id=eq.1&limit=1', {}, 'PGRST100', 400, 'limit and offset do not apply to DELETE.'],
  ['PUT', { json: '{}' }, 'PGRST105', 405, "Filters must include all and only primary key columns with 'eq' operators"],
  ['PUT?id=gt.5', { json: '{}' }, 'PGRST105', 405, "Filters must include all and only primary key columns with 'eq' operators"],
  ['PUT?id=eq.5&title=eq.a', { json: '{}' }, 'PGRST105', 405, "Filters must include all and only primary key columns with 'eq' operators"],
  ['PUT?id=eq.5&limit=1', { json: '{}' }, 'PGRST114', 400, 'limit/offset querystring parameters are not allowed for PUT'],
  ['PUT 5,6', { json: '{}' }, 'NS400', 400, "The key of 'books' has 1 part, and 2 were given."],
  ['PUT 5', { json: '{}', table: lines }, 'NS400', 400, "The key of 'order_lines' has 2 parts, and 1 was given."],
  ['PUT?id=eq.5', { json: '{"id":6}' }, 'PGRST115', 400, 'Payload values do not match URL in primary key column(s)'],
]; // biome-ignore format: one case a line

for (const [text, rest, code, status, message] of refused)
  test(`refuses ${text} ${JSON.stringify({ ...rest, body: undefined })}: ${message}`, () =>
    assert.throws(() => parse(text, rest), { code, status, message, hint: /\w/ }));
