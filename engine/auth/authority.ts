/** An `Authorization` header → whoever asks the operator's API: by a token of server.yaml, or by one that a forge made. */
import type { OperatorConfig } from '../../schema/server-config.ts';
import { Problem } from '../problem/problem.ts';
import { challenged, maxTokenLength } from './authenticate.ts';
import type { IssuerKeys } from './issuer-keys.ts';
import { createOidc, type SourceTrust } from './oidc.ts';
import { type Caller, createOperatorTokens } from './operator.ts';
import type { ReplayGuard } from './replay.ts';

export interface AuthorityOptions {
  /** With references resolved. */
  readonly operators: readonly OperatorConfig[];
  /** Of all sources, in the order of server.yaml. */
  readonly trust: readonly SourceTrust[];
  /** Of the issuers of `trust`. */
  readonly keys: IssuerKeys;
  readonly replay: ReplayGuard;
  /** Milliseconds since the epoch; default `Date.now`. */
  readonly clock?: () => number;
}

export interface Authority {
  /**
   * @param authorization the header's value
   * @throws {Problem} PGRST301, PGRST302, PGRST303, NS303 (401 with `WWW-Authenticate`); NS304 (403); NS506, NS706 (503)
   */
  identify(authorization: string | undefined): Promise<Caller>;
}

const realm = 'Bearer realm="novastack"';

/** @throws {TypeError} an entry of `trust` without a condition */
export function createAuthority(options: AuthorityOptions): Authority {
  const operatorOf = createOperatorTokens(options.operators);
  const { trust: entries, keys, replay, clock } = options;
  const pipelineOf = createOidc({ entries, keys, replay, ...(clock === undefined ? {} : { clock }) });
  return {
    async identify(authorization) {
      try {
        const token = bearer(authorization);
        return operatorOf(token) ?? (await byItsIssuer(token));
      } catch (error) {
        throw challenged(error, realm);
      }
    },
  };

  function byItsIssuer(token: string): Promise<Caller> {
    if (entries.length > 0 && token.split('.').length === 3) return pipelineOf(token);
    throw new Problem('PGRST301', {
      message: 'The token is not one of this server.',
      hint: 'Send a token of "operators" in server.yaml, or one of an issuer that a source trusts.',
    });
  }
}

function bearer(authorization: string | undefined): string {
  if (authorization === undefined)
    throw new Problem('PGRST302', {
      message: "The operator's API answers no request without a token.",
      hint: 'Send "Authorization: Bearer <token>".',
    });
  if (authorization.length > maxTokenLength)
    throw new Problem('PGRST301', {
      message: `The Authorization header is longer than ${maxTokenLength} characters.`,
      hint: 'Ask the issuer for a smaller token.',
    });
  const token = /^bearer +([^\s]+) *$/i.exec(authorization)?.[1];
  if (token !== undefined) return token;
  throw new Problem('PGRST301', {
    message: 'The Authorization header is not of the form "Bearer <token>".',
    hint: 'Send a bearer token.',
  });
}
