/** What is said of two conditions, against the rows that a real database lets each of them see. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import type { TestEngine } from '../../../test/database.ts';
import type { Api } from '../../api/api.ts';
import { createExecutor } from '../../execute/executor.ts';
import { correspond } from './correspondence.ts';
import { serveReads } from './reality.fixture.ts';
import { callers, plain, rowsSql, tree } from './rows.fixture.ts';
import { openShop, type Shop, type ShopSide, type Written } from './shop.fixture.ts';
import { createCompare, type Strength } from './strength.ts';

/** Pairs that have something to do with each other: two of unrelated conditions are nearly always just others. */
const pairs = fc.oneof(
  fc.tuple(tree, tree),
  fc.tuple(tree, tree).map(([one, other]) => [one, { _and: [other, one] }]),
  fc.tuple(tree, tree).map(([one, other]) => [{ _or: [one, other] }, one]),
  fc
    .tuple(tree, tree)
    .map(([one, other]) => [{ _not: { _or: [one, other] } }, { _and: [{ _not: one }, { _not: other }] }]),
  fc
    .tuple(plain, plain, plain)
    .map(([a, b, c]) => [{ _and: [a, { _or: [b, c] }] }, { _or: [{ _and: [a, b] }, { _and: [c, a] }] }]),
  tree.map((one) => [{ _or: [one, { _not: one }] }, {}]),
);

function written(where: Written): Written {
  return {
    roles: { asker: {} },
    tables: {
      near: { permissions: { asker: { select: { columns: ['id'], where } } } },
      far: {},
      kids: {},
    },
  };
}

/** What the rows that were seen rule out. */
function contradiction(said: Strength, before: ReadonlySet<unknown>, after: ReadonlySet<unknown>): boolean {
  const [keeps, adds] = [before.isSubsetOf(after), !after.isSubsetOf(before)];
  return (
    ((said === 'same' || said === 'weaker') && !keeps) || ((said === 'same' || said === 'stronger') && adds)
  );
}

async function seen({ api, pool }: ShopSide): Promise<readonly ReadonlySet<unknown>[]> {
  const served = await serveReads(api, createExecutor(api, new Map([['main', pool]])));
  const sets: ReadonlySet<unknown>[] = [];
  for (const caller of callers) sets.push(new Set(await served.ids(caller, '/near?select=id&limit=1000')));
  await served.close();
  return sets;
}

function compareSides(before: { readonly api: Api }, after: { readonly api: Api }): Strength {
  const correspondence = correspond(before.api, after.api);
  const pair = correspondence.tables.find(({ head }) => head.name === 'near')!;
  const rowsOf = ({ api }: { readonly api: Api }) => api.world('asker').tables.get('near')!.select!.rows;
  return createCompare(correspondence)(pair, rowsOf(before), rowsOf(after));
}

const engines: readonly TestEngine[] = ['postgres', 'mariadb'];

for (const engine of engines)
  describe(`strength on ${engine}`, () => {
    test('what is proved of two conditions holds for every row and every caller that is tried', async (t) => {
      const shop: Shop = openShop(t, engine, rowsSql(engine));
      const said = new Map<Strength, number>();
      const check = async ([one, other]: readonly Written[]) => {
        const [before, after] = [await shop.side(written(one)), await shop.side(written(other))];
        const strength = compareSides(before, after);
        said.set(strength, (said.get(strength) ?? 0) + 1);
        if (strength === 'changed') return;
        const [was, is] = [await seen(before), await seen(after)];
        for (const [index] of callers.entries())
          assert.ok(
            !contradiction(strength, was[index]!, is[index]!),
            `${strength} for caller ${index}: ${JSON.stringify([one, other])}`,
          );
      };
      await fc.assert(fc.asyncProperty(pairs, check), { numRuns: 400, seed: 20 });
      for (const strength of ['same', 'weaker', 'stronger', 'changed'] as const)
        assert.ok((said.get(strength) ?? 0) > 10, `${strength} ${said.get(strength)}`);
    });
  });
