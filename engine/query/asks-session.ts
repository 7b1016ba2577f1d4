/** Whether a read depends on settings of the session, such as the caller's claims: then they are set before it runs. */
import type { AuthorizedQuery } from './query.ts';
import { visitQuery } from './visit.ts';

/** True for what may ask; plain tables never do. Pure. */
export function asksSession(query: AuthorizedQuery): boolean {
  // Others run in a transaction with the settings whatever they touch.
  if (query.kind !== 'read' && query.kind !== 'readAggregate' && query.kind !== 'readConnection') return true;
  let asks = false;
  visitQuery(query, {
    table: ({ relation }) => {
      asks ||= relation.asksSession;
    },
    routine: ({ volatility }) => {
      asks ||= volatility !== 'immutable';
    },
    column: () => {},
    edge: () => {},
  });
  return asks;
}
