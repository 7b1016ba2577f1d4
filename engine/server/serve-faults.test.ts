/** What goes wrong outside: bad commits, Git, databases, and the process itself. What serves goes on, and comes back by itself. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { describe, it } from 'node:test';
import { nightly } from '../../test/nightly.ts';
import { eventually, type Served, serve } from '../../test/serve.ts';
import { createShop, get, projectFiles } from '../../test/serve-shop.ts';
import { freePort } from '../../test/servers/process.ts';
import { temporaryFolder } from '../../test/temporary-folder.ts';

function stalled(server: Served): string | undefined {
  const found = server.project('shop').conditions.find(({ type }) => type === 'Stalled');
  return found?.status === 'True' ? found.reason : undefined;
}

describe('a bad commit', () => {
  it('of fifty kinds changes nothing, each with its reason, and the next good one takes over', async (t) => {
    const { remote, files } = await createShop(t);
    const server = await serve(t, { sources: { main: { url: remote.fileUrl } } });
    const good = server.project('shop').lastAppliedRevision!;
    const text = files['shop/novastack.yaml']!;
    const lock = 'shop/novastack.lock/main/tables/public.books.yaml';
    const migration = 'shop/migrations/0001_books.sql';
    const project = (from: string | RegExp, to: string) => {
      assert.notEqual(text.replace(from, to), text, String(from));
      return { 'shop/novastack.yaml': text.replace(from, to) };
    };
    const variants: Record<string, string | Uint8Array | null>[] = [
      ...['[', '{', 'a: [b', '"', '\tx: 1', '- a\nb: c', '&a *a', '? [', '%', 'a: b: c'].map((end) => ({
        'shop/novastack.yaml': `${text}${end}\n`,
      })),
      ...['novastack: 2', 'novastack: one', 'novastack: []', 'novastack: null'].map((line) =>
        project('novastack: 1', line),
      ),
      ...['Shop', 'sh op', '-shop', 'x'.repeat(300), '42', '[shop]'].map((name) =>
        project('project: shop', `project: ${name}`),
      ),
      project('engine: postgres', 'engine: oracle'),
      project('engine: postgres', 'engine: mysql'),
      project('databases:', 'database:'),
      project(/databases:.*\n/, ''),
      project(/\$\{env:[A-Z0-9_]+\}/, '${env:NOBODY_HAS_SET_THIS}'),
      project(/"\$\{env:[A-Z0-9_]+\}"/, 'postgres://app:secret@127.0.0.1/shop'),
      project('migrations: migrations', 'migrations: nowhere'),
      project('migrations: migrations', 'migrations: ../../etc'),
      project('anonymous: visitor', 'anonymous: nobody'),
      project('roles: { visitor: {} }', 'roles: { visitor: { inherits: [visitor] } }'),
      project('roles: { visitor: {} }', 'roles: {}'),
      project('roles: { visitor: {} }', 'roles: [visitor]'),
      project('books:', 'boks:'),
      project('permissions:', 'permission:'),
      project('visitor: { select: true }', 'nobody: { select: true }'),
      project('select: true', 'selct: true'),
      project('select: true', 'select: { columns: [nothing] }'),
      project('select: true', 'select: { where: { nothing: 1 } }'),
      project('select: true', 'select: { where: { id: { _like: 1 } } }'),
      project('select: true', 'select: { where: { id: true } }'),
      project('select: true', 'select: { limit: -1 }'),
      project('select: true', 'insert: { columns: [id], check: { author: { name: x } } }'),
      { 'shop/more.yaml': 'tables: { books: { permissions: {} } }\n' },
      { 'shop/more.yaml': 'tables: { nothing: { permissions: { visitor: { select: true } } } }\n' },
      { 'shop/more.yaml': new Uint8Array([0x74, 0x61, 0x62, 0x6c, 0x65, 0x73, 0x3a, 0xff, 0xfe]) },
      { 'shop/more.yaml': `tables: ${'['.repeat(20_000)}\n` },
      { [lock]: 'columns: [' },
      { [lock]: null },
      { 'shop/novastack.lock/main/database.yaml': null },
      { [migration]: 'create table books (id int primary key)' },
      { [migration]: null },
      { 'shop/migrations/second.sql': 'select 1' },
      { 'shop/migrations/0001_twin.sql': 'select 1' },
      { 'shop/migrations/0002_broken.sql': 'creat table x ()' },
      { 'shop/novastack.yaml': null },
    ];
    assert.ok(variants.length >= 50, String(variants.length));
    for (const variant of variants) {
      const commit = await remote.commit(variant);
      await server.sync('shop', commit);
      const what = `${variants.indexOf(variant)}: ${JSON.stringify(variant).slice(-220)}`;
      assert.ok(stalled(server) !== undefined, `${what} was served`);
      const { conditions, diagnostics } = server.project('shop');
      assert.ok(conditions.find(({ type }) => type === 'Stalled')!.message.length > 20, what);
      if (stalled(server) === 'BuildFailed') assert.ok(diagnostics.length > 0, what);
      const answer = await get(`${server.url}/shop/rest/v1/books`);
      assert.deepEqual([answer.status, answer.revision], [200, good], what);
      const back = Object.keys(variant).map((file) => [file, files[file] ?? null]);
      await remote.commit(Object.fromEntries(back));
    }
    const next = await remote.commit({ 'shop/novastack.yaml': `title: Good again\n${text}` });
    await server.sync('shop', next);
    assert.equal(stalled(server), undefined);
    assert.match((await get(`${server.url}/shop/rest/v1/books`)).revision!, new RegExp(next));
  });
});

describe('Git', () => {
  it('in any trouble changes nothing of what serves, and is followed again when it is well', async (t) => {
    const { remote, files } = await createShop(t);
    const server = await serve(t, { sources: { main: { url: remote.url, timeoutMs: 1_500 } } });
    const text = files['shop/novastack.yaml']!;
    let serial = 0;
    const push = () => {
      serial += 1;
      return remote.commit({ 'shop/novastack.yaml': `title: Number ${serial}\n${text}` });
    };
    const troubles = [
      { kind: 'hang' },
      { kind: 'stall' },
      { kind: 'cut' },
      { kind: 'corrupt' },
      { kind: 'status', status: 500 },
      { kind: 'status', status: 401 },
      { kind: 'status', status: 404 },
      { kind: 'nonsense', body: 'hello' },
      { kind: 'redirect', to: 'file:///etc' },
    ] as const;
    for (const trouble of troubles) {
      const before = server.project('shop').lastAppliedRevision;
      const commit = await push();
      remote.trouble(trouble);
      await server.sync('shop', commit);
      assert.equal(stalled(server), 'FetchFailed', trouble.kind);
      const answer = await get(`${server.url}/shop/rest/v1/books`);
      assert.deepEqual([answer.status, answer.revision], [200, before], trouble.kind);
      remote.trouble(undefined);
      await eventually(async () => {
        await server.sync('shop', commit);
        return stalled(server) === undefined;
      });
      assert.match(server.project('shop').lastAppliedRevision!, new RegExp(commit), trouble.kind);
    }
    const last = await remote.head();
    await remote.deleteBranch();
    await server.sync('shop');
    assert.equal(stalled(server), 'FetchFailed');
    assert.match((await get(`${server.url}/shop/rest/v1/books`)).revision!, new RegExp(last));
    const rewritten = await remote.forcePush(files);
    await server.sync('shop', rewritten);
    assert.match((await get(`${server.url}/shop/rest/v1/books`)).revision!, new RegExp(rewritten));
  });

  it('with two pushes in a second, and one during a build, ends at the newest', async (t) => {
    const { remote, files } = await createShop(t);
    const server = await serve(t, { sources: { main: { url: remote.url } } });
    const text = files['shop/novastack.yaml']!;
    let newest = '';
    for (let number = 0; number < 5; number += 1) {
      newest = await remote.commit({ 'shop/novastack.yaml': `title: Number ${number}\n${text}` });
      server.fleet.poke('main');
    }
    await eventually(() => server.project('shop').lastAppliedRevision!.includes(newest));
  });
});

describe('a migration', () => {
  it('that would break what serves is refused, and one that fails leaves what serves', async (t) => {
    const { remote, files, query } = await createShop(t);
    const server = await serve(t, { sources: { main: { url: remote.url } } });
    const good = server.project('shop').lastAppliedRevision!;
    const first = files['shop/migrations/0001_books.sql']!;
    const dropping = await projectFiles(t, 'shop', 'postgres', {
      '0001_books.sql': first,
      '0002_drop.sql': 'alter table books drop column title',
    });
    await server.sync('shop', await remote.commit(dropping));
    assert.equal(stalled(server), 'ApprovalNeeded');
    const told = JSON.stringify(server.project('shop'));
    assert.match(told, /title/);
    assert.match(told, /fp[0-9a-f]{14}/);
    assert.deepEqual(await query('select title from books'), [{ title: 'One' }]);
    const failing = await projectFiles(t, 'shop', 'postgres', {
      '0001_books.sql': first,
      '0002_unique.sql': 'create table more (id int primary key)',
    });
    await query('create table more (id int)');
    await server.sync('shop', await remote.commit({ ...failing, 'shop/migrations/0002_drop.sql': null }));
    assert.equal(stalled(server), 'MigrationFailed');
    assert.equal((await get(`${server.url}/shop/rest/v1/books`)).revision, good);
    // What stood in its way goes, and it is tried again by itself.
    await query('drop table more');
    await server.sync('shop');
    await eventually(() => stalled(server) === undefined);
  });
});

describe('an approval', () => {
  it('lets a migration through that would break what serves', async (t) => {
    const { remote, files } = await createShop(t);
    const server = await serve(t, { sources: { main: { url: remote.url } } });
    const dropping = await projectFiles(t, 'shop', 'postgres', {
      '0001_books.sql': files['shop/migrations/0001_books.sql']!,
      '0002_drop.sql': 'alter table books drop column title',
    });
    await server.sync('shop', await remote.commit(dropping));
    const [fingerprint] = /fp[0-9a-f]{14}/.exec(JSON.stringify(server.project('shop')))!;
    const approval = `- { fingerprint: ${fingerprint}, reason: nobody reads it, expires: "2999-01-01" }\n`;
    await server.sync('shop', await remote.commit({ 'shop/approvals.yaml': approval }));
    assert.deepEqual((await get(`${server.url}/shop/rest/v1/books`)).body, [{ id: 1 }]);
  });

  it('is needed by a commit that takes every table away', async (t) => {
    const { remote, files } = await createShop(t);
    const server = await serve(t, { sources: { main: { url: remote.url } } });
    const text = files['shop/novastack.yaml']!.replace(/tables:.*\n/, '');
    await server.sync('shop', await remote.commit({ 'shop/novastack.yaml': text }));
    assert.equal(stalled(server), 'ApprovalNeeded');
    assert.equal((await get(`${server.url}/shop/rest/v1/books`)).status, 200);
  });
});

describe('drift', () => {
  it('makes the tables that it breaks answer 503 by name while the others serve, until it is over', async (t) => {
    const { remote, files, query } = await createShop(t);
    const two = await projectFiles(t, 'shop', 'postgres', {
      '0001_books.sql': files['shop/migrations/0001_books.sql']!,
      '0002_authors.sql': 'create table authors (id int primary key, name text)',
    });
    const more = {
      'shop/more.yaml': 'tables: { authors: { permissions: { visitor: { select: true } } } }\n',
    };
    await remote.commit({ ...two, ...more });
    const server = await serve(t, { sources: { main: { url: remote.url } } });
    assert.equal((await get(`${server.url}/shop/rest/v1/authors`)).status, 200);
    await query('alter table books rename column title to heading');
    await eventually(async () => {
      const { status, body } = await get(`${server.url}/shop/rest/v1/books`);
      assert.deepEqual([status, (body as { code?: string }).code], [503, 'NS507']);
    });
    assert.equal((await get(`${server.url}/shop/rest/v1/authors`)).status, 200);
    const drifted = server.project('shop').conditions.find(({ type }) => type === 'Drifted');
    assert.deepEqual([drifted?.status, drifted?.reason], ['True', 'Breaking']);
    await query('alter table books rename column heading to title');
    await eventually(async () => (await get(`${server.url}/shop/rest/v1/books`)).status === 200);
    // What the database has beyond the lock does not become visible.
    await query('alter table books add column secret text');
    await eventually(() => server.project('shop').drift.some(({ class: kind }) => kind === 'safe'));
    assert.deepEqual((await get(`${server.url}/shop/rest/v1/books`)).body, [{ id: 1, title: 'One' }]);
  });
});

describe('the process', () => {
  it('killed at any phase serves at the next start, and gets to the newest commit', async (t) => {
    const { remote, files, variable } = await createShop(t);
    const folder = await temporaryFolder(t);
    const port = await freePort();
    await writeFile(
      join(folder, 'server.yaml'),
      `listen: 127.0.0.1:${port}
secret: \${env:ENGINE_SECRET}
sources: { main: { url: "${remote.url}", interval: 1s, secrets: ['SHOP_*'] } }
telemetry: { level: debug }
`,
    );
    const engine = new Engine(folder, { [variable]: process.env[variable]!, ENGINE_SECRET: 'x'.repeat(40) });
    t.after(() => engine.kill());
    const url = `http://127.0.0.1:${port}/shop/rest/v1/books`;
    const served = async () => {
      const answer = await get(url).catch(() => undefined);
      return answer?.status === 200 ? answer.revision : null;
    };
    engine.start();
    await eventually(async () => (await served()) !== null);
    const phases = ['Fetching', 'Building', 'Validating', 'Migrating', 'Probing', 'Swapping'];
    for (const [index, phase] of (nightly ? [...phases, ...phases, ...phases] : phases).entries()) {
      const before = await served();
      const text = `title: Number ${index}\n${files['shop/novastack.yaml']}`;
      const killed = engine.killAt(phase);
      const commit = await remote.commit({ 'shop/novastack.yaml': text });
      await killed;
      engine.start();
      let first: string | null = null;
      await eventually(async () => {
        first = await served();
        return first !== null;
      });
      assert.ok(first === before || first!.includes(commit), `${phase}: ${first}`);
      await eventually(async () => (await served())?.includes(commit));
    }
  });
});

/** `novastack serve` as a process. */
class Engine {
  readonly #folder: string;
  readonly #env: Readonly<Record<string, string>>;
  #child: ChildProcess | undefined;
  #phase: { readonly name: string; readonly seen: () => void } | undefined;

  constructor(folder: string, env: Readonly<Record<string, string>>) {
    this.#folder = folder;
    this.#env = env;
  }

  start(): void {
    const script = join(import.meta.dirname, '../cli/main.ts');
    const child = spawn(process.execPath, [script, 'serve'], {
      cwd: this.#folder,
      env: { ...process.env, ...this.#env },
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    this.#child = child;
    createInterface({ input: child.stdout! }).on('line', (line) => {
      const event = JSON.parse(line) as { event?: string; phase?: string };
      if (event.event !== 'reconciling' || event.phase !== this.#phase?.name) return;
      this.#phase?.seen();
      this.#phase = undefined;
      child.kill('SIGKILL');
    });
  }

  /** Resolves when it is gone. */
  async killAt(phase: string): Promise<void> {
    const child = this.#child!;
    const gone = once(child, 'exit');
    this.#phase = { name: phase, seen: () => {} };
    await gone;
  }

  kill(): void {
    this.#child?.kill('SIGKILL');
  }
}
