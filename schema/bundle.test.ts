import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Ajv } from 'ajv';
import fc from 'fast-check';
import { buildProject } from './build.ts';
import {
  novastackSchema, schemaFile, schemaText, serverSchema, serverSchemaFile, serverSchemaText,
} from './bundle.ts'; // biome-ignore format: a list
import { hasErrors } from './diagnostic.ts';
import { parseDocument } from './document.ts';
import { findProjects, readFolder } from './folder.ts';
import { parseServerConfig } from './server.ts';

const schemas = [
  { file: schemaFile, name: 'novastack.schema.json', schema: novastackSchema, text: schemaText },
  {
    file: serverSchemaFile,
    name: 'novastack.server.schema.json',
    schema: serverSchema,
    text: serverSchemaText,
  },
];

for (const { file, name, schema, text } of schemas) {
  test(`${name} is what the sections say`, async () => {
    const written = await readFile(file, 'utf8');
    assert.ok(written === text(), `${name} is stale: run node schema/bundle.ts`);
  });

  test(`${name} is valid JSON Schema without anything unknown in it`, () => {
    const ajv = new Ajv({ strict: true, strictTypes: false, strictRequired: false, allowUnionTypes: true });
    ajv.addVocabulary(['patternErrorMessage']);
    assert.ok(ajv.validateSchema(schema()));
    ajv.compile(schema());
  });

  test(`every key of ${name} has a text for the editor`, () => {
    const silent: string[] = [];
    const walk = (shape: unknown, path: string): void => {
      if (typeof shape !== 'object' || shape === null) return;
      const { properties, description: _description, ...rest } = shape as { readonly [key: string]: unknown };
      for (const [key, value] of Object.entries((properties ?? {}) as { readonly [key: string]: object })) {
        const { $ref, description } = value as { $ref?: string; description?: string };
        if (!$ref && !description) silent.push(`${path}/${key}`);
        walk(value, `${path}/${key}`);
      }
      for (const key of ['additionalProperties', 'items']) walk(rest[key], `${path}/*`);
      for (const branch of (rest.anyOf ?? []) as readonly unknown[]) walk(branch, path);
    };
    walk(schema(), '');
    assert.deepEqual(silent, []);
  });
}

const validate = new Ajv({ strict: false }).compile(novastackSchema());
const examples = await findProjects(fileURLToPath(new URL('../examples', import.meta.url)));

for (const example of examples) {
  test(`describes every file of examples/${basename(example)}, which has no error`, async () => {
    const folder = await readFolder(example);
    const { diagnostics } = buildProject(folder);
    assert.deepEqual(
      diagnostics.filter(({ severity }) => severity === 'error'),
      [],
    );
    for (const { path, text } of folder.files) {
      if (path.endsWith('.graphql')) continue;
      const value = parseDocument(path, text).document?.value;
      if (value !== undefined) assert.ok(validate(value), `${path}: ${JSON.stringify(validate.errors)}`);
    }
  });
}

test('there are examples', () => assert.ok(examples.length > 0));

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

const whole: Json = {
  novastack: 1,
  project: 'shop',
  databases: {
    main: { engine: 'postgres', url: '${env:A}', schemas: ['public'], pool: { max: 5, idle: '5s' } },
  },
  auth: { anonymous: 'a', jwt: [{ issuer: 'i', audience: 'x', jwks: 'https://i/k', role: 'role' }] },
  cors: { origins: ['*'] },
  roles: { a: {}, b: { inherits: ['a'], introspection: true } },
  tables: {
    t: {
      key: ['id'],
      columns: { c: { name: 'd', hidden: false } },
      relationships: {
        u: { column: 'u_id', to: 'u.id' },
        us: { from: 'u.t_id' },
        n: false,
        m: { through: 'u', to: 't' },
      },
      permissions: {
        a: {
          select: {
            columns: ['id'],
            where: { _or: [{ x: 1 }, { y: { _in: [1, 2] } }], z: { _not: { k: { _is_null: true } } } },
            limit: 5,
          },
        },
        b: {
          select: true,
          insert: { columns: '*', set: { o: '$jwt.sub' } },
          update: { columns: [], check: {} },
          delete: {},
        },
      },
    },
    u: {},
  },
  functions: { f: { permissions: { a: { execute: true } } } },
  limits: { rows: 5, body: '1MB', rate: { a: '5/min' }, dry_run: ['a'], numbers: 'number' },
  tests: [{ name: 'n', as: { role: 'a', claims: {} }, request: { get: '/x' }, expect: { status: 200 } }],
};

/** Every place in a value. */
function places(value: Json, path: readonly (string | number)[] = []): (readonly (string | number)[])[] {
  if (typeof value !== 'object' || value === null) return [path];
  const inner = Object.entries(value).flatMap(([key, item]) =>
    places(item, [...path, Array.isArray(value) ? Number(key) : key]),
  );
  return [path, ...inner];
}

/** The value with something done at a place. */
function change(value: Json, [step, ...rest]: readonly (string | number)[], put: Json | undefined): Json {
  if (step === undefined) return put ?? {};
  if (typeof value !== 'object' || value === null) return put ?? null;
  if (Array.isArray(value) && typeof step === 'string') return value;
  const copy = (Array.isArray(value) ? [...value] : { ...value }) as { [key: string | number]: Json };
  if (rest.length > 0) copy[step] = change(copy[step] ?? null, rest, put);
  else if (put !== undefined) copy[step] = put;
  else if (Array.isArray(copy)) copy.splice(Number(step), 1);
  else delete copy[step];
  return copy as Json;
}

const wholeServer: Json = {
  novastack: 1,
  listen: '0.0.0.0:4000',
  url: 'https://api.example.com',
  secret: { current: '${env:A}', previous: ['${env:B}'] },
  proxies: ['10.0.0.0/8'],
  operators: { ops: { token: '${env:D}', projects: ['shop'], may: ['read'] } },
  sources: {
    main: {
      url: 'https://github.com/acme/apis.git',
      ref: 'main',
      path: 'apis',
      interval: '60s',
      credentials: { username: 'me', password: '${env:E}' },
      verify: { gpg: ['${env:F}'] },
      projects: { shop: { as: 'shop-staging', hosts: ['a.example'], secrets: ['SHOP_*'], migrate: true } },
      trust: [{ audience: 'a', claims: { repository_id: 1, ref: ['refs/heads/main'] }, may: ['sync'] }],
      webhook: { secret: '${env:G}' },
      github: { token: '${env:H}', environment: 'production' },
    },
    other: { url: 'git@github.com:a/b', credentials: { key: '${env:I}', known_hosts: '${env:J}' } },
  },
  telemetry: { log: 'json' },
  limits: { bytes: '1MB' },
  drain: '5s',
};

const scraps: Json[] = [
  null,
  true,
  false,
  0,
  -1,
  1.5,
  7,
  '',
  'a',
  '*',
  'zz',
  '5s',
  '$jwt.sub',
  '$jwt',
  '${env:A}',
  [],
  ['a'],
  [1],
  {},
  { a: 1 },
  { where: {} },
  { _eq: 1 },
  [{}],
  { columns: ['a'] },
  [null],
];

const mutated = (whole: Json) =>
  fc
    .array(
      fc.tuple(
        fc.nat(),
        fc.constantFrom('put', 'drop', 'add'),
        fc.constantFrom(...scraps),
        fc.constantFrom('zz', '_eq', 'where', 'a', 'from', '__proto__', 'columns'),
      ),
      { minLength: 1, maxLength: 3 },
    )
    .map((changes) => {
      return changes.reduce((value: Json, [seed, what, scrap, key]) => {
        const all = places(value);
        const place = all[seed % all.length]!;
        if (what === 'put') return change(value, place, scrap);
        if (what === 'drop') return change(value, place, undefined);
        return change(value, [...place.filter((_, index) => index < place.length - 1), key], scrap);
      }, whole);
    });

test('whatever novastack.schema.json refuses, the build refuses too, at a place', () => {
  fc.assert(
    fc.property(mutated(whole), (value) => {
      const text = JSON.stringify(value);
      const { document } = parseDocument('novastack.yaml', text);
      const { diagnostics } = buildProject({
        root: '/',
        files: [{ path: 'novastack.yaml', text }],
        diagnostics: [],
      });
      for (const { source } of diagnostics) assert.ok(source, 'a finding without a place');
      const known = typeof value === 'object' && value !== null && !Array.isArray(value);
      if (known && document && !validate(document.value))
        assert.ok(hasErrors(diagnostics), JSON.stringify(validate.errors));
    }),
    { numRuns: 500 },
  );
});

const validateServer = new Ajv({ strict: false }).compile(serverSchema());
const serverFile = { file: 'server.yaml', directory: '/etc/novastack' };

test('whatever novastack.server.schema.json refuses, the engine refuses too, at a place', () => {
  const { value, diagnostics } = parseServerConfig(JSON.stringify(wholeServer), serverFile);
  assert.deepEqual(diagnostics, []);
  assert.ok(value && validateServer(wholeServer), JSON.stringify(validateServer.errors));
  fc.assert(
    fc.property(mutated(wholeServer), (changed) => {
      const text = JSON.stringify(changed);
      const { value, diagnostics } = parseServerConfig(text, serverFile);
      for (const { source } of diagnostics) assert.ok(source, 'a finding without a place');
      assert.equal(value === undefined, hasErrors(diagnostics));
      const { document } = parseDocument('server.yaml', text);
      if (document && !validateServer(document.value))
        assert.equal(value, undefined, JSON.stringify(validateServer.errors));
    }),
    { numRuns: 500 },
  );
});

const pieces = fc.constantFrom(
  '{',
  '}',
  '[',
  ']',
  ':',
  ',',
  '&a ',
  '*a',
  '!x ',
  '\t',
  '\n',
  '- ',
  '? ',
  '"',
  "'",
  '|',
  '>',
  '#',
  '%',
  '${',
  '$jwt[',
  '\u0000',
  '\ud800',
  '---\n',
  '<<: ',
);

/** A text with some of it replaced. */
const broken = (text: string) =>
  fc
    .array(fc.tuple(fc.nat(text.length), fc.nat(6), pieces), { minLength: 1, maxLength: 6 })
    .map((cuts) =>
      cuts.reduce(
        (before, [at, length, piece]) => before.slice(0, at) + piece + before.slice(at + length),
        text,
      ),
    );

test('no text whatever makes the build throw', () => {
  const text = JSON.stringify(whole, null, 1);
  fc.assert(
    fc.property(broken(text), (text) => {
      const { diagnostics } = buildProject({
        root: '/',
        files: [{ path: 'novastack.yaml', text }],
        diagnostics: [],
      });
      for (const { source } of diagnostics)
        assert.ok(source && source.span.start.line >= 1 && source.span.start.column >= 1);
    }),
    { numRuns: 500 },
  );
});

test('no server.yaml whatever makes it throw, and no secret in it is ever shown', () => {
  const text = JSON.stringify(wholeServer, null, 1).replace(/\$\{env:[A-Z]\}/g, 'hunter2');
  const shows = (text: string) => {
    const { value, diagnostics } = parseServerConfig(text, serverFile);
    assert.equal(value === undefined, hasErrors(diagnostics));
    for (const { source } of diagnostics) assert.ok(source && source.span.start.line >= 1);
    // A key is a name, and names are told.
    const isKey = JSON.stringify(keysOf(parseDocument('server.yaml', text).document?.value)).includes(
      'hunter2',
    );
    if (!isKey) assert.doesNotMatch(JSON.stringify(diagnostics), /hunter2/);
  };
  fc.assert(fc.property(broken(text), shows), { numRuns: 1000 });
  const literal = JSON.parse(text) as Json;
  fc.assert(
    fc.property(
      mutated(literal).map((value) => JSON.stringify(value)),
      shows,
    ),
    { numRuns: 1000 },
  );
});

function keysOf(value: unknown): readonly string[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, item]) => [key, ...keysOf(item)]);
}
