/** A run as JUnit's XML, in the form that Ant's schema and Jenkins' schema both take. Pure. */
import type { Failure, Run, TestResult } from '../testing/result.ts';

export interface JunitSetting {
  readonly project: string;
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
  readonly host: string;
  /** What stands beside the tests: that coverage is too low. */
  readonly errors: readonly string[];
}

export function junitText({ results, ms }: Run, { project, startedAt, host, errors }: JunitSetting): string {
  const failed = results.filter(({ state }) => state === 'failed').length;
  const skipped = results.filter(({ state }) => state === 'skipped').length;
  const attributes = [
    ['name', project],
    ['package', project],
    ['id', '0'],
    ['timestamp', new Date(startedAt).toISOString().slice(0, 19)],
    ['hostname', host],
    ['tests', String(results.length)],
    ['failures', String(failed)],
    ['errors', '0'],
    ['skipped', String(skipped)],
    ['time', seconds(ms)],
  ] as const;
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    '<testsuites>',
    `  <testsuite ${attributes.map(([name, value]) => `${name}="${attribute(value)}"`).join(' ')}>`,
    // One at least, says Jenkins.
    `    <properties><property name="project" value="${attribute(project)}"/></properties>`,
    ...results.map((result) => testCase(result, project)),
    '    <system-out/>',
    errors.length === 0 ? '    <system-err/>' : `    <system-err>${text(errors.join('\n'))}</system-err>`,
    '  </testsuite>',
    '</testsuites>',
  ].join('\n');
}

/** Readers group by class: that is the file. */
function testCase(
  { name, source, state, ms, failures, request, answer }: TestResult,
  project: string,
): string {
  const head = `    <testcase name="${attribute(name)}" classname="${attribute(source?.file ?? project)}" time="${seconds(ms)}"`;
  if (state === 'skipped') return `${head}>\n      <skipped/>\n    </testcase>`;
  const [first] = failures;
  if (first === undefined) return `${head}/>`;
  const told = [
    ...failures.map(failureText),
    ...(request === undefined ? [] : [request]),
    ...(answer === undefined ? [] : [`→ ${answer.status} ${answer.body}`.trimEnd()]),
  ];
  return [
    `${head}>`,
    `      <failure message="${attribute(first.message)}" type="${attribute(first.key)}">${text(told.join('\n'))}</failure>`,
    '    </testcase>',
  ].join('\n');
}

function failureText({ source, key, message, differences }: Failure): string {
  const place =
    source === undefined ? '' : `${source.file}:${source.span.start.line}:${source.span.start.column} `;
  return [
    `${place}${key}: ${message}`,
    ...differences.map(
      ({ path, expected, received }) =>
        `  ${path === '' ? '' : `${path}: `}expected ${expected ?? 'nothing'}, received ${received ?? 'nothing'}`,
    ),
  ].join('\n');
}

function seconds(ms: number): string {
  return (ms / 1_000).toFixed(3);
}

function text(value: string): string {
  return characters(value)
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('\r', '&#13;');
}

/** Line breaks as references: else a parser makes them spaces. */
function attribute(value: string): string {
  return text(value).replaceAll('"', '&quot;').replaceAll('\n', '&#10;').replaceAll('\t', '&#9;');
}

/** What XML 1.0 cannot hold in any form becomes the replacement character. */
function characters(value: string): string {
  return value.toWellFormed().replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '\ufffd');
}
