/** What a condition looks at: tables, columns and functions. Pure. */
import type { Verb } from '../../schema/project.ts';
import type { Routine } from '../catalog/catalog.ts';
import type { Column, Edge, Table } from './api.ts';
import type { Condition, Guards, LinkGuards } from './condition.ts';

/** Is told everything, some of it several times. */
export interface Visitor {
  readonly table: (table: Table, verb: Verb) => void;
  /** Computed fields too. */
  readonly column: (column: Column) => void;
  readonly edge: (edge: Edge) => void;
  readonly routine: (routine: Routine) => void;
}

export function visitCondition(condition: Condition, visitor: Visitor): void {
  switch (condition.kind) {
    case 'true':
    case 'false':
      return;
    case 'and':
    case 'or':
      for (const part of condition.of) visitCondition(part, visitor);
      return;
    case 'not':
      visitCondition(condition.of, visitor);
      return;
    case 'compare':
      visitColumn(condition.column, visitor);
      return;
    case 'compareColumns':
      visitColumn(condition.column, visitor);
      visitColumn(condition.other, visitor);
      return;
    case 'related':
    case 'aggregate':
      visitEdge(condition.edge, visitor);
      visitCondition(condition.where, visitor);
      if (condition.junction !== undefined) visitCondition(condition.junction, visitor);
      if (condition.guards !== undefined) visitLinkGuards(condition.guards, visitor);
      if (condition.kind === 'related') return;
      for (const column of condition.columns) visitColumn(column, visitor);
      visitGuards(condition.cells ?? new Map(), visitor);
      return;
    case 'exists':
      visitor.table(condition.table, 'select');
      visitCondition(condition.where, visitor);
      return;
    case 'guarded':
      visitGuards(condition.guards, visitor);
      visitCondition(condition.of, visitor);
      return;
    case 'fenced':
      visitCondition(condition.policy, visitor);
      visitCondition(condition.of, visitor);
      return;
    default:
      condition satisfies never;
  }
}

export function visitColumn(column: Column, visitor: Visitor): void {
  visitor.column(column);
  if (column.routine !== undefined) visitor.routine(column.routine);
}

/** The far table, the junction, and the columns that link them. */
export function visitEdge(edge: Edge, visitor: Visitor): void {
  const { to, through, pairs, routine } = edge;
  visitor.edge(edge);
  visitor.table(to, 'select');
  if (through !== undefined) visitor.table(through.table, 'select');
  if (routine !== undefined) visitor.routine(routine);
  for (const { near, far } of [...pairs, ...(through?.near ?? []), ...(through?.far ?? [])]) {
    visitor.column(near);
    visitor.column(far);
  }
}

export function visitGuards(guards: Guards, visitor: Visitor): void {
  for (const [column, condition] of guards) {
    visitColumn(column, visitor);
    visitCondition(condition, visitor);
  }
}

export function visitLinkGuards({ near, junction, far }: LinkGuards, visitor: Visitor): void {
  for (const guards of [near, junction, far]) visitGuards(guards, visitor);
}
