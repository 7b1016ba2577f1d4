/** One read for many callers. */
import type { Capabilities } from '../../catalog/catalog.ts';
import type { AuthorizedQuery } from '../../query/query.ts';
import type { Asked, Asking, CompiledPoll } from '../program.ts';
import { unserved } from './unserved.ts';

export function compilePoll(_query: AuthorizedQuery, _capabilities: Capabilities): CompiledPoll | undefined {
  throw unserved('A live query');
}

export function ask(_poll: CompiledPoll, _asked: readonly Asked[]): readonly Asking[] {
  throw unserved('A live query');
}
