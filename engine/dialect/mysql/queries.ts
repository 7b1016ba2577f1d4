/**
 * The catalog queries over information_schema: constant text, each asked once of each schema, in one statement. MariaDB
 * opens only the tables of a schema that a query compares with `=`, so a list of schemas is a UNION ALL.
 */

type Engine = 'mysql' | 'mariadb';

export const server = 'SELECT VERSION(), DATABASE(), @@lower_case_table_names';

/** Names as the server keeps them: where case does not count, the project may write them otherwise. */
export const schemata =
  'SELECT SCHEMA_NAME FROM information_schema.SCHEMATA WHERE LOWER(SCHEMA_NAME) = LOWER(?)';

/** A text that is repeated for each schema, which is its one parameter. */
export type OfSchema = string;

export function forSchemas(query: OfSchema, schemas: readonly string[]): string {
  return schemas.map(() => query).join(' UNION ALL ');
}

/** A sequence of MariaDB is a table of another type; so is a table of the session's own. */
export const relations: OfSchema = `
SELECT TABLE_SCHEMA, TABLE_NAME, TABLE_TYPE, TABLE_COMMENT, TABLE_ROWS, CREATE_OPTIONS
  FROM information_schema.TABLES
 WHERE TABLE_SCHEMA = ? AND TABLE_TYPE IN ('BASE TABLE', 'VIEW', 'SYSTEM VERSIONED')`;

/** Tables whose storage engine knows no transactions: what is written to them stays, whatever is undone. */
export const lasting: OfSchema = `
SELECT TABLE_SCHEMA, TABLE_NAME
  FROM information_schema.TABLES JOIN information_schema.ENGINES USING (ENGINE)
 WHERE TABLE_SCHEMA = ? AND COALESCE(TRANSACTIONS, 'NO') <> 'YES'`;

/** MariaDB binds no column to a reference system. */
export const columns = (engine: Engine): OfSchema => `
SELECT TABLE_SCHEMA, TABLE_NAME, COLUMN_NAME, ORDINAL_POSITION, COLUMN_TYPE, IS_NULLABLE, COLUMN_DEFAULT, EXTRA,
       GENERATION_EXPRESSION, COLLATION_NAME, COLUMN_COMMENT, ${engine === 'mysql' ? 'SRS_ID' : 'NULL'}
  FROM information_schema.COLUMNS
 WHERE TABLE_SCHEMA = ?`;

/** What stands for a type of JSON in MariaDB. */
export const checks: OfSchema = `
SELECT CONSTRAINT_SCHEMA, TABLE_NAME, CHECK_CLAUSE
  FROM information_schema.CHECK_CONSTRAINTS
 WHERE CONSTRAINT_SCHEMA = ? AND CHECK_CLAUSE LIKE 'json\\_valid(%'`;

/** Of an index over an expression the column's name is null. */
export const indexes: OfSchema = `
SELECT TABLE_SCHEMA, TABLE_NAME, INDEX_NAME, SEQ_IN_INDEX, COLUMN_NAME, NON_UNIQUE, SUB_PART, INDEX_TYPE
  FROM information_schema.STATISTICS
 WHERE TABLE_SCHEMA = ?`;

export const foreignKeys: OfSchema = `
SELECT TABLE_SCHEMA, TABLE_NAME, CONSTRAINT_NAME, ORDINAL_POSITION, COLUMN_NAME, REFERENCED_TABLE_SCHEMA,
       REFERENCED_TABLE_NAME, REFERENCED_COLUMN_NAME
  FROM information_schema.KEY_COLUMN_USAGE
 WHERE TABLE_SCHEMA = ? AND REFERENCED_TABLE_NAME IS NOT NULL`;

export const views: OfSchema = `
SELECT TABLE_SCHEMA, TABLE_NAME, VIEW_DEFINITION, IS_UPDATABLE
  FROM information_schema.VIEWS
 WHERE TABLE_SCHEMA = ?`;

export const triggers: OfSchema = `
SELECT DISTINCT EVENT_OBJECT_SCHEMA, EVENT_OBJECT_TABLE
  FROM information_schema.TRIGGERS
 WHERE TRIGGER_SCHEMA = ?`;

export const freshStatistics = 'SET SESSION information_schema_stats_expiry = 0';

export const routines: OfSchema = `
SELECT ROUTINE_SCHEMA, ROUTINE_NAME, ROUTINE_TYPE, DTD_IDENTIFIER, COLLATION_NAME, DATABASE_COLLATION, IS_DETERMINISTIC,
       SQL_DATA_ACCESS, SECURITY_TYPE, ROUTINE_COMMENT
  FROM information_schema.ROUTINES
 WHERE ROUTINE_SCHEMA = ? AND ROUTINE_TYPE IN ('FUNCTION', 'PROCEDURE')`;

/** The one at 0 is what a function gives. */
export const parameters: OfSchema = `
SELECT SPECIFIC_SCHEMA, SPECIFIC_NAME, ROUTINE_TYPE, ORDINAL_POSITION, PARAMETER_MODE, PARAMETER_NAME, DTD_IDENTIFIER,
       COLLATION_NAME
  FROM information_schema.PARAMETERS
 WHERE SPECIFIC_SCHEMA = ? AND ORDINAL_POSITION > 0`;

/** Each part of the catalog: where it is, by which column its schema is known, and what of it counts. */
const parts = {
  TABLES: ['TABLE_SCHEMA', ['TABLE_NAME', 'TABLE_TYPE', 'ENGINE', 'CREATE_OPTIONS', 'TABLE_COMMENT']],
  COLUMNS: [
    'TABLE_SCHEMA',
    [
      ...[
        'TABLE_NAME',
        'COLUMN_NAME',
        'ORDINAL_POSITION',
        'COLUMN_TYPE',
        'IS_NULLABLE',
        'COLUMN_DEFAULT',
        'EXTRA',
      ],
      ...['GENERATION_EXPRESSION', 'COLLATION_NAME', 'COLUMN_COMMENT', 'SRS_ID'],
    ],
  ],
  CHECK_CONSTRAINTS: ['CONSTRAINT_SCHEMA', ['CONSTRAINT_NAME', 'CHECK_CLAUSE']],
  STATISTICS: [
    'TABLE_SCHEMA',
    ['TABLE_NAME', 'INDEX_NAME', 'SEQ_IN_INDEX', 'COLUMN_NAME', 'NON_UNIQUE', 'SUB_PART', 'INDEX_TYPE'],
  ],
  KEY_COLUMN_USAGE: [
    'TABLE_SCHEMA',
    [
      ...['TABLE_NAME', 'CONSTRAINT_NAME', 'ORDINAL_POSITION', 'COLUMN_NAME'],
      ...['REFERENCED_TABLE_SCHEMA', 'REFERENCED_TABLE_NAME', 'REFERENCED_COLUMN_NAME'],
    ],
  ],
  TRIGGERS: ['TRIGGER_SCHEMA', ['TRIGGER_NAME', 'EVENT_OBJECT_TABLE']],
  ROUTINES: [
    'ROUTINE_SCHEMA',
    [
      ...[
        'ROUTINE_NAME',
        'ROUTINE_TYPE',
        'DTD_IDENTIFIER',
        'COLLATION_NAME',
        'DATABASE_COLLATION',
        'IS_DETERMINISTIC',
      ],
      ...['SQL_DATA_ACCESS', 'SECURITY_TYPE', 'ROUTINE_COMMENT', 'LAST_ALTERED'],
    ],
  ],
  PARAMETERS: [
    'SPECIFIC_SCHEMA',
    [
      ...[
        'SPECIFIC_NAME',
        'ROUTINE_TYPE',
        'ORDINAL_POSITION',
        'PARAMETER_MODE',
        'PARAMETER_NAME',
        'DTD_IDENTIFIER',
      ],
      ...['COLLATION_NAME'],
    ],
  ],
} as const;

type Part = keyof typeof parts;

export function hashed(engine: Engine): readonly Part[] {
  const names = Object.keys(parts) as Part[];
  return engine === 'mariadb' ? names : names.filter((name) => name !== 'CHECK_CONSTRAINTS');
}

/** For each part how many rows it has and the sum of their hashes, which their order does not change. One parameter each. */
export function hashes(engine: Engine): string {
  return hashed(engine)
    .map((part) => hashOf(part, engine))
    .join(' UNION ALL ');
}

function hashOf(part: Part, engine: Engine): string {
  const [schema, all] = parts[part];
  const columns = all.filter((column) => column !== 'SRS_ID' || engine === 'mysql');
  // QUOTE tells NULL from a text, and ends each; MD5 is gone from MySQL 9.6.
  const facts = columns.map((column) => `QUOTE(${column})`).join(', ');
  return `
SELECT '${part}', CAST(COUNT(*) AS CHAR),
       CAST(SUM(CAST(CONV(LEFT(SHA2(CONCAT_WS(',', ${facts}), 256), 12), 16, 10) AS UNSIGNED)) AS CHAR)
  FROM information_schema.${part}
 WHERE ${schema} = ?`;
}
