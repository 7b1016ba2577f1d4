/** Where tests run, one at a time: a copy of each database, and a revision of the project on them behind a listener. */
import { randomBytes } from 'node:crypto';
import { Agent } from 'node:http';
import type { Project, TestCase } from '../../schema/project.ts';
import type { Api } from '../api/api.ts';
import { createAuthenticator } from '../auth/authenticate.ts';
import { type DevIssuer, devIssuer } from '../auth/dev-issuer.ts';
import { buildRevision } from '../revision/build.ts';
import type { Operations } from '../revision/operations.ts';
import { Registry } from '../revision/registry.ts';
import { createListener } from '../server/listener.ts';
import { ask, type Door } from './ask.ts';
import { Recorder } from './coverage.ts';
import type { Givens } from './given.ts';
import { judge, keyOf } from './judge.ts';
import { LentPool } from './lent-pool.ts';
import type { Answer, Cell, Failure } from './result.ts';
import type { OpenCopy } from './stores.ts';

export interface BenchOptions {
  readonly project: Project;
  readonly api: Api;
  readonly operations: Operations | undefined;
  readonly givens: Givens;
  /** By the database's name. */
  readonly copies: ReadonlyMap<string, OpenCopy>;
}

export interface Tried {
  readonly answer: Answer | undefined;
  readonly failures: readonly Failure[];
  /** What its request was authorized for. */
  readonly cells: readonly Cell[];
  /** Of its rows and its request, without what brings the databases back. */
  readonly ms: number;
}

export interface Bench {
  /** Runs the request of a test, and undoes what it wrote. One at a time. */
  run(test: TestCase): Promise<Tried>;
  /** Lets others ask there, by whatever means, and undoes what they wrote. As `run`: one at a time. */
  visit<T>(work: (door: Door) => Promise<T>): Promise<T>;
  /** Leaves the copies as they were when it was opened. */
  close(): Promise<void>;
}

export async function openBench(options: BenchOptions): Promise<Bench> {
  const { project, copies } = options;
  const issuer = devIssuer(randomBytes(32).toString('base64url'), project.name);
  const pools = new Map([...copies].map(([name, { pool }]) => [name, new LentPool(pool)]));
  let recorder = new Recorder();
  const revision = await buildRevision({
    id: 'test',
    project,
    api: options.api,
    pools,
    // Whoever signs tokens elsewhere is not asked: tests have tokens of their own.
    authenticator: createAuthenticator({
      project: project.name,
      auth: { anonymous: project.auth.anonymous, jwt: [issuer.config] },
      roles: new Set(project.roles.keys()),
    }),
    basePath: `/${project.name}`,
    graphiql: false,
    operations: options.operations,
    cursorSecret: randomBytes(32),
    timing: false,
    observe: (query, principal) => recorder.observe(query, principal),
  });
  const registry = new Registry({ emit: () => undefined });
  registry.swap(registry.claim(project.name, revision)!, revision);
  const { door, close } = await listen(registry, project, issuer);
  return {
    async run(test) {
      recorder = new Recorder();
      const from = performance.now();
      const tried = await runOn(test, door, { ...options, pools });
      const ms = performance.now() - from;
      await renew(copies, pools);
      return { ...tried, cells: recorder.cells, ms };
    },
    async visit(work) {
      try {
        return await work(door);
      } finally {
        await renew(copies, pools);
      }
    },
    async close() {
      await close();
      await registry.close();
    },
  };
}

async function listen(
  registry: Registry,
  project: Project,
  issuer: DevIssuer,
): Promise<{ readonly door: Door; readonly close: () => Promise<void> }> {
  const listener = createListener({
    registry,
    operator: (_request, response) => void response.writeHead(404).end(),
    emit: () => undefined,
  });
  const { port } = await listener.listen(0, '127.0.0.1');
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  return {
    door: { url: `http://127.0.0.1:${port}/${project.name}`, agent, issuer },
    close: async () => {
      agent.destroy();
      await listener.drain();
    },
  };
}

async function runOn(
  test: TestCase,
  door: Door,
  {
    project,
    givens,
    pools,
  }: Pick<BenchOptions, 'project' | 'givens'> & { pools: ReadonlyMap<string, LentPool> },
): Promise<Omit<Tried, 'cells' | 'ms'>> {
  const refused = test.given.size === 0 ? [] : await givens.insert(test, pools);
  if (refused.length > 0) return { answer: undefined, failures: refused };
  const answer = await ask(test, door).catch((cause: unknown) => cause as Error);
  if (answer instanceof Error) {
    const source = keyOf(project, [...test.path, 'request']);
    const message = `No answer came: ${answer.message}.`;
    return { answer: undefined, failures: [{ key: 'request', message, source, differences: [] }] };
  }
  return { answer, failures: test.expect === undefined ? [] : judge(test, answer, project) };
}

/** A copy on which nothing was begun that writes is as it was. */
async function renew(
  copies: ReadonlyMap<string, OpenCopy>,
  pools: ReadonlyMap<string, LentPool>,
): Promise<void> {
  for (const [name, copy] of copies) {
    const pool = pools.get(name)!;
    if (!pool.wrote) continue;
    await copy.renew();
    pool.enter(copy.pool);
  }
}
