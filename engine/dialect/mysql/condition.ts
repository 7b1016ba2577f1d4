/** Conditions → SQL, under three-valued logic. */
import type { Column, Edge, Table } from '../../api/api.ts';
import type { Condition, Guards, JsonPath, LinkGuards, Value } from '../../api/condition.ts';
import { bareType } from '../../api/operators.ts';
import type { Capabilities, Type } from '../../catalog/catalog.ts';
import type { Form } from '../../query/query.ts';
import { type Sql, sql } from '../sql.ts';
import { type Comparison, claimsOf } from '../walk.ts';
import { callOf, countOf, ofRows } from './aggregate.ts';
import { castOf } from './cast.ts';
import { compare, compareColumns, compileComparison } from './comparison.ts';
import { jsonOf, jsonType, textType } from './json.ts';
import { placeIn } from './json-path.ts';
import { canRaise, edgeMayRaise, raisesByItself } from './raising.ts';

/** Hands out the aliases of one statement, `t0`, `t1` …, and knows what holds for the whole of it. */
export class Aliases {
  readonly capabilities: Capabilities;
  /** Objects leave out what is null. */
  readonly stripNulls: boolean;
  #next = 0;

  constructor(capabilities: Capabilities, { stripNulls }: Pick<Form, 'stripNulls'> = { stripNulls: false }) {
    this.capabilities = capabilities;
    this.stripNulls = stripNulls;
  }

  next(): Sql {
    return sql.identifier(`t${this.#next++}`);
  }
}

/** Where columns are read from, and through which guards. */
export interface Scope {
  readonly alias: Sql;
  readonly guards: Guards;
  readonly aliases: Aliases;
  /** Inside an odd number of `not`: there, "no such row" for want of a claim would open what unknown keeps closed. */
  readonly negated?: boolean;
  /** A caller's condition, whose text is compared as the column's collation says. Else, in a policy, it is byte for byte. */
  readonly asked?: boolean;
}

const noGuards: Guards = new Map();

export function relationOf(table: Table): Sql {
  return sql.qualified(table.relation.schema, table.relation.name);
}

/** The column, or null where the caller may not read this cell. */
export function readColumn(column: Column, scope: Scope): Sql {
  const plain = sql`${scope.alias}.${sql.identifier(column.column)}`;
  const guard = scope.guards.get(column);
  if (guard === undefined) return plain;
  const inner: Scope = { ...scope, guards: noGuards, negated: false, asked: false };
  return sql`CASE WHEN ${compileCondition(guard, inner)} THEN ${plain} END`;
}

/** A value within a column's JSON. What is no JSON is read as the JSON that it is written as. */
export function readPath(value: Sql, column: Column, path: JsonPath): Sql {
  const isJson = bareType(column.type).family === 'json';
  return placeIn(isJson ? value : jsonOf(value, column.type), path);
}

/** What is read of a column: itself, or what is at a place in its JSON. */
export function typeOfPlace(column: Column, path: JsonPath | undefined): Type {
  if (path === undefined) return column.type;
  return path.text ? textType : jsonType;
}

/** What a comparison is of: a column, or a place in its JSON, perhaps as another type. */
function readOperand({ column, path, cast }: Comparison, scope: Scope): Sql {
  const read = readColumn(column, scope);
  const value = path === undefined ? read : readPath(read, column, path);
  return cast === undefined ? value : castOf(value, typeOfPlace(column, path), cast);
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
      return compileComparison(condition, readOperand(condition, scope), scope);
    case 'compareColumns':
      return compareColumns(
        condition,
        readColumn(condition.column, scope),
        readColumn(condition.other, scope),
        scope,
      );
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
 * evaluation: else the server may run the caller's part first, and its error would tell of rows that the policy hides.
 * The rest stays outside, where an index can serve it.
 */
function compileFenced(policy: Condition, of: Condition, scope: Scope): Sql {
  const parts = conjuncts(of);
  const own: Scope = { ...scope, asked: false };
  const asked: Scope = { ...scope, asked: true };
  const conditions = [
    ...(policy.kind === 'true' ? [] : [compileCondition(policy, own)]),
    ...parts
      .filter((part) => !canRaise(part) && part.kind !== 'true')
      .map((part) => compileCondition(part, asked)),
  ];
  const raising = parts.filter(canRaise).map((part) => compileCondition(part, asked));
  if (raising.length > 0) {
    // The guards of a `guarded` part are conditions of the policy's kind, so they need no fence of their own.
    const caller = sql.join(raising, sql` AND `);
    conditions.push(
      policy.kind === 'true'
        ? caller
        : sql`CASE WHEN ${compileCondition(policy, { ...own, guards: noGuards, negated: false })} THEN ${caller} ELSE false END`,
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
 * What the rows of a table are read from. A view has conditions of its own, and the server may run a caller's before them:
 * where that can raise, its error would tell of rows that the view hides, so the view's rows come first: those that the
 * policy shows, since each of them has its computed columns worked out there. Such columns alone do not count as raising
 * here: that would cost every view its indexes.
 */
export function rowsOf(table: Table, where: Condition, alias: Sql, aliases: Aliases): Sql {
  if (table.relation.kind !== 'view' || !raisesByItself(where)) return sql`${relationOf(table)} AS ${alias}`;
  // A limit keeps conditions from moving in.
  return sql`(SELECT * FROM ${shownBy(where, table, aliases)} LIMIT 18446744073709551615) AS ${alias}`;
}

/** The table's rows, or those alone that the policy of a caller's condition shows. */
function shownBy(where: Condition, table: Table, aliases: Aliases): Sql {
  if (where.kind !== 'fenced' || where.policy.kind === 'true') return relationOf(table);
  const inner = aliases.next();
  const policy = compileCondition(where.policy, { alias: inner, guards: noGuards, aliases });
  return sql`${relationOf(table)} AS ${inner} WHERE ${policy}`;
}

/**
 * FROM and WHERE that lead from the row of `scope` to the far rows of an edge, read as `far`, where a condition holds.
 * A linking column that a view computes may raise: such a link stands behind the far policy, as a caller's filter does.
 */
export function joinFar(
  link: { readonly edge: Edge; readonly junction?: Condition; readonly guards?: LinkGuards },
  where: Condition,
  scope: Scope,
  far: Scope,
): { readonly from: Sql; readonly where: Sql } {
  const unguarded: Scope = { ...far, guards: noGuards, negated: false, asked: scope.asked };
  const condition = compileCondition(where, unguarded);
  const from = rowsOf(link.edge.to, where, far.alias, far.aliases);
  const on = linked(link, scope, far);
  if (where.kind !== 'fenced' || where.policy.kind === 'true' || !edgeMayRaise(link.edge)) {
    return { from, where: sql`${on} AND ${condition}` };
  }
  const policy = compileCondition(where.policy, { ...unguarded, asked: false });
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
    pairs.map(
      (pair) =>
        sql`${readColumn(pair.far, far)} = ${sameCollation(readColumn(pair.near, near), pair.near, pair.far)}`,
    ),
    sql` AND `,
  );
}

/** Columns of two collations of one character set cannot be compared, unless one is read by the other's. */
function sameCollation(value: Sql, column: Column, other: Column): Sql {
  const [own, wanted] = [column.source.collation, other.source.collation];
  if (own === undefined || wanted === undefined || own === wanted) return value;
  return charsetOf(own) === charsetOf(wanted) ? sql`${value} COLLATE ${sql.identifier(wanted)}` : value;
}

function charsetOf(collation: string): string {
  return collation.split('_')[0]!;
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
  return claims.length === 0 ? exists : sql`(${exists} OR (${anyMissing(claims)} AND NULL))`;
}

function anyMissing(claims: readonly Value[]): Sql {
  return sql`(${sql.join(
    claims.map((claim) => sql`${sql.parameter(claim)} IS NULL`),
    sql` OR `,
  )})`;
}

function compileAggregate(condition: Extract<Condition, { kind: 'aggregate' }>, scope: Scope): Sql {
  const far: Scope = { alias: scope.aliases.next(), aliases: scope.aliases, guards: noGuards };
  const { from, where } = joinFar(condition, condition.where, scope, far);
  const cells: Scope = { ...far, guards: condition.cells ?? noGuards };
  const { function: name, distinct } = condition;
  const columns = condition.columns.map((column) => readColumn(column, cells));
  const call =
    name === 'count'
      ? countOf(columns, distinct)
      : callOf(name, columns[0], distinct, condition.columns[0]?.type);
  const result = sql`(SELECT ${call} FROM ${from} WHERE ${where}${ofRows(condition.minGroup ?? 1)})`;
  const holds = sql`(${sql.join(
    condition.compare.map((one) => compare(result, one.operator, one.value, scope)),
    sql` AND `,
    sql`true`,
  )})`;
  // Rows that are not counted for want of a claim may make a count small enough: then it is unknown.
  const claims = claimsOf(condition.where);
  return claims.length === 0 ? holds : sql`CASE WHEN NOT ${anyMissing(claims)} THEN ${holds} END`;
}
