/** A table with one column for each kind of value, and a function for each that gives back what it is given. */

/** Column → its type in Postgres. */
export const kindTypes: Readonly<Record<string, string>> = {
  a_bool: 'bool', an_int2: 'int2', an_int4: 'int4', an_int8: 'int8', a_numeric: 'numeric',
  a_price: 'numeric(8,2)', a_float4: 'float4', a_float8: 'float8', a_money: 'money', a_text: 'text',
  a_varchar: 'varchar(10)', a_char: 'char(4)', a_citext: 'citext', a_uuid: 'uuid', a_date: 'date',
  a_time: 'time', a_timetz: 'timetz', a_timestamp: 'timestamp', a_timestamptz: 'timestamptz',
  an_interval: 'interval', a_bytea: 'bytea', a_bit: 'bit(4)', a_varbit: 'varbit', an_inet: 'inet',
  a_cidr: 'cidr', a_macaddr: 'macaddr', a_json: 'json', a_jsonb: 'jsonb', an_xml: 'xml', an_enum: 'style',
  an_email: 'email', a_positive: 'positive', an_int4range: 'int4range', a_numrange: 'numrange',
  a_tsrange: 'tsrange', a_tstzrange: 'tstzrange', a_daterange: 'daterange',
  an_int4multirange: 'int4multirange', a_tsvector: 'tsvector', a_tsquery: 'tsquery', a_point: 'point',
  an_hstore: 'hstore', an_ltree: 'ltree', an_address: 'address', ints: 'int[]', texts: 'text[]',
  styles: 'style[]', jsonbs: 'jsonb[]', dates: 'date[]', emails: 'email[]', ranges: 'int4range[]',
  grid: 'int[]', addresses: 'address[]',
}; // biome-ignore format: a list

const columns = Object.entries(kindTypes);

const rows = `
insert into kinds values
  (1, true, 1, 2, 9007199254740993, 1.50, 10.25, 1.5, 0.1, 12.5, 'one', 'uno', 'ab', 'Mixed',
   '11111111-1111-1111-1111-111111111111', '2024-02-29', '12:34:56.789', '12:34:56+02', '2024-02-29 12:34:56.123456',
   '2024-02-29 12:34:56+02', '1 year 2 mons 3 days 04:05:06', '\\x00ff10', '1010', '101',
   '10.0.0.1/8', '10.0.0.0/8', '08:00:2b:01:02:03', '{"b": 1, "a": [true]}', '{"b": 1, "a": [true]}', '<a>1</a>', 'oil',
   'a@b.eu', 5, '[1,5)', '[1.5,2.5]', '[2024-01-01,2024-02-01)', '[2024-01-01 00:00+00,2024-02-01 00:00+00)',
   '[2024-01-01,2024-02-01)', '{[1,3),[5,9)}', 'cat:1 rat:2', 'cat & rat', '(1,2)', 'a=>1,b=>NULL', 'top.mid.leaf',
   '("Rue ""X"", 1",75,3)', '{1,2,3}', '{a,"b c",NULL}', '{oil,clay}', '{"1","{\\"a\\": 2}"}', '{2024-01-01,2024-01-02}',
   '{a@b.eu}', '{"[1,2)","[3,4)"}', '{{1,2},{3,4}}', '{"(a,b,1)"}'),
  (2, false, -32768, -2147483648, -9223372036854775808, 123456789012345678901234567890.123456789, -0.01, 'NaN', '-Infinity',
   '-1.01', '', '', '', 'UPPER', '22222222-2222-2222-2222-222222222222', 'infinity', '00:00', '24:00:00-15:59',
   '-infinity', '0044-03-15 12:00:00+00 BC', '-1 day', '\\x', '0000', '', '::1', 'fe80::/10', 'ff:ff:ff:ff:ff:ff', '[]', '[]',
   'plain', 'ink', 'c@d.eu', 2147483647, 'empty', '(,)', '(,2024-01-01]', 'empty', '(,)', '{}', '', '!cat', '(-1.5,1e300)', '',
   '', '(,,)', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}'),
  (3, null, 7, 7, 7, 7, 7, 7, 7, 7, 'th"r\\\\e{e}, (x)', 'tres', 'abcd', 'x', '33333333-3333-3333-3333-333333333333',
   '1999-12-31', '23:59:59.999999', '00:00:00+00', '1999-12-31 23:59:59.9', '1999-12-31 23:59:59.9+00', '00:00:01.5',
   '\\xdeadbeef', '1111', '11111111', '192.168.0.1', '192.168.0.0/16', '00:00:00:00:00:01', '"s"', '"s"', '<b/>', 'clay',
   'e@f.eu', 1, '[10,)', '(0,1)', '[2024-05-01,)', '[2024-05-01 00:00+00,)', '[2024-05-01,)', '{[100,)}', '''it''''s'':1A', 'a <-> b',
   '(0,0)', '"k y"=>"v\\"w"', 'a', '(x,y,0)', '{NULL}', '{"x,y","{z}"}', '{ink}', '{null}', '{NULL}', '{NULL}', '{empty}', '{{5}}', '{NULL}'),
  (4, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null,
   null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null,
   null, null, null, null, null, null, null, null, null, null, null, null, null, null);
`;

export const kindsSql = `
create table kinds (id int primary key, ${columns.map(([name, type]) => `${name} ${type}`).join(', ')});
${rows}
${columns.map(([name, type]) => `create function same_${name}(v ${type}) returns ${type} language sql immutable as 'select v';`).join('\n')}
`;

export const kindFunctions: readonly string[] = columns.map(([name]) => `same_${name}`);
