/** The head's own tests, as far as they run with no server: on embedded databases, or about rights alone. */
import { type Diagnostic, hasErrors } from '../../schema/diagnostic.ts';
import type { Project } from '../../schema/project.ts';
import { schemes } from '../../schema/sections/databases.ts';
import type { Api } from '../api/api.ts';
import type { Ground } from '../testing/rights-ground.ts';
import type { TestsReport } from './report.ts';

export interface Tested {
  /** The project's folder. */
  readonly dir: string;
  readonly project: Project;
  /** Compiled against all its databases. */
  readonly api: Api;
}

export interface TestsOutcome {
  /** Undefined: the project has none. */
  readonly report: TestsReport | undefined;
  /** Errors: its embedded databases cannot be filled. */
  readonly diagnostics: readonly Diagnostic[];
}

export async function testsOf(tested: Tested): Promise<TestsOutcome> {
  const { tests } = tested.project;
  if (tests.length === 0) return { report: undefined, diagnostics: [] };
  if (tests.every(({ request }) => request === undefined)) return rightsAlone(tested);
  const why = whyNotHere(tested.project);
  return why === undefined ? await onDatabases(tested) : await rightsAlone(tested, why);
}

/** The embedded database speaks the SQL of one kind of server, and is filled by migrations. */
function whyNotHere({ databases }: Project): string | undefined {
  for (const { name, engine, url, migrations } of databases.values()) {
    if (engine !== 'embedded' && schemes[engine] !== schemes.postgres)
      return `The database "${name}" is not PostgreSQL, so tests that ask for answers need a server: run "novastack test --url".`;
    if (url !== undefined && migrations === undefined)
      return `The database "${name}" has no migrations to make one from, so tests that ask for answers need a copy: run "novastack test --url".`;
  }
  return undefined;
}

async function onDatabases(tested: Tested): Promise<TestsOutcome> {
  const { dir: directory, project } = tested;
  const { Grounds } = await import('../testing/ground.ts');
  const grounds = new Grounds();
  try {
    const prepared = await grounds.prepare({ directory, project, urls: new Map(), onStep: () => {} });
    const ground = hasErrors(prepared.diagnostics) ? undefined : prepared.value;
    if (ground === undefined) return await notFilled(tested, prepared.diagnostics);
    return { report: await reportOf(project, ground, undefined), diagnostics: [] };
  } finally {
    await grounds.close();
  }
}

/** A server may have what the embedded database lacks; where that is the real one, it is a fault of the project. */
async function notFilled(tested: Tested, diagnostics: readonly Diagnostic[]): Promise<TestsOutcome> {
  const errors = diagnostics.filter(({ severity }) => severity === 'error');
  const [{ message, source } = { message: 'it is not known why.', source: undefined }] = errors;
  const place = source === undefined ? '' : ` (${source.file}:${source.span.start.line})`;
  const why = `The migrations and seeds do not run in the embedded database${place}: ${message}`;
  const isReal = [...tested.project.databases.values()].every(({ url }) => url === undefined);
  return { ...(await rightsAlone(tested, why)), diagnostics: isReal ? errors : [] };
}

/** Tests that ask for answers are left out: they neither pass nor fail. */
async function rightsAlone({ project, api }: Tested, why?: string): Promise<TestsOutcome> {
  const ground: Ground = { api, openBench: () => Promise.reject(new Error('There is no database here.')) };
  return { report: await reportOf(project, ground, why), diagnostics: [] };
}

async function reportOf(project: Project, ground: Ground, notRun: string | undefined): Promise<TestsReport> {
  const { runTests } = await import('../testing/run.ts');
  const tests =
    notRun === undefined ? project.tests : project.tests.filter(({ request }) => request === undefined);
  const run = await runTests({ project, tests, ground, jobs: 1, bail: false, onResult: () => {} });
  return { results: run.results, notRun, coverage: notRun === undefined ? run.coverage : undefined };
}
