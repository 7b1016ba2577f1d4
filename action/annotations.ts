/** Findings as GitHub's workflow commands, the gravest first. */
import type { Severity } from '../schema/diagnostic.ts';
import { formatDiagnostics } from '../schema/format.ts';
import type { Checked } from './checked.ts';

/** One line each. Notices are left to the summary. */
export function annotations(checked: readonly Checked[]): readonly string[] {
  return (['error', 'warning'] as const).flatMap((severity) => ofSeverity(checked, severity));
}

function ofSeverity(checked: readonly Checked[], severity: Severity): readonly string[] {
  return checked.flatMap(({ path, diagnostics }) =>
    diagnostics
      .filter((one) => one.severity === severity)
      .map((one) => formatDiagnostics([one], 'github', { base: path })),
  );
}
