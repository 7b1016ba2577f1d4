/** What tells one row of a table from all others, and which values must be another table's. Pure. */
import type { Column, Table, WorldTable } from '../../api/api.ts';
import type { ForeignKey, Key } from '../../catalog/catalog.ts';
import { uniquesOf } from '../../catalog/unique-keys.ts';
import type { Place } from '../change.ts';
import { names, say, strong } from '../sentence.ts';
import { atRelation, atTable, type Comparison, reads, rolesOf, writes } from './comparison.ts';

export function compareKeys(comparison: Comparison): void {
  for (const [base, head] of comparison.tables.pairs) {
    const isTold = tellKey(base, head, comparison);
    tellUniques(base, head, isTold, comparison);
    tellForeignKeys(base, head, comparison);
  }
}

/** Of URLs and `_by_pk`: in its order, whatever its columns are called now. */
function tellKey(base: Table, head: Table, comparison: Comparison): boolean {
  const kept = base.key.map((column) => comparison.columnOf.get(column));
  if (kept.length === head.key.length && kept.every((column, place) => column === head.key[place]))
    return false;
  const [before, after] = [titleOf(base.key), titleOf(head.key)];
  const subject = { table: head.name };
  const place = placeOf(base, head, comparison);
  if (base.key.length === 0)
    comparison.tell('key-added', {
      subject,
      roles: rolesOf(comparison, base, () => true),
      sentence: say`Rows of ${head.name} can be asked for by their key ${after}.`,
      after,
      place,
    });
  else
    comparison.tell(head.key.length === 0 ? 'key-removed' : 'key-changed', {
      subject,
      roles: rolesOf(comparison, base, (known) => base.key.every((column) => reads(known, column))),
      sentence:
        head.key.length === 0
          ? say`${head.name} has ${strong('no key')} any more: it was ${before}.`
          : say`The ${strong('key')} of ${head.name} is ${after}, and was ${before}.`,
      hint: 'write key: with the columns by which its rows were asked for, if they still tell rows apart',
      before,
      ...(head.key.length === 0 ? {} : { after }),
      place,
    });
  return true;
}

function titleOf(columns: readonly { readonly name: string }[]): string {
  return columns.map(({ name }) => name).join(', ');
}

function placeOf(base: Table, head: Table, { base: one, head: other }: Comparison): Place {
  const [before, after] = [one.project.tables.get(base.name)?.key, other.project.tables.get(head.name)?.key];
  if (after !== undefined) return atTable(head, 'key');
  return before === undefined ? atRelation(head) : { path: ['tables', head.name], part: 'key' };
}

/** Those that an upsert may meet. What has become of the primary key may be told already. */
function tellUniques(base: Table, head: Table, isKeyTold: boolean, comparison: Comparison): void {
  const after = uniquesOf(head.relation);
  const before = uniquesOf(base.relation);
  const isSame = (one: Key, other: Key) => isSameKey(one, base, other, head, comparison);
  for (const key of before) {
    const now = after.find((one) => isSame(key, one));
    const roles = upserters(key, base, comparison);
    const subject = { table: head.name, value: key.name };
    const place = atRelation(head);
    if (now === undefined) {
      if (!(isKeyTold && key === base.relation.primaryKey))
        comparison.tell('unique-key-removed', {
          subject,
          roles,
          sentence: say`${columnsOf(key, base)} of ${base.name} ${strong('is no longer unique')}: upserts cannot name it.`,
          hint: 'keep the constraint, or let callers name another key in on_conflict first',
          before: key.columns.join(', '),
          place,
        });
    } else if (now.name !== key.name)
      comparison.tell('unique-key-renamed', {
        subject,
        roles,
        sentence: say`The key ${key.name} of ${head.name} is ${strong('called')} ${now.name} (in GraphQL, as "constraint" of "on_conflict").`,
        hint: 'name the columns instead (columns: in place of constraint:), or keep the name',
        before: key.name,
        after: now.name,
        place,
      });
  }
  for (const key of after) {
    if (before.some((one) => isSame(one, key))) continue;
    comparison.tell('unique-key-added', {
      subject: { table: head.name, value: key.name },
      roles: rolesOf(comparison, base, ({ insert, update }) => insert !== undefined || update !== undefined),
      sentence: say`${columnsOf(key, head)} of ${head.name} ${strong('must be unique')}: writes that repeat a value are refused.`,
      after: key.columns.join(', '),
      place: atRelation(head),
    });
  }
}

/** The same columns, whatever they are called now. */
function isSameKey(one: Key, base: Table, other: Key, head: Table, { columnOf }: Comparison): boolean {
  const kept = one.columns.map((name) => columnOf.get(base.byDatabaseName.get(name)!));
  const now = other.columns.map((name) => head.byDatabaseName.get(name));
  return kept.length === now.length && kept.every((column) => column !== undefined && now.includes(column));
}

function columnsOf(key: Key, table: Table) {
  return names(key.columns.map((name) => table.byDatabaseName.get(name)?.name ?? name));
}

/** A key may be named by who knows all of its columns. */
function upserters(key: Key, table: Table, comparison: Comparison): readonly string[] {
  return rolesOf(
    comparison,
    table,
    (known) =>
      known.insert !== undefined && key.columns.every((name) => knows(known, table.byDatabaseName.get(name))),
  );
}

function knows({ known }: WorldTable, column: Column | undefined): boolean {
  return column !== undefined && known.get(column.name) === column;
}

/** Of columns that were there: those of new ones are told with them. */
function tellForeignKeys(base: Table, head: Table, comparison: Comparison): void {
  const kept = new Map([...comparison.columns.get(base)!.pairs].map(([before, after]) => [after, before]));
  for (const key of head.relation.foreignKeys) {
    const columns = key.columns.map((name) => kept.get(head.byDatabaseName.get(name)!));
    if (columns.some((column) => column === undefined)) continue;
    if (base.relation.foreignKeys.some((one) => leadsAlike(one, key, columns as readonly Column[]))) continue;
    const target = `${key.target.schema}.${key.target.relation}`;
    comparison.tell('foreign-key-added', {
      subject: { table: head.name, value: key.name },
      roles: rolesOf(comparison, base, (known) => columns.some((column) => writes(known, column!))),
      sentence: say`${columnsOf(key, head)} of ${head.name} ${strong('must be')} ${names(key.target.columns)} of a row of ${target}.`,
      after: target,
      place: atRelation(head),
    });
  }
}

function leadsAlike(one: ForeignKey, other: ForeignKey, columns: readonly Column[]): boolean {
  const isSame =
    one.columns.length === columns.length && columns.every(({ column }) => one.columns.includes(column));
  return isSame && one.target.schema === other.target.schema && one.target.relation === other.target.relation;
}
