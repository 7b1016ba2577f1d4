/** A database's URL as the driver's options. */
import { readFileSync } from 'node:fs';
import type { ConnectionOptions, SslOptions } from 'mysql2';

const known = ['sslmode', 'ssl', 'sslrootcert', 'sslcert', 'sslkey', 'socketPath'];

/**
 * `mysql://user:password@host:3306/database`, or `mariadb://`. Parameters: `sslmode` (`disable`, `no-verify`; anything
 * that asks for TLS, such as `require` or `verify-full`, means with a certificate that is verified), `ssl=true`,
 * `sslrootcert`, `sslcert`, `sslkey` (paths of files) and `socketPath`. Others are refused.
 *
 * @throws {Error} of what cannot be read
 */
export function parseUrl(text: string): ConnectionOptions {
  const url = read(text);
  const database = decodeURIComponent(url.pathname.slice(1));
  const parameters = new Map(url.searchParams);
  const take = (name: string): string | undefined => {
    const value = parameters.get(name);
    parameters.delete(name);
    return value;
  };
  const socketPath = take('socketPath');
  const ssl = parseTls(take);
  const [unknown] = parameters.keys();
  if (unknown !== undefined)
    throw new Error(
      `the parameter "${unknown}" of the database's URL is not known; known are ${known.join(', ')}`,
    );
  return {
    host: url.hostname.replace(/^\[(.*)\]$/, '$1') || 'localhost',
    port: Number(url.port || 3306),
    user: decodeURIComponent(url.username),
    password: decodeURIComponent(url.password),
    ...(database === '' ? null : { database }),
    ...(socketPath === undefined ? null : { socketPath }),
    ...(ssl === undefined ? null : { ssl }),
  };
}

/** The system's own error holds the whole text, with its password. */
function read(text: string): URL {
  const url = URL.parse(text);
  if (url === null) throw new Error("the database's URL cannot be read");
  return url;
}

const withTls = new Set(['prefer', 'require', 'verify-ca', 'verify-full']);

function parseTls(take: (name: string) => string | undefined): SslOptions | undefined {
  const files = { ca: take('sslrootcert'), cert: take('sslcert'), key: take('sslkey') };
  const mode = take('sslmode') ?? modeOf(take('ssl'), files.ca);
  if (mode === 'disable') return undefined;
  if (mode !== 'no-verify' && !withTls.has(mode)) throw new Error(`sslmode "${mode}" is not known`);
  const read = Object.entries(files).flatMap(([name, path]) =>
    path === undefined ? [] : [[name, readFileSync(path, 'utf8')] as const],
  );
  const verified = mode !== 'no-verify';
  return { ...Object.fromEntries(read), rejectUnauthorized: verified, verifyIdentity: verified };
}

function modeOf(ssl: string | undefined, ca: string | undefined): string {
  if (ssl === undefined) return ca === undefined ? 'disable' : 'verify-full';
  return ssl === 'true' || ssl === '1' ? 'verify-full' : 'disable';
}
