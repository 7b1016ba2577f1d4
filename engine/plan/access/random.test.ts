/** Grants at random on both sides: nobody reads a cell, or writes a row, that no finding tells of, and nobody ceases to. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import type { TestEngine } from '../../../test/database.ts';
import { diffAccess } from './access.ts';
import { powersOf, type Trials, untold } from './reality.fixture.ts';
import { callers, plain, rowsSql, tree } from './rows.fixture.ts';
import { openShop, type Written } from './shop.fixture.ts';

/** Besides the id, by which it is seen which row a value is of. */
const readable = ['n', 'd', 's', 'b', 'far_id'];
const writable = ['n', 's', 'b'];

const maybe = <One>(one: fc.Arbitrary<One>) => fc.option(one, { nil: undefined });
const defined = (entry: Written) =>
  Object.fromEntries(Object.entries(entry).filter(([, value]) => value !== undefined));

const guarded = fc
  .record({ whole: fc.subarray(readable), some: fc.subarray(readable, { maxLength: 2 }), when: plain })
  .map(({ whole, some, when }) =>
    Object.fromEntries([
      ['id', true],
      ...whole.map((name): [string, Written] => [name, true]),
      ...some.map((name): [string, Written] => [name, { when }]),
    ]),
  );
const columns = fc.oneof(
  fc.constant('*'),
  fc.subarray(readable).map((list) => ['id', ...list]),
  guarded,
);
const presets = fc.constantFrom(undefined, { s: '$jwt.s' }, { n: 2 }, { n: 1, s: 'a' });
/** What is set by the engine is in no list of columns. */
const write = { columns: fc.subarray(writable, { minLength: 1 }), set: presets, check: maybe(tree) };
const apart = ({ columns: listed, set, ...rest }: Written) =>
  defined({ ...rest, set, columns: listed.filter((name: string) => !(name in (set ?? {}))) });
const inserted = (entry: Written) => ({ ...entry, columns: ['id', ...entry.columns] });

const permission = fc
  .record({
    select: maybe(fc.record({ columns, where: maybe(tree) }).map(defined)),
    insert: maybe(fc.record(write).map(apart).map(inserted)),
    update: maybe(fc.record({ ...write, where: maybe(tree) }).map(apart)),
    delete: maybe(fc.record({ where: maybe(tree) }).map(defined)),
  })
  .map(defined);

interface Grants {
  readonly parent: Written;
  readonly own: Written;
  readonly inherits: boolean;
}
const grants: fc.Arbitrary<Grants> = fc.record({
  parent: permission,
  own: permission,
  inherits: fc.boolean(),
});

/** Two projects, of which the second is most often the first with one thing changed. */
const changes: fc.Arbitrary<readonly [Grants, Grants]> = fc
  .tuple(
    grants,
    grants,
    fc.constantFrom('parent', 'own', 'inherits', 'verb', 'all'),
    fc.constantFrom('select', 'update', 'insert'),
  )
  .map(([one, other, what, verb]) => {
    if (what === 'all') return [one, other];
    if (what !== 'verb') return [one, { ...one, [what]: other[what as 'own'] }];
    return [one, { ...one, parent: defined({ ...one.parent, [verb]: other.parent[verb] }) }];
  });

function written({ parent, own, inherits }: Grants): Written {
  return {
    roles: { parent: {}, child: inherits ? { inherits: ['parent'] } : {} },
    tables: { near: { permissions: { parent, child: own } }, far: {}, kids: {} },
  };
}

/** Every combination, with those that presets write: a row that one body no longer gives may be had by another. */
const bodies = [{}, { n: 1 }, { n: 2 }].flatMap((n) =>
  [{}, { s: 'a' }, { s: 'A' }].flatMap((s) => [{}, { b: true }].map((b) => ({ ...n, ...s, ...b }))),
);
const trials: Trials = {
  near: {
    insert: bodies.map((body) => ({ id: 900, ...body })),
    update: bodies.filter((body) => Object.keys(body).length > 0),
  },
};

const engines: readonly TestEngine[] = ['postgres', 'mariadb'];

for (const engine of engines)
  describe(`grants at random on ${engine}`, () => {
    test('no gain and no loss is silent', async (t) => {
      const shop = openShop(t, engine, rowsSql(engine, 24));
      let told = 0;
      const check = async ([one, other]: readonly [Grants, Grants]) => {
        const [before, after] = [await shop.side(written(one)), await shop.side(written(other))];
        const findings = diffAccess(before, after);
        told += findings.length;
        const powers = (side: typeof before) =>
          powersOf(
            side,
            trials,
            {},
            (table) => table === 'near',
            [callers[0], callers.at(-1)].map((caller) => caller!.claims),
          );
        const silent = untold(await powers(before), await powers(after), findings, after);
        assert.deepEqual(silent, [], JSON.stringify([one, other]));
      };
      await fc.assert(fc.asyncProperty(changes, check), {
        numRuns: Number(process.env.RUNS ?? 15),
        seed: Number(process.env.SEED ?? 4),
        endOnFailure: true,
      });
      assert.ok(told > 15, String(told));
    });
  });
