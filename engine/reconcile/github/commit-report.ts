/** What became of a commit, as GitHub shows it: a commit status, and a deployment where there is an environment. */
import { createHash } from 'node:crypto';
import type { GithubCalls, Purpose } from './calls.ts';
import { GithubFailure, GithubRefusal } from './failure.ts';
import type { Memory, Told } from './memory.ts';

export interface CommitReport {
  /** The served name. */
  readonly project: string;
  /** `owner/name`. */
  readonly repository: string;
  readonly sha: string;
  readonly state: 'success' | 'failure';
  /** One sentence. GitHub shows 140 characters. */
  readonly description: string;
  /** Where one sees more; undefined: nowhere. */
  readonly targetUrl: string | undefined;
}

export interface Reporting {
  readonly calls: GithubCalls;
  readonly memory: Memory;
  /** Undefined: no deployments. */
  readonly environment: string | undefined;
  readonly isStale: () => boolean;
  readonly onFailure: (failure: GithubFailure) => void;
}

const maxDescription = 140;

/** Tells what has changed since the last time. A status that is refused keeps no deployment from being told. */
export async function reportCommit(report: CommitReport, reporting: Reporting): Promise<void> {
  const { memory, environment, onFailure } = reporting;
  const key = memoryKey(report);
  const told = await memory.of(key);
  const digest = digestOf([report, environment]);
  for (const [subject, tell] of tellers) {
    if (memory.isRefused(key, subject, digest)) continue;
    try {
      await tell({ report, reporting, key, told, digest });
    } catch (error) {
      if (!(error instanceof GithubFailure)) throw error;
      if (error instanceof GithubRefusal) memory.refuse(key, subject, digest);
      onFailure(error);
    }
  }
}

export function memoryKey({ project, repository }: { project: string; repository: string }): string {
  return `${repository} ${project}`;
}

export function digestOf(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('base64url');
}

/** `owner/name`, as calls take it. */
export function coordinates(repository: string): { readonly owner: string; readonly repo: string } {
  const [owner = '', repo = ''] = repository.split('/');
  return { owner, repo };
}

interface Telling {
  readonly report: CommitReport;
  readonly reporting: Reporting;
  readonly key: string;
  readonly told: Told;
  readonly digest: string;
}

async function tellStatus({ report, reporting, key, told, digest }: Telling): Promise<void> {
  if (told.status === digest) return;
  const { repository, project, sha, state, targetUrl } = report;
  await reporting.calls.call(purpose('commit status', report, reporting), (api, request) =>
    api.repos.createCommitStatus({
      ...coordinates(repository),
      sha,
      state,
      context: `novastack/sync/${project}`,
      description: short(report.description),
      ...(targetUrl === undefined ? {} : { target_url: targetUrl }),
      request,
    }),
  );
  await reporting.memory.add(key, { status: digest });
}

async function tellDeployment({ report, reporting, key, told, digest }: Telling): Promise<void> {
  const { environment, memory } = reporting;
  if (environment === undefined || told.deployment === digest) return;
  const same = told.deployedSha === `${environment} ${report.sha}` ? told.deploymentId : undefined;
  const id = same ?? (await findDeployment(report, environment, reporting));
  await memory.add(key, { deploymentId: id, deployedSha: `${environment} ${report.sha}` });
  await setState(id, report.state, report, reporting);
  const active = report.state === 'success' ? id : told.activeId;
  await memory.add(key, { deployment: digest, activeId: active });
  if (report.state === 'success' && told.activeId !== undefined && told.activeId !== id)
    await retire(told.activeId, report, reporting);
}

const tellers = [
  ['commit status', tellStatus],
  ['deployment', tellDeployment],
] as const;

/** Looks before it makes one, each time: an attempt whose answer was lost may have made it. */
async function findDeployment(
  report: CommitReport,
  environment: string,
  reporting: Reporting,
): Promise<number> {
  const { repository, project, sha } = report;
  const about = { ...coordinates(repository), task: `deploy:${project}`, environment };
  const { id } = await reporting.calls.call<{ readonly id?: number }>(
    purpose('deployment', report, reporting),
    async (api, request) => {
      const found = await api.repos.listDeployments({ ...about, sha, per_page: 1, request });
      if (found.data[0] !== undefined) return { data: found.data[0] };
      const made = await api.repos.createDeployment({
        ...about,
        ref: sha,
        auto_merge: false,
        required_contexts: [],
        description: short(`${project}: ${report.description}`),
        request,
      });
      return { data: made.data as { readonly id?: number } };
    },
  );
  if (id !== undefined) return id;
  throw new GithubFailure(
    'deployment',
    undefined,
    `GitHub made no deployment of ${repository}.`,
    'nothing depends on it; the next change is reported again',
  );
}

async function setState(
  deployment_id: number,
  state: CommitReport['state'] | 'inactive',
  report: CommitReport,
  reporting: Reporting,
): Promise<void> {
  const { repository, targetUrl } = report;
  await reporting.calls.call(purpose('deployment', report, reporting), (api, request) =>
    api.repos.createDeploymentStatus({
      ...coordinates(repository),
      deployment_id,
      state,
      description: short(report.description),
      // It would end the deployments of every other project in the environment.
      auto_inactive: false,
      ...(targetUrl === undefined ? {} : { log_url: targetUrl }),
      request,
    }),
  );
}

/** The deployment before. Nobody waits for it, and it may be gone. */
async function retire(id: number, report: CommitReport, reporting: Reporting): Promise<void> {
  try {
    await setState(id, 'inactive', { ...report, description: 'Another revision is served.' }, reporting);
  } catch (error) {
    if (!(error instanceof GithubFailure)) throw error;
  }
}

function purpose(subject: Purpose['subject'], report: CommitReport, { isStale }: Reporting): Purpose {
  return { subject, repository: report.repository, isStale };
}

function short(text: string): string {
  const characters = [...text.replace(/\s+/g, ' ').trim()];
  return characters.length <= maxDescription
    ? characters.join('')
    : `${characters.slice(0, maxDescription - 1).join('')}…`;
}
