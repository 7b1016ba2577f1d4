import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { catalogOf } from '../../test/catalogs.ts';
import { createDatabase, type TestEngine } from '../../test/database.ts';
import { onEveryEngine } from '../../test/engines.ts';
import { readProject } from '../../test/project.ts';
import type { Catalog } from '../catalog/catalog.ts';
import type { Api } from './api.ts';
import { breaksServing, brokenBy, unbroken } from './broken.ts';
import { compileApi } from './compile.ts';

const yaml = `
auth: { anonymous: visitor }
roles: { visitor: {}, staff: {} }
tables:
  authors: { permissions: { visitor: { select: { columns: [id, name] } } } }
  books:
    columns: { secret: { hidden: true } }
    permissions:
      visitor: { select: { columns: [id, title] } }
      staff:
        select: { columns: [id, title, author_id], where: { owner: $jwt.sub } }
        insert: { columns: [id, title, author_id, price], set: { owner: $jwt.sub } }
  logs: { permissions: { staff: { select: true } } }
  members: {}
  notes: { permissions: { staff: { select: { columns: "*", where: { _exists: { table: members, where: { name: a } } } } } } }
`;

const sql = `
  create table authors (id int primary key, name varchar(9), note varchar(9));
  create table books (
    id int primary key, title varchar(9), author_id int not null, price int, owner varchar(9), secret int, unlisted int, isbn int,
    constraint isbn_key unique (isbn), constraint book_author foreign key (author_id) references authors (id)
  );
  create table logs (id int primary key, line varchar(9));
  create table members (name varchar(9), since int);
  create table notes (id int primary key);
  create table private (id int primary key);
`;

const all = ['select', 'insert', 'update', 'delete'] as const;

/** DDL, and what it would break: the drifts, and what is broken of the Api, once it was done by hand. */
const cases: readonly (readonly [title: string, ddl: string, found: readonly string[], broken: Record<string, readonly string[]>])[] = [
  ['a column that a role reads goes', 'alter table books drop column title', ['books.title column-gone'], { books: all }],
  ['a column that a role reads is renamed', 'alter table books rename column title to name', ['books.title column-gone'], { books: all }],
  ['a column that a role only writes goes', 'alter table books drop column price', ['books.price column-gone'], { books: all }],
  ['a column that only a policy reads goes', 'alter table books drop column owner', ['books.owner column-gone'], { books: all }],
  ['a column that nobody is granted goes', 'alter table books drop column unlisted', [], {}],
  ['a hidden column goes', 'alter table books drop column secret', [], {}],
  ['a column of another table that nobody is granted goes', 'alter table authors drop column note', [], {}],
  ['a relation that is not served goes', 'drop table private', [], {}],
  ['a column that a policy of another table reads goes', 'alter table members drop column name', ['members.name column-gone'], { members: all }],
  ['a column of a table that only a policy reads goes', 'alter table members drop column since', [], {}],
  ['a column comes that may be null', 'alter table books add column extra int', [], {}],
  ['a column comes that must be given, where a role inserts', 'alter table books add column extra int not null', ['books.extra column-required'], { books: ['insert'] }],
  ['a column comes that must be given, where nobody inserts', 'alter table logs add column extra int not null', [], {}],
  ['a unique key goes that nobody can name', 'alter table books drop constraint isbn_key', [], {}],
  ['a unique key comes', 'create unique index title_key on books (title)', [], {}],
  ['a table comes', 'create table more (id int)', [], {}],
]; // biome-ignore format: one case a line

onEveryEngine((engine) => {
  const scope: (() => unknown)[] = [];
  const within = { after: (work: () => unknown) => scope.push(work) };
  after(async () => {
    for (const work of scope.reverse()) await work();
  });
  const open = async (ddl?: string): Promise<Catalog> => {
    const database = await createDatabase(within, engine);
    await database.query(sql);
    if (ddl !== undefined) await database.query(ddl);
    return catalogOf(database);
  };
  let serving: Api;
  before(async () => {
    serving = compile(await open(), engine);
  });

  describe('what a change would break', () => {
    for (const [title, ddl, found, broken] of cases)
      it(title, async () => {
        const catalog = await open(ddl);
        const breakages = breaksServing(serving, new Map([['main', catalog]]));
        assert.deepEqual(
          breakages.map(
            ({ relation, column, what }) => `${relation?.replace('public.', '')}.${column} ${what}`,
          ),
          found,
        );
        assert.deepEqual(
          breakages.map(({ database }) => database),
          found.map(() => 'main'),
        );
        assert.equal(new Set(breakages.map(({ fingerprint }) => fingerprint)).size, found.length);
        for (const { fingerprint } of breakages) assert.match(fingerprint, /^fp[0-9a-f]{14}$/);
        const now = brokenBy(serving, new Map([['main', breakages]]));
        assert.deepEqual(
          Object.fromEntries([...now.tables].map(([name, { verbs }]) => [name, [...verbs]])),
          broken,
        );
        assert.equal(now === unbroken, found.length === 0);
      });

    it('and who approved one type has not approved another', async () => {
      const to = async (type: string) => {
        const [column, ...more] = breaksServing(
          serving,
          new Map([
            [
              'main',
              await open(
                engine === 'postgres'
                  ? `alter table books alter title type ${type}`
                  : `alter table books modify title ${type}`,
              ),
            ],
          ]),
        );
        assert.deepEqual([column?.what, more], ['type-changed', []]);
        return column!.fingerprint;
      };
      const [one, other, again] = [await to('varchar(3)'), await to('varchar(4)'), await to('varchar(3)')];
      assert.notEqual(one, other);
      assert.equal(one, again);
    });
  });
});

function compile(catalog: Catalog, engine: TestEngine): Api {
  const project = readProject({ sql: '', yaml, engine });
  const { value, diagnostics } = compileApi(project, new Map([['main', catalog]]));
  assert.deepEqual(
    diagnostics.filter(({ severity }) => severity === 'error'),
    [],
  );
  return value!.api;
}
