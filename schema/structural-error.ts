/** Errors of the JSON Schema validator → findings in sentences of the language. Pure. */
import type { ErrorObject } from 'ajv';
import { maxFindings } from './draft.ts';
import { didYouMean } from './nearest.ts';
import type { Literal, Path } from './predicate.ts';
import type { Annotations } from './shape.ts';
import { describe } from './words.ts';

export interface StructuralFinding {
  readonly code: string;
  /** From the root of the file. */
  readonly path: Path;
  readonly part: 'key' | 'value';
  readonly message: string;
  readonly hint?: string | undefined;
}

interface Shape extends Annotations {
  readonly type?: string;
  readonly const?: unknown;
  readonly enum?: readonly string[];
  readonly properties?: { readonly [key: string]: Shape };
  readonly anyOf?: readonly Shape[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minItems?: number;
  readonly pattern?: string;
  readonly items?: Shape;
}

/**
 * One finding for each mistake.
 *
 * @param errors of `allErrors` and `verbose`
 * @param root what was checked
 */
export function structuralFindings(
  errors: readonly ErrorObject[],
  root: Literal,
): readonly StructuralFinding[] {
  const real = errors.filter((error) => !isRule(error));
  const unions = new Map(
    real.filter(isUnion).map((error) => [key(error.schemaPath, error.instancePath), error]),
  );
  const findings = new Map<string, StructuralFinding>();
  for (const error of real) {
    if (findings.size === maxFindings) break;
    if ((isUnion(error) && meantBranch(error) >= 0) || !isMeant(error, unions)) continue;
    const finding = explain(error, pathOf(error.instancePath, root));
    // A text in place of a number is of the wrong kind, and not the right number either.
    const place =
      finding.part === 'value' ? error.instancePath : JSON.stringify([finding.path, finding.message]);
    if (!findings.has(place)) findings.set(place, finding);
  }
  return [...findings.values()];
}

/** `shape.ts`: what is under these keywords, a section's reader says better. */
function isRule(error: ErrorObject): boolean {
  return /\/(oneOf|allOf|not|if|then|else)(\/|$)/.test(error.schemaPath) || error.keyword === 'propertyNames';
}

function isUnion(error: ErrorObject): boolean {
  return error.keyword === 'anyOf';
}

/** Whether the author chose the alternatives that an error is in, as the kinds of the values tell. */
function isMeant(error: ErrorObject, unions: ReadonlyMap<string, ErrorObject>): boolean {
  for (const match of error.schemaPath.matchAll(/\/anyOf\/(\d+)/g)) {
    const schemaPath = `${error.schemaPath.slice(0, match.index)}/anyOf`;
    for (const instancePath of ancestors(error.instancePath)) {
      const union = unions.get(key(schemaPath, instancePath));
      if (union && meantBranch(union) !== Number(match[1])) return false;
    }
  }
  return true;
}

function key(schemaPath: string, instancePath: string): string {
  return `${schemaPath} ${instancePath}`;
}

/** A pointer and all that it is inside of. */
function ancestors(pointer: string): readonly string[] {
  const result = [pointer];
  for (let slash = pointer.lastIndexOf('/'); slash >= 0; slash = pointer.lastIndexOf('/', slash - 1)) {
    result.push(pointer.slice(0, slash));
    if (slash === 0) break;
  }
  return result;
}

/** Only lists and objects have anything inside them that could be wrong. */
function meantBranch(union: ErrorObject): number {
  const kind = kindOf(union.data);
  if (kind === undefined) return -1;
  return (union.schema as readonly Shape[]).findIndex((shape) => shape.type === kind);
}

function kindOf(value: unknown): 'array' | 'object' | undefined {
  if (Array.isArray(value)) return 'array';
  return typeof value === 'object' && value !== null ? 'object' : undefined;
}

function explain(error: ErrorObject, path: Path): StructuralFinding {
  const shape = (error.parentSchema ?? {}) as Shape;
  const value = error.data as Literal;
  if (error.propertyName !== undefined) {
    const name = error.propertyName;
    const expects = shape.expects ?? 'another name';
    const message = `"${short(name)}" cannot be a name here.`;
    return { code: 'WRONG_NAME', path: [...path, name], part: 'key', message, hint: `choose ${expects}` };
  }
  switch (error.keyword) {
    case 'additionalProperties':
      return unknownKey(path, (error.params as { additionalProperty: string }).additionalProperty, shape);
    case 'required':
      return missingKey(path, (error.params as { missingProperty: string }).missingProperty, shape);
    default:
      return wrongValue(path, value, shape, error.keyword);
  }
}

function unknownKey(path: Path, key: string, shape: Shape): StructuralFinding {
  const known = Object.keys(shape.properties ?? {});
  return {
    code: 'UNKNOWN_KEY',
    path: [...path, key],
    part: 'key',
    message: `"${short(key)}" is not known ${path.length === 0 ? 'at the top of a file' : `in ${subject(path)}`}.`,
    hint: didYouMean(key, known) ?? `the keys are ${known.join(', ')}`,
  };
}

function missingKey(path: Path, key: string, shape: Shape): StructuralFinding {
  const meaning = (shape.properties?.[key] as { description?: string } | undefined)?.description;
  return {
    code: 'MISSING_KEY',
    path,
    part: 'key',
    message: `${capital(subject(path))} needs "${key}".`,
    hint: meaning === undefined ? `add ${key}:` : `add ${key}: ${lower(meaning.replace(/\.( .*)?$/s, ''))}`,
  };
}

function wrongValue(path: Path, value: Literal, shape: Shape, keyword: string): StructuralFinding {
  const kind = keyword === 'type' || keyword === 'anyOf';
  const found = mayBeSecret(shape) ? kindName(value) : describe(value);
  return {
    code: kind ? 'WRONG_TYPE' : 'WRONG_VALUE',
    path,
    part: 'value',
    message: `${capital(subject(path))} must be ${expected(shape)}, but it is ${found}.`,
    hint: (mayBeSecret(shape) ? undefined : hint(value, shape)) ?? `write ${expected(shape)}`,
  };
}

/** Where a reference may stand, somebody may have put the secret itself, which no message may show. */
function mayBeSecret(shape: Shape): boolean {
  return shape.reference === true || shape.items?.reference === true;
}

/** A value without what it is. */
function kindName(value: Literal): string {
  if (value === '' || typeof value === 'object') return describe(value);
  if (typeof value === 'string') return 'a text';
  return typeof value === 'boolean' ? 'a boolean' : 'a number';
}

function hint(value: Literal, shape: Shape): string | undefined {
  if (shape.enum && typeof value === 'string') return didYouMean(value, shape.enum);
  if (value === false && shape.anyOf?.some((branch) => branch.const === true))
    return 'leave it out: what is not granted is denied';
  if (value === null && takes(shape, 'object')) return 'write {} when there is nothing to say';
  if (typeof value === 'string' && shape.type === 'boolean')
    return `write true or false: in YAML 1.2 "${short(value)}" is a text`;
  if (typeof value === 'string' && takes(shape, 'array')) return `write [${short(value)}]`;
  const scalar = typeof value === 'number' || typeof value === 'bigint' || typeof value === 'boolean';
  if (scalar && shape.type === 'string' && !shape.pattern)
    return `write it in quotes: "${String(value).slice(0, 40)}"`;
  return undefined;
}

function takes(shape: Shape, type: string): boolean {
  return shape.type === type || (shape.anyOf?.some((branch) => branch.type === type) ?? false);
}

/** What a value must be, in words. */
function expected(shape: Shape): string {
  if (shape.expects) return shape.expects;
  if (shape.anyOf) return shape.anyOf.map(expected).join(' or ');
  if (shape.const !== undefined)
    return typeof shape.const === 'string' ? `"${shape.const}"` : String(shape.const);
  if (shape.enum) return alternatives(shape.enum);
  switch (shape.type) {
    case 'boolean':
      return 'true or false';
    case 'integer':
      return `a whole number${range(shape)}`;
    case 'string':
      return 'a text';
    case 'array':
      return shape.minItems ? 'a list with at least one item' : 'a list';
    case 'object':
      return 'an object';
    default:
      return 'another value';
  }
}

function range({ minimum, maximum }: Shape): string {
  const open = maximum === undefined || maximum === Number.MAX_SAFE_INTEGER;
  if (minimum === undefined) return open ? '' : ` up to ${maximum}`;
  return open ? ` of at least ${minimum}` : ` from ${minimum} to ${maximum}`;
}

function alternatives(values: readonly string[]): string {
  const quoted = values.map((value) => `"${value}"`);
  return quoted.length === 1 ? quoted[0]! : `${quoted.slice(0, -1).join(', ')} or ${quoted.at(-1)}`;
}

/** The thing at `path` as the author calls it: by its key, an item by its list. */
function subject(path: Path): string {
  const last = path.at(-1);
  if (last === undefined) return 'the file';
  if (typeof last === 'number')
    return `item ${last + 1}${path.length < 2 ? '' : ` of "${short(String(path.at(-2)))}"`}`;
  return `"${short(last)}"`;
}

/** A pointer does not tell the item `2` of a list from the key `2` of an object; the value does. */
function pathOf(pointer: string, root: Literal): Path {
  let value: Literal | undefined = root;
  return pointer
    .split('/')
    .slice(1)
    .map((part) => {
      const name = part.replace(/~1/g, '/').replace(/~0/g, '~');
      const step = Array.isArray(value) ? Number(name) : name;
      value = (value as { readonly [key: string | number]: Literal } | undefined)?.[step];
      return step;
    });
}

function short(text: string): string {
  return text.length > 60 ? `${text.slice(0, 59)}…` : text;
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function lower(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}
