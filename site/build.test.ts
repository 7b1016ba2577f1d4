import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { type Api, type Project, validateProject } from '../engine/index.ts';
import { shelfOf } from './book.ts';
import { buildSite, type SiteOptions } from './build.ts';
import { siteContent } from './content.ts';
import type { Words } from './document.ts';
import { examplesFor } from './examples.ts';
import { hostile, nobodys, script, staffs, write, writeSalted } from './salted.fixture.ts';

const plain: Readonly<Record<string, string>> = {
  'novastack.yaml': JSON.stringify({
    novastack: 1,
    project: 'plain',
    databases: { main: { engine: 'embedded', migrations: 'migrations' } },
    auth: { anonymous: 'reader' },
    roles: { reader: {} },
    tables: { only_here: { permissions: { reader: { select: true } } } },
  }),
  'migrations/0001_all.sql': 'create table only_here (id int primary key, word text);\n',
};
const publics = ['visitor', 'as <b>'];
const origin = 'http://127.0.0.1:4000';

interface Compiled {
  readonly api: Api;
  readonly project: Project;
  readonly directory: string;
}

let folder: string;
let salted: Compiled;
let unsalted: Compiled;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'novastack-site-test-'));
  await writeSalted(join(folder, 'salted'));
  await write(join(folder, 'plain'), plain);
  salted = await compiled('salted');
  unsalted = await compiled('plain');
});
after(() => rm(folder, { recursive: true, force: true }));

async function compiled(name: string): Promise<Compiled> {
  const directory = join(folder, name);
  const { compiled, project, diagnostics } = await validateProject(directory);
  assert.deepEqual(
    diagnostics.filter((one) => one.severity === 'error'),
    [],
  );
  return { api: compiled!.api, project: project!, directory };
}

function contentFor(roles: readonly string[]) {
  const { api, project } = salted;
  return siteContent(api, { basePath: '/salted', origin, roles, issuers: project.auth.jwt });
}

const spoken = (words: Words | null | undefined): string => words?.map((word) => word.text).join('') ?? '';

test('says of a table what the role may know and do, and names nothing else', () => {
  const [visitor, as] = contentFor(publics).roles;
  const [table] = visitor!.tables.filter(({ name }) => name === 'index');
  assert.deepEqual(
    table!.columns.map(({ name, type, key, nullable, default: value, labels }) => [
      name,
      type,
      key,
      nullable,
      value,
      labels,
    ]),
    [
      ['id', 'integer', true, false, { kind: 'computed' }, []],
      [hostile, 'text', false, true, null, []],
      ['{x}|*y*', 'text', false, false, { kind: 'sql', text: `'a''b'` }, []],
      ['state', 'state', false, true, null, ['<b>on</b>', 'off']],
    ],
  );
  assert.deepEqual(
    table!.relationships.map(({ name, to }) => [name, to]),
    [[`t ${script}`, `t ${script}`]],
  );
  assert.equal(
    spoken(table!.access.select!.rows),
    'id is more than 5 or a rule of the project lets the row through',
  );
  const inserts = as!.tables.find(({ name }) => name === 'index')!.access;
  assert.equal(spoken(inserts.insert!.rows), 'id is more than 0 and given meets a rule of the project');
  assert.deepEqual(inserts.insert!.sets, []);
  assert.deepEqual(inserts.matrix, [
    { column: 'id', read: 'yes', insert: 'yes', update: 'no' },
    { column: hostile, read: 'yes', insert: 'no', update: 'no' },
    { column: '{x}|*y*', read: 'yes', insert: 'yes', update: 'no' },
    { column: 'state', read: 'yes', insert: 'no', update: 'no' },
    { column: 'given', read: 'no', insert: 'yes', update: 'no' },
  ]);
});

test('says of a function what it takes, and not whose rows they are that the role may not read', () => {
  const [visitor] = contentFor(publics).roles;
  assert.deepEqual(
    visitor!.functions.map(({ name, reads, overloads }) => [name, reads, overloads]),
    [
      [
        'open',
        true,
        [
          {
            arguments: [
              { name: 'wanted', type: 'record', optional: false, variadic: false, labels: [] },
              { name: 'since', type: 'date', optional: true, variadic: false, labels: [] },
            ],
            body: null,
            volatility: 'stable',
            result: { kind: 'table', table: null, set: true },
          },
        ],
      ],
    ],
  );
});

test('tells what a token must have, and never whose tokens are trusted', () => {
  const [visitor, , staff] = contentFor([...publics, 'canary_staff']).roles;
  const token = { roleClaims: ['role'], chooses: false, signedBy: ['keys'] };
  assert.deepEqual(visitor!.token, { ...token, claims: [] });
  assert.deepEqual(staff!.token, { ...token, claims: ['canary_claim'] });
});

test('tells of no claim that only a rule looks at which the role does not see', () => {
  const { api, project } = salted;
  const claims = { canary_claim: 7, other: 'x' };
  const examples = new Map(
    [...publics, 'canary_staff'].map((role) => [
      role,
      { claims, tables: new Map(), functions: new Map(), start: [] },
    ]),
  );
  const roles = [...examples.keys()];
  const content = siteContent(api, { basePath: '', origin, roles, issuers: project.auth.jwt, examples });
  assert.deepEqual(
    content.roles.map((role) => role.claims),
    [null, null, { canary_claim: 7 }],
  );
});

test('has pages for the tables and functions of each role, and for no other', () => {
  const content = contentFor([...publics, 'canary_staff', 'nobody']);
  for (const { role, root, pages } of shelfOf(content).books) {
    const world = salted.api.world(role);
    const of = (kind: string) =>
      pages.flatMap(({ id }) => (id.startsWith(`${kind}:`) ? [id.slice(kind.length + 1)] : []));
    assert.deepEqual(of('table'), [...world.tables.keys()].sort(), root);
    assert.deepEqual(of('function'), [...world.functions.keys()], root);
    assert.equal(new Set(pages.map(({ path }) => path)).size, pages.length);
  }
});

test('prints requests with real names, quoted for the shell and for a query string', async () => {
  const url = `${origin}/salted`;
  const place = {
    project: url,
    rest: `${url}/rest/v1`,
    graphql: `${url}/graphql/v1`,
    publishableKey: 'nspk_salted',
  };
  const { tables } = await examplesFor(salted.api, publics[0]!, { place });
  const embed = tables.get('index')!.find(({ kind }) => kind === 'embed')!;
  const name = encodeURIComponent(`"na\\"me ${script}"`).replaceAll('%28', '(').replaceAll('%29', ')');
  const edge = encodeURIComponent(`"t ${script}"`).replaceAll('%28', '(').replaceAll('%29', ')');
  assert.deepEqual(
    embed.snippets[0]!.code,
    `curl 'http://127.0.0.1:4000/salted/rest/v1/index?select=id,${name},${encodeURIComponent('"{x}|*y*"')},${edge}(${encodeURIComponent('"a b"')})&order=id&limit=5'`,
  );
});

describe('a site', () => {
  const out: Record<string, ReadonlyMap<string, string>> = {};

  before(async () => {
    const lines: string[] = [];
    const build = (name: string, options: Compiled & Partial<SiteOptions>): Promise<void> =>
      buildSite({
        ...options,
        out: join(folder, 'out', name),
        basePath: `/${options.project.name}`,
        onProgress: (line) => lines.push(line),
      });
    await Promise.all([build('public', salted), build('plain', unsalted)]);
    assert.ok(lines.includes('Waiting for another documentation site to be built.'));
    await build('staff', { ...salted, roles: ['canary_staff'] });
    await build('none', { ...unsalted, roles: [] });
    for (const name of ['public', 'plain', 'staff', 'none'])
      out[name] = await textOf(join(folder, 'out', name));
  });

  const html = (of: string): string[] => [...out[of]!.keys()].filter((file) => file.endsWith('.html')).sort();

  test('that is public has nothing of a private role in any file', () => {
    for (const [file, text] of out.public!)
      assert.equal(/canary\w*|only_here/i.exec(`${file} ${text}`)?.[0], undefined, file);
  });

  test('of staff says all that only staff sees, and nothing that nobody does', () => {
    const all = [...out.staff!].map(([file, text]) => `${file} ${text}`).join('\n');
    assert.deepEqual(
      staffs.filter((canary) => !all.includes(canary)),
      [],
    );
    assert.deepEqual(
      nobodys.filter((canary) => new RegExp(`${canary}\\b`).test(all)),
      [],
    );
  });

  test('built beside another has its own pages alone', () => {
    const guides = ['authentication', 'embedding', 'errors', 'filtering', 'limits', 'pagination', 'realtime'];
    assert.deepEqual(html('plain'), [
      '404.html',
      ...guides.filter((guide) => guide !== 'embedding').map((guide) => `guides/${guide}/index.html`),
      'index.html',
      'tables/only_here/index.html',
    ]);
    assert.match(out.plain!.get('tables/only_here/index.html')!, /<title>only_here \| plain<\/title>/);
    assert.doesNotMatch([...out.plain!.values()].join('\n'), /salted|Salt /);
  });

  test('of a project that publishes no role has an overview that says so', () => {
    assert.deepEqual(html('none'), ['404.html', 'index.html']);
    assert.match(out.none!.get('index.html')!, /The documentation of this project is not public\./);
    assert.doesNotMatch([...out.none!.values()].join('\n'), /only_here/);
  });

  test('has a page for each table of a role, with exactly the columns that it knows', () => {
    for (const { role, root, pages } of shelfOf(contentFor(publics)).books) {
      const world = salted.api.world(role);
      const base = root === '' ? '' : `${root.slice(1)}/`;
      const found = html('public').filter(
        (file) => file.startsWith(`${base}tables/`) && file.endsWith('/index.html'),
      );
      assert.equal(found.length, world.tables.size);
      for (const [name, seen] of world.tables) {
        const { path } = pages.find(({ id }) => id === `table:${name}`)!;
        const text = out.public!.get(`${base}${path.slice(1)}index.html`)!;
        const table = /<table class="columns[^>]*>(.*?)<\/table>/s.exec(text)?.[1] ?? '';
        const names = [...table.matchAll(/<th scope="row"[^>]*><code[^>]*>(.*?)<\/code>/gs)].map((match) =>
          unescaped(match[1]!),
        );
        assert.deepEqual(names, [...seen.known.keys(), ...seen.computed.keys()], `${role} ${name}`);
      }
    }
  });

  test('leads from each page to the same of another role, or to its first', () => {
    for (const file of html('public')) {
      const menus = [...out.public!.get(file)!.matchAll(/<details class="read-as.*?<\/details>/gs)];
      assert.equal(menus.length, 2, file);
      const links = [...menus[0]![0].matchAll(/<a href="([^"]*)"/g)].map((match) => match[1]!);
      assert.equal(links.length, 2, file);
      for (const link of links) {
        const target = `${link.slice('/salted/docs/'.length)}index.html`;
        assert.ok(out.public!.has(target), `${file} leads to ${target}`);
        const same = file.replace(/^as\/[^/]+\//, '');
        if (same.startsWith('tables/') || same.startsWith('guides/'))
          assert.ok(target.endsWith(same), target);
      }
    }
    assert.doesNotMatch(out.plain!.get('index.html')!, /class="read-as/);
  });

  test('shows names and texts as they are, and runs none of them', () => {
    for (const file of html('public')) {
      const text = out.public!.get(file)!;
      const withoutAttributes = text.replace(/="[^"]*"/g, '=');
      assert.doesNotMatch(withoutAttributes, /<script>alert|<img(?! src= alt= loading=>)|<iframe|<b>/s, file);
      // A picture has titles of its own.
      assert.equal(withoutAttributes.split('</head>')[0]!.split('</title>').length, 2, file);
      // In a page that somebody wrote, Markdown is Markdown.
      if (!file.includes('pages/')) assert.doesNotMatch(text, /<strong>bold/, file);
      assert.doesNotMatch(text, /(?:href|src)="(?:javascript|data:text)/i, file);
    }
    assert.match(out.public!.get('pages/open/index.html')!, /&lt;script&gt;alert\(4\)&lt;\/script&gt;/);
  });

  test('asks nobody else for anything', () => {
    for (const [site, base] of [
      ['public', '/salted/docs/'],
      ['plain', '/plain/docs/'],
    ] as const) {
      for (const file of html(site)) {
        const text = out[site]!.get(file)!;
        const loaded = [...text.matchAll(/<(?!a\b)\w[^>]*?\s(?:src|href)="([^"]*)"/g)].map(
          (match) => match[1]!,
        );
        assert.deepEqual(
          loaded.filter((url) => !url.startsWith(base) && !url.startsWith('data:image/svg+xml;base64,')),
          [],
          file,
        );
        const linked = [...text.matchAll(/<a\b[^>]*?\shref="([^"]*)"/g)].map((match) => match[1]!);
        for (const link of linked.filter((url) => url.startsWith(base) && !url.endsWith('.md')))
          assert.ok(
            out[site]!.has(
              `${link.slice(base.length).replace(/#.*/, '')}${link.endsWith('.svg') ? '' : 'index.html'}`,
            ),
            `${file} leads to ${link}`,
          );
      }
      const styles = [...out[site]!].filter(([file]) => /\.(?:css|js)$/.test(file));
      for (const [file, text] of styles)
        assert.doesNotMatch(text, /@import\s*(?:url\()?["']?https?:|url\(["']?https?:/, file);
    }
  });

  test('has the project’s own pages and the images that they show, for whom they are', () => {
    const own = [...out.public!.keys()].filter((file) => /(?:^|\/)(?:pages|files)\//.test(file)).sort();
    const as = own.find((file) => file.startsWith('as/'))!.split('/')[1]!;
    assert.deepEqual(
      own.filter((file) => !file.endsWith('.md')),
      [
        `as/${as}/files/0.png`,
        `as/${as}/pages/deep/other/index.html`,
        `as/${as}/pages/open/index.html`,
        'files/0.png',
        'pages/open/index.html',
      ],
    );
    assert.equal(out.public!.get('files/0.png'), 'a picture');
    const open = (of: string) => out.public!.get(`${of}pages/open/index.html`)!;
    assert.match(
      open(`as/${as}/`),
      new RegExp(`<a href="/salted/docs/as/${as}/pages/deep/other/#part">other</a>`),
    );
    assert.doesNotMatch(open(''), /deep\/other/);
    assert.match(
      open(''),
      /<a href="https:\/\/elsewhere\.example\/b\.png" rel="noopener noreferrer">far<\/a>/,
    );
  });

  test('has each page as Markdown, and a list of them for each role', () => {
    const files = [...out.public!.keys()];
    const as = files.find((file) => file.startsWith('as/'))!.split('/')[1]!;
    for (const file of html('public').filter((one) => one !== '404.html'))
      assert.ok(files.includes(file.replace(/html$/, 'md')), file);
    for (const root of ['', `as/${as}/`]) {
      const list = out.public!.get(`${root}llms.txt`)!;
      const links = [...list.matchAll(/\]\(\/salted\/docs\/([^)]*)\)/g)].map((match) => match[1]!);
      const pages = files.filter((file) =>
        file.endsWith('/index.md') || file === 'index.md'
          ? root === ''
            ? !file.startsWith('as/')
            : file.startsWith(root)
          : false,
      );
      assert.deepEqual([...links].sort(), pages.sort());
    }
    const index = out.public!.get('llms.txt')!;
    assert.doesNotMatch(index, /<script|<img/);
  });

  test('searches each role’s pages by themselves', () => {
    const roots = [
      ...new Set(
        [...out.public!.keys()]
          .filter((file) => file.includes('pagefind/'))
          .map((file) => file.split('pagefind/')[0]!),
      ),
    ];
    const as = [...out.public!.keys()].find((file) => file.startsWith('as/'))!.split('/')[1]!;
    assert.deepEqual(roots.sort(), ['', `as/${as}/`]);
    const given = ([file, text]: readonly [string, string]) =>
      file.includes('fragment/') && text.includes('given');
    const found = [...out.public!].filter(given).map(([file]) => file.split('pagefind/')[0]);
    assert.deepEqual([...new Set(found)], [`as/${as}/`]);
  });
});

test('replaces an earlier site and never another folder', async () => {
  const out = join(folder, 'mine');
  await mkdir(out);
  await writeFile(join(out, 'thesis.txt'), 'years of work');
  await assert.rejects(buildSite({ ...unsalted, out, basePath: '/plain' }), {
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
  const built = buildSite({ ...unsalted, out, basePath: '/plain', signal: stop.signal });
  stop.abort(new Error('a newer revision'));
  await assert.rejects(built, { message: 'a newer revision' });
  assert.equal(await readFile(join(out, 'index.html'), 'utf8'), 'the last one');
  assert.deepEqual(
    (await readdir(folder)).filter((name) => name.startsWith('.')),
    [],
  );
});

function unescaped(text: string): string {
  return text
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&#34;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&amp;', '&');
}

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
