/** Reads for many callers at once, as each dialect writes them: exact SQL, parameters and rows. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createProject, token } from '../../test/project.ts';
import { poll } from '../execute/poll.ts';
import type { FieldRequest, NodeRequest, ReadAggregateRequest, ReadRequest } from '../query/request.ts';

const sql = `
  CREATE TABLE books (id int PRIMARY KEY, title text, tags text[], owner text);
  INSERT INTO books VALUES (1, 'One', '{a,"b c"}', 'me'), (2, 'Two', NULL, 'you'), (3, 'Three', '{}', 'me');
  CREATE VIEW asked AS SELECT id FROM books WHERE owner = current_setting('request.jwt.claims', true)::json ->> 'sub';
`;
const yaml = `
roles: { reader: {}, mine: {} }
tables:
  books:
    permissions:
      reader: { select: { columns: "*", aggregate: true } }
      mine: { select: { columns: "*", where: { owner: $jwt.sub } } }
  asked: { permissions: { reader: { select: true } } }
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
const count: ReadAggregateRequest = {
  kind: 'readAggregate',
  table: 'books',
  values: [['a']],
  json: true,
  node: {
    parts: [
      {
        kind: 'summary',
        as: 'aggregate',
        items: [{ kind: 'count', as: 'count', columns: [], distinct: false }],
      },
    ],
    where: { kind: 'compare', column: 'tags', operator: 'contains', value: 0 },
  },
};

const never = new AbortController().signal;

test('polls on postgres', async (t) => {
  const { executor, sql: run } = await createProject(t, { sql, yaml });
  const asked = (request: ReadRequest | ReadAggregateRequest, role: string, sub: string) =>
    executor.watch(request, { principal: token(role, { sub }) })!;

  await t.test('changes: a row for each whose answer is another than it had', async () => {
    const page = (at: number) => read({ offset: 0, limit: 1 }, [at]);
    const [me, you] = [asked(page(1), 'mine', 'me'), asked(page(0), 'mine', 'you')];
    assert.equal(me.shape.key, you.shape.key);
    assert.equal(
      me.shape.compiled.statement.text,
      `SELECT live.n, told.body, encode(sha256(convert_to(told.body, 'UTF8')), 'base64') FROM unnest($1::text[], $2::text[], $3::text[]) WITH ORDINALITY AS live(had, p1, p2, n) CROSS JOIN LATERAL (SELECT coalesce('[' || string_agg((row_to_json("t1".*))::text, ',') || ']', '[]'), count(*) FROM (SELECT "t0"."id" AS "id" FROM "public"."books" AS "t0" WHERE "t0"."owner" = live.p1::"pg_catalog"."text" ORDER BY "t0"."id" LIMIT 1 OFFSET live.p2::int8) AS "t1" OFFSET 0) AS told(body, rows) WHERE live.had IS DISTINCT FROM encode(sha256(convert_to(told.body, 'UTF8')), 'base64')`,
    );
    assert.deepEqual(
      [me.parameters, you.parameters],
      [
        ['me', '1'],
        ['you', '0'],
      ],
    );
    const all = [me, you].map(({ parameters }) => ({ parameters, had: null as string | null }));
    const told = await poll(me.shape, all, never);
    assert.deepEqual(
      told.map(({ index, body }) => [index, body]),
      [
        [0, '[{"id":3}]'],
        [1, '[{"id":2}]'],
      ],
    );
    assert.deepEqual(
      await poll(
        me.shape,
        all.map((one, index) => ({ ...one, had: told[index]!.mark })),
        never,
      ),
      [],
    );
  });

  await t.test('changes of an aggregate; lists are literals of arrays', async () => {
    const watch = asked(count, 'reader', 'me');
    assert.equal(
      watch.shape.compiled.statement.text,
      `SELECT live.n, told.body, encode(sha256(convert_to(told.body, 'UTF8')), 'base64') FROM unnest($1::text[], $2::text[]) WITH ORDINALITY AS live(had, p1, n) CROSS JOIN LATERAL (SELECT (SELECT row_to_json("t3".*) FROM (SELECT (SELECT row_to_json("t1".*) FROM (SELECT count(*) AS "count" FROM (SELECT  FROM "public"."books" AS "t0" WHERE "t0"."tags" OPERATOR(pg_catalog.@>) live.p1::"pg_catalog"."_text") AS "t2") AS "t1") AS "aggregate") AS "t3")::text, 1 OFFSET 0) AS told(body, rows) WHERE live.had IS DISTINCT FROM encode(sha256(convert_to(told.body, 'UTF8')), 'base64')`,
    );
    assert.deepEqual(watch.parameters, ['{"a"}']);
    const [told] = await poll(watch.shape, [{ parameters: ['{"b c"}'], had: null }], never);
    assert.equal(told!.body, '{"aggregate":{"count":1}}');
  });

  await t.test('arrivals: a row for each who has rows, with the place of the last', async () => {
    const request = read(
      { where: { kind: 'compare', column: 'id', operator: 'gt', value: 0 }, limit: 2 },
      [0],
      { lastKey: 'any' },
    );
    const watch = asked(request, 'reader', 'me');
    assert.equal(
      watch.shape.compiled.statement.text,
      `SELECT live.n, told.body, told.last FROM unnest($1::text[]) WITH ORDINALITY AS live(p1, n) CROSS JOIN LATERAL (SELECT coalesce('[' || string_agg((row_to_json("t1".*))::text, ',') || ']', '[]'), count(*), json_build_array((array_agg("t1"."id"::text))[count(*)])::text FROM (SELECT "t0"."id" AS "id" FROM "public"."books" AS "t0" WHERE "t0"."id" > live.p1::"pg_catalog"."int4" ORDER BY "t0"."id" LIMIT 2) AS "t1" OFFSET 0) AS told(body, rows, last) WHERE told.rows > 0`,
    );
    assert.deepEqual(watch.placesOf(0), [0]);
    const from = (...values: string[]) => values.map((value) => ({ parameters: [value], had: null }));
    assert.deepEqual(await poll(watch.shape, from('0', '3', '2'), never), [
      { index: 0, body: '[{"id":1},{"id":2}]', mark: '["2"]' },
      { index: 2, body: '[{"id":3}]', mark: '["3"]' },
    ]);
  });

  await t.test('what asks who is calling is shared by those with the same claims alone', async () => {
    const request = { ...read({}, []), table: 'asked' };
    const [me, again, you] = ['me', 'me', 'you'].map((sub) => asked(request, 'reader', sub));
    assert.equal(me!.shape.key, again!.shape.key);
    assert.notEqual(me!.shape.key, you!.shape.key);
    for (const [watch, body] of [
      [me!, '[{"id":1},{"id":3}]'],
      [you!, '[{"id":2}]'],
    ] as const)
      assert.deepEqual(
        (await poll(watch.shape, [{ parameters: [], had: null }], never)).map((one) => one.body),
        [body],
      );
  });

  await t.test('a value of ten thousand callers is read once a row', async () => {
    const watch = asked(
      read({ where: { kind: 'compare', column: 'id', operator: 'eq', value: 0 } }, [1]),
      'reader',
      'me',
    );
    const many = Array.from({ length: 10_000 }, (_, index) => ({ parameters: [String(index)], had: null }));
    const told = await poll(watch.shape, many, never);
    assert.equal(told.length, 10_000);
    assert.deepEqual(
      told.slice(1, 4).map(({ body }) => body),
      ['[{"id":1}]', '[{"id":2}]', '[{"id":3}]'],
    );
    await run('select 1');
  });
});
