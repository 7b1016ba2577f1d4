/** Servers that are there already: named by the environment, or at the standard local ports. */
import { userInfo } from 'node:os';
import { type TestEngine, unfit } from './identity.ts';
import { none, type Provided } from './provider.ts';

export function variableOf(engine: TestEngine): string {
  return `NOVASTACK_TEST_${engine.toUpperCase()}`;
}

/** @throws when the variable names a server that cannot be used: somebody meant that one. */
export async function fromVariable(engine: TestEngine): Promise<Provided> {
  const variable = variableOf(engine);
  const url = process.env[variable];
  if (url === undefined || url === '') return none(`${variable} is not set`);
  const reason = URL.canParse(url) ? await unfit(url, engine) : 'is no URL';
  if (reason !== undefined)
    throw new Error(`${variable} names a server that cannot be used as ${engine}: it ${reason}`);
  return { kind: 'server', url, from: variable };
}

export async function fromStandardPlaces(engine: TestEngine): Promise<Provided> {
  const reasons: string[] = [];
  for (const { url, place } of engine === 'postgres' ? postgresPlaces() : mysqlPlaces()) {
    const reason = await unfit(url, engine);
    if (reason === undefined) return { kind: 'server', url, from: place };
    const line = `${place}: ${reason}`;
    if (!reasons.includes(line)) reasons.push(line);
  }
  return none(reasons.join('; '));
}

interface Place {
  readonly url: string;
  readonly place: string;
}

function postgresPlaces(): readonly Place[] {
  const port = 5432;
  return [
    ...fromPgVariables(),
    { url: `postgres://postgres@127.0.0.1:${port}/postgres`, place: `127.0.0.1:${port}` },
    { url: `postgres://postgres:postgres@127.0.0.1:${port}/postgres`, place: `127.0.0.1:${port}` },
    { url: `postgres://${userName()}@127.0.0.1:${port}/postgres`, place: `127.0.0.1:${port}` },
  ];
}

/** libpq's own variables, as every Postgres program reads them. */
function fromPgVariables(): readonly Place[] {
  const { PGHOST, PGPORT, PGUSER, PGPASSWORD, PGDATABASE } = process.env;
  if (PGHOST === undefined && PGPORT === undefined && PGUSER === undefined) return [];
  const url = new URL(
    `postgres://${PGHOST?.startsWith('/') ? '127.0.0.1' : (PGHOST ?? '127.0.0.1')}:${PGPORT ?? 5432}`,
  );
  url.username = PGUSER ?? 'postgres';
  url.password = PGPASSWORD ?? '';
  url.pathname = `/${PGDATABASE ?? 'postgres'}`;
  return [{ url: url.href, place: 'PGHOST, PGPORT, PGUSER' }];
}

function mysqlPlaces(): readonly Place[] {
  const port = 3306;
  return ['root@', 'root:root@', `${userName()}@`].map((who) => ({
    url: `mysql://${who}127.0.0.1:${port}/`,
    place: `127.0.0.1:${port}`,
  }));
}

function userName(): string {
  return encodeURIComponent(userInfo().username);
}
