/** What a role reads of a table, held against what it read: columns, rows, cells, aggregates, limit. Pure. */
import type { Column, SelectGrant, WorldTable } from '../../api/api.ts';
import { any, type Condition, conditionKey } from '../../api/condition.ts';
import { type Sentence, say } from '../sentence.ts';
import { gainedColumns, lostColumns } from './columns.ts';
import { cellEffects, rowsEffects } from './conditions.ts';
import { type Effect, gains, loses, type TableCase } from './effect.ts';
import type { RuleId } from './rules.ts';

type Reading = WorldTable & { readonly select: SelectGrant };

export function readingEffects(one: TableCase): readonly Effect[] {
  const { before, after } = one;
  const [reads, read] = [isReading(after) ? after : undefined, isReading(before) ? before : undefined];
  if (reads === undefined) return read === undefined ? [] : lostColumns(one, 'select', stillThere(one, read));
  if (read === undefined) return gainedReading(one, reads);
  return [
    ...gainedColumns(one, 'select', added(one, read, reads)),
    ...lostColumns(one, 'select', lost(one, read, reads)),
    ...rowsEffects(one, 'select', [read.select.rows, reads.select.rows], reads.columns.values()),
    ...cells(one, read, reads),
    ...aggregates(one, read.select, reads.select),
    ...limits(one, read.select, reads.select),
  ];
}

function isReading(table: WorldTable | undefined): table is Reading {
  return table?.select !== undefined;
}

function gainedReading(one: TableCase, reads: Reading): readonly Effect[] {
  const { aggregate, minGroup, limit, rows } = reads.select;
  const reached = readable(reads).map((column) => ({ column, rows: cellOf(reads, column) }));
  // A role that reads no column still counts the rows.
  if (reached.length === 0) return gainedNothing(one, rows);
  return gainedColumns(one, 'select', reached, [aggregate, minGroup, limit]);
}

function gainedNothing({ pair, role, placeOf }: TableCase, rows: Condition): readonly Effect[] {
  const table = pair.head.name;
  return [
    {
      rule: 'read-gained',
      subject: { table, verb: 'select' },
      personal: false,
      facts: conditionKey(rows),
      place: placeOf({ role, pair, verb: 'select' }),
      tell: (who) => say`${who.subject} ${gains(who)} read of ${table}, and of none of its columns.`,
    },
  ];
}

/** Columns and computed fields. */
function readable({ columns, computed }: WorldTable): readonly Column[] {
  return [...columns.values(), ...computed.values()];
}

/** In which rows a column is read. */
function cellOf({ select }: Reading, column: Column): Condition {
  if (column.routine !== undefined || !select.guards.has(column)) return select.rows;
  return any(select.parts.filter(({ columns }) => columns.has(column)).map(({ where }) => where));
}

function added({ pair }: TableCase, read: Reading, reads: Reading) {
  const known = new Set(readable(read));
  return readable(reads)
    .filter((column) => {
      const before = pair.columns.toBase.get(column);
      return before === undefined || !known.has(before);
    })
    .map((column) => ({ column, rows: reads.select.guards.has(column) ? cellOf(reads, column) : undefined }));
}

function lost(one: TableCase, read: Reading, reads: Reading): readonly Column[] {
  const known = new Set(readable(reads));
  return stillThere(one, read).filter((column) => !known.has(column));
}

/** What was read and could still be: of what is gone from the API, the API diff tells. */
function stillThere({ pair }: TableCase, read: Reading): readonly Column[] {
  return readable(read).flatMap((column) => {
    const now = pair.columns.toHead.get(column);
    return now === undefined || now.hidden ? [] : [now];
  });
}

/** Of columns that are not read in every visible row; the others go with the rows. */
function cells(one: TableCase, read: Reading, reads: Reading): readonly Effect[] {
  const known = new Set(readable(read));
  const both = readable(reads).flatMap((column) => {
    const before = one.pair.columns.toBase.get(column);
    if (before === undefined || !known.has(before)) return [];
    const isGuarded = reads.select.guards.has(column) || read.select.guards.has(before);
    return isGuarded ? [{ column, before: cellOf(read, before), after: cellOf(reads, column) }] : [];
  });
  const groups = Map.groupBy(both, ({ column, before, after }) =>
    JSON.stringify([conditionKey(before), conditionKey(after), one.isPersonal(one.pair.head, column.column)]),
  );
  return [...groups.values()].flatMap((group) =>
    cellEffects(
      one,
      group.map(({ column }) => column),
      [group[0]!.before, group[0]!.after],
    ),
  );
}

function aggregates(one: TableCase, read: SelectGrant, reads: SelectGrant): readonly Effect[] {
  const table = one.pair.head.name;
  if (!read.aggregate && !reads.aggregate) return [];
  if (!read.aggregate)
    return [
      reading(one, 'aggregate-gained', 'aggregate', {
        facts: reads.minGroup,
        tell: (who) => say`${who.subject} ${gains(who)} aggregates over ${table}${ofRows(reads.minGroup)}.`,
      }),
    ];
  if (!reads.aggregate)
    return [
      reading(one, 'aggregate-lost', 'aggregate', {
        tell: (who) => say`${who.subject} ${loses(who)} aggregates over ${table}.`,
      }),
    ];
  if (read.minGroup === reads.minGroup) return [];
  const [isLower, from, to] = [reads.minGroup < read.minGroup, String(read.minGroup), String(reads.minGroup)];
  return [
    reading(one, isLower ? 'group-lowered' : 'group-raised', 'aggregate', {
      before: from,
      after: to,
      tell: (who) =>
        isLower
          ? say`${who.subject} ${gains(who)} aggregates over ${table} of ${atLeast(reads.minGroup)}, which was ${read.minGroup}.`
          : say`${who.subject} ${loses(who)} aggregates over ${table} of fewer than ${reads.minGroup} rows, which was ${read.minGroup}.`,
    }),
  ];
}

function ofRows(minGroup: number) {
  return minGroup > 1 ? say` of ${atLeast(minGroup)}` : [];
}

function atLeast(rows: number): Sentence {
  return rows > 1 ? say`${rows} rows and more` : ['any number of rows'];
}

function limits(one: TableCase, read: SelectGrant, reads: SelectGrant): readonly Effect[] {
  if (read.limit === reads.limit) return [];
  const isLower = (reads.limit ?? Number.POSITIVE_INFINITY) < (read.limit ?? Number.POSITIVE_INFINITY);
  const [from, to] = [read.limit, reads.limit].map((limit) => (limit === undefined ? 'none' : String(limit)));
  const table = one.pair.head.name;
  return [
    reading(one, isLower ? 'limit-lowered' : 'limit-raised', 'limit', {
      before: from!,
      after: to!,
      tell: (who) =>
        reads.limit === undefined
          ? say`Lists of ${table} are no longer cut at ${[from!]} rows for ${who.object}.`
          : say`Lists of ${table} are cut at ${reads.limit} rows for ${who.object}${read.limit === undefined ? [] : say`, which was ${read.limit}`}.`,
    }),
  ];
}

function reading(
  { role, pair, placeOf }: TableCase,
  rule: RuleId,
  key: string,
  rest: Pick<Effect, 'before' | 'after' | 'facts' | 'tell'>,
): Effect {
  return {
    rule,
    subject: { table: pair.head.name, verb: 'select' },
    personal: false,
    place: placeOf({ role, pair, verb: 'select', key }),
    ...rest,
  };
}
