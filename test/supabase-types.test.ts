/** What `novastack types` prints for the bookshop is the Database of supabase-js: right programs compile, wrong ones do not. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';

const root = path.join(import.meta.dirname, '..');

const program = `import { createClient } from '@supabase/supabase-js';
import type { Database, Enums, Tables, TablesInsert } from './database.js';
import type { Database as Visitors } from './visitor.js';

const client = createClient<Database>('http://127.0.0.1:4000/bookshop', 'nspk_bookshop');
const shop = createClient<Visitors>('http://127.0.0.1:4000/bookshop', 'nspk_bookshop');
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
function same<A, B>(_: Same<A, B>): void {}

export async function right() {
  const { data } = await client
    .from('books')
    .select('title, isbn13, price, author:authors(name), reviews(rating), tags(slug), publishers(city)')
    .eq('language', 'fr')
    .order('price', { ascending: false })
    .limit(3)
    .throwOnError();
  same<
    (typeof data)[0],
    {
      title: string;
      isbn13: string;
      price: number;
      author: { name: string };
      reviews: { rating: number }[];
      tags: { slug: string }[];
      publishers: { city: string } | null;
    }
  >(true);
  const counted = await client.from('authors').select('name, books(count)').throwOnError();
  same<(typeof counted.data)[0]['books'], { count: number }[]>(true);
  const orders = await client.from('orders').select('status, order_lines(quantity, amount)').single().throwOnError();
  same<typeof orders.data.status, Enums<'order_status'>>(true);
  const found = await shop.rpc('search_books', { term: 'sea' }).select('title, authors(name)').throwOnError();
  same<typeof found.data, { title: string; authors: { name: string } }[]>(true);
  await client.from('orders').insert({ customer_id: 1, status: 'paid' }).select().single();
  await client.from('orders').update({ status: 'shipped' }).eq('id', 3).maxAffected(1);
  await client.from('order_lines').upsert({ order_id: 1, line_no: 1, book_id: 3, unit_price: 2 });
}
export const row: TablesInsert<'tags'> = { slug: 'sea', name: 'The sea' };

client.from('boks'); // wrong
client.from('books').select().eq('cost', 3); // wrong
client.from('customers').insert({ name: 'A', email: 'a@b.eu', internal_note: 'x' }); // wrong
client.from('orders').insert({ customer_id: 1, status: 'lost' }); // wrong
client.from('order_lines').update({ amount: 3 }); // wrong
client.rpc('search_books', { terms: 'sea' }); // wrong
shop.from('orders').select(); // wrong
shop.from('books').select().eq('stock', 3); // wrong
shop.from('books').insert({ title: 'Emma' }); // wrong
export const none: Tables<'nothing'> = {}; // wrong
`;

test("supabase-js takes the bookshop's types", async (t) => {
  const dir = await mkdtemp(path.join(tmpdir(), 'ns-supabase-types-'));
  t.after(() => rm(dir, { recursive: true, force: true, maxRetries: 3 }));
  const printed = (...words: string[]) =>
    run(root, ['engine/cli/main.ts', 'types', 'examples/bookshop', ...words]);
  const files = {
    'package.json': '{ "type": "module" }',
    'database.ts': (await printed()).out,
    'visitor.ts': (await printed('--role', 'visitor')).out,
    'program.ts': program,
  };
  for (const [name, text] of Object.entries(files)) await writeFile(path.join(dir, name), text);
  await symlink(path.join(root, 'node_modules'), path.join(dir, 'node_modules'), 'junction');
  const compiler = path.join(root, 'node_modules/typescript/bin/tsc');
  const options =
    '--noEmit --strict --skipLibCheck --module nodenext --target esnext --lib esnext,dom --pretty false';
  const { out } = await run(dir, [compiler, ...options.split(' '), 'program.ts']);
  const found = [...out.matchAll(/^(\S+?)\((\d+),\d+\): error/gm)].map(([, file, line]) => `${file}:${line}`);
  const wrong = program
    .split('\n')
    .flatMap((line, index) => (line.endsWith('// wrong') ? [`program.ts:${index + 1}`] : []));
  assert.deepEqual([...new Set(found)], wrong, out);
});

/** Runs a program of Node to its end, whatever its exit code. */
function run(cwd: string, words: readonly string[]): Promise<{ readonly out: string }> {
  return new Promise((resolve) => {
    execFile(process.execPath, words, { cwd }, (_error, out) => resolve({ out }));
  });
}
