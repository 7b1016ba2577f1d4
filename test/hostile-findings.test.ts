/** What reviews of REST by hostile callers once found: a test for each, so that it stays repaired. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';
import { parseArray } from '../engine/rest/parse/list.ts';
import { token } from './project.ts';
import { type Answered, type Asked, type Served, serve } from './rest.ts';

const me = token('me', { sub: 'me' });
const canary = /canary/i;

/** The best of three: the machine may be busy with something else. */
async function quickest(work: () => unknown): Promise<number> {
  let best = Number.POSITIVE_INFINITY;
  for (let time = 0; time < 3; time += 1) {
    const from = performance.now();
    await work();
    best = Math.min(best, performance.now() - from);
  }
  return best;
}

/** What a caller can tell two answers apart by, without the signature of a cursor, which is each process's own. */
function told({ status, text, headers: { link, ...headers } }: Answered): unknown {
  return { status, text, headers, link: String(link).replace(/~[\w-]{43}>/, '~>') };
}

/** Each request on each database: the answers are one. Gives it. */
async function alike(databases: readonly Served[], request: string, asked: Asked = {}): Promise<Answered> {
  const answers: Answered[] = [];
  for (const { ask } of databases) answers.push(await ask(me, request, asked));
  const what = `${decodeURIComponent(request)} ${JSON.stringify(asked)}`;
  for (const answer of answers) {
    assert.deepEqual(told(answer), told(answers[0]!), what);
    assert.doesNotMatch(answer.text + JSON.stringify(answer.headers), canary, what);
    assert.ok(answer.status < 500, `${what} ${answer.status} ${answer.text}`);
  }
  return answers[0]!;
}

test('a list of any length and shape is read in one pass', async (t) => {
  const { ask } = await serve(t, {
    sql: 'create table any_of (id int primary key);',
    yaml: 'roles: { me: {} }\ntables: { any_of: { permissions: { me: { select: true } } } }',
  });
  await ask(me, 'GET /any_of?id=eq(any).{1}');
  for (const length of [1000, 4000, 8000]) {
    const request = `GET /any_of?id=eq(any).{${'+'.repeat(length)}{}`;
    assert.equal((await ask(me, request)).status, 400);
    assert.ok((await quickest(() => ask(me, request))) < 250, String(length));
  }
  const parts = [' ', '+', 'a ', ' a', '\\', '\\ ', '"', '""', '{', '}', '{}', ',', '" ', '"\\', 'a,', '"",', '\t\n', '\\"', 'NULL '];
  for (const part of parts)
    for (const [head, tail] of [['{', '}'], ['{', '{}'], ['{"', '}'], ['{a', '"}'], ['', ''], ['{', ''], ['', '}'], [' ', '{}']] as const) {
      const text = head + part.repeat(200_000 / part.length) + tail;
      assert.ok((await quickest(() => parseArray(text))) < 250, JSON.stringify([head, part, tail]));
    }
}); // biome-ignore format: lists

test('a list is read as the database reads it', async (t) => {
  const { sql: run } = await serve(t, {
    sql: `create function listed(literal text) returns text[] language plpgsql as $$
      begin return literal::text[]; exception when others then return null; end $$;`,
    yaml: 'roles: { me: {} }\ntables: {}',
  });
  const sign = fc.constantFrom('a', 'b', ' ', '\t', '\v', '\n', '"', '\\', ',', '{', '}', 'null', 'NULL', 'nUlL', '\u00a0', '\ufeff', '\u2003', '😀', '[', '=', "'");
  const inner = fc.array(sign, { maxLength: 9 }).map((signs) => signs.join(''));
  const broken = fc.array(fc.constantFrom('a', ' ', '"', '\\', ',', '{', '}', '[', '='), { maxLength: 7 }).map((signs) => signs.join(''));
  const literal = fc.oneof({ weight: 6, arbitrary: inner.map((text) => `{${text}}`) }, { weight: 1, arbitrary: broken });
  const blank = fc.constantFrom('', '', '', ' ', '\n', '\v');
  const around = fc.tuple(blank, literal, blank).map((parts) => parts.join(''));
  await fc.assert(
    fc.asyncProperty(fc.array(around, { minLength: 300, maxLength: 300 }), async (literals) => {
      const rows = await run(
        'select to_json(listed(one)) as list, array_ndims(listed(one)) as depth from unnest($1::text[]) with ordinality as each (one, at) order by at',
        [literals],
      );
      for (const [at, text] of literals.entries()) {
        const { list, depth } = rows[at]!;
        const read = parseArray(text);
        const what = `${JSON.stringify(text)}: ${JSON.stringify(read)}, the database ${JSON.stringify(list)}`;
        // Lists of lists and bounds are no lists of values.
        if (read !== undefined || list === null || depth === 1) assert.deepEqual(read ?? null, list, what);
        else assert.match(text, depth === null ? /^\s*\{\s*[{}]/ : /^\s*(?:\[|\{\s*\{)/, what);
      }
    }),
    { numRuns: 40, endOnFailure: true },
  );
}); // biome-ignore format: lists

const shapes = {
  sql: `
create type pair as (a int, doc json);
create table rooms (id text primary key);
create table shapes (
  id int primary key, room text references rooms, owner text, disc circle, docs json[], spots point[], one pair, pairs pair[], discs circle[], place point, spans numrange
);
create function every_shape() returns setof shapes language sql stable as 'select * from shapes';
create function shapes_of(rooms) returns setof shapes language sql stable as 'select * from shapes where room = $1.id';
insert into rooms values ('r1');
insert into shapes (id, room, owner) values (1, 'r1', 'me');
insert into shapes values (2, 'r1', 'me', '<(0,0),1>', null, null, null, null, null, '(1,1)', '[1,2)');`,
  hidden: `
insert into shapes select n, 'r1', 'you', '<(0,0),1e200>', array['{"a":"canary"}'::json], array[point(n, 1)], row(1, '{}')::pair, array[row(1, '{}')::pair],
  array['<(0,0),1e200>'::circle], '(1e308,1e308)', '[1,2)' from generate_series(10, 400) n;`,
  yaml: `
roles: { me: {} }
tables:
  rooms: { permissions: { me: { select: true } } }
  shapes:
    permissions:
      me: { select: { columns: "*", aggregate: true, where: { owner: me } }, update: { columns: [room], where: { owner: me } }, delete: { where: { owner: me } } }
limits: { dry_run: [me] }
functions: { every_shape: { permissions: { me: { execute: true } } }, shapes_of: { permissions: { me: { execute: true } } } }
`,
};

const withAndWithout = async (t: TestContext, { sql, hidden, yaml }: typeof shapes): Promise<readonly Served[]> => [
  await serve(t, { sql: `${sql} analyze;`, yaml }),
  await serve(t, { sql: `${sql}${hidden}`, yaml }),
  await serve(t, { sql: `${sql}${hidden} analyze;`, yaml }),
]; // biome-ignore format: one line each

test('a comparison of a type that raises on values tells of no hidden row, wherever it stands', async (t) => {
  const databases = await withAndWithout(t, shapes);
  const filters = [
    ...['eq', 'neq', 'gt', 'gte', 'lt', 'lte', 'isdistinct', 'cs', 'cd', 'ov', 'sl', 'sr', 'nxl', 'nxr'].flatMap((operator) => [`disc.${operator}.<(0,0),5>`, `disc.not.${operator}.<(0,0),5>`]),
    'disc.in.("<(0,0),5>","<(1,1),2>")', 'disc.eq(any).{"<(0,0),5>"}', 'disc.gt(all).{"<(0,0),5>"}',
    ...['eq', 'neq', 'gt', 'isdistinct', 'cs', 'cd', 'ov'].flatMap((operator) => [
      `docs.${operator}.{"{\\"a\\":1}"}`, `spots.${operator}.{"(1,1)"}`, `discs.${operator}.{"<(0,0),5>"}`, `pairs.${operator}.{"(1,\\"{}\\")"}`,
    ]),
    ...['eq', 'neq', 'gt', 'isdistinct'].map((operator) => `one.${operator}.(1,"{}")`),
    ...['eq', 'sl', 'sr'].map((operator) => `place.${operator}.(1,1)`),
    'one->doc.eq.1', 'docs->0.eq.1', 'disc.is.null', 'docs.is.null', 'one.is.null', 'spans.ov.[0,3)', 'spans.cs.1',
  ];
  const prefer = { headers: { prefer: 'count=exact' } };
  let answered = 0;
  for (const filter of filters) {
    const [, column, rest] = /^([^.]*)\.(.*)$/s.exec(filter)!;
    const within = encodeURIComponent(rest!.includes('"') || /[(),]/.test(rest!) ? `${column}.${rest!.replace(/\.(?!.*\.)(.*)$/s, (_, value: string) => `."${value.replace(/["\\]/g, '\\$&')}"`)}` : filter);
    const is = `${column}=${encodeURIComponent(rest!)}`;
    const { status } = await alike(databases, `GET /shapes?select=id&${is}&order=id`, prefer);
    if (status < 300) answered += 1;
    await alike(databases, `GET /shapes?select=id&or=(id.eq.1,${within})&order=id`);
    await alike(databases, `GET /rpc/every_shape?select=id&${is}&order=id`);
    await alike(databases, `GET /rooms?select=id,shapes(id)&shapes.${is}&shapes.order=id`);
    await alike(databases, `GET /rooms?select=id,shapes!inner()&shapes.${is}`);
    await alike(databases, `GET /rooms?select=id,shapes()&shapes.${is}&shapes=not.is.null`);
    await alike(databases, `GET /rooms?select=id,...shapes(ids:id)&shapes.${is}&shapes.order=id`);
    await alike(databases, `GET /rooms?select=id,shapes_of(id)&shapes_of.${is}&shapes_of.order=id`);
    await alike(databases, `GET /rooms?select=id,shapes(count())&shapes.${is}`);
    await alike(databases, `GET /shapes?select=id&${is}&order=id`, { headers: { accept: 'text/csv' } });
    const dry = { headers: { prefer: 'tx=rollback,return=representation' } };
    await alike(databases, `DELETE /shapes?select=id&${is}&order=id`, dry);
    await alike(databases, `PATCH /shapes?select=id&${is}&order=id`, { ...dry, json: { room: 'r1' } });
  }
  assert.ok(answered > 20, `${answered} of ${filters.length} filters are answered`);
}); // biome-ignore format: lists

test('several relationships are told apart without a name that the role does not see', async (t) => {
  const served = await serve(t, {
    sql: `
create table places (id int primary key, canary_code int unique);
create table orders (id int primary key, canary_ship int constraint canary_one references places, canary_bill int constraint canary_two references places (canary_code));
create table canary_links (order_id int references orders, place_id int references places, primary key (order_id, place_id));`,
    yaml: `
roles: { me: {}, all: {}, linked: {} }
tables:
  places: { permissions: { me: { select: { columns: [id] } }, all: { select: true } } }
  canary_links: { permissions: { linked: { select: true } } }
  orders:
    relationships:
      ship: { column: canary_ship, to: places.id }
      bill: { column: canary_bill, to: places.canary_code }
    permissions: { me: { select: { columns: [id] } }, all: { select: true } }
`,
  });
  for (const request of ['GET /orders?select=id,places(id)', 'GET /orders?select=id,...places(id)', 'GET /orders?select=id,places!inner(id)', 'GET /orders?select=id,places!left()']) {
    const { status, text, body } = await served.ask(me, request);
    const { code, details, hint } = body as { code: string; details: unknown[]; hint: string };
    assert.deepEqual([status, code, Array.isArray(details)], [300, 'PGRST201', true], text);
    assert.doesNotMatch(text, canary, request);
    // What the hint names can be asked for.
    for (const [, name] of hint.split('. Find')[0]!.matchAll(/'(\w+)'(?:,|$)/g))
      assert.equal((await served.ask(me, request.replace(/places(?:!\w+)?/, name!))).status, 200, `${request}: ${name}`);
  }
  const seen = await served.ask(token('all'), 'GET /orders?select=id,places(id)');
  assert.match(seen.text, /canary_one using orders\(canary_ship\) and places\(id\)/);
  for (const name of ['canary_one', 'canary_ship', 'canary_links'])
    assert.deepEqual(
      [(await served.ask(me, `GET /orders?select=places!${name}(id)`)).status, (await served.ask(me, `GET /orders?select=places!qqqqqq(id)`)).status],
      [400, 400],
      name,
    );
}); // biome-ignore format: lines

const library = {
  sql: `
create schema canary_schema;
create table rooms (id int primary key, title text);
create table notes (id int primary key, room_id int references rooms, body text, n int, owner text, vec tsvector);
insert into rooms values (1, 'one'), (2, 'two');
insert into notes select n, 1, 'Note ' || n, n, 'me', 'a b' from generate_series(1, 5) n;
create table gone (id int);
create function unknown_case(x int) returns text language plpgsql stable as $$ begin case x when 1 then return 'one'; end case; end $$;
create function reads_gone() returns bigint language plpgsql stable as $$ begin return (select count(*) from gone); end $$;
create function selects_gone() returns bigint language sql stable as 'select count(*) from gone';
create function casts_gone(notes) returns bigint language plpgsql stable as $$ begin return (select count(*) from gone); end $$;
drop table gone;
create function open_sum(a int, b int default 1) returns int language sql immutable as 'select a + b';
create function answer(headers json, status text default null) returns text language plpgsql as $$
  begin
    perform set_config('response.headers', headers::text, true);
    if status is not null then perform set_config('response.status', status, true); end if;
    return 'two words';
  end $$;
create function listed_rooms() returns rooms[] language sql stable as 'select array_agg(r) from rooms r';`,
  yaml: `
roles: { me: {} }
tables:
  rooms: { permissions: { me: { select: true } } }
  notes: { permissions: { me: { select: true, insert: true } } }
functions:
  unknown_case: { permissions: { me: { execute: true } } }
  reads_gone: { permissions: { me: { execute: true } } }
  selects_gone: { permissions: { me: { execute: true } } }
  casts_gone: { permissions: { me: { execute: true } } }
  open_sum: { permissions: { me: { execute: true } } }
  answer: { permissions: { me: { execute: true } } }
  listed_rooms: { permissions: { me: { execute: true } } }
`,
};

const codeOf = ({ body }: Answered) => (body as { code?: string }).code;

test('the configuration of a search is a plain name, and looks up nothing else', async (t) => {
  const { ask } = await serve(t, library);
  const answer = (column: string, operation: string) => ask(me, `GET /notes?select=id&${column}=${encodeURIComponent(operation)}`);
  for (const column of ['body', 'vec'])
    for (const operator of ['fts', 'plfts', 'phfts', 'wfts']) {
      const [there, absent] = [await answer(column, `${operator}("canary_schema.x").a`), await answer(column, `${operator}("qqqqqq_schema.x").a`)];
      assert.deepEqual([there.status, absent.status], [400, 400]);
      assert.equal(there.text.replaceAll('canary_schema', 'NAME'), absent.text.replaceAll('qqqqqq_schema', 'NAME'));
      for (const name of ['canary_schema.english', '1', '-', '3748', '', ' ', '"english"', 'pg_catalog.english', "english'); drop table notes; --", 'englisch-', 'é', 'a'.repeat(64), 'english,simple']) {
        const refused = await answer(column, `${operator}(${name}).a`);
        assert.deepEqual([refused.status, /^(?:PGRST100|22023)$/.test(codeOf(refused)!)], [400, true], `${operator}(${name}): ${refused.text}`);
      }
      assert.equal((await answer(column, `${operator}(english).a`)).status, 200);
      const nope = await answer(column, `${operator}(nope).a`);
      assert.deepEqual([nope.status, codeOf(nope)], [400, '42704']);
      assert.deepEqual([(await answer(column, `${operator}(canary_schema).a`)).text], [nope.text]);
    }
}); // biome-ignore format: lines

test('exports whose readers stall leave a list its answer, and their places when they go', { timeout: 60_000 }, async (t) => {
  const readers: IncomingMessage[] = [];
  // Before the pool closes, which waits for them.
  t.after(() => {
    for (const reader of readers) reader.destroy();
  });
  const { ask, listen, pool } = await serve(t, {
    sql: `create table items (id int primary key, note text); insert into items select g, repeat('n', 2000) from generate_series(1, 30000) g;`,
    yaml: 'roles: { me: {} }\nlimits: { rows: 1000 }\ntables: { items: { permissions: { me: { select: true } } } }',
  });
  const origin = await listen(me);
  const open = async () => {
    const request = get(`${origin}/rest/v1/items`, { headers: { accept: 'text/csv' }, agent: false });
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    response.on('error', () => {});
    return response;
  };
  const places = Math.floor(pool.stats().max / 2);
  for (let taken = 0; taken < places; taken += 1) readers.push(await open());
  const refused = await open();
  assert.deepEqual([refused.statusCode, refused.headers['retry-after']], [503, '1']);
  refused.destroy();
  for (const accept of ['text/csv', 'application/x-ndjson', 'application/json'])
    for (const query of ['order=id&limit=1', 'order=id&limit=1000', 'id=eq.7&limit=1'])
      assert.equal((await fetch(`${origin}/rest/v1/items?select=id&${query}`, { headers: { accept } })).status, 200, `${accept} ${query}`);
  assert.equal((await ask(me, 'GET /items?select=id&order=id&limit=1', { headers: { accept: 'text/csv' } })).text, 'id\n1');
  for (const reader of readers.splice(0)) reader.destroy();
  const deadline = performance.now() + 20_000;
  for (let free = 0; free < places; ) {
    const reader = await open();
    if (reader.statusCode === 200) {
      readers.push(reader);
      free += 1;
      continue;
    }
    reader.destroy();
    assert.ok(performance.now() < deadline, `${free} of ${places} places are free again after 20 s`);
    await sleep(10);
  }
}); // biome-ignore format: lines

test('an update whose value cannot be read answers alike, whatever rows there are', async (t) => {
  const yaml = `
roles: { me: {} }
limits: { dry_run: [me] }
tables:
  notes: { permissions: { me: { select: { columns: [id, body, n, owner, day, small], where: { owner: me } }, update: { columns: [n, day, small, body], where: { owner: me } } } } }
`;
  const table = 'create table notes (id int primary key, body text, n int, day date, small numeric(3,1), owner text);';
  const rows = (owner: string, body: string, count: number) =>
    `insert into notes select n, '${body}' || n, n, '2020-01-01', 1, '${owner}' from generate_series(1, ${count}) n;`;
  const databases: Served[] = [];
  for (const sql of [table, `${table}${rows('you', 'CANARY ', 5)}`, `${table}${rows('you', 'CANARY ', 5)}analyze;`, `${table}${rows('you', 'other ', 3000)}analyze;`, `${table}${rows('you', 'CANARY', 3000)}create index on notes (owner, body); analyze;`])
    databases.push(await serve(t, { sql, yaml }));
  const bodies: readonly (readonly [json: unknown, code: string])[] = [[{ n: 'abc' }, '22P02'], [{ n: 1.5 }, '22P02'], [{ n: '' }, '22P02'], [{ n: 99_999_999_999 }, '22003'], [{ day: 'abc' }, '22007'], [{ n: 1, day: '2020-02-31' }, '22008'], [{ small: 'x' }, '22P02']];
  for (const filter of ['body=match.CAN', 'body=eq.x', 'id=eq.1', 'id=eq.77777', 'body=like.CAN*', 'or=(id.lt.3,body.imatch.can)', 'owner=eq.you', 'id=is.null', 'id=in.()'])
    for (const [json, code] of bodies)
      for (const prefer of ['return=minimal', 'return=representation,count=exact,tx=rollback', 'tx=rollback', 'handling=strict,max-affected=1']) {
        const answer = await alike(databases, `PATCH /notes?${filter}`, { json, headers: { prefer } });
        assert.deepEqual([answer.status, codeOf(answer)], [400, code], `${filter} ${JSON.stringify(json)} ${answer.text}`);
      }
  for (const json of [{ n: 'abc' }, { small: 1000 }, { n: 1 }, {}]) await alike(databases, 'PATCH /notes?id=eq.1', { json, headers: { 'if-match': '*' } });
  // A visible row of each database: then the values that a column cannot hold are refused in all of them.
  for (const { sql: run } of databases) await run("insert into notes values (100000, 'mine', 1, null, 1, 'me')");
  for (const filter of ['body=match.CAN', 'id=gt.0', 'body=match.m'])
    for (const json of [{ n: 'abc' }, { small: 1000 }, { n: 5 }])
      await alike(databases, `PATCH /notes?${filter}&select=id,n`, { json, headers: { prefer: 'return=representation,tx=rollback' } });
}); // biome-ignore format: lines

test('an empty label and one longer than an identifier are labels as any other', async (t) => {
  const { ask } = await serve(t, library);
  const long = `${'ä'.repeat(40)}"x`;
  const label = encodeURIComponent(`"${long.replace('"', '\\"')}"`);
  const bodies: readonly (readonly [query: string, body: unknown])[] = [
    ['/rooms?select="":id&order=id', [{ '': 1 }, { '': 2 }]],
    ['/rooms?select="":id,title&order=id&limit=1', [{ '': 1, title: 'one' }]],
    ['/rooms?select="":title.max()', [{ '': 'two' }]],
    ['/rooms?select="":count()', [{ '': 2 }]],
    ['/notes?select=id,"":rooms(id)&id=eq.1', [{ id: 1, '': { id: 1 } }]],
    ['/notes?select=id,rooms("":id)&id=eq.1', [{ id: 1, rooms: { '': 1 } }]],
    ['/notes?select=id,...rooms("":id)&id=eq.1', [{ id: 1, '': 1 }]],
    ['/rooms?select="":notes(id)&id=eq.2', [{ '': [] }]],
    [`/rooms?select=${label}:id&order=id`, [{ [long]: 1 }, { [long]: 2 }]],
    [`/notes?select=id,${label}:rooms(${label}:id)&id=eq.1`, [{ id: 1, [long]: { [long]: 1 } }]],
    [`/notes?select=id,...rooms(${label}:id)&id=eq.1`, [{ id: 1, [long]: 1 }]],
  ];
  for (const [query, body] of bodies) {
    const answer = await ask(me, `GET ${query.replaceAll('"', '%22')}`);
    assert.deepEqual([answer.status, answer.body], [200, body], query);
  }
  for (const [name, key] of [[label, long], ['%22%22', ''], ['novastack_0', 'novastack_0'], ['c0', 'c0']] as const) {
    const pages: unknown[] = [];
    for (let next: string | undefined = `/notes?select=${name}:id&order=id&limit=2`; next !== undefined; ) {
      const { status, body, headers } = await ask(me, `GET ${next}`);
      assert.equal(status, 200, next);
      pages.push(body);
      next = /<\/shop\/rest\/v1([^>]*)>; rel="next"/.exec(String(headers.link))?.[1];
    }
    assert.deepEqual(pages, [[{ [key]: 1 }, { [key]: 2 }], [{ [key]: 3 }, { [key]: 4 }], [{ [key]: 5 }]], key);
  }
  const csv = await ask(me, `GET /rooms?select=%22%22:id,${label}:title&order=id`, { headers: { accept: 'text/csv' } });
  assert.equal(csv.text, `"","${long.replace('"', '""')}"\n1,one\n2,two`);
}); // biome-ignore format: lists

test('a search is refused however many signs it begins with', async (t) => {
  const { ask } = await serve(t, library);
  for (const query of [`${'!'.repeat(9000)}a`, `${'!('.repeat(3000)}a`, '('.repeat(9000), `${'a&'.repeat(4000)}`, `${'! '.repeat(9000)}a`])
    for (const column of ['vec', 'body'])
      for (const operator of ['fts', 'fts(english)', 'not.fts']) {
        const answer = await ask(me, `GET /notes?${column}=${operator}.${encodeURIComponent(query)}`);
        assert.equal(answer.status, 400, `${column}=${operator}.${query.slice(0, 9)} ${answer.text}`);
      }
  for (const query of [`${'!'.repeat(20)}a`, `${'a&'.repeat(2000)}a`, '!a'])
    assert.equal((await ask(me, `GET /notes?vec=fts.${encodeURIComponent(query)}`)).status, 200, query.slice(0, 9));
}); // biome-ignore format: lines

test('what a function runs into is answered as its own failure', async (t) => {
  const { ask } = await serve(t, library);
  const missing = await ask(me, 'POST /rpc/unknown_case', { json: { x: 2 } });
  assert.deepEqual([missing.status, codeOf(missing)], [400, '20000']);
  assert.equal((await ask(me, 'POST /rpc/unknown_case', { json: { x: 1 } })).body, 'one');
  for (const request of ['POST /rpc/reads_gone', 'POST /rpc/selects_gone', 'GET /rpc/reads_gone', 'GET /notes?select=id,casts_gone', 'GET /notes?casts_gone=gt.1&select=id']) {
    const answer = await ask(me, request);
    assert.deepEqual([answer.status, answer.headers['retry-after']], [400, undefined], `${request} ${answer.text}`);
    assert.doesNotMatch(answer.text, /relation|select count/, request);
  }
}); // biome-ignore format: lines

test('a megabyte is read, or refused, soon', async (t) => {
  const columns = Array.from({ length: 100 }, (_, at) => `c${at}`);
  const { ask, sql: run } = await serve(t, {
    sql: `create table wide (id int generated always as identity primary key, ${columns.map((name) => `${name} int default 7`).join()}); create table lines (a text, b text, c text);`,
    yaml: 'roles: { me: {} }\ntables: { wide: { permissions: { me: { insert: true } } }, lines: { permissions: { me: { insert: true } } } }',
  });
  const rows = Math.ceil(1_000_000 / 24);
  const text = `a,b,c\n${`one,"two ""2""",three 3\n`.repeat(rows)}`;
  const csv = { body: text, headers: { 'content-type': 'text/csv' } };
  assert.ok((await quickest(async () => assert.equal((await ask(me, 'POST /rpc/absent', csv)).status, 404))) < 250);
  for (const body of [`[${'{},'.repeat(300_000)}{}]`, `{${Array.from({ length: 60_000 }, (_, at) => `"k${at}":1`).join()}}`, '['.repeat(1_000_000), '"'.repeat(1_000_000)])
    for (const type of ['application/json', 'text/csv', 'application/x-www-form-urlencoded', 'text/plain'])
      assert.ok((await quickest(() => ask(me, 'POST /rpc/absent', { body, headers: { 'content-type': type } }))) < 250, `${type} ${body.slice(0, 9)}`);
  const taken = await quickest(async () => assert.equal((await ask(me, 'POST /lines', csv)).status, 201));
  assert.ok(taken < 2000, `${taken} ms`);
  assert.deepEqual(await run('select count(*)::int as n, count(distinct (a, b, c))::int as kinds, max(b) as b from lines'), [{ n: 3 * rows, kinds: 1, b: 'two "2"' }]);
  for (const [body, expected] of [[`a,b,c\n${'"'.repeat(1_000_001)}`, 400], [`a,b,c\n${'"'.repeat(1_000_000)}`, 400], [`a,b,c\n${','.repeat(1_000_000)}`, 400], [`a,b,c\n${'\r'.repeat(1_000_000)}`, 201], [`${','.repeat(1_000_000)}\n1`, 400]] as const) {
    const refused = await quickest(async () => assert.equal((await ask(me, 'POST /lines', { body, headers: { 'content-type': 'text/csv' } })).status, expected, body.slice(0, 9)));
    assert.ok(refused < 2000, `${JSON.stringify(body.slice(0, 9))} ${refused} ms`);
  }
  const empty = `[${'{},'.repeat(299_999)}{}]`;
  for (const prefer of ['missing=default', 'missing=null']) {
    // Ids of another kind: nothing is written, what is measured is the reading.
    const request = `POST /wide?columns=${columns.join()},id`;
    const took = await quickest(async () => assert.equal((await ask(me, request, { body: empty.slice(0, 900_000).replace(/,?\{?$/, ']'), headers: { prefer } })).status >= 200, true));
    assert.ok(took < 2000, `${prefer} ${took} ms`);
  }
}); // biome-ignore format: lines

test('a function chooses no header and no status that is the server’s own', async (t) => {
  const { ask, listen, diagnostics } = await serve(t, library);
  const origin = await listen(me);
  const call = (headers: string, status?: string) => ask(me, 'POST /rpc/answer', { body: `{"headers":${headers}${status === undefined ? '' : `,"status":${JSON.stringify(status)}`}}` });
  const own = ['content-length', 'transfer-encoding', 'x-novastack-revision', 'access-control-allow-origin', 'Access-Control-Allow-Credentials', 'X-NovaStack-Any', 'X-Request-Id', 'Date', 'CONNECTION'];
  for (const name of own) {
    const answer = await call(`[{"${name}":"1"}]`);
    assert.deepEqual([answer.status, codeOf(answer)], [500, 'PGRST111'], name);
    assert.notEqual(answer.headers[name.toLowerCase()], '1', name);
  }
  for (const text of ['[{"constructor":1}]', '[{"__proto__":{"a":"b"}}]', '[{"__proto__":null}]', '[{"__proto__":"a"}]', '{"__proto__":[]}', '[{"a":"b","__proto__":"c"}]', '[[["a","b"]]]', '[[]]', '[{}]', '["ab"]', '[{"a b":"c"}]', '[{"":"c"}]', '"a"', '7']) {
    const answer = await call(text);
    assert.deepEqual([answer.status, codeOf(answer)], [500, 'PGRST111'], text);
  }
  for (const name of ['constructor', 'toString', 'x-plain']) {
    const answer = await fetch(`${origin}/rest/v1/rpc/answer`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: `{"headers":[{"${name}":"one"},{"${name}":"two"}]}` });
    assert.deepEqual([answer.status, answer.headers.get(name), await answer.text()], [200, 'one, two', '"two words"'], name);
  }
  for (const status of ['2e2', '0x1ff', '99', '700', '0200', ' 200', '200 ', '+200', '200.0', '600', '1e3', '٢٠٠', 'null']) {
    const answer = await call('[]', status);
    assert.deepEqual([answer.status, codeOf(answer)], [500, 'PGRST112'], status);
  }
  assert.equal((await call('[]', '418')).status, 418);
  assert.deepEqual(
    diagnostics.filter(({ code }) => code === 'FUNCTION_ROWS').map(({ severity, message }) => [severity, message.split(' pass')[0]]),
    [['notice', 'The rows of function "listed_rooms"']],
  );
}); // biome-ignore format: lines

test('a refusal repeats a few of the arguments that a caller gave', async (t) => {
  const { ask } = await serve(t, library);
  const many = Object.fromEntries(Array.from({ length: 10_000 }, (_, at) => [`argument_${at}`, at]));
  const long = { ['x'.repeat(100_000)]: 1 };
  const query = Array.from({ length: 1000 }, (_, at) => `a${at}=1`).join('&');
  for (const path of ['/rpc/open_sum', '/rpc/absent', '/rpc/reads_gone'])
    for (const answer of [
      await ask(me, `POST ${path}`, { json: many }),
      await ask(me, `POST ${path}`, { json: long }),
      await ask(me, `GET ${path}?${query}`),
    ]) {
      assert.deepEqual([answer.status, codeOf(answer)], [404, 'PGRST202']);
      assert.ok(answer.text.length < 5000, `${path} ${answer.text.length}`);
    }
});
