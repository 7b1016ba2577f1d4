/** `approvals.yaml`: changes that would take something away, and that somebody allowed, with a reason and until a day. */
import { promises as fs } from 'node:fs';
import path from 'node:path';
import type { Static } from 'typebox';
import Type from 'typebox';
import { structureOf } from './conformance.ts';
import { type Diagnostic, hasErrors, type Staged, sorted } from './diagnostic.ts';
import { maxBytes, parseDocument } from './document.ts';
import { Draft } from './draft.ts';
import { diagnosticOf } from './merge.ts';
import { object, text } from './shape.ts';

export interface Approval {
  /** Of what is allowed, as the refusal printed it. */
  readonly fingerprint: string;
  readonly reason: string;
  /** The last day on which it counts, in UTC: `2026-06-30`. */
  readonly expires: string;
}

/** Beside `novastack.yaml`. */
export const approvalsFile = 'approvals.yaml';

const entry = object({
  fingerprint: text('What is approved, as the refusal names it.', {
    pattern: '^fp[0-9a-f]{14}$',
    expects: '"fp" and 14 characters, as the refusal names it',
  }),
  reason: text('Why callers can do without it, for whoever reads this later.'),
  expires: text('The last day on which the approval counts, in UTC.', {
    pattern: '^[0-9]{4}-[0-9]{2}-[0-9]{2}$',
    expects: 'a day, such as 2026-06-30',
  }),
});

const Approvals = Type.Array(entry, {
  description: 'Changes that would break what is served, and that are allowed all the same.',
});

const checkStructure = structureOf(Approvals);

/**
 * Reads the approvals of a project. Links are not followed.
 *
 * @param today `2026-06-30`, in UTC
 * @returns an empty list when there is no file; no value when something is wrong with it: then nothing is approved
 */
export async function readApprovals(dir: string, today: string): Promise<Staged<readonly Approval[]>> {
  const file = path.join(dir, approvalsFile);
  const found = await fs.lstat(file).catch(() => undefined);
  if (found === undefined) return { value: [], diagnostics: [] };
  if (!found.isFile() || found.size > maxBytes) return { diagnostics: [unreadable] };
  return parseApprovals((await fs.readFile(file)).toString('utf8'), today);
}

/** The same of a text. Pure. */
export function parseApprovals(source: string, today: string): Staged<readonly Approval[]> {
  const { document, diagnostics } = parseDocument(approvalsFile, source);
  if (document === undefined) return { diagnostics };
  if (document.value === undefined) return { value: [], diagnostics };
  const wrong = checkStructure(document.value);
  const draft = new Draft(
    document.value,
    document.locate,
    true,
    wrong.map(({ path: at }) => at),
  );
  draft.diagnostics.push(...wrong.map((finding) => diagnosticOf(document, finding)));
  const approvals = wrong.length > 0 ? [] : (document.value as Static<typeof Approvals>);
  checkDays(approvals, today, draft);
  checkTwins(approvals, draft);
  const found = sorted(draft.diagnostics);
  return hasErrors(found) ? { diagnostics: found } : { value: approvals, diagnostics: found };
}

function checkDays(approvals: readonly Approval[], today: string, draft: Draft): void {
  for (const [index, { expires, fingerprint }] of approvals.entries()) {
    const at = [index, 'expires'];
    if (!isDay(expires))
      draft.error('WRONG_VALUE', at, `There is no day ${expires}.`, { hint: 'write a day as 2026-06-30' });
    else if (expires < today)
      draft.warning(
        'APPROVAL_EXPIRED',
        at,
        `The approval of ${fingerprint} ended on ${expires}, and does not count.`,
        {
          hint: 'remove it, or give it a later day if the change is still to come',
        },
      );
  }
}

/** A date that is none is moved to the next month when it is read. */
function isDay(text: string): boolean {
  const date = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(text);
}

function checkTwins(approvals: readonly Approval[], draft: Draft): void {
  const seen = new Map<string, number>();
  for (const [index, { fingerprint }] of approvals.entries()) {
    const first = seen.get(fingerprint);
    if (first === undefined) seen.set(fingerprint, index);
    else
      draft.error('APPROVAL_TWICE', [index, 'fingerprint'], `${fingerprint} is approved twice.`, {
        hint: 'keep one of the two',
        related: [{ message: 'the first is here', path: [first, 'fingerprint'] }],
      });
  }
}

const unreadable: Diagnostic = {
  code: 'APPROVALS_UNREADABLE',
  severity: 'error',
  message: `"${approvalsFile}" is no plain file of at most 1 MB, so nothing is approved.`,
  hint: 'put the file itself there',
};

/**
 * The findings that nobody has allowed. Pure.
 *
 * @param today `2026-06-30`, in UTC; an approval counts to the end of its last day
 */
export function unapproved<Finding extends { readonly fingerprint: string }>(
  findings: readonly Finding[],
  approvals: readonly Approval[],
  today: string,
): readonly Finding[] {
  const allowed = new Set(
    approvals.filter(({ expires }) => expires >= today).map(({ fingerprint }) => fingerprint),
  );
  return findings.filter(({ fingerprint }) => !allowed.has(fingerprint));
}
