/** Relationships that go, come, or lead elsewhere, and by which words of REST they are still found. Pure. */
import type { Column, Edge, Table } from '../../api/api.ts';
import type { Place } from '../change.ts';
import { matchEdges } from '../match.ts';
import { type Sentence, say, strong } from '../sentence.ts';
import { tellAmbiguous } from './ambiguous.ts';
import { atRelation, type Comparison, orNobody, rolesOf, unseenBy, viewers } from './comparison.ts';
import { compareDescriptions, hintOfRemoval } from './deprecation.ts';

interface EdgePair {
  readonly base: Edge;
  readonly head: Edge;
  readonly title: Sentence;
  readonly subject: { readonly table: string; readonly relationship: string };
  readonly roles: readonly string[];
  readonly place: Place;
}

export function compareRelationships(comparison: Comparison): void {
  for (const [base, head] of comparison.tables.pairs) {
    const { gone, added, pairs } = matchEdges(base, head);
    const now = new Map(pairs);
    const edges = pairsOf(gone, added, comparison);
    for (const edge of gone) if (!edges.has(edge)) tellRemoved(edge, head, comparison);
    const found = new Set(edges.values());
    for (const edge of added) if (!found.has(edge)) tellAdded(edge, comparison);
    for (const [before, after] of [...now, ...edges])
      compareEdge(pairOf(before, after, comparison), comparison);
    tellAmbiguous(base, head, new Map([...now, ...edges]), comparison);
  }
}

/** The same columns, where they or the far table are called otherwise in the database too. */
function pairsOf(gone: readonly Edge[], added: readonly Edge[], comparison: Comparison): Map<Edge, Edge> {
  const found = new Map<Edge, Edge>();
  for (const edge of gone) {
    const other = added.find(
      (one) => ![...found.values()].includes(one) && leadsAlike(edge, one, comparison),
    );
    if (other !== undefined) found.set(edge, other);
  }
  return found;
}

function leadsAlike(base: Edge, head: Edge, comparison: Comparison): boolean {
  return leadsToSame(base, head, comparison) && isAlongSame(base, head, comparison);
}

function leadsToSame(base: Edge, head: Edge, { tableOf }: Comparison): boolean {
  return tableOf.get(base.to) === head.to;
}

function isAlongSame(base: Edge, head: Edge, { columnOf, tableOf }: Comparison): boolean {
  const [one, other] = [base.through, head.through];
  if ((one === undefined) !== (other === undefined)) return false;
  if ((base.routine === undefined) !== (head.routine === undefined)) return false;
  const isSame = (before: Edge['pairs'], after: Edge['pairs']) => isSamePairs(before, after, columnOf);
  if (one === undefined || other === undefined) return isSame(base.pairs, head.pairs);
  return tableOf.get(one.table) === other.table && isSame(one.near, other.near) && isSame(one.far, other.far);
}

function isSamePairs(
  before: Edge['pairs'],
  after: Edge['pairs'],
  columnOf: ReadonlyMap<Column, Column>,
): boolean {
  return (
    before.length === after.length &&
    before.every(({ near, far }) =>
      after.some((one) => columnOf.get(near) === one.near && columnOf.get(far) === one.far),
    )
  );
}

function pairOf(base: Edge, head: Edge, comparison: Comparison): EdgePair {
  return {
    base,
    head,
    title: say`Relationship ${head.name} of ${head.from.name}`,
    subject: { table: head.from.name, relationship: head.name },
    roles: rolesOf(comparison, base.from, ({ edges }) => edges.get(base.name) === base),
    place: placeOf(head, comparison),
  };
}

function placeOf({ from, name, callable, declared }: Edge, { head }: Comparison): Place {
  if (callable !== undefined) return { path: ['functions', callable], part: 'key' };
  const isWritten = declared || head.project.tables.get(from.name)?.relationships.has(name) === true;
  return isWritten ? { path: ['tables', from.name, 'relationships', name], part: 'key' } : atRelation(from);
}

function tellRemoved(edge: Edge, head: Table, comparison: Comparison): void {
  const config = comparison.head.project.tables.get(head.name)?.relationships;
  const isWritten = edge.declared || config?.has(edge.name) === true;
  comparison.tell('relationship-removed', {
    subject: { table: edge.from.name, relationship: edge.name },
    roles: rolesOf(comparison, edge.from, ({ edges }) => edges.get(edge.name) === edge),
    sentence: say`Relationship ${edge.name} of ${edge.from.name} is ${strong('removed')}.`,
    hint: hintOfRemoval(edge.description, insteadOf(edge, comparison)),
    before: edge.to.name,
    place: isWritten
      ? { path: ['tables', head.name, 'relationships', edge.name], part: 'key' }
      : atRelation(head),
  });
}

/** Where both tables are there still, it can be declared. */
function insteadOf(edge: Edge, { tableOf, columnOf }: Comparison): string | undefined {
  const far = tableOf.get(edge.to);
  const isKept =
    edge.pairs.length > 0 && edge.pairs.every(({ near, far }) => columnOf.has(near) && columnOf.has(far));
  return far !== undefined && isKept ? 'declare it under relationships: its columns are there' : undefined;
}

function tellAdded(edge: Edge, comparison: Comparison): void {
  const roles = viewers(
    comparison,
    (world) => world.tables.get(edge.from.name)?.edges.has(edge.name) === true,
  );
  comparison.tell('relationship-added', {
    subject: { table: edge.from.name, relationship: edge.name },
    roles: orNobody(roles),
    sentence: say`Relationship ${edge.name} of ${edge.from.name} is ${strong('new')}${unseenBy(roles)}.`,
    after: edge.to.name,
    place: placeOf(edge, comparison),
  });
}

function compareEdge(pair: EdgePair, comparison: Comparison): void {
  const { base, head, title, subject, roles, place } = pair;
  const { tell } = comparison;
  const told = { subject, roles, place };
  if (base.name !== head.name)
    tell('relationship-renamed', {
      ...told,
      subject: { table: head.from.name, relationship: base.name },
      sentence: say`Relationship ${base.name} of ${head.from.name} is ${strong('renamed')} to ${head.name}.`,
      hint: `keep the name: declare it under tables.${head.from.name}.relationships`,
      before: base.name,
      after: head.name,
    });
  if (!leadsToSame(base, head, comparison))
    tell('relationship-target-changed', {
      ...told,
      sentence: say`${title} ${strong('leads to')} ${head.to.name}, and led to ${base.to.name}.`,
      hint: 'declare the new one under another name',
      before: base.to.name,
      after: head.to.name,
    });
  else if (!isAlongSame(base, head, comparison))
    tell('relationship-columns-changed', {
      ...told,
      sentence: say`${title} leads to ${head.to.name} ${strong('along')} ${alongOf(head)}, and did along ${alongOf(base)}.`,
      hint: 'declare the new one under another name',
      before: alongOf(base),
      after: alongOf(head),
    });
  if (base.kind !== head.kind)
    tell('relationship-kind-changed', {
      ...told,
      sentence: say`${title} gives ${strong(kindOf(head))}, and gave ${[kindOf(base)]}.`,
      hint: 'declare it in the old form under relationships, or under another name in the new one',
      before: base.kind,
      after: head.kind,
    });
  tellConstraint(pair, comparison);
  tellGraphqlName(pair, comparison);
  compareDescriptions(comparison, { ...told, title, before: base.description, after: head.description });
}

function kindOf({ kind }: Edge): string {
  return kind === 'one' ? 'one row' : 'a list of rows';
}

function alongOf({ pairs, through, routine }: Edge): string {
  if (routine !== undefined) return `${routine.name}()`;
  if (through !== undefined) return through.table.name;
  return pairs.map(({ near, far }) => `${near.name} = ${far.name}`).join(', ');
}

/** It is a hint where the role sees every column that links the two. */
function tellConstraint({ base, head, title, subject, place }: EdgePair, comparison: Comparison): void {
  const [before, after] = [base.constraint, head.constraint];
  if (before === undefined || before === after || base.through !== undefined) return;
  const isStill = [...head.from.edges.values()].some(({ constraint }) => constraint === before);
  if (isStill) return;
  comparison.tell('relationship-constraint-renamed', {
    subject,
    roles: rolesOf(comparison, base.from, ({ edges, columns }, world) => {
      const far = world.tables.get(base.to.name)?.columns;
      const isSeen = base.pairs.every(
        ({ near, far: to }) => columns.has(near.name) && far?.has(to.name) === true,
      );
      return edges.get(base.name) === base && isSeen;
    }),
    sentence:
      after === undefined
        ? say`${title} ${strong('has no foreign key')} any more, which embeds could name in REST: ${before}.`
        : say`The foreign key of relationship ${head.name} of ${head.from.name} is ${strong('called')} ${after}, which embeds name in REST, and was called ${before}.`,
    hint: 'keep the name of the constraint, or let callers embed by the name of the relationship first',
    before,
    after,
    place,
  });
}

function tellGraphqlName({ base, head, title, subject, roles, place }: EdgePair, { tell }: Comparison): void {
  if ((base.graphql === null) === (head.graphql === null)) return;
  const isLost = head.graphql === null;
  tell(isLost ? 'graphql-name-lost' : 'graphql-name-gained', {
    subject,
    roles,
    sentence: isLost
      ? say`${title} is ${strong('left out of GraphQL')}, where its name is another's.`
      : say`${title} is in GraphQL, and was left out.`,
    hint: isLost ? 'give it another name under relationships' : undefined,
    place,
  });
}
