/** Documents as people write them for urql and Apollo, and what their caches and errors make of the answers. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { onEveryEngine } from './engines.ts';
import { load } from './hasura/load.ts';
import { openLibrary } from './hasura-world.ts';

onEveryEngine(async (engine) => {
  const library = await openLibrary({ after }, engine);
  const endpoint = `${library.url}/graphql/v1`;
  const staff = await library.headers('staff');

  const { gql, Client, cacheExchange, fetchExchange } = await load('@urql/core');
  const { ApolloClient, InMemoryCache, HttpLink, ApolloError } = await load('@apollo/client/core/index.js');

  const urql = new Client({
    url: endpoint,
    exchanges: [cacheExchange, fetchExchange],
    fetchOptions: { headers: staff },
  });

  const openApollo = () =>
    new ApolloClient({ link: new HttpLink({ uri: endpoint, headers: staff }), cache: new InMemoryCache() });

  const bookParts = gql`
  fragment BookParts on books {
    id
    title
    author { ...AuthorParts }
  }
  fragment AuthorParts on authors { id name }
`;

  test('urql: fragments, variables, directives, aliases and the names of types that it adds', async () => {
    const document = gql`
    query Shelf($genre: ${library.genre}!, $country: String = "FR", $reviews: Boolean!, $order: [books_order_by!], $limit: Int) {
      found: books(
        where: { _or: [{ genre: { _eq: $genre } }, { author: { country: { _eq: $country } } }] }
        order_by: $order
        limit: $limit
      ) {
        ...BookParts
        reviews(order_by: { stars: desc_nulls_last }) @include(if: $reviews) { id stars }
        reviews_aggregate { aggregate { count } }
      }
      books_by_pk(id: 4) { ...BookParts }
    }
    ${bookParts}
  `;
    const variables = { genre: 'poems', reviews: true, order: [{ title: 'asc' }], limit: 2 };
    const { data, error } = await urql.query(document, variables).toPromise();
    assert.equal(error, undefined);
    const author = { __typename: 'authors', id: 1, name: 'Ann' };
    const quoted = {
      __typename: 'books',
      id: 4,
      title: 'A "Quoted" Title',
      author: { __typename: 'authors', id: 3, name: 'Cem' },
    };
    const count = (n: number) => ({
      __typename: 'reviews_aggregate',
      aggregate: { __typename: 'reviews_aggregate_fields', count: n },
    });
    assert.deepEqual(data, {
      found: [
        { ...quoted, reviews: [{ __typename: 'reviews', id: 4, stars: 1 }], reviews_aggregate: count(1) },
        {
          __typename: 'books',
          id: 2,
          title: 'Foxes and Hens',
          author,
          reviews: [{ __typename: 'reviews', id: 3, stars: 4 }],
          reviews_aggregate: count(1),
        },
      ],
      books_by_pk: quoted,
    });
  });

  test('urql: a mutation makes the lists of its types be read again', async () => {
    const list = gql`query { reviews(where: { book_id: { _eq: 3 } }, order_by: { id: asc }) { id stars } }`;
    const before = await urql.query(list, {}).toPromise();
    // Null is a list without the type's name: only a row tells the cache which mutations concern it.
    assert.deepEqual(before.data, { reviews: [] });
    const insert = gql`
    mutation Review($objects: [reviews_insert_input!]!) {
      insert_reviews(objects: $objects) { affected_rows returning { id stars book { title } } }
    }`;
    const made = await urql
      .mutation(insert, {
        objects: [
          { book_id: 3, stars: 2 },
          { book_id: 3, stars: 3 },
        ],
      })
      .toPromise();
    assert.deepEqual(made.data, {
      insert_reviews: {
        __typename: 'reviews_mutation_response',
        affected_rows: 2,
        returning: [
          { __typename: 'reviews', id: 5, stars: 2, book: { __typename: 'books', title: 'Rivers, Slow' } },
          { __typename: 'reviews', id: 6, stars: 3, book: { __typename: 'books', title: 'Rivers, Slow' } },
        ],
      },
    });
    const again = await urql.query(list, {}, { requestPolicy: 'network-only' }).toPromise();
    assert.deepEqual(
      again.data.reviews.map((row: { id: number }) => row.id),
      [5, 6],
    );
    const removed = await urql
      .mutation(gql`mutation { delete_reviews(where: { book_id: { _eq: 3 } }) { affected_rows } }`, {})
      .toPromise();
    assert.deepEqual(removed.data, {
      delete_reviews: { __typename: 'reviews_mutation_response', affected_rows: 2 },
    });
  });

  test('urql: what is refused says a code of Hasura; the status is that of GraphQL over HTTP, which urql asks for', async () => {
    const { error, data } = await urql.query(gql`query { books { id nothing } }`, {}).toPromise();
    assert.equal(data, undefined);
    assert.equal(error.response.status, 400);
    assert.equal(error.networkError, undefined);
    assert.deepEqual(
      error.graphQLErrors.map((one: { extensions: object }) => one.extensions),
      [
        {
          code: 'validation-failed',
          path: '$.selectionSet.books.selectionSet.nothing',
          novastack: { code: 'NS602', sqlstate: null },
        },
      ],
    );
  });

  test('Apollo keeps rows by their type and key: a mutation changes what a query has read', async () => {
    const apollo = openApollo();
    const query = gql`query One($id: Int!) { books_by_pk(id: $id) { ...BookParts price } } ${bookParts}`;
    const read = async (fetchPolicy: string) =>
      (await apollo.query({ query, variables: { id: 2 }, fetchPolicy })).data.books_by_pk;
    assert.deepEqual(await read('network-only'), {
      __typename: 'books',
      id: 2,
      title: 'Foxes and Hens',
      author: { __typename: 'authors', id: 1, name: 'Ann' },
      price: 5.25,
    });
    const mutation = gql`
    mutation Reprice($id: Int!, $set: books_set_input!) {
      update_books_by_pk(pk_columns: { id: $id }, _set: $set) { id price }
    }`;
    const { data } = await apollo.mutate({ mutation, variables: { id: 2, set: { price: '6.75' } } });
    assert.deepEqual(data, { update_books_by_pk: { __typename: 'books', id: 2, price: 6.75 } });
    assert.equal((await read('cache-only')).price, 6.75);
  });

  test('Apollo: several mutations of one document all happen or none does', async () => {
    const apollo = openApollo();
    const mutation = gql`
    mutation Both($stars: Int!) {
      first: insert_reviews_one(object: { book_id: 2, stars: 1 }) { id }
      second: insert_reviews_one(object: { book_id: 2, stars: $stars }) { id }
    }`;
    const error = await apollo.mutate({ mutation, variables: { stars: 9 } }).then(
      () => assert.fail('It was not refused.'),
      (thrown: unknown) => thrown,
    );
    assert.ok(error instanceof ApolloError);
    assert.equal(error.networkError, null);
    const [{ message, extensions }] = error.graphQLErrors;
    assert.deepEqual(
      [message, extensions.code, extensions.novastack.sqlstate],
      ['A check constraint does not hold for the row.', 'permission-error', '23514'],
    );
    assert.deepEqual(await library.sql('select stars from reviews where book_id = 2'), [{ stars: 4 }]);
  });

  test('Apollo: a table with a key of two columns, a jsonb value and a number without loss', async () => {
    const apollo = openApollo();
    const loan = { book_id: 3, reader_id: '11111111-1111-4111-8111-111111111111' };
    const { data } = await apollo.mutate({
      mutation: gql`
      mutation Lend($loan: loans_insert_input!, $meta: jsonb!) {
        insert_loans_one(object: $loan) { due reader { id name } book { title } }
        update_books(where: { id: { _eq: 3 } }, _set: { meta: $meta, copies: 9007199254740993 }) {
          returning { meta }
        }
      }`,
      variables: { loan: { ...loan, due: '2025-01-01' }, meta: { deep: [{ er: 1.5 }, null] } },
    });
    assert.deepEqual(data, {
      insert_loans_one: {
        __typename: 'loans',
        due: '2025-01-01',
        reader: { __typename: 'readers', id: loan.reader_id, name: 'Ida' },
        book: { __typename: 'books', title: 'Rivers, Slow' },
      },
      update_books: {
        __typename: 'books_mutation_response',
        returning: [{ __typename: 'books', meta: { deep: [{ er: 1.5 }, null] } }],
      },
    });
    assert.deepEqual(await library.sql("select concat(copies, '') as copies from books where id = 3"), [
      { copies: '9007199254740993' },
    ]);
    const removed = await apollo.mutate({
      mutation: gql`mutation ($book: Int!, $reader: uuid!) { delete_loans_by_pk(book_id: $book, reader_id: $reader) { book_id reader_id } }`,
      variables: { book: 3, reader: loan.reader_id },
    });
    assert.deepEqual(removed.data.delete_loans_by_pk, { __typename: 'loans', ...loan });
  });

  test('Apollo: rows with rows below them, a row that is there already, and a number that grows', async () => {
    const apollo = openApollo();
    const mutation = gql`
    mutation Save($book: books_insert_input!) {
      insert_books_one(object: $book, on_conflict: { constraint: books_title_key, update_columns: [price] }) {
        id
        price
        author { id name }
        reviews(order_by: { stars: asc }) { stars }
      }
      update_authors(where: { books: { title: { _eq: "Saved" } } }, _set: { country: "IT" }) { affected_rows }
      update_books(where: { title: { _eq: "Saved" } }, _inc: { copies: 2 }, _append: { meta: { seen: true } }) {
        returning { copies meta }
      }
    }`;
    const book = {
      title: 'Saved',
      price: 3,
      author: { data: { name: 'Eve' } },
      reviews: { data: [{ stars: 5 }, { stars: 2 }] },
    };
    const { data } = await apollo.mutate({ mutation, variables: { book } });
    const { id, author } = data.insert_books_one;
    assert.deepEqual(data, {
      insert_books_one: {
        __typename: 'books',
        id,
        price: 3,
        author: { __typename: 'authors', id: author.id, name: 'Eve' },
        reviews: [
          { __typename: 'reviews', stars: 2 },
          { __typename: 'reviews', stars: 5 },
        ],
      },
      update_authors: { __typename: 'authors_mutation_response', affected_rows: 1 },
      update_books: {
        __typename: 'books_mutation_response',
        returning: [{ __typename: 'books', copies: 3, meta: { seen: true } }],
      },
    });
    const again = await apollo.mutate({
      mutation,
      variables: { book: { title: 'Saved', price: 4, author_id: author.id } },
    });
    assert.deepEqual([again.data.insert_books_one.id, again.data.insert_books_one.price], [id, 4]);
    assert.deepEqual(again.data.update_books.returning[0].copies, 5);
  });

  test('urql: a table in figures, ordered by the figures of what is linked', async () => {
    const document = gql`
    query {
      books_aggregate(where: { author_id: { _eq: 1 } }) {
        aggregate { count(columns: [genre], distinct: true) sum { price } min { title } }
        nodes { id }
      }
      authors(order_by: [{ books_aggregate: { count: desc } }, { id: asc }], limit: 1) { id }
      prolific: authors(where: { books_aggregate: { count: { predicate: { _gt: 1 } } } }) { id }
    }`;
    const { data, error } = await urql.query(document, {}).toPromise();
    assert.equal(error, undefined);
    assert.deepEqual(data.books_aggregate.aggregate, {
      __typename: 'books_aggregate_fields',
      count: 2,
      sum: { __typename: 'books_sum_fields', price: 17.25 },
      min: { __typename: 'books_min_fields', title: 'Foxes and Hens' },
    });
    assert.deepEqual(data.books_aggregate.nodes.map((row: { id: number }) => row.id).sort(), [1, 2]);
    assert.deepEqual(
      [data.authors, data.prolific],
      [[{ __typename: 'authors', id: 1 }], [{ __typename: 'authors', id: 1 }]],
    );
  });
});
