/**
 * What one fetch may use to get in: the settings and variables of Git for it, and the private files of an SSH key, which are there
 * as long as the fetch runs. A password goes through the environment alone.
 */
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Environment, Settings } from './environment.ts';
import { GitFailure } from './failure.ts';
import type { RemoteAddress } from './remote-address.ts';

/** With references resolved. */
export type ResolvedCredentials =
  | { readonly kind: 'https'; readonly username: string; readonly password: string }
  | { readonly kind: 'ssh'; readonly key: string; readonly knownHosts: string }; // biome-ignore format: one case a line

export interface Access {
  readonly settings: Settings;
  readonly variables: Environment;
  readonly close: () => Promise<void>;
}

/**
 * @param folder for the files of a key; made, and removed by `close`
 * @throws {GitFailure} refused: the credentials do not go with the url; disk
 */
export async function openAccess(
  remote: RemoteAddress,
  credentials: ResolvedCredentials | undefined,
  folder: string,
  timeoutMs: number,
): Promise<Access> {
  const seconds = Math.max(1, Math.ceil(timeoutMs / 1_000));
  // So that a process which nobody is left to end, ends.
  const patience: Settings = [
    ['http.lowSpeedLimit', '1'],
    ['http.lowSpeedTime', String(seconds)],
  ];
  if (remote.transport !== 'ssh') {
    const none = { settings: patience, variables: {}, close: async () => {} };
    if (credentials === undefined) return none;
    if (credentials.kind !== 'https' || remote.transport === 'file') throw doNotFit(remote);
    return { ...none, ...passwordAccess(remote, credentials, patience) };
  }
  if (credentials !== undefined && credentials.kind !== 'ssh') throw doNotFit(remote);
  const close = () => rm(folder, { recursive: true, force: true });
  try {
    await close();
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const [key, hosts] = [join(folder, 'key'), join(folder, 'known_hosts')];
    await writeFile(key, withEnd(credentials?.key ?? ''), { mode: 0o600, flag: 'wx' });
    await writeFile(hosts, withEnd(credentials?.knownHosts ?? ''), { mode: 0o600, flag: 'wx' });
    const variables = { GIT_SSH_VARIANT: 'ssh', GIT_SSH_COMMAND: sshCommand(key, hosts, seconds) };
    return { settings: [], variables, close };
  } catch (cause) {
    await close().catch(() => {});
    throw new GitFailure(
      'disk',
      'The files of the SSH key cannot be written.',
      'make room in the state folder',
      { cause },
    );
  }
}

/** A helper of Git's that is a line of shell: it is asked for this one host alone, and answers from its environment. */
function passwordAccess(
  remote: RemoteAddress,
  { username, password }: { readonly username: string; readonly password: string },
  patience: Settings,
): Pick<Access, 'settings' | 'variables'> {
  if (/[\n\r\0]/.test(username + password))
    throw new GitFailure(
      'refused',
      'The user name or the password has a line break.',
      'look at the "credentials" of the source',
    );
  const helper =
    '!f() { test "$1" = get && printf "username=%s\\npassword=%s\\n" "$NOVASTACK_GIT_USERNAME" "$NOVASTACK_GIT_PASSWORD"; }; f';
  return {
    settings: [...patience, [`credential.${remote.origin}.helper`, helper]],
    variables: { NOVASTACK_GIT_USERNAME: username, NOVASTACK_GIT_PASSWORD: password },
  };
}

/** No file of the user's, no agent, no terminal, no other host; only hosts that are known. */
function sshCommand(key: string, hosts: string, seconds: number): string {
  const options = [
    'BatchMode=yes',
    'IdentitiesOnly=yes',
    'IdentityAgent=none',
    `IdentityFile=${sshQuoted(key)}`,
    'StrictHostKeyChecking=yes',
    `UserKnownHostsFile=${sshQuoted(hosts)}`,
    'GlobalKnownHostsFile=/dev/null',
    'UpdateHostKeys=no',
    'PreferredAuthentications=publickey',
    'PasswordAuthentication=no',
    'KbdInteractiveAuthentication=no',
    'ForwardAgent=no',
    'ClearAllForwardings=yes',
    'PermitLocalCommand=no',
    'ControlMaster=no',
    'ControlPath=none',
    'LogLevel=ERROR',
    `ConnectTimeout=${seconds}`,
    `ServerAliveInterval=${seconds}`,
    'ServerAliveCountMax=1',
  ];
  return ['ssh', '-F', 'none', ...options.flatMap((option) => ['-o', shellQuoted(option)])].join(' ');
}

function shellQuoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

/** ssh splits the lists of files at spaces, and reads `%` as a token. */
function sshQuoted(path: string): string {
  return `"${path.replaceAll('%', '%%')}"`;
}

function withEnd(text: string): string {
  return text.endsWith('\n') ? text : `${text}\n`;
}

function doNotFit(remote: RemoteAddress): GitFailure {
  return new GitFailure(
    'refused',
    `The credentials do not go with a url of ${remote.transport}.`,
    'give a user name and a password to https, a key to ssh, and nothing to file',
  );
}
