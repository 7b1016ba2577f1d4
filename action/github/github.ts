/** GitHub's API for one repository: with a deadline, tried again a bounded number of times where that can help, page by page. */
import { setTimeout as sleep } from 'node:timers/promises';
import { Octokit } from '@octokit/rest';
import { again, type FailedRequest, type Outcome, outcomeOf } from '../../engine/index.ts';

export type Api = Octokit['rest'];

/** What goes with every request. */
export interface Common {
  readonly owner: string;
  readonly repo: string;
  readonly request: { readonly signal: AbortSignal };
}

export interface GithubOptions {
  /** `https://api.github.com`; of an Enterprise server `https://HOST/api/v3`. */
  readonly api: string;
  readonly token: string;
  /** `owner/name`. */
  readonly repository: string;
}

/** GitHub answered, and would answer the same again. */
export class GithubRefusal extends Error {
  readonly status: number;

  constructor(status: number, said: string) {
    super(`GitHub answered ${status}${said === '' ? '' : `: ${said}`}.`);
    this.name = 'GithubRefusal';
    this.status = status;
  }
}

/** GitHub did not answer, or was out of order each time. */
export class GithubUnreachable extends Error {
  constructor(status: number | undefined, attempts: number) {
    super(`GitHub ${status === undefined ? 'did not answer' : `answered ${status}`}, ${attempts} times.`);
    this.name = 'GithubUnreachable';
  }
}

const maxAttempts = 5;
/** Milliseconds: of one answer, until the second attempt (each further wait is twice as long), and of all attempts. */
const timeoutMs = 30_000;
const retryMs = 500;
const maxCallMs = 3 * 60_000;
const pageSize = 100;
const silent = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

export class Github {
  readonly #octokit: Octokit;
  readonly #owner: string;
  readonly #repo: string;

  constructor({ api, token, repository }: GithubOptions) {
    const [owner = '', repo = ''] = repository.split('/');
    this.#octokit = new Octokit({ auth: token, baseUrl: api, userAgent: 'novastack-action', log: silent });
    this.#owner = owner;
    this.#repo = repo;
  }

  /**
   * @param worthwhile asked before each further attempt: false gives up, as what is written would be outdated
   * @throws {GithubRefusal} it will not be done
   * @throws {GithubUnreachable} it may have been done, or not
   */
  async call<T>(
    ask: (api: Api, common: Common) => Promise<{ readonly data: T }>,
    worthwhile: () => Promise<boolean> = async () => true,
  ): Promise<T> {
    const giveUpAt = Date.now() + maxCallMs;
    for (let attempt = 1; ; attempt++) {
      const outcome = await this.#once(ask);
      if (outcome.kind === 'done') return outcome.data;
      if (outcome.kind === 'refused') throw new GithubRefusal(outcome.status, outcome.said);
      const waitMs = outcome.afterMs ?? backoffMs(attempt);
      if (attempt === maxAttempts || Date.now() + waitMs > giveUpAt)
        throw new GithubUnreachable(outcome.status, attempt);
      await sleep(waitMs);
      if (!(await worthwhile())) throw new GithubUnreachable(outcome.status, attempt);
    }
  }

  /** All pages of a list. */
  async list<T>(
    ask: (
      api: Api,
      common: Common & { readonly page: number; readonly per_page: number },
    ) => Promise<{ readonly data: readonly T[] }>,
  ): Promise<readonly T[]> {
    const all: T[] = [];
    for (let page = 1; ; page++) {
      const some = await this.call((api, common) => ask(api, { ...common, page, per_page: pageSize }));
      all.push(...some);
      if (some.length < pageSize) return all;
    }
  }

  /** Whom the token stands for: `github-actions[bot]`; undefined: GitHub does not say. */
  async login(): Promise<string | undefined> {
    return (await this.#loginOfUser()) ?? (await this.#loginOfViewer());
  }

  /** Of a person's token; one of an app, as that of a workflow is, may not ask. */
  async #loginOfUser(): Promise<string | undefined> {
    const { login } =
      (await unlessRefused(this.call((api, { request }) => api.users.getAuthenticated({ request })))) ?? {};
    return login;
  }

  async #loginOfViewer(): Promise<string | undefined> {
    const query = 'query { viewer { login } }';
    const found = await unlessRefused(
      this.call(async (_, { request }) => ({
        data: await this.#octokit.graphql<{ readonly viewer: { readonly login: string } }>(query, {
          request,
        }),
      })),
    );
    return found?.viewer.login;
  }

  async #once<T>(ask: (api: Api, common: Common) => Promise<{ readonly data: T }>): Promise<Outcome<T>> {
    try {
      const request = { signal: AbortSignal.timeout(timeoutMs) };
      const { data } = await ask(this.#octokit.rest, { owner: this.#owner, repo: this.#repo, request });
      // An answer that broke off, or that a proxy made, is text.
      return typeof data === 'string' && data !== '' ? again(502) : { kind: 'done', data };
    } catch (error) {
      if (!isOfRequest(error)) throw error;
      return outcomeOf(error as FailedRequest);
    }
  }
}

/** Whether GitHub is to blame, and not this program. */
export function isOfGithub(error: unknown): error is GithubRefusal | GithubUnreachable {
  return error instanceof GithubRefusal || error instanceof GithubUnreachable;
}

/** Octokit's own errors have a status; those of GraphQL have a list of their own, and are refusals. */
function isOfRequest(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if (error.name === 'GraphqlResponseError') throw new GithubRefusal(200, error.message);
  return error.name === 'HttpError' || error.name === 'AbortError' || error.name === 'TimeoutError';
}

async function unlessRefused<T>(asked: Promise<T>): Promise<T | undefined> {
  try {
    return await asked;
  } catch (error) {
    if (isOfGithub(error)) return undefined;
    throw error;
  }
}

function backoffMs(attempt: number): number {
  return retryMs * 2 ** (attempt - 1) * (0.75 + Math.random() / 2);
}
