/** Values → JSON text and plain text: what a column of each type looks like in an answer. */
import { bareType } from '../../api/operators.ts';
import { builtinSchema } from '../../catalog/builtin-types.ts';
import type { Type } from '../../catalog/catalog.ts';
import { type Sql, sql } from '../sql.ts';

/** Of a value that is plain text: as JSON it is quoted. */
export const textType: Type = Object.freeze({
  schema: 'mysql',
  name: 'longtext',
  modifiers: '',
  family: 'string',
  scalar: 'text',
});

/** Of JSON text that is made of a value. */
export const jsonType: Type = Object.freeze({
  schema: 'mysql',
  name: 'json',
  modifiers: '',
  family: 'json',
  scalar: 'jsonb',
});

/** Of a number whose text is its JSON. */
export const numberType: Type = Object.freeze({
  schema: 'mysql',
  name: 'decimal',
  modifiers: '',
  family: 'decimal',
  scalar: 'numeric',
});

/**
 * The JSON text of a value, never NULL: a value that is NULL is `null`. Text is built and not JSON values, so that keys
 * stay in order and numbers keep their digits.
 *
 * @param type undefined: the value is JSON text already, or a plain number
 */
export function jsonOf(value: Sql, type: Type | undefined): Sql {
  return sql`COALESCE(${jsonOrNull(value, type)}, 'null')`;
}

/** As `jsonOf`, but NULL where the value is. */
export function jsonOrNull(value: Sql, type: Type | undefined): Sql {
  if (type === undefined) return value;
  const bare = bareType(type);
  switch (bare.family) {
    case 'boolean':
      return sql`CASE ${value} WHEN 0 THEN 'false' WHEN 1 THEN 'true' ELSE CONCAT(${value}) END`;
    case 'integer':
    case 'decimal':
    case 'float':
      return numberText(value, bare);
    case 'json':
      return value;
    case 'string':
    case 'enum':
      return quoted(value);
    case 'array':
      // A label has no comma in it.
      return sql`CASE ${value} WHEN '' THEN '[]' ELSE CONCAT('[', REPLACE(${quoted(value)}, ',', '","'), ']') END`;
    case 'binary':
      return sql`CONCAT(${sql.literal('"\\\\x')}, LOWER(HEX(${value})), '"')`;
    case 'timestamp':
      return sql`CONCAT('"', REPLACE(${textOf(value, bare)}, ' ', 'T'), ${isZoned(bare) ? sql`':00"'` : sql`'"'`})`;
    default:
      return isGeometry(bare) ? geojson(value) : sql`CONCAT('"', ${textOf(value, bare)}, '"')`;
  }
}

/**
 * The text of a value in the form that a cast to text gives it on PostgreSQL, and CSV has it: NULL where the value is.
 *
 * @param type undefined: the value is JSON text already, or a plain number
 */
export function textOf(value: Sql, type: Type | undefined): Sql {
  if (type === undefined) return sql`CONCAT(${value})`;
  const bare = bareType(type);
  switch (bare.family) {
    case 'boolean':
      return sql`CASE ${value} WHEN 0 THEN 'false' WHEN 1 THEN 'true' ELSE CONCAT(${value}) END`;
    case 'integer':
    case 'decimal':
    case 'float':
      return sql`CONCAT(${numberText(value, bare)})`;
    case 'string':
    case 'enum':
      return characters(value);
    case 'date':
      return dateText(value);
    case 'timestamp': {
      const text = trimmed(dateText(value), bare);
      return isZoned(bare) ? sql`CONCAT(${text}, '+00')` : text;
    }
    case 'time':
      return trimmed(sql`CONCAT(${value})`, bare);
    case 'array':
      return listText(value, bare);
    case 'binary':
      return sql`CONCAT(${sql.literal('\\x')}, LOWER(HEX(${value})))`;
    default:
      if (isGeometry(bare)) return geojson(value);
      return bare.name === 'bit' ? bits(value, bare) : sql`CONCAT(${value})`;
  }
}

/** A value as CSV has it: as its text, but for truth, which PostgreSQL prints as `t` and `f`. */
export function csvText(value: Sql, type: Type | undefined): Sql {
  if (type === undefined || bareType(type).family !== 'boolean') return textOf(value, type);
  return sql`CASE ${value} WHEN 0 THEN 'f' WHEN 1 THEN 't' ELSE CONCAT(${value}) END`;
}

/** Whether the values are spatial: GeoJSON in an answer. */
export function isGeometry(type: Type | undefined): boolean {
  return type !== undefined && bareType(type).scalar === 'geometry';
}

/**
 * A number as the text of it is exact.
 *
 * Of a `float` six digits are printed, which may be fewer than it has: then all that a double has.
 */
export function numberText(value: Sql, { family, bits, unsigned, name, modifiers }: Type): Sql {
  if (family === 'float' && bits === 32)
    return sql`CASE WHEN CAST(CONCAT(${value}) AS FLOAT) = ${value} THEN CONCAT(${value}) ELSE ${doubleText(sql`CAST(${value} AS DOUBLE)`)} END`;
  if (family === 'float') return doubleText(value);
  // A cast to `numeric` has all places that there can be.
  if (family === 'decimal' && modifiers === '')
    return sql`CASE WHEN LOCATE('.', ${value}) > 0 THEN ${withoutZeros(value)} ELSE CONCAT(${value}) END`;
  // ZEROFILL, which only unsigned columns have, and a year would print zeros in front.
  return unsigned || name === 'year' ? sql`(${value} + 0)` : value;
}

/** The servers take a double for a text of 22 characters at most, and cut longer ones in a list or a derived table, in silence. */
function doubleText(value: Sql): Sql {
  return sql`CAST(${value} AS CHAR(24))`;
}

/** JSON has Unicode alone, and JSON_QUOTE takes no other text. */
function quoted(value: Sql): Sql {
  return sql`JSON_QUOTE(${characters(value)})`;
}

function characters(value: Sql): Sql {
  return sql`CONVERT(${value} USING utf8mb4)`;
}

/** Years, months and days may be zero here, which are no dates anywhere else: null. */
function dateText(value: Sql): Sql {
  return sql`CASE WHEN MONTH(${value}) > 0 AND DAYOFMONTH(${value}) > 0 THEN CONCAT(${value}) END`;
}

/** `10:00:00.500000` → `10:00:00.5`, as PostgreSQL prints it. What a caller casts to has all places that there can be. */
function trimmed(text: Sql, { modifiers, schema }: Type): Sql {
  return modifiers === '' && schema !== builtinSchema ? text : withoutZeros(text);
}

function withoutZeros(text: Sql): Sql {
  return sql`TRIM(TRAILING '.' FROM TRIM(TRAILING '0' FROM ${text}))`;
}

function isZoned({ scalar }: Type): boolean {
  return scalar === 'timestamptz';
}

/** `{a,b}`; every element is quoted when one of the labels needs it. */
function listText(value: Sql, { element }: Type): Sql {
  const isPlain = (element?.labels ?? []).every(
    (label) => /^[^\s{}"\\,]+$/.test(label) && !/^null$/i.test(label),
  );
  const text = characters(value);
  if (isPlain) return sql`CONCAT('{', ${text}, '}')`;
  const escaped = sql`REPLACE(REPLACE(${text}, ${sql.literal('\\')}, ${sql.literal('\\\\')}), '"', ${sql.literal('\\"')})`;
  return sql`CASE ${value} WHEN '' THEN '{}' ELSE CONCAT('{"', REPLACE(${escaped}, ',', '","'), '"}') END`;
}

function bits(value: Sql, { modifiers }: Type): Sql {
  const length = Number(/[0-9]+/.exec(modifiers)?.[0] ?? 1);
  return sql`LPAD(BIN(${value} + 0), ${sql.integer(length)}, '0')`;
}

function geojson(value: Sql): Sql {
  return sql`CONCAT(ST_AsGeoJSON(${value}))`;
}
