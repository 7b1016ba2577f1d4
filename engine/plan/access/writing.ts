/** What a role writes to a table, held against what it wrote: columns, presets, rows, checks. Pure. */
import type { Column, InsertGrant, UpdateGrant } from '../../api/api.ts';
import { conditionKey, type SetValue } from '../../api/condition.ts';
import { conditionText, valueText } from '../../check/notation.ts';
import { type Sentence, say } from '../sentence.ts';
import { gainedColumns, lostColumns, whereOf } from './columns.ts';
import { checkEffects, rowsEffects } from './conditions.ts';
import { type Effect, gains, loses, type TableCase } from './effect.ts';
import type { RuleId } from './rules.ts';

type Write = InsertGrant | UpdateGrant;
type WriteVerb = 'insert' | 'update';

export function writingEffects(one: TableCase): readonly Effect[] {
  return [
    ...insertEffects(one, one.before?.insert, one.after?.insert),
    ...updateEffects(one, one.before?.update, one.after?.update),
    ...deleteEffects(one),
  ];
}

function insertEffects(
  one: TableCase,
  before: InsertGrant | undefined,
  after: InsertGrant | undefined,
): readonly Effect[] {
  if (after === undefined) return before === undefined ? [] : verbLost(one, 'insert', before);
  if (before === undefined) return verbGained(one, 'insert', after);
  return [
    ...columnEffects(one, 'insert', before, after),
    ...checkEffects(one, 'insert', [before.check, after.check], after.columns),
  ];
}

function updateEffects(
  one: TableCase,
  before: UpdateGrant | undefined,
  after: UpdateGrant | undefined,
): readonly Effect[] {
  if (after === undefined) return before === undefined ? [] : verbLost(one, 'update', before);
  if (before === undefined) return verbGained(one, 'update', after);
  // A check that was not written is the row filter, which is told already.
  const isImplied = [before, after].every(({ where, check }) => conditionKey(where) === conditionKey(check));
  return [
    ...columnEffects(one, 'update', before, after),
    ...rowsEffects(one, 'update', [before.where, after.where], after.columns),
    ...(isImplied ? [] : checkEffects(one, 'update', [before.check, after.check], after.columns)),
  ];
}

function deleteEffects(one: TableCase): readonly Effect[] {
  const [before, after] = [one.before?.delete, one.after?.delete];
  const table = one.pair.head.name;
  if (before !== undefined && after !== undefined)
    return rowsEffects(one, 'delete', [before.where, after.where], []);
  if (before === after) return [];
  const rows = after === undefined || after.where.kind === 'true' ? undefined : conditionText(after.where);
  return [
    {
      rule: after === undefined ? 'delete-lost' : 'delete-gained',
      subject: { table, verb: 'delete' },
      personal: false,
      ...(rows === undefined ? {} : { after: rows }),
      place: one.placeOf({ role: one.role, pair: one.pair, verb: 'delete' }),
      tell: (who) =>
        after === undefined
          ? say`${who.subject} ${loses(who)} delete from ${table}.`
          : say`${who.subject} ${gains(who)} delete from ${table}${whereOf(rows)}.`,
    },
  ];
}

/** A verb that writes no column of the caller's choice still writes what the engine sets. */
function verbGained(one: TableCase, verb: WriteVerb, after: Write): readonly Effect[] {
  const rows = 'where' in after ? after.where : after.check;
  const facts = [presetTexts(after), conditionText(after.check)];
  const columns = inOrder(one, after.columns);
  if (columns.length > 0)
    return gainedColumns(
      one,
      verb,
      columns.map((column) => ({ column, rows })),
      facts,
    );
  return [verbAlone(one, verb, `${verb}-gained`, facts)];
}

function verbLost(one: TableCase, verb: WriteVerb, before: Write): readonly Effect[] {
  const columns = stillThere(one, before.columns);
  return columns.length > 0 ? lostColumns(one, verb, columns) : [verbAlone(one, verb, `${verb}-lost`)];
}

function verbAlone(
  { role, pair, placeOf }: TableCase,
  verb: WriteVerb,
  rule: RuleId,
  facts?: unknown,
): Effect {
  const what: Sentence = [verb === 'insert' ? 'insert into ' : 'update of ', { name: pair.head.name }];
  return {
    rule,
    subject: { table: pair.head.name, verb },
    personal: false,
    facts,
    place: placeOf({ role, pair, verb }),
    tell: (who) =>
      rule.endsWith('gained')
        ? say`${who.subject} ${gains(who)} ${what}.`
        : say`${who.subject} ${loses(who)} ${what}.`,
  };
}

function columnEffects(one: TableCase, verb: WriteVerb, before: Write, after: Write): readonly Effect[] {
  const { toBase, toHead } = one.pair.columns;
  const isPreset = (column: Column) => {
    const earlier = toBase.get(column);
    return after.set.has(column) || (earlier !== undefined && before.set.has(earlier));
  };
  const gained = inOrder(one, after.columns).filter((column) => {
    const earlier = toBase.get(column);
    return !isPreset(column) && (earlier === undefined || !before.columns.has(earlier));
  });
  const lost = stillThere(one, before.columns).filter(
    (column) => !isPreset(column) && !after.columns.has(column),
  );
  const presets = new Set([
    ...[...before.set.keys()].flatMap((column) => toHead.get(column) ?? []),
    ...after.set.keys(),
  ]);
  return [
    ...gainedColumns(
      one,
      verb,
      gained.map((column) => ({ column, rows: undefined })),
    ),
    ...lostColumns(one, verb, lost),
    ...inOrder(one, presets).flatMap((column) => presetEffects(one, verb, column, before, after)),
  ];
}

function presetEffects(
  one: TableCase,
  verb: WriteVerb,
  column: Column,
  before: Write,
  after: Write,
): readonly Effect[] {
  const earlier = one.pair.columns.toBase.get(column);
  const from = earlier && before.set.get(earlier);
  const to = after.set.get(column);
  const name = `${one.pair.head.name}.${column.name}`;
  const during = verb === 'insert' ? 'on insert' : 'on update';
  const told = (rule: RuleId, tell: Effect['tell']) => [preset(one, verb, column, { rule, from, to, tell })];
  if (from !== undefined && to !== undefined) {
    if (valueKey(from) === valueKey(to)) return [];
    return told(
      'preset-changed',
      (who) =>
        say`${name} of ${who.object} is set to another value ${[during]}: ${valueText(from)} is now ${valueText(to)}.`,
    );
  }
  if (from !== undefined)
    return after.columns.has(column)
      ? told(
          'preset-removed',
          (who) =>
            say`${who.subject} ${gains(who)} the choice of ${name} ${[during]}, which was set to ${valueText(from)}.`,
        )
      : told(
          'preset-dropped',
          (who) => say`${name} of ${who.object} is no longer set to ${valueText(from)} ${[during]}.`,
        );
  const chose = earlier !== undefined && before.columns.has(earlier);
  return chose
    ? told(
        'preset-added',
        (who) =>
          say`${who.subject} ${loses(who)} the choice of ${name} ${[during]}, which is set to ${valueText(to)}.`,
      )
    : told('preset-imposed', (who) => say`${name} of ${who.object} is set to ${valueText(to)} ${[during]}.`);
}

function preset(
  { role, pair, isPersonal, placeOf }: TableCase,
  verb: WriteVerb,
  column: Column,
  {
    rule,
    from,
    to,
    tell,
  }: Pick<Effect, 'rule' | 'tell'> & {
    readonly from: SetValue | undefined;
    readonly to: SetValue | undefined;
  },
): Effect {
  return {
    rule,
    subject: { table: pair.head.name, column: column.name, verb },
    columns: [column.name],
    personal: isPersonal(pair.head, column.column),
    ...(from === undefined ? {} : { before: valueText(from) }),
    ...(to === undefined ? {} : { after: valueText(to) }),
    place: placeOf({ role, pair, verb, key: 'set', column: column.column }),
    tell,
  };
}

function valueKey(value: SetValue): string {
  switch (value.kind) {
    case 'constant':
      return JSON.stringify(['constant', value.text]);
    case 'claim':
      return JSON.stringify(['claim', value.path]);
    case 'now':
      return 'now';
    default:
      return value satisfies never;
  }
}

function presetTexts({ set }: Write): readonly (readonly [string, string])[] {
  return [...set].map(([column, value]) => [column.column, valueText(value)] as const).sort();
}

function inOrder({ pair }: TableCase, columns: Iterable<Column>): readonly Column[] {
  const wanted = new Set(columns);
  return [...pair.head.columns.values()].filter((column) => wanted.has(column));
}

function stillThere(one: TableCase, columns: Iterable<Column>): readonly Column[] {
  const there = [...columns].flatMap((column) => one.pair.columns.toHead.get(column) ?? []);
  return inOrder(
    one,
    there.filter(({ hidden }) => !hidden),
  );
}
