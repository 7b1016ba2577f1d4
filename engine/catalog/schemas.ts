/** Which schemas a project may not name. */

import { ownSchema, reservedSchema } from '../../schema/reserved.ts';

export interface SchemaRefusal {
  readonly message: string;
  readonly hint: string;
}

/** Why the schema cannot be served; undefined when it can. Pure. */
export function refuseSchema(name: string): SchemaRefusal | undefined {
  if (ownSchema(name))
    return {
      message: `The schema "${name}" is reserved and cannot be served.`,
      hint: 'keep your tables in another schema',
    };
  if (reservedSchema(name))
    return {
      message: `The schema "${name}" belongs to the database itself and cannot be served.`,
      hint: 'name a schema of your own',
    };
  if (name.includes('.'))
    return {
      message: `The schema "${name}" has a dot in its name, so that "schema.relation" could not be read.`,
      hint: 'rename the schema',
    };
  if (name === '') return { message: 'A schema has an empty name.', hint: 'name a schema, such as public' };
  return undefined;
}
