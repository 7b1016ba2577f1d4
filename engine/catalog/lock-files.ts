/** A lock as files: what each is called and what it says. Pure. */
import { createHash } from 'node:crypto';
import { type Canonical, CanonicalMap, canonicalYaml, type Entries } from './canonical.ts';
import type { Catalog, Column, ForeignKey, Index, Key, Relation, RelationKind, Type } from './catalog.ts';
import { relationKey } from './catalog.ts';
import type { LockedDatabase } from './lock.ts';
import { routineEntries, typesOf } from './lock-routines.ts';
import { hasMysqlTypes } from './mysql-types.ts';
import { bytewise, sortedMap } from './order.ts';
import { isBuiltin, typeName, typeText, usualArrayName } from './type.ts';

const header = '# Written by NovaStack from the database; do not edit.\n';

/** Path below `novastack.lock/` to text. */
export function lockFiles(databases: ReadonlyMap<string, LockedDatabase>): ReadonlyMap<string, string> {
  const files = new Map<string, string>();
  for (const [name, database] of databases) {
    const folder = fileName(name);
    const put = (path: string, entries: Entries) =>
      files.set(`${folder}/${path}`, header + canonicalYaml(new CanonicalMap(entries)));
    put('database.yaml', databaseEntries(database));
    for (const [key, relation] of database.catalog.relations)
      put(`tables/${fileName(key)}.yaml`, relationEntries(relation, database.names.get(key)));
    for (const [key, overloads] of database.catalog.routines)
      put(`functions/${fileName(key)}.yaml`, routineEntries(overloads));
    for (const [key, entries] of typeFiles(database.catalog)) put(`types/${fileName(key)}.yaml`, entries);
  }
  return sortedMap(files);
}

/** Bytes outside `[a-z0-9_.]` as `%41`; a name too long for a file system is cut and told apart by a hash. */
export function fileName(name: string): string {
  const encoded = [...Buffer.from(name)]
    .map((byte) => {
      const character = String.fromCharCode(byte);
      return /[a-z0-9_.]/.test(character)
        ? character
        : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
    })
    .join('');
  if (encoded.length <= 200) return encoded;
  return `${encoded.slice(0, 160)}-${createHash('sha256').update(name).digest('hex').slice(0, 16)}`;
}

function databaseEntries({ catalog, migrations }: LockedDatabase): Entries {
  return [
    ['engine', catalog.engine],
    ['version', catalog.version],
    ['schemas', catalog.schemas],
    ['migrations', migrations],
    [
      'capabilities',
      new CanonicalMap(Object.entries(catalog.capabilities).sort(([a], [b]) => bytewise(a, b))),
    ],
  ];
}

export const writes = ['insert', 'update', 'delete'] as const;

/** What one expects of a relation of this kind, and is not written down. */
export function isWritable(kind: RelationKind): boolean {
  return kind === 'table' || kind === 'partitioned';
}

function relationEntries(relation: Relation, names: ReadonlyMap<string, string> | undefined): Entries {
  const { schema, name, kind, comment, columns, primaryKey, uniques, foreignKeys, indexes } = relation;
  return [
    ['schema', schema],
    ['relation', name],
    ['kind', kind],
    ['comment', comment ?? undefined],
    ['rows', relation.rowEstimate ?? undefined],
    ['writable', writableOf(relation)],
    ['row_security', relation.rowSecurity || undefined],
    ['triggers', relation.triggers || undefined],
    // With row security it is the rule, and without the exception.
    ['asks_session', relation.asksSession === relation.rowSecurity ? undefined : relation.asksSession],
    ['columns', [...columns.values()].map((column) => columnMap(column, kind))],
    ['primary_key', primaryKey === null ? undefined : new CanonicalMap(keyEntries(primaryKey))],
    ['uniques', listOf(uniques, keyEntries)],
    ['foreign_keys', listOf(foreignKeys, foreignKeyEntries)],
    ['indexes', listOf(indexes, indexEntries)],
    [
      'relationships',
      names === undefined || names.size === 0 ? undefined : new CanonicalMap([...sortedMap(names)]),
    ],
  ];
}

function listOf<T>(items: readonly T[], entries: (item: T) => Entries): Canonical | undefined {
  return items.length === 0 ? undefined : items.map((item) => new CanonicalMap(entries(item)));
}

function writableOf(relation: Relation): Canonical | undefined {
  const { kind, insertable, updatable, deletable } = relation;
  const possible = [insertable, updatable, deletable];
  if (possible.every((can) => can === isWritable(kind))) return undefined;
  return writes.filter((_, index) => possible[index]);
}

function columnMap(column: Column, kind: RelationKind): CanonicalMap {
  return new CanonicalMap([
    ['name', column.name],
    ['type', typeText(column.type)],
    ['nullable', column.nullable || undefined],
    ['default', column.default ?? undefined],
    ['identity', column.identity ?? undefined],
    ['generated', column.generated || undefined],
    // Of a view all columns are, so it is not said of each.
    ['computed', (kind !== 'view' && column.computed) || undefined],
    ['nondeterministic', column.nondeterministic || undefined],
    ['collation', column.collation],
    ['comment', column.comment ?? undefined],
  ]);
}

function keyEntries({ name, columns }: Key): Entries {
  return [
    ['name', name],
    ['columns', columns],
  ];
}

function foreignKeyEntries(key: ForeignKey): Entries {
  const { schema, relation, columns } = key.target;
  return [
    ...keyEntries(key),
    [
      'to',
      new CanonicalMap([
        ['schema', schema],
        ['relation', relation],
        ['columns', columns],
      ]),
    ],
  ];
}

function indexEntries(index: Index): Entries {
  return [
    ...keyEntries(index),
    ['method', index.method],
    ['unique', index.unique || undefined],
    ['partial', index.partial || undefined],
  ];
}

/** By schema and name: every type that its name alone does not explain. */
function typeFiles({ engine, relations, routines }: Catalog): ReadonlyMap<string, Entries> {
  // Their text says all, labels of enums too.
  if (hasMysqlTypes(engine)) return new Map();
  const ofColumns = [...relations.values()].flatMap(({ columns }) =>
    [...columns.values()].map(({ type }) => type),
  );
  const ofRoutines = [...routines.values()].flat().flatMap(typesOf);
  const types = [...ofColumns, ...ofRoutines].flatMap((type) => [...partsOf(type)]);
  const arrays = new Map(types.filter(isArray).map((type) => [typeName(type.element!), type]));
  const found = new Map<string, Entries>();
  for (const type of types) {
    if (isArray(type)) continue;
    const array = arrays.get(typeName(type));
    if (!isBuiltin(type) || hasUnusualArray(array)) found.set(keyOf(type), typeEntries(type, array));
  }
  return sortedMap(found);
}

/** The type, what it stands on and what it consists of. */
function* partsOf(type: Type): Generator<Type> {
  yield type;
  if (type.base !== undefined) yield* partsOf(type.base);
  else if (type.element !== undefined) yield* partsOf(type.element);
}

/** A domain over an array is no array by name. */
function isArray(type: Type): boolean {
  return type.element !== undefined && type.base === undefined;
}

/** Types, unlike relations, may come from a schema with a dot in its name. */
function keyOf(type: Type): string {
  return type.schema.includes('.') ? typeName(type) : relationKey(type.schema, type.name);
}

function hasUnusualArray(array: Type | undefined): boolean {
  const element = array?.element;
  if (array === undefined || element === undefined) return false;
  return array.name !== usualArrayName(element.name) || array.schema !== element.schema;
}

function typeEntries(type: Type, array: Type | undefined): Entries {
  const named: Entries = [
    ['schema', type.schema],
    ['type', type.name],
  ];
  const arrayEntry: Entries = [['array', array && hasUnusualArray(array) ? typeName(array) : undefined]];
  if (type.base !== undefined)
    return [...named, ['kind', 'domain'], ['base', typeText(type.base)], ...arrayEntry];
  return [
    ...named,
    ['kind', type.family],
    ['scalar', type.scalar === type.name ? undefined : type.scalar],
    ['bits', type.bits],
    ['unsigned', type.unsigned],
    ['verbatim', type.verbatim],
    ['labels', type.labels],
    ...arrayEntry,
  ];
}
