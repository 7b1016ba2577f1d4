/** Requests made to cost much or to tell hidden names: refused or answered soon, as REST's callers would send them. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { anonymous, token } from '../../test/project.ts';
import { type Answered, serve } from '../../test/rest.ts';

const visitor = anonymous('visitor');
const staff = token('staff', { sub: 's' });
const representation = { prefer: 'return=representation' };

const project = {
  sql: `
create table notes (id int primary key, body text, made int generated always as (id * 2) stored);
create table shelves (room int, no numeric(6,2), label text, primary key (room, no));
create table tokens (id uuid primary key, label text);
create table hidpk (hid int primary key default 1, b text);
create table nopk (b text);
create table people (id int primary key, name text, boss_id int references people);
insert into people values (1, 'Ann', null), (2, 'Bob', 1), (3, 'Cem', 2);
`,
  yaml: `
auth: { anonymous: visitor }
roles:
  visitor: {}
  staff: {}
tables:
  notes:
    permissions:
      visitor: { select: { columns: [id] }, update: { columns: [body], where: {} } }
      staff: { select: true, insert: true, update: true, delete: true }
  shelves: { permissions: { staff: { select: true, insert: true, update: true, delete: true } } }
  tokens: { permissions: { staff: { select: true, insert: true, update: true, delete: true } } }
  hidpk:
    columns: { hid: { hidden: true } }
    permissions: { staff: { select: true, insert: true, update: true, delete: true } }
  nopk: { permissions: { staff: { select: true, insert: true, update: true, delete: true } } }
  people:
    relationships: { boss: { column: boss_id, to: people.id } }
    permissions: { visitor: { select: true } }
`,
};

const manyRows = `[${Array(330_000).fill('{}').join(',')}]`;
const manyColumns = Array.from({ length: 1500 }, (_, at) => `c${at}`).join(',');

test('costly and curious requests', async (t) => {
  const { ask, sql } = await serve(t, project);
  const code = ({ status, body }: Answered) => [status, (body as { code?: string } | undefined)?.code];

  await t.test(
    'a body is not read for a caller who may not write, nor for columns that do not exist',
    async () => {
      for (const [caller, request, expected] of [
        [visitor, `POST /notes?columns=${manyColumns}`, [401, '42501']],
        [visitor, 'POST /notes', [401, '42501']],
        [visitor, 'PUT /notes/1', [401, '42501']],
        [visitor, `PATCH /notes?id=eq.1&columns=${manyColumns}`, [400, 'PGRST204']],
        [visitor, 'PATCH /notes?id=eq.1&columns=id', [401, '42501']],
        [staff, `POST /notes?columns=${manyColumns}`, [400, 'PGRST204']],
        [staff, 'POST /notes?columns=id,made', [400, '428C9']],
      ] as const) {
        const started = performance.now();
        const cpu = process.cpuUsage();
        assert.deepEqual(code(await ask(caller, request, { body: manyRows })), expected, request);
        const { user, system } = process.cpuUsage(cpu);
        assert.ok((user + system) / 1000 < 1_000, `${request}: ${performance.now() - started} ms`);
        // What it says is what it says of a body that could be written.
        const columns = /columns=/.test(request);
        const small = await ask(caller, request, { body: columns ? '{}' : '{"id":1}' });
        assert.deepEqual(await ask(caller, request, { body: 'no JSON' }), small, request);
      }
    },
  );

  await t.test('rows that lack columns get nulls', async () => {
    const answer = await ask(staff, 'POST /notes?columns=id,body&select=id,body', {
      json: [{ id: 90 }, { id: 91, body: 'x', more: 1 }],
      headers: representation,
    });
    assert.deepEqual(answer.body, [
      { id: 90, body: null },
      { id: 91, body: 'x' },
    ]);
    await ask(staff, 'PATCH /notes?id=eq.91&columns=body', { json: {} });
    assert.deepEqual(await sql('select body from notes where id = 91'), [{ body: null }]);
  });

  await t.test('filters on the presence of embeds do not multiply', async () => {
    const levels = `${'boss('.repeat(7)}id${')'.repeat(7)}`;
    const paths = Array.from({ length: 7 }, (_, at) =>
      Array(at + 1)
        .fill('boss')
        .join('.'),
    );
    const query = (filter: string) => paths.flatMap((path) => Array(12).fill(`${path}=${filter}`)).join('&');
    const few = await ask(visitor, `GET /people?select=id,boss(id)&boss=not.is.null&order=id`);
    assert.deepEqual(few.body, [
      { id: 2, boss: { id: 1 } },
      { id: 3, boss: { id: 2 } },
    ]);
    assert.equal((await ask(visitor, `GET /people?select=id,${levels}&${query('not.is.null')}`)).text, '[]');
    const both = await ask(
      visitor,
      `GET /people?select=id,${levels}&${query('not.is.null')}&${query('is.null')}&${paths
        .map((path) => `${path}.or=(boss.is.null,boss.not.is.null)`)
        .slice(0, -1)
        .join('&')}`,
    );
    assert.deepEqual(code(both), [400, 'PGRST100']);
  });

  await t.test('an order does not join one table for each of very many terms', async () => {
    const many = (count: number, name: (at: number) => string) =>
      Array.from({ length: count }, (_, at) => `${name(at)}(id)`).join(',');
    const path = '/people?select=id,boss(id)&limit=1&order=';
    assert.equal(
      (await ask(visitor, `GET ${path}${many(1300, () => 'boss')}`)).text,
      '[{"id":2,"boss":{"id":1}}]',
    );
    const select = many(60, (at) => `e${at}:boss`);
    const order = many(60, (at) => `e${at}`);
    const both = `GET /people?select=id,${select}&order=${order}&${Array.from({ length: 60 }, (_, at) => `e${at}=is.null`).join('&')}`;
    assert.deepEqual(code(await ask(visitor, both)), [400, 'PGRST100']);
  });

  await t.test('a table whose key is hidden is like a table without one', async () => {
    const put = { json: { b: 'q' } };
    const merge = {
      json: { b: 'q' },
      headers: { prefer: 'resolution=merge-duplicates,return=representation' },
    };
    for (const [request, asked] of [
      ['PUT /?/1', put],
      ['PUT /?/1,2', put],
      ['PUT /?/x', put],
      ['PUT /?', put],
      ['PUT /??hid=eq.1', put],
      ['PUT /??b=eq.1', put],
      ['PUT /?/1', { json: { hid: 1, b: 'q' } }],
      ['POST /?', merge],
      ['POST /??on_conflict=hid', merge],
    ] as const) {
      const answers: string[] = [];
      for (const name of ['hidpk', 'nopk']) {
        const { status, headers, text } = await ask(staff, request.replace('?', name), asked);
        answers.push(JSON.stringify([status, headers, text]).replaceAll(name, '?'));
        await sql(`delete from ${name}`);
      }
      assert.equal(answers[0], answers[1], request);
      if (!request.includes('hid') && !('hid' in asked.json)) assert.doesNotMatch(answers[0]!, /hid/);
    }
  });

  await t.test('a PUT names all parts of the key, as a GET does', async () => {
    for (const [path, json] of [
      ['/notes/1,6', { body: 'x' }],
      ['/shelves/1', { no: 2, label: 'x' }],
      ['/shelves/1,2,3', { label: 'x' }],
    ] as const) {
      const put = await ask(staff, `PUT ${path}`, { json });
      assert.deepEqual(code(put), [400, 'NS400']);
      assert.deepEqual(put, await ask(staff, `GET ${path}`));
    }
  });

  await t.test('a PUT compares the key in its body as the values of its type', async () => {
    const id = 'A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11';
    for (const [path, body, key] of [
      ['/notes/1', '{"id":1.0,"body":"x"}', { id: 1 }],
      ['/notes/1', '{"id":"1","body":"x"}', { id: 1 }],
      ['/shelves/1,2.5', '{"room":1,"no":2.50}', { room: 1, no: 2.5 }],
      ['/shelves/1,20', '{"room":1.0,"no":2e1}', { room: 1, no: 20 }],
      [`/tokens/${id.toLowerCase()}`, `{"id":"${id}"}`, { id: id.toLowerCase() }],
    ] as const) {
      const answer = await ask(staff, `PUT ${path}`, { body, headers: representation });
      assert.ok(answer.status === 200 || answer.status === 201, `${path} ${answer.text}`);
      assert.deepEqual({ ...(answer.body as object), ...key }, answer.body);
    }
    for (const [path, body] of [
      ['/notes/1', '{"id":2}'],
      ['/notes/1', '{"id":null}'],
      ['/notes/1', '{"id":{"toString":1}}'],
      ['/shelves/1,2.5', '{"room":1,"no":25}'],
    ] as const)
      assert.deepEqual(code(await ask(staff, `PUT ${path}`, { body })), [400, 'PGRST115'], `${path} ${body}`);
  });

  await t.test(
    'selects of very many fields or relationships are refused before the database is asked',
    async () => {
      const many = (count: number, one: (at: number) => string) =>
        Array.from({ length: count }, (_, at) => one(at)).join(',');
      for (const select of [
        many(7000, () => '*'),
        many(1665, () => 'id'),
        many(101, (at) => `e${at}:boss(id)`),
      ])
        assert.deepEqual(code(await ask(visitor, `GET /people?select=${select}`)), [400, 'PGRST100']);
      for (const select of [
        many(1664, () => '*'),
        many(1664, () => 'id'),
        many(100, (at) => `e${at}:boss(id)`),
      ]) {
        const answer = await ask(visitor, `GET /people?select=${select}&limit=1`);
        assert.equal(answer.status, 200, answer.text.slice(0, 300));
      }
    },
  );
});
