/** Relationships that a role may follow, held against those that it could: where nothing else says so already. Pure. */
import type { Column, Edge, Table, World } from '../../api/api.ts';
import { edgeIdentity } from '../match.ts';
import { say } from '../sentence.ts';
import type { TablePair } from './correspondence.ts';
import { type Effect, gains, loses, type TableCase } from './effect.ts';

/** What is told already of a role's reading, by names of the head: what it gains of relationships follows from gains, and so of losses. */
export interface Told {
  /** Of the table as a whole: it could not be read, or can no longer be. */
  readonly table: (table: string, isGain: boolean) => boolean;
  readonly column: (table: string, column: string, isGain: boolean) => boolean;
}

export interface Links {
  /** The base's. */
  readonly before: World;
  /** Of a table of the head. */
  readonly pairOf: (table: Table) => TablePair | undefined;
  readonly told: Told;
}

export function linkEffects(one: TableCase, links: Links): readonly Effect[] {
  const { pair, before, after } = one;
  if (pair.base === undefined || before?.select === undefined || after?.select === undefined) return [];
  const earlier = new Map([...pair.base.edges.values()].map((edge) => [edgeIdentity(edge), edge]));
  return [...pair.head.edges.values()].flatMap((edge) => {
    const base = earlier.get(edgeIdentity(edge));
    const could = base !== undefined && before.edges.get(base.name) === base;
    const can = after.edges.get(edge.name) === edge;
    if (could === can || isTold(edge, can, links.told)) return [];
    return can && base === undefined && isKnown(edge, links) ? [] : [effect(one, edge, can)];
  });
}

function isTold(edge: Edge, isGain: boolean, { table, column }: Told): boolean {
  const { from, to, through } = edge;
  if ([from, to, ...(through ? [through.table] : [])].some(({ name }) => table(name, isGain))) return true;
  return linksOf(edge).some(([of, one]) => column(of.name, one.name, isGain));
}

/** Every column by which rows are joined. */
function linksOf({ from, to, pairs, through }: Edge): readonly (readonly [Table, Column])[] {
  const ends = (list: Edge['pairs'], near: Table, far: Table) =>
    list.flatMap((pair) => [[near, pair.near] as const, [far, pair.far] as const]);
  if (through === undefined) return ends(pairs, from, to);
  return [...ends(through.near, from, through.table), ...ends(through.far, through.table, to)];
}

/** A new relationship that tells nothing: the role has read what it joins by, in every row. */
function isKnown(edge: Edge, { before, pairOf }: Links): boolean {
  if (edge.routine !== undefined) return false;
  return linksOf(edge).every(([table, column]) => {
    const pair = pairOf(table);
    const known = pair?.base && before.tables.get(pair.base.name);
    const base = pair?.columns.toBase.get(column);
    return base !== undefined && known?.columns.get(base.name) === base && !known.select!.guards.has(base);
  });
}

function effect({ pair, role, placeOf }: TableCase, { name, to }: Edge, isGain: boolean): Effect {
  const table = pair.head.name;
  const link = `${table}.${name}`;
  const isWritten = pair.head.edges.get(name)?.declared;
  return {
    rule: isGain ? 'relationship-gained' : 'relationship-lost',
    subject: { table, relationship: name, verb: 'select' },
    personal: false,
    facts: to.name,
    place: isWritten
      ? { path: ['tables', table, 'relationships', name] }
      : placeOf({ role, pair, verb: 'select' }),
    tell: (who) =>
      isGain
        ? say`${who.subject} ${gains(who)} the relationship ${link} to ${to.name}.`
        : say`${who.subject} ${loses(who)} the relationship ${link} to ${to.name}.`,
  };
}
