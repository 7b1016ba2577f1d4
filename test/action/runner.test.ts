/** The harness itself: commands and files are read as the runner reads them, workspaces are as `actions/checkout` leaves them. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { createRemoteJWKSet, jwtVerify } from 'jose';
import { temporaryFolder } from '../temporary-folder.ts';
import { installAction } from './bundle.ts';
import { checkout } from './checkout.ts';
import { checkSummary, readPairs } from './file-commands.ts';
import { startOidc } from './oidc.ts';
import { runStep } from './runner.ts';
import { openScene } from './scene.ts';
import { readOutput } from './workflow-commands.ts';

const bundle = await installAction({ after });

const shop = `novastack: 1
project: shop
databases:
  main: { engine: embedded }
auth: { anonymous: visitor }
roles: { visitor: {} }
`;

test('commands are read as the runner reads them', () => {
  const none = {
    title: undefined,
    file: undefined,
    line: undefined,
    column: undefined,
    endLine: undefined,
    endColumn: undefined,
  };
  const cases: readonly (readonly [line: string, log: string, annotation?: object])[] = [
    ['plain :: text', 'plain :: text'],
    ['::error::no place', '##[error]no place', { ...none, level: 'error', message: 'no place' }],
    [
      '  ::WARNING file=a%2Cb%3A.yaml,line=3,col=7,title=One%25::two%0Athree%3A',
      '##[warning]two\nthree%3A',
      {
        ...none,
        level: 'warning',
        file: 'a,b:.yaml',
        line: 3,
        column: 7,
        title: 'One%',
        message: 'two\nthree%3A',
      },
    ],
    ['::unknown::text', '::unknown::text'],
    ['::error without an end', '::error without an end'],
    ['in a line ##[error]old', '##[error]old', { ...none, level: 'error', message: 'old' }],
    ['a name ##[error', 'a name ##[error'],
    ['::set-env name=A::b', '!! command set-env: b'],
    ['::debug::quiet', '##[debug]quiet'],
  ];
  for (const [line, log, annotation] of cases) {
    const read = readOutput(line, []);
    assert.deepEqual([read.log, read.annotations], [log, annotation === undefined ? [] : [annotation]], line);
  }
});

test('what is masked is not shown, and of each level ten are', () => {
  const lines = ['::add-mask::hunter2', 'the word is hunter2, of ghs_1', ...Array(12).fill('::error::again')];
  const read = readOutput(lines.join('\n'), ['ghs_1']);
  assert.equal(read.log.split('\n')[0], 'the word is ***, of ***');
  assert.deepEqual([read.annotations.length, read.dropped], [10, 2]);
});

test('commands that are stopped are text until the token comes', () => {
  const read = readOutput('::stop-commands::T0k\n::error::text\n::t0k::\n::error::told', []);
  assert.deepEqual(read.annotations.map(({ message }) => message), ['told']); // biome-ignore format: short
  assert.equal(read.log, '::error::text\n##[error]told');
});

test('outputs are read with and without a delimiter', () => {
  const text = 'a=b=c\nmany<<END\none\n\nEND2\nEND\nempty<<E\nE\n';
  assert.deepEqual(Object.fromEntries(readPairs(text)), { a: 'b=c', many: 'one\n\nEND2', empty: '' });
  assert.throws(() => readPairs('a<<END\nb\n'), /Matching delimiter not found 'END'/);
  assert.throws(() => readPairs('a\n'), /Invalid format 'a'/);
  assert.throws(() => checkSummary('x'.repeat(1_024 * 1_024 + 1)), /got 1025k/);
});

test('a pull request is checked out as its merge commit alone, a branch with its name', async (t) => {
  const scene = await openScene(t, { 'a.txt': 'one\n' });
  const [, event] = await scene.open({ files: { 'a.txt': 'two\n' } });
  const top = await temporaryFolder(t);
  const from = scene.repository.git.directory;
  const url = 'https://github.com/acme/apis';
  const git = (folder: string, ...args: string[]) =>
    execFileSync('git', args, { cwd: join(top, folder), encoding: 'utf8' }).trim();
  const { sha, ref } = event;
  await checkout({ from, to: join(top, 'shallow'), sha, ref, url });
  assert.deepEqual(
    [
      git('shallow', 'rev-parse', 'HEAD'),
      git('shallow', 'rev-parse', '--is-shallow-repository'),
      git('shallow', 'rev-list', '--count', 'HEAD'),
    ],
    [sha, 'true', '1'],
  );
  assert.equal(git('shallow', 'branch', '--show-current'), '');
  assert.equal(git('shallow', 'show', 'HEAD:a.txt'), 'two');
  await checkout({ from, to: join(top, 'deep'), sha, ref, depth: 0, url });
  assert.equal(git('deep', 'show', 'HEAD^1:a.txt'), 'one');
  const main = await scene.head();
  await checkout({ from, to: join(top, 'branch'), sha: main, ref: 'refs/heads/main', url });
  assert.deepEqual(
    [git('branch', 'branch', '--show-current'), git('branch', 'rev-parse', 'HEAD')],
    ['main', main],
  );
});

test('ids of commits are the same in every run', async (t) => {
  const shas = async () => {
    const scene = await openScene(t, { 'a.txt': 'one\n' });
    const [pull, event] = await scene.open({ files: { 'a.txt': 'two\n' } });
    return [pull.headSha, event.sha];
  };
  assert.deepEqual(await shas(), await shas());
});

test('the issuer signs what the runner asks for, for the audience that is asked', async (t) => {
  const oidc = await startOidc(t);
  const env = oidc.environment({ repository: 'acme/apis', repository_owner: 'acme', ref: 'refs/heads/main' });
  const ask = async (audience: string, token = env.ACTIONS_ID_TOKEN_REQUEST_TOKEN!) =>
    fetch(`${env.ACTIONS_ID_TOKEN_REQUEST_URL}${audience}`, {
      headers: { authorization: `bearer ${token}` },
    });
  const { value } = (await (await ask('&audience=https://api.example.eu')).json()) as { value: string };
  const keys = createRemoteJWKSet(new URL(`${oidc.url}/.well-known/jwks`));
  const { payload, protectedHeader } = await jwtVerify(value, keys, {
    issuer: oidc.url,
    audience: 'https://api.example.eu',
  });
  assert.deepEqual(
    [protectedHeader.alg, payload.repository, payload.exp! - payload.iat!],
    ['RS256', 'acme/apis', 300],
  );
  assert.equal((await ask('', 'other')).status, 401);
  await ask('');
  assert.deepEqual(oidc.asked, ['https://api.example.eu', 'https://github.com/acme']);
});

test('the Action runs in the workspace of a pull request, and its lines are marked', async (t) => {
  const scene = await openScene(t, { 'apis/shop/novastack.yaml': shop });
  const [, event] = await scene.open({ files: { 'apis/shop/novastack.yaml': `${shop}tabels: {}\n` } });
  const inputs = { command: 'validate' };
  const ran = await runStep(bundle, scene, { event, inputs, permissions: { contents: 'read' } });
  assert.equal(ran.code, 1, ran.log);
  const [annotation] = ran.annotations;
  assert.deepEqual(
    [annotation?.level, annotation?.file, annotation?.line],
    ['error', 'apis/shop/novastack.yaml', 7],
  );
  assert.deepEqual([ran.outputs.result, ran.outputs['error-count']], ['failure', '1']);
  assert.match(ran.summary, /tabels/);
  assert.deepEqual(scene.github.faults, []);
});
