import assert from 'node:assert/strict';
import { cp, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { createRemote } from '../../../test/git-remote.ts';
import { createMirror, failureFrom, limits, projectText } from './mirror.fixture.ts';

describe('a mirror', () => {
  for (const way of ['url', 'fileUrl'] as const)
    it(`follows a branch, by ${way}`, async (t) => {
      const remote = await createRemote(t);
      const id = await remote.commit(
        { 'novastack.yaml': projectText },
        { message: 'first\n\nbody', date: new Date('2026-01-02T03:04:05Z') },
      );
      const { mirror, folder, again } = await createMirror(t, remote[way]);
      assert.equal(await mirror.head(), undefined);
      const commit = await mirror.fetch();
      assert.deepEqual(commit, {
        id,
        tree: await remote.git(['rev-parse', 'main^{tree}']),
        committedAt: '2026-01-02T03:04:05.000Z',
        subject: 'first',
        author: 'Ada',
      });
      assert.deepEqual(await mirror.fetch(), commit);
      assert.deepEqual(await mirror.head(), commit);
      assert.deepEqual(await mirror.projects(id, ''), [{ folder: '', tree: commit.tree }]);
      const to = join(folder, 'tree');
      assert.deepEqual(await mirror.export(commit.tree, to, limits), {
        files: 1,
        bytes: projectText.length,
        diagnostics: [],
      });
      assert.equal(await readFile(join(to, 'novastack.yaml'), 'utf8'), projectText);
      const next = await remote.commit({ 'a.yaml': 'a: 1\n' });
      assert.equal((await mirror.fetch()).id, next);
      assert.deepEqual((await readdir(folder)).sort(), ['main.git', 'tree']);
      assert.equal((await again().head())?.id, next);
    });

  it('follows a tag, and a tag that moves', async (t) => {
    const remote = await createRemote(t);
    const first = await remote.commit({ 'a.yaml': 'a: 1\n' });
    const asAda = { GIT_COMMITTER_NAME: 'Ada', GIT_COMMITTER_EMAIL: 'ada@example.com' };
    await remote.git(['tag', '-a', '-m', 'one', 'v1', first], { env: asAda });
    const { mirror } = await createMirror(t, remote.fileUrl, { ref: 'refs/tags/v1' });
    assert.equal((await mirror.fetch()).id, first);
    const second = await remote.commit({ 'a.yaml': 'a: 2\n' });
    assert.equal((await mirror.fetch()).id, first);
    await remote.git(['tag', '-f', 'v1', second]);
    assert.equal((await mirror.fetch()).id, second);
    const blob = await remote.blob('no commit');
    await remote.git(['tag', '-f', 'v1', blob]);
    const failure = await failureFrom(mirror.fetch());
    assert.deepEqual([failure.kind, failure.message], ['refused', 'The ref does not lead to a commit.']);
    assert.equal((await mirror.head())?.id, second);
  });

  it('begins shallow and fetches the rest of the history when it is asked of it', async (t) => {
    const remote = await createRemote(t);
    const ids: string[] = [];
    for (const index of [0, 1, 2, 3]) ids.push(await remote.commit({ 'a.yaml': `a: ${index}\n` }));
    const aside = await remote.forcePush({ 'b.yaml': 'b: 1\n' }, { branch: 'aside' });
    const { mirror, directory } = await createMirror(t, remote.url);
    await mirror.fetch();
    assert.equal(await readFile(join(directory, 'shallow'), 'utf8'), `${ids[3]}\n`);
    assert.equal(await mirror.isAncestor(ids[3]!, ids[3]!), true);
    assert.equal(await mirror.isAncestor(ids[0]!, ids[3]!), true);
    assert.equal((await readdir(directory)).includes('shallow'), false);
    assert.equal(await mirror.isAncestor(ids[3]!, ids[0]!), false);
    assert.equal(await mirror.isAncestor(ids[3]!, ids[3]!), true);
    assert.equal(await mirror.isAncestor(ids[1]!, ids[1]!), true);
    const asked = remote.requests.length;
    assert.equal(await mirror.isAncestor(aside, aside), false);
    assert.equal(await mirror.isAncestor(aside, ids[3]!), false);
    assert.equal(await mirror.isAncestor('f'.repeat(40), 'f'.repeat(40)), false);
    assert.equal(await mirror.isAncestor('main', 'main'), false);
    const tree = await remote.git(['rev-parse', 'main^{tree}']);
    assert.equal(await mirror.isAncestor(tree, tree), false);
    assert.equal(remote.requests.length, asked);
  });

  it('follows a branch that is rewritten, deleted and made again', async (t) => {
    const remote = await createRemote(t);
    const first = await remote.commit({ 'a.yaml': 'a: 1\n' });
    await remote.commit({ 'a.yaml': 'a: 2\n' });
    const { mirror } = await createMirror(t, remote.url);
    await mirror.fetch();
    await remote.pointBranch('main', first);
    assert.equal((await mirror.fetch()).id, first);
    const other = await remote.forcePush({ 'b.yaml': 'b: 1\n' });
    assert.equal((await mirror.fetch()).id, other);
    await remote.deleteBranch();
    for (let index = 0; index < 2; index += 1) {
      const failure = await failureFrom(mirror.fetch());
      assert.deepEqual(
        [failure.kind, failure.message, failure.hint],
        ['ref-missing', 'The remote has no such branch or tag.', 'push it, or write another "ref"'],
      );
      assert.equal((await mirror.head())?.id, other);
    }
    const again = await remote.forcePush({ 'c.yaml': 'c: 1\n' });
    assert.equal((await mirror.fetch()).id, again);
    assert.equal(await mirror.isAncestor(other, again), false);
  });

  it('is not taken for the mirror of another url or ref', async (t) => {
    const [one, two] = [await createRemote(t), await createRemote(t)];
    const id = await one.commit({ 'a.yaml': 'a: 1\n' });
    await one.pointBranch('next', id);
    const other = await two.forcePush({ 'b.yaml': 'b: 1\n' });
    const { mirror, again } = await createMirror(t, one.fileUrl);
    await mirror.fetch();
    assert.equal(await again({ url: two.fileUrl }).head(), undefined);
    assert.equal(await again({ ref: 'next' }).head(), undefined);
    assert.equal((await again({ ref: 'refs/heads/main' }).head())?.id, id);
    const moved = again({ url: two.fileUrl });
    assert.equal((await moved.fetch()).id, other);
    assert.equal(await moved.isAncestor(id, id), false);
  });

  it('reads a remote that is shallow itself', async (t) => {
    const remote = await createRemote(t);
    for (const index of [0, 1, 2]) await remote.commit({ 'a.yaml': `a: ${index}\n` });
    const shallow = await createRemote(t);
    await shallow.git(['fetch', '-q', '--depth=1', remote.fileUrl, '+main:main']);
    const { mirror } = await createMirror(t, shallow.url);
    assert.equal((await mirror.fetch()).id, await remote.head());
    await remote.commit({ 'a.yaml': 'a: 3\n' });
    await shallow.git(['fetch', '-q', '--depth=1', remote.fileUrl, '+main:main']);
    assert.equal((await mirror.fetch()).id, await remote.head());
    assert.equal(
      await mirror.isAncestor(await remote.git(['rev-parse', 'main~2']), await remote.head()),
      false,
    );
  });

  it('makes one pack of many', async (t) => {
    const remote = await createRemote(t);
    await remote.commit({ 'a.yaml': 'a: 1\n' });
    const { mirror, directory, folder } = await createMirror(t, remote.fileUrl);
    await mirror.fetch();
    const packs = join(directory, 'objects/pack');
    const [first] = (await readdir(packs)).filter((name) => name.endsWith('.pack'));
    for (let index = 10; index < 31; index += 1)
      for (const end of ['.pack', '.idx'])
        await cp(
          join(packs, first!.replace('.pack', end)),
          join(packs, `pack-${index}${'0'.repeat(38)}${end}`),
        );
    const id = await remote.commit({ 'a.yaml': 'a: 2\n' });
    const { tree } = await mirror.fetch();
    assert.equal((await readdir(packs)).filter((name) => name.endsWith('.pack')).length, 1);
    assert.equal((await mirror.head())?.id, id);
    assert.equal((await mirror.export(tree, join(folder, 'tree'), limits)).files, 1);
  });

  it('refuses an address or a ref that is not allowed', async (t) => {
    const { again } = await createMirror(t, 'file:///srv/apis.git');
    const refusals = [
      { url: 'ext::sh' },
      { url: '--upload-pack=touch' },
      { url: 'git://127.0.0.1/apis.git' },
      { url: 'HTTPS://example.com/apis.git' },
      { url: 'https://me:hunter2@example.com/apis.git' },
      { url: '/srv/apis.git' },
      { ref: '--upload-pack=touch' },
      { ref: 'main:refs/heads/x' },
      { ref: 'refs/pull/1/head' },
      { ref: '' },
    ];
    for (const changes of refusals) {
      const failure = await failureFrom((async () => again(changes))());
      assert.equal(failure.kind, 'refused', JSON.stringify(changes));
      assert.doesNotMatch(failure.message + failure.hint, /hunter2/);
    }
  });
});
