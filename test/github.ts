/**
 * A server that answers as GitHub's API does for what the engine asks of it: statuses, deployments, Git data, pull requests. It checks
 * tokens, paths and bodies, counts requests, and can be told to answer otherwise, or not at all.
 */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export const githubToken = 'ghp_hunter2';

export interface Answer {
  readonly status: number;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface Asked {
  readonly method: string;
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  // biome-ignore lint/suspicious/noExplicitAny: JSON of a request, which tests look into
  readonly body: any;
}

/** Instead of the answer; `hang`: none, `cut`: the connection ends, `lost`: it ends when all is done. Undefined: the usual one. */
export type Intercept = (asked: Asked) => Answer | 'hang' | 'cut' | 'lost' | undefined;

interface Deployment {
  readonly id: number;
  readonly sha: string;
  readonly task: string;
  readonly environment: string;
  state: string;
}

interface PullRequest {
  readonly number: number;
  readonly head: string;
  readonly base: string;
  title: string;
  body: string;
  state: 'open' | 'closed';
}

type Files = ReadonlyMap<string, string>;

export class Github {
  readonly asked: Asked[] = [];
  readonly statuses: {
    sha: string;
    context: string;
    state: string;
    description: string;
    url: string | undefined;
  }[] = [];
  readonly deployments: Deployment[] = [];
  readonly pulls: PullRequest[] = [];
  /** By full name: `refs/heads/main`. */
  readonly refs = new Map<string, string>();
  readonly commits = new Map<
    string,
    { readonly tree: string; readonly parents: readonly string[]; readonly message: string }
  >();
  readonly trees = new Map<string, Files>();
  intercept: Intercept = () => undefined;
  url = '';
  readonly #server = createServer((request, response) => void this.#serve(request, response));

  /** @param files of the branch main */
  async start(files: Readonly<Record<string, string>>): Promise<void> {
    this.refs.set('refs/heads/main', this.#commit(this.#tree(new Map(Object.entries(files))), [], 'first'));
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    this.url = `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  get main(): string {
    return this.refs.get('refs/heads/main')!;
  }

  filesOf(ref: string): Readonly<Record<string, string>> {
    return Object.fromEntries(this.trees.get(this.commits.get(this.refs.get(ref)!)!.tree)!);
  }

  count(method: string, path: RegExp): number {
    return this.asked.filter((asked) => asked.method === method && path.test(asked.path)).length;
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const { pathname, searchParams } = new URL(request.url!, 'http://localhost');
    const text = Buffer.concat(chunks).toString();
    const asked: Asked = {
      method: request.method!,
      path: decodeURIComponent(pathname),
      query: Object.fromEntries(searchParams),
      body: text === '' ? undefined : JSON.parse(text),
    };
    this.asked.push(asked);
    const other = this.intercept(asked);
    const usual = other === undefined || other === 'lost';
    const answer = usual ? this.#answer(asked, request.headers.authorization) : other;
    if (answer === 'hang') return;
    if (answer === 'cut' || other === 'lost') {
      response.destroy();
      return;
    }
    response.writeHead(answer.status, {
      'content-type': 'application/json; charset=utf-8',
      ...answer.headers,
    });
    response.end(typeof answer.body === 'string' ? answer.body : JSON.stringify(answer.body ?? {}));
  }

  #answer(asked: Asked, authorization: string | undefined): Answer {
    if (authorization !== `token ${githubToken}`)
      return { status: 401, body: { message: 'Bad credentials' } };
    const [, rest] = /^\/repos\/acme\/apis(\/.*)$/.exec(asked.path) ?? [];
    if (rest === undefined) return notFound;
    try {
      return this.#route(asked.method, rest, asked);
    } catch (error) {
      const { message } = error as Error;
      return { status: 422, body: { message: 'Validation Failed', errors: [{ message }] } };
    }
  }

  #route(method: string, path: string, { body, query }: Asked): Answer {
    const [, kind = '', first = '', more = ''] = /^\/([a-z]+)\/?([^/]*)\/?(.*)$/.exec(path) ?? [];
    switch (`${method} ${kind}`) {
      case 'POST statuses':
        return this.#postStatus(first, body);
      case 'GET deployments':
        return { status: 200, body: this.deployments.filter((one) => fits(one, query)) };
      case 'POST deployments':
        return first === '' ? this.#postDeployment(body) : this.#postDeploymentStatus(Number(first), body);
      case 'GET git':
      case 'POST git':
      case 'PATCH git':
        return this.#git(method, first, more, body);
      case 'GET pulls':
        return { status: 200, body: this.pulls.filter((pull) => isAsked(pull, query)).map(shown) };
      case 'POST pulls':
        return this.#postPull(body);
      case 'PATCH pulls':
        return this.#patchPull(Number(first), body);
      default:
        return notFound;
    }
  }

  #postStatus(sha: string, body: Asked['body']): Answer {
    only(body, ['state', 'context', 'description', 'target_url']);
    assert.ok(this.commits.has(sha), `No commit found for SHA: ${sha}`);
    assert.ok(
      ['success', 'failure', 'pending', 'error'].includes(body.state),
      'state is not included in the list',
    );
    assert.ok([...body.description].length <= 140, 'description is too long (maximum is 140 characters)');
    if (body.target_url !== undefined)
      assert.match(body.target_url, /^https?:\/\//, 'target_url must use http(s)');
    const { context, state, description, target_url: url } = body;
    this.statuses.push({ sha, context, state, description, url });
    return { status: 201, body: { id: this.statuses.length, state, context } };
  }

  #postDeployment(body: Asked['body']): Answer {
    only(body, ['ref', 'task', 'environment', 'auto_merge', 'required_contexts', 'description']);
    assert.ok(this.commits.has(body.ref), `No ref found for: ${body.ref}`);
    // Else GitHub merges the default branch, or waits for the very status that is being reported.
    if (body.auto_merge !== false || body.required_contexts?.length !== 0)
      return { status: 409, body: { message: 'Conflict: Commit status checks failed' } };
    const id = 1_000 + this.deployments.length;
    const made = { id, sha: body.ref, task: body.task, environment: body.environment, state: '' };
    this.deployments.unshift(made);
    return { status: 201, body: made };
  }

  #postDeploymentStatus(id: number, body: Asked['body']): Answer {
    only(body, ['state', 'description', 'log_url', 'auto_inactive']);
    const found = this.deployments.find((one) => one.id === id);
    if (found === undefined) return notFound;
    assert.ok(
      ['success', 'failure', 'in_progress', 'inactive'].includes(body.state),
      'state is not in the list',
    );
    assert.ok([...body.description].length <= 140, 'description is too long');
    if (body.state === 'success' && body.auto_inactive !== false)
      for (const one of this.deployments) if (one.environment === found.environment) one.state = 'inactive';
    found.state = body.state;
    return { status: 201, body: { id: 1, state: body.state } };
  }

  #git(method: string, kind: string, name: string, body: Asked['body']): Answer {
    switch (`${method} ${kind}`) {
      case 'GET matching-refs': {
        const found = [...this.refs].filter(([ref]) => ref.startsWith(`refs/${name}`));
        return { status: 200, body: found.map(([ref, sha]) => ({ ref, object: { sha, type: 'commit' } })) };
      }
      case 'GET commits': {
        const commit = this.commits.get(name);
        return commit ? { status: 200, body: { sha: name, tree: { sha: commit.tree } } } : notFound;
      }
      case 'POST trees':
        return { status: 201, body: { sha: this.#postTree(body) } };
      case 'POST commits':
        only(body, ['message', 'tree', 'parents']);
        assert.ok(this.trees.has(body.tree), 'Tree SHA does not exist');
        return { status: 201, body: { sha: this.#commit(body.tree, body.parents, body.message) } };
      case 'POST refs':
        assert.ok(body.ref.startsWith('refs/heads/') && this.commits.has(body.sha), 'Reference is invalid');
        assert.ok(!this.refs.has(body.ref), 'Reference already exists');
        this.refs.set(body.ref, body.sha);
        return { status: 201, body: { ref: body.ref, object: { sha: body.sha } } };
      case 'PATCH refs':
        assert.ok(this.refs.has(`refs/${name}`), 'Reference does not exist');
        assert.ok(body.force === true, 'Update is not a fast forward');
        this.refs.set(`refs/${name}`, body.sha);
        return { status: 200, body: { ref: `refs/${name}`, object: { sha: body.sha } } };
      default:
        return notFound;
    }
  }

  #postTree(body: Asked['body']): string {
    only(body, ['base_tree', 'tree']);
    const files = new Map(this.trees.get(body.base_tree) ?? assert.fail('base_tree is not a valid tree'));
    for (const entry of body.tree as {
      path: string;
      mode: string;
      type: string;
      sha?: null;
      content?: string;
    }[]) {
      assert.ok(entry.mode === '100644' && entry.type === 'blob', 'tree.mode is not in the list');
      assert.ok(
        !entry.path.startsWith('/') && !entry.path.includes('..'),
        'tree.path contains a malformed path component',
      );
      if (entry.sha === null) assert.ok(files.delete(entry.path), 'GitRPC::BadObjectState');
      else files.set(entry.path, entry.content!);
    }
    return this.#tree(files);
  }

  #postPull(body: Asked['body']): Answer {
    only(body, ['title', 'body', 'head', 'base']);
    const [head, base] = [this.refs.get(`refs/heads/${body.head}`), this.refs.get(`refs/heads/${body.base}`)];
    assert.ok(head && base, 'head or base is invalid');
    assert.notEqual(head, base, `No commits between ${body.base} and ${body.head}`);
    const open = this.pulls.some((pull) => pull.head === body.head && pull.state === 'open');
    assert.ok(!open, `A pull request already exists for acme:${body.head}.`);
    const made: PullRequest = { number: this.pulls.length + 1, ...body, state: 'open' };
    this.pulls.push(made);
    return { status: 201, body: shown(made) };
  }

  #patchPull(number: number, body: Asked['body']): Answer {
    only(body, ['title', 'body', 'state']);
    const pull = this.pulls[number - 1];
    if (pull === undefined) return notFound;
    Object.assign(pull, body);
    return { status: 200, body: shown(pull) };
  }

  #tree(files: Files): string {
    const sha = hash([...files].sort());
    this.trees.set(sha, files);
    return sha;
  }

  #commit(tree: string, parents: readonly string[], message: string): string {
    const sha = hash([tree, parents, message]);
    this.commits.set(sha, { tree, parents, message });
    return sha;
  }
}

const notFound: Answer = { status: 404, body: { message: 'Not Found' } };

function hash(value: unknown): string {
  return createHash('sha1').update(JSON.stringify(value)).digest('hex');
}

/** A key that GitHub does not know is a mistake of ours. */
function only(body: object, keys: readonly string[]): void {
  for (const key of Object.keys(body)) assert.ok(keys.includes(key), `"${key}" is not a permitted key.`);
}

function fits(deployment: Deployment, query: Asked['query']): boolean {
  return (['sha', 'task', 'environment'] as const).every((key) => deployment[key] === query[key]);
}

function isAsked(pull: PullRequest, { head, base, state }: Asked['query']): boolean {
  return head === `acme:${pull.head}` && pull.base === base && pull.state === state;
}

function shown({ number, title, state }: PullRequest): object {
  return { number, title, state };
}
