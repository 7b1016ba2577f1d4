/** Pages by cursor: every row once and in order, whatever the order and whoever writes meanwhile; and what is refused. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { anonymous, token } from '../../test/project.ts';
import { type Answered, serve } from '../../test/rest.ts';

const sql = `
create table items (
  id int primary key, name text not null, price numeric, day date, grp int not null, code uuid unique, flag boolean not null default false,
  owner text, meta jsonb, at timestamptz not null, unique (grp, name)
);
insert into items select n, case n % 7 when 0 then 'a"b' when 1 then 'Ä,ö' when 2 then '😀 ' when 3 then '' when 4 then '{x}' when 5 then E'line\\nfeed' else 'k1~x' end || n,
  case when n % 4 = 0 then null else (n * 37 % 11) / 4.0 end, case when n % 5 = 0 then null else date '2024-01-01' + n % 6 end, n % 3,
  case when n % 2 = 0 then null else ('00000000-0000-4000-8000-' || lpad((97 - n)::text, 12, '0'))::uuid end, n % 2 = 0,
  case when n % 2 = 0 then 'u1' else 'u2' end, jsonb_build_object('n', n), timestamptz '2024-01-01 00:00:00.000001+00' + (n % 9) * interval '1 microsecond'
from generate_series(1, 40) n;
create table others (id int primary key, grp int);
insert into others select n, 1 from generate_series(1, 10) n;
create table keyless (n int);
insert into keyless select n from generate_series(1, 10) n;
create view view_items as select id, name from items;
create table "we ird" ("a.b" int primary key, "__proto__" text not null);
insert into "we ird" select n, 'x' from generate_series(1, 5) n;
`;

const yaml = `
auth: { anonymous: visitor }
roles: { visitor: {}, staff: {}, other: {}, cells: { inherits: [left, right] }, left: {}, right: {} }
tables:
  items:
    permissions:
      visitor: { select: { columns: [id, name], where: { flag: true }, limit: 6 } }
      staff: { select: true, insert: true, delete: true }
      other: { select: true }
      left: { select: { columns: [id, name], where: { flag: true } } }
      right: { select: { columns: [id, grp], where: { flag: false } } }
  others: { permissions: { staff: { select: true } } }
  keyless: { permissions: { staff: { select: true } } }
  view_items: { key: [id], permissions: { staff: { select: true } } }
  "we ird": { permissions: { staff: { select: true } } }
`;

const staff = token('staff', { sub: 's' });

/** The path of the next page, below `/rest/v1`; undefined on the last one. */
function nextOf({ headers }: Answered): string | undefined {
  const match = /^<\/shop\/rest\/v1(\/.*)>; rel="next"$/.exec(String(headers.link ?? ''));
  return match?.[1];
}

test('pages by cursor', async (t) => {
  const { ask, sql: query } = await serve(t, { sql, yaml });
  const get = (path: string, caller = staff, headers?: Record<string, string>) =>
    ask(caller, `GET ${path}`, { headers });

  async function walk(path: string, caller = staff): Promise<unknown[]> {
    const rows: unknown[] = [];
    for (let next: string | undefined = path; next !== undefined; ) {
      const answer: Answered = await get(next, caller);
      assert.equal(answer.status, 200, answer.text);
      rows.push(...(answer.body as unknown[]));
      assert.ok(rows.length <= 1000);
      next = nextOf(answer);
    }
    return rows;
  }

  const orders = [
    'id', 'id.desc', 'name,id', 'name.desc,id', 'price,id', 'price.desc,id.desc', 'price.nullsfirst,id', 'price.desc.nullslast,id.desc',
    'day.desc.nullslast,price.nullsfirst,id', 'day.nullsfirst,price.desc,flag,id', 'grp.desc,name', 'name.desc,grp', 'at.desc,id',
    'flag,at,id.desc', 'code,id', 'code.desc.nullslast,id', 'id,name', 'owner.nullsfirst,day.nullsfirst,price.nullsfirst,id',
  ]; // biome-ignore format: a list
  for (const order of orders)
    await t.test(`gives every row once, in the order of ${order}`, async () => {
      const whole = await get(`/items?select=id&order=${order}`);
      for (const limit of [1, 3, 7, 40, 41])
        assert.deepEqual(
          await walk(`/items?select=id&order=${order}&limit=${limit}`),
          whole.body,
          String(limit),
        );
      // The columns of the order need not be selected, and may be under other names.
      const named = await get(`/items?select=name:id,id:name,price::text&order=${order}`);
      assert.deepEqual(
        await walk(`/items?select=name:id,id:name,price::text&order=${order}&limit=9`),
        named.body,
      );
    });

  await t.test('keeps filters, embeds and their pages from page to page', async () => {
    const path =
      '/items?select=id,meta->n,name&or=(flag.is.true,price.gt.1)&id=lt.30&order=price.desc.nullslast,id';
    assert.deepEqual(await walk(`${path}&limit=4`), (await get(path)).body);
  });

  await t.test('begins behind an offset, which the next page has no more', async () => {
    const first = await get('/items?select=id&order=id&limit=2&offset=5');
    assert.equal(first.text, '[{"id":6},{"id":7}]');
    assert.match(nextOf(first)!, /^\/items\?select=id&order=id&limit=2&after=k1~[\w-]+~[\w-]{43}$/);
    const second = await get(nextOf(first)!);
    assert.deepEqual([second.text, second.headers['content-range']], ['[{"id":8},{"id":9}]', '*/*']);
    const range = await get('/items?select=id&order=id', staff, { range: '0-1' });
    assert.equal((await get(`${nextOf(range)!}&limit=1`)).text, '[{"id":3}]');
  });

  await t.test('counts all rows whatever the page', async () => {
    const counted = { prefer: 'count=exact' };
    const first = await get('/items?select=id&order=id&limit=2', staff, counted);
    assert.deepEqual([first.status, first.headers['content-range']], [206, '0-1/40']);
  });

  await t.test('walks the rows that the role sees, in pages of the grant', async () => {
    const visitor = anonymous('visitor');
    const first = await get('/items?select=id&order=id.desc', visitor);
    assert.equal((first.body as unknown[]).length, 6);
    assert.deepEqual(
      await walk('/items?select=id&order=id.desc', visitor),
      Array.from({ length: 20 }, (_, at) => ({ id: 40 - at * 2 })),
    );
  });

  await t.test('gives no row twice and misses none, when rows come and go meanwhile', async () => {
    const path = '/items?select=id&order=price.desc.nullslast,id&limit=5';
    const before = ((await get('/items?select=id&order=id')).body as { id: number }[]).map(({ id }) => id);
    const seen: number[] = [];
    let next: string | undefined = path;
    for (let page = 0; next !== undefined; page += 1) {
      const answer: Answered = await get(next);
      seen.push(...(answer.body as { id: number }[]).map(({ id }) => id));
      next = nextOf(answer);
      await query(`insert into items (id, name, price, grp, at) values ($1, $2, $3, 9, now())`, [
        1000 + page,
        `n${page}`,
        page % 2 === 0 ? 9 : null,
      ]);
      if (page === 2) await query('delete from items where id = any($1)', [seen.slice(0, 3)]);
    }
    assert.equal(new Set(seen).size, seen.length);
    for (const id of before) assert.ok(seen.includes(id), String(id));
    await query('delete from items where id >= 1000');
    await query(
      `insert into items (id, name, grp, at) select id, 'back' || id, 8, now() from unnest($1::int[]) id`,
      [seen.slice(0, 3)],
    );
  });

  await t.test('gives no Link on a page that is not full, by key, of one object, or of lines', async () => {
    for (const path of ['/items?order=id&limit=100', '/items/1?order=id', '/items?id=eq.99&order=id', '/items?order=id&limit=0'])
      assert.equal((await get(path)).headers.link, undefined, path);
    for (const accept of ['application/vnd.pgrst.object+json', 'text/csv', 'application/geo+json'])
      assert.equal((await get('/items?id=eq.1&order=id&limit=1', staff, { accept })).headers.link, undefined);
  }); // biome-ignore format: a list

  const endless = [
    'limit=2', 'order=price&limit=2', 'order=name&limit=2', 'order=name&limit=2&select=id,count()', 'order=code&limit=2', 'order=grp&limit=2',
    'order=meta->n,id&limit=2', 'order=meta,day&limit=2',
  ]; // biome-ignore format: a list
  for (const path of endless)
    await t.test(`gives no Link where the order has no unique end: ${path}`, async () =>
      assert.equal((await get(`/items?${path}`)).headers.link, undefined),
    );

  await t.test('gives no Link where a column of the order is not readable in every row', async () => {
    const cells = token('cells');
    assert.equal((await get('/items?select=id&order=name,id&limit=2', cells)).headers.link, undefined);
    assert.equal((await get('/items?select=id&order=grp,id&limit=2', cells)).headers.link, undefined);
    assert.deepEqual(
      await walk('/items?select=id&order=id&limit=9', cells),
      (await get('/items?select=id&order=id', cells)).body,
    );
  });

  await t.test('gives no Link for rows without a key in the database', async () => {
    assert.equal((await get('/keyless?order=n&limit=2')).headers.link, undefined);
    assert.equal((await get('/view_items?order=id&limit=2')).headers.link, undefined);
  });

  await t.test('keeps hostile names in the Link', async () => {
    const path = '/we%20ird?select=%22a.b%22&%22__proto__%22=eq.x&order=%22a.b%22.desc';
    assert.match(
      nextOf(await get(`${path}&limit=2`))!,
      /^\/we%20ird\?select=%22a\.b%22&%22__proto__%22=eq\.x&/,
    );
    assert.deepEqual(await walk(`${path}&limit=2`), (await get(path)).body);
  });

  await t.test('refuses a cursor that is altered, or of another role, table, filter or order', async () => {
    const path = nextOf(await get('/items?select=id&grp=eq.1&order=id&limit=2'))!;
    assert.equal((await get(path)).status, 200);
    const other = nextOf(await get('/items?select=id&grp=eq.1&order=id&limit=2&offset=2'))!;
    const [, one = '', sign = ''] = /after=(k1~[\w-]+)~([\w-]+)$/.exec(path)!;
    for (const altered of [
      path.replace(sign, /after=k1~[\w-]+~([\w-]+)$/.exec(other)![1]!),
      path.replace(one, `k1~${Buffer.from('["1"]').toString('base64url')}`),
      path.slice(0, -1),
      `${path}A`,
      path.replace('/items', '/others').replace('select=id&grp', 'select=id&grp'),
      path.replace('grp=eq.1', 'grp=eq.2'),
      path.replace('&grp=eq.1', ''),
      path.replace('order=id', 'order=id.desc'),
      path.replace('select=id', 'select=id,owner'),
      `${path}&owner=eq.u1`,
      `${path}&offset=1`,
      path.replace('&order=id', ''),
    ]) {
      const { status, body } = await get(altered);
      assert.deepEqual([status, (body as { code: string }).code], [400, 'NS402'], altered);
    }
    const refused = await get(path, token('other'));
    assert.deepEqual(
      [refused.status, refused.body],
      [
        400,
        {
          code: 'NS402',
          message: 'The cursor is not valid for this request.',
          details: null,
          hint: 'Follow the Link of the page before as it is: a cursor is bound to its table, filters, order and role.',
        },
      ],
    );
  });
});

test('refuses the cursors of another project, or of an engine with another secret', async (t) => {
  const one = await serve(t, { sql, yaml });
  const two = await serve(t, { sql, yaml });
  const next = nextOf(await one.ask(staff, 'GET /items?select=id&order=id&limit=2'))!;
  assert.equal((await one.ask(staff, `GET ${next}`)).status, 200);
  const refused = await two.ask(staff, `GET ${next}`);
  assert.deepEqual([refused.status, (refused.body as { code: string }).code], [400, 'NS402']);
});
