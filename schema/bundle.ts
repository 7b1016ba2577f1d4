/** What files may say → the JSON Schemas by which editors complete and check those of a project, and `server.yaml`. */
import { writeFile } from 'node:fs/promises';
import { columnOperators, valueOperators } from './predicate.ts';
import { ServerFile } from './server.ts';
import { File } from './structure.ts';

/** Where the schemas are written, and read by editors. */
export const schemaFile = new URL('../novastack.schema.json', import.meta.url);
export const serverSchemaFile = new URL('../novastack.server.schema.json', import.meta.url);

/** Draft 7: the one that YAML language servers know best. */
const dialect = 'http://json-schema.org/draft-07/schema#';

/** The JSON Schema of the files of a project. Pure. */
export function novastackSchema(): object {
  return {
    $comment: 'Generated from schema/sections by: node schema/bundle.ts. Do not edit.',
    $schema: dialect,
    title: 'A file of a NovaStack project',
    ...(published(File) as object),
    definitions: { predicate, comparison, operand, operands, aggregate },
  };
}

/** The JSON Schema of `server.yaml`. Pure. */
export function serverSchema(): object {
  return {
    $comment: 'Generated from schema/server by: node schema/bundle.ts. Do not edit.',
    $schema: dialect,
    title: 'server.yaml: the configuration of novastack serve',
    ...(published(ServerFile) as object),
  };
}

/** The text of `novastack.schema.json`. */
export function schemaText(): string {
  return textOf(novastackSchema());
}

/** The text of `novastack.server.schema.json`. */
export function serverSchemaText(): string {
  return textOf(serverSchema());
}

function textOf(schema: object): string {
  return `${JSON.stringify(schema, null, 2)}\n`;
}

/** Our own annotations become what editors understand, or nothing. */
function published(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(published);
  if (typeof value !== 'object' || value === null) return value;
  const { expects, reference: _reference, ...rest } = value as { readonly [key: string]: unknown };
  const entries = Object.entries(rest).map(([key, item]) => [key, published(item)]);
  const says = typeof expects === 'string' && typeof rest.pattern === 'string';
  if (says) entries.push(['patternErrorMessage', `This must be ${expects}.`]);
  return Object.fromEntries(entries);
}

const ref = (name: string) => ({ $ref: `#/definitions/${name}` });

const operand = {
  description: 'A value; `$jwt.<claim>` and `$now` are expanded.',
  type: ['string', 'number', 'boolean'],
};

const operands = {
  description: 'A list of values, or a claim that holds one.',
  anyOf: [
    { type: 'array', items: operand },
    { type: 'string', pattern: '^\\$jwt[.[]' },
  ],
};

const texts = { type: 'array', items: { type: 'string' } };

function operatorShape(operator: (typeof valueOperators)[number] | (typeof columnOperators)[number]): object {
  switch (operator) {
    case '_is_null':
      return { type: 'boolean', description: 'Whether there is no value.' };
    case '_in':
    case '_nin':
      return ref('operands');
    case '_has_keys_any':
    case '_has_keys_all':
      return { ...texts, description: 'Keys of a JSON object.' };
    case '_eq':
    case '_neq':
    case '_contains':
    case '_contained_in':
      return { not: { type: 'null' }, description: 'A value, a list or an object.' };
    case '_gt':
    case '_gte':
    case '_lt':
    case '_lte':
      return ref('operand');
    case '_like':
    case '_nlike':
    case '_ilike':
    case '_nilike':
    case '_similar':
    case '_nsimilar':
    case '_regex':
    case '_nregex':
    case '_iregex':
    case '_niregex':
    case '_has_key':
      return { type: 'string' };
    case '_ceq':
    case '_cneq':
    case '_cgt':
    case '_cgte':
    case '_clt':
    case '_clte':
      return { type: 'string', minLength: 1, description: 'Another column of the same table.' };
    default:
      return operator satisfies never;
  }
}

const operatorShapes = Object.fromEntries(
  [...valueOperators, ...columnOperators].map((operator) => [operator, operatorShape(operator)]),
);

const logical = {
  _and: { type: 'array', items: ref('predicate'), description: 'All must hold.' },
  _or: { type: 'array', items: ref('predicate'), description: 'One must hold.' },
  _not: ref('predicate'),
  _exists: {
    type: 'object',
    description: 'Some row of another table.',
    properties: { table: { type: 'string', description: 'Name under `tables`.' }, where: ref('predicate') },
    required: ['table', 'where'],
    additionalProperties: false,
  },
};

/** What stands behind a name: a value, operators, or a predicate on the rows of a relationship. */
const comparison = {
  description: 'A value (short for `_eq`), operators, or a condition on the rows of a relationship.',
  anyOf: [
    { type: ['string', 'number', 'boolean'] },
    {
      type: 'object',
      properties: { ...operatorShapes, ...logical },
      patternProperties: { _aggregate$: ref('aggregate') },
      additionalProperties: ref('comparison'),
    },
  ],
};

const aggregate = {
  description: 'A condition on how many rows a relationship has.',
  anyOf: [
    {
      type: 'object',
      properties: {
        count: {
          type: 'object',
          properties: {
            arguments: { anyOf: [{ type: 'string' }, texts], description: 'Columns that are counted.' },
            distinct: { type: 'boolean' },
            filter: ref('predicate'),
            predicate: {
              type: 'object',
              minProperties: 1,
              properties: Object.fromEntries(
                (['_eq', '_neq', '_gt', '_gte', '_lt', '_lte', '_in', '_nin'] as const).map((operator) => [
                  operator,
                  operatorShape(operator),
                ]),
              ),
              additionalProperties: false,
            },
          },
          required: ['predicate'],
          additionalProperties: false,
        },
      },
      required: ['count'],
      additionalProperties: false,
    },
    ref('comparison'),
  ],
};

const predicate = {
  description: 'A condition on a row. All keys must hold; `{}` is every row.',
  type: 'object',
  properties: {
    ...logical,
    // Operators compare a column, and here none is named.
    ...Object.fromEntries([...valueOperators, ...columnOperators].map((operator) => [operator, false])),
  },
  patternProperties: { _aggregate$: ref('aggregate') },
  additionalProperties: ref('comparison'),
};

if (import.meta.main) {
  await writeFile(schemaFile, schemaText());
  await writeFile(serverSchemaFile, serverSchemaText());
}
