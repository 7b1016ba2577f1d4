/** Tags of bodies, and the lists of tags that callers send. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { etagOf, namesTag } from './etag.ts';

test('gives equal bodies equal tags and others another one', () => {
  assert.equal(etagOf('[{"id":1}]'), '"zmvaW6DYfjkMndI6Sw9ONlORvU8"');
  assert.equal(etagOf('[{"id":1}]'), etagOf(['[{"id":', '1}]'].join('')));
  const bodies = ['', '[]', '[{"id":1}]', '[{"id": 1}]', '[{"id":1.0}]', '[{"id":"1"}]', 'é', 'e\u0301'];
  assert.equal(new Set(bodies.map(etagOf)).size, bodies.length);
  for (const body of bodies) assert.match(etagOf(body), /^"[A-Za-z0-9_-]{27}"$/);
});

const lists: readonly (readonly [string, boolean])[] = [
  ['"a"', true],
  [' "a" ', true],
  ['"b", "a"', true],
  ['"b","a","c"', true],
  ['W/"a"', true],
  ['"x", W/"a"', true],
  ['*', true],
  [' * ', true],
  ['', false],
  ['a', false],
  ['"b"', false],
  ['"A"', false],
  ['"a', false],
  ['""', false],
  ['"a""a"', false],
  ['w/"a"', false],
  ['*, "b"', false],
];
for (const [header, named] of lists)
  test(`${header} ${named ? 'names' : 'does not name'} "a"`, () =>
    assert.equal(namesTag(header, '"a"', 'weak'), named));

test('a tag that was weakened on the way is none where a write depends on it', () => {
  assert.equal(namesTag('W/"a"', '"a"', 'strong'), false);
  assert.equal(namesTag('W/"b", "a"', '"a"', 'strong'), true);
  assert.equal(namesTag('*', '"a"', 'strong'), true);
});
