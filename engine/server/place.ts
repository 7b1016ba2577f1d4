/** Which project a request is for, and what is said where it is for none. */
import { type IncomingMessage, STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { Problem } from '../problem/problem.ts';
import { problemBody, problemContentType } from '../revision/failure.ts';

export interface Place {
  /** A project's name, `-` or empty. */
  readonly name: string;
  /** The path behind the project's prefix, with its query; begins with a slash. */
  readonly rest: string;
  /** What stands before it: `/<project>`, or nothing under a host name of its own. */
  readonly base: string;
}

/** Names of this machine, as a Host header has them. */
export const ownHosts: readonly string[] = ['localhost', '127.0.0.1', '[::1]'];

export interface Hosts {
  /** Host names that are answered, without port; undefined: every one. `dev` passes those of this machine. */
  readonly hosts?: ReadonlySet<string>;
  /** Served names by host name, lower case: there a project's paths begin at the root. */
  readonly projectOfHost?: ReadonlyMap<string, string>;
}

export function placeOf(request: IncomingMessage, { hosts, projectOfHost }: Hosts): Place | Problem {
  const host = hostOf(request.headers.host);
  if (hosts !== undefined && !hosts.has(host)) return foreignHost();
  const url = request.url ?? '';
  if (!url.startsWith('/')) return proxied();
  const own = projectOfHost?.get(host);
  if (own !== undefined && !/^\/-(?:[/?]|$)/.test(url)) return { name: own, rest: url, base: '' };
  const end = endOfSegment(url);
  const rest = url.charAt(end) === '/' ? url.slice(end) : `/${url.slice(end)}`;
  const name = url.slice(1, end);
  return { name, rest, base: `/${name}` };
}

/** Index of the slash or question mark after the first segment. */
function endOfSegment(url: string): number {
  for (let index = 1; index < url.length; index += 1) {
    const code = url.charCodeAt(index);
    if (code === 0x2f || code === 0x3f) return index;
  }
  return url.length;
}

/** `[::1]:4000` → `[::1]`, lower case. */
function hostOf(header: string | undefined): string {
  return (header ?? '').replace(/:\d*$/, '').toLowerCase();
}

/** A page of another site can make its own name point here; then its scripts would read what only this machine may. */
function foreignHost(): Problem {
  return new Problem('NS421', {
    message: 'This address answers to localhost only.',
    hint: 'Use http://localhost or http://127.0.0.1 with the same port.',
  });
}

function proxied(): Problem {
  return new Problem('NS400', {
    message: 'The path of the request does not begin with a slash.',
    hint: 'This server is no proxy.',
  });
}

export function noProject(): Problem {
  return new Problem('PGRST125', {
    message: 'No project is served at this path.',
    hint: 'Paths begin with the name of a project: /<project>/rest/v1/<table>.',
  });
}

export function starting(): Problem {
  return new Problem('NS505', {
    message: 'The project is starting.',
    hint: 'Try again in a moment.',
    headers: { 'Retry-After': '1' },
  });
}

/** An answer where there is no response to write to; the connection ends with it. */
export function answerRaw(socket: Socket, problem: Problem): void {
  const body = problemBody(problem);
  const head = [
    `HTTP/1.1 ${problem.status} ${STATUS_CODES[problem.status]}`,
    `Content-Type: ${problemContentType}`,
    `Content-Length: ${Buffer.byteLength(body)}`,
    'X-Content-Type-Options: nosniff',
    'Connection: close',
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`);
}
