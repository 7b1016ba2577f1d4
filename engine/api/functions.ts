/** Binds `functions:` to the catalogs' routines: what may be called, what it gives, and what is computed from a row. */
import { nearest } from '../../schema/nearest.ts';
import type { FunctionConfig, Project } from '../../schema/project.ts';
import {
  type Catalog,
  type Relation,
  type Routine,
  type RoutineResult,
  relationKey,
} from '../catalog/catalog.ts';
import type { Callable, CallResult, Column, Overload } from './api.ts';
import { attach } from './computed.ts';
import { didYouMean, type Findings } from './diagnose.ts';
import { lineageOf } from './lineage.ts';
import { graphqlName } from './naming.ts';
import { type DraftTable, placeOf, profileOf, relationIdentity, schemaNotRead } from './tables.ts';

/**
 * By name. Computed fields and relationships are put into their tables; functions of databases without a catalog are left
 * out in silence, those that do not bind with a finding.
 */
export function bindFunctions(
  project: Project,
  catalogs: ReadonlyMap<string, Catalog>,
  tables: ReadonlyMap<string, DraftTable>,
  findings: Findings,
): Map<string, Callable> {
  const byRelation = new Map<string, DraftTable>();
  for (const table of tables.values())
    byRelation.set(relationIdentity(table.database, table.relation.schema, table.relation.name), table);
  const functions = new Map<string, Callable>();
  for (const config of project.functions.values()) {
    const catalog = catalogs.get(config.database);
    const callable = catalog && bindFunction(config, catalog, byRelation, findings);
    if (callable === undefined) continue;
    functions.set(config.name, Object.freeze(callable));
    noticeRights(callable, openerOf(config, project), findings);
    for (const overload of callable.overloads) attach(callable, overload, byRelation, findings);
  }
  refuseSharedNames(functions, findings);
  return functions;
}

function bindFunction(
  config: FunctionConfig,
  catalog: Catalog,
  byRelation: ReadonlyMap<string, DraftTable>,
  findings: Findings,
): Callable | undefined {
  const routines = findRoutines(config, catalog, findings);
  if (routines === undefined) return undefined;
  return {
    name: config.name,
    ...profileOf(config.name, catalog),
    database: config.database,
    description: routines.find(({ comment }) => comment !== null)?.comment ?? null,
    overloads: routines.map(
      (routine): Overload => ({ routine, result: resultOf(routine, config.database, byRelation) }),
    ),
  };
}

function findRoutines(
  config: FunctionConfig,
  catalog: Catalog,
  findings: Findings,
): readonly Routine[] | undefined {
  const { schema, name } = placeOf(config.function ?? config.name, catalog);
  const routines = catalog.routines.get(relationKey(schema, name));
  if (routines !== undefined && routines.length > 0) return routines;
  const at = {
    path: config.function === undefined ? ['functions', config.name] : ['functions', config.name, 'function'],
    part: config.function === undefined ? ('key' as const) : ('value' as const),
  };
  if (!catalog.schemas.includes(schema)) {
    findings.add({ ...schemaNotRead(schema, config.database, 'function', catalog), ...at });
    return undefined;
  }
  const near = nearest(
    relationKey(schema, name),
    [...catalog.routines.keys()].filter((key) => key.startsWith(`${schema}.`)),
  );
  findings.add({
    code: 'BIND_FUNCTION_NOT_FOUND',
    message: `Function "${schema}.${name}" does not exist in database "${config.database}", or cannot be called by name.`,
    hint: didYouMean(
      near,
      'create it in a migration, correct the name, or let the account of the database execute it; functions of extensions, aggregates, triggers and polymorphic functions need a wrapper of your own, and on PostgreSQL procedures too',
    )!,
    ...at,
  });
  return undefined;
}

function resultOf(
  { schema, name, result }: Routine,
  database: string,
  byRelation: ReadonlyMap<string, DraftTable>,
): CallResult {
  if (result.kind !== 'rows') return result;
  const { relation, set } = result;
  const table = relation && byRelation.get(relationIdentity(database, relation.schema, relation.name));
  if (table) return { kind: 'rows', table, exposed: true, set };
  return { kind: 'rows', table: describedTable(schema, name, database, result), exposed: false, set };
}

/** What a function gives, in the form of a table, so that its rows are selected, filtered and ordered as a table's are. */
function describedTable(
  schema: string,
  name: string,
  database: string,
  { columns: types }: Extract<RoutineResult, { kind: 'rows' }>,
): DraftTable {
  const relation: Relation = {
    schema,
    name,
    kind: 'view',
    comment: null,
    columns: new Map(
      [...types].map(([column, type]) => [
        column,
        {
          name: column,
          type,
          nullable: true,
          default: null,
          identity: null,
          generated: true,
          comment: null,
        },
      ]),
    ),
    primaryKey: null,
    uniques: [],
    foreignKeys: [],
    indexes: [],
    insertable: false,
    updatable: false,
    deletable: false,
    rowSecurity: false,
    triggers: false,
    asksSession: false,
    rowEstimate: null,
  };
  const taken = new Set<string>();
  const columns = new Map(
    [...relation.columns.values()].map((source): [string, Column] => [
      source.name,
      {
        name: source.name,
        column: source.name,
        graphql: freeName(graphqlName(source.name), taken),
        type: source.type,
        nullable: true,
        hidden: false,
        description: null,
        source,
      },
    ]),
  );
  return Object.freeze({
    name,
    profile: 'public',
    rest: name,
    graphql: graphqlName(name),
    database,
    relation,
    description: null,
    columns,
    byDatabaseName: columns,
    key: [],
    edges: new Map(),
    computed: new Map(),
    config: undefined as never,
  });
}

function freeName(name: string, taken: Set<string>): string | null {
  if (taken.has(name)) return null;
  taken.add(name);
  return name;
}

/** The role by whose entry callers without a token may execute it. */
function openerOf({ permissions }: FunctionConfig, { auth, roles }: Project): string | undefined {
  if (auth.anonymous === undefined) return undefined;
  return lineageOf(auth.anonymous, roles).find((role) => permissions.get(role)?.execute === true);
}

/** What a grant of `execute` gives beyond the grants on tables, so that a reviewer sees it. */
function noticeRights(callable: Callable, opens: string | undefined, findings: Findings): void {
  const at = { path: ['functions', callable.name], part: 'key', severity: 'notice' } as const;
  const definers = callable.overloads.filter(({ routine }) => routine.definer);
  if (definers.length > 0) {
    const message = `Function "${callable.name}" runs with the rights of its owner (SECURITY DEFINER)`;
    const opener = opens === undefined ? undefined : { path: [...at.path, 'permissions', opens] };
    findings.add({
      ...at,
      ...opener,
      // Where MySQL and MariaDB make every function such a one, the many that only read are no news.
      severity: opener !== undefined && definers.some(passesNoGrant) ? 'warning' : 'notice',
      code: 'FUNCTION_DEFINER',
      message: opener === undefined ? `${message}.` : `${message}, and anybody may call it without a token.`,
      hint:
        opener === undefined
          ? 'whoever may execute it does what its owner may: check its body, and grant it to few'
          : `take "${opens}" out, or make it SECURITY INVOKER; if it is meant, check its body: no permission limits what it does`,
    });
  }
  const free = callable.overloads.filter(({ result }) => givesFreeRows(result));
  if (free.length > 0) {
    const isSelected = free.every(
      ({ routine, result }) => result.kind === 'records' || routine.parameters !== undefined,
    );
    findings.add({
      ...at,
      code: 'FUNCTION_ROWS',
      message: `The rows of function "${callable.name}" pass no table's permissions: "execute" alone decides who sees them.`,
      hint: isSelected
        ? 'check what it gives, and grant it to few'
        : 'let it return rows of an exposed table (returns setof books), and the select of that table applies',
    });
  }
}

/** It may write, or what it reads is told without any table's permissions. */
function passesNoGrant({ routine, result }: Overload): boolean {
  return routine.volatility === 'volatile' || givesFreeRows(result);
}

/** Rows that are no exposed table's, and values that hold rows. */
function givesFreeRows(result: CallResult): boolean {
  if (result.kind === 'records') return true;
  if (result.kind !== 'scalar') return result.kind === 'rows' && !result.exposed;
  const { base, element } = result.type;
  const inner = element ?? base ?? result.type;
  return inner.family === 'composite' || inner.element?.family === 'composite';
}

function refuseSharedNames(functions: ReadonlyMap<string, Callable>, findings: Findings): void {
  const seen = new Map<string, string>();
  for (const { name, profile, rest } of functions.values()) {
    const key = JSON.stringify([profile, rest]);
    const other = seen.get(key);
    if (other === undefined) {
      seen.set(key, name);
      continue;
    }
    findings.add({
      code: 'BIND_NAME_TAKEN',
      message: `Functions "${other}" and "${name}" would both have the REST name "${rest}" in profile "${profile}".`,
      hint: 'declare one of them under another name, with function: saying which function it is',
      path: ['functions', name],
      part: 'key',
    });
  }
}
