/** MySQL and MariaDB as a Dialect: told apart by what the catalog says they can do. */
import type { Dialect } from '../dialect.ts';
import { call } from './call.ts';
import { claims } from './claims.ts';
import { compile } from './compiler.ts';
import { constraintOf } from './constraint.ts';
import { copies } from './copies.ts';
import { toProblem } from './errors.ts';
import { estimated } from './estimate.ts';
import { introspect, poll } from './introspect.ts';
import { remember } from './memory.ts';
import { ask, compilePoll } from './poll.ts';
import { openPool } from './pool.ts';
import { write } from './write.ts';

export const mysql: Dialect = Object.freeze({
  open: openPool,
  introspect,
  poll,
  toProblem,
  compile,
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
  constraintOf,
});
