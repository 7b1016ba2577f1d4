/** Planned mutations → steps of a transaction, and how their answers are put together. Pure. */
import type { Step } from '../execute/executor.ts';
import type { DeleteRequest, ReadRequest, ReturningRequest, Slot, UpdateRequest } from '../query/request.ts';
import { buildConflict } from './conflict.ts';
import { buildFilter, listOf } from './filter.ts';
import { InsertTree } from './insert.ts';
import { absent, resolve } from './literal.ts';
import type {
  Arguments,
  FieldPlan,
  ResponsePlan,
  ResponseRootPlan,
  RowsRootPlan,
  ValueNode,
} from './operation.ts';
import type { ArgumentValues } from './page.ts';
import { beyondLimit, invalid } from './refusal.ts';
import { buildFields, filterContext } from './selection.ts';
import { argumentValues, common, present, type RootContext } from './slots.ts';
import { buildChanges } from './update.ts';

/** Where a JSON text of the answer is: the index-th representation of a write, or what a step read. */
export interface BodySource {
  readonly step: number;
  readonly index: number;
}

/** A field of a mutation's answer. */
export type ResponsePart =
  | { readonly kind: 'constant'; readonly as: string; readonly text: string }
  | { readonly kind: 'affectedRows'; readonly as: string }
  /** Lists that follow each other. */
  | { readonly kind: 'returning'; readonly as: string; readonly bodies: readonly BodySource[] };

export interface Response {
  readonly parts: readonly ResponsePart[];
  /** Steps whose written rows count. */
  readonly steps: readonly number[];
}

export type WriteAnswer =
  /** One row, or null. */
  | { readonly kind: 'row'; readonly body: BodySource }
  /** What the function of the only step gives; `true` where it gives nothing. */
  | { readonly kind: 'call' }
  | { readonly kind: 'response'; readonly response: Response }
  | { readonly kind: 'responses'; readonly responses: readonly Response[] };

export interface Writes {
  readonly steps: readonly Step[];
  readonly answer: WriteAnswer;
}

/** Updates of one `update_<table>_many`; each is a statement. */
const maxUpdates = 100;

type Row = Readonly<Record<string, unknown>>;

export function buildInsertOne(root: RowsRootPlan, context: RootContext): Writes {
  const { tree, rereading } = treeOf(root.arguments, 'object', context);
  const { context: fields, read } = rereading();
  const returning = [{ fields: buildFields(root.fields, context.path, fields) }];
  if (read === undefined)
    return {
      steps: tree.steps(returning, 'row'),
      answer: { kind: 'row', body: { step: tree.roots[0]!, index: 0 } },
    };
  const reread = read(returning[0]!, 'row');
  const steps = [...tree.steps([], 'list'), reread];
  return { steps, answer: { kind: 'row', body: { step: steps.length - 1, index: 0 } } };
}

/** A column that an object does not give has its default. */
export function buildInsert(root: ResponseRootPlan, context: RootContext): Writes {
  const { tree, rereading } = treeOf(root.arguments, 'objects', context);
  const { context: fields, read } = rereading();
  const { returning, parts } = buildResponse(root.response, fields);
  // First, since it says what the writes must yield.
  const rereads = read === undefined ? [] : returning.map((one) => read(one, 'list'));
  const writes = tree.steps(read === undefined ? returning : [], 'list');
  const bodies = returning.map((_one, index): readonly BodySource[] =>
    read === undefined
      ? tree.roots.map((step) => ({ step, index }))
      : [{ step: writes.length + index, index: 0 }],
  );
  const response = { parts: parts(bodies), steps: writes.map((_step, index) => index) };
  return { steps: [...writes, ...rereads], answer: { kind: 'response', response } };
}

type Read = (returning: ReturningRequest, shape: 'list' | 'row') => Extract<Step, { kind: 'reread' }>;

interface Tree {
  readonly tree: InsertTree;
  /**
   * Where the answer's fields take their slots. `read`: rows of several statements, or with others nested in them, are read
   * back by their keys when all are written; undefined where the one statement answers, or there is no key.
   */
  readonly rereading: () => { readonly context: RootContext; readonly read: Read | undefined };
}

function treeOf(plan: Arguments, at: 'object' | 'objects', context: RootContext): Tree {
  requireSent(conflictsIn(plan), context);
  const args = argumentValues(plan, context);
  const given = args.get(at);
  const conflict = buildConflict(args.get('on_conflict'), `${context.path}.args.on_conflict`, context);
  const objects = at === 'object' ? [given] : listOf(given ?? []);
  const tree = new InsertTree(objects, at, conflict, context);
  return {
    tree,
    rereading: () => {
      if (context.table.key.length === 0 || !(tree.isSpread || tree.isNested))
        return { context, read: undefined };
      const values: unknown[] = [];
      const inner: RootContext = { ...context, values, slot: (value) => values.push(value) - 1 };
      const read: Read = ({ fields }, shape) => {
        const request: ReadRequest = {
          kind: 'read',
          ...common(context),
          values: [...values, []],
          keys: values.length,
          node: { fields },
          shape,
          count: false,
        };
        return { kind: 'reread', request, keys: tree.keys() };
      };
      return { context: inner, read };
    },
  };
}

export function buildUpdateByKey(root: RowsRootPlan, context: RootContext): Writes {
  const args = argumentValues(root.arguments, context);
  const changes = buildChanges(args, `${context.path}.args`, context);
  const pk = new Map(Object.entries(args.get('pk_columns') as Row));
  const key = keySlots(pk, 'args.pk_columns', context);
  return oneRow({ kind: 'update', ...common(context), ...one(root.fields, context), ...changes, key });
}

export function buildDeleteByKey(root: RowsRootPlan, context: RootContext): Writes {
  const key = keySlots(argumentValues(root.arguments, context), 'args', context);
  return oneRow({ kind: 'delete', ...common(context), ...one(root.fields, context), key });
}

function oneRow(request: UpdateRequest | DeleteRequest): Writes {
  return { steps: [{ kind: 'write', request }], answer: { kind: 'row', body: { step: 0, index: 0 } } };
}

export function buildUpdate(root: ResponseRootPlan, context: RootContext): Writes {
  const path = `${context.path}.args`;
  const changing = root.arguments.filter(({ name }) => name !== 'where');
  const args = argumentValues(changing, context);
  const where = root.arguments.find(({ name }) => name === 'where')!.value;
  const reach = reachOf(where, path, context);
  const changes = buildChanges(without(args, 'max_affected'), path, context);
  const { returning, parts } = buildResponse(root.response, context);
  const request: UpdateRequest = {
    kind: 'update',
    ...common(context),
    returning,
    shape: 'list',
    ...changes,
    ...reach,
    ...most(args, path),
  };
  return answered(request, parts);
}

export function buildDelete(root: ResponseRootPlan, context: RootContext): Writes {
  const path = `${context.path}.args`;
  const { returning, parts } = buildResponse(root.response, context);
  const where = root.arguments.find(({ name }) => name === 'where')!.value;
  const args = argumentValues(
    root.arguments.filter(({ name }) => name === 'max_affected'),
    context,
  );
  const reach = reachOf(where, path, context);
  return answered(
    { kind: 'delete', ...common(context), returning, shape: 'list', ...reach, ...most(args, path) },
    parts,
  );
}

/** Each update is by itself, in the order in which they are given. */
export function buildUpdateMany(root: ResponseRootPlan, context: RootContext): Writes {
  const path = `${context.path}.args.updates`;
  const node = root.arguments.find(({ name }) => name === 'updates')!.value;
  requireSent(wheresIn(node), context);
  const updates = listOf(argumentValues(root.arguments, context).get('updates')) as readonly Row[];
  if (updates.length > maxUpdates)
    throw beyondLimit(path, `more than ${maxUpdates} updates are asked for; send them in several documents`);
  const built = updates.map((update, index) => {
    const at = `${path}[${index}]`;
    const values: unknown[] = [];
    const inner: RootContext = { ...context, values, slot: (value) => values.push(value) - 1 };
    const reach = reached(update.where, at, inner);
    const changes = buildChanges(
      new Map(Object.entries(update).filter(([name]) => name !== 'where')),
      at,
      inner,
    );
    const { returning, parts } = buildResponse(root.response, inner);
    const request: UpdateRequest = {
      kind: 'update',
      ...common(inner),
      returning,
      shape: 'list',
      ...changes,
      ...reach,
    };
    return { request, parts: parts(returning.map((_one, body) => [{ step: index, index: body }])) };
  });
  return {
    steps: built.map(({ request }) => ({ kind: 'write', request })),
    answer: {
      kind: 'responses',
      responses: built.map(({ parts }, index) => ({ parts, steps: [index] })),
    },
  };
}

function answered(request: UpdateRequest | DeleteRequest, parts: Parts): Writes {
  const bodies = request.returning.map((_one, index) => [{ step: 0, index }]);
  return {
    steps: [{ kind: 'write', request }],
    answer: { kind: 'response', response: { parts: parts(bodies), steps: [0] } },
  };
}

function without(args: ArgumentValues, name: string): ArgumentValues {
  return new Map([...args].filter(([one]) => one !== name));
}

function most(args: ArgumentValues, path: string): Pick<UpdateRequest, 'maxAffected'> {
  const value = args.get('max_affected');
  if (value === undefined || value === null) return {};
  if ((value as number) < 0) throw invalid(`${path}.max_affected`, 'unexpected negative value');
  return { maxAffected: value as number };
}

/** Values of the key's columns, in key order. */
export function keySlots(values: ArgumentValues, at: string, context: RootContext): readonly Slot[] {
  return context.table.key.map((column) => {
    const value = values.get(column.graphql);
    if (value === undefined || value === null)
      throw invalid(
        `${context.path}.${at}.${column.graphql}`,
        `unexpected null value for type '${column.scalar}!'`,
      );
    return context.slot(value);
  });
}

function one(
  fields: readonly FieldPlan[],
  context: RootContext,
): { returning: ReturningRequest[]; shape: 'row' } {
  return { returning: [{ fields: buildFields(fields, context.path, context) }], shape: 'row' };
}

/** Which rows a mutation reaches. `{}` on purpose is all; a variable without a value must not make it so. */
function reachOf(
  node: ValueNode,
  path: string,
  context: RootContext,
): Pick<UpdateRequest, 'where' | 'unfiltered'> {
  requireSent([node], context);
  return reached(resolve(node, context.lookup), path, context);
}

function reached(
  value: unknown,
  at: string,
  context: RootContext,
): Pick<UpdateRequest, 'where' | 'unfiltered'> {
  const path = `${at}.where`;
  if (value === null) throw invalid(path, `unexpected null value for type '${context.table.types.boolExp}!'`);
  if (isEmptyObject(value)) return { unfiltered: true };
  return { where: buildFilter(value, context.table, path, filterContext(context, true)) };
}

/** @throws {Refusal} NS602 a filter has a variable without a value, or with `{}` that nobody sent: it would mean more rows */
function requireSent(filters: readonly ValueNode[], context: RootContext): void {
  for (const filter of filters)
    for (const name of variablesIn(filter)) {
      const given = context.variables.values.has(name) ? context.variables.values.get(name) : absent;
      if (context.variables.sent.has(name) || !(given === absent || isEmptyObject(given))) continue;
      throw invalid(
        `${context.path}.args.where`,
        `unexpected null value: variable "${name}" has no value, and without it the filter would mean more rows`,
      );
    }
}

function variablesIn(node: ValueNode): readonly string[] {
  switch (node.kind) {
    case 'variable':
      return [node.name];
    case 'list':
      return node.of.flatMap(variablesIn);
    case 'object':
      return node.fields.flatMap(({ value }) => variablesIn(value));
    default:
      return [];
  }
}

/** The filters of a list of updates, as far as they stand in the document. */
function wheresIn(node: ValueNode): readonly ValueNode[] {
  if (node.kind === 'list') return node.of.flatMap(wheresIn);
  if (node.kind !== 'object') return [];
  return node.fields.flatMap(({ name, value }) => (name === 'where' ? [value] : []));
}

/** The filters of the `on_conflict`s that stand in the document, at any depth. */
function conflictsIn(fields: Arguments): readonly ValueNode[] {
  return fields.flatMap(({ name, value }): readonly ValueNode[] => {
    if (name === 'on_conflict') return wheresIn(value);
    if (value.kind === 'object') return conflictsIn(value.fields);
    if (value.kind !== 'list') return [];
    return value.of.flatMap((one) => (one.kind === 'object' ? conflictsIn(one.fields) : []));
  });
}

/** Makes the answer's fields, given where each representation is. */
type Parts = (bodies: readonly (readonly BodySource[])[]) => readonly ResponsePart[];

function buildResponse(
  plans: readonly ResponsePlan[],
  context: RootContext,
): { readonly returning: readonly ReturningRequest[]; readonly parts: Parts } {
  const returning: ReturningRequest[] = [];
  const made = present(plans, context).map((part): ((bodies: Parameters<Parts>[0]) => ResponsePart) => {
    switch (part.kind) {
      case 'typename':
        return () => ({ kind: 'constant', as: part.as, text: part.text });
      case 'affectedRows':
        return () => ({ kind: 'affectedRows', as: part.as });
      case 'returning': {
        const fields = buildFields(part.fields, `${context.path}.selectionSet.${part.as}`, context);
        const index = returning.push({ fields }) - 1;
        return (bodies) => ({ kind: 'returning', as: part.as, bodies: bodies[index]! });
      }
      default:
        return part satisfies never;
    }
  });
  return { returning, parts: (bodies) => made.map((make) => make(bodies)) };
}

function isEmptyObject(value: unknown): boolean {
  return (
    typeof value === 'object' && value !== null && !Array.isArray(value) && Object.keys(value).length === 0
  );
}
