import assert from 'node:assert/strict';
import { test } from 'node:test';
import { slugs } from './slug.ts';

test('a plain name is its own slug', () => {
  assert.deepEqual(
    [...slugs(['books', 'order_lines', 'a-1'])],
    [
      ['books', 'books'],
      ['order_lines', 'order_lines'],
      ['a-1', 'a-1'],
    ],
  );
});

test('names that differ in case, dots or emoji alone get slugs of their own', () => {
  const names = [
    'a b',
    'a.b',
    'A.B',
    'a-b',
    '🦊',
    '🐻',
    '__proto__',
    'constructor',
    'x'.repeat(63),
    'x'.repeat(64),
  ];
  const found = slugs(names);
  assert.equal(new Set(found.values()).size, names.length);
  assert.equal(found.get('a-b'), 'a-b');
  assert.equal(found.get('constructor'), 'constructor');
  for (const slug of found.values()) assert.match(slug, /^[a-z0-9][a-z0-9_-]{0,62}$/);
});

test('a name never leads out of its folder or takes the place of another page', () => {
  for (const [name, slug] of slugs(['../x', '/etc', 'index', '404', '..', '.', '', 'con'])) {
    assert.match(slug, /^[a-z0-9-]+-[0-9a-f]{8}$/, name);
  }
});

test('a table that is named like the slug of another keeps its name', () => {
  const other = slugs(['Ä']).get('Ä')!;
  const found = slugs(['Ä', other]);
  assert.equal(found.get(other), other);
  assert.notEqual(found.get('Ä'), other);
});
