/** What the operator's endpoints ask of everything that is served from Git. Types only. */
import type { ProjectStatus } from './status.ts';

/** One thing that somebody asked for, to be followed until it has ended. */
export interface Operation {
  /** A random UUID. */
  readonly id: string;
  readonly kind: 'sync' | 'reconcile' | 'rollback' | 'suspend' | 'resume' | 'remove';
  /** The served name. */
  readonly project: string;
  /** Who asked: `operator ops`, `github acme/apis@refs/heads/main`, `webhook main`. */
  readonly by: string;
  readonly state: 'running' | 'succeeded' | 'failed';
  /** A reason of the status (`Succeeded`, `BuildFailed`, `CommitNotFound`), once it has ended. */
  readonly reason: string | null;
  readonly message: string | null;
  /** What was asked to be served: a commit id, for `sync`; the revision, for `rollback`. */
  readonly target: string | null;
  /** What is served since it ended. */
  readonly revision: string | null;
  /** What was served before it. */
  readonly previousRevision: string | null;
  /** ISO 8601. */
  readonly createdAt: string;
  readonly endedAt: string | null;
}

export interface SyncRequest {
  /** Full commit id that must be what is served when the operation succeeds, or an ancestor of it. */
  readonly sha: string | undefined;
  readonly by: string;
}

/** Why an operation is not begun at all. */
export type Refusal =
  | { readonly kind: 'unknown-project' }
  | { readonly kind: 'unknown-revision'; readonly known: readonly string[] }
  | { readonly kind: 'suspended' }
  /** What the newest commit has is not removed here. */
  | { readonly kind: 'still-there' }
  /** Another process follows Git, or this one is about to end. */
  | { readonly kind: 'busy'; readonly message: string }; // biome-ignore format: one case a line

export interface Fleet {
  /** In the order of server.yaml's sources, then by path. */
  projects(): readonly ProjectStatus[];
  /** The source (its name in server.yaml) that serves a name; undefined: nobody does. */
  sourceOf(project: string): string | undefined;
  /** Looks at the source now. Resolves when the operation is recorded, not when it has ended. */
  sync(project: string, request: SyncRequest): Promise<Operation | Refusal>;
  /** Builds anew from what is there: the same commit, the databases as they are now. */
  reconcile(project: string, by: string): Promise<Operation | Refusal>;
  /** Serves a revision of `history` again, until a newer commit changes the project. */
  rollback(project: string, revision: string, by: string): Promise<Operation | Refusal>;
  /** Follows no commit and no DDL until it is resumed; what is served goes on. */
  suspend(project: string, by: string): Promise<Operation | Refusal>;
  resume(project: string, by: string): Promise<Operation | Refusal>;
  /** Takes a project out of service that its source has no more, and forgets it. Its databases stay as they are. */
  remove(project: string, by: string): Promise<Operation | Refusal>;
  /** Of this engine. */
  operation(id: string): Operation | undefined;
  /** Of any engine. @throws when the store of the others' cannot be reached */
  find(id: string): Promise<Operation | undefined>;
  /** Of all engines, newest first, at most 50 a project. @throws as `find` */
  operations(project: string): Promise<readonly Operation[]>;
  /** A webhook of this source came: look soon. Answers at once; many calls are one look. */
  poke(source: string): void;
}
