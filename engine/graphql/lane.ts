/** A worker thread as seen from the serving thread: one job at a time, a bounded queue, an end for what takes too long. */
import { Worker } from 'node:worker_threads';
import { Problem } from '../problem/problem.ts';
import type { Model } from './model.ts';
import { beyondLimit } from './refusal.ts';
import type { Answer, Job } from './worker.ts';

export interface LaneOptions {
  /** Of one job; then the thread is ended, and started again for the next. */
  readonly timeoutMs: number;
  /** Jobs that may wait. */
  readonly maxQueue: number;
  /** Heap of the thread. */
  readonly maxMegabytes: number;
}

export type Work = Exclude<Job, { kind: 'model' | 'forget' }>;
export type Done = Exclude<Answer, { kind: 'unknownModel' | 'failed' }>;

interface Pending {
  readonly work: Work;
  readonly model: Model;
  readonly resolve: (answer: Done) => void;
  readonly reject: (error: unknown) => void;
  /** Sent with its model a second time, because the thread had dropped it. */
  repeated: boolean;
}

// Compiled, this file and the thread's are JavaScript.
const entry = new URL(import.meta.url.endsWith('.ts') ? './worker.ts' : './worker.js', import.meta.url);

export class Lane {
  readonly #options: LaneOptions;
  readonly #queue: Pending[] = [];
  #worker: Worker | undefined;
  /** Keys of models that the running thread was sent. */
  #sent = new Set<string>();
  #current: Pending | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: LaneOptions) {
    this.#options = options;
  }

  /**
   * @param model the one that `work.model` names; sent to the thread when it does not have it
   * @throws {Problem} NS604 (503) the queue is full, NS603 the job took too long or too much memory, NS000 a defect
   */
  run(work: Work, model: Model): Promise<Done> {
    if (this.#queue.length >= this.#options.maxQueue)
      throw new Problem('NS604', {
        message: 'Too many GraphQL documents wait to be checked.',
        hint: 'Repeat the request in a moment.',
        headers: { 'retry-after': '1' },
      });
    return new Promise((resolve, reject) => {
      this.#queue.push({ work, model, resolve, reject, repeated: false });
      this.#next();
    });
  }

  /** Starts the thread, so that the first document does not wait for it. */
  warm(): void {
    this.#start();
  }

  /** The model is not used any more. */
  forget(key: string): void {
    if (this.#sent.delete(key)) this.#post({ kind: 'forget', key });
  }

  /** Ends the thread; what waits is refused. */
  async close(): Promise<void> {
    const error = new Problem('NS604', { message: 'The server is shutting down.' });
    for (const pending of this.#queue.splice(0)) pending.reject(error);
    this.#finish()?.reject(error);
    await this.#end();
  }

  #next(): void {
    const pending = this.#current === undefined ? this.#queue.shift() : undefined;
    if (pending === undefined) return;
    this.#current = pending;
    const worker = this.#start();
    worker.ref();
    if (!this.#sent.has(pending.work.model)) {
      this.#sent.add(pending.work.model);
      this.#post({ kind: 'model', key: pending.work.model, model: pending.model });
    }
    this.#post(pending.work);
    this.#timer = setTimeout(
      () => this.#giveUp('checking the document took too long'),
      this.#options.timeoutMs,
    );
  }

  #start(): Worker {
    if (this.#worker !== undefined) return this.#worker;
    const worker = new Worker(entry, {
      resourceLimits: { maxOldGenerationSizeMb: this.#options.maxMegabytes },
      name: 'graphql',
    });
    worker.on('message', (answer: Answer) => this.#receive(answer));
    worker.on('error', (error) => {
      if (worker !== this.#worker) return;
      const full = (error as NodeJS.ErrnoException).code === 'ERR_WORKER_OUT_OF_MEMORY';
      this.#worker = undefined;
      this.#fail(full ? beyondLimit('$', 'checking the document took too much memory') : defect(error));
    });
    worker.unref();
    this.#worker = worker;
    this.#sent = new Set();
    return worker;
  }

  #post(job: Job): void {
    this.#worker?.postMessage(job);
  }

  #receive(answer: Answer): void {
    const pending = this.#current;
    if (answer.kind === 'unknownModel' && pending !== undefined && !pending.repeated) {
      this.#finish();
      this.#sent.delete(pending.work.model);
      this.#queue.unshift(Object.assign(pending, { repeated: true }));
      this.#next();
    } else if (answer.kind === 'failed' || answer.kind === 'unknownModel') {
      this.#fail(defect(new Error(answer.kind === 'failed' ? answer.message : 'the thread lost its model')));
    } else {
      this.#finish()?.resolve(answer);
      this.#next();
    }
  }

  /** A timeout of the thread's own code cannot be had: it is ended from outside. */
  #giveUp(message: string): void {
    this.#end();
    this.#fail(beyondLimit('$', message));
  }

  #fail(error: Problem): void {
    this.#finish()?.reject(error);
    this.#next();
  }

  #finish(): Pending | undefined {
    clearTimeout(this.#timer);
    this.#worker?.unref();
    const pending = this.#current;
    this.#current = undefined;
    return pending;
  }

  async #end(): Promise<void> {
    const worker = this.#worker;
    this.#worker = undefined;
    await worker?.terminate();
  }
}

function defect(cause: Error): Problem {
  return new Problem('NS000', { message: 'Something went wrong while the document was checked.', cause });
}
