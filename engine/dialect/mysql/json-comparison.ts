/** Comparisons of JSON by its meaning, as PostgreSQL's jsonb has them: MySQL has a type for it, MariaDB has text. */
import type { Value } from '../../api/condition.ts';
import type { Capabilities } from '../../catalog/catalog.ts';
import { type Sql, sql } from '../sql.ts';
import type { Way } from './comparison.ts';
import { jsonKind } from './json-path.ts';
import { textOf } from './typed.ts';

interface JsonWay extends Way {
  readonly hasKey: (text: Sql) => Sql;
}

export function ofJson(left: Sql, { lateral }: Capabilities): JsonWay {
  return {
    equal: (text) => (lateral ? sql`(${left} = CAST(${text} AS JSON))` : equalTexts(left, text)),
    ordered: (sign, text) => ordered(left, sign, text),
    hasKey: (text) => hasKey(left, text),
  };
}

/** Whether the value's objects and lists are all within those of the left side. */
export function contains(left: Sql, value: Value, capabilities: Capabilities): Sql {
  const places = placesOf(
    value,
    'contains',
    sql`p LONGTEXT CHARACTER SET utf8mb4 PATH '$.p', e LONGTEXT CHARACTER SET utf8mb4 PATH '$.e'`,
  );
  const list = sql`JSON_EXTRACT(${left}, places.p)`;
  const item = sql`JSON_EXTRACT(${left}, CONCAT(places.p, '[', items.i - 1, ']'))`;
  const kind = jsonKind(sql`places.e`);
  const isElement = sql`CASE WHEN ${kind} IN ('ARRAY', 'OBJECT') THEN ${jsonKind(item)} = ${kind} AND JSON_CONTAINS(${item}, places.e) ELSE ${ofJson(item, capabilities).equal(sql`places.e`)} END`;
  const items = sql`JSON_TABLE(COALESCE(${list}, '[]'), '$[*]' COLUMNS (i FOR ORDINALITY)) AS items`;
  const isWider = sql`CASE WHEN places.e IS NULL THEN JSON_CONTAINS_PATH(${left}, 'one', places.p) ELSE ${jsonKind(list)} = 'ARRAY' AND NOT EXISTS (SELECT 1 FROM ${items} WHERE ${isElement}) END`;
  return sql`(JSON_CONTAINS(${left}, ${textOf(value)}) AND NOT EXISTS (SELECT 1 FROM ${places} WHERE ${isWider}))`;
}

/** The other way round. A plain value may be in a list, an object may not. */
export function containedIn(left: Sql, value: Value): Sql {
  const places = placesOf(value, 'containedIn', sql`p LONGTEXT CHARACTER SET utf8mb4 PATH '$'`);
  const kind = jsonKind(sql`JSON_EXTRACT(${left}, places.p)`);
  const isOther = sql`CASE WHEN places.p = '$' THEN ${kind} = 'OBJECT' ELSE ${kind} <> 'ARRAY' END`;
  return sql`(JSON_CONTAINS(${textOf(value)}, ${left}) AND NOT EXISTS (SELECT 1 FROM ${places} WHERE ${isOther}))`;
}

/** What `placesOfLists` and `listsOf` say of the value, as rows. */
function placesOf(value: Value, relation: 'contains' | 'containedIn', columns: Sql): Sql {
  const places = sql.parameter({ kind: 'places', of: value, relation });
  return sql`JSON_TABLE(${places}, '$[*]' COLUMNS (${columns})) AS places`;
}

/** Nothing is equal to NULL, but to MariaDB's function. */
function equalTexts(left: Sql, text: Sql): Sql {
  return sql`CASE WHEN ${left} IS NOT NULL AND ${text} IS NOT NULL THEN JSON_EQUALS(${left}, ${text}) END`;
}

/** Kinds first, then values. Objects and lists have no order among themselves here: unknown. */
function ordered(left: Sql, sign: Sql, right: Sql): Sql {
  const [near, far] = [kindOf(left), kindOf(right)];
  const plain = (value: Sql) => sql`CONVERT(JSON_UNQUOTE(${value}) USING utf8mb4)`;
  const texts = (value: Sql) => sql`${plain(value)} COLLATE utf8mb4_bin`;
  const doubles = (value: Sql) => sql`CAST(${plain(value)} AS DOUBLE)`;
  const decimals = (value: Sql) => sql`CAST(${plain(value)} AS DECIMAL(65, 30))`;
  const truth = (value: Sql) => sql`(${plain(value)} = 'true')`;
  return sql`CASE WHEN ${near} <> ${far} THEN ${near} ${sign} ${far}
    WHEN ${near} = 1 THEN 0 ${sign} 0
    WHEN ${near} = 2 THEN ${texts(left)} ${sign} ${texts(right)}
    WHEN ${near} = 3 AND ${doubles(left)} <> ${doubles(right)} THEN ${doubles(left)} ${sign} ${doubles(right)}
    WHEN ${near} = 3 THEN ${decimals(left)} ${sign} ${decimals(right)}
    WHEN ${near} = 4 THEN ${truth(left)} ${sign} ${truth(right)} END`;
}

function kindOf(value: Sql): Sql {
  return sql`CASE ${jsonKind(value)} WHEN 'NULL' THEN 1 WHEN 'STRING' THEN 2 WHEN 'BOOLEAN' THEN 4 WHEN 'ARRAY' THEN 5 WHEN 'OBJECT' THEN 6 WHEN 'INTEGER' THEN 3 WHEN 'UNSIGNED INTEGER' THEN 3 WHEN 'DOUBLE' THEN 3 WHEN 'DECIMAL' THEN 3 END`;
}

/** A key of an object, an element of a list, or the text itself. */
function hasKey(left: Sql, text: Sql): Sql {
  return sql`CASE ${jsonKind(left)}
    WHEN 'OBJECT' THEN JSON_CONTAINS(JSON_KEYS(${left}), JSON_QUOTE(${text}))
    WHEN 'ARRAY' THEN ${hasElement(left, text)}
    WHEN 'STRING' THEN JSON_CONTAINS(${left}, JSON_QUOTE(${text}))
    ELSE IF(${left} IS NULL OR ${text} IS NULL, NULL, 0) END`;
}

/** JSON_SEARCH finds texts further in too, whose paths have more than one step. */
function hasElement(left: Sql, text: Sql): Sql {
  const pattern = sql`REPLACE(REPLACE(REPLACE(${text}, '|', '||'), '%', '|%'), '_', '|_')`;
  const places = sql`CAST(JSON_SEARCH(${left}, 'all', ${pattern}, '|', '$[*]') AS CHAR)`;
  return sql`IF(${text} IS NULL, NULL, COALESCE(${places} REGEXP '"[$].[0-9]+."', 0))`;
}
