/** Who asks the operator's endpoints of one listener: the caller of each request. */
import type { FastifyRequest } from 'fastify';
import type { Authority } from '../../auth/authority.ts';
import type { Caller } from '../../auth/operator.ts';
import { Problem } from '../../problem/problem.ts';
import { refuseTwoTokens } from '../../revision/request.ts';
import type { Attempts } from './attempts.ts';

/** `open`: whoever reaches the listener runs the server (`admin`, `dev`). `closed`: a token says who is asking. */
export type Access =
  | {
      readonly kind: 'open';
      /** Reads the tokens that are sent all the same. Undefined: they are not looked at. */
      readonly authority?: Authority;
    }
  | { readonly kind: 'closed'; readonly authority: Authority };

declare module 'fastify' {
  interface FastifyRequest {
    /** Who asks the operator's API; null: nobody has been named, and the route is public. */
    caller: Caller | null;
  }
  interface FastifyContextConfig {
    /** Answered to everybody, on each listener. */
    readonly public?: boolean;
  }
}

/** Whoever reaches an open listener. */
const runsTheServer: Caller = Object.freeze<Caller>({
  name: 'operator on the admin listener',
  grants: [{ may: ['read', 'sync', 'rollback', 'suspend'], projects: undefined, source: undefined }],
  sha: undefined,
  ref: undefined,
});

/**
 * @returns who asks
 * @throws {Problem} 401, 403, 429 or 503: nobody who may
 */
export async function identify(request: FastifyRequest, access: Access, attempts: Attempts): Promise<Caller> {
  refuseTwoTokens(request.raw.rawHeaders);
  const { authorization } = request.headers;
  if (access.authority === undefined || (access.kind === 'open' && authorization === undefined)) {
    refusePages(request);
    return runsTheServer;
  }
  return attempts.guard(request.ip, authorization !== undefined, () =>
    access.authority!.identify(authorization),
  );
}

/**
 * A page of another site may have a browser send what it likes, and may make its own name point here; where no token is asked
 * for, that would be enough. No page of ours asks for anything, so whatever says that it comes from one is refused.
 */
function refusePages({ method, headers }: FastifyRequest): void {
  if (method === 'GET' || method === 'HEAD' || headers.origin === undefined) return;
  throw new Problem('NS307', {
    message: 'A page in a browser may not ask this of the operator.',
    hint: 'Ask from a shell, or send a token.',
  });
}
