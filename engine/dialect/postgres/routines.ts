/** Rows of pg_proc as the catalog's functions. */
import type { Argument, Routine, RoutineResult, Type } from '../../catalog/catalog.ts';
import { relationKey } from '../../catalog/catalog.ts';
import { bytewise } from '../../catalog/order.ts';
import { signature } from '../../catalog/type.ts';
import { type TypeRow, typeOf } from './types.ts';

type Row = readonly (string | null)[];
type TypeRows = ReadonlyMap<string, TypeRow>;

/** As pg_proc has it: `i` in, `o` out, `b` both, `v` variadic, `t` a column of `RETURNS TABLE`. */
interface Parameter {
  readonly mode: string;
  /** Empty when it has none. */
  readonly name: string;
  readonly type: string;
}

/** Pure. A function one of whose types has just gone is left out: the poll after it reads again. */
export function buildRoutines(
  rows: readonly Row[],
  types: TypeRows,
): ReadonlyMap<string, readonly Routine[]> {
  const routines = new Map<string, Routine[]>();
  for (const row of rows) {
    const routine = buildRoutine(row, types);
    if (routine === undefined) continue;
    const key = relationKey(routine.schema, routine.name);
    routines.set(key, [...(routines.get(key) ?? []), Object.freeze(routine)]);
  }
  for (const overloads of routines.values())
    overloads.sort((a, b) => bytewise(signature(a.arguments), signature(b.arguments)));
  return routines;
}

const volatilities = new Map<string, Routine['volatility']>([
  ['i', 'immutable'],
  ['s', 'stable'],
  ['v', 'volatile'],
]);

function buildRoutine(row: Row, types: TypeRows): Routine | undefined {
  const [schema, name, comment, volatility, definer, set, oneRow, defaults, parameterList] = row;
  const parameters = parametersOf(parameterList!);
  const args = argumentsOf(parameters, Number(defaults), types);
  const result = resultOf(row, parameters, types);
  if (args === undefined || result === undefined) return undefined;
  return {
    schema: schema!,
    name: name!,
    comment: comment!,
    arguments: args,
    result,
    volatility: volatilities.get(volatility!)!,
    definer: definer === 't',
    oneRow: set === 't' && oneRow === 't',
  };
}

function parametersOf(json: string | null): readonly Parameter[] {
  const rows = JSON.parse(json ?? '[]') as readonly (readonly [string, string, string])[];
  return rows.map(([mode, name, type]) => ({ mode, name, type }));
}

/** The last `defaults` of those that go in may be left out. */
function argumentsOf(
  parameters: readonly Parameter[],
  defaults: number,
  types: TypeRows,
): readonly Argument[] | undefined {
  const given = parameters.filter(({ mode }) => 'ibv'.includes(mode));
  const args: Argument[] = [];
  for (const [index, { mode, name, type: oid }] of given.entries()) {
    const type = plainTypeOf(types, oid);
    if (type === undefined) return undefined;
    args.push({
      name: name === '' ? null : name,
      type,
      optional: index >= given.length - defaults,
      variadic: mode === 'v',
    });
  }
  return args;
}

function resultOf(row: Row, parameters: readonly Parameter[], types: TypeRows): RoutineResult | undefined {
  const [, , , , , returnsSet, , , , resultOid, kind, schema, relation, attributes] = row;
  const set = returnsSet === 't';
  const type = types.get(resultOid!);
  if (type === undefined) return undefined;
  if (attributes != null || kind != null)
    return rowsOf(
      attributesOf(attributes ?? null, types),
      set,
      kind === 'c' ? null : { schema: schema!, name: relation! },
    );
  const out = parameters.filter(({ mode }) => 'obt'.includes(mode));
  if (type.name === 'record' && type.kind === 'p') return rowsOf(outColumns(out, types), set, null);
  if (type.name === 'void' && type.kind === 'p') return { kind: 'void' };
  const scalar = plainTypeOf(types, resultOid!);
  if (scalar === undefined) return undefined;
  // One `OUT` argument is a row too, as PostgREST gives it; but the columns of a domain over a composite are not known by
  // the domain.
  if (out.length > 0 && scalar.family !== 'composite') return rowsOf(outColumns(out, types), set, null);
  return { kind: 'scalar', type: scalar, set };
}

/** Undefined when a type is missing, or when a name is there twice, as Postgres allows beside an unnamed `OUT`. */
function rowsOf(
  columns: readonly (readonly [name: string, type: Type | undefined])[],
  set: boolean,
  relation: { readonly schema: string; readonly name: string } | null,
): RoutineResult | undefined {
  const byName = new Map<string, Type>();
  for (const [name, type] of columns) {
    if (type === undefined || byName.has(name)) return undefined;
    byName.set(name, type);
  }
  return { kind: 'rows', set, columns: byName, relation };
}

function attributesOf(
  json: string | null,
  types: TypeRows,
): readonly (readonly [string, Type | undefined])[] {
  const attributes = JSON.parse(json ?? '[]') as readonly (readonly [string, string, string])[];
  return attributes.map(([name, oid, text]) => [name, typeOf(types, oid, text)?.type]);
}

/** One without a name is called by its place among the columns. */
function outColumns(
  out: readonly Parameter[],
  types: TypeRows,
): readonly (readonly [string, Type | undefined])[] {
  return out.map(({ name, type }, index) => [
    name === '' ? `column${index + 1}` : name,
    plainTypeOf(types, type),
  ]);
}

/** Postgres keeps no modifiers of the types that a function names. */
function plainTypeOf(types: TypeRows, oid: string): Type | undefined {
  return typeOf(types, oid, '')?.type;
}
