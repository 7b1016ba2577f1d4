/** What a request that names rows by their key needs: the right to read, and the key's columns. */
import type { WorldTable } from '../api/api.ts';
import { all, always, type Condition } from '../api/condition.ts';
import { Problem } from '../problem/problem.ts';
import type { Planning } from './node.ts';
import { denied, verbDenied } from './refusal.ts';
import type { Slot } from './request.ts';

export function requireSelect(table: WorldTable, { principal }: Planning): void {
  if (table.select === undefined) throw verbDenied(principal, 'select', table);
}

/** One row by the columns of the key, each of which the caller must be able to read. */
export function planKey(
  key: readonly Slot[] | undefined,
  table: WorldTable,
  { principal }: Planning,
): Condition {
  if (key === undefined) return always;
  const columns = table.table.key;
  if (columns.length === 0 || columns.some((column) => table.columns.get(column.name) !== column)) {
    throw denied(
      principal,
      `table ${table.table.rest} has no key that role "${principal.role}" may read`,
      'Filter by columns instead.',
    );
  }
  if (key.length !== columns.length) {
    throw new Problem('NS400', {
      message: `The key of '${table.table.rest}' has ${columns.length} ${columns.length === 1 ? 'part' : 'parts'}, and ${key.length} ${key.length === 1 ? 'was' : 'were'} given.`,
      hint: `Give ${columns.map((column) => column.name).join(',')} in this order, separated by commas.`,
    });
  }
  return all(
    columns.map((column, index) => ({
      kind: 'compare',
      column,
      operator: 'eq',
      value: { kind: 'slot', slot: key[index]!, type: column.type.base ?? column.type, list: false },
    })),
  );
}
