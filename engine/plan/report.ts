/** A whole plan as data: what every form of it (terminal, Markdown, JSON, annotations, SARIF) is written from. */
import type { Diagnostic } from '../../schema/diagnostic.ts';
import type { DatabaseConfig } from '../../schema/project.ts';
import type { StatementEffect } from '../dialect/effect.ts';
import type { Coverage, TestResult } from '../testing/result.ts';
import type { Change } from './change.ts';

export interface Plan {
  /** What it is compared with, as a person names it: `main`, `1a2b3c4`, a folder. */
  readonly base: string;
  readonly projects: readonly ProjectPlan[];
}

export interface ProjectPlan {
  /** The project's folder from the top of the workspace, with `/`; `.` is the workspace itself. */
  readonly path: string;
  /** The slug; undefined when the head does not say it and neither does the base. */
  readonly project: string | undefined;
  readonly title: string | undefined;
  /** `added`: the base has no such project; `removed`: the head has none. */
  readonly state: 'added' | 'removed' | 'changed' | 'unchanged';
  /** What is wrong with the head, and with its `approvals.yaml`. In the order of files and lines. */
  readonly diagnostics: readonly Diagnostic[];
  /** Why nothing could be compared, where that is so: the base, or the head, does not compile. One sentence. */
  readonly incomparable: string | undefined;
  /** Everything that changes: gravest first, then in the order of the files. */
  readonly changes: readonly Change[];
  /** Migrations that the base does not have, in the order in which they run. */
  readonly migrations: readonly MigrationReport[];
  /** Undefined: the project has none, or they were not asked for. */
  readonly tests: TestsReport | undefined;
}

export interface MigrationReport {
  /** Under `databases:`. */
  readonly database: string;
  readonly engine: DatabaseConfig['engine'];
  /** Relative to the project's folder. */
  readonly file: string;
  /** All its statements or none: one transaction, which holds its locks to its end. */
  readonly transaction: boolean;
  readonly statements: readonly StatementEffect[];
}

export interface TestsReport {
  /** In the order of the files; those of rights (`denied`, `allowed`) run without a database. */
  readonly results: readonly TestResult[];
  /** Why tests that ask for answers were not run here; undefined: they were. One sentence. */
  readonly notRun: string | undefined;
  readonly coverage: Coverage | undefined;
}

/** From when on a plan fails. */
export const gates = ['invalid', 'error', 'warning', 'never'] as const;
/**
 * `invalid`: a file is wrong or a test fails. `error`: also, a change that needs to be accepted is not. `warning`: also, there
 * is a warning, something dangerous, or somebody gains access, accepted or not.
 */
export type Gate = (typeof gates)[number];
