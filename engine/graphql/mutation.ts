/** Planned mutations → writes, and how their answers are put together. Pure. */
import type {
  DeleteRequest,
  InsertRequest,
  ReturningRequest,
  Slot,
  UpdateRequest,
  WriteRequest,
} from '../query/request.ts';
import { Bare } from './bare.ts';
import { buildFilter, listOf } from './filter.ts';
import { absent, resolve } from './literal.ts';
import type { ModelColumn } from './model.ts';
import type { Arguments, FieldPlan, ResponsePlan, ResponseRootPlan, RowsRootPlan } from './operation.ts';
import type { ArgumentValues } from './page.ts';
import { beyondLimit, invalid } from './refusal.ts';
import { buildFields, filterContext } from './selection.ts';
import { argumentValues, present, type RootContext } from './slots.ts';

/** A field of a mutation's answer; `index` is that of the representation in `returning`. */
export type ResponsePart =
  | { readonly kind: 'constant'; readonly as: string; readonly text: string }
  | { readonly kind: 'affectedRows'; readonly as: string }
  | { readonly kind: 'returning'; readonly as: string; readonly index: number };

/** Sets of columns that the rows of one insert may give; each is a statement. */
const maxColumnSets = 50;

type Row = Readonly<Record<string, unknown>>;

export function buildInsertOne(root: RowsRootPlan, context: RootContext): InsertRequest {
  const given = givenRow(argumentValues(root.arguments, context).get('object'), 'object', context);
  const row = rowOf(given, columnsIn(given, context.table.insertable));
  const columns = Object.keys(row);
  return {
    kind: 'insert',
    ...common(context),
    ...one(root.fields, context),
    columns,
    rows: context.slot([row]),
  };
}

export function buildUpdateByKey(root: RowsRootPlan, context: RootContext): UpdateRequest {
  const args = argumentValues(root.arguments, context);
  const row = setOf(args, context);
  const pk = new Map(Object.entries(args.get('pk_columns') as Row));
  const key = keySlots(pk, 'args.pk_columns', context);
  const columns = Object.keys(row);
  return {
    kind: 'update',
    ...common(context),
    ...one(root.fields, context),
    columns,
    row: context.slot(row),
    key,
  };
}

export function buildDeleteByKey(root: RowsRootPlan, context: RootContext): DeleteRequest {
  const key = keySlots(argumentValues(root.arguments, context), 'args', context);
  return { kind: 'delete', ...common(context), ...one(root.fields, context), key };
}

export interface Writes {
  readonly requests: readonly WriteRequest[];
  readonly response: readonly ResponsePart[];
}

/** Rows that give the same columns go together; a column that a row does not give has its default. */
export function buildInsert(root: ResponseRootPlan, context: RootContext): Writes {
  const objects = listOf(argumentValues(root.arguments, context).get('objects'));
  const { returning, response } = buildResponse(root.response, context);
  const requests = [...byColumns(objects, context).values()].map(
    (rows): InsertRequest => ({
      kind: 'insert',
      ...common(context),
      returning,
      shape: 'list',
      columns: Object.keys(rows[0]!),
      values: [...context.values, rows],
      rows: context.values.length,
    }),
  );
  return { requests, response };
}

export function buildUpdate(root: ResponseRootPlan, context: RootContext): Writes {
  const reach = reachOf(root.arguments, context);
  const row = setOf(
    argumentValues(
      root.arguments.filter(({ name }) => name === '_set'),
      context,
    ),
    context,
  );
  const { returning, response } = buildResponse(root.response, context);
  const columns = Object.keys(row);
  const written = { returning, shape: 'list', columns, row: context.slot(row) } as const;
  return { requests: [{ kind: 'update', ...common(context), ...written, ...reach }], response };
}

export function buildDelete(root: ResponseRootPlan, context: RootContext): Writes {
  const { returning, response } = buildResponse(root.response, context);
  const reach = reachOf(root.arguments, context);
  return { requests: [{ kind: 'delete', ...common(context), returning, shape: 'list', ...reach }], response };
}

/** What every request has; `values` goes on being filled while the rest is built. */
export function common({ table, values }: RootContext) {
  return { table: table.name, values, json: true } as const;
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

/** What rows with the same names have in common. */
interface ColumnSet {
  readonly columns: readonly ModelColumn[];
  readonly rows: Row[];
}

/** The columns are looked up once for each set of names, not for each of a hundred thousand rows. */
function byColumns(objects: readonly unknown[], context: RootContext): ReadonlyMap<string, Row[]> {
  const asGiven = new Map<string, ColumnSet>();
  const sets = new Map<string, Row[]>();
  for (const [index, object] of objects.entries()) {
    const given = givenRow(object, `objects[${index}]`, context);
    // No comma is in a name of GraphQL.
    const names = Object.keys(given).join();
    let set = asGiven.get(names);
    if (set === undefined) {
      set = addColumnSet(given, sets, context);
      asGiven.set(names, set);
    }
    set.rows.push(rowOf(given, set.columns));
  }
  return sets;
}

/** Rows that name the same columns in another order are of one set. */
function addColumnSet(given: Row, sets: Map<string, Row[]>, context: RootContext): ColumnSet {
  const columns = columnsIn(given, context.table.insertable);
  const key = columns.map((column) => column.graphql).join();
  const rows = sets.get(key) ?? [];
  sets.set(key, rows);
  if (sets.size > maxColumnSets)
    throw beyondLimit(
      `${context.path}.args.objects`,
      `the objects give more than ${maxColumnSets} different sets of columns; give each the same ones`,
    );
  return { columns, rows };
}

/** Which rows a mutation reaches. `{}` on purpose is all; a variable without a value must not make it so. */
function reachOf(args: Arguments, context: RootContext): Pick<UpdateRequest, 'where' | 'unfiltered'> {
  const path = `${context.path}.args.where`;
  const node = args.find((argument) => argument.name === 'where')!.value;
  const value = resolve(node, (name) => {
    const given = context.lookup(name);
    if (context.variables.sent.has(name) || !(given === absent || isEmptyObject(given))) return given;
    throw invalid(
      path,
      `unexpected null value: variable "${name}" has no value, and without it the filter would mean more rows`,
    );
  });
  if (value === null) throw invalid(path, `unexpected null value for type '${context.table.types.boolExp}!'`);
  if (isEmptyObject(value)) return { unfiltered: true };
  return { where: buildFilter(value, context.table, path, filterContext(context, true)) };
}

function setOf(args: ArgumentValues, context: RootContext): Row {
  const set = args.get('_set');
  const { updatable } = context.table;
  const given = (set ?? {}) as Row;
  const row = rowOf(given, columnsIn(given, updatable));
  if (Object.keys(row).length === 0 && updatable.length > 0)
    throw invalid(`${context.path}.args`, 'at least one column in _set is expected');
  return row;
}

function givenRow(value: unknown, at: string, context: RootContext): Row {
  if (value === null || value === undefined)
    throw invalid(
      `${context.path}.args.${at}`,
      `unexpected null value for an object of "${context.table.graphql}"`,
    );
  return value as Row;
}

/** In the table's order, so that equal sets of columns are one shape. */
function columnsIn(given: Row, columns: readonly ModelColumn[]): readonly ModelColumn[] {
  return columns.filter(({ graphql }) => given[graphql] !== undefined);
}

/** The row under API names. */
function rowOf(given: Row, columns: readonly ModelColumn[]): Row {
  const row = new Bare();
  for (const column of columns) {
    const item = given[column.graphql];
    row[column.name] = column.list && item !== null ? listOf(item) : item;
  }
  return row;
}

function buildResponse(
  plans: readonly ResponsePlan[],
  context: RootContext,
): { readonly returning: readonly ReturningRequest[]; readonly response: readonly ResponsePart[] } {
  const returning: ReturningRequest[] = [];
  const response = present(plans, context).map((part): ResponsePart => {
    switch (part.kind) {
      case 'typename':
        return { kind: 'constant', as: part.as, text: part.text };
      case 'affectedRows':
        return { kind: 'affectedRows', as: part.as };
      case 'returning': {
        const fields = buildFields(part.fields, `${context.path}.selectionSet.${part.as}`, context);
        return { kind: 'returning', as: part.as, index: returning.push({ fields }) - 1 };
      }
      default:
        return part satisfies never;
    }
  });
  return { returning, response };
}

function isEmptyObject(value: unknown): boolean {
  return (
    typeof value === 'object' && value !== null && !Array.isArray(value) && Object.keys(value).length === 0
  );
}
