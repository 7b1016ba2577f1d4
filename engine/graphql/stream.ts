/** `books_stream(batch_size, cursor, where)` → a read of the rows behind the cursor, in its order. Pure. */
import type { FilterRequest, ReadRequest, Slot } from '../query/request.ts';
import { fieldsOf } from './fields.ts';
import { buildFilter, listOf } from './filter.ts';
import type { StreamRootPlan } from './operation.ts';
import type { ArgumentValues } from './page.ts';
import { invalid } from './refusal.ts';
import { buildFields, filterContext } from './selection.ts';
import { argumentValues, common, type RootContext } from './slots.ts';

interface Cursor {
  /** API name. */
  readonly column: string;
  readonly value: unknown;
  readonly direction: 'asc' | 'desc';
}

type Fields = Readonly<Record<string, unknown>>;

/** @throws {Refusal} NS602 no batch, or another cursor than one column with a value */
export function buildStream(
  root: StreamRootPlan,
  context: RootContext,
): { readonly request: ReadRequest; readonly cursor: Slot } {
  const fields = buildFields(root.fields, context.path, context);
  const values = argumentValues(root.arguments, context);
  const limit = batchOf(values, context.path);
  const { column, value, direction } = cursorOf(values, context);
  const cursor = context.slot(value);
  const behind: FilterRequest = {
    kind: 'compare',
    column,
    operator: direction === 'asc' ? 'gt' : 'lt',
    value: cursor,
  };
  const where = values.get('where');
  const node = {
    fields,
    where: isNone(where)
      ? behind
      : ({
          kind: 'and',
          of: [
            buildFilter(where, context.table, `${context.path}.args.where`, filterContext(context, false)),
            behind,
          ],
        } as const),
    order: [{ through: [], column, direction, nulls: undefined }],
    limit,
  };
  const request: ReadRequest = {
    kind: 'read',
    ...common(context),
    node,
    shape: 'list',
    count: false,
    lastKey: 'any',
  };
  return { request, cursor };
}

function batchOf(values: ArgumentValues, path: string): number {
  const size = values.get('batch_size') as number;
  if (size < 1) throw invalid(`${path}.args.batch_size`, 'a batch has one row or more');
  return size;
}

function cursorOf(values: ArgumentValues, { table, path }: RootContext): Cursor {
  const cursors = listOf(values.get('cursor')).filter((one) => !isNone(one)) as unknown as readonly Fields[];
  const [cursor] = cursors;
  const [initial, ...others] = Object.entries((cursor?.initial_value ?? {}) as Fields);
  if (cursor === undefined || initial === undefined || cursors.length + others.length > 1)
    throw invalid(`${path}.args.cursor`, 'one cursor with one column in "initial_value" is expected');
  const [name, value] = initial;
  if (value === null)
    throw invalid(`${path}.args.cursor`, `"initial_value" needs a value of "${name}" to begin behind`);
  const direction = cursor.ordering === 'DESC' ? 'desc' : 'asc';
  return { column: fieldsOf(table).columns.get(name)!.name, value, direction };
}

function isNone(value: unknown): value is null | undefined {
  return value === undefined || value === null;
}
