/** Conditions → SQL, under three-valued logic. */

import type { Column, Edge, Table } from '../../api/api.ts';
import type { Condition, Guards, JsonPath, LinkGuards, Value } from '../../api/condition.ts';
import { bareType } from '../../api/operators.ts';
import type { Routine } from '../../catalog/catalog.ts';
import { type Sql, sql } from '../sql.ts';
import { type Comparison, claimsOf } from '../walk.ts';
import { callOf, countOf, ofRows } from './aggregate.ts';
import { columnOperators, compare, compileComparison } from './comparison.ts';
import { typed, typeName } from './notation.ts';
import { canRaise, edgeMayRaise, raisesByItself } from './raising.ts';

/** Hands out the aliases of one statement: `t0`, `t1` … */
export class Aliases {
  #next = 0;
  next(): Sql {
    return sql.identifier(`t${this.#next++}`);
  }
}

/** Where columns are read from, and through which guards. */
export interface Scope {
  readonly alias: Sql;
  /** The whole row as its table's type, for functions of it; undefined: `alias.*` is one. */
  readonly row?: Sql;
  readonly guards: Guards;
  readonly aliases: Aliases;
  /** The rows come from where others are hidden, and nothing but `compileFenced` keeps the planner from asking of those. */
  readonly fenced?: boolean;
  /** Inside an odd number of `not`: there, "no such row" for want of a claim would open what unknown keeps closed. */
  readonly negated?: boolean;
}

const noGuards: Guards = new Map();

export function relationOf(table: Table): Sql {
  return sql.qualified(table.relation.schema, table.relation.name);
}

/** The column, or null where the caller may not read this cell. */
export function readColumn(column: Column, scope: Scope): Sql {
  if (column.routine !== undefined) return callOnRow(column.routine, scope);
  const plain = sql`${scope.alias}.${sql.identifier(column.column)}`;
  const guard = scope.guards.get(column);
  if (guard === undefined) return plain;
  return sql`CASE WHEN ${compileCondition(guard, { ...scope, guards: noGuards, negated: false })} THEN ${plain} END`;
}

/** A row that has lost its table's type, such as one of a CTE, with that type again: functions of the row need it. */
export function rowOfTable({ relation }: Table, alias: Sql): Sql {
  const columns = [...relation.columns.keys()].map((name) => sql`${alias}.${sql.identifier(name)}`);
  return sql`ROW(${sql.join(columns, sql`, `)})::${sql.qualified(relation.schema, relation.name)}`;
}

/** A function of the row: a computed field's value, or a computed relationship's rows. */
function callOnRow(routine: Routine, scope: Scope): Sql {
  return sql`${sql.qualified(routine.schema, routine.name)}(${scope.row ?? sql`${scope.alias}.*`})`;
}

/** A value within a column's JSON. What is no JSON is read as the JSON that it is written as. */
export function readPath(value: Sql, column: Column, path: JsonPath): Sql {
  const isJson = bareType(column.type).family === 'json';
  const from = isJson
    ? column.type.base === undefined
      ? value
      : sql`(${value})::jsonb`
    : sql`to_jsonb(${value})`;
  const last = path.steps.length - 1;
  const steps = path.steps.map((step, index) => {
    const arrow = index === last && path.text ? sql` ->> ` : sql` -> `;
    return sql`${arrow}${typeof step === 'number' ? sql.integer(step) : sql.literal(step)}`;
  });
  const found = sql`(${from}${sql.join(steps, sql.empty)})`;
  // The json type has no equality; jsonb has it, and is what such a value is compared with.
  return path.text || !bareType(column.type).verbatim ? found : sql`${found}::jsonb`;
}

/** What a comparison is of: a column, or a place in its JSON, perhaps as another type. */
function readOperand({ column, path, cast }: Comparison, scope: Scope): Sql {
  const read = readColumn(column, scope);
  const value = path === undefined ? read : readPath(read, column, path);
  return cast === undefined ? value : sql`(${value})::${typeName(cast)}`;
}

export function compileCondition(condition: Condition, scope: Scope): Sql {
  switch (condition.kind) {
    case 'true':
      return sql`true`;
    case 'false':
      return sql`false`;
    case 'and':
      return sql`(${sql.join(
        condition.of.map((part) => compileCondition(part, scope)),
        sql` AND `,
        sql`true`,
      )})`;
    case 'or':
      return sql`(${sql.join(
        condition.of.map((part) => compileCondition(part, scope)),
        sql` OR `,
        sql`false`,
      )})`;
    case 'not':
      return sql`(NOT ${compileCondition(condition.of, { ...scope, negated: !scope.negated })})`;
    case 'compare':
      return compileComparison(condition, readOperand(condition, scope));
    case 'compareColumns':
      return sql`${readColumn(condition.column, scope)} ${columnOperators[condition.operator]} ${readColumn(condition.other, scope)}`;
    case 'related':
      return compileRelated(condition, scope);
    case 'aggregate':
      return compileAggregate(condition, scope);
    case 'exists': {
      const far: Scope = { alias: scope.aliases.next(), aliases: scope.aliases, guards: noGuards };
      const where = compileCondition(condition.where, far);
      return someRow(
        sql`${relationOf(condition.table)} AS ${far.alias} WHERE ${where}`,
        condition.where,
        scope,
      );
    }
    case 'guarded':
      return compileCondition(condition.of, { ...scope, guards: condition.guards });
    case 'fenced':
      return compileFenced(condition.policy, condition.of, scope);
    default:
      return condition satisfies never;
  }
}

/**
 * The policy, and what a caller asks. What can raise on data stands behind a CASE, which alone fixes the order of
 * evaluation: else PostgreSQL may run the caller's part first, and its error would tell of rows that the policy hides.
 * The rest stays outside, where an index can serve it.
 *
 * While it plans, PostgreSQL runs an operator on values that it keeps as statistics, through views and functions too. It
 * does not look into a CASE, as long as it cannot decide that: so of hidden rows the CASE asks for the time as well.
 */
function compileFenced(policy: Condition, of: Condition, scope: Scope): Sql {
  const parts = conjuncts(of);
  const safe = parts.filter((part) => !canRaise(part));
  const raising = parts.filter(canRaise);
  const conditions = [policy, ...safe]
    .filter((part) => part.kind !== 'true')
    .map((part) => compileCondition(part, scope));
  if (raising.length > 0) {
    const caller = raising.map((part) => compileCondition(part, scope));
    const first = scope.fenced ? [sql`now() IS NOT NULL`] : [];
    // The guards of a `guarded` part are conditions of the policy's kind, so they need no fence of their own.
    if (policy.kind !== 'true')
      first.push(compileCondition(policy, { ...scope, guards: noGuards, negated: false }));
    conditions.push(
      ...(first.length === 0
        ? caller
        : [
            sql`CASE WHEN ${sql.join(first, sql` AND `)} THEN ${sql.join(caller, sql` AND `)} ELSE false END`,
          ]),
    );
  }
  return conditions.length === 1 ? conditions[0]! : sql`(${sql.join(conditions, sql` AND `, sql`true`)})`;
}

/** `guarded(a AND b)` → `guarded(a)`, `guarded(b)`. */
function conjuncts(condition: Condition): Condition[] {
  if (condition.kind === 'and') return condition.of.flatMap(conjuncts);
  if (condition.kind !== 'guarded') return [condition];
  return conjuncts(condition.of).map((of) => ({ kind: 'guarded', guards: condition.guards, of }));
}

/**
 * What the rows of a table are read from. A view has conditions of its own, and PostgreSQL may run a caller's before them:
 * where that can raise, its error would tell of rows that the view hides, so the view's rows come first: those that the
 * policy shows, since each of them has its computed columns worked out there. Such columns alone do not count as raising
 * here: that would cost every view its indexes.
 */
export function rowsOf(
  table: Table,
  where: Condition,
  alias: Sql,
  aliases: Aliases,
): { readonly from: Sql; readonly behind: BehindFence } {
  const plain = sql`${relationOf(table)} AS ${alias}`;
  if (table.relation.kind !== 'view' || !raisesByItself(where)) return { from: plain, behind: {} };
  return { from: fencedRows(shownBy(where, table, aliases), alias), behind: behindFence(table, alias) };
}

/** The table's rows, or those alone that the policy of a caller's condition shows. */
function shownBy(where: Condition, table: Table, aliases: Aliases): Sql {
  if (where.kind !== 'fenced' || where.policy.kind === 'true') return relationOf(table);
  const inner = aliases.next();
  const policy = compileCondition(where.policy, { alias: inner, guards: noGuards, aliases });
  return sql`${relationOf(table)} AS ${inner} WHERE ${policy}`;
}

/** What the scope of rows behind a fence says more. They have lost their table's type, which functions of the row need. */
export type BehindFence = Pick<Scope, 'row' | 'fenced'>;

function behindFence(table: Table, alias: Sql): BehindFence {
  return { row: rowOfTable(table, alias), fenced: true };
}

/** Rows that are there before anything is asked of them: OFFSET keeps conditions from moving in. */
function fencedRows(rows: Sql, alias: Sql): Sql {
  return sql`(SELECT * FROM ${rows} OFFSET 0) AS ${alias}`;
}

/** As `rowsOf` says, of the far rows of an edge. */
export function farBehindFence({ to, routine }: Edge, where: Condition, alias: Sql): BehindFence {
  const isFenced = (routine !== undefined || to.relation.kind === 'view') && raisesByItself(where);
  return isFenced ? behindFence(to, alias) : {};
}

/**
 * FROM and WHERE that lead from the row of `scope` to the far rows of an edge, read as `far`, where a condition holds.
 * A linking column that a view computes may raise, and so may its type's equality: such a link stands behind the far
 * policy, as a caller's filter does.
 */
export function joinFar(
  link: { readonly edge: Edge; readonly junction?: Condition; readonly guards?: LinkGuards },
  where: Condition,
  scope: Scope,
  far: Scope,
): { readonly from: Sql; readonly where: Sql } {
  const { routine } = link.edge;
  const unguarded: Scope = { ...far, ...farBehindFence(link.edge, where, far.alias), guards: noGuards };
  const condition = compileCondition(where, unguarded);
  if (routine !== undefined) {
    // A function that gives no row at all for one that is not there gives one of nulls.
    const there = sql`NOT (${far.alias} IS NULL)`;
    const rows = callOnRow(routine, scope);
    const from = raisesByItself(where) ? fencedRows(rows, far.alias) : sql`${rows} AS ${far.alias}`;
    return { from, where: sql`${there} AND ${condition}` };
  }
  const { from } = rowsOf(link.edge.to, where, far.alias, far.aliases);
  const on = linked(link, scope, far);
  if (where.kind !== 'fenced' || where.policy.kind === 'true' || !edgeMayRaise(link.edge)) {
    return { from, where: sql`${on} AND ${condition}` };
  }
  const policy = compileCondition(where.policy, unguarded);
  return { from, where: sql`${condition} AND CASE WHEN ${policy} THEN ${on} ELSE false END` };
}

function linked(link: Parameters<typeof joinFar>[0], scope: Scope, far: Scope): Sql {
  const { edge, guards } = link;
  const near: Scope = { ...scope, guards: guards?.near ?? noGuards };
  const other: Scope = { ...far, guards: guards?.far ?? noGuards };
  if (edge.through === undefined) return equalPairs(edge.pairs, near, other);
  const between: Scope = {
    alias: scope.aliases.next(),
    aliases: scope.aliases,
    guards: guards?.junction ?? noGuards,
  };
  const junction = link.junction === undefined || link.junction.kind === 'true' ? [] : [link.junction];
  const on = sql.join(
    [
      equalPairs(edge.through.near, near, between),
      equalPairs(edge.through.far, between, other),
      ...junction.map((part) => compileCondition(part, { ...between, guards: noGuards })),
    ],
    sql` AND `,
  );
  // A semi-join: a junction that names a pair twice gives the far row once.
  return sql`EXISTS (SELECT 1 FROM ${relationOf(edge.through.table)} AS ${between.alias} WHERE ${on})`;
}

function equalPairs(pairs: Edge['pairs'], near: Scope, far: Scope): Sql {
  return sql.join(
    pairs.map((pair) => sql`${readColumn(pair.far, far)} = ${readColumn(pair.near, near)}`),
    sql` AND `,
  );
}

function compileRelated(condition: Extract<Condition, { kind: 'related' }>, scope: Scope): Sql {
  const far: Scope = { alias: scope.aliases.next(), aliases: scope.aliases, guards: noGuards };
  const { from, where } = joinFar(condition, condition.where, scope, far);
  return someRow(sql`${from} WHERE ${where}`, condition.where, scope);
}

/**
 * Whether there is such a row. EXISTS is false where a comparison with a missing claim is unknown, and under `not` that
 * would be true for every row: there it is unknown unless some row is found all the same.
 */
function someRow(rows: Sql, where: Condition, scope: Scope): Sql {
  const exists = sql`EXISTS (SELECT 1 FROM ${rows})`;
  const claims = scope.negated ? claimsOf(where) : [];
  return claims.length === 0 ? exists : sql`(${exists} OR (${anyMissing(claims)} AND NULL::boolean))`;
}

function anyMissing(claims: readonly Value[]): Sql {
  return sql`(${sql.join(
    claims.map((claim) => sql`${typed(claim)} IS NULL`),
    sql` OR `,
  )})`;
}

function compileAggregate(condition: Extract<Condition, { kind: 'aggregate' }>, scope: Scope): Sql {
  const far: Scope = { alias: scope.aliases.next(), aliases: scope.aliases, guards: noGuards };
  const { from, where } = joinFar(condition, condition.where, scope, far);
  const cells: Scope = { ...far, guards: condition.cells ?? noGuards };
  const { function: name, distinct } = condition;
  const columns = condition.columns.map((column) => readColumn(column, cells));
  const call = name === 'count' ? countOf(columns, distinct) : callOf(name, columns[0], distinct);
  const result = sql`(SELECT ${call} FROM ${from} WHERE ${where}${ofRows(condition.minGroup ?? 1)})`;
  const holds = sql`(${sql.join(
    condition.compare.map((one) => compare(result, one.operator, one.value)),
    sql` AND `,
    sql`true`,
  )})`;
  // Rows that are not counted for want of a claim may make a count small enough: then it is unknown.
  const claims = claimsOf(condition.where);
  return claims.length === 0 ? holds : sql`CASE WHEN NOT ${anyMissing(claims)} THEN ${holds} END`;
}
