/** One read for many callers: the statement of one of them, run for each row of a list of their values. */
import type { AuthorizedQuery } from '../../query/query.ts';
import type { Parameter } from '../dialect.ts';
import type { Asked, Asking, CompiledPoll } from '../program.ts';
import { type Sql, sql } from '../sql.ts';
import { arrayLiteral } from './array.ts';
import { Aliases } from './condition.ts';
import { named, renderWith } from './notation.ts';
import { aggregateStatement, connectionStatement, readStatement } from './read.ts';

/** As `Dialect.compilePoll`. Pure. */
export function compilePoll(query: AuthorizedQuery): CompiledPoll | undefined {
  const aliases = new Aliases();
  switch (query.kind) {
    case 'read':
      if (query.form.stream !== undefined || query.count !== false || query.keys !== undefined)
        return undefined;
      return query.lastKey ? arrivals(readStatement(query, aliases)) : changes(readStatement(query, aliases));
    case 'readAggregate':
      return changes(aggregateStatement(query, aliases));
    case 'readConnection':
      return changes(connectionStatement(query, aliases));
    default:
      return undefined;
  }
}

/** Not md5: a caller who can make two texts of one hash could keep a change from being told. */
const hash = sql`encode(sha256(convert_to(told.body, 'UTF8')), 'base64')`;

function changes(statement: Sql): CompiledPoll {
  const lists = [sql`had`, ...valuesOf(statement)];
  return finishPoll(
    'changes',
    sql`SELECT live.n, told.body, ${hash} ${each(lists, statement)} AS told(body, rows) WHERE live.had IS DISTINCT FROM ${hash}`,
  );
}

function arrivals(statement: Sql): CompiledPoll {
  return finishPoll(
    'arrivals',
    sql`SELECT live.n, told.body, told.last ${each(valuesOf(statement), statement)} AS told(body, rows, last) WHERE told.rows > 0`,
  );
}

/** `OFFSET 0`: else the planner may put the body where the hash is made of it, and build it twice. */
function each(lists: readonly Sql[], statement: Sql): Sql {
  const parameters = lists.map((_, index) => sql`$${sql.integer(index + 1)}::text[]`);
  return sql`FROM unnest(${sql.join(parameters, sql`, `)}) WITH ORDINALITY AS live(${sql.join([...lists, sql`n`], sql`, `)}) CROSS JOIN LATERAL (${statement} OFFSET 0)`;
}

/** `p1`, `p2` … */
function valuesOf(statement: Sql): readonly Sql[] {
  return renderWith(statement, fromList).bindings.map((_, index) => sql`p${sql.integer(index + 1)}`);
}

/** The cast to the parameter's type, which stands behind it, reads the text as it would read a parameter. */
function fromList(index: number): string {
  return `live.p${index}`;
}

/** As `Dialect.ask`: one statement, whose parameters are lists with an item for each caller. */
export function ask(poll: CompiledPoll, asked: readonly Asked[]): readonly Asking[] {
  const lists = poll.bindings.map(
    (_, index): Parameter => asked.map(({ parameters }) => textOf(parameters[index]!)),
  );
  const had = poll.tells === 'changes' ? [asked.map((one) => one.had)] : [];
  return [{ statement: poll.statement, parameters: [...had, ...lists], first: 0 }];
}

/** A list among the values is an array literal. */
function textOf(value: Parameter): string | null {
  return typeof value === 'string' || value === null ? value : arrayLiteral(value);
}

function finishPoll(tells: CompiledPoll['tells'], statement: Sql): CompiledPoll {
  const { text, bindings } = renderWith(statement, fromList);
  return { tells, statement: named(text), bindings };
}
