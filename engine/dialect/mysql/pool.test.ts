import assert from 'node:assert/strict';
import { createServer, type Socket } from 'node:net';
import { describe, it } from 'node:test';
import { Problem } from '../../problem/problem.ts';
import type { Pool, Transaction } from '../dialect.ts';
import { openRelay } from '../postgres/relay.fixture.ts';
import { isAborted } from '../problems.ts';
import { claims } from './claims.ts';
import { maxPrepared } from './connection.ts';
import { openPool } from './pool.ts';
import {
  configOf,
  refusal,
  running,
  scratchOn,
  servers,
  session,
  slow,
  soon,
  sql,
  thousand,
  unreachable,
  until,
} from './scratch.fixture.ts';

for (const engine of servers) {
  describe(`on ${engine}`, () => {
    const scratch = scratchOn(engine);
    const { within } = scratch;
    const kill = (id: string) => scratch.sql(`KILL ${id}`);

    describe('values', () => {
      it('are given as the text that the server prints, with every digit and every microsecond', () =>
        within({}, async (pool) => {
          const { rows, affected } = await pool.run(
            sql(`SELECT CAST(9007199254740993 AS SIGNED), CAST(18446744073709551615 AS UNSIGNED), 1.10, CAST(0.1 AS DOUBLE), NULL,
              CAST('2024-02-29 23:59:59.123456' AS DATETIME(6)), CAST('2024-02-29 23:59:59' AS DATETIME(3)), CAST('0044-03-15' AS DATE),
              CAST('-838:59:58.5' AS TIME(1)), CAST('00:00:00' AS TIME), X'c3a9', JSON_ARRAY(1.5, 'é'), 'é😀', -1`),
            [],
          );
          assert.deepEqual(rows, [
            [
              '9007199254740993',
              '18446744073709551615',
              '1.10',
              '0.1',
              null,
              '2024-02-29 23:59:59.123456',
              '2024-02-29 23:59:59.000',
              '0044-03-15',
              '-838:59:58.5',
              '00:00:00',
              'é',
              '[1.5, "é"]',
              'é😀',
              '-1',
            ],
          ]);
          assert.equal(affected, 1);
        }));

      it('of columns come as they are stored, zero dates too', async () => {
        await scratch.sql(`SET sql_mode = ''; CREATE TABLE as_stored (t tinyint, s smallint, u tinyint unsigned, m mediumint, y year, f float,
          d date, dt datetime, b bit(12), e enum('a', 'é'), j json, l longtext);
          INSERT INTO as_stored VALUES (-128, -32768, 255, -8388608, 2024, 0.1, '0000-00-00', '0000-00-00 00:00:00', b'000001000010', 'é',
          '{"bb": 1, "a": 1.50}', REPEAT('é', 100000))`);
        await within({}, async (pool) => {
          const { rows } = await pool.run(sql('SELECT * FROM as_stored'), []);
          assert.deepEqual(rows[0]!.slice(0, 8), [
            '-128',
            '-32768',
            '255',
            '-8388608',
            '2024',
            '0.1',
            '0000-00-00',
            '0000-00-00 00:00:00',
          ]);
          assert.equal(rows[0]![9], 'é');
          assert.deepEqual(JSON.parse(rows[0]![10]!), { bb: 1, a: 1.5 });
          assert.equal(rows[0]![11], 'é'.repeat(100_000));
        });
      });

      it('are bound as text that nobody reads as a number or as SQL', () =>
        within({}, async (pool) => {
          await pool.run(sql("SET SESSION sql_mode = CONCAT(@@sql_mode, ',NO_BACKSLASH_ESCAPES')"), []);
          const hostile = ["\\' OR 1=1 -- ", "' OR ''='", '\0', '%', '\\', '😀', ''];
          for (const value of hostile)
            assert.deepEqual((await pool.run(sql('SELECT ?, ? IS NULL', 'echo'), [value, null])).rows, [
              [value, '1'],
            ]);
          await scratch.sql(
            `CREATE TABLE IF NOT EXISTS words (w varchar(20)); INSERT INTO words VALUES ('abc')`,
          );
          assert.deepEqual((await pool.run(sql('SELECT w FROM words WHERE w = ?'), ['0'])).rows, []);
        }));

      it('that are lists go as one JSON text', () =>
        within({}, async (pool) => {
          const list = [
            'a',
            '',
            null,
            'NULL',
            '"',
            '\\',
            '\\"',
            '[]',
            ',',
            ' x ',
            '😀',
            "'",
            '\n',
            '9007199254740993',
          ];
          const { rows } = await pool.run(
            sql(
              `SELECT v FROM JSON_TABLE(?, '$[*]' COLUMNS (i FOR ORDINALITY, v text PATH '$')) AS list ORDER BY i`,
            ),
            [list],
          );
          assert.deepEqual(
            rows.map(([value]) => value),
            list,
          );
        }));

      it('count the rows that a statement found, changed or not', () =>
        within({}, async (pool) => {
          await pool.run(sql('CREATE TABLE counted (n int)'), []);
          const inserted = await pool.run(sql('INSERT INTO counted VALUES (1), (2), (3)'), []);
          const updated = await pool.run(sql('UPDATE counted SET n = n WHERE n < ?'), ['3']);
          assert.deepEqual(
            [inserted, updated],
            [
              { rows: [], affected: 3 },
              { rows: [], affected: 2 },
            ],
          );
        }));

      it('that are too many or too long together are refused before they are sent', () =>
        within({ pool: { max: 1 } }, async (pool) => {
          const id = await session(pool);
          const tooMany = Array.from({ length: 65_536 }, () => '1');
          assert.deepEqual(await refusal(pool.run(sql('SELECT 1'), tooMany)), {
            code: '54000',
            status: 400,
            message: 'The request has 65536 values where the database takes at most 65535.',
            details: null,
            hint: null,
            headers: {},
          });
          const { rows } = await pool.run(sql('SELECT @@max_allowed_packet'), []);
          const long = 'é'.repeat(Number(rows[0]![0]) / 2);
          assert.equal((await refusal(pool.run(sql('SELECT LENGTH(?)'), [long]))).code, '54000');
          assert.equal(await session(pool), id);
        }));
    });

    describe('an answer', () => {
      it('is longer than the megabyte at which the server cuts by itself', () =>
        within({}, async (pool) => {
          const { rows } = await pool.run(
            sql(`${thousand} SELECT GROUP_CONCAT(REPEAT('x', 4000) SEPARATOR '') FROM g`),
            [],
          );
          assert.equal(rows[0]![0]!.length, 4_000_000);
        }));

      it('that the server had to cut is an error, also behind other warnings', () =>
        within({ pool: { max: 1 } }, async (pool) => {
          const { rows } = await pool.run(sql('SELECT @@max_allowed_packet'), []);
          const half = Number(rows[0]![0]) / 2 + 1;
          const cut = [
            // Of constants alone MySQL makes one when it prepares, and tells nobody.
            `${thousand} SELECT COUNT(CONCAT(REPEAT('x', ${half} + n), REPEAT('y', ${half}))) FROM g WHERE n < 2`,
            `${thousand} SELECT SUM(CAST(CONCAT('x', n) AS SIGNED)), REPEAT('x', ${2 * half} + MAX(n)) IS NULL FROM g`,
          ];
          for (const text of cut) {
            const told = await refusal(pool.run(sql(text), []));
            assert.deepEqual([told.code, told.status], ['NS430', 400], text);
          }
          const warned = await pool.run(sql("SELECT CAST('12x' AS SIGNED)"), []);
          assert.deepEqual(warned.rows, [['12']]);
        }));

      it('with a row that is longer than a text may be is refused by its header', { timeout: 60_000 }, () =>
        within({ pool: { max: 1 } }, async (pool) => {
          const { rows } = await pool.run(sql('SELECT @@max_allowed_packet'), []);
          const length = Number(rows[0]![0]) - 100;
          // More columns than one, since no value passes the largest packet.
          const columns = Math.ceil((64 * 1024 * 1024) / length) + 1;
          const wide = Array.from({ length: columns }, () => `REPEAT('x', ${length})`).join(', ');
          const told = await refusal(pool.run(sql(`SELECT ${wide}`), []));
          assert.deepEqual([told.code, told.message], ['NS430', 'The answer would be larger than 64 MB.']);
          assert.deepEqual((await pool.run(sql('SELECT 1'), [])).rows, [['1']]);
        }),
      );

      it('is ordered, though its rows hold long documents', async () => {
        await scratch.sql(`CREATE TABLE documents (id int, j json);
          INSERT INTO documents VALUES (1, JSON_ARRAY(REPEAT('x', 2000000))), (2, JSON_ARRAY(REPEAT('y', 2000000)))`);
        await within({}, async (pool) => {
          const { rows } = await pool.run(sql('SELECT j FROM documents ORDER BY id DESC'), []);
          assert.deepEqual(
            rows.map(([document]) => document!.slice(0, 3)),
            ['["y', '["x'],
          );
        });
      });

      it('of a procedure is its first result with rows', async () => {
        await scratch.sql(`CREATE PROCEDURE twice() BEGIN SELECT 1 AS a, 'x' AS b; SELECT 2; END`);
        await within({ pool: { max: 1 } }, async (pool) => {
          assert.deepEqual((await pool.run(sql('CALL twice()'), [])).rows, [['1', 'x']]);
          assert.deepEqual((await pool.run(sql('SELECT 3'), [])).rows, [['3']]);
        });
      });
    });

    describe('sessions', () => {
      it('are pinned, whatever the server says', () =>
        within({ timeoutMs: 1_234 }, async (pool) => {
          const { rows } = await pool.run(
            sql(`SELECT @@sql_mode, @@time_zone, @@character_set_client, @@character_set_results, @@lc_messages, @@autocommit,
              @@group_concat_max_len > 1000000000, @@foreign_key_checks, @@sql_select_limit > 1000000, @@sql_safe_updates`),
            [],
          );
          assert.deepEqual(
            rows,
            [
              [
                'STRICT_ALL_TABLES,NO_AUTO_VALUE_ON_ZERO,NO_ZERO_IN_DATE,NO_ZERO_DATE,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION'
                  .split(',')
                  .toSorted()
                  .join(','),
                '+00:00',
                'utf8mb4',
                'utf8mb4',
                'en_US',
                '1',
                '1',
                '1',
                '1',
                '0',
              ],
            ].map(([modes, ...rest]) => [
              rows[0]![0]!.split(',').toSorted().join(',') === modes ? rows[0]![0] : modes,
              ...rest,
            ]),
          );
          const isolation = engine === 'mariadb' ? '@@tx_isolation' : '@@transaction_isolation';
          const timeout = engine === 'mariadb' ? '@@max_statement_time' : '@@max_execution_time';
          const settings = await pool.run(sql(`SELECT ${isolation}, ${timeout}`), []);
          assert.deepEqual(settings.rows, [['READ-COMMITTED', engine === 'mariadb' ? '1.234' : '1234']]);
        }));

      it('run one statement at a time, whatever its text says', () =>
        within({}, async (pool) => {
          assert.equal((await refusal(pool.run(sql('SELECT 1; SELECT 2'), []))).code, 'NS000');
        }));

      it('give no file of ours to a server that asks for one', async () => {
        await scratch.sql('CREATE TABLE loaded (line text)');
        await within({ pool: { max: 1 } }, async (pool) => {
          const load = "LOAD DATA LOCAL INFILE '/etc/hostname' INTO TABLE loaded";
          const told = await refusal(pool.run(sql(load), []));
          assert.equal(told.status, 500);
          assert.deepEqual((await pool.run(sql('SELECT COUNT(*) FROM loaded'), [])).rows, [['0']]);
        });
      });
    });

    if (engine === 'mysql') {
      it('sessions may be encrypted, and a certificate that nobody vouches for is refused', async () => {
        const over = async (sslmode: string, work: (pool: Pool) => Promise<void>) => {
          const url = new URL(scratch.url);
          url.searchParams.set('sslmode', sslmode);
          const pool = openPool({ config: configOf({ pool: { max: 1 } }), url: url.href });
          await work(pool);
          await pool.close();
        };
        await over('no-verify', async (pool) => {
          const { rows } = await pool.run(sql("SHOW SESSION STATUS LIKE 'Ssl_cipher'"), []);
          assert.match(rows[0]![1]!, /^TLS_/);
          const caller = new AbortController();
          const given = pool.run(slow('encrypted'), [], { signal: caller.signal });
          await until(async () => (await running(scratch, 'encrypted')).length === 1);
          caller.abort();
          await assert.rejects(given, isAborted);
          const killed = refusal(pool.run(slow('encrypted'), []));
          await until(async () => (await running(scratch, 'encrypted')).length === 1);
          await kill((await running(scratch, 'encrypted'))[0]!);
          assert.deepEqual(await killed, unreachable);
          assert.equal(await pool.stream(sql(`${thousand} SELECT n FROM g`), [], () => {}), 1_000);
        });
        await over('verify-full', async (pool) => {
          assert.deepEqual(await refusal(pool.run(sql('SELECT 1'), [])), unreachable);
        });
      });
    }

    describe('prepared statements', () => {
      const open = async (pool: Pool) => {
        const { rows } = await pool.run(sql("SHOW SESSION STATUS LIKE 'Com_stmt_%'"), []);
        const counts = new Map(rows.map(([name, count]) => [name, Number(count)]));
        return {
          prepared: counts.get('Com_stmt_prepare')!,
          open: counts.get('Com_stmt_prepare')! - counts.get('Com_stmt_close')!,
        };
      };

      it('are kept under a name and used again', () =>
        within({ pool: { max: 1 } }, async (pool) => {
          const before = await open(pool);
          for (const n of ['1', '2', '3']) await pool.run(sql('SELECT ?', 'kept'), [n]);
          const after = await open(pool);
          // The statement, and the one that asks.
          assert.equal(after.prepared - before.prepared, 2);
          assert.equal(after.open - before.open, 1);
        }));

      it('never exceed their number and their length, and one without a name is not kept', () =>
        within({ pool: { max: 1 } }, async (pool) => {
          for (let n = 0; n < maxPrepared + 50; n += 1) await pool.run(sql(`SELECT ${n}`, `n${n}`), []);
          for (let n = 0; n < 50; n += 1) await pool.run(sql(`SELECT -${n}`), []);
          assert.equal((await open(pool)).open, maxPrepared);
          for (let n = 0; n < 50; n += 1)
            await pool.run(sql(`SELECT ${n} /*${'x'.repeat(10_000)}*/`, `long${n}`), []);
          assert.ok((await open(pool)).open <= 27);
        }));

      it('are prepared again when DDL has changed their result', () =>
        within({ pool: { max: 1 } }, async (pool) => {
          await scratch.sql('CREATE TABLE changing (a int); INSERT INTO changing VALUES (1)');
          const read = () => pool.run(sql('SELECT * FROM changing', 'star'), []);
          assert.deepEqual((await read()).rows, [['1']]);
          await scratch.sql(`ALTER TABLE changing ADD b varchar(5) DEFAULT 'x', MODIFY a bigint`);
          assert.deepEqual((await read()).rows, [['1', 'x']]);
          await scratch.sql('DROP TABLE changing');
          assert.equal((await refusal(read())).code, 'NS503');
          await scratch.sql(`CREATE TABLE changing (c varchar(5)); INSERT INTO changing VALUES ('again')`);
          assert.deepEqual((await read()).rows, [['again']]);
        }));

      it('survive a value that was refused', () =>
        within({ pool: { max: 1 } }, async (pool) => {
          await scratch.sql('CREATE TABLE IF NOT EXISTS numbers (n int)');
          const statement = sql('INSERT INTO numbers VALUES (?)', 'insert');
          assert.equal((await refusal(pool.run(statement, ['x']))).code, '22P02');
          assert.equal((await pool.run(statement, ['1'])).affected, 1);
        }));
    });

    describe('transactions', () => {
      it('commit what the work did, and begin only when it does something', () =>
        within({ pool: { max: 1 } }, async (pool) => {
          await scratch.sql('CREATE TABLE kept (n int)');
          const asked = "SHOW SESSION STATUS LIKE 'Com_begin'";
          const begun = async () => Number((await pool.run(sql(asked), [])).rows[0]![1]);
          const before = await begun();
          await pool.transaction((transaction) => transaction.run(sql('INSERT INTO kept VALUES (1)'), []));
          assert.equal(await pool.transaction(async () => 'nothing'), 'nothing');
          assert.equal((await begun()) - before, 1);
          assert.deepEqual(await scratch.sql('SELECT n FROM kept'), [['1']]);
        }));

      it('undo everything when the work rejects, and when they are never to commit', () =>
        within({ pool: { max: 1 } }, async (pool) => {
          await scratch.sql('CREATE TABLE undone (n int)');
          const insert = (transaction: Transaction) =>
            transaction.run(sql('INSERT INTO undone VALUES (1)'), []);
          const problem = new Problem('PGRST116', { message: 'other than one row' });
          const work = pool.transaction(async (transaction) => {
            await insert(transaction);
            throw problem;
          });
          await assert.rejects(work, (error) => error === problem);
          const { affected } = await pool.transaction(insert, { commit: 'never' });
          assert.equal(affected, 1);
          assert.deepEqual((await pool.run(sql('SELECT COUNT(*) FROM undone'), [])).rows, [['0']]);
          assert.deepEqual(pool.stats(), { open: 1, idle: 1, waiting: 0, max: 1 });
        }));

      it('refuse to write when they only read', () =>
        within({}, async (pool) => {
          await scratch.sql('CREATE TABLE read_only (n int)');
          const write = pool.transaction(
            (transaction) => transaction.run(sql('INSERT INTO read_only VALUES (1)'), []),
            { readOnly: true },
          );
          assert.deepEqual(await refusal(write), {
            code: '25006',
            status: 405,
            message: 'The request only reads, and something in it tried to write.',
            details: null,
            hint: null,
            headers: {},
          });
        }));

      it('run nothing after an error that the work passed over, and reject', () =>
        within({ pool: { max: 1 } }, async (pool) => {
          await scratch.sql('CREATE TABLE passed_over (n int UNIQUE); INSERT INTO passed_over VALUES (1)');
          const work = pool.transaction(async (transaction) => {
            await transaction.run(sql('INSERT INTO passed_over VALUES (2)'), []);
            await transaction.run(sql('INSERT INTO passed_over VALUES (1)'), []).catch(() => {});
            await transaction.run(sql('INSERT INTO passed_over VALUES (3)'), []).catch(() => {});
          });
          assert.equal((await refusal(work)).code, 'NS000');
          assert.deepEqual((await pool.run(sql('SELECT n FROM passed_over'), [])).rows, [['1']]);
        }));

      it('run nothing after their end, whoever ended them', () =>
        within({ pool: { max: 1 } }, async (pool) => {
          const escaped = await pool.transaction(async (transaction) => transaction);
          assert.equal((await refusal(escaped.run(sql('SELECT 1'), []))).code, 'NS000');
          await scratch.sql('CREATE PROCEDURE commits() COMMIT; CREATE TABLE after_commit (n int)');
          const ended = pool.transaction(async (transaction) => {
            await transaction.run(sql('CALL commits()'), []);
            await transaction.run(sql('INSERT INTO after_commit VALUES (1)'), []);
          });
          assert.equal((await refusal(ended)).code, 'P0001');
          assert.deepEqual(await scratch.sql('SELECT n FROM after_commit'), []);
        }));

      it('have claims of their own, which nobody has after them', () =>
        within({ pool: { max: 1 } }, async (pool) => {
          const read = sql('SELECT @novastack_claims');
          const claimed = (role: string) =>
            pool.transaction(async (transaction) => {
              const set = claims(new Map([['request.jwt.claims', JSON.stringify({ role })]]));
              transaction.prepend(set.statement, set.parameters);
              return (await transaction.run(read, [])).rows[0]![0];
            });
          assert.equal(await claimed('a'), '{"role":"a"}');
          assert.deepEqual((await pool.run(read, [])).rows, [[null]]);
          assert.equal(await claimed('b'), '{"role":"b"}');
          const unclaimed = await pool.transaction((transaction) => transaction.run(read, []));
          assert.deepEqual(unclaimed.rows, [[null]]);
          assert.equal(await claimed('c'), '{"role":"c"}');
          const streamed: unknown[] = [];
          await pool.stream(read, [], (rows) => void streamed.push(...rows));
          assert.deepEqual(streamed, [[null]]);
        }));

      it('tell which prepended statement was refused, and undo what came before', () =>
        within({ pool: { max: 1 } }, async (pool) => {
          const work = pool.transaction(async (transaction) => {
            transaction.prepend(sql('SELECT * FROM nowhere'), []);
            await transaction.run(sql('SELECT 1'), []);
          });
          assert.equal((await refusal(work)).code, 'NS503');
          assert.deepEqual(pool.stats(), { open: 1, idle: 1, waiting: 0, max: 1 });
        }));
    });

    describe('transactions that wait for each other', () => {
      /** Two works that each lock a row and then the other's; `first` is run behind the first lock of each. */
      async function crossed(pool: Pool, table: string, behind: string | undefined) {
        await scratch.sql(
          `CREATE TABLE ${table} (id int PRIMARY KEY, n int NOT NULL); INSERT INTO ${table} VALUES (1, 0), (2, 0)`,
        );
        const attempts = [0, 0];
        const bothLocked = Promise.withResolvers<void>();
        let locked = 0;
        const work = (index: number, ids: readonly string[]) =>
          pool.transaction(async (transaction) => {
            attempts[index]! += 1;
            const add = (id: string) =>
              transaction.run(sql(`UPDATE ${table} SET n = n + 1 WHERE id = ?`), [id]);
            await add(ids[0]!);
            locked += 1;
            if (locked === 2) bothLocked.resolve();
            await bothLocked.promise;
            if (behind !== undefined) await transaction.run(sql(behind), []);
            await add(ids[1]!);
          });
        const works = await Promise.allSettled([work(0, ['1', '2']), work(1, ['2', '1'])]);
        return { works, attempts, rows: await scratch.sql(`SELECT n FROM ${table} ORDER BY id`) };
      }

      it('are both done: the one that the server has undone is run again', () =>
        within({}, async (pool) => {
          const { works, attempts, rows } = await crossed(pool, 'crossed', undefined);
          assert.deepEqual(
            works.map(({ status }) => status),
            ['fulfilled', 'fulfilled'],
          );
          assert.equal(attempts[0]! + attempts[1]!, 3);
          assert.deepEqual(rows, [['2'], ['2']]);
        }));

      it('are not run again where a procedure may have committed a part', async () => {
        await scratch.sql('CREATE PROCEDURE harmless() DO 1');
        await within({}, async (pool) => {
          const { works, attempts, rows } = await crossed(pool, 'crossed_calls', 'CALL harmless()');
          const failed = works.filter((work) => work.status === 'rejected');
          assert.deepEqual(
            failed.map(({ reason }) => [reason.code, reason.status, reason.message]),
            [['40P01', 503, 'Two transactions waited for each other. The request can be repeated.']],
          );
          assert.deepEqual(attempts, [1, 1]);
          assert.deepEqual(rows, [['1'], ['1']]);
        });
      });

      it('are given up after some time', () =>
        within({ timeoutMs: 400, pool: { max: 2 } }, async (pool) => {
          await scratch.sql('CREATE TABLE waited (id int PRIMARY KEY); INSERT INTO waited VALUES (1)');
          const lock = sql('SELECT id FROM waited FOR UPDATE');
          const locked = Promise.withResolvers<void>();
          const holding = Promise.withResolvers<void>();
          const held = pool.transaction(async (transaction) => {
            await transaction.run(lock, []);
            locked.resolve();
            await holding.promise;
          });
          await locked.promise;
          const told = await refusal(pool.transaction((transaction) => transaction.run(lock, [])));
          assert.deepEqual([told.code, told.status], ['57014', 504]);
          holding.resolve();
          await held;
          assert.deepEqual((await pool.run(lock, [])).rows, [['1']]);
        }));
    });

    describe('a bounded pool', () => {
      it('opens no more than its most, and serves those who wait', () =>
        within({ pool: { max: 2 } }, async (pool) => {
          const work = Array.from({ length: 12 }, (_, n) => pool.run(sql(`SELECT SLEEP(0.01), ${n}`), []));
          assert.deepEqual(pool.stats(), { open: 2, idle: 0, waiting: 12, max: 2 });
          const rows = await Promise.all(work);
          assert.deepEqual(
            rows.map(({ rows: [row] }) => row![1]),
            Array.from({ length: 12 }, (_, n) => String(n)),
          );
          assert.deepEqual(pool.stats(), { open: 2, idle: 2, waiting: 0, max: 2 });
        }));

      it('tells who waited too long', () =>
        within({ pool: { max: 1, acquireMs: 300 } }, async (pool) => {
          await pool.run(sql('SELECT 1'), []);
          const long = pool.run(sql('SELECT SLEEP(1)'), []);
          assert.deepEqual(await refusal(pool.run(sql('SELECT 1'), [])), {
            code: 'NS504',
            status: 503,
            message: 'No database connection became free within 300 ms.',
            details: null,
            hint: null,
            headers: soon,
          });
          await long;
        }));

      it('closes what is idle, and opens again on demand', () =>
        within({ pool: { idleMs: 100 } }, async (pool) => {
          await Promise.all([1, 2, 3].map(() => pool.run(sql('SELECT SLEEP(0.05)'), [])));
          assert.equal(pool.stats().open, 3);
          await until(() => pool.stats().open === 0);
          assert.deepEqual((await pool.run(sql('SELECT 1'), [])).rows, [['1']]);
        }));

      it('renews connections that have lived too long', () =>
        within({ pool: { max: 1, lifetimeMs: 100 } }, async (pool) => {
          const first = await session(pool);
          await until(async () => (await session(pool)) !== first);
          assert.equal(pool.stats().open <= 1, true);
        }));

      it('waits for what runs when it closes, then refuses', async () => {
        const pool = openPool({ config: configOf({ pool: { max: 1 } }), url: scratch.url });
        const long = pool.run(sql(`SELECT SLEEP(0.2), 'done'`), []);
        const waiting = pool.run(sql(`SELECT 'waited'`), []);
        const closed = pool.close();
        assert.deepEqual(await refusal(pool.run(sql('SELECT 1'), [])), {
          ...unreachable,
          message: 'The database is being disconnected.',
        });
        assert.deepEqual((await long).rows, [['0', 'done']]);
        assert.deepEqual((await waiting).rows, [['waited']]);
        await closed;
        assert.deepEqual(pool.stats(), { open: 0, idle: 0, waiting: 0, max: 1 });
        await pool.close();
      });
    });

    describe('faults', () => {
      it('an idle connection that is killed leaves in silence', () =>
        within({}, async (pool) => {
          const id = await session(pool);
          await kill(id);
          await until(() => pool.stats().open === 0);
          assert.notEqual(await session(pool), id);
        }));

      it('a statement whose connection is killed answers 503, and the next one works', () =>
        within({ pool: { max: 1 } }, async (pool) => {
          const id = await session(pool);
          const killed = refusal(pool.run(slow('killed'), []));
          await until(async () => (await running(scratch, 'killed')).length === 1);
          await kill(id);
          assert.deepEqual(await killed, unreachable);
          assert.notEqual(await session(pool), id);
          assert.equal(pool.stats().open, 1);
        }));

      it('a transaction whose connection is killed changes nothing', () =>
        within({ pool: { max: 1 } }, async (pool) => {
          await scratch.sql('CREATE TABLE lost (n int)');
          const work = pool.transaction(async (transaction) => {
            await transaction.run(sql('INSERT INTO lost VALUES (1)'), []);
            const { rows } = await transaction.run(sql('SELECT CONNECTION_ID()'), []);
            await kill(rows[0]![0]!);
            await transaction.run(sql('INSERT INTO lost VALUES (2)'), []);
          });
          assert.deepEqual(await refusal(work), unreachable);
          assert.deepEqual((await pool.run(sql('SELECT COUNT(*) FROM lost'), [])).rows, [['0']]);
        }));

      it('a network that breaks in the middle of an answer answers 503', async () => {
        const relay = await openRelay(scratch.url);
        const pool = openPool({ config: configOf({ pool: { max: 1 } }), url: relay.url });
        await session(pool);
        let bytes = 0;
        relay.fromServer = (chunk, client) => {
          client.write(chunk);
          bytes += chunk.length;
          if (bytes > 100_000) client.destroy();
        };
        const long = sql(`${thousand} SELECT REPEAT('x', 1000) FROM g`);
        assert.deepEqual(await refusal(pool.run(long, [])), unreachable);
        relay.fromServer = (chunk, client) => void client.write(chunk);
        assert.equal((await pool.run(long, [])).rows.length, 1_000);
        await pool.close();
        relay.close();
      });

      it('a server that refuses connections answers 503 at once', async () => {
        const pool = openPool({ config: configOf(), url: 'mysql://root@127.0.0.1:1/none' });
        const started = performance.now();
        assert.deepEqual(await refusal(pool.run(sql('SELECT 1'), [])), unreachable);
        assert.ok(performance.now() - started < 1_000);
        assert.deepEqual(pool.stats(), { open: 0, idle: 0, waiting: 0, max: 4 });
        await pool.close();
      });

      it('a server that accepts and says nothing answers 503 in time', async () => {
        const sockets = new Set<Socket>();
        const silent = createServer((socket) => sockets.add(socket)).listen(0, '127.0.0.1');
        await until(() => silent.listening);
        const { port } = silent.address() as { port: number };
        const config = configOf({ pool: { acquireMs: 150 } });
        const pool = openPool({ config, url: `mariadb://root@127.0.0.1:${port}/none` });
        const all = await Promise.all(
          Array.from({ length: 6 }, () => refusal(pool.run(sql('SELECT 1'), []))),
        );
        assert.deepEqual(
          all,
          Array.from({ length: 6 }, () => unreachable),
        );
        await pool.close();
        for (const socket of sockets) socket.destroy();
        silent.close();
      });

      it('a password, a database or a parameter that is wrong answers 503 without a word of why', async () => {
        const wrong: readonly ((url: URL) => unknown)[] = [
          (url) => Object.assign(url, { pathname: '/ns_catalog_absent' }),
          (url) => Object.assign(url, { password: 'wrong' }),
          (url) => url.searchParams.set('flags', 'LOCAL_FILES'),
          (url) => url.searchParams.set('sslmode', 'perhaps'),
        ];
        for (const change of wrong) {
          const url = new URL(scratch.url);
          change(url);
          const pool = openPool({ config: configOf(), url: url.href });
          assert.deepEqual(await refusal(pool.run(sql('SELECT 1'), [])), unreachable, url.href);
          await pool.close();
        }
      });

      it('a server that has no connection left serves those who wait by the others', async () => {
        const name = `u_${scratch.name.slice(-20)}`;
        await scratch.sql(
          `CREATE USER ${name} WITH MAX_USER_CONNECTIONS 1; GRANT ALL ON ${scratch.name}.* TO ${name}`,
        );
        const url = new URL(scratch.url);
        url.username = name;
        const [first, second] = [1, 2].map(() => openPool({ config: configOf(), url: url.href })) as [
          Pool,
          Pool,
        ];
        const all = await Promise.all([1, 2, 3].map(() => first.run(sql('SELECT SLEEP(0.05)'), [])));
        assert.equal(all.length, 3);
        assert.deepEqual(await refusal(second.run(sql('SELECT 1'), [])), unreachable);
        await first.close();
        assert.deepEqual((await second.run(sql('SELECT 1'), [])).rows, [['1']]);
        await second.close();
        await scratch.sql(`DROP USER ${name}`);
      });

      const tooLong = {
        code: '57014',
        status: 504,
        message: 'The statement took too long and was ended.',
        details: null,
        hint: null,
        headers: soon,
      };

      it('a statement past its timeout answers 504, and the connection lives', () =>
        within({ timeoutMs: 200, pool: { max: 1 } }, async (pool) => {
          const id = await session(pool);
          assert.deepEqual(await refusal(pool.run(slow('past its timeout'), [])), tooLong);
          assert.deepEqual(await running(scratch, 'past its timeout'), []);
          assert.equal(await session(pool), id);
        }));

      it('a write, and a procedure, past their timeout answer 504, and change nothing', async () => {
        await scratch.sql(`CREATE TABLE slowly (n int); CREATE PROCEDURE crawl() BEGIN
          DECLARE i int DEFAULT 0; INSERT INTO slowly VALUES (1); WHILE i < 2000000000 DO SET i = i + 1; END WHILE; END`);
        await within({ timeoutMs: 300, pool: { max: 1 } }, async (pool) => {
          const id = await session(pool);
          const insert = `INSERT INTO slowly ${thousand} SELECT SLEEP(0.06) FROM g`;
          assert.deepEqual(await refusal(pool.run(sql(insert), [])), tooLong);
          const called = pool.transaction((transaction) => transaction.run(sql('CALL crawl()'), []));
          assert.deepEqual(await refusal(called), tooLong);
          assert.deepEqual((await pool.run(sql('SELECT COUNT(*) FROM slowly'), [])).rows, [['0']]);
          assert.equal(await session(pool), id);
        });
      });

      it('a server that freezes in the middle of a statement answers 504, and leaks nothing', async () => {
        const relay = await openRelay(scratch.url);
        const pass = relay.fromServer;
        const pool = openPool({
          config: configOf({ timeoutMs: 200, pool: { max: 1, acquireMs: 500 } }),
          url: relay.url,
        });
        await session(pool);
        relay.fromServer = () => {};
        relay.fromClient = () => {};
        assert.deepEqual(await refusal(pool.run(sql('SELECT 1'), [])), {
          ...tooLong,
          message: 'The database gave no answer within 200 ms.',
        });
        relay.fromServer = pass;
        relay.fromClient = pass;
        await until(async () =>
          pool.run(sql('SELECT 1'), []).then(
            ({ rows }) => rows[0]![0] === '1',
            () => false,
          ),
        );
        await until(() => pool.stats().open === pool.stats().idle);
        const closing = performance.now();
        relay.fromServer = () => {};
        relay.fromClient = () => {};
        await pool.close();
        assert.ok(performance.now() - closing < 2_000);
        relay.close();
      });
    });

    describe('a caller who goes away', () => {
      it('ends the statement on the server, and the connection is used again', () =>
        within({ timeoutMs: 60_000, pool: { max: 1 } }, async (pool) => {
          const id = await session(pool);
          const caller = new AbortController();
          const given = pool.run(slow('gone away'), [], { signal: caller.signal });
          await until(async () => (await running(scratch, 'gone away')).length === 1);
          caller.abort();
          await assert.rejects(given, isAborted);
          assert.deepEqual(await running(scratch, 'gone away'), []);
          for (let n = 0; n < 20; n += 1) assert.equal(await session(pool), id);
        }));

      it('undoes a transaction', () =>
        within({ timeoutMs: 60_000, pool: { max: 1 } }, async (pool) => {
          await scratch.sql('CREATE TABLE given_up (n int)');
          const caller = new AbortController();
          const given = pool.transaction(
            async (transaction) => {
              await transaction.run(sql('INSERT INTO given_up VALUES (1)'), []);
              await transaction.run(slow('undoes'), []);
            },
            { signal: caller.signal },
          );
          await until(async () => (await running(scratch, 'undoes')).length === 1);
          caller.abort();
          await assert.rejects(given, isAborted);
          assert.deepEqual((await pool.run(sql('SELECT COUNT(*) FROM given_up'), [])).rows, [['0']]);
          assert.deepEqual(pool.stats(), { open: 1, idle: 1, waiting: 0, max: 1 });
        }));

      it('leaves the queue', () =>
        within({ pool: { max: 1 } }, async (pool) => {
          const long = pool.run(sql('SELECT SLEEP(0.2)'), []);
          const caller = new AbortController();
          const waiting = pool.run(sql('SELECT 1'), [], { signal: caller.signal });
          caller.abort();
          await assert.rejects(waiting, isAborted);
          await assert.rejects(pool.run(sql('SELECT 1'), [], { signal: caller.signal }), isAborted);
          await long;
          assert.deepEqual(pool.stats(), { open: 1, idle: 1, waiting: 0, max: 1 });
        }));

      it('never ends the statement of another, however the two race', () =>
        within({ timeoutMs: 60_000, pool: { max: 2 } }, async (pool) => {
          for (let n = 0; n < 60; n += 1) {
            const caller = new AbortController();
            const given = pool.run(sql('SELECT SLEEP(0.002)'), [], { signal: caller.signal }).catch(() => {});
            const stop = setTimeout(() => caller.abort(), n % 5);
            const others = Promise.all(
              [1, 2, 3].map(() =>
                pool.run(sql('SELECT COUNT(SLEEP(0.001)) FROM (SELECT 1 UNION SELECT 2) t'), []),
              ),
            );
            await Promise.all([given, others]);
            clearTimeout(stop);
          }
          assert.equal(pool.stats().waiting, 0);
        }));
    });
  });
}
