/** What `action/` and `site/` may use of the engine: the compiled model as data, the check of a project, plans and their forms, what reads Git. Exports only. */
export type { Project } from '../schema/project.ts';
export type {
  Api,
  Callable,
  CallResult,
  Column,
  Edge,
  Overload,
  Role,
  RoleLimits,
  SelectGrant,
  Table,
  World,
  WorldTable,
} from './api/api.ts';
export type { Compiled } from './api/compile.ts';
export type { Condition, Operator, SetValue, Value } from './api/condition.ts';
export { limitsOf } from './api/limits.ts';
export { publishableKey } from './auth/authenticate.ts';
export type {
  Column as RelationColumn,
  RelationKind,
  Type,
} from './catalog/catalog.ts';
export type { Known } from './check/know.ts';
export { type Validation, validateProject } from './check/validate.ts';
export { buildModel } from './graphql/model.ts';
export { mutationRoots, queryRoots, subscriptionRoots } from './graphql/roots.ts';
export { isNamed, reachable, readsOnly, wholeBody } from './openapi/calls.ts';
export type { LabelAcceptance } from './plan/acceptance.ts';
export type { Change } from './plan/change.ts';
export { type Counts, countsOf, verdict } from './plan/gate.ts';
export { planProject } from './plan/plan.ts';
export { planAnnotations, planDiagnostics } from './plan/render/diagnostics.ts';
export { planJson } from './plan/render/json.ts';
export { type MarkdownOptions, planMarkdown, planSummary } from './plan/render/markdown.ts';
export { code as markdownCode, text as markdownText } from './plan/render/markdown-text.ts';
export { planSarif } from './plan/render/sarif.ts';
export { planText } from './plan/render/text.ts';
export { type Gate, gates, type Plan, type ProjectPlan } from './plan/report.ts';
export { type Code, codes } from './problem/codes.ts';
export { Clone } from './reconcile/git/clone.ts';
export { linksOf } from './reconcile/git/commit.ts';
export { type Exported, exportTree } from './reconcile/git/export-tree.ts';
export { GitFailure } from './reconcile/git/failure.ts';
export {
  type FoundProject,
  findProjects as findProjectsOfTree,
  readTree,
} from './reconcile/git/find-projects.ts';
export {
  type ObjectInfo,
  type ObjectKind,
  ObjectReader,
  type Objects,
  objectId,
} from './reconcile/git/objects.ts';
export { again, type FailedRequest, type Outcome, outcomeOf } from './reconcile/github/outcome.ts';
