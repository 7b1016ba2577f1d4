import assert from 'node:assert/strict';
import { test } from 'node:test';
import { commitUrl, lineUrl } from './forge.ts';

const commit = '9f2c4b7e1d3a5968c0b1e2f3a4d5c6b7a8091a2b';

test('commits and lines have the addresses of their forge', () => {
  const rows: readonly [repository: string, commitPath: string, linePath: string][] = [
    ['https://github.com/acme/apis.git', `https://github.com/acme/apis/commit/${commit}`, `https://github.com/acme/apis/blob/${commit}/shop/a%20b.yaml#L7`],
    ['git@github.com:acme/apis.git', `https://github.com/acme/apis/commit/${commit}`, `https://github.com/acme/apis/blob/${commit}/shop/a%20b.yaml#L7`],
    ['ssh://git@github.example.com:2222/acme/apis', `https://github.example.com/acme/apis/commit/${commit}`, `https://github.example.com/acme/apis/blob/${commit}/shop/a%20b.yaml#L7`],
    ['https://gitlab.com/group/sub/apis.git', `https://gitlab.com/group/sub/apis/-/commit/${commit}`, `https://gitlab.com/group/sub/apis/-/blob/${commit}/shop/a%20b.yaml#L7`],
    ['https://gitlab.example.com:8443/g/apis', `https://gitlab.example.com:8443/g/apis/-/commit/${commit}`, `https://gitlab.example.com:8443/g/apis/-/blob/${commit}/shop/a%20b.yaml#L7`],
    ['https://codeberg.org/acme/apis', `https://codeberg.org/acme/apis/commit/${commit}`, `https://codeberg.org/acme/apis/src/commit/${commit}/shop/a%20b.yaml#L7`],
    ['https://gitea.example.com/acme/apis', `https://gitea.example.com/acme/apis/commit/${commit}`, `https://gitea.example.com/acme/apis/src/commit/${commit}/shop/a%20b.yaml#L7`],
    ['git@bitbucket.org:acme/apis.git', `https://bitbucket.org/acme/apis/commits/${commit}`, `https://bitbucket.org/acme/apis/src/${commit}/shop/a%20b.yaml#lines-7`],
    ['https://user:password@github.com/acme/apis', `https://github.com/acme/apis/commit/${commit}`, `https://github.com/acme/apis/blob/${commit}/shop/a%20b.yaml#L7`],
  ]; // biome-ignore format: a table
  for (const [repository, commitPath, linePath] of rows) {
    assert.equal(commitUrl(repository, commit), commitPath);
    assert.equal(lineUrl(repository, commit, 'shop/a b.yaml', 7), linePath);
  }
});

test('where nobody knows how a commit is shown there is no link', () => {
  const repositories = [
    'file:///srv/git/github.com/apis.git', 'http://github.com/acme/apis', 'https://git.example.com/acme/apis', 'https://notgithub.com/a/b', 'https://github.evil/', '/srv/apis', '',
    'javascript:alert(1)//github.com/x', 'git@host:github.com/x',
  ]; // biome-ignore format: a list
  const links = repositories.map((repository) => commitUrl(repository, commit));
  assert.deepEqual(
    links.filter((link) => link !== undefined),
    [`https://github.evil/commit/${commit}`],
  );
  assert.equal(commitUrl('https://github.com/acme/apis', '../../evil'), undefined);
  assert.equal(lineUrl('https://github.com/acme/apis', 'main', 'a.yaml', 1), undefined);
});
