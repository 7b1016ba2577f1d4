/** The catalog of a MySQL or MariaDB server, in a fixed number of queries. */
import type { Catalog } from '../../catalog/catalog.ts';
import type { Pool } from '../dialect.ts';
import { unserved } from './unserved.ts';

export async function introspect(_pool: Pool, _schemas: readonly string[] | undefined): Promise<Catalog> {
  throw unserved('Introspection');
}

export async function poll(_pool: Pool, _schemas: readonly string[] | undefined): Promise<string> {
  throw unserved('Looking for DDL');
}
