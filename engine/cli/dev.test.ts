import assert from 'node:assert/strict';
import type { ChildProcess } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import { createDatabase } from '../../test/database.ts';
import { folder, novastack, start } from './story.fixture.ts';

/** A running `dev` and what it has printed. */
class Running {
  stdout = '';
  stderr = '';
  readonly ended: Promise<number | null>;
  readonly #child: ChildProcess;
  #wake = () => {};

  constructor(child: ChildProcess) {
    this.#child = child;
    child.stdout!.setEncoding('utf8').on('data', (text: string) => {
      this.stdout += text;
      this.#wake();
    });
    child.stderr!.setEncoding('utf8').on('data', (text: string) => {
      this.stderr += text;
      this.#wake();
    });
    this.ended = new Promise((resolve) => child.once('close', resolve));
    void this.ended.then(() => this.#wake());
  }

  /** Resolves to the match once it has been printed, at or after `from`; fails after a minute, with what was. */
  async printed(pattern: RegExp, stream: 'stdout' | 'stderr' = 'stdout', from = 0): Promise<RegExpExecArray> {
    let late = false;
    const deadline = setTimeout(() => {
      late = true;
      this.#wake();
    }, 60_000);
    try {
      for (;;) {
        const match = pattern.exec(this[stream].slice(from));
        if (match !== null) return match;
        if (late || this.#child.exitCode !== null) {
          assert.fail(`${pattern} was not printed:\n${this.stdout}\n${this.stderr}`);
        }
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
      }
    } finally {
      clearTimeout(deadline);
    }
  }

  async stop(): Promise<number | null> {
    this.#child.kill('SIGTERM');
    return this.ended;
  }
}

function dev(
  t: TestContext,
  args: readonly string[],
  cwd: string,
  env: Readonly<Record<string, string>> = {},
): Running {
  const running = new Running(start(['dev', ...args, '--port', '0', '--no-docs'], { cwd, env }));
  t.after(() => running.stop());
  return running;
}

async function newProject(t: TestContext): Promise<string> {
  const cwd = await folder(t);
  const { code, stderr } = await novastack(['init', 'notes'], { cwd });
  assert.equal(code, 0, stderr);
  return cwd;
}

async function get(url: string, token?: string): Promise<{ status: number; body: unknown }> {
  const headers: Record<string, string> = token === undefined ? {} : { authorization: `Bearer ${token}` };
  const response = await fetch(url, { headers });
  return { status: response.status, body: await response.json() };
}

test('init, dev, curl: what is printed works as printed', { timeout: 120_000 }, async (t) => {
  const cwd = await newProject(t);
  const running = dev(t, ['notes'], cwd);
  await running.printed(/Ctrl\+C stops/);
  const { stdout } = running;
  assert.match(stdout, /^NovaStack listens at http:\/\/127\.0\.0\.1:\d+\n/);
  assert.match(stdout, /\d\d:\d\d:\d\d notes: applied migrations\/0001_notes\.sql in \d+ ms\n/);
  assert.match(stdout, /\n {2}Key {6}nspk_notes {3}/);

  const rows = [{ id: 1, title: 'Hello' }];
  const [, example] = /\n {2}curl '(\S+)'\n/.exec(stdout)!;
  assert.deepEqual(await get(example!), { status: 200, body: rows });

  const [, rest] = /\n {2}REST +(\S+)\n/.exec(stdout)!;
  const [, admin] = /\n {2}admin +(\S+)\n/.exec(stdout)!;
  assert.deepEqual(await get(`${rest}notes?select=id&order=id`, admin), {
    status: 200,
    body: [{ id: 1 }, { id: 2 }],
  });
  const [, command] = /for others: npx novastack (token notes --role member) --claims/.exec(stdout)!;
  const ada = (
    await novastack([...command!.split(' '), '--claims', '{"sub": "ada"}'], { cwd })
  ).stdout.trim();
  const mine = await get(`${rest}notes?select=title,published&order=id`, ada);
  assert.deepEqual(mine.body, [
    { title: 'Hello', published: true },
    { title: 'A draft', published: false },
  ]);

  for (const label of ['OpenAPI', 'Status']) {
    const [, url] = new RegExp(`\\n {2}${label} +(\\S+)\\n`).exec(stdout)!;
    assert.equal((await get(url!)).status, 200, url);
  }
  assert.equal(await running.stop(), 0);
  assert.match(running.stdout, /\nStopping: what runs is finished first/);
  assert.equal(running.stderr, '');
});

test('a save is followed at once; a broken one is explained and the last good API goes on', {
  timeout: 120_000,
}, async (t) => {
  const cwd = await newProject(t);
  // A key without effect yet: its warning is told once.
  await writeFile(path.join(cwd, 'notes/rates.yaml'), 'limits: { rate: { visitor: 60/min } }\n');
  const running = dev(t, ['notes'], cwd);
  await running.printed(/Ctrl\+C stops/);
  const [, rest] = /\n {2}REST +(\S+)\n/.exec(running.stdout)!;
  const file = path.join(cwd, 'notes/tables/notes.yaml');
  const good = await readFile(file, 'utf8');

  let from = running.stdout.length;
  await writeFile(file, good.replace('[id, title, body, created_at]', '[id, titel]'));
  await running.printed(
    /error BIND_COLUMN_NOT_FOUND {2}tables\/notes\.yaml:7:25\n.*\n {2}hint: did you mean "title"\?\n1 error, besides 1 warning shown before\n/,
    'stdout',
    from,
  );
  assert.match(running.stdout.slice(from), /notes: .+ The last good revision keeps serving\.\n/);
  assert.deepEqual((await get(`${rest}notes?select=body`)).status, 200);

  from = running.stdout.length;
  await writeFile(file, good.replace('[id, title, body, created_at]', '[id, title]'));
  await running.printed(/notes: reloaded in \d+ ms\n/, 'stdout', from);
  assert.deepEqual((await get(`${rest}notes?select=body`)).status, 400);
});

test('says why a database cannot be reached, in its own words and without the password', {
  timeout: 60_000,
}, async (t) => {
  const cwd = await folder(t, {
    'shop/novastack.yaml':
      'novastack: 1\nproject: shop\ndatabases:\n  main: { engine: mysql, url: "${env:SHOP_URL}" }\nroles: { visitor: {} }\n',
  });
  const url = new URL((await createDatabase(t, 'mariadb')).url);
  url.username = 'nobody';
  url.password = 'hunter2';
  const running = dev(t, ['shop'], cwd, { SHOP_URL: url.href });
  await running.printed(
    /database "main" cannot be reached: Access denied for user 'nobody'@.+\. It is tried again\./,
  );
  assert.doesNotMatch(running.stdout + running.stderr, /hunter2/);
});

test('says that a port is taken with exit code 3, and what is no port with 2', {
  timeout: 60_000,
}, async (t) => {
  const cwd = await folder(t, { 'novastack.yaml': 'novastack: 1\nproject: shop\n' });
  const taken = createServer();
  await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
  t.after(() => taken.close());
  const { port } = taken.address() as { port: number };
  assert.deepEqual(await novastack(['dev', '--port', String(port)], { cwd }), {
    code: 3,
    stdout: '',
    stderr: `error: Port ${port} is taken by another program.\nhint: choose another: --port ${port + 1}\n`,
  });
  for (const wrong of ['http', '65536', '-1']) {
    const { code, stderr } = await novastack(['dev', `--port=${wrong}`], { cwd });
    assert.equal(code, 2, stderr);
  }
  assert.equal((await novastack(['dev', 'nowhere'], { cwd })).code, 2);
});

test('--reset throws away the data of the project and says so', { timeout: 120_000 }, async (t) => {
  const cwd = await newProject(t);
  const first = dev(t, ['notes'], cwd);
  await first.printed(/Ctrl\+C stops/);
  const [, rest] = /\n {2}REST +(\S+)\n/.exec(first.stdout)!;
  const [, admin] = /\n {2}admin +(\S+)\n/.exec(first.stdout)!;
  const removed = await fetch(`${rest}notes?id=eq.1`, {
    method: 'DELETE',
    headers: { authorization: `Bearer ${admin}` },
  });
  assert.equal(removed.status, 204);
  await first.stop();

  const again = dev(t, ['notes'], cwd);
  await again.printed(/Ctrl\+C stops/);
  assert.doesNotMatch(again.stdout, /applied/);
  await again.stop();

  const third = dev(t, ['notes', '--reset'], cwd);
  await third.printed(/Ctrl\+C stops/);
  assert.match(third.stderr, /^--reset: the data of embedded databases is thrown away first\.\n$/);
  assert.match(third.stdout, /notes: threw away the data of main\n/);
  const [, example] = /\n {2}curl '(\S+)'\n/.exec(third.stdout)!;
  assert.deepEqual((await get(example!)).body, [{ id: 1, title: 'Hello' }]);
  const [, now] = /\n {2}REST +(\S+)\n/.exec(third.stdout)!;
  assert.equal((await get(`${now}notes`, admin)).status, 200, 'earlier tokens stay good');
});

test('--log json leaves stdout to the log', { timeout: 60_000 }, async (t) => {
  const cwd = await newProject(t);
  const running = dev(t, ['notes', '--log', 'json'], cwd);
  await running.printed(/Ctrl\+C stops/, 'stderr');
  const [, example] = /\n {2}curl '(\S+)'\n/.exec(running.stderr)!;
  assert.equal((await get(example!)).status, 200);
  assert.equal(await running.stop(), 0);
  const lines = running.stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as { event: string });
  assert.deepEqual(
    lines.map(({ event }) => event),
    ['listening', 'applied', 'request', 'stopping', 'retired', 'stopped'],
  );
});
