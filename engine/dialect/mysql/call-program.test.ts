/** The statements that a call is made of: exact SQL and parameters, and what the server gives to them. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createProject, token } from '../../../test/project.ts';
import { authorize } from '../../query/authorize.ts';
import { bindParameters, type Parameter } from '../../query/bind.ts';
import { plan } from '../../query/plan.ts';
import type { CallRequest } from '../../query/request.ts';
import type { Transaction } from '../dialect.ts';
import type { CompiledCall } from '../program.ts';
import { mysql } from './dialect.ts';

const sql = `
CREATE TABLE books (id int PRIMARY KEY, title varchar(40));
INSERT INTO books VALUES (1, 'One'), (2, 'Two');
CREATE FUNCTION label(n bigint, t varchar(20), doc json) RETURNS varchar(40) NO SQL RETURN CONCAT(t, n);
CREATE FUNCTION document() RETURNS json NO SQL RETURN '[1]';
CREATE PROCEDURE listed(least int) READS SQL DATA SELECT id, title FROM books WHERE id >= least ORDER BY id;
CREATE PROCEDURE totals(OUT total bigint, IN least int, INOUT name varchar(20), OUT at datetime(3)) READS SQL DATA
  BEGIN SELECT COUNT(*) INTO total FROM books WHERE id >= least; SET name = CONCAT(name, '!'), at = '2020-01-01 10:00'; END;
`;
const names = ['label', 'document', 'listed', 'totals'];
const yaml = `
roles: { reader: {} }
tables: { books: { permissions: { reader: { select: true } } } }
functions:
${names.map((name) => `  ${name}: { permissions: { reader: { execute: true } } }`).join('\n')}
`;

const call = (name: string, given: object, rest: Partial<CallRequest> = {}): CallRequest => ({
  kind: 'call',
  function: name,
  arguments: Object.keys(given),
  body: 0,
  node: { fields: [{ kind: 'all' }] },
  shape: 'list',
  count: false,
  values: [given],
  ...rest,
});

const said = 'SELECT CONCAT(@novastack_status), CONCAT(@novastack_headers)';
const quoted = (value: string) => `COALESCE(JSON_QUOTE(CONVERT(${value} USING utf8mb4)), 'null')`;

interface Case {
  readonly name: string;
  readonly request: CallRequest;
  readonly statements: readonly (readonly [text: string, parameters: readonly Parameter[]])[];
  readonly rows: readonly (readonly (string | null)[])[];
}

const cases: readonly Case[] = [
  {
    name: 'a function is read once, each argument as its type',
    request: call('label', { n: 9007199254740993n, t: "it's", doc: { b: 1 } }),
    statements: [
      [
        `SELECT ${quoted('`t0`.`value`')}, 1, NULL FROM (SELECT \`label\`(CAST(CAST(? AS CHAR) AS SIGNED), ?, JSON_EXTRACT(CAST(? AS CHAR), '$')) AS \`value\` LIMIT 1) AS \`t0\``,
        ['9007199254740993', "it's", '{"b":1}'],
      ],
      [said, []],
    ],
    rows: [['"it\'s9007199254740993"', '1', null, null, null]],
  },
  {
    name: 'JSON of a function is JSON, or a text',
    request: call('document', {}, { count: true }),
    statements: [
      [
        "SELECT COALESCE(CASE WHEN JSON_VALID(`t0`.`value`) THEN `t0`.`value` ELSE JSON_QUOTE(`t0`.`value`) END, 'null'), 1, 1 FROM (SELECT `document`() AS `value` LIMIT 1) AS `t0`",
        [],
      ],
      [said, []],
    ],
    rows: [['[1]', '1', '1', null, null]],
  },
  {
    name: 'the rows of a procedure are described by the answer',
    request: call('listed', { least: '2' }, { count: true }),
    statements: [
      ['CALL `listed`(CAST(CAST(? AS CHAR) AS SIGNED))', ['2']],
      [said, []],
    ],
    rows: [['[{"id":2,"title":"Two"}]', '1', '1', null, null]],
  },
  {
    name: 'a stream of them goes out as it is',
    request: call('listed', { least: 1 }, { stream: 'csv' }),
    statements: [['CALL `listed`(CAST(CAST(? AS CHAR) AS SIGNED))', ['1']]],
    rows: [
      ['1', 'One'],
      ['2', 'Two'],
    ],
  },
  {
    name: 'OUT parameters are variables that are read behind the call',
    request: call('totals', { least: 1, name: 'x' }),
    statements: [
      ['SET @novastack_3 = ?', ['x']],
      ['CALL `totals`(@novastack_1, CAST(CAST(? AS CHAR) AS SIGNED), @novastack_3, @novastack_4)', ['1']],
      [
        `SELECT COALESCE((SELECT CONCAT('{"total":', COALESCE(\`t1\`.\`c0\`, 'null'), ',"name":', ${quoted('`t1`.`c1`')}, ',"at":', COALESCE(CONCAT('"', REPLACE(TRIM(TRAILING '.' FROM TRIM(TRAILING '0' FROM CASE WHEN MONTH(\`t1\`.\`c2\`) > 0 AND DAYOFMONTH(\`t1\`.\`c2\`) > 0 THEN CONCAT(\`t1\`.\`c2\`) END)), ' ', 'T'), '"'), 'null'), '}') FROM (SELECT \`t0\`.\`total\` AS \`c0\`, \`t0\`.\`name\` AS \`c1\`, \`t0\`.\`at\` AS \`c2\` FROM (SELECT CAST(@novastack_1 AS SIGNED) AS \`total\`, CONVERT(@novastack_3 USING utf8mb4) AS \`name\`, CAST(@novastack_4 AS DATETIME(3)) AS \`at\`) AS \`t0\` WHERE true AND (true)) AS \`t1\`), 'null'), 1, NULL`,
        [],
      ],
      [said, []],
    ],
    rows: [['{"total":2,"name":"x!","at":"2020-01-01T10:00:00"}', '1', null, null, null]],
  },
];

for (const engine of ['mariadb', 'mysql'] as const)
  test(`programs of calls on ${engine}`, async (t) => {
    const { api, pool } = await createProject(t, { engine, sql, yaml });
    const principal = token('reader');
    const { capabilities } = api.databases.get('main')!.catalog;
    for (const { name, request, statements, rows } of cases)
      await t.test(name, async () => {
        const query = authorize(plan(request, api, principal), api, principal);
        const compiled = mysql.compile(query, capabilities) as CompiledCall;
        const values = { values: request.values, notation: 'json', principal, now: 0 } as const;
        const sent: (readonly [string, readonly Parameter[]])[] = [];
        const called = await pool.transaction((transaction) => {
          const telling: Transaction = {
            run: (statement, parameters) => {
              sent.push([statement.text, parameters]);
              return transaction.run(statement, parameters);
            },
            prepend: () => {},
          };
          return mysql.call(telling, compiled, bindParameters(compiled.bindings, values));
        });
        assert.deepEqual({ statements: sent, rows: called.rows }, { statements, rows });
      });
  });
