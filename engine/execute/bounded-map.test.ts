import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BoundedMap } from './bounded-map.ts';

test('forgets what was used longest ago, by weight', () => {
  const map = new BoundedMap<string, number>(10);
  map.set('a', 1, 4);
  map.set('b', 2, 4);
  assert.equal(map.get('a'), 1);
  map.set('c', 3, 4);
  assert.deepEqual([map.get('a'), map.get('b'), map.get('c'), map.size], [1, undefined, 3, 2]);
});

test('a new value replaces the old one and its weight', () => {
  const map = new BoundedMap<string, number>(10);
  for (let value = 0; value < 100; value += 1) map.set('a', value, 6);
  map.set('b', 1, 4);
  assert.deepEqual([map.get('a'), map.get('b')], [99, 1]);
});

test('what weighs more than all may is not kept, and displaces nothing', () => {
  const map = new BoundedMap<string, number>(10);
  map.set('a', 1, 10);
  map.set('b', 2, 11);
  assert.deepEqual([map.get('a'), map.get('b')], [1, undefined]);
});
