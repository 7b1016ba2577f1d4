/** Not forged and not valid: signed by the right key, with claims that are missing, wrong or of an odd type. */
import { devIssuer } from '../../engine/auth/dev-issuer.ts';
import type { Forgery } from './forgeries.ts';
import { mint } from './mint.ts';
import { type Claims, claimsOf, names, secrets, signer, sound, type World } from './world.ts';

export async function forgedClaims(world: World): Promise<readonly Forgery[]> {
  return [
    ...times(world),
    ...audiences(world),
    ...subjects(world),
    ...issuers(world),
    ...(await strangers(world)),
    ...oversized(world),
  ];
}

const kinds = ['HS256 of login', 'ES256 by p256'];

function wrong(
  world: World,
  claim: string,
  values: readonly unknown[],
  code: Forgery['code'] = 'PGRST303',
): Forgery[] {
  return kinds.flatMap((kind) =>
    values.map((value) => ({
      name: `${kind}, ${claim} ${said(value)}`,
      token: sound(world, signer(world, kind), { [claim]: value }),
      code,
    })),
  );
}

function times(world: World): Forgery[] {
  const { now } = world;
  const odd = [
    null,
    '',
    String(now + 3600),
    'never',
    true,
    false,
    [],
    [now + 3600],
    {},
    { value: now + 3600 },
  ];
  const raw = (claim: string, text: string) => {
    const { iss, key } = signer(world, 'HS256 of login');
    const json = JSON.stringify(claimsOf(world, iss, { [claim]: 'here' }));
    return {
      name: `${claim} ${text}`,
      token: mint({ alg: 'HS256', key, payload: json.replace('"here"', text) }),
      code: 'PGRST303' as const,
    };
  };
  return [
    ...wrong(world, 'exp', [undefined, ...odd, 0, 1, -1, -(now + 3600), now - 31, now - 3600, now / 1000, 9e12]),
    ...wrong(world, 'nbf', [...odd, now + 60, now + 3600, 9e12]),
    ...wrong(world, 'iat', [...odd, now + 60, now + 3600, 9e12]),
    raw('exp', '1e400'), raw('exp', '-1e400'), raw('exp', '1e99'), raw('exp', '0.0'), raw('exp', '-0'), raw('nbf', '1e400'), raw('iat', '1e400'),
  ]; // biome-ignore format: a list
}

function audiences(world: World): Forgery[] {
  return wrong(world, 'aud', [
    undefined, null, '', ' ', [], [''], ['other'], 'other', 'book', 'bookshop2', 'bookshop/', '/bookshop', 'Bookshop', 'BOOKSHOP', ' bookshop', 'bookshop ', 'bookshop\u0000', 'b\u043e\u043ekshop',
    'bookshop,other', 'bookshop other', '*', '.*', true, 7, {}, { bookshop: true }, { 0: 'bookshop', length: 1 }, [['bookshop']], [{ aud: 'bookshop' }], ['bookshop', 7], ['bookshop', null], 'urn:bookshop', 'shop',
  ]); // biome-ignore format: a list
}

function subjects(world: World): Forgery[] {
  return wrong(world, 'sub', [true, false, [], ['7'], {}, { id: '7' }]);
}

/** The issuer chooses the key: another spelling is another issuer. */
function issuers(world: World): Forgery[] {
  const values = [
    undefined, null, '', 7, true, [], [names.login], {}, { iss: names.login }, 'https://login.example.eu', 'https://login.example.eu//', 'http://login.example.eu/', 'https://LOGIN.example.eu/', 'HTTPS://login.example.eu/',
    'https://login.example.eu:443/', 'https://login.example.eu/.', 'https://login.example.eu/?', 'https://login.example.eu/#', 'https://login.example.eu%2F', ' https://login.example.eu/', 'https://login.example.eu/ ',
    'https://login.example.eu/\u0000', 'https://log\u0456n.example.eu/', 'https://login.example.e\u1d64/', 'https://login.example.eu\uff0f', 'https://l\u200bogin.example.eu/', 'https://login.example.eu/,https://keys.example.eu/',
    'login.example.eu', 'https://evil.example/https://login.example.eu/', '__proto__', 'constructor', 'toString', '$' + '{env:LOGIN}', 'self', 'null', 'undefined',
  ]; // biome-ignore format: a list
  const crossed: readonly [kind: string, iss: string][] = [
    ['HS256 of login', names.backup], ['HS256 of login', names.keys], ['HS256 of login', names.elsewhere], ['HS256 of backup', names.login], ['RS256 by rsa', names.login], ['RS256 by rsa', names.elsewhere],
    ['RS256 of elsewhere', names.keys], ['ES256 by p256', names.backup], ['EdDSA by ed', names.login],
  ]; // biome-ignore format: a list
  return [
    ...wrong(world, 'iss', values, 'PGRST301'),
    ...crossed.map(([kind, iss]) => ({
      name: `${kind}, in the name of ${iss}`,
      token: sound(world, signer(world, kind), { iss }),
    })),
  ];
}

/** Valid somewhere else. */
async function strangers(world: World): Promise<Forgery[]> {
  const of = (claims: Claims, key: string) =>
    mint({ alg: 'HS256', key: Buffer.from(key), payload: claimsOf(world, names.login, claims) });
  const dev = (project: string) =>
    devIssuer(secrets.login, project).mint({ role: 'service', claims: { sub: '7' } });
  const devKey = 'a key of the dev server, of 32 characters or more';
  return [
    { name: 'of another project on the server', token: of({ iss: names.other }, secrets.other) },
    { name: 'of another project on the server, in the name of this one', token: of({}, secrets.other) },
    { name: 'of the issuer of dev, with a secret of this project', token: await dev('shop') },
    { name: 'of the issuer of dev', token: await devIssuer(devKey, 'shop').mint({ role: 'service' }) },
    { name: 'of the issuer of dev, for the audience', token: of({ iss: 'urn:novastack:dev:shop' }, devKey) },
    { name: "of another project's issuer of dev", token: await dev('other') },
    ...weak(world).map(([name, key]) => ({
      name: `signed with ${name}`,
      token: mint({ alg: 'HS256', key, payload: claimsOf(world, names.login) }),
    })),
  ];
}

/** What somebody may guess to be the secret. */
function weak({ port }: World): [name: string, key: Buffer][] {
  const { login } = secrets;
  const texts = [
    '', 'secret', 'password', 'changeme', 'bookshop', 'shop', 'nspk_shop', 'your-256-bit-secret', names.login, 'LOGIN_SECRET', '$' + '{env:LOGIN_SECRET}', '0'.repeat(32), 'x'.repeat(32), String(port),
    `${login}\n`, ` ${login}`, `${login} `, login.toUpperCase(), login.slice(0, 32), login.slice(0, -1), login + login,
    Buffer.from(login).toString('hex'), Buffer.from(login).toString('base64'), Buffer.from(login).toString('base64url'), JSON.stringify(login),
  ]; // biome-ignore format: a list
  return [
    ...texts.map((text): [string, Buffer] => [said(text), Buffer.from(text)]),
    ['the secret as base64', Buffer.from(login, 'base64')],
  ];
}

function oversized(world: World): Forgery[] {
  const login = signer(world, 'HS256 of login');
  return [
    ...[6_000, 8_000, 12_000].map((length) => ({ name: `${length} characters of padding`, token: sound(world, login, { pad: 'x'.repeat(length) }) })),
    { name: 'a header of 9,000 characters', token: sound(world, login, {}, { x: 'x'.repeat(9_000) }) },
    { name: 'a signature of 9,000 characters', token: `${sound(world, login)}${'A'.repeat(9_000)}` },
    { name: '1,000 roles', token: sound(world, login, { roles: Array.from({ length: 1_000 }, (_, index) => `role${index}`) }) },
    { name: '9,000 dots', token: '.'.repeat(9_000) },
    { name: '9,000 letters', token: 'a'.repeat(9_000) },
  ]; // biome-ignore format: a list
}

function said(value: unknown): string {
  const text = JSON.stringify(value) ?? 'missing';
  return text.length > 60 ? `${text.slice(0, 57)}…` : text;
}
