/** Relationships between exposed tables: those of foreign keys under derived names, and those declared in YAML. */
import { nearest } from '../../schema/nearest.ts';
import type { Pieces } from '../../schema/pieces.ts';
import type { Edge } from './api.ts';
import { bindDeclared } from './declared-relationships.ts';
import {
  type Candidate,
  findCandidates,
  nameCandidates,
  namesByDatabase,
  type RecordedNames,
} from './derived-relationships.ts';
import { didYouMean, type Findings } from './diagnose.ts';
import type { Pairs } from './linking.ts';
import { graphqlName } from './naming.ts';
import type { DraftTable } from './tables.ts';

/**
 * Fills `edges` of every table and returns the derived names in use, by database.
 *
 * @param recorded by database: names of the lock, which keys keep
 */
export function* bindRelationships(
  tables: ReadonlyMap<string, DraftTable>,
  recorded: ReadonlyMap<string, RecordedNames>,
  findings: Findings,
): Pieces<Map<string, Map<string, Map<string, string>>>> {
  const declared = new Map<DraftTable, Map<string, Edge>>();
  for (const table of tables.values()) {
    declared.set(table, bindDeclared(table, tables, findings));
    yield;
  }
  const candidates = findCandidates(tables).filter(
    (candidate) => !isDeclared(candidate, declared.get(candidate.from)!),
  );
  yield;
  const named = nameCandidates(candidates, declared, recorded, findings);
  const derivedOf = Map.groupBy(named, ([{ from }]) => from);
  for (const table of tables.values()) {
    yield;
    const derived = derivedOf.get(table) ?? [];
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
