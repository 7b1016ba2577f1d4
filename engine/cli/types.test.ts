import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { folder, novastack, withLock } from './story.fixture.ts';

const project = `novastack: 1
project: shop
databases: { main: { engine: embedded, migrations: migrations } }
auth: { anonymous: visitor }
roles: { visitor: {}, staff: {} }
`;
const files = {
  'novastack.yaml': project,
  'books.yaml': `tables:
  books:
    columns: { cost: { hidden: true } }
    permissions:
      visitor: { select: { columns: [id, title] } }
      staff: { select: true, insert: true }
`,
  'migrations/0001_books.sql':
    'create table books (id integer primary key, title text not null, cost numeric, pages integer);',
};

let locked = files;
before(async () => {
  locked = await withLock({ after }, files);
});

/** The table as it stands in the printed file, without indentation. */
function booksOf(stdout: string): string {
  const [, table] = /^ {6}books: \{\n([\s\S]*?)^ {6}\}/m.exec(stdout)!;
  return table!.replace(/^ {8}/gm, '');
}

test('prints what the project exposes, alone on stdout, the same each time', async (t) => {
  const dir = await folder(t, files);
  const { code, stdout, stderr } = await novastack(['types', dir]);
  assert.deepEqual([code, stderr], [0, '']);
  assert.match(stdout, /^export type Json =\n/);
  assert.match(stdout, /\nexport type Database = \{\n[\s\S]+\n\} as const\n$/);
  assert.equal(
    booksOf(stdout),
    `Row: {
  id: number
  pages: number | null
  title: string
}
ComputedFields: never
Insert: {
  id: number
  pages?: number | null
  title: string
}
Update: {
  id?: number
  pages?: number | null
  title?: string
}
Relationships: []
`,
  );
  assert.deepEqual(await novastack(['types', '--lang', 'typescript'], { cwd: dir }), {
    code,
    stdout,
    stderr,
  });
});

test('prints what one role may do', async (t) => {
  const dir = await folder(t, locked);
  const { code, stdout, stderr } = await novastack(['types', dir, '-r', 'visitor']);
  assert.deepEqual([code, stderr], [0, '']);
  assert.equal(
    booksOf(stdout),
    `Row: {
  id: number
  title: string
}
ComputedFields: never
Insert: {
  id?: never
  title?: never
}
Update: {
  id?: never
  title?: never
}
Relationships: []
`,
  );
});

test('prints the GraphQL schema of a role, the anonymous one by itself', async (t) => {
  const dir = await folder(t, locked);
  const visitor = await novastack(['types', dir, '--graphql']);
  assert.deepEqual([visitor.code, visitor.stderr], [0, '']);
  assert.match(
    visitor.stdout,
    /^schema \{\n {2}query: query_root\n {2}subscription: subscription_root\n\}\n/,
  );
  assert.match(visitor.stdout, /\ntype books \{\n {2}id: Int!\n {2}title: String!\n\}\n/);
  assert.deepEqual(await novastack(['types', dir, '--graphql', '--role', 'visitor']), visitor);
  const staff = await novastack(['types', dir, '--graphql', '--role', 'staff']);
  assert.match(
    staff.stdout,
    /^schema \{\n {2}query: query_root\n {2}mutation: mutation_root\n {2}subscription: subscription_root\n\}\n/,
  );
  assert.match(staff.stdout, /\ntype books \{\n {2}id: Int!\n {2}pages: Int\n {2}title: String!\n\}\n/);
  assert.doesNotMatch(staff.stdout, /cost/);
});

test('says whose GraphQL schema it does not know', async (t) => {
  const dir = await folder(t, {
    ...locked,
    'novastack.yaml': project.replace('auth: { anonymous: visitor }\n', ''),
  });
  assert.deepEqual(await novastack(['types', dir, '--graphql']), {
    code: 2,
    stdout: '',
    stderr:
      'error: Each role has a GraphQL schema of its own, and the project has no anonymous role: write --role <name>.\nhint: the roles are visitor, staff\n',
  });
});

test('refuses a role that is none, and options that exclude each other', async (t) => {
  const dir = await folder(t, locked);
  const refused = async (args: readonly string[], stderr: string) =>
    assert.deepEqual(await novastack(['types', dir, ...args]), { code: 2, stdout: '', stderr });
  await refused(['--role', 'staf'], 'error: There is no role "staf".\nhint: did you mean "staff"?\n');
  await refused(
    ['--role', '__proto__'],
    'error: There is no role "__proto__".\nhint: the roles are visitor, staff\n',
  );
  await refused(
    ['--lang', 'typescript', '--graphql'],
    'error: Options --lang and --graphql exclude each other.\nhint: leave one of them out\n',
  );
  assert.equal((await novastack(['types', dir, '--lang', 'swift'])).code, 2);
});

test('prints no types of a project with errors', async (t) => {
  const dir = await folder(t, { ...locked, 'more.yaml': 'tables: { authors: {} }\n' });
  const { code, stdout, stderr } = await novastack(['types', dir]);
  assert.deepEqual([code, stdout], [1, '']);
  assert.match(stderr, /^error BIND_RELATION_NOT_FOUND {2}more\.yaml:1:11\n/);
});

test('prints no types where nothing tells what the database looks like', async (t) => {
  const dir = await folder(t, {
    ...files,
    'novastack.yaml': project.replace('engine: embedded, migrations: migrations', 'engine: embedded'),
  });
  const { code, stdout, stderr } = await novastack(['types', dir]);
  assert.deepEqual([code, stdout], [2, '']);
  assert.match(stderr, /^warning NO_CATALOG /);
  assert.match(
    stderr,
    /\nerror: There are no types to print: no table could be compared with a database\.\n$/,
  );
});
