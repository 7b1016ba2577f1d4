/** How GitHub may misbehave, for chosen calls of chosen operations; and gates at which calls wait until they are released. */
import type { Answer } from './answer.ts';

/**
 * `hang`: no answer ever. `cut`: the connection ends. `lost`: everything is done, and the answer is lost on the way. `broken`: the
 * JSON ends in the middle.
 */
export type Misbehaviour = Answer | 'hang' | 'cut' | 'lost' | 'broken';

export interface Trouble {
  readonly operation: string;
  /** Which calls of the operation, from 1 on, counted from the moment this was told; `all` of them. */
  readonly calls: readonly number[] | 'all';
  readonly answer: Misbehaviour;
}

/** A call waits here, before anything is done for it. */
export interface Gate {
  /** When the call has come. */
  readonly reached: Promise<void>;
  readonly release: () => void;
}

export class Troubles {
  readonly #troubles: (Trouble & { seen: number })[] = [];
  readonly #gates: { operation: string; wait: number; come: () => void; released: Promise<void> }[] = [];

  add(trouble: Trouble): void {
    this.#troubles.push({ ...trouble, seen: 0 });
  }

  clear(): void {
    this.#troubles.length = 0;
  }

  /** @param nth call of it from now on, from 1 on */
  hold(operation: string, nth: number): Gate {
    const reached = Promise.withResolvers<void>();
    const released = Promise.withResolvers<void>();
    this.#gates.push({ operation, wait: nth, come: reached.resolve, released: released.promise });
    return { reached: reached.promise, release: released.resolve };
  }

  async pass(operation: string): Promise<void> {
    for (const gate of this.#gates) {
      if (gate.operation !== operation) continue;
      gate.wait -= 1;
      if (gate.wait !== 0) continue;
      gate.come();
      await gate.released;
    }
  }

  of(operation: string): Misbehaviour | undefined {
    let found: Misbehaviour | undefined;
    for (const trouble of this.#troubles) {
      if (trouble.operation !== operation) continue;
      trouble.seen += 1;
      if (trouble.calls === 'all' || trouble.calls.includes(trouble.seen)) found ??= trouble.answer;
    }
    return found;
  }
}

const limitUrl =
  'https://docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api#about-secondary-rate-limits';

/** A whole refusal in GitHub's words from what a story says of it. */
export function refusalOf(status: number, headers: Readonly<Record<string, string>> = {}): Answer {
  const messages: Readonly<Record<number, string>> = {
    401: 'Bad credentials',
    403: headers['retry-after'] === undefined ? 'Resource not accessible by integration' : limited,
    404: 'Not Found',
    409: 'Conflict',
    422: 'Validation Failed',
    429: limited,
    500: 'Server Error',
    502: 'Server Error',
    503: 'Service unavailable',
  };
  const body = { message: messages[status] ?? 'Error', documentation_url: limitUrl, status: String(status) };
  return {
    status,
    headers,
    body: status === 422 ? { ...body, errors: [{ code: 'custom', message: 'was refused' }] } : body,
  };
}

const limited = 'You have exceeded a secondary rate limit. Please wait a few minutes before you try again.';
