/** A function as GraphQL has it: one field with one type, whatever its overloads; or why it cannot be one. Pure. */
import { builtinType } from '../catalog/builtin-types.ts';
import type { Routine, Type } from '../catalog/catalog.ts';
import type { Callable, CallResult, Overload, Table } from './api.ts';
import { graphqlName } from './naming.ts';

export interface FunctionArgument {
  /** As the database has it. */
  readonly name: string;
  readonly graphql: string;
  readonly type: Type;
  /** Every overload needs it. */
  readonly required: boolean;
}

export interface FunctionForm {
  readonly kind: 'field';
  readonly name: string;
  /** It may write: a field of `mutation_root`. */
  readonly volatile: boolean;
  readonly arguments: readonly FunctionArgument[];
  readonly result: CallResult;
}

/**
 * `row`: it is a computed field. `unnamed`: its arguments have no names. `results`, `arguments`: its overloads give
 * different things, or take an argument of one name as different types.
 */
export interface NoForm {
  readonly kind: 'row' | 'unnamed' | 'results' | 'arguments';
}

export function functionForm(callable: Callable): FunctionForm | NoForm {
  const free = callable.overloads.filter(({ routine }) => !isOfRow(routine));
  if (free.length === 0) return { kind: 'row' };
  const named = free.filter(({ routine }) => routine.arguments.every(({ name }) => name !== null));
  const [first] = named;
  if (first === undefined) return { kind: 'unnamed' };
  if (named.some(({ result }) => !sameResult(result, first.result))) return { kind: 'results' };
  const args = argumentsOf(named);
  if (args === undefined) return { kind: 'arguments' };
  const { profile, rest } = callable;
  return {
    kind: 'field',
    name: graphqlName(profile === 'public' ? rest : `${profile}_${rest}`),
    volatile: named.some(({ routine }) => routine.volatility === 'volatile'),
    arguments: args,
    result: first.result,
  };
}

/** As what rows are given whose columns only the call itself tells. */
export const recordsType: Type = builtinType('jsonb');

/** A function of one row, which is read as a field of it. */
export function isOfRow({ arguments: [row, ...others] }: Routine): boolean {
  return row?.type.family === 'composite' && others.every(({ optional }) => optional);
}

function argumentsOf(overloads: readonly Overload[]): readonly FunctionArgument[] | undefined {
  const known = new Map<string, FunctionArgument>();
  for (const { routine } of overloads)
    for (const { name, type } of routine.arguments) {
      const graphql = graphqlName(name!);
      const other = known.get(graphql);
      if (other !== undefined && (other.name !== name || !sameType(other.type, type))) return undefined;
      const required = overloads.every((one) => needs(one.routine, name!));
      known.set(graphql, { name: name!, graphql, type, required });
    }
  return [...known.values()];
}

function needs({ arguments: args }: Routine, name: string): boolean {
  return args.some((one) => one.name === name && !one.optional);
}

function sameResult(one: CallResult, other: CallResult): boolean {
  switch (one.kind) {
    case 'void':
    case 'records':
      return other.kind === one.kind;
    case 'scalar':
      return other.kind === 'scalar' && one.set === other.set && sameType(one.type, other.type);
    case 'rows':
      return (
        other.kind === 'rows' &&
        one.set === other.set &&
        one.exposed === other.exposed &&
        (one.exposed ? one.table === other.table : sameColumns(one.table, other.table))
      );
    default:
      return one satisfies never;
  }
}

function sameColumns(one: Table, other: Table): boolean {
  const columns = [...other.columns.values()];
  return (
    one.columns.size === columns.length &&
    [...one.columns.values()].every(
      ({ name, type }, index) => columns[index]!.name === name && sameType(columns[index]!.type, type),
    )
  );
}

function sameType(one: Type, other: Type): boolean {
  return one.schema === other.schema && one.name === other.name && one.modifiers === other.modifiers;
}
