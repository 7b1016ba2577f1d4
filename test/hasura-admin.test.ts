/** react-admin's data provider for Hasura, unchanged: it reads the schema and writes its documents from it. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import type { Scope } from './database.ts';
import { onEveryEngine } from './engines.ts';
import { load } from './hasura/load.ts';
import { type Library, openLibrary, type Role } from './hasura-world.ts';

onEveryEngine(async (engine) => {
  // biome-ignore lint/suspicious/noExplicitAny: a program in JavaScript
  type Provider = Record<string, (resource: string, params: object) => Promise<any>>;

  const uuid = (digit: string) =>
    `${digit.repeat(8)}-${digit.repeat(4)}-4${digit.repeat(3)}-8${digit.repeat(3)}-${digit.repeat(12)}`;

  async function providerOf({ url, headers }: Library, role?: Role): Promise<Provider> {
    // Its entry is CommonJS, whose `default` stands in the default.
    const { default: module } = await load('ra-data-hasura');
    return module.default({ clientOptions: { uri: `${url}/graphql/v1`, headers: await headers(role) } });
  }

  async function library(t: Scope) {
    const opened = await openLibrary(t, engine);
    return { ...opened, provider: await providerOf(opened, 'staff') };
  }

  /** For tests that read only. */
  const { provider: reading, ...shelves } = await library({ after });

  const sort = { field: 'id', order: 'ASC' };
  const pagination = { page: 1, perPage: 10 };

  test('getList filters, sorts and pages, and counts by the aggregate', async () => {
    const ids = async (params: object) => {
      const { data, total } = await reading.getList!('books', { sort, pagination, filter: {}, ...params });
      return [data.map((row: { id: number }) => row.id), total];
    };
    const { data } = await reading.getList!('books', {
      sort,
      pagination: { page: 2, perPage: 1 },
      filter: {},
    });
    assert.deepEqual(data, [
      {
        id: 2,
        title: 'Foxes and Hens',
        author_id: 1,
        genre: 'essay',
        price: 5.25,
        copies: 1,
        meta: { pages: 90 },
        published: true,
        added: '2024-02-01T10:00:00+00:00',
      },
    ]);
    assert.deepEqual(await ids({ pagination: { page: 2, perPage: 3 } }), [[4], 4]);
    assert.deepEqual(await ids({ sort: { field: 'title', order: 'DESC' } }), [[1, 3, 2, 4], 4]);
    assert.deepEqual(await ids({ sort: { field: 'price@nulls_first', order: 'DESC' } }), [[3, 4, 1, 2], 4]);
    assert.deepEqual(await ids({ sort: { field: 'genre,id', order: 'DESC,DESC' } }), [[4, 2, 3, 1], 4]);
    assert.deepEqual(await ids({ sort: { field: 'author.name', order: 'DESC' }, filter: { 'id@_neq': 2 } }), [
      [4, 3, 1],
      3,
    ]);
    const filters: readonly [object, readonly number[]][] = [
      [{ title: 'fox' }, [1, 2]],
      [{ 'title@_like': 'Fox' }, [1, 2]],
      [{ 'title@_ilike,genre@_eq': 'poems' }, [4]],
      [{ id: 3 }, [3]],
      [{ ids: [1, 4] }, [1, 4]],
      [{ 'id@_in': [2, 3] }, [2, 3]],
      [{ 'price@_gte': 10.5 }, [1, 4]],
      [{ 'price@_is_null': true }, [3]],
      [{ published: false }, [4]],
      [{ 'added@_lt': '2024-02-02' }, [1, 2]],
      [{ meta: '{"pages": 90}' }, [2]],
      [{ 'author#name': 'Ann' }, [1, 2]],
      [{ 'author#name@_ilike': 'b' }, [3]],
      [{ 'reviews#stars@_gt': 3 }, [1, 2]],
      [{ author: { format: 'hasura-raw-query', value: { country: { _is_null: true } } } }, [3]],
    ];
    for (const [filter, found] of filters)
      assert.deepEqual(await ids({ filter }), [found, found.length], JSON.stringify(filter));
  });

  test('getOne, getMany and getManyReference read by keys and by what refers to a row', async () => {
    const ida = { id: uuid('1'), name: 'Ida', joined: '2023-01-01' };
    assert.deepEqual((await reading.getOne!('readers', { id: uuid('1') })).data, ida);
    assert.deepEqual((await reading.getOne!('authors', { id: 2 })).data, {
      id: 2,
      name: 'Bob',
      country: null,
    });
    assert.deepEqual((await reading.getMany!('readers', { ids: [uuid('1'), uuid('9')] })).data, [ida]);
    assert.deepEqual(
      await reading.getManyReference!('reviews', {
        target: 'book_id',
        id: 1,
        sort,
        pagination: { page: 1, perPage: 1 },
        filter: {},
      }),
      { data: [{ id: 1, book_id: 1, stars: 5, note: 'great' }], total: 2 },
    );
  });

  test('rows are made, changed and removed, one and many', async (t) => {
    const { provider, sql } = await library(t);
    const { data: made } = await provider.create!('authors', { data: { name: 'Dan', country: 'US' } });
    assert.deepEqual(made, { id: 4, name: 'Dan', country: 'US' });
    const { data: kai } = await provider.create!('readers', { data: { name: 'Kai' } });
    assert.deepEqual({ ...kai, id: null }, { id: null, name: 'Kai', joined: '2024-01-01' });
    const { data: changed } = await provider.update!('authors', {
      id: 4,
      data: { id: 4, name: 'Dana', country: null },
      previousData: made,
    });
    assert.deepEqual(changed, { id: 4, name: 'Dana', country: null });
    assert.deepEqual(
      (await provider.updateMany!('reviews', { ids: [1, 2], data: { stars: 2 } })).data,
      [1, 2],
    );
    assert.deepEqual((await provider.delete!('readers', { id: kai.id, previousData: kai })).data, kai);
    assert.deepEqual((await provider.deleteMany!('reviews', { ids: [3, 4] })).data, [3, 4]);
    assert.deepEqual(await sql('select id, stars from reviews order by id'), [
      { id: 1, stars: 2 },
      { id: 2, stars: 2 },
    ]);
    assert.deepEqual(await sql('select name from authors where id = 4'), [{ name: 'Dana' }]);
  });

  test('a table that a role may not write is one without that verb, and another is no resource', async () => {
    const provider = await providerOf(shelves);
    const { data, total } = await provider.getList!('books', { sort, pagination, filter: {} });
    assert.deepEqual(
      [data[0], data.length, total],
      [{ id: 1, title: 'The Quick Fox', author_id: 1, genre: 'novel' }, 3, 3],
    );
    await assert.rejects(
      provider.update!('books', { id: 1, data: { title: 'x' }, previousData: {} }),
      /No query or mutation matching fetch type UPDATE/,
    );
    await assert.rejects(
      provider.getList!('readers', { sort, pagination, filter: {} }),
      /Unknown resource readers/,
    );
  });
});
