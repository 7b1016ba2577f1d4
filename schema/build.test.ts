import assert from 'node:assert/strict';
import { test } from 'node:test';
import { buildProject } from './build.ts';
import type { Diagnostic } from './diagnostic.ts';

const head = 'novastack: 1\nproject: shop\n';
const base = `${head}databases: { main: { engine: embedded } }\nroles: { visitor: {}, a: {}, b: {} }\n`;

const build = (texts: { readonly [path: string]: string }, diagnostics: readonly Diagnostic[] = []) => {
  return buildProject({
    root: '/',
    files: Object.entries(texts).map(([path, text]) => ({ path, text })),
    diagnostics,
  });
};

/** Each finding in a line. */
const found = (diagnostics: readonly Diagnostic[]) =>
  diagnostics.map(({ severity, code, source, related }) => {
    const place = (at: NonNullable<typeof source>) =>
      `${at.file}:${at.span.start.line}:${at.span.start.column}`;
    const others = (related ?? []).map((other) => ` < ${place(other.source)}`).join('');
    return `${severity} ${code}${source ? ` ${place(source)}` : ''}${others}`;
  });

const lines = (texts: { readonly [path: string]: string }) => found(build(texts).diagnostics);

// Merging.

test('merges sections by name over files, whatever their names and order', () => {
  const { value, diagnostics } = build({
    'z.yaml': 'roles: { staff: {} }\ntables: { books: {} }',
    'novastack.yaml': base,
    'a.yml': 'tables: { authors: {} }',
  });
  assert.deepEqual(diagnostics, []);
  assert.deepEqual([...value!.tables.keys()].sort(), ['authors', 'books']);
  assert.deepEqual([...value!.roles.keys()].sort(), ['a', 'b', 'staff', 'visitor']);
});

test('shows both places of a name that is declared twice', () => {
  const { diagnostics } = build({
    'novastack.yaml': base,
    'a.yaml': 'tables:\n  books: {}',
    'b.yaml': 'tables:\n  books: {}\n  a: {}',
  });
  assert.deepEqual(diagnostics, [
    {
      code: 'DECLARED_TWICE',
      severity: 'error',
      message: '"books" is declared twice under "tables".',
      hint: 'keep one of them, or give them different names',
      source: { file: 'b.yaml', span: { start: { line: 2, column: 3 }, end: { line: 2, column: 8 } } },
      related: [
        {
          message: 'The first one is here.',
          source: { file: 'a.yaml', span: { start: { line: 2, column: 3 }, end: { line: 2, column: 8 } } },
        },
      ],
    },
  ]);
});

test('joins tests', () => {
  const one = (name: string) => `tests: [ { name: ${name}, as: anonymous, denied: { books: [select] } } ]`;
  const { value } = build({
    'novastack.yaml': base,
    'a.yaml': one('first'),
    'b.yaml': one('second'),
    'c.yaml': 'tables: { books: {} }',
  });
  assert.deepEqual(
    value!.tests.map(({ name, path }) => [name, path]),
    [
      ['first', ['tests', 0]],
      ['second', ['tests', 1]],
    ],
  );
});

test('keeps any other key in one file', () => {
  assert.deepEqual(
    lines({
      'novastack.yaml': base,
      'a.yaml': 'limits: { rows: 5 }',
      'b.yaml': 'limits: { depth: 5 }\ntitle: x',
    }),
    ['error DECLARED_TWICE b.yaml:1:1 < a.yaml:1:1'],
  );
});

test('wants the name of the project in its file', () => {
  assert.deepEqual(lines({ 'novastack.yaml': 'novastack: 1', 'a.yaml': 'project: shop' }), [
    'error WRONG_FILE a.yaml:1:1',
  ]);
  assert.deepEqual(lines({ 'a.yaml': 'novastack: 1\nproject: shop' }), [
    'error NO_PROJECT_FILE novastack.yaml:1:1',
  ]);
  assert.deepEqual(lines({}), ['error NO_PROJECT_FILE novastack.yaml:1:1']);
  assert.equal(build({}).value, undefined);
});

// Files that are not the project's.

test('skips a file without a known key, and says so', () => {
  const { diagnostics } = build({
    'novastack.yaml': base,
    'compose.yaml': '# x\nservices: { db: {} }',
    'list.yaml': '- a',
    'empty.yaml': '# nothing',
  });
  assert.deepEqual(found(diagnostics), [
    'notice FILE_SKIPPED compose.yaml:1:1',
    'notice FILE_SKIPPED list.yaml:1:1',
  ]);
  assert.equal(
    diagnostics[0]!.message,
    'The file "compose.yaml" was skipped: it has no key of the language at its top.',
  );
});

test('skips a file that it cannot read when nothing in it is known', () => {
  assert.deepEqual(
    lines({
      'novastack.yaml': base,
      'k8s.yaml': 'kind: A\n---\nkind: B',
      'helm.yaml': '{{- if .Values.x }}\nkind: A\n{{ end }}',
    }),
    ['notice FILE_SKIPPED helm.yaml:1:1', 'notice FILE_SKIPPED k8s.yaml:1:1'],
  );
});

test('refuses a file with known and unknown keys', () => {
  assert.deepEqual(lines({ 'novastack.yaml': base, 'a.yaml': 'tables: {}\nservices: {}' }), [
    'error UNKNOWN_KEY a.yaml:2:1',
  ]);
});

test('does not read the folders that the project names', () => {
  const { value, diagnostics } = build(
    {
      'novastack.yaml': `${head}docs: { folder: pages }\noperations: graphql/`,
      'db.yaml': 'databases: { main: { engine: embedded, migrations: sql/main/, seeds: seeds } }',
      'sql/main/a.yaml': 'roles: { x: {} }',
      'sql/other.yaml': 'roles: { y: {} }',
      'seeds/deep/a.yaml': 'tables: [',
      'pages/a.yaml': 'title: a',
      'graphql/a.yaml': 'title: b',
    },
    [
      {
        code: 'FILE_TOO_LARGE',
        severity: 'error',
        message: 'x.',
        source: {
          file: 'seeds/big.yaml',
          span: { start: { line: 1, column: 1 }, end: { line: 1, column: 1 } },
        },
      },
    ],
  );
  assert.deepEqual(found(diagnostics), ['warning NO_OPERATIONS novastack.yaml:4:13']);
  assert.deepEqual([...value!.files.keys()], ['db.yaml', 'novastack.yaml', 'sql/other.yaml']);
  assert.equal(value!.databases.get('main')!.migrations, 'sql/main');
});

test('takes the documents of the folder of operations, and no other', () => {
  const documents = { 'operations/a.graphql': 'a', 'operations/b/c.graphql': 'c', 'src/d.graphql': 'd' };
  const taken = (operations: string) => {
    const { value, diagnostics } = build({ 'novastack.yaml': `${base}${operations}`, ...documents });
    assert.deepEqual(found(diagnostics), []);
    return [value!.operations?.files.map(({ path }) => path), [...value!.files.keys()]];
  };
  const own = ['operations/a.graphql', 'operations/b/c.graphql'];
  assert.deepEqual(taken(''), [undefined, ['novastack.yaml']]);
  assert.deepEqual(taken('operations: {}'), [own, ['novastack.yaml', ...own]]);
  assert.deepEqual(taken('operations: src'), [['src/d.graphql'], ['novastack.yaml', 'src/d.graphql']]);
  assert.deepEqual(taken('operations: { folder: operations/b/ }'), [
    ['operations/b/c.graphql'],
    ['novastack.yaml', 'operations/b/c.graphql'],
  ]);
});

test('lets nobody run an operation whose roles cannot be read', () => {
  const { value, diagnostics } = build({
    'novastack.yaml': `${base}operations: { only: [a, 7], roles: { A: a, B: [b] } }`,
    'operations/a.graphql': '',
  });
  assert.deepEqual(found(diagnostics), [
    'error WRONG_TYPE novastack.yaml:5:25',
    'error WRONG_TYPE novastack.yaml:5:41',
  ]);
  assert.deepEqual(value!.operations!.only, ['a']);
  assert.deepEqual(
    value!.operations!.roles,
    new Map([
      ['A', []],
      ['B', ['b']],
    ]),
  );
});

test('never takes the whole project for one of those folders', () => {
  assert.deepEqual(
    lines({
      'novastack.yaml': `${head}databases: { main: { engine: embedded, migrations: . } }\ntabels: {}`,
    }),
    ['error WRONG_VALUE novastack.yaml:3:52', 'error UNKNOWN_KEY novastack.yaml:4:1'],
  );
});

// All findings at once.

test('reports everything that is wrong, in the order of the files', () => {
  const texts = {
    'novastack.yaml': `${base}auth: { anonymus: visitor }`,
    'a.yaml':
      'tables:\n  books:\n    permissions:\n      visitr: { select: true }\n      visitor: { select: { columns: "*", limit: many, where: { a: null } } }',
    'b.yaml': 'roles: { c: { inherits: [d] } }\nlimits: { body: 1 }',
  };
  assert.deepEqual(lines(texts), [
    'error UNKNOWN_ROLE a.yaml:4:7',
    'error WRONG_TYPE a.yaml:5:49',
    'error PREDICATE_SHORTHAND a.yaml:5:67',
    'error UNKNOWN_ROLE b.yaml:1:26',
    'error WRONG_TYPE b.yaml:2:17',
    'error UNKNOWN_KEY novastack.yaml:5:9',
  ]);
});

test('does not blame a project for what a broken file may hold', () => {
  assert.deepEqual(
    lines({
      'novastack.yaml': `${base}auth: { anonymous: guest }`,
      'a.yaml': 'tables: { books: { database: other, relationships: { x: { from: y.z } } } }',
      'b.yaml': 'roles: {',
    }),
    ['error YAML_SYNTAX b.yaml:1:9'],
  );
});

test('passes on what was found in the folder', () => {
  const notice: Diagnostic = { code: 'LINK_SKIPPED', severity: 'notice', message: 'x.' };
  assert.deepEqual(build({ 'novastack.yaml': base }, [notice]).diagnostics, [notice]);
});

test('stops counting at a thousand', () => {
  const text = head + Array.from({ length: 3000 }, (_, index) => `k${index}: 1\n`).join('') + 'tables: []';
  const { diagnostics } = build({ 'novastack.yaml': text });
  assert.ok(diagnostics.length <= 1001);
  assert.ok(diagnostics.some(({ severity }) => severity === 'error'));
});

// What is wrong grants nothing.

test('grants no verb with anything wrong in it', () => {
  const { value } = build({
    'novastack.yaml': `${base}tables:
  books:
    columns: { cost: { hiden: true } }
    permissions:
      visitor:
        select: { columns: "*", where: { a: null } }
        insert: { columns: "*", chek: { a: 1 } }
        update: { columns: "*", where: { a: 1 }, set: { b: $jwt } }
        delete: { where: { a: 1 } }
`,
  });
  const books = value!.tables.get('books')!;
  const { select, insert, update, delete: remove } = books.permissions.get('visitor')!;
  assert.deepEqual([select, insert, update], [undefined, undefined, undefined]);
  assert.equal(remove!.where!.kind, 'compare');
  assert.equal(books.columns.get('cost')!.hidden, true);
});

test('reads which columns are personal, and takes for one what it cannot read', () => {
  const { value, diagnostics } = build({
    'novastack.yaml': `${base}tables:
  books:
    columns: { a: {}, b: { personal: false }, c: { personal: true }, d: { personal: "yes" } }
`,
  });
  const personal = [...value!.tables.get('books')!.columns].map(([name, column]) => [name, column.personal]);
  assert.deepEqual(Object.fromEntries(personal), { a: false, b: false, c: true, d: true });
  assert.deepEqual(
    diagnostics.filter(({ severity }) => severity === 'error').map(({ code }) => code),
    ['WRONG_TYPE'],
  );
});

// Names.

test('works with hostile names', () => {
  const names = ['__proto__', 'constructor', 'then', 'toString', 'a"b', 'select', '💶', 'x'.repeat(63)];
  const tables = names.map(
    (name) =>
      `  ${JSON.stringify(name)}: { permissions: { ${JSON.stringify(name)}: { select: { columns: [${JSON.stringify(name)}] } } } }`,
  );
  const roles = names.map((name) => `  ${JSON.stringify(name)}: {}`);
  const { value, diagnostics } = build({
    'novastack.yaml': `${head}databases: { main: { engine: embedded } }\ntables:\n${tables.join('\n')}\nroles:\n${roles.join('\n')}\n`,
  });
  assert.deepEqual(diagnostics, []);
  assert.deepEqual([...value!.tables.keys()], names);
  for (const name of names)
    assert.deepEqual(value!.tables.get(name)!.permissions.get(name)!.select!.columns, [name]);
});

test('finds the table in a far end whose name has dots', () => {
  const { value } = build({
    'novastack.yaml': `${base}tables:
  personal.users: {}
  personal: {}
  books:
    relationships:
      a: { column: x, to: personal.users }
      b: { column: x, to: personal.users.id }
      c: { column: x, to: personal.id }
`,
  });
  const far = [...value!.tables.get('books')!.relationships.values()].map((link) =>
    link && link.kind === 'one' ? link.to : link,
  );
  assert.deepEqual(far, [
    { table: 'personal.users', columns: undefined },
    { table: 'personal.users', columns: ['id'] },
    { table: 'personal', columns: ['id'] },
  ]);
});

// Inheritance of writes.

const inherits = (permissions: string, roles = 'both: { inherits: [a, b] }') => {
  return lines({
    'novastack.yaml': base,
    'a.yaml': `roles: { ${roles} }\ntables:\n  books:\n    permissions: ${permissions}`,
  });
};

test('refuses two inherited write grants that differ', () => {
  assert.deepEqual(inherits('{ a: { delete: { where: { x: 1 } } }, b: { delete: true } }'), [
    'error AMBIGUOUS_GRANT a.yaml:1:28 < a.yaml:4:33 < a.yaml:4:69',
  ]);
});

test('takes two inherited write grants that say the same in another order', () => {
  assert.deepEqual(
    inherits(
      '{ a: { update: { columns: [x, y], where: { x: 1, y: 2 } } }, b: { update: { columns: [y, x], where: { y: 2, x: 1 } } } }',
    ),
    [],
  );
});

test('takes a grant of its own in place of two that differ', () => {
  assert.deepEqual(
    inherits(
      '{ a: { delete: { where: { x: 1 } } }, b: { delete: true }, both: { delete: { where: { x: 2 } } } }',
    ),
    [],
  );
});

test('takes one grant that comes on two ways', () => {
  assert.deepEqual(
    inherits(
      '{ a: { delete: true } }',
      'left: { inherits: [a] }, right: { inherits: [a] }, both: { inherits: [left, right] }',
    ),
    [],
  );
});

test('blames only the role where two grants meet', () => {
  assert.deepEqual(
    inherits(
      '{ a: { insert: true }, b: { insert: { columns: [x] } } }',
      'both: { inherits: [a, b] }, child: { inherits: [both] }',
    ),
    ['error AMBIGUOUS_GRANT a.yaml:1:28 < a.yaml:4:33 < a.yaml:4:54'],
  );
});

test('reads differing select grants as a union', () => {
  assert.deepEqual(inherits('{ a: { select: true }, b: { select: { columns: [x] } } }'), []);
});

test('reports a circle of roles once', () => {
  assert.deepEqual(
    lines({
      'novastack.yaml': `${head}roles:\n  a: { inherits: [b] }\n  b: { inherits: [c] }\n  c: { inherits: [a] }\n  d: { inherits: [a] }\n  e: { inherits: [e] }`,
    }),
    ['error INHERITANCE_CYCLE novastack.yaml:6:18', 'error INHERITANCE_CYCLE novastack.yaml:8:18'],
  );
});

// Warnings.

test('warns of a hidden column that is granted', () => {
  assert.deepEqual(
    lines({
      'novastack.yaml': base,
      'a.yaml':
        'tables:\n  books:\n    columns: { cost: { hidden: true } }\n    permissions: { visitor: { select: { columns: [id, cost] } } }',
    }),
    ['warning HIDDEN_COLUMN a.yaml:4:55 < a.yaml:3:32'],
  );
});

test('warns of a hidden column that has a condition', () => {
  assert.deepEqual(
    lines({
      'novastack.yaml': base,
      'a.yaml':
        'tables:\n  books:\n    columns: { cost: { hidden: true } }\n    permissions: { visitor: { select: { columns: { "*": true, cost: { when: { id: 1 } } } } } }',
    }),
    ['warning HIDDEN_COLUMN a.yaml:4:63 < a.yaml:3:32'],
  );
});

test('warns of a secret that stands in the file', () => {
  const secret = 'x'.repeat(32);
  const { diagnostics } = build({
    'novastack.yaml': `${base}auth: { jwt: [ { issuer: i, audience: a, secret: ${secret} } ] }`,
  });
  assert.deepEqual(found(diagnostics), ['warning LITERAL_SECRET novastack.yaml:5:50']);
  assert.ok(!JSON.stringify(diagnostics).includes(secret));
});

test('warns of everything that is checked and has no effect yet', () => {
  const text = `${head}databases:
  a: { engine: mysql, url: "\${env:U}", region: eu }
  b: { engine: postgres, url: "\${env:U}", pool: { mode: transaction }, replicas: ["\${env:U}"] }
auth: { users: {}, oidc: [] }
functions: {}
limits: { cost: 1, rate: {}, export: 1, dry_run: [] }
tables: { t: { database: a, columns: { c: { type: integer } } } }
plans: {}
keys: []
versions: 1
webhooks: { a: "\${env:SECRET}" }
storage: {}
privacy: {}
realtime: true
`;
  assert.deepEqual(
    build({ 'novastack.yaml': text }).diagnostics.map(({ code, severity, message }) => {
      assert.deepEqual([code, severity], ['NOT_ENFORCED', 'warning']);
      return /^"([^"]+)"/.exec(message)![1];
    }),
    [
      'region', 'mode: transaction', 'replicas', 'users', 'oidc', 'rate',
      'plans', 'keys', 'versions', 'webhooks', 'storage', 'privacy', 'realtime',
    ], // biome-ignore format: a list
  );
});

test('publishes the documentation of the anonymous role, of those that are named, or of none', () => {
  const docs = (text: string) => {
    const { value, diagnostics } = build({ 'novastack.yaml': `${head}${text}` });
    return [value!.docs, diagnostics.map(({ code, severity, hint }) => [severity, code, hint])];
  };
  const roles = 'roles: { visitor: {}, staff: {}, service: { everything: true } }\n';
  const anonymous = `auth: { anonymous: visitor }\n${roles}`;
  const none = { roles: [], folder: undefined };
  assert.deepEqual(docs(roles), [none, []]);
  assert.deepEqual(docs(anonymous), [{ ...none, roles: ['visitor'] }, []]);
  assert.deepEqual(docs(`${anonymous}docs: handbook/`), [{ roles: ['visitor'], folder: 'handbook' }, []]);
  assert.deepEqual(docs(`${anonymous}docs: { folder: a//b }`), [{ roles: ['visitor'], folder: 'a/b' }, []]);
  assert.deepEqual(docs(`${anonymous}docs: { roles: [] }`), [none, []]);
  assert.deepEqual(docs(`${anonymous}docs: { roles: [staff, visitor, staff] }`), [
    { ...none, roles: ['staff', 'visitor'] },
    [],
  ]);
  assert.deepEqual(docs(`${anonymous}docs: { roles: [visitor, service] }`), [
    { ...none, roles: ['visitor', 'service'] },
    [
      [
        'warning',
        'DOCS_EVERYTHING',
        'publish the roles of those who call the API; novastack docs --role builds others for a site within',
      ],
    ],
  ]);
  const [broken, findings] = docs(`${anonymous}docs: { roles: [vistor] }`);
  assert.deepEqual(
    [broken, findings],
    [{ ...none, roles: ['vistor'] }, [['error', 'UNKNOWN_ROLE', 'did you mean "visitor"?']]],
  );
  assert.deepEqual(docs(`${anonymous}docs: { roles: visitor }`)[0], none);
});

test('lets a list of as many rows as may be never cost too much', () => {
  const cost = (limits: string) => build({ 'novastack.yaml': `${base}limits: ${limits}` }).value!.limits.cost;
  assert.equal(cost('{}'), 10_000);
  assert.equal(cost('{ rows: 1000 }'), 10_000);
  assert.equal(cost('{ rows: 5000 }'), 50_000);
  assert.equal(cost('{ rows: 5000, cost: 20000 }'), 20_000);
});

test('lets selections be as deep as relationships may be', () => {
  const depth = (limits: string) =>
    build({ 'novastack.yaml': `${base}limits: ${limits}` }).value!.limits.graphql.depth;
  assert.equal(depth('{ depth: 8 }'), 30);
  assert.equal(depth('{ depth: 13 }'), 44);
  assert.equal(depth('{ depth: 32 }'), 100);
  assert.equal(depth('{ depth: 32, graphql: { depth: 7 } }'), 7);
});

test('never shows what stands where a secret belongs', () => {
  const { diagnostics } = build({
    'novastack.yaml': `${base}auth: { jwt: [ { issuer: 77001, audience: [77002], secret: 77003 } ] }`,
    'a.yaml': 'databases:\n  c: { engine: postgres, url: 77004, replicas: "postgres://a:77005@h" }',
  });
  assert.deepEqual(found(diagnostics), [
    'error WRONG_TYPE a.yaml:2:31',
    'warning NOT_ENFORCED a.yaml:2:38',
    'error WRONG_TYPE a.yaml:2:48',
    'error WRONG_TYPE novastack.yaml:5:26',
    'error WRONG_TYPE novastack.yaml:5:43',
    'error WRONG_TYPE novastack.yaml:5:60',
  ]);
  assert.doesNotMatch(JSON.stringify(diagnostics), /7700/);
});

test('never shows a url that is refused', () => {
  for (const url of [
    'postgres://app:hunter2@h/d',
    'postgres://app:hunter2@h:port/d',
    'mysql://app:hunter2@h/d',
    'app:hunter2@h',
    'postgres://app:hun/ter2@h/d',
  ]) {
    const { diagnostics } = build({
      'novastack.yaml': `${head}databases: { main: { engine: postgres, url: "${url}" } }`,
    });
    assert.ok(
      diagnostics.some(({ severity }) => severity === 'error'),
      url,
    );
    assert.doesNotMatch(JSON.stringify(diagnostics), /hunter2|ter2/);
  }
});

test('a table may be named as the patterns of other checks are written', () => {
  const texts = { 'novastack.yaml': `${base}tables:\n  "*": { columns: { "*": { hidden: true } } }\n` };
  assert.deepEqual(lines(texts), []);
});
