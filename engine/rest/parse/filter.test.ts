/** The grammar of filters, as tables: condition and values, or where and why it fails. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { FilterRequest } from '../../query/request.ts';
import { parseFilter, parseLogic } from './filter.ts';

type Compare = Extract<FilterRequest, { kind: 'compare' }>;

/** Values stand in the order in which they are written, so the n-th compare has slot n. */
const compare = (operator: Compare['operator'], value?: number, column = 'a'): Compare => ({
  kind: 'compare',
  column,
  operator,
  value,
});
const not = (of: FilterRequest): FilterRequest => ({ kind: 'not', of });

const filters: readonly (readonly [string, FilterRequest, readonly unknown[]])[] = [
  ['eq.5', compare('eq', 0), ['5']],
  ['eq.', compare('eq', 0), ['']],
  ['eq.a.b,c)"d"', compare('eq', 0), ['a.b,c)"d"']],
  ['neq.5', compare('neq', 0), ['5']],
  ['gt.5', compare('gt', 0), ['5']],
  ['gte.5', compare('gte', 0), ['5']],
  ['lt.5', compare('lt', 0), ['5']],
  ['lte.5', compare('lte', 0), ['5']],
  ['like.*a%b*', compare('like', 0), ['%a%b%']],
  ['ilike.*a', compare('ilike', 0), ['%a']],
  ['match.^a*$', compare('regex', 0), ['^a*$']],
  ['imatch.a', compare('iregex', 0), ['a']],
  ['isdistinct.null', compare('isDistinct', 0), ['null']],
  ['cs.{1,2}', compare('contains', 0), ['{1,2}']],
  ['cd.{1,2}', compare('containedIn', 0), ['{1,2}']],
  ['ov.{1,2}', compare('overlaps', 0), ['{1,2}']],
  ['in.(1,2,3)', compare('in', 0), [['1', '2', '3']]],
  ['in.("a,b","c\\"d","e)f")', compare('in', 0), [['a,b', 'c"d', 'e)f']]],
  ['in.(a"b,"c"d, e )', compare('in', 0), [['a"b', '"c"d', ' e ']]],
  ['in.()', compare('in', 0), [[]]],
  ['in.("")', compare('in', 0), [[]]],
  ['in.(,)', compare('in', 0), [['', '']]],
  ['in.({a},b)', compare('in', 0), [['{a}', 'b']]],
  ['is.null', compare('isNull'), []],
  ['is.NOT_NULL', compare('isNotNull'), []],
  ['is.True', compare('isTrue'), []],
  ['is.false', compare('isFalse'), []],
  ['is.unknown', compare('isUnknown'), []],
  ['not.eq.5', not(compare('eq', 0)), ['5']],
  ['not.is.null', not(compare('isNull')), []],
  ['not.in.(1)', not(compare('in', 0)), [['1']]],
  ['sl.(1,2)', compare('strictlyLeft', 0), ['(1,2)']],
  ['sr.(1,2)', compare('strictlyRight', 0), ['(1,2)']],
  ['nxr.[1,2]', compare('notRight', 0), ['[1,2]']],
  ['nxl.[1,2]', compare('notLeft', 0), ['[1,2]']],
  ['adj.[1,2]', compare('adjacent', 0), ['[1,2]']],
  ['fts.a & b', compare('fts', 0), ['a & b']],
  ['plfts.a b', compare('plfts', 0), ['a b']],
  ['phfts.a b', compare('phfts', 0), ['a b']],
  ['wfts."a b" -c', compare('wfts', 0), ['"a b" -c']],
  ['fts(english).x', { ...compare('fts', 0), language: 1 }, ['x', 'english']],
  ['not.wfts(my_config2).x', not({ ...compare('wfts', 0), language: 1 }), ['x', 'my_config2']],
  ['eq(any).{1,2}', { ...compare('eq', 0), quantifier: 'any' }, [['1', '2']]],
  ['like(any).{*a,b*}', { ...compare('like', 0), quantifier: 'any' }, [['%a', 'b%']]],
  ['ilike(all).{}', { ...compare('ilike', 0), quantifier: 'all' }, [[]]],
  ['match(all).{^a,"b,}"}', { ...compare('regex', 0), quantifier: 'all' }, [['^a', 'b,}']]],
  ['imatch(any).{a}', { ...compare('iregex', 0), quantifier: 'any' }, [['a']]],
  ['gt(all).{1,NULL,"NULL"}', { ...compare('gt', 0), quantifier: 'all' }, [['1', null, 'NULL']]],
  ['not.lte(any).{1}', not({ ...compare('lte', 0), quantifier: 'any' }), [['1']]],
];

for (const [text, filter, values] of filters)
  test(`reads a=${text}`, () => {
    const slots: unknown[] = [];
    assert.deepEqual([parseFilter('a', text, slots), slots], [filter, values]);
  });

const trees: readonly (readonly [string, FilterRequest, readonly unknown[]])[] = [
  ['(a.eq.1)', compare('eq', 0), ['1']],
  ['(a.eq.1,b.gt.2)', { kind: 'or', of: [compare('eq', 0), compare('gt', 1, 'b')] }, ['1', '2']],
  [' ( a.eq.1 , b.is.null ) ', { kind: 'or', of: [compare('eq', 0), compare('isNull', undefined, 'b')] }, ['1 ']],
  [
    '(a.eq.1,and(b.gt.2,not.or(c.lt.3,d.not.eq.4)))',
    {
      kind: 'or',
      of: [
        compare('eq', 0),
        {
          kind: 'and',
          of: [
            compare('gt', 1, 'b'),
            not({ kind: 'or', of: [compare('lt', 2, 'c'), not(compare('eq', 3, 'd'))] }),
          ],
        },
      ],
    },
    ['1', '2', '3', '4'],
  ],
  ['(a.eq."x,y)",b.in.(1,"2,3"))', { kind: 'or', of: [compare('eq', 0), compare('in', 1, 'b')] }, ['x,y)', ['1', '2,3']]],
  ['(a.cs.{1,2},b.eq.{)', { kind: 'or', of: [compare('contains', 0), compare('eq', 1, 'b')] }, ['{1,2}', '{']],
  ['("a.b".eq.1,and.eq.2,not.eq.3)', { kind: 'or', of: [compare('eq', 0, 'a.b'), compare('eq', 1, 'and'), compare('eq', 2, 'not')] }, ['1', '2', '3']],
  ['(a.eq.)', compare('eq', 0), ['']],
  ['(a->b.eq.1)', { ...compare('eq', 0), path: { steps: ['b'], text: false } }, ['1']],
  ['(a->0->>"b.c".is.null,b.eq.2)', { kind: 'or', of: [{ ...compare('isNull'), path: { steps: [0, 'b.c'], text: true } }, compare('eq', 0, 'b')] }, ['2']],
  ['(a.like(any).{*x,"y,z"},b.fts(simple).q)', { kind: 'or', of: [{ ...compare('like', 0), quantifier: 'any' }, { ...compare('fts', 1, 'b'), language: 2 }] }, [['%x', 'y,z'], 'q', 'simple']],
]; // biome-ignore format: one case a line

for (const [text, filter, values] of trees)
  test(`reads or=${text}`, () => {
    const slots: unknown[] = [];
    assert.deepEqual([parseLogic('or', text, slots), slots], [filter, values]);
  });

const operators =
  'an operator (eq, neq, gt, gte, lt, lte, like, ilike, match, imatch, isdistinct, cs, cd, ov, sl, sr, nxr, nxl, adj, fts, plfts, phfts, wfts, in, is, not)';

const refused: readonly (readonly [() => unknown, string, string, string | null])[] = [
  [() => parseFilter('a', '5', []), 'PGRST100', '"failed to parse filter (5)" (line 1, column 1)', `Found "5", expected ${operators}.`],
  [() => parseFilter('a', '', []), 'PGRST100', '"failed to parse filter ()" (line 1, column 1)', `Found the end, expected ${operators}.`],
  [() => parseFilter('a', 'noop.1', []), 'PGRST100', '"failed to parse filter (noop.1)" (line 1, column 1)', `Found "n", expected ${operators}.`],
  [() => parseFilter('a', 'not.not.eq.1', []), 'PGRST100', '"failed to parse filter (not.not.eq.1)" (line 1, column 5)', `Found "n", expected ${operators}.`],
  [() => parseFilter('a', 'eq', []), 'PGRST100', '"failed to parse filter (eq)" (line 1, column 3)', 'Found the end, expected ".".'],
  [() => parseFilter('a', 'EQ.1', []), 'PGRST100', '"failed to parse filter (EQ.1)" (line 1, column 1)', `Found "E", expected ${operators}.`],
  [() => parseFilter('a', 'is.maybe', []), 'PGRST100', '"failed to parse filter (is.maybe)" (line 1, column 4)', 'Found "m", expected null, not_null, true, false or unknown.'],
  [() => parseFilter('a', 'is.null)', []), 'PGRST100', '"failed to parse filter (is.null))" (line 1, column 8)', 'Found ")", expected the end of the filter.'],
  [() => parseFilter('a', 'in.1,2', []), 'PGRST100', '"failed to parse filter (in.1,2)" (line 1, column 4)', 'Found "1", expected "(".'],
  [() => parseFilter('a', 'in.(1,2', []), 'PGRST100', '"failed to parse filter (in.(1,2)" (line 1, column 8)', 'Found the end, expected ")".'],
  [() => parseLogic('or', '', []), 'PGRST100', '"failed to parse logic tree ()" (line 1, column 1)', 'Found the end, expected "(".'],
  [() => parseLogic('or', '()', []), 'PGRST100', '"failed to parse logic tree (())" (line 1, column 2)', 'Found ")", expected a condition such as column.eq.1, and(…) or or(…).'],
  [() => parseLogic('or', '(a.eq.1', []), 'PGRST100', '"failed to parse logic tree ((a.eq.1)" (line 1, column 8)', 'Found the end, expected ")".'],
  [() => parseLogic('or', '(a.eq.1))', []), 'PGRST100', '"failed to parse logic tree ((a.eq.1)))" (line 1, column 9)', 'Found ")", expected the end.'],
  [() => parseLogic('or', '(xor(a.eq.1))', []), 'PGRST100', '"failed to parse logic tree ((xor(a.eq.1)))" (line 1, column 5)', 'Found "(", expected ".".'],
  [() => parseFilter('a', 'fts(.x', []), 'PGRST100', '"failed to parse filter (fts(.x)" (line 1, column 5)', 'Found ".", expected the name of a text search configuration.'],
  [() => parseFilter('a', 'fts("a b").x', []), 'PGRST100', '"failed to parse filter (fts("a b").x)" (line 1, column 5)', 'Found """, expected the name of a text search configuration.'],
  [() => parseFilter('a', 'fts(pg_catalog.english).x', []), 'PGRST100', '"failed to parse filter (fts(pg_catalog.english).x)" (line 1, column 15)', 'Found ".", expected ")".'],
  [() => parseFilter('a', 'fts(english.x', []), 'PGRST100', '"failed to parse filter (fts(english.x)" (line 1, column 12)', 'Found ".", expected ")".'],
  [() => parseFilter('a', 'eq(english).x', []), 'PGRST100', '"failed to parse filter (eq(english).x)" (line 1, column 3)', 'Found "(", expected ".".'],
  [() => parseFilter('a', 'neq(any).{1}', []), 'PGRST100', '"failed to parse filter (neq(any).{1})" (line 1, column 4)', 'Found "(", expected ".".'],
  [() => parseFilter('a', 'in(any).(1)', []), 'PGRST100', '"failed to parse filter (in(any).(1))" (line 1, column 3)', 'Found "(", expected ".".'],
  [() => parseFilter('a', 'like(some).{a}', []), 'PGRST100', '"failed to parse filter (like(some).{a})" (line 1, column 5)', 'Found "(", expected ".".'],
  [() => parseFilter('a', 'like(any).a', []), '22P02', 'malformed array literal: "a"', null],
  [() => parseFilter('a', 'eq(any).{1,{2}}', []), '22P02', 'malformed array literal: "{1,{2}}"', null],
  [() => parseFilter('a', 'eq(any).{1,}', []), '22P02', 'malformed array literal: "{1,}"', null],
  [() => parseFilter('a', 'eq(any).{"1}', []), '22P02', 'malformed array literal: "{"1}"', null],
  [() => parseLogic('or', '(a->.eq.1)', []), 'PGRST100', '"failed to parse logic tree ((a->.eq.1))" (line 1, column 5)', 'Found ".", expected a key or a place in a list.'],
  [() => parseLogic('or', '(a->b)', []), 'PGRST100', '"failed to parse logic tree ((a->b))" (line 1, column 6)', 'Found ")", expected ".".'],
]; // biome-ignore format: one case a line

for (const [parse, code, message, details] of refused)
  test(`refuses: ${message}`, () => assert.throws(parse, { code, message, details, hint: /^[A-Z].*\.$/ }));

test('refuses conditions nested without end, and reads long ones in one pass', () => {
  assert.throws(() => parseLogic('or', `${'(or'.repeat(50_000)}(a.eq.1`, []), { code: 'PGRST100' });
  assert.throws(() => parseLogic('or', `(${'and('.repeat(40)}a.eq.1${')'.repeat(41)}`, []), {
    code: 'PGRST100',
  });
  const slots: unknown[] = [];
  parseLogic('or', `(${Array.from({ length: 20_000 }, (_, index) => `a.eq.${index}`).join(',')})`, slots);
  assert.equal(slots.length, 20_000);
});
