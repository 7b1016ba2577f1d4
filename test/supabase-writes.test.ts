/** A program written for Supabase, unchanged: what supabase-js inserts, upserts, updates and deletes. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { type TestEngine, testEngines } from './servers/identity.ts';
import { openLibrary } from './supabase-world.ts';

for (const engine of testEngines) test(`supabase-js writes on ${engine}`, (t) => writes(t, engine));

async function writes(t: TestContext, engine: TestEngine): Promise<void> {
  const { client, sql, stock } = await openLibrary(t, { engine });
  const isPostgres = engine === 'postgres';
  const staff = client('staff');
  const tags = () => staff.from('tags');
  const stored = (where: string) => sql(`select id, label, uses from tags where ${where} order by id`);

  await t.test('inserts one row or many, and answers what was asked for', async () => {
    assert.deepEqual(await tags().insert({ id: 3, label: 'three' }), {
      success: true,
      error: null,
      data: null,
      count: null,
      status: 201,
      statusText: 'Created',
    });
    const one = await tags().insert({ id: 4, label: 'four' }).select().single();
    assert.deepEqual([one.status, one.data, one.error], [201, { id: 4, label: 'four', uses: 7 }, null]);
    const two = await tags()
      .insert(
        [
          { id: 5, label: 'five', uses: 5 },
          { id: 6, label: 'six' },
        ],
        { count: 'exact' },
      )
      .select('id, uses');
    assert.deepEqual(
      [two.status, two.count, two.data],
      [
        201,
        2,
        [
          { id: 5, uses: 5 },
          { id: 6, uses: null },
        ],
      ],
    );
    const defaults = await tags()
      .insert(
        [
          { id: 8, label: 'eight', uses: 8 },
          { id: 9, label: 'nine' },
        ],
        { defaultToNull: false },
      )
      .select('uses');
    assert.deepEqual(defaults.data, [{ uses: 8 }, { uses: 7 }]);
    const none = await tags().insert([]).select();
    assert.deepEqual([none.status, none.data, none.error], [201, [], null]);
  });

  await t.test('inserts every kind of value, and embeds in what comes back', async () => {
    // A SET knows its labels, and there are no ranges beside PostgreSQL's.
    const kinds = isPostgres
      ? { labels: ['a,b', 'c"d', '{}', ''], loan: '[2025-01-01,2025-01-31]' }
      : { labels: ['old', 'two words'] };
    const told = isPostgres ? { ...kinds, loan: '[2025-01-01,2025-02-01)' } : kinds;
    const { data, error } = await staff
      .from('books')
      .insert({
        title: 'Été, "née" 😀',
        author_id: 3,
        genre: 'poems',
        price: '3.50',
        copies: 9007199254740993n,
        meta: { list: [1, null, { deep: true }], text: '\\u0041' },
        ...kinds,
      })
      .select(
        `title, copies::text, price::text, ${Object.keys(kinds).join()}, meta, author:authors!author_id(name), reviews(stars)`,
      )
      .single();
    assert.deepEqual(
      [error, data],
      [
        null,
        {
          title: 'Été, "née" 😀',
          copies: '9007199254740993',
          price: '3.50',
          meta: { list: [1, null, { deep: true }], text: '\\u0041' },
          ...told,
          author: { name: 'Cem' },
          reviews: [],
        },
      ],
    );
  });

  await t.test('upserts: merges, ignores, by another key', async () => {
    const merged = await tags()
      .upsert([
        { id: 3, label: 'THREE' },
        { id: 10, label: 'ten' },
      ])
      .select('id, label');
    assert.deepEqual(
      [merged.status, merged.data],
      [
        201,
        [
          { id: 3, label: 'THREE' },
          { id: 10, label: 'ten' },
        ],
      ],
    );
    const ignored = await tags()
      .upsert({ id: 99, label: 'ten' }, { onConflict: 'label', ignoreDuplicates: true })
      .select();
    assert.deepEqual([ignored.data, ignored.error], [[], null]);
    const byLabel = await tags()
      .upsert({ id: 10, label: 'ten', uses: 1 }, { onConflict: 'label', count: 'exact' })
      .select('uses');
    assert.deepEqual([byLabel.data, byLabel.count], [[{ uses: 1 }], 1]);
    const defaults = await tags().upsert(
      [
        { id: 11, label: 'eleven' },
        { id: 12, label: 'twelve', uses: 1 },
      ],
      {
        defaultToNull: false,
      },
    );
    assert.deepEqual([defaults.status, defaults.data], [201, null]);
    assert.deepEqual(await stored('id > 10'), [
      { id: 11, label: 'eleven', uses: 7 },
      { id: 12, label: 'twelve', uses: 1 },
    ]);
    const pair = await staff.from('book_tags').upsert({ book_id: 1, tag_id: 1 }).select().single();
    assert.deepEqual(pair.data, { book_id: 1, tag_id: 1 });
  });

  await t.test('updates and deletes what the filters find, and counts it', async () => {
    const changed = await tags()
      .update({ uses: 2 }, { count: 'exact' })
      .in('id', [3, 4])
      .select('id')
      .order('id');
    assert.deepEqual([changed.status, changed.count, changed.data], [200, 2, [{ id: 3 }, { id: 4 }]]);
    const quiet = await tags().update({ uses: 3 }).eq('id', 3);
    assert.deepEqual([quiet.status, quiet.data, quiet.count, quiet.error], [204, null, null, null]);
    const nobody = await tags().update({ uses: 3 }).eq('id', 99).select();
    assert.deepEqual([nobody.status, nobody.data], [200, []]);
    const one = await tags().update({ uses: 4 }).eq('id', 99).select().single();
    assert.deepEqual([one.status, one.error?.code], [406, 'PGRST116']);
    const gone = await tags().delete({ count: 'exact' }).gte('id', 11);
    assert.deepEqual([gone.status, gone.data, gone.count, gone.error], [204, null, 2, null]);
    const last = await tags().delete().eq('id', 10).select('label').single();
    assert.deepEqual([last.status, last.data], [200, { label: 'ten' }]);
    const csv = await tags().delete().eq('id', 9).select('id,label').csv();
    assert.equal(csv.data, 'id,label\n9,nine');
  });

  await t.test('writes nothing where it was told not to', async () => {
    const dry = await tags().update({ label: 'dry' }).eq('id', 3).select('label').rollback();
    assert.deepEqual([dry.data, dry.error], [[{ label: 'dry' }], null]);
    const many = await tags().update({ uses: 0 }).gt('id', 0).maxAffected(1);
    assert.deepEqual(
      [many.status, many.error?.code, many.error?.details],
      [400, 'PGRST124', 'The query affects 7 rows'],
    );
    assert.equal((await tags().delete().gt('id', 2).maxAffected(1).select()).error?.code, 'PGRST124');
    const few = await tags().update({ uses: 0 }).eq('id', 3).maxAffected(1).select('uses');
    assert.deepEqual([few.status, few.data], [200, [{ uses: 0 }]]);
    const unguarded = await tags().delete();
    assert.deepEqual([unguarded.status, unguarded.error?.code], [400, '21000']);
    const strict = await tags().select('id').eq('id', 1).setHeader('Prefer', 'handling=strict, wonder=yes');
    assert.deepEqual(
      [strict.status, strict.error?.code, strict.error?.details],
      [400, 'PGRST122', 'Invalid preferences: wonder=yes'],
    );
    assert.deepEqual(await stored('id = 3'), [{ id: 3, label: 'THREE', uses: 0 }]);
  });

  await t.test('knows who writes, and refuses as Postgres and PostgREST do', async () => {
    const reader = client('reader');
    const written = await reader.from('reviews').insert({ book_id: 1, stars: 5 }).select('stars');
    assert.deepEqual([written.status, written.data], [201, [{ stars: 5 }]]);
    assert.deepEqual(await sql("select stars, writer from reviews where writer = 'u7'"), [
      { stars: 5, writer: 'u7' },
    ]);
    const cases: readonly (readonly [
      PromiseLike<{ status: number; error: { code: string } | null }>,
      number,
      string,
    ])[] = [
      [tags().insert({ id: 1, label: 'again' }), 409, '23505'],
      [staff.from('book_tags').insert({ book_id: 99, tag_id: 1 }), 409, '23503'],
      [staff.from('reviews').insert({ book_id: 1, stars: 9 }), 400, '23514'],
      [tags().insert({ id: 20 }), 400, '23502'],
      [tags().insert({ id: 'x', label: 'x' }), 400, '22P02'],
      [tags().insert({ id: 20, label: 'x', colour: 'red' }), 400, 'PGRST204'],
      [tags().upsert({ id: 20, label: 'x' }, { onConflict: 'uses' }), 400, '42P10'],
      [staff.from('cheap_books').insert({ id: 1 }), 403, '42501'],
      [reader.from('reviews').update({ stars: 1 }).eq('id', 1), 403, '42501'],
      [reader.from('reviews').insert({ book_id: 1, stars: 1, writer: 'u1' }), 400, 'PGRST204'],
      [reader.from('books').insert({ title: 'Mine', author_id: 1 }), 403, '42501'],
      [client().from('reviews').insert({ book_id: 1, stars: 1 }), 401, '42501'],
    ];
    for (const [answer, status, code] of cases) {
      const { error, ...rest } = await answer;
      assert.deepEqual([rest.status, error?.code], [status, code], JSON.stringify(error));
    }
    assert.deepEqual((await tags().insert({ id: 1, label: 'again' })).error, {
      code: '23505',
      message: `duplicate key value violates unique constraint "${isPostgres ? 'tags_pkey' : 'PRIMARY'}"`,
      details: 'On id.',
      hint: 'Change the values so that the constraint holds.',
    });
  });

  await t.test('writes in another schema', async () => {
    const shelves = () => staff.schema(stock as 'public').from('shelves');
    const made = await shelves().insert({ room: 'east' }).select().single();
    assert.deepEqual(made.data, { id: 3, room: 'east' });
    assert.equal((await shelves().delete().eq('id', 3)).status, 204);
  });
}
