/** `plan` as the runner runs the bundle: what a pull request is told, again and again, and what it leaves behind. */
import assert from 'node:assert/strict';
import { after, type TestContext, test } from 'node:test';
import { installAction } from '../test/action/bundle.ts';
import { type Job, type Ran, runStep } from '../test/action/runner.ts';
import { type Files, openScene, type Scene } from '../test/action/scene.ts';

const bundle = await installAction({ after });

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
tests:
  - name: visitors read titles
    as: anonymous
    request: { graphql: "{ books { title } }" }
    expect: { status: 200 }
`;
const files: Files = {
  'apis/shop/novastack.yaml': shop,
  'apis/shop/migrations/0001_books.sql': 'create table books (id bigint primary key, title text not null);\n',
  'apis/empty/novastack.yaml': 'novastack: 1\nproject: empty\n',
};
const narrowed: Files = {
  'apis/shop/novastack.yaml': shop.replace('[id, title]', '[id]').replace('{ title }', '{ id }'),
};
const permissions = { contents: 'read', 'pull-requests': 'write' } as const;

async function sceneOf(t: TestContext): Promise<Scene> {
  const scene = await openScene(t, files);
  scene.repository.collaborators.set('ada', 'write');
  t.after(() => assert.deepEqual(scene.github.faults, []));
  return scene;
}

let runs = 100;

function step(scene: Scene, event: Job['event'], job: Partial<Job> = {}): Promise<Ran> {
  runs += 1;
  return runStep(bundle, scene, { event, permissions, run: { id: runs, number: runs, attempt: 1 }, ...job });
}

test('a pull request that breaks callers has one comment, until the label accepts what it showed', async (t) => {
  const scene = await sceneOf(t);
  const [pull, opened] = await scene.open({ files: narrowed });
  const first = await step(scene, opened);
  assert.equal(first.code, 1, first.log);
  assert.deepEqual(first.annotations.map(({ level, file, line }) => [level, file, line]), [
    ['error', 'apis/shop/novastack.yaml', 10],
  ]); // biome-ignore format: a table
  const { projects, 'plan-file': _, 'comment-id': id, ...outputs } = first.outputs;
  assert.deepEqual(outputs, {
    result: 'failure', 'has-changes': 'true', 'error-count': '0', 'warning-count': '0', 'breaking-count': '1',
    'access-gained-count': '0',
  }); // biome-ignore format: a record
  assert.deepEqual(JSON.parse(projects!), [
    {
      path: 'apis/empty',
      project: null,
      state: 'unchanged',
      errors: 0,
      warnings: 0,
      breaking: 0,
      accessGained: 0,
    },
    {
      path: 'apis/shop',
      project: 'shop',
      state: 'changed',
      errors: 0,
      warnings: 0,
      breaking: 1,
      accessGained: 0,
    },
  ]);
  assert.equal(JSON.parse(first.files['plan-file']!).result, 'failure');
  const [comment] = scene.repository.comments;
  assert.equal(String(comment!.id), id);
  assert.match(
    comment!.body,
    /^<!-- novastack:plan v=1 [^\n]+ -->\n### ❌ NovaStack: 1 change to decide on\n/,
  );

  const accepted = await step(scene, await scene.label(pull, 'approved-breaking-change'));
  assert.equal(accepted.code, 0, accepted.log);
  assert.match(comment!.body, /ada set the label/);

  const more = {
    'apis/shop/novastack.yaml': String(narrowed['apis/shop/novastack.yaml']).replace('_gt: 0', '_gt: 5'),
  };
  const pushed = await step(scene, await scene.push(pull, more));
  assert.equal(pushed.code, 1, pushed.log);
  assert.equal(scene.repository.comments.length, 1);
});

test('without a change there is no comment, and one that is there says that there is none any more', async (t) => {
  const scene = await sceneOf(t);
  const [pull, opened] = await scene.open({ files: { 'README.md': 'Hello\n' } });
  const none = await step(scene, opened);
  assert.deepEqual([none.code, scene.repository.comments.length], [0, 0], none.log);
  await step(scene, await scene.push(pull, narrowed));
  assert.equal(scene.repository.comments.length, 1);
  const undone = await step(scene, await scene.push(pull, { 'apis/shop/novastack.yaml': shop }));
  assert.equal(undone.code, 0, undone.log);
  assert.match(scene.repository.comments[0]!.body, /NovaStack: nothing changes for callers/);
});

test('a token that may not comment is a warning with the line to add, and the verdict stands', async (t) => {
  const scene = await sceneOf(t);
  const [, event] = await scene.open({ files: narrowed });
  const ran = await step(scene, event, { permissions: { contents: 'read', 'pull-requests': 'read' } });
  assert.deepEqual([ran.code, ran.outputs.result, scene.repository.comments.length], [1, 'failure', 0]);
  const warnings = ran.annotations.filter(({ level }) => level === 'warning').map(({ message }) => message);
  assert.deepEqual(warnings, [
    'GitHub does not let the token comment on the pull request (403). Add to the job: permissions: { pull-requests: write }',
  ]);
  assert.match(ran.summary, /1 change to decide on/);
});

test('a pull request from a fork has its plan in the summary, and is not written to', async (t) => {
  const scene = await sceneOf(t);
  const [, event] = await scene.open({ files: narrowed, fork: 'mallory/apis' });
  const ran = await step(scene, event);
  assert.deepEqual([ran.code, scene.repository.comments.length], [1, 0], ran.log);
  const notices = ran.annotations.filter(({ level }) => level === 'notice').map(({ message }) => message);
  assert.equal(notices.length, 1);
  assert.match(notices[0]!, /^The pull request comes from a fork/);
  const writes = scene.github.calls.filter(
    ({ method, operation }) => method !== 'GET' && operation !== 'none',
  );
  assert.deepEqual(
    writes.filter(({ path }) => !path.endsWith('/graphql')),
    [],
  );
  assert.doesNotMatch(ran.summary, /Set the label/);
});

test('a merge group and a push are planned without a comment', async (t) => {
  const scene = await sceneOf(t);
  const [pull] = await scene.open({ files: narrowed });
  const queued = await step(scene, await scene.enqueue(pull));
  assert.deepEqual([queued.code, queued.outputs['breaking-count']], [1, '1'], queued.log);
  const pushed = await step(scene, await scene.merge(pull), { inputs: { 'fail-on': 'invalid' } });
  assert.deepEqual([pushed.code, pushed.outputs['breaking-count']], [0, '1'], pushed.log);
  assert.equal(scene.repository.comments.length, 0);
});

test('a dry run prints the comment and writes none; SARIF is written where it is asked for', async (t) => {
  const scene = await sceneOf(t);
  const [, event] = await scene.open({ files: narrowed });
  const ran = await step(scene, event, { inputs: { 'dry-run': 'true', 'sarif-file': 'out/plan.sarif' } });
  assert.equal(scene.repository.comments.length, 0);
  assert.match(ran.log, /The comment \(dry-run, not written\):/);
  const { runs: found } = JSON.parse(ran.files['sarif-file']!);
  const uris = found[0].results.map(
    ({ locations }: { locations: { physicalLocation: { artifactLocation: { uri: string } } }[] }) =>
      locations[0]!.physicalLocation.artifactLocation.uri,
  );
  assert.deepEqual(uris, ['apis/shop/novastack.yaml']);
});
