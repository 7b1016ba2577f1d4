/** Clients written for Hasura, as their users install them: installed when a test first asks for one of them. */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inTurn } from '../../site/turn.ts';

const here = import.meta.dirname;
const marker = join(here, 'node_modules', '.novastack-installed');

let installed: Promise<void> | undefined;

/**
 * A package of this folder, with no types: they are not there before it is installed.
 *
 * @param name of a package of `package.json`, or a file in one
 */
// biome-ignore lint/suspicious/noExplicitAny: what a program in JavaScript is given
export async function load(name: string): Promise<any> {
  await installClients();
  return import(name);
}

/** Test files run at the same time: one of them installs. */
export function installClients(): Promise<void> {
  installed ??= inTurn(install, {
    file: join(tmpdir(), `novastack-clients-${hashOf(here).slice(0, 8)}.lock`),
  });
  return installed;
}

async function install(): Promise<void> {
  const wanted = hashOf(await readFile(join(here, 'package-lock.json')));
  if ((await readFile(marker, 'utf8').catch(() => undefined)) === wanted) return;
  console.error('Installing the clients of Hasura into test/hasura/: once, some 170 MB.');
  const began = performance.now();
  await rm(marker, { force: true });
  const npm = spawn(
    'npm',
    ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--no-update-notifier', '--loglevel=error'],
    { cwd: here, stdio: ['ignore', 'ignore', 'inherit'] },
  );
  const [code] = (await once(npm, 'exit')) as [number | null];
  if (code !== 0) throw new Error(`"npm ci" in test/hasura/ ended with ${code}.`);
  await writeFile(marker, wanted);
  console.error(`Installed in ${Math.round((performance.now() - began) / 1000)} s.`);
}

function hashOf(content: string | Buffer): string {
  return createHash('sha256').update(content).digest('hex');
}
