/** JSON without loss: what comes in goes out digit by digit, and what must not be stored is refused. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseJson } from './json.ts';

const kept: readonly string[] = [
  '12345678901234567890',
  '-0',
  '1.10',
  '1e3',
  '1E400',
  '0.1000000000000000055511151231257827',
  '1e+300',
  '-17e303',
  '[1e300,2e300,1.0,3e300,-2e300,"1e300",{"1e300":0.10}]',
  '[0.5,0.05,0.0000005,123456789012345.6,1234567890.12345]',
  '9007199254740993',
  '[1,2.50,{"a":123456789012345678901234567890.5}]',
  '{"plain":1,"big":18446744073709551615,"list":[0.30,1e-7]}',
];
for (const text of kept)
  test(`keeps every digit of ${text}`, () => assert.equal(JSON.stringify(parseJson(text)), text));

test('gives plain numbers for those that JavaScript holds exactly', () => {
  assert.deepEqual(
    parseJson('[1,-2,3.5,123456789012345,9007199254740991]'),
    [1, -2, 3.5, 123456789012345, 9007199254740991],
  );
});

test('reads digits within strings as text', () => {
  assert.deepEqual(parseJson('{"1.10":"1e400 \\" 2.50 \\u0041 \\ud83d\\ude00"}'), {
    '1.10': '1e400 " 2.50 A 😀',
  });
});

test('makes __proto__ a key like any other, also beside exact numbers', () => {
  for (const text of ['{"__proto__":{"a":1}}', '{"__proto__":{"a":1},"b":1.0}']) {
    const value = parseJson(text) as object;
    assert.equal(Object.getPrototypeOf(value), Object.prototype);
    assert.deepEqual(Object.keys(value)[0], '__proto__');
    assert.equal(JSON.stringify(value), text);
  }
});

test('lets the last of duplicate keys win', () => {
  assert.equal(JSON.stringify(parseJson('{"a":1.0,"b":2,"a":3.0}')), '{"a":3.0,"b":2}');
});

const refused: readonly (readonly [string, string, string, string | null])[] = [
  ['', 'PGRST102', 'Empty or invalid json', 'The text is empty.'],
  [' \n', 'PGRST102', 'Empty or invalid json', 'The text is empty.'],
  ['{"a":1,}', 'PGRST102', 'Empty or invalid json', 'The text stops being JSON at character 8.'],
  ['{"a":01}', 'PGRST102', 'Empty or invalid json', 'The text stops being JSON at character 7.'],
  ['[1.0,01.5]', 'PGRST102', 'Empty or invalid json', 'The text stops being JSON at character 7.'],
  ['{1.0:2}', 'PGRST102', 'Empty or invalid json', 'The text stops being JSON at character 2.'],
  ['[1.0 2.0]', 'PGRST102', 'Empty or invalid json', 'The text stops being JSON at character 6.'],
  ['[1.0,1.,2]', 'PGRST102', 'Empty or invalid json', 'The text stops being JSON at character 8.'],
  ['{"a":--1.0}', 'PGRST102', 'Empty or invalid json', 'The text stops being JSON at character 7.'],
  ['"a', 'PGRST102', 'Empty or invalid json', 'The text stops being JSON at character 3.'],
  ['nul', 'PGRST102', 'Empty or invalid json', null],
  ['"a\u0000b"', 'PGRST102', 'Empty or invalid json', 'The text stops being JSON at character 3.'],
  ['{"a":"\\u0000"}', '22021', 'The text holds a NUL character (\\u0000), which cannot be stored.', null],
  ['{"\\u0000":1}', '22021', 'The text holds a NUL character (\\u0000), which cannot be stored.', null],
  ['"\\ud800"', '22021', 'The text holds half of a surrogate pair, which is not valid Unicode.', null],
  ['"\\ud800\\u0041"', '22021', 'The text holds half of a surrogate pair, which is not valid Unicode.', null],
  ['"\\udc00"', '22021', 'The text holds half of a surrogate pair, which is not valid Unicode.', null],
];
for (const [text, code, message, details] of refused)
  test(`refuses ${JSON.stringify(text)}`, () =>
    assert.throws(() => parseJson(text), { code, message, details }));

test('refuses deep nesting before anything recurses, and counts no brackets within strings', () => {
  const message = 'The JSON is nested deeper than 64 levels.';
  assert.throws(() => parseJson('['.repeat(400_000)), { code: 'PGRST102', message });
  assert.throws(() => parseJson('{"a":'.repeat(65)), { code: 'PGRST102', message });
  assert.throws(() => parseJson('[[[]]]', { depth: 2, code: 'NS400' }), { code: 'NS400' });
  assert.deepEqual(parseJson(`"${'['.repeat(100)}"`), '['.repeat(100));
  assert.equal(JSON.stringify(parseJson(`${'['.repeat(64)}1.0${']'.repeat(64)}`)).length, 131);
});

test('keeps exact numbers among very many other values', () => {
  const value = parseJson(`[1.10${',{}'.repeat(330_000)}]`) as unknown[];
  assert.deepEqual([value.length, JSON.stringify(value[0])], [330_001, '1.10']);
});

test('takes time that grows with the text alone', () => {
  for (const text of [
    '\\\\'.repeat(500_000),
    `"${'\\\\'.repeat(500_000)}`,
    '"\\"'.repeat(300_000),
    '1'.repeat(900_000),
  ])
    try {
      parseJson(text);
    } catch (error) {
      assert.equal((error as { code: unknown }).code, 'PGRST102');
    }
});

test('quotes nothing of the text in its messages', () => {
  assert.throws(
    () => parseJson('{"password": hunter2}'),
    (error: Error) =>
      !JSON.stringify({ ...error, cause: undefined, message: error.message }).includes('hunter2'),
  );
});
