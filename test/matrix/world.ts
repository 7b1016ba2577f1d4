/** The world of the matrix: tables, their rows, and what each role may. What follows from it is in `oracle.ts`. */
import { number, salted, word } from './canary.ts';

/** What stands in a column. `made`: the database makes it of others. */
export type Kind = 'key' | 'text' | 'number' | 'flag' | 'label' | 'made';

export interface Column {
  /** How this description calls it. */
  readonly word: string;
  /** How it is called in the database and in the API. */
  readonly name: string;
  readonly kind: Kind;
  /** `hidden: true` in the project: no role ever sees it. */
  readonly hidden: boolean;
  readonly unique: boolean;
  /** It is a foreign key to that table's key. */
  readonly refers: string | undefined;
}

export type Cell = string | number | boolean | null;
export type Row = Readonly<Record<string, Cell>>;

export interface Table {
  readonly word: string;
  readonly name: string;
  /** Whether the project says anything of it. */
  readonly listed: boolean;
  readonly view: boolean;
  readonly key: readonly string[];
  readonly columns: readonly Column[];
  readonly rows: readonly Row[];
}

/** Which rows: all; those with these values (`sub`: the caller's own name); those that one of several rules lets through. */
export type Rule =
  | 'all'
  | { readonly is: Readonly<Record<string, Cell | typeof sub>> }
  | { readonly any: readonly Rule[] };

export const sub = Symbol('the caller');

export interface Select {
  readonly columns: '*' | readonly string[];
  readonly rows: Rule;
  readonly aggregate?: boolean;
  /** Columns that are readable in some of these rows only. */
  readonly when?: Readonly<Record<string, Rule>>;
  /** Fewest rows that an aggregate tells of. */
  readonly minGroup?: number;
}

/** What a role may do with a table; a verb that is not here is not granted. */
export interface May {
  readonly select?: Select;
  /** `set`: columns that get the caller's name. */
  readonly insert?: {
    readonly columns: '*' | readonly string[];
    readonly set?: readonly string[];
    readonly check?: Rule;
  };
  /** `check`: of the row afterwards; absent: `rows` again. */
  readonly update?: {
    readonly columns: '*' | readonly string[];
    readonly rows: Rule;
    readonly check?: 'all';
  };
  readonly delete?: { readonly rows: Rule };
}

export interface Role {
  readonly name: string;
  readonly anonymous?: boolean;
  readonly inherits?: readonly string[];
  /** `everything: true` in the project. */
  readonly everything?: boolean;
  readonly may: Readonly<Record<string, May>>;
}

/** The caller of every role, and somebody else. */
export const caller = word('the caller');
export const other = word('somebody else');

const labels = {
  mood: ['calm', 'glad', 'sour'].map((label) => `a${word(`label ${label}`)}`).sort(),
  tone: ['dark', 'loud'].map((label) => `a${word(`label ${label}`)}`).sort(),
} as const;
export const labelsOf = (column: string): readonly string[] => labels[column as keyof typeof labels];

type Draft = Kind | 'unique' | 'sealed' | { readonly refers: string };

interface TableDraft {
  readonly columns: Readonly<Record<string, Draft>>;
  readonly rows: readonly Row[];
  readonly key?: readonly string[];
  readonly listed?: boolean;
  readonly view?: boolean;
}

/** The key that a row of this table has. */
export const keyOf = (table: string, row: number): number => number(`key of ${table} ${row}`);

const drafts: Readonly<Record<string, TableDraft>> = {
  rooms: {
    columns: { id: 'key', title: 'text', code: 'unique', memo: 'text', sealed: 'sealed' },
    rows: [{}, {}, { memo: null }, {}],
  },
  letters: {
    columns: {
      id: 'key',
      room: { refers: 'rooms' },
      owner: 'text',
      open: 'flag',
      subject: 'text',
      amount: 'number',
      code: 'unique',
      mood: 'label',
      tone: 'label',
      aside: 'text',
      stamp: 'made',
      sealed: 'sealed',
    },
    rows: [
      { room: 1, owner: caller, open: true, mood: labels.mood[0]!, tone: labels.tone[0]! },
      { room: 1, owner: caller, open: false, mood: labels.mood[0]!, tone: labels.tone[0]! },
      { room: 2, owner: caller, open: true, mood: labels.mood[1]!, tone: labels.tone[0]!, amount: null },
      { room: 2, owner: other, open: true, mood: labels.mood[1]!, tone: labels.tone[0]! },
      { room: 3, owner: other, open: true, mood: null, tone: labels.tone[0]!, aside: null },
      { room: 3, owner: other, open: false, mood: labels.mood[2]!, tone: labels.tone[1]! },
      { room: 1, owner: other, open: false, mood: labels.mood[2]!, tone: labels.tone[1]!, code: null },
      { room: null, owner: null, open: null, mood: labels.mood[2]!, tone: labels.tone[1]! },
    ],
  },
  marks: {
    columns: { id: 'key', label: 'unique', sealed: 'sealed' },
    rows: [{}, {}, {}, {}],
  },
  pins: {
    columns: { letter: { refers: 'letters' }, mark: { refers: 'marks' }, weight: 'number' },
    key: ['letter', 'mark'],
    rows: [
      { letter: 1, mark: 1 },
      { letter: 1, mark: 2 },
      { letter: 3, mark: 2 },
      { letter: 4, mark: 3 },
      { letter: 6, mark: 1 },
    ],
  },
  ledger: {
    columns: { id: 'key', letter: { refers: 'letters' }, owner: 'text', amount: 'number', memo: 'text' },
    rows: [
      { letter: 1, owner: caller },
      { letter: 2, owner: other },
      { letter: 4, owner: caller },
      { letter: 6, owner: other },
    ],
  },
  vault: {
    columns: { id: 'key', letter: { refers: 'letters' }, secret: 'text', worth: 'number' },
    rows: [{ letter: 1 }, { letter: 5 }],
    listed: false,
  },
  digest: {
    columns: { id: 'key', subject: 'text', amount: 'number', aside: 'text', sealed: 'sealed' },
    rows: [],
    view: true,
  },
};

/** Two tables with a column of one word have different names for it: each is a canary of its own. */
function columnOf(table: string, name: string, draft: Draft): Column {
  const kind =
    typeof draft === 'object' ? 'number' : draft === 'unique' || draft === 'sealed' ? 'text' : draft;
  return {
    word: name,
    name: salted(name, table),
    kind,
    hidden: draft === 'sealed',
    unique: draft === 'unique',
    refers: typeof draft === 'object' ? draft.refers : undefined,
  };
}

/** What stands in a cell that the row itself says nothing of. */
function cellOf(table: string, { word: name, kind }: Column, row: number): Cell {
  const what = `${name} of ${table} ${row}`;
  switch (kind) {
    case 'key':
      return keyOf(table, row);
    case 'number':
      return number(what);
    default:
      return word(what);
  }
}

function rowOf(table: string, columns: readonly Column[], given: Row, at: number): Row {
  const row: Record<string, Cell> = {};
  for (const column of columns) {
    const cell = given[column.word];
    if (column.kind === 'made') row[column.word] = `${row.subject}~`;
    else if (cell === undefined) row[column.word] = cellOf(table, column, at);
    else
      row[column.word] =
        column.refers !== undefined && cell !== null ? keyOf(column.refers, Number(cell)) : cell;
  }
  return row;
}

function tableOf(name: string, draft: TableDraft): Table {
  const columns = Object.entries(draft.columns).map(([column, kind]) => columnOf(name, column, kind));
  return {
    word: name,
    name: salted(name),
    listed: draft.listed ?? true,
    view: draft.view ?? false,
    key: draft.key ?? ['id'],
    columns,
    rows: draft.rows.map((row, index) => rowOf(name, columns, row, index + 1)),
  };
}

const tablesWithoutView = Object.entries(drafts).map(([name, draft]) => tableOf(name, draft));
const letters = tablesWithoutView.find((table) => table.word === 'letters')!;

/** The view shows letters, under names of its own. */
export const tables: ReadonlyMap<string, Table> = new Map(
  tablesWithoutView.map((table) => [table.word, table.view ? { ...table, rows: letters.rows } : table]),
);

/** A relationship, by the tables' words; `through` has the junction and its two columns. */
export interface Relationship {
  readonly name: string;
  readonly from: string;
  readonly to: string;
  readonly many: boolean;
  /** Named in the project: its columns need not be readable. */
  readonly declared: boolean;
  readonly near: string;
  readonly far: string;
  readonly through?: { readonly table: string; readonly near: string; readonly far: string };
}

const named = (table: string) => tables.get(table)!.name;
const edge = (from: string, near: string, to: string, far: string, many: boolean): Relationship => ({
  name: named(to),
  from,
  to,
  many,
  declared: false,
  near,
  far,
});

export const entry = salted('entry');
export const relationships: readonly Relationship[] = [
  edge('letters', 'room', 'rooms', 'id', false),
  edge('rooms', 'id', 'letters', 'room', true),
  edge('letters', 'id', 'pins', 'letter', true),
  edge('pins', 'letter', 'letters', 'id', false),
  edge('pins', 'mark', 'marks', 'id', false),
  edge('marks', 'id', 'pins', 'mark', true),
  { ...edge('letters', 'id', 'marks', 'id', true), through: { table: 'pins', near: 'letter', far: 'mark' } },
  { ...edge('marks', 'id', 'letters', 'id', true), through: { table: 'pins', near: 'mark', far: 'letter' } },
  { ...edge('ledger', 'letter', 'letters', 'id', false), name: entry, declared: true },
  edge('letters', 'id', 'ledger', 'letter', true),
  // Of what is not listed, or has no foreign key, nothing can be embedded.
  edge('letters', 'id', 'vault', 'letter', true),
  edge('letters', 'id', 'digest', 'id', true),
];
/** Those that the project has. */
export const isRelationship = ({ to }: Relationship): boolean => to !== 'vault' && to !== 'digest';

const own: Rule = { is: { owner: sub } };
const opened: Rule = { is: { open: true } };
const firstRoom: Rule = { is: { title: tables.get('rooms')!.rows[0]!.title! } };
/** Nobody is called so: it stands in policies, and nowhere else may it be seen. */
export const policyWord = word('constant of a policy');
const ownOrNobody: Rule = { any: [own, { is: { sealed: policyWord } }] };
const all = { columns: '*', rows: 'all', aggregate: true } as const;

const openLetters: Select = {
  columns: ['id', 'room', 'open', 'subject', 'amount'],
  rows: opened,
  aggregate: true,
};

export const roles: readonly Role[] = [
  {
    name: 'visitor',
    anonymous: true,
    may: {
      rooms: { select: { columns: ['id', 'title'], rows: 'all' } },
      letters: { select: { columns: ['id', 'room', 'subject', 'mood'], rows: opened } },
    },
  },
  { name: 'nothing', may: {} },
  {
    name: 'rows',
    may: {
      rooms: { select: { columns: '*', rows: firstRoom, aggregate: true } },
      letters: { select: { columns: '*', rows: ownOrNobody, aggregate: true } },
      marks: { select: all },
      pins: { select: all },
      ledger: { select: { columns: '*', rows: own, aggregate: true } },
    },
  },
  {
    name: 'columns',
    may: {
      rooms: { select: { columns: ['id', 'title'], rows: 'all' } },
      letters: { select: { columns: ['id', 'subject', 'amount', 'mood'], rows: 'all' } },
      marks: { select: { columns: ['id', 'label'], rows: 'all' } },
      // Without one of the columns that link it, the way to the marks is closed.
      pins: { select: { columns: ['letter', 'weight'], rows: 'all' } },
      ledger: { select: { columns: ['id', 'amount'], rows: 'all' } },
      digest: { select: { columns: ['id', 'subject'], rows: 'all' } },
    },
  },
  {
    name: 'both',
    may: {
      rooms: { select: { columns: ['id', 'title', 'code'], rows: firstRoom, aggregate: true } },
      letters: {
        select: {
          columns: ['id', 'room', 'owner', 'subject', 'amount', 'mood', 'stamp'],
          rows: own,
          aggregate: true,
        },
      },
      digest: {
        select: { columns: ['id', 'amount'], rows: { is: { sealed: policyWord } }, aggregate: true },
      },
    },
  },
  {
    name: 'open',
    may: { letters: { select: openLetters }, rooms: { select: { columns: ['id', 'title'], rows: 'all' } } },
  },
  { name: 'own', may: { letters: { select: { columns: '*', rows: own, aggregate: true } } } },
  { name: 'cells', inherits: ['open', 'own'], may: {} },
  {
    name: 'inserter',
    may: {
      letters: { insert: { columns: ['id', 'room', 'subject', 'amount'], set: ['owner'] } },
      rooms: { insert: { columns: ['id', 'title', 'code'] } },
    },
  },
  {
    name: 'updater',
    may: {
      letters: { update: { columns: ['subject', 'amount', 'code'], rows: own } },
      ledger: { update: { columns: ['memo'], rows: own } },
    },
  },
  { name: 'remover', may: { letters: { delete: { rows: own } }, pins: { delete: { rows: 'all' } } } },
  {
    name: 'editor',
    may: {
      rooms: { select: { columns: ['id', 'title'], rows: 'all', aggregate: true } },
      letters: {
        select: { columns: ['id', 'room', 'owner', 'subject', 'amount', 'mood'], rows: own, aggregate: true },
        insert: { columns: ['id', 'room', 'subject', 'amount', 'aside'], set: ['owner'] },
        update: { columns: ['room', 'subject', 'amount', 'aside'], rows: own },
        delete: { rows: own },
      },
      ledger: {
        select: { columns: ['id', 'letter', 'owner', 'amount'], rows: own },
        insert: { columns: ['id', 'letter', 'amount', 'memo'], set: ['owner'] },
        delete: { rows: own },
      },
    },
  },
  {
    // Sees some rows and writes others; nothing but the rows of each verb holds it back.
    name: 'keeper',
    may: {
      letters: {
        select: { columns: ['id', 'owner', 'subject', 'amount', 'aside'], rows: own },
        insert: { columns: ['id', 'subject', 'amount', 'aside'] },
        update: { columns: ['subject', 'amount', 'aside'], rows: opened, check: 'all' },
        delete: { rows: opened },
      },
    },
  },
  {
    name: 'dependent',
    may: {
      rooms: {
        select: { columns: '*', rows: 'all', aggregate: true, when: { memo: firstRoom, code: firstRoom } },
      },
      letters: {
        select: {
          columns: '*',
          rows: 'all',
          aggregate: true,
          when: {
            aside: own,
            amount: opened,
            code: ownOrNobody,
            mood: own,
            tone: own,
            room: opened,
            stamp: own,
          },
        },
        update: { columns: ['subject', 'aside'], rows: own },
        delete: { rows: own },
      },
      ledger: {
        select: {
          columns: ['id', 'letter', 'memo'],
          rows: 'all',
          aggregate: true,
          when: { letter: own, memo: own },
        },
      },
    },
  },
  { name: 'mixed', inherits: ['open', 'dependent'], may: {} },
  {
    name: 'groups',
    may: {
      rooms: { select: { columns: ['id', 'title', 'memo'], rows: 'all', aggregate: true, minGroup: 2 } },
      letters: { select: { columns: '*', rows: 'all', aggregate: true, minGroup: 3, when: { aside: own } } },
      marks: { select: { ...all, minGroup: 5 } },
      pins: { select: { ...all, minGroup: 2 } },
      ledger: { select: { columns: '*', rows: own, aggregate: true, minGroup: 3 } },
    },
  },
  {
    name: 'full',
    may: Object.fromEntries(
      ['rooms', 'letters', 'marks', 'pins', 'ledger'].map((table) => [
        table,
        {
          select: all,
          insert: { columns: '*' },
          update: { columns: '*', rows: 'all' },
          delete: { rows: 'all' },
        },
      ]),
    ),
  },
  { name: 'service', everything: true, may: {} },
];
