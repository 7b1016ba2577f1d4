import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createAuthenticator } from '../auth/authenticate.ts';
import { openDevIssuer } from '../auth/dev-issuer.ts';
import { folder, novastack } from './story.fixture.ts';

const files = {
  'novastack.yaml': `novastack: 1
project: shop
databases: { main: { engine: embedded } }
auth: { anonymous: visitor }
roles: { visitor: {}, customer: {} }
`,
};

test('prints a token that dev takes, and nothing else', async (t) => {
  const dir = await folder(t, files);
  const args = [
    'token',
    dir,
    '--role',
    'customer',
    '--claims',
    '{"sub": "7", "shops": [1, 2]}',
    '--ttl',
    '5m',
  ];
  const { code, stdout, stderr } = await novastack(args);
  assert.deepEqual([code, stderr], [0, '']);
  assert.match(stdout, /^[\w-]+\.[\w-]+\.[\w-]+\n$/);

  const issuer = await openDevIssuer(dir, 'shop');
  const authenticator = createAuthenticator({
    project: 'shop',
    auth: { anonymous: undefined, jwt: [issuer.config] },
    roles: new Set(['visitor', 'customer']),
  });
  const principal = await authenticator.authenticate({ authorization: `Bearer ${stdout.trim()}` });
  assert.equal(principal.role, 'customer');
  assert.equal(principal.subject, '7');
  assert.deepEqual(principal.claims.shops, [1, 2]);
  const left = principal.expiresAt! - Date.now();
  assert.ok(left > 290_000 - 30_000 && left <= 300_000 + 30_000, String(left));
});

const refusals: readonly (readonly [readonly string[], string])[] = [
  [[], 'error: A token is for a role: write --role <name>.\nhint: the roles are visitor, customer\n'],
  [['--role', 'custmer'], 'error: There is no role "custmer".\nhint: did you mean "customer"?\n'],
  [['--role', 'admin'], 'error: There is no role "admin".\nhint: the roles are visitor, customer\n'],
  [
    ['--role', 'customer', '--claims', '[1]'],
    'error: --claims is JSON, but not an object.\nhint: write an object, in quotes for the shell: --claims \'{"sub": "7"}\'\n',
  ],
  [
    ['--role', 'customer', '--claims', '{"role": "admin"}'],
    'error: The claim "role" cannot be given with --claims.\nhint: use --role\n',
  ],
  [
    ['--role', 'customer', '--ttl', '8 hours'],
    'error: Option --ttl does not understand "8 hours".\nhint: write a number and a unit: 30s, 15m, 8h, 7d\n',
  ],
];

for (const [args, stderr] of refusals) {
  test(`refuses "token ${args.join(' ')}" with exit code 2`, async (t) => {
    const dir = await folder(t, files);
    assert.deepEqual(await novastack(['token', ...args], { cwd: dir }), { code: 2, stdout: '', stderr });
  });
}

test('tells what is wrong with the project on stderr, so that stdout stays a token or empty', async (t) => {
  const dir = await folder(t, { 'novastack.yaml': 'novastack: 1\nproject: Shop\n' });
  const { code, stdout, stderr } = await novastack(['token', dir, '--role', 'a']);
  assert.deepEqual([code, stdout], [1, '']);
  assert.match(stderr, /^error \S+ {2}novastack\.yaml:2:10\n/);
  assert.match(stderr, /\nThe project has errors, so its roles are not known\.\n$/);
});
