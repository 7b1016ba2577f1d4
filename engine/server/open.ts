/** Listeners at the addresses of server.yaml, and which hosts are whose. */
import { createServer } from 'node:net';
import type { Address, SourceConfig } from '../../schema/server-config.ts';
import type { Listener } from './listener.ts';

/** @returns where it listens, as a URL. @throws what Node says (`EADDRINUSE`) */
export async function openListener(listener: Listener, { host, port }: Address): Promise<string> {
  // Several processes cannot share a port that each of them chooses for itself.
  const found = await listener.listen(port, host, { reusePort: port !== 0 });
  return urlOf({ host, port: found.port });
}

export function urlOf({ host, port }: Address): string {
  return `http://${urlHost({ host })}:${port}`;
}

export function urlHost({ host }: Pick<Address, 'host'>): string {
  return host.includes(':') ? `[${host}]` : host;
}

/**
 * Whether nobody listens there: with a port that is shared, two servers that know nothing of each other would each get some of
 * the requests.
 *
 * @returns the address, its port chosen where it is 0. @throws what Node says (`EADDRINUSE`)
 */
export async function requireFree(address: Address): Promise<Address> {
  const probe = createServer();
  const opened = Promise.withResolvers<void>();
  probe.once('error', opened.reject);
  probe.listen({ ...address }, opened.resolve);
  await opened.promise;
  const { port } = probe.address() as { port: number };
  await new Promise((resolve) => probe.close(resolve));
  return { ...address, port };
}

/** Served names by the host names that are theirs alone. */
export function hostsOf(sources: Iterable<SourceConfig>): ReadonlyMap<string, string> {
  const hosts = [...sources].flatMap(({ projects }) =>
    [...(projects?.values() ?? [])].flatMap((project) =>
      project.hosts.map((host) => [host, project.as] as const),
    ),
  );
  return new Map(hosts);
}
