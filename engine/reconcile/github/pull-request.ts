/** One pull request for each project that brings its lock up to date, through the Git data API: nothing is cloned or pushed. */
import type { Api, GithubCalls } from './calls.ts';
import { coordinates, digestOf, memoryKey } from './commit-report.ts';
import { GithubRefusal, type Subject } from './failure.ts';
import type { Memory } from './memory.ts';

export interface LockProposal {
  /** The served name. */
  readonly project: string;
  /** `owner/name`. */
  readonly repository: string;
  /** The branch that is followed: `main`. */
  readonly base: string;
  /** Path from the top of the repository → text; null: a file that the base has goes. */
  readonly files: ReadonlyMap<string, string | null>;
  readonly title: string;
  /** Markdown. */
  readonly body: string;
}

export interface Proposing {
  readonly calls: GithubCalls;
  readonly memory: Memory;
  readonly isStale: () => boolean;
}

const subject = 'pull request';

/** Opens the pull request, or brings the open one up to date. What was proposed before is not proposed again: somebody declined it. */
export async function proposeLock(proposal: LockProposal, proposing: Proposing): Promise<void> {
  const { memory } = proposing;
  const key = memoryKey(proposal);
  const digest = digestOf([proposal.base, [...proposal.files]]);
  if ((await memory.of(key)).pullRequest === digest || memory.isRefused(key, subject, digest)) return;
  try {
    await put(proposal, new Hub(proposal, proposing));
  } catch (error) {
    if (error instanceof GithubRefusal) memory.refuse(key, subject, digest);
    throw error;
  }
  await memory.add(key, { pullRequest: digest });
}

async function put(proposal: LockProposal, hub: Hub): Promise<void> {
  const base = await hub.head();
  const tree = await hub.treeWith(base.tree, proposal.files);
  if (tree === base.tree) await hub.close();
  else {
    await hub.point(await hub.commit(proposal.title, tree, base.id));
    await hub.propose(proposal);
  }
}

export type Withdrawal = Pick<LockProposal, 'project' | 'repository' | 'base'>;

/** Closes what was proposed, if it is still open: the database is as the lock says again. */
export async function withdrawLock(withdrawal: Withdrawal, proposing: Proposing): Promise<void> {
  const key = memoryKey(withdrawal);
  if ((await proposing.memory.of(key)).pullRequest === undefined) return;
  await new Hub(withdrawal, proposing).close();
  await proposing.memory.add(key, { pullRequest: undefined });
}

/** What goes with every call. */
interface Where {
  readonly owner: string;
  readonly repo: string;
  readonly request: { readonly signal: AbortSignal };
}

/** The branch and the pull request of one project. */
class Hub {
  readonly #proposing: Proposing;
  readonly #repository: string;
  readonly #base: string;
  readonly #branch: string;

  constructor({ project, repository, base }: Withdrawal, proposing: Proposing) {
    this.#proposing = proposing;
    this.#repository = repository;
    this.#base = base;
    this.#branch = `novastack/lock/${project}`;
  }

  /** Of the branch that is followed. */
  async head(): Promise<{ readonly id: string; readonly tree: string }> {
    const found = await this.#call<{ readonly sha?: string; readonly tree?: { readonly sha: string } }>(
      'contents',
      async (api, where) => {
        const commit_sha = await refOf(api, where, this.#base);
        return commit_sha === undefined ? { data: {} } : api.git.getCommit({ ...where, commit_sha });
      },
    );
    if (found.sha !== undefined && found.tree !== undefined) return { id: found.sha, tree: found.tree.sha };
    throw new GithubRefusal(
      'contents',
      404,
      `${this.#repository} has no branch "${this.#base}" to which a pull request could be made.`,
      'remove drift_pull_request, or follow a branch',
    );
  }

  async treeWith(base: string, files: ReadonlyMap<string, string | null>): Promise<string> {
    const tree = [...files].map(([path, content]) => {
      const file = { path, mode: '100644', type: 'blob' } as const;
      return content === null ? { ...file, sha: null } : { ...file, content };
    });
    const made = await this.#call('contents', (api, where) =>
      api.git.createTree({ ...where, base_tree: base, tree }),
    );
    return made.sha;
  }

  async commit(message: string, tree: string, parent: string): Promise<string> {
    const made = await this.#call('contents', (api, where) =>
      api.git.createCommit({ ...where, message, tree, parents: [parent] }),
    );
    return made.sha;
  }

  /** The branch is the engine's own: whatever else is on it goes. */
  async point(sha: string): Promise<void> {
    const name = `heads/${this.#branch}`;
    // Looked up each time: an attempt whose answer was lost may have made it.
    await this.#call('contents', async (api, where) =>
      (await refOf(api, where, this.#branch)) === undefined
        ? api.git.createRef({ ...where, ref: `refs/${name}`, sha })
        : api.git.updateRef({ ...where, ref: name, sha, force: true }),
    );
  }

  async propose({ title, body }: LockProposal): Promise<void> {
    const [head, base] = [this.#branch, this.#base];
    await this.#call<object>('pull request', async (api, where) => {
      const pull_number = await this.#open(api, where);
      return pull_number === undefined
        ? api.pulls.create({ ...where, title, body, head, base })
        : api.pulls.update({ ...where, pull_number, title, body });
    });
  }

  async close(): Promise<void> {
    await this.#call<object>('pull request', async (api, where) => {
      const pull_number = await this.#open(api, where);
      return pull_number === undefined
        ? { data: {} }
        : api.pulls.update({ ...where, pull_number, state: 'closed' });
    });
  }

  /** The number of the pull request that is open. */
  async #open(api: Api, where: Where): Promise<number | undefined> {
    const head = `${where.owner}:${this.#branch}`;
    const found = await api.pulls.list({ ...where, head, base: this.#base, state: 'open', per_page: 1 });
    return found.data[0]?.number;
  }

  #call<T extends object>(
    subject: Subject,
    ask: (api: Api, where: Where) => Promise<{ readonly data: T }>,
  ): Promise<T> {
    const { calls, isStale } = this.#proposing;
    const where = coordinates(this.#repository);
    return calls.call({ subject, repository: this.#repository, isStale }, (api, request) =>
      ask(api, { ...where, request }),
    );
  }
}

/** Among those that begin alike: asked for by itself, a branch that is not there is as a repository that may not be seen. */
async function refOf(api: Api, where: Where, branch: string): Promise<string | undefined> {
  const { data } = await api.git.listMatchingRefs({ ...where, ref: `heads/${branch}` });
  return data.find(({ ref }) => ref === `refs/heads/${branch}`)?.object.sha;
}
