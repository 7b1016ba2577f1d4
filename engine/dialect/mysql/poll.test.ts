/** Reads for many callers at once: exact SQL, parameters and rows on both servers. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createProject, token } from '../../../test/project.ts';
import { poll } from '../../execute/poll.ts';
import type { FieldRequest, NodeRequest, ReadAggregateRequest, ReadRequest } from '../../query/request.ts';

const sql = `
CREATE TABLE books (id int PRIMARY KEY, title varchar(40), owner varchar(40), born datetime(6), tags set('a', 'b'));
INSERT INTO books VALUES (1, 'One', 'me', '2000-01-01', 'a,b'), (2, 'Zwölf', 'you', '2100-01-01', NULL), (3, 'Three', 'me', NULL, '');
CREATE TABLE reviews (id int PRIMARY KEY, book_id int, stars int, FOREIGN KEY (book_id) REFERENCES books (id));
INSERT INTO reviews VALUES (1, 1, 5), (2, 1, 3);
CREATE FUNCTION who() RETURNS varchar(40) CHARSET utf8mb4 NO SQL RETURN JSON_UNQUOTE(JSON_EXTRACT(@novastack_claims, '$.sub'));
CREATE VIEW asked AS SELECT id FROM books WHERE owner = who();
`;
const yaml = `
roles: { reader: {}, mine: {}, old: {} }
tables:
  books:
    permissions:
      reader: { select: { columns: "*", aggregate: true } }
      mine: { select: { columns: "*", where: { owner: $jwt.sub } } }
      old: { select: { columns: "*", where: { born: { _lt: $now } } } }
  reviews: { permissions: { mine: { select: true } } }
  asked: { columns: { id: {} }, permissions: { reader: { select: true } } }
`;

const id: FieldRequest = { kind: 'column', column: 'id', as: 'id' };
const byId = [{ through: [], column: 'id', direction: 'asc', nulls: undefined }] as const;
const read = (
  node: Partial<NodeRequest>,
  values: readonly unknown[],
  rest: Partial<ReadRequest> = {},
): ReadRequest => ({
  kind: 'read',
  table: 'books',
  values,
  json: true,
  node: { fields: [id], order: byId, ...node },
  shape: 'list',
  count: false,
  ...rest,
});
const count = (ids: readonly number[]): ReadAggregateRequest => ({
  kind: 'readAggregate',
  table: 'books',
  values: [ids],
  json: true,
  node: {
    parts: [
      {
        kind: 'summary',
        as: 'aggregate',
        items: [{ kind: 'count', as: 'count', columns: [], distinct: false }],
      },
    ],
    where: { kind: 'compare', column: 'id', operator: 'in', value: 0 },
  },
});

const never = new AbortController().signal;

for (const engine of ['mariadb', 'mysql'] as const)
  test(`polls on ${engine}`, async (t) => {
    const { executor, api, sql: run } = await createProject(t, { engine, sql, yaml });
    const asked = (request: ReadRequest | ReadAggregateRequest, role: string, sub: string) =>
      executor.watch(request, { principal: token(role, { sub }) })!;
    const fresh = (parameters: readonly (string | null)[]) => ({ parameters, had: null });

    await t.test('changes: a row for each whose answer is another than it had', async () => {
      const page = (at: number) => read({ offset: 0, limit: 1 }, [at]);
      const [me, you] = [asked(page(1), 'mine', 'me'), asked(page(0), 'mine', 'you')];
      assert.equal(me.shape.key, you.shape.key);
      const all = [me, you].map(({ parameters }) => ({ parameters, had: null as string | null }));
      const [asking, ...others] = me.shape.dialect.ask(me.shape.compiled, all);
      assert.deepEqual(others, []);
      const reader = me.shape.compiled.statement.text;
      assert.equal(
        asking!.statement.text,
        `WITH \`told1\` (body, n) AS (${reader} LIMIT 1), \`told2\` (body, n) AS (${reader} LIMIT 1) SELECT 1, body, SHA2(body, 256) FROM \`told1\` WHERE NOT (SHA2(body, 256) <=> ?) UNION ALL SELECT 2, body, SHA2(body, 256) FROM \`told2\` WHERE NOT (SHA2(body, 256) <=> ?)`,
      );
      assert.deepEqual(asking!.parameters, [...me.parameters, ...you.parameters, null, null]);
      const told = await poll(me.shape, all, never);
      assert.deepEqual(
        told.map(({ index, body }) => [index, body]),
        [
          [0, '[{"id":3}]'],
          [1, '[{"id":2}]'],
        ],
      );
      const known = all.map((one, index) => ({ ...one, had: told[index]!.mark }));
      assert.deepEqual(await poll(me.shape, known, never), []);
      await run(`UPDATE books SET id = 12 WHERE id = 2`);
      const news = await poll(me.shape, known, never);
      assert.deepEqual(
        news.map(({ index, body }) => [index, body]),
        [[1, '[{"id":12}]']],
      );
      await run(`UPDATE books SET id = 2 WHERE id = 12`);
    });

    await t.test('changes of an aggregate, with a list among the values', async () => {
      const watch = asked(count([1, 2]), 'reader', 'me');
      const told = await poll(
        watch.shape,
        [watch, asked(count([3]), 'reader', 'me'), asked(count([]), 'reader', 'me')].map(
          ({ parameters }) => ({
            parameters,
            had: null,
          }),
        ),
        never,
      );
      assert.deepEqual(
        told.map(({ body }) => body),
        ['{"aggregate":{"count":2}}', '{"aggregate":{"count":1}}', '{"aggregate":{"count":0}}'],
      );
    });

    await t.test('arrivals: a row for each who has rows, with the place of the last', async () => {
      const request = read(
        { where: { kind: 'compare', column: 'id', operator: 'gt', value: 0 }, limit: 2 },
        [0],
        { lastKey: 'any' },
      );
      const watch = asked(request, 'reader', 'me');
      const places = watch.placesOf(0);
      assert.ok(places.length > 0);
      const from = (value: string) =>
        fresh(
          watch.parameters.map((one, index) => (places.includes(index) ? value : (one as string | null))),
        );
      assert.deepEqual(await poll(watch.shape, ['0', '3', '2'].map(from), never), [
        { index: 0, body: '[{"id":1},{"id":2}]', mark: '["2"]' },
        { index: 2, body: '[{"id":3}]', mark: '["3"]' },
      ]);
    });

    await t.test('embedded rows, text beyond ASCII and lists', async () => {
      const title: FieldRequest = { kind: 'column', column: 'title', as: 'title' };
      const tags: FieldRequest = { kind: 'column', column: 'tags', as: 'tags' };
      const stars: FieldRequest = { kind: 'column', column: 'stars', as: 'stars' };
      const reviews: FieldRequest = {
        kind: 'embed',
        as: 'reviews',
        relationship: 'reviews',
        join: 'left',
        node: { fields: [stars], order: byId },
      };
      const watch = asked(read({ fields: [title, tags, reviews] }, []), 'mine', 'me');
      const other = asked(read({ fields: [title, tags, reviews] }, []), 'mine', 'you');
      const told = await poll(
        watch.shape,
        [watch, other].map(({ parameters }) => ({ parameters, had: null })),
        never,
      );
      assert.deepEqual(
        told.map(({ body }) => body),
        [
          '[{"title":"One","tags":["a","b"],"reviews":[{"stars":5},{"stars":3}]},{"title":"Three","tags":[],"reviews":[]}]',
          '[{"title":"Zwölf","tags":null,"reviews":[]}]',
        ],
      );
    });

    await t.test('the time is that of asking', async () => {
      const watch = asked(read({}, []), 'old', 'me');
      assert.equal(watch.shape.times.length > 0, true);
      const [told] = await poll(watch.shape, [{ parameters: watch.parameters, had: null }], never);
      assert.equal(told!.body, '[{"id":1}]');
    });

    await t.test('what asks who is calling is shared by those with the same claims alone', async () => {
      assert.equal(api.tables.get('asked')!.relation.asksSession, true);
      const request = { ...read({}, []), table: 'asked' };
      const [me, again, you] = ['me', 'me', 'you'].map((sub) => asked(request, 'reader', sub));
      assert.equal(me!.shape.key, again!.shape.key);
      assert.notEqual(me!.shape.key, you!.shape.key);
      for (const [watch, body] of [
        [me!, '[{"id":1},{"id":3}]'],
        [you!, '[{"id":2}]'],
      ] as const)
        assert.deepEqual(
          (await poll(watch.shape, [{ parameters: watch.parameters, had: null }], never)).map(
            (one) => one.body,
          ),
          [body],
        );
    });

    await t.test('many callers are asked for in few texts, and each gets its own', async () => {
      const watch = asked(
        read({ where: { kind: 'compare', column: 'id', operator: 'eq', value: 0 } }, [1]),
        'reader',
        'me',
      );
      const places = watch.placesOf(0);
      const many = Array.from({ length: 1_001 }, (_, at) =>
        fresh(
          watch.parameters.map((one, index) =>
            places.includes(index) ? String(at) : (one as string | null),
          ),
        ),
      );
      const askings = watch.shape.dialect.ask(watch.shape.compiled, many);
      assert.ok(new Set(askings.map(({ statement }) => statement.text)).size <= 7);
      assert.ok(askings.every(({ statement }) => statement.text.length <= 24 * 1024));
      const told = await poll(watch.shape, many, never);
      assert.equal(told.length, 1_001);
      assert.deepEqual(
        told.filter(({ body }) => body !== '[]').map(({ index, body }) => [index, body]),
        [
          [1, '[{"id":1}]'],
          [2, '[{"id":2}]'],
          [3, '[{"id":3}]'],
        ],
      );
    });
  });
