/** For tests: databases that differ in hidden rows and cells alone, on each engine, and the grants that hide them. */
import type { TestEngine } from './database.ts';

export interface HostileWorld {
  readonly tables: string;
  readonly shown: string;
  /** Of the one database, and of the other. */
  readonly hidden: readonly [string, string];
  /** So that no write reaches hidden rows by a cascade: they hang on none of those that the callers may write. */
  readonly apart: string;
  readonly empty: string;
  /** Behind all other SQL. */
  readonly counted: string;
  readonly yaml: string;
  /** Of the rows of `numbers` that everybody sees: those with a `num` of 2 at least and a share, and the largest. */
  readonly numbers: { readonly ids: readonly number[]; readonly largest: number };
}

const postgresTables = `
create extension if not exists ltree;
create type mood as enum ('sad', 'ok', 'happy');
create table teams (id int primary key, name text, org text, code text unique, budget numeric, n int);
create table people (
  id int primary key, team_id int references teams on delete set null, boss_id int references people on delete set null, owner text, open boolean not null default false,
  name text, email text, salary numeric, n int, big bigint, f float8, r int4range, tags text[], nums int[], doc jsonb, j json, m mood,
  at timestamptz, d date, iv interval, path ltree, uid uuid, kind char(3), team_code text, mon money
);
create table notes (
  id int primary key, person_id int references people on delete cascade, owner text, body text, stars int, payload jsonb, big bigint
);
create table tags (id int primary key, label text unique);
create table person_tags (person_id int references people on delete cascade, tag_id int references tags on delete cascade, weight int, primary key (person_id, tag_id));
create view numbers as select id, owner, body::int as num, 10 / stars as share, payload from notes;
create function label(people) returns text language sql stable as 'select coalesce($1.name, '''') || ''!''';
create function num(people) returns int language sql stable as 'select $1.name::int';
create function inverse(notes) returns int language sql immutable as 'select 1 / $1.stars';
create function own_notes(people) returns setof notes language sql stable as 'select * from notes where person_id = $1.id';
create function every_person(lowest int default 0) returns setof people language sql stable as 'select * from people where id >= lowest';
create function every_note() returns setof notes language sql stable as 'select * from notes';
create function one_person(wanted int) returns people language sql stable as 'select * from people where id = wanted';
create function touch_notes(add int) returns setof notes language sql volatile as 'update notes set stars = stars where id >= add returning *';
`;

/** Rows that every caller of the test sees, or sees in part. */
const postgresShown = `
insert into teams values (1, 'T1', 'org1', 'c1', 10, 1), (2, 'T2', 'org1', 'c2', 2.5, 2);
insert into people (id, team_id, boss_id, owner, open, name, email, salary, n, big, f, r, tags, nums, doc, j, m, at, d, iv, path, uid, kind, team_code, mon) values
  (1, 1, null, 'me', false, '1', 'a@x', 10, 1, 1, 1.5, '[1,5)', '{a,b}', '{1,2}', '{"a":1}', '{"a":1}', 'ok', '2024-01-01Z', '2024-01-01', '1 day', 'a.b', '00000000-0000-0000-0000-000000000001', 'abc', 'c1', 1),
  (2, 1, 1, 'me', true, '2', 'b@x', 20, 2, 2, 2.5, 'empty', '{}', '{}', '{"a":{"b":[1]}}', '[1]', 'sad', null, null, null, 'a', null, 'a', 'c1', 2),
  (3, 2, 1, 'me', true, '3', null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, 'c2', null);
insert into notes values (1, 1, 'me', '1', 1, '{"a":1}', 1), (2, 1, 'me', '2', 2, '[]', 2), (3, 2, 'me', '3', 3, null, null);
insert into tags values (1, 'x'), (2, 'y'), (3, 'z');
insert into person_tags values (1, 1, 1), (1, 2, 2), (2, 1, 3);
`;

/** Rows 4 and 5 are seen by some, without the cells that differ; the others by nobody. The links are alike where writes could tell of them. */
const postgresHidden = [
  `insert into teams values (3, 'canary', 'org2', 'c3', 1, 1), (4, 'x', 'org2', 'c4', 1, 1);
   insert into people (id, team_id, boss_id, owner, open, name, email, n) values (4, 2, 1, 'you', true, '4', 'd@x', 4), (5, 3, 2, 'you', true, '5', 'e@x', 5);
   insert into people (id, team_id, owner) values (6, 3, 'you'), (7, 3, 'you');
   insert into notes (id, person_id, owner) values (4, 4, 'you'), (5, 6, 'you'), (6, 1, 'you');
   insert into person_tags values (4, 1, 1), (6, 1, 1), (6, 2, 1), (4, 3, 1), (5, 3, 1);`,
  `insert into teams values (3, 'canary3', 'org2', 'c3', '1e131000', 2147483647), (4, 'canary(', 'org2', 'c4', 'NaN', 0);
   insert into people (id, team_id, boss_id, owner, open, name, email, n, salary, big, f, r, tags, nums, doc, j, m, at, d, iv, path, uid, kind, team_code, mon)
     select id, team_id, boss_id, 'you', open, name, email, n, '9e131071', 9223372036854775807, 1e308, '[2147483646,2147483647)', array['canary', null], array[2147483647, null],
       '{"a":"canary"}', '{"a":"\\u0000"}', 'happy', 'infinity', 'infinity', '178000000 years', 'a.canary', '00000000-0000-0000-0000-00000000000c', 'can', 'c3', '92233720368547758.07'
     from (values (4, 2, 1, true, '4', 'd@x', 4), (5, 3, 2, true, '5', 'e@x', 5), (6, 3, null, false, 'canary', 'canary', 2147483647),
       (7, 3, 6, false, 'canary(', '[', 0)) as v (id, team_id, boss_id, open, name, email, n);
   insert into notes values (4, 4, 'you', 'canary', 0, '{"a":"canary"}', 9223372036854775807), (5, 6, 'you', 'x', 0, '"canary"', 9223372036854775807), (6, 1, 'you', 'canary', 0, null, 9223372036854775807);
   insert into person_tags values (4, 1, 2147483647), (6, 1, 2147483647), (6, 2, 1), (4, 3, 1), (5, 3, 1);`,
] as const;

/** What the server knows of how many rows there are chooses its plan, and so the order of rows that ask for none: it stays as it is once counted. */
const steady = 'stats_persistent = 1 stats_auto_recalc = 0';
const counted = 'analyze table teams, people, notes, tags, person_tags;';

const mysqlTables = `
create table teams (id int primary key, name varchar(100), org varchar(20), code varchar(20) unique, budget decimal(30,2), n int) ${steady};
create table people (
  id int primary key, team_id int, boss_id int, owner varchar(20), open boolean not null default false,
  name varchar(100), email varchar(100), salary decimal(40,2), n int, big bigint, f double, u int unsigned, ub bigint unsigned, r set('a', 'b', 'canary'), doc json, j text, m enum('sad', 'ok', 'happy'),
  at timestamp(3) null, dt datetime, d date, iv time, uid binary(4), kind char(3), team_code varchar(20), mon float, bits bit(6), y year,
  foreign key (team_id) references teams (id) on delete set null, foreign key (boss_id) references people (id) on delete set null
) ${steady};
create table notes (
  id int primary key, person_id int, owner varchar(20), body text, stars int, payload json, big bigint, fulltext (body),
  foreign key (person_id) references people (id) on delete cascade
) ${steady};
create table tags (id int primary key, label varchar(100) unique) ${steady};
create table person_tags (person_id int, tag_id int, weight int, primary key (person_id, tag_id),
  foreign key (person_id) references people (id) on delete cascade, foreign key (tag_id) references tags (id) on delete cascade) ${steady};
create view numbers as select id, owner, exp(body) as num, big + stars as share, json_extract(body, '$') as parsed, payload from notes;
`;

const mysqlShown = `
insert into teams values (1, 'T1', 'org1', 'c1', 10, 1), (2, 'T2', 'org1', 'c2', 2.5, 2);
insert into people (id, team_id, boss_id, owner, open, name, email, n) values
  (1, 1, null, 'me', false, '1', 'a@x', 1), (2, 1, 1, 'me', true, '2', 'b@x', 2), (3, 2, 1, 'me', true, '3', null, null);
update people set salary = 10, big = 1, f = 1.5, u = 1, ub = 1, r = 'a,b', doc = '{"a":1}', j = '{"a":1}', m = 'ok', at = '2024-01-01', dt = '2024-01-01', d = '2024-01-01',
  iv = '24:00:00', uid = x'01', kind = 'abc', team_code = 'c1', mon = 1, bits = b'1', y = 2024 where id = 1;
update people set salary = 20, big = 2, f = 2.5, u = 2, ub = 2, r = '', doc = '{"a":{"b":[1]}}', j = '[1]', m = 'sad', kind = 'a', team_code = 'c1', mon = 2 where id = 2;
update people set team_code = 'c2' where id = 3;
insert into notes values (1, 1, 'me', '1', 1, '{"a":1}', 1), (2, 1, 'me', '2', 2, '[]', 2), (3, 2, 'me', '3', 3, null, null);
insert into tags values (1, 'x'), (2, 'y'), (3, 'z');
insert into person_tags values (1, 1, 1), (1, 2, 2), (2, 1, 3);
`;

/** Owners are such as the column's collation takes for the same as 'me'. */
const mysqlHidden = [
  `insert into teams values (3, 'canary', 'org2', 'c3', 1, 1), (4, 'x', 'ORG1', 'c4', 1, 1);
   insert into people (id, team_id, boss_id, owner, open, name, email, n) values (4, 2, 1, 'ME', true, '4', 'd@x', 4), (5, 3, 2, 'you', true, '5', 'e@x', 5);
   insert into people (id, team_id, owner) values (6, 3, 'mé'), (7, 3, 'you');
   insert into notes (id, person_id, owner) values (4, 4, 'me '), (5, 6, 'you'), (6, 1, 'you');
   insert into person_tags values (4, 1, 1), (6, 1, 1), (6, 2, 1), (4, 3, 1), (5, 3, 1);`,
  `insert into teams values (3, 'canary3', 'org2', 'c3', 9999999999999999999999999999.99, 2147483647), (4, 'canary(', 'ORG1', 'c4', 0, 0);
   insert into people (id, team_id, boss_id, owner, open, name, email, n) values (4, 2, 1, 'ME', true, '4', 'd@x', 4), (5, 3, 2, 'you', true, '5', 'e@x', 5),
     (6, 3, null, 'mé', false, 'canary', 'canary', 2147483647), (7, 3, 6, 'you', false, 'canary(', '[', 0);
   update people set salary = 99999999999999999999999999999999999999.99, big = 9223372036854775807, f = 1.7e308, u = 0, ub = 18446744073709551615, r = 'canary', doc = '{"a":"canary"}',
     j = '{canary', m = 'happy', at = '2038-01-19 03:14:07', dt = '9999-12-31 23:59:59', d = '9999-12-31', iv = '838:59:59', uid = x'0c', kind = 'can', team_code = 'c3', mon = 3e38, bits = b'111111', y = 2155
     where id > 3;
   insert into notes values (4, 4, 'me ', 'canary', 0, '{"a":"canary"}', 9223372036854775807), (5, 6, 'you', '1000', 1, '"canary"', 9223372036854775807),
     (6, 1, 'you', '{canary', 1, 'null', 9223372036854775807);
   insert into person_tags values (4, 1, 2147483647), (6, 1, 2147483647), (6, 2, 1), (4, 3, 1), (5, 3, 1);`,
] as const;

const apart = `update notes set person_id = 4 where id = 6; update people set boss_id = null, team_id = 4 where id > 3;`;
const empty =
  'delete from person_tags; delete from notes; update people set boss_id = null; delete from people; delete from teams; delete from tags;';

const people = '[id, team_id, boss_id, name, email, n, open]';

interface Columns {
  readonly readable: string;
  readonly writable: string;
}

const yamlOf = ({ readable, writable }: Columns) => `
roles: { open: {}, own: {}, both: { inherits: [open, own] } }
tables:
  teams:
    permissions:
      open: { select: { columns: [id, name], where: { org: org1 }, aggregate: true } }
      own:
        select: { columns: [id, name, budget, n, code, org], where: { org: org1 }, aggregate: true }
        insert: { columns: [id, name, budget, n], set: { org: org1 }, check: { id: { _gt: 2 } } }
        update: { columns: [name, budget, n], where: { org: org1 } }
  people:
    relationships: { coded: { column: team_code, to: teams.code } }
    permissions:
      open: { select: { columns: ${people}, where: { open: true }, aggregate: true, limit: 50 } }
      own:
        select: { columns: [${readable}], where: { owner: $jwt.sub }, aggregate: true }
        insert: { columns: [${writable}], set: { owner: $jwt.sub }, check: { n: { _neq: 5 } } }
        update: { columns: [${writable}], where: { owner: $jwt.sub }, check: { owner: $jwt.sub } }
        delete: { where: { owner: $jwt.sub } }
  notes:
    permissions:
      open: { select: { columns: [id, person_id, stars], where: { owner: $jwt.sub }, aggregate: true } }
      own:
        select: { columns: [id, person_id, owner, body, stars, payload, big], where: { _or: [ { owner: $jwt.sub }, { person: { owner: nobody } } ] }, aggregate: true }
        insert: { columns: [id, body, stars, payload, big], set: { owner: $jwt.sub }, check: { _or: [ { person_id: { _is_null: true } }, { person: { owner: $jwt.sub } } ] } }
        update: { columns: [id, body, stars, payload, big], where: { owner: $jwt.sub } }
        delete: { where: { owner: $jwt.sub } }
  tags: { permissions: { open: { select: true }, own: { select: true } } }
  person_tags:
    permissions:
      open: { select: { columns: "*", where: { person: { owner: $jwt.sub } } , aggregate: true } }
      own:
        select: { columns: "*", where: { person: { owner: $jwt.sub } }, aggregate: true }
        insert: { columns: "*", check: { person: { owner: $jwt.sub } } }
        update: { columns: [weight], where: { person: { owner: $jwt.sub } } }
        delete: { where: { person: { owner: $jwt.sub } } }
  numbers:
    key: [id]
    permissions:
      open: { select: { columns: "*", where: { owner: $jwt.sub }, aggregate: true } }
      own: { select: { columns: "*", where: { owner: $jwt.sub }, aggregate: true } }
`;

const functions = `functions:
  label: { permissions: { own: { execute: true } } }
  num: { permissions: { open: { execute: true }, own: { execute: true } } }
  inverse: { permissions: { open: { execute: true }, own: { execute: true } } }
  own_notes: { permissions: { open: { execute: true }, own: { execute: true } } }
  every_person: { permissions: { open: { execute: true }, own: { execute: true } } }
  every_note: { permissions: { open: { execute: true }, own: { execute: true } } }
  one_person: { permissions: { open: { execute: true }, own: { execute: true } } }
`;

const common =
  'name, email, salary, n, big, f, r, doc, j, m, at, d, iv, uid, kind, mon, team_id, boss_id, open';
const ofPostgres = `id, ${common}, tags, nums, path`;
const ofMysql = `id, ${common}, u, ub, dt, bits, y`;

const postgres: HostileWorld = {
  tables: postgresTables,
  shown: postgresShown,
  hidden: postgresHidden,
  apart,
  empty,
  counted: '',
  yaml: `${yamlOf({ readable: `${ofPostgres}, owner, team_code`, writable: ofPostgres })}${functions}`,
  numbers: { ids: [2, 3], largest: 3 },
};

const mysql: HostileWorld = {
  tables: mysqlTables,
  shown: mysqlShown,
  hidden: mysqlHidden,
  apart,
  empty,
  counted,
  yaml: yamlOf({ readable: `${ofMysql}, owner, team_code`, writable: ofMysql }),
  numbers: { ids: [1, 2], largest: 7.38905609893065 },
};

export const worlds: Readonly<Record<TestEngine, HostileWorld>> = { postgres, mysql, mariadb: mysql };
