/** Asks what a check asks, and says everything that is not as it must be. */
import assert from 'node:assert/strict';
import { isDeepStrictEqual } from 'node:util';
import { canariesIn } from './canary.ts';
import { type Change, type Check, nowhere, type Refused, type Told, type Wrote } from './check.ts';
import { canariesOf } from './oracle.ts';
import type { Answer, Request, ServedWorld, StoredRow } from './served.ts';
import { type Role, type Row, type Table, tables } from './world.ts';

/** What was wrong, in words; none when nothing was. */
export type Findings = readonly string[];

export class Runner {
  readonly #world: ServedWorld;
  /** Answers to requests with names of nothing, which many checks have in common. */
  readonly #twins = new Map<string, Promise<Answer>>();
  /** Id of each request → the canaries that the log may have of it: those of the tables that it names. */
  readonly asked = new Map<string, ReadonlySet<string>>();
  requests = 0;

  constructor(world: ServedWorld) {
    this.#world = world;
  }

  async run(check: Check): Promise<Findings> {
    const { expected, sight, request } = check;
    const answer = await this.ask(sight.role, request);
    const found = [...this.leaks(sight.role, request, answer), ...(await this.#judge(check, answer))];
    return found.map(
      (one) =>
        `${titleOf(check)}: ${one}\n    ${expected.kind}: ${request.method} ${request.path} ${request.body ?? ''}\n    → ${answer.status} ${answer.text.slice(0, 600)}`,
    );
  }

  async ask(role: Role, request: Request): Promise<Answer> {
    this.requests += 1;
    const answer = await this.#world.ask(role, request);
    this.asked.set(String(answer.headers['x-request-id']), canariesIn(tablesOf(request)));
    return answer;
  }

  /** The request is refused, and exactly as with a name that nothing has. */
  async asNothing(role: Role, request: Request, name: string): Promise<Findings> {
    const answer = await this.ask(role, request);
    const what = `${request.method} ${request.path} ${request.body ?? ''} → ${answer.status} ${answer.text}`;
    const found = [
      ...this.leaks(role, request, answer),
      ...(await this.#unlike(role, request, new Map([[name, nowhere.column]]), answer)),
    ];
    if (answer.status >= 500 || (answer.status < 300 && codeOf(answer) === 'data'))
      found.push('is no refusal');
    return found.map((one) => `${one}\n    ${what}`);
  }

  /** Canaries in the answer that neither the role may see nor the caller has sent. */
  leaks(role: Role, request: Request, answer: Answer): Findings {
    const allowed = canariesOf(role);
    const sent = canariesIn(`${request.path} ${request.body ?? ''}`);
    const told = canariesIn(`${JSON.stringify(answer.headers)} ${answer.text}`);
    return [...told].filter((one) => !allowed.has(one) && !sent.has(one)).map((one) => `leaks ${one}`);
  }

  #judge(check: Check, answer: Answer): Promise<Findings> {
    const { expected } = check;
    switch (expected.kind) {
      case 'refused':
        return this.#judgeRefusal(check, expected, answer);
      case 'told':
        return this.#judgeTold(check, expected, answer);
      case 'wrote':
        return this.#judgeWritten(check, expected, answer);
      default:
        return expected satisfies never;
    }
  }

  async #judgeRefusal(check: Check, { status, code, like }: Refused, answer: Answer): Promise<Findings> {
    const found: string[] = [];
    if (answer.status !== status) found.push(`status is ${answer.status}, not ${status}`);
    const given = codeOf(answer);
    if (check.request.method !== 'HEAD' && given !== code) found.push(`code is ${given}, not ${code}`);
    if (status === 401 && answer.headers['www-authenticate'] !== 'Bearer') found.push('no WWW-Authenticate');
    return [...found, ...(await this.#unlike(check.sight.role, check.request, like, answer))];
  }

  async #judgeTold(
    check: Check,
    { status, body, ordered, headers, next, like }: Told,
    answer: Answer,
  ): Promise<Findings> {
    const found = [
      ...differences(answer, status, body, ordered),
      ...(await this.#unlike(check.sight.role, check.request, like, answer)),
    ];
    for (const [name, value] of Object.entries(headers ?? {}))
      if (answer.headers[name] !== value) found.push(`${name} is ${answer.headers[name]}, not ${value}`);
    if (next === undefined) return found;
    const request = furtherPage(check, answer);
    if (next === 'none')
      return check.surface === 'graphql' || request === undefined
        ? found
        : [...found, 'offers a further page'];
    if (request === undefined) return [...found, 'offers no further page'];
    const further = await this.ask(check.sight.role, request);
    return [
      ...found,
      ...this.leaks(check.sight.role, request, further),
      ...differences(further, status, next.body, true),
    ];
  }

  /** One at a time: it looks at the rows, and puts them back. */
  async #judgeWritten(
    { sight }: Check,
    { status, body, change, location }: Wrote,
    answer: Answer,
  ): Promise<Findings> {
    const found = [...differences(answer, status, body, false)];
    if (answer.headers.location !== location)
      found.push(`Location is ${answer.headers.location}, not ${location}`);
    const after = await this.#world.rows(sight.table);
    if (answer.status < 300) await this.#world.restore();
    return [...found, ...unlikeChange(sight.table, change, after)];
  }

  /** The same with names of nothing: the same answer, but for the names that were sent. */
  async #unlike(
    role: Role,
    request: Request,
    like: ReadonlyMap<string, string> | undefined,
    answer: Answer,
  ): Promise<Findings> {
    if (like === undefined) return [];
    const twin: Request = {
      ...request,
      path: exchange(request.path, like),
      ...(request.body !== undefined && { body: exchange(request.body, like) }),
    };
    if (twin.path === request.path && twin.body === request.body) return [];
    const key = JSON.stringify([role.name, twin]);
    const pending = this.#twins.get(key) ?? this.ask(role, twin);
    this.#twins.set(key, pending);
    const other = await pending;
    const [one, two] = [exchange(comparable(answer), like), exchange(comparable(other), like)];
    return one === two ? [] : [`differs from nothing: ${one}\n    with names of nothing: ${two}`];
  }
}

/** The table of the path, whatever it is; those that a document names. */
function tablesOf({ path, body = '' }: Request): string {
  const [, table] = /^\/rest\/v1\/([^/?]+)/.exec(path) ?? [];
  return (
    table ??
    [...tables.values()]
      .map(({ name }) => name)
      .filter((name) => body.includes(name))
      .join(' ')
  );
}

export function titleOf({ surface, operation, variant, sight, column }: Check): string {
  return `${sight.role.name} ${surface} ${operation}${variant === '' ? '' : ` ${variant}`} ${sight.table.word}.${column.word}`;
}

function exchange(text: string, names: ReadonlyMap<string, string>): string {
  let changed = text;
  for (const [from, to] of names) changed = changed.replaceAll(from, to);
  return changed;
}

/** What differs from request to request by itself, and what tells only how long the caller's own names are. */
const varying = ['date', 'x-request-id', 'server-timing', 'content-length'];

function comparable({ status, headers, text }: Answer): string {
  const kept = Object.entries(headers).filter(([name]) => !varying.includes(name));
  return `${status} ${JSON.stringify(Object.fromEntries(kept))} ${text}`;
}

function codeOf({ text }: Answer): string | undefined {
  if (text === '') return undefined;
  const body = JSON.parse(text) as {
    code?: string;
    data?: unknown;
    errors?: readonly { extensions: { code: string } }[];
  };
  return 'data' in body ? 'data' : (body.code ?? body.errors?.[0]?.extensions.code);
}

function differences(answer: Answer, status: number, body: unknown, ordered: boolean): Findings {
  if (answer.status !== status) return [`status is ${answer.status}, not ${status}`];
  const given = bodyOf(answer);
  const [one, two] = [normal(given, ordered), normal(body, ordered)];
  return isDeepStrictEqual(one, two) ? [] : [`the body should be ${JSON.stringify(body)}`];
}

/** Lines of JSON are a list. */
function bodyOf({ headers, text }: Answer): unknown {
  if (!String(headers['content-type']).startsWith('application/x-ndjson'))
    return text === '' ? undefined : JSON.parse(text);
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as unknown);
}

/** Lists without an order are sorted; cursors are any text. */
function normal(value: unknown, ordered: boolean): unknown {
  if (Array.isArray(value)) {
    const items = value.map((one) => normal(one, ordered));
    return ordered ? items : items.sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
  }
  if (typeof value !== 'object' || value === null) return value;
  const fields = Object.entries(value).map(
    ([name, one]) => [name, name === 'cursor' ? 'any' : normal(one, ordered)] as const,
  );
  return Object.fromEntries(fields.sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** The link of REST, or the same document behind the last cursor. */
function furtherPage({ surface, request }: Check, { headers, text }: Answer): Request | undefined {
  if (surface === 'rest') {
    const link = /^<\/matrix(.*)>; rel="next"$/.exec(String(headers.link));
    return link === null ? undefined : { method: 'GET', path: link[1]! };
  }
  const cursor = /"cursor":\s*"([^"]+)"/.exec(text)?.[1];
  if (cursor === undefined) return undefined;
  return { ...request, body: request.body!.replace('first: 1', `first: 1, after: \\"${cursor}\\"`) };
}

/** Everything that a write should have done to its table, and nothing else. */
function unlikeChange(
  table: Table,
  { added = [], removed = [], changed = [] }: Change,
  after: readonly StoredRow[],
): Findings {
  const columns = table.columns.filter(({ kind }) => kind !== 'made').map(({ word }) => word);
  const expected = [
    ...table.rows
      .filter((row) => !removed.includes(row))
      .map((row) => ({ ...row, ...changed.find((one) => one.row === row)?.to })),
    ...added,
  ];
  const text = (row: Row | StoredRow) =>
    // A key that the database counts up is not known before.
    columns
      .map((word) =>
        added.includes(row as Row) && row[word] === null && word === 'id' ? 'counted' : String(row[word]),
      )
      .join(' ');
  const rest = after.map(text);
  for (const row of expected) {
    const at = rest.indexOf(text(row));
    if (at === -1) return [`the rows should have ${JSON.stringify(row)}, and are ${JSON.stringify(after)}`];
    rest.splice(at, 1);
  }
  return rest.length === 0 ? [] : [`there are further rows: ${rest.join('; ')}`];
}

/** All tables are as they were. */
export async function assertUnchanged(world: ServedWorld, tables: readonly Table[]): Promise<void> {
  for (const table of tables) {
    const found = unlikeChange(table, {}, await world.rows(table));
    assert.deepEqual(found, [], table.word);
  }
}

/** Runs the work with so many at a time. */
export async function atOnce<T, R>(
  items: readonly T[],
  most: number,
  work: (item: T) => Promise<R>,
): Promise<R[]> {
  const results: R[] = [];
  const pending = items.entries();
  const lane = async () => {
    for (const [index, item] of pending) results[index] = await work(item);
  };
  await Promise.all(Array.from({ length: most }, lane));
  return results;
}
