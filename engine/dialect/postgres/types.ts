/** Rows of pg_type as the catalog's types. */
import { builtinSchema, builtinType } from '../../catalog/builtin-types.ts';
import type { Family, Type } from '../../catalog/catalog.ts';
import { arrayType, domainType } from '../../catalog/type.ts';

/** One type that some column uses, or that such a type is built on. */
export interface TypeRow {
  readonly oid: string;
  readonly schema: string;
  readonly name: string;
  /** `typtype`: b base, c composite, d domain, e enum, p pseudo, r range, m multirange. */
  readonly kind: string;
  /** `typcategory`: S is a string of some kind. */
  readonly category: string;
  /** Of a true array. */
  readonly element: string | null;
  /** Of a domain. */
  readonly base: string | null;
  /** What `format_type` says of a domain's base with its modifiers. */
  readonly baseText: string | null;
  readonly notNull: boolean;
  readonly default: string | null;
  readonly labels: readonly string[] | null;
}

export interface TypeFacts {
  readonly type: Type;
  /** A domain in the chain refuses null. */
  readonly notNull: boolean;
  /** Default of the outermost domain that has one. */
  readonly default: string | null;
}

/** Pure. `text` is what `format_type` says of the column, or its modifiers alone. Undefined: the type has just gone. */
export function typeOf(rows: ReadonlyMap<string, TypeRow>, oid: string, text: string): TypeFacts | undefined {
  const row = rows.get(oid);
  if (row === undefined) return undefined;
  if (row.base !== null) return domain(rows, row, row.base);
  return { type: plainType(rows, row, modifiersIn(text)), notNull: false, default: null };
}

function domain(rows: ReadonlyMap<string, TypeRow>, row: TypeRow, baseOid: string): TypeFacts | undefined {
  const under = typeOf(rows, baseOid, row.baseText ?? '');
  if (under === undefined) return undefined;
  return {
    type: domainType(row.schema, row.name, under.type),
    notNull: row.notNull || under.notNull,
    default: row.default ?? under.default,
  };
}

function plainType(rows: ReadonlyMap<string, TypeRow>, row: TypeRow, modifiers: string): Type {
  const { schema, name } = row;
  // The modifiers of an array are its elements'.
  const element = row.element === null ? undefined : rows.get(row.element);
  if (element !== undefined) {
    return arrayType(schema, name, typeOf(rows, element.oid, modifiers)?.type ?? builtinType('text'));
  }
  if (row.labels !== null)
    return { schema, name, modifiers, family: 'enum', scalar: name, labels: row.labels };
  // Interval fields (`day to second(3)`) have no form that works behind a quoted type name.
  if (schema === builtinSchema && row.kind !== 'c')
    return builtinType(name, name === 'interval' ? '' : modifiers);
  return { schema, name, modifiers, family: familyOf(row), scalar: name };
}

function familyOf({ kind, category }: TypeRow): Family {
  if (kind === 'r' || kind === 'm') return 'range';
  if (kind === 'c') return 'composite';
  // citext and its kin compare and print as text.
  return category === 'S' ? 'string' : 'other';
}

/** `numeric(10,2)[]` → `(10,2)`; a quoted name may hold parentheses of its own. */
function modifiersIn(text: string): string {
  return /\([^()]*\)/.exec(text.replace(/"(?:[^"]|"")*"/g, ''))?.[0] ?? '';
}
