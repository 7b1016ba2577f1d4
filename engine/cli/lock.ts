/** `novastack lock`: writes the lock from the live databases, or says how they have drifted from it. */
import { type Diagnostic, hasErrors, type Staged } from '../../schema/diagnostic.ts';
import type { Project } from '../../schema/project.ts';
import { compareCatalogs } from '../catalog/drift.ts';
import { isStale, type Lock, lockFolder, readLock, staleDiagnostic } from '../catalog/lock.ts';
import { driftDiagnostics } from '../check/drift.ts';
import { rehearse } from '../check/rehearse.ts';
import { migrationStatus } from '../migrate/journal.ts';
import { checksumFor, type Migration, readMigrations } from '../migrate/migrations.ts';
import { type Command, formatOption, type Input } from './command.ts';
import { type Target, targets, withDatabase } from './database.ts';
import { headings } from './headings.ts';
import { loadProject, projectFolder } from './project-folder.ts';
import { recordLock, type Seen } from './record-lock.ts';
import { counted, countFindings, formatOf, printFindings } from './report.ts';
import type { Terminal } from './terminal.ts';

export const lock: Command = {
  ...headings.lock,
  about: `Writes what the project's databases look like to novastack.lock/, which is committed:
"serve" binds the API to it, and what is checked without a database goes by it.
Databases are read and never changed; embedded ones are made in memory from their
migrations. A database whose migrations have not all run is refused.

--check  changes nothing and lists how the databases have drifted from the lock: safe
         (nobody can notice), degrading (slower, looser or stricter with data) and
         breaking (requests would fail or mean something else). Exit code 1 when
         there is more than what is safe, or the lock is of other migrations.`,
  words: { least: 0, most: 1 },
  options: {
    check: { kind: 'flag', help: 'compare, and write nothing' },
    database: {
      kind: 'value',
      value: 'name',
      short: 'd',
      help: 'one of the databases of the project (default: all)',
    },
    url: { kind: 'value', value: 'url', help: 'another address than the one in the project' },
    format: formatOption,
  },
  examples: [
    'novastack lock',
    'novastack lock examples/inventory --database main',
    'novastack lock --check --format github   # annotations in a workflow',
  ],
  brief: true,
  run,
};

interface Job {
  readonly dir: string;
  readonly project: Project;
  readonly before: Lock | undefined;
  readonly input: Input;
  readonly terminal: Terminal;
}

async function run(input: Input, terminal: Terminal): Promise<number> {
  const dir = await projectFolder(input.words[0]);
  const loaded = await loadProject(dir);
  if (!('project' in loaded)) return finish(loaded.diagnostics, dir, input, terminal);
  const { project } = loaded;
  const found = await targets(project, { database: input.value('database'), url: input.value('url') });
  const { value: before, diagnostics: damage } = await readLock(dir);
  const diagnostics = [...found.diagnostics, ...damage];
  if (hasErrors(diagnostics)) return finish(diagnostics, dir, input, terminal);
  const job: Job = { dir, project, before, input, terminal };
  const act = input.flag('check') ? check : write;
  return finish([...diagnostics, ...(await act(job, found.value ?? []))], dir, input, terminal);
}

/** What is degrading counts too: the lock is not what the database is. */
function finish(diagnostics: readonly Diagnostic[], dir: string, input: Input, terminal: Terminal): number {
  printFindings(diagnostics, formatOf(input), dir, terminal);
  const counts = countFindings(diagnostics);
  if (counts !== undefined && formatOf(input) === 'text') terminal.out(`\n${counts}`);
  return diagnostics.some(({ code, severity }) => severity === 'error' || code === 'DRIFT_DEGRADING') ? 1 : 0;
}

async function write(job: Job, wanted: readonly Target[]): Promise<readonly Diagnostic[]> {
  const seen = new Map<string, Seen>();
  const diagnostics: Diagnostic[] = [];
  for (const target of wanted) {
    const looked = await look(job, target);
    diagnostics.push(...looked.diagnostics);
    if (looked.value !== undefined) seen.set(target.config.name, looked.value);
  }
  if (hasErrors(diagnostics)) return diagnostics;
  for (const [name, one] of seen) tellOfChanges(job, name, one);
  const wrote = await recordLock(job.dir, job.project, seen);
  say(job, wrote ? `Wrote ${lockFolder}/.` : `${lockFolder}/ is up to date.`);
  return diagnostics;
}

/** Lines of changes that are told of one database; Git tells them all. */
const mostLines = 10;

function tellOfChanges(job: Job, name: string, { catalog }: Seen): void {
  const locked = job.before?.databases.get(name);
  if (locked === undefined) {
    const { relations, routines } = catalog;
    say(
      job,
      `${name}: ${counted(relations.size, 'relation')}, ${counted(routines.size, 'function')}, for the first time.`,
    );
    return;
  }
  const drifts = compareCatalogs(locked.catalog, catalog);
  if (drifts.length === 0) return;
  say(job, `${name}: ${counted(drifts.length, 'change')}`);
  for (const { message } of drifts.slice(0, mostLines)) say(job, `  ${message}`);
  if (drifts.length > mostLines) say(job, `  and ${drifts.length - mostLines} more`);
}

async function check(job: Job, wanted: readonly Target[]): Promise<readonly Diagnostic[]> {
  const diagnostics: Diagnostic[] = [];
  for (const target of wanted) {
    const { name } = target.config;
    const locked = job.before?.databases.get(name);
    if (locked === undefined) {
      diagnostics.push(notLocked(job, name));
      continue;
    }
    const looked = await look(job, target);
    diagnostics.push(...looked.diagnostics);
    if (looked.value === undefined) continue;
    if (isStale(locked, looked.value.migrations)) diagnostics.push(staleDiagnostic(name));
    const drifts = compareCatalogs(locked.catalog, looked.value.catalog);
    diagnostics.push(...(await driftDiagnostics(job.dir, name, drifts)));
  }
  if (diagnostics.length === 0) say(job, `${job.project.name}: the databases are as ${lockFolder}/ says`);
  return diagnostics;
}

/** What a database looks like once all of its migrations have run; no value where they have not. */
async function look({ dir, project }: Job, target: Target): Promise<Staged<Seen>> {
  const { config } = target;
  const read =
    config.migrations === undefined
      ? { value: [], diagnostics: [] }
      : await readMigrations(dir, config.migrations);
  const { value: migrations } = read;
  if (migrations === undefined) return { diagnostics: read.diagnostics };
  const checksum = checksumFor(config, migrations);
  const source = project.locate(['databases', config.name], 'key');
  const catalog =
    config.engine === 'embedded'
      ? await rehearse({ project: project.name, config, migrations, source })
      : await readLive(dir, project, target, migrations);
  const value = catalog.value && { catalog: catalog.value, migrations: checksum };
  return { value, diagnostics: [...read.diagnostics, ...catalog.diagnostics] };
}

async function readLive(
  dir: string,
  project: Project,
  target: Target,
  migrations: readonly Migration[],
): Promise<Staged<Seen['catalog']>> {
  const { name } = target.config;
  return withDatabase(dir, target, async ({ pool, introspect }) => {
    const status = await migrationStatus(pool, { project: project.name, database: name }, migrations);
    const open = status.scripts.filter(({ state }) => state === 'pending' || state === 'unfinished').length;
    const diagnostics =
      open === 0 ? status.diagnostics : [...status.diagnostics, notMigrated(project, name, open)];
    if (hasErrors(diagnostics)) return { diagnostics };
    return { value: await introspect(), diagnostics };
  });
}

function notMigrated(project: Project, name: string, open: number): Diagnostic {
  const source = project.locate(['databases', name, 'migrations']);
  return {
    code: 'MIGRATIONS_PENDING',
    severity: 'error',
    message: `${counted(open, 'migration')} ${open === 1 ? 'has' : 'have'} not been run on database "${name}", and the lock is of the schema behind all of them.`,
    hint: 'run: novastack migrate up, which writes the lock too',
    ...(source === undefined ? {} : { source }),
  };
}

function notLocked({ project }: Job, name: string): Diagnostic {
  const source = project.locate(['databases', name], 'key');
  return {
    code: 'LOCK_MISSING',
    severity: 'error',
    message: `The lock does not record database "${name}".`,
    hint: 'run "novastack lock" and commit novastack.lock/',
    ...(source === undefined ? {} : { source }),
  };
}

/** To stdout, unless that belongs to a program's form of the diagnostics. */
function say({ input, terminal }: Job, line: string): void {
  if (formatOf(input) === 'text') terminal.out(line);
  else terminal.err(line);
}
