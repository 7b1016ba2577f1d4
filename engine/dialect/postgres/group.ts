/** Levels of groups: the rows' values first, then functions over those that have the other fields alike. */
import type { Column } from '../../api/api.ts';
import type { AggregateTerm, AuthorizedNode, Having, Key } from '../../query/query.ts';
import { type Sql, sql } from '../sql.ts';
import { callOf, summarize } from './aggregate.ts';
import { compare } from './comparison.ts';
import { readColumn } from './condition.ts';
import { typeName } from './notation.ts';
import {
  type Columns,
  columnsOf,
  directed,
  type Level,
  type LevelRows,
  limits,
  type Output,
  type Part,
  readTerm,
  type Source,
} from './select.ts';

/** The values that the inner SELECT gives, each once. */
class Inner {
  readonly #source: Source;
  readonly #values: Sql[] = [];
  readonly #columns = new Map<Column, Sql>();

  constructor(source: Source) {
    this.#source = source;
  }

  /** The name under which the outer SELECT reads it. */
  add(value: Sql): Sql {
    return sql.identifier(`g${this.#values.push(value) - 1}`);
  }

  column(column: Column): Sql {
    const name = this.#columns.get(column) ?? this.add(readColumn(column, this.#source.scope));
    this.#columns.set(column, name);
    return name;
  }

  aggregate({ function: name, term }: AggregateTerm): Sql {
    return callOf(name, term && this.add(readTerm(term, this.#source.scope)));
  }

  select(joins: Sql): Sql {
    const list = sql.join(
      this.#values.map((value, index) => sql`${value} AS ${sql.identifier(`g${index}`)}`),
      sql`, `,
    );
    return sql`SELECT ${list} FROM ${this.#source.from}${joins} WHERE ${this.#source.where}`;
  }
}

export function groupedRows(node: AuthorizedNode, level: Level, source: Source, columns: Columns): LevelRows {
  const inner = new Inner(source);
  const groupBy = new Map(
    node.groupBy?.map((column) => {
      const value = groupable({ value: readColumn(column, source.scope), type: column.type });
      return [column, inner.add(value)] as const;
    }),
  );
  const keys: Sql[] = [...groupBy.values()];
  const outputs = level.outputs.map((output): Output => {
    if (output.constant) return output;
    if (output.keys !== undefined)
      return { ...output, parts: output.keys.map((key) => keyPart(key, groupBy)) };
    if (output.summary !== undefined)
      return { ...output, parts: summarize(output.summary, (column) => inner.column(column)) };
    if (output.aggregate === undefined) {
      const key = inner.add(groupable(output));
      keys.push(key);
      return { ...output, value: key };
    }
    const { function: name, cast } = output.aggregate;
    const call = callOf(name, output.value && inner.add(output.value));
    return {
      as: output.as,
      value: cast === undefined ? call : sql`(${call})::${typeName(cast)}`,
      type: cast,
    };
  });
  const order = sql.join(
    node.order.map((term) => directed(orderOf(term, node, outputs, inner, groupBy), term)),
    sql`, `,
  );
  const having = node.having && compileHaving(node.having, inner);
  const { list, ...named } = columnsOf(outputs, columns);
  const rows = source.scope.aliases.next();
  const clauses = [
    sql`SELECT ${list} FROM (${inner.select(level.joins)}) AS ${rows}`,
    ...(keys.length > 0 ? [sql`GROUP BY ${sql.join(keys, sql`, `)}`] : []),
    // Of no aggregate at all there would be a row for each row.
    ...(keys.length === 0 && node.groupBy !== undefined ? [sql`GROUP BY ()`] : []),
    ...(having === undefined ? [] : [sql`HAVING ${having}`]),
    ...(node.order.length === 0 ? [] : [sql`ORDER BY ${order}`]),
  ];
  return { select: sql`${sql.join(clauses, sql` `)}${limits(node)}`, outputs, ...named };
}

function keyPart(key: Key, groupBy: ReadonlyMap<Column, Sql>): Part {
  switch (key.kind) {
    case 'key': {
      const value = groupBy.get(key.column)!;
      return { as: key.as, value: key.text ? sql`(${value})::text` : value };
    }
    case 'null':
      return { as: key.as, value: sql`NULL::text` };
    case 'constant':
      return { as: key.as, value: sql`${sql.literal(key.text)}::text` };
    default:
      return key satisfies never;
  }
}

/** The json type has no equality to group by. */
function groupable({ value, type }: Pick<Output, 'value' | 'type'>): Sql {
  const isJson = type === undefined || (type.family === 'json' && type.verbatim === true);
  return isJson ? sql`to_jsonb(${value!})` : value!;
}

/** By an aggregate, or by the selected value that the planner has found to be the same. */
function orderOf(
  { by, through }: AuthorizedNode['order'][number],
  node: AuthorizedNode,
  outputs: readonly Output[],
  inner: Inner,
  groupBy: ReadonlyMap<Column, Sql>,
): Sql {
  if (by.kind === 'aggregate') return inner.aggregate(by.aggregate);
  if (by.kind === 'related') return sql`NULL`;
  const { column, path, cast } = by.term;
  const key = through.length === 0 && path === undefined && cast === undefined && groupBy.get(column);
  if (key) return key;
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
  return output?.value ?? sql`NULL`;
}

function compileHaving(having: Having, inner: Inner): Sql {
  switch (having.kind) {
    case 'and':
    case 'or': {
      const parts = having.of.map((part) => compileHaving(part, inner));
      return having.kind === 'and'
        ? sql`(${sql.join(parts, sql` AND `, sql`true`)})`
        : sql`(${sql.join(parts, sql` OR `, sql`false`)})`;
    }
    case 'not':
      return sql`(NOT ${compileHaving(having.of, inner)})`;
    case 'compare':
      return compare(inner.aggregate(having.aggregate), having.operator, having.value);
    default:
      return having satisfies never;
  }
}
