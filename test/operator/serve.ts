/** The operator's API behind real listeners, an open and a closed one, over a fleet in memory. */
import path from 'node:path';
import type { IssuerKeys } from '../../engine/auth/issuer-keys.ts';
import { FolderReplayGuard } from '../../engine/auth/replay.ts';
import { Registry } from '../../engine/revision/registry.ts';
import { createListener } from '../../engine/server/listener.ts';
import { createDoors, type Doors } from '../../engine/server/operator/doors.ts';
import { createOperator, type OperatorOptions } from '../../engine/server/operator.ts';
import type { OperationalEvent } from '../../engine/telemetry/events.ts';
import { createMetrics, type Metrics } from '../../engine/telemetry/metrics.ts';
import type { OperatorConfig, SourceConfig } from '../../schema/server-config.ts';
import type { Scope } from '../database.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import type { MemoryFleet } from './fleet.ts';

export interface OperatorServer {
  /** Origin of the listener that takes a token. */
  readonly closed: string;
  /** Origin of the one that takes none. */
  readonly open: string;
  readonly events: OperationalEvent[];
  readonly metrics: Metrics;
  readonly doors: Doors;
  /** Where used tokens are recorded. */
  readonly used: string;
  stopWaiting(): void;
}

export interface ServeOptions {
  readonly fleet: MemoryFleet;
  readonly operators?: readonly OperatorConfig[];
  readonly sources?: readonly Partial<SourceConfig>[];
  /** Default: a folder of its own. */
  readonly used?: string;
  readonly keys?: IssuerKeys;
  readonly more?: Partial<OperatorOptions>;
}

export async function serveOperator(t: Scope, options: ServeOptions): Promise<OperatorServer> {
  const { fleet, operators = [], sources = [], more = {} } = options;
  const used = options.used ?? path.join(await temporaryFolder(t), 'used');
  const events: OperationalEvent[] = [];
  const registry = new Registry({ emit: (event) => events.push(event), drainMs: 1_000 });
  const metrics = createMetrics({
    projects: () => [],
    pools: () => [],
    running: () => registry.running(),
    process: false,
  });
  const emit = (event: OperationalEvent) => {
    events.push(event);
    metrics.record(event);
  };
  const doors = createDoors({
    config: {
      operators,
      sources: new Map(sources.map((one) => [one.name!, { trust: [], ...one } as SourceConfig])),
    },
    replay: new FolderReplayGuard(used),
    fleet,
    emit: (event) => events.push(event),
    ...(options.keys === undefined ? {} : { keys: options.keys }),
  });
  t.after(() => doors.webhooks.close());
  const stops: (() => void)[] = [];
  const listen = async (access: OperatorOptions['access']) => {
    const { webhooks, attempts } = doors;
    const operator = await createOperator({
      projects: () => fleet.projects(),
      fleet, metrics, mode: 'serve', version: '0.0.0', access, webhooks, attempts, emit, ...more,
    }); // biome-ignore format: a record
    const listener = createListener({ registry, operator: operator.handle, emit });
    const { port } = await listener.listen(0, '127.0.0.1');
    stops.push(() => operator.stopWaiting());
    t.after(async () => {
      listener.destroy();
      await listener.drain();
      await operator.close();
    });
    return `http://127.0.0.1:${port}`;
  };
  const { authority } = doors;
  return {
    closed: await listen({ kind: 'closed', authority }),
    open: await listen({ kind: 'open', authority }),
    events,
    metrics,
    doors,
    used,
    stopWaiting: () => {
      for (const stop of stops) stop();
    },
  };
}

export const tokens = {
  all: 'all-the-token-of-who-may-do-everything-Aa',
  shop: 'shop-the-token-of-who-may-sync-the-shop-Bb',
  reader: 'read-the-token-of-who-may-read-everything-Cc',
} as const;

export const operators: readonly OperatorConfig[] = [
  { name: 'ops', token: tokens.all, projects: undefined, may: ['read', 'sync', 'rollback', 'suspend'] },
  { name: 'shopkeeper', token: tokens.shop, projects: ['shop'], may: ['read', 'sync'] },
  { name: 'reader', token: tokens.reader, projects: undefined, may: ['read'] },
];

export function bearer(token: string): string[] {
  return ['Authorization', `Bearer ${token}`];
}
