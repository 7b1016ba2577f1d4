import assert from 'node:assert/strict';
import test from 'node:test';
import type { Code } from '../problem/codes.ts';
import { Problem } from '../problem/problem.ts';
import { errorText, statusOf, toProblem } from './error.ts';
import { invalid } from './refusal.ts';

test("a refusal has Hasura's form, with its path", () => {
  assert.deepEqual(JSON.parse(errorText(invalid('$.selectionSet.books', 'no'))), {
    errors: [
      {
        message: 'no',
        extensions: {
          path: '$.selectionSet.books',
          code: 'validation-failed',
          novastack: { code: 'NS602', sqlstate: null },
        },
      },
    ],
  });
});

test("problems have Hasura's codes, and statuses for its clients and for GraphQL over HTTP", () => {
  const cases: readonly (readonly [Code, string, string | null, number, number])[] = [
    ['NS601', 'validation-failed', null, 200, 400],
    ['NS603', 'validation-failed', null, 200, 400],
    ['NS604', 'unexpected', null, 503, 503],
    ['23505', 'constraint-violation', '23505', 200, 409],
    ['23514', 'permission-error', '23514', 200, 400],
    ['22P02', 'data-exception', '22P02', 200, 400],
    ['P0001', 'data-exception', 'P0001', 200, 400],
    ['42501', 'permission-error', '42501', 200, 403],
    ['42883', 'validation-failed', '42883', 200, 400],
    ['PGRST205', 'validation-failed', null, 200, 404],
    ['PGRST301', 'invalid-jwt', null, 401, 401],
    ['PGRST102', 'invalid-json', null, 200, 400],
    ['NS302', 'access-denied', null, 200, 403],
    ['55000', 'not-supported', '55000', 200, 400],
    ['NS503', 'unexpected', null, 503, 503],
    ['57014', 'unexpected', '57014', 504, 504],
    ['NS000', 'unexpected', null, 500, 500],
    ['NS413', 'bad-request', null, 413, 413],
    ['54000', 'validation-failed', '54000', 200, 400],
    ['0A000', 'not-supported', '0A000', 200, 400],
  ];
  for (const [code, hasura, sqlstate, plain, overHttp] of cases) {
    const problem = new Problem(code, { message: 'm' });
    const [error] = JSON.parse(errorText(problem)).errors;
    assert.deepEqual(error.extensions, { path: '$', code: hasura, novastack: { code, sqlstate } }, code);
    assert.deepEqual([statusOf(problem, false), statusOf(problem, true)], [plain, overHttp], code);
  }
});

test('a code that this surface does not know is told by its status', () => {
  for (const [status, hasura, plain] of [
    [400, 'validation-failed', 200],
    [413, 'validation-failed', 413],
    [422, 'validation-failed', 200],
    [429, 'validation-failed', 429],
    [500, 'unexpected', 500],
    [507, 'unexpected', 507],
  ] as const) {
    const problem = new Problem('NS999' as Code, { message: 'm', status });
    const [error] = JSON.parse(errorText(problem)).errors;
    assert.deepEqual(
      [error.extensions.code, statusOf(problem, false), statusOf(problem, true)],
      [hasura, plain, status],
    );
  }
});

test('an unknown error says nothing of itself', () => {
  const problem = toProblem(new Error('secret'));
  assert.deepEqual([problem.code, problem.message], ['NS000', 'Something went wrong in the engine.']);
});
