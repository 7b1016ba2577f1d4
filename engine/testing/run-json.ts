/** A run of tests as JSON, for programs: `novastack test` and plans print the same of a test. Pure. */
import type { Diagnostic, Source } from '../../schema/diagnostic.ts';
import { diagnosticJson } from '../../schema/format.ts';
import { percentOf } from './coverage.ts';
import type { Coverage, Run, TestResult } from './result.ts';

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

export function resultJson({ name, state, ms, source, request, answer, failures }: TestResult) {
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

export function coverageJson(coverage: Coverage) {
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
