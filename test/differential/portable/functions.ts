/** The functions of the differential test that can be written for all three engines. */
import type { Words } from '../../portable-sql.ts';
import { styles } from './kinds.ts';

interface Portable {
  /** Arguments with their types, in the words of the engine. */
  readonly given: (words: Words) => string;
  readonly gives: (words: Words) => string;
  /** An expression of Postgres, and one of MySQL where it is another. */
  readonly postgres: string;
  readonly mysql?: string;
  /** `immutable` by default. */
  readonly reads?: boolean;
}

const plain = (given: string, gives: string, postgres: string, mysql = postgres): Portable => ({
  given: () => given,
  gives: () => gives,
  postgres,
  mysql,
});

const claim = (name: string) => `json_unquote(json_extract(@novastack_claims, '$.${name}'))`;
const fact = (path: string) => `json_unquote(json_extract(@novastack_request, ${path}))`;

/** What is worked out of arguments and settings, and gives one value. */
const scalars = (stock: string): Readonly<Record<string, Portable>> => ({
  add: plain('a int, b int', 'int', 'a + b'),
  greet: plain('name varchar(100)', 'varchar(200)', "'Hello, ' || name", "concat('Hello, ', name)"),
  area: plain('w int, h int', 'int', 'w * h'),
  part_of: {
    given: ({ json }) => `doc ${json}, key_name varchar(50)`,
    gives: ({ json }) => json,
    postgres: 'doc->key_name',
    mysql: `json_extract(doc, concat('$."', key_name, '"'))`,
  },
  day_after: plain('day date', 'date', 'day + 1', 'day + interval 1 day'),
  twice: plain('n decimal(40,10)', 'decimal(40,10)', '(n * 2)::decimal(40,10)', 'n * 2'),
  nothing: plain('', 'int', 'null::int', 'null'),
  truth: plain('', 'bool', 'true'),
  doc_of: { given: () => '', gives: ({ json }) => json, postgres: `'{"a": [1, 2.5]}'::jsonb`, mysql: `'{"a": [1, 2.5]}'` },
  subject: { ...plain('', 'varchar(100)', `current_setting('request.jwt.claims', true)::json->>'sub'`, claim('sub')), reads: true },
  method: { ...plain('', 'varchar(100)', `current_setting('request.method', true)`, fact("'$.method'")), reads: true },
  header: {
    ...plain(
      'name varchar(100)',
      'varchar(100)',
      `current_setting('request.headers', true)::json->>name`,
      fact(`concat('$.headers."', name, '"')`),
    ),
    reads: true,
  },
  divide: plain('a int, b int', 'int', 'a / b', 'a div b'),
  'odd name': {
    given: ({ quote }) => `${quote('a b')} int, ${quote('c.d')} varchar(10)`,
    gives: () => 'varchar(30)',
    postgres: '"a b" || "c.d"',
    mysql: 'concat(`a b`, `c.d`)',
  },
  [`${stock}.total`]: {
    ...plain('', 'bigint', `(select sum(amount) from ${stock}.items)`),
    reads: true,
  },
}); // biome-ignore format: one function a line

const volatility = (reads: boolean | undefined, { engine }: Words) =>
  engine === 'postgres'
    ? reads
      ? 'stable'
      : 'immutable'
    : reads
      ? 'reads sql data'
      : 'deterministic no sql';

function scalarSql(words: Words, name: string, { given, gives, postgres, mysql, reads }: Portable): string {
  const quoted = name.includes('.') ? name : words.quote(name);
  const head = `create function ${quoted}(${given(words)}) returns ${gives(words)} ${volatility(reads, words)}`;
  return words.engine === 'postgres'
    ? `${head} language sql as $$ select ${postgres} $$;`
    : `${head} return ${mysql ?? postgres};`;
}

/** What gives rows or writes: functions in Postgres, procedures in the others. */
const postgresRoutines = (stock: string) => `
create function in_style(wanted style) returns setof artists language sql stable
  as 'select * from artists where style = wanted order by id';
create function works_from(min_price numeric) returns setof works language sql stable
  as 'select * from works where price >= min_price order by id';
create function names() returns setof text language sql stable as 'select name from artists order by id';
create function no_rows() returns setof int language sql immutable as 'select 1 where false';
create function quiet() returns void language sql stable as 'select';
create function rename_artist(artist_id int, new_name text) returns void language sql
  as 'update artists set name = new_name where id = artist_id';
create function add_theme(id int, label text) returns setof themes language sql
  as 'insert into themes values (id, label) returning *';
create function fail_plain() returns void language plpgsql as $$ begin raise 'No: 7'; end $$;
create function fail_own() returns void language plpgsql as $$ begin
  raise exception 'Own' using errcode = 'XY123'; end $$;
create function fail_rights() returns void language plpgsql as $$ begin
  raise exception 'Closed' using errcode = '42501'; end $$;
create function fail_pt() returns void language plpgsql as $$ begin
  raise sqlstate 'PT402' using message = 'Payment required'; end $$;
create function ${stock}.restock(item int, added int) returns void language sql
  as 'update ${stock}.items set amount = amount + added where id = item';
`;

const mysqlRoutines = (stock: string) => `
create procedure in_style(wanted enum(${styles.map((style) => `'${style}'`).join(', ')})) reads sql data
  select * from artists where style = wanted order by id;
create procedure works_from(min_price decimal(12,2)) reads sql data
  select * from works where price >= min_price order by id;
create procedure names() reads sql data select name from artists order by id;
create procedure no_rows() reads sql data select 1 from artists where false;
create procedure quiet() reads sql data begin end;
create procedure rename_artist(artist_id int, new_name text) modifies sql data
  update artists set name = new_name where id = artist_id;
create procedure add_theme(id int, label text) modifies sql data
  begin insert into themes values (id, label); select * from themes t where t.id = id; end;
create procedure fail_plain() signal sqlstate '45000' set message_text = 'No: 7';
create procedure fail_own() signal sqlstate 'XY123' set message_text = 'Own';
create procedure fail_rights() signal sqlstate '42501' set message_text = 'Closed';
create procedure fail_pt() signal sqlstate 'PT402' set message_text = 'Payment required';
create procedure ${stock}.restock(item int, added int) modifies sql data
  update ${stock}.items set amount = amount + added where id = item;
`;

export function functionsSql(words: Words, stock: string): string {
  const made = Object.entries(scalars(stock)).map(([name, one]) => scalarSql(words, name, one));
  return `${made.join('\n')}${words.engine === 'postgres' ? postgresRoutines(stock) : mysqlRoutines(stock)}`;
}

/** Functions as the API names them. */
export const functionNames = (stock: string): readonly string[] => [
  ...Object.keys(scalars(stock)),
  'in_style', 'works_from', 'names', 'no_rows', 'quiet', 'rename_artist', 'add_theme',
  'fail_plain', 'fail_own', 'fail_rights', 'fail_pt', `${stock}.restock`,
]; // biome-ignore format: a list
