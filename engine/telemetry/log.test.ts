import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { OperationalEvent, RequestEvent } from './events.ts';
import { createLog } from './log.ts';
import { createMetrics } from './metrics.ts';
import { serverTiming } from './server-timing.ts';

const request: RequestEvent = {
  kind: 'request',
  requestId: 'one',
  project: 'shop',
  revision: 'dev@one',
  surface: 'rest',
  method: 'GET',
  route: '/rest/v1/*',
  table: 'books',
  role: 'visitor',
  subjectHash: undefined,
  status: 200,
  code: undefined,
  bytes: 120,
  aborted: false,
  durations: { total: 3.456, plan: 0.5, db: undefined },
  cause: undefined,
};

function logged(format: 'json' | 'plain', ...events: OperationalEvent[]): string {
  let text = '';
  const log = createLog({
    format,
    write: (line) => {
      text += line;
    },
  });
  for (const event of events) log.write(event);
  return text;
}

test('a request is one line of JSON', () => {
  const { time, ...line } = JSON.parse(logged('json', request));
  assert.match(time, /^\d{4}-\d\d-\d\dT/);
  assert.deepEqual(line, {
    level: 'info',
    event: 'request',
    requestId: 'one',
    project: 'shop',
    revision: 'dev@one',
    surface: 'rest',
    method: 'GET',
    route: '/rest/v1/*',
    table: 'books',
    role: 'visitor',
    status: 200,
    bytes: 120,
    ms: 3.46,
    planMs: 0.5,
  });
});

test('a request is one short line for people, without control characters', () => {
  assert.equal(logged('plain', request), 'GET /shop/rest/v1/books 200 3.46 ms visitor\n');
  const hostile = { ...request, method: 'GET\u001b[2J', table: 'a\nb', status: 404, code: 'PGRST205' };
  assert.equal(logged('plain', hostile), 'GET�[2J /shop/rest/v1/a�b 404 PGRST205 3.46 ms visitor\n');
});

test('a cause is told by name, code, message and stack alone', () => {
  const inner = Object.assign(new Error('connect failed'), {
    code: 'ECONNREFUSED',
    parameters: ['secret'],
    password: 'secret',
  });
  const cause = new Error('no database', { cause: inner });
  const line = JSON.parse(logged('json', { ...request, status: 500, cause }));
  assert.equal(line.level, 'error');
  assert.deepEqual(
    [line.err.message, line.err.cause.code, line.err.cause.message],
    ['no database', 'ECONNREFUSED', 'connect failed'],
  );
  assert.ok(!JSON.stringify(line).includes('secret'));
});

test('leaves out the events that are not wanted, whatever their text', () => {
  const lines: string[] = [];
  const wants = ({ kind }: OperationalEvent) => kind !== 'database';
  const log = createLog({ format: 'plain', write: (line) => void lines.push(line), wants });
  log.write({
    kind: 'database',
    project: 'shop',
    database: 'main',
    reachable: false,
    message: 'down',
    reason: 'gone',
  });
  log.write({ ...request, method: 'database' });
  assert.deepEqual(lines, ['database /shop/rest/v1/books 200 3.46 ms visitor\n']);
});

test('events become metrics', async () => {
  const metrics = createMetrics({
    projects: () => [
      { project: 'shop', revision: 'dev@two', databases: [{ name: 'main', reachable: false }] },
      { project: 'new', revision: undefined, databases: [{ name: 'main', reachable: true }] },
    ],
    pools: () => [{ project: 'shop', database: 'main', open: 2, idle: 1, waiting: 0, max: 20 }],
    running: () => [{ project: 'shop', count: 3 }],
    process: false,
  });
  metrics.record(request);
  metrics.record({ kind: 'applied', project: 'shop', revision: 'dev@one', previous: undefined, ms: 1 });
  metrics.record({ kind: 'applied', project: 'shop', revision: 'dev@two', previous: 'dev@one', ms: 1 });
  metrics.record({ kind: 'rejected', project: 'shop', reason: 'BuildFailed', errors: 1, serving: 'dev@two' });
  const lines = (await metrics.text()).split('\n');
  for (const line of [
    'novastack_requests_total{project="shop",surface="rest",status="200"} 1',
    'novastack_request_duration_seconds_count{project="shop",surface="rest"} 1',
    'novastack_reloads_total{project="shop",result="applied"} 2',
    'novastack_reloads_total{project="shop",result="rejected"} 1',
    'novastack_revision_info{project="shop",revision="dev@two"} 1',
    'novastack_pool_connections{project="shop",database="main",state="idle"} 1',
    'novastack_requests_running{project="shop"} 3',
    'novastack_database_reachable{project="shop",database="main"} 0',
    'novastack_database_reachable{project="new",database="main"} 1',
  ])
    assert.ok(lines.includes(line), line);
  assert.equal(lines.filter((line) => line.startsWith('novastack_revision_info{')).length, 1);
});

test('Server-Timing leaves out what did not happen', () => {
  assert.equal(serverTiming({ plan: 0.123, db: undefined, total: 4 }), 'plan;dur=0.12, total;dur=4.00');
});

test('lines for machines go to standard output, which is opened with settings that it takes', () => {
  createLog({ format: 'json' }).flush();
});
