/** `<table>_group_by` → a read whose rows are groups: its keys, `having` and order. Pure. */
import type { ColumnFunction } from '../api/aggregates.ts';
import type { FieldRequest, HavingRequest, KeyRequest, OrderRequest, ReadRequest } from '../query/request.ts';
import { fieldsOf } from './fields.ts';
import { buildFilter, compareResult, type FilterContext, listOf, spend } from './filter.ts';
import type { ModelColumn, ModelTable } from './model.ts';
import type { GroupRootPlan, KeyPlan } from './operation.ts';
import { type ArgumentValues, buildPage, directions, requireFewOrders } from './page.ts';
import { invalid } from './refusal.ts';
import { buildSummary, filterContext } from './selection.ts';
import { argumentValues, common, present, type RootContext } from './slots.ts';

type Fields = Readonly<Record<string, unknown>>;

/** @throws {Refusal} NS602 an order by a column that is no key, a null to compare with; NS603 too many conditions */
export function buildGroups(root: GroupRootPlan, context: RootContext): ReadRequest {
  const { table, path } = context;
  const values = argumentValues(root.arguments, context);
  const { columns } = fieldsOf(table);
  const groupBy = [...new Set(listOf(values.get('keys')))].map((name) => columns.get(name as string)!.name);
  const filters = filterContext(context, false);
  const where = values.get('where');
  const having = values.get('having');
  const order = orderOf(values.get('order_by'), groupBy, table, `${path}.args.order_by`);
  const { limit, offset } = pageOf(values, context);
  const node = {
    fields: fieldsOfGroup(root, context),
    groupBy,
    ...(where === undefined || where === null
      ? {}
      : { where: buildFilter(where, table, `${path}.args.where`, filters) }),
    ...(having === undefined || having === null
      ? {}
      : { having: havingOf(having as Fields, table, `${path}.args.having`, filters) }),
    ...(order.length === 0 ? {} : { order }),
    ...(limit === undefined ? {} : { limit }),
    ...(offset === undefined ? {} : { offset }),
  };
  return { kind: 'read', ...common(context), node, shape: 'list', count: false };
}

function pageOf(values: ArgumentValues, context: RootContext) {
  const page = new Map([...values].filter(([name]) => name === 'limit' || name === 'offset'));
  const { tables, model } = context.role;
  return buildPage(page, context.table, context.path, { tables, depth: model.depth, slot: context.slot });
}

function fieldsOfGroup(root: GroupRootPlan, context: RootContext): readonly FieldRequest[] {
  return present(root.parts, context).map((part): FieldRequest => {
    switch (part.kind) {
      case 'typename':
        return { kind: 'constant', as: part.as, text: part.text };
      case 'keys':
        return { kind: 'keys', as: part.as, items: present(part.fields, context).map(keyOf) };
      case 'summary':
        return { kind: 'summary', as: part.as, items: buildSummary(part.items, context.table, context) };
      default:
        return part satisfies never;
    }
  });
}

function keyOf(field: KeyPlan): KeyRequest {
  if (field.kind === 'typename') return { kind: 'constant', as: field.as, text: field.text };
  const { as, column, number } = field;
  return { kind: 'key', as, column, ...(number === undefined ? {} : { number }) };
}

/** What is null asks nothing, as in `where`. */
function havingOf(value: Fields, table: ModelTable, path: string, context: FilterContext): HavingRequest {
  const parts = Object.entries(value).flatMap(([name, part]): readonly HavingRequest[] => {
    const place = `${path}.${name}`;
    if (part === null) return [];
    switch (name) {
      case '_and':
      case '_or':
        return [
          {
            kind: name === '_and' ? 'and' : 'or',
            of: listOf(part).map((one, index) => nestedHaving(one, table, `${place}[${index}]`, context)),
          },
        ];
      case '_not':
        return [{ kind: 'not', of: nestedHaving(part, table, place, context) }];
      case 'count':
        return comparisonsOf('count', undefined, part as Fields, place, context);
      default:
        return Object.entries(part as Fields).flatMap(([of, comparison]) => {
          const column = fieldsOf(table).columns.get(of)!;
          if (comparison === null) return [];
          return comparisonsOf(
            name as ColumnFunction,
            column,
            comparison as Fields,
            `${place}.${of}`,
            context,
          );
        });
    }
  });
  return parts.length === 1 ? parts[0]! : { kind: 'and', of: parts };
}

function nestedHaving(
  value: unknown,
  table: ModelTable,
  path: string,
  context: FilterContext,
): HavingRequest {
  spend(path, context);
  if (value === null) throw invalid(path, 'unexpected null value: a condition on groups is expected');
  return havingOf(value as Fields, table, path, context);
}

function comparisonsOf(
  name: ColumnFunction | 'count',
  column: ModelColumn | undefined,
  comparison: Fields,
  path: string,
  context: FilterContext,
): readonly HavingRequest[] {
  return Object.entries(comparison).map(
    ([operator, operand]): HavingRequest => ({
      kind: 'compare',
      term: column === undefined ? { function: name } : { function: name, column: column.name },
      ...compareResult(
        operator,
        operand,
        column?.scalar ?? 'Int',
        `${path}.${operator}`,
        context,
        column?.list,
      ),
    }),
  );
}

function orderOf(
  value: unknown,
  groupBy: readonly string[],
  table: ModelTable,
  path: string,
): readonly OrderRequest[] {
  const items = value === undefined || value === null ? [] : listOf(value);
  const orders = items.flatMap((item) =>
    Object.entries((item ?? {}) as Fields).flatMap(([name, part]): OrderRequest[] => {
      if (part === null) return [];
      if (name === 'count') return [{ through: [], aggregate: 'count', ...directions.get(part as string)! }];
      return Object.entries(part as Fields).flatMap(([of, direction]): OrderRequest[] => {
        if (direction === null) return [];
        const column = fieldsOf(table).columns.get(of)!.name;
        const by = { through: [], column, ...directions.get(direction as string)! };
        if (name !== 'keys') return [{ ...by, aggregate: name as ColumnFunction }];
        if (!groupBy.includes(column))
          throw invalid(
            `${path}.keys.${of}`,
            `groups are ordered by columns named in "keys", and "${of}" is not; name it there, or order by an aggregate of it`,
          );
        return [by];
      });
    }),
  );
  requireFewOrders(orders, path);
  return orders;
}
