/** The grammar of `select`, as a table: what it becomes, or where and why it fails. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Problem } from '../../problem/problem.ts';
import type { FieldRequest } from '../../query/request.ts';
import { Building, buildFields } from './build.ts';
import { parseSelect } from './select.ts';

const column = (name: string, as = name): FieldRequest => ({ kind: 'column', column: name, as });
const path = (column: string, as: string, ...steps: readonly (string | number)[]): FieldRequest => ({
  kind: 'column',
  column,
  path: { steps, text: false },
  as,
});
const text = (column: string, as: string, ...steps: readonly (string | number)[]): FieldRequest => ({
  kind: 'column',
  column,
  path: { steps, text: true },
  as,
});
const cast = (column: string, cast: string, as = column): FieldRequest => ({
  kind: 'column',
  column,
  cast,
  as,
});
const aggregate = (
  term: Extract<FieldRequest, { kind: 'aggregate' }>['term'],
  rest: { as?: string; cast?: string } = {},
): FieldRequest => ({ kind: 'aggregate', as: term.function, term, ...rest });
const embed = (
  relationship: string,
  fields: readonly FieldRequest[],
  rest: { as?: string; hint?: string; join?: 'left' | 'inner'; spread?: boolean } = {},
): FieldRequest => ({
  kind: 'embed',
  as: rest.as ?? relationship,
  relationship,
  ...(rest.hint === undefined ? null : { hint: rest.hint }),
  join: rest.join ?? 'left',
  ...(rest.spread ? { spread: true } : null),
  node: { fields },
});

const accepted: readonly (readonly [string, readonly FieldRequest[]])[] = [
  ['*', [{ kind: 'all' }]],
  ['', [{ kind: 'all' }]],
  [' * , id ', [{ kind: 'all' }, column('id')]],
  ['*,id,*', [{ kind: 'all' }, column('id')]],
  ['id,title', [column('id'), column('title')]],
  ['label:title', [column('title', 'label')]],
  ['"a b":"c,d"', [column('c,d', 'a b')]],
  ['"say \\"hi\\" \\\\"', [column('say "hi" \\')]],
  ['"":id', [column('id', '')]],
  [
    'first name,last-name,größe,😀',
    [column('first name'), column('last-name'), column('größe'), column('😀')],
  ],
  ['__proto__,constructor', [column('__proto__'), column('constructor')]],
  ['count', [column('count')]],
  ['author(name)', [embed('author', [column('name')])]],
  ['author()', [embed('author', [])]],
  ['writer:author(*)', [embed('author', [{ kind: 'all' }], { as: 'writer' })]],
  ['people!author_id(name)', [embed('people', [column('name')], { hint: 'author_id' })]],
  ['reviews!inner(stars)', [embed('reviews', [column('stars')], { join: 'inner' })]],
  ['reviews!left(stars)', [embed('reviews', [column('stars')])]],
  [
    'w:people!author_id!inner(id)',
    [embed('people', [column('id')], { as: 'w', hint: 'author_id', join: 'inner' })],
  ],
  ['people!inner!author_id(id)', [embed('people', [column('id')], { hint: 'author_id', join: 'inner' })]],
  ['people!innermost(id)', [embed('people', [column('id')], { hint: 'innermost' })]],
  ['"a.b"!"x""(id)'.replace('""', '"'), [embed('a.b', [column('id')], { hint: 'x' })]],
  [
    'id,author(name,books(id,tags(label))),publisher(name)',
    [
      column('id'),
      embed('author', [column('name'), embed('books', [column('id'), embed('tags', [column('label')])])]),
      embed('publisher', [column('name')]),
    ],
  ],
  ['author ( name , id )', [embed('author', [column('name'), column('id')])]],
  ['__proto__(id)', [embed('__proto__', [column('id')])]],
  ['meta->a', [path('meta', 'a', 'a')]],
  ['meta->>a', [text('meta', 'a', 'a')]],
  ['meta->a->b->>c', [text('meta', 'c', 'a', 'b', 'c')]],
  ['meta->0', [path('meta', 'meta', 0)]],
  ['meta->a->-1', [path('meta', 'a', 'a', -1)]],
  ['x:meta->a->0->>b', [text('meta', 'x', 'a', 0, 'b')]],
  ['meta->"a.b"->"say \\"hi\\""', [path('meta', 'say "hi"', 'a.b', 'say "hi"')]],
  ['meta->__proto__->>constructor', [text('meta', 'constructor', '__proto__', 'constructor')]],
  ['"a->b"->c', [path('a->b', 'c', 'c')]],
  ['meta->-', [path('meta', '-', '-')]],
  ['meta->00->1a', [path('meta', '1a', 0, '1a')]],
  ['meta->größe->😀', [path('meta', '😀', 'größe', '😀')]],
  ['price::text', [cast('price', 'text')]],
  ['p:price::double precision', [cast('price', 'double precision', 'p')]],
  ['price::int[]', [cast('price', 'int[]')]],
  ['id::"a b"', [cast('id', 'a b')]],
  ['meta->>a::int', [{ ...text('meta', 'a', 'a'), cast: 'int' } as FieldRequest]],
  ['count()', [aggregate({ function: 'count' })]],
  ['n:count()', [aggregate({ function: 'count' }, { as: 'n' })]],
  ['count()::text', [aggregate({ function: 'count' }, { cast: 'text' })]],
  ['reviews(count)', [embed('reviews', [column('count')])]],
  ['reviews(count())', [embed('reviews', [aggregate({ function: 'count' })])]],
  [
    'a.sum(),b.avg(),c.min(),d.max(),e.count()',
    [
      aggregate({ function: 'sum', column: 'a' }),
      aggregate({ function: 'avg', column: 'b' }),
      aggregate({ function: 'min', column: 'c' }),
      aggregate({ function: 'max', column: 'd' }),
      aggregate({ function: 'count', column: 'e' }),
    ],
  ],
  [
    'country,total:amount::numeric.sum()::text',
    [
      column('country'),
      aggregate({ function: 'sum', column: 'amount', cast: 'numeric' }, { as: 'total', cast: 'text' }),
    ],
  ],
  [
    'meta->>n::int.max()',
    [aggregate({ function: 'max', column: 'meta', path: { steps: ['n'], text: true }, cast: 'int' })],
  ],
  ['"count"', [column('count')]],
  ['"count"()', [embed('count', [])]],
  ['"sum".sum()', [aggregate({ function: 'sum', column: 'sum' })]],
  ['...author(name)', [embed('author', [column('name')], { spread: true })]],
  ['...author(*)', [embed('author', [{ kind: 'all' }], { spread: true })]],
  ['...a:author(n:name)', [embed('author', [column('name', 'n')], { as: 'a', spread: true })]],
  [
    'id,...people!author_id!inner(country,...town(zip))',
    [
      column('id'),
      embed('people', [column('country'), embed('town', [column('zip')], { spread: true })], {
        hint: 'author_id',
        join: 'inner',
        spread: true,
      }),
    ],
  ],
];

for (const [text, fields] of accepted)
  test(`reads select=${text}`, () =>
    assert.deepEqual(buildFields(parseSelect(text, 8), new Building([])), fields));

const refused: readonly (readonly [string, string, string])[] = [
  ['id,', 'PGRST100', '"failed to parse select parameter (id,)" (line 1, column 4): Found the end, expected a column, a relationship or *.'],
  ['id title)', 'PGRST100', '"failed to parse select parameter (id title))" (line 1, column 9): Found ")", expected "," or the end.'],
  ['id[0]', 'PGRST100', '"failed to parse select parameter (id[0])" (line 1, column 3): Found "[", expected ",", "(", ":" or the end of the field.'],
  ['author(name', 'PGRST100', '"failed to parse select parameter (author(name)" (line 1, column 12): Found the end, expected ")".'],
  ['author!(name)', 'PGRST100', '"failed to parse select parameter (author!(name))" (line 1, column 8): Found "(", expected a hint, "inner" or "left".'],
  ['author!x', 'PGRST100', '"failed to parse select parameter (author!x)" (line 1, column 9): Found the end, expected "(".'],
  ['"id', 'PGRST100', '"failed to parse select parameter ("id)" (line 1, column 4): Found the end, expected a closing double quote.'],
  ['a:b:c', 'PGRST100', '"failed to parse select parameter (a:b:c)" (line 1, column 4): Found ":", expected ",", "(", ":" or the end of the field.'],
  ['id.name', 'PGRST100', '"failed to parse select parameter (id.name)" (line 1, column 3): Found ".", expected ",", "(", ":" or the end of the field.'],
  ['a(x),a(y)', 'PGRST100', '"failed to parse select parameter (a(x),a(y))" (line 1, column 7): Found "(", expected a relationship other than "a", which is selected already.'],
  ['a(b(c(d)))', 'PGRST100', '"failed to parse select parameter (a(b(c(d))))" (line 1, column 6): Found "(", expected fewer levels of relationships.'],
  ['price::', 'PGRST100', '"failed to parse select parameter (price::)" (line 1, column 8): Found the end, expected a type.'],
  ['price::a::b', 'PGRST100', '"failed to parse select parameter (price::a::b)" (line 1, column 9): Found ":", expected ",", "(", ":" or the end of the field.'],
  ['meta->', 'PGRST100', '"failed to parse select parameter (meta->)" (line 1, column 7): Found the end, expected a key or a place in a list.'],
  ['meta->>a->b', 'PGRST100', '"failed to parse select parameter (meta->>a->b)" (line 1, column 9): Found "-", expected the end of the path.'],
  ['meta->(a)', 'PGRST100', '"failed to parse select parameter (meta->(a))" (line 1, column 7): Found "(", expected a key or a place in a list.'],
  [`meta${'->a'.repeat(33)}`, 'PGRST100', '"failed to parse select parameter (meta->a->a->a->a->a->a->a->a->a->a->a->a->a->a->a->a->a->a->a->a->a->a->a->a->a->a->a->a->a->a->a->a->a)" (line 1, column 101): Found "-", expected at most 32 steps.'],
  ['amount.median()', 'PGRST100', '"failed to parse select parameter (amount.median())" (line 1, column 7): Found ".", expected ",", "(", ":" or the end of the field.'],
  ['amount.sum', 'PGRST100', '"failed to parse select parameter (amount.sum)" (line 1, column 7): Found ".", expected ",", "(", ":" or the end of the field.'],
  ['amount.sum(1)', 'PGRST100', '"failed to parse select parameter (amount.sum(1))" (line 1, column 7): Found ".", expected ",", "(", ":" or the end of the field.'],
  ['*.count()', 'PGRST100', '"failed to parse select parameter (*.count())" (line 1, column 2): Found ".", expected ",", "(", ":" or the end of the field.'],
  ['...author', 'PGRST100', '"failed to parse select parameter (...author)" (line 1, column 10): Found the end, expected "(".'],
  ['...*', 'PGRST100', '"failed to parse select parameter (...*)" (line 1, column 4): Found "*", expected a relationship.'],
  ['x:...author(name)', 'PGRST100', '"failed to parse select parameter (x:...author(name))" (line 1, column 3): Found ".", expected a column or a relationship.'],
  ['author(name)::text', 'PGRST100', '"failed to parse select parameter (author(name)::text)" (line 1, column 13): Found ":", expected ",", "(", ":" or the end of the field.'],
  ['...author(name),author(id)', 'PGRST100', '"failed to parse select parameter (...author(name),author(id))" (line 1, column 23): Found "(", expected a relationship other than "author", which is selected already.'],
]; // biome-ignore format: one case a line

for (const [text, code, said] of refused)
  test(`refuses select=${text}`, () => {
    assert.throws(
      () => parseSelect(text, 2),
      (error: unknown) => {
        assert.ok(error instanceof Problem);
        assert.deepEqual([error.code, `${error.message}: ${error.details}`], [code, said]);
        assert.match(error.hint ?? '', /^[A-Z].*\.$/);
        return true;
      },
    );
  });

test('says what to do next, and shortens what it quotes', () => {
  assert.throws(
    () => parseSelect(`${'x'.repeat(200)}[`, 2),
    (error: Problem) =>
      error.hint === 'Names with other characters go in double quotes.' &&
      error.message === `"failed to parse select parameter (${'x'.repeat(120)}…)" (line 1, column 201)`,
  );
});

test('refuses a hundred thousand open parentheses without recursing into them', () => {
  assert.throws(() => parseSelect('a('.repeat(100_000), 8), { code: 'PGRST100' });
});

test('refuses more fields of one level, or more relationships, than a database takes well', () => {
  const fields = (count: number) => Array(count).fill('id').join(',');
  assert.equal(parseSelect(fields(1664), 8).fields.length, 1664);
  const tooMany = { code: 'PGRST100', details: 'Found "i", expected at most 1664 fields of one table.' };
  assert.throws(() => parseSelect(fields(1665), 8), tooMany);
  assert.throws(() => parseSelect(`a(${fields(1665)})`, 8), tooMany);
  assert.throws(() => parseSelect(Array(7000).fill('*').join(','), 8), { code: 'PGRST100' });

  const embeds = (count: number) => Array.from({ length: count }, (_, at) => `e${at}:r(id,s(id))`).join(',');
  assert.equal(parseSelect(embeds(50), 8).embeds.size, 50);
  assert.throws(() => parseSelect(`${embeds(50)},t(id)`, 8), {
    code: 'PGRST100',
    details: 'Found "(", expected at most 100 relationships in one request.',
    hint: 'Select fewer relationships, or fetch the others on their own.',
  });
});
