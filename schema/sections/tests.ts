/** `tests`: what must hold, as requests and as plain statements about rights. */
import Type, { type Static } from 'typebox';
import type { Draft } from '../draft.ts';
import { didYouMean } from '../nearest.ts';
import type { Literal, Path } from '../predicate.ts';
import { type TestCase, type Verb, verbs } from '../project.ts';
import { anything, choice, count, either, list, named, object, optional, text } from '../shape.ts';

const methods = ['get', 'head', 'post', 'put', 'patch', 'delete'] as const;

const target = (method: string) =>
  text(`Path of a ${method}, from the project's root: /rest/v1/books?select=id.`, {
    pattern: '^/',
    expects: 'a path that begins with "/", such as /rest/v1/books',
  });

const headers = (description: string) => named(Type.String(), description);

const Request = object(
  {
    get: optional(target('GET')),
    head: optional(target('HEAD')),
    post: optional(target('POST')),
    put: optional(target('PUT')),
    patch: optional(target('PATCH')),
    delete: optional(target('DELETE')),
    graphql: optional(text('A GraphQL document, for POST /graphql/v1.')),
    variables: optional(anything('Variables of the GraphQL document.')),
    body: optional(anything('The body, as JSON; a text goes out as it is under another Content-Type.')),
    prefer: optional(text('The Prefer header: return=representation, count=exact.')),
    headers: optional(headers('Further headers.')),
  },
  'The request: one verb with its path, or graphql.',
  { oneOf: [...methods, 'graphql'].map((key) => ({ required: [key] })) },
);

const Expect = object(
  {
    status: optional(count('The HTTP status.', 100, 599)),
    body: optional(
      anything('The whole body, exactly: lists in this order, objects with these keys in any order.'),
    ),
    contains: optional(
      anything('What the body must contain: objects may have further keys, lists further items.'),
    ),
    headers: optional(headers('Headers of the answer, with exactly these values.')),
    count: optional(count('How many rows come back.', 0)),
    hidden: optional(
      list(text('Name of a column in the API.'), 'Columns that must not come back, at any depth.'),
    ),
  },
  'What the answer must be.',
);

const rights = (description: string) =>
  named(list(choice(verbs, 'A verb.'), undefined, { minItems: 1 }), description);

const Test = object(
  {
    name: text('What must hold, as a sentence.'),
    as: either(
      [
        Type.Literal('anonymous', { description: 'No token is sent.' }),
        object({
          role: text('Name of a role.'),
          claims: optional(named(anything('A claim.'), 'Further claims of the token.')),
        }),
      ],
      'Who asks: anonymous, or a token with this role and these claims.',
    ),
    request: optional(Request),
    expect: optional(Expect),
    given: optional(
      named(
        list(named(anything('A value.'), 'A row.')),
        'Rows by table that are there for this test only, inserted past every permission.',
      ),
    ),
    denied: optional(rights('Verbs by table that the role must not have.')),
    allowed: optional(rights('Verbs by table that the role must have.')),
  },
  'One test.',
);

export const tests = list(Test, 'What must hold. Lists of several files are joined.');

export function readTests(draft: Draft): readonly TestCase[] {
  const result: TestCase[] = [];
  for (const index of draft.items(['tests'])) {
    const path = ['tests', index];
    for (const key of ['given', 'denied', 'allowed'] as const) checkTables(draft, [...path, key]);
    const raw = draft.read(path, Test);
    if (!raw) continue;
    checkShape(draft, path, raw);
    result.push({
      name: raw.name,
      as: raw.as === 'anonymous' ? 'anonymous' : { role: raw.as.role, claims: raw.as.claims ?? {} },
      request: readRequest(draft, path, raw),
      expect: raw.expect && {
        status: raw.expect.status,
        body: raw.expect.body,
        contains: raw.expect.contains,
        headers: mapOf(raw.expect.headers),
        count: raw.expect.count,
        hidden: raw.expect.hidden ?? [],
      },
      given: mapOf(raw.given),
      denied: mapOf<readonly Verb[]>(raw.denied),
      allowed: mapOf<readonly Verb[]>(raw.allowed),
      path,
    });
  }
  return result;
}

function checkShape(draft: Draft, path: Path, raw: Static<typeof Test>): void {
  if (!raw.request && !raw.denied && !raw.allowed) {
    draft.error('MISSING_KEY', path, `The test "${raw.name}" tests nothing.`, {
      hint: 'add request: and expect:, or denied: or allowed:',
    });
  }
  if (raw.request && !raw.expect) {
    draft.error(
      'MISSING_KEY',
      [...path, 'request'],
      `The test "${raw.name}" makes a request but expects nothing.`,
      {
        hint: 'add expect: { status: 200 }',
        part: 'key',
      },
    );
  }
  for (const key of ['expect', 'given'] as const) {
    if (raw.request || !raw[key]) continue;
    draft.error('MISSING_KEY', [...path, key], `The test "${raw.name}" has "${key}" but makes no request.`, {
      hint: 'add request:',
      part: 'key',
    });
  }
}

function readRequest(draft: Draft, path: Path, test: Static<typeof Test>): TestCase['request'] {
  const raw = test.request;
  if (!raw) return undefined;
  const place = [...path, 'request'];
  const ways = [...methods, 'graphql' as const].filter((key) => raw[key] !== undefined);
  const [way, other] = ways;
  if (way === undefined) {
    draft.error('MISSING_KEY', place, `The request of the test "${test.name}" has no verb.`, {
      hint: 'add get, head, post, put, patch or delete with a path, or graphql',
      part: 'key',
    });
    return undefined;
  }
  if (other !== undefined) {
    draft.error('EXCLUSIVE_KEYS', [...place, other], `The request has both "${way}" and "${other}".`, {
      hint: 'give each request a test of its own',
      part: 'key',
    });
    return undefined;
  }
  const graphql = way === 'graphql';
  for (const key of graphql ? (['body', 'prefer'] as const) : (['variables'] as const)) {
    if (raw[key] === undefined) continue;
    draft.error('EXCLUSIVE_KEYS', [...place, key], `The request has both "${way}" and "${key}".`, {
      hint: graphql ? 'use variables with graphql' : 'use body with a verb',
      part: 'key',
    });
  }
  if (way === 'graphql') {
    return { kind: 'graphql', document: raw.graphql!, variables: raw.variables, headers: mapOf(raw.headers) };
  }
  const method = way.toUpperCase() as Uppercase<typeof way>;
  return {
    kind: 'rest',
    method,
    path: raw[way]!,
    body: raw.body,
    prefer: raw.prefer,
    headers: mapOf(raw.headers),
  };
}

function checkTables(draft: Draft, path: Path): void {
  const tables = draft.declared('tables');
  if (!draft.complete) return;
  for (const table of draft.names(path)) {
    if (tables.has(table)) continue;
    draft.error('UNKNOWN_TABLE', [...path, table], `There is no table "${table}" under tables:.`, {
      hint: didYouMean(table, tables) ?? 'list it under tables: first',
      part: 'key',
    });
  }
}

function mapOf<T extends Literal | readonly string[]>(
  raw: { readonly [name: string]: T } | undefined,
): ReadonlyMap<string, T> {
  return new Map(Object.entries(raw ?? {}));
}
