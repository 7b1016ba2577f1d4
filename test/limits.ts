/** For tests: the limits of a project that writes none. */
import type { ApiLimits } from '../engine/api/api.ts';

export const limits: ApiLimits = {
  rows: 1000,
  body: 1_048_576,
  depth: 8,
  cost: 10_000,
  graphql: {
    depth: 30,
    aliases: 250,
    roots: 50,
    tokens: 10_000,
    directives: 200,
    fields: 2_500,
    batch: 10,
  },
  numbers: 'number',
  unfilteredWrites: false,
  export: undefined,
  dryRun: new Set(),
};
