/** All mutants: every place where a permission is enforced. `npm run mutants` tries them. */
import { apiMutants } from './api.ts';
import { authMutants, executeMutants, revisionMutants, sessionMutants } from './callers.ts';
import type { Mutant } from './mutant.ts';
import { mysqlMutants } from './mysql.ts';
import { pairedMutants } from './pairs.ts';
import { planMutants } from './plan.ts';
import { postgresMutants } from './postgres.ts';
import { queryMutants } from './query.ts';
import { graphqlMutants, liveMutants, openapiMutants, restMutants, typingsMutants } from './surfaces.ts';

export type { Mutant } from './mutant.ts';

export const mutants: readonly Mutant[] = [
  ...authMutants,
  ...revisionMutants,
  ...apiMutants,
  ...planMutants,
  ...queryMutants,
  ...sessionMutants,
  ...postgresMutants,
  ...mysqlMutants,
  ...executeMutants,
  ...restMutants,
  ...graphqlMutants,
  ...liveMutants,
  ...openapiMutants,
  ...typingsMutants,
  ...pairedMutants,
];
