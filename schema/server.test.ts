/** What `server.yaml` means when it is right. Files that must be refused are in `wrong-server-files.test.ts`. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { parseServerConfig, ServerFile } from './server.ts';
import type { ServerConfig } from './server-config.ts';

const options = { file: 'server.yaml', directory: '/etc/novastack' };

function configOf(text: string, ...warned: readonly string[]): ServerConfig {
  const { value, diagnostics } = parseServerConfig(text, options);
  assert.deepEqual(
    diagnostics.map(({ code, message }) => [code, /\w+/.exec(message)![0]]),
    warned.map((key) => ['NOT_ENFORCED', key]),
  );
  return value!;
}

const minimal = `# yaml-language-server: $schema=./novastack.server.schema.json
secret: \${env:NOVASTACK_SECRET}
sources:
  main: { url: https://github.com/acme/apis.git }
`;

test('three lines are enough, and every default is as documented', () => {
  assert.deepEqual(configOf(minimal), {
    listen: { host: '127.0.0.1', port: 4000 },
    admin: undefined,
    url: undefined,
    secret: '${env:NOVASTACK_SECRET}',
    previous: [],
    state: '/etc/novastack/state',
    control: undefined,
    redis: undefined,
    workers: 1,
    proxies: [],
    operators: [],
    sources: new Map([
      [
        'main',
        {
          name: 'main',
          url: 'https://github.com/acme/apis.git',
          ref: 'main',
          path: '',
          intervalMs: 60_000,
          timeoutMs: 60_000,
          credentials: undefined,
          verify: undefined,
          projects: undefined,
          secrets: [],
          trust: [],
          webhook: undefined,
          github: undefined,
        },
      ],
    ]),
    telemetry: { log: 'json', level: 'info' },
    limits: { projects: 1_000, pool: 50, sockets: 10_000, files: 20_000, bytes: 67_108_864 },
    drainMs: 30_000,
    docs: false,
  });
});

test('every key is read', () => {
  const config = configOf(
    `
novastack: 1
listen: "[::]:8080"
admin: 127.0.0.1:9090
url: https://api.example.com/
secret: { current: "\${file:/run/secrets/engine}", previous: ["\${env:OLD}", "\${env:OLDER}"] }
state: ../data
control: { url: "postgres://novastack:\${env:CONTROL_PASSWORD}@db/control" }
redis: { url: "\${env:REDIS_URL}" }
workers: 4
proxies: [10.0.0.0/8, "::1"]
operators:
  ops: { token: "\${env:OPS_TOKEN}" }
  reader: { token: "\${env:READER_TOKEN}", projects: [bookshop-staging], may: [read] }
sources:
  main:
    url: git@github.com:acme/apis.git
    ref: refs/heads/release/1.x
    path: ./teams/books/
    interval: 5m
    timeout: 10s
    credentials: { key: "\${file:/run/secrets/key}", known_hosts: "\${file:/etc/novastack/known_hosts}" }
    verify:
      ssh: ["ada@example.com ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGJvb2tz"]
      gpg: ["\${file:/etc/novastack/release.asc}"]
    secrets: [BOOKSHOP_*]
    projects:
      bookshop: { as: bookshop-staging, hosts: [Books.Example.com], migrate: false }
      rental: { secrets: [RENTAL_URL, /run/secrets/rental/*] }
    trust:
      - claims: { repository_id: 123456789, ref: [refs/heads/main, refs/heads/next], environment: production }
        may: [sync, rollback]
    webhook: { secret: "\${env:WEBHOOK_SECRET}" }
    github: { token: "\${env:GH_TOKEN}", environment: production, drift_pull_request: true }
  other:
    url: https://git.example.com/apis.git
    ref: refs/tags/v1
    credentials: { username: deploy, password: "\${env:GIT_TOKEN}" }
    trust:
      - issuer: https://gitlab.example.com
        audience: novastack
        claims: { project_id: "42" }
telemetry: { log: text, level: debug }
limits: { projects: 5, pool: 10, sockets: 0, files: 100, bytes: 1MB }
drain: 5s
docs: true
`,
    'redis',
    'docs',
  );
  const { sources, ...rest } = config;
  assert.deepEqual(rest, {
    listen: { host: '::', port: 8080 },
    admin: { host: '127.0.0.1', port: 9090 },
    url: 'https://api.example.com',
    secret: '${file:/run/secrets/engine}',
    previous: ['${env:OLD}', '${env:OLDER}'],
    state: '/etc/data',
    control: { url: 'postgres://novastack:${env:CONTROL_PASSWORD}@db/control' },
    redis: { url: '${env:REDIS_URL}' },
    workers: 4,
    proxies: ['10.0.0.0/8', '::1'],
    operators: [
      {
        name: 'ops',
        token: '${env:OPS_TOKEN}',
        projects: undefined,
        may: ['read', 'sync', 'rollback', 'suspend'],
      },
      { name: 'reader', token: '${env:READER_TOKEN}', projects: ['bookshop-staging'], may: ['read'] },
    ],
    telemetry: { log: 'text', level: 'debug' },
    limits: { projects: 5, pool: 10, sockets: 0, files: 100, bytes: 1_048_576 },
    drainMs: 5_000,
    docs: true,
  });
  assert.deepEqual([...sources.keys()], ['main', 'other']);
  assert.deepEqual(sources.get('main'), {
    name: 'main',
    url: 'git@github.com:acme/apis.git',
    ref: 'release/1.x',
    path: 'teams/books',
    intervalMs: 300_000,
    timeoutMs: 10_000,
    credentials: {
      kind: 'ssh',
      key: '${file:/run/secrets/key}',
      knownHosts: '${file:/etc/novastack/known_hosts}',
    },
    verify: {
      ssh: ['ada@example.com ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGJvb2tz'],
      gpg: ['${file:/etc/novastack/release.asc}'],
    },
    projects: new Map([
      [
        'bookshop',
        { as: 'bookshop-staging', hosts: ['books.example.com'], secrets: ['BOOKSHOP_*'], migrate: false },
      ],
      [
        'rental',
        { as: 'rental', hosts: [], secrets: ['RENTAL_URL', '/run/secrets/rental/*'], migrate: true },
      ],
    ]),
    secrets: ['BOOKSHOP_*'],
    trust: [
      {
        issuer: 'https://token.actions.githubusercontent.com',
        jwks: 'https://token.actions.githubusercontent.com/.well-known/jwks',
        audience: 'https://api.example.com',
        claims: new Map([
          ['repository_id', ['123456789']],
          ['ref', ['refs/heads/main', 'refs/heads/next']],
          ['environment', ['production']],
        ]),
        may: ['sync', 'rollback'],
      },
    ],
    webhook: { secret: '${env:WEBHOOK_SECRET}' },
    github: {
      repository: 'acme/apis',
      token: '${env:GH_TOKEN}',
      api: 'https://api.github.com',
      environment: 'production',
      driftPullRequest: true,
    },
  });
  const { credentials, ref, trust } = sources.get('other')!;
  assert.deepEqual(credentials, { kind: 'https', username: 'deploy', password: '${env:GIT_TOKEN}' });
  assert.equal(ref, 'refs/tags/v1');
  assert.deepEqual(trust, [
    {
      issuer: 'https://gitlab.example.com',
      jwks: 'https://gitlab.example.com/.well-known/jwks',
      audience: 'novastack',
      claims: new Map([['project_id', ['42']]]),
      may: ['read', 'sync'],
    },
  ]);
});

test('what is unwise is a warning, and the file is used', () => {
  const { value, diagnostics } = parseServerConfig(
    `
admin: 0.0.0.0:4001
url: https://api.example.com
secret: \${file:/run/secrets/engine}
sources:
  main:
    url: https://github.com/acme/apis.git
    secrets: ["*"]
    projects: {}
    trust: [{ claims: { repository: acme/apis } }]
`,
    options,
  );
  assert.ok(value);
  assert.deepEqual(
    diagnostics.map(({ code, severity, source }) => [code, severity, source?.span.start.line]),
    [
      ['ADMIN_REACHABLE', 'warning', 2],
      ['EVERY_SECRET', 'warning', 8],
      ['NOTHING_SERVED', 'warning', 9],
      ['TRUST_OF_EVERY_BRANCH', 'warning', 10],
      ['TRUST_BY_NAME', 'warning', 10],
    ],
  );
});

test('docs/server.md names every key, and its files are right', async () => {
  const page = await readFile(new URL('../docs/server.md', import.meta.url), 'utf8');
  const files = [...page.matchAll(/```yaml\n(.*?)```/gs)].map(([, text]) => text!);
  const servers = files.filter((text) => /^sources:/m.test(text));
  assert.ok(servers.length > 5);
  for (const text of servers) {
    const { diagnostics } = parseServerConfig(text, options);
    assert.deepEqual(diagnostics, [], text);
  }
  const tables = page.match(/^\|.*$/gm)!.join('\n');
  const keys = (shape: unknown): readonly string[] => {
    if (typeof shape !== 'object' || shape === null) return [];
    const { properties = {}, additionalProperties, items, anyOf = [] } = shape as Shape;
    const inner = [...Object.values(properties), additionalProperties, items, ...anyOf];
    return [...Object.keys(properties), ...inner.flatMap(keys)];
  };
  const missing = new Set(keys(ServerFile).filter((key) => !new RegExp(`\\b${key}\\b`).test(tables)));
  assert.deepEqual([...missing], []);
});

interface Shape {
  readonly properties?: object;
  readonly additionalProperties?: unknown;
  readonly items?: unknown;
  readonly anyOf?: readonly unknown[];
}
