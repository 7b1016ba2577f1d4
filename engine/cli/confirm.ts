/** Asks for a database's name before one that is not on this machine is changed. */
import { addressOf, type Target } from './database.ts';
import { badInput } from './failure.ts';
import type { Terminal } from './terminal.ts';

/**
 * Resolves when the database is local, or was named.
 *
 * @param given the value of `--confirm`
 * @throws {Failure} 2 when the name is wrong, or there is nobody to ask
 */
export async function confirmRemote(
  { config, url }: Target,
  given: string | undefined,
  terminal: Terminal,
): Promise<void> {
  if (url === undefined || isLocal(url)) return;
  const address = addressOf(url);
  const name = address?.name || config.name;
  const where = address === undefined ? '' : ` on ${address.host}`;
  const subject = `Database "${config.name}" is "${name}"${where}, which is not this machine.`;
  if (given === undefined && !terminal.interactive) {
    throw badInput(subject, `add --confirm ${name} if that is the one to change`);
  }
  if (given === undefined) terminal.err(subject);
  const answer = given ?? (await terminal.ask('Type its name to change it: ')).trim();
  if (answer === name) return;
  throw badInput(
    `"${answer}" is not the name of the database to be changed; nothing was done.`,
    `it is "${name}"${where}`,
  );
}

const localHosts = new Set(['', 'localhost', '127.0.0.1', '::1']);

/** A loopback address or a Unix socket. Several hosts, or a URL nobody can read, are not. */
export function isLocal(url: string): boolean {
  if (!URL.canParse(url)) return false;
  const parsed = new URL(url);
  const host = parsed.searchParams.get('host') ?? decodeURIComponent(parsed.hostname);
  return (
    localHosts.has(host.replace(/^\[|\]$/g, '').toLowerCase()) ||
    host.startsWith('/') ||
    host.startsWith('%2F')
  );
}
