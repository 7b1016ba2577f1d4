/** A repository on the tests' GitHub with what people do in it: commits, pull requests, merges. The same ids in every run. */
import type { Scope } from '../database.ts';
import { createRepository, type Repository, type Written } from '../git-repository.ts';
import { dispatchEvent, type Event, mergeGroupEvent, pullRequestEvent, pushEvent } from './events.ts';
import { removeLabel, setLabel } from './github/comments.ts';
import { type Github, startGithub } from './github/github.ts';
import {
  type Actor,
  type Comment,
  HostedRepository,
  type PullRequest,
  type RepositoryOptions,
} from './github/state.ts';

export type Files = Readonly<Record<string, Written>>;

export const ada: Actor = { login: 'ada', id: 7, type: 'User' };

export interface NewPull {
  readonly title?: string;
  readonly files: Files;
  /** Default `change`. */
  readonly head?: string;
  /** `mallory/apis`: it comes from there. */
  readonly fork?: string;
}

export class Scene {
  readonly github: Github;
  readonly repository: HostedRepository;
  readonly #git: Repository;
  #minutes = 0;

  constructor(github: Github, repository: HostedRepository) {
    this.github = github;
    this.repository = repository;
    this.#git = repository.git;
  }

  /** Adds to a branch. @returns the commit */
  async commit(files: Files, message = 'A change', branch = 'main'): Promise<string> {
    return this.#git.commit(files, { branch, message, date: this.#later() });
  }

  async head(branch = 'main'): Promise<string> {
    return this.#git.head(branch);
  }

  /** A branch from main with one commit, and its pull request. */
  async open({ title = 'A change', files, head = 'change', fork }: NewPull): Promise<[PullRequest, Event]> {
    const baseSha = await this.head();
    // Commits of forks are in the repository too, below `refs/pull/` alone.
    const branch = fork === undefined ? head : `forks/${head}`;
    await this.#git.pointBranch(branch, baseSha);
    const headSha = await this.commit(files, title, branch);
    const pull: PullRequest = {
      number: this.repository.pulls.size + 1, title, body: null, state: 'open', author: ada, base: 'main', head,
      headRepository: fork ?? this.repository.fullName, baseSha, headSha, mergeSha: undefined, labels: new Set(), events: [],
    }; // biome-ignore format: a record
    this.repository.pulls.set(pull.number, pull);
    await this.#update(pull);
    return [pull, await this.#told('opened', pull)];
  }

  /** Another commit on the pull request's branch. */
  async push(pull: PullRequest, files: Files, message = 'Another change'): Promise<Event> {
    const before = pull.headSha;
    pull.headSha = await this.commit(files, message, branchOf(pull, this.repository));
    await this.#update(pull);
    return this.#told('synchronize', pull, { before, after: pull.headSha });
  }

  /** Main went on: the pull request merges into what it is now. */
  async refresh(pull: PullRequest): Promise<void> {
    await this.#update(pull);
  }

  async label(pull: PullRequest, name: string, actor = ada): Promise<Event> {
    setLabel(pull, name, { actor, clock: this.github.clock });
    return this.#told('labeled', pull, { label: { name, color: 'd73a4a' } });
  }

  async unlabel(pull: PullRequest, name: string, actor = ada): Promise<Event> {
    removeLabel(pull, name, { actor, clock: this.github.clock });
    return this.#told('unlabeled', pull, { label: { name, color: 'd73a4a' } });
  }

  /** A file of a commit. */
  read(commit: string, path: string): Promise<string> {
    return this.#git.git(['cat-file', 'blob', `${commit}:${path}`]).then((text) => `${text}\n`);
  }

  /** Somebody writes a comment on the website. */
  say(pull: PullRequest, body: string, author = ada): Comment {
    const { clock } = this.github;
    const now = clock.now();
    const comment = {
      id: clock.id(),
      issue: pull.number,
      body,
      author,
      app: undefined,
      createdAt: now,
      updatedAt: now,
    };
    this.repository.comments.push(comment);
    return comment;
  }

  /** The pull request in the merge queue: a commit of its own on a branch of the queue. */
  async enqueue(pull: PullRequest): Promise<Event> {
    const baseSha = await this.head();
    const sha = await this.#merge(baseSha, pull.headSha, `Merge pull request #${pull.number}`);
    if (sha === undefined) throw new Error('It does not merge.');
    const ref = `refs/heads/gh-readonly-queue/main/pr-${pull.number}-${baseSha}`;
    await this.#git.git(['update-ref', ref, sha]);
    return mergeGroupEvent(ref, { sha, baseSha, baseRef: 'refs/heads/main' }, this.#site());
  }

  /** Merges it into main. */
  async merge(pull: PullRequest): Promise<Event> {
    const before = await this.head();
    const sha = await this.#merge(before, pull.headSha, `Merge pull request #${pull.number}`);
    if (sha === undefined) throw new Error('It does not merge.');
    await this.#git.pointBranch('main', sha);
    pull.state = 'closed';
    return pushEvent('refs/heads/main', { before, sha }, this.#site());
  }

  /** A commit on main without a pull request. */
  async pushMain(files: Files, message?: string): Promise<Event> {
    const before = await this.head().catch(() => undefined);
    const sha = await this.commit(files, message);
    return pushEvent('refs/heads/main', { before, sha }, this.#site());
  }

  async dispatch(inputs: Readonly<Record<string, string>> = {}): Promise<Event> {
    return dispatchEvent('refs/heads/main', await this.head(), this.#site(), inputs);
  }

  #told(
    action: Parameters<typeof pullRequestEvent>[0],
    pull: PullRequest,
    more: object = {},
  ): Promise<Event> {
    return pullRequestEvent(action, pull, this.#site(), more);
  }

  /** GitHub makes the merge commit anew after every push. */
  async #update(pull: PullRequest): Promise<void> {
    const base = await this.head();
    pull.baseSha = base;
    pull.mergeSha = await this.#merge(base, pull.headSha, `Merge ${pull.headSha} into ${base}`);
    await this.#git.git(['update-ref', `refs/pull/${pull.number}/head`, pull.headSha]);
    if (pull.mergeSha !== undefined)
      await this.#git.git(['update-ref', `refs/pull/${pull.number}/merge`, pull.mergeSha]);
  }

  async #merge(base: string, head: string, message: string): Promise<string | undefined> {
    const tree = await this.#git.git(['merge-tree', '--write-tree', base, head]).catch(() => undefined);
    if (tree === undefined) return undefined;
    const at = this.#later().toISOString();
    const env = {
      GIT_AUTHOR_NAME: 'GitHub', GIT_AUTHOR_EMAIL: 'noreply@github.com', GIT_AUTHOR_DATE: at,
      GIT_COMMITTER_NAME: 'GitHub', GIT_COMMITTER_EMAIL: 'noreply@github.com', GIT_COMMITTER_DATE: at,
    }; // biome-ignore format: names in pairs
    return this.#git.git(['commit-tree', tree, '-p', base, '-p', head], { input: message, env });
  }

  #site() {
    return { repository: this.repository, url: this.github.url, actor: ada };
  }

  #later(): Date {
    this.#minutes += 1;
    return new Date(Date.UTC(2026, 0, 5, 8, this.#minutes));
  }
}

/** `acme/apis` with a first commit on main. */
export async function openScene(scope: Scope, files: Files, options: RepositoryOptions = {}): Promise<Scene> {
  const github = await startGithub(scope);
  const git = await createRepository(scope);
  // A runner fetches commits by their ids.
  await git.git(['config', 'uploadpack.allowAnySHA1InWant', 'true']);
  const scene = new Scene(github, github.add(new HostedRepository('acme/apis', git, options)));
  await scene.commit(files, 'First');
  return scene;
}

function branchOf({ head, headRepository }: PullRequest, { fullName }: HostedRepository): string {
  return headRepository === fullName ? head : `forks/${head}`;
}
