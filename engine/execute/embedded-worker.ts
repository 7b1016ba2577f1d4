/** The worker thread of one embedded database: owns PGlite, runs wire messages, knows nothing of sockets or sessions. */
import { cpSync } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';
import { PGlite } from '@electric-sql/pglite';
import { extensions } from './embedded-extensions.ts';

/** Where the data is; it is made when the folder is empty or absent. */
export interface WorkerSetup {
  readonly folder: string;
  /** What `folder` is to be a copy of; it is absent then. */
  readonly from?: string;
}

export type WorkerRequest =
  | { readonly kind: 'run'; readonly bytes: Uint8Array }
  /** Flushes and ends the thread. */
  | { readonly kind: 'close' };

export type WorkerReply =
  | { readonly kind: 'ready' }
  | { readonly kind: 'failed'; readonly message: string }
  | { readonly kind: 'ran'; readonly bytes: Uint8Array; readonly inTransaction: boolean }
  /** PGlite left its loop; nothing can run in this thread any more. */
  | { readonly kind: 'ended'; readonly message: string };

const port = parentPort;
if (port === null) throw new Error('This file runs as a worker thread.');

function reply(message: WorkerReply, transfer: ArrayBuffer[] = []): void {
  port?.postMessage(message, transfer);
}

async function run(database: PGlite, bytes: Uint8Array): Promise<void> {
  const chunks: Uint8Array[] = [];
  try {
    // The chunks are views of memory that PGlite uses again: copied at once.
    await database.execProtocolRawStream(bytes, { onRawData: (chunk) => chunks.push(chunk.slice()) });
  } catch (error) {
    return reply({ kind: 'ended', message: error instanceof Error ? error.message : String(error) });
  }
  const answer = joined(chunks);
  reply({ kind: 'ran', bytes: answer, inTransaction: database.isInTransaction() }, [answer.buffer]);
}

function joined(chunks: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(chunks.reduce((sum, chunk) => sum + chunk.length, 0));
  let at = 0;
  for (const chunk of chunks) {
    whole.set(chunk, at);
    at += chunk.length;
  }
  return whole;
}

async function open({ folder, from }: WorkerSetup): Promise<void> {
  // A thousand files: in one thread, and nobody else is in this one, at half of what `cp` costs.
  if (from !== undefined) cpSync(from, folder, { recursive: true });
  const database = await PGlite.create({ dataDir: folder, extensions });
  port?.on('message', (request: WorkerRequest) => {
    if (request.kind === 'run') void run(database, request.bytes);
    else void database.close().finally(() => process.exit(0));
  });
  reply({ kind: 'ready' });
}

open(workerData as WorkerSetup).catch((error: unknown) => {
  reply({ kind: 'failed', message: error instanceof Error ? error.message : String(error) });
});
