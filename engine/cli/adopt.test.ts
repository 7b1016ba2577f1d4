import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Catalog, Column, Relation, Type } from '../catalog/catalog.ts';
import { adoptedProject, scalar } from './adopt.ts';

const text: Type = { schema: 'pg_catalog', name: 'text', modifiers: '', family: 'string', scalar: 'text' };
const int: Type = {
  schema: 'pg_catalog',
  name: 'int4',
  modifiers: '',
  family: 'integer',
  scalar: 'int4',
  bits: 32,
};

function column(name: string, type: Type, nullable = false): Column {
  return { name, type, nullable, default: null, identity: null, generated: false, comment: null };
}

function relation(schema: string, name: string, columns: readonly Column[], key?: string): Relation {
  return {
    schema,
    name,
    kind: key === undefined ? 'view' : 'table',
    comment: null,
    columns: new Map(columns.map((each) => [each.name, each])),
    primaryKey: key === undefined ? null : { name: 'pkey', columns: [key] },
    uniques: [],
    foreignKeys: [],
    indexes: [],
    insertable: true,
    updatable: true,
    deletable: true,
    rowSecurity: false,
    triggers: false,
    asksSession: false,
    rowEstimate: null,
  };
}

function catalogOf(relations: readonly Relation[]): Catalog {
  return {
    engine: 'postgres',
    version: '15',
    capabilities: {
      returning: true,
      lateral: true,
      arrays: true,
      ranges: true,
      fullText: true,
      transactionalDdl: true,
    },
    schemas: ['public', 'stock'],
    relations: new Map(relations.map((each) => [`${each.schema}.${each.name}`, each])),
    routines: new Map(),
    fingerprint: '',
  };
}

test('writes one closed file for each relation, and never the URL', () => {
  const books = relation('public', 'books', [column('id', int), column('title', text, true)], 'id');
  const files = adoptedProject(
    { project: 'book-shop', url: '${env:BOOK_SHOP_URL}', engine: 'postgres', catalog: catalogOf([books]) },
    (file) => `schema-of-${file}`,
  );
  assert.deepEqual([...files.keys()], ['novastack.yaml', 'tables/books.yaml']);
  assert.match(files.get('novastack.yaml')!, /^ {4}url: \$\{env:BOOK_SHOP_URL\}$/m);
  assert.match(files.get('novastack.yaml')!, /^ {4}schemas: \[public, stock\]$/m);
  assert.equal(
    files.get('tables/books.yaml'),
    `# yaml-language-server: $schema=schema-of-tables/books.yaml
tables:
  books:
    relation: public.books
    # Closed: only "service" sees this table. To open it, take away the # and say who may do what:
    # permissions:
    #   visitor:
    #     select:
    #       columns: [id, title]     # or "*"
    #       limit: 100
    #
    # Its columns:
    #   id: int4, key
    #   title: text, may be null
`,
  );
});

test('names relations of other schemas with them, and offers a key where there is none', () => {
  const view = relation('stock', 'on hand', [column('sku', text)]);
  const files = adoptedProject(
    { project: 'shop', url: '${env:SHOP_URL}', engine: 'postgres', catalog: catalogOf([view]) },
    () => 's',
  );
  const file = files.get('tables/stock.on%20hand.yaml')!;
  assert.match(file, /^ {2}"stock.on hand":\n {4}relation: "stock.on hand"$/m);
  assert.match(file, /# key: \[sku\]$/m);
  assert.match(file, /# Its columns \(a view\):$/m);
});

test('gives hostile names files that are read, and that differ where letter case does not count', () => {
  const names = ['_hidden', '.dot', 'Books', 'books', '../up', 'a.b', '__proto__', 'é'];
  const files = adoptedProject(
    {
      project: 'shop',
      url: '${env:SHOP_URL}',
      engine: 'postgres',
      catalog: catalogOf(names.map((name) => relation('public', name, [column('id', int)], 'id'))),
    },
    () => 's',
  );
  assert.deepEqual([...files.keys()].slice(1), [
    'tables/%5Fhidden.yaml',
    'tables/%42ooks.yaml',
    'tables/books.yaml',
    'tables/%5F_proto__.yaml',
    'tables/%C3%A9.yaml',
    'tables/%5Fdot.yaml',
    'tables/%5F_%2Fup.yaml',
    'tables/a_b.yaml',
  ]);
  assert.match(files.get('tables/a_b.yaml')!, /^ {2}a_b:\n {4}relation: public.a.b$/m);
});

test('quotes what YAML would read as something else', () => {
  const cases = { books: 'books', 'a.b': 'a.b', true: '"true"', No: '"No"', '1x': '"1x"', 'a"b': '"a\\"b"' };
  for (const [name, expected] of Object.entries(cases)) assert.equal(scalar(name), expected);
  assert.equal(scalar('line\u2028\u0085'), '"line\\u2028\\u0085"');
});
