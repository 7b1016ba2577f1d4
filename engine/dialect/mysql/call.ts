/** Calls of functions and procedures. */
import type { Capabilities } from '../../catalog/catalog.ts';
import type { Bound } from '../../query/bind.ts';
import type { AuthorizedCall } from '../../query/query.ts';
import type { Called, Transaction } from '../dialect.ts';
import type { CompiledCall } from '../program.ts';
import { unserved } from './unserved.ts';

export function compileCall(_query: AuthorizedCall, _capabilities: Capabilities): CompiledCall {
  throw unserved('A call');
}

export async function call(
  _transaction: Transaction,
  _call: CompiledCall,
  _parameters: readonly Bound[],
): Promise<Called> {
  throw unserved('A call');
}
