/** The world served by the whole engine over HTTP, with its log kept line by line, and a way past it to the rows. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { Agent, request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Api } from '../../engine/index.ts';
import { startDev } from '../../engine/server/dev.ts';
import { createDatabase, type Scope } from '../database.ts';
import { openAdmin, type TestEngine } from '../servers/identity.ts';
import { projectYaml, rowsSql, schemaSql } from './schema.ts';
import { caller, type Role, roles, type Table, tables } from './world.ts';

/** @property path below the project: `/rest/v1/…` */
export interface Request {
  readonly method: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

export interface ServedWorld {
  readonly api: Api;
  readonly ask: (role: Role, request: Request) => Promise<Answer>;
  /** Of the operator: `/-/metrics`. */
  readonly operator: (path: string) => Promise<Answer>;
  /** Lines of JSON, of every level. */
  readonly log: readonly string[];
  /** A table's rows by the words of its columns, as texts, past the engine. */
  readonly rows: (table: Table) => Promise<readonly StoredRow[]>;
  /** Makes all rows what they were in the beginning. */
  readonly restore: () => Promise<void>;
}

export type StoredRow = Readonly<Record<string, string | null>>;

const project = 'matrix';

export async function serveWorld(scope: Scope, engine: TestEngine): Promise<ServedWorld> {
  const database = await createDatabase(scope, engine);
  const admin = await openAdmin(database.url);
  scope.after(() => admin.close());
  await admin.query(schemaSql(engine));
  const variable = `MATRIX_${engine.toUpperCase()}`;
  process.env[variable] = database.url;
  const folder = await mkdtemp(join(tmpdir(), 'ns-matrix-'));
  await writeFile(join(folder, 'novastack.yaml'), projectYaml({ engine, variable, project }));
  const log: string[] = [];
  const server = await startDev({
    folders: [folder],
    port: 0,
    signals: false,
    pollMs: 3_600_000,
    log: { format: 'json', level: 'debug', write: (line) => void log.push(line) },
  });
  const agent = new Agent({ keepAlive: true, maxSockets: 32 });
  scope.after(async () => {
    agent.destroy();
    await server.close();
    await rm(folder, { recursive: true, force: true });
  });
  await server.ready;
  const [served] = server.projects();
  if (served === undefined) throw new Error(JSON.stringify(server.status(), null, 1));
  const tokens = new Map<string, string>();
  for (const { name, anonymous } of roles)
    if (!anonymous) tokens.set(name, await served.issuer.mint({ role: name, claims: { sub: caller } }));
  const send = (request: Request) => sendTo(server.port, agent, request);
  return {
    api: served.api,
    log,
    operator: (path) => send({ method: 'GET', path }),
    ask: ({ name }, { path, headers, ...request }) => {
      const token = tokens.get(name);
      const authorization: Record<string, string> =
        token === undefined ? {} : { authorization: `Bearer ${token}` };
      return send({ ...request, path: `/${project}${path}`, headers: { ...headers, ...authorization } });
    },
    rows: async (table) => {
      const found = await admin.query(
        `select ${table.columns.map(textSql(engine)).join(', ')} from ${table.name}`,
      );
      return found as StoredRow[];
    },
    restore: async () => void (await admin.query(`begin; ${rowsSql()} commit;`)),
  };
}

function textSql(engine: TestEngine) {
  return ({ name, word, kind }: Table['columns'][number]): string => {
    const text = engine === 'postgres' ? `${name}::text` : `cast(${name} as char)`;
    const flag = `case ${name} when true then 'true' when false then 'false' end`;
    return `${kind === 'flag' ? flag : text} as ${word}`;
  };
}

function sendTo(port: number, agent: Agent, { method, path, headers, body }: Request): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const type = body === undefined ? {} : { 'content-type': 'application/json' };
    const sent = httpRequest(
      { host: '127.0.0.1', port, agent, method, path, headers: { ...type, ...headers } },
      (answer) => {
        const chunks: Buffer[] = [];
        answer.on('data', (chunk: Buffer) => chunks.push(chunk));
        answer.on('error', reject);
        answer.on('end', () =>
          resolve({
            status: answer.statusCode!,
            headers: answer.headers,
            text: Buffer.concat(chunks).toString('utf8'),
          }),
        );
      },
    );
    sent.on('error', reject);
    sent.end(body);
  });
}

export const stored: readonly Table[] = [...tables.values()].filter(({ view }) => !view);
