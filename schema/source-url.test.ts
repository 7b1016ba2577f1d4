import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { readSourceRef, readSourceUrl } from './source-url.ts';

describe('the address of a source', () => {
  const allowed: readonly [string, string, string][] = [
    ['https://github.com/acme/apis.git', 'https', 'github.com'],
    ['https://git.example.com:8443/a/b%20c', 'https', 'git.example.com:8443'],
    ['http://127.0.0.1:8080/apis.git', 'http', '127.0.0.1:8080'],
    ['http://localhost/apis.git', 'http', 'localhost'],
    ['http://[::1]:80/apis.git', 'http', '[::1]:80'],
    ['ssh://git@example.com:2222/acme/apis.git', 'ssh', 'example.com:2222'],
    ['ssh://example.com/~ops/apis.git', 'ssh', 'example.com'],
    ['git@github.com:acme/apis.git', 'ssh', 'github.com'],
    ['file:///srv/git/apis.git', 'file', ''],
  ];
  for (const [text, transport, host] of allowed)
    it(`may be ${text}`, () => assert.deepEqual(readSourceUrl(text), { text, transport, host }));

  const refused: readonly [string, string][] = [
    ['ext::sh -c touch% /tmp/x', 'The url has spaces, control characters or characters outside ASCII.'],
    ['ext::sh', 'The url names the helper "ext" of Git, which could run a program.'],
    ['fd::17', 'The url names the helper "fd" of Git, which could run a program.'],
    ['::https://x/y', 'The url names the helper "" of Git, which could run a program.'],
    ['git://example.com/x', 'The url has the scheme "git", which is not allowed.'],
    ['HTTPS://example.com/x', 'The url has the scheme "HTTPS", which is not allowed.'],
    ['ftp://example.com/x', 'The url has the scheme "ftp", which is not allowed.'],
    ['--upload-pack=touch', 'The url has none of the forms that are allowed.'],
    ['-u', 'The url has none of the forms that are allowed.'],
    ['/srv/git/apis.git', 'The url has none of the forms that are allowed.'],
    ['../apis.git', 'The url has none of the forms that are allowed.'],
    ['git@host:-oProxyCommand=x', 'The url has none of the forms that are allowed.'],
    ['git@-oProxyCommand=x:y', 'The url has none of the forms that are allowed.'],
    ['ssh://-oProxyCommand=x/y', 'The url is not a plain address of a repository.'],
    ['ssh://git:hunter2@host/y', 'The url carries a password.'],
    ['https://token@github.com/x/y', 'The url carries a user name or a password.'],
    ['https://a:b@github.com/x/y', 'The url carries a user name or a password.'],
    ['https://github.com/x?y', 'The url is not a plain address of a repository.'],
    ['https://github.com\\@evil.example/x', 'The url carries a user name or a password.'],
    ['https://github.com', 'The url is not a plain address of a repository.'],
    ['http://example.com/x', 'The url is not encrypted.'],
    ['http://127.0.0.1.example.com/x', 'The url is not encrypted.'],
    ['http://2130706433/x', 'The url is not encrypted.'],
    ['file://host/x', 'The url of a file is not that of an absolute path of this machine.'],
    ['https://example.com/a\nb', 'The url has spaces, control characters or characters outside ASCII.'],
    ['', 'The url has none of the forms that are allowed.'],
  ];
  for (const [text, message] of refused)
    it(`may not be ${JSON.stringify(text)}`, () => {
      const read = readSourceUrl(text);
      assert.equal('message' in read && read.message, message);
      assert.doesNotMatch(JSON.stringify(read), /hunter2|token@/);
    });
});

describe('the ref of a source', () => {
  for (const [text, ref] of [
    ['main', 'refs/heads/main'],
    ['feature/x', 'refs/heads/feature/x'],
    ['refs/heads/main', 'refs/heads/main'],
    ['refs/tags/v1.2', 'refs/tags/v1.2'],
    ['größe', 'refs/heads/größe'],
  ] as const)
    it(`may be ${text}`, () => assert.deepEqual(readSourceRef(text), { ref }));

  for (const text of [
    '', 'HEAD', '-x', '--upload-pack=x', 'a..b', 'a b', 'a\u0000b', 'a:b', 'a^', 'a~1', '*', 'a?', '[a', 'a\\b', '@', 'a@{1}',
    'a/', '/a', 'a//b', '.a', 'a/.b', 'a.', 'a.lock', 'a.lock/b', 'refs/pull/1/head', 'refs/heads/', 'refs/x', 'refs/heads/-x',
    'main:refs/heads/x',
  ]) // biome-ignore format: a list
    it(`may not be ${JSON.stringify(text)}`, () => assert.equal('message' in readSourceRef(text), true));
});
