/** The types of a locked database, read from the files under `types/` and resolved by the text that names them. */
import { builtinSchema, builtinType } from './builtin-types.ts';
import type { Family, Type } from './catalog.ts';
import type { LockEntry } from './lock-entry.ts';
import { hasMysqlTypes, mysqlType } from './mysql-types.ts';
import { arrayType, domainType, parseTypeText, typeName, typeText, usualArrayName } from './type.ts';

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
export class LockedTypes {
  readonly #described = new Map<string, TypeDescription>();
  readonly #mysql: boolean;

  /** @param engine of the catalog: `text` is another type there than here */
  constructor(files: Iterable<LockEntry>, engine: string) {
    this.#mysql = hasMysqlTypes(engine);
    for (const entry of files) {
      const description = readDescription(entry);
      const name = typeName(description);
      if (this.#described.has(name)) entry.fault(`Another file describes the type ${name} already.`, 'type');
      this.#described.set(name, description);
    }
    for (const { base, entry } of this.#described.values())
      if (base !== undefined) this.read(entry, 'base', '');
  }

  /**
   * The type whose text is at `key`; `text`, with a diagnostic, when there is none.
   *
   * @param owner what a type without a name is called after: as `mysqlType`
   */
  read(entry: LockEntry, key: string, owner: string): Type {
    const text = entry.text(key);
    if (this.#mysql && text !== '') return this.#readMysql(entry, key, text, owner);
    const type = text === '' ? undefined : this.#resolve(text, 0);
    if (type !== undefined) return type;
    if (text !== '') entry.fault(`The type ${text} has no file under types/.`, key);
    return builtinType('text');
  }

  #readMysql(entry: LockEntry, key: string, text: string, owner: string): Type {
    const type = mysqlType(text, owner);
    if (typeText(type) !== text) entry.fault(`The type ${text} is none of this database.`, key);
    return type;
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
