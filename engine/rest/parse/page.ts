/** `limit`, `offset` and the `Range` header → how many rows, after how many. */
import { Problem } from '../../problem/problem.ts';
import { shorten } from './cursor.ts';

/**
 * Rows of a `limit` or `offset` parameter, 0…2^53-1. Pure.
 *
 * @throws {Problem} PGRST100 (400) no whole number, or too large; PGRST103 (416) negative
 */
export function parseRows(name: 'limit' | 'offset', text: string): number {
  const trimmed = text.trim();
  const rows = /^[0-9]{1,16}$/.test(trimmed) ? Number(trimmed) : Number.NaN;
  if (Number.isSafeInteger(rows)) return rows;
  if (/^-[0-9]+$/.test(trimmed))
    throw new Problem('PGRST103', {
      message: 'Requested range not satisfiable',
      details: `${name === 'limit' ? 'Limit' : 'Offset'} should be greater than or equal to zero.`,
      hint: `Send ${name}=0 or more.`,
    });
  throw new Problem('PGRST100', {
    message: `"failed to parse ${name} (${shorten(text)})" (line 1, column 1)`,
    details: `Expected a whole number from 0 to ${Number.MAX_SAFE_INTEGER}.`,
    hint: `Write ${name}=20.`,
  });
}

export interface Page {
  readonly limit: number | undefined;
  readonly offset: number | undefined;
}

/**
 * Cuts a page by a `Range` header such as `0-9` or `20-`. Another form is ignored, as HTTP asks. Pure.
 *
 * @throws {Problem} PGRST103 (416) the range ends before it begins
 */
export function cutByRange(page: Page, header: string | undefined): Page {
  const match = header === undefined ? null : /^(?:items=)?([0-9]{1,15})-([0-9]{0,15})$/.exec(header);
  if (match === null) return page;
  const from = Number(match[1]);
  const to = match[2] === '' ? undefined : Number(match[2]);
  if (to !== undefined && to < from)
    throw new Problem('PGRST103', {
      message: 'Requested range not satisfiable',
      details: 'The lower boundary must be lower than or equal to the upper boundary in the Range header.',
      hint: 'Send Range: 0-9 for the first ten rows.',
    });
  const offset = Math.max(from, page.offset ?? 0);
  const ends = [
    to === undefined ? undefined : to + 1,
    page.limit === undefined ? undefined : (page.offset ?? 0) + page.limit,
  ];
  const end = Math.min(...ends.map((one) => one ?? Number.POSITIVE_INFINITY));
  return { offset, limit: Number.isFinite(end) ? Math.max(0, end - offset) : undefined };
}
