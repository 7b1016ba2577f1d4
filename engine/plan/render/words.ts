/** What every form of a plan says in the same words: its verdict, its counts, how long a statement holds others up. Pure. */
import type { Source } from '../../../schema/diagnostic.ts';
import type { StatementEffect } from '../../dialect/effect.ts';
import type { Acceptance, Change } from '../change.ts';
import type { Counts } from '../gate.ts';
import type { ProjectPlan, TestsReport } from '../report.ts';
import { plainText } from '../sentence.ts';

/** `1 change`, `2 changes`. */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

export function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** `a`, `a and b`, `a, b and c`. */
export function listed(parts: readonly string[]): string {
  return parts.length < 2 ? parts.join('') : `${parts.slice(0, -1).join(', ')} and ${parts.at(-1)}`;
}

/** The one line that says how it stands: what has to be done, else what is worth a look, else that nothing is. */
export function headlineOf(counts: Counts): string {
  const todo = todoOf(counts);
  if (todo.length > 0) return listed(todo);
  const looks = looksOf(counts);
  if (looks.length > 0) return listed(looks);
  return counts.safe > 0 ? `${counted(counts.safe, 'change')}, all safe` : 'nothing changes for callers';
}

export function needsDoing(counts: Counts): boolean {
  return todoOf(counts).length > 0;
}

export function isWorthALook(counts: Counts): boolean {
  return looksOf(counts).length > 0;
}

function todoOf({ errors, failedTests, unaccepted }: Counts): readonly string[] {
  return [
    ...some(errors - failedTests, (count) => counted(count, 'problem')),
    ...some(failedTests, (count) => counted(count, 'failing test')),
    ...some(unaccepted, (count) => `${counted(count, 'change')} to decide on`),
  ];
}

function looksOf({ breaking, dangerous, warnings, incomparable }: Counts): readonly string[] {
  return [
    ...some(incomparable, (count) => `${counted(count, 'project')} not compared`),
    ...some(breaking, (count) => counted(count, 'accepted breaking change')),
    ...some(dangerous, (count) => `${counted(count, 'change')} worth a look`),
    ...some(warnings, (count) => counted(count, 'warning')),
  ];
}

/** `2 breaking`, `1 dangerous`, `5 safe`, `1 access gained`: what there is any of. */
export function countsText({
  breaking,
  dangerous,
  safe,
  accessGained,
  accessLost,
}: Counts): readonly string[] {
  return [
    ...some(breaking, (count) => `${count} breaking`),
    ...some(dangerous, (count) => `${count} dangerous`),
    ...some(safe, (count) => `${count} safe`),
    ...some(accessGained, (count) => `${count} access gained`),
    ...some(accessLost, (count) => `${count} access lost`),
  ];
}

function some<T>(count: number, told: (count: number) => T): readonly T[] {
  return count > 0 ? [told(count)] : [];
}

export function isQuiet({
  state,
  diagnostics,
  changes,
  migrations,
  tests,
  incomparable,
}: ProjectPlan): boolean {
  const nothing = diagnostics.length + changes.length + migrations.length === 0 && incomparable === undefined;
  return state === 'unchanged' && nothing && !(tests?.results ?? []).some((test) => test.state === 'failed');
}

/** `accepted in approvals.yaml until 2027-02-28: the app is gone`. */
export function acceptanceText({ by, reason, expires }: Acceptance): string {
  const where = by === 'file' ? 'in approvals.yaml' : 'by label';
  return `accepted ${where}${expires === undefined ? '' : ` until ${expires}`}: ${reason}`;
}

/** Who waits while it runs, and for how long: `reads and writes, briefly`. */
export function waitsText({ blocks, work }: StatementEffect): string {
  if (blocks === undefined) return 'cannot be told';
  if (blocks === 'nothing') return 'nobody';
  const who = blocks === 'writes' ? 'writes' : 'reads and writes';
  return work === undefined ? who : `${who}, ${durations[work]}`;
}

const durations: Readonly<Record<NonNullable<StatementEffect['work']>, string>> = {
  instant: 'briefly',
  scan: 'while the table is read',
  rewrite: 'while the table is rewritten',
  rows: 'while its rows are written',
};

export function undoText({ undo }: StatementEffect): string {
  return undo ?? 'cannot be told';
}

/** What makes a gain one to decide on, in sentences. */
export function alarmsOf({ gain, anonymous, personal }: Change): readonly string[] {
  if (gain !== true) return [];
  return [
    ...(anonymous === true ? ['Open to everybody.'] : []),
    ...(personal === true ? ['Personal data.'] : []),
  ];
}

/** Roles, where the sentence names none of them. */
export function unnamedRoles({ roles, sentence }: Change): readonly string[] {
  const named = new Set(
    sentence.flatMap((word) => (typeof word !== 'string' && 'name' in word ? [word.name] : [])),
  );
  return roles.some((role) => named.has(role)) ? [] : roles;
}

/** What was and what is, where the sentence does not say both. */
export function transitionOf({ before, after, sentence }: Change): readonly [string, string] | undefined {
  if (before === undefined || after === undefined) return undefined;
  const said = plainText(sentence);
  return isSaid(said, before) && isSaid(said, after) ? undefined : [before, after];
}

/** Not as a part of another word: 10 is not said by 100. */
function isSaid(text: string, value: string): boolean {
  const inWord = /[\p{L}\p{N}_]/u;
  for (let at = text.indexOf(value); at !== -1; at = text.indexOf(value, at + 1)) {
    const around = [text.charAt(at - 1), text.charAt(at + value.length)];
    if (!around.some((character) => inWord.test(character))) return true;
  }
  return false;
}

/** `23 passed, 1 failed`; empty when there are none. */
export function testCounts({ results }: TestsReport): readonly string[] {
  return (['passed', 'failed', 'skipped'] as const).flatMap((state) =>
    some(results.filter((result) => result.state === state).length, (count) => `${count} ${state}`),
  );
}

/** `31 of 40 rights covered`. */
export function coverageText({ coverage }: TestsReport): string | undefined {
  if (coverage === undefined) return undefined;
  const covered = coverage.cells.filter((cell) => cell.covered).length;
  return `${covered} of ${coverage.cells.length} rights covered`;
}

/** From the top of the workspace. */
export function workspaceFile(path: string, file: string): string {
  return path === '.' ? file : `${path}/${file}`;
}

export function placeText({ file, span }: Source, path = '.'): string {
  return `${workspaceFile(path, file)}:${span.start.line}:${span.start.column}`;
}

/** As an entry of `approvals.yaml`, to be filled in by whoever decides. */
export function approvalEntry(
  { rule, fingerprint, sentence, gain }: Change,
  expires: string,
): readonly string[] {
  return [
    `# ${rule}: ${plainText(sentence)}`,
    `- fingerprint: ${fingerprint}`,
    `  reason: ${gain === true ? 'why they may have it' : 'why callers can do without it'}`,
    `  expires: ${expires}`,
  ];
}

/** A project that is removed has no file any more. */
export function hasApprovals({ state }: ProjectPlan): boolean {
  return state !== 'removed';
}

export const onlyByLabel = 'That a project is removed is accepted by the label of the pull request alone.';

/** A quarter from now is time enough to be rid of the callers. */
export function proposedExpiry(today: string): string {
  const day = new Date(`${today}T00:00:00Z`);
  day.setUTCDate(day.getUTCDate() + 90);
  return day.toISOString().slice(0, 10);
}
