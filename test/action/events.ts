/** What happens in a repository on GitHub, as a workflow is told of it: names, commits and payloads. */
import { user } from './github/answer.ts';
import type { Json } from './github/description.ts';
import { commitOf } from './github/git-read.ts';
import { whole } from './github/pulls.ts';
import { shape } from './github/shape.ts';
import { identity } from './github/site.ts';
import type { Actor, HostedRepository, PullRequest } from './github/state.ts';

export interface Event {
  readonly name: 'pull_request' | 'merge_group' | 'push' | 'workflow_dispatch';
  readonly payload: Json;
  /** `GITHUB_SHA` and `GITHUB_REF`: what is checked out. */
  readonly sha: string;
  readonly ref: string;
  /** Of a pull request, else empty. */
  readonly headRef: string;
  readonly baseRef: string;
  readonly actor: Actor;
  /** From a fork: the token reads, and there is neither secret nor OIDC. */
  readonly isFork: boolean;
}

interface Site {
  readonly repository: HostedRepository;
  readonly url: string;
  readonly actor: Actor;
}

const zero = '0'.repeat(40);

/** @param more `before` and `after` of a push, `label` of a label */
export async function pullRequestEvent(
  action: 'opened' | 'synchronize' | 'reopened' | 'labeled' | 'unlabeled' | 'edited',
  pull: PullRequest,
  { repository, url, actor }: Site,
  more: Json = {},
): Promise<Event> {
  const pullRequest = await whole(pull, repository, { url });
  return {
    name: 'pull_request',
    payload: {
      action,
      number: pull.number,
      pull_request: pullRequest,
      ...common(repository, actor),
      ...more,
    },
    sha: pull.mergeSha ?? pull.headSha,
    ref: `refs/pull/${pull.number}/merge`,
    headRef: pull.head,
    baseRef: pull.base,
    actor,
    isFork: pull.headRepository !== repository.fullName,
  };
}

export async function mergeGroupEvent(
  ref: string,
  { sha, baseSha, baseRef }: { readonly sha: string; readonly baseSha: string; readonly baseRef: string },
  { repository, actor }: Site,
): Promise<Event> {
  return {
    ...plainEvent(ref, sha, actor),
    name: 'merge_group',
    payload: {
      action: 'checks_requested',
      merge_group: {
        head_sha: sha,
        head_ref: ref,
        base_sha: baseSha,
        base_ref: baseRef,
        head_commit: await commit(sha, repository),
      },
      ...common(repository, actor),
    },
  };
}

export async function pushEvent(
  ref: string,
  { before, sha }: { readonly before: string | undefined; readonly sha: string },
  { repository, actor }: Site,
): Promise<Event> {
  const head = await commit(sha, repository);
  return {
    ...plainEvent(ref, sha, actor),
    name: 'push',
    payload: {
      ref,
      before: before ?? zero,
      after: sha,
      created: before === undefined,
      deleted: false,
      forced: false,
      base_ref: null,
      commits: [head],
      head_commit: head,
      pusher: { name: actor.login },
      ...common(repository, actor),
    },
  };
}

export function dispatchEvent(
  ref: string,
  sha: string,
  { repository, actor }: Site,
  inputs: Readonly<Record<string, string>> = {},
): Event {
  return {
    ...plainEvent(ref, sha, actor),
    name: 'workflow_dispatch',
    payload: { inputs, ref, workflow: '.github/workflows/novastack.yml', ...common(repository, actor) },
  };
}

function plainEvent(ref: string, sha: string, actor: Actor): Omit<Event, 'name' | 'payload'> {
  return { sha, ref, headRef: '', baseRef: '', actor, isFork: false };
}

function common(repository: HostedRepository, actor: Actor): Json {
  const { full_name, ...rest } = identity(repository);
  const hosted = shape('repository', { ...rest, full_name, default_branch: 'main' });
  return { repository: hosted, sender: user(actor) };
}

async function commit(sha: string, { git }: HostedRepository): Promise<Json> {
  const { tree, message, author } = await commitOf(git, sha);
  const { name, email, date } = author;
  return {
    id: sha,
    tree_id: tree,
    message,
    timestamp: date,
    author: { name, email },
    committer: { name, email },
  };
}
