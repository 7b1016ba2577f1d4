/** One level of a read: its fields as the columns of a SELECT, and how its rows become JSON. */
import type { Column } from '../../api/api.ts';
import type { Condition } from '../../api/condition.ts';
import { bareType } from '../../api/operators.ts';
import type {
  AuthorizedAggregate,
  AuthorizedConnection,
  AuthorizedField,
  AuthorizedNode,
  AuthorizedOrder,
  Link,
  Summary,
} from '../../query/query.ts';
import { type Sql, sql } from '../sql.ts';
import { isOverRows, ofRows, summarize } from './aggregate.ts';
import { type Aliases, joinFar, readColumn, relationOf, type Scope, typeOfPlace } from './condition.ts';
import { type ConnectionSources, connectionObject } from './connection-object.ts';
import { groupedRows, groupedTable } from './group.ts';
import { jsonOf, textOf, textType } from './json.ts';
import { orderedBy, termsOf } from './order.ts';
import {
  type Columns,
  columnsOf,
  directed,
  jsonList,
  type Level,
  type LevelRows,
  limits,
  mustBeFlat,
  type Output,
  objectOf,
  orderBy,
  readTerm,
  type Source,
  type SourceNode,
} from './select.ts';
import { type Paged, selectOf, type TableColumn, tableOf } from './table.ts';

/** The rows as a SELECT: at the root, and wherever a derived table may name the rows around it. */
export function nodeRows(node: AuthorizedNode, source: Source, columns: Columns = {}): LevelRows {
  const { aliases } = source.scope;
  const level = levelOf(node.fields, source.scope);
  if (isGrouped(node, level)) return groupedRows(node, level, source, columns);
  const { values, ...rows } = columnsOf(level.outputs, aliases, columns);
  const select = selectOf(values, pageOf(node, source), aliases);
  return { select, outputs: level.outputs, ...rows };
}

function isGrouped(node: AuthorizedNode, { outputs }: Level): boolean {
  return node.groupBy !== undefined || outputs.some(({ aggregate }) => aggregate !== undefined);
}

/** Fields of rows that are there already, such as those just written. */
export function selectList(
  fields: readonly AuthorizedField[],
  scope: Scope,
  columns: Columns = {},
): Omit<LevelRows, 'select'> & { readonly list: Sql } {
  const { outputs } = levelOf(fields, scope);
  const { values, ...rows } = columnsOf(outputs, scope.aliases, columns);
  return { ...rows, list: sql.join(values, sql`, `), outputs };
}

export function levelOf(fields: readonly AuthorizedField[], scope: Scope): Level {
  const outputs = fields.flatMap((field) =>
    field.kind === 'spread' ? spread(field.link, field.node, scope) : [outputOf(field, scope)],
  );
  return { outputs };
}

function outputOf(field: Exclude<AuthorizedField, { kind: 'spread' }>, scope: Scope): Output {
  const { as } = field;
  switch (field.kind) {
    case 'column': {
      const value = readTerm(field, scope);
      const type = field.cast ?? typeOfPlace(field.column, field.path);
      if (field.text) return { as, value: textOf(value, type), type: textType };
      const { collation } = field.column.source;
      return { as, value, type, ...(type === field.column.type && collation !== undefined && { collation }) };
    }
    case 'aggregate': {
      const { function: name, term } = field.aggregate;
      return {
        as,
        value: term && readTerm(term, scope),
        type: term && (term.cast ?? typeOfPlace(term.column, term.path)),
        aggregate: { function: name, cast: field.cast },
      };
    }
    case 'constant':
      return { as, value: sql.literal(field.text), type: textType, constant: true };
    case 'keys':
      return { as, value: undefined, type: undefined, keys: field.items };
    case 'summary':
      return { as, value: undefined, type: undefined, summary: field.items };
    case 'embed':
      return { as, value: embedded(field.link, field.node, scope), type: undefined };
    case 'embedAggregate':
      // Each part reads the related rows by itself, so each has aliases of its own.
      return {
        as,
        value: aggregateObject(field.node, scope.aliases, () => farSource(field.link, field.node, scope)),
        type: undefined,
      };
    case 'embedConnection': {
      const { link, node } = field;
      const open = (where: Condition) => farSource(link, { ...node, where }, scope);
      return { as, value: connectionOf(node, open, scope.aliases), type: undefined };
    }
    default:
      return field satisfies never;
  }
}

function farSource(link: Link, node: SourceNode, scope: Scope): Source {
  const far: Scope = { alias: scope.aliases.next(), guards: node.guards, aliases: scope.aliases };
  return { ...joinFar(link, node.where, scope, far), scope: far, correlated: true };
}

function embedded(link: Link, node: AuthorizedNode, scope: Scope): Sql {
  const source = farSource(link, node, scope);
  return link.edge.kind === 'one' ? oneOf(node, source) : listOf(node, source);
}

/** The object of the first row; NULL where there is none. */
function oneOf(node: AuthorizedNode, source: Source): Sql {
  const { aliases } = source.scope;
  const level = levelOf(node.fields, source.scope);
  const first = { ...node, limit: 1 };
  if (!isGrouped(node, level)) {
    const page = pageOf(first, source);
    if (node.distinct.length === 0) return firstOf(objectOf(level.outputs, aliases), page);
    const table = tableOf([{ value: objectOf(level.outputs, aliases), type: undefined }], page, aliases);
    return sql`(SELECT ${table.columns[0]!} FROM ${table.from} WHERE ${table.where} LIMIT 1)`;
  }
  if (mustBeFlat(source)) {
    const { outputs, page } = groupedTable(first, level, source);
    return firstOf(objectOf(outputs, aliases), page);
  }
  const rows = groupedRows(first, level, source, {});
  const alias = aliases.next();
  return sql`(SELECT ${rows.asJson(alias)} FROM (${rows.select}) AS ${alias})`;
}

/** The rows one by one, as they are read: what each gives, and the rest of the SELECT. */
export function streamOf(
  node: AuthorizedNode,
  source: Source,
): { readonly outputs: readonly Output[]; readonly from: Sql; readonly rest: Sql } {
  const { aliases } = source.scope;
  const level = levelOf(node.fields, source.scope);
  if (!isGrouped(node, level) && node.distinct.length === 0) {
    const { from, where, order } = source;
    const by = orderBy(termsOf(node.order, source.scope), order);
    return {
      outputs: level.outputs,
      from,
      rest: sql` WHERE ${where}${by}${limits(node, { ordered: false })}`,
    };
  }
  const { select, outputs, names } = nodeRows(node, source);
  const alias = aliases.next();
  const columns = names.values();
  return {
    outputs: outputs.map((output) => readFrom(output, alias, columns)),
    from: sql`(${select}) AS ${alias}`,
    rest: sql.empty,
  };
}

function readFrom(output: Output, alias: Sql, names: Iterator<Sql>): Output {
  const { parts } = output;
  if (parts !== undefined) return { ...output, parts: parts.map((part) => readFrom(part, alias, names)) };
  return { ...output, value: sql`${alias}.${names.next().value!}` };
}

function firstOf(value: Sql, { source, order, offset }: Paged): Sql {
  const by = orderBy(order, source.order);
  const skip =
    offset === undefined ? sql.empty : sql` OFFSET ${sql.parameter({ kind: 'offset', slot: offset })}`;
  return sql`(SELECT ${value} FROM ${source.from} WHERE ${source.where}${by} LIMIT 1${skip})`;
}

/** The JSON list of the rows. */
function listOf(node: AuthorizedNode, source: Source): Sql {
  const { aliases } = source.scope;
  if (!mustBeFlat(source)) {
    const rows = nodeRows(node, source);
    const alias = aliases.next();
    return sql`(SELECT ${jsonList(rows.asJson(alias))} FROM (${rows.select}) AS ${alias})`;
  }
  const level = levelOf(node.fields, source.scope);
  if (isGrouped(node, level)) {
    const { outputs, page } = groupedTable(node, level, source);
    return flatList(objectOf(outputs, aliases), page, aliases);
  }
  const key = keyOfPage(node);
  if (key !== undefined) return listByKeys(node, key, source);
  return flatList(objectOf(level.outputs, aliases), pageOf(node, source), aliases);
}

/** Of longer pages more is lost by finding each row twice. */
const shortPage = 100;

/**
 * The key by which the rows of a page are found first: where a page is short, and what is embedded in its rows would be
 * worked out for all rows that there are before they are cut to it.
 */
function keyOfPage({
  table,
  fields,
  limit,
  offset,
  distinct,
}: AuthorizedNode): readonly Column[] | undefined {
  const isPage = offset !== undefined || distinct.length > 0 || (limit ?? shortPage) < shortPage;
  const isNested = fields.some(({ kind }) => kind.startsWith('embed') || kind === 'spread');
  if (!isPage || !isNested) return undefined;
  const key = table.relation.primaryKey?.columns.map((name) => table.byDatabaseName.get(name));
  return key?.every((column) => column !== undefined && isFoundByText(column))
    ? (key as Column[])
    : undefined;
}

/** Whether the index of the column serves values that were text in between. */
function isFoundByText({ type, source }: Column): boolean {
  const { family } = bareType(type);
  return family === 'integer' || (family === 'string' && source.collation?.startsWith('utf8mb4_') === true);
}

function listByKeys(node: AuthorizedNode, key: readonly Column[], source: Source): Sql {
  const { aliases } = source.scope;
  // Nobody sees the key itself.
  const unguarded: Scope = { ...source.scope, guards: new Map() };
  const keys = tableOf(
    key.map((column) => columnOf(column, unguarded)),
    pageOf(node, source),
    aliases,
  );
  const scope: Scope = { ...source.scope, alias: aliases.next() };
  const on = key.map(
    (column, index) => sql`${scope.alias}.${sql.identifier(column.column)} = ${keys.columns[index]!}`,
  );
  const object = objectOf(levelOf(node.fields, scope).outputs, aliases);
  return sql`(SELECT ${jsonList(object, sql` ORDER BY ${keys.place}`)} FROM ${keys.from} JOIN ${relationOf(node.table)} AS ${scope.alias} ON ${sql.join(on, sql` AND `)} WHERE ${keys.where})`;
}

/** The list of what each row gives, without a derived table. */
function flatList(value: Sql, page: Paged, aliases: Aliases): Sql {
  const { source, order, limit } = page;
  // GROUP_CONCAT takes no parameter for an offset, and knows nothing of the first of each.
  if (page.offset !== undefined || page.distinct !== undefined) {
    const table = tableOf([{ value, type: undefined }], page, aliases);
    return sql`(SELECT ${jsonList(table.columns[0]!, sql` ORDER BY ${table.place}`)} FROM ${table.from} WHERE ${table.where})`;
  }
  const list = jsonList(value, orderBy(order, source.order), limit);
  return sql`(SELECT ${list} FROM ${source.from} WHERE ${source.where})`;
}

/** The far rows' fields as columns of this level: as they are of one row, as lists of many. */
function spread(link: Link, node: AuthorizedNode, scope: Scope): readonly Output[] {
  const source = farSource(link, node, scope);
  const { outputs } = levelOf(node.fields, source.scope);
  // Each column by itself, as its row is quickly found again. A table joined to this level's rows would be made for each
  // of them before they are sorted and cut to a page.
  if (link.edge.kind === 'one') {
    const page = pageOf({ ...node, limit: 1 }, source);
    return outputs.map((output) => ({ ...output, value: output.value && firstOf(output.value, page) }));
  }
  const values = listsOf(outputs, pageOf(node, source), scope.aliases);
  return outputs.map(({ as }, index) => ({ as, value: values[index]!, type: undefined }));
}

/** For each value the JSON list of what the rows have there. */
function listsOf(outputs: readonly Output[], page: Paged, aliases: Aliases): readonly Sql[] {
  const columns = outputs.map(({ value, type }) => ({ value: value!, type }));
  const table = tableOf(columns, page, aliases);
  const lists = outputs.map(({ type }, index) =>
    jsonList(jsonOf(table.columns[index]!, type), sql` ORDER BY ${table.place}`),
  );
  const rest = sql`FROM ${table.from} WHERE ${table.where}`;
  if (lists.length === 1) return [sql`(SELECT ${lists[0]!} ${rest})`];
  // The same subquery for all of them, so that rows without an order have one order in all.
  const texts = sql.join(
    lists.map((list) => sql`JSON_QUOTE(${list})`),
    sql`, ',', `,
  );
  const all = sql`(SELECT CONCAT('[', ${texts}, ']') ${rest})`;
  return lists.map((_, index) => sql`JSON_UNQUOTE(JSON_EXTRACT(${all}, '$[${sql.integer(index)}]'))`);
}

/** `{ "aggregate": {…}, "nodes": […] }`: each part is over the same rows, and reads them by itself. */
export function aggregateObject(node: AuthorizedAggregate, aliases: Aliases, open: () => Source): Sql {
  const parts = node.parts.map((part): Output => {
    const { as } = part;
    switch (part.kind) {
      case 'constant':
        return { as, value: sql.literal(part.text), type: textType };
      case 'summary':
        return { as, value: summary(node, part.items, open()), type: undefined };
      case 'nodes': {
        const { fields, limit } = part;
        const rows = { ...node, fields, limit, having: undefined, groupBy: undefined };
        return { as, value: listOf(rows, open()), type: undefined };
      }
      default:
        return part satisfies never;
    }
  });
  return objectOf(parts, aliases);
}

function summary(node: AuthorizedAggregate, items: readonly Summary[], source: Source): Sql {
  const { scope } = source;
  const objectBy = (read: (column: Column) => Sql) =>
    objectOf(summarize(items, read, scope.aliases.capabilities), scope.aliases);
  const plain = (column: Column) => readColumn(column, scope);
  const large = ofRows(node.minGroup);
  // Constants alone aggregate nothing, and would come once a row.
  if (!isOverRows(items)) return objectBy(plain);
  if (node.limit === undefined && node.offset === undefined && node.distinct.length === 0)
    return sql`(SELECT ${objectBy(plain)} FROM ${source.from} WHERE ${source.where}${large})`;
  const found = new Set<Column>();
  objectBy((column) => {
    found.add(column);
    return sql.empty;
  });
  const columns = [...found];
  const table = tableOf(
    columns.map((column) => columnOf(column, scope)),
    pageOf(node, source),
    scope.aliases,
  );
  const object = objectBy((column) => table.columns[columns.indexOf(column)]!);
  return sql`(SELECT ${object} FROM ${table.from} WHERE ${table.where}${large})`;
}

/** A column of a level as one of a table. */
export function columnOf(column: Column, scope: Scope): TableColumn {
  return { value: readColumn(column, scope), type: column.type, collation: column.source.collation };
}

/** @param open the rows where a condition holds, each time under an alias of its own */
export function connectionOf(
  node: AuthorizedConnection,
  open: (where: Condition) => Source,
  aliases: Aliases,
): Sql {
  const page: ConnectionSources['page'] = () => {
    const source = open(node.page);
    const { scope } = source;
    const rows = pageOf({ ...node, limit: node.limit + 1, offset: undefined, distinct: [] }, source);
    return {
      table: (columns) => tableOf(columns, rows, aliases),
      order: node.order.map((term) => orderedBy(term, scope)),
      node: (fields) => {
        const level = levelOf(fields, scope);
        return objectOf(level.outputs, aliases);
      },
    };
  };
  const count = () => {
    const { from, where } = open(node.where);
    return sql`(SELECT COUNT(*) FROM ${from} WHERE ${where})`;
  };
  return connectionObject(node, { page, count }, aliases);
}

type Page = Pick<AuthorizedNode, 'table' | 'order' | 'limit' | 'offset' | 'distinct'>;

/** Which rows of the source, in which order. */
export function pageOf({ table, order, limit, offset, distinct }: Page, source: Source): Paged {
  const { scope } = source;
  return {
    source,
    order: termsOf(order, scope),
    limit,
    offset,
    distinct:
      distinct.length === 0
        ? undefined
        : {
            columns: distinct.map((column) => columnOf(column, scope)),
            order: termsOf(order.slice(0, distinct.length), scope),
            ties: termsOf(table.key.map(byColumn), scope),
          },
  };
}

function byColumn(column: Column): AuthorizedOrder {
  const term = { column, path: undefined, cast: undefined };
  return { through: [], by: { kind: 'term', term }, direction: 'asc', nulls: undefined };
}

export function orderTerms(order: readonly AuthorizedOrder[], scope: Scope): Sql {
  return sql.join(termsOf(order, scope).map(directed), sql`, `);
}
