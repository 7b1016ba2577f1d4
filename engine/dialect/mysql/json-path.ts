/** Places in JSON → SQL, by PostgreSQL's rules: no index is of an object, and a JSON null has no text. */
import type { JsonPath } from '../../api/condition.ts';
import { type Sql, sql } from '../sql.ts';

type Step = JsonPath['steps'][number];

/** The value at a place in a JSON text, NULL where there is none. `path.text`: as text, without quotes. */
export function placeIn(json: Sql, { steps, text }: JsonPath): Sql {
  const found = sql`JSON_EXTRACT(${json}, ${pathTo(json, steps)})`;
  const value = text ? sql`JSON_UNQUOTE(NULLIF(CONCAT(${found}), 'null'))` : found;
  // What is no list is taken for a list of one: PostgreSQL's jsonb does so too, but not with objects.
  const lists = steps.flatMap((step, index) =>
    typeof step === 'number' ? [isNoObject(json, steps.slice(0, index))] : [],
  );
  return lists.length === 0 ? value : sql`CASE WHEN ${sql.join(lists, sql` AND `)} THEN ${value} END`;
}

function isNoObject(json: Sql, steps: readonly Step[]): Sql {
  const value = steps.length === 0 ? json : sql`JSON_EXTRACT(${json}, ${pathTo(json, steps)})`;
  return sql`${jsonKind(value)} <> 'OBJECT'`;
}

/** JSON_TYPE as a text that may be compared with a constant: on MySQL it has a collation of its own. */
export function jsonKind(value: Sql): Sql {
  return sql`CONVERT(JSON_TYPE(${value}) USING utf8mb4)`;
}

/** `$."a"[0]`. A place from the end is counted: MariaDB forgets a constant `[last]` once it has read a row. */
function pathTo(json: Sql, steps: readonly Step[]): Sql {
  const at = steps.findLastIndex((step) => typeof step === 'number' && step < 0);
  const rest = steps
    .slice(at + 1)
    .map(stepText)
    .join('');
  if (at < 0) return sql.literal(`$${rest}`);
  const list = pathTo(json, steps.slice(0, at));
  const length = sql`JSON_LENGTH(${json}, ${list})`;
  const back = sql.integer(-(steps[at] as number));
  // Further back than the list is long there is nothing, as behind its end.
  const index = sql`CASE WHEN ${length} >= ${back} THEN ${length} - ${back} ELSE ${length} END`;
  return sql`CONCAT(${list}, '[', ${index}, ${sql.literal(`]${rest}`)})`;
}

function stepText(step: Step): string {
  return typeof step === 'number' ? `[${step}]` : `.${JSON.stringify(step)}`;
}
