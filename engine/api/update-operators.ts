/** Which operators of an update apply to which type, and as what their value is read: one table for planner and schema. */
import { builtinType } from '../catalog/builtin-types.ts';
import type { Type } from '../catalog/catalog.ts';
import { bareType } from './operators.ts';

type Operator = 'inc' | 'append' | 'prepend' | 'deleteKey' | 'deleteElem' | 'deleteAtPath';

const numbers: ReadonlySet<string> = new Set(['integer', 'decimal', 'float']);

export function updatesWith(operator: Operator, type: Type): boolean {
  const bare = bareType(type);
  if (operator === 'inc') return numbers.has(bare.family);
  return bare.family === 'json' && bare.verbatim !== true;
}

/** The type of the operator's value; undefined: the column's own. `list`: several of them. */
export function operandOfUpdate(
  operator: Operator,
): { readonly type: Type; readonly list: boolean } | undefined {
  switch (operator) {
    case 'inc':
    case 'append':
    case 'prepend':
      return undefined;
    case 'deleteKey':
      return { type: builtinType('text'), list: false };
    case 'deleteElem':
      return { type: builtinType('int4'), list: false };
    case 'deleteAtPath':
      return { type: builtinType('text'), list: true };
    default:
      return operator satisfies never;
  }
}
