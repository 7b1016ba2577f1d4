/** The grammar beyond plain rows, from HTTP to a real database: paths, casts, searches, groups, spread, forms, times. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { token } from '../../test/project.ts';
import { type Answered, serve } from '../../test/rest.ts';

const sql = `
create table authors (id int primary key, name text not null, country text);
create table books (
  id int primary key, title text not null, price numeric(10,2), year int, author_id int references authors, meta jsonb, raw json,
  tags text[], shown daterange, words tsvector generated always as (to_tsvector('english', title)) stored,
  added timestamptz not null default '2024-07-01 12:00:00+00', owner text
);
create table details (book_id int primary key references books, weight numeric, material text);
create table reviews (id int primary key, book_id int references books, stars int not null, note text);
create table odd (id int primary key, "__proto__" jsonb, "a.b" jsonb);
insert into authors values (1, 'Ann', 'FR'), (2, 'Bob', null), (3, 'Cem', 'TR');
insert into books (id, title, price, year, author_id, meta, raw, tags, shown, owner) values
  (1, 'Alpha ships', 10.50, 1921, 1, '{"a": {"b": [1, 2.50, "x"]}, "n": 7, "s": "t", "z": null}', '{ "k" : 1, "n": 5 }', '{sea,"old, one"}', '[2020-01-01,2020-06-01)', 'u1'),
  (2, 'Beta ship', 20, 1930, 1, '{"a": {"b": []}, "n": 12, "s": "u"}', null, '{sea}', '[2021-01-01,2021-03-01)', 'u2'),
  (3, 'Gamma', null, null, 2, '"text"', '[1,2]', '{}', null, 'u1'),
  (4, 'Delta rays', 5.25, 1999, 3, null, '{"n": 9}', null, 'empty', 'u2'),
  (5, 'Epsilon, "E"', 10.50, 2001, 3, '{"n": 100}', 'null', '{NULL,wood}', '(,2019-01-01)', 'u1');
insert into details values (1, 12.5, 'canvas'), (3, null, 'paper');
insert into reviews values (1, 1, 5, 'great'), (2, 1, 3, null), (3, 2, 4, 'fine'), (4, 4, 1, 'no');
insert into odd values (1, '{"__proto__": {"a\\"b": 1}}', '{"😀": [10, 20]}');
`;

const yaml = `
roles: { staff: {}, plain: {}, mine: {}, cells: { inherits: [prices, titles] }, prices: {}, titles: {} }
tables:
  authors:
    permissions: { staff: { select: true }, plain: { select: { columns: "*" } }, mine: { select: true } }
  books:
    permissions:
      staff: { select: true }
      plain: { select: { columns: "*" } }
      mine: { select: { columns: [id, title, price, author_id, meta, raw], where: { owner: $jwt.sub }, aggregate: true } }
      prices: { select: { columns: [id, price], where: { owner: u1 }, aggregate: true } }
      titles: { select: { columns: [id, title], where: { owner: u2 } } }
  details: { permissions: { staff: { select: true } } }
  reviews: { permissions: { staff: { select: true }, mine: { select: { columns: [id, book_id, stars], aggregate: true } } } }
  odd: { permissions: { staff: { select: true } } }
`;

const staff = token('staff', { sub: 's' });
const plain = token('plain', { sub: 'p' });
const mine = token('mine', { sub: 'u1' });

const problem = ({ status, body }: Answered) => [status, (body as { code?: string } | undefined)?.code];
const encoded = (path: string) => path.replace(/["{}[\]^\\ |<>]|[^\0-\x7f]/gu, encodeURIComponent);

test('reads beyond plain rows', async (t) => {
  const { ask } = await serve(t, { sql, yaml });
  const get = (path: string, headers?: Record<string, string>, caller = staff) =>
    ask(caller, `GET ${encoded(path)}`, { headers });

  const answers: readonly (readonly [string, string])[] = [
    // Paths.
    ['/books?select=meta->a&id=eq.1', '[{"a":{"b": [1, 2.50, "x"]}}]'],
    ['/books?select=meta->a->b->>1,x:meta->a->b->-1&id=eq.1', '[{"b":"2.50","x":"x"}]'],
    ['/books?select=id,meta->>s&order=meta->>s.desc.nullslast,id', '[{"id":2,"s":"u"},{"id":1,"s":"t"},{"id":3,"s":null},{"id":4,"s":null},{"id":5,"s":null}]'],
    ['/books?select=id&meta->n=gt.7&order=meta->n', '[{"id":2},{"id":5}]'],
    ['/books?select=id&meta->a->b=eq.[]', '[{"id":2}]'],
    ['/books?select=id&meta->>n=eq.7', '[{"id":1}]'],
    ['/books?select=id&meta->>n=in.(7,12)&order=id', '[{"id":1},{"id":2}]'],
    ['/books?select=id&meta->z=is.null&order=id', '[{"id":2},{"id":3},{"id":4},{"id":5}]'],
    ['/books?select=id&or=(meta->>s.eq.u,raw->>k.eq.1)&order=id', '[{"id":1},{"id":2}]'],
    ['/books?select=raw->n&id=in.(1,4)&order=id', '[{"n":5},{"n":9}]'],
    ['/books?select=id&raw->n=eq.9', '[{"id":4}]'],
    ['/books?select=tags->0&id=eq.1', '[{"tags":"sea"}]'],
    ['/odd?select=__proto__->__proto__->"a\\"b","a.b"->"😀"->1', '[{"a\\"b":1,"😀":20}]'],
    // Casts.
    ['/books?select=id::text,price::int,y:year::text&id=eq.1', '[{"id":"1","price":11,"y":"1921"}]'],
    ['/books?select=meta->>n::int,tags::text&id=eq.2', '[{"n":12,"tags":"{sea}"}]'],
    ['/books?select=d:added::date&id=eq.1', '[{"d":"2024-07-01"}]'],
    // Lists of values.
    ['/books?select=id&title=like(any).{Al*,*rays}&order=id', '[{"id":1},{"id":4}]'],
    ['/books?select=id&title=like(all).{*s,A*}', '[{"id":1}]'],
    ['/books?select=id&id=eq(any).{1,4}&order=id', '[{"id":1},{"id":4}]'],
    ['/books?select=id&id=gt(all).{1,3}&order=id', '[{"id":4},{"id":5}]'],
    ['/books?select=id&title=imatch(any).{^a,^b}&order=id', '[{"id":1},{"id":2}]'],
    ['/books?select=id&title=not.ilike(any).{a*,b*,"e*"}&order=id', '[{"id":3},{"id":4}]'],
    ['/books?select=id&meta->>s=eq(any).{t,u}&order=id', '[{"id":1},{"id":2}]'],
    ['/books?select=id&id=eq(any).{}', '[]'],
    // Searches.
    ['/books?select=id&words=fts.ship&order=id', '[{"id":1},{"id":2}]'],
    ['/books?select=id&words=fts(english).alpha %26 !beta', '[{"id":1}]'],
    ['/books?select=id&words=plfts.ships alpha', '[{"id":1}]'],
    ['/books?select=id&words=phfts.alpha ship', '[{"id":1}]'],
    ['/books?select=id&words=wfts."alpha ship" or delta&order=id', '[{"id":1},{"id":4}]'],
    ['/books?select=id&title=fts(simple).ships', '[{"id":1}]'],
    ['/books?select=id&words=not.fts.ship&order=id', '[{"id":3},{"id":4},{"id":5}]'],
    ['/books?select=id&meta->>s=plfts(simple).t', '[{"id":1}]'],
    // Ranges and arrays.
    ['/books?select=id&shown=cs.[2020-02-02,2020-02-03)', '[{"id":1}]'],
    ['/books?select=id&shown=cd.[2020-01-01,2022-01-01)&order=id', '[{"id":1},{"id":2},{"id":4}]'],
    ['/books?select=id&shown=ov.[2020-05-01,2021-02-01)&order=id', '[{"id":1},{"id":2}]'],
    ['/books?select=id&shown=sl.[2021-01-01,2022-01-01)&order=id', '[{"id":1},{"id":5}]'],
    ['/books?select=id&shown=sr.(,2020-01-01)&order=id', '[{"id":1},{"id":2}]'],
    ['/books?select=id&shown=nxr.[2019-01-01,2020-06-01)&order=id', '[{"id":1},{"id":5}]'],
    ['/books?select=id&shown=nxl.[2020-01-01,2020-02-01)&order=id', '[{"id":1},{"id":2}]'],
    ['/books?select=id&shown=adj.[2020-06-01,2020-07-01)', '[{"id":1}]'],
    ['/books?select=id&tags=cs.{sea}&order=id', '[{"id":1},{"id":2}]'],
    ['/books?select=id&tags=cd.{sea,wood}&order=id', '[{"id":2},{"id":3}]'],
    ['/books?select=id&tags=ov.{"old, one",x}', '[{"id":1}]'],
    // Groups.
    ['/books?select=count()', '[{"count":5}]'],
    ['/books?select=n:count()::text,price.sum(),price.avg()::int,year.min(),year.max(),year.count()', '[{"n":"5","sum":46.25,"avg":12,"min":1921,"max":2001,"count":4}]'],
    ['/books?select=author_id,count(),price.sum()&order=author_id', '[{"author_id":1,"count":2,"sum":30.50},{"author_id":2,"count":1,"sum":null},{"author_id":3,"count":2,"sum":15.75}]'],
    ['/books?select=author_id,count()&order=count().desc,author_id.desc', '[{"author_id":3,"count":2},{"author_id":1,"count":2},{"author_id":2,"count":1}]'],
    ['/books?select=author_id,price.max()&order=price.sum().desc.nullslast&limit=1&offset=1', '[{"author_id":3,"max":10.50}]'],
    ['/books?select=author_id,count()&having=count().gt.1&order=author_id', '[{"author_id":1,"count":2},{"author_id":3,"count":2}]'],
    ['/books?select=author_id,count()&having=(count().gt.1,or(price.sum().gt.30,price.sum().is.null))', '[{"author_id":1,"count":2}]'],
    ['/books?select=author_id,count()&having=price.sum().not.gt.1', '[]'],
    ['/books?select=author_id,count()&price=gt.6&order=author_id', '[{"author_id":1,"count":2},{"author_id":3,"count":1}]'],
    ['/books?select=meta->>s,count()&order=meta->>s', '[{"s":"t","count":1},{"s":"u","count":1},{"s":null,"count":3}]'],
    ['/books?select=meta->>n::int.sum()', '[{"sum":119}]'],
    ['/books?select=count()&id=eq.99', '[{"count":0}]'],
    ['/books?select=author_id,count()&id=eq.99', '[]'],
    ['/authors?select=id,books(count())&order=id', '[{"id":1,"books":[{"count":2}]},{"id":2,"books":[{"count":1}]},{"id":3,"books":[{"count":2}]}]'],
    ['/authors?select=id,books(count)&order=id', '[{"id":1,"books":[{"count":2}]},{"id":2,"books":[{"count":1}]},{"id":3,"books":[{"count":2}]}]'],
    ['/books?select=id,reviews(stars.avg(),note.count())&id=lt.3&order=id', '[{"id":1,"reviews":[{"avg":4.0000000000000000,"count":1}]},{"id":2,"reviews":[{"avg":4.0000000000000000,"count":1}]}]'],
    ['/books?select=...authors(country),count()&order=count().desc,authors(country)', '[{"country":"FR","count":2},{"country":"TR","count":2},{"country":null,"count":1}]'],
    // Spread.
    ['/books?select=id,...authors(name)&order=id&limit=2', '[{"id":1,"name":"Ann"},{"id":2,"name":"Ann"}]'],
    ['/books?select=id,...authors(author:name,country)&order=authors(name).desc,id&limit=1', '[{"id":4,"author":"Cem","country":"TR"}]'],
    ['/books?select=id,...details(weight,material)&id=in.(1,2)&order=id', '[{"id":1,"weight":12.5,"material":"canvas"},{"id":2,"weight":null,"material":null}]'],
    ['/books?select=id,...reviews(stars,note)&reviews.order=stars&id=in.(1,3)&order=id', '[{"id":1,"stars":[3, 5],"note":[null, "great"]},{"id":3,"stars":[],"note":[]}]'],
    ['/reviews?select=id,...books(title,...authors(name))&id=eq.3', '[{"id":3,"title":"Beta ship","name":"Ann"}]'],
    ['/authors?select=name,...books(titles:title)&books.id=gt.1&books.order=id&id=eq.1', '[{"name":"Ann","titles":["Beta ship"]}]'],
    ['/books?select=id,...authors!inner(name)&authors.name=eq.Bob', '[{"id":3,"name":"Bob"}]'],
    ['/authors?select=id,books(id,...details(material))&books.order=id&id=eq.1', '[{"id":1,"books":[{"id":1,"material":"canvas"}, {"id":2,"material":null}]}]'],
  ]; // biome-ignore format: one case a line
  for (const [path, text] of answers)
    await t.test(`answers ${path}`, async () => {
      const answer = await get(path);
      assert.deepEqual([answer.status, answer.text], [200, text]);
    });

  const refused: readonly (readonly [string, number, string])[] = [
    ['/books?select=id::regclass', 400, '42704'],
    ['/books?select=id::mood', 400, '42704'],
    ['/books?select=title::int', 400, '22P02'],
    ['/books?select=id::date', 400, '42846'],
    ['/books?select=nope->a', 400, '42703'],
    ['/books?nope->a=eq.1', 400, '42703'],
    ['/books?order=nope->>a', 400, '42703'],
    ['/books?order=raw', 400, '42883'],
    ['/books?meta->a=like.x', 400, '42883'],
    ['/books?meta->a=eq.{', 400, '22P02'],
    ['/books?tags=eq(any).{a}', 400, '42883'],
    ['/books?id=like(any).{a}', 400, '42883'],
    ['/books?id=eq(any).{a}', 400, '22P02'],
    ['/books?id=eq(any).1', 400, '22P02'],
    ['/books?title=like(any).{a\\\\\\\\}', 200, ''],
    ['/books?title=like(any).{"a\\\\"}', 400, '22025'],
    ['/books?words=fts.a b', 400, '42601'],
    ['/books?words=fts(klingon).a', 400, '42704'],
    ['/books?id=fts.a', 400, '42883'],
    ['/books?id=sl.(1,2)', 400, '42883'],
    ['/books?shown=sl.x', 400, '22P02'],
    ['/books?select=title.sum()', 400, '42883'],
    ['/books?select=nope.sum()', 400, '42703'],
    ['/books?select=meta.max()', 400, '42883'],
    ['/books?select=title,count()&order=price', 400, '42803'],
    ['/books?select=title&having=count().gt.1', 400, '42803'],
    ['/books?select=title&order=count()', 400, '42803'],
    ['/books?select=title,count()&having=count().gt.x', 400, '22P02'],
    ['/books?select=title,count()&having=count().like.x', 400, '42883'],
    ['/books?select=title,count()&having=title.min().fts.x', 400, 'PGRST100'],
    ['/books?select=title,count()&having=nope.sum().gt.1', 400, '42703'],
    ['/books?select=id,...reviews(stars.avg())', 400, 'PGRST127'],
    ['/books?select=id,...nope(a)', 400, 'PGRST200'],
    ['/books?select=id,...authors(nope)', 400, '42703'],
  ]; // biome-ignore format: one case a line
  for (const [path, status, code] of refused)
    await t.test(`answers ${path} with ${status} ${code}`, async () => {
      const answer = await get(path);
      assert.equal(answer.status, status, answer.text);
      if (status !== 200) assert.deepEqual(problem(answer), [status, code], answer.text);
      assert.doesNotMatch(answer.text, /syntax error at|pg_|json_agg|\$1|Alpha/);
    });

  await t.test('a cast, a path or a search raises on no row that the policy hides', async () => {
    const ids = async (path: string) => {
      const { status, text } = await get(path, undefined, mine);
      return [status, text];
    };
    // Row 2's meta has texts that are no numbers; only a visible row may say so.
    assert.deepEqual(await ids('/books?select=meta->>n::int&order=id'), [
      200,
      '[{"n":7},{"n":null},{"n":100}]',
    ]);
    assert.deepEqual(await ids('/books?select=id&raw->n=eq.9&order=id'), [200, '[]']);
    assert.deepEqual(await ids('/books?select=id&title=match.^[AG]&order=id'), [200, '[{"id":1},{"id":3}]']);
    assert.deepEqual(problem(await get('/books?select=title::int&id=eq.2', undefined, mine)), [
      200,
      undefined,
    ]);
    assert.deepEqual(problem(await get('/books?select=title::int&id=eq.1', undefined, mine)), [400, '22P02']);
  });

  await t.test('aggregates need their own right', async () => {
    for (const path of [
      '/books?select=price.sum()',
      '/books?select=id.count()',
      '/books?select=author_id,count()',
      '/books?select=author_id,count',
      '/books?select=count(),n:count()',
      '/books?select=count()&having=count().gt.1',
      '/books?select=count()&order=price.sum()',
      '/books?select=author_id&order=count()',
      '/authors?select=id,books(author_id,count)',
      '/authors?select=id,books(price.sum())',
      '/books?select=...authors(count())',
    ]) {
      const answer = await get(path, undefined, plain);
      assert.deepEqual(
        [answer.status, answer.body],
        [
          400,
          {
            code: 'PGRST123',
            message: 'Use of aggregate functions is not allowed',
            details: null,
            hint: 'The permission of your role on this table does not say "aggregate: true".',
          },
        ],
        path,
      );
    }
  });

  await t.test('the number of rows alone needs no more than the right to read them', async () => {
    const counted = await get('/books?select=id', { prefer: 'count=exact' }, plain);
    assert.equal(counted.headers['content-range'], '0-4/5');
    for (const [path, text] of [
      ['/books?select=count', '[{"count":5}]'],
      ['/books?select=n:count()::text&price=gt.10', '[{"n":"3"}]'],
      [
        '/authors?select=id,books(count)&id=lt.3&order=id',
        '[{"id":1,"books":[{"count":2}]},{"id":2,"books":[{"count":1}]}]',
      ],
    ] as const)
      assert.equal((await get(path, undefined, plain)).text, text, path);
    assert.deepEqual(problem(await get('/reviews?select=count()', undefined, plain)), [404, 'PGRST205']);
  });

  await t.test('aggregates are over the rows and columns that the role sees', async () => {
    assert.equal((await get('/books?select=count(),price.sum(),id.max()', undefined, mine)).text, '[{"count":3,"sum":21.00,"max":5}]');
    assert.equal(
      (await get('/authors?select=id,books(count)&order=id', undefined, mine)).text,
      '[{"id":1,"books":[{"count":1}]},{"id":2,"books":[{"count":1}]},{"id":3,"books":[{"count":1}]}]',
    );
    for (const path of ['select=year.sum()', 'select=owner,count()', 'select=title,count()&order=year.max()', 'select=title,count()&having=year.max().gt.1'])
      assert.deepEqual(problem(await get(`/books?${path}`, undefined, mine)), [400, '42703'], path);
    assert.deepEqual(problem(await get('/reviews?select=note.count()', undefined, mine)), [400, '42703']);
  }); // biome-ignore format: a list

  await t.test('aggregates and groups take a cell that the role may not read for null', async () => {
    const cells = token('cells');
    const text = async (query: string) => (await get(`/books?${query}`, undefined, cells)).text;
    // Prices of rows 1, 3 and 5, titles of rows 2 and 4.
    assert.equal(
      await text('select=count(),price.sum(),price.count(),title.count(),title.max()'),
      '[{"count":5,"sum":21.00,"count":2,"count":2,"max":"Delta rays"}]',
    );
    assert.equal(
      await text('select=title,count()&order=title'),
      '[{"title":"Beta ship","count":1},{"title":"Delta rays","count":1},{"title":null,"count":3}]',
    );
    assert.equal(await text('select=price,count()&having=price.max().gt.6'), '[{"price":10.50,"count":2}]');
    assert.equal(await text('select=count()&title=like.*ship*'), '[{"count":1}]');
    assert.equal(
      await text('select=title->x,price::text&id=in.(1,2)&order=id'),
      '[{"x":null,"price":"10.50"},{"x":null,"price":null}]',
    );
    assert.equal(await text('select=id&title=fts(simple).alpha'), '[]');
    assert.equal(await text('select=id&title=like(any).{Al*,Be*}'), '[{"id":2}]');
  });

  await t.test('estimates where all rows are visible, and counts where they are not', async () => {
    for (const count of ['planned', 'estimated']) {
      const whole = await get('/books?select=id', { prefer: `count=${count}` });
      assert.match(String(whole.headers['content-range']), /^0-4\/\d+$/);
      assert.equal(whole.headers['preference-applied'], `count=${count}`);
      const some = await get('/books?select=id', { prefer: `count=${count}` }, mine);
      assert.equal(some.headers['content-range'], '0-2/3');
    }
    assert.equal(
      (await get('/books?select=id', { prefer: 'count=estimated' })).headers['content-range'],
      '0-4/5',
    );
  });

  await t.test('counts the groups of a level of groups', async () => {
    const answer = await get('/books?select=author_id,count()&limit=2&order=author_id', {
      prefer: 'count=exact',
    });
    assert.deepEqual([answer.status, answer.headers['content-range']], [206, '0-1/3']);
  });

  await t.test('leaves nulls out at every depth', async () => {
    const accept = 'application/vnd.pgrst.object+json;nulls=stripped';
    const answer = await get('/books?select=id,price,year,authors(name,country)&id=eq.3', { accept });
    assert.deepEqual(
      [answer.text, answer.headers['content-type']],
      ['{"id":3,"authors":{"name":"Bob"}}', `${accept}; charset=utf-8`],
    );
  });

  await t.test('gives lines of CSV in the form of the types', async () => {
    const answer = await get(
      '/books?select=id,title,price,tags,meta->>s,authors(name)&id=in.(1,5)&order=id',
      { accept: 'text/csv' },
    );
    assert.deepEqual(
      [answer.status, answer.text, answer.headers['content-type'], answer.headers['content-range']],
      [
        200,
        'id,title,price,tags,s,authors\n1,"Alpha ships",10.50,"{sea,""old, one""}",t,"{""name"":""Ann""}"\n5,"Epsilon, ""E""",10.50,"{NULL,wood}",,"{""name"":""Cem""}"',
        'text/csv; charset=utf-8',
        '0-1/*',
      ],
    );
    assert.equal((await get('/books?select=id,title&id=eq.99', { accept: 'text/csv' })).text, 'id,title');
    assert.equal(
      (await get('/books?select=author_id,count()&order=author_id', { accept: 'text/csv' })).text,
      'author_id,count\n1,2\n2,1\n3,2',
    );
  });

  await t.test('refuses GeoJSON where nothing is a geometry', async () => {
    assert.deepEqual(problem(await get('/books', { accept: 'application/geo+json' })), [406, 'PGRST107']);
  });

  await t.test('tells times in the zone that is asked for', async () => {
    const told = await get('/books?select=added&id=eq.1', { prefer: 'timezone=America/New_York' });
    assert.deepEqual(
      [told.text, told.headers['preference-applied']],
      ['[{"added":"2024-07-01T08:00:00-04:00"}]', 'timezone=America/New_York'],
    );
    assert.equal((await get('/books?select=added&id=eq.1')).text, '[{"added":"2024-07-01T12:00:00+00:00"}]');
    const unknown = await get('/books?select=added&id=eq.1', { prefer: 'timezone=Mars/Phobos' });
    assert.deepEqual(
      [unknown.text, unknown.headers['preference-applied']],
      ['[{"added":"2024-07-01T12:00:00+00:00"}]', undefined],
    );
  });
});

test('streams lines of JSON, each whole, over a real connection', async (t) => {
  const { listen } = await serve(t, {
    sql: `create table many (id int primary key, word text, raw json, hidden boolean not null default false);
          insert into many select n, repeat('ä"\\😀', 20), E'{"a":\\n1}', n % 2 = 0 from generate_series(1, 30000) n;`,
    yaml: `
roles: { staff: {} }
limits: { rows: 10, export: 12000 }
tables: { many: { permissions: { staff: { select: { columns: "*", where: { hidden: false } } } } } }
`,
  });
  const origin = await listen(staff);
  const fetched = async (query: string, accept: string, prefer = '') => {
    const answer = await fetch(`${origin}/rest/v1/many?${query}`, { headers: { accept, prefer } });
    return { answer, text: await answer.text() };
  };
  const ndjson = 'application/x-ndjson';

  await t.test('as many as limits.export lets through, beyond the rows of a list', async () => {
    const { answer, text } = await fetched('order=id', ndjson);
    assert.deepEqual([answer.status, answer.headers.get('content-type')], [200, `${ndjson}; charset=utf-8`]);
    const lines = text.split('\n');
    assert.equal(lines.pop(), '');
    assert.equal(lines.length, 12_000);
    assert.deepEqual(JSON.parse(lines[11_999]!), {
      id: 23_999,
      word: 'ä"\\😀'.repeat(20),
      raw: { a: 1 },
      hidden: false,
    });
    assert.deepEqual(
      lines.map((line) => (JSON.parse(line) as { id: number }).id),
      Array.from({ length: 12_000 }, (_, at) => at * 2 + 1),
    );
    const list = await fetched('select=id', 'application/json');
    assert.equal((JSON.parse(list.text) as unknown[]).length, 10);
  });

  await t.test('and lines of CSV', async () => {
    const { text } = await fetched('select=id,hidden&order=id.desc&limit=11000', 'text/csv');
    const lines = text.split('\n');
    assert.deepEqual(
      [lines.length, lines[0], lines[1], lines.at(-1)],
      [11_001, 'id,hidden', '29999,f', '8001,f'],
    );
  });

  await t.test('a short stream has a range, a total and a tag', async () => {
    const { answer, text } = await fetched('select=id&order=id&limit=2&offset=1', ndjson, 'count=exact');
    assert.deepEqual(
      [answer.status, text, answer.headers.get('content-range'), answer.headers.get('preference-applied')],
      [206, '{"id":3}\n{"id":5}\n', '1-2/15000', 'count=exact'],
    );
    assert.match(answer.headers.get('etag')!, /^"/);
    const none = await fetched('id=eq.2', ndjson);
    assert.deepEqual(
      [none.answer.status, none.text, none.answer.headers.get('content-range')],
      [200, '', '*/*'],
    );
  });

  await t.test('what fails at once is answered as any failure is', async () => {
    const { answer, text } = await fetched('select=word::int', ndjson);
    assert.deepEqual([answer.status, (JSON.parse(text) as { code: string }).code], [400, '22P02']);
  });
});
