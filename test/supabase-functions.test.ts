/** A program written for Supabase, unchanged: functions, their results, their errors, and calls given up. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { TestEngine } from './servers/identity.ts';
import { openLibrary } from './supabase-world.ts';

test('supabase-js calls functions on postgres', async (t) => {
  const { client, sql } = await openLibrary(t);
  const staff = client('staff');

  await t.test('with arguments of every kind, by POST and by GET', async () => {
    const cases: readonly (readonly [string, object, unknown])[] = [
      ['add_up', { numbers: [1, 2, 3] }, 6],
      ['labels_of', {}, ['new', 'old', 'red', 'two words']],
      ['labels_of', { price_below: 6.5 }, ['new']],
      ['labels_of', { price_below: undefined }, ['new', 'old', 'red', 'two words']],
      [
        'genre_counts',
        {},
        [
          { genre: 'novel', total: 2 },
          { genre: 'essay', total: 1 },
          { genre: 'poems', total: 1 },
        ],
      ],
      ['whoami', {}, 'u7'],
    ];
    for (const get of [false, true])
      for (const [name, args, result] of cases) {
        const { data, error, status } = await staff.rpc(name, args, { get });
        assert.deepEqual([status, data, error], [200, result, null], `${name} ${get}`);
      }
    assert.deepEqual((await staff.rpc('pick', { doc: { a: { 'b"c': [1, null] } }, key: 'a' })).data, {
      'b"c': [1, null],
    });
    assert.equal((await client('reader').rpc('whoami')).data, 'u7');
    assert.equal((await client().rpc('whoami')).data, null);
  });

  await t.test(
    'whose rows are filtered, ordered, paged, embedded and counted like those of a table',
    async () => {
      const { data, count, status } = await staff
        .rpc('search_books', { term: '' }, { count: 'exact' })
        .select('id, author:authors!author_id(name), reviews(stars)')
        .eq('published', true)
        .order('id', { ascending: false })
        .range(1, 1);
      assert.deepEqual(
        [status, count, data],
        [206, 3, [{ id: 2, author: { name: 'Ann' }, reviews: [{ stars: 4 }] }]],
      );
      for (const [args, rows] of [
        [{ term: 'fox' }, 2],
        [{ term: 'fox', most: 1 }, 1],
      ] as const) {
        const head = await staff.rpc('search_books', args, { head: true, count: 'exact' });
        assert.deepEqual([head.data, head.count, head.error], [null, rows, null]);
      }
      const read = await staff
        .rpc('search_books', { term: 'fox', most: 1 }, { get: true })
        .select('title')
        .single();
      assert.deepEqual(read.data, { title: 'The Quick Fox' });
      assert.deepEqual((await staff.rpc('newest_book').select('id, title')).data, {
        id: 4,
        title: 'A "Quoted" (Title)',
      });
      assert.deepEqual((await staff.rpc('newest_book').select('id').single()).data, { id: 4 });
      assert.deepEqual((await staff.rpc('search_books', { term: 'none' }).maybeSingle()).data, null);
      assert.equal((await staff.rpc('search_books', { term: '' }).single()).error?.code, 'PGRST116');
      assert.equal(
        (await staff.rpc('genre_counts').select('genre,total').gt('total', 1).csv()).data,
        'genre,total\nnovel,2',
      );
      // An object does not go into a URL: this one is a POST, which PostgREST answers whole.
      const object = await staff.rpc('pick', { doc: { a: 1 }, key: 'a' }, { head: true });
      assert.deepEqual([object.status, object.data, object.error], [200, 1, null]);
    },
  );

  await t.test('that write: nothing comes back, rows come back, nothing stays', async () => {
    const dry = await staff.rpc('retitle', { book: 3, name: 'Dry' }).rollback();
    assert.deepEqual([dry.status, dry.data, dry.error], [204, null, null]);
    assert.deepEqual(await sql('select title from books where id = 3'), [{ title: 'Rivers, Slow' }]);
    const quiet = await staff.rpc('retitle', { book: 3, name: 'Rivers' });
    assert.deepEqual([quiet.status, quiet.data, quiet.error], [204, null, null]);
    assert.deepEqual(await sql('select title from books where id = 3'), [{ title: 'Rivers' }]);
    const many = await staff.rpc('drop_reviews', { below: 5 }).maxAffected(2);
    assert.deepEqual([many.status, many.error?.code], [400, 'PGRST124']);
    const few = await staff.rpc('drop_reviews', { below: 3 }).maxAffected(2).select('stars');
    assert.deepEqual([few.status, few.data], [200, [{ stars: 1 }]]);
    const read = await staff.rpc('retitle', { book: 3, name: 'Read' }, { get: true });
    assert.deepEqual([read.status, read.error?.code], [405, '25006']);
  });

  await t.test('that raise, are not there, or are closed', async () => {
    const raised = await staff.rpc('lend', { book: 1 });
    assert.deepEqual(
      [raised.status, raised.data, raised.error],
      [402, null, { code: 'PT402', message: 'Not paid', details: 'Two euros', hint: 'Pay at the desk' }],
    );
    await assert.rejects(async () => staff.rpc('lend', { book: 1 }).throwOnError(), {
      name: 'PostgrestError',
      code: 'PT402',
      message: 'Not paid',
      details: 'Two euros',
      hint: 'Pay at the desk',
    });
    const misspelt = await staff.rpc('search_books', { word: 'fox' });
    assert.deepEqual([misspelt.status, misspelt.error?.code], [404, 'PGRST202']);
    const closed = await client('reader').rpc('search_books', { term: 'fox' });
    assert.deepEqual([closed.status, closed.error?.code], [404, 'PGRST202']);
    const wrong = await staff.rpc('add_up', { numbers: ['x'] });
    assert.deepEqual([wrong.status, wrong.error?.code], [400, '22P02']);
  });

  await t.test('of another schema', async () => {
    assert.deepEqual((await staff.schema('stock' as 'public').rpc('rooms')).data, ['north', 'south']);
    assert.equal((await staff.rpc('rooms')).error?.code, 'PGRST202');
  });

  await t.test('and ends the statement when it gives up', async () => {
    const asleep = async () =>
      (
        await sql(
          "select 1 from pg_stat_activity where state = 'active' and query like '%nap%' and pid <> pg_backend_pid()",
        )
      ).length;
    const until = async (running: number) => {
      while ((await asleep()) !== running) await new Promise((resolve) => setTimeout(resolve, 20));
    };
    const controller = new AbortController();
    const answer = staff
      .rpc('nap', { seconds: 60 })
      .abortSignal(controller.signal)
      .then((result) => result);
    await until(1);
    controller.abort();
    const { data, error, status } = await answer;
    assert.deepEqual([data, status], [null, 0]);
    assert.match(error?.message ?? '', /abort/i);
    await until(0);
    const timed = staff.rpc('nap', { seconds: 60 }).abortSignal(AbortSignal.timeout(300));
    assert.match((await timed).error?.message ?? '', /Timeout/);
    await until(0);
  });
});

for (const engine of ['mariadb', 'mysql'] as const)
  test(`supabase-js calls functions and procedures on ${engine}`, (t) => calls(t, engine));

/** Every argument is given, and the rows of procedures come as they are. */
async function calls(t: TestContext, engine: TestEngine): Promise<void> {
  const { client, sql, stock } = await openLibrary(t, { engine });
  const staff = client('staff');

  await t.test('with arguments of every kind, by POST and by GET', async () => {
    const cases: readonly (readonly [string, object, unknown])[] = [
      [
        'genre_counts',
        {},
        [
          { genre: 'novel', total: 2 },
          { genre: 'essay', total: 1 },
          { genre: 'poems', total: 1 },
        ],
      ],
      ['whoami', {}, 'u7'],
    ];
    for (const get of [false, true])
      for (const [name, args, result] of cases) {
        const { data, error, status } = await staff.rpc(name, args, { get });
        assert.deepEqual([status, data, error], [200, result, null], `${name} ${get}`);
      }
    // A list in a URL is PostgreSQL's to the client, and JSON is text there.
    assert.deepEqual((await staff.rpc('add_up', { numbers: [1, 2] })).data, 3);
    assert.deepEqual((await staff.rpc('add_up', { numbers: '[1,2]' }, { get: true })).data, 3);
    assert.deepEqual((await staff.rpc('pick', { doc: { a: { 'b"c': [1, null] } }, key: 'a' })).data, {
      'b"c': [1, null],
    });
    assert.equal((await client('reader').rpc('whoami')).data, 'u7');
    assert.equal((await client().rpc('whoami')).data, null);
  });

  await t.test('whose rows come whole, and are not shaped', async () => {
    const found = await staff.rpc('search_books', { term: 'fox', most: 1 });
    assert.partialDeepStrictEqual(found.data, [
      { id: 1, title: 'The Quick Fox', price: 10.5, labels: ['old', 'red'] },
    ]);
    const counted = await staff.rpc('search_books', { term: 'fox', most: 9 }, { count: 'exact' });
    assert.deepEqual([counted.status, counted.count, counted.data.length], [200, 2, 2]);
    assert.partialDeepStrictEqual((await staff.rpc('newest_book').single()).data, { id: 4 });
    assert.equal((await staff.rpc('search_books', { term: '', most: 9 }).single()).error?.code, 'PGRST116');
    assert.equal((await staff.rpc('genre_counts').csv()).data, 'genre,total\nnovel,2\nessay,1\npoems,1');
    const shaped = [
      staff.rpc('search_books', { term: 'fox', most: 1 }).select('title'),
      staff.rpc('search_books', { term: 'fox', most: 1 }).eq('id', 1),
      staff.rpc('search_books', { term: 'fox', most: 1 }).order('id'),
      staff.rpc('search_books', { term: 'fox', most: 9 }).limit(1),
    ];
    for (const { status, error } of await Promise.all(shaped))
      assert.deepEqual([status, error?.code], [400, '0A000']);
  });

  await t.test('that write: nothing comes back, rows come back, nothing stays', async () => {
    const dry = await staff.rpc('retitle', { book: 3, name: 'Dry' }).rollback();
    assert.deepEqual([dry.status, dry.data, dry.error], [204, null, null]);
    assert.deepEqual(await sql('select title from books where id = 3'), [{ title: 'Rivers, Slow' }]);
    const quiet = await staff.rpc('retitle', { book: 3, name: 'Rivers' });
    assert.deepEqual([quiet.status, quiet.data, quiet.error], [204, null, null]);
    assert.deepEqual(await sql('select title from books where id = 3'), [{ title: 'Rivers' }]);
    const many = await staff.rpc('drop_reviews', { below: 5 }).maxAffected(2);
    assert.deepEqual([many.status, many.error?.code], [400, 'PGRST124']);
    const few = await staff.rpc('drop_reviews', { below: 3 }).maxAffected(2);
    assert.partialDeepStrictEqual([few.status, few.data], [200, [{ stars: 1 }]]);
    const read = await staff.rpc('retitle', { book: 3, name: 'Read' }, { get: true });
    assert.deepEqual([read.status, read.error?.code], [405, '25006']);
  });

  await t.test('that raise, are not there, or are closed', async () => {
    const raised = await staff.rpc('lend', { book: 1 });
    assert.deepEqual(
      [raised.status, raised.data, raised.error],
      [402, null, { code: 'PT402', message: 'Not paid', details: null, hint: null }],
    );
    const misspelt = await staff.rpc('search_books', { word: 'fox' });
    assert.deepEqual([misspelt.status, misspelt.error?.code], [404, 'PGRST202']);
    const fewer = await staff.rpc('search_books', { term: 'fox' });
    assert.deepEqual([fewer.status, fewer.error?.code], [404, 'PGRST202']);
    const closed = await client('reader').rpc('search_books', { term: 'fox', most: 1 });
    assert.deepEqual([closed.status, closed.error?.code], [404, 'PGRST202']);
    const wrong = await staff.rpc('retitle', { book: 'x', name: 'y' });
    assert.deepEqual([wrong.status, wrong.error?.code], [400, '22P02']);
  });

  await t.test('of another schema', async () => {
    assert.deepEqual((await staff.schema(stock as 'public').rpc('rooms')).data, [
      { room: 'north' },
      { room: 'south' },
    ]);
    assert.equal((await staff.rpc('rooms')).error?.code, 'PGRST202');
  });

  await t.test('and ends the statement when it gives up', async () => {
    const asleep = async () =>
      (
        await sql(
          "select 1 from information_schema.processlist where (info like 'call%nap%' or info like 'do sleep%') and db = database() and id <> connection_id()",
        )
      ).length;
    const until = async (running: number) => {
      while ((await asleep()) !== running) await new Promise((resolve) => setTimeout(resolve, 20));
    };
    const controller = new AbortController();
    const answer = staff
      .rpc('nap', { seconds: 60 })
      .abortSignal(controller.signal)
      .then((result) => result);
    await until(1);
    controller.abort();
    const { data, error, status } = await answer;
    assert.deepEqual([data, status], [null, 0]);
    assert.match(error?.message ?? '', /abort/i);
    await until(0);
  });
}
