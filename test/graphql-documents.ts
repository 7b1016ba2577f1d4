/** For tests: random GraphQL documents over whatever schema a role has, with values that make things raise. */
import {
  type GraphQLInputType,
  type GraphQLOutputType,
  type GraphQLSchema,
  getNamedType,
  isEnumType,
  isInputObjectType,
  isLeafType,
  isListType,
  isNonNullType,
  isObjectType,
} from 'graphql';

const texts = [
  'me',
  'you',
  'a',
  '1',
  '7',
  '',
  '(',
  '^C',
  'a%',
  '%CAN%',
  'org1',
  'a.b',
  'canary',
  '*',
  '\\\\',
  '{1}',
  '[1,5)',
];
const pools: Readonly<Record<string, readonly string[]>> = {
  Int: ['0', '1', '2', '3', '5', '-1', '2147483647', '-2147483648'],
  Float: ['0', '1.5', '-1', '1e308', '1e-300'],
  float8: ['0', '1.5', '-1', '1e308', '"NaN"', '"Infinity"'],
  bigint: ['0', '1', '2', '9223372036854775807', '"5"'],
  smallint: ['0', '1', '32767'],
  numeric: ['0', '1', '2.50', '1e1000', '"NaN"', '1e-30'],
  Boolean: ['true', 'false'],
  String: texts.map((text) => JSON.stringify(text)),
  bpchar: ['"a"', '"abc"'],
  citext: ['"ME"', '"a"'],
  timestamptz: ['"2024-01-01T00:00:00Z"', '"infinity"', '"-infinity"', '"x"'],
  date: ['"2024-01-01"', '"infinity"', '"0044-03-15 BC"'],
  interval: ['"1 day"', '"178000000 years"', '"x"'],
  timestamp: ['"2024-01-01T00:00:00"', '"9999-12-31 23:59:59"', '"x"'],
  time: ['"10:00"', '"838:59:59"', '"-01:00:00"', '"x"'],
  bytea: ['"\\\\x01"', '"\\\\x"', '"x"'],
  bit: ['"1"', '"111111"', '"x"'],
  uuid: ['"00000000-0000-0000-0000-000000000001"', '"x"'],
  jsonb: ['{a: 1}', '{}', '[]', '"a"', '1', '[1, "a"]', '{a: {b: [1]}}', 'null'],
  json: ['{a: 1}', '[]', '1'],
  int4range: ['"[1,5)"', '"empty"', '"(,)"', '"[5,1)"'],
  ltree: ['"a.b"', '"a"', '""', '"a..b"'],
  lquery: ['"*.b"', '"a.*{1,2}"', '"!!"'],
  ltxtquery: ['"a & b"', '"a |"'],
  money: ['"1"', '"92233720368547758.07"'],
  mood: ['"sad"', '"ok"', '"none"'],
}; // biome-ignore format: one type a line

export interface Dice {
  /** 0 ≤ n < below */
  readonly roll: (below: number) => number;
}

export function dice(seed: number): Dice {
  let state = seed >>> 0;
  return {
    roll: (below) => {
      state = (state + 0x6d2b79f5) >>> 0;
      let mixed = Math.imul(state ^ (state >>> 15), state | 1);
      mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
      return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296) * below);
    },
  };
}

export interface DocumentOptions {
  readonly schema: GraphQLSchema;
  readonly dice: Dice;
  /** Cursors that answers have had. */
  readonly cursors: readonly string[];
  /** How many root fields. */
  readonly roots: number;
}

export function randomDocument(kind: 'query' | 'mutation', options: DocumentOptions): string {
  const type = kind === 'query' ? options.schema.getQueryType() : options.schema.getMutationType();
  const { dice } = options;
  const names = Object.keys(type!.getFields());
  let aliases = 0;
  const one = <T>(of: readonly T[]): T => of[dice.roll(of.length)]!;
  const chance = (percent: number) => dice.roll(100) < percent;

  const scalar = (name: string): string => {
    if (name.endsWith('cursor') || name === 'Cursor') return '"x"';
    return one(pools[name] ?? pools.String!);
  };

  const input = (of: GraphQLInputType, depth: number, name: string): string => {
    if (isNonNullType(of)) return input(of.ofType, depth, name);
    if (dice.roll(1000) < 2) return 'null';
    if (isListType(of)) {
      const inner = of.ofType as GraphQLInputType;
      if (chance(15)) return input(inner, depth, name);
      return `[${Array.from({ length: dice.roll(3) + (name === 'objects' ? 1 : 0) }, () => input(inner, depth, name)).join(', ')}]`;
    }
    if (isEnumType(of)) return one(of.getValues()).name;
    if (isInputObjectType(of)) {
      const fields = Object.values(of.getFields());
      const isRequired = (type: GraphQLInputType) => isNonNullType(type);
      const deep = (type: GraphQLInputType) => !isLeafType(getNamedType(type));
      const open = fields.filter((field) => depth > 0 || !deep(field.type) || isRequired(field.type));
      const chosen = new Set(open.filter((field) => isRequired(field.type)));
      const most = /insert_input|set_input/.test(of.name) ? open.length : 1 + dice.roll(2);
      if (/insert_input/.test(of.name)) {
        for (const field of open)
          if (deep(field.type) ? chance(25) : field.name.endsWith('id') ? chance(60) : chance(45))
            chosen.add(field);
      } else for (let count = 0; count < most && open.length > 0; count += 1) chosen.add(one(open));
      return `{${[...chosen].map((field) => `${field.name}: ${input(field.type, depth - 1, field.name)}`).join(', ')}}`;
    }
    if (name === 'after' || name === 'before')
      return JSON.stringify(options.cursors.length > 0 && chance(80) ? one(options.cursors) : 'WyJhIl0');
    if (name === 'path')
      return one(['"a"', '"a.b"', '"$.a[0]"', '"[0]"', '"$[99999999999]"', '"a[-1]"', '""', '"n"']);
    if (/(^|_)id$/.test(name) && chance(85)) return one(['1', '2', '3', '4', '5', '6', '50', '51']);
    if (['limit', 'first', 'last', 'offset', 'max_affected'].includes(name))
      return one(['0', '1', '2', '3', '100']);
    if (name === 'owner' && chance(70)) return '"me"';
    return scalar(of.name);
  };

  const args = (list: readonly { name: string; type: GraphQLInputType }[], depth: number): string => {
    const chosen = list.filter(
      (arg) =>
        isNonNullType(arg.type) ||
        chance(arg.name === 'where' ? 55 : ['after', 'before'].includes(arg.name) ? 6 : 30),
    );
    const paging = chosen.filter(
      (arg) => !(arg.name === 'last' && chosen.some(({ name }) => name === 'first')),
    );
    return paging.length === 0
      ? ''
      : `(${paging.map((arg) => `${arg.name}: ${input(arg.type, depth, arg.name)}`).join(', ')})`;
  };

  const selection = (of: GraphQLOutputType, depth: number): string => {
    const named = getNamedType(of);
    if (!isObjectType(named)) return '';
    const fields = Object.values(named.getFields());
    const open = fields.filter((field) => depth > 0 || isLeafType(getNamedType(field.type)));
    if (open.length === 0) return ' { __typename }';
    const picked = Array.from({ length: 1 + dice.roll(4) }, () => one(open));
    return ` { ${picked.map((field) => `a${aliases++}: ${field.name}${args(field.args, 2)}${selection(field.type, depth - 1)}`).join(' ')} }`;
  };

  const roots = Array.from({ length: options.roots }, () => type!.getFields()[one(names)]!);
  const fields = roots.map(
    (root) =>
      `a${aliases++}: ${root.name}${args(root.args, 3)}${selection(root.type, kind === 'query' ? 4 : 3)}`,
  );
  return `${kind} { ${fields.join(' ')} }`;
}
