/** What a role may ask for: its own limits where it has them, else the project's. */
import type { GraphqlLimits, Limits, RoleConfig } from '../../schema/project.ts';
import { selectionDepth } from '../../schema/sections/limits.ts';
import type { Api, RoleLimits } from './api.ts';

/** A role that is given more levels of relationships can also write them down. */
export function bindRoleLimits({ limits: own }: RoleConfig, project: Limits): RoleLimits {
  const { depth = project.depth, cost = project.cost } = own;
  const written = Object.entries(own.graphql).filter(([, limit]) => limit !== undefined);
  const least = own.depth === undefined ? 0 : selectionDepth(own.depth);
  const graphql: GraphqlLimits = {
    ...project.graphql,
    depth: Math.max(project.graphql.depth, least),
    ...Object.fromEntries(written),
  };
  return { depth, cost, graphql };
}

/** A role that is not declared sees nothing, and has the project's. */
export function limitsOf(api: Pick<Api, 'roles' | 'limits'>, role: string): RoleLimits {
  return api.roles.get(role)?.limits ?? api.limits;
}
