/** The committed bundle as GitHub's runner runs it: inputs in the environment, files for outputs, a verdict. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, type TestContext, test } from 'node:test';
import { installAction } from '../test/action/bundle.ts';

const bundle = await installAction({ after });

interface Story {
  readonly code: number;
  readonly stdout: string;
  readonly outputs: ReadonlyMap<string, string>;
  readonly summary: string;
}

async function runAction(
  t: TestContext,
  files: Readonly<Record<string, string>>,
  inputs: Readonly<Record<string, string>> = {},
): Promise<Story> {
  const { workspace, action } = await folders(t);
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(workspace, name)), { recursive: true });
    await writeFile(join(workspace, name), text);
  }
  return runIn(workspace, action, inputs);
}

async function folders(t: TestContext): Promise<{ workspace: string; action: string }> {
  const top = await mkdtemp(join(tmpdir(), 'action-test-'));
  t.after(() => rm(top, { recursive: true, force: true }));
  const [workspace, action] = [join(top, 'workspace'), join(top, 'action')];
  for (const folder of [workspace, action]) await mkdir(folder);
  return { workspace, action };
}

async function runIn(
  workspace: string,
  action: string,
  inputs: Readonly<Record<string, string>>,
): Promise<Story> {
  const files = { GITHUB_OUTPUT: join(action, 'output'), GITHUB_STEP_SUMMARY: join(action, 'summary') };
  const env = {
    PATH: process.env.PATH,
    HOME: action,
    RUNNER_TEMP: action,
    GITHUB_ACTIONS: 'true',
    GITHUB_WORKSPACE: workspace,
    ...files,
    ...Object.fromEntries(
      Object.entries({ command: 'validate', ...inputs }).map(([name, value]) => [
        `INPUT_${name.toUpperCase()}`,
        value,
      ]),
    ),
  };
  const [code, stdout] = await new Promise<[number, string]>((resolve) => {
    execFile(process.execPath, [bundle.entry], { cwd: workspace, env }, (error, out, err) => {
      resolve([typeof error?.code === 'number' ? error.code : error === null ? 0 : -1, out + err]);
    });
  });
  const [output, summary] = await Promise.all(
    Object.values(files).map((file) => readFile(file, 'utf8').catch(() => '')),
  );
  return { code, stdout, outputs: readOutputs(output!), summary: summary! };
}

function readOutputs(text: string): ReadonlyMap<string, string> {
  const entries = text.matchAll(/^([\w-]+)<<(\S+)\n([\s\S]*?)\n\2$/gm);
  return new Map([...entries].map(([, name, , value]) => [name!, value!]));
}

function commands(stdout: string): readonly string[] {
  return stdout.split('\n').filter((line) => line.startsWith('::'));
}

const shop = `novastack: 1
project: shop
databases:
  main: { engine: embedded, migrations: migrations }
auth: { anonymous: visitor }
roles: { visitor: {} }
tables:
  books:
    permissions:
      visitor: { select: { columns: [id, title], where: { id: { _gt: 0 } } } }
`;
const migration =
  'create extension pg_trgm;\ncreate table books (id bigint primary key, title text not null);\n';

test('a workspace without findings succeeds, its migrations run in the embedded database', async (t) => {
  const story = await runAction(t, {
    'apis/shop/novastack.yaml': shop,
    'apis/shop/migrations/0001_books.sql': migration,
    'docker-compose.yaml': 'services: {}\n',
  });
  assert.deepEqual([story.code, commands(story.stdout)], [0, []], story.stdout);
  assert.deepEqual(Object.fromEntries(story.outputs), {
    result: 'success',
    'error-count': '0',
    'warning-count': '0',
    projects: '[{"path":"apis/shop","project":"shop","errors":0,"warnings":0}]',
  });
  assert.match(story.summary, /<code>shop<\/code> \| <code>apis&#47;shop<\/code> \| 0 \| 0 \|/);
});

test('a column that the migrations do not make is an error on its line, and the step fails', async (t) => {
  const story = await runAction(t, {
    'apis/shop/novastack.yaml': shop.replace('[id, title]', '[id, titel]'),
    'apis/shop/migrations/0001_books.sql': migration,
  });
  assert.equal(story.code, 1, story.stdout);
  const [command, ...more] = commands(story.stdout);
  assert.match(
    command ?? '',
    /^::error file=apis\/shop\/novastack\.yaml,line=10,col=\d+,title=BIND_\w+::.*titel.*title/,
  );
  assert.deepEqual(more, []);
  assert.deepEqual([story.outputs.get('result'), story.outputs.get('error-count')], ['failure', '1']);
  assert.match(story.summary, /novastack&#46;yaml&#58;10&#58;/);
});

test('an operation that a role may not run is an error on its line', async (t) => {
  const story = await runAction(t, {
    'apis/shop/novastack.yaml': `${shop}operations: operations\n`,
    'apis/shop/migrations/0001_books.sql': migration,
    'apis/shop/operations/a/titles.graphql': 'query Titles {\n  books { title, price }\n}\n',
  });
  assert.equal(story.code, 1, story.stdout);
  const [command, ...more] = commands(story.stdout);
  assert.match(
    command ?? '',
    /^::error file=apis\/shop\/operations\/a\/titles\.graphql,line=2,col=18,.*title=OPERATION_NOT_VALID::.*role "visitor"/,
  );
  assert.deepEqual(more, []);
});

test('a migration that fails is an error on its line', async (t) => {
  const story = await runAction(t, {
    'novastack.yaml': shop,
    'migrations/0001_books.sql': 'create table books (\n  id nosuchtype primary key\n);\n',
  });
  assert.equal(story.code, 1, story.stdout);
  assert.match(
    commands(story.stdout)[0] ?? '',
    /^::error file=migrations\/0001_books\.sql,line=\d+,col=\d+,title=\w+::/,
  );
});

test('at most ten errors are annotated; the summary and the count have all', async (t) => {
  const roles = Array.from({ length: 14 }, (_, at) => `  role${at}: { inherits: [nobody${at}] }`).join('\n');
  const text = `novastack: 1\nproject: many\ndatabases:\n  main: { engine: embedded }\nroles:\n${roles}\n`;
  const story = await runAction(t, { 'novastack.yaml': text });
  assert.equal(commands(story.stdout).filter((line) => line.startsWith('::error')).length, 10, story.stdout);
  assert.equal(story.outputs.get('error-count'), '14');
  assert.equal(story.summary.match(/\*\*error\*\*/g)?.length, 14);
});

test('fail-on and annotations are obeyed', async (t) => {
  const files = {
    'novastack.yaml': shop.replace('[id, title]', '[id, titel]'),
    'migrations/0001_books.sql': migration,
  };
  const never = await runAction(t, files, { 'fail-on': 'never', annotations: 'false' });
  assert.deepEqual([never.code, commands(never.stdout)], [0, []]);
  const text = shop.replace(', migrations: migrations', '');
  const [lenient, strict] = [
    await runAction(t, { 'novastack.yaml': text }),
    await runAction(t, { 'novastack.yaml': text }, { 'fail-on': 'warning' }),
  ];
  assert.deepEqual(
    [lenient.code, strict.code, strict.outputs.get('result')],
    [0, 1, 'failure'],
    strict.stdout,
  );
});

test('hostile names stay text in the log, the annotations and the summary', async (t) => {
  const name = '"--><img src=x>@team|::error::\\u001b[31m"';
  const text = shop.replace('  books:\n', `  books: {}\n  ${name}:\n    permisions: {}\n  more:\n`);
  const story = await runAction(t, { 'novastack.yaml': text, 'migrations/0001_books.sql': migration });
  assert.equal(story.code, 1);
  assert.ok(
    commands(story.stdout).every((line) => /^::(error|warning) file=novastack\.yaml,line=\d+,/.test(line)),
    story.stdout,
  );
  assert.doesNotMatch(story.summary, /<img|@team|-->|\u001b/);
});

test('inputs that cannot be taken are told, and fail the step', async (t) => {
  const outside = await folders(t);
  await symlink('/', join(outside.workspace, 'out'));
  const cases: readonly (readonly [Record<string, string>, RegExp])[] = [
    [{ command: 'deploy' }, /Input "command" is "deploy"; it can be "auto", "validate", "plan", /],
    [{ command: 'sync' }, /No project was found in "\."\./],
    [{ command: 'plan' }, /There is no clone in the workspace\. Add a step with actions\/checkout/],
    [{ annotations: 'yes' }, /Input "annotations" is "yes"/],
    [{ projects: 'nowhere' }, /Input "projects" names "nowhere", and there is no such folder/],
    [
      { 'working-directory': 'out' },
      /Input "working-directory" names "out", which is outside the workspace\./,
    ],
    [{}, /No project was found in "\."\./],
  ];
  for (const [inputs, message] of cases) {
    const story = await runIn(outside.workspace, outside.action, inputs);
    assert.equal(story.code, 1);
    assert.match(commands(story.stdout)[0] ?? '', message);
  }
});

test('several projects are found, or chosen by "projects"', async (t) => {
  const files = Object.fromEntries(
    ['one', 'two', 'three'].flatMap((name) => [
      [`apis/${name}/novastack.yaml`, shop.replace('project: shop', `project: ${name}`)],
      [`apis/${name}/migrations/0001_books.sql`, migration],
    ]),
  );
  const chosen = await runAction(t, files, { 'working-directory': 'apis', projects: 'three, one' });
  const paths = (story: Story) =>
    (JSON.parse(story.outputs.get('projects')!) as { path: string }[]).map(({ path }) => path);
  assert.deepEqual([chosen.code, paths(chosen)], [0, ['apis/three', 'apis/one']]);
});
