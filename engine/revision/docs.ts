/** Serves the built documentation site of one project, and a waiting page until there is one. */
import { createReadStream } from 'node:fs';
import { realpath, stat } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import path from 'node:path';
import { pipeline } from 'node:stream';
import { Problem } from '../problem/problem.ts';
import { answerProblem } from './failure.ts';

const types = new Map([
  ['.html', 'text/html; charset=utf-8'],
  ['.css', 'text/css; charset=utf-8'],
  ['.js', 'text/javascript; charset=utf-8'],
  ['.mjs', 'text/javascript; charset=utf-8'],
  ['.json', 'application/json; charset=utf-8'],
  ['.map', 'application/json; charset=utf-8'],
  ['.xml', 'application/xml; charset=utf-8'],
  ['.txt', 'text/plain; charset=utf-8'],
  ['.md', 'text/markdown; charset=utf-8'],
  ['.svg', 'image/svg+xml'],
  ['.png', 'image/png'],
  ['.jpg', 'image/jpeg'],
  ['.jpeg', 'image/jpeg'],
  ['.gif', 'image/gif'],
  ['.webp', 'image/webp'],
  ['.avif', 'image/avif'],
  ['.ico', 'image/x-icon'],
  ['.woff', 'font/woff'],
  ['.woff2', 'font/woff2'],
  ['.wasm', 'application/wasm'],
  ['.pagefind', 'application/octet-stream'],
  ['.pf_meta', 'application/octet-stream'],
  ['.pf_index', 'application/octet-stream'],
  ['.pf_fragment', 'application/octet-stream'],
]);

type State = { readonly kind: 'waiting' | 'failed' } | { readonly kind: 'built'; readonly root: string };

/** The pointer to the folder that is served; a new build replaces it at once. */
export class DocsPages {
  #state: State = { kind: 'waiting' };

  get root(): string | undefined {
    return this.#state.kind === 'built' ? this.#state.root : undefined;
  }

  /** @param root folder of a finished build, which nobody changes any more */
  serve(root: string): void {
    this.#state = { kind: 'built', root };
  }

  /** A build failed; pages of an earlier one stay. */
  fail(): void {
    if (this.#state.kind !== 'built') this.#state = { kind: 'failed' };
  }

  /** @param pathname from `/docs` on, still encoded, without a query */
  handle(request: IncomingMessage, response: ServerResponse, pathname: string): void {
    const state = this.#state;
    if (request.method !== 'GET' && request.method !== 'HEAD') answerProblem(response, wrongMethod(request));
    else if (pathname === '/docs') redirect(response, `${request.basePath ?? ''}/docs/`);
    else if (state.kind !== 'built') answerWaiting(response, state.kind);
    else
      send(request, response, state.root, pathname.slice('/docs'.length)).catch((cause: unknown) =>
        answerProblem(
          response,
          new Problem('NS000', { message: 'The documentation could not be read.', cause }),
        ),
      );
  }
}

function wrongMethod(request: IncomingMessage): Problem {
  return new Problem('PGRST117', {
    message: `${request.method} is not a method of the documentation.`,
    headers: { Allow: 'GET, HEAD' },
  });
}

async function send(
  request: IncomingMessage,
  response: ServerResponse,
  root: string,
  encoded: string,
): Promise<void> {
  const relative = decodePath(encoded);
  const found = relative === undefined ? undefined : await locate(root, relative);
  if (found === 'folder') {
    redirect(response, `${request.basePath ?? ''}/docs${encoded}/`);
    return;
  }
  if (found !== undefined) {
    sendFile(request, response, found, 200);
    return;
  }
  const missing = await locate(root, '/404.html');
  if (missing !== undefined && missing !== 'folder') sendFile(request, response, missing, 404);
  else answerProblem(response, new Problem('PGRST125', { message: 'The documentation has no such page.' }));
}

/** Undefined for a path that no file of a site can have. */
function decodePath(encoded: string): string | undefined {
  try {
    const decoded = decodeURIComponent(encoded);
    const strange = /[\u0000\\]/.test(decoded) || decoded.split('/').some((part) => part.startsWith('.'));
    return strange ? undefined : decoded;
  } catch {
    return undefined;
  }
}

interface Found {
  readonly file: string;
  readonly size: number;
  readonly changedMs: number;
}

async function locate(root: string, relative: string): Promise<Found | 'folder' | undefined> {
  const wanted = path.join(root, relative.endsWith('/') ? `${relative}index.html` : relative);
  try {
    const file = await realpath(wanted);
    if (!file.startsWith((await realpath(root)) + path.sep)) return undefined;
    const facts = await stat(file);
    if (facts.isDirectory()) return 'folder';
    return facts.isFile() ? { file, size: facts.size, changedMs: facts.mtimeMs } : undefined;
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'ENAMETOOLONG' || code === 'ELOOP')
      return undefined;
    throw error;
  }
}

function sendFile(request: IncomingMessage, response: ServerResponse, found: Found, status: number): void {
  const etag = `W/"${found.size.toString(36)}-${Math.floor(found.changedMs).toString(36)}"`;
  const headers: Record<string, string | number> = {
    'Content-Type': types.get(path.extname(found.file).toLowerCase()) ?? 'application/octet-stream',
    // Astro names these files by their content.
    'Cache-Control': found.file.includes(`${path.sep}_astro${path.sep}`)
      ? 'public, max-age=31536000, immutable'
      : 'no-cache',
    ETag: etag,
    'X-Content-Type-Options': 'nosniff',
    'X-Frame-Options': 'SAMEORIGIN',
  };
  if (status === 200 && request.headers['if-none-match'] === etag) {
    response.writeHead(304, headers).end();
    return;
  }
  response.writeHead(status, { ...headers, 'Content-Length': found.size });
  if (request.method === 'HEAD') {
    response.end();
    return;
  }
  // A reader that goes away ends the stream; there is nobody left to tell.
  pipeline(createReadStream(found.file), response, () => {});
}

function redirect(response: ServerResponse, location: string): void {
  // Two slashes would name another host.
  response.writeHead(308, { Location: location.replace(/^\/+/, '/'), 'Content-Length': 0 }).end();
}

const pages = {
  waiting:
    '<!doctype html><html lang="en"><meta charset="utf-8"><meta http-equiv="refresh" content="3"><title>Documentation</title><body style="font:16px system-ui;margin:4rem auto;max-width:32rem"><h1>The docs are being built</h1><p>This page looks again every three seconds.</p></body></html>\n',
  failed:
    '<!doctype html><html lang="en"><meta charset="utf-8"><meta http-equiv="refresh" content="10"><title>Documentation</title><body style="font:16px system-ui;margin:4rem auto;max-width:32rem"><h1>The docs could not be built</h1><p>The terminal that runs <code>novastack dev</code> says why. The API is served all the same; the next save tries again.</p></body></html>\n',
};

function answerWaiting(response: ServerResponse, kind: 'waiting' | 'failed'): void {
  response.writeHead(503, {
    'Content-Type': 'text/html; charset=utf-8',
    'Content-Length': Buffer.byteLength(pages[kind]),
    'Cache-Control': 'no-store',
    'Retry-After': '3',
    'X-Content-Type-Options': 'nosniff',
  });
  response.end(pages[kind]);
}
