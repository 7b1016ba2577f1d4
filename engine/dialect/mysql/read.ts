/** Reads → one statement that builds the whole answer. */
import type { Capabilities } from '../../catalog/catalog.ts';
import type { AuthorizedRead, AuthorizedReadAggregate, AuthorizedReadConnection } from '../../query/query.ts';
import type { CompiledRead, CompiledStream } from '../program.ts';
import { unserved } from './unserved.ts';

export function compileRead(
  _query: AuthorizedRead,
  _capabilities: Capabilities,
): CompiledRead | CompiledStream {
  throw unserved('A read');
}

export function compileReadAggregate(
  _query: AuthorizedReadAggregate,
  _capabilities: Capabilities,
): CompiledRead {
  throw unserved('An aggregate');
}

export function compileReadConnection(
  _query: AuthorizedReadConnection,
  _capabilities: Capabilities,
): CompiledRead {
  throw unserved('A connection');
}
