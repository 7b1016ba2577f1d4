/** Objects to insert are put together by what they give, however many kinds of them there are. */
import assert from 'node:assert/strict';
import { performance } from 'node:perf_hooks';
import { test } from 'node:test';
import { InsertTree } from './insert.ts';
import type { RootContext } from './slots.ts';

test('as many sets of columns as objects are refused in one pass', () => {
  const columns = Array.from({ length: 17 }, (_, at) => ({ name: `c${at}`, graphql: `c${at}`, list: false }));
  const objects = Array.from({ length: 50_000 }, (_, number) =>
    Object.fromEntries(
      columns.filter((_column, at) => (number >> at) % 2 === 1).map(({ name }) => [name, 1]),
    ),
  );
  const context = {
    path: '$.selectionSet.insert_wide',
    table: { name: 'wide', graphql: 'wide', edges: [], insertable: columns },
    role: { model: { depth: 8 }, tables: new Map() },
    values: [],
  } as unknown as RootContext;
  const started = performance.now();
  assert.throws(() => new InsertTree(objects, 'objects', undefined, context), {
    message: /more than 50 different sets of columns/,
  });
  const took = performance.now() - started;
  assert.ok(took < 20_000, `it took ${took} ms`);
});
