/** The grammar of `select`, as a table: what it becomes, or where and why it fails. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Problem } from '../../problem/problem.ts';
import type { FieldRequest } from '../../query/request.ts';
import { Building, buildFields } from './build.ts';
import { parseSelect } from './select.ts';

const column = (name: string, as = name): FieldRequest => ({ kind: 'column', column: name, as });
const embed = (
  relationship: string,
  fields: readonly FieldRequest[],
  rest: { as?: string; hint?: string; join?: 'left' | 'inner' } = {},
): FieldRequest => ({
  kind: 'embed',
  as: rest.as ?? relationship,
  relationship,
  ...(rest.hint === undefined ? null : { hint: rest.hint }),
  join: rest.join ?? 'left',
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
  ['price::text', 'NS501', 'Casts (::type) are not served yet.: null'],
  ['meta->a->>b', 'NS501', 'JSON paths (->) are not served yet.: null'],
  ['amount.sum()', 'NS501', 'Aggregates such as sum() are not served yet.: null'],
  ['count()', 'NS501', 'Aggregates such as count() are not served yet.: null'],
  ['n:count()', 'NS501', 'Aggregates such as count() are not served yet.: null'],
  ['...author(name)', 'NS501', 'Spread (...relationship) is not served yet.: null'],
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
