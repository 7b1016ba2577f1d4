import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { buildProject } from '../../schema/build.ts';
import { hasErrors } from '../../schema/diagnostic.ts';
import type { Project } from '../../schema/project.ts';
import { resolveSecrets } from './secrets.ts';

const long = 'x'.repeat(32);

function projectOf(text: string): Project {
  const files = [{ path: 'novastack.yaml', text: `novastack: 1\nproject: shop\n${text}` }];
  const { value, diagnostics } = buildProject({ root: '/nowhere', files, diagnostics: [] });
  assert.ok(value !== undefined && !hasErrors(diagnostics), JSON.stringify(diagnostics));
  return value;
}

const yaml = `databases:
  main: { engine: postgres, url: "postgres://app:\${env:PASSWORD}@\${env:HOST}/shop" }
  local: { engine: embedded }
roles: { visitor: {} }
auth:
  anonymous: visitor
  jwt:
    - { issuer: "https://\${env:LOGIN}/", audience: shop, secret: "\${env:SECRET}" }
`;

test('a url of another engine is told, without the url', async () => {
  const text = `databases:
  main: { engine: mysql, url: "\${env:MAIN_URL}" }
  other: { engine: postgres, url: "\${env:OTHER_URL}" }
roles: { visitor: {} }
`;
  const env = { MAIN_URL: 'postgres://me:hunter2@db/shop', OTHER_URL: 'postgresql://me:hunter2@db/shop' };
  const { urls, diagnostics } = resolveSecrets(projectOf(text), { env, leaveOutIssuers: true });
  assert.deepEqual([...urls.keys()], ['other']);
  assert.deepEqual(
    diagnostics.map(({ code, severity, message, hint, source }) => [
      code,
      severity,
      message,
      hint,
      source?.span.start.line,
    ]),
    [
      [
        'WRONG_VALUE',
        'error',
        'The url of database "main" is not one of the engine "mysql".',
        'it has to begin with mysql://; or choose another engine',
        4,
      ],
    ],
  );
});

test('references are resolved, embedded databases have no address', async () => {
  const env = { PASSWORD: 'p', HOST: 'db', LOGIN: 'login.example', SECRET: long };
  const { urls, auth, diagnostics } = resolveSecrets(projectOf(yaml), { env, leaveOutIssuers: false });
  assert.deepEqual(diagnostics, []);
  assert.deepEqual([...urls], [['main', 'postgres://app:p@db/shop']]);
  assert.deepEqual(
    auth.jwt.map(({ issuer, audience, secret }) => ({ issuer, audience, secret })),
    [{ issuer: 'https://login.example/', audience: 'shop', secret: long }],
  );
});

test('a missing variable is an error by name and place; in dev its issuer is left out with a warning', async () => {
  const project = projectOf(yaml);
  const env = { HOST: 'db', LOGIN: '', SECRET: long };
  const strict = resolveSecrets(project, { env, leaveOutIssuers: false });
  assert.deepEqual(
    strict.diagnostics.map(({ code, severity, message, source }) => [
      code,
      severity,
      message,
      source?.span.start.line,
    ]),
    [
      ['REFERENCE_MISSING', 'error', 'The environment variable "PASSWORD" is not set.', 4],
      ['REFERENCE_MISSING', 'error', 'The environment variable "LOGIN" is empty.', 10],
    ],
  );
  assert.deepEqual([strict.urls.size, strict.auth.jwt.length], [0, 0]);
  const dev = resolveSecrets(project, { env: { ...env, PASSWORD: 'p' }, leaveOutIssuers: true });
  assert.deepEqual(
    dev.diagnostics.map(({ severity, message }) => [severity, message]),
    [['warning', 'The environment variable "LOGIN" is empty, so this issuer is left out.']],
  );
  assert.deepEqual([...dev.urls.keys()], ['main']);
});

test('a short secret, an address that is none and two entries of one issuer are errors', async () => {
  const project = projectOf(`auth:
  jwt:
    - { issuer: a, audience: shop, secret: "\${env:SHORT}" }
    - { issuer: b, audience: shop, jwks: "\${env:KEYS}" }
    - { issuer: "\${env:SAME}", audience: shop, secret: "\${env:LONG}" }
    - { issuer: c, audience: shop, secret: "\${env:LONG}" }
`);
  const env = { SHORT: 'short', KEYS: 'ftp://x', SAME: 'c', LONG: long };
  const { diagnostics } = resolveSecrets(project, { env, leaveOutIssuers: true });
  assert.deepEqual(
    diagnostics.map(({ code, severity }) => [code, severity]),
    [
      ['AUTH_SECRET_SHORT', 'error'],
      ['AUTH_JWKS_URL', 'error'],
      ['AUTH_ISSUER_TWICE', 'error'],
    ],
  );
  assert.ok(!JSON.stringify(diagnostics).includes('short"'));
});

test('a secret that is in a file can be read anew, and nothing else can', async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'ns-secret-'));
  try {
    const file = path.join(folder, 'secret');
    await writeFile(file, long);
    const project = projectOf(`auth:
  jwt:
    - { issuer: whole, audience: shop, secret: "\${file:${file}}" }
    - { issuer: part, audience: shop, secret: "a-\${env:SALT}-\${file:${file}}" }
    - { issuer: variable, audience: shop, secret: "\${env:SECRET}" }
    - { issuer: "\${file:${file}}", audience: shop, jwks: "\${env:KEYS}" }
`);
    const env = { SALT: 'salt', SECRET: long, KEYS: 'https://keys.example/' };
    const { followed, diagnostics } = resolveSecrets(project, { env, leaveOutIssuers: false });
    assert.deepEqual(diagnostics, []);
    const now = () => [...followed].map(([issuer, read]) => [issuer, read()]);
    assert.deepEqual(now(), [
      ['whole', long],
      ['part', `a-salt-${long}`],
    ]);
    await writeFile(file, 'short\n');
    assert.deepEqual(now(), [
      ['whole', 'short'],
      ['part', 'a-salt-short'],
    ]);
    await rm(file);
    assert.deepEqual(now(), [
      ['whole', undefined],
      ['part', undefined],
    ]);
  } finally {
    await rm(folder, { recursive: true });
  }
});

test('a file is read without its last line end; what the server does not allow is refused', async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'ns-secret-'));
  try {
    const file = path.join(folder, 'secret');
    await writeFile(file, `${long}\n`);
    const project = projectOf(
      `auth: { jwt: [ { issuer: a, audience: shop, secret: "\${file:${file}}" } ] }\n`,
    );
    const read = resolveSecrets(project, { env: {}, leaveOutIssuers: false });
    assert.equal(read.auth.jwt[0]?.secret, long);
    const refused = resolveSecrets(project, {
      env: {},
      leaveOutIssuers: false,
      allow: ({ kind }) => kind === 'env',
    });
    assert.deepEqual(
      refused.diagnostics.map(({ code }) => code),
      ['REFERENCE_REFUSED'],
    );
  } finally {
    await rm(folder, { recursive: true });
  }
});
