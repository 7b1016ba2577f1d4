import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { type Api, validateProject } from '../engine/index.ts';
import { buildSite } from './build.ts';
import { siteContent } from './content.ts';

const script = '</title><script>alert(1)</script>';
const markup = `<img src=x onerror=alert(2)> **bold** {1+1} | [a](javascript:alert(3)) 🦊`;
const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;

const salted: Readonly<Record<string, string>> = {
  'novastack.yaml': JSON.stringify({
    novastack: 1,
    project: 'salted',
    title: `Salt ${script}`,
    description: markup,
    databases: { main: { engine: 'embedded', migrations: 'migrations' } },
    auth: { anonymous: 'reader' },
    roles: { reader: { description: markup }, writer: { inherits: ['reader'] }, nobody: {} },
    tables: {
      index: {
        columns: { secret_cost: { hidden: true } },
        permissions: {
          reader: {
            select: {
              columns: ['id', `na"me ${script}`, `{x}|*y*`],
              where: { _or: [{ id: { _gt: 5 } }, { secret_cost: { _lt: 12345 } }] },
              limit: 7,
            },
          },
          writer: {
            insert: { columns: [`{x}|*y*`], set: { owner: '$jwt.sub' }, check: { id: { _gt: 0 } } },
          },
        },
      },
      [`t ${script}`]: { permissions: { reader: { select: true } } },
      nobodys: { permissions: { nobody: {} } },
    },
  }),
  'migrations/0001_all.sql': [
    `create table index (id int primary key, ${quoted(`na"me ${script}`)} text, ${quoted('{x}|*y*')} text not null default 'a''b', owner text, secret_cost int)`,
    `comment on table index is '${markup}'`,
    `create table ${quoted(`t ${script}`)} (id int primary key references index (id), ${quoted('a b')} int[])`,
    `create table nobodys (id int primary key)`,
    '',
  ].join(';\n'),
};
const plain: Readonly<Record<string, string>> = {
  'novastack.yaml': JSON.stringify({
    novastack: 1,
    project: 'plain',
    databases: { main: { engine: 'embedded', migrations: 'migrations' } },
    roles: { reader: {} },
    tables: { only_here: { permissions: { reader: { select: true } } } },
  }),
  'migrations/0001_all.sql': 'create table only_here (id int primary key, word text);\n',
};

let folder: string;
let apis: { salted: Api; plain: Api };
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'novastack-site-test-'));
  apis = { salted: await compiled('salted', salted), plain: await compiled('plain', plain) };
});
after(() => rm(folder, { recursive: true, force: true }));

async function compiled(name: string, files: Readonly<Record<string, string>>): Promise<Api> {
  const dir = join(folder, name);
  for (const [file, text] of Object.entries(files)) {
    await mkdir(join(dir, file, '..'), { recursive: true });
    await writeFile(join(dir, file), text);
  }
  const { compiled, diagnostics } = await validateProject(dir);
  assert.deepEqual(
    diagnostics.filter((one) => one.severity === 'error'),
    [],
  );
  return compiled!.api;
}

test('says what some role may see, and nothing hidden', () => {
  const content = siteContent(apis.salted, { basePath: '/salted', origin: 'http://127.0.0.1:4000' });
  assert.deepEqual(
    content.tables.map((table) => table.name),
    ['index', `t ${script}`],
  );
  const [table] = content.tables;
  assert.deepEqual(
    table!.columns.map(({ name, type, key, nullable, default: value }) => [name, type, key, nullable, value]),
    [
      ['id', 'integer', true, false, null],
      [`na"me ${script}`, 'text', false, true, null],
      ['{x}|*y*', 'text', false, false, `'a''b'`],
    ],
  );
  assert.deepEqual(
    table!.access.map((one) => [
      one.role,
      one.select?.columns,
      one.select?.limit,
      one.insert?.columns,
      one.update,
    ]),
    [
      ['reader', 'all', 7, undefined, null],
      ['writer', 'all', 7, ['{x}|*y*'], null],
      ['nobody', undefined, undefined, undefined, null],
    ],
  );
  assert.deepEqual(
    table!.access[0]!.select!.rows!.map((word) => word.text).join(''),
    'id is more than 5 or an internal condition holds',
  );
  assert.deepEqual(content.roles, [
    { name: 'reader', description: markup, anonymous: true, reads: 2, writes: 0 },
    { name: 'writer', description: null, anonymous: false, reads: 2, writes: 1 },
    { name: 'nobody', description: null, anonymous: false, reads: 0, writes: 0 },
  ]);
  assert.doesNotMatch(JSON.stringify(content), /secret_cost|12345|nobodys/);
});

test('prints requests with real names, quoted for the shell and for a query string', () => {
  const content = siteContent(apis.salted, { basePath: '/salted', origin: 'http://127.0.0.1:4000' });
  const [rest] = content.tables[0]!.examples;
  const name = encodeURIComponent(`"na\\"me ${script}"`);
  const edge = encodeURIComponent(`"t ${script}"`);
  assert.deepEqual(rest, {
    title: 'REST',
    language: 'sh',
    code: `curl 'http://127.0.0.1:4000/salted/rest/v1/index?select=id,${name},${encodeURIComponent('"{x}|*y*"')},${edge}(${encodeURIComponent('"a b"')})&order=id&limit=10'`,
  });
});

test('builds two sites asked for at once, each with its own pages, inert names and nothing from elsewhere', async () => {
  const lines: string[] = [];
  const outs = { salted: join(folder, 'out', 'salted'), plain: join(folder, 'out', 'plain') };
  await Promise.all([
    buildSite({
      api: apis.salted,
      out: outs.salted,
      basePath: '/salted',
      onProgress: (line) => lines.push(line),
    }),
    buildSite({
      api: apis.plain,
      out: outs.plain,
      basePath: '/plain',
      onProgress: (line) => lines.push(line),
    }),
  ]);
  assert.ok(lines.includes('Waiting for another documentation site to be built.'));

  const pages = { salted: await textOf(outs.salted), plain: await textOf(outs.plain) };
  const html = (of: ReadonlyMap<string, string>): string[] =>
    [...of.keys()].filter((file) => file.endsWith('.html')).sort();
  assert.deepEqual(html(pages.plain), ['404.html', 'index.html', 'tables/only_here/index.html']);
  assert.equal(html(pages.salted).length, 4);

  for (const [file, text] of pages.salted) {
    if (/(^|\/)wasm\.|\.js$|\.css$/.test(file)) continue;
    assert.equal(/secret_cost|12345|nobodys|only_here/.exec(text)?.[0], undefined, file);
    if (!file.endsWith('.html')) continue;
    const withoutAttributes = text.replace(/="[^"]*"/g, '=');
    assert.doesNotMatch(withoutAttributes, /<script>alert|<img|<\/title>.*<\/title>|<strong>bold/s, file);
  }
  for (const [site, base] of [
    ['salted', '/salted/docs/'],
    ['plain', '/plain/docs/'],
  ] as const) {
    for (const file of html(pages[site])) {
      const links = [...pages[site].get(file)!.matchAll(/(?:src|href)="([^"]*)"/g)].map((match) => match[1]!);
      assert.deepEqual(
        links.filter(
          (link) =>
            !link.startsWith(base) && !link.startsWith('#') && !link.startsWith('http://127.0.0.1:4000/'),
        ),
        [],
        file,
      );
    }
  }
  assert.match(pages.plain.get('tables/only_here/index.html')!, /<title>only_here \| plain<\/title>/);
});

test('replaces an earlier site and never another folder', async () => {
  const out = join(folder, 'mine');
  await mkdir(out);
  await writeFile(join(out, 'thesis.txt'), 'years of work');
  await assert.rejects(buildSite({ api: apis.plain, out, basePath: '/plain' }), {
    name: 'SiteError',
    message: `The folder "${out}" holds something other than a documentation site.`,
    hint: 'name a new folder, or empty this one: a build replaces it as a whole',
  });
  assert.deepEqual(await readdir(out), ['thesis.txt']);
});

test('an aborted build leaves what was there', async () => {
  const out = join(folder, 'aborted');
  await mkdir(out);
  await writeFile(join(out, '.novastack-site'), '');
  await writeFile(join(out, 'index.html'), 'the last one');
  const stop = new AbortController();
  const built = buildSite({ api: apis.plain, out, basePath: '/plain', signal: stop.signal });
  stop.abort(new Error('a newer revision'));
  await assert.rejects(built, { message: 'a newer revision' });
  assert.equal(await readFile(join(out, 'index.html'), 'utf8'), 'the last one');
  assert.deepEqual(
    (await readdir(folder)).filter((name) => name.startsWith('.')),
    [],
  );
});

/** Every file as text; the search index is compressed. */
async function textOf(out: string): Promise<ReadonlyMap<string, string>> {
  const found = new Map<string, string>();
  for (const entry of await readdir(out, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    const bytes = await readFile(path);
    const unpacked = bytes[0] === 0x1f && bytes[1] === 0x8b ? gunzipSync(bytes) : bytes;
    found.set(path.slice(out.length + 1).replaceAll('\\', '/'), unpacked.toString('utf8'));
  }
  return found;
}
