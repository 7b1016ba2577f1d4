/**
 * `npm run nightly`: the deep form of the properties that `npm test` tries with a few cases, on real database servers; then the mutants.
 *
 * `npm run nightly -- <files>` runs those alone.
 */
import { join } from 'node:path';
import { provideServers, type Servers } from '../test/servers.ts';
import { endPrograms, runNode, runSteps, type Step, summarize } from './step.ts';

const root = join(import.meta.dirname, '..');

/** Test files that draw more cases where `NOVASTACK_NIGHTLY` is set (`test/nightly.ts`). */
const properties = [
  'test/oracle/oracle.test.ts',
  'test/matrix/matrix.test.ts',
  'test/tokens/forged.test.ts',
  'test/tokens/roles.test.ts',
];
/** Of one file: what is deep takes its time, and what hangs fails all the same. */
const timeoutMs = 3 * 3_600_000;

let servers: Servers | undefined;

const provide: Step = {
  name: 'database servers',
  run: async () => {
    servers = await provideServers((line) => console.log(line));
  },
};

function deep(file: string): Step {
  return {
    name: file,
    hint: 'the seed stands in its output',
    run: async () => {
      if (servers === undefined) throw new Error('Not run: there are no database servers for it.');
      const options = [`--test-timeout=${timeoutMs}`, '--test-reporter=spec'];
      await runNode(['--test', ...options, file], { ...servers.env, NOVASTACK_NIGHTLY: '1' });
    },
  };
}

/** Takes each permission out of the code, and expects a test to notice. */
const mutants: Step = {
  name: 'mutants',
  hint: 'npm run mutants -- <words of its name>',
  run: async () => {
    if (servers === undefined) throw new Error('Not run: there are no database servers for it.');
    await runNode([join(root, 'scripts/mutants.ts')], servers.env);
  },
};

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.once(signal, () => {
    endPrograms('SIGTERM');
    void servers?.stop().finally(() => process.exit(130));
    if (servers === undefined) process.exit(130);
  });
}

process.chdir(root);
const words = process.argv.slice(2);
const steps = words.length === 0 ? [...properties.map(deep), mutants] : words.map(deep);
const outcomes = await runSteps([provide, ...steps]);
await servers?.stop();
console.log(summarize(outcomes));
process.exitCode = outcomes.some(({ error }) => error !== undefined) ? 1 : 0;
