import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { commands } from './commands.ts';
import { folder, novastack } from './story.fixture.ts';

const overview = `novastack: REST and GraphQL APIs from a folder of YAML

Usage: novastack <command> [options]

Commands:
  init [dir]               begin a project, new or over an existing database
  dev [dir…]               serve with hot reload, embedded databases and docs
  serve                    the production engine: projects from Git
  validate [dir]           check a project without a database
  test [dir]               run the project's own tests
  plan [dir]               what a change would do: API, access, databases
  explain R [table] [dir]  what a role may do, and the SQL of a request
  lock [dir]               write novastack.lock/ from the databases, or compare
  migrate status|up [dir]  see which migrations ran, and apply the rest
  token [dir] --role R     mint a development token for a role
  types [dir]              print types for clients
  docs [dir]               build the documentation site

Options:
  -h, --help     this text; after a command, how that command works
  -v, --version  the version

Exit codes: 0 no error (warnings do not count) · 1 at least one error found ·
            2 bad usage or input · 3 something needed cannot be reached
`;

test('lists the commands, and says with exit code 2 that none was given', async () => {
  assert.deepEqual(await novastack(['--help']), { code: 0, stdout: overview, stderr: '' });
  assert.deepEqual(await novastack(['help']), { code: 0, stdout: overview, stderr: '' });
  assert.deepEqual(await novastack([]), { code: 2, stdout: overview, stderr: '' });
});

test('explains each command, without doing its work', async () => {
  const validate = await novastack(['validate', 'nowhere', '--help']);
  assert.deepEqual(validate, {
    code: 0,
    stderr: '',
    stdout: `novastack validate: check a project without a database

Usage: novastack validate [dir] [options]

Reads every file of the project and compiles its API, and reports all that is
wrong, with file, line and column. It needs no database, no secret and no network:
tables and columns are checked against novastack.lock/, or against the migrations,
run in memory. Exit code 1 when there is an error; warnings do not count.

Options:
  --format <form>  form of the diagnostics (default text): text, json, github, sarif
  -h, --help       this text

Examples:
  novastack validate
  novastack validate examples/bookshop --format json
  novastack validate --format github      # annotations in a workflow
`,
  });
  assert.deepEqual(await novastack(['help', 'validate']), validate);
  for (const name of ['init', 'dev', 'test', 'plan', 'explain', 'migrate', 'token', 'types', 'docs']) {
    const { code, stdout, stderr } = await novastack([name, '-h']);
    assert.deepEqual([code, stderr], [0, ''], name);
    assert.match(stdout, new RegExp(`^novastack ${name}: .+\n\nUsage: novastack ${name}`));
    for (const line of stdout.split('\n')) assert.ok(line.length <= 110, line);
  }
});

test('prints the version of the package', async () => {
  const file = path.resolve(import.meta.dirname, '../../package.json');
  const { version } = JSON.parse(await readFile(file, 'utf8')) as { version: string };
  assert.deepEqual(await novastack(['--version']), { code: 0, stdout: `${version}\n`, stderr: '' });
});

const refusals: readonly (readonly [readonly string[], string])[] = [
  [['validat'], 'error: There is no command "validat".\nhint: did you mean "validate"?\n'],
  [
    ['frobnicate'],
    'error: There is no command "frobnicate".\nhint: the commands are init, dev, serve, validate, test, plan, explain, lock, migrate, token, types, docs; see novastack --help\n',
  ],
  [
    ['constructor'],
    'error: There is no command "constructor".\nhint: the commands are init, dev, serve, validate, test, plan, explain, lock, migrate, token, types, docs; see novastack --help\n',
  ],
  [['--port', '1'], 'error: There is no option --port before a command.\nhint: see novastack --help\n'],
  [['dev', '--prot', '1'], 'error: "novastack dev" has no option --prot.\nhint: did you mean --port?\n'],
  [['migrate', 'upp'], 'error: "novastack migrate" does not know "upp".\nhint: did you mean "migrate up"?\n'],
];

for (const [args, stderr] of refusals) {
  test(`refuses "novastack ${args.join(' ')}" with exit code 2`, async () => {
    assert.deepEqual(await novastack(args), { code: 2, stdout: '', stderr });
  });
}

test('docs/cli.md has a section for each command, which names exactly its options', async () => {
  const page = await readFile(path.resolve(import.meta.dirname, '../../docs/cli.md'), 'utf8');
  const sections = new Map(
    page
      .split(/^## /m)
      .slice(1)
      .map((section) => [section.slice(0, section.indexOf('\n')), section]),
  );
  assert.deepEqual(
    [...sections.keys()],
    commands.map(({ name }) => name),
  );
  for (const { name, load } of commands) {
    const { options } = await load();
    const rows = [...sections.get(name)!.matchAll(/^\| (?:`-(\w)`, )?`--([\w-]+)(?: <(.+?)>)?` \|/gm)];
    assert.deepEqual(
      rows.map(([, short, option, value]) => [option, short, value]),
      Object.entries(options).map(([option, { short, value }]) => [option, short, value]),
      name,
    );
  }
});

test('prints no colour where nobody sees it', async () => {
  const { stderr } = await novastack(['nope'], { env: { FORCE_COLOR: '1' } });
  assert.doesNotMatch(stderr, /\u001b/);
});

test('keeps what was compiled in the folder for caches, and does without where it cannot', async (t) => {
  const dir = await folder(t, { taken: '' });
  const explain = (XDG_CACHE_HOME: string, env = {}) =>
    novastack(['validate', '--help'], { env: { NODE_COMPILE_CACHE: undefined, XDG_CACHE_HOME, ...env } });
  const kept = path.join(dir, 'novastack', 'compiled');
  const plain = await explain(dir, { NODE_DISABLE_COMPILE_CACHE: '1' });
  assert.equal(existsSync(kept), false);
  assert.deepEqual([plain.code, plain.stderr], [0, '']);
  assert.deepEqual(await explain(dir), plain);
  const files = (await readdir(kept, { recursive: true })).length;
  assert.ok(files > 50, String(files));
  assert.deepEqual(await explain(path.join(dir, 'taken')), plain);
  assert.deepEqual(await explain(dir), plain);
});
