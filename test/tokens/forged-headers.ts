/** Forged: what the header says of keys, of criticality and of the form; names that stand twice; nested and encrypted ones. */
import { createCipheriv, publicEncrypt, randomBytes } from 'node:crypto';
import { deflateRawSync } from 'node:zlib';
import type { Forgery } from './forgeries.ts';
import { type Alg, type Json, mint, type Pair, part, signatureOf } from './mint.ts';
import { claimsOf, names, secrets, signer, signersOf, sound, type World } from './world.ts';

export function forgedHeaders(world: World): readonly Forgery[] {
  return [
    ...kids(world),
    ...pointers(world),
    ...critical(world),
    ...twice(world),
    ...encrypted(world),
    ...shapes(world),
  ];
}

const tricks = [
  '../../../../dev/null', '/dev/null', 'file:///dev/null', '/etc/passwd', '/proc/self/environ', 'C:\\nul', '../jwks.json',
  "' OR '1'='1", "'; DROP TABLE books; --", "' UNION SELECT 'own' --", '" or ""="', '$(id)', '`id`', '| id', '{{7*7}}',
  '$' + '{env:LOGIN_SECRET}', '$' + '{file:/dev/null}', '', ' ', '\u0000', 'rsa\u0000', 'rsa ', ' rsa', 'RSA', 'rsa\n', 'rs\u0430', '%72sa', '*', '.*', '0', '-1',
  '__proto__', 'constructor', 'toString', 'hasOwnProperty', 'length', 'x'.repeat(3000), 'own', 'oct',
]; // biome-ignore format: a list

function kids(world: World): Forgery[] {
  const { own, pairs } = world;
  const payload = claimsOf(world, names.keys);
  const odd = [null, 7, 0, true, false, [], ['rsa'], {}, { kid: 'rsa' }];
  return [
    ...tricks.map((kid) => ({ name: `kid ${said(kid)}`, token: mint({ alg: 'RS256', key: own.rsa.privateKey, header: { kid }, payload }) })),
    // By the right key: a name that is no text is refused all the same.
    ...odd.map((kid) => ({ name: `kid ${said(kid)} by the right key`, token: mint({ alg: 'RS256', key: pairs.rsa.privateKey, header: { kid }, payload }) })),
    ...odd.slice(0, 4).map((kid) => ({ name: `kid ${said(kid)} with the right secret`, token: mint({ alg: 'HS256', key: Buffer.from(secrets.login), header: { kid }, payload: claimsOf(world, names.login) }) })),
    { name: 'no kid, own RSA key', token: mint({ alg: 'RS256', key: own.rsa.privateKey, payload }) },
    { name: 'no kid, own EC key', token: mint({ alg: 'ES256', key: own.ec.privateKey, payload }) },
    { name: 'no kid, own Ed25519 key', token: mint({ alg: 'EdDSA', key: own.ed.privateKey, payload }) },
    ...['rsa', 'fixed', 'p256', 'ed'].map((kid) => ({ name: `the kid ${kid} and an own key`, token: mint({ alg: 'RS256', key: own.rsa.privateKey, header: { kid }, payload }) })),
    { name: "another key's kid", token: mint({ alg: 'RS256', key: pairs.rsa.privateKey, header: { kid: 'fixed' }, payload }) },
    { name: 'the kid of a key of another kind', token: mint({ alg: 'RS256', key: pairs.rsa.privateKey, header: { kid: 'p256' }, payload }) },
    { name: "another issuer's key of the same name", token: mint({ alg: 'RS256', key: pairs.foreign.privateKey, header: { kid: 'rsa' }, payload }) },
    { name: 'the same the other way round', token: mint({ alg: 'RS256', key: pairs.rsa.privateKey, header: { kid: 'rsa' }, payload: claimsOf(world, names.elsewhere) }) },
    ...['/dev/null', '../../dev/null', "' UNION SELECT '' --"].flatMap((kid) => [Buffer.alloc(0), Buffer.alloc(1), Buffer.alloc(32)].map((key) => ({
      name: `kid ${said(kid)} and ${key.length} zero bytes for a secret`,
      token: mint({ alg: 'HS256', key, header: { kid }, payload: claimsOf(world, names.login) }),
    }))),
    { name: 'the secret of the kid', token: mint({ alg: 'HS256', key: Buffer.from('own'), header: { kid: 'own' }, payload: claimsOf(world, names.login) }) },
  ]; // biome-ignore format: a list
}

/** Headers that bring a key along, or say where it is. */
function pointers(world: World): Forgery[] {
  const { own, attacker } = world;
  const by: [Alg, Pair][] = [
    ['RS256', own.rsa],
    ['PS256', own.rsa],
    ['ES256', own.ec],
    ['EdDSA', own.ed],
  ];
  const certificate = own.rsa.publicKey.export({ type: 'spki', format: 'der' }).toString('base64');
  return by.flatMap(([alg, { privateKey, jwk }]) => {
    const headers: Readonly<Record<string, Json>> = {
      jku: { jku: attacker.url, kid: 'own' },
      'jku behind the right host': {
        jku: `https://keys.example.eu@${new URL(attacker.url).host}/jwks.json`,
        kid: 'own',
      },
      x5u: { x5u: attacker.url, kid: 'own' },
      jwk: { jwk },
      'jwk under the right name': { jwk: { ...jwk, kid: 'rsa' }, kid: 'rsa' },
      x5c: { x5c: [certificate], kid: 'own' },
      'all of them': {
        jku: attacker.url,
        x5u: attacker.url,
        jwk,
        x5c: [certificate],
        x5t: 'AAAA',
        kid: 'own',
      },
    };
    return Object.entries(headers).map(([name, header]) => ({
      name: `${alg} with ${name}`,
      token: mint({ alg, key: privateKey, header, payload: claimsOf(world, names.keys) }),
    }));
  });
}

/** By the right key: what the header asks for is not understood, so it is refused. */
function critical(world: World): Forgery[] {
  const headers: readonly Readonly<Record<string, unknown>>[] = [
    { crit: ['exp'] }, { crit: ['exp'], exp: world.now + 3600 }, { crit: ['alg'] }, { crit: ['kid'] }, { crit: [] }, { crit: 'exp' }, { crit: null }, { crit: [7] }, { crit: [''] }, { crit: {} },
    { crit: ['x'], x: 1 }, { crit: ['b64'], b64: false }, { crit: ['b64'], b64: true }, { crit: ['b64'] }, { b64: false }, { b64: true }, { zip: 'DEF' }, { zip: null }, { enc: 'A256GCM' },
  ]; // biome-ignore format: a list
  const kinds = ['HS256 of login', 'RS256 by rsa'];
  const payload = claimsOf(world, names.login);
  const { key } = signer(world, 'HS256 of login');
  const unencoded = (header: Json) => {
    const text = `${part(header)}.${JSON.stringify(payload)}`;
    return `${part(header)}.${part(payload)}.${signatureOf('HS256', key, text).toString('base64url')}`;
  };
  return [
    ...kinds.flatMap((kind) => headers.map((header) => ({ name: `${kind}, ${JSON.stringify(header)}`, token: sound(world, signer(world, kind), {}, header) }))),
    { name: 'an unencoded payload', token: unencoded({ alg: 'HS256', b64: false, crit: ['b64'] }) },
    { name: 'an unencoded payload that is not said to be', token: unencoded({ alg: 'HS256', b64: false }) },
    { name: 'a compressed payload', token: mint({ alg: 'HS256', key, header: { zip: 'DEF' }, payload: deflateRawSync(JSON.stringify(payload)) }) },
    { name: 'a compressed payload that is not said to be', token: mint({ alg: 'HS256', key, payload: deflateRawSync(JSON.stringify(payload)) }) },
  ]; // biome-ignore format: a list
}

/** By the right key: readers differ in which of the two counts. */
function twice(world: World): Forgery[] {
  const { key } = signer(world, 'HS256 of login');
  const claims = claimsOf(world, names.login);
  const text = (more: string) => `${JSON.stringify(claims).slice(0, -1)},${more}}`;
  const before = (more: string) => `{${more},${JSON.stringify(claims).slice(1)}`;
  const payloads = [
    text('"role":"customer"'), before('"role":"customer"'), text('"role":"service"'), text('"ro\\u006ce":"customer"'), text('"\\u0072ole":"service"'),
    text('"sub":"1"'), before('"sub":"1"'), text(`"iss":"${names.login}"`), before(`"iss":"${names.backup}"`), text(`"aud":"${claims.aud}"`), before('"aud":"x"'),
    text(`"exp":${claims.exp}`), before('"exp":1'), text('"nbf":1,"nbf":1'), text('"roles":["service"]'), text('"x":{"a":1,"a":2}'), text('"x":[{"a":1,"b":2,"a":1}]'),
    text('"__proto__":1,"__proto__":2'), text('"":1,"":1'), text('"a\\"":1,"a\\"":2'),
  ]; // biome-ignore format: a list
  const headers = [
    '{"alg":"none","alg":"HS256"}', '{"alg":"HS256","alg":"none"}', '{"alg":"HS256","alg":"HS256"}', '{"alg":"HS256","kid":"a","kid":"b"}', '{"alg":"HS256","\\u0061lg":"HS256"}',
    '{"alg":"HS256","typ":"JWT","typ":"JWT"}', '{"alg":"HS256","x":{"a":1,"a":1}}',
  ]; // biome-ignore format: a list
  return [
    ...payloads.map((payload, index) => ({
      name: `a claim twice (${index})`,
      token: mint({ alg: 'HS256', key, payload }),
    })),
    ...headers.map((header) => ({
      name: `header ${header}`,
      token: mint({ alg: 'HS256', key, header, payload: claims }),
    })),
  ];
}

/** A token is signed, never encrypted; what is in another is not looked for. */
function encrypted(world: World): Forgery[] {
  const inner = sound(world, signer(world, 'HS256 of login'));
  const nested = { cty: 'JWT' };
  const login = Buffer.from(secrets.login);
  const jwe = (header: Readonly<Record<string, unknown>>, key: Buffer, wrapped: Buffer, content: string) => {
    const head = part({ enc: 'A256GCM', ...header });
    const iv = randomBytes(12);
    const cipher = createCipheriv('aes-256-gcm', key, iv).setAAD(Buffer.from(head));
    const text = Buffer.concat([cipher.update(content), cipher.final()]);
    return [head, part(wrapped), part(iv), part(text), part(cipher.getAuthTag())].join('.');
  };
  const contentKey = randomBytes(32);
  const claims = JSON.stringify(claimsOf(world, names.login));
  const forRsa = publicEncrypt({ key: world.pairs.rsa.publicKey, oaepHash: 'sha1' }, contentKey);
  return [
    { name: 'a JWE by the secret', token: jwe({ alg: 'dir' }, login.subarray(0, 32), Buffer.alloc(0), claims) },
    { name: 'a JWE by the secret, with a sound token in it', token: jwe({ alg: 'dir', ...nested }, login.subarray(0, 32), Buffer.alloc(0), inner) },
    { name: 'a JWE to a public key', token: jwe({ alg: 'RSA-OAEP', kid: 'rsa' }, contentKey, forRsa, claims) },
    { name: 'a JWE to a public key, with a sound token in it', token: jwe({ alg: 'RSA-OAEP', kid: 'rsa', ...nested }, contentKey, forRsa, inner) },
    { name: 'a sound token within a signed one', token: mint({ alg: 'HS256', key: login, header: nested, payload: inner }) },
    { name: 'a sound token as the text of a signed one', token: mint({ alg: 'HS256', key: login, header: nested, payload: JSON.stringify(inner) }) },
    { name: 'a sound token in JSON form', token: part({ payload: inner.split('.')[1], protected: inner.split('.')[0], signature: inner.split('.')[2] }) },
  ]; // biome-ignore format: a list
}

function shapes(world: World): Forgery[] {
  const login = signer(world, 'HS256 of login');
  const good = sound(world, login);
  const [header, payload, signature] = good.split('.') as [string, string, string];
  const of = (whole: Json) => mint({ alg: 'HS256', key: login.key, payload: whole });
  const under = (whole: Json) =>
    mint({ alg: 'HS256', key: login.key, header: whole, payload: claimsOf(world, names.login) });
  const json = JSON.stringify(claimsOf(world, names.login));
  const payloads: readonly Json[] = [
    '', '{}', '[]', 'null', 'true', '7', '"text"', `[${json}]`, `${json}x`, `${json}${json}`, `\uFEFF${json}`, `/* */${json}`, json.slice(0, -1), json.replaceAll('"', "'"),
    Buffer.from(`\uFEFF${json}`, 'utf16le'), Buffer.from(json, 'utf16le'), Buffer.concat([Buffer.from(json.slice(0, -1)), Buffer.from(',"x":"\xff"}', 'latin1')]), `\u0000${json}`, `${json}\u0000`,
    `{"a":${'['.repeat(1000)}${']'.repeat(1000)}`, '['.repeat(2500), json.replace('"exp":', '"exp":NaN,"e":'), json.replace('"exp":', '"exp":0x7fffffff,"e":'),
  ]; // biome-ignore format: a list
  const headers: readonly Json[] = [
    '',
    'null',
    '[]',
    '"HS256"',
    'HS256',
    '{',
    '{"alg":"HS256"}x',
    '\uFEFF{"alg":"HS256"}',
    `[{"alg":"HS256"}]`,
    Buffer.from('{"alg":"HS256","x":"\xff"}', 'latin1'),
  ];
  return [
    ...payloads.map((whole, index) => ({ name: `a payload that is none (${index})`, token: of(whole) })),
    ...headers.map((whole, index) => ({ name: `a header that is none (${index})`, token: under(whole) })),
    { name: 'one part', token: header },
    { name: 'two parts', token: `${header}.${payload}` },
    { name: 'four parts', token: `${good}.` },
    { name: 'four parts with something in it', token: `${good}.${signature}` },
    { name: 'a leading dot', token: `.${good}` },
    { name: 'dots alone', token: '..' },
    { name: 'parts the other way round', token: [signature, payload, header].join('.') },
    { name: 'a payload that is empty', token: `${header}..${signature}` },
    { name: 'a header that is empty', token: `.${payload}.${signature}` },
    { name: 'another payload under the signature', token: [header, part(claimsOf(world, names.login, { sub: '8' })), signature].join('.') },
    { name: 'another header under the signature', token: [part({ alg: 'HS256' }), payload, signature].join('.') },
    ...signersOf(world).map((one) => {
      const [head, , sealed] = sound(world, one).split('.');
      return { name: `${one.name}, another payload`, token: [head, part(claimsOf(world, one.iss, { sub: 'root' })), sealed].join('.') };
    }),
  ]; // biome-ignore format: a list
}

function said(value: unknown): string {
  const text = JSON.stringify(value);
  return text.length > 40 ? `of ${text.length} characters` : text;
}
