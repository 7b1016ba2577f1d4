import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { listsOf, placesOfLists } from './json-places.ts';

describe('places of lists', () => {
  it('are those where the value has none', () => {
    for (const [text, places] of [
      ['12345678901234567890', [{ p: '$', e: '12345678901234567890' }]],
      ['{}', [{ p: '$[*]' }]],
      ['[]', []],
      ['{"a": 1, "o": {"k": []}}', [{ p: '$[*]' }, { p: '$."a"[*]' }, { p: '$."o"[*]' }]],
      [
        '[1.0, "x"]',
        [
          { p: '$', e: '1.0' },
          { p: '$', e: '"x"' },
        ],
      ],
      ['[{"id": 1}]', [{ p: '$', e: '{"id":1}' }, { p: '$[*]."id"[*]' }]],
      ['[[1]]', [{ p: '$', e: '[1]' }, { p: '$[*][*][*]' }]],
      ['{"a\\"b": null}', [{ p: '$[*]' }, { p: '$."a\\"b"[*]' }]],
    ] as const)
      assert.deepEqual(placesOfLists(text), places, text);
  });

  it('of a value that is to contain others are its own lists, but for those in lists', () => {
    for (const [text, places] of [
      ['1', []],
      ['[[1]]', ['$']],
      ['{"a": [1], "o": {"k": [[]]}, "b": 1}', ['$."a"', '$."o"."k"']],
    ] as const)
      assert.deepEqual(listsOf(text), places, text);
  });
});
