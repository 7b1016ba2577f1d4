import assert from 'node:assert/strict';
import { mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { readOwnPages } from './own-pages.ts';
import { write } from './salted.fixture.ts';

let root: string;
before(async () => {
  root = await mkdtemp(join(tmpdir(), 'novastack-own-test-'));
});
after(() => rm(root, { recursive: true, force: true }));

const roles = new Set(['visitor', 'staff']);
let number = 0;
async function read(files: Readonly<Record<string, string>>) {
  const directory = join(root, String(number++));
  await write(directory, files);
  return readOwnPages(directory, 'docs', roles);
}

test('takes the title of the front matter, the first heading, or the file', async () => {
  const { pages } = await read({
    'docs/a.md': '---\ntitle: Mine\nroles: [staff]\norder: 3\ndescription: about\n---\n# Heading\n\ntext',
    'docs/b/start-here.md': '\uFEFF# *Heading* `x` #\r\n\r\ntext\r\n',
    'docs/b/no_title.md': 'text\n\n---\n\nmore',
    'docs/b/Ünder.md': '---\n---\ntext',
  });
  assert.deepEqual(
    pages.map(({ file, path, title, roles, order, description, markdown }) => [
      file,
      path.replace(/-[0-9a-f]{8}/, '-…'),
      title,
      roles,
      order,
      description,
      markdown,
    ]),
    [
      ['b/no_title.md', '/pages/b/no_title/', 'no title', null, 0, null, 'text\n\n---\n\nmore'],
      ['b/start-here.md', '/pages/b/start-here/', 'Heading x', null, 0, null, '\ntext\n'],
      ['b/Ünder.md', '/pages/b/nder-…/', 'Ünder', null, 0, null, 'text'],
      ['a.md', '/pages/a/', 'Mine', ['staff'], 3, 'about', '# Heading\n\ntext'],
    ],
  );
});

test('reads Markdown and images, and follows no link', async () => {
  const directory = join(root, 'links');
  await write(directory, {
    'docs/a.md': 'a',
    'docs/b.PNG': 'b',
    'docs/c.html': 'c',
    'docs/d.ts': 'd',
    'docs/.e.md': 'e',
    'docs/_f/g.md': 'g',
    'h.md': 'h',
  });
  await symlink('../h.md', join(directory, 'docs/h.md'));
  await symlink('..', join(directory, 'docs/i'));
  const { pages, images } = await readOwnPages(directory, 'docs', roles);
  assert.deepEqual([pages.map(({ file }) => file), [...images.keys()]], [['a.md'], ['b.PNG']]);
  await symlink('docs', join(directory, 'linked'));
  await assert.rejects(readOwnPages(directory, 'linked', roles), {
    message: 'The folder "linked" of docs: is a link.',
  });
  await assert.rejects(readOwnPages(directory, 'gone', roles), {
    message: 'The folder "gone" of docs: does not exist.',
  });
});

test('publishes nothing while a page says what cannot be understood', async () => {
  await assert.rejects(
    read({
      'docs/a.md': '---\nroles: staff\n---\n',
      'docs/b.md': '---\nroles: [staf]\n---\n',
      'docs/c.md': '---\nroles: [staff\n---\n',
      'docs/d.md': '---\n- staff\n---\n',
      'docs/e.md': '---\ntitle: 1\norder: first\n---\n',
    }),
    ({ name, message, hint }: Error & { hint: string }) => {
      assert.deepEqual(
        [name, hint],
        ['SiteError', 'nothing was built: a page that is not understood is not published'],
      );
      assert.match(
        message,
        /^docs\/a\.md: "roles" is no list of names\.\ndocs\/b\.md: there is no role "staf"\. Did you mean "staff"\?\ndocs\/c\.md: the front matter cannot be read\. .+\ndocs\/d\.md: the front matter cannot be read\. It is no list of keys\.\ndocs\/e\.md: "title" is no text\.\ndocs\/e\.md: "order" is no number\.$/,
      );
      return true;
    },
  );
});
