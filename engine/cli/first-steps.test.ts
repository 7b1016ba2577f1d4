import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createProject } from '../../test/project.ts';
import { exampleRequest, sampleClaims } from './first-steps.ts';

const sql = `
  create table authors (id integer primary key, name text);
  create table books (id integer primary key, author_id integer references authors, title text, "odd name" text);
  create table "odd table" (id integer primary key, title text, author_id integer references authors);
  create table plain (code text primary key);
  create table secrets (id uuid primary key, owner uuid, level integer, tags text[], moment timestamptz, sub text);
`;

test('shows the table that says most, with a relationship, to whom needs no token', async (t) => {
  const { api } = await createProject(t, {
    sql,
    yaml: `
auth: { anonymous: visitor }
roles: { visitor: {}, staff: {} }
tables:
  plain: { permissions: { visitor: { select: true } } }
  authors: { permissions: { visitor: { select: true } } }
  books: { permissions: { visitor: { select: true } } }
  secrets: { permissions: { staff: { select: true } } }
`,
  });
  assert.deepEqual(exampleRequest(api), {
    path: '/rest/v1/books?select=id,title,author(name)&limit=3',
    role: undefined,
  });
});

test('asks for a token where anonymous reads nothing, and for no column it cannot name plainly', async (t) => {
  const { api } = await createProject(t, {
    sql,
    yaml: `
auth: { anonymous: visitor }
roles: { visitor: {}, staff: {} }
tables:
  odd table: { permissions: { staff: { select: { columns: [title] } } } }
`,
  });
  assert.deepEqual(exampleRequest(api), { path: '/rest/v1/odd%20table?select=title&limit=3', role: 'staff' });
});

test('prefers rows that can be seen whatever the token claims', async (t) => {
  const { api } = await createProject(t, {
    sql,
    yaml: `
roles: { staff: {} }
tables:
  books: { permissions: { staff: { select: { columns: "*", where: { author_id: $jwt.author } } } } }
  plain: { permissions: { staff: { select: true } } }
`,
  });
  assert.deepEqual(exampleRequest(api), { path: '/rest/v1/plain?select=code&limit=3', role: 'staff' });
});

test('has no example where nobody may read', async (t) => {
  const { api } = await createProject(t, {
    sql,
    yaml: `
roles: { staff: {} }
tables:
  books: { permissions: { staff: { insert: true } } }
`,
  });
  assert.equal(exampleRequest(api), undefined);
});

test('makes up claims of the types that the permissions read, wherever they stand', async (t) => {
  const { api } = await createProject(t, {
    sql,
    yaml: `
roles: { staff: {}, owner: {}, none: {} }
tables:
  secrets:
    permissions:
      owner:
        select:
          columns: "*"
          where:
            _or:
              - { owner: $jwt.app.user }
              - { _not: { level: { _gt: $jwt.level } } }
              - { sub: { _in: $jwt.groups } }
              - { moment: { _lt: $jwt.until } }
        insert: { columns: [id], set: { sub: $jwt.sub } }
      staff: { select: true }
`,
  });
  assert.deepEqual(sampleClaims(api, 'owner'), {
    app: { user: '00000000-0000-0000-0000-000000000001' },
    groups: ['1'],
    level: 1,
    sub: '1',
  });
  assert.deepEqual(sampleClaims(api, 'staff'), {});
  assert.deepEqual(sampleClaims(api, 'none'), {});
});
