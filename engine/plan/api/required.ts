/** Columns that a new row must have a value in and needed none before: an insert of today fails for them. Pure. */
import type { Column, Table } from '../../api/api.ts';
import { isRequired } from '../../catalog/drift-column.ts';
import { typeText } from '../../catalog/type.ts';
import { say, strong } from '../sentence.ts';
import { atColumn, type Comparison } from './comparison.ts';

/**
 * Hidden columns too: the database asks for them all the same. A role whose inserts set the column is not hit.
 *
 * @returns the columns of the head of which it was told
 */
export function tellRequired(base: Table, head: Table, comparison: Comparison): ReadonlySet<Column> {
  const told = new Set<Column>();
  if (!base.relation.insertable || !head.relation.insertable) return told;
  const { pairs } = comparison.columns.get(base)!;
  const before = new Map(pairs.map(([one, other]) => [other, one]));
  for (const column of head.columns.values()) {
    const was = before.get(column);
    if (!isRequired(column.source) || (was !== undefined && wasRequired(was, base))) continue;
    const roles = inserters(base, head, column, comparison);
    if (roles.length === 0) continue;
    told.add(column);
    const isNew = was === undefined && !base.relation.columns.has(column.column);
    comparison.tell(isNew ? 'new-required-request-property' : 'request-property-became-required', {
      subject: { table: head.name, column: column.name },
      roles,
      sentence: isNew
        ? say`Column ${column.name} of ${head.name} is new, and a new row ${strong('must have a value')} in it.`
        : say`A new row of ${head.name} ${strong('must have a value')} in column ${column.name}.`,
      hint: 'give it a default, or let it be null; or set it for these roles (insert: { set: … })',
      ...(isNew ? { after: typeText(column.type) } : fillings(was ?? column)),
      place: atColumn(head, column.column),
    });
  }
  return told;
}

function wasRequired({ source, routine }: Column, { relation }: Table): boolean {
  return routine === undefined && relation.insertable && isRequired(source);
}

function inserters(base: Table, head: Table, column: Column, { base: one, head: other, roles }: Comparison) {
  return roles.filter((role) => {
    const [before, after] = [
      one.api.world(role).tables.get(base.name),
      other.api.world(role).tables.get(head.name),
    ];
    return before?.insert !== undefined && after?.insert !== undefined && !after.insert.set.has(column);
  });
}

function fillings({ source }: Column): { readonly before?: string; readonly after: string } {
  const before = source.default ?? (source.nullable ? 'null' : undefined);
  return { ...(before === undefined ? {} : { before }), after: 'required' };
}
