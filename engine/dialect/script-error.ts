/** What a database said about a migration or a seed: for its author, never for a caller of the API. */

export interface ScriptErrorOptions {
  /** `interrupted`: nothing was refused, but a person has to say what came of a statement. Default `refused`. */
  readonly kind?: 'refused' | 'interrupted';
  /** Line and column in the script, from 1; undefined when the database does not say. */
  readonly position?: { readonly line: number; readonly column: number };
  readonly hint?: string;
  /** SQLSTATE, when the database refused the statement. */
  readonly sqlstate?: string;
  readonly cause?: unknown;
}

export class ScriptError extends Error {
  readonly kind: 'refused' | 'interrupted';
  readonly position: { readonly line: number; readonly column: number } | undefined;
  readonly hint: string | undefined;
  readonly sqlstate: string | undefined;

  constructor(message: string, options: ScriptErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'ScriptError';
    this.kind = options.kind ?? 'refused';
    this.position = options.position;
    this.hint = options.hint;
    this.sqlstate = options.sqlstate;
  }
}
