/** Comparisons where it matters who asks: a permission's text is exact, a missing claim opens nothing, nothing raises on hidden rows. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { token } from '../../../test/project.ts';
import { serve } from '../../../test/rest.ts';

const engines = ['mysql', 'mariadb'] as const;

const sql = `
  CREATE TABLE notes (id int PRIMARY KEY, owner varchar(60) CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci, latin varchar(60) CHARACTER SET latin1,
    also varchar(60) COLLATE utf8mb4_unicode_ci, body text, secret boolean NOT NULL DEFAULT false, KEY (owner), KEY (latin)) CHARACTER SET utf8mb4;
  INSERT INTO notes VALUES
    (1, 'admin', 'admin', 'admin', 'one', false), (2, 'Admin', 'Admin', 'admin', 'two', false), (3, 'admin ', 'admin ', 'admin', 'three', false),
    (4, 'ádmin', 'ádmin', 'ádmin', 'four', false), (5, NULL, NULL, NULL, 'five', false), (6, '?', '?', '?', 'six', false);
  CREATE TABLE texts (id int PRIMARY KEY, owner varchar(20), body text);
  INSERT INTO texts VALUES (1, 'me', 'short'), (2, 'you', CONCAT(REPEAT('a', 60), '!'));
  CREATE TABLE words (id int PRIMARY KEY, word varchar(20) CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci);
  INSERT INTO words VALUES (1, 'b'), (2, 'a'), (3, 'A'), (4, 'á'), (5, 'B '), (6, NULL);
  CREATE TABLE places (id int PRIMARY KEY, place point NOT NULL, area polygon);
  INSERT INTO places VALUES (1, ST_GeomFromText('POINT(1 2)'), ST_GeomFromText('POLYGON((0 0, 0 2, 2 2, 2 0, 0 0))')),
    (2, ST_GeomFromText('POINT(5 5)'), ST_GeomFromText('POLYGON((4 4, 4 6, 6 6, 6 4, 4 4))')), (3, ST_GeomFromText('POINT(1 2.5)'), NULL);
`;

const policy = (name: string, where: string) => `${name}: { select: { columns: "*", where: ${where} } }`;
const roles = {
  owner: '{ owner: $jwt.sub }',
  legacy: '{ latin: $jwt.sub }',
  listed: '{ owner: { _in: $jwt.names } }',
  unlisted: '{ owner: { _nin: $jwt.names } }',
  denied: '{ _not: { owner: { _in: $jwt.names } } }',
  others: '{ owner: { _neq: $jwt.sub } }',
  alike: '{ owner: { _like: $jwt.sub } }',
  same: '{ owner: { _ceq: also } }',
  different: '{ owner: { _cneq: also } }',
};
const yaml = `
roles: { any: {}, mine: {}, ${Object.keys(roles)
  .map((name) => `${name}: {}`)
  .join(', ')} }
tables:
  notes:
    permissions:
      any: { select: true }
${Object.entries(roles)
  .map(([name, where]) => `      ${policy(name, where)}`)
  .join('\n')}
  texts: { permissions: { any: { select: true }, ${policy('mine', '{ owner: me }')} } }
  words: { permissions: { any: { select: { columns: "*", aggregate: true } } } }
  places: { permissions: { any: { select: true } } }
`;

for (const engine of engines) {
  test(`comparisons and permissions on ${engine}`, async (t) => {
    const { ask } = await serve(t, { engine, sql, yaml });
    const ids = async (role: string, request: string, claims = {}) => {
      const { status, body } = await ask(token(role, claims), `GET ${request}`);
      return status === 200
        ? (body as { id: number }[]).map(({ id }) => id)
        : (body as { code: string }).code;
    };
    const all = '/notes?select=id&order=id';

    await t.test('a permission tells texts apart that their collation takes for one', async () => {
      for (const [sub, found] of [
        ['admin', [1]],
        ['Admin', [2]],
        ['admin ', [3]],
        ['ádmin', [4]],
        ['ADMIN', []],
        ['', []],
        ['😀', []],
        ['?', [6]],
      ] as const) {
        assert.deepEqual(await ids('owner', all, { sub }), found, sub);
        assert.deepEqual(await ids('legacy', all, { sub }), found, sub);
        assert.deepEqual(await ids('listed', all, { names: ['nobody', sub] }), found, sub);
      }
      assert.deepEqual(await ids('others', all, { sub: 'admin' }), [2, 3, 4, 6]);
      assert.deepEqual(await ids('unlisted', all, { names: ['admin', '?'] }), [2, 3, 4]);
      assert.deepEqual(await ids('alike', all, { sub: 'a%n' }), [1]);
      assert.deepEqual(await ids('same', all), [1, 4, 6]);
      assert.deepEqual(await ids('different', all), [2, 3]);
    });

    await t.test('what a caller asks goes by the collation', async () => {
      assert.deepEqual(await ids('any', `${all}&owner=eq.ADMIN`), [1, 2, 3, 4]);
      assert.deepEqual(await ids('owner', `${all}&owner=eq.ADMIN`, { sub: 'Admin' }), [2]);
      assert.deepEqual(await ids('any', `${all}&latin=eq.%F0%9F%98%80`), []);
      assert.deepEqual(await ids('any', `${all}&latin=in.(%F0%9F%98%80,admin)`), [1, 2, 3, 4]);
    });

    await t.test('a claim that is missing opens nothing', async () => {
      for (const role of ['owner', 'legacy', 'listed', 'unlisted', 'denied', 'others', 'alike'])
        assert.deepEqual(await ids(role, all), [], role);
      assert.deepEqual(await ids('unlisted', all, { names: [] }), [1, 2, 3, 4, 5, 6]);
      assert.deepEqual(await ids('denied', all, { names: [] }), [1, 2, 3, 4, 5, 6]);
    });

    await t.test('an expression that is given up tells of no hidden row', async () => {
      const request = '/texts?select=id&body=match.^(a%2B)%2B$';
      assert.equal(await ids('any', request), '2201B');
      assert.deepEqual(await ids('mine', request), []);
    });

    await t.test('groups of texts that are one to their collation show the first by its bytes', async () => {
      const { body } = await ask(token('any'), 'GET /words?select=word,count()&order=word');
      assert.deepEqual(body, [
        { word: 'A', count: 3 },
        { word: 'B ', count: 2 },
        { word: null, count: 1 },
      ]);
    });

    await t.test('shapes are equal place by place, and overlap by their boxes', async () => {
      const point = encodeURIComponent('{"type":"Point","coordinates":[1,2]}');
      assert.deepEqual(await ids('any', `/places?select=id&place=eq.${point}`), [1]);
      assert.deepEqual(await ids('any', `/places?select=id&place=neq.${point}&order=id`), [2, 3]);
      const box = encodeURIComponent('{"type":"Polygon","coordinates":[[[1,1],[1,3],[3,3],[3,1],[1,1]]]}');
      assert.deepEqual(await ids('any', `/places?select=id&area=ov.${box}&order=id`), [1]);
      assert.equal(await ids('any', `/places?select=id&place=gt.${point}`), '42883');
    });
  });
}

test('comparisons of types that MariaDB alone has', async (t) => {
  const { ask } = await serve(t, {
    engine: 'mariadb',
    sql: `CREATE TABLE keyed (id int PRIMARY KEY, u uuid, a inet6, b inet4);
      INSERT INTO keyed VALUES (1, 'c2a4a0d2-5b1e-4c34-9e6f-000000000001', '::1', '10.0.0.2'), (2, 'c2a4a0d2-5b1e-4c34-9e6f-000000000002', '2001:db8::1', '10.0.0.10'), (3, NULL, NULL, NULL);`,
    yaml: 'roles: { any: {} }\ntables: { keyed: { permissions: { any: { select: true } } } }',
  });
  for (const [filter, expected] of [
    ['u=eq.C2A4A0D25B1E4C349E6F000000000001', [1]],
    ['u=in.(c2a4a0d2-5b1e-4c34-9e6f-000000000002)', [2]],
    ['u=neq.c2a4a0d2-5b1e-4c34-9e6f-000000000002', [1]],
    ['u=eq.x', '22P02'],
    ['a=eq.0:0::1', [1]],
    ['a=gt.::1', [2]],
    ['a=in.(2001:0db8::1)', [2]],
    ['a=eq.nowhere', '22P02'],
    ['b=lt.10.0.0.10', [1]],
    ['b=eq.10.0.0.300', '22P02'],
  ] as const) {
    const { body } = await ask(token('any'), `GET /keyed?select=id&${filter}`);
    const found = Array.isArray(body)
      ? (body as { id: number }[]).map(({ id }) => id)
      : (body as { code: string }).code;
    assert.deepEqual(found, expected, filter);
  }
});
