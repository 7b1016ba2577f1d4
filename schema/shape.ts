/**
 * The vocabulary in which the sections say what they may hold. Every shape is a JSON Schema and a type at once.
 * Descriptions are the editor's hover text. Keywords under `rules` (`oneOf`, `if`, `not` …) are for editors only:
 * a section's reader says the same with a better sentence.
 */
import Type, { type Static, type TProperties, type TSchema } from 'typebox';
import type { Literal } from './predicate.ts';
import { durationPattern, ratePattern, sizePattern } from './quantity.ts';

/** What a schema of ours may say beyond JSON Schema. */
export interface Annotations {
  /** Completes "It must be …" where the keyword alone (a pattern) would say nothing. */
  readonly expects?: string;
  /** The value may hold `${env:…}` and is never shown. */
  readonly reference?: true;
}

export interface Rules {
  readonly if?: object;
  readonly then?: object;
  readonly else?: object;
  readonly oneOf?: readonly object[];
  readonly allOf?: readonly object[];
  readonly not?: object;
}

/** An object of these keys and no other. */
export function object<T extends TProperties>(properties: T, description?: string, rules: Rules = {}) {
  return Type.Object(properties, { additionalProperties: false, ...described(description), ...rules });
}

/** A shape that says in words of its own what it must be. */
export function expecting<T extends object>(shape: T, expects: string): T & { expects: string } {
  return { ...shape, expects };
}

/** An object keyed by names that the author chooses. */
export function named<T extends TSchema>(value: T, description: string, names: Name = anyName) {
  return Type.Unsafe<{ readonly [name: string]: Static<T> }>({
    type: 'object',
    description,
    propertyNames: names,
    additionalProperties: value,
  });
}

export interface Name {
  readonly type: 'string';
  readonly pattern?: string;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly expects: string;
}

export const anyName: Name = {
  type: 'string',
  minLength: 1,
  maxLength: 200,
  expects: 'a name of 1 to 200 characters',
};

/** Names that become folders and parts of messages and logs. */
export const plainName: Name = {
  type: 'string',
  pattern: '^[A-Za-z][A-Za-z0-9_-]{0,62}$',
  expects: 'a name of letters, digits, "_" and "-" that begins with a letter, 63 characters at most',
};

export function text(description: string, options: Annotations & { pattern?: string } = {}) {
  return Type.String({ description, minLength: 1, ...options });
}

/** A text that may be empty. */
export function prose(description: string) {
  return Type.String({ description });
}

/** A text in which `${env:NAME}` and `${file:/path}` are resolved by the engine. */
export function reference(description: string) {
  return Type.String({
    description: `${description} May hold \${env:NAME} and \${file:/run/secrets/name}.`,
    minLength: 1,
    reference: true,
  });
}

export function duration(description: string) {
  return text(description, {
    pattern: durationPattern,
    expects: 'a duration such as 500ms, 30s, 5m, 2h or 7d',
  });
}

export function size(description: string) {
  return text(description, { pattern: sizePattern, expects: 'a size such as 64KB or 1MB' });
}

export function rateText(description: string) {
  return text(description, { pattern: ratePattern, expects: 'a rate such as 60/min (s, min, h or d)' });
}

/** A folder below the project's own. */
export function folder(description: string) {
  return text(description, {
    // No leading slash, no drive, no `.` or `..` as a part, no backslash.
    pattern: '^(?!/)(?!.*(^|/)\\.{1,2}(/|$))[^\\\\:\\u0000-\\u001f]+$',
    expects: 'a folder below the project, such as migrations/main',
  });
}

export function count(description: string, minimum = 1, maximum = Number.MAX_SAFE_INTEGER) {
  return Type.Integer({ description, minimum, maximum });
}

export function flag(description: string) {
  return Type.Boolean({ description });
}

export function choice<T extends string>(values: readonly T[], description: string) {
  return Type.Unsafe<T>({ type: 'string', enum: [...values], description });
}

export function list<T extends TSchema>(items: T, description?: string, options: { minItems?: number } = {}) {
  return Type.Array(items, { ...described(description), ...options });
}

export function either<T extends TSchema[]>(shapes: [...T], description: string) {
  return Type.Union(shapes, { description });
}

export function optional<T extends TSchema>(shape: T) {
  return Type.Optional(shape);
}

/** A predicate; `notation.ts` reads it. */
export function predicate(description: string) {
  return Type.Unsafe<Literal>({ $ref: '#/definitions/predicate', description });
}

/** Any value. */
export function anything(description: string) {
  return Type.Unsafe<Literal>({ description });
}

function described(description: string | undefined) {
  return description === undefined ? {} : { description };
}
