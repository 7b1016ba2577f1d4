/** Root fields of a role's GraphQL schema, beside the table or function that they are of. Pure. */
import { type Api, buildModel, mutationRoots, queryRoots, subscriptionRoots } from '../engine/index.ts';

export interface Operation {
  readonly kind: 'query' | 'mutation' | 'subscription';
  readonly name: string;
}

export interface OperationsOf {
  readonly ofTable: (table: string) => readonly Operation[];
  readonly ofFunction: (name: string) => readonly Operation[];
}

/** Of a subscription only what no query is called. */
export function operationsOf(api: Api, role: string): OperationsOf {
  const model = buildModel(api, role);
  const queries = queryRoots(model);
  const tables = new Map<string, Operation[]>();
  const functions = new Map<string, Operation[]>();
  const add = (kind: Operation['kind'], roots: ReturnType<typeof queryRoots>): void => {
    for (const root of roots.values()) {
      if (kind === 'subscription' && queries.has(root.name)) continue;
      const isOfFunction = 'function' in root;
      const of = isOfFunction ? functions : tables;
      const name = isOfFunction ? root.function.name : root.table.name;
      of.set(name, [...(of.get(name) ?? []), { kind, name: root.name }]);
    }
  };
  add('query', queries);
  add('mutation', mutationRoots(model));
  add('subscription', subscriptionRoots(model));
  return {
    ofTable: (table) => tables.get(table) ?? [],
    ofFunction: (name) => functions.get(name) ?? [],
  };
}
