/** Which inputs a role has beyond plain columns: rows nested in rows, and operators that read what they change. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type Served, serve } from '../../test/graphql.ts';
import { token } from '../../test/project.ts';

const sql = `
create table authors (id int primary key, name text);
create table books (id int primary key, stock int, author_id int references authors (id));
`;

const yaml = `
roles: { all: {}, lender: {}, blind: {}, some: {}, slim: {}, novel: {} }
tables:
  authors:
    permissions:
      all: { select: true, insert: true }
      lender: { select: true }
      novel: { select: true, insert: true }
      blind: { select: { columns: [name] }, insert: true }
  books:
    relationships: { author: { column: author_id, to: authors.id } }
    permissions:
      all: { select: true, insert: true, update: true }
      lender: { select: true, insert: true }
      novel: { select: true }
      blind: { select: true, insert: true }
      slim: { select: { columns: [stock] }, insert: { columns: [stock] }, update: { columns: [stock], where: {} } }
      some: { select: { columns: { id: true, stock: { when: { id: 1 } } } }, update: { columns: [stock], where: {} } }
`;

let served: Served;
const endings: (() => unknown)[] = [];
before(async () => {
  served = await serve({ after: (end) => void endings.unshift(end as () => unknown) }, { sql, yaml });
});
after(async () => {
  for (const end of endings) await end();
});

/** Undefined: there is no such type. */
async function inputs(role: string, type: string): Promise<readonly string[] | undefined> {
  const { text } = await served.ask(token(role), `{ __type(name: "${type}") { inputFields { name } } }`);
  return JSON.parse(text).data.__type?.inputFields.map(({ name }: { name: string }) => name);
}

test('an object is nested where the role may insert it', async () => {
  assert.deepEqual(await inputs('all', 'books_insert_input'), ['id', 'stock', 'author_id', 'author']);
  assert.deepEqual(await inputs('lender', 'books_insert_input'), ['id', 'stock', 'author_id']);
  assert.deepEqual(await inputs('all', 'authors_insert_input'), ['id', 'name', 'books']);
  assert.deepEqual(await inputs('novel', 'authors_insert_input'), ['id', 'name']);
});

test('and where it may read the key that the other row is filled with', async () => {
  assert.deepEqual(await inputs('blind', 'books_insert_input'), ['id', 'stock', 'author_id']);
});

test('an operator changes what the role reads in every row', async () => {
  assert.deepEqual(await inputs('all', 'books_inc_input'), ['id', 'stock', 'author_id']);
  assert.deepEqual(await inputs('some', 'books_set_input'), ['stock']);
  assert.equal(await inputs('some', 'books_inc_input'), undefined);
});

test('a key to conflict on is one whose columns the role knows', async () => {
  const keys = async (role: string) => {
    const { text } = await served.ask(
      token(role),
      '{ __type(name: "books_constraint") { enumValues { name } } }',
    );
    return JSON.parse(text).data.__type?.enumValues.map(({ name }: { name: string }) => name);
  };
  assert.deepEqual(await keys('all'), ['books_pkey']);
  assert.equal(await keys('slim'), undefined);
});
