import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { appendFile, cp, mkdir, readdir, readFile, rename, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { promisify } from 'node:util';
import { createRemote, type Remote, type Trouble } from '../../../test/git-remote.ts';
import { GitFailure, type GitFailureKind } from './failure.ts';
import { createMirror, failureFrom, limits, type Made, processes, projectText } from './mirror.fixture.ts';
import type { MirrorOptions } from './mirror.ts';

async function withMirror(
  t: TestContext,
  options: Partial<MirrorOptions> = {},
): Promise<Made & { readonly remote: Remote; readonly first: string }> {
  const remote = await createRemote(t);
  const first = await remote.commit({
    'novastack.yaml': projectText,
    'big.sql': 'select 1;\n'.repeat(20_000),
  });
  const made = await createMirror(t, remote.url, options);
  await made.mirror.fetch();
  return { ...made, remote, first };
}

/** As Git's protocol counts it. */
function line(text: string): string {
  return (text.length + 4).toString(16).padStart(4, '0') + text;
}

/** To the last byte that there is room for. */
async function fill(file: string): Promise<void> {
  for (const bytes of [100_000, 4_096, 1]) {
    const part = Buffer.alloc(bytes);
    while (
      await appendFile(file, part).then(
        () => true,
        () => false,
      )
    );
  }
}

describe('a remote in trouble', () => {
  const rows: readonly [string, Trouble, GitFailureKind, RegExp][] = [
    ['hangs', { kind: 'hang' }, 'timeout', /^(Git was not done after 3 s|The remote sends nothing)\.$/],
    ['stalls', { kind: 'stall' }, 'timeout', /^(Git was not done after 3 s|The remote sends nothing)\.$/],
    ['breaks off', { kind: 'cut' }, 'unreachable', /^The remote broke off in the middle\.$/],
    ['sends a damaged pack', { kind: 'corrupt' }, 'corrupt', /^Objects of the repository cannot be read\.$/],
    ['talks for ever', { kind: 'flood' }, 'refused', /^The remote says more than is read\.$/],
    ['answers 500', { kind: 'status', status: 500 }, 'unreachable', /^The remote answers with status 500\.$/],
    ['answers 503', { kind: 'status', status: 503 }, 'unreachable', /^The remote answers with status 503\.$/],
    ['answers 429', { kind: 'status', status: 429 }, 'unreachable', /^The remote answers with status 429\.$/],
    ['answers 404', { kind: 'status', status: 404 }, 'not-found', /^The remote knows no such repository/],
    ['answers 403', { kind: 'status', status: 403 }, 'auth', /^The remote does not accept the credentials\.$/],
    [
      'speaks HTML',
      { kind: 'nonsense', body: '<h1>fatal: No space left on device</h1>' },
      'unreachable',
      /^The remote does not answer as Git does\.$/,
    ],
    [
      'speaks nonsense in the name of Git',
      { kind: 'nonsense', body: 'zzzz', type: 'application/x-git-upload-pack-advertisement' },
      'unreachable',
      /^The remote does not answer as Git does\.$/,
    ],
    [
      'sends a message of its own',
      {
        kind: 'nonsense',
        type: 'application/x-git-upload-pack-advertisement',
        body: `001e# service=git-upload-pack\n0000${line('ERR No space left on device. hunter2\u001b[31m')}`,
      },
      'unreachable',
      /^The remote refuses\.$/,
    ],
  ]; // biome-ignore format: rows

  it('is told by name, changes nothing, and is well again', async (t) => {
    const { mirror, folder, remote, first, again } = await withMirror(t);
    const hasty = again({ timeoutMs: 3_000 });
    let last = first;
    for (const [name, trouble, kind, message] of rows) {
      const next = await remote.commit({
        'a.sql': `-- ${name}\n`.repeat(20_000),
        'b.sql': String(Math.random()),
      });
      remote.trouble(trouble);
      const failure = await failureFrom((kind === 'timeout' ? hasty : mirror).fetch());
      assert.deepEqual([name, failure.kind], [name, kind]);
      assert.match(failure.message, message, name);
      assert.doesNotMatch(failure.message + failure.hint, /hunter2/);
      assert.equal((await mirror.head())?.id, last, name);
      assert.deepEqual(await readdir(folder), ['main.git'], name);
      remote.trouble(undefined);
      assert.equal((await mirror.fetch()).id, next, name);
      last = next;
    }
    const [, port] = /:(\d+)\//.exec(remote.url)!;
    assert.doesNotMatch(await processes(), new RegExp(`git.*127\\.0\\.0\\.1:${port}`));
  });

  it('that is down is reached when it is up again', async (t) => {
    const { mirror, remote, first } = await withMirror(t);
    await remote.down();
    const failure = await failureFrom(mirror.fetch());
    assert.deepEqual(
      [failure.kind, failure.message],
      ['unreachable', 'No connection to the remote could be made.'],
    );
    assert.equal((await mirror.head())?.id, first);
    await remote.up();
    assert.equal((await mirror.fetch()).id, first);
  });

  it('leaves nothing behind when it was so from the beginning', async (t) => {
    const remote = await createRemote(t);
    await remote.commit({ 'novastack.yaml': projectText });
    const { mirror, folder } = await createMirror(t, remote.url);
    remote.trouble({ kind: 'cut' });
    assert.equal((await failureFrom(mirror.fetch())).kind, 'unreachable');
    assert.equal(await mirror.head(), undefined);
    assert.equal((await failureFrom(mirror.projects('a'.repeat(40), ''))).kind, 'missing');
    assert.deepEqual(await readdir(folder), []);
  });

  it('that sends its callers elsewhere is not followed, and nobody else is told the password', async (t) => {
    const auth = { username: 'me', password: 'hunter2' };
    const [remote, other] = [await createRemote(t, { auth }), await createRemote(t, { auth })];
    await other.commit({ 'novastack.yaml': projectText });
    const { mirror } = await createMirror(t, remote.url, { credentials: { kind: 'https', ...auth } });
    for (const to of [other.url, other.fileUrl, `ext::touch ${other.directory}/canary`]) {
      remote.trouble({ kind: 'redirect', to });
      const failure = await failureFrom(mirror.fetch());
      assert.equal(failure.kind, 'refused');
      assert.match(failure.message, /redirects are not followed/);
    }
    assert.deepEqual(other.requests, []);
    assert.equal((await readdir(other.directory)).includes('canary'), false);
  });

  it('whose repository is larger than is read is refused', async (t) => {
    const remote = await createRemote(t);
    const noise = Buffer.alloc(3_000_000);
    for (let at = 0; at < noise.length; at += 1) noise[at] = Math.random() * 256;
    await remote.commit({ 'novastack.yaml': projectText, noise });
    const { mirror, folder } = await createMirror(t, remote.url, { maxBytes: 1_000_000 });
    const failure = await failureFrom(mirror.fetch());
    assert.deepEqual([failure.kind, failure.message], ['refused', 'The repository has more than 1 MB.']);
    assert.deepEqual(await readdir(folder), []);
  });
});

describe('a mirror in trouble', () => {
  const packOf = async (directory: string, end: string) => {
    const folder = join(directory, 'objects/pack');
    return join(folder, (await readdir(folder)).find((name) => name.endsWith(end))!);
  };
  const damages: readonly [string, (directory: string) => Promise<unknown>][] = [
    ['a pack is cut', async (directory) => truncate(await packOf(directory, '.pack'), 200)],
    ['a pack is gone', async (directory) => rm(await packOf(directory, '.pack'))],
    ['an index is rubbish', async (directory) => writeFile(await packOf(directory, '.idx'), 'rubbish')],
    ['HEAD is gone', (directory) => rm(join(directory, 'HEAD'))],
    ['the objects are gone', (directory) => rm(join(directory, 'objects'), { recursive: true })],
    ['the settings are rubbish', (directory) => writeFile(join(directory, 'config'), '[core\nrubbish')],
    ['the refs are gone', (directory) => rm(join(directory, 'refs'), { recursive: true })],
    [
      'the ref is rubbish',
      async (directory) => {
        const folder = join(directory, 'refs/novastack');
        const [name] = await readdir(folder);
        await writeFile(join(folder, name!, 'head'), 'rubbish\n');
        await writeFile(join(folder, name!, 'incoming'), 'rubbish\n');
      },
    ],
    ['it is a file', (directory) => rm(directory, { recursive: true }).then(() => writeFile(directory, 'x'))],
    ['it is empty', (directory) => rm(directory, { recursive: true }).then(() => mkdir(directory))],
    [
      'locks are left over',
      async (directory) => {
        const folder = join(directory, 'refs/novastack');
        const [name] = await readdir(folder);
        await writeFile(join(folder, name!, 'head.lock'), '');
        await writeFile(join(folder, name!, 'incoming.lock'), '');
        await writeFile(join(directory, 'shallow.lock'), '');
        await writeFile(join(directory, 'packed-refs.lock'), '');
        await writeFile(join(directory, 'objects/pack/tmp_pack_x'), 'half');
      },
    ],
  ];
  it('is made anew, also after a restart', async (t) => {
    const { directory, folder, remote, again } = await withMirror(t);
    const url = remote.fileUrl;
    await again({ url }).fetch();
    const sound = join(folder, 'sound');
    await cp(directory, sound, { recursive: true });
    for (const [index, [name, damage]] of damages.entries()) {
      await rm(directory, { recursive: true, force: true });
      await cp(sound, directory, { recursive: true });
      let mirror = again({ url });
      await mirror.head();
      await damage(directory);
      if (index % 2 === 0) mirror = again({ url });
      await mirror.head();
      const next = await remote.commit({ 'a.sql': `-- ${name}\n` });
      const commit = await mirror.fetch();
      assert.equal(commit.id, next, name);
      await mirror.projects(commit.id, '').catch(() => mirror.fetch());
      const [found] = await mirror.projects(commit.id, '');
      const { files } = await mirror.export(found!.tree, join(folder, 'tree'), limits);
      assert.equal(files, 3, name);
      await rm(join(folder, 'tree'), { recursive: true });
      const inside = await readdir(join(directory, 'objects/pack'));
      assert.deepEqual(
        inside.filter((one) => one.startsWith('tmp_')),
        [],
        name,
      );
      assert.deepEqual((await readdir(folder)).sort(), ['main.git', 'sound'], name);
    }
  });

  it('is kept as long as the remote cannot give another', async (t) => {
    const { mirror, remote, directory, first } = await withMirror(t);
    await writeFile(join(directory, 'shallow'), 'rubbish\n');
    remote.trouble({ kind: 'status', status: 500 });
    await failureFrom(mirror.fetch());
    assert.ok((await readdir(directory)).includes('objects'));
    remote.trouble(undefined);
    assert.equal((await mirror.fetch()).id, first);
  });

  it('tells a damaged object, and the next fetch brings it back', async (t) => {
    const { mirror, directory, folder, first } = await withMirror(t);
    const pack = await packOf(directory, '.pack');
    const bytes = await readFile(pack);
    bytes[Math.floor(bytes.length / 2)]! ^= 0x40;
    await writeFile(pack, bytes).catch(() => rm(pack).then(() => writeFile(pack, bytes)));
    const commit = (await mirror.head())!;
    const failure = await failureFrom(mirror.export(commit.tree, join(folder, 'tree'), limits));
    assert.equal(failure.kind, 'corrupt');
    assert.deepEqual(await readdir(folder), ['main.git']);
    assert.equal((await mirror.fetch()).id, first);
    assert.equal((await mirror.export(commit.tree, join(folder, 'tree'), limits)).files, 2);
  });

  it('that was being put in its place when the engine was killed is there again', async (t) => {
    const { directory, remote, again, first, folder } = await withMirror(t);
    await rename(directory, `${directory}.old`);
    await mkdir(`${directory}.new`);
    await remote.down();
    assert.equal((await again().head())?.id, first);
    await remote.up();
    await mkdir(`${directory}.old`);
    assert.equal((await again().fetch()).id, first);
    const next = await remote.forcePush({ 'a.yaml': 'a: 1\n' });
    await rm(join(directory, 'HEAD'));
    assert.equal((await again().fetch()).id, next);
    assert.deepEqual(await readdir(folder), ['main.git']);
  });

  it('on a full disk says so, keeps what it has, and goes on when there is room', async (t) => {
    const remote = await createRemote(t);
    const { directory, folder, again } = await createMirror(t, remote.fileUrl);
    const run = promisify(execFile);
    const mounted = await run('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', folder]).catch(
      () => undefined,
    );
    if (mounted === undefined) return t.skip('only root may make a small disk');
    try {
      const first = await remote.commit({ 'novastack.yaml': projectText });
      const mirror = again();
      const tree = (await mirror.fetch()).tree;
      const noise = Buffer.alloc(2_000_000).map(() => Math.random() * 256);
      const large = await remote.commit({ noise });
      const full = await failureFrom(mirror.fetch());
      assert.deepEqual([full.kind, full.message], ['disk', 'The disk of the state folder is full.']);
      assert.equal((await mirror.head())?.id, first);
      await fill(join(folder, 'ballast'));
      const exported = await failureFrom(mirror.export(tree, join(folder, 'tree'), limits));
      assert.equal(exported.kind, 'disk');
      assert.deepEqual((await readdir(folder)).sort(), ['ballast', 'main.git']);
      await rm(join(folder, 'ballast'));
      assert.equal((await mirror.export(tree, join(folder, 'tree'), limits)).files, 1);
      await run('mount', ['-o', 'remount,size=20m', folder]);
      assert.equal((await mirror.fetch()).id, large);
      assert.ok((await readdir(directory)).includes('objects'));
    } finally {
      await run('umount', ['--lazy', folder]);
    }
  });
});

describe('fetches', () => {
  it('at the same time come one after the other, while others read', async (t) => {
    const { mirror, remote, folder, first } = await withMirror(t);
    const next = await remote.commit({ 'a.sql': '--\n' });
    const tree = (await mirror.head())!.tree;
    const [fetched, exported] = await Promise.all([
      Promise.all([mirror.fetch(), mirror.fetch(), mirror.fetch()]),
      Promise.all([0, 1, 2].map((index) => mirror.export(tree, join(folder, `tree${index}`), limits))),
    ]);
    assert.deepEqual(
      fetched.map(({ id }) => id),
      [next, next, next],
    );
    assert.deepEqual(
      exported.map(({ files }) => files),
      [2, 2, 2],
    );
    assert.equal(await mirror.isAncestor(first, next), true);
  });

  it('do not take a mirror from under those who read it', async (t) => {
    const { mirror, remote, folder, directory } = await withMirror(t);
    const tree = (await mirror.head())!.tree;
    await rm(join(directory, 'shallow'), { force: true });
    await remote.forcePush({ 'b.yaml': 'b: 1\n' });
    const reads = [0, 1, 2].map((index) => mirror.export(tree, join(folder, `tree${index}`), limits));
    const fetched = writeFile(join(directory, 'config'), '[core\nrubbish').then(() => mirror.fetch());
    const [renewed, ...exported] = await Promise.allSettled([fetched, ...reads]);
    // One that meets the damage says so; none gives a part of what it was asked for.
    for (const read of exported) {
      if (read.status === 'fulfilled') assert.equal(read.value.files, 2);
      else assert.ok(read.reason instanceof GitFailure, String(read.reason));
    }
    if (renewed.status === 'rejected')
      assert.ok(renewed.reason instanceof GitFailure, String(renewed.reason));
    assert.equal((await mirror.fetch()).id, await remote.head());
  });

  it('are given up when their signal says so', async (t) => {
    const { mirror, remote, first } = await withMirror(t);
    remote.trouble({ kind: 'hang' });
    const signal = AbortSignal.timeout(300);
    const begun = performance.now();
    const both = await Promise.all([failureFrom(mirror.fetch(signal)), failureFrom(mirror.fetch(signal))]);
    assert.deepEqual(
      both.map(({ kind }) => kind),
      ['aborted', 'aborted'],
    );
    assert.ok(performance.now() - begun < 5_000);
    remote.trouble(undefined);
    assert.equal((await mirror.fetch()).id, first);
  });
});
