/** The grammar of `order` and `having`, as tables: terms and conditions, or where and why they fail. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AggregateTermRequest, HavingRequest } from '../../query/request.ts';
import { parseHaving } from './having.ts';
import type { OrderDraft } from './level.ts';
import { parseOrder } from './order.ts';

const by = (column: string | undefined, rest: Partial<OrderDraft> = {}): OrderDraft => ({
  through: undefined,
  column,
  path: undefined,
  aggregate: undefined,
  direction: 'asc',
  nulls: undefined,
  ...rest,
});
const at = (text: boolean, ...steps: readonly (string | number)[]) => ({ path: { steps, text } });

const orders: readonly (readonly [string, readonly OrderDraft[]])[] = [
  ['id', [by('id')]],
  ['id.asc', [by('id')]],
  ['id.desc', [by('id', { direction: 'desc' })]],
  ['id.nullsfirst', [by('id', { nulls: 'first' })]],
  ['id.desc.nullslast', [by('id', { direction: 'desc', nulls: 'last' })]],
  [' id.desc , title ', [by('id', { direction: 'desc' }), by('title')]],
  ['"a.b".desc,"c,d"', [by('a.b', { direction: 'desc' }), by('c,d')]],
  ['__proto__,größe.desc', [by('__proto__'), by('größe', { direction: 'desc' })]],
  ['author(name)', [by('name', { through: 'author' })]],
  ['author( name ).desc.nullsfirst', [by('name', { through: 'author', direction: 'desc', nulls: 'first' })]],
  ['author("a.b")', [by('a.b', { through: 'author' })]],
  ['meta->a', [by('meta', at(false, 'a'))]],
  ['meta->>a.desc', [by('meta', { ...at(true, 'a'), direction: 'desc' })]],
  ['meta->0->>"b.c".nullslast', [by('meta', { ...at(true, 0, 'b.c'), nulls: 'last' })]],
  ['author(meta->>a).desc', [by('meta', { through: 'author', ...at(true, 'a'), direction: 'desc' })]],
  ['count()', [by(undefined, { aggregate: 'count' })]],
  ['count().desc,id', [by(undefined, { aggregate: 'count', direction: 'desc' }), by('id')]],
  ['amount.sum().desc.nullslast', [by('amount', { aggregate: 'sum', direction: 'desc', nulls: 'last' })]],
  ['meta->>n.max()', [by('meta', { ...at(true, 'n'), aggregate: 'max' })]],
  ['"count".desc', [by('count', { direction: 'desc' })]],
  ['asc.asc', [by('asc')]],
];

for (const [text, terms] of orders)
  test(`reads order=${text}`, () => assert.deepEqual(parseOrder(text), terms));

const compare = (
  term: AggregateTermRequest,
  operator: Extract<HavingRequest, { kind: 'compare' }>['operator'],
  value?: number,
): HavingRequest => ({ kind: 'compare', term, operator, value });
const count: AggregateTermRequest = { function: 'count' };
const sum: AggregateTermRequest = { function: 'sum', column: 'amount' };

const havings: readonly (readonly [string, HavingRequest, readonly unknown[]])[] = [
  ['count().gt.1', compare(count, 'gt', 0), ['1']],
  ['amount.sum().lte.9.5', compare(sum, 'lte', 0), ['9.5']],
  ['amount.sum().not.gt.1', { kind: 'not', of: compare(sum, 'gt', 0) }, ['1']],
  ['amount.sum().is.null', compare(sum, 'isNull'), []],
  ['id.count().in.(1,2)', compare({ function: 'count', column: 'id' }, 'in', 0), [['1', '2']]],
  ['price::numeric.avg().gt.1', compare({ function: 'avg', column: 'price', cast: 'numeric' }, 'gt', 0), ['1']],
  ['meta->>n::int.max().eq.3', compare({ function: 'max', column: 'meta', path: { steps: ['n'], text: true }, cast: 'int' }, 'eq', 0), ['3']],
  ['(count().gt.1)', compare(count, 'gt', 0), ['1']],
  ['(count().gt.1,amount.sum().lt.9)', { kind: 'and', of: [compare(count, 'gt', 0), compare(sum, 'lt', 1)] }, ['1', '9']],
  [
    ' ( count().gt.1 , or(amount.sum().lt.9,not.and(count().eq.4,count().eq.5)) ) ',
    {
      kind: 'and',
      of: [
        compare(count, 'gt', 0),
        {
          kind: 'or',
          of: [
            compare(sum, 'lt', 1),
            { kind: 'not', of: { kind: 'and', of: [compare(count, 'eq', 2), compare(count, 'eq', 3)] } },
          ],
        },
      ],
    },
    ['1 ', '9', '4', '5'],
  ],
  ['or(count().eq.1,count().eq.2)', { kind: 'or', of: [compare(count, 'eq', 0), compare(count, 'eq', 1)] }, ['1', '2']],
  ['"a,b".min().eq."x,y"', compare({ function: 'min', column: 'a,b' }, 'eq', 0), ['x,y']],
]; // biome-ignore format: one case a line

for (const [text, having, values] of havings)
  test(`reads having=${text}`, () => {
    const slots: unknown[] = [];
    assert.deepEqual([parseHaving(text, slots), slots], [having, values]);
  });

const refused: readonly (readonly [() => unknown, string, string])[] = [
  [() => parseOrder('id,'), '"failed to parse order (id,)" (line 1, column 4)', 'Found the end, expected a column.'],
  [() => parseOrder('id.up'), '"failed to parse order (id.up)" (line 1, column 4)', 'Found "u", expected asc, desc, nullsfirst or nullslast.'],
  [() => parseOrder('id.desc.asc'), '"failed to parse order (id.desc.asc)" (line 1, column 9)', 'Found "a", expected asc, desc, nullsfirst or nullslast.'],
  [() => parseOrder('id.nullsfirst.desc'), '"failed to parse order (id.nullsfirst.desc)" (line 1, column 14)', 'Found ".", expected ".", "," or the end.'],
  [() => parseOrder('author(name'), '"failed to parse order (author(name)" (line 1, column 12)', 'Found the end, expected ")".'],
  [() => parseOrder('author(name,id)'), '"failed to parse order (author(name,id))" (line 1, column 12)', 'Found ",", expected ")".'],
  [() => parseOrder('a(b(c))'), '"failed to parse order (a(b(c)))" (line 1, column 4)', 'Found "(", expected ")".'],
  [() => parseOrder('meta->'), '"failed to parse order (meta->)" (line 1, column 7)', 'Found the end, expected a key or a place in a list.'],
  [() => parseOrder('amount.stddev()'), '"failed to parse order (amount.stddev())" (line 1, column 8)', 'Found "s", expected asc, desc, nullsfirst or nullslast.'],
  [() => parseOrder('amount.median()'), '"failed to parse order (amount.median())" (line 1, column 8)', 'Found "m", expected asc, desc, nullsfirst or nullslast.'],
  [() => parseOrder('amount.sum'), '"failed to parse order (amount.sum)" (line 1, column 8)', 'Found "s", expected asc, desc, nullsfirst or nullslast.'],
  [() => parseOrder('price::int'), '"failed to parse order (price::int)" (line 1, column 6)', 'Found ":", expected ".", "," or the end.'],
  [() => parseHaving('', []), '"failed to parse having ()" (line 1, column 1)', 'Found the end, expected an aggregate such as amount.sum() or count().'],
  [() => parseHaving('amount.gt.1', []), '"failed to parse having (amount.gt.1)" (line 1, column 7)', 'Found ".", expected an aggregate such as .sum().'],
  [() => parseHaving('sum().gt.1', []), '"failed to parse having (sum().gt.1)" (line 1, column 4)', 'Found "(", expected an aggregate such as .sum().'],
  [() => parseHaving('amount.sum()', []), '"failed to parse having (amount.sum())" (line 1, column 13)', 'Found the end, expected ".".'],
  [() => parseHaving('amount.sum().gt', []), '"failed to parse having (amount.sum().gt)" (line 1, column 16)', 'Found the end, expected ".".'],
  [() => parseHaving('amount.sum().noop.1', []), '"failed to parse having (amount.sum().noop.1)" (line 1, column 14)', 'Found "n", expected an operator (eq, neq, gt, gte, lt, lte, like, ilike, match, imatch, isdistinct, cs, cd, ov, sl, sr, nxr, nxl, adj, fts, plfts, phfts, wfts, in, is, not).'],
  [() => parseHaving('count().eq(any).{1}', []), '"failed to parse having (count().eq(any).{1})" (line 1, column 9)', 'Found "e", expected an operator without (any) or (all).'],
  [() => parseHaving('title.min().fts(simple).x', []), '"failed to parse having (title.min().fts(simple).x)" (line 1, column 13)', 'Found "f", expected an operator that compares values.'],
  [() => parseHaving('count().gt.1,count().lt.2', []), '"failed to parse having (count().gt.1,count().lt.2)" (line 1, column 13)', 'Found ",", expected the end.'],
  [() => parseHaving('(count().gt.1', []), '"failed to parse having ((count().gt.1)" (line 1, column 14)', 'Found the end, expected ")".'],
]; // biome-ignore format: one case a line

for (const [parse, message, details] of refused)
  test(`refuses: ${message}`, () =>
    assert.throws(parse, { code: 'PGRST100', message, details, hint: /^[A-Z].*\.$/ }));

test('refuses conditions of groups nested without end', () => {
  const deep = (levels: number) => `${'(and'.repeat(levels)}(count().gt.1`;
  assert.throws(() => parseHaving(deep(50_000), []), { code: 'PGRST100' });
  const closed = (levels: number) => `${'and('.repeat(levels)}count().gt.1${')'.repeat(levels)}`;
  assert.deepEqual(parseHaving(closed(31), []), compare(count, 'gt', 0));
  assert.throws(() => parseHaving(closed(40), []), { code: 'PGRST100' });
});
