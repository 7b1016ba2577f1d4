/** Reads for many callers at once, as each dialect writes them: exact SQL, parameters and rows. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createProject, token } from '../../test/project.ts';
import { poll } from '../execute/poll.ts';
import type { FieldRequest, NodeRequest, ReadAggregateRequest, ReadRequest } from '../query/request.ts';
import type { Parameter } from './dialect.ts';
import { Recording, recordedEngines } from './recording.fixture.ts';

const sql = `
  CREATE TABLE books (id int PRIMARY KEY, title text, tags text[], owner text);
  INSERT INTO books VALUES (1, 'One', '{a,"b c"}', 'me'), (2, 'Two', NULL, 'you'), (3, 'Three', '{}', 'me');
  CREATE VIEW asked AS SELECT id FROM books WHERE owner = current_setting('request.jwt.claims', true)::json ->> 'sub';
`;
const others = `
  ALTER DATABASE COLLATE utf8mb4_bin;
  CREATE TABLE books (id int PRIMARY KEY, title text, tags set('a', 'b c'), owner varchar(40));
  INSERT INTO books VALUES (1, 'One', 'a,b c', 'me'), (2, 'Two', NULL, 'you'), (3, 'Three', '', 'me');
  CREATE FUNCTION who() RETURNS varchar(40) NO SQL RETURN JSON_UNQUOTE(JSON_EXTRACT(@novastack_claims, '$.sub'));
  CREATE VIEW asked AS SELECT id FROM books WHERE owner = who();
`;
const yaml = `
roles: { reader: {}, mine: {} }
tables:
  books:
    permissions:
      reader: { select: { columns: "*", aggregate: true } }
      mine: { select: { columns: "*", where: { owner: $jwt.sub } } }
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

/** One caller's parameters, and the mark of the answer that it has. */
type Waiting = { readonly parameters: readonly Parameter[]; readonly had: string | null };

const polls = {
  changes: 'changes: a row for each whose answer is another than it had',
  aggregate: 'changes of an aggregate, with a list among the values',
  arrivals: 'arrivals: a row for each who has rows, with the place of the last',
} as const;

/** Of others the statements for some callers are recorded, of Postgres there is one for any number. */
const onPostgres: Readonly<Record<keyof typeof polls, string>> = {
  changes: `SELECT live.n, told.body, encode(sha256(convert_to(told.body, 'UTF8')), 'base64') FROM unnest($1::text[], $2::text[], $3::text[]) WITH ORDINALITY AS live(had, p1, p2, n) CROSS JOIN LATERAL (SELECT coalesce('[' || string_agg((row_to_json("t1".*))::text, ',') || ']', '[]'), count(*) FROM (SELECT "t0"."id" AS "id" FROM "public"."books" AS "t0" WHERE "t0"."owner" = live.p1::"pg_catalog"."text" ORDER BY "t0"."id" LIMIT 1 OFFSET live.p2::int8) AS "t1" OFFSET 0) AS told(body, rows) WHERE live.had IS DISTINCT FROM encode(sha256(convert_to(told.body, 'UTF8')), 'base64')`,
  aggregate: `SELECT live.n, told.body, encode(sha256(convert_to(told.body, 'UTF8')), 'base64') FROM unnest($1::text[], $2::text[]) WITH ORDINALITY AS live(had, p1, n) CROSS JOIN LATERAL (SELECT (SELECT row_to_json("t3".*) FROM (SELECT (SELECT row_to_json("t1".*) FROM (SELECT count(*) AS "count" FROM (SELECT  FROM "public"."books" AS "t0" WHERE "t0"."tags" OPERATOR(pg_catalog.@>) live.p1::"pg_catalog"."_text") AS "t2") AS "t1") AS "aggregate") AS "t3")::text, 1 OFFSET 0) AS told(body, rows) WHERE live.had IS DISTINCT FROM encode(sha256(convert_to(told.body, 'UTF8')), 'base64')`,
  arrivals: `SELECT live.n, told.body, told.last FROM unnest($1::text[]) WITH ORDINALITY AS live(p1, n) CROSS JOIN LATERAL (SELECT coalesce('[' || string_agg((row_to_json("t1".*))::text, ',') || ']', '[]'), count(*), json_build_array((array_agg("t1"."id"::text))[count(*)])::text FROM (SELECT "t0"."id" AS "id" FROM "public"."books" AS "t0" WHERE "t0"."id" > live.p1::"pg_catalog"."int4" ORDER BY "t0"."id" LIMIT 2) AS "t1" OFFSET 0) AS told(body, rows, last) WHERE told.rows > 0`,
};

const recording = new Recording(import.meta.url);

for (const engine of ['postgres', ...recordedEngines] as const)
  test(`polls on ${engine}`, async (t) => {
    const { executor } = await createProject(t, { engine, sql: engine === 'postgres' ? sql : others, yaml });
    const asked = (request: ReadRequest | ReadAggregateRequest, role: string, sub: string) =>
      executor.watch(request, { principal: token(role, { sub }) })!;
    const hold = (name: keyof typeof polls, { shape }: ReturnType<typeof asked>, all: readonly Waiting[]) => {
      if (engine === 'postgres') assert.equal(shape.compiled.statement.text, onPostgres[name]);
      else {
        const askings = shape.dialect.ask(shape.compiled, all);
        const sent = askings.map(({ statement, parameters }) => ({ text: statement.text, parameters }));
        recording.hold(polls[name], engine, sent);
      }
    };
    const from = (...values: readonly Parameter[]) =>
      values.map((value) => ({ parameters: [value], had: null }));

    await t.test(polls.changes, async () => {
      const page = (at: number) => read({ offset: 0, limit: 1 }, [at]);
      const [me, you] = [asked(page(1), 'mine', 'me'), asked(page(0), 'mine', 'you')];
      assert.equal(me.shape.key, you.shape.key);
      const all = [me, you].map(({ parameters }) => ({ parameters, had: null }));
      hold('changes', me, all);
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
      const [first, second] = known;
      assert.deepEqual(await poll(me.shape, [first!, { ...second!, had: first!.had }], never), [
        { ...told[1], index: 1 },
      ]);
    });

    await t.test(polls.aggregate, async () => {
      const [a, b] = [['a'], ['b c']].map((tags) => asked({ ...count, values: [tags] }, 'reader', 'me'));
      const all = [a!, b!].map(({ parameters }) => ({ parameters, had: null }));
      hold('aggregate', a!, all);
      assert.deepEqual(
        (await poll(a!.shape, all, never)).map(({ body }) => body),
        ['{"aggregate":{"count":1}}', '{"aggregate":{"count":1}}'],
      );
    });

    await t.test(polls.arrivals, async () => {
      const request = read(
        { where: { kind: 'compare', column: 'id', operator: 'gt', value: 0 }, limit: 2 },
        [0],
        { lastKey: 'any' },
      );
      const watch = asked(request, 'reader', 'me');
      hold('arrivals', watch, from('0', '3', '2'));
      assert.deepEqual(watch.placesOf(0), [0]);
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
      const filter = { kind: 'compare', column: 'id', operator: 'eq', value: 0 } as const;
      const watch = asked(read({ where: filter }, [1]), 'reader', 'me');
      const told = await poll(
        watch.shape,
        from(...Array.from({ length: 10_000 }, (_, at) => String(at))),
        never,
      );
      assert.deepEqual(
        told.map(({ index }) => index),
        Array.from({ length: 10_000 }, (_, at) => at),
      );
      assert.deepEqual(
        told.slice(0, 5).map(({ body }) => body),
        ['[]', '[{"id":1}]', '[{"id":2}]', '[{"id":3}]', '[]'],
      );
    });
  });

test('statements are recorded of these polls and of no others', () => recording.end(Object.values(polls)));
