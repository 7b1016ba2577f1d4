/** The files of one locked database as its catalog. Pure; whatever they say, it answers with diagnostics. */
import type { Diagnostic } from '../../schema/diagnostic.ts';
import { parseDocument } from '../../schema/document.ts';
import { builtinSchema, builtinType } from './builtin-types.ts';
import type {
  Capabilities,
  Catalog,
  Column,
  Family,
  ForeignKey,
  Index,
  Key,
  Relation,
  RelationKind,
  Type,
} from './catalog.ts';
import { relationKey } from './catalog.ts';
import { fingerprint } from './fingerprint.ts';
import type { LockedDatabase } from './lock.ts';
import { LockEntry } from './lock-entry.ts';
import { isWritable, writes } from './lock-files.ts';
import { sortedMap } from './order.ts';
import { arrayType, domainType, parseTypeText, typeName, usualArrayName } from './type.ts';

export interface LockFile {
  /** Relative to the project's folder, with `/`. */
  readonly file: string;
  readonly text: string;
}

/** One database's folder. */
export interface LockFolder {
  readonly database: LockFile;
  readonly tables: readonly LockFile[];
  readonly types: readonly LockFile[];
}

/** Undefined when something in it could not be understood. */
export function readDatabase(folder: LockFolder, diagnostics: Diagnostic[]): LockedDatabase | undefined {
  const before = diagnostics.length;
  const types = new Types(folder.types, diagnostics);
  const names = new Map<string, ReadonlyMap<string, string>>();
  const relations = new Map<string, Relation>();
  for (const file of folder.tables) {
    const entry = open(file, diagnostics);
    if (entry === undefined) continue;
    const relation = readRelation(entry, types);
    const key = relationKey(relation.schema, relation.name);
    if (relations.has(key)) entry.fault(`Another file describes "${key}" already.`, 'relation');
    relations.set(key, relation);
    const edges = entry.map('relationships');
    if (edges.size > 0) names.set(key, sortedMap(edges));
    entry.end();
  }
  const head = readHead(folder.database, sortedMap(relations), diagnostics);
  if (head === undefined || diagnostics.length > before) return undefined;
  return { ...head, names: sortedMap(names) };
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
  file: LockFile,
  relations: ReadonlyMap<string, Relation>,
  diagnostics: Diagnostic[],
): Omit<LockedDatabase, 'names'> | undefined {
  const entry = open(file, diagnostics);
  if (entry === undefined) return undefined;
  const can = entry.entry('capabilities');
  const flags = Object.fromEntries(capabilityNames.map((name) => [name, can.flag(name)]));
  can.end();
  const facts: Omit<Catalog, 'fingerprint'> = {
    engine: entry.text('engine'),
    version: entry.text('version'),
    capabilities: Object.freeze(flags as unknown as Capabilities),
    schemas: entry.texts('schemas'),
    relations,
  };
  const migrations = entry.optionalText('migrations');
  entry.end();
  return { catalog: Object.freeze({ ...facts, fingerprint: fingerprint(facts) }), migrations };
}

const kinds: readonly RelationKind[] = ['table', 'partitioned', 'view', 'materialized-view', 'foreign'];

function readRelation(entry: LockEntry, types: Types): Relation {
  const kind = entry.oneOf('kind', kinds);
  const writable = entry.has('writable') ? entry.texts('writable') : isWritable(kind) ? writes : [];
  const columns = new Map<string, Column>();
  for (const item of entry.entries('columns')) {
    const column = readColumn(item, types, kind);
    if (columns.has(column.name)) item.fault(`The column "${column.name}" is listed twice.`, 'name');
    columns.set(column.name, column);
  }
  return Object.freeze({
    schema: entry.text('schema'),
    name: entry.text('relation'),
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
    rowSecurity: entry.flag('row_security'),
    triggers: entry.flag('triggers'),
    rowEstimate: entry.optionalCount('rows') ?? null,
  });
}

function ended<T>(entry: LockEntry, read: (entry: LockEntry) => T): T {
  const value = read(entry);
  entry.end();
  return value;
}

function readColumn(entry: LockEntry, types: Types, kind: RelationKind): Column {
  const column: Column = {
    name: entry.text('name'),
    type: types.read(entry, 'type'),
    nullable: entry.flag('nullable'),
    default: entry.optionalText('default') ?? null,
    identity: entry.has('identity')
      ? entry.oneOf<'always' | 'by default'>('identity', ['always', 'by default'])
      : null,
    generated: entry.flag('generated'),
    comment: entry.optionalText('comment') ?? null,
    ...(entry.flag('computed') || kind === 'view' ? { computed: true } : {}),
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

const families: readonly Family[] = [
  'boolean',
  'integer',
  'decimal',
  'float',
  'string',
  'uuid',
  'date',
  'time',
  'timestamp',
  'interval',
  'json',
  'binary',
  'enum',
  'array',
  'range',
  'composite',
  'other',
];

interface TypeDescription {
  readonly schema: string;
  readonly name: string;
  readonly entry: LockEntry;
  readonly array: string | undefined;
  /** Of a domain. */
  readonly base: string | undefined;
  readonly nature: Pick<Type, 'family' | 'scalar' | 'bits' | 'unsigned' | 'verbatim' | 'labels'>;
}

/** Types by name, from the folder `types/` and from what is built in. */
class Types {
  readonly #described = new Map<string, TypeDescription>();

  constructor(files: readonly LockFile[], diagnostics: Diagnostic[]) {
    for (const file of files) {
      const entry = open(file, diagnostics);
      if (entry === undefined) continue;
      const description = readDescription(entry);
      const name = typeName(description);
      if (this.#described.has(name)) entry.fault(`Another file describes the type ${name} already.`, 'type');
      this.#described.set(name, description);
    }
    for (const { base, entry } of this.#described.values()) if (base !== undefined) this.read(entry, 'base');
  }

  /** The type whose text is at `key`; `text`, with a diagnostic, when there is none. */
  read(entry: LockEntry, key: string): Type {
    const text = entry.text(key);
    const type = text === '' ? undefined : this.#resolve(text, 0);
    if (type !== undefined) return type;
    if (text !== '') entry.fault(`The type ${text} has no file under types/.`, key);
    return builtinType('text');
  }

  /** Domains stand on domains only so deep in a lock that was written; in a damaged one they may go round. */
  #resolve(text: string, depth: number): Type | undefined {
    const reference = parseTypeText(text);
    if (reference === undefined || depth > 64) return undefined;
    const { schema, name, modifiers, array } = reference;
    const description = this.#described.get(typeName(reference));
    const type = this.#plain(schema, name, modifiers, description, depth);
    if (type === undefined || !array) return type;
    const named = description?.array === undefined ? undefined : parseTypeText(description.array);
    return arrayType(named?.schema ?? schema, named?.name ?? usualArrayName(name), type);
  }

  #plain(
    schema: string,
    name: string,
    modifiers: string,
    description: TypeDescription | undefined,
    depth: number,
  ): Type | undefined {
    if (description === undefined) return schema === builtinSchema ? builtinType(name, modifiers) : undefined;
    if (description.base === undefined) return { schema, name, modifiers, ...description.nature };
    const base = this.#resolve(description.base, depth + 1);
    return base && domainType(schema, name, base);
  }
}

function readDescription(entry: LockEntry): TypeDescription {
  const name = entry.text('type');
  const kind = entry.oneOf('kind', [...families, 'domain']);
  const bits = entry.optionalCount('bits');
  const description: TypeDescription = {
    schema: entry.text('schema'),
    name,
    entry,
    array: entry.optionalText('array'),
    base: kind === 'domain' ? entry.text('base') : undefined,
    nature: {
      family: kind === 'domain' ? 'other' : kind,
      scalar: entry.optionalText('scalar') ?? name,
      ...(bits === undefined ? {} : { bits }),
      ...(entry.flag('unsigned') ? { unsigned: true } : {}),
      ...(entry.flag('verbatim') ? { verbatim: true } : {}),
      ...(kind === 'enum' ? { labels: entry.texts('labels') } : {}),
    },
  };
  entry.end();
  return description;
}
