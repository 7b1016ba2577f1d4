import assert from 'node:assert/strict';
import { mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { findProjects, readFolder } from './folder.ts';

let root: string;

before(async () => {
  root = await realpath(await mkdtemp(join(tmpdir(), 'novastack-folder-')));
});
after(() => rm(root, { recursive: true, force: true }));

/** Writes files by path; a text of `→x` is a link to x. */
async function lay(name: string, files: { readonly [path: string]: string | Uint8Array }): Promise<string> {
  const folder = join(root, name);
  await mkdir(folder, { recursive: true });
  for (const [path, content] of Object.entries(files)) {
    const file = join(folder, path);
    await mkdir(dirname(file), { recursive: true });
    if (typeof content === 'string' && content.startsWith('→')) await symlink(content.slice(1), file);
    else await writeFile(file, content);
  }
  return folder;
}

const project = 'novastack: 1\nproject: shop\n';

async function paths(folder: string): Promise<readonly string[]> {
  const { files, diagnostics } = await readFolder(folder);
  assert.deepEqual(diagnostics, []);
  return files.map((file) => file.path);
}

test('reads every YAML file below the folder, in bytewise order', async () => {
  const folder = await lay('plain', {
    'novastack.yaml': project,
    'tables/books.yaml': 'tables: {}',
    'tables/deep/er/x.yml': 'tables: {}',
    'B.yaml': '',
    'a.yaml': '',
    'ä.yaml': '',
    'README.md': '# no',
    'data.json': '{}',
    yaml: 'no',
  });
  assert.deepEqual(await paths(folder), [
    'B.yaml',
    'a.yaml',
    'novastack.yaml',
    'tables/books.yaml',
    'tables/deep/er/x.yml',
    'ä.yaml',
  ]);
});

test('reads the documents of the folder of operations, at any depth', async () => {
  const files = {
    'novastack.yaml': project,
    'api.yaml': 'operations: { only: [a] }',
    'operations/a.graphql': '',
    'operations/deep/b.graphql': '',
    'operations/_c.graphql': '',
    'operations/.d.graphql': '',
    'operations/e.gql': '',
    'operations/ignored.graphql': '',
    'operations/.gitignore': 'ignored.*',
    'src/f.graphql': '',
    'operations.graphql': '',
  };
  const read = ['api.yaml', 'novastack.yaml', 'operations/a.graphql', 'operations/deep/b.graphql'];
  assert.deepEqual(await paths(await lay('operations', files)), read.toSorted());
  assert.deepEqual(await paths(await lay('src', { ...files, 'api.yaml': 'operations: src' })), [
    'api.yaml',
    'novastack.yaml',
    'src/f.graphql',
  ]);
  assert.deepEqual(await paths(await lay('none', { ...files, 'api.yaml': 'title: no operations' })), [
    'api.yaml',
    'novastack.yaml',
  ]);
  const linked = await lay('linked', {
    ...files,
    'operations/g.graphql': '→a.graphql',
    'src/h.graphql': '→f',
  });
  assert.deepEqual(
    (await readFolder(linked)).diagnostics.map(({ code, source }) => [code, source!.file]),
    [['LINK_SKIPPED', 'operations/g.graphql']],
  );
});

test('does not read what is not the project’s', async () => {
  const folder = await lay('others', {
    'novastack.yaml': project,
    'node_modules/a/a.yaml': 'roles: {}',
    'deep/node_modules/a.yaml': 'roles: {}',
    '.github/workflows/ci.yaml': 'on: push',
    '.hidden.yaml': 'roles: {}',
    '_draft.yaml': 'roles: {}',
    '_drafts/a.yaml': 'roles: {}',
    'novastack.lock/main/database.yaml': 'engine: postgres',
    'approvals.yaml': '[]',
    'nested/novastack.yaml': 'novastack: 1\nproject: nested\n',
    'nested/tables.yaml': 'tables: {}',
    'broken/novastack.yaml': 'novastack: 1\nproject: broken\nroles: [',
    'flow/novastack.yaml': '{ novastack: 1, project: flow }',
    'half/novastack.yaml': 'tables: {}',
    'half/a.yaml': 'roles: {}',
  });
  assert.deepEqual(await paths(folder), ['half/a.yaml', 'half/novastack.yaml', 'novastack.yaml']);
});

test('honours .gitignore as Git does', async () => {
  const folder = await lay('ignoring', {
    '.gitignore': 'dist/\n*.local.yaml\n!keep.local.yaml\n/rooted.yaml\nCase.yaml\n# no\n\nspace.yaml  \n',
    'novastack.yaml': project,
    'dist/a.yaml': '',
    'deep/dist/a.yaml': '',
    'a.local.yaml': '',
    'keep.local.yaml': '',
    'rooted.yaml': '',
    'deep/rooted.yaml': '',
    'case.yaml': '',
    'deep/.gitignore': '!b.local.yaml\ninner/*\n!inner/kept.yaml',
    'deep/a.local.yaml': '',
    'deep/b.local.yaml': '',
    'deep/inner/x.yaml': '',
    'deep/inner/kept.yaml': '',
    'space.yaml': '',
  });
  assert.deepEqual(await paths(folder), [
    'case.yaml',
    'deep/b.local.yaml',
    'deep/inner/kept.yaml',
    'deep/rooted.yaml',
    'keep.local.yaml',
    'novastack.yaml',
  ]);
});

test('honours the .gitignore of the repository that it is in', async () => {
  const repository = await lay('repository', {
    '.git/HEAD': 'ref: refs/heads/main',
    '.gitignore': 'projects/shop/made.yaml\nscratch/\n',
    'projects/.gitignore': 'shop/also.yaml',
    'projects/shop/novastack.yaml': project,
    'projects/shop/made.yaml': '',
    'projects/shop/also.yaml': '',
    'scratch/novastack.yaml': project,
    'scratch/made.yaml': '',
  });
  assert.deepEqual(await paths(join(repository, 'projects/shop')), ['novastack.yaml']);
  // Asked for by name, a folder that is ignored as a whole is read.
  assert.deepEqual(await paths(join(repository, 'scratch')), ['made.yaml', 'novastack.yaml']);
  assert.deepEqual(await findProjects(repository), [join(repository, 'projects/shop')]);
});

test('follows no link', async () => {
  const outside = await lay('outside', { 'secret.yaml': 'roles: {}' });
  const folder = await lay('linking', {
    'novastack.yaml': project,
    'link.yaml': `→${join(outside, 'secret.yaml')}`,
    loop: '→.',
    away: `→${outside}`,
  });
  const { files, diagnostics } = await readFolder(folder);
  assert.deepEqual(
    files.map((file) => file.path),
    ['novastack.yaml'],
  );
  assert.deepEqual(
    diagnostics.map(({ code, severity, source }) => [code, severity, source?.file]),
    [['LINK_SKIPPED', 'notice', 'link.yaml']],
  );
});

test('reads a project whose own folder is a link', async () => {
  const folder = await lay('real', { 'novastack.yaml': project });
  await symlink(folder, join(root, 'alias'));
  const read = await readFolder(join(root, 'alias'));
  assert.deepEqual([read.root, read.files], [folder, [{ path: 'novastack.yaml', text: project }]]);
});

test('refuses files that are too large or not UTF-8, and reads the others', async () => {
  const folder = await lay('hostile', {
    'novastack.yaml': project,
    'large.yaml': 'x'.repeat(2_000_000),
    'latin.yaml': Buffer.from([0x61, 0x3a, 0x20, 0xe9]),
    'utf16.yaml': Buffer.from('\ufeffa: 1', 'utf16le'),
    'marked.yaml': '\ufeffroles: {}',
  });
  const { files, diagnostics } = await readFolder(folder);
  assert.deepEqual(
    files.map((file) => [file.path, file.text]),
    [
      ['marked.yaml', 'roles: {}'],
      ['novastack.yaml', project],
    ],
  );
  assert.deepEqual(diagnostics.map(({ code, source }) => [source?.file, code]).sort(), [
    ['large.yaml', 'FILE_TOO_LARGE'],
    ['latin.yaml', 'FILE_NOT_UTF8'],
    ['utf16.yaml', 'FILE_NOT_UTF8'],
  ]);
});

test('finds projects, also inside others, and none where there is none', async () => {
  const folder = await lay('workspace', {
    'b/novastack.yaml': project,
    'b/inner/novastack.yaml': project,
    'a/novastack.yaml': project,
    'a/node_modules/x/novastack.yaml': project,
    '.novastack/x/novastack.yaml': project,
    'c/novastack.yaml': 'roles: {}',
    'd/other.yaml': project,
  });
  assert.deepEqual(await findProjects(folder), [
    join(folder, 'a'),
    join(folder, 'b'),
    join(folder, 'b/inner'),
  ]);
  assert.deepEqual(await findProjects(join(folder, 'd')), []);
});

test('fails clearly where there is no folder', async () => {
  await assert.rejects(readFolder(join(root, 'nowhere')), { code: 'ENOENT' });
});
