/** `tables`: what the API serves. A table that is not listed does not exist. */
import { databaseOf } from '../database.ts';
import type { Draft } from '../draft.ts';
import type { Pieces } from '../pieces.ts';
import type { Literal } from '../predicate.ts';
import type { ColumnConfig, TableConfig } from '../project.ts';
import { reservedSchema } from '../reserved.ts';
import { flag, list, named, object, optional, prose, text } from '../shape.ts';
import { Permission, readPermission } from './permissions.ts';
import { Relationship, readRelationship } from './relationships.ts';

const Column = object(
  {
    description: optional(prose('What the column means. Default: the comment in the database.')),
    name: optional(text('Another name in the API.')),
    hidden: optional(flag('No role ever sees it, nor `everything`. Default false.')),
    personal: optional(
      flag(
        'It holds personal data: `novastack plan` asks for an approval before any role gains it. Default false.',
      ),
    ),
    type: optional(
      text(
        'How a value is represented, where there is a choice: a MySQL `tinyint` as `boolean` (the default of `tinyint(1)`) or `integer`, a MySQL `char(36)` as `text` or `uuid`.',
      ),
    ),
  },
  'One column, where it differs from the catalog.',
);

const Table = object(
  {
    database: optional(text('Name under `databases`. Default: the only database.')),
    relation: optional(
      text(
        "Table or view in the database, split at its first dot. Default: the table's name. Without a dot, in the first schema.",
      ),
    ),
    key: optional(
      list(text('Name of a column.'), 'Columns that name a row, for views and tables without a key.', {
        minItems: 1,
      }),
    ),
    description: optional(prose('What a row is. Default: the comment in the database.')),
    columns: optional(
      named(Column, 'Columns by their names in the database; only what differs from the catalog.'),
    ),
    relationships: optional(
      named(
        Relationship,
        'Links to other tables. Foreign keys give these by themselves; name, override or add here.',
      ),
    ),
    permissions: optional(named(Permission, 'What each role may do. A role without an entry has nothing.')),
  },
  'One table or view.',
);

export const tables = named(Table, 'Tables and views by the name they have in the API.');

const { properties } = Table;

export function* readTables(draft: Draft): Pieces<ReadonlyMap<string, TableConfig>> {
  const result = new Map<string, TableConfig>();
  for (const name of draft.names(['tables'])) {
    const table = readTable(draft, name);
    if (table) result.set(name, table);
    yield;
  }
  return result;
}

function readTable(draft: Draft, name: string): TableConfig | undefined {
  const path = ['tables', name];
  const database = databaseOf(draft, path);
  const relation = draft.read([...path, 'relation'], properties.relation);
  checkRelation(draft, name, relation);
  const relationships = draft.names([...path, 'relationships']).map((relationship) => {
    return [relationship, readRelationship(draft, [...path, 'relationships', relationship])] as const;
  });
  const permissions = draft.names([...path, 'permissions']).map((role) => {
    return [role, readPermission(draft, [...path, 'permissions', role])] as const;
  });
  // Under a name that cannot be read there would seem to be no relation.
  if (database === undefined || draft.isBroken([...path, 'relation'])) return undefined;
  return {
    name,
    database,
    relation,
    key: draft.read([...path, 'key'], properties.key),
    description: draft.read([...path, 'description'], properties.description),
    columns: readColumns(draft, path),
    relationships: new Map(
      relationships.filter((entry) => entry[1] !== undefined) as [
        string,
        NonNullable<(typeof relationships)[number][1]>,
      ][],
    ),
    permissions: new Map(permissions),
  };
}

function readColumns(draft: Draft, path: readonly string[]): ReadonlyMap<string, ColumnConfig> {
  const result = new Map<string, ColumnConfig>();
  const first = new Map<string, string>();
  for (const name of draft.names([...path, 'columns'])) {
    const column = readColumn(draft, [...path, 'columns', name]);
    result.set(name, column);
    if (column.name === undefined) continue;
    const earlier = first.get(column.name);
    if (earlier === undefined) {
      first.set(column.name, name);
      continue;
    }
    draft.error(
      'DECLARED_TWICE',
      [...path, 'columns', name, 'name'],
      `Two columns are named "${column.name}".`,
      {
        hint: 'choose another name',
        related: [{ message: 'The first one is here.', path: [...path, 'columns', earlier, 'name'] }],
      },
    );
  }
  return result;
}

function readColumn(draft: Draft, path: readonly string[]): ColumnConfig {
  const { properties } = Column;
  const legible =
    isObject(draft.value(path)) && draft.names(path).every((key) => Object.hasOwn(properties, key));
  return {
    description: draft.read([...path, 'description'], properties.description),
    name: draft.read([...path, 'name'], properties.name),
    // A column whose entry cannot be read might have been meant to be hidden.
    hidden:
      draft.read([...path, 'hidden'], properties.hidden) ?? (!legible || draft.isBroken([...path, 'hidden'])),
    // A tag that cannot be read might have been meant.
    personal: draft.read([...path, 'personal'], properties.personal) ?? draft.isBroken([...path, 'personal']),
    type: draft.read([...path, 'type'], properties.type),
  };
}

function isObject(value: Literal | undefined): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function checkRelation(draft: Draft, name: string, relation: string | undefined): void {
  const written = relation ?? name;
  const dot = written.indexOf('.');
  if (dot < 0) return;
  const path = relation === undefined ? ['tables', name] : ['tables', name, 'relation'];
  const part = relation === undefined ? 'key' : 'value';
  if (dot === 0 || dot === written.length - 1) {
    draft.error('WRONG_VALUE', path, `"${written}" is not <schema>.<relation>.`, {
      hint: 'write both names',
      part,
    });
    return;
  }
  const schema = written.slice(0, dot);
  if (!reservedSchema(schema)) return;
  draft.error('RESERVED_SCHEMA', path, `The schema "${schema}" is reserved and can never be exposed.`, {
    hint: 'move the relation to another schema',
    part,
  });
}
