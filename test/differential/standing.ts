/** Differences that a rule can tell from PostgREST's answer alone, whatever was asked. */
import { type Answer, codeOf } from './answer.ts';

interface Rule {
  /** The situation of a row of docs/differences.md. */
  readonly row: string;
  readonly applies: (theirs: Answer) => boolean;
  /** What NovaStack is to answer instead. */
  readonly instead: (theirs: Answer) => Answer;
}

const rules: readonly Rule[] = [
  {
    row: 'an operator on a type that does not have it',
    applies: (theirs) =>
      ['42883', '42804', '42725'].includes(codeOf(theirs) ?? '') ||
      theirs.text.includes('could not find array type for data type'),
    instead: (theirs) => ({ ...theirs, status: 400, body: { ...(theirs.body as object), code: '42883' } }),
  },
  {
    row: 'a value that hstore cannot read',
    applies: (theirs) => codeOf(theirs) === 'XX000',
    instead: (theirs) => ({ ...theirs, status: 400, body: { ...(theirs.body as object), code: '22P02' } }),
  },
  {
    row: 'a page beyond the counted rows, with several profiles',
    applies: ({ status, headers }) => status === 416 && headers['content-profile'] !== undefined,
    instead: ({ headers: { 'content-profile': _, ...headers }, ...theirs }) => ({ ...theirs, headers }),
  },
  {
    row: '`Location`',
    applies: ({ headers }) => headers.location !== undefined,
    instead: (theirs) => ({
      ...theirs,
      headers: { ...theirs.headers, location: `/shop/rest/v1${theirs.headers.location}` },
    }),
  },
];

export const standingRows: readonly string[] = rules.map(({ row }) => row);

export function standing(theirs: Answer): { readonly expected: Answer; readonly rows: readonly string[] } {
  const applying = rules.filter(({ applies }) => applies(theirs));
  return {
    expected: applying.reduce((answer, { instead }) => instead(answer), theirs),
    rows: applying.map(({ row }) => row),
  };
}
