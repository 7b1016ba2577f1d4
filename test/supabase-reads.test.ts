/** A program written for Supabase, unchanged: what supabase-js reads, filters, orders, pages and counts. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { serverUrl } from './database.ts';
import { type TestEngine, testEngines } from './servers/identity.ts';
import { ensurePostgis } from './servers/postgis.ts';
import { type Client, openLibrary } from './supabase-world.ts';

for (const engine of testEngines)
  test(`supabase-js reads through the engine's own port on ${engine}`, (t) => reads(t, engine));

async function reads(t: TestContext, engine: TestEngine): Promise<void> {
  const { client, stock } = await openLibrary(t, { engine });
  const isPostgres = engine === 'postgres';
  const staff = client('staff');
  const visitor = client();
  const books = (columns: string) => staff.from('books').select(columns);
  const rows = async (columns: string, id: number) =>
    (await books(columns).eq('id', id).single().throwOnError()).data;

  await t.test('columns: names, aliases, casts, JSON paths, computed ones', async () => {
    assert.deepEqual(await rows('id, name:title, price::text, copies::text', 1), {
      id: 1,
      name: 'The Quick Fox',
      price: '10.50',
      copies: '9007199254740993',
    });
    assert.deepEqual(
      await rows(
        `meta->pages, meta->size->cm->1, first:meta->size->cm->>0${isPostgres ? ', title_length' : ''}`,
        1,
      ),
      { pages: 300, cm: 13.5, first: '20', ...(isPostgres ? { title_length: 13 } : null) },
    );
    assert.deepEqual(
      await staff
        .from('we ird')
        .select(`"a.b", __proto__, "sel,ect", smile:${isPostgres ? '😀' : '☺'}`)
        .single(),
      {
        success: true,
        error: null,
        data: JSON.parse('{"a.b":1,"__proto__":"p","sel,ect":"s","smile":"smile"}'),
        count: null,
        status: 200,
        statusText: 'OK',
      },
    );
    assert.deepEqual((await staff.from('cheap_books').select()).data, [
      { id: 2, title: 'Foxes and Hens', price: 5.25 },
    ]);
  });

  await t.test('embeds: to one, to many, many to many, hints, joins, spread, counts', async () => {
    const cases: readonly (readonly [string, number, unknown])[] = [
      ['reviews(count)', 1, { reviews: [{ count: 2 }] }],
      ['covers(url)', 1, { covers: { url: 'fox.png' } }],
      ['covers(url)', 2, { covers: null }],
      ['author:authors!author_id(name)', 1, { author: { name: 'Ann' } }],
      ['by:authors!books_translator(name, country)', 1, { by: { name: 'Bob', country: null } }],
      ['translator(name)', 3, { translator: { name: 'Cem' } }],
      ['reviews(stars)', 3, { reviews: [] }],
      ['tags(label, books(id))', 1, { tags: [{ label: 'animals', books: [{ id: 1 }, { id: 2 }] }] }],
      ['book_tags(tags(label))', 3, { book_tags: [{ tags: { label: 'water' } }] }],
      ['id, ...authors!author_id(author:name)', 1, { id: 1, author: 'Ann' }],
      ['...tags(labels:label)', 1, { labels: ['animals'] }],
      ['reviews(stars.avg(), most:stars.max())', 1, { reviews: [{ avg: 4, most: 5 }] }],
      ['reviews(count())', 1, { reviews: [{ count: 2 }] }],
    ];
    for (const [columns, id, row] of cases) assert.deepEqual(await rows(columns, id), row, columns);
    assert.deepEqual(
      (await staff.from('authors').select('name, books!books_translator!inner(id)').order('id')).data,
      [
        { name: 'Bob', books: [{ id: 1 }] },
        { name: 'Cem', books: [{ id: 3 }] },
      ],
    );
    assert.deepEqual((await books('id, reviews!left()').is('reviews', null)).data, [{ id: 3 }]);
    const ambiguous = await books('authors(name)');
    assert.deepEqual(
      [ambiguous.status, ambiguous.error?.code, ambiguous.error?.message],
      [
        300,
        'PGRST201',
        "Could not embed because more than one relationship was found for 'books' and 'authors'",
      ],
    );
  });

  await t.test('filters, orders and limits on what is embedded', async () => {
    const { data } = await staff
      .from('authors')
      .select('name, books!author_id!inner(title, reviews(stars))')
      .eq('books.published', true)
      .or('price.gt.6,price.is.null', { referencedTable: 'books' })
      .order('stars', { referencedTable: 'books.reviews' })
      .limit(1, { referencedTable: 'books.reviews' })
      .order('name', { ascending: false });
    assert.deepEqual(data, [
      { name: 'Bob', books: [{ title: 'Rivers, Slow', reviews: [] }] },
      { name: 'Ann', books: [{ title: 'The Quick Fox', reviews: [{ stars: 3 }] }] },
    ]);
    const far = await books('id').order('author(name)', { ascending: false }).order('id');
    assert.deepEqual(far.error?.code, 'PGRST108');
    const ordered = await books('id, author:authors!author_id(name)')
      .order('author(name)', { ascending: false })
      .limit(1);
    assert.deepEqual(ordered.data, [{ id: 4, author: { name: 'Cem' } }]);
    const ranged = await staff
      .from('authors')
      .select('books!author_id(id)')
      .eq('id', 1)
      .order('id', { referencedTable: 'books', ascending: false })
      .range(1, 1, { referencedTable: 'books' });
    assert.deepEqual(ranged.data, [{ books: [{ id: 1 }] }]);
  });

  await t.test('aggregates, grouped by what stands beside them', async () => {
    const { data } = await books('genre, count(), price.sum()').order('genre');
    assert.deepEqual(data, [
      { genre: 'novel', count: 2, sum: 10.5 },
      { genre: 'essay', count: 1, sum: 5.25 },
      { genre: 'poems', count: 1, sum: 20 },
    ]);
  });

  await t.test('orders, with nulls where they were asked for', async () => {
    const ids = async (options: { ascending?: boolean; nullsFirst?: boolean }) =>
      ((await staff.from('books').select('id').order('price', options)).data ?? []).map(({ id }) => id);
    assert.deepEqual(await ids({}), [2, 1, 4, 3]);
    assert.deepEqual(await ids({ nullsFirst: true }), [3, 2, 1, 4]);
    assert.deepEqual(await ids({ ascending: false }), [3, 4, 1, 2]);
    assert.deepEqual(await ids({ ascending: false, nullsFirst: false }), [4, 1, 2, 3]);
    assert.deepEqual(
      (await books('id').order('meta->pages', { nullsFirst: false }).order('id').range(0, 1)).data,
      [{ id: 2 }, { id: 1 }],
    );
  });

  await t.test('pages and counts, with and without the rows', async () => {
    for (const count of ['exact', 'planned', 'estimated'] as const) {
      const some = await staff.from('books').select('id', { count }).order('id').range(1, 2);
      assert.deepEqual([some.data, some.count, some.status], [[{ id: 2 }, { id: 3 }], 4, 206], count);
      const none = await staff.from('books').select('*', { count, head: true });
      assert.deepEqual([none.data, none.count, none.error, none.status], [null, 4, null, 200], count);
    }
    const beyond = await staff.from('books').select('id', { count: 'exact' }).range(10, 12);
    assert.deepEqual(
      [beyond.status, beyond.error && { ...beyond.error }],
      [
        416,
        {
          code: 'PGRST103',
          message: 'Requested range not satisfiable',
          details: 'An offset of 10 was requested, but there are only 4 rows.',
          hint: 'Ask for a smaller offset.',
        },
      ],
    );
    assert.deepEqual((await books('id').range(10, 12)).data, []);
  });

  await t.test('reads one row, or none, and says when there are others', async () => {
    assert.deepEqual((await books('id').eq('id', 3).single()).data, { id: 3 });
    const missing = await books('id').eq('id', 99).single();
    assert.deepEqual(
      [missing.status, missing.data, missing.error && { ...missing.error }],
      [
        406,
        null,
        {
          code: 'PGRST116',
          message: 'Cannot coerce the result to a single JSON object',
          details: 'The result contains 0 rows',
          hint: 'No row that your role sees matches.',
        },
      ],
    );
    assert.deepEqual((await books('id').eq('id', 3).maybeSingle()).data, { id: 3 });
    const absent = await books('id').eq('id', 99).maybeSingle();
    assert.deepEqual([absent.data, absent.error], [null, null]);
    assert.equal((await books('id').lt('id', 3).maybeSingle()).error?.code, 'PGRST116');
  });

  await t.test(
    'other forms: CSV, nulls left out; GeoJSON without a geometry and plans are refused',
    async () => {
      const csv = await books('id, title, price').gt('id', 2).order('id').csv();
      assert.deepEqual(csv.data, 'id,title,price\n3,"Rivers, Slow",\n4,"A ""Quoted"" (Title)",20.00');
      const covers = books('id, price, covers(url)').eq('id', 3);
      assert.deepEqual((await covers.stripNulls()).data, [{ id: 3 }]);
      assert.deepEqual((await books('id, price').eq('id', 3).single().stripNulls()).data, { id: 3 });
      const planned = await books('id').explain({ analyze: true, format: 'json' });
      assert.deepEqual([planned.status, planned.data, planned.error?.code], [406, null, 'PGRST107']);
      assert.match(planned.error?.hint ?? '', /explain/);
      const shapes = await books('id').geojson();
      assert.deepEqual([shapes.status, shapes.data, shapes.error?.code], [406, null, 'PGRST107']);
      const typed = await books('id').eq('id', 1).overrideTypes<{ id: number }[], { merge: false }>();
      assert.equal(typed.data?.[0]?.id, 1);
    },
  );

  await t.test('tells errors as PostgREST does, and throws them when asked to', async () => {
    const { data, error, status } = await books('titel');
    assert.deepEqual(
      [status, data, error],
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
    await assert.rejects(async () => books('titel').throwOnError(), {
      name: 'PostgrestError',
      code: '42703',
    });
    assert.equal((await books('id').eq('id', 'one')).error?.code, '22P02');
    assert.equal((await books('id').filter('id', 'wonders', 1)).error?.code, 'PGRST100');
    assert.equal((await books('id').like('price', '1%')).error?.code, '42883');
  });

  await t.test('sees what the caller may see: nobody signed in, and another schema', async () => {
    assert.deepEqual((await visitor.from('books').select('title').eq('id', 4)).data, []);
    const hidden = await visitor.from('books').select('price');
    assert.deepEqual([hidden.status, hidden.error?.code], [400, '42703']);
    const closed = await visitor.from('tags').select();
    assert.deepEqual([closed.status, closed.error?.code], [404, 'PGRST205']);
    assert.deepEqual((await elsewhere(staff, stock).from('shelves').select('room').order('id')).data, [
      { room: 'north' },
      { room: 'south' },
    ]);
    assert.deepEqual((await elsewhere(staff, 'public').from('covers').select()).data, [
      { book_id: 1, url: 'fox.png' },
    ]);
    const none = await elsewhere(staff, 'nowhere').from('shelves').select();
    assert.deepEqual([none.status, none.error?.code], [406, 'PGRST106']);
  });
}

test('supabase-js reads geometry as GeoJSON', async (t) => {
  await ensurePostgis(await serverUrl('postgres'));
  const { client } = await openLibrary(t, {
    more: {
      sql: `create extension postgis;
create table places (id int primary key, at geometry(Point, 4326));
insert into places values (1, st_setsrid(st_makepoint(2.25, 48.5), 4326));`,
      yaml: 'tables: { places: { permissions: { staff: { select: true } } } }',
    },
  });
  const places = () => client('staff').from('places');
  const geometry = { type: 'Point', coordinates: [2.25, 48.5] };
  assert.partialDeepStrictEqual((await places().select('id, at').geojson()).data, {
    type: 'FeatureCollection',
    features: [{ type: 'Feature', geometry, properties: { id: 1 } }],
  });
  assert.partialDeepStrictEqual((await places().select('at').single()).data, { at: geometry });
});

/** By the client's own types a schema is one of Database's; these tests have none. */
function elsewhere(client: Client, schema: string): Client {
  return client.schema(schema as 'public') as unknown as Client;
}
