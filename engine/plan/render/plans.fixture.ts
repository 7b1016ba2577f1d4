/** Plans of a bookshop as the parts find them: what every form is tested with. */
import type { Diagnostic, Source } from '../../../schema/diagnostic.ts';
import type { StatementEffect } from '../../dialect/effect.ts';
import type { Coverage, TestResult } from '../../testing/result.ts';
import type { Change } from '../change.ts';
import type { MigrationReport, Plan, ProjectPlan, TestsReport } from '../report.ts';
import { type Sentence, say, strong } from '../sentence.ts';

export function at(file: string, line: number, column = 5, length = 4): Source {
  return { file, span: { start: { line, column }, end: { line, column: column + length } } };
}

export function project(given: Partial<ProjectPlan> = {}): ProjectPlan {
  return {
    path: '.',
    project: 'bookshop',
    title: 'Bookshop',
    state: 'changed',
    diagnostics: [],
    incomparable: undefined,
    changes: [],
    migrations: [],
    tests: undefined,
    ...given,
  };
}

export function plan(...projects: readonly ProjectPlan[]): Plan {
  return { base: 'main', projects };
}

type Given = Partial<Change> & Pick<Change, 'rule' | 'sentence'>;

export function change(given: Given): Change {
  return {
    section: 'api',
    level: 'safe',
    needsAcceptance: false,
    subject: {},
    roles: [],
    fingerprint: 'fp00000000000000',
    source: undefined,
    accepted: undefined,
    ...given,
  };
}

export const fieldGone = change({
  rule: 'response-property-removed',
  level: 'breaking',
  needsAcceptance: true,
  sentence: say`Column ${'isbn'} of ${'books'} is ${strong('gone')}: requests that select it fail.`,
  hint: 'keep the column and deprecate it, until nobody asks for it',
  subject: { table: 'books', column: 'isbn' },
  roles: ['visitor', 'customer'],
  fingerprint: 'fp3f9c1a77b2e04d',
  source: at('tables/books.yaml', 14, 7),
});

export const roleWidened = change({
  section: 'access',
  rule: 'access-read-gained',
  level: 'dangerous',
  needsAcceptance: true,
  gain: true,
  anonymous: true,
  personal: true,
  sentence: say`${'visitor'} ${strong('gains')} read of ${'customers.email'}.`,
  hint: 'list the columns that everybody may read, instead of "*"',
  subject: { table: 'customers', column: 'email', verb: 'select', role: 'visitor' },
  roles: ['visitor'],
  fingerprint: 'fp80d2c6e51a9b37',
  source: at('tables/customers.yaml', 22, 9),
});

export const filterChanged = change({
  section: 'access',
  rule: 'access-filter-changed',
  level: 'dangerous',
  sentence: say`Row filter of ${'customer'} on read of ${'orders'} has ${strong('changed')}, review it.`,
  subject: { table: 'orders', verb: 'select', role: 'customer' },
  roles: ['customer'],
  before: '{ customer_id: $jwt.sub }',
  after: '{ _or: [ { customer_id: $jwt.sub }, { gift_for: $jwt.email } ] }',
  fingerprint: 'fpc41b0e9f6d2a85',
  source: at('tables/orders.yaml', 31, 13),
});

export const tableAdded = change({
  rule: 'api-path-added',
  sentence: say`Table ${'reviews'} is new.`,
  subject: { table: 'reviews' },
  roles: ['customer', 'staff'],
  fingerprint: 'fp11f0a2b3c4d5e6',
  source: at('tables/reviews.yaml', 3, 3),
});

export const limitLowered = change({
  rule: 'request-parameter-max-decreased',
  level: 'dangerous',
  sentence: say`A list of ${'books'} has at most ${100} rows.`,
  subject: { table: 'books', value: 'rows' },
  roles: ['visitor'],
  before: '1000',
  after: '100',
  fingerprint: 'fp7e6d5c4b3a2910',
  source: at('tables/books.yaml', 40, 16),
});

export const accepted: Change = {
  ...fieldGone,
  accepted: { by: 'file', reason: 'the old app is gone since June', expires: '2027-01-31' },
};

function effect(given: Partial<StatementEffect> & Pick<StatementEffect, 'summary'>): StatementEffect {
  return {
    start: { line: 1, column: 1 },
    relation: undefined,
    lock: undefined,
    blocks: undefined,
    work: undefined,
    undo: undefined,
    advice: undefined,
    ...given,
  };
}

export const migration: MigrationReport = {
  database: 'main',
  engine: 'postgres',
  file: 'migrations/main/0007_reviews.sql',
  transaction: true,
  statements: [
    effect({
      summary: 'creates table "reviews"',
      lock: 'SHARE ROW EXCLUSIVE',
      blocks: 'writes',
      work: 'instant',
      undo: 'yes',
    }),
    effect({
      summary: 'adds column "rating" to "books"',
      start: { line: 9, column: 1 },
      relation: 'books',
      lock: 'ACCESS EXCLUSIVE',
      blocks: 'everything',
      work: 'instant',
      undo: 'yes',
    }),
    effect({
      summary: 'creates index "reviews_book" on "reviews"',
      start: { line: 12, column: 1 },
      relation: 'reviews',
      lock: 'SHARE',
      blocks: 'writes',
      work: 'scan',
      undo: 'yes',
      advice: 'create it concurrently, in a migration of its own without a transaction',
    }),
    effect({
      summary: 'drops column "isbn" of "books"',
      start: { line: 14, column: 1 },
      relation: 'books',
      lock: 'ACCESS EXCLUSIVE',
      blocks: 'everything',
      work: 'instant',
      undo: 'no',
      advice: 'drop it a release later, when nothing asks for it any more',
    }),
  ],
};

export const mysqlMigration: MigrationReport = {
  database: 'stock',
  engine: 'mysql',
  file: 'migrations/stock/0003_shelves.sql',
  transaction: false,
  statements: [
    effect({
      summary: 'changes the type of column "room" of "shelves"',
      relation: 'shelves',
      lock: 'COPY',
      blocks: 'writes',
      work: 'rewrite',
      undo: 'loses data',
      advice: 'add a second column, fill it in parts, and switch over',
    }),
    effect({ summary: 'CALL rebuild_shelves()', start: { line: 3, column: 1 } }),
  ],
};

function coverageOf(covered: number): Coverage {
  const roles = ['visitor', 'customer'];
  const tables = ['books', 'orders', 'reviews'];
  const verbs = ['select', 'insert', 'update', 'delete'] as const;
  const cells = roles.flatMap((role) =>
    tables.flatMap((table) => verbs.map((verb) => ({ role, table, verb }))),
  );
  return { roles, tables, cells: cells.map((cell, index) => ({ ...cell, covered: index < covered })) };
}

const passed = (name: string, line: number): TestResult => ({
  name,
  source: at('tests/rights.yaml', line, 11),
  state: 'passed',
  ms: 4,
  failures: [],
  request: undefined,
  answer: undefined,
});

export const testsPassed: TestsReport = {
  results: [
    passed('a visitor sees published books only', 2),
    passed('visitors write nothing', 9),
    passed('a customer reads own orders', 14),
  ],
  notRun: undefined,
  coverage: coverageOf(19),
};

export const testsFailed: TestsReport = {
  results: [
    passed('visitors write nothing', 9),
    {
      name: 'a visitor sees published books only',
      source: at('tests/books.yaml', 2, 11),
      state: 'failed',
      ms: 12,
      failures: [
        {
          key: 'expect.body',
          message: 'The body is another one.',
          source: at('tests/books.yaml', 5, 27),
          differences: [
            { path: '[1].id', expected: '2', received: '3' },
            { path: '[2]', expected: undefined, received: '{"id":4}' },
          ],
        },
      ],
      request: 'GET /rest/v1/books?select=id&order=id as anonymous',
      answer: { status: 200, headers: new Map(), body: '[{"id":1},{"id":3},{"id":4}]' },
    },
  ],
  notRun: undefined,
  coverage: coverageOf(12),
};

export const wrong: readonly Diagnostic[] = [
  {
    code: 'BIND_COLUMN_NOT_FOUND',
    severity: 'error',
    message: 'Column "titel" does not exist in relation "public.books".',
    hint: 'did you mean "title"?',
    source: at('tables/books.yaml', 14, 9),
  },
  {
    code: 'DECLARED_TWICE',
    severity: 'error',
    message: 'Table "orders" is declared twice.',
    hint: 'keep one of the two',
    source: at('tables/orders2.yaml', 2, 3),
    related: [{ message: 'The first is here.', source: at('tables/orders.yaml', 2, 3) }],
  },
  {
    code: 'NOT_ENFORCED',
    severity: 'warning',
    message: '"privacy.residency" is accepted and not enforced yet.',
    source: at('novastack.yaml', 8, 3),
  },
];

/** A path of the repository's root is `.`; in a monorepo most projects have nothing to do with the pull request. */
export const monorepo: Plan = plan(
  project({
    path: 'shops/berlin',
    project: 'berlin',
    title: 'Berlin',
    changes: [fieldGone, limitLowered, tableAdded],
    migrations: [migration],
  }),
  project({
    path: 'shops/paris',
    project: 'paris',
    title: 'Paris',
    changes: [roleWidened, filterChanged],
    tests: testsPassed,
  }),
  project({ path: 'shops/rome', project: 'rome', title: undefined, state: 'added', changes: [tableAdded] }),
  project({ path: 'shops/oslo', project: 'oslo', title: 'Oslo', state: 'removed', changes: [accepted] }),
  project({ path: 'shops/bern', project: undefined, title: undefined, diagnostics: wrong }),
  ...['lisbon', 'madrid', 'prague', 'riga', 'sofia', 'tallinn', 'vienna'].map((name) =>
    project({ path: `shops/${name}`, project: name, title: undefined, state: 'unchanged' }),
  ),
);

/** A pull request that no reviewer can read, in a monorepo that nobody can oversee. */
export function huge(projects: number, changes: number): Plan {
  const shapes = [fieldGone, roleWidened, filterChanged, limitLowered, tableAdded, tableAdded, tableAdded];
  const each = Math.ceil(changes / projects);
  const many = Array.from({ length: projects }, (_, index) =>
    project({
      path: `teams/team-${index}/api`,
      project: `team-${index}`,
      changes: Array.from({ length: each }, (_, number) => ({
        ...shapes[number % shapes.length]!,
        fingerprint: `fp${(index * each + number).toString(16).padStart(14, '0')}`,
        source: at(`tables/table-${number}.yaml`, number + 1),
      })),
      migrations: [migration],
      tests: index % 10 === 0 ? testsFailed : testsPassed,
      diagnostics: index % 25 === 0 ? wrong : [],
    }),
  );
  return plan(...many);
}

/** A plan whose every name and text is `name`. */
export function named(name: string): Plan {
  const sentence: Sentence = say`${name} ${strong('gains')} read of ${name}.`;
  const of = (given: Change): Change => ({
    ...given,
    sentence,
    hint: `did you mean "${name}"? Or ${name}`,
    roles: [name],
    before: name,
    after: `${name} or ${name}`,
    source: at(`${name}.yaml`, 3),
  });
  return {
    base: name,
    projects: [
      project({
        path: name,
        project: name,
        title: name,
        diagnostics: [
          {
            code: 'A',
            severity: 'error',
            message: `Table "${name}" is wrong, ${name} too.`,
            source: at(name, 1),
          },
          {
            code: 'B',
            severity: 'warning',
            message: name,
            hint: name,
            related: [{ message: name, source: at(name, 2) }],
          },
        ],
        incomparable: `The base does not compile: ${name}`,
        changes: [
          of(fieldGone),
          of(roleWidened),
          of(filterChanged),
          of(tableAdded),
          { ...of(accepted), accepted: { by: 'label', reason: name, expires: undefined } },
        ],
        migrations: [
          {
            ...migration,
            database: name,
            file: `migrations/${name}.sql`,
            statements: migration.statements.map((one) => ({
              ...one,
              summary: `drops "${name}" ${name}`,
              lock: name,
              advice: name,
            })),
          },
        ],
        tests: {
          ...testsFailed,
          results: testsFailed.results.map((result) => ({
            ...result,
            name,
            request: name,
            failures: result.failures.map((one) => ({
              ...one,
              message: name,
              differences: [{ path: name, expected: name, received: name }],
            })),
          })),
          notRun: name,
          coverage: {
            roles: [name],
            tables: [name],
            cells: [{ role: name, table: name, verb: 'select', covered: false }],
          },
        },
      }),
      project({ path: `a/${name}`, project: name, state: 'unchanged' }),
    ],
  };
}
