/** Api and pools → a revision with every surface, built aside while the one before keeps serving. */
import type { Api } from '../api/api.ts';
import { createExecutor } from '../execute/executor.ts';
import { graphqlPlugin } from '../graphql/plugin.ts';
import { openapi } from '../openapi/document.ts';
import { swagger } from '../openapi/swagger.ts';
import { restPlugin } from '../rest/plugin.ts';
import { createInstance, type InstanceOptions } from './instance.ts';
import type { Revision } from './revision.ts';

export interface BuildOptions extends InstanceOptions {
  /** Serve GraphiQL to browsers. */
  readonly graphiql: boolean;
  /** Where callers reach the project: `/bookshop`, or empty for a host name of its own. */
  readonly basePath: string;
  /** Signs REST's cursors: 32 bytes or more. */
  readonly cursorSecret: Buffer;
}

/** @throws what a surface throws while it is registered */
export function buildRevision(options: BuildOptions): Promise<Revision> {
  const { api, basePath, graphiql, cursorSecret } = options;
  const executor = createExecutor(api, options.pools);
  const describe = descriptions(api);
  return createInstance(options, async (app) => {
    await app.register(restPlugin, { api, executor, basePath, describe, cursorSecret });
    await app.register(graphqlPlugin, { api, executor, basePath, graphiql });
    app.get('/openapi.json', (request, reply) =>
      reply
        .header('content-type', 'application/json; charset=utf-8')
        .send(describe(request.principal.role, request.raw.basePath ?? basePath, 'openapi')),
    );
  });
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
