/** SIGTERM and SIGINT: the first finishes what is running, the second ends at once. */

export interface ShutdownOptions {
  /** Finishes what runs and closes everything. */
  readonly stop: (signal: NodeJS.Signals) => Promise<void>;
  /** Ends without waiting. */
  readonly force: (signal: NodeJS.Signals) => void;
}

const signals = ['SIGTERM', 'SIGINT', 'SIGHUP'] as const;

/**
 * Listens to the signals.
 *
 * @returns takes the listeners away again
 */
export function onShutdown(options: ShutdownOptions): () => void {
  let stopping = false;
  const listener = (signal: NodeJS.Signals) => {
    if (stopping) {
      options.force(signal);
      return;
    }
    stopping = true;
    void options.stop(signal);
  };
  for (const signal of signals) process.on(signal, listener);
  return () => {
    for (const signal of signals) process.off(signal, listener);
  };
}
