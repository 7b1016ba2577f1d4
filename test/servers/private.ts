/** Servers of the tests' own, in a temporary folder and at a free port, from programs that are installed. */
import { chownSync, existsSync, readdirSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type TestEngine, unfit } from './identity.ts';
import { freePort, type Kept, keep, output, which } from './process.ts';
import { none, type Provided } from './provider.ts';

const startMs = 60_000;

/** Who runs the server: database servers refuse to be root. */
interface Runner {
  readonly uid?: number;
  readonly gid?: number;
}

export async function fromInstalled(engine: TestEngine): Promise<Provided> {
  switch (engine) {
    case 'postgres':
      return startPostgres();
    case 'mariadb':
      return startMariadb();
    case 'mysql':
      return startMysql();
    default:
      return engine satisfies never;
  }
}

async function startPostgres(): Promise<Provided> {
  const bin = postgresFolder();
  if (bin === undefined) return none('no initdb and postgres are installed');
  const runner = await unprivileged('postgres', 'nobody');
  return serve('postgres', runner, `installed ${bin}`, async (folder, port) => {
    const data = join(folder, 'data');
    const how = { ...runner, cwd: folder };
    const locale = ['--encoding=UTF8', '--locale=C', '--auth=trust', '--username=postgres'];
    await output(join(bin, 'initdb'), ['-D', data, ...locale, '--no-sync'], how);
    const settings = [
      'listen_addresses=127.0.0.1',
      'unix_socket_directories=',
      'fsync=off',
      'max_connections=200',
    ];
    const args = ['-D', data, '-p', String(port), ...settings.flatMap((setting) => ['-c', setting])];
    return {
      kept: keep(join(bin, 'postgres'), args, how, 'SIGINT'),
      url: `postgres://postgres@127.0.0.1:${port}/postgres`,
    };
  });
}

/** Debian keeps them off the PATH, one folder a version: the newest. */
function postgresFolder(): string | undefined {
  const root = '/usr/lib/postgresql';
  const versions = existsSync(root) ? readdirSync(root).sort((a, b) => Number(b) - Number(a)) : [];
  const folders = versions.map((version) => join(root, version, 'bin'));
  const found = which('initdb');
  if (found !== undefined) folders.push(join(found, '..'));
  return folders.find((folder) => existsSync(join(folder, 'initdb')) && existsSync(join(folder, 'postgres')));
}

async function startMariadb(): Promise<Provided> {
  const [server, install] = [which('mariadbd'), which('mariadb-install-db', 'mysql_install_db')];
  if (server === undefined || install === undefined)
    return none('no mariadbd and mariadb-install-db are installed');
  const runner = await unprivileged('mysql', 'nobody');
  return serve('mariadb', runner, `installed ${server}`, async (folder, port) => {
    const data = `--datadir=${join(folder, 'data')}`;
    const how = { ...runner, cwd: folder };
    await output(
      install,
      ['--no-defaults', data, '--auth-root-authentication-method=normal', '--skip-test-db'],
      how,
    );
    const args = ['--no-defaults', data, ...mysqlArguments(folder, port)];
    return { kept: keep(server, args, how, 'SIGTERM'), url: `mysql://root@127.0.0.1:${port}/` };
  });
}

async function startMysql(): Promise<Provided> {
  const server = which('mysqld');
  if (server === undefined) return none('no mysqld is installed');
  if (/mariadb/i.test(await output(server, ['--version']))) return none(`${server} is MariaDB`);
  const runner = await unprivileged('mysql', 'nobody');
  return serve('mysql', runner, `installed ${server}`, async (folder, port) => {
    const how = { ...runner, cwd: folder };
    const args = ['--no-defaults', `--datadir=${join(folder, 'data')}`];
    await output(server, [...args, '--initialize-insecure'], how);
    const rest = [...mysqlArguments(folder, port), ...mysqlOnly];
    return { kept: keep(server, [...args, ...rest], how, 'SIGTERM'), url: `mysql://root@127.0.0.1:${port}/` };
  });
}

/** MySQL's X plugin wants a second port; the folder for files does not exist everywhere. */
export const mysqlOnly: readonly string[] = ['--mysqlx=OFF', '--secure-file-priv=NULL'];

export function mysqlArguments(folder: string, port: number): readonly string[] {
  const files = [`--socket=${join(folder, 'server.sock')}`, `--pid-file=${join(folder, 'server.pid')}`];
  return [`--port=${port}`, '--bind-address=127.0.0.1', '--skip-log-bin', '--max-connections=200', ...files];
}

/** The first of the users that exists, when we are root; ourselves otherwise. */
export async function unprivileged(...users: readonly string[]): Promise<Runner> {
  if (process.getuid?.() !== 0) return {};
  for (const user of users) {
    const [uid, gid] = await Promise.all([output('id', ['-u', user]), output('id', ['-g', user])]).catch(
      () => [],
    );
    if (uid !== undefined && gid !== undefined) return { uid: Number(uid), gid: Number(gid) };
  }
  throw new Error(`none of the users ${users.join(', ')} exists, and a database server does not run as root`);
}

interface Started {
  readonly kept: Kept;
  readonly url: string;
}

/** Makes the folder, starts, waits until the server answers as what it should be; undoes it all when it does not. */
async function serve(
  engine: TestEngine,
  runner: Runner,
  from: string,
  start: (folder: string, port: number) => Promise<Started>,
): Promise<Provided> {
  // A socket's path may have 100 bytes or so, which a deep TMPDIR passes.
  const folder = await mkdtemp(join(tmpdir().length > 60 ? '/tmp' : tmpdir(), 'novastack-test-'));
  const remove = () => rm(folder, { recursive: true, force: true });
  if (runner.uid !== undefined && runner.gid !== undefined) chownSync(folder, runner.uid, runner.gid);
  try {
    const { kept, url } = await start(folder, await freePort());
    await untilAnswers(kept, url, engine);
    return { kind: 'server', url, from, stop: () => kept.stop().then(remove) };
  } catch (error) {
    await remove();
    return none(`${from}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

export async function untilAnswers(kept: Kept, url: string, engine: TestEngine): Promise<void> {
  const end = Date.now() + startMs;
  let reason = '';
  while (Date.now() < end && !kept.exited()) {
    const why = await unfit(url, engine);
    if (why === undefined) return;
    reason = why;
    await sleep(100);
  }
  await kept.stop();
  throw new Error(`the server did not come up: ${kept.tail() || reason}`);
}
