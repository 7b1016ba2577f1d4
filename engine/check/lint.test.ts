/** What `validate` warns of, each beside what looks like it and is silent. */
import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { buildProject } from '../../schema/build.ts';
import type { Diagnostic, Source } from '../../schema/diagnostic.ts';
import { onEveryEngine } from '../../test/engines.ts';
import { createProject } from '../../test/project.ts';
import { compileApi } from '../api/compile.ts';
import type { Catalog } from '../catalog/catalog.ts';
import { lintProject } from './lint.ts';

const sql = `
  CREATE TABLE authors (id int PRIMARY KEY, name varchar(60) NOT NULL, born int);
  CREATE TABLE books (
    id int PRIMARY KEY,
    title varchar(60) NOT NULL,
    price decimal(8,2) NOT NULL,
    published boolean NOT NULL,
    checked boolean,
    owner varchar(40) NOT NULL,
    author_id int NOT NULL,
    editor_id int,
    FOREIGN KEY (author_id) REFERENCES authors (id),
    FOREIGN KEY (editor_id) REFERENCES authors (id)
  );
  CREATE TABLE reviews (id int PRIMARY KEY, book_id int NOT NULL, stars int NOT NULL, owner varchar(40) NOT NULL, FOREIGN KEY (book_id) REFERENCES books (id));
`;

onEveryEngine((engine) => {
  let catalog: Catalog;
  before(async () => {
    const after: (() => unknown)[] = [];
    const project = await createProject({ after: (work: () => unknown) => void after.push(work) } as never, {
      engine,
      sql,
      yaml: '',
    });
    catalog = project.api.databases.get('main')!.catalog;
    for (const work of after.reverse()) await work();
  });

  /** Each finding with the text that it points at. */
  function lint(yaml: string, catalogs: ReadonlyMap<string, Catalog> = known()): string[] {
    const lines = textOf(yaml).split('\n');
    const at = ({ span: { start, end } }: Source): string =>
      lines[start.line - 1]!.slice(start.column - 1, start.line === end.line ? end.column - 1 : undefined);
    return diagnosticsOf(yaml, catalogs).map(
      ({ severity, code, source, related }) =>
        `${severity} ${code}: ${[source!, ...(related ?? []).map((one) => one.source)].map(at).join(' < ')}`,
    );
  }

  const known = (): ReadonlyMap<string, Catalog> => new Map([['main', catalog]]);
  const textOf = (yaml: string): string =>
    `novastack: 1\nproject: shop\ndatabases: { main: { engine: ${engine === 'postgres' ? 'postgres' : 'mysql'}, url: "\${env:X}" } }\n${yaml}`;

  function diagnosticsOf(
    yaml: string,
    catalogs: ReadonlyMap<string, Catalog> = known(),
  ): readonly Diagnostic[] {
    const { value, diagnostics } = buildProject({
      root: '.',
      files: [{ path: 'novastack.yaml', text: textOf(yaml) }],
      diagnostics: [],
    });
    const errors = diagnostics.filter(({ severity }) => severity === 'error');
    assert.deepEqual(errors, []);
    const compiled = compileApi(value!, catalogs);
    assert.deepEqual(
      compiled.diagnostics.filter(({ severity }) => severity === 'error'),
      [],
    );
    return lintProject(value!, compiled.value!.api);
  }

  const roles = `auth: { anonymous: visitor, jwt: [ { issuer: https://x.example, audience: a, secret: "\${env:S}" } ] }
roles: { visitor: {}, member: { inherits: [visitor] } }
`;
  const policy = (entry: string): string =>
    `${roles}tables:\n  books:\n    permissions:\n      member:\n${'        '}${entry}\n  reviews: {}\n  authors: { permissions: { member: { select: { columns: [id] } } } }\n`;

  describe('conditions', () => {
    for (const [where, expected] of [
      ['{ id: { _is_null: false } }', ['warning POLICY_ALWAYS_TRUE: ' + '{ id: { _is_null: false } }']],
      [
        '{ published: { _in: [true, false] } }',
        ['warning POLICY_ALWAYS_TRUE: ' + '{ published: { _in: [true, false] } }'],
      ],
      ['{ author: {} }', ['warning POLICY_ALWAYS_TRUE: ' + '{ author: {} }']],
      ['{ _or: [ { owner: $jwt.sub }, {} ] }', ['warning POLICY_OPEN_BRANCH: {}']],
      [
        '{ _or: [ { owner: $jwt.sub }, { id: { _is_null: false } } ] }',
        ['warning POLICY_OPEN_BRANCH: false'],
      ],
      [
        '{ published: true, _or: [ { owner: $jwt.sub }, { _or: [ { id: 1 }, { price: { _nin: [] } } ] } ] }',
        ['warning POLICY_OPEN_BRANCH: []'],
      ],
      [
        '{ reviews: { _or: [ { owner: $jwt.sub }, { stars: { _is_null: false } } ] } }',
        ['warning POLICY_OPEN_BRANCH: false'],
      ],
      [
        '{ _or: [ { owner: $jwt.sub }, { owner: { _neq: $jwt.sub } } ] }',
        ['warning POLICY_ALWAYS_TRUE: ' + '{ _or: [ { owner: $jwt.sub }, { owner: { _neq: $jwt.sub } } ] }'],
      ],
      ['{ price: { _gt: 5, _lt: 3 } }', ['warning POLICY_NEVER_TRUE: ' + '{ price: { _gt: 5, _lt: 3 } }']],
      ['{ _not: {} }', ['warning POLICY_NEVER_TRUE: ' + '{ _not: {} }']],
      ['{}', []],
      ['{ _or: [] }', []],
      ['{ checked: { _in: [true, false] } }', []],
      ['{ checked: { _is_null: false } }', []],
      ['{ editor: {} }', []],
      ['{ _or: [ { owner: $jwt.sub }, { published: true } ] }', []],
      ['{ _or: [ { owner: $jwt.sub }, { checked: { _neq: true } } ] }', []],
      ['{ price: { _gt: 3, _lt: 5 } }', []],
      ['{ reviews: {} }', []],
    ] as const)
      test(`where: ${where}`, () => {
        assert.deepEqual(lint(policy(`select: { columns: [id, title], where: ${where} }`)), expected);
      });

    test('of columns that are readable in some rows', () => {
      const found = (when: string) =>
        lint(
          policy(`select: { columns: { id: true, title: { when: ${when} } }, where: { published: true } }`),
        );
      assert.deepEqual(found('{ id: { _is_null: false } }'), [
        'warning POLICY_ALWAYS_TRUE: { id: { _is_null: false } }',
      ]);
      assert.deepEqual(found('{ _or: [ { owner: $jwt.sub }, {} ] }'), ['warning POLICY_OPEN_BRANCH: {}']);
      assert.deepEqual(found('{ id: { _eq: 1, _neq: 1 } }'), [
        'warning POLICY_NEVER_TRUE: { id: { _eq: 1, _neq: 1 } }',
      ]);
      assert.deepEqual(found('{ owner: $jwt.sub }'), []);
    });

    test('are looked at in every verb', () => {
      assert.deepEqual(
        lint(
          policy(
            'insert: { columns: [id], check: { price: { _is_null: false } } }\n        update: { columns: [id], where: { id: 1 }, check: { _or: [ { id: 1 }, {} ] } }\n        delete: { where: { id: { _nin: [] } } }',
          ),
        ).map((line) => line.replace(/:.*/, '')),
        [
          'warning POLICY_ALWAYS_TRUE',
          'warning POLICY_OPEN_BRANCH',
          'warning POLICY_ALWAYS_TRUE',
          'warning CHECK_LEAVES_WHERE',
        ],
      );
    });

    test('say what was found and what to do', () => {
      const [branch, whole] = ['{ _or: [ { owner: $jwt.sub }, {} ] }', '{ id: { _is_null: false } }'].map(
        (where) => diagnosticsOf(policy(`select: { columns: [id], where: ${where} }`))[0]!,
      );
      assert.deepEqual(
        [branch!.message, branch!.hint, whole!.message, whole!.hint],
        [
          'This branch of "_or" is true of every row, so the branches beside it choose nothing (select.where of role "member" on table "books").',
          'remove it, or say which rows it is for; if every row is meant, write {} in place of the whole',
          'The "where" is true of every row, so it does not limit what role "member" may read of table "books".',
          'write where: {} if every row is meant, or else which rows are',
        ],
      );
    });

    test('of a table that no catalog knows are judged by what the YAML alone shows', () => {
      const found = (where: string) => lint(policy(`delete: { where: ${where} }`), new Map());
      assert.deepEqual(found('{ id: { _is_null: false } }'), []);
      assert.deepEqual(found('{ _or: [ { owner: $jwt.sub }, {} ] }'), ['warning POLICY_OPEN_BRANCH: {}']);
    });
  });

  describe('an update with a check of its own', () => {
    for (const [grant, expected] of [
      ['columns: [title], where: { title: a }, check: { price: { _gt: 1 } }', 'The "check" lets'],
      [
        'columns: "*", where: { owner: $jwt.sub, published: true }, check: { _and: [ { owner: $jwt.sub } ] }',
        'The "check" lets',
      ],
      ['columns: [price], set: { title: b }, where: { title: a }, check: { id: 1 }', 'The "check" lets'],
      ['columns: [price], where: { price: { _gte: 5 } }, check: { price: { _gte: 4 } }', 'The "check" lets'],
      ['columns: [title], where: { _or: [ { title: a }, { id: 1 } ] }, check: {}', 'The "check" lets'],
      ['columns: [author_id], where: { author: { name: A } }, check: { id: 1 }', 'It cannot be shown'],
      [
        'columns: [title], where: { title: { _like: "a%" } }, check: { title: { _like: "%b" } }',
        'It cannot be shown',
      ],
      [
        'columns: [title], where: { _exists: { table: books, where: { title: x } } }, check: { id: 1 }',
        'It cannot be shown',
      ],
      [
        'columns: [title], where: { author: { books: { title: x } } }, check: { id: 1 }',
        'It cannot be shown',
      ],
      // Equal or stronger, or what it asks for cannot change.
      ['columns: [id], where: { title: a }, check: { price: { _gt: 1 } }', undefined],
      ['columns: "*", where: { title: a }, check: { price: { _gt: 1 }, title: { _eq: a } }', undefined],
      ['columns: "*", where: { price: { _gte: 5 } }, check: { price: { _gt: 5 } }', undefined],
      [
        'columns: [published], where: { published: { _in: [true, false] }, title: a }, check: { published: true }',
        'ALWAYS',
      ],
      ['columns: [title], where: { title: { _in: [a, b] } }, check: { title: b }', undefined],
      [
        'columns: "*", where: { _or: [ { owner: $jwt.sub }, { published: true } ] }, check: { owner: $jwt.sub }',
        undefined,
      ],
      [
        'columns: "*", set: { owner: $jwt.sub }, where: { owner: $jwt.sub }, check: { price: { _gt: 0 } }',
        undefined,
      ],
      ['columns: [price], where: { author: { name: A } }, check: { price: { _gt: 0 } }', undefined],
      [
        'columns: [price, author_id], where: { author: { name: A } }, check: { author: { name: A, id: { _gt: 1 } } }',
        undefined,
      ],
      ['columns: [], where: { _exists: { table: books, where: { title: x } } }, check: { id: 1 }', undefined],
      ['columns: "*", where: { title: a }', undefined],
      ['columns: "*", check: { title: a }', undefined],
      ['columns: "*", where: {}, check: { title: a }', undefined],
    ] as const)
      test(`{ ${grant} }`, () => {
        const found = diagnosticsOf(policy(`update: { ${grant} }`)).filter(
          ({ code }) => code === 'CHECK_LEAVES_WHERE',
        );
        const says = expected === 'ALWAYS' ? undefined : expected;
        assert.deepEqual(
          found.map(({ message }) => message.slice(0, says?.length)),
          says === undefined ? [] : [says],
        );
      });

    test('is told with the place of the check and of what it does not keep', () => {
      assert.deepEqual(
        lint(
          policy(
            'update: { columns: [title, owner], where: { owner: $jwt.sub, title: a }, check: { title: a } }',
          ),
        ),
        ['warning CHECK_LEAVES_WHERE: check < $jwt.sub'],
      );
    });
  });

  test('a column that does not exist is an error wherever a permission names it', () => {
    const yaml = policy(
      'select: { columns: { a1: true, a2: { when: { a3: 1 } } }, where: { a4: 1 } }\n        insert: { columns: [a5], set: { a6: 1 }, check: { a7: 1 } }\n        update: { columns: [a8], set: { a9: 1 }, where: { b1: 1 }, check: { b2: 1 } }\n        delete: { where: { b3: 1 } }',
    );
    const { value } = buildProject({
      root: '.',
      files: [{ path: 'novastack.yaml', text: textOf(yaml) }],
      diagnostics: [],
    });
    const { diagnostics } = compileApi(value!, known());
    assert.deepEqual(
      diagnostics.map(({ severity, message }) => `${severity} ${/"(..)"/.exec(message)?.[1]}`).sort(),
      ['a1', 'a2', 'a3', 'a4', 'a5', 'a6', 'a7', 'a8', 'a9', 'b1', 'b2', 'b3'].map((name) => `error ${name}`),
    );
  });

  describe('callers without a token', () => {
    const anonymous = (entries: string, further = ''): string =>
      `${roles}tables:\n  authors:\n    permissions:\n${entries
        .split('\n')
        .map((line) => `      ${line}`)
        .join('\n')}\n${further}`;
    const meant = (verb: string, as = 'anonymous'): string =>
      `tests: [ { name: a, as: ${as}, allowed: { authors: [${verb}] } } ]\n`;

    for (const [name, yaml, expected] of [
      [
        'read all: no where',
        anonymous('visitor: { select: { columns: [id, name] } }'),
        ['notice ANONYMOUS_READS_ALL: select'],
      ],
      ['read all: true', anonymous('visitor: { select: true }'), ['notice ANONYMOUS_READS_ALL: select']],
      [
        'read all: {}',
        anonymous('visitor: { select: { columns: [id], where: {} } }'),
        ['notice ANONYMOUS_READS_ALL: where'],
      ],
      ['read all, as a test says', anonymous('visitor: { select: true }', meant('select')), []],
      [
        'read all, as a test of the role says',
        anonymous('visitor: { select: true }', meant('select', '{ role: visitor }')),
        [],
      ],
      [
        'read all, and a test says that another role may',
        anonymous('visitor: { select: true }', meant('select', '{ role: member }')),
        ['notice ANONYMOUS_READS_ALL: select'],
      ],
      ['read some', anonymous('visitor: { select: { columns: "*", where: { born: { _gt: 1900 } } } }'), []],
      ['read nothing', anonymous('member: { select: true }'), []],
      [
        'read more than a role whose token chooses',
        anonymous(
          'visitor: { select: true }\nmember: { select: { columns: "*", where: { name: $jwt.sub } } }',
          meant('select'),
        ),
        ['warning ANONYMOUS_SEES_MORE: select < { name: $jwt.sub }'],
      ],
      [
        'read fewer columns than a role whose token chooses',
        anonymous(
          'visitor: { select: { columns: [id, name] } }\nmember: { select: { columns: "*", where: { name: $jwt.sub } } }',
          meant('select'),
        ),
        [],
      ],
      [
        'insert anything',
        anonymous('visitor: { insert: { columns: [id, name] } }'),
        ['warning ANONYMOUS_WRITES: insert'],
      ],
      [
        'insert anything, by true',
        anonymous('visitor: { insert: true }'),
        ['warning ANONYMOUS_WRITES: insert'],
      ],
      [
        'insert anything, on purpose',
        anonymous('visitor: { insert: { columns: [id, name], check: {} } }'),
        [],
      ],
      ['insert anything, as a test says', anonymous('visitor: { insert: true }', meant('insert')), []],
      [
        'insert what is checked',
        anonymous('visitor: { insert: { columns: [id, name], check: { born: { _is_null: true } } } }'),
        [],
      ],
      [
        'update every row',
        anonymous('visitor: { update: { columns: [name] } }'),
        ['warning ANONYMOUS_WRITES: update'],
      ],
      [
        'update every row, by {}',
        anonymous('visitor: { update: { columns: [name], where: {} } }'),
        ['warning ANONYMOUS_WRITES: where'],
      ],
      ['update some rows', anonymous('visitor: { update: { columns: [name], where: { born: 1900 } } }'), []],
      ['delete every row', anonymous('visitor: { delete: true }'), ['warning ANONYMOUS_WRITES: delete']],
      [
        'delete every row, as a test says',
        anonymous('visitor: { delete: true }', meant('delete')),
        ['notice ANONYMOUS_WRITES: delete'],
      ],
      ['write nothing', anonymous('member: { insert: true, update: true, delete: true }'), []],
      [
        'have what their role inherits',
        anonymous('guest: { select: true, delete: true }').replace(
          'visitor: {}',
          'visitor: { inherits: [guest] }, guest: {}',
        ),
        ['notice ANONYMOUS_READS_ALL: select', 'warning ANONYMOUS_WRITES: delete'],
      ],
    ] as const)
      test(name, () => {
        assert.deepEqual(lint(yaml), expected);
      });
  });

  describe('roles', () => {
    const permissions = 'tables: { authors: { permissions: { admin: { select: true } } } }\n';
    for (const [name, yaml, expected] of [
      [
        'that nobody issues',
        'auth: { anonymous: a }\nroles: { a: {}, other: {}, admin: {} }\n',
        ['notice ROLE_UNREACHABLE: admin'],
      ],
      ['and no auth at all', 'roles: { admin: {} }\n', ['notice ROLE_UNREACHABLE: admin']],
      [
        'that are inherited',
        'auth: { anonymous: a }\nroles: { a: { inherits: [b] }, b: { inherits: [admin] }, admin: {} }\n',
        [],
      ],
      [
        'that an issuer may give',
        'auth: { jwt: [ { issuer: https://x.example, audience: a, secret: "${env:S}" } ] }\nroles: { admin: {} }\n',
        [],
      ],
      ['of a project with accounts', 'auth: { users: {} }\nroles: { admin: {} }\n', []],
    ] as const)
      test(name, () => {
        assert.deepEqual(
          lint(yaml + permissions).filter((line) => line.includes('ROLE')),
          expected,
        );
      });
  });

  describe('relationships', () => {
    const links = (books: string, authors: string, more = ''): string =>
      `${roles}tables:\n  books: { permissions: { ${books} } }\n  authors: { permissions: { ${authors} } }\n${more}`;
    const own = 'where: { owner: $jwt.sub }';
    for (const [name, yaml, expected] of [
      [
        'into a table that the role cannot read',
        links(`member: { select: { columns: [id, author_id], ${own} } }`, ''),
        ['notice RELATIONSHIP_NOT_READABLE: select'],
      ],
      [
        'several of one table are one notice',
        links(`member: { select: { columns: "*", ${own} } }`, ''),
        ['notice RELATIONSHIP_NOT_READABLE: select'],
      ],
      ['whose column was not granted', links(`member: { select: { columns: [id, title], ${own} } }`, ''), []],
      [
        'into a table that it can read',
        links(
          `member: { select: { columns: "*", ${own} } }`,
          `member: { select: { columns: [id], where: { born: 1 } } }`,
        ),
        [],
      ],
      [
        'that a role inherits are told of the other',
        links(
          `visitor: { select: { columns: [id, author_id], where: { id: 1 } } }, member: { select: { columns: [id, author_id, title], ${own} } }`,
          '',
        ),
        ['notice RELATIONSHIP_NOT_READABLE: select'],
      ],
      [
        'that its author took away',
        links(`member: { select: { columns: [id, author_id], ${own} } }`, '').replace(
          'books: {',
          'books: { relationships: { author: false },',
        ),
        [],
      ],
    ] as const)
      test(name, () => {
        assert.deepEqual(lint(yaml), expected);
      });

    test('are named with where they lead', () => {
      const [found] = diagnosticsOf(links(`member: { select: { columns: "*", ${own} } }`, ''));
      assert.deepEqual(
        [found!.message, found!.hint],
        [
          'Role "member" cannot follow 2 relationships of table "books", because it may not read where they lead: author (authors), editor (authors).',
          'grant it select on authors, or leave it so: then it sees the keys alone',
        ],
      );
    });
  });
});
