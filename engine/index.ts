/** What `action/` and `site/` may use of the engine: the compiled model as data, and the check of a project. Exports only. */
export type {
  Api,
  Column,
  Edge,
  Role,
  SelectGrant,
  Table,
  World,
  WorldTable,
} from './api/api.ts';
export type { Compiled } from './api/compile.ts';
export type { Condition, Operator, SetValue, Value } from './api/condition.ts';
export type {
  Column as RelationColumn,
  RelationKind,
  Type,
} from './catalog/catalog.ts';
export type { Known } from './check/know.ts';
export { type Validation, validateProject } from './check/validate.ts';
