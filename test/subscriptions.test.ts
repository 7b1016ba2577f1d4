/** Live queries and streams over real sockets: who is told what, at what cost, and what ends a subscription. */
import assert from 'node:assert/strict';
import { once as onceOf } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { describe, it, type TestContext, test } from 'node:test';
import { WebSocket } from 'ws';
import { serverUrl, type TestEngine } from './database.ts';
import { openAdmin } from './servers/identity.ts';
import { type LiveOptions, type LiveServer, serveSockets } from './sockets.ts';

const yaml = `
auth: { anonymous: visitor }
roles: { visitor: {}, customer: {}, staff: {}, guest: {} }
limits: { body: 20KB }
tables:
  books:
    permissions:
      visitor: { select: { columns: [id, title], where: { published: true } } }
      customer: { select: { columns: [id, title, price, owner, published], where: { owner: $jwt.sub }, aggregate: true } }
      staff: { select: true, insert: true, update: true }
  reviews:
    permissions:
      customer: { select: true }
      staff: { select: true }
  mine:
    permissions:
      customer: { select: true }
`;

const rowsOfShop = `
  insert into books values (1, 'One', 1.10, 'ada', true), (2, 'Two', 9007199254740993.00, 'bob', true), (3, 'Three', 3, 'ada', false);
  insert into reviews values (1, 1, 5), (2, 2, 3);
`;

/** The same of MySQL and MariaDB: a view learns who is calling from a function. */
const others = `
  create table books (
    id int primary key, title text not null, price decimal(20,2), owner varchar(20), published boolean not null default true
  );
  create table reviews (id int primary key, book_id int, stars int, foreign key (book_id) references books (id));
  ${rowsOfShop}
  create function caller() returns varchar(20) no sql return json_unquote(json_extract(@novastack_claims, '$.sub'));
  create view mine as select id, title from books where owner = caller();
`;

const shop: LiveOptions = {
  sql: `
    create table books (
      id int primary key, title text not null, price numeric(20,2), owner text, published boolean not null default true
    );
    create table reviews (id int primary key, book_id int references books (id), stars int);
    ${rowsOfShop}
    create view mine as select id, title from books
      where owner = current_setting('request.jwt.claims', true)::json ->> 'sub';
  `,
  yaml,
};

/** What must hold on every engine. */
const shops: readonly (readonly [TestEngine, LiveOptions])[] = [
  ['postgres', shop],
  ['mariadb', { sql: others, yaml, engine: 'mariadb' }],
  ['mysql', { sql: others, yaml, engine: 'mysql' }],
];

function onEach(
  name: string,
  work: (t: TestContext, shop: LiveOptions, engine: TestEngine) => Promise<void>,
) {
  for (const [engine, own] of shops) test(`${name} (${engine})`, (t) => work(t, own, engine));
}

const bearer = (token: string) => ({ headers: { Authorization: `Bearer ${token}` } });
const books = 'subscription { books(order_by: {id: asc}) { id title } }';

onEach(
  'two subscribers of one question get their own rows only, and cost one statement a tick',
  async (t, shop) => {
    const server = await serveSockets(t, { ...shop, liveMs: 50 });
    const ada = server.connect(bearer(await server.mint('customer', { sub: 'ada' }))).watch(books);
    const bob = server.connect(bearer(await server.mint('customer', { sub: 'bob' }))).watch(books);
    assert.deepEqual(await ada.next(), {
      books: [
        { id: 1, title: 'One' },
        { id: 3, title: 'Three' },
      ],
    });
    assert.deepEqual(await bob.next(), { books: [{ id: 2, title: 'Two' }] });

    const { statements } = server.slot.sockets.read();
    const before = server.statements();
    while (server.slot.sockets.read().statements < statements + 8) await new Promise(setImmediate);
    const ticks = server.slot.sockets.read().statements - statements;
    // One that the engine had counted may have come to the wire later.
    assert.ok(
      server.statements() - before <= ticks + 1,
      `${server.statements() - before} statements, ${ticks} ticks`,
    );
    assert.equal(server.slot.sockets.read().cohorts, 1);

    await server.sql(`update books set title = 'Uno' where id = 1`);
    assert.deepEqual(await ada.next(), {
      books: [
        { id: 1, title: 'Uno' },
        { id: 3, title: 'Three' },
      ],
    });
    // Another's change, and time, are no news.
    assert.equal(bob.answers.length, 1);
    assert.equal(ada.answers.length, 2);
  },
);

onEach(
  'variables, aliases, aggregates, keys and constants are each told in their own form',
  async (t, shop) => {
    const server = await serveSockets(t, shop);
    const { watch } = server.connect(bearer(await server.mint('customer', { sub: 'ada' })));
    const document =
      'subscription ($max: numeric!) { cheap: books(where: {price: {_lt: $max}}) { id __typename } }';
    const cheap = watch(document, { max: 2 });
    const all = watch(document, { max: '100' });
    const count = watch('subscription { books_aggregate { aggregate { count } } }');
    const groups = watch(
      'subscription { books_group_by(keys: [published], order_by: [{keys: {published: asc}}]) { keys { published } aggregate { count } } }',
    );
    const one = watch('subscription ($id: Int!) { books_by_pk(id: $id) { price } }', { id: 2 });
    const page = watch(
      'subscription ($at: Int!) { books(order_by: {id: asc}, limit: 1, offset: $at) { id } }',
      { at: 1 },
    );
    const listed = watch('subscription ($ids: [Int!]!) { books(where: {id: {_in: $ids}}) { id } }', {
      ids: [1, 2],
    });
    assert.deepEqual(await cheap.next(), { cheap: [{ id: 1, __typename: 'books' }] });
    assert.deepEqual(await all.next(), {
      cheap: [
        { id: 1, __typename: 'books' },
        { id: 3, __typename: 'books' },
      ],
    });
    assert.deepEqual(await count.next(), { books_aggregate: { aggregate: { count: 2 } } });
    assert.deepEqual(await one.next(), { books_by_pk: null });
    assert.deepEqual(await groups.next(), {
      books_group_by: [
        { keys: { published: false }, aggregate: { count: 1 } },
        { keys: { published: true }, aggregate: { count: 1 } },
      ],
    });
    assert.deepEqual(await page.next(), { books: [{ id: 3 }] });
    assert.deepEqual(await listed.next(), { books: [{ id: 1 }] });
    await server.sql(`insert into books values (4, 'Four', 1, 'ada', true)`);
    assert.deepEqual(await count.next(), { books_aggregate: { aggregate: { count: 3 } } });
    assert.equal(one.answers.length, 1);
  },
);

onEach(
  'queries and mutations over a socket have one answer, and errors have the form of HTTP',
  async (t, shop) => {
    const server = await serveSockets(t, shop);
    const { watch } = server.connect(bearer(await server.mint('staff')));
    const query = watch('{ books_by_pk(id: 2) { price } __schema { subscriptionType { name } } }');
    assert.deepEqual(await query.next(), {
      books_by_pk: { price: Number('9007199254740993') },
      __schema: { subscriptionType: { name: 'subscription_root' } },
    });
    assert.equal(await query.ended, undefined);
    const insert = watch(
      'mutation ($p: numeric) { insert_books_one(object: {id: 9, title: "Nine", price: $p}) { id } }',
      { p: 1 },
    );
    assert.deepEqual(await insert.next(), { insert_books_one: { id: 9 } });
    assert.equal(await insert.ended, undefined);
    const twice = watch('mutation { insert_books_one(object: {id: 9, title: "Nine"}) { id } }');
    const [error] = (await twice.ended) as readonly { extensions: object }[];
    assert.deepEqual(error!.extensions, {
      path: '$.selectionSet.insert_books_one',
      code: 'constraint-violation',
      novastack: { code: '23505', sqlstate: '23505' },
    });
  },
);

describe('what a caller may not see', async () => {
  it('is not in its subscription_root, and two roots are refused', async (t) => {
    const server = await serveSockets(t, shop);
    const { watch } = server.connect();
    const denied = [
      ['subscription { reviews { id } }', "field 'reviews' not found in type: 'subscription_root'."],
      ['subscription { books { price } }', "field 'price' not found in type: 'books'."],
      [
        'subscription { books_stream(batch_size: 1, cursor: {initial_value: {owner: "a"}}) { id } }',
        'Field "owner" is not defined by type "books_stream_cursor_value_input".',
      ],
      [
        'subscription { books_aggregate { aggregate { count } } }',
        "field 'books_aggregate' not found in type: 'subscription_root'.",
      ],
      [
        'subscription { a: books { id } b: books { id } }',
        'Anonymous Subscription must select only one top level field.',
      ],
      [
        'subscription { __typename }',
        'Anonymous Subscription must not select an introspection top level field.',
      ],
    ] as const;
    for (const [document, message] of denied) {
      const errors = (await watch(document).ended) as readonly { message: string }[];
      assert.deepEqual(
        errors.map((one) => one.message),
        [message],
      );
    }
  });

  it('leaves a role without grants no subscriptions', async (t) => {
    const server = await serveSockets(t, shop);
    const { watch } = server.connect(bearer(await server.mint('guest')));
    const errors = (await watch(books).ended) as readonly { message: string }[];
    assert.deepEqual(
      errors.map((one) => one.message),
      ['no subscriptions exist'],
    );
  });
});

onEach('where a view asks who is calling each caller has a statement of its own', async (t, shop) => {
  const server = await serveSockets(t, shop);
  const question = 'subscription { mine(order_by: {id: asc}) { id } }';
  const ada = server.connect(bearer(await server.mint('customer', { sub: 'ada' })));
  const bob = server.connect(bearer(await server.mint('customer', { sub: 'bob' })));
  assert.deepEqual(await ada.watch(question).next(), { mine: [{ id: 1 }, { id: 3 }] });
  assert.deepEqual(await bob.watch(question).next(), { mine: [{ id: 2 }] });
  assert.equal(server.slot.sockets.read().cohorts, 2);
});

describe('who opens a socket', async () => {
  it('is refused with a reason when the token is bad, absent, or may not choose the role', async (t) => {
    const server = await serveSockets(t, { ...shop, yaml: yaml.replace('auth: { anonymous: visitor }', '') });
    const token = await server.mint('customer', { sub: 'ada' });
    const bad = await server.connect(bearer('x.y.z')).closed;
    assert.equal(bad.code, 4401);
    assert.match(bad.reason, /token/);
    assert.deepEqual(await server.connect().closed, {
      code: 4401,
      reason: 'This project answers no request without a token.',
    });
    const wanted = { headers: { authorization: `Bearer ${token}`, 'X-Hasura-Role': 'staff' } };
    assert.equal((await server.connect(wanted).closed).code, 4403);
    const twice = { headers: { authorization: 'a', Authorization: 'b' } };
    assert.equal((await server.connect(twice).closed).code, 4400);
    assert.equal(
      (await server.connect(bearer(await server.mint('customer', {}, -120_000))).closed).code,
      4401,
    );
  });

  it('may say so in Hasura’s form, at the top of the payload, or in the headers of the upgrade', async (t) => {
    const server = await serveSockets(t, shop);
    const token = await server.mint('customer', { sub: 'bob' });
    const top = server.connect({ authorization: `Bearer ${token}` });
    assert.deepEqual(await top.watch(books).next(), { books: [{ id: 2, title: 'Two' }] });
    const socket = new WebSocket(server.url, 'graphql-transport-ws', {
      headers: { authorization: `Bearer ${token}` },
    });
    const messages = readAll(socket);
    await once(socket, 'open');
    socket.send('{"type":"connection_init"}');
    assert.deepEqual(await messages.next(), { type: 'connection_ack' });
    socket.send(JSON.stringify({ id: '1', type: 'subscribe', payload: { query: books } }));
    assert.deepEqual(await messages.next(), {
      id: '1',
      type: 'next',
      payload: { data: { books: [{ id: 2, title: 'Two' }] } },
    });
    socket.terminate();
  });

  it('is closed with 4401 when the token expires', async (t) => {
    const server = await serveSockets(t, shop);
    await server.connect().watch(books).next();
    const { watch, closed } = server.connect(bearer(await server.mint('customer', { sub: 'bob' }, 3_000)));
    assert.deepEqual(await watch(books).next(), { books: [{ id: 2, title: 'Two' }] });
    const answered = performance.now();
    assert.deepEqual(await closed, { code: 4401, reason: 'The token has expired.' });
    // Then, and not when callers are looked at again, which is every 25 seconds.
    assert.ok(performance.now() - answered < 15_000);
    assert.equal(server.slot.sockets.read().subscribers, 1);
  });

  it('speaks graphql-transport-ws at the right path, from an allowed origin', async (t) => {
    const server = await serveSockets(t, {
      ...shop,
      yaml: `${yaml}cors: { origins: ["https://app.example"] }\n`,
    });
    assert.equal(await refusedWith(new WebSocket(`ws://127.0.0.1:${server.port}/test/rest/v1/books`)), 404);
    assert.equal(await refusedWith(new WebSocket(`ws://127.0.0.1:${server.port}/other/graphql/v1`)), 404);
    const from = (origin: string) => new WebSocket(server.url, 'graphql-transport-ws', { origin });
    assert.equal(await refusedWith(from('https://evil.example')), 403);
    for (const origin of ['https://app.example', `http://127.0.0.1:${server.port}`]) {
      const socket = from(origin);
      await once(socket, 'open');
      socket.terminate();
    }
    const old = new WebSocket(server.url, []);
    assert.deepEqual(await once(old, 'close').then(([code]) => code), 4406);
  });

  it('asks one of our own hosts while there is room, and another protocol is answered in HTTP', async (t) => {
    const server = await serveSockets(t, {
      ...shop,
      listener: { hosts: new Set(['127.0.0.1']), maxSockets: 1 },
    });
    const foreign = new WebSocket(server.url, 'graphql-transport-ws', { headers: { host: 'evil.example' } });
    assert.equal(await refusedWith(foreign), 421);
    const { socket } = await opened(server.url);
    assert.equal(await refusedWith(new WebSocket(server.url, 'graphql-transport-ws')), 503);
    socket.terminate();
    const asked = request({
      host: '127.0.0.1',
      port: server.port,
      path: '/test/rest/v1/books?select=id&id=eq.1',
      headers: { connection: 'Upgrade, HTTP2-Settings', upgrade: 'h2c', 'http2-settings': '' },
    }).end();
    const [response] = (await onceOf(asked, 'response')) as [IncomingMessage];
    assert.equal(response.statusCode, 200);
    response.resume();
  });
});

describe('a socket is bounded', async () => {
  it('in its messages, its ids, and the operations that run at a time', async (t) => {
    const server = await serveSockets(t, shop);
    const binary = await opened(server.url);
    binary.socket.send(Buffer.from('{}'), { binary: true });
    assert.equal(await binary.closed, 4400);
    const broken = await opened(server.url);
    broken.socket.send('{');
    assert.equal(await broken.closed, 4400);
    const large = await opened(server.url);
    large.socket.send('x'.repeat(30_000));
    assert.equal(await large.closed, 1009);
    const id = await opened(server.url);
    id.socket.send(JSON.stringify({ id: 'x'.repeat(257), type: 'subscribe', payload: { query: books } }));
    assert.equal(await id.closed, 4400);
    const many = await opened(server.url);
    for (let index = 0; index <= 1_000; index += 1)
      many.socket.send(JSON.stringify({ id: `${index}`, type: 'subscribe', payload: { query: books } }));
    let refused: { id?: string; payload?: readonly { message: string }[] };
    do refused = (await many.messages.next()) as never;
    while (!Array.isArray(refused.payload));
    assert.equal(refused.id, '1000');
    assert.deepEqual(
      refused.payload!.map((one) => one.message),
      ['more than 1000 operations over one socket'],
    );
    many.socket.terminate();
  });

  it('in what its reader has not read', async (t) => {
    const server = await serveSockets(t, { ...shop, liveMs: 10 });
    const { socket, closed } = await opened(server.url);
    for (let id = 0; id < 10; id += 1)
      socket.send(JSON.stringify({ id: `${id}`, type: 'subscribe', payload: { query: books } }));
    await once(socket, 'message');
    socket.pause();
    for (let index = 0; server.slot.sockets.read().subscribers > 0; index += 1) {
      await server.sql(`update books set title = repeat('${index % 10}', 4000000) where id = 1`);
      const { statements } = server.slot.sockets.read();
      const asked = () => server.slot.sockets.read().statements > statements;
      while (!asked() && server.slot.sockets.read().subscribers > 0) await new Promise(setImmediate);
    }
    socket.resume();
    assert.equal(await closed, 1013);
  });
});

test('a swap takes valid subscriptions along, ends the others, and closes who has lost the role', async (t) => {
  const server = await serveSockets(t, shop);
  const ada = server.connect(bearer(await server.mint('customer', { sub: 'ada' })));
  const titles = ada.watch(books);
  const prices = ada.watch('subscription { books(order_by: {id: asc}) { price } }');
  const staff = server.connect(bearer(await server.mint('staff')));
  const all = staff.watch(books);
  for (const one of [titles, prices, all]) await one.next();

  const before = server.slot.current!.revision;
  const narrower = yaml
    .replace(
      'columns: [id, title, price, owner, published], where: { owner: $jwt.sub }',
      'columns: [id, title], where: { published: true }',
    )
    .replace('staff: {}, ', '')
    .replaceAll(/^ +staff: .*\n/gm, '');
  await server.swap(narrower);
  assert.deepEqual(await titles.next(), {
    books: [
      { id: 1, title: 'One' },
      { id: 2, title: 'Two' },
    ],
  });
  const [error] = (await prices.ended) as readonly { message: string }[];
  assert.equal(error!.message, "field 'price' not found in type: 'books'.");
  assert.equal((await staff.closed).code, 4403);
  // Nothing holds the revision before.
  const isRetired = () =>
    server.events.some((event) => event.kind === 'retired' && event.revision === before.id);
  const deadline = performance.now() + 20_000;
  while (!isRetired()) {
    assert.ok(performance.now() < deadline, 'the revision before was not retired within 20 s');
    await new Promise(setImmediate);
  }

  // What has not changed for a subscriber is not told again.
  await server.swap(narrower);
  await server.sql(`update books set title = 'Zwei' where id = 2`);
  assert.deepEqual(await titles.next(), {
    books: [
      { id: 1, title: 'One' },
      { id: 2, title: 'Zwei' },
    ],
  });
  assert.equal(titles.answers.length, 3);
});

test('a document that is planned while the revision is replaced is planned anew', async (t) => {
  const server = await serveSockets(t, shop);
  const { client, watch } = server.connect(bearer(await server.mint('customer', { sub: 'ada' })));
  await new Promise<unknown>((resolve) => client.on('connected', resolve));
  const swap = await server.prepare(
    yaml.replace('where: { owner: $jwt.sub }, aggregate: true', 'where: { published: true }'),
  );
  const arrived = new Promise<void>((resolve) => {
    const { planner } = server.slot.current!.revision.sockets!;
    const plan = planner.plan.bind(planner);
    planner.plan = (...words) => {
      resolve();
      return plan(...words);
    };
  });
  const titles = watch(books);
  await arrived;
  swap();
  assert.deepEqual(await titles.next(), {
    books: [
      { id: 1, title: 'One' },
      { id: 2, title: 'Two' },
    ],
  });
  assert.equal(titles.answers.length, 1);
});

onEach(
  'a database that goes away and comes back costs nobody the subscription, and nothing false is told',
  async (t, shop, engine) => {
    const server = await serveSockets(t, { ...shop, liveMs: 20 });
    const { watch } = server.connect(bearer(await server.mint('customer', { sub: 'ada' })));
    const titles = watch(books);
    await titles.next();
    const comeBack = await takeAway(t, server, engine);
    while (!server.events.some((event) => event.kind === 'fault')) await new Promise(setImmediate);
    const late = watch('subscription { books_by_pk(id: 1) { title } }');
    await comeBack();
    await server.sql(`update books set title = 'Eins' where id = 1`);
    assert.deepEqual(await titles.next(), {
      books: [
        { id: 1, title: 'Eins' },
        { id: 3, title: 'Three' },
      ],
    });
    assert.equal(titles.answers.length, 2);
    assert.ok(await late.next());
  },
);

/** One, but of a book that is bad. */
const bad = "case when title = 'bad' then 710 else 0 end";
const raising: Record<TestEngine, string> = {
  postgres: "1 / (case when title = 'bad' then 0 else 1 end)",
  mariadb: `exp(${bad})`,
  mysql: `exp(${bad})`,
};

onEach(
  'values that the database refuses end their subscriber and nobody else of the cohort',
  async (t, shop, engine) => {
    const server = await serveSockets(t, {
      ...shop,
      sql: `${shop.sql}
      create view risky as select id, title, owner, ${raising[engine]} as quotient from books;`,
      yaml: `${yaml}  risky: { permissions: { customer: { select: true } } }\n`,
    });
    const { watch } = server.connect(bearer(await server.mint('customer', { sub: 'ada' })));
    const document = 'subscription ($id: Int!) { risky(where: {id: {_eq: $id}}) { title quotient } }';
    const watched = [1, 3].map((id) => watch(document, { id }));
    for (const [index, one] of watched.entries())
      assert.deepEqual(await one.next(), {
        risky: [{ title: ['One', 'Three'][index], quotient: 1 }],
      });
    await server.sql(`update books set title = 'bad' where id = 1`);
    const [error] = (await watched[0]!.ended) as readonly {
      extensions: { path: string; novastack: { code: string } };
    }[];
    assert.equal(error!.extensions.path, '$.selectionSet.risky');
    await server.sql(`update books set title = 'good' where id = 3`);
    assert.deepEqual(await watched[1]!.next(), { risky: [{ title: 'good', quotient: 1 }] });
  },
);

const streamDocument = `subscription ($from: Int!, $size: Int! = 2) {
  books_stream(batch_size: $size, cursor: {initial_value: {id: $from}, ordering: ASC}) { title }
}`;

onEach(
  'a stream gives the rows behind the cursor in order, batch by batch, and each once',
  async (t, shop) => {
    const server = await serveSockets(t, { ...shop, liveMs: 20 });
    const { watch } = server.connect(bearer(await server.mint('staff')));
    const early = watch(streamDocument, { from: 0 });
    const late = watch(streamDocument, { from: 2 });
    assert.deepEqual(await early.next(), { books_stream: [{ title: 'One' }, { title: 'Two' }] });
    assert.deepEqual(await early.next(), { books_stream: [{ title: 'Three' }] });
    assert.deepEqual(await late.next(), { books_stream: [{ title: 'Three' }] });
    const sent = Array.from({ length: 9 }, (_, index) => `Row ${index}`);
    for (const [index, title] of sent.entries())
      await server.sql(`insert into books (id, title) values (${index + 10}, '${title}')`);
    for (const stream of [early, late]) {
      const got: string[] = [];
      while (got.length < sent.length) {
        const { books_stream: rows } = (await stream.next()) as { books_stream: { title: string }[] };
        assert.ok(rows.length > 0 && rows.length <= 2);
        got.push(...rows.map(({ title }) => title));
      }
      assert.deepEqual(got, sent);
    }
    // Those who are at the same place ask one question.
    assert.equal(server.slot.sockets.read().cohorts, 1);
  },
);

onEach('a stream goes on where it was after a swap, and downwards where it is asked to', async (t, shop) => {
  const server = await serveSockets(t, { ...shop, liveMs: 20 });
  const { watch } = server.connect(bearer(await server.mint('staff')));
  const up = watch(streamDocument, { from: 0, size: 10 });
  const down = watch(
    'subscription { books_stream(batch_size: 2, cursor: {initial_value: {id: 3}, ordering: DESC}) { id } }',
  );
  await up.next();
  assert.deepEqual(await down.next(), { books_stream: [{ id: 2 }, { id: 1 }] });
  await server.swap(yaml);
  await server.sql(`insert into books (id, title) values (4, 'Four')`);
  assert.deepEqual(await up.next(), { books_stream: [{ title: 'Four' }] });
  assert.equal(up.answers.length, 2);
  assert.equal(down.answers.length, 1);
});

onEach(
  'a stream of a caller is that of its own rows, and another cursor than one column is refused',
  async (t, shop) => {
    const server = await serveSockets(t, shop);
    const { watch } = server.connect(bearer(await server.mint('customer', { sub: 'ada' })));
    assert.deepEqual(await watch(streamDocument, { from: 0, size: 5 }).next(), {
      books_stream: [{ title: 'One' }, { title: 'Three' }],
    });
    for (const cursor of [
      '[]',
      '{initial_value: {}}',
      '{initial_value: {id: 1, title: "a"}}',
      '{initial_value: {id: null}}',
    ]) {
      const refused = watch(`subscription { books_stream(batch_size: 1, cursor: ${cursor}) { id } }`);
      const [error] = (await refused.ended) as readonly { extensions: { path: string } }[];
      assert.equal(error!.extensions.path, '$.selectionSet.books_stream.args.cursor');
    }
  },
);

test('a server that stops says so to every socket', async (t) => {
  const server = await serveSockets(t, shop);
  const { watch, closed } = server.connect();
  await watch(books).next();
  await server.listener.drain();
  assert.deepEqual(await closed, { code: 1001, reason: 'The server is shutting down.' });
  while (!server.events.some((event) => event.kind === 'socket')) await new Promise(setImmediate);
  const { operations, role } = server.events.find((event) => event.kind === 'socket')!;
  assert.deepEqual({ operations, role }, { operations: 1, role: 'visitor' });
  const { operation, answers } = server.events.find((event) => event.kind === 'operation')!;
  assert.deepEqual({ operation, answers }, { operation: 'subscription', answers: 1 });
});

/** @returns lets it be reached again */
async function takeAway(
  t: TestContext,
  server: LiveServer,
  engine: TestEngine,
): Promise<() => Promise<void>> {
  if (engine !== 'postgres') {
    const pass = server.relay.fromServer;
    server.relay.fromServer = (_bytes, client) => void client.destroy();
    return async () => {
      server.relay.fromServer = pass;
    };
  }
  const admin = await openAdmin(await serverUrl('postgres'));
  t.after(() => admin.close());
  await admin.query(`alter database ${server.database} with allow_connections false`);
  await admin.query(
    `select pg_terminate_backend(pid) from pg_stat_activity where datname = '${server.database}'`,
  );
  return async () => {
    await admin.query(`alter database ${server.database} with allow_connections true`);
  };
}

// ---- plain sockets ----

function once(socket: WebSocket, event: string): Promise<unknown[]> {
  return new Promise((resolve, reject) => {
    socket.once(event, (...values) => resolve(values));
    if (event !== 'error') socket.once('error', reject);
  });
}

function refusedWith(socket: WebSocket): Promise<number> {
  return new Promise((resolve) => {
    socket.once('unexpected-response', (_request, response) => {
      response.resume();
      resolve(response.statusCode!);
    });
  });
}

interface Messages {
  next(): Promise<unknown>;
}

function readAll(socket: WebSocket): Messages {
  const messages: unknown[] = [];
  let wake = Promise.withResolvers<void>();
  socket.on('message', (data) => {
    messages.push(JSON.parse(String(data)));
    wake.resolve();
    wake = Promise.withResolvers();
  });
  return {
    next: async () => {
      while (messages.length === 0) await wake.promise;
      return messages.shift();
    },
  };
}

async function opened(
  url: string,
): Promise<{ socket: WebSocket; closed: Promise<number>; messages: Messages }> {
  const socket = new WebSocket(url, 'graphql-transport-ws');
  const messages = readAll(socket);
  const closed = new Promise<number>((resolve) => socket.once('close', resolve));
  await once(socket, 'open');
  socket.send('{"type":"connection_init"}');
  await messages.next();
  return { socket, closed, messages };
}

test('an allow-list and a cost hold over a socket as over HTTP', async (t) => {
  const allowed = 'subscription Titles { books(order_by: {id: asc}) { title } }';
  const server = await serveSockets(t, {
    ...shop,
    yaml: `${yaml.replace('guest: {}', 'guest: { limits: { cost: 2 } }').replace('visitor: { select', 'guest: { select: true }\n      visitor: { select')}
operations: { only: [visitor] }
`,
    files: { 'operations/titles.graphql': allowed },
  });
  const { watch } = server.connect();
  const refused = async (watched: ReturnType<typeof watch>) =>
    ((await watched.ended) as readonly { readonly message: string }[])[0]!.message;
  const notAllowed = 'query is not in any of the allowlists';
  assert.equal(await refused(watch(books)), notAllowed);
  assert.equal(await refused(watch('{ books { id } }')), notAllowed);
  assert.equal(await refused(watch('subscription Titles { books(order_by: {id: asc}) { id } }')), notAllowed);
  const titles = watch(allowed.replace('title', 'title __typename'));
  assert.deepEqual(await titles.next(), {
    books: [
      { title: 'One', __typename: 'books' },
      { title: 'Two', __typename: 'books' },
    ],
  });
  const guest = server.connect(bearer(await server.mint('guest')));
  assert.match(await refused(guest.watch(books)), /^the document would cost 100, and 2 is the most/);
  assert.equal(
    ((await guest.watch('subscription { books(limit: 2) { id } }').next()) as { books: [] }).books.length,
    2,
  );
});
