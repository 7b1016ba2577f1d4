import assert from 'node:assert/strict';
import { createHmac, generateKeyPairSync } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { exportJWK, SignJWT } from 'jose';
import type { JwtConfig } from '../../schema/project.ts';
import { Problem } from '../problem/problem.ts';
import { createAuthenticator, maxTokenLength } from './authenticate.ts';
import { devIssuer, openDevIssuer } from './dev-issuer.ts';

const secret = 'a secret of at least thirty-two bytes';
const shop: JwtConfig = {
  issuer: 'https://login.example.eu/',
  audience: 'bookshop',
  jwks: undefined,
  secret,
  role: ['role'],
  roles: ['roles'],
  defaultRole: undefined,
};
const roles = new Set(['visitor', 'customer', 'staff']);
const now = Date.UTC(2026, 0, 1);
const inAnHour = now / 1000 + 3600;

function authenticatorOf(
  config: Partial<JwtConfig> = {},
  anonymous: string | undefined = 'visitor',
  clock: () => number = () => now,
) {
  const auth = { anonymous, jwt: [{ ...shop, ...config }] };
  return createAuthenticator({ project: 'bookshop', auth, roles, clock });
}

/** Signs whatever it is given, as a hostile or careless issuer would. */
function sign(payload: string | object, header: object = { alg: 'HS256' }, key: string = secret): string {
  const head = Buffer.from(JSON.stringify(header)).toString('base64url');
  const text = typeof payload === 'string' ? payload : JSON.stringify(payload);
  const body = Buffer.from(text).toString('base64url');
  const signature = createHmac('sha256', key).update(`${head}.${body}`).digest('base64url');
  return `${head}.${body}.${signature}`;
}

const claims = {
  iss: shop.issuer,
  aud: 'bookshop',
  exp: inAnHour,
  sub: '7',
  role: 'customer',
  roles: ['customer', 'staff', 'ghost'],
};
const bearer = (token: string) => ({ authorization: `Bearer ${token}` });

async function problemOf(work: Promise<unknown>): Promise<Problem> {
  try {
    await work;
  } catch (error) {
    assert.ok(error instanceof Problem, String(error));
    return error;
  }
  throw new assert.AssertionError({ message: 'nothing was refused' });
}

test('a request without a token is the anonymous role, and 401 where there is none', async () => {
  const principal = await authenticatorOf().authenticate({});
  assert.deepEqual(
    { ...principal, claims: { ...principal.claims } },
    {
      kind: 'anonymous',
      role: 'visitor',
      roles: ['visitor'],
      subject: null,
      issuer: null,
      claims: {},
      expiresAt: null,
    },
  );
  const closed = createAuthenticator({ project: 'bookshop', auth: { anonymous: undefined, jwt: [] }, roles });
  const problem = await problemOf(closed.authenticate({}));
  assert.equal(problem.code, 'PGRST302');
  assert.equal(problem.status, 401);
  assert.deepEqual(problem.headers, { 'WWW-Authenticate': 'Bearer realm="bookshop"' });
});

test('a valid token gives its role, roles, subject and claims', async () => {
  const principal = await authenticatorOf().authenticate(bearer(sign(claims)));
  assert.equal(principal.kind, 'token');
  assert.equal(principal.role, 'customer');
  assert.deepEqual(principal.roles, ['customer', 'staff']);
  assert.equal(principal.subject, '7');
  assert.equal(principal.issuer, shop.issuer);
  assert.equal(principal.expiresAt, inAnHour * 1000);
  assert.equal(Object.getPrototypeOf(principal.claims), null);
  assert.ok(Object.isFrozen(principal.claims));
});

const refused: [title: string, token: string, code: string, message: RegExp][] = [
  ['no token at all', 'nonsense', 'PGRST301', /not a JSON Web Token/],
  ['a payload that is no JSON', sign('{"iss":'), 'PGRST301', /not a JSON Web Token/],
  ['a payload nested beyond sense', sign('['.repeat(2900)), 'PGRST301', /not a JSON Web Token/],
  ['a payload that is a list', sign('[]'), 'PGRST301', /not a JSON Web Token/],
  ['another secret', sign(claims, { alg: 'HS256' }, 'x'.repeat(40)), 'PGRST301', /signature is not valid/],
  ['the algorithm none', `${sign(claims, { alg: 'none' }).split('.').slice(0, 2).join('.')}.`, 'PGRST301', /algorithm/],
  ['another algorithm', sign(claims, { alg: 'HS512' }), 'PGRST301', /algorithm/],
  ['an unknown critical header', sign(claims, { alg: 'HS256', crit: ['x'], x: 1 }), 'PGRST301', /signature is not valid/],
  ['no issuer', sign({ ...claims, iss: undefined }), 'PGRST301', /no "iss" claim/],
  ['a foreign issuer', sign({ ...claims, iss: 'https://login.example.eu' }), 'PGRST301', /not trusted/],
  ['an issuer that is a property of every object', sign({ ...claims, iss: '__proto__' }), 'PGRST301', /not trusted/],
  ['another audience', sign({ ...claims, aud: 'other' }), 'PGRST303', /another audience/],
  ['no audience', sign({ ...claims, aud: undefined }), 'PGRST303', /no "aud" claim/],
  ['no expiry', sign({ ...claims, exp: undefined }), 'PGRST303', /no "exp" claim/],
  ['an expiry that is text', sign({ ...claims, exp: 'never' }), 'PGRST303', /"exp" claim is not valid/],
  ['an expiry in the past', sign({ ...claims, exp: now / 1000 - 31 }), 'PGRST303', /has expired/],
  ['a start in the future', sign({ ...claims, nbf: now / 1000 + 31 }), 'PGRST303', /not valid yet/],
  ['more than 8192 characters', sign({ ...claims, pad: 'x'.repeat(maxTokenLength) }), 'PGRST301', /longer than 8192/],
]; // biome-ignore format: a table

for (const [title, token, code, message] of refused)
  test(`a token with ${title} is 401 with WWW-Authenticate, never anonymous`, async () => {
    const problem = await problemOf(authenticatorOf().authenticate(bearer(token)));
    assert.equal(problem.code, code);
    assert.equal(problem.status, 401);
    assert.match(problem.message, message);
    assert.match(
      problem.headers['WWW-Authenticate']!,
      /^Bearer realm="bookshop", error="invalid_token", error_description="[^"]+"$/,
    );
    assert.ok(!problem.message.includes(token));
  });

test('an Authorization header that is no bearer is 401', async () => {
  for (const authorization of ['', 'Basic dTpw', 'Bearer', 'Bearer a b']) {
    const problem = await problemOf(authenticatorOf().authenticate({ authorization }));
    assert.equal(problem.status, 401, authorization);
  }
});

test('clocks may differ by 30 seconds', async () => {
  const principal = await authenticatorOf().authenticate(
    bearer(sign({ ...claims, exp: now / 1000 - 29, nbf: now / 1000 + 29 })),
  );
  assert.equal(principal.role, 'customer');
});

test('a header chooses among the roles of the token and no others', async () => {
  const authenticator = authenticatorOf();
  const token = bearer(sign(claims));
  assert.equal((await authenticator.authenticate({ ...token, 'x-novastack-role': 'staff' })).role, 'staff');
  assert.equal((await authenticator.authenticate({ ...token, 'x-hasura-role': 'staff' })).role, 'staff');
  assert.equal(
    (await authenticator.authenticate({ ...token, 'x-hasura-role': 'customer' })).role,
    'customer',
  );
  for (const role of ['visitor', 'admin', '', '__proto__', 'staff, customer']) {
    const problem = await problemOf(authenticator.authenticate({ ...token, 'x-novastack-role': role }));
    assert.equal(problem.code, 'NS301', role);
    assert.equal(problem.status, 403);
  }
  const two = { ...token, 'x-novastack-role': 'staff', 'x-hasura-role': 'customer' };
  assert.equal((await problemOf(authenticator.authenticate(two))).code, 'NS400');
  assert.equal((await problemOf(authenticator.authenticate({ 'x-hasura-role': 'staff' }))).code, 'NS301');
  assert.equal((await authenticator.authenticate({ 'x-hasura-role': 'visitor' })).role, 'visitor');
});

test('a role that is listed in the token but not declared is 403, chosen or its own', async () => {
  const authenticator = authenticatorOf();
  const chosen = { ...bearer(sign(claims)), 'x-novastack-role': 'ghost' };
  assert.equal((await problemOf(authenticator.authenticate(chosen))).code, 'NS301');
  const own = bearer(sign({ ...claims, role: 'ghost' }));
  const problem = await problemOf(authenticator.authenticate(own));
  assert.equal(problem.status, 403);
  assert.match(problem.message, /"ghost" is not declared/);
});

test('a token without a role takes default_role, and is 403 without one', async () => {
  const bare = bearer(sign({ ...claims, role: undefined, roles: undefined }));
  assert.equal((await authenticatorOf({ defaultRole: 'customer' }).authenticate(bare)).role, 'customer');
  const problem = await problemOf(authenticatorOf().authenticate(bare));
  assert.equal(problem.code, 'NS301');
  const wrong = bearer(sign({ ...claims, role: 7 }));
  assert.equal(
    (await problemOf(authenticatorOf({ defaultRole: 'customer' }).authenticate(wrong))).code,
    'NS301',
  );
});

test('the role is read at the path that the entry declares', async () => {
  const authenticator = authenticatorOf({ role: ['https://x/claims', 'a.b'] });
  const token = sign({ ...claims, 'https://x/claims': { 'a.b': 'staff' } });
  assert.equal((await authenticator.authenticate(bearer(token))).role, 'staff');
});

test('claims keep every digit and reach no prototype', async () => {
  const text = JSON.stringify({ ...claims, marker: 0 }).replace(
    '"marker":0',
    '"tenant":9007199254740993,"price":0.10,"exact":1234567890.12345678901,"big":1e400,"n":42,"__proto__":{"constructor":[{"id":18446744073709551615}]}',
  );
  const { claims: read } = await authenticatorOf().authenticate(bearer(sign(text)));
  assert.equal(read.tenant, '9007199254740993');
  assert.equal(read.price, 0.1);
  assert.equal(read.exact, '1234567890.12345678901');
  assert.equal(read.big, '1e400');
  assert.equal(read.n, 42);
  assert.ok(Object.hasOwn(read, '__proto__'));
  assert.equal(Object.getPrototypeOf(read), null);
  assert.equal(
    JSON.stringify(Object.getOwnPropertyDescriptor(read, '__proto__')?.value),
    '{"constructor":[{"id":"18446744073709551615"}]}',
  );
});

test('the publishable key alone is anonymous, as apikey, as bearer and as both', async () => {
  const authenticator = authenticatorOf();
  const key = 'nspk_bookshop';
  for (const headers of [{ apikey: key }, bearer(key), { apikey: key, ...bearer(key) }])
    assert.equal((await authenticator.authenticate(headers)).kind, 'anonymous');
  const withUser = { apikey: key, ...bearer(sign(claims)) };
  assert.equal((await authenticator.authenticate(withUser)).role, 'customer');
});

test('a token that is sent as the key too is the bearer that it is', async () => {
  const authenticator = authenticatorOf();
  const token = sign(claims);
  const both = await authenticator.authenticate({ apikey: token, ...bearer(token) });
  assert.deepEqual(both, await authenticator.authenticate(bearer(token)));
  const forged = `${token.slice(0, -4)}AAAA`;
  const problem = await problemOf(authenticator.authenticate({ apikey: forged, ...bearer(forged) }));
  assert.deepEqual([problem.code, problem.status], ['PGRST301', 401]);
});

test('a wrong key is 401, whatever the bearer', async () => {
  const authenticator = authenticatorOf();
  const token = sign(claims);
  const wrong = [
    { apikey: 'nspk_other' },
    { apikey: '' },
    { apikey: 'nspk_other', ...bearer(token) },
    { apikey: token },
    { apikey: token, ...bearer('nspk_other') },
    { apikey: token, ...bearer(sign({ ...claims, sub: 'another' })) },
    bearer('nspk_other'),
  ];
  for (const headers of wrong) {
    const problem = await problemOf(authenticator.authenticate(headers));
    assert.equal(problem.code, 'NS401');
    assert.equal(problem.status, 401);
    assert.ok(problem.headers['WWW-Authenticate']);
  }
});

test('a verified token is known without waiting until it expires, whatever the header chooses', async () => {
  let time = now;
  const authenticator = authenticatorOf({}, 'visitor', () => time);
  const headers = bearer(sign(claims));
  assert.equal(authenticator.recognize(headers), undefined);
  const principal = await authenticator.authenticate(headers);
  assert.equal(authenticator.recognize(headers), principal);
  assert.equal(authenticator.recognize({ ...headers, 'x-hasura-role': 'staff' })?.role, 'staff');
  time = (inAnHour + 31) * 1000;
  assert.equal(authenticator.recognize(headers), undefined);
  assert.equal((await problemOf(authenticator.authenticate(headers))).code, 'PGRST303');
});

test('each issuer is verified with its own key and audience only', async () => {
  const other = { ...shop, issuer: 'https://other.example/', secret: 'another secret of thirty-two bytes!' };
  const authenticator = createAuthenticator({
    project: 'bookshop',
    auth: { anonymous: 'visitor', jwt: [shop, other] },
    roles,
    clock: () => now,
  });
  const right = sign({ ...claims, iss: other.issuer }, { alg: 'HS256' }, other.secret);
  assert.equal((await authenticator.authenticate(bearer(right))).issuer, other.issuer);
  const crossed = sign({ ...claims, iss: other.issuer });
  assert.equal((await problemOf(authenticator.authenticate(bearer(crossed)))).code, 'PGRST301');
});

test('a secret of fewer than 32 bytes is not taken', () => {
  assert.throws(() => authenticatorOf({ secret: 'short' }), /fewer than 32 bytes/);
});

async function keyServer(handler: RequestListener): Promise<{ url: string; close: () => void }> {
  const server = createServer(handler);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/jwks.json`,
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

test('keys come from the JWKS, are fetched once, and a symmetric token is refused', async () => {
  const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const jwk = { ...(await exportJWK(pair.publicKey)), kid: 'one', alg: 'ES256', use: 'sig' };
  let fetched = 0;
  const server = await keyServer((_request, response) => {
    fetched += 1;
    response.end(JSON.stringify({ keys: [jwk] }));
  });
  try {
    const authenticator = authenticatorOf({ secret: undefined, jwks: server.url });
    const make = (sub: string, kid = 'one') =>
      new SignJWT({ ...claims, sub }).setProtectedHeader({ alg: 'ES256', kid }).sign(pair.privateKey);
    for (const sub of ['1', '2', '3'])
      assert.equal((await authenticator.authenticate(bearer(await make(sub)))).subject, sub);
    assert.equal(fetched, 1);
    const unknown = await problemOf(authenticator.authenticate(bearer(await make('4', 'two'))));
    assert.equal(unknown.code, 'PGRST301');
    const pem = pair.publicKey.export({ type: 'spki', format: 'pem' }).toString();
    const confused = sign(claims, { alg: 'HS256', kid: 'one' }, pem);
    assert.equal((await problemOf(authenticator.authenticate(bearer(confused)))).code, 'PGRST301');
    assert.equal(fetched, 1);
  } finally {
    server.close();
  }
});

const broken: [title: string, handler: RequestListener][] = [
  ['answers 500', (_request, response) => response.writeHead(500).end()],
  ['redirects', (_request, response) => response.writeHead(302, { location: '/other' }).end()],
  ['sends no JSON', (_request, response) => response.end('<html>')],
  ['sends no key set', (_request, response) => response.end('{"keys":[7]}')],
  ['sends without end', (_request, response) => response.end(`{"keys":[],"pad":"${'x'.repeat(300_000)}"}`)],
  ['hangs up', (request) => request.socket.destroy()],
]; // biome-ignore format: a table

for (const [title, handler] of broken)
  test(`an issuer that ${title} is 503 with Retry-After, not 401, and is not asked again at once`, async () => {
    let asked = 0;
    const server = await keyServer((request, response) => {
      asked += 1;
      handler(request, response);
    });
    try {
      const authenticator = authenticatorOf({ secret: undefined, jwks: server.url });
      const token = bearer(sign(claims, { alg: 'RS256', kid: 'one' }));
      for (let attempt = 0; attempt < 3; attempt += 1) {
        const problem = await problemOf(authenticator.authenticate(token));
        assert.equal(problem.code, 'NS506');
        assert.equal(problem.status, 503);
        assert.deepEqual(problem.headers, { 'Retry-After': '5' });
      }
      assert.equal(asked, 1);
      assert.equal((await authenticator.authenticate({})).kind, 'anonymous');
    } finally {
      server.close();
    }
  });

test('the issuer of dev keeps its key in the folder and mints tokens that its entry takes', async () => {
  const directory = await mkdtemp(path.join(tmpdir(), 'ns-dev-issuer-'));
  try {
    const [one, two] = await Promise.all([
      openDevIssuer(directory, 'bookshop'),
      openDevIssuer(directory, 'bookshop'),
    ]);
    assert.equal(one.config.secret, two.config.secret);
    assert.equal(await readFile(path.join(directory, '.novastack', '.gitignore'), 'utf8'), '*\n');
    const authenticator = createAuthenticator({
      project: 'bookshop',
      auth: { anonymous: undefined, jwt: [two.config] },
      roles,
    });
    const token = await one.mint({ role: 'staff', claims: { sub: '7', iss: 'x', exp: 1 } });
    const principal = await authenticator.authenticate(bearer(token));
    assert.deepEqual([principal.role, principal.subject], ['staff', '7']);
    const expired = await one.mint({ role: 'staff', ttlMs: -60_000 });
    assert.equal((await problemOf(authenticator.authenticate(bearer(expired)))).code, 'PGRST303');
    const foreign = await devIssuer('another key of more than 32 characters', 'bookshop').mint({
      role: 'staff',
    });
    assert.equal((await problemOf(authenticator.authenticate(bearer(foreign)))).code, 'PGRST301');
  } finally {
    await rm(directory, { recursive: true });
  }
});
