/** Bounds what readers who do not read can hold: large answers that are built and not yet taken. */
import type { ServerResponse } from 'node:http';
import { Problem } from '../problem/problem.ts';

/** Answers below this are not counted: they are many, short-lived and cheap. */
const countedFrom = 1024 * 1024;

export class HeldAnswers {
  readonly #max: number;
  #held = 0;

  /** @param max characters of all large answers together, for the whole process */
  constructor(max: number) {
    this.#max = max;
  }

  /** @throws {Problem} NS503 while too much waits for its readers */
  admit(length: number, response: ServerResponse): void {
    if (length < countedFrom) return;
    if (this.#held + length > this.#max) {
      throw new Problem('NS503', {
        message: 'Too many large answers wait for their readers.',
        hint: 'Ask again in a moment, or for less at once.',
        headers: { 'Retry-After': '5' },
      });
    }
    this.#held += length;
    response.once('close', () => {
      this.#held -= length;
    });
  }
}

/** One for the process, since its memory is one. */
export const heldAnswers = new HeldAnswers(512 * 1024 * 1024);
