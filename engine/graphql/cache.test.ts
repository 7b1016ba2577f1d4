import assert from 'node:assert/strict';
import test from 'node:test';
import { ByteCache } from './cache.ts';

test('the entry that was not used for longest goes when the bytes are used up', () => {
  const cache = new ByteCache<string>(100);
  cache.set('a', 'A', 38);
  cache.set('b', 'B', 38);
  assert.equal(cache.get('a'), 'A');
  cache.set('c', 'C', 38);
  assert.deepEqual([cache.get('a'), cache.get('b'), cache.get('c')], ['A', undefined, 'C']);
  assert.equal(cache.bytes, 80);
});

test('a value larger than the whole cache is not kept, and replaces none', () => {
  const cache = new ByteCache<string>(100);
  cache.set('a', 'A', 10);
  cache.set('b', 'B', 1000);
  assert.deepEqual([cache.get('a'), cache.get('b')], ['A', undefined]);
  cache.set('a', 'A2', 20);
  assert.equal(cache.bytes, 22);
});
