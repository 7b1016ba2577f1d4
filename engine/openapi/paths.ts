/** One table of a role's world → its paths: only the verbs that were granted. */
import type { WorldTable } from '../api/api.ts';
import { headersOf, objectContent, rowsContent, sharedResponse, writtenContent } from './answers.ts';
import { hasCursor, type KeyPath, keyPath, profileParameter, sharedRef } from './parameters.ts';
import type { Schema } from './schemas.ts';

/** Where the table's parts stand under `components`. */
export interface TableRefs {
  /** Stem of the operations' ids, unique in the document. */
  readonly id: string;
  readonly row: Schema;
  readonly insert: Schema;
  readonly update: Schema;
  /** One for each readable column. */
  readonly filters: readonly Schema[];
}

const problem = sharedResponse('Problem');

/** Path → path item. */
export function pathsOf(table: WorldTable, refs: TableRefs): readonly (readonly [string, Schema])[] {
  const path = `/${encodeURIComponent(table.table.rest)}`;
  const paths: (readonly [string, Schema])[] = [[path, listItem(table, refs)]];
  const key = keyPath(table);
  if (key !== undefined) paths.push([`${path}/${key.template}`, rowItem(table, refs, key)]);
  return paths;
}

function listItem(table: WorldTable, refs: TableRefs): Schema {
  const { select, insert, update } = table;
  const common = operations(table, refs);
  const filters = [...refs.filters, sharedRef('and'), sharedRef('or')];
  const content = rowsContent(refs.row, table.columns.values());
  const headers = headersOf('Content-Range', ...(hasCursor(table) ? (['Link'] as const) : []), 'ETag');
  const written = writtenContent(refs.row);
  return {
    ...(select && {
      get: {
        ...common('list', 'Accept-Profile', [
          sharedRef('select'),
          ...filters,
          ...(select.aggregate ? [sharedRef('having')] : []),
          ...['order', 'limit', 'offset'].map(sharedRef),
          ...(hasCursor(table) ? [sharedRef('after')] : []),
          ...['prefer.read', 'if-none-match'].map(sharedRef),
        ]),
        responses: {
          200: { description: 'All rows that match, or the page.', headers, content },
          206: { description: 'A page of the rows counted.', headers, content },
          304: sharedResponse('NotModified'),
          default: problem,
        },
      },
    }),
    ...(insert && {
      post: {
        ...common('insert', 'Content-Profile', [
          ...(select ? [sharedRef('select')] : []),
          sharedRef('columns'),
          ...(update ? [sharedRef('on_conflict')] : []),
          sharedRef('prefer.insert'),
        ]),
        requestBody: body(
          { anyOf: [refs.insert, { type: 'array', items: refs.insert }] },
          {
            'text/csv': { schema: { type: 'string', description: 'Names of columns, then one line a row.' } },
          },
        ),
        responses: {
          201: { description: 'Written.', ...(select && { content: written }) },
          ...(update && {
            200: { description: 'Merged into rows that existed.', ...(select && { content: written }) },
          }),
          default: problem,
        },
      },
    }),
    ...changes(table, refs, { id: 'many', filters, content: written }),
  };
}

function rowItem(table: WorldTable, refs: TableRefs, key: KeyPath): Schema {
  const common = operations(table, refs);
  const content = objectContent(refs.row);
  return {
    parameters: key.parameters,
    ...(table.select && {
      get: {
        ...common('get', 'Accept-Profile', ['select', 'if-none-match'].map(sharedRef)),
        responses: {
          200: { description: 'The row.', headers: headersOf('ETag'), content },
          304: sharedResponse('NotModified'),
          default: problem,
        },
      },
    }),
    ...(table.insert &&
      table.update && {
        put: {
          ...common('put', 'Content-Profile', ['select', 'if-match', 'prefer.write'].map(sharedRef)),
          requestBody: body(refs.insert),
          responses: {
            200: { description: 'Replaced.', content },
            201: { description: 'Inserted.', content },
            204: { description: 'Written.' },
            412: sharedResponse('PreconditionFailed'),
            default: problem,
          },
        },
      }),
    ...changes(table, refs, { id: 'one', filters: [], content }),
  };
}

/** PATCH and DELETE, of the rows that match or of the one that the path names. */
function changes(
  table: WorldTable,
  refs: TableRefs,
  scope: { readonly id: 'one' | 'many'; readonly filters: readonly Schema[]; readonly content: Schema },
): Schema {
  const common = operations(table, refs);
  const parameters = [
    ...(table.select ? [sharedRef('select')] : []),
    ...scope.filters,
    ...(table.select ? [sharedRef('if-match')] : []),
    sharedRef('prefer.write'),
  ];
  const responses = {
    ...(table.select && { 200: { description: 'The rows.', content: scope.content } }),
    204: { description: 'Written.' },
    ...(table.select && { 412: sharedResponse('PreconditionFailed') }),
    default: problem,
  };
  return {
    ...(table.update && {
      patch: {
        ...common(`update_${scope.id}`, 'Content-Profile', parameters),
        requestBody: body(refs.update),
        responses,
      },
    }),
    ...(table.delete && {
      delete: { ...common(`delete_${scope.id}`, 'Content-Profile', parameters), responses },
    }),
  };
}

type Common = (
  verb: string,
  profile: 'Accept-Profile' | 'Content-Profile',
  parameters: readonly Schema[],
) => Schema;

/** What every operation of one table says. */
function operations(table: WorldTable, { id }: TableRefs): Common {
  return (verb, profile, parameters) => ({
    operationId: `${verb}_${id}`,
    tags: [table.table.name],
    parameters: [...profileParameter(table.table.profile, profile), ...parameters],
  });
}

function body(schema: Schema, others: Schema = {}): Schema {
  return { required: true, content: { 'application/json': { schema }, ...others } };
}
