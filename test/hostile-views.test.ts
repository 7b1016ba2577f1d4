/** Views and functions have conditions of their own: a caller's condition that can raise comes to no row that they hide. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { onEveryEngine } from './engines.ts';
import { token } from './project.ts';
import { serve } from './rest.ts';

// The second document's key "a" cannot be made a text; the view's own condition is dear, so that PostgreSQL puts it last.
const sql = `
create table docs (id int primary key, room int, raw json);
insert into docs values (1, 1, '{"a":"x"}'), (2, 2, '{"a":"\\u0000"}');
create table rooms (id int primary key);
insert into rooms values (1), (2);
create function allowed(room int) returns bool language plpgsql stable cost 1000
  as $$ begin return room = 1; end $$;
create view seen as select id, room, raw from docs where allowed(room);
create view keyless as select id, raw from docs where allowed(room);
create function first_of(seen) returns text language sql stable as $$ select $1.raw->>'a' $$;
create function label(seen) returns text language sql stable as 'select $1.id::text';
create function docs_of(rooms) returns setof docs language sql stable as 'select * from docs where allowed(room)';
create function my_docs() returns setof docs language sql stable as 'select * from docs where allowed(room)';
create function my_facts() returns table (id int, raw json) language sql stable
  as 'select id, raw from docs where allowed(room)';
`;

const yaml = `
roles: { staff: {} }
functions:
  my_docs: { permissions: { staff: { execute: true } } }
  my_facts: { permissions: { staff: { execute: true } } }
  label: { permissions: { staff: { execute: true } } }
  first_of: { permissions: { staff: { execute: true } } }
  docs_of: { permissions: { staff: { execute: true } } }
tables:
  docs: { permissions: { staff: { select: true } } }
  rooms: { permissions: { staff: { select: true } }, relationships: { seen: { from: seen.room } } }
  seen: { key: [id], permissions: { staff: { select: true, update: true, delete: true } } }
  keyless: { permissions: { staff: { select: true, delete: true } } }
`;

const staff = token('staff');
const back = { prefer: 'return=representation' };

test("a caller's condition raises on no row that a view or a function hides", async (t) => {
  const { ask } = await serve(t, { sql, yaml });
  const reads: readonly (readonly [string, string])[] = [
    ['/seen?select=id&raw->>a=eq.x', '[{"id":1}]'],
    ['/rpc/my_docs?select=id&raw->>a=eq.x', '[{"id":1}]'],
    ['/rpc/my_facts?select=id&raw->>a=eq.x', '[{"id":1}]'],
    ['/seen?select=id&first_of=eq.x', '[{"id":1}]'],
    ['/seen?select=id,label&raw->>a=eq.x&label=eq.1', '[{"id":1,"label":"1"}]'],
    [
      '/rooms?select=id,seen(id,label)&seen.raw->>a=eq.x&order=id',
      '[{"id":1,"seen":[{"id":1,"label":"1"}]},{"id":2,"seen":[]}]',
    ],
    ['/rooms?select=id,seen!inner(id)&seen.raw->>a=eq.x', '[{"id":1,"seen":[{"id":1}]}]'],
    [
      '/rooms?select=id,docs_of(id)&docs_of.raw->>a=eq.x&order=id',
      '[{"id":1,"docs_of":[{"id":1}]},{"id":2,"docs_of":[{"id":1}]}]',
    ],
  ];
  for (const [path, text] of reads)
    await t.test(`GET ${path}`, async () => assert.equal((await ask(staff, `GET ${path}`)).text, text));

  await t.test('where rows of a view are written', async () => {
    const path = '/seen?raw->>a=eq.x&select=id';
    const changed = await ask(staff, `PATCH ${path}`, { json: { room: 1 }, headers: back });
    assert.deepEqual([changed.status, changed.text], [200, '[{"id":1}]']);
    const removed = await ask(staff, `DELETE ${path}`, { headers: back });
    assert.deepEqual([removed.status, removed.text], [200, '[{"id":1}]']);
  });

  await t.test('and a view whose rows cannot be found again is not written by such a condition', async () => {
    const { status, body } = await ask(staff, 'DELETE /keyless?raw->>a=eq.x');
    assert.deepEqual([status, (body as { code: string }).code], [400, '0A000']);
  });
});

onEveryEngine((engine) => {
  test('a filter that can raise writes no hidden row of a view whose key is none', async (t) => {
    const me = token('me', { sub: 'me' });
    const where = 'where: { owner: $jwt.sub }';
    const { ask, sql } = await serve(t, {
      engine,
      sql: `
create table base (pk int primary key, id int, owner varchar(20), body text);
insert into base values (1, 1, 'me', 'x'), (2, 1, 'you', 'x'), (3, 2, 'you', 'x');
create view seen as select id, owner, body from base;`,
      yaml: `
roles: { me: {} }
tables:
  seen:
    key: [id]
    permissions:
      me: { select: { columns: "*", ${where} }, update: { columns: [body], ${where} }, delete: { ${where} } }
`,
    });
    for (const [request, asked] of [
      ['PATCH /seen?body=match.x', { json: { body: 'taken' } }],
      ['PATCH /seen?body=match.x', { json: { body: 'x' }, headers: back }],
      ['DELETE /seen?body=match.x', {}],
      ['DELETE /seen?body=match.x', { headers: back }],
      ['DELETE /seen?body=eq.x', { headers: back }],
    ] as const) {
      const { status, text } = await ask(me, request, asked);
      assert.ok(status < 500, text);
      assert.doesNotMatch(text, /you/);
    }
    const rows = await sql("select pk, body from base where owner = 'you' order by pk");
    assert.deepEqual(rows, [
      { pk: 2, body: 'x' },
      { pk: 3, body: 'x' },
    ]);
  });
});

onEveryEngine((engine) => {
  test('an expression that is given up, or a cast that fails, is of no row that a view hides', async (t) => {
    const grant =
      '{ select: { columns: "*", aggregate: true }, update: { columns: [body], where: {} }, delete: { where: {} } }';
    const { ask } = await serve(t, {
      engine,
      sql: `
create table rooms (id int primary key);
insert into rooms values (1), (2);
create table base (id int primary key, room int, owner varchar(20), body text);
insert into base values (1, 1, 'me', '7'), (2, 1, 'you', '${'a'.repeat(5000)}'), (3, 2, 'you', 'x');
create view seen as select id, room, body from base where owner = 'me';`,
      yaml: `
roles: { staff: {} }
limits: { dry_run: [staff] }
tables:
  rooms: { permissions: { staff: { select: true } }, relationships: { seen: { from: seen.room } } }
  seen: { key: [id], permissions: { staff: ${grant} } }
`,
    });
    const bomb = `match.${encodeURIComponent('^(a|a)*c$')}`;
    const dry = { headers: { prefer: 'tx=rollback,return=representation' } };
    for (const [request, asked, text] of [
      [`GET /seen?select=id&body=${bomb}`, {}, '[]'],
      [`GET /seen?select=id&body=not.${bomb}`, {}, '[{"id":1}]'],
      [`GET /rooms?select=id,seen!inner(id)&seen.body=not.${bomb}`, {}, '[{"id":1,"seen":[{"id":1}]}]'],
      [`GET /rooms?select=id,seen()&seen.body=${bomb}&seen=is.null&order=id`, {}, '[{"id":1},{"id":2}]'],
      ['GET /seen?select=n:body::int&order=id', {}, '[{"n":7}]'],
      ['GET /seen?select=n:body::int.sum()', {}, '[{"n":7}]'],
      ['GET /rooms?select=id,...seen(n:body::int)&order=id', {}, '[{"id":1,"n":[7]},{"id":2,"n":[]}]'],
      [`DELETE /seen?select=id&body=not.${bomb}`, dry, '[{"id":1}]'],
      [`PATCH /seen?select=id&body=not.${bomb}`, { ...dry, json: { body: 'y' } }, '[{"id":1}]'],
    ] as const) {
      const answer = await ask(staff, request, asked);
      assert.equal(answer.text, text, decodeURIComponent(request));
    }
  });
});

onEveryEngine((engine) => {
  test('what a view computes is computed of no row that the policy hides, when what can raise is asked', async (t) => {
    const number = engine === 'postgres' ? 'payload::int' : 'exp(payload)';
    const { ask } = await serve(t, {
      engine,
      // Of 'secret' there is no number, and of 1000 no exponent.
      sql: `
create table messages (id int primary key, room varchar(5), body varchar(20), payload varchar(20));
insert into messages values (1, 'r1', 'x', '0'), (9, 'r2', 'x', '1000'), (10, 'r2', 'x', 'secret');
create view numbers as select id, room, body, ${number} as n from messages;`,
      yaml: `
roles: { member: {} }
tables: { numbers: { key: [id], permissions: { member: { select: { columns: "*", where: { room: r1 } } } } } }
`,
    });
    const n = engine === 'postgres' ? 0 : 1;
    const answer = await ask(token('member'), 'GET /numbers?select=id,n&body=match.x');
    assert.deepEqual([answer.status, answer.body], [200, [{ id: 1, n }]]);
  });
});
