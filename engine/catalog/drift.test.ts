import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { catalogOf } from '../../test/catalogs.ts';
import { createDatabase, type TestDatabase, type TestEngine } from '../../test/database.ts';
import { onEveryEngine } from '../../test/engines.ts';
import type { Catalog } from './catalog.ts';
import { compareCatalogs, type Drift } from './drift.ts';
import { type DriftKind, driftRules } from './drift-rules.ts';
import { readLock, writeLock } from './lock.ts';

/** SQL that is the same everywhere, or each engine's own. */
type Sql = string | Readonly<Partial<Record<TestEngine | 'both', string>>>;

interface Case {
  readonly title: string;
  /** Relations or functions whose drifts are looked at. */
  readonly of: string;
  readonly first: Sql;
  readonly next: Sql;
  /** What is found, with its column; nothing where the engine has no such thing. */
  readonly finds: Found | Readonly<Partial<Record<TestEngine | 'both', Found>>>;
}

type Found = readonly (readonly [what: DriftKind, column?: string])[];

const again = (name: string, body: string) => `drop table ${name}; create table ${name} (${body})`;
const enumOf = (type: string, labels: string): Sql => ({
  postgres: `create type ${type} as enum (${labels}); create table t_${type} (state ${type})`,
  both: `create table t_${type} (state enum (${labels}))`,
});
const enumAgain = (type: string, labels: string): Sql => ({
  postgres: `drop table t_${type}; drop type ${type}; create type ${type} as enum (${labels}); create table t_${type} (state ${type})`,
  both: again(`t_${type}`, `state enum (${labels})`),
});
const functionOf = (name: string, args: string, rest: { pg: string; my: string }): Sql => ({
  postgres: `create function ${name}(${args}) ${rest.pg}`,
  both: `create function ${name}(${args}) ${rest.my}`,
});
const functionAgain = (name: string, old: string, made: Sql): Sql => ({
  postgres: `drop function ${name}(${old}); ${(made as { postgres: string }).postgres}`,
  both: `drop function ${name}; ${(made as { both: string }).both}`,
});
const plain = {
  pg: 'returns int language sql immutable as $$ select 1 $$',
  my: 'returns int deterministic return 1',
};
const triggerOf = (table: string): Sql => ({
  postgres: `create function ${table}_moves() returns trigger language plpgsql as $$ begin new.a = 1; return new; end $$; create trigger ${table}_t before insert on ${table} for each row execute function ${table}_moves()`,
  both: `create trigger ${table}_t before insert on ${table} for each row set new.a = 1`,
});

const shelf = 'create table if not exists shelf (id int primary key, title varchar(40), hall int)';

const cases: readonly Case[] = [
  { title: 'nothing', of: 'same', first: 'create table same (id int primary key, a varchar(9) not null)', next: 'select 1', finds: [] },
  { title: 'a relation is gone', of: 'gone', first: 'create table gone (id int)', next: 'drop table gone', finds: [['relation-gone']] },
  { title: 'a relation is new', of: 'fresh', first: 'select 1', next: 'create table fresh (id int)', finds: [['relation-added']] },
  {
    title: 'a relation is renamed: one is gone, one is new',
    of: 'named',
    first: 'create table named (id int)',
    next: 'alter table named rename to named_anew',
    finds: [['relation-gone'], ['relation-added']],
  },
  {
    title: 'a table is a view now',
    of: 'turned',
    first: `${shelf}; create table turned (id int, title varchar(40))`,
    next: "drop table turned; create view turned as select id, concat(title, '!') as title from shelf",
    finds: [['kind-changed']],
  },
  {
    title: 'a view can no longer be written',
    of: 'narrow',
    first: `${shelf}; create view narrow as select id, title from shelf`,
    next: 'drop view narrow; create view narrow as select distinct id, title from shelf',
    finds: [['insert-gone'], ['update-gone'], ['delete-gone']],
  },
  {
    title: 'a view can be written now',
    of: 'opened',
    first: `${shelf}; create view opened as select distinct id, title from shelf`,
    next: 'drop view opened; create view opened as select id, title from shelf',
    finds: [['facts-changed']],
  },
  {
    title: 'row security is turned on',
    of: 'guarded',
    first: { postgres: 'create table guarded (id int)' },
    next: { postgres: 'alter table guarded enable row level security' },
    finds: { postgres: [['row-security-on']] },
  },
  {
    title: 'row security is turned off',
    of: 'open',
    first: { postgres: 'create table open (id int); alter table open enable row level security' },
    next: { postgres: 'alter table open disable row level security' },
    finds: { postgres: [['row-security-off']] },
  },
  {
    title: 'a view asks who is calling',
    of: 'asking',
    first: {
      postgres: `${shelf}; create view asking as select id from shelf`,
      both: `${shelf}; create function who() returns int no sql return @x; create view asking as select id from shelf`,
    },
    next: {
      postgres: "create or replace view asking as select id from shelf where title = current_setting('a.b', true)",
      both: 'create or replace view asking as select id from shelf where id = who()',
    },
    finds: [['asks-session']],
  },
  {
    title: 'a table has a trigger',
    of: 'moved',
    first: 'create table moved (id int, a int)',
    next: triggerOf('moved'),
    finds: [['triggers-added']],
  },
  { title: 'a column is gone', of: 'less', first: 'create table less (id int, a int)', next: 'alter table less drop column a', finds: [['column-gone', 'a']] },
  {
    title: 'a column is renamed: one is gone, one is new',
    of: 'renames',
    first: 'create table renames (id int, a int)',
    next: 'alter table renames rename column a to b',
    finds: [['column-gone', 'a'], ['column-added', 'b']],
  },
  { title: 'a column is new that may be null', of: 'more', first: 'create table more (id int)', next: 'alter table more add column a int', finds: [['column-added', 'a']] },
  {
    title: 'a column is new that has a default',
    of: 'more_default',
    first: 'create table more_default (id int)',
    next: 'alter table more_default add column a int not null default 3',
    finds: [['column-added', 'a']],
  },
  {
    title: 'a column is new that must have a value',
    of: 'required',
    first: 'create table required (id int)',
    next: 'alter table required add column a int not null',
    finds: [['column-required', 'a']],
  },
  { title: 'columns stand in another order', of: 'orders', first: 'create table orders (id int, a int)', next: again('orders', 'a int, id int'), finds: [['column-order']] },
  { title: 'a column has another type', of: 'types', first: 'create table types (a int)', next: again('types', 'a date'), finds: [['type-changed', 'a']] },
  { title: 'a text is shorter', of: 'shorter', first: 'create table shorter (a varchar(20))', next: again('shorter', 'a varchar(10)'), finds: [['type-changed', 'a']] },
  { title: 'a text is longer', of: 'longer', first: 'create table longer (a varchar(20))', next: again('longer', 'a varchar(30)'), finds: [['type-widened', 'a']] },
  { title: 'a text is padded', of: 'padded', first: 'create table padded (a char(5))', next: again('padded', 'a varchar(50)'), finds: [['type-changed', 'a']] },
  { title: 'a number has more bits', of: 'bits', first: 'create table bits (a int)', next: again('bits', 'a bigint'), finds: [['type-widened', 'a']] },
  { title: 'a number has fewer bits', of: 'fewer', first: 'create table fewer (a bigint)', next: again('fewer', 'a int'), finds: [['type-changed', 'a']] },
  { title: 'a decimal has more digits before the point', of: 'digits', first: 'create table digits (a decimal(8,2))', next: again('digits', 'a decimal(10,2)'), finds: [['type-widened', 'a']] },
  { title: 'a decimal has more digits behind the point', of: 'scales', first: 'create table scales (a decimal(8,2))', next: again('scales', 'a decimal(10,4)'), finds: [['type-changed', 'a']] },
  {
    title: 'a domain is dropped for what it stands on',
    of: 'domained',
    first: { postgres: "create domain isbn as text check (value <> ''); create table domained (a isbn, b text)" },
    next: { postgres: again('domained', 'a text, b isbn') },
    finds: { postgres: [['type-widened', 'a'], ['type-changed', 'b']] },
  },
  { title: 'an enum has a label more', of: 't_more_labels', first: enumOf('more_labels', "'a', 'b'"), next: enumAgain('more_labels', "'a', 'b', 'c'"), finds: [['enum-value-added', 'state']] },
  { title: 'an enum has a label less', of: 't_less_labels', first: enumOf('less_labels', "'a', 'b'"), next: enumAgain('less_labels', "'a'"), finds: [['enum-value-gone', 'state']] },
  { title: 'an enum has its labels in another order', of: 't_order_labels', first: enumOf('order_labels', "'a', 'b'"), next: enumAgain('order_labels', "'b', 'a'"), finds: [['enum-order-changed', 'state']] },
  { title: 'a column may no longer be null', of: 'tight', first: 'create table tight (a int)', next: again('tight', 'a int not null'), finds: [['nullability-tightened', 'a']] },
  { title: 'a column may be null now', of: 'loose', first: 'create table loose (a int not null)', next: again('loose', 'a int'), finds: [['nullability-loosened', 'a']] },
  {
    title: 'a column of a key may be null now',
    of: 'keyed',
    first: 'create table keyed (a int not null, constraint keyed_a unique (a))',
    next: again('keyed', 'a int, constraint keyed_a unique (a)'),
    finds: [['key-nullable', 'a']],
  },
  { title: 'a default is gone', of: 'bare', first: 'create table bare (a int not null default 1)', next: again('bare', 'a int not null'), finds: [['default-gone', 'a']] },
  { title: 'a default is gone from a column that may be null', of: 'bare_null', first: 'create table bare_null (a int default 1)', next: again('bare_null', 'a int'), finds: [['default-changed', 'a']] },
  { title: 'a default is another', of: 'other', first: 'create table other (a int default 1)', next: again('other', 'a int default 2'), finds: [['default-changed', 'a']] },
  { title: 'a default is new where a value was asked for', of: 'filled', first: 'create table filled (a int not null)', next: again('filled', 'a int not null default 2'), finds: [['default-added', 'a']] },
  {
    title: 'a column is computed by the database now',
    of: 'computes',
    first: 'create table computes (id int, a int)',
    next: again('computes', 'id int, a int generated always as (id + 1) stored'),
    finds: [['column-generated', 'a']],
  },
  {
    title: 'a column is no longer computed by the database',
    of: 'computed',
    first: 'create table computed (id int, a int generated always as (id + 1) stored)',
    next: again('computed', 'id int, a int'),
    finds: [['column-not-generated', 'a']],
  },
  {
    title: 'a column is counted up and takes no value',
    of: 'counts',
    first: { postgres: 'create table counts (a int generated by default as identity)' },
    next: { postgres: again('counts', 'a int generated always as identity') },
    finds: { postgres: [['identity-always', 'a']] },
  },
  {
    title: 'a column is counted up no longer',
    of: 'counted',
    first: {
      postgres: 'create table counted (a int generated by default as identity primary key)',
      both: 'create table counted (a int auto_increment primary key)',
    },
    next: again('counted', 'a int primary key'),
    finds: [['default-gone', 'a']],
  },
  {
    title: 'a column is computed when it is read',
    of: 'virtual_now',
    first: { both: 'create table virtual_now (id int, a int generated always as (id + 1) stored)' },
    next: { both: again('virtual_now', 'id int, a int generated always as (id + 1) virtual') },
    finds: { both: [['column-computed', 'a']] },
  },
  {
    title: 'texts are compared in another way',
    of: 'collates',
    first: {
      postgres: "create collation caseless (provider = icu, locale = 'und-u-ks-level2', deterministic = false); create table collates (a text)",
      both: 'create table collates (a varchar(9) character set utf8mb4 collate utf8mb4_bin)',
    },
    next: {
      postgres: again('collates', 'a text collate caseless'),
      both: again('collates', 'a varchar(9) character set utf8mb4 collate utf8mb4_general_ci'),
    },
    finds: [['collation-changed', 'a']],
  },
  {
    title: 'the primary key is gone',
    of: 'keyless',
    first: 'create table keyless (a int not null, primary key (a))',
    next: again('keyless', 'a int not null'),
    finds: [['primary-key-gone']],
  },
  {
    title: 'the primary key is another',
    of: 'rekeyed',
    first: 'create table rekeyed (a int not null, b int not null, primary key (a))',
    next: again('rekeyed', 'a int not null, b int not null, primary key (a, b)'),
    finds: [['primary-key-changed']],
  },
  {
    title: 'a unique key is gone',
    of: 'loosened',
    first: 'create table loosened (a int, b int, constraint loosened_ab unique (a, b))',
    next: again('loosened', 'a int, b int'),
    finds: [['unique-gone']],
  },
  {
    title: 'a unique key is new',
    of: 'tightened',
    first: 'create table tightened (a int, b int)',
    next: 'create unique index tightened_ab on tightened (a, b)',
    finds: [['unique-added']],
  },
  {
    title: 'a unique key has another name and order',
    of: 'same_key',
    first: 'create table same_key (a int, b int, constraint same_ab unique (a, b))',
    next: again('same_key', 'a int, b int, constraint same_ba unique (b, a)'),
    finds: [['key-renamed']],
  },
  {
    title: 'a foreign key is gone',
    of: 'unlinked',
    first: `${shelf}; create table unlinked (a int, constraint unlinked_a foreign key (a) references shelf (id))`,
    next: again('unlinked', 'a int'),
    finds: { postgres: [['foreign-key-gone']], both: [['foreign-key-gone'], ['index-gone']] },
  },
  {
    title: 'a foreign key is new',
    of: 'linked',
    first: `${shelf}; create table linked (a int)`,
    next: again('linked', 'a int, constraint linked_a foreign key (a) references shelf (id)'),
    finds: { postgres: [['foreign-key-added']], both: [['foreign-key-added'], ['index-added']] },
  },
  {
    title: 'a foreign key leads elsewhere',
    of: 'relinked',
    first: `${shelf}; create table rack (id int primary key); create table relinked (a int, constraint relinked_a foreign key (a) references shelf (id))`,
    next: again('relinked', 'a int, constraint relinked_a foreign key (a) references rack (id)'),
    finds: [['foreign-key-changed']],
  },
  {
    title: 'an index is gone',
    of: 'unindexed',
    first: 'create table unindexed (a int, b int); create index unindexed_a on unindexed (a)',
    next: again('unindexed', 'a int, b int'),
    finds: [['index-gone']],
  },
  {
    title: 'an index is replaced by one that begins alike',
    of: 'reindexed',
    first: 'create table reindexed (a int, b int); create index reindexed_a on reindexed (a)',
    next: `${again('reindexed', 'a int, b int')}; create index reindexed_ab on reindexed (a, b)`,
    finds: [['index-added']],
  },
  {
    title: 'the index of a search is gone',
    of: 'searched',
    first: { both: 'create table searched (a text, fulltext searched_a (a))' },
    next: { both: again('searched', 'a text') },
    finds: { both: [['search-index-gone']] },
  },
  {
    title: 'comments are others',
    of: 'told',
    first: 'create table told (a int)',
    next: {
      postgres: "comment on table told is 'x'; comment on column told.a is 'y'",
      both: again('told', "a int comment 'y'").replace(/$/, " comment = 'x'"),
    },
    finds: [['comment-changed'], ['comment-changed', 'a']],
  },
  { title: 'a function is gone', of: 'f_gone', first: functionOf('f_gone', 'a int', plain), next: { postgres: 'drop function f_gone', both: 'drop function f_gone' }, finds: [['function-gone']] },
  { title: 'a function is new', of: 'f_new', first: 'select 1', next: functionOf('f_new', 'a int', plain), finds: [['function-added']] },
  {
    title: 'a function has an overload more',
    of: 'f_more',
    first: functionOf('f_more', 'a int', plain),
    next: { postgres: 'create function f_more(a text) returns int language sql as $$ select 1 $$', both: 'create procedure f_more(a int) select 1 as x' },
    finds: [['overload-added']],
  },
  {
    title: 'a function takes another type',
    of: 'f_type',
    first: functionOf('f_type', 'a int', plain),
    next: functionAgain('f_type', 'int', functionOf('f_type', 'a date', plain)),
    finds: [['function-gone'], ['overload-added']],
  },
  {
    title: 'an argument has another name',
    of: 'f_name',
    first: functionOf('f_name', 'a int', plain),
    next: functionAgain('f_name', 'int', functionOf('f_name', 'b int', plain)),
    finds: [['function-arguments-changed']],
  },
  {
    title: 'an argument can no longer be left out',
    of: 'f_optional',
    first: { postgres: 'create function f_optional(a int default 1) returns int language sql immutable as $$ select 1 $$' },
    next: { postgres: 'drop function f_optional(int); create function f_optional(a int) returns int language sql immutable as $$ select 1 $$' },
    finds: { postgres: [['function-arguments-changed']] },
  },
  {
    title: 'a function gives another type',
    of: 'f_result',
    first: functionOf('f_result', 'a int', plain),
    next: functionAgain('f_result', 'int', functionOf('f_result', 'a int', { pg: "returns date language sql immutable as $$ select date '2024-01-01' $$", my: "returns date deterministic return '2024-01-01'" })),
    finds: [['function-result-changed']],
  },
  {
    title: 'a function gives fewer columns',
    of: 'f_columns',
    first: { postgres: 'create function f_columns() returns table (a int, b int) language sql as $$ select 1, 2 $$' },
    next: { postgres: 'drop function f_columns(); create function f_columns() returns table (a int, c int) language sql as $$ select 1, 2 $$' },
    finds: { postgres: [['function-result-changed'], ['facts-changed']] },
  },
  {
    title: 'a function may write now',
    of: 'f_writes',
    first: functionOf('f_writes', 'a int', plain),
    next: functionAgain('f_writes', 'int', functionOf('f_writes', 'a int', { pg: 'returns int language sql volatile as $$ select 1 $$', my: 'returns int modifies sql data return 1' })),
    finds: [['function-volatility-changed']],
  },
  {
    title: 'a function runs with other rights',
    of: 'f_rights',
    first: functionOf('f_rights', 'a int', { pg: `${plain.pg} security invoker`, my: 'returns int deterministic sql security invoker return 1' }),
    next: functionAgain('f_rights', 'int', functionOf('f_rights', 'a int', { pg: `${plain.pg} security definer`, my: 'returns int deterministic sql security definer return 1' })),
    finds: [['function-rights-changed']],
  },
]; // biome-ignore format: one case a line where it fits

/** What one of these engines does not have; the words in the cases say so too. */
const absent: Readonly<Record<TestEngine, readonly DriftKind[]>> = {
  postgres: ['column-computed', 'search-index-gone'],
  mariadb: ['row-security-on', 'row-security-off', 'identity-always'],
  mysql: ['row-security-on', 'row-security-off', 'identity-always'],
};

/** No DDL makes them: they are of the server. */
const ofServers: readonly DriftKind[] = [
  'engine-changed',
  'capability-gone',
  'capability-added',
  'version-older',
  'version-changed',
  'default-schema-changed',
];

const catalogs = new Map<TestEngine, Catalog>();

onEveryEngine((engine) => {
  const scope: (() => unknown)[] = [];
  let drifts: readonly Drift[];
  const own = <T>(of: Readonly<Partial<Record<TestEngine | 'both', T>>>): T | undefined =>
    of[engine] ?? (engine === 'postgres' ? undefined : of.both);
  const sqlOf = (sql: Sql) => (typeof sql === 'string' ? sql : own(sql));
  const findsOf = ({ finds }: Case): Found => (Array.isArray(finds) ? finds : (own(finds as never) ?? []));

  before(async () => {
    const database = await createDatabase({ after: (work) => scope.push(work) }, engine);
    await run(
      database,
      cases.map(({ first }) => sqlOf(first)),
    );
    const locked = await throughLock(await catalogOf(database));
    assert.deepEqual(compareCatalogs(locked, await catalogOf(database)), []);
    await run(
      database,
      cases.map(({ next }) => sqlOf(next)),
    );
    catalogs.set(engine, locked);
    drifts = compareCatalogs(locked, await catalogOf(database));
  });
  after(async () => {
    for (const work of scope.reverse()) await work();
  });

  for (const one of cases)
    it(one.title, () => {
      const found = drifts.filter(({ relation, routine }) => {
        const name = (relation ?? routine)!.slice('public.'.length);
        return name === one.of || name === `${one.of}_anew`;
      });
      assert.deepEqual(
        found.map(({ what, column }) => (column === null ? [what] : [what, column])),
        findsOf(one),
      );
      for (const drift of found) assert.equal(drift.class, driftRules[drift.what]);
    });

  it('makes every row of the table by DDL', () => {
    const made = new Set(cases.flatMap((one) => findsOf(one).map(([what]) => what)));
    const rules = Object.keys(driftRules) as DriftKind[];
    assert.deepEqual(
      rules.filter((what) => !made.has(what) && !ofServers.includes(what)).sort(),
      [...absent[engine]].sort(),
    );
  });
});

describe('servers', () => {
  const summary = (locked: Catalog, live: Catalog) =>
    compareCatalogs(locked, live).map(({ what, class: of }) => [what, of]);

  it('compares nothing more with another engine', () => {
    const [mariadb, mysql] = [catalogs.get('mariadb')!, catalogs.get('mysql')!];
    assert.deepEqual(summary(mariadb, mysql), [['engine-changed', 'breaking']]);
    assert.deepEqual(summary(mysql, mariadb), [['engine-changed', 'breaking']]);
  });

  it('tells versions and what a server can do', () => {
    const catalog = { ...catalogs.get('mariadb')!, version: '10.11.6' };
    assert.deepEqual(summary(catalog, { ...catalog, version: '10.11.9' }), [['version-changed', 'safe']]);
    assert.deepEqual(summary(catalog, { ...catalog, version: '9.9.1' }), [['version-older', 'degrading']]);
    const { capabilities } = catalog;
    const without = { ...catalog, capabilities: { ...capabilities, returning: false } };
    const having = { ...catalog, capabilities: { ...capabilities, returning: true } };
    assert.deepEqual(summary(having, without), [['capability-gone', 'breaking']]);
    assert.deepEqual(summary(without, having), [['capability-added', 'safe']]);
    assert.deepEqual(summary(catalog, { ...catalog, schemas: ['other'] }), [
      ['default-schema-changed', 'breaking'],
    ]);
  });
});

async function run(database: TestDatabase, sql: readonly (string | undefined)[]): Promise<void> {
  for (const text of sql) if (text !== undefined) await database.query(text);
}

/** As files of a lock say it. */
async function throughLock(catalog: Catalog): Promise<Catalog> {
  const dir = await mkdtemp(path.join(tmpdir(), 'novastack-drift-'));
  try {
    const entry = { catalog, names: new Map(), migrations: undefined };
    await writeLock(dir, { databases: new Map([['main', entry]]) });
    const { value, diagnostics } = await readLock(dir);
    assert.deepEqual(diagnostics, []);
    return value!.databases.get('main')!.catalog;
  } finally {
    await rm(dir, { recursive: true });
  }
}
