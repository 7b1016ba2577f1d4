/** Functions that a role may call, held against those that it could. Pure. */
import type { Callable, Overload, World } from '../../api/api.ts';
import { relationKey } from '../../catalog/catalog.ts';
import { signature } from '../../catalog/type.ts';
import { names, say, strong } from '../sentence.ts';
import { type Correspondence, routineKey } from './correspondence.ts';
import { type Effect, gains, loses } from './effect.ts';
import type { RuleId } from './rules.ts';

export interface Calling {
  readonly functions: Correspondence['functions'];
  readonly before: World;
  readonly after: World;
  /** Whether rows of this table of the base, by its name, hold personal columns. */
  readonly holdsPersonal: (table: string) => boolean;
}

export function callingEffects({ functions, before, after, holdsPersonal }: Calling): readonly Effect[] {
  return functions.flatMap(({ base, head, isSame }) => {
    const [could, can] = [
      base !== undefined && before.functions.has(base.name),
      after.functions.has(head.name),
    ];
    if (!could && !can) return [];
    if (!could) return [gained(head)];
    if (!can) return [lost(head)];
    if (!isSame) return [other(base!, head)];
    return [...overloadEffects(base!, head), ...resultEffects(base!, head, holdsPersonal)];
  });
}

function gained(head: Callable): Effect {
  const { name, database, overloads } = head;
  return {
    ...effect('execute-gained', name, {
      tell: (who) => say`${who.subject} ${gains(who)} execute of ${name}.`,
    }),
    facts: [database, routineKey(head), overloads.map((one) => [signatureOf(one), rightsOf(one)])],
  };
}

/** What calls of it reach besides its arguments. */
function rightsOf(overload: Overload): unknown {
  return [overload.routine.definer, tableOf(overload) ?? null, unfiltered(overload)];
}

/** Names of the columns that no grant filters. */
function unfiltered({ result }: Overload): readonly string[] {
  return result.kind === 'rows' && !result.exposed ? [...result.table.columns.keys()] : [];
}

function lost({ name }: Callable): Effect {
  return effect('execute-lost', name, {
    tell: (who) => say`${who.subject} ${loses(who)} execute of ${name}.`,
  });
}

/** Under one name callers reach other code. */
function other(base: Callable, head: Callable): Effect {
  const [before, after] = [routineKey(base), routineKey(head)];
  return {
    ...effect('function-changed', head.name, {
      tell: (who) =>
        before === after
          ? say`Function ${head.name}, which ${who.object} may execute, is one of database ${head.database} now and no longer of ${base.database}.`
          : say`Function ${head.name}, which ${who.object} may execute, is ${after} now and no longer ${before}.`,
    }),
    facts: [base.database, head.database],
    before,
    after,
    place: { path: ['functions', head.name, 'function'], part: 'value' },
  };
}

/** One more of the name can be called; where one took the place of another, the API diff tells how calls have to change. */
function overloadEffects(base: Callable, head: Callable): readonly Effect[] {
  if (head.overloads.length <= base.overloads.length) return [];
  const known = new Set(base.overloads.map(signatureOf));
  return head.overloads
    .map(signatureOf)
    .filter((args) => !known.has(args))
    .map((args) => ({
      ...effect('execute-gained', head.name, {
        tell: (who) =>
          say`${who.subject} ${gains(who)} execute of ${head.name} with ${args === '' ? ['no argument'] : args}.`,
      }),
      facts: args,
      place: functionPlace(head),
    }));
}

function functionPlace({ name, database, overloads }: Callable): Effect['place'] {
  const { schema, name: routine } = overloads[0]!.routine;
  return { path: ['functions', name], fact: { database, routine: relationKey(schema, routine) } };
}

/** Rows of an exposed table pass its grant; those of no such table are told by `execute` alone. */
function resultEffects(
  base: Callable,
  head: Callable,
  holdsPersonal: Calling['holdsPersonal'],
): readonly Effect[] {
  const effects = new Map<RuleId, Effect>();
  for (const after of head.overloads) {
    const before = base.overloads.find((one) => signatureOf(one) === signatureOf(after));
    if (before === undefined) continue;
    const [was, is] = [tableOf(before), tableOf(after)];
    const had = unfiltered(before);
    const added = had.length === 0 ? [] : unfiltered(after).filter((column) => !had.includes(column));
    if (added.length > 0)
      effects.set('results-gained', {
        ...effect('results-gained', head.name, {
          tell: (who) => say`${who.subject} ${gains(who)} ${names(added)} of what ${head.name} gives.`,
        }),
        facts: added,
        place: functionPlace(head),
      });
    if (was !== undefined && is === undefined && after.result.kind === 'rows')
      effects.set('function-unfiltered', {
        ...effect('function-unfiltered', head.name, {
          tell: (who) =>
            say`${who.subject} ${gains(who)} all rows that ${head.name} gives: they ${strong('no longer pass')} a grant on ${was}.`,
        }),
        personal: holdsPersonal(was),
        facts: was,
      });
    if (was === undefined && is !== undefined && before.result.kind === 'rows')
      effects.set('function-filtered', {
        ...effect('function-filtered', head.name, {
          tell: (who) =>
            say`${who.subject} ${loses(who)} rows that ${head.name} gives: they pass the grant on ${is} now.`,
        }),
        facts: is,
      });
  }
  return [...effects.values()];
}

function tableOf({ result }: Overload): string | undefined {
  return result.kind === 'rows' && result.exposed ? result.table.name : undefined;
}

function signatureOf({ routine }: Overload): string {
  return signature(routine.arguments);
}

function effect(rule: RuleId, name: string, rest: Pick<Effect, 'tell'>): Effect {
  return {
    rule,
    subject: { function: name, verb: 'execute' },
    personal: false,
    place: { path: ['functions', name, 'permissions'] },
    ...rest,
  };
}
