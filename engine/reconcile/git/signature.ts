/** The signature of a commit, held against the keys that a source is given: by Git, in folders of its own, with those keys alone. */
import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { plain } from './commit.ts';
import { type Environment, gitEnvironment } from './environment.ts';
import { GitFailure } from './failure.ts';
import { runGit } from './process.ts';

/** With references resolved. */
export interface ResolvedVerify {
  /** Lines of an OpenSSH allowed-signers file. */
  readonly ssh: readonly string[];
  /** Armored OpenPGP public keys. */
  readonly gpg: readonly string[];
}

export type Verified =
  | { readonly ok: true; readonly signer: string }
  | { readonly ok: false; readonly message: string };

export interface VerifyOptions {
  /** The mirror. */
  readonly directory: string;
  readonly keys: ResolvedVerify;
  readonly timeoutMs: number;
}

/**
 * @param id of a commit that the mirror has
 * @param content of its object
 * @throws {GitFailure} timeout, git, disk
 */
export async function verifySignature(
  id: string,
  content: Buffer,
  options: VerifyOptions,
): Promise<Verified> {
  const form = formOf(content);
  if (form === undefined) return refused('The commit is not signed.');
  if (form === 'other')
    return refused('The commit is signed in a way that is not checked; OpenPGP and SSH are.');
  // Public keys alone; in the folder for such things, because gpg wants its paths short.
  const folder = await mkdtemp(join(tmpdir(), 'novastack-keys-')).catch((cause: unknown) => {
    throw new GitFailure('disk', 'No folder for the keys can be made.', 'make room for temporary files', {
      cause,
    });
  });
  try {
    return form === 'ssh' ? await verifySsh(id, folder, options) : await verifyPgp(id, folder, options);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function formOf(content: Buffer): 'ssh' | 'pgp' | 'other' | undefined {
  const text = content.toString('latin1');
  const end = text.indexOf('\n\n');
  const first = /^gpgsig (.*)$/m.exec(end < 0 ? text : text.slice(0, end))?.[1];
  if (first === undefined) return undefined;
  if (first === '-----BEGIN SSH SIGNATURE-----') return 'ssh';
  return /^-----BEGIN PGP (SIGNATURE|MESSAGE)-----$/.test(first) ? 'pgp' : 'other';
}

async function verifySsh(id: string, folder: string, options: VerifyOptions): Promise<Verified> {
  const file = join(folder, 'allowed_signers');
  await writeFile(file, options.keys.ssh.map((line) => `${line}\n`).join(''), { mode: 0o600 });
  const { code, said } = await verifyCommit(
    id,
    { GNUPGHOME: folder },
    [['gpg.ssh.allowedSignersFile', file]],
    options,
  );
  const good = /^Good "git" signature for (.+) with \S+ key (SHA256:\S+)$/m.exec(said);
  if (code === 0 && good) return { ok: true, signer: plain(good[1]!) };
  const key = /^Good "git" signature with \S+ key (SHA256:\S+)$/m.exec(said)?.[1];
  if (key === undefined)
    return refused('The signature of the commit is bad: it is not one of what the commit says.');
  return options.keys.ssh.some((line) => fingerprints(line).includes(key))
    ? refused(`The key ${key} that signed the commit had expired, or was not valid yet, when it was made.`)
    : refused(`The commit is signed by a key that is not among the source's: ${key}.`);
}

/** Of every word of the line that may be a key. */
function fingerprints(line: string): readonly string[] {
  return line
    .split(/\s+/)
    .filter((word) => word.startsWith('AAAA'))
    .map((word) =>
      createHash('sha256').update(Buffer.from(word, 'base64')).digest('base64').replace(/=+$/, ''),
    )
    .map((hash) => `SHA256:${hash}`);
}

async function verifyPgp(id: string, folder: string, options: VerifyOptions): Promise<Verified> {
  const home = { GNUPGHOME: folder };
  if (options.keys.gpg.length > 0) {
    const environment = gitEnvironment({ directory: options.directory, variables: home });
    const imported = await runGit(['--batch', '--quiet', '--no-autostart', '--import'], {
      program: 'gpg',
      input: options.keys.gpg.join('\n'),
      environment,
      timeoutMs: options.timeoutMs,
    });
    if (imported.code !== 0)
      return refused('The OpenPGP keys of the source cannot be read; each has to be an armored public key.');
  }
  const { code, said } = await verifyCommit(id, home, [], options);
  const status = new Map(
    [...said.matchAll(/^\[GNUPG:\] (\w+) ?(.*)$/gm)].map(([, word, rest]) => [word!, rest!] as const),
  );
  const signer = status.get('GOODSIG');
  if (code === 0 && signer !== undefined && status.has('VALIDSIG'))
    return { ok: true, signer: plain(signer.replace(/^\S+ /, '')) };
  const key = (word: string): string => status.get(word)?.split(' ', 1)[0] ?? '';
  if (status.has('EXPKEYSIG'))
    return refused(`The key ${key('EXPKEYSIG')} that signed the commit has expired.`);
  if (status.has('EXPSIG')) return refused('The signature of the commit has expired.');
  if (status.has('REVKEYSIG'))
    return refused(`The key ${key('REVKEYSIG')} that signed the commit is revoked.`);
  if (status.has('NO_PUBKEY'))
    return refused(`The commit is signed by a key that is not among the source's: ${key('NO_PUBKEY')}.`);
  return refused('The signature of the commit is bad: it is not one of what the commit says.');
}

async function verifyCommit(
  id: string,
  variables: Environment,
  settings: readonly (readonly [string, string])[],
  options: VerifyOptions,
): Promise<{ readonly code: number | undefined; readonly said: string }> {
  const environment = gitEnvironment({
    directory: options.directory,
    variables,
    settings: [
      ['gpg.program', 'gpg'],
      ['gpg.ssh.program', 'ssh-keygen'],
      ['gpg.x509.program', 'false'],
      ...settings,
    ],
  });
  const { code, stderr, stdout } = await runGit(['verify-commit', '--raw', id], {
    environment,
    timeoutMs: options.timeoutMs,
  });
  const lacking = /cannot run (\S+): No such file/.exec(stderr)?.[1];
  if (lacking !== undefined)
    throw new GitFailure(
      'git',
      `Signatures cannot be checked: "${lacking.replace(/:$/, '')}" is not installed.`,
      'install it',
    );
  return { code, said: `${stderr}\n${stdout}` };
}

function refused(message: string): Verified {
  return { ok: false, message };
}
