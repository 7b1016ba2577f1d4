/** The tables and relationships of a role's world, as its diagram shows them. Pure. */
import type { Column, Edge, World, WorldTable } from '../engine/index.ts';
import type { DiagramColumn, DiagramEdge, DiagramTable } from './diagram/diagram.ts';

export interface Picture {
  readonly tables: readonly DiagramTable[];
  readonly edges: readonly DiagramEdge[];
}

export interface PictureOptions {
  /** Where the page of a table is. */
  readonly hrefOf: (table: string) => string;
  readonly typeOf: (column: Column) => string;
}

/** Tables in the order of their names. Columns that link are named only where the role reads them. */
export function pictureOf(world: World, options: PictureOptions): Picture {
  const seen = [...world.tables.values()].sort((a, b) => (a.table.name < b.table.name ? -1 : 1));
  return {
    tables: seen.map((one) => tableOf(one, options)),
    edges: seen.flatMap((one) => [...one.edges.values()].map((edge) => edgeOf(edge, world))),
  };
}

function tableOf(seen: WorldTable, { hrefOf, typeOf }: PictureOptions): DiagramTable {
  const { table, edges, known, computed } = seen;
  const links = new Set(
    [...edges.values()]
      .filter(({ kind }) => kind === 'one')
      .flatMap(({ pairs }) => pairs.map(({ near }) => near)),
  );
  return {
    name: table.name,
    href: hrefOf(table.name),
    kind: /view/.test(table.relation.kind) ? 'view' : 'table',
    columns: [...known.values(), ...computed.values()].map(
      (column): DiagramColumn => ({
        name: column.name,
        type: typeOf(column),
        key: table.key.includes(column),
        link: links.has(column) && refers(column, table),
      }),
    ),
  };
}

/** A relationship to one may also lead from the key, to what hangs on it: that is no reference. */
function refers({ column }: Column, { relation, key }: WorldTable['table']): boolean {
  const foreign = relation.foreignKeys.some(({ columns }) => columns.includes(column));
  return foreign || !key.some((one) => one.column === column);
}

function edgeOf(edge: Edge, world: World): DiagramEdge {
  const reads = (table: string, column: Column) =>
    world.tables.get(table)?.columns.get(column.name) === column;
  const open =
    edge.through === undefined &&
    edge.pairs.every(({ near, far }) => reads(edge.from.name, near) && reads(edge.to.name, far));
  return {
    from: edge.from.name,
    to: edge.to.name,
    fromColumns: open ? edge.pairs.map(({ near }) => near.name) : [],
    toColumns: open ? edge.pairs.map(({ far }) => far.name) : [],
    kind: edge.kind,
    through: edge.through?.table.name ?? null,
    label: edge.name,
  };
}
