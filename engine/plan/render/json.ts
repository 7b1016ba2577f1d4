/** A plan as JSON, for programs. Pure. */
import type { Source } from '../../../schema/diagnostic.ts';
import { diagnosticJson } from '../../../schema/format.ts';
import type { StatementEffect } from '../../dialect/effect.ts';
import { coverageJson, resultJson } from '../../testing/run-json.ts';
import type { Change } from '../change.ts';
import { type Counts, countsOf, verdict } from '../gate.ts';
import type { Gate, MigrationReport, Plan, ProjectPlan, TestsReport } from '../report.ts';
import { plainText } from '../sentence.ts';

/**
 * Keys are only ever added. What there is none of is null, never absent; lines and columns count from 1; files are relative to
 * `path` of their project, which is relative to the workspace.
 *
 * ```
 * base                what it is compared with: "main"
 * result              "success" | "failure", by the gate
 * counts              of all projects: errors (in files, and failing tests), warnings, breaking, dangerous, safe,
 *                     access_gained, access_lost, unaccepted (changes to decide on), accepted, failed_tests, incomparable
 * projects[]          path, project (its slug), title, state ("added" | "removed" | "changed" | "unchanged"), counts
 *   incomparable      why nothing could be compared
 *   diagnostics[]     of the head's files: code, severity, message, hint, file, line, column, related
 *   changes[]         section ("api" | "access" | "database"), rule, level ("breaking" | "dangerous" | "safe"), message,
 *                     hint, gain, anonymous, personal, roles ([]: everybody's), subject, before, after, fingerprint,
 *                     needs_acceptance, accepted ({ by: "file" | "label", reason, expires }), file, line, column
 *   migrations[]      database, engine, file, transaction, statements: summary, line, column, relation, lock, blocks, work,
 *                     undo, advice
 *   tests             results (as in `novastack test --format json`), not_run, coverage
 * ```
 *
 * @returns text without a newline at its end
 */
export function planJson(plan: Plan, gate: Gate): string {
  const json = {
    base: plan.base,
    result: verdict(plan, gate),
    counts: countsJson(countsOf(plan)),
    projects: plan.projects.map(projectJson),
  };
  return JSON.stringify(json, null, 2);
}

function countsJson(counts: Counts) {
  return {
    errors: counts.errors,
    warnings: counts.warnings,
    breaking: counts.breaking,
    dangerous: counts.dangerous,
    safe: counts.safe,
    access_gained: counts.accessGained,
    access_lost: counts.accessLost,
    unaccepted: counts.unaccepted,
    accepted: counts.accepted,
    failed_tests: counts.failedTests,
    incomparable: counts.incomparable,
  };
}

function projectJson(project: ProjectPlan) {
  const {
    path,
    project: slug,
    title,
    state,
    incomparable,
    diagnostics,
    changes,
    migrations,
    tests,
  } = project;
  return {
    path,
    project: slug ?? null,
    title: title ?? null,
    state,
    counts: countsJson(countsOf({ projects: [project] })),
    incomparable: incomparable ?? null,
    diagnostics: diagnostics.map(diagnosticJson),
    changes: changes.map(changeJson),
    migrations: migrations.map(migrationJson),
    tests: tests === undefined ? null : testsJson(tests),
  };
}

function changeJson(change: Change) {
  const { section, rule, level, sentence, hint, subject, roles, before, after, fingerprint, accepted } =
    change;
  return {
    section,
    rule,
    level,
    message: plainText(sentence),
    hint: hint ?? null,
    gain: change.gain ?? false,
    anonymous: change.anonymous ?? false,
    personal: change.personal ?? false,
    roles,
    subject,
    before: before ?? null,
    after: after ?? null,
    fingerprint,
    needs_acceptance: change.needsAcceptance,
    accepted:
      accepted === undefined
        ? null
        : { by: accepted.by, reason: accepted.reason, expires: accepted.expires ?? null },
    ...placeJson(change.source),
  };
}

function migrationJson({ database, engine, file, transaction, statements }: MigrationReport) {
  return { database, engine, file, transaction, statements: statements.map(statementJson) };
}

function statementJson(effect: StatementEffect) {
  const { summary, start, relation, lock, blocks, work, undo, advice } = effect;
  return {
    summary,
    line: start.line,
    column: start.column,
    relation: relation ?? null,
    lock: lock ?? null,
    blocks: blocks ?? null,
    work: work ?? null,
    undo: undo ?? null,
    advice: advice ?? null,
  };
}

function testsJson({ results, notRun, coverage }: TestsReport) {
  return {
    results: results.map(resultJson),
    not_run: notRun ?? null,
    coverage: coverage === undefined ? null : coverageJson(coverage),
  };
}

function placeJson(source: Source | undefined) {
  return {
    file: source?.file ?? null,
    line: source?.span.start.line ?? null,
    column: source?.span.start.column ?? null,
  };
}
