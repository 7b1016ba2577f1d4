import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isDeprecated } from './deprecation.ts';

test('a description says that something is deprecated in a word of its own', () => {
  for (const text of [
    'deprecated',
    'Deprecated: use isbn13',
    '@deprecated',
    'ISBN-10 (deprecated)',
    'It is DEPRECATED.',
  ])
    assert.equal(isDeprecated(text), true, text);
});

test('a description that says it of nothing, or no longer, does not', () => {
  const others = [
    null,
    '',
    'deprecatedly',
    'non-deprecated',
    'not deprecated',
    'no longer deprecated',
    'undeprecated',
    'will depreciate',
  ];
  for (const text of others) assert.equal(isDeprecated(text), false, String(text));
});
