/** Where a finding is shown: the statement that did it, the line of the lock, else the YAML. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { buildProject } from '../../schema/build.ts';
import type { Source } from '../../schema/diagnostic.ts';
import type { Place } from './change.ts';
import { type Ground, locate } from './place.ts';

const yaml = `novastack: 1
project: shop
databases: { main: { engine: embedded } }
tables:
  books:
    columns:
      isbn: { name: isbn13 }
`;
const files = [{ path: 'novastack.yaml', text: yaml }];
const project = buildProject({ root: '/', files, diagnostics: [] }).value!;
const lock = `# Written by NovaStack from the database; do not edit.
schema: public
relation: books
columns:
  - { name: id, type: int4 }
  - { name: "is bn", type: text }
  - name: isbn
    type: text
`;
const statements = [
  {
    database: 'main',
    file: 'migrations/0002_a.sql',
    start: { line: 3, column: 1 },
    text: 'alter table books\n  add isbn text,\n  add isbn_old text;',
  },
  {
    database: 'main',
    file: 'migrations/0003_b.sql',
    start: { line: 1, column: 5 },
    text: 'alter table "Books" drop column isbn;',
  },
  {
    database: 'other',
    file: 'migrations/0009_c.sql',
    start: { line: 1, column: 1 },
    text: 'alter table books drop isbn;',
  },
];
const lockTexts = new Map([['novastack.lock/main/tables/public.books.yaml', lock]]);

function placed(place: Place, ground: Partial<Ground> = {}): string {
  const source = locate(place, { project, statements, lockTexts, ...ground });
  return source === undefined ? 'nowhere' : told(source);
}

function told({ file, span: { start, end } }: Source): string {
  return `${file}:${start.line}:${start.column}-${end.line}:${end.column}`;
}

const path = ['tables', 'books', 'columns', 'isbn'];
const fact = { database: 'main', relation: 'public.books', column: 'isbn' };

test('the last statement that names relation and column, whatever their case', () => {
  assert.equal(placed({ path, fact }), 'migrations/0003_b.sql:1:37-1:41');
});

test('a name that is part of another is not that name', () => {
  const first = { statements: statements.slice(0, 1) };
  assert.equal(placed({ path, fact }, first), 'migrations/0002_a.sql:4:7-4:11');
  assert.equal(
    placed({ path, fact: { ...fact, column: 'old' } }, { ...first, lockTexts: new Map() }),
    'novastack.yaml:7:7-7:11',
  );
});

test('the relation alone where it is of no column', () => {
  const { column: _, ...whole } = fact;
  assert.equal(placed({ path, fact: whole }), 'migrations/0003_b.sql:1:18-1:23');
});

test('without a migration, the line of the lock', () => {
  const none = { statements: [] };
  assert.equal(placed({ path, fact }, none), 'novastack.lock/main/tables/public.books.yaml:7:11-7:15');
  assert.equal(
    placed({ path, fact: { ...fact, column: 'is bn' } }, none),
    'novastack.lock/main/tables/public.books.yaml:6:14-6:19',
  );
  assert.equal(
    placed({ path, fact: { ...fact, column: 'gone' } }, none),
    'novastack.lock/main/tables/public.books.yaml:1:1-1:5',
  );
});

test('what only the YAML tells is placed there, at the nearest that was written', () => {
  assert.equal(placed({ path }), 'novastack.yaml:7:7-7:11');
  assert.equal(placed({ path: [...path, 'name'], part: 'value' }), 'novastack.yaml:7:21-7:27');
  assert.equal(placed({ path: ['tables', 'gone'] }), placed({ path: ['tables'] }));
  assert.equal(
    placed(
      { path, fact: { database: 'main', relation: 'public.other', column: 'isbn' } },
      { lockTexts: new Map() },
    ),
    'novastack.yaml:7:7-7:11',
  );
});

test('a statement of two thousand lines and names of regular expressions are read in time', () => {
  const long = {
    database: 'main',
    file: 'm.sql',
    start: { line: 1, column: 1 },
    text: `${'-- isbnisbn\n'.repeat(100_000)}books (.*)+$`,
  };
  const started = performance.now();
  assert.equal(
    placed({ path, fact: { ...fact, column: '(.*)+$' } }, { statements: [long] }),
    'm.sql:100001:7-100001:13',
  );
  assert.ok(performance.now() - started < 2_000);
});
