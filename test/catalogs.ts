/** The catalog of a test's database, as the engine introspects it. */
import type { Catalog } from '../engine/catalog/catalog.ts';
import { dialectFor } from '../engine/dialect/dialects.ts';
import type { TestDatabase } from './database.ts';
import { readProject } from './project.ts';

export async function catalogOf({ url, server: { engine } }: TestDatabase): Promise<Catalog> {
  const config = [...readProject({ sql: '', yaml: '', engine }).databases.values()][0]!;
  const dialect = dialectFor(config.engine);
  const pool = dialect.open({ config, url });
  try {
    return await dialect.introspect(pool, config.schemas);
  } finally {
    await pool.close();
  }
}
