/** PostgREST and NovaStack over two databases with equal rows, asked the same by one client. */
import { Agent, request as httpRequest } from 'node:http';
import type { TestContext } from 'node:test';
import { createDatabase, type Scope } from '../database.ts';
import { token } from '../project.ts';
import { serve } from '../rest.ts';
import { type Answer, readAnswer } from './answer.ts';
import type { Case } from './case.ts';
import { type Kept, keepRows } from './kept.ts';
import { startPostgrest } from './postgrest.ts';

export interface Side {
  ask(one: Case): Promise<Answer>;
  readonly kept: Kept;
}

export interface Sides {
  readonly theirs: Side;
  readonly ours: Side;
}

/** A database and the project over it. */
export interface World {
  readonly sql: string;
  readonly yaml: string;
  readonly schemas: readonly string[];
  /** Tables that cases write to, each before those that refer to it. */
  readonly writable: readonly string[];
  readonly maxRows: number;
  /** The role of the database behind PostgREST. Default: the owner. */
  readonly user?: string;
}

/** Who asks, of all sides. */
export const claims = { role: 'web', sub: 'u7', groups: ['a', 'b'], nested: { "it's": 'x"y' } };

export async function openSides(scope: Scope, world: World): Promise<Sides> {
  const agent = new Agent({ keepAlive: true });
  scope.after(() => agent.destroy());
  const [theirs, ours] = await Promise.all([openTheirs(scope, agent, world), openOurs(scope, agent, world)]);
  return { theirs, ours };
}

async function openTheirs(scope: Scope, agent: Agent, world: World): Promise<Side> {
  const database = await createDatabase(scope, 'postgres');
  await database.query(`alter database ${database.name} set timezone = 'UTC'; ${world.sql}`);
  const kept = await keep(scope, database.url, world);
  const { origin, headers } = await startPostgrest(scope, { ...world, url: database.url, claims });
  return { kept, ask: (one) => send(agent, origin, headers, one) };
}

async function openOurs(scope: Scope, agent: Agent, world: World): Promise<Side> {
  // The surface asks nothing of its context but when it ends.
  const served = await serve(scope as TestContext, world);
  const kept = await keep(scope, served.url, world);
  const origin = `${await served.listen(token('web', claims))}/rest/v1`;
  return { kept, ask: (one) => send(agent, origin, {}, one) };
}

async function keep(scope: Scope, url: string, { writable }: World): Promise<Kept> {
  const kept = await keepRows(url, writable);
  scope.after(() => kept.close());
  return kept;
}

export async function send(
  agent: Agent,
  origin: string,
  common: Readonly<Record<string, string>>,
  { request, headers, json, body }: Case,
): Promise<Answer> {
  const space = request.indexOf(' ');
  const { hostname, port, pathname } = new URL(origin);
  const payload = json === undefined ? body : JSON.stringify(json);
  const options = {
    agent,
    hostname,
    port,
    method: request.slice(0, space),
    path: (pathname === '/' ? '' : pathname) + encoded(request.slice(space + 1)),
    headers: {
      ...common,
      ...(payload === undefined
        ? {}
        : { 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(payload)) }),
      ...headers,
    },
  };
  return new Promise((resolve, reject) => {
    const asked = httpRequest(options, async (response) => {
      const parts: Buffer[] = [];
      for await (const part of response) parts.push(part);
      const text = Buffer.concat(parts).toString('utf8');
      resolve(readAnswer(response.statusCode!, response.headers as Answer['headers'], text));
    });
    asked.on('error', reject);
    asked.end(payload);
  });
}

/** What a URL cannot hold, percent-encoded; `%` stands for itself, so that a case can hold what is encoded already. */
function encoded(path: string): string {
  return path.replace(/[^\x21-\x7e]+|["<>\\^`{|}]/g, (text) => encodeURIComponent(text));
}
