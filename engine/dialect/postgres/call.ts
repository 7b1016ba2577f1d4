/** Calls of functions → one statement: the arguments from the body, the call, and what is made of its rows. */
import type { AuthorizedAggregate, AuthorizedCall } from '../../query/query.ts';
import type { CompiledCall } from '../program.ts';
import { type Sql, sql } from '../sql.ts';
import { Aliases, compileCondition, rowOfTable, type Scope } from './condition.ts';
import { aggregateObject, nodeRows } from './level.ts';
import { finish, typeName } from './notation.ts';
import { raisesByItself } from './raising.ts';
import { bodyOf, streamed } from './read.ts';
import { csvText, limits, type Source, type SourceNode } from './select.ts';

const noGuards: Scope['guards'] = new Map();
const body: Sql = sql.identifier('body');
const called: Sql = sql.identifier('called');
const value: Sql = sql.identifier('value');

/** What a function may say of its answer, read once it has run. */
const said = [
  sql`nullif(current_setting('response.status', true), '')`,
  sql`nullif(current_setting('response.headers', true), '')`,
];

export function compileCall(query: AuthorizedCall): CompiledCall {
  const aliases = new Aliases();
  const { result, form } = query;
  const finished = {
    kind: 'call',
    counts: query.count !== false,
    readOnly: query.source.routine.volatility !== 'volatile',
  } as const;
  if (result === 'void') {
    const from = callOf(query, aliases.next());
    return {
      ...finished,
      ...finish(sql`SELECT NULL, count(*), NULL, ${sql.join(said, sql`, `)} FROM ${from}`),
      columns: [],
    };
  }
  const { aggregate } = query;
  if (aggregate !== undefined)
    return { ...finished, ...compileAggregate(query, aggregate, aliases), columns: [] };
  const source = sourceOf(query, aliases);
  if (query.node === undefined) return { ...finished, ...compileValues(query, source, aliases) };
  const rows = nodeRows(result === 'row' ? { ...query.node, limit: 1 } : query.node, source, {
    single: form.stream === 'csv',
  });
  const alias = aliases.next();
  const columns = rows.outputs.map(({ as }) => as);
  if (form.stream !== undefined) {
    const list = sql.join(streamed(rows, alias, form), sql`, `);
    return {
      ...finished,
      ...finish(sql`${source.with}SELECT ${list} FROM (${rows.select}) AS ${alias}`),
      columns,
    };
  }
  const shape = result === 'row' && query.shape === 'list' ? 'row' : query.shape;
  const parts = [
    bodyOf(rows.asJson(alias), alias, shape, form),
    result === 'row' ? sql`1` : sql`count(*)`,
    totalOf(query, source),
    ...said,
  ];
  return {
    ...finished,
    ...finish(sql`${source.with}SELECT ${sql.join(parts, sql`, `)} FROM (${rows.select}) AS ${alias}`),
    columns,
  };
}

/** The function runs once, and each part reads its rows by itself. */
function compileAggregate(query: AuthorizedCall, node: AuthorizedAggregate, aliases: Aliases) {
  const inner = aliases.next();
  const object = aggregateObject(node, aliases, () => keptRows(query, node, aliases));
  const parts = [sql`${object}::text`, sql`1`, sql`NULL`, ...said];
  return finish(sql`${keeping(query, sql.empty, inner)}SELECT ${sql.join(parts, sql`, `)}`);
}

function keeping(query: AuthorizedCall, column: Sql, inner: Sql): Sql {
  return sql`WITH ${called}${column} AS MATERIALIZED (SELECT ${inner}.* FROM ${callOf(query, inner)}) `;
}

/** Rows that are kept: they are the table's no more, which functions of the row need. */
function keptRows(query: AuthorizedCall, node: SourceNode, aliases: Aliases): Source {
  const alias = aliases.next();
  const row = query.exposed ? { row: rowOfTable(node.table, alias) } : {};
  const scope: Scope = { alias, guards: node.guards, aliases, fenced: true, ...row };
  const where = compileCondition(node.where, { ...scope, guards: noGuards });
  return { from: sql`${called} AS ${alias}`, where, scope };
}

interface CallSource extends Source {
  /** Where the function's rows are kept, when they are read more than once. */
  readonly with: Sql;
}

/**
 * The function's rows; kept when they are counted too, so that it runs once, and when a caller's condition can raise: the
 * function may be run within the statement, and its own conditions hide rows that an error would tell of.
 */
function sourceOf(query: AuthorizedCall, aliases: Aliases): CallSource {
  const { node, count } = query;
  const alias = aliases.next();
  const plain: Scope = { alias, guards: node?.guards ?? noGuards, aliases };
  const column = node === undefined ? sql`(${value})` : sql.empty;
  const kept = count !== false || (node !== undefined && raisesByItself(node.where));
  const inner = aliases.next();
  const row = kept && node !== undefined && query.exposed ? { row: rowOfTable(node.table, alias) } : {};
  const scope: Scope = { ...plain, ...row, fenced: true };
  const there = query.nullsAreNone ? sql`NOT (${alias} IS NULL) AND ` : sql.empty;
  return {
    with: kept ? keeping(query, column, inner) : sql.empty,
    from: kept ? sql`${called} AS ${alias}` : callOf(query, sql`${alias}${column}`),
    where: sql`${there}${node === undefined ? sql`true` : compileCondition(node.where, { ...scope, guards: noGuards })}`,
    scope,
  };
}

function totalOf({ count }: AuthorizedCall, { where, scope }: CallSource): Sql {
  return count === false ? sql`NULL` : sql`(SELECT count(*) FROM ${called} AS ${scope.alias} WHERE ${where})`;
}

function compileValues(query: AuthorizedCall, source: CallSource, aliases: Aliases) {
  const rows = aliases.next();
  const plain = sql`${rows}.${value}`;
  const read = query.text && query.form.stream === undefined ? sql`(${plain})::text` : plain;
  const select = sql`SELECT ${source.scope.alias}.${value} FROM ${source.from}${query.result === 'scalars' ? limits(query.page) : sql.empty}`;
  // As PostgREST names a value that has no name.
  const columns = ['pgrst_scalar'];
  if (query.form.stream !== undefined) {
    const text =
      query.form.stream === 'csv' ? csvText(read, query.type) : sql`coalesce(to_json(${read})::text, 'null')`;
    return { ...finish(sql`${source.with}SELECT ${text} FROM (${select}) AS ${rows}`), columns };
  }
  const json = sql`coalesce(to_json(${read})::text, 'null')`;
  const whole =
    query.result === 'scalars' && query.shape === 'list'
      ? sql`coalesce('[' || string_agg(${json}, ',') || ']', '[]')`
      : sql`coalesce((array_agg(${json}))[1], 'null')`;
  const parts = [whole, sql`count(*)`, totalOf(query, source), ...said];
  return {
    ...finish(sql`${source.with}SELECT ${sql.join(parts, sql`, `)} FROM (${select}) AS ${rows}`),
    columns,
  };
}

/** `(body) CROSS JOIN LATERAL "public"."f"("a" := body."c0") AS alias`: PostgreSQL reads each value as the argument would. */
function callOf({ source }: AuthorizedCall, alias: Sql): Sql {
  const { routine, arguments: given } = source;
  const name = sql.qualified(routine.schema, routine.name);
  const whole = given.find((one) => one.name === null);
  if (whole !== undefined) {
    const { type } = whole.argument;
    const slot = sql.parameter({ kind: 'slot', slot: source.body, type, list: false });
    return sql`${name}(${slot}::${typeName(type)}) AS ${alias}`;
  }
  const record = given.map(
    ({ argument }, index) => sql`${sql.identifier(`c${index}`)} ${typeName(argument.type)}`,
  );
  const values = given.map(({ argument, name: key }, index) => {
    const variadic = argument.variadic ? sql`VARIADIC ` : sql.empty;
    return sql`${variadic}${sql.identifier(key!)} := ${body}.${sql.identifier(`c${index}`)}`;
  });
  const call = sql`${name}(${sql.join(values, sql`, `)}) AS ${alias}`;
  if (given.length === 0) return call;
  const names = given.map((one) => one.name!);
  const rows = sql.parameter({ kind: 'rows', slot: source.body, columns: names, single: true });
  return sql`json_to_recordset(${rows}::json) AS ${body}(${sql.join(record, sql`, `)}) CROSS JOIN LATERAL ${call}`;
}
