/** Two answers of NovaStack to one request → what differs. Rows may come in any order where the request asks for none. */
import { isDeepStrictEqual } from 'node:util';
import { type Answer, comparedHeaders, isError, type Mismatch } from '../answer.ts';
import type { Case } from '../case.ts';

export function agree(asked: Case, theirs: Answer, ours: Answer): readonly Mismatch[] {
  const found: Mismatch[] = [];
  const check = (what: string, theirs: unknown, ours: unknown) => {
    if (!isDeepStrictEqual(theirs, ours)) found.push({ what, theirs, ours });
  };
  check('status', theirs.status, ours.status);
  if (isError(theirs) && isError(ours))
    for (const word of ['code', 'message', 'details', 'hint'])
      check(word, theirs.body[word], ours.body[word]);
  else check('body', ordered(asked, theirs.body), ordered(asked, ours.body));
  for (const header of comparedHeaders) check(header, theirs.headers[header], ours.headers[header]);
  return found;
}

/** Lists that the request gives no order are told in one order; those that are cut without one, by their length. */
function ordered(asked: Case, body: unknown): unknown {
  const { request } = asked;
  const top = /[?&]order=[^&]/.test(request);
  const within = /[?&][^=&]+\.order=/.test(request);
  const cut = !top && (/[?&](limit|offset)=/.test(request) || asked.headers?.range !== undefined);
  const list = Array.isArray(body) && typeof body[0] === 'object';
  if (cut && list) return body.length;
  return sorted(body, top, within);
}

function sorted(value: unknown, keeps: boolean, within: boolean): unknown {
  if (Array.isArray(value)) {
    const items = value.map((one) => sorted(one, within, within));
    const isRows = items.every(
      (one) => typeof one === 'object' && one !== null && !Array.isArray(one) && !('number' in one),
    );
    return keeps || !isRows ? items : items.toSorted((one, other) => (text(one) < text(other) ? -1 : 1));
  }
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, part]) => [name, sorted(part, within, within)]),
  );
}

function text(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(text).join()}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? '';
  const entries = Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1));
  return entries.map(([name, part]) => `${name}=${text(part)}`).join();
}
