/** A project with what was found in it: what annotations, SARIF and the summary of `validate` are written from. */
import type { Diagnostic, Severity } from '../schema/diagnostic.ts';

export interface Checked {
  /** The project's folder from the workspace, with `/`; `.` is the workspace itself. */
  readonly path: string;
  /** The project's slug; absent when its files do not say it. */
  readonly project: string | undefined;
  readonly diagnostics: readonly Diagnostic[];
}

export function count(checked: readonly Checked[], severity: Severity): number {
  return checked.reduce(
    (sum, { diagnostics }) => sum + diagnostics.filter((one) => one.severity === severity).length,
    0,
  );
}
