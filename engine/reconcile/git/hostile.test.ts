import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { chmod, chown, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { promisify } from 'node:util';
import { readFolder } from '../../../schema/folder.ts';
import { createRemote } from '../../../test/git-remote.ts';
import { temporaryFolder } from '../../../test/temporary-folder.ts';
import { createMirror, failureFrom, limits, projectText, recordCommands } from './mirror.fixture.ts';

describe('a hostile repository', () => {
  it('runs nothing and reads nothing outside', async (t) => {
    const outside = await temporaryFolder(t);
    const [canary, secret] = [join(outside, 'canary'), join(outside, 'secret.yaml')];
    await writeFile(secret, 'hunter2: 1\n');
    const run = `sh -c "touch ${canary}"`;
    const remote = await createRemote(t);
    const id = await remote.commit({
      'novastack.yaml': projectText,
      '.gitattributes': '* filter=evil diff=evil working-tree-encoding=UTF-16 export-subst\n',
      '.gitconfig': `[core]\n\tsshCommand = ${run}\n`,
      '.lfsconfig': '[lfs]\n\turl = https://127.0.0.1:1/\n',
      'hooks/post-checkout': `#!/bin/sh\n${run}\n`,
      config: `[core]\n\tfsmonitor = ${run}\n`,
      HEAD: 'ref: refs/heads/main\n',
      'tables/a.yaml': { link: secret },
      'tables/b.yaml': { link: '/dev/zero' },
      'big.dat': 'version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n',
      'roles.yaml': `roles: ${'['.repeat(20_000)}`,
      'deep.yaml': `${Array.from({ length: 20_000 }, (_, at) => `${' '.repeat(Math.min(at, 40))}a:`).join('\n')}\n`,
      'bomb.yaml':
        'a: &a [x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: [*b,*b,*b,*b,*b,*b,*b,*b,*b]\n',
      vendor: { submodule: 'b'.repeat(40) },
    });
    // What it says of itself where it lies, for whoever reads it there by file://.
    for (const [key, value] of [
      ['filter.evil.smudge', run],
      ['filter.evil.process', run],
      ['core.fsmonitor', run],
      ['core.sshCommand', run],
      ['core.alternateRefsCommand', run],
      ['uploadpack.packObjectsHook', run],
      ['diff.evil.textconv', run],
    ] as const)
      await remote.git(['config', key, value]);
    const hooks = join(remote.directory, 'hooks');
    await mkdir(hooks);
    for (const hook of [
      'post-checkout',
      'pre-upload',
      'reference-transaction',
      'post-merge',
      'fsmonitor-watchman',
    ])
      await writeFile(join(hooks, hook), `#!/bin/sh\n${run}\n`).then(() => chmod(join(hooks, hook), 0o755));
    const commands = await recordCommands(t);
    for (const url of [remote.url, remote.fileUrl]) {
      const { mirror, folder } = await createMirror(t, url);
      const commit = await mirror.fetch();
      assert.equal(commit.id, id);
      const [project] = await mirror.projects(id, '');
      const to = join(folder, 'tree');
      await mirror.export(project!.tree, to, limits);
      await mirror.verify(id);
      await mirror.isAncestor(id, id);
      const read = await readFolder(to);
      assert.doesNotMatch(JSON.stringify(read), /hunter2/);
      assert.equal((await readdir(join(to, 'hooks'))).length, 1);
    }
    assert.deepEqual(await readdir(outside), ['secret.yaml']);
    const ran = new Set((await commands()).split('\n').map((line) => line.split(' ').slice(0, 2).join(' ')));
    ran.delete('');
    const allowed =
      /^git (init|fetch|rev-parse|update-ref|cat-file|merge-base|http-backend|upload-pack|hash-object|-c)$/;
    assert.deepEqual(
      [...ran].filter((one) => !allowed.test(one)),
      [],
    );
  });

  it('whose objects Git itself would not take is refused by what is wrong with them', async (t) => {
    const remote = await createRemote(t);
    const blob = await remote.blob('x');
    const inner = await remote.tree([{ mode: '100644', name: 'config', id: blob }]);
    const modules = await remote.blob('[submodule "a"]\n\tpath = a\n\turl = --upload-pack=touch\n');
    const rows: readonly [string, readonly Parameters<typeof remote.tree>[0][number][]][] = [
      ['hasDotgit', [{ mode: '40000', name: '.git', id: inner }]],
      ['hasDotgit', [{ mode: '40000', name: '.GIT', id: inner }]],
      ['hasDotdot', [{ mode: '40000', name: '..', id: inner }]],
      ['hasDot', [{ mode: '40000', name: '.', id: inner }]],
      ['fullPathname', [{ mode: '100644', name: '../../canary', id: blob }]],
      ['gitmodulesSymlink', [{ mode: '120000', name: '.gitmodules', id: blob }]],
      ['gitmodulesUrl', [{ mode: '100644', name: '.gitmodules', id: modules }]],
      ['duplicateEntries', [{ mode: '100644', name: 'a', id: blob }, { mode: '100644', name: 'a', id: blob }]],
    ]; // biome-ignore format: rows
    const good = await remote.commit({ 'novastack.yaml': projectText });
    const { mirror } = await createMirror(t, remote.fileUrl);
    await mirror.fetch();
    for (const [rule, entries] of rows) {
      await remote.commitTree(await remote.tree(entries));
      const failure = await failureFrom(mirror.fetch());
      assert.deepEqual(
        [failure.kind, failure.message],
        ['refused', `The repository has an object that Git's checks refuse ("${rule}").`],
      );
      assert.equal((await mirror.head())?.id, good);
      await remote.pointBranch('main', good);
    }
    assert.equal((await mirror.fetch()).id, good);
  });

  it('with odd refs gives the one that is asked for, and no other', async (t) => {
    const remote = await createRemote(t);
    const id = await remote.commit({ 'a.yaml': 'a: 1\n' });
    const other = await remote.forcePush({ 'b.yaml': 'b: 1\n' }, { branch: 'x' });
    for (const ref of [
      'refs/tags/main',
      'refs/main',
      'refs/heads/refs/heads/main',
      'refs/novastack/main',
      'refs/replace/' + id,
    ])
      await remote.git(['update-ref', ref, other]);
    for (let index = 0; index < 200; index += 1)
      await writeFile(join(remote.directory, 'refs/heads', `b${index};touch $(x)`), `${other}\n`);
    const { mirror, directory } = await createMirror(t, remote.url);
    const commit = await mirror.fetch();
    assert.equal(commit.id, id);
    assert.equal(
      commit.tree,
      (await remote.git(['cat-file', 'commit', id], { env: { GIT_NO_REPLACE_OBJECTS: '1' } })).slice(5, 45),
    );
    const refs = await promisify(execFile)('git', ['-C', directory, 'for-each-ref', '--format=%(refname)']);
    assert.match(
      refs.stdout,
      /^refs\/novastack\/[0-9a-f]{32}\/head\nrefs\/novastack\/[0-9a-f]{32}\/incoming\n$/,
    );
    assert.equal(await mirror.isAncestor(other, other), false);
  });

  it('that says odd things in a commit is told in plain text', async (t) => {
    const remote = await createRemote(t);
    const tree = await remote.git(['write-tree']);
    const content = `tree ${tree}\nauthor A\u001b[31m\u202eda <a@b> 1 +0000\ncommitter Ada <a@b> 4000000000 -0730\n\n\n::error::x\u0007 ${'y'.repeat(400)}\n`;
    const id = await remote.git(['hash-object', '-t', 'commit', '-w', '--stdin', '--literally'], {
      input: content,
    });
    await remote.pointBranch('main', id);
    const { mirror } = await createMirror(t, remote.fileUrl);
    const commit = await mirror.fetch();
    assert.equal(commit.author, 'A [31m da');
    assert.equal(commit.subject, `::error::x  ${'y'.repeat(188)}`);
    assert.equal(commit.committedAt, '2096-10-02T07:06:40.000Z');
  });

  it('that belongs to another user of the machine is not read', async (t) => {
    if (process.getuid?.() !== 0) return t.skip('only root may give a folder away');
    const remote = await createRemote(t);
    await remote.commit({ 'novastack.yaml': projectText });
    await chown(remote.directory, 65_534, 65_534);
    const { mirror } = await createMirror(t, remote.fileUrl);
    const failure = await failureFrom(mirror.fetch());
    assert.deepEqual(
      [failure.kind, failure.message],
      ['refused', 'The repository belongs to another user of this machine.'],
    );
    assert.ok(await readFile(join(remote.directory, 'HEAD')));
  });
});
