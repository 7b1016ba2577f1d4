/** Findings as GitHub's workflow commands: as many as GitHub shows, the gravest first. */
import type { Severity } from '../schema/diagnostic.ts';
import { formatDiagnostics } from '../schema/format.ts';
import type { Checked } from './projects.ts';

/** GitHub shows ten of each kind a step and drops the rest without a word. */
const maxOfEach = 10;

/** One line each; empty when there is nothing to mark. Notices are left to the summary. */
export function annotations(checked: readonly Checked[]): readonly string[] {
  return (['error', 'warning'] as const).flatMap((severity) =>
    ofSeverity(checked, severity).slice(0, maxOfEach),
  );
}

function ofSeverity(checked: readonly Checked[], severity: Severity): readonly string[] {
  return checked.flatMap(({ path, diagnostics }) =>
    diagnostics
      .filter((one) => one.severity === severity)
      .map((one) => formatDiagnostics([one], 'github', { base: path })),
  );
}

/** A workflow command of our own, for what has no line. */
export function errorCommand(message: string): string {
  const escaped = message.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
  return `::error title=NovaStack::${escaped}`;
}
