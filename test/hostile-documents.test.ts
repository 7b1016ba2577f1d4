/** What a role may not see changes no answer of GraphQL: random documents on two databases that differ in hidden rows and cells alone. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { buildClientSchema, getIntrospectionQuery, type IntrospectionQuery } from 'graphql';
import type { Principal } from '../engine/auth/principal.ts';
import { type Answered, type Served, serve } from './graphql.ts';
import { dice, randomDocument } from './graphql-documents.ts';
import { token } from './project.ts';

const tables = `
create extension if not exists ltree;
create type mood as enum ('sad', 'ok', 'happy');
create table teams (id int primary key, name text, org text, code text unique, budget numeric, n int);
create table people (
  id int primary key, team_id int references teams on delete set null, boss_id int references people on delete set null, owner text, open boolean not null default false,
  name text, email text, salary numeric, n int, big bigint, f float8, r int4range, tags text[], nums int[], doc jsonb, j json, m mood,
  at timestamptz, d date, iv interval, path ltree, uid uuid, kind char(3), team_code text, mon money
);
create table notes (
  id int primary key, person_id int references people on delete cascade, owner text, body text, stars int, payload jsonb, big bigint
);
create table tags (id int primary key, label text unique);
create table person_tags (person_id int references people on delete cascade, tag_id int references tags on delete cascade, weight int, primary key (person_id, tag_id));
create view numbers as select id, owner, body::int as num, 10 / stars as share, payload from notes;
create function label(people) returns text language sql stable as 'select coalesce($1.name, '''') || ''!''';
create function num(people) returns int language sql stable as 'select $1.name::int';
create function inverse(notes) returns int language sql immutable as 'select 1 / $1.stars';
create function own_notes(people) returns setof notes language sql stable as 'select * from notes where person_id = $1.id';
create function every_person(lowest int default 0) returns setof people language sql stable as 'select * from people where id >= lowest';
create function every_note() returns setof notes language sql stable as 'select * from notes';
create function one_person(wanted int) returns people language sql stable as 'select * from people where id = wanted';
create function touch_notes(add int) returns setof notes language sql volatile as 'update notes set stars = stars where id >= add returning *';
`;

/** Rows that every caller of the test sees, or sees in part. */
const shown = `
insert into teams values (1, 'T1', 'org1', 'c1', 10, 1), (2, 'T2', 'org1', 'c2', 2.5, 2);
insert into people (id, team_id, boss_id, owner, open, name, email, salary, n, big, f, r, tags, nums, doc, j, m, at, d, iv, path, uid, kind, team_code, mon) values
  (1, 1, null, 'me', false, '1', 'a@x', 10, 1, 1, 1.5, '[1,5)', '{a,b}', '{1,2}', '{"a":1}', '{"a":1}', 'ok', '2024-01-01Z', '2024-01-01', '1 day', 'a.b', '00000000-0000-0000-0000-000000000001', 'abc', 'c1', 1),
  (2, 1, 1, 'me', true, '2', 'b@x', 20, 2, 2, 2.5, 'empty', '{}', '{}', '{"a":{"b":[1]}}', '[1]', 'sad', null, null, null, 'a', null, 'a', 'c1', 2),
  (3, 2, 1, 'me', true, '3', null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, 'c2', null);
insert into notes values (1, 1, 'me', '1', 1, '{"a":1}', 1), (2, 1, 'me', '2', 2, '[]', 2), (3, 2, 'me', '3', 3, null, null);
insert into tags values (1, 'x'), (2, 'y'), (3, 'z');
insert into person_tags values (1, 1, 1), (1, 2, 2), (2, 1, 3);
`;

/** Rows 4 and 5 are seen by some, without the cells that differ; the others by nobody. The links are alike where writes could tell of them. */
const hidden = [
  `insert into teams values (3, 'canary', 'org2', 'c3', 1, 1), (4, 'x', 'org2', 'c4', 1, 1);
   insert into people (id, team_id, boss_id, owner, open, name, email, n) values (4, 2, 1, 'you', true, '4', 'd@x', 4), (5, 3, 2, 'you', true, '5', 'e@x', 5);
   insert into people (id, team_id, owner) values (6, 3, 'you'), (7, 3, 'you');
   insert into notes (id, person_id, owner) values (4, 4, 'you'), (5, 6, 'you'), (6, 1, 'you');
   insert into person_tags values (4, 1, 1), (6, 1, 1), (6, 2, 1), (4, 3, 1), (5, 3, 1);`,
  `insert into teams values (3, 'canary3', 'org2', 'c3', '1e131000', 2147483647), (4, 'canary(', 'org2', 'c4', 'NaN', 0);
   insert into people (id, team_id, boss_id, owner, open, name, email, n, salary, big, f, r, tags, nums, doc, j, m, at, d, iv, path, uid, kind, team_code, mon)
     select id, team_id, boss_id, 'you', open, name, email, n, '9e131071', 9223372036854775807, 1e308, '[2147483646,2147483647)', array['canary', null], array[2147483647, null],
       '{"a":"canary"}', '{"a":"\\u0000"}', 'happy', 'infinity', 'infinity', '178000000 years', 'a.canary', '00000000-0000-0000-0000-00000000000c', 'can', 'c3', '92233720368547758.07'
     from (values (4, 2, 1, true, '4', 'd@x', 4), (5, 3, 2, true, '5', 'e@x', 5), (6, 3, null, false, 'canary', 'canary', 2147483647),
       (7, 3, 6, false, 'canary(', '[', 0)) as v (id, team_id, boss_id, open, name, email, n);
   insert into notes values (4, 4, 'you', 'canary', 0, '{"a":"canary"}', 9223372036854775807), (5, 6, 'you', 'x', 0, '"canary"', 9223372036854775807), (6, 1, 'you', 'canary', 0, null, 9223372036854775807);
   insert into person_tags values (4, 1, 2147483647), (6, 1, 2147483647), (6, 2, 1), (4, 3, 1), (5, 3, 1);`,
] as const;

const columns =
  '[id, owner, name, email, salary, n, big, f, r, tags, nums, doc, j, m, at, d, iv, path, uid, kind, mon, team_id, boss_id, open, team_code]';
const people = '[id, team_id, boss_id, name, email, n, open]';
const writable =
  '[id, name, email, salary, n, big, f, r, tags, nums, doc, j, m, at, d, iv, path, uid, kind, mon, team_id, boss_id, open]';
const yaml = `
roles: { open: {}, own: {}, both: { inherits: [open, own] } }
tables:
  teams:
    permissions:
      open: { select: { columns: [id, name], where: { org: org1 }, aggregate: true } }
      own:
        select: { columns: [id, name, budget, n, code, org], where: { org: org1 }, aggregate: true }
        insert: { columns: [id, name, budget, n], set: { org: org1 }, check: { id: { _gt: 2 } } }
        update: { columns: [name, budget, n], where: { org: org1 } }
  people:
    relationships: { coded: { column: team_code, to: teams.code } }
    permissions:
      open: { select: { columns: ${people}, where: { open: true }, aggregate: true, limit: 50 } }
      own:
        select: { columns: ${columns}, where: { owner: $jwt.sub }, aggregate: true }
        insert: { columns: ${writable}, set: { owner: $jwt.sub }, check: { n: { _neq: 5 } } }
        update: { columns: ${writable}, where: { owner: $jwt.sub }, check: { owner: $jwt.sub } }
        delete: { where: { owner: $jwt.sub } }
  notes:
    permissions:
      open: { select: { columns: [id, person_id, stars], where: { owner: $jwt.sub }, aggregate: true } }
      own:
        select: { columns: [id, person_id, owner, body, stars, payload, big], where: { _or: [ { owner: $jwt.sub }, { person: { owner: nobody } } ] }, aggregate: true }
        insert: { columns: [id, body, stars, payload, big], set: { owner: $jwt.sub }, check: { _or: [ { person_id: { _is_null: true } }, { person: { owner: $jwt.sub } } ] } }
        update: { columns: [id, body, stars, payload, big], where: { owner: $jwt.sub } }
        delete: { where: { owner: $jwt.sub } }
  tags: { permissions: { open: { select: true }, own: { select: true } } }
  person_tags:
    permissions:
      open: { select: { columns: "*", where: { person: { owner: $jwt.sub } } , aggregate: true } }
      own:
        select: { columns: "*", where: { person: { owner: $jwt.sub } }, aggregate: true }
        insert: { columns: "*", check: { person: { owner: $jwt.sub } } }
        update: { columns: [weight], where: { person: { owner: $jwt.sub } } }
        delete: { where: { person: { owner: $jwt.sub } } }
  numbers:
    key: [id]
    permissions:
      open: { select: { columns: "*", where: { owner: $jwt.sub }, aggregate: true } }
      own: { select: { columns: "*", where: { owner: $jwt.sub }, aggregate: true } }
functions:
  label: { permissions: { own: { execute: true } } }
  num: { permissions: { open: { execute: true }, own: { execute: true } } }
  inverse: { permissions: { open: { execute: true }, own: { execute: true } } }
  own_notes: { permissions: { open: { execute: true }, own: { execute: true } } }
  every_person: { permissions: { open: { execute: true }, own: { execute: true } } }
  every_note: { permissions: { open: { execute: true }, own: { execute: true } } }
  one_person: { permissions: { open: { execute: true }, own: { execute: true } } }
`;

const callers = ['open', 'own', 'both'].map((role) => token(role, { sub: 'me' }));

async function databases(t: TestContext): Promise<readonly [Served, Served]> {
  return [
    await serve(t, { sql: `${tables}${shown}${hidden[0]}`, yaml }),
    await serve(t, { sql: `${tables}${shown}${hidden[1]}`, yaml }),
  ];
}

async function schemaOf(served: Served, caller: Principal) {
  const { body } = await served.ask(caller, getIntrospectionQuery());
  return buildClientSchema((body as { data: IntrospectionQuery }).data);
}

const seed = Number(process.env.FC_SEED ?? Date.now() % 0x7fffffff);
/** Documents for each caller. */
const runs = Number(process.env.RUNS ?? 60);

/** Both are asked the same at the same time, and what they answer is the same. */
async function alike(pair: readonly [Served, Served], caller: Principal, document: string) {
  const [one, other] = await Promise.all(pair.map((served) => served.ask(caller, document)));
  const told = ({ status, text }: Answered) => ({ status, text });
  assert.deepEqual(told(one!), told(other!), `${caller.role}: ${document}`);
  assert.ok(one!.status < 500, `${caller.role}: ${document} → ${(one!.cause as Error)?.message}`);
  return one!;
}

function succeeded({ body }: Answered): boolean {
  return (body as { errors?: unknown }).errors === undefined;
}

test('hidden rows and cells change no answer of a query', async (t) => {
  const pair = await databases(t);
  t.diagnostic(`seed ${seed}`);
  const random = dice(seed);
  let answered = 0;
  for (const caller of callers) {
    const schema = await schemaOf(pair[0], caller);
    const cursors: string[] = [];
    for (let run = 0; run < runs; run += 1) {
      // One root: of two that fail, the first to do so is told of.
      const document = randomDocument('query', { schema, dice: random, cursors, roots: 1 });
      const answer = await alike(pair, caller, document);
      if (succeeded(answer)) answered += 1;
      if (!document.includes('canary')) assert.doesNotMatch(answer.text, /canary/, document);
      for (const [, cursor] of answer.text.matchAll(/"(WyJ[A-Za-z0-9_-]{20,})"/g)) cursors.push(cursor!);
    }
  }
  assert.ok(answered > callers.length * runs * 0.4, `only ${answered} were answered`);
});

/** So that no write reaches hidden rows by a cascade: they hang on none of those that the callers may write. */
const apart = `update notes set person_id = 4 where id = 6; update people set boss_id = null, team_id = 4 where owner = 'you';`;
const mine = `select json_build_array(
  (select json_agg(one order by id) from teams one where org = 'org1'), (select json_agg(one order by id) from people one where owner = 'me'),
  (select json_agg(one order by id) from notes one where owner = 'me'), (select json_agg(one order by id) from tags one),
  (select json_agg(one order by person_id, tag_id) from person_tags one where person_id in (select id from people where owner = 'me')))::text as state`;
const others = `select json_build_array(
  (select json_agg(one order by id) from teams one where org is distinct from 'org1'),
  (select json_agg(one order by id) from people one where owner is distinct from 'me'),
  (select json_agg(one order by id) from notes one where owner is distinct from 'me'),
  (select json_agg(one order by person_id, tag_id) from person_tags one
     where person_id not in (select id from people where owner = 'me')))::text as state`;

test('hidden rows and cells change no answer of a mutation, and none changes them', async (t) => {
  const pair = await databases(t);
  t.diagnostic(`seed ${seed}`);
  const random = dice(seed);
  const stateOf = (text: string) =>
    Promise.all(pair.map(async (served) => (await served.sql(text))[0]!.state as string));
  const reset = () =>
    Promise.all(
      pair.map((served, index) =>
        served.sql(`truncate teams, people, notes, tags, person_tags; ${shown}${hidden[index]}${apart}`),
      ),
    );
  await reset();
  const [before, theirs] = [(await stateOf(mine))[0]!, await stateOf(others)];
  let written = 0;
  for (const caller of callers.slice(1)) {
    const schema = await schemaOf(pair[0], caller);
    for (let run = 0; run < runs / 4; run += 1) {
      const document = randomDocument('mutation', {
        schema,
        dice: random,
        cursors: [],
        roots: 1 + random.roll(2),
      });
      const answer = await alike(pair, caller, document);
      assert.deepEqual(await stateOf(others), theirs, document);
      const [one, other] = await stateOf(mine);
      assert.equal(one, other, document);
      if (one === before) continue;
      assert.ok(succeeded(answer), document);
      written += 1;
      await reset();
    }
  }
  assert.ok(written > 0);
});

test('hidden rows raise by no column that a view computes, though a condition comes behind a fence', async (t) => {
  const [, served] = await databases(t);
  const where = '{ owner: { _nregex: "^x" }, num: { _gte: 2 }, share: { _gt: 0 } }';
  const { body } = await served.ask(
    callers[2]!,
    `{ numbers(where: ${where}, order_by: { id: asc }) { id }
       numbers_aggregate(where: ${where}) { aggregate { count } }
       numbers_group_by(keys: [owner], where: ${where}) { aggregate { max { num } } } }`,
  );
  assert.deepEqual(body, {
    data: {
      numbers: [{ id: 2 }, { id: 3 }],
      numbers_aggregate: { aggregate: { count: 2 } },
      numbers_group_by: [{ aggregate: { max: { num: 3 } } }],
    },
  });
});

test('rows that differ in some columns are counted where none of them is selected', async (t) => {
  const [served] = await databases(t);
  const { body } = await served.ask(
    callers[2]!,
    `{ people_aggregate(distinct_on: [team_id]) { aggregate { count __typename } }
       teams(order_by: { id: asc }) { people_aggregate(distinct_on: [open, team_id]) { aggregate { count } } } }`,
  );
  assert.deepEqual(body, {
    data: {
      people_aggregate: { aggregate: { count: 3, __typename: 'people_aggregate_fields' } },
      teams: [
        { people_aggregate: { aggregate: { count: 2 } } },
        { people_aggregate: { aggregate: { count: 1 } } },
      ],
    },
  });
});

test('a nested row takes over nothing that its caller may not read of the row that it hangs on', async (t) => {
  const teams = (columns: string, where: string) =>
    `{ select: { columns: ${columns}, where: ${where} }, insert: { columns: [id, name] }, update: { columns: [name], where: {} } }`;
  const people = (columns: string) => `{ select: { columns: ${columns} }, insert: { columns: [id] } }`;
  const served = await serve(t, {
    sql: `create table teams (id int primary key, name text, org text, code text not null unique default 'fresh');
      create table people (id int primary key, team_code text references teams (code));
      insert into teams values (1, 'one', 'mine', 'canary1'), (2, 'two', 'theirs', 'canary2');`,
    yaml: `
roles: { blind: {}, partly: { inherits: [blind, own] }, own: {}, apart: {} }
tables:
  teams:
    permissions:
      blind: ${teams('[id, name]', '{}')}
      own: ${teams('[id, name, code]', '{ org: mine }')}
      partly: { insert: { columns: [id, name] }, update: { columns: [name], where: {} } }
      apart: ${teams('[id, name]', '{}')}
  people:
    relationships: { team: { column: team_code, to: teams.code } }
    permissions:
      blind: ${people('[id, team_code]')}
      own: ${people('[id, team_code]')}
      partly: { insert: { columns: [id] } }
      apart: ${people('[id]')}
`,
  });
  const insert = (role: string, id: number, conflict: string) =>
    served.ask(
      token(role),
      `mutation { insert_people_one(object: { id: ${id}, team: { data: { id: ${id}, name: "x" }${conflict} } }) { __typename id } }`,
    );
  const upsert = ', on_conflict: { constraint: teams_pkey, update_columns: [name] }';
  for (const role of ['blind', 'partly']) {
    const { text } = await insert(role, 1, upsert);
    assert.match(text, /"Field \\"team\\" is not defined by type \\"people_insert_input\\"/, role);
    await assert.rejects(
      served.executor.transact(
        [
          {
            steps: [
              { kind: 'write', request: { kind: 'insert', table: 'teams', values: [[{ id: 3 }]], rows: 0, columns: ['id'], returning: [], shape: 'list',
                  yields: [{ table: 'people', relationship: 'team', side: 'far' }] } },
              { kind: 'write', fills: [{ step: 0, yield: 0, rows: [0] }], request: { kind: 'insert', table: 'people', values: [[{ id: 3 }]], rows: 0, columns: ['id'],
                  returning: [], shape: 'list', links: [{ table: 'people', relationship: 'team', side: 'near' }] } },
            ],
          },
        ],
        { principal: token(role) },
      ),
      { code: '42501' },
    ); // biome-ignore format: a step
  }
  // Of a row that it may change and not see.
  assert.match((await insert('own', 2, upsert)).text, /permission denied for a row of table teams/);
  assert.deepEqual((await insert('own', 1, upsert)).body, {
    data: { insert_people_one: { __typename: 'people', id: 1 } },
  });
  // Where it does not read what is filled either, it learns nothing.
  assert.deepEqual((await insert('apart', 2, upsert)).body, {
    data: { insert_people_one: { __typename: 'people', id: 2 } },
  });
  assert.deepEqual(await served.sql('select id, team_code from people order by id'), [
    { id: 1, team_code: 'canary1' },
    { id: 2, team_code: 'canary2' },
  ]);
});
