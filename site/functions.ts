/** One function of a role's world, as its page tells of it. Pure. */
import { type Callable, type Overload, reachable, readsOnly, wholeBody } from '../engine/index.ts';
import type { RoleContext } from './content.ts';
import type { Example } from './examples.ts';
import type { Operation } from './operations.ts';
import { typeName } from './type-name.ts';

export interface FunctionContent {
  readonly name: string;
  readonly slug: string;
  readonly description: string | null;
  readonly rest: { readonly path: string; readonly profile: string | null };
  /** It reads only, so that GET calls it too. */
  readonly reads: boolean;
  readonly operations: readonly Operation[];
  readonly overloads: readonly OverloadContent[];
  readonly examples: readonly Example[];
}

export interface OverloadContent {
  readonly arguments: readonly ArgumentContent[];
  /** Media type of a body that is the one argument, which has no name. */
  readonly body: string | null;
  readonly volatility: 'immutable' | 'stable' | 'volatile';
  readonly result: ResultContent;
}

export interface ArgumentContent {
  readonly name: string | null;
  readonly type: string;
  readonly optional: boolean;
  readonly variadic: boolean;
  readonly labels: readonly string[];
}

export type ResultContent =
  | { readonly kind: 'void' }
  | { readonly kind: 'value'; readonly type: string; readonly set: boolean }
  /** Rows of a table; null: one of which the role may read nothing. */
  | {
      readonly kind: 'table';
      readonly table: { readonly name: string; readonly slug: string } | null;
      readonly set: boolean;
    }
  /** Rows of the function's own. */
  | {
      readonly kind: 'rows';
      readonly columns: readonly { readonly name: string; readonly type: string }[];
      readonly set: boolean;
    }
  | { readonly kind: 'records' };

/** Nothing of a function that is only a computed field: it stands among its table's columns. */
export function functionContent(
  callable: Callable,
  context: RoleContext,
  examples: readonly Example[],
): readonly FunctionContent[] {
  const overloads = reachable(callable);
  if (overloads.length === 0) return [];
  const rest = {
    path: `/rest/v1/rpc/${encodeURIComponent(callable.rest)}`,
    profile: callable.name === callable.rest ? null : callable.profile,
  };
  return [
    {
      name: callable.name,
      slug: context.functionSlugs.get(callable.name)!,
      description: callable.description,
      rest,
      reads: readsOnly(overloads),
      operations: context.operations.ofFunction(callable.name),
      overloads: overloads.map((overload) => overloadContent(overload, context)),
      examples,
    },
  ];
}

function overloadContent(overload: Overload, context: RoleContext): OverloadContent {
  const { routine } = overload;
  return {
    arguments: routine.arguments.map(({ name, type, optional, variadic }) => ({
      name,
      type: typeName(type, context.sight),
      optional,
      variadic,
      labels: (type.element ?? type).labels ?? [],
    })),
    body: wholeBody(overload) ?? null,
    volatility: routine.volatility,
    result: resultContent(overload.result, context),
  };
}

function resultContent(result: Overload['result'], { sight, tableSlugs }: RoleContext): ResultContent {
  switch (result.kind) {
    case 'void':
    case 'records':
      return { kind: result.kind };
    case 'scalar':
      return { kind: 'value', type: typeName(result.type, sight), set: result.set };
    case 'rows': {
      const { table, exposed, set } = result;
      if (!exposed) {
        const columns = [...table.columns.values()].map(({ name, type }) => ({
          name,
          type: typeName(type, sight),
        }));
        return { kind: 'rows', columns, set };
      }
      const known = sight.readsTable(table) ? { name: table.name, slug: tableSlugs.get(table.name)! } : null;
      return { kind: 'table', table: known, set };
    }
    default:
      return result satisfies never;
  }
}
