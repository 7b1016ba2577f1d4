/** `sync` and `rollback`: the server is asked, followed to the end, and the end is told. */
import type { Diagnostic } from '../../schema/diagnostic.ts';
import { formatDiagnostics } from '../../schema/format.ts';
import { annotations } from '../annotations.ts';
import { beginReport, type DeployReport } from '../github/deploy-report.ts';
import { InputError } from '../inputs.ts';
import { authorizationOf } from '../server/authorization.ts';
import { findingsOf } from '../server/findings.ts';
import { begin, follow, type Operation } from '../server/operation.ts';
import { Server, ServerRefusal, ServerUnreachable, serverUrlOf } from '../server/server.ts';
import { deploySummary } from '../server/summary.ts';
import type { Ended, Step } from '../step.ts';
import { allTargets, changedTargets, type Target } from '../targets.ts';

/** Of one project. */
export interface Deployed extends Target {
  readonly state: 'succeeded' | 'failed' | 'asked' | 'not asked';
  /** Undefined: the server took nothing. */
  readonly operation: Operation | undefined;
  /** One sentence or more. */
  readonly message: string;
  /** What the server found in the project's files; places relative to its folder. */
  readonly diagnostics: readonly Diagnostic[];
}

interface Order {
  readonly kind: 'sync' | 'rollback';
  readonly body: object;
  /** `sync bookshop to 1a2b3c4`. */
  readonly told: (project: string) => string;
}

/** Projects that are followed at the same time. */
const window = 8;

export async function sync(step: Step): Promise<Ended> {
  const { sha, ref, event } = step.context;
  if (event.kind === 'push' && event.isDeleted) {
    step.runner.notice('The branch is gone, so there is nothing to deploy.');
    return { result: 'success', outputs: { 'has-changes': 'false', projects: '[]' } };
  }
  const order: Order = {
    kind: 'sync',
    body: { ...(sha === '' ? {} : { sha }), ...(ref === '' ? {} : { ref }) },
    told: (project) => `sync "${project}" to ${sha.slice(0, 7)}`,
  };
  return carryOut(step, order, await changedTargets(step));
}

export async function rollback(step: Step): Promise<Ended> {
  const { revision } = step.inputs;
  if (revision === '')
    throw new InputError('Input "revision" has to say which revision to go back to: main@sha1:….');
  const targets = await allTargets(step);
  if (targets.length > 1)
    throw new InputError(
      `A revision is one project's, and there are ${targets.length}. Name the one that goes back in "projects".`,
    );
  const told = (project: string) => `roll "${project}" back to ${revision}`;
  return carryOut(step, { kind: 'rollback', body: { revision }, told }, targets);
}

async function carryOut(step: Step, order: Order, targets: readonly Target[]): Promise<Ended> {
  const { inputs, context, runner, env } = step;
  const url = serverUrlOf(inputs.serverUrl);
  if (targets.length === 0) runner.notice('The push has changed no project, so nothing is deployed.');
  if (inputs.dryRun) return dry(step, order, targets);
  const mask = (secret: string) => runner.mask(secret);
  const authorization = authorizationOf({ inputs, server: url, env, mask });
  const server = new Server({ url, authorization, deadline: Date.now() + inputs.timeout });
  const all: Deployed[] = [];
  for (let at = 0; at < targets.length; at += window) {
    const some = targets.slice(at, at + window);
    all.push(...(await Promise.all(some.map((target) => one(step, order, { server, target })))));
  }
  if (all.length > 0) await runner.summary(deploySummary(order.kind, all, context.sha));
  return ended(all, url);
}

interface Aim {
  readonly server: Server;
  readonly target: Target;
}

async function one(step: Step, order: Order, { server, target }: Aim): Promise<Deployed> {
  const { runner, inputs } = step;
  runner.log(`${target.project}: asking ${server.url.origin} to ${order.told(target.project)}.`);
  const report = inputs.wait && order.kind === 'sync' ? await beginReport(step, target.project) : undefined;
  const deployed = await outcome(step, order, { server, target });
  const { state, message } = deployed;
  if (state === 'failed') runner.error(`${target.project}: ${message}`);
  else runner.log(`${target.project}: ${message}`);
  tellFindings(step, deployed);
  await tellEnd(report, deployed);
  return deployed;
}

function tellFindings({ inputs, runner }: Step, { path, diagnostics }: Deployed): void {
  if (diagnostics.length === 0) return;
  runner.log(formatDiagnostics(diagnostics, 'text'));
  if (inputs.annotations) runner.annotate(annotations([{ path, diagnostics, project: undefined }]));
}

async function outcome({ runner, inputs }: Step, order: Order, { server, target }: Aim): Promise<Deployed> {
  const asking = { server, project: target.project, ...order };
  try {
    const begun = await begin(asking);
    if (!inputs.wait) return { ...target, ...asked, operation: begun };
    runner.log(`${target.project}: operation ${begun.id}.`);
    const operation = await follow(asking, begun);
    const diagnostics = operation.state === 'failed' ? await findingsOf(server, target.project) : [];
    return { ...target, ...judged(operation, inputs.timeout), operation, diagnostics };
  } catch (error) {
    if (!(error instanceof ServerRefusal || error instanceof ServerUnreachable)) throw error;
    return { ...target, state: 'failed', operation: undefined, message: error.message, diagnostics: [] };
  }
}

const asked = {
  state: 'asked',
  message: 'The server was asked; its end is not waited for.',
  diagnostics: [],
} as const;

function judged(
  { state, reason, message, revision, previousRevision }: Operation,
  timeoutMs: number,
): Pick<Deployed, 'state' | 'message'> {
  const served = revision ?? previousRevision ?? 'nothing';
  switch (state) {
    case 'running':
      return {
        state: 'failed',
        message: `It had not ended after ${timeoutMs / 1_000} s. It goes on at the server; raise "timeout" to wait longer.`,
      };
    case 'failed':
      return { state, message: `${reason}: ${message ?? 'it failed.'} What is served: ${served}.` };
    case 'succeeded':
      return { state, message: `${message ?? 'Done.'} Served now: ${served}.` };
    default:
      return state satisfies never;
  }
}

async function tellEnd(report: DeployReport | undefined, { state, message }: Deployed): Promise<void> {
  await report?.ended(state === 'succeeded' ? 'success' : 'failure', message.split('\n', 1)[0]!);
}

function dry({ runner }: Step, { told }: Order, targets: readonly Target[]): Ended {
  for (const { project } of targets)
    runner.log(`${project}: dry-run, the server is not asked to ${told(project)}.`);
  const projects = targets.map((target) => ({ ...target, state: 'not asked' }));
  return { result: 'success', outputs: { 'has-changes': 'false', projects: JSON.stringify(projects) } };
}

function ended(all: readonly Deployed[], url: URL): Ended {
  const [first] = all;
  const { revision, previousRevision, id } = first?.operation ?? {};
  const isServed = first?.state === 'succeeded';
  return {
    result: all.some(({ state }) => state === 'failed') ? 'failure' : 'success',
    outputs: {
      'has-changes': String(all.some(hasChanged)),
      projects: JSON.stringify(all.map(described)),
      ...(revision ? { revision } : {}),
      ...(previousRevision ? { 'previous-revision': previousRevision } : {}),
      ...(id === undefined ? {} : { 'operation-id': id }),
      ...(isServed ? { 'docs-url': docsUrl(url, first.project) } : {}),
    },
  };
}

function hasChanged({ state, operation }: Deployed): boolean {
  return state === 'succeeded' && operation?.revision !== operation?.previousRevision;
}

function described({ path, project, state, operation }: Deployed) {
  const { id = null, reason = null, revision = null, previousRevision = null } = operation ?? {};
  return { path, project, state, reason, revision, previousRevision, operation: id };
}

function docsUrl(url: URL, project: string): string {
  return `${url.href.replace(/\/+$/, '')}/${encodeURIComponent(project)}/openapi.json`;
}
