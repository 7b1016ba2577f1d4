/** Whether one condition lets through more rows than another did: proved, or else not claimed. Pure. */
import { canonical } from '../../../schema/checks/canonical.ts';
import type { Predicate } from '../../../schema/predicate.ts';
import type { Condition } from '../../api/condition.ts';
import { prove, type TableFacts } from '../../check/truth.ts';
import type { Correspondence, TablePair } from './correspondence.ts';
import { createVocabulary, type Ground, relationId } from './predicates.ts';

/**
 * `weaker`: every row that passed still passes. `stronger`: no row passes that did not. `changed`: neither was proved.
 */
export type Strength = 'same' | 'weaker' | 'stronger' | 'changed';

/** @param rows of which both are asked */
export type Compare = (rows: TablePair, before: Condition, after: Condition) => Strength;

export function createCompare(correspondence: Correspondence): Compare {
  const { rewrite, factsOf } = createVocabulary(correspondence);
  const known = new Map<string, Strength>();
  return (pair, before, after) => {
    const rows = groundOf(pair);
    const [from, to] = [rewrite(before, rows, 'base'), rewrite(after, rows, 'head')];
    const [one, other] = [canonical(from), canonical(to)];
    if (one === other) return 'same';
    const key = JSON.stringify([rows.id, one, other]);
    const found = known.get(key) ?? strengthOf(from, to, factsOf(rows));
    known.set(key, found);
    return found;
  };
}

/** Of two relations under one name the rows are others anyway, and that is told: here they count as the same. */
function groundOf({ isSame, ...tables }: TablePair): Ground {
  return { ...tables, id: isSame ? relationId(tables) : `other ${relationId(tables)}` };
}

function strengthOf(from: Predicate, to: Predicate, facts: TableFacts): Strength {
  const keepsAll = implies(from, to, facts);
  const addsNone = implies(to, from, facts);
  if (keepsAll && addsNone) return 'same';
  return keepsAll ? 'weaker' : addsNone ? 'stronger' : 'changed';
}

function implies(a: Predicate, b: Predicate, facts: TableFacts): boolean {
  return isPart(a, b) || prove([a], b, facts) === 'holds';
}

/** What there are too many cases of to prove is still plain where one is written within the other. */
function isPart(a: Predicate, b: Predicate): boolean {
  if (canonical(a) === canonical(b)) return true;
  if (a.kind === 'or') return a.of.every((part) => isPart(part, b));
  if (b.kind === 'and') return b.of.every((part) => isPart(a, part));
  if (b.kind === 'or' && b.of.some((part) => isPart(a, part))) return true;
  return a.kind === 'and' && a.of.some((part) => isPart(part, b));
}
