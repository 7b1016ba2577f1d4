import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Column, Condition, Edge, Table, Type } from '../engine/index.ts';
import { conditionWords, type Words } from './words.ts';

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
  return words.map((word) => (word.kind === 'code' ? `[${word.text}]` : word.text)).join('');
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
  test(`says ${title}`, () => assert.equal(plainText(conditionWords(condition)), words));
}

test('names neither a hidden column of a policy nor the value it is compared with', () => {
  const condition: Condition = {
    kind: 'and',
    of: [published, is(column('secret_flag', 'string', true), 'secret value')],
  };
  assert.equal(plainText(conditionWords(condition)), '[published] is [true] and an internal condition holds');
});
