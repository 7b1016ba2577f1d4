/** What one role may do, whoever asks: inheritance resolved as the language says. */

import {
  type Aggregates,
  type Columns,
  inheritedWrites,
  type Permission,
  type Policies,
  type Select,
  type Update,
} from './policy.ts';
import { always, type Operand, type Predicate } from './predicate.ts';
import type { Edge, Schema, Table, Type } from './schema.ts';

/** Rows of one grant, and the columns of them that it shows, each perhaps in some of these rows only. */
export interface Part {
  readonly where: Predicate;
  readonly columns: ReadonlyMap<string, Predicate>;
}

export interface Reading {
  readonly parts: readonly Part[];
  /** Columns that some part shows. */
  readonly columns: ReadonlySet<string>;
  readonly limit: number | undefined;
  /** Of how many rows an aggregate tells at least; undefined: of none. */
  readonly aggregate: number | undefined;
}

export interface Writing {
  readonly columns: ReadonlySet<string>;
  readonly set: ReadonlyMap<string, Operand>;
  /** What a claim is read as that is put into a column. */
  readonly types: (column: string) => Type;
  readonly where: Predicate;
  readonly check: Predicate;
}

export interface TableReach {
  readonly table: Table;
  readonly select: Reading | undefined;
  readonly insert: Writing | undefined;
  readonly update: Writing | undefined;
  readonly delete: { readonly where: Predicate } | undefined;
}

/** By table; one on which the role has nothing at all is absent, as one that does not exist. */
export type Reach = ReadonlyMap<string, TableReach>;

export function reachOf(role: string, policies: Policies, schema: Schema): Reach {
  const reach = new Map<string, TableReach>();
  for (const table of schema.values()) {
    const one = tableReach(role, table, policies);
    if (one.select || one.insert || one.update || one.delete) reach.set(table.name, one);
  }
  return reach;
}

function tableReach(role: string, table: Table, { roles, permissions }: Policies): TableReach {
  const { everything } = roles.find(({ name }) => name === role)!;
  const own: ReadonlyMap<string, Permission> = everything
    ? new Map([[role, { select: true, insert: true, update: true, delete: true }]])
    : permissions.get(table.name)!;
  const selects = [...lineage(role, roles)]
    .map((name) => own.get(name)?.select)
    .filter((select) => select !== undefined);
  const [inserting] = inheritedWrites('insert', role, own, roles);
  const [updating] = inheritedWrites('update', role, own, roles);
  const [deleting] = inheritedWrites('delete', role, own, roles);
  return {
    table,
    select: selects.length === 0 ? undefined : reading(selects, table),
    insert: inserting && writing(inserting === true ? {} : inserting, table),
    update: updating && writing(updating === true ? {} : updating, table),
    delete: deleting && { where: (deleting === true ? undefined : deleting.where) ?? always },
  };
}

/** The role and all that it inherits from. */
function lineage(role: string, roles: Policies['roles']): ReadonlySet<string> {
  const { inherits } = roles.find(({ name }) => name === role)!;
  return new Set([role, ...inherits.flatMap((parent) => [...lineage(parent, roles)])]);
}

/** A union of cells; the largest limit, none being the largest; aggregates where one has them, over the fewest rows. */
function reading(selects: readonly (Select | true)[], table: Table): Reading {
  const whole: Select = {
    columns: '*',
    when: new Map(),
    where: undefined,
    limit: undefined,
    aggregate: true,
  };
  const grants = selects.map((select) => (select === true ? whole : select));
  const parts = grants.map(({ where, columns, when }) => ({
    where: where ?? always,
    columns: new Map(named(columns, table).map((name) => [name, when.get(name) ?? always])),
  }));
  const limits = grants.map(({ limit }) => limit ?? Number.POSITIVE_INFINITY);
  const limit = Math.max(...limits);
  return {
    parts,
    columns: new Set(parts.flatMap((part) => [...part.columns.keys()])),
    limit: limit === Number.POSITIVE_INFINITY ? undefined : limit,
    aggregate: leastOf(grants.map(({ aggregate }) => aggregate)),
  };
}

function writing({ columns = '*', set = new Map(), where, check }: Partial<Update>, table: Table): Writing {
  const listed = named(columns, table).filter((name) => !set.has(name));
  return {
    columns: new Set(listed),
    set,
    types: (column) => table.columns.find(({ name }) => name === column)!.type,
    where: where ?? always,
    check: check ?? where ?? always,
  };
}

/** The grant that tells of the fewest rows counts. */
function leastOf(aggregates: readonly Aggregates[]): number | undefined {
  const least = Math.min(
    ...aggregates.map((one) => (one === true ? 0 : one === false ? Number.POSITIVE_INFINITY : one)),
  );
  return least === Number.POSITIVE_INFINITY ? undefined : least;
}

/** A hidden column is nobody's. */
function named(columns: Columns, table: Table): readonly string[] {
  const shown = table.columns.filter(({ hidden }) => !hidden).map(({ name }) => name);
  return columns === '*' ? shown : shown.filter((name) => columns.includes(name));
}

/**
 * Relationships that exist for the role: the far table can be read, and the linking columns on both sides, unless the author
 * named the relationship; many to many needs the junction too.
 */
export function edgesOf(table: string, reach: Reach): readonly Edge[] {
  const near = reach.get(table);
  if (near?.select === undefined) return [];
  return near.table.edges.filter(({ to, near: own, far: other, through, declared }) => {
    const far = reach.get(to)?.select;
    if (far === undefined) return false;
    const between = through === undefined ? undefined : reach.get(through.table)?.select;
    if (through !== undefined && between === undefined) return false;
    if (declared !== undefined) return true;
    const linked =
      through === undefined || [through.near, through.far].every((name) => between!.columns.has(name));
    return near.select!.columns.has(own) && far.columns.has(other) && linked;
  });
}
