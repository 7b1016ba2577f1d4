/** Functions and procedures as root fields of GraphQL. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { serve } from '../../../test/graphql.ts';
import { token } from '../../../test/project.ts';

const sql = `
CREATE TABLE books (id int PRIMARY KEY, title varchar(40));
INSERT INTO books VALUES (1, 'One'), (2, 'Two');
CREATE FUNCTION add_up(a int, b bigint) RETURNS bigint DETERMINISTIC RETURN a + b;
CREATE FUNCTION tags(t set('a', 'b')) RETURNS set('a', 'b') NO SQL RETURN t;
CREATE FUNCTION rename_book(wanted int, name varchar(40)) RETURNS int MODIFIES SQL DATA
  BEGIN UPDATE books SET title = name WHERE id = wanted; RETURN ROW_COUNT(); END;
CREATE FUNCTION fails() RETURNS int MODIFIES SQL DATA BEGIN SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'no more'; RETURN 1; END;
CREATE PROCEDURE listed(least int) READS SQL DATA SELECT id, title FROM books WHERE id >= least ORDER BY id;
CREATE PROCEDURE quiet(wanted int) MODIFIES SQL DATA DELETE FROM books WHERE id = wanted;
CREATE PROCEDURE totals(OUT total bigint, IN least int) READS SQL DATA SELECT COUNT(*) INTO total FROM books WHERE id >= least;
CREATE PROCEDURE nothing_out(OUT a int) NO SQL SET @unused = 1;
`;

const names = ['add_up', 'tags', 'rename_book', 'fails', 'listed', 'quiet', 'totals', 'nothing_out'];
const yaml = `
roles: { reader: {} }
tables: { books: { permissions: { reader: { select: true } } } }
functions:
${names.map((name) => `  ${name}: { permissions: { reader: { execute: true } } }`).join('\n')}
`;

const reader = token('reader', { sub: 'ada' });

for (const engine of ['mariadb', 'mysql'] as const) {
  test(`functions of ${engine} in GraphQL`, async (t) => {
    const { ask, sql: run } = await serve(t, { engine, sql, yaml });
    const told = async (query: string, variables?: Record<string, unknown>) =>
      (await ask(reader, query, variables)).text;

    await t.test('are fields of queries and mutations by what they say of themselves', async () => {
      const query = `{ __schema {
        queryType { fields { name type { kind name ofType { name } } } }
        mutationType { fields { name type { kind name ofType { name } } } }
      } }`;
      const { body } = await ask(reader, query);
      const { queryType, mutationType } = (
        body as { data: { __schema: Record<string, { fields: unknown }> } }
      ).data.__schema;
      const types = (one: unknown) =>
        Object.fromEntries(
          (one as { fields: { name: string; type: { name: string; ofType: unknown } }[] }).fields
            .filter(({ name }) => names.includes(name))
            .map(({ name, type }) => [name, type.name ?? 'list']),
        );
      assert.deepEqual(types(queryType), {
        add_up: 'bigint',
        listed: 'jsonb',
        nothing_out: 'nothing_out',
        tags: 'list',
        totals: 'totals',
      });
      assert.deepEqual(types(mutationType), { rename_book: 'Int', fails: 'Int', quiet: 'jsonb' });
    });

    await t.test('give values, lists, rows, and of a procedure what it selects', async () => {
      assert.equal(
        await told('{ add_up(args: {a: 1, b: 9007199254740993}) tags(args: {t: ["b"]}) }'),
        '{"data":{"add_up":9007199254740994,"tags":["b"]}}',
      );
      assert.equal(
        await told('query ($b: bigint!) { add_up(args: {a: 1, b: $b}) }', { b: '9007199254740993' }),
        '{"data":{"add_up":9007199254740994}}',
      );
      assert.equal(
        await told(
          '{ listed(args: {least: 1}) totals(args: {least: 2}) { total __typename } nothing_out { a } }',
        ),
        '{"data":{"listed":[{"id":1,"title":"One"},{"id":2,"title":"Two"}],"totals":{"total":1,"__typename":"totals"},"nothing_out":null}}',
      );
    });

    await t.test('write in one transaction, which an error undoes', async () => {
      const failed = await told('mutation { rename_book(args: {wanted: 1, name: "Uno"}) fails }');
      assert.match(failed, /^\{"errors":\[\{"message":"no more"/);
      assert.deepEqual(await run('SELECT title FROM books WHERE id = 1'), [{ title: 'One' }]);
      assert.equal(
        await told('mutation { rename_book(args: {wanted: 1, name: "Uno"}) quiet(args: {wanted: 2}) }'),
        '{"data":{"rename_book":1,"quiet":true}}',
      );
      assert.deepEqual(await run('SELECT id, title FROM books'), [{ id: 1, title: 'Uno' }]);
    });
  });
}
