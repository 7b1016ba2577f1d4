import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createDatabase } from '../../../test/database.ts';
import { createProject, readProject } from '../../../test/project.ts';
import { Problem } from '../../problem/problem.ts';
import { sql } from '../sql.ts';
import { introspect } from './introspect.ts';
import { finish } from './notation.ts';
import { openPool } from './pool.ts';

for (const engine of ['mariadb', 'mysql'] as const)
  describe(`the database of the URL on ${engine}`, () => {
    it('is the schema public, whatever its name', async (t) => {
      const { api } = await createProject(t, {
        engine,
        sql: `CREATE TABLE authors (id int PRIMARY KEY);
          CREATE TABLE books (id int PRIMARY KEY, author_id int, FOREIGN KEY (author_id) REFERENCES authors (id));
          CREATE FUNCTION two() RETURNS int DETERMINISTIC NO SQL RETURN 2`,
        yaml: '',
      });
      const { schemas, relations, routines } = api.databases.get('main')!.catalog;
      assert.deepEqual(
        [schemas, [...relations.keys()], [...routines.keys()]],
        [['public'], ['public.authors', 'public.books'], ['public.two']],
      );
      assert.equal(relations.get('public.books')?.foreignKeys[0]?.target.schema, 'public');
    });

    it('is told apart from others, which keep their names, and may be named once', async (t) => {
      const [own, other] = [await createDatabase(t, engine), await createDatabase(t, engine)];
      await other.query('CREATE TABLE shelves (id int PRIMARY KEY)');
      await own.query(
        `CREATE TABLE books (id int PRIMARY KEY, shelf int, FOREIGN KEY (shelf) REFERENCES ${other.name}.shelves (id))`,
      );
      const config = readProject({ engine, sql: '', yaml: '' }).databases.get('main')!;
      const pool = openPool({ config, url: own.url });
      t.after(() => pool.close());
      const both = await introspect(pool, ['public', other.name]);
      assert.deepEqual([...both.relations.keys()].sort(), [`${other.name}.shelves`, 'public.books'].sort());
      assert.equal(both.relations.get('public.books')?.foreignKeys[0]?.target.schema, other.name);
      const byName = await introspect(pool, [own.name]);
      assert.deepEqual([...byName.relations.keys()], [`${own.name}.books`]);
      await assert.rejects(introspect(pool, ['public', own.name]), (error) => {
        assert.ok(error instanceof Problem);
        return error.message === `The schemas name the database "${own.name}" twice.`;
      });
    });
  });

it('what is in it is named without a schema', () => {
  const statement = sql`SELECT 1 FROM ${sql.qualified('public', 'a`b')}, ${sql.qualified('other', 'c')}`;
  assert.equal(finish(statement).statement.text, 'SELECT 1 FROM `a``b`, `other`.`c`');
});
