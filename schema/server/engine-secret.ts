/** `secret`, `control`, `redis`, `state`: what the engine holds for itself. */
import { isAbsolute, resolve } from 'node:path';
import type { Draft } from '../draft.ts';
import type { Path } from '../predicate.ts';
import { schemes } from '../sections/databases.ts';
import type { SecretText, ServerConfig } from '../server-config.ts';
import { either, list, object, optional, text } from '../shape.ts';
import { holder, readSecret, readSecretUrl, secret } from './secret-text.ts';

const own = secret('The secret of the engine, 32 bytes or more. Every key is derived from it.');

const Rotation = object(
  {
    current: own,
    previous: optional(
      list(
        secret('A secret of before.'),
        'Secrets of before, newest first: what was signed with one is still read.',
      ),
    ),
  },
  'A secret and those before it.',
);

const Store = (description: string) =>
  holder(
    object({ url: secret('Connection URL.') }, description),
    'an object such as { url: "${env:CONNECTION_URL}" }',
  );

export const holdings = {
  secret: {
    ...either(
      [own, Rotation],
      'The secret of the engine as a reference, 32 bytes or more. Every key is derived from it. To change it: { current: …, previous: [ … ] }.',
    ),
    reference: true as const,
    expects: 'a reference such as ${env:NOVASTACK_SECRET}, or an object with "current" and "previous"',
  },
  state: optional(
    text(
      'Folder for mirrors, last good revisions and data of embedded databases; a relative path starts at this file. Default ./state.',
    ),
  ),
  control: optional(
    Store(
      'A PostgreSQL database in which several engines agree. Absent: this engine alone, in the state folder.',
    ),
  ),
  redis: optional(Store('A Redis or Valkey for what several engines count together.')),
};

export const redisSchemes = ['redis', 'rediss', 'valkey', 'valkeys'];

export function readSecrets(draft: Draft): { secret: SecretText; previous: readonly SecretText[] } {
  const written = draft.value(['secret']);
  if (typeof written === 'string')
    return { secret: readSecret(draft, ['secret'], own, 'NOVASTACK_SECRET') ?? '', previous: [] };
  const current = readSecret(draft, ['secret', 'current'], own, 'NOVASTACK_SECRET') ?? '';
  const previous = draft
    .items(['secret', 'previous'])
    .map((index) => readSecret(draft, ['secret', 'previous', index], own, 'NOVASTACK_SECRET_BEFORE') ?? '');
  return { secret: current, previous };
}

export function readStores(draft: Draft): Pick<ServerConfig, 'control' | 'redis'> {
  return {
    control: readStore(draft, ['control'], schemes.postgres),
    redis: readStore(draft, ['redis'], redisSchemes),
  };
}

function readStore(draft: Draft, path: Path, allowed: readonly string[]): ServerConfig['control'] {
  const url = readSecretUrl(draft, [...path, 'url'], own, allowed);
  return url === undefined ? undefined : { url };
}

/** @param directory of the file, absolute */
export function readState(draft: Draft, directory: string): string {
  const written = draft.read(['state'], holdings.state) ?? './state';
  if (written.startsWith('~')) {
    draft.error('WRONG_VALUE', ['state'], '"~" is not expanded here.', { hint: 'write the whole path' });
  } else if (/[\u0000-\u001f]/.test(written) || resolve(directory, written) === resolve('/')) {
    draft.error('WRONG_VALUE', ['state'], 'The state folder cannot be there.', {
      hint: 'write a folder of its own, such as /var/lib/novastack',
    });
  }
  return isAbsolute(written) ? resolve(written) : resolve(directory, written);
}
