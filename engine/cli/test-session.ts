/** One round of `novastack test`: reads the project, chooses its tests, runs them, and says how it ended. */
import { type Diagnostic, hasErrors } from '../../schema/diagnostic.ts';
import { nearest } from '../../schema/nearest.ts';
import type { DatabaseConfig, Project, TestCase } from '../../schema/project.ts';
import { schemeOf } from '../../schema/reference.ts';
import { schemes } from '../../schema/sections/databases.ts';
import type { Step } from '../migrate/journal.ts';
import type { Grounds } from '../testing/ground.ts';
import type { Run, TestResult } from '../testing/result.ts';
import { groundWithoutDatabases } from '../testing/rights-ground.ts';
import { runTests } from '../testing/run.ts';
import { badInput } from './failure.ts';
import { loadProject } from './project-folder.ts';

export interface Wishes {
  /** The project's folder, absolute. */
  readonly dir: string;
  /** As typed: `postgres://…`, or `name=postgres://…`. */
  readonly urls: readonly string[];
  readonly filter: string | undefined;
  /** Undefined: as many as fit. */
  readonly jobs: number | undefined;
  readonly bail: boolean;
  readonly passWithNoTests: boolean;
}

export interface Heard {
  readonly onStart: (project: Project, tests: readonly TestCase[]) => void;
  readonly onStep: (database: string, step: Step) => void;
  readonly onResult: (result: TestResult) => void;
}

export type Round =
  /** The project has errors, or its migrations do. */
  | { readonly kind: 'broken'; readonly diagnostics: readonly Diagnostic[] }
  | { readonly kind: 'ran'; readonly project: Project; readonly run: Run };

/** Benches at a time, where nobody says how many; each is a database to be made, so a few tests make do with one. */
const mostJobs = 4;
const testsPerJob = 10;

/**
 * @throws {Failure} 2 there are no tests, or the URLs do not fit the project
 * @throws {Problem} a database cannot be reached, or makes no copies
 */
export async function runRound(
  wishes: Wishes,
  grounds: () => Promise<Grounds>,
  heard: Heard,
  signal?: AbortSignal,
): Promise<Round> {
  const { dir, filter, bail } = wishes;
  const loaded = await loadProject(dir);
  if (!('project' in loaded)) return { kind: 'broken', diagnostics: loaded.diagnostics };
  const { project } = loaded;
  const urls = urlsFor(project, wishes.urls);
  const tests = choose(project, filter, wishes.passWithNoTests);
  const asks = tests.some(({ request }) => request !== undefined);
  if (asks) requireServers(project, urls);
  heard.onStart(project, tests);
  const ground = asks
    ? await (await grounds()).prepare({ directory: dir, project, urls, onStep: heard.onStep })
    : await groundWithoutDatabases(dir, project);
  if (ground.value === undefined || hasErrors(ground.diagnostics))
    return { kind: 'broken', diagnostics: ground.diagnostics };
  // An embedded database takes longer to start than its tests take.
  const fitting = urls.size < project.databases.size ? 1 : Math.ceil(tests.length / testsPerJob);
  const jobs = wishes.jobs ?? Math.min(fitting, mostJobs);
  const run = await runTests({
    project,
    tests,
    ground: ground.value,
    jobs,
    bail,
    onResult: heard.onResult,
    signal,
  });
  return { kind: 'ran', project, run };
}

function choose(project: Project, filter: string | undefined, mayBeNone: boolean): readonly TestCase[] {
  const wanted = filter?.toLowerCase();
  const tests =
    wanted === undefined
      ? project.tests
      : project.tests.filter(({ name }) => name.toLowerCase().includes(wanted));
  if (tests.length > 0 || mayBeNone) return tests;
  if (project.tests.length > 0)
    throw badInput(
      `No test of ${project.name} has "${filter}" in its name.`,
      'leave --filter away to run all',
    );
  throw badInput(
    `${project.name} has no tests.`,
    'write some under "tests:", or add --pass-with-no-tests where that is meant',
  );
}

/** By the database's name. */
function urlsFor(project: Project, typed: readonly string[]): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const text of typed) {
    const { name, url } = partsOf(text, project);
    if (found.has(name)) throw badInput(`Option --url is given twice for the database "${name}".`);
    requireFitting(url, project.databases.get(name)!);
    found.set(name, url);
  }
  return found;
}

function partsOf(text: string, project: Project): { readonly name: string; readonly url: string } {
  const names = [...project.databases.keys()];
  const named = /^([^:=/]+)=(.+)$/s.exec(text);
  if (named === null) {
    const [only, ...others] = names;
    if (only === undefined) throw badInput('The project declares no database.');
    if (others.length > 0)
      throw badInput(
        'The project has several databases, so --url has to say which one it is for.',
        `write --url ${only}=<url>; the databases are ${names.join(', ')}`,
      );
    return { name: only, url: text };
  }
  const [, name, url] = named as unknown as [string, string, string];
  if (project.databases.has(name)) return { name, url };
  const guess = nearest(name, names);
  throw badInput(
    `There is no database "${name}" in the project.`,
    guess === undefined ? `the databases are ${names.join(', ')}` : `did you mean "${guess}"?`,
  );
}

/** An embedded database may be tried on a server of its kind. */
function requireFitting(url: string, { name, engine }: DatabaseConfig): void {
  const wanted = engine === 'embedded' ? schemes.postgres : schemes[engine];
  const scheme = schemeOf(url);
  if (URL.canParse(url) && scheme !== undefined && (wanted as readonly string[]).includes(scheme)) return;
  throw badInput(
    `The --url of database "${name}" is not one of its engine.`,
    `write ${wanted[0]}://user@host/name`,
  );
}

/** The embedded database speaks the SQL of one kind of server alone. */
function requireServers(project: Project, urls: ReadonlyMap<string, string>): void {
  for (const { name, engine, url, migrations } of project.databases.values()) {
    if (urls.has(name)) continue;
    const option = project.databases.size === 1 ? '--url <url>' : `--url ${name}=<url>`;
    if (engine !== 'embedded' && schemes[engine] !== schemes.postgres)
      throw badInput(
        `The database "${name}" is not PostgreSQL, so its tests need a server.`,
        `give one with ${option}: tests make databases of their own on it and leave yours alone`,
      );
    if (url !== undefined && migrations === undefined)
      throw badInput(
        `The database "${name}" has no migrations, so nothing tells what its tables are.`,
        `give it "migrations:", or a database to copy with ${option}`,
      );
  }
}
