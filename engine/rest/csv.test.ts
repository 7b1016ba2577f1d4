/** Lines of CSV, which a reader makes the same texts of again. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { csvLine } from './csv.ts';

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
