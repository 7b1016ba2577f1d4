/** Webhooks of all sources: whose secret is whose, which deliveries have come, and when the fleet is told to look. */
import type { IncomingHttpHeaders } from 'node:http';
import { type Verifier, verifierOf } from './signature.ts';

export interface WebhooksOptions {
  /** Of each source that has a webhook, by the source's name. */
  readonly secrets: ReadonlyMap<string, string>;
  /** Look at this source soon. */
  readonly poke: (source: string) => void;
  /** Milliseconds without a further webhook after which it is told. Default 500. */
  readonly quietMs?: number;
  /** Milliseconds after which it is told, however many come. Default 2,000. */
  readonly latestMs?: number;
}

/** Characters of a secret that counts: what is shorter could be found by trying. */
const minSecretLength = 16;
const maxDeliveries = 10_000;

export class Webhooks {
  readonly #options: WebhooksOptions;
  readonly #deliveries = new Set<string>();
  readonly #due = new Map<string, { timer: NodeJS.Timeout; readonly since: number }>();
  #closed = false;

  constructor(options: WebhooksOptions) {
    this.#options = options;
  }

  has(source: string): boolean {
    return this.#options.secrets.has(source);
  }

  /** @returns undefined: nothing that came with it can be right */
  verifier(source: string, headers: IncomingHttpHeaders): Verifier | undefined {
    const secret = this.#options.secrets.get(source);
    if (secret === undefined || secret.length < minSecretLength) return undefined;
    return verifierOf(headers, secret, Date.now());
  }

  /**
   * Of one whose signature holds.
   *
   * @returns whether it is news: forges send again what was answered late
   */
  deliver(source: string, headers: IncomingHttpHeaders): boolean {
    const id = deliveryOf(headers);
    if (id !== undefined && !this.#isNew(JSON.stringify([source, id]))) return false;
    this.#pokeSoon(source);
    return true;
  }

  /** Tells nobody anything any more. */
  close(): void {
    this.#closed = true;
    for (const { timer } of this.#due.values()) clearTimeout(timer);
    this.#due.clear();
  }

  #isNew(key: string): boolean {
    if (this.#deliveries.has(key)) return false;
    this.#deliveries.add(key);
    for (const oldest of this.#deliveries) {
      if (this.#deliveries.size <= maxDeliveries) break;
      this.#deliveries.delete(oldest);
    }
    return true;
  }

  #pokeSoon(source: string): void {
    if (this.#closed) return;
    const { quietMs = 500, latestMs = 2_000, poke } = this.#options;
    const due = this.#due.get(source);
    const since = due?.since ?? performance.now();
    clearTimeout(due?.timer);
    const left = Math.max(0, latestMs - (performance.now() - since));
    const timer = setTimeout(
      () => {
        this.#due.delete(source);
        poke(source);
      },
      Math.min(quietMs, left),
    );
    this.#due.set(source, { timer, since });
  }
}

/** GitLab's key stays the same when it tries again; its id of the event, where the key is missing, too. */
const deliveryHeaders = [
  'webhook-id',
  'x-github-delivery',
  'x-gitea-delivery',
  'x-forgejo-delivery',
  'idempotency-key',
  'x-gitlab-event-uuid',
];

function deliveryOf(headers: IncomingHttpHeaders): string | undefined {
  const id = deliveryHeaders.map((name) => headers[name]).find((value) => value !== undefined);
  return id === undefined ? undefined : String(id).slice(0, 200);
}
