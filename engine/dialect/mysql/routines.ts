/** Rows of information_schema.ROUTINES and PARAMETERS as the catalog's functions and procedures. Pure. */
import type { Argument, Routine, RoutineResult, Type } from '../../catalog/catalog.ts';
import { relationKey } from '../../catalog/catalog.ts';
import { mysqlType } from '../../catalog/mysql-types.ts';
import { bytewise, sortedMap } from '../../catalog/order.ts';
import { signature } from '../../catalog/type.ts';
import type { Row } from './catalog-rows.ts';

interface Parameter {
  readonly mode: 'IN' | 'OUT' | 'INOUT';
  readonly name: string;
  readonly type: Type;
}

/** @param rows as `queries.routines` and `queries.parameters` give them */
export function buildRoutines(
  routines: readonly Row[],
  parameters: readonly Row[],
): ReadonlyMap<string, readonly Routine[]> {
  const parametersOf = Map.groupBy(parameters, ([schema, name, kind]) => keyOf(schema!, name!, kind!));
  const built = routines.map((row) => {
    const [schema, name, kind, , , usual] = row;
    const own = parametersOf.get(keyOf(schema!, name!, kind!)) ?? [];
    const inOrder = own.toSorted((a, b) => Number(a[3]) - Number(b[3]));
    return buildRoutine(
      row,
      inOrder.map((one) => parameterOf(one, usual!)),
    );
  });
  const byName = Map.groupBy(built, ({ schema, name }) => relationKey(schema, name));
  for (const named of byName.values()) named.sort(byArguments);
  return sortedMap([...byName]);
}

/** A function and a procedure may have one name. */
function keyOf(schema: string, name: string, kind: string): string {
  return JSON.stringify([schema, name, kind]);
}

function byArguments(a: Routine, b: Routine): number {
  return (
    bytewise(signature(a.arguments), signature(b.arguments)) ||
    Number(isProcedure(a)) - Number(isProcedure(b))
  );
}

/** A function gives one value, and a procedure never does. */
export function isProcedure({ result }: Pick<Routine, 'result'>): boolean {
  return result.kind !== 'scalar';
}

function parameterOf([, name, , , mode, parameter, type, collation]: Row, usual: string): Parameter {
  return {
    mode: mode as Parameter['mode'],
    name: parameter!,
    type: typeOf(type!, collation!, usual, `${name}_${parameter}`),
  };
}

function buildRoutine(row: Row, parameters: readonly Parameter[]): Routine {
  const [schema, name, kind, returns, collation, usual, , , security, comment] = row;
  const giving = parameters.filter(({ mode }) => mode !== 'IN');
  return Object.freeze({
    schema: schema!,
    name: name!,
    comment: comment === '' ? null : comment!,
    arguments: parameters.filter(({ mode }) => mode !== 'OUT').map(argumentOf),
    result:
      kind === 'FUNCTION'
        ? { kind: 'scalar', type: typeOf(returns!, collation!, usual!, name!), set: false }
        : resultOf(giving),
    volatility: volatilityOf(row),
    definer: security === 'DEFINER',
    oneRow: false,
    ...(giving.length === 0 ? null : { parameters: parameters.map((one) => one.name) }),
  } satisfies Routine);
}

/** There are no defaults: every argument is given. */
function argumentOf({ name, type }: Parameter): Argument {
  return { name, type, optional: false, variadic: false };
}

/** Of a procedure without such parameters only a call tells whether it gives rows, and which. */
function resultOf(giving: readonly Parameter[]): RoutineResult {
  if (giving.length === 0) return { kind: 'records' };
  const columns = new Map(giving.map(({ name, type }) => [name, type]));
  return { kind: 'rows', set: false, columns, relation: null };
}

/**
 * What the routine says of itself. `CONTAINS SQL` is what is said of one that says nothing: only with `DETERMINISTIC` does
 * it tell that nothing is written.
 */
function volatilityOf([, , , , , , deterministic, access]: Row): Routine['volatility'] {
  switch (access) {
    case 'READS SQL DATA':
      return 'stable';
    case 'NO SQL':
      return deterministic === 'YES' ? 'immutable' : 'stable';
    case 'CONTAINS SQL':
      return deterministic === 'YES' ? 'immutable' : 'volatile';
    default:
      return 'volatile';
  }
}

/**
 * MariaDB keeps JSON as this text, and tells no more of it than its collation; where that is the one that every text of
 * the database has, it tells nothing.
 *
 * @param usual the collation of the database when the routine was made
 */
function typeOf(text: string, collation: string | null, usual: string, owner: string): Type {
  const isJson = text === 'longtext' && collation === 'utf8mb4_bin' && usual !== 'utf8mb4_bin';
  return mysqlType(isJson ? 'json' : text, owner);
}
