/** Levels of groups: the rows' values first, then functions over those that have the other fields alike. */
import type { AuthorizedNode } from '../../query/query.ts';
import type { Columns, Level, LevelRows, Output, Source } from './select.ts';
import type { Paged } from './table.ts';
import { unserved } from './unserved.ts';

/** The groups as a SELECT, for a derived table. */
export function groupedRows(
  _node: AuthorizedNode,
  _level: Level,
  _source: Source,
  _columns: Columns,
): LevelRows {
  throw unserved('A group');
}

/** The groups of rows that must be read flat (`mustBeFlat`): a row of `page` is a group, `outputs` are its values. */
export function groupedTable(
  _node: AuthorizedNode,
  _level: Level,
  _source: Source,
): { readonly outputs: readonly Output[]; readonly page: Paged } {
  throw unserved('A group');
}
