/** What one caller sees: the rows of each table that some grant admits, with null for every cell that none of them shows. */
import { type Claims, ClaimUnfit } from './claims.ts';
import type { Predicate } from './predicate.ts';
import type { Reach } from './reach.ts';
import type { Edge, Row, State } from './schema.ts';
import { holds, requireClaims, type World } from './truth.ts';

/** The database as it is, which is what policies see. */
export function database(state: State, claims: Claims): World {
  const rows = (table: string) => state.get(table)!;
  return { claims, rows, follow: (edge, row) => linked(edge, row, rows), least: () => 0 };
}

function linked(edge: Edge, row: Row, rows: (table: string) => readonly Row[]): readonly Row[] {
  const { near, far, through, to } = edge;
  const value = row[near];
  if (value === null || value === undefined) return [];
  if (through === undefined) return rows(to).filter((one) => one[far] === value);
  const met = rows(through.table).filter((one) => one[through.near] === value);
  return rows(to).filter((one) =>
    met.some((link) => link[through.far] !== null && link[through.far] === one[far]),
  );
}

export interface Sight extends World {
  readonly reach: Reach;
  /** The row of the database, of which the caller sees this much. */
  readonly whole: (row: Row) => Row;
  /** Of rows that are not in the state, or not yet: those that some grant admits there, masked. */
  readonly among: (table: string, rows: readonly Row[]) => readonly Row[];
}

/**
 * Tables are looked at when they are first asked for.
 *
 * @throws {ClaimUnfit} by `rows`: a claim that a grant of this table asks for is of another type
 */
export function sightOf(reach: Reach, state: State, claims: Claims): Sight {
  const world = database(state, claims);
  const whole = new Map<Row, Row>();
  const seen = new Map<string, readonly Row[]>();
  const rows = (table: string): readonly Row[] => {
    const before = seen.get(table);
    if (before !== undefined) return before;
    seen.set(table, among(table, world.rows(table)));
    return seen.get(table)!;
  };
  const among = (table: string, all: readonly Row[]): readonly Row[] => {
    const found = look(table, all, reach, world);
    for (const [masked, row] of found) whole.set(masked, row);
    return [...found.keys()];
  };
  const masks = (edge: Edge, row: Row): readonly Row[] => {
    // What the author named is followed in the database; what foreign keys give, by what the caller can read.
    if (edge.declared === undefined) return linked(edge, row, rows);
    const far = linked(edge, whole.get(row)!, (table) => state.get(table)!);
    return rows(edge.to).filter((one) => far.includes(whole.get(one)!));
  };
  return {
    claims,
    rows,
    follow: masks,
    least: (table) => reach.get(table)?.select?.aggregate ?? 0,
    reach,
    whole: (row) => whole.get(row)!,
    among,
  };
}

/** Masked rows, each with the row it is of. */
function look(table: string, rows: readonly Row[], reach: Reach, world: World): ReadonlyMap<Row, Row> {
  const select = reach.get(table)?.select;
  if (select === undefined) return new Map();
  const parts = select.parts.filter(({ where }) => isFit([where], world.claims));
  if (parts.length < select.parts.length && !parts.some(({ where }) => isAlways(where)))
    throw new ClaimUnfit();
  const found = new Map<Row, Row>();
  for (const row of rows) {
    const admitting = parts.filter(({ where }) => holds(where, row, world));
    if (admitting.length === 0) continue;
    const shows = (name: string) =>
      admitting.some(({ columns }) => {
        const when = columns.get(name);
        return when !== undefined && isFit([when], world.claims) && holds(when, row, world);
      });
    found.set(
      Object.fromEntries(Object.entries(row).map(([name, value]) => [name, shows(name) ? value : null])),
      row,
    );
  }
  return found;
}

function isFit(predicates: readonly Predicate[], claims: Claims): boolean {
  try {
    for (const predicate of predicates) requireClaims(predicate, claims);
    return true;
  } catch (error) {
    if (!(error instanceof ClaimUnfit)) throw error;
    return false;
  }
}

const isAlways = (predicate: Predicate) => predicate.kind === 'and' && predicate.of.length === 0;

/**
 * Whether a grant of this table asks for a claim of another type. It need not ask where another grant shows all rows, nor for
 * a column that nobody asks for.
 */
export function mayRefuse(table: string, reach: Reach, claims: Claims): boolean {
  const parts = reach.get(table)?.select?.parts ?? [];
  return parts.some(({ where, columns }) => !isFit([where, ...columns.values()], claims));
}
