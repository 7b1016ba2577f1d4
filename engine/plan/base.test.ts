/** What a plan compares with, out of real clones: full, shallow, without a remote, work trees, folders. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { findBase, NoBase } from './base.ts';

const who = {
  GIT_AUTHOR_NAME: 'Ada',
  GIT_AUTHOR_EMAIL: 'ada@example.com',
  GIT_COMMITTER_NAME: 'Ada',
  GIT_COMMITTER_EMAIL: 'ada@example.com',
};

function git(dir: string, ...args: string[]): string {
  const env = { PATH: process.env.PATH, HOME: '/nonexistent', GIT_CONFIG_NOSYSTEM: '1', ...who };
  return execFileSync('git', ['-c', 'init.defaultBranch=main', ...args], {
    cwd: dir,
    env,
    encoding: 'utf8',
  }).trim();
}

async function folder(t: TestContext): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'plan-base-'));
  t.after(() => rm(dir, { recursive: true, force: true }));
  return dir;
}

async function write(dir: string, files: Readonly<Record<string, string>>): Promise<void> {
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(dir, name)), { recursive: true });
    await writeFile(join(dir, name), text);
  }
}

const project = (title: string) => `novastack: 1\nproject: shop\ntitle: ${title}\n`;

/** `main` went on after `change` left it. */
async function repository(t: TestContext): Promise<{ readonly dir: string; readonly left: string }> {
  const dir = await folder(t);
  git(dir, 'init', '-q');
  await write(dir, {
    'apis/shop/novastack.yaml': project('Before'),
    'apis/shop/tables/a.yaml': 'tables: {}\n',
    'README.md': 'x',
  });
  git(dir, 'add', '.');
  git(dir, 'commit', '-qm', 'before');
  const left = git(dir, 'rev-parse', 'HEAD');
  git(dir, 'checkout', '-qb', 'change');
  await write(dir, { 'apis/shop/novastack.yaml': project('After') });
  git(dir, 'commit', '-qam', 'after');
  git(dir, 'checkout', '-q', 'main');
  await write(dir, { 'apis/shop/novastack.yaml': project('Meanwhile') });
  git(dir, 'commit', '-qam', 'meanwhile');
  git(dir, 'checkout', '-q', 'change');
  return { dir, left };
}

async function titleIn(dir: string | undefined): Promise<string> {
  return /title: (.*)/.exec(await readFile(join(dir!, 'novastack.yaml'), 'utf8'))![1]!;
}

test('a branch is what it was where this one left it, written aside and removed again', async (t) => {
  const { dir, left } = await repository(t);
  const base = await findBase(join(dir, 'apis/shop'), 'main');
  assert.equal(base.name, `main (${left.slice(0, 7)}, where this branch left it)`);
  assert.equal(await titleIn(base.dir), 'Before');
  assert.deepEqual((await readdir(base.dir!)).filter((name) => name !== '.git').sort(), [
    'novastack.yaml',
    'tables',
  ]);
  await base.close();
  assert.equal(existsSync(dirname(base.dir!)), false);
});

test('without a name it is the branch that pull requests are made to', async (t) => {
  const { dir } = await repository(t);
  const clone = await folder(t);
  git(dir, 'checkout', '-q', 'main');
  git(clone, 'clone', '-q', '--branch', 'change', dir, 'here');
  const base = await findBase(join(clone, 'here/apis/shop'), undefined);
  t.after(base.close);
  assert.match(base.name, /^origin\/HEAD \([0-9a-f]{7}, where this branch left it\)$/);
  assert.equal(await titleIn(base.dir), 'Before');
});

test('a commit, a tag and a work tree of the same repository are taken', async (t) => {
  const { dir, left } = await repository(t);
  git(dir, 'tag', 'v1', left);
  git(dir, 'worktree', 'add', '-q', join(dir, '..', `${left.slice(0, 8)}-tree`), 'main');
  const tree = join(dir, '..', `${left.slice(0, 8)}-tree`);
  t.after(() => rm(tree, { recursive: true, force: true }));
  for (const [at, name, title] of [
    [dir, left, 'Before'],
    [dir, 'v1', 'Before'],
    [dir, 'HEAD', 'After'],
    [tree, 'main', 'Meanwhile'],
  ] as const) {
    const base = await findBase(join(at, 'apis/shop'), name);
    assert.equal(await titleIn(base.dir), title, name);
    await base.close();
  }
});

test('a history that ends before the two meet compares with the tip', async (t) => {
  const { dir } = await repository(t);
  const clone = await folder(t);
  git(clone, 'clone', '-q', '--depth=1', '--no-single-branch', '--branch', 'change', `file://${dir}`, 'here');
  const base = await findBase(join(clone, 'here/apis/shop'), 'origin/main');
  t.after(base.close);
  assert.match(base.name, /^origin\/main \([0-9a-f]{7}\)$/);
  assert.equal(await titleIn(base.dir), 'Meanwhile');
});

test('a project that the base does not have has no folder there', async (t) => {
  const { dir } = await repository(t);
  await write(dir, {
    'apis/new/novastack.yaml': project('New'),
    'apis/shop/sub/novastack.yaml': project('Sub'),
  });
  for (const name of ['apis/new', 'apis/shop/sub'])
    assert.equal((await findBase(join(dir, name), 'main')).dir, undefined);
  await write(dir, { 'apis/novastack.yaml': project('Above') });
  assert.equal((await findBase(join(dir, 'apis'), 'main')).dir, undefined);
});

test('a folder is taken as it is', async (t) => {
  const { dir } = await repository(t);
  const base = await findBase(join(dir, 'apis/shop'), join(dir, 'apis/shop'));
  assert.deepEqual([base.name, base.dir], [join(dir, 'apis/shop'), join(dir, 'apis/shop')]);
});

test('links of the base lead nowhere', async (t) => {
  const { dir } = await repository(t);
  await symlink('/etc', join(dir, 'apis/shop/etc'));
  await symlink('/etc/hostname', join(dir, 'apis/shop/host.yaml'));
  git(dir, 'add', '.');
  git(dir, 'commit', '-qm', 'links');
  const base = await findBase(join(dir, 'apis/shop'), 'HEAD');
  t.after(base.close);
  assert.deepEqual((await readdir(base.dir!)).filter((name) => name !== '.git').sort(), [
    'novastack.yaml',
    'tables',
  ]);
});

test('what is not there is told, with what to name instead', async (t) => {
  const { dir } = await repository(t);
  const alone = await folder(t);
  const cases: readonly (readonly [string, string | undefined, RegExp])[] = [
    [join(dir, 'apis/shop'), 'nowhere', /"nowhere" is neither a folder nor a commit/],
    [join(dir, 'apis/shop'), '--help', /"--help" is neither a folder nor a commit/],
    [join(dir, 'apis/shop'), join(dir, 'apis'), /has no novastack\.yaml/],
    [alone, undefined, /is in no Git repository/],
    [alone, 'main', /"main" is no folder, and .* is in no Git repository/],
  ];
  for (const [at, name, message] of cases)
    await assert.rejects(
      findBase(at, name),
      (error) => error instanceof NoBase && message.test(error.message),
    );
});
