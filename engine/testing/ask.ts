/** Sends the request of a test as its caller would: over HTTP, with a token of the runner's own issuer. */
import { type Agent, type IncomingMessage, request as send } from 'node:http';
import type { Literal } from '../../schema/predicate.ts';
import type { TestCase } from '../../schema/project.ts';
import type { DevIssuer } from '../auth/dev-issuer.ts';
import type { ClaimValue } from '../auth/principal.ts';
import { jsonText } from './compare.ts';
import type { Answer } from './result.ts';

/** Where a project answers. */
export interface Door {
  /** `http://127.0.0.1:40123/bookshop`. */
  readonly url: string;
  readonly agent: Agent;
  readonly issuer: DevIssuer;
}

type Request = NonNullable<TestCase['request']>;

/** @throws what Node says when no answer comes */
export async function ask({ as, request }: TestCase, door: Door): Promise<Answer> {
  const { method, path, body, headers } = wire(request!);
  const token =
    as === 'anonymous' ? undefined : await door.issuer.mint({ role: as.role, claims: claimsOf(as.claims) });
  const url = new URL(door.url + path);
  return exchange(url, door.agent, {
    method,
    headers: {
      ...(token === undefined ? null : { authorization: `Bearer ${token}` }),
      ...(body === undefined ? null : { 'content-type': 'application/json' }),
      ...headers,
    },
    body,
  });
}

/** On one line, for whoever reads a failure. */
export function describeRequest({ as, request }: TestCase): string {
  const what =
    request!.kind === 'graphql'
      ? `GraphQL ${request!.document.replace(/\s+/g, ' ').trim()}`
      : `${request!.method} ${request!.path}`;
  if (as === 'anonymous') return `${what} as anonymous`;
  const claims = Object.keys(as.claims).length === 0 ? '' : ` ${jsonText(as.claims)}`;
  return `${what} as ${as.role}${claims}`;
}

interface Wire {
  readonly method: string;
  readonly path: string;
  readonly body: string | undefined;
  readonly headers: Readonly<Record<string, string>>;
}

function wire(request: Request): Wire {
  const headers = Object.fromEntries(
    [...request.headers].map(([name, value]) => [name.toLowerCase(), value]),
  );
  if (request.kind === 'graphql') {
    const { document: query, variables } = request;
    return {
      method: 'POST',
      path: '/graphql/v1',
      body: encode({ query, variables: variables ?? null }),
      headers,
    };
  }
  const { method, path, body, prefer } = request;
  return {
    method,
    path,
    body: encodeBody(body, headers['content-type']),
    headers: prefer === undefined ? headers : { prefer, ...headers },
  };
}

/** A text under a type that is no JSON (CSV, say) goes as it is. */
function encodeBody(body: Literal | undefined, type: string | undefined): string | undefined {
  if (body === undefined) return undefined;
  return typeof body === 'string' && type !== undefined && !/json/i.test(type) ? body : encode(body);
}

/** JSON with every digit of an integer. */
function encode(value: Literal): string {
  return JSON.stringify(value, (_, item) => (typeof item === 'bigint' ? JSON.rawJSON(String(item)) : item));
}

/** An integer that a double does not hold is a text of its digits, as the engine reads it from any token. */
/** What a token can say: whole numbers past 2^53 as text. */
export function claimsOf(claims: Readonly<Record<string, Literal>>): { readonly [name: string]: ClaimValue } {
  return Object.fromEntries(Object.entries(claims).map(([name, value]) => [name, claimOf(value)]));
}

function claimOf(value: Literal): ClaimValue {
  if (typeof value === 'bigint') return String(value);
  if (value === null || typeof value !== 'object') return value;
  if (Array.isArray(value)) return (value as readonly Literal[]).map(claimOf);
  return claimsOf(value as Readonly<Record<string, Literal>>);
}

function exchange(url: URL, agent: Agent, { method, headers, body }: Omit<Wire, 'path'>): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const { hostname, port } = url;
    const sent = send(
      { hostname, port, path: url.pathname + url.search, method, headers, agent },
      (response) => gather(response).then(resolve, reject),
    );
    sent.on('error', reject);
    sent.end(body);
  });
}

async function gather(response: IncomingMessage): Promise<Answer> {
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk as Buffer);
  const headers = new Map<string, string>();
  for (const [name, value] of Object.entries(response.headers))
    if (value !== undefined) headers.set(name, Array.isArray(value) ? value.join(', ') : value);
  return { status: response.statusCode!, headers, body: Buffer.concat(chunks).toString('utf8') };
}
