/** One role's world → the OpenAPI 3.1 document of its REST surface. Pure; knows no HTTP server. */
import type { Api, Callable, WorldTable } from '../api/api.ts';
import { sharedHeaders, sharedResponses } from './answers.ts';
import { type Filter, functionItem, functionPathOf, functionTag } from './functions.ts';
import { keyed, Names } from './names.ts';
import { filterOf, type Parameter, parameterName, sharedParameters } from './parameters.ts';
import { pathsOf, type TableRefs } from './paths.ts';
import { insertSchema, problemSchema, rowSchema, type Schema, updateSchema } from './schemas.ts';

export interface OpenApiOptions {
  /** Where `/rest/v1` is, from the caller's side: `/bookshop/rest/v1` or a whole URL. Paths are below it. */
  readonly serverUrl: string;
}

/** Documents without their server: an Api never changes, so they live as long as it does. */
const documents = new WeakMap<Api, Map<string, Schema>>();

/**
 * The document of what `role` may do: tables, columns and verbs outside its grants are not in it. Kept per Api and role.
 *
 * @param role a declared role; another one gets a document without paths
 */
export function openapi(api: Api, role: string, options: OpenApiOptions): Schema {
  const known = documents.get(api) ?? new Map<string, Schema>();
  documents.set(api, known);
  const document = known.get(role) ?? describe(api, role);
  if (api.roles.has(role)) known.set(role, document);
  return { ...document, servers: [{ url: options.serverUrl }] };
}

function describe(api: Api, role: string): Schema {
  const world = api.world(role);
  const tables = [...world.tables.values()];
  const schemaNames = new Names(['Problem']);
  const ids = new Map(tables.map(({ table }) => [table.name, schemaNames.claim(table.name)]));
  const schemas: [string, Schema][] = [['Problem', problemSchema]];
  const parameters: [string, Parameter][] = Object.entries(sharedParameters);
  const parameterNames = new Names(Object.keys(sharedParameters));
  const refOf = (table: string): Schema => schemaRef(ids.get(table)!);
  const paths = new Map<string, Schema>();
  const filters = new Map<string, readonly Filter[]>();
  for (const table of tables) {
    const id = ids.get(table.table.name)!;
    const own = addFilters(parameters, parameterNames, id, table);
    filters.set(table.table.name, own);
    const refs: TableRefs = {
      id,
      row: add(schemas, id, table.select && rowSchema(table, refOf)),
      insert: add(schemas, () => schemaNames.claim(`${id}.insert`), table.insert && insertSchema(table)),
      update: add(schemas, () => schemaNames.claim(`${id}.update`), table.update && updateSchema(table)),
      filters: own.map(({ parameter }) => parameter),
    };
    // One path is one table: a name that several profiles share is described for the first of them.
    for (const [path, item] of pathsOf(table, refs)) if (!paths.has(path)) paths.set(path, item);
  }
  const tags = tables.map(tagOf);
  for (const callable of world.functions.values()) {
    const id = schemaNames.claim(`rpc.${callable.name}`);
    const filtersOf = (table: string) => filters.get(table) ?? [];
    const ownRows = (schema: Schema) => add(schemas, () => schemaNames.claim(`${id}.row`), schema);
    const item = functionItem(callable, { id, world, rowOf: refOf, ownRows, filtersOf });
    const path = functionPathOf(callable);
    if (item === undefined || paths.has(path)) continue;
    paths.set(path, item);
    tags.push(functionTagOf(callable));
  }
  return {
    openapi: '3.1.0',
    info: {
      title: api.title,
      ...(api.description === null ? null : { description: api.description }),
      version: 'current',
    },
    security: [...(api.anonymous === undefined ? [] : [{}]), { bearer: [] }, { apikey: [] }],
    tags,
    paths: keyed(paths),
    components: {
      schemas: keyed(schemas),
      parameters: keyed(parameters),
      headers: sharedHeaders,
      responses: sharedResponses,
      securitySchemes: {
        bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT', description: 'Who calls.' },
        apikey: { type: 'apiKey', in: 'header', name: 'apikey', description: 'Which application calls.' },
      },
    },
  };
}

/** Puts a schema that the role has under `components`. */
function add(schemas: [string, Schema][], name: string | (() => string), schema: Schema | undefined): Schema {
  if (schema === undefined) return {};
  const key = typeof name === 'string' ? name : name();
  schemas.push([key, schema]);
  return schemaRef(key);
}

function addFilters(
  parameters: [string, Parameter][],
  names: Names,
  id: string,
  table: WorldTable,
): readonly Filter[] {
  return [...table.columns.values(), ...table.computed.values()].map((column) => {
    const key = names.claim(`${id}.${column.name}`);
    parameters.push([key, filterOf(column)]);
    return { name: parameterName(column.name), parameter: { $ref: `#/components/parameters/${key}` } };
  });
}

function schemaRef(key: string): Schema {
  return { $ref: `#/components/schemas/${key}` };
}

function tagOf({ table }: WorldTable): Schema {
  return { name: table.name, ...(table.description === null ? null : { description: table.description }) };
}

function functionTagOf(callable: Callable): Schema {
  const { description } = callable;
  return { name: functionTag(callable), ...(description === null ? null : { description }) };
}
