import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Diagnostic } from './diagnostic.ts';
import { formatDiagnostics } from './format.ts';

const at = (file: string, line: number, column: number) => ({
  file,
  span: { start: { line, column }, end: { line, column: column + 5 } },
});

const diagnostics: readonly Diagnostic[] = [
  {
    code: 'BIND_COLUMN_NOT_FOUND',
    severity: 'error',
    message: 'Column "titel" does not exist in relation "public.books".',
    hint: 'did you mean "title"?',
    source: at('tables/books.yaml', 14, 9),
  },
  {
    code: 'DECLARED_TWICE',
    severity: 'warning',
    message: '100% of\n"a,b:c" twice.',
    source: at('tables/ä,b:c.yaml', 3, 1),
    related: [{ message: 'The first one is here.', source: at('novastack.yaml', 1, 2) }],
  },
  { code: 'NO_CATALOG', severity: 'notice', message: 'There is no lock.' },
];

test('prints for a terminal', () => {
  assert.equal(
    formatDiagnostics(diagnostics, 'text', { base: 'shop' }),
    `error BIND_COLUMN_NOT_FOUND  tables/books.yaml:14:9
  Column "titel" does not exist in relation "public.books".
  hint: did you mean "title"?

warning DECLARED_TWICE  tables/ä,b:c.yaml:3:1
  100% of
  "a,b:c" twice.
  novastack.yaml:1:2: The first one is here.

notice NO_CATALOG
  There is no lock.`,
  );
});

test('colours what a terminal can show', () => {
  assert.equal(
    formatDiagnostics(diagnostics.slice(0, 1), 'text', { color: true }),
    '\u001b[31merror\u001b[0m \u001b[1mBIND_COLUMN_NOT_FOUND\u001b[0m  \u001b[2mtables/books.yaml:14:9\u001b[0m\n' +
      '  Column "titel" does not exist in relation "public.books".\n' +
      '  hint: did you mean "title"?',
  );
});

test('lets no escape sequence of a name reach the terminal', () => {
  const hostile: Diagnostic = {
    code: 'A',
    severity: 'error',
    message: 'x\u001b[2Jy\u202e',
    source: at('a\u0007.yaml', 1, 1),
  };
  assert.equal(formatDiagnostics([hostile], 'text'), 'error A  a\\u0007.yaml:1:1\n  x\\u001b[2Jy\\u202e');
});

test('prints JSON as documented', () => {
  assert.deepEqual(JSON.parse(formatDiagnostics(diagnostics, 'json', { base: 'shop' })), {
    diagnostics: [
      {
        code: 'BIND_COLUMN_NOT_FOUND',
        severity: 'error',
        message: 'Column "titel" does not exist in relation "public.books".',
        hint: 'did you mean "title"?',
        file: 'tables/books.yaml',
        line: 14,
        column: 9,
        related: [],
      },
      {
        code: 'DECLARED_TWICE',
        severity: 'warning',
        message: '100% of\n"a,b:c" twice.',
        hint: null,
        file: 'tables/ä,b:c.yaml',
        line: 3,
        column: 1,
        related: [{ message: 'The first one is here.', file: 'novastack.yaml', line: 1, column: 2 }],
      },
      {
        code: 'NO_CATALOG',
        severity: 'notice',
        message: 'There is no lock.',
        hint: null,
        file: null,
        line: null,
        column: null,
        related: [],
      },
    ],
  });
});

test('prints annotations for GitHub, each on one line', () => {
  assert.equal(
    formatDiagnostics(diagnostics, 'github', { base: './shops/a/' }),
    [
      '::error file=shops/a/tables/books.yaml,line=14,col=9,title=BIND_COLUMN_NOT_FOUND::Column "titel" does not exist in relation "public.books".%0Ahint: did you mean "title"?',
      '::warning file=shops/a/tables/ä%2Cb%3Ac.yaml,line=3,col=1,title=DECLARED_TWICE::100%25 of%0A"a,b:c" twice.',
      '::notice title=NO_CATALOG::There is no lock.',
    ].join('\n'),
  );
});

test('lets no name start a command of its own in GitHub', () => {
  const hostile: Diagnostic = {
    code: 'A',
    severity: 'error',
    message: 'x\r\n::error::y',
    source: at('a\n::b.yaml', 1, 1),
  };
  assert.equal(
    formatDiagnostics([hostile], 'github'),
    '::error file=a%0A%3A%3Ab.yaml,line=1,col=1,title=A::x%0D%0A::error::y',
  );
});

test('prints SARIF 2.1.0', () => {
  const region = (startLine: number, startColumn: number) => ({
    startLine,
    startColumn,
    endLine: startLine,
    endColumn: startColumn + 5,
  });
  const physicalLocation = (uri: string, line: number, column: number) => ({
    artifactLocation: { uri, uriBaseId: '%SRCROOT%' },
    region: region(line, column),
  });
  assert.deepEqual(JSON.parse(formatDiagnostics(diagnostics, 'sarif', { base: 'shop' })), {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: {
          driver: {
            name: 'NovaStack',
            rules: [{ id: 'BIND_COLUMN_NOT_FOUND' }, { id: 'DECLARED_TWICE' }, { id: 'NO_CATALOG' }],
          },
        },
        columnKind: 'utf16CodeUnits',
        results: [
          {
            ruleId: 'BIND_COLUMN_NOT_FOUND',
            ruleIndex: 0,
            level: 'error',
            message: {
              text: 'Column "titel" does not exist in relation "public.books".\nhint: did you mean "title"?',
            },
            locations: [{ physicalLocation: physicalLocation('shop/tables/books.yaml', 14, 9) }],
          },
          {
            ruleId: 'DECLARED_TWICE',
            ruleIndex: 1,
            level: 'warning',
            message: { text: '100% of\n"a,b:c" twice.' },
            locations: [{ physicalLocation: physicalLocation('shop/tables/%C3%A4%2Cb%3Ac.yaml', 3, 1) }],
            relatedLocations: [
              {
                id: 0,
                physicalLocation: physicalLocation('shop/novastack.yaml', 1, 2),
                message: { text: 'The first one is here.' },
              },
            ],
          },
          { ruleId: 'NO_CATALOG', ruleIndex: 2, level: 'note', message: { text: 'There is no lock.' } },
        ],
      },
    ],
  });
});

test('prints nothing when there is nothing', () => {
  assert.equal(formatDiagnostics([], 'text'), '');
  assert.equal(formatDiagnostics([], 'github'), '');
  assert.deepEqual(JSON.parse(formatDiagnostics([], 'json')), { diagnostics: [] });
  assert.deepEqual(JSON.parse(formatDiagnostics([], 'sarif')).runs[0].results, []);
});
