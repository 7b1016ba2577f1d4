/** What a role may not see changes no answer: the same requests on two databases that differ in hidden rows or cells alone. */
import assert from 'node:assert/strict';
import { describe, type TestContext, test } from 'node:test';
import type { Principal } from '../engine/auth/principal.ts';
import { token } from './project.ts';
import { type Answered, type Asked, type Served, serve } from './rest.ts';
import { type TestEngine, testEngines } from './servers/identity.ts';

type Request = readonly [request: string, asked?: Asked];

const canary = /canary/i;

/** A cursor is signed with a secret of its own in each process. */
function told({ status, text, headers }: Answered): unknown {
  const { link, ...others } = headers;
  return { status, text, headers: others, link: String(link).replace(/~[\w-]{43}>/, '~>') };
}

/** Asks both databases the same, several times so that statements become kept plans, and shows the first difference. */
async function alike(
  databases: readonly [Served, Served],
  callers: readonly Principal[],
  requests: readonly Request[],
  times: number,
): Promise<void> {
  for (const caller of callers) {
    for (const [request, asked] of requests) {
      for (let time = 0; time < times; time += 1) {
        const [one, other] = [
          await databases[0].ask(caller, request, asked),
          await databases[1].ask(caller, request, asked),
        ];
        const what = `${caller.role}: ${request} ${JSON.stringify(asked ?? {}).slice(0, 200)}`;
        assert.deepEqual(told(one), told(other), what);
        assert.ok(one.status < 500, `${what} → ${one.status} ${one.text.slice(0, 200)}`);
        assert.doesNotMatch(one.text, canary, what);
        assert.doesNotMatch(JSON.stringify(one.headers), canary, what);
      }
    }
  }
}

const get = (query: string): string => `GET ${query.replaceAll(' ', '%20')}`;

/** Every way to make the database read a value of a row, for each of the columns. */
function readings(table: string, key: string, columns: readonly string[]): Request[] {
  const operations = [
    'eq.1', 'neq.1', 'gt.1', 'lte.a', 'isdistinct.1', 'in.(1,2)', 'is.null', 'like.a*', 'ilike.*CAN*', 'match.(', 'match.^C',
    'imatch.c{1,3}', 'like(any).{a*,C*}', 'match(any).{a,(}', 'eq(all).{1,2}', 'fts.canary', 'fts(simple).a|b', 'wfts.a "b', 'cs.{1}',
    'ov.{1}', 'cd.{}', 'adj.[1,2)', 'sl.[1,2)', 'not.eq.1', 'not.match.(',
  ].map((operation) => encodeURIComponent(operation)); // biome-ignore format: a list
  const casts = [
    'int',
    'numeric',
    'date',
    'json',
    'xml',
    'tsvector',
    'int[]',
    'uuid',
    'inet',
    'interval',
    'bytea',
    'text',
  ];
  const aggregates = ['sum', 'avg', 'min', 'max', 'count'];
  return columns.flatMap((column): Request[] => [
    ...operations.map((operation): Request => [get(`/${table}?select=${key}&${column}=${operation}&order=${key}`)]),
    ...casts.map((cast): Request => [get(`/${table}?select=${key},x:${column}::${cast}&order=${key}`)]),
    ...casts.map((cast): Request => [get(`/${table}?select=x:${column}::${cast}.max(),count()`)]),
    ...aggregates.map((name): Request => [get(`/${table}?select=${column}.${name}()`)]),
    ...aggregates.map((name): Request => [get(`/${table}?select=count()&having=${column}.${name}().gt.1`)]),
    [get(`/${table}?select=${key}&order=${column}.desc.nullslast,${key}`)],
    [get(`/${table}?select=${column},count()&order=${column}`)],
    [get(`/${table}?select=count(),${column}&order=${column}&having=(count().gte.1,not.and(${column}.count().lt.1))`)],
  ]); // biome-ignore format: one line each
}

const forms: readonly Asked[] = [
  { headers: { prefer: 'count=exact' } },
  { headers: { prefer: 'count=planned' } },
  { headers: { prefer: 'count=estimated' } },
  { headers: { range: '2-5', prefer: 'count=exact' } },
  { headers: { accept: 'text/csv' } },
  { headers: { accept: 'application/vnd.pgrst.object+json' } },
  { headers: { accept: 'application/vnd.pgrst.array+json;nulls=stripped' } },
  { headers: { prefer: 'timezone=Asia/Tokyo' } },
];

function inForms(queries: readonly string[]): Request[] {
  return queries.flatMap((query): Request[] => [
    [get(query)],
    [`HEAD ${query.replaceAll(' ', '%20')}`],
    ...forms.map((form): Request => [get(query), form]),
  ]);
}

interface Hidden {
  readonly sql: string;
  /** Each of these rows raises in some reading: a cast, a path, a sum, a search, a division. */
  readonly hidden: string;
  readonly columns: readonly string[];
  /** Names that a request may have which the engine has nothing for. */
  readonly absent: RegExp;
}

const postgres: Hidden = {
  sql: `
create table members (room text, user_id text);
create table rooms (id text primary key, title text);
create table notes (
  id int primary key, room text references rooms, body text, n float8, js json, jb jsonb, rng int4range, nums int[], owner text, vec tsvector
);
create table private (id int primary key, note_id int references notes, secret text);
create function as_int(notes) returns int language sql stable as 'select $1.body::int';
create function inverse(notes) returns int language sql immutable as 'select 1 / ($1.id - 99)';
create function beside(notes) returns setof notes language sql stable as 'select * from notes where room = $1.room';
create function every_note() returns setof notes language sql stable as 'select * from notes';
create function private_rows() returns setof private language sql stable as 'select * from private';
insert into rooms values ('r1', 'one'), ('r2', 'two');
insert into members values ('r1', 'me');
insert into notes select n, 'r1', n::text, n, '{"a":1}', '{"a":1}', int4range(n, n + 2), array[n], 'me', 'a b' from generate_series(1, 3) n;
`,
  hidden: `
insert into notes select n, 'r2', 'canary' || n, 1e308, '{"a":"\\u0000"}', '{"a":"canary"}', int4range(n, n + 9), array[n, null], 'you', 'canary'
  from generate_series(90, 99) n;
insert into notes values (200, 'r2', (select string_agg(md5(n::text), ' ') from generate_series(1, 60000) n), 'NaN', '1e999999', '[]', 'empty', '{}', 'you', null);
insert into private values (1, 99, 'canary');
`,
  columns: [
    'id', 'room', 'body', 'n', 'js', 'js->a', 'js->>a', 'jb', 'jb->a', 'jb->>a', 'rng', 'rng->x', 'nums', 'nums->0', 'owner', 'vec',
    'as_int', 'inverse',
  ], // biome-ignore format: a list
  absent: /^$/,
};

/** Without ranges, lists and functions of rows. */
const mysql: Hidden = {
  sql: `
set names utf8mb4;
create table members (room varchar(20), user_id varchar(20));
create table rooms (id varchar(20) primary key, title text);
create table notes (
  id int primary key, room varchar(20), body longtext, n double, js json, jb json, price decimal(65,0), marks set('a', 'b'), at datetime,
  owner varchar(20), foreign key (room) references rooms (id), fulltext (body)
);
create table private (id int primary key, note_id int, secret text, foreign key (note_id) references notes (id));
insert into rooms values ('r1', 'one'), ('r2', 'two');
insert into members values ('r1', 'me');
insert into notes select n, 'r1', n, n, '{"a":1}', '{"a":1}', n, 'a', '2020-01-01', 'me' from json_table('[1,2,3]', '$[*]' columns (n int path '$')) t;
`,
  hidden: `
insert into notes select n, 'r2', concat('canary', n), 1e308, '{"a":"\\\\u0000"}', '{"a":"canary"}', repeat('9', 65), 'a,b', '9999-12-31 23:59:59', 'you'
  from json_table('[90,91,92,93,94,95,96,97,98,99]', '$[*]' columns (n int path '$')) t;
insert into notes values (200, 'r2', repeat('md5 of a note ', 60000), -1e308, '{"a":1e308}', '[]', repeat('9', 65), '', '1000-01-01', 'you');
insert into private values (1, 99, 'canary');
`,
  columns: ['id', 'room', 'body', 'n', 'js', 'js->a', 'js->>a', 'jb', 'jb->a', 'jb->>a', 'price', 'marks', 'at', 'owner'],
  absent: /as_int|inverse|beside|rpc/,
}; // biome-ignore format: rows

const worlds: Readonly<Record<TestEngine, Hidden>> = { postgres, mysql, mariadb: mysql };

const joined = `{ _exists: { table: members, where: { user_id: $jwt.sub } }, room: r1 }`;
const rowsYaml = (engine: TestEngine) => `
roles: { joined: {}, plain: {}, deep: {} }
limits: { dry_run: [joined, plain, deep] }
tables:
  members: {}
  private: {}
  rooms: { permissions: { joined: { select: true }, plain: { select: true }, deep: { select: { columns: "*", where: { id: r1 }, aggregate: true } } } }
  notes:
    permissions:
      joined:
        select: { columns: "*", aggregate: true, where: ${joined} }
        insert: { columns: "*", check: { owner: me } }
        update: { columns: [body, n, id], where: ${joined} }
        delete: { where: ${joined} }
      plain:
        select: { columns: "*", aggregate: true, where: { owner: me } }
        insert: { columns: "*", set: { owner: me } }
        update: { columns: [body, n, id], where: { owner: me } }
        delete: { where: { owner: me } }
      deep:
        select: { columns: "*", aggregate: true, where: { rooms: { title: one } } }
        update: { columns: [body], where: { rooms: { title: one } } }
        delete: { where: { rooms: { title: one } } }
${engine === 'postgres' ? rowsFunctions : ''}`;

const rowsFunctions = `functions:
  as_int: { permissions: { joined: { execute: true }, plain: { execute: true }, deep: { execute: true } } }
  inverse: { permissions: { joined: { execute: true }, plain: { execute: true }, deep: { execute: true } } }
  beside: { permissions: { joined: { execute: true }, plain: { execute: true }, deep: { execute: true } } }
  every_note: { permissions: { joined: { execute: true }, plain: { execute: true }, deep: { execute: true } } }
  private_rows: { permissions: { joined: { execute: true } } }
`;

const me = { sub: 'me' };
const callers = ['joined', 'plain', 'deep'].map((role) => token(role, me));

async function withAndWithout(t: TestContext, engine: TestEngine): Promise<readonly [Served, Served]> {
  const { sql, hidden } = worlds[engine];
  const analyze = engine === 'postgres' ? ' analyze;' : ' analyze table notes, rooms, private, members;';
  const yaml = rowsYaml(engine);
  return [
    await serve(t, { engine, sql: `${sql}${hidden}${analyze}`, yaml }),
    await serve(t, { engine, sql: `${sql}${analyze}`, yaml }),
  ];
}

for (const engine of testEngines) describe(`on ${engine}`, () => ofRows(engine));

function ofRows(engine: TestEngine): void {
  const { columns, absent } = worlds[engine];
  const known = (requests: readonly string[]) => requests.filter((request) => !absent.test(request));

  test('hidden rows change no answer of a read, whatever is read of them', async (t) => {
    const databases = await withAndWithout(t, engine);
    await alike(databases, callers, readings('notes', 'id', columns), 1);
    if (engine !== 'postgres') return;
    await alike(
      databases,
      callers,
      readings('rpc/every_note', 'id', ['body', 'js->a', 'n', 'as_int', 'inverse']),
      1,
    );
  });

  test('hidden rows change no answer once plans are kept, in any form', async (t) => {
    const databases = await withAndWithout(t, engine);
    const queries = known([
    '/notes?select=id,as_int,inverse&order=id',
    '/notes?select=id&as_int=gt.0&inverse=lt.9&order=id',
    '/notes?select=id&or=(as_int.gt.1,js->>a.eq.1,body.match.(1))&order=inverse,id',
    '/notes?select=id&not.and=(as_int.gt.1,inverse.lt.0)&order=id',
    '/notes?select=id&body=fts.a&order=id',
    '/notes?select=n.sum(),n.avg(),body::int.sum()',
    '/notes?select=room,count()&having=(n.sum().gt.1,body::int.max().lt.9)&order=n.sum().desc',
    '/rooms?select=id,notes!inner(id,body::int,as_int)&notes.as_int=gt.0&notes.order=id&order=id',
    '/rooms?select=id,...notes(body::int,inverse)&notes.order=id&order=id',
    '/rooms?select=id,notes()&notes.js->a=not.is.null&notes=not.is.null&order=id',
    '/rooms?select=id,notes()&notes.body=match.^c&notes=is.null&order=id',
    '/rooms?select=id,notes(n.sum(),body::int.max())&order=id',
    '/notes?select=id,...rooms(title),beside(id,as_int)&beside.order=id&order=rooms(title),id',
    '/notes?select=...rooms(title),count(),as_int.sum()&order=count()',
    '/notes?select=id,beside!inner(id)&beside.inverse=lt.0&beside.order=id&order=id',
    '/rpc/every_note?select=id,as_int&as_int=gt.0&order=inverse,id',
    '/rpc/every_note?select=count(),body::int.sum()',
    '/rpc/private_rows',
    '/notes?select=id&order=id.desc&limit=2',
    '/notes?select=id&order=id&offset=3',
    '/notes/95', '/notes/2', '/private?select=secret', '/notes?select=id,private(secret)', '/notes?select=id,...private(secret)',
    '/notes?select=id&private=is.null', '/notes?order=private(secret)',
  ]); // biome-ignore format: a list
    await alike(databases, callers, inForms(queries), 1);
    await alike(
      databases,
      callers,
      queries.map((query): Request => [get(query)]),
      7,
    );
  });

  test('hidden rows change no line of a stream', async (t) => {
    const databases = await withAndWithout(t, engine);
    const joinedCaller = callers[0]!;
    const origins = [await databases[0].listen(joinedCaller), await databases[1].listen(joinedCaller)];
    const lines = async (origin: string, query: string, prefer: string) => {
      const answer = await fetch(`${origin}/rest/v1${query}`, {
        headers: { accept: 'application/x-ndjson', prefer },
      });
      const { status, headers } = answer;
      return {
        status,
        range: headers.get('content-range'),
        length: headers.get('content-length'),
        text: await answer.text(),
      };
    };
    const zone = engine === 'postgres' ? ['timezone=Asia/Tokyo'] : [];
    for (const prefer of ['', 'count=exact', 'count=planned', ...zone]) {
    for (const query of known([
      '/notes?order=id', '/notes?select=id,as_int,inverse&order=id', '/notes?select=body::int&js->a=not.is.null&order=id',
      '/rooms?select=id,...notes(body::int)&order=id', '/notes?select=count(),n.sum()', '/rpc/every_note?select=as_int&order=id',
    ])) {
      const [one, other] = [await lines(origins[0]!, query, prefer), await lines(origins[1]!, query, prefer)];
      assert.deepEqual(one, other, query);
      assert.equal(one.status < 300, true, query);
      assert.doesNotMatch(one.text, canary);
    }
  } // biome-ignore format: lists
  });

  test('hidden rows change no answer of a write, and no write changes them', async (t) => {
    const databases = await withAndWithout(t, engine);
    const dry = (prefer: string): Asked['headers'] => ({
      prefer: `tx=rollback,return=representation,${prefer}`,
    });
    const filters = known([
    'id=eq.95', 'id=eq.2', 'id=gt.0', 'as_int=gt.0', 'inverse=lt.0', 'body=match.^c', 'js->>a=eq.1', 'js->a=is.null', 'body=fts.canary',
    'owner=eq.you', 'or=(id.eq.95,as_int.gt.1)',
  ]); // biome-ignore format: a list
    const requests = filters.flatMap((filter): Request[] => [
      [`DELETE /notes?${filter}&select=id,body::int&order=id`, { headers: dry('count=exact') }],
      [`DELETE /notes?${filter}&order=id`, { headers: dry('handling=strict,max-affected=1') }],
      [`DELETE /notes?${filter}&select=id&order=id`, { headers: { ...dry(''), 'if-match': '*' } }],
      [
        `PATCH /notes?${filter}&select=${engine === 'postgres' ? 'id,as_int' : 'id,n'}&order=id`,
        { headers: dry('count=exact'), json: { body: '7' } },
      ],
      [
        `PATCH /notes?${filter}&order=id`,
        { headers: { ...dry(''), 'if-match': '"x"' }, json: { body: '7' } },
      ],
      [
        `PATCH /notes?${filter}&order=id`,
        { headers: { ...dry(''), accept: 'text/csv' }, json: { body: '7' } },
      ],
    ]);
    await alike(databases, callers, requests, 1);
    const before = await databases[0].sql('select * from notes order by id');
    assert.equal(before.length, 14);
  });
  test('a hidden cell changes no answer, though its row is seen', async (t) => {
    const sql = (salary: string, note: string) => `
    create table people (id int primary key, name text, owner text, salary text, meta json, boss_id int, foreign key (boss_id) references people (id));
    ${engine === 'postgres' ? "create function raised(people) returns int language sql stable as 'select length($1.name) + 1';" : ''}
    insert into people values (1, 'Ann', 'me', '10', '{"a":1}', null), (2, 'Bob', 'you', '${salary}', '${note}', 1), (3, 'Cem', 'you', '${salary}3', '${note}', 2);
    ${engine === 'postgres' ? 'analyze;' : ''}`;
    const yaml = `
roles: { base: {}, own: { inherits: [base] } }
tables:
  people:
    relationships: { boss: { column: boss_id, to: people.id } }
    permissions:
      base: { select: { columns: [id, name, boss_id], aggregate: true } }
      own: { select: { columns: "*", where: { owner: $jwt.sub } } }
${engine === 'postgres' ? 'functions: { raised: { permissions: { base: { execute: true } } } }' : ''}
`;
    const databases = [
      await serve(t, {
        engine,
        sql: sql('canary', engine === 'postgres' ? '{"a":"\\u0000"}' : '{"a":"\\\\u0000"}'),
        yaml,
      }),
      await serve(t, { engine, sql: sql('20', '{"a":2}'), yaml }),
    ] as const;
    const columns = [
      'salary',
      'meta->a',
      'meta->>a',
      'meta',
      'owner',
      ...(engine === 'postgres' ? ['raised'] : []),
    ];
    await alike(databases, [token('own', me)], readings('people', 'id', columns), 1);
    const queries = [
      '/people?select=*&order=id',
      '/people?select=id,salary&order=salary,id&limit=1',
      '/people?select=id,boss(salary,meta)&order=boss(salary),id',
      '/people?select=id,...boss(pay:salary)&order=id',
      '/people?select=...boss(pay:salary),count()&order=boss(salary)',
      '/people?select=id,boss!inner(id)&boss.salary=like.*a*&order=id',
      '/people?select=id,people(salary.max(),salary::int.sum())&order=id',
      '/people?salary=not.is.null&select=id',
      '/people?select=salary.min(),salary.max(),salary.count()',
      '/people?salary=eq.canary&select=id',
    ];
    await alike(databases, [token('own', me), token('base', me)], inForms(queries), 1);
  });
}
