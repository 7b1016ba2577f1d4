/** URLs below `/rest/v1` → what they name. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readPlace } from './path.ts';

const table = (name: string, key: string | undefined, query = '') => ({
  target: { kind: 'table', name, key },
  query,
});

const places: readonly (readonly [string, unknown])[] = [
  ['/rest/v1', { target: { kind: 'root' }, query: '' }],
  ['/rest/v1/?a=b', { target: { kind: 'root' }, query: 'a=b' }],
  ['/rest/v1/books', table('books', undefined)],
  ['/rest/v1/books?id=eq.1?2', table('books', undefined, 'id=eq.1?2')],
  ['/rest/v1/books/a%2Cb,c', table('books', 'a%2Cb,c')],
  ['/rest/v1/a%2Fb%20c/1', table('a/b c', '1')],
  ['/rest/v1/__proto__', table('__proto__', undefined)],
  ['/rest/v1/rpc', table('rpc', undefined)],
  ['/rest/v1/rpc/f?a=1', { target: { kind: 'function', name: 'f' }, query: 'a=1' }],
  ['/rest/v1/rpc/', { target: { kind: 'function', name: '' }, query: '' }],
  ['/rest/v1/rpc/a%2Fb%20c', { target: { kind: 'function', name: 'a/b c' }, query: '' }],
  ['/rest/v1/rpc/__proto__', { target: { kind: 'function', name: '__proto__' }, query: '' }],
  ['/rest/v1/gr%C3%B6%C3%9Fe', table('größe', undefined)],
];
for (const [url, place] of places) test(`reads ${url}`, () => assert.deepEqual(readPlace(url), place));

const refused: readonly (readonly [string, string])[] = [
  ['/rest/v2/books', 'PGRST125'],
  ['/rest/v1x', 'PGRST125'],
  ['/rest/v1/books/', 'PGRST125'],
  ['/rest/v1/books/1/2', 'PGRST125'],
  ['/rest/v1/rpc/f/1', 'PGRST125'],
  ['/rest/v1/%ff', 'PGRST100'],
  ['/rest/v1/%00', '22021'],
];
for (const [url, code] of refused)
  test(`refuses ${url}`, () =>
    assert.throws(() => readPlace(url), { name: 'Problem', code, hint: /^[A-Z].*\.$/ }));
