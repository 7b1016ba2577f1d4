/** The files of one locked database as its catalog. Pure; whatever they say, it answers with diagnostics. */
import type { Diagnostic } from '../../schema/diagnostic.ts';
import { parseDocument } from '../../schema/document.ts';
import type { Pieces } from '../../schema/pieces.ts';
import type {
  Capabilities,
  Catalog,
  Column,
  ForeignKey,
  Index,
  Key,
  Relation,
  RelationKind,
  Routine,
} from './catalog.ts';
import { relationKey } from './catalog.ts';
import { fingerprint } from './fingerprint.ts';
import type { LockedDatabase } from './lock.ts';
import { LockEntry } from './lock-entry.ts';
import { isWritable, writes } from './lock-files.ts';
import { readRoutines } from './lock-routines.ts';
import { LockedTypes } from './lock-types.ts';
import { sortedMap } from './order.ts';

export interface LockFile {
  /** Relative to the project's folder, with `/`. */
  readonly file: string;
  readonly text: string;
}

/** One database's folder. */
export interface LockFolder {
  readonly database: LockFile;
  readonly tables: readonly LockFile[];
  readonly functions: readonly LockFile[];
  readonly types: readonly LockFile[];
}

/** Undefined when something in it could not be understood. */
export function* readDatabase(
  folder: LockFolder,
  diagnostics: Diagnostic[],
): Pieces<LockedDatabase | undefined> {
  const before = diagnostics.length;
  const head = open(folder.database, diagnostics);
  const types = new LockedTypes(
    yield* openAll(folder.types, diagnostics),
    head?.optionalText('engine') ?? '',
  );
  const names = new Map<string, ReadonlyMap<string, string>>();
  const relations = new Map<string, Relation>();
  for (const entry of yield* openAll(folder.tables, diagnostics)) {
    yield;
    const relation = readRelation(entry, types);
    const key = relationKey(relation.schema, relation.name);
    if (relations.has(key)) entry.fault(`Another file describes "${key}" already.`, 'relation');
    relations.set(key, relation);
    const edges = entry.map('relationships');
    if (edges.size > 0) names.set(key, sortedMap(edges));
    entry.end();
  }
  const routines = new Map<string, readonly Routine[]>();
  for (const entry of yield* openAll(folder.functions, diagnostics)) {
    yield;
    const { schema, name, overloads } = readRoutines(entry, types);
    const key = relationKey(schema, name);
    if (routines.has(key)) entry.fault(`Another file describes "${key}" already.`, 'function');
    routines.set(key, overloads);
    entry.end();
  }
  const bound = { relations: sortedMap(relations), routines: sortedMap(routines) };
  if (head === undefined) return undefined;
  yield;
  const database = readHead(head, bound);
  return diagnostics.length > before ? undefined : { ...database, names: sortedMap(names) };
}

function* openAll(files: readonly LockFile[], diagnostics: Diagnostic[]): Pieces<readonly LockEntry[]> {
  const entries: LockEntry[] = [];
  for (const file of files) {
    const entry = open(file, diagnostics);
    if (entry !== undefined) entries.push(entry);
    yield;
  }
  return entries;
}

function open(file: LockFile, diagnostics: Diagnostic[]): LockEntry | undefined {
  const { document, diagnostics: found } = parseDocument(file.file, file.text);
  diagnostics.push(...found);
  return document && new LockEntry(document, diagnostics);
}

const capabilityNames = [
  'returning',
  'lateral',
  'arrays',
  'ranges',
  'fullText',
  'transactionalDdl',
] as const satisfies readonly (keyof Capabilities)[];

function readHead(
  entry: LockEntry,
  bound: Pick<Catalog, 'relations' | 'routines'>,
): Omit<LockedDatabase, 'names'> {
  const can = entry.entry('capabilities');
  const flags = Object.fromEntries(capabilityNames.map((name) => [name, can.flag(name)]));
  can.end();
  const facts: Omit<Catalog, 'fingerprint'> = {
    engine: entry.text('engine'),
    version: entry.text('version'),
    capabilities: Object.freeze(flags as unknown as Capabilities),
    schemas: entry.texts('schemas'),
    ...bound,
  };
  const migrations = entry.optionalText('migrations');
  entry.end();
  return { catalog: Object.freeze({ ...facts, fingerprint: fingerprint(facts) }), migrations };
}

const kinds: readonly RelationKind[] = ['table', 'partitioned', 'view', 'materialized-view', 'foreign'];

function readRelation(entry: LockEntry, types: LockedTypes): Relation {
  const kind = entry.oneOf('kind', kinds);
  const writable = entry.has('writable') ? entry.texts('writable') : isWritable(kind) ? writes : [];
  const rowSecurity = entry.flag('row_security');
  const name = entry.text('relation');
  const columns = new Map<string, Column>();
  for (const item of entry.entries('columns')) {
    const column = readColumn(item, types, { kind, name });
    if (columns.has(column.name)) item.fault(`The column "${column.name}" is listed twice.`, 'name');
    columns.set(column.name, column);
  }
  return Object.freeze({
    schema: entry.text('schema'),
    name,
    kind,
    comment: entry.optionalText('comment') ?? null,
    columns,
    primaryKey: entry.has('primary_key') ? ended(entry.entry('primary_key'), readKey) : null,
    uniques: entry.entries('uniques').map((item) => ended(item, readKey)),
    foreignKeys: entry.entries('foreign_keys').map((item) => ended(item, readForeignKey)),
    indexes: entry.entries('indexes').map((item) => ended(item, readIndex)),
    insertable: writable.includes('insert'),
    updatable: writable.includes('update'),
    deletable: writable.includes('delete'),
    rowSecurity,
    triggers: entry.flag('triggers'),
    asksSession: entry.has('asks_session') ? entry.flag('asks_session') : rowSecurity,
    rowEstimate: entry.optionalCount('rows') ?? null,
  });
}

function ended<T>(entry: LockEntry, read: (entry: LockEntry) => T): T {
  const value = read(entry);
  entry.end();
  return value;
}

function readColumn(
  entry: LockEntry,
  types: LockedTypes,
  of: { readonly kind: RelationKind; readonly name: string },
): Column {
  const name = entry.text('name');
  const collation = entry.optionalText('collation');
  const column: Column = {
    name,
    type: types.read(entry, 'type', `${of.name}_${name}`),
    nullable: entry.flag('nullable'),
    default: entry.optionalText('default') ?? null,
    identity: entry.has('identity')
      ? entry.oneOf<'always' | 'by default'>('identity', ['always', 'by default'])
      : null,
    generated: entry.flag('generated'),
    comment: entry.optionalText('comment') ?? null,
    ...(entry.flag('computed') || of.kind === 'view' ? { computed: true } : {}),
    ...(entry.flag('nondeterministic') ? { nondeterministic: true } : {}),
    ...(collation === undefined ? {} : { collation }),
  };
  entry.end();
  return column;
}

function readKey(entry: LockEntry): Key {
  return { name: entry.text('name'), columns: entry.texts('columns') };
}

function readForeignKey(entry: LockEntry): ForeignKey {
  const to = entry.entry('to');
  const target = { schema: to.text('schema'), relation: to.text('relation'), columns: to.texts('columns') };
  to.end();
  return { ...readKey(entry), target };
}

function readIndex(entry: LockEntry): Index {
  return {
    ...readKey(entry),
    unique: entry.flag('unique'),
    method: entry.text('method'),
    partial: entry.flag('partial'),
  };
}
