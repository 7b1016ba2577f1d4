/** Why a command could not do its work, with the exit code that says which kind of reason it was. */

/** 2: bad usage or input. 3: something the command needs cannot be reached. */
export type FailureCode = 2 | 3;

/** Printed on stderr as `error: <message>` and `hint: <hint>`, without a stack. */
export class Failure extends Error {
  readonly exitCode: FailureCode;
  readonly hint: string | undefined;

  constructor(exitCode: FailureCode, message: string, options: { hint?: string; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'Failure';
    this.exitCode = exitCode;
    this.hint = options.hint;
  }
}

/** The command line or a file says something that cannot be done: exit code 2. */
export function badInput(message: string, hint?: string): Failure {
  return new Failure(2, message, { hint });
}

/** A database, a port or a folder is not there to be used: exit code 3. */
export function unreachable(message: string, options: { hint?: string; cause?: unknown } = {}): Failure {
  return new Failure(3, message, options);
}
