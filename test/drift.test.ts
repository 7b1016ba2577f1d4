/** Tables that a database no longer has as the lock says: they answer 503, wherever a request touches them; others serve. */
import assert from 'node:assert/strict';
import { after, before, describe, it, test } from 'node:test';
import type { TestEngine } from './database.ts';
import { onEveryEngine } from './engines.ts';
import { type LiveServer, serveSockets } from './sockets.ts';

const yaml = `
auth: { anonymous: visitor }
roles: { visitor: {}, reader: {}, guest: {}, staff: {} }
tables:
  authors: { permissions: { staff: { select: true, insert: true }, guest: { select: { columns: [id, name] } } } }
  books:
    columns: { spare: { hidden: true } }
    permissions:
      staff: { select: true, insert: true, update: true, delete: true }
      visitor: { select: { columns: [id, title] } }
  reviews: { permissions: { staff: { select: true, insert: true, update: true, delete: true }, guest: { select: true } } }
  book_tags: { permissions: { staff: { select: true } } }
  tags: { permissions: { staff: { select: true } } }
  notes:
    permissions:
      staff: { select: true }
      reader: { select: { columns: "*", where: { _exists: { table: books, where: { price: { _gt: 100 } } } } } }
functions:
  add_up: { permissions: { staff: { execute: true }, guest: { execute: true } } }
  take: { permissions: { staff: { execute: true } } }
`;

const common = `
  create table authors (id int primary key, name varchar(40) not null);
  create table books (
    id int primary key, title varchar(40) not null, price int, spare int, author_id int,
    foreign key (author_id) references authors (id)
  );
  create table reviews (id int primary key, stars int, book_id int, foreign key (book_id) references books (id));
  create table tags (id int primary key, name varchar(40));
  create table book_tags (
    book_id int, tag_id int, primary key (book_id, tag_id),
    foreign key (book_id) references books (id), foreign key (tag_id) references tags (id)
  );
  create table notes (id int primary key, body varchar(40));
  insert into authors values (1, 'Ada');
  insert into books values (1, 'One', 10, null, 1);
  insert into reviews values (1, 5, 1);
  insert into notes values (1, 'a');
`;

const functions: Readonly<Record<'postgres' | 'both', string>> = {
  postgres: `
    create function add_up(a int, b int) returns int language sql immutable as 'select a + b';
    create function take(a int) returns int language sql immutable as 'select a';
  `,
  both: `
    create function add_up(a int, b int) returns int deterministic return a + b;
    create function take(a int) returns int deterministic return a;
  `,
};

interface Answer {
  readonly status: number;
  readonly body: unknown;
  readonly text: string;
  readonly retryAfter: string | null;
}

const broken = (what: string) => ({
  code: 'NS507',
  message: `${what} cannot be served at the moment: the database has changed.`,
  details: null,
  hint: 'Other requests are answered. Try again once the owner of this API has brought the two together.',
});

/** One server for the tests of a suite. */
function served(engine: TestEngine) {
  const scope: (() => unknown)[] = [];
  let server: LiveServer;
  before(async () => {
    const sql = common + functions[engine === 'postgres' ? 'postgres' : 'both'];
    server = await serveSockets({ after: (work) => scope.push(work) }, { engine, sql, yaml });
  });
  after(async () => {
    for (const work of scope.reverse()) await work();
  });
  const ask = async (role: string, request: string, body?: unknown): Promise<Answer> => {
    const [method, path] = request.split(' ') as [string, string];
    const authorization = role === 'visitor' ? {} : { authorization: `Bearer ${await server.mint(role)}` };
    const answer = await fetch(`http://127.0.0.1:${server.port}/test${path}`, {
      method,
      headers: {
        ...authorization,
        'content-type': 'application/json',
        prefer: `return=representation${path.includes('on_conflict') ? ',resolution=merge-duplicates' : ''}`,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    return {
      status: answer.status,
      body: text === '' ? undefined : JSON.parse(text),
      text,
      retryAfter: answer.headers.get('retry-after'),
    };
  };
  const graphql = (role: string, query: string) => ask(role, 'POST /graphql/v1', { query });
  return { drift: (sql: string) => server.drift(sql), server: () => server, ask, graphql };
}

/** Sees that a request is refused, and that nothing but this is said. */
function assertRefused(answer: Answer, what: string): void {
  assert.deepEqual([answer.status, answer.body, answer.retryAfter], [503, broken(what), '30']);
}

onEveryEngine((engine) => {
  describe('a table whose column is gone', () => {
    const { drift, server, ask, graphql } = served(engine);
    before(() => drift('alter table books drop column price'));

    it('answers 503 by REST, wherever a request touches it', async () => {
      for (const request of [
        'GET /rest/v1/books?select=id',
        'GET /rest/v1/books/1',
        'HEAD /rest/v1/books',
        'GET /rest/v1/authors?select=id,books(id)',
        'GET /rest/v1/authors?select=id,books!inner()',
        'GET /rest/v1/authors?select=id,books()&books=is.null',
        'GET /rest/v1/reviews?select=id,book()&order=book(title)',
        'GET /rest/v1/reviews?select=id,...book(title)',
        'GET /rest/v1/tags?select=id,books(title)',
        'GET /rest/v1/reviews?select=book(author(name))',
        'DELETE /rest/v1/books?id=eq.1',
      ]) {
        const answer = await ask('staff', request);
        if (request.startsWith('HEAD')) assert.deepEqual([answer.status, answer.retryAfter], [503, '30']);
        else assertRefused(answer, 'Table "books"');
      }
      for (const [request, body] of [
        ['POST /rest/v1/books', { id: 2, title: 'Two' }],
        ['POST /rest/v1/books?on_conflict=id', { id: 1, title: 'Two' }],
        ['PATCH /rest/v1/books?id=eq.1', { title: 'Two' }],
        ['POST /rest/v1/reviews?select=id,book(title)', { id: 9, stars: 1 }],
      ] as const)
        assertRefused(await ask('staff', request, body), 'Table "books"');
      assert.deepEqual((await ask('staff', 'GET /rest/v1/reviews?id=eq.9')).body, []);
    });

    it('answers 503 by GraphQL, wherever a document touches it', async () => {
      for (const query of [
        '{ books { id } }',
        '{ books_by_pk(id: 1) { id } }',
        '{ books_aggregate { aggregate { count } } }',
        '{ authors { books { id } } }',
        '{ authors { books_aggregate { aggregate { count } } } }',
        '{ authors(where: { books: { id: { _eq: 1 } } }) { id } }',
        '{ reviews(order_by: { book: { title: asc } }) { id } }',
        '{ authors(order_by: { books_aggregate: { count: asc } }) { id } }',
        '{ tags { books { id } } }',
        '{ authors { id } books { id } }',
        'mutation { insert_books_one(object: { id: 2, title: "Two" }) { id } }',
        'mutation { insert_authors_one(object: { id: 2, name: "B", books: { data: [{ id: 2, title: "Two" }] } }) { id } }',
        'mutation { update_books(where: { id: { _eq: 1 } }, _set: { title: "x" }) { affected_rows } }',
        'mutation { delete_books_by_pk(id: 1) { id } }',
        'mutation { delete_reviews(where: { book: { id: { _eq: 1 } } }) { affected_rows } }',
      ]) {
        const answer = await graphql('staff', query);
        const { errors } = answer.body as {
          errors: { message: string; extensions: Record<string, unknown> }[];
        };
        assert.deepEqual(
          [answer.status, answer.retryAfter, Object.keys(answer.body as object), errors.length],
          [503, '30', ['errors'], 1],
          query,
        );
        const [{ message, extensions }] = errors as [(typeof errors)[0]];
        assert.equal(message, broken('Table "books"').message);
        assert.deepEqual(
          [extensions.code, extensions.novastack],
          ['unexpected', { code: 'NS507', sqlstate: null }],
        );
      }
      assert.deepEqual((await ask('staff', 'GET /rest/v1/authors?select=id')).body, [{ id: 1 }]);
    });

    it('leaves the others serving', async () => {
      assert.deepEqual((await ask('guest', 'GET /rest/v1/authors')).body, [{ id: 1, name: 'Ada' }]);
      assert.deepEqual((await ask('staff', 'GET /rest/v1/tags')).body, []);
      assert.equal((await ask('staff', 'POST /rest/v1/authors?select=id', { id: 7, name: 'Z' })).status, 201);
      assert.equal((await ask('staff', 'PATCH /rest/v1/reviews?id=eq.1', { stars: 4 })).status, 200);
      assert.deepEqual((await graphql('staff', '{ reviews { id stars } __typename }')).body, {
        data: { reviews: [{ id: 1, stars: 4 }], __typename: 'query_root' },
      });
      assert.match((await graphql('staff', '{ __type(name: "books") { name } }')).text, /"books"/);
      assert.equal((await ask('staff', 'GET /openapi.json')).status, 200);
      assert.deepEqual((await ask('staff', 'POST /rest/v1/rpc/add_up', { a: 1, b: 2 })).body, 3);
    });

    it('is not told of to whom it does not exist', async () => {
      const absent = await ask('guest', 'GET /rest/v1/books');
      const never = await ask('guest', 'GET /rest/v1/bookz');
      assert.deepEqual([absent.status, never.status], [404, 404]);
      assert.equal(absent.text, never.text.replaceAll('bookz', 'books'));
      assert.equal((await graphql('guest', '{ books { id } }')).status, 200);
      assert.deepEqual((await ask('visitor', 'GET /rest/v1/authors')).status, 404);
    });

    it('is not named where only a policy looks at it', async () => {
      const answer = await ask('reader', 'GET /rest/v1/notes');
      assertRefused(answer, 'The request');
      assert.doesNotMatch(answer.text, /books|price/);
      assert.deepEqual((await ask('staff', 'GET /rest/v1/notes')).body, [{ id: 1, body: 'a' }]);
      const query = await graphql('reader', '{ notes { id } }');
      assert.equal(query.status, 503);
      assert.doesNotMatch(query.text, /books|price/);
    });

    it('refuses what the caller may not do before it tells of the drift', async () => {
      assert.equal((await ask('visitor', 'DELETE /rest/v1/books?id=eq.1')).status, 401);
      assert.equal((await ask('visitor', 'GET /rest/v1/books?select=author_id')).status, 400);
    });

    it('ends live queries, which can be asked anew when it is whole again', async (t) => {
      const { client, watch } = server().connect({
        headers: { authorization: `Bearer ${await server().mint('staff')}` },
      });
      t.after(() => client.dispose());
      const refused = (await watch('subscription { books { id } }').ended) as {
        extensions: { novastack: unknown };
      }[];
      assert.deepEqual(refused[0]!.extensions.novastack, { code: 'NS507', sqlstate: null });
      const others = watch('subscription { reviews { id } }');
      assert.deepEqual(await others.next(), { reviews: [{ id: 1 }] });
      await drift('alter table books add column price int');
      const again = watch('subscription { books { id } }');
      assert.deepEqual(await again.next(), { books: [{ id: 1 }] });
      assert.equal((await ask('staff', 'GET /rest/v1/books')).status, 200);
      await drift('alter table books drop column price');
      assert.equal(((await again.ended) as unknown[]).length, 1);
      others.stop();
    });
  });

  describe('a table that must be written otherwise', () => {
    const { drift, ask, graphql } = served(engine);

    it('is read as ever, and refuses the verbs that would fail', async () => {
      await drift(
        'alter table tags add column must int; alter table reviews add column must int not null default 0; alter table reviews alter column must drop default',
      );
      assertRefused(await ask('staff', 'POST /rest/v1/reviews', { id: 2, stars: 1 }), 'Table "reviews"');
      assert.equal(
        (await graphql('staff', 'mutation { insert_reviews_one(object: { id: 2 }) { id } }')).status,
        503,
      );
      assert.deepEqual((await ask('staff', 'GET /rest/v1/reviews?select=id')).body, [{ id: 1 }]);
      assert.equal((await ask('staff', 'PATCH /rest/v1/reviews?id=eq.1', { stars: 1 })).status, 200);
      assert.deepEqual((await ask('staff', 'GET /rest/v1/tags')).body, []);
    });

    it('shows nothing that the lock does not have', async () => {
      assert.doesNotMatch((await ask('staff', 'GET /rest/v1/reviews')).text, /must/);
      assert.equal((await ask('staff', 'GET /rest/v1/reviews?select=must')).status, 400);
    });

    it('serves on when what is gone was not used', async () => {
      await drift('alter table books drop column spare');
      assert.equal((await ask('staff', 'GET /rest/v1/books')).status, 200);
    });

    it('refuses a function that is gone', async () => {
      await drift('drop function take');
      assertRefused(await ask('staff', 'POST /rest/v1/rpc/take', { a: 1 }), 'Function "take"');
      assert.equal((await ask('guest', 'POST /rest/v1/rpc/take', { a: 1 })).status, 404);
      assert.deepEqual((await ask('guest', 'POST /rest/v1/rpc/add_up', { a: 1, b: 2 })).body, 3);
    });

    it('refuses a relation that is gone, by whatever leads to it', async () => {
      await drift('drop table book_tags');
      assertRefused(await ask('staff', 'GET /rest/v1/book_tags'), 'Table "book_tags"');
      assertRefused(await ask('staff', 'GET /rest/v1/tags?select=id,books(id)'), 'Table "book_tags"');
      assert.equal((await ask('staff', 'GET /rest/v1/tags')).status, 200);
    });
  });
});

test('computed fields and rows of functions are refused with what they touch', async (t) => {
  const server = await serveSockets(t, {
    sql: `
      create table books (id int primary key, title text, price int);
      create table shelves (id int primary key);
      insert into books values (1, 'One', 10);
      create function label(books) returns text language sql immutable as 'select $1.title';
      create function cheap() returns setof books language sql stable as 'select * from books';
    `,
    yaml: `
auth: { anonymous: visitor }
roles: { visitor: {} }
tables:
  books: { permissions: { visitor: { select: true } } }
  shelves: { permissions: { visitor: { select: true } } }
functions:
  label: { permissions: { visitor: { execute: true } } }
  cheap: { permissions: { visitor: { execute: true } } }
`,
  });
  const ask = async (path: string) => {
    const answer = await fetch(`http://127.0.0.1:${server.port}/test/rest/v1${path}`);
    return [answer.status, ((await answer.json()) as { message?: string }).message];
  };
  assert.deepEqual(await ask('/books?select=id,label'), [200, undefined]);
  await server.drift(
    "drop function label(books); create function label(books) returns int language sql immutable as 'select 1'",
  );
  assert.deepEqual(await ask('/books?select=id,label'), [503, broken('Function "label"').message]);
  assert.deepEqual(await ask('/books?select=id'), [200, undefined]);
  assert.deepEqual(await ask('/rpc/cheap'), [200, undefined]);
  await server.drift('alter table books alter column title type varchar(3)');
  assert.deepEqual(await ask('/rpc/cheap'), [503, broken('Table "books"').message]);
  assert.deepEqual(await ask('/shelves'), [200, undefined]);
});
