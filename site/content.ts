/**
 * What a project's site says, role by role, as plain data: Api → SiteContent. A role's part is made of its world alone,
 * so that nothing which the role may not see can come to be in it. Pure; knows no HTML and no Astro.
 */
import { type Api, limitsOf, type Project, type RoleLimits, type WorldTable } from '../engine/index.ts';
import { type Access, accessOf, type Verb } from './access.ts';
import type { Words } from './document.ts';
import type { Example, RoleExamples } from './examples.ts';
import { type FunctionContent, functionContent } from './functions.ts';
import { type OperationsOf, operationsOf } from './operations.ts';
import type { OwnPage } from './own-pages.ts';
import { type Picture, pictureOf } from './picture.ts';
import { sightOf } from './sight.ts';
import { slugs } from './slug.ts';
import { type TableContent, tableContent } from './tables.ts';
import { typeName } from './type-name.ts';

export interface SiteContent {
  readonly project: string;
  readonly title: string;
  readonly description: string | null;
  /** Path of the site, such as `/bookshop/docs`; no slash at the end. */
  readonly base: string;
  /** URLs of the project's surfaces, with host. */
  readonly urls: Urls;
  /** What the site is for, the first at its root. Empty: the site says that nothing is public. */
  readonly roles: readonly RoleSite[];
}

export interface Urls {
  readonly rest: string;
  readonly graphql: string;
  readonly openapi: string;
  readonly sdl: string;
}

/** The pages of one role. Nothing of another role, and nothing that this one may not see, is in it. */
export interface RoleSite {
  readonly name: string;
  /** Where its pages begin, below the site's base: nothing, or `/as/<slug>`. */
  readonly root: string;
  readonly description: string | null;
  /** A request without a token is made as this role. */
  readonly anonymous: boolean;
  /** It may read its GraphQL schema. */
  readonly introspection: boolean;
  /** In the order of their names. */
  readonly tables: readonly TableContent[];
  readonly functions: readonly FunctionContent[];
  readonly start: readonly Example[];
  /** Claims of the token that the examples were answered to. */
  readonly claims: RoleExamples['claims'];
  readonly picture: Picture;
  readonly limits: LimitsContent;
  readonly token: TokenContent;
  /** Written by the project's authors, of those that are for this role. */
  readonly own: readonly OwnPage[];
}

export interface LimitsContent extends RoleLimits {
  readonly rows: number;
  readonly export: number | null;
  readonly body: number;
  /** It may send `Prefer: tx=rollback`. */
  readonly dryRun: boolean;
  /** PATCH and DELETE take a filter. */
  readonly filteredWrites: boolean;
}

/** What a token must have. Which issuers are trusted, and by which keys, is between them and the project. */
export interface TokenContent {
  /** Paths of the claim with the role, one for each way that issuers have. */
  readonly roleClaims: readonly string[];
  /** A token may list roles that its caller chooses from. */
  readonly chooses: boolean;
  /** Some key is a shared secret; some are published key sets. */
  readonly signedBy: readonly ('secret' | 'keys')[];
  /** Claims that this role's rules look at, of those that the pages tell of. */
  readonly claims: readonly string[];
}

type Issuers = Project['auth']['jwt'];

export interface ContentOptions {
  /** What the project's paths begin with: `/bookshop`, or empty when it has a host of its own. */
  readonly basePath: string;
  /** Scheme, host and port of the examples: `http://127.0.0.1:4000`. */
  readonly origin: string;
  /** Whose pages there are, each declared; the first at the root of the site. */
  readonly roles: readonly string[];
  /** Whose tokens the project trusts. Default: nobody's. */
  readonly issuers?: Issuers;
  /** By role. Default: none. */
  readonly examples?: ReadonlyMap<string, RoleExamples>;
  /** The project's own pages, of all roles. */
  readonly own?: readonly OwnPage[];
}

/** What the roles named may know of the compiled project, each by its own world. */
export function siteContent(api: Api, options: ContentOptions): SiteContent {
  const prefix = `${options.origin}${options.basePath}`;
  const urls: Urls = {
    rest: `${prefix}/rest/v1`,
    graphql: `${prefix}/graphql/v1`,
    openapi: `${prefix}/openapi.json`,
    sdl: `${prefix}/schema.graphql`,
  };
  const slugOf = slugs(options.roles, 'role');
  return {
    project: api.project,
    title: api.title,
    description: api.description,
    base: `${options.basePath}/docs`,
    urls,
    roles: options.roles.map((role, index) => ({
      root: index === 0 ? '' : `/as/${slugOf.get(role)!}`,
      ...roleSite(role, api, urls, options),
    })),
  };
}

function roleSite(
  role: string,
  api: Api,
  urls: Urls,
  { issuers = [], own = [], examples }: ContentOptions,
): Omit<RoleSite, 'root'> {
  const world = api.world(role);
  const sight = sightOf(world, api.databases);
  const seen = [...world.tables.values()].sort(byName);
  const context: RoleContext = {
    sight,
    anonymous: api.anonymous === role,
    urls,
    tableSlugs: slugs(
      seen.map(({ table }) => table.name),
      'table',
    ),
    functionSlugs: slugs(world.functions.keys(), 'function'),
    operations: operationsOf(api, role),
  };
  const shown = examples?.get(role);
  const tables = seen.map((one) =>
    tableContent(one, context, accessOf(one, sight), shown?.tables.get(one.table.name) ?? []),
  );
  const token = tokenContent(
    issuers,
    tables.map(({ access }) => access),
  );
  return {
    name: role,
    description: api.roles.get(role)?.description ?? null,
    anonymous: context.anonymous,
    introspection: api.roles.get(role)?.introspection ?? false,
    tables,
    functions: [...world.functions.values()].flatMap((callable) =>
      functionContent(callable, context, shown?.functions.get(callable.name) ?? []),
    ),
    start: shown?.start ?? [],
    claims: claimsToTell(shown?.claims ?? null, token),
    picture: pictureOf(world, {
      hrefOf: (table) => `/tables/${context.tableSlugs.get(table)!}/`,
      typeOf: ({ type }) => typeName(type, sight),
    }),
    limits: limitsContent(role, api),
    token,
    own: own.filter(({ roles }) => roles === null || roles.includes(role)),
  };
}

/** A claim that only a rule looks at which the role does not see is not told of, though the token had it. */
function claimsToTell(claims: RoleExamples['claims'], token: TokenContent): RoleExamples['claims'] {
  const told = Object.entries(claims ?? {}).filter(([name]) =>
    token.claims.some((path) => path === name || path.startsWith(`${name}.`)),
  );
  return told.length === 0 ? null : Object.fromEntries(told);
}

/** What the parts of one role's site have in common. */
export interface RoleContext {
  readonly sight: ReturnType<typeof sightOf>;
  readonly anonymous: boolean;
  readonly urls: Urls;
  readonly tableSlugs: ReadonlyMap<string, string>;
  readonly functionSlugs: ReadonlyMap<string, string>;
  readonly operations: OperationsOf;
}

function byName(a: WorldTable, b: WorldTable): number {
  return a.table.name < b.table.name ? -1 : 1;
}

function limitsContent(role: string, api: Api): LimitsContent {
  const { rows, body, dryRun, unfilteredWrites } = api.limits;
  return {
    ...limitsOf(api, role),
    rows,
    export: api.limits.export ?? null,
    body,
    dryRun: dryRun.has(role),
    filteredWrites: !unfilteredWrites,
  };
}

function tokenContent(issuers: Issuers, access: readonly Access[]): TokenContent {
  const said = access
    .flatMap((one) => [one.select, one.insert, one.update, one.delete])
    .flatMap((verb) => (verb === null ? [] : wordsOf(verb)));
  return {
    roleClaims: [...new Set(issuers.map(({ role }) => claimPath(role)))],
    chooses: issuers.some(({ roles }) => roles !== undefined),
    signedBy: [...new Set(issuers.map(({ secret }) => (secret === undefined ? 'keys' : 'secret')))],
    claims: [...new Set(said.filter(({ kind }) => kind === 'claim').map((word) => word.text))].sort(),
  };
}

function wordsOf({ rows, after, sets, partly }: Verb): Words {
  return [
    ...(rows ?? []),
    ...(after ?? []),
    ...sets.flatMap(({ value }) => value),
    ...partly.flatMap((part) => part.rows),
  ];
}

function claimPath(path: readonly string[]): string {
  return path.every((step) => /^[\w-]+$/.test(step))
    ? path.join('.')
    : path.map((step) => `["${step}"]`).join('');
}
