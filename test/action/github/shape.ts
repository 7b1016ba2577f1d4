/**
 * Whole answers from the few members that a test knows: what the description demands besides is filled with values that say
 * nothing (null, 0, false, an empty list), so that nobody can take them for facts. A member that the description has not is refused.
 */
import { type Json, resolved, schemaNamed } from './description.ts';

/** @param name of the schema: `issue-comment` */
export function shape(name: string, given: Json): Json {
  return filled(schemaNamed(name), given, name);
}

function filled(schema: Json, given: Json, at: string): Json {
  const whole = resolved(schema);
  if (given === undefined) return empty(whole, at);
  if (given === null || typeof given !== 'object') return given;
  const one = alternative(whole, given);
  if (Array.isArray(given))
    return given.map((member, index) => filled(one.items ?? {}, member, `${at}[${index}]`));
  const known: Record<string, Json> = { ...one.properties };
  const members = [...new Set([...Object.keys(given), ...(one.required ?? [])])];
  return Object.fromEntries(
    members
      .map((member): [string, Json] => {
        if (one.properties !== undefined && !(member in known) && one.additionalProperties === undefined)
          throw new Error(`${at}.${member} is not in GitHub's description.`);
        return [member, filled(known[member] ?? {}, given[member], `${at}.${member}`)];
      })
      .filter(([, value]) => value !== undefined),
  );
}

/** Of several schemas the one that knows what is given; of a list of all, all. */
function alternative(schema: Json, given: Json): Json {
  if (schema.allOf !== undefined)
    return schema.allOf.map((one: Json) => alternative(resolved(one), given)).reduce(joined);
  const several: readonly Json[] | undefined = schema.anyOf ?? schema.oneOf;
  if (several === undefined || schema.properties !== undefined) return schema;
  const objects = several
    .map((one) => resolved(one))
    .filter((one) => [one.type].flat().includes(typeOf(given)));
  const fitting = objects.find((one) =>
    Object.keys(given).every((member) => member in (one.properties ?? {})),
  );
  return alternative(fitting ?? objects[0] ?? {}, given);
}

function joined(a: Json, b: Json): Json {
  return {
    properties: { ...a.properties, ...b.properties },
    required: [...(a.required ?? []), ...(b.required ?? [])],
  };
}

function typeOf(value: Json): string {
  return Array.isArray(value) ? 'array' : 'object';
}

function empty(schema: Json, at: string): Json {
  const types = [schema.type].flat();
  const several: readonly Json[] = (schema.anyOf ?? schema.oneOf ?? []).map((one: Json) => resolved(one));
  if (types.includes('null') || several.some((one) => one.type === 'null')) return null;
  if (schema.enum !== undefined) return schema.enum[0];
  if (several.length > 0) return empty(several[0]!, at);
  switch (types[0]) {
    case 'integer':
    case 'number':
      return schema.minimum ?? 0;
    case 'boolean':
      return false;
    case 'array':
      return [];
    case 'string':
      return emptyText(schema);
    default:
      return schema.properties === undefined && schema.allOf === undefined ? {} : filled(schema, {}, at);
  }
}

function emptyText({ format, minLength = 0 }: Json): string {
  switch (format) {
    case 'uri':
    case 'uri-template':
      return 'https://unset.invalid/';
    case 'date-time':
      return '1970-01-01T00:00:00Z';
    case 'email':
      return 'unset@unset.invalid';
    default:
      return '-'.repeat(minLength);
  }
}
