/** One function of a role's world → its path `/rpc/<name>`: POST, and GET where every overload reads only. */
import type { Callable, Overload } from '../api/api.ts';
import type { Type } from '../catalog/catalog.ts';
import { sharedResponse } from './answers.ts';
import { answersOf, bodyOf, isReadable, type RowRefs } from './call-bodies.ts';
import { type Given, givenTo, reachable, readsOnly } from './calls.ts';
import { filterOf, type Parameter, profileParameter, sharedRef } from './parameters.ts';
import { type Schema, schemaOf } from './schemas.ts';

/** A parameter that filters rows, under the name that it has in a query. */
export interface Filter {
  readonly name: string;
  readonly parameter: Schema;
}

export interface FunctionParts extends RowRefs {
  /** Stem of the operations' ids, unique in the document. */
  readonly id: string;
  readonly filtersOf: (table: string) => readonly Filter[];
}

export function functionPathOf({ rest }: Callable): string {
  return `/rpc/${encodeURIComponent(rest)}`;
}

/** Undefined for a function that is only a computed field. */
export function functionItem(callable: Callable, parts: FunctionParts): Schema | undefined {
  const overloads = reachable(callable);
  if (overloads.length === 0) return undefined;
  const about = {
    tags: [functionTag(callable)],
    ...(callable.description === null ? null : { description: callable.description }),
  };
  const shaping = shapingOf(overloads, parts);
  const responses = { ...answersOf(overloads, parts), default: sharedResponse('Problem') };
  const body = bodyOf(overloads);
  return {
    ...(readsOnly(overloads) && {
      get: {
        operationId: `read_${parts.id}`,
        ...about,
        parameters: [
          ...profileParameter(callable.profile, 'Accept-Profile'),
          ...withArguments(givenTo(overloads), shaping),
        ],
        responses,
      },
    }),
    post: {
      operationId: `call_${parts.id}`,
      ...about,
      parameters: [
        ...profileParameter(callable.profile, 'Content-Profile'),
        ...shaping.map(({ parameter }) => parameter),
      ],
      ...(body && { requestBody: body }),
      responses,
    },
  };
}

/** Unlike a table's of the same name. */
export function functionTag({ name }: Callable): string {
  return `/rpc/${name}`;
}

/** Parameters that shape rows as those of a table's list do. */
function shapingOf(overloads: readonly Overload[], { world, filtersOf }: FunctionParts): readonly Filter[] {
  const results = overloads.map(({ result }) => result);
  const sets = results.filter((result) => result.kind !== 'void' && result.kind !== 'records' && result.set);
  const rows = results.filter((result) => result.kind === 'rows');
  const filters = new Map<string, Filter>();
  for (const result of rows) {
    if (!result.set) continue;
    const own = result.exposed
      ? isReadable(world, result.table)
        ? filtersOf(result.table.name)
        : []
      : [...result.table.columns.values()].map(ownFilter);
    for (const filter of own) if (!filters.has(filter.name)) filters.set(filter.name, filter);
  }
  const shared = (...names: readonly string[]): readonly Filter[] =>
    names.map((name) => ({ name, parameter: sharedRef(name) }));
  return [
    ...(rows.length > 0 ? shared('select') : []),
    ...filters.values(),
    ...(rows.some(({ set }) => set) ? shared('and', 'or', 'order') : []),
    ...(sets.length > 0 ? shared('limit', 'offset', 'prefer.read') : []),
  ];
}

function ownFilter(column: Parameters<typeof filterOf>[0]): Filter {
  const parameter = filterOf(column);
  return { name: parameter.name as string, parameter };
}

/** In a query, arguments go before parameters of the same name. */
function withArguments(given: readonly Given[], shaping: readonly Filter[]): readonly Schema[] {
  const names = new Set(given.map(({ name }) => name));
  return [
    ...given.map(queryParameter),
    ...shaping.filter(({ name }) => !names.has(name)).map(({ parameter }) => parameter),
  ];
}

function queryParameter({ name, argument: { type, variadic }, required }: Given): Parameter {
  const repeated = variadic && type.element !== undefined;
  return {
    name,
    in: 'query',
    required,
    ...(repeated ? { description: 'May be given several times.' } : null),
    schema: repeated ? { type: 'array', items: textual(type.element) } : textual(type),
  };
}

/** Values in a query are texts: an array is `{a,b}`, a composite `(1,x)`, JSON its text. */
function textual(type: Type): Schema {
  const { family } = type;
  return family === 'array' || family === 'json' || family === 'composite'
    ? { type: 'string' }
    : schemaOf(type);
}
