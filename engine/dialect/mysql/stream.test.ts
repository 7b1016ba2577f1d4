import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { OnText, Pool, StreamOptions } from '../dialect.ts';
import { openRelay, type Relay } from '../postgres/relay.fixture.ts';
import { isAborted } from '../problems.ts';
import { claims } from './claims.ts';
import { openPool } from './pool.ts';
import {
  configOf,
  type Overrides,
  refusal,
  running,
  scratchOn,
  servers,
  session,
  slow,
  sql,
  thousand,
  unreachable,
  until,
} from './scratch.fixture.ts';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

/** `count` thousands of rows of about a hundred bytes. */
const rowsOf = (thousands: number, mark = '') =>
  sql(`${thousand} SELECT JSON_OBJECT('id', a.n * 1000 + b.n, 'title', 'a title of some length', 'hash', SHA2(b.n, 256)) /* ${mark} */
    FROM g AS a CROSS JOIN g AS b WHERE a.n < ${thousands}`);

/** Resolves when it is told to. */
function gate() {
  const { promise: opened, resolve: open } = Promise.withResolvers<void>();
  return { open, opened };
}

const none = () => assert.fail('there is nothing to hand over');

for (const engine of servers) {
  describe(`streams of ${engine}`, () => {
    const scratch = scratchOn(engine);
    const { within } = scratch;

    /** As `within`, over a network that can be made bad. */
    async function through(
      overrides: Overrides,
      work: (pool: Pool, relay: Relay) => Promise<void>,
    ): Promise<void> {
      const relay = await openRelay(scratch.url);
      const pool = openPool({ config: configOf(overrides), url: relay.url });
      try {
        await work(pool, relay);
      } finally {
        relay.close();
        await pool.close();
      }
    }

    describe('the rows', () => {
      const varied = `${thousand} SELECT CASE WHEN n % 7 > 0 THEN CONCAT(REPEAT('é😀', n % 50), n) END, NULLIF(n % 3, 0), '', n FROM g`;

      it('are those that a statement gives, in order and in batches', () =>
        within({}, async (pool) => {
          const { rows } = await pool.run(sql(varied), []);
          const streamed: unknown[] = [];
          let batches = 0;
          const counted = await pool.stream(sql(varied), [], (batch) => {
            batches += 1;
            streamed.push(...batch);
          });
          assert.deepEqual(streamed, rows);
          assert.equal(counted, 1000);
          assert.ok(batches < 100, `${batches} batches`);
        }));

      it('are lines of their first column when asked for as text', () =>
        within({}, async (pool) => {
          const { rows } = await pool.run(sql(varied), []);
          const chunks: Buffer[] = [];
          let told = 0;
          const counted = await pool.streamText(sql(varied), [], async (lines, count) => {
            chunks.push(lines);
            told += count;
          });
          assert.equal(Buffer.concat(chunks).toString(), rows.map(([first]) => `${first ?? ''}\n`).join(''));
          assert.deepEqual([told, counted], [1000, 1000]);
        }));

      it('may be none, and may be longer than what comes at once', () =>
        within({}, async (pool) => {
          assert.equal(await pool.stream(sql('SELECT 1 FROM DUAL WHERE FALSE'), [], none), 0);
          assert.equal(await pool.streamText(sql("SELECT 'x' FROM DUAL WHERE FALSE"), [], none), 0);
          const chunks: Buffer[] = [];
          const lengths = [300, 3_000_000, 1, 0, 250, 251, 65_535, 65_536];
          const long = sql(
            `SELECT REPEAT('x', length) FROM JSON_TABLE(?, '$[*]' COLUMNS (i FOR ORDINALITY, length int PATH '$')) AS l ORDER BY i`,
          );
          await pool.streamText(long, [lengths.map(String)], (lines) => void chunks.push(lines));
          const lines = Buffer.concat(chunks).toString().split('\n');
          assert.deepEqual(
            lines.map((line) => line.length),
            [...lengths, 0],
          );
        }));

      it('are whole however the network cuts them', () =>
        through({}, async (pool, relay) => {
          let size = 1;
          relay.fromServer = (bytes, client) => {
            for (let at = 0; at < bytes.length; at += size) {
              size = (size % 11) + 1;
              client.write(bytes.subarray(at, at + size));
            }
          };
          const { rows } = await pool.run(sql(varied), []);
          const streamed: unknown[] = [];
          await pool.stream(sql(varied), [], async (batch) => void streamed.push(...batch));
          assert.deepEqual(streamed, rows);
        }));

      it('have no limit together, and one of them has that of an answer', { timeout: 60_000 }, () =>
        within({ pool: { max: 1 } }, async (pool) => {
          const { rows } = await pool.run(sql('SELECT @@max_allowed_packet'), []);
          const length = Math.min(Number(rows[0]![0]) - 100, 30_000_000);
          const columns = Math.ceil((64 * 1024 * 1024) / length) + 1;
          const long = (width: number) =>
            pool.streamText(
              sql(
                `SELECT ${Array.from({ length: width }, () => `REPEAT('x', ${length})`).join(', ')} FROM (SELECT 1 UNION SELECT 2 UNION SELECT 3) AS t`,
              ),
              [],
              () => {},
            );
          assert.equal(await long(1), 3);
          const told = await refusal(long(columns));
          assert.deepEqual([told.code, told.message], ['NS430', 'The answer would be larger than 64 MB.']);
          assert.equal(await long(1), 3);
        }),
      );

      it('that the server had to cut are an error', () =>
        within({ pool: { max: 1 } }, async (pool) => {
          const { rows } = await pool.run(sql('SELECT @@max_allowed_packet'), []);
          const text = `${thousand} SELECT COALESCE(REPEAT('x', ${rows[0]![0]} + n), 'null') FROM g`;
          const told = await refusal(pool.streamText(sql(text), [], () => {}));
          assert.deepEqual([told.code, told.status], ['NS430', 400]);
        }));
    });

    describe('the transaction', () => {
      const timeout = engine === 'mariadb' ? '@@max_statement_time' : '@@max_execution_time';

      it('begins with the statements that come before, and nothing of it stays', () =>
        within({ pool: { max: 1 } }, async (pool) => {
          const set = claims(new Map([['request.jwt.claims', '{"role":"a"}']]));
          const options: StreamOptions = { before: [set] };
          const read = sql(`SELECT @novastack_claims, ${timeout} = 0`);
          const rows: unknown[] = [];
          await pool.stream(read, [], (batch) => void rows.push(...batch), options);
          assert.deepEqual(rows, [['{"role":"a"}', '1']]);
          assert.deepEqual((await pool.run(read, [])).rows, [[null, '0']]);
          const failing = pool.stream(sql('SELECT * FROM nowhere'), [], none, options);
          assert.equal((await refusal(failing)).code, 'NS503');
          assert.deepEqual((await pool.run(read, [])).rows, [[null, '0']]);
        }));

      it('only reads, and a refused statement before ends it', async () => {
        await scratch.sql(
          'CREATE TABLE only_read (n int); CREATE FUNCTION writes() RETURNS int MODIFIES SQL DATA BEGIN INSERT INTO only_read VALUES (1); RETURN 1; END',
        );
        await within({ pool: { max: 1 } }, async (pool) => {
          assert.equal((await refusal(pool.stream(sql('SELECT writes()'), [], none))).code, '25006');
          const options = { before: [{ statement: sql('SELECT * FROM nowhere'), parameters: [] }] };
          assert.equal((await refusal(pool.stream(sql('SELECT 1'), [], none, options))).code, 'NS503');
          assert.deepEqual((await pool.run(sql('SELECT COUNT(*) FROM only_read'), [])).rows, [['0']]);
          assert.deepEqual(pool.stats(), { open: 1, idle: 1, waiting: 0, max: 1 });
        });
      });
    });

    describe('a slow reader', () => {
      it('of very many rows costs the memory of a batch', { timeout: 120_000 }, () =>
        within({}, async (pool) => {
          collectGarbage();
          const start = process.memoryUsage();
          let held = 0;
          let batches = 0;
          const late = async () => {
            await new Promise((resolve) => setImmediate(resolve));
            batches += 1;
            if (batches % 50 > 0) return;
            collectGarbage();
            const { heapUsed, external } = process.memoryUsage();
            held = Math.max(held, heapUsed + external - start.heapUsed - start.external);
          };
          assert.equal(await pool.streamText(rowsOf(300), [], late), 300_000);
          assert.equal(await pool.stream(rowsOf(300), [], late), 300_000);
          assert.ok(held < 8 * 1024 * 1024, `${held} bytes were held`);
        }),
      );

      it('makes the server wait', () =>
        within({}, async (pool) => {
          const { open, opened } = gate();
          let calls = 0;
          const rows = pool.streamText(rowsOf(200, 'pressed'), [], () => {
            calls += 1;
            return opened;
          });
          await until(() => calls === 1);
          // Without a wait it takes about a second.
          const since = performance.now();
          await until(() => performance.now() - since > 4_000);
          assert.equal((await running(scratch, 'pressed')).length, 1);
          assert.equal(calls, 1);
          open();
          assert.equal(await rows, 200_000);
          assert.deepEqual(await running(scratch, 'pressed'), []);
        }));

      it('has all the time it wants, where the database has its timeout', () =>
        within({ timeoutMs: 1_000, pool: { max: 1 } }, async (pool) => {
          const id = await session(pool);
          const since = performance.now();
          let calls = 0;
          const rows = await pool.streamText(rowsOf(300), [], async () => {
            calls += 1;
            // Longer than the timeout and the time of grace after it together.
            if (calls === 2) await until(() => performance.now() - since > 4_000);
          });
          assert.equal(rows, 300_000);
          assert.equal(await session(pool), id);
        }));

      it('with the last rows keeps nobody from the connection', () =>
        within({ pool: { max: 1 } }, async (pool) => {
          const { open, opened } = gate();
          let ended = false;
          const rows = pool.stream(sql('SELECT 1'), [], () => opened);
          void rows.then(() => {
            ended = true;
          });
          await until(() => pool.stats().idle === 1);
          assert.deepEqual((await pool.run(sql('SELECT 2'), [])).rows, [['2']]);
          assert.equal(ended, false);
          open();
          assert.equal(await rows, 1);
        }));

      it('leaves half of the connections to others: one more is turned away at once', () =>
        within({ pool: { max: 3 } }, async (pool) => {
          const { open, opened } = gate();
          const first = pool.stream(rowsOf(300), [], () => opened);
          const { code, status } = await refusal(pool.stream(sql('SELECT 1'), [], () => {}));
          assert.deepEqual([code, status], ['NS504', 503]);
          assert.deepEqual((await pool.run(sql('SELECT 2'), [])).rows, [['2']]);
          open();
          assert.equal(await first, 300_000);
          assert.equal(await pool.stream(sql('SELECT 1'), [], () => {}), 1);
        }));

      it('is called again only when it is ready, beside another stream and statements', () =>
        within({ pool: { max: 4 } }, async (pool) => {
          const text = sql(`${thousand} SELECT a.n FROM g AS a CROSS JOIN g AS b WHERE b.n < 200`);
          const read = async () => {
            let inside = 0;
            let sum = 0;
            const rows = await pool.stream(text, [], async (batch) => {
              inside += 1;
              assert.equal(inside, 1);
              await new Promise((resolve) => setImmediate(resolve));
              for (const [n] of batch) sum += Number(n);
              inside -= 1;
            });
            return [rows, sum];
          };
          let on = true;
          const statements = (async () => {
            let count = 0;
            for (; on; count += 1)
              assert.deepEqual((await pool.run(sql('SELECT ?'), [String(count)])).rows, [[String(count)]]);
            return count;
          })();
          assert.deepEqual(await Promise.all([read(), read()]), [
            [200_000, 99_900_000],
            [200_000, 99_900_000],
          ]);
          on = false;
          assert.ok((await statements) > 5);
        }));
    });

    describe('a reader who goes away', () => {
      /** Gives up when `when` says so, and expects the server to be rid of the statement within two seconds. */
      async function givesUp(
        mark: string,
        when: (caller: AbortController, call: number) => void | Promise<void>,
      ) {
        await within({ pool: { max: 1 } }, async (pool) => {
          const id = await session(pool);
          const caller = new AbortController();
          let calls = 0;
          let abortedAt = 0;
          caller.signal.addEventListener('abort', () => {
            abortedAt = performance.now();
          });
          const onText: OnText = () => {
            assert.equal(caller.signal.aborted, false);
            calls += 1;
            return when(caller, calls);
          };
          const given = pool.streamText(rowsOf(1000, mark), [], onText, { signal: caller.signal });
          await assert.rejects(given, isAborted);
          assert.deepEqual(await running(scratch, mark), []);
          assert.ok(performance.now() - abortedAt < 2_000);
          for (let n = 0; n < 5; n += 1) assert.equal(await session(pool), id);
          assert.deepEqual(pool.stats(), { open: 1, idle: 1, waiting: 0, max: 1 });
        });
      }

      it('in the first batch ends the statement', () => givesUp('first batch', (caller) => caller.abort()));

      it('in the middle ends the statement', () =>
        givesUp('the middle', async (caller, call) => {
          if (call === 100) caller.abort();
        }));

      it('while the server waits ends the statement, though the reader never comes back', () =>
        givesUp('never back', (caller, call) => {
          if (call < 10) return;
          setTimeout(() => caller.abort(), 1_000);
          return new Promise(() => {});
        }));

      it('before there was a connection leaves the queue', () =>
        within({ pool: { max: 1 } }, async (pool) => {
          const long = pool.run(sql('SELECT SLEEP(0.2)'), []);
          const caller = new AbortController();
          const waiting = pool.stream(sql('SELECT 1'), [], none, { signal: caller.signal });
          caller.abort();
          await assert.rejects(waiting, isAborted);
          await long;
          await assert.rejects(pool.stream(sql('SELECT 1'), [], none, { signal: caller.signal }), isAborted);
          assert.deepEqual(pool.stats(), { open: 1, idle: 1, waiting: 0, max: 1 });
        }));

      it('during the statements before, before the first row and with the last rows is heard', () =>
        within({ timeoutMs: 60_000, pool: { max: 1 } }, async (pool) => {
          const id = await session(pool);
          const first = new AbortController();
          const given = pool.stream(sql('SELECT 1'), [], none, {
            signal: first.signal,
            before: [{ statement: slow('statements before'), parameters: [] }],
          });
          await until(async () => (await running(scratch, 'statements before')).length === 1);
          first.abort();
          await assert.rejects(given, isAborted);
          const early = new AbortController();
          const sleeping = pool.stream(slow('no row'), [], none, { signal: early.signal });
          await until(async () => (await running(scratch, 'no row')).length === 1);
          early.abort();
          await assert.rejects(sleeping, isAborted);
          const late = new AbortController();
          const last = pool.stream(sql('SELECT 1'), [], () => new Promise(() => {}), { signal: late.signal });
          await until(() => pool.stats().idle === 1);
          late.abort();
          await assert.rejects(last, isAborted);
          assert.equal(await session(pool), id);
        }));

      it('by failing ends the statement, and hears of its own error', () =>
        within({ pool: { max: 1 } }, async (pool) => {
          const id = await session(pool);
          const own = new Error('the disk is full');
          const thrown = pool.stream(rowsOf(1000, 'failing'), [], () => {
            throw own;
          });
          await assert.rejects(thrown, (error) => error === own);
          const rejected = pool.streamText(rowsOf(1000, 'failing'), [], async () => {
            throw own;
          });
          await assert.rejects(rejected, (error) => error === own);
          assert.deepEqual(await running(scratch, 'failing'), []);
          await assert.rejects(
            pool.stream(sql('SELECT 1'), [], () => Promise.reject(own)),
            (error) => error === own,
          );
          assert.equal(await session(pool), id);
        }));
    });

    describe('one that fails', () => {
      it('in the middle gives the rows before the error, and the connection lives', async () => {
        await scratch.sql(`CREATE FUNCTION fails_at(n int) RETURNS int NO SQL BEGIN
          IF n = 90000 THEN SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'Enough.'; END IF; RETURN n; END`);
        await within({ pool: { max: 1 } }, async (pool) => {
          const id = await session(pool);
          let rows = 0;
          const failing = pool.stream(
            sql(
              `${thousand} SELECT fails_at(n) FROM (SELECT a.n * 1000 + b.n AS n FROM g AS a CROSS JOIN g AS b WHERE a.n < 100 ORDER BY 1 LIMIT 100000) AS t`,
            ),
            [],
            async (batch) => {
              rows += batch.length;
            },
          );
          const told = await refusal(failing);
          assert.deepEqual([told.code, told.message], ['P0001', 'Enough.']);
          assert.ok(rows > 1000, `${rows} rows`);
          assert.equal(await session(pool), id);
        });
      });

      it('by a lost connection answers 503, and the next statement works', () =>
        within({ pool: { max: 1 } }, async (pool) => {
          const id = await session(pool);
          let calls = 0;
          const killed = pool.streamText(rowsOf(1000), [], async () => {
            calls += 1;
            if (calls === 100) await scratch.sql(`KILL ${id}`);
          });
          assert.deepEqual(await refusal(killed), unreachable);
          assert.notEqual(await session(pool), id);
        }));

      it('by a wait for rows that is longer than the timeout answers 504, and the connection lives', () =>
        within({ timeoutMs: 300, pool: { max: 1 } }, async (pool) => {
          const id = await session(pool);
          const tooLong = ['57014', 504, 'The statement took too long and was ended.'];
          const told = await refusal(pool.stream(slow('too long'), [], none));
          assert.deepEqual([told.code, told.status, told.message], tooLong);
          let rows = 0;
          // Together they take longer than the timeout, and each wait less, until the last.
          const stuck = sql(
            `SELECT REPEAT('x', 20000), SLEEP(IF(n = 20, 30, 0.05)) FROM (${thousand} SELECT n FROM g WHERE n BETWEEN 1 AND 21) AS t`,
          );
          const streamed = pool.stream(stuck, [], (batch) => {
            rows += batch.length;
          });
          const late = await refusal(streamed);
          assert.deepEqual([late.code, late.status, late.message], tooLong);
          assert.ok(rows >= 15, `${rows} rows`);
          assert.equal(await session(pool), id);
        }));

      it('by a server that freezes answers 504', () =>
        through({ timeoutMs: 200, pool: { max: 1, acquireMs: 500 } }, async (pool, relay) => {
          const pass = relay.fromServer;
          const frozen = pool.streamText(rowsOf(1000), [], () => {
            relay.fromServer = () => {};
            relay.fromClient = () => {};
          });
          const told = await refusal(frozen);
          assert.deepEqual(
            [told.code, told.status, told.message],
            ['57014', 504, 'The database gave no answer within 200 ms.'],
          );
          relay.fromServer = pass;
          relay.fromClient = pass;
          await until(async () =>
            pool.run(sql('SELECT 1'), []).then(
              () => true,
              () => false,
            ),
          );
        }));
    });

    it('end before their pool closes', async () => {
      const pool = openPool({ config: configOf(), url: scratch.url });
      let closed: Promise<void> | undefined;
      const rows = await pool.streamText(rowsOf(300), [], async () => {
        closed ??= pool.close();
      });
      assert.equal(rows, 300_000);
      await closed;
      assert.equal(pool.stats().open, 0);
    });
  });
}
