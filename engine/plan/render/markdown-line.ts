/** One line of a list of a plan's Markdown: a change, a finding, a test that failed. Pure. */
import type { Diagnostic, Source } from '../../../schema/diagnostic.ts';
import type { TestResult } from '../../testing/result.ts';
import type { Change } from '../change.ts';
import { isUnaccepted } from '../gate.ts';
import { code, link, sentenceText, shortened, text, urlPath } from './markdown-text.ts';
import * as words from './words.ts';

/** Where files are, and how much is told of each thing. */
export interface Frame {
  /** `https://github.com/acme/apis`; undefined: places are not linked. */
  readonly repositoryUrl: string | undefined;
  readonly headSha: string | undefined;
  /** Rules and fingerprints too. */
  readonly isWhole: boolean;
}

const maxDifferences = 5;
/** A longer one takes more room than it is worth. */
const maxUrl = 1_000;
const maxValue = 120;
/** Characters that stand on one line of a phone, with an arrow between. */
const maxArrow = 32;

/** A line with further ones below it, in the same item of the list. */
export function item(lines: readonly string[]): string {
  return `- ${lines.join('<br>')}`;
}

export function changeItem(change: Change, path: string, frame: Frame, before = ''): string {
  const { sentence, hint, source, accepted, rule, fingerprint } = change;
  const alarms = words.alarmsOf(change).map((alarm) => ` **${alarm}**`);
  const roles = words.unnamedRoles(change).map((role) => code(role));
  const whose = roles.length === 0 ? '' : ` For ${words.listed(roles)}.`;
  const place = source === undefined ? '' : ` ${placeLink(source, path, frame)}`;
  return item([
    `${before}${sentenceText(sentence)}${alarms.join('')}${whose}${place}`,
    ...transition(change),
    ...hintLines(hint),
    ...(accepted === undefined ? [] : [`Accepted ${acceptance(accepted)}`]),
    ...(frame.isWhole
      ? [`${code(rule)} ${code(fingerprint)}${isUnaccepted(change) ? ' to decide on' : ''}`]
      : []),
  ]);
}

function transition(change: Change): readonly string[] {
  const found = words.transitionOf(change);
  if (found === undefined) return [];
  const [was, is] = found.map((value) => code(value, maxValue)) as [string, string];
  return was.length + is.length <= maxArrow ? [`${was} → ${is}`] : [`*Was:* ${was}`, `*Now:* ${is}`];
}

function acceptance({ by, reason, expires }: NonNullable<Change['accepted']>): string {
  const where = by === 'file' ? 'in `approvals.yaml`' : 'by label';
  return `${where}${expires === undefined ? '' : ` until ${expires}`}: ${text(reason)}`;
}

function hintLines(hint: string | undefined): readonly string[] {
  return hint === undefined ? [] : [`*Hint:* ${text(hint)}`];
}

export function diagnosticItem(diagnostic: Diagnostic, path: string, frame: Frame, before = ''): string {
  const { message, hint, source, related, code: name } = diagnostic;
  const place = source === undefined ? '' : ` ${placeLink(source, path, frame)}`;
  return item([
    `${before}${text(message)}${place}`,
    ...(related ?? []).map((other) => `${text(other.message)} ${placeLink(other.source, path, frame)}`),
    ...hintLines(hint),
    ...(frame.isWhole ? [code(name)] : []),
  ]);
}

/** That it fails, and why in one sentence. */
export function failedItem(result: TestResult, path: string, frame: Frame, before = ''): string {
  const { name, source, failures } = result;
  const place = source === undefined ? '' : ` ${placeLink(source, path, frame)}`;
  const [first] = failures;
  return item([
    `${before}Test *${text(name)}* fails.${place}`,
    ...(first === undefined ? [] : [text(first.message)]),
  ]);
}

/** What was asked, and what is not as expected. */
export function testItem(result: TestResult, path: string, frame: Frame): string {
  const { name, source, failures, request, answer } = result;
  const place = source === undefined ? '' : ` ${placeLink(source, path, frame)}`;
  const most = frame.isWhole ? Number.POSITIVE_INFINITY : maxDifferences;
  return item([
    `**${text(name)}**${place}`,
    ...(request === undefined
      ? []
      : [`${code(request, maxValue)}${answer === undefined ? '' : ` → ${answer.status}`}`]),
    ...failures.flatMap(({ message, differences }) => [
      text(message),
      ...differences.slice(0, most).map(differenceText),
      ...(differences.length > most ? [`… and ${differences.length - most} more`] : []),
    ]),
  ]);
}

function differenceText({
  path,
  expected,
  received,
}: TestResult['failures'][number]['differences'][number]): string {
  const at = path === '' ? '' : `${code(path)}: `;
  return `${at}expected ${value(expected)}, received ${value(received)}`;
}

function value(json: string | undefined): string {
  return json === undefined ? 'nothing' : code(json, maxValue);
}

/** `tables/books.yaml:14`, linked to that line of the head. */
function placeLink({ file, span }: Source, path: string, frame: Frame): string {
  const { line } = span.start;
  return lineLink(file, line, path, frame, fileLabel(file, `:${line}`));
}

/** As much of a path as tells it. */
export function fileLabel(file: string, suffix = ''): string {
  return code(shortened(file, 60) + suffix, 80);
}

/** @param label Markdown of ours */
export function lineLink(file: string, line: number, path: string, frame: Frame, label: string): string {
  const { repositoryUrl, headSha } = frame;
  if (repositoryUrl === undefined || headSha === undefined) return label;
  const url = `${repositoryUrl}/blob/${urlPath(headSha)}/${urlPath(words.workspaceFile(path, file))}#L${line}`;
  return url.length > maxUrl ? label : link(label, url);
}
