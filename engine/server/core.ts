/** What `dev` and `serve` have in common: the log, the metrics, the registry of what is served, and how they end. */
import type { ProjectStatus } from '../reconcile/status.ts';
import { type Change, Registry } from '../revision/registry.ts';
import type { Emit } from '../telemetry/events.ts';
import { createLog, type Log, type LogOptions } from '../telemetry/log.ts';
import {
  createMetrics,
  type Metrics,
  type PoolReading,
  type ProjectReading,
  type Readings,
  type SocketsReading,
} from '../telemetry/metrics.ts';
import type { Listener } from './listener.ts';

export interface CoreOptions {
  /** Default: nothing is logged. */
  readonly log?: LogOptions | undefined;
  /** Milliseconds that running requests get when the server stops, and those of a replaced revision. */
  readonly drainMs: number;
  readonly status: () => readonly ProjectStatus[];
  /** Hears what becomes of served names. */
  readonly onChange?: (change: Change) => void;
  /** Readings of other processes that serve the same, asked for with the metrics. */
  readonly readings?: () => Promise<readonly Readings[]>;
}

export class Core {
  readonly log: Log;
  readonly registry: Registry;
  readonly metrics: Metrics;
  readonly emit: Emit = (event) => {
    this.metrics.record(event);
    this.log.write(event);
  };
  readonly #options: CoreOptions;

  constructor(options: CoreOptions) {
    this.#options = options;
    this.log = createLog(options.log ?? { format: 'silent' });
    const { drainMs, onChange, readings } = options;
    this.registry = new Registry({ emit: this.emit, drainMs, onChange });
    this.metrics = createMetrics({
      projects: () => this.#readings(),
      pools: () => this.#pools(),
      running: () => this.registry.running(),
      sockets: () => this.#sockets(),
      others: readings,
    });
  }

  /** Requests that run now. */
  get running(): number {
    let running = 0;
    for (const { count } of this.registry.running()) running += count;
    return running;
  }

  /** Lets running requests end, and cuts those that take longer. */
  async drain(listener: Listener, lingerMs = 0): Promise<void> {
    const deadline = setTimeout(() => listener.destroy(), lingerMs + this.#options.drainMs);
    await listener.drain(lingerMs);
    clearTimeout(deadline);
  }

  *#readings(): Generator<ProjectReading> {
    for (const { project, databases } of this.#options.status())
      if (project !== null)
        yield { project, revision: this.registry.get(project)?.current?.revision.id, databases };
  }

  *#pools(): Generator<PoolReading> {
    for (const slot of this.registry.slots())
      for (const [database, pool] of slot.current?.revision.pools ?? [])
        yield { project: slot.name, database, ...pool.stats() };
  }

  *#sockets(): Generator<SocketsReading> {
    for (const { name, sockets } of this.registry.slots()) yield { project: name, ...sockets.read() };
  }
}
