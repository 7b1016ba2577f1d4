import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { createProject } from '../../../test/project.ts';
import type { Argument, Routine } from '../../catalog/catalog.ts';
import { mysqlTypeText } from '../../catalog/mysql-types.ts';

const hostile = ['__proto__', 'constructor', 'a"b', 'a.b', 'select', 'ß'.repeat(64), "'; --", 'a``b'];

const ddl = `
CREATE TABLE books (id int PRIMARY KEY);
CREATE FUNCTION plain(a int, b varchar(20)) RETURNS decimal(12,2) DETERMINISTIC COMMENT 'Adds.' RETURN a;
CREATE FUNCTION kinds(i int unsigned, e enum('x', 'y''z'), s set('a', 'b'), j json, d datetime(3), t tinyint(1), c char(3),
  x binary(4), y year, n decimal(10,2) unsigned, bt bit(3), g point, l longtext) RETURNS enum('x', 'y') READS SQL DATA SQL SECURITY INVOKER RETURN 'x';
CREATE FUNCTION document() RETURNS json NO SQL RETURN '{}';
CREATE FUNCTION quiet() RETURNS int NO SQL DETERMINISTIC RETURN 1;
CREATE FUNCTION silent() RETURNS int RETURN 1;
CREATE FUNCTION writes() RETURNS int MODIFIES SQL DATA DETERMINISTIC RETURN 1;
CREATE PROCEDURE list(IN wanted int) READS SQL DATA SELECT * FROM books WHERE id = wanted;
CREATE PROCEDURE totals(OUT total bigint, IN wanted int, INOUT name varchar(20)) SET total = wanted;
CREATE PROCEDURE plain(a int, b varchar(20)) SET @x = a;
${hostile.map((name) => `CREATE FUNCTION \`${name}\`(\`${name}\` int) RETURNS int NO SQL RETURN 1;`).join('\n')}
`;

const yaml = 'roles: { reader: {} }\ntables: { books: { permissions: { reader: { select: true } } } }\n';

async function routinesOf(t: TestContext, engine: 'mariadb' | 'mysql') {
  const { api } = await createProject(t, { engine, sql: ddl, yaml });
  const { routines, schemas } = api.databases.get('main')!.catalog;
  return (name: string): readonly Routine[] => routines.get(`${schemas[0]}.${name}`) ?? [];
}

const argumentText = ({ name, type }: Argument) => `${name} ${mysqlTypeText(type)}`;

function resultText({ result }: Routine): unknown {
  switch (result.kind) {
    case 'scalar':
      return mysqlTypeText(result.type);
    case 'rows':
      return Object.fromEntries([...result.columns].map(([name, type]) => [name, mysqlTypeText(type)]));
    default:
      return result.kind;
  }
}

for (const engine of ['mariadb', 'mysql'] as const) {
  test(`routines of ${engine}`, async (t) => {
    const named = await routinesOf(t, engine);

    await t.test('have arguments that are all given, and a comment', () => {
      const [first] = named('plain');
      assert.deepEqual(
        { ...first, schema: '', arguments: first!.arguments.map(argumentText), result: resultText(first!) },
        {
          schema: '',
          name: 'plain',
          comment: 'Adds.',
          arguments: ['a int', 'b varchar(20)'],
          result: 'decimal(12,2)',
          volatility: 'immutable',
          definer: true,
          oneRow: false,
        },
      );
      assert.deepEqual(
        first!.arguments.map(({ optional, variadic }) => [optional, variadic]),
        [
          [false, false],
          [false, false],
        ],
      );
    });

    await t.test('know the types of the server, JSON among them', () => {
      const [kinds] = named('kinds');
      assert.deepEqual(kinds!.arguments.map(argumentText), [
        'i int unsigned',
        "e enum('x','y''z')",
        "s set('a','b')",
        'j json',
        'd datetime(3)',
        't tinyint(1)',
        'c char(3)',
        'x binary(4)',
        'y year',
        'n decimal(10,2) unsigned',
        'bt bit(3)',
        'g point',
        'l longtext',
      ]);
      assert.deepEqual([resultText(kinds!), kinds!.definer], ["enum('x','y')", false]);
      assert.deepEqual(resultText(named('document')[0]!), 'json');
      assert.deepEqual(
        kinds!.arguments.slice(1, 3).map(({ type }) => (type.element ?? type).scalar),
        ['kinds_e', 'kinds_s'],
      );
    });

    await t.test('may write unless they say that they do not', () => {
      const said = ['plain', 'kinds', 'document', 'quiet', 'silent', 'writes', 'list', 'totals'].map(
        (name) => [name, named(name)[0]!.volatility],
      );
      assert.deepEqual(said, [
        ['plain', 'immutable'],
        ['kinds', 'stable'],
        ['document', 'stable'],
        ['quiet', 'immutable'],
        ['silent', 'volatile'],
        ['writes', 'volatile'],
        ['list', 'stable'],
        ['totals', 'volatile'],
      ]);
    });

    await t.test('that are procedures give a row of what goes out, or rows that only a call tells', () => {
      const [totals] = named('totals');
      assert.deepEqual(totals!.arguments.map(argumentText), ['wanted int', 'name varchar(20)']);
      assert.deepEqual(resultText(totals!), { total: 'bigint', name: 'varchar(20)' });
      assert.deepEqual(totals!.parameters, ['total', 'wanted', 'name']);
      const [list] = named('list');
      assert.deepEqual([resultText(list!), list!.parameters], ['records', undefined]);
    });

    await t.test('that are a function and a procedure of one name are overloads', () => {
      assert.deepEqual(
        named('plain').map((one) => [one.arguments.map(argumentText), resultText(one)]),
        [
          [['a int', 'b varchar(20)'], 'decimal(12,2)'],
          [['a int', 'b varchar(20)'], 'records'],
        ],
      );
    });

    await t.test('keep names that break others', () => {
      for (const name of hostile.map((one) => one.replaceAll('``', '`')))
        assert.deepEqual(
          named(name).map((one) => one.arguments.map(argumentText)),
          [[`${name} int`]],
        );
    });
  });
}
