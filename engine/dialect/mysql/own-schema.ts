/**
 * The database of the connection's URL, which MySQL knows by its name alone, is the schema `public` to the engine: the same
 * project, and the same lock, then serve `shop` here and `shop_staging` there. Statements name what is in it without a schema.
 */
import type { ForeignKey, Relation, Routine } from '../../catalog/catalog.ts';
import { relationKey } from '../../catalog/catalog.ts';
import { sortedMap } from '../../catalog/order.ts';

export const ownSchema = 'public';

export interface Facts {
  readonly schemas: readonly string[];
  readonly relations: ReadonlyMap<string, Relation>;
  readonly routines: ReadonlyMap<string, readonly Routine[]>;
}

/**
 * The same facts with `public` in place of the database's name.
 *
 * @param own the database that `public` stood for; undefined: the project lists databases by their names alone
 */
export function withOwnSchema(facts: Facts, own: string | undefined): Facts {
  if (own === undefined) return facts;
  const told = (schema: string) => (schema === own ? ownSchema : schema);
  const relations = [...facts.relations.values()].map((relation): [string, Relation] => {
    const schema = told(relation.schema);
    const foreignKeys = relation.foreignKeys.map((key) => retarget(key, told));
    return [relationKey(schema, relation.name), Object.freeze({ ...relation, schema, foreignKeys })];
  });
  const routines = [...facts.routines.values()].map((overloads): [string, readonly Routine[]] => {
    const renamed = overloads.map((one) => Object.freeze({ ...one, schema: told(one.schema) }));
    return [relationKey(renamed[0]!.schema, renamed[0]!.name), renamed];
  });
  return {
    schemas: Object.freeze(facts.schemas.map(told)),
    relations: sortedMap(relations),
    routines: sortedMap(routines),
  };
}

function retarget({ target, ...key }: ForeignKey, told: (schema: string) => string): ForeignKey {
  return { ...key, target: { ...target, schema: told(target.schema) } };
}
