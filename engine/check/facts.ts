/** What is known of an exposed table, for `truth.ts`: by database names, as policies name columns. Pure. */
import type { Column, Edge, Table } from '../api/api.ts';
import type { ColumnFacts } from './subjects.ts';
import { type LinkFacts, nothingKnown, type TableFacts } from './truth.ts';

/** @param tables all that were bound: what a condition may look into */
export function factsOf(table: Table | undefined, tables: ReadonlyMap<string, Table>): TableFacts {
  if (table === undefined) return nothingKnown;
  return {
    column: (name) => {
      const column = table.byDatabaseName.get(name);
      return column && columnFacts(column);
    },
    relationship: (name) => {
      const edge = table.edges.get(name);
      return edge && linkFacts(edge, tables);
    },
    table: (name) => factsOf(tables.get(name), tables),
  };
}

function columnFacts({ nullable, type, source }: Column): ColumnFacts {
  const { family, labels } = type;
  return { nullable, family, labels, nondeterministic: source.nondeterministic };
}

/** A foreign key over columns that are never null always leads to a row. */
function linkFacts(edge: Edge, tables: ReadonlyMap<string, Table>): LinkFacts {
  const isKey = edge.from.relation.foreignKeys.some(
    ({ columns, target }) =>
      target.schema === edge.to.relation.schema &&
      target.relation === edge.to.relation.name &&
      columns.length === edge.pairs.length &&
      edge.pairs.every(({ near, far }) => target.columns[columns.indexOf(near.column)] === far.column),
  );
  const certain =
    edge.kind === 'one' &&
    edge.through === undefined &&
    isKey &&
    edge.pairs.every(({ near }) => !near.nullable);
  return { to: factsOf(edge.to, tables), certain };
}
