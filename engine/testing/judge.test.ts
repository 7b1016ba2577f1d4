import assert from 'node:assert/strict';
import { test } from 'node:test';
import { buildProject } from '../../schema/build.ts';
import { judge } from './judge.ts';
import type { Answer } from './result.ts';

const json = 'application/json; charset=utf-8';

interface Given {
  readonly status?: number;
  readonly type?: string;
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

function answer({ status = 200, type = json, body = '', headers = {} }: Given): Answer {
  return { status, headers: new Map(Object.entries({ 'content-type': type, ...headers })), body };
}

/** What does not hold, as `line:column key message (path…)`. The keys of `expect` begin on line 9. */
function judged(expect: string, given: Given, request = 'get: /rest/v1/books'): readonly string[] {
  const text = `novastack: 1
project: shop
databases: { main: { engine: embedded } }
roles: { visitor: {} }
tests:
  - name: one
    as: { role: visitor }
    request: { ${request} }
    expect: { ${expect} }
`;
  const { value, diagnostics } = buildProject({
    root: '.',
    files: [{ path: 'novastack.yaml', text }],
    diagnostics: [],
  });
  assert.deepEqual(
    diagnostics.filter(({ severity }) => severity === 'error'),
    [],
  );
  return judge(value!.tests[0]!, answer(given), value!).map(({ key, message, source, differences }) => {
    const { line, column } = source!.span.start;
    return [`${line}:${column} ${key} ${message}`, ...differences.map(({ path }) => `(${path})`)].join(' ');
  });
}

const cases: readonly (readonly [string, Given, readonly string[], string?])[] = [
  ['status: 200', {}, []],
  ['status: 201', {}, ['9:15 expect.status The status is 200 and not 201.']],

  ['body: [ { id: 1 } ]', { body: '[{"id":1}]' }, []],
  ['body: [ { id: 1 } ]', { body: '[{"id":2}]' }, ['9:15 expect.body The body is another. ([0].id)']],
  ['body: null', { body: 'null' }, []],
  ['body: null', { body: '' }, ['9:15 expect.body The body is another. ()']],
  ['body: ""', { body: '' }, []],
  ['body: "id\\n1\\n"', { type: 'text/csv', body: 'id\n1\n' }, []],
  ['body: "id"', { type: 'text/csv', body: 'id\n1\n' }, ['9:15 expect.body The body is another. ()']],
  ['body: [ { id: 1 }, { id: 2 } ]', { type: 'application/x-ndjson', body: '{"id":1}\n{"id":2}\n' }, []],
  ['body: { id: 1 }', { type: 'application/vnd.pgrst.object+json', body: '{"id":1}' }, []],
  ['body: 1', { body: 'no json' }, ['9:15 expect.body The body is another. ()']],

  ['contains: { a: 1 }', { body: '{"a":1,"b":2}' }, []],
  ['contains: { a: 2 }', { body: '{"a":1}' }, ['9:15 expect.contains The body does not contain it. (a)']],
  ['contains: "1"', { type: 'text/csv', body: 'id\n1\n' }, []],
  ['contains: "2"', { type: 'text/csv', body: '1' }, ['9:15 expect.contains The body does not contain it. ()']],

  ['headers: { Content-Range: 0-0/1 }', { headers: { 'content-range': '0-0/1' } }, []],
  [
    'headers: { Content-Range: 0-0/1, Location: / }',
    { headers: { 'content-range': '0-0/*' } },
    [
      '9:26 expect.headers.Content-Range The header "Content-Range" has another value. (Content-Range)',
      '9:48 expect.headers.Location There is no header "Location". (Location)',
    ],
  ],

  ['count: 2', { body: '[1,2]' }, []],
  ['count: 1', { body: '{"id":1}' }, []],
  ['count: 0', { body: 'null' }, []],
  ['count: 1', { body: '[1,2]' }, ['9:15 expect.count 2 rows came back and not 1.']],
  ['count: 0', { body: '[1]' }, ['9:15 expect.count 1 row came back and not 0.']],
  [
    'count: 0',
    { status: 404, body: '{"code":"PGRST205"}' },
    ['9:15 expect.count The answer is an error (404) and has no rows.'],
  ],
  ['count: 0', { status: 204 }, ['9:15 expect.count The answer has no body, so no rows can be counted.']],
  ['count: 2', { body: '{"data":{"books":[1,2]}}' }, [], 'graphql: "{ books { id } }"'],
  ['count: 1', { body: '{"data":{"a":{"affected_rows":3,"returning":[{}]}}}' }, [], 'graphql: "{ a }"'],
  [
    'count: 2',
    { body: '{"data":{"a":[],"b":[]}}' },
    ['9:15 expect.count The document has several root fields: count is of one.'],
    'graphql: "{ a b }"',
  ],
  [
    'count: 0',
    { body: '{"errors":[]}' },
    ['9:15 expect.count The answer is an error of GraphQL and has no rows.'],
    'graphql: "{ a }"',
  ],

  // By key, whatever text there is; at any depth.
  ['hidden: [cost]', { body: '[{"title":"\\"cost\\": 1","costs":2}]' }, []],
  ['hidden: [id, cost]', { body: '[{"a":[{"cost":1}]}]' }, ['9:28 expect.hidden.1 The column "cost" came back. ([0].a[0].cost)']],
  ['hidden: [cost]', { body: '{"data":{"books":[{"author":{"cost":null}}]}}' }, ['9:24 expect.hidden.0 The column "cost" came back. (data.books[0].author.cost)'], 'graphql: "{ books { id } }"'],
  ['hidden: [cost]', { type: 'text/csv', body: 'id,cost\n1,2\n' }, ['9:24 expect.hidden.0 The column "cost" came back. (id,cost)']],
  ['hidden: [cost]', { type: 'text/csv', body: 'id,costs\n1,cost\n' }, []],
  ['hidden: [cost]', { body: '[]' }, []],
  [
    'hidden: [cost]',
    { status: 400, body: '{"code":"42703"}' },
    ['9:15 expect.hidden The answer is an error (400), which proves nothing of columns: expect its status, or ask for what the role may read.'],
  ],
  ['status: 400, hidden: [cost]', { status: 400, body: '{"code":"42703"}' }, []],

  // Everything that does not hold is told.
  [
    'status: 201, body: [], count: 0',
    { body: '[1]' },
    [
      '9:15 expect.status The status is 200 and not 201.',
      '9:28 expect.body The body is another. ([0])',
      '9:38 expect.count 1 row came back and not 0.',
    ],
  ],
]; // biome-ignore format: one case a line

for (const [expect, given, found, request] of cases)
  test(`${expect} of ${given.status ?? 200} ${given.body ?? ''}`, () => {
    assert.deepEqual(judged(expect, given, request), found);
  });
