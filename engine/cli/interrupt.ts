/** Ctrl+C and SIGTERM as a signal to end cleanly; a second one ends at once. */

export interface Interrupt {
  readonly signal: AbortSignal;
  /** Hears no more. */
  readonly done: () => void;
}

export function interruptible(): Interrupt {
  const controller = new AbortController();
  const hear = (name: NodeJS.Signals) => {
    if (controller.signal.aborted) process.exit(128 + (name === 'SIGINT' ? 2 : 15));
    controller.abort();
  };
  process.on('SIGINT', hear);
  process.on('SIGTERM', hear);
  return {
    signal: controller.signal,
    done: () => {
      process.off('SIGINT', hear);
      process.off('SIGTERM', hear);
    },
  };
}
