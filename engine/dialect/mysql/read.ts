/** Reads → one statement that builds the whole answer. */
import { bareType } from '../../api/operators.ts';
import type { Capabilities } from '../../catalog/catalog.ts';
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
import { Aliases, compileCondition, rowsOf, type Scope, typeOfPlace } from './condition.ts';
import { csvText, jsonOf, textOf } from './json.ts';
import { aggregateObject, connectionOf, nodeRows, streamOf } from './level.ts';
import { finish } from './notation.ts';
import {
  hiddenColumn,
  jsonList,
  type LevelRows,
  type Output,
  objectOf,
  readTerm,
  type Source,
  type SourceNode,
} from './select.ts';
import { asType } from './typed.ts';

const noGuards: Scope['guards'] = new Map();

/** Up to so many rows an estimated count is exact. */
const countedRows = 1000;

export function compileRead(
  query: AuthorizedRead,
  capabilities: Capabilities,
): CompiledRead | CompiledStream {
  const aliases = new Aliases(capabilities, query.form);
  const { node, count, form } = query;
  if (form.stream !== undefined) return compileStream(query, aliases);
  const estimates = count === 'planned' || count === 'estimated';
  return {
    kind: 'read',
    ...(isPlain(query) ? listed(query, aliases) : finish(readStatement(query, aliases))),
    counts: count !== false && count !== 'planned',
    tellsLast: query.lastKey,
    limit: limitOf(query),
    estimate: estimates
      ? {
          ...finish(sql`EXPLAIN FORMAT=JSON ${matching(node, aliases)}`),
          above: count === 'planned' ? -1 : countedRows,
        }
      : undefined,
    lock: query.locks ? finish(sql`${matching(node, aliases)} FOR UPDATE`) : undefined,
  };
}

/**
 * Rows that are read as they are, which the engine puts together: a list that the server gathers costs it a temporary table, on
 * MariaDB a file, and as much again as the rows.
 */
function isPlain({ node, count, form, lastKey }: AuthorizedRead): boolean {
  const isCounted = count === true || count === 'estimated';
  const isLevel = node.distinct.length === 0 && node.groupBy === undefined;
  return (
    !isCounted &&
    form.geojson === undefined &&
    (isLevel || !lastKey) &&
    node.fields.every(({ kind }) => kind === 'column' || kind === 'constant')
  );
}

function listed(query: AuthorizedRead, aliases: Aliases) {
  const { node, shape } = query;
  const source = sourceOf(query, aliases);
  const level = { ...node, limit: limitOf(query) };
  const { outputs, from, rest } = streamOf(level, source);
  const values = [objectOf(outputs, aliases), ...(query.lastKey ? [keyOf(level, source)] : [])];
  return { listed: shape, ...finish(sql`SELECT ${sql.join(values, sql`, `)} FROM ${from}${rest}`) };
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
  const rows = nodeRows(level, source, query.lastKey ? { hidden: [keyOf(level, source)] } : {});
  const alias = aliases.next();
  const parts = [
    bodyOf(rows, alias, shape, form),
    sql`COUNT(*)`,
    ...(count === false || count === 'planned' ? [] : [sql`(${totalOf(node, count, aliases)})`]),
    ...(query.lastKey ? [lastOf(alias)] : []),
  ];
  return sql`SELECT ${sql.join(parts, sql`, `)} FROM (${rows.select}) AS ${alias}`;
}

export function compileReadAggregate(
  query: AuthorizedReadAggregate,
  capabilities: Capabilities,
): CompiledRead {
  return objectRead(aggregateStatement(query, new Aliases(capabilities)));
}

export function compileReadConnection(
  query: AuthorizedReadConnection,
  capabilities: Capabilities,
): CompiledRead {
  return objectRead(connectionStatement(query, new Aliases(capabilities)));
}

function objectRead(statement: Sql): CompiledRead {
  return {
    kind: 'read',
    ...finish(statement),
    counts: false,
    tellsLast: false,
    limit: undefined,
    estimate: undefined,
    lock: undefined,
  };
}

/** One row: the object, and 1. */
export function connectionStatement({ node }: AuthorizedReadConnection, aliases: Aliases): Sql {
  return sql`SELECT ${connectionOf(node, (where) => rootSource({ ...node, where }, aliases), aliases)}, 1`;
}

/** One row: the object, and 1. */
export function aggregateStatement({ node }: AuthorizedReadAggregate, aliases: Aliases): Sql {
  return sql`SELECT ${aggregateObject(node, aliases, () => rootSource(node, aliases))}, 1`;
}

/**
 * A row each, and nothing around them, so that the server need not hold all before it sends one. A total stands behind the
 * values of each row, where one is asked for.
 */
function compileStream(query: AuthorizedRead, aliases: Aliases): CompiledStream {
  const { node, form, count } = query;
  const { outputs, from, rest } = streamOf(node, sourceOf(query, aliases));
  const total = count === false ? [] : [sql`(${totalOf(node, true, aliases)})`];
  const values = [...streamed(outputs, aliases, form), ...total];
  return {
    kind: 'stream',
    ...finish(sql`SELECT ${sql.join(values, sql`, `)} FROM ${from}${rest}`),
    columns: outputs.map(({ as }) => as),
    counts: total.length > 0,
    limit: node.limit,
  };
}

/** What each row of a stream gives: one JSON text, or the texts of its values. */
export function streamed(outputs: readonly Output[], aliases: Aliases, form: Form): readonly Sql[] {
  if (form.stream === 'ndjson') {
    const text = objectOf(outputs, aliases);
    return [outputs.some(mayHaveLines) ? sql`REPLACE(${text}, ${lineFeed}, ' ')` : text];
  }
  return outputs.map(({ value, type }) => csvText(value!, type));
}

const lineFeed: Sql = sql.literal('\n');

/** A line feed ends a row, and may stand between the tokens of JSON that is kept as text. There it is a blank. */
function mayHaveLines({ type, parts }: Output): boolean {
  return parts !== undefined || type === undefined || bareType(type).family === 'json';
}

export function rootSource(node: SourceNode, aliases: Aliases): Source {
  const alias = aliases.next();
  const scope: Scope = { alias, guards: node.guards, aliases };
  const from = rowsOf(node.table, node.where, alias, aliases);
  return { from, where: compileCondition(node.where, { ...scope, guards: noGuards }), scope };
}

/** The rows with these keys, in the order of the keys. */
function keyedSource(node: SourceNode, slot: number, aliases: Aliases): Source {
  const source = rootSource(node, aliases);
  const keys = aliases.next();
  const columns = node.table.key.map((column, index) => ({ column, name: `c${index}` }));
  const rows = sql.parameter({ kind: 'rows', slot, columns: columns.map(({ name }) => name), single: false });
  const texts = columns.map(({ column, name }) => {
    const { collation } = column.source;
    // Text of another collation could not be compared with the column.
    const own = collation?.startsWith('utf8mb4_') ? sql` COLLATE ${sql.identifier(collation)}` : sql.empty;
    return sql`${sql.identifier(name)} LONGTEXT CHARACTER SET utf8mb4${own} PATH ${sql.literal(`$.${name}`)}`;
  });
  const on = columns.map(({ column, name }) => {
    const key = asType(sql`${keys}.${sql.identifier(name)}`, column.type);
    return sql`${source.scope.alias}.${sql.identifier(column.column)} = ${key}`;
  });
  const listed = sql`JSON_TABLE(${rows}, '$[*]' COLUMNS (${position} FOR ORDINALITY, ${sql.join(texts, sql`, `)})) AS ${keys}`;
  return {
    ...source,
    from: sql`${listed} JOIN ${source.from} ON ${sql.join(on, sql` AND `)}`,
    order: sql`${keys}.${position}`,
  };
}

const position: Sql = sql.identifier('i');

/** All rows that match, whatever the page; of groups, the groups. */
function totalOf(node: AuthorizedNode, count: true | 'estimated', aliases: Aliases): Sql {
  const grouped =
    node.groupBy !== undefined || node.fields.some(({ kind }) => kind === 'aggregate' || kind === 'spread');
  if (grouped) {
    const all = { ...node, order: [], limit: undefined, offset: undefined };
    const rows = nodeRows(all, rootSource(node, aliases));
    return sql`SELECT COUNT(*) FROM (${rows.select}) AS ${aliases.next()}`;
  }
  const { from, where } = rootSource(node, aliases);
  if (count === true) return sql`SELECT COUNT(*) FROM ${from} WHERE ${where}`;
  return sql`SELECT COUNT(*) FROM (SELECT 1 FROM ${from} WHERE ${where} LIMIT ${sql.integer(countedRows + 1)}) AS ${aliases.next()}`;
}

function matching(node: AuthorizedNode, aliases: Aliases): Sql {
  const { from, where } = rootSource(node, aliases);
  return sql`SELECT 1 FROM ${from} WHERE ${where}`;
}

/** The whole answer. Where one row is asked for and there are more, nobody looks at it. */
export function bodyOf(
  rows: Pick<LevelRows, 'outputs' | 'names' | 'asJson'>,
  alias: Sql,
  shape: Shape,
  form: Form,
): Sql {
  if (form.geojson !== undefined) return featuresOf(rows, alias, form.geojson.name);
  const json = rows.asJson(alias);
  return shape === 'list' ? jsonList(json) : sql`CASE COUNT(*) WHEN 1 THEN MIN(${json}) ELSE 'null' END`;
}

/** As PostGIS writes rows: a geometry is apart from the other values, which are properties. */
function featuresOf(
  { outputs, names }: Pick<LevelRows, 'outputs' | 'names'>,
  alias: Sql,
  geometry: string,
): Sql {
  const values = outputs.map((output, index) => ({ ...output, value: sql`${alias}.${names[index]!}` }));
  const shape = values.find(({ as }) => as === geometry);
  const others = values.filter((value) => value !== shape);
  const properties = sql`CONCAT('{', ${membersOf(others)}'}')`;
  const feature = sql`CONCAT('{"type": "Feature", "geometry": ', ${jsonOf(shape!.value, shape!.type)}, ', "properties": ', ${properties}, '}')`;
  return sql`CONCAT('{"type":"FeatureCollection","features":', ${jsonList(feature)}, '}')`;
}

function membersOf(
  values: readonly { readonly as: string; readonly value: Sql; readonly type: Output['type'] }[],
) {
  return sql.join(
    values.map(
      ({ as, value, type }, index) =>
        sql`${sql.literal(`${index === 0 ? '' : ', '}${JSON.stringify(as)}: `)}, ${jsonOf(value, type)}, `,
    ),
    sql.empty,
  );
}

/** What a row has in the columns of the order: a JSON list of texts and nulls. */
function keyOf({ order }: AuthorizedNode, { scope }: Source): Sql {
  const texts = order.flatMap(({ by }) => {
    if (by.kind !== 'term') return [];
    const { column, path, cast } = by.term;
    const text = textOf(readTerm(by.term, scope), cast ?? typeOfPlace(column, path));
    return [sql`COALESCE(JSON_QUOTE(${text}), 'null')`];
  });
  return sql`CONCAT('[', ${sql.join(texts, sql`, ',', `)}, ']')`;
}

/** Of the row that came last. A line feed within a text is written `\\n`, so between two lists there is no other. */
function lastOf(alias: Sql): Sql {
  const keys = sql`GROUP_CONCAT(${alias}.${hiddenColumn(0)} SEPARATOR ${lineFeed})`;
  return sql`SUBSTRING_INDEX(${keys}, ${lineFeed}, -1)`;
}
