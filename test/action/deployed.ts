/** The real `novastack serve`, as an operator runs it: server.yaml, a repository that it follows, databases, and trust in the tests' issuer. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { start } from '../../engine/cli/story.fixture.ts';
import { createDatabase, type Scope, type TestDatabase } from '../database.ts';
import { serveRepository } from '../git-remote.ts';
import { eventually } from '../serve.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import type { Oidc } from './oidc.ts';
import type { Scene } from './scene.ts';
import type { Serve } from './story.ts';

export interface Deployed {
  readonly url: string;
  /** Of every run. */
  readonly inputs: Readonly<Record<string, string>>;
  /** SQL in a project's database, past the engine. Resolves when the server has noticed that its lock is another one. */
  readonly query: (project: string, sql: string) => Promise<unknown>;
}

const operatorToken = 'o'.repeat(40);

/** Resolves when the first revision of each project serves. */
export async function deploy(scope: Scope, scene: Scene, oidc: Oidc, serve: Serve): Promise<Deployed> {
  const databases = new Map<string, TestDatabase>();
  for (const project of serve.databases) databases.set(project, await createDatabase(scope, 'postgres'));
  const remote = await serveRepository(scope, scene.repository.git);
  const folder = await temporaryFolder(scope);
  const file = join(folder, 'server.yaml');
  await writeFile(file, serverYaml(scene, oidc, serve, { state: join(folder, 'state'), url: remote.url }));
  const urls = [...databases].map(([project, { url }]) => [`${project.toUpperCase()}_URL`, url]);
  const env = {
    ...Object.fromEntries(urls),
    ENGINE_SECRET: 'an engine secret for tests, of more than 32 bytes',
    OPERATOR_TOKEN: operatorToken,
  };
  const url = await listen(scope, file, env);
  for (const project of serve.databases) await served(url, project);
  return {
    url,
    inputs: { 'server-url': url, audience: 'bookshops' },
    query: async (project, sql) => {
      const before = await driftOf(url, project);
      await databases.get(project)!.query(sql);
      await eventually(async () => (await driftOf(url, project)) !== before);
    },
  };
}

interface Places {
  readonly state: string;
  readonly url: string;
}

function serverYaml(
  { repository }: Scene,
  oidc: Oidc,
  { claims, may, databases }: Serve,
  { state, url }: Places,
): string {
  const wanted = claims ?? {
    repository_id: String(repository.id),
    repository_owner_id: String(repository.ownerId),
    ref: 'refs/heads/main',
  };
  return JSON.stringify({
    listen: '127.0.0.1:0',
    secret: '${env:ENGINE_SECRET}',
    operators: { ops: { token: '${env:OPERATOR_TOKEN}', may: ['read'] } },
    state,
    sources: {
      shops: {
        url,
        ref: 'main',
        path: 'apis',
        interval: '1h',
        projects: Object.fromEntries(databases.map((project) => [project, {}])),
        secrets: databases.map((project) => `${project.toUpperCase()}_URL`),
        trust: [{ issuer: oidc.url, audience: 'bookshops', claims: wanted, may: may ?? ['read', 'sync'] }],
      },
    },
  });
}

/** @returns where it listens */
function listen(scope: Scope, file: string, env: Readonly<Record<string, string>>): Promise<string> {
  const child = start(['serve', '--config', file], { env });
  scope.after(async () => {
    const ended = new Promise((resolve) => child.once('close', resolve));
    child.kill('SIGTERM');
    await ended;
  });
  let said = '';
  child.stdout!.resume();
  return new Promise((resolve, reject) => {
    child.stderr!.setEncoding('utf8').on('data', (text: string) => {
      said += text;
      const [, url] = /NovaStack serves at (\S+)/.exec(said) ?? [];
      if (url !== undefined) resolve(url);
    });
    child.once('close', (code) => reject(new Error(`serve ended with ${code}: ${said}`)));
  });
}

async function served(url: string, project: string): Promise<void> {
  await eventually(async () => (await fetch(`${url}/${project}/openapi.json`)).ok);
}

/** As the operator sees it, to be compared. */
async function driftOf(url: string, project: string): Promise<string> {
  const headers = { authorization: `Bearer ${operatorToken}` };
  const answer = await fetch(`${url}/-/projects/${project}`, { headers });
  return JSON.stringify(((await answer.json()) as { readonly drift?: unknown }).drift ?? []);
}
