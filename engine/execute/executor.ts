/** Runs requests: plan, authorize, compile (cached by shape), bind, execute. What both surfaces call. */
import type { Api } from '../api/api.ts';
import type { Principal } from '../auth/principal.ts';
import type { Dialect, Pool, Transaction } from '../dialect/dialect.ts';
import { dialectFor } from '../dialect/dialects.ts';
import type { Compiled, CompiledRead, CompiledStatement, CompiledWrite } from '../dialect/program.ts';
import { Problem } from '../problem/problem.ts';
import { authorize } from '../query/authorize.ts';
import { bindParameters, type Parameter } from '../query/bind.ts';
import { plan } from '../query/plan.ts';
import { checkFailed, denied } from '../query/refusal.ts';
import type { ApiRequest, ReadAggregateRequest, ReadRequest, WriteRequest } from '../query/request.ts';
import { BoundedMap } from './bounded-map.ts';
import { explainConstraint } from './constraint.ts';
import { claimsOf } from './session.ts';

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
  /** Of an upsert: rows that did not exist before. Undefined where the statement does not tell. */
  readonly inserted?: number;
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

/** Characters of all statements and shapes kept for one revision. */
const maxCompiledText = 16 * 1024 * 1024;

/** Of all representations of one document's writes; the answer of one statement is limited by the pool. */
const maxAnswerCharacters = 64 * 1024 * 1024;

function answerTooLarge(): Problem {
  return new Problem('NS430', {
    message: 'The answer would be larger than 64 MB; nothing was written.',
    hint: 'Ask for fewer rows or columns in return.',
  });
}

/**
 * @param pools by the database's name under `databases:`
 */
export function createExecutor(api: Api, pools: ReadonlyMap<string, Pool>): Executor {
  const databases = new Map<string, Database>();
  for (const { name, engine } of api.databases.values()) {
    const pool = pools.get(name);
    if (pool !== undefined) databases.set(name, { pool, dialect: dialectFor(engine) });
  }
  return new ApiExecutor(api, databases);
}

interface Database {
  readonly pool: Pool;
  readonly dialect: Dialect;
}

class ApiExecutor implements Executor {
  readonly #api: Api;
  readonly #databases: ReadonlyMap<string, Database>;
  readonly #compiled = new BoundedMap<string, Compiled>(maxCompiledText);

  constructor(api: Api, databases: ReadonlyMap<string, Database>) {
    this.#api = api;
    this.#databases = databases;
  }

  async read(request: ReadRequest | ReadAggregateRequest, context: CallContext): Promise<ReadResult> {
    const started = performance.now();
    const compiled = this.#compile(request, context.principal) as CompiledRead;
    const parameters = bind(compiled, request, context);
    const { pool } = this.#database(request.table);
    const planned = performance.now();
    const { rows } = await pool.run(compiled.statement, parameters, context);
    note(context.timings, planned - started, performance.now() - planned);
    return readResult(rows[0], request);
  }

  async write(requests: readonly WriteRequest[], context: CallContext): Promise<readonly WriteResult[]> {
    const first = requests[0];
    if (first === undefined) return [];
    const started = performance.now();
    const programs = requests.map((request) => {
      const compiled = this.#compile(request, context.principal) as CompiledWrite;
      return { request, compiled, parameters: bind(compiled, request, context) };
    });
    const { pool, dialect } = this.#oneDatabase(requests);
    const planned = performance.now();
    const results = await pool.transaction(async (transaction) => {
      await setClaims(transaction, dialect, context);
      const written: WriteResult[] = [];
      let characters = 0;
      for (const program of programs) {
        const result = await this.#runWrite(program, transaction, dialect, context);
        for (const body of result.bodies) characters += body.length;
        // Here, where it can still be undone: together the answers may be longer than a string can be.
        if (characters > maxAnswerCharacters) throw answerTooLarge();
        written.push(result);
      }
      return written;
    }, context);
    note(context.timings, planned - started, performance.now() - planned);
    return results;
  }

  async #runWrite(
    program: WriteProgram,
    transaction: Transaction,
    dialect: Dialect,
    context: CallContext,
  ): Promise<WriteResult> {
    const { request, compiled, parameters } = program;
    try {
      const { rows } = await transaction.run(compiled.statement, parameters);
      const result = writeResult(rows[0], request, compiled, this.#api, context.principal);
      await this.#verify(program, rows[0]?.[5], transaction, context);
      for (const effect of compiled.effects)
        await transaction.run(effect.statement, bind(effect, request, context));
      return result;
    } catch (error) {
      throw this.#explain(error, request, dialect, context.principal);
    }
  }

  async #verify(
    { request, compiled: { verify } }: WriteProgram,
    written: string | null | undefined,
    transaction: Transaction,
    context: CallContext,
  ): Promise<void> {
    if (verify === undefined) return;
    const { rows } = await transaction.run(verify.statement, bind(verify, request, context, written));
    if (!isTrue(rows[0]?.[0]))
      throw checkFailed(context.principal, this.#api.tables.get(request.table)!.rest);
  }

  #explain(error: unknown, request: WriteRequest, dialect: Dialect, principal: Principal): unknown {
    if (!(error instanceof Problem)) return error;
    const place = dialect.constraintOf(error);
    const table = this.#api.world(principal.role).tables.get(request.table);
    return place === undefined || table === undefined ? error : explainConstraint(error, place, table);
  }

  /** By role and shape: two requests that differ in values alone share a statement. */
  #compile(request: ApiRequest, principal: Principal): Compiled {
    const key = `${principal.role}\n${shapeOf(request)}`;
    const known = this.#compiled.get(key);
    if (known !== undefined) return known;
    const query = authorize(plan(request, this.#api, principal), this.#api, principal);
    const compiled = this.#database(request.table).dialect.compile(query);
    this.#compiled.set(key, compiled, key.length + compiled.statement.text.length);
    return compiled;
  }

  #database(table: string): Database {
    const name = this.#api.tables.get(table)?.database;
    const database = name === undefined ? undefined : this.#databases.get(name);
    if (database === undefined)
      throw new Problem('NS503', {
        message: 'The database cannot be reached at the moment.',
        headers: { 'Retry-After': '1' },
      });
    return database;
  }

  #oneDatabase(requests: readonly WriteRequest[]): Database {
    const databases = new Set(requests.map((request) => this.#database(request.table)));
    if (databases.size > 1) {
      throw new Problem('NS400', {
        message: 'The writes of one document must be in one database.',
        hint: 'Send one document for each database.',
      });
    }
    return [...databases][0]!;
  }
}

interface WriteProgram {
  readonly request: WriteRequest;
  readonly compiled: CompiledWrite;
  readonly parameters: readonly Parameter[];
}

function shapeOf(request: ApiRequest): string {
  const { values: _values, ...shape } = request;
  return JSON.stringify(shape);
}

function bind(
  compiled: CompiledStatement,
  request: ApiRequest,
  context: CallContext,
  written?: string | null,
): Parameter[] {
  return bindParameters(compiled.bindings, {
    values: request.values,
    notation: request.json ? 'json' : 'text',
    principal: context.principal,
    now: Date.now(),
    written,
  });
}

type Row = readonly (string | null)[];

function readResult(row: Row | undefined, request: ReadRequest | ReadAggregateRequest): ReadResult {
  const rows = Number(row?.[1]);
  if (request.kind === 'read' && request.shape === 'object' && rows !== 1) throw notSingular(rows);
  return { body: row?.[0] ?? 'null', rows, total: row?.[2] === undefined ? undefined : Number(row[2]) };
}

function notSingular(rows: number): Problem {
  return new Problem('PGRST116', {
    message: 'Cannot coerce the result to a single JSON object',
    details: `The result contains ${rows} rows`,
    hint: rows === 0 ? 'No row that your role sees matches.' : 'Filter by a key, or ask for a list.',
  });
}

/** The assertions of a program: what fails here is thrown inside the transaction, which undoes all of it. */
function writeResult(
  row: Row | undefined,
  request: WriteRequest,
  compiled: CompiledWrite,
  api: Api,
  principal: Principal,
): WriteResult {
  const [affectedText, holds, rowsText, key, inserted, _written, ...bodies] = row ?? [];
  const affected = Number(affectedText);
  const rows = Number(rowsText);
  const table = api.tables.get(request.table)!;
  if (compiled.mustWrite === 'all' && affected < given(request)) {
    throw denied(
      principal,
      `permission denied for a row of table ${table.rest}`,
      'A row exists already and may not be updated, or a proposed row does not pass "check"; nothing was written.',
    );
  }
  if (!isTrue(holds)) throw checkFailed(principal, table.rest);
  if (request.maxAffected !== undefined && affected > request.maxAffected) {
    throw new Problem('PGRST124', {
      message: 'Query result exceeds max-affected preference constraint',
      details: `The query affects ${affected} rows`,
    });
  }
  const counted = request.returning.length > 0 ? rows : affected;
  if (request.shape === 'object' && counted !== 1) throw notSingular(counted);
  return {
    affected,
    rows,
    bodies: bodies.map((body) => body ?? 'null'),
    key: key === null || key === undefined ? undefined : (JSON.parse(key) as string[]),
    ...(inserted === null || inserted === undefined ? null : { inserted: Number(inserted) }),
  };
}

function isTrue(text: string | null | undefined): boolean {
  return text === 't' || text === 'true';
}

function given(request: WriteRequest): number {
  return request.kind === 'insert' ? (request.values[request.rows] as readonly unknown[]).length : 0;
}

async function setClaims(transaction: Transaction, dialect: Dialect, context: CallContext): Promise<void> {
  const { statement, parameters } = dialect.claims(claimsOf(context));
  await transaction.run(statement, parameters);
}

function note(timings: Timings | undefined, planMs: number, dbMs: number): void {
  if (timings === undefined) return;
  timings.plan += planMs;
  timings.db += dbMs;
}
