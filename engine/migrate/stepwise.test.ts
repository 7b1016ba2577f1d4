/** Migrations where DDL commits by itself: MariaDB and MySQL. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe, it, type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Diagnostic } from '../../schema/diagnostic.ts';
import { createDatabase, type TestDatabase } from '../../test/database.ts';
import { configOf } from '../dialect/mysql/scratch.fixture.ts';
import type { Pool } from '../execute/journal.ts';
import { Pools } from '../execute/pools.ts';
import { Problem } from '../problem/problem.ts';
import { migrateUp, migrationStatus, type Step, seed } from './journal.ts';
import type { Migration, Seed } from './migrations.ts';

const key = { project: 'shop', database: 'main' };

/** One connection is enough, and a migration has no statement timeout. */
const config = configOf({ timeoutMs: 300, pool: { max: 1 } });

interface Database extends TestDatabase {
  readonly pool: Pool;
}

function leased(t: TestContext, database: TestDatabase): Database {
  const { pool, release } = new Pools().lease({ config, url: database.url });
  t.after(release);
  return { ...database, pool };
}

function migration(number: string, sql: string, rest: Partial<Migration> = {}): Migration {
  const checksum = createHash('sha256').update(sql).digest('hex');
  return { number, name: 'x', file: `m/${number}_x.sql`, sql, checksum, transaction: true, ...rest };
}

function seedOf(name: string, sql: string): Seed {
  return { ...migration('0', sql), name, file: `s/${name}.sql` };
}

/** `code file:line:column | message | hint`. */
function told(diagnostics: readonly Diagnostic[]): readonly string[] {
  return diagnostics.map(({ code, source, message, hint }) => {
    const at = source && `${source.file}:${source.span.start.line}:${source.span.start.column}`;
    return [code, at, message, hint].filter((part) => part !== undefined).join(' | ');
  });
}

async function states(pool: Pool, migrations: readonly Migration[]): Promise<readonly string[]> {
  const { scripts } = await migrationStatus(pool, key, migrations);
  return scripts.map(({ name, state }) => `${name} ${state}`);
}

/** Waits until one session of the database is running a statement that fits, and gives its number. */
async function running({ query, name }: TestDatabase, pattern: string): Promise<unknown> {
  for (const end = performance.now() + 10_000; performance.now() < end; await sleep(20)) {
    const [found] = await query(
      'SELECT id FROM information_schema.processlist WHERE db = ? AND info LIKE ? AND id <> CONNECTION_ID()',
      [name, pattern],
    );
    if (found !== undefined) return found.id ?? found.ID;
  }
  throw new Error(`nothing runs ${pattern}`);
}

/** The session that keeps other engines out: it does nothing while a statement runs. */
async function gateOf({ query, name }: TestDatabase): Promise<unknown> {
  const lock = createHash('sha256').update(`gate ${name}`).digest('hex').slice(0, 40);
  const [found] = await query('SELECT IS_USED_LOCK(?) AS id', [`novastack_${lock}`]);
  return found!.id;
}

/** Rows as lists of texts: the driver reads counts otherwise on each server. */
async function values({ query }: Pick<TestDatabase, 'query'>, sql: string): Promise<readonly unknown[]> {
  const rows = await query(sql);
  return rows.map((row) => Object.values(row).map((value) => (value === null ? null : String(value))));
}

function lost(error: unknown): boolean {
  return error instanceof Problem && error.code === 'NS503';
}

const first = migration('0001', 'CREATE TABLE a (id int PRIMARY KEY);\nINSERT INTO a VALUES (1);');
const second = migration(
  '0002',
  'CREATE TABLE b (id int, FOREIGN KEY (id) REFERENCES a (id)); DO SLEEP(0.5)',
);

for (const engine of ['mariadb', 'mysql'] as const)
  describe(`migrations on ${engine}`, () => {
    async function database(t: TestContext): Promise<Database> {
      return leased(t, await createDatabase(t, engine));
    }

    async function tables({ query, name }: TestDatabase): Promise<readonly unknown[]> {
      const rows = await query(
        'SELECT table_name AS name FROM information_schema.tables WHERE table_schema = ? ORDER BY 1',
        [name],
      );
      return rows.map((row) => row.name);
    }

    it('are applied once each, in order', async (t) => {
      const { pool, query, ...rest } = await database(t);
      assert.deepEqual(await states(pool, [first, second]), ['0001_x pending', '0002_x pending']);
      assert.deepEqual(await tables({ query, ...rest }), []);
      const steps: string[] = [];
      const onStep = (step: Step) =>
        steps.push(step.kind === 'waiting' ? step.kind : `${step.kind} ${step.file}`);
      assert.deepEqual(await migrateUp(pool, key, [first], { onStep }), {
        value: [first.file],
        diagnostics: [],
      });
      assert.deepEqual(await migrateUp(pool, key, [first, second], { onStep }), {
        value: [second.file],
        diagnostics: [],
      });
      assert.deepEqual(await migrateUp(pool, key, [first, second], { onStep }), {
        value: [],
        diagnostics: [],
      });
      assert.deepEqual(steps, [
        'running m/0001_x.sql',
        'applied m/0001_x.sql',
        'running m/0002_x.sql',
        'applied m/0002_x.sql',
      ]);
      assert.deepEqual(await values({ query }, 'SELECT count(*) AS n FROM a'), [['1']]);
      assert.deepEqual(await states(pool, [first, second]), ['0001_x applied', '0002_x applied']);
    });

    it('of two projects and two names share a database', async (t) => {
      const { pool, query } = await database(t);
      await migrateUp(pool, key, [migration('0001', 'CREATE TABLE a (id int)')]);
      await migrateUp(pool, { project: 'blog', database: 'main' }, [
        migration('0001', 'CREATE TABLE b (id int)'),
      ]);
      await migrateUp(pool, { project: 'shop', database: 'old' }, [
        migration('0001', 'CREATE TABLE c (id int)'),
      ]);
      assert.deepEqual(await values({ query }, 'SELECT count(*) AS n FROM _novastack_journal'), [['3']]);
    });

    it('make routines, triggers, events and views, with DELIMITER or without', async (t) => {
      const { pool, query } = await database(t);
      const script = migration(
        '0001',
        `CREATE TABLE a (id int PRIMARY KEY AUTO_INCREMENT, n int NOT NULL, at datetime(6));
CREATE VIEW big AS SELECT id, n FROM a WHERE n > 10;
CREATE FUNCTION twice(n int) RETURNS int DETERMINISTIC NO SQL RETURN n * 2;
DELIMITER //
CREATE TRIGGER doubled BEFORE INSERT ON a FOR EACH ROW
BEGIN
  SET NEW.n = twice(NEW.n); -- a body; of its own
  SET NEW.at = NOW(6);
END//
CREATE PROCEDURE fill(IN upto int)
BEGIN
  DECLARE i int DEFAULT 0;
  WHILE i < upto DO
    INSERT INTO a (n) VALUES (i);
    SET i = i + 1;
  END WHILE;
END//
CREATE EVENT tidy ON SCHEDULE EVERY 1 DAY DISABLE DO BEGIN DELETE FROM a WHERE n < 0; END//
DELIMITER ;
CALL fill(8);
INSERT INTO a (n) VALUES (100);`,
      );
      assert.deepEqual(await migrateUp(pool, key, [script]), { value: [script.file], diagnostics: [] });
      assert.deepEqual(await values({ query }, 'SELECT count(*) AS n, max(n) AS m FROM big'), [['3', '200']]);
    });

    it('of rows alone are all or nothing, and name file, line and column', async (t) => {
      const { pool, query } = await database(t);
      await migrateUp(pool, key, [first]);
      const cases: readonly (readonly [string, string])[] = [
        [
          'INSERT INTO a VALUES (2);\nINSERT INTO a VALUES (3);\n  INSERT INTO a VALUES (1);',
          `3:3 | Duplicate entry '1' for key '${engine === 'mysql' ? 'a.PRIMARY' : 'PRIMARY'}' (23000).`,
        ],
        [
          'INSERT INTO a VALUES (2);\nINSERT INTO nowhere VALUES (3)',
          `2:1 | Table '*.nowhere' doesn't exist (42S02).`,
        ],
        [
          'INSERT INTO a VALUES (2);\nSELECT *\n  FRM a\n WHERE id = 1',
          '3:3 | Syntax error near "FRM a" (42000).',
        ],
        ["INSERT INTO a VALUES (2);\n  SELECT 'ü😀', FROM a", '2:17 | Syntax error near "FROM a" (42000).'],
        ['INSERT INTO a VALUES (2);\nSELECT (1', '2:10 | Syntax error at the end of the statement (42000).'],
        [
          'INSERT INTO a VALUES (2);\n\\. other.sql',
          '2:1 | Syntax error near "\\. other.sql" (42000). | commands of the mysql client, but for DELIMITER, do not work here',
        ],
        [
          'INSERT INTO a VALUES (2);\nCOMMIT;\nSELECT 1',
          "2:1 | COMMIT is not possible here: statements on rows run in transactions of the engine's own. | remove it",
        ],
        [
          'INSERT INTO a VALUES (2);\nLOCK TABLES a WRITE',
          '2:1 | LOCK TABLES is not possible here: the journal is written between statements. | remove it; of a dump, make it with --skip-add-locks',
        ],
        [
          'INSERT INTO a VALUES (2);\nSET autocommit = 0',
          "2:1 | Setting autocommit is not possible here: statements on rows run in transactions of the engine's own. | remove it",
        ],
        [
          'CREATE TEMPORARY TABLE t (id int);\nCREATE TABLE c (id int)',
          '1:1 | A temporary table does not outlive a statement that commits by itself. | drop it before that, or put it and what uses it into a file of its own',
        ],
        ['DELIMITER \\', '1:1 | A delimiter cannot hold a backslash. | write "DELIMITER //"'],
      ];
      for (const [sql, expected] of cases) {
        const { value, diagnostics } = await migrateUp(pool, key, [first, migration('0002', sql)]);
        assert.deepEqual(
          told(diagnostics).map((line) => line.replace(/ns_test_\w+/, '*')),
          [`MIGRATION_FAILED | m/0002_x.sql:${expected}`],
        );
        assert.deepEqual(value, []);
        assert.deepEqual(await values({ query }, 'SELECT count(*) AS n FROM a'), [['1']]);
        assert.deepEqual(await states(pool, [first, migration('0002', sql)]), [
          '0001_x applied',
          '0002_x pending',
        ]);
      }
    });

    it('that fail behind DDL say what stays, and go on there once they are mended', async (t) => {
      const { pool, query } = await database(t);
      const head =
        'CREATE TABLE a (id int);\nINSERT INTO a VALUES (1);\nINSERT INTO a VALUES (2);\nCREATE TABLE b (id int);\n';
      const broken = migration('0001', `${head}INSERT INTO a VALUES (3);\nINSERT INTO b VALUES ('x');`);
      const failed = await migrateUp(pool, key, [broken]);
      const stays =
        'the first 4 statements of the file stay applied; what comes after them may be mended, and the file goes on there';
      assert.match(
        told(failed.diagnostics)[0]!,
        /^MIGRATION_FAILED \| m\/0001_x\.sql:6:1 \| Incorrect integer value: 'x' .*\(HY000|22007\)/,
      );
      assert.equal(failed.diagnostics[0]?.hint, stays);
      assert.deepEqual(await states(pool, [broken]), ['0001_x unfinished']);
      assert.match(
        told((await migrateUp(pool, key, [])).diagnostics)[0]!,
        /^MIGRATION_MISSING \| .*"0001_x\.sql" was applied in part \([^)]+\) and is not in the folder\./,
      );
      assert.deepEqual(await values({ query }, 'SELECT count(*) AS n FROM a'), [['2']]);

      const edited = migration('0001', `${head.replace('(2)', '(20)')}INSERT INTO b VALUES (1);`);
      assert.deepEqual(told((await migrateUp(pool, key, [edited])).diagnostics), [
        'MIGRATION_FAILED | m/0001_x.sql:1:1 | The first 4 statements of this file were run before it stopped, and have been edited since. | restore them; only what comes after them may still change',
      ]);

      const mended = migration('0001', `${head}INSERT INTO a VALUES (3);\nINSERT INTO b VALUES (7);`);
      assert.deepEqual(await migrateUp(pool, key, [mended]), { value: [mended.file], diagnostics: [] });
      assert.deepEqual(
        await values({ query }, 'SELECT (SELECT count(*) FROM a) AS a, (SELECT count(*) FROM b) AS b'),
        [['3', '1']],
      );
      assert.deepEqual(await states(pool, [mended]), ['0001_x applied']);
    });

    it('without a transaction keep each statement that was run', async (t) => {
      const { pool, query } = await database(t);
      const rest = { transaction: false };
      const broken = migration(
        '0001',
        'CREATE TABLE a (id int);\nINSERT INTO a VALUES (1);\nINSERT INTO b VALUES (2)',
        rest,
      );
      const { diagnostics } = await migrateUp(pool, key, [broken]);
      assert.match(diagnostics[0]!.hint!, /^the first 2 statements of the file stay applied/);
      assert.deepEqual(await values({ query }, 'SELECT count(*) AS n FROM a'), [['1']]);
      const mended = migration('0001', broken.sql.replace('INTO b', 'INTO a'), rest);
      assert.deepEqual((await migrateUp(pool, key, [mended])).value, [mended.file]);
      assert.deepEqual(await values({ query }, 'SELECT count(*) AS n FROM a'), [['2']]);
    });

    it('hint at DELIMITER where a body was cut at its first semicolon', async (t) => {
      const { pool } = await database(t);
      const { diagnostics } = await migrateUp(pool, key, [
        migration('0001', 'CREATE PROCEDURE p()\nBEGIN\n  SELECT 1;\n  SELECT 2;\nEND'),
      ]);
      assert.deepEqual(told(diagnostics), [
        'MIGRATION_FAILED | m/0001_x.sql:3:11 | Syntax error at the end of the statement (42000). | a body with semicolons of its own needs a line "DELIMITER //" before it and "DELIMITER ;" behind it',
      ]);
    });

    it('tell of rows that a table without transactions keeps', async (t) => {
      const { pool, query } = await database(t);
      await query('CREATE TABLE old (id int) ENGINE = MyISAM');
      const { diagnostics } = await migrateUp(pool, key, [
        migration('0001', 'INSERT INTO old VALUES (1);\nINSERT INTO nowhere VALUES (2)'),
      ]);
      assert.match(
        diagnostics[0]!.message,
        /Rows of tables that know no transactions stay changed \(42S02\)\.$/,
      );
      assert.equal(diagnostics[0]!.hint, 'undo them by hand, or give the tables ENGINE = InnoDB');
    });

    it('run dumps: executable comments, their settings and what is meant for other servers', async (t) => {
      const { pool, query } = await database(t);
      const script = migration(
        '0001',
        `/*M!999999\\- enable the sandbox mode */
/*!40101 SET @OLD_SQL_MODE=@@SQL_MODE, SQL_MODE='NO_AUTO_VALUE_ON_ZERO' */;
/*!50003 SET character_set_client = utf8mb4 */ ;
/*!40014 SET FOREIGN_KEY_CHECKS=0 */;
CREATE TABLE child (id int PRIMARY KEY AUTO_INCREMENT, parent int, FOREIGN KEY (parent) REFERENCES parents (id)) ENGINE=InnoDB;
/*!999999 nothing that anybody runs */;
INSERT INTO child VALUES (0, 7);
CREATE TABLE parents (id int PRIMARY KEY) ENGINE=InnoDB;
/*!40000 ALTER TABLE child DISABLE KEYS */;
DELIMITER ;;
/*!50003 CREATE*/ /*!50003 TRIGGER t BEFORE INSERT ON child FOR EACH ROW BEGIN SET NEW.parent = 1; END */;;
DELIMITER ;
/*!40101 SET SQL_MODE=@OLD_SQL_MODE */;`,
      );
      assert.deepEqual(await migrateUp(pool, key, [script]), { value: [script.file], diagnostics: [] });
      assert.deepEqual(await values({ query }, 'SELECT id, parent FROM child'), [['0', '7']]);
    });

    it('leave no setting to the next one, nor to the pool, but keep their own when they go on', async (t) => {
      const database = await createDatabase(t, engine);
      const { pool, query } = leased(t, database);
      const other = await createDatabase(t, engine);
      const rude = `SET SESSION foreign_key_checks = 0; SET NAMES latin1; SET @x = 1, time_zone = '+09:00';
        CREATE TABLE a (id int); USE ${other.name}; CREATE TABLE b (id int)`;
      const see =
        'SELECT DATABASE() AS d, @@foreign_key_checks AS f, @@time_zone AS z, @x AS x, @@sql_mode AS m';
      const { diagnostics } = await migrateUp(pool, key, [
        migration('0001', rude),
        migration('0002', `CREATE TABLE seen AS ${see}`),
      ]);
      assert.deepEqual(told(diagnostics), []);
      assert.deepEqual(await values({ query }, 'SELECT d, f, z, x FROM seen'), [
        [database.name, '1', '+00:00', null],
      ]);
      assert.deepEqual(
        (await pool.run({ text: 'SELECT DATABASE(), @@time_zone, @x', name: undefined }, [])).rows,
        [[database.name, '+00:00', null]],
      );
      assert.deepEqual(await tables(other), ['b']);

      const cut = migration(
        '0003',
        `USE ${other.name}; SET @n = 5; CREATE TABLE c (id int); INSERT INTO c VALUES (@n, 1)`,
      );
      assert.equal(
        (
          await migrateUp(pool, key, [
            migration('0001', rude),
            migration('0002', `CREATE TABLE seen AS ${see}`),
            cut,
          ])
        ).diagnostics.length,
        1,
      );
      const mended = migration('0003', cut.sql.replace('@n, 1', '@n'));
      assert.deepEqual(
        (
          await migrateUp(pool, key, [
            migration('0001', rude),
            migration('0002', `CREATE TABLE seen AS ${see}`),
            mended,
          ])
        ).diagnostics,
        [],
      );
      assert.deepEqual(await values(other, 'SELECT id FROM c'), [['5']]);
    });

    it('do not go on with a variable that the session before had read from rows', async (t) => {
      const { pool, query } = await database(t);
      const head = `CREATE TABLE a (id int AUTO_INCREMENT PRIMARY KEY); INSERT INTO a VALUES (41);
INSERT INTO a VALUES (); SET @id = LAST_INSERT_ID(); CREATE TABLE b (id int);`;
      await migrateUp(pool, key, [migration('0001', `${head}\nINSERT INTO b VALUES (@id, 2)`)]);
      const again = migration('0001', `${head}\nINSERT INTO b VALUES (@id)`);
      assert.deepEqual(told((await migrateUp(pool, key, [again])).diagnostics), [
        'MIGRATION_FAILED | m/0001_x.sql:3:1 | The file goes on in a new session, in which @id, read from rows at line 2, is not set. | set it to its value before this statement: SET @id = …',
      ]);
      const mended = migration('0001', `${head}\nSET @id = 42; INSERT INTO b VALUES (@id)`);
      assert.deepEqual((await migrateUp(pool, key, [mended])).value, [mended.file]);
      assert.deepEqual(await values({ query }, 'SELECT id FROM b'), [['42']]);
    });

    it('wait for another process that migrates the same database', async (t) => {
      const own = await createDatabase(t, engine);
      const [one, two] = [leased(t, own), leased(t, own)];
      const slow = [
        migration('0001', 'CREATE TABLE a (id int); DO SLEEP(0.4)'),
        migration('0002', 'CREATE TABLE b (id int)'),
      ];
      const waited: string[] = [];
      const run = ({ pool }: Database) =>
        migrateUp(pool, key, slow, { onStep: ({ kind }) => kind === 'waiting' && waited.push(kind) });
      const results = await Promise.all([run(one), run(two)]);
      assert.deepEqual(results.map(({ value }) => value!.length).toSorted(), [0, 2]);
      assert.deepEqual(
        results.flatMap(({ diagnostics }) => diagnostics),
        [],
      );
      assert.deepEqual(waited, ['waiting']);
    });

    it('give up waiting after a while, and when they are told to', async (t) => {
      const own = await createDatabase(t, engine);
      const [one, two] = [leased(t, own), leased(t, own)];
      const other = leased(t, await createDatabase(t, engine));
      let begun = () => {};
      const started = new Promise<void>((resolve) => {
        begun = resolve;
      });
      const slow = migrateUp(one.pool, key, [migration('0001', 'DO SLEEP(1)')], { onStep: begun });
      await started;
      await assert.rejects(
        migrateUp(two.pool, key, [migration('0001', 'DO 1')], { waitMs: 100 }),
        (error) => error instanceof Problem && error.code === '55P03',
      );
      const giveUp = new AbortController();
      const waiting = migrateUp(two.pool, key, [migration('0001', 'DO 1')], {
        signal: giveUp.signal,
        onStep: ({ kind }) => kind === 'waiting' && giveUp.abort(),
      });
      await assert.rejects(waiting, (error) => error instanceof Problem && error.code === '57014');
      // Another database of the same server waits for nobody.
      assert.deepEqual(
        (await migrateUp(other.pool, key, [migration('0001', 'DO 1')], { waitMs: 0 })).diagnostics,
        [],
      );
      await slow;
    });

    it('that lose their connection in a transaction run again whole', async (t) => {
      const own = await database(t);
      const script = migration('0001', 'INSERT INTO a VALUES (1); INSERT INTO a SELECT SLEEP(20)');
      await own.query('CREATE TABLE a (id int)');
      const run = migrateUp(own.pool, key, [script]);
      run.catch(() => {});
      await own.query(`KILL ${await running(own, '%SLEEP(20)%')}`);
      await assert.rejects(run, lost);
      assert.deepEqual(await values(own, 'SELECT count(*) AS n FROM a'), [['0']]);
      assert.deepEqual(await states(own.pool, [script]), ['0001_x pending']);
      const mended = migration('0001', script.sql.replace('20', '0'));
      assert.deepEqual((await migrateUp(own.pool, key, [mended])).value, [mended.file]);
      assert.deepEqual(await values(own, 'SELECT count(*) AS n FROM a'), [['2']]);
    });

    it('that broke off in a statement of which nothing tells ask what came of it', async (t) => {
      const own = await database(t);
      await own.query(
        'CREATE TABLE a (id int PRIMARY KEY); CREATE PROCEDURE fill() BEGIN INSERT INTO a VALUES (1); DO SLEEP(20); END',
      );
      const script = migration(
        '0001',
        'CREATE TABLE b (id int);\n\n  CALL fill();\nINSERT INTO b VALUES (1)',
      );
      const run = migrateUp(own.pool, key, [script]);
      run.catch(() => {});
      await own.query(`KILL ${await running(own, '%SLEEP(20)%')}`);
      await assert.rejects(run, lost);
      assert.deepEqual(await states(own.pool, [script]), ['0001_x unfinished']);
      const question = [
        'MIGRATION_INTERRUPTED | m/0001_x.sql:3:3 | Statement 2, at line 3, was begun when an earlier run broke off, and nothing tells whether it ran to its end. | look in the database whether it did what it says, then run "migrate up" with --interrupted done, or with --interrupted undone, which runs it again',
      ];
      assert.deepEqual(told((await migrateUp(own.pool, key, [script])).diagnostics), question);
      assert.deepEqual(told((await migrateUp(own.pool, key, [script])).diagnostics), question);
      const edited = migration('0001', script.sql.replace('CALL fill()', 'DO 1'));
      assert.match(
        told((await migrateUp(own.pool, key, [edited])).diagnostics)[0]!,
        /it or they have been edited since/,
      );
      assert.deepEqual(await migrateUp(own.pool, key, [script], { interrupted: 'done' }), {
        value: [script.file],
        diagnostics: [],
      });
      assert.deepEqual(await values(own, 'SELECT count(*) AS n FROM b'), [['1']]);
    });

    it('may be told to run such a statement again', async (t) => {
      const own = await database(t);
      await own.query(
        'CREATE TABLE a (id int); CREATE PROCEDURE fill() BEGIN INSERT INTO a VALUES (1); DO SLEEP(20); END',
      );
      const script = migration('0001', 'CALL fill()');
      const run = migrateUp(own.pool, key, [script]);
      run.catch(() => {});
      await own.query(`KILL ${await running(own, '%SLEEP(20)%')}`);
      await assert.rejects(run, lost);
      await own.query('DROP PROCEDURE fill; CREATE PROCEDURE fill() INSERT INTO a VALUES (7)');
      assert.deepEqual(await migrateUp(own.pool, key, [script], { interrupted: 'undone' }), {
        value: [script.file],
        diagnostics: [],
      });
      assert.deepEqual(await values(own, 'SELECT count(*) AS n FROM a WHERE id = 7'), [['1']]);
    });

    /** A statement that changes table `a` waits for a reader of it, until `work` has come and gone. */
    async function broken(own: Database, script: Migration, work: () => Promise<unknown>): Promise<void> {
      const reader = own.query('SELECT SLEEP(1.5) FROM a');
      await running(own, '%SLEEP(1.5)%');
      const run = migrateUp(own.pool, key, [script]);
      run.catch(() => {});
      await running(own, 'ALTER%');
      await work();
      await reader;
      await assert.rejects(run, lost);
    }

    it('find out that a statement was run whose end nobody saw', async (t) => {
      const own = await database(t);
      await own.query('CREATE TABLE a (id int); INSERT INTO a VALUES (1)');
      const script = migration(
        '0001',
        'CREATE TABLE b (id int); ALTER TABLE a ADD COLUMN n int; INSERT INTO a VALUES (2, 3)',
      );
      await broken(own, script, async () => own.query(`KILL ${await gateOf(own)}`));
      assert.deepEqual(await states(own.pool, [script]), ['0001_x unfinished']);
      assert.deepEqual(await migrateUp(own.pool, key, [script]), { value: [script.file], diagnostics: [] });
      assert.deepEqual(await values(own, 'SELECT id, n FROM a ORDER BY id'), [
        ['1', null],
        ['2', '3'],
      ]);
    });

    it('find out that a statement was not run, and run it', async (t) => {
      const own = await database(t);
      await own.query('CREATE TABLE a (id int); INSERT INTO a VALUES (1)');
      const script = migration(
        '0001',
        'CREATE TABLE b (id int); ALTER TABLE a ADD COLUMN n int; INSERT INTO a VALUES (2, 3)',
      );
      await broken(own, script, async () => own.query(`KILL ${await running(own, 'ALTER%')}`));
      assert.deepEqual(await migrateUp(own.pool, key, [script]), { value: [script.file], diagnostics: [] });
      assert.deepEqual(await values(own, 'SELECT count(n) AS n FROM a'), [['1']]);
    });

    it('wait for a statement that the server goes on with, though its engine is gone', async (t) => {
      const own = await database(t);
      await own.query('CREATE TABLE a (id int); INSERT INTO a VALUES (1)');
      const script = migration('0001', 'ALTER TABLE a ADD COLUMN n int; INSERT INTO a VALUES (2, 3)');
      const again = leased(t, own);
      const waited: string[] = [];
      let result: ReturnType<typeof migrateUp> | undefined;
      await broken(own, script, async () => {
        await own.query(`KILL ${await gateOf(own)}`);
        let told = () => {};
        const waits = new Promise<void>((resolve) => {
          told = resolve;
        });
        result = migrateUp(again.pool, key, [script], {
          onStep: ({ kind }) => {
            waited.push(kind);
            if (kind === 'waiting') told();
          },
        });
        await waits;
      });
      assert.deepEqual(await result, { value: [script.file], diagnostics: [] });
      assert.deepEqual(waited, ['running', 'waiting', 'applied']);
      assert.deepEqual(await values(own, 'SELECT count(*) AS n FROM a'), [['2']]);
    });

    it('that were edited or are missing are refused', async (t) => {
      const { pool } = await database(t);
      await migrateUp(pool, key, [first]);
      const edited = migration('0001', 'CREATE TABLE edited (id int)');
      assert.deepEqual(
        (await migrateUp(pool, key, [edited])).diagnostics.map(({ code }) => code),
        ['MIGRATION_EDITED'],
      );
      assert.deepEqual(
        (await migrateUp(pool, key, [])).diagnostics.map(({ code }) => code),
        ['MIGRATION_MISSING'],
      );
    });

    it('with seeds, which run once each', async (t) => {
      const { pool, query } = await database(t);
      await migrateUp(pool, key, [first]);
      const seeds = [
        seedOf('authors', 'INSERT INTO a VALUES (10)'),
        seedOf('authors ', 'INSERT INTO a VALUES (11)'),
      ];
      assert.deepEqual((await seed(pool, key, seeds.slice(0, 1))).value, ['s/authors.sql']);
      assert.deepEqual((await seed(pool, key, seeds)).value, ['s/authors .sql']);
      assert.deepEqual((await seed(pool, key, seeds)).value, []);
      assert.deepEqual(await values({ query }, 'SELECT count(*) AS n FROM a'), [['3']]);
      assert.deepEqual(told((await seed(pool, key, [seedOf('x', 'SELECT y')])).diagnostics), [
        `SEED_FAILED | s/x.sql:1:1 | Unknown column 'y' in '${engine === 'mysql' ? 'field list' : 'SELECT'}' (42S22).`,
      ]);
    });

    it('need a database', async (t) => {
      const own = await createDatabase(t, engine);
      const url = new URL(own.url);
      url.pathname = '/';
      const { pool } = leased(t, { ...own, url: url.href });
      await assert.rejects(migrateUp(pool, key, [first]), (error) => {
        assert.ok(error instanceof Problem);
        return error.message === 'The URL names no database in which the migrations could run.';
      });
    });

    it('tell a user with few rights what it lacks', async (t) => {
      const own = await createDatabase(t, engine);
      const user = `u_${createHash('sha256').update(own.name).digest('hex').slice(0, 12)}`;
      await own.query(`CREATE USER '${user}'@'%'; GRANT SELECT ON ${own.name}.* TO '${user}'@'%'`);
      try {
        const url = new URL(own.url);
        url.username = user;
        const { pool } = leased(t, { ...own, url: url.href });
        await assert.rejects(migrateUp(pool, key, [migration('0001', 'DO 1')]), (error) => {
          assert.ok(error instanceof Problem);
          assert.equal(error.code, '42501', String(error.cause));
          return error.hint === 'grant it CREATE, SELECT, INSERT and UPDATE on the database';
        });
      } finally {
        await own.query(`DROP USER '${user}'@'%'`);
      }
    });
  });
