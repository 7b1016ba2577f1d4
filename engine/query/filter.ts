/** A caller's filter → a condition: names in the caller's world, values as typed slots. */
import { type AggregateFunction, numberTypes, typeOfResult } from '../api/aggregates.ts';
import type { Column, Edge, World, WorldTable } from '../api/api.ts';
import { all, always, any, type Condition, type Operator, type Value } from '../api/condition.ts';
import { countType, operandOf, quantifiedOperandOf } from '../api/operators.ts';
import { builtinType } from '../catalog/builtin-types.ts';
import type { Type } from '../catalog/catalog.ts';
import { typeTitle } from '../catalog/value.ts';
import { Problem } from '../problem/problem.ts';
import { relationshipNotFound } from './refusal.ts';
import { findEdge } from './relationship.ts';
import type { EmbedRequest, FieldRequest, FilterRequest } from './request.ts';
import { findColumn, planTerm, requireAggregate, typeOfTerm } from './term.ts';

/**
 * @param embeds fields of the level: a filter on an embedded relationship (`reviews=is.null`) takes the embed's own filters
 * @throws {Problem} 42703, PGRST200, 42883 the operator does not apply
 */
export function planFilter(
  filter: FilterRequest,
  table: WorldTable,
  world: World,
  embeds: readonly FieldRequest[] = [],
): Condition {
  switch (filter.kind) {
    case 'and':
      return all(filter.of.map((part) => planFilter(part, table, world, embeds)));
    case 'or':
      return any(filter.of.map((part) => planFilter(part, table, world, embeds)));
    case 'not':
      return { kind: 'not', of: planFilter(filter.of, table, world, embeds) };
    case 'compare':
      return planCompare(filter, table);
    case 'related':
      return planRelated(filter, table, world, embeds);
    case 'aggregate':
      return planAggregate(filter, table, world);
    default:
      return filter satisfies never;
  }
}

const configType: Type = Object.freeze(builtinType('regconfig'));

function planCompare(filter: Extract<FilterRequest, { kind: 'compare' }>, table: WorldTable): Condition {
  const { operator, quantifier, language } = filter;
  const term = planTerm(filter, table);
  return {
    kind: 'compare',
    column: term.column,
    path: term.path,
    cast: term.cast,
    operator,
    quantifier,
    value: slotFor(filter, term.column.name, typeOfTerm(term)),
    language:
      language === undefined ? undefined : { kind: 'slot', slot: language, type: configType, list: false },
  };
}

function planRelated(
  filter: Extract<FilterRequest, { kind: 'related' }>,
  table: WorldTable,
  world: World,
  embeds: readonly FieldRequest[],
): Condition {
  const embed = filter.where === undefined ? embedNamed(filter.relationship, embeds) : undefined;
  const edge = findEdge(table, embed?.relationship ?? filter.relationship, embed?.hint ?? filter.hint, world);
  const far = world.tables.get(edge.to.name)!;
  const where = filter.where ?? embed?.node.where;
  return {
    kind: 'related',
    edge,
    where: where === undefined ? always : planFilter(where, far, world, embed?.node.fields ?? []),
  };
}

function embedNamed(name: string, fields: readonly FieldRequest[]): EmbedRequest | undefined {
  return fields.find(
    (field): field is EmbedRequest =>
      field.kind === 'embed' && (field.as === name || field.relationship === name),
  );
}

function planAggregate(
  filter: Extract<FilterRequest, { kind: 'aggregate' }>,
  table: WorldTable,
  world: World,
): Condition {
  const edge: Edge | undefined = table.edges.get(filter.relationship);
  const far = edge && world.tables.get(edge.to.name);
  if (edge === undefined || far?.select?.aggregate !== true)
    throw relationshipNotFound(filter.relationship, table);
  const name = filter.function ?? 'count';
  const columns = filter.columns.map((column) => findColumn(column, far));
  const type = comparedAs(name, columns);
  return {
    kind: 'aggregate',
    edge,
    function: name,
    columns,
    distinct: filter.distinct,
    where: filter.where === undefined ? always : planFilter(filter.where, far, world),
    compare: filter.compare.map(({ operator, value }) => ({
      operator,
      value: value === undefined ? undefined : slotOf(operator, value, type),
    })),
  };
}

/** The least of whole numbers may well be compared with 4.5. */
function comparedAs(name: AggregateFunction, columns: readonly Column[]): Type {
  if (name === 'count') return countType;
  const [column, ...others] = columns;
  if (column === undefined || others.length > 0) throw new TypeError(`${name} is of one column`);
  requireAggregate(name, { column, path: undefined, cast: undefined });
  const type = typeOfResult(name, column.type);
  return type.family === 'integer' ? numberTypes.numeric : type;
}

function slotFor(
  { operator, quantifier, value: slot }: Extract<FilterRequest, { kind: 'compare' }>,
  name: string,
  type: Type,
): Value | undefined {
  const form = quantifier === undefined ? operandOf(operator, type) : quantifiedOperandOf(operator, type);
  if (form === 'none') return undefined;
  if (form === undefined || slot === undefined) {
    throw new Problem('42883', {
      message: `operator does not apply to column ${name} of type ${typeTitle(type)}`,
      hint: 'Use an operator of that type.',
    });
  }
  return {
    kind: 'slot',
    slot,
    type: form.type,
    list: form.list,
    pattern: operator.endsWith('like'),
    ...(operator === 'fts' ? { search: true } : null),
  };
}

/** A value that an aggregate is compared with. */
export function slotOf(operator: Operator, slot: number, type: Type): Value {
  const form = operandOf(operator, type);
  if (form === undefined || form === 'none')
    throw new Problem('42883', {
      message: `operator does not apply to an aggregate of type ${typeTitle(type)}`,
      hint: 'Compare it with eq, neq, gt, gte, lt, lte or in.',
    });
  return { kind: 'slot', slot, type: form.type, list: form.list };
}
