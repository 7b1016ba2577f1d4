/** Arguments of an update → the columns that it sets or changes, and by what. Pure. */
import type { UpdateOperator, UpdateRequest } from '../query/request.ts';
import { Bare } from './bare.ts';
import { listOf } from './filter.ts';
import { columnsIn, rowOf } from './insert.ts';
import type { ModelColumn } from './model.ts';
import type { ArgumentValues } from './page.ts';
import { invalid } from './refusal.ts';
import type { RootContext } from './slots.ts';
import { operatorNames } from './write-names.ts';

type Row = Readonly<Record<string, unknown>>;

/** @throws {Refusal} NS602 nothing is changed, a column twice, or by null */
export function buildChanges(
  args: ArgumentValues,
  path: string,
  context: RootContext,
): Pick<UpdateRequest, 'columns' | 'row' | 'operators'> {
  const { table } = context;
  const row = new Bare();
  const set = (args.get('_set') ?? {}) as Row;
  Object.assign(row, rowOf(set, columnsIn(set, table.updatable)));
  const operators = [...table.writes.operators].flatMap(([operator, columns]) =>
    changesBy(operator, columns, args, path, row),
  );
  const columns = Object.keys(row);
  if (columns.length === 0 && (table.updatable.length > 0 || args.size > 0))
    throw invalid(path, `at least any one of ${listed([...table.writes.operators.keys()])} is expected`);
  return { columns, row: context.slot(row), ...(operators.length === 0 ? null : { operators }) };
}

function changesBy(
  operator: UpdateOperator,
  columns: readonly ModelColumn[],
  args: ArgumentValues,
  path: string,
  row: Bare,
): NonNullable<UpdateRequest['operators']>[number][] {
  const { argument } = operatorNames.get(operator)!;
  const given = (args.get(argument) ?? {}) as Row;
  return columnsIn(given, columns).map((column) => {
    const value = given[column.graphql];
    const place = `${path}.${argument}.${column.graphql}`;
    if (Object.hasOwn(row, column.name))
      throw invalid(place, `column "${column.graphql}" is changed in more than one way`);
    if (value === null) throw invalid(place, 'unexpected null value: nothing is changed by it');
    row[column.name] = operator === 'deleteAtPath' ? listOf(value) : value;
    return { column: column.name, operator };
  });
}

function listed(operators: readonly UpdateOperator[]): string {
  return ['_set', ...operators.map((operator) => operatorNames.get(operator)!.argument)].join(', ');
}
