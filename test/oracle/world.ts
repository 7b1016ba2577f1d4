/** A world of its tapes: schema, rows, roles and what they may do. */
import type { TestEngine } from '../servers/identity.ts';
import { drawPolicies, type Policies, policyYaml } from './policy.ts';
import { ddl, drawRows, drawSchema, fill, type Schema, type State } from './schema.ts';
import { Draw, type Tapes } from './tape.ts';

export interface DrawnWorld {
  readonly schema: Schema;
  readonly state: State;
  readonly policies: Policies;
  readonly yaml: string;
}

export function worldOf(tapes: Omit<Tapes, 'requests'>): DrawnWorld {
  const schema = drawSchema(new Draw(tapes.schema));
  const state = drawRows(new Draw(tapes.rows), schema);
  const policies = drawPolicies(new Draw(tapes.policies), schema);
  return { schema, state, policies, yaml: policyYaml(schema, policies) };
}

export function sqlOfWorld({ schema, state }: DrawnWorld, engine: TestEngine): string {
  return `${ddl(schema, engine)}${fill(schema, state)}`;
}
