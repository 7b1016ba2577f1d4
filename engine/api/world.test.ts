/** What each role's permissions make of the project: which tables, columns, relationships and functions there are for it. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { buildProject } from '../../schema/build.ts';
import { createProject } from '../../test/project.ts';
import type { Column, WorldTable } from './api.ts';
import { compileApi } from './compile.ts';
import { conditionKey } from './condition.ts';

const sql = `
create table people (id int primary key, name text, secret text, hidden_id int unique);
create table books (
  id int primary key, title text, price int, cost int, owner text, slug text generated always as (title) stored, serial int generated always as identity,
  author_id int references people, secret_id int references people (hidden_id)
);
create table reviews (id int primary key, book_id int references books, stars int);
create table tags (id int primary key, label text);
create table book_tags (book_id int references books, tag_id int references tags, primary key (book_id, tag_id));
create view titles as select distinct title from books;
create function score(books) returns int language sql stable as 'select 1';
create function rivals(books) returns setof books language sql stable as 'select * from books';
create function people_of(books) returns setof people language sql stable as 'select * from people';
create function newest() returns setof books language sql stable as 'select * from books';
`;

const yaml = `
auth: { anonymous: nobody }
roles:
  all: { everything: true }
  nobody: {}
  reader: {}
  heir: { inherits: [reader] }
  blind: {}
  linked: {}
  through: {}
  other: {}
  same: { inherits: [one, three] }
  one: {}
  two: {}
  three: {}
  checked: {}
  caller: {}
  chain: {}
  halfway: {}
  some: {}
  broken: {}
  broken_cell: {}
functions:
  score: { permissions: { caller: { execute: true }, blind: { execute: true } } }
  rivals: { permissions: { caller: { execute: true } } }
  people_of: { permissions: { caller: { execute: true } } }
  newest: { permissions: { caller: { execute: true }, reader: { execute: true } } }
tables:
  people:
    columns: { secret: { hidden: true }, hidden_id: { hidden: true } }
    relationships: { written: { from: books.author_id } }
    permissions:
      reader: { select: { columns: "*" } }
      linked: { select: { columns: [id, name] } }
      other: { select: { columns: [name] }, insert: { columns: [name, secret] }, update: { columns: [secret, name] } }
      checked: { insert: { columns: "*" }, update: { columns: "*" } }
  books:
    columns: { cost: { hidden: true } }
    relationships: { writer: { column: author_id, to: people.id }, labels: { through: book_tags, to: tags } }
    permissions:
      reader: { select: { columns: [id, title, secret_id], where: { owner: a }, limit: 5 } }
      heir: { select: { columns: [id, price], where: { owner: b }, limit: 7, aggregate: true } }
      blind: { insert: { columns: [id] } }
      linked: { select: { columns: [id, title, author_id] }, insert: { columns: "*", set: { owner: x } } }
      through: { select: { columns: [id] } }
      other: { select: { columns: [title] }, insert: { columns: [id] } }
      one: { insert: { columns: [id] }, update: { columns: [title], where: { owner: a } }, delete: { where: { owner: a } } }
      two: { insert: { columns: [title] }, update: { columns: [title], where: { owner: b } }, delete: { where: { owner: b } } }
      three: { insert: { columns: [id] } }
      checked:
        insert: { columns: [title], check: { price: 1 } }
        update: { columns: "*", set: { price: 3 }, where: { owner: a } }
        delete: { where: { owner: c } }
      caller: { select: { columns: [id] } }
      chain: { select: { columns: [id] } }
      halfway: { select: { columns: [id] } }
      some:
        select: { columns: { "*": true, price: { when: { owner: b, price: 3 } }, cost: { when: { owner: b } } }, where: { owner: a, price: 3 }, aggregate: { min_group: 4 } }
      broken_cell: { select: { columns: { id: true, price: { when: { nothing: 1 } } } } }
      broken:
        select: { columns: "*", where: { _and: [{ owner: a }, { nothing: 1 }] } }
        insert: { columns: [id], check: { nothing: 1 } }
        update: { columns: [id], where: { _not: { nothing: 1 } } }
        delete: { where: { _or: [{ owner: a }, { nothing: 1 }] } }
  reviews:
    permissions:
      linked: { insert: { columns: [id] } }
      through: { select: { columns: [id, stars] } }
      chain: { select: { columns: [id, book_id] } }
      broken: { insert: { columns: [id], set: { nothing: 1 } } }
  tags: { permissions: { chain: { select: true }, halfway: { select: true }, linked: { select: true }, through: { select: true }, other: { select: true } } }
  book_tags: { permissions: { chain: { select: true }, halfway: { select: { columns: [tag_id] } }, through: { select: { columns: [book_id] } }, other: { insert: true } } }
  titles: { permissions: { broken: { insert: true, update: true, delete: true } } }
`;

const { api } = await createProject({ after }, { sql, yaml, allowErrors: true });

const tableOf = (role: string, name = 'books'): WorldTable => api.world(role).tables.get(name)!;
const names = (columns: Iterable<Column> | undefined) => [...(columns ?? [])].map(({ name }) => name).sort();
const edges = (role: string, name = 'books') => [...(tableOf(role, name)?.edges.keys() ?? [])].sort();
const keyOf = (condition: Parameters<typeof conditionKey>[0] | undefined) =>
  condition && conditionKey(condition);
const owner = (name: string) => keyOf(tableOf(name).update?.where);

test('a table is there for who was granted something on it', () => {
  assert.deepEqual([...api.world('blind').tables.keys()], ['books']);
  assert.deepEqual([...api.world('nobody').tables.keys()], []);
  assert.deepEqual([...api.world('undeclared').tables.keys()], []);
});

test('a column is there for who reads it, and known to who writes it', () => {
  const { columns, known, insert, update } = tableOf('other', 'people');
  assert.deepEqual([names(columns.values()), names(known.values())], [['name'], ['name']]);
  assert.deepEqual([names(insert?.columns), names(update?.columns)], [['name'], ['name']]);
  assert.deepEqual(names(tableOf('blind').columns.values()), []);
  assert.deepEqual(names(tableOf('blind').known.values()), ['id']);
});

test('a hidden column is nobody’s, by * or by everything', () => {
  assert.deepEqual(names(tableOf('reader', 'people').columns.values()), ['id', 'name']);
  assert.deepEqual(names(tableOf('all', 'people').columns.values()), ['id', 'name']);
  assert.deepEqual(names(tableOf('checked', 'people').insert?.columns), ['id', 'name']);
  assert.deepEqual(names(tableOf('all', 'people').update?.columns), ['id', 'name']);
  assert.deepEqual(edges('reader').includes('secret'), false);
  assert.deepEqual(edges('all').includes('secret'), false);
});

test('what nobody can write is granted to nobody', () => {
  const generated = ['id', 'title', 'price', 'owner', 'author_id', 'secret_id'].sort();
  assert.deepEqual(names(tableOf('all').insert?.columns), generated);
  assert.deepEqual(
    names(tableOf('linked').insert?.columns),
    generated.filter((name) => name !== 'owner'),
  );
  assert.deepEqual(
    names(tableOf('checked').update?.columns),
    generated.filter((name) => name !== 'price'),
  );
  assert.deepEqual([tableOf('broken', 'titles'), tableOf('all', 'titles').update], [undefined, undefined]);
  assert.equal(tableOf('all', 'titles').delete, undefined);
  assert.deepEqual([tableOf('all', 'titles').insert, tableOf('all', 'titles').columns.size], [undefined, 1]);
});

test('a relationship is there for who reads its table, its columns and its junction', () => {
  assert.deepEqual(edges('linked'), ['writer']);
  assert.deepEqual(edges('linked', 'people'), ['written']);
  assert.deepEqual(
    [edges('chain'), edges('chain', 'reviews'), edges('chain', 'tags')],
    [['book_tags', 'labels', 'reviews'], ['book'], ['book_tags', 'books']],
  );
  // Without the columns that lead there, there is only what the author names.
  assert.deepEqual(
    [edges('through'), edges('through', 'reviews'), edges('through', 'tags')],
    [['book_tags', 'labels'], [], []],
  );
  assert.deepEqual(edges('halfway', 'tags'), ['book_tags']);
  assert.deepEqual(edges('other'), ['writer']);
  assert.deepEqual(edges('other', 'people'), ['written']);
  assert.deepEqual(edges('blind'), []);
  assert.deepEqual(edges('caller'), ['rivals']);
});

test('a function is there for who may execute it, and so is what it computes', () => {
  assert.deepEqual([...api.world('reader').functions.keys()], ['newest']);
  assert.deepEqual(names(tableOf('caller').computed.values()), ['score']);
  assert.deepEqual(names(tableOf('reader').computed.values()), []);
  assert.deepEqual(names(tableOf('blind').computed.values()), []);
  const result = api.functions.get('newest')?.overloads[0]?.result;
  assert.equal(result?.kind === 'rows' && result.exposed, true);
});

test('inherited reading is a union of cells, and the largest limit holds', () => {
  const { select } = tableOf('heir');
  const [a, b] = [keyOf(tableOf('reader').select?.rows), keyOf(select?.parts[0]?.where)];
  assert.equal(keyOf(select?.rows), `or(${b},${a})`);
  assert.deepEqual(Object.fromEntries([...select!.guards].map(([{ name }, guard]) => [name, keyOf(guard)])), {
    price: b,
    title: a,
    secret_id: a,
  });
  assert.deepEqual([select?.limit, select?.aggregate], [7, true]);
  assert.deepEqual([tableOf('reader').select?.limit, tableOf('reader').select?.aggregate], [5, false]);
});

test('a column of some rows is readable where its condition is true, and aggregates are of so many rows', () => {
  const { select, columns } = tableOf('some');
  const [{ guards }, price] = [select!, tableOf('some').table.columns.get('price')!];
  assert.deepEqual([columns.has('price'), columns.has('cost')], [true, false]);
  assert.deepEqual(names(guards.keys()), ['price']);
  // That the price is 3 each visible row proves already.
  assert.match(keyOf(guards.get(price))!, /^\["compare","owner".*"b"/);
  assert.match(keyOf(select!.rows)!, /^and\(.*"owner".*"a".*"price"/);
  assert.deepEqual([select!.aggregate, select!.minGroup], [true, 4]);
  assert.deepEqual([tableOf('reader').select?.minGroup, tableOf('heir').select?.minGroup], [1, 1]);
});

/** The language reports these too, and none is served. */
const differing = `
roles:
  plain: {}
${['columns', 'set', 'where', 'check'].map((name) => `  of_${name}: { inherits: [plain, other_${name}] }\n  other_${name}: {}`).join('\n')}
tables:
  books:
    permissions:
      plain: { update: { columns: [title], set: { price: 1 }, where: { owner: a }, check: { price: 1 } } }
      other_columns: { update: { columns: [id], set: { price: 1 }, where: { owner: a }, check: { price: 1 } } }
      other_set: { update: { columns: [title], set: { price: 2 }, where: { owner: a }, check: { price: 1 } } }
      other_where: { update: { columns: [title], set: { price: 1 }, where: { owner: b }, check: { price: 1 } } }
      other_check: { update: { columns: [title], set: { price: 1 }, where: { owner: a }, check: { price: 2 } } }
`;

test('inherited writing is what all parents agree on', () => {
  assert.deepEqual(names(tableOf('same').insert?.columns), ['id']);
  const head = 'novastack: 1\nproject: test\ndatabases: { main: { engine: postgres, url: "${env:URL}" } }\n';
  const files = [
    { path: 'novastack.yaml', text: head },
    { path: 'tables.yaml', text: differing },
  ];
  const { value: project } = buildProject({ root: '.', files, diagnostics: [] });
  const { value } = compileApi(project!, new Map([['main', api.databases.get('main')!.catalog]]));
  for (const name of ['columns', 'set', 'where', 'check']) {
    assert.notEqual(value!.api.world(`other_${name}`).tables.get('books')?.update, undefined);
    assert.equal(value!.api.world(`of_${name}`).tables.get('books')?.update, undefined, name);
  }
});

test('a write has the conditions and presets of its permission', () => {
  const { insert, update, delete: remove } = tableOf('checked');
  assert.match(keyOf(insert?.check)!, /price/);
  assert.match(owner('checked')!, /owner/);
  // Without a check of its own, a row must stay where it may be updated.
  assert.equal(keyOf(update?.check), owner('checked'));
  assert.deepEqual(
    [...update!.set.keys()].map(({ name }) => name),
    ['price'],
  );
  assert.match(keyOf(remove?.where)!, /owner/);
});

test('a permission that does not bind grants nothing', () => {
  assert.deepEqual([...api.world('broken').tables.keys()], []);
  assert.deepEqual([...api.world('broken_cell').tables.keys()], []);
});
