/** What is known while an attempt goes on, to be told however it ends. */
import { type Diagnostic, hasErrors } from '../../schema/diagnostic.ts';
import type { Project } from '../../schema/project.ts';
import type { DevIssuer } from '../auth/dev-issuer.ts';
import type { Problem } from '../problem/problem.ts';
import type { DatabaseStatus, FailureReason } from './status.ts';

/** Ends an attempt whose findings say why. */
export class Refused extends Error {
  readonly reason: FailureReason;
  readonly revision: string | null;

  constructor(reason: FailureReason, message: string, revision: string | null = null) {
    super(message);
    this.reason = reason;
    this.revision = revision;
  }
}

export class Findings {
  project: Project | undefined;
  /** Of `dev`. */
  issuer: DevIssuer | undefined;
  readonly diagnostics: Diagnostic[] = [];
  readonly databases = new Map<string, DatabaseStatus>();
  /** What each database was polled as, before it was introspected; absent where it cannot be reached. */
  readonly polled = new Map<string, string>();
  /** Databases to be tried again. */
  readonly unreachable = new Map<string, Problem>();

  /** @throws {Refused} where something is wrong */
  refuseErrors(reason: FailureReason, message: string): void {
    if (hasErrors(this.diagnostics)) throw new Refused(reason, message);
  }

  reached(name: string, pendingMigrations: number | null): void {
    this.databases.set(name, { name, reachable: true, message: null, pendingMigrations });
  }

  notReached(name: string, problem: Problem): void {
    this.polled.delete(name);
    this.unreachable.set(name, problem);
    this.databases.set(name, { name, reachable: false, message: problem.message, pendingMigrations: null });
  }
}
