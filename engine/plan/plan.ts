/** `novastack plan` of one project: its head checked, and held against its base. No database, no secret, no network. */
import { type Approval, readApprovals } from '../../schema/approvals.ts';
import { type Diagnostic, hasErrors } from '../../schema/diagnostic.ts';
import type { Rehearsals } from '../check/know.ts';
import { inOrder } from '../check/order.ts';
import { type Validation, validateProject } from '../check/validate.ts';
import { problemWith } from '../migrate/scripts.ts';
import { type Accepting, acceptanceOf, type LabelAcceptance } from './acceptance.ts';
import { diffAccess } from './access/access.ts';
import { diffApi } from './api/diff.ts';
import type { Change, Finding, Side } from './change.ts';
import { withDeployment } from './deployment.ts';
import { changedLockTexts } from './lock-texts.ts';
import { type NewMigrations, newMigrations, type Tree } from './migrations.ts';
import { type Ground, locate } from './place.ts';
import { redefinitions } from './redefined.ts';
import { projectRemoved } from './removed.ts';
import type { MigrationReport, ProjectPlan } from './report.ts';
import { plainText } from './sentence.ts';
import { testsOf } from './tests.ts';

export interface PlanOptions {
  /** The project's folder from the top of the workspace, with `/`; `.` is the workspace itself. To be told. */
  readonly path: string;
  /** The folder of the base, absolute; undefined: the base has no such project. */
  readonly base: string | undefined;
  /** The folder of the head, absolute; undefined: it is removed. One of the two is there. */
  readonly head: string | undefined;
  /** Whether its tests are run. */
  readonly tests: boolean;
  /** `2026-06-30`, in UTC: until when approvals count. */
  readonly today: string;
  /** Of the pull request. Default: none. */
  readonly label?: LabelAcceptance;
  /** What migrations came to, of plans before this one; added to. Default: nothing is known. */
  readonly rehearsals?: Rehearsals;
  /** What happens on the way, a line each. */
  readonly onStep?: (line: string) => void;
}

/**
 * @throws {Problem} NS503 no embedded database can be started here
 * @throws {Error} of the file system when a folder cannot be read
 */
export async function planProject(options: PlanOptions): Promise<ProjectPlan> {
  const { base, head, rehearsals = new Map(), onStep } = options;
  onStep?.('Reading the base and this commit.');
  const before = base === undefined ? undefined : await validateProject(base, rehearsals);
  if (head === undefined) return planRemoval(options, before!);
  const after = await validateProject(head, rehearsals);
  return new Planning(options, head, before, after).plan();
}

/** Its `approvals.yaml` is gone with it. */
function planRemoval({ path: at, today, label }: PlanOptions, { project }: Validation): ProjectPlan {
  const finding = projectRemoved(project);
  const accepted = acceptanceOf(finding, { approvals: [], today, label });
  const change: Change = { ...withoutPlace(finding), source: undefined, accepted };
  return {
    path: at,
    project: project?.name,
    title: project?.title,
    state: 'removed',
    diagnostics: [],
    incomparable: undefined,
    changes: [change],
    migrations: [],
    tests: undefined,
  };
}

class Planning {
  readonly #options: PlanOptions;
  readonly #head: string;
  readonly #before: Validation | undefined;
  readonly #after: Validation;

  constructor(options: PlanOptions, head: string, before: Validation | undefined, after: Validation) {
    this.#options = options;
    this.#head = head;
    this.#before = before;
    this.#after = after;
  }

  async plan(): Promise<ProjectPlan> {
    const { path: at, base, tests, onStep } = this.#options;
    const approvals = await readApprovals(this.#head, this.#options.today);
    const migrations = await this.#migrations();
    const found = inOrder([...this.#after.diagnostics, ...approvals.diagnostics, ...migrations.diagnostics]);
    const { project } = this.#after;
    const incomparable = this.#whyIncomparable(found);
    const diagnostics = [...found, ...this.#concealed()];
    const changes = await this.#changes(migrations, approvals.value ?? []);
    const side = tests && !hasErrors(diagnostics) ? sideOf(this.#after) : undefined;
    if (side !== undefined && side.project.tests.length > 0)
      onStep?.(`Running ${side.project.tests.length} tests.`);
    const tested = side && (await testsOf({ dir: this.#head, ...side }));
    return {
      path: at,
      project: project?.name ?? this.#before?.project?.name,
      title: project?.title,
      state: base === undefined ? 'added' : isNothing(changes, migrations.reports) ? 'unchanged' : 'changed',
      diagnostics: tested === undefined ? diagnostics : inOrder([...diagnostics, ...tested.diagnostics]),
      incomparable,
      changes,
      migrations: migrations.reports,
      tests: tested?.report,
    };
  }

  async #migrations(): Promise<NewMigrations> {
    const { project, known } = this.#after;
    if (project === undefined) return { reports: [], statements: [], diagnostics: [] };
    const catalogs = new Map([...known].map(([name, { catalog }]) => [name, catalog]));
    return newMigrations(this.#baseTree, { dir: this.#head, project }, catalogs);
  }

  get #baseTree(): Tree | undefined {
    const [dir, project] = [this.#options.base, this.#before?.project];
    return dir === undefined || project === undefined ? undefined : { dir, project };
  }

  /** What is not whole says nothing of what it lacks. */
  #whyIncomparable(diagnostics: readonly Diagnostic[]): string | undefined {
    if (hasErrors(diagnostics) && sideOf(this.#after) === undefined)
      return 'This commit has errors, so it is not known what it would change.';
    const unknown = unknownDatabase(this.#after);
    if (unknown !== undefined)
      return `Nothing tells what the database "${unknown}" looks like, so it is not known what changes.`;
    if (this.#before === undefined) return undefined;
    const before = unknownDatabase(this.#before);
    if (sideOf(this.#before) === undefined)
      return before === undefined
        ? 'The base has errors, so there is nothing to compare with: all access that this commit gives is told.'
        : `The base does not tell what the database "${before}" looks like: all access that this commit gives is told.`;
    return undefined;
  }

  /** An error, or a commit without its lock would open anything with nobody asked. */
  #concealed(): readonly Diagnostic[] {
    const unknown = unknownDatabase(this.#after);
    if (unknown === undefined || this.#before === undefined || sideOf(this.#before) === undefined) return [];
    return [
      problemWith(
        'PLAN_CONCEALED',
        `The base tells what all of its databases look like, and this commit does not of "${unknown}": what it opens cannot be told.`,
        'run "novastack lock" and commit novastack.lock/',
      ),
    ];
  }

  async #changes(migrations: NewMigrations, approvals: readonly Approval[]): Promise<readonly Change[]> {
    const head = sideOf(this.#after);
    if (head === undefined) return [];
    const base = this.#before && sideOf(this.#before);
    const accepting: Accepting = { approvals, today: this.#options.today, label: this.#options.label };
    const ground: Ground = {
      project: head.project,
      statements: migrations.statements,
      lockTexts: await changedLockTexts(this.#options.base, this.#head),
    };
    return findings(base, head, migrations)
      .map(
        (finding): Change => ({
          ...withoutPlace(finding),
          source: locate(finding.place, ground),
          accepted: acceptanceOf(finding, accepting),
        }),
      )
      .sort(byGravity);
  }
}

function findings(
  base: Side | undefined,
  head: Side,
  { reports, statements }: NewMigrations,
): readonly Finding[] {
  const access = diffAccess(base, head);
  if (base === undefined) return access;
  const migrated = new Set(reports.map(({ database }) => database));
  const api = diffApi(base, head).filter((finding) => !isToldBy(access, finding));
  const served = withDeployment(api, { base, head, migrated });
  return [...served, ...access, ...redefinitions([base, head], statements)];
}

/** Whose rows are others is told with who reads them. */
const twins: Readonly<Record<string, string>> = {
  'table-source-changed': 'relation-changed',
  'function-source-changed': 'function-changed',
};

function isToldBy(access: readonly Finding[], { rule, subject }: Finding): boolean {
  return access.some(
    (one) =>
      one.rule === twins[rule] &&
      one.subject.table === subject.table &&
      one.subject.function === subject.function,
  );
}

/** Undefined: it has errors, or a database of which nothing is known. */
function sideOf({ project, compiled, diagnostics, known }: Validation): Side | undefined {
  if (project === undefined || compiled === undefined || hasErrors(diagnostics)) return undefined;
  return known.size < project.databases.size ? undefined : { project, api: compiled.api };
}

function unknownDatabase({ project, known, diagnostics }: Validation): string | undefined {
  if (project === undefined || hasErrors(diagnostics)) return undefined;
  return [...project.databases.keys()].find((name) => !known.has(name));
}

function withoutPlace({ place: _, ...rest }: Finding): Omit<Finding, 'place'> {
  return rest;
}

function isNothing(changes: readonly Change[], migrations: readonly MigrationReport[]): boolean {
  return changes.length === 0 && migrations.length === 0;
}

const levels = ['breaking', 'dangerous', 'safe'] as const;
const sections = ['api', 'access', 'database'] as const;

/** What waits for somebody first; then in the order of the files. */
function byGravity(a: Change, b: Change): number {
  const isOpen = ({ needsAcceptance, accepted }: Change) =>
    needsAcceptance && accepted === undefined ? 0 : 1;
  return (
    isOpen(a) - isOpen(b) ||
    levels.indexOf(a.level) - levels.indexOf(b.level) ||
    sections.indexOf(a.section) - sections.indexOf(b.section) ||
    compareText(a.source?.file ?? '', b.source?.file ?? '') ||
    (a.source?.span.start.line ?? 0) - (b.source?.span.start.line ?? 0) ||
    (a.source?.span.start.column ?? 0) - (b.source?.span.start.column ?? 0) ||
    compareText(plainText(a.sentence), plainText(b.sentence)) ||
    compareText(a.fingerprint, b.fingerprint)
  );
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
