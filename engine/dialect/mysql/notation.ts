/** How MySQL and MariaDB write identifiers, literals and parameters. */
import { Buffer } from 'node:buffer';
import { createHash } from 'node:crypto';
import type { Statement } from '../dialect.ts';
import type { CompiledStatement } from '../program.ts';
import { type Notation, renderSql, type Sql } from '../sql.ts';
import { ownSchema } from './own-schema.ts';

const notation: Notation = {
  shares: false,
  identifier: quoted,
  qualified: (schema, name) => (schema === ownSchema ? quoted(name) : `${quoted(schema)}.${quoted(name)}`),
  literal,
  parameter: () => '?',
};

export function quoted(name: string): string {
  return `\`${name.replaceAll('`', '``')}\``;
}

/** Right whatever `sql_mode` says of backslashes: a text that has one is written in hexadecimal. */
function literal(text: string): string {
  if (!text.includes('\\')) return `'${text.replaceAll("'", "''")}'`;
  return `_utf8mb4 X'${Buffer.from(text).toString('hex')}'`;
}

export function finish(statement: Sql): CompiledStatement {
  const { text, bindings } = renderSql(statement, notation);
  return { statement: named(text), bindings };
}

export function named(text: string): Statement {
  const name = `ns_${createHash('sha256').update(text).digest('base64url').slice(0, 40)}`;
  return { text, name };
}
