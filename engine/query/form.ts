/** How an answer is written, and whether its pages can begin behind a row: known once a level is planned. */
import type { Column } from '../api/api.ts';
import { bareType, operandOf } from '../api/operators.ts';
import { uniquesOf } from '../catalog/unique-keys.ts';
import { Problem } from '../problem/problem.ts';
import { isAggregated } from './group.ts';
import type { Form, Node } from './query.ts';
import type { ReadRequest } from './request.ts';

/** How the answer is written, once it is known what it is of. */
export function formOf(
  request: Pick<ReadRequest, 'stripNulls' | 'geojson' | 'stream'>,
  node: Pick<Node, 'fields'> | undefined,
): Form {
  return {
    stripNulls: request.stripNulls === true,
    geojson: request.geojson === true ? geometryOf(node) : undefined,
    stream: request.stream,
  };
}

function geometryOf(node: Pick<Node, 'fields'> | undefined) {
  const field = node?.fields.find(
    (one) =>
      one.kind === 'column' && one.path === undefined && one.cast === undefined && isGeometry(one.column),
  );
  if (field?.kind === 'column') return field.column;
  throw new Problem('PGRST107', {
    status: 406,
    message: 'None of these media types are available: application/geo+json',
    hint: 'Select a geometry column, or accept application/json.',
  });
}

function isGeometry({ type }: Column): boolean {
  const { scalar, family } = bareType(type);
  return family === 'other' && (scalar === 'geometry' || scalar === 'geography');
}

/** Whether two rows never have the same place in the order, so that a page can begin behind a row. */
export function endsInKey({ table, order, fields, groupBy }: Node): boolean {
  if (order.length === 0 || groupBy !== undefined || fields.some(isAggregated)) return false;
  const columns = new Set<string>();
  for (const { through, by } of order) {
    if (through.length > 0 || by.kind !== 'term') return false;
    const { column, path, cast } = by.term;
    if (path !== undefined || cast !== undefined || column.routine !== undefined) return false;
    if (table.select?.guards.has(column) || operandOf('gt', column.type) === undefined) return false;
    columns.add(column.column);
  }
  return uniquesOf(table.table.relation).some((key) =>
    key.columns.every(
      (name) => columns.has(name) && table.table.byDatabaseName.get(name)?.nullable === false,
    ),
  );
}
