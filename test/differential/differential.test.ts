/**
 * NovaStack beside PostgREST: the same requests over the same rows. Status, body and headers must match; each difference is
 * a row of docs/differences.md, and the cases show each row. `report.ts` prints the mismatches alone.
 */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Scope } from '../database.ts';
import { fourteen } from './fourteen.ts';
import { grantCases, openGrants } from './grants.ts';
import { groups } from './groups.ts';
import { museum } from './project.ts';
import { elsewhere, restRows } from './rows.ts';
import { runGroup, runOurs } from './run.ts';
import { openSides, type Sides } from './sides.ts';
import { tellOutcome } from './tell.ts';

let sides: Sides;
const shown = new Set<string>();

before(async () => {
  sides = await openSides({ after: after as Scope['after'] }, museum);
});

test('answers as PostgREST does', async (t) => {
  for (const group of groups)
    await t.test(`${group.name}: ${group.cases.length} requests`, async () => {
      const outcomes = await runGroup(sides, group);
      for (const row of outcomes.flatMap(({ rows }) => rows)) shown.add(row);
      const wrong = outcomes.filter(({ mismatches }) => mismatches.length > 0);
      assert.equal(wrong.map(tellOutcome).join('\n\n'), '');
    });
});

test('answers as PostgREST does where rights differ', async (t) => {
  const outcomes = await runGroup(await openGrants(t), {
    name: 'rights',
    cases: grantCases,
  });
  for (const row of outcomes.flatMap(({ rows }) => rows)) shown.add(row);
  const wrong = outcomes.filter(({ mismatches }) => mismatches.length > 0);
  assert.equal(wrong.map(tellOutcome).join('\n\n'), '');
});

test('answers as PostgREST 14 does where version 12 does not', async () => {
  const outcomes = await runOurs(sides, fourteen);
  const wrong = outcomes.filter(({ mismatches }) => mismatches.length > 0);
  assert.equal(wrong.map(tellOutcome).join('\n\n'), '');
});

test('shows every difference that the page lists, and no other', async () => {
  const listed = new Set(await restRows());
  const known = new Set([...shown, ...Object.keys(elsewhere)]);
  assert.deepEqual(
    {
      unlisted: [...known].filter((row) => !listed.has(row)),
      unshown: [...listed].filter((row) => !known.has(row)),
    },
    { unlisted: [], unshown: [] },
  );
});

test('asks some thousands of requests', () => {
  assert.ok(groups.reduce((sum, { cases }) => sum + cases.length, 0) > 4000);
});
