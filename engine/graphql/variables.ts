/** The values of an operation's variables: read as their types, exactly, and refused when they do not fit. Pure. */

import type { Accepts } from '../api/graphql-scalars.ts';
import { Bare } from './bare.ts';
import type { InputType, InputTypes } from './inputs.ts';
import { literal } from './literal.ts';
import type { OperationPlan } from './operation.ts';
import { beyondLimit, invalid, type Refusal } from './refusal.ts';
import { expected } from './scalars.ts';
import { parseTypeRef, printTypeRef, type TypeRef } from './type-ref.ts';

export interface Variables {
  /** By name; a variable that was neither sent nor has a default is absent. */
  readonly values: ReadonlyMap<string, unknown>;
  /** Those the caller sent, rather than the document's defaults. */
  readonly sent: ReadonlySet<string>;
}

const none: Variables = Object.freeze({ values: new Map(), sent: new Set<string>() });

/** Objects in all variables that are no rows to insert: those of filters with `maxConditions`, and of orders, have fewer. */
const maxObjects = 5_000;
/** Rows to insert in all variables of one request: what is checked here holds the thread that serves. */
const maxRows = 100_000;
/** Column names in one list: `distinct_on`, `columns`. */
const maxNames = 1_000;

/** Where in the variables the reading is, and what it may still read. */
interface Reading {
  readonly inputs: InputTypes;
  /** Names and indexes down to the value: written out when it is refused, not for each of a hundred thousand items. */
  readonly steps: (string | number)[];
  objects: number;
  rows: number;
}

/**
 * Linear, and no more than some 0.1 µs for a scalar and 1 µs for a row: nothing is read beyond the limits.
 *
 * @param sent the request's `variables`, parsed losslessly; names the document does not declare are ignored. Its lists
 *   of scalars are kept as they are, not copied
 * @returns values with GraphQL's names in them; objects have nothing that was not sent
 * @throws {Refusal} NS602 a value is missing or does not fit its type; NS603 more objects, rows or names than are read
 */
export function coerceVariables(
  plan: OperationPlan,
  sent: Readonly<Record<string, unknown>>,
  inputs: InputTypes,
): Variables {
  if (plan.variables.length === 0) return none;
  const values = new Map<string, unknown>();
  const names = new Set<string>();
  const reading: Reading = { inputs, steps: [], objects: maxObjects, rows: maxRows };
  for (const variable of plan.variables) {
    const type = parseTypeRef(variable.type);
    if (Object.hasOwn(sent, variable.name)) {
      names.add(variable.name);
      values.set(variable.name, coerceAt(variable.name, sent[variable.name], type, reading));
    } else if (variable.default !== undefined) {
      values.set(variable.name, literal(variable.default));
    } else if (type.kind === 'nonNull') {
      throw invalid('$.variableValues', `expecting a value for non-nullable variable: "${variable.name}"`);
    }
  }
  return { values, sent: names };
}

/** Steps into the part and out again. */
function coerceAt(step: string | number, value: unknown, type: TypeRef, reading: Reading): unknown {
  reading.steps.push(step);
  const coerced = coerce(value, type, reading);
  reading.steps.pop();
  return coerced;
}

function coerce(value: unknown, type: TypeRef, reading: Reading): unknown {
  if (type.kind === 'nonNull') {
    if (value === null) throw misfit(`unexpected null value for type '${printTypeRef(type)}'`, reading);
    return coerce(value, type.of, reading);
  }
  if (value === null) return null;
  if (type.kind === 'named') return coerceNamed(value, reading.inputs.get(type.name)!, reading);
  // A single value stands for a list of one, as the specification says.
  return Array.isArray(value) ? coerceList(value, type.of, reading) : [coerce(value, type.of, reading)];
}

function coerceList(items: readonly unknown[], of: TypeRef, reading: Reading): unknown {
  const inner = of.kind === 'nonNull' ? of.of : of;
  const type = inner.kind === 'named' ? reading.inputs.get(inner.name)! : undefined;
  if (type?.kind === 'scalar') {
    const wrong = items.findIndex((item) =>
      item === null ? of.kind === 'nonNull' : !fits(item, type.accepts),
    );
    // Read again for its message.
    return wrong === -1 ? items : coerceAt(wrong, items[wrong], of, reading);
  }
  if (type?.kind === 'enum' && items.length > maxNames) throw tooMuch(`${maxNames} names`, reading);
  return items.map((item, index) => coerceAt(index, item, of, reading));
}

function coerceNamed(value: unknown, type: InputType, reading: Reading): unknown {
  switch (type.kind) {
    case 'scalar':
      if (fits(value, type.accepts)) return value;
      throw misfit(
        `expected ${expected(type.accepts)} for type '${type.name}', but found ${found(value)}`,
        reading,
      );
    case 'enum': {
      if (typeof value === 'string' && type.values.has(value)) return value;
      throw misfit(`expected ${choices(type)} for type '${type.name}', but found ${found(value)}`, reading);
    }
    case 'object':
      return coerceObject(value, type, reading);
    default:
      return type satisfies never;
  }
}

function coerceObject(
  value: unknown,
  type: Extract<InputType, { kind: 'object' }>,
  reading: Reading,
): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value) || JSON.isRawJSON(value))
    throw misfit(`expected an object for type '${type.name}', but found ${found(value)}`, reading);
  countObject(type, reading);
  const coerced: Bare = new Bare();
  for (const name of Object.keys(value)) {
    const field = type.fields.get(name);
    if (field === undefined)
      throw misfit(`field '${shorten(name)}' not found in type: '${type.name}'`, reading);
    coerced[name] = coerceAt(name, (value as Bare)[name], fieldType(field), reading);
  }
  for (const name of type.required)
    if (!Object.hasOwn(value, name))
      throw misfit(`missing required field '${name}' of type '${type.name}'`, reading);
  return coerced;
}

function countObject(type: Extract<InputType, { kind: 'object' }>, reading: Reading): void {
  if (type.rows) reading.rows -= 1;
  else reading.objects -= 1;
  if (reading.rows < 0) throw tooMuch(`${maxRows} rows to insert`, reading);
  if (reading.objects < 0) throw tooMuch(`${maxObjects} objects of filters and orders`, reading);
}

function misfit(message: string, { steps }: Reading): Refusal {
  return invalid(pathOf(steps), message);
}

/** With the place of the variable alone: the one item too many is no more at fault than those before. */
function tooMuch(what: string, { steps }: Reading): Refusal {
  return beyondLimit(pathOf(steps.slice(0, 1)), `the variables hold more than ${what}`);
}

function pathOf(steps: readonly (string | number)[]): string {
  return `$.variableValues${steps.map((step) => (typeof step === 'number' ? `[${step}]` : `.${step}`)).join('')}`;
}

const fieldTypes = new WeakMap<object, TypeRef>();

/** Parsed once for each field: rows of an insert come by the thousand. */
function fieldType(field: { readonly type: string }): TypeRef {
  let type = fieldTypes.get(field);
  if (type === undefined) {
    type = parseTypeRef(field.type);
    fieldTypes.set(field, type);
  }
  return type;
}

function fits(value: unknown, accepts: Accepts): boolean {
  const isNumber = typeof value === 'number' || JSON.isRawJSON(value);
  switch (accepts) {
    case 'int':
      return typeof value === 'number' && (value | 0) === value;
    case 'float':
      return isNumber;
    case 'boolean':
      return typeof value === 'boolean';
    case 'exactNumber':
    case 'textOrNumber':
      return isNumber || typeof value === 'string';
    case 'string':
    case 'text':
      return typeof value === 'string';
    case 'json':
      return true;
    default:
      return accepts satisfies never;
  }
}

/** Columns are not listed: where introspection is off, that would be a way to have them. */
function choices(type: Extract<InputType, { kind: 'enum' }>): string {
  if (type.name !== 'order_by') return 'one of its values';
  return `one of the values [${[...type.values.keys()].map((one) => `'${one}'`).join(', ')}]`;
}

function found(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'number' || JSON.isRawJSON(value)) return 'a number';
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}

function shorten(text: string): string {
  return text.length > 100 ? `${text.slice(0, 100)}…` : text;
}
