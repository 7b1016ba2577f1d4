/** One function of a role's world in PostgREST's Swagger 2.0: the path `/rpc/<name>`. */
import type { Callable } from '../api/api.ts';
import { type Given, givenTo, isNamed, reachable, readsOnly, wholeBody } from './calls.ts';
import { keyed } from './names.ts';
import type { Schema } from './schemas.ts';
import { described } from './swagger-definitions.ts';
import { reference, summarized } from './swagger-tables.ts';
import { argumentFormat, type HidesType, jsonType } from './swagger-types.ts';

/** Undefined for a function that is only a computed field. */
export function functionPath(
  callable: Callable,
  produces: readonly string[],
  hides: HidesType,
): Schema | undefined {
  const overloads = reachable(callable);
  if (overloads.length === 0) return undefined;
  const operation = (parameters: readonly Schema[], more: Schema = {}): Schema => ({
    tags: [`(rpc) ${callable.rest}`],
    ...summarized(callable.description),
    ...more,
    produces,
    ...(parameters.length === 0 ? null : { parameters }),
    responses: { 200: { description: 'OK' } },
  });
  const given = givenTo(overloads);
  const whole = overloads.find((overload) => !isNamed(overload));
  const named = overloads.some(isNamed);
  const args = {
    in: 'body',
    name: 'args',
    required: true,
    schema:
      named || whole === undefined
        ? argumentsSchema(callable, given, hides)
        : valueSchema(whole.routine.arguments[0]!.type, hides),
  };
  const consumes = named || whole === undefined ? {} : { consumes: [wholeBody(whole)!] };
  return {
    ...(readsOnly(overloads) && { get: operation(given.map((one) => queryParameter(one, hides))) }),
    post: operation([args, { $ref: reference('parameters', 'preferParams') }], consumes),
  };
}

function argumentsSchema(callable: Callable, given: readonly Given[], hides: HidesType): Schema {
  const required = given.filter((one) => one.required);
  return {
    ...described(callable.description),
    type: 'object',
    ...(given.length === 0
      ? null
      : { properties: keyed(given.map(({ name, argument }) => [name, valueSchema(argument.type, hides)])) }),
    ...(required.length === 0 ? null : { required: required.map(({ name }) => name) }),
  };
}

function valueSchema(type: Given['argument']['type'], hides: HidesType): Schema {
  return { format: argumentFormat(type, hides), ...jsonType(type) };
}

/** A variadic argument is given once for each value; an array is one text, `{a,b}`. */
function queryParameter({ name, argument: { type, variadic }, required }: Given, hides: HidesType): Schema {
  const common = { in: 'query', name, required };
  const { element } = type;
  if (variadic && element !== undefined) {
    return {
      ...common,
      type: 'array',
      collectionFormat: 'multi',
      items: { ...parameterType(element), format: argumentFormat(element, hides) },
    };
  }
  return { ...common, ...parameterType(type), format: argumentFormat(type, hides) };
}

/** Parameters know neither arrays in braces nor JSON: those are texts. */
function parameterType(type: Given['argument']['type']): Schema {
  const { type: kind } = jsonType(type);
  return { type: kind === undefined || kind === 'array' ? 'string' : kind };
}
