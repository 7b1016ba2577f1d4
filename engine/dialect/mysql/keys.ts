/** How written rows are told from all others: by the columns of a key, whose values go from statement to statement as texts. */
import type { Column, Table } from '../../api/api.ts';
import { uniquesOf } from '../../catalog/unique-keys.ts';
import { Problem } from '../../problem/problem.ts';
import { type Sql, sql } from '../sql.ts';
import { rowsAtHand } from './parts.ts';
import { keyText, keyValue } from './stored.ts';

/** Values of the key of one row. */
export type Key = readonly (string | null)[];

/** Columns of which no two rows have the same values, and none is null. */
export type Identity = readonly Column[];

/**
 * What tells all rows of the table apart: its primary key, a unique key without nulls, or what the project says is a key.
 * Whether that is one is not known, so whoever writes by keys counts the rows.
 */
export function identityOf({ relation, byDatabaseName, key }: Table): Identity | undefined {
  const whole = uniqueKeys(relation, byDatabaseName).find((columns) =>
    columns.every(({ source }) => !source.nullable),
  );
  return whole ?? (key.length > 0 ? key : undefined);
}

/** The primary key comes first. */
export function uniqueKeys(
  relation: Table['relation'],
  byDatabaseName: Table['byDatabaseName'],
): readonly Identity[] {
  return uniquesOf(relation).map(({ columns }) => columns.map((name) => byDatabaseName.get(name)!));
}

/** The texts of a row's key. */
export function keyTexts(identity: Identity, alias: Sql): readonly Sql[] {
  return identity.map((column) => keyText(sql`${alias}.${sql.identifier(column.column)}`, column.type));
}

/** Where the rows at hand are read from, or others: `position` from 1, and their values as texts, `c0`, `c1` … */
export function handed(width: number, alias: Sql, rows: Sql = rowsAtHand): Sql {
  const columns = Array.from(
    { length: width },
    (_, index) =>
      sql`, ${handedText(index)} LONGTEXT CHARACTER SET utf8mb4 PATH ${sql.literal(`$[${index}]`)}`,
  );
  return sql`JSON_TABLE(${rows}, '$[*]' COLUMNS (${position} FOR ORDINALITY${sql.join(columns, sql.empty)})) AS ${alias}`;
}

export const position: Sql = sql.identifier('position');

export function handedText(index: number): Sql {
  return sql.identifier(`c${index}`);
}

/** That a row is the one whose key is first among the texts of a row at hand. */
export function sameKey(identity: Identity, row: Sql, hand: Sql): Sql {
  return sql.join(
    identity.map(
      (column, index) =>
        sql`${row}.${sql.identifier(column.column)} = ${keyValue(sql`${hand}.${handedText(index)}`, column)}`,
    ),
    sql` AND `,
  );
}

/** @throws {Problem} 0A000 rows of the table cannot be told from each other */
export function requireIdentity(table: Table): Identity {
  const identity = identityOf(table);
  if (identity === undefined) throw noIdentity(table);
  return identity;
}

export function noIdentity(table: Table): Problem {
  return new Problem('0A000', {
    message: `rows of ${table.rest} can not be told from each other, which this write needs`,
    hint:
      table.relation.kind === 'view'
        ? 'Let the project say which columns are its key.'
        : 'Give the table a primary key, or ask for nothing in return.',
  });
}

/** Rows that were written are not where their keys say. */
export function lostRows({ rest, relation }: Table): Problem {
  const why =
    relation.kind === 'view'
      ? 'They leave the view, or what the project calls its key is none.'
      : 'A trigger gives them other keys than they are written with.';
  return new Problem('0A000', {
    message: `rows of ${rest} can not be found again once they are written`,
    hint: `${why} Nothing was written.`,
  });
}
