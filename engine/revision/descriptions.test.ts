/** The texts that describe an API: one for each role, place, form and profile, and a bounded number of them. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createProject } from '../../test/project.ts';
import { descriptions } from './build.ts';

const sql = 'create table books (id int primary key, title text); create table people (id int primary key);';
const yaml = `
roles: { reader: {}, other: {} }
tables:
  books: { permissions: { reader: { select: true } } }
  people: { permissions: { other: { select: true } } }
`;

test('describes each role in either form', async (t) => {
  const { api } = await createProject(t, { sql, yaml });
  const describe = descriptions(api);
  const paths = (...asked: Parameters<typeof describe>) =>
    Object.keys((JSON.parse(describe(...asked)) as { paths: object }).paths);
  assert.deepEqual(paths('reader', '/shop', 'openapi'), ['/books', '/books/{id}']);
  assert.deepEqual(paths('reader', '/shop', 'swagger'), ['/', '/books']);
  assert.deepEqual(paths('reader', '/shop', 'swagger', 'elsewhere'), ['/']);
  assert.deepEqual(paths('other', '/shop', 'swagger'), ['/', '/people']);
  assert.equal(
    (JSON.parse(describe('reader', '/shop', 'swagger')) as { basePath: string }).basePath,
    '/shop/rest/v1',
  );
  assert.equal((JSON.parse(describe('reader', '', 'swagger')) as { basePath: string }).basePath, '/rest/v1');
});

test('answers as at first after more texts than it keeps', async (t) => {
  const { api } = await createProject(t, { sql, yaml });
  const describe = descriptions(api);
  const first = describe('reader', '/0', 'swagger');
  for (let count = 1; count < 200; count += 1)
    assert.ok(describe('reader', `/${count}`, 'swagger').includes(`"/${count}/rest/v1"`));
  assert.equal(describe('reader', '/0', 'swagger'), first);
});
