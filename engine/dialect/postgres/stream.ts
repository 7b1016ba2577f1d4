/** Runs a statement of very many rows on a lent connection, in one transaction that only reads. */
import type { Parameter, Statement, StreamOptions } from '../dialect.ts';
import type { Flow } from '../flow.ts';
import type { Connection } from './connection.ts';
import type { RowBatch } from './row-batch.ts';

const begin = 'BEGIN READ ONLY';
/**
 * The server counts the time in which it waits for a slow reader as the statement's. Ours counts the waiting for the
 * server alone, and asks it to end what takes too long (`connections.ts`).
 */
const noTimeout = 'SET LOCAL statement_timeout = 0';

export interface StreamedStatement {
  readonly statement: Statement;
  readonly parameters: readonly Parameter[];
  readonly before: NonNullable<StreamOptions['before']>;
  /** True where nobody can ask the server to end a statement: then its own timeout stays. */
  readonly keepsTimeout: boolean;
}

/** Settles when the server is ready again. The reader may then still have the last rows. */
export async function streamOn(
  connection: Connection,
  { statement, parameters, before, keepsTimeout }: StreamedStatement,
  flow: Flow<RowBatch>,
): Promise<void> {
  let first = [begin];
  for (const earlier of before) {
    flow.check();
    const opening = first.map((text) => ({ statement: { text, name: undefined }, parameters: [] }));
    await connection.run(earlier.statement, earlier.parameters, opening);
    first = [];
  }
  flow.check();
  // Under no name: beside so many rows the planning is nothing, and a plan that is not kept is never stale.
  const command = { text: statement.text, first: keepsTimeout ? first : [...first, noTimeout] };
  // COMMIT goes along: a server that has sent all is not left in a transaction while the reader takes the rest.
  await connection.stream({ ...command, last: ['COMMIT'] }, parameters, flow);
}
