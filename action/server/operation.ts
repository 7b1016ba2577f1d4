/** What was asked of the server, followed to its end. */
import { setTimeout as sleep } from 'node:timers/promises';
import { type Server, ServerRefusal } from './server.ts';

/** As the operator's API tells it. */
export interface Operation {
  readonly id: string;
  readonly state: 'running' | 'succeeded' | 'failed';
  readonly reason: string | null;
  readonly message: string | null;
  readonly revision: string | null;
  readonly previousRevision: string | null;
}

export interface Asking {
  readonly server: Server;
  /** The name under which it is served. */
  readonly project: string;
  readonly kind: 'sync' | 'rollback';
  readonly body: object;
}

/** Milliseconds: how long one request waits for the end. */
const waitMs = 30_000;
/** Milliseconds for which a project that is not known is asked for: a commit may have just added it. */
const unknownMs = 60_000;
const betweenMs = 2_000;

/** @throws {ServerRefusal} @throws {ServerUnreachable} */
export async function begin({ server, project, kind, body }: Asking): Promise<Operation> {
  const path = `/-/projects/${encodeURIComponent(project)}/${kind}`;
  for (const start = Date.now(); ; ) {
    try {
      const { operation } = await server.ask<{ operation: Operation }>({ method: 'POST', path, body });
      return operation;
    } catch (error) {
      const isNew = kind === 'sync' && error instanceof ServerRefusal && error.code === 'PGRST125';
      if (!isNew || Date.now() - start > unknownMs || server.isOver()) throw error;
      await sleep(betweenMs);
    }
  }
}

/** @returns as it is at the end, or at the deadline: still running */
export async function follow(asking: Asking, begun: Operation): Promise<Operation> {
  const { server } = asking;
  let operation = begun;
  while (operation.state === 'running' && !server.isOver()) {
    const ms = Math.max(Math.min(waitMs, server.leftMs()), 1);
    const path = `/-/operations/${operation.id}?wait=${Math.ceil(ms)}ms`;
    try {
      ({ operation } = await server.ask<{ operation: Operation }>({ method: 'GET', path, waitMs: ms }));
    } catch (error) {
      // A server that was started anew knows no operations of before. To look once more is what a sync asks for anyhow.
      const isForgotten = error instanceof ServerRefusal && error.code === 'PGRST125';
      if (!isForgotten || asking.kind !== 'sync') throw error;
      operation = await begin(asking);
    }
  }
  return operation;
}
