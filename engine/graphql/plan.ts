/** A validated document → an operation as plain data: fragments expanded, fields merged, names resolved. Worker only. */
import {
  type ArgumentNode,
  type DirectiveNode,
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  print,
  type SelectionSetNode,
  type ValueNode as ValueAst,
} from 'graphql';
import { type ColumnFunction, columnFunctions } from '../api/aggregates.ts';
import { fieldsName, groupNames, numberOf } from './aggregates.ts';
import { fieldsOf } from './fields.ts';
import type { Model, ModelColumn, ModelTable } from './model.ts';
import type {
  Arguments,
  CallRootPlan,
  ConnectionPlan,
  EdgePlan,
  FieldPlan,
  GroupPartPlan,
  Guard,
  GuardTerm,
  KeyPlan,
  OperationPlan,
  PageInfoPlan,
  PartPlan,
  ResponsePlan,
  RootPlan,
  SummaryPlan,
  TypenamePlan,
  ValueNode,
} from './operation.ts';
import { beyondLimit, invalid } from './refusal.ts';
import type { FunctionRoot, Root } from './roots.ts';
import type { SchemaTypes } from './schema.ts';
import type { Validated } from './validate.ts';

/** One key of the answer: the field, and the selections of every place that asked for it. */
interface Merged {
  readonly as: string;
  readonly node: FieldNode;
  readonly path: string;
  readonly places: {
    readonly terms: readonly GuardTerm[];
    readonly selection: SelectionSetNode | undefined;
  }[];
}

interface Context {
  readonly model: Model;
  readonly types: SchemaTypes;
  readonly fragments: ReadonlyMap<string, FragmentDefinitionNode>;
}

/** @throws {Refusal} NS602 fields that cannot be merged, NS603 more levels of relationships than are served */
export function planOperation(
  { document, operation }: Validated,
  model: Model,
  types: SchemaTypes,
): OperationPlan {
  const context: Context = { model, types, fragments: fragmentsOf(document) };
  const kind = operation.operation as OperationPlan['kind'];
  const roots = rootsOf(kind, types);
  const merged = merge([{ terms: [], selection: operation.selectionSet }], '$', context);
  return {
    kind,
    name: operation.name?.value,
    variables: (operation.variableDefinitions ?? []).map((one) => ({
      name: one.variable.name.value,
      type: print(one.type),
      default: one.defaultValue === undefined ? undefined : planValue(one.defaultValue),
    })),
    roots: merged.map((field) => planRoot(field, roots.get(field.node.name.value), `${kind}_root`, context)),
  };
}

function rootsOf(kind: OperationPlan['kind'], types: SchemaTypes): ReadonlyMap<string, Root> {
  switch (kind) {
    case 'query':
      return types.queries;
    case 'mutation':
      return types.mutations;
    case 'subscription':
      return types.subscriptions;
    default:
      return kind satisfies never;
  }
}

function planRoot(field: Merged, root: Root | undefined, rootType: string, context: Context): RootPlan {
  const { as, node } = field;
  if (node.name.value === '__typename') return typename(field, rootType);
  if (isIntrospection(node)) return { kind: 'introspection', as, when: guardOf(field) };
  // The one field of a query_root without tables.
  if (root === undefined)
    return { ...typename(field, ''), text: 'There are no queries available to the current role.' };
  if ('function' in root) return planCall(field, root, context);
  const planned = {
    as,
    when: guardOf(field),
    table: root.table.graphql,
    arguments: planArguments(node.arguments),
  };
  const { kind } = root;
  switch (kind) {
    case 'list':
    case 'byKey':
    case 'insertOne':
    case 'updateByKey':
    case 'deleteByKey':
    case 'stream':
      return { ...planned, kind, fields: planFields(field, root.table, 0, context) };
    case 'aggregate':
      return { ...planned, kind, parts: planParts(field, root.table, 0, context) };
    case 'groupBy':
      return { ...planned, kind, parts: planGroup(field, root.table, context) };
    case 'connection':
      return { ...planned, kind, parts: planConnection(field, root.table, 0, context) };
    case 'insert':
    case 'update':
    case 'updateMany':
    case 'delete':
      return { ...planned, kind, response: planResponse(field, root.table, context) };
    default:
      return kind satisfies never;
  }
}

function planCall(field: Merged, root: FunctionRoot, context: Context): CallRootPlan {
  const { kind, table } = root;
  return {
    kind: 'call',
    as: field.as,
    when: guardOf(field),
    function: root.function.name,
    arguments: planArguments(field.node.arguments),
    rows:
      table === undefined
        ? undefined
        : kind === 'call'
          ? { kind: 'fields', fields: planFields(field, table, 0, context) }
          : { kind: 'parts', parts: planParts(field, table, 0, context) },
  };
}

/** @param level levels of relationships above these rows */
function planFields(parent: Merged, table: ModelTable, level: number, context: Context): FieldPlan[] {
  const { columns, edges } = fieldsOf(table);
  return merge(parent.places, parent.path, context).map((field): FieldPlan => {
    const name = field.node.name.value;
    const column = columns.get(name);
    if (column !== undefined) {
      const [path] = planArguments(field.node.arguments);
      const plan = columnPlan(field, column.name, column.number);
      return path === undefined ? plan : { ...plan, path: path.value };
    }
    const edge = edges.get(name);
    if (edge === undefined) return typename(field, table.graphql);
    if (level + 1 > context.model.depth)
      throw beyondLimit(
        field.path,
        `the document follows more than ${context.model.depth} levels of relationships`,
      );
    const far = context.types.tables.get(edge.to)!;
    const planned = {
      as: field.as,
      when: guardOf(field),
      relationship: edge.name,
      table: far.graphql,
      arguments: planArguments(field.node.arguments),
    };
    if (name === edge.connection)
      return { ...planned, kind: 'connection', parts: planConnection(field, far, level + 1, context) };
    return name === edge.aggregate
      ? { ...planned, kind: 'aggregate', parts: planParts(field, far, level + 1, context) }
      : { ...planned, kind: 'embed', fields: planFields(field, far, level + 1, context) };
  });
}

function planConnection(
  parent: Merged,
  table: ModelTable,
  level: number,
  context: Context,
): ConnectionPlan[] {
  return merge(parent.places, parent.path, context).map((field): ConnectionPlan => {
    const planned = { as: field.as, when: guardOf(field) };
    switch (field.node.name.value) {
      case 'edges':
        return { ...planned, kind: 'edges', items: planEdge(field, table, level, context) };
      case 'pageInfo':
        return { ...planned, kind: 'pageInfo', items: planPageInfo(field, context) };
      case 'totalCount':
        return { ...planned, kind: 'totalCount' };
      default:
        return typename(field, table.types.connection!);
    }
  });
}

function planEdge(parent: Merged, table: ModelTable, level: number, context: Context): EdgePlan[] {
  return merge(parent.places, parent.path, context).map((field): EdgePlan => {
    const planned = { as: field.as, when: guardOf(field) };
    switch (field.node.name.value) {
      case 'node':
        return { ...planned, kind: 'node', fields: planFields(field, table, level, context) };
      case 'cursor':
        return { ...planned, kind: 'cursor' };
      default:
        return typename(field, table.types.edge!);
    }
  });
}

function planPageInfo(parent: Merged, context: Context): PageInfoPlan[] {
  return merge(parent.places, parent.path, context).map((field): PageInfoPlan => {
    const kind = field.node.name.value;
    switch (kind) {
      case 'hasNextPage':
      case 'hasPreviousPage':
      case 'startCursor':
      case 'endCursor':
        return { kind, as: field.as, when: guardOf(field) };
      default:
        return typename(field, context.model.pageInfo!);
    }
  });
}

function planParts(parent: Merged, table: ModelTable, level: number, context: Context): PartPlan[] {
  return merge(parent.places, parent.path, context).map((field): PartPlan => {
    const planned = { as: field.as, when: guardOf(field) };
    switch (field.node.name.value) {
      case 'aggregate':
        return { ...planned, kind: 'summary', items: planSummary(field, table, context) };
      case 'nodes':
        return { ...planned, kind: 'nodes', fields: planFields(field, table, level, context) };
      default:
        return typename(field, table.types.aggregate!);
    }
  });
}

function planSummary(parent: Merged, table: ModelTable, context: Context): SummaryPlan[] {
  return merge(parent.places, parent.path, context).map((field): SummaryPlan => {
    const planned = { as: field.as, when: guardOf(field) };
    const name = field.node.name.value;
    if (name === 'count')
      return { ...planned, kind: 'count', arguments: planArguments(field.node.arguments) };
    if (!isColumnFunction(name)) return typename(field, table.types.aggregateFields!);
    const fields = planColumns(field, table, fieldsName(table, name)!, context, (column) =>
      numberOf(name, column),
    );
    return { ...planned, kind: 'function', function: name, fields };
  });
}

function isColumnFunction(name: string): name is ColumnFunction {
  return (columnFunctions as readonly string[]).includes(name);
}

/** Columns and nothing else, of an object type that is not the table's own. */
function planColumns(
  parent: Merged,
  table: ModelTable,
  type: string,
  context: Context,
  number: (column: ModelColumn) => 'string' | undefined,
): KeyPlan[] {
  const { columns } = fieldsOf(table);
  return merge(parent.places, parent.path, context).map((field): KeyPlan => {
    const column = columns.get(field.node.name.value);
    return column === undefined ? typename(field, type) : columnPlan(field, column.name, number(column));
  });
}

function columnPlan(
  field: Merged,
  column: string,
  number: 'string' | undefined,
): Extract<KeyPlan, { kind: 'column' }> {
  return { kind: 'column', as: field.as, when: guardOf(field), column, number };
}

function planGroup(parent: Merged, table: ModelTable, context: Context): GroupPartPlan[] {
  const { group, keys } = groupNames(table)!;
  return merge(parent.places, parent.path, context).map((field): GroupPartPlan => {
    const planned = { as: field.as, when: guardOf(field) };
    switch (field.node.name.value) {
      case 'aggregate':
        return { ...planned, kind: 'summary', items: planSummary(field, table, context) };
      case 'keys':
        return {
          ...planned,
          kind: 'keys',
          fields: planColumns(field, table, keys, context, (column) => column.number),
        };
      default:
        return typename(field, group);
    }
  });
}

function planResponse(parent: Merged, table: ModelTable, context: Context): ResponsePlan[] {
  return merge(parent.places, parent.path, context).map((field): ResponsePlan => {
    const planned = { as: field.as, when: guardOf(field) };
    switch (field.node.name.value) {
      case 'affected_rows':
        return { ...planned, kind: 'affectedRows' };
      case 'returning':
        return { ...planned, kind: 'returning', fields: planFields(field, table, 0, context) };
      default:
        return typename(field, table.types.response!);
    }
  });
}

function typename(field: Merged, text: string): TypenamePlan {
  return { kind: 'typename', as: field.as, when: guardOf(field), text };
}

export function isIntrospection(field: FieldNode): boolean {
  return field.name.value === '__schema' || field.name.value === '__type';
}

/**
 * All fields of the selections by their key in the answer, in the order they first appear. No type of a schema here
 * overlaps another, so fields with one key must be the same field with the same arguments.
 */
function merge(places: Merged['places'], path: string, context: Context): Merged[] {
  const merged = new Map<string, Merged>();
  const collect = (set: SelectionSetNode, outer: readonly GuardTerm[]): void => {
    for (const selection of set.selections) {
      const terms = termsOf(selection.directives, outer);
      if (terms === undefined) continue;
      if (selection.kind === 'InlineFragment') collect(selection.selectionSet, terms);
      else if (selection.kind === 'FragmentSpread')
        collect(context.fragments.get(selection.name.value)!.selectionSet, terms);
      else addField(merged, selection, terms, path);
    }
  };
  // A single place's own terms already guard the parent.
  for (const { terms, selection } of places)
    if (selection !== undefined) collect(selection, places.length === 1 ? [] : terms);
  return [...merged.values()];
}

function addField(
  merged: Map<string, Merged>,
  node: FieldNode,
  terms: readonly GuardTerm[],
  path: string,
): void {
  const as = (node.alias ?? node.name).value;
  const place = { terms, selection: node.selectionSet };
  const known = merged.get(as);
  if (known === undefined) {
    merged.set(as, { as, node, path: `${path}.selectionSet.${as}`, places: [place] });
    return;
  }
  if (known.node.name.value !== node.name.value || !sameArguments(known.node, node))
    throw invalid(
      known.path,
      `"${as}" is asked for twice with different fields or arguments; give one of them an alias`,
    );
  known.places.push(place);
}

function sameArguments(one: FieldNode, other: FieldNode): boolean {
  const text = (node: FieldNode) =>
    [...(node.arguments ?? [])]
      .map((argument) => print(argument))
      .sort()
      .join();
  return one === other || text(one) === text(other);
}

/** `outer` with the terms of `@include` and `@skip`; undefined when a literal already leaves the selection out. */
function termsOf(
  directives: readonly DirectiveNode[] | undefined,
  outer: readonly GuardTerm[],
): readonly GuardTerm[] | undefined {
  let terms = outer;
  for (const directive of directives ?? []) {
    const name = directive.name.value;
    if (name !== 'include' && name !== 'skip') continue;
    const equals = name === 'include';
    const condition = directive.arguments?.[0]?.value;
    if (condition?.kind === 'BooleanValue' && condition.value !== equals) return undefined;
    if (condition?.kind !== 'Variable') continue;
    const variable = condition.name.value;
    if (!terms.some((term) => term.variable === variable && term.equals === equals))
      terms = [...terms, { variable, equals }];
  }
  return terms;
}

function guardOf({ places }: Merged): Guard {
  return places.some(({ terms }) => terms.length === 0) ? undefined : places.map(({ terms }) => terms);
}

function planArguments(nodes: readonly ArgumentNode[] | undefined): Arguments {
  return (nodes ?? []).map((node) => ({ name: node.name.value, value: planValue(node.value) }));
}

function planValue(node: ValueAst): ValueNode {
  switch (node.kind) {
    case 'Variable':
      return { kind: 'variable', name: node.name.value };
    case 'NullValue':
      return { kind: 'null' };
    case 'BooleanValue':
      return { kind: 'boolean', value: node.value };
    case 'IntValue':
    case 'FloatValue':
      return { kind: 'number', text: node.value };
    case 'StringValue':
    case 'EnumValue':
      return { kind: 'text', text: node.value };
    case 'ListValue':
      return { kind: 'list', of: node.values.map(planValue) };
    case 'ObjectValue':
      return {
        kind: 'object',
        fields: node.fields.map((field) => ({ name: field.name.value, value: planValue(field.value) })),
      };
    default:
      return node satisfies never;
  }
}

function fragmentsOf(document: DocumentNode): ReadonlyMap<string, FragmentDefinitionNode> {
  const fragments = document.definitions.filter((node) => node.kind === 'FragmentDefinition');
  return new Map(fragments.map((node) => [node.name.value, node]));
}
