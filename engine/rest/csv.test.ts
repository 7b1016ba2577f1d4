/** Rows and lines of CSV: what is written is read again, by us and by others, and what others read we read alike. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { csvLine, parseCsv } from './csv.ts';

const lines: readonly (readonly [readonly (string | null)[], string])[] = [
  [['a', '1', '2.50'], 'a,1,2.50'],
  [[null, '', 'NULL'], ',"",NULL'],
  [['a,b', 'say "hi"', 'x\ny', 'x\ry'], '"a,b","say ""hi""","x\ny","x\ry"'],
  [[' a', 'b ', 'c d', '\t'], '" a","b ","c d","\t"'],
  [['{1,2}', '(a)', '\\x00', "o'k"], `"{1,2}","(a)","\\x00",o'k`],
  [['größe', '😀', '\u00a0'], 'größe,😀,"\u00a0"'],
  [[], ''],
];

for (const [row, line] of lines)
  test(`writes ${JSON.stringify(row)}`, () => assert.equal(csvLine(row), line));

test('is read back as it was, whatever the texts; null is the empty text without quotes', () => {
  const field = fc.oneof(fc.string({ unit: 'binary' }), fc.constant(null));
  const rows = fc.array(fc.array(field, { minLength: 2, maxLength: 2 }), { minLength: 1 });
  fc.assert(
    fc.property(rows, (given) => {
      const cast = (value: string, { quoting }: { quoting: boolean }) =>
        value === '' && !quoting ? null : value;
      const read = parse(given.map(csvLine).join('\n'), { cast, record_delimiter: '\n' });
      assert.deepEqual(read, given);
    }),
  );
});

const texts: readonly (readonly [string, readonly (readonly (string | null)[])[] | string])[] = [
  ['', []],
  ['\n\r\n\n', []],
  ['a', [['a']]],
  ['a,b\n1,2', [['a', 'b'], ['1', '2']]],
  ['a,b\r\n1,2\r\n', [['a', 'b'], ['1', '2']]],
  ['\ufeffa\n1', [['a'], ['1']]],
  ['a,\n,b\n,', [['a', ''], ['', 'b'], ['', '']]],
  ['"a,b","c\n""d""",""', [['a,b', 'c\n"d"', '']]],
  ['NULL,"NULL",null', [[null, 'NULL', 'null']]],
  ['""\n\nx', [[''], ['x']]],
  [' a , "b', 'A field of row 0 holds a quote, and stands in none.'],
  ['a\n"open\n', 'The quotes opened in row 1 are not closed.'],
  ['a\n"x"y', 'Behind the closing quotes in row 1 stands "y".'],
  ['a\nx"y"', 'A field of row 1 holds a quote, and stands in none.'],
]; // biome-ignore format: one case a line

for (const [text, rows] of texts)
  test(`reads ${JSON.stringify(text)}`, () => assert.deepEqual(parseCsv(text), rows));

test('reads what another reader reads, and refuses what it refuses', () => {
  const piece = fc.oneof(
    fc.constantFrom('a', 'NULL', ',', '"', '""', '\n', ' ', '\\', 'é', '😀', '\t'),
    fc.string({ unit: 'grapheme', maxLength: 2 }).filter((text) => !text.includes('\r')),
  );
  const text = fc.array(piece, { maxLength: 14 }).map((pieces) => pieces.join(''));
  const theirs = (given: string) => {
    try {
      return parse(given, {
        record_delimiter: '\n',
        relax_column_count: true,
        skip_empty_lines: true,
        bom: true,
        cast: (value, { quoting }) => (value === 'NULL' && !quoting ? null : value),
      });
    } catch {
      return 'refused';
    }
  };
  fc.assert(
    fc.property(text, (given) => {
      const rows = parseCsv(given);
      assert.deepEqual(typeof rows === 'string' ? 'refused' : rows, theirs(given));
    }),
    { numRuns: 2000 },
  );
});

test('reads a long body, and one that never closes its quotes, in one pass', () => {
  const started = performance.now();
  assert.equal(parseCsv('a,"b"\n'.repeat(200_000)).length, 200_000);
  assert.equal(typeof parseCsv(`a\n"${'""'.repeat(500_000)}`), 'string');
  assert.equal(typeof parseCsv(`${'"a" '.repeat(200_000)}`), 'string');
  assert.equal(parseCsv(','.repeat(1_000_000))[0]!.length, 1_000_001);
  assert.ok(performance.now() - started < 3_000);
});
