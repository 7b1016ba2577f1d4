/** Reads that are asked again and again: those of one shape in one statement, each with its own values and claims. */
import type { Parameter, Pool, Rows } from '../dialect/dialect.ts';
import type { CompiledPoll } from '../dialect/program.ts';
import type { Binding } from '../query/bind.ts';
import type { CallContext } from './executor.ts';
import { claimsOf } from './session.ts';
import type { Database, PreparedPoll } from './statements.ts';

/** What all readers of one shape have in common. */
export interface WatchShape extends Pick<Database, 'pool' | 'dialect'> {
  /** Shapes with the same key are the same. */
  readonly key: string;
  readonly compiled: CompiledPoll;
  /** Set in the transaction of the statement, where a relation asks who is calling: only readers with the same share one. */
  readonly claims: ReadonlyMap<string, string> | undefined;
  /** Places of parameters that are the time of asking. */
  readonly times: readonly number[];
}

/** One reader: the shape and its own values. */
export interface Watch {
  readonly shape: WatchShape;
  readonly parameters: readonly Parameter[];
  /** Where a slot's value stands among the parameters. */
  readonly placeOf: (slot: number) => number;
}

export interface Asked {
  readonly parameters: readonly Parameter[];
  /** The hash of the answer that it has; null: none. */
  readonly had: string | null;
}

/** An answer that is another than before, or rows that have come. */
export interface Told {
  /** Which of the asked. */
  readonly index: number;
  readonly body: string;
  /** The hash of the body; of arrivals, the last row's values of the order's columns: a JSON list of texts and nulls. */
  readonly mark: string;
}

export function watchOf(
  { pool, dialect, compiled, asksSession }: PreparedPoll,
  parameters: readonly Parameter[],
  context: CallContext,
): Watch {
  const claims = asksSession ? claimsOf(context) : undefined;
  const times = compiled.bindings.flatMap(({ kind }, index) => (kind === 'now' ? [index] : []));
  // Of two statements with one text, one may compare with the time and the other with a value of its caller.
  const key = JSON.stringify([compiled.statement.name, times, claims && [...claims]]);
  return {
    shape: { key: `${numberOf(pool)} ${key}`, pool, dialect, compiled, claims, times },
    // The time of asking is none of what tells readers apart.
    parameters: parameters.map((value, index) => (times.includes(index) ? null : value)),
    placeOf: (slot) => compiled.bindings.findIndex((binding) => isSlot(binding, slot)),
  };
}

function isSlot(binding: Binding, slot: number): boolean {
  return binding.kind === 'slot' && binding.slot === slot;
}

/**
 * Asks for all of them in one statement.
 *
 * @returns those who are to be told something
 * @throws {Problem} the statement failed for all of them
 */
export async function poll(
  shape: WatchShape,
  asked: readonly Asked[],
  signal: AbortSignal,
): Promise<readonly Told[]> {
  const { rows } = await run(shape, listsOf(shape, asked), signal);
  return rows.map(([n, body, mark]) => ({ index: Number(n) - 1, body: body!, mark: mark! }));
}

function run({ pool, dialect, compiled, claims }: WatchShape, lists: Parameter[], signal: AbortSignal) {
  if (claims === undefined) return pool.run(compiled.statement, lists, { signal });
  return pool.transaction<Rows>(
    async (transaction) => {
      const { statement, parameters } = dialect.claims(claims);
      transaction.prepend(statement, parameters);
      return transaction.run(compiled.statement, lists);
    },
    { signal, readOnly: true },
  );
}

/** One list for each parameter. */
function listsOf({ compiled, dialect, times }: WatchShape, asked: readonly Asked[]): Parameter[] {
  const now = new Date().toISOString();
  const lists = compiled.bindings.map(
    (_, index): Parameter =>
      times.includes(index)
        ? asked.map(() => now)
        : asked.map(({ parameters }) => textOf(parameters[index]!, dialect.list)),
  );
  return compiled.tells === 'changes' ? [asked.map(({ had }) => had), ...lists] : lists;
}

function textOf(value: Parameter, list: (items: readonly (string | null)[]) => string): string | null {
  return typeof value === 'string' || value === null ? value : list(value);
}

const numbers = new WeakMap<Pool, number>();
let pools = 0;

function numberOf(pool: Pool): number {
  let number = numbers.get(pool);
  if (number === undefined) {
    pools += 1;
    number = pools;
    numbers.set(pool, number);
  }
  return number;
}
