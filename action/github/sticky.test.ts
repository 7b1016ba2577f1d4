/** The one comment of a plan, against GitHub as its own description has it. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { setLabel } from '../../test/action/github/comments.ts';
import { type Actor, actionsBot } from '../../test/action/github/state.ts';
import { ada, openScene, type Scene } from '../../test/action/scene.ts';
import { Github } from './github.ts';
import { labelAcceptance } from './label.ts';
import { markerIn, markerKey, markerText } from './marker.ts';
import { Sticky } from './sticky.ts';

const key = markerKey('plan.yaml', '.', []);
const write = { 'pull-requests': 'write', contents: 'read' } as const;

interface World {
  readonly scene: Scene;
  readonly pull: Awaited<ReturnType<Scene['open']>>[0];
  readonly github: Github;
}

async function world(t: TestContext): Promise<World> {
  const scene = await openScene(t, { 'a.txt': 'one\n' });
  const [pull] = await scene.open({ files: { 'a.txt': 'two\n' } });
  t.after(() => assert.deepEqual(scene.github.faults, []));
  return { scene, pull, github: githubOf(scene) };
}

function githubOf({ github }: Scene, actor: Actor = actionsBot): Github {
  return new Github({ api: github.url, token: github.token(write, actor), repository: 'acme/apis' });
}

interface Asked {
  readonly run?: number;
  readonly attempt?: number;
  /** Default: that of the pull request. */
  readonly head?: string;
  readonly shown?: ReadonlyMap<string, number | 'now'>;
}

/** A run's comment, and the text that it writes. */
function runOf(
  { github, pull }: World,
  { run = 1, attempt = 1, head = pull.headSha, shown = new Map() }: Asked = {},
) {
  const of = { id: run, attempt, workflow: 'plan.yaml', url: undefined };
  const sticky = new Sticky({ github, pullRequest: pull.number, key, run: of, head });
  const body = `${markerText({ key, run: of, head, shown })}\nRun ${run}.${attempt} of ${head.slice(0, 7)}`;
  return { sticky, body, write: () => sticky.write(body) };
}

function bodies({ scene }: World): readonly string[] {
  return scene.repository.comments.map(({ body }) => body);
}

test('is written once and then updated, among any number of comments of others', async (t) => {
  const whole = await world(t);
  const { scene, pull } = whole;
  for (let at = 0; at < 120; at++) scene.say(pull, `A remark, ${at}`);
  const first = await runOf(whole).write();
  const next = runOf(whole, { run: 2 });
  assert.deepEqual(await next.write(), first);
  assert.equal(bodies(whole).length, 121);
  assert.equal(bodies(whole)[120], next.body);
});

test('what a person, or another robot, has written with the same text is never touched', async (t) => {
  const whole = await world(t);
  const { scene, pull } = whole;
  const copy = runOf(whole).body;
  scene.say(pull, copy);
  scene.say(pull, copy, { login: 'echo[bot]', id: 99, type: 'Bot' });
  const ours = runOf(whole, { run: 2 });
  await ours.write();
  assert.deepEqual(bodies(whole), [copy, copy, ours.body]);
});

test('one that is not ours to find by its first line is left alone', async (t) => {
  const whole = await world(t);
  whole.scene.say(whole.pull, `> quoted\n${runOf(whole).body}`, actionsBot);
  const other = new Sticky({
    github: whole.github,
    pullRequest: whole.pull.number,
    key: markerKey('other.yaml', '.', []),
    run: { id: 1, attempt: 1, workflow: 'other.yaml', url: undefined },
    head: whole.pull.headSha,
  });
  await runOf(whole).write();
  assert.deepEqual(await other.find(), []);
  assert.equal(bodies(whole).length, 2);
});

test('an older run, and a plan of an older commit, leave it as it is', async (t) => {
  const whole = await world(t);
  const { scene, pull } = whole;
  const old = pull.headSha;
  const newest = runOf(whole, { run: 2, attempt: 2 });
  await newest.write();
  for (const run of [{ run: 1 }, { run: 2, attempt: 1 }])
    assert.deepEqual(await runOf(whole, run).write(), { kind: 'outdated' });
  await scene.push(pull, { 'a.txt': 'three\n' });
  assert.deepEqual(await runOf(whole, { run: 3, head: old }).write(), { kind: 'outdated' });
  assert.deepEqual(bodies(whole), [newest.body]);
});

test('two runs that write at the same time leave one, the newer', async (t) => {
  for (const late of ['older', 'newer'] as const) {
    const whole = await world(t);
    const [older, newer] = [runOf(whole, { run: 1 }), runOf(whole, { run: 2 })];
    const [first, second] = late === 'older' ? [newer, older] : [older, newer];
    const gate = whole.scene.github.hold('issues/create-comment');
    const held = second.write();
    await gate.reached;
    await first.write();
    gate.release();
    await held;
    assert.deepEqual(bodies(whole), [newer.body], late);
  }
});

test('an older run that writes over a newer one is written over again', async (t) => {
  const whole = await world(t);
  await runOf(whole, { run: 1 }).write();
  const [older, newer] = [runOf(whole, { run: 2 }), runOf(whole, { run: 3 })];
  const gate = whole.scene.github.hold('issues/update-comment');
  const held = older.write();
  await gate.reached;
  const written = newer.write();
  // The newer one has written, and looks again.
  while (markerIn(bodies(whole)[0]!)?.run.id !== 3) await new Promise((resolve) => setTimeout(resolve, 5));
  gate.release();
  await Promise.all([held, written]);
  assert.deepEqual(bodies(whole), [newer.body]);
});

test('a plan that a push has overtaken while it was written says so', async (t) => {
  const whole = await world(t);
  const { scene, pull } = whole;
  await runOf(whole, { run: 1 }).write();
  const overtaken = runOf(whole, { run: 2 });
  const gate = scene.github.hold('issues/update-comment');
  const held = overtaken.write();
  await gate.reached;
  await scene.push(pull, { 'a.txt': 'three\n' });
  gate.release();
  assert.deepEqual(await held, { kind: 'outdated' });
  const [marker, text] = overtaken.body.split('\n');
  assert.deepEqual(bodies(whole)[0]!.split('\n'), [
    marker,
    '> [!WARNING]',
    `> This is the plan of ${text!.slice(-7)}. There are newer commits, whose plan is in their own run.`,
    '',
    text,
  ]);
});

test('an answer that is lost on the way leaves one comment', async (t) => {
  const whole = await world(t);
  whole.scene.github.troubles.add({ operation: 'issues/create-comment', calls: [1], answer: 'lost' });
  const ours = runOf(whole);
  const written = await ours.write();
  assert.deepEqual([written.kind, bodies(whole)], ['written', [ours.body]]);
});

test('a label accepts what the comment showed when somebody who may write set it', async (t) => {
  const whole = await world(t);
  const { scene, pull, github } = whole;
  const accepted = async () => {
    const [own] = await runOf(whole).sticky.find();
    const { acceptance, ignored } = await labelAcceptance(github, pull.number, 'ok', own);
    return ignored ?? ['fp00000000000001', 'fp00000000000002'].filter((name) => acceptance?.covers(name));
  };
  scene.repository.collaborators.set('ada', 'write').set('bob', 'triage');
  assert.deepEqual(await accepted(), []);
  setLabel(pull, 'ok', { actor: ada, clock: scene.github.clock });
  assert.match(String(await accepted()), /set before anything was shown/);

  pull.labels.delete('ok');
  pull.events.length = 0;
  await runOf(whole, { run: 1, shown: new Map([['fp00000000000001', 'now']]) }).write();
  setLabel(pull, 'ok', { actor: ada, clock: scene.github.clock });
  assert.deepEqual(await accepted(), ['fp00000000000001']);

  setLabel(pull, 'OK', { actor: { ...ada, login: 'bob' }, clock: scene.github.clock });
  assert.match(String(await accepted()), /set by bob, who may not write to the repository/);
  pull.events.pop();

  const [own] = await runOf(whole).sticky.find();
  const shown = new Map<string, number | 'now'>([
    ['fp00000000000001', own!.updatedAt],
    ['fp00000000000002', 'now'],
  ]);
  await runOf(whole, { run: 2, shown }).write();
  assert.deepEqual(await accepted(), ['fp00000000000001']);
});
