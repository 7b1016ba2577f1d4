import assert from 'node:assert/strict';
import { test } from 'node:test';
import { allowsReference } from './allowed-secrets.ts';

const env = (name: string) => ({ kind: 'env', name }) as const;
const file = (path: string) => ({ kind: 'file', path }) as const;

test('a list lets a project read what it names, and nothing of the other kind', () => {
  const allowed = ['SHOP_URL', 'BOOKS_*', '/run/secrets/shop', '/run/secrets/books/*'];
  for (const reference of [
    env('SHOP_URL'),
    env('BOOKS_'),
    env('BOOKS_KEY'),
    file('/run/secrets/shop'),
    file('/run/secrets/books/a/b'),
  ])
    assert.equal(allowsReference(allowed, reference), true, JSON.stringify(reference));
  for (const reference of [
    env('SHOP_URL2'),
    env('BOOKS'),
    env('books_KEY'),
    file('/run/secrets/shop2'),
    file('/run/secrets/books'),
    file('/run/secrets/books/../engine'),
    file('/run/secrets/books/./a'),
    file('/run/secrets/books//a'),
    file('/run/secrets/books/..'),
  ])
    assert.equal(allowsReference(allowed, reference), false, JSON.stringify(reference));
  assert.equal(allowsReference([], env('SHOP_URL')), false);
  assert.equal(allowsReference(['*'], file('/etc/shadow')), false);
  assert.equal(allowsReference(['/*'], env('SHOP_URL')), false);
});
