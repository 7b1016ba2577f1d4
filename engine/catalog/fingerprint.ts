/** One hash of all that the API depends on in a catalog. */
import { createHash } from 'node:crypto';
import type { Catalog, Relation, Routine } from './catalog.ts';

/**
 * Hex sha256. Pure. Left out, since the API does not depend on them: the server's version, indexes that prove no
 * uniqueness, row estimates.
 */
export function fingerprint(catalog: Omit<Catalog, 'fingerprint'>): string {
  const { capabilities, schemas, relations, routines } = catalog;
  const facts = [
    entriesOf(capabilities),
    schemas,
    [...relations.values()].map(relationFacts),
    [...routines.values()].map((overloads) => overloads.map(routineFacts)),
  ];
  return createHash('sha256').update(JSON.stringify(facts)).digest('hex');
}

function relationFacts(relation: Relation): unknown {
  const { indexes: _, rowEstimate: __, columns, ...rest } = relation;
  return [entriesOf(rest), [...columns.values()].map(entriesOf)];
}

/** The order of columns counts, unlike that of an object's keys. */
function routineFacts(routine: Routine): unknown {
  const { result } = routine;
  const columns = result.kind === 'rows' ? [...result.columns] : [];
  return [entriesOf(routine), entriesOf(columns)];
}

/** One text for facts that are alike. Pure. */
export function factsOf(value: unknown): string {
  return JSON.stringify(entriesOf(value));
}

/** `fp` and 14 characters of hex, the same for facts that are alike: short enough to be copied, and no number in YAML. Pure. */
export function fingerprintOf(facts: unknown): string {
  return `fp${createHash('sha256').update(factsOf(facts)).digest('hex').slice(0, 14)}`;
}

/** In the order of the names, so that the order in which an object was built does not matter; absent like undefined. */
function entriesOf(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(entriesOf);
  if (value === null || typeof value !== 'object') return value;
  return Object.entries(value)
    .filter(([, item]) => item !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, item]) => [key, entriesOf(item)]);
}
