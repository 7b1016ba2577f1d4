/** What went wrong, in one text for the author of the workflow. Pure. */
import { InputError } from './inputs.ts';

/** Failures that know what to do about them. */
const named: ReadonlySet<string> = new Set([
  'GitFailure',
  'GithubRefusal',
  'GithubUnreachable',
  'ServerRefusal',
  'ServerUnreachable',
]);

export function explain(error: unknown): string {
  if (error instanceof InputError) return error.message;
  if (!(error instanceof Error)) return String(error);
  if ('hint' in error && typeof error.hint === 'string') return `${error.message} Hint: ${error.hint}.`;
  return named.has(error.name) ? error.message : (error.stack ?? error.message);
}
