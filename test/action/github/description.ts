/**
 * GitHub's own description of its API, as far as `openapi.json` has it: which operation a request is, whether it is asked as
 * described, and whether an answer is one that GitHub may give.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv, type ValidateFunction } from 'ajv';
import ajvFormats from 'ajv-formats';

// biome-ignore lint/suspicious/noExplicitAny: JSON whose form the description checks
export type Json = any;

export interface Operation {
  /** As GitHub calls it: `issues/create-comment`. */
  readonly id: string;
  readonly method: string;
  /** Page of GitHub's documentation, which errors name. */
  readonly docs: string;
  readonly parameters: readonly Parameter[];
  readonly body: Json;
  /** Schemas by status and media type. */
  readonly answers: Readonly<Record<string, Readonly<Record<string, Json>>>>;
}

interface Parameter {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header';
  readonly required: boolean;
  readonly schema: Json;
}

/** An operation with the parameters of one path, decoded. */
export interface Route {
  readonly operation: Operation;
  readonly path: Readonly<Record<string, string>>;
}

const file = join(import.meta.dirname, 'openapi.json');
const description: Json = JSON.parse(readFileSync(file, 'utf8'));

const ajv = new Ajv({ strict: false, allErrors: true, coerceTypes: false });
ajvFormats.default(ajv);
for (const format of ['timestamp', 'repo.nwo']) ajv.addFormat(format, true);
ajv.addSchema({ $id: 'github', ...description });

const routes = Object.entries<Json>(description.operations)
  .map(([key, { operationId, ...rest }]) => {
    const [method, template] = key.split(' ') as [string, string];
    const operation: Operation = { id: operationId, method: method.toUpperCase(), ...rest };
    return { operation, template, pattern: patternOf(template) };
  })
  // `/pulls/{pull_number}` is asked for before `/{owner}`: the one with more words of its own.
  .sort((a, b) => wordsOf(b.template) - wordsOf(a.template));

export function operationIds(): readonly string[] {
  return routes.map(({ operation }) => operation.id);
}

/** @param pathname as it was sent, encoded */
export function findRoute(method: string, pathname: string): Route | undefined {
  for (const { operation, pattern } of routes) {
    const found = operation.method === method ? pattern.exec(pathname) : null;
    if (found === null) continue;
    const path = Object.entries(found.groups ?? {}).map(([name, text]) => [name, decodeURIComponent(text)]);
    return { operation, path: Object.fromEntries(path) };
  }
  return undefined;
}

/** What is wrong with a request by the description, a line each; unknown names too, which GitHub itself lets pass. */
export function requestFaults(
  { operation, path }: Route,
  query: Readonly<Record<string, string>>,
  body: Json,
): readonly string[] {
  const known = operation.parameters.filter((one) => one.in === 'query').map(({ name }) => name);
  const unknown = Object.keys(query).filter((name) => !known.includes(name));
  return [
    ...unknown.map((name) => `query parameter ${name} is not in the description`),
    ...operation.parameters.flatMap((parameter) => parameterFaults(parameter, path, query)),
    ...bodyFaults(operation, body),
  ];
}

/** What is wrong with an answer of ours. */
export function answerFaults(
  operation: Operation,
  status: number,
  type: string,
  body: Json,
): readonly string[] {
  const described = operation.answers[status];
  const schema = described?.[type] ?? described?.['application/json'];
  if (schema !== undefined) return faultsOf(schema, body);
  // Refusals that all operations have in common are described with few of them.
  if (status >= 400) return faultsOf('#/components/schemas/basic-error', body);
  if (described === undefined) return [`status ${status} is not described`];
  return body === undefined ? [] : [`a ${status} has no body of ${type} in the description`];
}

/** The schema that a reference within the description means, or the schema itself. */
export function resolved(schema: Json): Json {
  if (schema?.$ref === undefined) return schema;
  return resolved(description.components.schemas[schema.$ref.slice('#/components/schemas/'.length)]);
}

export function schemaNamed(name: string): Json {
  const found = description.components.schemas[name];
  if (found === undefined) throw new Error(`The description has no schema "${name}".`);
  return found;
}

function parameterFaults(
  { name, in: place, required, schema }: Parameter,
  path: Readonly<Record<string, string>>,
  query: Readonly<Record<string, string>>,
): readonly string[] {
  if (place === 'header') return [];
  const text = (place === 'path' ? path : query)[name];
  if (text === undefined) return required ? [`${place} parameter ${name} is missing`] : [];
  return faultsOf(schema, fromText(schema, text)).map((fault) => `${place} parameter ${name}${fault}`);
}

/** What stands in an address is text; where a number or a truth is meant, it is read as that. */
function fromText(schema: Json, text: string): unknown {
  const types = typesOf(schema);
  if (types.includes('integer') && /^-?\d+$/.test(text)) return Number(text);
  if (types.includes('boolean') && /^(true|false)$/.test(text)) return text === 'true';
  return text;
}

function typesOf(schema: Json): readonly string[] {
  const { type, oneOf, anyOf } = resolved(schema);
  return [type ?? [], (oneOf ?? anyOf ?? []).flatMap(typesOf)].flat(2);
}

function bodyFaults({ body: schema }: Operation, body: Json): readonly string[] {
  if (schema === undefined) return body === undefined ? [] : ['a body was sent, and none is described'];
  const known = resolved(schema).properties;
  const isObject = typeof body === 'object' && body !== null && !Array.isArray(body);
  const unknown =
    known === undefined || !isObject ? [] : Object.keys(body).filter((name) => !(name in known));
  return [...unknown.map((name) => `body/${name} is not in the description`), ...faultsOf(schema, body)];
}

const compiled = new Map<string, ValidateFunction>();

function faultsOf(schema: Json | string, value: unknown): readonly string[] {
  const key = typeof schema === 'string' ? schema : JSON.stringify(schema);
  let validate = compiled.get(key);
  if (validate === undefined) {
    validate = ajv.compile(absolute(typeof schema === 'string' ? { $ref: schema } : schema));
    compiled.set(key, validate);
  }
  if (validate(value)) return [];
  return (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath || ' '} ${message}`);
}

/** References of a part of the description, written so that they hold outside of it. */
function absolute(schema: Json): Json {
  return JSON.parse(JSON.stringify(schema).replaceAll('"$ref":"#/', '"$ref":"github#/'));
}

/** The last parameter of a path takes slashes: a file's path, a ref. */
function patternOf(template: string): RegExp {
  const source = template
    .replace(/[.]/g, '\\.')
    .replace(/\{(ref|path|basehead|sha)\}/g, '(?<$1>.+)')
    .replace(/\{(\w+)\}/g, '(?<$1>[^/]+)');
  return new RegExp(`^${source}$`);
}

function wordsOf(template: string): number {
  return template.replace(/\{\w+\}/g, '').length;
}
