/** What a dialect compiles an authorized query to: statements, what fills their parameters, how their rows are read. */
import type { Binding, Parameter } from '../query/bind.ts';
import type { Shape } from '../query/query.ts';
import type { Statement } from './dialect.ts';

export interface CompiledStatement {
  readonly statement: Statement;
  readonly bindings: readonly Binding[];
}

/**
 * One statement whose one row is: the body (JSON text), the count of its rows, with `counts` the total, with `tellsLast`
 * the last row's values of the order's columns (a JSON list of texts and nulls). One that is `listed` has a row for each
 * row of the answer: its JSON text, then with `tellsLast` its values of the order's columns; it counts no total.
 */
export interface CompiledRead extends CompiledStatement {
  readonly kind: 'read';
  /** The shape that the rows are put together to; absent: the database has done it. */
  readonly listed?: Shape;
  readonly counts: boolean;
  readonly tellsLast: boolean;
  /** Most rows of the body: fewer mean that there are no more. */
  readonly limit: number | undefined;
  /** Asks the database how many rows it expects, when the total is above `above`; it says so as `EXPLAIN` does. */
  readonly estimate: (CompiledStatement & { readonly above: number }) | undefined;
  /** Locks the rows that match until the transaction ends; undefined where a relation has none to lock. */
  readonly lock: CompiledStatement | undefined;
}

/** One statement with a row for each row of the answer: its JSON text or the texts of `columns`, then with `counts` the total. */
export interface CompiledStream extends CompiledStatement {
  readonly kind: 'stream';
  /** Names in the answer. */
  readonly columns: readonly string[];
  readonly counts: boolean;
  /** Most rows, where there is an end to them. */
  readonly limit: number | undefined;
}

/**
 * A call as a program, run in a transaction it is given. Its one row is: the body (null of a function that gives nothing),
 * the count of its rows, the total (null unless `counts`), the status and the headers that the function asked for (or
 * null). A streamed one's rows are a `CompiledStream`'s.
 */
export interface CompiledCall extends CompiledStatement {
  readonly kind: 'call';
  /** Names in the answer; of rows whose columns only the call tells, none. */
  readonly columns: readonly string[];
  readonly counts: boolean;
  /** The function says that it does not write. */
  readonly readOnly: boolean;
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
  /** Behind the bodies there is a count of rows that the caller itself left as they are: those need not be written. */
  readonly skips: boolean;
  /**
   * Not empty: the last value is a JSON list of the written rows in the order of the body, each a list of values; so many
   * of them belong to each of the request's `yields`.
   */
  readonly yields: readonly number[];
  /** For each of the request's `links`, the names in the body of the columns that it fills. */
  readonly links: readonly (readonly string[])[];
  /**
   * For a check that looks at other rows: it must see them as they are after the write, and a statement sees what was
   * before it. Its one row says whether every check holds (`t` or `f`).
   */
  readonly verify: CompiledStatement | undefined;
  /** Undefined: nothing of the check can be told before the rows are written, or no other row can stand in their way. */
  readonly proposal: Proposal | undefined;
  /** Statements that run after the rows are written and before commit. */
  readonly effects: readonly CompiledStatement[];
}

/**
 * Says whether the rows pass their check as they are proposed, for all that can be told before they are written (`t` or
 * `f`): which other rows stand in their way is for those alone whose own rows pass.
 *
 * Asked `first` where a row that is refused for another takes other statements than one that its check refuses, which
 * would tell the two apart by the clock; else once a row was refused, for whichever of the two.
 */
export interface Proposal extends CompiledStatement {
  readonly first: boolean;
}

/**
 * A read that many callers wait for; `Dialect.ask` makes the statements that ask for them together. `statement` names the
 * shape: polls with one name ask one question.
 *
 * There is a row for each caller who is to be told something: its number among those asked for (from 1), the body, and
 * `changes`: the hash of the body, which is another than it had;
 * `arrivals`: the last row's values of the order's columns (a JSON list of texts and nulls), where there is a row at all.
 */
export interface CompiledPoll extends CompiledStatement {
  readonly tells: 'changes' | 'arrivals';
}

/** One of the callers that wait for a poll. */
export interface Asked {
  /** Values of the poll's bindings, in their order. */
  readonly parameters: readonly Parameter[];
  /** The hash of the answer that it has; null: none. */
  readonly had: string | null;
}

/** A statement that asks for some of the callers: those from `first` on, whose numbers are from 1. */
export interface Asking {
  readonly statement: Statement;
  readonly parameters: readonly Parameter[];
  readonly first: number;
}

export type Compiled = CompiledRead | CompiledStream | CompiledCall | CompiledWrite;
