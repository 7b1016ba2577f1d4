/** One step with the Action, as GitHub's runner runs it: a workspace that is checked out, the environment, files, a child process. */
import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Bundle } from './bundle.ts';
import { checkout } from './checkout.ts';
import type { Event } from './events.ts';
import { checkSummary, readPairs } from './file-commands.ts';
import type { Permissions } from './github/permissions.ts';
import type { Claims, Oidc } from './oidc.ts';
import type { Scene } from './scene.ts';
import { type Annotation, masked, readOutput } from './workflow-commands.ts';

export interface Job {
  readonly event: Event;
  /** `with:` of the step. */
  readonly inputs?: Readonly<Record<string, string>>;
  /** `permissions:` of the workflow; what is not named is none. */
  readonly permissions: Permissions;
  /** `fetch-depth` of the checkout. Default 1. */
  readonly depth?: number;
  readonly run?: { readonly id: number; readonly number: number; readonly attempt: number };
  /** Of the job. */
  readonly environment?: string;
  /** With it and `id-token: write` there are OIDC tokens. */
  readonly oidc?: Oidc;
  /** Of the workflow. */
  readonly env?: Readonly<Record<string, string>>;
  /** Done to the workspace before the step: what another step left there. */
  readonly prepare?: (workspace: string) => Promise<void>;
}

export interface Ran {
  readonly code: number;
  /** As GitHub shows it, masked. */
  readonly log: string;
  readonly annotations: readonly Annotation[];
  /** Annotations beyond those that GitHub shows. */
  readonly dropped: number;
  /** Markdown. */
  readonly summary: string;
  readonly outputs: Readonly<Record<string, string>>;
  /** What it left in files, by the output or the input that names them: `plan-file`, `sarif-file`. */
  readonly files: Readonly<Record<string, string>>;
  readonly milliseconds: number;
}

/** What every job has. */
export const firstRun = { id: 9_000, number: 1, attempt: 1 };

const fileNames = ['GITHUB_OUTPUT', 'GITHUB_STEP_SUMMARY', 'GITHUB_ENV', 'GITHUB_PATH', 'GITHUB_STATE'];
const timeoutMs = 120_000;

/** @throws when the step does what a runner would refuse: too long a summary, an output that action.yml has not */
export async function runStep(bundle: Bundle, scene: Scene, job: Job): Promise<Ran> {
  const top = await mkdtemp(join(tmpdir(), 'novastack-runner-'));
  try {
    return await runIn(top, bundle, scene, job);
  } finally {
    await rm(top, { recursive: true, force: true, maxRetries: 3 });
  }
}

async function runIn(top: string, bundle: Bundle, scene: Scene, job: Job): Promise<Ran> {
  const { repository } = scene;
  const folders = {
    workspace: join(top, 'work/apis/apis'),
    temp: join(top, 'work/_temp'),
    tools: join(top, 'tools'),
  };
  for (const folder of Object.values(folders)) await mkdir(folder, { recursive: true });
  const { sha, ref } = job.event;
  const url = `https://github.com/${repository.fullName}`;
  await checkout({ from: repository.git.directory, to: folders.workspace, sha, ref, depth: job.depth, url });
  await job.prepare?.(folders.workspace);
  const files = Object.fromEntries(fileNames.map((name) => [name, join(folders.temp, name.toLowerCase())]));
  for (const file of Object.values(files)) await writeFile(file, '');
  const eventFile = join(folders.temp, 'event.json');
  await writeFile(eventFile, JSON.stringify(job.event.payload));
  register(scene, job);

  const token = scene.github.token(permissionsOf(job));
  const env: Record<string, string> = {
    ...environment(scene, job),
    ...files,
    ...inputsOf(bundle, job, token),
    ...oidcOf(scene, job),
    GITHUB_EVENT_PATH: eventFile,
    GITHUB_WORKSPACE: folders.workspace,
    RUNNER_WORKSPACE: join(top, 'work/apis'),
    RUNNER_TEMP: folders.temp,
    RUNNER_TOOL_CACHE: folders.tools,
    HOME: top,
    ...job.env,
  };
  const began = performance.now();
  const { code, text } = await start(bundle.entry, folders.workspace, env);
  const milliseconds = performance.now() - began;
  const secrets = [token, env.ACTIONS_ID_TOKEN_REQUEST_TOKEN ?? ''].filter((secret) => secret !== '');
  const { log, annotations, dropped, masks } = readOutput(text, secrets);
  const written = await Promise.all(fileNames.map((name) => readFile(files[name]!, 'utf8')));
  const outputs = Object.fromEntries(readPairs(written[0]!));
  refuseSecrets([written.join('\n'), JSON.stringify(annotations)], masks);
  refuseUnknown(outputs, bundle);
  return {
    code,
    log: log.replaceAll(top, '<runner>'),
    annotations,
    dropped,
    summary: checkSummary(written[1]!),
    outputs: Object.fromEntries(
      Object.entries(outputs).map(([name, value]) => [name, value.replaceAll(top, '<runner>')]),
    ),
    files: await leftBehind(folders.workspace, { ...job.inputs, ...outputs }),
    milliseconds,
  };
}

/** The whole environment of the step: nothing of this process but the path to Git. */
function environment({ github, repository }: Scene, { event, run = firstRun }: Job): Record<string, string> {
  const { sha, ref, headRef, baseRef, actor, name } = event;
  const workflow = `${repository.fullName}/.github/workflows/novastack.yml@${ref}`;
  return {
    PATH: process.env.PATH ?? '',
    LANG: 'C.UTF-8',
    TZ: 'UTC',
    CI: 'true',
    GITHUB_ACTIONS: 'true',
    GITHUB_ACTION: 'novastack',
    GITHUB_ACTION_REPOSITORY: 'novastack/action',
    GITHUB_ACTION_REF: 'v1',
    GITHUB_ACTOR: actor.login,
    GITHUB_ACTOR_ID: String(actor.id),
    GITHUB_TRIGGERING_ACTOR: actor.login,
    GITHUB_API_URL: github.url,
    GITHUB_GRAPHQL_URL: `${github.url}/graphql`,
    GITHUB_SERVER_URL: 'https://github.com',
    GITHUB_EVENT_NAME: name,
    GITHUB_SHA: sha,
    GITHUB_REF: ref,
    GITHUB_REF_NAME: ref.replace(/^refs\/(heads|tags|pull)\//, ''),
    GITHUB_REF_TYPE: 'branch',
    GITHUB_REF_PROTECTED: 'false',
    GITHUB_HEAD_REF: headRef,
    GITHUB_BASE_REF: baseRef,
    GITHUB_JOB: 'novastack',
    GITHUB_REPOSITORY: repository.fullName,
    GITHUB_REPOSITORY_ID: String(repository.id),
    GITHUB_REPOSITORY_OWNER: repository.owner,
    GITHUB_REPOSITORY_OWNER_ID: String(repository.ownerId),
    GITHUB_RETENTION_DAYS: '90',
    GITHUB_RUN_ID: String(run.id),
    GITHUB_RUN_NUMBER: String(run.number),
    GITHUB_RUN_ATTEMPT: String(run.attempt),
    GITHUB_WORKFLOW: 'NovaStack',
    GITHUB_WORKFLOW_REF: workflow,
    GITHUB_WORKFLOW_SHA: sha,
    RUNNER_OS: 'Linux',
    RUNNER_ARCH: 'X64',
    RUNNER_NAME: 'a runner',
    RUNNER_ENVIRONMENT: 'github-hosted',
  };
}

/** Every input of action.yml, given or by its default, as `INPUT_WORKING-DIRECTORY`. */
function inputsOf({ defaults }: Bundle, { inputs = {} }: Job, token: string): Record<string, string> {
  const unknown = Object.keys(inputs).filter((name) => !defaults.has(name));
  if (unknown.length > 0) throw new Error(`Unexpected input(s) ${unknown.join(', ')}`);
  const values = [...defaults].map(([name, byDefault]) => [
    `INPUT_${name.replaceAll(' ', '_').toUpperCase()}`,
    (inputs[name] ?? byDefault).replaceAll('${{ github.token }}', token),
  ]);
  return Object.fromEntries(values);
}

/** A pull request of a fork reads, whatever the workflow asks for. */
function permissionsOf({ event, permissions }: Job): Permissions {
  if (!event.isFork) return permissions;
  const granted = Object.keys(permissions).filter((name) => name !== 'id-token');
  return Object.fromEntries(granted.map((name) => [name, 'read' as const]));
}

function oidcOf(scene: Scene, job: Job): Readonly<Record<string, string>> {
  if (job.oidc === undefined || permissionsOf(job)['id-token'] !== 'write') return {};
  return job.oidc.environment(claimsOf(scene, job));
}

/** All of them text, as GitHub has them. */
function claimsOf({ repository }: Scene, { event, run = firstRun, environment: name }: Job): Claims {
  const workflow = `${repository.fullName}/.github/workflows/novastack.yml@${event.ref}`;
  const context = name === undefined ? `ref:${event.ref}` : `environment:${name}`;
  return {
    sub: `repo:${repository.fullName}:${event.name === 'pull_request' ? 'pull_request' : context}`,
    ref: event.ref,
    sha: event.sha,
    repository: repository.fullName,
    repository_owner: repository.owner,
    repository_id: String(repository.id),
    repository_owner_id: String(repository.ownerId),
    repository_visibility: repository.isPublic ? 'public' : 'private',
    run_id: String(run.id),
    run_number: String(run.number),
    run_attempt: String(run.attempt),
    actor: event.actor.login,
    actor_id: String(event.actor.id),
    workflow: 'NovaStack',
    workflow_ref: workflow,
    workflow_sha: event.sha,
    job_workflow_ref: workflow,
    job_workflow_sha: event.sha,
    head_ref: event.headRef,
    base_ref: event.baseRef,
    event_name: event.name,
    ref_type: 'branch',
    ref_protected: 'false',
    runner_environment: 'github-hosted',
    ...(name === undefined ? {} : { environment: name }),
  };
}

/** The run is one that GitHub knows. */
function register({ github, repository }: Scene, { event, run = firstRun }: Job): void {
  const { name, sha, ref, headRef, payload } = event;
  repository.runs.push({
    id: run.id,
    number: run.number,
    attempt: run.attempt,
    event: name,
    branch: headRef || ref.replace('refs/heads/', ''),
    headSha: payload.pull_request?.head.sha ?? sha,
    createdAt: github.clock.now(),
    status: 'in_progress',
  });
}

function start(
  entry: string,
  cwd: string,
  env: Readonly<Record<string, string>>,
): Promise<{ readonly code: number; readonly text: string }> {
  return new Promise((fulfil, reject) => {
    const child = spawn(process.execPath, [entry], { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
    const timer = setTimeout(() => child.kill('SIGKILL'), timeoutMs);
    const chunks: Buffer[] = [];
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
    child.on('error', reject);
    child.on('close', (code) => {
      clearTimeout(timer);
      fulfil({ code: code ?? -1, text: Buffer.concat(chunks).toString() });
    });
  });
}

/** In files the runner masks nothing. */
function refuseSecrets(texts: readonly string[], secrets: readonly string[]): void {
  for (const text of texts)
    if (masked(text, secrets) !== text) throw new Error('A secret is written into a file or an annotation.');
}

/** What action.yml has not no workflow can use. */
function refuseUnknown(outputs: Readonly<Record<string, string>>, bundle: Bundle): void {
  const unknown = Object.keys(outputs).filter((name) => !bundle.outputs.includes(name));
  if (unknown.length > 0)
    throw new Error(`Output(s) that action.yml does not describe: ${unknown.join(', ')}`);
}

/** Before the folder goes. */
async function leftBehind(
  workspace: string,
  named: Readonly<Record<string, string>>,
): Promise<Readonly<Record<string, string>>> {
  const files: Record<string, string> = {};
  for (const [name, path] of Object.entries(named))
    if (name.endsWith('-file') && path !== '') files[name] = await readFile(resolve(workspace, path), 'utf8');
  return files;
}
