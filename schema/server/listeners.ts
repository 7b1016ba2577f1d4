/** `listen`, `admin`, `url`, `proxies`, `workers`: where the engine is reached. */
import type { Draft } from '../draft.ts';
import type { Address } from '../server-config.ts';
import { count, either, list, optional, text } from '../shape.ts';
import { isLoopback, isNetwork, isSafeUrl, parseAddress } from './network.ts';

const address = (description: string) => ({
  ...either([text('Host and port.'), count('Port.', 0, 65_535)], description),
  expects: 'an address such as 0.0.0.0:4000 or [::]:4000',
});

export const listeners = {
  listen: optional(
    address(
      'Where callers of the APIs are answered: 0.0.0.0:4000. Default 127.0.0.1:4000; port 0 is a free one.',
    ),
  ),
  admin: optional(
    address(
      'Where the endpoints of the operator (/-/status, /-/metrics, …) are answered without a token: 127.0.0.1:4001. Absent: on `listen`, and only to a token.',
    ),
  ),
  url: optional(
    text(
      'Where the outside world reaches `listen`: https://api.example.com. It is the audience of OIDC tokens where `trust` names no other.',
    ),
  ),
  workers: optional(count('Processes that share `listen`. Default 1.', 1, 256)),
  proxies: optional(
    list(
      text('An address, or a network such as 10.0.0.0/8.'),
      'Proxies in front of the engine: only they are believed when they say in X-Forwarded-For who is calling. Default: none.',
    ),
  ),
};

export interface Listeners {
  readonly listen: Address;
  readonly admin: Address | undefined;
  readonly url: string | undefined;
  readonly workers: number;
  readonly proxies: readonly string[];
}

const defaultListen: Address = { host: '127.0.0.1', port: 4000 };

export function readListeners(draft: Draft): Listeners {
  const listen = readAddress(draft, 'listen') ?? defaultListen;
  const admin = readAddress(draft, 'admin');
  if (admin !== undefined) checkAdmin(draft, admin, listen);
  return {
    listen,
    admin,
    url: readUrl(draft),
    workers: draft.read(['workers'], listeners.workers) ?? 1,
    proxies: draft.items(['proxies']).flatMap((index) => readProxy(draft, index)),
  };
}

function readAddress(draft: Draft, key: 'listen' | 'admin'): Address | undefined {
  const written = draft.read([key], listeners[key]);
  if (written === undefined) return undefined;
  if (typeof written === 'number') return { host: defaultListen.host, port: written };
  const address = parseAddress(written);
  if (address === undefined)
    draft.error('WRONG_VALUE', [key], `"${key}" is not an address with a port.`, {
      hint: written.startsWith(':')
        ? `write 0.0.0.0${written} for every address of the machine`
        : 'write 0.0.0.0:4000, 127.0.0.1:4000 or [::1]:4000; a host is an address or localhost',
    });
  return address;
}

function checkAdmin(draft: Draft, admin: Address, listen: Address): void {
  if (admin.port !== 0 && admin.port === listen.port && admin.host === listen.host) {
    draft.error('WRONG_VALUE', ['admin'], '"admin" is the address of "listen".', {
      hint: 'give it a port of its own, or leave it out: the endpoints of the operator then ask for a token',
    });
  } else if (!isLoopback(admin.host)) {
    draft.warning(
      'ADMIN_REACHABLE',
      ['admin'],
      '"admin" asks for no token, and other machines may reach it.',
      {
        hint: 'bind it to 127.0.0.1, or see that only the operator can reach the port',
      },
    );
  }
}

function readUrl(draft: Draft): string | undefined {
  const url = draft.read(['url'], listeners.url);
  if (url === undefined) return undefined;
  if (isSafeUrl(url) && new URL(url).pathname === '/') return url.replace(/\/$/, '');
  draft.error('WRONG_VALUE', ['url'], '"url" is not the https:// address of a server, without a path.', {
    hint: 'write https://api.example.com',
  });
  return undefined;
}

function readProxy(draft: Draft, index: number): readonly string[] {
  const path = ['proxies', index];
  const network = draft.read(path, listeners.proxies.items);
  if (network === undefined) return [];
  if (!isNetwork(network)) {
    draft.error('WRONG_VALUE', path, `"${network.slice(0, 60)}" is neither an address nor a network.`, {
      hint: 'write 10.0.0.7, 10.0.0.0/8 or fd00::/8',
    });
  } else if (network.endsWith('/0')) {
    draft.error(
      'PROXY_IS_EVERYONE',
      path,
      `"${network}" is every address there is: callers could say they were anyone.`,
      {
        hint: 'name the network that the proxies are in',
      },
    );
  }
  return [network];
}
