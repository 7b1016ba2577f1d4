/** `novastack migrate status|up`: the journal of each database, and bringing it up to the project's files. */
import { type Diagnostic, hasErrors } from '../../schema/diagnostic.ts';
import { nearest } from '../../schema/nearest.ts';
import type { Project } from '../../schema/project.ts';
import {
  type MigrateSettings,
  migrateUp,
  migrationStatus,
  type Step,
  seed,
  seedStatus,
} from '../migrate/journal.ts';
import { checksumFor, type Migration, readMigrations, readSeeds, type Seed } from '../migrate/migrations.ts';
import type { ScriptStatus } from '../migrate/plan.ts';
import { type Command, formatOption, type Input } from './command.ts';
import { confirmRemote } from './confirm.ts';
import { type OpenDatabase, type Target, targets, withDatabase } from './database.ts';
import { badInput } from './failure.ts';
import { headings } from './headings.ts';
import { loadProject, projectFolder } from './project-folder.ts';
import { recordLock, type Seen } from './record-lock.ts';
import { counted, formatOf, printFindings } from './report.ts';
import type { Terminal } from './terminal.ts';

export const migrate: Command = {
  ...headings.migrate,
  about: `status  lists the migrations and seeds of each database with what its journal says.
up      applies what is pending, in order, each in a transaction of its own, then
        writes novastack.lock/. An edited or missing migration is refused.
        MySQL and MariaDB commit at every change of a table: there each statement
        is journalled, and what stopped half-way goes on where it stopped.

Embedded databases migrate by themselves in "dev"; others only by this command. A
database that is not on this machine is changed only after you typed its name, or
gave it with --confirm.`,
  words: { least: 1, most: 2 },
  options: {
    database: {
      kind: 'value',
      value: 'name',
      short: 'd',
      help: 'one of the databases of the project (default: all)',
    },
    seed: { kind: 'flag', help: 'with up: run the seeds too' },
    url: { kind: 'value', value: 'url', help: 'another address than the one in the project' },
    confirm: {
      kind: 'value',
      value: 'name',
      help: 'the name of the database to change, instead of being asked',
    },
    interrupted: {
      kind: 'value',
      value: 'outcome',
      help: 'with up: "done" or "undone", of the statement inside which a run broke off',
    },
    format: formatOption,
  },
  examples: [
    'novastack migrate status',
    'novastack migrate up examples/inventory --seed',
    'novastack migrate up --database main --confirm shop_production',
  ],
  run,
};

/** A database with the scripts that belong to it. */
interface Work {
  readonly target: Target;
  readonly migrations: readonly Migration[];
  readonly seeds: readonly Seed[];
}

interface Job {
  readonly dir: string;
  readonly project: Project;
  readonly input: Input;
  readonly terminal: Terminal;
}

async function run(input: Input, terminal: Terminal): Promise<number> {
  const act = actionOf(input.words[0]!);
  interruptedOf(input);
  const dir = await projectFolder(input.words[1]);
  const loaded = await loadProject(dir);
  if (!('project' in loaded)) return finish(loaded.diagnostics, dir, input, terminal);
  const job: Job = { dir, project: loaded.project, input, terminal };
  if (loaded.project.databases.size === 0)
    say(job, `${loaded.project.name}: the project declares no database.`);
  const found = await targets(loaded.project, { database: input.value('database'), url: input.value('url') });
  const work = await readScripts(dir, found.value ?? []);
  const before = [...found.diagnostics, ...work.diagnostics];
  if (hasErrors(before)) return finish(before, dir, input, terminal);
  return finish([...before, ...(await act(job, work.value))], dir, input, terminal);
}

type Action = (job: Job, work: readonly Work[]) => Promise<readonly Diagnostic[]>;

function actionOf(word: string): Action {
  if (word === 'status') return status;
  if (word === 'up') return up;
  const guess = nearest(word, ['status', 'up']);
  throw badInput(
    `"novastack migrate" does not know "${word}".`,
    guess === undefined ? 'write "migrate status" or "migrate up"' : `did you mean "migrate ${guess}"?`,
  );
}

function finish(diagnostics: readonly Diagnostic[], dir: string, input: Input, terminal: Terminal): number {
  printFindings(diagnostics, formatOf(input), dir, terminal);
  return hasErrors(diagnostics) ? 1 : 0;
}

async function readScripts(
  dir: string,
  found: readonly Target[],
): Promise<{ value: readonly Work[]; diagnostics: readonly Diagnostic[] }> {
  const value: Work[] = [];
  const diagnostics: Diagnostic[] = [];
  for (const target of found) {
    const { migrations: folder, seeds: seedFolder } = target.config;
    const migrations = folder === undefined ? undefined : await readMigrations(dir, folder);
    const seeds = seedFolder === undefined ? undefined : await readSeeds(dir, seedFolder);
    diagnostics.push(...(migrations?.diagnostics ?? []), ...(seeds?.diagnostics ?? []));
    value.push({ target, migrations: migrations?.value ?? [], seeds: seeds?.value ?? [] });
  }
  return { value, diagnostics };
}

async function status(job: Job, work: readonly Work[]): Promise<readonly Diagnostic[]> {
  const diagnostics: Diagnostic[] = [];
  for (const { target, migrations, seeds } of work) {
    const key = { project: job.project.name, database: target.config.name };
    await withDatabase(job.dir, target, async ({ pool }) => {
      const [forMigrations, forSeeds] = [
        await migrationStatus(pool, key, migrations),
        await seedStatus(pool, key, seeds),
      ];
      diagnostics.push(...forMigrations.diagnostics, ...forSeeds.diagnostics);
      printStatus(job, target, 'migration', forMigrations.scripts);
      printStatus(job, target, 'seed', forSeeds.scripts);
    });
  }
  return diagnostics;
}

async function up(job: Job, work: readonly Work[]): Promise<readonly Diagnostic[]> {
  for (const { target } of work) await confirmRemote(target, job.input.value('confirm'), job.terminal);
  const diagnostics: Diagnostic[] = [];
  const seen = new Map<string, Seen>();
  for (const one of work) {
    await withDatabase(job.dir, one.target, async (database) => {
      const found = await bringUp(job, one, database);
      diagnostics.push(...found);
      if (hasErrors(found)) return;
      const { config } = one.target;
      const migrations = checksumFor(config, one.migrations);
      seen.set(config.name, { catalog: await database.introspect(), migrations });
    });
    if (hasErrors(diagnostics)) break;
  }
  if (seen.size > 0 && (await recordLock(job.dir, job.project, seen))) say(job, 'Wrote novastack.lock/.');
  return diagnostics;
}

async function bringUp(job: Job, work: Work, { pool }: OpenDatabase): Promise<readonly Diagnostic[]> {
  const { name } = work.target.config;
  const key = { project: job.project.name, database: name };
  const interrupted = interruptedOf(job.input);
  const settings: MigrateSettings = { interrupted, onStep: (step) => printStep(job, step) };
  const migrated = await migrateUp(pool, key, work.migrations, settings);
  const sown =
    job.input.flag('seed') && !hasErrors(migrated.diagnostics)
      ? await seed(pool, key, work.seeds, settings)
      : { value: [], diagnostics: [] };
  const done = [...(migrated.value ?? []), ...(sown.value ?? [])].length;
  const diagnostics = [...migrated.diagnostics, ...sown.diagnostics];
  if (!hasErrors(diagnostics)) {
    say(job, done === 0 ? `${name}: nothing to apply.` : `${name}: ${counted(done, 'file')} applied.`);
  }
  return diagnostics;
}

function interruptedOf(input: Input): MigrateSettings['interrupted'] {
  const text = input.value('interrupted');
  if (text === undefined || text === 'done' || text === 'undone') return text;
  throw badInput(`Option --interrupted takes "done" or "undone", not "${text}".`);
}

function printStep(job: Job, step: Step): void {
  switch (step.kind) {
    case 'waiting':
      job.terminal.err('Another process is migrating this database; waiting for it.');
      break;
    case 'running':
      break;
    case 'applied':
      say(job, `  applied ${step.file} (${Math.round(step.durationMs)} ms)`);
      break;
    default:
      step satisfies never;
  }
}

/** A table: what, state, when. */
function printStatus(
  job: Job,
  { config }: Target,
  kind: 'migration' | 'seed',
  scripts: readonly ScriptStatus[],
): void {
  if (scripts.length === 0 && kind === 'seed') return;
  const open = scripts.filter(({ state }) => state === 'pending' || state === 'unfinished').length;
  const title = `${config.name}: ${counted(scripts.length, kind)}`;
  say(job, open === 0 ? title : `${title}, ${open} to apply`);
  const width = Math.max(0, ...scripts.map(({ name }) => name.length));
  for (const { name, state, appliedAt } of scripts) {
    const colored = job.terminal.paint('out', stateStyle[state], state.padEnd(10));
    say(job, `  ${name.padEnd(width)}  ${colored}  ${appliedAt ?? ''}`.trimEnd());
  }
}

const stateStyle = {
  applied: 'green',
  pending: 'yellow',
  unfinished: 'yellow',
  edited: 'red',
  missing: 'red',
} as const;

/** To stdout, unless that belongs to a program's form of the diagnostics. */
function say({ input, terminal }: Job, line: string): void {
  if (formatOf(input) === 'text') terminal.out(line);
  else terminal.err(line);
}
