/** What `novastack test` shows a person: a line for each test, then each failure with its place, and the sums. Pure. */
import { printable } from '../../schema/format.ts';
import { verbs } from '../../schema/project.ts';
import { percentOf } from '../testing/coverage.ts';
import type { Answer, Coverage, Difference, Failure, Run, TestResult } from '../testing/result.ts';
import { counted } from './report.ts';
import type { Style } from './terminal.ts';

export type Paint = (style: Style, text: string) => string;

/** Characters of a value, and of a body, that are shown; `--format json` has all of them. */
const maxValue = 400;
const maxBody = 2_000;
const maxDifferences = 12;

export function resultLine({ state, name, ms, request }: TestResult, paint: Paint): string {
  const time = request === undefined || state === 'skipped' ? '' : paint('dim', ` ${milliseconds(ms)}`);
  switch (state) {
    case 'passed':
      return `  ${paint('green', '✓')} ${printable(name)}${time}`;
    case 'failed':
      return `  ${paint('red', '✗')} ${printable(name)}${time}`;
    case 'skipped':
      return `  ${paint('dim', '-')} ${printable(name)}`;
    default:
      return state satisfies never;
  }
}

/** @param textOf the text of a file of the project */
export function failureText(
  result: TestResult,
  textOf: (file: string) => string | undefined,
  paint: Paint,
): string {
  const head = `${paint(['bold', 'red'], 'FAIL')} ${paint('bold', printable(result.name))}`;
  const parts = result.failures.map((failure) => partText(failure, textOf, paint).join('\n'));
  return [head, ...parts, ...asked(result, paint)].join('\n\n');
}

function partText(
  failure: Failure,
  textOf: (file: string) => string | undefined,
  paint: Paint,
): readonly string[] {
  const { source, message, differences } = failure;
  const place = source && `${printable(source.file)}:${source.span.start.line}:${source.span.start.column}`;
  const text = source && textOf(source.file);
  return [
    ...(place === undefined ? [] : [`  ${paint('cyan', place)}`]),
    ...(text === undefined ? [] : frame(text, source!.span.start, paint)),
    `  ${printable(message)}`,
    ...differences.slice(0, maxDifferences).flatMap((difference) => differenceLines(difference, paint)),
    ...(differences.length > maxDifferences
      ? [`    … and ${counted(differences.length - maxDifferences, 'more difference')}`]
      : []),
  ];
}

/** Two lines before, and where it points. */
function frame(
  text: string,
  { line, column }: { line: number; column: number },
  paint: Paint,
): readonly string[] {
  const lines = text.split(/\r?\n/);
  const from = Math.max(1, line - 2);
  const width = String(line).length;
  const shown = lines.slice(from - 1, line).map((content, index) => {
    const number = from + index;
    const mark = number === line ? paint('red', '>') : ' ';
    return `  ${mark} ${paint('dim', `${String(number).padStart(width)} |`)} ${printable(content)}`.trimEnd();
  });
  // A tab stays one column wide in what is printed.
  const before = printable((lines[line - 1] ?? '').slice(0, column - 1));
  return [
    ...shown,
    `    ${paint('dim', `${' '.repeat(width)} |`)} ${' '.repeat(before.length)}${paint('red', '^')}`,
  ];
}

function differenceLines({ path, expected, received }: Difference, paint: Paint): readonly string[] {
  return [
    ...(path === '' ? [] : [`    ${printable(path)}`]),
    `      ${paint('green', `expected ${value(expected)}`)}`,
    `      ${paint('red', `received ${value(received)}`)}`,
  ];
}

function value(text: string | undefined): string {
  return text === undefined ? 'nothing' : printable(cut(text, maxValue));
}

function asked({ request, answer }: TestResult, paint: Paint): readonly string[] {
  if (request === undefined) return [];
  const lines = [`  ${paint('dim', printable(request))}`];
  if (answer !== undefined) lines.push(`  ${paint('dim', `→ ${answerText(answer)}`)}`);
  return [lines.join('\n')];
}

function answerText({ status, body }: Answer): string {
  return body === '' ? `${status}, no body` : `${status} ${printable(cut(body, maxBody))}`;
}

function cut(text: string, most: number): string {
  return text.length <= most ? text : `${text.slice(0, most)}… (${text.length} characters)`;
}

/** `37 tests: 36 passed, 1 failed (2.1 s)`. */
export function summaryText({ results, ms }: Run, paint: Paint): string {
  const count = (state: TestResult['state']) => results.filter((result) => result.state === state).length;
  const parts = [
    ...(count('passed') > 0 ? [paint('green', `${count('passed')} passed`)] : []),
    ...(count('failed') > 0 ? [paint('red', `${count('failed')} failed`)] : []),
    ...(count('skipped') > 0 ? [paint('yellow', `${count('skipped')} skipped`)] : []),
  ];
  const all = counted(results.length, 'test');
  return `${parts.length === 0 ? all : `${all}: ${parts.join(', ')}`} ${paint('dim', `(${milliseconds(ms)})`)}`;
}

/** A row for each table and a column for each role; a letter for a verb that is exercised, a dot for one that is not. */
export function coverageText(coverage: Coverage, paint: Paint): string {
  const { roles, tables, cells } = coverage;
  const covered = new Set(
    cells.filter((cell) => cell.covered).map(({ role, table, verb }) => JSON.stringify([role, table, verb])),
  );
  const first = Math.max(5, ...tables.map((table) => printable(table).length));
  const widths = roles.map((role) => Math.max(4, printable(role).length));
  const head = `  ${''.padEnd(first)}  ${roles.map((role, at) => printable(role).padEnd(widths[at]!)).join('  ')}`;
  const rows = tables.map((table) => {
    const marks = roles.map((role, at) => {
      const letters = verbs.map((verb) =>
        covered.has(JSON.stringify([role, table, verb])) ? verb.charAt(0) : '·',
      );
      const text = letters.join('');
      return paint(text.includes('·') ? 'yellow' : 'green', text) + ' '.repeat(widths[at]! - text.length);
    });
    return `  ${printable(table).padEnd(first)}  ${marks.join('  ')}`.trimEnd();
  });
  return [
    `Coverage: ${coverageSum(coverage)} (s select, i insert, u update, d delete, · not exercised)`,
    head.trimEnd(),
    ...rows,
  ].join('\n');
}

/** `82.5 %, 33 of 40`: rounded down, so that 100 is all. */
export function coverageSum(coverage: Coverage): string {
  const covered = coverage.cells.filter((cell) => cell.covered).length;
  const percent = Math.floor(percentOf(coverage) * 10) / 10;
  return `${percent} %, ${covered} of ${coverage.cells.length} verbs of roles on tables`;
}

/** `visitor: books insert, update`, a line for each role and table. */
export function missingLines({ cells }: Coverage): readonly string[] {
  const missing = new Map<string, string[]>();
  for (const { role, table, verb, covered } of cells) {
    if (covered) continue;
    const key = `${role}: ${table}`;
    missing.set(key, [...(missing.get(key) ?? []), verb]);
  }
  return [...missing].map(([key, verbs]) => `${printable(key)} ${verbs.join(', ')}`);
}

export function milliseconds(ms: number): string {
  return ms < 1_000 ? `${Math.round(ms)} ms` : `${(ms / 1_000).toFixed(1)} s`;
}
