/** Types, rows and bodies → JSON Schema (2020-12, as OpenAPI 3.1 has it). */
import type { Column, Edge, WorldTable } from '../api/api.ts';
import type { Type } from '../catalog/catalog.ts';
import { isMysqlType } from '../catalog/mysql-types.ts';
import { keyed } from './names.ts';

export type Schema = { readonly [keyword: string]: unknown };

/** What a value of the type is in answers, without null. */
export function schemaOf(type: Type): Schema {
  const { family } = type;
  switch (family) {
    case 'boolean':
      return { type: 'boolean' };
    case 'integer':
      return { type: 'integer', ...integerFormat(type), ...(type.unsigned ? { minimum: 0 } : null) };
    case 'decimal':
      return { type: 'number', format: 'decimal' };
    case 'float':
      return { type: 'number', format: type.bits === 32 ? 'float' : 'double' };
    case 'string':
      return { type: 'string', ...lengthOf(type) };
    case 'uuid':
      return { type: 'string', format: 'uuid' };
    case 'date':
      return { type: 'string', format: 'date' };
    case 'timestamp':
      return { type: 'string', format: type.scalar === 'timestamptz' ? 'date-time' : type.scalar };
    case 'other':
      // GeoJSON, of which WKT is taken too.
      return isMysqlType(type) && type.scalar === 'geometry' ? {} : { type: 'string', format: type.scalar };
    case 'time':
    case 'interval':
    case 'range':
      return { type: 'string', format: type.scalar };
    case 'binary':
      return { type: 'string', pattern: '^\\\\x([0-9a-f]{2})*$' };
    case 'enum':
      return { type: 'string', enum: type.labels ?? [] };
    case 'array':
      return { type: 'array', items: type.element === undefined ? {} : withNull(schemaOf(type.element)) };
    case 'json':
    case 'composite':
      return {};
    default:
      return family satisfies never;
  }
}

/** None where no format has room: an unsigned integer of 64 bits. */
function integerFormat({ bits = 64, scalar }: Type): Schema {
  if (scalar === 'numeric') return {};
  return { format: bits > 32 || scalar === 'int8' ? 'int64' : 'int32' };
}

/** `varchar(20)` and `char(20)` say how long a text may be. */
function lengthOf(type: Type): Schema {
  const match = /^\((\d{1,9})\)$/.exec(type.modifiers);
  return match === null ? {} : { maxLength: Number(match[1]) };
}

export function withNull(schema: Schema): Schema {
  if (schema.type === undefined) return schema;
  const labels = schema.enum;
  return {
    ...schema,
    type: [schema.type, 'null'],
    ...(Array.isArray(labels) ? { enum: [...labels, null] } : null),
  };
}

function columnSchema(column: Column, nullable: boolean): Schema {
  const schema = schemaOf(column.type);
  return {
    ...(nullable ? withNull(schema) : schema),
    ...(column.description === null ? null : { description: column.description }),
  };
}

/** What a row is made of; rows of a function's own have neither a grant nor relationships. */
export type RowParts = Pick<WorldTable, 'table' | 'columns' | 'edges' | 'select' | 'computed'>;

/** A row as the role reads it. No property is required, since `select` chooses. */
export function rowSchema(
  { table, columns, edges, select, computed }: RowParts,
  refOf: (table: string) => Schema,
): Schema {
  const properties: [string, Schema][] = [];
  for (const column of columns.values()) {
    // Where another grant admits the row, the column is null.
    const nullable = column.nullable || select?.guards.has(column) === true;
    properties.push([column.name, columnSchema(column, nullable)]);
  }
  for (const field of computed.values()) properties.push([field.name, computedSchema(field)]);
  for (const edge of edges.values()) properties.push([edge.name, edgeSchema(edge, refOf)]);
  return {
    type: 'object',
    ...(table.description === null ? null : { description: table.description }),
    properties: keyed(properties),
  };
}

function computedSchema(field: Column): Schema {
  return {
    description: 'Computed from the row, where select names it.',
    ...columnSchema(field, true),
    readOnly: true,
  };
}

function edgeSchema(edge: Edge, refOf: (table: string) => Schema): Schema {
  const far = refOf(edge.to.name);
  const description = edge.description ?? `Embedded by select=${edge.name}(…).`;
  return edge.kind === 'one'
    ? { anyOf: [far, { type: 'null' }], description }
    : { type: 'array', items: far, description };
}

/** A body of POST: what the role may give, and what it must. */
export function insertSchema({ table, insert }: WorldTable): Schema {
  const given = [...table.columns.values()].filter((column) => insert?.columns.has(column));
  return bodySchema(given, given.filter(isRequired));
}

/** A body of PATCH. */
export function updateSchema({ table, update }: WorldTable): Schema {
  return bodySchema(
    [...table.columns.values()].filter((column) => update?.columns.has(column)),
    [],
  );
}

function isRequired({ nullable, source }: Column): boolean {
  return !nullable && source.default === null && source.identity === null && !source.generated;
}

function bodySchema(columns: readonly Column[], required: readonly Column[]): Schema {
  return {
    type: 'object',
    properties: keyed(columns.map((column) => [column.name, columnSchema(column, column.nullable)])),
    ...(required.length === 0 ? null : { required: required.map(({ name }) => name) }),
    additionalProperties: false,
  };
}

export const problemSchema: Schema = {
  type: 'object',
  description: 'Why a request was refused: what was found, and what to do next.',
  properties: {
    code: { type: 'string', description: 'Stable: PGRST…, a SQLSTATE, or NS….' },
    message: { type: 'string' },
    details: { type: ['string', 'null'] },
    hint: { type: ['string', 'null'] },
  },
  required: ['code', 'message', 'details', 'hint'],
};
