/** How PostgreSQL writes identifiers, literals, parameters and types. */
import { createHash } from 'node:crypto';
import type { Value } from '../../api/condition.ts';
import type { Type } from '../../catalog/catalog.ts';
import type { Statement } from '../dialect.ts';
import type { CompiledStatement } from '../program.ts';
import { type Notation, renderSql, type Sql, sql } from '../sql.ts';

const notation: Notation = {
  shares: true,
  identifier: quoted,
  // standard_conforming_strings is on in every session, so a backslash is a plain character.
  literal: (text) => `'${text.replaceAll("'", "''")}'`,
  parameter: (index) => `$${index}`,
};

export function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** Longest identifier PostgreSQL keeps, in bytes; longer ones are cut without an error. */
export const maxIdentifierBytes = 63;

export function finish(statement: Sql): CompiledStatement {
  const { text, bindings } = renderSql(statement, notation);
  return { statement: named(text), bindings };
}

/** The statement with its parameters read from elsewhere: the n-th (from 1) as `parameter` writes it. */
export function renderWith(statement: Sql, parameter: Notation['parameter']) {
  return renderSql(statement, { ...notation, parameter });
}

export function named(text: string): Statement {
  // The name is of the text alone: types are qualified, so the same text means the same until DDL, which re-prepares.
  const name = `ns_${createHash('sha256').update(text).digest('base64url').slice(0, 40)}`;
  return { text, name };
}

/** A parameter with its type, so that nothing about it is guessed: `$1::"pg_catalog"."int4"`. */
export function typed(value: Value): Sql {
  const type = typeName(value.type);
  return value.list ? sql`${sql.parameter(value)}::${type}[]` : sql`${sql.parameter(value)}::${type}`;
}

export function typeName(type: Type): Sql {
  return sql.qualified(type.schema, type.name);
}
