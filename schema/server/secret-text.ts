/** Secrets of `server.yaml`: written as references, never as themselves. What they stand for, the engine alone reads. */
import type { Draft } from '../draft.ts';
import type { Path } from '../predicate.ts';
import {
  hasLiteralPassword,
  isReadableUrl,
  malformedReference,
  parseReferences,
  schemeOf,
} from '../reference.ts';
import { reference } from '../shape.ts';

/** A secret that is a reference as a whole. */
export function secret(description: string) {
  return {
    ...reference(description),
    expects: 'a reference such as ${env:NAME} or ${file:/run/secrets/name}',
  };
}

/** An object with secrets in it: what stands in its place by mistake may be one of them, and is never shown. */
export function holder<T extends object>(
  shape: T,
  expects: string,
): T & { reference: true; expects: string } {
  return { ...shape, reference: true, expects };
}

export type Secret = ReturnType<typeof secret>;

/**
 * Reads a secret, and refuses one that stands in the file itself, without showing it.
 *
 * @param name what the reference in the hint is called
 */
export function readSecret(draft: Draft, path: Path, shape: Secret, name: string): string | undefined {
  const text = draft.read(path, shape);
  if (text === undefined || isReference(text)) return text;
  // What only looks like a reference is told where references are looked at.
  if (malformedReference(text)) return undefined;
  const key = path.findLast((step) => typeof step === 'string');
  draft.error('LITERAL_SECRET', path, `The "${key}" stands in the file as plain text.`, {
    hint: `put it into a variable or a file and write \${env:${name}} or \${file:/run/secrets/${name.toLowerCase()}}`,
  });
  return undefined;
}

/** Whether a text is references and nothing else. */
function isReference(text: string): boolean {
  return parseReferences(text).every(({ kind }) => kind !== 'text');
}

/** Reads a URL that may hold references. Messages never show it. */
export function readSecretUrl(
  draft: Draft,
  path: Path,
  shape: Secret,
  schemes: readonly string[],
): string | undefined {
  const url = draft.read(path, shape);
  if (url === undefined || malformedReference(url)) return undefined;
  const scheme = schemeOf(url);
  const form = `${schemes[0]}://user:\${env:PASSWORD}@host:port/name`;
  if (hasLiteralPassword(url)) {
    draft.error('LITERAL_PASSWORD', path, 'The url contains a password as plain text.', {
      hint: 'write ${env:NAME} in its place, and change the password if the file was shared',
    });
  } else if (scheme === undefined ? !url.startsWith('${') : !schemes.includes(scheme)) {
    draft.error('WRONG_VALUE', path, `The url does not begin with ${schemes[0]}://.`, {
      hint: `write it as ${form}, or as a whole in a variable`,
    });
  } else if (scheme !== undefined && !isReadableUrl(url)) {
    draft.error('WRONG_VALUE', path, 'The url cannot be read.', {
      hint: `write it as ${form}, special characters percent-encoded`,
    });
  }
  return url;
}
