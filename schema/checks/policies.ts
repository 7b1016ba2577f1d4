/** Policies name tables that exist, and grant no column that is hidden. */
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

export function checkPolicies(draft: Draft, project: Project): void {
  const tables = draft.declared('tables');
  for (const table of project.tables.values()) {
    for (const [role, permission] of table.permissions) {
      for (const predicate of predicatesOf(permission)) checkTables(draft, predicate, tables);
      const path = ['tables', table.name, 'permissions', role];
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
