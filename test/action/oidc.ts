/** The issuer of GitHub's runs, on this machine: the runner's address for a token, the keys, and the claims as GitHub writes them. */
import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Scope } from '../database.ts';
import { mint, pairOf } from '../tokens/mint.ts';

export type Claims = Readonly<Record<string, string>>;

export class Oidc {
  /** Audiences that were asked for. */
  readonly asked: string[] = [];
  readonly #key = pairOf('RSA', { kid: 'one', alg: 'RS256', use: 'sig' });
  readonly #requests = new Map<string, Claims>();
  readonly #server = createServer((request, response) => this.#serve(request, response));
  #url = '';

  /** The `iss`. */
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

  /** What a job with `id-token: write` has in its environment. */
  environment(claims: Claims): Readonly<Record<string, string>> {
    const token = randomUUID();
    this.#requests.set(token, claims);
    return {
      ACTIONS_ID_TOKEN_REQUEST_URL: `${this.#url}/idtoken?api-version=2.0`,
      ACTIONS_ID_TOKEN_REQUEST_TOKEN: token,
    };
  }

  #serve(request: IncomingMessage, response: ServerResponse): void {
    const [status, body] = this.#answer(request);
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(JSON.stringify(body));
  }

  #answer({ url, headers }: IncomingMessage): readonly [status: number, body: object] {
    const { pathname, searchParams } = new URL(url!, this.#url);
    switch (pathname) {
      case '/.well-known/openid-configuration':
        return [200, { issuer: this.#url, jwks_uri: `${this.#url}/.well-known/jwks` }];
      case '/.well-known/jwks':
        return [200, { keys: [this.#key.jwk] }];
      case '/idtoken': {
        const claims = this.#requests.get((headers.authorization ?? '').replace(/^bearer /i, ''));
        if (claims === undefined) return [401, { message: 'The token is not valid.' }];
        const audience = searchParams.get('audience') ?? `https://github.com/${claims.repository_owner}`;
        this.asked.push(audience);
        const value = this.#token(claims, audience);
        return [200, { count: value.length, value }];
      }
      default:
        return [404, { message: 'Not Found' }];
    }
  }

  #token(claims: Claims, aud: string): string {
    const iat = Math.floor(Date.now() / 1_000);
    const times = { nbf: iat - 600, exp: iat + 300, iat };
    const payload = { jti: randomUUID(), iss: this.#url, aud, ...claims, ...times };
    const header = { typ: 'JWT', kid: 'one', x5t: 'one' };
    return mint({ alg: 'RS256', key: this.#key.privateKey, header, payload });
  }
}

/** Listens until the scope ends. */
export async function startOidc(scope: Scope): Promise<Oidc> {
  const oidc = new Oidc();
  await oidc.start();
  scope.after(() => oidc.stop());
  return oidc;
}
