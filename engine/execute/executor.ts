/** Runs requests: plan, authorize, compile (cached by shape), bind, execute. What both surfaces call. */
import type { Principal } from '../auth/principal.ts';
import type { ReadAggregateRequest, ReadRequest, WriteRequest } from '../query/request.ts';

/** Durations in milliseconds, filled in by the executor; for Server-Timing and the request event. */
export interface Timings {
  plan: number;
  db: number;
}

export interface CallContext {
  readonly principal: Principal;
  readonly signal?: AbortSignal;
  readonly timings?: Timings;
  /** For `request.method` and the like in a write's transaction. */
  readonly http?: {
    readonly method: string;
    readonly path: string;
    readonly headers: Readonly<Record<string, string>>;
  };
}

export interface ReadResult {
  /** JSON text as the database built it: an array, an object, or `null`. */
  readonly body: string;
  readonly rows: number;
  /** With `count`: all rows that match, whatever the page. */
  readonly total: number | undefined;
}

export interface WriteResult {
  /** Rows written, whether or not the caller may read them. */
  readonly affected: number;
  /** One JSON text for each entry of `returning`. */
  readonly bodies: readonly string[];
  /** Rows in the first representation. */
  readonly rows: number;
  /** Key values (text, in key order) of a single inserted row, when the caller may read them: REST's `Location`. */
  readonly key: readonly string[] | undefined;
}

/** Throws `Problem`. */
export interface Executor {
  read(request: ReadRequest | ReadAggregateRequest, context: CallContext): Promise<ReadResult>;
  /** All in one transaction on one database, in order; any failure undoes all. */
  write(requests: readonly WriteRequest[], context: CallContext): Promise<readonly WriteResult[]>;
}
