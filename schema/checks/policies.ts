/** Policies name tables that exist, and an update's check keeps rows where its filter found them. */
import type { Draft } from '../draft.ts';
import { didYouMean } from '../nearest.ts';
import type { Path, Predicate } from '../predicate.ts';
import type {
  InsertPermission,
  Project,
  SelectPermission,
  TableConfig,
  TablePermission,
  UpdatePermission,
} from '../project.ts';
import { canonical, conjuncts } from './canonical.ts';

export function checkPolicies(draft: Draft, project: Project): void {
  const tables = draft.declared('tables');
  for (const table of project.tables.values()) {
    for (const [role, permission] of table.permissions) {
      for (const predicate of predicatesOf(permission)) checkTables(draft, predicate, tables);
      const path = ['tables', table.name, 'permissions', role];
      if (permission.update) checkUpdate(draft, [...path, 'update'], permission.update);
      for (const verb of ['select', 'insert', 'update'] as const) {
        checkHidden(draft, [...path, verb], permission[verb], table);
      }
    }
  }
}

/** `hidden` wins, so a grant of such a column is a mistake in one place or the other. */
function checkHidden(
  draft: Draft,
  path: Path,
  grant: SelectPermission | InsertPermission | UpdatePermission | undefined,
  table: TableConfig,
): void {
  if (grant === undefined) return;
  const keyed = 'keyed' in grant && grant.keyed;
  const listed = grant.columns === '*' ? [] : grant.columns;
  const places = [
    ...listed.map((column, index) => [column, keyed ? column : index] as const),
    ...('when' in grant ? [...grant.when.keys()].map((column) => [column, column] as const) : []),
  ];
  for (const [column, place] of places) {
    if (draft.value(['tables', table.name, 'columns', column, 'hidden']) !== true) continue;
    draft.warning(
      'HIDDEN_COLUMN',
      [...path, 'columns', place],
      `The column "${column}" is hidden, so no role gets it.`,
      {
        hint: 'remove it from "columns", or "hidden" from the column',
        part: place === column ? 'key' : 'value',
        related: [
          { message: 'It is hidden here.', path: ['tables', table.name, 'columns', column, 'hidden'] },
        ],
      },
    );
  }
}

function predicatesOf({ select, insert, update, delete: remove }: TablePermission): readonly Predicate[] {
  return [
    select?.where,
    ...(select?.when.values() ?? []),
    insert?.check,
    update?.where,
    update?.check,
    remove?.where,
  ].filter((predicate) => predicate !== undefined);
}

function checkTables(draft: Draft, predicate: Predicate, tables: ReadonlySet<string>): void {
  if (predicate.kind === 'exists' && !tables.has(predicate.table) && draft.complete) {
    draft.error(
      'UNKNOWN_TABLE',
      [...predicate.path, 'table'],
      `There is no table "${predicate.table}" under tables:.`,
      {
        hint: didYouMean(predicate.table, tables) ?? 'list it under tables: first',
      },
    );
  }
  for (const part of partsOf(predicate)) checkTables(draft, part, tables);
}

/** The predicates directly inside another. */
function partsOf(predicate: Predicate): readonly Predicate[] {
  switch (predicate.kind) {
    case 'and':
    case 'or':
      return predicate.of;
    case 'not':
      return [predicate.of];
    case 'exists':
    case 'related':
      return [predicate.where];
    case 'aggregate':
      return predicate.filter ? [predicate.filter] : [];
    case 'compare':
    case 'compareColumns':
    case 'name':
      return [];
    default:
      return predicate satisfies never;
  }
}

/** With a `check` of its own, `where` is not asked again on the new row. */
function checkUpdate(draft: Draft, path: Path, update: UpdatePermission): void {
  if (!update.where || !update.check) return;
  const kept = new Set(conjuncts(update.check).map(canonical));
  const open = conjuncts(update.where).filter(
    (part) => !kept.has(canonical(part)) && canChange(part, update),
  );
  if (open.length === 0) return;
  draft.warning(
    'CHECK_LEAVES_WHERE',
    [...path, 'check'],
    'The "check" lets a row be changed so that "where" no longer holds for it.',
    {
      hint: 'repeat the conditions of "where" in "check", or remove the columns that they read from "columns"',
      related: open.map((part) => ({ message: 'This condition is not in "check".', path: part.path })),
      part: 'key',
    },
  );
}

function canChange(part: Predicate, update: UpdatePermission): boolean {
  const columns = columnsOf(part);
  // What lies behind a relationship may change with any column of the row.
  if (columns === undefined)
    return update.columns === '*' || update.columns.length > 0 || update.set.size > 0;
  return columns.some((column) => isWritable(column, part, update));
}

function isWritable(column: string, part: Predicate, update: UpdatePermission): boolean {
  const preset = update.set.get(column);
  if (preset) {
    const same =
      part.kind === 'compare' && part.operator === '_eq' && canonical(part.operand) === canonical(preset);
    return !same;
  }
  return update.columns === '*' || update.columns.includes(column);
}

/** The columns of the row itself that a predicate reads; undefined when it reads other rows. */
function columnsOf(predicate: Predicate): readonly string[] | undefined {
  switch (predicate.kind) {
    case 'compare':
      return [predicate.column];
    case 'compareColumns':
      return [predicate.column, predicate.other];
    case 'and':
    case 'or':
    case 'not': {
      const parts = partsOf(predicate).map(columnsOf);
      return parts.some((part) => part === undefined) ? undefined : parts.flatMap((part) => part!);
    }
    case 'exists':
    case 'related':
    case 'aggregate':
    case 'name':
      return undefined;
    default:
      return predicate satisfies never;
  }
}
