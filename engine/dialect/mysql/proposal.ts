/** Whether rows pass their check as they are proposed, before the server says what other rows stand in their way. */
import type { Column } from '../../api/api.ts';
import { columnsAsked } from '../../api/columns-asked.ts';
import type { SetValue } from '../../api/condition.ts';
import { mayCollide, proposable } from '../../api/proposal.ts';
import type { Capabilities } from '../../catalog/catalog.ts';
import type { AuthorizedInsert, AuthorizedUpdate } from '../../query/query.ts';
import type { Proposal } from '../program.ts';
import { type Sql, sql } from '../sql.ts';
import { aliasOf, type Write } from './check.ts';
import { Aliases, compileCondition, relationOf } from './condition.ts';
import { isAlwaysGiven } from './given.ts';
import { handed, handedText } from './keys.ts';
import { finish } from './notation.ts';
import { reachOf } from './reach.ts';
import { proposedValue } from './stored.ts';
import { momentText } from './typed.ts';
import { increased, typeOfGiven } from './update.ts';

/** Of an upsert, by the check of new rows, which all that are proposed must pass. */
export function compileProposal(query: Write, capabilities: Capabilities): Proposal | undefined {
  if (query.kind === 'delete' || !mayCollide(query)) return undefined;
  const aliases = new Aliases(capabilities);
  const check = proposable(query.check, query.table, (column) => isProposed(column, query));
  if (check.kind === 'true') return undefined;
  const columns = [...new Set(columnsAsked(check))];
  const proposed = aliasOf(aliases);
  const rows = query.kind === 'insert' ? proposedRows(query, columns) : changedRows(query, columns, aliases);
  const passes = sql`(${compileCondition(check, proposed)}) IS TRUE`;
  const statement = finish(
    sql`SELECT CASE WHEN COALESCE(MIN(${passes}), 1) = 1 THEN 't' ELSE 'f' END FROM (${rows}) AS ${proposed.alias}`,
  );
  return { ...statement, first: true };
}

/** Whether the value is known in every row: a default is the server's to tell, and what changes JSON runs elsewhere. */
function isProposed(column: Column, query: AuthorizedInsert | AuthorizedUpdate): boolean {
  if (query.set.has(column)) return true;
  if (query.kind === 'insert') return !query.links.flat().includes(column) && isAlwaysGiven(column, query);
  return [undefined, 'inc'].includes(query.operators.get(column));
}

const hand: Sql = sql.identifier('hand');

function proposedRows(query: AuthorizedInsert, columns: readonly Column[]): Sql {
  const given = query.columns.filter((column) => columns.includes(column));
  const list = columns.map((column) => {
    const value = query.set.get(column);
    if (value !== undefined) return preset(value, column);
    return proposedValue(textOf(column, given), column);
  });
  const texts = sql.parameter({
    kind: 'texts',
    slot: query.rows,
    columns: given.map(({ name, type }) => ({ name, type })),
    single: false,
  });
  return sql`SELECT ${named(list, columns)} FROM ${handed(given.length, hand, texts)}`;
}

/** The rows that an update reaches, as they would be. */
function changedRows(query: AuthorizedUpdate, columns: readonly Column[], aliases: Aliases): Sql {
  const { table, operators, set, row } = query;
  const scope = aliasOf(aliases);
  const given = query.columns.filter((column) => columns.includes(column));
  const list = columns.map((column) => {
    const value = set.get(column);
    if (value !== undefined) return preset(value, column);
    const own = sql`${scope.alias}.${sql.identifier(column.column)}`;
    if (!given.includes(column)) return own;
    const text = textOf(column, given);
    return operators.has(column) ? increased(own, text, column.type) : proposedValue(text, column);
  });
  const typed = given.map((column) => ({
    name: column.name,
    type: typeOfGiven(column.type, operators.get(column)),
  }));
  const texts = sql.parameter({ kind: 'texts', slot: row, columns: typed, single: true });
  return sql`SELECT ${named(list, columns)} FROM ${relationOf(table)} AS ${scope.alias} CROSS JOIN ${handed(given.length, hand, texts)} WHERE ${reachOf(table, query.where, scope)}`;
}

function textOf(column: Column, given: readonly Column[]): Sql {
  return sql`${hand}.${handedText(given.indexOf(column))}`;
}

function named(values: readonly Sql[], columns: readonly Column[]): Sql {
  if (values.length === 0) return sql`1`;
  return sql.join(
    values.map((value, index) => sql`${value} AS ${sql.identifier(columns[index]!.column)}`),
    sql`, `,
  );
}

function preset(value: SetValue, column: Column): Sql {
  const text = sql.parameter({ kind: 'preset', value });
  return proposedValue(value.kind === 'now' ? momentText(text, value.type) : text, column);
}
