/** Scalars by their database names, as Hasura names them, and which operators their comparisons have. Pure data. */

import { numberTypes } from '../api/aggregates.ts';
import { type Accepts, builtinNames, scalarOf } from '../api/graphql-scalars.ts';
import { bareType } from '../api/operators.ts';
import type { Type } from '../catalog/catalog.ts';
import type { NameSpace } from './names.ts';

/** Which operators a `…_comparison_exp` has besides `_is_null`. */
export type Operators = 'none' | 'order' | 'text' | 'json' | 'array' | 'path';

export interface Comparison {
  readonly name: string;
  readonly scalar: string;
  readonly operators: Operators;
  /** Of JSON: what its text is compared by, and the type that says so. */
  readonly cast?: { readonly name: string; readonly text: string };
  /** Of paths of labels: the scalar of the patterns that they match. */
  readonly pattern?: string;
}

/** The scalars and comparisons that one schema's columns need, each under a name that no table has. */
export class ScalarNames {
  readonly scalars: { readonly name: string; readonly accepts: Accepts }[] = [];
  readonly comparisons: Comparison[] = [];
  readonly #types: NameSpace;
  readonly #scalars = new Map<string, string>();
  readonly #comparisons = new Map<string, string | undefined>();
  readonly #names = new Map<Type, { readonly scalar: string; readonly comparison: string | undefined }>();

  constructor(types: NameSpace) {
    this.#types = types;
  }

  /** Names for a column of this type; of an array, the scalar of its elements. */
  name(type: Type): { readonly scalar: string; readonly comparison: string | undefined } {
    let names = this.#names.get(type);
    if (names === undefined) {
      const wanted = scalarOf(type);
      const scalar = builtinNames.has(wanted.name) ? wanted.name : this.#scalar(wanted);
      names = { scalar, comparison: this.#comparison(scalar, operatorsOf(type)) };
      this.#names.set(type, names);
    }
    return names;
  }

  /** The comparison of counts, whatever columns there are. */
  countComparison(): string | undefined {
    return this.#comparison('Int', 'order');
  }

  /** The comparison of a number type, whatever columns there are. */
  comparisonOf(name: 'float4' | 'float8' | 'int8'): string | undefined {
    return this.name(numberTypes[name]).comparison;
  }

  #scalar(wanted: { readonly name: string; readonly accepts: Accepts }): string {
    const key = `${wanted.accepts} ${wanted.name}`;
    let name = this.#scalars.get(key);
    if (name === undefined) {
      name = this.#types.claimAny(wanted.name);
      this.#scalars.set(key, name);
      this.scalars.push({ name, accepts: wanted.accepts });
    }
    return name;
  }

  #comparison(scalar: string, operators: Operators): string | undefined {
    const key = `${operators} ${scalar}`;
    if (this.#comparisons.has(key)) return this.#comparisons.get(key);
    const name = this.#types.claim(`${scalar}${operators === 'array' ? '_array' : ''}_comparison_exp`);
    this.#comparisons.set(key, name);
    if (name !== undefined)
      this.comparisons.push({ name, scalar, operators, ...this.#further(scalar, operators) });
    return name;
  }

  #further(scalar: string, operators: Operators): Pick<Comparison, 'cast' | 'pattern'> {
    if (operators === 'path') return { pattern: this.#scalar({ name: 'lquery', accepts: 'text' }) };
    const text = operators === 'json' ? this.#comparison('String', 'text') : undefined;
    const name = text === undefined ? undefined : this.#types.claim(`${scalar}_cast_exp`);
    return text === undefined || name === undefined ? {} : { cast: { name, text } };
  }
}

/** Operators that make sense for a column of this type. */
function operatorsOf(type: Type): Operators {
  if (type.lookup === true) return 'none';
  if (type.family === 'array') return 'array';
  if (type.family === 'json') return type.verbatim === true ? 'none' : 'json';
  if (type.family === 'other' && bareType(type).name === 'ltree') return 'path';
  return type.family === 'string' ? 'text' : 'order';
}

/** What a caller should have sent, for messages: `expected a 32-bit integer for type 'Int'`. */
export function expected(accepts: Accepts): string {
  switch (accepts) {
    case 'int':
      return 'a 32-bit integer';
    case 'float':
      return 'a number';
    case 'boolean':
      return 'a boolean';
    case 'exactNumber':
      return 'a number, or a string with one,';
    case 'textOrNumber':
      return 'a string or a number';
    case 'json':
      return 'JSON';
    case 'string':
    case 'text':
      return 'a string';
    default:
      return accepts satisfies never;
  }
}
