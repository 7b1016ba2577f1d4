/** Prints findings in the form asked for. */
import path from 'node:path';
import type { Diagnostic, Severity } from '../../schema/diagnostic.ts';
import { formatDiagnostics } from '../../schema/format.ts';
import type { Input } from './command.ts';
import type { Terminal } from './terminal.ts';

export type Format = 'text' | 'json' | 'github' | 'sarif';

/** `--format`, checked against its choices by `parse`. */
export function formatOf(input: Input): Format {
  return (input.value('format') ?? 'text') as Format;
}

/**
 * Findings to stdout. The forms for programs are printed alone and always, the text only when there are findings.
 *
 * @param dir the project's folder, absolute: GitHub and SARIF want paths from the repository's root
 */
export function printFindings(
  diagnostics: readonly Diagnostic[],
  format: Format,
  dir: string,
  terminal: Terminal,
): void {
  if (format === 'text' && diagnostics.length === 0) return;
  const base = path
    .relative(process.env.GITHUB_WORKSPACE ?? process.cwd(), dir)
    .split(path.sep)
    .join('/');
  const text = formatDiagnostics(diagnostics, format, { base, color: terminal.takesColor('out') }).trimEnd();
  if (text !== '') terminal.out(text);
}

/** `2 errors, 1 warning`, or undefined when there is nothing to count. */
export function countFindings(diagnostics: readonly Diagnostic[]): string | undefined {
  const severities: readonly Severity[] = ['error', 'warning', 'notice'];
  const counts = severities
    .map((severity) => [severity, diagnostics.filter((each) => each.severity === severity).length] as const)
    .filter(([, count]) => count > 0)
    .map(([severity, count]) => counted(count, severity));
  return counts.length === 0 ? undefined : counts.join(', ');
}

/** `1 table`, `2 tables`. */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
