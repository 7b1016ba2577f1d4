import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Column, Condition, Edge, Table, Type } from '../engine/index.ts';
import type { Words } from './document.ts';
import type { Sight } from './sight.ts';
import { conditionWords } from './words.ts';

const type = (family: Type['family']): Type => ({
  schema: 'pg_catalog',
  name: family,
  modifiers: '',
  family,
  scalar: family,
});

function column(name: string, family: Type['family'] = 'string', hidden = false): Column {
  return {
    name,
    column: name,
    graphql: name,
    type: type(family),
    nullable: false,
    hidden,
    description: null,
    source: {
      name,
      type: type(family),
      nullable: false,
      default: null,
      identity: null,
      generated: false,
      comment: null,
    },
  };
}
const somewhere = { name: 'orders' } as Table;
function edge(name: string, kind: Edge['kind']): Edge {
  return {
    name,
    graphql: name,
    kind,
    from: somewhere,
    to: somewhere,
    pairs: [],
    through: undefined,
    constraint: undefined,
    declared: false,
    description: null,
  };
}
const is = (subject: Column, text: string): Condition => ({
  kind: 'compare',
  column: subject,
  operator: 'eq',
  value: { kind: 'constant', text, type: subject.type, list: false },
});
const mine: Condition = {
  kind: 'compare',
  column: column('customer_id', 'integer'),
  operator: 'eq',
  value: { kind: 'claim', path: ['customer', 'id'], type: type('integer'), list: false },
};
const published = is(column('published', 'boolean'), 't');

function plainText(words: Words): string {
  return words
    .map((word) => (word.kind === 'code' || word.kind === 'claim' ? `[${word.text}]` : word.text))
    .join('');
}

const cases: readonly { readonly title: string; readonly condition: Condition; readonly words: string }[] = [
  { title: 'a boolean', condition: published, words: '[published] is [true]' },
  { title: 'a claim by its path', condition: mine, words: '[customer_id] is the token’s [customer.id]' },
  {
    title: 'a relationship to one as a path',
    condition: { kind: 'related', edge: edge('order', 'one'), where: mine },
    words: '[order.customer_id] is the token’s [customer.id]',
  },
  {
    title: 'a relationship to many',
    condition: {
      kind: 'related',
      edge: edge('order_lines', 'many'),
      where: { kind: 'related', edge: edge('order', 'one'), where: mine },
    },
    words: 'some row of [order_lines] has [order.customer_id] is the token’s [customer.id]',
  },
  {
    title: 'an alternative inside a conjunction in brackets',
    condition: { kind: 'and', of: [published, { kind: 'or', of: [mine, is(column('country'), 'FR')] }] },
    words: '[published] is [true] and ([customer_id] is the token’s [customer.id] or [country] is [FR])',
  },
  {
    title: 'a conjunction behind a relationship in brackets too',
    condition: {
      kind: 'or',
      of: [
        published,
        { kind: 'related', edge: edge('order', 'one'), where: { kind: 'and', of: [mine, published] } },
      ],
    },
    words:
      '[published] is [true] or ([order.customer_id] is the token’s [customer.id] and [order.published] is [true])',
  },
  {
    title: 'a list, and text that looks like markup as text',
    condition: {
      kind: 'compare',
      column: column('<b>'),
      operator: 'in',
      value: { kind: 'constant', text: ['a', null, '</code>'], type: type('string'), list: true },
    },
    words: '[<b>] is one of [a], empty, [</code>]',
  },
  { title: 'a negation', condition: { kind: 'not', of: published }, words: 'not ([published] is [true])' },
  {
    title: 'a test for emptiness',
    condition: { kind: 'compare', column: column('email'), operator: 'isNull', value: undefined },
    words: '[email] is empty',
  },
];

for (const { title, condition, words } of cases) {
  test(`says ${title}`, () => assert.equal(plainText(conditionWords(condition, sees())), words));
}

const secret = column('secret_flag');
const given = column('given');
const unseen = edge('secret_orders', 'many');
const behind = edge('secret_order', 'one');
const hiddenTable = { name: 'secret_table' } as Table;
const isSecret = is(secret, 'secret value');
const count: Condition = {
  kind: 'aggregate',
  edge: edge('order_lines', 'many'),
  function: 'count',
  columns: [],
  distinct: false,
  where: isSecret,
  compare: [
    { operator: 'gt', value: { kind: 'constant', text: '1', type: type('integer'), list: false } },
    { operator: 'lt', value: { kind: 'constant', text: '9', type: type('integer'), list: false } },
  ],
};

const rule = 'a rule of the project lets the row through';
const unsaid: readonly { readonly title: string; readonly condition: Condition; readonly words: string }[] = [
  { title: 'a column', condition: isSecret, words: rule },
  { title: 'its negation', condition: { kind: 'not', of: isSecret }, words: rule },
  {
    title: 'a column among others, once',
    condition: { kind: 'or', of: [isSecret, published, is(secret, 'another secret value')] },
    words: `[published] is [true] or ${rule}`,
  },
  { title: 'columns alone', condition: { kind: 'and', of: [isSecret, isSecret] }, words: rule },
  {
    title: 'the value of a column that it may write and not read',
    condition: is(given, 'secret value'),
    words: '[given] meets a rule of the project',
  },
  {
    title: 'a column compared with one that is seen',
    condition: { kind: 'compareColumns', column: given, operator: '_ceq', other: secret },
    words: rule,
  },
  { title: 'a relationship', condition: { kind: 'related', edge: unseen, where: published }, words: rule },
  {
    title: 'a relationship to one on the way',
    condition: { kind: 'related', edge: behind, where: published },
    words: rule,
  },
  {
    title: 'a column at the end of a relationship',
    condition: { kind: 'related', edge: edge('order_lines', 'many'), where: isSecret },
    words: rule,
  },
  { title: 'a table', condition: { kind: 'exists', table: hiddenTable, where: published }, words: rule },
  { title: 'a column of rows that are counted', condition: count, words: rule },
  {
    title: 'a relationship that is counted',
    condition: { ...count, edge: unseen, where: { kind: 'true' } },
    words: rule,
  },
];

test('says how many there are of what is counted', () => {
  const all: Condition = { ...count, where: { kind: 'true' } };
  assert.equal(
    plainText(conditionWords(all, sees())),
    'the number of [order_lines] is more than [1] and is less than [9]',
  );
});

for (const { title, condition, words } of unsaid) {
  test(`names to a role that does not see it neither ${title} nor a value of it`, () =>
    assert.equal(plainText(conditionWords(condition, sees())), words));
}

/** Sees all but what is called secret. */
function sees(): Sight {
  const isOpen = ({ name }: { readonly name: string }): boolean => !name.startsWith('secret');
  return {
    reads: (one) => isOpen(one) && one !== given,
    knows: isOpen,
    follows: isOpen,
    readsTable: isOpen,
    names: isOpen,
  };
}
