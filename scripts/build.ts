/**
 * `npm run build`: the package as it is published, in `dist/`: JavaScript, because Node does not strip types inside
 * node_modules, with every other file where the sources have it, and a package.json that says so.
 */
import { cp, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { runNode } from './step.ts';

const root = join(import.meta.dirname, '..');
const out = join(root, 'dist');
/** Folders of the package. Their TypeScript is compiled, everything else is copied. */
const folders = ['engine', 'schema', 'site'];
const files = [
  'novastack.schema.json',
  'novastack.server.schema.json',
  'README.md',
  'CHANGELOG.md',
  'LICENSE',
];
const leftOut = /(^|\/)(node_modules|\.[^/]+)(\/|$)|\.(test|fixture)\.ts$/;

export async function build(): Promise<void> {
  await rm(out, { recursive: true, force: true });
  await runNode([
    join(root, 'node_modules/typescript/bin/tsc'),
    '--project',
    join(root, 'tsconfig.build.json'),
  ]);
  for (const folder of folders) await copyRest(folder);
  for (const file of files) await cp(join(root, file), join(out, file));
  await writeFile(join(out, 'package.json'), await manifest());
  await runNode([join(out, 'engine/cli/main.js'), '--help']);
}

/** What tsc leaves: Astro's sources of the documentation site, style sheets, scripts of pages. */
async function copyRest(folder: string): Promise<void> {
  const sources = await sourcesOf(folder);
  for (const file of sources.filter((name) => !isCompiled(name))) {
    await mkdir(dirname(join(out, file)), { recursive: true });
    await cp(join(root, file), join(out, file));
  }
}

/** What is in `site/src/` Astro compiles itself. */
function isCompiled(file: string): boolean {
  return file.endsWith('.ts') && !file.startsWith('site/src/');
}

async function sourcesOf(folder: string): Promise<readonly string[]> {
  const found: string[] = [];
  for (const entry of await readdir(join(root, folder), { withFileTypes: true })) {
    const path = `${folder}/${entry.name}`;
    if (leftOut.test(path)) continue;
    if (entry.isDirectory()) found.push(...(await sourcesOf(path)));
    else if (entry.isFile()) found.push(relative(root, join(root, path)).replaceAll('\\', '/'));
  }
  return found;
}

async function manifest(): Promise<string> {
  const {
    scripts: _,
    devDependencies: __,
    allowScripts: ___,
    private: ____,
    bin: _____,
    ...rest
  } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as Record<string, unknown>;
  return `${JSON.stringify({ ...rest, bin: { novastack: 'engine/cli/main.js' } }, null, 2)}\n`;
}

if (import.meta.main) await build();
