/** All that a role may do with a table, where there was nothing before: one effect, since there is nothing to hold it against. Pure. */
import type { Column, WorldTable } from '../../api/api.ts';
import { conditionText, valueText } from '../../check/notation.ts';
import { say } from '../sentence.ts';
import { sourceOf } from './columns.ts';
import { type Effect, gains, type TableCase } from './effect.ts';

const verbs = { select: 'read', insert: 'insert', update: 'update', delete: 'delete' } as const;

export function grantedEffects({ role, pair, after, isPersonal, placeOf }: TableCase): readonly Effect[] {
  if (after === undefined) return [];
  const { name } = pair.head;
  const granted = (['select', 'insert', 'update', 'delete'] as const).filter(
    (verb) => after[verb] !== undefined,
  );
  const deeds = granted.map((verb, index) => [
    index === 0 ? '' : index === granted.length - 1 ? ' and ' : ', ',
    verbs[verb],
  ]);
  const columns = [...new Set([...after.known.values(), ...after.computed.values()])];
  return [
    {
      rule: 'granted',
      subject: { table: name },
      columns: columns.map((column) => column.name),
      personal: columns.some(({ column }) => isPersonal(pair.head, column)),
      facts: [sourceOf(pair.head, columns), factsOf(after)],
      place: placeOf({ role, pair, verb: undefined }),
      tell: (who) => say`${who.subject} ${gains(who)} ${deeds.flat()} of ${name}.`,
    },
  ];
}

function factsOf({ select, insert, update, delete: remove }: WorldTable): unknown {
  const names = (columns: Iterable<Column>) => [...columns].map(({ column }) => column).sort();
  const write = (grant: typeof insert) =>
    grant && [
      names(grant.columns),
      [...grant.set].map(([column, value]) => [column.column, valueText(value)]).sort(),
      conditionText(grant.check),
    ];
  return [
    select && [
      select.parts.map(({ where, columns }) => [conditionText(where), names(columns)]),
      [select.limit ?? null, select.aggregate, select.minGroup],
    ],
    write(insert),
    write(update),
    update && conditionText(update.where),
    remove && conditionText(remove.where),
  ].map((fact) => fact ?? null);
}
