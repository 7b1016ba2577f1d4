import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { parse } from 'yaml';
import { packageVersion } from '../server/version.ts';
import { folder, novastack } from './story.fixture.ts';
import { workflow } from './workflow.ts';

const hostile = 'apis/a "b" [c]*\'s: #!${{ github.token }}\\ 😀';

interface Job {
  readonly if: string;
  readonly permissions: Readonly<Record<string, string>>;
  readonly steps: readonly { readonly uses: string; readonly with?: Readonly<Record<string, unknown>> }[];
}

function read(
  text: string,
): { on: Record<string, unknown>; jobs: Record<'plan' | 'sync', Job> } & Record<string, unknown> {
  return parse(text, { version: '1.2', strict: true, uniqueKeys: true });
}

test('says when it runs, with which rights and what it uses, and nothing else', () => {
  const checkout = 'actions/checkout@de0fac2e4500dabe0009e67214ff5f5447ce83dd';
  const action = 'novastack/novastack/action@v1.2.3';
  const paths = ['apis/shop/**', '.github/workflows/novastack.yml'];
  assert.deepEqual(read(workflow({ folder: 'apis/shop', branch: 'main', version: '1.2.3' })), {
    name: 'NovaStack',
    on: {
      pull_request: { types: ['opened', 'synchronize', 'reopened', 'labeled', 'unlabeled'], paths },
      merge_group: null,
      push: { branches: ['main'], paths },
    },
    permissions: {},
    concurrency: {
      group: 'novastack-${{ github.event.pull_request.number || github.run_id }}',
      'cancel-in-progress': "${{ github.event_name == 'pull_request' }}",
    },
    jobs: {
      plan: {
        if: "github.event_name != 'push'",
        'runs-on': 'ubuntu-latest',
        'timeout-minutes': 15,
        permissions: { contents: 'read', 'pull-requests': 'write' },
        steps: [
          { uses: checkout, with: { 'persist-credentials': false, 'fetch-depth': 2 } },
          { uses: action, with: { 'working-directory': 'apis/shop' } },
        ],
      },
      sync: {
        if: "github.event_name == 'push' && vars.NOVASTACK_SERVER != ''",
        'runs-on': 'ubuntu-latest',
        'timeout-minutes': 15,
        permissions: { contents: 'read', deployments: 'write', 'id-token': 'write', statuses: 'write' },
        steps: [
          { uses: checkout, with: { 'persist-credentials': false } },
          {
            uses: action,
            with: { 'working-directory': 'apis/shop', 'server-url': '${{ vars.NOVASTACK_SERVER }}' },
          },
        ],
      },
    },
  });
});

test('of a project at the top has neither paths nor a folder', () => {
  const { on, jobs } = read(workflow({ folder: '', branch: 'main', version: '1.2.3' }));
  assert.deepEqual(on.push, { branches: ['main'] });
  assert.deepEqual(Object.keys(on.pull_request as object), ['types']);
  assert.deepEqual(
    [jobs.plan.steps[1]!.with, jobs.sync.steps[1]!.with],
    [undefined, { 'server-url': '${{ vars.NOVASTACK_SERVER }}' }],
  );
});

test('takes the names of folders and branches as they are, whatever they hold', () => {
  const { on, jobs } = read(workflow({ folder: hostile, branch: '1e3+x', version: '1.2.3' }));
  assert.deepEqual(on.push, {
    branches: ['1e3\\+x'],
    paths: ['apis/a "b" \\[c\\]\\*\'s: #\\!${{ github.token }}\\\\ 😀/**', '.github/workflows/novastack.yml'],
  });
  assert.equal(
    jobs.plan.steps[1]!.with!['working-directory'],
    "apis/a \"b\" [c]*'s: #!${{ '${{' }} github.token }}\\ 😀",
  );
  for (const branch of ['on', 'null', '1.0', '~', '- x'])
    assert.deepEqual(
      (read(workflow({ folder: '', branch, version: '1' })).on.push as { branches: unknown }).branches,
      [branch],
    );
});

test('goes to the top of the repository, and leaves one that is there as it is', async (t) => {
  const top = await folder(t);
  execFileSync('git', ['init', '--quiet', '--initial-branch', 'trunk', top]);
  const file = path.join(top, '.github/workflows/novastack.yml');
  const first = await novastack(['init', 'apis/shop'], { cwd: top });
  assert.deepEqual([first.code, first.stderr], [0, '']);
  assert.match(first.stdout, /\nOn GitHub, \.github\/workflows\/novastack\.yml plans each pull request\.\n/);
  const written = await readFile(file, 'utf8');
  assert.equal(written, workflow({ folder: 'apis/shop', branch: 'trunk', version: packageVersion() }));

  const second = await novastack(['init', 'apis/stock'], { cwd: top });
  assert.deepEqual([second.code, second.stderr], [0, '']);
  assert.match(
    second.stdout,
    /\n\.github\/workflows\/novastack\.yml was there and is as it was: see that it runs for stock too\.\n/,
  );
  assert.equal(await readFile(file, 'utf8'), written);
});

test('follows the branch that the remote has as its default one', async (t) => {
  const top = await folder(t, {
    '.git/HEAD': 'ref: refs/heads/feature\n',
    '.git/refs/remotes/origin/HEAD': 'ref: refs/remotes/origin/release/1\n',
  });
  assert.equal((await novastack(['init', '--project', 'shop'], { cwd: top })).code, 0);
  const text = await readFile(path.join(top, '.github/workflows/novastack.yml'), 'utf8');
  assert.equal(text, workflow({ folder: '', branch: 'release/1', version: packageVersion() }));
});

test('is not written where nobody wants it, or where a file is in its way', async (t) => {
  const without = await folder(t);
  assert.equal((await novastack(['init', '--project', 'shop', '--no-workflow'], { cwd: without })).code, 0);
  await assert.rejects(readFile(path.join(without, '.github/workflows/novastack.yml')), { code: 'ENOENT' });

  const taken = await folder(t, { '.github': 'mine' });
  const { code, stdout } = await novastack(['init', '--project', 'shop'], { cwd: taken });
  assert.equal(code, 0);
  assert.match(stdout, /\.github\/workflows\/novastack\.yml could not be written/);
});

test('the guide shows what is written', async () => {
  const guide = await readFile(path.join(import.meta.dirname, '../../docs/action.md'), 'utf8');
  const version = packageVersion();
  const [, ...lines] = workflow({ folder: '', branch: 'main', version }).split('\n');
  assert.ok(guide.includes(lines.join('\n')), 'docs/action.md shows another workflow');
  assert.deepEqual([...new Set(guide.match(/action@v[\d.]+/g))], [`action@v${version}`]);
});
