/** The values of an operation's variables: read as their types, exactly, and refused when they do not fit. Pure. */
import type { InputType, InputTypes } from './inputs.ts';
import { literal } from './literal.ts';
import type { OperationPlan } from './operation.ts';
import { invalid } from './refusal.ts';
import { type Accepts, expected } from './scalars.ts';
import { parseTypeRef, printTypeRef, type TypeRef } from './type-ref.ts';

export interface Variables {
  /** By name; a variable that was neither sent nor has a default is absent. */
  readonly values: ReadonlyMap<string, unknown>;
  /** Those the caller sent, rather than the document's defaults. */
  readonly sent: ReadonlySet<string>;
}

const none: Variables = Object.freeze({ values: new Map(), sent: new Set<string>() });

/**
 * @param sent the request's `variables`, parsed losslessly; names the document does not declare are ignored
 * @returns values with GraphQL's names in them; objects have no prototype
 * @throws {Refusal} NS602 a value is missing or does not fit its type
 */
export function coerceVariables(
  plan: OperationPlan,
  sent: Readonly<Record<string, unknown>>,
  inputs: InputTypes,
): Variables {
  if (plan.variables.length === 0) return none;
  const values = new Map<string, unknown>();
  const names = new Set<string>();
  for (const variable of plan.variables) {
    const type = parseTypeRef(variable.type);
    const path = `$.variableValues.${variable.name}`;
    if (Object.hasOwn(sent, variable.name)) {
      names.add(variable.name);
      values.set(variable.name, coerce(sent[variable.name], type, path, inputs));
    } else if (variable.default !== undefined) {
      values.set(variable.name, literal(variable.default));
    } else if (type.kind === 'nonNull') {
      throw invalid('$.variableValues', `expecting a value for non-nullable variable: "${variable.name}"`);
    }
  }
  return { values, sent: names };
}

function coerce(value: unknown, type: TypeRef, path: string, inputs: InputTypes): unknown {
  if (type.kind === 'nonNull') {
    if (value === null) throw invalid(path, `unexpected null value for type '${printTypeRef(type)}'`);
    return coerce(value, type.of, path, inputs);
  }
  if (value === null) return null;
  if (type.kind === 'named') return coerceNamed(value, inputs.get(type.name)!, path, inputs);
  // A single value stands for a list of one, as the specification says.
  if (!Array.isArray(value)) return [coerce(value, type.of, path, inputs)];
  return value.map((item, index) => coerce(item, type.of, `${path}[${index}]`, inputs));
}

function coerceNamed(value: unknown, type: InputType, path: string, inputs: InputTypes): unknown {
  switch (type.kind) {
    case 'scalar':
      if (fits(value, type.accepts)) return value;
      throw invalid(
        path,
        `expected ${expected(type.accepts)} for type '${type.name}', but found ${found(value)}`,
      );
    case 'enum': {
      if (typeof value === 'string' && type.values.has(value)) return value;
      throw invalid(path, `expected ${choices(type)} for type '${type.name}', but found ${found(value)}`);
    }
    case 'object':
      return coerceObject(value, type, path, inputs);
    default:
      return type satisfies never;
  }
}

function coerceObject(
  value: unknown,
  type: Extract<InputType, { kind: 'object' }>,
  path: string,
  inputs: InputTypes,
): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value) || JSON.isRawJSON(value))
    throw invalid(path, `expected an object for type '${type.name}', but found ${found(value)}`);
  const coerced: Record<string, unknown> = Object.create(null);
  for (const [name, item] of Object.entries(value)) {
    const field = type.fields.get(name);
    if (field === undefined)
      throw invalid(path, `field '${shorten(name)}' not found in type: '${type.name}'`);
    coerced[name] = coerce(item, fieldType(field), `${path}.${name}`, inputs);
  }
  for (const [name, { type: fieldText }] of type.fields)
    if (fieldText.endsWith('!') && !Object.hasOwn(value, name))
      throw invalid(path, `missing required field '${name}' of type '${type.name}'`);
  return coerced;
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
