/** Names of the types that a table's mutations take besides those of its columns: conflicts, nested rows, operators. Pure. */
import type { UpdateOperator } from '../query/request.ts';
import type { Abilities, DerivedTypes, NameSpace } from './names.ts';

/** Undefined: not granted, of no use, or another's name; what needs it is left out. */
export interface WriteTypes {
  readonly onConflict: string | undefined;
  readonly constraint: string | undefined;
  readonly updateColumn: string | undefined;
  /** A row nested in another of which it is the one, or one of many. */
  readonly nestedOne: string | undefined;
  readonly nestedMany: string | undefined;
  /** By operator, where a column takes it. */
  readonly operators: ReadonlyMap<UpdateOperator, string>;
  readonly updates: string | undefined;
}

/** What a role may write, as far as these names depend on it. */
export interface WriteAbilities extends Abilities {
  /** Some unique key is seen whole. */
  readonly unique: boolean;
  readonly operators: ReadonlySet<UpdateOperator>;
}

/** How the language of GraphQL writes each operator: the argument, and the end of its input type's name. */
export const operatorNames: ReadonlyMap<
  UpdateOperator,
  { readonly argument: string; readonly suffix: string }
> = new Map([
  ['inc', { argument: '_inc', suffix: '_inc_input' }],
  ['append', { argument: '_append', suffix: '_append_input' }],
  ['prepend', { argument: '_prepend', suffix: '_prepend_input' }],
  ['deleteKey', { argument: '_delete_key', suffix: '_delete_key_input' }],
  ['deleteElem', { argument: '_delete_elem', suffix: '_delete_elem_input' }],
  ['deleteAtPath', { argument: '_delete_at_path', suffix: '_delete_at_path_input' }],
]);

/** After `claimTypes`: tables and their first types win. */
export function claimWriteTypes(
  tables: readonly WriteAbilities[],
  derived: ReadonlyMap<string, DerivedTypes>,
  types: NameSpace,
): ReadonlyMap<string, WriteTypes> {
  return new Map(
    tables.map((table) => {
      const { graphql } = table;
      const claim = (suffix: string, wanted: boolean) =>
        wanted ? types.claim(`${graphql}${suffix}`) : undefined;
      const { insertInput, boolExp, response } = derived.get(graphql)!;
      const inserts = insertInput !== undefined;
      const constraint = claim('_constraint', inserts && table.unique);
      const updateColumn = claim('_update_column', constraint !== undefined);
      const operators = [...operatorNames].flatMap(([operator, { suffix }]) => {
        const name = claim(suffix, table.operators.has(operator));
        return name === undefined ? [] : [[operator, name] as const];
      });
      const updatesMany = table.update && boolExp !== undefined && response !== undefined;
      return [
        graphql,
        {
          constraint,
          updateColumn,
          onConflict: claim('_on_conflict', updateColumn !== undefined),
          nestedOne: claim('_obj_rel_insert_input', inserts),
          nestedMany: claim('_arr_rel_insert_input', inserts),
          operators: new Map(operators),
          updates: claim('_updates', updatesMany),
        },
      ] as const;
    }),
  );
}
