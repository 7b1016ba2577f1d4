/** Which tables and functions of an Api a drift breaks, and which verbs: those that some role or policy needs the changed thing for. */
import type { Verb } from '../../schema/project.ts';
import { type Key, type Routine, relationKey } from '../catalog/catalog.ts';
import type { Drift } from '../catalog/drift.ts';
import type { Api, Edge, Table } from './api.ts';
import { type Exposure, everyVerb, type TableUse } from './exposure.ts';

export function isBreaking(drift: Drift): boolean {
  return drift.class === 'breaking';
}

export function breachedRoutines(
  drift: Drift,
  database: string,
  api: Api,
  { routines }: Exposure,
): readonly (readonly [name: string, routine: Routine])[] {
  if (drift.relation !== null) return [];
  return [...api.functions.values()]
    .filter((callable) => callable.database === database)
    .flatMap(({ name, overloads }) => overloads.map(({ routine }) => [name, routine] as const))
    .filter(([, routine]) => routines.has(routine) && isOf(drift, routine));
}

/** Of the server is of all. */
function isOf({ routine: key }: Drift, { schema, name }: Routine): boolean {
  return key === null || key === relationKey(schema, name);
}

export function breachedTables(
  drift: Drift,
  database: string,
  exposure: Exposure,
): readonly (readonly [Table, ReadonlySet<Verb>])[] {
  if (drift.routine !== null) return [];
  const found: [Table, ReadonlySet<Verb>][] = [];
  for (const [table, use] of exposure.tables) {
    const { schema, name } = table.relation;
    if (table.database !== database) continue;
    if (drift.relation !== null && drift.relation !== relationKey(schema, name)) continue;
    const verbs = breachedVerbs(drift, table, use, exposure.edges);
    if (verbs.size > 0) found.push([table, verbs]);
  }
  return found;
}

const none: ReadonlySet<Verb> = new Set();

function breachedVerbs(
  { what, column, key }: Drift,
  table: Table,
  use: TableUse,
  edges: ReadonlySet<Edge>,
): ReadonlySet<Verb> {
  switch (what) {
    case 'column-gone':
    case 'type-changed':
    case 'enum-value-gone':
    case 'enum-order-changed':
    case 'column-computed':
    case 'column-not-generated':
    case 'collation-changed':
    case 'key-nullable':
      return use.columns.has(column!) ? everyVerb : none;
    case 'search-index-gone':
      return use.columns.has(key!.columns[0]!) ? everyVerb : none;
    case 'insert-gone':
    case 'column-required':
      return writes(use, { insert: () => true });
    case 'update-gone':
      return writes(use, { update: () => true });
    case 'delete-gone':
      return writes(use, { delete: () => true });
    case 'default-gone':
      return writes(use, { insert: ({ set }) => !isAmong(column, set.keys()) });
    case 'nullability-tightened':
      return writes(use, {
        insert: ({ set }) => !isAmong(column, set.keys()),
        update: ({ columns }) => isAmong(column, columns),
      });
    case 'column-generated':
    case 'identity-always':
      return writes(use, {
        insert: ({ columns, set }) => isAmong(column, [...columns, ...set.keys()]),
        update: ({ columns, set }) => isAmong(column, [...columns, ...set.keys()]),
      });
    case 'unique-gone':
      if ([...edges].some((edge) => isOneBy(edge, table, key!))) return everyVerb;
      return upserts(use, key!) ? new Set(['insert']) : none;
    case 'foreign-key-changed':
      return [...edges].some((edge) => isAlong(edge, table, key!)) ? everyVerb : none;
    default:
      return everyVerb;
  }
}

type Column = Table['key'][number];

interface Asked {
  readonly insert?: (grant: NonNullable<TableUse['known'][number]['insert']>) => boolean;
  readonly update?: (grant: NonNullable<TableUse['known'][number]['update']>) => boolean;
  readonly delete?: () => boolean;
}

/** The verbs by which some role writes in the way asked for. */
function writes({ known }: TableUse, asked: Asked): ReadonlySet<Verb> {
  const verbs = new Set<Verb>();
  for (const { insert, update, delete: remove } of known) {
    if (insert !== undefined && asked.insert?.(insert)) verbs.add('insert');
    if (update !== undefined && asked.update?.(update)) verbs.add('update');
    if (remove !== undefined && asked.delete?.()) verbs.add('delete');
  }
  return verbs;
}

function isAmong(name: string | null, columns: Iterable<Column>): boolean {
  return [...columns].some(({ column }) => column === name);
}

/** Some role may name the key in `on_conflict`. */
function upserts({ known }: TableUse, key: Key): boolean {
  return known.some(
    (one) => one.insert !== undefined && key.columns.every((name) => isAmong(name, one.known.values())),
  );
}

/** It leads to one row because of the key. */
function isOneBy({ kind, to, pairs, through, routine }: Edge, table: Table, key: Key): boolean {
  if (kind !== 'one' || to !== table || through !== undefined || routine !== undefined) return false;
  return key.columns.every((name) => pairs.some(({ far }) => far.column === name));
}

/** It follows the foreign key, either way. */
function isAlong({ from, to, pairs, through }: Edge, table: Table, key: Key): boolean {
  const are = (columns: readonly Column[]) =>
    columns.length === key.columns.length && key.columns.every((name) => isAmong(name, columns));
  if (through !== undefined)
    return (
      through.table === table &&
      (are(through.near.map(({ far }) => far)) || are(through.far.map(({ near }) => near)))
    );
  return (
    (from === table && are(pairs.map(({ near }) => near))) ||
    (to === table && are(pairs.map(({ far }) => far)))
  );
}
