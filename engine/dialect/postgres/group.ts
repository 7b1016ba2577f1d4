/** Levels of groups: the rows' values first, then functions over those that have the other fields alike. */
import type { AggregateTerm, AuthorizedNode, Having } from '../../query/query.ts';
import type { AggregateFunction } from '../../query/request.ts';
import { type Sql, sql } from '../sql.ts';
import { compare } from './comparison.ts';
import { typeName } from './notation.ts';
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
} from './select.ts';

/** The values that the inner SELECT gives, each once. */
class Inner {
  readonly #source: Source;
  readonly #values: Sql[] = [];

  constructor(source: Source) {
    this.#source = source;
  }

  /** The name under which the outer SELECT reads it. */
  add(value: Sql): Sql {
    return sql.identifier(`g${this.#values.push(value) - 1}`);
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

const functions: Readonly<Record<AggregateFunction, Sql>> = {
  count: sql`count`,
  sum: sql`sum`,
  avg: sql`avg`,
  min: sql`min`,
  max: sql`max`,
};

function callOf(name: AggregateFunction, input: Sql | undefined): Sql {
  return sql`${functions[name]}(${input ?? sql`*`})`;
}

export function groupedRows(node: AuthorizedNode, level: Level, source: Source, columns: Columns): LevelRows {
  const inner = new Inner(source);
  const keys: Sql[] = [];
  const outputs = level.outputs.map((output): Output => {
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
    node.order.map((term) => directed(orderOf(term, node, outputs, inner), term)),
    sql`, `,
  );
  const having = node.having && compileHaving(node.having, inner);
  const { list, ...named } = columnsOf(outputs, columns);
  const rows = source.scope.aliases.next();
  const clauses = [
    sql`SELECT ${list} FROM (${inner.select(level.joins)}) AS ${rows}`,
    ...(keys.length === 0 ? [] : [sql`GROUP BY ${sql.join(keys, sql`, `)}`]),
    ...(having === undefined ? [] : [sql`HAVING ${having}`]),
    ...(node.order.length === 0 ? [] : [sql`ORDER BY ${order}`]),
  ];
  return { select: sql`${sql.join(clauses, sql` `)}${limits(node)}`, outputs, ...named };
}

/** The json type has no equality to group by. */
function groupable({ value, type }: Output): Sql {
  const isJson = type === undefined || (type.family === 'json' && type.verbatim === true);
  return isJson ? sql`to_jsonb(${value!})` : value!;
}

/** By an aggregate, or by the selected value that the planner has found to be the same. */
function orderOf(
  { by, through }: AuthorizedNode['order'][number],
  node: AuthorizedNode,
  outputs: readonly Output[],
  inner: Inner,
): Sql {
  if (by.kind === 'aggregate') return inner.aggregate(by.aggregate);
  const { column, path, cast } = by.term;
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
      return sql`(${sql.join(parts, having.kind === 'and' ? sql` AND ` : sql` OR `)})`;
    }
    case 'not':
      return sql`(NOT ${compileHaving(having.of, inner)})`;
    case 'compare':
      return compare(inner.aggregate(having.aggregate), having.operator, having.value);
    default:
      return having satisfies never;
  }
}
