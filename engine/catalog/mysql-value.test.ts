import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseJson } from '../query/json.ts';
import { mysqlType } from './mysql-types.ts';
import { readCell, readList, readValue, ValueError } from './value.ts';

/** The text, or the code and the message of the refusal. */
function read(text: unknown, type: string, reading: 'text' | 'json' | 'cell' = 'text'): string {
  const as = mysqlType(type, 't_c');
  try {
    return reading === 'cell' ? readCell(text, as) : readValue(text, as, reading);
  } catch (error) {
    if (!(error instanceof ValueError)) throw error;
    return `${error.code} ${error.message}`;
  }
}

function table(
  rows: readonly (readonly [text: unknown, type: string, expected: string])[],
  reading?: 'cell' | 'json',
) {
  assert.deepEqual(
    rows.map(([text, type]) => [text, type, read(text, type, reading)]),
    rows.map((row) => [...row]),
  );
}

describe('a value for MySQL and MariaDB', () => {
  it('of an integer is within its bits, with or without a sign', () => {
    table([
      ['127', 'tinyint(4)', '127'],
      ['128', 'tinyint(4)', '22003 value "128" is out of range for type tinyint'],
      ['-1', 'tinyint unsigned', '22003 value "-1" is out of range for type tinyint unsigned'],
      ['255', 'tinyint(3) unsigned', '255'],
      ['8388607', 'mediumint', '8388607'],
      ['8388608', 'mediumint', '22003 value "8388608" is out of range for type mediumint'],
      ['4294967295', 'int(10) unsigned', '4294967295'],
      ['2147483648', 'int', '22003 value "2147483648" is out of range for type integer'],
      ['18446744073709551615', 'bigint unsigned', '18446744073709551615'],
      [
        '18446744073709551616',
        'bigint unsigned',
        '22003 value "18446744073709551616" is out of range for type bigint unsigned',
      ],
      ['x', 'int', '22P02 invalid input syntax for type integer: "x"'],
      ['0x10', 'int', '22P02 invalid input syntax for type integer: "0x10"'],
      ['', 'bigint', '22P02 invalid input syntax for type bigint: ""'],
    ]);
  });

  it('of a year is one that there is, never two digits that mean another', () => {
    table([
      ['1999', 'year(4)', '1999'],
      ['0', 'year', '0000'],
      ['70', 'year', '22003 value "70" is out of range for type year'],
      ['2156', 'year', '22003 value "2156" is out of range for type year'],
    ]);
  });

  it('of a decimal has all its digits, or is refused', () => {
    table([
      ['1.50', 'decimal(10,2)', '1.5'],
      ['-0.0', 'decimal(10,2)', '0'],
      ['+.5', 'decimal(10,2)', '0.5'],
      ['5.', 'decimal(10,2)', '5'],
      ['1e3', 'decimal(10,2)', '1000'],
      ['1.25e-3', 'decimal(10,2)', '0.00125'],
      ['-12.5e1', 'decimal(10,2)', '-125'],
      [`0.${'0'.repeat(29)}1`, 'decimal(10,2)', `0.${'0'.repeat(29)}1`],
      [
        `0.${'0'.repeat(30)}1`,
        'decimal(10,2)',
        `22003 value "0.${'0'.repeat(30)}1" is out of range for type numeric`,
      ],
      ['9'.repeat(35), 'decimal(10,2)', '9'.repeat(35)],
      ['9'.repeat(36), 'decimal(10,2)', `22003 value "${'9'.repeat(36)}" is out of range for type numeric`],
      ['9'.repeat(65), 'decimal(65,0)', '9'.repeat(65)],
      ['NaN', 'decimal(10,2)', '22003 value "NaN" is out of range for type numeric'],
      ['1,5', 'decimal(10,2)', '22P02 invalid input syntax for type numeric: "1,5"'],
      ['1e999999999', 'decimal(10,2)', '22003 value "1e999999999" is out of range for type numeric'],
    ]);
  });

  it('of a float is a number that it has', () => {
    table([
      ['1.5e300', 'double', '1.5e300'],
      ['1e309', 'double', '22003 value "1e309" is out of range for type double precision'],
      ['1e39', 'float', '22003 value "1e39" is out of range for type real'],
      ['1e-60', 'float', '22003 value "1e-60" is out of range for type real'],
      ['0e5', 'float', '0e5'],
      ['Infinity', 'double', '22003 value "Infinity" is out of range for type double precision'],
    ]);
  });

  it('of a date is a day that there is', () => {
    table([
      ['2024-02-29', 'date', '2024-02-29'],
      ['2024-2-9', 'date', '2024-02-09'],
      ['20240229', 'date', '2024-02-29'],
      ['2024-02-29T23:59:59Z', 'date', '2024-02-29'],
      ['2023-02-30', 'date', '22008 date/time field value out of range: "2023-02-30"'],
      ['2023-13-01', 'date', '22008 date/time field value out of range: "2023-13-01"'],
      ['0000-00-00', 'date', '22008 date/time field value out of range: "0000-00-00"'],
      ['2023-00-10', 'date', '22008 date/time field value out of range: "2023-00-10"'],
      ['23-01-01', 'date', '22007 invalid input syntax for type date: "23-01-01"'],
      ['yesterday', 'date', '22007 invalid input syntax for type date: "yesterday"'],
      ['', 'date', '22007 invalid input syntax for type date: ""'],
      ['2023-01-01abc', 'date', '22007 invalid input syntax for type date: "2023-01-01abc"'],
    ]);
  });

  it('of a datetime drops a time zone, and of a timestamp is in UTC', () => {
    table([
      ['2020-01-31T10:00:00.5', 'datetime(6)', '2020-01-31 10:00:00.5'],
      ['2020-01-31 10:00', 'datetime', '2020-01-31 10:00:00'],
      ['2020-01-31', 'datetime', '2020-01-31 00:00:00'],
      ['2020-01-31T10:00:00+05:30', 'datetime', '2020-01-31 10:00:00'],
      ['2020-01-31T10:00:00+05:30', 'timestamp', '2020-01-31 04:30:00'],
      ['2020-01-01T00:30:00.25+01', 'timestamp(3)', '2019-12-31 23:30:00.25'],
      ['2019-12-31T23:30:00-0100', 'timestamp', '2020-01-01 00:30:00'],
      ['2020-01-31T10:00:00Z', 'timestamp', '2020-01-31 10:00:00'],
      ['2020-01-31 10:00:00 UTC', 'timestamp', '2020-01-31 10:00:00'],
      ['2020-12-31T24:00:00', 'datetime', '2021-01-01 00:00:00'],
      ['2020-12-31T23:59:59.9999999', 'datetime(6)', '2021-01-01 00:00:00'],
      ['1969-12-31T23:59:59.75', 'datetime(6)', '1969-12-31 23:59:59.75'],
      [
        '9999-12-31T23:59:59-01:00',
        'timestamp',
        '22008 date/time field value out of range: "9999-12-31T23:59:59-01:00"',
      ],
      ['2020-01-31T25:00:00', 'datetime', '22008 date/time field value out of range: "2020-01-31T25:00:00"'],
      ['2020-01-31T10:60:00', 'datetime', '22008 date/time field value out of range: "2020-01-31T10:60:00"'],
      ['2020-02-30T10:00:00', 'datetime', '22008 date/time field value out of range: "2020-02-30T10:00:00"'],
      ['1580461200', 'datetime', '22007 invalid input syntax for type timestamp: "1580461200"'],
      [
        '2020-01-31T10:00:00+99',
        'timestamp',
        '22008 date/time field value out of range: "2020-01-31T10:00:00+99"',
      ],
      ['20200131100000', 'datetime', '22007 invalid input syntax for type timestamp: "20200131100000"'],
    ]);
  });

  it('of a time may pass a day, and is never a number or a fragment', () => {
    table([
      ['10:00', 'time', '10:00:00'],
      ['10:00:00.1234567', 'time(6)', '10:00:00.123457'],
      ['838:59:59', 'time', '838:59:59'],
      ['-01:30:00', 'time', '-01:30:00'],
      ['839:00:00', 'time', '22008 date/time field value out of range: "839:00:00"'],
      ['10:61', 'time', '22008 date/time field value out of range: "10:61"'],
      ['10:00:00+02', 'time', '10:00:00'],
      ['1000', 'time', '22007 invalid input syntax for type time: "1000"'],
      ['10', 'time', '22007 invalid input syntax for type time: "10"'],
    ]);
  });

  it('of bytes is hexadecimal, whatever form it came in', () => {
    table([
      ['\\x00FF', 'blob', '\\x00ff'],
      ['\\x', 'blob', '\\x'],
      ['\\x0', 'blob', '22P02 invalid input syntax for type bytea: "\\x0"'],
      ['\\xzz', 'blob', '22P02 invalid input syntax for type bytea: "\\xzz"'],
      ['aé\\\\\\001', 'varbinary(9)', '\\x61c3a95c01'],
      ['a\\b', 'blob', '22P02 invalid input syntax for type bytea: "a\\b"'],
    ]);
  });

  it('of truth, bits, UUIDs and addresses has one form', () => {
    table([
      ['true', 'tinyint(1)', '1'],
      ['off', 'tinyint(1)', '0'],
      ['2', 'tinyint(1)', '22P02 invalid input syntax for type boolean: "2"'],
      ['101', 'bit(5)', '101'],
      ['102', 'bit(5)', '22P02 invalid input syntax for type bit: "102"'],
      ['111111', 'bit(5)', '22003 value "111111" is out of range for type bit'],
      ['A0EEBC999C0B4EF8BB6D6BB9BD380A11', 'uuid', 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'],
      ['a0eebc99', 'uuid', '22P02 invalid input syntax for type uuid: "a0eebc99"'],
      ['10.0.0.1', 'inet4', '10.0.0.1'],
      ['10.0.0.1/32', 'inet4', '10.0.0.1'],
      ['10.0.0.1/8', 'inet4', '22P02 invalid input syntax for type inet: "10.0.0.1/8"'],
      ['10.0.0', 'inet4', '22P02 invalid input syntax for type inet: "10.0.0"'],
      ['2001:db8::1', 'inet6', '2001:db8::1'],
      ['2001:::1', 'inet6', '22P02 invalid input syntax for type inet: "2001:::1"'],
    ]);
  });

  it('of an enum is a label to the letter', () => {
    table([
      ["it's", "enum('a','it''s','b\\\\c')", "it's"],
      ['b\\c', "enum('a','it''s','b\\\\c')", 'b\\c'],
      ['A', "enum('a')", '22P02 invalid input syntax for type enum: "A"'],
      ['1', "enum('a')", '22P02 invalid input syntax for type enum: "1"'],
    ]);
  });

  it('of a set is its labels in their order', () => {
    const set = "set('a','b c','d')";
    table([
      ['{d,a}', set, 'a,d'],
      ['{"b c", a ,a}', set, 'a,b c'],
      ['{b c}', set, 'b c'],
      ['{}', set, ''],
      [['d', 'a'], set, 'a,d'],
      ['a,d', set, '22P02 malformed array literal: "a,d"'],
      ['{a', set, '22P02 malformed array literal: "{a"'],
      ['{A}', set, '22P02 invalid input syntax for type enum: "A"'],
      [['a', null], set, '22P02 Null was given where enum is expected.'],
      [[1], set, '22P02 A number was given where enum is expected.'],
    ]);
    assert.equal(read(`{${'a '.repeat(50_000)}`, set).slice(0, 5), '22P02');
  });

  it('of geometry is GeoJSON of a right shape', () => {
    const point = '{"type":"Point","coordinates":[1,2.5]}';
    const ring = '[[0,0],[4,0],[4,4],[0,0]]';
    table([
      [point, 'point', point],
      ['{"crs":{"type":"name"},"coordinates":[1,2.5],"type":"Point"}', 'point', point],
      [{ type: 'Point', coordinates: [1, 2.5] }, 'geometry', point],
      ['POINT(1 2.5)', 'point', point],
      ['SRID=4326;point (1 2.5)', 'point', point],
      ['LINESTRING(0 0, 1e1 -1)', 'geometry', '{"type":"LineString","coordinates":[[0,0],[10,-1]]}'],
      ['POLYGON((0 0,4 0,4 4,0 0))', 'polygon', `{"type":"Polygon","coordinates":[${ring}]}`],
      ['MULTIPOINT((0 0),(1 1))', 'geometry', '{"type":"MultiPoint","coordinates":[[0,0],[1,1]]}'],
      ['MULTIPOINT(0 0,1 1)', 'geometry', '{"type":"MultiPoint","coordinates":[[0,0],[1,1]]}'],
      ['MULTIPOLYGON(((0 0,4 0,4 4,0 0)))', 'geometry', `{"type":"MultiPolygon","coordinates":[[${ring}]]}`],
      [
        'GEOMETRYCOLLECTION(POINT(1 2.5),LINESTRING(0 0,1 1))',
        'geometrycollection',
        `{"type":"GeometryCollection","geometries":[${point},{"type":"LineString","coordinates":[[0,0],[1,1]]}]}`,
      ],
    ]);
    const wrong = [
      '{"type":"Point"}', '{"type":"Point","coordinates":[1]}', '{"type":"Point","coordinates":[1,2,3]}',
      '{"type":"Point","coordinates":["1","2"]}', '{"type":"Polygon","coordinates":[[[0,0],[1,1],[2,2],[3,3]]]}',
      '{"type":"Feature","geometry":{}}', 'POINT(1)', 'POINT(a b)', 'CIRCLE(1 2)', 'POINT(1 2', '{', '', 'POINT(1 2))',
      'LINESTRING(0 0)', `${'GEOMETRYCOLLECTION('.repeat(5000)}${')'.repeat(5000)}`,
    ]; // biome-ignore format: a list
    for (const text of wrong)
      assert.match(
        read(text, 'geometry'),
        /^22P02 invalid input syntax for type geometry: "/,
        text.slice(0, 80),
      );
  });

  it('of JSON is valid and can be stored', () => {
    table([
      ['{"b":1, "a":[1.10]}', 'json', '{"b":1, "a":[1.10]}'],
      ['{', 'json', '22P02 The value is not valid JSON.'],
      ['"\\u0000"', 'json', '22021 The text holds a NUL character, which cannot be stored.'],
      ['"\\\\u0000"', 'json', '"\\\\u0000"'],
      ['"\\ud800"', 'json', '22021 The text is not valid Unicode.'],
      ['"\\ud83d\\ude00"', 'json', '"\\ud83d\\ude00"'],
      [
        `${'['.repeat(101)}${']'.repeat(101)}`,
        'json',
        '22P02 The JSON is nested deeper than 100 levels, which cannot be stored.',
      ],
    ]);
    table(
      [
        ['text', 'json', '"text"'],
        [{ a: 1n }, 'json', '{"a":1}'],
      ],
      'json',
    );
  });

  it('of text is itself, without NUL and halves of characters', () => {
    table([
      ["0' OR 1 -- \\", 'varchar(20)', "0' OR 1 -- \\"],
      ['a\0b', 'text', '22021 The text holds a NUL character, which cannot be stored.'],
      ['\ud800', 'text', '22021 The text is not valid Unicode.'],
      // Labels that nobody could read are told by the server.
      ['😀', "enum('?')", '😀'],
    ]);
    assert.deepEqual(readList([1, null], mysqlType('int', ''), 'json'), ['1', null]);
  });
});

describe('a cell of a body', () => {
  it('is read as its text would be, as json_to_recordset reads it', () => {
    table(
      [
        ['7', 'int', '7'],
        [7, 'int', '7'],
        [true, 'int', '22P02 invalid input syntax for type integer: "true"'],
        [7, 'varchar(5)', '7'],
        [true, 'text', 'true'],
        [{ a: [1, 'x'] }, 'text', '{"a":[1,"x"]}'],
        [1, 'tinyint(1)', '1'],
        [false, 'tinyint(1)', '0'],
        [['a', 'b'], "set('a','b')", 'a,b'],
        ['{b}', "set('a','b')", 'b'],
        [1, "set('a','b')", '22P02 expected JSON array'],
        ['7', 'json', '"7"'],
        [[1], 'json', '[1]'],
        [{ type: 'Point', coordinates: [1, 2] }, 'point', '{"type":"Point","coordinates":[1,2]}'],
        [20200131, 'date', '2020-01-31'],
        [[1], 'int', '22P02 invalid input syntax for type integer: "[1]"'],
        [parseJson('12345678901234567890.10'), 'text', '12345678901234567890.10'],
        [parseJson('{"a":12345678901234567890}'), 'text', '{"a":12345678901234567890}'],
      ],
      'cell',
    );
  });
});
