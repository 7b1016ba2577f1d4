/** Relationships that foreign keys give, and the names they get. */
import { type ForeignKey, relationKey } from '../catalog/catalog.ts';
import { bytewise } from '../catalog/order.ts';
import type { Edge } from './api.ts';
import type { Findings } from './diagnose.ts';
import { isUnique, type Pairs, pairUp } from './linking.ts';
import { strippedName } from './naming.ts';
import { type DraftTable, relationIdentity } from './tables.ts';

/** An edge that a foreign key gives, before it has a name. */
export interface Candidate {
  readonly id: string;
  readonly kind: 'one' | 'many';
  readonly from: DraftTable;
  readonly to: DraftTable;
  readonly pairs: Pairs;
  readonly through: Edge['through'];
  readonly constraint: string | undefined;
  /** Names to try, best first. */
  readonly names: readonly string[];
}

/** Relation key → edge id → name. */
export type RecordedNames = ReadonlyMap<string, ReadonlyMap<string, string>>;

/** Every edge the foreign keys among exposed tables give, in the order in which names are handed out. */
export function findCandidates(tables: ReadonlyMap<string, DraftTable>): Candidate[] {
  const byRelation = new Map<string, DraftTable>();
  for (const table of tables.values())
    byRelation.set(relationIdentity(table.database, table.relation.schema, table.relation.name), table);
  const inOrder = [...tables.values()].sort((a, b) => bytewise(a.name, b.name));
  const keys = inOrder.flatMap((table) =>
    [...table.relation.foreignKeys]
      .sort((a, b) => bytewise(a.name, b.name))
      .map((key) => ({
        table,
        key,
        target: byRelation.get(relationIdentity(table.database, key.target.schema, key.target.relation)),
      }))
      .filter(
        (one): one is { table: DraftTable; key: ForeignKey; target: DraftTable } => one.target !== undefined,
      ),
  );
  const toOne = keys.map(({ table, key, target }) => toOneCandidate(table, key, target));
  const toMany = keys.map(({ table, key, target }) => toManyCandidate(table, key, target));
  const keysOf = Map.groupBy(keys, ({ table }) => table);
  const through = inOrder.flatMap((junction) => throughCandidates(junction, keysOf.get(junction) ?? []));
  return [...toOne, ...toMany, ...through];
}

function toOneCandidate(table: DraftTable, key: ForeignKey, target: DraftTable): Candidate {
  const stripped = key.columns.length === 1 ? strippedName(apiName(table, key.columns[0]!)) : undefined;
  return {
    id: `one ${key.name}`,
    kind: 'one',
    from: table,
    to: target,
    pairs: pairUp(table, key.columns, target, key.target.columns),
    through: undefined,
    constraint: key.name,
    names: [
      ...(stripped === undefined ? [] : [stripped]),
      target.rest,
      `${target.rest}_by_${joined(table, key.columns)}`,
    ],
  };
}

function toManyCandidate(table: DraftTable, key: ForeignKey, target: DraftTable): Candidate {
  return {
    id: `many ${relationKey(table.relation.schema, table.relation.name)} ${key.name}`,
    kind: isUnique(table, key.columns) ? 'one' : 'many',
    from: target,
    to: table,
    pairs: pairUp(target, key.target.columns, table, key.columns),
    through: undefined,
    constraint: key.name,
    names: [table.rest, `${table.rest}_by_${joined(table, key.columns)}`],
  };
}

/** A table whose primary key is exactly the columns of two foreign keys joins their targets. */
function throughCandidates(
  junction: DraftTable,
  keys: readonly { readonly key: ForeignKey; readonly target: DraftTable }[],
): Candidate[] {
  const primary = junction.relation.primaryKey?.columns ?? [];
  const candidates: Candidate[] = [];
  for (const near of keys) {
    for (const far of keys) {
      if (near === far || !covers(primary, near.key.columns, far.key.columns)) continue;
      candidates.push({
        id: `through ${relationKey(junction.relation.schema, junction.relation.name)} ${near.key.name} ${far.key.name}`,
        kind: 'many',
        from: near.target,
        to: far.target,
        pairs: [],
        through: {
          table: junction,
          near: pairUp(near.target, near.key.target.columns, junction, near.key.columns),
          far: pairUp(junction, far.key.columns, far.target, far.key.target.columns),
        },
        constraint: undefined,
        names: [far.target.rest, `${far.target.rest}_by_${junction.rest}`],
      });
    }
  }
  return candidates;
}

function covers(primary: readonly string[], a: readonly string[], b: readonly string[]): boolean {
  const both = new Set([...a, ...b]);
  return (
    primary.length === a.length + b.length &&
    both.size === primary.length &&
    primary.every((column) => both.has(column))
  );
}

function apiName(table: DraftTable, column: string): string {
  return table.byDatabaseName.get(column)?.name ?? column;
}

function joined(table: DraftTable, columns: readonly string[]): string {
  return columns.map((column) => apiName(table, column)).join('_');
}

/** Recorded names first, so that a key that comes later can never take one; then the first free name of each. */
export function nameCandidates(
  candidates: readonly Candidate[],
  declared: ReadonlyMap<DraftTable, ReadonlyMap<string, Edge>>,
  recorded: ReadonlyMap<string, RecordedNames>,
  findings: Findings,
): Map<Candidate, string> {
  const taken = new Map<DraftTable, Set<string>>();
  for (const [table, edges] of declared)
    taken.set(table, new Set([...table.columns.keys(), ...edges.keys()]));
  const names = new Map<Candidate, string>();
  for (const candidate of candidates) {
    const { from } = candidate;
    const name = recorded
      .get(from.database)
      ?.get(relationKey(from.relation.schema, from.relation.name))
      ?.get(candidate.id);
    if (name === undefined || taken.get(from)!.has(name)) continue;
    taken.get(from)!.add(name);
    names.set(candidate, name);
  }
  for (const candidate of candidates) {
    if (names.has(candidate)) continue;
    const used = taken.get(candidate.from)!;
    const name = candidate.names.find((one) => !used.has(one));
    if (name === undefined) {
      findings.add({
        code: 'BIND_RELATIONSHIP_UNNAMED',
        severity: 'warning',
        message: `A foreign key between "${candidate.from.name}" and "${candidate.to.name}" gives no relationship: ${candidate.names.map((one) => `"${one}"`).join(' and ')} are taken.`,
        hint: `name it under tables.${candidate.from.name}.relationships`,
        path: ['tables', candidate.from.name],
        part: 'key',
      });
      continue;
    }
    used.add(name);
    names.set(candidate, name);
  }
  return names;
}

export function namesByDatabase(
  named: ReadonlyMap<Candidate, string>,
): Map<string, Map<string, Map<string, string>>> {
  const databases = new Map<string, Map<string, Map<string, string>>>();
  for (const [candidate, name] of named) {
    const { from } = candidate;
    const database = databases.get(from.database) ?? new Map<string, Map<string, string>>();
    const key = relationKey(from.relation.schema, from.relation.name);
    const relation = database.get(key) ?? new Map<string, string>();
    relation.set(candidate.id, name);
    database.set(key, relation);
    databases.set(from.database, database);
  }
  return databases;
}
