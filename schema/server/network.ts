/** Addresses on which a server listens, networks that it believes, and URLs that it may ask. Pure. */
import { isIP } from 'node:net';
import type { Address } from '../server-config.ts';

/** `0.0.0.0:4000`, `[::1]:4000`, `localhost:4000`; undefined: it is none of these. */
export function parseAddress(text: string): Address | undefined {
  const found = /^(?:\[([0-9A-Fa-f:.]+)\]|([^:[\]]+)):([0-9]{1,5})$/.exec(text);
  const host = found?.[1] ?? found?.[2];
  const port = Number(found?.[3]);
  if (host === undefined || port > 65_535) return undefined;
  const fits = found?.[1] === undefined ? host === 'localhost' || isIP(host) === 4 : isIP(host) === 6;
  return fits ? { host, port } : undefined;
}

/** Whether only the machine itself can reach it. */
export function isLoopback(host: string): boolean {
  const bare = host.replace(/^\[|\]$/g, '').toLowerCase();
  return bare === 'localhost' || bare === '::1' || (isIP(bare) === 4 && bare.startsWith('127.'));
}

/** Whether a text is an address, or a network as `10.0.0.0/8`. */
export function isNetwork(text: string): boolean {
  const [, address, bits] = /^([^/]+)(?:\/([0-9]{1,3}))?$/.exec(text) ?? [];
  const version = isIP(address ?? '');
  if (version === 0) return false;
  return bits === undefined || Number(bits) <= (version === 4 ? 32 : 128);
}

/** `https://`, or `http://` to the machine itself; without a user, a query and a fragment. */
export function isSafeUrl(text: string): boolean {
  if (!URL.canParse(text) || /[\s\\]/.test(text)) return false;
  const { protocol, hostname, username, password, search, hash } = new URL(text);
  if (username !== '' || password !== '' || search !== '' || hash !== '') return false;
  return protocol === 'https:' || (protocol === 'http:' && isLoopback(hostname));
}
