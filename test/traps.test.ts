/**
 * The traps of this stack, each by its number in the design: what goes wrong without the defence, asked for over REST.
 *
 * Beside each stands the line that is the defence; without it the test fails.
 */
import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { PostgrestClient } from '@supabase/postgrest-js';
import { createClient } from '@supabase/supabase-js';
import { graphqlName } from '../engine/api/naming.ts';
import { parseJson } from '../engine/query/json.ts';
import { createDatabase } from './database.ts';
import { issuerYaml, startDevChild, tokenOf } from './dev-child.ts';
import { serve as serveGraphql } from './graphql.ts';
import { anonymous, token } from './project.ts';
import { type Answered, serve } from './rest.ts';

const anyone = anonymous('anyone');
const me = token('member', { sub: 'me' });
const wholeRow = { prefer: 'return=representation' };

const code = ({ status, body }: Answered) => [status, (body as { code?: string } | undefined)?.code];

/** Everything for everyone on the tables named. */
const open = (...tables: readonly string[]) => `
auth: { anonymous: anyone }
roles: { anyone: {} }
tables:
${tables.map((table) => `  ${JSON.stringify(table)}: { permissions: { anyone: { select: true, insert: true, update: true, delete: true } } }`).join('\n')}
`;

/**
 * Defence: `compileFenced` (and `joinFar`) in dialect/postgres/condition.ts put what can raise behind a CASE on the policy;
 * `fromServer` in dialect/postgres/errors.ts never forwards the database's message. Further: engine/query/oracles.test.ts,
 * and "a pattern that raises" in engine/query/permissions.test.ts.
 */
describe('trap 1: an error tells of a row that the policy hides', () => {
  // The policy costs more than what the caller asks, so the planner would run the caller's part first.
  const project = {
    sql: `
create table rooms (name text primary key);
create table members (room text references rooms, user_id text);
create table notes (id int primary key, room text references rooms, body text, doc json, parent_id int references notes);
create view numbers as select id, room, body::int as n from notes;
create function public.worth(notes) returns int stable language sql as 'select $1.body::int';
insert into rooms values ('open'), ('closed');
insert into members values ('open', 'me'), ('closed', 'you');
insert into notes select g, 'open', g::text, '{"a":"1"}', 1 from generate_series(1, 20) g;
insert into notes values (90, 'closed', 'hidden words', '{"a":"\\u0000"}', 1);
`,
    yaml: `
roles: { member: {} }
tables:
  rooms: {}
  members: {}
  notes:
    relationships: { notes: { from: notes.parent_id } }
    permissions:
      member:
        select: { columns: [id, body, doc, parent_id], aggregate: true, where: { rooms: { members: { user_id: $jwt.sub } } } }
        update: { columns: [body], where: { room: open } }
        delete: { where: { room: open } }
  numbers:
    key: [id]
    relationships: { rooms: { column: room, to: rooms.name } }
    permissions: { member: { select: { columns: [id, n], aggregate: true, where: { rooms: { members: { user_id: $jwt.sub } } } } } }
functions:
  worth: { permissions: { member: { execute: true } } }
`,
  };

  it('in no filter, order, cast, path, aggregate or embed, and in no write', async (t) => {
    const { ask, sql } = await serve(t, project);
    const twenty = async (request: string, key = 'id') => {
      const { status, body, text } = await ask(me, `GET ${request}`);
      assert.equal(status, 200, `${request}: ${text}`);
      const rows = body as Record<string, unknown>[];
      assert.equal(rows.length, 20, request);
      assert.ok(key in rows[0]!, text);
    };
    await twenty('/notes?select=id&doc->>a=eq.1');
    await twenty('/notes?select=id&doc->>a=not.is.null&id=gt.0');
    await twenty('/notes?select=id&body=match.[0-9]');
    await twenty('/notes?select=id,worth&worth=gt.0');
    await twenty('/notes?select=id&worth=gt.0&order=worth.desc&limit=50');
    await twenty('/notes?select=id&order=doc->>a,id');
    await twenty('/notes?select=n:body::int', 'n');
    await twenty('/numbers?select=id&n=gt.0');
    await twenty('/numbers?select=id,n&order=n');
    await twenty('/numbers?select=n,n.count()', 'n');
    const embedded = await ask(me, 'GET /notes?select=id,notes(n:body::int,worth)&id=eq.1&notes.worth=gt.0');
    assert.equal((embedded.body as { notes: unknown[] }[])[0]?.notes.length, 20, embedded.text);
    const sum = await ask(me, 'GET /numbers?select=n.sum()');
    assert.equal(sum.text, '[{"sum":210}]');

    const before = await sql('select * from notes order by id');
    const patch = await ask(me, 'PATCH /notes?doc->>a=eq.2&worth=gt.0', { json: { body: '7' } });
    assert.deepEqual([patch.status, patch.text], [204, '']);
    assert.equal((await ask(me, 'DELETE /notes?worth=lt.0')).status, 204);
    assert.deepEqual(await sql('select * from notes order by id'), before);
  });

  it('and says nothing of whether there are hidden rows at all', async (t) => {
    const { ask, sql } = await serve(t, project);
    const requests = ['/notes?body=match.(', '/notes?worth=gt.0', '/numbers?n=gt.0', '/notes?doc->>a=eq.1'];
    await sql('delete from members');
    const hidden = [];
    for (const request of requests) hidden.push(await ask(me, `GET ${request}`));
    await sql('delete from notes');
    for (const [at, request] of requests.entries())
      assert.deepEqual(hidden[at], await ask(me, `GET ${request}`), request);
  });

  it('and the error of a row that one may see has no value in it', async (t) => {
    const { ask, sql } = await serve(t, project);
    await sql(`insert into notes values (21, 'open', 'visible words', null, 1)`);
    for (const request of [
      '/notes?select=body::int',
      '/notes?worth=gt.0',
      '/numbers?select=n',
      '/notes?select=worth',
    ]) {
      const answer = await ask(me, `GET ${request}`);
      assert.deepEqual(code(answer), [400, '22P02'], request);
      assert.doesNotMatch(answer.text, /words|SELECT|public\./);
    }
  });
});

/** Defence: `readValue` in catalog/value.ts, which reads every value as its column's type before it is bound. */
describe('trap 3: a value of another kind than its column matches what it should not', () => {
  const sql = `
create table things (id int primary key, label text, flag boolean, amount numeric, day date, uid uuid, letters char(3), spell interval);
insert into things (id, label, flag, amount, day, uid, letters, spell) values
  (1, 'abc', true, 1.5, '2024-01-01', 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11', 'abc', '1 day'), (2, '0', false, 0, null, null, '0', '0'), (3, '', null, null, null, null, '', null);
`;

  it('in no filter', async (t) => {
    const { ask } = await serve(t, { sql, yaml: open('things') });
    const ids = async (filter: string) =>
      (await ask(anyone, `GET /things?select=id&order=id&${filter}`)).text;
    assert.equal(await ids('label=eq.0'), '[{"id":2}]');
    assert.equal(await ids('label=in.(0,1)'), '[{"id":2}]');
    assert.equal(await ids('label=eq.false'), '[]');
    assert.equal(await ids('id=eq.1.0'), '[{"id":1}]');
    for (const filter of [
      'id=eq.abc',
      'id=eq.1abc',
      'id=eq.',
      'id=eq.1.5',
      'id=in.(1,x)',
      'id=eq.0x1',
      'flag=eq.2',
      'amount=gt.x',
      'uid=eq.1',
    ])
      assert.deepEqual(code(await ask(anyone, `GET /things?${filter}`)), [400, '22P02'], filter);
    assert.deepEqual(code(await ask(anyone, 'GET /things?id=eq.99999999999')), [400, '22003']);
  });

  it('in no variable, no literal and no body of GraphQL', async (t) => {
    const { ask } = await serveGraphql(t, { sql, yaml: open('things') });
    const query = (filter: string) => ask(anyone, `{ things(where: ${filter}) { id } }`);
    assert.deepEqual((await query('{ label: { _eq: "0" } }')).body, { data: { things: [{ id: 2 }] } });
    for (const filter of [
      '{ label: { _eq: 0 } }',
      '{ label: { _in: [0] } }',
      '{ amount: { _eq: true } }',
      '{ day: { _eq: 0 } }',
      '{ letters: { _eq: 0 } }',
      '{ spell: { _eq: 0 } }',
      '{ spell: { _in: [0] } }',
      '{ uid: { _eq: 0 } }',
      '{ flag: { _eq: 0 } }',
    ]) {
      const { errors, data } = (await query(filter)).body as { errors?: unknown[]; data?: unknown };
      assert.ok(errors !== undefined && data === undefined, filter);
    }
    const numeric = await ask(anyone, 'query ($v: date!) { things(where: { day: { _eq: $v } }) { id } }', {
      v: 0,
    });
    assert.ok('errors' in (numeric.body as object), numeric.text);
  });

  it('in no filter of the executor, whichever surface asks', async (t) => {
    const { executor } = await serve(t, { sql, yaml: open('things') });
    const equals = (value: unknown) =>
      executor.read(
        {
          kind: 'read',
          table: 'things',
          values: [value],
          json: true,
          node: {
            fields: [{ kind: 'column', column: 'id', as: 'id' }],
            where: { kind: 'compare', column: 'label', operator: 'eq', value: 0 },
          },
          shape: 'list',
          count: false,
        },
        { principal: anyone },
      );
    assert.equal((await equals('0')).body, '[{"id":2}]');
    for (const value of [0, false, JSON.rawJSON('0'), [], {}])
      await assert.rejects(equals(value), { code: '22P02', status: 400 });
  });

  it('in no row that is written', async (t) => {
    const { ask, sql: rows } = await serve(t, { sql, yaml: open('things') });
    for (const json of [
      { id: 'x' },
      { id: 4, flag: 'maybe' },
      { id: 4, amount: 'much' },
      { id: 4, uid: 7 },
      { id: [4] },
    ])
      assert.equal((await ask(anyone, 'POST /things', { json })).status, 400, JSON.stringify(json));
    assert.deepEqual(await rows('select count(*)::int as n from things'), [{ n: 3 }]);
  });
});

/** Defence: `scan` in query/json.ts keeps the text of a number that JavaScript would round. Further: query/json.test.ts. */
describe('trap 5: an integer above 2^53 is rounded', () => {
  const big = '9007199254740993';
  const doc = '{"n": 90071992547409931234, "d": 1.10, "e": [1e400, -9007199254740995]}';
  const sql = `
create table bigs (id bigint primary key, amount numeric, doc jsonb, raw json, list bigint[], near bigint);
create function public.twice(n bigint, doc jsonb) returns table (n bigint, doc jsonb) immutable language sql as 'select n, doc';
insert into bigs (id) values (9007199254740992), (9007199254740994);
`;
  const yaml = `${open('bigs')}
functions: { twice: { permissions: { anyone: { execute: true } } } }
`;

  it('in no body, answer, filter, key, list, cursor or argument', async (t) => {
    const { ask, sql: rows } = await serve(t, { sql, yaml });
    const body = `{"id":${big},"amount":12345678901234567890.10,"doc":${doc},"raw":${doc},"list":[${big}],"near":"${big}"}`;
    const post = await ask(anyone, 'POST /bigs', { body, headers: wholeRow });
    const [stored] = await rows(
      `select id::text, amount::text, doc::text, list::text, near::text from bigs where near is not null`,
    );
    assert.deepEqual(stored, {
      id: big, amount: '12345678901234567890.10', list: `{${big}}`, near: big,
      doc: `{"d": 1.10, "e": [1${'0'.repeat(400)}, -9007199254740995], "n": 90071992547409931234}`,
    }); // biome-ignore format: one row
    assert.equal(post.status, 201, post.text);
    for (const part of [
      `"id":${big}`,
      '12345678901234567890.10',
      '90071992547409931234',
      '-9007199254740995',
      `[${big}]`,
      '1.10',
    ])
      assert.ok(post.text.includes(part), part);
    for (const request of [
      `/bigs?select=id&id=eq.${big}`,
      `/bigs?select=id&id=in.(${big})`,
      `/bigs?select=id&doc->>n=eq.90071992547409931234`,
      `/bigs?select=id&list=cs.{${big}}`,
    ])
      assert.equal((await ask(anyone, `GET ${request}`)).text, `[{"id":${big}}]`, request);
    assert.equal((await ask(anyone, `GET /bigs/${big}?select=id`)).text, `{"id":${big}}`);
    assert.equal((await ask(anyone, 'GET /bigs?select=id.max()')).text, '[{"max":9007199254740994}]');

    const first = await ask(anyone, 'GET /bigs?select=id&order=id&limit=2');
    const next = /rest\/v1(.*)>/.exec(String(first.headers.link))![1];
    assert.equal((await ask(anyone, `GET ${next}`)).text, '[{"id":9007199254740994}]');
    const upsert = { body: `[{"id":${big},"near":1}]`, headers: { prefer: 'resolution=merge-duplicates' } };
    assert.equal((await ask(anyone, 'POST /bigs?columns=id,near', upsert)).status, 200);
    assert.equal((await ask(anyone, `PATCH /bigs?id=eq.${big}`, { body: `{"near":${big}}` })).status, 204);
    assert.deepEqual(await rows('select id::text, near::text from bigs order by id'), [
      { id: '9007199254740992', near: null },
      { id: big, near: big },
      { id: '9007199254740994', near: null },
    ]);
    const called = await ask(anyone, 'POST /rpc/twice', { body: `{"n":${big},"doc":{"n":${big}}}` });
    assert.equal(called.text.replaceAll(' ', ''), `[{"n":${big},"doc":{"n":${big}}}]`);
    const csv = await ask(anyone, `GET /bigs?select=id,near&id=eq.${big}`, {
      headers: { accept: 'text/csv' },
    });
    assert.equal(csv.text, `id,near\n${big},${big}`);
    assert.equal(JSON.stringify(parseJson(big)), big);
  });
});

/**
 * Defence: types of time are text from end to end (nothing in `pg` parses them), and `fixed` in dialect/postgres/session.ts
 * pins each session, whatever the database prefers. Every type in four zones: engine/query/exact.test.ts.
 */
describe('trap 6: a date moves with the time zone, and microseconds are lost', () => {
  const row = { id: 1, day: '2024-03-31', at: '2024-03-31T02:30:00.123456', zoned: '2024-03-31T00:30:00.123457+00:00', clock: '23:59:59.999999', spell: '1 year 2 mons 04:05:06.789' }; // biome-ignore format: one row

  const zonesOf = (t: TestContext, zone: string) => {
    const before = process.env.TZ;
    process.env.TZ = zone;
    t.after(() => {
      if (before === undefined) delete process.env.TZ;
      else process.env.TZ = before;
    });
  };

  it('in no form of an answer and no filter, whatever the zone of the process and the taste of the database', async (t) => {
    zonesOf(t, 'America/New_York');
    const { ask, sql } = await serve(t, {
      sql: `
create table times (id int primary key, day date, at timestamp, zoned timestamptz, clock time, spell interval);
do $$ begin
  execute format('alter database %I set timezone = ''Asia/Kolkata''', current_database());
  execute format('alter database %I set datestyle = ''German, DMY''', current_database());
  execute format('alter database %I set intervalstyle = ''sql_standard''', current_database());
end $$;
`,
      yaml: open('times'),
    });
    const post = await ask(anyone, 'POST /times', { json: row, headers: wholeRow });
    assert.deepEqual(post.body, [row]);
    assert.deepEqual(
      await sql(
        `select day = '2024-03-31'::date as day, to_char(zoned at time zone 'UTC', 'YYYY-MM-DD HH24:MI:SS.US') as zoned from times`,
      ),
      [{ day: true, zoned: '2024-03-31 00:30:00.123457' }],
    );
    const lines = await ask(anyone, 'GET /times', { headers: { accept: 'application/x-ndjson' } });
    assert.deepEqual(JSON.parse(lines.text), row);
    const csv = await ask(anyone, 'GET /times?select=day,at,zoned,clock,spell', {
      headers: { accept: 'text/csv' },
    });
    assert.equal(
      csv.text.split('\n')[1],
      '2024-03-31,"2024-03-31 02:30:00.123456","2024-03-31 00:30:00.123457+00",23:59:59.999999,"1 year 2 mons 04:05:06.789"',
    );
    for (const [filter, found] of [
      ['day=eq.2024-03-31', true], ['day=gt.2024-03-30', true], ['day=lt.2024-03-31', false], ['day=eq.03/31/2024', true],
      ['at=eq.2024-03-31T02:30:00.123456', true], ['at=eq.2024-03-31T02:30:00.123', false], ['at=gt.2024-03-31T02:30:00.123455', true],
      ['zoned=eq.2024-03-31T02:30:00.123457%2B02:00', true], ['zoned=eq.2024-03-31T00:30:00.123456Z', false], ['zoned=eq.2024-03-31T00:30:00.123457', true],
      ['clock=eq.23:59:59.999999', true], ['clock=eq.23:59:59.999', false],
    ] as const) // biome-ignore format: a table
      assert.equal(
        (await ask(anyone, `GET /times?select=id&${filter}`)).text,
        found ? '[{"id":1}]' : '[]',
        filter,
      );
  });
});

/**
 * Defence: rows are one parameter and so is a list (`bindRows` in query/bind.ts, `typed` in dialect/postgres/notation.ts), and
 * `run` in dialect/postgres/connection.ts refuses more parameters than the protocol counts; names are looked up in `Map`s of
 * the catalog's and never quoted as they were sent.
 */
describe('trap 9: too many parameters, and names that are cut in silence', () => {
  it('100,000 values of 20,000 rows are one statement, 70,000 of a list too', async (t) => {
    const { ask, sql, pool } = await serve(t, {
      sql: 'create table wide (id int primary key, a int, b text, c numeric, d boolean);',
      yaml: `${open('wide')}
limits: { body: 8MB }
`,
    });
    const rows = Array.from({ length: 20_000 }, (_, id) => ({
      id,
      a: id,
      b: `b${id}`,
      c: id / 2,
      d: id % 2 === 0,
    }));
    assert.equal((await ask(anyone, 'POST /wide', { json: rows })).status, 201);
    const merge = { json: rows, headers: { prefer: 'resolution=merge-duplicates' } };
    assert.equal((await ask(anyone, 'POST /wide', merge)).status, 200);
    const [sums] = await sql(
      'select count(*)::int as n, sum(a)::int as a, count(distinct b)::int as b, sum(c)::text as c from wide',
    );
    assert.deepEqual(sums, { n: 20_000, a: 199_990_000, b: 20_000, c: '99995000.0' });
    const list = Array.from({ length: 70_000 }, (_, id) => id * 2).join(',');
    assert.equal((await ask(anyone, `GET /wide?select=count()&id=in.(${list})`)).text, '[{"count":10000}]');
    const many = Array.from({ length: 65_536 }, () => '1');
    await assert.rejects(pool.run({ text: 'select 1', name: undefined }, many), {
      code: '54000',
      status: 400,
    });
  });

  it('a name that is longer than the 63 bytes of its beginning is another name', async (t) => {
    const full = 'n'.repeat(63);
    const long = `${full}x`;
    const { ask } = await serve(t, {
      sql: `create table ${full} (${full} int primary key, b${'é'.repeat(31)} text); insert into ${full} values (1, 'x');
        create function public.f${'n'.repeat(62)}(${full} int) returns int immutable language sql as 'select 1';`,
      yaml: `${open(full)}
functions: { f${'n'.repeat(62)}: { permissions: { anyone: { execute: true } } } }
`,
    });
    const row = { [full]: 1, [`b${'é'.repeat(31)}`]: 'x' };
    assert.deepEqual((await ask(anyone, `GET /${full}?${full}=eq.1`)).body, [row]);
    for (const [request, status, problem, json] of [
      [`GET /${long}`, 404, 'PGRST205'],
      [`GET /${full}?select=${long}`, 400, '42703'],
      [`GET /${full}?${long}=eq.1`, 400, '42703'],
      [`GET /${full}?order=${long}`, 400, '42703'],
      [`GET /${full}?select=b${encodeURIComponent('é'.repeat(31))}x`, 400, '42703'],
      [`POST /${full}`, 400, 'PGRST204', { [long]: 2 }],
      [`PATCH /${full}?${full}=eq.1`, 400, 'PGRST204', { [long]: 2 }],
      [`DELETE /${full}?${long}=eq.1`, 400, '42703'],
      [`POST /rpc/f${'n'.repeat(63)}`, 404, 'PGRST202', { [full]: 1 }],
      [`POST /rpc/f${'n'.repeat(62)}`, 404, 'PGRST202', { [long]: 1 }],
    ] as const)
      assert.deepEqual(code(await ask(anyone, request, json && { json })), [status, problem], request);
    // Nor is what a caller names in the answer cut: two would become one.
    const aliased = await ask(anyone, `GET /${full}?select=${long}1:${full},${long}2:${full}`);
    assert.deepEqual(aliased.body, [{ [`${long}1`]: 1, [`${long}2`]: 1 }]);
    const csv = await ask(anyone, `GET /${full}?select=${long}1:${full},${long}2:${full}`, {
      headers: { accept: 'text/csv' },
    });
    assert.equal(csv.text, `${long}1,${long}2\n1,1`);
  });
});

/**
 * Defence: whatever is keyed by names is a `Map` or has no prototype, and is read with `Object.hasOwn` (`bindRows` in
 * query/bind.ts, `parseJson`); SQL comes to exist in dialect/sql.ts alone. Further: query/json.test.ts.
 */
describe('trap 20: names that are legal and hostile', () => {
  const names = ['__proto__', 'constructor', 'then', 'toString', 'hasOwnProperty', 'a"b', 'a.b', 'a,b', 'a(b)', 'a->b', 'a::b', ':', '*', '$1', "a'b", 'a\\b', 'select', 'order', 'and', 'limit', 'null', ' ', '😀', 'é'.repeat(31), 'n'.repeat(63)]; // biome-ignore format: a list
  const quoted = (name: string) => `"${name.replaceAll('"', '""')}"`;
  /** As a name is written in a query: in quotes, with a backslash before what would end them. */
  const inQuery = (name: string) => encodeURIComponent(`"${name.replace(/["\\]/g, '\\$&')}"`);
  const inPath = (name: string) => encodeURIComponent(name);

  it('are columns like any other: read, filtered, ordered, written, merged, named in errors', async (t) => {
    const columns = names.map((name) => `${quoted(name)} text`).join(', ');
    const { ask, sql } = await serve(t, {
      sql: `create table hostile (id int primary key, ${columns}); create table fewer (id int primary key, x text);`,
      yaml: open('hostile', 'fewer'),
    });
    const row = Object.fromEntries([['id', 1], ...names.map((name) => [name, `value of ${name}`])]);
    const post = await ask(anyone, 'POST /hostile', { json: row, headers: wholeRow });
    assert.deepEqual([post.status, post.text], [201, JSON.stringify([row])]);
    for (const name of names) {
      const column = inQuery(name);
      const value = encodeURIComponent(`value of ${name}`);
      const read = `/hostile?select=${column}&${column}=eq.${value}&order=${column}.desc`;
      const expected = JSON.stringify([Object.fromEntries([[name, `value of ${name}`]])]);
      assert.equal((await ask(anyone, `GET ${read}`)).text, expected, name);
      assert.equal(
        (await ask(anyone, `GET /hostile?select=id&or=(${column}.eq.x,${column}.like.value*)`)).text,
        '[{"id":1}]',
        name,
      );
      const aliased = `/hostile?select=${column}:id`;
      assert.equal(
        (await ask(anyone, `GET ${aliased}`)).text,
        JSON.stringify([Object.fromEntries([[name, 1]])]),
        name,
      );
      const change = { json: Object.fromEntries([[name, 'changed']]) };
      assert.equal((await ask(anyone, `PATCH /hostile?${column}=eq.${value}`, change)).status, 204, name);
      const merged = {
        json: Object.fromEntries([
          ['id', 1],
          [name, 'merged'],
        ]),
        headers: { prefer: 'resolution=merge-duplicates,return=representation' },
      };
      const upsert = await ask(anyone, `POST /hostile?select=${column}`, merged);
      assert.equal(upsert.text, JSON.stringify([Object.fromEntries([[name, 'merged']])]), name);
      assert.equal((await ask(anyone, `DELETE /hostile?${column}=eq.nothing`)).status, 204, name);
      // A row that lacks the column has nothing of this name: no function of an object's prototype.
      const lacking = await ask(anyone, `POST /hostile?columns=id,${column}&select=${column}`, {
        json: { id: 2 },
        headers: wholeRow,
      });
      assert.equal(lacking.text, JSON.stringify([Object.fromEntries([[name, null]])]), name);
      await ask(anyone, 'DELETE /hostile?id=eq.2');
      const uneven = [
        Object.fromEntries([
          ['id', 5],
          [name, 'x'],
        ]),
        { id: 6, other: 'x' },
      ];
      assert.deepEqual(code(await ask(anyone, 'POST /hostile', { json: uneven })), [400, 'PGRST102'], name);
      // Where there is no such column there is none, whatever objects inherit.
      assert.deepEqual(code(await ask(anyone, `GET /fewer?select=${column}`)), [400, '42703'], name);
      assert.deepEqual(code(await ask(anyone, `GET /fewer?${column}=eq.1`)), [400, '42703'], name);
      assert.deepEqual(
        code(
          await ask(anyone, 'POST /fewer', {
            json: Object.fromEntries([
              ['id', 1],
              [name, 1],
            ]),
          }),
        ),
        [400, 'PGRST204'],
        name,
      );
    }
    assert.deepEqual(await sql('select count(*)::int as n from fewer'), [{ n: 0 }]);
    const csv = await ask(anyone, 'GET /hostile', { headers: { accept: 'text/csv' } });
    const again = await ask(anyone, 'POST /hostile', {
      body: csv.text.replace('\n1,', '\n3,'),
      headers: { ...wholeRow, 'content-type': 'text/csv' },
    });
    assert.equal(again.status, 201, again.text);
    assert.deepEqual(again.body, [{ ...Object.fromEntries(names.map((name) => [name, 'merged'])), id: 3 }]);
  });

  const start = 'auth: { anonymous: anyone }\nroles: { anyone: {} }\ntables:\n';

  const declared = (name: string) => {
    const text = JSON.stringify(name);
    // A relation is split at its first dot, so one with a dot in its name is given its schema.
    return `  ${text}:
    relation: ${JSON.stringify(`public.${name}`)}
    relationships:
      above: { columns: [up], to: { table: ${text}, columns: [${text}] } }
      below: { columns: [${text}], to: { table: ${text}, columns: [up] } }
    permissions: { anyone: { select: true, insert: true, update: true, delete: true } }`;
  };

  /** Two tables of one name in GraphQL are refused, so they are in projects of their own. */
  const groups = () => {
    const all: Map<string, string>[] = [];
    for (const name of names) {
      const inGraphql = graphqlName(name);
      const free = all.find((group) => !group.has(inGraphql));
      if (free === undefined) all.push(new Map([[inGraphql, name]]));
      else free.set(inGraphql, name);
    }
    return all.map((group) => [...group.values()]);
  };

  it('are tables, relationships and keys like any other, and absent ones are absent', async (t) => {
    for (const group of groups()) {
      const tables = group.flatMap((name) => [
        `create table ${quoted(name)} (${quoted(name)} int primary key, up int unique references ${quoted(name)});`,
        `insert into ${quoted(name)} values (1, null), (2, 1);`,
      ]);
      const { ask } = await serve(t, {
        sql: tables.join('\n'),
        yaml: `${start}${group.map(declared).join('\n')}\n`,
      });
      for (const name of group) {
        const path = inPath(name);
        const key = (id: number) => Object.fromEntries([[name, id]]);
        const one = await ask(anyone, `GET /${path}/2`);
        assert.equal(one.text, JSON.stringify({ ...key(2), up: 1 }), name);
        const column = inQuery(name);
        const select = `select=${column},above!inner(${column}),below(up)&order=above(${column})`;
        const embedded = await ask(anyone, `GET /${path}?${select}`);
        assert.equal(embedded.text, JSON.stringify([{ ...key(2), above: key(1), below: null }]), name);
        assert.equal((await ask(anyone, `PUT /${path}/3`, { json: { ...key(3), up: 2 } })).status, 204, name);
        assert.equal((await ask(anyone, `DELETE /${path}/3`)).status, 204, name);
      }
      for (const name of ['valueOf', '__defineGetter__', 'prototype', 'isPrototypeOf'])
        assert.deepEqual(code(await ask(anyone, `GET /${name}`)), [404, 'PGRST205'], name);
    }
  });
});

/**
 * Defence: `isDefault` in rest/profile.ts and the world's lookup, for which `public` is the first schema's other name;
 * `token === publishable` in auth/authenticate.ts. Further: engine/auth/authenticate.test.ts.
 */
describe("trap 25: supabase-js's profile of every request, and its key as a bearer that is no JWT", () => {
  it('are the default schema, whatever it is called, and an anonymous caller', async (t) => {
    const secret = 'a secret of the tests, which guards nothing at all';
    const { url, query } = await createDatabase(t, 'postgres');
    await query(`create schema stock; create table stock.shelves (id int primary key, label text, owner text);
      insert into stock.shelves values (1, 'A', 'me'), (2, 'B', 'you');
      create function stock.answer() returns int immutable language sql as 'select 42';`);
    const { origin } = await startDevChild(t, {
      projects: [
        `
novastack: 1
project: store
databases: { main: { engine: postgres, url: "\${env:TEST_URL}", schemas: [stock] } }
auth: { anonymous: visitor, jwt: [ ${issuerYaml} ] }
roles: { visitor: {}, member: {} }
tables:
  shelves:
    permissions:
      visitor: { select: { columns: [id] } }
      member: { select: { columns: [id, owner], where: { owner: $jwt.sub } }, insert: { columns: [id, label], set: { owner: $jwt.sub } } }
functions: { answer: { permissions: { visitor: { execute: true } } } }
`,
      ],
      env: { TEST_URL: url, TEST_SECRET: secret },
    });
    const sent: Headers[] = [];
    const watched: typeof fetch = (input, init) => {
      sent.push(new Headers(init?.headers));
      return fetch(input, init);
    };
    const auth = { persistSession: false, autoRefreshToken: false };
    const key = 'nspk_store';
    const visitor = createClient(`${origin}/store`, key, { auth, global: { fetch: watched } });
    const read = await visitor.from('shelves').select().order('id');
    assert.deepEqual([read.data, read.error], [[{ id: 1 }, { id: 2 }], null]);
    assert.deepEqual((await visitor.rpc('answer')).data, 42);
    // What the trap is about is still what the client does.
    assert.equal(sent[0]!.get('accept-profile'), 'public');
    assert.equal(sent[0]!.get('authorization'), `Bearer ${key}`);

    const claims = { role: 'member', sub: 'me' };
    const accessToken = await tokenOf(secret, claims);
    const member = createClient(`${origin}/store`, key, { auth, accessToken: async () => accessToken });
    assert.deepEqual((await member.from('shelves').select()).data, [{ id: 1, owner: 'me' }]);
    const made = await member.from('shelves').insert({ id: 3, label: 'C' }).select('id').single();
    assert.deepEqual([made.status, made.data], [201, { id: 3 }]);
    for (const wrong of ['nspk_other', 'no.such.jwt']) {
      const refused = await createClient(`${origin}/store`, wrong, { auth }).from('shelves').select();
      assert.equal(refused.status, 401, wrong);
    }
    const elsewhere = new PostgrestClient(`${origin}/store/rest/v1`, { schema: 'other' });
    assert.deepEqual((await elsewhere.from('shelves').select()).error?.code, 'PGRST106');
    const byName = new PostgrestClient(`${origin}/store/rest/v1`, { schema: 'stock' });
    assert.deepEqual((await byName.from('shelves').select('id').eq('id', 1)).data, [{ id: 1 }]);
  });
});
