import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ScriptError } from '../script-error.ts';
import { splitScript } from './split.ts';

function texts(sql: string): readonly string[] {
  return splitScript(sql).map(({ text }) => text);
}

describe('a script is parted', () => {
  const whole: readonly (readonly [string, string])[] = [
    ['in quotes', "SELECT 'a;b', 'it''s;', \"x;\"\"y\", `z;``z`"],
    ['behind a quote with a backslash', "SELECT 'a\\';b', \"c\\\";d\", 'e\\\\'"],
    ['behind a name that ends in a backslash', 'SELECT `a\\`'],
    ['in a comment', 'SELECT 1 /* ; \' */ + 1 -- ; "\n + 2 # ; `\n + 3 --\t;\n'.trimEnd()],
    ['in an executable comment', "CREATE TABLE t (a int) /*!50100 COMMENT ';' ; */ /*M!100100 ; */"],
    ['in a text with a character set', "SELECT _utf8mb4';', N';', X'3b', b'1'"],
  ];
  for (const [where, sql] of whole)
    it(`not at a semicolon ${where}`, () => assert.deepEqual(texts(`${sql}\n;\n${sql}`), [sql, sql]));

  it('at a semicolon behind two minus signs that are no comment', () => {
    assert.deepEqual(texts('SELECT 5--3; SELECT 2--'), ['SELECT 5--3', 'SELECT 2--']);
    assert.deepEqual(texts('SELECT 1; --'), ['SELECT 1']);
  });

  it('at what a DELIMITER line says, until the next', () => {
    const body = 'CREATE PROCEDURE p() BEGIN SELECT 1; SELECT 2; END';
    const sql = `SELECT 0;\n  delimiter // and more; \n${body} //\n${body}// SELECT 3 //\nDELIMITER ;\nSELECT 4; SELECT 5`;
    assert.deepEqual(texts(sql), ['SELECT 0', body, body, 'SELECT 3', 'SELECT 4', 'SELECT 5']);
  });

  it('at delimiters of letters, of dollars and in quotes', () => {
    assert.deepEqual(texts('DELIMITER $$\nBEGIN NOT ATOMIC SELECT 1; END$$\nDELIMITER ;\nSELECT 2'), [
      'BEGIN NOT ATOMIC SELECT 1; END',
      'SELECT 2',
    ]);
    assert.deepEqual(texts('DELIMITER go\nSELECT 1; SELECT 2\ngo\nSELECT 3 GO'), [
      'SELECT 1; SELECT 2',
      'SELECT 3 GO',
    ]);
    assert.deepEqual(texts('DELIMITER "; ;"\nSELECT 1; SELECT 2; ;SELECT 3'), [
      'SELECT 1; SELECT 2',
      'SELECT 3',
    ]);
  });

  it('where DELIMITER is a name, not at it', () => {
    const sql = 'SELECT a AS delimiter FROM t';
    assert.deepEqual(texts(sql), [sql]);
    assert.deepEqual(texts('delimiters 1; delimiter_x'), ['delimiters 1', 'delimiter_x']);
  });

  it('with the offset and the tokens of each statement', () => {
    const sql = "-- first\n  SELECT 'a' ; ;\n/* b */ /*!50003 Create */ TABLE `x``y` (Größe int)";
    assert.deepEqual(splitScript(sql), [
      {
        text: "SELECT 'a'",
        offset: 11,
        tokens: [
          { kind: 'word', value: 'SELECT', keyword: 'select' },
          { kind: 'text', value: "'a'", keyword: '' },
        ],
      },
      {
        text: '/*!50003 Create */ TABLE `x``y` (Größe int)',
        offset: 34,
        tokens: [
          { kind: 'word', value: 'Create', keyword: 'create' },
          { kind: 'word', value: 'TABLE', keyword: 'table' },
          { kind: 'name', value: 'x`y', keyword: '' },
          { kind: 'other', value: '(', keyword: '(' },
          { kind: 'word', value: 'Größe', keyword: 'größe' },
          { kind: 'word', value: 'int', keyword: 'int' },
          { kind: 'other', value: ')', keyword: ')' },
        ],
      },
    ]);
  });

  it('into nothing when it is empty or a comment', () => {
    assert.deepEqual(
      [texts(''), texts(' ;; \n'), texts('-- x'), texts('# x;'), texts('/* x')],
      [[], [], [], [], []],
    );
    assert.deepEqual(texts('DELIMITER //\n-- x\n//\nDELIMITER ;'), []);
  });

  it('without an end when a quote is not closed', () => {
    assert.deepEqual(texts("SELECT 1; SELECT 'a; b\\"), ['SELECT 1', "SELECT 'a; b\\"]);
    assert.deepEqual(texts('SELECT `a; b'), ['SELECT `a; b']);
    assert.deepEqual(texts('SELECT 1 /*! ; b'), ['SELECT 1 /*! ; b']);
  });
});

describe('a script is refused', () => {
  const cases: readonly (readonly [string, string, number, number])[] = [
    ['SELECT 1;\n DELIMITER', 'DELIMITER says none.', 2, 2],
    ['DELIMITER   \nSELECT 1', 'DELIMITER says none.', 1, 1],
    ['DELIMITER \\\\', 'A delimiter cannot hold a backslash.', 1, 1],
    ["SELECT 1;\nSELECT 'a\0b'", 'The file holds a NUL character.', 2, 10],
  ];
  for (const [sql, message, line, column] of cases)
    it(`with its place: ${message}`, () =>
      assert.throws(
        () => splitScript(sql),
        (error) => {
          assert.ok(error instanceof ScriptError);
          assert.deepEqual([error.message, error.position], [message, { line, column }]);
          return true;
        },
      ));
});
