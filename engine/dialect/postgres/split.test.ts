import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { placeAt } from '../place.ts';
import { offsetOf, splitScript } from './split.ts';

function texts(sql: string): readonly string[] {
  return splitScript(sql).map(({ text }) => text);
}

describe('a script is parted', () => {
  const whole: readonly (readonly [string, string])[] = [
    ['in quotes', "SELECT 'a;b', 'it''s;', E'\\';', \"x;\"\"y\""],
    ['in dollar quotes', 'DO $$ BEGIN; END $$'],
    ['in tagged dollar quotes', 'DO $a$ SELECT $b$;$b$; $$;$$ $a$'],
    ['in parentheses', 'CREATE RULE r AS ON INSERT TO t DO (SELECT 1; SELECT 2)'],
    [
      'in the body of an SQL function',
      'CREATE OR REPLACE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT CASE WHEN true THEN 1 END; SELECT 2; END',
    ],
    ['in a comment', 'SELECT 1 /* ; /* ; */ ; */ + 1 -- ;\n + 2'],
    ['behind a backslash in a plain text', "SELECT 'a\\'"],
    ['in names with dollars', 'SELECT a$b$ FROM c$b$'],
  ];
  for (const [where, sql] of whole)
    it(`not at a semicolon ${where}`, () => assert.deepEqual(texts(`${sql};\n${sql}`), [sql, sql]));

  it('with the offset and the first words of each statement', () => {
    assert.deepEqual(splitScript('-- first\n  SELECT 1; ;\n/* b */ Create  INDEX concurrently x'), [
      { text: 'SELECT 1', offset: 11, words: ['select'] },
      { text: 'Create  INDEX concurrently x', offset: 31, words: ['create', 'index', 'concurrently'] },
    ]);
  });

  it('into nothing when it is empty or a comment', () => {
    assert.deepEqual([texts(''), texts(' ;; \n'), texts('-- x'), texts('/* x')], [[], [], [], []]);
  });

  it('without an end when a quote is not closed', () => {
    assert.deepEqual(texts("SELECT 1; SELECT 'a; b"), ['SELECT 1', "SELECT 'a; b"]);
    assert.deepEqual(texts('SELECT $x$ a; b'), ['SELECT $x$ a; b']);
  });
});

describe('a place', () => {
  it('counts lines and columns from 1', () => {
    assert.deepEqual(placeAt('ab\nc😀d', 0), { line: 1, column: 1 });
    assert.deepEqual(placeAt('ab\nc😀d', 6), { line: 2, column: 4 });
  });

  it('is found from the number of a character', () => {
    assert.equal(offsetOf('a😀b', 1), 0);
    assert.equal(offsetOf('a😀b', 3), 3);
  });
});
