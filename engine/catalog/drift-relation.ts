/** What became of a relation: its kind, its rights, its columns and keys. */
import type { Relation } from './catalog.ts';
import type { Report } from './drift.ts';
import { compareColumn, isRequired } from './drift-column.ts';
import { compareKeys } from './drift-key.ts';

export function compareRelations(locked: Relation, live: Relation, report: Report): void {
  const name = `"${locked.schema}.${locked.name}"`;
  if (locked.kind !== live.kind) {
    // What else is other follows from it.
    report('kind-changed', `${name} was a ${kindOf(locked)}, and is a ${kindOf(live)}.`);
    return;
  }
  if (locked.comment !== live.comment) report('comment-changed', `${name} has another comment.`);
  compareWrites(locked, live, name, report);
  compareReach(locked, live, name, report);
  compareColumns(locked, live, name, report);
  compareKeys(locked, live, name, report);
}

function kindOf({ kind }: Relation): string {
  return kind === 'table' || kind === 'view'
    ? kind
    : `${kind.replace('-', ' ')}${kind === 'partitioned' ? ' table' : ''}`;
}

function compareWrites(locked: Relation, live: Relation, name: string, report: Report): void {
  if (locked.insertable && !live.insertable) report('insert-gone', `${name} no longer takes new rows.`);
  if (locked.updatable && !live.updatable) report('update-gone', `Rows of ${name} can no longer be changed.`);
  if (locked.deletable && !live.deletable) report('delete-gone', `Rows of ${name} can no longer be deleted.`);
  const gains = (verb: 'insertable' | 'updatable' | 'deletable') => !locked[verb] && live[verb];
  if (gains('insertable') || gains('updatable') || gains('deletable'))
    report('facts-changed', `${name} takes more kinds of writes than the lock says.`);
  if (!locked.triggers && live.triggers)
    report('triggers-added', `${name} has triggers, so its writes may do more than the lock says.`);
  if (locked.triggers && !live.triggers) report('facts-changed', `${name} has no triggers any more.`);
}

function compareReach(locked: Relation, live: Relation, name: string, report: Report): void {
  if (!locked.rowSecurity && live.rowSecurity)
    report('row-security-on', `${name} has row security now, so other rows may be shown.`);
  if (locked.rowSecurity && !live.rowSecurity)
    report(
      'row-security-off',
      `${name} has no row security any more, so rows may be shown that were hidden.`,
    );
  if (!locked.asksSession && live.asksSession)
    report(
      'asks-session',
      `What ${name} shows depends on who is calling, and the lock says that it does not.`,
    );
  if (locked.asksSession && !live.asksSession)
    report('facts-changed', `What ${name} shows no longer depends on who is calling.`);
}

function compareColumns(locked: Relation, live: Relation, name: string, report: Report): void {
  for (const column of locked.columns.values()) {
    const now = live.columns.get(column.name);
    if (now !== undefined) compareColumn(column, now, { relation: locked, name, report });
    else report('column-gone', `Column "${column.name}" of ${name} is gone.`, { column: column.name });
  }
  for (const column of live.columns.values()) {
    if (locked.columns.has(column.name)) continue;
    const at = { column: column.name };
    if (locked.insertable && isRequired(column))
      report(
        'column-required',
        `Column "${column.name}" has been added to ${name}, and a new row must have a value in it.`,
        at,
      );
    else report('column-added', `Column "${column.name}" has been added to ${name}.`, at);
  }
  const stayed = [...locked.columns.keys()].filter((column) => live.columns.has(column));
  const staying = [...live.columns.keys()].filter((column) => locked.columns.has(column));
  if (stayed.some((column, index) => column !== staying[index]))
    report('column-order', `The columns of ${name} stand in another order.`);
}
