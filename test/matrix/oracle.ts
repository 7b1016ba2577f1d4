/** What follows from the description of the world: which rows, cells, columns and names a role has. Asks no engine. */
import { canariesIn, number, word } from './canary.ts';
import {
  type Cell,
  type Column,
  caller,
  isRelationship,
  labelsOf,
  type May,
  type Relationship,
  type Role,
  type Row,
  type Rule,
  relationships,
  roles,
  type Select,
  sub,
  type Table,
  tables,
} from './world.ts';

export function columnOf(table: Table, name: string): Column {
  return table.columns.find((column) => column.word === name)!;
}

export function holds(rule: Rule, row: Row): boolean {
  if (rule === 'all') return true;
  if ('any' in rule) return rule.any.some((one) => holds(one, row));
  // A comparison with null is unknown, and unknown lets nothing through.
  return Object.entries(rule.is).every(
    ([name, value]) => row[name] !== null && row[name] === (value === sub ? caller : value),
  );
}

function lineage(role: Role): readonly Role[] {
  return [role, ...(role.inherits ?? []).flatMap((name) => lineage(roles.find((one) => one.name === name)!))];
}

const everything: May = {
  select: { columns: '*', rows: 'all', aggregate: true },
  insert: { columns: '*' },
  update: { columns: '*', rows: 'all' },
  delete: { rows: 'all' },
};
const { select: everyRow } = everything;

/** What one role has of one table. Made once. */
export interface Sight {
  readonly role: Role;
  readonly table: Table;
  /** Some verb is granted: else the table does not exist for this role. */
  readonly seen: boolean;
  /** Empty: reading is not granted. */
  readonly parts: readonly Select[];
  readonly readable: readonly Column[];
  readonly aggregate: boolean;
  /** Fewest rows that an aggregate tells of. */
  readonly minGroup: number;
  readonly insert: May['insert'];
  readonly update: May['update'];
  readonly delete: May['delete'];
  readonly insertable: readonly Column[];
  readonly updatable: readonly Column[];
  /** Readable or writable in any way. */
  readonly known: readonly Column[];
  readonly rows: readonly Row[];
}

function listed(columns: '*' | readonly string[] | undefined, table: Table): readonly Column[] {
  if (columns === undefined) return [];
  return table.columns.filter(
    (column) => !column.hidden && (columns === '*' || columns.includes(column.word)),
  );
}

const sights = new Map<string, Sight>();

export function sightOf(role: Role, table: Table): Sight {
  const key = `${role.name} ${table.word}`;
  const sight = sights.get(key) ?? makeSight(role, table);
  sights.set(key, sight);
  return sight;
}

function makeSight(role: Role, table: Table): Sight {
  const entries = mayOf(role, table);
  const parts = entries.flatMap(({ select }) => (select === undefined ? [] : [select]));
  // Of writes the role's own entry replaces what it would inherit.
  const [insert] = entries.flatMap((may) => may.insert ?? []);
  const [update] = entries.flatMap((may) => may.update ?? []);
  const [remove] = entries.flatMap((may) => may.delete ?? []);
  const insertable = listed(insert?.columns, table).filter(
    ({ kind, word: name }) => kind !== 'made' && !insert?.set?.includes(name),
  );
  const updatable = listed(update?.columns, table).filter(({ kind }) => kind !== 'made');
  const readable = table.columns.filter((column) =>
    parts.some((part) => listed(part.columns, table).includes(column)),
  );
  return {
    role,
    table,
    seen: entries.some((may) => Object.keys(may).length > 0),
    parts,
    readable,
    aggregate: parts.some((part) => part.aggregate === true),
    minGroup: Math.min(...parts.filter((part) => part.aggregate).map((part) => part.minGroup ?? 1), 1_000),
    insert,
    update,
    delete: remove,
    insertable,
    updatable,
    known: table.columns.filter((column) =>
      [readable, insertable, updatable].some((some) => some.includes(column)),
    ),
    rows: table.rows.filter((row) => parts.some((part) => holds(part.rows, row))),
  };
}

function mayOf(role: Role, table: Table): readonly May[] {
  if (!table.listed) return [];
  // Nobody can write to the view.
  if (role.everything === true) return [table.view ? { select: everyRow! } : everything];
  return lineage(role).flatMap((one) => one.may[table.word] ?? []);
}

export function isReadable({ readable }: Sight, column: Column): boolean {
  return readable.includes(column);
}

/** Whether some row shows its other cells and not this one. */
export function isPartly(sight: Sight, column: Column): boolean {
  return sight.rows.some((row) => !readsCell(sight, column, row));
}

export function readsCell({ parts, table }: Sight, column: Column, row: Row): boolean {
  return parts.some(
    (part) =>
      listed(part.columns, table).includes(column) &&
      holds(part.rows, row) &&
      holds(part.when?.[column.word] ?? 'all', row),
  );
}

/** What the role reads there: null where it reads nothing. */
export function cell(sight: Sight, column: Column, row: Row): Cell {
  return readsCell(sight, column, row) ? row[column.word]! : null;
}

export function follows(role: Role, edge: Relationship): boolean {
  if (!isRelationship(edge)) return false;
  const [near, far] = [sightOf(role, tables.get(edge.from)!), sightOf(role, tables.get(edge.to)!)];
  if (near.readable.length === 0 || far.readable.length === 0) return false;
  const reads = (sight: Sight, name: string) => isReadable(sight, columnOf(sight.table, name));
  const { through } = edge;
  if (!edge.declared && !(reads(near, edge.near) && reads(far, edge.far))) return false;
  if (through === undefined) return true;
  const between = sightOf(role, tables.get(through.table)!);
  return reads(between, through.near) && reads(between, through.far);
}

/** The rows that the relationship leads to, as far as the role sees them and what links them. */
export function linked(role: Role, edge: Relationship, row: Row): readonly Row[] {
  const [near, far] = [sightOf(role, tables.get(edge.from)!), sightOf(role, tables.get(edge.to)!)];
  const link = (sight: Sight, name: string, one: Row) =>
    edge.declared ? one[name]! : cell(sight, columnOf(sight.table, name), one);
  const from = link(near, edge.near, row);
  const { through } = edge;
  if (from === null) return [];
  if (through === undefined) return far.rows.filter((one) => link(far, edge.far, one) === from);
  const between = sightOf(role, tables.get(through.table)!);
  const keys = between.rows
    .filter((one) => link(between, through.near, one) === from)
    .map((one) => link(between, through.far, one));
  return far.rows.filter((one) => keys.includes(link(far, edge.far, one)));
}

/** Canaries that are in the schema beside the names of tables and columns. */
export const hiddenNames = {
  check: (table: string) => `check_${word(`check of ${table}`)}`,
  /** A number that a check constraint compares with. */
  checked: (table: string) => number(`constant of the check of ${table}`),
  index: (table: string) => `index_${word(`index of ${table}`)}`,
  /** A constant in the expression of a generated column. */
  expression: (table: string) => word(`expression of ${table}`),
  view: word('constant of a view'),
  function: `function_${word('a function')}`,
  functionBody: word('the body of a function'),
} as const;

/** What the schema says of what a role may see, so that the role may see it too. */
export const shownNames = {
  comment: (table: Table) => word(`comment on ${table.word}`),
  columnComment: (table: Table, column: Column) => word(`comment on ${table.word}.${column.word}`),
  default: (table: Table, column: Column) => word(`default of ${table.word}.${column.word}`),
  unique: (table: Table, column: Column) => `unique_${word(`unique ${table.word}.${column.word}`)}`,
  foreignKey: (table: Table, column: Column) => `key_${word(`foreign key ${table.word}.${column.word}`)}`,
  primaryKey: (table: Table) => `primary_${word(`primary key ${table.word}`)}`,
  enum: (column: Column) => `enum_${word(`type ${column.word}`)}`,
} as const;

const allowed = new Map<string, ReadonlySet<string>>();

/** Every canary that a role may be shown, wherever it is. */
export function canariesOf(role: Role): ReadonlySet<string> {
  const known = allowed.get(role.name) ?? new Set(gather(role));
  allowed.set(role.name, known);
  return known;
}

function* gather(role: Role): Generator<string> {
  yield caller;
  for (const table of tables.values()) {
    const sight = sightOf(role, table);
    if (!sight.seen) continue;
    yield* canariesIn(table.name);
    yield shownNames.comment(table);
    for (const column of sight.known) yield* ofColumn(sight, column);
    if (table.key.every((name) => sight.known.some((column) => column.word === name)))
      yield* canariesIn(shownNames.primaryKey(table));
  }
  for (const edge of relationships) if (follows(role, edge)) yield* canariesIn(edge.name);
}

function* ofColumn(sight: Sight, column: Column): Generator<string> {
  const { table } = sight;
  yield* canariesIn(column.name);
  yield shownNames.columnComment(table, column);
  yield shownNames.default(table, column);
  if (column.kind === 'label') {
    yield* canariesIn(shownNames.enum(column));
    for (const label of labelsOf(column.word)) yield* canariesIn(label);
  }
  if (column.unique) yield* canariesIn(shownNames.unique(table, column));
  if (column.refers !== undefined) yield* canariesIn(shownNames.foreignKey(table, column));
  for (const row of sight.rows) yield* canariesIn(String(cell(sight, column, row)));
}
