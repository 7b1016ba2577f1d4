/** A finding in a source file: what the language, the binder and the CLI report. Knows no database and no server. */

export type Severity = 'error' | 'warning' | 'notice';

/** A place in a text. `line` and `column` count from 1; `column` counts UTF-16 code units. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** `end` is exclusive. */
export interface Span {
  readonly start: Position;
  readonly end: Position;
}

/** `file` is relative to the project's folder, with `/` on every platform. */
export interface Source {
  readonly file: string;
  readonly span: Span;
}

export interface Diagnostic {
  /** Stable, SCREAMING_SNAKE_CASE. */
  readonly code: string;
  readonly severity: Severity;
  /** What was found, in the user's words, one sentence ending with a period. */
  readonly message: string;
  /** What to do next: lower-case imperative without a final period ("did you mean "title"?"). */
  readonly hint?: string;
  readonly source?: Source;
  /** Other places that belong to the finding, such as the first of two declarations. */
  readonly related?: readonly { readonly message: string; readonly source: Source }[];
}

/** What every build stage returns: as much of the value as could be made, and all that was found. */
export interface Staged<T> {
  /** Absent when an error made it impossible. */
  readonly value?: T;
  readonly diagnostics: readonly Diagnostic[];
}

export function hasErrors(diagnostics: readonly Diagnostic[]): boolean {
  return diagnostics.some((diagnostic) => diagnostic.severity === 'error');
}

/** By file, place and code; what has no place comes first. */
export function sorted(diagnostics: readonly Diagnostic[]): readonly Diagnostic[] {
  return diagnostics
    .map((diagnostic) => ({ diagnostic, file: Buffer.from(diagnostic.source?.file ?? '') }))
    .sort((a, b) => {
      const [left, right] = [a.diagnostic.source?.span.start, b.diagnostic.source?.span.start];
      const place = (left?.line ?? 0) - (right?.line ?? 0) || (left?.column ?? 0) - (right?.column ?? 0);
      return Buffer.compare(a.file, b.file) || place || (a.diagnostic.code < b.diagnostic.code ? -1 : 1);
    })
    .map(({ diagnostic }) => diagnostic);
}
