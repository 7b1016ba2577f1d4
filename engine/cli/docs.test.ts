import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { folder, novastack } from './story.fixture.ts';

const files = {
  'novastack.yaml': `novastack: 1
project: shop
databases: { main: { engine: embedded, migrations: migrations } }
roles: { staff: {} }
tables: { books: { permissions: { staff: { select: true } } } }
`,
  'migrations/0001_books.sql': 'create table books (id integer primary key);',
};

test('builds nothing from a project with errors', async (t) => {
  const dir = await folder(t, { ...files, 'more.yaml': 'tables: { authors: {} }\n' });
  const { code, stdout, stderr } = await novastack(['docs', '--out', 'out'], { cwd: dir });
  assert.deepEqual([code, stderr], [1, '']);
  assert.match(stdout, /^error BIND_RELATION_NOT_FOUND {2}more\.yaml:1:11\n/);
  assert.equal((await readdir(dir)).includes('out'), false);
});

test('replaces no folder that holds something else', async (t) => {
  const dir = await folder(t, { ...files, 'out/mine.txt': 'mine' });
  const { code, stderr } = await novastack(['docs', '--out', 'out'], { cwd: dir });
  assert.notEqual(code, 0);
  assert.match(stderr, /\nerror: The folder ".+out" holds something other than a documentation site\.\n/);
  assert.deepEqual(await readdir(path.join(dir, 'out')), ['mine.txt']);
});

test('refuses an origin that is none', async (t) => {
  const dir = await folder(t, files);
  assert.deepEqual(await novastack(['docs', '--origin', 'api.example.eu'], { cwd: dir }), {
    code: 2,
    stdout: '',
    stderr:
      'error: Option --origin does not understand "api.example.eu".\nhint: write it as https://api.example.eu\n',
  });
});

const roles = {
  ...files,
  'novastack.yaml': `novastack: 1
project: shop
databases: { main: { engine: embedded, migrations: migrations } }
auth: { anonymous: visitor }
roles: { visitor: {}, staff: {} }
tables: { books: { permissions: { visitor: { select: true }, staff: { select: true } } } }
`,
};

test('knows the roles that it is told to build', async (t) => {
  const dir = await folder(t, roles);
  const refused = async (...given: readonly string[]) => {
    const { code, stderr } = await novastack(['docs', ...given], { cwd: dir });
    return [code, stderr];
  };
  assert.deepEqual(await refused('--role', 'staf'), [
    2,
    'error: There is no role "staf" in the project.\nhint: did you mean "staff"?\n',
  ]);
  assert.deepEqual(await refused('--role', 'staff', '--all-roles'), [
    2,
    'error: Options --all-roles and --role exclude each other.\nhint: give one of them\n',
  ]);
});

for (const { given, says } of [
  { given: [], says: 'Building the documentation of shop for visitor.' },
  {
    given: ['--role', 'staff', '--role', 'visitor', '--role', 'staff'],
    says: 'Building the documentation of shop for staff, visitor; not public: staff.',
  },
  {
    given: ['--all-roles'],
    says: 'Building the documentation of shop for visitor, staff; not public: staff.',
  },
]) {
  test(`says for whom it builds with ${given.join(' ') || 'no option'}`, async (t) => {
    // What is there stands in the way, so that nothing is built.
    const dir = await folder(t, { ...roles, 'out/mine.txt': 'mine' });
    const { stderr } = await novastack(['docs', '--out', 'out', ...given], { cwd: dir });
    assert.equal(stderr.split('\n')[0], says);
  });
}
