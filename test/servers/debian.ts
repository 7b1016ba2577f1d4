/** Servers from Debian packages, for root on Debian and its relatives: installed, or unpacked beside the system. */
import { chownSync, existsSync, mkdirSync } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { TestEngine } from './identity.ts';
import { fromInstalled, mysqlArguments, mysqlOnly, untilAnswers } from './private.ts';
import { freePort, keep, output, which } from './process.ts';
import { none, type Provided, type Provider } from './provider.ts';

/** RUNLEVEL keeps a package from starting a server of its own. */
const quiet = { env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' } };

const packages: Record<TestEngine, readonly string[]> = {
  postgres: ['postgresql'],
  mariadb: ['mariadb-server-core', 'mariadb-server'],
  mysql: ['mysql-server-core', 'mysql-server-core-8.4', 'mysql-server-core-8.0'],
};

export const fromDebian: Provider = async (engine, report) => {
  if (which('apt-get') === undefined) return none('Debian packages: there is no apt-get');
  if (process.getuid?.() !== 0) return none('Debian packages: only root can install them');
  if (engine === 'mysql' && existsSync(unpackedMysqld())) return startUnpacked();
  report(`${engine}: looking for a Debian package`);
  await output('apt-get', ['update'], quiet);
  const name = await available(packages[engine]);
  if (name !== undefined && !(engine === 'mysql' && replacesMariadb())) {
    report(`${engine}: installing the package ${name}`);
    await output('apt-get', ['install', '-y', '--no-install-recommends', name], quiet);
    return fromInstalled(engine);
  }
  if (engine !== 'mysql') return none(`Debian packages: apt knows none of ${packages[engine].join(', ')}`);
  report(
    'mysql: unpacking mysql-server-core of Debian unstable beside the system, once (560 MB, half a minute)',
  );
  await unpack();
  return startUnpacked();
};

async function available(names: readonly string[]): Promise<string | undefined> {
  for (const name of names) {
    const policy = await output('apt-cache', ['policy', name]);
    if (/Candidate: (?!\(none\))/.test(policy)) return name;
  }
  return undefined;
}

/** The two packages share files: one would push the other off the system. */
function replacesMariadb(): boolean {
  return which('mariadbd') !== undefined;
}

/** Outside the repository, and kept: the next run starts at once. */
function tree(): string {
  return join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'novastack-test', 'mysql');
}

function unpackedMysqld(): string {
  return join(tree(), 'usr/sbin/mysqld');
}

async function unpack(): Promise<void> {
  if (which('debootstrap') === undefined) {
    await output('apt-get', ['install', '-y', '--no-install-recommends', 'debootstrap'], quiet);
  }
  const draft = `${tree()}.new`;
  await rm(draft, { recursive: true, force: true });
  mkdirSync(draft, { recursive: true });
  const include = ['--variant=minbase', '--include=mysql-server-core'];
  await output('debootstrap', [...include, 'sid', draft, await mirror()], quiet);
  await rename(draft, tree());
}

/** The mirror that this system uses, from apt's own configuration: the one with the distribution's main archive. */
async function mirror(): Promise<string> {
  const format = ['--format', '$(ORIGIN) $(REPO_URI)', 'Created-By: Packages'];
  const lines = (await output('apt-get', ['indextargets', ...format])).split('\n');
  const uris = lines
    .filter((line) => line.startsWith('Debian '))
    .map((line) => line.slice('Debian '.length).trim());
  const main = uris.find((uri) => !uri.includes('security')) ?? uris[0];
  if (main === undefined) throw new Error('apt has no Debian archive among its sources');
  return main;
}

/** In a chroot of the unpacked tree: its C library is newer than the system's. */
async function startUnpacked(): Promise<Provided> {
  const inside = `/var/lib/novastack-${process.pid}`;
  const folder = join(tree(), inside);
  const nobody = 65534;
  mkdirSync(folder, { recursive: true });
  chownSync(folder, nobody, nobody);
  const port = await freePort();
  const chroot = [`--userspec=${nobody}:${nobody}`, tree(), '/usr/sbin/mysqld'];
  // The temporary folder of the tests is outside.
  const args = ['--no-defaults', `--datadir=${inside}/data`, `--tmpdir=${inside}`];
  const url = `mysql://root@127.0.0.1:${port}/`;
  const remove = () => rm(folder, { recursive: true, force: true });
  try {
    await output('chroot', [...chroot, ...args, '--initialize-insecure']);
    const kept = keep(
      'chroot',
      [...chroot, ...args, ...mysqlArguments(inside, port), ...mysqlOnly],
      {},
      'SIGTERM',
    );
    await untilAnswers(kept, url, 'mysql');
    return {
      kind: 'server',
      url,
      from: `Debian's package in ${tree()}`,
      stop: () => kept.stop().then(remove),
    };
  } catch (error) {
    await remove();
    return none(`Debian packages: ${error instanceof Error ? error.message : String(error)}`);
  }
}
