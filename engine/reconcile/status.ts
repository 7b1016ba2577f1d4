/** What `/-/status` says of one project, in the words of the field: conditions, revisions, generation, history. */
import type { Diagnostic } from '../../schema/diagnostic.ts';

export type Phase =
  | 'Fetching'
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
  | 'BuildFailed'
  | 'MigrationFailed'
  | 'ValidationFailed'
  | 'DatabaseUnreachable'
  | 'HealthCheckFailed'
  | 'NameTaken';

export interface Condition {
  readonly type: 'Ready' | 'Reconciling' | 'Stalled';
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
  /** ISO 8601. */
  readonly appliedAt: string;
}

export interface ProjectStatus {
  /** Null until the folder has told its name. */
  readonly project: string | null;
  /** The folder. */
  readonly source: string;
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

const maxHistory = 10;

/** Keeps the status of one project as its reconciliation goes on. */
export class StatusKeeper {
  #status: ProjectStatus;
  readonly #clock: () => Date;

  constructor(source: string, clock: () => Date = () => new Date()) {
    this.#clock = clock;
    this.#status = {
      project: null,
      source,
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

  applied(revision: string, diagnostics: readonly Diagnostic[]): void {
    const entry = { revision, appliedAt: this.#clock().toISOString() };
    this.#status = {
      ...this.#status,
      phase: 'Ready',
      lastAttemptedRevision: revision,
      lastAppliedRevision: revision,
      diagnostics,
      history: [entry, ...this.#status.history].slice(0, maxHistory),
    };
    this.#set('Ready', 'True', 'Succeeded', `Revision ${revision} is served.`);
    this.#set('Reconciling', 'False', 'Succeeded', '');
    this.#set('Stalled', 'False', 'Succeeded', '');
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
    const order = ['Ready', 'Reconciling', 'Stalled'];
    conditions.sort((left, right) => order.indexOf(left.type) - order.indexOf(right.type));
    this.#status = { ...this.#status, conditions };
  }
}
