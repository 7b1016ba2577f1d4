/** Updates whose own `check` lets a row move to where their `where` would not have found it. */
import { canonical, conjuncts } from '../../schema/checks/canonical.ts';
import type { Predicate } from '../../schema/predicate.ts';
import type { UpdatePermission } from '../../schema/project.ts';
import type { Table } from '../api/api.ts';
import type { Subject } from './lint.ts';
import { prove, type TableFacts } from './truth.ts';

export function findWeakChecks({ project, api, factsOf, findings }: Subject): void {
  for (const { name, permissions } of project.tables.values())
    for (const [role, { update }] of permissions) {
      if (update?.where === undefined || update.check === undefined) continue;
      const { lost, isCertain } = lostParts(update, api.tables.get(name), factsOf(name));
      if (lost.length === 0) continue;
      findings.add({
        code: 'CHECK_LEAVES_WHERE',
        severity: 'warning',
        message: isCertain
          ? `The "check" lets role "${role}" change a row so that "where" no longer holds for it.`
          : `It cannot be shown that "where" still holds for a row that role "${role}" has changed and "check" has passed.`,
        hint: 'repeat the conditions of "where" in "check", or remove the columns that they read from "columns"',
        path: ['tables', name, 'permissions', role, 'update', 'check'],
        part: 'key',
        related: lost.map((part) => ({
          message: isCertain ? 'This condition is not kept.' : 'This condition is not shown to be kept.',
          path: part.path,
        })),
      });
    }
}

/** The parts of `where` that the new row is not sure to fulfil. */
function lostParts(
  update: UpdatePermission,
  table: Table | undefined,
  facts: TableFacts,
): { readonly lost: readonly Predicate[]; readonly isCertain: boolean } {
  const parts = conjuncts(update.where!);
  const kept = parts.filter((part) => !canChange(part, update, table));
  const premises = [update.check!, ...presetsOf(update), ...kept];
  const proofs = parts
    .filter((part) => !kept.includes(part))
    .map((part) => ({
      part,
      proof: writtenAgain(part, update.check!) ? 'holds' : prove(premises, part, facts),
    }));
  const lost = proofs.filter(({ proof }) => proof !== 'holds');
  return {
    lost: lost.map(({ part }) => part),
    isCertain: lost.some(({ proof }) => proof === 'fails'),
  };
}

/** What there are too many cases of to prove is still plain where it is written in both. */
function writtenAgain(part: Predicate, check: Predicate): boolean {
  const text = canonical(part);
  return conjuncts(check).some((other) => canonical(other) === text);
}

/** What the engine sets is true of the new row. */
function presetsOf({ set }: UpdatePermission): readonly Predicate[] {
  return [...set].map(([column, operand]): Predicate => {
    const isNull = operand.kind === 'literal' && operand.value === null;
    return {
      kind: 'compare',
      column,
      operator: isNull ? '_is_null' : '_eq',
      operand: isNull ? { kind: 'literal', value: true } : operand,
      path: [],
    };
  });
}

function canChange(part: Predicate, update: UpdatePermission, table: Table | undefined): boolean {
  const columns = columnsOf(part, table);
  if (columns === undefined)
    return update.columns === '*' || update.columns.length > 0 || update.set.size > 0;
  return columns.some((column) => isWritten(column, update));
}

function isWritten(column: string, { columns, set }: UpdatePermission): boolean {
  return set.has(column) || columns === '*' || columns.includes(column);
}

/**
 * The columns of the row itself on which a condition hangs; undefined when any may be one of them. What lies behind a
 * relationship hangs on the columns that lead there, as long as the rows that it leads to are other tables'.
 */
function columnsOf(predicate: Predicate, table: Table | undefined): readonly string[] | undefined {
  switch (predicate.kind) {
    case 'compare':
      return [predicate.column];
    case 'compareColumns':
      return [predicate.column, predicate.other];
    case 'and':
    case 'or':
      return together(predicate.of.map((part) => columnsOf(part, table)));
    case 'not':
      return columnsOf(predicate.of, table);
    case 'related':
      return columnsBehind(predicate.relationship, predicate.where, table);
    case 'aggregate':
      return columnsBehind(predicate.relationship, predicate.filter, table);
    case 'name':
      if (table?.byDatabaseName.has(predicate.name)) return [];
      return columnsBehind(predicate.name, undefined, table);
    case 'exists':
      return undefined;
    default:
      return predicate satisfies never;
  }
}

function columnsBehind(
  relationship: string,
  where: Predicate | undefined,
  table: Table | undefined,
): readonly string[] | undefined {
  const edge = table?.edges.get(relationship);
  if (edge === undefined || edge.routine !== undefined || edge.to === table) return undefined;
  // A way back to this very table would read the row that is changed.
  if (where !== undefined && !staysOff(where, edge.to, table!)) return undefined;
  return (edge.through?.near ?? edge.pairs).map(({ near }) => near.column);
}

function staysOff(predicate: Predicate, from: Table, changed: Table): boolean {
  switch (predicate.kind) {
    case 'and':
    case 'or':
      return predicate.of.every((part) => staysOff(part, from, changed));
    case 'not':
      return staysOff(predicate.of, from, changed);
    case 'compare':
    case 'compareColumns':
      return true;
    case 'name':
      return (
        from.byDatabaseName.has(predicate.name) || leadsElsewhere(predicate.name, undefined, from, changed)
      );
    case 'related':
      return leadsElsewhere(predicate.relationship, predicate.where, from, changed);
    case 'aggregate':
      return leadsElsewhere(predicate.relationship, predicate.filter, from, changed);
    case 'exists':
      return false;
    default:
      return predicate satisfies never;
  }
}

function leadsElsewhere(
  relationship: string,
  where: Predicate | undefined,
  from: Table,
  changed: Table,
): boolean {
  const edge = from.edges.get(relationship);
  if (edge === undefined || edge.routine !== undefined) return false;
  if (edge.to === changed || edge.through?.table === changed) return false;
  return where === undefined || staysOff(where, edge.to, changed);
}

function together(lists: readonly (readonly string[] | undefined)[]): readonly string[] | undefined {
  return lists.some((list) => list === undefined) ? undefined : lists.flatMap((list) => list!);
}
