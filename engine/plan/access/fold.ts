/** Effects of single roles → findings: one for all roles for which it is the same. Pure. */
import { fingerprintOf } from '../../catalog/fingerprint.ts';
import type { Finding, Level } from '../change.ts';
import { type Effect, roleNames, type Who, withoutToken } from './effect.ts';
import { type Direction, rules } from './rules.ts';

/** Whose effects these are. */
export type Subject =
  | { readonly kind: 'role'; readonly role: string; readonly isAnonymous: boolean }
  /** Whoever calls without a token, where that is another role than before. */
  | { readonly kind: 'without-token'; readonly role: string };

export interface Attributed {
  readonly of: Subject;
  readonly effect: Effect;
}

/** @param effects by table and within it by role: the order in which they are told */
export function foldEffects(effects: readonly Attributed[]): readonly Finding[] {
  const groups = Map.groupBy(effects, keyOf);
  return [...groups.values()].map((group) => finding(group));
}

/** What is opened to everybody stays apart, so that an approval is for that. */
function keyOf({ of, effect }: Attributed): string {
  const isApart = of.kind === 'without-token' || (of.isAnonymous && gainsOf(effect));
  return JSON.stringify([of.kind, isApart, identityOf(effect)]);
}

function identityOf({ rule, subject, columns, before, after, personal, facts }: Effect): readonly unknown[] {
  return [rule, subject, columns ?? [], before ?? null, after ?? null, personal, facts ?? null];
}

function finding(group: readonly Attributed[]): Finding {
  const { of, effect } = group[0]!;
  const roles = group.map((one) => one.of.role);
  const who: Who = of.kind === 'role' ? roleNames(roles) : withoutToken;
  const direction = rules[effect.rule].direction;
  const isAnonymous = group.some((one) => one.of.kind === 'without-token' || one.of.isAnonymous);
  const { rule, subject, personal, before, after, hint, place } = effect;
  return {
    section: 'access',
    rule,
    level: levelOf(direction),
    needsAcceptance:
      direction === 'loss' || direction === 'both' || (direction === 'gain' && (isAnonymous || personal)),
    ...(gainsOf(effect) && { gain: true }),
    ...(isAnonymous && { anonymous: true }),
    ...(personal && { personal: true }),
    sentence: effect.tell(who),
    ...(hint === undefined ? {} : { hint }),
    subject: roles.length === 1 ? { ...subject, role: roles[0]! } : subject,
    roles,
    ...(before === undefined ? {} : { before }),
    ...(after === undefined ? {} : { after }),
    // An approval is for these roles: one that gains the same later is not among them.
    fingerprint: fingerprintOf([identityOf(effect), of.kind, isAnonymous, [...roles].sort()]),
    place,
  };
}

function gainsOf({ rule }: Effect): boolean {
  const { direction } = rules[rule];
  return direction === 'gain' || direction === 'both';
}

function levelOf(direction: Direction): Level {
  return direction === 'loss' || direction === 'both' ? 'breaking' : 'dangerous';
}
