/**
 * The traps of MySQL and MariaDB, each by its number in the design: what goes wrong without the defence, asked for over REST.
 *
 * Beside each stands the line that is the defence; without it the test fails. Trap 18 is in engine/dialect/mysql/migrate.test.ts.
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseJson } from '../engine/query/json.ts';
import type { TestEngine } from './database.ts';
import { anonymous, token } from './project.ts';
import { type Answered, serve } from './rest.ts';

const engines: readonly TestEngine[] = ['mariadb', 'mysql'];
const anyone = anonymous('anyone');
const me = token('member', { sub: 'me' });
const wholeRow = { prefer: 'return=representation' };
const merge = { prefer: 'return=representation,resolution=merge-duplicates' };

const code = ({ status, body }: Answered) => [status, (body as { code?: string } | undefined)?.code];
const idsOf = ({ status, body, text }: Answered) => {
  assert.equal(status, 200, text);
  return (body as { id: number }[]).map(({ id }) => id);
};

/** Everything for everyone on the tables named. */
const open = (...tables: readonly string[]) => `
auth: { anonymous: anyone }
roles: { anyone: {} }
tables:
${tables.map((table) => `  ${JSON.stringify(table)}: { permissions: { anyone: { select: true, insert: true, update: true, delete: true } } }`).join('\n')}
`;

for (const engine of engines) {
  /** Defence: the locking read of `upsert` in dialect/mysql: an existing row must pass update's filter, column list and check. */
  describe(`trap 2 on ${engine}: an upsert overwrites the row of another`, () => {
    const project = {
      engine,
      sql: `
create table notes (id int primary key, owner varchar(20) not null, body varchar(100), code varchar(20) unique);
insert into notes values (1, 'me', 'mine', 'a'), (2, 'you', 'yours', 'b');
`,
      yaml: `
roles: { member: {} }
tables:
  notes:
    permissions:
      member:
        select: { columns: '*', where: { owner: $jwt.sub } }
        insert: { columns: [id, body, code], set: { owner: $jwt.sub } }
        update: { columns: [id, code, body], where: { owner: $jwt.sub } }
`,
    };

    it('neither by its key nor by another unique one', async (t) => {
      const { ask, sql } = await serve(t, project);
      const before = await sql('select * from notes order by id');
      const refused = await ask(me, 'POST /notes', { json: [{ id: 2, body: 'taken' }], headers: merge });
      assert.equal(refused.status, 403, refused.text);
      assert.doesNotMatch(refused.text, /you/);
      const both = await ask(me, 'POST /notes', {
        json: [
          { id: 1, body: 'new' },
          { id: 2, body: 'taken' },
        ],
        headers: merge,
      });
      assert.equal(both.status, 403, both.text);
      const byCode = await ask(me, 'POST /notes?on_conflict=code', {
        json: [{ id: 7, code: 'b', body: 'taken' }],
        headers: merge,
      });
      assert.equal(byCode.status, 403, byCode.text);
      // The key of another's row under a new code: a conflict, and no merge by whatever key comes first.
      const across = await ask(me, 'POST /notes?on_conflict=code', {
        json: [{ id: 2, code: 'c', body: 'taken' }],
        headers: merge,
      });
      assert.deepEqual(code(across), [409, '23505'], across.text);
      assert.deepEqual(await sql('select * from notes order by id'), before);
      const mine = await ask(me, 'POST /notes', { json: [{ id: 1, body: 'new' }], headers: merge });
      assert.deepEqual([mine.status, mine.body], [200, [{ id: 1, owner: 'me', body: 'new', code: 'a' }]]);
    });
  });

  /** Defence: `readValue` in catalog/value.ts, and the cast around every parameter (dialect/mysql/typed.ts). */
  describe(`trap 3 on ${engine}: a value of another kind matches what it should not`, () => {
    const project = {
      engine,
      sql: `
create table things (id int primary key, label varchar(20), amount decimal(20,5), many bigint, flag boolean, day date, mood enum('a','b'));
insert into things values (1, 'abc', 1.5, 9007199254740993, true, '2024-01-01', 'a'), (2, '0', 0, 0, false, null, null), (3, '', null, 9007199254740992, null, null, 'b');
`,
      yaml: open('things'),
    };

    it('in no filter', async (t) => {
      const { ask } = await serve(t, project);
      const ids = async (filter: string) =>
        idsOf(await ask(anyone, `GET /things?select=id&order=id&${filter}`));
      assert.deepEqual(await ids('label=eq.0'), [2]);
      assert.deepEqual(await ids('label=in.(0)'), [2]);
      assert.deepEqual(await ids('label=eq.'), [3]);
      assert.deepEqual(await ids('many=eq.9007199254740993'), [1]);
      assert.deepEqual(await ids('many=in.(9007199254740992)'), [3]);
      assert.deepEqual(await ids('amount=eq.1.50'), [1]);
      assert.deepEqual(await ids('mood=eq.b'), [3]);
      for (const filter of [
        'many=eq.abc',
        'many=eq.',
        'many=eq.1x',
        'many=eq.1e1',
        'amount=eq.x',
        'day=eq.0',
        'day=eq.2023-02-30',
        'day=eq.today%00',
        'flag=eq.2',
        'mood=eq.c',
        'mood=eq.1',
        'many=in.(1,x)',
        'many=eq.9223372036854775808',
      ]) {
        // biome-ignore format: a list
        const { status, body } = await ask(anyone, `GET /things?select=id&${filter}`);
        assert.equal(status, 400, filter);
        assert.match((body as { code: string }).code, /^(22P02|22003|22007|22008|22021)$/, filter);
      }
    });

    it('in no body', async (t) => {
      const { ask, sql } = await serve(t, project);
      const before = await sql('select * from things order by id');
      for (const row of [
        { id: 9, many: 'abc' },
        { id: 9, many: true },
        { id: 9, many: [] },
        { id: 9, amount: 'x' },
        { id: 9, flag: 'perhaps' },
        { id: 9, day: '2023-02-30' },
        { id: 9, day: '0000-00-00' },
        { id: 9, mood: 'c' },
        { id: 9, mood: '' },
        { id: 9, label: 'x'.repeat(21) },
        { id: 9, many: 9.5 },
      ]) {
        const { status, body, text } = await ask(anyone, 'POST /things', { json: row });
        assert.equal(status, 400, `${JSON.stringify(row)}: ${text}`);
        assert.match((body as { code: string }).code, /^22/, JSON.stringify(row));
      }
      assert.deepEqual(await sql('select * from things order by id'), before);
    });
  });

  /** Defence: `execute()` alone, so that values never stand in the text, and the pinned `sql_mode` (dialect/mysql/session.ts). */
  describe(`trap 4 on ${engine}: a value becomes SQL`, () => {
    it('whatever sql_mode says of backslashes', async (t) => {
      const { ask, sql } = await serve(t, {
        engine,
        sql: `create table notes (id int primary key, body varchar(200));
insert into notes values (1, 'a'), (2, 'b');`,
        yaml: open('notes'),
      });
      const hostile = [
        `\\' OR 1=1 -- `,
        `\\`,
        `x\\`,
        `'; drop table notes; -- `,
        `\`"'\\\\`,
        `\u00bf' or 1=1 #`,
      ];
      for (const text of hostile) {
        const given = encodeURIComponent(`"${text.replaceAll(/["\\]/g, '\\$&')}"`);
        assert.deepEqual(
          idsOf(await ask(anyone, `GET /notes?select=id&body=eq.${encodeURIComponent(text)}`)),
          [],
        );
        assert.deepEqual(idsOf(await ask(anyone, `GET /notes?select=id&body=in.(${given})`)), []);
        const written = await ask(anyone, 'PATCH /notes?id=eq.1', {
          json: { body: text },
          headers: wholeRow,
        });
        assert.deepEqual([written.status, written.body], [200, [{ id: 1, body: text }]]);
        assert.deepEqual(
          idsOf(await ask(anyone, `GET /notes?select=id&body=eq.${encodeURIComponent(text)}`)),
          [1],
          text,
        );
      }
      for (const value of [['a', 'b'], { body: 'a' }]) {
        const { status } = await ask(anyone, 'PATCH /notes?id=eq.2', { json: { body: value } });
        assert.equal(status, 204);
        assert.deepEqual(await sql('select body from notes where id = 2'), [{ body: JSON.stringify(value) }]);
      }
    });
  });

  /** Defence: lossless JSON in, `bigNumberStrings`, and JSON that the server writes from the digits it has. */
  describe(`trap 5 on ${engine}: an integer above 2^53 is rounded`, () => {
    it('in no body, answer, filter, key, list or JSON', async (t) => {
      const { ask } = await serve(t, {
        engine,
        sql: `create table big (id bigint unsigned primary key, many bigint, exact decimal(65,30), doc json);`,
        yaml: open('big'),
      });
      const row =
        '{"id":18446744073709551615,"many":-9223372036854775808,"exact":12345678901234567890123456789012345.123456789012345678901234567890,"doc":{"n":9007199254740993}}';
      const written = await ask(anyone, 'POST /big', {
        body: row,
        headers: { ...wholeRow, 'content-type': 'application/json' },
      });
      assert.equal(written.status, 201, written.text);
      const same = (text: string) =>
        assert.deepEqual(parseJson(text.replaceAll(/(?<=[:,]) /g, '')), parseJson(`[${row}]`));
      same(written.text);
      for (const filter of [
        'id=eq.18446744073709551615',
        'id=in.(1,18446744073709551615)',
        'many=eq.-9223372036854775808',
      ])
        same((await ask(anyone, `GET /big?${filter}`)).text);
      assert.deepEqual((await ask(anyone, 'GET /big?id=eq.18446744073709551614')).body, []);
      assert.deepEqual((await ask(anyone, 'GET /big?many=eq.-9223372036854775807')).body, []);
    });
  });

  /** Defence: `dateStrings`, UTC sessions, and JSON that the server writes. */
  describe(`trap 6 on ${engine}: a date moves or becomes another`, () => {
    it('in no zone, and a zero date is null', async (t) => {
      const { ask, sql } = await serve(t, {
        engine,
        sql: `set sql_mode = '';
create table days (id int primary key, day date, at datetime(6), seen timestamp(3) null, span time);
set time_zone = '+00:00';
insert into days values (1, '1900-01-01', '2024-03-31 02:30:00.123456', '2024-03-31 01:30:00.5', '-838:59:59'), (2, '0000-00-00', '0000-00-00 00:00:00', null, '00:00:00'), (3, '9999-12-31', '1000-01-01 00:00:00', '1970-01-01 00:00:01', '101:00:00');`,
        yaml: open('days'),
      });
      const { body } = await ask(anyone, 'GET /days?order=id');
      assert.deepEqual(body, [
        { id: 1, day: '1900-01-01', at: '2024-03-31T02:30:00.123456', seen: '2024-03-31T01:30:00.5+00:00', span: '-838:59:59' },
        { id: 2, day: null, at: null, seen: null, span: '00:00:00' },
        { id: 3, day: '9999-12-31', at: '1000-01-01T00:00:00', seen: '1970-01-01T00:00:01+00:00', span: '101:00:00' },
      ]); // biome-ignore format: rows
      assert.deepEqual(idsOf(await ask(anyone, 'GET /days?select=id&at=eq.2024-03-31T02:30:00.123456')), [1]);
      assert.deepEqual(
        idsOf(await ask(anyone, 'GET /days?select=id&seen=eq.2024-03-31T03:30:00.5%2B02:00')),
        [1],
      );
      const written = await ask(anyone, 'PATCH /days?id=eq.3', {
        json: { seen: '2024-01-01T00:00:00+02:00' },
        headers: wholeRow,
      });
      assert.equal((written.body as { seen: string }[])[0]?.seen, '2023-12-31T22:00:00+00:00');
      await sql('select 1');
    });
  });

  /** Defence: text in a permission is compared byte by byte (`exact` in dialect/mysql/comparison.ts). */
  describe(`trap 16 on ${engine}: a collation makes two users one`, () => {
    it('in no permission', async (t) => {
      const { ask } = await serve(t, {
        engine,
        sql: `
create table mails (id int primary key, owner varchar(50) collate ${engine === 'mysql' ? 'utf8mb4_0900_ai_ci' : 'utf8mb4_general_ci'} not null, body varchar(50));
insert into mails values (1, 'admin@x', 'secret'), (2, 'ADMIN@x', 'loud'), (3, 'ádmin@x', 'accent'), (4, 'admin@x ', 'blank');`,
        yaml: `
roles: { member: {} }
tables:
  mails:
    permissions:
      member:
        select: { columns: '*', where: { owner: $jwt.email } }
        insert: { columns: '*', check: { owner: $jwt.email } }
        update: { columns: [body], where: { owner: { _in: $jwt.emails } } }
        delete: { where: { _not: { owner: { _neq: $jwt.email } } } }
`,
      });
      const ids = [];
      for (const email of ['admin@x', 'ADMIN@x', 'ádmin@x', 'admin@x ', 'Admin@x']) {
        const caller = token('member', { sub: 'x', email, emails: ['y', email] });
        ids.push(idsOf(await ask(caller, 'GET /mails?select=id')));
        const patched = await ask(caller, 'PATCH /mails?id=gt.0&select=id', {
          json: { body: 'new' },
          headers: wholeRow,
        });
        assert.deepEqual(idsOf(patched), ids.at(-1));
        const other = await ask(caller, 'POST /mails', { json: { id: 9, owner: 'aDMIN@x', body: 'x' } });
        assert.equal(other.status, 403, other.text);
      }
      assert.deepEqual(ids, [[1], [2], [3], [4], []]);
      const caller = token('member', { sub: 'x', email: 'ADMIN@x', emails: [] });
      assert.deepEqual(
        idsOf(await ask(caller, 'DELETE /mails?id=gt.0&select=id', { headers: wholeRow })),
        [2],
      );
    });
  });

  /** Defence: `group_concat_max_len` at its maximum and warnings that become errors (dialect/mysql/{session,connection}.ts). */
  describe(`trap 21 on ${engine}: a long answer is cut`, () => {
    it('at no length below what the server can send, and above it says so', async (t) => {
      const { ask, sql } = await serve(t, {
        engine,
        sql: `create table long_texts (id int primary key, body longtext);
insert into long_texts values (1, repeat('a', 700000)), (2, repeat('b', 700000)), (3, repeat('c', 700000));`,
        yaml: open('long_texts'),
      });
      const { body, status } = await ask(anyone, 'GET /long_texts?order=id');
      assert.equal(status, 200);
      assert.deepEqual(
        (body as { body: string }[]).map(({ body: text }) => [text.length, text[0]]),
        [[700_000, 'a'], [700_000, 'b'], [700_000, 'c']],
      ); // biome-ignore format: pairs
      const [most] = await sql('select @@max_allowed_packet as most');
      const times = Math.floor(Number(most!.most) / 2_000_000) + 2;
      for (let id = 4; id < 4 + times; id += 1)
        await sql(`insert into long_texts values (${id}, repeat('d', 2000000))`);
      const tooMuch = await ask(anyone, 'GET /long_texts?order=id');
      assert.ok(
        tooMuch.status === 200 || tooMuch.status === 413 || tooMuch.status === 400,
        String(tooMuch.status),
      );
      if (tooMuch.status === 200) assert.equal((tooMuch.body as unknown[]).length, 3 + times);
      else assert.match((tooMuch.body as { code: string }).code, /^NS/);
    });
  });

  /** Defence: JSON is written as text in the order of the request, and JSON columns are sent as they are stored. */
  describe(`trap 22 on ${engine}: JSON is sorted or comes as bytes`, () => {
    it('in no answer', async (t) => {
      const { ask } = await serve(t, {
        engine,
        sql: `create table docs (id int primary key, a_long_name varchar(10), b varchar(10), doc json);
insert into docs values (1, 'x', 'é😀', '{"bb": 1, "a": "é😀"}');`,
        yaml: open('docs'),
      });
      const { text } = await ask(anyone, 'GET /docs?select=doc,b,a_long_name,id');
      assert.match(text, /^\[\{"doc":.*,"b":"é😀","a_long_name":"x","id":1\}\]$/);
      assert.deepEqual(JSON.parse(text), [{ doc: { bb: 1, a: 'é😀' }, b: 'é😀', a_long_name: 'x', id: 1 }]);
    });
  });

  /** Defence: limits belong to the shape, `maxPreparedStatements`, long lists are one JSON parameter. */
  describe(`trap 23 on ${engine}: limits in lists, outer rows, prepared statements`, () => {
    it('a nested list has its own limit, offset and order at every level', async (t) => {
      const { ask } = await serve(t, {
        engine,
        sql: `
create table parents (id int primary key);
create table children (id int primary key, parent_id int, foreign key (parent_id) references parents (id));
create table toys (id int primary key, child_id int, foreign key (child_id) references children (id));
insert into parents values (1), (2), (3);
insert into children values (11, 1), (12, 1), (13, 1), (21, 2), (22, 2);
insert into toys values (111, 11), (112, 11), (113, 11), (121, 12), (131, 13), (221, 22), (222, 22);`,
        yaml: open('parents', 'children', 'toys'),
      });
      const { body, text } = await ask(
        anyone,
        'GET /parents?select=id,children(id,toys(id))&order=id&children.order=id.desc&children.limit=2&children.toys.order=id.desc&children.toys.limit=1&children.toys.offset=1',
      );
      assert.deepEqual(
        body,
        [
          { id: 1, children: [{ id: 13, toys: [] }, { id: 12, toys: [] }] },
          { id: 2, children: [{ id: 22, toys: [{ id: 221 }] }, { id: 21, toys: [] }] },
          { id: 3, children: [] },
        ],
        text,
      ); // biome-ignore format: rows
    });

    it('50,000 of a list, and hundreds of shapes on one session', async (t) => {
      const { ask, sql } = await serve(t, {
        engine,
        sql: 'create table n (id int primary key, a int, b int, c int); insert into n values (1, 1, 1, 1), (2, 2, 2, 2);',
        yaml: open('n'),
      });
      const list = Array.from({ length: 6000 }, (_, index) => index + 2).join(',');
      assert.deepEqual(idsOf(await ask(anyone, `GET /n?select=id&id=in.(${list})`)), [2]);
      const keys = ['a', 'b', 'c', 'id'];
      for (let shape = 0; shape < 300; shape += 1) {
        const filters = keys.map(
          (key, index) => `${key}=${['eq', 'gt', 'gte', 'lt'][(shape >> (2 * index)) & 3]}.1`,
        );
        const { status, text } = await ask(
          anyone,
          `GET /n?select=id&limit=${1 + (shape % 50)}&${filters.join('&')}`,
        );
        assert.equal(status, 200, text);
      }
      const [row] = await sql("show global status like 'Prepared_stmt_count'");
      assert.ok(Number(row!.Value) < 8000, String(row!.Value));
    });
  });
}
