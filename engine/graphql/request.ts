/** A plan and its variables → what to run for each root field. Pure; values go into slots, so the shape stays the same. */
import type { AnyRead, CallRequest, ReadRequest, Slot } from '../query/request.ts';
import { buildCall } from './call-request.ts';
import { maxConditions, maxItems } from './filter.ts';
import { buildGroups } from './group.ts';
import {
  buildDelete,
  buildDeleteByKey,
  buildInsert,
  buildInsertOne,
  buildUpdate,
  buildUpdateByKey,
  buildUpdateMany,
  keySlots,
  type Writes,
} from './mutation.ts';
import type { OperationPlan, RootPlan, RowsRootPlan } from './operation.ts';
import type { RoleModel } from './planner.ts';
import { invalid } from './refusal.ts';
import { buildAggregate, buildConnection, buildFields, buildRows } from './selection.ts';
import { argumentValues, common, lookupIn, type Outer, present, type RootContext } from './slots.ts';
import { buildStream } from './stream.ts';
import type { Variables } from './variables.ts';

interface Built {
  readonly as: string;
  readonly path: string;
}

export type BuiltRoot =
  | (Built & { readonly kind: 'constant'; readonly text: string })
  | (Built & { readonly kind: 'introspection' })
  | (Built & { readonly kind: 'read'; readonly request: AnyRead })
  /** `true` where the function gives nothing. */
  | (Built & { readonly kind: 'call'; readonly request: CallRequest })
  /** `cursor`: the slot of the value behind which rows are read. */
  | (Built & { readonly kind: 'stream'; readonly request: ReadRequest; readonly cursor: Slot })
  | (Built & Writes & { readonly kind: 'write' });

/** @throws {Refusal} NS602 a value that does not fit, or a mutation's filter without conditions; NS603 a limit */
export function buildRoots(plan: OperationPlan, variables: Variables, role: RoleModel): readonly BuiltRoot[] {
  const budget = { conditions: maxConditions, items: maxItems };
  const outer: Outer = { role, variables, lookup: lookupIn(variables), budget };
  if (plan.kind === 'mutation') refuseTwoDatabases(plan, role);
  return present(plan.roots, outer).map((root) => buildRoot(root, outer));
}

function refuseTwoDatabases(plan: OperationPlan, role: RoleModel): void {
  const databases = plan.roots.flatMap((root): string[] => {
    if (root.kind === 'call') return [role.functions.get(root.function)!.database];
    return 'table' in root ? [role.tables.get(root.table)!.database] : [];
  });
  if (new Set(databases).size > 1)
    throw invalid('$', 'the mutations of one document write to one database; send one document for each');
}

function buildRoot(root: RootPlan, outer: Outer): BuiltRoot {
  const built: Built = { as: root.as, path: `$.selectionSet.${root.as}` };
  if (root.kind === 'typename') return { ...built, kind: 'constant', text: root.text };
  if (root.kind === 'introspection') return { ...built, kind: 'introspection' };
  if (root.kind === 'call') {
    const request = buildCall(root, built.path, outer);
    if (outer.role.functions.get(root.function)!.kind === 'query') return { ...built, kind: 'call', request };
    return { ...built, kind: 'write', steps: [{ kind: 'call', request }], answer: { kind: 'call' } };
  }
  const values: unknown[] = [];
  const context: RootContext = {
    ...outer,
    table: outer.role.tables.get(root.table)!,
    path: built.path,
    values,
    slot: (value) => values.push(value) - 1,
  };
  switch (root.kind) {
    case 'list':
      return { ...built, kind: 'read', request: buildList(root, context) };
    case 'byKey':
      return { ...built, kind: 'read', request: buildByKey(root, context) };
    case 'aggregate': {
      const node = buildAggregate(root, context.table, context.path, context);
      return { ...built, kind: 'read', request: { kind: 'readAggregate', ...common(context), node } };
    }
    case 'groupBy':
      return { ...built, kind: 'read', request: buildGroups(root, context) };
    case 'connection': {
      const node = buildConnection(root, context.table, context.path, context);
      return { ...built, kind: 'read', request: { kind: 'readConnection', ...common(context), node } };
    }
    case 'stream':
      return { ...built, kind: 'stream', ...buildStream(root, context) };
    case 'insertOne':
      return { ...built, kind: 'write', ...buildInsertOne(root, context) };
    case 'updateByKey':
      return { ...built, kind: 'write', ...buildUpdateByKey(root, context) };
    case 'deleteByKey':
      return { ...built, kind: 'write', ...buildDeleteByKey(root, context) };
    case 'insert':
      return { ...built, kind: 'write', ...buildInsert(root, context) };
    case 'update':
      return { ...built, kind: 'write', ...buildUpdate(root, context) };
    case 'updateMany':
      return { ...built, kind: 'write', ...buildUpdateMany(root, context) };
    case 'delete':
      return { ...built, kind: 'write', ...buildDelete(root, context) };
    default:
      return root satisfies never;
  }
}

function buildList(root: RowsRootPlan, context: RootContext): ReadRequest {
  const fields = buildFields(root.fields, context.path, context);
  const node = { fields, ...buildRows(root.arguments, context.table, context.path, context) };
  return { kind: 'read', ...common(context), node, shape: 'list', count: false };
}

function buildByKey(root: RowsRootPlan, context: RootContext): ReadRequest {
  const node = { fields: buildFields(root.fields, context.path, context) };
  const key = keySlots(argumentValues(root.arguments, context), 'args', context);
  return { kind: 'read', ...common(context), node, key, shape: 'row', count: false };
}
