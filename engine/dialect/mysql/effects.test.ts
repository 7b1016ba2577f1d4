import assert from 'node:assert/strict';
import { after, before, it, describe as suite } from 'node:test';
import { createDatabase } from '../../../test/database.ts';
import { type Admin, openAdmin } from '../../../test/servers/identity.ts';
import type { StatementEffect } from '../effect.ts';
import { describe } from './effects.ts';

/** What is there before each statement. */
const world = new Map([
  ['authors', 'create table authors (id int primary key)'],
  [
    'books',
    `create table books (id int primary key auto_increment, author_id int, title varchar(50) not null default 'x', price int,
     key by_title (title), key by_author (author_id), constraint written foreign key (author_id) references authors (id))`,
  ],
  ['plain', 'create table plain (id int not null, place point not null)'],
  ['keyed', 'create table keyed (id int not null primary key, n int not null)'],
]);

type Engine = 'mysql' | 'mariadb';

/** Lock, blocks, work and undo; where MariaDB has another way, that too. */
type Case = readonly [sql: string, mysql: string, mariadb: string];

/** Each is run by the algorithm that is told, which has to go, and by the next better one, which has to be refused. */
const alters: readonly Case[] = [
  [
    'alter table books add column z int',
    'books | INSTANT | nothing | instant | yes',
    'books | INSTANT | nothing | instant | yes',
  ],
  [
    'alter table books add z int not null default 5 first',
    'books | INSTANT | nothing | instant | yes',
    'books | INSTANT | nothing | instant | yes',
  ],
  [
    'alter table books add z datetime default now(), algorithm=default',
    'books | INSTANT | nothing | instant | yes',
    'books | INSTANT | nothing | instant | yes',
  ],
  [
    'alter table books add z int default (1 + price)',
    'books | COPY | writes | rewrite | yes',
    'books | COPY | writes | rewrite | yes',
  ],
  [
    'alter table books add z int generated always as (price * 2) virtual',
    'books | INSTANT | nothing | instant | yes',
    'books | INSTANT | nothing | instant | yes',
  ],
  [
    'alter table books add z int generated always as (price * 2) stored',
    'books | COPY | writes | rewrite | yes',
    'books | COPY | writes | rewrite | yes',
  ],
  [
    'alter table books add z int unique',
    'books | INPLACE | nothing | rewrite | yes',
    'books | INPLACE | nothing | rewrite | yes',
  ],
  [
    'alter table books add z int check (z > 0)',
    'books | COPY | writes | rewrite | yes',
    'books | INSTANT | nothing | instant | yes',
  ],
  [
    'alter table plain add z int auto_increment primary key',
    'plain | INPLACE | writes | rewrite | yes',
    'plain | INPLACE | writes | rewrite | yes',
  ],
  [
    'alter table books add (y int, z int)',
    'books | INSTANT | nothing | instant | yes',
    'books | INSTANT | nothing | instant | yes',
  ],
  [
    'alter table books drop column price',
    'books | INSTANT | nothing | instant | loses data',
    'books | INSTANT | nothing | instant | loses data',
  ],
  [
    'alter table books rename column title to name',
    'books | INSTANT | nothing | instant | yes',
    'books | INSTANT | nothing | instant | yes',
  ],
  [
    "alter table books alter title set default 'y'",
    'books | INSTANT | nothing | instant | yes',
    'books | INSTANT | nothing | instant | yes',
  ],
  [
    'alter table books alter column title drop default',
    'books | INSTANT | nothing | instant | yes',
    'books | INSTANT | nothing | instant | yes',
  ],
  [
    'alter table books add index (title)',
    'books | INPLACE | nothing | scan | yes',
    'books | NOCOPY | nothing | scan | yes',
  ],
  [
    'alter table books add unique key u (title, id)',
    'books | INPLACE | nothing | scan | yes',
    'books | NOCOPY | nothing | scan | yes',
  ],
  [
    'alter table books add fulltext index (title)',
    'books | INPLACE | writes | rewrite | yes',
    'books | INPLACE | writes | rewrite | yes',
  ],
  [
    'alter table plain add spatial index (place)',
    'plain | INPLACE | writes | scan | yes',
    'plain | NOCOPY | writes | scan | yes',
  ],
  [
    'alter table books drop index by_title',
    'books | INPLACE | nothing | instant | yes',
    'books | NOCOPY | nothing | instant | yes',
  ],
  [
    'alter table books rename index by_title to other',
    'books | INPLACE | nothing | instant | yes',
    'books | INSTANT | nothing | instant | yes',
  ],
  [
    'alter table plain add primary key (id)',
    'plain | INPLACE | nothing | rewrite | yes',
    'plain | INPLACE | nothing | rewrite | yes',
  ],
  [
    'alter table keyed drop primary key',
    'keyed | COPY | writes | rewrite | yes',
    'keyed | COPY | writes | rewrite | yes',
  ],
  [
    'alter table keyed drop primary key, add primary key (id, n)',
    'keyed | INPLACE | nothing | rewrite | yes',
    'keyed | INPLACE | nothing | rewrite | yes',
  ],
  [
    'alter table books add constraint f foreign key (author_id) references authors (id)',
    'books | COPY | writes | rewrite | yes',
    'books | COPY | writes | rewrite | yes',
  ],
  [
    'alter table books drop foreign key written',
    'books | INPLACE | nothing | instant | yes',
    'books | INSTANT | nothing | instant | yes',
  ],
  [
    'alter table books add constraint c check (price >= 0)',
    'books | COPY | writes | rewrite | yes',
    'books | COPY | writes | rewrite | yes',
  ],
  [
    'alter table books rename to novels',
    'books | INSTANT | nothing | instant | yes',
    'books | INSTANT | nothing | instant | yes',
  ],
  [
    'alter table books engine=InnoDB',
    'books | INPLACE | nothing | rewrite | yes',
    'books | INPLACE | nothing | rewrite | yes',
  ],
  [
    'alter table books force',
    'books | INPLACE | nothing | rewrite | yes',
    'books | INPLACE | nothing | rewrite | yes',
  ],
  [
    'alter table books row_format=compact',
    'books | INPLACE | nothing | rewrite | yes',
    'books | INPLACE | nothing | rewrite | yes',
  ],
  [
    'alter table books auto_increment=100',
    'books | INPLACE | nothing | instant | yes',
    'books | INSTANT | nothing | instant | yes',
  ],
  [
    "alter table books comment='x; drop table books'",
    'books | INPLACE | nothing | instant | yes',
    'books | INSTANT | nothing | instant | yes',
  ],
  [
    'alter table books default character set latin1',
    'books | INPLACE | nothing | instant | yes',
    'books | INSTANT | nothing | instant | yes',
  ],
  [
    'alter table books add column z int, add index (title)',
    'books | INPLACE | nothing | rewrite | yes',
    'books | INPLACE | nothing | rewrite | yes',
  ],
  [
    "alter table books add column z int, alter title set default 'y'",
    'books | INSTANT | nothing | instant | yes',
    'books | INSTANT | nothing | instant | yes',
  ],
  [
    'alter table books convert to character set latin1',
    'books | COPY | writes | rewrite | undefined',
    'books | COPY | writes | rewrite | undefined',
  ],
  [
    'alter table books modify price bigint',
    'books | COPY | writes | rewrite | undefined',
    'books | COPY | writes | rewrite | undefined',
  ],
  [
    'alter table books change title name varchar(300)',
    'books | COPY | writes | rewrite | undefined',
    'books | COPY | writes | rewrite | undefined',
  ],
];

/** A server may do better where the column or the table was alike before: the text alone does not say so. */
const asBad: readonly Case[] = [
  [
    'alter table books drop column price, drop index by_title',
    'books | INPLACE | nothing | rewrite | loses data',
    'books | INPLACE | nothing | rewrite | loses data',
  ],
  [
    'alter table books modify price int',
    'books | COPY | writes | rewrite | undefined',
    'books | COPY | writes | rewrite | undefined',
  ],
  [
    'alter table books change title name varchar(50)',
    'books | COPY | writes | rewrite | undefined',
    'books | COPY | writes | rewrite | undefined',
  ],
  [
    'alter table books order by id',
    'books | COPY | writes | rewrite | yes',
    'books | COPY | writes | rewrite | yes',
  ],
];

const others: readonly Case[] = [
  [
    'create table x (id int)',
    'x | EXCLUSIVE | nothing | instant | yes',
    'x | EXCLUSIVE | nothing | instant | yes',
  ],
  [
    'create table x (a int, foreign key (a) references authors (id))',
    'x | EXCLUSIVE | everything | instant | yes',
    'x | EXCLUSIVE | nothing | instant | yes',
  ],
  [
    'create table x select * from books',
    'x | EXCLUSIVE | nothing | rows | yes',
    'x | EXCLUSIVE | nothing | rows | yes',
  ],
  [
    'create table if not exists x like books',
    'x | EXCLUSIVE | nothing | instant | yes',
    'x | EXCLUSIVE | nothing | instant | yes',
  ],
  [
    'drop table plain, keyed',
    'plain | EXCLUSIVE | everything | instant | loses data',
    'plain | EXCLUSIVE | everything | instant | loses data',
  ],
  [
    'rename table books to novels',
    'books | EXCLUSIVE | everything | instant | yes',
    'books | EXCLUSIVE | everything | instant | yes',
  ],
  [
    'truncate table plain',
    'plain | EXCLUSIVE | everything | instant | loses data',
    'plain | EXCLUSIVE | everything | instant | loses data',
  ],
  [
    'create index i on books (title)',
    'books | INPLACE | nothing | scan | yes',
    'books | NOCOPY | nothing | scan | yes',
  ],
  [
    'create unique index i on books (title) algorithm=inplace lock=none',
    'books | INPLACE | nothing | scan | yes',
    'books | INPLACE | nothing | scan | yes',
  ],
  [
    'drop index by_title on books',
    'books | INPLACE | nothing | instant | yes',
    'books | NOCOPY | nothing | instant | yes',
  ],
  [
    'create view x as select * from books',
    'x | EXCLUSIVE | nothing | instant | yes',
    'x | EXCLUSIVE | nothing | instant | yes',
  ],
  [
    'create or replace view shelf as select id from books',
    'shelf | EXCLUSIVE | everything | instant | yes',
    'shelf | EXCLUSIVE | everything | instant | yes',
  ],
  [
    'drop view shelf',
    'shelf | EXCLUSIVE | everything | instant | yes',
    'shelf | EXCLUSIVE | everything | instant | yes',
  ],
  [
    'create trigger t before insert on books for each row set @a = 1',
    'books | EXCLUSIVE | everything | instant | yes',
    'books | EXCLUSIVE | everything | instant | yes',
  ],
  [
    'insert into authors values (1)',
    'authors | SHARED_WRITE | nothing | rows | yes',
    'authors | SHARED_WRITE | nothing | rows | yes',
  ],
  [
    'insert ignore into authors values (1) on duplicate key update id = 2',
    'authors | SHARED_WRITE | nothing | rows | loses data',
    'authors | SHARED_WRITE | nothing | rows | loses data',
  ],
  [
    'update books set price = 1',
    'books | SHARED_WRITE | nothing | rows | loses data',
    'books | SHARED_WRITE | nothing | rows | loses data',
  ],
  [
    'delete from books where id = 1',
    'books | SHARED_WRITE | nothing | rows | loses data',
    'books | SHARED_WRITE | nothing | rows | loses data',
  ],
  [
    'replace into authors values (1)',
    'authors | SHARED_WRITE | nothing | rows | loses data',
    'authors | SHARED_WRITE | nothing | rows | loses data',
  ],
  ['analyze table books', 'books | none | nothing | scan | yes', 'books | none | nothing | scan | yes'],
  [
    'optimize table books',
    'books | INPLACE | nothing | rewrite | yes',
    'books | INPLACE | nothing | rewrite | yes',
  ],
  ['set @a = 1', '- | none | nothing | instant | yes', '- | none | nothing | instant | yes'],
  [
    'alter table books add column z int, algorithm=copy',
    'books | COPY | writes | rewrite | yes',
    'books | COPY | writes | rewrite | yes',
  ],
];

function lineOf({ relation, lock, blocks, work, undo }: StatementEffect): string {
  return [relation ?? '-', lock, blocks, work, undo].map(String).join(' | ');
}

const better: Readonly<Record<Engine, readonly string[]>> = {
  mysql: ['INSTANT', 'INPLACE', 'COPY'],
  mariadb: ['INSTANT', 'NOCOPY', 'INPLACE', 'COPY'],
};

for (const engine of ['mysql', 'mariadb'] as const)
  suite(`what a statement does to ${engine}`, () => {
    let admin: Admin;
    let reader: Admin;
    let version: string;
    const releases: (() => unknown)[] = [];
    before(async () => {
      const database = await createDatabase({ after: (work) => releases.push(work) }, engine);
      version = database.server.version;
      [admin, reader] = await Promise.all([openAdmin(database.url), openAdmin(database.url)]);
      await admin.query('set lock_wait_timeout = 1');
    });
    after(async () => {
      await Promise.all([admin.close(), reader.close()]);
      for (const release of releases) await release();
    });

    for (const [sql, ...lines] of alters)
      it(sql, async () => {
        const [told] = describe(sql, { engine, version });
        assert.equal(lineOf(told!), lines[engine === 'mysql' ? 0 : 1]);
        const { lock, blocks } = told!;
        const wish = (algorithm: string) => `${sql}, algorithm=${algorithm}`;
        const free = lock === 'INSTANT' ? '' : `, lock=${blocks === 'nothing' ? 'none' : 'shared'}`;
        assert.equal(await refusal(admin, `${wish(lock!)}${free}`), undefined);
        if (blocks !== 'nothing')
          assert.match((await refusal(admin, `${wish(lock!)}, lock=none`)) ?? 'none', refused);
        const next = better[engine][better[engine].indexOf(lock!) - 1];
        if (next !== undefined) assert.match((await refusal(admin, wish(next))) ?? 'none', refused);
      });

    for (const [sql, ...lines] of [...asBad, ...others])
      it(sql, async () => {
        const [told] = describe(sql, { engine, version });
        assert.equal(lineOf(told!), lines[engine === 'mysql' ? 0 : 1]);
        assert.equal(await refusal(admin, sql), undefined);
        const relation = told!.others?.[0]?.relation ?? told!.relation;
        if (told!.blocks === 'everything' && relation !== undefined)
          assert.equal(await refusalBeside(reader, relation, admin, sql), 'ER_LOCK_WAIT_TIMEOUT');
      });
  });

const refused = /ER_ALTER_OPERATION_NOT_SUPPORTED/;

/** What the server says against it; undefined: it does it. */
async function refusal(admin: Admin, sql: string): Promise<string | undefined> {
  await makeWorld(admin);
  return errorOf(admin, sql);
}

/** The same while somebody reads the relation in a transaction. */
async function refusalBeside(
  reader: Admin,
  relation: string,
  admin: Admin,
  sql: string,
): Promise<string | undefined> {
  await makeWorld(admin);
  await reader.query('begin');
  await reader.query(`select * from ${relation}`);
  try {
    return await errorOf(admin, sql);
  } finally {
    await reader.query('rollback');
  }
}

async function makeWorld(admin: Admin): Promise<void> {
  await admin.query(
    'drop table if exists novels, x, books, authors, plain, keyed; drop view if exists shelf, x',
  );
  for (const create of world.values()) await admin.query(create);
  await admin.query('create view shelf as select * from books');
}

async function errorOf(admin: Admin, sql: string): Promise<string | undefined> {
  try {
    await admin.query(sql);
    return undefined;
  } catch (error) {
    return (error as { code: string }).code;
  }
}

suite('what is told of a statement', () => {
  it('is in words, with its place and what to do instead', () => {
    const sql =
      '-- a comment\nALTER TABLE `Books` ADD FULLTEXT (title);\nDELIMITER //\n  DROP TABLE a.b, c //';
    assert.deepEqual(describe(sql, { engine: 'mariadb', version: '10.11' }), [
      {
        summary: 'adds a fulltext index to "Books"',
        start: { line: 2, column: 1 },
        relation: 'Books',
        lock: 'INPLACE',
        blocks: 'writes',
        work: 'rewrite',
        undo: 'yes',
        advice: 'run it while few write: every row is copied and asked, and writes wait to the end',
      },
      {
        summary: 'drops table "a.b"; drops table "c"',
        start: { line: 4, column: 3 },
        relation: 'a.b',
        others: [{ relation: 'c', lock: 'EXCLUSIVE', blocks: 'everything' }],
        lock: 'EXCLUSIVE',
        blocks: 'everything',
        work: 'instant',
        undo: 'loses data',
        advice:
          'write "SET lock_wait_timeout = 3;" before it: while it waits for a transaction that uses the table, all later ones wait behind it',
      },
    ]);
  });

  const versions: readonly (readonly [sql: string, options: object, line: string])[] = [
    [
      'alter table t drop a',
      { engine: 'mysql', version: '8.0.28' },
      't | INPLACE | nothing | rewrite | loses data',
    ],
    [
      'alter table t drop a',
      { engine: 'mysql', version: '8.0.29-log' },
      't | INSTANT | nothing | instant | loses data',
    ],
    ['alter table t drop a', { engine: 'mysql' }, 't | INPLACE | nothing | rewrite | loses data'],
    ['alter table t drop a', { engine: 'mariadb' }, 't | INSTANT | nothing | instant | loses data'],
    ['alter table t drop a', {}, 't | INPLACE | nothing | rewrite | loses data'],
    [
      'alter table t drop a',
      { engine: 'other', version: '99' },
      't | INPLACE | nothing | rewrite | loses data',
    ],
    [
      'alter table t add a int first',
      { engine: 'mysql', version: '8.0.20' },
      't | INPLACE | nothing | rewrite | yes',
    ],
    [
      'alter table t rename column a to b',
      { engine: 'mysql', version: '8.0.27' },
      't | INPLACE | nothing | instant | yes',
    ],
    ['alter table t add key (a)', {}, 't | INPLACE | nothing | scan | yes'],
    ['alter table t add check (a)', {}, 't | COPY | writes | rewrite | yes'],
    ['alter table t modify a int, algorithm=instant', {}, 't | INSTANT | nothing | instant | undefined'],
    [
      'alter table t modify a int, algorithm=inplace, lock=none',
      {},
      't | INPLACE | nothing | rewrite | undefined',
    ],
    ['alter table t add a int, lock=exclusive', {}, 't | INSTANT | everything | instant | yes'],
    ['alter table p drop partition q', {}, 'p | EXCLUSIVE | everything | instant | loses data'],
    ['alter table p add partition partitions 4', {}, 'p | EXCLUSIVE | everything | rewrite | yes'],
  ];
  for (const [sql, options, line] of versions)
    it(`${sql} ${JSON.stringify(options)}`, () =>
      assert.deepEqual(describe(sql, options).map(lineOf), [line]));

  const unclear = [
    'call p()', 'select f()', 'do sleep(1)', 'execute s', 'begin not atomic drop table t; end', 'set statement x = 1 for drop table t',
    'alter table t', 'alter table t add', 'alter table t frobnicate', 'drop table', "alter table t comment = 'x", 'alter table `t',
    'alter table t modify a int /*!99999 , algorithm=instant */', '/*!40000 alter table t drop a */', 'alter table t add (a int',
    'delimiter', 'select 1\0', 'insrt into t values (1)', 'with x as (select 1) insert into t select 1', 'alter table t disable keys',
  ]; // biome-ignore format: a list
  for (const sql of unclear)
    it(`says that it cannot be told: ${sql}`, () => {
      for (const { lock, blocks, work, undo, advice } of describe(sql.replace('\\0', '\0')).slice(0, 1))
        assert.deepEqual(
          { lock, blocks, work, undo, advice },
          { lock: undefined, blocks: undefined, work: undefined, undo: undefined, advice: undefined },
        );
    });

  it('holds nobody up where the script has made the table, unless its name is another one by then', () => {
    const script = (middle: string) =>
      describe(`create table t (a int); ${middle}; alter table t add check (a > 0)`).at(-1)!.blocks;
    assert.deepEqual(
      ['insert into t values (1)', 'alter table t add b int', 'set lock_wait_timeout = 1'].map(script),
      ['nothing', 'nothing', 'nothing'],
    );
    assert.deepEqual(
      [
        'drop table t',
        'rename table t to u, v to t',
        'alter table t rename u',
        'use other',
        'call p()',
        'drop table d.t',
      ].map(script),
      ['writes', 'writes', 'writes', 'writes', 'writes', 'writes'],
    );
    assert.equal(
      describe('create table if not exists t (a int); alter table t force, lock=shared')[1]!.blocks,
      'writes',
    );
    assert.equal(
      describe('/*!99999 create table t (a int) */; alter table t force, lock=shared')[1]!.blocks,
      'writes',
    );
  });

  it('reads a megabyte in the time that its length asks for', () => {
    const scripts = [
      'alter table t add a int;'.repeat(40_000),
      `alter table t ${'add a int, '.repeat(90_000)} add b int`,
      `create table t (${'a int references u (b), '.repeat(40_000)} z int)`,
      `insert into t values ${'(1, 2), '.repeat(120_000)} (1, 2)`,
      '('.repeat(1_000_000), '`'.repeat(1_000_001), '/*!'.repeat(300_000), "'".repeat(999_999), ';'.repeat(1_000_000),
      'create table a(b int);'.repeat(20_000) + 'drop table a;'.repeat(40_000),
      `rename table ${'a to b, '.repeat(100_000)} c to d`, 'with '.repeat(200_000), '\n'.repeat(1_000_000) + 'drop table t',
    ]; // biome-ignore format: a list
    for (const sql of scripts) {
      const begun = performance.now();
      const told = describe(sql);
      assert.ok(performance.now() - begun < 15_000, sql.slice(0, 40));
      for (const { summary } of told.slice(0, 3)) assert.ok(summary.length <= 200 && !/[\r\n]/.test(summary));
    }
  });
});
