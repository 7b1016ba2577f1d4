/** Casts that a caller asks for → SQL. What cannot be read as the type is refused, where these servers would only warn. */
import { bareType } from '../../api/operators.ts';
import type { Family, Type } from '../../catalog/catalog.ts';
import { typeTitle } from '../../catalog/value.ts';
import { Problem } from '../../problem/problem.ts';
import { type Sql, sql } from '../sql.ts';
import { numberType, textOf, textType } from './json.ts';

/**
 * The value as another type; NULL where it is NULL. Raises 22003 on a value that is none of the type.
 *
 * @param from undefined: a plain number
 * @throws {Problem} 42846 there is no such cast
 */
export function castOf(value: Sql, from: Type | undefined, to: Type): Sql {
  const source = from === undefined ? numberType : bareType(from);
  if (to.family === 'string') return textOf(value, from);
  if (source.family === 'json' && to.family !== 'json') return castOf(scalarOf(value), textType, to);
  const cast = castTo(value, source, to);
  if (cast === undefined) throw noCast(source, to);
  return cast;
}

function castTo(value: Sql, from: Type, to: Type): Sql | undefined {
  switch (to.family) {
    case 'boolean':
      return toBoolean(value, from);
    case 'integer':
      return toInteger(value, from, to);
    case 'decimal':
      return to.name === 'numeric' ? toDecimal(value, from) : undefined;
    case 'float':
      return toFloat(value, from, to);
    case 'date':
      return toTime(value, from, sql`DATE`, ['date', 'timestamp']);
    case 'timestamp':
      return toTime(value, from, sql`DATETIME(6)`, ['date', 'timestamp']);
    case 'time':
      return to.name === 'time' ? toTime(value, from, sql`TIME(6)`, ['time', 'timestamp']) : undefined;
    case 'uuid':
      return from.family === 'string' || from.family === 'uuid'
        ? when(
            value,
            sql`CONCAT(${value}) REGEXP '^[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}$'`,
            sql`LOWER(${value})`,
            sql`CHAR`,
          )
        : undefined;
    case 'json':
      return toJson(value, from);
    case 'binary':
      return from.family === 'binary' ? value : undefined;
    default:
      return undefined;
  }
}

/** `then` where the value is one; else the statement fails, and by its type the failure is what `then` is. */
function when(value: Sql, isOne: Sql, then: Sql, type: Sql): Sql {
  // 22003 on every server: a double has no room for it. It depends on the row, so that it is not worked out before.
  const failure = sql`CAST(EXP(710 + CHAR_LENGTH(CONCAT(${value}))) AS ${type})`;
  return sql`CASE WHEN ${value} IS NULL THEN NULL WHEN ${isOne} THEN ${then} ELSE ${failure} END`;
}

const numbers: readonly Family[] = ['integer', 'decimal', 'float'];

function isNumber({ family }: Type): boolean {
  return numbers.includes(family);
}

function looksLike(value: Sql, pattern: Sql): Sql {
  return sql`${value} REGEXP ${pattern}`;
}

const wholeNumber = sql`'^[[:space:]]*[+-]?[0-9]{1,30}[[:space:]]*$'`;
const anyNumber = sql`'^[[:space:]]*[+-]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][+-]?[0-9]{1,3})?[[:space:]]*$'`;

function toInteger(value: Sql, from: Type, to: Type): Sql | undefined {
  if (from.family === 'boolean') return to.bits === 32 ? sql`CAST(${value} AS SIGNED)` : undefined;
  const isText = from.family === 'string';
  if (!isText && !isNumber(from)) return undefined;
  const number = isText ? sql`CAST(${value} AS DECIMAL(65,0))` : sql`ROUND(${value})`;
  const [low, high] = integerEnds[to.bits ?? 64]!;
  const fits = sql`${number} BETWEEN ${low} AND ${high}`;
  const isOne = isText ? sql`CASE WHEN ${looksLike(value, wholeNumber)} THEN ${fits} END` : fits;
  return when(value, isOne, sql`CAST(${number} AS SIGNED)`, sql`SIGNED`);
}

const integerEnds: Readonly<Record<number, readonly [Sql, Sql]>> = {
  16: [sql`-32768`, sql`32767`],
  32: [sql`-2147483648`, sql`2147483647`],
  64: [sql`-9223372036854775808`, sql`9223372036854775807`],
};

function toDecimal(value: Sql, from: Type): Sql | undefined {
  if (from.family === 'integer' || from.family === 'decimal') return value;
  const decimal = sql`CAST(CONCAT(${value}) AS DECIMAL(65,30))`;
  const fits = sql`ABS(CAST(${value} AS DOUBLE)) < 1e35`;
  if (from.family === 'float') return when(value, fits, decimal, sql`DECIMAL(65,30)`);
  if (from.family !== 'string') return undefined;
  return when(
    value,
    sql`CASE WHEN ${looksLike(value, anyNumber)} THEN ${fits} END`,
    decimal,
    sql`DECIMAL(65,30)`,
  );
}

function toFloat(value: Sql, from: Type, to: Type): Sql | undefined {
  const type = to.bits === 32 ? sql`FLOAT` : sql`DOUBLE`;
  if (isNumber(from)) return sql`CAST(${value} AS ${type})`;
  if (from.family !== 'string') return undefined;
  return when(value, looksLike(value, anyNumber), sql`CAST(CAST(${value} AS DOUBLE) AS ${type})`, type);
}

function toBoolean(value: Sql, from: Type): Sql | undefined {
  if (from.family === 'boolean') return value;
  if (from.family === 'integer') return from.bits === 32 ? sql`(${value} <> 0)` : undefined;
  if (from.family !== 'string') return undefined;
  const word = sql`LOWER(TRIM(${value}))`;
  const isTrue = sql`${word} IN ('t', 'tr', 'tru', 'true', 'y', 'ye', 'yes', 'on', '1')`;
  const isFalse = sql`${word} IN ('f', 'fa', 'fal', 'fals', 'false', 'n', 'no', 'of', 'off', '0')`;
  return when(value, sql`(${isTrue} OR ${isFalse})`, sql`(${isTrue})`, sql`SIGNED`);
}

/** What is no date is NULL to these servers. */
function toTime(value: Sql, from: Type, type: Sql, families: readonly Family[]): Sql | undefined {
  const time = sql`CAST(${value} AS ${type})`;
  if (families.includes(from.family)) return time;
  return from.family === 'string' ? when(value, sql`${time} IS NOT NULL`, time, type) : undefined;
}

function toJson(value: Sql, from: Type): Sql | undefined {
  if (from.family === 'json') return value;
  return from.family === 'string' ? when(value, sql`JSON_VALID(${value})`, value, sql`CHAR`) : undefined;
}

/** A JSON value's text: a JSON null is NULL, as where PostgreSQL casts one. */
function scalarOf(json: Sql): Sql {
  return sql`JSON_UNQUOTE(NULLIF(CONCAT(${json}), 'null'))`;
}

function noCast(from: Type, to: Type): Problem {
  return new Problem('42846', {
    message: `cannot cast type ${typeTitle(from)} to ${typeTitle(to)}`,
    hint: 'Leave the cast out, or cast to a type that this database has.',
  });
}
