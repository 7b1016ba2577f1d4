import assert from 'node:assert/strict';
import { test } from 'node:test';
import { durationMs, durationPattern, rate, ratePattern, sizeBytes, sizePattern } from './quantity.ts';

test('reads durations as milliseconds', () => {
  const read = ['500ms', '30s', '5m', '2h', '7d'].map((text) => {
    assert.match(text, new RegExp(durationPattern));
    return durationMs(text);
  });
  assert.deepEqual(read, [500, 30_000, 300_000, 7_200_000, 604_800_000]);
});

test('reads sizes as bytes, 1024 to a KB', () => {
  const read = ['5B', '64KB', '1MB', '2GB'].map((text) => {
    assert.match(text, new RegExp(sizePattern));
    return sizeBytes(text);
  });
  assert.deepEqual(read, [5, 65_536, 1_048_576, 2_147_483_648]);
});

test('reads rates as a count and a time', () => {
  const read = ['10/s', '60/min', '5/h', '1/d'].map((text) => {
    assert.match(text, new RegExp(ratePattern));
    return rate(text);
  });
  assert.deepEqual(read, [
    { count: 10, perMs: 1_000 },
    { count: 60, perMs: 60_000 },
    { count: 5, perMs: 3_600_000 },
    { count: 1, perMs: 86_400_000 },
  ]);
});

test('takes no other form', () => {
  for (const text of ['', '5', '0s', '-1s', '1.5s', '5 s', '5S', '5s ', '5s\n', '1e3s', '9999999999s']) {
    assert.doesNotMatch(text, new RegExp(durationPattern), text);
  }
  for (const text of ['1mb', '1 MB', '0KB', '1MiB', '1TB'])
    assert.doesNotMatch(text, new RegExp(sizePattern), text);
  for (const text of ['60', '60/m', '0/s', '60 / min', '60/minute']) {
    assert.doesNotMatch(text, new RegExp(ratePattern), text);
  }
});
