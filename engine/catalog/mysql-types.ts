/** The types of MySQL and MariaDB: from the text that information_schema prints (`int(10) unsigned`), and back. Pure. */
import type { Family, Type } from './catalog.ts';

/** The schema of all of them; a database of that name is the system's own. */
export const mysqlSchema = 'mysql';

/** Whether the database of a catalog has these types. */
export function hasMysqlTypes(engine: string): boolean {
  return engine === 'mysql' || engine === 'mariadb';
}

interface Nature {
  readonly family: Family;
  readonly scalar: string;
  readonly bits?: number;
  /** Scalar of the unsigned ones. */
  readonly unsignedScalar?: string;
  /** What is in parentheses says how it is printed, and nothing of its values. */
  readonly width?: true;
}

const geometries = [
  'geometry', 'point', 'linestring', 'polygon', 'multipoint', 'multilinestring', 'multipolygon', 'geometrycollection', 'geomcollection',
]; // biome-ignore format: a list

const natures: ReadonlyMap<string, Nature> = new Map<string, Nature>([
  ['tinyint', { family: 'integer', bits: 8, scalar: 'int2', unsignedScalar: 'int2', width: true }],
  ['smallint', { family: 'integer', bits: 16, scalar: 'int2', unsignedScalar: 'int4', width: true }],
  ['mediumint', { family: 'integer', bits: 24, scalar: 'int4', unsignedScalar: 'int4', width: true }],
  ['int', { family: 'integer', bits: 32, scalar: 'int4', unsignedScalar: 'int8', width: true }],
  ['bigint', { family: 'integer', bits: 64, scalar: 'int8', unsignedScalar: 'numeric', width: true }],
  ['year', { family: 'integer', bits: 16, scalar: 'int2', width: true }],
  ['decimal', { family: 'decimal', scalar: 'numeric' }],
  ['float', { family: 'float', bits: 32, scalar: 'float4' }],
  ['double', { family: 'float', bits: 64, scalar: 'float8' }],
  ['char', { family: 'string', scalar: 'bpchar' }],
  ['varchar', { family: 'string', scalar: 'varchar' }],
  ...['tinytext', 'text', 'mediumtext', 'longtext'].map((name): [string, Nature] => [
    name,
    { family: 'string', scalar: 'text' },
  ]),
  ...['binary', 'varbinary', 'tinyblob', 'blob', 'mediumblob', 'longblob'].map((name): [string, Nature] => [
    name,
    { family: 'binary', scalar: 'bytea' },
  ]),
  ['bit', { family: 'other', scalar: 'bit' }],
  ['date', { family: 'date', scalar: 'date' }],
  ['time', { family: 'time', scalar: 'time' }],
  ['datetime', { family: 'timestamp', scalar: 'timestamp' }],
  ['timestamp', { family: 'timestamp', scalar: 'timestamptz' }],
  ['json', { family: 'json', scalar: 'jsonb' }],
  ['vector', { family: 'binary', scalar: 'bytea' }],
  ['uuid', { family: 'uuid', scalar: 'uuid' }],
  ['inet4', { family: 'other', scalar: 'inet' }],
  ['inet6', { family: 'other', scalar: 'inet' }],
  ...geometries.map((name): [string, Nature] => [name, { family: 'other', scalar: 'geometry' }]),
  // Labels that information_schema cannot print: see `mysqlType`.
  ['enum', { family: 'string', scalar: 'text' }],
]);

/**
 * The type that a column's text names.
 *
 * @param text as `COLUMN_TYPE` has it (`decimal(10,2) unsigned`, `enum('a','b')`), or as `mysqlTypeText` wrote it; of a
 *   geometry that is bound to a reference system with its number: `point(4326)`
 * @param owner what an enum is called after, since it has no name: `books_status` for the column `status` of `books`
 * @returns `other` for a type that is not known here
 */
export function mysqlType(text: string, owner: string): Type {
  const [, name = text, , inside = '', words = ''] = /^([a-z0-9_]+)(\((.*)\))?([a-z ]*)$/s.exec(text) ?? [];
  if (name === 'enum' || name === 'set') return labelled(name, inside, owner);
  const nature = natures.get(name) ?? { family: 'other', scalar: name };
  const modifiers = inside === '' ? '' : `(${inside})`;
  const unsigned = words.split(' ').includes('unsigned');
  // BOOL and BOOLEAN are other words for it.
  if (name === 'tinyint' && inside === '1' && !unsigned) return plain(name, modifiers, 'boolean', 'bool');
  const { family, bits, unsignedScalar, width } = nature;
  const scalar = unsigned ? (unsignedScalar ?? nature.scalar) : nature.scalar;
  return {
    ...plain(name, width ? '' : modifiers, family, scalar),
    ...(bits === undefined ? {} : { bits }),
    ...(unsigned ? { unsigned } : {}),
  };
}

/** Whether the type is one of these: a schema of PostgreSQL may have the name too, but no type of these names in it. */
export function isMysqlType({ schema, name }: Pick<Type, 'schema' | 'name'>): boolean {
  return schema === mysqlSchema && (natures.has(name) || name === 'set');
}

function plain(name: string, modifiers: string, family: Family, scalar: string): Type {
  return { schema: mysqlSchema, name, modifiers, family, scalar };
}

/**
 * information_schema prints a character beyond the BMP as `?`, so that labels with one are unknown: the type is then read
 * as text, and the server refuses what is no label.
 */
function labelled(name: 'enum' | 'set', inside: string, owner: string): Type {
  const labels = labelsIn(inside);
  const unknown = labels.length === 0 || labels.some((label) => label.includes('?'));
  const element: Type = unknown
    ? plain('enum', '', 'string', 'text')
    : { ...plain('enum', '', 'enum', owner), labels };
  if (name === 'enum') return element;
  return { ...plain('set', '', 'array', element.scalar), element };
}

const escapes: ReadonlyMap<string, string> = new Map([
  ['0', '\0'],
  ['n', '\n'],
  ['r', '\r'],
  ['t', '\t'],
  ['b', '\b'],
  ['Z', '\x1a'],
]);

/** `'a','b''c'` → a, b'c. */
function labelsIn(text: string): readonly string[] {
  return [...text.matchAll(/'((?:[^'\\]|''|\\.)*)'/gs)].map(([, label]) =>
    label!.replace(/''|\\(.)/gs, (_, escaped: string | undefined) =>
      escaped === undefined ? "'" : (escapes.get(escaped) ?? escaped),
    ),
  );
}

/** The inverse of `mysqlType`: `int unsigned`, `decimal(10,2)`, `set('a','b')`. */
export function mysqlTypeText(type: Type): string {
  const labels = (type.element ?? type).labels;
  const inside = labels === undefined ? type.modifiers : `(${labels.map(quoted).join(',')})`;
  return `${type.name}${inside}${type.unsigned ? ' unsigned' : ''}`;
}

function quoted(label: string): string {
  return `'${label.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`;
}
