/** Writes → one statement: the change in a CTE, then checks, counts and representations over the rows it returned. */
import type { Column } from '../../api/api.ts';
import { columnsAsked } from '../../api/columns-asked.ts';
import type { SetValue } from '../../api/condition.ts';
import { bareType } from '../../api/operators.ts';
import { mayCollide, proposable } from '../../api/proposal.ts';
import { operandOfUpdate } from '../../api/update-operators.ts';
import { Problem } from '../../problem/problem.ts';
import type {
  AuthorizedDelete,
  AuthorizedInsert,
  AuthorizedReturning,
  AuthorizedUpdate,
  ColumnSets,
  Operators,
} from '../../query/query.ts';
import type { UpdateOperator } from '../../query/request.ts';
import type { CompiledWrite, Proposal } from '../program.ts';
import { type Sql, sql } from '../sql.ts';
import {
  aliasOf,
  checks,
  identities,
  inserted,
  isMerge,
  place,
  tellsInserted,
  verifiable,
  verify,
  type Write,
  written,
} from './check.ts';
import { Aliases, compileCondition, relationOf, rowOfTable, rowsOf, type Scope } from './condition.ts';
import { orderTerms, selectList } from './level.ts';
import { finish, typeName } from './notation.ts';
import { raisesByItself } from './raising.ts';
import { bodyOf, streamed } from './read.ts';
import type { LevelRows } from './select.ts';

const body: Sql = sql.identifier('body');
const setNumber: Sql = sql.identifier('s');
const noGuards: Scope['guards'] = new Map();

export function compileWrite(query: Write): CompiledWrite {
  const aliases = new Aliases();
  const verified = verifiable(query);
  const change = compileChange(query, aliases);
  const skips = skipped(query, aliases);
  const yielded = yieldedRows(query);
  const statement = sql`WITH ${change} SELECT ${sql.join(
    [
      countWritten(query),
      verified === undefined ? checks(query, aliases) : sql`true`,
      sql`(SELECT count(*) FROM ${visible(query.returning[0], aliases)})`,
      singleKey(query, aliases),
      tellsInserted(query) ? sql`(SELECT count(*) FROM ${written} WHERE ${inserted})` : sql`NULL`,
      verified === undefined ? sql`NULL` : identities(query, verified),
      ...query.returning.map((returning) => representation(query, returning, aliases)),
      ...(skips === undefined ? [] : [skips]),
      ...(yielded === undefined ? [] : [yielded]),
    ],
    sql`, `,
  )}`;
  return {
    kind: 'write',
    ...finish(statement),
    mustWrite: isMerge(query) ? 'all' : 'any',
    skips: skips !== undefined,
    yields: query.kind === 'insert' ? query.yields.map((columns) => columns.length) : [],
    links: query.kind === 'insert' ? query.links.map((columns) => columns.map(({ name }) => name)) : [],
    verify: verified && verify(query, verified),
    proposal: compileProposal(query, verified !== undefined),
    effects: [],
  };
}

/** Of an upsert, by the check of new rows, which all that are proposed must pass. */
function compileProposal(query: Write, isVerified: boolean): Proposal | undefined {
  if (query.kind === 'delete' || !mayCollide(query)) return undefined;
  const aliases = new Aliases();
  const check = proposable(query.check, query.table, (column) => isProposed(column, query));
  if (check.kind === 'true') return undefined;
  const columns = [...new Set(columnsAsked(check))];
  const proposed = aliasOf(aliases);
  const rows = query.kind === 'insert' ? proposedRows(query, columns) : changedRows(query, columns, aliases);
  const passes = sql`(${compileCondition(check, proposed)}) IS TRUE`;
  return {
    ...finish(sql`SELECT coalesce(bool_and(${passes}), true) FROM (${rows}) AS ${proposed.alias}`),
    first: isVerified || (query.kind === 'insert' && query.conflict?.action === 'ignore'),
  };
}

/** Whether the value is known in every row: a default is the database's to tell. */
function isProposed(column: Column, query: AuthorizedInsert | AuthorizedUpdate): boolean {
  if (query.kind === 'update' || query.set.has(column)) return true;
  return query.columns.includes(column) && (query.sets?.columns ?? []).every((set) => set.includes(column));
}

function proposedRows(query: AuthorizedInsert, columns: readonly Column[]): Sql {
  const values = insertedColumns(query);
  const list = columns.map((column) => sql`${values.get(column)!} AS ${sql.identifier(column.column)}`);
  return sql`SELECT ${sql.join(list.length === 0 ? [sql`1`] : list, sql`, `)} FROM ${bodyRows(bodyColumns(query), query.rows, false)}`;
}

/** The rows that an update reaches, as they would be. */
function changedRows(query: AuthorizedUpdate, columns: readonly Column[], aliases: Aliases): Sql {
  const scope = aliasOf(aliases);
  const { operators, set, row } = query;
  const valueFor = (column: Column) => {
    const value = set.get(column);
    if (value !== undefined) return preset(value);
    const index = query.columns.indexOf(column);
    if (index === -1) return sql`${scope.alias}.${sql.identifier(column.column)}`;
    return changed(column, operators.get(column), scope, sql`${body}.${sql.identifier(`c${index}`)}`);
  };
  const list = columns.map((column) => sql`${valueFor(column)} AS ${sql.identifier(column.column)}`);
  const given = bodyRows(query.columns, row, true, undefined, operators);
  return sql`SELECT ${sql.join(list.length === 0 ? [sql`1`] : list, sql`, `)} FROM ${relationOf(query.table)} AS ${scope.alias} CROSS JOIN ${given} WHERE ${reachOf(query, scope)}`;
}

/**
 * How many rows were written. The body of an update is read in any case: else a value that cannot be read would raise only
 * where the plan comes to a row, which may be a hidden one.
 */
function countWritten(query: Write): Sql {
  const count = sql`(SELECT count(*) FROM ${written})`;
  const reads = query.kind === 'update' && query.columns.length > 0;
  return reads ? sql`${count} + 0 * (SELECT count(*) FROM ${body})` : count;
}

/** Values of the written rows, as JSON, in the order in which they were written: that of the body. */
function yieldedRows(query: Write): Sql | undefined {
  if (query.kind !== 'insert' || query.yields.length === 0) return undefined;
  const values = query.yields.flat().map((column) => sql`${written}.${sql.identifier(column.column)}`);
  return sql`(SELECT coalesce(json_agg(json_build_array(${sql.join(values, sql`, `)})), '[]')::text FROM ${written})`;
}

/**
 * Existing rows that the permission would let be updated and the caller's own condition leaves as they are: they are why
 * fewer rows are written than were given. Seen as they were before the statement.
 */
function skipped(query: Write, aliases: Aliases): Sql | undefined {
  if (query.kind !== 'insert' || query.conflict?.action !== 'merge' || query.conflict.only === undefined)
    return undefined;
  const { where, only, target } = query.conflict;
  const given = insertedColumns(query);
  const values = target.map((column) => given.get(column));
  if (!values.every((value) => value !== undefined)) return sql`0`;
  const scope = aliasOf(aliases);
  const on = sql.join(
    target.map((column, index) => sql`${scope.alias}.${sql.identifier(column.column)} = ${values[index]!}`),
    sql` AND `,
  );
  const rows = bodyRows(bodyColumns(query), query.rows, false);
  const policy = compileCondition(where, scope);
  const kept = sql`coalesce(${compileCondition(only, scope)}, false)`;
  return sql`(SELECT count(*) FROM ${rows} JOIN ${relationOf(query.table)} AS ${scope.alias} ON ${on} WHERE ${policy} AND NOT ${kept})`;
}

/** What the body holds for an insert: the caller's columns, then those that relationships determine. */
function bodyColumns({ columns, links }: AuthorizedInsert): readonly Column[] {
  return [...columns, ...links.flat()];
}

/** What each inserted column is given. */
function insertedColumns(query: AuthorizedInsert, only?: readonly Column[]): ReadonlyMap<Column, Sql> {
  const all = bodyColumns(query);
  const given = only === undefined ? all : [...only, ...query.links.flat()];
  return new Map([
    ...given.map((column) => [column, sql`${body}.${sql.identifier(`c${all.indexOf(column)}`)}`] as const),
    ...[...query.set].map(([column, value]) => [column, preset(value)] as const),
  ]);
}

/** The written rows, as a CTE or as several. */
function compileChange(query: Write, aliases: Aliases): Sql {
  switch (query.kind) {
    case 'insert':
      return query.sets === undefined
        ? sql`${written} AS (${compileInsert(query, aliases)})`
        : compileSets(query, query.sets, aliases);
    case 'update': {
      const row =
        query.columns.length === 0
          ? sql.empty
          : sql`${body} AS MATERIALIZED (SELECT * FROM ${bodyRows(query.columns, query.row, true, undefined, query.operators)}), `;
      return sql`${row}${written} AS (${compileUpdate(query, aliases)})`;
    }
    case 'delete': {
      const scope = aliasOf(aliases);
      return sql`${written} AS (DELETE FROM ${relationOf(query.table)} AS ${scope.alias} WHERE ${reachOf(query, scope)} RETURNING ${scope.alias}.*)`;
    }
    default:
      return query satisfies never;
  }
}

/** An INSERT for each set of columns, since a row takes the defaults of columns that the INSERT does not name. */
function compileSets(query: AuthorizedInsert, sets: ColumnSets, aliases: Aliases): Sql {
  const parts = sets.columns.map((columns, index) => {
    const name = sql.identifier(`written${index}`);
    const set = { index, columns, of: sets.of };
    return { name, cte: sql`${name} AS (${compileInsert(query, aliases, set)})` };
  });
  const all = sql.join(
    parts.map(({ name }) => sql`SELECT * FROM ${name}`),
    sql` UNION ALL `,
  );
  return sql`${sql.join(
    parts.map(({ cte }) => cte),
    sql`, `,
  )}, ${written} AS (${all})`;
}

/** The rows that give these columns, when not all give the same. */
interface OneSet {
  readonly index: number;
  readonly columns: readonly Column[];
  readonly of: number;
}

function compileInsert(query: AuthorizedInsert, aliases: Aliases, set?: OneSet): Sql {
  const scope = aliasOf(aliases);
  const values = insertedColumns(query, set?.columns);
  const names = [...values.keys()].map((column) => sql.identifier(column.column));
  const into = names.length === 0 ? sql.empty : sql` (${sql.join(names, sql`, `)})`;
  const only = set === undefined ? sql.empty : sql` WHERE ${body}.${setNumber} = ${sql.integer(set.index)}`;
  const list = sql.join([...values.values()], sql`, `);
  const rows = sql`SELECT ${list} FROM ${bodyRows(bodyColumns(query), query.rows, false, set?.of)}${only}`;
  // Rows that others hang on must come back in the body's order.
  const targets = query.yields.length === 0 ? givenTargets(query) : [];
  const order =
    targets.length === 0
      ? sql.empty
      : sql` ORDER BY ${sql.join(
          targets.map(({ given }) => sql`${body}.${given}`),
          sql`, `,
        )}`;
  const conflict = compileConflict(query, scope, set?.columns ?? query.columns);
  return sql`INSERT INTO ${relationOf(query.table)} AS ${scope.alias}${into} ${rows}${order}${conflict} ${returningRows(query, scope)}`;
}

/**
 * The conflict target's columns as the body gives them; none when it does not give them all. An upsert takes its rows in
 * this order whatever the body's: two that lock the same rows in different orders would wait for each other.
 */
function givenTargets(query: Write): { readonly column: Sql; readonly given: Sql }[] {
  if (query.kind !== 'insert' || query.conflict === undefined) return [];
  const targets = query.conflict.target.map((column) => ({
    column: sql.identifier(column.column),
    given: sql.identifier(`c${query.columns.indexOf(column)}`),
    isGiven: query.columns.includes(column),
  }));
  return targets.every(({ isGiven }) => isGiven) ? targets : [];
}

/** Brings an upsert's rows back into the order in which the body has them. */
function inOrderOfBody(query: Write, scope: Scope): { readonly join: Sql; readonly order: Sql } {
  const targets = givenTargets(query);
  if (query.kind !== 'insert' || targets.length === 0) return { join: sql.empty, order: sql.empty };
  const position = sql.identifier('position');
  const numbered = scope.aliases.next();
  const found = scope.aliases.next();
  const keys = sql.join(
    targets.map(({ given }) => given),
    sql`, `,
  );
  const on = sql.join(
    targets.map(({ column, given }) => sql`${found}.${given} = ${scope.alias}.${column}`),
    sql` AND `,
  );
  const rows = sql`SELECT ${keys}, row_number() OVER () AS ${position} FROM ${bodyRows(bodyColumns(query), query.rows, false)}`;
  // A key that the body names twice counts once, where it first stands.
  const positions = sql`SELECT ${keys}, min(${position}) AS ${position} FROM (${rows}) AS ${numbered} GROUP BY ${keys}`;
  return {
    join: sql` LEFT JOIN (${positions}) AS ${found} ON ${on}`,
    order: sql` ORDER BY ${found}.${position}`,
  };
}

/** The rows as written, with what tells new ones from merged ones and finds a row without a key again. */
function returningRows(query: Write, { alias }: Scope): Sql {
  const flag = tellsInserted(query) ? sql`, (${alias}.xmax = 0) AS ${inserted}` : sql.empty;
  const where = verifiable(query)?.kind === 'ctid' ? sql`, ${alias}.ctid AS ${place}` : sql.empty;
  return sql`RETURNING ${alias}.*${flag}${where}`;
}

/** The body as rows: `c0`, `c1` … of the columns' own types, so that PostgreSQL reads each value as the column would. */
function bodyRows(
  columns: readonly Column[],
  slot: number,
  single: boolean,
  sets?: number,
  operators?: Operators,
): Sql {
  const rows = sql.parameter({
    kind: 'rows',
    slot,
    columns: columns.map((column) => column.name),
    single,
    ...(sets === undefined ? null : { sets }),
  });
  if (columns.length === 0 && sets === undefined) return sql`json_array_elements(${rows}::json) AS ${body}`;
  const list = columns.map(
    (column, index) => sql`${sql.identifier(`c${index}`)} ${typeOfGiven(column, operators?.get(column))}`,
  );
  if (sets !== undefined) list.push(sql`${setNumber} int4`);
  return sql`json_to_recordset(${rows}::json) AS ${body}(${sql.join(list, sql`, `)})`;
}

function typeOfGiven({ type }: Column, operator: UpdateOperator | undefined): Sql {
  if (operator === undefined) return typeName(type);
  const operand = operandOfUpdate(operator);
  // A domain's rules are for the sum, not for what is added.
  if (operand === undefined) return typeName(bareType(type));
  return operand.list ? sql`${typeName(operand.type)}[]` : typeName(operand.type);
}

function preset(value: SetValue): Sql {
  return sql`${sql.parameter({ kind: 'preset', value })}::${typeName(value.type)}`;
}

/**
 * An existing row takes the body only where update's `where` holds for it and insert's `check` holds for what was
 * proposed; a row that is passed over makes the count too small, and so the whole request fails.
 */
function compileConflict(query: AuthorizedInsert, scope: Scope, given: readonly Column[]): Sql {
  const { conflict } = query;
  if (conflict === undefined) return sql.empty;
  const target = sql.join(
    conflict.target.map((column) => sql.identifier(column.column)),
    sql`, `,
  );
  if (conflict.action === 'ignore') return sql` ON CONFLICT (${target}) DO NOTHING`;
  const excluded = sql.identifier('excluded');
  const presets = new Map(conflict.set);
  // Those that the caller names are taken over whether or not it gives them, and else have their defaults.
  const named = conflict.columns.filter((column) => !presets.has(column));
  const taken = conflict.named ? named : named.filter((column) => given.includes(column));
  const assignments = [
    ...taken.map(
      (column) => sql`${sql.identifier(column.column)} = ${excluded}.${sql.identifier(column.column)}`,
    ),
    ...[...presets].map(([column, value]) => sql`${sql.identifier(column.column)} = ${preset(value)}`),
  ];
  if (assignments.length === 0) {
    // Nothing to take over, yet the row must come back as one that was written.
    const first = sql.identifier(conflict.target[0]!.column);
    assignments.push(sql`${first} = ${excluded}.${first}`);
  }
  const proposed: Scope = { alias: excluded, guards: noGuards, aliases: scope.aliases };
  const conditions = [
    compileCondition(conflict.where, scope),
    compileCondition(query.check, proposed),
    ...(conflict.only === undefined ? [] : [compileCondition(conflict.only, scope)]),
  ];
  const where = sql.join(conditions, sql` AND `);
  return sql` ON CONFLICT (${target}) DO UPDATE SET ${sql.join(assignments, sql`, `)} WHERE ${where}`;
}

function compileUpdate(query: AuthorizedUpdate, aliases: Aliases): Sql {
  const scope = aliasOf(aliases);
  const assignments = [
    ...query.columns.map(
      (column, index) =>
        sql`${sql.identifier(column.column)} = ${changed(column, query.operators.get(column), scope, sql`${body}.${sql.identifier(`c${index}`)}`)}`,
    ),
    ...[...query.set].map(([column, value]) => sql`${sql.identifier(column.column)} = ${preset(value)}`),
  ];
  const where = reachOf(query, scope);
  const from = query.columns.length === 0 ? sql.empty : sql` FROM ${body}`;
  if (assignments.length === 0) {
    // A body with no column changes nothing, and still answers with the rows it reached: none, as PostgREST does.
    return sql`SELECT ${scope.alias}.* FROM ${relationOf(query.table)} AS ${scope.alias} WHERE false`;
  }
  return sql`UPDATE ${relationOf(query.table)} AS ${scope.alias} SET ${sql.join(assignments, sql`, `)}${from} WHERE ${where} ${returningRows(query, scope)}`;
}

/** The column's next value: the one given, or its own changed by that. */
function changed(column: Column, operator: UpdateOperator | undefined, { alias }: Scope, given: Sql): Sql {
  const own = sql`${alias}.${sql.identifier(column.column)}`;
  switch (operator) {
    case undefined:
      return given;
    case 'inc':
      return sql`${own} + ${given}`;
    case 'append':
      return sql`${own} || ${given}`;
    case 'prepend':
      return sql`${given} || ${own}`;
    case 'deleteKey':
    case 'deleteElem':
      return sql`${own} - ${given}`;
    case 'deleteAtPath':
      return sql`${own} #- ${given}`;
    default:
      return operator satisfies never;
  }
}

/**
 * Which rows a write is for. Of a view, those found behind a fence where the caller's condition can raise (`rowsOf`). What the
 * project calls a key may be none, and then rows that the policy hides have the keys of rows that it shows: so it is asked
 * of each itself.
 */
function reachOf({ table, where }: AuthorizedUpdate | AuthorizedDelete, scope: Scope): Sql {
  if (table.relation.kind !== 'view' || !raisesByItself(where)) return compileCondition(where, scope);
  if (table.key.length === 0)
    throw new Problem('0A000', {
      message: `rows of ${table.rest} can not be written by such a filter`,
      hint: 'Filter by plain columns, or let the project say which columns are its key.',
    });
  const alias = scope.aliases.next();
  const { from, behind } = rowsOf(table, where, alias, scope.aliases);
  const found: Scope = { ...scope, alias, ...behind };
  const keysOf = (at: Sql) =>
    sql.join(
      table.key.map((column) => sql`${at}.${sql.identifier(column.column)}`),
      sql`, `,
    );
  const reached = sql`(${keysOf(scope.alias)}) IN (SELECT ${keysOf(alias)} FROM ${from} WHERE ${compileCondition(where, found)})`;
  return where.kind === 'fenced' ? sql`${compileCondition(where.policy, scope)} AND ${reached}` : reached;
}

/** The written rows that the caller may read. */
function visible(returning: AuthorizedReturning | undefined, aliases: Aliases): Sql {
  if (returning === undefined) return written;
  const scope = aliasOf(aliases);
  return sql`${written} AS ${scope.alias} WHERE ${compileCondition(returning.where, scope)}`;
}

/** Key values of the only row, as a list of text, when the caller may read that row. */
function singleKey(query: Write, aliases: Aliases): Sql {
  if (query.kind !== 'insert' || query.key === undefined) return sql`NULL`;
  const scope = aliasOf(aliases);
  const parts = sql.join(
    query.key.columns.map((column) => sql`${scope.alias}.${sql.identifier(column.column)}::text`),
    sql`, `,
  );
  const where = compileCondition(query.key.where, scope);
  const only = sql`(SELECT count(*) FROM ${written}) = 1`;
  return sql`(SELECT json_build_array(${parts})::text FROM ${written} AS ${scope.alias} WHERE ${only} AND ${where})`;
}

function representation(query: Write, returning: AuthorizedReturning, aliases: Aliases): Sql {
  const from = aliases.next();
  const scope: Scope = { alias: from, row: rowOfTable(query.table, from), guards: returning.guards, aliases };
  const { list, joins, ...rows } = selectList(returning.fields, scope, {
    single: query.form.stream === 'csv',
  });
  const where = compileCondition(returning.where, { ...scope, guards: noGuards });
  const asGiven = inOrderOfBody(query, scope);
  const order =
    returning.order.length === 0 ? asGiven.order : sql` ORDER BY ${orderTerms(returning.order, scope)}`;
  const alias = aliases.next();
  const json = writtenBody(rows, alias, query);
  return sql`(SELECT ${json} FROM (SELECT ${list} FROM ${written} AS ${scope.alias}${asGiven.join}${joins} WHERE ${where}${order}) AS ${alias})`;
}

/** All rows in the form asked for; of CSV a list of lists, the first of which has the names. */
function writtenBody(
  rows: Omit<LevelRows, 'select'>,
  alias: Sql,
  { shape, form }: Pick<Write, 'shape' | 'form'>,
): Sql {
  switch (form.stream) {
    case undefined:
      return bodyOf(rows.asJson(alias), alias, shape, form);
    case 'ndjson':
      return sql`coalesce(string_agg(${streamed(rows, alias, form)[0]!} || E'\\n', ''), '')`;
    case 'csv': {
      const names = sql.literal(JSON.stringify(rows.outputs.map(({ as }) => as)));
      const texts = sql.join(streamed(rows, alias, form), sql`, `);
      return sql`'[' || ${names} || coalesce(',' || string_agg(json_build_array(${texts})::text, ','), '') || ']'`;
    }
    default:
      return form.stream satisfies never;
  }
}
