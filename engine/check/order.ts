/** Findings in the order in which a person reads files, each once. Pure. */
import type { Diagnostic } from '../../schema/diagnostic.ts';
import { bytewise } from '../catalog/order.ts';

/** By file, line, column, then code; findings about the project as a whole come first. Repeated ones are dropped. */
export function inOrder(diagnostics: readonly Diagnostic[]): readonly Diagnostic[] {
  const once = new Map(diagnostics.map((diagnostic) => [identity(diagnostic), diagnostic]));
  return [...once.values()].sort(compare);
}

function identity({ code, severity, message, source }: Diagnostic): string {
  return JSON.stringify([code, severity, message, source?.file, source?.span.start]);
}

function compare(a: Diagnostic, b: Diagnostic): number {
  if (a.source === undefined || b.source === undefined) {
    return Number(b.source === undefined) - Number(a.source === undefined) || bytewise(a.code, b.code);
  }
  const [left, right] = [a.source.span.start, b.source.span.start];
  return (
    bytewise(a.source.file, b.source.file) ||
    left.line - right.line ||
    left.column - right.column ||
    bytewise(a.code, b.code)
  );
}
