/** What was stored comes back as it was stored, whatever the process's time zone; and a read is one statement. */
import assert from 'node:assert/strict';
import { type AddressInfo, connect, createServer } from 'node:net';
import { type TestContext, test } from 'node:test';
import { anonymous, createProject } from '../../test/project.ts';
import { dialectFor } from '../dialect/dialects.ts';
import { createExecutor } from '../execute/executor.ts';
import type { FieldRequest, ReadRequest } from './request.ts';

const stored = {
  big: '9223372036854775807',
  amount: '12345678901234567890.12345678901234567890',
  ratio: '0.1',
  day: '"2024-02-29"',
  moment: '"2024-03-31T02:30:00.123456"',
  zoned: '"2024-03-31T00:30:00.123457+00:00"',
  clock: '"23:59:59.999999"',
  spell: '"1 year 2 mons 3 days 04:05:06.789"',
  doc: '{"n": 90071992547409931, "d": 1.10, "k":  "v", "k": 2}',
  bin: '{"d": 1.10, "n": 90071992547409931}',
  raw: '"\\\\xdeadbeef"',
  list: '[1,null,3]',
  words: '["a,b","\\"q\\""]',
  range: '"[1,5)"',
  label: '"PG-13"',
  flag: 'true',
  code: '"ab "',
  uuid: '"a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"',
  money: '1.50',
} as const;

const sql = `
  CREATE TYPE rating AS ENUM ('G', 'PG-13');
  CREATE DOMAIN price AS numeric(12,2) CHECK (VALUE >= 0);
  CREATE TABLE samples (
    id int PRIMARY KEY, big bigint, amount numeric, ratio float8, day date, moment timestamp, zoned timestamptz, clock time,
    spell interval, doc json, bin jsonb, raw bytea, list int[], words text[], range int4range, label rating, flag boolean,
    code char(3), uuid uuid, money price);
  INSERT INTO samples VALUES (1, 9223372036854775807, 12345678901234567890.12345678901234567890, 0.1, '2024-02-29',
    '2024-03-31 02:30:00.123456', '2024-03-31 02:30:00.123457+02', '23:59:59.999999', '1 year 2 months 3 days 04:05:06.789',
    '{"n": 90071992547409931, "d": 1.10, "k":  "v", "k": 2}', '{"n": 90071992547409931, "d": 1.10}', '\\xdeadbeef',
    '{1,NULL,3}', '{"a,b","\\"q\\""}', '[1,5)', 'PG-13', true, 'ab', 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11', 1.50);
`;

const yaml = `
auth: { anonymous: anyone }
roles: { anyone: {} }
tables:
  samples: { permissions: { anyone: { select: true, insert: true, update: true } } }
`;

const principal = anonymous('anyone');
const columns = Object.keys(stored) as readonly (keyof typeof stored)[];

function one(column: string, extra: Partial<ReadRequest> = {}): ReadRequest {
  const fields: FieldRequest[] = [{ kind: 'column', column, as: column }];
  return {
    kind: 'read',
    table: 'samples',
    values: [],
    node: { fields },
    shape: 'row',
    count: false,
    ...extra,
  };
}

test('every type comes back digit by digit, in any time zone', async (t) => {
  const zone = process.env.TZ;
  t.after(() => {
    if (zone === undefined) delete process.env.TZ;
    else process.env.TZ = zone;
  });
  for (const tz of ['UTC', 'America/New_York', 'Asia/Kolkata', 'Pacific/Chatham']) {
    process.env.TZ = tz;
    const project = await createProject(t, { sql, yaml });
    for (const column of columns) {
      const { body } = await project.executor.read(one(column), { principal });
      assert.equal(body, `{"${column}":${stored[column]}}`, `${column} in ${tz}`);
    }
  }
});

test('every type goes in as it comes out, and is found by its own text', async (t) => {
  const project = await createProject(t, { sql, yaml });
  for (const column of columns) {
    const value = losslessJson(stored[column]);
    await project.executor.write(
      [
        {
          kind: 'insert',
          table: 'samples',
          values: [[{ id: 2, [column]: value }]],
          rows: 0,
          columns: ['id', column],
          returning: [],
          shape: 'list',
        },
      ],
      { principal },
    );
    const node = {
      fields: [{ kind: 'column', column, as: column }],
      where: { kind: 'compare', column: 'id', operator: 'eq', value: 0 },
    } as const;
    const { body } = await project.executor.read(one(column, { values: ['2'], node }), { principal });
    // A repeated key of a json document is dropped where JSON is parsed, which is before it is stored.
    const expected = column === 'doc' ? '{"n":90071992547409931,"d":1.10,"k":2}' : stored[column];
    assert.equal(body, `{"${column}":${expected}}`, column);
    await project.sql('DELETE FROM samples WHERE id = 2');
    if (column === 'doc') continue; // json has no equality
    const text =
      typeof value === 'string'
        ? value
        : column === 'list'
          ? '{1,NULL,3}'
          : column === 'words'
            ? '{"a,b","\\"q\\""}'
            : stored[column];
    const found = await project.executor.read(
      one('id', {
        values: [text],
        node: {
          fields: [{ kind: 'column', column: 'id', as: 'id' }],
          where: { kind: 'compare', column, operator: 'eq', value: 0 },
        },
      }),
      { principal },
    );
    assert.equal(found.body, '{"id":1}', column);
  }
});

/** Numbers keep their text, as the body parsers of both surfaces read them. */
function losslessJson(text: string): unknown {
  return JSON.parse(text, (_key, value, context) =>
    typeof value === 'number' ? JSON.rawJSON(context.source!) : value,
  );
}

test('a read is one statement at the server, whatever its depth', async (t) => {
  const project = await createProject(t, {
    sql: `CREATE TABLE a (id int PRIMARY KEY); CREATE TABLE b (id int PRIMARY KEY, a_id int REFERENCES a); CREATE TABLE c (id int PRIMARY KEY, b_id int REFERENCES b);
          INSERT INTO a SELECT generate_series(1, 5); INSERT INTO b SELECT n, 1 + n % 5 FROM generate_series(1, 20) n; INSERT INTO c SELECT n, 1 + n % 20 FROM generate_series(1, 50) n;`,
    yaml: `
auth: { anonymous: anyone }
roles: { anyone: {} }
tables:
  a: { permissions: { anyone: { select: true } } }
  b: { permissions: { anyone: { select: true } } }
  c: { permissions: { anyone: { select: true } } }
`,
  });
  const leaf: FieldRequest = {
    kind: 'embed',
    as: 'c',
    relationship: 'c',
    join: 'left',
    node: { fields: [{ kind: 'all' }] },
  };
  const middle: FieldRequest = {
    kind: 'embed',
    as: 'b',
    relationship: 'b',
    join: 'left',
    node: { fields: [{ kind: 'all' }, leaf] },
  };
  const request: ReadRequest = {
    kind: 'read',
    table: 'a',
    values: [],
    node: { fields: [{ kind: 'all' }, middle] },
    shape: 'list',
    count: true,
  };
  const counted = await countStatements(t, project.url);
  const pool = dialectFor('postgres').open({
    config: project.project.databases.get('main')!,
    url: counted.url,
  });
  t.after(() => pool.close());
  const executor = createExecutor(project.api, new Map([['main', pool]]));
  await executor.read(request, { principal });
  const before = counted.statements();
  const result = await executor.read(request, { principal });
  assert.equal(counted.statements() - before, 1);
  assert.deepEqual(
    [result.rows, result.total, (JSON.parse(result.body) as { b: unknown[] }[])[0]?.b.length],
    [5, 5, 4],
  );
});

/** A wire between the engine and the server, which counts the statements that the server is told to run. */
async function countStatements(t: TestContext, url: string) {
  const target = new URL(url);
  let statements = 0;
  const server = createServer((client) => {
    const upstream = connect(Number(target.port || 5432), target.hostname);
    let pending = Buffer.alloc(0);
    let started = false;
    client.on('data', (chunk) => {
      pending = Buffer.concat([pending, chunk]);
      for (;;) {
        // The startup message has no type byte.
        const head = started ? 1 : 0;
        if (pending.length < head + 4) break;
        const length = head + pending.readInt32BE(head);
        if (pending.length < length) break;
        // Execute of the extended protocol, Query of the simple one.
        if (started && (pending[0] === 0x45 || pending[0] === 0x51)) statements += 1;
        started = true;
        pending = pending.subarray(length);
      }
      upstream.write(chunk);
    });
    upstream.pipe(client);
    client.on('close', () => upstream.destroy());
    for (const socket of [client, upstream]) socket.on('error', () => socket.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => server.close());
  const through = new URL(url);
  through.hostname = '127.0.0.1';
  through.port = String((server.address() as AddressInfo).port);
  return { url: through.href, statements: () => statements };
}
