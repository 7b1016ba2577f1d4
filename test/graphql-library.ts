/** For tests: a library whose functions are computed fields and roots, with values in JSON, nulls and duplicates. */
import type { TestProjectOptions } from './project.ts';

export const library: TestProjectOptions = {
  sql: `
    create table shelves (id int primary key, room text);
    create table books (
      id int primary key,
      title text not null,
      price numeric(30,10),
      stock bigint,
      meta jsonb,
      raw json,
      tags text[],
      owner text,
      shelf_id int references shelves (id)
    );
    create table loans (
      book_id int references books (id),
      member text,
      due date,
      primary key (book_id, member)
    );
    insert into shelves values (1, 'North'), (2, null), (3, 'South');
    insert into books values
      (1, 'One', 10, 9007199254740993, '{"a": {"b": [1.10, "x"]}, "k y": null, "n": 1}', '{"a": [ 1 , 2 ]}', '{a,b}', '7', 1),
      (2, 'Two', 10, null, '[{"z": true}, 2]', null, '{b}', '8', 2),
      (3, 'Three', null, 3, null, '"text"', '{}', '7', 1),
      (4, 'Four', null, 1, '"plain"', '{"a": {"b": 5}}', null, '8', null),
      (5, 'Five', 2.5, 1, '{"a": 7}', null, '{c,a}', '7', 3);
    insert into loans values (1, 'ada', '2024-01-01'), (1, 'bob', null), (3, 'ada', '2024-02-01');

    create function label(books) returns text language sql stable as $$ select $1.title || ' #' || $1.id $$;
    create function worth(books) returns numeric language sql stable as $$ select $1.price * $1.stock $$;
    create function facts(books) returns jsonb language sql stable as $$ select jsonb_build_object('id', $1.id) $$;
    create function secret_cost(books) returns int language sql stable as 'select 42';
    create function neighbours(books) returns setof books language sql stable as
      $$ select * from books b where b.shelf_id = $1.shelf_id and b.id <> $1.id $$;
    create function place(books) returns setof shelves rows 1 language sql stable as
      $$ select * from shelves s where s.id = $1.shelf_id $$;
    create function fails_on_4(books) returns int language sql stable as $$ select 1 / ($1.id - 4) $$;

    create function books_over(low numeric, high numeric default 1000) returns setof books language sql stable as
      $$ select * from books where price >= low and price <= high order by id $$;
    create function find_book(wanted int) returns books language sql stable as
      $$ select * from books where id = wanted $$;
    create function add_up(a bigint, b bigint default 10) returns bigint language sql immutable as 'select a + b';
    create function words(n int) returns setof text language sql immutable as
      $$ select case when i = 2 then null else 'w' || i end from generate_series(1, n) i $$;
    create function who() returns text language sql stable as
      $$ select current_setting('request.jwt.claims', true)::json ->> 'sub' $$;
    create function counted(n int) returns table (k int, label text, big bigint) language sql immutable as
      $$ select i, 'l' || i, 9007199254740993 from generate_series(1, n) i $$;
    create function mixed(a int) returns int language sql immutable as 'select a';
    create function mixed(a text, b text) returns text language sql immutable as 'select a || b';
    create function either(a int) returns int language sql immutable as 'select a';
    create function either(a int, b int) returns int language sql immutable as 'select a + b';
    create function take_json(payload jsonb) returns jsonb language sql immutable as 'select payload';
    create function take_list(items int[]) returns int[] language sql immutable as 'select items';
    create function whole(jsonb) returns jsonb language sql immutable as 'select $1';
    create function not_allowed() returns int language sql immutable as 'select 1';
    create function shelve(book int, shelf int) returns books language sql as
      $$ update books set shelf_id = shelf where id = book returning * $$;
    create function tick() returns void language sql as $$ insert into shelves values (100, 'new') $$;
    create function boom() returns int language plpgsql as $$ begin raise exception 'no' using errcode = 'P0001'; end $$;
  `,
  yaml: `
auth: { anonymous: visitor }
roles:
  visitor: {}
  owner: {}
  stocked: {}
  member: { inherits: [owner, stocked] }
  staff: {}
tables:
  shelves:
    permissions:
      member: { select: { columns: "*" } }
      staff: { select: true, insert: true }
  books:
    permissions:
      visitor: { select: { columns: [id, title] } }
      owner: { select: { columns: [id, title, meta, raw, tags, price, shelf_id], where: { owner: $jwt.sub } } }
      stocked: { select: { columns: [id, title, shelf_id], where: { stock: { _gt: 2 } }, limit: 1 } }
      staff: { select: true, insert: true, update: true }
  loans:
    permissions:
      staff: { select: true }
functions:
  label: { permissions: { member: { execute: true }, staff: { execute: true } } }
  worth: { permissions: { staff: { execute: true } } }
  facts: { permissions: { staff: { execute: true } } }
  secret_cost: {}
  neighbours: { permissions: { member: { execute: true }, staff: { execute: true }, visitor: { execute: true } } }
  place: { permissions: { staff: { execute: true }, visitor: { execute: true } } }
  fails_on_4: { permissions: { member: { execute: true } } }
  books_over: { permissions: { member: { execute: true }, staff: { execute: true } } }
  find_book: { permissions: { member: { execute: true }, staff: { execute: true } } }
  add_up: { permissions: { visitor: { execute: true }, staff: { execute: true } } }
  words: { permissions: { staff: { execute: true } } }
  who: { permissions: { staff: { execute: true }, visitor: { execute: true } } }
  counted: { permissions: { staff: { execute: true } } }
  mixed: { permissions: { staff: { execute: true } } }
  either: { permissions: { staff: { execute: true } } }
  take_json: { permissions: { staff: { execute: true } } }
  take_list: { permissions: { staff: { execute: true } } }
  whole: { permissions: { staff: { execute: true } } }
  not_allowed: {}
  shelve: { permissions: { staff: { execute: true } } }
  tick: { permissions: { staff: { execute: true } } }
  boom: { permissions: { staff: { execute: true } } }
`,
};
