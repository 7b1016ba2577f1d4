/** The printed types do what they are for: a program over postgrest-js compiles when it is right, and only then. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import { createProject } from '../../test/project.ts';
import { temporaryFolder } from '../../test/temporary-folder.ts';
import { librarySql, libraryYaml } from './library.fixture.ts';
import { printTypes } from './typescript.ts';

const root = path.resolve(import.meta.dirname, '../..');

/** `file:line` of each error that strict TypeScript finds in the files. */
async function compile(t: TestContext, files: Readonly<Record<string, string>>): Promise<readonly string[]> {
  const dir = await temporaryFolder(t);
  await symlink(path.join(root, 'node_modules'), path.join(dir, 'node_modules'), 'junction');
  await writeFile(path.join(dir, 'package.json'), '{ "type": "module" }');
  for (const [file, text] of Object.entries(files)) await writeFile(path.join(dir, file), text);
  const compiler = path.join(root, 'node_modules/typescript/bin/tsc');
  const options =
    '--noEmit --strict --skipLibCheck --module nodenext --target esnext --lib esnext,dom --pretty false';
  const output = await new Promise<string>((resolve) => {
    const args = [compiler, ...options.split(' '), ...Object.keys(files)];
    execFile(process.execPath, args, { cwd: dir }, (error, stdout, stderr) => {
      resolve(error === null ? '' : `${stdout}${stderr}`);
    });
  });
  const errors = [...output.matchAll(/^(\S+?)\((\d+),\d+\): error/gm)];
  assert.equal(output === '', errors.length === 0, output);
  return [...new Set(errors.map(([, file, line]) => `${file}:${line}`))];
}

/** `file:line` of the lines that end in `// wrong`. */
function marked(file: string, text: string): readonly string[] {
  return text
    .split('\n')
    .flatMap((line, index) => (line.endsWith('// wrong') ? [`${file}:${index + 1}`] : []));
}

const head = (module: string) => `import { PostgrestClient } from '@supabase/postgrest-js';
import { Constants, type Database, type Enums, type Tables, type TablesInsert, type TablesUpdate } from './${module}.js';
const client = new PostgrestClient<Database>('http://127.0.0.1/rest/v1');
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
function same<A, B>(_: Same<A, B>): void {}
export { Constants, type Enums, type Tables, type TablesInsert, type TablesUpdate };
`;

const right = `${head('database')}
export async function reads() {
  const books = await client.from('books').select('id, title, price, genre, period, meta').eq('genre', 'essay').throwOnError();
  const book = books.data[0]!;
  same<typeof book.id, number>(true);
  same<typeof book.price, number | null>(true);
  same<typeof book.genre, 'novel' | 'essay' | 'sci-fi'>(true);

  const toOne = await client.from('books').select('title, authors(first_name, full_name), covers(url)').throwOnError();
  same<(typeof toOne.data)[0]['authors'], { first_name: string; full_name: string | null } | null>(true);
  same<(typeof toOne.data)[0]['covers'], { url: string } | null>(true);

  const aliased = await client.from('books').select('author:authors!books_author_id_fkey(id)').throwOnError();
  same<(typeof aliased.data)[0]['author'], { id: number } | null>(true);

  const toMany = await client.from('authors').select('id, books(title, tags(label))').throwOnError();
  same<(typeof toMany.data)[0]['books'], { title: string; tags: { label: string }[] }[]>(true);

  const computed = await client.from('authors').select('published(title)').throwOnError();
  same<(typeof computed.data)[0]['published'], { title: string }[]>(true);

  const all = await client.from('authors').select('*').throwOnError();
  same<keyof (typeof all.data)[0], 'id' | 'first_name' | 'last_name'>(true);

  const view = await client.from('book_counts').select().gt('books', 3).throwOnError();
  same<(typeof view.data)[0], { author_id: number | null; books: number | null }>(true);

  const items = await client.schema('stock').from('items').select('state').maybeSingle();
  same<typeof items.data, { state: Enums<'genre'> | null } | null>(true);
}

export async function writes() {
  await client.from('books').insert({ title: 'Emma', labels: ['new'], meta: { pages: 3 }, period: '[2020-01-01,)' });
  await client.from('books').insert([{ title: 'Emma' }, { title: 'Ivanhoe', genre: 'novel', author_id: null }]);
  await client.from('authors').upsert({ first_name: 'Jane', last_name: null }).select('id');
  await client.from('books').update({ price: 4.5, genre: Constants.public.Enums.genre[2] }).eq('id', 3);
  await client.from('cheap_books').update({ price: 1 }).eq('id', 3);
  await client.from('tags').delete().eq('id', 3);
}

export async function calls() {
  const sum = await client.rpc('add_numbers', { a: 1, b: 2 }).throwOnError();
  same<typeof sum.data, number>(true);
  const found = await client.rpc('search_books', { term: '%a%' }).select('title, authors(id)').gt('price', 3).throwOnError();
  same<typeof found.data, { title: string; authors: { id: number } | null }[]>(true);
  const newest = await client.rpc('newest_book').throwOnError();
  same<typeof newest.data.title, string>(true);
  const totals = await client.rpc('genre_totals', { wanted: 'novel' }).throwOnError();
  same<typeof totals.data, { genre: Enums<'genre'>; total: number }[]>(true);
  const number = await client.rpc('describe', { id: 1 }).throwOnError();
  same<typeof number.data, string>(true);
  const words = await client.rpc('describe', { word: 'a', loud: true }).throwOnError();
  same<typeof words.data, string[]>(true);
  await client.rpc('ping');
}

export const row: Tables<'tags'> = { id: 1, label: 'new' };
export const cheap: Tables<'cheap_books'> = { id: 1, price: 2, title: null };
export const item: Tables<{ schema: 'stock' }, 'items'> = { id: 1, state: 'essay' };
export const inserted: TablesInsert<'books'> = { title: 'Emma' };
export const updated: TablesUpdate<'books'> = {};
same<Enums<'genre'>, (typeof Constants.public.Enums.genre)[number]>(true);
same<Enums<{ schema: 'public' }, 'genre'>, Enums<'genre'>>(true);
`;

const wrong = `${head('database')}
client.from('boks').select(); // wrong
client.from('authors').select().eq('secret', 'x'); // wrong
client.from('books').insert({ titel: 'Emma' }); // wrong
client.from('books').insert({ title: 3 }); // wrong
client.from('books').insert({ price: 3 }); // wrong
client.from('books').insert({ title: 'Emma', genre: 'poem' }); // wrong
client.from('books').insert({ title: 'Emma', slug: 'emma' }); // wrong
client.from('authors').insert({ first_name: 'Jane', id: 3 }); // wrong
client.from('authors').insert({ first_name: 'Jane', full_name: 'Jane' }); // wrong
client.from('books').update({ price: 'cheap' }).eq('id', 3); // wrong
client.from('book_counts').update({ books: 3 }); // wrong
client.rpc('add_numbers', { a: 1, b: 'two' }); // wrong
client.rpc('add_numbers', { a: 1 }); // wrong
client.rpc('search_books', { word: 'a' }); // wrong
client.rpc('nothing'); // wrong
client.schema('nowhere'); // wrong
export const row: Tables<'nothing'> = { id: 1 }; // wrong
export const other: Tables<{ schema: 'stock' }, 'books'> = { id: 1 }; // wrong
export const inserted: TablesInsert<'books'> = {}; // wrong
export async function reads() {
  const none = await client.from('books').select('titel').single().throwOnError();
  none.data.titel; // wrong
  const far = await client.from('books').select('tags(label), items(id)').single().throwOnError();
  far.data.items.id; // wrong
  const nullable = await client.from('books').select('authors(first_name)').single().throwOnError();
  nullable.data.authors.first_name; // wrong
}
`;

const visitor = `${head('visitor')}
client.from('books').select('title, authors(full_name), covers(url)');
client.from('tags').select(); // wrong
client.from('books').select().eq('price', 3); // wrong
client.from('books').insert({ title: 'Emma' }); // wrong
client.from('cheap_books').insert({ title: 'Emma' }); // wrong
client.rpc('search_books', { term: 'a' });
client.rpc('ping'); // wrong
`;

const seller = `${head('seller')}
client.from('books').insert({ title: 'Emma', price: 3 });
client.from('books').insert({ title: 'Emma', copies: 3 }); // wrong
client.from('books').update({ price: 3 });
client.from('books').update({ title: 'Emma' }); // wrong
client.from('books').select().eq('title', 'Emma'); // wrong
client.from('authors').select(); // wrong
`;

const strings = `${head('strings')}
export const book: TablesInsert<'books'> = { title: 'Emma', price: '3.50', copies: '9007199254740993' };
export const number: TablesInsert<'books'> = { title: 'Emma', id: 3, copies: 3 }; // wrong
`;

test('a program over postgrest-js compiles when it is right, and fails at the line that is wrong', async (t) => {
  const schemas = ['public', 'stock'];
  const { api } = await createProject(t, { sql: librarySql, yaml: libraryYaml, schemas });
  const programs = {
    'right.ts': right,
    'wrong.ts': wrong,
    'as-visitor.ts': visitor,
    'as-seller.ts': seller,
    'as-strings.ts': strings,
  };
  const errors = await compile(t, {
    'database.ts': printTypes(api),
    'visitor.ts': printTypes(api, 'visitor'),
    'seller.ts': printTypes(api, 'seller'),
    'strings.ts': printTypes({ ...api, limits: { ...api.limits, numbers: 'string' } }),
    ...programs,
  });
  const expected = Object.entries(programs).flatMap(([file, text]) => marked(file, text));
  assert.deepEqual([...errors].sort(), [...expected].sort());
});

const hostileNames = [
  '__proto__',
  'constructor',
  'a"b',
  "a'b",
  'a.b',
  'a`${b}',
  'a\\b',
  'new\nline',
  '*/',
  'class',
  '1st',
  '😀',
  'é'.repeat(31),
  'x'.repeat(63),
];

test('names of any kind make a file that compiles, and are the names in it', async (t) => {
  const quoted = hostileNames.map((name) => `"${name.replaceAll('"', '""')}"`);
  const labels = hostileNames.map((name) => `'${name.replaceAll("'", "''")}'`);
  const sql = `
create schema "o'ther";
create type "o'ther"."__proto__" as enum (${labels.join(', ')});
create type "a""b" as enum ('x');
create table "__proto__" (${quoted.map((name) => `${name} "o'ther"."__proto__"`).join(', ')}, "key" "a""b" primary key);
create table "to.many" ("__proto__" "a""b" constraint "fk""😀" references "__proto__");
create function "class"(${quoted.map((name) => `${name} int`).join(', ')}) returns int language sql as $$ select 1 $$;
`;
  const yaml =
    'roles: {}\ntables: { "__proto__": {}, "to.many": { relation: public.to.many } }\nfunctions: { class: {} }\n';
  const { api } = await createProject(t, { sql, yaml, schemas: ['public', '"o\'ther"'] });
  const program = `${head('database')}
export const names: readonly (keyof Tables<'__proto__'>)[] = ${JSON.stringify([...hostileNames, 'key'])};
export const labels: readonly Enums<{ schema: "o'ther" }, '__proto__'>[] = ${JSON.stringify(hostileNames)};
same<typeof Constants["o'ther"]['Enums']['__proto__'][number], Enums<{ schema: "o'ther" }, '__proto__'>>(true);
same<typeof Constants.public.Enums, { readonly 'a"b': readonly ['x'] }>(true);
export async function reads() {
  const { data } = await client.from('to.many').select('proto:__proto__(key)').throwOnError();
  same<(typeof data)[0]['proto'], { key: 'x' } | null>(true);
  await client.rpc('class', ${JSON.stringify(Object.fromEntries(hostileNames.map((name) => [name, 1])))});
}
`;
  const database = printTypes(api);
  assert.deepEqual(await compile(t, { 'database.ts': database, 'program.ts': program }), []);
  assert.equal(printTypes(api), database);
});
