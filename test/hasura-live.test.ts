/** Refine's live provider, urql and Apollo over a WebSocket, unchanged. */
import assert from 'node:assert/strict';
import { after, type TestContext, test } from 'node:test';
import { onEveryEngine } from './engines.ts';
import { load } from './hasura/load.ts';
import { openLibrary, type Role } from './hasura-world.ts';

onEveryEngine(async (engine) => {
  const library = await openLibrary({ after }, engine);
  const endpoint = `${library.url}/graphql/v1`;

  const refine = await load('@refinedev/hasura');
  const { createClient } = await load('graphql-ws');
  const { gql, Client, fetchExchange, subscriptionExchange } = await load('@urql/core');
  const { ApolloClient, InMemoryCache } = await load('@apollo/client/core/index.js');
  const { GraphQLWsLink } = await load('@apollo/client/link/subscriptions/index.js');

  async function socketOf(t: TestContext, role?: Role) {
    const headers = await library.headers(role);
    const client = createClient({ url: endpoint.replace('http', 'ws'), connectionParams: { headers } });
    t.after(() => client.dispose());
    return client;
  }

  /** What is told, one after the other. */
  function told<T>(): { readonly tell: (value: T) => void; readonly next: () => Promise<T> } {
    const values: T[] = [];
    const waiting: ((value: T) => void)[] = [];
    return {
      tell: (value) => {
        const first = waiting.shift();
        if (first === undefined) values.push(value);
        else first(value);
      },
      next: async () =>
        values.length > 0 ? values.shift()! : new Promise((resolve) => waiting.push(resolve)),
    };
  }

  test('Refine follows a list as it is filtered, sorted and paged', async (t) => {
    const live = refine.liveProvider(await socketOf(t, 'staff'), { idType: 'Int' });
    const list = told<unknown>();
    const subscription = live.subscribe({
      callback: list.tell,
      types: ['*'],
      channel: 'resources/books',
      params: {
        subscriptionType: 'useList',
        resource: 'books',
        filters: [{ field: 'author.name', operator: 'eq', value: 'Ann' }],
        sorters: [{ field: 'id', order: 'desc' }],
        pagination: { currentPage: 1, pageSize: 2, mode: 'server' },
        meta: { fields: ['id', 'title', { author: ['name'] }] },
      },
    });
    const quick = { id: 1, title: 'The Quick Fox', author: { name: 'Ann' } };
    const foxes = { id: 2, title: 'Foxes and Hens', author: { name: 'Ann' } };
    assert.deepEqual(await list.next(), [foxes, quick]);
    const provider = refine.default(
      new refine.GraphQLClient(endpoint, { headers: await library.headers('staff') }),
      {
        idType: 'Int',
      },
    );
    // Of another author: no change of this list.
    await provider.create({ resource: 'books', variables: { title: 'Elsewhere', author_id: 2 } });
    await provider.create({ resource: 'books', variables: { title: 'Third', author_id: 1 } });
    assert.deepEqual(await list.next(), [{ id: 6, title: 'Third', author: { name: 'Ann' } }, foxes]);
    live.unsubscribe(subscription);
  });

  test('Refine follows one row and several', async (t) => {
    const live = refine.liveProvider(await socketOf(t, 'staff'), { idType: 'uuid' });
    const follow = (params: object) => {
      const rows = told<unknown>();
      const subscription = live.subscribe({
        callback: rows.tell,
        types: ['*'],
        channel: 'resources/readers',
        params: { resource: 'readers', meta: { fields: ['name'] }, ...params },
      });
      t.after(() => live.unsubscribe(subscription));
      return rows.next;
    };
    const ida = '11111111-1111-4111-8111-111111111111';
    const [one, many] = [
      follow({ subscriptionType: 'useOne', id: ida }),
      follow({ subscriptionType: 'useMany', ids: [ida] }),
    ];
    assert.deepEqual([await one(), await many()], [{ name: 'Ida' }, [{ name: 'Ida' }]]);
    await library.sql(`update readers set name = 'Ada' where id = '${ida}'`);
    assert.deepEqual([await one(), await many()], [{ name: 'Ada' }, [{ name: 'Ada' }]]);
  });

  test('urql follows what a visitor may see, and is told of nothing else', async (t) => {
    const socket = await socketOf(t);
    const forward = (request: { query: string; variables: object }) => ({
      subscribe: (sink: object) => ({ unsubscribe: socket.subscribe(request, sink) }),
    });
    const urql = new Client({
      url: endpoint,
      exchanges: [fetchExchange, subscriptionExchange({ forwardSubscription: forward })],
    });
    const shelf = told<{ data?: { books: { id: number; title: string }[] } }>();
    const document = gql`
    subscription Shelf($where: books_bool_exp) { books(where: $where, order_by: { id: asc }) { ...Parts } }
    fragment Parts on books { id title }`;
    const { unsubscribe } = urql
      .subscription(document, { where: { author_id: { _eq: 3 } } })
      .subscribe(shelf.tell);
    t.after(unsubscribe);
    assert.deepEqual((await shelf.next()).data, { books: [] });
    await library.sql("update books set title = 'Still hidden' where id = 4");
    await library.sql("update books set title = 'Shown', published = true where id = 4");
    assert.deepEqual((await shelf.next()).data, { books: [{ id: 4, title: 'Shown' }] });
  });

  test('Apollo is given new rows as a stream, and the error of a document that is not valid', async (t) => {
    const apollo = new ApolloClient({
      link: new GraphQLWsLink(await socketOf(t, 'staff')),
      cache: new InMemoryCache(),
    });
    const rows = told<unknown>();
    const query = gql`
    subscription New($after: Int!) {
      reviews_stream(batch_size: 2, cursor: { initial_value: { id: $after }, ordering: ASC }, where: { stars: { _gte: 2 } }) {
        id stars
      }
    }`;
    const stream = apollo
      .subscribe({ query, variables: { after: 3 } })
      .subscribe(({ data }: { data: { reviews_stream: unknown } }) => rows.tell(data.reviews_stream));
    t.after(() => stream.unsubscribe());
    await library.sql('insert into reviews (book_id, stars) values (1, 1), (1, 2), (2, 5)');
    assert.deepEqual(await rows.next(), [
      { __typename: 'reviews', id: 6, stars: 2 },
      { __typename: 'reviews', id: 7, stars: 5 },
    ]);
    const wrong = told<{ graphQLErrors?: unknown; message: string }>();
    apollo
      .subscribe({ query: gql`subscription { reviews { nothing } }` })
      .subscribe({ next: wrong.tell, error: wrong.tell });
    assert.match((await wrong.next()).message, /field 'nothing' not found in type: 'reviews'/);
  });
});
