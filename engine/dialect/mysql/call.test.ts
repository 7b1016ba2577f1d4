/** Functions and procedures through REST: what they take, what they give, and what of a call another learns. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { anonymous, token } from '../../../test/project.ts';
import { type Asked, serve } from '../../../test/rest.ts';

const ddl = (engine: 'mariadb' | 'mysql') => `
CREATE TABLE books (id int PRIMARY KEY, title varchar(40), price decimal(10,2), born datetime(3));
INSERT INTO books VALUES (1, 'One "1"', 1.50, '2020-01-01 10:00:00.500'), (2, 'Zwölf', NULL, NULL), (3, 'Three', 3, NULL);

CREATE FUNCTION add_up(a int, b decimal(10,2)) RETURNS decimal(12,2) DETERMINISTIC RETURN a + b;
CREATE FUNCTION echo_text(t varchar(200)) RETURNS varchar(200) NO SQL RETURN t;
CREATE FUNCTION echo_flag(t bool) RETURNS bool NO SQL RETURN t;
CREATE FUNCTION echo_big(t bigint unsigned) RETURNS bigint unsigned NO SQL RETURN t;
CREATE FUNCTION echo_double(t double) RETURNS double NO SQL RETURN t;
CREATE FUNCTION echo_json(t json) RETURNS json NO SQL RETURN t;
CREATE FUNCTION echo_bytes(t varbinary(20)) RETURNS varbinary(20) NO SQL RETURN t;
CREATE FUNCTION echo_moment(t datetime(3)) RETURNS datetime(3) NO SQL RETURN t;
CREATE FUNCTION echo_time(t time) RETURNS time NO SQL RETURN t;
CREATE FUNCTION echo_label(t enum('x', 'y''z')) RETURNS enum('x', 'y''z') NO SQL RETURN t;
CREATE FUNCTION echo_bits(t bit(5)) RETURNS bit(5) NO SQL RETURN t;
CREATE FUNCTION echo_set(t set('a', 'b', 'c')) RETURNS set('a', 'b', 'c') NO SQL RETURN t;
CREATE FUNCTION echo_place(t point) RETURNS point NO SQL RETURN t;
CREATE FUNCTION no_document() RETURNS ${engine === 'mariadb' ? 'json' : 'longtext'} NO SQL RETURN 'a "b"';
CREATE FUNCTION rename_book(wanted int, name varchar(40)) RETURNS int MODIFIES SQL DATA
  BEGIN UPDATE books SET title = name WHERE id = wanted; RETURN ROW_COUNT(); END;
CREATE FUNCTION lies(wanted int) RETURNS int READS SQL DATA
  BEGIN UPDATE books SET title = 'lied' WHERE id = wanted; RETURN 1; END;
CREATE FUNCTION who() RETURNS varchar(100) NO SQL RETURN JSON_UNQUOTE(JSON_EXTRACT(@novastack_claims, '$.sub'));
CREATE FUNCTION asked_by() RETURNS varchar(100) NO SQL RETURN JSON_UNQUOTE(JSON_EXTRACT(@novastack_request, '$.method'));
CREATE FUNCTION made(code int) RETURNS int NO SQL
  BEGIN SET @novastack_status = code, @novastack_headers = '[{"X-Made": "yes"}]'; RETURN code; END;
CREATE FUNCTION fails(state int) RETURNS int NO SQL
  BEGIN
    IF state = 1 THEN SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'no more of it'; END IF;
    IF state = 2 THEN SIGNAL SQLSTATE 'PT402' SET MESSAGE_TEXT = 'pay first'; END IF;
    RETURN state;
  END;
CREATE PROCEDURE listed(least int) READS SQL DATA SELECT id, title, price, born FROM books WHERE id >= least ORDER BY id;
CREATE PROCEDURE kinds() READS SQL DATA SELECT 18446744073709551615 AS u, 0.10 AS d, CAST(0.1 AS double) AS f, x'00ff' AS b,
  CAST('2020-01-31' AS date) AS day, CAST('800:00:01.5' AS time(1)) AS t, NULL AS n, 'ä"' AS \`a"b\`, CAST('2020-01-01 10:00:00' AS datetime) AS m;
CREATE PROCEDURE columns_of() BEGIN
  CREATE TEMPORARY TABLE kept (flag tinyint(1), small tinyint, bits bit(3), e enum('a', 'b'), s set('x', 'y'), z decimal(8,2) zerofill, j json, y year, at timestamp(3) NULL, f float);
  INSERT INTO kept VALUES (1, 1, b'101', 'b', 'x,y', 1.5, '{"b":12345678901234567890}', 2020, '2020-01-01 10:00:00.25', 0.1),
    (2, 2, b'0', NULL, '', 0, NULL, NULL, NULL, NULL);
  SELECT flag, small, bits, e, s, z, y, at, f FROM kept;
  DROP TEMPORARY TABLE kept;
END;
CREATE PROCEDURE twice() BEGIN SELECT 1 AS first; SELECT 2 AS second; END;
CREATE PROCEDURE none() READS SQL DATA SELECT id FROM books WHERE id < 0;
CREATE PROCEDURE quiet(wanted int) MODIFIES SQL DATA DELETE FROM books WHERE id = wanted;
CREATE PROCEDURE totals(OUT total bigint, IN least int, INOUT name varchar(40), OUT price decimal(10,2), OUT f float, OUT day date,
    OUT at datetime(3), OUT raw varbinary(10), OUT flag bool, OUT j json) READS SQL DATA
  BEGIN
    SELECT COUNT(*), MAX(books.price) INTO total, price FROM books WHERE id >= least;
    SET name = CONCAT(name, '!'), f = 0.1, day = '2020-01-31', at = '2020-01-31 10:00:00.5', raw = x'00ff', flag = total > 1, j = '{"a": 1}';
  END;
CREATE PROCEDURE nothing_out(OUT a int, OUT b varchar(5)) NO SQL SET @unused = 1;
CREATE PROCEDURE commits(wanted int) MODIFIES SQL DATA BEGIN DELETE FROM books WHERE id = wanted; COMMIT; END;
CREATE VIEW mine AS SELECT id FROM books WHERE title = who();
CREATE PROCEDURE \`o'dd "n\`\`\`(\`a "b\` int, OUT \`c\`\`d\` int) NO SQL SET \`c\`\`d\` = \`a "b\` + 1;
`;

const names = [
  ...['add_up', 'echo_text', 'echo_flag', 'echo_big', 'echo_double', 'echo_json', 'echo_bytes', 'echo_moment', 'echo_time'],
  ...['echo_label', 'echo_bits', 'echo_set', 'echo_place', 'no_document', 'rename_book', 'lies', 'who', 'asked_by', 'made', 'fails'],
  ...['listed', 'kinds', 'columns_of', 'twice', 'none', 'quiet', 'totals', 'nothing_out', 'commits', `"o'dd \\"n\`"`],
]; // biome-ignore format: a list

const yaml = `
roles: { reader: {}, nobody: {} }
limits: { rows: 100, dry_run: [reader] }
tables:
  books: { permissions: { reader: { select: true } } }
  mine: { permissions: { reader: { select: true } } }
functions:
${names.map((name) => `  ${name}: { permissions: { reader: { execute: true } } }`).join('\n')}
`;

const reader = token('reader', { sub: 'ada' });

async function open(t: TestContext, engine: 'mariadb' | 'mysql') {
  const served = await serve(t, { engine, sql: ddl(engine), yaml });
  const call = (name: string, json: unknown = {}, asked: Asked = {}, caller = reader) =>
    served.ask(
      caller,
      `POST /rpc/${encodeURIComponent(name)}`,
      asked.body === undefined ? { json, ...asked } : asked,
    );
  /** The JSON text, whose digits a parser would lose. */
  const text = async (name: string, json?: unknown, asked?: Asked) => {
    const { status, text } = await call(name, json, asked);
    return `${status} ${text}`;
  };
  return { ...served, call, text };
}

for (const engine of ['mariadb', 'mysql'] as const) {
  test(`calls on ${engine}`, async (t) => {
    const { ask, call, text, sql } = await open(t, engine);

    await t.test('a function takes and gives values of each type', async () => {
      assert.equal(await text('add_up', { a: 1, b: '2.50' }), '200 3.50');
      assert.equal(await text('add_up', { a: null, b: 1 }), '200 null');
      assert.equal(await text('echo_text', { t: 'ä "b" \\ 😀' }), '200 "ä \\"b\\" \\\\ 😀"');
      assert.equal(await text('echo_flag', { t: true }), '200 true');
      assert.equal(await text('echo_flag', { t: false }), '200 false');
      assert.equal(await text('echo_big', { t: '18446744073709551615' }), '200 18446744073709551615');
      assert.equal(
        await text('echo_big', undefined, { body: '{"t":18446744073709551615}' }),
        '200 18446744073709551615',
      );
      assert.equal(await text('echo_double', { t: 0.1 }), '200 0.1');
      assert.equal(await text('echo_bytes', { t: '\\x00ff' }), '200 "\\\\x00ff"');
      assert.equal(await text('echo_moment', { t: '2020-01-01T10:00:00.5' }), '200 "2020-01-01T10:00:00.5"');
      assert.equal(await text('echo_time', { t: '-100:00:01' }), '200 "-100:00:01"');
      assert.equal(await text('echo_label', { t: "y'z" }), `200 "y'z"`);
      assert.equal(await text('echo_bits', { t: '00101' }), '200 "00101"');
      assert.equal(await text('echo_set', { t: ['c', 'a'] }), '200 ["a","c"]');
      assert.equal(await text('echo_set', { t: [] }), '200 []');
      assert.equal(await text('echo_text', { t: 1.5 }), '200 "1.5"');
      assert.deepEqual((await call('echo_place', { t: { type: 'Point', coordinates: [1, 2] } })).body, {
        type: 'Point',
        coordinates: [1, 2],
      });
      const json = await call('echo_json', undefined, { body: '{"t":{"b":[1.50,null],"a":"\\u00e4"}}' });
      assert.deepEqual(json.body, { b: [1.5, null], a: 'ä' });
      assert.deepEqual((await call('echo_json', { t: 'text' })).body, 'text');
      assert.equal(await text('no_document'), '200 "a \\"b\\""');
    });

    await t.test('a value that is none of the type is refused before it is sent', async () => {
      for (const [name, json, code] of [
        ['add_up', { a: 'x', b: 1 }, '22P02'],
        ['add_up', { a: 2147483648, b: 1 }, '22003'],
        ['add_up', { a: true, b: 1 }, '22P02'],
        ['echo_label', { t: 'z' }, '22P02'],
        ['echo_text', { t: 'a\0b' }, '22021'],
      ] as const) {
        const { status, body } = await call(name, json);
        assert.deepEqual([status, (body as { code: string }).code], [400, code], JSON.stringify(json));
      }
    });

    await t.test('arguments are named, and none may be left out', async () => {
      const missing = await call('add_up', { a: 1 });
      assert.deepEqual([missing.status, (missing.body as { code: string }).code], [404, 'PGRST202']);
      const denied = await call('add_up', { a: 1, b: 1 }, {}, anonymous('nobody'));
      assert.deepEqual([denied.status, (denied.body as { code: string }).code], [404, 'PGRST202']);
      const odd = `o'dd "n\``;
      assert.equal(await text(odd, { 'a "b': 1 }), '200 {"c`d":2}');
    });

    await t.test('GET calls what does not write, and what writes after all is refused', async () => {
      assert.equal((await ask(reader, 'GET /rpc/add_up?a=1&b=2')).text, '3.00');
      assert.equal((await ask(reader, 'GET /rpc/rename_book?wanted=1&name=x')).status, 405);
      const lies = await call('lies', { wanted: 1 });
      assert.deepEqual([lies.status, (lies.body as { code: string }).code], [405, '25006']);
      assert.equal(await text('rename_book', { wanted: 3, name: 'Drei' }), '200 1');
      assert.equal(
        await text('rename_book', { wanted: 3, name: 'Vier' }, { headers: { prefer: 'tx=rollback' } }),
        '200 1',
      );
      assert.deepEqual(await sql('SELECT title FROM books WHERE id IN (1, 3)'), [
        { title: 'One "1"' },
        { title: 'Drei' },
      ]);
    });

    await t.test(
      'a procedure gives the rows that it selects, with what the answer says of its columns',
      async () => {
        assert.equal(
          await text('listed', { least: 1 }),
          '200 [{"id":1,"title":"One \\"1\\"","price":1.50,"born":"2020-01-01T10:00:00.5"},{"id":2,"title":"Zwölf","price":null,"born":null},{"id":3,"title":"Drei","price":3.00,"born":null}]',
        );
        assert.equal(
          await text('kinds'),
          '200 [{"u":18446744073709551615,"d":0.10,"f":0.1,"b":"\\\\x00ff","day":"2020-01-31","t":"800:00:01.5","n":null,"a\\"b":"ä\\"","m":"2020-01-01T10:00:00"}]',
        );
        assert.equal(
          await text('columns_of'),
          '200 [{"flag":true,"small":1,"bits":"101","e":"b","s":["x","y"],"z":1.50,"y":2020,"at":"2020-01-01T10:00:00.25+00:00","f":0.1},{"flag":2,"small":2,"bits":"000","e":null,"s":[],"z":0.00,"y":null,"at":null,"f":null}]',
        );
        assert.equal(await text('twice'), '200 [{"first":1}]');
        assert.equal(await text('none'), '200 []');
        assert.equal((await ask(reader, 'GET /rpc/listed?least=3')).status, 200);
      },
    );

    await t.test('that gives none answers as a function of nothing', async () => {
      const { status, text: body } = await call('quiet', { wanted: 77 });
      assert.deepEqual([status, body], [204, '']);
    });

    await t.test('its rows are neither filtered, ordered, paged nor selected from', async () => {
      for (const query of [
        'id=gt.1',
        'order=id',
        'limit=1',
        'offset=1',
        'select=id',
        'or=(id.eq.1,id.eq.2)',
      ]) {
        const { status, body } = await ask(reader, `POST /rpc/listed?${query}`, { json: { least: 1 } });
        assert.deepEqual([status, (body as { code: string }).code], [400, '0A000'], query);
      }
      assert.equal((await ask(reader, 'POST /rpc/listed?select=*', { json: { least: 3 } })).status, 200);
    });

    await t.test('in other forms', async () => {
      const accept = (type: string, prefer = '') => ({ headers: { accept: type, prefer } });
      assert.equal(
        (await call('listed', { least: 1 }, accept('text/csv'))).text,
        'id,title,price,born\n1,"One ""1""",1.50,2020-01-01T10:00:00.5\n2,Zwölf,,\n3,Drei,3.00,',
      );
      assert.equal((await call('twice', {}, accept('application/x-ndjson'))).text, '{"first":1}\n');
      assert.equal((await call('add_up', { a: 1, b: 1 }, accept('text/csv'))).text, 'pgrst_scalar\n2.00');
      assert.equal(
        (await call('listed', { least: 3 }, accept('application/vnd.pgrst.object+json'))).text,
        '{"id":3,"title":"Drei","price":3.00,"born":null}',
      );
      assert.equal(
        (await call('listed', { least: 1 }, accept('application/vnd.pgrst.object+json'))).status,
        406,
      );
      assert.equal(
        (await call('listed', { least: 3 }, accept('application/vnd.pgrst.array+json;nulls=stripped'))).text,
        '[{"id":3,"title":"Drei","price":3.00}]',
      );
      const counted = await call('listed', { least: 1 }, accept('application/json', 'count=exact'));
      assert.equal(counted.headers['content-range'], '0-2/3');
    });

    await t.test('OUT parameters are one row, which is selected from and filtered as one', async () => {
      const given = { least: 1, name: 'Ä' };
      const row =
        '"total":3,"name":"Ä!","price":3.00,"f":0.1,"day":"2020-01-31","at":"2020-01-31T10:00:00.5","raw":"\\\\x00ff","flag":true';
      const all = await call('totals', given);
      assert.equal(all.text.slice(0, row.length + 1), `{${row}`);
      assert.deepEqual((all.body as { j: unknown }).j, { a: 1 });
      const some = await ask(reader, 'POST /rpc/totals?select=total::text,big:price,j->a', { json: given });
      assert.equal(some.text, '{"total":"3","big":3.00,"a":1}');
      assert.equal(
        (await ask(reader, 'POST /rpc/totals?select=total&total=eq.4', { json: given })).text,
        'null',
      );
      assert.equal(await text('nothing_out'), '200 {"a":null,"b":null}');
      assert.equal((await call('nothing_out', {}, { headers: { accept: 'text/csv' } })).text, 'a,b\n,');
      const grouped = await ask(reader, 'POST /rpc/totals?select=total.sum()', { json: given });
      assert.deepEqual([grouped.status, (grouped.body as { code: string }).code], [400, '0A000']);
    });

    await t.test('who calls is known to them, and to no call after', async () => {
      assert.equal(await text('who'), '200 "ada"');
      assert.equal(await text('asked_by'), '200 "POST"');
      const other = await call('who', {}, {}, token('reader', { sub: 'bob' }));
      assert.equal(other.text, '"bob"');
      assert.equal((await call('who', {}, {}, token('reader'))).text, 'null');
    });

    await t.test('and by them to a view, of which each caller sees its own', async () => {
      for (const [sub, rows] of [
        ['Zwölf', [{ id: 2 }]],
        ['nobody', []],
      ] as const)
        assert.deepEqual((await ask(token('reader', { sub }), 'GET /mine')).body, rows);
    });

    await t.test('one that ends its transaction fails, and harms no other', async () => {
      await sql("INSERT INTO books VALUES (9, 'gone', NULL, NULL)");
      const { status, body } = await call('commits', { wanted: 9 });
      assert.deepEqual([status, (body as { code: string }).code], [400, 'P0001']);
      assert.equal(await text('add_up', { a: 1, b: 1 }), '200 2.00');
    });

    await t.test('times are told in UTC, and no zone is passed over in silence', async () => {
      const asked = { headers: { prefer: 'timezone=Europe/Vienna' } };
      const { status, body } = await call('kinds', {}, asked);
      assert.deepEqual([status, (body as { code: string }).code], [400, '0A000']);
      assert.equal((await ask(reader, 'GET /books', asked)).status, 400);
    });

    await t.test('they choose the status and headers of their own answer alone', async () => {
      const made = await call('made', { code: 201 });
      assert.deepEqual([made.status, made.headers['x-made'], made.text], [201, 'yes', '201']);
      for (let round = 0; round < 4; round += 1) {
        const after = await call('add_up', { a: 1, b: 1 });
        assert.deepEqual([after.status, after.headers['x-made']], [200, undefined]);
      }
      assert.equal((await call('made', { code: 99 })).status, 500);
    });

    await t.test('what they signal is their own word', async () => {
      const one = await call('fails', { state: 1 });
      assert.deepEqual(
        [one.status, one.body],
        [400, { code: 'P0001', message: 'no more of it', details: null, hint: null }],
      );
      const two = await call('fails', { state: 2 });
      assert.deepEqual([two.status, (two.body as { message: string }).message], [402, 'pay first']);
    });
  });
}
