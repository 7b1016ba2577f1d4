/** What the types speak of: all that a project exposes, or one role's world, in one form. */
import type { Api, Callable, Column, Edge, Table, WorldTable } from '../api/api.ts';
import { isWritable } from '../api/writable.ts';
import { bytewise } from '../catalog/order.ts';

export interface ScopedTable {
  readonly table: Table;
  /** Columns that can be read or written, by name; all others do not exist. */
  readonly known: readonly Column[];
  /** Columns that can be read; true where a row may have null there. */
  readonly read: ReadonlyMap<Column, boolean>;
  /** Computed fields that can be read, by name. */
  readonly computed: readonly Column[];
  readonly insert: ReadonlySet<Column>;
  readonly update: ReadonlySet<Column>;
  readonly edges: readonly Edge[];
}

export interface Scope {
  readonly api: Api;
  readonly tables: ReadonlyMap<Table, ScopedTable>;
  readonly functions: readonly Callable[];
}

/** @param role undefined: everything that the project exposes to anybody */
export function scopeOf(api: Api, role: string | undefined): Scope {
  const world = role === undefined ? undefined : api.world(role);
  const tables = world
    ? [...world.tables.values()].map(ofWorld)
    : [...api.tables.values()].map((table) => ofProject(table));
  return {
    api,
    tables: new Map(tables.sort((a, b) => byRest(a.table, b.table)).map((one) => [one.table, one])),
    functions: [...(world ?? api).functions.values()].sort(byRest),
  };
}

function ofWorld({
  table,
  known,
  columns,
  computed,
  select,
  insert,
  update,
  edges,
}: WorldTable): ScopedTable {
  return {
    table,
    known: byName(known.values()),
    // Where another grant admits the row, the column is null.
    read: new Map(
      [...columns.values()].map((column) => [column, column.nullable || select?.guards.has(column) === true]),
    ),
    computed: byName(computed.values()),
    insert: insert?.columns ?? new Set(),
    update: update?.columns ?? new Set(),
    edges: [...edges.values()],
  };
}

function ofProject(table: Table): ScopedTable {
  const shown = byName([...table.columns.values()].filter(({ hidden }) => !hidden));
  const writable = new Set(shown.filter(isWritable));
  return {
    table,
    known: shown,
    read: new Map(shown.map((column) => [column, column.nullable])),
    computed: byName(table.computed.values()),
    insert: table.relation.insertable ? writable : new Set(),
    update: table.relation.updatable ? writable : new Set(),
    edges: [...table.edges.values()],
  };
}

function byName(columns: Iterable<Column>): readonly Column[] {
  return [...columns].sort((a, b) => bytewise(a.name, b.name));
}

function byRest(a: { readonly rest: string }, b: { readonly rest: string }): number {
  return bytewise(a.rest, b.rest);
}

/** Supabase keeps tables and views apart. */
export function isView({ relation }: Table): boolean {
  return relation.kind === 'view' || relation.kind === 'materialized-view';
}
