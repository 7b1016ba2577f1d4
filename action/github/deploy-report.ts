/** What became of a deployment, as GitHub shows it beside the commit: a status, and a deployment in an environment. */
import type { Step } from '../step.ts';
import type { Github } from './github.ts';
import { attempt, type Task } from './permission.ts';

export interface DeployReport {
  readonly ended: (state: 'success' | 'failure', description: string) => Promise<void>;
}

interface Reporting {
  readonly github: Github;
  readonly project: string;
  readonly sha: string;
  readonly url: string | undefined;
  readonly try: <T>(task: Task, work: () => Promise<T>) => Promise<T | undefined>;
}

/** GitHub shows 140 characters. */
const maxDescription = 140;
/** Of the deployments before, how many are looked at for the one that is active. */
const looked = 10;

/** Tells that it has begun. Nothing depends on GitHub: what it refuses is a warning. */
export async function beginReport(step: Step, project: string): Promise<DeployReport> {
  const { inputs, context, runner, github } = step;
  if (github === undefined || inputs.dryRun) return { ended: async () => {} };
  const reporting: Reporting = {
    github,
    project,
    sha: context.sha,
    url: context.run.url,
    try: (task, work) => attempt(task, (message) => runner.warn(message), work),
  };
  await setStatus(reporting, 'pending', 'The server was asked.');
  const id = inputs.deployment ? await deploy(reporting, inputs.environment) : undefined;
  return {
    ended: async (state, description) => {
      await setStatus(reporting, state, description);
      if (id !== undefined)
        await finish(reporting, { id, environment: inputs.environment, state, description });
    },
  };
}

async function setStatus(
  { github, project, sha, url, try: tryTo }: Reporting,
  state: 'pending' | 'success' | 'failure',
  description: string,
): Promise<void> {
  await tryTo('status', () =>
    github.call((api, common) =>
      api.repos.createCommitStatus({
        ...common,
        sha,
        state,
        context: `novastack/sync/${project}`,
        description: short(description),
        ...(url === undefined ? {} : { target_url: url }),
      }),
    ),
  );
}

/** @returns undefined: GitHub made none */
async function deploy(reporting: Reporting, environment: string): Promise<number | undefined> {
  const { github, project, sha, try: tryTo } = reporting;
  return tryTo('deployment', async () => {
    const { id } = await github.call(async (api, common) => {
      const { data } = await api.repos.createDeployment({
        ...common,
        ref: sha,
        task: taskOf(project),
        environment,
        auto_merge: false,
        required_contexts: [],
        description: short(project),
      });
      return { data: data as { readonly id?: number } };
    });
    if (id !== undefined) await setState(reporting, id, 'in_progress', 'The server was asked.');
    return id;
  });
}

interface Finished {
  readonly id: number;
  readonly environment: string;
  readonly state: 'success' | 'failure';
  readonly description: string;
}

async function finish(
  reporting: Reporting,
  { id, environment, state, description }: Finished,
): Promise<void> {
  await reporting.try('deployment', async () => {
    await setState(reporting, id, state, description);
    if (state === 'success') await retire(reporting, id, environment);
  });
}

async function setState(
  { github, url }: Reporting,
  deployment_id: number,
  state: 'in_progress' | 'success' | 'failure' | 'inactive',
  description: string,
): Promise<void> {
  await github.call((api, common) =>
    api.repos.createDeploymentStatus({
      ...common,
      deployment_id,
      state,
      description: short(description),
      // It would end the deployments of every other project in the environment.
      auto_inactive: false,
      ...(url === undefined ? {} : { log_url: url }),
    }),
  );
}

/** The deployment of the project that was active before. */
async function retire(reporting: Reporting, id: number, environment: string): Promise<void> {
  const { github, project } = reporting;
  const before = await github.call((api, common) =>
    api.repos.listDeployments({ ...common, task: taskOf(project), environment, per_page: looked }),
  );
  for (const other of before.filter((one) => one.id !== id)) {
    const [newest] = await github.call((api, common) =>
      api.repos.listDeploymentStatuses({ ...common, deployment_id: other.id, per_page: 1 }),
    );
    if (newest?.state !== 'success') continue;
    await setState(reporting, other.id, 'inactive', 'Another revision is served.');
    return;
  }
}

/** As the engine's own reports have it. */
function taskOf(project: string): string {
  return `deploy:${project}`;
}

function short(text: string): string {
  const characters = [...text.replace(/\s+/g, ' ').trim()];
  return characters.length <= maxDescription
    ? characters.join('')
    : `${characters.slice(0, maxDescription - 1).join('')}…`;
}
