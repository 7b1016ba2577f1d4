/** Planned fields → fields of a request: columns, relationships, aggregates, each level with its own page. Pure. */
import type { ColumnFunction } from '../api/aggregates.ts';
import type {
  AggregateRequest,
  ConnectionPart,
  ConnectionRequest,
  EdgeItem,
  FieldRequest,
  NodeRequest,
  SummaryRequest,
} from '../query/request.ts';
import { buildKeysetPage } from './connection.ts';
import { fieldsOf } from './fields.ts';
import { buildFilter, type FilterContext, listOf } from './filter.ts';
import { parseJsonPath } from './json-path.ts';
import { absent, resolve } from './literal.ts';
import type { ModelTable } from './model.ts';
import type {
  Arguments,
  ConnectionPlan,
  EdgePlan,
  FieldPlan,
  KeyPlan,
  PartPlan,
  SummaryPlan,
  ValueNode,
} from './operation.ts';
import { buildPage } from './page.ts';
import { argumentValues, present, type RootContext } from './slots.ts';

export function buildFields(
  plans: readonly FieldPlan[],
  path: string,
  context: RootContext,
): readonly FieldRequest[] {
  return present(plans, context).map((field) =>
    buildField(field, `${path}.selectionSet.${field.as}`, context),
  );
}

function buildField(field: FieldPlan, path: string, context: RootContext): FieldRequest {
  switch (field.kind) {
    case 'column': {
      const steps = pathOf(field.path, `${path}.args.path`, context);
      return {
        kind: 'column',
        column: field.column,
        as: field.as,
        ...(field.number === undefined ? null : { number: field.number }),
        ...(steps.length === 0 ? null : { path: { steps, text: false } }),
      };
    }
    case 'typename':
      return { kind: 'constant', as: field.as, text: field.text };
    case 'embed': {
      const fields = buildFields(field.fields, path, context);
      const node = {
        fields,
        ...buildRows(field.arguments, context.role.tables.get(field.table)!, path, context),
      };
      return { kind: 'embed', as: field.as, relationship: field.relationship, join: 'left', node };
    }
    case 'aggregate': {
      const node = buildAggregate(field, context.role.tables.get(field.table)!, path, context);
      return { kind: 'embedAggregate', as: field.as, relationship: field.relationship, node };
    }
    case 'connection': {
      const node = buildConnection(field, context.role.tables.get(field.table)!, path, context);
      return { kind: 'embedConnection', as: field.as, relationship: field.relationship, node };
    }
    default:
      return field satisfies never;
  }
}

/** No steps: the value itself. */
function pathOf(node: ValueNode | undefined, place: string, { lookup }: RootContext) {
  const text = node === undefined ? absent : resolve(node, lookup);
  return typeof text === 'string' ? parseJsonPath(text, place) : [];
}

/** Filter, order and page of the rows of one level. */
export function buildRows(
  args: Arguments,
  table: ModelTable,
  path: string,
  context: RootContext,
): Omit<NodeRequest, 'fields'> {
  if (args.length === 0) return {};
  const values = argumentValues(args, context);
  const where = values.get('where');
  const { tables, model } = context.role;
  const page = buildPage(values, table, path, { tables, depth: model.depth, slot: context.slot });
  if (where === undefined || where === null) return page;
  return { where: buildFilter(where, table, `${path}.args.where`, filterContext(context, false)), ...page };
}

/** @param strict in mutations: nothing may be empty by accident */
export function filterContext(context: RootContext, strict: boolean): FilterContext {
  const { role, budget, slot } = context;
  return { tables: role.tables, depth: role.model.depth, strict, slot, budget };
}

export function buildAggregate(
  plan: { readonly arguments: Arguments; readonly parts: readonly PartPlan[] },
  table: ModelTable,
  path: string,
  context: RootContext,
): AggregateRequest {
  const parts = present(plan.parts, context).map((part): AggregateRequest['parts'][number] => {
    switch (part.kind) {
      case 'typename':
        return { kind: 'constant', as: part.as, text: part.text };
      case 'summary':
        return { kind: 'summary', as: part.as, items: buildSummary(part.items, table, context) };
      case 'nodes':
        return {
          kind: 'nodes',
          as: part.as,
          fields: buildFields(part.fields, `${path}.selectionSet.${part.as}`, context),
        };
      default:
        return part satisfies never;
    }
  });
  return { parts, ...buildRows(plan.arguments, table, path, context) };
}

export function buildConnection(
  plan: { readonly arguments: Arguments; readonly parts: readonly ConnectionPlan[] },
  table: ModelTable,
  path: string,
  context: RootContext,
): ConnectionRequest {
  const parts = present(plan.parts, context).map((part): ConnectionPart => {
    const place = `${path}.selectionSet.${part.as}`;
    switch (part.kind) {
      case 'typename':
        return { kind: 'constant', as: part.as, text: part.text };
      case 'totalCount':
        return { kind: 'totalCount', as: part.as };
      case 'edges':
        return { kind: 'edges', as: part.as, items: buildEdge(part.items, place, context) };
      case 'pageInfo':
        return {
          kind: 'pageInfo',
          as: part.as,
          items: present(part.items, context).map((item) =>
            item.kind === 'typename'
              ? { kind: 'constant', as: item.as, text: item.text }
              : { kind: item.kind, as: item.as },
          ),
        };
      default:
        return part satisfies never;
    }
  });
  const values = argumentValues(plan.arguments, context);
  const { role, budget } = context;
  const keyset = { tables: role.tables, depth: role.model.depth, values: context.values, budget };
  const page = buildKeysetPage(values, table, path, keyset);
  const where = values.get('where');
  if (where === undefined || where === null) return { ...page, parts };
  const filter = buildFilter(where, table, `${path}.args.where`, filterContext(context, false));
  return { where: filter, ...page, parts };
}

function buildEdge(items: readonly EdgePlan[], path: string, context: RootContext): readonly EdgeItem[] {
  return present(items, context).map((item): EdgeItem => {
    switch (item.kind) {
      case 'typename':
        return { kind: 'constant', as: item.as, text: item.text };
      case 'cursor':
        return { kind: 'cursor', as: item.as };
      case 'node': {
        const fields = buildFields(item.fields, `${path}.selectionSet.${item.as}`, context);
        return { kind: 'node', as: item.as, fields };
      }
      default:
        return item satisfies never;
    }
  });
}

export function buildSummary(
  plans: readonly SummaryPlan[],
  table: ModelTable,
  context: RootContext,
): readonly SummaryRequest[] {
  return present(plans, context).map((item): SummaryRequest => {
    switch (item.kind) {
      case 'typename':
        return { kind: 'constant', as: item.as, text: item.text };
      case 'count':
        return buildCount(item, table, context);
      case 'function':
        return {
          kind: 'object',
          as: item.as,
          items: present(item.fields, context).map((field) =>
            field.kind === 'typename'
              ? { kind: 'constant', as: field.as, text: field.text }
              : measure(item.function, field),
          ),
        };
      default:
        return item satisfies never;
    }
  });
}

function buildCount(
  item: Extract<SummaryPlan, { kind: 'count' }>,
  table: ModelTable,
  context: RootContext,
): SummaryRequest {
  const { columns } = fieldsOf(table);
  const args = argumentValues(item.arguments, context);
  // Named twice, a column counts no more rows, but makes the statement longer.
  const names = [...new Set(listOf(args.get('columns') ?? []))];
  return {
    kind: 'count',
    as: item.as,
    columns: names.map((name) => columns.get(name as string)!.name),
    distinct: args.get('distinct') === true,
  };
}

function measure(
  name: ColumnFunction,
  { as, column, number }: Extract<KeyPlan, { kind: 'column' }>,
): SummaryRequest {
  return { kind: 'function', as, function: name, column, ...(number === undefined ? {} : { number }) };
}
