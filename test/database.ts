/** A fresh database of a real server for one test, dropped when the test ends. */
import { randomBytes } from 'node:crypto';
import type { TestContext } from 'node:test';
import pg from 'pg';

export interface TestDatabase {
  readonly url: string;
  /** Runs SQL as the owner and gives rows as objects; several statements when there are no values. */
  readonly query: (text: string, values?: readonly unknown[]) => Promise<Record<string, unknown>[]>;
}

export async function createDatabase(t: TestContext, _engine: 'postgres'): Promise<TestDatabase> {
  const server = process.env.NOVASTACK_TEST_POSTGRES ?? 'postgres://postgres@127.0.0.1:5432/postgres';
  const name = `ns_test_${randomBytes(6).toString('hex')}`;
  await once(server, `CREATE DATABASE ${name}`);
  t.after(() => once(server, `DROP DATABASE ${name} WITH (FORCE)`));
  const url = new URL(server);
  url.pathname = `/${name}`;
  return { url: url.href, query: (text, values) => once(url.href, text, values) };
}

async function once(
  url: string,
  text: string,
  values?: readonly unknown[],
): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const result = await client.query(text, values as unknown[] | undefined);
    return Array.isArray(result) ? [] : result.rows;
  } finally {
    await client.end();
  }
}
