/** `roles`: the kinds of callers. */
import type { Draft } from '../draft.ts';
import type { RoleConfig } from '../project.ts';
import { flag, list, named, object, optional, prose, text } from '../shape.ts';
import { readRoleLimits, roleLimits } from './limits.ts';

const Role = object(
  {
    inherits: optional(
      list(text('Name of a role.'), 'Roles whose grants this one has too. Their order means nothing.'),
    ),
    description: optional(prose('What the role is for.')),
    introspection: optional(flag('Whether the role may read its GraphQL schema. Default true.')),
    limits: optional(roleLimits),
    everything: optional(
      flag(
        'Every verb on every listed table and function; `hidden` stays hidden. Never anonymous, never inherited.',
      ),
    ),
  },
  'One role. A role without permissions sees nothing.',
);

export const roles = named(Role, 'Roles by name, as tokens name them.');

const { properties } = Role;

/** A key that cannot be read grants nothing; the role is there all the same, for what refers to it. */
export function readRoles(draft: Draft): ReadonlyMap<string, RoleConfig> {
  const result = new Map<string, RoleConfig>();
  for (const name of draft.names(['roles'])) {
    const path = ['roles', name];
    const inherited = draft.items([...path, 'inherits']).flatMap((index) => {
      return draft.read([...path, 'inherits', index], properties.inherits.items) ?? [];
    });
    result.set(name, {
      name,
      inherits: [...new Set(inherited)],
      description: draft.read([...path, 'description'], properties.description),
      introspection:
        draft.read([...path, 'introspection'], properties.introspection) ??
        !draft.isBroken([...path, 'introspection']),
      limits: readRoleLimits(draft, [...path, 'limits']),
      everything: draft.read([...path, 'everything'], properties.everything) ?? false,
    });
  }
  return result;
}
