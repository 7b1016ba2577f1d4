/** What a caller may not see or do, through REST: denied first, and a hidden thing answers like an absent one. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { anonymous, token } from '../../test/project.ts';
import { type Answered, serve } from '../../test/rest.ts';
import { shopSql, shopYaml } from '../../test/shop.ts';

const visitor = anonymous('visitor');
const customer = token('customer', { sub: 'u1' });
const writer = token('writer', { sub: 'w' });
const staff = token('staff', { sub: 's' });
const shop = { sql: shopSql, yaml: shopYaml, schemas: ['public', 'personal'] };
const representation = { prefer: 'return=representation' };

/** The answer with the name that was asked for taken out. */
function without(name: string, { status, text, headers }: Answered): string {
  return JSON.stringify([status, headers, text.replaceAll(name, '?')]);
}

const seeDescription = 'The openapi.json of this project lists what your role sees.';

test('permissions through REST', async (t) => {
  const { ask, sql } = await serve(t, shop);
  const state = () =>
    sql(
      'select (select json_agg(b order by id)::text from books b) b, (select json_agg(r order by id)::text from reviews r) r, (select count(*) from people) p',
    );
  const before = await state();

  await t.test('a table that is absent, not exposed or not granted answers exactly alike', async () => {
    for (const [verb, body] of [
      ['GET', undefined],
      ['HEAD', undefined],
      ['OPTIONS', undefined],
      ['POST', { id: 9 }],
      ['PATCH', { id: 9 }],
      ['DELETE', undefined],
    ] as const) {
      const answers: string[] = [];
      for (const name of ['absent__', 'audit', 'order_lines', 'pg_class', '"audit"'])
        answers.push(
          without(
            encodeURIComponent(name),
            await ask(visitor, `${verb} /${encodeURIComponent(name)}?id=eq.1`, { json: body }),
          ).replaceAll(name.replaceAll('"', '\\\\\\"'), '?'),
        );
      assert.deepEqual(new Set(answers).size, 1, answers.join('\n'));
    }
    assert.deepEqual((await ask(visitor, 'GET /order_lines')).body, {
      code: 'PGRST205',
      message: "Could not find the table 'public.order_lines' in the schema cache",
      details: null,
      hint: seeDescription,
    });
  });

  await t.test('suggestions name only what the caller sees', async () => {
    const hint = async (caller: typeof visitor, path: string) =>
      ((await ask(caller, `GET ${path}`)).body as { hint: unknown }).hint;
    assert.equal(await hint(visitor, '/order_line'), seeDescription);
    assert.equal(await hint(staff, '/order_line'), "Perhaps you meant the table 'public.order_lines'");
    assert.equal(await hint(visitor, '/books?select=owne'), seeDescription);
    assert.equal(await hint(staff, '/books?select=cosst'), seeDescription);
    assert.equal(
      await hint(staff, '/books?select=owne'),
      'Perhaps you meant to reference the column "books.owner".',
    );
    assert.equal(await hint(visitor, '/users'), seeDescription);
  });

  await t.test('a profile without a visible table is like one that does not exist', async () => {
    const asked = async (name: string) =>
      without(name, await ask(visitor, 'GET /users', { headers: { 'accept-profile': name } }));
    assert.equal(await asked('personal'), await asked('nowhere_'));
    assert.match(await asked('personal'), /^\[406/);
  });

  await t.test('a column that is absent, hidden or not granted answers exactly alike in reads', async () => {
    const places = [
      'select=?',
      'select=x:?',
      '?=eq.1',
      '?=is.null',
      '?=not.in.(1)',
      'or=(id.eq.1,?.eq.1)',
      'order=?',
      'order=?.desc.nullslast',
      'select=id,reviews(id),?(id)',
      'select=id,people!author_id(?)',
      'select=id,people!author_id(id)&people.?=eq.1',
      'select=id,people!author_id(id)&order=people(?)',
      'select=id,people!?(id)',
    ];
    for (const place of places) {
      const answers: string[] = [];
      // `cost` and `salary` are hidden, `owner` is not granted to visitors, `isbn` is renamed and not granted.
      for (const name of ['absent', 'cost', 'salary', 'owner', 'isbn', 'isbn13', 'meta'])
        answers.push(without(name, await ask(visitor, `GET /books?${place.replaceAll('?', name)}`)));
      assert.equal(new Set(answers).size, 1, `${place}\n${answers.join('\n')}`);
      assert.match(answers[0]!, /^\[400,.*(42703|PGRST200)/, place);
    }
    assert.deepEqual((await ask(visitor, 'GET /books?select=cost')).body, {
      code: '42703',
      message: 'column books.cost does not exist',
      details: null,
      hint: seeDescription,
    });
  });

  await t.test('and in writes', async () => {
    const answers: string[] = [];
    for (const name of ['absent', 'cost', 'isbn', 'meta']) {
      const patch = await ask(customer, 'PATCH /books?id=eq.1', { json: { [name]: 1 } });
      const post = await ask(customer, 'POST /books', { json: { title: 'x', [name]: 1 } });
      const columns = await ask(customer, `POST /books?columns=title,${name}`, { json: { title: 'x' } });
      const conflict = await ask(customer, `POST /books?on_conflict=${name}`, {
        json: { title: 'x' },
        headers: { prefer: 'resolution=ignore-duplicates' },
      });
      answers.push([patch, post, columns, conflict].map((answer) => without(name, answer)).join('\n'));
    }
    assert.equal(new Set(answers).size, 1, answers.join('\n\n'));
    assert.deepEqual((await ask(customer, 'PATCH /books?id=eq.1', { json: { cost: 1 } })).body, {
      code: 'PGRST204',
      message: "Could not find the 'cost' column of 'books' in the schema cache",
      details: null,
      hint: seeDescription,
    });
    assert.deepEqual(await state(), before);
  });

  await t.test('a verb that is not granted is 401 for a visitor and 403 for a token', async () => {
    for (const [request, json] of [
      ['POST /books', { title: 'x' }],
      ['PATCH /books?id=eq.1', { title: 'x' }],
      ['PATCH /books/1', { title: 'x' }],
      ['DELETE /books?id=eq.1', undefined],
      ['DELETE /books/1', undefined],
      ['PUT /books/1', { title: 'x' }],
    ] as const) {
      const refused = await ask(visitor, request, { json });
      assert.deepEqual(
        [refused.status, (refused.body as { code: string }).code, refused.headers['www-authenticate']],
        [401, '42501', 'Bearer'],
        request,
      );
    }
    const read = await ask(writer, 'GET /books');
    assert.deepEqual(
      [read.status, (read.body as { code: string }).code, read.headers['www-authenticate']],
      [403, '42501', undefined],
    );
    assert.equal((await ask(writer, 'GET /books/1')).status, 403);
    assert.equal((await ask(writer, 'HEAD /books')).status, 403);
    assert.deepEqual(await state(), before);
  });

  await t.test('a column that is visible and not granted for the write is 403', async () => {
    for (const [request, json] of [
      ['PATCH /books?id=eq.1', { owner: 'u2' }],
      ['PATCH /books?id=eq.1', { published: false }],
      ['POST /books', { title: 'x', price: 1, owner: 'u1' }],
      ['POST /books', { title: 'x', price: 1, editor_id: 1 }],
    ] as const) {
      const { status, body } = await ask(customer, request, { json });
      assert.deepEqual([status, (body as { code: string }).code], [403, '42501'], request);
    }
    assert.deepEqual(await state(), before);
  });

  await t.test(
    'rows outside the grant are absent: in lists, counts, by key and through relationships',
    async () => {
      const ids = async (caller: typeof visitor, path: string) => (await ask(caller, `GET ${path}`)).text;
      assert.equal(await ids(visitor, '/books?select=id&order=id'), '[{"id":1},{"id":2},{"id":3}]');
      assert.equal(await ids(visitor, '/books?select=id&id=eq.4'), '[]');
      const hidden = await ask(visitor, 'GET /books/4');
      const absent = await ask(visitor, 'GET /books/99');
      assert.deepEqual(hidden, absent);
      assert.equal(hidden.status, 404);
      const counted = await ask(visitor, 'GET /books', { headers: { prefer: 'count=exact' } });
      assert.equal(counted.headers['content-range'], '0-2/3');
      assert.equal(await ids(visitor, '/reviews?select=id,books(title)&id=eq.4'), '[{"id":4,"books":null}]');
      assert.equal(await ids(visitor, '/reviews?select=id,books!inner(title)&id=eq.4'), '[]');
      assert.equal(await ids(visitor, '/reviews?select=id,books()&books=not.is.null&id=gt.2'), '[{"id":3}]');
      assert.equal(await ids(staff, '/books?select=id&id=eq.4'), '[{"id":4}]');
    },
  );

  await t.test('an inherited grant shows a column only in the rows of the grant that lists it', async () => {
    const path = '/books?select=id,owner&order=id';
    assert.equal(
      (await ask(customer, `GET ${path}`)).text,
      '[{"id":1,"owner":"u1"},{"id":2,"owner":"u2"},{"id":3,"owner":"u1"}]',
    );
  });

  await t.test('with no right to read, a representation is refused before anything is written', async () => {
    const refused = await ask(writer, 'POST /books', { json: { title: 'W' }, headers: representation });
    assert.deepEqual([refused.status, (refused.body as { code: string }).code], [403, '42501']);
    assert.deepEqual(await state(), before);
    const filtered = await ask(customer, 'PATCH /reviews?id=eq.1', { json: { stars: 1 } });
    assert.equal(filtered.status, 403);
    const written = await ask(writer, 'POST /books', { json: { title: 'W' } });
    assert.deepEqual([written.status, written.text], [201, '']);
    const located = await ask(writer, 'POST /books', {
      json: { title: 'W' },
      headers: { prefer: 'return=headers-only' },
    });
    assert.deepEqual([located.status, located.headers.location], [201, undefined]);
    await sql("delete from books where title = 'W'");
  });

  await t.test('a write reaches only what its grant reaches, and says nothing of the rest', async () => {
    const others = await ask(customer, 'PATCH /books?id=eq.2', {
      json: { title: 'Mine' },
      headers: representation,
    });
    assert.deepEqual([others.status, others.text], [200, '[]']);
    assert.equal((await ask(customer, 'PATCH /books/2', { json: { title: 'Mine' } })).status, 404);
    assert.equal((await ask(customer, 'DELETE /books/2')).status, 404);
    assert.deepEqual(
      (await ask(customer, 'DELETE /books?id=in.(2,4)', { headers: { prefer: 'count=exact' } })).headers[
        'content-range'
      ],
      '*/0',
    );
    const check = await ask(customer, 'PATCH /books?id=eq.1', { json: { price: -1 } });
    assert.deepEqual([check.status, (check.body as { code: string }).code], [403, '42501']);
    const insert = await ask(customer, 'POST /books', {
      json: [
        { title: 'a', price: 1 },
        { title: 'b', price: -1 },
      ],
    });
    assert.deepEqual([insert.status, (insert.body as { code: string }).code], [403, '42501']);
    const unknown = await ask(customer, 'POST /books', { json: { title: 'no price' } });
    assert.equal(unknown.status, 403);
    assert.deepEqual(await state(), before);
  });

  await t.test('what is allowed is written as the author presets it', async () => {
    const made = await ask(customer, 'POST /books?select=title,owner,published', {
      json: { title: 'New', price: 1, published: true },
      headers: representation,
    });
    assert.deepEqual([made.status, made.text], [201, '[{"title":"New","owner":"u1","published":true}]']);
    const mine = await ask(customer, 'PATCH /books?title=eq.New&select=price', {
      json: { price: 2 },
      headers: representation,
    });
    assert.deepEqual([mine.status, mine.text], [200, '[{"price":2.00}]']);
    assert.equal((await ask(customer, 'DELETE /books?title=eq.New')).status, 204);
    assert.deepEqual(await state(), before);
  });

  await t.test('an upsert takes no row of another', async () => {
    const headers = { prefer: 'resolution=merge-duplicates' };
    const refused = await ask(customer, 'POST /books', { json: { id: 2, title: 'Mine', price: 1 }, headers });
    assert.equal(refused.status, 403);
    assert.deepEqual(await state(), before);
  });

  await t.test('OPTIONS names the methods of the role', async () => {
    const allow = async (caller: typeof visitor, path: string) =>
      (await ask(caller, `OPTIONS ${path}`)).headers.allow;
    assert.equal(await allow(visitor, '/books'), 'OPTIONS,GET,HEAD');
    assert.equal(await allow(writer, '/books'), 'OPTIONS,POST');
    assert.equal(await allow(customer, '/books'), 'OPTIONS,GET,HEAD,POST,PUT,PATCH,DELETE');
    assert.equal(await allow(token('service'), '/order_lines'), 'OPTIONS,GET,HEAD,POST,PUT,PATCH,DELETE');
  });

  await t.test('everything does not show what is hidden', async () => {
    const service = token('service');
    assert.equal((await ask(service, 'GET /books?select=cost')).status, 400);
    assert.ok(!(await ask(service, 'GET /people')).text.includes('salary'));
    assert.equal((await ask(service, 'GET /audit')).status, 404);
  });
});
