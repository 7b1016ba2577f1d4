/** `aggregate: { min_group: n }`: what an aggregate says is over n rows or more, wherever it is asked. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { onEveryEngine } from './engines.ts';
import { token } from './project.ts';
import { serveSurfaces } from './surfaces.ts';

const sql = `
  create table shops (id int primary key, name varchar(40) not null, area varchar(40) not null);
  create table visits (id int primary key, shop_id int, age int, kind varchar(40), foreign key (shop_id) references shops (id));
  insert into shops values (1, 'One', 'a'), (2, 'Two', 'a'), (3, 'Three', 'b');
  insert into visits values (1, 1, 20, 'x'), (2, 1, 30, 'x'), (3, 1, 40, 'y'), (4, 2, 77, 'x'), (5, 2, 78, 'y');`;

const yaml = `
roles: { analyst: {}, both: { inherits: [analyst, open] }, open: {} }
tables:
  shops: { permissions: { analyst: { select: true }, open: { select: true } } }
  visits:
    permissions:
      analyst: { select: { columns: "*", aggregate: { min_group: 3 } } }
      open: { select: { columns: "*", aggregate: true } }`;

const analyst = token('analyst');

onEveryEngine((engine) => {
  test('a smaller group is left out, and a smaller aggregate says nothing', async (t) => {
    const { rest, graphql } = await serveSurfaces(t, { engine, sql, yaml });
    const rows = async (path: string, caller = analyst) => {
      const { status, body } = await rest(caller, path);
      assert.equal(status, 200, JSON.stringify(body));
      return body;
    };
    assert.deepEqual(await rows('/visits?select=shop_id,age.avg()::int&order=shop_id', token('open')), [
      { shop_id: 1, avg: 30 },
      { shop_id: 2, avg: 78 },
    ]);
    assert.deepEqual(await rows('/visits?select=shop_id,age.avg()::int&order=shop_id'), [
      { shop_id: 1, avg: 30 },
    ]);
    assert.deepEqual(await rows('/visits?select=shop_id,age.max()&having=age.min().gt.70'), []);
    assert.deepEqual(await rows('/visits?select=shop_id,age.max()&having=not.and(age.min().gt.70)'), [
      { shop_id: 1, max: 40 },
    ]);
    assert.deepEqual(await rows('/visits?select=age.sum()'), [{ sum: 245 }]);
    assert.deepEqual(await rows('/visits?select=age.sum()&shop_id=eq.2'), []);
    assert.deepEqual(await rows('/shops?select=id,visits(age.max())&order=id'), [
      { id: 1, visits: [{ max: 40 }] },
      { id: 2, visits: [] },
      { id: 3, visits: [] },
    ]);
    // Spread into the groups of another table, where the least of that one holds.
    assert.deepEqual(await rows('/visits?select=...shops(area),age.max()&order=shops(area)'), [
      { area: 'a', max: 78 },
    ]);
    assert.deepEqual(await rows('/visits?select=kind,...shops(id.max())&order=kind'), [
      { kind: 'x', max: 2 },
    ]);
    // The number of rows needs no right to aggregate, as count=exact does not.
    assert.deepEqual(await rows('/visits?select=count()&shop_id=eq.2'), [{ count: 2 }]);
    // The smallest of what is inherited holds.
    assert.deepEqual(await rows('/visits?select=age.sum()&shop_id=eq.2', token('both')), [{ sum: 155 }]);
    assert.deepEqual(
      await graphql(
        analyst,
        `{ visits_aggregate { aggregate { count sum { age } } }
           few: visits_aggregate(where: { shop_id: { _eq: 2 } }) { aggregate { count sum { age } } nodes { id } }
           cut: visits_aggregate(limit: 2) { aggregate { count } }
           visits_group_by(keys: [shop_id]) { keys { shop_id } aggregate { count max { age } } }
           all: visits_group_by(keys: []) { aggregate { count } }
           shops(order_by: { id: asc }) { id visits_aggregate { aggregate { count } } } }`,
      ),
      {
        data: {
          visits_aggregate: { aggregate: { count: 5, sum: { age: 245 } } },
          few: { aggregate: null, nodes: [{ id: 4 }, { id: 5 }] },
          cut: { aggregate: null },
          visits_group_by: [{ keys: { shop_id: 1 }, aggregate: { count: 3, max: { age: 40 } } }],
          all: [{ aggregate: { count: 5 } }],
          shops: [
            { id: 1, visits_aggregate: { aggregate: { count: 3 } } },
            { id: 2, visits_aggregate: { aggregate: null } },
            { id: 3, visits_aggregate: { aggregate: null } },
          ],
        },
      },
    );
  });

  test('rows are neither found nor ordered by an aggregate over fewer', async (t) => {
    const { graphql } = await serveSurfaces(t, { engine, sql, yaml });
    assert.deepEqual(
      await graphql(
        analyst,
        `{ more: shops(where: { visits_aggregate: { max: { arguments: age, predicate: { _gt: 1 } } } }) { id }
           not: shops(where: { _not: { visits_aggregate: { max: { arguments: age, predicate: { _gt: 1000 } } } } }) { id }
           few: shops(where: { visits_aggregate: { count: { predicate: { _lt: 3 } } } }) { id }
           most: shops(order_by: [{ visits_aggregate: { max: { age: desc_nulls_last } } }, { id: desc }]) { id }
           counted: shops(order_by: [{ visits_aggregate: { count: asc_nulls_last } }, { id: desc }]) { id } }`,
      ),
      {
        data: {
          more: [{ id: 1 }],
          not: [{ id: 1 }],
          few: [],
          most: [{ id: 1 }, { id: 3 }, { id: 2 }],
          counted: [{ id: 1 }, { id: 3 }, { id: 2 }],
        },
      },
    );
  });
});
