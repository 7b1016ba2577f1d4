import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Diagnostic } from '../../schema/diagnostic.ts';
import { anonymous, createProject } from '../../test/project.ts';
import type { Edge } from './api.ts';

const everyone = (tables: string): string => `
auth: { anonymous: anyone }
roles: { anyone: {} }
tables:
${tables}
`;

const readable = 'permissions: { anyone: { select: true } }';

function describe(edge: Edge): string {
  const pairs = (list: Edge['pairs']) =>
    list.map((pair) => `${pair.near.column}=${pair.far.column}`).join('&');
  const via =
    edge.through === undefined
      ? pairs(edge.pairs)
      : `${pairs(edge.through.near)} ${edge.through.table.name} ${pairs(edge.through.far)}`;
  return `${edge.kind} ${edge.to.name} by ${via}`;
}

function edges(table: { readonly edges: ReadonlyMap<string, Edge> } | undefined): Record<string, string> {
  return Object.fromEntries([...(table?.edges ?? [])].map(([name, edge]) => [name, describe(edge)]));
}

function lines(diagnostics: readonly Diagnostic[]): string[] {
  return diagnostics.map(({ code, severity, message, hint, source }) =>
    [
      `${severity} ${code} ${source?.file}:${source?.span.start.line}:${source?.span.start.column}`,
      message,
      hint ?? '',
    ].join(' | '),
  );
}

const library = `
  CREATE TABLE authors (id int PRIMARY KEY, name text);
  CREATE TABLE books (
    id int PRIMARY KEY,
    author_id int CONSTRAINT a_first REFERENCES authors,
    editor_id int CONSTRAINT b_second REFERENCES authors,
    sequel_of int REFERENCES books,
    author text
  );
  CREATE TABLE covers (book_id int PRIMARY KEY REFERENCES books, url text);
  CREATE TABLE tags (id int PRIMARY KEY);
  CREATE TABLE book_tags (book_id int REFERENCES books, tag_id int REFERENCES tags, PRIMARY KEY (book_id, tag_id));
  CREATE TABLE rooms (building text, no int, PRIMARY KEY (building, no));
  CREATE TABLE shelves (id int PRIMARY KEY, building text, room_no int, FOREIGN KEY (building, room_no) REFERENCES rooms);
  CREATE TABLE book_pairs (book_id int REFERENCES books, other_id int REFERENCES books, PRIMARY KEY (book_id, other_id));
`;
const libraryTables = ['authors', 'books', 'covers', 'tags', 'book_tags', 'rooms', 'shelves', 'book_pairs'];

test('foreign keys give relationships under the first free name', async (t) => {
  const project = await createProject(t, {
    sql: library,
    yaml: everyone(libraryTables.map((name) => `  ${name}: { ${readable} }`).join('\n')),
  });
  const of = (name: string) => edges(project.api.tables.get(name));
  assert.deepEqual(of('books'), {
    authors: 'one authors by author_id=id',
    editor: 'one authors by editor_id=id',
    books: 'one books by sequel_of=id',
    book_pairs: 'many book_pairs by id=book_id',
    book_pairs_by_other_id: 'many book_pairs by id=other_id',
    book_tags: 'many book_tags by id=book_id',
    books_by_sequel_of: 'many books by id=sequel_of',
    covers: 'one covers by id=book_id',
    books_by_book_pairs: 'many books by id=book_id book_pairs other_id=id',
    tags: 'many tags by id=book_id book_tags tag_id=id',
  });
  assert.deepEqual(of('authors'), {
    books: 'many books by id=author_id',
    books_by_editor_id: 'many books by id=editor_id',
  });
  assert.deepEqual(of('shelves'), { rooms: 'one rooms by building=building&room_no=no' });
  assert.deepEqual(of('rooms'), { shelves: 'many shelves by building=building&no=room_no' });
  assert.deepEqual(of('tags'), {
    book_tags: 'many book_tags by id=tag_id',
    books: 'many books by id=tag_id book_tags book_id=id',
  });
  assert.deepEqual(lines(project.diagnostics), [
    'warning BIND_RELATIONSHIP_UNNAMED rest.yaml:6:3 | A foreign key between "books" and "books" gives no relationship: "books" and "books_by_book_pairs" are taken. | name it under tables.books.relationships',
  ]);
});

test('a recorded name stays, and a key that comes later takes the next free one', async (t) => {
  const yaml = everyone(`  authors: { ${readable} }\n  books: { ${readable} }`);
  const recorded = new Map([['public.authors', new Map([['many public.books b_second', 'books']])]]);
  const project = await createProject(t, { sql: library, yaml, recorded });
  assert.deepEqual(edges(project.api.tables.get('authors')), {
    books: 'many books by id=editor_id',
    books_by_author_id: 'many books by id=author_id',
  });
  assert.deepEqual(Object.fromEntries(project.names.get('public.authors')!), {
    'many public.books b_second': 'books',
    'many public.books a_first': 'books_by_author_id',
  });
});

test('the author names, overrides, adds and removes relationships', async (t) => {
  const project = await createProject(t, {
    sql: library,
    yaml: everyone(`
  authors: { ${readable} }
  books:
    ${readable}
    relationships:
      writer: { column: author_id, to: authors.id }
      editor: false
      sequels: { from: books.sequel_of }
      similar: { through: { table: book_pairs, from: book_id, to: other_id }, to: books }
      labels: { through: book_tags, to: tags }
      same_cover: { columns: [id], to: { table: covers, columns: [book_id] } }
  covers: { ${readable} }
  tags: { ${readable} }
  book_tags: { ${readable} }
  book_pairs: { ${readable} }
`),
  });
  const books = edges(project.api.tables.get('books'));
  assert.deepEqual(books, {
    books: 'one books by sequel_of=id',
    book_pairs: 'many book_pairs by id=book_id',
    book_pairs_by_other_id: 'many book_pairs by id=other_id',
    book_tags: 'many book_tags by id=book_id',
    books_by_book_pairs: 'many books by id=other_id book_pairs book_id=id',
    writer: 'one authors by author_id=id',
    sequels: 'many books by id=sequel_of',
    similar: 'many books by id=book_id book_pairs other_id=id',
    labels: 'many tags by id=book_id book_tags tag_id=id',
    same_cover: 'one covers by id=book_id',
  });
  assert.deepEqual(lines(project.diagnostics), []);
});

test('what does not bind is reported at its place, all of it, with what to do', async (t) => {
  const project = await createProject(t, {
    sql: `CREATE SCHEMA stock;
          CREATE TYPE mood AS ENUM ('happy', 'sad');
          CREATE TABLE books (id int PRIMARY KEY, title text, price numeric, mood mood, born date, total int GENERATED ALWAYS AS (id + 1) STORED);
          CREATE TABLE orders (id int PRIMARY KEY, book_id int REFERENCES books);
          CREATE VIEW totals AS SELECT count(*) AS n FROM books;`,
    allowErrors: true,
    yaml: everyone(`
  books:
    columns:
      titel: { hidden: true }
      price: { name: title }
    relationships:
      order: { column: title, to: orders.id }
      shelf: { column: id, to: orders.book_id }
    permissions:
      anyone:
        select:
          columns: [id, isbn, total]
          where:
            _or:
              - { price: { _like: "1%" } }
              - { id: { _eq: "seven" } }
              - { mood: { _eq: hapy } }
              - { orderz: { id: 1 } }
              - { title: { _eq: 5 } }
              - { id: { _gt: $now } }
              - { title: { _like: 'a\\' } }
              - { born: { _gt: yesterday } }
              - { price: { _equals: 1 } }
              - { price: { eq: 1 } }
        insert: { columns: [title, total], set: { nope: 1 } }
  totals: { permissions: { anyone: { insert: true } } }
  orders: { ${readable} }
  book: { relation: public.book }
  shelves: { relation: stok.shelves }
  catalogue: { relation: public.books }
`),
  });
  assert.deepEqual(lines(project.diagnostics), [
    'error BIND_COLUMN_NOT_FOUND rest.yaml:8:7 | Column "titel" does not exist in relation "public.books". | did you mean "title"?',
    'error BIND_NAME_TAKEN rest.yaml:9:22 | Two columns of table "books" would be named "title". | give one of them another name',
    'error BIND_RELATION_NOT_FOUND rest.yaml:32:21 | Relation "public.book" does not exist in database "main". | did you mean "public.books"?',
    'error BIND_SCHEMA_NOT_READ rest.yaml:33:24 | Schema "stok" is not among the schemas of database "main". | add it to databases.main.schemas, or name a relation of public',
    'error BIND_RELATION_TWICE rest.yaml:34:3 | Relation "public.books" is exposed by table "books" already. | expose each relation once, and give roles their columns under permissions',
    'error BIND_RELATIONSHIP_COLUMNS rest.yaml:11:14 | Relationship "order" joins "title" (text) with "id" (integer), which cannot be equal. | join columns of one type',
    'error BIND_NOT_UNIQUE rest.yaml:12:14 | Relationship "shelf" leads to one row, but "book_id" of table "orders" is not unique. | add a unique constraint, name the key of a view with key:, or turn it around: from: orders.book_id',
    'error BIND_COLUMN_NOT_FOUND rest.yaml:16:25 | Column "isbn" does not exist in relation "public.books". | its columns are id, title, price, mood, born, total',
    'error BIND_OPERATOR rest.yaml:19:35 | Operator "_like" does not apply to column "price" of type numeric. | use an operator of that type',
    'error BIND_VALUE rest.yaml:20:30 | Invalid input syntax for type integer: "seven". | write a value of type integer',
    'error BIND_VALUE rest.yaml:21:32 | Invalid input syntax for type mood: "hapy". | did you mean "happy"?',
    'error BIND_NAME_NOT_FOUND rest.yaml:22:19 | Table "books" has no column or relationship "orderz". | did you mean "orders"?',
    'error BIND_VALUE rest.yaml:23:33 | A number was given where text is expected. | write a value of type text, in quotes',
    'error BIND_VALUE rest.yaml:24:30 | $now is a point in time, and integer is expected. | compare it with a date or timestamp column',
    'error BIND_VALUE rest.yaml:25:35 | The pattern ends with a lone escape character "\\". | write a value of type text, in quotes',
    'error BIND_VALUE rest.yaml:26:32 | "yesterday" is not a date in the form of ISO 8601. | write a value of type date',
    'error BIND_OPERATOR rest.yaml:27:28 | There is no operator "_equals" for column "price". | the operators are _eq, _neq, _gt, _gte, _lt, _lte and 18 more',
    'error BIND_OPERATOR rest.yaml:28:28 | There is no operator "eq" for column "price". | did you mean "_eq"?',
    'error BIND_COLUMN_NOT_FOUND rest.yaml:29:51 | Column "nope" does not exist in relation "public.books". | its columns are id, title, price, mood, born, total',
    'error BIND_COLUMN_NOT_WRITABLE rest.yaml:29:36 | Column "total" is a generated column and cannot be written. | remove it from the list',
    'error BIND_NOT_WRITABLE rest.yaml:30:38 | Relation "public.totals" is a view that the database cannot insert. | remove "insert" here, or grant it on the table beneath',
  ]);
  // Closed wherever something did not bind: the broken select and insert grant nothing.
  assert.equal(project.api.world('anyone').tables.has('books'), false);
});

test("a derived GraphQL name that is another table's is left out with a warning that names both", async (t) => {
  const project = await createProject(t, {
    sql: 'CREATE TABLE books (id int PRIMARY KEY); CREATE TABLE books_aggregate (id int PRIMARY KEY); CREATE TABLE "order_by" (id int);',
    yaml: everyone(
      ['books', 'books_aggregate', 'order_by'].map((name) => `  ${name}: { ${readable} }`).join('\n'),
    ),
  });
  assert.deepEqual(lines(project.diagnostics), [
    'warning BIND_GRAPHQL_NAME_TAKEN rest.yaml:5:3 | The derived name "books_aggregate" of table "books" is left out of GraphQL: it is the name of table "books_aggregate". | REST serves both; declare one of them under another name to have both in GraphQL',
    'warning BIND_GRAPHQL_NAME_TAKEN rest.yaml:7:3 | Table "order_by" is left out of GraphQL, where "order_by" is a name of the schema itself. | declare it under another name, with relation: saying which relation it is',
  ]);
});

test('names that other systems trip over are columns, tables and roles like any other', async (t) => {
  const long = 'ж'.repeat(31);
  const names = ['__proto__', 'constructor', 'then', 'a"b', 'a.b', 'select', '🙂', long, 'x y', "o'k"];
  const columns = names.map((name) => `"${name.replaceAll('"', '""')}" text`).join(', ');
  const values = names.map((_name, index) => `'v${index}'`).join(', ');
  const project = await createProject(t, {
    sql: `CREATE TABLE "__proto__" (id int PRIMARY KEY, ${columns}); INSERT INTO "__proto__" VALUES (1, ${values});
          CREATE TABLE "we.ird" (id int PRIMARY KEY REFERENCES "__proto__"); INSERT INTO "we.ird" VALUES (1);`,
    yaml: `
auth: { anonymous: constructor }
roles: { constructor: {} }
tables:
  __proto__: { permissions: { constructor: { select: true } } }
  toString: { relation: "public.we.ird", permissions: { constructor: { select: true } } }
`,
  });
  const { body } = await project.executor.read(
    {
      kind: 'read', table: '__proto__', values: ['v4'], shape: 'row', count: false,
      node: {
        fields: [{ kind: 'all' }, { kind: 'embed', as: 'w', relationship: 'toString', join: 'left', node: { fields: [{ kind: 'all' }] } }],
        where: { kind: 'compare', column: 'a.b', operator: 'eq', value: 0 },
      },
    },
    { principal: anonymous('constructor') },
  ); // biome-ignore format: one request
  const row = JSON.parse(body) as Record<string, unknown>;
  for (const [index, name] of names.entries())
    assert.equal(Object.getOwnPropertyDescriptor(row, name)?.value, `v${index}`, name);
  assert.deepEqual(row.w, { id: 1 });
});

test('what does not bind among columns with conditions is reported at its key', async (t) => {
  const project = await createProject(t, {
    sql: 'CREATE TABLE books (id int PRIMARY KEY, title text, cost int);',
    allowErrors: true,
    yaml: everyone(`
  books:
    columns: { cost: { hidden: true } }
    permissions:
      anyone:
        select:
          columns:
            titel: true
            cots: { when: { id: 1 } }
            cost: { when: { id: 1 } }
            title: { when: { id: seven } }
`),
  });
  assert.deepEqual(lines(project.diagnostics), [
    'error BIND_COLUMN_NOT_FOUND rest.yaml:12:13 | Column "titel" does not exist in relation "public.books". | did you mean "title"?',
    'error BIND_COLUMN_NOT_FOUND rest.yaml:13:13 | Column "cots" does not exist in relation "public.books". | did you mean "cost"?',
    'error BIND_VALUE rest.yaml:15:34 | Invalid input syntax for type integer: "seven". | write a value of type integer',
  ]);
  // A grant of which a part does not bind is none.
  assert.equal(project.api.world('anyone').tables.get('books'), undefined);
});
