import assert from 'node:assert/strict';
import { test } from 'node:test';
import { planJson } from './json.ts';
import * as plans from './plans.fixture.ts';

const { plan, project } = plans;

test('is what its docstring says', () => {
  const given = plan(
    project({
      path: 'shop',
      state: 'changed',
      diagnostics: plans.wrong.slice(0, 1),
      changes: [plans.roleWidened, plans.accepted],
      migrations: [{ ...plans.mysqlMigration, statements: plans.mysqlMigration.statements.slice(0, 1) }],
      tests: {
        results: [],
        notRun: 'There is no database.',
        coverage: undefined,
      },
    }),
  );
  const counts = {
    errors: 1,
    warnings: 0,
    breaking: 1,
    dangerous: 1,
    safe: 0,
    access_gained: 1,
    access_lost: 0,
    unaccepted: 1,
    accepted: 1,
    failed_tests: 0,
    incomparable: 0,
  };
  assert.deepEqual(JSON.parse(planJson(given, 'error')), {
    base: 'main',
    result: 'failure',
    counts,
    projects: [
      {
        path: 'shop',
        project: 'bookshop',
        title: 'Bookshop',
        state: 'changed',
        counts,
        incomparable: null,
        diagnostics: [
          {
            code: 'BIND_COLUMN_NOT_FOUND',
            severity: 'error',
            message: 'Column "titel" does not exist in relation "public.books".',
            hint: 'did you mean "title"?',
            file: 'tables/books.yaml',
            line: 14,
            column: 9,
            related: [],
          },
        ],
        changes: [
          {
            section: 'access',
            rule: 'access-read-gained',
            level: 'dangerous',
            message: '"visitor" gains read of "customers.email".',
            hint: 'list the columns that everybody may read, instead of "*"',
            gain: true,
            anonymous: true,
            personal: true,
            roles: ['visitor'],
            subject: { table: 'customers', column: 'email', verb: 'select', role: 'visitor' },
            before: null,
            after: null,
            fingerprint: 'fp80d2c6e51a9b37',
            needs_acceptance: true,
            accepted: null,
            file: 'tables/customers.yaml',
            line: 22,
            column: 9,
          },
          {
            section: 'api',
            rule: 'response-property-removed',
            level: 'breaking',
            message: 'Column "isbn" of "books" is gone: requests that select it fail.',
            hint: 'keep the column and deprecate it, until nobody asks for it',
            gain: false,
            anonymous: false,
            personal: false,
            roles: ['visitor', 'customer'],
            subject: { table: 'books', column: 'isbn' },
            before: null,
            after: null,
            fingerprint: 'fp3f9c1a77b2e04d',
            needs_acceptance: true,
            accepted: { by: 'file', reason: 'the old app is gone since June', expires: '2027-01-31' },
            file: 'tables/books.yaml',
            line: 14,
            column: 7,
          },
        ],
        migrations: [
          {
            database: 'stock',
            engine: 'mysql',
            file: 'migrations/stock/0003_shelves.sql',
            transaction: false,
            statements: [
              {
                summary: 'changes the type of column "room" of "shelves"',
                line: 1,
                column: 1,
                relation: 'shelves',
                lock: 'COPY',
                blocks: 'writes',
                work: 'rewrite',
                undo: 'loses data',
                advice: 'add a second column, fill it in parts, and switch over',
              },
            ],
          },
        ],
        tests: {
          results: [],
          not_run: 'There is no database.',
          coverage: null,
        },
      },
    ],
  });
});

test('tells tests as `novastack test` does', () => {
  const [{ tests }] = JSON.parse(planJson(plan(project({ tests: plans.testsFailed })), 'never')).projects;
  assert.deepEqual(tests.results[1], {
    name: 'a visitor sees published books only',
    state: 'failed',
    ms: 12,
    file: 'tests/books.yaml',
    line: 2,
    column: 11,
    request: 'GET /rest/v1/books?select=id&order=id as anonymous',
    failures: [
      {
        key: 'expect.body',
        message: 'The body is another one.',
        file: 'tests/books.yaml',
        line: 5,
        column: 27,
        differences: [
          { path: '[1].id', expected: '2', received: '3' },
          { path: '[2]', expected: null, received: '{"id":4}' },
        ],
      },
    ],
    answer: { status: 200, headers: {}, body: '[{"id":1},{"id":3},{"id":4}]' },
  });
  assert.deepEqual([tests.coverage.covered, tests.coverage.total, tests.not_run], [12, 24, null]);
});

test('has null for everything that there is none of', () => {
  const bare = project({
    project: undefined,
    title: undefined,
    changes: [plans.change({ ...plans.tableAdded, source: undefined })],
  });
  const [{ project: slug, title, tests, changes }] = JSON.parse(planJson(plan(bare), 'error')).projects;
  const { hint, before, after, accepted, file, line, column } = changes[0];
  assert.deepEqual(
    [slug, title, tests, hint, before, after, accepted, file, line, column],
    Array(10).fill(null),
  );
});
