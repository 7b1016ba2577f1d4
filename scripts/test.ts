/**
 * `npm test`: types, lint, generated files, the tests on real database servers, the build. Each step says what it took.
 *
 * `npm test -- <files>` runs those test files alone, with the servers; `npm run check` runs the steps before the tests.
 */
import { rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { provideServers, type Servers } from '../test/servers.ts';
import { build } from './build.ts';
import { checkGenerated } from './generated.ts';
import { endPrograms, runNode, runSteps, type Step, summarize } from './step.ts';
import { makeTestFolder } from './test-folder.ts';

const root = join(import.meta.dirname, '..');
const bin = (path: string) => join(root, 'node_modules', path);

const testFiles = [
  ...['engine', 'schema'].map((folder) => `${folder}/**/*.test.ts`),
  // Folders with packages of their own below them: no deeper.
  ...[
    'site',
    'site/diagram',
    'action',
    'bench',
    'scripts',
    'test',
    'test/matrix',
    'test/mutants',
    'test/tokens',
    'test/differential',
    'test/differential/portable',
    'test/oracle',
  ].map((folder) => `${folder}/*.test.ts`),
];
const checks: readonly Step[] = [
  { name: 'types', run: () => runNode([bin('typescript/bin/tsc'), '--project', root]) },
  {
    name: 'lint and format',
    hint: 'npx biome check --write',
    run: () =>
      runNode([
        bin('@biomejs/biome/bin/biome'),
        'ci',
        ...(process.stdout.isTTY ? [] : ['--colors=off']),
        root,
      ]),
  },
  { name: 'generated files', hint: 'npm run generate', run: checkGenerated },
];

let servers: Servers | undefined;

function tests(files: readonly string[]): readonly Step[] {
  return [
    {
      name: 'database servers',
      run: async () => {
        keepIn(makeTestFolder());
        servers = await provideServers((line) => console.log(line));
      },
    },
    { name: 'tests', run: () => runTests(files) },
  ];
}

/** For the servers that are started, and for the tests. */
function keepIn(folder: string): void {
  process.env.TMPDIR = folder;
  process.once('exit', () => rmSync(folder, { recursive: true, force: true, maxRetries: 3 }));
}

async function runTests(files: readonly string[]): Promise<void> {
  if (servers === undefined) throw new Error('Not run: there are no database servers for them.');
  // What one process has compiled the next need not compile.
  const env = { ...servers.env, NODE_COMPILE_CACHE: join(tmpdir(), 'compiled') };
  await runNode([join(import.meta.dirname, 'test-files.ts'), ...files], env);
}

function stepsFor(words: readonly string[]): readonly Step[] {
  if (words[0] === '--check') return checks;
  if (words.length > 0) return tests(words);
  return [...checks, ...tests(testFiles), { name: 'build', run: build }];
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.once(signal, () => {
    endPrograms('SIGTERM');
    void servers?.stop().finally(() => process.exit(130));
    if (servers === undefined) process.exit(130);
  });
}

process.chdir(root);
const outcomes = await runSteps(stepsFor(process.argv.slice(2)));
await servers?.stop();
console.log(summarize(outcomes));
process.exitCode = outcomes.some(({ error }) => error !== undefined) ? 1 : 0;
