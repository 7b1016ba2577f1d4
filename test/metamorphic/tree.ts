/** Arbitrary rows with rows that hang on them, written in one nested insert or row by row. */
import fc from 'fast-check';
import type { TestEngine } from '../database.ts';
import { words } from '../portable-sql.ts';
import type { TestProject } from '../project.ts';
import { condition, toWhere, type Value } from './condition.ts';

interface Shape {
  readonly columns: Readonly<Record<string, readonly Value[]>>;
  /** To one, by the column that refers to it. */
  readonly ones: Readonly<Record<string, { readonly to: string; readonly by: string }>>;
  /** To many, by the column of the far table. */
  readonly many: Readonly<Record<string, { readonly to: string; readonly by: string }>>;
}

const shapes: Readonly<Record<string, Shape>> = {
  authors: {
    columns: { name: ['Ann', 'Bob'], country: ['FR', 'TR', null] },
    ones: {},
    many: { books: { to: 'books', by: 'author_id' } },
  },
  books: {
    columns: { title: ['Fox', 'fox'], price: [0, 1.5, null] },
    ones: { author: { to: 'authors', by: 'author_id' } },
    many: { reviews: { to: 'reviews', by: 'book_id' } },
  },
  // A row without stars is refused by the database.
  reviews: {
    columns: { stars: [1, 2, 3, 4, 5, 1, 2, 3, 4, 5, 1, 2, 3, 4, 5, 0], note: ['good', null] },
    ones: { book: { to: 'books', by: 'book_id' } },
    many: {},
  },
};

export interface Tree {
  readonly table: string;
  readonly values: Readonly<Record<string, Value>>;
  readonly ones: Readonly<Record<string, Tree>>;
  readonly many: Readonly<Record<string, readonly Tree[]>>;
}

/** From each of the tables, so that links to one and to many are met in every order. */
export const tree: fc.Arbitrary<Tree> = fc
  .constantFrom(...Object.keys(shapes))
  .chain((table) => treeOf(table));

/** @param from the link by which it hangs on another, which it does not lead back to */
function treeOf(table: string, from?: string): fc.Arbitrary<Tree> {
  const { columns, ones, many } = shapes[table]!;
  const values = Object.entries(columns).map(([name, all]) => [name, fc.constantFrom(...all)] as const);
  const links = (of: Shape['ones']) => Object.entries(of).filter(([, { by }]) => by !== from);
  const above = links(ones).map(([name, { to, by }]) => [name, treeOf(to, by)] as const);
  const below = links(many).map(
    ([name, { to, by }]) => [name, fc.array(treeOf(to, by), { maxLength: 3 })] as const,
  );
  return fc.record({
    table: fc.constant(table),
    values: fc.record(Object.fromEntries(values), { requiredKeys: [values[0]![0]] }) as fc.Arbitrary<
      Tree['values']
    >,
    ones: fc.record(Object.fromEntries(above)) as fc.Arbitrary<Tree['ones']>,
    many: fc.record(Object.fromEntries(below), { requiredKeys: [] }) as fc.Arbitrary<Tree['many']>,
  });
}

/** The `object` of one nested insert. */
export function toObject({ values, ones, many }: Tree): Readonly<Record<string, unknown>> {
  return {
    ...values,
    ...mapValues(ones, (one) => ({ data: toObject(one) })),
    ...mapValues(many, (some) => ({ data: some.map(toObject) })),
  };
}

/** Writes row by row: what a row refers to before it, what refers to it after it. Gives its key. */
export async function writeRows(
  { table, values, ones, many }: Tree,
  insert: (table: string, object: Readonly<Record<string, unknown>>) => Promise<number>,
  above: Readonly<Record<string, unknown>> = {},
): Promise<number> {
  const shape = shapes[table]!;
  const keys: Record<string, number> = {};
  for (const [link, one] of Object.entries(ones)) keys[shape.ones[link]!.by] = await writeRows(one, insert);
  const id = await insert(table, { ...values, ...keys, ...above });
  for (const [link, some] of Object.entries(many))
    for (const one of some) await writeRows(one, insert, { [shape.many[link]!.by]: id });
  return id;
}

function mapValues<V, W>(of: Readonly<Record<string, V>>, map: (value: V) => W): Readonly<Record<string, W>> {
  return Object.fromEntries(Object.entries(of).map(([name, value]) => [name, map(value)]));
}

/** What all tables hold, whatever the keys are: every row with those that hang on it, in one order. */
export async function wholeOf(sql: TestProject['sql']): Promise<readonly string[]> {
  const authors = await sql('select id, name, country from authors');
  const books = await sql('select id, author_id, title, price, owner from books');
  const reviews = await sql('select book_id, stars, note, writer from reviews');
  const reviewsOf = (book: unknown) =>
    reviews
      .filter(({ book_id }) => book_id === book)
      .map(({ book_id, ...values }) => JSON.stringify(values))
      .sort();
  const booksOf = (author: unknown) =>
    books
      .filter(({ author_id }) => author_id === author)
      .map(({ id, author_id, ...values }) => JSON.stringify([values, reviewsOf(id)]))
      .sort();
  const whole = authors.map(({ id, ...values }) => JSON.stringify([values, booksOf(id)])).sort();
  return [...whole, ...booksOf(null), ...reviewsOf(null)];
}

export interface Writable {
  readonly sql: (engine: TestEngine) => string;
  readonly yaml: string;
}

export function emptySql(engine: TestEngine): string {
  return engine === 'postgres'
    ? 'truncate authors, books, reviews restart identity'
    : 'set foreign_key_checks = 0; truncate authors; truncate books; truncate reviews';
}

/** What the role `writer` may insert: columns, checks of the row and of what it refers to, values that are set. */
export const writable: fc.Arbitrary<Writable> = fc
  .record({
    authors: insertable(['name', 'country'], [own('authors')]),
    books: insertable(['title', 'price', 'author_id'], [own('books'), linked('author', 'authors')], {
      owner: '$jwt.sub',
    }),
    reviews: insertable(['stars', 'note', 'book_id'], [own('reviews'), linked('book', 'books')], {
      writer: '$jwt.sub',
    }),
  })
  .map((grants) => ({
    sql: ddl,
    yaml: JSON.stringify({
      roles: { writer: {} },
      tables: mapValues(grants, (insert) => ({ permissions: { writer: { select: true, insert } } })),
    }),
  }));

function own(table: string): fc.Arbitrary<Readonly<Record<string, unknown>>> {
  return condition(shapes[table]!.columns).map(toWhere);
}

function linked(link: string, to: string): fc.Arbitrary<Readonly<Record<string, unknown>>> {
  return own(to).map((where) => ({ [link]: where }));
}

function insertable(
  columns: readonly string[],
  checks: readonly fc.Arbitrary<Readonly<Record<string, unknown>>>[],
  set: Readonly<Record<string, string>> = {},
): fc.Arbitrary<object> {
  const [first, ...others] = columns as [string, ...string[]];
  const link = others.find((name) => name.endsWith('_id'));
  const free = others.filter((name) => name !== link);
  return fc.record(
    {
      columns: fc
        .oneof({ weight: 5, arbitrary: fc.constant(free) }, fc.subarray(free))
        .map((some) => [first, ...some, ...(link === undefined ? [] : [link])]),
      check: fc.oneof({ weight: 4, arbitrary: fc.constant({ [first]: { _is_null: false } }) }, ...checks),
      set: fc.constant(set),
    },
    { requiredKeys: ['columns'] },
  );
}

function ddl(engine: TestEngine): string {
  const { serial, name } = words[engine];
  return `
    create table authors (id ${serial}, name ${name} not null, country ${name});
    create table books (
      id ${serial}, title ${name} not null, price decimal(8, 2), author_id int, owner ${name},
      foreign key (author_id) references authors (id)
    );
    create table reviews (
      id ${serial}, stars int not null check (stars > 0), note ${name}, book_id int, writer ${name},
      foreign key (book_id) references books (id)
    );`;
}
