/** The head's own tests, as far as they run with no server: on embedded databases, or about rights alone. */
import { type Diagnostic, hasErrors } from '../../schema/diagnostic.ts';
import type { Project } from '../../schema/project.ts';
import { schemes } from '../../schema/sections/databases.ts';
import type { TestResult } from '../testing/result.ts';
import type { Ground } from '../testing/rights-ground.ts';
import type { TestsReport } from './report.ts';

export interface TestsRun {
  readonly dir: string;
  readonly project: Project;
  readonly onResult: (result: TestResult) => void;
}

/** @returns undefined: the project has none */
export async function testsOf(run: TestsRun): Promise<TestsReport | undefined> {
  const { project } = run;
  if (project.tests.length === 0) return undefined;
  const asks = project.tests.some(({ request }) => request !== undefined);
  const why = asks ? whyNotHere(project) : undefined;
  return asks && why === undefined ? await withDatabases(run) : await withoutDatabases(run, why);
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

async function withDatabases(run: TestsRun): Promise<TestsReport> {
  const { Grounds } = await import('../testing/ground.ts');
  const grounds = new Grounds();
  try {
    const { value, diagnostics } = await grounds.prepare({
      directory: run.dir,
      project: run.project,
      urls: new Map(),
      onStep: () => {},
    });
    const failure = firstError(diagnostics);
    if (value === undefined || failure !== undefined) return await withoutDatabases(run, failure);
    return await results(run, value, undefined);
  } finally {
    await grounds.close();
  }
}

/** A server may have what the embedded database lacks: that is no fault of the project. */
function firstError(diagnostics: readonly Diagnostic[]): string | undefined {
  const error = diagnostics.find(({ severity }) => severity === 'error');
  if (error === undefined) return undefined;
  const { message, source } = error;
  const place = source === undefined ? '' : ` (${source.file}:${source.span.start.line})`;
  return `The migrations and seeds do not run in the embedded database${place}: ${message}`;
}

async function withoutDatabases(run: TestsRun, notRun: string | undefined): Promise<TestsReport> {
  const { groundWithoutDatabases } = await import('../testing/rights-ground.ts');
  const { value, diagnostics } = await groundWithoutDatabases(run.dir, run.project);
  if (value === undefined || hasErrors(diagnostics))
    return { results: [], notRun: notRun ?? diagnostics[0]?.message, coverage: undefined };
  return results(run, value, notRun);
}

/** Those that need a database that is not here are left out: they neither pass nor fail. */
async function results(run: TestsRun, ground: Ground, notRun: string | undefined): Promise<TestsReport> {
  const { runTests } = await import('../testing/run.ts');
  const { project, onResult } = run;
  const tests =
    notRun === undefined ? project.tests : project.tests.filter(({ request }) => request === undefined);
  const { results: told, coverage } = await runTests({
    project,
    tests,
    ground,
    jobs: 1,
    bail: false,
    onResult,
  });
  return { results: told, notRun, coverage: notRun === undefined ? coverage : undefined };
}
