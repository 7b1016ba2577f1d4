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
 * upsert's rows are new (null where it does not tell), what `verify` needs to find the rows again (or null), and one body
 * for each representation.
 */
export interface CompiledWrite extends CompiledStatement {
  readonly kind: 'write';
  /** Rows that must be written, when fewer mean that a row was out of reach: an upsert writes each row it is given. */
  readonly mustWrite: 'all' | 'any';
  /**
   * For a check that looks at other rows: it must see them as they are after the write, and a statement sees what was
   * before it. Its one row says whether every check holds (`t` or `f`).
   */
  readonly verify: CompiledStatement | undefined;
  /** Statements that run after the rows are written and before commit. */
  readonly effects: readonly CompiledStatement[];
}

export type Compiled = CompiledRead | CompiledWrite;
