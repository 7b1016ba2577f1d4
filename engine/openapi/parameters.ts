/** Parameters of the REST grammar as OpenAPI describes them: those that all tables share, and one for each column. */
import type { Column, WorldTable } from '../api/api.ts';
import type { Schema } from './schemas.ts';

export type Parameter = Schema;

const text: Schema = { type: 'string' };

function query(name: string, description: string, schema: Schema = text): Parameter {
  return { name, in: 'query', description, schema };
}

function header(name: string, description: string): Parameter {
  return { name, in: 'header', description, schema: text };
}

function prefer(description: string, example: string): Parameter {
  return { ...header('Prefer', description), example };
}

/** By the key they have under `components.parameters`. */
export const sharedParameters: { readonly [key: string]: Parameter } = {
  select: query('select', 'Columns and embedded relationships: `id,label:title,author(name)`. Default `*`.'),
  order: query('order', 'Columns to sort by: `price.desc.nullslast,id`.'),
  limit: query('limit', 'Most rows of the answer.', { type: 'integer', minimum: 0 }),
  after: query(
    'after',
    'Rows after a page: the cursor of its Link header. It holds for the same filter and order.',
  ),
  having: query('having', 'Conditions on groups: `price.sum().gt.100`.'),
  offset: query('offset', 'Rows to leave out first.', { type: 'integer', minimum: 0 }),
  and: query('and', 'Conditions that must all hold: `(price.gt.5,price.lt.10)`.'),
  or: query('or', 'Conditions of which one must hold: `(price.lt.5,title.like.*free*)`.'),
  columns: query('columns', 'The keys of the body that count.'),
  on_conflict: query(
    'on_conflict',
    'Columns of the unique key that an upsert goes by. Default: the primary key.',
  ),
  'if-none-match': header(
    'If-None-Match',
    'ETag of an answer that is kept: the answer is 304 when it still holds.',
  ),
  'if-match': header('If-Match', 'ETag of the rows as they were read: 412 when they are others by now.'),
  'prefer.read': prefer(
    '`count=exact` counts all rows that match, in Content-Range; `planned` and `estimated` ask the database’s statistics.',
    'count=exact',
  ),
  'prefer.write': prefer(
    '`return=representation` answers with the rows, `return=minimal` (the default) with nothing; ' +
      '`handling=strict, max-affected=1` refuses to write more rows.',
    'return=representation',
  ),
  'prefer.insert': prefer(
    '`return=representation`, `return=headers-only` (Location) or `return=minimal`; ' +
      '`resolution=merge-duplicates` or `ignore-duplicates` for an upsert; ' +
      '`missing=default` takes the default of a column that a row leaves out.',
    'return=representation',
  ),
};

export function sharedRef(key: string): Schema {
  return { $ref: `#/components/parameters/${key}` };
}

/** `price=gte.5`, one for each column that the role reads. */
export function filterOf(column: Column): Parameter {
  const description = column.description === null ? '' : ` ${column.description}`;
  return query(parameterName(column.name), `Filter as operator.value, such as \`eq.5\`.${description}`);
}

const reserved: ReadonlySet<string> = new Set([
  'select', 'columns', 'on_conflict', 'order', 'limit', 'offset', 'and', 'or', 'having', 'after',
]); // biome-ignore format: a list

/** A name as a parameter takes it: in quotes where it has signs of the grammar. */
export function parameterName(name: string): string {
  return /^[\w$]+(?:[ -]+[\w$]+)*$/u.test(name) && !reserved.has(name)
    ? name
    : `"${name.replace(/["\\]/g, '\\$&')}"`;
}

/** The header that names a profile other than the default one. */
export function profileParameter(profile: string, name: 'Accept-Profile' | 'Content-Profile'): Parameter[] {
  if (profile === 'public') return [];
  return [{ name, in: 'header', required: true, schema: { type: 'string', enum: [profile] } }];
}

/** True when the role can order by columns that no two rows share: then pages have cursors. */
export function hasCursor({ table, columns }: WorldTable): boolean {
  const uniques = table.relation.uniques.map((unique) =>
    unique.columns.map((name) => table.byDatabaseName.get(name)),
  );
  return [table.key, ...uniques].some(
    (key) =>
      key.length > 0 && key.every((column) => column !== undefined && columns.get(column.name) === column),
  );
}

export interface KeyPath {
  /** `{id}`, or `{order_id},{no}`. */
  readonly template: string;
  readonly parameters: readonly Parameter[];
}

/** The last part of a row's path; undefined when the role cannot name rows by key. */
export function keyPath({ table, columns }: WorldTable): KeyPath | undefined {
  const { key } = table;
  if (key.length === 0 || key.some((column) => columns.get(column.name) !== column)) return undefined;
  const names = key.map(({ name }, index) => (/^[A-Za-z0-9_-]+$/.test(name) ? name : `key.${index + 1}`));
  return {
    template: names.map((name) => `{${name}}`).join(','),
    parameters: key.map((column, index) => ({
      name: names[index]!,
      in: 'path',
      required: true,
      description: `Value of "${column.name}", percent-encoded.`,
      schema: text,
    })),
  };
}
