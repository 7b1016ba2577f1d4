/** Ends what a session runs when its caller has given up, or the session when its server has. Knows no database. */
import { abortedProblem, frozen } from './problems.ts';

export interface Endable {
  /** True between a request to end the statement that runs and the word that it can hit no other one. */
  readonly cancelling: boolean;
  readonly usable: boolean;
  /** Asks the server to end the statement that runs. */
  cancel(): void;
  settleCancel(): Promise<void>;
  /** Cuts the connection, whatever runs; what runs fails with the reason. */
  destroy(reason?: Error): void;
}

/** What the server itself has not ended by then is taken for frozen. */
const graceMs = 2_000;

/** One statement of a script: a signal asks the server to end it. @throws {Problem} 57014 the caller gave up */
export async function untilGivenUp<T>(
  session: Endable,
  signal: AbortSignal | undefined,
  run: () => Promise<T>,
): Promise<T> {
  if (signal?.aborted) throw abortedProblem(signal.reason);
  const cancel = () => session.cancel();
  signal?.addEventListener('abort', cancel, { once: true });
  try {
    return await run();
  } catch (error) {
    throw signal?.aborted ? abortedProblem(error) : error;
  } finally {
    signal?.removeEventListener('abort', cancel);
    // What comes next, such as the entry of what was done, is not to be hit.
    if (session.cancelling && session.usable) await session.settleCancel();
  }
}

/** A signal gives all of the work a little time to come to an end; then the connection is cut. */
export async function cutWhenGivenUp<T>(
  session: Endable,
  signal: AbortSignal | undefined,
  work: () => Promise<T>,
): Promise<T> {
  let late: NodeJS.Timeout | undefined;
  const giveUp = () => {
    late = setTimeout(() => session.destroy(abortedProblem(signal?.reason)), graceMs);
  };
  signal?.addEventListener('abort', giveUp, { once: true });
  if (signal?.aborted) giveUp();
  try {
    return await work();
  } finally {
    clearTimeout(late);
    signal?.removeEventListener('abort', giveUp);
  }
}

/** For a session without a statement timeout: work of our own has one all the same. @throws {Problem} 57014 no answer */
export async function answered<T>(session: Endable, timeoutMs: number, work: () => Promise<T>): Promise<T> {
  const late = setTimeout(() => session.destroy(frozen(timeoutMs)), timeoutMs + graceMs);
  try {
    return await work();
  } finally {
    clearTimeout(late);
  }
}
