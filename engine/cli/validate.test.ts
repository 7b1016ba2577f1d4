import assert from 'node:assert/strict';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { folder, novastack, withLock } from './story.fixture.ts';

const project = `novastack: 1
project: shop
databases: { main: { engine: embedded, migrations: migrations } }
auth: { anonymous: visitor }
roles: { visitor: {} }
`;
const books = `tables:
  books:
    permissions:
      visitor:
        select: { columns: [id, title], where: { id: { _gt: 0 } } }
`;
const migration = 'create table books (id integer primary key, title text, cost numeric);';

const good = { 'novastack.yaml': project, 'books.yaml': books, 'migrations/0001_books.sql': migration };

let locked = good;
before(async () => {
  locked = await withLock({ after }, good);
});

test('says in one line that there are no problems', async (t) => {
  const dir = await folder(t, good);
  assert.deepEqual(await novastack(['validate', dir]), {
    code: 0,
    stdout: 'shop: 1 table, 1 role, no problems\n',
    stderr: '',
  });
  assert.deepEqual(
    (await novastack(['validate'], { cwd: dir })).stdout,
    'shop: 1 table, 1 role, no problems\n',
  );
});

test('reports everything, language and database alike, sorted by file and line', async (t) => {
  const dir = await folder(t, {
    ...good,
    'books.yaml': books.replace('[id, title]', '[id, titel]'),
    'limits.yaml': 'limits:\n  rows: none\n',
    'other.yaml': 'tables:\n  authors:\n    permission: {}\n',
  });
  const { code, stdout, stderr } = await novastack(['validate', dir]);
  assert.deepEqual([code, stderr], [1, '']);
  const heads = stdout.split('\n').filter((line) => /^(error|warning) /.test(line));
  assert.deepEqual(
    heads.map((line) => line.replace(/^(\S+) \S+ +/, '$1 ')),
    ['error books.yaml:5:33', 'error limits.yaml:2:9', 'error other.yaml:2:3', 'error other.yaml:3:5'],
  );
  assert.match(stdout, /hint: did you mean "title"\?/);
  assert.match(stdout, /hint: did you mean "permissions"\?/);
  assert.match(stdout, /\n\n4 errors in 4 files\n$/);
});

test('holds operations against the roles that may run them', async (t) => {
  const dir = await folder(t, {
    ...locked,
    'operations.yaml': 'operations: { folder: graphql, roles: { Costs: [visitor] } }\n',
    'graphql/titles.graphql': 'query Titles {\n  books { title }\n}\n',
    'graphql/staff/costs.graphql': 'query Costs {\n  books { cost }\n}\n',
  });
  assert.deepEqual(await novastack(['validate', dir]), {
    code: 1,
    stdout: `error OPERATION_NOT_VALID  graphql/staff/costs.graphql:2:11
  Operation "Costs" is not valid for role "visitor": field 'cost' not found in type: 'books'.
  hint: mend it, or take the role out of the line of "Costs" under operations: roles:

1 error in 5 files
`,
    stderr: '',
  });
  await writeFile(path.join(dir, 'books.yaml'), books.replace('[id, title]', '"*"'));
  assert.equal((await novastack(['validate', dir])).code, 0);
});

test('holds operations against nothing where a database is not known', async (t) => {
  const dir = await folder(t, {
    'novastack.yaml': `${project.replace('{ engine: embedded, migrations: migrations }', '{ engine: postgres, url: "${env:SHOP}" }')}operations: operations\n`,
    'books.yaml': books,
    'operations/a.graphql': 'query A { books { id } }\nquery B {',
  });
  const { diagnostics } = JSON.parse((await novastack(['validate', dir, '--format', 'json'])).stdout);
  assert.deepEqual(
    diagnostics.map(({ code }: { code: string }) => code),
    ['NO_CATALOG', 'GRAPHQL_SYNTAX'],
  );
});

test('says of a MySQL database that nobody knows what to do, as of any other', async (t) => {
  const dir = await folder(t, {
    'novastack.yaml': project.replace(
      '{ engine: embedded, migrations: migrations }',
      '{ engine: mysql, url: "${env:SHOP_URL}" }',
    ),
  });
  const { diagnostics } = JSON.parse((await novastack(['validate', dir, '--format', 'json'])).stdout);
  assert.deepEqual(
    diagnostics.map(({ code, hint }: { code: string; hint: string }) => [code, hint]),
    [
      [
        'NO_CATALOG',
        'run "novastack lock" against the database and commit novastack.lock/, or give it "migrations:"',
      ],
    ],
  );
});

test('says where the catalog comes from when migrations are for MySQL', async (t) => {
  const dir = await folder(t, {
    'novastack.yaml': project.replace(
      '{ engine: embedded, migrations: migrations }',
      '{ engine: mysql, url: "${env:SHOP_URL}", migrations: migrations }',
    ),
    'migrations/0001_books.sql': 'create table books (id int auto_increment primary key)',
  });
  const { diagnostics } = JSON.parse((await novastack(['validate', dir, '--format', 'json'])).stdout);
  assert.deepEqual(
    diagnostics.map(({ message, hint }: { message: string; hint: string }) => [message, hint]),
    [
      [
        'The migrations of database "main" cannot be run here (they are for MySQL or MariaDB, and the embedded database is Postgres), so its tables were checked as YAML alone.',
        'run "novastack migrate up" against the database and commit novastack.lock/',
      ],
    ],
  );
});

test('prints JSON alone, with every field', async (t) => {
  const dir = await folder(t, { ...locked, 'books.yaml': books.replace('visitor:', 'visitr:') });
  const { code, stdout, stderr } = await novastack(['validate', dir, '--format', 'json']);
  assert.deepEqual([code, stderr], [1, '']);
  const { diagnostics } = JSON.parse(stdout);
  assert.equal(diagnostics.length, 1);
  const { message, ...rest } = diagnostics[0];
  assert.match(message, /"visitr"/);
  assert.deepEqual(rest, {
    code: 'UNKNOWN_ROLE',
    severity: 'error',
    hint: 'did you mean "visitor"?',
    file: 'books.yaml',
    line: 4,
    column: 7,
    related: [],
  });
  const none = await novastack(['validate', await folder(t, locked), '--format', 'json']);
  assert.deepEqual(none, { code: 0, stdout: '{\n  "diagnostics": []\n}\n', stderr: '' });
});

test('annotates for GitHub with paths from the root of the repository', async (t) => {
  const root = await folder(t);
  const dir = path.join(root, 'apis', 'shop');
  await mkdir(dir, { recursive: true });
  for (const [file, text] of Object.entries({ 'novastack.yaml': project, 'books.yaml': 'tables: [\n' })) {
    await writeFile(path.join(dir, file), text);
  }
  const { code, stdout } = await novastack(['validate', dir, '--format', 'github'], {
    env: { GITHUB_WORKSPACE: root },
  });
  assert.equal(code, 1);
  assert.match(stdout, /^::error file=apis\/shop\/books\.yaml,line=\d+,col=\d+,title=YAML_SYNTAX::/);
});

test('prints SARIF alone', async (t) => {
  const dir = await folder(t, { ...locked, 'books.yaml': books.replace('visitor:', 'visitr:') });
  const { stdout } = await novastack(['validate', dir, '--format', 'sarif']);
  const { version, runs } = JSON.parse(stdout);
  assert.deepEqual(
    [version, runs[0].results.length, runs[0].results[0].ruleId],
    ['2.1.0', 1, 'UNKNOWN_ROLE'],
  );
});

test('a migration that fails is an error where the database is embedded', async (t) => {
  const dir = await folder(t, { ...good, 'migrations/0002_wrong.sql': 'select 1;\nselect nonsense;\n' });
  const { code, stdout } = await novastack(['validate', dir]);
  assert.equal(code, 1);
  assert.match(stdout, /^error MIGRATION_FAILED {2}migrations\/0002_wrong\.sql:2:8\n/);
});

test('on a server it may only need what the embedded database lacks, so the YAML is checked alone', async (t) => {
  const dir = await folder(t, {
    ...good,
    'novastack.yaml': project.replace('engine: embedded,', 'engine: postgres, url: "${env:NOT_READ}",'),
    'migrations/0001_books.sql': 'create extension postgis;',
  });
  const { code, stdout } = await novastack(['validate', dir]);
  assert.equal(code, 0);
  assert.match(
    stdout,
    /^warning NO_CATALOG {2}novastack\.yaml:3:14\n {2}The migrations of database "main" cannot be run here \(migrations\/0001_books\.sql:1: .+postgis.+\), so its tables were checked as YAML alone\./,
  );
  assert.match(stdout, /\n\nshop: 1 table, 1 role, 1 warning\n$/);
});

test('with neither lock nor migrations it checks the YAML alone and says so', async (t) => {
  const dir = await folder(t, {
    'novastack.yaml': project.replace('{ engine: embedded, migrations: migrations }', '{ engine: embedded }'),
    'books.yaml': books,
  });
  const { code, stdout } = await novastack(['validate', dir]);
  assert.equal(code, 0);
  assert.match(stdout, /^warning NO_CATALOG {2}novastack\.yaml:3:14\n/);
});

test('a lock is enough, until a migration is added without it', async (t) => {
  const dir = await folder(t, good);
  const up = await novastack(['migrate', 'up', dir]);
  assert.equal(up.code, 0, up.stderr);
  assert.match(
    await readFile(path.join(dir, 'novastack.lock/main/tables/public.books.yaml'), 'utf8'),
    /cost/,
  );
  await writeFile(path.join(dir, 'books.yaml'), books.replace('[id, title]', '[id, cost]'));
  assert.equal((await novastack(['validate', dir])).stdout, 'shop: 1 table, 1 role, no problems\n');

  await writeFile(path.join(dir, 'migrations/0002_more.sql'), 'alter table books add pages integer;');
  const stale = await novastack(['validate', dir]);
  assert.equal(stale.code, 1);
  assert.match(stale.stdout, /^error LOCK_STALE /);
  assert.match(stale.stdout, /novastack migrate up/);

  await rm(path.join(dir, 'novastack.lock'), { recursive: true });
  assert.equal((await novastack(['validate', dir])).code, 0);
});

test('refuses what is no project, and points at those that lie below', async (t) => {
  const dir = await folder(t, { 'apis/shop/novastack.yaml': project, 'file.txt': '' });
  assert.deepEqual(await novastack(['validate'], { cwd: dir }), {
    code: 2,
    stdout: '',
    stderr: `error: ${dir} is not a project: it has no novastack.yaml.\nhint: there is one in apis/shop: name its folder\n`,
  });
  assert.deepEqual(await novastack(['validate', 'nowhere', '--format', 'json'], { cwd: dir }), {
    code: 2,
    stdout: '',
    stderr: `error: There is no folder ${path.join(dir, 'nowhere')}.\n`,
  });
  assert.equal((await novastack(['validate', 'file.txt'], { cwd: dir })).code, 2);
});
