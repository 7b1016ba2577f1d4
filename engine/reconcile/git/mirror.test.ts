import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { createRemote, type Remote } from '../../../test/git-remote.ts';
import { GitFailure } from './failure.ts';
import { Mirror, type MirrorOptions } from './mirror.ts';

const limits = { files: 20_000, bytes: 64_000_000 };
const project = 'novastack: 1\nproject: shop\n';

async function folderFor(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'novastack-mirror-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

async function mirrorOf(
  t: TestContext,
  remote: Remote,
  options: Partial<MirrorOptions> = {},
): Promise<{ mirror: Mirror; directory: string; folder: string }> {
  const folder = await folderFor(t);
  const directory = options.directory ?? join(folder, 'main.git');
  const mirror = new Mirror({ url: remote.url, ref: 'main', timeoutMs: 10_000, ...options, directory });
  return { mirror, directory, folder };
}

describe('a mirror', () => {
  for (const way of ['url', 'fileUrl'] as const)
    it(`brings the newest commit, by ${way}`, async (t) => {
      const remote = await createRemote(t);
      const id = await remote.commit({ 'novastack.yaml': project }, { message: 'first\n\nbody' });
      const { mirror, directory, folder } = await mirrorOf(t, remote, { url: remote[way] });
      assert.equal(await mirror.head(), undefined);
      const commit = await mirror.fetch();
      assert.deepEqual(commit, await mirror.head());
      assert.equal(commit.id, id);
      assert.equal(commit.subject, 'first');
      assert.equal(commit.author, 'Ada');
      assert.deepEqual(await mirror.projects(id, ''), [{ folder: '', tree: commit.tree }]);
      const to = join(folder, 'tree');
      assert.deepEqual(await mirror.export(commit.tree, to, limits), {
        files: 1,
        bytes: project.length,
        diagnostics: [],
      });
      assert.equal(await readFile(join(to, 'novastack.yaml'), 'utf8'), project);
      const next = await remote.commit({ 'a.yaml': 'a: 1\n' });
      assert.equal((await mirror.fetch()).id, next);
      assert.equal(await mirror.isAncestor(id, next), true);
      assert.equal(await mirror.isAncestor(next, id), false);
      assert.deepEqual((await readdir(folder)).sort(), ['main.git', 'tree']);
      assert.equal(
        (await new Mirror({ directory, url: remote[way], ref: 'main', timeoutMs: 10_000 }).head())?.id,
        next,
      );
      assert.ok(GitFailure);
    });
});
