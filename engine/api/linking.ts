/** Columns that link two tables: how they pair up, and whether they find at most one row. */
import type { ForeignKey } from '../catalog/catalog.ts';
import type { Column, Edge } from './api.ts';
import type { DraftTable } from './tables.ts';

export type Pairs = Edge['pairs'];

export function pairUp(
  near: DraftTable,
  nearColumns: readonly string[],
  far: DraftTable,
  farColumns: readonly string[],
): Pairs {
  return nearColumns.map((name, index) => ({
    near: near.byDatabaseName.get(name) as Column,
    far: far.byDatabaseName.get(farColumns[index]!) as Column,
  }));
}

/** Whether at most one row can have given values in these columns: they hold a whole unique key. */
export function isUnique(table: DraftTable, columns: readonly string[]): boolean {
  const keys = [
    table.relation.primaryKey?.columns,
    ...table.relation.uniques.map((key) => key.columns),
    table.key.map((column) => column.column),
  ];
  return keys.some(
    (key) => key !== undefined && key.length > 0 && key.every((column) => columns.includes(column)),
  );
}

export function leadsTo(key: ForeignKey, table: DraftTable): boolean {
  return key.target.schema === table.relation.schema && key.target.relation === table.relation.name;
}

export function sameColumns(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((column) => b.includes(column));
}
