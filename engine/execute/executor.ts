/** Runs requests: plan, authorize, compile (cached by shape), bind, execute. What both surfaces call. */
import type { Api } from '../api/api.ts';
import type { Principal } from '../auth/principal.ts';
import type { Called, Dialect, Pool, RunOptions, Statement, Transaction } from '../dialect/dialect.ts';
import type { CompiledCall, CompiledRead, CompiledStream } from '../dialect/program.ts';
import { Problem } from '../problem/problem.ts';
import type { Parameter } from '../query/bind.ts';
import { totalCost } from '../query/cost.ts';
import type { AnyRead, ApiRequest, CallRequest, ReadRequest, WriteRequest } from '../query/request.ts';
import { bind } from './bind.ts';
import { type Watch, watchOf } from './poll.ts';
import {
  type CallResult,
  callResult,
  type ReadResult,
  type Row,
  readResult,
  type WriteResult,
} from './result.ts';
import { claimsOf } from './session.ts';
import { databasesOf, type StatementOptions, Statements } from './statements.ts';
import { type Doubt, prepareRoot, runRoot, type StepResult, type StepRoot, settle } from './steps.ts';

/** Durations in milliseconds, filled in by the executor; for Server-Timing and the request event. */
export interface Timings {
  plan: number;
  db: number;
}

export interface CallContext {
  readonly principal: Principal;
  readonly signal?: AbortSignal;
  readonly timings?: Timings;
  /** Everything is done and answered as if it were written, then undone. */
  readonly dryRun?: boolean;
  /** In which times with a zone are told; default UTC. The database knows it. */
  readonly timezone?: string;
  /** For `request.method` and the like in a write's transaction. */
  readonly http?: {
    readonly method: string;
    readonly path: string;
    readonly headers: Readonly<Record<string, string>>;
  };
}

export type { Called } from '../dialect/dialect.ts';
export type { CallResult, ReadResult, Row, WriteResult } from './result.ts';
export type { Step, StepResult, StepRoot } from './steps.ts';

export interface WriteOptions {
  /** Runs in the same transaction before the writes, on rows that are locked from then on; throws to refuse them. */
  readonly precondition?: Precondition;
}

export interface TransactOptions {
  /** Gives the error of a root its place. */
  readonly placed?: (error: unknown, root: number) => unknown;
}

/** What must be true of rows before they are written. */
export interface Precondition {
  /** Reads what is to be looked at. */
  readonly read: ReadRequest;
  readonly verify: (result: ReadResult) => void;
}

/** Takes a stream: what its rows have, then the rows as they come. */
export interface Sink {
  /**
   * @param columns names in the answer
   * @param counts  the last value of each row is the number of all rows that match
   */
  rows(rows: readonly Row[], columns: readonly string[], counts: boolean): void | Promise<void>;
  /** Lines of JSON, each with its end, when they are not counted. */
  text(lines: Buffer, rows: number): void | Promise<void>;
}

/** What requests cost together, and how much they may. */
export interface Expense {
  readonly cost: number;
  readonly most: number;
  /** The level that adds most in the request that costs most: keys in its answer, none for the rows of its root. */
  readonly heaviest: readonly string[];
}

/** Throws `Problem`; before anything runs NS432 for what costs more than the role may spend, NS507 for what is broken. */
export interface Executor {
  /** Known before anything runs. Reads by keys that are not known yet are of rows that the same requests insert. */
  expense(requests: readonly ApiRequest[], principal: Principal): Expense;
  read(request: AnyRead, context: CallContext): Promise<ReadResult>;
  /**
   * A read that is asked again and again, together with others of its shape (`execute/poll.ts`); undefined where each has
   * to be run by itself.
   */
  watch(request: AnyRead, context: CallContext): Watch | undefined;
  /** A read with `stream`; settles when the last row was taken. */
  stream(request: ReadRequest, sink: Sink, context: CallContext): Promise<void>;
  /** In a transaction of its own, which only reads when `context.http` says GET or the function does not write. */
  call(request: CallRequest, context: CallContext): Promise<CallResult>;
  /** A call with `stream`: all of its rows at once. */
  callRows(request: CallRequest, context: CallContext): Promise<Called>;
  /** All in one transaction on one database, in order; any failure undoes all. */
  write(
    requests: readonly WriteRequest[],
    context: CallContext,
    options?: WriteOptions,
  ): Promise<readonly WriteResult[]>;
  /** The same for root fields whose writes hang together; a result for each step of each root. */
  transact(
    roots: readonly StepRoot[],
    context: CallContext,
    options?: TransactOptions,
  ): Promise<readonly (readonly StepResult[])[]>;
}

/** Of all representations of one document's writes; the answer of one statement is limited by the pool. */
const maxAnswerCharacters = 64 * 1024 * 1024;

function answerTooLarge(): Problem {
  return new Problem('NS430', {
    message: 'The answer would be larger than 64 MB; nothing was written.',
    hint: 'Ask for fewer rows or columns in return.',
  });
}

export type { Observe } from './statements.ts';

/**
 * @param pools by the database's name under `databases:`
 */
export function createExecutor(
  api: Api,
  pools: ReadonlyMap<string, Pool>,
  options: StatementOptions = {},
): Executor {
  return new ApiExecutor(api, new Statements(api, databasesOf(api, pools), options));
}

class ApiExecutor implements Executor {
  readonly #api: Api;
  readonly #statements: Statements;

  constructor(api: Api, statements: Statements) {
    this.#api = api;
    this.#statements = statements;
  }

  expense(requests: readonly ApiRequest[], principal: Principal): Expense {
    let cost = 0;
    let largest = 0;
    let heaviest: readonly string[] = [];
    const written = new Map<string, number>();
    for (const request of requests) {
      const own = this.#statements.compile(request, principal).cost;
      const total = totalCost(own, request.values, request.kind === 'read' ? written.get(request.table) : 1);
      if (request.kind === 'insert') {
        const rows = request.values[request.rows];
        const count = Array.isArray(rows) ? rows.length : 1;
        written.set(request.table, (written.get(request.table) ?? 0) + count);
      }
      cost += total;
      if (total <= largest) continue;
      largest = total;
      heaviest = own.heaviest;
    }
    const { cost: most } = this.#api.roles.get(principal.role)?.limits ?? this.#api.limits;
    return { cost, most, heaviest };
  }

  async read(request: AnyRead, context: CallContext): Promise<ReadResult> {
    const started = performance.now();
    requireAffordable(this, [[request]], context);
    const { compiled, asksSession } = this.#statements.compile<CompiledRead>(request, context.principal);
    const parameters = bind(compiled, request, context);
    const { pool, dialect } = this.#statements.databaseOf(request);
    const planned = performance.now();
    // One statement, and no transaction around it unless the relation asks who is calling.
    const result =
      asksSession || context.timezone !== undefined
        ? await pool.transaction(
            async (transaction) => {
              setClaims(transaction, dialect, context);
              return this.#read(transaction, compiled, parameters, request, context);
            },
            { signal: context.signal, readOnly: true },
          )
        : await this.#read(pool, compiled, parameters, request, context);
    note(context.timings, planned - started, performance.now() - planned);
    return result;
  }

  async #read(
    on: Pick<Pool, 'run'> | Transaction,
    compiled: CompiledRead,
    parameters: readonly Parameter[],
    request: AnyRead,
    context: CallContext,
  ): Promise<ReadResult> {
    const { rows } = await on.run(compiled.statement, parameters, context);
    const result = readResult(rows, request, compiled);
    const { estimate } = compiled;
    if (estimate === undefined || (result.total ?? 0) <= estimate.above) return result;
    const plan = await on.run(estimate.statement, bind(estimate, request, context), context);
    const expected = this.#statements.databaseOf(request).dialect.estimated(plan.rows);
    return expected === undefined
      ? result
      : { ...result, total: Math.max(expected, result.total ?? 0, result.rows) };
  }

  watch(request: AnyRead, context: CallContext): Watch | undefined {
    const prepared = this.#statements.compilePoll(request, context.principal);
    return prepared && watchOf(prepared, bind(prepared.compiled, request, context), context);
  }

  async stream(request: ReadRequest, sink: Sink, context: CallContext): Promise<void> {
    const started = performance.now();
    requireAffordable(this, [[request]], context);
    const { compiled, asksSession } = this.#statements.compile<CompiledStream>(request, context.principal);
    const parameters = bind(compiled, request, context);
    const { pool, dialect } = this.#statements.databaseOf(request);
    const planned = performance.now();
    const before = asksSession || context.timezone !== undefined ? [dialect.claims(claimsOf(context))] : [];
    const options = { signal: context.signal, before };
    const { statement, columns, counts, limit } = compiled;
    const lines = request.stream === 'ndjson' && !counts;
    const rows =
      limit !== undefined && limit <= this.#api.limits.rows && before.length === 0
        ? await short(pool, statement, parameters, options, (some) => sink.rows(some, columns, counts))
        : lines
          ? await pool.streamText(statement, parameters, (text, many) => sink.text(text, many), options)
          : await pool.stream(statement, parameters, (some) => sink.rows(some, columns, counts), options);
    // Without any row its columns are still to be told.
    if (rows === 0) await sink.rows([], columns, counts);
    note(context.timings, planned - started, performance.now() - planned);
  }

  async call(request: CallRequest, context: CallContext): Promise<CallResult> {
    return this.#call(request, context, ({ rows }, compiled) => callResult(rows[0], request, compiled));
  }

  async callRows(request: CallRequest, context: CallContext): Promise<Called> {
    return this.#call(request, context, (called) => called);
  }

  /** @param take reads the rows; what it refuses is undone */
  async #call<Result>(
    request: CallRequest,
    context: CallContext,
    take: (called: Called, compiled: CompiledCall) => Result,
  ): Promise<Result> {
    const started = performance.now();
    requireAffordable(this, [[request]], context);
    const { compiled } = this.#statements.compile<CompiledCall>(request, context.principal);
    const parameters = bind(compiled, request, context);
    const { pool, dialect } = this.#statements.databaseOf(request);
    const planned = performance.now();
    const readOnly = compiled.readOnly || context.http?.method === 'GET' || context.http?.method === 'HEAD';
    const result = await pool.transaction(
      async (transaction) => {
        setClaims(transaction, dialect, context);
        return take(await dialect.call(transaction, compiled, parameters), compiled);
      },
      { signal: context.signal, readOnly, commit: context.dryRun === true ? 'never' : 'yes' },
    );
    note(context.timings, planned - started, performance.now() - planned);
    return result;
  }

  async write(
    requests: readonly WriteRequest[],
    context: CallContext,
    { precondition }: WriteOptions = {},
  ): Promise<readonly WriteResult[]> {
    const roots = requests.map((request): StepRoot => ({ steps: [{ kind: 'write', request }] }));
    const results = await this.#transact(roots, context, { precondition });
    return results.map(([result]) => result as WriteResult);
  }

  transact(
    roots: readonly StepRoot[],
    context: CallContext,
    options: TransactOptions = {},
  ): Promise<readonly (readonly StepResult[])[]> {
    return this.#transact(roots, context, options);
  }

  async #transact(
    roots: readonly StepRoot[],
    context: CallContext,
    { precondition, placed }: WriteOptions & TransactOptions,
  ): Promise<readonly (readonly StepResult[])[]> {
    const requests = roots.flatMap(({ steps }) => steps.map(({ request }) => request));
    if (requests.length === 0) return roots.map(() => []);
    const started = performance.now();
    const prepared = roots.map((root, index) =>
      told(index, placed, () => prepareRoot(root, this.#statements, context)),
    );
    requireAffordable(
      this,
      roots.map(({ steps }) => steps.map(({ request }) => request)),
      context,
    );
    const { pool, dialect } = this.#statements.oneDatabaseOf(requests);
    const verified = precondition && this.#prepare(precondition, context);
    const planned = performance.now();
    let doubted: (Doubt & { readonly root: number }) | undefined;
    const work = pool.transaction(
      async (transaction) => {
        doubted = undefined;
        setClaims(transaction, dialect, context);
        await verified?.(transaction);
        let characters = 0;
        const spend = (more: number) => {
          characters += more;
          // Here, where it can still be undone: together the answers may be longer than a string can be.
          if (characters > maxAnswerCharacters) throw answerTooLarge();
        };
        const done: (readonly StepResult[])[] = [];
        for (const [index, root] of prepared.entries()) {
          const doubt = (one: Doubt) => {
            doubted = { ...one, root: index };
          };
          const running = { transaction, dialect, api: this.#api, context, spend, doubt };
          done.push(await told(index, placed, () => runRoot(root, running)));
        }
        return done;
      },
      { signal: context.signal, commit: context.dryRun === true ? 'never' : 'yes' },
    );
    const results = await work.catch(async (error: unknown) => {
      if (doubted === undefined) throw error;
      const refused = doubted;
      const told = await this.#settle(refused, pool, dialect, context);
      throw told === undefined || placed === undefined ? (told ?? error) : placed(told, refused.root);
    });
    note(context.timings, planned - started, performance.now() - planned);
    return results;
  }

  /** What the caller is told of a row that was refused, in place of the error, once all is undone. */
  #settle(doubt: Doubt, pool: Pool, dialect: Dialect, context: CallContext): Promise<Problem | undefined> {
    return pool.transaction(
      async (transaction) => {
        setClaims(transaction, dialect, context);
        return settle(doubt, { transaction, api: this.#api, context });
      },
      { signal: context.signal, readOnly: true },
    );
  }

  /** Locks the rows first: what is then read stays so until the writes. */
  #prepare(
    { read, verify }: Precondition,
    context: CallContext,
  ): (transaction: Transaction) => Promise<void> {
    const { compiled } = this.#statements.compile<CompiledRead>(read, context.principal);
    const parameters = bind(compiled, read, context);
    return async (transaction) => {
      const { lock } = compiled;
      if (lock !== undefined) await transaction.run(lock.statement, bind(lock, read, context));
      verify(await this.#read(transaction, compiled, parameters, read, context));
    };
  }
}

/** @throws {Problem} NS432 they cost more than the role may spend */
export function requireAffordable(
  executor: Pick<Executor, 'expense'>,
  roots: readonly (readonly ApiRequest[])[],
  { principal }: CallContext,
): void {
  const expenses = roots.map((requests) => executor.expense(requests, principal));
  const cost = expenses.reduce((sum, one) => sum + one.cost, 0);
  const [dearest] = expenses.toSorted((a, b) => b.cost - a.cost);
  if (dearest === undefined || cost <= dearest.most) return;
  const { most, heaviest } = dearest;
  throw new Problem('NS432', {
    message: `The request would cost ${cost}, and ${most} is the most that one may.`,
    hint: `Lower the limit${heaviest.length === 0 ? '' : ` of ${heaviest.join('.')}`}, or ask in several requests.`,
  });
}

/** Runs work of one root; what it throws is told with the root that it belongs to. */
function told<Result>(root: number, placed: TransactOptions['placed'], work: () => Result): Result {
  const fail = (error: unknown): never => {
    throw placed === undefined ? error : placed(error, root);
  };
  try {
    const result = work();
    return result instanceof Promise ? (result.catch(fail) as Result) : result;
  } catch (error) {
    return fail(error);
  }
}

/** Rows no more than a list may have need no stream, and none of the few that there may be at once. */
async function short(
  pool: Pool,
  statement: Statement,
  parameters: readonly Parameter[],
  options: RunOptions,
  take: (rows: readonly Row[]) => void | Promise<void>,
): Promise<number> {
  const { rows } = await pool.run(statement, parameters, options);
  if (rows.length > 0) await take(rows);
  return rows.length;
}

/** They travel with the first statement. */
function setClaims(transaction: Transaction, dialect: Dialect, context: CallContext): void {
  const { statement, parameters } = dialect.claims(claimsOf(context));
  transaction.prepend(statement, parameters);
}

function note(timings: Timings | undefined, planMs: number, dbMs: number): void {
  if (timings === undefined) return;
  timings.plan += planMs;
  timings.db += dbMs;
}
