/** Diagnostics as people and machines read them: a terminal, JSON, GitHub's annotations, SARIF. Pure. */
import type { Diagnostic, Severity, Source } from './diagnostic.ts';
import { fileOf, sarifLog } from './sarif.ts';

export const diagnosticFormats = ['text', 'json', 'github', 'sarif'] as const;
export type DiagnosticFormat = (typeof diagnosticFormats)[number];

export interface FormatOptions {
  /** The project's folder relative to the workspace, put before files in `github` and `sarif`. Default: the same folder. */
  readonly base?: string;
  /** Colours in `text`. Default false. */
  readonly color?: boolean;
}

/** @returns text without a newline at its end; for `text` and `github` empty when there are no diagnostics */
export function formatDiagnostics(
  diagnostics: readonly Diagnostic[],
  format: DiagnosticFormat,
  options: FormatOptions = {},
): string {
  switch (format) {
    case 'text':
      return diagnostics.map((diagnostic) => textOf(diagnostic, options.color ?? false)).join('\n\n');
    case 'json':
      return JSON.stringify({ diagnostics: diagnostics.map(diagnosticJson) }, null, 2);
    case 'github':
      return diagnostics.map((diagnostic) => annotationOf(diagnostic, options.base)).join('\n');
    case 'sarif':
      return JSON.stringify(
        sarifLog(diagnostics.map((diagnostic) => ({ diagnostic, base: options.base }))),
        null,
        2,
      );
    default:
      return format satisfies never;
  }
}

const colors: Readonly<Record<Severity, number>> = { error: 31, warning: 33, notice: 36 };

function textOf(diagnostic: Diagnostic, color: boolean): string {
  const paint = (code: number, text: string) => (color ? `\u001b[${code}m${text}\u001b[0m` : text);
  const { severity, code, message, hint, source, related } = diagnostic;
  const head = `${paint(colors[severity], severity)} ${paint(1, printable(code))}`;
  return [
    source ? `${head}  ${paint(2, placeOf(source))}` : head,
    ...indented(message, '  '),
    ...(related ?? []).map((other) => `  ${placeOf(other.source)}: ${printable(other.message)}`),
    ...(hint === undefined ? [] : indented(hint, '  ', 'hint: ')),
  ].join('\n');
}

function indented(text: string, indent: string, label = ''): string[] {
  return text.split('\n').map((line, index) => `${indent}${index === 0 ? label : ''}${printable(line)}`);
}

function placeOf({ file, span }: Source): string {
  return `${printable(file)}:${span.start.line}:${span.start.column}`;
}

/** Names come from files and databases: one with an escape sequence in it must not reach the terminal as such. */
export function printable(text: string): string {
  return text.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g, (character) => {
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
}

/** One diagnostic as `--format json` prints it, and as the operator's API answers it. */
export function diagnosticJson({ code, severity, message, hint, source, related }: Diagnostic) {
  return {
    code,
    severity,
    message,
    hint: hint ?? null,
    ...jsonPlace(source),
    related: (related ?? []).map((other) => ({ message: other.message, ...jsonPlace(other.source) })),
  };
}

function jsonPlace(source: Source | undefined) {
  return {
    file: source?.file ?? null,
    line: source?.span.start.line ?? null,
    column: source?.span.start.column ?? null,
  };
}

/** One workflow command, which ends at the first newline: everything that is not ours is escaped. */
function annotationOf(
  { code, severity, message, hint, source }: Diagnostic,
  base: string | undefined,
): string {
  const properties = source
    ? [
        `file=${property(fileOf(source.file, base))}`,
        `line=${source.span.start.line}`,
        `col=${source.span.start.column}`,
        `title=${property(code)}`,
      ]
    : [`title=${property(code)}`];
  const text = hint === undefined ? message : `${message}\nhint: ${hint}`;
  return `::${severity} ${properties.join(',')}::${data(text)}`;
}

function data(text: string): string {
  return text.replace(/%/g, '%25').replace(/\r/g, '%0D').replace(/\n/g, '%0A');
}

function property(text: string): string {
  return data(text).replace(/:/g, '%3A').replace(/,/g, '%2C');
}
