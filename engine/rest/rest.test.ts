/** REST from HTTP to a real database and back: statuses, headers and bodies as PostgREST's clients expect them. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { token } from '../../test/project.ts';
import { type Answered, serve } from '../../test/rest.ts';
import { shopSql, shopYaml } from '../../test/shop.ts';

const staff = token('staff', { sub: 's' });
const shop = { sql: shopSql, yaml: shopYaml, schemas: ['public', 'personal'] };
const json = 'application/json; charset=utf-8';

/** The tag of a body: its SHA-1. */
const tag = (body: string) => ({ etag: `"${createHash('sha1').update(body).digest('base64url')}"` });

/** The answer without its Link, which a test of its own follows. */
function withoutLink({ headers: { link, ...headers }, ...answer }: Answered): [Answered, string | undefined] {
  return [{ ...answer, headers }, link as string | undefined];
}

test('reads', async (t) => {
  const { ask } = await serve(t, shop);
  const get = async (path: string, headers?: Record<string, string>) =>
    ask(staff, `GET ${path}`, { headers });

  await t.test('answers a list with its range', async () => {
    const text = '[{"id":1,"name":"Alpha"},{"id":2,"name":"Beta"}]';
    const [answer, link] = withoutLink(await get('/books?select=id,name:title&order=id&limit=2'));
    assert.match(
      link!,
      /^<\/shop\/rest\/v1\/books\?select=id%2Cname%3Atitle&order=id&limit=2&after=k1~\S+>; rel="next"$/,
    );
    assert.deepEqual(answer, {
      status: 200,
      body: [
        { id: 1, name: 'Alpha' },
        { id: 2, name: 'Beta' },
      ],
      text,
      headers: {
        'content-type': json,
        'content-range': '0-1/*',
        'content-profile': 'public',
        ...tag(text),
      },
    });
  });

  const lists: readonly (readonly [string, readonly unknown[]])[] = [
    ['id=eq.2', [2]],
    ['id=neq.2', [1, 3, 4]],
    ['price=gt.10', [1, 2]],
    ['price=gte.20', [2]],
    ['price=lt.10', [4]],
    ['price=lte.10.5', [1, 4]],
    ['price=not.lt.10', [1, 2]],
    ['price=is.null', [3]],
    ['price=is.not_null', [1, 2, 4]],
    ['price=not.is.null', [1, 2, 4]],
    ['published=is.false', [4]],
    ['published=is.true', [1, 2, 3]],
    ['published=not.is.unknown', [1, 2, 3, 4]],
    ['price=isdistinct.20', [1, 3, 4]],
    ['title=like.*a', [1, 2, 3, 4]],
    ['title=like.A*', [1]],
    ['title=ilike.%2AELT%2A', [4]],
    ['title=match.^[AB]', [1, 2]],
    ['title=imatch.^[ab]', [1, 2]],
    ['id=in.(1,3)', [1, 3]],
    ['id=in.()', []],
    ['title=in.("Alpha","Be\\ta")', [1, 2]],
    ['id=not.in.(1,3)', [2, 4]],
    ['or=(id.eq.1,and(price.gt.15,published.is.true))', [1, 2]],
    ['not.or=(id.eq.1,id.eq.2)', [3, 4]],
    ['and=(id.gt.1,or(title.eq.Beta,title.eq.Gamma))', [2, 3]],
    ['meta=cs.{"a":[1]}', [1]],
    ['meta=eq."text"', [3]],
    ['big=eq.9007199254740993', [1]],
    ['big=eq.9007199254740992', []],
    ['isbn13=eq.i2', [2]],
    ['added=eq.2024-01-02T03:04:05.123456Z&id=lt.3', [1, 2]],
    ['order=price.desc&id=neq.4', [3, 2, 1]],
    ['order=price.desc.nullslast,id.desc', [2, 1, 4, 3]],
    ['order=price.nullsfirst', [3, 4, 1, 2]],
    ['order=id&offset=1&limit=2', [2, 3]],
    ['limit=0', []],
    ['select=id,reviews(id)&reviews=is.null', [3]],
    ['select=id,reviews(id)&reviews=not.is.null', [1, 2, 4]],
    ['select=id,reviews!inner(id)&reviews.stars=gte.4', [1, 2]],
    ['select=id,reviews(id)&reviews.stars=gte.4&reviews=not.is.null', [1, 2]],
    ['select=id,tags!inner(id)&tags.label=eq.new', [1]],
    ['select=id,people!author_id!inner(id)&people.country=eq.FR', [1, 2]],
    ['select=id,w:people!books_author_id_fkey(name)&order=w(name).desc,id', [4, 3, 1, 2]],
    ['select=id,w:people!editor_id(name)&order=w(name).desc.nullslast,id', [3, 1, 2, 4]],
    ['select=id,reviews(id),tags(id)&or=(reviews.is.null,tags.not.is.null)', [1, 2, 3]],
  ];
  for (const [query, ids] of lists)
    await t.test(`finds the rows of ?${query}`, async () => {
      const encoded = query.replace(/["{}[\]^\\]/g, encodeURIComponent);
      const order = query.includes('order=') ? '' : '&order=id';
      const select = query.includes('select=') ? '' : '&select=id';
      const answer = await get(`/books?${encoded}${select}${order}`);
      assert.equal(answer.status, 200, answer.text);
      assert.deepEqual(
        (answer.body as { id: unknown }[]).map(({ id }) => id),
        ids,
      );
    });

  await t.test('nests relationships to one, to many and many to many, each with its own page', async () => {
    const path =
      '/books?select=id,author:people!author_id(name),reviews(stars),tags(label)' +
      '&reviews.order=stars.desc&reviews.limit=1&tags.order=label&id=in.(1,3)&order=id';
    assert.deepEqual((await get(path)).body, [
      { id: 1, author: { name: 'Ann' }, reviews: [{ stars: 5 }], tags: [{ label: 'new' }, { label: 'old' }] },
      { id: 3, author: { name: 'Bob' }, reviews: [], tags: [] },
    ]);
    const deep = '/reviews?select=id,books(title,people!author_id(name,country))&id=eq.3';
    assert.deepEqual((await get(deep)).body, [
      { id: 3, books: { title: 'Beta', people: { name: 'Ann', country: 'FR' } } },
    ]);
  });

  await t.test('leaves an embed without columns out of the answer', async () => {
    const path = '/books?select=id,reviews()&reviews.stars=eq.5&reviews=not.is.null';
    assert.equal((await get(path)).text, '[{"id":1}]');
    assert.equal((await get('/books?select=id,reviews!inner()&id=in.(1,3)')).text, '[{"id":1}]');
  });

  await t.test('gives every value exactly as it is stored', async () => {
    const path = '/books?select=price,meta,big,added,published&id=eq.1';
    assert.equal(
      (await get(path)).text,
      '[{"price":10.50,"meta":{"a": [1, 2.50]},"big":9007199254740993,"added":"2024-01-02T03:04:05.123456+00:00","published":true}]',
    );
  });

  await t.test('reaches hostile names', async () => {
    assert.equal(
      (await get('/we%20ird?%22a.b%22=eq.1&__proto__=eq.p&%22order%22=eq.3')).text,
      '[{"a.b":1,"__proto__":"p","sel,ect":"s","order":3,"😀":"smile"}]',
    );
    assert.equal(
      (await get('/we%20ird/1?select=%22sel,ect%22,x:__proto__,%22a%22%22b%22:%22a.b%22')).status,
      400,
    );
    assert.equal(
      (await get('/we%20ird/1?select=%22sel,ect%22,%22__proto__%22:%F0%9F%98%80')).text,
      '{"sel,ect":"s","__proto__":"smile"}',
    );
  });

  await t.test('counts on request: 200 whole, 206 a page, 416 beyond', async () => {
    const count = { prefer: 'count=exact' };
    const whole = await get('/books?select=id', count);
    assert.deepEqual(
      [whole.status, whole.headers],
      [
        200,
        {
          'content-type': json,
          'content-range': '0-3/4',
          'preference-applied': 'count=exact',
          'content-profile': 'public',
          ...tag(whole.text),
        },
      ],
    );
    const page = await get('/books?select=id&limit=2&offset=2&order=id', count);
    assert.deepEqual(
      [page.status, page.headers['content-range'], page.text],
      [206, '2-3/4', '[{"id":3},{"id":4}]'],
    );
    const none = await get('/books?id=eq.99', count);
    assert.deepEqual([none.status, none.headers['content-range'], none.text], [200, '*/0', '[]']);
    const zero = await get('/books?limit=0', count);
    assert.deepEqual([zero.status, zero.headers['content-range'], zero.text], [206, '*/4', '[]']);
    assert.deepEqual(await get('/books?offset=9', count), {
      status: 416,
      body: {
        code: 'PGRST103',
        message: 'Requested range not satisfiable',
        details: 'An offset of 9 was requested, but there are only 4 rows.',
        hint: 'Ask for a smaller offset.',
      },
      text: JSON.stringify({
        code: 'PGRST103',
        message: 'Requested range not satisfiable',
        details: 'An offset of 9 was requested, but there are only 4 rows.',
        hint: 'Ask for a smaller offset.',
      }),
      headers: { 'content-type': json, 'content-range': '*/4', 'preference-applied': 'count=exact' },
    });
    const range = await get('/books?select=id&order=id', { range: '1-2' });
    assert.deepEqual(
      [range.status, range.headers['content-range'], range.text],
      [200, '1-2/*', '[{"id":2},{"id":3}]'],
    );
  });

  await t.test('answers one object when it is asked for one, and 406 for another number', async () => {
    const accept = { accept: 'application/vnd.pgrst.object+json' };
    assert.deepEqual(await get('/books?select=id&id=eq.1', accept), {
      status: 200,
      body: { id: 1 },
      text: '{"id":1}',
      headers: {
        'content-type': 'application/vnd.pgrst.object+json; charset=utf-8',
        'content-range': '0-0/*',
        'content-profile': 'public',
        ...tag('{"id":1}'),
      },
    });
    for (const [query, rows] of [
      ['id=eq.99', 0],
      ['id=lt.3', 2],
    ] as const) {
      const { status, body } = await get(`/books?select=id&${query}`, accept);
      assert.deepEqual(
        [status, body],
        [
          406,
          {
            code: 'PGRST116',
            message: 'Cannot coerce the result to a single JSON object',
            details: `The result contains ${rows} rows`,
            hint: rows === 0 ? 'No row that your role sees matches.' : 'Filter by a key, or ask for a list.',
          },
        ],
      );
    }
  });

  await t.test('answers one row by its key, 404 without one', async () => {
    assert.deepEqual(await get('/books/2?select=title'), {
      status: 200,
      body: { title: 'Beta' },
      text: '{"title":"Beta"}',
      headers: {
        'content-type': json,
        'content-range': '0-0/*',
        'content-profile': 'public',
        ...tag('{"title":"Beta"}'),
      },
    });
    assert.equal((await get('/order_lines/7,a%2Cb?select=quantity')).text, '{"quantity":1}');
    assert.equal((await get('/order_lines/7,c%2Fd?select=quantity')).text, '{"quantity":2}');
    const missing = await get('/books/99');
    assert.deepEqual(
      [missing.status, missing.body],
      [
        404,
        {
          code: 'NS404',
          message: 'No row has this key.',
          details: null,
          hint: 'Check the key at the end of the path.',
        },
      ],
    );
    assert.equal((await get('/books/2?published=is.false')).status, 404);
    assert.equal((await get('/books/x')).status, 400);
    assert.equal((await get('/order_lines/7')).status, 400);
    assert.equal((await get('/books/1/2')).status, 404);
    assert.equal((await get('/books/')).status, 404);
  });

  await t.test('answers HEAD like GET, without a body', async () => {
    const head = await ask(staff, 'HEAD /books?select=id', { headers: { prefer: 'count=exact' } });
    const { text } = await get('/books?select=id');
    assert.deepEqual(head, {
      status: 200,
      body: undefined,
      text: '',
      headers: {
        'content-type': json,
        'content-range': '0-3/4',
        'preference-applied': 'count=exact',
        'content-profile': 'public',
        ...tag(text),
      },
    });
    assert.equal((await ask(staff, 'HEAD /books/99')).status, 404);
  });

  await t.test(
    'reaches tables of another schema by profile, the default one by both of its names',
    async () => {
      const profile = (name: string) => ({ 'accept-profile': name });
      assert.deepEqual(await get('/users?select=id', profile('personal')), {
        status: 200,
        body: [{ id: 1 }],
        text: '[{"id":1}]',
        headers: {
          'content-type': json,
          'content-range': '0-0/*',
          'content-profile': 'personal',
          ...tag('[{"id":1}]'),
        },
      });
      assert.equal((await get('/books?limit=1', profile('public'))).status, 200);
      assert.equal((await get('/users')).status, 404);
      assert.equal((await get('/books', profile('personal'))).status, 404);
      const unknown = await get('/books', profile('nope'));
      assert.deepEqual(
        [unknown.status, unknown.body],
        [
          406,
          {
            code: 'PGRST106',
            message: 'Invalid schema: nope',
            details: null,
            hint: 'Only the following schemas are exposed: public, personal.',
          },
        ],
      );
    },
  );

  await t.test('names the methods that the role has', async () => {
    const allow = async (path: string) => (await ask(staff, `OPTIONS ${path}`)).headers.allow;
    assert.equal(await allow('/books'), 'OPTIONS,GET,HEAD,POST,PUT,PATCH,DELETE');
    assert.equal(await allow('/books/1'), 'OPTIONS,GET,HEAD,PUT,PATCH,DELETE');
    assert.equal(await allow('/book_tags'), 'OPTIONS,GET,HEAD');
    assert.equal((await ask(staff, 'OPTIONS /nothing')).status, 404);
  });

  const refused: readonly (readonly [string, number, string])[] = [
    ['GET /books?nope=eq.1', 400, '42703'],
    ['GET /books?select=nope', 400, '42703'],
    ['GET /books?order=nope', 400, '42703'],
    ['GET /books?select=nope(id)', 400, 'PGRST200'],
    ['GET /books?select=people(id)', 300, 'PGRST201'],
    ['GET /books?select=id,reviews(id)&order=reviews(stars)', 400, 'PGRST118'],
    ['GET /books?id=eq.abc', 400, '22P02'],
    ['GET /books?id=eq.99999999999', 400, '22003'],
    ['GET /books?id=in.(1,x)', 400, '22P02'],
    ['GET /books?id=like.1', 400, '42883'],
    ['GET /books?title=is.true', 400, '42883'],
    ['GET /books?title=match.(', 400, '2201B'],
    ['GET /books?title=like.%5C', 400, '22025'],
    ['GET /books?added=eq.yesterday-ish', 400, '22007'],
    ['GET /books?meta=eq.{', 400, '22P02'],
    ['GET /books?id=eq.1%00', 400, '22021'],
    ['GET /rpc/f', 404, 'PGRST202'],
    ['GET /nope', 404, 'PGRST205'],
    ['GET /%C3%A9', 404, 'PGRST205'],
    ['GET /__proto__', 404, 'PGRST205'],
    ['GET /', 404, 'PGRST125'],
    ['POST /', 405, 'PGRST117'],
    ['POST /books/1', 405, 'PGRST117'],
  ];
  for (const [request, status, code] of refused)
    await t.test(`answers ${request} with ${status} ${code}`, async () => {
      const answer = await ask(staff, request);
      assert.deepEqual([answer.status, (answer.body as { code: string }).code], [status, code], answer.text);
      assert.doesNotMatch(answer.text, /syntax error|pg_|::|json_agg|\$1/);
    });
});

test('writes', async (t) => {
  const { ask, sql } = await serve(t, shop);
  const wanted = (prefer = 'return=representation') => ({ prefer });

  await t.test('inserts one row: 201, empty; with representation the row', async () => {
    assert.deepEqual(await ask(staff, 'POST /people', { json: { name: 'Dee' } }), {
      status: 201,
      body: undefined,
      text: '',
      headers: { 'content-range': '*/*' },
    });
    assert.deepEqual(
      await ask(staff, 'POST /people?select=id,name', {
        json: { name: 'Eve', country: null },
        headers: wanted(),
      }),
      {
        status: 201,
        body: [{ id: 5, name: 'Eve' }],
        text: '[{"id":5,"name":"Eve"}]',
        headers: {
          'content-type': json,
          'content-range': '*/*',
          'preference-applied': 'return=representation',
          'content-profile': 'public',
        },
      },
    );
  });

  await t.test('inserts many, counted, with what is related to them', async () => {
    const answer = await ask(staff, 'POST /books?select=title,w:people!author_id(name)&order=title.desc', {
      json: [
        { title: 'M1', author_id: 1 },
        { title: 'M2', author_id: null },
      ],
      headers: wanted('return=representation,count=exact'),
    });
    assert.deepEqual(
      [answer.status, answer.headers['content-range'], answer.body],
      [
        201,
        '*/2',
        [
          { title: 'M2', w: null },
          { title: 'M1', w: { name: 'Ann' } },
        ],
      ],
    );
  });

  await t.test('keeps every digit and every character of a body', async () => {
    const body =
      '{"id":50,"title":"x\\" \\u00e9 😀","price":12345678.90,"big":9223372036854775807,"meta":{"n":1.10,"big":123456789012345678901234567890,"__proto__":1}}';
    assert.equal((await ask(staff, 'POST /books', { body })).status, 201);
    assert.equal(
      (await ask(staff, 'GET /books/50?select=title,price,big,meta')).text,
      '{"title":"x\\" é 😀","price":12345678.90,"big":9223372036854775807,"meta":{"n": 1.10, "big": 123456789012345678901234567890, "__proto__": 1}}',
    );
  });

  await t.test('says where a single new row is, when only headers are wanted', async () => {
    const answer = await ask(staff, 'POST /order_lines', {
      json: { order_id: 9, no: 'a,b&c', quantity: 1 },
      headers: wanted('return=headers-only'),
    });
    assert.deepEqual(answer, {
      status: 201,
      body: undefined,
      text: '',
      headers: {
        'content-range': '*/*',
        'preference-applied': 'return=headers-only',
        location: '/shop/rest/v1/order_lines?order_id=eq.9&no=eq.a%2Cb%26c',
      },
    });
  });

  await t.test('inserts nothing for an empty list, and defaults for an empty object', async () => {
    const none = await ask(staff, 'POST /people', { json: [], headers: wanted() });
    assert.deepEqual([none.status, none.text], [201, '[]']);
    assert.equal((await ask(staff, 'POST /log', { json: {} })).status, 201);
    assert.deepEqual(await sql('select * from log'), [{ what: null }]);
  });

  await t.test('updates what the filters reach', async () => {
    const answer = await ask(staff, 'PATCH /reviews?book_id=eq.1&select=id,stars&order=id', {
      json: { stars: 2 },
      headers: wanted(),
    });
    assert.deepEqual(answer, {
      status: 200,
      body: [
        { id: 1, stars: 2 },
        { id: 2, stars: 2 },
      ],
      text: '[{"id":1,"stars":2},{"id":2,"stars":2}]',
      headers: {
        'content-type': json,
        'content-range': '0-1/*',
        'preference-applied': 'return=representation',
        'content-profile': 'public',
      },
    });
    assert.deepEqual(await ask(staff, 'PATCH /reviews?id=eq.1', { json: { stars: 5 } }), {
      status: 204,
      body: undefined,
      text: '',
      headers: { 'content-range': '0-0/*' },
    });
    const none = await ask(staff, 'PATCH /reviews?id=eq.99', { json: { stars: 5 }, headers: wanted() });
    assert.deepEqual([none.status, none.text, none.headers['content-range']], [200, '[]', '*/*']);
  });

  await t.test('changes nothing for an empty object', async () => {
    const answer = await ask(staff, 'PATCH /reviews?id=eq.1', { json: {}, headers: wanted() });
    assert.deepEqual([answer.status, answer.text], [200, '[]']);
  });

  await t.test('updates and deletes one row by key', async () => {
    const updated = await ask(staff, 'PATCH /reviews/2?select=id,note', {
      json: { note: 'k' },
      headers: wanted(),
    });
    assert.deepEqual([updated.status, updated.text], [200, '{"id":2,"note":"k"}']);
    assert.equal((await ask(staff, 'PATCH /reviews/99', { json: { note: 'k' } })).status, 404);
    const removed = await ask(staff, 'DELETE /reviews/2?select=id', { headers: wanted() });
    assert.deepEqual([removed.status, removed.text], [200, '{"id":2}']);
    assert.equal((await ask(staff, 'DELETE /reviews/2')).status, 404);
    assert.equal((await ask(staff, 'DELETE /order_lines/7,a%2Cb')).status, 204);
    assert.deepEqual(await sql('select no from order_lines where order_id = 7'), [{ no: 'c/d' }]);
  });

  await t.test('deletes what the filters reach, also with a content type and no body', async () => {
    const answer = await ask(staff, 'DELETE /reviews?stars=eq.4', {
      headers: { prefer: 'count=exact', 'content-type': 'application/json' },
    });
    assert.deepEqual(answer, {
      status: 204,
      body: undefined,
      text: '',
      headers: { 'content-range': '*/1', 'preference-applied': 'count=exact' },
    });
  });

  await t.test('upserts by the primary key or a named one', async () => {
    const merge = wanted('resolution=merge-duplicates,return=representation');
    const both = await ask(staff, 'POST /tags?order=id', {
      json: [
        { id: 2, label: 'older' },
        { id: 3, label: 'next' },
      ],
      headers: merge,
    });
    assert.deepEqual(
      [both.status, both.text, both.headers['preference-applied']],
      [
        201,
        '[{"id":2,"label":"older"},{"id":3,"label":"next"}]',
        'resolution=merge-duplicates, return=representation',
      ],
    );
    const merged = await ask(staff, 'POST /tags', { json: { id: 2, label: 'oldest' }, headers: merge });
    assert.equal(merged.status, 200);
    const ignored = await ask(staff, 'POST /tags', {
      json: [
        { id: 2, label: 'no' },
        { id: 4, label: 'four' },
      ],
      headers: wanted('resolution=ignore-duplicates,return=representation'),
    });
    assert.deepEqual([ignored.status, ignored.text], [201, '[{"id":4,"label":"four"}]']);
    const named = await ask(staff, 'POST /books?on_conflict=isbn13&select=id,title', {
      json: { isbn13: 'i1', title: 'Alpha 2' },
      headers: merge,
    });
    assert.deepEqual([named.status, named.text], [200, '[{"id":1,"title":"Alpha 2"}]']);
    assert.deepEqual(await sql('select label from tags order by id'), [
      { label: 'new' },
      { label: 'oldest' },
      { label: 'next' },
      { label: 'four' },
    ]);
  });

  await t.test('puts one row under its key', async () => {
    const made = await ask(staff, 'PUT /tags/9', { json: { label: 'nine' }, headers: wanted() });
    assert.deepEqual([made.status, made.text], [201, '{"id":9,"label":"nine"}']);
    const replaced = await ask(staff, 'PUT /tags?id=eq.9', {
      json: { id: 9, label: 'neun' },
      headers: wanted(),
    });
    assert.deepEqual([replaced.status, replaced.text], [200, '[{"id":9,"label":"neun"}]']);
    assert.equal((await ask(staff, 'PUT /tags/9', { json: { id: 9, label: 'IX' } })).status, 204);
  });

  await t.test('writes nothing when it refuses', async () => {
    const before = await sql(
      'select (select count(*) from books) b, (select count(*) from reviews) r, (select count(*) from tags) t',
    );
    const refused: readonly (readonly [string, unknown, Record<string, string>, number, string])[] = [
      ['PATCH /books', { title: 'x' }, {}, 400, '21000'],
      ['DELETE /books', undefined, {}, 400, '21000'],
      ['POST /books', { nope: 1 }, {}, 400, 'PGRST204'],
      ['POST /books', { title: null }, {}, 400, '23502'],
      ['POST /books', { title: 'x', isbn13: 'i1' }, {}, 409, '23505'],
      ['POST /books', { title: 'x', author_id: 99 }, {}, 409, '23503'],
      ['POST /reviews', { book_id: 1, stars: 9 }, {}, 400, '23514'],
      ['POST /reviews', [{ book_id: 1, stars: 1 }, { book_id: 1, stars: 9 }], {}, 400, '23514'],
      ['POST /books', { title: 'x', price: 'much' }, {}, 400, '22P02'],
      ['POST /books', { title: 'x', price: 123456789012 }, {}, 400, '22003'],
      ['POST /books', { title: 'x', upper_title: 'X' }, {}, 400, '428C9'],
      ['POST /books?on_conflict=title', { title: 'x' }, { prefer: 'resolution=merge-duplicates' }, 400, '42P10'],
      ['PATCH /reviews?id=gt.0', { stars: 1 }, { prefer: 'handling=strict,max-affected=1' }, 400, 'PGRST124'],
      ['DELETE /reviews?id=gt.0', undefined, { prefer: 'handling=strict,max-affected=1' }, 400, 'PGRST124'],
      ['DELETE /reviews?id=gt.0', undefined, { accept: 'application/vnd.pgrst.object+json' }, 406, 'PGRST116'],
      ['POST /tags', [{ id: 20, label: 'a' }, { id: 21, label: 'b' }], { accept: 'application/vnd.pgrst.object+json' }, 406, 'PGRST116'],
      ['POST /tags', { id: 22, label: 'x' }, { prefer: 'tx=rollback' }, 403, '42501'],
    ]; // biome-ignore format: one case a line
    for (const [request, body, headers, status, code] of refused) {
      const answer = await ask(staff, request, { json: body, headers });
      const found = [answer.status, (answer.body as { code?: string } | undefined)?.code];
      assert.deepEqual(found, [status, code], `${request} ${answer.text}`);
      assert.doesNotMatch(answer.text, /syntax error|INSERT INTO|json_|\$1/);
    }
    const large = await ask(staff, 'POST /tags', {
      body: `{"id":30,"label":"${'x'.repeat(2_000_000)}"}`,
    }).catch((error: unknown) => error);
    assert.equal((large as { status: number }).status, 413);
    const after = await sql(
      'select (select count(*) from books) b, (select count(*) from reviews) r, (select count(*) from tags) t',
    );
    assert.deepEqual(after, before);
  });
});
