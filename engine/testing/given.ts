/** Rows of one test: inserted past every permission, through the engine's own inserts, so that values mean what they mean in a request. */
import { nearest } from '../../schema/nearest.ts';
import type { Literal } from '../../schema/predicate.ts';
import type { Project, RoleConfig, TestCase } from '../../schema/project.ts';
import type { Api, Column, Table } from '../api/api.ts';
import { compileApi, type EdgeNames } from '../api/compile.ts';
import type { Principal } from '../auth/principal.ts';
import { type Catalog, type Relation, relationKey } from '../catalog/catalog.ts';
import type { IdentityColumn, Pool } from '../dialect/dialect.ts';
import { dialectFor } from '../dialect/dialects.ts';
import { createExecutor, type StepRoot } from '../execute/executor.ts';
import { Problem, reasonOf } from '../problem/problem.ts';
import { parseJson } from '../query/json.ts';
import type { Failure } from './result.ts';

/** No name of the language: nobody can ask for it, and it is in no revision that answers requests. */
const owner = '(tests)';

/** Puts the rows of a test in, or says which row could not be. */
export interface Givens {
  insert(test: TestCase, pools: ReadonlyMap<string, Pool>): Promise<readonly Failure[]>;
}

export function givensOf(
  project: Project,
  catalogs: ReadonlyMap<string, Catalog>,
  names: ReadonlyMap<string, EdgeNames>,
): Givens {
  const open = new Map([...catalogs].map(([name, catalog]) => [name, openCatalog(catalog)]));
  const { api } = compileApi(ownersProject(project), open, names).value!;
  return {
    async insert(test, pools) {
      for (const [database, rows] of rowsByDatabase(test, api)) {
        const catalog = catalogs.get(database)!;
        const failed = await insertInto(rows, { database, catalog, test, project, api, pools });
        if (failed !== undefined) return [failed];
      }
      return [];
    },
  };
}

/** The same tables with nothing hidden and one role that may do everything. */
function ownersProject(project: Project): Project {
  const role: RoleConfig = {
    name: owner,
    inherits: [],
    description: undefined,
    introspection: false,
    everything: true,
    limits: { depth: undefined, cost: undefined, graphql: noLimits },
  };
  const tables = new Map(
    [...project.tables].map(([name, table]) => {
      const columns = new Map(
        [...table.columns].map(([column, config]) => [column, { ...config, hidden: false }]),
      );
      return [name, { ...table, columns, permissions: new Map() }];
    }),
  );
  return {
    ...project,
    roles: new Map([[owner, role]]),
    auth: { anonymous: undefined, jwt: [] },
    tables,
    functions: new Map(),
    limits: { ...project.limits, cost: Number.MAX_SAFE_INTEGER },
  };
}

const noLimits: RoleConfig['limits']['graphql'] = {
  depth: undefined,
  aliases: undefined,
  roots: undefined,
  tokens: undefined,
  directives: undefined,
  fields: undefined,
  batch: undefined,
};

/** Identity columns take values meanwhile. */
function openCatalog(catalog: Catalog): Catalog {
  const relations = new Map(
    [...catalog.relations].map(([key, relation]): [string, Relation] => {
      const columns = new Map(
        [...relation.columns].map(([name, column]) => [
          name,
          column.identity === 'always' ? { ...column, identity: 'by default' as const } : column,
        ]),
      );
      return [key, { ...relation, columns }];
    }),
  );
  return { ...catalog, relations };
}

/** A row, and where it was written. */
interface GivenRow {
  readonly table: Table;
  readonly index: number;
  readonly row: { readonly [column: string]: Literal };
}

function rowsByDatabase({ given }: TestCase, api: Api): ReadonlyMap<string, readonly GivenRow[]> {
  const tables = inOrderOfKeys(
    [...given.keys()].map((name) => api.tables.get(name)).filter((table) => table !== undefined),
  );
  const found = new Map<string, GivenRow[]>();
  for (const table of tables) {
    const rows = found.get(table.database) ?? [];
    for (const [index, row] of given.get(table.name)!.entries())
      rows.push({ table, index, row: row as GivenRow['row'] });
    found.set(table.database, rows);
  }
  return found;
}

/** A table comes behind those that its foreign keys lead to; in a circle, as written. */
function inOrderOfKeys(tables: readonly Table[]): readonly Table[] {
  const ordered: Table[] = [];
  const seen = new Set<Table>();
  const visit = (table: Table): void => {
    if (seen.has(table)) return;
    seen.add(table);
    for (const { target } of table.relation.foreignKeys)
      for (const other of tables) {
        const { schema, name } = other.relation;
        if (other.database === table.database && schema === target.schema && name === target.relation)
          visit(other);
      }
    ordered.push(table);
  };
  for (const table of tables) visit(table);
  return ordered;
}

interface Inserting {
  readonly database: string;
  /** As it is, identity columns and all. */
  readonly catalog: Catalog;
  readonly test: TestCase;
  readonly project: Project;
  readonly api: Api;
  readonly pools: ReadonlyMap<string, Pool>;
}

async function insertInto(rows: readonly GivenRow[], inserting: Inserting): Promise<Failure | undefined> {
  const { database, api, pools } = inserting;
  const named = rows.map((row) => columnsOf(row));
  const unknown = named.findIndex((one) => typeof one === 'string');
  if (unknown >= 0) return failure(rows[unknown]!, named[unknown] as string, inserting);
  const roots = rows.map((row, at) => rootOf(row, named[at] as readonly Given[]));
  const pool = pools.get(database)!;
  const dialect = dialectFor(api.databases.get(database)!.engine);
  const identities = identitiesOf(rows, named as readonly (readonly Given[])[], inserting);
  let failed = rows[0]!;
  try {
    for (const statement of dialect.identities(identities, 'by default')) await pool.run(statement, []);
    await createExecutor(api, pools).transact(
      roots,
      { principal },
      {
        placed: (error, at) => {
          failed = rows[at]!;
          return error;
        },
      },
    );
    return undefined;
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    return failure(failed, explained(error), inserting);
  } finally {
    for (const statement of dialect.identities(identities, 'always')) await pool.run(statement, []);
  }
}

const principal: Principal = Object.freeze({
  kind: 'anonymous',
  role: owner,
  roles: [owner],
  subject: null,
  issuer: null,
  claims: Object.create(null),
  expiresAt: null,
});

interface Given {
  readonly column: Column;
  readonly value: Literal;
}

/** By API names, and by the database's where those are no API name. @returns what is wrong with a key of the row */
function columnsOf({ table, row }: GivenRow): readonly Given[] | string {
  const found = new Map<Column, Given>();
  for (const [key, value] of Object.entries(row)) {
    const column = table.columns.get(key) ?? table.byDatabaseName.get(key);
    if (column === undefined) {
      const near = nearest(key, table.columns.keys());
      return `There is no column "${key}"${near === undefined ? '' : `; did you mean "${near}"?`}`;
    }
    if (found.has(column)) return `The column "${column.name}" is given twice`;
    found.set(column, { column, value });
  }
  return [...found.values()];
}

function rootOf({ table }: GivenRow, given: readonly Given[]): StepRoot {
  const row = Object.fromEntries(given.map(({ column, value }) => [column.name, exact(value)]));
  return {
    steps: [
      {
        kind: 'write',
        request: {
          kind: 'insert',
          table: table.name,
          columns: given.map(({ column }) => column.name),
          rows: 0,
          values: [[row]],
          returning: [],
          shape: 'list',
        },
      },
    ],
  };
}

/** As a body would bring it. */
function exact(value: Literal): unknown {
  const text = JSON.stringify(value, (_, item) =>
    typeof item === 'bigint' ? JSON.rawJSON(String(item)) : item,
  );
  return parseJson(text);
}

/** The identity columns that are given and take no value by themselves. */
function identitiesOf(
  rows: readonly GivenRow[],
  given: readonly (readonly Given[])[],
  { catalog }: Inserting,
): readonly IdentityColumn[] {
  const found = new Map<Column, IdentityColumn>();
  for (const [at, { table }] of rows.entries()) {
    const { schema, name } = table.relation;
    const columns = catalog.relations.get(relationKey(schema, name))?.columns;
    for (const { column } of given[at]!)
      if (columns?.get(column.column)?.identity === 'always')
        found.set(column, { schema, relation: name, column: column.column });
  }
  return [...found.values()];
}

function explained(problem: Problem): string {
  const reason = reasonOf(problem);
  return reason === undefined ? problem.message.replace(/\.$/, '') : reason;
}

function failure({ table, index }: GivenRow, why: string, { project, test }: Inserting): Failure {
  return {
    key: `given.${table.name}[${index}]`,
    message: `The row could not be given: ${why.replace(/[.?]$/, '')}.`,
    source: project.locate([...test.path, 'given', table.name, index]),
    differences: [],
  };
}
