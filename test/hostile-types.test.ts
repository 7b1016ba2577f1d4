/** Types and extensions whose operators raise, and what a caller could learn of hidden rows by that. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { openEmbedded } from '../engine/execute/embedded.ts';
import { parseArray } from '../engine/rest/parse/list.ts';
import { createDatabase, type TestDatabase } from './database.ts';
import { token } from './project.ts';
import { type Served, serve } from './rest.ts';
import { identify, openAdmin } from './servers/identity.ts';

const me = token('me', { sub: 'me' });

async function same(databases: readonly Served[], requests: readonly string[]): Promise<void> {
  for (const request of requests) {
    const answers = [];
    for (const { ask } of databases) {
      const { status, text, headers } = await ask(me, request, { headers: { prefer: 'count=exact' } });
      answers.push({ status, text, headers });
    }
    for (const answer of answers) assert.deepEqual(answer, answers[0], decodeURIComponent(request));
  }
}

test('lists of numbers tell of no hidden row where intarray is there', async (t) => {
  const sql = `create extension intarray; create table notes (id int primary key, owner text, nums int[]); insert into notes values (1, 'me', '{1}');`;
  const yaml =
    'roles: { me: {} }\ntables: { notes: { permissions: { me: { select: { columns: "*", where: { owner: me } } } } } }';
  const databases = [
    await serve(t, { sql, yaml }),
    await serve(t, { sql: `${sql} insert into notes values (2, 'you', '{1,null}');`, yaml }),
  ];
  await same(
    databases,
    ['cs', 'cd', 'ov'].map((operator) => `GET /notes?nums=${operator}.{5}`),
  );
});

/** Of PostgreSQL 17, whose planner also looks into rows that a statement has kept. */
async function createEmbedded(t: TestContext): Promise<TestDatabase> {
  const embedded = await openEmbedded({ folder: null });
  t.after(() => embedded.close());
  const { url } = embedded;
  const admin = await openAdmin(url);
  t.after(() => admin.close());
  return { url, name: 'embedded', server: await identify(url), query: (text) => admin.query(text) };
}

for (const [where, create] of [
  ['on a server', async (t) => createDatabase(t, 'postgres')],
  ['embedded', createEmbedded],
] as readonly (readonly [string, (t: TestContext) => Promise<TestDatabase>])[])
  test(`a view and what is inlined tell nothing by statistics, ${where}`, async (t) => {
    const sql = `create table base (id int primary key, owner text, disc circle, list xid[]);
    create view notes as select * from base where owner = 'me';
    create function every_note() returns setof notes language sql stable as 'select * from notes';
    create table rooms (id int primary key); insert into rooms values (1);
    create function notes_of(rooms) returns setof base language sql stable as $$ select * from base where owner = 'me' and id > $1.id $$;`;
    const hidden = `insert into base select n, 'you', '<(0,0),1>', array['1'::xid] from generate_series(1, 300) n;`;
    const yaml = `
roles: { me: {} }
tables:
  rooms: { permissions: { me: { select: true } } }
  base: { permissions: { me: { select: true } } }
  notes: { key: [id], permissions: { me: { select: true } } }
functions: { every_note: { permissions: { me: { execute: true } } }, notes_of: { permissions: { me: { execute: true } } } }
`;
    const databases = [
      await serve(t, { sql, yaml, database: await create(t) }),
      await serve(t, { sql: `${sql}${hidden} analyze;`, yaml, database: await create(t) }),
    ];
    const filters = ['disc=gt.<(0,0),1e200>', 'disc=eq.<(0,0),1e200>', 'list=lt.{1}', 'list=gte.{1}'];
    const wrong: string[] = [];
    for (const request of filters.flatMap((filter) => [
      `GET /notes?${filter}`,
      `GET /rpc/every_note?${filter}`,
      `GET /rooms?select=id,notes_of(id)&notes_of.${filter}`,
    ]))
      await same(databases, [request]).catch(() => wrong.push(request));
    assert.deepEqual(wrong, []);
  });

test('LIKE on a column with a nondeterministic collation tells of no hidden row', async (t) => {
  const sql = `create collation ci (provider = icu, locale = 'und-u-ks-level2', deterministic = false); create table notes (id int primary key, owner text, soft text collate ci);`;
  const yaml =
    'roles: { me: {} }\ntables: { notes: { permissions: { me: { select: { columns: "*", where: { owner: me } } } } } }';
  const databases = [
    await serve(t, { sql, yaml }),
    await serve(t, {
      sql: `${sql} insert into notes select n, 'you', 'x' || n from generate_series(1, 50) n; analyze;`,
      yaml,
    }),
  ];
  await same(
    databases,
    ['like.z*', 'ilike.z*', 'not.like.z*', 'like(any).{z*}'].map(
      (operation) => `GET /notes?soft=${operation}`,
    ),
  );
});

test('a link over a type that raises tells of no hidden row', async (t) => {
  const sql = `create type pair as (a int, doc json); create table keys (one pair primary key, id int, owner text);
    create table notes (id int primary key, owner text, one pair); insert into keys values (row(1, '{}')::pair, 1, 'me');`;
  const yaml = `
roles: { me: {} }
tables:
  keys: { relationships: { notes: { from: notes.one } }, permissions: { me: { select: { columns: "*", where: { owner: me } } } } }
  notes: { relationships: { near: { column: one, to: keys.one } }, permissions: { me: { select: { columns: "*", where: { owner: me } } } } }
`;
  const databases = [
    await serve(t, { sql, yaml }),
    await serve(t, { sql: `${sql} insert into notes values (2, 'you', row(1, '{}')::pair);`, yaml }),
  ];
  await same(databases, ['GET /keys?select=id,notes(id)', 'GET /keys?select=id,...notes(x:id)']);
});

test('a link over lists of json tells of no hidden row', async (t) => {
  const sql = `create table keys (id int primary key, owner text, list json[] unique);
    create table notes (id int primary key, owner text, list json[]); insert into notes values (1, 'me', array['{}']::json[]);`;
  const yaml = `
roles: { me: {} }
tables:
  keys: { permissions: { me: { select: { columns: "*", where: { owner: me } } } } }
  notes: { relationships: { near: { column: list, to: keys.list } }, permissions: { me: { select: { columns: "*", where: { owner: me } } } } }
`;
  const databases = [
    await serve(t, { sql, yaml }),
    await serve(t, { sql: `${sql} insert into keys values (2, 'you', array['{}']::json[]);`, yaml }),
  ];
  await same(databases, ['GET /notes?select=id,near(id)', 'GET /notes?select=id,near!inner(id)']);
});

test('a range of rows tells of no hidden row', async (t) => {
  const sql = `create type pair as (a int, doc json); create type pairs as range (subtype = pair); create table notes (id int primary key, owner text, span pairs);`;
  const yaml =
    'roles: { me: {} }\ntables: { notes: { permissions: { me: { select: { columns: "*", where: { owner: me } } } } } }';
  const databases = [
    await serve(t, { sql, yaml }),
    await serve(t, { sql: `${sql} insert into notes values (2, 'you', '["(1,{})","(2,{})")');`, yaml }),
  ];
  await same(
    databases,
    ['lt', 'cd', 'ov', 'eq'].map(
      (operator) => `GET /notes?id=gt.0&span=${operator}.${encodeURIComponent('["(1,{})","(3,{})")')}`,
    ),
  );
});

test('a search with many signs before a word is answered or refused, never a defect', async (t) => {
  const sql = `create table notes (id int primary key, vec tsvector); insert into notes values (1, 'a b');`;
  const { ask } = await serve(t, {
    sql,
    yaml: 'roles: { me: {} }\ntables: { notes: { permissions: { me: { select: true } } } }',
  });
  for (let signs = 25; signs < 70; signs += 1)
    for (const query of [
      `${'!'.repeat(signs)}a`,
      `a|b&c<->${'!'.repeat(signs)}a`,
      `${'!('.repeat(signs)}a${')'.repeat(signs)}`,
    ]) {
      const { status, text } = await ask(me, `GET /notes?vec=fts.${encodeURIComponent(query)}`);
      assert.ok(status < 500, `${query} ${text}`);
    }
});

test('blanks around a list are those of the database', () => {
  for (const blank of ['\u00a0', '\ufeff', '\u2003', '\u2028'])
    for (const text of [`${blank}{a}`, `{a}${blank}`])
      assert.equal(parseArray(text), undefined, JSON.stringify(text));
});

test('headers of a function are objects, not lists', async (t) => {
  const sql = `create function answer(headers json) returns text language plpgsql as $$ begin perform set_config('response.headers', headers::text, true); return 'x'; end $$;`;
  const { ask } = await serve(t, {
    sql,
    yaml: 'roles: { me: {} }\ntables: {}\nfunctions: { answer: { permissions: { me: { execute: true } } } }',
  });
  for (const text of ['[["a"]]', '[{"__proto__":"a"}]'])
    assert.equal((await ask(me, 'POST /rpc/answer', { body: `{"headers":${text}}` })).status, 500, text);
});
