/** The definition of a table in PostgREST's Swagger 2.0: columns with types, defaults, and notes on keys that tools read. */
import type { Column, World, WorldTable } from '../api/api.ts';
import { keyed } from './names.ts';
import type { Schema } from './schemas.ts';
import {
  columnFormat,
  defaultOf,
  type HidesType,
  jsonType,
  maxLength,
  underDomains,
} from './swagger-types.ts';

/** What a table's description needs to know of the rest. */
export interface Surroundings {
  readonly world: World;
  readonly hides: HidesType;
}

export function described(description: string | null): Schema {
  return description === null ? {} : { description };
}

export function definition(world: WorldTable, around: Surroundings): Schema {
  const { table, known, select } = world;
  const columns = [...known.values()];
  // A column that another grant's rows show as null is not always there.
  const required = columns.filter((column) => !column.nullable && !select?.guards.has(column));
  return {
    ...described(table.description),
    ...(required.length === 0 ? null : { required: required.map(({ name }) => name) }),
    type: 'object',
    properties: keyed(columns.map((column) => [column.name, property(world, column, around)])),
  };
}

function property(world: WorldTable, column: Column, around: Surroundings): Schema {
  const { type } = column;
  const labels = underDomains(type).labels;
  return {
    ...defaultOf(column),
    ...described(withNotes(column.description, notes(world, column, around.world))),
    ...(labels === undefined ? null : { enum: labels }),
    format: columnFormat(type, around.hides),
    ...maxLength(type),
    ...jsonType(type),
  };
}

/** Tools look for these words, and for the elements in them. */
function notes(world: WorldTable, column: Column, all: World): readonly string[] {
  const far = farColumn(world, column, all);
  return [
    ...(world.table.key.includes(column) ? ['This is a Primary Key.<pk/>'] : []),
    ...(far === undefined
      ? []
      : [
          `This is a Foreign Key to \`${far.table}.${far.column}\`.` +
            `<fk table='${far.table}' column='${far.column}'/>`,
        ]),
  ];
}

function withNotes(description: string | null, lines: readonly string[]): string | null {
  if (lines.length === 0) return description;
  const note = ['Note:', ...lines].join('\n');
  return description === null ? note : `${description}\n\n${note}`;
}

/** Where a key of this one column leads, by foreign key or, for a view, by a declared relationship. */
function farColumn(
  { table, edges }: WorldTable,
  column: Column,
  world: World,
): { readonly table: string; readonly column: string } | undefined {
  for (const { columns, target } of table.relation.foreignKeys) {
    if (columns.length !== 1 || columns[0] !== column.column) continue;
    const far = [...world.tables.values()].find(
      ({ table: { database, relation } }) =>
        database === table.database && relation.schema === target.schema && relation.name === target.relation,
    );
    const farColumn = far?.table.byDatabaseName.get(target.columns[0]!);
    if (farColumn !== undefined && isReadable(far, farColumn) && far?.table.profile === table.profile)
      return { table: far.table.rest, column: farColumn.name };
  }
  if (table.key.includes(column)) return undefined;
  for (const { kind, pairs, through, to } of edges.values()) {
    const [pair, ...others] = pairs;
    if (kind !== 'one' || through !== undefined || pair?.near !== column || others.length > 0) continue;
    if (isReadable(world.tables.get(to.name), pair.far) && to.profile === table.profile)
      return { table: to.rest, column: pair.far.name };
  }
  return undefined;
}

function isReadable(table: WorldTable | undefined, column: Column): boolean {
  return table?.columns.get(column.name) === column;
}
