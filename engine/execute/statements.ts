/** Compiled statements of one revision, kept by role and shape, and the databases that they run on. */
import type { Api } from '../api/api.ts';
import type { Broken } from '../api/broken.ts';
import type { Principal } from '../auth/principal.ts';
import type { Capabilities } from '../catalog/catalog.ts';
import type { Dialect, Pool } from '../dialect/dialect.ts';
import { dialectFor } from '../dialect/dialects.ts';
import type { Compiled, CompiledPoll } from '../dialect/program.ts';
import { Problem } from '../problem/problem.ts';
import { asksSession } from '../query/asks-session.ts';
import { authorize } from '../query/authorize.ts';
import { refuseBroken } from '../query/broken.ts';
import { type Cost, costOf } from '../query/cost.ts';
import { plan } from '../query/plan.ts';
import type { AuthorizedQuery } from '../query/query.ts';
import type { ApiRequest } from '../query/request.ts';
import { BoundedMap } from './bounded-map.ts';

/** Characters of all statements and shapes kept for one revision. */
const maxCompiledText = 16 * 1024 * 1024;

export interface Database {
  readonly pool: Pool;
  readonly dialect: Dialect;
  readonly capabilities: Capabilities;
}

/**
 * The databases of an API that there is a pool for. Pure.
 *
 * @param pools by the database's name under `databases:`
 */
export function databasesOf(api: Api, pools: ReadonlyMap<string, Pool>): ReadonlyMap<string, Database> {
  const databases = new Map<string, Database>();
  for (const { name, engine, catalog } of api.databases.values()) {
    const pool = pools.get(name);
    if (pool === undefined) continue;
    databases.set(name, { pool, dialect: dialectFor(engine), capabilities: catalog.capabilities });
  }
  return databases;
}

export interface Prepared<Kind extends Compiled> {
  readonly compiled: Kind;
  /** The caller's claims must be set before it runs. */
  readonly asksSession: boolean;
  readonly cost: Cost;
}

export interface PreparedPoll extends Database {
  readonly compiled: CompiledPoll;
  readonly asksSession: boolean;
}

/** Hears what a request was authorized to do, each time that it is about to be run; for who proves what was exercised. */
export type Observe = (query: AuthorizedQuery, principal: Principal) => void;

export interface StatementOptions {
  readonly observe?: Observe | undefined;
  /** What cannot be served; default nothing. */
  readonly broken?: Broken | undefined;
}

export class Statements {
  readonly #api: Api;
  readonly #databases: ReadonlyMap<string, Database>;
  readonly #observe: Observe | undefined;
  readonly #broken: Broken | undefined;
  /** Kept only for `#observe`. */
  readonly #queries = new WeakMap<Prepared<Compiled>, AuthorizedQuery>();
  /** What is asked for twice, or for every call of a document without variables, needs no text of its shape. */
  readonly #recent = new WeakMap<ApiRequest, { readonly role: string; readonly made: Prepared<Compiled> }>();
  readonly #kept = new BoundedMap<string, Prepared<Compiled>>(maxCompiledText);
  readonly #polls = new BoundedMap<string, PreparedPoll>(maxCompiledText);

  constructor(
    api: Api,
    databases: ReadonlyMap<string, Database>,
    { observe, broken }: StatementOptions = {},
  ) {
    this.#api = api;
    this.#databases = databases;
    this.#observe = observe;
    this.#broken = broken;
  }

  /** By role and shape: two requests that differ in values alone share a statement. */
  compile<Kind extends Compiled>(request: ApiRequest, principal: Principal): Prepared<Kind> {
    const made = this.#find<Kind>(request, principal);
    this.#observe?.(this.#queries.get(made)!, principal);
    return made;
  }

  #find<Kind extends Compiled>(request: ApiRequest, principal: Principal): Prepared<Kind> {
    const recent = this.#recent.get(request);
    if (recent?.role === principal.role) return recent.made as Prepared<Kind>;
    const made = this.#compile<Kind>(request, principal);
    this.#recent.set(request, { role: principal.role, made });
    return made;
  }

  #compile<Kind extends Compiled>(request: ApiRequest, principal: Principal): Prepared<Kind> {
    const key = `${principal.role}\n${shapeOf(request)}`;
    const known = this.#kept.get(key);
    if (known !== undefined) return known as Prepared<Kind>;
    const query = this.#authorize(request, principal);
    const { dialect, capabilities } = this.databaseOf(request);
    const compiled = dialect.compile(query, capabilities) as Kind;
    const made = { compiled, asksSession: asksSession(query), cost: costOf(query) };
    if (this.#observe !== undefined) this.#queries.set(made, query);
    this.#kept.set(key, made, key.length + made.compiled.statement.text.length);
    return made;
  }

  /** The same read for many callers at once; undefined where it is of a kind that has no such statement. */
  compilePoll(request: ApiRequest, principal: Principal): PreparedPoll | undefined {
    const key = `${principal.role}\n${shapeOf(request)}`;
    const known = this.#polls.get(key);
    if (known !== undefined) return known;
    const query = this.#authorize(request, principal);
    const database = this.databaseOf(request);
    const compiled = database.dialect.compilePoll(query, database.capabilities);
    if (compiled === undefined) return undefined;
    const made = { ...database, compiled, asksSession: asksSession(query) };
    this.#polls.set(key, made, key.length + compiled.statement.text.length);
    return made;
  }

  /** What the caller may not do is said first: to others a broken table is one that is not there. */
  #authorize(request: ApiRequest, principal: Principal): AuthorizedQuery {
    const query = authorize(plan(request, this.#api, principal), this.#api, principal);
    if (this.#broken !== undefined) refuseBroken(query, this.#broken, this.#api.world(principal.role));
    return query;
  }

  /** @throws {Problem} NS503 it is not connected */
  databaseOf(request: ApiRequest): Database {
    const { functions, tables } = this.#api;
    const named = request.kind === 'call' ? functions.get(request.function) : tables.get(request.table);
    const name = named?.database;
    const database = name === undefined ? undefined : this.#databases.get(name);
    if (database === undefined)
      throw new Problem('NS503', {
        message: 'The database cannot be reached at the moment.',
        headers: { 'Retry-After': '1' },
      });
    return database;
  }

  /** @throws {Problem} NS400 they are in several */
  oneDatabaseOf(requests: readonly ApiRequest[]): Database {
    const databases = new Set(requests.map((request) => this.databaseOf(request)));
    if (databases.size > 1) {
      throw new Problem('NS400', {
        message: 'The writes of one document must be in one database.',
        hint: 'Send one document for each database.',
      });
    }
    return [...databases][0]!;
  }
}

function shapeOf(request: ApiRequest): string {
  const { values: _values, ...shape } = request;
  return JSON.stringify(shape);
}
