/** The links between tables as supabase-js reads them: on the table that holds the columns, whichever side names them. */
import type { Column, Edge, Table } from '../api/api.ts';
import { bytewise } from '../catalog/order.ts';
import type { Scope, ScopedTable } from './scope.ts';

export interface Relationship {
  /** Of a relationship that only the project declares: its name. */
  readonly foreignKeyName: string;
  readonly columns: readonly string[];
  readonly isOneToOne: boolean;
  readonly to: string;
  readonly toColumns: readonly string[];
}

interface Link {
  readonly from: Table;
  readonly to: Table;
  readonly name: string;
  readonly pairs: readonly { readonly from: Column; readonly to: Column }[];
}

/**
 * By the table that holds the columns. Many to many comes of the junction's own; a link whose columns cannot be read, or
 * that leads to another profile, cannot be said in these types.
 */
export function relationshipsOf({ tables }: Scope): ReadonlyMap<Table, readonly Relationship[]> {
  const edges = [...tables.values()].flatMap((one) => one.edges);
  const links = [...edges].sort((a, b) => rank(a) - rank(b)).flatMap(linkOf);
  const found = new Map<Table, Map<string, Relationship>>();
  for (const link of links) {
    const { from, to } = link;
    if (from.profile !== to.profile || !isRead(link, tables.get(from), tables.get(to))) continue;
    const relationship = toRelationship(link);
    const { columns, toColumns } = relationship;
    const key = JSON.stringify([columns, to.rest, toColumns]);
    const own = found.get(from) ?? new Map<string, Relationship>();
    if (!own.has(key)) own.set(key, relationship);
    found.set(from, own);
  }
  return new Map([...found].map(([table, own]) => [table, [...own.values()].sort(inOrder)]));
}

/** What is declared over the same columns again is the same link: the foreign key's name goes first, then the holder's. */
function rank({ constraint, kind }: Edge): number {
  if (constraint !== undefined) return 0;
  return kind === 'one' ? 1 : 2;
}

function linkOf(edge: Edge): readonly Link[] {
  const { name, from, to, pairs, constraint } = edge;
  if (pairs.length === 0) return [];
  const near = { from, to, pairs: pairs.map((pair) => ({ from: pair.near, to: pair.far })) };
  const far = { from: to, to: from, pairs: pairs.map((pair) => ({ from: pair.far, to: pair.near })) };
  if (constraint === undefined) return [{ ...(edge.kind === 'one' ? near : far), name }];
  return [{ ...(holds(near, constraint) ? near : far), name: constraint }];
}

/** Whether these are the columns of the foreign key: both sides know it by one name. */
function holds({ from, pairs }: Omit<Link, 'name'>, constraint: string): boolean {
  const key = from.relation.foreignKeys.find(({ name }) => name === constraint);
  return (
    key?.columns.length === pairs.length && pairs.every((pair) => key.columns.includes(pair.from.column))
  );
}

function isRead({ pairs }: Link, from: ScopedTable | undefined, to: ScopedTable | undefined): boolean {
  return pairs.every((pair) => from?.read.has(pair.from) && to?.read.has(pair.to));
}

function toRelationship({ from, to, name, pairs }: Link): Relationship {
  return {
    foreignKeyName: name,
    columns: pairs.map((pair) => pair.from.name),
    isOneToOne: isUnique(from, new Set(pairs.map((pair) => pair.from.column))),
    to: to.rest,
    toColumns: pairs.map((pair) => pair.to.name),
  };
}

function isUnique({ relation, key }: Table, columns: ReadonlySet<string>): boolean {
  const keys = [
    relation.primaryKey?.columns ?? [],
    ...relation.uniques.map((unique) => unique.columns),
    key.map(({ column }) => column),
  ];
  return keys.some((one) => one.length > 0 && one.every((column) => columns.has(column)));
}

function inOrder(a: Relationship, b: Relationship): number {
  return (
    bytewise(a.foreignKeyName, b.foreignKeyName) ||
    bytewise(a.to, b.to) ||
    bytewise(JSON.stringify(a.columns), JSON.stringify(b.columns))
  );
}
