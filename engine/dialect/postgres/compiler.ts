/** Authorized queries → statements for PostgreSQL. */
import type { AuthorizedQuery } from '../../query/query.ts';
import type { Compiled } from '../program.ts';
import { compileCall } from './call.ts';
import { compileRead, compileReadAggregate, compileReadConnection } from './read.ts';
import { compileWrite } from './write.ts';

/** Pure. One kind of server: the text depends on the query's shape and the role's grant alone. */
export function compile(query: AuthorizedQuery): Compiled {
  switch (query.kind) {
    case 'read':
      return compileRead(query);
    case 'readAggregate':
      return compileReadAggregate(query);
    case 'readConnection':
      return compileReadConnection(query);
    case 'call':
      return compileCall(query);
    case 'insert':
    case 'update':
    case 'delete':
      return compileWrite(query);
    default:
      return query satisfies never;
  }
}
