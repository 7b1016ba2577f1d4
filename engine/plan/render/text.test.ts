import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as plans from './plans.fixture.ts';
import { holdRecorded } from './recorded.fixture.ts';
import { planText, type TextOptions } from './text.ts';

const { plan, project } = plans;
const options: TextOptions = { gate: 'error', today: '2026-11-30' };

const story = plan(
  project({
    diagnostics: plans.wrong,
    changes: [plans.fieldGone, plans.roleWidened, plans.limitLowered, plans.filterChanged, plans.tableAdded],
    migrations: [plans.migration],
    tests: plans.testsFailed,
  }),
);

test('says that nothing changes', () => {
  assert.equal(
    planText(plan(project({ state: 'unchanged' })), options),
    '✓ Nothing changes for callers, compared with main.',
  );
});

test('tells one project in full', () => holdRecorded('text.story.recorded.txt', planText(story, options)));

test('tells several projects, each with its folder', () => {
  holdRecorded('text.monorepo.recorded.txt', planText(plans.monorepo, options));
});

test('breaks sentences at the width', () => {
  for (const width of [40, 80, 120]) {
    const sentences = planText(story, { ...options, width })
      .split('To accept')[0]!
      .split('\n')
      .filter((line) => line.startsWith('    ') && !line.trimStart().startsWith('was '));
    for (const line of sentences) assert.ok(line.length <= width || !line.trim().includes(' '), line);
  }
});

test('colours what a terminal can show, and nothing else changes', () => {
  const colored = planText(story, { ...options, color: true });
  assert.match(colored, /\u001b\[31mbreaking\u001b\[0m {2}response-property-removed/);
  assert.equal(colored.replace(/\u001b\[\d+m/g, ''), planText(story, options));
});

test('counts safe changes when they are many, and tells them when asked', () => {
  const changes = Array.from({ length: 6 }, () => plans.tableAdded);
  const text = planText(plan(project({ changes })), options);
  assert.equal(
    text,
    [
      'bookshop  Bookshop',
      'API\n  safe  6 more changes, told by --verbose and --format json',
      '✓ 6 changes, all safe, compared with main.\n  6 safe',
    ].join('\n\n'),
  );
  const verbose = planText(plan(project({ changes })), { ...options, verbose: true });
  assert.equal(verbose.match(/Table "reviews" is new\./g)?.length, 6);
});

test('says how a removed project is accepted, which has no file any more', () => {
  const gone = project({ state: 'removed', changes: [plans.fieldGone] });
  assert.equal(
    planText(plan(gone), options).split('\n\n').at(-2),
    'That a project is removed is accepted by the label of the pull request alone.',
  );
});

test('lets no escape sequence of a name reach the terminal', () => {
  const text = planText(plans.named('x\u001b[2J\u202ey\r'), options);
  assert.doesNotMatch(text, /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e]/);
  assert.match(text, /x\\u001b\[2J\\u202ey\\u000d/);
});
