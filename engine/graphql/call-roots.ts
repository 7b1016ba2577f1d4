/** Functions as root fields: what each takes and gives. Pure data from the model. */
import type { ModelFunction } from './functions.ts';
import { columnType } from './inputs.ts';
import type { Model, ModelTable } from './model.ts';
import type { ArgumentSpec, FunctionRoot } from './roots.ts';

/** @param listArguments those of every field that gives a list of the table's rows */
export function callRoots(
  model: Model,
  kind: ModelFunction['kind'],
  listArguments: (table: ModelTable) => readonly ArgumentSpec[],
): FunctionRoot[] {
  if (!model.functions.some((one) => one.kind === kind)) return [];
  const tables = new Map(model.tables.map((table) => [table.graphql, table]));
  return model.functions.flatMap((one): FunctionRoot[] => {
    if (one.kind !== kind) return [];
    const table = one.result.kind === 'rows' ? tables.get(one.result.table)! : undefined;
    const given = argumentSpecs(one);
    const common = { function: one, table };
    const call: FunctionRoot = {
      ...common,
      kind: 'call',
      name: one.root,
      arguments: [...given, ...pageArguments(one, table, listArguments)],
      type: typeOf(one),
      description: one.description ?? `execute function "${one.root}"`,
    };
    if (one.aggregate === undefined || table === undefined) return [call];
    return [
      call,
      {
        ...common,
        kind: 'callAggregate',
        name: one.aggregate,
        arguments: [...given, ...listArguments(table)],
        type: `${table.types.aggregate}!`,
        description: `execute function "${one.root}" and query aggregates on the result`,
      },
    ];
  });
}

function argumentSpecs({ arguments: args, argumentsType }: ModelFunction): ArgumentSpec[] {
  if (argumentsType === undefined) return [];
  return [['args', args.some(({ required }) => required) ? `${argumentsType}!` : argumentsType]];
}

function pageArguments(
  { result }: ModelFunction,
  table: ModelTable | undefined,
  listArguments: (table: ModelTable) => readonly ArgumentSpec[],
): readonly ArgumentSpec[] {
  if (result.kind === 'void' || !result.set) return [];
  return table === undefined
    ? [
        ['limit', 'Int'],
        ['offset', 'Int'],
      ]
    : listArguments(table);
}

function typeOf({ result }: ModelFunction): string {
  switch (result.kind) {
    // That it ran: GraphQL has no type for nothing.
    case 'void':
      return 'Boolean!';
    case 'scalar':
      return result.set ? `[${columnType(result)}]!` : columnType(result);
    case 'rows':
      return result.set ? `[${result.table}!]!` : result.table;
    default:
      return result satisfies never;
  }
}
