/** What becomes of one request, without a database: it goes the whole way through its surface, and nothing is run. */
import { randomBytes } from 'node:crypto';
import type { Project } from '../../schema/project.ts';
import type { Api } from '../api/api.ts';
import type { ClaimValue, Principal } from '../auth/principal.ts';
import { Explainer, type Told } from '../execute/explainer.ts';
import { Planner } from '../graphql/planner.ts';
import { graphqlPlugin } from '../graphql/plugin.ts';
import { restPlugin } from '../rest/plugin.ts';
import { createInstance } from './instance.ts';
import { bindOperations } from './operations.ts';
import type { InjectedRequest } from './revision.ts';

export type { Told } from '../execute/explainer.ts';

export interface Explanation {
  /** In the order in which they would be sent. */
  readonly statements: readonly Told[];
  /** Undefined: it is not refused, whatever rows there are. */
  readonly refusal: Refusal | undefined;
}

/** As the caller would see it. */
export interface Refusal {
  readonly status: number;
  readonly code: string;
  readonly message: string;
  readonly hint: string | null;
}

/** A caller whose token says so; without claims the anonymous role is that of a caller without one. */
export function callerOf(api: Api, role: string, claims: Principal['claims'] | undefined): Principal {
  const isAnonymous = claims === undefined && api.anonymous === role;
  const given: Record<string, ClaimValue> = Object.assign(Object.create(null), claims);
  const { sub } = given;
  return Object.freeze({
    kind: isAnonymous ? 'anonymous' : 'token',
    role,
    roles: Object.freeze([role]),
    subject: typeof sub === 'string' || typeof sub === 'number' ? String(sub) : null,
    issuer: null,
    claims: Object.freeze(given),
    expiresAt: null,
  });
}

export async function explainRequest(
  project: Project,
  api: Api,
  principal: Principal,
  request: InjectedRequest,
): Promise<Explanation> {
  const executor = new Explainer(api);
  const operations = (await bindOperations(project, api)).value;
  const planner = new Planner(api, { operations });
  const instance = await createInstance(
    {
      id: 'explain',
      project,
      api,
      pools: new Map(),
      authenticator: { recognize: () => principal, authenticate: async () => principal, stands: () => true },
      timing: false,
    },
    async (app) => {
      const describe = () => '{}';
      await app.register(restPlugin, {
        api,
        executor,
        basePath: '',
        describe,
        cursorSecret: randomBytes(32),
      });
      await app.register(graphqlPlugin, { api, executor, planner, basePath: '', graphiql: false });
    },
  );
  try {
    const { status, body } = await instance.inject(request);
    const isRefused = executor.refused || executor.told.length === 0;
    return { statements: executor.told, refusal: isRefused ? refusalOf(status, body) : undefined };
  } finally {
    await instance.close();
  }
}

interface GraphqlError {
  readonly message: string;
  readonly extensions?: {
    readonly code?: string;
    readonly novastack?: { readonly code?: string; readonly hint?: string };
  };
}

/** REST's body is the problem; GraphQL's has it among `errors`, with status 200. */
function refusalOf(status: number, body: string): Refusal | undefined {
  const answer = parsed(body);
  const [error] = (answer?.errors ?? []) as readonly GraphqlError[];
  if (error !== undefined) {
    const { code, novastack } = error.extensions ?? {};
    return { status, code: code ?? 'unexpected', message: error.message, hint: novastack?.hint ?? null };
  }
  if (status < 400) return undefined;
  const { code, message, hint } = (answer ?? {}) as { code?: string; message?: string; hint?: string | null };
  return { status, code: code ?? String(status), message: message ?? '', hint: hint ?? null };
}

function parsed(body: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(body);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}
