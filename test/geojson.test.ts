/** Geometry over REST, on a server with PostGIS: as GeoJSON in any answer, and as a collection of features. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { serverUrl } from './database.ts';
import { token } from './project.ts';
import { serve } from './rest.ts';
import { type TestEngine, testEngines } from './servers/identity.ts';
import { ensurePostgis } from './servers/postgis.ts';

const postgres = `
create extension postgis;
create table places (id int primary key, name text, secret text, "the ""point""" geometry(Point, 4326), area geography);
insert into places values
  (1, 'Ann', 'canary', st_setsrid(st_makepoint(2.25, 48.5), 4326), null),
  (2, 'Bob', 'canary', null, null),
  (3, 'Cem', 'canary', st_setsrid(st_makepoint(0, 0), 4326), st_geogfromtext('POINT(1 1)'));
`;

const mysql = (point: string, isLongitudeFirst: string) => `
create table places (id int primary key, name text, secret text, \`the "point"\` ${point}, area geometry);
insert into places values
  (1, 'Ann', 'canary', st_geomfromtext('POINT(2.25 48.5)', 4326${isLongitudeFirst}), null),
  (2, 'Bob', 'canary', null, null),
  (3, 'Cem', 'canary', st_geomfromtext('POINT(0 0)', 4326), st_geomfromtext('POINT(1 1)', 4326));
`;

const sqlOf: Readonly<Record<TestEngine, string>> = {
  postgres,
  mariadb: mysql('point', ''),
  mysql: mysql('point srid 4326', ", 'axis-order=long-lat'"),
};

const yaml = `
roles: { web: {} }
tables:
  places:
    columns: { 'the "point"': { name: at } }
    permissions:
      web:
        select: { columns: [id, name, 'the "point"', area], where: { id: { _lt: 3 } } }
        insert: { columns: [id, name, 'the "point"'] }
`;

const web = token('web');
const geojson = { accept: 'application/geo+json' };

for (const engine of testEngines) test(`serves geometry on ${engine}`, (t) => shapes(t, engine));

async function shapes(t: TestContext, engine: TestEngine): Promise<void> {
  const isPostgres = engine === 'postgres';
  if (isPostgres) await ensurePostgis(await serverUrl('postgres'));
  const { ask } = await serve(t, { engine, sql: sqlOf[engine], yaml });

  await t.test('as GeoJSON in plain answers', async () => {
    const { body } = await ask(web, 'GET /places?select=id,at&order=id');
    const crs = isPostgres ? { crs: { type: 'name', properties: { name: 'EPSG:4326' } } } : null;
    assert.deepEqual(body, [
      { id: 1, at: { type: 'Point', ...crs, coordinates: [2.25, 48.5] } },
      { id: 2, at: null },
    ]);
  });

  await t.test('as a collection of features, of the rows and columns that the role sees', async () => {
    const { status, headers, body, text } = await ask(web, 'GET /places?order=id', { headers: geojson });
    assert.equal(status, 200);
    assert.equal(headers['content-type'], 'application/geo+json; charset=utf-8');
    assert.doesNotMatch(text, /canary|Cem/);
    const { type, features } = body as {
      type: string;
      features: { geometry: unknown; properties: unknown }[];
    };
    assert.equal(type, 'FeatureCollection');
    assert.deepEqual(features[0]?.geometry, { type: 'Point', coordinates: [2.25, 48.5] });
    assert.deepEqual(
      features.map(({ properties }) => properties),
      [
        { id: 1, name: 'Ann', area: null },
        { id: 2, name: 'Bob', area: null },
      ],
    );
  });

  await t.test('as a collection that is empty', async () => {
    const { body } = await ask(web, 'GET /places?id=eq.9', { headers: geojson });
    assert.deepEqual(body, { type: 'FeatureCollection', features: [] });
  });

  await t.test('not as features of rows without a geometry', async () => {
    const { status, body } = await ask(web, 'GET /places?select=name', { headers: geojson });
    assert.deepEqual(
      [status, (body as { code: string }).code, (body as { hint: string }).hint],
      [406, 'PGRST107', 'Select a geometry column, or accept application/json.'],
    );
  });

  await t.test('written as GeoJSON and as text, and filtered by', async () => {
    const point = { type: 'Point', coordinates: [2.25, 48.5] };
    const json = [
      { id: -1, name: 'J', at: point },
      { id: -2, name: 'T', at: isPostgres ? 'SRID=4326;POINT(2.25 48.5)' : 'POINT(2.25 48.5)' },
    ];
    const text = isPostgres ? 'SRID=4326;POINT(2.25+48.5)' : 'POINT(2.25+48.5)';
    assert.equal((await ask(web, 'POST /places', { json })).status, 201);
    const found = await ask(web, `GET /places?select=id&at=eq.${text}&order=id`);
    assert.deepEqual(found.body, [{ id: -2 }, { id: -1 }, { id: 1 }], found.text);
    const bad = await ask(web, 'GET /places?at=eq.nowhere');
    assert.deepEqual([bad.status, (bad.body as { code: string }).code], [400, '22P02']);
  });
}
