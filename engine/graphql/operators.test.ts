import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { buildSchema, type GraphQLInputObjectType } from 'graphql';
import { asker } from '../../test/graphql-asker.ts';
import { token } from '../../test/project.ts';

const staff = token('staff');
const limited = token('limited');
const { open, close, data, refused, sdl } = asker({
  sql: `
    create extension ltree;
    create extension citext;
    create type mood as enum ('PG-13', 'calm');
    create table things (
      id int primary key,
      tags text[],
      numbers int[],
      meta jsonb,
      raw json,
      name citext,
      code char(4),
      mood mood,
      place ltree,
      at timestamptz,
      span int4range,
      address inet
    );
    insert into things values
      (1, '{a,b}', '{1,2}', '{"k": "Alpha", "n": 1}', '{}', 'Alice', 'ab', 'PG-13', 'top.science.astronomy', '2024-01-01', '[1,5)', '10.0.0.1'),
      (2, '{b}', '{2}', '{"k": "beta", "list": [1]}', null, 'bob', 'cd', 'calm', 'top.hobbies', null, null, null),
      (3, null, null, null, null, null, null, null, null, null, null, null);
    create table pairs (a int, b text, n int, primary key (b, a));
    insert into pairs values (1, 'x', 5), (1, 'y', 6);
  `,
  yaml: `
roles: { staff: {}, limited: {} }
tables:
  pairs: { permissions: { staff: { select: true } } }
  things:
    permissions:
      staff: { select: true, update: true }
      limited: { select: { columns: [id, place, meta], where: { id: { _lt: 2 } } } }
`,
});
before(open);
after(close);

async function ids(where: string, variables?: Record<string, unknown>, declared = ''): Promise<unknown> {
  const query = `query${declared} { things(where: ${where}, order_by: { id: asc }) { id } }`;
  const { things } = (await data(staff, query, variables)) as { things: { id: number }[] };
  return things.map(({ id }) => id);
}

test('each scalar has the operators of Hasura', async () => {
  const schema = buildSchema(await sdl(staff));
  const fields = (name: string) =>
    Object.values((schema.getType(name) as GraphQLInputObjectType).getFields()).map(
      (one) => `${one.name}: ${one.type}`,
    );
  const order = (type: string) => [
    `_eq: ${type}`, `_gt: ${type}`, `_gte: ${type}`, `_in: [${type}!]`, '_is_null: Boolean', `_lt: ${type}`,
    `_lte: ${type}`, `_neq: ${type}`, `_nin: [${type}!]`,
  ]; // biome-ignore format: a list
  const patterns = (type: string) =>
    [
      '_ilike',
      '_iregex',
      '_like',
      '_nilike',
      '_niregex',
      '_nlike',
      '_nregex',
      '_nsimilar',
      '_regex',
      '_similar',
    ].map((name) => `${name}: ${type}`);
  for (const [name, expected] of [
    ['mood_comparison_exp', order('mood')],
    ['timestamptz_comparison_exp', order('timestamptz')],
    [
      'String_array_comparison_exp',
      [...order('[String!]'), '_contains: [String!]', '_contained_in: [String!]'],
    ],
    ['citext_comparison_exp', [...order('citext'), ...patterns('citext')]],
    ['bpchar_comparison_exp', [...order('bpchar'), ...patterns('bpchar')]],
    ['json_comparison_exp', ['_is_null: Boolean']],
    [
      'jsonb_comparison_exp',
      [
        ...order('jsonb'),
        '_cast: jsonb_cast_exp',
        '_contains: jsonb',
        '_contained_in: jsonb',
        '_has_key: String',
        '_has_keys_all: [String!]',
        '_has_keys_any: [String!]',
      ],
    ],
    ['jsonb_cast_exp', ['String: String_comparison_exp']],
    [
      'ltree_comparison_exp',
      [
        ...order('ltree'),
        '_ancestor: ltree',
        '_ancestor_any: [ltree!]',
        '_descendant: ltree',
        '_descendant_any: [ltree!]',
        '_matches: lquery',
        '_matches_any: [lquery!]',
      ],
    ],
  ] as const)
    assert.deepEqual(fields(name).sort(), [...expected].sort(), name);
});

test('every operator is answered', async () => {
  for (const [where, expected] of [
    ['{ tags: { _contains: ["b"] } }', [1, 2]],
    ['{ tags: { _contained_in: ["b", "c"] } }', [2]],
    ['{ tags: { _in: [["b"], ["x"]] } }', [2]],
    ['{ tags: { _nin: [["b"]] } }', [1]],
    ['{ tags: { _in: [] } }', []],
    ['{ numbers: { _gt: [1] } }', [1, 2]],
    ['{ numbers: { _is_null: true } }', [3]],
    ['{ meta: { _contains: { n: 1 } } }', [1]],
    ['{ meta: { _has_key: "list" } }', [2]],
    ['{ meta: { _has_keys_any: ["n", "list"] } }', [1, 2]],
    ['{ meta: { _has_keys_all: ["k", "n"] } }', [1]],
    ['{ meta: { _cast: { String: { _ilike: "%alpha%" } } } }', [1]],
    ['{ meta: { _cast: { String: { _like: "%alpha%" } } } }', []],
    ['{ meta: { _cast: { String: { _regex: "be.a", _neq: "x" } } } }', [2]],
    ['{ meta: { _cast: {} } }', [1, 2, 3]],
    ['{ raw: { _is_null: false } }', [1]],
    ['{ name: { _eq: "ALICE" } }', [1]],
    ['{ name: { _like: "B%" } }', [2]],
    ['{ code: { _eq: "ab" } }', [1]],
    ['{ code: { _similar: "a(b|c)%" } }', [1]],
    ['{ mood: { _in: ["calm"] } }', [2]],
    ['{ mood: { _gt: "PG-13" } }', [2]],
    ['{ place: { _ancestor: "top.science.astronomy.stars" } }', [1]],
    ['{ place: { _descendant: "top" } }', [1, 2]],
    ['{ place: { _descendant_any: ["top.hobbies", "x"] } }', [2]],
    ['{ place: { _ancestor_any: ["top.hobbies.chess"] } }', [2]],
    ['{ place: { _matches: "*.science.*" } }', [1]],
    ['{ place: { _matches_any: ["*.x", "top.hobb*"] } }', [2]],
    ['{ at: { _lte: "2024-01-01T00:00:00Z" } }', [1]],
    ['{ span: { _eq: "[1,5)" } }', [1]],
    ['{ address: { _in: ["10.0.0.1"] } }', [1]],
    // Nothing is asked by an empty object, or by a null; connectives nest.
    ['{}', [1, 2, 3]],
    ['{ id: {}, mood: null }', [1, 2, 3]],
    ['{ _or: [] }', []],
    ['{ _and: [] }', [1, 2, 3]],
    ['{ _not: { _or: [{ id: { _eq: 1 } }, { id: { _eq: 2 } }] } }', [3]],
  ] as const)
    assert.deepEqual(await ids(where), expected, where);
  assert.deepEqual(await ids('null'), [1, 2, 3]);
  assert.deepEqual(await ids('$w', {}, ' ($w: things_bool_exp)'), [1, 2, 3]);
});

test('a null in a comparison is refused, and so is an operand of another kind', async () => {
  const place = '$.selectionSet.things.args.where';
  for (const [where, path] of [
    ['{ id: { _eq: null } }', `${place}.id._eq`],
    ['{ tags: { _in: [null] } }', `${place}.tags._in`],
    ['{ meta: { _cast: { String: { _like: null } } } }', `${place}.meta._cast.String._like`],
    ['{ place: { _matches_any: [null] } }', `${place}.place._matches_any`],
    ['{ meta: { _cast: { Int: { _eq: 1 } } } }', `${place}.meta._cast.Int`],
  ] as const) {
    const [code, at] = await refused(staff, `{ things(where: ${where}) { id } }`);
    assert.deepEqual([code, at!.startsWith(path)], ['validation-failed', true], `${where} ${at}`);
  }
});

test('in a mutation an emptied comparison is refused, a cast as well', async () => {
  for (const where of ['{ meta: { _cast: {} } }', '{ meta: { _cast: { String: {} } } }', '{ place: {} }'])
    assert.deepEqual(
      (
        await refused(
          staff,
          `mutation { update_things(where: ${where}, _set: { code: "x" }) { affected_rows } }`,
        )
      )[0],
      'validation-failed',
      where,
    );
});

test('patterns and casts tell nothing of rows that the policy hides', async () => {
  // A pattern too deep for the database would raise on whatever row it meets.
  for (const where of [
    '{ place: { _matches: "top.*" } }',
    '{ meta: { _cast: { String: { _regex: "." } } } }',
    '{ meta: { _cast: { String: { _eq: "{\\"k\\": \\"Alpha\\", \\"n\\": 1}" } } } }',
  ])
    assert.deepEqual(
      await data(limited, `{ things(where: ${where}) { id } }`),
      { things: [{ id: 1 }] },
      where,
    );
  assert.equal(
    (await refused(limited, '{ things(where: { name: { _eq: "bob" } }) { id } }'))[0],
    'validation-failed',
  );
});

test('several roots, aliases, directives, orders as object and as list, keys of several columns', async () => {
  assert.deepEqual(
    await data(
      staff,
      `query ($yes: Boolean!) {
        a: things(order_by: { id: desc }, limit: 1) { id ... @include(if: $yes) { code } }
        b: things(order_by: [{ mood: asc_nulls_first }, { id: desc }]) { id mood @skip(if: $yes) }
        c: things_by_pk(id: 2) @skip(if: $yes) { id }
        d: things_by_pk(id: 9) { id }
        e: pairs_by_pk(a: 1, b: "y") { n }
      }`,
      { yes: true },
    ),
    { a: [{ id: 3, code: null }], b: [{ id: 3 }, { id: 1 }, { id: 2 }], d: null, e: { n: 6 } },
  );
});
