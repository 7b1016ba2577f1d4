import assert from 'node:assert/strict';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { folder, novastack, start } from './story.fixture.ts';

const project = (tests: string) => `novastack: 1
project: shop
databases: { main: { engine: embedded, migrations: migrations } }
auth: { anonymous: visitor }
roles: { visitor: {}, staff: {} }
tables:
  books:
    permissions:
      visitor: { select: { columns: [id, title] } }
      staff: { select: true, insert: { columns: [title] } }
tests:
${tests}`;
const migration = `create table books (id integer generated always as identity primary key, title text not null);
insert into books (title) values ('A'), ('B');
`;

/** No database is there for these: the migrations could not even be run. */
const statements = `  - name: visitors write nothing
    as: anonymous
    denied: { books: [insert, update, delete] }
  - name: "hostile <&\\"'> ::error::%0A ]]> \\e[31m"
    as: { role: staff }
    denied: { books: [insert, delete] }
    allowed: { books: [select, update] }
`;
const broken = { 'novastack.yaml': project(statements), 'migrations/0001_x.sql': 'this is no SQL' };

const untimed = (text: string) => text.replace(/\b\d+(\.\d+)? m?s\b/g, '# ms');

test('judges statements without any database, and shows what does not hold', async (t) => {
  const { code, stdout, stderr } = await novastack(['test', await folder(t, broken), '--coverage-min', '50']);
  assert.deepEqual([code, stderr], [1, '']);
  assert.equal(
    untimed(stdout),
    `shop: 2 tests

  ✓ visitors write nothing
  ✗ hostile <&"'> ::error::%0A ]]> \\u001b[31m

FAIL hostile <&"'> ::error::%0A ]]> \\u001b[31m

  novastack.yaml:17:23
    15 |   - name: "hostile <&\\"'> ::error::%0A ]]> \\e[31m"
    16 |     as: { role: staff }
  > 17 |     denied: { books: [insert, delete] }
       |                       ^
  Role "staff" may insert books.

  novastack.yaml:18:32
    16 |     as: { role: staff }
    17 |     denied: { books: [insert, delete] }
  > 18 |     allowed: { books: [select, update] }
       |                                ^
  Role "staff" may not update books.

Coverage: 87.5 %, 7 of 8 verbs of roles on tables (s select, i insert, u update, d delete, · not exercised)
         visitor  staff
  books  ·iud     siud

2 tests: 1 passed, 1 failed (# ms)
`,
  );
});

test('fails below the coverage that is asked for, and names what is missing', async (t) => {
  const dir = await folder(t, broken);
  const { code, stdout } = await novastack(['test', dir, '--filter', 'VISITORS', '--coverage-min', '80']);
  assert.equal(code, 1);
  assert.match(
    stdout,
    /\nerror COVERAGE_LOW\n {2}The tests exercise 37\.5 %, 3 of 8 verbs of roles on tables; 80 % are asked for\. Missing:\n {2}visitor: books select\n {2}staff: books select, insert, update, delete\n {2}hint: .+\n\n1 test: 1 passed \(.+\)\n$/,
  );
  const json = JSON.parse(
    (await novastack(['test', dir, '--filter', 'visitors', '--coverage', '--format', 'json'])).stdout,
  );
  assert.deepEqual(json.summary, { tests: 1, passed: 1, failed: 0, skipped: 0, ms: json.summary.ms });
  const { percent, covered, total, missing } = json.coverage;
  assert.deepEqual([percent, covered, total, missing.length], [37.5, 3, 8, 5]);
  assert.deepEqual(missing[0], { role: 'visitor', table: 'books', verb: 'select' });
});

test('annotates for GitHub, with nothing of a name that a runner would take for its own', async (t) => {
  const dir = await folder(t, broken);
  const { code, stdout, stderr } = await novastack(['test', dir, '--format', 'github'], {
    env: { GITHUB_WORKSPACE: path.dirname(dir) },
  });
  const file = `${path.basename(dir)}/novastack.yaml`;
  assert.equal(code, 1);
  assert.equal(untimed(stderr), '2 tests: 1 passed, 1 failed (# ms)\n');
  assert.equal(
    stdout,
    `::error file=${file},line=17,col=23,title=TEST_FAILED::hostile <&"'> ::error::%250A ]]> \\u001b[31m: Role "staff" may insert books.
::error file=${file},line=18,col=32,title=TEST_FAILED::hostile <&"'> ::error::%250A ]]> \\u001b[31m: Role "staff" may not update books.
`,
  );
});

test("prints JUnit's XML alone on stdout, whatever a name holds", async (t) => {
  const { code, stdout } = await novastack(['test', await folder(t, broken), '--format', 'junit']);
  assert.equal(code, 1);
  const told = stdout
    .replace(/timestamp="\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d" hostname="[^"]+"/, 'timestamp="" hostname=""')
    .replace(/time="\d+\.\d{3}"/g, 'time=""');
  assert.equal(
    told,
    `<?xml version="1.0" encoding="UTF-8"?>
<testsuites>
  <testsuite name="shop" package="shop" id="0" timestamp="" hostname="" tests="2" failures="1" errors="0" skipped="0" time="">
    <properties><property name="project" value="shop"/></properties>
    <testcase name="visitors write nothing" classname="novastack.yaml" time=""/>
    <testcase name="hostile &lt;&amp;&quot;'&gt; ::error::%0A ]]&gt; \ufffd[31m" classname="novastack.yaml" time="">
      <failure message="Role &quot;staff&quot; may insert books." type="denied.books">novastack.yaml:17:23 denied.books: Role "staff" may insert books.
novastack.yaml:18:32 allowed.books: Role "staff" may not update books.</failure>
    </testcase>
    <system-out/>
    <system-err/>
  </testsuite>
</testsuites>
`,
  );
});

const requests = `  - name: the first fails
    as: anonymous
    request: { get: "/rest/v1/books?select=id,title&order=id" }
    expect:
      status: 200
      body: [ { id: 1, title: A }, { id: 2, title: C } ]
  - name: the rest is not begun
    as: { role: staff }
    request: { post: /rest/v1/books, body: { title: C } }
    expect: { status: 201 }
`;

test('runs requests on the migrations, shows where an answer differs, and begins no more with --bail', async (t) => {
  const dir = await folder(t, {
    'novastack.yaml': project(requests),
    'migrations/0001_books.sql': migration,
  });
  const { code, stdout, stderr } = await novastack(['test', dir, '--bail']);
  assert.deepEqual([code, stderr], [1, '']);
  assert.equal(
    untimed(stdout),
    `shop: 2 tests

  ✗ the first fails # ms
  - the rest is not begun

FAIL the first fails

  novastack.yaml:17:7
    15 |     expect:
    16 |       status: 200
  > 17 |       body: [ { id: 1, title: A }, { id: 2, title: C } ]
       |       ^
  The body is another.
    [1].title
      expected "C"
      received "B"

  GET /rest/v1/books?select=id,title&order=id as anonymous
  → 200 [{"id":1,"title":"A"},{"id":2,"title":"B"}]

2 tests: 1 failed, 1 skipped (# ms)
`,
  );
});

test('says what is wrong with the project instead of running a test', async (t) => {
  const dir = await folder(t, {
    'novastack.yaml': project(requests.replace('role: staff', 'role: stuff')),
    'migrations/0001_books.sql': migration,
  });
  const { code, stdout, stderr } = await novastack(['test', dir]);
  assert.deepEqual([code, stderr], [1, 'No test was run: the project has 1 error.\n']);
  assert.match(
    stdout,
    /^error UNKNOWN_ROLE {2}novastack\.yaml:19:17\n.+\n {2}hint: did you mean "staff"\?\n$/,
  );
});

test('refuses what cannot be run', async (t) => {
  const none = await folder(t, { 'novastack.yaml': project('').replace('tests:\n', '') });
  assert.deepEqual(await novastack(['test', none]), {
    code: 2,
    stdout: '',
    stderr:
      'error: shop has no tests.\nhint: write some under "tests:", or add --pass-with-no-tests where that is meant\n',
  });
  const may = await novastack(['test', none, '--pass-with-no-tests']);
  assert.deepEqual([may.code, untimed(may.stdout)], [0, 'shop: 0 tests\n\n\n0 tests (# ms)\n']);
  const mysql = await folder(t, {
    'novastack.yaml': project(requests).replace('engine: embedded,', 'engine: mysql, url: "${env:NOT_SET}",'),
    'migrations/0001_books.sql': migration,
  });
  assert.deepEqual(await novastack(['test', mysql]), {
    code: 2,
    stdout: '',
    stderr:
      'error: The database "main" is not PostgreSQL, so its tests need a server.\nhint: give one with --url <url>: tests make databases of their own on it and leave yours alone\n',
  });
  const wrong = await novastack(['test', mysql, '--url', 'postgres://localhost/x']);
  assert.deepEqual([wrong.code, wrong.stdout], [2, '']);
});

test('runs again after a save, and ends cleanly with Ctrl+C', async (t) => {
  const dir = await folder(t, broken);
  const child = start(['test', dir, '--watch']);
  t.after(() => child.kill('SIGKILL'));
  let said = '';
  for (const stream of [child.stdout!, child.stderr!])
    stream.setEncoding('utf8').on('data', (text: string) => {
      said += text;
    });
  const heard = async (text: string) => {
    while (!said.includes(text))
      await Promise.race([once(child.stdout!, 'data'), once(child.stderr!, 'data')]);
    said = '';
  };
  await heard('Waiting for a save');
  await writeFile(
    path.join(dir, 'novastack.yaml'),
    project(statements.replace('insert, delete]', 'delete]')),
  );
  await heard('Waiting for a save');
  await writeFile(path.join(dir, 'novastack.yaml'), project('  - nothing\n'));
  await heard('Waiting for a save');
  child.kill('SIGINT');
  const [code] = await once(child, 'exit');
  assert.equal(code, 0);
  assert.doesNotMatch(said, /\u001b/);
});
