/** Relationships that the author declares under `relationships:`. */
import type { RelationshipConfig } from '../../schema/project.ts';
import { typeTitle } from '../catalog/value.ts';
import type { Edge } from './api.ts';
import type { Findings } from './diagnose.ts';
import { isUnique, leadsTo, type Pairs, pairUp, sameColumns } from './linking.ts';
import { graphqlName } from './naming.ts';
import { columnNotFound, type DraftTable } from './tables.ts';

export function bindDeclared(
  table: DraftTable,
  tables: ReadonlyMap<string, DraftTable>,
  findings: Findings,
): Map<string, Edge> {
  const edges = new Map<string, Edge>();
  for (const [name, config] of table.config.relationships) {
    if (config === false) continue;
    const path = ['tables', table.name, 'relationships', name];
    if (table.columns.has(name)) {
      findings.add({
        code: 'BIND_NAME_TAKEN',
        message: `Relationship "${name}" of table "${table.name}" has the name of a column.`,
        hint: 'give the relationship another name, or rename the column under columns',
        path,
        part: 'key',
      });
      continue;
    }
    const edge = bindEdge({ table, tables, findings, path, name }, config);
    if (edge !== undefined) edges.set(name, edge);
  }
  return edges;
}

interface Binding {
  readonly table: DraftTable;
  readonly tables: ReadonlyMap<string, DraftTable>;
  readonly findings: Findings;
  readonly path: readonly (string | number)[];
  readonly name: string;
}

function bindEdge(binding: Binding, config: Exclude<RelationshipConfig, false>): Edge | undefined {
  switch (config.kind) {
    case 'one':
      return bindToOne(binding, config);
    case 'many':
      return bindToMany(binding, config);
    case 'through':
      return bindThrough(binding, config);
    default:
      return config satisfies never;
  }
}

function bindToOne(binding: Binding, config: Extract<RelationshipConfig, { kind: 'one' }>): Edge | undefined {
  const { table } = binding;
  const far = farTable(binding, config.to.table);
  if (far === undefined) return undefined;
  const farColumns = config.to.columns ?? far.key.map((column) => column.column);
  const pairs = pairWritten(binding, { table, columns: config.columns }, { table: far, columns: farColumns });
  if (pairs === undefined) return undefined;
  if (!isUnique(far, farColumns)) {
    binding.findings.add({
      code: 'BIND_NOT_UNIQUE',
      message: `Relationship "${binding.name}" leads to one row, but ${farColumns.map((one) => `"${one}"`).join(', ')} of table "${far.name}" is not unique.`,
      hint: `add a unique constraint, name the key of a view with key:, or turn it around: from: ${far.name}.${farColumns[0] ?? 'column'}`,
      path: binding.path,
    });
    return undefined;
  }
  return declaredEdge(binding, { kind: 'one', to: far, pairs, description: config.description });
}

function bindToMany(
  binding: Binding,
  config: Extract<RelationshipConfig, { kind: 'many' }>,
): Edge | undefined {
  const { table } = binding;
  const far = farTable(binding, config.from.table);
  if (far === undefined) return undefined;
  const key = far.relation.foreignKeys.find(
    (one) => leadsTo(one, table) && sameColumns(one.columns, config.from.columns),
  );
  const nearColumns =
    key === undefined
      ? table.key.map((column) => column.column)
      : config.from.columns.map((column) => key.target.columns[key.columns.indexOf(column)]!);
  const pairs = pairWritten(
    binding,
    { table, columns: nearColumns },
    { table: far, columns: config.from.columns },
  );
  if (pairs === undefined) return undefined;
  const kind = isUnique(far, config.from.columns) ? 'one' : 'many';
  return declaredEdge(binding, { kind, to: far, pairs, description: config.description });
}

function bindThrough(
  binding: Binding,
  config: Extract<RelationshipConfig, { kind: 'through' }>,
): Edge | undefined {
  const junction = farTable(binding, config.through.table);
  const far = farTable(binding, config.to);
  if (junction === undefined || far === undefined) return undefined;
  const near = junctionKey(binding, junction, binding.table, 'from', config.through.from, undefined);
  const other = junctionKey(binding, junction, far, 'to', config.through.to, near?.columns);
  if (near === undefined || other === undefined) return undefined;
  const through = {
    table: junction,
    near: pairUp(binding.table, near.target, junction, near.columns),
    far: pairUp(junction, other.columns, far, other.target),
  };
  return declaredEdge(binding, {
    kind: 'many',
    to: far,
    pairs: [],
    through,
    description: config.description,
  });
}

/** The columns of the junction that lead to `target`: as written, else those of the one foreign key that does. */
function junctionKey(
  binding: Binding,
  junction: DraftTable,
  target: DraftTable,
  side: 'from' | 'to',
  written: readonly string[] | undefined,
  taken: readonly string[] | undefined,
): { readonly columns: readonly string[]; readonly target: readonly string[] } | undefined {
  const keys = junction.relation.foreignKeys.filter(
    (key) =>
      leadsTo(key, target) &&
      (taken === undefined || written !== undefined || !sameColumns(key.columns, taken)),
  );
  if (written !== undefined) {
    const missing = written.find((column) => !junction.byDatabaseName.has(column));
    if (missing !== undefined) {
      columnNotFound(junction.relation, missing, [...binding.path, 'through', side], binding.findings);
      return undefined;
    }
    const key = keys.find((one) => sameColumns(one.columns, written));
    if (key !== undefined)
      return {
        columns: written,
        target: written.map((column) => key.target.columns[key.columns.indexOf(column)]!),
      };
    if (target.key.length === written.length)
      return { columns: written, target: target.key.map((column) => column.column) };
  } else if (keys.length === 1) {
    return { columns: keys[0]!.columns, target: keys[0]!.target.columns };
  }
  binding.findings.add({
    code: 'BIND_JUNCTION_AMBIGUOUS',
    message: `Table "${junction.name}" has ${keys.length === 0 ? 'no foreign key' : `${keys.length} foreign keys`} to "${target.name}", so relationship "${binding.name}" does not know which columns to follow.`,
    hint: `write the long form: through: { table: ${junction.name}, from: <columns to ${binding.table.name}>, to: <columns to the far table> }`,
    path: [...binding.path, 'through'],
  });
  return undefined;
}

function declaredEdge(
  binding: Binding,
  edge: {
    kind: 'one' | 'many';
    to: DraftTable;
    pairs: Pairs;
    through?: Edge['through'];
    description: string | undefined;
  },
): Edge {
  return {
    name: binding.name,
    graphql: graphqlName(binding.name),
    kind: edge.kind,
    from: binding.table,
    to: edge.to,
    pairs: edge.pairs,
    through: edge.through,
    constraint: constraintOf(binding.table, edge.to, edge.pairs),
    declared: true,
    description: edge.description ?? null,
  };
}

function constraintOf(from: DraftTable, to: DraftTable, pairs: Pairs): string | undefined {
  const near = pairs.map((pair) => pair.near.column);
  const far = pairs.map((pair) => pair.far.column);
  const key =
    from.relation.foreignKeys.find(
      (one) => leadsTo(one, to) && sameColumns(one.columns, near) && sameColumns(one.target.columns, far),
    ) ??
    to.relation.foreignKeys.find(
      (one) => leadsTo(one, from) && sameColumns(one.columns, far) && sameColumns(one.target.columns, near),
    );
  return key?.name;
}

function farTable(binding: Binding, name: string): DraftTable | undefined {
  const far = binding.tables.get(name);
  if (far === undefined) return undefined; // the language reports undeclared tables, tables.ts those that do not bind
  if (far.database === binding.table.database) return far;
  binding.findings.add({
    code: 'BIND_OTHER_DATABASE',
    message: `Relationship "${binding.name}" leads from database "${binding.table.database}" to "${far.database}".`,
    hint: 'relationships stay within one database; ask for the two tables apart',
    path: binding.path,
    part: 'key',
  });
  return undefined;
}

function pairWritten(
  binding: Binding,
  near: { table: DraftTable; columns: readonly string[] },
  far: { table: DraftTable; columns: readonly string[] },
): Pairs | undefined {
  let found = true;
  for (const side of [near, far]) {
    for (const column of side.columns) {
      if (side.table.byDatabaseName.has(column)) continue;
      columnNotFound(side.table.relation, column, binding.path, binding.findings);
      found = false;
    }
  }
  if (!found) return undefined;
  if (near.columns.length === far.columns.length && near.columns.length > 0) {
    const pairs = pairUp(near.table, near.columns, far.table, far.columns);
    return pairs.every((pair) => isComparable(pair, binding)) ? pairs : undefined;
  }
  binding.findings.add({
    code: 'BIND_RELATIONSHIP_COLUMNS',
    message: `Relationship "${binding.name}" joins ${near.columns.length} columns of "${near.table.name}" with ${far.columns.length} of "${far.table.name}".`,
    hint: 'write the long form, with as many columns on both sides',
    path: binding.path,
  });
  return undefined;
}

const numbers: readonly string[] = ['integer', 'decimal', 'float'];

function isComparable({ near, far }: Pairs[number], { findings, name, path }: Binding): boolean {
  const families = [near.type.family, far.type.family];
  if (families[0] === families[1] || families.every((family) => numbers.includes(family))) return true;
  findings.add({
    code: 'BIND_RELATIONSHIP_COLUMNS',
    message: `Relationship "${name}" joins "${near.column}" (${typeTitle(near.type)}) with "${far.column}" (${typeTitle(far.type)}), which cannot be equal.`,
    hint: 'join columns of one type',
    path,
  });
  return false;
}
