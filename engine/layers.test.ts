/** Who imports whom, against the table of the code map; who owns which library; where databases are named. */
import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { join, posix, relative } from 'node:path';
import { before, describe, it } from 'node:test';
import { build } from 'esbuild';

const root = join(import.meta.dirname, '..');

interface Rule {
  /** Other folders of engine/, or single files; `schema` and `problem` are open to all of them. */
  readonly may: readonly string[];
  /** Only with `import type`. */
  readonly mayTypes?: readonly string[];
}

const level1 = ['telemetry', 'catalog', 'auth'];
const surfaces = ['rest', 'graphql', 'migrate'];
const upToSurfaces = [...level1, 'api', 'query', 'openapi', 'typings', 'dialect', 'execute', ...surfaces];

const rules: Readonly<Record<string, Rule>> = {
  problem: { may: [] },
  telemetry: { may: [] },
  catalog: { may: [] },
  auth: { may: [] },
  api: { may: ['catalog'] },
  query: { may: ['api', 'catalog', 'auth/principal.ts'], mayTypes: ['auth'] },
  openapi: { may: ['api', 'catalog'], mayTypes: ['auth'] },
  typings: { may: ['api', 'catalog'] },
  dialect: { may: ['catalog', 'api', 'query/json.ts'], mayTypes: ['query'] },
  execute: { may: ['dialect', 'query', 'auth', 'catalog', 'telemetry'], mayTypes: ['api'] },
  rest: { may: ['execute', 'query', 'api', 'auth'], mayTypes: ['catalog'] },
  graphql: { may: ['execute', 'query', 'api', 'auth'], mayTypes: ['catalog', 'dialect', 'telemetry'] },
  migrate: { may: ['execute'] },
  revision: { may: upToSurfaces },
  check: { may: upToSurfaces },
  reconcile: {
    may: [
      'revision',
      'check/lint.ts',
      'check/know.ts',
      'execute/probe.ts',
      'migrate',
      'api',
      'catalog',
      'auth',
      'telemetry',
    ],
  },
  control: { may: ['reconcile/operations.ts'], mayTypes: ['auth', 'reconcile'] },
  server: {
    may: [
      'reconcile',
      'control',
      'revision',
      'migrate',
      'graphql',
      'auth',
      'execute/embedded-lock.ts',
      'telemetry',
    ],
  },
  testing: {
    may: [
      'server',
      'reconcile',
      'revision',
      'migrate',
      'execute',
      'dialect',
      'query',
      'api',
      'catalog',
      'auth',
    ],
  },
  plan: {
    may: ['testing', 'reconcile', 'check', 'migrate', 'dialect', 'api', 'catalog'],
  },
};

/** One owner a library; several where it is the frame that all surfaces stand in. */
const libraries: Readonly<Record<string, readonly string[]>> = {
  yaml: ['schema/'],
  ajv: ['schema/'],
  typebox: ['schema/'],
  ignore: ['schema/'],
  jose: ['engine/auth/'],
  pg: ['engine/dialect/postgres/', 'engine/control/'],
  'pg-protocol': ['engine/dialect/postgres/'],
  mysql2: ['engine/dialect/mysql/'],
  '@electric-sql/pglite': ['engine/execute/embedded'],
  graphql: ['engine/graphql/'],
  mercurius: ['engine/graphql/'],
  graphiql: ['engine/graphql/'],
  'graphql-ws': ['engine/graphql/'],
  ws: ['engine/graphql/'],
  pino: ['engine/telemetry/'],
  'prom-client': ['engine/telemetry/'],
  'simple-git': ['engine/reconcile/git/'],
  '@octokit/rest': ['engine/reconcile/github/', 'action/'],
  '@fastify/swagger': ['engine/server/'],
  fastify: ['engine/rest/', 'engine/graphql/', 'engine/revision/', 'engine/server/'],
};

/** Where a database is named outside dialect/, and why that is no branch on what it can do. */
const nameDatabases: Readonly<Record<string, string>> = {
  'schema/project.ts': 'the language: what `engine:` may say',
  'schema/sections/databases.ts': 'the language: what `engine:` may say, and which URL fits it',
  'engine/catalog/mysql-types.ts': 'the schema of a system: MySQL calls its own so',
  'engine/check/rehearse.ts':
    'migrations in another SQL than that of the embedded database cannot be run in it',
  'engine/cli/existing-database.ts': 'the scheme of a URL that a person typed becomes `engine:`',
};

interface Import {
  readonly from: string;
  /** A path from the repository's root, or a package. */
  readonly to: string;
  readonly types: boolean;
  /** By `import()`: loaded when it is wanted. */
  readonly lazy: boolean;
}

async function sourcesOf(folder: string): Promise<readonly string[]> {
  const entries = await readdir(join(root, folder), { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts') && !entry.name.endsWith('.d.ts'))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)).replaceAll('\\', '/'))
    .filter((file) => !/(^|\/)(node_modules|dist|\.[^/]+)\//.test(file) && !/^site\/.+\//.test(file))
    .sort();
}

function isProduct(file: string): boolean {
  return !/\.(test|fixture)\.ts$/.test(file);
}

function importsOf(file: string, text: string): readonly Import[] {
  const names = String.raw`(?<what>(?:type\s+)?(?:[\w$]+\s*,?\s*)?(?:\*(?:\s+as\s+[\w$]+)?|\{[^}]*\})?)\s*from\s+`;
  const statements = text.matchAll(new RegExp(`^(?:import|export)\\s+(?:${names})?'(?<to>[^'\\n]+)'`, 'gm'));
  const dynamic = text.matchAll(/\bimport\(\s*'(?<to>[^'\n]+)'/g);
  return [
    ...[...statements].map(({ groups }) => ({
      to: groups!.to!,
      types: isTypeOnly(groups!.what ?? ''),
      lazy: false,
    })),
    ...[...dynamic].map(({ groups }) => ({ to: groups!.to!, types: false, lazy: true })),
  ].map(({ to, ...how }) => ({ from: file, to: resolve(file, to), ...how }));
}

/** `import type …`, or braces in which every name is a type. */
function isTypeOnly(what: string): boolean {
  if (/^\s*type\b/.test(what)) return true;
  const names =
    /^\s*\{(.*)\}\s*$/s
      .exec(what)?.[1]
      ?.split(',')
      .map((name) => name.trim())
      .filter(Boolean) ?? [];
  return names.length > 0 && names.every((name) => name.startsWith('type '));
}

function resolve(from: string, to: string): string {
  if (to.startsWith('.')) return posix.join(posix.dirname(from), to);
  return to.startsWith('node:')
    ? to
    : to
        .split('/')
        .slice(0, to.startsWith('@') ? 2 : 1)
        .join('/');
}

/** The folder of engine/ that a file is in; the files beside them by their name. */
function folderOf(file: string): string {
  return file.split('/')[1]!;
}

describe('imports', () => {
  let files: readonly string[];
  const texts = new Map<string, string>();
  let imports: readonly Import[];

  before(async () => {
    const folders = ['engine', 'schema', 'action', 'site'];
    files = (await Promise.all(folders.map(sourcesOf))).flat();
    for (const file of files) texts.set(file, await readFile(join(root, file), 'utf8'));
    imports = files.filter(isProduct).flatMap((file) => importsOf(file, texts.get(file)!));
  });

  const told = (found: readonly Import[]) =>
    found.map(({ from, to, types }) => `${from} → ${to}${types ? ' (types)' : ''}`);

  it('are read here as esbuild reads them', async () => {
    const product = files.filter(isProduct);
    const { metafile } = await build({
      absWorkingDir: root,
      entryPoints: [...product],
      outdir: 'nowhere',
      bundle: true,
      write: false,
      metafile: true,
      packages: 'external',
      platform: 'node',
      format: 'esm',
      logLevel: 'silent',
      // Imports of types alone are left out, as Node leaves them out; those of unused values are not.
      tsconfigRaw: { compilerOptions: { verbatimModuleSyntax: true } },
    });
    const exact = product.flatMap((from) =>
      metafile.inputs[from]!.imports.map(
        ({ path, external }) => `${from} → ${external ? resolve(from, path) : path}`,
      ),
    );
    const read = told(imports.filter((one) => !one.types));
    assert.deepEqual([...new Set(read)].sort(), [...new Set(exact)].sort());
  });

  it('of engine/ keep to the table of layers', () => {
    const inside = imports.filter(({ from, to }) => from.startsWith('engine/') && to.startsWith('engine/'));
    const broken = inside.filter(({ from, to, types }) => {
      const [own, other] = [folderOf(from), folderOf(to)];
      if (own === other || other === 'problem' || own === 'cli' || own === 'index.ts') return false;
      const rule = rules[own];
      if (rule === undefined) return true;
      if (rule.may.includes(to.slice('engine/'.length))) return false;
      return !rule.may.includes(other) && !(types && rule.mayTypes?.includes(other));
    });
    assert.deepEqual(told(broken), []);
  });

  it('of schema/ know nothing of the rest', () => {
    const out = imports.filter(
      ({ from, to }) => from.startsWith('schema/') && /^(engine|site|action|test|scripts)\//.test(to),
    );
    assert.deepEqual(told(out), []);
  });

  it('of engine/ know the site by the command line alone, and never the Action, the tests or the scripts', () => {
    const out = imports.filter(
      ({ from, to }) => from.startsWith('engine/') && /^(site|action|test|scripts|bench)\//.test(to),
    );
    assert.deepEqual(
      told(out.filter(({ from, to }) => !(folderOf(from) === 'cli' && to === 'site/build.ts'))),
      [],
    );
  });

  it('of action/ and site/ use engine/index.ts and schema/', () => {
    const out = imports.filter(
      ({ from, to }) => /^(action|site)\//.test(from) && to.startsWith('engine/') && to !== 'engine/index.ts',
    );
    assert.deepEqual(told(out), []);
  });

  it('have no cycle at run time', () => {
    const next = new Map(
      files.map((file) => [
        file,
        imports.filter((one) => one.from === file && !one.types).map(({ to }) => to),
      ]),
    );
    const done = new Set<string>();
    const cycles: string[] = [];
    const visit = (file: string, path: readonly string[]): void => {
      const at = path.indexOf(file);
      if (at >= 0) cycles.push([...path.slice(at), file].join(' → '));
      if (at >= 0 || done.has(file)) return;
      for (const to of next.get(file) ?? []) visit(to, [...path, file]);
      done.add(file);
    };
    for (const file of files) visit(file, []);
    assert.deepEqual(cycles, []);
  });

  it('of a library come from the folder that owns it', () => {
    const stray = imports.filter(({ from, to }) => {
      const owners = libraries[to];
      return owners !== undefined && !owners.some((owner) => from.startsWith(owner));
    });
    assert.deepEqual(told(stray), []);
  });

  it('of a program bring no library that it may not need', () => {
    const librariesOf = (entry: string): readonly string[] => {
      const found = new Set([entry]);
      for (const from of found)
        for (const one of imports) if (one.from === from && !one.types && !one.lazy) found.add(one.to);
      return [...found].filter((name) => libraries[name] !== undefined).sort();
    };
    assert.deepEqual(librariesOf('engine/cli/main.ts'), []);
    // Not the drivers, the embedded database and GraphQL.
    assert.deepEqual(librariesOf('engine/cli/validate.ts'), ['ajv', 'ignore', 'typebox', 'yaml']);
  });

  it('are allowed as the code map says', async () => {
    const map = await readFile(join(root, 'engine/README.md'), 'utf8');
    const rows = [...map.matchAll(/^\| \d+ \| `([a-z]+)` \|[^|]*\| ([^|]*) \|$/gm)];
    const written = Object.fromEntries(rows.map(([, folder, may]) => [folder, may]));
    const spoken = Object.entries(rules).map(([folder, { may, mayTypes }]) => {
      const all =
        may === upToSurfaces ? ['all above'] : [...may, ...(mayTypes ?? []).map((name) => `${name} (types)`)];
      return [folder, all.length === 0 ? '–' : all.join(', ')];
    });
    assert.deepEqual({ ...written, cli: undefined }, { ...Object.fromEntries(spoken), cli: undefined });
  });

  it('of libraries name only such as have an owner here', () => {
    const packages = imports
      .map(({ to }) => to)
      .filter((to) => !to.startsWith('node:') && !/\.m?[jt]s$/.test(to));
    const unknown = [...new Set(packages)].filter((name) => libraries[name] === undefined);
    assert.deepEqual(unknown, []);
  });

  it('and code outside dialect/ do not tell databases apart by name', () => {
    const named = files
      .filter(
        (file) => isProduct(file) && !file.startsWith('engine/dialect/') && nameDatabases[file] === undefined,
      )
      .filter((file) => /'(postgres|postgresql|mysql|mariadb)'/.test(withoutComments(texts.get(file)!)));
    assert.deepEqual(named, []);
    const needless = Object.keys(nameDatabases).filter((file) => !texts.has(file));
    assert.deepEqual(needless, []);
  });
});

function withoutComments(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, '');
}
