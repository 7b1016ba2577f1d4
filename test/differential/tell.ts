/** An outcome in words that fit a terminal. */
import { codeOf, type Mismatch } from './answer.ts';
import type { Case } from './case.ts';
import type { Outcome } from './run.ts';

const longest = 600;

export function tellOutcome({ asked, mismatches }: Pick<Outcome, 'asked' | 'mismatches'>): string {
  return [tellRequest(asked), ...mismatches.map(tellMismatch)].join('\n');
}

export function summaryOf(name: string, outcomes: readonly Outcome[]): string {
  const wrong = outcomes.filter(({ mismatches }) => mismatches.length > 0);
  const unserved = wrong.filter(({ ours }) => codeOf(ours) === 'NS501').length;
  const matching = outcomes.length - wrong.length;
  return `${name}: ${matching} of ${outcomes.length} match${unserved > 0 ? `, ${unserved} are not served yet` : ''}`;
}

function tellRequest({ request, headers, json, body }: Case): string {
  return [
    request,
    ...(headers === undefined ? [] : [JSON.stringify(headers)]),
    ...(json === undefined ? [] : [JSON.stringify(json)]),
    ...(body === undefined ? [] : [JSON.stringify(body.toString())]),
  ].join('  ');
}

function tellMismatch({ what, theirs, ours }: Mismatch): string {
  return `  ${what}\n    expected:  ${text(theirs)}\n    NovaStack: ${text(ours)}`;
}

/** Exact numbers as plain ones, for the eye. */
function text(value: unknown): string {
  const told = JSON.stringify(value) ?? 'none';
  const plain = told.replace(/\{"number":"([^"]*)"\}/g, '$1');
  return plain.length > longest ? `${plain.slice(0, longest)}…` : plain;
}
