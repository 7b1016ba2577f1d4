/** What the pages of a project's site say, as plain data: Api → SiteContent. Pure; knows no HTML and no Astro. */
import type { Api, Column, Edge, RelationKind, Table, Type, World, WorldTable } from '../engine/index.ts';
import { type Access, accessOf } from './access.ts';
import { type Example, examplesOf, quickStart } from './example.ts';
import { slugs } from './slug.ts';

export interface SiteContent {
  readonly project: string;
  readonly title: string;
  readonly description: string | null;
  /** Path of the site, such as `/bookshop/docs`; no slash at the end. */
  readonly base: string;
  /** URLs of the project's surfaces, with host. */
  readonly urls: Urls;
  /** The role of a request without a token. */
  readonly anonymous: string | null;
  /** Roles that may do something, in the order of the project. */
  readonly roles: readonly RoleContent[];
  /** Tables that some role may use, in the order of their names. */
  readonly tables: readonly TableContent[];
  readonly start: readonly Example[];
  readonly limits: { readonly rows: number; readonly depth: number; readonly body: number };
}

export interface Urls {
  readonly rest: string;
  readonly graphql: string;
  readonly openapi: string;
  readonly sdl: string;
}

export interface RoleContent {
  readonly name: string;
  readonly description: string | null;
  readonly anonymous: boolean;
  /** How many tables it may read, and write in any way. */
  readonly reads: number;
  readonly writes: number;
}

export interface TableContent {
  readonly name: string;
  readonly slug: string;
  readonly kind: RelationKind;
  readonly description: string | null;
  readonly rest: {
    readonly path: string;
    /** Of a table outside the default profile: what `Accept-Profile` must say. */
    readonly profile: string | null;
    readonly byKey: string | null;
  };
  readonly graphql: string;
  readonly columns: readonly ColumnContent[];
  readonly relationships: readonly RelationshipContent[];
  readonly access: readonly Access[];
  readonly examples: readonly Example[];
}

export interface ColumnContent {
  readonly name: string;
  readonly type: string;
  readonly key: boolean;
  readonly nullable: boolean;
  /** SQL text. */
  readonly default: string | null;
  /** `identity` and `generated`: the database fills it. */
  readonly filled: 'identity' | 'generated' | null;
  readonly labels: readonly string[];
  readonly description: string | null;
}

export interface RelationshipContent {
  readonly name: string;
  readonly kind: 'one' | 'many';
  readonly to: string;
  readonly slug: string;
  /** The junction's name, of many to many. */
  readonly through: string | null;
  /** `author_id → id`, of columns that are documented themselves. */
  readonly pairs: readonly string[];
  readonly description: string | null;
}

export interface ContentOptions {
  /** What the project's paths begin with: `/bookshop`, or empty when it has a host of its own. */
  readonly basePath: string;
  /** Scheme, host and port of the examples: `http://127.0.0.1:4000`. */
  readonly origin: string;
}

/** A table with what the roles together may know of it. A column or relationship of no role is not documented. */
export interface Documented {
  readonly table: Table;
  readonly worlds: readonly { readonly role: string; readonly world: World; readonly seen: WorldTable }[];
  readonly columns: readonly Column[];
  readonly edges: readonly Edge[];
}

/**
 * Everything the site says about a project. What no role may see is left out, as are hidden columns.
 *
 * @param api the compiled project
 */
export function siteContent(api: Api, options: ContentOptions): SiteContent {
  const prefix = `${options.origin}${options.basePath}`;
  const urls: Urls = {
    rest: `${prefix}/rest/v1`,
    graphql: `${prefix}/graphql/v1`,
    openapi: `${prefix}/openapi.json`,
    sdl: `${prefix}/schema.graphql`,
  };
  const worlds = [...api.roles.keys()].map((role) => api.world(role));
  const documented = [...api.tables.values()]
    .map((table) => document(table, worlds))
    .filter((one) => one.worlds.length > 0)
    .sort((a, b) => (a.table.name < b.table.name ? -1 : 1));
  const slugOf = slugs(documented.map((one) => one.table.name));
  return {
    project: api.project,
    title: api.title,
    description: api.description,
    base: `${options.basePath}/docs`,
    urls,
    anonymous: api.anonymous ?? null,
    roles: [...api.roles.values()].map((role) => ({
      name: role.name,
      description: role.description,
      anonymous: role.name === api.anonymous,
      ...reach(api.world(role.name)),
    })),
    tables: documented.map((one) => tableContent(one, slugOf, urls, api)),
    start: quickStart(documented, urls, api.anonymous),
    limits: { rows: api.limits.rows, depth: api.limits.depth, body: api.limits.body },
  };
}

function document(table: Table, worlds: readonly World[]): Documented {
  const known = worlds.flatMap((world) => {
    const seen = world.tables.get(table.name);
    return seen === undefined ? [] : [{ role: world.role, world, seen }];
  });
  const columns = [...table.columns.values()].filter(
    (column) => !column.hidden && known.some(({ seen }) => seen.known.has(column.name)),
  );
  const edges = [...table.edges.values()].filter((edge) =>
    known.some(({ seen }) => seen.edges.has(edge.name)),
  );
  return { table, worlds: known, columns, edges };
}

function reach(world: World): { reads: number; writes: number } {
  const tables = [...world.tables.values()];
  return {
    reads: tables.filter((seen) => seen.select !== undefined).length,
    writes: tables.filter((seen) => seen.insert ?? seen.update ?? seen.delete).length,
  };
}

function tableContent(
  one: Documented,
  slugOf: ReadonlyMap<string, string>,
  urls: Urls,
  api: Api,
): TableContent {
  const { table, columns } = one;
  const shown = new Set(columns);
  const keyShown = table.key.length > 0 && table.key.every((column) => shown.has(column));
  const path = `/rest/v1/${encodeURIComponent(table.rest)}`;
  return {
    name: table.name,
    slug: slugOf.get(table.name)!,
    kind: table.relation.kind,
    description: table.description,
    rest: {
      path,
      profile: table.name === table.rest ? null : table.profile,
      byKey: keyShown ? `${path}/${table.key.map((column) => `{${column.name}}`).join(',')}` : null,
    },
    graphql: table.graphql,
    columns: columns.map((column) => columnContent(column, table)),
    relationships: one.edges.map((edge) => relationshipContent(edge, slugOf)),
    access: [...api.roles.keys()].map((role) =>
      accessOf(role, one.worlds.find((world) => world.role === role)?.seen, columns),
    ),
    examples: examplesOf(one, urls, api.anonymous),
  };
}

function columnContent(column: Column, table: Table): ColumnContent {
  return {
    name: column.name,
    type: typeName(column.type),
    key: table.key.includes(column),
    nullable: column.nullable,
    default: column.source.generated ? null : defaultText(column.source.default),
    filled: column.source.identity !== null ? 'identity' : column.source.generated ? 'generated' : null,
    labels: (column.type.element ?? column.type).labels ?? [],
    description: column.description,
  };
}

function relationshipContent(edge: Edge, slugOf: ReadonlyMap<string, string>): RelationshipContent {
  const open = edge.pairs.every(({ near, far }) => !near.hidden && !far.hidden);
  return {
    name: edge.name,
    kind: edge.kind,
    to: edge.to.name,
    slug: slugOf.get(edge.to.name)!,
    through: edge.through?.table.name ?? null,
    pairs:
      open && edge.through === undefined
        ? edge.pairs.map(({ near, far }) => `${near.name} → ${far.name}`)
        : [],
    description: edge.description,
  };
}

/** Postgres prints `'placed'::order_status`; the type stands beside it already. */
function defaultText(sql: string | null): string | null {
  return sql?.replace(/^('(?:[^']|'')*')::[\w ".[\](),]+$/, '$1') ?? null;
}

const friendly: ReadonlyMap<string, string> = new Map([
  ['int2', 'smallint'],
  ['int4', 'integer'],
  ['int8', 'bigint'],
  ['float4', 'real'],
  ['float8', 'double precision'],
  ['bool', 'boolean'],
  ['bpchar', 'char'],
]);

/** The type as SQL writes it. */
function typeName(type: Type): string {
  // A set of labels is a list, and no array of another type.
  if (type.element !== undefined && type.name !== 'set') return `${typeName(type.element)}[]`;
  const name = type.schema === 'pg_catalog' ? (friendly.get(type.name) ?? type.name) : type.name;
  return `${name}${type.modifiers}${type.unsigned === true && name !== 'oid' ? ' unsigned' : ''}`;
}
