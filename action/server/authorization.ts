/** How a request to the server says who asks. */
import type { Inputs } from '../inputs.ts';
import { InputError } from '../inputs.ts';

/** Asked before each request: a token of GitHub's is good for one. @returns undefined: nothing is sent */
export type Authorization = () => Promise<string | undefined>;

export interface AuthorizationOptions {
  readonly inputs: Pick<Inputs, 'auth' | 'serverToken' | 'audience'>;
  readonly server: URL;
  readonly env: NodeJS.ProcessEnv;
  /** Keeps it out of the log. */
  readonly mask: (secret: string) => void;
}

/** Milliseconds for one answer of GitHub's issuer, and how often it is asked. */
const timeoutMs = 10_000;
const attempts = 3;

/** @throws {InputError} what it needs is not there */
export function authorizationOf({ inputs, server, env, mask }: AuthorizationOptions): Authorization {
  switch (inputs.auth) {
    case 'none':
      return async () => undefined;
    case 'token':
      if (inputs.serverToken === '')
        throw new InputError('With "auth: token" the input "server-token" has to be given, from a secret.');
      mask(inputs.serverToken);
      return async () => inputs.serverToken;
    case 'oidc':
      return oidc(inputs.audience || server.origin, env, mask);
    default:
      return inputs.auth satisfies never;
  }
}

function oidc(audience: string, env: NodeJS.ProcessEnv, mask: (secret: string) => void): Authorization {
  const { ACTIONS_ID_TOKEN_REQUEST_URL: url, ACTIONS_ID_TOKEN_REQUEST_TOKEN: bearer } = env;
  if (!url || !bearer)
    throw new InputError(
      'GitHub gives this job no OIDC token. Add to the job: permissions: { id-token: write } (a pull request from a fork gets ' +
        'none), or use "auth: token".',
    );
  const address = new URL(url);
  address.searchParams.set('audience', audience);
  return async () => {
    const token = await requestToken(address, bearer);
    mask(token);
    return token;
  };
}

async function requestToken(address: URL, bearer: string): Promise<string> {
  let said = '';
  for (let attempt = 1; attempt <= attempts; attempt++) {
    try {
      const response = await fetch(address, {
        headers: { authorization: `Bearer ${bearer}`, accept: 'application/json' },
        redirect: 'error',
        signal: AbortSignal.timeout(timeoutMs),
      });
      const { value } = (await response.json()) as { readonly value?: unknown };
      if (response.ok && typeof value === 'string' && value !== '') return value;
      said = `it answered ${response.status}`;
    } catch (error) {
      said =
        error instanceof Error && error.name === 'TimeoutError'
          ? 'it did not answer'
          : 'it cannot be reached';
    }
  }
  throw new Error(`GitHub's issuer of OIDC tokens gave none: ${said}, ${attempts} times.`);
}
