/** Every operator over every kind of column, on both servers and on Postgres: the same rows, or a difference with a name. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TestEngine } from '../../../test/database.ts';
import { createProject, type TestProject, token } from '../../../test/project.ts';
import type { Operator, Quantifier } from '../../api/condition.ts';
import { Problem } from '../../problem/problem.ts';
import { authorize } from '../../query/authorize.ts';
import { bindParameters } from '../../query/bind.ts';
import { plan } from '../../query/plan.ts';
import type { ApiRequest } from '../../query/request.ts';
import type { Parameter } from '../dialect.ts';
import { dialectFor } from '../dialects.ts';
import type { CompiledStatement } from '../program.ts';
import { sql } from '../sql.ts';
import { Aliases, compileCondition, relationOf } from './condition.ts';
import { finish } from './notation.ts';

type Engine = Exclude<TestEngine, 'embedded'>;
type Answer = readonly number[] | string;

/** A comparison, the ids of the rows for which it is true, and where an engine gives another answer. */
interface Rule {
  readonly column: string;
  readonly operator: Operator;
  readonly value?: unknown;
  readonly quantifier?: Quantifier;
  readonly path?: readonly (string | number)[];
  readonly asText?: boolean;
  readonly not?: boolean;
  /** Ids of rows, or the code of a problem. */
  readonly gives: Answer;
  readonly but?: Partial<Record<Engine, Answer>>;
}

const yaml = `
roles: { reader: {} }
tables: { t: { permissions: { reader: { select: true } } } }
`;

const columns = {
  postgres: `txt text, exact text, latin text, old text, ch char(5), i int, bi bigint, bu numeric(20), d numeric(10,2), f real, g double precision,
    bo boolean, dt timestamp, ts timestamptz, da date, ti time, e mood, s mood[], j jsonb, bl bytea, bits bit(8), y smallint`,
  mysql: `txt varchar(60) COLLATE utf8mb4_0900_ai_ci, exact varchar(60) COLLATE utf8mb4_0900_bin, SHARED, FULLTEXT (txt)`,
  mariadb: `txt varchar(60) COLLATE utf8mb4_general_ci, exact varchar(60) COLLATE utf8mb4_nopad_bin, SHARED, FULLTEXT (txt)`,
};
const shared = `latin varchar(60) CHARACTER SET latin1, old varchar(60) CHARACTER SET utf8mb3, ch char(5), i int, bi bigint, bu bigint unsigned,
  d decimal(10,2), f float, g double, bo tinyint(1), dt datetime(6), ts timestamp(6) NULL, da date, ti time(6), e enum('low','Mid','top'),
  s set('low','Mid','top'), j json, bl varbinary(60), bits bit(8), y year`;

const rows = [
  [1, `'Admin'`, `'Admin'`, `'Ärger'`, `'Ärger'`, `'ab'`, 1, '9007199254740993', '18446744073709551615', '10.50', '0.1', '0.1', 'true',
    `'2020-01-01 10:00:00.5'`, `'2020-01-01 10:00:00.5'`, `'2020-01-01'`, `'10:00:00'`, `'low'`, ['low'], '{"a": 1, "tags": ["x", "y"], "o": {"k": "v"}}', 'dead', '00000101', 2020],
  [2, `'admin'`, `'admin'`, `'arger'`, `'arger'`, `'AB'`, 0, '9007199254740992', '0', '0', '0', '0', 'false',
    `'2021-06-01 00:00:00'`, `'2021-06-01 00:00:00'`, `'2021-06-01'`, `'00:00:00.25'`, `'Mid'`, [], '{"a": "1", "tags": []}', '', '00000000', 2000],
  [3, `'admin '`, `'admin '`, `'?'`, `'?'`, `'abc'`, -5, '-9223372036854775808', '1', '-10.50', '-1e10', '1e300', 'true',
    `'1999-12-31 23:59:59.999999'`, `'1999-12-31 23:59:59.999999'`, `'1999-12-31'`, `'23:59:59.999999'`, `'top'`, ['low', 'top'], '["x", "k", ["y"]]', '00ff5c25', '11111111', 1999],
  [4, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null],
  [5, `'0'`, `'0'`, `'0'`, `'0'`, `'0'`, 10, '10', '10', '10', '10', '10', 'false', `'2020-01-01 10:00:00.5'`, `'2020-01-01 10:00:00.5'`, `'2020-02-29'`,
    `'10:00:00.5'`, `'low'`, ['Mid'], '1', '30', '00000001', 2021],
  [6, `''`, `''`, `''`, `''`, `''`, 2147483647, '1', '2', '99999999.99', '1', '1', 'true', `'2020-01-01 10:00:00'`, `'2020-01-01 10:00:00'`, `'2020-01-02'`,
    `'10:00:00'`, `'Mid'`, ['low', 'Mid', 'top'], 'null', '61', '10000000', 2155],
  [7, `'50%_off 😀'`, `'50%_off 😀'`, `'50%_off'`, `'50%_off'`, `'5%_'`, 2, '2', '3', '1.10', '2', '2', 'false', `'2020-01-01 10:00:01'`, `'2020-01-01 10:00:01'`, `'2020-01-03'`,
    `'11:00:00'`, `'top'`, ['top'], '"x"', '5c', '00000010', 1901],
  [8, 'BACKSLASH', 'BACKSLASH', 'BACKSLASH', 'BACKSLASH', `'1e1'`, 3, '3', '4', '2.20', '3', '3', 'true', `'2020-01-01 10:00:02'`, `'2020-01-01 10:00:02'`, `'2020-01-04'`,
    `'12:00:00'`, `'low'`, ['Mid', 'top'], '[{"id": 1}, {"id": 2, "b": true}]', '0a', '00000011', 2022],
] as const; // biome-ignore format: a table

const names =
  'id, txt, exact, latin, old, ch, i, bi, bu, d, f, g, bo, dt, ts, da, ti, e, s, j, bl, bits, y'.split(', ');

function statements(engine: Engine): string {
  const isPostgres = engine === 'postgres';
  const cell = (value: unknown, name: string): string => {
    if (value === null) return 'NULL';
    if (Array.isArray(value)) return isPostgres ? `'{${value.join(',')}}'::mood[]` : `'${value.join(',')}'`;
    if (value === 'BACKSLASH') return isPostgres ? `E'a\\\\b'` : `'a\\\\b'`;
    if (name === 'j') return `'${value}'`;
    if (name === 'bl') return isPostgres ? `'\\x${value}'` : `X'${value}'`;
    if (name === 'bits') return isPostgres ? `B'${value}'` : `b'${value}'`;
    return String(value);
  };
  const lines = rows.map((row) => `(${row.map((value, index) => cell(value, names[index]!)).join(', ')})`);
  return `${isPostgres ? "CREATE TYPE mood AS ENUM ('low', 'Mid', 'top');" : ''}
    CREATE TABLE t (id int PRIMARY KEY, ${columns[engine].replace('SHARED', shared)});
    INSERT INTO t (${names.join(', ')}) VALUES ${lines.join(', ')};`;
}

const rules: readonly Rule[] = [
  { column: 'i', operator: 'eq', value: '1', gives: [1] },
  { column: 'i', operator: 'eq', value: '0', gives: [2] },
  { column: 'i', operator: 'eq', value: '', gives: '22P02' },
  { column: 'i', operator: 'eq', value: '1e1', gives: '22P02' },
  { column: 'i', operator: 'eq', value: '10', gives: [5] },
  { column: 'i', operator: 'eq', value: '10.0', gives: [5] },
  { column: 'i', operator: 'eq', value: '1abc', gives: '22P02' },
  { column: 'i', operator: 'eq', value: '2147483648', gives: '22003' },
  { column: 'i', operator: 'eq', value: '-5', gives: [3] },
  { column: 'i', operator: 'neq', value: '1', gives: [2, 3, 5, 6, 7, 8] },
  { column: 'i', operator: 'gt', value: '2', gives: [5, 6, 8] },
  { column: 'i', operator: 'lte', value: '0', gives: [2, 3] },
  { column: 'i', operator: 'in', value: ['1', '0', '7'], gives: [1, 2] },
  { column: 'i', operator: 'in', value: [], gives: [] },
  { column: 'i', operator: 'in', value: ['1', null], gives: [1] },
  { column: 'i', operator: 'nin', value: ['1', null], gives: [] },
  { column: 'i', operator: 'nin', value: ['1', '0'], gives: [3, 5, 6, 7, 8] },
  { column: 'i', operator: 'nin', value: [], gives: [1, 2, 3, 4, 5, 6, 7, 8] },
  { column: 'i', operator: 'isDistinct', value: '1', gives: [2, 3, 4, 5, 6, 7, 8] },
  { column: 'i', operator: 'isNull', gives: [4] },
  { column: 'i', operator: 'isNotNull', gives: [1, 2, 3, 5, 6, 7, 8] },
  { column: 'i', operator: 'eq', quantifier: 'any', value: ['1', '2'], gives: [1, 7] },
  { column: 'i', operator: 'gt', quantifier: 'any', value: ['2', '100'], gives: [5, 6, 8] },
  { column: 'i', operator: 'gt', quantifier: 'all', value: ['2', '0'], gives: [5, 6, 8] },
  { column: 'i', operator: 'gt', quantifier: 'all', value: [], gives: [1, 2, 3, 4, 5, 6, 7, 8] },
  { column: 'i', operator: 'gt', quantifier: 'any', value: [], gives: [] },
  { column: 'i', operator: 'lte', quantifier: 'all', value: ['2', null], gives: [] },
  { column: 'i', operator: 'eq', value: '1', not: true, gives: [2, 3, 5, 6, 7, 8] },
  { column: 'i', operator: 'in', value: ['1', null], not: true, gives: [] },
  { column: 'i', operator: 'gt', quantifier: 'all', value: ['2', null], not: true, gives: [1, 2, 3, 7] },
  { column: 'bi', operator: 'eq', value: '9007199254740993', gives: [1] },
  { column: 'bi', operator: 'eq', value: '9007199254740992', gives: [2] },
  { column: 'bi', operator: 'gt', value: '9007199254740992', gives: [1] },
  { column: 'bi', operator: 'in', value: ['9007199254740993'], gives: [1] },
  { column: 'bi', operator: 'eq', value: '-9223372036854775808', gives: [3] },
  { column: 'bi', operator: 'eq', value: '9223372036854775808', gives: '22003' },
  { column: 'bu', operator: 'eq', value: '18446744073709551615', gives: [1] },
  { column: 'bu', operator: 'in', value: ['18446744073709551615'], gives: [1] },
  { column: 'bu', operator: 'gt', value: '18446744073709551614', gives: [1] },
  { column: 'bu', operator: 'eq', value: '18446744073709551614', gives: [] },
  { column: 'bu', operator: 'eq', value: '-1', gives: '22003', but: { postgres: [] } },
  { column: 'd', operator: 'eq', value: '10.5', gives: [1] },
  { column: 'd', operator: 'eq', value: '10.50000', gives: [1] },
  { column: 'd', operator: 'eq', value: '10.500000000000000000000000000001', gives: [] },
  { column: 'd', operator: 'eq', value: '1e1', gives: [5] },
  { column: 'd', operator: 'in', value: ['10.5', '0.0'], gives: [1, 2] },
  { column: 'd', operator: 'gt', value: '10.49999999999999999999', gives: [1, 6] },
  { column: 'd', operator: 'lt', value: '-10', gives: [3] },
  { column: 'd', operator: 'eq', value: 'NaN', gives: '22003', but: { postgres: [] } },
  { column: 'd', operator: 'eq', value: '99999999.99', gives: [6] },
  { column: 'f', operator: 'eq', value: '0.1', gives: [1] },
  { column: 'f', operator: 'eq', value: '-1e10', gives: [3] },
  { column: 'f', operator: 'in', value: ['0.1'], gives: [1] },
  { column: 'f', operator: 'gt', value: '0.1', gives: [5, 6, 7, 8] },
  { column: 'f', operator: 'eq', value: '1e50', gives: '22003' },
  { column: 'g', operator: 'eq', value: '0.1', gives: [1] },
  { column: 'g', operator: 'eq', value: '1e300', gives: [3] },
  { column: 'g', operator: 'in', value: ['1e300', '0.1'], gives: [1, 3] },
  { column: 'g', operator: 'lt', value: '0.2', gives: [1, 2] },
  { column: 'g', operator: 'eq', value: '1e400', gives: '22003' },
  { column: 'bo', operator: 'eq', value: 'true', gives: [1, 3, 6, 8] },
  { column: 'bo', operator: 'eq', value: 'false', gives: [2, 5, 7] },
  { column: 'bo', operator: 'eq', value: '1', gives: [1, 3, 6, 8] },
  { column: 'bo', operator: 'eq', value: 'x', gives: '22P02' },
  { column: 'bo', operator: 'neq', value: 'true', gives: [2, 5, 7] },
  { column: 'bo', operator: 'isTrue', gives: [1, 3, 6, 8] },
  { column: 'bo', operator: 'isFalse', gives: [2, 5, 7] },
  { column: 'bo', operator: 'isUnknown', gives: [4] },
  { column: 'bo', operator: 'isTrue', not: true, gives: [2, 4, 5, 7] },
  { column: 'bo', operator: 'in', value: ['t'], gives: [1, 3, 6, 8] },
  { column: 'bo', operator: 'gt', value: 'f', gives: [1, 3, 6, 8] },
  { column: 'dt', operator: 'eq', value: '2020-01-01T10:00:00.5', gives: [1, 5] },
  { column: 'dt', operator: 'eq', value: '2020-01-01 10:00:00.500', gives: [1, 5] },
  { column: 'dt', operator: 'eq', value: '2020-01-01', gives: [] },
  { column: 'dt', operator: 'gt', value: '2020-01-01T10:00:00.5', gives: [2, 7, 8] },
  {
    column: 'dt',
    operator: 'in',
    value: ['2020-01-01T10:00:00.5', '1999-12-31T23:59:59.999999'],
    gives: [1, 3, 5],
  },
  { column: 'dt', operator: 'eq', value: 'yesterday', gives: '22007', but: { postgres: [] } },
  { column: 'dt', operator: 'eq', value: '', gives: '22007' },
  { column: 'dt', operator: 'eq', value: '2020-13-01', gives: '22008' },
  { column: 'dt', operator: 'lte', value: '1999-12-31T23:59:59.999999', gives: [3] },
  { column: 'ts', operator: 'eq', value: '2020-01-01T10:00:00.5Z', gives: [1, 5] },
  { column: 'ts', operator: 'eq', value: '2020-01-01T12:00:00.5+02:00', gives: [1, 5] },
  { column: 'ts', operator: 'in', value: ['2020-01-01T12:00:00.5+02:00'], gives: [1, 5] },
  { column: 'ts', operator: 'lt', value: '2000-01-01T00:00:00+00:00', gives: [3] },
  { column: 'da', operator: 'eq', value: '2020-01-01', gives: [1] },
  { column: 'da', operator: 'gt', value: '2020-01-03', gives: [2, 5, 8] },
  { column: 'da', operator: 'in', value: ['2020-02-29', '2020-02-30'], gives: '22008' },
  { column: 'da', operator: 'in', value: ['2020-02-29'], gives: [5] },
  { column: 'ti', operator: 'eq', value: '10:00:00.5', gives: [5] },
  { column: 'ti', operator: 'eq', value: '10:00', gives: [1, 6] },
  { column: 'ti', operator: 'gt', value: '11:00:00', gives: [3, 8] },
  { column: 'ti', operator: 'in', value: ['23:59:59.999999'], gives: [3] },
  { column: 'e', operator: 'eq', value: 'low', gives: [1, 5, 8] },
  { column: 'e', operator: 'eq', value: 'LOW', gives: '22P02' },
  { column: 'e', operator: 'eq', value: '1', gives: '22P02' },
  { column: 'e', operator: 'eq', value: 'nothing', gives: '22P02' },
  { column: 'e', operator: 'gt', value: 'low', gives: [2, 3, 6, 7] },
  { column: 'e', operator: 'lt', value: 'Mid', gives: [1, 5, 8] },
  { column: 'e', operator: 'gte', value: 'Mid', gives: [2, 3, 6, 7] },
  { column: 'e', operator: 'in', value: ['low', 'top'], gives: [1, 3, 5, 7, 8] },
  { column: 'e', operator: 'nin', value: ['low'], gives: [2, 3, 6, 7] },
  { column: 'e', operator: 'gt', quantifier: 'any', value: ['low', 'Mid'], gives: [2, 3, 6, 7] },
  { column: 's', operator: 'eq', value: '{low,top}', gives: [3] },
  { column: 's', operator: 'eq', value: '{top,low}', gives: [3], but: { postgres: [] } },
  { column: 's', operator: 'eq', value: '{}', gives: [2] },
  { column: 's', operator: 'contains', value: '{top}', gives: [3, 6, 7, 8] },
  { column: 's', operator: 'contains', value: '{}', gives: [1, 2, 3, 5, 6, 7, 8] },
  { column: 's', operator: 'containedIn', value: '{low,Mid}', gives: [1, 2, 5] },
  { column: 's', operator: 'overlaps', value: '{Mid,top}', gives: [3, 5, 6, 7, 8] },
  { column: 's', operator: 'overlaps', value: '{}', gives: [] },
  { column: 's', operator: 'contains', value: '{top}', not: true, gives: [1, 2, 5] },
  { column: 's', operator: 'neq', value: '{low}', gives: [2, 3, 5, 6, 7, 8] },
  { column: 's', operator: 'gt', value: '{low}', gives: '42883', but: { postgres: [3, 5, 6, 7, 8] } },
  { column: 's', operator: 'contains', value: '{nothing}', gives: '22P02' },
  { column: 'txt', operator: 'eq', value: 'admin', gives: [2], but: { mysql: [1, 2], mariadb: [1, 2, 3] } },
  { column: 'txt', operator: 'eq', value: 'Admin', gives: [1], but: { mysql: [1, 2], mariadb: [1, 2, 3] } },
  { column: 'txt', operator: 'eq', value: 'ADMIN', gives: [], but: { mysql: [1, 2], mariadb: [1, 2, 3] } },
  { column: 'txt', operator: 'eq', value: 'admin ', gives: [3], but: { mysql: [3], mariadb: [1, 2, 3] } },
  { column: 'txt', operator: 'eq', value: 'ádmin', gives: [], but: { mysql: [1, 2], mariadb: [1, 2, 3] } },
  { column: 'txt', operator: 'eq', value: '0', gives: [5] },
  { column: 'txt', operator: 'eq', value: '', gives: [6] },
  { column: 'txt', operator: 'eq', value: '50%_off 😀', gives: [7] },
  { column: 'txt', operator: 'eq', value: 'a\\b', gives: [8] },
  {
    column: 'txt',
    operator: 'neq',
    value: 'admin',
    gives: [1, 3, 5, 6, 7, 8],
    but: { mysql: [3, 5, 6, 7, 8], mariadb: [5, 6, 7, 8] },
  },
  {
    column: 'txt',
    operator: 'in',
    value: ['Admin', '0', null],
    gives: [1, 5],
    but: { mysql: [1, 2, 5], mariadb: [1, 2, 3, 5] },
  },
  {
    column: 'txt',
    operator: 'nin',
    value: ['admin', '0'],
    gives: [1, 3, 6, 7, 8],
    but: { mysql: [3, 6, 7, 8], mariadb: [6, 7, 8] },
  },
  { column: 'txt', operator: 'gt', value: 'b', gives: [] },
  { column: 'txt', operator: 'gt', value: '50%', gives: [1, 2, 3, 7, 8] },
  {
    column: 'txt',
    operator: 'isDistinct',
    value: 'admin',
    gives: [1, 3, 4, 5, 6, 7, 8],
    but: { mysql: [3, 4, 5, 6, 7, 8], mariadb: [4, 5, 6, 7, 8] },
  },
  { column: 'txt', operator: 'like', value: 'a%', gives: [2, 3, 8] },
  { column: 'txt', operator: 'like', value: 'A%', gives: [1] },
  { column: 'txt', operator: 'like', value: '%\\%\\_%', gives: [7] },
  { column: 'txt', operator: 'like', value: '50%\\%%', gives: [7] },
  { column: 'txt', operator: 'like', value: 'a\\\\b', gives: [8] },
  { column: 'txt', operator: 'like', value: '_dmin', gives: [1, 2] },
  { column: 'txt', operator: 'like', value: '%', gives: [1, 2, 3, 5, 6, 7, 8] },
  { column: 'txt', operator: 'like', value: '', gives: [6] },
  { column: 'txt', operator: 'like', value: 'admin_', gives: [3] },
  { column: 'txt', operator: 'like', value: 'x\\', gives: '22025' },
  { column: 'txt', operator: 'nlike', value: 'a%', gives: [1, 5, 6, 7] },
  { column: 'txt', operator: 'like', quantifier: 'any', value: ['a%', '0'], gives: [2, 3, 5, 8] },
  { column: 'txt', operator: 'like', quantifier: 'all', value: ['a%', '%n'], gives: [2] },
  { column: 'txt', operator: 'ilike', value: 'ADMIN%', gives: [1, 2, 3] },
  { column: 'txt', operator: 'ilike', value: 'á%', gives: [] },
  { column: 'txt', operator: 'nilike', value: 'a%', gives: [5, 6, 7] },
  { column: 'txt', operator: 'ilike', quantifier: 'any', value: ['ADMIN', '0'], gives: [1, 2, 5] },
  { column: 'txt', operator: 'regex', value: '^a', gives: [2, 3, 8] },
  { column: 'txt', operator: 'regex', value: '(?i)^A', gives: [1, 2, 3, 8] },
  { column: 'txt', operator: 'iregex', value: '^a', gives: [1, 2, 3, 8] },
  { column: 'txt', operator: 'nregex', value: '^a', gives: [1, 5, 6, 7] },
  { column: 'txt', operator: 'niregex', value: '^A', gives: [5, 6, 7] },
  { column: 'txt', operator: 'regex', value: '(', gives: '2201B' },
  { column: 'txt', operator: 'regex', value: '', gives: [1, 2, 3, 5, 6, 7, 8] },
  { column: 'txt', operator: 'regex', value: '^admin$', gives: [2] },
  { column: 'txt', operator: 'regex', quantifier: 'any', value: ['^0$', '^A'], gives: [1, 5] },
  { column: 'txt', operator: 'similar', value: 'a%', gives: [2, 3, 8] },
  { column: 'txt', operator: 'eq', value: 'x\u0000', gives: '22021' },
  { column: 'exact', operator: 'eq', value: 'admin', gives: [2] },
  { column: 'exact', operator: 'eq', value: 'ADMIN', gives: [] },
  { column: 'exact', operator: 'eq', value: 'admin ', gives: [3] },
  { column: 'exact', operator: 'in', value: ['admin', 'ADMIN'], gives: [2] },
  { column: 'exact', operator: 'neq', value: 'admin', gives: [1, 3, 5, 6, 7, 8] },
  { column: 'exact', operator: 'like', value: 'a%', gives: [2, 3, 8] },
  { column: 'exact', operator: 'ilike', value: 'A%', gives: [1, 2, 3, 8] },
  { column: 'exact', operator: 'gt', value: 'a', gives: [2, 3, 8] },
  { column: 'exact', operator: 'eq', value: 'a\\b', gives: [8] },
  { column: 'exact', operator: 'eq', value: '50%_off 😀', gives: [7] },
  { column: 'latin', operator: 'eq', value: 'Ärger', gives: [1] },
  { column: 'latin', operator: 'eq', value: 'ärger', gives: [1], but: { postgres: [] } },
  { column: 'latin', operator: 'eq', value: '?', gives: [3] },
  { column: 'latin', operator: 'eq', value: '日', gives: [] },
  { column: 'latin', operator: 'eq', value: '😀', gives: [] },
  { column: 'latin', operator: 'neq', value: '😀', gives: [1, 2, 3, 5, 6, 7, 8] },
  { column: 'latin', operator: 'neq', value: '日', gives: [1, 2, 3, 5, 6, 7, 8] },
  { column: 'latin', operator: 'in', value: ['Ärger', '日'], gives: [1] },
  { column: 'latin', operator: 'nin', value: ['Ärger', '日'], gives: [2, 3, 5, 6, 7, 8] },
  { column: 'latin', operator: 'like', value: 'Ä%', gives: [1] },
  { column: 'latin', operator: 'like', value: '日%', gives: [] },
  { column: 'latin', operator: 'ilike', value: 'ä%', gives: [1] },
  { column: 'latin', operator: 'regex', value: '^Ä', gives: [1] },
  { column: 'latin', operator: 'gt', value: 'b', gives: [1] },
  { column: 'latin', operator: 'isDistinct', value: '日', gives: [1, 2, 3, 4, 5, 6, 7, 8] },
  { column: 'latin', operator: 'eq', quantifier: 'any', value: ['Ärger'], gives: [1] },
  { column: 'old', operator: 'eq', value: 'Ärger', gives: [1, 2], but: { postgres: [1] } },
  { column: 'old', operator: 'eq', value: '😀', gives: [] },
  { column: 'old', operator: 'neq', value: '😀', gives: [1, 2, 3, 5, 6, 7, 8] },
  { column: 'old', operator: 'in', value: ['Ärger', '😀'], gives: [1, 2], but: { postgres: [1] } },
  { column: 'old', operator: 'like', value: '😀%', gives: [] },
  { column: 'old', operator: 'ilike', value: 'ä%', gives: [1] },
  { column: 'ch', operator: 'eq', value: 'ab', gives: [1, 2], but: { postgres: [1] } },
  { column: 'ch', operator: 'eq', value: 'ab ', gives: [1], but: { mysql: [], mariadb: [1, 2] } },
  { column: 'ch', operator: 'eq', value: 'AB', gives: [1, 2], but: { postgres: [2] } },
  { column: 'ch', operator: 'like', value: 'a%', gives: [1, 3] },
  { column: 'ch', operator: 'like', value: 'ab', gives: [1], but: { postgres: [] } },
  { column: 'bl', operator: 'eq', value: '\\xdead', gives: [1] },
  { column: 'bl', operator: 'eq', value: 'dead', gives: [] },
  { column: 'bl', operator: 'eq', value: '\\xDE AD', gives: [1] },
  { column: 'bl', operator: 'eq', value: '\\xzz', gives: '22P02', but: { postgres: '22023' } },
  { column: 'bl', operator: 'gt', value: '\\x61', gives: [1] },
  { column: 'bl', operator: 'in', value: ['\\xdead', '\\x30'], gives: [1, 5] },
  { column: 'bl', operator: 'like', value: '%', gives: [1, 2, 3, 5, 6, 7, 8] },
  { column: 'bl', operator: 'like', value: '\\x00ff25', gives: [3] },
  { column: 'bl', operator: 'like', value: '\\x25ff25', gives: [3] },
  { column: 'bl', operator: 'eq', value: '0', gives: [5] },
  { column: 'bl', operator: 'eq', value: '', gives: [2] },
  { column: 'bits', operator: 'eq', value: '00000101', gives: [1] },
  { column: 'bits', operator: 'eq', value: '101', gives: [1], but: { postgres: [] } },
  { column: 'bits', operator: 'eq', value: '2', gives: '22P02' },
  { column: 'bits', operator: 'gt', value: '00000010', gives: [1, 3, 6, 8] },
  { column: 'bits', operator: 'in', value: ['00000001', '00000000'], gives: [2, 5] },
  { column: 'y', operator: 'eq', value: '2020', gives: [1] },
  { column: 'y', operator: 'eq', value: '20', gives: '22003', but: { postgres: [] } },
  { column: 'y', operator: 'gt', value: '2020', gives: [5, 6, 8] },
  { column: 'y', operator: 'in', value: ['1999', '1901'], gives: [3, 7] },
  { column: 'j', operator: 'eq', value: '{"tags": ["x", "y"], "a": 1.0, "o": {"k": "v"}}', gives: [1] },
  { column: 'j', operator: 'eq', value: '"x"', gives: [7] },
  { column: 'j', operator: 'eq', value: 'null', gives: [6] },
  { column: 'j', operator: 'eq', value: '1.0', gives: [5] },
  { column: 'j', operator: 'neq', value: '1', gives: [1, 2, 3, 6, 7, 8] },
  { column: 'j', operator: 'in', value: ['1', '"x"'], gives: [5, 7] },
  { column: 'j', operator: 'contains', value: '{"a": 1}', gives: [1] },
  { column: 'j', operator: 'contains', value: '{"tags": ["y"]}', gives: [1] },
  { column: 'j', operator: 'contains', value: '{"o": {"k": "v"}}', gives: [1] },
  { column: 'j', operator: 'contains', value: '{"o": {}}', gives: [1] },
  { column: 'j', operator: 'contains', value: '{}', gives: [1, 2] },
  { column: 'j', operator: 'contains', value: '[]', gives: [3, 8] },
  { column: 'j', operator: 'contains', value: '"x"', gives: [3, 7] },
  { column: 'j', operator: 'contains', value: '["x"]', gives: [3] },
  { column: 'j', operator: 'contains', value: '["y"]', gives: [] },
  { column: 'j', operator: 'contains', value: '[["y"]]', gives: [3] },
  { column: 'j', operator: 'contains', value: '{"a": "1"}', gives: [2] },
  { column: 'j', operator: 'contains', value: '{"tags": "x"}', gives: [] },
  { column: 'j', operator: 'contains', value: '{"id": 1}', gives: [] },
  { column: 'j', operator: 'contains', value: '[{"id": 1}]', gives: [8] },
  { column: 'j', operator: 'contains', value: '[{"b": true}]', gives: [8] },
  { column: 'j', operator: 'contains', value: '1', gives: [5] },
  { column: 'j', operator: 'contains', value: 'null', gives: [6] },
  {
    column: 'j',
    operator: 'containedIn',
    value: '{"a": 1, "tags": ["x", "y", "z"], "o": {"k": "v", "l": 1}}',
    gives: [1],
  },
  { column: 'j', operator: 'containedIn', value: '["x", "y"]', gives: [7] },
  { column: 'j', operator: 'containedIn', value: '[{"id": 1}, {"id": 2, "b": true}]', gives: [8] },
  { column: 'j', operator: 'containedIn', value: '{"a": [1, "1"], "tags": [], "o": {}}', gives: [] },
  { column: 'j', operator: 'contains', path: ['tags'], value: '"x"', gives: [1] },
  { column: 'j', operator: 'contains', value: '[["y"], "k"]', gives: [3] },
  { column: 'j', operator: 'contains', value: '{"a": 1}', not: true, path: ['o'], gives: [1] },
  { column: 'j', operator: 'containedIn', value: '1', gives: [5] },
  { column: 'j', operator: 'contains', value: '{"a": 1}', not: true, gives: [2, 3, 5, 6, 7, 8] },
  { column: 'j', operator: 'hasKey', value: 'a', gives: [1, 2] },
  { column: 'j', operator: 'hasKey', value: 'x', gives: [3, 7] },
  { column: 'j', operator: 'hasKey', value: 'y', gives: [] },
  { column: 'j', operator: 'hasKey', value: 'k', gives: [3] },
  { column: 'j', operator: 'hasKey', value: 'X', gives: [] },
  { column: 'j', operator: 'hasKey', value: 'A', gives: [] },
  { column: 'j', operator: 'hasKey', value: '', gives: [] },
  { column: 'j', operator: 'hasKey', value: '%', gives: [] },
  { column: 'j', operator: 'hasKeysAny', value: ['a', 'k'], gives: [1, 2, 3] },
  { column: 'j', operator: 'hasKeysAll', value: ['x', 'k'], gives: [3] },
  { column: 'j', operator: 'hasKeysAll', value: [], gives: [1, 2, 3, 5, 6, 7, 8] },
  { column: 'j', operator: 'hasKeysAny', value: [], gives: [] },
  { column: 'j', operator: 'hasKey', value: 'a', not: true, gives: [3, 5, 6, 7, 8] },
  { column: 'j', operator: 'eq', path: ['a'], value: '1', gives: [1] },
  { column: 'j', operator: 'gt', path: ['a'], value: '0', gives: [1] },
  { column: 'j', operator: 'gt', path: ['a'], value: '"0"', gives: [1, 2] },
  { column: 'j', operator: 'lt', path: ['a'], value: '5', gives: [1, 2] },
  { column: 'j', operator: 'lte', path: ['a'], value: '1.0', gives: [1, 2] },
  { column: 'j', operator: 'in', path: ['a'], value: ['1', '2'], gives: [1] },
  { column: 'j', operator: 'eq', path: ['a'], asText: true, value: '1', gives: [1, 2] },
  { column: 'j', operator: 'in', path: ['a'], asText: true, value: ['1'], gives: [1, 2] },
  { column: 'j', operator: 'like', path: ['a'], asText: true, value: '1%', gives: [1, 2] },
  { column: 'j', operator: 'gt', path: ['a'], asText: true, value: '0', gives: [1, 2] },
  { column: 'j', operator: 'neq', path: ['a'], asText: true, value: '1', gives: [] },
  { column: 'j', operator: 'contains', path: ['tags'], value: '["x"]', gives: [1] },
  { column: 'j', operator: 'eq', path: [0], value: '"x"', gives: [3, 7] },
  { column: 'j', operator: 'eq', path: [0], asText: true, value: 'x', gives: [3, 7] },
  { column: 'j', operator: 'eq', path: ['o', 'k'], asText: true, value: 'v', gives: [1] },
  { column: 'j', operator: 'ilike', path: ['o', 'k'], asText: true, value: 'V', gives: [1] },
  { column: 'j', operator: 'eq', path: ['o', 'k'], asText: true, value: 'V', gives: [] },
  { column: 'j', operator: 'eq', path: ['o', 'k'], asText: true, value: 'v ', gives: [] },
  { column: 'j', operator: 'isNull', path: ['a'], gives: [3, 4, 5, 6, 7, 8] },
  { column: 'j', operator: 'gt', value: '0', gives: [1, 2, 3, 5, 8] },
  { column: 'exact', operator: 'fts', value: 'admin', gives: '0A000', but: { postgres: [1, 2, 3] } },
  { column: 'txt', operator: 'fts', value: 'admin', gives: [1, 2, 3] },
  { column: 'txt', operator: 'fts', value: 'ADMIN | off', gives: [1, 2, 3] },
  { column: 'txt', operator: 'fts', value: 'adm:*', gives: [1, 2, 3] },
  { column: 'txt', operator: 'fts', value: 'admin & !off', gives: [1, 2, 3] },
  { column: 'txt', operator: 'fts', value: '!admin', gives: '0A000', but: { postgres: [5, 6, 7, 8] } },
  { column: 'txt', operator: 'fts', value: 'admin', not: true, gives: [5, 6, 7, 8] },
  { column: 'txt', operator: 'fts', value: 'a & ', gives: '42601' },
  { column: 'txt', operator: 'plfts', value: '+admin -"*', gives: [1, 2, 3] },
  { column: 'txt', operator: 'phfts', value: 'admin', gives: [1, 2, 3] },
  { column: 'txt', operator: 'wfts', value: 'nothing or admin', gives: [1, 2, 3] },
  { column: 'txt', operator: 'wfts', value: '', gives: [] },
];

async function answer(project: TestProject, rule: Rule): Promise<Answer> {
  try {
    const compare = {
      kind: 'compare',
      column: rule.column,
      operator: rule.operator,
      ...(rule.quantifier === undefined ? {} : { quantifier: rule.quantifier }),
      ...(rule.path === undefined ? {} : { path: { steps: rule.path, text: rule.asText ?? false } }),
      ...(rule.value === undefined ? {} : { value: 0 }),
    } as const;
    const request: ApiRequest = {
      kind: 'read',
      table: 't',
      values: rule.value === undefined ? [] : [rule.value],
      node: {
        fields: [{ kind: 'column', column: 'id', as: 'id' }],
        order: [{ through: [], column: 'id', direction: 'asc' }],
        where: rule.not ? { kind: 'not', of: compare } : compare,
      },
      shape: 'list',
      count: false,
    };
    return await idsOf(project, request);
  } catch (error) {
    if (error instanceof Problem) return error.code;
    throw error;
  }
}

async function idsOf(project: TestProject, request: ApiRequest): Promise<readonly number[]> {
  const principal = token('reader', { sub: 'me' });
  const { capabilities } = project.api.databases.get('main')!.catalog;
  const query = authorize(plan(request, project.api, principal), project.api, principal);
  assert.equal(query.kind, 'read');
  if (query.kind !== 'read') return [];
  const values = request.kind === 'read' ? request.values : [];
  const source = { values, notation: 'text', principal, now: 0 } as const;
  if (capabilities.arrays) {
    const compiled = dialectFor('postgres').compile(query, capabilities);
    const parameters = bindParameters(compiled.bindings, source) as Parameter[];
    const { rows } = await project.pool.run((compiled as CompiledStatement).statement, parameters);
    return (JSON.parse(rows[0]![0]!) as { id: number }[]).map(({ id }) => id);
  }
  const aliases = new Aliases(capabilities);
  const alias = aliases.next();
  const where = compileCondition(query.node.where, { alias, guards: new Map(), aliases });
  const compiled = finish(
    sql`SELECT ${alias}.id FROM ${relationOf(query.node.table)} AS ${alias} WHERE ${where} ORDER BY 1`,
  );
  const parameters = bindParameters(compiled.bindings, source);
  const { rows } = await project.pool.run(compiled.statement, parameters as Parameter[]);
  return rows.map(([id]) => Number(id));
}

for (const engine of ['postgres', 'mysql', 'mariadb'] as const) {
  test(`comparisons on ${engine}`, async (t) => {
    const project = await createProject(t, { engine, yaml, sql: statements(engine) });
    for (const rule of rules) {
      await t.test(titleOf(rule), async () => {
        assert.deepEqual(await answer(project, rule), rule.but?.[engine] ?? rule.gives);
      });
    }
  });
}

function titleOf({ column, operator, value, quantifier, path, asText, not }: Rule): string {
  const place = path === undefined ? column : `${column} at ${path.join('.')}${asText ? ' as text' : ''}`;
  const how = quantifier === undefined ? operator : `${operator} ${quantifier}`;
  return `finds ${not ? 'not ' : ''}${place} ${how} ${value === undefined ? '' : JSON.stringify(value)}`.trim();
}
