/** `tables.<table>.permissions`: what a role may do with a table. A verb with anything wrong in it is not granted. */
import Type, { type Static } from 'typebox';
import type { Draft } from '../draft.ts';
import { parsePredicate } from '../notation.ts';
import { parseOperand } from '../operand.ts';
import type { Literal, Operand, Path, Predicate } from '../predicate.ts';
import type {
  DeletePermission,
  InsertPermission,
  SelectPermission,
  TablePermission,
  UpdatePermission,
} from '../project.ts';
import { anything, count, either, flag, list, named, object, optional, predicate, text } from '../shape.ts';

const everything = Type.Literal(true, { description: 'All columns but hidden ones, all rows.' });

const Columns = either(
  [
    Type.Literal('*', { description: 'Every column that is not hidden.' }),
    list(text('Name of a column in the database.')),
  ],
  'Columns by their names in the database, or "*".',
);

/** What a role reads of a row may depend on the row; what it writes may not. */
const ReadColumns = either(
  [
    ...Columns.anyOf,
    named(
      either(
        [
          Type.Literal(true, { description: 'Readable in every row that the role sees.' }),
          object(
            { when: predicate('In which of these rows the column is readable; in the others it is null.') },
            'Readable in some rows only.',
          ),
        ],
        'Where the column is readable: true, or { when: <predicate> }.',
      ),
      'Columns by their names in the database, each with where it is readable. "*": every other column that is not hidden.',
    ),
  ],
  'Columns by their names in the database, or "*"; or a map, in which a column may have a condition: { "*": true, email: { when: { id: $jwt.sub } } }.',
);

const Aggregate = either(
  [
    flag('Whether functions, grouping and `_aggregate` are allowed, over all visible rows. Default false.'),
    object(
      {
        min_group: count('Fewest rows that an aggregate tells of: smaller groups are left out.', 2),
      },
      'Allowed, over no fewer rows than these.',
    ),
  ],
  'Whether the role may aggregate: true, false, or { min_group: 5 }.',
);

const set = named(
  anything('A value, `$jwt.<claim>` or `$now`.'),
  'Columns that the engine sets; the caller cannot.',
);

const Select = either(
  [
    everything,
    object({
      columns: ReadColumns,
      where: optional(predicate('Which rows. Absent: all.')),
      limit: optional(count('Most rows of each list.')),
      aggregate: optional(Aggregate),
    }),
  ],
  'What the role may read: true, or columns and rows.',
);

const Insert = either(
  [
    everything,
    object({
      columns: Columns,
      set: optional(set),
      check: optional(predicate('What must be true of the new row. Absent: nothing.')),
    }),
  ],
  'What the role may insert: true, or columns and a check.',
);

const Update = either(
  [
    everything,
    object({
      columns: Columns,
      set: optional(set),
      where: optional(predicate('Which rows. Absent: all.')),
      check: optional(predicate('What must be true of the row afterwards. Absent: `where` again.')),
    }),
  ],
  'What the role may change: true, or columns and rows.',
);

const Delete = either(
  [everything, object({ where: optional(predicate('Which rows. Absent: all.')) })],
  'What the role may delete: true, or rows.',
);

export const Permission = object(
  { select: optional(Select), insert: optional(Insert), update: optional(Update), delete: optional(Delete) },
  'What the role may do. A verb that is absent is not granted.',
);

/** @param path `['tables', table, 'permissions', role]` */
export function readPermission(draft: Draft, path: Path): TablePermission {
  return {
    select: readSelect(draft, [...path, 'select']),
    insert: readInsert(draft, [...path, 'insert']),
    update: readUpdate(draft, [...path, 'update']),
    delete: readDelete(draft, [...path, 'delete']),
  };
}

function readSelect(draft: Draft, path: Path): SelectPermission | undefined {
  const where = readPredicate(draft, [...path, 'where']);
  const when = readWhen(draft, [...path, 'columns']);
  const raw = draft.read(path, Select);
  if (raw === undefined || where === 'broken' || when === 'broken') return undefined;
  const all = { columns: '*', when, keyed: false, where, limit: undefined, minGroup: 1 } as const;
  if (raw === true) return { ...all, aggregate: true };
  return {
    ...all,
    ...readColumns(draft, path, raw.columns),
    limit: raw.limit,
    aggregate: (raw.aggregate ?? false) !== false,
    minGroup: typeof raw.aggregate === 'object' ? raw.aggregate.min_group : 1,
  };
}

function readColumns(
  draft: Draft,
  path: Path,
  raw: Static<typeof ReadColumns>,
): Pick<SelectPermission, 'columns' | 'keyed'> {
  if (raw === '*' || Array.isArray(raw)) return { columns: columns(draft, path, raw), keyed: false };
  const whole = Object.keys(raw).filter((name) => (raw as { [name: string]: unknown })[name] === true);
  return { columns: whole.includes('*') ? '*' : whole, keyed: true };
}

/** Conditions of columns, where these are a map. */
function readWhen(draft: Draft, path: Path): ReadonlyMap<string, Predicate> | 'broken' {
  const conditions = new Map<string, Predicate>();
  let broken = false;
  for (const column of draft.names(path)) {
    const when = readPredicate(draft, [...path, column, 'when']);
    if (when === undefined) continue;
    if (column === '*') {
      draft.error('WRONG_VALUE', [...path, column, 'when'], 'The condition is for every column.', {
        hint: 'write it as "where" of this select, or give each column a condition of its own',
        part: 'key',
      });
      broken = true;
    } else if (when === 'broken') broken = true;
    else conditions.set(column, when);
  }
  return broken ? 'broken' : conditions;
}

function readInsert(draft: Draft, path: Path): InsertPermission | undefined {
  const check = readPredicate(draft, [...path, 'check']);
  const values = readSet(draft, [...path, 'set']);
  const raw = draft.read(path, Insert);
  if (raw === undefined || check === 'broken' || values === 'broken') return undefined;
  if (raw === true) return { columns: '*', set: new Map(), check: undefined };
  checkPresets(draft, path, raw.columns, values);
  return { columns: columns(draft, path, raw.columns), set: values, check };
}

function readUpdate(draft: Draft, path: Path): UpdatePermission | undefined {
  const where = readPredicate(draft, [...path, 'where']);
  const check = readPredicate(draft, [...path, 'check']);
  const values = readSet(draft, [...path, 'set']);
  const raw = draft.read(path, Update);
  if (raw === undefined || where === 'broken' || check === 'broken' || values === 'broken') return undefined;
  if (raw === true) return { columns: '*', set: new Map(), where: undefined, check: undefined };
  checkPresets(draft, path, raw.columns, values);
  return { columns: columns(draft, path, raw.columns), set: values, where, check };
}

function readDelete(draft: Draft, path: Path): DeletePermission | undefined {
  const where = readPredicate(draft, [...path, 'where']);
  const raw = draft.read(path, Delete);
  if (raw === undefined || where === 'broken') return undefined;
  return { where };
}

/** Read even where its verb has another mistake, so that all of them are reported at once. */
function readPredicate(draft: Draft, path: Path): Predicate | undefined | 'broken' {
  const raw = draft.value(path);
  if (raw === undefined) return undefined;
  return parsePredicate(raw, path, draft) ?? 'broken';
}

function readSet(draft: Draft, path: Path): ReadonlyMap<string, Operand> | 'broken' {
  const values = new Map<string, Operand>();
  let broken = false;
  for (const column of draft.names(path)) {
    const operand = parseOperand(draft.value([...path, column]) as Literal, [...path, column], draft);
    if (operand) values.set(column, operand);
    else broken = true;
  }
  return broken ? 'broken' : values;
}

function columns(draft: Draft, path: Path, raw: Static<typeof Columns>): '*' | readonly string[] {
  if (raw === '*') return '*';
  const seen = new Set<string>();
  raw.forEach((column, index) => {
    if (column === '*') {
      draft.error('WRONG_VALUE', [...path, 'columns', index], 'The list of columns contains "*".', {
        hint: 'write columns: "*" for every column',
      });
    }
    if (seen.has(column)) {
      draft.error('LISTED_TWICE', [...path, 'columns', index], `The column "${column}" is listed twice.`, {
        hint: 'remove one',
      });
    }
    seen.add(column);
  });
  return raw;
}

/** With `"*"` a preset column is simply left out of what the caller may write. */
function checkPresets(
  draft: Draft,
  path: Path,
  raw: Static<typeof Columns>,
  values: ReadonlyMap<string, Operand>,
): void {
  if (raw === '*') return;
  for (const column of values.keys()) {
    const index = raw.indexOf(column);
    if (index < 0) continue;
    draft.error(
      'SET_AND_COLUMNS',
      [...path, 'set', column],
      `The column "${column}" is in both "set" and "columns".`,
      {
        hint: 'remove it from one: what the engine sets, the caller cannot',
        part: 'key',
        related: [{ message: 'It is listed here.', path: [...path, 'columns', index] }],
      },
    );
  }
}
