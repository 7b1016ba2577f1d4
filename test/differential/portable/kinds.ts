/** The table of kinds as far as all three engines have them: a column for each, four rows, and what gives a value back. */
import type { Words } from '../../portable-sql.ts';

export const styles = ['oil', 'ink', 'clay'] as const;

/** Column → its type. What is not here (ranges, composites, domains, xml, `money` and the like) only Postgres has. */
function typesOf(words: Words): Readonly<Record<string, string>> {
  return {
    a_bool: 'bool',
    an_int2: 'smallint',
    an_int4: 'int',
    an_int8: 'bigint',
    a_numeric: 'decimal(50,10)',
    a_price: 'decimal(8,2)',
    a_float4: words.single,
    a_float8: words.double,
    a_text: words.text,
    a_varchar: words.name.replace('100', '10'),
    a_char: words.name.replace('varchar(100)', 'char(4)'),
    a_citext: words.caseless,
    a_uuid: words.uuid,
    a_date: 'date',
    a_time: words.time,
    a_timestamp: words.timestamp,
    a_timestamptz: words.timestamptz,
    a_bytea: words.bytes,
    a_bit: 'bit(4)',
    a_jsonb: words.json,
    an_enum: words.oneOf('style', styles),
    styles: words.someOf('style', styles),
  };
}

function rows({ engine, someLabels, hex }: Words): string {
  const bits = (digits: string) => (engine === 'postgres' ? `'${digits}'` : `b'${digits}'`);
  return `
insert into kinds values
  (1, true, 1, 2, 9007199254740993, 1.5, 10.25, 1.5, 0.1, 'one', 'uno', 'ab', 'Mixed',
   '11111111-1111-1111-1111-111111111111', '2024-02-29', '12:34:56.789', '2024-02-29 12:34:56.123456',
   '2024-02-29 10:34:56', ${hex('00ff10')}, ${bits('1010')}, '{"b": 1, "a": [true]}', 'oil', ${someLabels(['oil', 'clay'])}),
  (2, false, -32768, -2147483648, -9223372036854775808, 123456789012345678901234567890.123456789, -0.01, -0.5, -1e100,
   '', '', '', 'UPPER', '22222222-2222-2222-2222-222222222222', '1000-01-01', '00:00',
   '1000-01-01 00:00:00', '1999-03-15 12:00:00', ${hex('')}, ${bits('0000')}, '[]', 'ink', ${someLabels([])}),
  (3, null, 7, 7, 7, 7, 7, 7, 7, 'th"r\\e{e}, (x)', 'tres', 'abcd', 'x', '33333333-3333-3333-3333-333333333333',
   '1999-12-31', '23:59:59.999999', '1999-12-31 23:59:59.9', '1999-12-31 23:59:59.9',
   ${hex('deadbeef')}, ${bits('1111')}, '"s"', 'clay', ${someLabels(['ink'])}),
  (4, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null,
   null, null, null);
`;
}

/** Takes a value and gives it back. */
function same(words: Words, column: string, type: string): string {
  const name = `same_${column}`;
  if (words.engine === 'postgres') {
    const plain = type.replace(/ collate "C"|\(.*?\)/g, '');
    return `create function ${name}(v ${plain}) returns ${plain} language sql immutable as 'select v';`;
  }
  const plain = type.replace(/ null$/, '').replace(/ collate \w+/, '');
  return `create function ${name}(v ${plain}) returns ${plain} deterministic no sql return v;`;
}

export function kindsSql(words: Words): string {
  const columns = Object.entries(typesOf(words));
  return `
create table kinds (id int primary key, ${columns.map(([name, type]) => `${name} ${type}`).join(', ')});
${rows(words)}
${columns.map(([name, type]) => same(words, name, type)).join('\n')}
`;
}

export function kindFunctions(words: Words): readonly string[] {
  return Object.keys(typesOf(words)).map((name) => `same_${name}`);
}
