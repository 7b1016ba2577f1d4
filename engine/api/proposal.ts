/**
 * What a check asks of the values that a write proposes, before the database has seen them: where it is not true, no row
 * that is written of them passes, but where a trigger changes what it is given.
 */
import { uniquesOf } from '../catalog/unique-keys.ts';
import type { Column, Edge, Table } from './api.ts';
import { all, always, any, type Condition, never } from './condition.ts';

/**
 * The check without what only the written row can tell: columns that are not `known`, and other rows that the same request
 * may write. Pure.
 *
 * @param known columns whose values are proposed
 */
export function proposable(check: Condition, table: Table, known: (column: Column) => boolean): Condition {
  return mayBeTrue(check, { table, known });
}

/** Whether other rows can stand in the way of the written ones: by keys and references that the write gives values. */
export function mayCollide({ kind, table, columns, set, links = [] }: Assigning): boolean {
  if (table.relation.kind === 'view') return true;
  const assigned = new Set([...columns, ...set.keys(), ...links.flat()]);
  const { foreignKeys, indexes } = table.relation;
  const keys = [...uniquesOf(table.relation), ...foreignKeys, ...indexes];
  const isGiven = (name: string) => {
    const column = table.byDatabaseName.get(name);
    if (column === undefined || assigned.has(column)) return true;
    const { generated, default: own, identity } = column.source;
    // What the database counts up is new; other defaults may be anything.
    return generated || (kind === 'insert' && own !== null && identity === null);
  };
  return indexes.some(({ partial }) => partial) || keys.some((key) => key.columns.some(isGiven));
}

interface Assigning {
  readonly kind: 'insert' | 'update';
  readonly table: Table;
  readonly columns: readonly Column[];
  readonly set: ReadonlyMap<Column, unknown>;
  readonly links?: readonly (readonly Column[])[];
}

interface Proposed {
  readonly table: Table;
  readonly known: (column: Column) => boolean;
}

function mayBeTrue(condition: Condition, proposed: Proposed): Condition {
  switch (condition.kind) {
    case 'true':
    case 'false':
      return condition;
    case 'and':
      return all(condition.of.map((part) => mayBeTrue(part, proposed)));
    case 'or':
      return any(condition.of.map((part) => mayBeTrue(part, proposed)));
    case 'not':
      return mayBeFalse(condition.of, proposed);
    default:
      return isSettled(condition, proposed) ? condition : always;
  }
}

/** What must be true where the condition is to be false: unknown is not false. */
function mayBeFalse(condition: Condition, proposed: Proposed): Condition {
  switch (condition.kind) {
    case 'true':
      return never;
    case 'false':
      return always;
    case 'and':
      return any(condition.of.map((part) => mayBeFalse(part, proposed)));
    case 'or':
      return all(condition.of.map((part) => mayBeFalse(part, proposed)));
    case 'not':
      return mayBeTrue(condition.of, proposed);
    default:
      return isSettled(condition, proposed) ? { kind: 'not', of: condition } : always;
  }
}

/** Whether the proposed values and rows of other tables decide it. */
function isSettled(condition: Condition, { table, known }: Proposed): boolean {
  switch (condition.kind) {
    case 'compare':
      return isPlain(condition.column) && known(condition.column);
    case 'compareColumns':
      return [condition.column, condition.other].every((column) => isPlain(column) && known(column));
    case 'related':
      return (
        leadsAway(condition.edge) &&
        condition.edge.pairs.every(({ near }) => known(near)) &&
        condition.edge.to !== table &&
        !looksAt(condition.where, table)
      );
    case 'exists':
      return condition.table !== table && !looksAt(condition.where, table);
    default:
      return false;
  }
}

function isPlain({ routine, source }: Column): boolean {
  return routine === undefined && !source.generated && source.computed !== true;
}

/** To a row that is there before this one: from another side, rows that hang on this one are written after it. */
function leadsAway({ kind, through, routine, pairs, from }: Edge): boolean {
  if (kind !== 'one' || through !== undefined || routine !== undefined) return false;
  const near = new Set(pairs.map((pair) => pair.near.column));
  const isSame = (columns: readonly string[]) =>
    columns.length === near.size && columns.every((column) => near.has(column));
  if (from.relation.foreignKeys.some(({ columns }) => isSame(columns))) return true;
  return !uniquesOf(from.relation).some(({ columns }) => isSame(columns));
}

function looksAt(condition: Condition, table: Table): boolean {
  switch (condition.kind) {
    case 'true':
    case 'false':
    case 'compare':
    case 'compareColumns':
      return false;
    case 'and':
    case 'or':
      return condition.of.some((part) => looksAt(part, table));
    case 'not':
    case 'guarded':
      return looksAt(condition.of, table);
    case 'fenced':
      return looksAt(condition.policy, table) || looksAt(condition.of, table);
    case 'related':
    case 'aggregate':
      return (
        condition.edge.to === table ||
        condition.edge.through?.table === table ||
        looksAt(condition.where, table)
      );
    case 'exists':
      return condition.table === table || looksAt(condition.where, table);
    default:
      return condition satisfies never;
  }
}
