/** Reads → one statement that builds the whole answer. */
import { bareType } from '../../api/operators.ts';
import type { Type } from '../../catalog/catalog.ts';
import type {
  AuthorizedNode,
  AuthorizedRead,
  AuthorizedReadAggregate,
  AuthorizedReadConnection,
  Form,
  Shape,
} from '../../query/query.ts';
import type { CompiledRead, CompiledStream } from '../program.ts';
import { type Sql, sql } from '../sql.ts';
import { Aliases, compileCondition, rowsOf, type Scope } from './condition.ts';
import { aggregateObject, connectionOf, nodeRows } from './level.ts';
import { finish, typeName } from './notation.ts';
import {
  csvText,
  hiddenColumn,
  isIdentifier,
  type LevelRows,
  readTerm,
  type Source,
  type SourceNode,
} from './select.ts';

const noGuards: Scope['guards'] = new Map();

/** Up to so many rows an estimated count is exact. */
const countedRows = 1000;

export function compileRead(query: AuthorizedRead): CompiledRead | CompiledStream {
  const aliases = new Aliases();
  const { node, count, form } = query;
  if (form.stream !== undefined) return compileStream(query, sourceOf(query, aliases), aliases);
  const estimates = count === 'planned' || count === 'estimated';
  return {
    kind: 'read',
    ...finish(readStatement(query, aliases)),
    counts: count !== false && count !== 'planned',
    tellsLast: query.lastKey,
    limit: limitOf(query),
    estimate: estimates
      ? {
          ...finish(sql`EXPLAIN (FORMAT JSON) ${matching(node, aliases)}`),
          above: count === 'planned' ? -1 : countedRows,
        }
      : undefined,
    lock: query.locks ? finish(sql`${matching(node, aliases)} FOR UPDATE`) : undefined,
  };
}

function sourceOf({ node, keys }: AuthorizedRead, aliases: Aliases): Source {
  return keys === undefined ? rootSource(node, aliases) : keyedSource(node, keys, aliases);
}

function limitOf({ shape, node }: AuthorizedRead): number | undefined {
  return shape === 'row' ? 1 : node.limit;
}

/** One row: the body, the count of its rows, the total and the last row's values, where they are asked for. */
export function readStatement(query: AuthorizedRead, aliases: Aliases): Sql {
  const { node, shape, count, form } = query;
  const source = sourceOf(query, aliases);
  const level = { ...node, limit: limitOf(query) };
  const last = query.lastKey ? lastKeyOf(level, source) : undefined;
  const rows = nodeRows(level, source, last && { hidden: last.hidden });
  const alias = aliases.next();
  const parts = [
    bodyOf(rows.asJson(alias), alias, shape, form),
    sql`count(*)`,
    ...(count === false || count === 'planned' ? [] : [sql`(${totalOf(node, count, aliases)})`]),
    ...(last === undefined ? [] : [last.value(alias)]),
  ];
  return sql`SELECT ${sql.join(parts, sql`, `)} FROM (${rows.select}) AS ${alias}`;
}

export function compileReadAggregate(query: AuthorizedReadAggregate): CompiledRead {
  return {
    kind: 'read',
    ...finish(aggregateStatement(query, new Aliases())),
    counts: false,
    tellsLast: false,
    limit: undefined,
    estimate: undefined,
    lock: undefined,
  };
}

export function compileReadConnection(query: AuthorizedReadConnection): CompiledRead {
  return {
    kind: 'read',
    ...finish(connectionStatement(query, new Aliases())),
    counts: false,
    tellsLast: false,
    limit: undefined,
    estimate: undefined,
    lock: undefined,
  };
}

/** One row: the object, and 1. */
export function connectionStatement({ node }: AuthorizedReadConnection, aliases: Aliases): Sql {
  const object = connectionOf(node, (where) => rootSource({ ...node, where }, aliases), aliases);
  return sql`SELECT ${object}::text, 1`;
}

/** One row: the object, and 1. */
export function aggregateStatement({ node }: AuthorizedReadAggregate, aliases: Aliases): Sql {
  const source = rootSource(node, aliases);
  return sql`SELECT ${aggregateObject(node, aliases, () => source)}::text, 1`;
}

/** A row each, and nothing around them. A total stands before the values of each row, where one is asked for. */
function compileStream(
  { node, form, count }: AuthorizedRead,
  source: Source,
  aliases: Aliases,
): CompiledStream {
  const rows = nodeRows(node, source, { single: form.stream === 'csv' });
  const alias = aliases.next();
  const total = count === false ? undefined : sql`(${totalOf(node, true, aliases)})`;
  return {
    kind: 'stream',
    ...finish(
      sql`SELECT ${sql.join([...streamed(rows, alias, form), ...(total === undefined ? [] : [total])], sql`, `)} FROM (${rows.select}) AS ${alias}`,
    ),
    columns: rows.outputs.map(({ as }) => as),
    counts: total !== undefined,
    limit: node.limit,
  };
}

/** What each row of a stream gives: one JSON text, or the texts of its values. */
export function streamed(
  { outputs, names, asJson }: Omit<LevelRows, 'select'>,
  alias: Sql,
  form: Form,
): readonly Sql[] {
  if (form.stream === 'ndjson') {
    const text = sql`(${stripped(asJson(alias), form)})::text`;
    return [mayHaveLines(outputs) ? sql`replace(${text}, ${lineFeed}, ' ')` : text];
  }
  return outputs.map(({ type }, index) => csvText(sql`${alias}.${names[index]!}`, type));
}

const lineFeed: Sql = sql`E'\\n'`;

/** The json type keeps the line feeds between its tokens, and a line feed ends a row. In JSON they are blanks. */
function mayHaveLines(outputs: LevelRows['outputs']): boolean {
  return outputs.some(({ type }) => type === undefined || bareType(type).verbatim === true || hasParts(type));
}

/** What may hold json of its own. */
function hasParts(type: Type): boolean {
  const { family } = bareType(type);
  return family === 'composite' || family === 'array' || family === 'other';
}

export function rootSource(node: SourceNode, aliases: Aliases): Source {
  const alias = aliases.next();
  const { from, behind } = rowsOf(node.table, node.where, alias, aliases);
  const scope: Scope = { alias, ...behind, guards: node.guards, aliases };
  const where = compileCondition(node.where, { ...scope, guards: noGuards });
  return { from, where, scope };
}

/** The rows with these keys, in the order of the keys. */
function keyedSource(node: SourceNode, slot: number, aliases: Aliases): Source {
  const source = rootSource(node, aliases);
  const keys = aliases.next();
  const columns = node.table.key.map((column, index) => ({ column, name: `c${index}` }));
  const rows = sql.parameter({ kind: 'rows', slot, columns: columns.map(({ name }) => name), single: false });
  const record = sql.join(
    columns.map(({ column, name }) => sql`${sql.identifier(name)} ${typeName(bareType(column.type))}`),
    sql`, `,
  );
  const names = sql.join(
    columns.map(({ name }) => sql.identifier(name)),
    sql`, `,
  );
  const on = sql.join(
    columns.map(
      ({ column, name }) =>
        sql`${source.scope.alias}.${sql.identifier(column.column)} = ${keys}.${sql.identifier(name)}`,
    ),
    sql` AND `,
  );
  const listed = sql`ROWS FROM (json_to_recordset(${rows}::json) AS (${record})) WITH ORDINALITY AS ${keys}(${names}, ${position})`;
  return { ...source, from: sql`${listed} JOIN ${source.from} ON ${on}`, order: sql`${keys}.${position}` };
}

const position: Sql = sql.identifier('position');

/** All rows that match, whatever the page; of groups, the groups. */
function totalOf(node: AuthorizedNode, count: true | 'estimated', aliases: Aliases): Sql {
  const grouped =
    node.groupBy !== undefined || node.fields.some(({ kind }) => kind === 'aggregate' || kind === 'spread');
  if (grouped) {
    const all = { ...node, order: [], limit: undefined, offset: undefined };
    const rows = nodeRows(all, rootSource(node, aliases));
    return sql`SELECT count(*) FROM (${rows.select}) AS ${aliases.next()}`;
  }
  const { from, where } = rootSource(node, aliases);
  if (count === true) return sql`SELECT count(*) FROM ${from} WHERE ${where}`;
  return sql`SELECT count(*) FROM (SELECT FROM ${from} WHERE ${where} LIMIT ${sql.integer(countedRows + 1)}) AS ${aliases.next()}`;
}

function matching(node: AuthorizedNode, aliases: Aliases): Sql {
  const { from, where } = rootSource(node, aliases);
  return sql`SELECT FROM ${from} WHERE ${where}`;
}

/** The whole answer: `[…]` as text without json_agg's line breaks, shorter to send and as fast to build. */
export function bodyOf(json: Sql, alias: Sql, shape: Shape, form: Form): Sql {
  if (form.geojson !== undefined) return featuresOf(alias, form.geojson);
  const row = stripped(json, form);
  if (shape !== 'list') return sql`coalesce((json_agg(${row}) -> 0)::text, 'null')`;
  return sql`coalesce('[' || string_agg((${row})::text, ',') || ']', '[]')`;
}

function stripped(row: Sql, { stripNulls }: Pick<Form, 'stripNulls'>): Sql {
  return stripNulls ? sql`json_strip_nulls(${row})` : row;
}

/** The functions of PostGIS are where its types are. */
function featuresOf(alias: Sql, { type, name }: NonNullable<Form['geojson']>): Sql {
  const feature = sql`${sql.qualified(type.schema, 'st_asgeojson')}(${alias}.*, ${sql.literal(name)})`;
  return sql`'{"type":"FeatureCollection","features":[' || coalesce(string_agg(${feature}, ','), '') || ']}'`;
}

interface LastKey {
  /** Columns that the level must have besides its own. */
  readonly hidden: readonly Sql[];
  /** A JSON list of texts and nulls: what the row that came last has in the columns of the order. */
  readonly value: (alias: Sql) => Sql;
}

/** Taken from the selected columns where all are among them: hidden ones make each row's JSON dearer. */
function lastKeyOf(node: AuthorizedNode, { scope }: Source): LastKey {
  const terms = node.order
    .map(({ by }) => (by.kind === 'term' ? by.term : undefined))
    .filter((term) => term !== undefined);
  const names = terms.map((term) => {
    const field = node.fields.find(
      (one) =>
        one.kind === 'column' &&
        one.column === term.column &&
        one.path === undefined &&
        one.cast === undefined &&
        !one.text,
    );
    const isOnly =
      field?.kind === 'column' &&
      node.fields.filter((one) => 'as' in one && one.as === field.as).length === 1;
    return field?.kind === 'column' && isOnly ? sql.identifier(field.as) : undefined;
  });
  const selected =
    names.every((name) => name !== undefined) &&
    node.fields.every((field) => field.kind !== 'spread' && isIdentifier(field.as));
  const columns = selected ? names.map((name) => name!) : terms.map((_term, index) => hiddenColumn(index));
  return {
    hidden: selected ? [] : terms.map((term) => readTerm(term, scope)),
    value: (alias) =>
      sql`json_build_array(${sql.join(
        columns.map((column) => sql`(array_agg(${alias}.${column}::text))[count(*)]`),
        sql`, `,
      )})::text`,
  };
}
