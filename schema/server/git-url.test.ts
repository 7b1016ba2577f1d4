import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseGitUrl } from './git-url.ts';

test('says how a repository is reached, on which host, and what it is called there', () => {
  const rows = [
    ['https://github.com/acme/apis.git', 'http', 'github.com', 'acme/apis'],
    ['https://GitHub.com:8443/acme/apis/', 'http', 'github.com', 'acme/apis'],
    ['http://127.0.0.1:3000/acme/apis', 'http', '127.0.0.1', 'acme/apis'],
    ['http://[::1]:3000/acme/apis', 'http', '[::1]', 'acme/apis'],
    ['ssh://git@git.example.com:2222/acme/apis.git', 'ssh', 'git.example.com', 'acme/apis'],
    ['git@github.com:acme/apis.git', 'ssh', 'github.com', 'acme/apis'],
    ['file:///srv/git/apis.git', 'file', '', 'srv/git/apis'],
  ] as const;
  for (const [url, transport, host, repository] of rows)
    assert.deepEqual(parseGitUrl(url), { transport, host, repository }, url);
});

test('refuses a helper program by its name, whatever it is given', () => {
  const hint = 'write https://host/path, ssh://git@host/path, git@host:path or file:///path';
  const rows = [
    ['ext::touch', 'ext::'],
    ['ext::/x', 'ext::'],
    ['ext:://x', 'ext::'],
    ['EXT::/bin/touch', 'EXT::'],
    ['fd::17/x', 'fd::'],
    ['transport-ext::https://github.com/acme/apis.git', 'transport-ext::'],
  ] as const;
  for (const [url, helper] of rows) {
    const message = `The url names a helper program, "${helper}", which the engine does not run.`;
    assert.deepEqual(parseGitUrl(url), { code: 'WRONG_VALUE', message, hint }, url);
  }
});
