/** Bodies of calls and of their answers: arguments, and what the overloads of one function give. */
import type { CallResult, Overload, Table, World } from '../api/api.ts';
import { headersOf, objectContent, rowsContent } from './answers.ts';
import { isNamed, wholeBody } from './calls.ts';
import { keyed } from './names.ts';
import { rowSchema, type Schema, schemaOf, withNull } from './schemas.ts';

/** Where rows of exposed tables are described. */
export interface RowRefs {
  readonly world: World;
  /** Of a table whose rows the role reads. */
  readonly rowOf: (table: string) => Schema;
  /** Puts the rows of a function's own among the document's, and refers to them. */
  readonly ownRows: (schema: Schema) => Schema;
}

/** Rows of a table that the role does not read are not described, and their table is not named. */
export function isReadable(world: World, table: Table): boolean {
  return world.tables.get(table.name)?.select !== undefined;
}

/** Undefined when no overload takes anything. */
export function bodyOf(overloads: readonly Overload[]): Schema | undefined {
  const content = new Map<string, Schema[]>();
  const put = (media: string, schema: Schema) => content.set(media, [...(content.get(media) ?? []), schema]);
  for (const overload of overloads) {
    const whole = wholeBody(overload);
    if (whole === undefined) put('application/json', argumentsSchema(overload));
    else put(whole, whole === 'application/json' ? {} : { type: 'string' });
  }
  const takes = overloads.some(({ routine }) => routine.arguments.length > 0);
  if (!takes) return undefined;
  const required = overloads.every(
    (overload) => !isNamed(overload) || overload.routine.arguments.some(({ optional }) => !optional),
  );
  return { required, content: contentOf(content) };
}

function argumentsSchema({ routine }: Overload): Schema {
  const required = routine.arguments.filter(({ optional }) => !optional);
  return {
    type: 'object',
    ...(routine.comment === null ? null : { description: routine.comment }),
    properties: keyed(routine.arguments.map(({ name, type }) => [name!, withNull(schemaOf(type))])),
    ...(required.length === 0 ? null : { required: required.map(({ name }) => name!) }),
    additionalProperties: false,
  };
}

export function answersOf(overloads: readonly Overload[], rows: RowRefs): Schema {
  const content = new Map<string, Schema[]>();
  for (const { result } of overloads)
    for (const [media, { schema }] of Object.entries(resultContent(result, rows)))
      content.set(media, [...(content.get(media) ?? []), schema]);
  const paged = overloads.some(
    ({ result }) => result.kind !== 'void' && result.kind !== 'records' && result.set,
  );
  const headers = paged && { headers: headersOf('Content-Range') };
  return {
    ...(content.size > 0 && {
      200: { description: 'What the function gives.', ...headers, content: contentOf(content) },
    }),
    ...(paged && {
      206: { description: 'A page of the rows counted.', ...headers, content: contentOf(content) },
    }),
    ...(overloads.some(({ result }) => result.kind === 'void' || result.kind === 'records') && {
      204: { description: 'Done.' },
    }),
  };
}

function resultContent(
  result: CallResult,
  { world, rowOf, ownRows }: RowRefs,
): { readonly [media: string]: { readonly schema: Schema } } {
  switch (result.kind) {
    case 'void':
      return {};
    case 'records':
      return rowsContent(openRow, []) as ReturnType<typeof resultContent>;
    case 'scalar': {
      const schema = withNull(schemaOf(result.type));
      return { 'application/json': { schema: result.set ? { type: 'array', items: schema } : schema } };
    }
    case 'rows': {
      const { table, exposed, set } = result;
      const row = exposed ? (isReadable(world, table) ? rowOf(table.name) : {}) : ownRows(ownRow(result));
      const columns = exposed ? (world.tables.get(table.name)?.columns ?? new Map()) : table.columns;
      return (set ? rowsContent(row, columns.values()) : objectContent(row)) as ReturnType<
        typeof resultContent
      >;
    }
    default:
      return result satisfies never;
  }
}

/** Columns that only the call itself tells. */
const openRow: Schema = { type: 'object', additionalProperties: true };

/** A row that is no exposed table's. */
function ownRow({ table }: Extract<CallResult, { kind: 'rows' }>): Schema {
  const none = new Map();
  return rowSchema(
    { table, columns: table.columns, edges: none, computed: none, select: undefined },
    () => ({}),
  );
}

/** Overloads that differ are alternatives. */
function contentOf(schemas: ReadonlyMap<string, readonly Schema[]>): Schema {
  return Object.fromEntries(
    [...schemas].map(([media, all]) => {
      const distinct = [...new Map(all.map((schema) => [JSON.stringify(schema), schema])).values()];
      return [media, { schema: distinct.length === 1 ? distinct[0] : { anyOf: distinct } }];
    }),
  );
}
