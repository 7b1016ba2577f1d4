import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Counts, countsOf, verdict } from './gate.ts';
import * as plans from './render/plans.fixture.ts';
import { gates, type Plan } from './report.ts';

const { plan, project } = plans;
const none: Counts = {
  errors: 0,
  failedTests: 0,
  warnings: 0,
  breaking: 0,
  dangerous: 0,
  safe: 0,
  accessGained: 0,
  accessLost: 0,
  unaccepted: 0,
  accepted: 0,
  incomparable: 0,
};
const error = plans.wrong.slice(0, 1);
const warning = plans.wrong.slice(2);

interface Case {
  readonly of: string;
  readonly plan: Plan;
  readonly counts: Partial<Counts>;
  /** At which gates it fails. */
  readonly fails: string;
}

const cases: readonly Case[] = [
  { of: 'no project', plan: plan(), counts: {}, fails: '' },
  { of: 'nothing', plan: plan(project()), counts: {}, fails: '' },
  {
    of: 'an error',
    plan: plan(project({ diagnostics: error })),
    counts: { errors: 1 },
    fails: 'invalid error warning',
  },
  {
    of: 'a warning',
    plan: plan(project({ diagnostics: warning })),
    counts: { warnings: 1 },
    fails: 'warning',
  },
  {
    of: 'a test that fails',
    plan: plan(project({ tests: plans.testsFailed })),
    counts: { errors: 1, failedTests: 1 },
    fails: 'invalid error warning',
  },
  { of: 'tests that pass', plan: plan(project({ tests: plans.testsPassed })), counts: {}, fails: '' },
  {
    of: 'a breaking change',
    plan: plan(project({ changes: [plans.fieldGone] })),
    counts: { breaking: 1, unaccepted: 1 },
    fails: 'error warning',
  },
  {
    of: 'an accepted one',
    plan: plan(project({ changes: [plans.accepted] })),
    counts: { breaking: 1, accepted: 1 },
    fails: '',
  },
  {
    of: 'a gain by everybody',
    plan: plan(project({ changes: [plans.roleWidened] })),
    counts: { dangerous: 1, accessGained: 1, unaccepted: 1 },
    fails: 'error warning',
  },
  {
    of: 'an accepted gain',
    plan: plan(project({ changes: [{ ...plans.roleWidened, accepted: plans.accepted.accepted }] })),
    counts: { dangerous: 1, accessGained: 1, accepted: 1 },
    fails: 'warning',
  },
  {
    of: 'a gain that is safe',
    plan: plan(project({ changes: [{ ...plans.roleWidened, level: 'safe', needsAcceptance: false }] })),
    counts: { safe: 1, accessGained: 1 },
    fails: 'warning',
  },
  {
    of: 'access lost',
    plan: plan(project({ changes: [{ ...plans.fieldGone, section: 'access' }] })),
    counts: { breaking: 1, accessLost: 1, unaccepted: 1 },
    fails: 'error warning',
  },
  {
    of: 'something dangerous',
    plan: plan(project({ changes: [plans.filterChanged] })),
    counts: { dangerous: 1 },
    fails: 'warning',
  },
  {
    of: 'something safe',
    plan: plan(project({ changes: [plans.tableAdded] })),
    counts: { safe: 1 },
    fails: '',
  },
  {
    of: 'a base that does not compile',
    plan: plan(project({ incomparable: 'The base does not compile.' })),
    counts: { incomparable: 1 },
    fails: 'warning',
  },
  {
    of: 'several projects, one of which is wrong',
    plan: plan(project(), project({ path: 'b', diagnostics: error, changes: [plans.tableAdded] })),
    counts: { errors: 1, safe: 1 },
    fails: 'invalid error warning',
  },
];

for (const { of, plan: given, counts, fails } of cases) {
  test(`${of}: ${fails === '' ? 'passes' : `fails ${fails}`}`, () => {
    assert.deepEqual(countsOf(given), { ...none, ...counts });
    assert.equal(gates.filter((gate) => verdict(given, gate) === 'failure').join(' '), fails);
  });
}
