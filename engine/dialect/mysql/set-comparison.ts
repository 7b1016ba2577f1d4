/** Comparisons of SET columns: each is a list of labels, without order and without one twice. */
import { Problem } from '../../problem/problem.ts';
import { type Sql, sql } from '../sql.ts';
import type { Way } from './comparison.ts';

interface SetWay extends Way {
  readonly contains: (text: Sql) => Sql;
  readonly containedIn: (text: Sql) => Sql;
  readonly overlaps: (text: Sql) => Sql;
}

/** @param left labels with commas between them, in the order of the type; the texts that it is compared with are like that */
export function ofSet(left: Sql): SetWay {
  const named = (text: Sql) => sql`CONVERT(${text} USING utf8mb4) COLLATE utf8mb4_bin`;
  const found = (label: Sql) => sql`FIND_IN_SET(${named(label)}, ${named(left)})`;
  const shared = (text: Sql) =>
    sql`(SELECT COUNT(NULLIF(${found(sql`labels.v`)}, 0)) FROM ${labelsOf(text)})`;
  const known = (text: Sql, holds: Sql) =>
    sql`CASE WHEN ${left} IS NOT NULL AND ${text} IS NOT NULL THEN ${holds} END`;
  return {
    equal: (text) => sql`(${named(left)} = ${named(text)})`,
    contains: (text) => known(text, sql`${shared(text)} = ${sizeOf(text)}`),
    containedIn: (text) => known(text, sql`${shared(text)} = ${sizeOf(left)}`),
    overlaps: (text) => known(text, sql`${shared(text)} > 0`),
    ordered: () => {
      throw new Problem('0A000', {
        message: 'An order of sets is not supported by this database.',
        hint: 'Compare sets with eq, cs, cd or ov.',
      });
    },
  };
}

/** `a,b` → rows `a` and `b`; no row of an empty set. */
function labelsOf(text: Sql): Sql {
  const quoted = sql`CONCAT('[', IF(${text} = '', '', REPLACE(CONVERT(JSON_QUOTE(CONVERT(${text} USING utf8mb4)) USING utf8mb4), ',', '","')), ']')`;
  return sql`JSON_TABLE(${quoted}, '$[*]' COLUMNS (v LONGTEXT CHARACTER SET utf8mb4 PATH '$')) AS labels`;
}

function sizeOf(labels: Sql): Sql {
  const text = sql`CONVERT(${labels} USING utf8mb4)`;
  return sql`IF(${text} = '', 0, CHAR_LENGTH(${text}) - CHAR_LENGTH(REPLACE(${text}, ',', '')) + 1)`;
}
