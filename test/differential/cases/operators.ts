/** Every operator on every type of column, with values it takes and one it does not take. */
import type { Case } from '../case.ts';

/** Column → values that it has, and last one that its type cannot read. PostgREST cannot compare composites at all. */
export const values: Readonly<Record<string, readonly [string, string, string]>> = {
  a_bool: ['true', 'f', 'maybe'],
  an_int2: ['1', '-32768', '99999'],
  an_int4: ['2', ' 7 ', '1.5'],
  an_int8: ['9007199254740993', '7', '9223372036854775808'],
  a_numeric: ['1.50', '123456789012345678901234567890.123456789', '1,5'],
  a_price: ['10.25', '-0.01', 'ten'],
  a_float4: ['1.5', 'NaN', 'x'],
  a_float8: ['0.1', '-Infinity', '1e999'],
  a_money: ['$12.50', '7', 'x'],
  a_text: ['one', 'th"r\\e{e}, (x)', "a'b"],
  a_varchar: ['uno', 'tres', 'longer than ten'],
  a_char: ['ab', 'abcd', 'abcde'],
  a_citext: ['MIXED', 'upper', 'none'],
  a_uuid: ['11111111-1111-1111-1111-111111111111', '{33333333333333333333333333333333}', '1111'],
  a_date: ['2024-02-29', 'infinity', '2023-02-29'],
  a_time: ['12:34:56.789', '23:59:59.999999', '25:00'],
  a_timetz: ['12:34:56+02', '00:00Z', 'noonish'],
  a_timestamp: ['2024-02-29T12:34:56.123456', '-infinity', 'soon'],
  a_timestamptz: ['2024-02-29T10:34:56Z', '1999-12-31 23:59:59.9', '2024-13-01T00:00Z'],
  an_interval: ['1 year 2 mons 3 days 04:05:06', 'PT1.5S', 'long'],
  a_bytea: ['\\x00ff10', '\\xdeadbeef', '\\xg0'],
  a_bit: ['1010', '1111', '2'],
  a_varbit: ['101', '11111111', 'x2'],
  an_inet: ['10.0.0.1/8', '::1', '10.0.0.300'],
  a_cidr: ['10.0.0.0/8', '192.168.0.0/16', '10.0.0.1/8'],
  a_macaddr: ['08:00:2b:01:02:03', '08002b010203', 'zz'],
  a_json: ['[]', '"s"', '{'],
  a_jsonb: ['{"a": [true]}', '"s"', '{a'],
  an_xml: ['<a>1</a>', 'plain', '<a>'],
  an_enum: ['oil', 'clay', 'bronze'],
  an_email: ['a@b.eu', 'c@d.eu', 'nobody'],
  a_positive: ['5', '1', 'five'],
  an_int4range: ['[1,5)', '[2,3]', '[5,1]'],
  a_numrange: ['[1.5,2.5]', '(,)', '1'],
  a_tsrange: ['[2024-01-01,2024-02-01)', '(,2024-01-01]', '[x,y]'],
  a_tstzrange: ['[2024-01-01 00:00+00,2024-02-01 00:00+00)', 'empty', '[1]'],
  a_daterange: ['[2024-01-01,2024-02-01)', '[2024-05-01,)', '[2024-02-30,)'],
  an_int4multirange: ['{[1,3),[5,9)}', '{[100,)}', '{1}'],
  a_tsvector: ["'cat':1 'rat':2", 'cat', "'"],
  a_tsquery: ['cat & rat', 'a <-> b', '& &'],
  a_point: ['(1,2)', '0,0', '1'],
  an_hstore: ['a=>1,b=>NULL', '"k y"=>"v\\"w"', 'a=>'],
  an_ltree: ['top.mid.leaf', 'top', 'a..b'],
  ints: ['{1,2,3}', '{2}', '{x}'],
  texts: ['{a,"b c",NULL}', '{"x,y"}', '{'],
  styles: ['{oil,clay}', '{ink}', '{bronze}'],
  jsonbs: ['{"1","{\\"a\\": 2}"}', '{1}', '{{]}'],
  dates: ['{2024-01-01,2024-01-02}', '{2024-01-01}', '{never}'],
  emails: ['{a@b.eu}', '{}', '{nobody}'],
  ranges: ['{"[1,2)","[3,4)"}', '{empty}', '{[3}'],
  grid: ['{{1,2},{3,4}}', '{1}', '{{1},{2,3}}'],
  addresses: ['{"(a,b,1)"}', '{}', '{(a}'],
};

const comparisons = ['eq', 'neq', 'gt', 'gte', 'lt', 'lte', 'isdistinct'] as const;
const patterns = ['like', 'ilike', 'match', 'imatch'] as const;
const sets = ['cs', 'cd', 'ov', 'sl', 'sr', 'nxr', 'nxl', 'adj'] as const;
const searches = ['fts', 'plfts', 'phfts', 'wfts'] as const;
const truths = ['null', 'true', 'false', 'unknown', 'TRUE', 'nonsense'] as const;

/** Text where 14 searches what 12 does not; those cases stand in fourteen.ts. */
const searchable = (column: string) => !['a_json', 'a_jsonb'].includes(column);

export const comparisonCases: readonly Case[] = each((column, [good, other, bad]) =>
  [...comparisons, 'not.eq', 'not.gt', 'not.isdistinct'].flatMap((operator) =>
    [good, other, bad].map((value) => filter(column, `${operator}.${value}`)),
  ),
);

export const listCases: readonly Case[] = each((column, [good, other, bad]) =>
  [
    `in.(${quoted(good)},${quoted(other)})`,
    `in.(${quoted(bad)})`,
    'in.()',
    `not.in.(${quoted(good)})`,
    `eq(any).{${quoted(good)},${quoted(other)}}`,
    `neq(all).{${quoted(good)},${quoted(other)}}`,
    `gt(any).{${quoted(good)}}`,
    `eq(any).{${quoted(bad)}}`,
  ].map((text) => filter(column, text)),
);

export const patternCases: readonly Case[] = each((column, [good]) =>
  patterns.flatMap((operator) =>
    [good, operator.endsWith('match') ? '^.' : '*e*'].map((value) => filter(column, `${operator}.${value}`)),
  ),
);

export const setCases: readonly Case[] = each((column, [good, other, bad]) =>
  [...sets, 'not.cs'].flatMap((operator) =>
    [good, other, bad].map((value) => filter(column, `${operator}.${value}`)),
  ),
);

export const searchCases: readonly Case[] = each((column) =>
  searchable(column) ? searches.map((operator) => filter(column, `${operator}.cat`)) : [],
);

export const truthCases: readonly Case[] = each((column) =>
  truths.map((truth) => filter(column, `is.${truth}`)),
);

function each(
  of: (column: string, values: readonly [string, string, string]) => readonly Case[],
): readonly Case[] {
  return Object.entries(values).flatMap(([column, given]) => of(column, given));
}

/** `%` and `&` within a value are not the URL's own. */
function filter(column: string, text: string): Case {
  return {
    request: `GET /kinds?select=id&order=id&${column}=${text.replace(/[%&+]/g, encodeURIComponent)}`,
  };
}

function quoted(value: string): string {
  return `"${value.replace(/["\\]/g, '\\$&')}"`;
}
