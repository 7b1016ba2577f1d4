/** Whether a webhook comes from who knows its secret: the signatures of GitHub, Gitea, Forgejo and GitLab, over the body as it comes. */
import { createHash, createHmac, type Hmac, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';

/** Takes a body piece by piece and keeps none of it. */
export interface Verifier {
  update(chunk: Buffer): void;
  /** Once all of it has come. */
  holds(): boolean;
}

/** Headers with the hexadecimal HMAC-SHA256 of the body under the secret, and what stands before it. */
const hexadecimal: readonly [header: string, prefix: string][] = [
  ['x-hub-signature-256', 'sha256='],
  ['x-gitea-signature', ''],
  ['x-forgejo-signature', ''],
];

/** Seconds by which the time of a signed message may be off (Standard Webhooks, as GitLab has it). */
const toleranceSeconds = 300;

/**
 * Of several signatures each has to hold. A token that is sent as it is counts where there is no signature.
 *
 * @param now milliseconds since the epoch
 * @returns undefined: there is nothing to verify, or what there is cannot be right
 */
export function verifierOf(headers: IncomingHttpHeaders, secret: string, now: number): Verifier | undefined {
  const parts: (Verifier | undefined)[] = hexadecimal
    .filter(([header]) => headers[header] !== undefined)
    .map(([header, prefix]) => hexVerifier(String(headers[header]), prefix, secret));
  if (headers['webhook-signature'] !== undefined) parts.push(standardVerifier(headers, secret, now));
  if (parts.length === 0 && headers['x-gitlab-token'] !== undefined)
    parts.push(tokenVerifier(String(headers['x-gitlab-token']), secret));
  const whole = parts.filter((part) => part !== undefined);
  if (parts.length === 0 || whole.length < parts.length) return undefined;
  return {
    update: (chunk) => {
      for (const part of whole) part.update(chunk);
    },
    holds: () => whole.map((part) => part.holds()).every(Boolean),
  };
}

function hexVerifier(header: string, prefix: string, secret: string): Verifier | undefined {
  if (!header.startsWith(prefix)) return undefined;
  const hex = header.slice(prefix.length);
  if (!/^[0-9a-f]{64}$/.test(hex)) return undefined;
  return hmacVerifier(createHmac('sha256', secret), [Buffer.from(hex, 'hex')]);
}

/** `webhook-signature: v1,<base64> v1,<base64>` over `<id>.<time>.<body>`, under the bytes that `whsec_<base64>` stands for. */
function standardVerifier(headers: IncomingHttpHeaders, secret: string, now: number): Verifier | undefined {
  const id = headers['webhook-id'];
  const time = headers['webhook-timestamp'];
  if (typeof id !== 'string' || typeof time !== 'string' || !/^[0-9]{1,12}$/.test(time)) return undefined;
  if (Math.abs(now / 1000 - Number(time)) > toleranceSeconds) return undefined;
  const key = /^whsec_([A-Za-z0-9+/]+={0,2})$/.exec(secret)?.[1];
  if (key === undefined) return undefined;
  const signatures = String(headers['webhook-signature'])
    .split(' ')
    .flatMap((one) => /^v1,([A-Za-z0-9+/]{43}=)$/.exec(one)?.[1] ?? [])
    .slice(0, 8)
    .map((text) => Buffer.from(text, 'base64'));
  const hmac = createHmac('sha256', Buffer.from(key, 'base64')).update(`${id}.${time}.`);
  return hmacVerifier(hmac, signatures);
}

function hmacVerifier(hmac: Hmac, accepted: readonly Buffer[]): Verifier {
  return {
    update: (chunk) => {
      hmac.update(chunk);
    },
    holds: () => {
      const digest = hmac.digest();
      return accepted
        .map((one) => one.length === digest.length && timingSafeEqual(one, digest))
        .some(Boolean);
    },
  };
}

function tokenVerifier(token: string, secret: string): Verifier {
  const isIt = timingSafeEqual(digest(token), digest(secret));
  return { update: () => {}, holds: () => isIt };
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
