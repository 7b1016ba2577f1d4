/** Shapes of MySQL and MariaDB through the API, also where a column is bound to a reference system. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { anonymous } from './project.ts';
import { serve } from './rest.ts';

const writer = anonymous('writer');
const yaml =
  'roles: { writer: {} }\ntables: { places: { permissions: { writer: { select: true, insert: true, update: true } } } }\n';

for (const [engine, system] of [
  ['mariadb', ''],
  ['mysql', ''],
  ['mysql', ' SRID 4326'],
] as const)
  test(`shapes of ${engine}${system}`, async (t) => {
    const { ask } = await serve(t, {
      engine,
      sql: `CREATE TABLE places (id int PRIMARY KEY, at point${system}, area polygon${system})`,
      yaml,
    });
    const berlin = { type: 'Point', coordinates: [13.4, 52.5] };
    const area = {
      type: 'Polygon',
      coordinates: [
        [
          [13, 52],
          [14, 52],
          [14, 53],
          [13, 52],
        ],
      ],
    };

    await t.test('are written as GeoJSON or WKT and come back as they were', async () => {
      const made = await ask(writer, 'POST /places', {
        json: [
          { id: 1, at: berlin, area: JSON.stringify(area) },
          { id: 2, at: 'SRID=4326;POINT(13.4 52.5)', area: 'POLYGON((13 52,14 52,14 53,13 52))' },
          { id: 3, at: null, area: null },
        ],
        headers: { prefer: 'return=representation' },
      });
      assert.deepEqual(
        [made.status, made.body],
        [
          201,
          [
            { id: 1, at: berlin, area },
            { id: 2, at: berlin, area },
            { id: 3, at: null, area: null },
          ],
        ],
      );
    });

    await t.test('are found by what they are', async () => {
      const found = async (filter: string) =>
        (await ask(writer, `GET /places?select=id&order=id&${filter.replaceAll(' ', '%20')}`)).body;
      assert.deepEqual(await found('at=eq.POINT(13.4 52.5)'), [{ id: 1 }, { id: 2 }]);
      assert.deepEqual(await found('at=eq.POINT(52.5 13.4)'), []);
      assert.deepEqual(await found('area=ov.POLYGON((13.5 52,15 52,15 53,13.5 52))'), [{ id: 1 }, { id: 2 }]);
      assert.deepEqual(await found('area=ov.POLYGON((23.5 52,25 52,25 53,23.5 52))'), []);
    });

    await t.test('that are none, or of another kind, are refused', async () => {
      const refused = async (json: unknown) => {
        const { status, body } = await ask(writer, 'PATCH /places?id=eq.3', { json });
        return [status, (body as { code: string }).code];
      };
      assert.deepEqual(await refused({ at: 'POINT(1)' }), [400, '22P02']);
      assert.deepEqual(await refused({ at: { type: 'Point' } }), [400, '22P02']);
      const [status] = await refused({ at: area });
      assert.equal(status, 400);
    });
  });
