/** Project × catalogs → Api. */
import type { Staged } from '../../schema/diagnostic.ts';
import { atOnce, type Pieces } from '../../schema/pieces.ts';
import type { Project, Verb } from '../../schema/project.ts';
import type { Catalog } from '../catalog/catalog.ts';
import type { Api, Callable, Database, Table, World } from './api.ts';
import { Findings } from './diagnose.ts';
import { bindFunctions } from './functions.ts';
import { bindExecutes, bindGrants, type Executes, type Grants } from './grants.ts';
import { warnOfFunctionNames, warnOfGraphqlNames } from './graphql-names.ts';
import { bindRoleLimits } from './limits.ts';
import { bindRelationships } from './relationships.ts';
import { bindTables, type DraftTable } from './tables.ts';
import { buildWorld } from './world.ts';

/**
 * Names of relationships that came from foreign keys: relation key (`public.books`) → edge id → name.
 * An edge id is `one <constraint>`, `many <relation key> <constraint>` or `through <junction key> <near> <far>`.
 */
export type EdgeNames = ReadonlyMap<string, ReadonlyMap<string, string>>;

export interface Compiled {
  readonly api: Api;
  /** By database: every derived name in use, to be recorded in the lock. */
  readonly names: ReadonlyMap<string, EdgeNames>;
}

/**
 * Binds a project to its catalogs and compiles it. Pure.
 *
 * @param catalogs by the database's name under `databases:`; a database without one is left out with its tables
 * @param recorded by database: names the lock holds; they never change by themselves
 * @returns the Api even when there are errors, closed wherever something did not bind: a caller that serves must look
 *   at the diagnostics first
 */
export function compileApi(
  project: Project,
  catalogs: ReadonlyMap<string, Catalog>,
  recorded: ReadonlyMap<string, EdgeNames> = new Map(),
): Staged<Compiled> {
  return atOnce(compileInPieces(project, catalogs, recorded));
}

/** The same, for a thread that has other things to do. */
export function* compileInPieces(
  project: Project,
  catalogs: ReadonlyMap<string, Catalog>,
  recorded: ReadonlyMap<string, EdgeNames>,
): Pieces<Staged<Compiled>> {
  const findings = new Findings(project);
  const tables = bindTables(project, catalogs, findings);
  yield;
  const names = yield* bindRelationships(tables, recorded, findings);
  yield;
  const functions = bindFunctions(project, catalogs, tables, findings);
  yield* warnOfGraphqlNames(tables, findings);
  yield* warnOfFunctionNames(functions, tables, findings);
  const grants = yield* bindGrants(project, tables, findings);
  return {
    value: {
      api: freezeApi(
        project,
        catalogs,
        { tables, functions },
        { grants, executes: bindExecutes(project, functions) },
      ),
      names,
    },
    diagnostics: findings.diagnostics,
  };
}

function freezeApi(
  project: Project,
  catalogs: ReadonlyMap<string, Catalog>,
  drafts: {
    readonly tables: ReadonlyMap<string, DraftTable>;
    readonly functions: ReadonlyMap<string, Callable>;
  },
  { grants, executes }: { readonly grants: Grants; readonly executes: Executes },
): Api {
  const { functions } = drafts;
  const tables = new Map<string, Table>(
    [...drafts.tables].map(([name, table]) => [name, Object.freeze(table)]),
  );
  const databases = new Map<string, Database>();
  for (const { name, engine } of project.databases.values()) {
    const catalog = catalogs.get(name);
    if (catalog !== undefined) databases.set(name, { name, engine, catalog });
  }
  const worlds = new Map<string, World>();
  const world = (role: string): World => {
    const known = worlds.get(role);
    if (known !== undefined) return known;
    const made = buildWorld(
      role,
      { tables, databases, functions },
      { tables: grants.get(role) ?? new Map(), functions: executes.get(role) ?? new Set() },
    );
    // A role that is not declared gets an empty world, and is not kept: nothing a caller sends may grow this map.
    if (project.roles.has(role)) worlds.set(role, made);
    return made;
  };
  return Object.freeze({
    project: project.name,
    title: project.title ?? project.name,
    description: project.description ?? null,
    anonymous: project.auth.anonymous,
    databases,
    roles: new Map(
      [...project.roles.values()].map((role) => [
        role.name,
        {
          name: role.name,
          description: role.description ?? null,
          introspection: role.introspection,
          limits: bindRoleLimits(role, project.limits),
        },
      ]),
    ),
    tables,
    functions,
    limits: {
      rows: project.limits.rows,
      export: project.limits.export,
      dryRun: new Set(project.limits.dryRun),
      body: project.limits.body,
      depth: project.limits.depth,
      cost: project.limits.cost,
      graphql: project.limits.graphql,
      numbers: project.limits.numbers,
      unfilteredWrites: project.limits.unfilteredWrites,
    },
    world,
    granted: (role: string, table: string) => grantedVerbs(grants.get(role)?.get(table)),
  });
}

function grantedVerbs(grant: Partial<Record<Verb, unknown>> | undefined): ReadonlySet<Verb> {
  const verbs: readonly Verb[] = ['select', 'insert', 'update', 'delete'];
  return new Set(verbs.filter((verb) => grant?.[verb] !== undefined));
}
