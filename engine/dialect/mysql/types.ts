/** Rows of information_schema.COLUMNS as the catalog's columns. Pure. */
import type { Column } from '../../catalog/catalog.ts';
import { mysqlType } from '../../catalog/mysql-types.ts';
import type { Server } from './server.ts';

/** One row, as the server prints it. */
export interface ColumnRow {
  readonly relation: string;
  readonly name: string;
  /** `int(10) unsigned`; `json` too where MariaDB keeps a text. */
  readonly type: string;
  readonly nullable: boolean;
  readonly default: string | null;
  /** `auto_increment`, `DEFAULT_GENERATED on update CURRENT_TIMESTAMP`, `STORED GENERATED, INVISIBLE`. */
  readonly extra: string;
  readonly collation: string | null;
  readonly comment: string;
}

/** @param view whether it is a view's, and may be written there */
export function columnOf(
  row: ColumnRow,
  { engine }: Pick<Server, 'engine'>,
  view: { readonly writable: boolean } | undefined,
): Column {
  const generated = generatedIn(row.extra);
  const type = mysqlType(row.type, `${row.relation}_${row.name}`);
  return {
    name: row.name,
    type,
    nullable: row.nullable,
    default: generated === undefined ? defaultOf(row, engine) : null,
    identity: /\bauto_increment\b/i.test(row.extra) ? 'by default' : null,
    generated: generated !== undefined || view?.writable === false,
    comment: row.comment === '' ? null : row.comment,
    ...(view !== undefined || generated === 'VIRTUAL' ? { computed: true } : {}),
    // MariaDB keeps JSON as a text, but nobody compares it so.
    ...(row.collation === null || type.family === 'json' ? {} : { collation: row.collation }),
  };
}

/** Which kind of generated column it is, when it is one. */
export function generatedIn(extra: string): 'VIRTUAL' | 'STORED' | undefined {
  const kind = /\b(VIRTUAL|STORED|PERSISTENT) GENERATED\b/i.exec(extra)?.[1]?.toUpperCase();
  if (kind === undefined) return undefined;
  return kind === 'VIRTUAL' ? kind : 'STORED';
}

/** As SQL, with what an update sets: `CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP`. */
function defaultOf(row: ColumnRow, engine: Server['engine']): string | null {
  const inserted = engine === 'mariadb' ? written(row) : printed(row);
  const updated = now(/\bon update (\w+(?:\(\d*\))?)/i.exec(row.extra)?.[1] ?? null);
  if (updated === null) return inserted;
  if (inserted === null && !row.nullable) return null;
  return `${inserted ?? 'NULL'} ON UPDATE ${updated}`;
}

/** MariaDB writes SQL, and of a column that may be null and has no default `NULL`. */
function written(row: ColumnRow): string | null {
  return row.default === 'NULL' && row.nullable ? null : now(row.default);
}

/** As MySQL writes it: `CURRENT_TIMESTAMP(3)`. MariaDB has it in lower case, and with empty parentheses. */
function now(expression: string | null): string | null {
  const found = /^current_timestamp(\(\d*\))?$/i.exec(expression ?? '');
  if (found === null) return expression;
  const precision = found[1] ?? '()';
  return `CURRENT_TIMESTAMP${precision === '()' ? '' : precision}`;
}

/** MySQL writes an expression with its quotes escaped, and of a literal the value alone. */
function printed(row: ColumnRow): string | null {
  if (row.default === null) return null;
  if (/\bDEFAULT_GENERATED\b/i.test(row.extra)) return row.default.replace(/\\(['\\])/g, '$1');
  const bare = /^(?:tinyint|smallint|mediumint|int|bigint|decimal|float|double|year|bit|binary|varbinary)\b/;
  return bare.test(row.type)
    ? row.default
    : `'${row.default.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`;
}
