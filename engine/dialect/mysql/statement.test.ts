import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { splitScript } from './split.ts';
import { type Effect, effectOf, type Trace, temporaryTable, traceOf } from './statement.ts';

function only(sql: string) {
  const [statement, ...others] = splitScript(`DELIMITER //\n${sql}`);
  assert.ok(statement !== undefined && others.length === 0);
  return statement;
}

describe('the effect of a statement', () => {
  const cases: Readonly<Record<Effect, readonly string[]>> = {
    rows: [
      'INSERT INTO t VALUES (1)',
      '(SELECT 1) UNION (SELECT 2)',
      'WITH a AS (SELECT 1) SELECT * FROM a',
      "LOAD DATA INFILE 'x' INTO TABLE t",
      'CREATE TEMPORARY TABLE t (a int)',
      'CREATE OR REPLACE TEMPORARY TABLE t (a int)',
      'DROP TEMPORARY TABLE t',
      'ROLLBACK TO SAVEPOINT a',
      'SAVEPOINT a',
      'INSRT INTO t VALUES (1)',
      '/*!999999 nothing */',
    ],
    session: [
      'SET @a = 1',
      '/*!40101 SET NAMES utf8mb4 */',
      'USE other',
      'PREPARE s FROM @a',
      'DROP PREPARE s',
    ],
    commits: [
      'CREATE TABLE temporary_things (a int)',
      'ALTER TABLE t ADD b int',
      'DROP VIEW v',
      'CALL p()',
      'EXECUTE s',
      'IF 1 THEN SELECT 1; END IF',
      'SET STATEMENT max_statement_time = 1 FOR ALTER TABLE t ADD b int',
      "SET PASSWORD = 'x'",
      'TRUNCATE t',
      'ANALYZE TABLE t',
      'LOAD INDEX INTO CACHE t',
      'BEGIN NOT ATOMIC SELECT 1; END',
      'START REPLICA',
      'GRANT SELECT ON t TO u',
    ],
    control: [
      'BEGIN',
      'START TRANSACTION READ ONLY',
      'COMMIT',
      'ROLLBACK',
      'LOCK TABLES t WRITE',
      'UNLOCK TABLES',
      'SET sql_mode = "", @@session.autocommit = 0',
      "XA START 'x'",
    ],
  };
  for (const [effect, statements] of Object.entries(cases))
    for (const sql of statements)
      it(`of ${sql} is ${effect}`, () => assert.equal(effectOf(only(sql)), effect));

  it('on temporary tables is seen', () => {
    assert.deepEqual(
      ['CREATE TEMPORARY TABLE t (a int)', 'DROP TEMPORARY TABLE t', 'CREATE TABLE t (temporary int)'].map(
        (sql) => temporaryTable(only(sql)),
      ),
      ['made', 'dropped', undefined],
    );
  });
});

describe('the trace of a statement', () => {
  const none: Trace = { kind: 'none' };
  const repeatable: Trace = { kind: 'repeatable' };
  const there = (
    of: 'table' | 'procedure' | 'function' | 'trigger' | 'event',
    name: string,
    schema?: string,
  ): Trace => ({
    kind: 'existence',
    of,
    schema,
    name,
  });
  const defined = (name: string, schema?: string): Trace => ({ kind: 'definition', schema, name });
  const cases: readonly (readonly [string, Trace])[] = [
    ['CREATE TABLE Books (a int)', there('table', 'Books')],
    ['CREATE TABLE `a``b`.`c.d` LIKE x', there('table', 'c.d', 'a`b')],
    [`CREATE TABLE big (${'a int, '.repeat(500)} z int)`, there('table', 'big')],
    ['CREATE TABLE IF NOT EXISTS t (a int)', repeatable],
    ['CREATE TABLE IF NOT EXISTS t (a int) SELECT 1 AS a', none],
    ['CREATE OR REPLACE TABLE t SELECT 1 AS a', repeatable],
    ["CREATE DEFINER = 'a'@'b' SQL SECURITY INVOKER VIEW v AS SELECT 1", there('table', 'v')],
    ['CREATE DEFINER = `table`@`%` FUNCTION f() RETURNS int RETURN 1', there('function', 'f')],
    [
      '/*!50003 CREATE*/ /*!50017 DEFINER=`a`@`b`*/ /*!50003 TRIGGER t BEFORE INSERT ON x FOR EACH ROW SET @a = 1 */',
      there('trigger', 't'),
    ],
    ['CREATE PROCEDURE p() BEGIN SELECT 1; END', there('procedure', 'p')],
    ['CREATE EVENT e ON SCHEDULE EVERY 1 DAY DO SELECT 1', there('event', 'e')],
    ['CREATE UNIQUE INDEX i ON s.t (a)', defined('t', 's')],
    ['CREATE DATABASE d', none],
    ['CREATE DATABASE IF NOT EXISTS d', repeatable],
    ["CREATE USER u IDENTIFIED BY 'x'", none],
    ['DROP TABLE t', there('table', 't')],
    ['DROP TABLE a, b', none],
    ['DROP TABLE IF EXISTS a, b', repeatable],
    ['DROP INDEX i ON t', defined('t')],
    ['ALTER TABLE t ADD a int, DROP b', defined('t')],
    ['ALTER ONLINE TABLE IF EXISTS s.t ADD a int', defined('t', 's')],
    ['ALTER TABLE t EXCHANGE PARTITION p WITH TABLE u', none],
    [`ALTER TABLE t ${'ADD a int, '.repeat(200)} EXCHANGE PARTITION p WITH TABLE u`, none],
    ['ALTER TABLE t DISCARD TABLESPACE', none],
    ['ALTER VIEW v AS SELECT 2', repeatable],
    ['ALTER EVENT e RENAME TO f', none],
    ['RENAME TABLE a TO b', there('table', 'a')],
    ['RENAME TABLE a TO c, b TO a', none],
    ['TRUNCATE TABLE t', repeatable],
    ['ANALYZE TABLE t', repeatable],
    ['ANALYZE UPDATE t SET a = a + 1', none],
    ['CALL p()', none],
    ['EXECUTE s', none],
  ];
  for (const [sql, trace] of cases)
    it(`of ${sql.slice(0, 60)}`, () => assert.deepEqual(traceOf(only(sql)), trace));
});
