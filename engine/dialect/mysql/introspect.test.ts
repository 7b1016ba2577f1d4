import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { createDatabase, type TestDatabase } from '../../../test/database.ts';
import type { Catalog, Relation, Type } from '../../catalog/catalog.ts';
import { readLock, writeLock } from '../../catalog/lock.ts';
import { typeText } from '../../catalog/type.ts';
import { Problem } from '../../problem/problem.ts';
import type { Pool } from '../dialect.ts';
import { mysql } from './dialect.ts';
import { configOf } from './scratch.fixture.ts';
import { serverOf } from './server.ts';

const config = configOf({ pool: { max: 2 } });

/** 64 characters, the longest name there is; a character beyond the BMP is in none. */
const longest = `${'é'.repeat(61)}abc`;
const hostile = [
  '__proto__', 'constructor', 'then', 'a"b', "a'b", 'a`b', 'a.b', 'a\\b', 'select', '☃', longest, '2', '1', "'; --", ' a',
]; // biome-ignore format: a list

function quoted(name: string): string {
  return `\`${name.replaceAll('`', '``')}\``;
}

const ddl = `
CREATE TABLE authors (
  id bigint unsigned AUTO_INCREMENT PRIMARY KEY COMMENT 'Who it''s.',
  name varchar(80) NOT NULL UNIQUE,
  boss_id bigint unsigned,
  CONSTRAINT boss FOREIGN KEY (boss_id) REFERENCES authors (id) ON DELETE CASCADE,
  UNIQUE KEY start (name(3)),
  KEY late (boss_id, name DESC)
) COMMENT 'Who writes.';
CREATE TABLE types (
  c01 tinyint, c02 tinyint unsigned, c03 smallint, c04 smallint unsigned, c05 mediumint, c06 mediumint unsigned,
  c07 int, c08 int unsigned, c09 bigint, c10 bigint unsigned zerofill, c11 bool, c12 year,
  c13 decimal(10,2), c14 numeric unsigned, c15 float, c16 double unsigned, c17 float(7,3),
  c18 char(3), c19 varchar(20), c20 tinytext, c21 text, c22 mediumtext, c23 longtext,
  c24 binary(3), c25 varbinary(4), c26 tinyblob, c27 blob, c28 mediumblob, c29 longblob, c30 bit(5), c31 bit,
  c32 date, c33 time(3), c34 datetime, c35 datetime(6), c36 timestamp NULL, c37 timestamp(3) NULL, c38 json,
  c39 enum('a', 'it''s', 'b\\\\c', 'd,e', '', 'x"y', 'é)'), c40 set('a', 'b c', 'it''s'), c41 enum('😀', 'b'),
  c42 geometry, c43 point, c44 multipolygon, c45 geometrycollection
);
CREATE TABLE defaults (
  d01 int NOT NULL, d02 int DEFAULT 7, d03 varchar(20) DEFAULT 'it''s', d04 varchar(20) NOT NULL DEFAULT 'NULL',
  d05 datetime DEFAULT CURRENT_TIMESTAMP, d06 timestamp(3) NULL ON UPDATE CURRENT_TIMESTAMP(3),
  d07 datetime DEFAULT '2020-01-31 10:00:00' ON UPDATE CURRENT_TIMESTAMP, d08 bit(3) DEFAULT b'101',
  d09 varchar(20) DEFAULT (concat('a', 'b')), d10 decimal(5,2) DEFAULT 1.50, d11 bool DEFAULT true, d12 text,
  d13 int AS (d02 + 1) VIRTUAL, d14 int AS (d02 * 2) STORED, d15 int INVISIBLE DEFAULT 3,
  d16 varchar(9) CHARACTER SET latin1 COLLATE latin1_bin
);
INSERT INTO defaults (d01) VALUES (1);
CREATE TABLE searched (
  id int PRIMARY KEY, title varchar(50), body text, place point NOT NULL,
  FULLTEXT KEY words (title, body), SPATIAL KEY places (place), UNIQUE KEY both_of (title, id)
);
CREATE TABLE parts (id int PRIMARY KEY) PARTITION BY HASH (id) PARTITIONS 2;
CREATE TABLE _novastack_journal (id int PRIMARY KEY);
CREATE TABLE _Novastack_more (id int PRIMARY KEY);
CREATE TABLE hostile (${hostile.map((name) => `${quoted(name)} int DEFAULT 0`).join(', ')}, PRIMARY KEY (${quoted('a"b')}, ${quoted('a`b')}));
CREATE TABLE \`a.b\` (id int PRIMARY KEY, e enum('x'));
CREATE FUNCTION asks() RETURNS text READS SQL DATA RETURN @novastack_claims;
CREATE VIEW named AS SELECT id, name AS \`called from here\` FROM authors WHERE boss_id IS NOT NULL;
CREATE VIEW upper_named AS SELECT id, upper(name) AS name, ' from x' AS t FROM authors;
CREATE VIEW over_upper AS SELECT id, name FROM upper_named;
CREATE VIEW ids AS SELECT id FROM upper_named;
CREATE VIEW with_generated AS SELECT d02, d13 FROM defaults;
CREATE VIEW twice AS SELECT id, id AS again FROM authors;
CREATE VIEW counted AS SELECT boss_id, count(*) AS n FROM authors GROUP BY boss_id;
CREATE VIEW joined AS SELECT a.id, b.name FROM authors a JOIN authors b ON b.id = a.boss_id;
CREATE VIEW asking AS SELECT id, asks() AS claims FROM authors;
CREATE VIEW over_asking AS SELECT id FROM asking;
CREATE VIEW documents AS SELECT c38 AS document, c11 AS flag, c39 AS label FROM types;
CREATE VIEW \`odd (view)\` AS SELECT \`a"b\`, \`a\`\`b\`, \`select\` FROM hostile;
CREATE TRIGGER trim_name BEFORE INSERT ON authors FOR EACH ROW SET NEW.name = trim(NEW.name);
`;

const mariadbDdl = `
CREATE SEQUENCE numbers;
CREATE TABLE own (u uuid, a inet4, b inet6, j longtext CHECK (json_valid(j)), k longtext CHECK (json_valid(u)));
CREATE TABLE versioned (
  id int PRIMARY KEY, v int UNIQUE, since timestamp(6) GENERATED ALWAYS AS ROW START,
  until timestamp(6) GENERATED ALWAYS AS ROW END, PERIOD FOR SYSTEM_TIME (since, until)
) WITH SYSTEM VERSIONING;
CREATE TABLE plainly_versioned (id int PRIMARY KEY) WITH SYSTEM VERSIONING;
`;
const mysqlDdl = `
CREATE TABLE own (id int PRIMARY KEY, a int, place point SRID 4326, UNIQUE KEY low ((a + 1)), UNIQUE KEY mixed (a, (id + 1)));
`;

for (const engine of ['mariadb', 'mysql'] as const)
  describe(`the catalog of ${engine}`, () => {
    let database: TestDatabase;
    let pool: Pool;
    let catalog: Catalog;

    const ends: (() => unknown)[] = [];
    after(async () => {
      for (const end of [() => database.query('DROP TABLE books'), ...ends.toReversed()]) await end();
    });

    before(async () => {
      const scope = { after: (work: () => unknown) => ends.push(work) };
      database = await createDatabase(scope, engine);
      const other = quoted(`${database.name}_other`);
      scope.after(() => database.query(`DROP DATABASE IF EXISTS ${other}`));
      await database.query(ddl + (engine === 'mariadb' ? mariadbDdl : mysqlDdl));
      await database.query(`CREATE DATABASE ${other};
        CREATE TABLE ${other}.shelves (room int, no int, at int, UNIQUE KEY place (no, room));
        CREATE TABLE books (id int PRIMARY KEY, room int, no int, CONSTRAINT shelf FOREIGN KEY (room, no) REFERENCES ${other}.shelves (no, room));
        CREATE FUNCTION ${other}.who() RETURNS int READS SQL DATA RETURN 1;
        CREATE VIEW ${other}.asking AS SELECT room, ${other}.who() AS who FROM ${other}.shelves;
        CREATE VIEW far AS SELECT room FROM ${other}.asking`);
      pool = mysql.open({ url: database.url, config });
      scope.after(() => pool.close());
      catalog = await mysql.introspect(pool, undefined);
    });

    const relation = (name: string): Relation => catalog.relations.get(`public.${name}`)!;
    const type = (name: string, column: string): Type => relation(name).columns.get(column)!.type;

    it('says which server it is and what that can do', () => {
      assert.equal(catalog.engine, engine);
      assert.match(catalog.version, /^\d+\.\d+$/);
      assert.deepEqual(catalog.capabilities, {
        returning: engine === 'mariadb',
        lateral: engine === 'mysql',
        arrays: false,
        ranges: false,
        fullText: true,
        transactionalDdl: false,
      });
    });

    it('lists tables and views in bytewise order, and neither sequences nor what is its own', () => {
      assert.deepEqual(
        [...catalog.relations.keys()],
        [
          'a.b', 'asking', 'authors', 'books', 'counted', 'defaults', 'documents', 'far', 'hostile', 'ids', 'joined', 'named',
          'odd (view)', 'over_asking', 'over_upper', 'own', 'parts', ...(engine === 'mariadb' ? ['plainly_versioned'] : []),
          'searched', 'twice', 'types', 'upper_named', ...(engine === 'mariadb' ? ['versioned'] : []), 'with_generated',
        ].map((name) => `public.${name}`), // biome-ignore format: a list
      );
      assert.deepEqual(
        ['authors', 'parts', 'named'].map((name) => [relation(name).kind, relation(name).comment]),
        [
          ['table', 'Who writes.'],
          ['partitioned', null],
          ['view', null],
        ],
      );
    });

    it('keeps every name as it is', () => {
      assert.deepEqual([...relation('hostile').columns.keys()], hostile);
      assert.deepEqual(relation('hostile').primaryKey, { name: 'PRIMARY', columns: ['a"b', 'a`b'] });
    });

    it('reads what each type is', () => {
      const told = [...relation('types').columns.values()].map(({ type }) => {
        const facts = [type.family, type.scalar, type.bits, type.unsigned && 'unsigned'];
        return `${typeText(type)}: ${facts.filter((fact) => fact !== undefined).join(' ')}`;
      });
      assert.deepEqual(told, [
        'tinyint: integer int2 8',
        'tinyint unsigned: integer int2 8 unsigned',
        'smallint: integer int2 16',
        'smallint unsigned: integer int4 16 unsigned',
        'mediumint: integer int4 24',
        'mediumint unsigned: integer int4 24 unsigned',
        'int: integer int4 32',
        'int unsigned: integer int8 32 unsigned',
        'bigint: integer int8 64',
        'bigint unsigned: integer numeric 64 unsigned',
        'tinyint(1): boolean bool',
        'year: integer int2 16',
        'decimal(10,2): decimal numeric',
        'decimal(10,0) unsigned: decimal numeric unsigned',
        'float: float float4 32',
        'double unsigned: float float8 64 unsigned',
        'float(7,3): float float4 32',
        'char(3): string bpchar',
        'varchar(20): string varchar',
        'tinytext: string text',
        'text: string text',
        'mediumtext: string text',
        'longtext: string text',
        'binary(3): binary bytea',
        'varbinary(4): binary bytea',
        'tinyblob: binary bytea',
        'blob: binary bytea',
        'mediumblob: binary bytea',
        'longblob: binary bytea',
        'bit(5): other bit',
        'bit(1): other bit',
        'date: date date',
        'time(3): time time',
        'datetime: timestamp timestamp',
        'datetime(6): timestamp timestamp',
        'timestamp: timestamp timestamptz',
        'timestamp(3): timestamp timestamptz',
        'json: json jsonb',
        `enum('a','it''s','b\\\\c','d,e','','x"y','é)'): enum types_c39`,
        "set('a','b c','it''s'): array types_c40",
        'enum: string text',
        'geometry: other geometry',
        'point: other geometry',
        'multipolygon: other geometry',
        `geom${engine === 'mariadb' ? 'etry' : ''}collection: other geometry`,
      ]);
      assert.deepEqual(type('types', 'c39').labels, ['a', "it's", 'b\\c', 'd,e', '', 'x"y', 'é)']);
      assert.deepEqual(type('types', 'c40').element, {
        schema: 'mysql',
        name: 'enum',
        modifiers: '',
        family: 'enum',
        scalar: 'types_c40',
        labels: ['a', 'b c', "it's"],
      });
    });

    it('tells labels to the letter, as the database has them', async () => {
      const labels = ['%', '_', '\\', "''", "\\'", 'a,b', '(', 'é', 'ß ß', '\t', '\n', '"', '`', '0', '-- x'];
      const list = labels
        .map((label) => `'${label.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`)
        .join(', ');
      await database.query(`CREATE TABLE odd (e enum(${list}))`);
      const read = await mysql.introspect(pool, undefined);
      const [row] = await database.query('SELECT COUNT(*) AS n FROM odd');
      assert.deepEqual(read.relations.get('public.odd')!.columns.get('e')!.type.labels, labels, String(row));
      await database.query('DROP TABLE odd');
    });

    it('reads defaults as SQL, generated columns, and what an update sets', () => {
      const mariadb = engine === 'mariadb';
      const now = (digits = '') => `CURRENT_TIMESTAMP${digits && `(${digits})`}`;
      assert.deepEqual(
        [...relation('defaults').columns.values()].map((column) => [
          column.name, column.nullable, column.default, column.generated, column.computed === true,
        ]), // biome-ignore format: a row
        [
          ['d01', false, null, false, false],
          ['d02', true, '7', false, false],
          ['d03', true, "'it''s'", false, false],
          ['d04', false, "'NULL'", false, false],
          ['d05', true, now(), false, false],
          ['d06', true, `NULL ON UPDATE ${now('3')}`, false, false],
          ['d07', true, `'2020-01-31 10:00:00' ON UPDATE ${now()}`, false, false],
          ['d08', true, "b'101'", false, false],
          ['d09', true, mariadb ? "concat('a','b')" : "concat(_utf8mb4'a',_utf8mb4'b')", false, false],
          ['d10', true, '1.50', false, false],
          ['d11', true, '1', false, false],
          ['d12', true, null, false, false],
          ['d13', true, null, true, true],
          ['d14', true, null, true, false],
          ['d15', true, '3', false, false],
          ['d16', true, null, false, false],
        ],
      );
      assert.equal(relation('defaults').columns.get('d16')!.collation, 'latin1_bin');
      assert.equal(relation('defaults').columns.get('d02')!.collation, undefined);
      const { id } = Object.fromEntries(relation('authors').columns);
      assert.deepEqual([id?.identity, id?.nullable, id?.comment], ['by default', false, "Who it's."]);
    });

    it('proves uniqueness by whole columns alone', () => {
      const { primaryKey, uniques, indexes, triggers } = relation('authors');
      assert.deepEqual(
        [primaryKey, uniques, triggers],
        [{ name: 'PRIMARY', columns: ['id'] }, [{ name: 'name', columns: ['name'] }], true],
      );
      assert.deepEqual(
        indexes.map(({ name, columns, unique, partial }) => [name, columns, unique, partial]),
        [
          ['PRIMARY', ['id'], true, false],
          ['late', ['boss_id', 'name'], false, false],
          ['name', ['name'], true, false],
          ['start', ['name'], true, true],
        ],
      );
      assert.deepEqual(
        relation('searched').indexes.map(({ name, method, partial }) => [name, method, partial]),
        [
          ['PRIMARY', 'btree', false],
          ['both_of', 'btree', false],
          ['places', 'spatial', false],
          ['words', 'fulltext', false],
        ],
      );
      assert.equal(relation('searched').triggers, false);
    });

    it('follows foreign keys, into other databases too', () => {
      assert.deepEqual(relation('authors').foreignKeys, [
        {
          name: 'boss',
          columns: ['boss_id'],
          target: { schema: 'public', relation: 'authors', columns: ['id'] },
        },
      ]);
      assert.deepEqual(relation('books').foreignKeys, [
        {
          name: 'shelf',
          columns: ['room', 'no'],
          target: { schema: `${database.name}_other`, relation: 'shelves', columns: ['no', 'room'] },
        },
      ]);
    });

    it('writes through a view of one relation, where its columns are those of that', () => {
      const any = engine === 'mariadb';
      assert.deepEqual(
        written.map((name) => {
          const { insertable, updatable, deletable, columns } = relation(name);
          const generated = [...columns.values()].filter((column) => column.generated);
          return [name, insertable, updatable, deletable, generated.map((column) => column.name)];
        }),
        [
          ['named', true, true, true, []],
          ['upper_named', any, true, true, ['name', 't']],
          ['over_upper', any, true, true, ['name']],
          ['ids', true, true, true, []],
          ['twice', any, true, true, []],
          ['with_generated', true, true, true, ['d13']],
          ['counted', false, false, false, []],
          ['joined', false, false, false, []],
          ['odd (view)', true, true, true, []],
        ],
      );
    });

    it('says of views what the server does', async () => {
      for (const name of written.filter((one) => one !== 'joined')) {
        const { insertable, columns } = relation(name);
        const plain = [...columns.values()]
          .filter((column) => !column.generated)
          .map((column) => quoted(column.name));
        const insert = `INSERT INTO ${quoted(name)} (${plain[0]}) VALUES (1)`;
        assert.equal(await works(insert), insertable, insert);
        for (const column of columns.values()) {
          const update = `UPDATE ${quoted(name)} SET ${quoted(column.name)} = 1`;
          assert.equal(await works(update), relation(name).updatable && !column.generated, update);
        }
      }
    });

    const written = [
      ...[
        'named',
        'upper_named',
        'over_upper',
        'ids',
        'twice',
        'with_generated',
        'counted',
        'joined',
        'odd (view)',
      ],
    ];

    /** Whether the server takes it at all; what it says of the data is another matter. */
    async function works(sql: string): Promise<boolean> {
      try {
        await database.query(`START TRANSACTION; ${sql}; ROLLBACK`);
        return true;
      } catch (error) {
        const code = (error as { errno?: number }).errno;
        return code !== 1471 && code !== 1288 && code !== 1348 && code !== 1906 && code !== 3105;
      }
    }

    it('knows views whose rows depend on who asks, also through other databases', () => {
      const asking = [...catalog.relations.values()].filter((one) => one.asksSession).map(({ name }) => name);
      assert.deepEqual(asking, ['asking', 'far', 'over_asking']);
    });

    it('tells the types of what a view passes on', () => {
      assert.deepEqual(
        ['document', 'flag', 'label'].map((column) => type('documents', column).family),
        ['json', 'boolean', 'enum'],
      );
    });

    it('reads what only this server has', () => {
      if (engine === 'mysql') {
        assert.equal(typeText(type('own', 'place')), 'point(4326)');
        assert.deepEqual(relation('own').uniques, []);
        assert.deepEqual(
          relation('own').indexes.map(({ name, columns, partial }) => [name, columns, partial]),
          [
            ['PRIMARY', ['id'], false],
            ['low', [], true],
            ['mixed', ['a'], true],
          ],
        );
        return;
      }
      assert.deepEqual(
        [...relation('own').columns.values()].map(({ type }) => [type.name, type.family, type.scalar]),
        [
          ['uuid', 'uuid', 'uuid'],
          ['inet4', 'other', 'inet'],
          ['inet6', 'other', 'inet'],
          ['json', 'json', 'jsonb'],
          ['longtext', 'string', 'text'],
        ],
      );
      assert.deepEqual(relation('versioned').primaryKey?.columns, ['id']);
      assert.deepEqual(relation('versioned').uniques, [{ name: 'v', columns: ['v'] }]);
      assert.deepEqual(
        [...relation('versioned').columns.values()].map(({ name, generated }) => [name, generated]),
        [
          ['id', false],
          ['v', false],
          ['since', true],
          ['until', true],
        ],
      );
    });

    it('of several databases says the schema of each', async () => {
      const other = `${database.name}_other`;
      const both = await mysql.introspect(pool, ['public', other]);
      assert.deepEqual(both.schemas, ['public', other]);
      assert.deepEqual(
        [...both.relations.values()].filter(({ schema }) => schema === other).map(({ name }) => name),
        ['asking', 'shelves'],
      );
      assert.equal(both.relations.get(`${other}.asking`)?.asksSession, true);
    });

    it('comes back from the lock as it was', async () => {
      const dir = await mkdtemp(path.join(tmpdir(), 'novastack-lock-'));
      try {
        const lock = { databases: new Map([['main', { catalog, names: new Map(), migrations: undefined }]]) };
        await writeLock(dir, lock);
        assert.deepEqual(await readLock(dir), { value: lock, diagnostics: [] });
        assert.equal(await writeLock(dir, lock), false);
      } finally {
        await rm(dir, { recursive: true });
      }
    });

    it('is polled by a text that every definition changes, and no data', async () => {
      const poll = () => mysql.poll(pool, undefined);
      let before = await poll();
      const other = quoted(`${database.name}_other`);
      const changes = [
        'CREATE TABLE new_one (id int PRIMARY KEY, a int, b varchar(9))',
        'ALTER TABLE new_one ADD COLUMN c json',
        'ALTER TABLE new_one MODIFY a int unsigned',
        'ALTER TABLE new_one ALTER a SET DEFAULT 5',
        "ALTER TABLE new_one COMMENT 'said'",
        "ALTER TABLE new_one MODIFY b varchar(9) COMMENT 'said'",
        'ALTER TABLE new_one MODIFY b varchar(9) CHARACTER SET latin1',
        'CREATE INDEX an_index ON new_one (a)',
        'DROP INDEX an_index ON new_one',
        'CREATE UNIQUE INDEX an_index ON new_one (b(3))',
        'ALTER TABLE new_one ADD CONSTRAINT f FOREIGN KEY (id) REFERENCES searched (id)',
        'ALTER TABLE new_one DROP FOREIGN KEY f',
        'CREATE VIEW new_view AS SELECT id FROM new_one',
        'CREATE OR REPLACE VIEW new_view AS SELECT a AS id FROM new_one',
        `CREATE OR REPLACE VIEW ${other}.asking AS SELECT room FROM ${other}.shelves`,
        'CREATE TRIGGER t BEFORE INSERT ON new_one FOR EACH ROW SET NEW.a = 1',
        'DROP TRIGGER t',
        'CREATE FUNCTION f(a int) RETURNS int NO SQL RETURN 1',
        'ALTER FUNCTION f READS SQL DATA',
        'DROP FUNCTION f',
        'CREATE FUNCTION f(b int) RETURNS int READS SQL DATA RETURN 1',
        'CREATE PROCEDURE f(OUT a int) SET a = 1',
        'ALTER TABLE new_one RENAME old_one',
        'DROP VIEW new_view',
        'DROP TABLE old_one',
      ];
      for (const change of changes) {
        await database.query(change);
        const now = await poll();
        assert.notEqual(now, before, change);
        before = now;
      }
      await database.query("INSERT INTO authors (name) VALUES ('x'); ANALYZE TABLE authors");
      assert.equal(await poll(), before);
    });

    it('refuses the databases of the system, and a connection that is in none', async () => {
      const refusal = (error: unknown) =>
        error instanceof Problem ? `${error.code} ${error.message}` : error;
      for (const schema of ['mysql', 'SYS', 'performance_schema', 'information_schema'])
        assert.match(
          String(await mysql.introspect(pool, [schema]).catch(refusal)),
          new RegExp(`^NS400 The schema "${schema}" belongs to the database itself`),
        );
      const url = new URL(database.url);
      url.pathname = '/';
      const nowhere = mysql.open({ url: url.href, config });
      try {
        assert.equal(
          await mysql.introspect(nowhere, undefined).catch(refusal),
          'NS400 The connection URL names no database.',
        );
      } finally {
        await nowhere.close();
      }
    });
  });

describe('a version', () => {
  const tell = (text: string) => {
    try {
      const { engine, version } = serverOf(text);
      return `${engine} ${version}`;
    } catch (error) {
      return error instanceof Problem ? `${error.code} ${error.message} (${error.hint})` : String(error);
    }
  };

  it('that is too old is told with the oldest that is not', () => {
    assert.deepEqual(['8.0.18', '5.7.44-log', '10.6.12-MariaDB', '5.5.5-10.4.1-MariaDB', 'odd'].map(tell), [
      'NS501 MySQL 8.0.18 is too old. (use version 8.0.19 or newer)',
      'NS501 MySQL 5.7.44 is too old. (use version 8.0.19 or newer)',
      'NS501 MariaDB 10.6.12 is too old. (use version 10.11 or newer)',
      'NS501 MariaDB 10.4.1 is too old. (use version 10.11 or newer)',
      'NS501 MySQL 0.0.0 is too old. (use version 8.0.19 or newer)',
    ]);
  });

  it('has two parts', () => {
    assert.deepEqual(
      [
        '8.0.19',
        '8.4.3-commercial',
        '9.7.4-2',
        '10.11.0-MariaDB',
        '11.4.2-MariaDB-log',
        '5.5.5-11.4.2-MariaDB',
      ].map(tell),
      ['mysql 8.0', 'mysql 8.4', 'mysql 9.7', 'mariadb 10.11', 'mariadb 11.4', 'mariadb 11.4'],
    );
  });
});
