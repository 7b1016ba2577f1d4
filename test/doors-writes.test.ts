/** Writes beyond a grant, whichever way they come: refused whole, and no row has changed. Beside each what the grant allows. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Scope, TestEngine } from './database.ts';
import { type Answered, type Asked, contents, openDoors } from './doors.ts';
import { onEveryEngine } from './engines.ts';
import { token } from './project.ts';

const claims = { sub: 'me', org: 'a' };
const [me, mover, blind, dry] = ['me', 'mover', 'blind', 'dry'].map((role) => token(role, claims)) as [
  ReturnType<typeof token>,
  ReturnType<typeof token>,
  ReturnType<typeof token>,
  ReturnType<typeof token>,
];

/** Teams of the organization `b`, their people and what hangs on those are of others. */
const sql = (engine: TestEngine) => `
create table teams (id int primary key, org varchar(20) not null, code varchar(20) unique);
create table people (
  id int primary key, team_id int, name varchar(20), owner varchar(20), salary int default 1,
  foreign key (team_id) references teams (id)
);
create table notes (
  id int primary key, person_id int, body varchar(20), slug varchar(20) unique, stars int default 1, owner varchar(20) default 'db',
  foreign key (person_id) references people (id)
);
create table marks (id int primary key, note_id int, label varchar(20), foreign key (note_id) references notes (id));
create table turned (
  id int primary key, org varchar(20) default 'b', kind varchar(20) default 'fresh', n int default 1,
  twice int generated always as (n * 2) stored
);
insert into teams values (1, 'a', 't1'), (2, 'b', 'canary');
insert into people (id, team_id, name, owner) values (1, 1, 'mine', 'me'), (2, 2, 'theirs', 'you'), (3, 1, 'other', 'you');
insert into notes (id, person_id, body, slug) values (1, 1, 'mine', 's1'), (2, 2, 'theirs', 's2'), (3, 1, 'more', 's3');
insert into marks values (1, 1, 'mine'), (2, 2, 'theirs');
insert into turned (id, org, kind, n) values (1, 'a', 'fresh', 1), (2, 'b', 'fresh', 1);
${
  engine === 'postgres'
    ? `create function turn() returns trigger language plpgsql as $$ begin
         if new.kind = 'out' then new.org := 'b'; elsif new.kind = 'in' then new.org := 'a'; end if; return new; end $$;
       create trigger turn before insert or update on turned for each row execute function turn();`
    : `create trigger turn before insert on turned for each row set new.org = case new.kind when 'out' then 'b' when 'in' then 'a' else new.org end;
       create trigger turn_again before update on turned for each row set new.org = case new.kind when 'out' then 'b' when 'in' then 'a' else new.org end;`
}
`;

const ours = '{ team: { org: $jwt.org } }';
const mine = '{ person: { team: { org: $jwt.org } } }';
const yaml = `
roles: { me: {}, mover: {}, blind: {}, dry: {} }
limits: { dry_run: [dry] }
tables:
  teams:
    permissions:
      me:
        select: { columns: [id, org, code], where: { org: $jwt.org } }
        insert: { columns: [id, code], set: { org: $jwt.org } }
        update: { columns: [code], where: { org: $jwt.org } }
      mover: { select: { columns: [id], where: { org: $jwt.org } } }
      dry: { select: { columns: [id], where: { org: $jwt.org } } }
  people:
    permissions:
      me:
        select: { columns: [id, team_id, name, owner, salary], where: ${ours} }
        insert: { columns: [id, team_id, name], set: { owner: $jwt.sub }, check: ${ours} }
        update: { columns: [id, team_id, name], where: ${ours}, set: { owner: $jwt.sub } }
        delete: { where: ${ours} }
      mover: { select: { columns: [id] , where: ${ours} } }
      dry: { select: { columns: [id], where: ${ours} } }
  notes:
    permissions:
      me:
        select: { columns: "*", where: ${mine} }
        insert: { columns: [id, person_id, body, slug, stars], check: { _and: [ ${mine}, { stars: { _lt: 10 } } ] } }
        update: { columns: [id, person_id, body, slug, stars], where: ${mine}, check: { _and: [ ${mine}, { stars: { _lt: 10 } } ] } }
        delete: { where: ${mine} }
      mover:
        select: { columns: [id, body, person_id], where: ${mine} }
        update: { columns: [person_id], where: ${mine}, check: {} }
      blind: { insert: { columns: [id, body], check: { stars: 1 } } }
      dry:
        select: { columns: [id, body, person_id], where: ${mine} }
        insert: { columns: [id, body, person_id], check: {} }
        update: { columns: [body, person_id], where: ${mine}, check: {} }
        delete: { where: ${mine} }
  marks:
    permissions:
      me:
        select: { columns: "*", where: { note: ${mine} } }
        insert: { columns: [id, label, note_id], check: { note: ${mine} } }
        update: { columns: [label, note_id], where: { note: ${mine} } }
  turned:
    permissions:
      me:
        select: { columns: "*", where: { org: $jwt.org } }
        insert: { columns: [id, kind, n, org], check: { org: $jwt.org, twice: { _lt: 10 } } }
        update: { columns: [kind, n], where: { org: $jwt.org }, check: { org: $jwt.org, twice: { _lt: 10 } } }
      blind: { insert: { columns: [id], check: { org: $jwt.org } } }
`;

const codeOf = ({ body }: Answered) => {
  const { code, errors } = body as {
    code?: string;
    errors?: { extensions: { novastack: { code: string } } }[];
  };
  return code ?? errors?.[0]?.extensions.novastack.code;
};

type Row = Readonly<Record<string, unknown>>;
interface Try {
  readonly request: string;
  readonly json?: unknown;
  readonly body?: string;
  readonly headers?: Asked['headers'];
  /** 42501 unless told. */
  readonly code?: string;
}

const csv = { 'content-type': 'text/csv' };
const merge = { prefer: 'resolution=merge-duplicates' };
const note = (row: Row) => ({ person_id: 1, body: 'new', slug: 'new', stars: 1, ...row });
const fine = note({ id: 10, slug: 'fine' });

/** A row that would be, or become, one of others: by one relationship and by two. */
const outOfReach: readonly Try[] = [
  { request: 'POST /people', json: { id: 9, team_id: 2, name: 'x' } },
  { request: 'POST /people', json: { id: 9, name: 'x' } },
  { request: 'POST /notes', json: note({ id: 9, person_id: 2 }) },
  { request: 'POST /notes', json: note({ id: 9, person_id: null }) },
  { request: 'POST /notes', json: note({ id: 9, stars: 10 }) },
  { request: 'POST /notes', json: note({ id: 9, stars: null }) },
  { request: 'POST /marks', json: { id: 9, note_id: 2, label: 'x' } },
  { request: 'PATCH /people?id=eq.1', json: { team_id: 2 } },
  { request: 'PATCH /people?id=eq.1', json: { team_id: null } },
  { request: 'PATCH /notes?id=eq.1', json: { person_id: 2 } },
  { request: 'PATCH /notes?id=eq.1&select=id', json: { person_id: 2 }, headers: { prefer: 'return=representation' } },
  { request: 'PATCH /notes?id=in.(1,3)', json: { stars: 10 } },
  { request: 'PATCH /marks?id=eq.1', json: { note_id: 2 } },
  { request: 'PUT /notes/1', json: note({ id: 1, person_id: 2 }) },
  { request: 'POST /notes', json: note({ id: 1, person_id: 2 }), headers: merge },
]; // biome-ignore format: one line each

/** A row of others, which an upsert meets: by its key, by another unique one. */
const foreign: readonly Try[] = [
  { request: 'POST /notes', json: note({ id: 2 }), headers: merge },
  { request: 'POST /notes?on_conflict=slug', json: note({ id: 9, slug: 's2' }), headers: merge },
  { request: 'POST /notes', json: note({ id: 9, slug: 's2' }), headers: merge, code: '23505' },
  { request: 'POST /notes', json: note({ id: 1, slug: 's2' }), headers: merge, code: '23505' },
  { request: 'POST /notes', json: [fine, note({ id: 2 })], headers: merge },
  { request: 'POST /notes?columns=id,person_id,body', json: [{ id: 2, person_id: 1, body: 'x' }], headers: { prefer: `${merge.prefer},missing=default` } },
  { request: 'POST /notes', body: 'id,person_id,body\n2,1,x', headers: { ...csv, ...merge } },
  { request: 'PUT /notes/2', json: note({ id: 2 }) },
  { request: 'PUT /people/2', json: { id: 2, team_id: 1, name: 'x' } },
  { request: 'PUT /marks/2', json: { id: 2, note_id: 1, label: 'x' } },
  { request: 'POST /people', json: { id: 2, team_id: 1, name: 'x' }, headers: merge },
]; // biome-ignore format: one line each

/** Of several rows one that is not allowed: first, last, by a value, by what the database refuses. */
const bulk: readonly Try[] = [
  { request: 'POST /notes', json: [fine, note({ id: 9, person_id: 2 })] },
  { request: 'POST /notes', json: [note({ id: 9, person_id: 2 }), fine] },
  { request: 'POST /notes', json: [fine, note({ id: 9, stars: 10 })] },
  { request: 'POST /notes', json: [fine, note({ id: 1 })], code: '23505' },
  { request: 'POST /notes', json: [fine, note({ id: 9, person_id: 77 })], code: '42501' },
  { request: 'POST /notes', json: [{ ...fine, owner: 'me' }, { ...note({ id: 9 }), owner: 'x' }] },
  { request: 'POST /notes', json: [fine, note({ id: 'x' })], code: '22P02' },
  { request: 'POST /notes?columns=id,person_id,body,slug,stars', json: [fine, { id: 9, body: 'no person' }], headers: { prefer: 'missing=default' } },
  { request: 'POST /notes', body: 'id,person_id,body,stars\n10,1,fine,1\n9,2,x,1', headers: csv },
  { request: 'POST /notes', body: 'id,person_id,body,stars\n10,1,fine,1\n9,1,x,10', headers: csv },
  { request: 'POST /notes', body: 'id,person_id,body,owner\n10,1,fine,me', headers: csv },
  { request: 'PATCH /notes?id=gt.0', json: { id: 1 }, code: '23505' },
]; // biome-ignore format: one line each

/** Columns that the permission presets, that it does not grant, that nobody is to see: in whatever place. */
function columnsBeyond(): readonly Try[] {
  const person = { id: 9, team_id: 1, name: 'x' };
  return ['owner', 'salary'].flatMap((column): Try[] => [
    ...['x', 'me', null, 1].flatMap((value): Try[] => [
      { request: 'POST /people', json: { ...person, [column]: value } },
      { request: 'POST /people', json: [{ ...person, [column]: value }, { ...person, id: 10, [column]: value }] },
      { request: 'POST /people', json: { ...person, [column]: value }, headers: merge },
      { request: 'PUT /people/9', json: { ...person, [column]: value } },
      { request: 'PATCH /people?id=eq.1', json: { [column]: value } },
      { request: 'PATCH /people?id=eq.1', json: { name: 'x', [column]: value } },
      { request: 'PATCH /people?id=eq.77', json: { [column]: value } },
    ]),
    { request: `POST /people?columns=id,team_id,name,${column}`, json: person },
    { request: `POST /people?columns=${column}`, json: [] },
    { request: `PATCH /people?id=eq.1&columns=${column}`, json: { name: 'x' } },
    { request: 'POST /people', body: `id,team_id,name,${column}\n9,1,x,1`, headers: csv },
    { request: 'POST /people', body: `id=9&team_id=1&name=x&${column}=1`, headers: { 'content-type': 'application/x-www-form-urlencoded' } },
  ]); // biome-ignore format: one line each
}

/** What triggers, defaults and generated columns make of a row. */
const turned: readonly Try[] = [
  { request: 'POST /turned', json: { id: 9, org: 'a', kind: 'out' } },
  { request: 'POST /turned', json: { id: 9 } },
  { request: 'POST /turned?columns=id,org,kind', json: [{ id: 9, org: 'a' }, { id: 10, kind: 'fresh' }], headers: { prefer: 'missing=default' } },
  { request: 'POST /turned', json: { id: 9, org: 'a', n: 5 } },
  { request: 'POST /turned', json: { id: 1, org: 'a', kind: 'out' }, headers: merge },
  { request: 'PATCH /turned?id=eq.1', json: { kind: 'out' } },
  { request: 'PATCH /turned?id=eq.1&select=id', json: { kind: 'out' }, headers: { prefer: 'return=representation' } },
  { request: 'PATCH /turned?id=eq.1', json: { n: 5 } },
  { request: 'PATCH /turned?id=gt.0', json: { kind: 'out', n: 1 } },
]; // biome-ignore format: one line each

const documents = (engine: TestEngine): readonly (readonly [string, string])[] => {
  const key = (table: string) => (engine === 'postgres' ? `${table}_pkey` : 'PRIMARY');
  const upsert = (table: string, ...columns: string[]) => `on_conflict: { constraint: ${key(table)}, update_columns: [${columns.join()}] }`;
  const ok = 'insert_notes_one(object: { id: 10, person_id: 1, slug: "fine" }) { id }';
  return [
    // Out of reach, and one bad row among good ones.
    ['42501', 'insert_notes(objects: [{ id: 10, person_id: 1 }, { id: 9, person_id: 2 }]) { affected_rows }'],
    ['42501', 'insert_notes(objects: [{ id: 9, person_id: 1, stars: 10 }]) { affected_rows }'],
    ['42501', 'update_notes(where: { id: { _eq: 1 } }, _set: { person_id: 2 }) { affected_rows }'],
    ['42501', 'update_notes_by_pk(pk_columns: { id: 1 }, _set: { person_id: null }) { id }'],
    ['42501', 'update_notes(where: {}, _inc: { stars: 9 }) { affected_rows }'],
    ['42501', 'update_notes_many(updates: [{ where: { id: { _eq: 3 } }, _set: { body: "ok" } }, { where: { id: { _eq: 1 } }, _inc: { stars: 9 } }]) { affected_rows }'],
    ['42501', `${ok} a: update_notes(where: { id: { _eq: 1 } }, _set: { person_id: 2 }) { affected_rows }`],
    ['23505', `${ok} a: insert_notes_one(object: { id: 1, person_id: 1 }) { id }`],
    ['42501', `${ok} delete_notes(where: { id: { _eq: 3 } }) { affected_rows } a: insert_notes_one(object: { id: 9, person_id: 2 }) { id }`],
    ['22003', 'update_notes(where: { id: { _eq: 1 } }, _inc: { id: 2147483647 }) { affected_rows }'],
    // Rows of others under an upsert: the root, what it hangs on, what hangs on it, and what hangs on that.
    ['42501', `insert_notes(objects: [{ id: 2, person_id: 1 }], ${upsert('notes', 'body')}) { affected_rows }`],
    ['42501', `insert_notes(objects: [{ id: 2, person_id: 1 }], on_conflict: { columns: [id], update_columns: [body, person_id], where: { body: { _is_null: false } } }) { affected_rows }`],
    ['42501', `insert_notes_one(object: { id: 10, person: { data: { id: 2, team_id: 1, name: "x" }, ${upsert('people', 'name')} } }) { id }`],
    ['42501', `insert_notes_one(object: { id: 10, person: { data: { id: 2, team_id: 1, name: "x" }, ${upsert('people', 'name', 'team_id')} } }) { id }`],
    ['42501', `insert_notes_one(object: { id: 10, person: { data: { id: 9, name: "x", team: { data: { id: 2, code: "x" }, ${upsert('teams', 'code')} } } } }) { id }`],
    ['42501', `insert_people_one(object: { id: 9, team_id: 1, notes: { data: [{ id: 11 }, { id: 2, body: "x" }], ${upsert('notes', 'body')} } }) { id }`],
    ['42501', `insert_people_one(object: { id: 9, team_id: 1, notes: { data: [{ id: 2, body: "x" }], ${upsert('notes', 'body', 'person_id')} } }) { id }`],
    ['42501', `insert_people_one(object: { id: 9, team_id: 1, notes: { data: [{ id: 11, marks: { data: [{ id: 2, label: "x" }], ${upsert('marks', 'label')} } }] } }) { id }`],
    ['42501', `insert_people_one(object: { id: 9, team_id: 2, notes: { data: [{ id: 11 }] } }) { id }`],
    ['42501', `insert_people_one(object: { id: 9, team_id: 1, notes: { data: [{ id: 11, stars: 10 }] } }) { id }`],
    ['23505', `insert_people_one(object: { id: 9, team_id: 1, notes: { data: [{ id: 11, marks: { data: [{ id: 9 }, { id: 9 }] } }] } }) { id }`],
    ['0A000', `insert_notes_one(object: { id: 10, person: { data: { id: 2, team_id: 1 }, ${upsert('people')} } }) { id }`],
    // Columns that are preset or not granted are not in the schema.
    ...['owner', 'salary'].flatMap((column) => [
      ['NS602', `insert_people(objects: [{ id: 9, team_id: 1, ${column}: null }]) { affected_rows }`] as const,
      ['NS602', `insert_people_one(object: { id: 9, team_id: 1 }, on_conflict: { constraint: ${key('people')}, update_columns: [${column}] }) { id }`] as const,
      ['NS602', `insert_notes_one(object: { id: 9, person: { data: { id: 9, team_id: 1, ${column}: null } } }) { id }`] as const,
      ['NS602', `insert_notes_one(object: { id: 9, person: { data: { id: 9, team_id: 1 }, on_conflict: { constraint: ${key('people')}, update_columns: [${column}] } } }) { id }`] as const,
      ['NS602', `update_people(where: { id: { _eq: 1 } }, _set: { ${column}: null }) { affected_rows }`] as const,
      ['NS602', `update_people_by_pk(pk_columns: { id: 1 }, _set: { name: "x", ${column}: null }) { id }`] as const,
      ['NS602', `update_people_many(updates: [{ where: { id: { _eq: 1 } }, _set: { ${column}: null } }]) { affected_rows }`] as const,
    ]),
    ['NS602', 'update_people(where: { id: { _eq: 1 } }, _inc: { salary: 1 }) { affected_rows }'],
    // What the database makes of a row.
    ['42501', 'insert_turned_one(object: { id: 9, org: "a", kind: "out" }) { id }'],
    ['42501', 'insert_turned_one(object: { id: 9 }) { id }'],
    ['42501', 'update_turned(where: {}, _set: { kind: "out" }) { affected_rows }'],
    ['42501', 'update_turned(where: {}, _inc: { n: 4 }) { affected_rows }'],
  ];
}; // biome-ignore format: one line each

const open = (scope: Scope, engine: TestEngine) => openDoors(scope, { engine, sql: sql(engine), yaml });

onEveryEngine((engine) => {
  test('a write beyond the grant changes nothing, whichever way it comes', async (t) => {
    const doors = await open(t, engine);
    const before = await contents(doors);
    const others: string[] = [];
    for (const { request, json, body, headers, code = '42501' } of [...outOfReach, ...foreign, ...bulk, ...columnsBeyond(), ...turned]) {
      const answer = await doors.rest(me, request, { ...(json === undefined ? null : { json }), ...(body !== undefined && { body }), ...(headers && { headers }) });
      const what = `${request} ${JSON.stringify(json) ?? body} ${JSON.stringify(headers) ?? ''}`;
      if (answer.status < 400 || codeOf(answer) !== code) others.push(`${code}: ${what} → ${answer.status} ${answer.text}`);
      assert.doesNotMatch(answer.text, /canary|theirs/, what);
      assert.equal(await contents(doors), before, what);
    }
    for (const [code, fields] of documents(engine)) {
      const answer = await doors.graphql(me, `mutation { ${fields} }`);
      if (codeOf(answer) !== code) others.push(`${code}: ${fields} → ${answer.text}`);
      assert.doesNotMatch(answer.text, /canary|theirs|"data"/, fields);
      assert.equal(await contents(doors), before, fields);
    }
    assert.deepEqual(others, []);
  }); // biome-ignore format: one line each

  test('a write within the grant is done, and answers with what its caller reads', async (t) => {
    const doors = await open(t, engine);
    const did = async (caller: typeof me, request: string, json: unknown, prefer = 'return=representation,count=exact') => {
      const { status, text, headers } = await doors.rest(caller, request, { json, headers: { prefer } });
      return [status, text, headers['content-range']];
    };
    assert.deepEqual(await did(me, 'POST /people?select=id,owner', { id: 9, team_id: 1, name: 'x' }), [201, '[{"id":9,"owner":"me"}]', '*/1']);
    assert.deepEqual(await did(me, 'PATCH /people?id=eq.3&select=id,owner', { name: 'y' }), [200, '[{"id":3,"owner":"me"}]', '0-0/1']);
    assert.deepEqual(await did(me, 'POST /people?select=id,name', [{ id: 9, team_id: 1, name: 'z' }], `${merge.prefer},return=representation`), [200, '[{"id":9,"name":"z"}]', '*/*']);
    assert.deepEqual(await did(me, 'POST /turned?select=id,org', { id: 9, org: 'b', kind: 'in' }), [201, '[{"id":9,"org":"a"}]', '*/1']);
    assert.deepEqual(await did(me, 'PATCH /turned?id=eq.1&select=id,twice', { n: 4 }), [200, '[{"id":1,"twice":8}]', '0-0/1']);
    // A default fails the check of one role, and passes that of another.
    assert.equal((await did(blind, 'POST /turned', { id: 11 }, ''))[0], 403);
    const unseen = await doors.rest(blind, 'POST /notes', { json: { id: 12, body: 'x' }, headers: { prefer: 'return=headers-only' } });
    assert.deepEqual([unseen.status, unseen.text, unseen.headers.location], [201, '', undefined]);
    // A row that a check lets out of reach is written, counted, and not shown.
    assert.deepEqual(await did(mover, 'PATCH /notes?id=eq.3', { person_id: 2 }), [200, '[]', '0-0/1']);
    assert.deepEqual(await doors.sql('select person_id from notes where id = 3'), [{ person_id: 2 }]);
    assert.deepEqual(await did(mover, 'PATCH /notes?id=eq.3', { person_id: 1 }), [200, '[]', '*/0']);
    const { body } = await doors.graphql(mover, 'mutation { update_notes(where: { id: { _eq: 1 } }, _set: { person_id: 2 }) { affected_rows returning { id } } }');
    assert.deepEqual(body, { data: { update_notes: { affected_rows: 1, returning: [] } } });
    const nested = await doors.graphql(me, `mutation { insert_people_one(object: { id: 20, team_id: 1, notes: { data: [{ id: 20, marks: { data: [{ id: 20 }] } }] } }) { owner notes { id marks { id } } } }`);
    assert.deepEqual(nested.body, { data: { insert_people_one: { owner: 'me', notes: [{ id: 20, marks: [{ id: 20 }] }] } } });
  }); // biome-ignore format: one line each

  test('a dry run writes nothing and shows what its caller reads, and is for those who may ask for one', async (t) => {
    const doors = await open(t, engine);
    const before = await contents(doors);
    const prefer = 'tx=rollback,return=representation,count=exact';
    for (const [request, json, status, text, range] of [
      ['POST /notes', [{ id: 9, body: 'x', person_id: 1 }, { id: 10, body: 'y', person_id: 2 }], 201, '[{"id":9,"person_id":1,"body":"x"}]', '*/2'],
      ['PATCH /notes?id=eq.1&select=id', { person_id: 2 }, 200, '[]', '0-0/1'],
      ['PATCH /notes?id=eq.2&select=id', { body: 'x' }, 200, '[]', '*/0'],
      ['DELETE /notes?id=eq.2&select=id', undefined, 200, '[]', '*/0'],
      ['DELETE /notes?id=eq.3&select=id', undefined, 200, '[{"id":3}]', '*/1'],
    ] as const) {
      const answer = await doors.rest(dry, request, { headers: { prefer }, ...(json && { json }) });
      assert.deepEqual([answer.status, answer.text, answer.headers['content-range']], [status, text, range], request);
      assert.doesNotMatch(JSON.stringify(answer.headers), /theirs|canary/);
      assert.equal(await contents(doors), before, request);
      const refused = await doors.rest(me, request, { headers: { prefer }, ...(json && { json }) });
      assert.deepEqual([refused.status, codeOf(refused)], [403, '42501'], request);
      assert.equal(await contents(doors), before, request);
    }
  }); // biome-ignore format: one line each
});
