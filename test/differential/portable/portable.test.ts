/**
 * NovaStack on MariaDB and on MySQL beside NovaStack on Postgres, which `differential.test.ts` puts beside PostgREST: the same
 * requests over the same rows. Status, body, headers and what writes leave behind must match; each difference is a row of
 * docs/differences.md that a rule foretells, and the cases show each row. `report.ts` prints the mismatches alone.
 */
import assert from 'node:assert/strict';
import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { rowsOf } from '../rows.ts';
import { tellOutcome } from '../tell.ts';
import { portableRows, shownElsewhere } from './differences.ts';
import { portableGroups, sample } from './groups.ts';
import { runPortable } from './run.ts';
import { openPortable } from './world.ts';

const engineNames = { mariadb: 'MariaDB', mysql: 'MySQL' } as const;

test('answers on MariaDB and MySQL as on Postgres, but for the differences that the page lists', async (t) => {
  const postgres = await openPortable(t, 'postgres');
  const others = [await openPortable(t, 'mariadb'), await openPortable(t, 'mysql')];
  const { groups } = await portableGroups(postgres.names);
  const shown = new Set<string>();

  for (const group of sample(groups)) {
    if (group.cases.length === 0) continue;
    await t.test(`${group.name}: ${group.cases.length} requests`, async () => {
      const outcomes = await runPortable({ postgres, others }, group);
      for (const { engine, rows, mismatches } of outcomes)
        if (mismatches.length === 0) for (const row of rows) shown.add(`${row} (${engine})`);
      const wrong = outcomes.filter(({ mismatches }) => mismatches.length > 0);
      assert.equal(wrong.map((one) => `${one.engine}: ${tellOutcome(one)}`).join('\n\n'), '');
    });
  }

  await t.test('and every row of the page is shown, on the engines that it names', async () => {
    const known = [...portableRows].flatMap(([row, engines]) =>
      [...engines].map((engine) => `${row} (${engine})`),
    );
    assert.deepEqual(
      known.filter((row) => !shown.has(row)),
      [],
    );
    const listed = (await rowsOf('MySQL and MariaDB')).map(([row, engines]) => `${row}: ${engines}`);
    const named = [...portableRows].map(([row, engines]) => {
      const names = [...engines].map((engine) => engineNames[engine]);
      return `${row}: ${names.length === 2 ? 'both' : names[0]}`;
    });
    const elsewhere = Object.keys(shownElsewhere).map((row) => `${row}: both`);
    assert.deepEqual(listed.toSorted(), [...named, ...elsewhere].toSorted());
    for (const file of Object.values(shownElsewhere))
      await access(join(import.meta.dirname, '../../..', file));
  });
});
