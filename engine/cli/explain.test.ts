/** `novastack explain` as a person meets it: words, tables and SQL of every database, and nothing that is run. */
import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { Readable, Writable } from 'node:stream';
import { test } from 'node:test';
import { createDatabase, type Scope, type TestEngine } from '../../test/database.ts';
import { onEveryEngine } from '../../test/engines.ts';
import { createProject } from '../../test/project.ts';
import { writeLock } from '../catalog/lock.ts';
import { explain } from './explain.ts';
import { Failure } from './failure.ts';
import { parse } from './parse.ts';
import { folder, novastack } from './story.fixture.ts';
import { openTerminal } from './terminal.ts';

const sql = (options: string) => `
  CREATE TABLE teams (id int PRIMARY KEY, name varchar(40) NOT NULL)${options};
  CREATE TABLE notes (
    id int PRIMARY KEY,
    title varchar(80) NOT NULL,
    email varchar(80),
    published boolean NOT NULL,
    owner varchar(40) NOT NULL,
    team_id int NOT NULL,
    secret varchar(40),
    FOREIGN KEY (team_id) REFERENCES teams (id)
  )${options};
`;

const project = (engine: string) => `novastack: 1
project: notes
databases: { main: { engine: ${engine}, url: "\${env:NOT_READ}" } }
auth: { anonymous: visitor }
roles:
  visitor: {}
  member: { inherits: [visitor], description: Writes notes. }
  admin: { everything: true }
tables:
  teams: { permissions: { visitor: { select: true } } }
`;

const notes = `tables:
  notes:
    columns: { secret: { hidden: true } }
    permissions:
      visitor:
        select: { columns: [id, title, team_id], where: { published: true } }
      member:
        select:
          columns: { "*": true, email: { when: { owner: $jwt.sub } } }
          where: { team: { name: $jwt.team } }
          limit: 50
          aggregate: { min_group: 5 }
        insert:
          columns: [id, title, team_id]
          set: { owner: $jwt.sub, published: false }
          check: { title: { _neq: "" } }
        update:
          columns: [title]
          where: { owner: $jwt.sub }
`;

async function projectOn(t: Scope, engine: TestEngine): Promise<string> {
  const database = await createDatabase(t, engine);
  // Their default is another one from version to version, and is named where texts are compared.
  const options = engine === 'postgres' ? '' : ' DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci';
  const { api } = await createProject(t, { engine, database, sql: sql(options), yaml: '' });
  const dir = await folder(t as never, {
    'novastack.yaml': project(engine === 'postgres' ? 'postgres' : 'mysql'),
    'tables/notes.yaml': notes,
  });
  const { catalog } = api.databases.get('main')!;
  await writeLock(dir, {
    databases: new Map([['main', { catalog, names: new Map(), migrations: undefined }]]),
  });
  return dir;
}

/** What it prints in this process, or how it refuses. */
async function told([role, ...words]: readonly string[], dir: string): Promise<string> {
  let text = '';
  const stream = new Writable({
    write(chunk, _encoding, done) {
      text += chunk;
      done();
    },
  });
  const terminal = openTerminal({ stdin: Readable.from([]), stdout: stream, stderr: stream });
  const table = words.length === 0 || words[0]!.startsWith('-') ? [] : words.slice(0, 1);
  const input = parse(explain, [role!, ...table, dir, ...words.slice(table.length)]);
  try {
    await explain.run(input, terminal);
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    return `error: ${error.message}\nhint: ${error.hint}\n`;
  }
  return text;
}

/** What a story printed, beside this file; NOVASTACK_RECORD=1 writes it. */
async function recorded(name: string, printed: string): Promise<void> {
  const file = path.join(import.meta.dirname, `explain.${name}.recorded.txt`);
  if (process.env.NOVASTACK_RECORD === '1') await writeFile(file, printed);
  assert.equal(printed, await readFile(file, 'utf8'));
}

onEveryEngine((engine) => {
  test(`tells of a table, a read and a write in the SQL of ${engine}`, async (t) => {
    const dir = await projectOn(t, engine);
    const claims = ['--claims', '{"sub":"ann","team":"red"}'];
    const [read, write] = await Promise.all([
      novastack(['explain', 'member', 'notes', dir, '--request', '/rest/v1/notes?select=id,email&id=gt.5', ...claims]),
      novastack(['explain', 'member', dir, '--request', 'PATCH /rest/v1/notes?id=eq.5', '--body', '{"title":"x"}', ...claims]),
    ]); // biome-ignore format: as typed
    assert.deepEqual([read.code, read.stderr, write.code, write.stderr], [0, '', 0, '']);
    await recorded(engine, `${read.stdout}\n${write.stdout}`);
  });
});

test('tells of a whole role, of GraphQL, of what is refused, and of what it does not know', async (t) => {
  const dir = await projectOn(t, 'postgres');
  const stories: readonly [readonly string[], string][] = [
    [
      ['member'],
      `member  inherits visitor
  Writes notes.

  table  select                                   insert   update     delete
  teams  all rows                                 -        -          -
  notes  some rows, 6 of 6 columns, 3 not always  checked  some rows  -
`,
    ],
    [
      ['visitor', 'notes', '--request', 'DELETE /rest/v1/notes?id=eq.1'],
      `visitor on notes  public.notes in database main

  select  some rows; 3 of 7 columns
  insert  no
  update  no
  delete  no

select
  rows        { published: true }
              "notes"."published" = $1::"pg_catalog"."bool"
              with $1 true
  from        visitor  tables/notes.yaml:6
  columns     id, title, team_id
  not         email, published, owner, secret (hidden)
  limit       1000 rows of each list
  aggregates  no

relationships
  team  one   teams  team_id = teams.id

DELETE /rest/v1/notes?id=eq.1  without a token

refused: 401 42501
  permission denied for table notes
  hint: Role "visitor" may not delete from it.
`,
    ],
    [
      ['admin', 'teams'],
      `admin on teams  public.teams in database main
  may do everything

  select  every row; 2 of 2 columns; aggregates
  insert  2 columns; nothing is checked
  update  every row; 2 columns; nothing is checked
  delete  every row

select
  rows        every row
  from        admin  novastack.yaml:8
  columns     id, name
  limit       1000 rows of each list
  aggregates  yes

insert
  from        admin  novastack.yaml:8
  columns     id, name
  check       nothing

update
  rows        every row
  from        admin  novastack.yaml:8
  columns     id, name
  check       the same, of the row as it is then

delete
  rows        every row
  from        admin  novastack.yaml:8

relationships
  notes  many  notes  id = notes.team_id
`,
    ],
    [
      ['member', '--graphql', 'query ($id: Int!) { notes_by_pk(id: $id) { title } }', '--variables', '{"id":7}'],
      `POST /graphql/v1  with a token

read notes  database main
  SELECT coalesce((json_agg(row_to_json("t2".*)) -> 0)::text, 'null'), count(*)
  FROM (
    SELECT "t0"."title" AS "title"
    FROM "public"."notes" AS "t0"
    WHERE ((EXISTS (
      SELECT 1
      FROM "public"."teams" AS "t1"
      WHERE "t1"."id" = "t0"."team_id" AND "t1"."name" = $1::"pg_catalog"."varchar"
    ) OR "t0"."published" = $2::"pg_catalog"."bool") AND "t0"."id" = $3::"pg_catalog"."int4")
    LIMIT 1
  ) AS "t2"

  $1  null  $jwt.team, which is not there
  $2  true
  $3  7
`,
    ],
    [
      ['member', '--graphql', '{ notes { secret } }'],
      `POST /graphql/v1  with a token

refused: 200 validation-failed
  field 'secret' not found in type: 'notes'.
`,
    ],
    [
      ['visitor', '--request', '/rest/v1/'],
      'GET /rest/v1/  without a token\n\n  No statement: it is answered without the database.\n',
    ],
    [['membr'], 'error: There is no role "membr".\nhint: did you mean "member"?\n'],
    [['nobody'], 'error: There is no role "nobody".\nhint: the roles are visitor, member, admin\n'],
    [['member', 'note'], 'error: There is no table "note" under tables:.\nhint: did you mean "notes"?\n'],
    [
      ['member', '--request', 'rest/v1/notes'],
      'error: "rest/v1/notes" is no path of a request.\nhint: write it as a client sends it: \'/rest/v1/books?select=id\'\n',
    ],
    [
      ['member', '--variables', '{}'],
      'error: Option --variables goes with --graphql.\nhint: add --graphql, or leave --variables out\n',
    ],
    [
      ['member', '--claims', '[]'],
      'error: --claims is JSON, but not an object.\nhint: write an object, in quotes for the shell: --claims \'{"sub": "7"}\'\n',
    ],
  ]; // biome-ignore format: words as they are typed
  for (const [words, expected] of stories) assert.equal(await told(words, dir), expected, words.join(' '));
});

test('tells programs the same as JSON', async (t) => {
  const dir = await projectOn(t, 'postgres');
  const words = ['visitor', 'notes', dir, '--request', '/rest/v1/notes?select=id', '--format', 'json'];
  const { code, stdout } = await novastack(['explain', ...words]);
  const { table, request, role } = JSON.parse(stdout);
  assert.deepEqual(
    [code, role, table.select.rows.text, table.select.origins, table.insert, request.refusal, request.caller],
    [0, undefined, '{ published: true }', [{ role: 'visitor', file: 'tables/notes.yaml', line: 6, policy: '{ published: true }' }], undefined, undefined, 'anonymous'],
  ); // biome-ignore format: a line
  assert.equal(request.statements.length, 1);
  assert.match(request.statements[0].text, /^SELECT .*"t0"\."published" = \$1/);
  assert.deepEqual(request.statements[0].parameters, [{ value: 'true' }]);
});
