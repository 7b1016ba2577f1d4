import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Plan } from '../report.ts';
import * as plans from './plans.fixture.ts';
import { planSarif, type SarifOptions } from './sarif.ts';

const { plan, project } = plans;

// biome-ignore lint/suspicious/noExplicitAny: a document as a reader has it
function runOf(given: Plan, options?: SarifOptions): any {
  return JSON.parse(planSarif(given, options)).runs[0];
}

test('is one run, the gravest first, with what code scanning knows results by', () => {
  const given = plan(
    project({ path: 'shops/a', changes: [plans.tableAdded], diagnostics: plans.wrong.slice(2) }),
    project({ path: 'shops/b', changes: [plans.fieldGone] }),
  );
  const rules = new Map([
    ['api-path-added', { short: 'A table is new.', help: 'Nobody who calls today notices.' }],
  ]);
  assert.deepEqual(runOf(given, { category: 'plan', rules }), {
    tool: {
      driver: {
        name: 'NovaStack',
        rules: [
          { id: 'NOT_ENFORCED' },
          {
            id: 'api-path-added',
            shortDescription: { text: 'A table is new.' },
            help: { text: 'Nobody who calls today notices.' },
          },
          { id: 'response-property-removed' },
        ],
      },
    },
    columnKind: 'utf16CodeUnits',
    automationDetails: { id: 'plan/' },
    invocations: [
      {
        executionSuccessful: true,
        toolExecutionNotifications: [
          { level: 'note', message: { text: 'Compared with main: 1 change to decide on.' } },
        ],
      },
    ],
    results: [
      {
        ruleId: 'response-property-removed',
        ruleIndex: 2,
        level: 'error',
        message: {
          text: 'Column "isbn" of "books" is gone: requests that select it fail. For "visitor" and "customer".\nhint: keep the column and deprecate it, until nobody asks for it; or accept fp3f9c1a77b2e04d in approvals.yaml with a reason and a last day, or by the label',
        },
        locations: [locationOf('shops/b/tables/books.yaml', 14, 7)],
        partialFingerprints: {
          primaryLocationLineHash: 'fp3f9c1a77b2e04d:1',
          'novastack/v1': 'fp3f9c1a77b2e04d',
        },
      },
      {
        ruleId: 'NOT_ENFORCED',
        ruleIndex: 0,
        level: 'warning',
        message: { text: '"privacy.residency" is accepted and not enforced yet.' },
        locations: [locationOf('shops/a/novastack.yaml', 8, 3)],
        partialFingerprints: {
          primaryLocationLineHash: 'fp10c7e3385db459:1',
          'novastack/v1': 'fp10c7e3385db459',
        },
      },
      {
        ruleId: 'api-path-added',
        ruleIndex: 1,
        level: 'note',
        message: { text: 'Table "reviews" is new. For "customer" and "staff".' },
        locations: [locationOf('shops/a/tables/reviews.yaml', 3, 3)],
        partialFingerprints: {
          primaryLocationLineHash: 'fp11f0a2b3c4d5e6:1',
          'novastack/v1': 'fp11f0a2b3c4d5e6',
        },
      },
    ],
  });
});

function locationOf(uri: string, startLine: number, startColumn: number) {
  return {
    physicalLocation: {
      artifactLocation: { uri, uriBaseId: '%SRCROOT%' },
      region: { startLine, startColumn, endLine: startLine, endColumn: startColumn + 4 },
    },
  };
}

test('a finding keeps its fingerprint where lines move, and two alike are two', () => {
  const finding = plans.wrong[0]!;
  const moved = { ...finding, source: plans.at('tables/books.yaml', 90) };
  const prints = (...diagnostics: (typeof finding)[]) =>
    runOf(plan(project({ diagnostics }))).results.map(
      // biome-ignore lint/suspicious/noExplicitAny: a document as a reader has it
      ({ partialFingerprints }: any) => partialFingerprints.primaryLocationLineHash,
    );
  const [print] = prints(finding);
  assert.deepEqual(prints(moved), [print]);
  assert.deepEqual(prints(finding, moved), [print, print.replace(/1$/, '2')]);
  assert.notDeepEqual(prints({ ...finding, message: 'Another.' }), [print]);
});

test('every result has a place, without which code scanning refuses the file', () => {
  const given = plan(
    project({
      incomparable: 'The base does not compile.',
      changes: [plans.change({ ...plans.tableAdded, source: undefined })],
    }),
  );
  for (const { locations } of runOf(given).results) {
    assert.equal(locations[0].physicalLocation.artifactLocation.uri, 'novastack.yaml');
    assert.equal(locations[0].physicalLocation.region.startLine, 1);
  }
});

test('tells no more than code scanning keeps, and counts the rest', () => {
  const run = runOf(plans.huge(10, 6_000));
  assert.equal(run.results.length, 5_000);
  assert.equal(run.results[0].level, 'error');
  assert.match(
    run.invocations[0].toolExecutionNotifications[1].message.text,
    /^1\d\d\d further results had no room\.$/,
  );
});

test('takes any name', () => {
  assert.equal(runOf(plans.named('\ud800 a%b#?')).results.length > 0, true);
});
