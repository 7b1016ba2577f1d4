/**
 * The one comment of a plan on its pull request: found by who wrote it and by its marker, updated, never repeated, and never
 * written over by an older run. GitHub has no way to write a comment only if it is still the one that was read, so it is looked
 * at again after it was written.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Run } from '../event.ts';
import { type Github, GithubRefusal, GithubUnreachable } from './github.ts';
import { compareRuns, type Marker, markerIn } from './marker.ts';

export interface StickyOptions {
  readonly github: Github;
  readonly pullRequest: number;
  readonly key: string;
  readonly run: Run;
  /** The commit that is planned. */
  readonly head: string;
}

/** One that is ours, with the times that GitHub's clock gave it, in milliseconds. */
export interface Own {
  readonly id: number;
  readonly marker: Marker;
  readonly createdAt: number;
  readonly updatedAt: number;
}

export type Written =
  | { readonly kind: 'written'; readonly id: number }
  /** A newer run has written, or the pull request has a newer commit, which a run of its own plans. */
  | { readonly kind: 'outdated' };

/** Milliseconds: longer than GitHub takes for one request. */
const settleMs = 1_500;
/** Characters that GitHub takes. */
const maxComment = 65_536;

export class Sticky {
  readonly #options: StickyOptions;
  #login: Promise<string | undefined> | undefined;

  constructor(options: StickyOptions) {
    this.#options = options;
  }

  /** Those of the same plan, that of the newest run first; more than one only after a race. */
  async find(): Promise<readonly Own[]> {
    const { github, pullRequest, key } = this.#options;
    this.#login ??= github.login();
    const login = await this.#login;
    const comments = await github.list((api, common) =>
      api.issues.listComments({ ...common, issue_number: pullRequest }),
    );
    return comments
      .flatMap(({ id, user, body, created_at, updated_at }): Own[] => {
        const marker = isOurs(user, login) ? markerIn(body ?? '') : undefined;
        if (marker?.key !== key) return [];
        return [{ id, marker, createdAt: Date.parse(created_at), updatedAt: Date.parse(updated_at) }];
      })
      .sort((a, b) => compareRuns(b.marker.run, a.marker.run) || a.id - b.id);
  }

  /** @param body begins with a marker of this run */
  async write(body: string): Promise<Written> {
    const own = await this.find();
    if (!(await this.#isNewest(own))) return { kind: 'outdated' };
    const id = own[0] === undefined ? await this.#create(body) : await this.#update(own[0].id, body);
    if (id === undefined) return { kind: 'outdated' };
    const written = await this.#settle(id, body);
    if (written.kind === 'outdated') return written;
    // An older run that was about to write has written by then.
    await sleep(settleMs);
    const settled = await this.#settle(id, body);
    if (settled.kind === 'outdated' || (await this.#isOfHead())) return settled;
    await this.#markOutdated(id, body);
    return { kind: 'outdated' };
  }

  /** Looks again: of several comments that of the newest run stays, and an older run's text in ours is replaced. */
  async #settle(id: number, body: string): Promise<Written> {
    const { run } = this.#options;
    const own = await this.find();
    const [newest] = own;
    if (newest !== undefined && compareRuns(newest.marker.run, run) > 0) {
      if (newest.id !== id) await this.#remove(id);
      return { kind: 'outdated' };
    }
    for (const other of own) if (other.id !== id) await this.#remove(other.id);
    const ours = own.find((one) => one.id === id);
    const isThere = ours !== undefined && compareRuns(ours.marker.run, run) === 0;
    if (!isThere && (await this.#update(id, body)) === undefined) return { kind: 'outdated' };
    return { kind: 'written', id };
  }

  /** A commit that came while this was written: nobody takes what stands there for its plan, until that is there. */
  async #markOutdated(id: number, body: string): Promise<void> {
    const { github, head } = this.#options;
    const [marker, ...text] = body.split('\n');
    const note = `> [!WARNING]\n> This is the plan of ${head.slice(0, 7)}. There are newer commits, whose plan is in their own run.`;
    const marked = [marker, note, '', ...text].join('\n');
    // Where it is full already the foot alone says so.
    if (marked.length > maxComment) return;
    await github.call((api, common) => api.issues.updateComment({ ...common, comment_id: id, body: marked }));
  }

  async #isNewest(own: readonly Own[]): Promise<boolean> {
    const { run } = this.#options;
    return !own.some(({ marker }) => compareRuns(marker.run, run) > 0) && this.#isOfHead();
  }

  async #isOfHead(): Promise<boolean> {
    const { github, pullRequest, head } = this.#options;
    const pull = await github.call((api, common) => api.pulls.get({ ...common, pull_number: pullRequest }));
    return pull.head.sha === head;
  }

  async #create(body: string): Promise<number> {
    const { github, pullRequest, run } = this.#options;
    const isThere = async () => (await this.find()).find((one) => compareRuns(one.marker.run, run) === 0);
    try {
      const { id } = await github.call(
        (api, common) => api.issues.createComment({ ...common, issue_number: pullRequest, body }),
        // What was lost may be the answer alone.
        async () => (await isThere()) === undefined,
      );
      return id;
    } catch (error) {
      const there = error instanceof GithubUnreachable ? await isThere() : undefined;
      if (there === undefined) throw error;
      return there.id;
    }
  }

  /** @returns undefined: somebody has removed it */
  async #update(id: number, body: string): Promise<number | undefined> {
    const { github } = this.#options;
    try {
      await github.call(
        (api, common) => api.issues.updateComment({ ...common, comment_id: id, body }),
        async () => this.#isNewest(await this.find()),
      );
      return id;
    } catch (error) {
      if (error instanceof GithubRefusal && error.status === 404) return undefined;
      throw error;
    }
  }

  async #remove(id: number): Promise<void> {
    try {
      await this.#options.github.call((api, common) =>
        api.issues.deleteComment({ ...common, comment_id: id }),
      );
    } catch (error) {
      // Another run that saw the same has removed it.
      if (!(error instanceof GithubRefusal && error.status === 404)) throw error;
    }
  }
}

/** Where GitHub does not say who the token is, it is some bot: a person's comment is never ours. */
function isOurs(
  user: { readonly login: string; readonly type: string } | null,
  login: string | undefined,
): boolean {
  if (user === null) return false;
  if (login === undefined) return user.type === 'Bot';
  return user.login === login || (user.type === 'Bot' && user.login === `${login}[bot]`);
}
