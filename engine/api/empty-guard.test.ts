import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { emptyGuard } from './empty-guard.ts';

describe('the empty guard', () => {
  it('lets a commit go that keeps half of the tables or more', () => {
    for (const [serving, next] of [
      [[], []],
      [[], ['a']],
      [
        ['a', 'b'],
        ['a', 'b'],
      ],
      [
        ['a', 'b'],
        ['b', 'c'],
      ],
      [
        ['a', 'b', 'c', 'd'],
        ['c', 'd'],
      ],
    ])
      assert.equal(emptyGuard(serving!, next!), undefined);
  });

  it('stops one that removes all of them, or most', () => {
    assert.deepEqual(emptyGuard(['b', 'a'], []), {
      fingerprint: emptyGuard(['a', 'b'], ['c'])?.fingerprint,
      message: 'The commit removes all 2 tables that are served: "a", "b".',
      removed: ['a', 'b'],
    });
    assert.equal(
      emptyGuard(['a', 'b', 'c'], ['c', 'd', 'e', 'f'])?.message,
      'The commit removes 2 of 3 tables that are served: "a", "b".',
    );
    assert.equal(
      emptyGuard(['g', 'f', 'e', 'd', 'c', 'b', 'a'], ['g'])?.message,
      'The commit removes 6 of 7 tables that are served: "a", "b", "c", "d", "e" and 1 more.',
    );
  });

  it('has a fingerprint of what goes, whatever stays', () => {
    const fingerprints = [
      emptyGuard(['a', 'b', 'c'], ['c']),
      emptyGuard(['c', 'b', 'a'], ['c', 'z']),
      emptyGuard(['a', 'b', 'c'], ['b']),
    ].map((emptied) => emptied!.fingerprint);
    assert.match(fingerprints[0]!, /^fp[0-9a-f]{14}$/);
    assert.equal(fingerprints[0], fingerprints[1]);
    assert.notEqual(fingerprints[0], fingerprints[2]);
  });
});
