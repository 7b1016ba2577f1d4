/** A shop with every kind of issuer, whose anonymous role may read and write: whoever is taken for it gets an answer. */
import type { KeyObject } from 'node:crypto';
import type { Scope } from '../database.ts';
import { type Issuer, openIssuer } from './issuer.ts';
import { type Alg, type Key, mint, type Pair, pairOf } from './mint.ts';
import { serveProjects, type TokenServer } from './serve.ts';

export const audience = 'bookshop';
export const names = {
  login: 'https://login.example.eu/',
  backup: 'https://backup.example.eu/',
  keys: 'https://keys.example.eu/',
  elsewhere: 'https://elsewhere.example.eu/',
  other: 'https://other.example.eu/',
} as const;

export const secrets = {
  login: 'the secret of the login page, 32 bytes and more',
  backup: 'another secret, of the backup, 32 bytes and more',
  other: 'the secret of another project, 32 bytes and more',
  /** A symmetric key that an issuer has published by mistake. */
  published: 'a secret that stands in a public key set for all to read',
} as const;

/** In rows that no anonymous caller may read, and in the one that it may. */
export const canaries = { hidden: 'canary-hidden-7f31', visible: 'canary-visible-9b02' } as const;

export interface World extends TokenServer {
  readonly pairs: Readonly<Record<PairName, Pair>>;
  /** Keys that nobody trusts, by kind. */
  readonly own: { readonly rsa: Pair; readonly ec: Pair; readonly ed: Pair };
  readonly keys: Issuer;
  readonly elsewhere: Issuer;
  /** Serves the keys that nobody trusts; counts who asks. */
  readonly attacker: Issuer;
  readonly now: number;
}

type PairName =
  | 'rsa'
  | 'fixed'
  | 'p256'
  | 'p384'
  | 'p521'
  | 'ed'
  | 'encrypts'
  | 'wraps'
  | 'leaked'
  | 'ed448'
  | 'k1'
  | 'foreign';

const sql = `
create table books (id int primary key, title varchar(60) not null, cost int not null);
insert into books values (1, '${canaries.visible}', 5), (2, '${canaries.hidden}', 7);
create table notes (id int primary key, text varchar(60) not null);
`;

const tables = `
roles:
  visitor: {}
  customer: { inherits: [visitor] }
  service: { everything: true }
tables:
  books:
    permissions:
      visitor: { select: { columns: [id, title], where: { id: 1 } }, update: { columns: [title], where: {} }, delete: { where: {} } }
  notes:
    permissions:
      visitor: { select: true, insert: true, update: { columns: "*", where: {} }, delete: { where: {} } }
`;

const shop = `
auth:
  anonymous: visitor
  jwt:
    - { issuer: "${names.login}", audience: ${audience}, secret: "\${env:LOGIN_SECRET}", roles: roles }
    - { issuer: "${names.backup}", audience: ${audience}, secret: "\${env:BACKUP_SECRET}", roles: roles, default_role: customer }
    - { issuer: "${names.keys}", audience: ${audience}, jwks: "\${env:KEYS}", roles: roles }
    - { issuer: "${names.elsewhere}", audience: ${audience}, jwks: "\${env:ELSEWHERE}", roles: roles }
${tables}`;

const other = `
auth:
  anonymous: visitor
  jwt: [ { issuer: "${names.other}", audience: ${audience}, secret: "\${env:OTHER_SECRET}", roles: roles } ]
${tables}`;

export async function openWorld(t: Scope): Promise<World> {
  const pairs = makePairs();
  const { foreign, ...ours } = pairs;
  const keys = await openIssuer(
    t,
    ...Object.entries(ours).map(([name, { jwk, privateKey }]) => (name === 'leaked' ? { ...privateKey.export({ format: 'jwk' }), ...jwk } : jwk)),
    // What has no business in a key set: a secret, and keys that anybody can sign for.
    { kty: 'oct', kid: 'oct', k: Buffer.from(secrets.published).toString('base64url') },
    { ...pairs.rsa.jwk, kid: 'exponent', e: 'AQ' },
    { kty: 'OKP', crv: 'Ed25519', kid: 'zero', x: Buffer.alloc(32).toString('base64url') },
    { kty: 'OKP', crv: 'Ed25519', kid: 'identity', x: Buffer.concat([Buffer.from([1]), Buffer.alloc(31)]).toString('base64url') },
  ); // biome-ignore format: a list
  const elsewhere = await openIssuer(t, foreign.jwk);
  const own = {
    rsa: pairOf('RSA', { kid: 'own' }),
    ec: pairOf('P-256', { kid: 'own' }),
    ed: pairOf('Ed25519', { kid: 'own' }),
  };
  const attacker = await openIssuer(t, own.rsa.jwk, own.ec.jwk, own.ed.jwk);
  const server = await serveProjects(t, {
    sql,
    projects: { shop, other },
    env: {
      LOGIN_SECRET: secrets.login,
      BACKUP_SECRET: secrets.backup,
      OTHER_SECRET: secrets.other,
      KEYS: keys.url,
      ELSEWHERE: elsewhere.url,
    },
  });
  return { ...server, pairs, own, keys, elsewhere, attacker, now: Math.floor(Date.now() / 1000) };
}

function makePairs(): World['pairs'] {
  return {
    rsa: pairOf('RSA', { kid: 'rsa' }),
    fixed: pairOf('RSA', { kid: 'fixed', alg: 'RS256', use: 'sig' }),
    p256: pairOf('P-256', { kid: 'p256' }),
    p384: pairOf('P-384', { kid: 'p384' }),
    p521: pairOf('P-521', { kid: 'p521' }),
    ed: pairOf('Ed25519', { kid: 'ed' }),
    encrypts: pairOf('P-256', { kid: 'encrypts', use: 'enc' }),
    wraps: pairOf('P-256', { kid: 'wraps', key_ops: ['deriveKey'] }),
    leaked: pairOf('P-384', { kid: 'leaked' }),
    ed448: pairOf('Ed448', { kid: 'ed448' }),
    k1: pairOf('secp256k1', { kid: 'k1' }),
    // The other issuer's key has the name of one of this issuer's.
    foreign: pairOf('RSA', { kid: 'rsa' }),
  };
}

export type Claims = Readonly<Record<string, unknown>>;

/** What a sound token of an issuer says, of the role that may do everything; a claim that is undefined is left out. */
export function claimsOf({ now }: World, iss: string, claims: Claims = {}): Claims {
  return {
    iss,
    aud: audience,
    exp: now + 3600,
    iat: now,
    sub: '7',
    role: 'service',
    roles: ['service', 'customer'],
    ...claims,
  };
}

/** How each kind of token is signed. */
export interface Signer {
  readonly name: string;
  readonly iss: string;
  readonly alg: Alg;
  readonly key: Key;
  readonly kid?: string;
}

export function signersOf({ pairs }: World): readonly Signer[] {
  const by = (alg: Alg, pair: PairName): Signer => ({
    name: `${alg} by ${pair}`,
    iss: names.keys,
    alg,
    key: pairs[pair].privateKey as KeyObject,
    kid: pair,
  });
  return [
    { name: 'HS256 of login', iss: names.login, alg: 'HS256', key: Buffer.from(secrets.login) },
    { name: 'HS256 of backup', iss: names.backup, alg: 'HS256', key: Buffer.from(secrets.backup) },
    ...(['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'] as const).map((alg) => by(alg, 'rsa')),
    by('RS256', 'fixed'),
    by('ES256', 'p256'),
    by('ES384', 'p384'),
    by('ES512', 'p521'),
    by('EdDSA', 'ed'),
    by('Ed25519', 'ed'),
    {
      name: 'RS256 of elsewhere',
      iss: names.elsewhere,
      alg: 'RS256',
      key: pairs.foreign.privateKey,
      kid: 'rsa',
    },
  ];
}

/** A sound token; header and claims may be overruled. */
export function sound(
  world: World,
  { iss, alg, key, kid }: Signer,
  claims: Claims = {},
  header: Claims = {},
): string {
  return mint({
    alg,
    key,
    header: { typ: 'JWT', ...(kid === undefined ? {} : { kid }), ...header },
    payload: claimsOf(world, iss, claims),
  });
}

export function signer(world: World, name: string): Signer {
  const found = signersOf(world).find((one) => one.name === name);
  if (found === undefined) throw new Error(`no signer ${name}`);
  return found;
}
