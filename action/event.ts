/** What started the workflow, from the runner's environment and the file of the event. */
import { readFile } from 'node:fs/promises';

export interface PullRequest {
  readonly kind: 'pull-request';
  readonly number: number;
  /** The branch that it is made to, and its tip when the event happened. */
  readonly baseBranch: string;
  readonly baseSha: string;
  readonly headSha: string;
  /** Made from another repository: GitHub gives its workflows a token that may only read. */
  readonly isFork: boolean;
}

export interface MergeGroup {
  readonly kind: 'merge-group';
  /** The pull request that it is of, as the name of its branch says; undefined: it does not. */
  readonly number: number | undefined;
  readonly baseBranch: string;
  readonly baseSha: string;
  readonly headSha: string;
}

export interface Push {
  readonly kind: 'push';
  /** Undefined: the branch is new. */
  readonly before: string | undefined;
  readonly after: string;
  /** The branch is gone. */
  readonly isDeleted: boolean;
}

export interface OtherEvent {
  readonly kind: 'other';
}

export type Event = PullRequest | MergeGroup | Push | OtherEvent;

export interface Context {
  /** As GitHub calls it: `pull_request`. */
  readonly eventName: string;
  readonly event: Event;
  /** `owner/name`; empty outside GitHub. */
  readonly repository: string;
  readonly defaultBranch: string | undefined;
  /** The commit that the workflow runs for. */
  readonly sha: string;
  /** `refs/heads/main`. */
  readonly ref: string;
  readonly run: Run;
  /** `https://github.com`, `https://api.github.com`. */
  readonly serverUrl: string;
  readonly apiUrl: string;
  /** Absolute. Files in annotations are relative to it. */
  readonly workspace: string;
  /** Absolute: a folder that is emptied after the job. */
  readonly temp: string | undefined;
}

export interface Run {
  readonly id: number;
  /** Counts from 1. */
  readonly attempt: number;
  /** What names the workflow, whatever the branch: `.github/workflows/plan.yaml`. */
  readonly workflow: string;
  readonly url: string | undefined;
}

/** @throws {Error} the file of the event cannot be read */
export async function readContext(env: NodeJS.ProcessEnv): Promise<Context> {
  const payload = await readPayload(env.GITHUB_EVENT_PATH);
  const eventName = env.GITHUB_EVENT_NAME ?? '';
  return {
    eventName,
    event: eventOf(eventName, payload),
    repository: env.GITHUB_REPOSITORY ?? '',
    defaultBranch: payload.repository?.default_branch,
    sha: env.GITHUB_SHA ?? '',
    ref: env.GITHUB_REF ?? '',
    run: runOf(env),
    serverUrl: env.GITHUB_SERVER_URL || 'https://github.com',
    apiUrl: env.GITHUB_API_URL || 'https://api.github.com',
    workspace: env.GITHUB_WORKSPACE || process.cwd(),
    temp: env.RUNNER_TEMP || undefined,
  };
}

/** Of what GitHub sends, what is read here. */
interface Payload {
  readonly repository?: { readonly id?: number; readonly default_branch?: string };
  readonly pull_request?: {
    readonly number: number;
    readonly base: { readonly ref: string; readonly sha: string; readonly repo: { readonly id: number } };
    /** `repo` is null where the fork is gone. */
    readonly head: { readonly sha: string; readonly repo: { readonly id: number } | null };
  };
  readonly merge_group?: {
    readonly base_ref: string;
    readonly base_sha: string;
    /** `refs/heads/gh-readonly-queue/main/pr-12-<sha of the base>`. */
    readonly head_ref?: string;
    readonly head_sha: string;
  };
  readonly before?: string;
  readonly after?: string;
  readonly deleted?: boolean;
}

async function readPayload(path: string | undefined): Promise<Payload> {
  if (!path) return {};
  return JSON.parse(await readFile(path, 'utf8')) as Payload;
}

function eventOf(name: string, payload: Payload): Event {
  const { pull_request: pull, merge_group: group, before, after } = payload;
  if (pull !== undefined && name.startsWith('pull_request'))
    return {
      kind: 'pull-request',
      number: pull.number,
      baseBranch: pull.base.ref,
      baseSha: pull.base.sha,
      headSha: pull.head.sha,
      isFork: pull.head.repo?.id !== pull.base.repo.id,
    };
  if (group !== undefined && name === 'merge_group')
    return {
      kind: 'merge-group',
      number: queuedNumber(group.head_ref),
      baseBranch: group.base_ref.replace(/^refs\/heads\//, ''),
      baseSha: group.base_sha,
      headSha: group.head_sha,
    };
  if (after !== undefined && name === 'push')
    return { kind: 'push', before: existing(before), after, isDeleted: payload.deleted === true };
  return { kind: 'other' };
}

function queuedNumber(ref = ''): number | undefined {
  const digits = /^refs\/heads\/gh-readonly-queue\/.+\/pr-(\d{1,15})-[0-9a-f]{40,64}$/.exec(ref)?.[1];
  return digits === undefined ? undefined : Number(digits);
}

/** GitHub writes zeros for what is not there. */
function existing(sha: string | undefined): string | undefined {
  return sha === undefined || /^0*$/.test(sha) ? undefined : sha;
}

function runOf(env: NodeJS.ProcessEnv): Run {
  const { GITHUB_WORKFLOW_REF = '', GITHUB_WORKFLOW = '', GITHUB_REPOSITORY, GITHUB_RUN_ID } = env;
  const server = env.GITHUB_SERVER_URL || 'https://github.com';
  const isKnown = Boolean(GITHUB_REPOSITORY) && Boolean(GITHUB_RUN_ID);
  return {
    id: Number(GITHUB_RUN_ID ?? 0),
    attempt: Number(env.GITHUB_RUN_ATTEMPT ?? 1),
    // `owner/name/.github/workflows/plan.yaml@refs/pull/1/merge`
    workflow: /^[^/]+\/[^/]+\/(.+?)@/.exec(GITHUB_WORKFLOW_REF)?.[1] ?? GITHUB_WORKFLOW,
    url: isKnown ? `${server}/${GITHUB_REPOSITORY}/actions/runs/${GITHUB_RUN_ID}` : undefined,
  };
}
