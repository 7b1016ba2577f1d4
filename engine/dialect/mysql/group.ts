/** Levels of groups: the rows' values first, then functions over those that have the other fields alike. */
import type { Column } from '../../api/api.ts';
import type { Operator } from '../../api/condition.ts';
import { bareType } from '../../api/operators.ts';
import type { Type } from '../../catalog/catalog.ts';
import type { AggregateTerm, AuthorizedNode, Having, Key } from '../../query/query.ts';
import { type Sql, sql } from '../sql.ts';
import { callOf, comparable, orderOf, resultOf, summarize } from './aggregate.ts';
import { castOf } from './cast.ts';
import { compare } from './comparison.ts';
import { readColumn, typeOfPlace } from './condition.ts';
import { textOf, textType } from './json.ts';
import { type Ordered, partsOf } from './order.ts';
import {
  type Columns,
  columnsOf,
  type Level,
  type LevelRows,
  limits,
  type OrderTerm,
  type Output,
  orderBy,
  type Part,
  readTerm,
  type Source,
} from './select.ts';
import { groupTable, type Paged, type TableColumn } from './table.ts';
import { exactly } from './text-comparison.ts';
import { placeOf } from './typed.ts';

/** The groups as a SELECT, for a derived table. */
export function groupedRows(node: AuthorizedNode, level: Level, source: Source, columns: Columns): LevelRows {
  const { aliases } = source.scope;
  const inner = new Inner(source);
  const { keys, outputs, order, having } = groupsOf(node, level, source, {
    keys: (values) => values.map((value) => inner.key(value)),
    input: (value) => inner.add(value),
    result: (call) => call,
  });
  const { values, ...named } = columnsOf(outputs, aliases, columns);
  const conditions = [
    ...(having === undefined ? [] : [having]),
    // Of no function at all there would be a row for each row.
    ...(keys.length === 0 ? [sql`COUNT(*) >= 0`] : []),
  ];
  const clauses = [
    sql`SELECT ${sql.join(values, sql`, `)} FROM (${inner.select()}) AS ${inner.alias}`,
    ...(keys.length === 0 ? [] : [sql` GROUP BY ${sql.join(inner.keys, sql`, `)}`]),
    ...(conditions.length === 0 ? [] : [sql` HAVING ${sql.join(conditions, sql` AND `)}`]),
    orderBy(order, undefined),
    limits(node, { ordered: order.length > 0 }),
  ];
  return { select: sql.join(clauses, sql.empty), outputs, ...named };
}

/**
 * The groups of rows that must be read flat (`mustBeFlat`): a row of `page` is a group, `outputs` are its values. Functions
 * over its rows are subqueries, each with the same rows.
 */
export function groupedTable(
  node: AuthorizedNode,
  level: Level,
  source: Source,
): { readonly outputs: readonly Output[]; readonly page: Paged } {
  const { aliases } = source.scope;
  const { from } = source;
  const whole = aliases.next();
  let group: Pick<Source, 'from' | 'where'> = { from: sql`(SELECT 1 AS c) AS ${whole}`, where: sql`true` };
  // A list of what names the rows around it alone would be a list over those: GROUP_CONCAT belongs to the query of its names.
  let matches: Sql = sql`${source.where} AND ${whole}.c = 1`;
  const over = (call: Sql) => sql`(SELECT ${call} FROM ${from} WHERE ${matches})`;
  const { outputs, order, having } = groupsOf(node, level, source, {
    keys: (values) => {
      if (values.length === 0) return [];
      const rows = { source: { ...source, from }, order: [] };
      const table = groupTable(
        values.map((value) => asKey(value, source)),
        rows,
        aliases,
      );
      group = table;
      matches = sql`${source.where} AND ${table.matches}`;
      return values.map((value, index) => shownAs(value, table.columns[index]!, value.value, over));
    },
    input: (value) => value,
    result: over,
  });
  const where = having === undefined ? group.where : sql`${group.where} AND ${having}`;
  const { limit, offset } = node;
  return {
    outputs,
    page: { source: { ...source, from: group.from, where, order: undefined }, order, limit, offset },
  };
}

/** Where the values of groups come from. */
interface Way {
  /** How each key is read of a group; called once, before the others. */
  readonly keys: (values: readonly TableColumn[]) => readonly Shown[];
  /** A value of the rows, as a function over them names it. */
  readonly input: (value: Sql) => Sql;
  /** What a function over them gives. */
  readonly result: (call: Sql) => Sql;
}

/** A key as the answer shows it, and as groups are ordered by it. */
interface Shown {
  readonly value: Sql;
  readonly order: Sql;
}

interface Groups {
  readonly keys: readonly Shown[];
  readonly outputs: readonly Output[];
  readonly order: readonly OrderTerm[];
  readonly having: Sql | undefined;
}

function groupsOf(node: AuthorizedNode, level: Level, source: Source, way: Way): Groups {
  const { scope } = source;
  const { capabilities } = scope.aliases;
  const groupBy = node.groupBy ?? [];
  const isKey = (output: Output) =>
    !output.constant &&
    output.keys === undefined &&
    output.summary === undefined &&
    output.aggregate === undefined;
  const selected = level.outputs.filter(isKey);
  const keys = way.keys([
    ...groupBy.map((column) => ({
      value: readColumn(column, scope),
      type: column.type,
      collation: column.source.collation,
    })),
    ...selected.map(({ value, type, collation }) => ({ value: value!, type, collation })),
  ]);
  const byColumn = new Map(groupBy.map((column, index) => [column, keys[index]!]));
  const byOutput = new Map(selected.map((output, index) => [output, keys[groupBy.length + index]!]));
  const called = ({ function: name, term }: AggregateTerm, write: typeof orderOf): Sql =>
    way.result(
      write(
        name,
        term && way.input(readTerm(term, scope)),
        term && (term.cast ?? typeOfPlace(term.column, term.path)),
      ),
    );
  const outputs = level.outputs.map((output): Output => {
    if (output.constant) return output;
    if (output.keys !== undefined)
      return { ...output, parts: output.keys.map((key) => keyPart(key, byColumn)) };
    if (output.summary !== undefined) {
      const read = (column: Column) => way.input(readColumn(column, scope));
      return { ...output, parts: summarize(output.summary, read, capabilities, way.result) };
    }
    const key = byOutput.get(output);
    if (key !== undefined) return { ...output, value: key.value };
    const { function: name, cast } = output.aggregate!;
    const call = way.result(callOf(name, output.value && way.input(output.value), false, output.type));
    const type = output.type && resultOf(name, output.type);
    return cast === undefined
      ? { as: output.as, value: call, type }
      : { as: output.as, value: castOf(call, type, cast), type: cast };
  });
  const asked = node.order.flatMap((term): OrderTerm[] => {
    const by: Ordered =
      term.by.kind === 'aggregate'
        ? { value: called(term.by.aggregate, orderOf), type: undefined }
        : keyOf(term, node, level, byColumn, byOutput);
    const { direction, nulls } = term;
    const nullable = term.by.kind !== 'aggregate' || term.by.aggregate.function !== 'count';
    return partsOf(by).map((value) => ({ value, direction, nulls, nullable }));
  });
  // MariaDB gives groups that are alike in the order now so and now so, and pages of them would not fit together.
  const ties = asked.length === 0 ? [] : keys.map(({ order }) => tieOf(order));
  const order = [...asked, ...ties];
  const compared = (aggregate: AggregateTerm) =>
    called(aggregate, (name, input, type) => callOf(name, input, false, type));
  const having = node.having && havingOf(node.having, compared, { ...scope, asked: true });
  return { keys, outputs, order, having };
}

function tieOf(value: Sql): OrderTerm {
  return { value, direction: 'asc', nulls: undefined };
}

function keyPart(key: Key, groupBy: ReadonlyMap<Column, Shown>): Part {
  const { as } = key;
  switch (key.kind) {
    case 'key': {
      const { value } = groupBy.get(key.column)!;
      const { type } = key.column;
      return key.text ? { as, value: textOf(value, type), type: textType } : { as, value, type };
    }
    case 'null':
      return { as, value: sql`NULL`, type: textType };
    case 'constant':
      return { as, value: sql.literal(key.text), type: textType };
    default:
      return key satisfies never;
  }
}

/** By the selected value that the planner has found to be the same. */
function keyOf(
  { by, through }: AuthorizedNode['order'][number],
  node: AuthorizedNode,
  { outputs }: Level,
  groupBy: ReadonlyMap<Column, Shown>,
  selected: ReadonlyMap<Output, Shown>,
): Ordered {
  const nothing: Ordered = { value: sql`NULL`, type: undefined };
  if (by.kind !== 'term') return nothing;
  const { column, path, cast } = by.term;
  const type = cast ?? typeOfPlace(column, path);
  const key = through.length === 0 && path === undefined && cast === undefined && groupBy.get(column);
  if (key) return { value: key.order, type };
  // Spreads before it add columns of their own, so it is found by its name in the answer.
  const edge = through[0]?.link.edge;
  const fields =
    edge === undefined
      ? node.fields
      : node.fields.flatMap((one) =>
          one.kind === 'spread' && one.link.edge === edge ? one.node.fields : [],
        );
  const field = fields.find(
    (one) =>
      one.kind === 'column' &&
      one.column === column &&
      one.cast?.name === cast?.name &&
      JSON.stringify(one.path) === JSON.stringify(path),
  );
  const output = outputs.find(({ as }) => field?.kind === 'column' && as === field.as);
  const found = output && selected.get(output);
  return found === undefined ? nothing : { value: found.order, type };
}

function havingOf(
  having: Having,
  read: (aggregate: AggregateTerm) => Sql,
  scope: Parameters<typeof compare>[3],
): Sql {
  switch (having.kind) {
    case 'and':
    case 'or': {
      const parts = having.of.map((part) => havingOf(part, read, scope));
      return having.kind === 'and'
        ? sql`(${sql.join(parts, sql` AND `, sql`true`)})`
        : sql`(${sql.join(parts, sql` OR `, sql`false`)})`;
    }
    case 'not':
      return sql`(NOT ${havingOf(having.of, read, { ...scope, negated: !scope.negated })})`;
    case 'compare': {
      const { aggregate, operator, value } = having;
      return compare(asked(read(aggregate), operator), operator, value, scope);
    }
    default:
      return having satisfies never;
  }
}

/** MariaDB finds no number of rows in a list when the function is called right beside it. */
function asked(aggregate: Sql, operator: Operator): Sql {
  return operator === 'in' || operator === 'nin' ? sql`COALESCE(${aggregate})` : aggregate;
}

/** The values that the inner SELECT gives, each once. */
class Inner {
  readonly alias: Sql;
  readonly keys: Sql[] = [];
  readonly #source: Source;
  readonly #values: Sql[] = [];

  constructor(source: Source) {
    this.#source = source;
    this.alias = source.scope.aliases.next();
  }

  /** The name under which the outer SELECT reads it. */
  add(value: Sql): Sql {
    return sql`${this.alias}.${sql.identifier(`g${this.#values.push(value) - 1}`)}`;
  }

  key(column: TableColumn): Shown {
    const { value } = asKey(column, this.#source);
    // A collation of bytes still takes `a` and `a ` for one.
    const key = this.add(isText(column) && column.collation === undefined ? exactly(value) : value);
    this.keys.push(key);
    const original = value === column.value ? key : this.add(column.value);
    return shownAs(column, key, original, (call) => call);
  }

  select(): Sql {
    const values = this.#values.map((value, index) => sql`${value} AS ${sql.identifier(`g${index}`)}`);
    return sql`SELECT ${sql.join(values, sql`, `, sql`1 AS g`)} FROM ${this.#source.from} WHERE ${this.#source.where}`;
  }
}

/** What is the same exactly in the rows of a group. */
function asKey(column: TableColumn, { scope }: Source): TableColumn {
  return isFamily(column, 'json')
    ? { ...column, value: comparable(column.value, column.type, scope.aliases.capabilities) }
    : column;
}

/**
 * Values of a group may differ in what a collation, or JSON, does not tell apart: the first of them by their bytes stands
 * for all.
 *
 * @param key as the group has it
 * @param original as its rows have it
 */
function shownAs(column: TableColumn, key: Sql, original: Sql, over: (call: Sql) => Sql): Shown {
  if (isFamily(column, 'json')) {
    const first = over(sql`MIN(CONCAT(${original}))`);
    return { value: first, order: first };
  }
  if (isFamily(column, 'enum')) return { value: key, order: placeOf(key, bareType(column.type!)) };
  if (!isText(column)) return { value: key, order: key };
  if (column.collation === undefined) {
    const text = sql`CONVERT(${key} USING utf8mb4)`;
    return { value: text, order: sql`${text} COLLATE utf8mb4_bin` };
  }
  return { value: sql`CONVERT(${over(sql`MIN(${exactly(original)})`)} USING utf8mb4)`, order: key };
}

function isText(column: TableColumn): boolean {
  return isFamily(column, 'string');
}

function isFamily({ type }: TableColumn, family: Type['family']): boolean {
  return type !== undefined && bareType(type).family === family;
}
