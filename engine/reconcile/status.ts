/** What `/-/status` says of one project, in the words of the field: conditions, revisions, generation, history. */
import type { Diagnostic } from '../../schema/diagnostic.ts';

export type Phase =
  | 'Fetching'
  | 'Verifying'
  | 'Building'
  | 'Migrating'
  | 'Validating'
  | 'Probing'
  | 'Swapping'
  | 'Ready'
  | 'Failed';

/** Why the last attempt was not applied. */
export type FailureReason =
  | 'FetchFailed'
  | 'VerificationFailed'
  | 'BuildFailed'
  | 'MigrationFailed'
  | 'ValidationFailed'
  /** It would take something away that callers use: `approvals.yaml` can allow it. */
  | 'ApprovalNeeded'
  | 'DatabaseUnreachable'
  | 'HealthCheckFailed'
  | 'NameTaken'
  /** The server has no room for another project (`limits.projects`). */
  | 'LimitReached'
  /** The newest commit has the project no more; what is served goes on until an operator ends it. */
  | 'ProjectRemoved';

export interface Condition {
  /** `SourceVerified` and `Drifted` are told of projects that follow Git. */
  readonly type: 'Ready' | 'Reconciling' | 'Stalled' | 'SourceVerified' | 'Drifted';
  readonly status: 'True' | 'False';
  readonly reason: string;
  readonly message: string;
  /** ISO 8601. */
  readonly lastTransitionTime: string;
}

export interface DatabaseStatus {
  readonly name: string;
  readonly reachable: boolean;
  readonly message: string | null;
  /** Scripts that the project has and the database has not run; null where it is not known. */
  readonly pendingMigrations: number | null;
}

export interface HistoryEntry {
  readonly revision: string;
  /** Full id; null in `dev`. */
  readonly commit: string | null;
  /** ISO 8601. */
  readonly appliedAt: string;
}

/** Where a project comes from that follows Git. */
export interface GitStatus {
  /** Its source's name in server.yaml. */
  readonly source: string;
  readonly url: string;
  readonly ref: string;
  /** Of the project within the repository; '' is its root. */
  readonly path: string;
  /** The newest commit that was seen. */
  readonly commit: string | null;
  /** The commit that what is served was built from; older than `commit` where that changed nothing of the project. */
  readonly servedCommit: string | null;
  readonly suspended: boolean;
  /** A revision that somebody went back to; it is served until a newer commit changes the project. */
  readonly pinned: string | null;
}

export interface SourcePlace {
  /** The source's, in server.yaml. */
  readonly name: string;
  readonly url: string;
  readonly ref: string;
  readonly path: string;
}

/** A difference between the lock and the live database. */
export interface DriftStatus {
  readonly database: string;
  readonly class: 'safe' | 'degrading' | 'breaking';
  /** Null: of the database as a whole. */
  readonly relation: string | null;
  readonly message: string;
}

export interface ProjectStatus {
  /** Null until the folder has told its name. */
  readonly project: string | null;
  /** The folder; with Git `<source>:<path>`. */
  readonly source: string;
  /** Null in `dev`. */
  readonly git: GitStatus | null;
  /** Empty in `dev`, which follows the database. */
  readonly drift: readonly DriftStatus[];
  readonly phase: Phase;
  readonly conditions: readonly Condition[];
  readonly lastAttemptedRevision: string | null;
  readonly lastAppliedRevision: string | null;
  /** Counts the attempts. */
  readonly observedGeneration: number;
  /** Of the last attempt: errors when it is broken, else warnings and notices. */
  readonly diagnostics: readonly Diagnostic[];
  readonly databases: readonly DatabaseStatus[];
  /** Newest first, at most ten. */
  readonly history: readonly HistoryEntry[];
}

/** Revisions that are remembered, and can be gone back to. */
export const maxHistory = 10;

/** Of a place that no commit has been seen of yet. */
export function nothingSeen({ name, url, ref, path }: SourcePlace): GitStatus {
  return { source: name, url, ref, path, commit: null, servedCommit: null, suspended: false, pinned: null };
}

export interface StatusOptions {
  readonly git?: GitStatus | null;
  readonly clock?: () => Date;
}

/** Keeps the status of one project as its reconciliation goes on. */
export class StatusKeeper {
  #status: ProjectStatus;
  readonly #clock: () => Date;

  constructor(source: string, { git = null, clock = () => new Date() }: StatusOptions = {}) {
    this.#clock = clock;
    this.#status = {
      project: null,
      source,
      git,
      drift: [],
      phase: 'Fetching',
      conditions: [],
      lastAttemptedRevision: null,
      lastAppliedRevision: null,
      observedGeneration: 0,
      diagnostics: [],
      databases: [],
      history: [],
    };
    this.#set('Ready', 'False', 'Starting', 'No revision has been applied yet.');
  }

  get(): ProjectStatus {
    return this.#status;
  }

  begin(): void {
    this.#status = { ...this.#status, observedGeneration: this.#status.observedGeneration + 1 };
    this.#set('Reconciling', 'True', 'Progressing', 'A change is being looked at.');
  }

  phase(phase: Phase): void {
    this.#status = { ...this.#status, phase };
  }

  /** What has become known of the commits. */
  git(change: Partial<GitStatus>): void {
    const { git } = this.#status;
    if (git !== null) this.#status = { ...this.#status, git: { ...git, ...change } };
  }

  verified(signer: string): void {
    this.#set('SourceVerified', 'True', 'Succeeded', `The newest commit is signed by ${signer}.`);
  }

  drift(drift: readonly DriftStatus[]): void {
    this.#status = { ...this.#status, drift };
    const worst = ['breaking', 'degrading', 'safe'].find((one) => drift.some((found) => found.class === one));
    if (worst === undefined)
      this.#set('Drifted', 'False', 'Succeeded', 'The databases are as the lock says.');
    else
      this.#set(
        'Drifted',
        'True',
        `${worst.charAt(0).toUpperCase()}${worst.slice(1)}`,
        drift.map(({ message }) => message).join(' '),
      );
  }

  /** What an earlier process had applied. */
  remembered(history: readonly HistoryEntry[]): void {
    this.#status = { ...this.#status, history: history.slice(0, maxHistory) };
  }

  named(project: string): void {
    this.#status = { ...this.#status, project };
  }

  databases(databases: readonly DatabaseStatus[]): void {
    this.#status = { ...this.#status, databases };
  }

  /** Between two attempts. */
  reachable(name: string, problem: { readonly message: string } | undefined): void {
    const message = problem?.message ?? null;
    this.databases(
      this.#status.databases.map((database) =>
        database.name === name ? { ...database, reachable: problem === undefined, message } : database,
      ),
    );
  }

  /** The attempt changed nothing: what serves is what the folder says. */
  unchanged(revision: string, diagnostics: readonly Diagnostic[]): void {
    this.#status = { ...this.#status, phase: 'Ready', lastAttemptedRevision: revision, diagnostics };
    this.#set('Reconciling', 'False', 'Succeeded', 'Nothing had to change.');
    this.#set('Stalled', 'False', 'Succeeded', '');
  }

  applied(revision: string, diagnostics: readonly Diagnostic[], commit: string | null = null): void {
    this.#status = { ...this.#status, phase: 'Ready', lastAttemptedRevision: revision, diagnostics };
    this.rebound(revision, commit);
    this.#set('Reconciling', 'False', 'Succeeded', '');
    this.#set('Stalled', 'False', 'Succeeded', '');
  }

  /** What serves was built anew because its databases have changed; nothing else was attempted. */
  rebound(revision: string, commit: string | null): void {
    const entry = { revision, commit, appliedAt: this.#clock().toISOString() };
    this.#status = {
      ...this.#status,
      lastAppliedRevision: revision,
      history: [entry, ...this.#status.history].slice(0, maxHistory),
    };
    this.#set('Ready', 'True', 'Succeeded', `Revision ${revision} is served.`);
  }

  failed(
    reason: FailureReason,
    message: string,
    attempt: { readonly revision: string | null; readonly diagnostics: readonly Diagnostic[] },
  ): void {
    this.#status = {
      ...this.#status,
      phase: 'Failed',
      lastAttemptedRevision: attempt.revision ?? this.#status.lastAttemptedRevision,
      diagnostics: attempt.diagnostics,
    };
    const serving = this.#status.lastAppliedRevision;
    if (reason === 'VerificationFailed') this.#set('SourceVerified', 'False', reason, message);
    if (serving === null) this.#set('Ready', 'False', reason, message);
    this.#set('Reconciling', 'False', reason, message);
    this.#set(
      'Stalled',
      'True',
      reason,
      serving === null ? message : `${message} ${serving} is still served.`,
    );
  }

  #set(type: Condition['type'], status: Condition['status'], reason: string, message: string): void {
    const before = this.#status.conditions.find((condition) => condition.type === type);
    const lastTransitionTime =
      before?.status === status ? before.lastTransitionTime : this.#clock().toISOString();
    const others = this.#status.conditions.filter((condition) => condition.type !== type);
    const conditions = [...others, { type, status, reason, message, lastTransitionTime }];
    const order = ['Ready', 'Reconciling', 'Stalled', 'SourceVerified', 'Drifted'];
    conditions.sort((left, right) => order.indexOf(left.type) - order.indexOf(right.type));
    this.#status = { ...this.#status, conditions };
  }
}
