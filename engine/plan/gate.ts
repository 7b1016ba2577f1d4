/** What a plan comes to: how much of each there is, and whether it passes. Pure. */
import type { Change } from './change.ts';
import type { Gate, Plan, ProjectPlan } from './report.ts';

/** Of all projects together, or of one. */
export interface Counts {
  /** Errors in files, and tests that fail. Changes that nobody accepted are `unaccepted`. */
  readonly errors: number;
  /** Those of the errors that are tests. */
  readonly failedTests: number;
  readonly warnings: number;
  /** Accepted ones too. */
  readonly breaking: number;
  readonly dangerous: number;
  readonly safe: number;
  /** Changes by which somebody can read, write or call what they could not. */
  readonly accessGained: number;
  /** Changes of access by which somebody no longer can. */
  readonly accessLost: number;
  /** Changes that have to be accepted, and are not. */
  readonly unaccepted: number;
  readonly accepted: number;
  /** Projects of which it cannot be told what changes. */
  readonly incomparable: number;
}

export function countsOf({ projects }: Pick<Plan, 'projects'>): Counts {
  const diagnostics = projects.flatMap((project) => project.diagnostics);
  const changes = projects.flatMap((project) => project.changes);
  const failedTests = projects.reduce((sum, project) => sum + failedTestsOf(project).length, 0);
  const count = (holds: (change: Change) => boolean) => changes.filter(holds).length;
  return {
    errors: diagnostics.filter(({ severity }) => severity === 'error').length + failedTests,
    failedTests,
    warnings: diagnostics.filter(({ severity }) => severity === 'warning').length,
    breaking: count(({ level }) => level === 'breaking'),
    dangerous: count(({ level }) => level === 'dangerous'),
    safe: count(({ level }) => level === 'safe'),
    accessGained: count(({ gain }) => gain === true),
    accessLost: count(({ section, level }) => section === 'access' && level === 'breaking'),
    unaccepted: count(isUnaccepted),
    accepted: count(({ accepted }) => accepted !== undefined),
    incomparable: projects.filter(({ incomparable }) => incomparable !== undefined).length,
  };
}

/** Somebody has to decide. */
export function isUnaccepted({ needsAcceptance, accepted }: Change): boolean {
  return needsAcceptance && accepted === undefined;
}

export function failedTestsOf({ tests }: ProjectPlan) {
  return (tests?.results ?? []).filter(({ state }) => state === 'failed');
}

/** A project that cannot be compared with its base fails `warning` alone: a pull request that repairs the base has to pass. */
export function verdict(plan: Plan, gate: Gate): 'success' | 'failure' {
  const counts = countsOf(plan);
  const isInvalid = counts.errors > 0;
  const isOpen = isInvalid || counts.unaccepted > 0;
  switch (gate) {
    case 'never':
      return 'success';
    case 'invalid':
      return isInvalid ? 'failure' : 'success';
    case 'error':
      return isOpen ? 'failure' : 'success';
    case 'warning':
      return isOpen || deservesLook(counts) ? 'failure' : 'success';
    default:
      return gate satisfies never;
  }
}

function deservesLook({ warnings, dangerous, accessGained, incomparable }: Counts): boolean {
  return warnings + dangerous + accessGained + incomparable > 0;
}
