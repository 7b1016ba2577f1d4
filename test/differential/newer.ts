/** What PostgREST 14 answers where the program of version 12 answers otherwise, whatever was asked. */
import { type Answer, codeOf } from './answer.ts';

interface Rule {
  /** The version that changed it, and what. */
  readonly since: string;
  readonly applies: (theirs: Answer) => boolean;
  readonly instead: (theirs: Answer) => Answer;
}

const isMissing = ({ status, text }: Answer) => status === 404 && text === '{}';

const rules: readonly Rule[] = [
  {
    since:
      '13: a table that is not there is PGRST205, which was an empty object or the error of the database',
    applies: (theirs) => codeOf(theirs) === '42P01' || isMissing(theirs),
    instead: (theirs) => failing(theirs, 404, { code: 'PGRST205', message: undefined }),
  },
  {
    since: '12.0.3: 406 for a media type that is not there, which was 415',
    applies: (theirs) => codeOf(theirs) === 'PGRST107' && theirs.status === 415,
    instead: (theirs) => ({ ...theirs, status: 406 }),
  },
  {
    since: '13: other words for an object that cannot be one',
    applies: (theirs) => codeOf(theirs) === 'PGRST116',
    instead: (theirs) =>
      failing(theirs, 406, { message: 'Cannot coerce the result to a single JSON object' }),
  },
  {
    since: '12.0.3: other words for a column that is not there to write',
    applies: (theirs) => codeOf(theirs) === 'PGRST204',
    instead: (theirs) =>
      failing(theirs, 400, {
        message: String((theirs.body as { message: string }).message).replace(
          /^Column ('.*') of relation ('.*') does not exist$/s,
          'Could not find the $1 column of $2 in the schema cache',
        ),
      }),
  },
  {
    since: '14: the profile in the message, those that there are in the hint',
    applies: (theirs) => codeOf(theirs) === 'PGRST106',
    instead: (theirs) => failing(theirs, 406, { message: undefined }),
  },
];

/** What is undefined in `body` is not known, and free. */
function failing(theirs: Answer, status: number, body: Readonly<Record<string, unknown>>): Answer {
  const known = typeof theirs.body === 'object' ? theirs.body : {};
  return { ...theirs, status, body: { details: null, hint: null, ...known, ...body } };
}

export function asNewer(theirs: Answer): Answer {
  return rules
    .filter(({ applies }) => applies(theirs))
    .reduce((answer, { instead }) => instead(answer), theirs);
}
