/** One PGlite worker thread as a thing that runs wire messages, one at a time, and can be ended and started again. */
import { getCompileCacheDir } from 'node:module';
import { Worker } from 'node:worker_threads';
import type { WorkerReply, WorkerRequest, WorkerSetup } from './embedded-worker.ts';

export interface Ran {
  /** What Postgres answers, byte for byte. */
  readonly bytes: Buffer;
  readonly inTransaction: boolean;
}

/** The thread ended under the statement: by `end()`, by a crash, by lack of memory. */
export class ThreadEnded extends Error {}

interface Waiting {
  readonly resolve: (ran: Ran) => void;
  readonly reject: (error: Error) => void;
}

/** JavaScript's heap of the thread; PGlite's own memory is WASM's and not counted. */
const maxHeapMb = 1024;
const closeMs = 5_000;

/** Compiled for publishing, the neighbour is JavaScript too. */
const entry = new URL(
  import.meta.url.endsWith('.ts') ? './embedded-worker.ts' : './embedded-worker.js',
  import.meta.url,
);

/** Where the process keeps what it has compiled, the thread does so too: Node tells it to threads by the environment alone. */
function environment(): NodeJS.ProcessEnv {
  const kept = getCompileCacheDir();
  return kept === undefined ? process.env : { NODE_COMPILE_CACHE: kept, ...process.env };
}

export class DatabaseThread {
  readonly #worker: Worker;
  readonly #exited: Promise<void>;
  #waiting: Waiting | undefined;
  #ended: ThreadEnded | undefined;

  private constructor(worker: Worker) {
    this.#worker = worker;
    this.#exited = new Promise((resolve) => worker.once('exit', () => resolve()));
    worker.on('message', (reply: WorkerReply) => this.#take(reply));
    worker.on('error', (error) => this.#stop(error instanceof Error ? error.message : String(error)));
    worker.on('exit', () => this.#stop('the thread has ended'));
  }

  /** Resolves when statements can run; rejects with what PGlite says about the folder. */
  static async start(setup: WorkerSetup): Promise<DatabaseThread> {
    const worker = new Worker(entry, {
      workerData: setup,
      // What the process was started with (`--test`, `--input-type`) is not for the thread.
      execArgv: [],
      env: environment(),
      resourceLimits: { maxOldGenerationSizeMb: maxHeapMb },
    });
    await new Promise<void>((resolve, reject) => {
      worker.once('message', (reply: WorkerReply) => {
        if (reply.kind === 'ready') return resolve();
        reject(new Error('message' in reply ? reply.message : 'it did not start'));
      });
      worker.once('error', reject);
      worker.once('exit', () => reject(new Error('the thread ended while it started')));
    }).catch(async (error: unknown) => {
      await worker.terminate();
      throw error;
    });
    return new DatabaseThread(worker);
  }

  /** Runs whole messages; the caller waits for one answer before it sends the next. */
  run(bytes: Uint8Array): Promise<Ran> {
    if (this.#ended !== undefined) return Promise.reject(this.#ended);
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject };
      this.#send({ kind: 'run', bytes });
    });
  }

  /** Ends the thread whatever it is doing. What was committed is on disk. */
  async end(reason: string): Promise<void> {
    this.#stop(reason);
    await this.#worker.terminate();
  }

  /** Lets the running statement finish, flushes and ends; ends it anyway after five seconds. */
  async close(): Promise<void> {
    if (this.#ended !== undefined) return;
    this.#send({ kind: 'close' });
    const timer = setTimeout(() => void this.#worker.terminate(), closeMs);
    await this.#exited;
    clearTimeout(timer);
  }

  #send(request: WorkerRequest): void {
    this.#worker.postMessage(request);
  }

  #take(reply: WorkerReply): void {
    if (reply.kind === 'ended') this.#stop(reply.message);
    if (reply.kind !== 'ran') return;
    const waiting = this.#waiting;
    this.#waiting = undefined;
    const { buffer, byteOffset, byteLength } = reply.bytes;
    waiting?.resolve({
      bytes: Buffer.from(buffer, byteOffset, byteLength),
      inTransaction: reply.inTransaction,
    });
  }

  #stop(reason: string): void {
    this.#ended ??= new ThreadEnded(reason);
    this.#waiting?.reject(this.#ended);
    this.#waiting = undefined;
  }
}
