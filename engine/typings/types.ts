/** A database's type → what a value of it is in TypeScript; the enums that are named on the way. */
import type { Api, Column } from '../api/api.ts';
import type { Type } from '../catalog/catalog.ts';
import { isMysqlType } from '../catalog/mysql-types.ts';
import { bytewise } from '../catalog/order.ts';
import { array, generic, type Node, textOf, union } from './layout.ts';
import { isView, type Scope } from './scope.ts';

interface Enum {
  readonly profile: string;
  readonly name: string;
  readonly labels: readonly string[];
}

/** The types of one printed file: remembers which enums it names. */
export class Types {
  readonly #api: Api;
  readonly #rows = new Map<string, Node>();
  readonly #enums = new Map<string, Enum>();

  constructor({ api, tables }: Scope) {
    this.#api = api;
    for (const { table, computed } of tables.values()) {
      const one = inDatabase(table.profile, isView(table) ? 'Views' : 'Tables', table.rest);
      // A row that is given has no computed fields.
      const row =
        computed.length === 0
          ? `${one}["Row"]`
          : generic('Omit', [`${one}["Row"]`, `${one}["ComputedFields"]`]);
      this.#rows.set(identity(table.database, table.relation.schema, table.relation.name), row);
    }
  }

  /** A column's value, without null. */
  column({ type, nullable }: Column, database: string): Node {
    return type.family === 'json' && !nullable ? 'NonNullable<Json>' : this.value(type, database);
  }

  /** Without null. What JSON makes of the rest (ranges, geometry, hstore) depends on the database: `unknown`. */
  value(type: Type, database: string): Node {
    const { family, scalar } = type;
    switch (family) {
      case 'boolean':
        return 'boolean';
      case 'integer':
        return (type.bits ?? 64) > 32 || scalar === 'int8' ? this.#largeNumber() : 'number';
      case 'decimal':
        return this.#largeNumber();
      case 'float':
        return 'number';
      case 'string':
      case 'uuid':
      case 'date':
      case 'time':
      case 'timestamp':
      case 'binary':
        return 'string';
      case 'json':
        return 'Json';
      case 'enum':
        return this.#enum(type, database);
      case 'array':
        return array(type.element === undefined ? 'unknown' : this.value(type.element, database));
      case 'composite':
        return this.#rows.get(identity(database, type.schema, type.name)) ?? 'unknown';
      case 'interval':
      case 'range':
        return 'unknown';
      case 'other':
        // All that these databases have besides shapes is text: bits and addresses.
        if (isMysqlType(type) && scalar !== 'geometry') return 'string';
        return scalar === 'vector' ? 'string' : 'unknown';
      default:
        return family satisfies never;
    }
  }

  /** Those named so far in one profile, by name. */
  enums(profile: string): readonly Enum[] {
    return [...this.#enums.values()]
      .filter((one) => one.profile === profile)
      .sort((a, b) => bytewise(a.name, b.name));
  }

  /** Profiles with enums. */
  profiles(): readonly string[] {
    return [...this.#enums.values()].map(({ profile }) => profile);
  }

  #largeNumber(): Node {
    return this.#api.limits.numbers === 'string' ? 'string' : 'number';
  }

  /** By name where its schema is a profile; else, or when the name is another enum's, its labels. */
  #enum({ schema, name, labels = [] }: Type, database: string): Node {
    const profile = this.#profileOf(schema, database);
    if (profile !== undefined && labels.length > 0) {
      const key = JSON.stringify([profile, name]);
      const known = this.#enums.get(key) ?? { profile, name, labels };
      if (JSON.stringify(known.labels) === JSON.stringify(labels)) {
        this.#enums.set(key, known);
        return inDatabase(profile, 'Enums', name);
      }
    }
    return labels.length === 0 ? 'string' : labelsOf(labels);
  }

  #profileOf(schema: string, database: string): string | undefined {
    const schemas = this.#api.databases.get(database)?.catalog.schemas ?? [];
    if (schema === schemas[0]) return 'public';
    return schemas.includes(schema) ? schema : undefined;
  }
}

export function labelsOf(labels: readonly string[]): Node {
  return union(labels.map(textOf));
}

export function nullable(node: Node): Node {
  return union(typeof node !== 'string' && node.kind === 'union' ? [...node.of, 'null'] : [node, 'null']);
}

function inDatabase(profile: string, part: 'Tables' | 'Views' | 'Enums', name: string): string {
  return `Database[${textOf(profile)}][${textOf(part)}][${textOf(name)}]`;
}

function identity(database: string, schema: string, name: string): string {
  return JSON.stringify([database, schema, name]);
}
