import assert from 'node:assert/strict';
import { test } from 'node:test';
import { configOf } from '../dialect/postgres/scratch.fixture.ts';
import type { Migration } from '../migrate/migrations.ts';
import { rehearse } from './rehearse.ts';

const source = {
  file: 'novastack.yaml',
  span: { start: { line: 3, column: 14 }, end: { line: 3, column: 15 } },
};

function migration(number: string, sql: string): Migration {
  return { number, name: 'x', file: `m/${number}_x.sql`, sql, checksum: number, transaction: true };
}

const migrations = [
  migration('0001', 'create table a (id int primary key);'),
  migration('0002', 'do $$begin loop end loop; end$$;'),
];

async function ran(engine: 'postgres' | 'embedded', settings?: { readonly deadlineMs: number }) {
  const { value, diagnostics } = await rehearse(
    { project: 'shop', config: configOf({ engine }), migrations, source },
    settings,
  );
  assert.equal(value, undefined);
  return diagnostics.map(({ code, severity, message, source: at }) => [
    `${severity} ${code} ${at?.file}:${at?.span.start.line}`,
    message,
  ]);
}

test('a migration that does not end is ended, with an error that names it', { timeout: 60_000 }, async () => {
  assert.deepEqual(await ran('embedded', { deadlineMs: 5_000 }), [
    [
      'error MIGRATION_FAILED m/0002_x.sql:1',
      'The migrations of database "main" took longer than 5 s, and were ended.',
    ],
  ]);
  // Neither the thread, which would show as a busy worker, nor its socket.
  const left = process.getActiveResourcesInfo();
  assert.deepEqual(
    left.filter((kind) => /MessagePort|Worker|TCP/.test(kind)),
    [],
  );
});

test('where the database is a server it is a warning, and the YAML is checked alone', {
  timeout: 60_000,
}, async () => {
  assert.deepEqual(await ran('postgres', { deadlineMs: 5_000 }), [
    [
      'warning NO_CATALOG novastack.yaml:3',
      'The migrations of database "main" cannot be run here (m/0002_x.sql:1: The migrations of database "main" took longer than 5 s, and were ended), so its tables were checked as YAML alone.',
    ],
  ]);
});
