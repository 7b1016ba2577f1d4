/**
 * NovaStack beside PostgREST: the same requests over the same rows. Status, body and headers must match; each difference is
 * a row of docs/differences.md, and the cases show each row. `report.ts` prints the mismatches alone.
 */
import assert from 'node:assert/strict';
import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { fourteen } from './fourteen.ts';
import { grantCases, openGrants } from './grants.ts';
import { groups } from './groups.ts';
import { museum } from './project.ts';
import { elsewhere, restRows } from './rows.ts';
import { type Outcome, runGroup, runOurs } from './run.ts';
import { openSides } from './sides.ts';
import { tellOutcome } from './tell.ts';

test('answers as PostgREST does, but for the differences that the page lists', async (t) => {
  const sides = await openSides(t, museum);
  const shown = new Set<string>();
  const note = (outcomes: readonly Outcome[]) => {
    for (const row of outcomes.flatMap(({ rows }) => rows)) shown.add(row);
    assert.equal(mismatchesOf(outcomes), '');
  };

  for (const group of groups)
    await t.test(`${group.name}: ${group.cases.length} requests`, async () =>
      note(await runGroup(sides, group)),
    );

  await t.test('where rights differ', async (t) =>
    note(await runGroup(await openGrants(t), { name: 'rights', cases: grantCases })),
  );

  await t.test('as PostgREST 14 where version 12 answers otherwise', async () =>
    assert.equal(mismatchesOf(await runOurs(sides, fourteen)), ''),
  );

  await t.test('shows every row of the page, and no other', async () => {
    const listed = new Set(await restRows());
    const known = new Set([...shown, ...Object.keys(elsewhere)]);
    assert.deepEqual(
      {
        unlisted: [...known].filter((row) => !listed.has(row)),
        unshown: [...listed].filter((row) => !known.has(row)),
      },
      { unlisted: [], unshown: [] },
    );
    for (const file of Object.values(elsewhere)) await access(join(import.meta.dirname, '../..', file));
  });
});

function mismatchesOf(outcomes: readonly Pick<Outcome, 'asked' | 'mismatches'>[]): string {
  return outcomes
    .filter(({ mismatches }) => mismatches.length > 0)
    .map(tellOutcome)
    .join('\n\n');
}
