/** A plan as SARIF, within what GitHub's code scanning takes. Pure. */
import type { Diagnostic, Severity } from '../../../schema/diagnostic.ts';
import { type SarifFinding, type SarifRule, sarifLog } from '../../../schema/sarif.ts';
import { fingerprintOf } from '../../catalog/fingerprint.ts';
import { countsOf } from '../gate.ts';
import type { Plan, ProjectPlan } from '../report.ts';
import { planFindings } from './diagnostics.ts';
import { counted, headlineOf } from './words.ts';

/** Code scanning keeps as many of a run, and refuses a file with more than 25,000. */
const maxResults = 5_000;

export interface SarifOptions {
  /** The category by which code scanning replaces the results of the run before. Default `novastack-plan`. */
  readonly category?: string;
  /** What the codes mean, where that is known. */
  readonly rules?: ReadonlyMap<string, SarifRule>;
}

/** @returns text without a newline at its end; the gravest results first */
export function planSarif(plan: Plan, { category = 'novastack-plan', rules }: SarifOptions = {}): string {
  const found = plan.projects.flatMap(findingsOf).sort((a, b) => gravityOf(a) - gravityOf(b));
  const shown = numbered(found.slice(0, maxResults));
  const properties = {
    // What follows the last slash would be the run.
    automationDetails: { id: `${category}/` },
    invocations: [invocationOf(plan, found.length - shown.length)],
  };
  return JSON.stringify(sarifLog(shown, { rules, properties }), null, 2);
}

function invocationOf(plan: Plan, left: number) {
  const verdict = `Compared with ${plan.base}: ${headlineOf(countsOf(plan))}.`;
  const rest = `${counted(left, 'further result')} had no room.`;
  return {
    executionSuccessful: true,
    toolExecutionNotifications: [
      { level: 'note', message: { text: verdict } },
      ...(left > 0 ? [{ level: 'warning', message: { text: rest } }] : []),
    ],
  };
}

interface Found extends SarifFinding {
  readonly identity: string;
}

const gravities: Readonly<Record<Severity, number>> = { error: 0, warning: 1, notice: 2 };

function gravityOf({ diagnostic }: Found): number {
  return gravities[diagnostic.severity];
}

/** A change is known by its fingerprint, everything else by what is said of it: neither has to do with lines. */
function findingsOf(project: ProjectPlan): readonly Found[] {
  const { path } = project;
  return planFindings(project).map(({ diagnostic, change }) => ({
    diagnostic: placed(diagnostic),
    base: path,
    identity:
      change?.fingerprint ??
      fingerprintOf([path, diagnostic.code, diagnostic.source?.file, diagnostic.message]),
  }));
}

/** Code scanning refuses the whole file when one result has no place. */
function placed(diagnostic: Diagnostic): Diagnostic {
  if (diagnostic.source !== undefined) return diagnostic;
  const span = { start: { line: 1, column: 1 }, end: { line: 1, column: 2 } };
  return { ...diagnostic, source: { file: 'novastack.yaml', span } };
}

/**
 * `primaryLocationLineHash` is what GitHub tells results apart by, together with rule and file. Left to itself it hashes the
 * line, which is one for all that a line changes, and another whenever the line is edited.
 */
function numbered(found: readonly Found[]): readonly SarifFinding[] {
  const seen = new Map<string, number>();
  return found.map(({ identity, ...finding }) => {
    const key = JSON.stringify([
      finding.base,
      finding.diagnostic.code,
      finding.diagnostic.source?.file,
      identity,
    ]);
    const number = (seen.get(key) ?? 0) + 1;
    seen.set(key, number);
    return {
      ...finding,
      fingerprints: { primaryLocationLineHash: `${identity}:${number}`, 'novastack/v1': identity },
    };
  });
}
