/** Places in JSON → SQL, by PostgreSQL's rules: an index is of lists alone, and a JSON null has no text. */
import type { JsonPath } from '../../api/condition.ts';
import { type Sql, sql } from '../sql.ts';

/** The value at a place in a JSON text, NULL where there is none. `path.text`: as text, without quotes. */
export function placeIn(json: Sql, path: JsonPath): Sql {
  const found = sql`JSON_EXTRACT(${json}, ${sql.literal(pathText(path.steps))})`;
  const value = path.text ? sql`JSON_UNQUOTE(NULLIF(CONCAT(${found}), 'null'))` : found;
  // What is no list is taken for a list of one here, so `$[0]` would be the value itself.
  const lists = path.steps.flatMap((step, index) =>
    typeof step === 'number' ? [isList(json, path.steps.slice(0, index))] : [],
  );
  return lists.length === 0 ? value : sql`CASE WHEN ${sql.join(lists, sql` AND `)} THEN ${value} END`;
}

function isList(json: Sql, steps: JsonPath['steps']): Sql {
  const value = steps.length === 0 ? json : sql`JSON_EXTRACT(${json}, ${sql.literal(pathText(steps))})`;
  return sql`${jsonKind(value)} = 'ARRAY'`;
}

/** JSON_TYPE as a text that may be compared with a constant: on MySQL it has a collation of its own. */
export function jsonKind(value: Sql): Sql {
  return sql`CONVERT(JSON_TYPE(${value}) USING utf8mb4)`;
}

function pathText(steps: JsonPath['steps']): string {
  return `$${steps.map((step) => (typeof step === 'number' ? indexText(step) : `.${JSON.stringify(step)}`)).join('')}`;
}

function indexText(index: number): string {
  if (index >= 0) return `[${index}]`;
  return index === -1 ? '[last]' : `[last-${-1 - index}]`;
}
