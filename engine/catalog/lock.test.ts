import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import fc from 'fast-check';
import { parseDocument } from '../../schema/document.ts';
import { builtinType } from './builtin-types.ts';
import { CanonicalMap, canonicalYaml } from './canonical.ts';
import type { Argument, Catalog, Column, Relation, Routine, Type } from './catalog.ts';
import { relationKey } from './catalog.ts';
import { fingerprint } from './fingerprint.ts';
import { isStale, type Lock, lockFolder, readLock, staleDiagnostic, writeLock } from './lock.ts';
import { sortedMap } from './order.ts';
import { arrayType, domainType, usualArrayName } from './type.ts';

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(path.join(tmpdir(), 'novastack-lock-'));
});
afterEach(() => rm(dir, { recursive: true }));

const inLock = (file: string) => path.join(dir, lockFolder, file);

function columnOf(name: string, type: Type, rest: Partial<Column> = {}): Column {
  return {
    name,
    type,
    nullable: false,
    default: null,
    identity: null,
    generated: false,
    comment: null,
    ...rest,
  };
}

function relationOf(
  schema: string,
  name: string,
  columns: readonly Column[],
  rest: Partial<Relation> = {},
): Relation {
  return {
    schema,
    name,
    kind: 'table',
    comment: null,
    columns: new Map(columns.map((column) => [column.name, column])),
    primaryKey: null,
    uniques: [],
    foreignKeys: [],
    indexes: [],
    insertable: true,
    updatable: true,
    deletable: true,
    rowSecurity: false,
    triggers: false,
    asksSession: rest.rowSecurity ?? false,
    rowEstimate: null,
    ...rest,
  };
}

function routineOf(name: string, args: readonly Argument[], rest: Partial<Routine> = {}): Routine {
  return {
    schema: 'public',
    name,
    comment: null,
    arguments: args,
    result: { kind: 'void' },
    volatility: 'volatile',
    definer: false,
    oneRow: false,
    ...rest,
  };
}

function argumentOf(name: string | null, type: Type, rest: Partial<Argument> = {}): Argument {
  return { name, type, optional: false, variadic: false, ...rest };
}

function catalogOf(
  relations: readonly Relation[],
  schemas = ['public'],
  routines: readonly Routine[] = [],
): Catalog {
  const facts = {
    engine: 'postgres',
    version: '15',
    capabilities: {
      returning: true,
      lateral: true,
      arrays: true,
      ranges: false,
      fullText: true,
      transactionalDdl: true,
    },
    schemas,
    relations: sortedMap(
      relations.map((relation) => [relationKey(relation.schema, relation.name), relation]),
    ),
    routines: sortedMap(Map.groupBy(routines, ({ schema, name }) => relationKey(schema, name))),
  };
  return { ...facts, fingerprint: fingerprint(facts) };
}

const status: Type = {
  schema: 'public',
  name: 'order_status',
  modifiers: '',
  family: 'enum',
  scalar: 'order_status',
  labels: ['new', 'PG-13', 'true', '', 'x: y'],
};
const email = domainType('public', 'email', builtinType('varchar', '(80)'));
const books = relationOf(
  'public',
  'books',
  [
    columnOf('id', builtinType('int8'), { identity: 'always' }),
    columnOf('title', builtinType('text'), { comment: 'What it is called: "short".' }),
    columnOf('price', builtinType('numeric', '(10,2)'), { nullable: true, default: '9.90' }),
    columnOf('author_id', builtinType('int8'), { nullable: true }),
    columnOf('status', status, { default: "'new'::order_status" }),
    columnOf('tags', arrayType('pg_catalog', '_text', builtinType('text')), { nullable: true }),
    columnOf('mail', domainType('public', 'work_email', email)),
    columnOf('gross', builtinType('numeric'), { generated: true, computed: true }),
    columnOf('nick', builtinType('text'), { nondeterministic: true }),
  ],
  {
    comment: 'What we sell.\n\nAll of it.',
    primaryKey: { name: 'books_pkey', columns: ['id'] },
    uniques: [{ name: 'books_title_key', columns: ['title'] }],
    foreignKeys: [
      {
        name: 'books_author_id_fkey',
        columns: ['author_id'],
        target: { schema: 'public', relation: 'authors', columns: ['id'] },
      },
    ],
    indexes: [{ name: 'books_pkey', columns: ['id'], unique: true, method: 'btree', partial: false }],
    rowSecurity: true,
    triggers: true,
    rowEstimate: 1000,
  },
);

function lockOf(
  relations: readonly Relation[] = [books],
  migrations: string | undefined = 'abc',
  routines: readonly Routine[] = [],
): Lock {
  const names = new Map([['public.books', new Map([['one books_author_id_fkey', 'author']])]]);
  const catalog = catalogOf(relations, ['public'], routines);
  return { databases: new Map([['main', { catalog, names, migrations }]]) };
}

const place: Type = { schema: 'other', name: 'place', modifiers: '', family: 'composite', scalar: 'place' };
const rowOfBooks: Type = { ...place, schema: 'public', name: 'books', scalar: 'books' };
const words = arrayType('pg_catalog', '_text', builtinType('text'));

const search: readonly Routine[] = [
  routineOf(
    'search',
    [
      argumentOf('query', builtinType('text')),
      argumentOf('status', status, { optional: true }),
      argumentOf('words', words, { optional: true, variadic: true }),
    ],
    {
      result: {
        kind: 'rows',
        set: true,
        columns: new Map([
          ['id', builtinType('int8')],
          ['price', builtinType('numeric', '(10,2)')],
        ]),
        relation: { schema: 'public', name: 'books' },
      },
      volatility: 'stable',
      comment: 'Finds books.',
    },
  ),
  routineOf('search', [argumentOf(null, rowOfBooks)], {
    result: { kind: 'scalar', type: arrayType('other', '_place', place), set: true },
    volatility: 'immutable',
    oneRow: true,
    definer: true,
  }),
  routineOf('search', [argumentOf('tired', domainType('public', 'tired', builtinType('bool')))]),
];
const pairs = routineOf('pairs', [], {
  result: { kind: 'rows', set: false, columns: new Map([['a', builtinType('int4')]]), relation: null },
});

async function listed(): Promise<readonly string[]> {
  const entries = await readdir(path.join(dir, lockFolder), { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(path.join(dir, lockFolder), path.join(entry.parentPath, entry.name)))
    .toSorted();
}

describe('the lock', () => {
  it('reads as a reviewer would want it', async () => {
    await writeLock(dir, lockOf());
    assert.deepEqual(await listed(), [
      'main/database.yaml',
      'main/tables/public.books.yaml',
      'main/types/public.email.yaml',
      'main/types/public.order_status.yaml',
      'main/types/public.work_email.yaml',
    ]);
    assert.equal(
      await readFile(inLock('main/tables/public.books.yaml'), 'utf8'),
      `# Written by NovaStack from the database; do not edit.
schema: public
relation: books
kind: table
comment: |-
  What we sell.

  All of it.
rows: 1000
row_security: true
triggers: true
columns:
  - { name: id, type: int8, identity: always }
  - { name: title, type: text, comment: "What it is called: \\"short\\"." }
  - { name: price, type: "numeric(10,2)", nullable: true, default: "9.90" }
  - { name: author_id, type: int8, nullable: true }
  - { name: status, type: public.order_status, default: "'new'::order_status" }
  - { name: tags, type: "text[]", nullable: true }
  - { name: mail, type: public.work_email }
  - { name: gross, type: numeric, generated: true, computed: true }
  - { name: nick, type: text, nondeterministic: true }
primary_key:
  name: books_pkey
  columns: [id]
uniques:
  - { name: books_title_key, columns: [title] }
foreign_keys:
  - { name: books_author_id_fkey, columns: [author_id], to: { schema: public, relation: authors, columns: [id] } }
indexes:
  - { name: books_pkey, columns: [id], method: btree, unique: true }
relationships:
  one books_author_id_fkey: author
`,
    );
    assert.equal(
      await readFile(inLock('main/database.yaml'), 'utf8'),
      `# Written by NovaStack from the database; do not edit.
engine: postgres
version: "15"
schemas: [public]
migrations: abc
capabilities:
  arrays: true
  fullText: true
  lateral: true
  ranges: false
  returning: true
  transactionalDdl: true
`,
    );
    assert.equal(
      await readFile(inLock('main/types/public.order_status.yaml'), 'utf8'),
      `# Written by NovaStack from the database; do not edit.
schema: public
type: order_status
kind: enum
labels: [new, PG-13, "true", "", "x: y"]
`,
    );
  });

  it('gives back what was written, with its fingerprint', async () => {
    await writeLock(dir, lockOf());
    assert.deepEqual(await readLock(dir), { value: lockOf(), diagnostics: [] });
  });

  it('is absent without a word', async () => {
    assert.deepEqual(await readLock(dir), { diagnostics: [] });
  });

  it('keeps the functions, one file for all overloads, and the types they name', async () => {
    const lock = lockOf([books], 'abc', [pairs, ...search]);
    await writeLock(dir, lock);
    assert.deepEqual(await readLock(dir), { value: lock, diagnostics: [] });
    assert.deepEqual(await listed(), [
      'main/database.yaml',
      'main/functions/public.pairs.yaml',
      'main/functions/public.search.yaml',
      'main/tables/public.books.yaml',
      'main/types/other.place.yaml',
      'main/types/public.books.yaml',
      'main/types/public.email.yaml',
      'main/types/public.order_status.yaml',
      'main/types/public.tired.yaml',
      'main/types/public.work_email.yaml',
    ]);
    assert.equal(
      await readFile(inLock('main/functions/public.search.yaml'), 'utf8'),
      `# Written by NovaStack from the database; do not edit.
schema: public
function: search
overloads:
  - arguments:
      - { name: query, type: text }
      - { name: status, type: public.order_status, optional: true }
      - { name: words, type: "text[]", optional: true, variadic: true }
    returns: row
    set: true
    relation:
      schema: public
      name: books
    columns:
      - { name: id, type: int8 }
      - { name: price, type: "numeric(10,2)" }
    volatility: stable
    comment: Finds books.
  - arguments:
      - { type: public.books }
    returns: "other.place[]"
    set: true
    one_row: true
    volatility: immutable
    definer: true
  - { arguments: [{ name: tired, type: public.tired }], returns: void, volatility: volatile }
`,
    );
  });

  it('keeps procedures: the order of their parameters, rows that only a call tells, a name that a function has too', async () => {
    const count = argumentOf('n', builtinType('int4'));
    const lock = lockOf([books], 'abc', [
      routineOf('add', [count], { result: { kind: 'scalar', type: builtinType('int4'), set: false } }),
      routineOf('add', [count], {
        result: {
          kind: 'rows',
          set: false,
          columns: new Map([['total', builtinType('int8')]]),
          relation: null,
        },
        parameters: ['total', 'n'],
      }),
      routineOf('list', [], { result: { kind: 'records' }, volatility: 'stable' }),
    ]);
    await writeLock(dir, lock);
    assert.deepEqual(await readLock(dir), { value: lock, diagnostics: [] });
    assert.equal(
      await readFile(inLock('main/functions/public.add.yaml'), 'utf8'),
      `# Written by NovaStack from the database; do not edit.
schema: public
function: add
overloads:
  - { arguments: [{ name: n, type: int4 }], returns: int4, volatility: volatile }
  - arguments:
      - { name: n, type: int4 }
    parameters: [total, n]
    returns: row
    columns:
      - { name: total, type: int8 }
    volatility: volatile
`,
    );
  });

  it('says of a relation that it asks who is calling, unless its row security lets one expect so', async () => {
    const view = relationOf('public', 'mine', [], {
      kind: 'view',
      insertable: false,
      updatable: false,
      deletable: false,
      asksSession: true,
    });
    const still = relationOf('public', 'still', [], { rowSecurity: true, asksSession: false });
    const lock = lockOf([books, view, still]);
    await writeLock(dir, lock);
    assert.deepEqual(await readLock(dir), { value: lock, diagnostics: [] });
    assert.equal(
      await readFile(inLock('main/tables/public.mine.yaml'), 'utf8'),
      `# Written by NovaStack from the database; do not edit.
schema: public
relation: mine
kind: view
asks_session: true
columns: []
`,
    );
  });

  it('touches only what has changed and takes away what has gone', async () => {
    const other = relationOf('public', 'other', [columnOf('id', builtinType('int4'))]);
    assert.equal(await writeLock(dir, lockOf([books, other])), true);
    assert.equal(await writeLock(dir, lockOf([books, other])), false);
    const file = inLock('main/tables/public.books.yaml');
    const { mtimeMs, ino } = await stat(file);
    await writeFile(inLock('main/tables/.dead.yaml'), 'a draft that a crash left');
    await mkdir(inLock('gone/tables'), { recursive: true });
    await writeFile(inLock('gone/tables/public.x.yaml'), 'x');
    const changed = { ...other, rowEstimate: 10 };
    assert.equal(await writeLock(dir, lockOf([books, changed])), true);
    const after = await stat(file);
    assert.deepEqual([after.mtimeMs, after.ino], [mtimeMs, ino]);
    assert.equal(await writeLock(dir, lockOf([books])), true);
    assert.equal((await listed()).includes('main/tables/public.other.yaml'), false);
    assert.deepEqual(await readdir(path.join(dir, lockFolder)), ['main']);
    assert.equal(await writeLock(dir, { databases: new Map() }), true);
    assert.deepEqual(await readLock(dir), { diagnostics: [] });
  });

  it('keeps hostile names apart, in files of any file system', async () => {
    const names = [
      '__proto__',
      'constructor',
      'Books',
      'books',
      'a/b',
      '..',
      'a"b',
      "'",
      '😀',
      'é'.repeat(31),
      'x'.repeat(63),
    ];
    const columns = [...names, '2', '1', ' ', ': #', '- x', 'null', '\n', '\t\u0007\u0085\u2028'].map(
      (name) => columnOf(name, builtinType('int4'), { default: name, comment: name }),
    );
    const relations = names.map((name) => relationOf('public', name, columns, { comment: name }));
    const routines = names.map((name) =>
      routineOf(
        name,
        columns.map((column) => argumentOf(column.name, { ...rowOfBooks, name, scalar: name })),
        {
          comment: name,
          result: {
            kind: 'rows',
            set: true,
            columns: new Map(columns.map((column) => [column.name, column.type])),
            relation: { schema: 'a.b', name },
          },
        },
      ),
    );
    const catalog = catalogOf(relations, ['public', '__proto__'], routines);
    const edges = new Map(names.map((name) => [`one ${name}`, name]));
    const lock: Lock = {
      databases: new Map([
        [
          '__proto__',
          {
            catalog,
            names: sortedMap(names.map((name) => [`public.${name}`, sortedMap(edges)])),
            migrations: undefined,
          },
        ],
      ]),
    };
    await writeLock(dir, lock);
    const back = await readLock(dir);
    assert.deepEqual(back.diagnostics, []);
    assert.deepEqual(back.value, lock);
    const read = back.value!.databases.get('__proto__')!.catalog.relations.get('public.__proto__')!;
    assert.deepEqual(
      [...read.columns.keys()],
      columns.map(({ name }) => name),
    );
    const called = back.value!.databases.get('__proto__')!.catalog.routines.get('public.__proto__')![0]!;
    assert.deepEqual(
      called.result.kind === 'rows' && [...called.result.columns.keys()],
      columns.map(({ name }) => name),
    );
    for (const file of await listed()) {
      assert.match(file, /^[A-Za-z0-9_.%/-]+$/);
      for (const part of file.split('/')) assert.ok(part.length <= 255, part);
    }
  });

  it('keeps the names of arrays that a database had to call otherwise', async () => {
    const odd = arrayType('public', '__order_status', status);
    const long = { ...status, name: 'é'.repeat(31) };
    const columns = [
      columnOf('a', odd),
      columnOf('b', arrayType('public', usualArrayName(long.name), long)),
      columnOf('c', domainType('public', 'list', odd)),
    ];
    const lock = lockOf([relationOf('public', 'books', columns)]);
    await writeLock(dir, lock);
    assert.deepEqual(await readLock(dir), { value: lock, diagnostics: [] });
    assert.match(
      await readFile(inLock('main/types/public.order_status.yaml'), 'utf8'),
      /^array: public.__order_status$/m,
    );
  });

  it('is stale when it was written for other migrations', () => {
    const locked = lockOf().databases.get('main')!;
    assert.deepEqual(
      [isStale(locked, 'abc'), isStale(locked, 'abd'), isStale(locked, undefined)],
      [false, true, true],
    );
    assert.equal(isStale({ ...locked, migrations: undefined }, undefined), false);
    assert.equal(staleDiagnostic('main').source?.file, 'novastack.lock/main/database.yaml');
  });

  it('does not write through a link that leads elsewhere', async () => {
    const elsewhere = await mkdtemp(path.join(tmpdir(), 'novastack-elsewhere-'));
    await symlink(elsewhere, path.join(dir, lockFolder));
    await assert.rejects(writeLock(dir, lockOf()), /is not a plain folder/);
    await rm(path.join(dir, lockFolder));
    await mkdir(inLock('main'), { recursive: true });
    await symlink(elsewhere, inLock('main/tables'));
    await assert.rejects(writeLock(dir, lockOf()), /is not a plain folder/);
    assert.deepEqual(await readdir(elsewhere), []);
    await rm(elsewhere, { recursive: true });
  });
});

describe('a damaged lock', () => {
  const table = 'main/tables/public.books.yaml';
  const routine = 'main/functions/public.search.yaml';
  const cases: readonly (readonly [
    what: string,
    file: string,
    from: string | RegExp,
    to: string,
    place: string,
    message: RegExp,
  ])[] = [
    ['a conflict marker', table, 'kind: table', '<<<<<<< HEAD\nkind: table', '4:1', /not valid YAML/],
    ['a missing key', table, 'kind: table\n', '', '1:1', /"kind" must be one of table, partitioned/],
    ['an unknown key', table, 'kind: table', 'kind: table\nkinds: view', '5:8', /"kinds" is not known here/],
    [
      'a text for a flag',
      table,
      'triggers: true',
      'triggers: yes',
      '11:11',
      /"triggers" must be true or false/,
    ],
    [
      'a type without a file',
      table,
      'public.work_email',
      'public.gone',
      '19:25',
      /type public.gone has no file/,
    ],
    ['a type that is no type', table, 'public.work_email', '"a b c"', '19:25', /type a b c has no file/],
    [
      'a column twice',
      table,
      'name: author_id, type',
      'name: id, type',
      '16:13',
      /column "id" is listed twice/,
    ],
    [
      'a list for a map',
      table,
      'primary_key:\n  name: books_pkey\n  columns: [id]',
      'primary_key: [id]',
      '22:14',
      /mapping is expected/,
    ],
    [
      'a domain on itself',
      'main/types/public.email.yaml',
      '"varchar(80)"',
      'public.email',
      '5:7',
      /type public.email has no file/,
    ],
    ['no name of a function', routine, 'function: search\n', '', '1:1', /"function" must be a text/],
    [
      'a function without overloads',
      routine,
      /overloads:[\s\S]*/,
      'overloads: []\n',
      '4:12',
      /"overloads" must list at least one/,
    ],
    [
      'an overload twice',
      routine,
      '{ type: public.books }',
      '{ name: tired, type: public.tired }',
      '26:18',
      /overload \(public.tired\) is listed twice/,
    ],
    [
      'an argument of a type without a file',
      routine,
      'public.tired',
      'public.gone',
      '26:40',
      /type public.gone has no file/,
    ],
    [
      'a result of a type without a file',
      routine,
      'other.place[]',
      'other.gone[]',
      '21:14',
      /type other.gone\[\] has no file/,
    ],
    ['a volatility of its own', routine, 'stable', 'often', '17:17', /"volatility" must be one of immutable/],
    ['a set of nothing', routine, 'returns: void', 'returns: void, set: true', '26:77', /"set" is not known/],
    [
      'a column of a result twice',
      routine,
      'name: price',
      'name: id',
      '16:17',
      /column "id" is listed twice/,
    ],
    ['half a relation', routine, '      schema: public\n', '', '11:5', /"schema" must be a text/],
    ['nothing at all', 'main/database.yaml', '', '', '1:1', /mapping is expected/],
  ];
  for (const [what, file, from, to, place, message] of cases)
    it(`with ${what} says where`, async () => {
      await writeLock(dir, lockOf([books], 'abc', search));
      const text = await readFile(inLock(file), 'utf8');
      assert.ok(what === 'nothing at all' || text.replace(from, '') !== text);
      await writeFile(inLock(file), what === 'nothing at all' ? '' : text.replace(from, to));
      const { value, diagnostics } = await readLock(dir);
      assert.deepEqual(value, { databases: new Map() });
      const [found] = diagnostics;
      assert.match(found!.message, message);
      assert.equal(found!.severity, 'error');
      const { file: at, span } = found!.source!;
      assert.deepEqual([at, `${span.start.line}:${span.start.column}`], [`${lockFolder}/${file}`, place]);
    });

  it('with two files for one function names the second', async () => {
    await writeLock(dir, lockOf([books], 'abc', search));
    await writeFile(inLock('main/functions/twin.yaml'), await readFile(inLock(routine), 'utf8'));
    const { value, diagnostics } = await readLock(dir);
    assert.deepEqual(value, { databases: new Map() });
    assert.deepEqual(
      diagnostics.map(({ code, message, source }) => [code, message, source?.file]),
      [
        [
          'LOCK_DAMAGED',
          'Another file describes "public.search" already.',
          'novastack.lock/main/functions/twin.yaml',
        ],
      ],
    );
  });

  it('without database.yaml is named', async () => {
    await mkdir(inLock('main/tables'), { recursive: true });
    const { diagnostics } = await readLock(dir);
    assert.deepEqual(
      diagnostics.map(({ code, message }) => [code, message]),
      [['LOCK_DAMAGED', 'The folder "novastack.lock/main" has no database.yaml.']],
    );
  });

  it('is mended by writing it again', async () => {
    await writeLock(dir, lockOf());
    await writeFile(inLock(table), '{{{');
    assert.equal(await writeLock(dir, lockOf()), true);
    assert.deepEqual((await readLock(dir)).diagnostics, []);
  });
});

describe('canonical YAML', () => {
  it('gives back every text, wherever it stands', () => {
    const text = fc.oneof(
      fc.string({ unit: 'grapheme', maxLength: 20 }),
      fc.string({ unit: 'binary', maxLength: 8 }),
      fc
        .array(fc.constantFrom('a', ' ', '\n', '#', ':', '-', '"', "'", '\\', '\t', '|', '0', 'e', '.', '~'))
        .map((parts) => parts.join('')),
    );
    fc.assert(
      fc.property(text, (value) => {
        const map = new CanonicalMap([
          ['plain', value],
          ['list', [value, [value]]],
          ['maps', [new CanonicalMap([[value, value]])]],
          ['map', new CanonicalMap([[value, value]])],
        ]);
        const { document, diagnostics } = parseDocument('x.yaml', canonicalYaml(map));
        assert.deepEqual(diagnostics, []);
        const object = Object.assign(Object.create(null), { [value]: value });
        assert.deepEqual(
          document!.value,
          Object.assign(Object.create(null), {
            plain: value,
            list: [value, [value]],
            maps: [object],
            map: object,
          }),
        );
      }),
      { numRuns: 3000 },
    );
  });
});
