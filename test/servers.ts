/**
 * The real database servers of the tests: found, or started and stopped again. Never skipped in silence.
 *
 * As a program (`npm run servers`) it starts what is missing, prints the variables to set and waits for Ctrl-C.
 */
import { fromDebian } from './servers/debian.ts';
import { fromDocker } from './servers/docker.ts';
import { identify, type TestEngine, testEngines } from './servers/identity.ts';
import { fromStandardPlaces, fromVariable, variableOf } from './servers/present.ts';
import { fromInstalled } from './servers/private.ts';
import type { Provided, Provider } from './servers/provider.ts';

export interface Servers {
  /** `NOVASTACK_TEST_POSTGRES`, `…_MARIADB`, `…_MYSQL`: for the processes that run tests. */
  readonly env: Readonly<Record<string, string>>;
  /** Stops what was started, and nothing else. Idempotent. */
  stop(): Promise<void>;
}

/** In the order tried. */
const providers: readonly Provider[] = [
  fromVariable,
  fromStandardPlaces,
  fromInstalled,
  fromDebian,
  fromDocker,
];

/** @throws what to install or set, naming every way that was tried, when a server cannot be had. */
export async function provideServers(report: (line: string) => void): Promise<Servers> {
  const results = await Promise.allSettled(testEngines.map((engine) => provide(engine, report)));
  const servers = results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
  const stop = stopper(servers);
  const failed = results.flatMap((result) => (result.status === 'rejected' ? [result.reason as Error] : []));
  if (failed.length > 0) {
    await stop();
    throw new Error(failed.map((error) => error.message).join('\n\n'));
  }
  return { env: Object.fromEntries(servers.map(({ engine, url }) => [variableOf(engine), url])), stop };
}

type Server = Extract<Provided, { kind: 'server' }> & { readonly engine: TestEngine };

async function provide(engine: TestEngine, report: (line: string) => void): Promise<Server> {
  const reasons: string[] = [];
  for (const provider of providers) {
    const provided = await provider(engine, report);
    if (provided.kind === 'server') {
      const { version } = await identify(provided.url);
      report(`${engine} ${version} (${provided.stop === undefined ? 'found' : 'started'}: ${provided.from})`);
      return { ...provided, engine };
    }
    reasons.push(provided.why);
  }
  throw new Error(missing(engine, reasons));
}

const names: Record<TestEngine, string> = { postgres: 'PostgreSQL', mariadb: 'MariaDB', mysql: 'MySQL' };
const schemes: Record<TestEngine, string> = { postgres: 'postgres', mariadb: 'mysql', mysql: 'mysql' };

function missing(engine: TestEngine, reasons: readonly string[]): string {
  return [
    `The tests need a ${names[engine]} server and found none:`,
    ...reasons.map((reason) => `  - ${reason}`),
    `Install ${names[engine]} (its server programs are enough) or Docker, or set`,
    `  ${variableOf(engine)}=${schemes[engine]}://user:password@host:port/`,
    'to a server where the tests may create and drop databases.',
  ].join('\n');
}

function stopper(servers: readonly Server[]): () => Promise<void> {
  let stopped: Promise<void> | undefined;
  return () => {
    stopped ??= Promise.allSettled(servers.map((server) => server.stop?.())).then(() => undefined);
    return stopped;
  };
}

if (import.meta.main) {
  const servers = await provideServers((line) => console.error(line));
  for (const [name, url] of Object.entries(servers.env)) console.log(`export ${name}='${url}'`);
  console.error('Ctrl-C stops what was started.');
  const keepAlive = setInterval(() => undefined, 60_000);
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      clearInterval(keepAlive);
      void servers.stop();
    });
  }
}
