/** graphql-codegen over the SDL of a role: what it writes compiles, together with a program that uses it. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { promisify } from 'node:util';
import { onEveryEngine } from './engines.ts';
import { load } from './hasura/load.ts';
import { openLibrary, type Role } from './hasura-world.ts';

onEveryEngine(async (engine) => {
  const library = await openLibrary({ after }, engine);

  const operations: Readonly<Record<Role, string>> = {
    staff: `
    query Books($where: books_bool_exp = {}, $order: [books_order_by!], $limit: Int, $by: [books_select_column!]) {
      books(where: $where, order_by: $order, limit: $limit, distinct_on: $by) {
        ...Book
        reviews(where: { stars: { _gte: 3 } }) { stars note }
        reviews_aggregate { aggregate { count(columns: [note], distinct: true) } }
      }
      books_aggregate(where: $where) { aggregate { count sum { copies price } avg { price } max { title added } } nodes { id } }
    }
    fragment Book on books { id title genre price copies meta added author { id name country } }
    query Reader($id: uuid!) { readers_by_pk(id: $id) { id name joined loans { due book { title } } } }
    mutation Add($objects: [books_insert_input!]!) {
      insert_books(objects: $objects, on_conflict: { constraint: books_title_key, update_columns: [price] }) {
        affected_rows
        returning { ...Book }
      }
    }
    mutation Change($key: books_pk_columns_input!, $set: books_set_input) {
      update_books_by_pk(pk_columns: $key, _set: $set) { id }
      update_books(where: { id: { _eq: 1 } }, _inc: { copies: 1 }) { affected_rows }
      delete_reviews(where: { book_id: { _eq: 3 } }) { affected_rows }
      delete_loans_by_pk(book_id: 3, reader_id: "11111111-1111-4111-8111-111111111111") { due }
    }
  `,
    reader: `
    query Shelf($genre: ${library.genre}_comparison_exp) {
      books(where: { genre: $genre }, order_by: [{ title: asc_nulls_last }]) { id title author { name } }
    }
    mutation Review($review: reviews_insert_input!) { insert_reviews_one(object: $review) { id stars } }
  `,
  };

  const programs: Readonly<Record<Role, string>> = {
    staff: `
    import type { ResultOf, VariablesOf } from '@graphql-typed-document-node/core';
    import {
      AddDocument, type BookFragment, BooksDocument, ChangeDocument, Order_By, ReaderDocument, type Books_Bool_Exp,
    } from './generated.ts';

    type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
    const holds = <T extends true>(_: T): void => {};

    type Row = ResultOf<typeof BooksDocument>['books'][number];
    holds<Same<Row['id'], number>>(true);
    holds<Same<Row['price'], number | string | null | undefined>>(true);
    holds<Same<Row['author']['country'], string | null | undefined>>(true);
    holds<Same<Row['reviews'][number]['note'], string | null | undefined>>(true);
    type Sums = NonNullable<NonNullable<ResultOf<typeof BooksDocument>['books_aggregate']['aggregate']>['avg']>;
    holds<Same<Sums['price'], number | null | undefined>>(true);
    const count: number = ({} as ResultOf<typeof BooksDocument>).books_aggregate.aggregate?.count ?? 0;

    export const where: Books_Bool_Exp = {
      _or: [{ title: { _ilike: '%fox%' } }, { author: { country: { _is_null: true } } }, { _not: { reviews: { stars: { _in: [1, 2] } } } }],
      genre: { _in: ['novel'] },
      meta: { _contains: { pages: 90 } },
    };
    export const books: VariablesOf<typeof BooksDocument> = {
      where,
      order: [{ author: { name: Order_By.AscNullsFirst } }, { reviews_aggregate: { count: Order_By.Desc } }],
      limit: 3,
    };
    // @ts-expect-error there is no such column
    export const unknown: Books_Bool_Exp = { nothing: { _eq: 1 } };
    export const reader: VariablesOf<typeof ReaderDocument> = { id: '11111111-1111-4111-8111-111111111111' };
    // @ts-expect-error the key is needed
    export const without: VariablesOf<typeof ReaderDocument> = {};
    export const add: VariablesOf<typeof AddDocument> = { objects: [{ title: 'x', author_id: 1, price: '1.50', meta: {} }] };
    export const change: VariablesOf<typeof ChangeDocument> = { key: { id: 1 }, set: { published: false } };
    export const titleOf = (book: BookFragment): string => book.title + count;
  `,
    reader: `
    import type { ResultOf, VariablesOf } from '@graphql-typed-document-node/core';
    import { ReviewDocument, ShelfDocument, type Mutation_Root, type Query_Root } from './generated.ts';

    export const shelf: VariablesOf<typeof ShelfDocument> = { genre: { _eq: 'essay' } };
    export const nameOf = (result: ResultOf<typeof ShelfDocument>): string | undefined => result.books[0]?.author.name;
    export const review: VariablesOf<typeof ReviewDocument> = { review: { book_id: 1, stars: 5, note: null } };
    // @ts-expect-error the role may not write it
    export const id: VariablesOf<typeof ReviewDocument> = { review: { id: 1 } };
    // @ts-expect-error what another role sees
    export type Readers = Query_Root['readers'];
    // @ts-expect-error and may do
    export type Gone = Mutation_Root['delete_books'];
  `,
  };

  for (const role of ['staff', 'reader'] as const) {
    test(`the types of ${role} compile with a program that uses them`, async (t) => {
      const answer = await fetch(`${library.url}/schema.graphql`, { headers: await library.headers(role) });
      assert.equal(answer.status, 200);
      const generated = await generate(await answer.text(), operations[role]);
      await compile(t, { 'generated.ts': generated, 'program.ts': programs[role] });
    });
  }

  async function generate(sdl: string, documents: string): Promise<string> {
    const { parse } = await load('graphql');
    const { codegen } = await load('@graphql-codegen/core');
    const names = ['typescript', 'typescript-operations', 'typed-document-node'];
    const plugins = await Promise.all(names.map((name) => load(`@graphql-codegen/${name}`)));
    return codegen({
      filename: 'generated.ts',
      schema: parse(sdl),
      documents: [{ location: 'operations.graphql', document: parse(documents) }],
      config: {
        useTypeImports: true,
        enumsAsConst: true,
        strictScalars: true,
        scalars: {
          ...{
            uuid: 'string',
            date: 'string',
            timestamptz: 'string',
            float8: 'number',
            [library.genre]: "'novel' | 'essay' | 'poems'",
          },
          ...{ numeric: 'number | string', bigint: 'number | string', jsonb: 'unknown' },
        },
      },
      plugins: names.map((name) => ({ [name]: {} })),
      pluginMap: Object.fromEntries(
        names.map((name, index) => [name, plugins[index].default ?? plugins[index]]),
      ),
    });
  }

  const compiler = join(import.meta.dirname, '../node_modules/typescript/bin/tsc');

  /** @throws with the compiler's words */
  async function compile(
    t: { after: (work: () => unknown) => void },
    files: Readonly<Record<string, string>>,
  ): Promise<void> {
    // Below the packages that the generated file imports from.
    const folder = await mkdtemp(join(import.meta.dirname, 'hasura/node_modules/.compiled-'));
    t.after(() => rm(folder, { recursive: true }));
    const compilerOptions = {
      ...{ target: 'esnext', module: 'nodenext', lib: ['esnext'], types: [], strict: true, noEmit: true },
      ...{ noUncheckedIndexedAccess: true, allowImportingTsExtensions: true, verbatimModuleSyntax: true },
    };
    const project = {
      'package.json': '{"type":"module"}',
      'tsconfig.json': JSON.stringify({ compilerOptions, files: Object.keys(files) }),
    };
    for (const [name, text] of Object.entries({ ...project, ...files }))
      await writeFile(join(folder, name), text);
    await promisify(execFile)(process.execPath, [compiler, '--project', folder]).catch(({ stdout }) =>
      assert.fail(stdout),
    );
  }
});
