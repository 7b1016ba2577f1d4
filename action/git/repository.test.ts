/** What is compared, and which projects that touches: in whole and shallow clones, and with no clone at all. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readdir, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { checkout } from '../../test/action/checkout.ts';
import type { Event } from '../../test/action/events.ts';
import { openScene, type Scene } from '../../test/action/scene.ts';
import { temporaryFolder } from '../../test/temporary-folder.ts';
import { type Context, readContext } from '../event.ts';
import { Github } from '../github/github.ts';
import { RemoteObjects } from '../github/remote-objects.ts';
import { placeOf } from '../place.ts';
import { comparedCommits } from './compared.ts';
import { pairsOf } from './pairs.ts';
import { Repository } from './repository.ts';

const shop = 'novastack: 1\nproject: shop\n';
const stock = 'novastack: 1\nproject: stock\n';
const files = {
  'README.md': 'Hello\n',
  'apis/shop/novastack.yaml': shop,
  'apis/shop/migrations/0001.sql': 'select 1;\n',
  'apis/stock/novastack.yaml': stock,
};

interface Looked {
  readonly name: string;
  readonly base: string | undefined;
  readonly proposed: string;
  readonly pairs: readonly string[];
  readonly calls: readonly string[];
}

interface How {
  readonly depth?: number;
  readonly baseRef?: string;
  readonly projects?: readonly string[];
  /** Done to the workspace first. */
  readonly prepare?: (workspace: string) => Promise<void>;
  readonly withoutGithub?: boolean;
}

async function look(t: TestContext, scene: Scene, event: Event, how: How = {}): Promise<Looked> {
  const workspace = await workspaceOf(t, scene, event, how);
  const context = await contextOf(t, event);
  const before = scene.github.calls.length;
  const repository = await Repository.open(
    workspace,
    workspace,
    how.withoutGithub ? undefined : remoteOf(scene),
  );
  try {
    const { base, name, proposed, head } = await comparedCommits(how.baseRef ?? '', context, repository);
    const place = await placeOf({ workingDirectory: '.', projects: how.projects ?? [] }, workspace);
    const pairs = await pairsOf(place, { base, head }, repository);
    const told = pairs.map(
      (pair) =>
        `${pair.path}${pair.head ? '' : ' gone'}${pair.base ? (pair.base.folder === pair.path ? '' : ` from ${pair.base.folder}`) : ' new'}${pair.isTouched ? ' touched' : ''}`,
    );
    const calls = scene.github.calls.slice(before).map(({ operation }) => operation);
    return { name, base, proposed, pairs: told, calls };
  } finally {
    repository.close();
  }
}

async function workspaceOf(t: TestContext, scene: Scene, event: Event, how: How): Promise<string> {
  const workspace = await realpath(await temporaryFolder(t));
  const { sha, ref } = event;
  const from = scene.repository.git.directory;
  await checkout({
    from,
    to: workspace,
    sha,
    ref,
    depth: how.depth ?? 1,
    url: 'https://github.com/acme/apis',
  });
  await how.prepare?.(workspace);
  return workspace;
}

async function contextOf(t: TestContext, { name, payload, sha, ref }: Event): Promise<Context> {
  const file = join(await temporaryFolder(t), 'event.json');
  await writeFile(file, JSON.stringify(payload));
  return readContext({
    GITHUB_EVENT_NAME: name,
    GITHUB_EVENT_PATH: file,
    GITHUB_SHA: sha,
    GITHUB_REF: ref,
    GITHUB_REPOSITORY: 'acme/apis',
  });
}

function remoteOf({ github }: Scene): RemoteObjects {
  const token = github.token({ contents: 'read' });
  return new RemoteObjects(new Github({ api: github.url, token, repository: 'acme/apis' }));
}

const changed = { 'apis/shop/novastack.yaml': `${shop}title: Shop\n` };

test('a pull request is compared with the first parent of its merge, whatever the clone has', async (t) => {
  const scene = await openScene(t, files);
  const [pull, event] = await scene.open({ files: changed });
  const base = await scene.head();
  const expected = {
    name: `main (${base.slice(0, 7)})`,
    base,
    proposed: pull.headSha,
    pairs: ['apis/shop touched', 'apis/stock'],
  };
  const whole = await look(t, scene, event, { depth: 0, withoutGithub: true });
  assert.deepEqual(whole, { ...expected, calls: [] });
  const shallow = await look(t, scene, event);
  assert.deepEqual(shallow, {
    ...expected,
    // Of the base what the merge has not: the commit, trees that are others, and the file that was changed.
    calls: ['git/get-commit', 'git/get-tree', 'git/get-blob'],
  });
  const none = await look(t, scene, event, {
    prepare: (workspace) => rm(join(workspace, '.git'), { recursive: true }),
  });
  assert.deepEqual({ ...none, calls: [] }, { ...expected, calls: [] });
  assert.deepEqual(scene.github.faults, []);
});

test('a head that is checked out itself is compared with where it left its branch', async (t) => {
  const scene = await openScene(t, files);
  const [pull, event] = await scene.open({ files: changed });
  const left = await scene.head();
  await scene.pushMain({ 'apis/stock/novastack.yaml': `${stock}title: Stock\n` });
  await scene.refresh(pull);
  const head = { ...event, sha: pull.headSha, ref: 'refs/pull/1/head' };
  for (const depth of [0, 1]) {
    const looked = await look(t, scene, head, { depth });
    assert.deepEqual(
      [looked.base, looked.proposed, looked.pairs],
      [left, pull.headSha, ['apis/shop touched', 'apis/stock']],
    );
  }
});

test('a merge group and a push are compared with what was before them', async (t) => {
  const scene = await openScene(t, files);
  const before = await scene.head();
  const [pull] = await scene.open({ files: changed });
  const queued = await look(t, scene, await scene.enqueue(pull));
  assert.deepEqual([queued.base, queued.pairs], [before, ['apis/shop touched', 'apis/stock']]);
  const pushed = await look(t, scene, await scene.merge(pull));
  assert.deepEqual([pushed.base, pushed.pairs], [before, ['apis/shop touched', 'apis/stock']]);
});

test('a push over what is gone, and a new branch, are compared with the default branch', async (t) => {
  const scene = await openScene(t, files);
  const main = await scene.head();
  const pushed = await scene.pushMain({ 'README.md': 'Main goes on\n' });
  await scene.repository.git.pointBranch('feature', main);
  const sha = await scene.commit(changed, 'On a branch', 'feature');
  for (const before of ['1'.repeat(40), undefined]) {
    const event = { ...pushed, sha, ref: 'refs/heads/feature' };
    event.payload.before = before ?? '0'.repeat(40);
    assert.equal((await look(t, scene, event)).base, main);
  }
});

test('"base-ref" is a branch, a tag or a commit', async (t) => {
  const scene = await openScene(t, files);
  const first = await scene.head();
  await scene.repository.git.git(['update-ref', 'refs/tags/v1', first]);
  await scene.pushMain(changed);
  const event = await scene.dispatch();
  for (const baseRef of ['v1', first])
    assert.equal((await look(t, scene, event, { baseRef })).base, first, baseRef);
  await assert.rejects(look(t, scene, event, { baseRef: 'nowhere' }), /Input "base-ref" is "nowhere"/);
});

test('a folder that was moved is the same project; others come and go', async (t) => {
  const scene = await openScene(t, files);
  const [, event] = await scene.open({
    files: {
      'apis/shop/novastack.yaml': null,
      'apis/shop/migrations/0001.sql': null,
      'store/novastack.yaml': shop,
      'apis/stock/novastack.yaml': null,
      'apis/wares/novastack.yaml': 'novastack: 1\nproject: wares\n',
    },
  });
  const { pairs } = await look(t, scene, event);
  assert.deepEqual(pairs, [
    'apis/stock gone touched',
    'apis/wares new touched',
    'store from apis/shop touched',
  ]);
});

test('projects that are named are looked at alone, in their order', async (t) => {
  const scene = await openScene(t, files);
  const [, event] = await scene.open({ files: { 'README.md': 'Changed\n' } });
  assert.deepEqual((await look(t, scene, event)).pairs, ['apis/shop', 'apis/stock']);
  const { pairs } = await look(t, scene, event, { projects: ['apis/stock', 'apis/shop'] });
  assert.deepEqual(pairs, ['apis/stock', 'apis/shop']);
});

test('a list of a tree that GitHub cuts off is read level by level', async (t) => {
  const scene = await openScene(t, files);
  scene.repository.limits.treeEntries = 3;
  const [, event] = await scene.open({ files: changed });
  const { pairs } = await look(t, scene, event, {
    prepare: (workspace) => rm(join(workspace, '.git'), { recursive: true }),
  });
  assert.deepEqual(pairs, ['apis/shop touched', 'apis/stock']);
});

test('what a base is written to has its files alone: no links, no submodules', async (t) => {
  const scene = await openScene(t, {
    ...files,
    'apis/shop/link.yaml': { link: '/etc/passwd' },
    'apis/shop/sub': { submodule: '1'.repeat(40) },
  });
  const [, event] = await scene.open({ files: changed });
  const workspace = await workspaceOf(t, scene, event, {});
  const repository = await Repository.open(workspace, workspace, remoteOf(scene));
  t.after(() => repository.close());
  const [found] = await repository.projects(await scene.head(), 'apis/shop');
  const to = join(await temporaryFolder(t), 'base');
  await repository.export(found!.tree, to);
  const names = (await readdir(to, { recursive: true })).sort();
  assert.deepEqual(names, ['.git', 'migrations', 'migrations/0001.sql', 'novastack.yaml']);
  assert.equal(await readFile(join(to, 'novastack.yaml'), 'utf8'), shop);
});

test('a clone of another user, with settings that would run something, is read', async (t) => {
  const scene = await openScene(t, files);
  const [, event] = await scene.open({ files: changed });
  const { pairs } = await look(t, scene, event, {
    depth: 0,
    withoutGithub: true,
    prepare: async (workspace) => {
      const set = (name: string, value: string) =>
        execFileSync('git', ['-C', workspace, 'config', name, value], { env: { PATH: process.env.PATH! } });
      for (const name of ['core.fsmonitor', 'core.pager', 'diff.external', 'core.sshCommand'])
        set(name, `touch ${join(workspace, 'was-run')}`);
      execFileSync('chown', ['-R', '65534', workspace]);
    },
  });
  assert.deepEqual(pairs, ['apis/shop touched', 'apis/stock']);
});
