/** Forged: bits that were flipped, signatures cut, padded, spelled otherwise, or chosen so that weak verifiers take them. */

import { type Dice, dice } from './dice.ts';
import type { Forgery } from './forgeries.ts';
import { part, partsOf, signatureOf } from './mint.ts';
import { claimsOf, names, type Signer, signer, signersOf, sound, type World } from './world.ts';

/** @param flips of each kind of token, in each of its parts, in the text and in the bytes */
export function forgedSignatures(world: World, seed: number, flips: number): readonly Forgery[] {
  const random = dice(seed);
  return [
    ...signersOf(world).flatMap((one) => flipped(world, one, random, flips)),
    ...respelledKinds.flatMap((name) => respelled(world, signer(world, name))),
    ...chosen(world),
  ];
}

/** One for each way in which a signature is read. */
const respelledKinds = [
  'HS256 of login',
  'RS256 by rsa',
  'PS512 by rsa',
  'ES256 by p256',
  'ES512 by p521',
  'EdDSA by ed',
];

function flipped(world: World, one: Signer, random: Dice, flips: number): Forgery[] {
  const forged: Forgery[] = [];
  for (const place of [0, 1, 2] as const)
    for (let flip = 0; flip < flips; flip += 1) {
      const parts = partsOf(sound(world, one, { jti: `${place}${flip}` }));
      const bytes = Buffer.from(parts[place], 'base64url');
      const at = random(bytes.length);
      const bit = random(8);
      bytes[at]! ^= 1 << bit;
      forged.push({
        name: `${one.name}, part ${place}: bit ${bit} of byte ${at}`,
        token: parts.with(place, part(bytes)).join('.'),
      });
      const text = partsOf(sound(world, one, { jti: `t${place}${flip}` }));
      const where = random(text[place].length);
      const letter = otherLetter(text[place][where]!, random);
      const changed = `${text[place].slice(0, where)}${letter}${text[place].slice(where + 1)}`;
      forged.push({
        name: `${one.name}, part ${place}: ${letter} at ${where}`,
        token: text.with(place, changed).join('.'),
      });
    }
  return forged;
}

const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

function otherLetter(letter: string, random: Dice): string {
  return letters[(letters.indexOf(letter) + 1 + random(63)) % 64]!;
}

/** Texts that a lenient decoder takes for the same bytes, and bytes that are too few or too many. */
function respelled(world: World, one: Signer): Forgery[] {
  const token = sound(world, one);
  const parts = partsOf(token);
  const [header, payload, signature] = parts;
  const bytes = Buffer.from(signature, 'base64url');
  const sealed = (text: string) => `${header}.${payload}.${text}`;
  const last = letters.indexOf(signature.at(-1)!);
  const forged: [name: string, token: string][] = [
    ['padding', sealed(`${signature}=`)],
    ['more padding', sealed(`${signature}==`)],
    ['percent-encoded padding', sealed(`${signature}%3D`)],
    ['padding in the header', `${header}=.${payload}.${signature}`],
    ['padding in the payload', `${header}.${payload}=.${signature}`],
    ['one byte less', sealed(part(bytes.subarray(0, -1)))],
    ['one byte less in front', sealed(part(bytes.subarray(1)))],
    ['half of it', sealed(part(bytes.subarray(0, bytes.length / 2)))],
    ['one byte of it', sealed(part(bytes.subarray(0, 1)))],
    ['nothing of it', sealed('')],
    ['a zero byte behind it', sealed(part(Buffer.concat([bytes, Buffer.alloc(1)])))],
    ['a zero byte before it', sealed(part(Buffer.concat([Buffer.alloc(1), bytes])))],
    ['itself behind it', sealed(part(Buffer.concat([bytes, bytes])))],
    ['a letter more', sealed(`${signature}A`)],
    ['zeros', sealed(part(Buffer.alloc(bytes.length)))],
    ['ones', sealed(part(Buffer.alloc(bytes.length, 255)))],
    ['its bytes the other way round', sealed(part(Buffer.from(bytes).reverse()))],
    ['all in small letters', token.toLowerCase()],
    ['a sign in the midst', sealed(`${signature.slice(0, 9)}!${signature.slice(9)}`)],
    ['a comma behind it', `${token},`],
    ['a quote around it', `"${token}"`],
  ];
  const spare = (6 * signature.length) % 8;
  for (let bits = 1; bits < 1 << spare; bits += 1)
    forged.push([
      `${bits} in the bits behind the last byte`,
      sealed(`${signature.slice(0, -1)}${letters[last ^ bits]}`),
    ]);
  // As a decoder of plain base64 has them: only where the text has one of the two signs that differ.
  if (/[-_]/.test(signature))
    forged.push(['plain base64', sealed(signature.replaceAll('-', '+').replaceAll('_', '/'))]);
  if (/[-_]/.test(payload))
    forged.push([
      'a payload in plain base64',
      `${header}.${payload.replaceAll('-', '+').replaceAll('_', '/')}.${signature}`,
    ]);
  return forged.map(([name, text]) => ({ name: `${one.name}, ${name}`, token: text }));
}

/** The order of the group of each curve. */
export const orders = {
  ES256: 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n,
  ES384: 0xffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973n,
  ES512:
    0x01fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffa51868783bf2f966b7fcc0148f709a5d03bb5c9b8899c47aebb6fb71e91386409n,
} as const;
const sizes = { ES256: 32, ES384: 48, ES512: 66 } as const;
const orderOfEd25519 = 2n ** 252n + 27742317777372353535851937790883648493n;

function chosen(world: World): Forgery[] {
  return [...psychic(world), ...malleable(world)];
}

/** r and s of 0, of the order and around it: the "psychic" signatures of CVE-2022-21449. */
function psychic(world: World): Forgery[] {
  const kinds = { ES256: 'ES256 by p256', ES384: 'ES384 by p384', ES512: 'ES512 by p521' } as const;
  return (['ES256', 'ES384', 'ES512'] as const).flatMap((alg) => {
    const n = orders[alg];
    const pairs: [bigint, bigint][] = [
      [0n, 0n],
      [0n, 1n],
      [1n, 0n],
      [1n, 1n],
      [n, n],
      [n, 1n],
      [1n, n],
      [n - 1n, n - 1n],
      [n + 1n, 1n],
    ];
    const { iss, kid } = signer(world, kinds[alg]);
    const text = `${part({ alg, kid })}.${part(claimsOf(world, iss))}`;
    return pairs.map(([r, s], index) => ({
      name: `${alg} with chosen r and s (${index})`,
      token: `${text}.${part(joined(r, s, sizes[alg]))}`,
    }));
  });
}

/** A second signature that holds by the mathematics, over another payload; and forms that no signature has. */
function malleable(world: World): Forgery[] {
  const es = signer(world, 'ES256 by p256');
  const ed = signer(world, 'EdDSA by ed');
  const [header, , signature] = partsOf(otherOf(sound(world, es)));
  const altered = part(claimsOf(world, names.keys, { sub: 'root' }));
  const text = `${part({ alg: 'ES256', kid: es.kid })}.${part(claimsOf(world, es.iss))}`;
  const der = derOf(signatureOf('ES256', es.key, text));
  const [edHeader, edPayload, edSignature] = partsOf(sound(world, ed));
  const bytes = Buffer.from(edSignature, 'base64url');
  const s = BigInt(`0x${Buffer.from(bytes.subarray(32)).reverse().toString('hex')}`) + orderOfEd25519;
  const raised = Buffer.from(s.toString(16).padStart(64, '0'), 'hex').reverse();
  return [
    { name: 'ES256 with n-s over another payload', token: `${header}.${altered}.${signature}` },
    { name: 'ES256 in DER', token: `${text}.${part(der)}` },
    {
      name: 'EdDSA with S + L',
      token: `${edHeader}.${edPayload}.${part(Buffer.concat([bytes.subarray(0, 32), raised]))}`,
    },
    { name: 'HS256 cut to 16 bytes', token: cut(world, 16) },
    { name: 'HS256 cut to 31 bytes', token: cut(world, 31) },
  ];
}

function cut(world: World, length: number): string {
  const [header, payload, signature] = partsOf(sound(world, signer(world, 'HS256 of login')));
  return `${header}.${payload}.${part(Buffer.from(signature, 'base64url').subarray(0, length))}`;
}

/** The same token of ES256 with n-s for s: as valid as the first, and signed by the same key over the same bytes. */
export function otherOf(token: string): string {
  const [header, payload, signature] = partsOf(token);
  const bytes = Buffer.from(signature, 'base64url');
  const [r, s] = [bytes.subarray(0, 32), bytes.subarray(32)].map((half) =>
    BigInt(`0x${half.toString('hex')}`),
  ) as [bigint, bigint];
  return `${header}.${payload}.${part(joined(r, orders.ES256 - s, 32))}`;
}

function joined(r: bigint, s: bigint, size: number): Buffer {
  return Buffer.from([r, s].map((number) => number.toString(16).padStart(size * 2, '0')).join(''), 'hex');
}

function derOf(signature: Buffer): Buffer {
  const integers = [signature.subarray(0, 32), signature.subarray(32)].map((half) => {
    const whole = Buffer.concat([Buffer.alloc(1), half]);
    return Buffer.concat([Buffer.from([2, whole.length]), whole]);
  });
  const body = Buffer.concat(integers);
  return Buffer.concat([Buffer.from([0x30, body.length]), body]);
}
