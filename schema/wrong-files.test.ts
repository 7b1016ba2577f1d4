/** Files that must be refused, each with the code and the place. `▸` marks the place, and is not part of the file. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Ajv } from 'ajv';
import { buildProject } from './build.ts';
import { novastackSchema } from './bundle.ts';
import { parseDocument } from './document.ts';

/** What the wrong file stands beside. */
const beside = `
novastack: 1
project: shop
databases: { main: { engine: embedded } }
roles: { visitor: {}, staff: {}, service: { everything: true } }
tables: { authors: { database: main }, stock.shelves: { database: main } }
`;

interface Wrong {
  readonly name: string;
  readonly code: string;
  /** The wrong file, with the mark. */
  readonly text: string;
  /** Whether JSON Schema can say it, so that an editor shows it. */
  readonly schema: boolean;
  /** Instead of `beside`. */
  readonly beside?: string;
}

const wrong = (name: string, code: string, text: string, schema = true, other?: string): Wrong => {
  return { name, code, text, schema, ...(other === undefined ? {} : { beside: other }) };
};
const table = (body: string) => `tables:\n  books:\n${body.replace(/^/gm, '    ')}`;
const select = (body: string) =>
  table(`permissions:\n  visitor:\n    select:\n      columns: "*"\n      ${body}`);
const where = (body: string) => select(`where: ${body}`);
const columns = (body: string) => table(`permissions:\n  visitor:\n    select:\n      columns: ${body}`);

const cases: readonly Wrong[] = [
  // What every file is.
  wrong('a key that is not known', 'UNKNOWN_KEY', 'roles: {}\n▸tabels: {}'),
  wrong('a project without a name', 'MISSING_KEY', '▸novastack: 1', false, ''),
  wrong('a project without a version of the language', 'MISSING_KEY', '▸project: shop', false, ''),
  wrong('another version of the language', 'WRONG_VALUE', 'novastack: ▸2\nproject: shop', true, ''),
  wrong('a version that is a text', 'WRONG_TYPE', 'novastack: ▸"1"\nproject: shop', true, ''),
  wrong('a project whose name is no slug', 'WRONG_VALUE', 'novastack: 1\nproject: ▸Book Shop', true, ''),
  wrong('a project whose name is a number', 'WRONG_TYPE', 'novastack: 1\nproject: ▸2024', true, ''),
  wrong('a title that is a list', 'WRONG_TYPE', 'title: ▸[a]'),
  wrong('a section that is a list', 'WRONG_TYPE', 'functions: ▸[search]'),
  wrong('tests that are an object', 'WRONG_TYPE', 'tests: ▸{}'),

  // Databases.
  wrong(
    'an engine that is not known',
    'WRONG_VALUE',
    'databases:\n  other: { engine: ▸postgresql, url: "${env:A}" }',
  ),
  wrong('a database without an engine', 'MISSING_KEY', 'databases:\n  ▸other: { url: "${env:A}" }'),
  wrong('a database without a url', 'MISSING_KEY', 'databases:\n  ▸other: { engine: postgres }'),
  wrong(
    'a url of an embedded database',
    'URL_OF_EMBEDDED',
    'databases:\n  other: { engine: embedded, ▸url: "${env:A}" }',
  ),
  wrong(
    'a password as plain text',
    'LITERAL_PASSWORD',
    'databases:\n  other: { engine: postgres, url: ▸"postgres://a:secret@h/d" }',
    false,
  ),
  wrong(
    'a password in the query of a url',
    'LITERAL_PASSWORD',
    'databases:\n  other: { engine: postgres, url: ▸"postgres://h/d?password=secret" }',
    false,
  ),
  wrong(
    'a url of another engine',
    'WRONG_VALUE',
    'databases:\n  other: { engine: mysql, url: ▸"postgres://${env:HOST}/d" }',
    false,
  ),
  wrong(
    'a search path of MySQL',
    'WRONG_VALUE',
    'databases:\n  other: { engine: mysql, url: "${env:A}", ▸search_path: [x] }',
    false,
  ),
  wrong(
    'a database of a MySQL server itself',
    'RESERVED_SCHEMA',
    'databases:\n  other: { engine: mysql, url: "${env:A}", schemas: [public, ▸Mysql] }',
    false,
  ),
  wrong(
    'a url without a scheme',
    'WRONG_VALUE',
    'databases:\n  other: { engine: postgres, url: ▸localhost }',
    false,
  ),
  wrong(
    'a reference of another form',
    'REFERENCE_MALFORMED',
    'databases:\n  other:\n    engine: postgres\n    url: ▸${BOOKS_URL}',
    false,
  ),
  wrong('a name of a database that is no slug', 'WRONG_NAME', 'databases:\n  ▸a/b: { engine: embedded }'),
  wrong(
    'a reserved schema',
    'RESERVED_SCHEMA',
    'databases:\n  other: { engine: embedded, schemas: [public, ▸auth] }',
    false,
  ),
  wrong('no schemas', 'WRONG_VALUE', 'databases:\n  other: { engine: embedded, schemas: ▸[] }'),
  wrong(
    'migrations outside of the project',
    'WRONG_VALUE',
    'databases:\n  other: { engine: embedded, migrations: ▸../sql }',
  ),
  wrong(
    'a pool of no connections',
    'WRONG_VALUE',
    'databases:\n  other: { engine: embedded, pool: { max: ▸0 } }',
  ),
  wrong('a duration without a unit', 'WRONG_TYPE', 'databases:\n  other: { engine: embedded, timeout: ▸10 }'),
  wrong(
    'a duration in another unit',
    'WRONG_VALUE',
    'databases:\n  other: { engine: embedded, timeout: ▸10sec }',
  ),
  wrong(
    'a duration past what a timer can wait',
    'WRONG_VALUE',
    'databases:\n  other: { engine: embedded, pool: { idle: ▸30d } }',
    false,
  ),
  wrong(
    'a mode of the pool that is not known',
    'WRONG_VALUE',
    'databases:\n  other: { engine: embedded, pool: { mode: ▸sesion } }',
  ),

  // Callers.
  wrong('an issuer without a key', 'MISSING_KEY', 'auth:\n  jwt:\n    - ▸{ issuer: i, audience: a }'),
  wrong(
    'an issuer with two keys',
    'EXCLUSIVE_KEYS',
    'auth:\n  jwt:\n    - { issuer: i, audience: a, jwks: "https://i/k", ▸secret: "${env:A}" }',
  ),
  wrong(
    'an issuer without an audience',
    'MISSING_KEY',
    'auth:\n  jwt:\n    - ▸{ issuer: i, jwks: "https://i/k" }',
  ),
  wrong(
    'a short secret',
    'SHORT_SECRET',
    'auth:\n  jwt:\n    - { issuer: i, audience: a, secret: ▸short }',
    false,
  ),
  wrong(
    'keys over plain http',
    'WRONG_VALUE',
    'auth:\n  jwt:\n    - { issuer: i, audience: a, jwks: ▸"http://i/k" }',
    false,
  ),
  wrong(
    'an issuer twice',
    'DECLARED_TWICE',
    'auth:\n  jwt:\n    - { issuer: i, audience: a, jwks: "https://i/k" }\n    - { issuer: ▸i, audience: b, jwks: "https://i/k" }',
    false,
  ),
  wrong(
    'the path of a claim that is none',
    'WRONG_VALUE',
    'auth:\n  jwt:\n    - { issuer: i, audience: a, jwks: "https://i/k", role: ▸"a..b" }',
    false,
  ),
  wrong('an anonymous role that is not declared', 'UNKNOWN_ROLE', 'auth: { anonymous: ▸visitr }', false),
  wrong(
    'an anonymous role that may do everything',
    'EVERYTHING_ANONYMOUS',
    'auth: { anonymous: ▸service }',
    false,
  ),
  wrong('an origin with a path', 'WRONG_VALUE', 'cors: { origins: [▸"https://a.example/b"] }'),

  // Roles.
  wrong(
    'a role that inherits one that is not declared',
    'UNKNOWN_ROLE',
    'roles:\n  editor: { inherits: [visitor, ▸staf] }',
    false,
  ),
  wrong(
    'a role that inherits everything',
    'EVERYTHING_INHERITED',
    'roles:\n  editor: { inherits: [▸service] }',
    false,
  ),
  wrong(
    'roles that inherit each other',
    'INHERITANCE_CYCLE',
    'roles:\n  a: { inherits: [b] }\n  b: { inherits: ▸[a] }',
    false,
  ),
  wrong('a role with nothing behind it', 'WRONG_TYPE', 'roles:\n  ▸editor:'),
  wrong('a flag in the manner of YAML 1.1', 'WRONG_TYPE', 'roles:\n  editor: { introspection: ▸no }'),
  wrong(
    'two inherited grants that differ',
    'AMBIGUOUS_GRANT',
    'roles:\n  both: { inherits: ▸[visitor, staff] }\n' +
      table('permissions: { visitor: { delete: { where: { a: 1 } } }, staff: { delete: true } }'),
    false,
  ),

  // Tables.
  wrong('a key of a table that is not known', 'UNKNOWN_KEY', table('▸colums: {}')),
  wrong('a table in a database that is not declared', 'UNKNOWN_DATABASE', table('database: ▸mian'), false),
  wrong(
    'a table that does not say which database',
    'MISSING_KEY',
    'tables:\n  ▸books: {}',
    false,
    'novastack: 1\nproject: shop\ndatabases: { a: { engine: embedded }, b: { engine: embedded } }',
  ),
  wrong('a relation of a reserved schema', 'RESERVED_SCHEMA', table('relation: ▸novastack.journal'), false),
  wrong('a table named as one of a reserved schema', 'RESERVED_SCHEMA', 'tables:\n  ▸auth.users: {}', false),
  wrong('a relation without a name', 'WRONG_VALUE', table('relation: ▸public.'), false),
  wrong('a key without columns', 'WRONG_VALUE', table('key: ▸[]')),
  wrong('a key that is a text', 'WRONG_TYPE', table('key: ▸id')),
  wrong('a column that is hidden by a text', 'WRONG_TYPE', table('columns: { cost: { hidden: ▸yes } }')),
  wrong(
    'two columns with one name',
    'DECLARED_TWICE',
    table('columns:\n  a: { name: x }\n  b: { name: ▸x }'),
    false,
  ),
  wrong('a table that is declared twice', 'DECLARED_TWICE', 'tables:\n  ▸authors: {}', false),
  wrong(
    'a reference where it is not resolved',
    'REFERENCE_NOT_ALLOWED',
    table('description: ▸"${env:TEXT}"'),
    false,
  ),

  // Relationships.
  wrong('a relationship that says nothing', 'MISSING_KEY', table('relationships:\n  ▸author: {}')),
  wrong('a relationship to true', 'WRONG_TYPE', table('relationships:\n  author: ▸true')),
  wrong(
    'a relationship without its far end',
    'MISSING_KEY',
    table('relationships:\n  ▸author: { column: author_id }'),
  ),
  wrong(
    'a relationship of two kinds',
    'EXCLUSIVE_KEYS',
    table('relationships:\n  author: { column: author_id, to: authors, ▸from: authors.id }'),
  ),
  wrong(
    'a relationship to many with a far end',
    'EXCLUSIVE_KEYS',
    table('relationships:\n  shelf: { from: authors.id, ▸to: authors }'),
  ),
  wrong(
    'a relationship to a table that is not listed',
    'UNKNOWN_TABLE',
    table('relationships:\n  author: { column: author_id, to: ▸autors.id }'),
    false,
  ),
  wrong(
    'a relationship from a table without its column',
    'MISSING_KEY',
    table('relationships:\n  all: { from: ▸authors }'),
    false,
  ),
  wrong(
    'a relationship through a table that is not listed',
    'UNKNOWN_TABLE',
    table('relationships:\n  all: { through: ▸links, to: authors }'),
    false,
  ),
  wrong(
    'a relationship of one column to two',
    'WRONG_VALUE',
    table('relationships:\n  shelf: { column: no, to: ▸{ table: stock.shelves, columns: [room, no] } }'),
    false,
  ),

  // Permissions.
  wrong(
    'a grant to a role that is not declared',
    'UNKNOWN_ROLE',
    table('permissions:\n  ▸visiter: { select: true }'),
    false,
  ),
  wrong('a verb that is not known', 'UNKNOWN_KEY', table('permissions:\n  visitor: { ▸selct: true }')),
  wrong('a verb that is false', 'WRONG_TYPE', table('permissions:\n  visitor: { select: ▸false }')),
  wrong(
    'a verb without columns',
    'MISSING_KEY',
    table('permissions:\n  visitor: { ▸select: { where: {} } }'),
  ),
  wrong(
    'columns that are a name',
    'WRONG_TYPE',
    table('permissions:\n  visitor: { select: { columns: ▸id } }'),
  ),
  wrong(
    'columns with a number in them',
    'WRONG_TYPE',
    table('permissions:\n  visitor: { select: { columns: [id, ▸5] } }'),
  ),
  wrong(
    'a star in a list of columns',
    'WRONG_VALUE',
    table('permissions:\n  visitor: { select: { columns: [▸"*"] } }'),
    false,
  ),
  wrong(
    'a column listed twice',
    'LISTED_TWICE',
    table('permissions:\n  visitor: { select: { columns: [a, ▸a] } }'),
    false,
  ),
  wrong('a limit of none', 'WRONG_VALUE', select('limit: ▸0')),
  wrong('a limit that is a fraction', 'WRONG_TYPE', select('limit: ▸1.5')),
  wrong('a check of a read', 'UNKNOWN_KEY', select('▸check: {}')),
  wrong('groups of one row', 'WRONG_VALUE', select('aggregate: { min_group: ▸1 }')),
  wrong('a part of a group', 'WRONG_TYPE', select('aggregate: { min_group: ▸2.5 }')),
  wrong('groups of no size', 'MISSING_KEY', select('▸aggregate: {}')),
  wrong('another key of groups', 'UNKNOWN_KEY', select('aggregate: { min_group: 5, ▸max_group: 9 }')),
  wrong('a column that is not readable', 'WRONG_TYPE', columns('{ a: ▸false }')),
  wrong('a column without its condition', 'PREDICATE_SHAPE', columns('{ a: { ▸when: } }')),
  wrong('a column with another key', 'UNKNOWN_KEY', columns('{ a: { when: {}, ▸where: {} } }')),
  wrong('a condition of every column', 'WRONG_VALUE', columns('{ "*": { ▸when: { id: 1 } } }'), false),
  wrong(
    'a condition of a column with an operator that is not known',
    'PREDICATE_OPERATOR',
    columns('{ a: { when: { id: { ▸_gtt: 1 } } } }'),
    false,
  ),
  wrong(
    'a condition of a column over a table that is not listed',
    'UNKNOWN_TABLE',
    columns('{ a: { when: { _exists: { table: ▸author, where: {} } } } }'),
    false,
  ),
  wrong(
    'conditions of columns that are written',
    'WRONG_TYPE',
    table('permissions:\n  visitor: { insert: { columns: ▸{ a: { when: {} } } } }'),
  ),
  wrong(
    'a column that is preset and writable',
    'SET_AND_COLUMNS',
    table('permissions:\n  visitor: { insert: { columns: [a], set: { ▸a: 1 } } }'),
    false,
  ),

  // Predicates.
  wrong('a condition with nothing behind it', 'PREDICATE_SHAPE', select('▸where:')),
  wrong('a condition that is true', 'PREDICATE_SHAPE', where('▸true')),
  wrong('a list as a short form', 'PREDICATE_SHORTHAND', where('{ id: ▸[1, 2] }')),
  wrong('null as a short form', 'PREDICATE_SHORTHAND', where('{ id: ▸null }')),
  wrong('an operator that is not known', 'PREDICATE_OPERATOR', where('{ id: { ▸_gtt: 1 } }'), false),
  wrong('an operator without a column', 'PREDICATE_OPERATOR', where('{ ▸_eq: 1 }')),
  wrong('one value where a list is needed', 'PREDICATE_OPERAND', where('{ id: { _in: ▸1 } }')),
  wrong('null in a list', 'PREDICATE_OPERAND', where('{ id: { _in: ▸[1, null] } }')),
  wrong('equal to null', 'PREDICATE_OPERAND', where('{ id: { _eq: ▸null } }')),
  wrong('null or not by a text', 'PREDICATE_OPERAND', where('{ id: { _is_null: ▸"yes" } }')),
  wrong('a pattern that is a number', 'PREDICATE_OPERAND', where('{ id: { _like: ▸5 } }')),
  wrong('a column compared with a number', 'PREDICATE_OPERAND', where('{ id: { _ceq: ▸5 } }')),
  wrong('an order of lists', 'PREDICATE_OPERAND', where('{ id: { _gt: ▸[1] } }')),
  wrong('alternatives that are an object', 'PREDICATE_SHAPE', where('{ _or: ▸{ a: 1 } }')),
  wrong(
    'a row of a table that is not listed',
    'UNKNOWN_TABLE',
    where('{ _exists: { table: ▸author, where: {} } }'),
    false,
  ),
  wrong(
    'a row of another table without a condition',
    'PREDICATE_SHAPE',
    where('{ ▸_exists: { table: authors } }'),
  ),
  wrong('a claim without its name', 'PREDICATE_EXPANSION', where('{ owner: ▸$jwt }'), false),
  wrong('a claim in capitals', 'PREDICATE_EXPANSION', where('{ owner: ▸$JWT.sub }'), false),
  wrong('a claim in a list', 'PREDICATE_EXPANSION', where('{ owner: { _in: [▸$jwt.a, 1] } }'), false),
  wrong(
    'a count without a condition',
    'PREDICATE_SHAPE',
    where('{ reviews_aggregate: { ▸count: {} } }'),
    false,
  ),
  wrong(
    'an aggregate that does not choose rows',
    'PREDICATE_SHAPE',
    where('{ reviews_aggregate: { ▸sum: {} } }'),
    false,
  ),
  wrong('a reference in a condition', 'REFERENCE_NOT_ALLOWED', where('{ owner: ▸"${env:OWNER}" }'), false),

  // Functions and limits.
  wrong(
    'a right of a function that is not known',
    'UNKNOWN_KEY',
    'functions: { f: { permissions: { visitor: { ▸excute: true, execute: true } } } }',
  ),
  wrong('a size without a unit', 'WRONG_TYPE', 'limits: { body: ▸1000000 }'),
  wrong('a size in another unit', 'WRONG_VALUE', 'limits: { body: ▸1Mb }'),
  wrong('a body past what is held in memory', 'WRONG_VALUE', 'limits: { body: ▸2GB }', false),
  wrong('a rate of another form', 'WRONG_VALUE', 'limits: { rate: { visitor: ▸60 per minute } }'),
  wrong(
    'a rate of a role that is not declared',
    'UNKNOWN_ROLE',
    'limits: { rate: { ▸vistor: 60/min } }',
    false,
  ),
  wrong('a dry run of a role that is not declared', 'UNKNOWN_ROLE', 'limits: { dry_run: [▸stuff] }', false),
  wrong('limits that are negative', 'WRONG_VALUE', 'limits: { rows: ▸-1 }'),
  wrong('docs that are a list', 'WRONG_TYPE', 'docs: ▸[visitor]'),
  wrong('docs outside the project', 'WRONG_VALUE', 'docs: { folder: ▸../handbook }'),
  wrong('a key of docs that is not known', 'UNKNOWN_KEY', 'docs: { ▸rolls: [visitor] }'),
  wrong('docs of one role without a list', 'WRONG_TYPE', 'docs: { roles: ▸visitor }'),
  wrong('docs of a role that is not declared', 'UNKNOWN_ROLE', 'docs: { roles: [visitor, ▸stuff] }', false),
  wrong('operations that are a list', 'WRONG_TYPE', 'operations: ▸[operations]'),
  wrong('operations outside the project', 'WRONG_VALUE', 'operations: { folder: ▸../shared }'),
  wrong('a key of operations that is not known', 'UNKNOWN_KEY', 'operations: { ▸onyl: [visitor] }'),
  wrong('one role without a list', 'WRONG_TYPE', 'operations: { only: ▸visitor }'),
  wrong(
    'operations of a role that is not declared',
    'UNKNOWN_ROLE',
    'operations: { only: [▸vistor] }',
    false,
  ),
  wrong(
    'an operation for a role that is not declared',
    'UNKNOWN_ROLE',
    'operations: { roles: { BookList: [visitor, ▸staf] } }',
    false,
  ),
  wrong(
    'an operation whose name is none of GraphQL',
    'WRONG_NAME',
    'operations: { roles: { ▸book-list: [staff] } }',
  ),
  wrong('a cost of nothing', 'WRONG_VALUE', 'limits: { cost: ▸0 }'),
  wrong('selections without end', 'WRONG_VALUE', 'limits: { graphql: { depth: ▸101 } }'),
  wrong('no root field', 'WRONG_VALUE', 'limits: { graphql: { roots: ▸0 } }'),
  wrong('a limit of documents that is a text', 'WRONG_TYPE', 'limits: { graphql: { tokens: ▸many } }'),
  wrong('a limit of documents that is not known', 'UNKNOWN_KEY', 'limits: { graphql: { ▸alias: 3 } }'),
  wrong('limits of documents that are a number', 'WRONG_TYPE', 'limits: { graphql: ▸7 }'),
  wrong(
    'a limit of a role that only the project has',
    'UNKNOWN_KEY',
    'roles:\n  editor: { limits: { ▸rows: 5 } }',
  ),
  wrong(
    'a limit of a role out of range',
    'WRONG_VALUE',
    'roles:\n  editor: { limits: { graphql: { batch: ▸101 } } }',
  ),

  // Tests.
  wrong('a test without a caller', 'MISSING_KEY', 'tests:\n  - ▸{ name: t, denied: { authors: [select] } }'),
  wrong(
    'a test of a role that is not declared',
    'UNKNOWN_ROLE',
    'tests:\n  - { name: t, as: { role: ▸staf }, denied: { authors: [select] } }',
    false,
  ),
  wrong('a test that tests nothing', 'MISSING_KEY', 'tests:\n  - ▸{ name: t, as: anonymous }', false),
  wrong(
    'a request without a verb',
    'MISSING_KEY',
    'tests:\n  - { name: t, as: anonymous, ▸request: {}, expect: {} }',
  ),
  wrong(
    'a request with two verbs',
    'EXCLUSIVE_KEYS',
    'tests:\n  - { name: t, as: anonymous, request: { get: /a, ▸post: /b }, expect: {} }',
  ),
  wrong(
    'a verb that nobody has',
    'WRONG_VALUE',
    'tests:\n  - { name: t, as: anonymous, denied: { authors: [▸read] } }',
  ),
  wrong(
    'a test of a table that is not listed',
    'UNKNOWN_TABLE',
    'tests:\n  - { name: t, as: anonymous, denied: { ▸author: [select] } }',
    false,
  ),
  wrong(
    'a path that is none',
    'WRONG_VALUE',
    'tests:\n  - { name: t, as: anonymous, request: { get: ▸rest/v1 }, expect: {} }',
  ),

  // YAML.
  wrong('a key that is written twice', 'YAML_DUPLICATE_KEY', `roles: { a: {} }\n▸roles: { b: {} }`, false),
  wrong('a tag', 'YAML_TAG', 'roles: ▸!!map {}', false),
  wrong('two documents', 'YAML_SEVERAL_DOCUMENTS', 'roles: {}\n▸---\ntables: {}', false),
  wrong('a tab as indentation', 'YAML_SYNTAX', 'roles:\n▸\ta: {}', false),
  wrong(
    'a reference that is not quoted in braces',
    'YAML_UNQUOTED_REFERENCE',
    'databases:\n  b: { url: ▸${env:URL}, engine: postgres }',
    false,
  ),
  wrong(
    'a claim in brackets that is not quoted in braces',
    'YAML_UNQUOTED_REFERENCE',
    where('{ a: ▸$jwt["x"] }'),
    false,
  ),
  wrong('an alias to nothing', 'YAML_ALIAS', 'roles: { a: ▸*b }', false),
  wrong('a merge key', 'YAML_MERGE_KEY', 'roles: { a: &a {}, b: { ▸<<: *a } }', false),
  wrong('a key that is a list', 'YAML_KEY', 'roles: { ? ▸[a] : {} }', false),
  wrong('a number that would be rounded', 'YAML_NUMBER', where('{ price: ▸0.12345678901234567891 }'), false),
  wrong('a NUL', 'YAML_CONTROL_CHARACTER', 'title: "a▸\u0000"', false),
  wrong('a text that does not end', 'YAML_SYNTAX', 'title: "a\n▸', false),
];

/** The text without its mark, and where the mark was. */
function unmark(text: string): { text: string; line: number; column: number } {
  const before = text.slice(0, text.indexOf('▸')).split('\n');
  return { text: text.replace('▸', ''), line: before.length, column: before.at(-1)!.length + 1 };
}

for (const { name, code, text: marked, beside: other = beside } of cases) {
  test(`refuses ${name}`, () => {
    const { text, line, column } = unmark(marked);
    const alone = other === '';
    const file = alone ? 'novastack.yaml' : 'wrong.yaml';
    const files = [{ path: file, text }, ...(alone ? [] : [{ path: 'novastack.yaml', text: other }])];
    const { diagnostics } = buildProject({ root: '/', files, diagnostics: [] });
    const errors = diagnostics.filter(({ severity }) => severity === 'error');
    assert.deepEqual(
      errors.map(({ code, source }) => [code, source?.file, source?.span.start]),
      [[code, file, { line, column }]],
      JSON.stringify(errors, null, 2),
    );
    assert.match(errors[0]!.message, /^["A-Z].*\.$/s);
    assert.match(errors[0]!.hint ?? '', /^["$a-z].*[^.]$/s);
    assert.doesNotMatch(JSON.stringify(errors), /secret@|=secret/);
  });
}

const published = new Ajv({ strict: false }).compile(novastackSchema());

for (const { name, text: marked } of cases.filter(({ schema }) => schema)) {
  test(`novastack.schema.json refuses ${name}`, () => {
    const { document } = parseDocument('wrong.yaml', unmark(marked).text);
    assert.equal(published(document!.value), false);
  });
}

test('the table holds every kind of mistake that a file can have', () => {
  assert.ok(cases.length >= 60);
  assert.ok(cases.filter(({ schema }) => schema).length >= 60);
});

test('tells what else is wrong with an entry, and keeps what can be read of it', () => {
  const text = `
novastack: 1
project: shop
databases:
  main: { engine: postgres, url: "oracle://h/d", schemas: [public, pg_catalog, 5], timeout: 10 s }
  other: { engine: embedded, timeout: 10 s, region: 5, pool: { max: many, idle: 1s } }
roles:
  visitor: { introspection: maybe, inherits: [staff, 5] }
  staff: {}
tables:
  authors: { database: other, columns: { isbn: { name: isbn13, description: 5 }, cost: { hiden: true } } }
  books: { database: other, relation: 5 }
functions:
  search: { database: other, permissions: { staff: { execute: true }, visitor: { execute: maybe } } }
  other: { database: other, function: 5 }
tests:
  - { name: 5, as: anonymous, denied: { nowhere: [select] } }
`;
  const { value, diagnostics } = buildProject({
    root: '/p',
    files: [{ path: 'novastack.yaml', text }],
    diagnostics: [],
  });
  const found = diagnostics.filter(({ severity }) => severity === 'error');
  assert.deepEqual(
    found.map(({ code, source }) => `${source?.span.start.line} ${code}`),
    [
      '5 WRONG_VALUE',
      '5 RESERVED_SCHEMA',
      '5 WRONG_TYPE',
      '5 WRONG_VALUE',
      '6 WRONG_VALUE',
      '6 WRONG_TYPE',
      '6 WRONG_TYPE',
      '8 WRONG_TYPE',
      '8 WRONG_TYPE',
      '11 WRONG_TYPE',
      '11 UNKNOWN_KEY',
      '12 WRONG_TYPE',
      '14 WRONG_TYPE',
      '15 WRONG_TYPE',
      '17 WRONG_TYPE',
      '17 UNKNOWN_TABLE',
    ],
  );
  // Without its schemas nobody knows which tables a database has, nor without its relation what a table is.
  assert.deepEqual([...value!.databases.keys()], ['other']);
  assert.equal(value!.databases.get('other')!.timeoutMs, 10_000);
  assert.deepEqual([...value!.tables.keys()], ['authors']);
  assert.deepEqual(
    [...value!.tables.get('authors')!.columns].map(([column, { name, hidden }]) => [column, name, hidden]),
    [
      ['isbn', 'isbn13', false],
      ['cost', undefined, true],
    ],
  );
  const { inherits, introspection } = value!.roles.get('visitor')!;
  assert.deepEqual({ inherits, introspection }, { inherits: ['staff'], introspection: false });
  assert.deepEqual(
    [...value!.functions].map(([name, { permissions }]) => [name, [...permissions.keys()]]),
    [['search', ['staff']]],
  );
});
