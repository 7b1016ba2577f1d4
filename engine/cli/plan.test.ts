/** `novastack plan` as a person runs it: in a clone, against a branch or a folder. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { after, before, test } from 'node:test';
import type { Scope } from '../../test/database.ts';
import { folder, novastack, withLock } from './story.fixture.ts';

const project = `novastack: 1
project: shop
databases: { main: { engine: embedded, migrations: migrations } }
auth: { anonymous: visitor }
roles: { visitor: {}, staff: {} }
tests:
  - { name: visitors read, as: { role: visitor }, allowed: { books: [select] } }
`;
const tableYaml = (columns: string) => `tables:
  books:
    permissions:
      visitor: { select: { columns: [${columns}] } }
      staff: { select: true }
`;
const files = {
  'novastack.yaml': project,
  'tables/books.yaml': tableYaml('id, title'),
  'migrations/0001_books.sql': 'create table books (id integer primary key, title text, cost numeric);',
};

let locked = files;
before(async () => {
  locked = await withLock({ after }, files);
});

function git(dir: string, ...args: string[]): void {
  const who = {
    GIT_AUTHOR_NAME: 'Ada',
    GIT_AUTHOR_EMAIL: 'a@example.com',
    GIT_COMMITTER_NAME: 'Ada',
    GIT_COMMITTER_EMAIL: 'a@example.com',
  };
  const env = { PATH: process.env.PATH, HOME: '/nonexistent', GIT_CONFIG_NOSYSTEM: '1', ...who };
  execFileSync('git', ['-c', 'init.defaultBranch=main', ...args], { cwd: dir, env });
}

/** A clone whose branch gives visitors the cost. */
async function clone(t: Scope): Promise<string> {
  const dir = await folder(t, locked);
  git(dir, 'init', '-q');
  git(dir, 'add', '.');
  git(dir, 'commit', '-qm', 'before');
  git(dir, 'checkout', '-qb', 'change');
  await writeFile(path.join(dir, 'tables/books.yaml'), tableYaml('id, title, cost'));
  return dir;
}

test('says who gains what, where, and how to accept it', async (t) => {
  const dir = await clone(t);
  const { code, stdout, stderr } = await novastack(['plan', '--base', 'main'], { cwd: dir });
  assert.deepEqual([code, stderr], [1, '']);
  assert.match(stdout, /^ {2}gain {2}read-gained {2}tables\/books\.yaml:4:\d+ {2}fp[0-9a-f]{14}$/m);
  assert.match(stdout, /"visitor" gains read of "books\.cost"\./);
  assert.match(stdout, /^Tests {2}1 passed/m);
  assert.match(stdout, /approvals\.yaml/);
  assert.match(stdout, /compared with main \([0-9a-f]{7}\)/);
});

test('approvals.yaml makes it pass', async (t) => {
  const dir = await clone(t);
  const json = await novastack(['plan', dir, '--base', 'main', '--format', 'json'], { cwd: dir });
  const [change] = JSON.parse(json.stdout).projects[0].changes;
  assert.deepEqual([json.code, change.needs_acceptance, change.accepted], [1, true, null]);
  const approval = `- { fingerprint: ${change.fingerprint}, reason: It is printed on the cover, expires: 2999-01-01 }\n`;
  await writeFile(path.join(dir, 'approvals.yaml'), approval);
  const { code, stdout } = await novastack(['plan', dir, '--base', 'main'], { cwd: dir });
  assert.equal(code, 0, stdout);
  assert.match(stdout, /It is printed on the cover/);
});

test('a folder is a base, and what has not changed is told in a line', async (t) => {
  const [base, head] = [await folder(t, locked), await folder(t, locked)];
  const { code, stdout } = await novastack(['plan', head, '--base', base]);
  assert.equal(code, 0);
  assert.match(stdout, /✓ /);
});

test('the gate decides on the exit code alone', async (t) => {
  const dir = await clone(t);
  const run = (...args: string[]) =>
    novastack(['plan', dir, '--base', 'main', '--no-tests', ...args], { cwd: dir });
  const told = await Promise.all(
    ['invalid', 'error', 'warning', 'never'].map(async (gate) => [gate, (await run('--fail-on', gate)).code]),
  );
  assert.deepEqual(Object.fromEntries(told), { invalid: 0, error: 1, warning: 1, never: 0 });
});

test('forms for programs stand alone on stdout', async (t) => {
  const dir = await clone(t);
  const run = (form: string) =>
    novastack(['plan', dir, '--base', 'main', '--no-tests', '--format', form], { cwd: dir });
  const [github, sarif, markdown] = await Promise.all(['github', 'sarif', 'markdown'].map(run));
  assert.match(github!.stdout, /^::error file=tables\/books\.yaml,line=4,col=\d+,title=read-gained::/);
  const { results } = JSON.parse(sarif!.stdout).runs[0];
  assert.equal(results[0].ruleId, 'read-gained');
  assert.match(markdown!.stdout, /`visitor` \*\*gains\*\* read of `books\.cost`/);
  assert.deepEqual(
    [github, sarif, markdown].map((ended) => [ended!.code, ended!.stderr]),
    Array(3).fill([1, '']),
  );
});

test('runs without a database, a variable or a secret of the project', async (t) => {
  const server = {
    ...locked,
    'novastack.yaml': project.replace('engine: embedded', 'engine: postgres, url: "${env:SHOP_URL}"'),
  };
  const dir = await folder(t, server);
  const { code, stdout } = await novastack(['plan', dir, '--base', dir]);
  assert.equal(code, 0, stdout);
});

test('what is no base is bad input, and says what one is', async (t) => {
  const [dir, alone] = [await clone(t), await folder(t, locked)];
  const cases = [
    [dir, ['--base', 'nowhere'], /error: "nowhere" is neither a folder nor a commit/],
    [alone, [], /error: .* is in no Git repository/],
    [dir, ['--base', 'main', '--fail-on', 'breaking'], /does not take "breaking"/],
  ] as const;
  for (const [cwd, args, message] of cases) {
    const { code, stdout, stderr } = await novastack(['plan', ...args], { cwd });
    assert.deepEqual([code, stdout], [2, '']);
    assert.match(stderr, message);
  }
});

test('a clone that lacks objects of the base is told as that', async (t) => {
  const dir = await clone(t);
  await rm(path.join(dir, '.git/objects'), { recursive: true });
  const { code, stderr } = await novastack(['plan', '--base', 'main'], { cwd: dir });
  assert.ok(code === 2 || code === 3, stderr);
  assert.match(stderr, /^error: /);
});
