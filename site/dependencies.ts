/** The site's own dependencies (Astro and Starlight), apart from the engine's and installed when first needed. */
import { createHash } from 'node:crypto';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { delimiter, dirname, join } from 'node:path';
import { runToEnd, SiteError } from './child.ts';

const here = import.meta.dirname;
const marker = join(here, 'node_modules', '.novastack-installed');
const installMs = 15 * 60_000;

/** Whether they are there, and are those of the lock file. */
export async function areInstalled(): Promise<boolean> {
  const [found, wanted] = await Promise.all([readFile(marker, 'utf8').catch(() => undefined), wantedHash()]);
  return found === wanted;
}

/**
 * Installs them with `npm ci`, without running any package's scripts, unless they are there. One at a time: callers
 * hold the turn.
 *
 * @throws {SiteError} with npm's own words
 */
export async function ensureInstalled(
  onProgress?: (line: string) => void,
  signal?: AbortSignal,
): Promise<void> {
  if (await areInstalled()) return;
  onProgress?.('Installing what builds the documentation site (Astro, Starlight): once, some 230 MB.');
  const { program, args } = npm();
  const began = performance.now();
  try {
    await rm(marker, { force: true });
    await runToEnd(
      'npm for the documentation site',
      program,
      [
        ...args,
        'ci',
        '--ignore-scripts',
        '--no-audit',
        '--no-fund',
        '--no-update-notifier',
        '--loglevel=error',
      ],
      { cwd: here, env: environment(), timeoutMs: installMs, ...(signal === undefined ? {} : { signal }) },
    );
  } catch (error) {
    if (!(error instanceof SiteError)) throw error;
    throw new SiteError(error.message, `run "npm ci" in ${here} to see more`, error);
  }
  await writeFile(marker, await wantedHash());
  onProgress?.(`Installed in ${Math.round((performance.now() - began) / 1000)} s.`);
}

async function wantedHash(): Promise<string> {
  const lock = await readFile(join(here, 'package-lock.json'));
  return createHash('sha256')
    .update(lock)
    .update(process.versions.modules)
    .update(process.arch)
    .digest('hex');
}

/** npm as the running script was started by it, else the one on the path. */
function npm(): { program: string; args: readonly string[] } {
  const script = process.env.npm_execpath;
  if (script !== undefined && /npm-cli\.[cm]?js$/.test(script))
    return { program: process.execPath, args: [script] };
  return { program: process.platform === 'win32' ? 'npm.cmd' : 'npm', args: [] };
}

/** npm keeps the user's settings (registry, proxy); the Node that it finds first is the one that runs here. */
function environment(): NodeJS.ProcessEnv {
  return {
    ...process.env,
    PATH: [dirname(process.execPath), process.env.PATH].filter(Boolean).join(delimiter),
  };
}
