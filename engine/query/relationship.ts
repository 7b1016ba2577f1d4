/** Which relationship a request means: by its name, or by REST's other ways of saying it. */
import type { Column, Edge, Table, World, WorldTable } from '../api/api.ts';
import { uniquesOf } from '../catalog/unique-keys.ts';
import { Problem } from '../problem/problem.ts';
import { relationshipNotFound } from './refusal.ts';

/**
 * @param name a relationship's name, else the far table's, a constraint's or a linking column's
 * @param hint a constraint, a column, a relationship or a junction that chooses among several
 * @throws {Problem} PGRST200 none, PGRST201 several
 */
export function findEdge(table: WorldTable, name: string, hint: string | undefined, world: World): Edge {
  const named = table.edges.get(name);
  if (named !== undefined && (hint === undefined || named.name === hint || fitsHint(named, hint, world)))
    return named;
  const candidates = [...table.edges.values()].filter(
    (edge) =>
      ((edge.to.rest === name && edge.routine === undefined) ||
        edge.name === name ||
        (edge.to.rest !== name && fitsHint(edge, name, world))) &&
      (hint === undefined || edge.name === hint || fitsHint(edge, hint, world)),
  );
  if (candidates.length === 1) return candidates[0]!;
  if (candidates.length === 0) throw relationshipNotFound(name, table, hint);
  throw new Problem('PGRST201', {
    message: `Could not embed because more than one relationship was found for '${table.table.rest}' and '${name}'`,
    details: candidates.map((edge) => ({
      cardinality: cardinalityOf(edge),
      embedding: `${edge.from.rest} with ${edge.to.rest}`,
      relationship: relationshipOf(edge, world),
    })),
    hint: `Try changing '${name}' to one of the following: ${candidates.map((edge) => `'${hintOf(edge, name, world)}'`).join(', ')}. Find the desired relationship in the 'details' key.`,
  });
}

function cardinalityOf({ kind, through, pairs, from }: Edge): string {
  if (through !== undefined) return 'many-to-many';
  if (kind === 'many') return 'one-to-many';
  const columns = new Set(pairs.map(({ near }) => near.column));
  const isUnique = uniquesOf(from.relation).some((key) => key.columns.every((column) => columns.has(column)));
  return isUnique ? 'one-to-one' : 'many-to-one';
}

/** By its constraint and columns where the role sees them all, else by its own name. */
function relationshipOf(edge: Edge, world: World): string {
  const { name, constraint, through, pairs, from, to } = edge;
  if (!isSeen(edge, world)) return `${name} of ${from.rest}`;
  const list = (columns: readonly string[]) => `(${columns.join(', ')})`;
  if (through !== undefined) {
    const near = list(through.near.map((pair) => pair.far.name));
    const far = list(through.far.map((pair) => pair.near.name));
    return `${through.table.rest} using ${through.table.rest}${near} and ${through.table.rest}${far}`;
  }
  const near = list(pairs.map((pair) => pair.near.name));
  const far = list(pairs.map((pair) => pair.far.name));
  return `${constraint ?? name} using ${from.rest}${near} and ${to.rest}${far}`;
}

/** A constraint where it comes from one, else the relationship's own name. */
function hintOf(edge: Edge, wanted: string, world: World): string {
  const { constraint, through, name } = edge;
  const hint = isSeen(edge, world) ? (constraint ?? through?.table.rest) : undefined;
  return hint === undefined ? name : `${wanted}!${hint}`;
}

/** A constraint or junction is a hint only where the role sees all of its columns, else it would tell its name. */
function fitsHint(edge: Edge, hint: string, world: World): boolean {
  if (edge.through !== undefined) {
    return (
      edge.through.table.rest === hint && world.tables.get(edge.through.table.name)?.select !== undefined
    );
  }
  if (!isSeen(edge, world)) return false;
  if (edge.constraint === hint) return true;
  return edge.pairs.length === 1 && (edge.pairs[0]!.near.name === hint || edge.pairs[0]!.far.name === hint);
}

/** Whether the role may read every column that links the two tables; a computed relationship has none to see. */
function isSeen({ from, to, pairs, through, routine }: Edge, world: World): boolean {
  if (routine !== undefined) return false;
  const reads = (table: Table, column: Column) =>
    world.tables.get(table.name)?.columns.get(column.name) === column;
  if (through === undefined) return pairs.every(({ near, far }) => reads(from, near) && reads(to, far));
  return (
    through.near.every(({ near, far }) => reads(from, near) && reads(through.table, far)) &&
    through.far.every(({ near, far }) => reads(through.table, near) && reads(to, far))
  );
}
