/** Forged: the algorithm none, algorithms taken for others, keys that are no keys for tokens. */
import type { Forgery } from './forgeries.ts';
import { type Alg, mint, type Pair, part, partsOf, signatureOf } from './mint.ts';
import { claimsOf, names, secrets, signer, sound, type World } from './world.ts';

export function forgedAlgorithms(world: World): readonly Forgery[] {
  return [...none(world), ...confused(world), ...mislabelled(world), ...unfit(world)];
}

/** `none` in all sixteen spellings, without a signature and with the one of a sound token; and what is no algorithm. */
function none(world: World): Forgery[] {
  const spellings = Array.from({ length: 16 }, (_, bits) =>
    [...'none'].map((letter, index) => (bits & (1 << index) ? letter.toUpperCase() : letter)).join(''),
  );
  const odd = [
    'none ',
    ' none',
    'non\u0435',
    'none\u0000',
    '',
    'null',
    'HS256 ',
    'hs256',
    'Hs256',
    'HS-256',
    'HS256,none',
    null,
    7,
    true,
    ['HS256'],
    ['none'],
    { alg: 'HS256' },
  ];
  const login = signer(world, 'HS256 of login');
  const rsa = signer(world, 'RS256 by rsa');
  const [, , signature] = partsOf(sound(world, login));
  const text = (alg: unknown, iss: string) => `${part({ alg, typ: 'JWT' })}.${part(claimsOf(world, iss))}`;
  return [
    ...spellings.map((alg) => ({ name: `alg ${alg}, unsigned`, token: `${text(alg, names.login)}.` })),
    ...spellings.map((alg) => ({ name: `alg ${alg}, with another signature`, token: `${text(alg, names.login)}.${signature}` })),
    ...['none', 'None', 'NONE', 'nOnE'].map((alg) => ({ name: `alg ${alg} of a key set`, token: `${text(alg, names.keys)}.` })),
    ...odd.map((alg) => ({ name: `alg ${JSON.stringify(alg)}`, token: mint({ alg: 'HS256', key: login.key, header: { alg }, payload: claimsOf(world, names.login) }) })),
    { name: 'no alg', token: mint({ alg: 'HS256', key: login.key, header: '{"typ":"JWT"}', payload: claimsOf(world, names.login) }) },
    { name: 'two parts', token: text('none', names.login) },
    { name: 'RS256, unsigned', token: `${part({ alg: 'RS256', kid: rsa.kid })}.${part(claimsOf(world, names.keys))}.` },
    { name: 'HS256, unsigned', token: `${text('HS256', names.login)}.` },
  ]; // biome-ignore format: a list
}

/** A public key, in every form in which somebody might have it at hand, as the secret of HS. */
function confused(world: World): Forgery[] {
  const { rsa, p256, ed } = world.pairs;
  const under = (name: string, pair: Pair, algs: readonly Alg[]) =>
    formsOf(pair).flatMap(([form, key]) =>
      algs.map((alg) => ({
        name: `${alg} with the ${form} of ${name}`,
        token: mint({ alg, key, header: { kid: name }, payload: claimsOf(world, names.keys, { form }) }),
      })),
    );
  return [
    ...under('rsa', rsa, ['HS256', 'HS384', 'HS512']),
    ...under('p256', p256, ['HS256', 'HS512']),
    ...under('ed', ed, ['HS256']),
  ];
}

function formsOf({ publicKey, jwk }: Pair): [form: string, bytes: Buffer][] {
  const pem = publicKey.export({ type: 'spki', format: 'pem' }).toString();
  const forms: [string, string | Buffer][] = [
    ['PEM', pem],
    ['PEM without its last line end', pem.trimEnd()],
    ['PEM with CRLF', pem.replaceAll('\n', '\r\n')],
    ['PEM in one line', pem.replaceAll('\n', '')],
    ['PEM with escaped line ends', pem.replaceAll('\n', '\\n')],
    ['base64 in the PEM', pem.replace(/-----[^-]+-----|\n/g, '')],
    ['DER', publicKey.export({ type: 'spki', format: 'der' })],
    ['JWK', JSON.stringify(jwk)],
    ['JWK without its name', JSON.stringify(publicKey.export({ format: 'jwk' }))],
    ['key set', JSON.stringify({ keys: [jwk] })],
    ['number as text', String(jwk.n ?? jwk.x)],
    ['number as bytes', Buffer.from(String(jwk.n ?? jwk.x), 'base64url')],
  ];
  if (jwk.kty === 'RSA') {
    forms.push(['PKCS 1 PEM', publicKey.export({ type: 'pkcs1', format: 'pem' }).toString()]);
    forms.push(['PKCS 1 DER', publicKey.export({ type: 'pkcs1', format: 'der' })]);
  }
  return forms.map(([form, bytes]) => [form, Buffer.from(bytes as string)]);
}

/** Signed by the right key in one way, and called another. */
function mislabelled(world: World): Forgery[] {
  const { pairs } = world;
  const of = (signed: Alg, said: string, kid: keyof typeof pairs) => ({
    name: `${signed} by ${kid} that says ${said}`,
    token: mint({
      alg: signed,
      key: pairs[kid].privateKey,
      header: { alg: said, kid },
      payload: claimsOf(world, names.keys),
    }),
  });
  const login = Buffer.from(secrets.login);
  const rsa: Alg[] = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'];
  return [
    ...rsa.flatMap((signed) => rsa.filter((said) => said !== signed).map((said) => of(signed, said, 'rsa'))),
    // Right by the mathematics, and the issuer has said that this key is for RS256 alone.
    of('PS256', 'PS256', 'fixed'),
    of('RS512', 'RS512', 'fixed'),
    // The hash of one curve on another.
    of('ES256', 'ES256', 'p384'),
    of('ES256', 'ES256', 'p521'),
    of('ES384', 'ES384', 'p256'),
    of('ES512', 'ES512', 'p384'),
    of('ES256', 'ES384', 'p256'),
    of('ES384', 'ES256', 'p384'),
    of('ES256', 'EdDSA', 'p256'),
    of('EdDSA', 'ES256', 'ed'),
    of('EdDSA', 'RS256', 'ed'),
    of('EdDSA', 'Ed448', 'ed'),
    of('RS256', 'ES256', 'rsa'),
    of('RS256', 'EdDSA', 'rsa'),
    of('ES256', 'ES256K', 'p256'),
    ...(['HS384', 'HS512'] as const).map((alg) => ({
      name: `${alg} with the secret of HS256`,
      token: mint({ alg, key: login, payload: claimsOf(world, names.login) }),
    })),
    ...(['HS384', 'HS512'] as const).map((alg) => ({
      name: `${alg} with the secret, called HS256`,
      token: mint({ alg, key: login, header: { alg: 'HS256' }, payload: claimsOf(world, names.login) }),
    })),
    ...rsa.map((alg) => ({
      name: `${alg} where there is a secret`,
      token: mint({ alg, key: world.own.rsa.privateKey, payload: claimsOf(world, names.login) }),
    })),
    { name: 'ES256 where there is a secret', token: mint({ alg: 'ES256', key: world.own.ec.privateKey, payload: claimsOf(world, names.login) }) },
    { name: 'EdDSA where there is a secret', token: mint({ alg: 'EdDSA', key: world.own.ed.privateKey, payload: claimsOf(world, names.login) }) },
  ]; // biome-ignore format: a list
}

/** Keys that stand in the issuer's own set and may not verify a token. */
function unfit(world: World): Forgery[] {
  const { pairs } = world;
  const by = (name: string, alg: Alg, key: Pair['privateKey'], kid: string) => ({
    name,
    token: mint({ alg, key, header: { kid }, payload: claimsOf(world, names.keys) }),
  });
  const forRsa = (signature: Buffer, kid: string) => {
    const text = `${part({ alg: 'RS256', kid })}.${part(claimsOf(world, names.keys))}`;
    return `${text}.${signature.toString('base64url')}`;
  };
  return [
    by('a key that encrypts', 'ES256', pairs.encrypts.privateKey, 'encrypts'),
    by('a key that wraps keys', 'ES256', pairs.wraps.privateKey, 'wraps'),
    by('a key whose private half is published', 'ES384', pairs.leaked.privateKey, 'leaked'),
    by('a key of Ed448', 'EdDSA', pairs.ed448.privateKey, 'ed448'),
    by('a key of secp256k1', 'ES256', pairs.k1.privateKey, 'k1'),
    ...(['HS256', 'HS384', 'HS512'] as const).map((alg) => ({
      name: `${alg} with a secret that is published`,
      token: mint({
        alg,
        key: Buffer.from(secrets.published),
        header: { kid: 'oct' },
        payload: claimsOf(world, names.keys),
      }),
    })),
    { name: 'RS256 by an exponent of one', token: exponentOfOne(world) },
    { name: 'RS256 by an exponent of one, all zero', token: forRsa(Buffer.alloc(256), 'exponent') },
    ...['zero', 'identity'].flatMap((kid) =>
      [0, 1].map((first) => ({
        name: `EdDSA by the key ${kid}, R=${first}`,
        token: smallOrder(world, kid, first),
      })),
    ),
  ];
}

/** With e = 1 the padded hash is its own signature. */
function exponentOfOne(world: World): string {
  const text = `${part({ alg: 'RS256', kid: 'exponent' })}.${part(claimsOf(world, names.keys))}`;
  // What the real key would sign, taken back by its own exponent, is the padded hash.
  const signed = signatureOf('RS256', world.pairs.rsa.privateKey, text);
  const { n, e } = world.pairs.rsa.publicKey.export({ format: 'jwk' });
  const number = (bytes: Buffer) => BigInt(`0x${bytes.toString('hex')}`);
  const padded = power(
    number(signed),
    number(Buffer.from(e!, 'base64url')),
    number(Buffer.from(n!, 'base64url')),
  );
  return `${text}.${Buffer.from(padded.toString(16).padStart(512, '0'), 'hex').toString('base64url')}`;
}

function power(base: bigint, exponent: bigint, modulus: bigint): bigint {
  let result = 1n;
  let square = base % modulus;
  for (let left = exponent; left > 0n; left >>= 1n) {
    if (left & 1n) result = (result * square) % modulus;
    square = (square * square) % modulus;
  }
  return result;
}

/** A key of small order verifies signatures that nobody has made. */
function smallOrder(world: World, kid: string, first: number): string {
  const signature = Buffer.alloc(64);
  signature[0] = first;
  return `${part({ alg: 'EdDSA', kid })}.${part(claimsOf(world, names.keys))}.${signature.toString('base64url')}`;
}
