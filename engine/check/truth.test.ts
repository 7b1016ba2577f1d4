/** Predicates as YAML writes them, and what they come to. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parsePredicate } from '../../schema/notation.ts';
import type { Literal, Predicate } from '../../schema/predicate.ts';
import type { ColumnFacts } from './subjects.ts';
import { prove, type TableFacts, whenTrue } from './truth.ts';

const columns: Readonly<Record<string, ColumnFacts>> = {
  id: { nullable: false, family: 'integer' },
  parent: { nullable: true, family: 'integer' },
  price: { nullable: false, family: 'decimal' },
  open: { nullable: false, family: 'boolean' },
  seen: { nullable: true, family: 'boolean' },
  status: { nullable: false, family: 'enum', labels: ['draft', 'live', 'gone'] },
  title: { nullable: false, family: 'string' },
  folded: { nullable: false, family: 'string', nondeterministic: true },
  day: { nullable: false, family: 'date' },
  at: { nullable: false, family: 'timestamp' },
  token: { nullable: false, family: 'uuid' },
  data: { nullable: false, family: 'json' },
};
const facts: TableFacts = {
  column: (name) => columns[name],
  relationship: (name) =>
    ['author', 'editor', 'reviews'].includes(name) ? { to: facts, certain: name === 'author' } : undefined,
  table: () => facts,
};

function predicate(raw: Literal): Predicate {
  const findings = { error: (...of: unknown[]) => assert.fail(JSON.stringify(of)), warning: () => {} };
  return parsePredicate(raw, [], findings as never)!;
}

const always: readonly Literal[] = [
  {},
  { _and: [] },
  { id: { _is_null: false } },
  { title: {} },
  { id: { _nin: [] } },
  { parent: { _nin: [] } },
  { _not: { id: { _is_null: true } } },
  { _not: { id: { _eq: 1, _neq: 1 } } },
  { _not: { _or: [] } },
  { _or: [{ id: 1 }, { id: { _neq: 1 } }] },
  { _or: [{ price: { _gt: 5 } }, { price: { _lte: 5 } }] },
  { _or: [{ price: { _gt: 3 } }, { price: { _lt: 5 } }] },
  { _or: [{ id: { _gt: 5 } }, { id: { _lt: 6 } }] },
  { _or: [{ day: { _gte: '2026-01-01' } }, { day: { _lt: '2026-01-01' } }] },
  { open: { _in: [true, false] } },
  { _or: [{ open: true }, { open: false }] },
  { open: { _nin: [] } },
  { status: { _in: ['gone', 'live', 'draft'] } },
  { _or: [{ status: 'draft' }, { status: { _in: ['live', 'gone'] } }] },
  { _or: [{ parent: 1 }, { parent: { _neq: 1 } }, { parent: { _is_null: true } }] },
  { _or: [{ title: { _like: 'a%' } }, { title: { _nlike: 'a%' } }] },
  { _or: [{ title: 'a' }, { title: { _neq: 'a' } }] },
  { _or: [{ title: '$jwt.sub' }, { title: { _neq: '$jwt.sub' } }] },
  { id: { _ceq: 'id' } },
  { _or: [{ id: { _clt: 'price' } }, { price: { _clte: 'id' } }] },
  { _or: [{ open: true }, {}] },
  { _and: [{ _or: [{}, { id: 1 }] }] },
  { author: {} },
  { author: { id: { _is_null: false } } },
  { _or: [{ reviews: { id: 1 } }, { _not: { reviews: { id: 1 } } }] },
  { _not: { reviews: { id: { _eq: 1, _neq: 1 } } } },
  { reviews_aggregate: { count: { predicate: { _gte: 0 } } } },
  { reviews_aggregate: { count: { predicate: { _neq: -1 } } } },
  {
    _or: [
      { reviews_aggregate: { count: { predicate: { _eq: 0 } } } },
      { reviews_aggregate: { count: { predicate: { _gt: 0 } } } },
    ],
  },
];

const never: readonly Literal[] = [
  { _or: [] },
  { id: { _in: [] } },
  { id: { _is_null: true } },
  { id: { _eq: 1, _neq: 1 } },
  { id: { _gt: 5, _lt: 6 } },
  { price: { _gt: 5, _lt: 5 } },
  { day: { _gt: '2026-02-01', _lt: '2026-01-01' } },
  { _and: [{ status: 'draft' }, { status: 'live' }] },
  { status: { _nin: ['draft', 'live', 'gone'] } },
  { _and: [{ title: 'a' }, { title: 'b' }] },
  { _and: [{ seen: { _is_null: true } }, { seen: true }] },
  { parent: { _eq: 1, _is_null: true } },
  { _not: {} },
  { _not: { id: { _is_null: false } } },
  { _and: [{ title: '$jwt.sub' }, { title: { _neq: '$jwt.sub' } }] },
  { reviews: { id: { _is_null: true } } },
  { _exists: { table: 'other', where: { id: { _in: [] } } } },
  { reviews_aggregate: { count: { predicate: { _lt: 0 } } } },
  { id: { _cneq: 'id' } },
];

const sometimes: readonly Literal[] = [
  { open: true },
  { parent: { _is_null: false } },
  { _or: [{ parent: 1 }, { parent: { _neq: 1 } }] },
  { seen: { _in: [true, false] } },
  { _or: [{ seen: true }, { _not: { seen: true } }] },
  { parent: { _nin: [1] } },
  { status: { _in: ['draft', 'live'] } },
  { status: { _nin: ['draft'] } },
  { _or: [{ price: { _gt: 5 } }, { price: { _lt: 5 } }] },
  { price: { _gt: 5, _lt: 6 } },
  { id: { _gt: 5, _lt: 7 } },
  { id: { _in: [1, 2, 3] } },
  { id: { _gte: 0 } },
  { title: { _like: '%' } },
  { _or: [{ title: { _like: 'a%' } }, { title: { _nlike: 'b%' } }] },
  { _or: [{ title: 'a' }, { title: { _neq: 'b' } }, { id: 1 }], id: { _gt: 0 } },
  // A claim of a list, and one that is compared with another.
  { title: { _in: '$jwt.titles' } },
  { _or: [{ title: '$jwt.sub' }, { title: { _neq: '$jwt.other' } }] },
  { parent: { _ceq: 'parent' } },
  { _or: [{ id: { _clt: 'parent' } }, { parent: { _clte: 'id' } }] },
  { editor: {} },
  { reviews: {} },
  { author: { open: true } },
  { _exists: { table: 'other', where: {} } },
  { reviews_aggregate: { count: { predicate: { _gt: 0 } } } },
  { reviews_aggregate: { count: { predicate: { _lt: 1 } } } },
  // Only the database knows which texts of these are equal.
  { _and: [{ folded: 'a' }, { folded: 'A' }] },
  { _and: [{ at: '2026-01-01T00:00:00Z' }, { at: '2026-01-01T01:00:00+01:00' }] },
  {
    _and: [
      { token: 'A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11' },
      { token: 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11' },
    ],
  },
  { title: { _gt: 'b', _lt: 'a' } },
  { data: { _contains: { a: 1 } } },
  { _or: [{ data: { _has_key: 'a' } }, { _not: { data: { _has_key: 'a' } } }] },
  { unheard_of: { _is_null: false } },
];

for (const [expected, list] of Object.entries({ always, never, sometimes }))
  for (const raw of list)
    test(`${JSON.stringify(raw)} is ${expected} true`, () => {
      assert.equal(whenTrue(predicate(raw), facts), expected);
    });

test('what would take too long to try is left open', () => {
  const many = Array.from({ length: 17 }, (_, index) => ({ title: { _like: `${index}%` } }));
  assert.equal(whenTrue(predicate({ _or: [...many, {}] }), facts), 'sometimes');
});

for (const [premise, conclusion, expected] of [
  [{ id: 1 }, { id: 1 }, 'holds'],
  [{ id: 1 }, { id: { _gte: 1 } }, 'holds'],
  [{ status: 'draft' }, { status: { _in: ['draft', 'live'] } }, 'holds'],
  [{ status: { _neq: 'gone' } }, { status: { _in: ['draft', 'live'] } }, 'holds'],
  [{ price: { _gt: 5 } }, { price: { _gt: 0 } }, 'holds'],
  [{ id: { _gt: 0 } }, { id: { _gte: 1 } }, 'holds'],
  [{ title: '$jwt.sub', open: true }, { title: '$jwt.sub' }, 'holds'],
  [{ title: '$jwt.sub' }, { _or: [{ title: '$jwt.sub' }, { open: true }] }, 'holds'],
  [{ title: '$jwt.sub' }, { title: { _is_null: false } }, 'holds'],
  [{ _or: [] }, { id: 1 }, 'holds'],
  [{ author: { id: 1, open: true } }, { author: { id: 1 } }, 'holds'],
  [{ reviews: { id: 1 } }, { reviews: { id: { _gt: 0 } } }, 'holds'],
  [
    { _exists: { table: 'other', where: { id: 1, open: true } } },
    { _exists: { table: 'other', where: { id: { _gt: 0 } } } },
    'holds',
  ],
  [{ seen: { _neq: true } }, { seen: { _is_null: false } }, 'holds'],
  [{ id: { _gt: 0 } }, { id: { _gt: 1 } }, 'fails'],
  [{ open: true }, { title: '$jwt.sub' }, 'fails'],
  [{}, { id: 1 }, 'fails'],
  [{ title: { _neq: '$jwt.sub' } }, { title: '$jwt.sub' }, 'fails'],
  [{ parent: { _is_null: true } }, { parent: { _neq: 1 } }, 'fails'],
  [{ reviews: { id: { _gt: 0 } } }, { reviews: { id: 1 } }, 'open'],
  [{ title: { _like: 'ab%' } }, { title: { _like: 'a%' } }, 'open'],
  [{ _or: [{ reviews: { id: 1 } }, { _not: { reviews: { id: 1 } } }] }, {}, 'holds'],
  [{}, { _or: [{ reviews: { id: 1 } }, { _not: { reviews: { id: 1 } } }] }, 'holds'],
  // For want of the claim it is not known whether there is such a row, nor how many.
  [{}, { _or: [{ reviews: { title: '$jwt.sub' } }, { _not: { reviews: { title: '$jwt.sub' } } }] }, 'open'],
  [
    {},
    { _not: { _exists: { table: 'other', where: { id: { _gt: 1, _lt: 1 }, title: '$jwt.sub' } } } },
    'fails',
  ],
  [
    {},
    {
      reviews_aggregate: {
        count: { filter: { title: '$jwt.sub' }, predicate: { _gte: 0 } },
      },
    },
    'fails',
  ],
  // Neither end is a number that a double holds.
  [{ id: { _gt: '-9007199254740993', _lt: '-9007199254740991' } }, { id: { _is_null: true } }, 'fails'],
] as const)
  test(`that ${JSON.stringify(premise)} implies ${JSON.stringify(conclusion)} ${expected}`, () => {
    assert.equal(prove([predicate(premise as Literal)], predicate(conclusion as Literal), facts), expected);
  });
