/** One table of a role's world in PostgREST's Swagger 2.0: its definition, its parameters and its path. */
import type { Column, WorldTable } from '../api/api.ts';
import type { Schema } from './schemas.ts';
import { definition, described, type Surroundings } from './swagger-definitions.ts';
import { columnFormat } from './swagger-types.ts';

export interface TableSurroundings extends Surroundings {
  /** Keys of parameters that are taken. */
  readonly taken: Set<string>;
}

export interface TableParts {
  readonly definition: Schema;
  readonly parameters: readonly (readonly [string, Schema])[];
  readonly path: Schema;
}

export function tableParts(table: WorldTable, around: TableSurroundings): TableParts {
  const { rest } = table.table;
  const filters = [...table.columns.values()].map((column): readonly [string, Schema] => [
    filterKey(rest, column, around.taken),
    {
      name: column.name,
      ...described(column.description),
      required: false,
      in: 'query',
      type: 'string',
      format: columnFormat(column.type, around.hides),
    },
  ]);
  const body: readonly [string, Schema] = [
    `body.${rest}`,
    {
      name: rest,
      description: rest,
      required: false,
      in: 'body',
      schema: { $ref: reference('definitions', rest) },
    },
  ];
  return {
    definition: definition(table, around),
    parameters: [body, ...filters],
    path: pathItem(
      table,
      filters.map(([key]) => key),
    ),
  };
}

/** Names as they are, since readers take them from the end of a reference; only what would break the pointer is escaped. */
export function reference(part: 'definitions' | 'parameters', name: string): string {
  const escaped = name
    .replaceAll('~', '~0')
    .replaceAll('/', '~1')
    .replace(/[%#]/g, (sign) => encodeURIComponent(sign));
  return `#/${part}/${escaped}`;
}

/** The first line of a description is the summary. */
export function summarized(description: string | null): Schema {
  if (description === null) return {};
  const end = description.indexOf('\n');
  if (end < 0) return { summary: description };
  const rest = description.slice(end).replace(/^\n+/, '');
  return { summary: description.slice(0, end), ...(rest === '' ? null : { description: rest }) };
}

/** Dots in names can make two columns' keys alike: then another dot parts table and column. */
function filterKey(table: string, { name }: Column, taken: Set<string>): string {
  let parting = '.';
  while (taken.has(`rowFilter.${table}${parting}${name}`)) parting += '.';
  const key = `rowFilter.${table}${parting}${name}`;
  taken.add(key);
  return key;
}

function pathItem(world: WorldTable, filters: readonly string[]): Schema {
  const { table, select, insert, update, delete: remove } = world;
  const operation = (keys: readonly string[], responses: Schema): Schema => ({
    tags: [table.rest],
    ...summarized(table.description),
    parameters: keys.map((key) => ({ $ref: reference('parameters', key) })),
    responses,
  });
  const body = `body.${table.rest}`;
  const pages = ['select', 'order', 'range', 'rangeUnit', 'offset', 'limit', 'preferCount'];
  return {
    ...(select && {
      get: operation([...filters, ...pages], {
        200: {
          description: 'OK',
          schema: { items: { $ref: reference('definitions', table.rest) }, type: 'array' },
        },
        206: { description: 'Partial Content' },
      }),
    }),
    ...(insert && {
      post: operation(
        [body, ...(select ? ['select'] : []), ...(update ? ['on_conflict'] : []), 'preferPost'],
        {
          201: { description: 'Created' },
        },
      ),
    }),
    ...(remove && {
      delete: operation([...filters, 'preferReturn'], { 204: { description: 'No Content' } }),
    }),
    ...(update && {
      patch: operation([...filters, body, 'preferReturn'], { 204: { description: 'No Content' } }),
    }),
  };
}
