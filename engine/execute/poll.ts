/** Reads that are asked again and again: those of one shape in one statement, each with its own values and claims. */
import type { Parameter, Pool, Rows } from '../dialect/dialect.ts';
import type { Asked, Asking, CompiledPoll } from '../dialect/program.ts';
import type { Binding } from '../query/bind.ts';
import type { CallContext } from './executor.ts';
import { claimsOf } from './session.ts';
import type { Database, PreparedPoll } from './statements.ts';

export type { Asked };

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
  /** Where a slot's value stands among the parameters: several places where none can be named twice. */
  readonly placesOf: (slot: number) => readonly number[];
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
    placesOf: (slot) => compiled.bindings.flatMap((binding, index) => (isSlot(binding, slot) ? [index] : [])),
  };
}

function isSlot(binding: Binding, slot: number): boolean {
  return binding.kind === 'slot' && binding.slot === slot;
}

/**
 * Asks for all of them together.
 *
 * @returns those who are to be told something
 * @throws {Problem} a statement failed, and nobody is told
 */
export async function poll(
  shape: WatchShape,
  asked: readonly Asked[],
  signal: AbortSignal,
): Promise<readonly Told[]> {
  const askings = shape.dialect.ask(shape.compiled, atOnce(shape, asked));
  return running(shape, signal, async (run) => {
    const told: Told[] = [];
    for (const asking of askings) {
      const { rows } = await run(asking);
      for (const [n, body, mark] of rows)
        told.push({ index: asking.first + Number(n) - 1, body: body!, mark: mark! });
    }
    return told;
  });
}

/** Readers with the time of asking among their values. */
function atOnce({ times }: WatchShape, asked: readonly Asked[]): readonly Asked[] {
  if (times.length === 0) return asked;
  const now = new Date().toISOString();
  return asked.map((one) => ({
    ...one,
    parameters: one.parameters.map((value, index) => (times.includes(index) ? now : value)),
  }));
}

/** In one transaction where the claims are set. */
function running<Result>(
  { pool, claims, dialect }: WatchShape,
  signal: AbortSignal,
  work: (run: (asking: Asking) => Promise<Rows>) => Promise<Result>,
): Promise<Result> {
  if (claims === undefined)
    return work(({ statement, parameters }) => pool.run(statement, parameters, { signal }));
  return pool.transaction(
    (transaction) => {
      const { statement, parameters } = dialect.claims(claims);
      transaction.prepend(statement, parameters);
      return work((asking) => transaction.run(asking.statement, asking.parameters));
    },
    { signal, readOnly: true },
  );
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
