/** A plan as findings in files: what annotations, SARIF and the operator's lists are written from. Pure. */
import type { Diagnostic, Severity } from '../../../schema/diagnostic.ts';
import { formatDiagnostics } from '../../../schema/format.ts';
import { findingsOf as failuresOf } from '../../testing/findings.ts';
import type { Change } from '../change.ts';
import { isUnaccepted } from '../gate.ts';
import type { Plan, ProjectPlan } from '../report.ts';
import { plainText } from '../sentence.ts';
import {
  acceptanceText,
  alarmsOf,
  capital,
  hasApprovals,
  listed,
  transitionOf,
  unnamedRoles,
} from './words.ts';

/**
 * What is wrong with the files, then each change, then each test that fails.
 *
 * @returns places relative to the project's folder. A change's code is its rule as it is; it is an error when somebody has to
 *   accept it and nobody has, a notice when it is accepted or safe, a warning otherwise.
 */
export function planDiagnostics(project: ProjectPlan): readonly Diagnostic[] {
  return planFindings(project).map(({ diagnostic }) => diagnostic);
}

export interface PlanFinding {
  readonly diagnostic: Diagnostic;
  /** Undefined: it is no change. */
  readonly change: Change | undefined;
}

/** The same with the changes that they tell. */
export function planFindings(project: ProjectPlan): readonly PlanFinding[] {
  const { diagnostics, changes, tests } = project;
  const bare = (diagnostic: Diagnostic) => ({ diagnostic, change: undefined });
  return [
    ...diagnostics.map(bare),
    ...notCompared(project).map(bare),
    ...changes.map((change) => ({ diagnostic: changeDiagnostic(change, project), change })),
    ...(tests === undefined ? [] : failuresOf(tests).map(bare)),
  ];
}

/** Annotations for GitHub, one line each, gravest first; GitHub shows ten errors and ten warnings of a step. */
export function planAnnotations({ projects }: Plan): string {
  const all = projects.map((project) => ({ base: project.path, diagnostics: planDiagnostics(project) }));
  const lines = (['error', 'warning', 'notice'] as const).flatMap((severity) =>
    all.map(({ base, diagnostics }) =>
      formatDiagnostics(
        diagnostics.filter((one) => one.severity === severity),
        'github',
        { base },
      ),
    ),
  );
  return lines.filter((line) => line !== '').join('\n');
}

function notCompared({ incomparable }: ProjectPlan): readonly Diagnostic[] {
  return incomparable === undefined
    ? []
    : [{ code: 'NOT_COMPARED', severity: 'warning', message: incomparable }];
}

function changeDiagnostic(change: Change, project: ProjectPlan): Diagnostic {
  const hint = hintOf(change, project);
  return {
    code: change.rule,
    severity: severityOf(change),
    message: messageOf(change),
    ...(hint === undefined ? {} : { hint }),
    ...(change.source === undefined ? {} : { source: change.source }),
  };
}

function severityOf(change: Change): Severity {
  if (isUnaccepted(change)) return 'error';
  if (change.accepted !== undefined) return 'notice';
  return change.level === 'safe' && change.gain !== true ? 'notice' : 'warning';
}

function messageOf(change: Change): string {
  const roles = unnamedRoles(change);
  const transition = transitionOf(change);
  const { accepted } = change;
  return [
    plainText(change.sentence),
    ...alarmsOf(change),
    ...(transition === undefined ? [] : [`It was ${transition[0]} and is ${transition[1]}.`]),
    ...(roles.length === 0 ? [] : [`For ${listed(roles.map((role) => `"${role}"`))}.`]),
    ...(accepted === undefined ? [] : [`${capital(acceptanceText(accepted))}`]),
  ].join(' ');
}

function hintOf(change: Change, project: ProjectPlan): string | undefined {
  const { hint, fingerprint } = change;
  if (!isUnaccepted(change)) return hint;
  const file = hasApprovals(project) ? 'in approvals.yaml with a reason and a last day, or ' : '';
  const accept = `accept ${fingerprint} ${file}by the label`;
  return hint === undefined ? accept : `${hint}; or ${accept}`;
}
