/** Api and pools → a revision with every surface, built aside while the one before keeps serving. */
import type { Api } from '../api/api.ts';
import type { Broken } from '../api/broken.ts';
import { createExecutor, type Observe } from '../execute/executor.ts';
import { LiveQueries } from '../graphql/live/live-queries.ts';
import type { LiveSurface } from '../graphql/live/surface.ts';
import type { Operations } from '../graphql/persisted.ts';
import { Planner } from '../graphql/planner.ts';
import { graphqlPlugin } from '../graphql/plugin.ts';
import { openapi } from '../openapi/document.ts';
import { swagger } from '../openapi/swagger.ts';
import { restPlugin } from '../rest/plugin.ts';
import { createCors } from './cors.ts';
import { createInstance, type InstanceOptions } from './instance.ts';
import type { Revision } from './revision.ts';

export interface BuildOptions extends InstanceOptions {
  /** Serve GraphiQL to browsers. */
  readonly graphiql: boolean;
  /** Of the project's folder; none when it has none. */
  readonly operations?: Operations | undefined;
  /** Where callers reach the project: `/bookshop`, or empty for a host name of its own. */
  readonly basePath: string;
  /** Signs REST's cursors: 32 bytes or more. */
  readonly cursorSecret: Buffer;
  /** Secrets before it, newest first: cursors of theirs are still read. Default none. */
  readonly previousCursorSecrets?: readonly Buffer[];
  /** Milliseconds between two looks for live queries; default 1,000. */
  readonly liveMs?: number;
  readonly observe?: Observe;
  /** What the databases have drifted from: its requests are told 503 `NS507`. Default nothing. */
  readonly broken?: Broken | undefined;
}

/** @throws what a surface throws while it is registered */
export async function buildRevision(options: BuildOptions): Promise<Revision> {
  const { api, basePath, graphiql, operations, cursorSecret, previousCursorSecrets } = options;
  const executor = createExecutor(api, options.pools, {
    observe: options.observe,
    broken: options.broken,
  });
  const describe = descriptions(api);
  const planner = new Planner(api, { operations });
  const live = new LiveQueries(options.liveMs);
  const cors = createCors(options.project.cors.origins);
  const revision = await createInstance(options, async (app) => {
    app.addHook('onClose', () => live.close());
    await app.register(restPlugin, {
      api,
      executor,
      basePath,
      describe,
      cursorSecret,
      previousCursorSecrets,
    });
    await app.register(graphqlPlugin, { api, executor, planner, basePath, graphiql });
    app.get('/openapi.json', (request, reply) =>
      reply
        .header('content-type', 'application/json; charset=utf-8')
        .send(describe(request.principal.role, request.raw.basePath ?? basePath, 'openapi')),
    );
  });
  const sockets: LiveSurface = {
    revision: options.id,
    authenticator: options.authenticator,
    allows: (origin) => cors.allow(origin) !== undefined,
    maxMessage: api.limits.body,
    planner,
    executor,
    live,
  };
  return { ...revision, sockets };
}

/** `swagger`: 2.0, as PostgREST describes one profile; `openapi`: 3.1, of all profiles. */
type Describe = (role: string, basePath: string, form: 'swagger' | 'openapi', profile?: string) => string;

/** Most texts that a revision keeps; a text can have megabytes. */
const keptTexts = 64;

/** Documents as text, the latest asked for kept as long as the revision. */
export function descriptions(api: Api): Describe {
  const texts = new Map<string, string>();
  return (role, basePath, form, profile) => {
    const key = JSON.stringify([role, basePath, form, profile]);
    const text = texts.get(key) ?? describe(api, { role, serverUrl: `${basePath}/rest/v1`, form, profile });
    texts.delete(key);
    texts.set(key, text);
    const [oldest] = texts.keys();
    if (texts.size > keptTexts) texts.delete(oldest!);
    return text;
  };
}

function describe(
  api: Api,
  asked: {
    readonly role: string;
    readonly serverUrl: string;
    readonly form: 'swagger' | 'openapi';
    readonly profile: string | undefined;
  },
): string {
  const { role, serverUrl, form, profile } = asked;
  return JSON.stringify(
    form === 'openapi' ? openapi(api, role, { serverUrl }) : swagger(api, role, { serverUrl, profile }),
  );
}
