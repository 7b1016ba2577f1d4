/** Where the grants of a query stand in its statement: for each place an answer, or a table, that is another without it. */
import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import type { TestEngine } from '../../test/database.ts';
import { onEveryEngine } from '../../test/engines.ts';
import { createProject, type TestProject, token } from '../../test/project.ts';
import type { Principal } from '../auth/principal.ts';
import { Problem } from '../problem/problem.ts';
import {
  aggregate,
  by,
  call,
  columns,
  connection,
  counted,
  countIn,
  countOf,
  embed,
  insert,
  keys,
  nodes,
  pageOf,
  read,
  related,
  remove,
  returning,
  update,
} from '../query/asking.fixture.ts';
import type { AnyRead, FieldRequest, FilterRequest, ReadRequest, WriteRequest } from '../query/request.ts';

const sql = (engine: TestEngine) => {
  const text = engine === 'postgres' ? 'text' : 'varchar(40)';
  return `
  CREATE TABLE people (id int PRIMARY KEY, name ${text}, country ${text});
  CREATE TABLE books (id int PRIMARY KEY, title ${text}, price int, cost int, owner ${text}, published boolean, author_id int,
    FOREIGN KEY (author_id) REFERENCES people (id));
  CREATE TABLE reviews (id int PRIMARY KEY, book_id int, stars int, note ${text}, approved boolean, FOREIGN KEY (book_id) REFERENCES books (id));
  CREATE TABLE tags (id int PRIMARY KEY, label ${text});
  CREATE TABLE book_tags (book_id int, tag_id int, open boolean, weight int, PRIMARY KEY (book_id, tag_id),
    FOREIGN KEY (book_id) REFERENCES books (id), FOREIGN KEY (tag_id) REFERENCES tags (id));
  CREATE TABLE secrets (id int PRIMARY KEY, owner ${text});
  CREATE TABLE offers (id int PRIMARY KEY, title ${text}, price int DEFAULT 900);
  ${engine === 'postgres' ? functions : ''}`;
};

/** As it is before each test that writes. */
const data = `
  DELETE FROM book_tags; DELETE FROM reviews; DELETE FROM books; DELETE FROM people; DELETE FROM tags; DELETE FROM secrets;
  INSERT INTO people VALUES (1, 'Ada', 'GB'), (2, 'Karel', 'CZ');
  INSERT INTO books VALUES (1, 'One', 10, 1, 'me', true, 1), (2, 'Two', 20, 2, 'you', true, 2), (3, 'Three', 30, 3, 'me', false, 1),
    (4, 'Four', 40, 4, 'you', false, 2);
  INSERT INTO reviews VALUES (1, 1, 5, 'a', true), (2, 1, 2, 'b', true), (3, 1, 1, 'c', false), (4, 2, 4, 'd', false), (5, 3, 5, 'e', true);
  INSERT INTO tags VALUES (1, 'old'), (2, 'new'), (3, 'odd'), (4, 'red');
  INSERT INTO book_tags VALUES (1, 1, true, 9), (1, 2, true, 1), (1, 3, false, 1), (1, 4, false, 9);
  INSERT INTO secrets VALUES (1, 'me');
`;

const functions = `
  CREATE FUNCTION newest() RETURNS SETOF books LANGUAGE sql STABLE AS 'SELECT * FROM books ORDER BY id';
  CREATE FUNCTION rivals(books) RETURNS SETOF books LANGUAGE sql STABLE AS 'SELECT * FROM books WHERE id <> $1.id ORDER BY id';
  CREATE FUNCTION rival(books) RETURNS books LANGUAGE sql STABLE AS 'SELECT * FROM books WHERE id > 100';
  CREATE TABLE shelves (id int PRIMARY KEY, price int) PARTITION BY RANGE (id);
  CREATE TABLE shelves_0 PARTITION OF shelves DEFAULT;
  INSERT INTO shelves VALUES (1, 5);
`;

const execute = '{ permissions: { viewer: { execute: true }, member: { execute: true } } }';

const yaml = (engine: TestEngine) => `
roles: { all: { everything: true }, base: {}, extra: {}, member: { inherits: [base, extra] }, viewer: {}, mover: {}, upserter: {}, seller: { inherits: [base] }, asking: {}, careful: {}, remover: {}, giver: {}, least: {} }
${engine === 'postgres' ? `functions: { newest: ${execute}, rivals: ${execute}, rival: ${execute} }` : ''}
tables:
  people:
    permissions:
      viewer: { select: { columns: [id, name], where: { country: GB }, aggregate: true } }
      member: { select: { columns: [id, name], where: { country: GB } } }
  books:
    permissions:
      base: { select: { columns: [id, title], where: { published: true }, aggregate: true } }
      extra: { select: { columns: [id, cost, author_id], where: { price: { _gt: 25 } } } }
      member: { select: { columns: [id, title, price, author_id], where: { owner: $jwt.sub } } }
      viewer: { select: { columns: [id, title, price, author_id], where: { published: true }, aggregate: true } }
      asking: { select: { columns: [id], where: { _exists: { table: secrets, where: { owner: $jwt.sub } } } } }
      mover:
        select: { columns: [id, title, price], where: { published: true } }
        insert: { columns: [id, title, published] }
        update: { columns: [published, title], where: { owner: $jwt.sub } }
      seller:
        select: { columns: [id, price], where: { owner: $jwt.sub } }
        update: { columns: [owner], where: { owner: $jwt.sub }, check: {} }
      upserter:
        select: { columns: [id, title, price] }
        insert: { columns: [id, title, price], set: { owner: $jwt.sub, published: true }, check: { price: { _gte: 0 } } }
        update: { columns: [title, price], set: { published: false }, where: { owner: $jwt.sub }, check: { title: { _neq: bad } } }
      least: { select: { columns: [id, price], aggregate: { min_group: 2 } } }
      giver: { update: { columns: [title], set: { owner: $jwt.sub } } }
      careful:
        select: { columns: [id, price] }
        insert: { columns: [id, price], check: { price: { _lt: 100 } } }
        update: { columns: [price], check: { _exists: { table: secrets, where: { owner: $jwt.sub } } } }
  reviews:
    permissions:
      least: { select: { columns: [id, book_id, stars], aggregate: { min_group: 3 } } }
      mover: { delete: { where: { stars: 1 } } }
      remover: { select: { columns: [id], where: { approved: true } }, delete: { where: { stars: { _lt: 5 } } } }
      base: { select: { columns: [id, stars], where: { approved: true }, aggregate: true } }
      member: { select: { columns: [id, book_id, stars, note], where: { stars: { _gte: 4 } } } }
      viewer: { select: { columns: [id, book_id], where: { approved: true }, aggregate: true } }
  tags: { permissions: { base: { select: true } } }
  book_tags:
    permissions:
      base: { select: { columns: [tag_id], where: { open: true } } }
      member: { select: { columns: [book_id, tag_id], where: { weight: { _gt: 5 } } } }
  secrets: {}
  offers: { permissions: { upserter: { insert: { columns: '*', check: { price: { _lt: 100 } } }, update: { columns: [title, price], where: {}, check: {} } } } }
${engine === 'postgres' ? '  shelves: { permissions: { upserter: { select: true, insert: { columns: "*", check: { price: { _gte: 0 } } }, update: { columns: "*", check: { price: { _lt: 9 } } } } } }' : ''}
`;

const member = token('member', { sub: 'me' });
const viewer = token('viewer', { sub: 'me' });
const upserter = token('upserter', { sub: 'me' });

function reading({ executor }: TestProject) {
  const ask = async (request: AnyRead, principal: Principal, values: readonly unknown[] = ['1']) =>
    executor.read({ ...request, values }, { principal });
  const rows = async (request: AnyRead, principal: Principal, values?: readonly unknown[]) =>
    JSON.parse((await ask(request, principal, values)).body);
  return { ask, rows };
}

const byId = { order: [by('id')] };
const sorted = (node: Parameters<typeof read>[0], table?: string): ReadRequest =>
  read({ ...byId, ...node }, table);
const listed = (relationship: string, ...fields: readonly FieldRequest[]): FieldRequest =>
  embed(relationship, fields, { node: { fields, ...byId } });
const above = (column: string): FilterRequest => ({ kind: 'compare', column, operator: 'gt', value: 0 });

async function refusal(work: Promise<unknown>): Promise<readonly [string, number]> {
  const problem = await work.then(
    () => assert.fail('it was not refused'),
    (error: unknown) => error,
  );
  assert.ok(problem instanceof Problem, String(problem));
  return [problem.code, problem.status];
}

onEveryEngine((engine) => {
  const endings: (() => unknown)[] = [];
  let project: TestProject;
  before(async () => {
    const scope = { after: (end: () => unknown) => void endings.unshift(end) };
    project = await createProject(scope, { engine, sql: sql(engine), yaml: yaml(engine) });
    await project.sql(data);
  });
  after(async () => {
    for (const end of endings) await end();
  });

  test('reads', async (t) => {
    const { executor } = project;
    const { ask, rows } = reading(project);

    await t.test('a cell is null where the role may not read it, in rows and in related rows', async () => {
      assert.deepEqual(await rows(sorted({ fields: columns('id', 'title', 'price', 'cost') }), member), [
        { id: 1, title: 'One', price: 10, cost: null },
        { id: 2, title: 'Two', price: null, cost: null },
        { id: 3, title: 'Three', price: 30, cost: 3 },
        { id: 4, title: null, price: null, cost: 4 },
      ]);
      // Whatever the collation takes for one.
      assert.deepEqual(
        await rows(sorted({ fields: columns('id', 'price') }), token('member', { sub: 'ME' })),
        [1, 2, 3, 4].map((id) => ({ id, price: null })),
      );
      assert.deepEqual(
        await rows(
          sorted({ fields: [...columns('id'), embed('book', columns('price'))] }, 'reviews'),
          member,
        ),
        [
          { id: 1, book: { price: 10 } },
          { id: 2, book: null },
          { id: 4, book: { price: null } },
          { id: 5, book: { price: 30 } },
        ],
      );
    });

    await t.test(
      'rows are linked by cells that the role may read: near, far and in the junction',
      async () => {
        const fields = [
          ...columns('id'),
          listed('reviews', ...columns('id')),
          listed('tags', ...columns('id')),
          embed('author', columns('id')),
        ];
        assert.deepEqual(await rows(sorted({ fields }), member), [
          { id: 1, reviews: [{ id: 1 }], tags: [{ id: 1 }, { id: 4 }], author: { id: 1 } },
          { id: 2, reviews: [{ id: 4 }], tags: [], author: null },
          { id: 3, reviews: [{ id: 5 }], tags: [], author: { id: 1 } },
          { id: 4, reviews: [], tags: [], author: null },
        ]);
        const spread = [...columns('id'), embed('author', columns('name'), { spread: true })];
        assert.deepEqual(await rows(sorted({ fields: spread }), viewer), [
          { id: 1, name: 'Ada' },
          { id: 2, name: null },
        ]);
        const lists = [...columns('id'), embed('reviews', columns('id'), { spread: true, as: 'r' })];
        assert.deepEqual(
          await rows(
            sorted({
              fields: lists.with(-1, {
                ...lists[1]!,
                node: { fields: [{ kind: 'column', column: 'id', as: 'n' }], ...byId },
              } as FieldRequest),
            }),
            viewer,
          ),
          [
            { id: 1, n: [1, 2] },
            { id: 2, n: [] },
          ],
        );
      },
    );

    await t.test('and so they are in filters', async () => {
      const by = async (where: FilterRequest, table?: string, principal = member, value = '1') =>
        (await rows(sorted({ where }, table), principal, [value])).map(({ id }: { id: number }) => id);
      assert.deepEqual(
        await by(related('reviews', { kind: 'compare', column: 'stars', operator: 'lt', value: 0 })),
        [],
      );
      assert.deepEqual(await by(related('tags')), [1]);
      assert.deepEqual(await by(related('author')), [1, 3]);
      assert.deepEqual(await by(related('author'), 'books', viewer), [1]);
      assert.deepEqual(await by(countIn('reviews')), []);
      assert.deepEqual(await by(countIn('reviews'), 'books', viewer), [1]);
      assert.deepEqual(await by(countIn('books', 'cost'), 'people'), []);
      assert.deepEqual(await by(countIn('books'), 'people'), [1]);
      assert.deepEqual(await by(countIn('books'), 'people', viewer), []);
      assert.deepEqual(await by({ kind: 'not', of: above('price') }, 'books', member, '25'), [1]);
    });

    await t.test('and in the order', async () => {
      const order = async (column: string, through: string, table: string, principal: Principal) => {
        const term = { ...by(column, through), direction: 'desc', nulls: 'last' } as const;
        const answer = await rows(read({ order: [term, by('id')] }, table), principal);
        return answer.map(({ id }: { id: number }) => id);
      };
      assert.deepEqual(await order('name', 'author', 'books', viewer), [1, 2]);
      assert.deepEqual(await order('price', 'book', 'reviews', member), [5, 1, 2, 4]);
      const term = { through: [], related: 'reviews', aggregate: 'count', direction: 'desc' } as const;
      assert.deepEqual(await rows(read({ order: [term, by('id')] }), viewer), [{ id: 1 }, { id: 2 }]);
      const sums = { ...term, aggregate: 'max', related: 'books', column: 'cost', nulls: 'last' } as const;
      const shown = {
        kind: 'embedAggregate',
        as: 'b',
        relationship: 'books',
        node: { parts: [countOf('cost')] },
      } as const;
      assert.deepEqual(
        await rows(read({ fields: [...columns('id'), shown], order: [sums] }, 'people'), member),
        [{ id: 1, b: { s: { n: 1 } } }],
      );
    });

    await t.test('totals, aggregates, groups and pages are of visible rows and cells', async () => {
      for (const count of [true, 'estimated'] as const) {
        const { total } = await ask({ ...sorted({ where: above('price') }), count }, token('all'), ['15']);
        assert.equal(total, 3);
      }
      assert.equal((await ask({ ...sorted({ limit: 1 }), count: true }, viewer)).total, 2);
      const whole = aggregate({ parts: [countOf('price'), nodes('id')], order: [by('id')] });
      assert.deepEqual(await rows(whole, member), {
        s: { n: 2 },
        nodes: [{ id: 1 }, { id: 2 }, { id: 3 }, { id: 4 }],
      });
      assert.deepEqual(await rows(aggregate({ parts: [countOf()], limit: 9 }), viewer), { s: { n: 2 } });
      assert.deepEqual(await rows(aggregate({ parts: [countOf('price')], limit: 9 }), member), {
        s: { n: 2 },
      });
      assert.deepEqual(
        await rows(
          read({
            groupBy: ['price'],
            fields: [keys('price'), countOf()],
            order: [{ ...by('price'), nulls: 'last' }],
          }),
          viewer,
        ),
        [
          { k: { k: 10 }, s: { n: 1 } },
          { k: { k: 20 }, s: { n: 1 } },
        ],
      );
      assert.deepEqual(
        (await rows(read({ groupBy: ['price'], fields: [keys('price'), countOf()] }), member)).length,
        3,
      );
      assert.deepEqual(await rows(read({ fields: [counted] }), viewer), [{ n: 2 }]);
      const pages = pageOf({
        parts: [
          { kind: 'totalCount', as: 'total' },
          {
            kind: 'edges',
            as: 'edges',
            items: [{ kind: 'node', as: 'node', fields: columns('id', 'price') }],
          },
        ],
      });
      assert.deepEqual(await rows(connection(pages), member), {
        total: 4,
        edges: [10, null, 30, null].map((price, index) => ({ node: { id: index + 1, price } })),
      });
      assert.deepEqual(await rows(connection(pages), viewer), {
        total: 2,
        edges: [10, 20].map((price, index) => ({ node: { id: index + 1, price } })),
      });
      const embedded = { kind: 'embedConnection', as: 'c', relationship: 'reviews', node: pages } as const;
      const within = { ...embedded, node: { ...pages, parts: [pages.parts[0]!] } };
      assert.deepEqual(await rows(sorted({ fields: [within] }), member), [
        { c: { total: 1 } },
        { c: { total: 1 } },
        { c: { total: 1 } },
        { c: { total: 0 } },
      ]);
    });

    await t.test('the first of each, and groups of related rows, are of visible ones', async () => {
      const most = { ...by('price'), direction: 'desc' } as const;
      const first = { distinct: ['author_id'], order: [by('author_id'), most], fields: columns('id') };
      assert.deepEqual(await rows(read(first), viewer), [{ id: 1 }, { id: 2 }]);
      const whole = aggregate({ distinct: ['author_id'], order: first.order, parts: [countOf('price')] });
      assert.deepEqual(await rows(whole, viewer), { s: { n: 2 } });
      for (const page of [
        { ...first, limit: 5 },
        { order: [most], limit: 1, fields: columns('id') },
      ])
        assert.deepEqual(
          await rows(read({ fields: [embed('books', [], { node: page })] }, 'people'), viewer),
          [{ books: [{ id: 1 }] }],
        );
      for (const fields of [[counted], [...columns('book_id'), counted]])
        assert.deepEqual(
          (await rows(sorted({ fields: [embed('reviews', fields)] }), viewer)).map(
            ({ reviews }: { reviews: { n: number }[] }) => reviews.map(({ n }) => n).filter((n) => n > 0),
          ),
          [[2], []],
        );
    });

    await t.test('aggregates are of no fewer rows than the grant says', async () => {
      const least = token('least');
      const sums = aggregate({ parts: [countOf()], where: above('price') });
      assert.deepEqual(await rows(sums, least, ['25']), { s: { n: 2 } });
      assert.deepEqual(await rows(sums, least, ['35']), { s: null });
      assert.deepEqual(await rows({ ...sums, node: { ...sums.node, limit: 9 } }, least, ['35']), { s: null });
      assert.deepEqual(await rows(sorted({ where: countIn('reviews') }), least, ['0']), [{ id: 1 }]);
      const most = {
        through: [],
        related: 'reviews',
        aggregate: 'max',
        column: 'stars',
        direction: 'desc',
      } as const;
      assert.deepEqual(await rows(read({ order: [{ ...most, nulls: 'last' }, by('price')] }), least), [
        { id: 1 },
        { id: 2 },
        { id: 3 },
        { id: 4 },
      ]);
      assert.deepEqual(await rows(read({ order: [{ ...most, nulls: 'first' }, by('price')] }), least), [
        { id: 2 },
        { id: 3 },
        { id: 4 },
        { id: 1 },
      ]);
    });

    await t.test('a stream has visible rows and cells', async () => {
      const lines: string[] = [];
      await executor.stream(
        { ...sorted({ fields: columns('id', 'price') }), stream: 'ndjson' },
        {
          rows: (some) => void lines.push(...some.map(([line]) => line!)),
          text: (some) => void lines.push(...some.toString().trim().split('\n')),
        },
        { principal: member },
      );
      assert.deepEqual(
        lines.filter((line) => line !== '').map((line) => JSON.parse(line).price),
        [10, null, 30, null],
      );
    });

    await t.test('a policy with _exists asks its condition', async () => {
      assert.deepEqual(await rows(sorted({}), token('asking', { sub: 'you' })), []);
      assert.equal((await rows(sorted({}), token('asking', { sub: 'me' }))).length, 4);
    });
  });

  describe('writes', () => {
    beforeEach(async () => {
      await project.sql(data);
    });
    const write = async (principal: Principal, request: WriteRequest, ...values: readonly unknown[]) =>
      (await project.executor.write([{ ...request, values }], { principal }))[0]!;
    const kept = async ({ sql: run }: TestProject) =>
      JSON.stringify(await run('SELECT id, title, price, owner, published FROM books ORDER BY id'));
    const one = async ({ sql: run }: TestProject, id: number) =>
      (
        await run(
          `SELECT title, price, owner, CASE WHEN published THEN 't' ELSE 'f' END AS published FROM books WHERE id = ${id}`,
        )
      )[0];
    const upsert = (names: readonly string[], extra: object = {}): WriteRequest =>
      insert(names, { conflict: { action: 'merge', columns: ['id'], ...extra } });
    const numbered: FilterRequest = { kind: 'compare', column: 'id', operator: 'eq', value: 1 };

    test('a row that a write takes out of sight is not answered with', async () => {
      const mover = token('mover', { sub: 'me' });
      const answered = returning(...columns('id', 'title'));
      const gone = await write(
        mover,
        update(['published'], { where: numbered, ...answered }),
        { published: false },
        '1',
      );
      assert.deepEqual([gone.affected, gone.rows, gone.bodies], [1, 0, ['[]']]);
      assert.equal((await one(project, 1))?.published, 'f');
      const unseen = await write(mover, insert(['id', 'title', 'published'], answered), [
        { id: 8, title: 'x', published: false },
      ]);
      assert.deepEqual([unseen.affected, unseen.rows, unseen.key, unseen.bodies], [1, 0, undefined, ['[]']]);
      const alone = await write(mover, insert(['id', 'published']), [{ id: 10, published: false }]);
      assert.deepEqual([alone.affected, alone.key], [1, undefined]);
      const seen = await write(mover, insert(['id', 'title', 'published'], answered), [
        { id: 9, title: 'y', published: true },
      ]);
      assert.deepEqual([seen.rows, seen.key, seen.bodies], [1, ['9'], ['[{"id":9,"title":"y"}]']]);
    });

    test('a cell that a write takes out of sight is not answered with', async () => {
      const sold = await write(
        token('seller', { sub: 'me' }),
        update(['owner'], { where: numbered, ...returning(...columns('id', 'price')) }),
        { owner: 'you' },
        '1',
      );
      assert.deepEqual([sold.affected, sold.bodies], [1, ['[{"id":1,"price":null}]']]);
    });

    test('a write changes the rows of its grant, and presets what the grant says', async () => {
      const changed = await write(upserter, update(['title'], { unfiltered: true }), { title: 'Mine' });
      assert.equal(changed.affected, 2);
      assert.deepEqual(await one(project, 1), { title: 'Mine', price: 10, owner: 'me', published: 'f' });
      assert.deepEqual(await one(project, 2), { title: 'Two', price: 20, owner: 'you', published: 't' });
      const told = await write(
        upserter,
        update(['title'], { where: numbered, ...returning(...columns('id')) }),
        { title: 'Uno' },
        '3',
      );
      assert.deepEqual([told.affected, (await one(project, 3))?.published], [1, 'f']);
    });

    test('a delete takes the rows of its grant', async () => {
      const left = async () =>
        (await project.sql('SELECT id FROM reviews ORDER BY id')).map(({ id }) => Number(id));
      const mine: WriteRequest = { ...remove(), table: 'reviews' };
      assert.equal((await write(token('mover', { sub: 'me' }), mine)).affected, 1);
      assert.deepEqual(await left(), [1, 2, 4, 5]);
      const told = {
        ...remove(returning(...columns('id'))),
        table: 'reviews',
        where: numbered,
      } as WriteRequest;
      for (const [id, bodies] of [
        ['1', '[]'],
        ['2', '[{"id":2}]'],
        ['4', '[]'],
      ])
        assert.deepEqual((await write(token('remover'), told, '1', id)).bodies, [bodies]);
      assert.deepEqual(await left(), [1, 4, 5]);
    });

    test('a filter of an update reaches the rows of its grant, which are found and locked', async () => {
      const all = { where: { ...above('price'), value: 1 }, ...returning(...columns('id')) };
      const changed = await write(upserter, update(['title'], all), { title: 'Mine' }, '0');
      assert.deepEqual([changed.affected, changed.bodies], [2, ['[{"id":1},{"id":3}]']]);
      assert.equal((await one(project, 2))?.title, 'Two');
    });

    test('a preset whose claim is missing writes nothing', async () => {
      const before = await kept(project);
      const nobody = token('upserter');
      const rows = [{ id: 7, title: 'x', price: 1 }];
      assert.deepEqual(await refusal(write(nobody, insert(['id', 'title', 'price']), rows)), ['NS302', 403]);
      assert.deepEqual(
        await refusal(write(token('giver'), update(['title'], { unfiltered: true }), { title: 'x' })),
        ['NS302', 403],
      );
      assert.equal(await kept(project), before);
    });

    test('an upsert asks insert and update, of each row what it is', async () => {
      const before = await kept(project);
      const all = ['id', 'title', 'price'];
      const refused: readonly (readonly [string, object[], object?, ...unknown[]])[] = [
        ['a row of another', [{ id: 2, title: 'Stolen', price: 1 }]],
        ['a row of another beside one’s own', [{ id: 1, title: 'x', price: 1 }, { id: 2, title: 'x', price: 1 }]],
        ['a proposed row that insert would not take', [{ id: 1, title: 'x', price: -1 }]],
        ['a merged row that fails the check of update', [{ id: 1, title: 'bad', price: 1 }]],
        ['a new row that fails the check of insert', [{ id: 7, title: 'x', price: -1 }]],
        ['a row of another that the caller’s condition leaves out', [{ id: 2, title: 'x', price: 1 }], { where: above('price') }, '999'],
      ]; // biome-ignore format: a table
      for (const [name, rows, extra = {}, value = '1'] of refused) {
        const request = { ...upsert(all, extra) };
        const where = 'where' in extra ? { where: { ...above('price'), value: 1 } } : {};
        const conflict = { action: 'merge', columns: ['id'], ...where } as const;
        assert.deepEqual(
          await refusal(write(upserter, { ...request, conflict } as WriteRequest, rows, value)),
          ['42501', 403],
          name,
        );
        assert.equal(await kept(project), before, name);
      }
      const conflict = { action: 'merge', columns: ['id'], where: { ...above('price'), value: 1 } } as const;
      const left = await write(upserter, insert(all, { conflict }), [{ id: 1, title: 'x', price: 1 }], '999');
      assert.deepEqual([left.affected, await kept(project)], [0, before]);
      const both = await write(upserter, upsert(all), [
        { id: 1, title: 'Uno', price: 11 },
        { id: 7, title: 'bad', price: 0 },
      ]);
      assert.equal(both.affected, 2);
      assert.deepEqual(await one(project, 1), { title: 'Uno', price: 11, owner: 'me', published: 'f' });
      assert.deepEqual(await one(project, 7), { title: 'bad', price: 0, owner: 'me', published: 't' });
    });

    test('an upsert asks insert of defaults too, of rows that are there and of new ones', async () => {
      await project.sql("DELETE FROM offers; INSERT INTO offers VALUES (1, 'One', 10)");
      const offers = () => project.sql('SELECT id, title, price FROM offers ORDER BY id');
      const put = (row: { id: number; title: string; price?: number }) =>
        write(upserter, { ...upsert(Object.keys(row)), table: 'offers' } as WriteRequest, [row]);
      assert.deepEqual(await refusal(put({ id: 1, title: 'Uno' })), ['42501', 403]);
      assert.deepEqual(await refusal(put({ id: 2, title: 'Due' })), ['42501', 403]);
      assert.deepEqual(await offers(), [{ id: 1, title: 'One', price: 10 }]);
      await put({ id: 1, title: 'Uno', price: 11 });
      await put({ id: 2, title: 'Due', price: 12 });
      assert.deepEqual(await offers(), [
        { id: 1, title: 'Uno', price: 11 },
        { id: 2, title: 'Due', price: 12 },
      ]);
    });

    test('a check is of every row, and one that looks at other rows of each as it is then', async () => {
      const before = await kept(project);
      const careful = (sub: string) => token('careful', { sub });
      for (const rows of [
        [
          { id: 8, price: 1 },
          { id: 9, price: 200 },
        ],
        [
          { id: 8, price: 200 },
          { id: 9, price: 1 },
        ],
        [{ id: 8, price: null }],
      ])
        assert.deepEqual(await refusal(write(careful('me'), insert(['id', 'price']), rows)), ['42501', 403]);
      const all = update(['price'], { unfiltered: true });
      assert.deepEqual(await refusal(write(careful('you'), all, { price: 1 })), ['42501', 403]);
      assert.deepEqual(await refusal(write(careful('you'), upsert(['id', 'price']), [{ id: 1, price: 1 }])), [
        '42501',
        403,
      ]);
      assert.equal(await kept(project), before);
      assert.equal((await write(careful('me'), all, { price: 1 })).affected, 4);
      assert.equal((await write(careful('me'), upsert(['id', 'price']), [{ id: 1, price: 2 }])).affected, 1);
    });
  });

  if (engine !== 'postgres') return;

  test('rows of functions', async (t) => {
    const { executor } = project;
    await project.sql(data);
    const { rows } = reading(project);
    const called = async (extra: object, principal: Principal, ...values: readonly unknown[]) =>
      executor.call({ ...call('newest', extra), values: [{}, ...values] }, { principal });
    const body = async (extra: object, principal: Principal) =>
      JSON.parse((await called(extra, principal)).body!);

    await t.test(
      'are those that the role sees in their table, and so are their cells and their number',
      async () => {
        const fields = columns('id', 'price');
        assert.deepEqual(await body({ node: { fields } }, member), [
          { id: 1, price: 10 },
          { id: 2, price: null },
          { id: 3, price: 30 },
          { id: 4, price: null },
        ]);
        assert.deepEqual((await body({ node: { fields } }, viewer)).length, 2);
        const { total } = await called({ node: { fields, limit: 1 }, count: true }, viewer);
        assert.equal(total, 2);
        assert.deepEqual(await body({ aggregate: { parts: [countOf()] } }, viewer), { s: { n: 2 } });
        assert.deepEqual(await body({ aggregate: { parts: [countOf('price')] } }, member), { s: { n: 2 } });
      },
    );

    await t.test('and so they are as relationships', async () => {
      const fields = [...columns('id'), embed('rivals', columns('id')), embed('rival', columns('id'))];
      assert.deepEqual(await rows(sorted({ fields }), viewer), [
        { id: 1, rivals: [{ id: 2 }], rival: null },
        { id: 2, rivals: [{ id: 1 }], rival: null },
      ]);
    });
  });

  test('where new rows cannot be told from merged ones, both checks hold', async () => {
    const { executor, sql: run } = project;
    const write = (row: object) =>
      executor.write(
        [
          {
            ...insert(['id', 'price'], { conflict: { action: 'merge', columns: ['id'] } }),
            table: 'shelves',
            values: [[row]],
          },
        ],
        { principal: upserter },
      );
    assert.deepEqual(await refusal(write({ id: 1, price: 10 })), ['42501', 403]);
    assert.deepEqual(await refusal(write({ id: 1, price: -10 })), ['42501', 403]);
    await write({ id: 1, price: 8 });
    assert.deepEqual(await run('SELECT price FROM shelves'), [{ price: 8 }]);
  });
});
