/** Relationships between exposed tables: those of foreign keys under derived names, and those declared in YAML. */
import { nearest } from '../../schema/nearest.ts';
import type { RelationshipConfig } from '../../schema/project.ts';
import { type ForeignKey, relationKey } from '../catalog/catalog.ts';
import { typeTitle } from '../catalog/value.ts';
import type { Column, Edge } from './api.ts';
import { didYouMean, type Findings } from './diagnose.ts';
import { bytewise, graphqlName, strippedName } from './naming.ts';
import { columnNotFound, type DraftTable } from './tables.ts';

type Pairs = Edge['pairs'];

/** An edge that a foreign key gives, before it has a name. */
interface Candidate {
  readonly id: string;
  readonly kind: 'one' | 'many';
  readonly from: DraftTable;
  readonly to: DraftTable;
  readonly pairs: Pairs;
  readonly through: Edge['through'];
  readonly constraint: string | undefined;
  /** Names to try, best first. */
  readonly names: readonly string[];
}

/** Relation key → edge id → name. */
export type RecordedNames = ReadonlyMap<string, ReadonlyMap<string, string>>;

/**
 * Fills `edges` of every table and returns the derived names in use, by database.
 *
 * @param recorded by database: names of the lock, which keys keep
 */
export function bindRelationships(
  tables: ReadonlyMap<string, DraftTable>,
  recorded: ReadonlyMap<string, RecordedNames>,
  findings: Findings,
): Map<string, Map<string, Map<string, string>>> {
  const declared = new Map<DraftTable, Map<string, Edge>>();
  for (const table of tables.values()) declared.set(table, bindDeclared(table, tables, findings));
  const candidates = findCandidates(tables).filter(
    (candidate) => !isDeclared(candidate, declared.get(candidate.from)!),
  );
  const named = nameCandidates(candidates, declared, recorded, findings);
  for (const table of tables.values()) {
    const derived = [...named].filter(([candidate]) => candidate.from === table);
    for (const [name, config] of table.config.relationships) {
      if (config === false && !derived.some(([, one]) => one === name)) {
        findings.add({
          code: 'BIND_RELATIONSHIP_NOT_FOUND',
          severity: 'warning',
          message: `Table "${table.name}" has no relationship "${name}" that could be left out.`,
          hint: didYouMean(
            nearest(
              name,
              derived.map(([, one]) => one),
            ),
            'remove the line',
          )!,
          path: ['tables', table.name, 'relationships', name],
          part: 'key',
        });
      }
    }
    const edges = [
      ...derived
        .filter(([, name]) => table.config.relationships.get(name) !== false)
        .map(([candidate, name]) => toEdge(candidate, name)),
      ...declared.get(table)!.values(),
    ];
    for (const edge of withGraphqlNames(table, edges, findings)) table.edges.set(edge.name, edge);
  }
  return namesByDatabase(named);
}

function toEdge(candidate: Candidate, name: string): Edge {
  const { kind, from, to, pairs, through, constraint } = candidate;
  return {
    name,
    graphql: graphqlName(name),
    kind,
    from,
    to,
    pairs,
    through,
    constraint,
    declared: false,
    description: null,
  };
}

/** Every edge the foreign keys among exposed tables give, in the order in which names are handed out. */
function findCandidates(tables: ReadonlyMap<string, DraftTable>): Candidate[] {
  const byRelation = new Map<string, DraftTable>();
  for (const table of tables.values())
    byRelation.set(identity(table.database, table.relation.schema, table.relation.name), table);
  const inOrder = [...tables.values()].sort((a, b) => bytewise(a.name, b.name));
  const keys = inOrder.flatMap((table) =>
    [...table.relation.foreignKeys]
      .sort((a, b) => bytewise(a.name, b.name))
      .map((key) => ({
        table,
        key,
        target: byRelation.get(identity(table.database, key.target.schema, key.target.relation)),
      }))
      .filter(
        (one): one is { table: DraftTable; key: ForeignKey; target: DraftTable } => one.target !== undefined,
      ),
  );
  const toOne = keys.map(({ table, key, target }) => toOneCandidate(table, key, target));
  const toMany = keys.map(({ table, key, target }) => toManyCandidate(table, key, target));
  const through = inOrder.flatMap((junction) =>
    throughCandidates(
      junction,
      keys.filter((one) => one.table === junction),
    ),
  );
  return [...toOne, ...toMany, ...through];
}

function toOneCandidate(table: DraftTable, key: ForeignKey, target: DraftTable): Candidate {
  const stripped = key.columns.length === 1 ? strippedName(apiName(table, key.columns[0]!)) : undefined;
  return {
    id: `one ${key.name}`,
    kind: 'one',
    from: table,
    to: target,
    pairs: pairUp(table, key.columns, target, key.target.columns),
    through: undefined,
    constraint: key.name,
    names: [
      ...(stripped === undefined ? [] : [stripped]),
      target.rest,
      `${target.rest}_by_${joined(table, key.columns)}`,
    ],
  };
}

function toManyCandidate(table: DraftTable, key: ForeignKey, target: DraftTable): Candidate {
  return {
    id: `many ${relationKey(table.relation.schema, table.relation.name)} ${key.name}`,
    kind: isUnique(table, key.columns) ? 'one' : 'many',
    from: target,
    to: table,
    pairs: pairUp(target, key.target.columns, table, key.columns),
    through: undefined,
    constraint: key.name,
    names: [table.rest, `${table.rest}_by_${joined(table, key.columns)}`],
  };
}

/** A table whose primary key is exactly the columns of two foreign keys joins their targets. */
function throughCandidates(
  junction: DraftTable,
  keys: readonly { readonly key: ForeignKey; readonly target: DraftTable }[],
): Candidate[] {
  const primary = junction.relation.primaryKey?.columns ?? [];
  const candidates: Candidate[] = [];
  for (const near of keys) {
    for (const far of keys) {
      if (near === far || !covers(primary, near.key.columns, far.key.columns)) continue;
      candidates.push({
        id: `through ${relationKey(junction.relation.schema, junction.relation.name)} ${near.key.name} ${far.key.name}`,
        kind: 'many',
        from: near.target,
        to: far.target,
        pairs: [],
        through: {
          table: junction,
          near: pairUp(near.target, near.key.target.columns, junction, near.key.columns),
          far: pairUp(junction, far.key.columns, far.target, far.key.target.columns),
        },
        constraint: undefined,
        names: [far.target.rest, `${far.target.rest}_by_${junction.rest}`],
      });
    }
  }
  return candidates;
}

function covers(primary: readonly string[], a: readonly string[], b: readonly string[]): boolean {
  const both = new Set([...a, ...b]);
  return (
    primary.length === a.length + b.length &&
    both.size === primary.length &&
    primary.every((column) => both.has(column))
  );
}

/** Recorded names first, so that a key that comes later can never take one; then the first free name of each. */
function nameCandidates(
  candidates: readonly Candidate[],
  declared: ReadonlyMap<DraftTable, ReadonlyMap<string, Edge>>,
  recorded: ReadonlyMap<string, RecordedNames>,
  findings: Findings,
): Map<Candidate, string> {
  const taken = new Map<DraftTable, Set<string>>();
  for (const [table, edges] of declared)
    taken.set(table, new Set([...table.columns.keys(), ...edges.keys()]));
  const names = new Map<Candidate, string>();
  for (const candidate of candidates) {
    const { from } = candidate;
    const name = recorded
      .get(from.database)
      ?.get(relationKey(from.relation.schema, from.relation.name))
      ?.get(candidate.id);
    if (name === undefined || taken.get(from)!.has(name)) continue;
    taken.get(from)!.add(name);
    names.set(candidate, name);
  }
  for (const candidate of candidates) {
    if (names.has(candidate)) continue;
    const used = taken.get(candidate.from)!;
    const name = candidate.names.find((one) => !used.has(one));
    if (name === undefined) {
      findings.add({
        code: 'BIND_RELATIONSHIP_UNNAMED',
        severity: 'warning',
        message: `A foreign key between "${candidate.from.name}" and "${candidate.to.name}" gives no relationship: ${candidate.names.map((one) => `"${one}"`).join(' and ')} are taken.`,
        hint: `name it under tables.${candidate.from.name}.relationships`,
        path: ['tables', candidate.from.name],
        part: 'key',
      });
      continue;
    }
    used.add(name);
    names.set(candidate, name);
  }
  return names;
}

function isDeclared(candidate: Candidate, declared: ReadonlyMap<string, Edge>): boolean {
  return [...declared.values()].some(
    (edge) =>
      edge.to === candidate.to &&
      samePairs(edge.pairs, candidate.pairs) &&
      edge.through?.table === candidate.through?.table &&
      samePairs(edge.through?.near ?? [], candidate.through?.near ?? []) &&
      samePairs(edge.through?.far ?? [], candidate.through?.far ?? []),
  );
}

function samePairs(a: Pairs, b: Pairs): boolean {
  return (
    a.length === b.length &&
    a.every((one) => b.some((other) => one.near === other.near && one.far === other.far))
  );
}

function bindDeclared(
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

function pairUp(
  near: DraftTable,
  nearColumns: readonly string[],
  far: DraftTable,
  farColumns: readonly string[],
): Pairs {
  return nearColumns.map((name, index) => ({
    near: near.byDatabaseName.get(name) as Column,
    far: far.byDatabaseName.get(farColumns[index]!) as Column,
  }));
}

/** Whether at most one row can have given values in these columns: they hold a whole unique key. */
function isUnique(table: DraftTable, columns: readonly string[]): boolean {
  const keys = [
    table.relation.primaryKey?.columns,
    ...table.relation.uniques.map((key) => key.columns),
    table.key.map((column) => column.column),
  ];
  return keys.some(
    (key) => key !== undefined && key.length > 0 && key.every((column) => columns.includes(column)),
  );
}

function leadsTo(key: ForeignKey, table: DraftTable): boolean {
  return key.target.schema === table.relation.schema && key.target.relation === table.relation.name;
}

function sameColumns(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((column) => b.includes(column));
}

function apiName(table: DraftTable, column: string): string {
  return table.byDatabaseName.get(column)?.name ?? column;
}

function joined(table: DraftTable, columns: readonly string[]): string {
  return columns.map((column) => apiName(table, column)).join('_');
}

function identity(database: string, schema: string, name: string): string {
  return JSON.stringify([database, schema, name]);
}

/** Columns win over relationships, declared ones over derived; what still collides is left out of GraphQL. */
function withGraphqlNames(table: DraftTable, edges: readonly Edge[], findings: Findings): Edge[] {
  const taken = new Map<string, string>();
  for (const column of table.columns.values())
    if (column.graphql !== null && !column.hidden) taken.set(column.graphql, column.name);
  for (const edge of edges)
    if (edge.declared && !taken.has(edge.graphql!)) taken.set(edge.graphql!, edge.name);
  return edges.map((edge) => {
    const other = taken.get(edge.graphql!);
    if (other === undefined || other === edge.name) {
      taken.set(edge.graphql!, edge.name);
      return edge;
    }
    findings.add({
      code: 'BIND_GRAPHQL_NAME_TAKEN',
      severity: edge.declared ? 'error' : 'warning',
      message: `Relationship "${edge.name}" of table "${table.name}" ${edge.declared ? 'has' : 'is left out of GraphQL, where it would have'} the name "${edge.graphql}" of "${other}".`,
      hint: `give it another name under tables.${table.name}.relationships`,
      path: edge.declared ? ['tables', table.name, 'relationships', edge.name] : ['tables', table.name],
      part: 'key',
    });
    return { ...edge, graphql: null };
  });
}

function namesByDatabase(
  named: ReadonlyMap<Candidate, string>,
): Map<string, Map<string, Map<string, string>>> {
  const databases = new Map<string, Map<string, Map<string, string>>>();
  for (const [candidate, name] of named) {
    const { from } = candidate;
    const database = databases.get(from.database) ?? new Map<string, Map<string, string>>();
    const key = relationKey(from.relation.schema, from.relation.name);
    const relation = database.get(key) ?? new Map<string, string>();
    relation.set(candidate.id, name);
    database.set(key, relation);
    databases.set(from.database, database);
  }
  return databases;
}
