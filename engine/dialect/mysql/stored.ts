/** Texts ↔ values: how a text that was read as a type is stored and compared, and the text by which a value is found again. */
import type { Column } from '../../api/api.ts';
import type { SetValue } from '../../api/condition.ts';
import { bareType } from '../../api/operators.ts';
import type { Type } from '../../catalog/catalog.ts';
import { type Sql, sql } from '../sql.ts';
import { isGeometry, textOf } from './json.ts';
import { asType, momentText } from './typed.ts';

/** What a column of the type is given: of most types the text itself, which a strict session reads or refuses. */
export function stored(text: Sql, type: Type): Sql {
  const bare = bareType(type);
  if (bare.family === 'boolean') return truth(text);
  return bare.family === 'binary' || bare.name === 'bit' || isGeometry(bare) ? asType(text, bare) : text;
}

/** As `stored`, for what `set:` writes, whose text is the parameter's. */
export function storedPreset(parameter: Sql, value: SetValue, type: Type): Sql {
  return stored(value.kind === 'now' ? momentText(parameter, value.type) : parameter, type);
}

function truth(text: Sql): Sql {
  return sql`CASE ${text} WHEN 'true' THEN '1' WHEN 'false' THEN '0' ELSE ${text} END`;
}

/** The value of a column as a text that `keyValue` reads back to it, whatever the column shows to callers. */
export function keyText(value: Sql, type: Type): Sql {
  switch (bareType(type).family) {
    case 'boolean':
    case 'date':
    case 'timestamp':
    case 'time':
      return sql`CONCAT(${value})`;
    case 'array':
      return sql`CONVERT(${value} USING utf8mb4)`;
    default:
      return textOf(value, type);
  }
}

/** A text, of `keyText` or of a request, as a value that equals the column's where it is the same, by an index if there is one. */
export function keyValue(text: Sql, { type, source }: Column): Sql {
  const bare = bareType(type);
  switch (bare.family) {
    case 'boolean':
      return sql`CAST(${truth(text)} AS SIGNED)`;
    case 'integer':
      return sql`CAST(${text} AS ${bare.unsigned || bare.name === 'year' ? sql`UNSIGNED` : sql`SIGNED`})`;
    case 'decimal':
      return sql`CAST(${text} AS DECIMAL${precision(bare, [65, 30])})`;
    case 'float':
      return sql`CAST(${text} AS ${bare.bits === 32 ? sql`FLOAT` : sql`DOUBLE`})`;
    case 'date':
      return sql`CAST(${text} AS DATE)`;
    case 'time':
      return sql`CAST(${text} AS TIME${precision(bare)})`;
    case 'timestamp':
      return sql`CAST(${text} AS DATETIME${precision(bare)})`;
    case 'binary':
      return binary(text, bare);
    case 'string':
    case 'enum':
    case 'array':
      return collated(text, source.collation);
    default:
      return asType(text, bare);
  }
}

/** A value of fixed length is filled up with zeros. */
function binary(text: Sql, type: Type): Sql {
  const bytes = stored(text, type);
  return type.name === 'binary' ? sql`CAST(${bytes} AS BINARY${precision(type, [1])})` : bytes;
}

function precision({ modifiers }: Type, otherwise?: readonly number[]): Sql {
  const given = [...modifiers.matchAll(/[0-9]+/g)].map(([digits]) => Number(digits));
  const numbers = given.length > 0 ? given : (otherwise ?? []);
  if (numbers.length === 0) return sql.empty;
  return sql`(${sql.join(
    numbers.map((one) => sql.integer(one)),
    sql`,`,
  )})`;
}

/** Texts that are not of one collation cannot be compared; what the column's characters do not have equals nothing in it. */
function collated(text: Sql, collation: string | undefined): Sql {
  if (collation === undefined) return text;
  const [charset] = collation.split('_');
  const characters = charset === 'utf8mb4' ? text : sql`CONVERT(${text} USING ${sql.identifier(charset!)})`;
  return sql`${characters} COLLATE ${sql.identifier(collation)}`;
}

/** A text of a request as a value that a condition can ask of as it would of the column. */
export function proposedValue(text: Sql, column: Column): Sql {
  const { type } = column;
  if (bareType(type).family === 'json') return asType(text, type);
  return isGeometry(type) ? stored(text, type) : keyValue(text, column);
}
