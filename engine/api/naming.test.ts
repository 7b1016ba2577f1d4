import assert from 'node:assert/strict';
import { test } from 'node:test';
import { graphqlName, strippedName } from './naming.ts';

test('makes any name a legal GraphQL name', () => {
  const names: Readonly<Record<string, string>> = {
    books: 'books',
    'book-tags': 'book_tags',
    'PG-13': 'PG_13',
    '2fa': '_2fa',
    ___x: '_x',
    'a"b': 'a_b',
    'a.b': 'a_b',
    naïve: 'na_ve',
    '🙂': '_',
    '': '_',
    __: '_',
    constructor: 'constructor',
  };
  for (const [name, legal] of Object.entries(names)) assert.equal(graphqlName(name), legal, name);
  assert.equal(graphqlName('__proto__'), '_proto__');
});

test('strips what marks a column as a foreign key, and nothing that would leave no name', () => {
  const names = new Map([
    ['author_id', 'author'],
    ['authorId', 'author'],
    ['authorID', 'author'],
    ['author_fk', 'author'],
    ['author_uuid', 'author'],
    ['author', undefined],
    ['_id', undefined],
    ['Id', undefined],
    ['paid', undefined],
  ]);
  for (const [column, name] of names) assert.equal(strippedName(column), name, column);
});
