/** `drift`: where the databases of what is served are no longer as their locks say. */
import { authorizationOf } from '../server/authorization.ts';
import { Server, serverUrlOf } from '../server/server.ts';
import { driftSummary } from '../server/summary.ts';
import type { Ended, Step } from '../step.ts';
import { allTargets, type Target } from '../targets.ts';

export interface Difference {
  readonly database: string;
  readonly class: 'safe' | 'degrading' | 'breaking';
  readonly message: string;
}

export interface Drifted extends Target {
  readonly drift: readonly Difference[];
  readonly revision: string | undefined;
}

export async function drift(step: Step): Promise<Ended> {
  const { inputs, runner, env } = step;
  const url = serverUrlOf(inputs.serverUrl);
  const mask = (secret: string) => runner.mask(secret);
  const authorization = authorizationOf({ inputs, server: url, env, mask });
  const server = new Server({ url, authorization, deadline: Date.now() + inputs.timeout });
  const all: Drifted[] = [];
  for (const target of await allTargets(step)) all.push(await driftOf(server, target));
  for (const one of all) tell(step, one);
  await runner.summary(driftSummary(all));
  return { result: fails(all, step) ? 'failure' : 'success', outputs: outputsOf(all) };
}

async function driftOf(server: Server, target: Target): Promise<Drifted> {
  const path = `/-/projects/${encodeURIComponent(target.project)}`;
  const status = await server.ask<{
    readonly drift?: readonly Difference[];
    readonly lastAppliedRevision?: string | null;
  }>({ method: 'GET', path });
  return { ...target, drift: status.drift ?? [], revision: status.lastAppliedRevision ?? undefined };
}

function tell({ inputs, runner }: Step, { project, drift: differences }: Drifted): void {
  if (differences.length === 0) runner.log(`${project}: the databases are as the lock says.`);
  for (const { database, class: kind, message } of differences) {
    const told = `${project}: the database "${database}" has drifted (${kind}). ${message}`;
    runner.log(told);
    if (inputs.annotations) runner.warn(told);
  }
}

function fails(all: readonly Drifted[], { inputs: { failOn } }: Step): boolean {
  const found = all.flatMap(({ drift: differences }) => differences);
  switch (failOn) {
    case 'warning':
      return found.length > 0;
    case 'error':
      return found.some((one) => one.class === 'breaking');
    case 'invalid':
    case 'never':
      return false;
    default:
      return failOn satisfies never;
  }
}

function outputsOf(all: readonly Drifted[]) {
  const count = all.reduce((sum, { drift: differences }) => sum + differences.length, 0);
  const [first] = all;
  return {
    'has-changes': String(count > 0),
    'error-count': '0',
    'warning-count': String(count),
    projects: JSON.stringify(all.map(({ path, project, drift: found }) => ({ path, project, drift: found }))),
    ...(first?.revision === undefined ? {} : { revision: first.revision }),
  };
}
