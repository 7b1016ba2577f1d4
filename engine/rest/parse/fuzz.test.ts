/** Whatever is sent, the parser gives a request or a clear refusal. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { limits } from '../../../test/limits.ts';
import type { WorldTable } from '../../api/api.ts';
import { Problem } from '../../problem/problem.ts';
import { type Method, methods } from './draft.ts';
import { parseRequest } from './request.ts';

const id = { name: 'id', type: { name: 'int4', family: 'integer', scalar: 'int4' } };
const table = {
  table: { name: 'books', rest: 'books', key: [id] },
  known: new Map([['id', id]]),
} as unknown as WorldTable;

/** Pieces of the grammar, so that texts come near to what is right. */
const piece = fc.oneof(
  fc.constantFrom(
    'select=', 'order=', 'limit=', 'or=', 'not.and=', 'columns=', 'id', 'author', '=', '&', '.', ',', '(', ')', '!', ':', '::',
    '->', '...', '*', '"', '\\', '{', '}', 'eq.', 'in.(', 'is.null', 'not.', 'and(', 'or(', '%22', '%', '+', '%00', '%F0%9F%98%80', ' ',
    '1', '-1', 'asc', 'desc', 'nullsfirst', '__proto__', 'count()', 'inner', '->>', '.sum()', 'having=', 'after=k1~', '~', 'fts(', '(any)', '[0]', 'text',
  ),
  fc.string({ unit: 'binary', maxLength: 4 }),
); // biome-ignore format: pieces
const query = fc.array(piece, { maxLength: 30 }).map((pieces) => pieces.join(''));
const body = fc.oneof(
  fc.json().map((text) => Buffer.from(text)),
  fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes)),
  fc.constant(undefined),
);

test('gives a request whose slots all have values, or a Problem that is no 500', () => {
  fc.assert(
    fc.property(fc.constantFrom(...methods), query, body, fc.string(), (method, text, bytes, header) => {
      try {
        const { request } = parseRequest(
          { method: method as Method, table, query: text, body: bytes, prefer: header, accept: undefined },
          limits,
        );
        const slots = [
          ...JSON.stringify({ ...request, values: [] }).matchAll(/"(?:value|offset|rows|row)":(\d+)/g),
        ];
        for (const [, slot] of slots) assert.ok(Number(slot) < request.values.length);
      } catch (error) {
        assert.ok(error instanceof Problem, String(error));
        assert.ok(error.status < 500, error.code);
        assert.ok(error.message.length < 1000);
      }
    }),
    { numRuns: 3000 },
  );
});

test('reads back the value that any text was quoted to', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (text) => {
      const value = `"${text.replace(/["\\]/g, '\\$&')}"`;
      const { request } = parseRequest(
        { method: 'GET', table, query: `or=${encodeURIComponent(`(a.eq.${value},b.in.(${value},x))`)}` },
        limits,
      );
      assert.deepEqual(request.values, [text, [text, 'x']]);
    }),
  );
});
