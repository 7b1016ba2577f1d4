/**
 * GitHub on this machine: an HTTP server that answers as GitHub's own description of its API says, over real repositories. What is
 * asked otherwise than described is refused and kept in `faults`; so is every answer of ours that the description does not know.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Scope } from '../../database.ts';
import { type Answer, type Asked, type Handler, type Listed, notFound, Refused } from './answer.ts';
import { commentHandlers } from './comments.ts';
import { answerFaults, findRoute, type Json, type Route, requestFaults } from './description.ts';
import { gitHandlers } from './git-data.ts';
import { lacking, type Permissions } from './permissions.ts';
import { pullHandlers } from './pulls.ts';
import { siteHandlers } from './site.ts';
import { type Actor, actionsBot, Clock, type HostedRepository, type Token } from './state.ts';
import { statusHandlers } from './statuses.ts';
import { type Gate, type Misbehaviour, Troubles } from './trouble.ts';

export interface Call {
  /** `issues/create-comment`. */
  readonly operation: string;
  readonly method: string;
  /** With its query, as it was sent. */
  readonly path: string;
  readonly body: Json;
  /** Of the answer; 0: there was none. */
  status: number;
}

/** By operation. */
export const handlers: Readonly<Record<string, Handler>> = {
  ...commentHandlers,
  ...gitHandlers,
  ...pullHandlers,
  ...siteHandlers,
  ...statusHandlers,
};

const graphqlPath = '/graphql';
const versions = ['2022-11-28', '2026-03-10'];
const defaultPage = 30;
const maxPage = 100;

export class Github {
  readonly calls: Call[] = [];
  /** What was asked or answered against the description, a sentence each. A test ends with none. */
  readonly faults: string[] = [];
  readonly clock = new Clock();
  readonly troubles = new Troubles();
  readonly repositories = new Map<string, HostedRepository>();
  readonly #tokens = new Map<string, Token>();
  readonly #server = createServer((request, response) => void this.#serve(request, response));
  #url = '';

  get url(): string {
    return this.#url;
  }

  async start(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    this.#url = `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  add(repository: HostedRepository): HostedRepository {
    this.repositories.set(repository.fullName.toLowerCase(), repository);
    return repository;
  }

  /** @returns a token of a workflow run, or of a person */
  token(permissions: Permissions, actor: Actor = actionsBot): string {
    const token = `ghs_${String(this.#tokens.size + 1).padStart(36, 'x')}`;
    this.#tokens.set(token, { permissions, actor });
    return token;
  }

  /** The `nth` call of an operation from now on waits until it is released. */
  hold(operation: string, nth = 1): Gate {
    return this.troubles.hold(operation, nth);
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await read(request);
    const { pathname, search } = new URL(request.url!, 'http://localhost');
    const route = findRoute(request.method!, pathname);
    const operation = route?.operation.id ?? (pathname === graphqlPath ? 'graphql' : 'none');
    const call: Call = {
      operation, method: request.method!, path: `${pathname}${search}`, body: parsed(body), status: 0,
    }; // biome-ignore format: a record
    this.calls.push(call);
    await this.troubles.pass(operation);
    const other = this.troubles.of(operation);
    const answer = await this.#answer(request, route, call, other);
    if (answer === 'hang') return;
    if (answer === 'cut') {
      response.destroy();
      return;
    }
    call.status = answer.status;
    send(response, answer, other === 'broken');
  }

  async #answer(
    request: IncomingMessage,
    route: Route | undefined,
    call: Call,
    other: Misbehaviour | undefined,
  ): Promise<Answer | 'hang' | 'cut'> {
    if (other === 'hang' || other === 'cut') return other;
    if (typeof other === 'object') return other;
    const answer = await this.#usual(request, route, call);
    return other === 'lost' ? 'cut' : answer;
  }

  async #usual(request: IncomingMessage, route: Route | undefined, call: Call): Promise<Answer> {
    if (call.operation === 'graphql') return this.#viewer(request, call);
    if (route === undefined) {
      this.faults.push(`${call.method} ${call.path} is not in the description`);
      return refused(notFound(), undefined);
    }
    try {
      const answer = await this.#handled(request, route, call);
      const type = String(answer.headers?.['content-type'] ?? 'application/json').split(';')[0]!;
      if (type === 'application/json') this.#check(route, call, answer, type);
      return answer;
    } catch (error) {
      if (!(error instanceof Refused)) {
        this.faults.push(`${call.operation}: ${error instanceof Error ? error.stack : error}`);
        return { status: 500, body: { message: 'Server Error' } };
      }
      const answer = refused(error, route.operation.docs);
      this.#check(route, call, answer, 'application/json');
      return answer;
    }
  }

  async #handled(request: IncomingMessage, route: Route, call: Call): Promise<Answer> {
    const { operation, path } = route;
    const { url } = this;
    const query = Object.fromEntries(new URL(call.path, url).searchParams);
    const token = this.#tokenOf(request);
    const repository = this.#repositoryOf(route, token);
    const wanted = lacking(operation.id, token?.permissions ?? {}, repository?.isPublic ?? true);
    if (wanted !== undefined) return forbidden(operation.docs, wanted);
    this.#checkRequest(request, route, query, call);
    const actor = token?.actor ?? { login: 'anonymous', id: 0, type: 'User' };
    const accept = String(request.headers.accept ?? '');
    const asked: Asked = { operation, path, query, body: call.body, accept, actor, clock: this.clock, url };
    const result = await handlers[operation.id]!(asked, repository!);
    return 'list' in result ? paged(result, asked, call) : result;
  }

  /** Of GraphQL, which has no description that could be cut down, the one question whose answer REST does not give. */
  #viewer(request: IncomingMessage, { body }: Call): Answer {
    const token = this.#tokenOf(request);
    const isAsked = /^query\s*\{\s*viewer\s*\{\s*login\s*\}\s*\}$/.test(body?.query ?? '');
    if (!isAsked) this.faults.push(`GraphQL is asked ${JSON.stringify(body)}`);
    if (token === undefined || !isAsked) return { status: 401, body: { message: 'Bad credentials' } };
    return { status: 200, body: { data: { viewer: { login: token.actor.login } } } };
  }

  #tokenOf({ headers }: IncomingMessage): Token | undefined {
    const { authorization, 'user-agent': agent } = headers;
    if (agent === undefined)
      throw new Refused(
        403,
        'Request forbidden by administrative rules. Please make sure your request has a User-Agent header.',
      );
    if (authorization === undefined) return undefined;
    const token = this.#tokens.get(authorization.replace(/^(bearer|token) /i, ''));
    if (token === undefined) throw new Refused(401, 'Bad credentials');
    return token;
  }

  #repositoryOf({ path }: Route, token: Token | undefined): HostedRepository | undefined {
    if (path.owner === undefined) return undefined;
    const repository = this.repositories.get(`${path.owner}/${path.repo}`.toLowerCase());
    if (repository === undefined || (token === undefined && !repository.isPublic)) throw notFound();
    return repository;
  }

  #checkRequest(
    request: IncomingMessage,
    route: Route,
    query: Readonly<Record<string, string>>,
    call: Call,
  ): void {
    const { 'x-github-api-version': version, 'content-type': type } = request.headers;
    if (version !== undefined && !versions.includes(String(version)))
      throw new Refused(400, `The version "${version}" is not supported.`);
    if (call.body === unreadable) throw new Refused(400, 'Problems parsing JSON');
    const faults = [
      ...requestFaults(route, query, call.body),
      ...(call.body !== undefined && !String(type).includes('json') ? [`a body of the type ${type}`] : []),
    ];
    if (faults.length === 0) return;
    this.faults.push(...faults.map((fault) => `request ${call.operation}: ${fault}`));
    throw new Refused(422, `Invalid request.\n\n${faults.join('\n')}`);
  }

  #check({ operation }: Route, call: Call, { status, body }: Answer, type: string): void {
    const faults = answerFaults(operation, status, type, body);
    this.faults.push(...faults.map((fault) => `answer ${status} of ${call.operation}: ${fault}`));
  }
}

/** Listens until the scope ends. */
export async function startGithub(scope: Scope): Promise<Github> {
  const github = new Github();
  await github.start();
  scope.after(() => github.stop());
  return github;
}

/** One page, with the addresses of the others as GitHub writes them. */
function paged({ list, wrap = (page) => page }: Listed, { query, url }: Asked, { path }: Call): Answer {
  const size = Math.min(Math.max(Number(query.per_page ?? defaultPage), 1), maxPage);
  const page = Math.max(Number(query.page ?? 1), 1);
  const last = Math.max(Math.ceil(list.length / size), 1);
  const links = [
    ...(page > 1 ? [['prev', page - 1] as const] : []),
    ...(page < last ? [['next', page + 1] as const, ['last', last] as const] : []),
    ...(page > 1 ? [['first', 1] as const] : []),
  ].map(([rel, to]) => {
    const address = new URL(path, url);
    address.searchParams.set('page', String(to));
    return `<${address}>; rel="${rel}"`;
  });
  const headers: Record<string, string> = links.length === 0 ? {} : { link: links.join(', ') };
  return { status: 200, body: wrap(list.slice((page - 1) * size, page * size)), headers };
}

function refused({ status, message, errors }: Refused, docs: string | undefined): Answer {
  const body = { message, documentation_url: docs ?? 'https://docs.github.com/rest', status: String(status) };
  return { status, body: errors === undefined ? body : { ...body, errors } };
}

function forbidden(docs: string, wanted: string): Answer {
  const answer = refused(new Refused(403, 'Resource not accessible by integration'), docs);
  return { ...answer, headers: { 'x-accepted-github-permissions': wanted } };
}

function send(response: ServerResponse, { status, body, headers }: Answer, isBroken: boolean): void {
  const bytes = Buffer.isBuffer(body) ? body : Buffer.from(body === undefined ? '' : JSON.stringify(body));
  response.writeHead(status, {
    'x-ratelimit-limit': '5000',
    'x-ratelimit-remaining': '4999',
    'x-ratelimit-reset': String(Math.floor(Date.now() / 1_000) + 3_600),
    'x-github-request-id': 'ABCD:1234',
    ...(bytes.length === 0 ? {} : { 'content-type': 'application/json; charset=utf-8' }),
    ...headers,
  });
  response.end(isBroken ? bytes.subarray(0, Math.ceil(bytes.length / 2)) : bytes);
}

const unreadable = Symbol('no JSON');

function parsed(text: string): Json {
  if (text === '') return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return unreadable;
  }
}

async function read(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}
