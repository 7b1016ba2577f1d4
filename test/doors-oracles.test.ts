/**
 * What hidden rows and names could be told by: errors, counts, plans, headers, suggestions. On two databases that differ in hidden
 * rows alone each request has one answer, in as many statements.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createTwins, type Scope, type TestEngine } from './database.ts';
import { type Answered, type Asked, type Doors, openDoors } from './doors.ts';
import { onEveryEngine } from './engines.ts';
import { token } from './project.ts';

const me = token('me', { sub: 'me' });
const canary = /canary/i;

interface World {
  readonly sql: string;
  /** Each of these rows raises in some reading; there are many, so that a plan that knows of them says so. */
  readonly hidden: string;
}

const world: Readonly<Record<'postgres' | 'mysql', World>> = {
  postgres: {
    sql: `
create table rooms (id int primary key, title text, owner text, canary_code int);
create table notes (
  id int primary key, room_id int references rooms, owner text, body text, n int, big bigint, f float8, day text, js json,
  canary_cost int default 1, twice int generated always as (n / 2) stored
);
create table canary_logs (id int primary key, note_id int references notes);
create function worth(notes) returns int language sql stable as 'select $1.body::int';
create function canary_worth(notes) returns int language sql stable as 'select 1';
create index on notes (owner);
insert into rooms values (1, 'one', 'me', 1), (2, 'two', 'you', 2);
insert into notes (id, room_id, owner, body, n, big, f, day, js) select g, 1, 'me', g, g, g, g, '2024-01-0' || g, '{"a":1}' from generate_series(1, 5) g;`,
    hidden: `insert into notes (id, room_id, owner, body, n, big, f, day, js)
  select g, 1 + g % 2, 'you', 'canary(' || g, 2147483647, 9223372036854775807, 1.7e308, 'canary', '{"a":"\\u0000"}' from generate_series(100, 3100) g;
insert into rooms select g, 'canary', 'you' from generate_series(100, 400) g; analyze;`,
  },
  mysql: {
    sql: `
create table rooms (id int primary key, title varchar(40), owner varchar(20), canary_code int) stats_persistent = 1 stats_auto_recalc = 0;
create table notes (
  id int primary key, room_id int, owner varchar(20), body varchar(200), n int, big bigint, f double, day varchar(20), js json,
  canary_cost int default 1, twice int generated always as (n div 2) stored, foreign key (room_id) references rooms (id), index (owner)
) stats_persistent = 1 stats_auto_recalc = 0;
create table canary_logs (id int primary key, note_id int, foreign key (note_id) references notes (id));
insert into rooms values (1, 'one', 'me', 1), (2, 'two', 'you', 2);
insert into notes (id, room_id, owner, body, n, big, f, day, js) values
  (1, 1, 'me', '1', 1, 1, 1, '2024-01-01', '{"a":1}'), (2, 1, 'me', '2', 2, 2, 2, '2024-01-02', '{"a":1}'), (3, 1, 'me', '3', 3, 3, 3, '2024-01-03', '{"a":1}'),
  (4, 1, 'me', '4', 4, 4, 4, '2024-01-04', '{"a":1}'), (5, 1, 'me', '5', 5, 5, 5, '2024-01-05', '{"a":1}');`,
    hidden: `insert into notes (id, room_id, owner, body, n, big, f, day, js)
  select 100 + a.n * 50 + b.n, 1 + b.n % 2, 'you', concat('canary(', b.n), 2147483647, 9223372036854775807, 1.7e308, 'canary', '{"a":"canary"}'
  from json_table(concat('[0', repeat(',0', 49), ']'), '$[*]' columns (n for ordinality)) a, json_table(concat('[0', repeat(',0', 49), ']'), '$[*]' columns (n for ordinality)) b;
insert into rooms select 100 + n, 'canary', 'you', null from json_table(concat('[0', repeat(',0', 299), ']'), '$[*]' columns (n for ordinality)) a;`,
  },
};

const own = '{ owner: $jwt.sub }';
const yaml = (engine: TestEngine) => `
roles: { me: {}, all: {} }
limits: { dry_run: [me] }
tables:
  rooms: { permissions: { me: { select: { columns: [id, title], where: ${own}, aggregate: true } }, all: { select: true } } }
  notes:
    relationships: { room: { column: room_id, to: rooms.id } }
    permissions:
      me:
        select: { columns: [id, body, n, big, f, day, js, twice, owner], where: ${own}, aggregate: true }
        insert: { columns: [id, body, n], set: { owner: $jwt.sub } }
        update: { columns: [body, n, f], where: ${own} }
        delete: { where: ${own} }
      all: { select: true, insert: true, update: true, delete: true }
  canary_logs: { permissions: { all: { select: true } } }
${
  engine === 'postgres'
    ? 'functions: { worth: { permissions: { me: { execute: true } } }, canary_worth: { permissions: { all: { execute: true } } } }'
    : ''
}`;

async function openTwins(scope: Scope, engine: TestEngine): Promise<readonly [Doors, Doors]> {
  const { sql, hidden } = world[engine === 'postgres' ? 'postgres' : 'mysql'];
  const twins = await createTwins(scope, engine, sql, [
    engine === 'postgres' ? 'analyze;' : 'analyze table notes, rooms;',
    `${hidden}${engine === 'postgres' ? '' : ' analyze table notes, rooms;'}`,
  ]);
  return Promise.all(
    twins.map((database) => openDoors(scope, { engine, database, sql: '', yaml: yaml(engine) })),
  ) as Promise<[Doors, Doors]>;
}

/** A cursor is signed with a secret of its own in each process, and pages have one. */
const told = ({ status, text, headers, statements }: Answered) => ({
  status,
  text,
  statements,
  headers: { ...headers, link: String(headers.link).replace(/~[\w-]{43}>/, '~>') },
});

async function alike(
  [one, other]: readonly [Doors, Doors],
  what: string,
  ask: (doors: Doors) => Promise<Answered>,
): Promise<Answered> {
  const [first, second] = [await ask(one), await ask(other)];
  assert.deepEqual(told(first), told(second), what);
  assert.ok(first.status < 500, `${what} → ${first.status} ${first.text}`);
  assert.doesNotMatch(`${first.text}${JSON.stringify(first.headers)}`, canary, what);
  assert.equal(first.headers['server-timing'], undefined);
  return first;
}

/** Whatever could raise on a hidden row: each is asked of rows that are seen, where it does not. */
function readings(engine: TestEngine): readonly string[] {
  const postgres = [
    'select=id,body::int', 'select=body::int.sum()', 'select=id,day::date', 'select=id,js->>a', 'js->>a=eq.1&select=id', 'select=id&order=js->>a,id', 'select=f.sum()', 'select=f.avg()',
    'select=id,worth&worth=gt.0', 'select=worth.sum()', 'select=id&order=worth.desc', 'select=big::int.max()', 'select=n.sum(),n.avg()', 'select=n::int2.max()', 'body=fts.1&select=id',
  ]; // biome-ignore format: a list
  const others = [
    'select=id,body::int',
    'select=f.sum()',
    'select=f.avg()',
    'select=id,day::date',
    'select=js->a',
    'js->>a=eq.1&select=id',
    'select=n.sum(),big.sum()',
  ];
  return [
    ...(engine === 'postgres' ? postgres : others),
    'body=match.^[0-9]$&select=id', 'body=match.%28&select=id', 'body=imatch.1&select=id', 'select=owner,n.sum(),f.max()&having=n.sum().gt.1', 'select=id&twice=gte.0', 'select=twice.max()',
    'select=id&n=gt.2147483646', 'select=count()', 'select=id&limit=2&order=n.desc,id', 'select=id&offset=4&order=id', 'select=id&or=(n.gt.1,body.match.c)',
  ]; // biome-ignore format: a list
}

const forms: readonly Asked['headers'][] = [
  {}, { prefer: 'count=exact' }, { prefer: 'count=planned' }, { prefer: 'count=estimated' }, { range: '0-1', prefer: 'count=planned' }, { accept: 'text/csv' },
  { accept: 'application/vnd.pgrst.object+json' }, { accept: 'application/x-ndjson', prefer: 'count=planned' }, { accept: 'application/vnd.pgrst.plan+json' },
  { accept: 'application/vnd.pgrst.plan+text; for="application/json"; options=analyze|buffers' },
]; // biome-ignore format: a list

onEveryEngine((engine) => {
  test('no error, count, plan or header of a read tells of hidden rows', async (t) => {
    const twins = await openTwins(t, engine);
    let answered = 0;
    for (const query of readings(engine)) {
      for (const headers of [{}, { prefer: 'count=estimated' }] as readonly Asked['headers'][]) {
        const { status } = await alike(twins, `${query} ${JSON.stringify(headers)}`, (doors) => doors.rest(me, `GET /notes?${query}`, { headers }));
        if (status < 300) answered += 1;
      }
    }
    assert.ok(answered > readings(engine).length, `${answered} were answered`);
    for (const path of ['/notes?select=id&order=id', '/notes?select=id&owner=eq.you', '/notes/100', '/notes/1', '/rooms?select=id,title&order=id', '/notes?select=id&id=gt.99&order=id']) {
      for (const headers of forms) {
        for (const method of headers?.prefer === 'count=planned' ? ['GET', 'HEAD', 'OPTIONS'] : ['GET']) {
          const what = `${method} ${path} ${JSON.stringify(headers)}`;
          const answer = await alike(twins, what, (doors) => doors.rest(me, `${method} ${path}`, { headers }));
          if (headers?.accept?.includes('plan')) assert.equal(answer.status, 406, what);
        }
      }
    }
    // The rows that are seen are counted: planned counts are the count itself, or the size of what the grant shows.
    const { headers } = await alike(twins, 'exact', (doors) => doors.rest(me, 'GET /notes', { headers: { prefer: 'count=exact' } }));
    assert.equal(headers['content-range'], '0-4/5');
    // Of a plan there is not even a number that a hidden row moves.
    for (const root of [
      'notes_aggregate { aggregate { count sum { n f big } avg { f n } stddev { f } max { body twice } } nodes { id } }',
      'notes_connection(first: 2, order_by: { id: asc }) { edges { cursor node { id } } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } }',
      'notes_group_by(keys: [owner]) { keys { owner } aggregate { count sum { f } } }',
      'notes(where: { body: { _regex: "^[0-9]$" }, n: { _gt: 1 } }, order_by: { n: desc }) { id twice }',
      'notes_by_pk(id: 100) { id }', 'notes(where: { id: { _eq: 100 } }) { id }', 'notes(where: { js: { _contains: { a: 1 } } }) { id }',
      'rooms(order_by: { id: asc }) { id }', 'rooms_aggregate { aggregate { count } }',
    ])
      await alike(twins, root, (doors) => doors.graphql(me, `{ ${root} }`));
  }); // biome-ignore format: lists

  test('no error, count or header of a write tells of hidden rows', async (t) => {
    const twins = await openTwins(t, engine);
    const dry = (prefer: string) => ({ prefer: `tx=rollback,return=representation,${prefer}` });
    const filters = [
      'id=eq.100', 'id=eq.777777', 'id=gt.0', 'n=gt.2000000000', 'body=match.^c', 'owner=eq.you', 'f=gt.1e300', 'or=(id.eq.100,n.eq.1)', 'body=like.*canary*',
      ...(engine === 'postgres' ? ['js->>a=eq.1', 'worth=gt.0'] : ['js->>a=eq.canary']),
    ]; // biome-ignore format: a list
    for (const filter of filters) {
      for (const prefer of ['count=exact', 'handling=strict,max-affected=0']) {
        for (const headers of [dry(prefer), { ...dry(prefer), 'if-match': '*' }]) {
          const path = `/notes?select=id,n&${filter}&order=id`;
          await alike(twins, `DELETE ${path} ${JSON.stringify(headers)}`, (doors) => doors.rest(me, `DELETE ${path}`, { headers }));
          await alike(twins, `PATCH ${path} ${JSON.stringify(headers)}`, (doors) => doors.rest(me, `PATCH ${path}`, { headers, json: { body: '7' } }));
        }
      }
    }
    for (const field of [
      'update_notes(where: { body: { _regex: "^c" } }, _set: { body: "x" }) { affected_rows returning { id } }',
      'update_notes(where: { n: { _gt: 1000 } }, _inc: { n: 1 }) { affected_rows }',
      'update_notes(where: {}, _inc: { n: 2147483640 }) { affected_rows }',
      'update_notes(where: { id: { _eq: 100 } }, _inc: { n: 2147483640 }) { affected_rows }',
      'update_notes(where: {}, _inc: { f: 1e308 }, _set: { body: "1" }, max_affected: 4) { affected_rows }',
      'update_notes(where: { owner: { _eq: "you" } }, _set: { body: "x" }, max_affected: 0) { affected_rows }',
      'update_notes_by_pk(pk_columns: { id: 100 }, _set: { body: "x" }) { id }',
      'delete_notes(where: { f: { _gt: 1e300 } }) { affected_rows }',
      'delete_notes(where: { body: { _regex: "canary" } }, max_affected: 0) { affected_rows }',
      'delete_notes_by_pk(id: 100) { id }',
      'update_notes_many(updates: [{ where: { id: { _eq: 100 } }, _set: { n: 1 } }, { where: { n: { _gt: 1000 } }, _set: { n: 1 } }]) { affected_rows }',
    ])
      await alike(twins, field, (doors) => doors.graphql(me, `mutation { ${field} }`));
    const rows = await Promise.all(twins.map((doors) => doors.sql("select id, body, n from notes where owner = 'me' order by id")));
    assert.equal(rows[0]!.length, 5);
    assert.deepEqual(rows[0], rows[1]);
    assert.equal((await twins[1].sql("select count(*) as n from notes where owner = 'you' and body like 'canary(%' and n = 2147483647")).map(({ n }) => Number(n))[0]! > 2000, true);
  }); // biome-ignore format: lists

  test('an ETag is of what its caller reads, and a condition on it tells of nothing else', async (t) => {
    const twins = await openTwins(t, engine);
    for (const path of ['/notes?select=id,body&order=id', '/notes/1?select=id', '/rooms?order=id', '/notes?id=eq.100']) {
      const { headers } = await alike(twins, path, (doors) => doors.rest(me, `GET ${path}`));
      const etag = String(headers.etag);
      for (const method of ['GET', 'HEAD']) {
        const again = await alike(twins, path, (doors) => doors.rest(me, `${method} ${path}`, { headers: { 'if-none-match': etag } }));
        assert.deepEqual([again.status, again.text], [304, ''], `${method} ${path}`);
      }
      // A hidden cell or row that changes changes no ETag.
      for (const doors of twins) await doors.sql("update notes set canary_cost = canary_cost + 1; update notes set day = 'x' where owner = 'you'; update rooms set canary_code = 9");
      const after = await alike(twins, path, (doors) => doors.rest(me, `GET ${path}`, { headers: { 'if-none-match': etag } }));
      assert.equal(after.status, 304, path);
    }
    const tags = new Map<Doors, string>();
    for (const doors of twins) tags.set(doors, String((await doors.rest(me, 'GET /notes/1')).headers.etag));
    for (const [id, status] of [[100, 412], [777_777, 412], [1, 204]] as const) {
      const answer = await alike(twins, `If-Match ${id}`, (doors) => doors.rest(me, `PATCH /notes/${id}`, { json: { body: 'x' }, headers: { 'if-match': tags.get(doors)! } }));
      assert.equal(answer.status, status, `${id} ${answer.text}`);
    }
  }); // biome-ignore format: lists

  test('suggestions are among the names that the caller sees', async (t) => {
    const [, doors] = await openTwins(t, engine);
    const misspelled = (name: string) => [
      ...Array.from(name, (_, index) => name.slice(0, index) + name.slice(index + 1)),
      `x${name}`,
      `${name}s`,
      name.toUpperCase(),
    ].filter((one) => /^[a-z_]/i.test(one)); // biome-ignore format: one line each
    const asked = async (hidden: string, ask: (name: string) => Promise<Answered>, of: string) => {
      const names = [...new Set(misspelled(hidden))];
      for (const name of names) {
        const answer = await ask(name);
        assert.ok(answer.status < 500, `${of} ${name}`);
        const said = `${answer.text}${JSON.stringify(answer.headers)}`.replaceAll(name, '').replaceAll(name.toUpperCase(), '');
        assert.ok(!said.includes(hidden), `${of} ${name} → ${answer.text}`);
      }
      return names.length;
    };
    const rest = (path: (name: string) => string, method = 'GET', json?: (name: string) => unknown) => (name: string) =>
      doors.rest(me, `${method} ${path(name)}`, json === undefined ? {} : { json: json(name) });
    let checks = 0;
    for (const column of ['canary_cost', 'room_id'])
      for (const [of, ask] of [
        ['select', rest((name) => `/notes?select=${name}`)], ['filter', rest((name) => `/notes?${name}=eq.1`)], ['order', rest((name) => `/notes?order=${name}`)],
        ['body', rest(() => '/notes', 'POST', (name) => ({ [name]: 1 }))], ['patch', rest(() => '/notes?id=eq.1', 'PATCH', (name) => ({ [name]: 1 }))],
        ['columns', rest((name) => `/notes?columns=${name}`, 'POST', () => ({}))], ['on_conflict', rest((name) => `/notes?on_conflict=${name}`, 'POST', () => ({ id: 1 }))],
        ['field', (name: string) => doors.graphql(me, `{ notes { ${name} } }`)], ['where', (name: string) => doors.graphql(me, `{ notes(where: { ${name}: { _eq: 1 } }) { id } }`)],
        ['order_by', (name: string) => doors.graphql(me, `{ notes(order_by: { ${name}: asc }) { id } }`)], ['distinct_on', (name: string) => doors.graphql(me, `{ notes(distinct_on: [${name}]) { id } }`)],
        ['_set', (name: string) => doors.graphql(me, `mutation { update_notes(where: {}, _set: { ${name}: 1 }) { affected_rows } }`)],
        ['object', (name: string) => doors.graphql(me, `mutation { insert_notes_one(object: { ${name}: 1 }) { id } }`)],
        ['update_columns', (name: string) => doors.graphql(me, `mutation { insert_notes_one(object: { id: 1 }, on_conflict: { columns: [id], update_columns: [${name}] }) { id } }`)],
        ['max', (name: string) => doors.graphql(me, `{ notes_aggregate { aggregate { max { ${name} } } } }`)],
      ] as const)
        checks += await asked(column, ask, of);
    for (const [of, ask] of [
      ['table', rest((name) => `/${name}`)], ['embed', rest((name) => `/notes?select=${name}(id)`)], ['spread', rest((name) => `/notes?select=...${name}(id)`)],
      ['hint', rest((name) => `/notes?select=rooms!${name}(id)`)], ['root', (name: string) => doors.graphql(me, `{ ${name} { id } }`)], ['relationship', (name: string) => doors.graphql(me, `{ notes { ${name} { id } } }`)],
      ['type', (name: string) => doors.graphql(me, `{ __type(name: "${name}") { name } }`)], ['fragment', (name: string) => doors.graphql(me, `{ notes { ... on ${name} { id } } }`)],
    ] as const)
      checks += await asked('canary_logs', ask, of);
    for (const [of, ask] of [
      ['root', (name: string) => doors.graphql(me, `{ ${name} { id } }`)], ['type', (name: string) => doors.graphql(me, `{ __type(name: "${name}") { name } }`)],
    ] as const)
      for (const hidden of ['canary_logs_aggregate', 'canary_logs_by_pk', 'insert_canary_logs_one']) checks += await asked(hidden, ask, of);
    if (engine === 'postgres')
      for (const ask of [rest((name) => `/rpc/${name}`), rest((name) => `/notes?select=${name}`), (name: string) => doors.graphql(me, `{ notes { ${name} } }`)])
        checks += await asked('canary_worth', ask, 'function');
    assert.ok(checks > 300, String(checks));
    // Of names that are seen there are suggestions.
    assert.match((await doors.rest(me, 'GET /notes?select=bod')).text, /notes\.body/);
    assert.match((await doors.rest(me, 'GET /note')).text, /public\.notes/);
    assert.match((await doors.graphql(me, '{ notes { bdy } }')).text, /body|not found|not defined|Cannot query/);
    assert.match((await doors.rest(token('all'), 'GET /notes?select=canary_cos')).text, /canary_cost/);
  }); // biome-ignore format: lists
});
