/**
 * Runs test files, several at a time, the slowest first: `node scripts/test-files.ts <files and patterns>`.
 * `node --test` begins them by their names, and where a slow one is begun last the others' processors wait for it.
 */
import { globSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { run } from 'node:test';
import { spec } from 'node:test/reporters';

/** Those of half a minute and more, the slowest first. */
const slowest = [
  'test/action/plan.test.ts',
  'test/action/conversation.test.ts',
  'test/action/deployment.test.ts',
  'test/differential/portable/portable.test.ts',
  'engine/server/serve-faults.test.ts',
  'engine/server/workers/workers.test.ts',
  'engine/server/serve-control.test.ts',
  'engine/server/serve-many.test.ts',
  'site/build.test.ts',
  'site/examples.test.ts',
  'test/examples.test.ts',
  'test/differential/differential.test.ts',
  'engine/server/serve.test.ts',
  'test/export.test.ts',
  'engine/execute/embedded.test.ts',
  'test/hostile-oracles.test.ts',
  'action/bundle.test.ts',
  'test/hasura-admin.test.ts',
  'test/doors-oracles.test.ts',
  'engine/server/dev.test.ts',
  'engine/cli/dev.test.ts',
  'engine/cli/migrate.test.ts',
  'engine/cli/validate.test.ts',
  'engine/server/serve-database.test.ts',
  'test/export-mysql.test.ts',
  'engine/cli/lock.test.ts',
  'engine/testing/run.test.ts',
  'engine/dialect/mysql/stream.test.ts',
  'engine/dialect/postgres/stream.test.ts',
  'test/geojson.test.ts',
  'schema/bundle.test.ts',
  'test/drift.test.ts',
  'test/hostile-documents.test.ts',
  'test/hasura-codegen.test.ts',
];
/** A test that hangs fails instead: five minutes for the slowest, the builds of the documentation site. */
const testTimeoutMs = 300_000;

/** One more than there are processors: a test waits for its database half of the time. */
const concurrency = availableParallelism() + 1;

function inOrder(patterns: readonly string[]): string[] {
  const files = [...new Set(globSync([...patterns]).map((file) => file.replaceAll('\\', '/')))];
  const rank = (file: string) => (slowest.includes(file) ? slowest.indexOf(file) : slowest.length);
  return files.sort((a, b) => rank(a) - rank(b) || (a < b ? -1 : 1));
}

const files = inOrder(process.argv.slice(2));
if (files.length === 0) throw new Error('No test file is there by these names.');
const results = run({
  files,
  concurrency,
  timeout: testTimeoutMs,
  execArgv: ['--import', join(import.meta.dirname, 'test-limit.ts')],
});
results.on('test:fail', ({ todo }) => {
  if (todo === undefined || todo === false) process.exitCode = 1;
});
results.compose(spec).pipe(process.stdout);
