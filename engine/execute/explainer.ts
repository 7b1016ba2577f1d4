/** An executor that runs nothing: it plans, authorizes, compiles and binds as the other one, and keeps what it would send. */
import type { Api } from '../api/api.ts';
import type { Principal } from '../auth/principal.ts';
import type { Called, Parameter, Pool, Rows, Transaction } from '../dialect/dialect.ts';
import type {
  CompiledCall,
  CompiledRead,
  CompiledStatement,
  CompiledStream,
  CompiledWrite,
} from '../dialect/program.ts';
import type { Binding, Bound } from '../query/bind.ts';
import type { AnyRead, ApiRequest, CallRequest, ReadRequest, WriteRequest } from '../query/request.ts';
import { bind, bindWrite } from './bind.ts';
import {
  type CallContext,
  type CallResult,
  createExecutor,
  type Executor,
  type Expense,
  type ReadResult,
  requireAffordable,
  type Sink,
  type StepResult,
  type StepRoot,
  type TransactOptions,
  type WriteOptions,
  type WriteResult,
} from './executor.ts';
import { databasesOf, Statements } from './statements.ts';
import { prepareRoot, type Step } from './steps.ts';

/** What stands for rows that a statement before would have found or written. */
export const ofEarlierRows = '\u2039of rows before\u203a';

export interface ToldParameter {
  /** Undefined: rows that a statement before finds or writes determine it; also where `ofEarlierRows` is in it. */
  readonly value: Parameter | undefined;
  /** What it is made of, where that is told. */
  readonly binding?: Binding;
}

/** One statement. */
export interface Told {
  readonly database: string;
  /** What it is for, beside the table or function. */
  readonly does: 'read' | 'call' | 'insert' | 'update' | 'delete' | 'lock' | 'read back' | 'check';
  readonly of: string;
  readonly text: string;
  /** In the order in which the text names them. */
  readonly parameters: readonly ToldParameter[];
  /** Claims and facts of the request are set in its transaction before it. */
  readonly tellsCaller: boolean;
}

export class Explainer implements Executor {
  readonly told: Told[] = [];
  /** Whether a request was refused here: for what it asks, and not for what rows there are. */
  refused = false;
  readonly #api: Api;
  readonly #statements: Statements;
  readonly #executor: Executor;

  constructor(api: Api) {
    this.#api = api;
    const pools = new Map([...api.databases.keys()].map((name) => [name, noPool]));
    this.#statements = new Statements(api, databasesOf(api, pools));
    this.#executor = createExecutor(api, pools);
  }

  expense(requests: readonly ApiRequest[], principal: Principal): Expense {
    return this.#noting(() => this.#executor.expense(requests, principal));
  }

  async read(request: AnyRead, context: CallContext): Promise<ReadResult> {
    return this.#noting(() => {
      requireAffordable(this, [[request]], context);
      const { compiled, asksSession } = this.#statements.compile<CompiledRead>(request, context.principal);
      const parameters = bind(compiled, request, context);
      this.#tell(request, 'read', compiled, parameters, asksSession || context.timezone !== undefined);
      return nothingRead(request);
    });
  }

  /** Nobody waits here. */
  watch(): undefined {
    return undefined;
  }

  async stream(request: ReadRequest, sink: Sink, context: CallContext): Promise<void> {
    const columns = this.#noting(() => {
      requireAffordable(this, [[request]], context);
      const { compiled, asksSession } = this.#statements.compile<CompiledStream>(request, context.principal);
      const parameters = bind(compiled, request, context);
      this.#tell(request, 'read', compiled, parameters, asksSession || context.timezone !== undefined);
      return compiled.columns;
    });
    await sink.rows([], columns, false);
  }

  async call(request: CallRequest, context: CallContext): Promise<CallResult> {
    await this.#call(request, context);
    return nothingCalled;
  }

  async callRows(request: CallRequest, context: CallContext): Promise<Called> {
    const { columns } = await this.#call(request, context);
    return { columns, rows: [] };
  }

  async #call(request: CallRequest, context: CallContext): Promise<CompiledCall> {
    const { compiled, parameters } = this.#noting(() => {
      requireAffordable(this, [[request]], context);
      const { compiled } = this.#statements.compile<CompiledCall>(request, context.principal);
      return { compiled, parameters: bind(compiled, request, context) };
    });
    const { dialect } = this.#statements.databaseOf(request);
    await this.#follow(request, 'call', compiled, parameters, (transaction) =>
      dialect.call(transaction, compiled, parameters),
    );
    return compiled;
  }

  async write(
    requests: readonly WriteRequest[],
    context: CallContext,
    { precondition }: WriteOptions = {},
  ): Promise<readonly WriteResult[]> {
    if (precondition !== undefined) this.#lock(precondition.read, context);
    const roots = requests.map((request): StepRoot => ({ steps: [{ kind: 'write', request }] }));
    const results = await this.transact(roots, context);
    return results.map(([result]) => result as WriteResult);
  }

  /** Rows that must be as the caller saw them are locked and looked at first. */
  #lock(request: ReadRequest, context: CallContext): void {
    this.#noting(() => {
      const { compiled } = this.#statements.compile<CompiledRead>(request, context.principal);
      const { lock } = compiled;
      if (lock !== undefined) this.#tell(request, 'lock', lock, bind(lock, request, context), true);
      this.#tell(request, 'read', compiled, bind(compiled, request, context), true);
    });
  }

  async transact(
    roots: readonly StepRoot[],
    context: CallContext,
    { placed }: TransactOptions = {},
  ): Promise<readonly (readonly StepResult[])[]> {
    const requests = roots.map(({ steps }) => steps.map(({ request }) => request));
    if (requests.flat().length === 0) return roots.map(() => []);
    const prepared = roots.map((root, index) =>
      this.#noting(() => {
        try {
          return prepareRoot(root, this.#statements, context);
        } catch (error) {
          throw placed === undefined ? error : placed(error, index);
        }
      }),
    );
    this.#noting(() => {
      requireAffordable(this, requests, context);
      this.#statements.oneDatabaseOf(requests.flat());
    });
    for (const root of prepared) {
      for (const { step, compiled, parameters } of root) {
        if (step.kind === 'write') this.#propose(step.request, compiled as CompiledWrite, context);
        await this.#step(step, compiled, parameters, context);
      }
      for (const { step, compiled } of root)
        if (step.kind === 'write') this.#verify(step.request, compiled as CompiledWrite, context);
    }
    return prepared.map((root) => root.map(({ step }) => nothingDone(step.request)));
  }

  async #step(
    { kind, request }: Step,
    compiled: CompiledStatement,
    bound: readonly Bound[] | undefined,
    context: CallContext,
  ): Promise<void> {
    const { dialect } = this.#statements.databaseOf(request);
    const parameters = bound ?? unlinked(compiled, request, context);
    switch (kind) {
      case 'call':
        return this.#follow(request, 'call', compiled, parameters, (transaction) =>
          dialect.call(transaction, compiled as CompiledCall, parameters),
        );
      case 'reread':
        return this.#tell(request, 'read back', compiled, parameters, true);
      case 'write':
        return this.#follow(request, (request as WriteRequest).kind, compiled, parameters, (transaction) =>
          dialect.write(transaction, compiled as CompiledWrite, parameters),
        );
      default:
        kind satisfies never;
    }
  }

  /** Rows are judged as they are proposed, where that is not left until one was refused. */
  #propose(request: WriteRequest, { proposal }: CompiledWrite, context: CallContext): void {
    if (proposal?.first !== true) return;
    this.#tell(request, 'check', proposal, unlinked(proposal, request, context), true);
  }

  /** Checks that look at other rows are judged when all of a root is written. */
  #verify(request: WriteRequest, { verify }: CompiledWrite, context: CallContext): void {
    if (verify === undefined) return;
    const parameters = bind(verify, request, context, ofEarlierRows);
    this.#tell(request, 'check', verify, parameters, true);
  }

  /**
   * The statements of a program, told as it runs on rows that stand for those that it would find. What it makes of them in
   * the end is nobody's: it may well find them impossible, when what it sends is told.
   */
  async #follow(
    request: ApiRequest,
    does: Told['does'],
    { statement, bindings }: CompiledStatement,
    bound: readonly (Bound | undefined)[],
    run: (transaction: Transaction) => Promise<unknown>,
  ): Promise<void> {
    const transaction: Transaction = {
      prepend: () => {},
      run: async (sent, parameters) => {
        const isWhole = sent.text === statement.text && bindings.length === parameters.length;
        const told = parameters.map((value, index) => ({
          value: isWhole && bound[index] === undefined ? undefined : value,
          ...(isWhole ? { binding: bindings[index]! } : null),
        }));
        this.#add(request, does, sent.text, told, true);
        return standIn;
      },
    };
    await run(transaction).catch(() => {});
  }

  #tell(
    request: ApiRequest,
    does: Told['does'],
    { statement, bindings }: CompiledStatement,
    bound: readonly (Bound | undefined)[],
    tellsCaller: boolean,
  ): void {
    const parameters = bindings.map((binding, index) => ({
      value: bound[index] as Parameter | undefined,
      binding,
    }));
    this.#add(request, does, statement.text, parameters, tellsCaller);
  }

  #add(
    request: ApiRequest,
    does: Told['does'],
    text: string,
    parameters: readonly ToldParameter[],
    tellsCaller: boolean,
  ): void {
    const of = request.kind === 'call' ? request.function : request.table;
    const { database } = (request.kind === 'call' ? this.#api.functions : this.#api.tables).get(of)!;
    this.told.push({ database, does, of, text, parameters, tellsCaller });
  }

  #noting<Result>(work: () => Result): Result {
    try {
      return work();
    } catch (error) {
      this.refused = true;
      throw error;
    }
  }
}

/** One row of as many columns as are asked for. */
const standIn: Rows = {
  rows: [new Array<string>(256).fill(ofEarlierRows)],
  affected: 1,
  numbered: ofEarlierRows,
};

/** Of a step that waits for another: all but what that one gives. */
function unlinked(
  { bindings }: CompiledStatement,
  request: ApiRequest,
  context: CallContext,
): readonly Bound[] {
  const statement = { statement: { text: '', name: undefined } };
  return bindings.map((binding) => {
    try {
      return bindWrite({ ...statement, bindings: [binding] }, request, context)[0]!;
    } catch {
      return ofEarlierRows;
    }
  });
}

const nothingCalled: CallResult = {
  body: '[]',
  rows: 0,
  total: undefined,
  status: undefined,
  headers: undefined,
};

function nothingRead(request: AnyRead): ReadResult {
  const isObject = request.kind === 'read' && request.shape === 'object';
  return { body: isObject ? 'null' : '[]', rows: 0, total: 0, last: undefined };
}

function nothingDone(request: ApiRequest): StepResult {
  switch (request.kind) {
    case 'call':
      return nothingCalled;
    case 'insert':
    case 'update':
    case 'delete':
      return { affected: 0, bodies: request.returning.map(() => '[]'), rows: 0, key: undefined, yielded: [] };
    default:
      return nothingRead(request);
  }
}

function notHere(): never {
  throw new Error('nothing is run here');
}

/** Of databases that nobody connects to. */
const noPool: Pool = {
  stream: notHere,
  streamText: notHere,
  run: notHere,
  transaction: notHere,
  journal: notHere,
  migrate: notHere,
  stats: () => ({ open: 0, idle: 0, waiting: 0, max: 0 }),
  close: async () => {},
};
