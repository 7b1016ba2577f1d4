/** Arbitrary worlds of one schema: the rows of three tables, and what each of four roles may read of them. */
import fc from 'fast-check';
import type { TestEngine } from '../database.ts';
import { words } from '../portable-sql.ts';
import { type Condition, condition, toWhere } from './condition.ts';

export const roles = ['visitor', 'member', 'editor', 'auditor'] as const;
export type Role = (typeof roles)[number];

export type TableName = keyof typeof tables;

/** Columns with values to choose from, few enough that conditions meet rows. */
export const tables = {
  authors: {
    columns: { id: ids(6), name: ['Ann', 'Bob', 'Cem, "Jr."', 'ann'], country: ['FR', 'TR', null] },
    links: { books: { to: 'books', many: true } },
  },
  books: {
    columns: {
      id: ids(24),
      title: ['Fox', 'fox', 'A (B)', 'x_y', 'back\\slash', '%'],
      author_id: ids(6),
      price: [0, 1.5, 2, 10.25, null],
      published: [true, false, null],
      owner: ['u1', 'u2', null],
    },
    links: { author: { to: 'authors', many: false }, reviews: { to: 'reviews', many: true } },
  },
  reviews: {
    columns: { id: ids(40), book_id: [...ids(24), null], stars: [1, 2, 3, 4, 5], writer: ['u1', 'u2', null] },
    links: { book: { to: 'books', many: false } },
  },
} as const satisfies Record<string, TableShape>;

export interface TableShape {
  readonly columns: Readonly<Record<string, readonly (string | number | boolean | null)[]>>;
  readonly links: Readonly<Record<string, { readonly to: string; readonly many: boolean }>>;
}

export const shapeOf = (table: string): TableShape => tables[table as TableName];

/** The linking columns are always granted where the key is: else there would be little to embed. */
const linking: Readonly<Record<TableName, readonly string[]>> = {
  authors: ['id'],
  books: ['id', 'author_id'],
  reviews: ['id', 'book_id'],
};

function ids(most: number): readonly number[] {
  return Array.from({ length: most }, (_, index) => index + 1);
}

interface Grant {
  readonly columns: '*' | readonly string[];
  readonly where?: Readonly<Record<string, unknown>>;
  readonly limit?: number;
  readonly aggregate: boolean;
}

type Grants = Readonly<Record<TableName, Readonly<Partial<Record<Role, Grant>>>>>;

export interface World {
  /** The same tables and rows on each engine. */
  readonly sql: (engine: TestEngine) => string;
  readonly yaml: string;
  /** Whether some grant cuts lists: then pages that are concatenated may go on where the list ends. */
  readonly cuts: boolean;
}

const names = Object.keys(tables) as TableName[];

export const world: fc.Arbitrary<World> = fc
  .record({ rows: rowsOf(), grants: grants() })
  .map(({ rows, grants }) => ({
    sql: (engine) => `${ddl(engine)}${rows}`,
    yaml: JSON.stringify({
      auth: { anonymous: 'visitor' },
      roles: {
        visitor: {},
        member: { inherits: ['visitor'] },
        editor: { inherits: ['member', 'auditor'] },
        auditor: {},
      },
      tables: Object.fromEntries(
        names.map((name) => [
          name,
          {
            permissions: Object.fromEntries(
              Object.entries(grants[name]).map(([role, select]) => [role, { select }]),
            ),
          },
        ]),
      ),
    }),
    cuts: names.some((name) => Object.values(grants[name]).some(({ limit }) => limit !== undefined)),
  }));

/** Texts are compared byte by byte, so that all engines have one order. */
function ddl(engine: TestEngine): string {
  const { begin, name } = words[engine];
  return `
  ${begin}
  create table authors (id int primary key, name ${name} not null, country ${name});
  create table books (
    id int primary key, title ${name} not null, author_id int not null, price decimal(8, 2), published boolean, owner ${name},
    foreign key (author_id) references authors (id)
  );
  create table reviews (
    id int primary key, book_id int, stars int not null, writer ${name}, foreign key (book_id) references books (id)
  );
`;
}

function rowsOf(): fc.Arbitrary<string> {
  return fc.tuple(...names.map(inserts)).map((texts) => texts.join(''));
}

function inserts(name: TableName): fc.Arbitrary<string> {
  const { id, ...others } = shapeOf(name).columns;
  const columns = Object.keys(others);
  const row = fc.tuple(...Object.values(others).map((values) => fc.constantFrom(...values)));
  const length = id!.length;
  return fc.array(row, { minLength: length, maxLength: length }).map((rows) => {
    const values = rows.map((cells, index) => `(${[index + 1, ...cells].map(literal).join(', ')})`);
    return `insert into ${name} (id, ${columns.join(', ')}) values ${values.join(', ')};\n`;
  });
}

function literal(value: string | number | boolean | null): string {
  return typeof value === 'string' ? `'${value.replaceAll("'", "''")}'` : String(value);
}

function grants(): fc.Arbitrary<Grants> {
  const forTable = (name: TableName) => {
    const of = (freq: number) => fc.option(grant(name), { freq });
    return fc
      .record({ visitor: of(5), member: of(1), editor: of(1), auditor: of(5) })
      .map((all) => Object.fromEntries(Object.entries(all).filter(([, one]) => one !== null)));
  };
  return fc.record({
    authors: forTable('authors'),
    books: forTable('books'),
    reviews: forTable('reviews'),
  }) as fc.Arbitrary<Grants>;
}

function grant(name: TableName): fc.Arbitrary<Grant> {
  const columns = Object.keys(shapeOf(name).columns).filter((column) => !linking[name].includes(column));
  return fc.record(
    {
      columns: fc.oneof(
        { weight: 3, arbitrary: fc.constant('*' as const) },
        fc.subarray(columns).map((some) => [...linking[name], ...some]),
      ),
      where: policy(name),
      limit: fc.integer({ min: 3, max: 30 }),
      aggregate: fc.boolean(),
    },
    { requiredKeys: ['columns', 'aggregate'] },
  );
}

/** Of the row itself, of who asks, and of rows that are linked, which the role may not even see. */
function policy(name: TableName): fc.Arbitrary<Readonly<Record<string, unknown>>> {
  const own = (table: string) => condition(shapeOf(table).columns).map(toPolicy);
  const claims = Object.keys(shapeOf(name).columns)
    .filter((column) => column === 'owner' || column === 'writer')
    .map((column) => fc.constant({ [column]: { _eq: '$jwt.sub' } }));
  const linked = Object.entries(shapeOf(name).links).map(([link, { to }]) =>
    own(to).map((where) => ({ [link]: where })),
  );
  return fc.oneof({ weight: 2, arbitrary: own(name) }, ...claims, ...linked);
}

function toPolicy(one: Condition): Readonly<Record<string, unknown>> {
  return toWhere(one);
}
