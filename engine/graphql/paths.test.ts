import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { asker } from '../../test/graphql-asker.ts';
import { library } from '../../test/graphql-library.ts';
import { anonymous, token } from '../../test/project.ts';
import { parseJsonPath } from './json-path.ts';

const visitor = anonymous('visitor');
const staff = token('staff');
const { open, close, data, text, refused, sdl } = asker(library);
before(open);
after(close);

describe('what a role may not see', () => {
  test('a column that is not granted has no path either', async () => {
    assert.deepEqual(await refused(visitor, '{ books { meta(path: "$.a") } }'), [
      'validation-failed',
      '$.selectionSet.books.selectionSet.meta',
      "field 'meta' not found in type: 'books'.",
    ]);
  });

  test('a cell that is hidden is null, whatever the path', async () => {
    // Book 1 belongs to caller 7; caller 8 sees it, without its meta.
    const query = '{ books(where: { id: { _eq: 1 } }) { id meta(path: "$.n") } }';
    assert.deepEqual(await data(token('member', { sub: '7' }), query), { books: [{ id: 1, meta: 1 }] });
    assert.deepEqual(await data(token('member', { sub: '8' }), query), { books: [{ id: 1, meta: null }] });
  });
});

test('only single JSON columns take a path', async () => {
  const visible = await sdl(staff);
  assert.match(visible, /^ {2}meta\(path: String\): jsonb$/m);
  assert.match(visible, /^ {2}raw\(path: String\): json$/m);
  assert.match(visible, /^ {2}facts\(path: String\): jsonb$/m);
  assert.equal((await refused(staff, '{ books { title(path: "a") } }'))[0], 'validation-failed');
});

test('the value at the path, exactly; null where there is none', async () => {
  assert.equal(
    await text(
      staff,
      `query ($p: String, $none: String) { books(where: { id: { _in: [1, 2, 4] } }, order_by: { id: asc }) {
        a: meta(path: "$.a.b[0]") b: meta(path: "a.b[1]") c: meta(path: "$[0].z") d: meta(path: "[1]")
        e: meta(path: "$['k y']") f: meta(path: $p) g: meta(path: $none) @skip(if: true) h: raw(path: "$.a") i: facts(path: "id")
      } }`,
      { p: '$["a"]["b"]' },
    ),
    '{"data":{"books":[' +
      '{"a":1.10,"b":"x","c":null,"d":null,"e":null,"f":[1.10, "x"],"h":[1, 2],"i":1},' +
      '{"a":null,"b":null,"c":true,"d":2,"e":null,"f":null,"h":null,"i":2},' +
      '{"a":null,"b":null,"c":null,"d":null,"e":null,"f":null,"h":{"b": 5},"i":4}]}}',
  );
  assert.deepEqual(
    await data(
      staff,
      'query ($p: String) { books_by_pk(id: 4) { a: meta(path: "$") b: meta(path: $p) c: meta(path: "") } }',
      {
        p: null,
      },
    ),
    { books_by_pk: { a: 'plain', b: 'plain', c: 'plain' } },
  );
});

test('a malformed path is refused with its place, and one that is too long', async () => {
  const place = '$.selectionSet.books.selectionSet.meta.args.path';
  assert.deepEqual(await refused(staff, '{ books { meta(path: "$.a..b") } }'), [
    'validation-failed',
    place,
    'the JSON path is malformed at character 4, ".": write $.key, $["key"] or $[0]',
  ]);
  for (const path of [
    '$a',
    '.a',
    '$.',
    '$[',
    '$[a]',
    '$["a]',
    '$["\\x"]',
    'a b',
    '$.a b',
    '[1.5]',
    '$[12345678901]',
  ])
    assert.deepEqual(
      (await refused(staff, 'query ($p: String) { books { meta(path: $p) } }', { p: path })).slice(0, 2),
      ['validation-failed', place],
      path,
    );
  for (const path of ['a'.repeat(1001), Array(33).fill('a').join('.')])
    assert.match(
      (await refused(staff, 'query ($p: String) { books { meta(path: $p) } }', { p: path }))[2]!,
      /the path has more than/,
    );
});

test('steps are keys and places', () => {
  for (const [path, steps] of [
    ['', []],
    ['$', []],
    ['a', ['a']],
    ['a.0', ['a', '0']],
    ['$.a[-1].b', ['a', -1, 'b']],
    ['["a.b"]["c\\"d"]', ['a.b', 'c"d']],
    ["$['it\\'s']", ["it's"]],
    ['$.é.__proto__', ['é', '__proto__']],
  ] as const)
    assert.deepEqual(parseJsonPath(path, '$'), steps, path);
});
