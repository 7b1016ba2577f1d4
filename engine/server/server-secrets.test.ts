import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { parseServerConfig } from '../../schema/server.ts';
import { resolveServerSecrets } from './server-secrets.ts';

const long = 'hunter2-'.repeat(6);
const key = '-----BEGIN OPENSSH PRIVATE KEY-----\nhunter2\n-----END OPENSSH PRIVATE KEY-----';

function resolve(text: string, env: Readonly<Record<string, string>>) {
  const parsed = parseServerConfig(text, { file: 'server.yaml', directory: '/etc/novastack' });
  assert.ok(parsed.value, JSON.stringify(parsed.diagnostics));
  const resolved = resolveServerSecrets(parsed.value, parsed.locate, { env });
  assert.doesNotMatch(JSON.stringify(resolved.diagnostics), /hunter2/);
  return resolved;
}

const told = ({ diagnostics }: ReturnType<typeof resolve>) =>
  diagnostics.map(({ code, message, source }) => [source?.span.start.line, code, message]);

const whole = (files: string) => `secret:
  current: \${file:${files}/engine}
  previous: ["\${env:BEFORE}"]
control: { url: "postgres://novastack:\${env:CONTROL_PASSWORD}@db/control" }
redis: { url: "\${env:REDIS_URL}" }
operators:
  ops: { token: "\${env:OPS}" }
  reader: { token: "\${env:READER}" }
sources:
  main:
    url: git@github.com:acme/apis.git
    credentials: { key: "\${file:${files}/key}", known_hosts: "\${env:HOSTS}" }
    verify: { gpg: ["\${env:GPG}"] }
    webhook: { secret: "\${env:HOOK}" }
    github: { token: "\${env:GH}" }
  other:
    url: https://git.example.com/apis.git
    credentials: { password: "\${env:PASSWORD}" }
`;

const values = {
  BEFORE: `before-${long}`,
  CONTROL_PASSWORD: 'hunter2',
  REDIS_URL: 'redis://:hunter2@cache:6379',
  OPS: `ops-${long}`,
  READER: `reader-${long}`,
  HOSTS: 'github.com ssh-ed25519 AAAA',
  GPG: '-----BEGIN PGP PUBLIC KEY BLOCK-----\n…',
  HOOK: 'hunter2-hunter2-hunter2',
  GH: 'hunter2',
  PASSWORD: 'hunter2',
};

async function withFiles(use: (folder: string) => void): Promise<void> {
  const folder = await mkdtemp(path.join(tmpdir(), 'novastack-server-'));
  try {
    await writeFile(path.join(folder, 'engine'), `${long}\n`);
    await writeFile(path.join(folder, 'key'), `${key}\n`);
    use(folder);
  } finally {
    await rm(folder, { recursive: true });
  }
}

test('every reference becomes what it stands for', () =>
  withFiles((folder) => {
    const { value, diagnostics } = resolve(whole(folder), values);
    assert.deepEqual(diagnostics, []);
    assert.doesNotMatch(JSON.stringify([value, [...value!.sources]]), /\$\{/);
    assert.equal(value!.secret, long);
    assert.deepEqual(value!.previous, [values.BEFORE]);
    assert.equal(value!.control?.url, 'postgres://novastack:hunter2@db/control');
    assert.equal(value!.redis?.url, values.REDIS_URL);
    assert.deepEqual(
      value!.operators.map(({ token }) => token),
      [values.OPS, values.READER],
    );
    const main = value!.sources.get('main')!;
    assert.deepEqual(main.credentials, { kind: 'ssh', key: `${key}\n`, knownHosts: `${values.HOSTS}\n` });
    assert.deepEqual(
      [main.verify?.gpg, main.webhook?.secret, main.github?.token],
      [[values.GPG], values.HOOK, values.GH],
    );
    const other = value!.sources.get('other')!.credentials;
    assert.deepEqual(other, { kind: 'https', username: 'git', password: 'hunter2' });
  }));

test('what is missing is told by name and place, all of it', () =>
  withFiles((folder) => {
    const { PASSWORD: _, OPS: __, ...rest } = values;
    const found = resolve(whole(folder).replace('/engine', '/nowhere'), { ...rest, OPS: '' });
    assert.equal(found.value, undefined);
    assert.deepEqual(told(found), [
      [
        2,
        'REFERENCE_MISSING',
        `The file "${folder}/nowhere" cannot be read, is empty or is larger than 64 KB.`,
      ],
      [7, 'REFERENCE_MISSING', 'The environment variable "OPS" is empty.'],
      [18, 'REFERENCE_MISSING', 'The environment variable "PASSWORD" is not set.'],
    ]);
  }));

test('what is no secret to rely on is refused, and never shown', () =>
  withFiles((folder) => {
    const found = resolve(whole(folder), {
      BEFORE: 'hunter2',
      CONTROL_PASSWORD: 'hunter2',
      REDIS_URL: 'https://hunter2',
      OPS: 'hunter2',
      READER: `${long}\n`,
      HOSTS: 'hunter2',
      GPG: 'hunter2',
      HOOK: 'hunter2',
      GH: 'hunter2\n',
      PASSWORD: 'hunter2\r\nhunter2',
    });
    assert.equal(found.value, undefined);
    assert.deepEqual(told(found), [
      [3, 'SHORT_SECRET', 'The secret has 7 bytes; it needs at least 32.'],
      [5, 'WRONG_VALUE', 'The value is no url that begins with redis://.'],
      [7, 'SHORT_SECRET', 'The token has 7 characters; it needs at least 32.'],
      [8, 'WRONG_VALUE', 'The token has characters that no header can carry.'],
      [12, 'WRONG_VALUE', 'The value has no line of a known_hosts file.'],
      [13, 'WRONG_VALUE', 'The value is no armored OpenPGP public key.'],
      [14, 'SHORT_SECRET', 'The secret has 7 characters; it needs at least 16.'],
      [15, 'WRONG_VALUE', 'The value holds a line end or a control character.'],
      [18, 'WRONG_VALUE', 'The value holds a line end or a control character.'],
    ]);
  }));

test('two operators never share a token', () =>
  withFiles((folder) => {
    const found = resolve(whole(folder), { ...values, READER: values.OPS });
    assert.deepEqual(told(found), [
      [8, 'DECLARED_TWICE', 'The operators "ops" and "reader" have the same token.'],
    ]);
  }));
