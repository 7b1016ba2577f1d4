/**
 * What `authorize` refuses and adds by itself. It is asked for queries as a planner would make them that sees everything, so
 * that nothing here leans on the planner: a name that it let through by mistake is stopped all the same.
 */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { createProject, token } from '../../test/project.ts';
import type { Api, World, WorldTable } from '../api/api.ts';
import { always, type Condition, conditionKey } from '../api/condition.ts';
import type { Principal } from '../auth/principal.ts';
import { Problem } from '../problem/problem.ts';
import {
  aggregate,
  by,
  call,
  columns,
  connection,
  counted,
  countIn,
  countOf,
  embed,
  equals,
  insert,
  keys,
  maximum,
  merge,
  nodes,
  pageOf,
  read,
  related,
  remove,
  returning,
  update,
} from './asking.fixture.ts';
import { authorize } from './authorize.ts';
import { sql, yaml } from './library.fixture.ts';
import { plan } from './plan.ts';
import type { AuthorizedQuery, Query } from './query.ts';
import type { ApiRequest, FieldRequest, FilterRequest, NodeRequest } from './request.ts';

const column = (name: string, table = 'books') => `permission denied for column ${name} of table ${table}`;
const link = (name: string, table = 'books') =>
  `permission denied for relationship ${name} of table ${table}`;
const sums = (table = 'books') => `permission denied for aggregates of table ${table}`;
const table = (name = 'books') => `permission denied for table ${name}`;

/** The role, what it asks, and with what words it is refused. */
const refused: readonly (readonly [string, string, ApiRequest, string])[] = [
  ['a table', 'blind', read({}), table()],
  ['a table, row by row', 'blind', read({ fields: [] }), table()],
  ['a table, by keys', 'blind', { ...read({}), keys: 0 }, table()],
  ['a column', 'reader', read({ fields: columns('price') }), column('price')],
  ['a column in a filter', 'reader', read({ where: { kind: 'not', of: { kind: 'or', of: [equals('price'), equals('id')] } } }), column('price')],
  ['a column in the order', 'reader', read({ order: [by('price')] }), column('price')],
  ['a column that rows are told apart by', 'reader', read({ distinct: ['price'] }), column('price')],
  ['a computed field', 'reader', read({ fields: columns('score') }), column('score')],
  ['a relationship to a table that is not granted', 'reader', read({ fields: [embed('author', columns('id'))] }), link('author')],
  ['a relationship whose linking column is not granted', 'reader', read({ fields: [embed('reviews', columns('id'))] }), link('reviews')],
  ['a relationship, spread', 'reader', read({ fields: [embed('author', columns('id'), { spread: true })] }), link('author')],
  ['a relationship, as an aggregate', 'counter', read({ fields: [{ kind: 'embedAggregate', as: 'a', relationship: 'rivals', node: { parts: [countOf()] } }] }), link('rivals')],
  ['a relationship, as pages', 'reader', read({ fields: [{ kind: 'embedConnection', as: 'c', relationship: 'reviews', node: pageOf({}) }] }), link('reviews')],
  ['a relationship in a filter', 'reader', read({ where: related('author') }), link('author')],
  ['a relationship in a filter, to a table that is granted', 'reader', read({ where: related('reviews') }), link('reviews')],
  ['a relationship in the order', 'reader', read({ order: [by('id', 'author')] }), link('author')],
  ['a relationship in the order, to a table that is granted', 'reader', read({ order: [by('id', 'book')] }, 'reviews'), link('book', 'reviews')],
  ['a relationship through a junction that is not granted', 'counter', read({ fields: [embed('tags', columns('id'))] }), link('tags')],
  ['a column of the far table', 'linked', read({ fields: [embed('author', columns('country'))] }), column('country', 'people')],
  ['a column of the far table, spread', 'linked', read({ fields: [embed('author', columns('country'), { spread: true })] }), column('country', 'people')],
  ['a column of the far table in a filter', 'linked', read({ where: related('author', equals('country')) }), column('country', 'people')],
  ['a column of the far table in the order', 'linked', read({ order: [by('country', 'author')] }), column('country', 'people')],
  ['a column of the far table in pages', 'linked', read({ fields: [{ kind: 'embedConnection', as: 'c', relationship: 'reviews', node: pageOf({ order: [by('note')] }) }] }), column('note', 'reviews')],
  ['groups', 'linked', read({ groupBy: ['title'], fields: [keys('title')] }), sums()],
  ['groups by a column', 'counter', read({ groupBy: ['price'], fields: [] }), column('price')],
  ['the keys of groups', 'counter', read({ groupBy: ['price'], fields: [keys('price')] }), column('price')],
  ['aggregates of groups', 'linked', read({ groupBy: [], fields: [countOf()] }), sums()],
  ['aggregates of a column of groups', 'counter', read({ groupBy: [], fields: [countOf('price')] }), column('price')],
  ['an aggregate', 'linked', read({ fields: [maximum('id')] }), sums()],
  ['a number of groups', 'linked', read({ fields: [...columns('id'), counted] }), sums()],
  ['an aggregate of a column', 'counter', read({ fields: [maximum('price')] }), column('price')],
  ['an aggregate that is spread', 'linked', read({ fields: [embed('author', [counted], { spread: true })] }), sums('people')],
  ['an aggregate in the filter of groups', 'linked', read({ fields: [counted], having: { kind: 'not', of: { kind: 'and', of: [{ kind: 'compare', term: { function: 'max', column: 'id' }, operator: 'gt', value: 0 }] } } }), sums()],
  ['an aggregate of a column in the filter of groups', 'counter', read({ fields: [counted], having: { kind: 'compare', term: { function: 'max', column: 'price' }, operator: 'gt', value: 0 } }), column('price')],
  ['an aggregate in the order of groups', 'linked', read({ fields: [counted], order: [{ through: [], aggregate: 'max', column: 'id', direction: 'asc' }] }), sums()],
  ['an aggregate of a column in the order of groups', 'counter', read({ fields: [counted], order: [{ through: [], aggregate: 'max', column: 'price', direction: 'asc' }] }), column('price')],
  ['an aggregate of related rows in the order', 'linked', read({ order: [{ through: [], related: 'reviews', aggregate: 'count', direction: 'asc' }] }), sums('reviews')],
  ['an aggregate of a column of related rows in the order', 'counter', read({ order: [{ through: [], related: 'reviews', aggregate: 'max', column: 'note', direction: 'asc' }] }), column('note', 'reviews')],
  ['an aggregate of related rows in the order, by a relationship', 'reader', read({ order: [{ through: [], related: 'book_tags', aggregate: 'count', direction: 'asc' }] }), link('book_tags')],
  ['a number of related rows in a filter', 'linked', read({ where: countIn('reviews') }), sums('reviews')],
  ['a number of values of related rows in a filter', 'counter', read({ where: countIn('reviews', 'note') }), column('note', 'reviews')],
  ['a number of related rows in a filter, by a relationship', 'reader', read({ where: countIn('book_tags') }), link('book_tags')],
  ['all aggregates of a table', 'linked', aggregate({}), sums()],
  ['all aggregates of a table that is not granted', 'blind', aggregate({}), table()],
  ['an aggregate of a column of a table', 'counter', aggregate({ parts: [countOf('price')] }), column('price')],
  ['a column beside aggregates', 'counter', aggregate({ parts: [nodes('price')] }), column('price')],
  ['a column in the filter of aggregates', 'counter', aggregate({ where: equals('price') }), column('price')],
  ['a column in the order of aggregates', 'counter', aggregate({ order: [by('price')], parts: [nodes('id')] }), column('price')],
  ['a column that rows of aggregates are told apart by', 'counter', aggregate({ distinct: ['price'] }), column('price')],
  ['aggregates of related rows', 'linked', read({ fields: [{ kind: 'embedAggregate', as: 'a', relationship: 'reviews', node: { parts: [countOf()] } }] }), sums('reviews')],
  ['pages of a table', 'blind', connection({}), table()],
  ['a column of pages', 'reader', connection({ parts: [{ kind: 'edges', as: 'e', items: [{ kind: 'node', as: 'n', fields: columns('price') }] }] }), column('price')],
  ['a column in the filter of pages', 'reader', connection({ where: equals('price') }), column('price')],
  ['a column in the place of pages', 'reader', connection({ within: equals('price') }), column('price')],
  ['a column in the order of pages', 'reader', connection({ order: [by('price')] }), column('price')],
  ['an insert', 'reader', insert(['id']), table()],
  ['a column of an insert', 'writer', insert(['id', 'price']), column('price')],
  ['a preset column of an insert', 'partly', insert(['id', 'owner']), column('owner')],
  ['an insert that answers', 'blind', insert(['id'], returning(...columns('id'))), table()],
  ['a column in the answer', 'writer', insert(['id'], returning(...columns('price'))), column('price')],
  ['a column in the order of the answer', 'writer', insert(['id'], { returning: [{ fields: [], order: [by('price')] }] }), column('price')],
  ['an upsert', 'writer', insert(['id', 'title'], merge()), table()],
  ['a column of an upsert', 'blind', insert(['id', 'title'], merge({ columns: ['id'], update: ['price'] })), column('price')],
  ['a given column of an upsert', 'upserter', insert(['id', 'title', 'price'], merge()), column('price')],
  ['the filter of an upsert', 'blind', insert(['id', 'title'], merge({ where: equals('title') })), table()],
  ['a column in the filter of an upsert', 'partly', insert(['id', 'title'], merge({ where: equals('owner') })), column('owner')],
  ['an update', 'writer', update(['title']), table()],
  ['a column of an update', 'blind', update(['title', 'price']), column('price')],
  ['a preset column of an update', 'partly', update(['published']), column('published')],
  ['the filter of an update', 'blind', update(['title'], { where: equals('title') }), table()],
  ['a column in the filter of an update', 'partly', update(['title'], { where: equals('owner') }), column('owner')],
  ['a change by what a column holds', 'blind', update(['title'], { operators: [{ column: 'id', operator: 'inc' }] }), column('id')],
  ['a change by what a column holds in some rows', 'partly', update(['price'], { operators: [{ column: 'price', operator: 'inc' }] }), column('price')],
  ['an update that answers', 'blind', update(['title'], returning(...columns('id'))), table()],
  ['a delete', 'writer', remove(), table()],
  ['the filter of a delete', 'blind', remove({ where: equals('title') }), table()],
  ['a column in the filter of a delete', 'partly', remove({ where: equals('owner') }), column('owner')],
  ['a delete that answers', 'blind', remove(returning(...columns('id'))), table()],
  ['a function', 'reader', call('newest'), 'permission denied for the function'],
  ['the rows of a function', 'caller', call('newest'), 'permission denied for the rows of the function'],
  ['a column of the rows of a function', 'partly', call('newest', { node: { fields: columns('owner') } }), column('owner')],
  ['a column of aggregates of the rows of a function', 'partly', call('newest', { aggregate: { parts: [countOf('owner')] } }), column('owner')],
]; // biome-ignore format: one case a line

const everything = token('all');

/** The query as a planner that sees everything makes it, with the grants of another role. */
function planned(request: ApiRequest, api: Api, role: string): Query {
  return inWorld(plan(request, api, everything), api.world(role)) as Query;
}

function inWorld(value: unknown, world: World): unknown {
  if (Array.isArray(value)) return value.map((one) => inWorld(one, world));
  if (value === null || typeof value !== 'object' || value instanceof Map) return value;
  // Columns, relationships, tables and functions of the database are the same for all.
  if (['nullable', 'pairs', 'relation', 'volatility'].some((key) => key in value)) return value;
  if ('known' in value && 'computed' in value) return tableIn(value as WorldTable, world);
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, inWorld(one, world)]));
}

function tableIn({ table }: WorldTable, world: World): WorldTable {
  const none = new Map();
  return (
    world.tables.get(table.name) ?? {
      table,
      select: undefined,
      insert: undefined,
      update: undefined,
      delete: undefined,
      columns: none,
      known: none,
      edges: none,
      computed: none,
    }
  );
}

function refusalOf(work: () => unknown): readonly [string, number, string] {
  try {
    work();
  } catch (error) {
    assert.ok(error instanceof Problem, String(error));
    return [error.code, error.status, error.message];
  }
  return assert.fail('it was not refused');
}

const { api } = await createProject({ after }, { sql, yaml });

test('refuses whatever the grants do not hold, whatever the planner let through', async (t) => {
  for (const [name, role, request, message] of refused)
    await t.test(`${name}, for ${role}`, () => {
      const principal = token(role, { sub: 'me' });
      assert.deepEqual(
        refusalOf(() => authorize(planned(request, api, role), api, principal)),
        ['42501', 403, message],
      );
      assert.doesNotThrow(() => authorize(plan(request, api, everything), api, everything));
    });

  const handMade: readonly (readonly [string, FieldRequest, string])[] = [
    ['counter', keys('price'), column('price')],
    ['linked', countOf(), sums()],
    ['counter', countOf('price'), column('price')],
  ];
  for (const [role, field, message] of handMade)
    await t.test(`${field.kind} of groups that are not by it, for ${role}`, () => {
      const query = planned(read({ groupBy: ['price'], fields: [field] }), api, role) as Extract<
        Query,
        { kind: 'read' }
      >;
      const ungrouped = { ...query, node: { ...query.node, groupBy: undefined } };
      assert.deepEqual(
        refusalOf(() => authorize(ungrouped, api, token(role))),
        ['42501', 403, message],
      );
    });

  const books = api.world('reader').tables.get('books')!;
  const title = books.columns.get('title')!;
  const price = books.table.columns.get('price')!;
  const guards = new Map();
  const conditions: readonly (readonly [Condition, string])[] = [
    [{ kind: 'compareColumns', column: title, operator: '_ceq', other: price }, column('price')],
    [{ kind: 'compareColumns', column: price, operator: '_ceq', other: title }, column('price')],
    [{ kind: 'exists', table: books.table, where: always }, 'permission denied'],
    [{ kind: 'guarded', guards, of: always }, 'permission denied'],
    [{ kind: 'fenced', policy: always, of: always }, 'permission denied'],
  ];
  for (const [where, message] of conditions)
    await t.test(`a condition that only policies have: ${where.kind}`, () => {
      const query = planned(read({}), api, 'reader') as Extract<Query, { kind: 'read' }>;
      const asked = { ...query, node: { ...query.node, where } };
      assert.deepEqual(
        refusalOf(() => authorize(asked, api, token('reader'))),
        ['42501', 403, message],
      );
    });
});

type Authorized<Kind extends AuthorizedQuery['kind']> = Extract<AuthorizedQuery, { kind: Kind }>;

test('puts the grants into what it lets through', async (t) => {
  const authorized = <Kind extends AuthorizedQuery['kind']>(
    kind: Kind,
    request: ApiRequest,
    principal: Principal,
  ): Authorized<Kind> => {
    const query = authorize(plan(request, api, principal), api, principal);
    assert.equal(query.kind, kind);
    return query as Authorized<Kind>;
  };
  const partly = token('partly', { sub: 'me' });
  const linked = token('linked');
  const grantOf = (name: string, { role }: Principal) => api.world(role).tables.get(name)!;
  const books = grantOf('books', partly);
  const rows = books.select!;
  const reviews = grantOf('reviews', partly).select!;
  const cost: FilterRequest = { kind: 'compare', column: 'price', operator: 'gt', value: 0 };

  /** The policy of the grant, and what was asked read through its guards. */
  const isBehind = (condition: Condition, { rows: policy, guards }: typeof rows, isAsked = true) => {
    assert.equal(condition.kind, 'fenced');
    const { policy: own, of } = condition as Extract<Condition, { kind: 'fenced' }>;
    assert.equal(own, policy);
    if (!isAsked) return;
    assert.equal(of.kind, guards.size === 0 ? 'compare' : 'guarded');
    if (of.kind === 'guarded') assert.equal(of.guards, guards);
  };

  await t.test('the grants are what this test takes them for', () => {
    assert.deepEqual([...rows.guards.keys()].map(({ name }) => name).sort(), ['author_id', 'price', 'title']);
    assert.deepEqual([...reviews.guards.keys()].map(({ name }) => name).sort(), ['book_id', 'note', 'stars']);
    assert.equal(rows.rows.kind, 'or');
    assert.deepEqual([rows.limit, grantOf('books', linked).select!.guards.size], [9, 0]);
  });

  await t.test('a read: rows, cells, the smallest limit', () => {
    const { node } = authorized('read', read({ where: cost, limit: 100 }), partly);
    isBehind(node.where, rows);
    assert.equal(node.guards, rows.guards);
    assert.equal(node.limit, 9);
    assert.equal(authorized('read', read({ limit: 3 }), partly).node.limit, 3);
    assert.equal(authorized('read', read({}), linked).node.limit, api.limits.rows);
    const streamed = { ...read({}), stream: 'ndjson' } as ApiRequest;
    assert.equal(authorized('read', streamed, partly).node.limit, 9);
    assert.equal(authorized('read', streamed, linked).node.limit, undefined);
  });

  await t.test('a number is estimated only for who sees all rows and cells, of plain rows', () => {
    const counting = (node: Partial<NodeRequest>, principal: Principal) =>
      authorized('read', { ...read(node), count: 'estimated' } as ApiRequest, principal).count;
    assert.equal(counting({}, everything), 'estimated');
    assert.equal(counting({ where: { kind: 'not', of: cost } }, everything), 'estimated');
    assert.equal(counting({}, linked), true);
    assert.equal(counting({}, partly), true);
    assert.equal(counting({ where: related('reviews') }, everything), true);
    assert.equal(counting({ where: equals('score') }, everything), true);
    assert.equal(counting({ groupBy: ['id'], fields: [] }, everything), true);
    assert.equal(counting({ fields: [counted] }, everything), true);
  });

  await t.test('what is embedded, filtered and ordered by in other tables passes their grants', () => {
    const { node } = authorized(
      'read',
      read({
        fields: [embed('tags', columns('id'))],
        where: related('tags', equals('label')),
        order: [by('name', 'author')],
      }),
      linked,
    );
    const [field] = node.fields as readonly [Extract<(typeof node.fields)[number], { kind: 'embed' }>];
    const tags = grantOf('tags', linked).select!;
    const junction = grantOf('book_tags', linked).select!.rows;
    assert.equal(field.link.junction, junction);
    assert.equal(field.node.limit, api.limits.rows);
    isBehind(field.node.where, tags, false);
    const { of } = node.where as Extract<Condition, { kind: 'fenced' }>;
    const through = of as Extract<Condition, { kind: 'related' }>;
    assert.equal(through.junction, junction);
    isBehind(through.where, tags);
    const [step] = node.order[0]!.through;
    assert.equal(step!.where, grantOf('people', linked).select!.rows);
  });

  await t.test('linking columns and aggregates are read through guards', () => {
    const { node } = authorized(
      'read',
      read(
        {
          fields: [embed('book', columns('id'))],
          where: related('book', cost),
          order: [by('price', 'book')],
        },
        'reviews',
      ),
      partly,
    );
    const [field] = node.fields as readonly [Extract<(typeof node.fields)[number], { kind: 'embed' }>];
    const tagged = authorized('read', read({ fields: [embed('tags', columns('id'))] }), partly).node
      .fields[0]!;
    const between = grantOf('book_tags', partly).select!.guards;
    assert.deepEqual(
      [...between.keys()].map(({ name }) => name),
      ['book_id'],
    );
    assert.equal(tagged.kind === 'embed' && tagged.link.guards.junction, between);
    assert.equal(field.link.guards.near, reviews.guards);
    assert.equal(field.link.guards.far, rows.guards);
    assert.equal(field.node.guards, rows.guards);
    const { of } = node.where as Extract<Condition, { kind: 'fenced' }>;
    const { of: asked } = of as Extract<Condition, { kind: 'guarded' }>;
    const through = asked as Extract<Condition, { kind: 'related' }>;
    assert.equal(through.guards?.near, reviews.guards);
    assert.equal(through.guards?.far, rows.guards);
    isBehind(through.where, rows);
    assert.equal(node.order[0]!.through[0]!.guards, rows.guards);

    const counts = authorized('read', read({ where: countIn('reviews', 'stars') }), partly).node;
    const guardedOf = (counts.where as Extract<Condition, { kind: 'fenced' }>).of;
    const number = (guardedOf as Extract<Condition, { kind: 'guarded' }>).of;
    assert.equal((number as Extract<Condition, { kind: 'aggregate' }>).cells, reviews.guards);

    const sorted = read({
      order: [{ through: [], related: 'reviews', aggregate: 'count', direction: 'asc' }],
    });
    const { by: ordered } = authorized('read', sorted, partly).node.order[0]!;
    assert.equal(ordered.kind, 'related');
    const { step } = ordered as Extract<typeof ordered, { kind: 'related' }>;
    assert.deepEqual(
      [step.where, step.guards, step.link.guards.near],
      [reviews.rows, reviews.guards, rows.guards],
    );
  });

  await t.test('aggregates are over visible rows and cells, and what they list has its limit', () => {
    const asked = aggregate({ where: cost, parts: [countOf('price'), nodes('id', 'price')] });
    const { node } = authorized('readAggregate', asked, partly);
    isBehind(node.where, rows);
    assert.equal(node.guards, rows.guards);
    assert.equal(node.parts[1]!.kind === 'nodes' && node.parts[1]!.limit, 9);
  });

  await t.test('aggregates are of no fewer rows than the grants of what is aggregated say', () => {
    const least = token('least');
    const groupsOf = (node: Partial<NodeRequest>) => authorized('read', read(node), least).node.having;
    const atLeast = (rows: number) => (having: ReturnType<typeof groupsOf>) =>
      having?.kind === 'compare' &&
      having.operator === 'gte' &&
      JSON.stringify(having.value).includes(`"text":"${rows}"`);
    assert.ok(atLeast(5)(groupsOf({ groupBy: ['title'], fields: [keys('title')] })));
    assert.ok(atLeast(5)(groupsOf({ fields: [maximum('id')] })));
    assert.ok(atLeast(6)(groupsOf({ fields: [embed('author', [counted], { spread: true })] })));
    assert.equal(groupsOf({ fields: [counted] }), undefined);
    assert.equal(authorized('readAggregate', aggregate({}), least).node.minGroup, 5);
    const filtered = authorized('read', read({ where: countIn('reviews') }), least).node.where;
    const { of } = filtered as Extract<Condition, { kind: 'fenced' }>;
    assert.equal((of as Extract<Condition, { kind: 'aggregate' }>).minGroup, 3);
    const by = { through: [], related: 'reviews', aggregate: 'count', direction: 'asc' } as const;
    const [term] = authorized('read', read({ order: [by] }), least).node.order;
    assert.equal(term!.by.kind === 'related' && term!.by.minGroup, 3);
  });

  await t.test('pages', () => {
    const { node } = authorized(
      'readConnection',
      connection({ where: cost, within: cost, limit: 50 }),
      partly,
    );
    isBehind(node.where, rows);
    isBehind(node.page, rows);
    assert.deepEqual([node.guards, node.limit], [rows.guards, 9]);
  });

  await t.test('an insert: presets, check, the key that may be told, the rows that are answered with', () => {
    const {
      set,
      check,
      key,
      returning: answered,
    } = authorized('insert', insert(['id', 'price'], returning(...columns('id', 'price'))), partly);
    assert.equal(set, books.insert!.set);
    assert.equal(check, books.insert!.check);
    assert.equal(key?.where, rows.rows);
    assert.deepEqual([answered[0]!.where, answered[0]!.guards], [rows.rows, rows.guards]);
    assert.equal(authorized('insert', insert(['id']), token('blind')).key, undefined);
  });

  await t.test('the key of a new row is told to nobody who reads it in some rows alone', () => {
    const principal = token('partly', { sub: 'me' });
    const query = planned(insert(['id']), api, 'partly') as Extract<Query, { kind: 'insert' }>;
    const id = books.columns.get('id')!;
    const select = { ...rows, guards: new Map([[id, rows.rows]]) };
    const table: WorldTable = { ...books, select };
    const authorizedKey = (one: WorldTable) =>
      (authorize({ ...query, table: one }, api, principal) as Authorized<'insert'>).key;
    assert.notEqual(authorizedKey(books), undefined);
    assert.equal(authorizedKey(table), undefined);
    assert.equal(authorizedKey({ ...books, columns: new Map() }), undefined);
  });

  await t.test('an upsert: the grant of update, and the rows that the caller sees where it asks', () => {
    const where = merge({ where: cost });
    const { conflict } = authorized('insert', insert(['id', 'price'], where), partly);
    assert.equal(conflict?.action, 'merge');
    const merged = conflict as Extract<NonNullable<typeof conflict>, { action: 'merge' }>;
    const { set, where: reached, check, only } = merged;
    assert.equal(set, books.update!.set);
    assert.equal(reached, books.update!.where);
    assert.equal(check, books.update!.check);
    const { policy, of } = only as Extract<Condition, { kind: 'fenced' }>;
    assert.equal(
      conditionKey(policy),
      `and(${conditionKey(rows.rows)},${conditionKey(books.update!.where)})`,
    );
    assert.equal((of as Extract<Condition, { kind: 'guarded' }>).guards, rows.guards);
  });

  await t.test('an upsert whose rows others hang on reaches rows that the caller sees', () => {
    const query = plan(insert(['id', 'price'], merge()), api, partly) as Extract<Query, { kind: 'insert' }>;
    const { conflict } = authorize({ ...query, carries: true }, api, partly) as Authorized<'insert'>;
    assert.equal(
      conflict?.action === 'merge' && conditionKey(conflict.where),
      `and(${conditionKey(rows.rows)},${conditionKey(books.update!.where)})`,
    );
  });

  await t.test('an update and a delete: presets, check, and no row that the caller does not see', () => {
    const changed = authorized('update', update(['price'], { where: cost }), partly);
    assert.equal(changed.set, books.update!.set);
    assert.equal(changed.check, books.update!.check);
    const gone = authorized('delete', remove({ where: cost }), partly);
    const of = { update: books.update!.where, delete: books.delete!.where };
    for (const { kind, where } of [changed, gone]) {
      const { policy, of: asked } = where as Extract<Condition, { kind: 'fenced' }>;
      assert.equal(conditionKey(policy), `and(${conditionKey(rows.rows)},${conditionKey(of[kind])})`);
      assert.equal((asked as Extract<Condition, { kind: 'guarded' }>).guards, rows.guards);
    }
    assert.equal(
      authorized('update', update(['title']), token('blind')).where,
      grantOf('books', token('blind')).update!.where,
    );
    assert.equal(
      authorized('delete', remove(), token('blind')).where,
      grantOf('books', token('blind')).delete!.where,
    );
  });

  await t.test('the rows of a function that are those of a table', () => {
    const { node, page } = authorized(
      'call',
      call('newest', { node: { fields: columns('id'), where: cost } }),
      partly,
    );
    isBehind(node!.where, rows);
    assert.deepEqual([node!.guards, node!.limit, page.limit], [rows.guards, 9, api.limits.rows]);
    const estimated = call('newest', { count: 'estimated' });
    assert.equal(authorized('call', estimated, partly).count, true);
  });
});
