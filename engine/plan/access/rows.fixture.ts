/** A database whose rows stand on both sides of every constant, and conditions at random over them. */
import fc from 'fast-check';
import type { TestEngine } from '../../../test/database.ts';
import { token } from '../../../test/project.ts';
import type { Principal } from '../../auth/principal.ts';
import type { Written } from './shop.fixture.ts';

/** Values on both sides of every constant that conditions are made of, and none. */
const rows = {
  n: ['NULL', '1', '2', '3'],
  d: ['NULL', '0.5', '1', '1.5'],
  s: ['NULL', "'a'", "'A'", "'a '", "'b'"],
  b: ['NULL', 'true', 'false'],
  day: ['NULL', "'2024-01-01'", "'2024-06-01'"],
  e: ['NULL', "'low'", "'mid'", "'high'"],
};

const enums = {
  postgres: 'level',
  mariadb: "ENUM('low', 'mid', 'high')",
  mysql: "ENUM('low', 'mid', 'high')",
};

/** @param count rows of the table that conditions are asked of */
export function rowsSql(engine: TestEngine, count = 160): string {
  const seeds = ['NULL', '1', '2'];
  const random = mulberry(7);
  const pick = (list: readonly string[]) => list[Math.floor(random() * list.length)]!;
  const value = () => Object.values(rows).map(pick).join(', ');
  return `
    ${engine === 'postgres' ? "CREATE TYPE level AS ENUM ('low', 'mid', 'high');" : ''}
    CREATE TABLE far (id int PRIMARY KEY, v int, who varchar(20));
    CREATE TABLE near (
      id int PRIMARY KEY, n int, d decimal(8,2), s varchar(20), b boolean, day date, e ${enums[engine]},
      far_id int, FOREIGN KEY (far_id) REFERENCES far (id)
    );
    CREATE TABLE kids (id int PRIMARY KEY, near_id int, v int, FOREIGN KEY (near_id) REFERENCES near (id));
    INSERT INTO far VALUES (1, 1, 'me'), (2, 2, 'you'), (3, NULL, NULL);
    INSERT INTO near VALUES ${Array.from({ length: count }, (_, id) => `(${id + 1}, ${value()}, ${pick(seeds)})`).join(', ')};
    INSERT INTO kids VALUES ${Array.from({ length: 90 }, (_, id) => `(${id + 1}, ${1 + Math.floor(random() * count)}, ${pick(seeds)})`).join(', ')};`;
}

/** The same numbers each time, so that a failure can be repeated. */
function mulberry(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

const ordered = ['_eq', '_neq', '_gt', '_gte', '_lt', '_lte'] as const;
const compared = (column: string, operators: readonly string[], values: readonly unknown[]) =>
  fc
    .record({ operator: fc.constantFrom(...operators), value: fc.constantFrom(...values) })
    .map(({ operator, value }) => ({ [column]: { [operator]: value } }));
const among = (column: string, values: readonly unknown[]) =>
  fc
    .record({ operator: fc.constantFrom('_in', '_nin'), list: fc.subarray([...values], { minLength: 0 }) })
    .map(({ operator, list }) => ({ [column]: { [operator]: list } }));

export const plain = fc.oneof(
  compared('n', ordered, [1, 2, '$jwt.n']),
  among('n', [1, 2, 3]),
  compared('d', ordered, [0.5, 1, 1.25]),
  compared('s', ['_eq', '_neq', '_gt', '_gte', '_lt', '_like', '_nlike', '_ilike'], ['a', 'b', '$jwt.s']),
  among('s', ['a', 'A', 'b']),
  compared('b', ['_eq', '_neq'], [true, false]),
  compared('day', ordered, ['2024-01-01', '2024-03-01']),
  compared('e', ['_eq', '_neq'], ['low', 'mid', 'high']),
  among('e', ['low', 'mid', 'high']),
  fc
    .constantFrom('n', 's', 'b', 'e', 'far_id')
    .chain((column) => compared(column, ['_is_null'], [true, false])),
  fc.constantFrom({ n: { _ceq: 'far_id' } }, { n: { _clt: 'd' } }, { n: { _cgte: 'd' } }, {}),
);
const ofFar = fc.oneof(compared('v', ordered, [1, 2]), compared('who', ['_eq', '_neq'], ['me', '$jwt.who']));
const elsewhere = fc.oneof(
  ofFar.map((where) => ({ far: where })),
  compared('v', ordered, [1, 2]).map((where) => ({ kids: where })),
  ofFar.map((where) => ({ _exists: { table: 'far', where } })),
  compared('predicate', ordered, [0, 1, 2]).map((count) => ({ kids_aggregate: { count } })),
);
export const { tree } = fc.letrec<{ tree: Written }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    { arbitrary: plain, weight: 5 },
    { arbitrary: elsewhere, weight: 2 },
    { arbitrary: fc.array(tie('tree'), { minLength: 1, maxLength: 3 }).map((_and) => ({ _and })), weight: 2 },
    { arbitrary: fc.array(tie('tree'), { minLength: 1, maxLength: 3 }).map((_or) => ({ _or })), weight: 2 },
    { arbitrary: tie('tree').map((_not) => ({ _not })), weight: 1 },
  ),
}));

/** With all claims that conditions name, with some, and with none. */
export const callers: readonly Principal[] = [
  token('asker', { n: 2, s: 'a', who: 'me' }),
  token('asker', { s: 'A' }),
  token('asker', {}),
];
