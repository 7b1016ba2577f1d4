/** Commits that would take away what callers use: refused by name, and let through by `approvals.yaml`. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { it } from 'node:test';
import { createDatabase, type Scope } from '../../test/database.ts';
import { createRemote } from '../../test/git-remote.ts';
import { lockFor, type Served, serve } from '../../test/serve.ts';

const first = {
  '0001_books.sql':
    "create table notes (id int primary key); create table books (id int primary key, title text, price int, note text); insert into books values (1, 'One', 5, null)",
};

const tables = `tables:
  books: { permissions: { visitor: { select: { columns: [id, title, price] } } } }
  notes: { permissions: { visitor: { select: { columns: [id] } } } }
`;

async function createShop(t: Scope) {
  const database = await createDatabase(t, 'postgres');
  const variable = `SHOP_${randomBytes(6).toString('hex').toUpperCase()}`;
  process.env[variable] = database.url;
  t.after(() => delete process.env[variable]);
  const project = (declared: string) => `novastack: 1
project: shop
databases: { main: { engine: postgres, url: "\${env:${variable}}", migrations: migrations } }
auth: { anonymous: visitor }
roles: { visitor: {} }
${declared}`;
  const migrated = async (migrations: Record<string, string>) => ({
    ...Object.fromEntries(Object.entries(migrations).map(([file, sql]) => [`migrations/${file}`, sql])),
    ...(await lockFor(t, 'postgres', migrations)),
  });
  const remote = await createRemote(t);
  await remote.commit({ 'novastack.yaml': project(tables), ...(await migrated(first)) });
  const server = await serve(t, { sources: { main: { url: remote.url } } });
  const columns = async () =>
    (
      await database.query(
        "select column_name as name from information_schema.columns where table_name = 'books' order by ordinal_position",
      )
    ).map(({ name }) => name);
  return { remote, server, project, migrated, columns };
}

/** Why the newest commit is not served; undefined when it is. */
function stalled(server: Served): { readonly reason: string; readonly message: string } | undefined {
  return server
    .project('shop')
    .conditions.find(({ type, status }) => type === 'Stalled' && status === 'True');
}

const approval = (fingerprint: string, expires: string) =>
  `- { fingerprint: ${fingerprint}, reason: nobody reads it any more, expires: ${expires} }\n`;

it('a migration that takes a column from callers runs when somebody has allowed it', async (t) => {
  const { remote, server, project, migrated, columns } = await createShop(t);
  const good = server.project('shop').lastAppliedRevision;

  // What nobody is granted may go.
  const second = { ...first, '0002_note.sql': 'alter table books drop column note' };
  await server.sync('shop', await remote.commit(await migrated(second)));
  assert.equal(stalled(server), undefined);
  assert.notEqual(server.project('shop').lastAppliedRevision, good);
  assert.deepEqual(await columns(), ['id', 'title', 'price']);
  const served = server.project('shop').lastAppliedRevision;

  const third = { ...second, '0003_price.sql': 'alter table books drop column price' };
  const withoutPrice = {
    'novastack.yaml': project(tables.replace('[id, title, price]', '[id, title]')),
    ...(await migrated(third)),
  };
  await server.sync('shop', await remote.commit(withoutPrice));
  const { reason, message } = stalled(server)!;
  assert.equal(reason, 'ApprovalNeeded');
  assert.match(
    message,
    /^The migrations of database "main" would break what is served, so none of them was run\. Column "price" of "public\.books" is gone\. \(fp[0-9a-f]{14}\) To allow it, name its fingerprint in approvals\.yaml\./,
  );
  assert.deepEqual(await columns(), ['id', 'title', 'price']);
  const answer = await fetch(`${server.url}/shop/rest/v1/books`);
  assert.deepEqual(await answer.json(), [{ id: 1, title: 'One', price: 5 }]);
  assert.equal(answer.headers.get('x-novastack-revision'), served);

  const fingerprint = /fp[0-9a-f]{14}/.exec(message)![0];
  await server.sync('shop', await remote.commit({ 'approvals.yaml': approval(fingerprint, '2020-01-01') }));
  assert.equal(stalled(server)?.reason, 'ApprovalNeeded');
  assert.ok(server.project('shop').diagnostics.some(({ code }) => code === 'APPROVAL_EXPIRED'));
  assert.deepEqual(await columns(), ['id', 'title', 'price']);

  await server.sync('shop', await remote.commit({ 'approvals.yaml': approval(fingerprint, '2999-12-31') }));
  assert.equal(stalled(server), undefined);
  assert.deepEqual(await columns(), ['id', 'title']);
  const after = await fetch(`${server.url}/shop/rest/v1/books`);
  assert.deepEqual(await after.json(), [{ id: 1, title: 'One' }]);
});

it('a commit that removes what is served is held up until it is allowed', async (t) => {
  const { remote, server, project } = await createShop(t);
  const good = server.project('shop').lastAppliedRevision;
  await server.sync('shop', await remote.commit({ 'novastack.yaml': project('tables: {}\n') }));
  const { reason, message } = stalled(server)!;
  assert.equal(reason, 'ApprovalNeeded');
  assert.match(
    message,
    /^Nothing was changed\. The commit removes all 2 tables that are served: "books", "notes"\. \(fp[0-9a-f]{14}\) To allow it/,
  );
  assert.equal((await fetch(`${server.url}/shop/rest/v1/books`)).status, 200);
  assert.equal(server.project('shop').lastAppliedRevision, good);

  const fingerprint = /fp[0-9a-f]{14}/.exec(message)![0];
  await server.sync('shop', await remote.commit({ 'approvals.yaml': approval(fingerprint, '2999-12-31') }));
  assert.equal(stalled(server), undefined);
  assert.equal((await fetch(`${server.url}/shop/rest/v1/books`)).status, 404);
});
