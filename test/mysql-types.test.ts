/** The types of MySQL and MariaDB through the API: what they are called, what an answer has, and what a caller may send. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isObjectType } from 'graphql';
import { buildModel } from '../engine/graphql/model.ts';
import { buildWholeSchema } from '../engine/graphql/schema.ts';
import { schemaOf } from '../engine/openapi/schemas.ts';
import { columnFormat } from '../engine/openapi/swagger-types.ts';
import { printTypes } from '../engine/typings/typescript.ts';
import { anonymous } from './project.ts';
import { serve } from './rest.ts';

const reader = anonymous('reader');

/** Name, type, a value as SQL, the value in an answer, filters that find it, and others that are refused with this code. */
const columns: readonly (readonly [
  name: string,
  type: string,
  sql: string,
  json: unknown,
  found: readonly string[],
  refused: readonly (readonly [value: string, code: string])[],
])[] = [
  ['t1', 'tinyint', '-5', -5, ['eq.-5', 'lt.-4'], [['128', '22003'], ['x', '22P02']]],
  ['t2', 'tinyint unsigned', '255', 255, ['eq.255'], [['-1', '22003'], ['256', '22003']]],
  ['t3', 'mediumint', '-8388608', -8388608, ['eq.-8388608'], [['8388608', '22003']]],
  ['t4', 'int unsigned zerofill', '7', 7, ['eq.7', 'in.(6,7)'], [['4294967296', '22003'], ['7a', '22P02']]],
  ['t5', 'bigint unsigned', '18446744073709551615', { number: /:18446744073709551615\}/ }, ['eq.18446744073709551615', 'gt.18446744073709551614'], [['18446744073709551616', '22003']]],
  ['t6', 'bool', 'true', true, ['eq.true', 'is.true', 'eq.on'], [['2', '22P02'], ['maybe', '22P02']]],
  ['t7', 'year', '1999', 1999, ['eq.1999', 'gt.1998'], [['99', '22003'], ['2156', '22003']]],
  ['t8', 'decimal(30,10)', '12345678901234567890.0000000001', { number: /:12345678901234567890\.0000000001\}/ }, ['eq.12345678901234567890.0000000001', 'lt.12345678901234567890.0000000002'], [['NaN', '22003'], ['1.2.3', '22P02']]],
  ['t9', 'float', '1.5', 1.5, ['eq.1.5', 'gt.1'], [['Infinity', '22003'], ['x', '22P02']]],
  ['u1', 'double', '1e300', { number: /:1e\+?300\}/ }, ['eq.1e300'], [['1e309', '22003']]],
  ['u2', 'char(3)', "'0'", '0', ['eq.0'], []],
  ['u3', 'varchar(20)', "'it''s'", "it's", ["eq.it's", 'like.it*'], []],
  ['u4', 'text', "'0 or 1'", '0 or 1', ['eq.0 or 1'], []],
  ['u5', 'binary(3)', "x'00ff41'", '\\x00ff41', ['eq.\\x00ff41', 'eq.\\x00FF41'], [['\\x0', '22P02'], ['\\xzz', '22P02']]],
  ['u6', 'blob', "'é'", '\\xc3a9', ['eq.é', 'eq.\\xc3a9'], [['a\\b', '22P02']]],
  ['u7', 'bit(5)', "b'00101'", '00101', ['eq.00101', 'eq.101'], [['2', '22P02'], ['000000', '22003']]],
  ['u8', 'date', "'2024-02-29'", '2024-02-29', ['eq.2024-02-29', 'gt.2024-02-28'], [['2023-02-29', '22008'], ['soon', '22007']]],
  ['u9', 'time', "'838:59:59'", '838:59:59', ['eq.838:59:59', 'gt.24:00'], [['839:00', '22008'], ['1000', '22007']]],
  ['v1', 'datetime', "'2024-02-29 10:00:00'", '2024-02-29T10:00:00', ['eq.2024-02-29T10:00:00', 'eq.2024-02-29 10:00:00+05', 'lt.2024-03-01'], [['2024-02-30T10:00', '22008'], ['10', '22007']]],
  ['v2', 'datetime(6)', "'2024-02-29 10:00:00.5'", '2024-02-29T10:00:00.5', ['eq.2024-02-29T10:00:00.5', 'gt.2024-02-29T10:00:00.499999'], []],
  ['v3', 'timestamp NULL', "'2024-02-29 10:00:00'", '2024-02-29T10:00:00+00:00', ['eq.2024-02-29T10:00:00Z', 'eq.2024-02-29T15:30:00+05:30'], [['2024-02-30', '22008']]],
  ['v4', 'json', '\'{"a":[1,2]}\'', { a: [1, 2] }, ['cs.{"a":[1]}'], [['{', '22P02']]],
  ['v5', "enum('new','it''s')", "'it''s'", "it's", ["eq.it's", 'gt.new'], [['NEW', '22P02'], ['2', '22P02']]],
  ['v6', "set('a','b c','d')", "'d,a'", ['a', 'd'], ['eq.{d,a}', 'cs.{d}', 'cd.{a,d,"b c"}', 'ov.{d,"b c"}'], [['a', '22P02'], ['{x}', '22P02']]],
  ['v7', 'point', 'POINT(1, 2)', { type: 'Point', coordinates: [1, 2] }, ['eq.POINT(1 2)', 'eq.{"type":"Point","coordinates":[1,2]}'], [['POINT(1)', '22P02'], ['x', '22P02']]],
]; // biome-ignore format: a table

const sql = `CREATE TABLE things (id int PRIMARY KEY, ${columns.map(([name, type]) => `${name} ${type}`).join(', ')});
INSERT INTO things VALUES (1, ${columns.map(([, , value]) => value).join(', ')}), (2, ${columns.map(() => 'NULL').join(', ')});`;
const yaml = 'roles: { reader: {} }\ntables: { things: { permissions: { reader: { select: true } } } }\n';

for (const engine of ['mariadb', 'mysql'] as const)
  test(`the types of ${engine}`, async (t) => {
    const { api, ask } = await serve(t, { engine, sql, yaml });
    const get = (query: string) => ask(reader, `GET /things?${query}`);

    await t.test('are told in answers, numbers with every digit', async () => {
      for (const [name, type, , json] of columns) {
        const { text, body } = await get(`id=eq.1&select=${name}`);
        if (typeof json === 'object' && json !== null && 'number' in json)
          assert.match(text, json.number as RegExp, type);
        else assert.deepEqual(body, [{ [name]: json }], type);
      }
      const none = Object.fromEntries(columns.map(([name]) => [name, null]));
      assert.deepEqual((await get('id=eq.2')).body, [{ id: 2, ...none }]);
    });

    for (const [name, type, , , found, refused] of columns)
      await t.test(`of a ${type} are read as callers write them`, async () => {
        for (const filter of found) {
          const { status, text } = await get(`select=id&${name}=${encodeURIComponent(filter)}`);
          assert.deepEqual([filter, status, text], [filter, 200, '[{"id":1}]']);
        }
        for (const [value, code] of refused) {
          const { status, body } = await get(`select=id&${name}=eq.${encodeURIComponent(value)}`);
          assert.deepEqual([value, status, (body as { code: string }).code], [value, 400, code]);
        }
      });

    await t.test('have scalars of their own kind in GraphQL', () => {
      const type = buildWholeSchema(buildModel(api, 'reader')).getType('things');
      assert.ok(isObjectType(type));
      assert.equal(
        Object.values(type.getFields())
          .map((field) => `${field.name} ${field.type}`)
          .join(', '),
        'id Int!, t1 smallint, t2 smallint, t3 Int, t4 bigint, t5 numeric, t6 Boolean, t7 smallint, t8 numeric, t9 Float, u1 float8, u2 bpchar, u3 String, u4 String, u5 bytea, u6 bytea, u7 bit, u8 date, u9 time, v1 timestamp, v2 timestamp, v3 timestamptz, v4 jsonb, v5 things_v5, v6 [things_v6!], v7 geometry',
      );
    });

    await t.test('are TypeScript', () => {
      const [, row] = /Row: \{\n([\s\S]*?)\n {8}\}/.exec(printTypes(api))!;
      assert.equal(
        row!
          .replace(/\s*\n\s*/g, ', ')
          .replaceAll(' | null', '')
          .trim(),
        'id: number, t1: number, t2: number, t3: number, t4: number, t5: number, t6: boolean, t7: number, t8: number, t9: number, u1: number, u2: string, u3: string, u4: string, u5: string, u6: string, u7: string, u8: string, u9: string, v1: string, v2: string, v3: string, v4: Json, v5: "new" | "it\'s", v6: ("a" | "b c" | "d")[], v7: unknown',
      );
    });

    await t.test("are described as JSON has them, and in PostgreSQL's words", () => {
      const { columns: bound } = api.tables.get('things')!;
      const told = [...bound.values()].map(({ name, type }) => {
        const { pattern, items, ...schema } = schemaOf(type);
        return `${name} ${columnFormat(type, () => false)} ${Object.values(schema).join(' ')}`;
      });
      assert.deepEqual(told, [
        'id integer integer int32',
        't1 smallint integer int32',
        't2 smallint integer int32 0',
        't3 integer integer int32',
        't4 bigint integer int64 0',
        't5 numeric integer 0',
        't6 boolean boolean',
        't7 smallint integer int32',
        't8 numeric number decimal',
        't9 real number float',
        'u1 double precision number double',
        'u2 character string 3',
        'u3 character varying string 20',
        'u4 text string',
        'u5 bytea string',
        'u6 bytea string',
        'u7 bit string bit',
        'u8 date string date',
        'u9 time without time zone string time',
        'v1 timestamp without time zone string timestamp',
        'v2 timestamp without time zone string timestamp',
        'v3 timestamp with time zone string date-time',
        'v4 jsonb ',
        "v5 things_v5 string new,it's",
        'v6 things_v6[] array',
        'v7 geometry ',
      ]);
    });
  });
