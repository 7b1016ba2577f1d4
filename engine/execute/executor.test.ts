/** What reaches the database: how many statements, in which transaction, and none at all of a request that is wrong. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { createProject, token } from '../../test/project.ts';
import type { Pool, Statement, TransactionOptions } from '../dialect/dialect.ts';
import { Problem } from '../problem/problem.ts';
import type { CallRequest, FieldRequest, NodeRequest, ReadRequest, UpdateRequest } from '../query/request.ts';
import { createExecutor, type Row } from './executor.ts';

const sql = `
create table books (id int primary key, title text, price numeric);
insert into books select n, 'b' || n, n from generate_series(1, 1500) n;
create view mine as select id from books where id::text = current_setting('request.jwt.claims', true)::json->>'sub';
create function add(a int, b int) returns int language sql immutable as 'select a + b';
create function note(a int) returns int language sql as 'update books set price = a where id = 1 returning id';
create function every_book() returns setof books language sql stable as 'select * from books';
`;

const yaml = `
roles: { staff: {}, some: {} }
limits: { dry_run: [staff] }
functions:
  add: { permissions: { staff: { execute: true } } }
  note: { permissions: { staff: { execute: true } } }
  every_book: { permissions: { staff: { execute: true } } }
tables:
  books:
    permissions:
      staff: { select: true, insert: true, update: true, delete: true }
      some: { select: { columns: [id], where: { price: { _gt: 10 } } } }
  mine: { key: [id], permissions: { staff: { select: true } } }
`;

const principal = token('staff', { sub: '7' });
const id: FieldRequest = { kind: 'column', column: 'id', as: 'id' };
const read = (rest: Partial<ReadRequest> = {}, node: Partial<NodeRequest> = {}): ReadRequest => ({
  kind: 'read',
  table: 'books',
  values: ['5'],
  node: { fields: [id], order: [{ through: [], column: 'id', direction: 'asc' }], limit: 2, ...node },
  shape: 'list',
  count: false,
  ...rest,
});
const update = (rest: Partial<UpdateRequest> = {}): UpdateRequest => ({
  kind: 'update',
  table: 'books',
  columns: ['title'],
  row: 1,
  where: { kind: 'compare', column: 'id', operator: 'eq', value: 0 },
  returning: [],
  shape: 'list',
  values: ['5', { title: 'new' }],
  ...rest,
});
const call = (name: string, given: object, rest: Partial<CallRequest> = {}): CallRequest => ({
  kind: 'call',
  function: name,
  arguments: Object.keys(given),
  body: 0,
  node: { fields: [{ kind: 'all' }] },
  shape: 'list',
  count: false,
  values: [given],
  ...rest,
});

/** A real pool that keeps a list of what went through it: verbs of statements, and the bounds of transactions. */
function watched(pool: Pool, seen: string[]): Pool {
  // A write stands in a CTE, under whose verb it is noted.
  const form = /^(?:WITH .*?(INSERT|UPDATE|DELETE)|\w+(?: count\(set_config)?)/;
  const note = ({ text }: Statement) => {
    const [start, verb] = form.exec(text)!;
    seen.push(verb ?? start);
  };
  const boundsOf = ({ readOnly, commit }: TransactionOptions = {}) =>
    `begin${readOnly ? ' read only' : ''}${commit === 'never' ? ', undo' : ''}`;
  return {
    ...bound(pool),
    run: (statement, parameters, options) => {
      note(statement);
      return pool.run(statement, parameters, options);
    },
    transaction: (work, options) => {
      seen.push(boundsOf(options));
      return pool.transaction(
        (transaction) =>
          work({
            run: (statement, parameters) => {
              note(statement);
              return transaction.run(statement, parameters);
            },
            prepend: (statement, parameters) => {
              note(statement);
              transaction.prepend(statement, parameters);
            },
          }),
        options,
      );
    },
    stream: (statement, parameters, onRows, options) => {
      for (const one of options?.before ?? []) note(one.statement);
      note(statement);
      return pool.stream(statement, parameters, onRows, options);
    },
    streamText: (statement, parameters, onText, options) => {
      for (const one of options?.before ?? []) note(one.statement);
      note(statement);
      return pool.streamText(statement, parameters, onText, options);
    },
  };
}

function bound(pool: Pool): Pool {
  return {
    stream: pool.stream.bind(pool),
    streamText: pool.streamText.bind(pool),
    run: pool.run.bind(pool),
    transaction: pool.transaction.bind(pool),
    journal: pool.journal.bind(pool),
    migrate: pool.migrate.bind(pool),
    stats: pool.stats.bind(pool),
    close: pool.close.bind(pool),
  };
}

async function open(t: TestContext) {
  const project = await createProject(t, { sql, yaml });
  const seen: string[] = [];
  const executor = createExecutor(project.api, new Map([['main', watched(project.pool, seen)]]));
  /** What went through the pool while `work` ran. */
  const through = async (work: () => Promise<unknown>): Promise<readonly string[]> => {
    seen.length = 0;
    await work();
    return [...seen];
  };
  return { ...project, executor, through };
}

const claims = 'SELECT count(set_config';

test('what reaches the database', async (t) => {
  const { executor, through, sql: query } = await open(t);

  await t.test('a read is one statement and no transaction', async () => {
    for (const request of [
      read(),
      read({ count: true }),
      read({ lastKey: true }),
      read({ count: 'estimated' }, { where: { kind: 'compare', column: 'id', operator: 'eq', value: 0 } }),
      read({}, { fields: [{ kind: 'aggregate', as: 'n', term: { function: 'count' } }], order: [] }),
    ])
      assert.deepEqual(await through(() => executor.read(request, { principal })), ['SELECT']);
  });

  await t.test('an estimate is asked for once it is known that there are many rows', async () => {
    const result = await executor.read(read({ count: 'estimated' }), { principal });
    assert.ok(result.total !== undefined && result.total > 1000);
    assert.deepEqual(await through(() => executor.read(read({ count: 'estimated' }), { principal })), [
      'SELECT',
      'EXPLAIN',
    ]);
    assert.deepEqual(await through(() => executor.read(read({ count: 'planned' }), { principal })), [
      'SELECT',
      'EXPLAIN',
    ]);
    const some = token('some');
    assert.deepEqual(await through(() => executor.read(read({ count: 'planned' }), { principal: some })), [
      'SELECT',
    ]);
    assert.equal((await executor.read(read({ count: 'planned' }), { principal: some })).total, 1490);
  });

  await t.test(
    'who is asking is said first where the relation asks, in a transaction that only reads',
    async () => {
      const mine = read({ table: 'mine' });
      assert.deepEqual(await through(() => executor.read(mine, { principal })), [
        'begin read only',
        claims,
        'SELECT',
      ]);
      assert.equal((await executor.read(mine, { principal })).body, '[{"id":7}]');
      const zoned = { principal, timezone: 'Asia/Tokyo' };
      assert.deepEqual(await through(() => executor.read(read(), zoned)), [
        'begin read only',
        claims,
        'SELECT',
      ]);
    },
  );

  await t.test('a stream is one statement, behind the claims where they are asked for', async () => {
    const lines: string[] = [];
    const sink = {
      rows: (rows: readonly Row[]) => void lines.push(...rows.map(([line]) => String(line))),
      text: (text: Buffer) => void lines.push(...String(text).trimEnd().split('\n')),
    };
    for (const [limit, many] of [
      [2, 2],
      [5000, 1500],
    ] as const) {
      lines.length = 0;
      const request = read({ stream: 'ndjson' }, { limit });
      assert.deepEqual(await through(() => executor.stream(request, sink, { principal })), ['SELECT']);
      assert.deepEqual(
        lines,
        Array.from({ length: many }, (_, at) => `{"id":${at + 1}}`),
      );
    }
    lines.length = 0;
    const mine = read({ table: 'mine', stream: 'csv' });
    assert.deepEqual(await through(() => executor.stream(mine, sink, { principal })), [claims, 'SELECT']);
    assert.deepEqual(lines, ['7']);
  });

  await t.test('a write is a transaction: the claims, then the statement', async () => {
    assert.deepEqual(await through(() => executor.write([update()], { principal })), [
      'begin',
      claims,
      'UPDATE',
    ]);
    assert.deepEqual(await through(() => executor.write([update(), update()], { principal, dryRun: true })), [
      'begin, undo',
      claims,
      'UPDATE',
      'UPDATE',
    ]);
    assert.deepEqual(await through(() => executor.write([], { principal })), []);
  });

  await t.test('a condition locks its rows and reads them, before the write', async () => {
    const row = read({ locks: true, key: [0], shape: 'row' }, { limit: 1 });
    const bodies: string[] = [];
    const verify = ({ body }: { body: string }) => void bodies.push(body);
    assert.deepEqual(
      await through(() => executor.write([update()], { principal }, { precondition: { read: row, verify } })),
      ['begin', claims, 'SELECT', 'SELECT', 'UPDATE'],
    );
    assert.deepEqual(bodies, ['{"id":5}']);
    const refuse = () => {
      throw new Problem('NS412', { message: 'no' });
    };
    const again = update({ values: ['5', { title: 'lost' }] });
    const work = executor.write([again], { principal }, { precondition: { read: row, verify: refuse } });
    await assert.rejects(work, { code: 'NS412', message: 'no' });
    assert.deepEqual(await query('select title from books where id = 5'), [{ title: 'new' }]);
  });

  await t.test(
    'a call is a transaction, which only reads where the function or the method does',
    async () => {
      const http = (method: string) => ({ principal, http: { method, path: '/', headers: {} } });
      assert.deepEqual(await through(() => executor.call(call('add', { a: 1, b: 2 }), http('POST'))), [
        'begin read only',
        claims,
        'SELECT',
      ]);
      assert.deepEqual(await through(() => executor.call(call('note', { a: 1 }), http('POST'))), [
        'begin',
        claims,
        'SELECT',
      ]);
      assert.deepEqual(
        await through(() => executor.call(call('note', { a: 1 }), { ...http('POST'), dryRun: true })),
        ['begin, undo', claims, 'SELECT'],
      );
      for (const method of ['GET', 'HEAD'])
        await assert.rejects(executor.call(call('note', { a: 5 }), http(method)), {
          code: '25006',
          status: 405,
        });
      assert.deepEqual(await query('select price::int from books where id = 1'), [{ price: 1 }]);
      const { columns, rows } = await executor.callRows(
        call('every_book', {}, { stream: 'csv', node: { fields: [id], limit: 2 } }),
        { principal },
      );
      assert.deepEqual([columns, rows.length], [['id'], 2]);
    },
  );

  await t.test('a request that is wrong reaches nothing', async () => {
    const where = (column: string, operator: string, value: unknown) =>
      read(
        { values: [value] },
        { where: { kind: 'compare', column, operator, value: 0 } as NodeRequest['where'] & object },
      );
    const wrong: readonly (readonly [() => Promise<unknown>, string])[] = [
      [() => executor.read(where('id', 'eq', 'x'), { principal }), '22P02'],
      [() => executor.read(where('nope', 'eq', '1'), { principal }), '42703'],
      [() => executor.read(where('title', 'fts', 'a b'), { principal }), '42601'],
      [() => executor.read(where('title', 'like', '\\'), { principal }), '22025'],
      [() => executor.read(read({}, { fields: [{ kind: 'column', column: 'id', as: 'id', cast: 'regclass' }] }), { principal }), '42704'],
      [() => executor.read(read({}, { fields: [{ kind: 'aggregate', as: 's', term: { function: 'sum', column: 'id' } }] }), { principal: token('some') }), 'PGRST123'],
      [() => executor.read(read({ table: 'nope' }), { principal }), 'PGRST205'],
      [() => executor.call(call('add', { a: 1 }), { principal }), 'PGRST202'],
      [() => executor.call(call('add', { a: 1, b: 2 }), { principal: token('some') }), 'PGRST202'],
      [() => executor.call(call('add', { a: 1, b: 2 }, { maxAffected: 1 }), { principal }), 'PGRST128'],
      [() => executor.write([update({ columns: ['nope'] })], { principal }), 'PGRST204'],
      [() => executor.write([update()], { principal: token('some') }), '42501'],
      [() => executor.write([update({ values: ['x', {}] })], { principal }), '22P02'],
      [() => executor.write([update(), update({ columns: ['nope'] })], { principal }), 'PGRST204'],
    ]; // biome-ignore format: one case a line
    for (const [ask, code] of wrong)
      assert.deepEqual(await through(() => assert.rejects(ask(), { code })), [], code);
  });
});
