/** All cases that are asked of both, by the part of the grammar that they try. */
import type { Group } from './case.ts';
import { aggregateCases } from './cases/aggregates.ts';
import { argumentCases, overloadCases, raisedCases, resultCases } from './cases/calls.ts';
import { differenceCases } from './cases/differences.ts';
import { embedCases, embedPageCases, joinCases, spreadCases } from './cases/embeds.ts';
import { formatCases, placeCases } from './cases/formats.ts';
import { kindAggregateCases, kindCallCases, kindCastCases, kindReadCases } from './cases/kinds.ts';
import {
  comparisonCases,
  listCases,
  patternCases,
  searchCases,
  setCases,
  truthCases,
} from './cases/operators.ts';
import { countWords, pageCases, preferenceCases as readPreferenceCases } from './cases/pages.ts';
import { relationshipCases } from './cases/relationships.ts';
import { filterCases, orderCases, selectCases } from './cases/selects.ts';
import { urlCases } from './cases/urls.ts';
import { insertCases, kindCases, preferenceCases, updateCases, upsertCases } from './cases/writes.ts';

export const groups: readonly Group[] = [
  { name: 'select', cases: selectCases },
  { name: 'filters', cases: filterCases },
  { name: 'order', cases: orderCases },
  { name: 'urls', cases: urlCases },
  { name: 'pages', cases: pageCases },
  { name: 'preferences of reads', cases: [...readPreferenceCases, ...countWords] },
  { name: 'formats', cases: formatCases },
  { name: 'places', cases: placeCases },
  { name: 'embeds', cases: embedCases },
  { name: 'relationships', cases: relationshipCases },
  { name: 'joins', cases: joinCases },
  { name: 'pages of embeds', cases: embedPageCases },
  { name: 'spread', cases: spreadCases },
  { name: 'aggregates', cases: aggregateCases },
  { name: 'arguments', cases: argumentCases },
  { name: 'overloads', cases: overloadCases },
  { name: 'results', cases: resultCases },
  { name: 'raised errors', cases: raisedCases },
  { name: 'inserts', cases: insertCases },
  { name: 'upserts', cases: upsertCases },
  { name: 'updates and deletes', cases: updateCases },
  { name: 'preferences of writes', cases: preferenceCases },
  { name: 'kinds of values read', cases: kindReadCases },
  { name: 'kinds of values cast', cases: kindCastCases },
  { name: 'kinds of values aggregated', cases: kindAggregateCases },
  { name: 'kinds of values given to functions', cases: kindCallCases },
  { name: 'kinds of values written', cases: kindCases },
  { name: 'comparisons by type', cases: comparisonCases },
  { name: 'lists by type', cases: listCases },
  { name: 'patterns by type', cases: patternCases },
  { name: 'sets by type', cases: setCases },
  { name: 'searches by type', cases: searchCases },
  { name: 'truths by type', cases: truthCases },
  { name: 'differences', cases: differenceCases },
];
