/** What was parsed is written so that it parses to the same again. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { canonical } from '../../schema/checks/canonical.ts';
import { parseDocument } from '../../schema/document.ts';
import { parsePredicate } from '../../schema/notation.ts';
import type { Literal, Predicate } from '../../schema/predicate.ts';
import { predicateText } from './notation.ts';

function parse(yaml: string): Predicate {
  const { document } = parseDocument('a.yaml', `where: ${yaml}\n`);
  const findings = { error: (...of: unknown[]) => assert.fail(JSON.stringify(of)), warning: () => {} };
  return parsePredicate((document!.value as { readonly where: Literal }).where, [], findings as never)!;
}

for (const [written, expected] of [
  ['{}', '{}'],
  ['{ a: 1 }', '{ a: 1 }'],
  ['{ a: { _eq: yes } }', '{ a: "yes" }'],
  ['{ a: { _gt: 1, _lt: 5 } }', '{ a: { _gt: 1, _lt: 5 } }'],
  ['{ a: true, b: $jwt.sub }', '{ a: true, b: $jwt.sub }'],
  [`{ a: '$jwt["https://x/y"]["z"]' }`, `{ a: '$jwt["https://x/y"]["z"]' }`],
  ['{ a: { _in: [x, "5"] } }', '{ a: { _in: [ x, "5" ] } }'],
  [
    '{ _and: [ { a: { _gt: 1 } }, { a: { _gt: 5 } } ] }',
    '{ _and: [ { a: { _gt: 1 } }, { a: { _gt: 5 } } ] }',
  ],
  ['{ a: { _is_null: true } }', '{ a: { _is_null: true } }'],
  [
    '{ _or: [ { a: 1 }, { _not: { b: { _lte: $now } } } ] }',
    '{ _or: [ { a: 1 }, { _not: { b: { _lte: $now } } } ] }',
  ],
  ['{ _or: [] }', '{ _or: [] }'],
  ['{ a: { _cgt: b } }', '{ a: { _cgt: b } }'],
  ['{ author: { name: "A: B" } }', '{ author: { name: "A: B" } }'],
  ['{ author: {} }', '{ author: {} }'],
  ['{ _exists: { table: "b.c", where: { a: 1 } } }', '{ _exists: { table: b.c, where: { a: 1 } } }'],
  ['{ data: { _contains: { k: [1, x] } } }', '{ data: { _contains: { k: [ 1, x ] } } }'],
  [
    '{ reviews_aggregate: { count: { arguments: id, distinct: true, filter: { a: 1 }, predicate: { _gt: 2 } } } }',
    '{ reviews_aggregate: { count: { arguments: [ id ], distinct: true, filter: { a: 1 }, predicate: { _gt: 2 } } } }',
  ],
] as const)
  test(written, () => {
    const text = predicateText(parse(written));
    assert.equal(text, expected);
    assert.equal(canonical(parse(text)), canonical(parse(written)));
  });
