/** What a repository on GitHub has beside its Git data, and the clock and the numbers of the whole site. */
import type { Repository } from '../../git-repository.ts';
import type { Permissions } from './permissions.ts';

export interface Actor {
  readonly login: string;
  readonly id: number;
  readonly type: 'User' | 'Bot';
}

/** Who writes with a workflow's own token. */
export const actionsBot: Actor = { login: 'github-actions[bot]', id: 41_898_282, type: 'Bot' };

export type Role = 'admin' | 'maintain' | 'write' | 'triage' | 'read';

export interface Token {
  readonly permissions: Permissions;
  readonly actor: Actor;
}

export interface Comment {
  readonly id: number;
  readonly issue: number;
  body: string;
  readonly author: Actor;
  /** Slug of the App that wrote it. */
  readonly app: string | undefined;
  readonly createdAt: string;
  updatedAt: string;
}

export interface LabelEvent {
  readonly id: number;
  readonly event: 'labeled' | 'unlabeled';
  readonly label: string;
  readonly actor: Actor;
  readonly createdAt: string;
}

export interface PullRequest {
  readonly number: number;
  title: string;
  body: string | null;
  state: 'open' | 'closed';
  readonly author: Actor;
  readonly base: string;
  readonly head: string;
  /** Whose repository the head is in: `acme/apis`, or a fork. */
  readonly headRepository: string;
  /** Commits as of the last push. */
  baseSha: string;
  headSha: string;
  /** Of `refs/pull/N/merge`; undefined: it does not merge. */
  mergeSha: string | undefined;
  readonly labels: Set<string>;
  readonly events: LabelEvent[];
}

export interface Status {
  readonly id: number;
  readonly sha: string;
  readonly state: string;
  readonly context: string;
  readonly description: string | null;
  readonly targetUrl: string | null;
  readonly creator: Actor;
  readonly at: string;
}

export interface DeploymentStatus {
  readonly id: number;
  readonly state: string;
  readonly description: string;
  readonly logUrl: string;
  readonly environmentUrl: string;
  readonly creator: Actor;
  readonly at: string;
}

export interface Deployment {
  readonly id: number;
  readonly sha: string;
  readonly ref: string;
  readonly task: string;
  readonly environment: string;
  readonly description: string | null;
  readonly production: boolean;
  readonly transient: boolean;
  readonly payload: unknown;
  readonly creator: Actor;
  readonly at: string;
  /** The newest first. */
  readonly statuses: DeploymentStatus[];
}

export interface Run {
  readonly id: number;
  readonly number: number;
  readonly attempt: number;
  readonly event: string;
  readonly branch: string;
  readonly headSha: string;
  readonly createdAt: string;
  status: 'in_progress' | 'completed';
}

export interface CheckRun {
  readonly id: number;
  readonly name: string;
  readonly headSha: string;
  status: string;
  conclusion: string | null;
}

/** GitHub's own, unless a test needs to reach them sooner. */
export interface Limits {
  /** Entries of a tree read recursively; what is over is left out, and `truncated` says so. */
  treeEntries: number;
  /** Bytes of a file that `contents` has in its JSON. */
  contentBytes: number;
  /** Bytes of a blob. */
  blobBytes: number;
}

export interface RepositoryOptions {
  readonly id?: number;
  readonly ownerId?: number;
  /** Default false. */
  readonly isPublic?: boolean;
}

/** One repository: `acme/apis`. */
export class HostedRepository {
  readonly fullName: string;
  readonly owner: string;
  readonly name: string;
  readonly git: Repository;
  readonly id: number;
  readonly ownerId: number;
  readonly isPublic: boolean;
  /** Who may do what, by login; everybody else nothing, or reads what is public. */
  readonly collaborators = new Map<string, Role>();
  readonly pulls = new Map<number, PullRequest>();
  readonly comments: Comment[] = [];
  readonly statuses: Status[] = [];
  /** The newest first. */
  readonly deployments: Deployment[] = [];
  readonly runs: Run[] = [];
  readonly checks: CheckRun[] = [];
  readonly limits: Limits = { treeEntries: 100_000, contentBytes: 1_048_576, blobBytes: 104_857_600 };

  constructor(fullName: string, git: Repository, options: RepositoryOptions = {}) {
    const [owner = '', name = ''] = fullName.split('/');
    this.fullName = fullName;
    this.owner = owner;
    this.name = name;
    this.git = git;
    this.id = options.id ?? 700_100;
    this.ownerId = options.ownerId ?? 900_200;
    this.isPublic = options.isPublic ?? false;
  }
}

/** Times and numbers that are the same in every run of a test: each thing that is made is a second after the one before. */
export class Clock {
  #seconds = Date.UTC(2026, 0, 5, 9) / 1_000;
  #last = 1_000;

  now(): string {
    this.#seconds += 1;
    return new Date(this.#seconds * 1_000).toISOString().replace('.000Z', 'Z');
  }

  id(): number {
    this.#last += 1;
    return this.#last;
  }
}
