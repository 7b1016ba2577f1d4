/** Limits of a role: what it does not have of its own is the project's, and another role's is never its own. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { serve } from '../../test/graphql.ts';
import { token } from '../../test/project.ts';

const sql = `
  create table authors (id int primary key);
  create table books (id int primary key, author_id int references authors (id));
  insert into authors values (1);
  insert into books values (1, 1);
`;
const yaml = `
auth: { anonymous: guest }
limits: { depth: 3, graphql: { aliases: 2, batch: 2 } }
roles:
  guest: {}
  wide: { limits: { depth: 4, graphql: { aliases: 3, roots: 1, batch: 3 } } }
  heir: { inherits: [wide] }
  narrow: { limits: { graphql: { depth: 2, tokens: 13, directives: 0, fields: 3 } } }
tables:
  authors: { permissions: { guest: { select: true }, wide: { select: true }, narrow: { select: true } } }
  books: { permissions: { guest: { select: true }, wide: { select: true }, narrow: { select: true } } }
`;

test('a role has the limits that it was given, and those of the project else', async (t) => {
  const { ask, send } = await serve(t, { sql, yaml });
  const answer = async (role: string, query: string): Promise<string> => {
    const { body } = await ask(token(role), query);
    const { errors } = body as { readonly errors?: readonly { readonly message: string }[] };
    return errors === undefined ? 'answered' : errors[0]!.message;
  };
  const aliases = (count: number) =>
    `{ books { ${Array.from({ length: count }, (_, index) => `a${index}: id`).join(' ')} } }`;
  const levels = (count: number) =>
    `{ books { ${Array.from({ length: count }, (_, index) => (index % 2 ? 'books {' : 'author {')).join(' ')} id ${'}'.repeat(count)} } }`;
  assert.deepEqual(
    {
      'as the project: aliases': [await answer('guest', aliases(2)), await answer('guest', aliases(3))],
      'its own: aliases': [await answer('wide', aliases(3)), await answer('wide', aliases(4))],
      'not inherited: aliases': [await answer('heir', aliases(2)), await answer('heir', aliases(3))],
      'as the project: levels': [await answer('guest', levels(3)), await answer('guest', levels(4))],
      'its own: levels': [await answer('wide', levels(4)), await answer('wide', levels(5))],
      'not inherited: levels': [await answer('heir', levels(3)), await answer('heir', levels(4))],
      roots: [
        await answer('wide', '{ books { id } }'),
        await answer('wide', '{ books { id } authors { id } }'),
        await answer('guest', '{ books { id } authors { id } }'),
      ],
      depth: [await answer('narrow', '{ books { id } }'), await answer('narrow', levels(1))],
      tokens: await answer('narrow', '{ books { id id id id id id id id id } }'),
      directives: await answer('narrow', '{ books { id @skip(if: true) } }'),
      fields: await answer('narrow', '{ books { id id id } }'),
    },
    {
      'as the project: aliases': ['answered', 'the document has more than 2 aliases'],
      'its own: aliases': ['answered', 'the document has more than 3 aliases'],
      'not inherited: aliases': ['answered', 'the document has more than 2 aliases'],
      'as the project: levels': ['answered', 'the document follows more than 3 levels of relationships'],
      'its own: levels': ['answered', 'the document follows more than 4 levels of relationships'],
      'not inherited: levels': ['answered', 'the document follows more than 3 levels of relationships'],
      roots: ['answered', 'the document has more than 1 root fields', 'answered'],
      depth: ['answered', 'the document selects deeper than 2 levels'],
      tokens: 'the document has more than 13 tokens',
      directives: 'the document has more than 0 directives',
      fields: 'the document has more than 3 fields, with fragments expanded,',
    },
  );
  const batch = async (role: string, count: number) => {
    const body = JSON.stringify(Array.from({ length: count }, () => ({ query: '{ __typename }' })));
    const answered = await send(
      token(role),
      'POST /graphql/v1',
      { 'content-type': 'application/json' },
      body,
    );
    return answered.status === 200
      ? 'answered'
      : (answered.body as { readonly errors: readonly { readonly message: string }[] }).errors[0]!.message;
  };
  assert.deepEqual(
    [await batch('guest', 2), await batch('guest', 3), await batch('wide', 3), await batch('heir', 3)],
    [
      'answered',
      'A list of 3 operations was sent; 1 to 2 are run together.',
      'answered',
      'A list of 3 operations was sent; 1 to 2 are run together.',
    ],
  );
});
