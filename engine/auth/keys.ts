/** Public keys of an issuer, fetched from its JWKS URL with bounds on time, size and how often. */
import { createRemoteJWKSet, customFetch, type JWTVerifyGetKey } from 'jose';

const timeoutMs = 5_000;
const maxBytes = 256 * 1024;
/** After a failed fetch the next attempt waits this long, so that callers do not queue behind a dead issuer. */
const retryAfterMs = 5_000;
/** Keys already known outlive an issuer that does not answer for this long. */
const keepMs = 24 * 60 * 60 * 1000;

/** The keys could not be had: nobody's token can be called wrong because of it. */
export class KeysUnavailable extends Error {
  readonly retryAfterSeconds = Math.ceil(retryAfterMs / 1000);
}

export interface RemoteKeys {
  readonly find: JWTVerifyGetKey;
  /** The last fetch failed: an unknown key may be a new one. */
  readonly unreachable: () => boolean;
}

/**
 * @param url `https:` (or `http:`) address of a JSON Web Key Set
 * @returns `find` throws `KeysUnavailable`, or jose's error when no key of the set fits
 */
export function remoteKeys(url: string): RemoteKeys {
  const source = new KeySource();
  const find = createRemoteJWKSet(new URL(url), {
    timeoutDuration: timeoutMs,
    cooldownDuration: 30_000,
    cacheMaxAge: 600_000,
    [customFetch]: (href, init) => source.fetch(href, init),
  });
  return { find, unreachable: () => source.failedAt !== undefined };
}

class KeySource {
  failedAt: number | undefined;
  #known: { readonly text: string; readonly at: number } | undefined;

  async fetch(href: string, init: RequestInit): Promise<Response> {
    if (this.failedAt !== undefined && Date.now() < this.failedAt + retryAfterMs)
      return this.#fallback(new KeysUnavailable('The last attempt has just failed.'));
    try {
      const text = await download(href, init);
      this.#known = { text, at: Date.now() };
      this.failedAt = undefined;
      return new Response(text);
    } catch (cause) {
      this.failedAt = Date.now();
      return this.#fallback(cause);
    }
  }

  #fallback(cause: unknown): Response {
    if (this.#known !== undefined && Date.now() < this.#known.at + keepMs)
      return new Response(this.#known.text);
    throw cause instanceof KeysUnavailable
      ? cause
      : new KeysUnavailable('The keys could not be fetched.', { cause });
  }
}

async function download(href: string, init: RequestInit): Promise<string> {
  const response = await fetch(href, { ...init, redirect: 'manual' });
  if (response.status !== 200 || response.body === null) {
    await response.body?.cancel();
    throw new KeysUnavailable(`The issuer answered ${response.status}.`);
  }
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body) {
    bytes += chunk.byteLength;
    if (bytes > maxBytes) throw new KeysUnavailable(`The key set is larger than ${maxBytes} bytes.`);
    chunks.push(chunk);
  }
  const text = Buffer.concat(chunks).toString('utf8');
  if (!isKeySet(text)) throw new KeysUnavailable('The answer is not a JSON Web Key Set.');
  return text;
}

function isKeySet(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text);
    if (value === null || typeof value !== 'object' || !('keys' in value)) return false;
    return (
      Array.isArray(value.keys) &&
      value.keys.every((key: unknown) => key !== null && typeof key === 'object' && !Array.isArray(key))
    );
  } catch {
    return false;
  }
}
