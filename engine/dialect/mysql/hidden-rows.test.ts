/** Ways in which a read on MySQL or MariaDB could tell of rows and cells that a policy hides. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createProject, token } from '../../../test/project.ts';
import type { Principal } from '../../auth/principal.ts';
import type { Executor } from '../../execute/executor.ts';
import { Problem } from '../../problem/problem.ts';
import type { FieldRequest, FilterRequest, NodeRequest } from '../../query/request.ts';

const id: FieldRequest = { kind: 'column', column: 'id', as: 'id' };
const byId = [{ through: [], column: 'id', direction: 'asc' }] as const;
const compare = (column: string, operator: string, value: number, rest: object = {}) =>
  ({ kind: 'compare', column, operator, value, ...rest }) as FilterRequest;

async function read(
  executor: Executor,
  principal: Principal,
  table: string,
  node: Partial<NodeRequest> = {},
  values: readonly unknown[] = [],
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
  return JSON.parse(body) as Record<string, unknown>[];
}

async function ids(...given: Parameters<typeof read>) {
  return (await read(...given)).map((row) => row.id);
}

async function refusal(work: Promise<unknown>): Promise<readonly [string, number]> {
  const problem = await work.then(
    () => assert.fail('it was not refused'),
    (error: unknown) => error,
  );
  assert.ok(problem instanceof Problem, String(problem));
  return [problem.code, problem.status];
}

for (const engine of ['mariadb', 'mysql'] as const) {
  test(`on ${engine} an expression that is given up never meets a row that the policy hides`, async (t) => {
    const { executor, sql } = await createProject(t, {
      engine,
      // The policy costs more than what the caller asks, so the server would rather do that first.
      sql: `CREATE TABLE rooms (name varchar(20) PRIMARY KEY);
            CREATE TABLE members (room varchar(20), user_id varchar(20), FOREIGN KEY (room) REFERENCES rooms (name));
            CREATE TABLE notes (id int PRIMARY KEY, room varchar(20), body varchar(2000), FOREIGN KEY (room) REFERENCES rooms (name));
            INSERT INTO rooms VALUES ('open'), ('closed'); INSERT INTO members VALUES ('open', 'me'), ('closed', 'you');
            INSERT INTO notes VALUES (1, 'open', 'short'), (2, 'closed', CONCAT(REPEAT('a', 1000), 'c y'));`,
      yaml: `
roles: { member: {} }
tables:
  rooms: {}
  members: {}
  notes: { permissions: { member: { select: { columns: "*", where: { rooms: { members: { user_id: $jwt.sub } } } } } } }
`,
    });
    const me = token('member', { sub: 'me' });
    const pattern = '(a|aa|a+)+[xy]';
    for (const operator of ['regex', 'iregex', 'similar', 'nregex', 'nsimilar']) {
      const where = compare('body', operator, 0);
      const found = operator.startsWith('n') ? [1] : [];
      assert.deepEqual(await ids(executor, me, 'notes', { where }, [pattern]), found, operator);
    }
    await sql(`UPDATE notes SET room = 'open'`);
    for (const operator of ['regex', 'similar']) {
      const where = compare('body', operator, 0);
      assert.deepEqual(await refusal(ids(executor, me, 'notes', { where }, [pattern])), ['2201B', 400]);
    }
  });

  test(`on ${engine} a missing claim is unknown behind relationships, _exists and counts too`, async (t) => {
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
    const seen = (role: string, claims: Principal['claims']) => ids(executor, token(role, claims), 'posts');
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

  test(`on ${engine} what is hidden makes no error`, async (t) => {
    const { executor } = await createProject(t, {
      engine,
      // Of 1000 there is no exponent, and 'secret' is no number.
      sql: `CREATE TABLE authors (id double PRIMARY KEY);
            CREATE TABLE members (room varchar(5), user_id varchar(5));
            CREATE TABLE messages (id int PRIMARY KEY, room varchar(5), payload varchar(20));
            CREATE VIEW numbers AS SELECT id, room, payload, EXP(payload) AS n FROM messages;
            CREATE VIEW open_messages AS SELECT * FROM messages WHERE room = 'r1';
            INSERT INTO authors VALUES (1);
            INSERT INTO members VALUES ('r1', 'me');
            INSERT INTO messages VALUES (1, 'r1', '0'), (2, 'r1', '1'), (9, 'r2', '1000'), (10, 'r2', 'secret');`,
      yaml: `
roles: { member: {}, admin: {} }
tables:
  members: {}
  authors: { relationships: { numbers: { from: numbers.n } }, permissions: { member: { select: true } } }
  messages: { permissions: { member: { select: { columns: "*", where: { room: r1 } } }, admin: { select: true } } }
  open_messages: { key: [id], permissions: { member: { select: true } } }
  numbers:
    key: [id]
    relationships: { author: { column: n, to: authors.id } }
    permissions:
      admin: { select: true }
      member: { select: { columns: [id, n], where: { _exists: { table: members, where: { user_id: $jwt.sub } }, room: r1 } } }
`,
    });
    const me = token('member', { sub: 'me' });
    const admin = token('admin');
    await t.test('of a column that a view computes', async () => {
      assert.deepEqual(await ids(executor, me, 'numbers', { where: compare('n', 'gt', 0) }, ['0']), [1, 2]);
      const both: FilterRequest = { kind: 'and', of: [compare('n', 'gt', 0), compare('id', 'eq', 1)] };
      assert.deepEqual(await ids(executor, me, 'numbers', { where: both }, ['0', '9']), []);
      assert.deepEqual(await refusal(ids(executor, admin, 'numbers', { where: both }, ['0', '9'])), [
        '22003',
        400,
      ]);
    });
    await t.test('of a relationship on such a column', async () => {
      assert.deepEqual(
        await ids(executor, me, 'numbers', { where: { kind: 'related', relationship: 'author' } }),
        [1],
      );
      const numbers: FieldRequest = {
        kind: 'embed', as: 'numbers', relationship: 'numbers', join: 'inner', node: { fields: [id] },
      }; // biome-ignore format: one line
      assert.deepEqual(await read(executor, me, 'authors', { fields: [id, numbers] }), [
        { id: 1, numbers: [{ id: 1 }] },
      ]);
    });
    await t.test('of a cast that a caller asks for', async () => {
      const where = compare('payload', 'gte', 0, { cast: 'int' });
      assert.deepEqual(await ids(executor, me, 'messages', { where }, ['1']), [2]);
      assert.deepEqual(await ids(executor, me, 'open_messages', { where }, ['1']), [2]);
      assert.deepEqual(await refusal(ids(executor, admin, 'messages', { where }, ['1'])), ['22003', 400]);
    });
    await t.test('of a value that is given as another type', async () => {
      const n: FieldRequest = { kind: 'column', column: 'payload', as: 'n', cast: 'int' };
      assert.deepEqual(await read(executor, me, 'messages', { fields: [n] }), [{ n: 0 }, { n: 1 }]);
      assert.deepEqual(await refusal(read(executor, admin, 'messages', { fields: [n] })), ['22003', 400]);
    });
  });

  test(`on ${engine} what a view computes makes no error behind a policy that costs more`, async (t) => {
    const { executor } = await createProject(t, {
      engine,
      // Of 1000 there is no exponent. The server would rather ask the caller's part before it looks for members.
      sql: `CREATE TABLE rooms (name varchar(20) PRIMARY KEY);
            CREATE TABLE members (room varchar(20), user_id varchar(20), FOREIGN KEY (room) REFERENCES rooms (name));
            CREATE TABLE messages (id int PRIMARY KEY, room varchar(20), payload varchar(20));
            CREATE VIEW numbers AS SELECT id, room, EXP(payload) AS n FROM messages;
            INSERT INTO rooms VALUES ('open'), ('closed'); INSERT INTO members VALUES ('open', 'me'), ('closed', 'you');
            INSERT INTO messages VALUES (1, 'open', '0'), (2, 'closed', '1000');`,
      yaml: `
roles: { member: {}, admin: {} }
tables:
  rooms: {}
  members: {}
  numbers:
    key: [id]
    relationships: { place: { column: room, to: rooms.name } }
    permissions:
      admin: { select: true }
      member: { select: { columns: "*", where: { place: { members: { user_id: $jwt.sub } } } } }
`,
    });
    const me = token('member', { sub: 'me' });
    const where = compare('n', 'gt', 0);
    assert.deepEqual(await ids(executor, me, 'numbers', { where }, ['0']), [1]);
    const admin = token('admin');
    assert.deepEqual(await refusal(ids(executor, admin, 'numbers', { where }, ['0'])), ['22003', 400]);
  });

  test(`on ${engine} cells are read where a part of the grant shows them`, async (t) => {
    const { executor } = await createProject(t, {
      engine,
      sql: `CREATE TABLE items (id int PRIMARY KEY, owner varchar(20), price int, boss_id int);
            INSERT INTO items VALUES (1, 'me', 5, NULL), (2, 'me', 5, 1), (3, 'you', 7, 1), (4, 'Me', 9, 3), (5, 'me ', 9, 3);`,
      yaml: `
roles: { all: {}, mine: {}, both: { inherits: [all, mine] } }
tables:
  items:
    relationships: { boss: { column: boss_id, to: items.id } }
    permissions:
      all: { select: { columns: [id] } }
      mine: { select: { columns: [price, owner, boss_id], where: { owner: $jwt.sub }, aggregate: true } }
`,
    });
    const me = token('both', { sub: 'me' });
    const price: FieldRequest = { kind: 'column', column: 'price', as: 'price' };
    await t.test('byte for byte, whatever the collation', async () => {
      assert.deepEqual(await read(executor, me, 'items', { fields: [id, price] }), [
        { id: 1, price: 5 }, { id: 2, price: 5 }, { id: 3, price: null }, { id: 4, price: null }, { id: 5, price: null },
      ]); // biome-ignore format: rows
      assert.deepEqual(
        await ids(executor, token('mine', { sub: 'ME' }), 'items', { fields: [price], order: [] }),
        [],
      );
    });
    await t.test('when filtered and ordered by', async () => {
      assert.deepEqual(await ids(executor, me, 'items', { where: compare('price', 'gt', 0) }, ['6']), []);
      const order = [{ through: [], column: 'price', direction: 'asc', nulls: 'first' }, ...byId] as const;
      assert.deepEqual(await ids(executor, me, 'items', { order }), [3, 4, 5, 1, 2]);
    });
    await t.test('when distinct', async () => {
      const order = [{ through: [], column: 'price', direction: 'asc' }] as const;
      assert.deepEqual(await read(executor, me, 'items', { fields: [price], distinct: ['price'], order }), [
        { price: 5 },
        { price: null },
      ]);
    });
    await t.test('when a relationship is followed', async () => {
      const boss: FieldRequest = {
        kind: 'embed',
        as: 'boss',
        relationship: 'boss',
        join: 'left',
        node: { fields: [id] },
      };
      assert.deepEqual(
        (await read(executor, me, 'items', { fields: [id, boss] })).map((row) => row.boss),
        [null, { id: 1 }, { id: 1 }, { id: 3 }, { id: 3 }],
      );
    });
  });
}

test('on mysql what raises is asked of visible rows alone, where the policy is asked last', async (t) => {
  const { executor } = await createProject(t, {
    engine: 'mysql',
    // Of 1000 there is no exponent, a float has no place for 6e38, and of the earth's places none is 500 degrees north.
    sql: `CREATE TABLE rooms (name varchar(20) PRIMARY KEY);
          CREATE TABLE members (room varchar(20), user_id varchar(20), FOREIGN KEY (room) REFERENCES rooms (name));
          CREATE TABLE topics (id int PRIMARY KEY, room varchar(20), place geometry);
          CREATE TABLE counts (id int PRIMARY KEY, topic_id int, payload varchar(20), FOREIGN KEY (topic_id) REFERENCES topics (id));
          CREATE TABLE amounts (id int PRIMARY KEY, topic_id int, amount float, FOREIGN KEY (topic_id) REFERENCES topics (id));
          INSERT INTO rooms VALUES ('open'), ('closed'), ${list((n) => `('room ${n}')`)};
          INSERT INTO members VALUES ('open', 'me'), ('closed', 'you'), ${list((n) => `('room ${n}', 'user ${n}')`)};
          INSERT INTO topics VALUES (1, 'open', ST_GeomFromText('POINT(500 500)')), (2, 'closed', ST_GeomFromText('POINT(5 5)', 4326));
          INSERT INTO counts VALUES (1, 1, '0'), (2, 2, '1000'); ALTER TABLE counts ADD n double AS (EXP(payload)) VIRTUAL;
          INSERT INTO amounts VALUES (1, 1, 5), (2, 2, 3e38), (3, 2, 3e38);
          ANALYZE TABLE rooms, members, topics, counts, amounts;`,
    yaml: `
roles: { member: {}, admin: {} }
tables:
  rooms: {}
  members: {}
  counts: { permissions: { admin: { select: true }, member: { select: true } } }
  amounts: { permissions: { admin: { select: true }, member: { select: true } } }
  topics:
    relationships: { home: { column: room, to: rooms.name } }
    permissions:
      admin: { select: true }
      member: { select: { columns: "*", where: { home: { members: { user_id: $jwt.sub } } } } }
`,
  });
  const aggregate = (relationship: string, name: string, column: string) =>
    ({ kind: 'aggregate', relationship, function: name, columns: [column], distinct: false, compare: [{ operator: 'gt', value: 0 }] }) as FilterRequest; // biome-ignore format: one line
  for (const [what, where, value] of [
    ['a shape', compare('place', 'overlaps', 0), 'POINT(500 500)'],
    ['a sum', aggregate('amounts', 'sum', 'amount'), '0'],
    ['an aggregate of what is computed', aggregate('counts', 'max', 'n'), '0'],
  ] as const)
    await t.test(what, async () => {
      const me = token('member', { sub: 'me' });
      assert.deepEqual(await ids(executor, me, 'topics', { where }, [value]), [1]);
      assert.deepEqual(await refusal(ids(executor, token('admin'), 'topics', { where }, [value])), [
        '22003',
        400,
      ]);
    });
});

function list(item: (n: number) => string): string {
  return Array.from({ length: 100 }, (_, index) => item(index)).join(', ');
}
