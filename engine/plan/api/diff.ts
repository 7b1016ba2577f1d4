/** What a change does to an API: to what there is, not to who may have it. Pure. */
import type { Finding, Side } from '../change.ts';
import { compareCallers } from './callers.ts';
import { compareColumns } from './columns.ts';
import { compare } from './comparison.ts';
import { compareFunctions } from './functions.ts';
import { compareGraphqlNames } from './graphql.ts';
import { compareKeys } from './keys.ts';
import { compareLimits } from './limits.ts';
import { compareOperations } from './operations.ts';
import { compareProject } from './project.ts';
import { compareRelationships } from './relationships.ts';
import { compareTables } from './tables.ts';

/**
 * Compares two projects with their Apis, both compiled without errors. Each difference is told once, with the roles of both
 * sides that saw the thing in the base; what nobody saw goes without a word. Pure.
 *
 * @returns in the order project, callers, limits, operations, then tables, columns, keys, relationships, functions, names
 */
export function diffApi(base: Side, head: Side): readonly Finding[] {
  const findings: Finding[] = [];
  const comparison = compare(base, head, (finding) => findings.push(finding));
  compareProject(comparison);
  compareCallers(comparison);
  compareLimits(comparison);
  compareOperations(comparison);
  compareTables(comparison);
  compareColumns(comparison);
  compareKeys(comparison);
  compareRelationships(comparison);
  compareFunctions(comparison);
  compareGraphqlNames(comparison);
  return findings;
}
