/** What a document writes, step by step in one transaction: later steps take values from the rows of earlier ones. */
import type { Api } from '../api/api.ts';
import type { Dialect, Rows, Transaction } from '../dialect/dialect.ts';
import type { CompiledCall, CompiledRead, CompiledWrite, Proposal } from '../dialect/program.ts';
import { Problem } from '../problem/problem.ts';
import type { Bound } from '../query/bind.ts';
import { checkFailed } from '../query/refusal.ts';
import type { CallRequest, ReadRequest, WriteRequest } from '../query/request.ts';
import { bind, bindWrite } from './bind.ts';
import { explainConstraint } from './constraint.ts';
import type { CallContext } from './executor.ts';
import {
  type CallResult,
  callResult,
  isTrue,
  type ReadResult,
  readResult,
  rowsGiven,
  type WriteResult,
  writeResult,
} from './result.ts';
import type { Statements } from './statements.ts';

export type Step =
  | {
      readonly kind: 'write';
      readonly request: WriteRequest;
      /** One for each of the request's `links`. */
      readonly fills?: readonly Fill[];
      /** Other steps take values of each of its rows, so none may be left out. */
      readonly needsAll?: boolean;
    }
  | { readonly kind: 'call'; readonly request: CallRequest }
  /** Reads rows that were written, by their keys: `request.keys` is a slot that is filled here. */
  | { readonly kind: 'reread'; readonly request: ReadRequest; readonly keys: readonly KeySource[] };

/** Where the linked columns of each row come from. */
export interface Fill {
  /** Index of an earlier step of the same root, and of the entry of its `yields`. */
  readonly step: number;
  readonly yield: number;
  /** For each row of this step, the row of that one. */
  readonly rows: readonly number[];
}

export interface KeySource {
  readonly step: number;
  readonly yield: number;
  /** Which of its rows; undefined: all that were written. */
  readonly row?: number;
}

export type StepResult = WriteResult | CallResult | ReadResult;

/** The steps of one root field; checks that look at other rows are judged when the last of them is done. */
export interface StepRoot {
  readonly steps: readonly Step[];
}

/** A step with its statement, and its parameters where no earlier step determines any. */
type Prepared = { readonly parameters: readonly Bound[] | undefined } & (
  | { readonly step: Extract<Step, { kind: 'write' }>; readonly compiled: CompiledWrite }
  | { readonly step: Extract<Step, { kind: 'call' }>; readonly compiled: CompiledCall }
  | { readonly step: Extract<Step, { kind: 'reread' }>; readonly compiled: CompiledRead }
);

export type PreparedRoot = readonly Prepared[];

export interface Running {
  readonly transaction: Transaction;
  readonly dialect: Dialect;
  readonly api: Api;
  readonly context: CallContext;
  /** Takes the characters of each answer; throws when they are too many. */
  readonly spend: (characters: number) => void;
  /** Told of a row that is refused, before the error is. */
  readonly doubt: (doubt: Doubt) => void;
}

/** A row that was refused: for its check, or for another row, which only those may know of whose own row passes. */
export interface Doubt {
  readonly request: WriteRequest;
  readonly proposal: Proposal;
}

/** What is wrong with a request is found here, before there is a transaction. */
export function prepareRoot({ steps }: StepRoot, statements: Statements, context: CallContext): PreparedRoot {
  return steps.map((step) => {
    const { compiled } = statements.compile(step.request, context.principal);
    const waits = step.kind === 'reread' || (step.kind === 'write' && step.fills !== undefined);
    return { step, compiled, parameters: waits ? undefined : bindWrite(compiled, step.request, context) };
  }) as PreparedRoot;
}

export async function runRoot(root: PreparedRoot, running: Running): Promise<readonly StepResult[]> {
  const results: StepResult[] = [];
  const verifications: (() => Promise<void>)[] = [];
  for (const prepared of root) {
    const result = await runStep(prepared, results, verifications, running);
    for (const body of bodiesOf(result)) running.spend(body.length);
    results.push(result);
    // What is read back must stand.
    if (prepared.step.kind === 'write' && isLastWrite(prepared, root))
      for (const verify of verifications) await verify();
  }
  return results;
}

function isLastWrite(prepared: Prepared, root: PreparedRoot): boolean {
  return root.findLast(({ step }) => step.kind === 'write') === prepared;
}

function bodiesOf(result: StepResult): readonly string[] {
  if ('bodies' in result) return result.bodies;
  return result.body === undefined ? [] : [result.body];
}

async function runStep(
  prepared: Prepared,
  before: readonly StepResult[],
  verifications: (() => Promise<void>)[],
  running: Running,
): Promise<StepResult> {
  const { transaction, context } = running;
  const { step, compiled, parameters } = prepared;
  switch (step.kind) {
    case 'call': {
      const called = await running.dialect.call(transaction, compiled as CompiledCall, parameters!);
      return callResult(called.rows[0], step.request, compiled as CompiledCall);
    }
    case 'reread': {
      const request = withKeys(step.request, keysOf(step.keys, before));
      const { rows } = await transaction.run(compiled.statement, bind(compiled, request, context));
      return readResult(rows, request, compiled as CompiledRead);
    }
    case 'write': {
      const request = filled(step, compiled as CompiledWrite, before);
      const bound = parameters ?? bindWrite(compiled, request, context);
      return runWrite(
        { request, compiled: compiled as CompiledWrite, parameters: bound, needsAll: step.needsAll === true },
        verifications,
        running,
      );
    }
    default:
      return step satisfies never;
  }
}

interface Program {
  readonly request: WriteRequest;
  readonly needsAll: boolean;
  readonly compiled: CompiledWrite;
  readonly parameters: readonly Bound[];
}

async function runWrite(
  { request, compiled, parameters, needsAll }: Program,
  verifications: (() => Promise<void>)[],
  running: Running,
): Promise<WriteResult> {
  const { transaction, dialect, context, api } = running;
  const explained = <Result>(work: Promise<Result>) =>
    work.catch((error: unknown) => {
      throw explain(error, request, running);
    });
  const { proposal } = compiled;
  const doubted = async <Result>(work: () => Promise<Result>): Promise<Result> => {
    try {
      return await work();
    } catch (error) {
      if (proposal === undefined || !isOfRow(error)) throw error;
      if (passes === false) throw checkFailedOf(request, running);
      if (passes === undefined) running.doubt({ request, proposal });
      throw error;
    }
  };
  const passes = await proposed(request, proposal, running);
  const { row, result } = await doubted(async () => {
    const row = await explained(dialect.write(transaction, compiled, parameters));
    return { row, result: writeResult(row, request, compiled, api, context.principal) };
  });
  if (passes === false && result.affected < rowsGiven(request)) throw checkFailedOf(request, running);
  if (needsAll && result.affected < rowsGiven(request))
    throw new Problem('0A000', {
      message: `cannot proceed to insert nested rows, since a row of "${api.tables.get(request.table)!.rest}" was not written`,
      hint: 'It is there already and its on_conflict leaves it as it is, or a trigger keeps it out. Nothing was written.',
    });
  const { verify } = compiled;
  if (verify !== undefined)
    verifications.push(async () => {
      const again = bind(verify, request, context, row?.[5]);
      await doubted(async () =>
        requireChecked(await explained(transaction.run(verify.statement, again)), request, running),
      );
    });
  for (const effect of compiled.effects)
    await explained(transaction.run(effect.statement, bind(effect, request, context)));
  return result;
}

function requireChecked({ rows }: Rows, request: WriteRequest, running: Running): void {
  if (!isTrue(rows[0]?.[0])) throw checkFailedOf(request, running);
}

function checkFailedOf(request: WriteRequest, { api, context }: Pick<Running, 'api' | 'context'>): Problem {
  return checkFailed(context.principal, api.tables.get(request.table)!.rest);
}

/**
 * Whether the rows pass as they are proposed; undefined: it is not asked, or not before a row is refused. False where a
 * trigger may still make them pass: then others that stand in their way are not told of either.
 */
async function proposed(
  request: WriteRequest,
  proposal: Proposal | undefined,
  running: Running,
): Promise<boolean | undefined> {
  if (proposal?.first !== true) return undefined;
  const refusal = await settle({ request, proposal }, running);
  if (refusal !== undefined && !running.api.tables.get(request.table)!.relation.triggers) throw refusal;
  return refusal === undefined;
}

/** Keys, references and exclusion are of other rows; what the check refuses is asked too, so that it takes as long. */
const ofRows = new Set(['23505', '23503', '23001', '23P01', '42501']);

function isOfRow(error: unknown): boolean {
  return error instanceof Problem && ofRows.has(error.code);
}

/** Undefined: the row passes, and its caller may know why it was refused. */
export async function settle(
  { request, proposal }: Doubt,
  running: Pick<Running, 'transaction' | 'api' | 'context'>,
): Promise<Problem | undefined> {
  const { rows } = await running.transaction.run(
    proposal.statement,
    bind(proposal, request, running.context),
  );
  return isTrue(rows[0]?.[0]) ? undefined : checkFailedOf(request, running);
}

function explain(error: unknown, request: WriteRequest, { dialect, api, context }: Running): unknown {
  if (!(error instanceof Problem)) return error;
  const place = dialect.constraintOf(error);
  const table = api.world(context.principal.role).tables.get(request.table);
  return place === undefined || table === undefined ? error : explainConstraint(error, place, table);
}

/** The rows of a step with the columns that rows written before determine. */
function filled(
  { request, fills = [] }: Extract<Step, { kind: 'write' }>,
  { links }: CompiledWrite,
  before: readonly StepResult[],
): WriteRequest {
  if (request.kind !== 'insert' || fills.length === 0) return request;
  const given = request.values[request.rows] as readonly Readonly<Record<string, unknown>>[];
  const sources = fills.map((fill) => yieldedBy(before[fill.step], fill.yield));
  const rows = given.map((row, index) => {
    const whole: Record<string, unknown> = Object.assign(Object.create(null), row);
    for (const [at, fill] of fills.entries()) {
      const values = sources[at]![fill.rows[index]!]!;
      for (const [position, name] of links[at]!.entries()) whole[name] = values[position];
    }
    return whole;
  });
  return { ...request, values: request.values.with(request.rows, rows) };
}

function yieldedBy(result: StepResult | undefined, entry: number): readonly (readonly unknown[])[] {
  return (result as WriteResult | undefined)?.yielded?.[entry] ?? [];
}

function keysOf(
  sources: readonly KeySource[],
  before: readonly StepResult[],
): readonly (readonly unknown[])[] {
  return sources.flatMap(({ step, yield: entry, row }) => {
    const rows = yieldedBy(before[step], entry);
    if (row === undefined) return rows;
    return rows[row] === undefined ? [] : [rows[row]];
  });
}

function withKeys(request: ReadRequest, keys: readonly (readonly unknown[])[]): ReadRequest {
  const rows = keys.map((values) => Object.fromEntries(values.map((value, index) => [`c${index}`, value])));
  return { ...request, values: request.values.with(request.keys!, rows) };
}
