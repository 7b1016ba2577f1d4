/** What a refusal says, and what to do about it. Pure. */
import { type Code, codes } from '../../engine/index.ts';
import type { RoleSite } from '../content.ts';
import { code, heading, type Page, paragraph, text, words } from '../document.ts';

/** Of the operator's API, which the callers of a project never meet. */
const operators = /^NS(?:30[3-8]|70\d)$/;
const calls: ReadonlySet<string> = new Set([
  'PGRST101', 'PGRST111', 'PGRST112', 'PGRST121', 'PGRST128', 'PGRST202', 'PGRST203', '42725', '25006', 'P0001',
]); // biome-ignore format: a list

/** What to do, where more can be said than the status says. */
const remedies: Partial<Readonly<Record<Code, string>>> = {
  PGRST100: 'Mend the query string where `details` points at.',
  PGRST102: 'Send JSON, a form or CSV, and say which in `Content-Type`.',
  PGRST103: 'Ask for an earlier page: there are fewer rows than `offset`.',
  PGRST106: 'Leave `Accept-Profile` or `Content-Profile` away, or name one that the table’s page names.',
  PGRST107: 'Ask for `application/json`.',
  PGRST108: 'Name the relationship in `select` too.',
  PGRST116: 'Filter by the key, or do not ask for a single object.',
  PGRST117: 'Use GET, POST, PATCH, PUT or DELETE as the page says.',
  PGRST118: 'Order by a column, or by a relationship to one.',
  PGRST123: 'Leave the aggregate away: this role has none on that table.',
  PGRST124: 'Filter more narrowly, or raise `max-affected`.',
  PGRST125: 'Look at the path: tables are under `/rest/v1/`, functions under `/rest/v1/rpc/`.',
  PGRST200: 'Look at the relationships on the table’s page.',
  PGRST201: 'Name the relationship as the table’s page does.',
  PGRST202: 'Look at the arguments on the function’s page.',
  PGRST203: 'Give the arguments that tell the forms of the function apart.',
  PGRST204: 'Look at the columns on the table’s page.',
  PGRST205: 'Look at the tables in the navigation.',
  PGRST301: 'Sign in again, and send the new token.',
  PGRST302: 'Send a token: `Authorization: Bearer …`.',
  PGRST303: 'Sign in again: the token has expired, or is meant for somebody else.',
  NS301: 'Choose a role that the token has.',
  NS302: 'Get a token with the claim that `message` names.',
  NS400: 'Mend the request as `message` says.',
  NS402: 'Begin at the first page: cursors are good for the same request alone.',
  NS404: 'Look at the key.',
  NS412: 'Read the row again, and decide anew.',
  NS413: 'Send less at once.',
  NS414: 'Filter with fewer values, or ask by POST in GraphQL.',
  NS430: 'Ask for fewer rows or columns, or stream them as NDJSON.',
  NS432: 'Lower `limit` on the list that `details` names.',
  NS603: 'Make the document smaller; see the limits.',
  NS607: 'Send the document along with its hash.',
  '21000': 'Filter the rows that are meant.',
  '22003': 'Give a number that the type of the column has room for.',
  '22007': 'Write dates as `2026-01-31`, times as `12:00:00`.',
  '22P02': 'Give a value of the column’s type.',
  '23502': 'Give the column that `message` names.',
  '23503': 'Refer to a row that exists, or remove first what refers to this one.',
  '23505': 'Change the existing row, or give another key.',
  '23514': 'Give a value that the rule allows.',
  '40001': 'Repeat the request.',
  '40P01': 'Repeat the request.',
  '42501': 'Use a role that may do this; the page of the table says what this one may do.',
  '42703': 'Look at the columns on the table’s page.',
  '57014': 'Ask for less, or filter by an indexed column.',
};

const byStatus: ReadonlyMap<number, string> = new Map([
  [200, 'Mend the document as `message` says.'],
  [401, 'Send a token that holds.'],
  [403, 'Use a role that may do this.'],
  [404, 'Look at the name.'],
  [429, 'Wait, then try again.'],
  [500, 'Report it, with the time of the request.'],
  [503, 'Wait for as long as `Retry-After` says, then try again.'],
  [504, 'Ask for less.'],
]);

export function errorsPage({ functions }: RoleSite): Page {
  const shown = (Object.entries(codes) as readonly [Code, { status: number; title: string }][])
    .filter(([name]) => !operators.test(name) && (functions.length > 0 || !calls.has(name)))
    .sort(([a], [b]) => (a < b ? -1 : 1));
  return {
    id: 'guide:errors',
    path: '/guides/errors/',
    title: 'Errors',
    description: 'What a refusal says, and what to do about it.',
    blocks: [
      paragraph(
        'An error of REST is a JSON object with `code`, `message`, `details` and `hint`; the status is in the table. In ' +
          'GraphQL it stands in `errors`, with the code in `extensions`.',
      ),
      {
        kind: 'code',
        language: 'json',
        code: JSON.stringify({ code: 'PGRST205', message: '…', details: null, hint: '…' }, null, 2),
      },
      paragraph('Codes stay; texts may change. A program should look at `code` alone.'),
      heading(2, 'codes', 'Codes'),
      {
        kind: 'table',
        head: ['Code', 'What it means', 'What to do'],
        form: 'plain',
        label: 'Codes',
        rows: shown.map(([name, { status, title }]) => [
          [code(name), text(` ${status}`)],
          [text(title)],
          words(remedies[name] ?? byStatus.get(status) ?? 'Mend the request as `message` and `hint` say.'),
        ]),
      },
    ],
  };
}
