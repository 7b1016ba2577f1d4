/** What one role, or all callers without a token, gain or lose: before it is told of all roles for which it is the same. */
import type { Verb } from '../../../schema/project.ts';
import type { Table, WorldTable } from '../../api/api.ts';
import type { Place, Subject } from '../change.ts';
import { names, type Sentence, strong, type Word } from '../sentence.ts';
import type { TablePair } from './correspondence.ts';
import type { RuleId } from './rules.ts';
import type { Compare, Strength } from './strength.ts';

export interface Effect {
  readonly rule: RuleId;
  /** Without its role. */
  readonly subject: Subject;
  /** Names of the columns that it is of, in the order of the table. */
  readonly columns?: readonly string[];
  readonly personal: boolean;
  readonly before?: string;
  readonly after?: string;
  /** What else makes it this one and no other: an approval is for all of it. */
  readonly facts?: unknown;
  readonly place: Place;
  readonly hint?: string;
  readonly tell: (who: Who) => Sentence;
}

/** Who gains or loses, as a sentence names them. */
export interface Who {
  /** Where a sentence begins. */
  readonly subject: Sentence;
  readonly object: Sentence;
  readonly areMany: boolean;
}

export function roleNames(roles: readonly string[]): Who {
  return { subject: names(roles), object: names(roles), areMany: roles.length > 1 };
}

export const withoutToken: Who = {
  subject: ['Callers without a token'],
  object: ['callers without a token'],
  areMany: true,
};

export function gains({ areMany }: Who): Word {
  return strong(areMany ? 'gain' : 'gains');
}

export function loses({ areMany }: Who): Word {
  return strong(areMany ? 'lose' : 'loses');
}

/** One table, as one role knows it on both sides. */
export interface TableCase {
  readonly role: string;
  readonly pair: TablePair;
  readonly before: WorldTable | undefined;
  readonly after: WorldTable | undefined;
  readonly compare: Compare;
  /** By the name in the database. */
  readonly isPersonal: (table: Table, column: string) => boolean;
  readonly placeOf: (at: Where) => Place;
}

/** What of a table's permissions an effect comes from. */
export interface Where {
  readonly role: string;
  readonly pair: TablePair;
  readonly verb: Verb | undefined;
  /** The key of the verb's entry. */
  readonly key?: string;
  /** By the name in the database. */
  readonly column?: string;
}

/** `weakened`, `strengthened`, `changed`; undefined where it is the same. */
export function wordOf(strength: Strength): 'weakened' | 'strengthened' | 'changed' | undefined {
  switch (strength) {
    case 'same':
      return undefined;
    case 'weaker':
      return 'weakened';
    case 'stronger':
      return 'strengthened';
    case 'changed':
      return 'changed';
    default:
      return strength satisfies never;
  }
}
