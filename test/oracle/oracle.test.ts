/**
 * What the engine answers is what an oracle of its own says, which is written from the language and not from the compiler:
 * for arbitrary schemas, rows, permissions, claims and requests, by REST and by GraphQL. `FC_SEED` and `FC_PATH` repeat a run.
 */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import fc from 'fast-check';
import { onEveryEngine } from '../engines.ts';
import { cases, nightly } from '../nightly.ts';
import type { TestEngine } from '../servers/identity.ts';
import { disagreement } from './agreement.ts';
import { difference } from './alike.ts';
import { drawCase, judge } from './judged.ts';
import { type Served, serveWorld } from './served.ts';
import { Draw, type Tapes, tapes } from './tape.ts';
import { worldOf } from './world.ts';

const seed = Number(process.env.FC_SEED ?? Date.now() % 2 ** 31);
const path = process.env.FC_PATH;
const requests = 25;
/** Worlds of each engine, of as many requests. */
const worldsOn: Readonly<Record<TestEngine, number>> = {
  postgres: cases(6, 210),
  mariadb: cases(4, 210),
  mysql: cases(2, 40),
};

onEveryEngine((engine) => {
  const keeper = keepWorld(engine);
  after(keeper.close);

  test('rows, cells, counts, refusals and what is written are what the oracle says', async (t) => {
    t.diagnostic(`FC_SEED=${seed}`);
    const told = { read: 0, written: 0, refused: 0, unsupported: 0 };
    const property = fc.asyncProperty(tapes(requests), async (drawn) => {
      const { world, served } = await keeper.of(drawn);
      const [first] = drawn.requests;
      assert.equal(await difference(world, new Draw(first!), served), undefined);
      assert.equal(await disagreement(world, new Draw(first!), served, engine), undefined);
      for (const one of drawn.requests) told[await judge(drawCase(new Draw(one), world), world, served)] += 1;
    });
    const run = await fc.check(property, {
      seed,
      numRuns: worldsOn[engine],
      ...(path === undefined ? {} : { path }),
      // What fails is made small as long as there is time.
      interruptAfterTimeLimit: nightly ? 3_600_000 : 150_000,
    });
    const { read, written, refused, unsupported } = told;
    t.diagnostic(`${read} read, ${written} written, ${refused} refused, ${unsupported} not supported`);
    if (run.failed) {
      const { errorInstance, counterexamplePath } = run;
      const text =
        errorInstance instanceof Error ? (errorInstance.stack ?? errorInstance.message) : 'It took too long.';
      assert.fail(`FC_SEED=${seed} FC_PATH=${counterexamplePath}\n${text}`);
    }
    const some = Math.min(read, written, refused) > 0;
    assert.ok(some && unsupported * 20 < read, JSON.stringify(told));
  });
});

/** The world that was asked last stays, since what fails is asked of it again while it is made small. */
function keepWorld(engine: TestEngine) {
  let kept: { readonly key: string; readonly served: Served } | undefined;
  const close = async () => {
    const one = kept;
    kept = undefined;
    await one?.served.close();
  };
  const of = async ({ schema, rows, policies }: Tapes) => {
    const world = worldOf({ schema, rows, policies });
    const key = JSON.stringify([world.yaml, [...world.schema], [...world.state]]);
    if (kept?.key !== key) {
      await close();
      kept = { key, served: await serveWorld(world, engine) };
    }
    return { world, served: kept!.served };
  };
  return { of, close };
}
