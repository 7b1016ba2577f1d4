/** `credentials` and `verify`: how a source is reached, and who must have signed what it holds. */
import type { Draft } from '../draft.ts';
import type { Path } from '../predicate.ts';
import { hasReference } from '../reference.ts';
import type { CredentialsConfig, VerifyConfig } from '../server-config.ts';
import { expecting, list, object, optional, reference, text } from '../shape.ts';
import type { GitUrl } from './git-url.ts';
import { holder, readSecret, secret } from './secret-text.ts';

export const credentials = holder(
  object(
    {
      username: optional(
        text('For https://. Default git, which GitHub, GitLab and Gitea take beside a token.'),
      ),
      password: optional(secret('For https://: a password or an access token.')),
      key: optional(secret('For ssh: a private key without a passphrase.')),
      known_hosts: optional(
        reference(
          'For ssh: lines of a known_hosts file. Nothing else tells the server from somebody in between.',
        ),
      ),
    },
    'How the repository is reached: username and password for https://, key and known_hosts for ssh.',
  ),
  'an object such as { password: "${env:GIT_TOKEN}" }, or for ssh one with key and known_hosts',
);

export const verify = expecting(
  object(
    {
      ssh: optional(
        list(
          text('A line of an allowed-signers file: who, kind of key, key.'),
          'Keys of SSH signatures, as in the allowed-signers file of OpenSSH.',
        ),
      ),
      gpg: optional(
        list(reference('An armored public key.'), 'OpenPGP public keys, armored, or references to them.'),
      ),
    },
    'The newest commit must be signed with one of these keys, or it is not deployed.',
  ),
  'an object with "ssh" or "gpg"',
);

/** @param url of the source; undefined where it is wrong */
export function readCredentials(
  draft: Draft,
  path: Path,
  url: GitUrl | undefined,
): CredentialsConfig | undefined {
  const { username, password, key, known_hosts } = credentials.properties;
  const written = new Set(draft.names(path));
  if (url === undefined) return undefined;
  if (url.transport === 'ssh') {
    refuse(draft, path, written, ['username', 'password'], 'ssh', 'give key and known_hosts');
    need(draft, path, written, ['key', 'known_hosts'], 'ssh');
    return {
      kind: 'ssh',
      key: readSecret(draft, [...path, 'key'], key, 'GIT_KEY') ?? '',
      knownHosts: draft.read([...path, 'known_hosts'], known_hosts) ?? '',
    };
  }
  if (draft.value(path) === undefined) return undefined;
  if (url.transport === 'file') {
    draft.error('WRONG_VALUE', path, 'A file:// url needs no credentials.', {
      hint: 'remove them',
      part: 'key',
    });
    return undefined;
  }
  refuse(draft, path, written, ['key', 'known_hosts'], 'https', 'give username and password');
  need(draft, path, written, ['password'], 'https');
  return {
    kind: 'https',
    username: draft.read([...path, 'username'], username) ?? 'git',
    password: readSecret(draft, [...path, 'password'], password, 'GIT_TOKEN') ?? '',
  };
}

type Key = keyof typeof credentials.properties;

function refuse(
  draft: Draft,
  path: Path,
  written: ReadonlySet<string>,
  keys: readonly Key[],
  transport: string,
  hint: string,
): void {
  for (const key of keys)
    if (written.has(key))
      draft.error(
        'WRONG_KEY',
        [...path, key],
        `"${key}" is of no use to a source that is reached by ${transport}.`,
        {
          hint: `remove it and ${hint}`,
          part: 'key',
        },
      );
}

function need(
  draft: Draft,
  path: Path,
  written: ReadonlySet<string>,
  keys: readonly Key[],
  transport: string,
): void {
  const missing = keys.filter((key) => !written.has(key));
  if (missing.length === 0 || draft.isBroken(path)) return;
  const example = missing.map((key) => `${key}: \${file:/run/secrets/${key}}`).join(', ');
  draft.error(
    'MISSING_KEY',
    path,
    `A source that is reached by ${transport} needs ${missing.map((key) => `"${key}"`).join(' and ')} under "credentials".`,
    {
      hint: draft.value(path) === undefined ? `add credentials: { ${example} }` : `add ${example}`,
      part: 'key',
    },
  );
}

const keyKind =
  /^(ssh-(ed25519|rsa)|ecdsa-sha2-nistp(256|384|521)|sk-(ssh-ed25519|ecdsa-sha2-nistp256)@openssh\.com)$/;

export function readVerify(draft: Draft, path: Path): VerifyConfig | undefined {
  if (draft.value(path) === undefined) return undefined;
  const ssh = draft.items([...path, 'ssh']).map((index) => readSigner(draft, [...path, 'ssh', index]));
  const gpg = draft.items([...path, 'gpg']).map((index) => readKey(draft, [...path, 'gpg', index]));
  if (ssh.length + gpg.length === 0 && !draft.isBroken(path))
    draft.error('WRONG_VALUE', path, '"verify" names no key, so no commit could ever be deployed.', {
      hint: 'add ssh: [ "*@example.com ssh-ed25519 AAAA…" ] or gpg: [ "${file:/etc/novastack/release.asc}" ], or remove it',
    });
  return { ssh, gpg };
}

function readSigner(draft: Draft, path: Path): string {
  const line = draft.read(path, verify.properties.ssh.items)?.trim() ?? '';
  if (line === '') return line;
  const words = line.split(/\s+/);
  const kind = words.findIndex((word) => keyKind.test(word));
  if (line.includes('\n') || line.includes('PRIVATE KEY')) {
    draft.error('WRONG_VALUE', path, 'A line of an allowed-signers file is one line.', {
      hint: 'write each key as an item of its own; never a private key',
    });
  } else if (kind === 0) {
    draft.error('WRONG_VALUE', path, 'The line does not say whose key it is.', {
      hint: 'put an address in front of the key, or "*" for anybody who holds it',
    });
  } else if (kind < 0 || !/^AAAA[A-Za-z0-9+/]+={0,2}$/.test(words[kind + 1] ?? '')) {
    draft.error('WRONG_VALUE', path, 'This is no line of an allowed-signers file.', {
      hint: 'write who, kind of key and key: "ada@example.com ssh-ed25519 AAAA…"',
    });
  }
  return line;
}

function readKey(draft: Draft, path: Path): string {
  const key = draft.read(path, verify.properties.gpg.items) ?? '';
  if (key.includes('PRIVATE KEY')) {
    draft.error('LITERAL_SECRET', path, 'This is a private key.', {
      hint: 'write the public one, and make a new pair if the file was shared',
    });
  } else if (key !== '' && !hasReference(key) && !key.includes('-----BEGIN PGP PUBLIC KEY BLOCK-----')) {
    draft.error('WRONG_VALUE', path, 'This is no armored OpenPGP public key.', {
      hint: 'write what gpg --armor --export prints, or a reference to a file that holds it',
    });
  }
  return key;
}
