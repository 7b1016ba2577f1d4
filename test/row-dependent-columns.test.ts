/** A column that a role reads in some rows only: null in the others, and nothing else tells what is there. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createDatabase } from './database.ts';
import { onEveryEngine } from './engines.ts';
import { serve as serveGraphql } from './graphql.ts';
import { token } from './project.ts';
import { serve as serveRest } from './rest.ts';

const sql = `
  create table teams (id int primary key, name varchar(40) not null);
  create table people (
    id int primary key, team_id int, name varchar(40) not null, email varchar(60) not null unique, salary int,
    foreign key (team_id) references teams (id)
  );
  insert into teams values (1, 'North'), (2, 'South');
  insert into people values
    (1, 1, 'Ann', 'ann@canary.eu', 10), (2, 1, 'Bob', 'bob@canary.eu', 20),
    (3, 2, 'Cid', 'cid@canary.eu', 30), (4, 2, 'Dee', 'dee@canary.eu', null);`;

const self = '{ when: { id: $jwt.sub } }';
const yaml = `
roles: { member: {}, lead: { inherits: [member] }, clerk: {}, author: {} }
tables:
  teams: { permissions: { member: { select: true } } }
  people:
    permissions:
      member:
        select: { columns: { "*": true, email: ${self}, salary: ${self} }, aggregate: true }
        update: { columns: [email, name], where: {} }
        delete: { where: {} }
      lead:
        select: { columns: [id, salary], where: { team_id: $jwt.team } }
      clerk:
        select:
          columns: { id: true, name: { when: { team: { name: North } } }, team_id: { when: { id: { _gt: 2 } } } }
          where: { id: { _lt: 4 } }
          aggregate: true
      author:
        select: { columns: { id: true, name: true, email: ${self} } }
        insert: { columns: "*" }
        update: { columns: [name, email], where: {} }`;

const ann = token('member', { sub: '1' });
const bob = token('lead', { sub: '2', team: 2 });
const clerk = token('clerk');

onEveryEngine((engine) => {
  test('a cell is null where its condition is not true, whatever asks for it', async (t) => {
    const { ask } = await serveRest(t, { engine, sql, yaml });
    const rows = async (caller: typeof ann, path: string) => {
      const { status, body } = await ask(caller, `GET /people?${path}`);
      assert.equal(status, 200, JSON.stringify(body));
      return body;
    };
    assert.deepEqual(await rows(ann, 'select=id,email,salary&order=id'), [
      { id: 1, email: 'ann@canary.eu', salary: 10 },
      { id: 2, email: null, salary: null },
      { id: 3, email: null, salary: null },
      { id: 4, email: null, salary: null },
    ]);
    // Without the claim the condition is unknown, and under a negation too.
    const nobody = token('member');
    assert.deepEqual(await rows(nobody, 'select=id&email=not.is.null'), []);
    assert.deepEqual(await rows(ann, 'select=id&email=neq.x&order=id'), [{ id: 1 }]);
    assert.deepEqual(await rows(ann, 'select=id&email=eq.bob@canary.eu'), []);
    assert.deepEqual(await rows(ann, 'select=id&not.and=(email.eq.bob@canary.eu)&order=id'), [{ id: 1 }]);
    assert.deepEqual(await rows(ann, 'select=id&email=is.null&order=id'), [{ id: 2 }, { id: 3 }, { id: 4 }]);
    assert.deepEqual(await rows(ann, 'select=id&order=salary.desc.nullslast,id.desc'), [
      { id: 1 },
      { id: 4 },
      { id: 3 },
      { id: 2 },
    ]);
    assert.deepEqual(await rows(ann, 'select=email.count(),salary.sum(),salary.max()'), [
      { count: 1, sum: 10, max: 10 },
    ]);
    assert.deepEqual(await rows(ann, 'select=email,count()&order=email.asc.nullslast'), [
      { email: 'ann@canary.eu', count: 1 },
      { email: null, count: 3 },
    ]);
  });

  test('through an embed the conditions are the same, and a linking column that is hidden leads nowhere', async (t) => {
    const { ask } = await serveRest(t, { engine, sql, yaml });
    const found = async (caller: typeof ann, path: string) => (await ask(caller, `GET ${path}`)).body;
    assert.deepEqual(
      await found(ann, '/teams?select=id,people(email)&people.order=id&people.email=not.is.null&order=id'),
      [
        { id: 1, people: [{ email: 'ann@canary.eu' }] },
        { id: 2, people: [] },
      ],
    );
    assert.deepEqual(await found(ann, '/teams?select=id,people!inner(id)&people.email=eq.bob@canary.eu'), []);
    // A policy sees the database as it is: the clerk has no grant on teams, and reads names by the team's name.
    assert.deepEqual(await found(clerk, '/people?select=*&order=id'), [
      { id: 1, team_id: null, name: 'Ann' },
      { id: 2, team_id: null, name: 'Bob' },
      { id: 3, team_id: 2, name: null },
    ]);
    assert.deepEqual(await found(clerk, '/people?select=team_id,count()&order=team_id.asc.nullslast'), [
      { team_id: 2, count: 1 },
      { team_id: null, count: 2 },
    ]);
  });

  test('inheritance adds cells: any grant that shows the row and the column there does', async (t) => {
    const { ask } = await serveRest(t, { engine, sql, yaml });
    const { body } = await ask(bob, 'GET /people?select=id,name,email,salary&order=id');
    assert.deepEqual(body, [
      { id: 1, name: 'Ann', email: null, salary: null },
      { id: 2, name: 'Bob', email: 'bob@canary.eu', salary: 20 },
      { id: 3, name: 'Cid', email: null, salary: 30 },
      { id: 4, name: 'Dee', email: null, salary: null },
    ]);
  });

  test('GraphQL reads, filters, orders and aggregates the same cells', async (t) => {
    const { ask } = await serveGraphql(t, { engine, sql, yaml });
    const { body } = await ask(
      ann,
      `{ people(order_by: [{ salary: desc_nulls_last }, { id: asc }]) { id email }
         none: people(where: { _or: [{ email: { _eq: "bob@canary.eu" } }, { _not: { email: { _neq: "cid@canary.eu" } } }] }) { id }
         people_aggregate { aggregate { count(columns: email) sum { salary } max { email } } }
         people_group_by(keys: [email], order_by: [{ count: asc }]) { keys { email } aggregate { count } }
         teams(order_by: { id: asc }) { people_aggregate { aggregate { max { email } } } } }`,
    );
    assert.deepEqual(body, {
      data: {
        people: [
          { id: 1, email: 'ann@canary.eu' },
          { id: 2, email: null },
          { id: 3, email: null },
          { id: 4, email: null },
        ],
        none: [],
        people_aggregate: { aggregate: { count: 1, sum: { salary: 10 }, max: { email: 'ann@canary.eu' } } },
        people_group_by: [
          { keys: { email: 'ann@canary.eu' }, aggregate: { count: 1 } },
          { keys: { email: null }, aggregate: { count: 3 } },
        ],
        teams: [
          { people_aggregate: { aggregate: { max: { email: 'ann@canary.eu' } } } },
          { people_aggregate: { aggregate: { max: { email: null } } } },
        ],
      },
    });
    const { body: types } = await ask(ann, '{ __type(name: "people") { fields { name type { kind } } } }');
    const { fields } = (types as { data: { __type: { fields: { name: string; type: { kind: string } }[] } } })
      .data.__type;
    assert.deepEqual(
      fields
        .filter(({ name }) => ['id', 'email', 'salary'].includes(name))
        .map(({ name, type }) => [name, type.kind]),
      [
        ['id', 'NON_NULL'],
        ['email', 'SCALAR'],
        ['salary', 'SCALAR'],
      ],
    );
  });

  test('a write finds no row by a cell that is hidden, and answers with none', async (t) => {
    const database = await createDatabase(t, engine);
    const { ask, sql: query } = await serveRest(t, { engine, sql, yaml, database });
    const graphql = await serveGraphql(t, { engine, sql: '', yaml, database });
    const returning = { prefer: 'return=representation' };
    const missed = await ask(ann, 'PATCH /people?email=eq.bob@canary.eu', {
      headers: returning,
      json: { name: 'X' },
    });
    assert.deepEqual([missed.status, missed.body], [200, []]);
    const kept = await ask(ann, 'DELETE /people?email=like.*canary*&id=gt.1', { headers: returning });
    assert.deepEqual([kept.status, kept.body], [200, []]);
    // It may write what it cannot read: the answer says null, and not what it wrote.
    const written = await ask(ann, 'PATCH /people?id=eq.2&select=id,name,email', {
      headers: returning,
      json: { name: 'Ben', email: 'ben@canary.eu' },
    });
    assert.deepEqual([written.status, written.body], [200, [{ id: 2, name: 'Ben', email: null }]]);
    const { body } = await graphql.ask(
      ann,
      `mutation { update_people(where: { email: { _is_null: false } }, _set: { name: "An" }) { affected_rows returning { id email } } }`,
    );
    assert.deepEqual(body, {
      data: { update_people: { affected_rows: 1, returning: [{ id: 1, email: 'ann@canary.eu' }] } },
    });
    const author = token('author', { sub: '9' });
    const inserted = await ask(author, 'POST /people?select=id,email', {
      headers: returning,
      json: [
        { id: 8, name: 'Eva', email: 'eva@canary.eu' },
        { id: 9, name: 'Fay', email: 'fay@canary.eu' },
      ],
    });
    assert.deepEqual(
      [inserted.status, inserted.body],
      [
        201,
        [
          { id: 8, email: null },
          { id: 9, email: 'fay@canary.eu' },
        ],
      ],
    );
    assert.deepEqual(
      (await query('select id, email from people order by id')).map((row) => Object.values(row)),
      [
        [1, 'ann@canary.eu'],
        [2, 'ben@canary.eu'],
        [3, 'cid@canary.eu'],
        [4, 'dee@canary.eu'],
        [8, 'eva@canary.eu'],
        [9, 'fay@canary.eu'],
      ],
    );
  });
});
