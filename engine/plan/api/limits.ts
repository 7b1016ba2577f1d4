/** What one request may ask for: of everybody, and of single roles. Rows that a role may read of one table are its permission. Pure. */

import type { RoleLimits } from '../../api/api.ts';
import { bindRoleLimits } from '../../api/limits.ts';
import type { Place } from '../change.ts';
import { type Sentence, say, strong } from '../sentence.ts';
import type { Comparison } from './comparison.ts';

export function compareLimits(comparison: Comparison): void {
  const { base, head } = comparison;
  const [before, after] = [base.api.limits, head.api.limits];
  for (const [name, unit] of projectLimits)
    tellLimit(
      { name, unit, before: before[name], after: after[name], roles: 'everybody', place: at(name) },
      comparison,
    );
  compareRoles(comparison);
  tellNumbers(comparison);
  tellUnfiltered(comparison);
}

const projectLimits = [
  ['rows', 'rows of a list'],
  ['export', 'rows of a stream'],
  ['body', 'bytes of a body'],
] as const;

const roleLimits: readonly (readonly [name: string, unit: string, read: (limits: RoleLimits) => number])[] = [
  ['depth', 'levels of relationships', ({ depth }) => depth],
  ['cost', 'cost of a request', ({ cost }) => cost],
  ['graphql.depth', 'levels of selections', ({ graphql }) => graphql.depth],
  ['graphql.aliases', 'aliased fields', ({ graphql }) => graphql.aliases],
  ['graphql.roots', 'root fields', ({ graphql }) => graphql.roots],
  ['graphql.tokens', 'tokens of a document', ({ graphql }) => graphql.tokens],
  ['graphql.directives', 'directives of a document', ({ graphql }) => graphql.directives],
  ['graphql.fields', 'fields of a document', ({ graphql }) => graphql.fields],
  ['graphql.batch', 'operations of a body', ({ graphql }) => graphql.batch],
];

/** Roles with one change are told together; all of them, where it is the project's. */
function compareRoles(comparison: Comparison): void {
  const { base, head, roles } = comparison;
  for (const [name, unit, read] of roleLimits) {
    const changes = Map.groupBy(roles, (role) => {
      const [one, other] = [base.api.roles.get(role)!.limits, head.api.roles.get(role)!.limits];
      return `${read(one)} ${read(other)}`;
    });
    for (const [change, hit] of changes) {
      const [before, after] = change.split(' ').map(Number) as [number, number];
      const isOfAll = hit.length === roles.length && isOfProject(comparison, hit, read);
      const place = isOfAll ? at(name) : atRole(hit, name, comparison);
      tellLimit({ name, unit, before, after, roles: isOfAll ? 'everybody' : hit, place }, comparison);
    }
  }
}

function isOfProject(
  { head }: Comparison,
  roles: readonly string[],
  read: (limits: RoleLimits) => number,
): boolean {
  return roles.every((role) => {
    const { limits } = head.project.roles.get(role)!;
    const without = bindRoleLimits(
      { ...head.project.roles.get(role)!, limits: noLimits },
      head.project.limits,
    );
    return limits === noLimits || read(without) === read(head.api.roles.get(role)!.limits);
  });
}

const noLimits = {
  depth: undefined,
  cost: undefined,
  graphql: {
    depth: undefined,
    aliases: undefined,
    roots: undefined,
    tokens: undefined,
    directives: undefined,
    fields: undefined,
    batch: undefined,
  },
};

function at(name: string): Place {
  return { path: ['limits', ...name.split('.')] };
}

/** Where the head writes it, of the first role that has one of its own. */
function atRole(roles: readonly string[], name: string, { head }: Comparison): Place {
  const keys = name.split('.');
  const own = roles.find((role) => {
    const { limits } = head.project.roles.get(role)!;
    return (keys.length === 2 ? limits.graphql[keys[1] as 'depth'] : limits[name as 'depth']) !== undefined;
  });
  return own === undefined ? at(name) : { path: ['roles', own, 'limits', ...keys] };
}

interface Limit {
  readonly name: string;
  readonly unit: string;
  /** Undefined: none. */
  readonly before: number | undefined;
  readonly after: number | undefined;
  readonly roles: readonly string[] | 'everybody';
  readonly place: Place;
}

function tellLimit({ name, unit, before, after, roles, place }: Limit, { tell }: Comparison): void {
  if (before === after) return;
  const isLower = (after ?? Number.POSITIVE_INFINITY) < (before ?? Number.POSITIVE_INFINITY);
  const [was, is] = [textOf(before), textOf(after)];
  const isRest = name === 'export';
  const isGraphql = name.startsWith('graphql.');
  const surface: Sentence = isRest ? [' (streams of REST)'] : isGraphql ? [' (GraphQL only)'] : [];
  tell(isLower ? 'request-limit-lowered' : 'request-limit-raised', {
    subject: { value: name },
    roles,
    sentence: say`The limit of ${[unit]} is ${strong(isLower ? 'lower' : 'higher')}: ${[is]}, and was ${[was]}${surface}.`,
    hint: isLower ? lowered(name) : undefined,
    before: was,
    after: is,
    place,
  });
}

function lowered(name: string): string {
  if (name === 'rows' || name === 'export')
    return 'let callers read in pages first: what is beyond it is left out with no error';
  return 'see that no request of today asks for more';
}

function textOf(limit: number | undefined): string {
  return limit === undefined ? 'none' : String(limit);
}

function tellNumbers({ base, head, tell }: Comparison): void {
  const [before, after] = [base.api.limits.numbers, head.api.limits.numbers];
  if (before === after) return;
  tell('numbers-changed', {
    subject: { value: 'numbers' },
    roles: 'everybody',
    sentence: say`Values of bigint and numeric are ${strong(`${after}s`)} in GraphQL and in generated types, and were ${[before]}s.`,
    before,
    after,
    place: at('numbers'),
  });
}

function tellUnfiltered({ base, head, tell }: Comparison): void {
  const [was, is] = [base.api.limits.unfilteredWrites, head.api.limits.unfilteredWrites];
  if (was === is) return;
  tell(is ? 'unfiltered-writes-allowed' : 'unfiltered-writes-refused', {
    subject: { value: 'unfiltered_writes' },
    roles: 'everybody',
    sentence: is
      ? say`PATCH and DELETE without a filter ${strong('reach every row')} in REST, and were refused.`
      : say`PATCH and DELETE without a filter ${strong('are refused')} in REST.`,
    hint: is ? 'leave it out: a filter that is true of every row says that it is meant' : undefined,
    before: String(was),
    after: String(is),
    place: at('unfiltered_writes'),
  });
}
