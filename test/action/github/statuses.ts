/** Commit statuses and deployments: what is reported of a commit. */
import {
  type Answer,
  type Asked,
  created,
  type Handler,
  invalid,
  lookup,
  ok,
  Refused,
  user,
} from './answer.ts';
import type { Json } from './description.ts';
import { api } from './git-data.ts';
import { resolve } from './git-read.ts';
import { shape } from './shape.ts';
import type { Deployment, DeploymentStatus, HostedRepository, Status } from './state.ts';

const maxDescription = 140;
const maxContext = 255;
/** Of one commit and context. */
const maxStatuses = 1_000;

export const statusHandlers: Readonly<Record<string, Handler>> = {
  'repos/create-commit-status': createStatus,
  'repos/list-commit-statuses-for-ref': async (asked, repository) => {
    const sha = lookup(await resolve(repository.git, asked.path.ref!, 'commit'));
    const found = repository.statuses.filter((one) => one.sha === sha).reverse();
    return { list: found.map((one) => shown(one, repository, asked)) };
  },
  'repos/get-combined-status-for-ref': async (asked, repository) => {
    const sha = lookup(await resolve(repository.git, asked.path.ref!, 'commit'));
    const newest = new Map(
      repository.statuses.filter((one) => one.sha === sha).map((one) => [one.context, one]),
    );
    const states = [...newest.values()].map(({ state }) => state);
    return {
      list: [...newest.values()].map((one) => simple(one, repository, asked)),
      wrap: (statuses) =>
        shape('combined-commit-status', { state: combined(states), sha, total_count: newest.size, statuses }),
    };
  },
  'repos/list-deployments': (asked, repository) => {
    const asks = (name: 'sha' | 'ref' | 'task' | 'environment', one: Deployment) =>
      asked.query[name] === undefined || asked.query[name] === 'none' || asked.query[name] === one[name];
    const found = repository.deployments.filter((one) =>
      (['sha', 'ref', 'task', 'environment'] as const).every((name) => asks(name, one)),
    );
    return { list: found.map((one) => deployment(one, repository, asked)) };
  },
  'repos/get-deployment': (asked, repository) =>
    ok(deployment(deploymentOf(asked, repository), repository, asked)),
  'repos/create-deployment': createDeployment,
  'repos/list-deployment-statuses': (asked, repository) => {
    const one = deploymentOf(asked, repository);
    return { list: one.statuses.map((status) => deploymentStatus(status, one, repository, asked)) };
  },
  'repos/create-deployment-status': createDeploymentStatus,
};

async function createStatus(asked: Asked, repository: HostedRepository): Promise<Answer> {
  const { state, context = 'default', description = null, target_url: targetUrl = null } = asked.body;
  const sha = await resolve(repository.git, asked.path.sha!, 'commit');
  if (sha === undefined || sha !== asked.path.sha)
    throw new Refused(422, `No commit found for SHA: ${asked.path.sha}`);
  atMost(description, maxDescription, 'Status', 'description');
  atMost(context, maxContext, 'Status', 'context');
  addressed(targetUrl, 'Status', 'target_url');
  if (repository.statuses.filter((one) => one.sha === sha && one.context === context).length >= maxStatuses)
    throw invalid({
      resource: 'Status',
      code: 'custom',
      message: 'This SHA and context has reached the maximum number of statuses.',
    });
  const status: Status = {
    id: asked.clock.id(), sha, state, context, description, targetUrl, creator: asked.actor, at: asked.clock.now(),
  }; // biome-ignore format: a record
  repository.statuses.push(status);
  return created(shown(status, repository, asked));
}

async function createDeployment(asked: Asked, repository: HostedRepository): Promise<Answer> {
  const { body } = asked;
  const sha = await resolve(repository.git, body.ref, 'commit');
  if (sha === undefined) throw new Refused(422, `No ref found for: ${body.ref}`);
  atMost(body.description ?? null, maxDescription, 'Deployment', 'description');
  // With `auto_merge` GitHub brings the default branch into the ref first; without a list every status has to be green.
  if (body.auto_merge !== false)
    throw new Refused(409, 'Auto-merged the default branch into the ref on deployment.');
  const open = repository.statuses
    .filter((one) => one.sha === sha && one.state !== 'success')
    .map(({ context }) => context);
  const wanted: readonly string[] = body.required_contexts ?? open;
  if (wanted.length > 0) throw new Refused(409, 'Conflict: Commit status checks failed for the ref.');
  const { environment = 'production', task = 'deploy', description = null, payload = {} } = body;
  const made: Deployment = {
    id: asked.clock.id(), sha, ref: body.ref, task, environment, description, payload, statuses: [],
    production: body.production_environment ?? environment === 'production',
    transient: body.transient_environment ?? false, creator: asked.actor, at: asked.clock.now(),
  }; // biome-ignore format: a record
  repository.deployments.unshift(made);
  return created(deployment(made, repository, asked));
}

function createDeploymentStatus(asked: Asked, repository: HostedRepository): Answer {
  const { body, clock, actor } = asked;
  const one = deploymentOf(asked, repository);
  atMost(body.description ?? null, maxDescription, 'DeploymentStatus', 'description');
  for (const field of ['log_url', 'environment_url', 'target_url'])
    addressed(body[field] ?? null, 'DeploymentStatus', field);
  const { state, description = '', log_url: logUrl = '', environment_url: environmentUrl = '' } = body;
  const made = {
    id: clock.id(),
    state,
    description,
    logUrl,
    environmentUrl,
    creator: actor,
    at: clock.now(),
  };
  if (state === 'success' && body.auto_inactive !== false) endOthers(one, made, repository);
  one.statuses.unshift(made);
  return created(deploymentStatus(made, one, repository, asked));
}

/** What was deployed to the environment before is there no longer, unless it is one that comes and goes. */
function endOthers(one: Deployment, status: DeploymentStatus, { deployments }: HostedRepository): void {
  for (const other of deployments)
    if (
      other !== one &&
      other.environment === one.environment &&
      !other.transient &&
      !other.production === !one.production
    )
      if (other.statuses[0]?.state === 'success') other.statuses.unshift({ ...status, state: 'inactive' });
}

function deploymentOf(asked: Asked, repository: HostedRepository): Deployment {
  return lookup(repository.deployments.find(({ id }) => id === Number(asked.path.deployment_id)));
}

function atMost(value: string | null, most: number, resource: string, field: string): void {
  if (value === null || [...value].length <= most) return;
  throw invalid({
    resource,
    code: 'custom',
    field,
    message: `${field} is too long (maximum is ${most} characters)`,
  });
}

function addressed(value: string | null, resource: string, field: string): void {
  if (value === null || value === '' || /^https?:\/\/\S+$/.test(value)) return;
  throw invalid({ resource, code: 'custom', field, message: `${field} must use http(s) scheme` });
}

function combined(states: readonly string[]): string {
  if (states.some((state) => state === 'failure' || state === 'error')) return 'failure';
  return states.length > 0 && states.every((state) => state === 'success') ? 'success' : 'pending';
}

function simple(
  { id, state, context, description, targetUrl, at }: Status,
  repository: HostedRepository,
  asked: Asked,
): Json {
  const url = `${api(repository, asked)}/statuses/${id}`;
  const times = { created_at: at, updated_at: at };
  return shape('simple-commit-status', {
    id,
    state,
    context,
    description,
    target_url: targetUrl,
    url,
    ...times,
  });
}

function shown(status: Status, repository: HostedRepository, asked: Asked): Json {
  return shape('status', { ...simple(status, repository, asked), creator: user(status.creator) });
}

function deployment(one: Deployment, repository: HostedRepository, asked: Asked): Json {
  const url = `${api(repository, asked)}/deployments/${one.id}`;
  return shape('deployment', {
    id: one.id,
    url,
    statuses_url: `${url}/statuses`,
    sha: one.sha,
    ref: one.ref,
    task: one.task,
    payload: one.payload,
    environment: one.environment,
    original_environment: one.environment,
    description: one.description,
    creator: user(one.creator),
    created_at: one.at,
    updated_at: one.at,
    transient_environment: one.transient,
    production_environment: one.production,
  });
}

function deploymentStatus(
  status: DeploymentStatus,
  one: Deployment,
  repository: HostedRepository,
  asked: Asked,
): Json {
  const url = `${api(repository, asked)}/deployments/${one.id}`;
  return shape('deployment-status', {
    id: status.id,
    url: `${url}/statuses/${status.id}`,
    deployment_url: url,
    state: status.state,
    description: status.description,
    environment: one.environment,
    log_url: status.logUrl || undefined,
    environment_url: status.environmentUrl || undefined,
    creator: user(status.creator),
    created_at: status.at,
    updated_at: status.at,
  });
}
