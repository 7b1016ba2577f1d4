/** Comparisons of texts: under their column's collation, byte by byte, and with patterns. */
import type { Operator } from '../../api/condition.ts';
import type { Capabilities } from '../../catalog/catalog.ts';
import { type Sql, sql } from '../sql.ts';
import type { Way } from './comparison.ts';

/**
 * @param collation of the left side; undefined: byte by byte
 * @param exact equal means the same bytes; what the collation says comes first, since an index may serve it
 */
export function ofText(left: Sql, collation: string | undefined, exact: boolean): Way {
  if (collation === undefined) {
    return {
      equal: (text) => sql`(${exactly(left)} = ${exactly(text)})`,
      ordered: (sign, text) => sql`${inBytes(left)} ${sign} ${inBytes(text)}`,
      among: { left: exactly(left), right: exactly },
    };
  }
  const right = (text: Sql) => under(collation, text);
  const isUnicode = charsetOf(collation) === 'utf8mb4';
  const equal = (text: Sql) => {
    if (exact) return sql`(${left} = ${right(text)} AND ${exactly(left)} = ${exactly(text)})`;
    if (isUnicode) return sql`(${left} = ${right(text)})`;
    return sql`(${left} = ${right(text)} AND (${survives(text, collation)} OR ${left} IS NULL))`;
  };
  return {
    equal,
    ordered: (sign, text) => sql`${left} ${sign} ${right(text)}`,
    among: isUnicode ? { left, right } : { left, right, can: (text) => survives(text, collation) },
  };
}

/** The text given the collation by name: of two that stand for themselves neither wins. */
function under(collation: string, text: Sql): Sql {
  const charset = charsetOf(collation);
  const own = charset === 'utf8mb4' ? text : sql`CONVERT(${text} USING ${sql.identifier(charset)})`;
  return sql`${own} COLLATE ${sql.identifier(collation)}`;
}

/** In a smaller character set `?` stands for what it has not, and would be equal to a `?`. */
function survives(text: Sql, collation: string): Sql {
  return sql`${exactly(sql`CONVERT(${text} USING ${sql.identifier(charsetOf(collation))})`)} = ${exactly(text)}`;
}

/** `latin1_swedish_ci` → latin1. */
function charsetOf(collation: string): string {
  return collation.split('_')[0]!;
}

/** The bytes of a text: without case, accents or blanks at the end made alike. */
export function exactly(text: Sql): Sql {
  return sql`CAST(CONVERT(${text} USING utf8mb4) AS BINARY)`;
}

/** The text, to be compared by its characters' numbers. */
function inBytes(text: Sql): Sql {
  return sql`CONVERT(${text} USING utf8mb4) COLLATE utf8mb4_bin`;
}

type Pattern = Extract<
  Operator,
  'like' | 'nlike' | 'ilike' | 'nilike' | 'regex' | 'nregex' | 'iregex' | 'niregex'
>;

/** Case counts unless the operator says so, and accents always do, whatever the column's collation. */
export function patterns(
  { left, collation }: { readonly left: Sql; readonly collation?: string | undefined },
  operator: Pattern,
  text: Sql,
  capabilities: Capabilities,
): Sql {
  switch (operator) {
    case 'like': {
      const matches = sql`${inBytes(left)} LIKE ${inBytes(text)}`;
      if (collation === undefined || charsetOf(collation) !== 'utf8mb4') return matches;
      // What is alike byte by byte is alike under any collation, and for that an index serves.
      return sql`(${left} LIKE ${under(collation, text)} AND ${matches})`;
    }
    case 'nlike':
      return sql`${inBytes(left)} NOT LIKE ${inBytes(text)}`;
    case 'ilike':
      return sql`LOWER(${inBytes(left)}) LIKE LOWER(${inBytes(text)})`;
    case 'nilike':
      return sql`LOWER(${inBytes(left)}) NOT LIKE LOWER(${inBytes(text)})`;
    case 'regex':
      return matching(left, text, false, capabilities);
    case 'nregex':
      return sql`NOT ${matching(left, text, false, capabilities)}`;
    case 'iregex':
      return matching(left, text, true, capabilities);
    case 'niregex':
      return sql`NOT ${matching(left, text, true, capabilities)}`;
    default:
      return operator satisfies never;
  }
}

/** Bytes are matched one by one. */
export function likeBytes(left: Sql, operator: 'like' | 'nlike', pattern: Sql): Sql {
  return operator === 'like' ? sql`${left} LIKE ${pattern}` : sql`${left} NOT LIKE ${pattern}`;
}

/** A point matches line breaks too, as on PostgreSQL. The flags also keep an empty pattern, which MySQL refuses, from being one. */
function matching(left: Sql, text: Sql, anyCase: boolean, { lateral }: Capabilities): Sql {
  const pattern = sql`CONCAT(${anyCase ? sql`'(?si)'` : sql`'(?s)'`}, ${text})`;
  if (lateral)
    return sql`REGEXP_LIKE(CONVERT(${left} USING utf8mb4), ${pattern}, ${anyCase ? sql`'i'` : sql`'c'`})`;
  return sql`(${inBytes(left)} REGEXP ${inBytes(pattern)})`;
}
