/** Derived names against declared ones: who has the name, what is left out, and what `validate` says of it. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { buildSchema, isObjectType, isScalarType } from 'graphql';
import { serve } from '../../test/graphql.ts';
import { token } from '../../test/project.ts';

const staff = token('staff');
const columns = 'id int primary key, price numeric, stock bigint, weight float8, listed boolean, title text';
const yaml = (tables: readonly string[]) =>
  `roles: { staff: { everything: true } }\ntables:\n${tables.map((name) => `  ${name}: {}`).join('\n')}\n`;

test('validate warns of every derived name that a table takes, and the schema stays whole without it', async (t) => {
  const plain = await serve(t, { sql: `create table books (${columns});`, yaml: yaml(['books']) });
  const schema = buildSchema((await plain.send(staff, 'GET /schema.graphql')).text);
  const roots = [schema.getQueryType(), schema.getMutationType()].flatMap((type) =>
    Object.keys(type!.getFields()),
  );
  const types = Object.values(schema.getTypeMap())
    .filter((type) => !isScalarType(type) && !type.name.startsWith('__'))
    .map(({ name }) => name)
    .filter((name) => !name.endsWith('_root') && !name.endsWith('_comparison_exp'))
    // Of no table: a table of such a name is warned of by itself.
    .filter((name) => !['order_by', 'cursor_ordering', 'PageInfo'].includes(name));
  const derived = [...new Set([...roots, ...types])].filter((name) => name !== 'books').sort();
  assert.ok(derived.includes('books_group_by') && derived.includes('books_float_having_exp'));

  const tables = ['books', ...derived];
  const taken = await serve(t, {
    sql: tables.map((name) => `create table "${name}" (${columns});`).join('\n'),
    yaml: yaml(tables),
  });
  const warned = new Set(
    taken.diagnostics.flatMap(({ message }) => message.match(/"([^"]+)" of table "books"/)?.slice(1) ?? []),
  );
  assert.deepEqual(
    derived.filter((name) => !warned.has(name)),
    [],
  );
  const whole = buildSchema((await taken.send(staff, 'GET /schema.graphql')).text);
  const books = Object.keys(whole.getQueryType()!.getFields()).filter((name) => !derived.includes(name));
  assert.ok(books.includes('books') && !books.includes('books_by_pk'));
  // Each of the names is the table's that declares it.
  for (const name of derived) {
    const type = whole.getType(name);
    assert.ok(isObjectType(type) && 'stock' in type.getFields(), name);
  }
});

test('what two tables derive alike is one of theirs, and the other does without', async (t) => {
  const served = await serve(t, {
    sql: `create table shops (${columns}); create table shops_sum (${columns});
          create table shops_group (${columns}); insert into shops values (1, 2.5), (2, 3.5); insert into shops_sum values (1, 7);`,
    yaml: yaml(['shops', 'shops_sum', 'shops_group']),
  });
  const schema = buildSchema((await served.send(staff, 'GET /schema.graphql')).text);
  const having = (name: string) => {
    const type = schema.getType(name);
    return type && 'getFields' in type ? Object.keys(type.getFields()) : [];
  };
  // `shops_sum_having_exp` is the filter of groups of shops_sum, so groups of shops are not filtered by their sum.
  assert.ok(having('shops_sum_having_exp').includes('_and'));
  // The type `shops_group` is a table's, so shops has no groups; shops_sum has.
  const roots = Object.keys(schema.getQueryType()!.getFields());
  assert.deepEqual(
    ['shops_group_by', 'shops_sum_group_by', 'shops_group_group_by'].map((name) => roots.includes(name)),
    [false, true, true],
  );
  const { body } = await served.ask(
    staff,
    '{ shops_aggregate { aggregate { avg { price } } } shops_sum_group_by(keys: [id], having: {avg: {price: {_gt: 6}}}) { keys { id } aggregate { max { price } } } }',
  );
  assert.deepEqual(body, {
    data: {
      shops_aggregate: { aggregate: { avg: { price: 3 } } },
      shops_sum_group_by: [{ keys: { id: 1 }, aggregate: { max: { price: 7 } } }],
    },
  });
});
