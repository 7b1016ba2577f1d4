/** Binds `tables:` to relations of the catalogs: columns, keys and names; no relationships yet. */
import { nearest } from '../../schema/nearest.ts';
import type { Project, TableConfig } from '../../schema/project.ts';
import {
  type Catalog,
  type Relation,
  relationKey,
  type Column as Source,
  type Type,
} from '../catalog/catalog.ts';
import { representations } from '../catalog/representation.ts';
import { typeText } from '../catalog/type.ts';
import type { Column, Edge, Table } from './api.ts';
import { didYouMean, type Finding, type Findings, listed } from './diagnose.ts';
import { graphqlName } from './naming.ts';

/** A table whose edges are still to be filled in; frozen at the end of the build. */
export interface DraftTable extends Table {
  readonly edges: Map<string, Edge>;
  readonly computed: Map<string, Column>;
  readonly config: TableConfig;
}

/** By name; tables of databases without a catalog are left out in silence, those that do not bind with a finding. */
export function bindTables(
  project: Project,
  catalogs: ReadonlyMap<string, Catalog>,
  findings: Findings,
): Map<string, DraftTable> {
  const tables = new Map<string, DraftTable>();
  const byRelation = new Map<string, string>();
  for (const config of project.tables.values()) {
    const catalog = catalogs.get(config.database);
    const table = catalog === undefined ? undefined : bindTable(config, catalog, findings);
    if (table === undefined) continue;
    const { relation } = table;
    const identity = relationIdentity(config.database, relation.schema, relation.name);
    const other = byRelation.get(identity);
    if (other === undefined) {
      byRelation.set(identity, config.name);
      tables.set(config.name, table);
    } else {
      findings.add({
        code: 'BIND_RELATION_TWICE',
        message: `Relation "${table.relation.schema}.${table.relation.name}" is exposed by table "${other}" already.`,
        hint: 'expose each relation once, and give roles their columns under permissions',
        path: ['tables', config.name],
        part: 'key',
      });
    }
  }
  refuseSharedNames(tables, findings);
  return tables;
}

function bindTable(config: TableConfig, catalog: Catalog, findings: Findings): DraftTable | undefined {
  const relation = bindRelation(config, catalog, findings);
  if (relation === undefined) return undefined;
  const columns = bindColumns(config, relation, findings);
  const byDatabaseName = new Map([...columns.values()].map((column) => [column.column, column] as const));
  const { profile, rest } = profileOf(config.name, catalog);
  return {
    name: config.name,
    profile,
    rest,
    graphql: graphqlName(profile === 'public' ? rest : `${profile}_${rest}`),
    database: config.database,
    relation,
    description: config.description ?? relation.comment,
    columns,
    byDatabaseName,
    key: bindKey(config, relation, byDatabaseName, findings),
    edges: new Map(),
    computed: new Map(),
    config,
  };
}

function bindRelation(config: TableConfig, catalog: Catalog, findings: Findings): Relation | undefined {
  const written = config.relation ?? config.name;
  const { schema, name } = placeOf(written, catalog);
  const relation = catalog.relations.get(relationKey(schema, name));
  if (relation !== undefined) return relation;
  const at = {
    path: config.relation === undefined ? ['tables', config.name] : ['tables', config.name, 'relation'],
    part: config.relation === undefined ? ('key' as const) : ('value' as const),
  };
  if (!catalog.schemas.includes(schema)) {
    findings.add({ ...schemaNotRead(schema, config.database, 'relation', catalog), ...at });
    return undefined;
  }
  const names = [...catalog.relations.values()].filter((one) => one.schema === schema).map((one) => one.name);
  const near = nearest(name, names);
  findings.add({
    code: 'BIND_RELATION_NOT_FOUND',
    message: `Relation "${schema}.${name}" does not exist in database "${config.database}".`,
    hint: didYouMean(
      near === undefined ? undefined : `${schema}.${near}`,
      'create it in a migration, or correct the name',
    )!,
    ...at,
  });
  return undefined;
}

/** What the project calls a relation or a function, in the database: split at the first dot, else in the first schema. */
export function placeOf(
  written: string,
  catalog: Catalog,
): { readonly schema: string; readonly name: string } {
  const dot = written.indexOf('.');
  if (dot < 0) return { schema: catalog.schemas[0]!, name: written };
  return { schema: written.slice(0, dot), name: written.slice(dot + 1) };
}

export function schemaNotRead(
  schema: string,
  database: string,
  what: 'relation' | 'function',
  { schemas }: Catalog,
): Pick<Finding, 'code' | 'message' | 'hint'> {
  return {
    code: 'BIND_SCHEMA_NOT_READ',
    message: `Schema "${schema}" is not among the schemas of database "${database}".`,
    hint: didYouMean(
      nearest(schema, schemas),
      `add it to databases.${database}.schemas, or name a ${what} of ${schemas.join(', ')}`,
    )!,
  };
}

/** One text for each relation of each database. */
export function relationIdentity(database: string, schema: string, name: string): string {
  return JSON.stringify([database, schema, name]);
}

/** `personal.users` is `users` of profile `personal` when that is a schema of the database; else all is one name. */
export function profileOf(
  name: string,
  catalog: Catalog,
): { readonly profile: string; readonly rest: string } {
  const dot = name.indexOf('.');
  const schema = dot < 0 ? undefined : name.slice(0, dot);
  if (schema === undefined || !catalog.schemas.includes(schema)) return { profile: 'public', rest: name };
  const isDefault = schema === catalog.schemas[0];
  return { profile: isDefault ? 'public' : schema, rest: name.slice(dot + 1) };
}

function bindColumns(config: TableConfig, relation: Relation, findings: Findings): Map<string, Column> {
  for (const name of config.columns.keys()) {
    if (!relation.columns.has(name))
      columnNotFound(relation, name, ['tables', config.name, 'columns', name], findings, 'key');
  }
  const columns = new Map<string, Column>();
  const graphql = new Map<string, string>();
  for (const source of relation.columns.values()) {
    const own = config.columns.get(source.name);
    let name = own?.name ?? source.name;
    const path = ['tables', config.name, 'columns', source.name, 'name'];
    if (columns.has(name)) {
      findings.add({
        code: 'BIND_NAME_TAKEN',
        message: `Two columns of table "${config.name}" would be named "${name}".`,
        hint: 'give one of them another name',
        path,
      });
      // Under its own name, so that what else refers to it is not reported as well.
      if (columns.has(source.name)) continue;
      name = source.name;
    }
    const hidden = own?.hidden ?? false;
    const legal = graphqlName(name);
    const taken = graphql.get(legal);
    if (taken !== undefined && !hidden) {
      findings.add({
        code: 'BIND_GRAPHQL_NAME_TAKEN',
        severity: 'warning',
        message: `Column "${name}" of table "${config.name}" is left out of GraphQL, where its name would be "${legal}", like that of "${taken}".`,
        hint: `name it: columns: { ${JSON.stringify(source.name)}: { name: … } }`,
        path: ['tables', config.name],
        part: 'key',
      });
    }
    if (!hidden && taken === undefined) graphql.set(legal, name);
    columns.set(name, {
      name,
      column: source.name,
      graphql: taken === undefined ? legal : null,
      type: bindType(config, source, own?.type, findings),
      nullable: source.nullable,
      hidden,
      description: own?.description ?? source.comment,
      source,
      ...(hasSearchIndex(relation, source.name) ? { searchable: true } : {}),
    });
  }
  return columns;
}

/** The type of the catalog, or another that its values may be told as. */
function bindType(
  config: TableConfig,
  { name, type }: Source,
  asked: string | undefined,
  findings: Findings,
): Type {
  if (asked === undefined) return type;
  const choices = representations(type);
  const chosen = choices.get(asked);
  if (chosen !== undefined) return chosen;
  findings.add({
    code: 'BIND_TYPE',
    message: `Column "${name}" is ${typeText(type)}, which cannot be represented as "${asked}".`,
    hint:
      choices.size === 0
        ? 'take "type" out: there is no choice'
        : didYouMean(nearest(asked, choices.keys()), `it may be ${listed(choices.keys())}`)!,
    path: ['tables', config.name, 'columns', name, 'type'],
  });
  return type;
}

function hasSearchIndex({ indexes }: Relation, column: string): boolean {
  return indexes.some(
    ({ method, columns, partial }) =>
      method === 'fulltext' && !partial && columns.length === 1 && columns[0] === column,
  );
}

function bindKey(
  config: TableConfig,
  relation: Relation,
  byDatabaseName: ReadonlyMap<string, Column>,
  findings: Findings,
): readonly Column[] {
  const names = config.key ?? relation.primaryKey?.columns ?? [];
  const key: Column[] = [];
  for (const [index, name] of names.entries()) {
    const column = byDatabaseName.get(name);
    if (column !== undefined) key.push(column);
    else columnNotFound(relation, name, ['tables', config.name, 'key', index], findings);
  }
  return key;
}

/** Reports a column of the YAML that the relation does not have. */
export function columnNotFound(
  relation: Relation,
  name: string,
  path: readonly (string | number)[],
  findings: Findings,
  part: 'key' | 'value' = 'value',
): void {
  const near = nearest(name, relation.columns.keys());
  findings.add({
    code: 'BIND_COLUMN_NOT_FOUND',
    message: `Column "${name}" does not exist in relation "${relation.schema}.${relation.name}".`,
    hint: didYouMean(near, `its columns are ${listed(relation.columns.keys())}`)!,
    path,
    part,
  });
}

/** Two declared tables with one name in REST or GraphQL are an error: neither may win in silence. */
function refuseSharedNames(tables: ReadonlyMap<string, DraftTable>, findings: Findings): void {
  const seen = new Map<string, string>();
  for (const table of tables.values()) {
    for (const name of [
      `GraphQL name "${table.graphql}"`,
      `REST name "${table.rest}" in profile "${table.profile}"`,
    ]) {
      const other = seen.get(name);
      if (other !== undefined) {
        findings.add({
          code: 'BIND_NAME_TAKEN',
          message: `Tables "${other}" and "${table.name}" would both have the ${name}.`,
          hint: 'declare one of them under another name, with relation: saying which relation it is',
          path: ['tables', table.name],
          part: 'key',
        });
      } else seen.set(name, table.name);
    }
  }
}
