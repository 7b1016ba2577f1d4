/** The issuer that `dev` adds to a project: a random key under `.novastack/`, so that anybody can try every role. */
import { randomBytes } from 'node:crypto';
import { link, mkdir, readFile, unlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { SignJWT } from 'jose';
import type { JwtConfig } from '../../schema/project.ts';
import type { ClaimValue } from './principal.ts';

const defaultTtlMs = 30 * 24 * 60 * 60 * 1000;

export interface MintOptions {
  readonly role: string;
  /** Further claims; `iss`, `aud`, `iat` and `exp` are the issuer's and `role` is as given. */
  readonly claims?: { readonly [name: string]: ClaimValue };
  /** Milliseconds; default 30 days. Negative for a token that has expired. */
  readonly ttlMs?: number;
}

export interface DevIssuer {
  /** The entry of `auth.jwt` that trusts it. */
  readonly config: JwtConfig;
  mint(options: MintOptions): Promise<string>;
}

/**
 * Reads or makes the key of a project's folder.
 *
 * @param directory the project's folder
 * @param project its slug: the audience
 */
export async function openDevIssuer(directory: string, project: string): Promise<DevIssuer> {
  return devIssuer(await readOrMakeKey(await stateFolder(directory)), project);
}

/** `<project>/.novastack`, made when missing, with a `.gitignore` that keeps all of it out of Git. */
export async function stateFolder(directory: string): Promise<string> {
  const folder = path.join(directory, '.novastack');
  await mkdir(folder, { recursive: true });
  await writeFile(path.join(folder, '.gitignore'), '*\n', { flag: 'wx' }).catch(ignoreExisting);
  return folder;
}

/** @param secret the key, 32 characters or more */
export function devIssuer(secret: string, project: string): DevIssuer {
  const config: JwtConfig = {
    issuer: `urn:novastack:dev:${project}`,
    audience: project,
    jwks: undefined,
    secret,
    role: ['role'],
    roles: ['roles'],
    defaultRole: undefined,
  };
  const key = Buffer.from(secret, 'utf8');
  return {
    config,
    mint(options) {
      const now = Math.floor(Date.now() / 1000);
      const claims = { ...options.claims, role: options.role };
      return new SignJWT(claims)
        .setProtectedHeader({ alg: 'HS256', typ: 'JWT' })
        .setIssuer(config.issuer)
        .setAudience(config.audience)
        .setIssuedAt(now)
        .setExpirationTime(now + Math.floor((options.ttlMs ?? defaultTtlMs) / 1000))
        .sign(key);
    },
  };
}

/** Written aside and linked into place, so that two processes that start together agree on one key. */
async function readOrMakeKey(folder: string): Promise<string> {
  const file = path.join(folder, '.dev-key');
  const found = await readKey(file);
  if (found !== undefined) return found;
  const aside = `${file}.${process.pid}.${randomBytes(4).toString('hex')}`;
  await writeFile(aside, `${randomBytes(32).toString('base64url')}\n`, { mode: 0o600 });
  try {
    await link(aside, file);
  } catch (error) {
    ignoreExisting(error);
  } finally {
    await unlink(aside);
  }
  const made = await readKey(file);
  if (made === undefined) throw new Error(`${file} holds no key of 32 bytes; delete it and start again.`);
  return made;
}

async function readKey(file: string): Promise<string | undefined> {
  try {
    const key = (await readFile(file, 'utf8')).trim();
    return key.length >= 32 ? key : undefined;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

function ignoreExisting(error: unknown): void {
  if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
}
