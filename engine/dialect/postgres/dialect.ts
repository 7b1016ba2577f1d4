/** PostgreSQL, and PGlite behind its socket, as a Dialect. */
import type { Table } from '../../api/api.ts';
import type { Condition } from '../../api/condition.ts';
import type { Bound } from '../../query/bind.ts';
import type { Called, Dialect, Parameter, Pool, Transaction } from '../dialect.ts';
import type { CompiledCall, CompiledStatement, CompiledWrite } from '../program.ts';
import { sql } from '../sql.ts';
import { claims } from './claims.ts';
import { compile } from './compiler.ts';
import { Aliases, compileCondition } from './condition.ts';
import { copies } from './copies.ts';
import { describe } from './effects.ts';
import { constraintOf, toProblem } from './errors.ts';
import { estimated } from './estimate.ts';
import { introspect } from './introspect.ts';
import { identities, remember } from './memory.ts';
import { finish } from './notation.ts';
import { ask, compilePoll } from './poll.ts';
import { openPool } from './pool.ts';
import { poll } from './queries.ts';
import { defaultSchemas } from './session.ts';

export const postgres: Dialect = Object.freeze({
  open: openPool,
  introspect,
  async poll(pool: Pool, schemas: readonly string[] | undefined): Promise<string> {
    const { rows } = await pool.run({ text: poll, name: 'novastack_poll' }, [schemas ?? defaultSchemas]);
    return rows[0]?.[0] ?? '';
  },
  toProblem,
  compile,
  condition,
  compilePoll,
  ask,
  call,
  write,
  estimated,
  claims,
  copies,
  remember,
  identities,
  describe,
  constraintOf,
});

/** One statement does it all. */
async function write(transaction: Transaction, { statement }: CompiledWrite, parameters: readonly Bound[]) {
  const { rows } = await transaction.run(statement, parameters as readonly Parameter[]);
  return rows[0];
}

/** And so it is called. */
async function call(
  transaction: Transaction,
  { statement, columns }: CompiledCall,
  parameters: readonly Bound[],
): Promise<Called> {
  const { rows } = await transaction.run(statement, parameters as readonly Parameter[]);
  return { columns, rows };
}

function condition(of: Condition, { relation }: Table): CompiledStatement {
  const alias = sql.identifier(relation.name);
  return finish(compileCondition(of, { alias, guards: new Map(), aliases: new Aliases() }));
}
