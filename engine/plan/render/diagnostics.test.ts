import assert from 'node:assert/strict';
import { test } from 'node:test';
import { planAnnotations, planDiagnostics } from './diagnostics.ts';
import * as plans from './plans.fixture.ts';

const { plan, project } = plans;

test('tells findings, then changes, then tests that fail', () => {
  const given = project({
    diagnostics: plans.wrong.slice(0, 1),
    incomparable: 'The base does not compile.',
    changes: [plans.fieldGone, plans.roleWidened, plans.filterChanged, plans.accepted, plans.tableAdded],
    tests: plans.testsFailed,
  });
  assert.deepEqual(planDiagnostics(given), [
    plans.wrong[0],
    { code: 'NOT_COMPARED', severity: 'warning', message: 'The base does not compile.' },
    {
      code: 'response-property-removed',
      severity: 'error',
      message:
        'Column "isbn" of "books" is gone: requests that select it fail. For "visitor" and "customer".',
      hint: 'keep the column and deprecate it, until nobody asks for it; or accept fp3f9c1a77b2e04d in approvals.yaml with a reason and a last day, or by the label',
      source: plans.fieldGone.source,
    },
    {
      code: 'access-read-gained',
      severity: 'error',
      message: '"visitor" gains read of "customers.email". Open to everybody. Personal data.',
      hint: 'list the columns that everybody may read, instead of "*"; or accept fp80d2c6e51a9b37 in approvals.yaml with a reason and a last day, or by the label',
      source: plans.roleWidened.source,
    },
    {
      code: 'access-filter-changed',
      severity: 'warning',
      message:
        'Row filter of "customer" on read of "orders" has changed, review it. It was { customer_id: $jwt.sub } and is { _or: [ { customer_id: $jwt.sub }, { gift_for: $jwt.email } ] }.',
      source: plans.filterChanged.source,
    },
    {
      code: 'response-property-removed',
      severity: 'notice',
      message:
        'Column "isbn" of "books" is gone: requests that select it fail. For "visitor" and "customer". Accepted in approvals.yaml until 2027-01-31: the old app is gone since June',
      hint: 'keep the column and deprecate it, until nobody asks for it',
      source: plans.accepted.source,
    },
    {
      code: 'api-path-added',
      severity: 'notice',
      message: 'Table "reviews" is new. For "customer" and "staff".',
      source: plans.tableAdded.source,
    },
    {
      code: 'TEST_FAILED',
      severity: 'error',
      message: [
        'a visitor sees published books only: The body is another one.',
        'expect.body [1].id: expected 2, received 3',
        'expect.body [2]: expected nothing, received {"id":4}',
        'GET /rest/v1/books?select=id&order=id as anonymous',
      ].join('\n'),
      source: plans.testsFailed.results[1]!.failures[0]!.source,
    },
  ]);
});

test('a gain is a warning even where it is safe', () => {
  const gain = { ...plans.roleWidened, level: 'safe' as const, needsAcceptance: false };
  assert.equal(planDiagnostics(project({ changes: [gain] }))[0]!.severity, 'warning');
});

test('a removed project has no file to accept in', () => {
  const [found] = planDiagnostics(
    project({ state: 'removed', changes: [{ ...plans.fieldGone, hint: undefined }] }),
  );
  assert.equal(found!.hint, 'accept fp3f9c1a77b2e04d by the label');
});

test('annotates the lines, the gravest of all projects first', () => {
  const given = plan(
    project({ path: 'shops/a', diagnostics: plans.wrong.slice(2), changes: [plans.tableAdded] }),
    project({ path: 'shops/b', diagnostics: plans.wrong.slice(0, 1) }),
  );
  assert.equal(
    planAnnotations(given),
    [
      '::error file=shops/b/tables/books.yaml,line=14,col=9,title=BIND_COLUMN_NOT_FOUND::Column "titel" does not exist in relation "public.books".%0Ahint: did you mean "title"?',
      '::warning file=shops/a/novastack.yaml,line=8,col=3,title=NOT_ENFORCED::"privacy.residency" is accepted and not enforced yet.',
      '::notice file=shops/a/tables/reviews.yaml,line=3,col=3,title=api-path-added::Table "reviews" is new. For "customer" and "staff".',
    ].join('\n'),
  );
});

test('no name of a plan starts a command of its own', () => {
  const lines = planAnnotations(plans.named('a\n::error::b')).split('\n');
  for (const line of lines) assert.match(line, /^::(error|warning|notice) (file=|title=)/);
});
