/** Columns that a role gains or loses by one verb: one effect for all that go together. Pure. */
import type { Verb } from '../../../schema/project.ts';
import type { Column, Table } from '../../api/api.ts';
import { always, type Condition } from '../../api/condition.ts';
import { conditionText } from '../../check/notation.ts';
import { names, type Sentence, say } from '../sentence.ts';
import { type Effect, gains, loses, type TableCase, type Who } from './effect.ts';

/** A column, and for which rows: undefined where that is not the column's own to say. */
export interface Reached {
  readonly column: Column;
  readonly rows: Condition | undefined;
}

type ColumnVerb = Exclude<Verb, 'delete'>;

/** More names are not read: the approval is for all of them. */
const mostNames = 8;

const deeds = { select: 'read of', insert: 'insert into', update: 'update of' } as const;
const ruleNames = { select: 'read', insert: 'insert', update: 'update' } as const;

/** Personal columns apart, since they need an approval of their own. */
export function gainedColumns(
  one: TableCase,
  verb: ColumnVerb,
  reached: readonly Reached[],
  facts?: unknown,
): readonly Effect[] {
  return grouped(one, reached).map(({ columns, rows }) =>
    effect(one, verb, columns, {
      rule: `${ruleNames[verb]}-gained`,
      after: rows,
      facts,
      tell: (who) => say`${who.subject} ${gains(who)} ${deed(one, verb, columns)}${whereOf(rows)}.`,
    }),
  );
}

export function lostColumns(one: TableCase, verb: ColumnVerb, columns: readonly Column[]): readonly Effect[] {
  if (columns.length === 0) return [];
  return [
    effect(one, verb, columns, {
      rule: `${ruleNames[verb]}-lost`,
      tell: (who) => say`${who.subject} ${loses(who)} ${deed(one, verb, columns)}.`,
    }),
  ];
}

function effect(
  { role, pair, isPersonal, placeOf }: TableCase,
  verb: ColumnVerb,
  columns: readonly Column[],
  { after, ...rest }: Pick<Effect, 'rule' | 'facts' | 'tell'> & { readonly after?: string | undefined },
): Effect {
  const only = columns.length === 1 ? columns[0] : undefined;
  return {
    ...rest,
    facts: [sourceOf(pair.head, columns), rest.facts ?? null],
    subject: { table: pair.head.name, ...(only && { column: only.name }), verb },
    columns: columns.map(({ name }) => name),
    personal: columns.some(({ column }) => isPersonal(pair.head, column)),
    ...(after === undefined ? {} : { after }),
    place: placeOf({ role, pair, verb, key: 'columns', ...(columns[0] && { column: columns[0].column }) }),
  };
}

/** What the names stand for: under the same ones other data may be offered later. */
export function sourceOf({ database, relation }: Table, columns: readonly Column[]): unknown {
  const known = columns.map(({ column, routine }) => [
    column,
    routine?.schema ?? null,
    routine?.name ?? null,
  ]);
  return [database, relation.schema, relation.name, known];
}

function grouped(
  { pair, isPersonal }: TableCase,
  reached: readonly Reached[],
): readonly { readonly columns: readonly Column[]; readonly rows: string | undefined }[] {
  const groups = Map.groupBy(reached, ({ column, rows }) =>
    JSON.stringify([isPersonal(pair.head, column.column), rows && conditionText(rows)]),
  );
  return [...groups.values()].map((group) => {
    const { rows } = group[0]!;
    const isAll = rows === undefined || rows === always || rows.kind === 'true';
    return { columns: group.map(({ column }) => column), rows: isAll ? undefined : conditionText(rows) };
  });
}

/** `read of customers.email`, `read of id and name of customers`, `insert into orders`. */
function deed({ pair: { head } }: TableCase, verb: ColumnVerb, columns: readonly Column[]): Sentence {
  if (columns.length === 0) return [`${deeds[verb]} `, { name: head.name }];
  const written = columns.map(({ name }) => name);
  if (written.length === 1) return [`${deedOfColumn(verb)} `, { name: `${head.name}.${written[0]}` }];
  return [
    `${deedOfColumn(verb)} `,
    ...names(written, written.length > mostNames + 1 ? mostNames : written.length),
    verb === 'insert' ? ' in ' : ' of ',
    { name: head.name },
  ];
}

function deedOfColumn(verb: ColumnVerb): string {
  return verb === 'insert' ? 'insert of' : deeds[verb];
}

export function whereOf(rows: string | undefined): Sentence {
  return rows === undefined ? [] : [' where ', { name: rows }];
}

/** `of visitor on books`: whose condition it is. */
export function owner(who: Who, table: string): Sentence {
  return say`of ${who.object} on ${table}`;
}
