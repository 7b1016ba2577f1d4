/** The functions of the differential test: every kind of argument, of result and of error. */

export const functionsSql = `
create function add(a int, b int default 10) returns int language sql immutable as 'select a + b';
create function greet(name text) returns text language sql stable as $$ select 'Hello, ' || name $$;
create function area(w int) returns int language sql immutable as 'select w * w';
create function area(w int, h int) returns int language sql immutable as 'select w * h';
create function total(variadic nums int[]) returns bigint language sql immutable as 'select sum(n) from unnest(nums) n';
create function sum_list(nums int[]) returns bigint language sql immutable as 'select sum(n) from unnest(nums) n';
create function join_texts(parts text[], glue text default ',') returns text language sql immutable
  as 'select array_to_string(parts, glue)';
create function whole_json(json) returns json language sql immutable as 'select $1';
create function whole_jsonb(jsonb) returns jsonb language sql immutable as 'select $1';
create function whole_text(text) returns text language sql immutable as 'select upper($1)';
create function whole_bytes(bytea) returns int language sql immutable as 'select length($1)';
create function part_of(doc json, key text) returns json language sql immutable as 'select doc->key';
create function move_in(home address) returns address language sql immutable as 'select home';
create function floors(homes address[]) returns bigint language sql immutable as 'select sum(floor) from unnest(homes)';
create function in_style(wanted style) returns setof artists language sql stable
  as 'select * from artists where style = wanted order by id';
create function day_after(day date) returns date language sql immutable as 'select day + 1';
create function in_range(r int4range, n int) returns bool language sql immutable as 'select r @> n';
create function twice(n numeric) returns numeric language sql immutable as 'select n * 2';
create function artist_of(work int) returns artists language sql stable
  as 'select a.* from artists a join works w on w.artist_id = a.id where w.id = work';
create function works_from(min_price numeric default 0) returns setof works language sql stable
  as 'select * from works where price >= min_price order by id';
create function names() returns setof text language sql stable as 'select name from artists order by id';
create function counts() returns setof int language sql immutable as 'select * from generate_series(1, 5)';
create function no_rows() returns setof int language sql immutable as 'select 1 where false';
create function pairs(n int default 2) returns table (k int, label text) language sql immutable
  as $$ select i, 'label ' || i from generate_series(1, n) i $$;
create function minmax(out lowest numeric, out highest numeric) language sql stable
  as 'select min(price), max(price) from works';
create function swap(inout a int, inout b int) language sql immutable as 'select b, a';
create function homes() returns setof address language sql stable as 'select (home).* from artists where home is not null order by id';
create function nothing() returns int language sql immutable as 'select null::int';
create function no_artist() returns artists language sql stable as 'select * from artists where false';
create function truth() returns bool language sql immutable as 'select true';
create function list_of() returns int[] language sql immutable as 'select array[3,1,2]';
create function doc_of() returns jsonb language sql immutable as $$ select '{"a": [1, 2.50]}'::jsonb $$;
create function docs() returns setof json language sql immutable as $$ values ('{"a":1}'::json), ('[2]'), ('null') $$;
create function xml_of() returns xml language sql immutable as $$ select '<a/>'::xml $$;
create function styles() returns setof style language sql immutable as 'select unnest(enum_range(null::style))';
create function quiet() returns void language sql stable as 'select';
create function rename_artist(artist_id int, new_name text) returns void language sql
  as 'update artists set name = new_name where id = artist_id';
create function add_theme(id int, label text) returns themes language sql
  as 'insert into themes values (id, label) returning *';
create function drop_notes() returns setof notes language sql as 'delete from notes where rank = 2 returning *';
create function write_while_stable() returns int language plpgsql stable as $$ begin
  insert into themes values (9, 'x'); return 1; end $$;
create function who() returns jsonb language sql stable
  as $$ select current_setting('request.jwt.claims', true)::jsonb - 'role' - 'user' $$;
create function subject() returns text language sql stable
  as $$ select current_setting('request.jwt.claims', true)::json->>'sub' $$;
create function method() returns text language sql stable as $$ select current_setting('request.method', true) $$;
create function header(name text) returns text language sql stable
  as $$ select current_setting('request.headers', true)::json->>name $$;
create function teapot() returns json language plpgsql as $$ begin
  perform set_config('response.status', '418', true);
  perform set_config('response.headers', '[{"X-Pot": "tea"}, {"Cache-Control": "no-store"}]', true);
  return '{"pot": "tea"}'; end $$;
create function fail_pt() returns void language plpgsql as $$ begin
  raise sqlstate 'PT402' using message = 'Payment required', detail = 'Quota is used up', hint = 'Pay'; end $$;
create function fail_pt_stable() returns void language plpgsql stable as $$ begin
  raise sqlstate 'PT404' using message = 'No such thing'; end $$;
create function fail_plain() returns void language plpgsql as $$ begin raise 'No: %', 7; end $$;
create function fail_hinted() returns void language plpgsql as $$ begin
  raise exception 'Told' using detail = 'More', hint = 'Try'; end $$;
create function fail_own() returns void language plpgsql as $$ begin
  raise exception 'Own' using errcode = 'XY123', detail = 'D', hint = 'H'; end $$;
create function fail_rights() returns void language plpgsql as $$ begin
  raise exception 'Closed' using errcode = '42501'; end $$;
create function fail_whole() returns void language plpgsql as $$ begin
  raise sqlstate 'PGRST' using
    message = '{"code": "123", "message": "Ours", "details": "D", "hint": "H"}',
    detail = '{"status": 419, "status_text": "Odd", "headers": {"X-Odd": "yes"}}'; end $$;
create function fail_whole_badly() returns void language plpgsql as $$ begin
  raise sqlstate 'PGRST' using message = 'no json', detail = '{"status": 419}'; end $$;
create function divide(a int, b int) returns int language sql immutable as 'select a / b';
create function "odd name"("a b" int, "c.d" text default 'x') returns text language sql immutable
  as $$ select "a b" || "c.d" $$;
create function works_label(works) returns text language sql stable as $$ select $1.title || ' (' || coalesce($1.year::text, '?') || ')' $$;
create function century(works) returns int language sql immutable as $$ select $1.year / 100 + 1 $$;
create function siblings(works) returns setof works language sql stable
  as $$ select * from works where artist_id = $1.artist_id and id <> $1.id order by id $$;
create function maker(works) returns setof artists rows 1 language sql stable
  as $$ select * from artists where id = $1.artist_id $$;
create function unsure(v int) returns text language sql immutable as $$ select 'int' $$;
create function unsure(v text) returns text language sql immutable as $$ select 'text' $$;
create function one_of(a int, b int default 1) returns text language sql immutable as $$ select 'ab' $$;
create function one_of(a int, c text default 'x') returns text language sql immutable as $$ select 'ac' $$;
create function doc_or_args(json) returns text language sql immutable as $$ select 'json' $$;
create function doc_or_args(a int) returns text language sql immutable as $$ select 'a' $$;
create function echo(json) returns text language sql immutable as $$ select 'json' $$;
create function echo(text) returns text language sql immutable as $$ select 'text' $$;
create function echo(bytea) returns text language sql immutable as $$ select 'bytea' $$;
create function spread_out(a int, variadic rest text[] default '{}') returns text language sql immutable
  as $$ select a || array_to_string(rest, '+') $$;
create function slowly() returns int language sql volatile as 'select 1';
create function defined() returns text language sql stable security definer as $$ select current_setting('request.method', true) $$;
create function stock.total() returns bigint language sql stable as 'select sum(amount) from stock.items';
create function stock.restock(item int, by int) returns stock.items language sql
  as 'update stock.items set amount = amount + by where id = item returning *';
`;

/** Functions as the API names them. */
export const functionNames = [
  'add', 'greet', 'area', 'total', 'sum_list', 'join_texts', 'whole_json', 'whole_jsonb', 'whole_text', 'whole_bytes',
  'part_of', 'move_in', 'floors', 'in_style', 'day_after', 'in_range', 'twice', 'artist_of', 'works_from', 'names',
  'counts', 'no_rows', 'pairs', 'minmax', 'swap', 'homes', 'nothing', 'no_artist', 'truth', 'list_of',
  'doc_of', 'docs', 'xml_of', 'styles', 'quiet', 'rename_artist', 'add_theme', 'drop_notes', 'write_while_stable',
  'who', 'subject', 'method', 'header', 'teapot', 'fail_pt', 'fail_pt_stable', 'fail_plain', 'fail_hinted',
  'fail_own', 'fail_rights', 'fail_whole', 'fail_whole_badly', 'divide', 'odd name', 'works_label', 'century',
  'siblings', 'maker', 'unsure', 'one_of', 'doc_or_args', 'echo', 'spread_out', 'slowly', 'defined', 'stock.total', 'stock.restock',
] as const; // biome-ignore format: a list
