/** One role's world → the Swagger 2.0 document that PostgREST answers at its root. Pure; knows no HTTP server. */
import type { Api, World } from '../api/api.ts';
import { relationKey, type Type } from '../catalog/catalog.ts';
import { keyed } from './names.ts';
import type { Schema } from './schemas.ts';
import { functionPath } from './swagger-functions.ts';
import { tableParts } from './swagger-tables.ts';

export interface SwaggerOptions {
  /** Where `/rest/v1` is, from the caller's side: `/bookshop/rest/v1` or a whole URL. Paths are below it. */
  readonly serverUrl: string;
  /** The REST profile that is described, as `Accept-Profile` names it. Default: the default profile. */
  readonly profile?: string | undefined;
}

const rowMedia = [
  'application/json',
  'application/vnd.pgrst.object+json;nulls=stripped',
  'application/vnd.pgrst.object+json',
] as const;

/**
 * The document of what `role` may do in one profile: tables, columns, functions and verbs outside its grants are not in it.
 * Computed fields are left out, as PostgREST leaves them out.
 *
 * @param role a declared role; another one gets a document whose only path is its own
 */
export function swagger(api: Api, role: string, options: SwaggerOptions): Schema {
  const world = api.world(role);
  const profile = profileOf(api, options.profile);
  const definitions: [string, Schema][] = [];
  const parameters: (readonly [string, Schema])[] = [...sharedParameters];
  const paths = new Map<string, Schema>([['/', rootPath]]);
  const around = { world, hides: hiddenTypes(api, world), taken: new Set<string>() };
  for (const table of world.tables.values()) {
    const { rest } = table.table;
    if (table.table.profile !== profile) continue;
    const parts = tableParts(table, around);
    definitions.push([rest, parts.definition]);
    parameters.push(...parts.parameters);
    paths.set(`/${rest}`, parts.path);
  }
  for (const callable of world.functions.values()) {
    if (callable.profile !== profile) continue;
    const path = functionPath(callable, rowMedia, around.hides);
    if (path !== undefined) paths.set(`/rpc/${callable.rest}`, path);
  }
  return {
    swagger: '2.0',
    info: { description: api.description ?? '', title: api.title, version: 'current' },
    ...placeOf(options.serverUrl),
    consumes: [...rowMedia, 'text/csv'],
    produces: [...rowMedia, 'text/csv'],
    paths: keyed(paths),
    definitions: keyed(definitions),
    parameters: keyed(parameters),
    externalDocs: {
      description: 'PostgREST Documentation',
      url: 'https://docs.postgrest.org/en/v14/references/api.html',
    },
  };
}

/** Without a host the document's own holds: an address that a caller's header named is not put into a kept text. */
function placeOf(serverUrl: string): Schema {
  if (!/^https?:\/\//.test(serverUrl)) return { basePath: serverUrl };
  const { host, pathname, protocol } = new URL(serverUrl);
  return { host, basePath: pathname, schemes: [protocol.slice(0, -1)] };
}

/** The first schema of a database is its default profile, which goes by `public` everywhere. */
function profileOf({ databases }: Api, profile = 'public'): string {
  const isDefault = [...databases.values()].some(({ catalog }) => catalog.schemas[0] === profile);
  return isDefault ? 'public' : profile;
}

/** A row type has its relation's name, which only those read who know of the relation. */
function hiddenTypes({ databases }: Api, world: World): (type: Type) => boolean {
  const known = new Set(
    [...world.tables.values()].map(({ table: { relation } }) => relationKey(relation.schema, relation.name)),
  );
  return ({ family, schema, name }) => {
    const key = relationKey(schema, name);
    if (family !== 'composite' || known.has(key)) return false;
    return [...databases.values()].some(({ catalog }) => catalog.relations.has(key));
  };
}

const rootPath: Schema = {
  get: {
    tags: ['Introspection'],
    summary: 'OpenAPI description (this document)',
    produces: ['application/openapi+json', 'application/json'],
    responses: { 200: { description: 'OK' } },
  },
};

function prefer(...values: readonly string[]): Schema {
  return {
    name: 'Prefer',
    description: 'Preference',
    required: false,
    ...(values.length === 0 ? null : { enum: values }),
    in: 'header',
    type: 'string',
  };
}

function text(name: string, description: string, place: 'query' | 'header' = 'query'): Schema {
  return { name, description, required: false, in: place, type: 'string' };
}

const returns = ['return=representation', 'return=headers-only', 'return=minimal', 'return=none'] as const;
const paging = 'Limiting and Pagination';

const sharedParameters: readonly [string, Schema][] = [
  ['preferParams', prefer()],
  ['preferReturn', prefer(...returns)],
  ['preferCount', prefer('count=none', 'count=exact', 'count=planned', 'count=estimated')],
  ['preferPost', prefer(...returns, 'resolution=ignore-duplicates', 'resolution=merge-duplicates')],
  ['select', text('select', 'Filtering Columns')],
  ['on_conflict', text('on_conflict', 'On Conflict')],
  ['order', text('order', 'Ordering')],
  ['range', text('Range', paging, 'header')],
  ['rangeUnit', { ...text('Range-Unit', paging, 'header'), default: 'items' }],
  ['offset', text('offset', paging)],
  ['limit', text('limit', paging)],
];
