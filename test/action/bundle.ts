/** The Action's bundle, outside of the repository, so that it finds nothing in node_modules: the committed one, made once a process. */
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { parse } from 'yaml';
import { bundleAction } from '../../scripts/action-bundle.ts';
import type { Scope } from '../database.ts';

const root = join(import.meta.dirname, '../..');

export interface Bundle {
  /** `dist/index.js`. */
  readonly entry: string;
  /** Defaults of action.yml, as they are written there. */
  readonly defaults: ReadonlyMap<string, string>;
  readonly outputs: readonly string[];
}

interface Metadata {
  readonly inputs: Readonly<Record<string, { readonly default?: unknown }>>;
  readonly outputs: Readonly<Record<string, unknown>>;
  readonly runs: { readonly using: string; readonly main: string };
}

/**
 * With `NOVASTACK_ACTION=sources` a bundle of the sources, for work on the Action before `npm run build:action`; the test of
 * generated files holds that the committed one is the same.
 */
export async function installAction(scope: Scope): Promise<Bundle> {
  const folder = await mkdtemp(join(tmpdir(), 'novastack-action-'));
  scope.after(() => rm(folder, { recursive: true, force: true, maxRetries: 3 }));
  if (process.env.NOVASTACK_ACTION === 'sources') await build(folder);
  else await cp(join(root, 'action/dist'), join(folder, 'dist'), { recursive: true });
  const { inputs, outputs, runs }: Metadata = parse(await readFile(join(root, 'action/action.yml'), 'utf8'));
  if (runs.using !== 'node24') throw new Error(`These are run by Node 24, not by ${runs.using}.`);
  const defaults = Object.entries(inputs).map(
    ([name, input]) => [name, String(input.default ?? '')] as const,
  );
  return { entry: join(folder, runs.main), defaults: new Map(defaults), outputs: Object.keys(outputs) };
}

async function build(folder: string): Promise<void> {
  for (const [name, bytes] of await bundleAction()) {
    await mkdir(dirname(join(folder, 'dist', name)), { recursive: true });
    await writeFile(join(folder, 'dist', name), bytes);
  }
}
