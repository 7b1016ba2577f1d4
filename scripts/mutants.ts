/**
 * `npm run mutants`: takes each permission out of the code, one after the other, and expects its tests to fail.
 *
 * `npm run mutants -- <words>` tries those alone whose names have one of the words; `--jobs 4` tries four at a time. Nothing is
 * changed here: copies of the tree are. It ends with 1 when a test did not notice.
 */
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { type Mutant, mutants } from '../test/mutants/list.ts';
import { fileOf, type Killer } from '../test/mutants/mutant.ts';
import { copyTree, type Tree } from '../test/mutants/tree.ts';
import { runKiller, type Trial } from '../test/mutants/trial.ts';
import { typeErrors } from '../test/mutants/types.ts';
import { provideServers } from '../test/servers.ts';

interface Outcome {
  readonly mutant: Mutant;
  readonly verdict: 'killed' | 'survived' | 'timeout' | 'broken';
  /** The test that failed, or why none could. */
  readonly by: string;
  readonly ms: number;
}

const { values, positionals } = parseArgs({
  options: {
    jobs: { type: 'string' },
    'skip-types': { type: 'boolean' },
    help: { type: 'boolean', short: 'h' },
  },
  allowPositionals: true,
});
const jobs = Number(values.jobs ?? Math.max(1, Math.min(4, availableParallelism())));
if (values.help === true || !Number.isInteger(jobs) || jobs < 1) {
  console.log('npm run mutants [-- <words of names>] [--jobs <number>] [--skip-types]');
  process.exit(values.help === true ? 0 : 2);
}
const chosen = mutants.filter(
  ({ name }) => positionals.length === 0 || positionals.some((word) => name.includes(word)),
);
if (chosen.length === 0) {
  console.error(`No mutant's name has ${positionals.map((word) => JSON.stringify(word)).join(' or ')}.`);
  process.exit(2);
}

const started = performance.now();
const servers = await provideServers((line) => console.log(line));
const trees: Tree[] = [];
let failed = false;

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.once(signal, () => {
    for (const tree of trees) tree.remove();
    void servers.stop().finally(() => process.exit(130));
  });
}

try {
  for (let job = 0; job < jobs; job += 1) trees.push(copyTree());
  console.log(`${chosen.length} mutants, ${jobs} at a time`);
  const typed = values['skip-types'] === true || fitTypes();
  const limits = await control(killersOf(chosen));
  const outcomes: Outcome[] = [];
  await inParallel(chosen, async (mutant, tree) => {
    const outcome = await attempt(mutant, tree, limits);
    outcomes.push(outcome);
    const { verdict, by, ms } = outcome;
    const number = `${outcomes.length}/${chosen.length}`.padStart(9);
    console.log(
      `${number} ${verdict.toUpperCase().padEnd(8)} ${seconds(ms).padStart(6)}  ${mutant.name}  (${by})`,
    );
  });
  failed = report(outcomes) || !typed;
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  failed = true;
} finally {
  for (const tree of trees) tree.remove();
  await servers.stop();
}
process.exitCode = failed ? 1 : 0;

/** A mutant that does not fit its types may fail for that, and not for the permission: then it proves nothing. */
function fitTypes(): boolean {
  const start = performance.now();
  const errors = typeErrors(chosen, trees[0]!);
  for (const error of errors) console.log(`  type ${error}`);
  console.log(
    `types of all mutants: ${errors.length === 0 ? 'ok' : 'FAILED'} (${seconds(performance.now() - start)})`,
  );
  return errors.length === 0;
}

function killersOf(some: readonly Mutant[]): readonly Killer[] {
  return [
    ...new Map(some.flatMap(({ killedBy }) => killedBy.map((one) => [keyOf(one), one] as const))).values(),
  ];
}

function keyOf(killer: Killer): string {
  return JSON.stringify(killer);
}

/** Tests that fail without a mutant prove nothing. Gives how long each may take with one. */
async function control(killers: readonly Killer[]): Promise<ReadonlyMap<string, number>> {
  const limits = new Map<string, number>();
  const wrong: string[] = [];
  await inParallel(killers, async (killer, tree) => {
    const trial = await runKiller(killer, tree, servers.env, 300_000);
    console.log(
      `  control ${seconds(trial.ms).padStart(6)}  ${trial.kind === 'passed' ? '' : 'FAILED '}${labelOf(killer)}`,
    );
    if (trial.kind !== 'passed') wrong.push(`${labelOf(killer)}: ${trial.why}`);
    else if (trial.tests === 0) wrong.push(`${labelOf(killer)}: no test has such a name`);
    limits.set(keyOf(killer), Math.max(60_000, trial.ms * 5));
  });
  if (wrong.length > 0) throw new Error(`Without any mutant these fail:\n${wrong.join('\n')}`);
  return limits;
}

function labelOf(killer: Killer): string {
  return typeof killer === 'string' ? killer : `${fileOf(killer)} (${killer.tests})`;
}

async function attempt(mutant: Mutant, tree: Tree, limits: ReadonlyMap<string, number>): Promise<Outcome> {
  const start = performance.now();
  const restore = tree.apply(mutant.edits);
  const outcome = (verdict: Outcome['verdict'], by: string): Outcome => ({
    mutant,
    verdict,
    by,
    ms: performance.now() - start,
  });
  try {
    let last: Trial | undefined;
    for (const killer of mutant.killedBy) {
      last = await runKiller(killer, tree, servers.env, limits.get(keyOf(killer))!);
      if (last.kind === 'failed') return outcome('killed', last.why);
      if (last.kind === 'broken') return outcome('broken', last.why);
    }
    if (last?.kind === 'timeout') return outcome('timeout', labelOf(mutant.killedBy.at(-1)!));
    return outcome('survived', mutant.killedBy.map(labelOf).join(', '));
  } finally {
    restore();
  }
}

/** Each tree has one at a time. */
async function inParallel<T>(
  items: readonly T[],
  work: (item: T, tree: Tree) => Promise<void>,
): Promise<void> {
  let next = 0;
  await Promise.all(
    trees.map(async (tree) => {
      while (next < items.length) {
        const item = items[next]!;
        next += 1;
        await work(item, tree);
      }
    }),
  );
}

/** @returns whether something was not killed */
function report(outcomes: readonly Outcome[]): boolean {
  const of = (verdict: Outcome['verdict']) => outcomes.filter((one) => one.verdict === verdict);
  const counts = (['killed', 'survived', 'timeout', 'broken'] as const).map(
    (verdict) => `${of(verdict).length} ${verdict}`,
  );
  console.log(`\n${outcomes.length} mutants: ${counts.join(', ')} (${seconds(performance.now() - started)})`);
  for (const { mutant, verdict, by } of outcomes) {
    if (verdict === 'killed') continue;
    console.log(`\n${verdict.toUpperCase()} ${mutant.name}\n  protects: ${mutant.protects}\n  ${by}`);
    for (const { file, find, replace } of mutant.edits)
      console.log(`  ${file}\n    - ${find.trim()}\n    + ${replace.trim()}`);
  }
  return of('killed').length < outcomes.length;
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}
