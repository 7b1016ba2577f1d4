/** Writes → programs: statements that lock, write and read back by keys. */
import type { Capabilities } from '../../catalog/catalog.ts';
import type { Bound } from '../../query/bind.ts';
import type { AuthorizedDelete, AuthorizedInsert, AuthorizedUpdate } from '../../query/query.ts';
import type { Transaction } from '../dialect.ts';
import type { CompiledWrite } from '../program.ts';
import { unserved } from './unserved.ts';

export function compileWrite(
  _query: AuthorizedInsert | AuthorizedUpdate | AuthorizedDelete,
  _capabilities: Capabilities,
): CompiledWrite {
  throw unserved('A write');
}

export async function write(
  _transaction: Transaction,
  _write: CompiledWrite,
  _parameters: readonly Bound[],
): Promise<readonly (string | null)[] | undefined> {
  throw unserved('A write');
}
