import assert from 'node:assert/strict';
import { cp, mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { findProjects, readFolder } from '../../../schema/folder.ts';
import { createRemote, type Remote } from '../../../test/git-remote.ts';
import type { Exported } from './export-tree.ts';
import { createMirror, failureFrom, limits, type Made, projectText } from './mirror.fixture.ts';

interface Written extends Made {
  readonly remote: Remote;
  readonly to: string;
  readonly exportTree: (tree: string, own?: typeof limits) => Promise<Exported>;
}

async function withRemote(t: TestContext): Promise<Written> {
  const remote = await createRemote(t);
  await remote.commit({ 'novastack.yaml': projectText });
  const made = await createMirror(t, remote.fileUrl);
  await made.mirror.fetch();
  const to = join(made.folder, 'tree');
  return { ...made, remote, to, exportTree: (tree, own = limits) => made.mirror.export(tree, to, own) };
}

async function filesOf(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  return files.map(({ parentPath, name }) => join(parentPath, name).slice(folder.length + 1)).sort();
}

describe('a tree', () => {
  it('is written byte for byte, whatever its attributes say, and nothing in it can be run', async (t) => {
    const { remote, mirror, to, exportTree } = await withRemote(t);
    const bytes = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte));
    await remote.git(['config', 'filter.upper.smudge', 'tr a-z A-Z']);
    const id = await remote.commit({
      '.gitattributes': '* text eol=crlf filter=upper export-subst ident\ndocs/** export-ignore\n',
      '.gitignore': 'out/\n',
      'tables/a.yaml': 'a: 1\r\nb: $Id$ $Format:%H$\n',
      'docs/index.md': '# Hi\n',
      'docs/a.bin': bytes,
      'out/b.yaml': 'b: 1\n',
      'operations/q.graphql': '{ a }',
      'größe/ü 😀.sql': 'select 1',
      'a.yaml': '',
      'A.yaml': 'A',
    });
    const { tree } = await mirror.fetch();
    const result = await exportTree(tree);
    assert.deepEqual(result.diagnostics, []);
    const files = await filesOf(to);
    assert.equal(result.files, files.length);
    assert.deepEqual(
      files,
      [
        '.gitattributes',
        '.gitignore',
        'A.yaml',
        'a.yaml',
        'docs/a.bin',
        'docs/index.md',
        'größe/ü 😀.sql',
        'novastack.yaml',
        'operations/q.graphql',
        'out/b.yaml',
        'tables/a.yaml',
      ].sort(),
    );
    assert.equal(await readFile(join(to, 'tables/a.yaml'), 'utf8'), 'a: 1\r\nb: $Id$ $Format:%H$\n');
    assert.deepEqual(await readFile(join(to, 'docs/a.bin')), bytes);
    assert.equal((await stat(join(to, 'docs/a.bin'))).mode & 0o777, 0o644);
    assert.equal((await failureFrom(exportTree(tree))).kind, 'git');
    assert.equal((await mirror.projects(id, ''))[0]!.tree, tree);
  });

  it('is written without links, submodules and other projects, which is told', async (t) => {
    const { remote, mirror, to, exportTree } = await withRemote(t);
    await remote.commit({
      passwd: { link: '/etc/passwd' },
      'tables/up.yaml': { link: '../../../../etc/passwd' },
      'tables/loop': { link: '.' },
      vendor: { submodule: 'a'.repeat(40) },
      'inner/novastack.yaml': projectText,
      'inner/secret.yaml': 'a: 1\n',
      'other/novastack.yaml': 'novastack: 1\n',
      'other/kept.yaml': 'a: 1\n',
    });
    const { tree } = await mirror.fetch();
    const { diagnostics } = await exportTree(tree);
    assert.deepEqual(
      diagnostics.map(({ code, severity, message, source }) => [code, severity, message, source?.file]),
      [
        ['LINK_SKIPPED', 'notice', '"passwd" is a link, and links are not followed.', 'passwd'],
        ['LINK_SKIPPED', 'notice', '"tables/loop" is a link, and links are not followed.', 'tables/loop'],
        [
          'LINK_SKIPPED',
          'notice',
          '"tables/up.yaml" is a link, and links are not followed.',
          'tables/up.yaml',
        ],
        ['SUBMODULE_SKIPPED', 'notice', '"vendor" is a submodule, and submodules are not read.', 'vendor'],
      ],
    );
    assert.ok(diagnostics.every(({ hint }) => hint));
    assert.deepEqual(await filesOf(to), ['novastack.yaml', 'other/kept.yaml', 'other/novastack.yaml']);
  });

  it('with names that are no plain names is refused by name, and nothing is written', async (t) => {
    // A fetch would refuse most of them: they are put into the mirror by hand.
    const { remote, directory, folder, exportTree } = await withRemote(t);
    const blob = await remote.blob('x');
    const inner = await remote.tree([{ mode: '100644', name: 'x', id: blob }]);
    const names: readonly [string | Uint8Array, RegExp][] = [
      ['..', /^The name ".." is not that of a file\.$/],
      ['.', /^The name "." is not that of a file\.$/],
      ['.git', /^The name ".git" is that of Git's own folder\.$/],
      ['.GiT', /^The name ".GiT" is that of Git's own folder\.$/],
      ['../../canary', /^The name "..\/..\/canary" has a slash\.$/],
      ['/tmp/canary', /has a slash\.$/],
      ['a\\b', /^The name "a\\\\b" has a backslash\.$/],
      ['a\nb', /^The name "a\\nb" has a control character\.$/],
      ['a\u001b[31m', /has a control character\.$/],
      [Buffer.from([0x61, 0xff]), /^The name "\?" is not UTF-8\.$/],
      ['n'.repeat(256), /is longer than 255 bytes\.$/],
    ];
    const trees: (readonly [string, RegExp])[] = [];
    for (const [index, [name, message]] of names.entries()) {
      const mode = ['100644', '40000', '120000', '160000'][index % 4]!;
      trees.push([await remote.tree([{ mode, name, id: mode === '40000' ? inner : blob }]), message]);
    }
    await cp(join(remote.directory, 'objects'), join(directory, 'objects'), { recursive: true });
    for (const [tree, message] of trees) {
      const { files, diagnostics } = await exportTree(tree);
      assert.deepEqual([files, diagnostics.length, diagnostics[0]?.code], [0, 1, 'FILE_NAME_REFUSED']);
      assert.equal(diagnostics[0]!.severity, 'error');
      assert.match(diagnostics[0]!.message, message);
    }
    assert.deepEqual(await readdir(folder), ['main.git']);
  });

  it('that is too large or too deep is refused, and nothing is written', async (t) => {
    const { remote, mirror, folder, exportTree } = await withRemote(t);
    const many = Object.fromEntries(Array.from({ length: 30 }, (_, at) => [`f${at}/a.yaml`, 'a: 1\n']));
    await remote.commit({ ...many, 'big.sql': 'x'.repeat(5_000) });
    const { tree } = await mirror.fetch();
    const told = async (own: typeof limits) => {
      const { files, diagnostics } = await exportTree(tree, own);
      return [files, ...diagnostics.map(({ code, severity, message }) => `${severity} ${code} ${message}`)];
    };
    assert.deepEqual(await told({ files: 31, bytes: 1_000_000 }), [
      0,
      'error TREE_TOO_LARGE The project has more than 31 files.',
    ]);
    assert.deepEqual(await told({ files: 32, bytes: 5_000 }), [
      0,
      'error TREE_TOO_LARGE The project has more than 5000 bytes; with this file it is past that.',
    ]);
    const deep = await remote.commit({ [`${'d/'.repeat(65)}a.yaml`]: 'a: 1\n' });
    await mirror.fetch();
    const { diagnostics } = await exportTree((await mirror.head())!.tree);
    assert.deepEqual(
      diagnostics.map(({ code }) => code),
      ['FOLDER_TOO_DEEP'],
    );
    assert.deepEqual(
      (await mirror.projects(deep, '')).map((one) => one.folder),
      [''],
    );
    const long = await remote.forcePush({ [`${`${'d'.repeat(250)}/`.repeat(5)}a.yaml`]: 'a: 1\n' });
    await mirror.fetch();
    const [error] = (await exportTree((await mirror.head())!.tree)).diagnostics;
    assert.match(error!.message, /has a path of more than 1000 bytes\.$/);
    assert.deepEqual((await readdir(folder)).sort(), ['main.git']);
    assert.deepEqual(await mirror.projects(long, ''), []);
    assert.deepEqual(await told({ files: 32, bytes: 1_000_000 }), [32]);
  });

  it('that holds itself a thousand million times is given up', async (t) => {
    const { remote, mirror, exportTree } = await withRemote(t);
    let id = await remote.tree([{ mode: '100644', name: 'a.yaml', id: await remote.blob('a: 1\n') }]);
    const names = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j'];
    for (let level = 0; level < 9; level += 1)
      id = await remote.tree(names.map((name) => ({ mode: '40000', name, id })));
    const commit = await remote.commitTree(id);
    await mirror.fetch();
    const { diagnostics } = await exportTree(id, { files: 1_000, bytes: 1_000_000 });
    assert.deepEqual(
      diagnostics.map(({ code }) => code),
      ['TREE_TOO_LARGE'],
    );
    const failure = await failureFrom(mirror.projects(commit, ''));
    assert.deepEqual(
      [failure.kind, failure.message],
      ['refused', 'There are more than 20000 folders to look for projects in.'],
    );
    assert.deepEqual(await mirror.projects(commit, 'a/b/c/d/e/f'), []);
  });

  it('that is not there, or is none, is told', async (t) => {
    const { mirror, exportTree } = await withRemote(t);
    const commit = (await mirror.head())!;
    assert.equal((await failureFrom(exportTree('a'.repeat(40)))).kind, 'missing');
    assert.equal((await failureFrom(exportTree(commit.id))).kind, 'refused');
    assert.equal((await failureFrom(exportTree('HEAD\nblob'))).kind, 'missing');
    assert.equal((await failureFrom(mirror.projects(commit.tree, ''))).kind, 'refused');
  });
});

describe('projects', () => {
  it('are found as in a clone', async (t) => {
    const { remote, mirror, folder } = await withRemote(t);
    const id = await remote.commit({
      'novastack.yaml': 'novastack: 1\n',
      '.gitignore': 'ignored/\n/apis/gone\n*.tmp/\n',
      'apis/novastack.yaml': projectText,
      'apis/inner/novastack.yaml': 'project: a\nnovastack: [1\n',
      'apis/gone/novastack.yaml': projectText,
      'apis/ignored/novastack.yaml': projectText,
      'apis/.gitignore': '!kept.tmp/\n',
      'apis/kept.tmp/novastack.yaml': projectText,
      'x.tmp/novastack.yaml': projectText,
      '_drafts/novastack.yaml': projectText,
      '.hidden/novastack.yaml': projectText,
      'node_modules/a/novastack.yaml': projectText,
      'novastack.lock/novastack.yaml': projectText,
      'linked/novastack.yaml': { link: '../apis/novastack.yaml' },
      'large/novastack.yaml': `${projectText}# ${'x'.repeat(1_000_001)}`,
      'latin/novastack.yaml': Buffer.from(`${projectText}# \xe9\n`, 'latin1'),
      'deep/novastack.yaml': `${projectText}roles: ${'['.repeat(20_000)}`,
      'a-b/novastack.yaml': projectText,
      'a/b/novastack.yaml': projectText,
      'größe/novastack.yaml': projectText,
    });
    await mirror.fetch();
    const clone = join(folder, 'clone');
    await remote.git(['clone', '-q', '--template=', remote.directory, clone]);
    for (const path of [
      '',
      'apis',
      'apis/ignored',
      'apis/gone',
      'a',
      'node_modules',
      'node_modules/a',
      'large',
    ]) {
      const there = (await findProjects(join(clone, path))).map((one) => one.slice(clone.length + 1));
      const found = await mirror.projects(id, path);
      assert.deepEqual(
        found.map((one) => one.folder),
        there,
        path,
      );
      // Of the one that a deeper rule has back, the outer rule still names the files, as in a clone.
      for (const { folder: at, tree } of found.filter((one) => one.folder !== 'apis/kept.tmp'))
        assert.equal(tree, await remote.git(['rev-parse', `${id}:${at}`]));
    }
    assert.deepEqual(
      (await mirror.projects(id, '')).map((one) => one.folder),
      ['a-b', 'a/b', 'apis', 'apis/inner', 'apis/kept.tmp', 'deep', 'größe'],
    );
    for (const path of ['nowhere', 'apis/novastack.yaml', '..', '../etc', 'linked/novastack.yaml/x'])
      assert.deepEqual(await mirror.projects(id, path), [], path);
  });

  it('have no documents that a .gitignore names, wherever it is, as in a clone', async (t) => {
    const { remote, mirror, folder } = await withRemote(t);
    const yaml = (name: string) => `tables:\n  ${name}: {}\n`;
    const names = (files: readonly { path: string }[]) => files.map(({ path }) => path);
    const id = await remote.commit({
      '.gitignore': 'gen/\n*.local.yaml\n/apis/shop/anchored.yaml\nnothing.yaml\n',
      'apis/.gitignore': 'q.graphql\n',
      'apis/shop/.gitignore': '!kept.local.yaml\nown.yaml\n',
      'apis/shop/novastack.yaml': `${projectText}operations: ops\n`,
      'apis/shop/a.yaml': yaml('a'),
      'apis/shop/b.local.yaml': yaml('b'),
      'apis/shop/kept.local.yaml': yaml('c'),
      'apis/shop/own.yaml': yaml('d'),
      'apis/shop/anchored.yaml': yaml('e'),
      'apis/shop/gen/f.yaml': yaml('f'),
      'apis/shop/gen/deep/g.yaml': yaml('g'),
      'apis/shop/gen/1.sql': 'select 1',
      'apis/shop/tables/gen/h.yaml': yaml('h'),
      'apis/shop/tables/i.yaml': yaml('i'),
      'apis/shop/ops/q.graphql': '{ a }',
      'apis/shop/ops/r.graphql': '{ a }',
      'apis/plain/novastack.yaml': projectText,
    });
    await mirror.fetch();
    const clone = join(folder, 'clone');
    await remote.git(['clone', '-q', '--template=', remote.directory, clone]);
    const [, plain, shop] = await mirror.projects(id, '');
    assert.equal(plain!.tree, await remote.git(['rev-parse', `${id}:apis/plain`]));
    assert.notEqual(shop!.tree, await remote.git(['rev-parse', `${id}:apis/shop`]));
    // The state folder may be in a clone itself.
    await mkdir(join(folder, '.git'));
    await writeFile(join(folder, '.gitignore'), '*.yaml\n');
    const to = join(folder, 'tree');
    await mirror.export(shop!.tree, to, limits);
    const read = await readFolder(to);
    const there = await readFolder(join(clone, 'apis/shop'));
    assert.deepEqual(read.files, there.files);
    assert.deepEqual(read.diagnostics, there.diagnostics);
    assert.deepEqual(names(read.files), [
      'a.yaml',
      'kept.local.yaml',
      'novastack.yaml',
      'ops/r.graphql',
      'tables/i.yaml',
    ]);
    assert.ok((await filesOf(to)).includes('gen/1.sql'));
    assert.deepEqual(
      (await mirror.projects(id, 'apis/shop')).map(({ tree }) => tree),
      [shop!.tree],
    );
  });

  it('never share a file', async (t) => {
    const { remote, mirror, folder } = await withRemote(t);
    const id = await remote.commit({
      'one/novastack.yaml': projectText,
      'one/two/novastack.yaml': projectText,
    });
    await mirror.fetch();
    await mkdir(join(folder, 'trees'));
    const all: string[] = [];
    for (const { folder: at, tree } of await mirror.projects(id, '')) {
      const to = join(folder, 'trees', at.replaceAll('/', '-') || 'root');
      await mirror.export(tree, to, limits);
      all.push(...(await filesOf(to)).map((file) => join(at, file)));
    }
    assert.deepEqual(all.sort(), ['novastack.yaml', 'one/novastack.yaml', 'one/two/novastack.yaml']);
  });
});
