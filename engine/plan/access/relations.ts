/** Tables that keep their name and are of another relation: whoever may do anything with them does it with other rows. Pure. */
import type { Table } from '../../api/api.ts';
import { relationKey } from '../../catalog/catalog.ts';
import { say, strong } from '../sentence.ts';
import type { Effect, TableCase } from './effect.ts';

export function relationEffects({ pair, before, after, isPersonal }: TableCase): readonly Effect[] {
  const { base, head, isSame } = pair;
  if (base === undefined || isSame || before === undefined || after === undefined) return [];
  const [was, is] = [relationText(base, head), relationText(head, base)];
  return [
    {
      rule: 'relation-changed',
      subject: { table: head.name },
      personal: [...after.known.values()].some(({ column }) => isPersonal(head, column)),
      before: was,
      after: is,
      facts: [base.database, head.database],
      place: { path: ['tables', head.name, 'relation'], part: 'value' },
      hint: 'review every grant on it: the rows are others, whatever the columns are called',
      tell: (who) =>
        say`Table ${head.name} of ${who.object} has ${strong('other rows')}: it is ${is} now and no longer ${was}.`,
    },
  ];
}

/** With its database where that is another. */
function relationText({ database, relation }: Table, other: Table): string {
  const name = relationKey(relation.schema, relation.name);
  return database === other.database ? name : `${database}: ${name}`;
}
