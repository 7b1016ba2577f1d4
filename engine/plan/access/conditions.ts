/** Row filters, checks and conditions of cells, held against those before. Pure. */
import type { Verb } from '../../../schema/project.ts';
import type { Column } from '../../api/api.ts';
import type { Condition } from '../../api/condition.ts';
import { conditionText } from '../../check/notation.ts';
import { names, type Sentence, say, strong } from '../sentence.ts';
import { type Effect, type TableCase, type Who, wordOf } from './effect.ts';
import type { Strength } from './strength.ts';

const of = { select: '', insert: ' for insert', update: ' for update', delete: ' for delete' } as const;

/** @param columns of the head that the rows show, or by which they are changed */
export function rowsEffects(
  one: TableCase,
  verb: Verb,
  [before, after]: readonly [Condition, Condition],
  columns: Iterable<Column>,
): readonly Effect[] {
  return changed(one, { kind: 'rows', verb, key: 'where', columns }, before, after, (who) => [
    ...say`The row filter of ${who.object} on ${one.pair.head.name}`,
    ...(of[verb] === '' ? [] : [of[verb]]),
  ]);
}

export function checkEffects(
  one: TableCase,
  verb: 'insert' | 'update',
  [before, after]: readonly [Condition, Condition],
  columns: Iterable<Column>,
): readonly Effect[] {
  return changed(one, { kind: 'check', verb, key: 'check', columns }, before, after, (who) => [
    ...say`The check of ${who.object} on ${one.pair.head.name}`,
    of[verb],
  ]);
}

/** Of columns that share their conditions. */
export function cellEffects(
  one: TableCase,
  columns: readonly Column[],
  [before, after]: readonly [Condition, Condition],
): readonly Effect[] {
  const table = one.pair.head.name;
  const only = columns.length === 1 ? columns[0]!.name : undefined;
  const what: Sentence =
    only === undefined
      ? say`${names(columns.map(({ name }) => name))} of ${table}`
      : [{ name: `${table}.${only}` }];
  return changed(
    one,
    { kind: 'cells', verb: 'select', key: 'columns', columns, only },
    before,
    after,
    (who) => say`The condition under which ${who.object} ${[who.areMany ? 'read' : 'reads']} ${what}`,
  ).map((effect) => ({ ...effect, columns: columns.map(({ name }) => name) }));
}

function changed(
  one: TableCase,
  at: {
    readonly kind: 'rows' | 'cells' | 'check';
    readonly verb: Verb;
    readonly key: string;
    readonly columns: Iterable<Column>;
    readonly only?: string | undefined;
  },
  before: Condition,
  after: Condition,
  what: (who: Who) => Sentence,
): readonly Effect[] {
  const { role, pair, isPersonal, placeOf } = one;
  const strength = one.compare(pair, before, after);
  const word = wordOf(strength);
  if (word === undefined) return [];
  const columns = [...at.columns];
  const texts = [conditionText(before), conditionText(after)] as const;
  return [
    {
      rule: `${at.kind}-${word}`,
      subject: {
        table: pair.head.name,
        ...(at.only === undefined ? {} : { column: at.only }),
        verb: at.verb,
      },
      personal: columns.some(({ column }) => isPersonal(pair.head, column)),
      before: texts[0],
      after: texts[1],
      place: placeOf({
        role,
        pair,
        verb: at.verb,
        key: at.key,
        ...(at.only && { column: columns[0]!.column }),
      }),
      ...(strength === 'changed' && { hint: 'review which rows come and which go: neither could be proved' }),
      tell: (who) => [...what(who), ' is ', strong(word), ...ending(strength, texts)],
    },
  ];
}

function ending(strength: Strength, [before, after]: readonly [string, string]): Sentence {
  const review = strength === 'changed' ? '; review it' : '';
  // One text for two conditions: what a name in it stands for is another thing now.
  if (before === after) return say`${review === '' ? [] : [review]}: ${before} means something else now.`;
  return say`${review === '' ? [] : [review]}: ${before} is now ${after}.`;
}
