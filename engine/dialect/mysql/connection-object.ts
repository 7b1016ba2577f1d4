/** A page by keyset → one JSON object of edges, cursors, what is beyond the page, and the number of all rows. */
import type { AuthorizedConnection, AuthorizedField } from '../../query/query.ts';
import type { Sql } from '../sql.ts';
import type { Aliases } from './condition.ts';
import type { Ordered } from './order.ts';
import type { RowTable, TableColumn } from './table.ts';
import { unserved } from './unserved.ts';

/** What the level that the rows are of has to give. */
export interface PageSource {
  /** The rows with these values, in their order and numbered, one row more than the page has. */
  readonly table: (columns: readonly TableColumn[]) => RowTable;
  /** What the rows are ordered by. */
  readonly order: readonly Ordered[];
  /** The JSON text of a row's object. */
  readonly node: (fields: readonly AuthorizedField[]) => Sql;
}

export interface ConnectionSources {
  readonly page: () => PageSource;
  readonly count: () => Sql;
}

export function connectionObject(
  _node: AuthorizedConnection,
  _sources: ConnectionSources,
  _aliases: Aliases,
): Sql {
  throw unserved('A connection');
}
