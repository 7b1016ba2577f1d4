/** Aggregates and groups against the rows of the list, and against plain SQL over what the policy shows, for random filters. */
import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { serve } from '../../test/graphql.ts';
import { token } from '../../test/project.ts';

const sql = `
  create table shelves (id int primary key, name text);
  create table items (
    id int primary key, shelf_id int references shelves, owner text, price numeric(12,4), stock bigint, weight float8, sold boolean, kind text
  );
  insert into shelves select n, 's' || n from generate_series(1, 6) n;
  insert into items select
    n, nullif(n % 7, 0), case n % 3 when 0 then 'me' when 1 then 'you' end, nullif(n * 37 % 101, 5) / 8.0,
    case when n % 11 <> 0 then n * 9007199254740993 end, (n * 13 % 29) / 4.0, nullif(n % 4, 3) = 1, (array['a', 'b', 'c', null])[1 + n % 4]
  from generate_series(1, 120) n;
`;

const yaml = `
roles: { own: {}, all: {}, open: {}, both: { inherits: [open, own] } }
tables:
  shelves: { permissions: { own: { select: true }, all: { select: true } } }
  items:
    permissions:
      own: { select: { columns: "*", where: { owner: $jwt.sub }, aggregate: true } }
      all: { select: true }
      open: { select: { columns: [id, shelf_id, stock], where: { sold: { _is_null: false } }, aggregate: true } }
`;

/** What each role sees of each item, in plain SQL: the rows, with the cells that it may not read left null. */
const views: Readonly<Record<string, string>> = {
  all: 'select * from items',
  own: "select * from items where owner = 'me'",
  both: `select id, shelf_id, case when owner = 'me' then owner end as owner, case when owner = 'me' then price end as price, stock,
      case when owner = 'me' then weight end as weight, case when owner = 'me' then sold end as sold, case when owner = 'me' then kind end as kind
    from items where owner = 'me' or sold is not null`,
};

const number = fc.integer({ min: -3, max: 125 });
const comparison = (value: fc.Arbitrary<unknown>) =>
  fc.oneof(
    fc
      .tuple(fc.constantFrom('_eq', '_neq', '_gt', '_gte', '_lt', '_lte'), value)
      .map(([name, one]) => ({ [name]: one })),
    fc
      .tuple(fc.constantFrom('_in', '_nin'), fc.array(value, { maxLength: 4 }))
      .map(([name, of]) => ({ [name]: of })),
    fc.boolean().map((_is_null) => ({ _is_null })),
  );
const { filter } = fc.letrec<{ filter: object }>((tie) => ({
  filter: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    fc.tuple(fc.constantFrom('id', 'shelf_id'), comparison(number)).map(([name, value]) => ({ [name]: value })),
    fc.tuple(fc.constantFrom('price', 'weight'), comparison(fc.integer({ min: 0, max: 14 }))).map(([name, value]) => ({ [name]: value })),
    comparison(fc.constantFrom('a', 'b', 'd')).map((kind) => ({ kind })),
    fc.constantFrom({ _is_null: true }, { _eq: true }, { _neq: true }).map((sold) => ({ sold })),
    fc.array(tie('filter'), { maxLength: 3 }).map((_and) => ({ _and })),
    fc.array(tie('filter'), { maxLength: 3 }).map((_or) => ({ _or })),
    tie('filter').map((_not) => ({ _not })),
  ),
})); // biome-ignore format: one kind a line

const functions = [
  'sum',
  'avg',
  'min',
  'max',
  'stddev',
  'stddev_pop',
  'stddev_samp',
  'var_pop',
  'var_samp',
  'variance',
];
const columns = ['price', 'stock', 'weight', 'id'];
const keys = fc.uniqueArray(fc.constantFrom<string[]>('shelf_id', 'kind', 'sold', 'owner', 'price'), {
  maxLength: 3,
});

/** Numbers as texts, so that the last digit counts. */
const exact = (text: string) =>
  JSON.parse(text, (_key, value, context?: { source?: string }) =>
    typeof value === 'number' ? context!.source : value,
  ) as unknown;

interface Answer {
  readonly data: {
    readonly items: readonly { readonly id: string }[];
    readonly items_aggregate: {
      readonly aggregate: Readonly<Record<string, unknown>> & { readonly count: string };
    };
    readonly items_group_by: readonly {
      readonly keys: Readonly<Record<string, unknown>>;
      readonly aggregate: { readonly count: string };
    }[];
  };
}

test('aggregates are what the rows of the list come to, and what plain SQL says', async (t) => {
  const served = await serve(t, { sql, yaml });
  const seed = Number(process.env.FC_SEED ?? Date.now() % 0x7fffffff);
  t.diagnostic(`fast-check seed ${seed}`);
  const asked = functions.map((name) => `${name} { ${columns.join(' ')} }`).join(' ');
  const query = `query ($where: items_bool_exp!, $keys: [items_select_column!]!) {
    items(where: $where) { id }
    items_aggregate(where: $where) { aggregate { count priced: count(columns: [price]) kinds: count(columns: [kind], distinct: true) ${asked} } }
    items_group_by(keys: $keys, where: $where) { keys { shelf_id kind sold owner price } aggregate { count ${asked} } }
  }`;
  const selected = functions
    .map(
      (name) =>
        `'${name}', json_build_object(${columns.map((one) => `'${one}', ${name}(${one})`).join(', ')})`,
    )
    .join(', ');
  let rows = 0;
  const property = fc.asyncProperty(
    filter,
    keys,
    fc.constantFrom('all', 'own', 'both'),
    async (where, keys, role) => {
      const answered = await served.ask(token(role, { sub: 'me' }), query, { where, keys });
      const { data } = exact(answered.text) as Answer;
      const { items, items_aggregate, items_group_by } = data;
      const { aggregate } = items_aggregate;
      assert.equal(Number(aggregate.count), items.length);
      const counted = items_group_by.map((group) => Number(group.aggregate.count));
      assert.equal(counted.reduce((sum, count) => sum + count, 0), items.length);
      assert.equal(new Set(items_group_by.map((group) => JSON.stringify(group.keys))).size, items_group_by.length);

      const seen = `from (${views[role]}) as seen where id = any($1)`;
      const ids = [items.map(({ id }) => Number(id))];
      const columnsOfKeys = ['shelf_id', 'kind', 'sold', 'owner', 'price'].map(
        (name) => `'${name}', ${keys.includes(name) ? name : 'null::text'}`,
      );
      const [whole, ...groups] = await served.sql(
        `select json_build_object('count', count(*), 'priced', count(price), 'kinds', count(distinct kind), ${selected})::text as text ${seen}
         union all
         (select json_build_object('keys', json_build_object(${columnsOfKeys}), 'aggregate', json_build_object('count', count(*), ${selected}))::text
         ${seen} group by ${keys.length === 0 ? '()' : keys})`,
        ids,
      );
      assert.deepEqual(settled(aggregate), settled(exact(whole!.text as string)));
      assert.deepEqual(sorted(items_group_by), sorted(groups.map(({ text }) => exact(text as string))));
      rows += items.length;
    },
  ); // biome-ignore format: the body of the property
  await fc.assert(property, { seed, numRuns: 40, endOnFailure: false });
  assert.ok(rows > 100, `only ${rows} rows were seen`);
});

/** The sums of floats depend on the order of the rows, which nothing fixes. */
function settled(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value), (key, one) =>
    key === 'weight' && typeof one === 'string' ? Number(one).toPrecision(9) : one,
  );
}

function sorted(groups: readonly unknown[]): readonly unknown[] {
  const key = (group: unknown) => JSON.stringify((group as { keys: unknown }).keys);
  return groups.map(settled).sort((one, other) => (key(one) < key(other) ? -1 : 1));
}
