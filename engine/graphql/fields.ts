/** A table's columns and relationships by their GraphQL names; made once for each table of a model. */
import type { ModelColumn, ModelEdge, ModelTable } from './model.ts';

export interface FieldNames {
  readonly columns: ReadonlyMap<string, ModelColumn>;
  /** By their own name, and by those of their aggregate and of their connection. */
  readonly edges: ReadonlyMap<string, ModelEdge>;
}

const fieldNames = new WeakMap<ModelTable, FieldNames>();

export function fieldsOf(table: ModelTable): FieldNames {
  let names = fieldNames.get(table);
  if (names === undefined) {
    const others = table.edges.flatMap((edge) =>
      [edge.aggregate, edge.connection].flatMap((name) =>
        name === undefined ? [] : [[name, edge] as const],
      ),
    );
    names = {
      columns: new Map(table.columns.map((column) => [column.graphql, column])),
      edges: new Map([...table.edges.map((edge) => [edge.graphql, edge] as const), ...others]),
    };
    fieldNames.set(table, names);
  }
  return names;
}
