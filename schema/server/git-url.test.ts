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
