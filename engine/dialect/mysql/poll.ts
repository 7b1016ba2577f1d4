/** One read for many callers: the statement of one of them stands in a statement once for each, with its own values. */
import type { Capabilities } from '../../catalog/catalog.ts';
import type { AuthorizedQuery } from '../../query/query.ts';
import type { Statement } from '../dialect.ts';
import type { Asked, Asking, CompiledPoll } from '../program.ts';
import { type Sql, sql } from '../sql.ts';
import { Aliases } from './condition.ts';
import { finish } from './notation.ts';
import { aggregateStatement, connectionStatement, readStatement } from './read.ts';

/** Callers of one statement, and characters of its text: no longer ones are kept prepared. */
const maxCallers = 64;
const maxText = 16 * 1024;
const maxParameters = 65_535;

interface Repeated extends CompiledPoll {
  readonly reader: Sql;
}

/** As `Dialect.compilePoll`. Pure. */
export function compilePoll(query: AuthorizedQuery, capabilities: Capabilities): CompiledPoll | undefined {
  switch (query.kind) {
    case 'read': {
      const { form, count, keys } = query;
      if (form.stream !== undefined || count !== false || keys !== undefined) return undefined;
      const reader = readStatement(query, new Aliases(capabilities, form));
      return repeated(query.lastKey ? 'arrivals' : 'changes', reader);
    }
    case 'readAggregate':
      return repeated('changes', aggregateStatement(query, new Aliases(capabilities)));
    case 'readConnection':
      return repeated('changes', connectionStatement(query, new Aliases(capabilities)));
    default:
      return undefined;
  }
}

function repeated(tells: CompiledPoll['tells'], reader: Sql): Repeated {
  return { tells, reader, ...finish(reader) };
}

/** As `Dialect.ask`. The numbers of callers are powers of two, so that there are few texts. */
export function ask(poll: CompiledPoll, asked: readonly Asked[]): readonly Asking[] {
  const most = mostOf(poll);
  const askings: Asking[] = [];
  for (let first = 0; first < asked.length; ) {
    const count = Math.min(most, powerBelow(asked.length - first));
    askings.push(askingOf(poll as Repeated, asked.slice(first, first + count), first));
    first += count;
  }
  return askings;
}

function mostOf({ statement, bindings }: CompiledPoll): number {
  const fitting = Math.min(
    maxText / statement.text.length,
    maxParameters / (bindings.length + 1),
    maxCallers,
  );
  return powerBelow(Math.max(1, fitting));
}

function powerBelow(count: number): number {
  return 2 ** Math.floor(Math.log2(count));
}

function askingOf(poll: Repeated, asked: readonly Asked[], first: number): Asking {
  const values = asked.flatMap(({ parameters }) => parameters);
  const had = poll.tells === 'changes' ? asked.map((one) => one.had) : [];
  return { statement: statementFor(poll, asked.length), parameters: [...values, ...had], first };
}

const statements = new WeakMap<CompiledPoll, Map<number, Statement>>();

function statementFor(poll: Repeated, callers: number): Statement {
  const known = statements.get(poll) ?? new Map<number, Statement>();
  statements.set(poll, known);
  const statement = known.get(callers) ?? write(poll, callers);
  known.set(callers, statement);
  return statement;
}

function write({ tells, reader }: Repeated, callers: number): Statement {
  const names = Array.from({ length: callers }, (_, index) => sql.identifier(`told${index + 1}`));
  const columns = tells === 'changes' ? sql`body, n` : sql`body, n, last`;
  // With a limit the body is built once, however often it is read.
  const tables = names.map((name) => sql`${name} (${columns}) AS (${reader} LIMIT 1)`);
  const rows = names.map((name, index) => rowOf(tells, name, sql.integer(index + 1)));
  return finish(sql`WITH ${sql.join(tables, sql`, `)} ${sql.join(rows, sql` UNION ALL `)}`).statement;
}

/** Not MD5: a caller who can make two texts of one hash could keep a change from being told. */
function rowOf(tells: CompiledPoll['tells'], name: Sql, number: Sql): Sql {
  if (tells === 'arrivals') return sql`SELECT ${number}, body, last FROM ${name} WHERE n > 0`;
  return sql`SELECT ${number}, body, SHA2(body, 256) FROM ${name} WHERE NOT (SHA2(body, 256) <=> ?)`;
}
