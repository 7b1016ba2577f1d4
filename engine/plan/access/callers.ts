/** Rights that hang on no table: who may call without a token, and as whom; who may ask for dry runs. Pure. */
import type { Side } from '../change.ts';
import { say, strong } from '../sentence.ts';
import { type Effect, gains, loses } from './effect.ts';
import type { Attributed } from './fold.ts';

/** What each of these callers gains or loses by another role is told besides, table by table. */
export function callerEffects(base: Side | undefined, head: Side): readonly Attributed[] {
  const [before, after] = [base?.api.anonymous, head.api.anonymous];
  if (base === undefined || before === after) return [];
  const effect: Omit<Effect, 'rule' | 'tell'> = {
    subject: {},
    personal: false,
    ...(before === undefined ? {} : { before }),
    ...(after === undefined ? {} : { after }),
    place: { path: ['auth', 'anonymous'] },
  };
  const of = { kind: 'without-token', role: (after ?? before)! } as const;
  if (before === undefined)
    return [
      {
        of,
        effect: {
          ...effect,
          rule: 'anonymous-opened',
          tell: (who) => say`${who.subject} are ${strong('served')}, as ${after!}.`,
        },
      },
    ];
  if (after === undefined)
    return [
      {
        of,
        effect: {
          ...effect,
          rule: 'anonymous-closed',
          tell: (who) => say`${who.subject} are ${strong('refused')}, and were served as ${before}.`,
        },
      },
    ];
  return [
    {
      of,
      effect: {
        ...effect,
        rule: 'anonymous-changed',
        tell: (who) => say`${who.subject} are ${after} now, and no longer ${before}.`,
      },
    },
  ];
}

export function dryRunEffects(role: string, base: Side | undefined, head: Side): readonly Effect[] {
  const isAllowed = head.api.limits.dryRun.has(role);
  if ((base?.api.limits.dryRun.has(role) ?? false) === isAllowed) return [];
  // Of a role that is new there is nothing to lose.
  if (!isAllowed && !base?.api.roles.has(role)) return [];
  return [
    {
      rule: isAllowed ? 'dry-run-gained' : 'dry-run-lost',
      subject: {},
      personal: false,
      place: { path: ['limits', 'dry_run'] },
      tell: (who) =>
        isAllowed
          ? say`${who.subject} ${gains(who)} dry runs: writes that are rolled back.`
          : say`${who.subject} ${loses(who)} dry runs: writes that are rolled back.`,
    },
  ];
}
