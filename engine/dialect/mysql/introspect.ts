/** Reads a database's catalog with a dozen queries over information_schema, whatever its size. */
import type { Catalog, Column, ForeignKey, Index, Key, Relation } from '../../catalog/catalog.ts';
import { relationKey } from '../../catalog/catalog.ts';
import { fingerprint } from '../../catalog/fingerprint.ts';
import { bytewise, sortedMap } from '../../catalog/order.ts';
import { roundEstimate } from '../../catalog/row-estimate.ts';
import type { Pool } from '../dialect.ts';
import { type CatalogRows, hashAll, type Row, readAll } from './catalog-rows.ts';
import { withOwnSchema } from './own-schema.ts';
import { buildRoutines } from './routines.ts';
import { columnOf, generatedIn } from './types.ts';
import { type View, viewsOf } from './views.ts';

/**
 * @param schemas databases of the server, `public` for the one that the connection is in; undefined: that one alone
 * @throws {Problem} NS503 unreachable, NS501 the server is too old, NS400 a schema that cannot be served
 */
export async function introspect(pool: Pool, schemas: readonly string[] | undefined): Promise<Catalog> {
  const rows = await pool.transaction((transaction) => readAll(transaction, schemas), { readOnly: true });
  const { engine, version, capabilities } = rows.server;
  const relations = buildRelations(rows);
  const routines = buildRoutines(rows.routines, rows.parameters);
  const told = withOwnSchema({ schemas: rows.schemas, relations, routines }, rows.own);
  const facts = { engine, version, capabilities, ...told };
  return Object.freeze({ ...facts, fingerprint: fingerprint(facts) });
}

/** As `Dialect.poll`: a hash of the definitions that `introspect` reads, which the server adds up. */
export function poll(pool: Pool, schemas: readonly string[] | undefined): Promise<string> {
  return pool.transaction((transaction) => hashAll(transaction, schemas), { readOnly: true });
}

/** A table of the journal and its kin: `_novastack_…`, in any case. */
function isOurs(name: string): boolean {
  return /^_novastack_/i.test(name);
}

function keyOf([schema, name]: Row): string {
  return relationKey(schema!, name!);
}

interface Parts {
  readonly columns: readonly Row[];
  /** MariaDB's JSON is a text with a check. */
  readonly isJson: (column: string) => boolean;
  readonly indexes: readonly Row[];
  readonly foreignKeys: readonly Row[];
  readonly triggers: boolean;
  /** What a check refuses would be written all the same. */
  readonly isLasting: boolean;
  readonly view: View | undefined;
}

function buildRelations(rows: CatalogRows): ReadonlyMap<string, Relation> {
  const columns = Map.groupBy(rows.columns, keyOf);
  const checks = Map.groupBy(rows.checks, keyOf);
  const indexes = Map.groupBy(rows.indexes, keyOf);
  const foreignKeys = Map.groupBy(rows.foreignKeys, keyOf);
  const triggers = new Set(rows.triggers.map(keyOf));
  const json = new Map([...checks].map(([key, of]) => [key, jsonColumns(of)]));
  const generated = new Set(rows.columns.filter(isGenerated).map((row) => placeOf(keyOf(row), row[2]!)));
  const lasting = new Set(rows.lasting.map(keyOf));
  const views = viewsOf(rows.views, {
    isLasting: (table) => lasting.has(table),
    insertsIntoAny: rows.server.engine === 'mariadb',
    generated: ({ table, column }) => generated.has(placeOf(table, column)),
  });
  const found: [string, Relation][] = [];
  for (const row of rows.relations) {
    if (isOurs(row[1]!)) continue;
    const key = keyOf(row);
    const view = row[2] === 'VIEW' ? views.get(key) : undefined;
    const relation = buildRelation(row, rows, {
      columns: ordered(columns.get(key), 3),
      isJson: (column) => {
        const source = view === undefined ? { table: key, column } : view.source(column);
        return source !== undefined && json.get(source.table)?.has(source.column) === true;
      },
      indexes: ordered(indexes.get(key), 3),
      foreignKeys: ordered(foreignKeys.get(key), 3),
      triggers: triggers.has(key),
      isLasting: lasting.has(key),
      view,
    });
    found.push([key, Object.freeze(relation)]);
  }
  return sortedMap(found);
}

function placeOf(relation: string, column: string): string {
  return JSON.stringify([relation, column]);
}

function ordered(rows: readonly Row[] | undefined, by: number): readonly Row[] {
  return [...(rows ?? [])].sort((a, b) => Number(a[by]) - Number(b[by]));
}

/** Of MariaDB: ``json_valid(`document`)``, the check that makes a text JSON. */
function jsonColumns(checks: readonly Row[]): ReadonlySet<string> {
  const names = checks.map(([, , clause]) => /^json_valid\(`((?:[^`]|``)+)`\)$/.exec(clause!)?.[1]);
  return new Set(names.filter((name) => name !== undefined).map((name) => name.replaceAll('``', '`')));
}

function buildRelation(row: Row, rows: CatalogRows, parts: Parts): Relation {
  const [schema, name, kind, comment, estimate, options] = row;
  const { view } = parts;
  const isView = kind === 'VIEW';
  const isWritten = !isView && !parts.isLasting;
  const periods = new Set(parts.columns.filter(isPeriod).map((column) => column[2]!));
  const indexes = [...Map.groupBy(parts.indexes, (index) => index[2]!).values()].map(indexOf);
  const keys = indexes.map((index) => ({
    ...index,
    columns: index.columns.filter((one) => !periods.has(one)),
  }));
  const primary = keys.find(isPrimary);
  return {
    schema: schema!,
    name: name!,
    kind: isView ? 'view' : /\bpartitioned\b/.test(options ?? '') ? 'partitioned' : 'table',
    comment: isView || comment === '' ? null : comment!,
    columns: new Map(parts.columns.map((column) => [column[2]!, buildColumn(column, rows, parts)])),
    primaryKey: primary === undefined ? null : bare(primary),
    uniques: sorted(keys.filter((index) => index.unique && !index.partial && !isPrimary(index)).map(bare)),
    foreignKeys: sorted(
      [...Map.groupBy(parts.foreignKeys, (key) => key[2]!).values()].map((key) => foreignKeyOf(key, rows)),
    ),
    indexes: sorted(indexes),
    insertable: view?.insertable ?? isWritten,
    updatable: view?.updatable ?? isWritten,
    deletable: view?.deletable ?? isWritten,
    rowSecurity: false,
    triggers: parts.triggers,
    asksSession: view?.asksSession ?? false,
    // No rows may also be said of a table that was filled a moment ago.
    rowEstimate: isView || estimate === '0' ? null : roundEstimate(estimate),
  };
}

function buildColumn(row: Row, { server }: CatalogRows, { isJson, view }: Parts): Column {
  const [, relation, name, , type, nullable, value, extra, , collation, comment, system] = row;
  return columnOf(
    {
      relation: relation!,
      name: name!,
      type: type === 'longtext' && isJson(name!) ? 'json' : `${type}${system == null ? '' : `(${system})`}`,
      nullable: nullable === 'YES',
      default: value!,
      extra: extra!,
      collation: collation!,
      comment: comment!,
    },
    server,
    view && { writable: view.writable(name!) },
  );
}

function isGenerated(column: Row): boolean {
  return generatedIn(column[7]!) !== undefined;
}

/** MariaDB adds the end of a row's time to the keys of a versioned table, of which readers see the rows of now alone. */
function isPeriod(column: Row): boolean {
  return column[8] === 'ROW START' || column[8] === 'ROW END';
}

/** A prefix proves no uniqueness of the whole in the way that an upsert needs, and an expression none at all. */
function indexOf(rows: readonly Row[]): Index {
  const [, , name, , , nonUnique, , method] = rows[0]!;
  const isSpatial = method === 'SPATIAL';
  return {
    name: name!,
    columns: rows.map((row) => row[4]!).filter((column) => column !== null),
    unique: nonUnique === '0',
    method: method!.toLowerCase(),
    partial: rows.some((row) => row[4] === null || (row[6] !== null && !isSpatial)),
  };
}

/** No other index may have the name. */
function isPrimary({ name }: Key): boolean {
  return name === 'PRIMARY';
}

function bare({ name, columns }: Key): Key {
  return { name, columns };
}

function foreignKeyOf(rows: readonly Row[], { names }: CatalogRows): ForeignKey {
  const [, , name, , , schema, relation] = rows[0]!;
  const [targetSchema, targetName] = names(schema!, relation!);
  return {
    name: name!,
    columns: rows.map((row) => row[4]!),
    target: { schema: targetSchema, relation: targetName, columns: rows.map((row) => row[7]!) },
  };
}

function sorted<T extends Key>(keys: readonly T[]): readonly T[] {
  return [...keys].sort((a, b) => bytewise(a.name, b.name));
}
