/** `roles`: the kinds of callers. */
import type { Draft } from '../draft.ts';
import type { RoleConfig } from '../project.ts';
import { flag, list, named, object, optional, prose, text } from '../shape.ts';

const Role = object(
  {
    inherits: optional(
      list(text('Name of a role.'), 'Roles whose grants this one has too. Their order means nothing.'),
    ),
    description: optional(prose('What the role is for.')),
    introspection: optional(flag('Whether the role may read its GraphQL schema. Default true.')),
    everything: optional(
      flag(
        'Every verb on every listed table and function; `hidden` stays hidden. Never anonymous, never inherited.',
      ),
    ),
  },
  'One role. A role without permissions sees nothing.',
);

export const roles = named(Role, 'Roles by name, as tokens name them.');

export function readRoles(draft: Draft): ReadonlyMap<string, RoleConfig> {
  const result = new Map<string, RoleConfig>();
  for (const name of draft.names(['roles'])) {
    const raw = draft.read(['roles', name], Role);
    if (!raw) continue;
    result.set(name, {
      name,
      inherits: [...new Set(raw.inherits ?? [])],
      description: raw.description,
      introspection: raw.introspection ?? true,
      everything: raw.everything ?? false,
    });
  }
  return result;
}
