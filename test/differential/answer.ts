/** Two answers to one request → what differs. Bodies by value, numbers as they are written, key order free. */
import { isDeepStrictEqual } from 'node:util';
import type { Expected, WordsReason } from './case.ts';

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly text: string;
  /** JSON by value, with each number as its text; other text as it is; undefined when empty. */
  readonly body: unknown;
}

/** What clients of PostgREST read. */
export const comparedHeaders = [
  'content-type', 'content-range', 'content-profile', 'location', 'preference-applied', 'allow', 'x-pot', 'x-odd',
  'cache-control',
] as const; // biome-ignore format: a list

const told = ['message', 'details', 'hint'] as const;

export interface Mismatch {
  readonly what: string;
  readonly theirs: unknown;
  readonly ours: unknown;
}

export function readAnswer(status: number, headers: Answer['headers'], text: string): Answer {
  return { status, headers, text, body: readBody(headers['content-type'], text) };
}

function readBody(type: string | undefined, text: string): unknown {
  if (text === '') return undefined;
  if (type?.includes('ndjson')) return text.trimEnd().split('\n').map(exactly);
  if (type?.startsWith('text/csv')) return readCsv(text);
  return type?.includes('json') ? exactly(text) : text;
}

/** Lines of cells. Quotes count only where they tell an empty text from null; JSON in a cell is compared by value. */
function readCsv(text: string): unknown {
  const cell = /("(?:[^"]|"")*"|[^,\n]*)(,|\n|$)/gy;
  const lines: unknown[][] = [[]];
  for (let match = cell.exec(text); match !== null; match = cell.exec(text)) {
    lines.at(-1)!.push(readCell(match[1]!));
    if (match[2] === '') break;
    if (match[2] === '\n') lines.push([]);
  }
  return lines;
}

function readCell(text: string): unknown {
  const plain = text.length > 2 && text.startsWith('"') ? text.slice(1, -1).replaceAll('""', '"') : text;
  return /^[[{]./.test(plain) ? exactly(plain) : plain;
}

function exactly(text: string): unknown {
  try {
    return JSON.parse(text, (_key, value, context?: { source: string }) =>
      typeof value === 'number' ? { number: context!.source } : value,
    );
  } catch {
    return { notJson: text };
  }
}

/** @param words why the words of an error are free; `none`: they never are; undefined: as the code says */
export function compare(theirs: Answer, ours: Answer, words?: WordsReason | 'none'): readonly Mismatch[] {
  const found: Mismatch[] = [];
  const check = (what: string, theirs: unknown, ours: unknown) => {
    if (!isDeepStrictEqual(theirs, ours)) found.push({ what, theirs, ours });
  };
  check('status', theirs.status, ours.status);
  if (!isError(theirs) || !isError(ours)) check('body', theirs.body, ours.body);
  else {
    check('code', theirs.body.code, ours.body.code);
    if (words === 'none' || (words ?? reasonByCode(theirs)) === undefined)
      // A hint where PostgREST has none is no difference: clients show what is there.
      for (const word of told)
        if (theirs.body[word] !== undefined && (word !== 'hint' || !isFree(theirs.body.hint)))
          check(word, theirs.body[word], ours.body[word]);
  }
  // A refusal of a method names those that there are, as RFC 9110 has it; PostgREST 12 leaves them out.
  for (const header of comparedHeaders)
    if (header !== 'allow' || theirs.status !== 405)
      check(header, theirs.headers[header], ours.headers[header]);
  return found;
}

function isFree(hint: unknown): boolean {
  return hint === null || String(hint).startsWith('Perhaps you meant');
}

/** An error of Postgres itself has our words, an error that a function raises its author's. */
function reasonByCode(answer: Answer): WordsReason | undefined {
  const code = codeOf(answer);
  if (code === 'PGRST100') return 'parser';
  return /^(0A|2[0-8]|2[BDF]|4[0-4]|5[3-7]|XX)...$/.test(code ?? '') ? 'database' : undefined;
}

type Failed = Answer & { readonly body: Readonly<Record<string, unknown>> };

export function isError(answer: Answer): answer is Failed {
  const { status, body } = answer;
  return status >= 300 && typeof body === 'object' && body !== null && 'code' in body;
}

export function codeOf(answer: Answer): string | undefined {
  return isError(answer) ? String(answer.body.code) : undefined;
}

/** What of `expected` an answer has not. */
export function lacks(answer: Answer, { status, code, body, headers = {} }: Expected): readonly Mismatch[] {
  const found: Mismatch[] = [];
  const check = (what: string, theirs: unknown, ours: unknown) => {
    if (!isDeepStrictEqual(theirs, ours)) found.push({ what, theirs, ours });
  };
  check('status', status, answer.status);
  if (code !== undefined) check('code', code, codeOf(answer));
  if (body !== undefined) check('body', readBody(answer.headers['content-type'], body), answer.body);
  for (const [name, value] of Object.entries(headers)) check(name, value, answer.headers[name]);
  return found;
}
