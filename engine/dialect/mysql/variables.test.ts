import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { splitScript } from './split.ts';
import { lostVariable } from './variables.ts';

describe('a variable is lost with its session', () => {
  const lost: readonly (readonly [string, string, string])[] = [
    ['INSERT INTO t VALUES (1); SET @id = LAST_INSERT_ID()', 'INSERT INTO u VALUES (@ID)', 'id'],
    ['SELECT max(a), min(a) INTO @a, @`b c` FROM t', 'DO @`b c`', 'b c'],
    ["SELECT @'n' := a FROM t", 'SET @m = @n', 'n'],
    ['CALL p(1); SET @x = 1, @rows = ROW_COUNT()', 'INSERT INTO u VALUES (@rows)', 'rows'],
  ];
  for (const [earlier, later, name] of lost)
    it(`when it was read from rows: ${earlier}`, () => {
      assert.equal(lostVariable(splitScript(earlier), splitScript(later))?.name, name);
    });

  const kept: readonly (readonly [string, string])[] = [
    ['SET @id = 7, @old = @@sql_mode', 'INSERT INTO u VALUES (@id)'],
    ["SET @sql = (SELECT IF(count(*) > 0, 'DO 0', 'DO 1') FROM t)", 'PREPARE s FROM @sql'],
    ['SELECT max(a) INTO @a FROM t', 'SET @a = 1; DO @a'],
    ['SELECT max(a) INTO @a FROM t', 'DO @b; SET @@session.sql_mode = 1; GRANT SELECT ON t TO `a`@a'],
    ['SELECT @a, @b FROM t', 'DO @b'],
  ];
  for (const [earlier, later] of kept)
    it(`but not here: ${earlier}; ${later}`, () => {
      assert.equal(lostVariable(splitScript(earlier), splitScript(later)), undefined);
    });
});
