/** `ETag`, `If-None-Match` and `If-Match`: what is known is not sent again, and what has changed is not overwritten. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { token } from '../../test/project.ts';
import { serve } from '../../test/rest.ts';

const sql = `
create table books (id int primary key, title text not null, price numeric, owner text);
create table lines (book_id int, no int, what text, primary key (book_id, no));
create table log (what text);
create function hello() returns text language sql stable as $$ select 'hello' $$;
insert into books values (1, 'One', 10, 'u1'), (2, 'Two', 20, 'u2'), (3, 'Three', 30, 'u1');
insert into lines values (1, 1, 'a'), (1, 2, 'b');
`;

const yaml = `
roles: { staff: {}, mine: {}, blind: {} }
functions: { hello: { permissions: { staff: { execute: true } } } }
tables:
  books:
    permissions:
      staff: { select: true, insert: true, update: true, delete: true }
      mine:
        select: { columns: [id, title], where: { owner: $jwt.sub } }
        update: { columns: [title], where: { owner: $jwt.sub } }
        delete: { where: { owner: $jwt.sub } }
      blind: { update: { columns: [title] }, delete: {}, insert: { columns: [id, title] } }
  lines: { permissions: { staff: { select: true, insert: true, update: true, delete: true } } }
  log: { permissions: { staff: { select: true, insert: true } } }
`;

const staff = token('staff', { sub: 's' });
const mine = token('mine', { sub: 'u1' });

test('tags of what is read', async (t) => {
  const { ask } = await serve(t, { sql, yaml });
  const get = (path: string, headers?: Record<string, string>, caller = staff) =>
    ask(caller, `GET ${path}`, { headers });
  const tag = async (path: string, headers?: Record<string, string>) =>
    (await get(path, headers)).headers.etag as string;

  await t.test('equal bodies have equal tags, other bodies others', async () => {
    const path = '/books?select=id&order=id';
    assert.equal(await tag(path), await tag(path));
    assert.equal(await tag(path), await tag('/books?select=id&order=id.asc'));
    const others = await Promise.all([
      tag(path),
      tag('/books?select=id&order=id.desc'),
      tag('/books?select=id,title&order=id'),
      tag(`${path}&limit=1`),
      tag('/books?select=id&id=eq.1', { accept: 'application/vnd.pgrst.object+json' }),
      tag(path, { accept: 'text/csv' }),
      tag(path, { accept: 'application/x-ndjson', range: '0-0' }),
      tag('/books?id=eq.99'),
      tag('/rpc/hello'),
    ]);
    assert.equal(new Set(others).size, others.length);
    for (const one of others) assert.match(one, /^"[\w-]{27}"$/);
  });

  await t.test('answers 304 without a body to whoever has it', async () => {
    const path = '/books?select=id&id=eq.1';
    const etag = await tag(path);
    for (const known of [etag, `W/${etag}`, `"x", ${etag}`, '*'])
      assert.deepEqual(await get(path, { 'if-none-match': known, prefer: 'count=exact' }), {
        status: 304,
        body: undefined,
        text: '',
        headers: { 'content-range': '0-0/1', 'preference-applied': 'count=exact', etag },
      });
    const head = await ask(staff, `HEAD ${path}`, { headers: { 'if-none-match': etag } });
    assert.deepEqual([head.status, head.text, head.headers.etag], [304, '', etag]);
    const page = '/books?select=id&order=id&limit=1';
    const partial = await get(page, { 'if-none-match': await tag(page), prefer: 'count=exact' });
    assert.deepEqual([partial.status, partial.headers['content-range']], [304, '0-0/3']);
    assert.match(String(partial.headers.link), /rel="next"/);
    const hello = await get('/rpc/hello', { 'if-none-match': await tag('/rpc/hello') });
    assert.deepEqual([hello.status, hello.text], [304, '']);
  });

  await t.test('answers whole to whoever has another, once it has changed', async () => {
    const path = '/books/2?select=id,price';
    const before = await tag(path);
    assert.equal((await get(path, { 'if-none-match': '"x"' })).text, '{"id":2,"price":20}');
    assert.equal((await ask(staff, 'PATCH /books/2', { json: { price: 21 } })).status, 204);
    const after = await get(path, { 'if-none-match': before });
    assert.deepEqual([after.status, after.text], [200, '{"id":2,"price":21}']);
    assert.notEqual(after.headers.etag, before);
  });

  await t.test('says nothing of rows that the role does not see', async () => {
    const tagOf = async (path: string) => (await get(path, undefined, mine)).headers.etag;
    assert.equal(await tagOf('/books?id=eq.2'), await tagOf('/books?id=eq.99'));
    const { status, headers } = await get('/books/2', { 'if-none-match': '*' }, mine);
    assert.deepEqual([status, headers.etag], [404, undefined]);
  });

  await t.test('refusals and writes have no tag', async () => {
    assert.equal((await get('/books?nope=eq.1')).headers.etag, undefined);
    assert.equal((await get('/books?nope=eq.1', { 'if-none-match': '*' })).status, 400);
    const written = await ask(staff, 'PATCH /books?id=eq.3', {
      json: { price: 30 },
      headers: { prefer: 'return=representation', 'if-none-match': '*' },
    });
    assert.deepEqual([written.status, written.headers.etag], [200, undefined]);
  });
});

const stale = {
  code: 'NS412',
  message: 'The row has changed since it was read.',
  details: null,
  hint: 'Read it again with the same token, and send the ETag of that answer as If-Match; nothing was written.',
};

test('writes of what was read', async (t) => {
  const { ask, sql: query } = await serve(t, { sql, yaml });
  const state = () => query('select * from books order by id');
  const tag = async (path: string, caller = staff, headers?: Record<string, string>) =>
    (await ask(caller, `GET ${path}`, { headers })).headers.etag as string;
  const write = (
    request: string,
    ifMatch: string,
    json?: unknown,
    caller = staff,
    more?: Record<string, string>,
  ) => ask(caller, request, { json, headers: { 'if-match': ifMatch, ...more } });

  const writes: readonly (readonly [string, string, unknown])[] = [
    ['PATCH /books/1', '/books/1', { title: 'Uno' }],
    ['PATCH /books?id=eq.1', '/books?id=eq.1', { title: 'Eins' }],
    ['PATCH /books?id=lt.3&order=id', '/books?id=lt.3&order=id', { price: 5 }],
    ['PATCH /books/1?select=title', '/books/1?select=title', { title: 'Un' }],
    ['PUT /books/1', '/books/1', { title: 'One', price: 1, owner: 'u1' }],
    ['PUT /books?id=eq.1', '/books/1', { id: 1, title: 'Ena', price: 1, owner: 'u1' }],
    ['DELETE /books/3', '/books/3', undefined],
    ['DELETE /books?id=eq.2', '/books?id=eq.2', undefined],
  ];
  for (const [request, path, json] of writes)
    await t.test(
      `${request} writes nothing when it is stale, and what it says when it is fresh`,
      async () => {
        const before = await state();
        const fresh = await tag(path);
        for (const old of ['"x"', `"${'A'.repeat(27)}"`, '', fresh.replaceAll('"', ''), `x${fresh}`]) {
          const { status, body } = await write(request, old, json);
          assert.deepEqual([status, body], [412, stale], old);
        }
        assert.deepEqual(await state(), before);
        const written = await write(request, `"x", ${fresh}`, json);
        assert.equal(written.status, 204, written.text);
        assert.notDeepEqual(await state(), before);
        const { status } = await write(request, fresh, json);
        assert.equal(status, 412);
      },
    );

  await t.test('takes * for any row that there is, and refuses where there is none', async () => {
    await query("insert into books values (4, 'Four', 4, 'u2') on conflict do nothing");
    assert.equal((await write('PATCH /books/4', '*', { price: 4.5 })).status, 204);
    const before = await state();
    for (const [request, json] of [
      ['PATCH /books/99', { price: 1 }],
      ['PATCH /books?id=eq.99', { price: 1 }],
      ['PUT /books/99', { title: 'new' }],
      ['DELETE /books/99', undefined],
      ['DELETE /books?id=eq.99', undefined],
    ] as const) {
      const { status, body } = await write(request, '*', json);
      assert.deepEqual([status, body], [412, { ...stale, message: 'There is no row to match.' }], request);
    }
    assert.deepEqual(await state(), before);
  });

  await t.test('says what it wrote, and takes a key of several columns', async () => {
    const etag = await tag('/lines/1,2');
    const changed = await write('PATCH /lines/1,2', etag, { what: 'c' }, staff, {
      prefer: 'return=representation',
    });
    assert.deepEqual([changed.status, changed.text], [200, '{"book_id":1,"no":2,"what":"c"}']);
    assert.equal((await write('PUT /lines/1,2', etag, { what: 'd' })).status, 412);
    assert.equal((await write('PUT /lines/1,2', await tag('/lines/1,2'), { what: 'd' })).status, 204);
    const object = { accept: 'application/vnd.pgrst.object+json' };
    const one = await tag('/lines?book_id=eq.1&no=eq.2', staff, object);
    assert.equal((await write('DELETE /lines?book_id=eq.1&no=eq.2', one)).status, 412);
    assert.equal(
      (await write('DELETE /lines?book_id=eq.1&no=eq.2', one, undefined, staff, object)).status,
      204,
    );
  });

  await t.test('has no meaning for a new row', async () => {
    assert.equal((await write('POST /log', '"x"', { what: 'x' })).status, 201);
  });

  await t.test('compares what the role sees, and tells nothing of other rows', async () => {
    await query("insert into books values (5, 'Five', 5, 'u1'), (6, 'Six', 6, 'u2')");
    const seen = await tag('/books/5', mine);
    assert.notEqual(seen, await tag('/books/5'));
    const hidden = await write('PATCH /books/6', '*', { title: 'x' }, mine);
    const absent = await write('PATCH /books/99', '*', { title: 'x' }, mine);
    assert.deepEqual([hidden.status, hidden.text], [absent.status, absent.text]);
    assert.equal(hidden.status, 412);
    // What the role does not see may change without its notice.
    await query('update books set price = 55 where id = 5');
    assert.equal((await write('PATCH /books/5', seen, { title: 'V' }, mine)).status, 204);
    assert.deepEqual(await query('select title, price::int from books where id = 5'), [
      { title: 'V', price: 55 },
    ]);
  });

  await t.test('needs the right to read', async () => {
    const blind = token('blind');
    const before = await state();
    for (const [request, json] of [
      ['PATCH /books/5', { title: 'x' }],
      ['DELETE /books/5', undefined],
      ['PUT /books/5', { title: 'x' }],
    ] as const) {
      const { status, body } = await write(request, '*', json, blind);
      assert.deepEqual([status, (body as { code: string }).code], [403, '42501'], request);
    }
    assert.deepEqual(await state(), before);
  });

  await t.test('of several writers at once with one tag, exactly one writes', async () => {
    for (const [name, request, path] of [
      ['by key', 'PATCH /books/5', '/books/5'],
      ['by filter', 'PATCH /books?id=eq.5', '/books?id=eq.5'],
      ['several rows', 'PATCH /books?id=in.(5,6)&order=id', '/books?id=in.(5,6)&order=id'],
      ['put', 'PUT /books/5', '/books/5'],
    ] as const) {
      const etag = await tag(path);
      const answers = await Promise.all(
        Array.from({ length: 8 }, (_, at) => write(request, etag, { title: `${name} ${at}`, price: at })),
      );
      const statuses = answers.map(({ status }) => status).sort();
      assert.deepEqual(statuses, [204, ...Array(7).fill(412)], name);
      const winner = answers.findIndex(({ status }) => status === 204);
      assert.deepEqual(await query('select title from books where id = 5'), [{ title: `${name} ${winner}` }]);
    }
    const etag = await tag('/books/5');
    const removals = await Promise.all(Array.from({ length: 4 }, () => write('DELETE /books/5', etag)));
    assert.deepEqual(removals.map(({ status }) => status).sort(), [204, 412, 412, 412]);
  });
});
