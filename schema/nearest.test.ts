import assert from 'node:assert/strict';
import { test } from 'node:test';
import { didYouMean, nearest } from './nearest.ts';

for (const [name, among, expected] of [
  ['titel', ['title', 'subtitle'], 'title'],
  ['tilte', ['title'], 'title'],
  ['TITLE', ['title'], 'title'],
  ['author', ['authors', 'authority'], 'authors'],
  ['id', ['isbn', 'sku'], undefined],
  ['x', ['y'], 'y'],
  ['price', [], undefined],
  ['title', ['title'], undefined],
  ['colums', ['columns', 'column'], 'columns'],
  ['__proto_', ['__proto__', 'constructor'], '__proto__'],
  ['b'.repeat(5000), ['b'.repeat(5001)], undefined],
] as const) {
  test(`finds ${expected ?? 'nothing'} near ${name.slice(0, 20)}`, () => {
    assert.equal(nearest(name, among), expected);
  });
}

test('asks whether the nearest name was meant', () => {
  assert.equal(didYouMean('titel', new Map([['title', 1]]).keys()), 'did you mean "title"?');
  assert.equal(didYouMean('titel', ['price']), undefined);
});
