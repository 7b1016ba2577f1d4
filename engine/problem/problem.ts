/** The error of one request, in the caller's words. Knows neither surface: REST and GraphQL render it each in their way. */
import { type Code, codes } from './codes.ts';

/** A sentence, or where several things fit, what each of them is. */
export type Details = string | null | readonly { readonly [key: string]: string }[];

export interface ProblemOptions {
  readonly message: string;
  /** Never a value the caller may not see, nor SQL or a driver's text. */
  readonly details?: Details;
  readonly hint?: string | null;
  /** Overrides the table's status, where a situation has two (42501 is 401 for anonymous callers). */
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** A SQLSTATE that a function of the database chose, in place of one of the table's. */
  readonly raised?: string;
  /** What really happened, for the log alone. */
  readonly cause?: unknown;
}

export class Problem extends Error {
  readonly code: string;
  readonly status: number;
  readonly details: Details;
  readonly hint: string | null;
  readonly headers: Readonly<Record<string, string>>;

  constructor(code: Code, options: ProblemOptions) {
    super(options.message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'Problem';
    this.code = options.raised ?? code;
    this.status = options.status ?? codes[code].status;
    this.details = options.details ?? null;
    this.hint = options.hint ?? null;
    this.headers = options.headers ?? {};
  }
}

/** What lies behind a problem in the words of the driver or the system: for whoever runs the engine, never for a caller. */
export function reasonOf({ cause }: Problem): string | undefined {
  const [first] = cause instanceof AggregateError ? cause.errors : [cause];
  return first instanceof Error && first.message !== '' ? first.message.replace(/\.+$/, '') : undefined;
}
