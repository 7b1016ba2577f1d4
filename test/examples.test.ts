/** The examples as a newcomer meets them: valid, and with tests of their own that hold and leave nothing out. */
import assert from 'node:assert/strict';
import { cp, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { validateProject } from '../engine/check/validate.ts';
import { recordLock } from '../engine/cli/record-lock.ts';
import { novastack } from '../engine/cli/story.fixture.ts';
import { createDatabase } from './database.ts';

const examples = join(import.meta.dirname, '..', 'examples');

/** By example. A procedure's rows are nobody's table; two leave it to whoever takes them to name an issuer of tokens. */
const said = {
  bookshop: ['notice ROLE_UNREACHABLE'],
  inventory: [],
  rental: ['notice FUNCTION_ROWS', 'notice ROLE_UNREACHABLE'],
};

for (const [name, expected] of Object.entries(said)) {
  test(`${name} is valid without a database or a secret, and its lock is current`, async (t) => {
    const dir = await copyOf(name, t);
    const { diagnostics, project, known } = await validateProject(dir);
    assert.deepEqual(
      diagnostics.map((one) => `${one.severity} ${one.code}`),
      expected,
    );
    for (const { code, hint } of diagnostics)
      if (code === 'FUNCTION_ROWS') assert.equal(hint, 'check what it gives, and grant it to few');
    assert.equal(await recordLock(dir, project!, known), false);
  });
}

test('bookshop keeps what its tests promise, about every role, table and verb', async (t) => {
  await keepsWhatItPromises(await copyOf('bookshop', t));
});

test('inventory keeps what its tests promise, on a server', async (t) => {
  const { url } = await createDatabase(t, 'postgres');
  await keepsWhatItPromises(await copyOf('inventory', t), ['--url', url]);
});

for (const engine of ['mariadb', 'mysql'] as const)
  test(`rental keeps what its tests promise, on ${engine}`, async (t) => {
    const dir = await copyOf('rental', t);
    const { url } = await createDatabase(t, engine);
    const up = await novastack(['migrate', 'up', dir, '--seed'], { env: { RENTAL_URL: url } });
    assert.deepEqual([up.code, up.stderr], [0, '']);
    await sameLock(dir);
    await keepsWhatItPromises(dir, ['--url', url]);
  });

async function keepsWhatItPromises(dir: string, options: readonly string[] = []): Promise<void> {
  const { code, stdout, stderr } = await novastack([
    'test',
    dir,
    '--coverage-min',
    '100',
    '--format',
    'json',
    ...options,
  ]);
  assert.equal(stderr, '');
  const { tests, coverage } = JSON.parse(stdout);
  assert.deepEqual(
    tests.filter(({ state }: { state: string }) => state !== 'passed'),
    [],
  );
  assert.deepEqual([coverage.missing, coverage.percent, code], [[], 100, 0]);
}

/** Which of the two servers it was written from is in one file; the rest is the same. */
async function sameLock(dir: string): Promise<void> {
  const [committed, written] = await Promise.all(
    [join(examples, 'rental'), dir].map(async (from) => {
      const lock = join(from, 'novastack.lock/main');
      const files = await readdir(lock, { recursive: true });
      const texts = files
        .filter((file) => file.endsWith('.yaml') && file !== 'database.yaml')
        .map(async (file) => [file, await readFile(join(lock, file), 'utf8')] as const);
      return new Map((await Promise.all(texts)).sort());
    }),
  );
  assert.deepEqual(written, committed);
}

/** A copy without what `dev` keeps for whoever runs the example here. */
async function copyOf(name: string, t: TestContext): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), `novastack-${name}-`));
  t.after(() => rm(dir, { recursive: true, force: true }));
  await cp(join(examples, name), dir, { recursive: true, filter: (path) => !path.endsWith('.novastack') });
  return dir;
}
