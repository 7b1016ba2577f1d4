/** Ways in which an answer, an error or a missing claim could tell of rows that a policy hides; and what stops a process. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TestEngine } from '../../test/database.ts';
import { onEveryEngine } from '../../test/engines.ts';
import { words } from '../../test/portable-sql.ts';
import { anonymous, createProject, token } from '../../test/project.ts';
import type { Principal } from '../auth/principal.ts';
import type { Executor } from '../execute/executor.ts';
import { Problem } from '../problem/problem.ts';
import type { FieldRequest, FilterRequest, NodeRequest, WriteRequest } from './request.ts';

const id: FieldRequest = { kind: 'column', column: 'id', as: 'id' };
const byId = [{ through: [], column: 'id', direction: 'asc' }] as const;

async function ids(
  executor: Executor,
  principal: Principal,
  table: string,
  node: Partial<NodeRequest> = {},
  values: unknown[] = [],
) {
  const { body } = await executor.read(
    {
      kind: 'read',
      table,
      values,
      node: { fields: [id], order: byId, ...node },
      shape: 'list',
      count: false,
    },
    { principal },
  );
  return (JSON.parse(body) as { id: number }[]).map((row) => row.id);
}

async function refusal(work: Promise<unknown>): Promise<readonly [string, number]> {
  const problem = await work.then(
    () => assert.fail('it was not refused'),
    (error: unknown) => error,
  );
  assert.ok(problem instanceof Problem, String(problem));
  return [problem.code, problem.status];
}

function insert(table: string, rows: readonly object[], extra: object = {}): WriteRequest {
  return {
    kind: 'insert',
    table,
    values: [rows],
    rows: 0,
    columns: Object.keys(rows[0]!),
    returning: [],
    shape: 'list',
    ...extra,
  };
}

test('a column that a view computes raises on visible rows alone', async (t) => {
  const { executor } = await createProject(t, {
    sql: `CREATE TABLE members (room text, user_id text);
          CREATE TABLE messages (id int PRIMARY KEY, room text, payload text);
          CREATE VIEW numbers AS SELECT id, room, payload::int AS n FROM messages;
          INSERT INTO members VALUES ('r1', 'me');
          INSERT INTO messages SELECT n, 'r1', n::text FROM generate_series(1, 50) n; INSERT INTO messages VALUES (99, 'r2', 'secret');`,
    yaml: `
roles: { member: {} }
tables:
  numbers:
    key: [id]
    permissions:
      member: { select: { columns: [id, n], where: { _exists: { table: members, where: { user_id: $jwt.sub } }, room: r1 } } }
  members: {}
`,
  });
  const where: FilterRequest = {
    kind: 'and',
    of: [
      { kind: 'compare', column: 'n', operator: 'gt', value: 0 },
      { kind: 'compare', column: 'id', operator: 'gte', value: 1 },
    ],
  };
  assert.deepEqual(
    await ids(executor, token('member', { sub: 'me' }), 'numbers', { where }, ['48', '1']),
    [49, 50],
  );
  assert.deepEqual(
    await ids(executor, token('member', { sub: 'me' }), 'numbers', { where }, ['0', '99']),
    [],
  );
});

test('types whose text names things of the database can be read, and neither compared nor written', async (t) => {
  const { executor } = await createProject(t, {
    sql: `CREATE TABLE things (id int PRIMARY KEY, kind regclass, search tsvector); INSERT INTO things VALUES (1, 'things', 'a b');`,
    yaml: `
auth: { anonymous: anyone }
roles: { anyone: {} }
tables: { things: { permissions: { anyone: { select: true, insert: true } } } }
`,
  });
  const anyone = anonymous('anyone');
  for (const name of ['pg_authid', 'nothing_of_this_name']) {
    const where: FilterRequest = { kind: 'compare', column: 'kind', operator: 'eq', value: 0 };
    assert.deepEqual(await refusal(ids(executor, anyone, 'things', { where }, [name])), ['42883', 400]);
    const write = executor.write([insert('things', [{ id: 2, kind: name }])], { principal: anyone });
    assert.deepEqual(await refusal(write), ['428C9', 400]);
  }
  const where: FilterRequest = { kind: 'compare', column: 'search', operator: 'eq', value: 0 };
  assert.deepEqual(await refusal(ids(executor, anyone, 'things', { where }, ["'"])), ['42601', 400]);
});

test('a relationship on a column that a view computes is followed from visible rows alone', async (t) => {
  const { executor } = await createProject(t, {
    sql: `CREATE TABLE authors (id int PRIMARY KEY);
          CREATE TABLE members (room text, user_id text);
          CREATE TABLE messages (id int PRIMARY KEY, room text, payload text);
          CREATE VIEW numbers AS SELECT id, room, payload::int AS n FROM messages;
          INSERT INTO authors SELECT generate_series(1, 60); INSERT INTO members VALUES ('r1', 'me');
          INSERT INTO messages SELECT n, 'r1', n::text FROM generate_series(1, 50) n; INSERT INTO messages VALUES (99, 'r2', 'secret');`,
    yaml: `
roles: { member: {} }
tables:
  members: {}
  authors: { relationships: { numbers: { from: numbers.n } }, permissions: { member: { select: true } } }
  numbers:
    key: [id]
    relationships: { author: { column: n, to: authors.id } }
    permissions:
      member: { select: { columns: [id, n], where: { _exists: { table: members, where: { user_id: $jwt.sub } }, room: r1 } } }
`,
  });
  const me = token('member', { sub: 'me' });
  const where: FilterRequest = { kind: 'related', relationship: 'author' };
  assert.equal((await ids(executor, me, 'numbers', { where })).length, 50);
  const numbers: FieldRequest = {
    kind: 'embed',
    as: 'numbers',
    relationship: 'numbers',
    join: 'inner',
    node: { fields: [id] },
  };
  assert.equal((await ids(executor, me, 'authors', { fields: [id, numbers] })).length, 50);
});

function rows(count: number, row: (n: number) => string): string {
  return Array.from({ length: count }, (_, index) => row(index + 1)).join(', ');
}

/** What gives each new row another key than it was given. */
const moving: Record<TestEngine, string> = {
  postgres: `CREATE FUNCTION move() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN UPDATE nodes SET id = id + 100 WHERE id = new.id; RETURN NULL; END';
    CREATE TRIGGER moves AFTER INSERT ON nodes FOR EACH ROW EXECUTE FUNCTION move();`,
  mariadb: 'CREATE TRIGGER moves BEFORE INSERT ON nodes FOR EACH ROW SET NEW.id = NEW.id + 100;',
  mysql: 'CREATE TRIGGER moves BEFORE INSERT ON nodes FOR EACH ROW SET NEW.id = NEW.id + 100;',
};

onEveryEngine((engine) => {
  test('a missing claim is unknown behind relationships, _exists and counts too', async (t) => {
    const { executor } = await createProject(t, {
      engine,
      sql: `CREATE TABLE posts (id int PRIMARY KEY);
          CREATE TABLE blocks (id int PRIMARY KEY, post_id int, user_id varchar(20), everyone boolean NOT NULL DEFAULT false,
            FOREIGN KEY (post_id) REFERENCES posts (id));
          INSERT INTO posts VALUES (1), (2), (3); INSERT INTO blocks VALUES (1, 1, 'me', false), (2, 2, NULL, true);`,
      yaml: `
roles: { exists: {}, related: {}, deep: {}, count: {}, either: {}, positive: {} }
tables:
  blocks: {}
  posts:
    permissions:
      exists: { select: { columns: "*", where: { _not: { _exists: { table: blocks, where: { user_id: $jwt.sub } } } } } }
      related: { select: { columns: "*", where: { _not: { blocks: { user_id: $jwt.sub } } } } }
      deep: { select: { columns: "*", where: { _not: { _and: [ { _or: [ { blocks: { user_id: $jwt.sub } } ] } ] } } } }
      count: { select: { columns: "*", where: { blocks_aggregate: { count: { filter: { user_id: $jwt.sub }, predicate: { _eq: 0 } } } } } }
      either: { select: { columns: "*", where: { _not: { blocks: { _or: [ { everyone: true }, { user_id: $jwt.sub } ] } } } } }
      positive: { select: { columns: "*", where: { blocks: { _or: [ { everyone: true }, { user_id: $jwt.sub } ] } } } }
`,
    });
    const seen = async (role: string, claims: Principal['claims']) =>
      ids(executor, token(role, claims), 'posts');
    for (const role of ['exists', 'related', 'deep', 'count', 'either']) {
      assert.deepEqual(await seen(role, {}), [], `${role} without the claim`);
      assert.deepEqual(await seen(role, { sub: null }), [], `${role} with null`);
    }
    assert.deepEqual(await seen('exists', { sub: 'other' }), [1, 2, 3]);
    assert.deepEqual(await seen('exists', { sub: 'me' }), []);
    assert.deepEqual(await seen('related', { sub: 'me' }), [2, 3]);
    assert.deepEqual(await seen('deep', { sub: 'me' }), [2, 3]);
    assert.deepEqual(await seen('count', { sub: 'me' }), [2, 3]);
    assert.deepEqual(await seen('either', { sub: 'me' }), [3]);
    assert.deepEqual(await seen('positive', {}), [2]);
    assert.deepEqual(await seen('positive', { sub: 'me' }), [1, 2]);
  });

  test('a check that looks at other rows sees them as they are after the write', async (t) => {
    const project = await createProject(t, {
      engine,
      sql: `CREATE TABLE nodes (id int PRIMARY KEY, parent_id int, owner varchar(20), FOREIGN KEY (parent_id) REFERENCES nodes (id));
          CREATE TABLE loose (parent_id int, note varchar(20), FOREIGN KEY (parent_id) REFERENCES nodes (id));
          INSERT INTO nodes VALUES (1, NULL, 'me'), (2, NULL, 'you');`,
      yaml: `
roles: { me: {}, careful: {} }
tables:
  nodes:
    relationships: { kids: { from: nodes.parent_id }, parent: { column: parent_id, to: nodes.id } }
    permissions:
      careful: { insert: { columns: "*", check: { parent: { owner: me } } } }
      me:
        select: true
        insert: { columns: "*", check: { parent: { kids_aggregate: { count: { predicate: { _lte: 3 } } } } } }
        update: { columns: "*", check: { parent: { owner: me } } }
  loose:
    relationships: { parent: { column: parent_id, to: nodes.id } }
    permissions:
      me:
        insert: { columns: "*", check: { parent: { owner: me } } }
`,
    });
    const me = token('me');
    const write = (...requests: WriteRequest[]) => project.executor.write(requests, { principal: me });
    const kids = (...numbers: number[]) =>
      insert(
        'nodes',
        numbers.map((number) => ({ id: number, parent_id: 1 })),
      );
    assert.deepEqual(await refusal(write(kids(10, 11, 12, 13))), ['42501', 403]);
    assert.equal((await write(kids(10, 11, 12)))[0]?.affected, 3);
    // One that passes brings no other along.
    const mixed = insert(
      'nodes',
      [1, 2].map((parent) => ({ id: 20 + parent, parent_id: parent })),
    );
    const careful = { principal: token('careful') };
    assert.deepEqual(await refusal(project.executor.write([mixed], careful)), ['42501', 403]);
    assert.deepEqual(await refusal(write(kids(13))), ['42501', 403]);
    const update = (row: object): WriteRequest => ({
    kind: 'update', table: 'nodes', values: [row, '1'], row: 0, columns: Object.keys(row), returning: [], shape: 'list',
    where: { kind: 'compare', column: 'id', operator: 'eq', value: 1 },
  }); // biome-ignore format: one line
    // A merge: a new row by insert's check, a row that was there by update's.
    const merge = (row: object) => insert('nodes', [row], { conflict: { action: 'merge' } });
    assert.deepEqual(await refusal(write(merge({ id: 10, parent_id: 2, owner: 'me' }))), ['42501', 403]);
    assert.equal((await write(merge({ id: 10, parent_id: 1, owner: 'x' })))[0]?.affected, 1);
    // A table without a key: its new rows cannot be found again where the server gives none back.
    const loose = (...parents: number[]) =>
      write(
        insert(
          'loose',
          parents.map((parent) => ({ parent_id: parent, note: 'a' })),
        ),
      );
    const isRefused = engine === 'postgres' ? ['42501', 403] : ['0A000', 400];
    assert.deepEqual(await refusal(loose(1, 2)), isRefused);
    assert.deepEqual(await refusal(loose(1, 10)), isRefused);
    if (engine === 'postgres') assert.equal((await loose(1))[0]?.affected, 1);
    else assert.deepEqual(await refusal(loose(1)), isRefused);
    // Its own parent from now on, it is judged by what it has become.
    assert.deepEqual(await refusal(write(update({ parent_id: 1, owner: 'you' }))), ['42501', 403]);
    assert.equal((await write(update({ parent_id: 1, owner: 'me' })))[0]?.affected, 1);
    assert.deepEqual(await project.sql('SELECT id, parent_id FROM nodes ORDER BY id'), [
    { id: 1, parent_id: 1 }, { id: 2, parent_id: null }, { id: 10, parent_id: 1 }, { id: 11, parent_id: 1 }, { id: 12, parent_id: 1 },
  ]); // biome-ignore format: rows
  });

  test('a check that looks at other rows waits for what else the request writes', async (t) => {
    const project = await createProject(t, {
      engine,
      sql: `CREATE TABLE nodes (id int PRIMARY KEY, parent_id int, owner varchar(20), FOREIGN KEY (parent_id) REFERENCES nodes (id));
          INSERT INTO nodes VALUES (1, NULL, 'me'), (2, NULL, 'you');`,
      yaml: `
roles: { me: {} }
tables:
  nodes:
    relationships: { parent: { column: parent_id, to: nodes.id } }
    permissions: { me: { select: true, insert: { columns: "*", check: { parent: { owner: me } } }, update: { columns: [owner], where: {}, check: {} } } }
`,
    });
    /** A row under a parent, and then whose the parent is. */
    const under = (parent: number, owner: string) => {
      const requests: WriteRequest[] = [
        insert('nodes', [{ id: 10 + parent, parent_id: parent }]),
        {
          kind: 'update',
          table: 'nodes',
          values: [{ owner }, String(parent)],
          row: 0,
          columns: ['owner'],
          where: { kind: 'compare', column: 'id', operator: 'eq', value: 1 },
          returning: [],
          shape: 'list',
        },
      ];
      const steps = requests.map((request) => ({ kind: 'write', request }) as const);
      return project.executor.transact([{ steps }], { principal: token('me') });
    };
    assert.deepEqual(await refusal(under(1, 'you')), ['42501', 403]);
    await under(2, 'me');
    assert.deepEqual(await project.sql('SELECT id, owner FROM nodes ORDER BY id'), [
      { id: 1, owner: 'me' },
      { id: 2, owner: 'me' },
      { id: 12, owner: null },
    ]);
  });

  test('a row that a trigger moves escapes no check that looks at other rows', async (t) => {
    const project = await createProject(t, {
      engine,
      sql: `CREATE TABLE nodes (id int PRIMARY KEY, parent_id int, owner varchar(20), FOREIGN KEY (parent_id) REFERENCES nodes (id));
          INSERT INTO nodes VALUES (1, NULL, 'me');
          ${moving[engine]}`,
      yaml: `
roles: { me: {} }
tables:
  nodes:
    relationships: { parent: { column: parent_id, to: nodes.id } }
    permissions: { me: { insert: { columns: "*", check: { parent: { owner: me } } } } }
`,
    });
    const moved = insert('nodes', [{ id: 2, parent_id: 1 }]);
    const write = project.executor.write([moved], { principal: token('me') });
    // MariaDB says which key a new row has, so that it is found and judged.
    if (engine === 'mariadb') assert.equal((await write)[0]?.affected, 1);
    else assert.deepEqual(await refusal(write), ['42501', 403]);
    const kept = await project.sql('SELECT id FROM nodes ORDER BY id');
    assert.deepEqual(
      kept.map((row) => row.id),
      engine === 'mariadb' ? [1, 102] : [1],
    );
  });

  test('a claim that is no date is refused before the database is asked', async (t) => {
    const { executor } = await createProject(t, {
      engine,
      sql: `${words[engine].begin} CREATE TABLE days (id int PRIMARY KEY, day date, at ${words[engine].timestamptz}, clock time);
          INSERT INTO days VALUES (1, '2026-01-02', '2026-01-02 03:04:05', '03:04:05');`,
      yaml: `
roles: { day: {}, at: {}, clock: {} }
tables:
  days:
    permissions:
      day: { select: { columns: "*", where: { day: $jwt.v } } }
      at: { select: { columns: "*", where: { at: $jwt.v } } }
      clock: { select: { columns: "*", where: { clock: $jwt.v } } }
`,
    });
    for (const role of ['day', 'at', 'clock']) {
      for (const v of ['nonsense', 'now', '2026-13-45', 'infinity']) {
        assert.deepEqual(
          await refusal(ids(executor, token(role, { v }), 'days')),
          ['NS302', 403],
          `${role} ${v}`,
        );
      }
    }
    assert.deepEqual(await ids(executor, token('day', { v: '2026-01-02' }), 'days'), [1]);
    assert.deepEqual(await ids(executor, token('at', { v: '2026-01-02T03:04:05Z' }), 'days'), [1]);
    assert.deepEqual(await ids(executor, token('clock', { v: '03:04:05' }), 'days'), [1]);
  });

  test('an answer past the limit is refused, and the process and the pool live on', async (t) => {
    const { executor } = await createProject(t, {
      engine,
      sql: `CREATE TABLE people (id int PRIMARY KEY, name text, boss_id int, FOREIGN KEY (boss_id) REFERENCES people (id));
          INSERT INTO people VALUES ${rows(700, (n) => `(${n}, repeat('x', 200), 1)`)};`,
      yaml: `
auth: { anonymous: anyone }
roles: { anyone: {} }
tables: { people: { permissions: { anyone: { select: true } } } }
`,
    });
    const all: FieldRequest = {
      kind: 'embed',
      as: 'staff',
      relationship: 'people',
      join: 'left',
      node: { fields: [{ kind: 'all' }] },
    };
    const boss: FieldRequest = {
      kind: 'embed',
      as: 'boss',
      relationship: 'boss',
      join: 'left',
      node: { fields: [id, all] },
    };
    assert.deepEqual(await refusal(ids(executor, anonymous('anyone'), 'people', { fields: [id, boss] })), [
      'NS430',
      400,
    ]);
    assert.equal((await ids(executor, anonymous('anyone'), 'people', { limit: 3 })).length, 3);
  });

  test('the answers of all writes of a document are bounded before they are committed', async (t) => {
    const project = await createProject(t, {
      engine,
      sql: `CREATE TABLE big (id int PRIMARY KEY, t ${engine === 'postgres' ? 'text' : 'longtext'}, room int);
          INSERT INTO big VALUES ${rows(30, (n) => `(${n}, repeat('x', 1000000), 0)`)};`,
      yaml: `
roles: { all: {} }
tables: { big: { permissions: { all: { select: true, update: true } } } }
`,
    });
    const update: WriteRequest = {
      kind: 'update',
      table: 'big',
      values: [{ room: 1 }, '0'],
      row: 0,
      columns: ['room'],
      where: { kind: 'compare', column: 'id', operator: 'gt', value: 1 },
      returning: [{ fields: [{ kind: 'all' }] }],
      shape: 'list',
    };
    assert.deepEqual(
      await refusal(project.executor.write([update, update, update], { principal: token('all') })),
      ['NS430', 400],
    );
    assert.deepEqual(await project.sql('SELECT id FROM big WHERE room = 1'), []);
  });

  test('hundreds of aliases and fields, and a guarded distinct, are ordinary requests', async (t) => {
    const { executor } = await createProject(t, {
      engine,
      sql: `CREATE TABLE items (id int PRIMARY KEY, owner varchar(20), price int); INSERT INTO items VALUES (1, 'me', 5), (2, 'me', 5), (3, 'you', 7);`,
      yaml: `
roles: { all: {}, mine: {}, both: { inherits: [all, mine] } }
tables:
  items:
    permissions:
      all: { select: { columns: [id] } }
      mine: { select: { columns: [price], where: { owner: $jwt.sub }, aggregate: true } }
`,
    });
    const principal = token('both', { sub: 'me' });
    const items = Array.from(
      { length: 120 },
      (_, index) => ({ kind: 'count', as: `c${index}`, columns: [], distinct: false }) as const,
    );
    const counted = await executor.read(
      {
        kind: 'readAggregate',
        table: 'items',
        values: [],
        node: { parts: [{ kind: 'summary', as: 'aggregate', items }] },
      },
      { principal },
    );
    assert.deepEqual(
      Object.values((JSON.parse(counted.body) as { aggregate: object }).aggregate),
      Array(120).fill(3),
    );
    const price: FieldRequest = { kind: 'column', column: 'price', as: 'price' };
    const distinct = await executor.read(
      {
        kind: 'read',
        table: 'items',
        values: [],
        node: {
          fields: [price],
          distinct: ['price'],
          order: [{ through: [], column: 'price', direction: 'asc' }],
        },
        shape: 'list',
        count: false,
      },
      { principal },
    );
    assert.equal(distinct.body, '[{"price":5},{"price":null}]');
    const many = Array.from(
      { length: 1500 },
      (_, index): FieldRequest => ({ kind: 'column', column: 'id', as: `a${index}` }),
    );
    assert.equal(
      (
        await executor.read(
          { kind: 'read', table: 'items', values: [], node: { fields: many }, shape: 'list', count: false },
          { principal },
        )
      ).rows,
      3,
    );
  });

  test('upserts of the same keys in any order neither deadlock nor lose their order in the answer', async (t) => {
    const project = await createProject(t, {
      engine,
      sql: 'CREATE TABLE slots (id int, part varchar(20), n int, PRIMARY KEY (id, part));',
      yaml: `
roles: { all: {} }
tables: { slots: { permissions: { all: { select: true, insert: true, update: true } } } }
`,
    });
    const principal = token('all');
    const shuffled = (seed: number) =>
      Array.from({ length: 15 }, (_, index) => ({ id: (index * 7 + seed * 4) % 15, part: 'a', n: seed }));
    const upsert = async (seed: number) => {
      const rows = seed % 2 === 0 ? shuffled(seed) : shuffled(seed).reverse();
      const request = insert('slots', rows, { conflict: { action: 'merge' }, returning: [{ fields: [id] }] });
      const [result] = await project.executor.write([request], { principal });
      const answered = JSON.parse(result!.bodies[0]!) as { id: number }[];
      assert.deepEqual(
        answered.map((row) => row.id),
        rows.map((row) => row.id),
      );
    };
    for (let round = 0; round < 10; round += 1) {
      await Promise.all(Array.from({ length: 8 }, (_, client) => upsert(round * 8 + client)));
    }
    assert.equal((await project.sql('SELECT id FROM slots')).length, 15);
  });
});
