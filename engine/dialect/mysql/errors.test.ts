import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Problem } from '../../problem/problem.ts';
import type { Pool } from '../dialect.ts';
import { constraintOf } from './constraint.ts';
import { openPool } from './pool.ts';
import { configOf, refusal, scratchOn, servers, soon, sql, unreachable } from './scratch.fixture.ts';

type Case = readonly [text: string, values: readonly (string | null)[], code: string];

/** What is refused alike on both servers. */
const refused: readonly Case[] = [
  ['INSERT INTO kinds (t) VALUES (?)', ['300'], '22003'],
  ['INSERT INTO kinds (t) VALUES (?)', ['-1'], '22003'],
  ['INSERT INTO kinds (t) VALUES (?)', ['secret'], '22P02'],
  ['INSERT INTO kinds (n) VALUES (?)', ['12345.2'], '22003'],
  ['INSERT INTO kinds (n) VALUES (?)', ['1secret'], '22P02'],
  ['INSERT INTO kinds (v) VALUES (?)', ['secret'], '22001'],
  ['INSERT INTO kinds (l) VALUES (?)', ['😀'], '22021'],
  ['INSERT INTO kinds (d) VALUES (?)', ['secret'], '22007'],
  ['INSERT INTO kinds (d) VALUES (?)', ['0000-00-00'], '22007'],
  ['INSERT INTO kinds (dt) VALUES (?)', ['2024-13-45 00:00:00'], '22007'],
  ['INSERT INTO kinds (e) VALUES (?)', ['secret'], '22P02'],
  ['INSERT INTO kinds (s) VALUES (?)', ['a,secret'], '22P02'],
  ['INSERT INTO kinds (g) VALUES (?)', ['secret'], '22P02'],
  ['UPDATE kinds SET t = 1 / ?', ['0'], '22012'],
  ['SELECT ? REGEXP ?', ['secret', '('], '2201B'],
  ['SELECT (SELECT id FROM parent WHERE id < ?) AS one', ['9'], '21000'],
];

for (const engine of servers) {
  describe(`errors of ${engine}`, () => {
    const scratch = scratchOn(engine);
    const { within } = scratch;
    const tables = `
      CREATE TABLE IF NOT EXISTS parent (id int PRIMARY KEY);
      INSERT IGNORE INTO parent VALUES (1), (2);
      CREATE TABLE IF NOT EXISTS kinds (t tinyint unsigned, n decimal(5,2), v varchar(3), l varchar(10) CHARACTER SET latin1, d date, dt datetime,
        e enum('a', 'b'), s set('a', 'b'), g point);
      INSERT INTO kinds (t) VALUES (1);
      CREATE TABLE IF NOT EXISTS child (id int NOT NULL, p int, u varchar(40), w int NOT NULL, UNIQUE KEY u_key (u), CONSTRAINT positive CHECK (id > 0),
        CONSTRAINT of_parent FOREIGN KEY (p) REFERENCES parent (id));
      INSERT IGNORE INTO child VALUES (1, 1, 'taken', 1)`;

    async function caught(pool: Pool, text: string, values: readonly string[] = []): Promise<Problem> {
      const error = await pool.run(sql(text), values).catch((reason: unknown) => reason);
      assert.ok(error instanceof Problem, text);
      return error;
    }

    it('of refused values never quote them', async () => {
      await scratch.sql(tables);
      await within({}, async (pool) => {
        for (const [text, values, code] of refused) {
          const told = await refusal(pool.run(sql(text), values));
          assert.deepEqual([told.code, told.status, told.details], [code, 400, null], text);
          assert.doesNotMatch(told.message, /secret|12345|2024|kinds|`/);
        }
      });
    });

    it('of constraints carry our own words, and names only where the caller cannot see them', async () => {
      await scratch.sql(tables);
      const { name: schema } = scratch;
      const db = `\`${schema}\``;
      const place = { schema, relation: 'child', constraint: undefined, column: undefined };
      const cases: readonly (readonly [string, string, number, object])[] = [
        [
          `INSERT INTO ${db}.\`child\` VALUES (2, NULL, 'taken', 1)`,
          '23505',
          409,
          { ...place, constraint: 'u_key' },
        ],
        [
          `INSERT INTO ${db}.\`child\` VALUES (3, 99, 'x', 1)`,
          '23503',
          409,
          { ...place, constraint: 'of_parent' },
        ],
        [`DELETE FROM ${db}.\`parent\` WHERE id = 1`, '23503', 409, { ...place, constraint: 'of_parent' }],
        [
          `INSERT INTO ${db}.\`child\` VALUES (0, 1, 'x', 1)`,
          '23514',
          400,
          { ...place, constraint: 'positive' },
        ],
        [`INSERT INTO ${db}.\`child\` VALUES (NULL, 1, 'x', 1)`, '23502', 400, { ...place, column: 'id' }],
        [`INSERT INTO ${db}.\`child\` (id) VALUES (5)`, '23502', 400, { ...place, column: 'w' }],
      ];
      await within({}, async (pool) => {
        for (const [text, code, status, expected] of cases) {
          const error = await caught(pool, text);
          assert.deepEqual([error.code, error.status, error.details], [code, status, null], text);
          assert.equal(error.hint, 'Change the values so that the constraint holds.');
          assert.doesNotMatch(error.message, /child|parent|positive|taken|key '|`/);
          assert.deepEqual(constraintOf(error), expected, text);
        }
      });
    });

    it('of constraints find hostile names, whatever the values hold', async () => {
      await scratch.sql(`CREATE TABLE \`a\`\`b.'c d\` (\`x'y\` varchar(80) NOT NULL, CONSTRAINT \`k.'\`\`e\` UNIQUE (\`x'y\`));
        CREATE TABLE \`far 'x\` (\`r\`\`\` varchar(80), CONSTRAINT \`f\`\`k 'r\` FOREIGN KEY (\`r\`\`\`) REFERENCES \`a\`\`b.'c d\` (\`x'y\`))`);
      const { name: schema } = scratch;
      const table = `\`${schema}\`.\`a\`\`b.'c d\``;
      const value = "x' for key 'a`b.'c d.other' FOREIGN KEY (";
      const place = { schema, relation: "a`b.'c d", constraint: undefined, column: undefined };
      await within({}, async (pool) => {
        const insert = `INSERT INTO ${table} VALUES (?)`;
        await pool.run(sql(insert), [value]);
        const twice = await caught(pool, insert, [value]);
        assert.deepEqual(constraintOf(twice), { ...place, constraint: "k.'`e" });
        const none = await pool.run(sql(insert), [null]).catch((reason: unknown) => reason);
        assert.deepEqual(constraintOf(none as Problem), { ...place, column: "x'y" });
        const foreign = await caught(pool, `INSERT INTO \`${schema}\`.\`far 'x\` VALUES (?)`, ['absent']);
        assert.deepEqual(constraintOf(foreign), {
          ...place,
          relation: "far 'x",
          constraint: "f`k 'r",
        });
      });
    });

    it('of a trigger are not said to be of the table that it watches', async () => {
      await scratch.sql(`CREATE TABLE watched (id int PRIMARY KEY, n int); CREATE TABLE noted (id int PRIMARY KEY);
        INSERT INTO watched VALUES (1, 1); INSERT INTO noted VALUES (7);
        CREATE TRIGGER notes AFTER UPDATE ON watched FOR EACH ROW INSERT INTO noted VALUES (7)`);
      await within({}, async (pool) => {
        const error = await caught(pool, `UPDATE \`${scratch.name}\`.\`watched\` SET n = 2`);
        assert.equal(error.code, '23505');
        assert.equal(constraintOf(error), undefined);
      });
    });

    it('of a transaction leave it to be rolled back, and the place is known all the same', async () => {
      await scratch.sql(tables);
      await within({ pool: { max: 1 } }, async (pool) => {
        const insert = sql(`INSERT INTO \`${scratch.name}\`.\`child\` VALUES (?, NULL, ?, 1)`, 'insert');
        const work = pool.transaction(async (transaction) => {
          await transaction.run(insert, ['8', 'new']);
          await transaction.run(insert, ['9', 'taken']);
        });
        const error = await work.catch((reason: unknown) => reason);
        assert.equal(constraintOf(error as Problem)?.constraint, 'u_key');
        assert.deepEqual((await pool.run(sql("SELECT id FROM child WHERE u = 'new'"), [])).rows, []);
      });
    });

    it('that an author signals are forwarded as the author wrote them', async () => {
      await scratch.sql(`
        CREATE PROCEDURE sold_out() SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'Ausverkauft — “nichts”.';
        CREATE PROCEDURE like_a_key() SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'Twice.', MYSQL_ERRNO = 1062;
        CREATE PROCEDURE too_young() SIGNAL SQLSTATE '23514' SET MESSAGE_TEXT = 'Too young.';
        CREATE PROCEDURE to_pay() SIGNAL SQLSTATE 'PT402' SET MESSAGE_TEXT = 'Pay first.';
        CREATE PROCEDURE own_state() SIGNAL SQLSTATE 'NS503' SET MESSAGE_TEXT = 'Mine.'`);
      const says = (code: string, status: number, message: string) => ({
        ...{ code, status, message },
        ...{ details: null, hint: null, headers: {} },
      });
      const expected: readonly (readonly [string, object])[] = [
        ['sold_out', says('P0001', 400, 'Ausverkauft — “nichts”.')],
        ['like_a_key', says('P0001', 400, 'Twice.')],
        ['too_young', says('23514', 400, 'Too young.')],
        ['to_pay', says('PT402', 402, 'Pay first.')],
        ['own_state', says('NS503', 400, 'Mine.')],
      ];
      await within({}, async (pool) => {
        for (const [name, told] of expected)
          assert.deepEqual(await refusal(pool.run(sql(`CALL ${name}()`), [])), told, name);
      });
    });

    it("of an author's own program are the author's to mend", async () => {
      await scratch.sql(`CREATE TABLE selfish (n int); INSERT INTO selfish VALUES (1);
        CREATE TRIGGER loops AFTER INSERT ON selfish FOR EACH ROW UPDATE selfish SET n = 2;
        CREATE PROCEDURE several() BEGIN DECLARE i int; INSERT INTO selfish SELECT 1; END;
        CREATE PROCEDURE no_case() BEGIN CASE WHEN false THEN DO 1; END CASE; END`);
      await within({}, async (pool) => {
        for (const text of ['INSERT INTO selfish VALUES (1)', 'CALL several()', 'CALL no_case()']) {
          const told = await refusal(pool.run(sql(text), []));
          assert.deepEqual([told.code, told.message], ['P0001', 'A function of the database failed.'], text);
        }
      });
    });

    it('of a schema that has changed under a request can be repeated', () =>
      within({}, async (pool) => {
        for (const text of ['SELECT * FROM nowhere', 'SELECT nothing FROM parent', 'SELECT no_function()']) {
          assert.deepEqual(await refusal(pool.run(sql(text), [])), {
            ...unreachable,
            message: 'The database has just changed. The request can be repeated in a moment.',
          });
        }
      }));

    it('of rights that the account does not have name nothing', async () => {
      await scratch.sql(tables);
      const name = `u_${scratch.name.slice(-20)}`;
      await scratch.sql(`CREATE USER ${name}; GRANT SELECT ON ${scratch.name}.parent TO ${name}`);
      const url = new URL(scratch.url);
      url.username = name;
      try {
        const pool = openPool({ config: configOf(), url: url.href });
        for (const text of ['SELECT * FROM kinds', 'DELETE FROM parent']) {
          const told = await refusal(pool.run(sql(text), []));
          assert.deepEqual([told.code, told.status], ['42501', 403], text);
          assert.equal(told.hint, 'Whoever runs the API can grant it to that user in the database.');
          assert.doesNotMatch(told.message, /kinds|parent|u_/);
        }
        await pool.close();
      } finally {
        await scratch.sql(`DROP USER ${name}`);
      }
    });

    it('of a lock that was not waited for can be repeated', () =>
      within({ pool: { max: 2 } }, async (pool) => {
        await scratch.sql('CREATE TABLE locked (id int PRIMARY KEY); INSERT INTO locked VALUES (1)');
        await pool.transaction(async (transaction) => {
          await transaction.run(sql('SELECT id FROM locked FOR UPDATE'), []);
          const other = pool.run(sql('SELECT id FROM locked FOR UPDATE NOWAIT'), []);
          assert.deepEqual(await refusal(other), {
            code: '55P03',
            status: 503,
            message: 'A lock could not be had in time. The request can be repeated.',
            details: null,
            hint: null,
            headers: soon,
          });
        });
      }));

    it('of statements that nobody foresaw tell nothing', () =>
      within({}, async (pool) => {
        assert.deepEqual(await refusal(pool.run(sql('SELEC secret'), [])), {
          code: 'NS000',
          status: 500,
          message: 'Something went wrong in the database.',
          details: null,
          hint: null,
          headers: {},
        });
      }));
  });
}
