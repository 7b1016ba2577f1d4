/** Which two commits a plan compares: what the event says, held against what is checked out. */
import type { Context, PullRequest } from '../event.ts';
import { InputError } from '../inputs.ts';
import type { Repository } from './repository.ts';

export interface Compared {
  /** Undefined: there is nothing before it, so that everything is new. */
  readonly base: string | undefined;
  /** As a person names it: `main (1a2b3c4)`. */
  readonly name: string;
  /** What is checked out. */
  readonly head: string;
  /** What the author has pushed: the head of the pull request, where `head` is GitHub's merge of it. */
  readonly proposed: string;
}

/** @throws {InputError} there is no such base */
export async function comparedCommits(
  baseRef: string,
  context: Context,
  repository: Repository,
): Promise<Compared> {
  const head = (await repository.head()) ?? context.sha;
  if (head === '')
    throw new InputError(
      'There is no clone in the workspace. Add a step with actions/checkout before this one.',
    );
  const { event } = context;
  const proposed = event.kind === 'pull-request' ? await proposedBy(event, head, repository) : head;
  if (baseRef !== '') return { ...(await named(baseRef, repository)), head, proposed };
  switch (event.kind) {
    case 'pull-request':
      return { ...(await ofPullRequest(event, head, repository)), head, proposed };
    case 'merge-group':
      return { base: event.baseSha, name: shown(event.baseBranch, event.baseSha), head, proposed };
    case 'push':
      return { ...(await ofPush(event.before, head, context, repository)), head, proposed };
    case 'other':
      return { ...(await ofBranch(head, context, repository)), head, proposed };
    default:
      return event satisfies never;
  }
}

type Base = Pick<Compared, 'base' | 'name'>;

async function named(baseRef: string, repository: Repository): Promise<Base> {
  const base = await repository.commitOf(baseRef);
  if (base !== undefined) return { base, name: shown(baseRef, base) };
  throw new InputError(
    `Input "base-ref" is "${baseRef}", and neither the clone nor GitHub has a commit of that name.`,
  );
}

/** GitHub's merge of a pull request into its branch, which is what is checked out by default. */
async function mergeOf(
  { headSha }: PullRequest,
  head: string,
  repository: Repository,
): Promise<readonly [onto: string, proposed: string] | undefined> {
  if (head === headSha) return undefined;
  const { parents } = await repository.commit(head);
  return parents.length === 2 && parents[1] === headSha ? [parents[0]!, headSha] : undefined;
}

async function proposedBy(event: PullRequest, head: string, repository: Repository): Promise<string> {
  return (await mergeOf(event, head, repository))?.[1] ?? head;
}

async function ofPullRequest(event: PullRequest, head: string, repository: Repository): Promise<Base> {
  const merge = await mergeOf(event, head, repository);
  const base = merge?.[0] ?? (await repository.mergeBase(event.baseSha, head));
  if (base !== undefined) return { base, name: shown(event.baseBranch, base) };
  throw new InputError(
    `The commits ${event.baseSha.slice(0, 7)} and ${head.slice(0, 7)} have no commit in common, as far as the clone and GitHub ` +
      'tell. Check out what the pull request proposes, or name what to compare with in "base-ref".',
  );
}

/** What was pushed over may be gone. */
async function ofPush(
  before: string | undefined,
  head: string,
  context: Context,
  repository: Repository,
): Promise<Base> {
  const known = before === undefined ? undefined : await repository.commit(before).catch(() => undefined);
  if (known === undefined) return ofBranch(head, context, repository);
  return { base: before, name: before!.slice(0, 7) };
}

/** Where the branch left the default branch; on that one, the commit before. */
async function ofBranch(head: string, { defaultBranch }: Context, repository: Repository): Promise<Base> {
  const main = defaultBranch === undefined ? undefined : await repository.commitOf(defaultBranch);
  const left = main === undefined || main === head ? undefined : await repository.mergeBase(main, head);
  if (left !== undefined && left !== head) return { base: left, name: shown(defaultBranch!, left) };
  const [parent] = (await repository.commit(head)).parents;
  return parent === undefined
    ? { base: undefined, name: 'nothing' }
    : { base: parent, name: parent.slice(0, 7) };
}

function shown(name: string, commit: string): string {
  return commit.startsWith(name) ? commit.slice(0, 7) : `${name} (${commit.slice(0, 7)})`;
}
