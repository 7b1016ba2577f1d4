import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseDocument } from './document.ts';
import type { Literal, Path } from './predicate.ts';

/** Values are without a prototype; JSON is compared. */
const plain = (value: Literal | undefined) =>
  JSON.parse(JSON.stringify(value ?? null, (_, item) => (typeof item === 'bigint' ? `${item}n` : item)));

const read = (text: string) => {
  const { document, diagnostics } = parseDocument('a.yaml', text);
  assert.deepEqual(diagnostics, []);
  return plain(document!.value);
};

const refusal = (text: string) => {
  const { document, diagnostics } = parseDocument('a.yaml', text);
  assert.equal(document, undefined);
  return diagnostics.map(({ code, source }) => [code, source!.span.start.line, source!.span.start.column]);
};

test('reads YAML 1.2 core', () => {
  assert.deepEqual(
    read('a: no\nb: on\nc: 0o17\nd: 017\ne: 0x1F\nf: 1e3\ng: ~\nh: true\ni: 2024-01-01\nj: 12:30\nk: 1_000'),
    {
      a: 'no',
      b: 'on',
      c: 15,
      d: 17,
      e: 31,
      f: 1000,
      g: null,
      h: true,
      i: '2024-01-01',
      j: '12:30',
      k: '1_000',
    },
  );
});

test('keeps integers exactly, however long', () => {
  assert.deepEqual(read('a: 9007199254740991\nb: 9007199254740993\nc: -123456789012345678901234567890'), {
    a: 9007199254740991,
    b: '9007199254740993n',
    c: '-123456789012345678901234567890n',
  });
});

test('takes keys as they are written', () => {
  assert.deepEqual(read('no: 1\n2024: 2\n1.50: 3\ntrue: 4\n"a b": 5'), {
    no: 1,
    2024: 2,
    '1.50': 3,
    true: 4,
    'a b': 5,
  });
});

test('gives hostile keys no power', () => {
  const { document } = parseDocument(
    'a.yaml',
    '__proto__: { polluted: 1 }\nconstructor: 2\ntoString: 3\nthen: 4',
  );
  assert.equal(Object.getPrototypeOf(document!.value), null);
  assert.deepEqual(Object.keys(document!.value as object), ['__proto__', 'constructor', 'toString', 'then']);
  assert.equal(({} as { polluted?: number }).polluted, undefined);
});

test('follows aliases to the anchor that is last before them', () => {
  assert.deepEqual(read('a: &x 1\nb: *x\nc: &x { d: 2 }\ne: [*x]'), {
    a: 1,
    b: 1,
    c: { d: 2 },
    e: [{ d: 2 }],
  });
});

test('takes a file of comments as empty', () => {
  for (const text of ['', '# nothing\n', '---\n', '\ufeff', '\r\n\r\n']) assert.equal(read(text), null);
});

test('reads any line ending and a byte order mark, and counts columns after it', () => {
  const { document } = parseDocument('a.yaml', '\ufeffa: 1\r\nb:\r\n  c: "💶" # x\r\n  d: 2\r\n');
  assert.deepEqual(plain(document!.value), { a: 1, b: { c: '💶', d: 2 } });
  assert.deepEqual(document!.locate(['a'], 'key').span.start, { line: 1, column: 1 });
  assert.deepEqual(document!.locate(['b', 'd']).span, {
    start: { line: 4, column: 6 },
    end: { line: 4, column: 7 },
  });
});

for (const [path, part, start, end] of [
  [['a'], 'key', [1, 1], [1, 2]],
  [['a', 'b'], 'value', [1, 9], [1, 15]],
  [['a', 'b', 1], 'value', [1, 13], [1, 14]],
  [['c'], 'value', [2, 1], [2, 2]],
  [['c', 'nothing', 'here'], 'value', [2, 1], [2, 2]],
  [['d', 0, 'e'], 'value', [4, 8], [4, 12]],
  [['d', 1], 'value', [5, 5], [5, 7]],
  [['a', 'nothing'], 'value', [1, 1], [1, 2]],
  [['nothing'], 'value', [1, 1], [1, 1]],
  [[], 'value', [1, 1], [1, 1]],
] as const) {
  test(`finds the ${part} of ${path.join('/') || 'the whole'}`, () => {
    const text = 'a: { b: [1, 2] }\nc:\nd:\n  - e: "😀"\n  - 17\n';
    const { span } = parseDocument('a.yaml', text).document!.locate(path as Path, part);
    assert.deepEqual([Object.values(span.start), Object.values(span.end)], [start, end]);
  });
}

test('finds a value behind an alias where it was written', () => {
  const { document } = parseDocument('a.yaml', 'a: &x { b: 1 }\nc: *x');
  assert.deepEqual(document!.locate(['c', 'b']).span.start, { line: 1, column: 12 });
  assert.deepEqual(document!.locate(['c']).span.start, { line: 2, column: 4 });
});

for (const [name, text, expected] of [
  ['a NUL', 'a: "\u0000"', ['YAML_CONTROL_CHARACTER', 1, 5]],
  ['an escape', 'a: 1\nb: \u001b[31m', ['YAML_CONTROL_CHARACTER', 2, 4]],
  ['more than 1 MB', `a: ${'x'.repeat(2_000_000)}`, ['FILE_TOO_LARGE', 1, 1]],
  ['20,000 brackets', '['.repeat(20_000), ['YAML_TOO_DEEP', 1, 100]],
  ['20,000 braces', '{a: '.repeat(20_000), ['YAML_TOO_DEEP', 1, 397]],
  ['20,000 dashes', `${'- '.repeat(20_000)}x`, ['YAML_TOO_DEEP', 1, 199]],
  [
    '900 levels of indentation',
    Array.from({ length: 900 }, (_, level) => `${' '.repeat(level)}a:`).join('\n'),
    ['YAML_TOO_DEEP', 100, 100],
  ],
  ['more than 100 aliases', `a: &a 1\nb: [${'*a, '.repeat(101)}]`, ['YAML_ALIASES', 2, 405]],
  ['a tag on a key', 'a: 1\n!!str b: 2', ['YAML_TAG', 2, 1]],
  ['another version of YAML', '%YAML 1.1\n---\na: no', ['YAML_DIRECTIVE', 1, 1]],
  ['a tag directive', '%TAG ! tag:example.com,2000:\n---\na: 1', ['YAML_DIRECTIVE', 1, 1]],
  ['no number at all', 'a: .nan', ['YAML_NUMBER', 1, 4]],
  ['an empty key', ': 1', ['YAML_KEY', 1, 1]],
] as const) {
  test(`refuses ${name}`, () => assert.deepEqual(refusal(text), [expected]));
}

test('refuses aliases that multiply', () => {
  const lines = ['a: &a [1,1,1,1,1,1,1,1,1,1]'];
  for (const [index, name] of [...'bcdefgh'].entries()) {
    lines.push(`${name}: &${name} [${Array(9).fill(`*${'abcdefgh'[index]}`).join(',')}]`);
  }
  const started = performance.now();
  assert.deepEqual(refusal(lines.join('\n')), [['YAML_ALIASES', 5, 8]]);
  assert.ok(performance.now() - started < 5_000);
});

test('reports every duplicate key with the first of them', () => {
  const { diagnostics } = parseDocument('a.yaml', 'a: 1\nb: { c: 1, c: 2 }\na: 3');
  assert.deepEqual(diagnostics, [
    {
      code: 'YAML_DUPLICATE_KEY',
      severity: 'error',
      message: 'The key "c" is written twice.',
      hint: 'keep one of them',
      source: { file: 'a.yaml', span: { start: { line: 2, column: 12 }, end: { line: 2, column: 13 } } },
      related: [
        {
          message: 'The first one is here.',
          source: { file: 'a.yaml', span: { start: { line: 2, column: 6 }, end: { line: 2, column: 7 } } },
        },
      ],
    },
    {
      code: 'YAML_DUPLICATE_KEY',
      severity: 'error',
      message: 'The key "a" is written twice.',
      hint: 'keep one of them',
      source: { file: 'a.yaml', span: { start: { line: 3, column: 1 }, end: { line: 3, column: 2 } } },
      related: [
        {
          message: 'The first one is here.',
          source: { file: 'a.yaml', span: { start: { line: 1, column: 1 }, end: { line: 1, column: 2 } } },
        },
      ],
    },
  ]);
});

test('explains a reference that is not quoted in braces', () => {
  const { diagnostics } = parseDocument('a.yaml', 'main: { url: ${env:URL}, engine: postgres }');
  assert.deepEqual(diagnostics, [
    {
      code: 'YAML_UNQUOTED_REFERENCE',
      severity: 'error',
      message:
        'A reference "${…}" must be quoted inside { } and [ ], where YAML gives the brackets a meaning of their own.',
      hint: 'write it in quotes: "${env:NAME}"',
      source: { file: 'a.yaml', span: { start: { line: 1, column: 14 }, end: { line: 1, column: 16 } } },
    },
  ]);
  assert.deepEqual(
    read('main: { url: "${env:URL}" }\nb: ${env:URL}\nc: { d: $5, e: $jwt.sub }\nf: $jwt["x"]'),
    {
      main: { url: '${env:URL}' },
      b: '${env:URL}',
      c: { d: '$5', e: '$jwt.sub' },
      f: '$jwt["x"]',
    },
  );
});

test('reads a file of 80,000 keys in a moment', () => {
  const started = performance.now();
  const text = Array.from({ length: 80_000 }, (_, index) => `k${index}: 1`).join('\n');
  assert.equal(Object.keys(read(text)).length, 80_000);
  assert.ok(performance.now() - started < 10_000);
});
