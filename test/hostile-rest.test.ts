/** A hostile caller: names that are hidden, writes that are not allowed, headers and bodies made to break something. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { token } from './project.ts';
import { type Answered, type Served, serve } from './rest.ts';

const visitor = token('visitor', { sub: 'v' });
const me = token('me', { sub: 'me' });
const staff = token('staff', { sub: 's' });

const sql = `
create table members (id int primary key, canary text);
create table books (
  id int primary key, title text, owner text, price int default 7, canary_cost int default 99, made int generated always as (id * 2) stored,
  constraint canary_unique unique (canary_cost, title), constraint canary_check check (price < 1000)
);
create table reviews (id int primary key, book_id int constraint canary_fk references books, stars int);
create table "__proto__" ("constructor" int primary key, "a""b" text, "a.b" text, "😀" text, "__proto__" text, "${'n'.repeat(63)}" text);
create function open_sum(a int, b int default 1) returns int language sql immutable as 'select a + b';
create function canary_call(canary_argument int) returns int language sql immutable as 'select 1';
create function canary_rows() returns setof members language sql stable as 'select * from members';
create function members_of() returns setof members language sql stable as 'select * from members';
create function canary_field(books) returns int language sql stable as 'select $1.canary_cost';
create function canary_reviews(books) returns setof reviews language sql stable as 'select * from reviews';
create function whole(text) returns text language sql immutable as 'select $1';
create function whole(json) returns json language sql immutable as 'select $1';
create function answer(headers json, status text default '') returns text language plpgsql as $$
  begin perform set_config('response.headers', headers::text, true), set_config('response.status', status, true); return 'two words'; end $$;
create function raised(detail text) returns text language plpgsql as $$
  begin raise sqlstate 'PGRST' using message = '{"code":"T","message":"m"}', detail = detail; end $$;
create function "od""d;--"("x"")" int) returns int language sql immutable as 'select 1';
insert into members values (1, 'canary');
insert into books (id, title, owner, canary_cost) values (1, 'Mine', 'me', 1), (2, 'canary', 'you', 2);
insert into reviews values (1, 1, 5), (2, 2, 1);
insert into "__proto__" values (1, 'x', 'y', 'z', 'p', 'n');
`;

const yaml = `
roles: { visitor: {}, me: {}, staff: {} }
limits: { dry_run: [staff], rows: 100 }
tables:
  members: {}
  books:
    columns: { canary_cost: { hidden: true } }
    permissions:
      visitor: { select: { columns: [id, title], where: { owner: me } } }
      me:
        select: { columns: [id, title, owner], where: { owner: $jwt.sub } }
        insert: { columns: [id, title, price], set: { owner: $jwt.sub }, check: { price: { _lt: 100 } } }
        update: { columns: [id, title], where: { owner: $jwt.sub } }
      staff: { select: true, insert: true, update: true, delete: true }
  reviews: { permissions: { staff: { select: true } } }
  __proto__: { permissions: { staff: { select: true, insert: true, update: true, delete: true } } }
functions:
  open_sum: { permissions: { visitor: { execute: true }, me: { execute: true } } }
  canary_call: { permissions: { staff: { execute: true } } }
  canary_rows: {}
  members_of: { permissions: { me: { execute: true } } }
  canary_field: { permissions: { staff: { execute: true } } }
  canary_reviews: { permissions: { staff: { execute: true } } }
  whole: { permissions: { me: { execute: true } } }
  answer: { permissions: { me: { execute: true } } }
  raised: { permissions: { me: { execute: true } } }
  odd: { function: 'public.od"d;--', permissions: { me: { execute: true } } }
`;

function open(t: TestContext): Promise<Served> {
  return serve(t, { sql, yaml });
}

const books = async ({ sql: run }: Served) => run('select id, title, owner, price from books order by id');

test('a hidden name and one that is not there answer with the same words', async (t) => {
  const { ask } = await open(t);
  const pairs: readonly (readonly [hidden: string, absent: string, request: string])[] = [
    ['members', 'mxmxmxm', 'GET /NAME'],
    ['members', 'mxmxmxm', 'POST /NAME'],
    ['members', 'mxmxmxm', 'OPTIONS /NAME'],
    ['reviews', 'rxrxrxr', 'GET /NAME/1'],
    ['canary_call', 'qqqqqq_call', 'GET /rpc/NAME'],
    ['canary_call', 'qqqqqq_call', 'GET /rpc/NAME?canary_argument=1'],
    ['canary_call', 'qqqqqq_call', 'POST /rpc/NAME'],
    ['canary_call', 'qqqqqq_call', 'PUT /rpc/NAME'],
    ['canary_call', 'qqqqqq_call', 'OPTIONS /rpc/NAME'],
    ['canary_rows', 'qqqqqq_rows', 'GET /rpc/NAME'],
    ['canary_cost', 'qqqqqq_cost', 'GET /books?select=NAME'],
    ['canary_cost', 'qqqqqq_cost', 'GET /books?select=NAME::int,NAME->a'],
    ['canary_cost', 'qqqqqq_cost', 'GET /books?NAME=eq.1'],
    ['canary_cost', 'qqqqqq_cost', 'GET /books?NAME=fts(simple).a'],
    ['canary_cost', 'qqqqqq_cost', 'GET /books?or=(id.eq.1,NAME.in.(1,2))'],
    ['canary_cost', 'qqqqqq_cost', 'GET /books?order=NAME'],
    ['canary_cost', 'qqqqqq_cost', 'GET /books?select=NAME(id)'],
    ['canary_cost', 'qqqqqq_cost', 'GET /books?select=...reviews!NAME(id)'],
    ['canary_cost', 'qqqqqq_cost', 'PATCH /books?NAME=eq.1'],
    ['canary_cost', 'qqqqqq_cost', 'DELETE /books?NAME=eq.1'],
    ['canary_cost', 'qqqqqq_cost', 'POST /books?columns=NAME'],
    ['canary_cost', 'qqqqqq_cost', 'POST /books?on_conflict=NAME'],
    ['canary_field', 'qqqqqq_field', 'GET /books?select=NAME'],
    ['canary_field', 'qqqqqq_field', 'GET /books?NAME=gt.1'],
    ['canary_field', 'qqqqqq_field', 'GET /books?order=NAME'],
    ['canary_reviews', 'qqqqqq_reviews', 'GET /books?select=NAME(id)'],
    ['canary_reviews', 'qqqqqq_reviews', 'GET /books?select=...NAME(id)'],
    ['reviews', 'rxrxrxr', 'GET /books?select=id,NAME(stars)'],
    ['reviews', 'rxrxrxr', 'GET /books?select=id,...NAME(stars.max())'],
    ['reviews', 'rxrxrxr', 'GET /books?select=id,NAME!canary_fk(stars)'],
    ['canary_fk', 'qqqqqq_fk', 'GET /books?select=id,NAME(stars)'],
    ['reviews', 'rxrxrxr', 'GET /books?select=id&NAME=is.null'],
    ['reviews', 'rxrxrxr', 'GET /books?order=NAME(stars)'],
  ];
  for (const caller of [visitor, me]) {
    for (const [hidden, absent, request] of pairs) {
      const json = /^(POST|PATCH)/.test(request) ? { NAME: 1 } : undefined;
      const as = (name: string) =>
        ask(caller, request.replaceAll('NAME', name), {
          ...(json && { json: { [name]: 1 } }),
          headers: { prefer: 'resolution=merge-duplicates,return=representation' },
        });
      const [one, other] = [await as(hidden), await as(absent)];
      const text = (answer: Answered, name: string) => ({
        ...answer,
        body: undefined,
        text: answer.text.replaceAll(name, 'NAME'),
      });
      assert.deepEqual(text(one, hidden), text(other, absent), `${caller.role}: ${request} ${hidden}`);
      assert.ok(one.status >= 400 && one.status < 500, `${request} ${one.status}`);
      assert.doesNotMatch(
        one.text.replaceAll(hidden, '').replaceAll('canary_argument', '').replaceAll("hint 'canary_fk'", ''),
        /canary/,
        request,
      );
    }
  }
});

test('no suggestion, list of columns or allowed method names what is hidden', async (t) => {
  const { ask } = await open(t);
  const requests = [
    'GET /member', 'GET /reviewz', 'GET /rpc/canary_cal', 'GET /rpc/members_o', 'GET /books?select=canary_cos', 'GET /books?order=canary_fiel',
    'GET /books?select=canary_review(id)', 'GET /books?select=review(id)', 'GET /books?canary_cost.x=eq.1', 'POST /books?columns=canary_cos',
    'GET /books?select=*&order=id', 'OPTIONS /books', 'GET /rpc/open_sum', 'GET /rpc/open_sum?c=1', 'GET /books?select=books(*)',
    'GET /books?select=id::canary', 'PUT /books/1', 'GET /rpc/members_of', 'GET /rpc/members_of?select=canary', 'POST /rpc/members_of',
  ]; // biome-ignore format: a list
  for (const caller of [visitor, me]) {
    for (const request of requests) {
      const answer = await ask(caller, request, request.startsWith('P') ? { json: { id: 1 } } : {});
      const named = request.match(/canary\w*/g) ?? [];
      const rest = named.reduce((text, name) => text.replaceAll(name, ''), answer.text);
      assert.doesNotMatch(rest + JSON.stringify(answer.headers), /canary/, `${caller.role}: ${request}`);
      assert.ok(answer.status < 500, `${request} ${answer.status}`);
    }
  }
  assert.deepEqual((await ask(me, 'OPTIONS /books')).headers.allow, 'OPTIONS,GET,HEAD,POST,PUT,PATCH');
  assert.deepEqual((await ask(visitor, 'OPTIONS /books')).headers.allow, 'OPTIONS,GET,HEAD');
});

test('no aggregate without the grant for it, in whatever place', async (t) => {
  const { ask } = await open(t);
  for (const query of ['select=title,count()', 'select=count(),count()', 'select=count()&having=count().gt.0', 'select=id.max()', 'select=id&order=id.max()', 'select=id&having=count().gt.0', 'select=id&order=count()']) {
    const { status, text } = await ask(visitor, `GET /books?${query}`);
    assert.equal(status, 400, query);
    assert.match(text, /PGRST123|42803/, query);
  } // biome-ignore format: one line
});

test('a write outside the grant changes nothing, whichever way it comes', async (t) => {
  const served = await open(t);
  const { ask } = served;
  const before = await books(served);
  const merge = { prefer: 'resolution=merge-duplicates,missing=default,return=representation' };
  const tries: readonly (readonly [request: string, status: number, json: unknown, headers?: Record<string, string>])[] = [
    ['POST /books', 403, { id: 3, owner: 'you' }],
    ['POST /books', 400, { id: 3, canary_cost: 1 }],
    ['POST /books', 400, { id: 3, made: 1 }],
    ['POST /books', 403, [{ id: 3, price: 5 }, { id: 4, price: 500 }]],
    ['POST /books?columns=id,price', 403, [{ id: 3 }, { id: 4, price: 500 }], merge],
    ['POST /books?columns=id,title', 403, [{ id: 1, title: 'A' }, { id: 2, title: 'B' }], merge],
    ['POST /books?columns=id,title', 403, [{ id: 3 }, { id: 2, title: 'B' }], merge],
    ['POST /books?columns=id,price', 403, [{ id: 1, price: 5 }], merge],
    ['POST /books?columns=id,owner', 403, [{ id: 3, owner: 'you' }], merge],
    ['POST /books?columns=id,title,made', 400, [{ id: 3 }], merge],
    ['POST /books?on_conflict=title,canary_cost&columns=id,title', 400, [{ id: 3, title: 'x' }], merge],
    ['PUT /books/2', 403, { id: 2, title: 'B' }, merge],
    ['PUT /books/2', 412, { id: 2, title: 'B' }, { 'if-match': '*' }],
    ['PATCH /books?id=eq.2', 412, { title: 'B' }, { 'if-match': '*' }],
    ['PATCH /books?id=eq.1', 412, { title: 'B' }, { 'if-match': '"no"' }],
    ['PATCH /books?id=eq.1', 403, { price: 1 }],
    ['PATCH /books?id=eq.1', 403, { owner: 'you' }],
    ['PATCH /books?id=eq.1', 409, { id: 2 }],
    ['PATCH /books?id=eq.1', 400, { title: 'B' }, { prefer: 'handling=strict,max-affected=0' }],
    ['PATCH /books?id=eq.1', 403, { title: 'B' }, { prefer: 'tx=rollback' }],
    ['POST /books', 403, { id: 3 }, { prefer: 'tx=rollback' }],
    ['POST /rpc/open_sum', 403, { a: 1 }, { prefer: 'tx=rollback' }],
    ['PATCH /books', 400, { title: 'B' }],
    ['PATCH /books?select=id,title::int', 400, { title: 'B' }],
    ['PATCH /books?id=eq.1&select=id,title::int', 400, { title: 'B' }, { prefer: 'return=representation' }],
    ['POST /books?select=title::date', 400, { id: 3, title: 'B' }, { prefer: 'return=representation' }],
    ['POST /books', 406, [{ id: 3 }, { id: 4 }], { accept: 'application/vnd.pgrst.object+json', prefer: 'return=representation' }],
    ['DELETE /books?id=eq.1', 403, undefined],
  ]; // biome-ignore format: one line each
  for (const [request, status, json, headers] of tries) {
    const answer = await ask(me, request, {
      ...(json === undefined ? null : { json }),
      ...(headers && { headers }),
    });
    assert.equal(answer.status, status, `${request} ${JSON.stringify(json)}: ${answer.text}`);
    assert.doesNotMatch(answer.text.replaceAll('canary_cost', ''), /canary/, request);
    assert.deepEqual(await books(served), before, request);
  }
  for (const [request, json] of [['POST /books', { id: 9 }], ['PATCH /books?id=eq.2', { title: 'B' }], ['DELETE /books?id=eq.77', undefined]] as const) {
    const { status } = await ask(staff, request, { ...(json && { json }), headers: { prefer: 'tx=rollback,return=representation' } });
    assert.ok(status === 200 || status === 201, `${request} ${status}`);
    assert.deepEqual(await books(served), before, request);
  } // biome-ignore format: one line each
});

test('rows that leave columns to their defaults write no column beyond the grant', async (t) => {
  const served = await open(t);
  const prefer = 'missing=default,resolution=merge-duplicates,return=representation';
  const { status, body } = await served.ask(me, 'POST /books?columns=id,title,price&select=id,title,owner', {
    headers: { prefer: prefer.replace('resolution=merge-duplicates,', '') },
    json: [{ id: 5, owner: 'you', canary_cost: 5 }, { id: 6, title: 'Six', price: 8 }, { id: 7, __proto__: { title: 'x' } }],
  }); // biome-ignore format: one line
  assert.equal(status, 201);
  assert.deepEqual(body, [
    { id: 5, title: null, owner: 'me' },
    { id: 7, title: null, owner: 'me' },
    { id: 6, title: 'Six', owner: 'me' },
  ]);
  assert.deepEqual(await served.sql('select id, price, canary_cost from books where id > 2 order by id'), [
    { id: 5, price: 7, canary_cost: 99 },
    { id: 6, price: 8, canary_cost: 99 },
    { id: 7, price: 7, canary_cost: 99 },
  ]);
});

test('a cursor is good for its own request alone, and holds only what its caller reads', async (t) => {
  const { ask } = await serve(t, {
    sql: `create table items (id int primary key, rank int, hidden text default 'canary'); insert into items select n, n % 3 from generate_series(1, 9) n;`,
    yaml: `
roles: { one: {}, two: {} }
tables: { items: { permissions: { one: { select: { columns: [id, rank] } }, two: { select: { columns: [id, rank], where: { id: { _lt: 5 } } } } } } }
`,
  });
  const [one, two] = [token('one'), token('two')];
  const first = await ask(one, 'GET /items?select=id&order=rank,id&limit=2');
  const link = /<\/shop\/rest\/v1(.*)>; rel="next"/.exec(String(first.headers.link))![1]!;
  assert.deepEqual((await ask(one, `GET ${link}`)).body, [{ id: 9 }, { id: 1 }]);
  const cursor = /after=([^&]*)/.exec(link)![1]!;
  assert.deepEqual(JSON.parse(Buffer.from(cursor.split('~')[1]!, 'base64url').toString()), ['0', '6']);
  const forged = Buffer.from('["0","1"]').toString('base64url');
  for (const [caller, request] of [
    [two, link],
    [one, link.replace('select=id', 'select=id,rank')],
    [one, link.replace('order=rank%2Cid', 'order=id')],
    [one, `${link}&id=gt.0`],
    [one, `${link}&offset=1`],
    [one, link.replace(cursor.split('~')[1]!, forged)],
    [one, link.replace(cursor, 'k1~~')],
    [one, link.replace(cursor, `k1~${'a'.repeat(20_000)}~${'b'.repeat(43)}`)],
    [one, `/items?after=${cursor}`],
  ] as const) {
    const { status, text } = await ask(caller, `GET ${request}`);
    assert.ok(status === 400, `${request} ${status} ${text.slice(0, 100)}`);
  }
  for (const order of ['rank', 'rank->a,id', 'id,hidden'])
    assert.equal(
      (await ask(one, `GET /items?select=id&order=${order}&limit=2`)).headers.link,
      undefined,
      order,
    );
});

test('an ETag tells of what its caller reads, and of nothing else', async (t) => {
  const { ask, sql: run } = await open(t);
  const { headers } = await ask(visitor, 'GET /books?order=id');
  const etag = String(headers.etag);
  await run("update books set title = 'changed', price = 8, canary_cost = 77 where id = 2; update books set price = 9, canary_cost = 5 where id = 1");
  const again = await ask(visitor, 'GET /books?order=id', { headers: { 'if-none-match': etag } });
  assert.deepEqual([again.status, again.text], [304, '']);
  for (const request of ['PATCH /books?id=eq.2', 'PATCH /books?id=eq.777']) {
    const answer = await ask(me, request, { json: { title: 'x' }, headers: { 'if-match': '*' } });
    assert.deepEqual([answer.status, (answer.body as { message: string }).message], [412, 'There is no row to match.']);
  }
}); // biome-ignore format: lines

test('names of every kind are read, written and answered under, in every form', async (t) => {
  const { ask, sql: run } = await open(t);
  const long = 'n'.repeat(63);
  const select = encodeURIComponent(`constructor,"__proto__","a\\"b","a.b","😀",${long}`);
  const read = await ask(staff, `GET /__proto__?select=${select}&order=__proto__,"a.b"`);
  assert.equal(read.text, `[{"constructor":1,"__proto__":"p","a\\"b":"x","a.b":"y","😀":"z","${long}":"n"}]`);
  const representation = { prefer: 'return=representation' };
  for (const [type, body] of [
    ['application/json', '{"constructor":2,"__proto__":"q","a\\"b":"1"}'],
    ['text/csv', 'constructor,__proto__,"a""b"\n3,q,1'],
    ['application/x-www-form-urlencoded', 'constructor=4&__proto__=q&a%22b=1'],
  ] as const) {
    const answer = await ask(staff, '/__proto__'.replace(/^/, 'POST '), { body, headers: { ...representation, 'content-type': type } });
    assert.equal(answer.status, 201, `${type} ${answer.text}`);
  }
  assert.deepEqual(await run('select count(*)::int as n from "__proto__" where "__proto__" = \'q\' and "a""b" = \'1\''), [{ n: 3 }]);
  const grouped = await ask(staff, 'GET /__proto__?select=__proto__,count()&order=__proto__');
  assert.equal(grouped.text, '[{"__proto__":"p","count":1},\n {"__proto__":"q","count":3}]'.replace(',\n ', ','));
  assert.equal((await ask(me, 'POST /rpc/odd', { json: { 'x")': 1 } })).text, '1');
  for (const path of ['/constructor', '/toString', '/rpc/__proto__', '/rpc/constructor', '/rpc/toString', '/books?__proto__=eq.1', '/books?select=toString'])
    assert.ok([400, 404].includes((await ask(me, `GET ${path}`)).status), path);
  for (const [body, status] of [['{"id":8,"__proto__":{"title":"x"}}', 400], ['[{"__proto__":[]}]', 400]] as const)
    assert.equal((await ask(me, 'POST /books', { body })).status, status, body);
}); // biome-ignore format: lines

test('bodies that are none are refused soon', async (t) => {
  const { ask } = await open(t);
  const million = 1_000_000;
  const bodies: readonly (readonly [body: string | Buffer, type?: string])[] = [
    ['['.repeat(400_000)], ['{"a":'.repeat(150_000)], ['('.repeat(million)], ['"'.repeat(million)], ['\\'.repeat(million)], ['"\\ud800"'],
    ['"\\u0000"'], ['{"id":1e999999999}'], [`{"id":${'9'.repeat(100_000)}}`], [`[${'[]'.repeat(10_000)}]`], [Buffer.from([0xff, 0xfe])],
    [`{${Array.from({ length: 50_000 }, (_, n) => `"k${n}":1`).join()}}`], ['a'.repeat(million), 'application/x-www-form-urlencoded'],
    ['&'.repeat(million), 'application/x-www-form-urlencoded'], [`${'"'.repeat(100_000)}\n1`, 'text/csv'], ['a,b\n1', 'text/csv'], ['id\n\0', 'text/csv'],
    ['id,canary_cost\n1,1', 'text/csv'], ['{}', 'text/html'], ['{}', 'application/json; charset=utf-16'],
  ]; // biome-ignore format: a list
  for (const [body, type] of bodies) {
    for (const path of ['/books', '/rpc/open_sum', '/rpc/nothing']) {
      const from = performance.now();
      const { status, text } = await ask(me, `POST ${path}`, { body, headers: { 'content-type': type ?? 'application/json' } });
      const what = `${path} ${type} ${String(body).slice(0, 20)} ${status} ${text.slice(0, 100)}`;
      assert.ok(status >= 400 && status < 500, what);
      assert.ok(performance.now() - from < 2500, what);
      assert.doesNotMatch(text.replaceAll('canary_cost', ''), /canary/, what);
    }
  }
  assert.equal((await ask(me, 'POST /rpc/whole', { body: 'a\0b', headers: { 'content-type': 'text/plain' } })).status, 400);
  assert.equal((await ask(me, 'POST /rpc/whole', { body: '["\\u0000"]' })).status, 400);
}); // biome-ignore format: lines

test('a function chooses headers and a status, never the frame of an answer', async (t) => {
  const { ask, listen } = await open(t);
  const origin = await listen(me);
  const frames = ['content-length', 'transfer-encoding', 'Connection', 'keep-alive', 'TRAILER', 'upgrade', 'te'];
  for (const name of frames) {
    assert.equal((await ask(me, 'POST /rpc/answer', { json: { headers: [{ [name]: '3' }] } })).status, 500, name);
    const detail = JSON.stringify({ status: 418, headers: { [name]: '3' } });
    const raised = await fetch(`${origin}/rest/v1/rpc/raised`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ detail }) });
    assert.deepEqual([raised.status, ((await raised.json()) as { code: string }).code], [418, 'T'], name);
  }
  for (const value of ['a\r\nx: y', 'a\nb', 'é'])
    assert.equal((await ask(me, 'POST /rpc/answer', { json: { headers: [{ 'x-a': value }] } })).status, 500, value);
  for (const status of ['100', '101', '199', '600', 'abc', '200.5', '-1'])
    assert.equal((await ask(me, 'POST /rpc/answer', { json: { headers: [], status } })).status, 500, status);
  for (const status of ['204', '304']) {
    const answer = await fetch(`${origin}/rest/v1/rpc/answer`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ headers: [], status }) });
    assert.deepEqual([answer.status, await answer.text()], [Number(status), '']);
  }
}); // biome-ignore format: lines

test('headers of a request break nothing', async (t) => {
  const { ask } = await open(t);
  const long = 'x'.repeat(10_000);
  for (const [name, value] of [
    ['prefer', `timezone=${long}`], ['prefer', `timezone='; set role postgres; --`], ['prefer', 'timezone=UTC,'.repeat(800)], ['prefer', ','.repeat(10_000)],
    ['prefer', 'count=canary'], ['prefer', 'timezone=Etc/Unknown'], ['prefer', 'timezone=US/Pacific-New'], ['prefer', `max-affected=${'9'.repeat(400)}`],
    ['accept', ';'.repeat(10_000)], ['accept', `text/csv;q=${'9'.repeat(400)}`], ['accept', 'application/vnd.pgrst.plan+json; options=analyze'], ['range', `${'9'.repeat(300)}-`],
    ['range', '0-0,2-3'], ['range', '-5'], ['if-none-match', 'W/'.repeat(5000)], ['if-none-match', ','.repeat(10_000)], ['accept-profile', long],
    ['accept-profile', 'public"; drop table books; --'], ['accept-profile', '__proto__'], ['accept-profile', 'pg_catalog'], ['accept-profile', 'information_schema'],
  ] as const) {
    const from = performance.now();
    const answer = await ask(visitor, 'GET /books?order=id', { headers: { [name]: value } });
    const what = `${name}: ${value.slice(0, 60)} → ${answer.status}`;
    assert.ok(answer.status < 500, what);
    assert.ok(performance.now() - from < 2000, what);
    assert.doesNotMatch(answer.text.replaceAll(value, ''), /canary/, what);
  }
}); // biome-ignore format: lines

test('injected SQL is text wherever it stands', async (t) => {
  const served = await open(t);
  const before = await books(served);
  const evil = [`'; drop table books; --`, `" from books; drop table books; --`, `a') || (select canary from members) || ('`, `$1`, `\\'`, `*/ select 1 /*`, `$$`];
  for (const text of evil) {
    const name = encodeURIComponent(`"${text.replace(/["\\]/g, '\\$&')}"`);
    const value = encodeURIComponent(text);
    for (const request of [
      `select=${name}:id&order=id`, `select=id,x:title->${name}&order=id`, `select=title->>${name}&order=id`, `select=id::${name}`, `title=eq.${value}`, `title->>${name}=eq.1`,
      `title=in.(${name})`, `title=like(any).{${name}}`, `title=fts(${name}).x`, `title=fts(simple).${value}`, `title=plfts(simple).${value}`, `order=${name}`,
      `order=title->${name}`, `having=${name}.sum().gt.1`, `or=(title.eq.${name})`, `select=${name}(id)`, `select=books!${name}(id)`, `limit=${value}`, `offset=${value}`,
      `columns=${name}`, `on_conflict=${name}`, `${name}=eq.1`, `after=${value}`, `title=match.${value}`,
    ]) {
      const answer = await served.ask(me, `GET /books?${request}`);
      assert.ok(answer.status < 500, `${decodeURIComponent(request)} ${answer.status} ${answer.text}`);
      assert.doesNotMatch(answer.text.replaceAll(JSON.stringify(text).slice(1, -1), ''), /"canary"|: ?"?canary/, request);
    }
    for (const request of [`GET /${value}`, `GET /rpc/${value}`, `GET /rpc/open_sum?${value}=1`, `GET /rpc/open_sum?a=${value}`, `GET /books/${value}`])
      assert.ok((await served.ask(me, request)).status < 500, request);
    for (const json of [{ [text]: 1 }, { id: text }, [{ id: 50, [text]: 1 }]])
      for (const path of ['/books', '/rpc/open_sum', '/rpc/answer']) assert.ok((await served.ask(me, `POST ${path}`, { json })).status < 500);
  }
  assert.deepEqual(await books(served), before);
}); // biome-ignore format: lines
