/** Types whose values may be told as one thing or another: what `columns.<name>.type` of the language chooses from. */
import { builtinSchema } from './builtin-types.ts';
import type { Type } from './catalog.ts';

/** By the words of the language; empty where there is no choice. Pure. */
export function representations(type: Type): ReadonlyMap<string, Type> {
  if (type.schema === builtinSchema || type.base !== undefined) return new Map();
  const { schema, name, modifiers } = type;
  if (name === 'tinyint') {
    const sign = type.unsigned === true ? { unsigned: true } : null;
    return new Map<string, Type>([
      ['boolean', { schema, name, modifiers, family: 'boolean', scalar: 'bool' }],
      ['integer', { schema, name, modifiers, family: 'integer', bits: 8, scalar: 'int2', ...sign }],
    ]);
  }
  if ((name === 'char' || name === 'varchar') && modifiers === '(36)') {
    return new Map<string, Type>([
      ['text', type],
      ['uuid', { schema, name, modifiers, family: 'uuid', scalar: 'uuid' }],
    ]);
  }
  return new Map();
}
