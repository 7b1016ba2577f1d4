/** What a label accepts: what was shown when it was set, and nothing else. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { acceptanceBy, type IssueEvent, lastSet, shownTimes } from './label.ts';
import type { Marker } from './marker.ts';

const at = (minute: number) => Date.UTC(2026, 0, 5, 9, minute);

function event(
  minute: number,
  kind: 'labeled' | 'unlabeled',
  name = 'ok',
  login: string | null = 'ada',
): IssueEvent {
  return {
    event: kind,
    created_at: new Date(at(minute)).toISOString(),
    actor: login === null ? null : { login, type: 'User' },
    label: { name },
  };
}

test('counts when it was last set, if it still is', () => {
  const cases: readonly (readonly [readonly IssueEvent[], object | undefined])[] = [
    [[], undefined],
    [[event(1, 'labeled')], { at: at(1), by: 'ada' }],
    [[event(1, 'labeled', 'OK')], { at: at(1), by: 'ada' }],
    [[event(1, 'labeled', 'other')], undefined],
    [[event(1, 'labeled'), event(2, 'unlabeled')], undefined],
    [
      [event(1, 'labeled'), event(2, 'unlabeled'), event(3, 'labeled', 'ok', 'bob')],
      { at: at(3), by: 'bob' },
    ],
    [
      [event(3, 'labeled', 'ok', 'bob'), event(1, 'labeled'), event(2, 'unlabeled')],
      { at: at(3), by: 'bob' },
    ],
    [[event(1, 'labeled', 'ok', null)], { at: at(1), by: 'somebody who is gone' }],
    [[{ ...event(1, 'labeled'), event: 'renamed' }], undefined],
  ];
  for (const [events, expected] of cases) assert.deepEqual(lastSet(events, 'ok'), expected);
});

test('covers what had been shown by then, by the clock of GitHub alone', () => {
  const shown = new Map<string, number | 'now'>([
    ['old', at(2)],
    ['forged', at(0)],
    ['new', 'now'],
  ]);
  const marker = { shown } as unknown as Marker;
  const times = shownTimes({ marker, createdAt: at(1), updatedAt: at(5) });
  assert.deepEqual([...times], [['old', at(2)], ['forged', at(1)], ['new', at(5)]]); // biome-ignore format: pairs
  const covered = (minute: number) => {
    const { covers } = acceptanceBy({ at: at(minute), by: 'ada' }, 'ok', times);
    return ['old', 'forged', 'new', 'never'].filter((name) => covers(name));
  };
  assert.deepEqual(covered(0), []);
  assert.deepEqual(covered(1), ['forged']);
  assert.deepEqual(covered(4), ['old', 'forged']);
  assert.deepEqual(covered(5), ['old', 'forged', 'new']);
  assert.equal(acceptanceBy({ at: at(1), by: 'ada' }, 'ok', times).reason, 'ada set the label "ok"');
});
