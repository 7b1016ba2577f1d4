/** Failures of tests as findings in files, and a run as JSON: for annotations and for programs. Pure. */
import type { Diagnostic, Source } from '../../schema/diagnostic.ts';
import { diagnosticJson, printable } from '../../schema/format.ts';
import { percentOf } from '../testing/coverage.ts';
import type { Coverage, Run, TestResult } from '../testing/result.ts';

/** One for each failure, in the place of the key that does not hold. */
export function findingsOf({ results }: Run): readonly Diagnostic[] {
  return results.flatMap(({ name, failures, request }) =>
    failures.map(({ key, message, differences, source }): Diagnostic => {
      const told = [
        `${name}: ${message}`,
        ...differences.map(
          ({ path, expected, received }) =>
            `${key}${path === '' ? '' : ` ${path}`}: expected ${expected ?? 'nothing'}, received ${received ?? 'nothing'}`,
        ),
        ...(request === undefined ? [] : [request]),
      ];
      return {
        code: 'TEST_FAILED',
        severity: 'error',
        message: told.map(printable).join('\n'),
        ...(source === undefined ? {} : { source }),
      };
    }),
  );
}

export interface JsonParts {
  readonly project: string;
  readonly run: Run;
  /** Whether coverage was asked for. */
  readonly coverage: boolean;
  readonly diagnostics: readonly Diagnostic[];
}

export function runJson({ project, run, coverage, diagnostics }: JsonParts): string {
  const count = (state: TestResult['state']) => run.results.filter((result) => result.state === state).length;
  return JSON.stringify(
    {
      project,
      summary: {
        tests: run.results.length,
        passed: count('passed'),
        failed: count('failed'),
        skipped: count('skipped'),
        ms: Math.round(run.ms),
      },
      tests: run.results.map(resultJson),
      ...(coverage ? { coverage: coverageJson(run.coverage) } : {}),
      diagnostics: diagnostics.map(diagnosticJson),
    },
    null,
    2,
  );
}

function resultJson({ name, state, ms, source, request, answer, failures }: TestResult) {
  return {
    name,
    state,
    ms: Math.round(ms),
    ...place(source),
    request: request ?? null,
    failures: failures.map(({ key, message, source: at, differences }) => ({
      key,
      message,
      ...place(at),
      differences: differences.map(({ path, expected, received }) => ({
        path,
        expected: expected ?? null,
        received: received ?? null,
      })),
    })),
    // Of a test that passed it is what was expected.
    answer:
      state === 'failed' && answer !== undefined
        ? { status: answer.status, headers: Object.fromEntries(answer.headers), body: answer.body }
        : null,
  };
}

function place(source: Source | undefined) {
  return {
    file: source?.file ?? null,
    line: source?.span.start.line ?? null,
    column: source?.span.start.column ?? null,
  };
}

function coverageJson(coverage: Coverage) {
  const { cells } = coverage;
  const bare = ({ role, table, verb }: (typeof cells)[number]) => ({ role, table, verb });
  return {
    percent: Math.floor(percentOf(coverage) * 100) / 100,
    covered: cells.filter(({ covered }) => covered).length,
    total: cells.length,
    missing: cells.filter(({ covered }) => !covered).map(bare),
    cells: cells.map(({ covered, ...cell }) => ({ ...cell, covered })),
  };
}
