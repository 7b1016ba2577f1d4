import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { buildSchema } from 'graphql';
import { asker } from '../../test/graphql-asker.ts';
import { library } from '../../test/graphql-library.ts';
import { anonymous, createProject, token } from '../../test/project.ts';

const visitor = anonymous('visitor');
const member = token('member', { sub: '7' });
const staff = token('staff');
const { open, close, data, refused, sdl } = asker(library);
before(open);
after(close);

test('a computed field is there for those who may execute its function', async () => {
  const path = '$.selectionSet.books.selectionSet';
  for (const [caller, field] of [
    [visitor, 'label'],
    [member, 'worth'],
    [staff, 'secret_cost'],
    [staff, 'absent'],
  ] as const)
    assert.deepEqual(await refused(caller, `{ books { ${field} } }`), [
      'validation-failed',
      `${path}.${field}`,
      `field '${field}' not found in type: 'books'.`,
    ]);
  // Neither does its relationship lead to a table that the role may not read.
  assert.deepEqual(await refused(visitor, '{ books { place { id } } }'), [
    'validation-failed',
    `${path}.place`,
    "field 'place' not found in type: 'books'.",
  ]);
  const text = await sdl(visitor);
  assert.doesNotMatch(text, /^ {2}(label|worth|secret_cost|place)\b/m);
});

test('computed fields have nullable types, filters and orders, and are nothing that is written or distinct', async () => {
  const schema = buildSchema(await sdl(staff));
  const fieldsOf = (name: string) => {
    const type = schema.getType(name) as unknown as { getFields(): Record<string, { type: unknown }> };
    return Object.fromEntries(Object.entries(type.getFields()).map(([key, one]) => [key, String(one.type)]));
  };
  const books = fieldsOf('books');
  assert.deepEqual(
    [books.label, books.worth, books.facts, books.neighbours, books.neighbours_aggregate, books.place],
    ['String', 'numeric', 'jsonb', '[books!]!', 'books_aggregate!', 'shelves'],
  );
  assert.equal(fieldsOf('books_bool_exp').label, 'String_comparison_exp');
  assert.equal(fieldsOf('books_bool_exp').neighbours, 'books_bool_exp');
  assert.equal(fieldsOf('books_order_by').worth, 'order_by');
  assert.equal(fieldsOf('books_order_by').place, 'shelves_order_by');
  for (const input of ['books_insert_input', 'books_set_input'])
    assert.deepEqual(
      ['label', 'worth', 'place'].filter((name) => name in fieldsOf(input)),
      [],
    );
  const columns = schema.getType('books_select_column') as unknown as { getValues(): { name: string }[] };
  assert.deepEqual(
    columns.getValues().map((one) => one.name),
    ['id', 'meta', 'owner', 'price', 'raw', 'shelf_id', 'stock', 'tags', 'title'],
  );
});

test('computed fields are read, filtered and ordered by', async () => {
  assert.deepEqual(
    await data(
      staff,
      '{ books(where: { label: { _like: "T%" }, worth: { _is_null: true } }, order_by: { label: desc }) { id label worth facts } }',
    ),
    {
      books: [
        { id: 2, label: 'Two #2', worth: null, facts: { id: 2 } },
        { id: 3, label: 'Three #3', worth: null, facts: { id: 3 } },
      ],
    },
  );
  assert.deepEqual(
    await data(staff, '{ books(order_by: [{ place: { room: asc } }, { id: desc }]) { id place { room } } }'),
    {
      books: [
        { id: 3, place: { room: 'North' } },
        { id: 1, place: { room: 'North' } },
        { id: 5, place: { room: 'South' } },
        { id: 4, place: null },
        { id: 2, place: { room: null } },
      ],
    },
  );
});

test('a computed relationship takes the arguments of a list and passes the far grant', async () => {
  const query = `{ books_by_pk(id: 1) { neighbours(order_by: { id: desc }, limit: 1, where: { title: { _neq: "x" } }) { id label } } }`;
  assert.deepEqual(await data(staff, query), {
    books_by_pk: { neighbours: [{ id: 3, label: 'Three #3' }] },
  });
  assert.deepEqual(
    await data(
      staff,
      '{ books(where: { neighbours: { id: { _eq: 3 } } }) { id neighbours_aggregate { aggregate { count } } } }',
    ),
    { books: [{ id: 1, neighbours_aggregate: { aggregate: { count: 1 } } }] },
  );
  // The neighbours of 1 and 3 are each other's; both are rows of caller 7, none are of caller 9.
  assert.deepEqual(await data(member, '{ books(where: { id: { _eq: 1 } }) { neighbours { id } } }'), {
    books: [{ neighbours: [{ id: 3 }] }],
  });
});

test('a computed field that raises tells nothing of rows that the policy hides', async () => {
  const query = '{ books(where: { fails_on_4: { _gt: -5 } }, order_by: { id: asc }) { id } }';
  const [code] = await refused(token('member', { sub: '8' }), query);
  assert.equal(code, 'data-exception');
  assert.deepEqual(await data(token('member', { sub: '9' }), query), { books: [{ id: 1 }, { id: 3 }] });
});

test('a computed field whose name is taken is left out with a warning, and REST keeps it', async (t) => {
  const { diagnostics, api } = await createProject(t, {
    sql: `
      create table things (id int primary key, a_b int);
      create function "a-b"(things) returns int language sql stable as 'select 1';
    `,
    yaml: `
roles: { staff: {} }
tables: { things: { permissions: { staff: { select: true } } } }
functions: { a-b: { permissions: { staff: { execute: true } } } }
`,
  });
  assert.deepEqual(
    diagnostics.map(({ code, severity, message }) => [code, severity, message]),
    [
      [
        'BIND_GRAPHQL_NAME_TAKEN',
        'warning',
        'The computed field "a-b" of table "things" is left out of GraphQL, where it would have the name "a_b" of "a_b".',
      ],
    ],
  );
  assert.equal(api.world('staff').tables.get('things')!.computed.get('a-b')!.graphql, null);
});
