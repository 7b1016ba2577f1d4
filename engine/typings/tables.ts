/** One table or view → the types of its rows, of what can be written into it, and its relationships. */
import type { Column } from '../api/api.ts';
import {
  type Field,
  field,
  type Node,
  object,
  open,
  openType,
  optional,
  textOf,
  tuple,
  union,
} from './layout.ts';
import type { Relationship } from './relationships.ts';
import { isView, type ScopedTable } from './scope.ts';
import { nullable, type Types } from './types.ts';

export function tableType(scoped: ScopedTable, relationships: readonly Relationship[], types: Types): Node {
  const computed = scoped.computed.map(({ name }) => textOf(name));
  return open([
    field('Row', rowType(scoped, types, scoped.computed)),
    field('ComputedFields', computed.length === 0 ? 'never' : union(computed)),
    ...bodies(scoped, types),
    field('Relationships', tuple(relationships.map(relationshipType))),
  ]);
}

/** A row as it is read; functions give it without computed fields. */
export function rowType(
  { table, known, read }: ScopedTable,
  types: Types,
  computed: readonly Column[] = [],
): Node {
  const cells = known
    .filter((column) => read.has(column))
    .map((column) => {
      const value = types.column(column, table.database);
      return field(column.name, read.get(column) ? nullable(value) : value);
    });
  const fields = computed.map(({ name, type }) => field(name, nullable(types.value(type, table.database))));
  return openType([...cells, ...fields]);
}

/** A view that cannot be written has none; a table always has both. */
function bodies(scoped: ScopedTable, types: Types): readonly Field[] {
  const { table, insert, update } = scoped;
  if (isView(table) && insert.size === 0 && update.size === 0) return [];
  return [
    field(
      'Insert',
      bodyType(scoped, insert, types, (column) => !isView(table) && isRequired(column)),
    ),
    field(
      'Update',
      bodyType(scoped, update, types, () => false),
    ),
  ];
}

function bodyType(
  { table, known }: ScopedTable,
  given: ReadonlySet<Column>,
  types: Types,
  required: (column: Column) => boolean,
): Node {
  return openType(
    known.map((column) => {
      if (!given.has(column)) return optional(column.name, 'never');
      const value = types.column(column, table.database);
      const taken = column.nullable ? nullable(value) : value;
      return required(column) ? field(column.name, taken) : optional(column.name, taken);
    }),
  );
}

function isRequired({ nullable, source }: Column): boolean {
  return !nullable && source.default === null && source.identity === null;
}

function relationshipType({ foreignKeyName, columns, isOneToOne, to, toColumns }: Relationship): Node {
  return open([
    field('foreignKeyName', textOf(foreignKeyName)),
    field('columns', tuple(columns.map(textOf))),
    field('isOneToOne', String(isOneToOne)),
    field('referencedRelation', textOf(to)),
    field('referencedColumns', tuple(toColumns.map(textOf))),
  ]);
}

/** What a function takes: by name, in the order of names. */
export function argumentsType(fields: readonly Field[]): Node {
  return fields.length === 0 ? 'Record<PropertyKey, never>' : object(fields);
}
