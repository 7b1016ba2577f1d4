/** Calls of functions and procedures. */
import type { Capabilities } from '../../catalog/catalog.ts';
import type { AuthorizedCall } from '../../query/query.ts';
import type { CompiledCall } from '../program.ts';
import { unserved } from './unserved.ts';

export function compileCall(_query: AuthorizedCall, _capabilities: Capabilities): CompiledCall {
  throw unserved('A call');
}
