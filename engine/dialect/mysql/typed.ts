/** Parameters with their types: nothing about a value is guessed, and no exact number is compared as a floating point one. */
import type { Value } from '../../api/condition.ts';
import { bareType } from '../../api/operators.ts';
import { builtinSchema } from '../../catalog/builtin-types.ts';
import type { Family, Type } from '../../catalog/catalog.ts';
import { mysqlSchema } from '../../catalog/mysql-types.ts';
import { type Sql, sql } from '../sql.ts';

/**
 * A parameter as a value of its type: `CAST(CAST(? AS CHAR) AS SIGNED)`. A text stays the bare parameter, which takes the
 * collation of what it is compared with; a list is its JSON text.
 */
export function typed(value: Value): Sql {
  if (value.list || isText(value.type)) return parameter(value);
  return asType(textOf(value), value.type);
}

/** Casts name PostgreSQL's types, and so do the results of functions: their values are read as this database's. */
function parameter(value: Value): Sql {
  const own = ownTypes.get(bareType(value.type).name);
  return sql.parameter(
    value.type.schema === builtinSchema && own !== undefined ? { ...value, type: own } : value,
  );
}

function ownType(name: string, family: Family, scalar: string, more: Partial<Type> = {}): [string, Type] {
  return [scalar, Object.freeze({ schema: mysqlSchema, name, modifiers: '', family, scalar, ...more })];
}

/** By PostgreSQL's name. */
const ownTypes: ReadonlyMap<string, Type> = new Map([
  ownType('smallint', 'integer', 'int2', { bits: 16 }),
  ownType('int', 'integer', 'int4', { bits: 32 }),
  ownType('bigint', 'integer', 'int8', { bits: 64 }),
  ownType('decimal', 'decimal', 'numeric'),
  ownType('float', 'float', 'float4', { bits: 32 }),
  ownType('double', 'float', 'float8', { bits: 64 }),
  ownType('date', 'date', 'date'),
  ownType('time', 'time', 'time'),
  ownType('datetime', 'timestamp', 'timestamp'),
  ownType('timestamp', 'timestamp', 'timestamptz'),
  ownType('longblob', 'binary', 'bytea'),
]);

/**
 * The parameter as text. MySQL makes up a type for a bare one from what stands around it, and then reads a time as a date
 * and no integer above 2^63.
 */
export function textOf(value: Value): Sql {
  const text = sql`CAST(${parameter(value)} AS CHAR)`;
  return value.kind === 'now' ? momentText(text, value.type) : text;
}

/** Of a moment in ISO 8601, what a type holds: it is in UTC, and MariaDB refuses a zone at its end. */
export function momentText(text: Sql, type: Type): Sql {
  const [start, length] = partOfMoment(type);
  return sql`SUBSTRING(${text}, ${sql.integer(start)}, ${sql.integer(length)})`;
}

/** `2020-01-31T10:00:00.000Z` → what the type holds of it: where it begins, and how long it is. */
function partOfMoment(type: Type): readonly [number, number] {
  switch (bareType(type).family) {
    case 'date':
      return [1, 10];
    case 'time':
      return [12, 12];
    default:
      return [1, 23];
  }
}

/** The values of a list as rows of one column, `list.v`, all of them text. */
export function listed(value: Value): { readonly from: Sql; readonly text: Sql } {
  const text = sql`v LONGTEXT CHARACTER SET utf8mb4 PATH '$'`;
  return {
    from: sql`JSON_TABLE(${parameter(value)}, '$[*]' COLUMNS (${text})) AS list`,
    text: sql`list.v`,
  };
}

/** @param text what `readValue` made of a value of the type, as the text of a parameter or of a list's item */
export function asType(text: Sql, type: Type): Sql {
  const bare = bareType(type);
  switch (bare.family) {
    case 'boolean':
      return sql`(${text} IN ('true', '1'))`;
    case 'json':
      return sql`JSON_EXTRACT(${text}, '$')`;
    case 'binary':
      return sql`UNHEX(SUBSTRING(${text}, 3))`;
    default: {
      const name = castName(bare);
      if (name !== undefined) return sql`CAST(${text} AS ${name})`;
      if (bare.name === 'bit') return sql`CAST(CONV(${text}, 2, 10) AS UNSIGNED)`;
      // In the reference system that the column is bound to; else in none, as the places of GeoJSON stand.
      return bare.scalar === 'geometry'
        ? sql`ST_GeomFromGeoJSON(${text}, 1, ${sql.integer(systemOf(bare))})`
        : text;
    }
  }
}

/** `point(4326)`. */
function systemOf({ modifiers }: Type): number {
  return Number(/[0-9]+/.exec(modifiers)?.[0] ?? 0);
}

/** What CAST calls the type; undefined: text, and what no cast makes. */
export function castName(type: Type): Sql | undefined {
  const bare = bareType(type);
  switch (bare.family) {
    case 'integer':
      return bare.unsigned ? sql`UNSIGNED` : sql`SIGNED`;
    case 'decimal':
      return sql`DECIMAL(65, ${sql.integer(scaleOf(bare))})`;
    case 'float':
      return bare.bits === 32 ? sql`FLOAT` : sql`DOUBLE`;
    case 'date':
      return sql`DATE`;
    case 'time':
      return sql`TIME(6)`;
    case 'timestamp':
      return sql`DATETIME(6)`;
    case 'uuid':
      return bare.name === 'uuid' && bare.schema === 'mysql' ? sql`UUID` : undefined;
    default:
      return ownCasts.get(bare.name);
  }
}

const ownCasts: ReadonlyMap<string, Sql> = new Map([
  ['inet4', sql`INET4`],
  ['inet6', sql`INET6`],
]);

/** As many places as there can be behind the point, unless the type needs more than 35 before it. */
function scaleOf({ modifiers }: Type): number {
  const [precision = 65, scale = 30] = (modifiers.match(/[0-9]+/g) ?? []).map(Number);
  return modifiers === '' ? 30 : Math.min(30, 65 - (precision - scale));
}

/** Whether values of the type are texts, compared under a collation. */
export function isText(type: Type): boolean {
  const { family } = bareType(type);
  return family === 'string' || family === 'enum';
}

/** The place of a label, from 1; of a guarded column no number can be asked, so it is looked for. */
export function placeOf(label: Sql, { labels = [] }: Type): Sql {
  const list = sql.join(
    labels.map((one) => sql.literal(one)),
    sql`, `,
  );
  return sql`NULLIF(FIELD(${label}, ${list}), 0)`;
}
