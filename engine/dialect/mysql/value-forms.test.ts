/** How a value of each type looks in an answer: as JSON, as CSV and as text that a caller asks for. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createProject, token } from '../../../test/project.ts';
import type { Executor } from '../../execute/executor.ts';
import { Problem } from '../../problem/problem.ts';
import type { FieldRequest, ReadRequest } from '../../query/request.ts';

interface Form {
  readonly type: string;
  /** SQL of the value. */
  readonly value: string;
  readonly json: string;
  /** Undefined: as `text`. */
  readonly csv?: string;
  readonly text: string;
  readonly engine?: 'mariadb' | 'mysql';
}

const forms: readonly Form[] = [
  { type: 'tinyint(1)', value: '1', json: 'true', csv: 't', text: 'true' },
  { type: 'boolean', value: 'false', json: 'false', csv: 'f', text: 'false' },
  { type: 'tinyint(1)', value: '5', json: '5', text: '5' },
  { type: 'tinyint', value: '-128', json: '-128', text: '-128' },
  { type: 'int(6) zerofill', value: '42', json: '42', text: '42' },
  {
    type: 'bigint',
    value: '-9223372036854775808',
    json: '-9223372036854775808',
    text: '-9223372036854775808',
  },
  {
    type: 'bigint unsigned',
    value: '18446744073709551615',
    json: '18446744073709551615',
    text: '18446744073709551615',
  },
  { type: 'year', value: '2020', json: '2020', text: '2020' },
  { type: 'year', value: '0', json: '0', text: '0' },
  { type: 'decimal(10,2)', value: '10.5', json: '10.50', text: '10.50' },
  {
    type: 'decimal(65,30)',
    value: '12345678901234567890123456789012345.000000000000000000000000000001',
    json: '12345678901234567890123456789012345.000000000000000000000000000001',
    text: '12345678901234567890123456789012345.000000000000000000000000000001',
  },
  { type: 'decimal(8,2) unsigned zerofill', value: '7.5', json: '7.50', text: '7.50' },
  { type: 'float', value: '1.1', json: '1.1', text: '1.1' },
  { type: 'float', value: '1.2345678', json: '1.2345677614212036', text: '1.2345677614212036' },
  { type: 'double', value: '0.1', json: '0.1', text: '0.1' },
  { type: 'double', value: '1e300', json: '1e300', text: '1e300' },
  { type: 'char(5)', value: "'ab'", json: '"ab"', text: 'ab' },
  { type: 'varchar(40)', value: `'a"b\\\\c\\n\\té😀'`, json: '"a\\"b\\\\c\\n\\té😀"', text: 'a"b\\c\n\té😀' },
  { type: 'varchar(10) character set latin1', value: "'é'", json: '"é"', text: 'é' },
  { type: 'text', value: "''", json: '""', text: '' },
  { type: "enum('one','two \"2\"')", value: `'two "2"'`, json: '"two \\"2\\""', text: 'two "2"' },
  { type: "set('a','b','c')", value: "'c,a'", json: '["a","c"]', text: '{a,c}' },
  { type: "set('a','b c')", value: "'a,b c'", json: '["a","b c"]', text: '{"a","b c"}' },
  { type: "set('a','b')", value: "''", json: '[]', text: '{}' },
  { type: 'date', value: "'2020-01-31'", json: '"2020-01-31"', text: '2020-01-31' },
  {
    type: 'datetime',
    value: "'2020-01-31 10:00:00'",
    json: '"2020-01-31T10:00:00"',
    text: '2020-01-31 10:00:00',
  },
  {
    type: 'datetime(6)',
    value: "'2020-01-31 10:00:00.5'",
    json: '"2020-01-31T10:00:00.5"',
    text: '2020-01-31 10:00:00.5',
  },
  {
    type: 'datetime(3)',
    value: "'2020-01-31 10:00:00'",
    json: '"2020-01-31T10:00:00"',
    text: '2020-01-31 10:00:00',
  },
  {
    type: 'timestamp(3)',
    value: "'2020-01-31 10:00:00.120'",
    json: '"2020-01-31T10:00:00.12+00:00"',
    text: '2020-01-31 10:00:00.12+00',
  },
  { type: 'time', value: "'-100:01:02'", json: '"-100:01:02"', text: '-100:01:02' },
  { type: 'time(2)', value: "'10:00:00.5'", json: '"10:00:00.5"', text: '10:00:00.5' },
  { type: 'blob', value: "x'00ff41'", json: '"\\\\x00ff41"', text: '\\x00ff41' },
  { type: 'binary(2)', value: "x'01'", json: '"\\\\x0100"', text: '\\x0100' },
  { type: 'bit(5)', value: "b'101'", json: '"00101"', text: '00101' },
  {
    type: 'json',
    value: `'{"b": [1, 2.5], "a": "x"}'`,
    json: '{"a": "x", "b": [1, 2.5]}',
    text: '{"a": "x", "b": [1, 2.5]}',
    engine: 'mysql',
  },
  {
    type: 'json',
    value: `'{"b":12345678901234567890.10,\n"a":1}'`,
    json: '{"b":12345678901234567890.10,\n"a":1}',
    text: '{"b":12345678901234567890.10,\n"a":1}',
    engine: 'mariadb',
  },
  {
    type: 'point',
    value: 'ST_GeomFromText("POINT(1 2)")',
    json: '{"type": "Point", "coordinates": [1.0, 2.0]}',
    text: '{"type": "Point", "coordinates": [1.0, 2.0]}',
    engine: 'mysql',
  },
  {
    type: 'geometry',
    value: 'ST_GeomFromText("POINT(1 2)")',
    json: '{"type": "Point", "coordinates": [1, 2]}',
    text: '{"type": "Point", "coordinates": [1, 2]}',
    engine: 'mariadb',
  },
  {
    type: 'uuid',
    value: "'A0EEBC99-9c0b-4ef8-bb6d-6bb9bd380a11'",
    json: '"a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"',
    text: 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11',
    engine: 'mariadb',
  },
  { type: 'inet6', value: "'2001:DB8::1'", json: '"2001:db8::1"', text: '2001:db8::1', engine: 'mariadb' },
];

const yaml = `
roles: { reader: {} }
tables: { things: { permissions: { reader: { select: true } } } }
`;

for (const engine of ['mariadb', 'mysql'] as const)
  test(`values on ${engine}`, async (t) => {
    const own = forms.filter((form) => form.engine === undefined || form.engine === engine);
    const columns = own.map(
      ({ type }, index) => `v${index} ${type}${type.startsWith('timestamp') ? ' NULL' : ''}`,
    );
    const { executor } = await createProject(t, {
      engine,
      yaml,
      sql: `CREATE TABLE things (id int PRIMARY KEY, ${columns.join(', ')});
        INSERT INTO things VALUES (1, ${own.map(({ value }) => value).join(', ')});
        INSERT INTO things (id) VALUES (2);`,
    });
    const names = own.map((_, index) => `v${index}`);
    const read = (row: number, rest: object): ReadRequest => ({
      kind: 'read',
      table: 'things',
      values: [String(row)],
      node: {
        fields: names.map((name): FieldRequest => ({ kind: 'column', column: name, as: name, ...rest })),
        where: { kind: 'compare', column: 'id', operator: 'eq', value: 0 },
      },
      shape: 'list',
      count: false,
    });
    const [json] = [(await executor.read(read(1, {}), context)).body];
    const texts = JSON.parse((await executor.read(read(1, { cast: 'text' }), context)).body)[0];
    const csv = await streamed(executor, { ...read(1, {}), stream: 'csv' });
    let rest = json.slice(1, -1);
    for (const [index, form] of own.entries()) {
      await t.test(`of the type ${form.type}: ${form.value}`, () => {
        const start = `${index === 0 ? '{' : ','}"v${index}":`;
        const end = index === own.length - 1 ? '}' : `,"v${index + 1}":`;
        assert.ok(rest.startsWith(start));
        const found = rest.slice(start.length, rest.lastIndexOf(end));
        rest = rest.slice(start.length + found.length);
        assert.deepEqual(
          { json: found, text: texts[`v${index}`], csv: csv[0]![index] },
          { json: form.json, text: form.text, csv: form.csv ?? form.text },
        );
      });
    }
    await t.test('is null where there is none', async () => {
      const nulls = Object.fromEntries(names.map((name) => [name, null]));
      assert.deepEqual(JSON.parse((await executor.read(read(2, {}), context)).body), [nulls]);
      assert.deepEqual(JSON.parse((await executor.read(read(2, { cast: 'text' }), context)).body), [nulls]);
      assert.deepEqual(await streamed(executor, { ...read(2, {}), stream: 'csv' }), [names.map(() => null)]);
    });
  });

/** What a column is cast to, and what that gives; a code: it is refused. */
const casts: readonly (readonly [string, string, string])[] = [
  ['word', 'int', '22003'],
  ['word', 'numeric', '22003'],
  ['word', 'float8', '22003'],
  ['word', 'bool', '22003'],
  ['word', 'date', '22003'],
  ['word', 'timestamp', '22003'],
  ['word', 'uuid', '22003'],
  ['word', 'json', '22003'],
  ['word', 'inet', '42846'],
  ['word', 'bytea', '42846'],
  ['word', 'money', '42846'],
  ['word', 'text[]', '42846'],
  ['number', 'int', '12'],
  ['number', 'int2', '12'],
  ['number', 'numeric', '12'],
  ['number', 'float8', '12'],
  ['number', 'json', ' 12 '],
  ['number', 'jsonb', ' 12 '],
  ['big', 'int', '22003'],
  ['big', 'int8', '12345678901'],
  ['truth', 'bool', 'true'],
  ['moment', 'timestamp', '"2020-01-31T10:00:00.5"'],
  ['moment', 'date', '"2020-01-31"'],
  ['stamp', 'date', '"2020-01-31"'],
  ['stamp', 'time', '"10:00:00.5"'],
  ['stamp', 'text', '"2020-01-31 10:00:00.5"'],
  ['stamp', 'int', '42846'],
  ['day', 'timestamp', '"2020-01-31T00:00:00"'],
  ['day', 'timestamptz', '"2020-01-31T00:00:00+00:00"'],
  ['price', 'int', '11'],
  ['price', 'text', '"10.50"'],
  ['price', 'float4', '10.5'],
  ['price', 'bool', '42846'],
  ['ratio', 'int8', '2'],
  ['ratio', 'numeric', '2.5'],
  ['flag', 'int', '1'],
  ['flag', 'text', '"true"'],
  ['doc', 'text', '"7"'],
  ['doc', 'int', '7'],
  ['doc', 'jsonb', '7'],
  ['guid', 'uuid', '"a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"'],
  ['bytes', 'bytea', '"\\\\x00ff"'],
];

for (const engine of ['mariadb', 'mysql'] as const)
  test(`casts on ${engine}`, async (t) => {
    const { executor } = await createProject(t, {
      engine,
      yaml,
      sql: `CREATE TABLE things (word varchar(20), number varchar(20), big varchar(20), truth varchar(20), moment varchar(40), stamp datetime(3),
          day date, price decimal(10,2), ratio double, flag boolean, doc json, guid varchar(40), bytes blob);
        INSERT INTO things VALUES ('word', ' 12 ', '12345678901', 'Yes', '2020-01-31 10:00:00.5', '2020-01-31 10:00:00.500', '2020-01-31',
          10.50, 2.5, true, '7', 'A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11', x'00ff');`,
    });
    for (const [column, cast, given] of casts)
      await t.test(`of ${column} to ${cast}`, async () => {
        const fields: FieldRequest[] = [{ kind: 'column', column, as: 'v', cast }];
        const request: ReadRequest = {
          kind: 'read',
          table: 'things',
          values: [],
          node: { fields },
          shape: 'list',
          count: false,
        };
        const answer = await executor.read(request, context).catch((error: unknown) => {
          assert.ok(error instanceof Problem, String(error));
          return error.code;
        });
        assert.equal(typeof answer === 'string' ? answer : answer.body.slice(6, -2), given);
      });
  });

for (const engine of ['mariadb', 'mysql'] as const)
  test(`rows with a geometry on ${engine} are features`, async (t) => {
    const { executor } = await createProject(t, {
      engine,
      yaml,
      sql: `CREATE TABLE things (id int PRIMARY KEY, name varchar(20), spot point);
        INSERT INTO things VALUES (1, 'a', ST_GeomFromText('POINT(1.5 2)')), (2, NULL, NULL);`,
    });
    const features = async (fields: readonly string[], rows: number) => {
      const request: ReadRequest = {
        kind: 'read',
        table: 'things',
        values: [],
        node: { fields: fields.map((name) => ({ kind: 'column', column: name, as: name })), limit: rows },
        shape: 'list',
        count: false,
        geojson: true,
      };
      return JSON.parse((await executor.read(request, context)).body);
    };
    const geometry = { type: 'Point', coordinates: [1.5, 2] };
    assert.deepEqual(await features(['id', 'spot', 'name'], 2), {
      type: 'FeatureCollection',
      features: [
        { type: 'Feature', geometry, properties: { id: 1, name: 'a' } },
        { type: 'Feature', geometry: null, properties: { id: 2, name: null } },
      ],
    });
    assert.deepEqual(await features(['spot'], 1), {
      type: 'FeatureCollection',
      features: [{ type: 'Feature', geometry, properties: {} }],
    });
  });

const context = { principal: token('reader') };

async function streamed(executor: Executor, request: ReadRequest): Promise<(string | null)[][]> {
  const rows: (string | null)[][] = [];
  const sink = {
    rows: (some: readonly (readonly (string | null)[])[]) => void rows.push(...some.map((row) => [...row])),
    text: (lines: Buffer) =>
      void rows.push(
        ...lines
          .toString()
          .trimEnd()
          .split('\n')
          .map((line) => [line]),
      ),
  };
  await executor.stream(request, sink, context);
  return rows;
}
