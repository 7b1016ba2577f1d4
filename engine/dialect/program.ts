/** What a dialect compiles an authorized query to: statements, what fills their parameters, how their rows are read. */
import type { Binding } from '../query/bind.ts';
import type { Statement } from './dialect.ts';

export interface CompiledStatement {
  readonly statement: Statement;
  readonly bindings: readonly Binding[];
}

/** One statement whose one row is: the body (JSON text), the count of its rows, and with `count` the total. */
export interface CompiledRead extends CompiledStatement {
  readonly kind: 'read';
}

/**
 * A write as a program, run in a transaction it is given. The statement's one row is: rows written, whether every check
 * holds (`t` or `f`), rows in the representation, the key of a single row (a JSON list of text, or null), how many of an
 * upsert's rows are new (null where it does not tell), and one body for each representation.
 */
export interface CompiledWrite extends CompiledStatement {
  readonly kind: 'write';
  /** Rows that must be written, when fewer mean that a row was out of reach: an upsert writes each row it is given. */
  readonly mustWrite: 'all' | 'any';
  /** Statements that run after the rows are written and before commit. */
  readonly effects: readonly CompiledStatement[];
}

export type Compiled = CompiledRead | CompiledWrite;
