/** One level of a read: its fields as the columns of a SELECT, and how a row of it becomes JSON. */
import type { Column } from '../../api/api.ts';
import { always, type Condition } from '../../api/condition.ts';
import type { Type } from '../../catalog/catalog.ts';
import type {
  AuthorizedAggregate,
  AuthorizedConnection,
  AuthorizedField,
  AuthorizedNode,
  AuthorizedOrder,
  AuthorizedStep,
  Link,
  Summary,
  Term,
} from '../../query/query.ts';
import { type Sql, sql } from '../sql.ts';
import { callOf, isOverRows, ofRows, summarize } from './aggregate.ts';
import { type Aliases, farBehindFence, joinFar, readColumn, type Scope } from './condition.ts';
import { type ConnectionSources, connectionObject } from './connection-object.ts';
import { groupedRows } from './group.ts';
import {
  type Columns,
  columnsOf,
  directed,
  type Level,
  type LevelRows,
  limits,
  type Output,
  readTerm,
  type Source,
  type SourceNode,
} from './select.ts';

export function nodeRows(node: AuthorizedNode, source: Source, columns: Columns = {}): LevelRows {
  const level = levelOf(node.fields, source.scope);
  if (node.groupBy !== undefined || level.outputs.some(({ aggregate }) => aggregate !== undefined))
    return groupedRows(node, level, source, columns);
  const { list, ...rows } = columnsOf(level.outputs, columns);
  const from = { ...source, from: sql`${source.from}${level.joins}` };
  return {
    select: sql`SELECT ${distinctOn(node, source.scope)}${list} ${pageOf(node, from)}`,
    outputs: level.outputs,
    ...rows,
  };
}

/** Fields of rows that are there already, such as those just written. */
export function selectList(
  fields: readonly AuthorizedField[],
  scope: Scope,
  columns: Columns = {},
): Omit<LevelRows, 'select'> & { readonly list: Sql; readonly joins: Sql } {
  const { outputs, joins } = levelOf(fields, scope);
  return { ...columnsOf(outputs, columns), outputs, joins };
}

export function levelOf(fields: readonly AuthorizedField[], scope: Scope): Level {
  const outputs: Output[] = [];
  const joins: Sql[] = [];
  for (const field of fields) {
    if (field.kind === 'spread') spread(field.link, field.node, scope, outputs, joins);
    else outputs.push(outputOf(field, scope));
  }
  return { outputs, joins: sql.join(joins, sql.empty) };
}

function outputOf(field: Exclude<AuthorizedField, { kind: 'spread' }>, scope: Scope): Output {
  switch (field.kind) {
    case 'column': {
      const value = readTerm(field, scope);
      return field.text
        ? { as: field.as, value: sql`(${value})::text`, type: undefined }
        : { as: field.as, value, type: typeOf(field) };
    }
    case 'aggregate': {
      const { function: name, term } = field.aggregate;
      return {
        as: field.as,
        value: term && readTerm(term, scope),
        type: undefined,
        aggregate: { function: name, cast: field.cast },
      };
    }
    case 'constant':
      return {
        as: field.as,
        value: sql`${sql.literal(field.text)}::text`,
        type: undefined,
        constant: true,
      };
    case 'keys':
      return { as: field.as, value: undefined, type: undefined, keys: field.items };
    case 'summary':
      return { as: field.as, value: undefined, type: undefined, summary: field.items };
    case 'embed':
      return {
        as: field.as,
        value:
          field.link.edge.kind === 'one'
            ? embedOne(field.link, field.node, scope)
            : embedMany(field.link, field.node, scope),
        type: undefined,
      };
    case 'embedAggregate':
      return {
        as: field.as,
        // Each part reads the related rows by itself, so each has aliases of its own.
        value: aggregateObject(field.node, scope.aliases, () => farSource(field.link, field.node, scope)),
        type: undefined,
      };
    case 'embedConnection': {
      const { link, node } = field;
      const open = (where: Condition) => farSource(link, { ...node, where }, scope);
      return { as: field.as, value: connectionOf(node, open, scope.aliases), type: undefined };
    }
    default:
      return field satisfies never;
  }
}

function typeOf({ column, path, cast }: Term): Type | undefined {
  return cast ?? (path === undefined ? column.type : undefined);
}

/** The far rows' fields as columns of this level: as they are of one row, as lists of many. */
function spread(link: Link, node: AuthorizedNode, scope: Scope, outputs: Output[], joins: Sql[]): void {
  const source = farSource(link, node, scope);
  const alias = scope.aliases.next();
  if (link.edge.kind === 'one') {
    const inner = levelOf(node.fields, source.scope);
    const from = { ...source, from: sql`${source.from}${inner.joins}` };
    const list = sql.join(
      inner.outputs.map(({ value }, index) => sql`${value ?? sql`1`} AS ${sql.identifier(`c${index}`)}`),
      sql`, `,
    );
    joins.push(
      sql` LEFT JOIN LATERAL (SELECT ${list} ${pageOf({ ...node, limit: 1 }, from)}) AS ${alias} ON true`,
    );
    for (const [index, output] of inner.outputs.entries())
      outputs.push({ ...output, value: output.value && sql`${alias}.${sql.identifier(`c${index}`)}` });
    return;
  }
  const inner = levelOf(node.fields, source.scope);
  const from = { ...source, from: sql`${source.from}${inner.joins}` };
  const rows = scope.aliases.next();
  const names = inner.outputs.map((_output, index) => sql.identifier(`c${index}`));
  const list = sql.join(
    inner.outputs.map(({ value }, index) => sql`${value!} AS ${names[index]!}`),
    sql`, `,
  );
  const lists = sql.join(
    names.map((name) => sql`${jsonList(sql`${rows}.${name}`)} AS ${name}`),
    sql`, `,
  );
  joins.push(
    sql` LEFT JOIN LATERAL (SELECT ${lists} FROM (SELECT ${list} ${pageOf(node, from)}) AS ${rows}) AS ${alias} ON true`,
  );
  for (const [index, { as }] of inner.outputs.entries())
    outputs.push({ as, value: sql`${alias}.${names[index]!}`, type: undefined });
}

/** A list within the answer: text would have to be read as JSON again, which costs a tenth of a nested request. */
export function jsonList(row: Sql): Sql {
  return sql`coalesce(json_agg(${row}), '[]'::json)`;
}

function farSource(link: Link, node: SourceNode, scope: Scope): Source {
  const alias = scope.aliases.next();
  const behind = farBehindFence(link.edge, node.where, alias);
  const far: Scope = { alias, ...behind, guards: node.guards, aliases: scope.aliases };
  return { ...joinFar(link, node.where, scope, far), scope: far };
}

function embedOne(link: Link, node: AuthorizedNode, scope: Scope): Sql {
  const rows = nodeRows({ ...node, limit: 1 }, farSource(link, node, scope));
  const alias = scope.aliases.next();
  return sql`(SELECT ${rows.asJson(alias)} FROM (${rows.select}) AS ${alias})`;
}

function embedMany(link: Link, node: AuthorizedNode, scope: Scope): Sql {
  const rows = nodeRows(node, farSource(link, node, scope));
  const alias = scope.aliases.next();
  return sql`(SELECT ${jsonList(rows.asJson(alias))} FROM (${rows.select}) AS ${alias})`;
}

/** `{ "aggregate": {…}, "nodes": […] }`: each part is over the same rows, and reads them by itself. */
export function aggregateObject(node: AuthorizedAggregate, aliases: Aliases, open: () => Source): Sql {
  const parts = node.parts.map((part) => {
    switch (part.kind) {
      case 'constant':
        return { as: part.as, value: sql`${sql.literal(part.text)}::text` };
      case 'summary':
        return { as: part.as, value: summary(node, part.items, open()) };
      case 'nodes': {
        const rows = nodeRows(
          { ...node, fields: part.fields, limit: part.limit, having: undefined, groupBy: undefined },
          open(),
        );
        const alias = aliases.next();
        return {
          as: part.as,
          value: sql`(SELECT ${jsonList(rows.asJson(alias))} FROM (${rows.select}) AS ${alias})`,
        };
      }
      default:
        return part satisfies never;
    }
  });
  return objectFrom(parts, undefined, aliases);
}

/** One object of values over the rows of `from`, or over nothing. @param fewest null over fewer rows */
function objectFrom(
  values: Parameters<typeof columnsOf>[0],
  from: Sql | undefined,
  aliases: Aliases,
  fewest = 1,
): Sql {
  const { list, asJson } = columnsOf(values);
  const alias = aliases.next();
  const rows = from === undefined ? sql.empty : sql` FROM (${from}) AS ${aliases.next()}${ofRows(fewest)}`;
  return sql`(SELECT ${asJson(alias)} FROM (SELECT ${list}${rows}) AS ${alias})`;
}

function summary(node: AuthorizedAggregate, items: readonly Summary[], source: Source): Sql {
  const { scope } = source;
  const names = new Map<Column, Sql>();
  const values = summarize(items, (column) => {
    const name = names.get(column) ?? sql.identifier(`c${names.size}`);
    names.set(column, name);
    return name;
  });
  const list = sql.join(
    [...names].map(([column, name]) => sql`${readColumn(column, scope)} AS ${name}`),
    sql`, `,
  );
  // After DISTINCT ON there must be something to select.
  const selected = names.size === 0 && node.distinct.length > 0 ? sql`1` : list;
  const page = sql`SELECT ${distinctOn(node, scope)}${selected} ${pageOf(node, source)}`;
  // Constants alone aggregate nothing, and would come once a row.
  return objectFrom(values, isOverRows(items) ? page : undefined, scope.aliases, node.minGroup);
}

/** @param open the rows where a condition holds, each time under an alias of its own */
export function connectionOf(
  node: AuthorizedConnection,
  open: (where: Condition) => Source,
  aliases: Aliases,
): Sql {
  const object: ConnectionSources['object'] = (values) => objectFrom(values, undefined, aliases);
  const page = () => {
    const source = open(node.page);
    const { scope } = source;
    return {
      from: pageOf({ ...node, limit: node.limit + 1, offset: undefined, distinct: [] }, source),
      order: node.order.map((term) => orderedBy(term, scope)),
      node: (fields: readonly AuthorizedField[]) =>
        objectFrom(levelOf(fields, scope).outputs as Parameters<typeof object>[0], undefined, aliases),
    };
  };
  const count = () => {
    const { from, where } = open(node.where);
    return sql`(SELECT count(*) FROM ${from} WHERE ${where})`;
  };
  return connectionObject(node, { page, count, object }, aliases);
}

type Page = Pick<AuthorizedNode, 'order' | 'limit' | 'offset' | 'distinct'>;

function distinctOn(page: Page, scope: Scope): Sql {
  if (page.distinct.length === 0) return sql.empty;
  return sql`DISTINCT ON (${sql.join(
    page.distinct.map((column) => readColumn(column, scope)),
    sql`, `,
  )}) `;
}

/** FROM … WHERE … ORDER BY … LIMIT … OFFSET … */
function pageOf(page: Page, { from, where, scope, order: own }: Source): Sql {
  const terms = page.order.length === 0 ? own : orderTerms(page.order, scope);
  const order = terms === undefined ? sql.empty : sql` ORDER BY ${terms}`;
  return sql`FROM ${from} WHERE ${where}${order}${limits(page)}`;
}

export function orderTerms(order: readonly AuthorizedOrder[], scope: Scope): Sql {
  return sql.join(
    order.map((term) => directed(orderedBy(term, scope), term)),
    sql`, `,
  );
}

function orderedBy(term: AuthorizedOrder, scope: Scope): Sql {
  return term.through.length === 0 ? orderValue(term, scope) : throughOne(term, 0, scope);
}

function orderValue({ by }: AuthorizedOrder, scope: Scope): Sql {
  switch (by.kind) {
    case 'term':
      return readTerm(by.term, scope);
    // Groups have their own way.
    case 'aggregate':
      return sql`NULL`;
    case 'related': {
      const { far, from, where } = step(by.step, scope);
      const { function: name, term } = by.aggregate;
      const call = callOf(name, term && readTerm(term, far));
      return sql`(SELECT ${call} FROM ${from} WHERE ${where}${ofRows(by.minGroup)})`;
    }
    default:
      return by satisfies never;
  }
}

/** The value of a row that to-one relationships lead to; null where the caller may not see that row. */
function throughOne(term: AuthorizedOrder, index: number, scope: Scope): Sql {
  const next = term.through[index];
  if (next === undefined) return orderValue(term, scope);
  const { far, from, where } = step(next, scope);
  return sql`(SELECT ${throughOne(term, index + 1, far)} FROM ${from} WHERE ${where} LIMIT 1)`;
}

/** The rows that the caller may see there, read as `far`. */
function step({ link, where, guards }: AuthorizedStep, scope: Scope) {
  const far: Scope = { alias: scope.aliases.next(), guards, aliases: scope.aliases };
  return { far, ...joinFar(link, { kind: 'fenced', policy: where, of: always }, scope, far) };
}
