/** The metrics of `/-/metrics`, by prom-client with a registry of their own. */
import { AggregatorRegistry, Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { OperationalEvent } from './events.ts';

export interface PoolReading {
  readonly project: string;
  readonly database: string;
  readonly open: number;
  readonly idle: number;
  readonly waiting: number;
  readonly max: number;
}

/** What serves a project and how its databases are. */
export interface ProjectReading {
  readonly project: string;
  readonly revision: string | undefined;
  /** As they were the last time they were asked. */
  readonly databases: readonly { readonly name: string; readonly reachable: boolean }[];
}

/** Of one project's sockets. */
export interface SocketsReading {
  readonly project: string;
  readonly sockets: number;
  readonly subscribers: number;
  readonly cohorts: number;
  /** So far. */
  readonly statements: number;
}

export interface MetricsOptions {
  /** Read when the metrics are asked for, so that a name nobody has any more is in none of them. */
  readonly projects: () => Iterable<ProjectReading>;
  /** Read when the metrics are asked for. */
  readonly pools: () => Iterable<PoolReading>;
  /** Requests that run now, by project. */
  readonly running: () => Iterable<{ readonly project: string; readonly count: number }>;
  /** Read when the metrics are asked for. Default: none. */
  readonly sockets?: () => Iterable<SocketsReading>;
  /** Memory, event loop and the like of the process. Default true. */
  readonly process?: boolean;
  /** Of other processes that serve the same: what can be added up is. Default: there are none. */
  readonly others?: (() => Promise<readonly Readings[]>) | undefined;
}

/** All metrics of one process, as prom-client tells them to another. Plain data. */
export type Readings = Awaited<ReturnType<Registry['getMetricsAsJSON']>>;

export interface Metrics {
  record(event: OperationalEvent): void;
  /** The text of the Prometheus exposition format. */
  text(): Promise<string>;
  /** Of this process alone. */
  readings(): Promise<Readings>;
  readonly contentType: string;
}

/** What has been counted of several: counters and histograms, added up. */
export function countedIn(readings: readonly Readings[]): Promise<Readings> {
  const counts = readings.map((one) => one.filter(({ type }) => counted.has(String(type))));
  return AggregatorRegistry.aggregate(counts).getMetricsAsJSON();
}

/** As prom-client has them, whatever its types say. */
const counted: ReadonlySet<string> = new Set(['counter', 'histogram']);

export function createMetrics(options: MetricsOptions): Metrics {
  const registry = new Registry();
  const registers = [registry];
  if (options.process ?? true) collectDefaultMetrics({ register: registry });

  const requests = new Counter({
    name: 'novastack_requests_total',
    help: 'Requests that were answered, by project, surface and HTTP status.',
    labelNames: ['project', 'surface', 'status'],
    registers,
  });
  const durations = new Histogram({
    name: 'novastack_request_duration_seconds',
    help: 'Time from the first byte of a request to the last byte of its answer.',
    labelNames: ['project', 'surface'],
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    registers,
  });
  const reloads = new Counter({
    name: 'novastack_reloads_total',
    help: 'Revisions that were applied or rejected.',
    labelNames: ['project', 'result'],
    registers,
  });
  gaugeOfRevisions(registers, options.projects);
  gaugeOfDatabases(registers, options.projects);
  gaugeOfPools(registers, options.pools);
  gaugeOfRunning(registers, options.running);
  const operations = new Counter({
    name: 'novastack_socket_operations_total',
    help: 'GraphQL operations over sockets that have ended, by project, kind and whether with an error.',
    labelNames: ['project', 'operation', 'result'],
    registers,
  });
  const asked = new Counter({
    name: 'novastack_operations_asked_total',
    help: 'Syncs, rollbacks and the like that were asked for, by project and whether they were accepted.',
    labelNames: ['project', 'operation', 'result'],
    registers,
  });
  const webhooks = new Counter({
    name: 'novastack_webhooks_total',
    help: 'Webhooks that came for a source, by what became of them.',
    labelNames: ['source', 'result'],
    registers,
  });
  gaugesOfSockets(registers, options.sockets ?? (() => []));

  return {
    record(event) {
      if (event.kind === 'request') {
        const project = event.project ?? '';
        requests.inc({ project, surface: event.surface, status: event.status });
        durations.observe({ project, surface: event.surface }, event.durations.total / 1000);
      } else if (event.kind === 'applied') {
        reloads.inc({ project: event.project, result: 'applied' });
      } else if (event.kind === 'rejected') {
        reloads.inc({ project: event.project, result: 'rejected' });
      } else if (event.kind === 'operation') {
        const { project, operation = '', code } = event;
        operations.inc({ project, operation, result: code === undefined ? 'ok' : 'error' });
      } else if (event.kind === 'operation-asked') {
        asked.inc({ project: event.project, operation: event.operation, result: event.result });
      } else if (event.kind === 'webhook') {
        webhooks.inc({ source: event.source, result: event.result });
      }
    },
    text: async () => {
      const others = await options.others?.();
      if (others === undefined) return registry.metrics();
      return AggregatorRegistry.aggregate([await registry.getMetricsAsJSON(), ...others]).metrics();
    },
    readings: () => registry.getMetricsAsJSON(),
    contentType: registry.contentType,
  };
}

function gaugeOfRevisions(registers: Registry[], projects: MetricsOptions['projects']): void {
  new Gauge({
    name: 'novastack_revision_info',
    help: 'The revision that serves a project.',
    labelNames: ['project', 'revision'],
    aggregator: 'first',
    registers,
    collect() {
      this.reset();
      for (const { project, revision } of projects())
        if (revision !== undefined) this.set({ project, revision }, 1);
    },
  });
}

function gaugeOfDatabases(registers: Registry[], projects: MetricsOptions['projects']): void {
  new Gauge({
    name: 'novastack_database_reachable',
    help: '1 when the database answered the last time it was asked.',
    labelNames: ['project', 'database'],
    aggregator: 'min',
    registers,
    collect() {
      this.reset();
      for (const { project, databases } of projects())
        for (const { name, reachable } of databases) this.set({ project, database: name }, reachable ? 1 : 0);
    },
  });
}

function gaugeOfPools(registers: Registry[], pools: MetricsOptions['pools']): void {
  new Gauge({
    name: 'novastack_pool_connections',
    help: 'Connections of a pool that are open or idle, requests that wait for one, and the most it may open.',
    labelNames: ['project', 'database', 'state'],
    registers,
    collect() {
      this.reset();
      for (const { project, database, ...states } of pools())
        for (const [state, count] of Object.entries(states)) this.set({ project, database, state }, count);
    },
  });
}

function gaugeOfRunning(registers: Registry[], running: MetricsOptions['running']): void {
  new Gauge({
    name: 'novastack_requests_running',
    help: 'Requests that are being answered now.',
    labelNames: ['project'],
    registers,
    collect() {
      this.reset();
      // One project may have a current revision and leaving ones.
      for (const { project, count } of running()) this.inc({ project }, count);
    },
  });
}

function gaugesOfSockets(registers: Registry[], sockets: NonNullable<MetricsOptions['sockets']>): void {
  const gauges = [
    ['sockets', 'WebSockets that are open.'],
    ['subscribers', 'Subscriptions that are waited for over sockets.'],
    ['cohorts', 'Questions of subscriptions: each is one statement a tick, however many subscribers it has.'],
  ] as const;
  for (const [reading, help] of gauges)
    new Gauge({
      name: `novastack_live_${reading}`,
      help,
      labelNames: ['project'],
      registers,
      collect() {
        this.reset();
        for (const one of sockets()) this.set({ project: one.project }, one[reading]);
      },
    });
  new Counter({
    name: 'novastack_live_statements_total',
    help: 'Statements that were run for subscriptions.',
    labelNames: ['project'],
    registers,
    collect() {
      this.reset();
      for (const { project, statements } of sockets()) this.inc({ project }, statements);
    },
  });
}
