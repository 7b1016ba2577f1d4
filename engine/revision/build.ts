/** Api and pools → a revision with every surface, built aside while the one before keeps serving. */
import type { Api } from '../api/api.ts';
import { createExecutor } from '../execute/executor.ts';
import { graphqlPlugin } from '../graphql/plugin.ts';
import { openapi } from '../openapi/document.ts';
import { restPlugin } from '../rest/plugin.ts';
import { createInstance, type InstanceOptions } from './instance.ts';
import type { Revision } from './revision.ts';

export interface BuildOptions extends InstanceOptions {
  /** Serve GraphiQL to browsers. */
  readonly graphiql: boolean;
  /** Where callers reach the project: `/bookshop`, or empty for a host name of its own. */
  readonly basePath: string;
}

/** @throws what a surface throws while it is registered */
export function buildRevision(options: BuildOptions): Promise<Revision> {
  const { api, basePath, graphiql } = options;
  const executor = createExecutor(api, options.pools);
  const describe = descriptions(api);
  return createInstance(options, async (app) => {
    await app.register(restPlugin, { api, executor, basePath, describe });
    await app.register(graphqlPlugin, { api, executor, basePath, graphiql });
    app.get('/openapi.json', (request, reply) =>
      reply
        .header('content-type', 'application/json; charset=utf-8')
        .send(describe(request.principal.role, request.raw.basePath ?? basePath)),
    );
  });
}

/** One document a declared role and base path, kept as text as long as the revision. */
function descriptions(api: Api): (role: string, basePath: string) => string {
  const texts = new Map<string, string>();
  return (role, basePath) => {
    const key = JSON.stringify([role, basePath]);
    const known = texts.get(key);
    if (known !== undefined) return known;
    const text = JSON.stringify(openapi(api, role, { serverUrl: `${basePath}/rest/v1` }));
    texts.set(key, text);
    return text;
  };
}
