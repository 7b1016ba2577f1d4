/** What the caller's grants say of conditions, links and columns: each step to another table passes that table's. */
import type { Column, Edge, SelectGrant, World, WorldTable } from '../api/api.ts';
import { always, type Condition, type Guards, type LinkGuards } from '../api/condition.ts';
import type { Principal } from '../auth/principal.ts';
import type { Link } from './query.ts';
import { denied, verbDenied } from './refusal.ts';

export interface Authorizing {
  readonly world: World;
  readonly principal: Principal;
  /** Most rows of a list. */
  readonly maxRows: number;
  /** Most rows of a stream. */
  readonly maxExport: number | undefined;
}

const noGuards: Guards = new Map();
const noLinkGuards: LinkGuards = { near: noGuards, junction: noGuards, far: noGuards };

/** A caller's condition: each step to another table passes that table's grant, and reads through its guards. */
export function authorizeCondition(condition: Condition, table: WorldTable, context: Authorizing): Condition {
  switch (condition.kind) {
    case 'true':
    case 'false':
      return condition;
    case 'and':
    case 'or':
      return {
        kind: condition.kind,
        of: condition.of.map((part) => authorizeCondition(part, table, context)),
      };
    case 'not':
      return { kind: 'not', of: authorizeCondition(condition.of, table, context) };
    case 'compare':
      requireReadable([condition.column], table, context);
      return condition;
    case 'compareColumns':
      requireReadable([condition.column, condition.other], table, context);
      return condition;
    case 'related':
    case 'aggregate': {
      const far = farTable(condition.edge, context);
      const grant = selectGrant(far, context);
      if (condition.kind === 'aggregate') {
        if (!grant.aggregate)
          throw denied(context.principal, `permission denied for aggregates of table ${far.table.rest}`);
        requireReadable(condition.columns, far, context);
      }
      const { junction, guards } = authorizeLink(condition.edge, context);
      const of = guarded(grant.guards, authorizeCondition(condition.where, far, context));
      const authorized = { where: { kind: 'fenced', policy: grant.rows, of }, junction, guards } as const;
      return condition.kind === 'related'
        ? { ...condition, ...authorized }
        : { ...condition, ...authorized, cells: grant.guards, minGroup: grant.minGroup };
    }
    // Only policies and this function make these.
    case 'exists':
    case 'guarded':
    case 'fenced':
      throw denied(context.principal, 'permission denied');
    default:
      return condition satisfies never;
  }
}

export function authorizeLink(edge: Edge, context: Authorizing): Link {
  if (context.world.tables.get(edge.from.name)?.edges.get(edge.name) !== edge) {
    throw denied(
      context.principal,
      `permission denied for relationship ${edge.name} of table ${edge.from.rest}`,
    );
  }
  const junction = edge.through && selectGrant(context.world.tables.get(edge.through.table.name)!, context);
  return {
    edge,
    junction: junction?.rows ?? always,
    guards: edge.declared
      ? noLinkGuards
      : {
          near: guardsOf(edge.from.name, context),
          junction: junction?.guards ?? noGuards,
          far: guardsOf(edge.to.name, context),
        },
  };
}

function guardsOf(table: string, { world }: Authorizing): Guards {
  return world.tables.get(table)?.select?.guards ?? noGuards;
}

export function guarded(guards: Guards, of: Condition): Condition {
  return guards.size === 0 || of.kind === 'true' ? of : { kind: 'guarded', guards, of };
}

export function farTable(edge: Edge, context: Authorizing): WorldTable {
  const far = context.world.tables.get(edge.to.name);
  if (far === undefined)
    throw denied(
      context.principal,
      `permission denied for relationship ${edge.name} of table ${edge.from.rest}`,
    );
  return far;
}

export function selectGrant(table: WorldTable, { principal }: Authorizing): SelectGrant {
  if (table.select === undefined) throw verbDenied(principal, 'select', table);
  return table.select;
}

export function requireReadable(
  columns: readonly Column[],
  table: WorldTable,
  { principal }: Authorizing,
): void {
  const outside = columns.find(
    (column) => (column.routine === undefined ? table.columns : table.computed).get(column.name) !== column,
  );
  if (outside !== undefined)
    throw denied(principal, `permission denied for column ${outside.name} of table ${table.table.rest}`);
}
