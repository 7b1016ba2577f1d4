/** What GitHub is told of one source's projects: what became of each commit, and that a lock is behind its database. */
import path from 'node:path';
import type { GithubConfig, SourceConfig } from '../../schema/server-config.ts';
import type { GitProject } from '../reconcile/git-project.ts';
import { GithubReports } from '../reconcile/github-reports.ts';
import type { ProjectStatus } from '../reconcile/status.ts';
import type { Emit } from '../telemetry/events.ts';

/** What is reported of a project. */
export interface Reported extends Pick<GitProject, 'name' | 'folder' | 'head' | 'outcome'> {
  readonly status: () => Pick<ProjectStatus, 'drift'>;
}

export class SourceReports {
  readonly #source: SourceConfig;
  readonly #github: GithubConfig;
  readonly #reports: GithubReports;
  readonly #url: string | undefined;

  /** @param url where the operator's pages are, for people */
  constructor(
    source: SourceConfig,
    github: GithubConfig,
    { state, url, emit }: { readonly state: string; readonly url: string | undefined; readonly emit: Emit },
  ) {
    this.#source = source;
    this.#github = github;
    this.#url = url;
    const { api, token, environment } = github;
    const file = path.join(state, 'github', `${source.name}.json`);
    this.#reports = new GithubReports({ api, token, environment, file, emit });
  }

  /** The end of an attempt; GitHub hears of the newest commit's alone. */
  settled(project: Reported): void {
    const { name, head, outcome } = project;
    if (name === undefined || head === undefined || outcome === undefined) return;
    // An attempt of something else: what was good before, or what somebody went back to.
    if (outcome.tree !== head.tree) return;
    this.#reports.report({
      project: name,
      repository: this.#github.repository,
      sha: head.commit,
      state: outcome.succeeded ? 'success' : 'failure',
      description: outcome.succeeded ? 'Served.' : `${outcome.reason}: ${outcome.message}`,
      targetUrl: this.#url === undefined ? undefined : `${this.#url}/-/projects/${encodeURIComponent(name)}`,
    });
  }

  lock(project: Reported, files: ReadonlyMap<string, string | null>): void {
    const { name, folder } = project;
    const base = this.#source.ref;
    // A tag takes no pull request.
    if (!this.#github.driftPullRequest || name === undefined || base.startsWith('refs/')) return;
    const { repository } = this.#github;
    if (files.size === 0) {
      this.#reports.withdrawPullRequest({ project: name, repository, base });
      return;
    }
    const found = project
      .status()
      .drift.map(({ class: kind, message }) => `- **${kind}**: ${quoted(message)}`);
    this.#reports.driftPullRequest({
      project: name,
      repository,
      base,
      files,
      title: `Bring the lock of ${name} up to date`,
      body: [
        `The database of \`${name}\` (${folder === '' ? 'the repository' : quoted(folder)}) is no longer as its lock says:`,
        '',
        ...found,
        '',
        'Merging this makes the change part of the API. Close it to leave the API as it is.',
      ].join('\n'),
    });
  }

  close(): Promise<void> {
    return this.#reports.close();
  }
}

/** Names come from a database: nothing of them may be markup or call somebody. */
function quoted(text: string): string {
  const clean = text.replace(/\s+/g, ' ');
  const longest = Math.max(0, ...[...clean.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = '`'.repeat(longest + 1);
  return `${fence} ${clean} ${fence}`;
}
