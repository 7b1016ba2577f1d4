/** The first line of the comment: what was written is what is read, and nothing else is taken for it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compareRuns, type Marker, markerIn, markerKey, markerText } from './marker.ts';

const marker: Marker = {
  key: markerKey('.github/workflows/plan.yaml', '.', []),
  run: { id: 42, attempt: 2 },
  head: 'a'.repeat(40),
  shown: new Map<string, number | 'now'>([
    ['fp00000000000001', 1_700_000_000_000],
    ['fp00000000000002', 'now'],
    ['fp00000000000003', 1_700_000_000_000],
  ]),
};

test('is one line of HTML that is not shown, and comes back as it was', () => {
  const text = markerText(marker);
  assert.equal(
    text,
    `<!-- novastack:plan v=1 key=${marker.key} run=42.2 head=${'a'.repeat(40)} shown=1700000000000:00000000000001,00000000000003;now:00000000000002 -->`,
  );
  const read = markerIn(`${text}\n### A plan`);
  assert.deepEqual(read, {
    ...marker,
    shown: new Map([...marker.shown].sort(([a], [b]) => order(a) - order(b))),
  });
  const none = { ...marker, shown: new Map() };
  assert.deepEqual(markerIn(markerText(none)), none);
});

/** As they are grouped by time. */
function order(name: string): number {
  return ['fp00000000000001', 'fp00000000000003', 'fp00000000000002'].indexOf(name);
}

test('has to stand first, and whole', () => {
  const text = markerText(marker);
  for (const body of [
    '',
    'a comment',
    `> ${text}`,
    `\n${text}`,
    text.replace('v=1', 'v=2'),
    text.slice(0, 60),
  ])
    assert.equal(markerIn(body), undefined, body);
});

test('what is no fingerprint of ours cannot end the comment early', () => {
  const shown = new Map<string, 'now'>([
    ['--><img src=x>', 'now'],
    ['fp00000000000001', 'now'],
  ]);
  assert.match(markerText({ ...marker, shown }), /shown=now:00000000000001 -->$/);
});

test('its key is of the workflow, the folder and the projects', () => {
  const keys = [
    markerKey('a.yaml', '.', []),
    markerKey('b.yaml', '.', []),
    markerKey('a.yaml', 'apis', []),
    markerKey('a.yaml', '.', ['apis']),
  ];
  assert.equal(new Set(keys).size, keys.length);
  assert.equal(markerKey('a.yaml', '.', []), keys[0]);
});

test('of two runs the later is the newer, and of one run the later attempt', () => {
  const runs = [
    { id: 9, attempt: 3 },
    { id: 10, attempt: 1 },
    { id: 10, attempt: 2 },
  ] as const;
  assert.deepEqual(runs.toReversed().sort(compareRuns), runs);
});
