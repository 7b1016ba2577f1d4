/** One read for many callers. */
import type { Capabilities } from '../../catalog/catalog.ts';
import type { AuthorizedQuery } from '../../query/query.ts';
import type { CompiledPoll } from '../program.ts';
import { unserved } from './unserved.ts';

export function compilePoll(_query: AuthorizedQuery, _capabilities: Capabilities): CompiledPoll | undefined {
  throw unserved('A live query');
}
