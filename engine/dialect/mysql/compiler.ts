/** Authorized queries → statements for MySQL and MariaDB. */
import type { Capabilities } from '../../catalog/catalog.ts';
import type { AuthorizedQuery } from '../../query/query.ts';
import type { Compiled } from '../program.ts';
import { compileCall } from './call.ts';
import { compileRead, compileReadAggregate, compileReadConnection } from './read.ts';
import { compileWrite } from './write.ts';

/** Pure: the text depends on the query's shape, the role's grant and what the server can do alone. */
export function compile(query: AuthorizedQuery, capabilities: Capabilities): Compiled {
  switch (query.kind) {
    case 'read':
      return compileRead(query, capabilities);
    case 'readAggregate':
      return compileReadAggregate(query, capabilities);
    case 'readConnection':
      return compileReadConnection(query, capabilities);
    case 'call':
      return compileCall(query, capabilities);
    case 'insert':
    case 'update':
    case 'delete':
      return compileWrite(query, capabilities);
    default:
      return query satisfies never;
  }
}
