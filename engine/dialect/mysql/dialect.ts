/** MySQL and MariaDB as a Dialect: told apart by what the catalog says they can do. */
import type { Table } from '../../api/api.ts';
import type { Condition } from '../../api/condition.ts';
import type { Capabilities } from '../../catalog/catalog.ts';
import type { Dialect } from '../dialect.ts';
import type { CompiledStatement } from '../program.ts';
import { sql } from '../sql.ts';
import { call } from './call.ts';
import { claims } from './claims.ts';
import { compile } from './compiler.ts';
import { Aliases, compileCondition } from './condition.ts';
import { constraintOf } from './constraint.ts';
import { copies } from './copies.ts';
import { describe } from './effects.ts';
import { toProblem } from './errors.ts';
import { estimated } from './estimate.ts';
import { introspect, poll } from './introspect.ts';
import { remember } from './memory.ts';
import { finish } from './notation.ts';
import { ask, compilePoll } from './poll.ts';
import { openPool } from './pool.ts';
import { write } from './write.ts';

export const mysql: Dialect = Object.freeze({
  open: openPool,
  introspect,
  poll,
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
  // A number that the database gives is a default here, which a value takes the place of.
  identities: () => [],
  describe,
  constraintOf,
});

function condition(of: Condition, { relation }: Table, capabilities: Capabilities): CompiledStatement {
  const alias = sql.identifier(relation.name);
  return finish(compileCondition(of, { alias, guards: new Map(), aliases: new Aliases(capabilities) }));
}
