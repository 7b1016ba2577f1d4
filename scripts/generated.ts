/** Every committed file that is made from others: how it is made, and whether what is committed is that. */
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { actionYaml, withTables } from '../action/metadata.ts';
import { schemaFile, schemaText, serverSchemaFile, serverSchemaText } from '../schema/bundle.ts';
import { bundleAction } from './action-bundle.ts';

const root = join(import.meta.dirname, '..');

/** Files by their path from the repository's root, with `/` on every platform. */
type Files = ReadonlyMap<string, Uint8Array>;

interface Generated {
  /** A file, or a folder in which everything is generated. */
  readonly path: string;
  readonly make: () => Promise<Files>;
}

const generated: readonly Generated[] = [
  {
    path: 'novastack.schema.json',
    make: async () => new Map([[relative(root, fileURLToPath(schemaFile)), Buffer.from(schemaText())]]),
  },
  {
    path: 'novastack.server.schema.json',
    make: async () =>
      new Map([[relative(root, fileURLToPath(serverSchemaFile)), Buffer.from(serverSchemaText())]]),
  },
  {
    path: 'action/action.yml',
    make: async () => new Map([['action/action.yml', Buffer.from(actionYaml())]]),
  },
  {
    // Its tables alone: the rest is written by hand.
    path: 'docs/action.md',
    make: async () => {
      const document = await readFile(join(root, 'docs/action.md'), 'utf8');
      return new Map([['docs/action.md', Buffer.from(withTables(document))]]);
    },
  },
  {
    path: 'action/dist',
    make: async () =>
      new Map([...(await bundleAction())].map(([name, bytes]) => [`action/dist/${name}`, bytes])),
  },
];

/** @throws naming every file that is stale, missing or left over. */
export async function checkGenerated(): Promise<void> {
  const stale: string[] = [];
  for (const { path, make } of generated) stale.push(...(await compare(await make(), await committed(path))));
  if (stale.length === 0) return;
  throw new Error(
    `These files are not what their sources make:\n${stale.map((line) => `  ${line}`).join('\n')}`,
  );
}

/** Writes those whose path begins with `prefix`. */
export async function generate(prefix: string): Promise<void> {
  for (const { path, make } of generated.filter((one) => one.path.startsWith(prefix))) {
    const files = await make();
    await rm(join(root, path), { recursive: true, force: true });
    for (const [name, bytes] of files) {
      await mkdir(dirname(join(root, name)), { recursive: true });
      await writeFile(join(root, name), bytes);
    }
    console.log(`${path}: ${files.size} ${files.size === 1 ? 'file' : 'files'}`);
  }
}

async function committed(path: string): Promise<Files> {
  const absolute = join(root, path);
  if (!existsSync(absolute)) return new Map();
  const entries = path.includes('.')
    ? [absolute]
    : (await readdir(absolute, { recursive: true, withFileTypes: true }))
        .filter((entry) => entry.isFile())
        .map((entry) => join(entry.parentPath, entry.name));
  const pairs = entries.map(
    async (file) => [relative(root, file).replaceAll('\\', '/'), await readFile(file)] as const,
  );
  return new Map(await Promise.all(pairs));
}

async function compare(wanted: Files, found: Files): Promise<readonly string[]> {
  const missing = [...wanted.keys()].filter((name) => !found.has(name)).map((name) => `${name} is missing`);
  const over = [...found.keys()]
    .filter((name) => !wanted.has(name))
    .map((name) => `${name} is made no longer`);
  const stale = [...wanted]
    .filter(([name, bytes]) => found.has(name) && Buffer.compare(bytes, found.get(name)!) !== 0)
    .map(([name]) => `${name} is stale`);
  return [...missing, ...over, ...stale];
}
