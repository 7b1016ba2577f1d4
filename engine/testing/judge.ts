/** Holds an answer against what a test expects of it. Pure. */
import type { Source } from '../../schema/diagnostic.ts';
import type { Literal, Path } from '../../schema/predicate.ts';
import type { Project, TestCase } from '../../schema/project.ts';
import { parseJson } from '../query/json.ts';
import { differences, jsonText, type Mode } from './compare.ts';
import type { Answer, Difference, Failure } from './result.ts';

type Expected = NonNullable<TestCase['expect']>;

/** The body as what its type says it is: a JSON value, a list of the lines of NDJSON, or a text. */
export type Body =
  | { readonly kind: 'json'; readonly value: unknown }
  | { readonly kind: 'text'; readonly value: string };

/** Deeper than any answer of the engine. */
const maxDepth = 200;

/** Every key that does not hold, in the order of the language's description. */
export function judge(test: TestCase, answer: Answer, project: Project): readonly Failure[] {
  const expected = test.expect!;
  const body = bodyOf(answer);
  const failure: Report = (key, message, found = []) => ({
    key: ['expect', ...key].join('.'),
    message,
    source: keyOf(project, [...test.path, 'expect', ...key]),
    differences: found,
  });
  return [
    ...status(expected, answer, failure),
    ...whole(expected, body, 'body', 'exact', failure),
    ...whole(expected, body, 'contains', 'contains', failure),
    ...headers(expected, answer, failure),
    ...count(test, answer, body, failure),
    ...hidden(expected, answer, body, failure),
  ];
}

/** Where a key was written. */
export function keyOf(project: Project, path: Path): Source | undefined {
  return project.locate(path, typeof path.at(-1) === 'number' ? 'value' : 'key');
}

type Report = (key: readonly string[], message: string, found?: readonly Difference[]) => Failure;

function status(expected: Expected, answer: Answer, failure: Report): readonly Failure[] {
  if (expected.status === undefined || expected.status === answer.status) return [];
  return [failure(['status'], `The status is ${answer.status} and not ${expected.status}.`)];
}

function whole(
  expected: Expected,
  body: Body,
  key: 'body' | 'contains',
  mode: Mode,
  failure: Report,
): readonly Failure[] {
  const value = expected[key];
  if (value === undefined) return [];
  const found = compareBody(value, body, mode);
  if (found.length === 0) return [];
  return [failure([key], mode === 'exact' ? 'The body is another.' : 'The body does not contain it.', found)];
}

function compareBody(expected: Literal, body: Body, mode: Mode): readonly Difference[] {
  if (body.kind === 'json') return differences(expected, body.value, mode);
  const fits =
    mode === 'exact'
      ? body.value === expected
      : typeof expected === 'string' && body.value.includes(expected);
  return fits ? [] : [{ path: '', expected: jsonText(expected), received: jsonText(body.value) }];
}

function headers(expected: Expected, answer: Answer, failure: Report): readonly Failure[] {
  return [...expected.headers].flatMap(([name, value]) => {
    const received = answer.headers.get(name.toLowerCase());
    if (received === value) return [];
    const found = [{ path: name, expected: value, received }];
    return [
      failure(
        ['headers', name],
        received === undefined ? `There is no header "${name}".` : `The header "${name}" has another value.`,
        found,
      ),
    ];
  });
}

function count(
  { request, expect }: TestCase,
  answer: Answer,
  body: Body,
  failure: Report,
): readonly Failure[] {
  const { count: expected } = expect!;
  if (expected === undefined) return [];
  const rows = refusal(answer, body) ?? rowsOf(body, request?.kind === 'graphql');
  if (typeof rows === 'string') return [failure(['count'], rows)];
  if (rows === expected) return [];
  const there = rows === 1 ? '1 row came' : `${rows} rows came`;
  return [failure(['count'], `${there} back and not ${expected}.`)];
}

function refusal(answer: Answer, body: Body): string | undefined {
  if (answer.status >= 400) return `The answer is an error (${answer.status}) and has no rows.`;
  const errors = body.kind === 'json' && isObject(body.value) && Array.isArray(body.value.errors);
  return errors ? 'The answer is an error of GraphQL and has no rows.' : undefined;
}

/** A list's items; one object is one row. Of GraphQL: those of the only root field, written ones among them. */
function rowsOf(body: Body, graphql: boolean): number | string {
  if (body.kind === 'text')
    return body.value === '' ? 'The answer has no body, so no rows can be counted.' : 'The body is no JSON.';
  if (!graphql) return itemsOf(body.value);
  const data = isObject(body.value) && isObject(body.value.data) ? body.value.data : {};
  const [field, ...others] = Object.values(data);
  if (others.length > 0) return 'The document has several root fields: count is of one.';
  return isObject(field) && Array.isArray(field.returning) ? field.returning.length : itemsOf(field);
}

function itemsOf(value: unknown): number {
  if (Array.isArray(value)) return value.length;
  return value === null || value === undefined ? 0 : 1;
}

function hidden(expected: Expected, answer: Answer, body: Body, failure: Report): readonly Failure[] {
  if (expected.hidden.length === 0) return [];
  const refused = expected.status === undefined ? refusal(answer, body) : undefined;
  if (refused !== undefined)
    return [
      failure(
        ['hidden'],
        `${refused.replace(/ and has no rows\.$/, '')}, which proves nothing of columns: expect its status, or ask for what the role may read.`,
      ),
    ];
  return expected.hidden.flatMap((column, index) => {
    const places = placesOf(column, body);
    if (places.length === 0) return [];
    const found = places.map(({ path, value }) => ({ path, expected: undefined, received: jsonText(value) }));
    return [failure(['hidden', String(index)], `The column "${column}" came back.`, found)];
  });
}

interface Place {
  readonly path: string;
  readonly value: unknown;
}

/** Every key of that name at any depth; of CSV, a column of its first line. */
function placesOf(name: string, body: Body): readonly Place[] {
  if (body.kind === 'json') return [...keysNamed(name, body.value, '')];
  const [head = ''] = body.value.split(/\r?\n/, 1);
  return head.split(',').includes(name) ? [{ path: head, value: name }] : [];
}

function* keysNamed(name: string, value: unknown, path: string): Generator<Place> {
  if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) yield* keysNamed(name, item, `${path}[${index}]`);
    return;
  }
  if (!isObject(value)) return;
  for (const [key, item] of Object.entries(value)) {
    const place = path === '' ? key : `${path}.${key}`;
    if (key === name) yield { path: place, value: item };
    yield* keysNamed(name, item, place);
  }
}

export function bodyOf({ headers, body }: Answer): Body {
  const type = headers.get('content-type') ?? '';
  try {
    if (/^application\/x-ndjson\b/i.test(type))
      return { kind: 'json', value: body.split('\n').filter(Boolean).map(json) };
    if (body !== '' && /^application\/(?:[\w.+-]*\+)?json\b/i.test(type))
      return { kind: 'json', value: json(body) };
  } catch {
    // It says that it is JSON and is none: shown as it is.
  }
  return { kind: 'text', value: body };
}

function json(text: string): unknown {
  return parseJson(text, { depth: maxDepth });
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !JSON.isRawJSON(value);
}
