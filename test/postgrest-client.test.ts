/** The story of a program that was written for PostgREST: its own client, unchanged, against the REST surface. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PostgrestClient } from '@supabase/postgrest-js';
import { token } from './project.ts';
import { serve } from './rest.ts';
import { shopSql, shopYaml } from './shop.ts';

test("PostgREST's own client", async (t) => {
  const { listen, sql } = await serve(t, { sql: shopSql, yaml: shopYaml, schemas: ['public', 'personal'] });
  const url = `${await listen(token('staff', { sub: 's' }))}/rest/v1`;
  const client = new PostgrestClient(url);
  const books = () => client.from('books');

  await t.test('selects, filters, orders and pages', async () => {
    const { data, error, status } = await books()
      .select('id, name:title')
      .in('id', [1, 2, 3])
      .not('price', 'is', null)
      .or('title.ilike.*a*,id.eq.4')
      .order('price', { ascending: false, nullsFirst: false })
      .order('id')
      .limit(2);
    assert.deepEqual(
      { data, error, status },
      {
        data: [
          { id: 2, name: 'Beta' },
          { id: 1, name: 'Alpha' },
        ],
        error: null,
        status: 200,
      },
    );
    assert.deepEqual((await books().select('id').order('id').range(1, 2)).data, [{ id: 2 }, { id: 3 }]);
    assert.deepEqual((await books().select('id').match({ title: 'Alpha', published: true })).data, [
      { id: 1 },
    ]);
  });

  await t.test('counts, with and without the rows', async () => {
    const some = await books().select('id', { count: 'exact' }).order('id').limit(1);
    assert.deepEqual([some.data, some.count, some.status], [[{ id: 1 }], 4, 206]);
    const none = await books().select('*', { count: 'exact', head: true }).gt('id', 1);
    assert.deepEqual([none.data, none.count, none.error], [null, 3, null]);
  });

  await t.test('embeds, filters and orders what it embeds', async () => {
    const { data } = await client
      .from('people')
      .select('name, books!author_id!inner(title)')
      .eq('books.published', true)
      .order('title', { referencedTable: 'books', ascending: false })
      .limit(1, { referencedTable: 'books' })
      .order('id');
    assert.deepEqual(data, [
      { name: 'Ann', books: [{ title: 'Beta' }] },
      { name: 'Bob', books: [{ title: 'Gamma' }] },
    ]);
  });

  await t.test('reads one row, or none, and says when there are others', async () => {
    assert.deepEqual((await books().select('id').eq('id', 3).single()).data, { id: 3 });
    const missing = await books().select('id').eq('id', 99).single();
    assert.deepEqual(
      [missing.status, missing.data, missing.error?.code, missing.error?.details],
      [406, null, 'PGRST116', 'The result contains 0 rows'],
    );
    assert.deepEqual((await books().select('id').eq('id', 3).maybeSingle()).data, { id: 3 });
    const absent = await books().select('id').eq('id', 99).maybeSingle();
    assert.deepEqual([absent.data, absent.error], [null, null]);
    const several = await books().select('id').lt('id', 3).maybeSingle();
    assert.equal(several.error?.code, 'PGRST116');
  });

  await t.test('writes: insert, upsert, update, delete', async () => {
    const tags = () => client.from('tags');
    const made = await tags().insert({ id: 3, label: 'rare' }).select().single();
    assert.deepEqual([made.status, made.data, made.error], [201, { id: 3, label: 'rare' }, null]);
    const two = await tags().insert([
      { id: 4, label: 'four' },
      { id: 5, label: 'five' },
    ]);
    assert.deepEqual([two.status, two.data, two.error], [201, null, null]);
    const merged = await tags()
      .upsert([
        { id: 4, label: 'FOUR' },
        { id: 6, label: 'six' },
      ])
      .select('label');
    assert.deepEqual([merged.data, merged.error], [[{ label: 'FOUR' }, { label: 'six' }], null]);
    const kept = await tags()
      .upsert({ id: 4, label: 'other' }, { onConflict: 'id', ignoreDuplicates: true })
      .select();
    assert.deepEqual([kept.data, kept.error], [[], null]);
    const changed = await tags().update({ label: 'V' }, { count: 'exact' }).eq('id', 5).select();
    assert.deepEqual([changed.data, changed.count], [[{ id: 5, label: 'V' }], 1]);
    const gone = await tags().delete({ count: 'exact' }).gte('id', 5);
    assert.deepEqual([gone.status, gone.data, gone.count, gone.error], [204, null, 2, null]);
    assert.deepEqual(await sql('select id, label from tags order by id'), [
      { id: 1, label: 'new' },
      { id: 2, label: 'old' },
      { id: 3, label: 'rare' },
      { id: 4, label: 'FOUR' },
    ]);
  });

  await t.test('tells errors as PostgREST does, and throws them when asked to', async () => {
    const { data, error, status } = await books().select('titel');
    assert.deepEqual(
      [status, data, error && { ...error }],
      [
        400,
        null,
        {
          code: '42703',
          message: 'column books.titel does not exist',
          details: null,
          hint: 'Perhaps you meant to reference the column "books.title".',
        },
      ],
    );
    const taken = await client.from('tags').insert({ id: 1, label: 'again' });
    assert.deepEqual([taken.status, taken.error?.code], [409, '23505']);
    const unguarded = await client.from('tags').delete();
    assert.equal(unguarded.status, 400);
    await assert.rejects(async () => books().select('titel').throwOnError(), { code: '42703' });
  });

  await t.test('reads another schema', async () => {
    const { data, error } = await client.schema('personal').from('users').select('mail');
    assert.deepEqual([data, error], [[{ mail: 'ann@example.eu' }], null]);
  });

  await t.test('gives up when its caller does', async () => {
    const controller = new AbortController();
    controller.abort();
    const { data, error } = await books().select().abortSignal(controller.signal);
    assert.equal(data, null);
    assert.match(error?.message ?? '', /abort/i);
  });
});
