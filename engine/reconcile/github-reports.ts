/**
 * What became of commits, told to GitHub beside everything else: nothing waits for it and nothing fails with it. What waits is
 * bounded, the newest of each project wins, and what GitHub knows already is not told again.
 */
import type { Emit } from '../telemetry/events.ts';
import { GithubCalls, Superseded } from './github/calls.ts';
import { type CommitReport, reportCommit } from './github/commit-report.ts';
import { GithubFailure } from './github/failure.ts';
import { Memory } from './github/memory.ts';
import { type LockProposal, proposeLock, type Withdrawal, withdrawLock } from './github/pull-request.ts';

export type { CommitReport } from './github/commit-report.ts';

export interface GithubReportsOptions {
  /** `https://api.github.com`. */
  readonly api: string;
  readonly token: string;
  /** Name of the deployments' environment; undefined: commit statuses alone. */
  readonly environment: string | undefined;
  /** Where it is written down what GitHub was told, absolute; made when missing. */
  readonly file: string;
  readonly emit: Emit;
  /** Milliseconds for one answer. Default 10,000. */
  readonly timeoutMs?: number;
  /** Milliseconds until the second of five attempts; each further wait is twice as long. Default 1,000. */
  readonly retryMs?: number;
}

/** Far more than the projects of one source; the oldest goes. */
const maxWaiting = 2_000;

interface Job {
  readonly project: string;
  readonly run: (isStale: () => boolean) => Promise<void>;
}

export class GithubReports {
  readonly #options: GithubReportsOptions;
  readonly #calls: GithubCalls;
  readonly #memory: Memory;
  readonly #ending = new AbortController();
  readonly #waiting = new Map<string, Job>();
  #working: Promise<void> | undefined;

  constructor(options: GithubReportsOptions) {
    this.#options = options;
    this.#memory = new Memory(options.file);
    this.#calls = new GithubCalls({ ...options, signal: this.#ending.signal });
  }

  /** Tells of the end of an attempt. Returns at once and never throws. */
  report(report: CommitReport): void {
    const { environment } = this.#options;
    const [calls, memory] = [this.#calls, this.#memory];
    const onFailure = (failure: GithubFailure) => this.#warn(report.project, failure);
    this.#add(`commit ${report.project}`, {
      project: report.project,
      run: (isStale) => reportCommit(report, { calls, memory, environment, isStale, onFailure }),
    });
  }

  /** Opens or updates the pull request that brings a project's lock up to date. Returns at once and never throws. */
  driftPullRequest(proposal: LockProposal): void {
    const [calls, memory] = [this.#calls, this.#memory];
    this.#add(`lock ${proposal.project}`, {
      project: proposal.project,
      run: (isStale) => proposeLock(proposal, { calls, memory, isStale }),
    });
  }

  /** Closes that pull request: the drift is over. Returns at once and never throws. */
  withdrawPullRequest(withdrawal: Withdrawal): void {
    const [calls, memory] = [this.#calls, this.#memory];
    this.#add(`lock ${withdrawal.project}`, {
      project: withdrawal.project,
      run: (isStale) => withdrawLock(withdrawal, { calls, memory, isStale }),
    });
  }

  /** Resolves when nothing waits. */
  async idle(): Promise<void> {
    while (this.#working !== undefined) await this.#working;
  }

  /** Gives up what waits; it is told after the next start, if it is still true then. */
  async close(): Promise<void> {
    this.#waiting.clear();
    this.#ending.abort();
    await this.#working;
  }

  #add(key: string, job: Job): void {
    if (this.#ending.signal.aborted) return;
    const [oldest] = this.#waiting.keys();
    if (this.#waiting.size >= maxWaiting && !this.#waiting.has(key)) this.#waiting.delete(oldest!);
    this.#waiting.set(key, job);
    this.#working ??= this.#work().finally(() => {
      this.#working = undefined;
    });
  }

  /** One after the other: GitHub asks for no more of one token. */
  async #work(): Promise<void> {
    // What is added in the same breath replaces what it is newer than before anything is sent.
    await Promise.resolve();
    for (;;) {
      const [next] = this.#waiting;
      if (next === undefined) return;
      const [key, job] = next;
      this.#waiting.delete(key);
      try {
        await job.run(() => this.#waiting.has(key));
      } catch (error) {
        this.#failed(job, error);
      }
    }
  }

  #failed({ project }: Job, error: unknown): void {
    if (error instanceof Superseded || this.#ending.signal.aborted) return;
    if (error instanceof GithubFailure) this.#warn(project, error);
    else {
      const message =
        'GitHub was not told what became of a commit, or it could not be written down that it was.';
      this.#options.emit({ kind: 'fault', project, message, cause: error });
    }
  }

  #warn(project: string, { subject, status, message, hint }: GithubFailure): void {
    this.#options.emit({ kind: 'report-refused', project, subject, status, message, hint });
  }
}
