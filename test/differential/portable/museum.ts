/** The museum as far as all three engines have its types: the same tables, rows and names, in the words of each. */
import type { Words } from '../../portable-sql.ts';
import { kindsSql, styles } from './kinds.ts';

const tags = ['sea', 'old', 'wood'] as const;

/** @param stock the schema beside the first: a database of its own where a database is a schema */
function tables(words: Words, stock: string): string {
  const { quote, serial, text, name, json } = words;
  return `
${words.engine === 'postgres' ? 'create extension citext;' : ''}
${words.labelType('style', styles)}
${words.labelType('tag', tags)}
create table countries (
  code ${name.replace('varchar(100)', 'char(2)')} primary key,
  name ${name} not null,
  constraint countries_name_key unique (name)
);
create table artists (
  id ${serial},
  name ${text} not null,
  country_code ${name.replace('varchar(100)', 'char(2)')},
  mentor_id int,
  born date,
  style ${words.oneOf('style', styles)},
  fame decimal(5,2) not null default 1,
  constraint artists_country_code_fkey foreign key (country_code) references countries (code),
  constraint artists_mentor_id_fkey foreign key (mentor_id) references artists (id)
);
create table rooms (wing ${name}, no int, name ${text}, area decimal(6,1), primary key (wing, no));
create table works (
  id ${serial},
  title ${text} not null,
  artist_id int not null,
  restorer_id int,
  wing ${name},
  room_no int,
  price decimal(12,2),
  year int,
  tags ${words.someOf('tag', tags)},
  meta ${json},
  note ${json},
  inventory ${name},
  added ${words.timestamptz.replace(' null', '')} not null default '2024-01-02 03:04:05.123456',
  upper_title ${text} generated always as (upper(title)) stored,
  constraint works_artist_id_fkey foreign key (artist_id) references artists (id),
  constraint works_restorer_id_fkey foreign key (restorer_id) references artists (id),
  constraint works_price_check check (price >= 0),
  constraint works_inventory_key unique (inventory),
  constraint works_room_fkey foreign key (wing, room_no) references rooms (wing, no)
);
create table work_details (
  work_id int primary key,
  weight decimal(10,1),
  material ${text},
  constraint work_details_work_id_fkey foreign key (work_id) references works (id) on delete cascade
);
create table themes (id int primary key, label ${text} not null);
create table work_themes (
  work_id int,
  theme_id int,
  primary key (work_id, theme_id),
  constraint work_themes_work_id_fkey foreign key (work_id) references works (id) on delete cascade,
  constraint work_themes_theme_id_fkey foreign key (theme_id) references themes (id)
);
create table museums (id int primary key, name ${text} not null, city ${text});
create table loans (
  id ${serial},
  work_id int not null,
  from_id int,
  to_id int,
  fee decimal(10,2),
  constraint loans_work_id_fkey foreign key (work_id) references works (id) on delete cascade,
  constraint loans_from_id_fkey foreign key (from_id) references museums (id),
  constraint loans_to_id_fkey foreign key (to_id) references museums (id)
);
create table visits (
  id ${serial.replace(/^int/, 'bigint').replace('by default', 'always')},
  visitor ${words.uuid} not null default '00000000-0000-0000-0000-000000000001',
  at ${words.timestamp} not null default '2024-05-06 07:08:09',
  wing ${name},
  room_no int,
  paid decimal(30,10),
  guided bool default true,
  constraint visits_wing_room_no_fkey foreign key (wing, room_no) references rooms (wing, no)
);
create table notes (body ${text}, ${quote('rank')} int);
create table journal (id ${serial}, author ${text}, method ${text}, entry ${text} not null);
create table numbers (n int primary key, half decimal(10,1) not null, word ${text}, grp int not null);
${measures(words)}
create table ${quote('we ird')} (
  ${quote('a.b')} int primary key, ${quote('__proto__')} ${text}, ${quote('sel,ect')} ${text}, ${quote('order')} int, ${quote('☺')} ${text}
);
create table ${stock}.stores (id int primary key, name ${text});
create table ${stock}.items (
  id int primary key, label ${text}, amount int not null default 0, store_id int,
  constraint items_store_id_fkey foreign key (store_id) references ${stock}.stores (id)
);
create view priced_works as select id, title, artist_id, price from works where price is not null;
create view room_areas as select wing, sum(area) as area, count(*) as rooms from rooms group by wing;
${claimsTrigger(words)}
`;
}

/** A partition for each of two years, and none for others. */
function measures({ engine, double }: Words): string {
  const table = `create table measures (taken date, no int, value ${double}, primary key (taken, no)) partition by range`;
  if (engine !== 'postgres')
    return `${table} columns (taken) (
  partition measures_2023 values less than ('2024-01-01'), partition measures_2024 values less than ('2025-01-01')
);`;
  return `${table} (taken);
create table measures_2023 partition of measures for values from ('1000-01-01') to ('2024-01-01');
create table measures_2024 partition of measures for values from ('2024-01-01') to ('2025-01-01');`;
}

/** What a default cannot ask for everywhere, a trigger can: who writes, and how. */
function claimsTrigger({ engine }: Words): string {
  if (engine !== 'postgres')
    return `create trigger journal_claims before insert on journal for each row set
  new.author = coalesce(new.author, json_unquote(json_extract(@novastack_claims, '$.sub'))),
  new.method = coalesce(new.method, json_unquote(json_extract(@novastack_request, '$.method')));`;
  return `create function journal_claims() returns trigger language plpgsql as $$ begin
  new.author := coalesce(new.author, current_setting('request.jwt.claims', true)::json->>'sub');
  new.method := coalesce(new.method, current_setting('request.method', true));
  return new; end $$;
create trigger journal_claims before insert on journal for each row execute function journal_claims();`;
}

function rows({ quote, someLabels }: Words, stock: string): string {
  const numbers = Array.from({ length: 250 }, (_, at) => at + 1).map(
    (n) => `(${n}, ${n / 2}, 'word ${n}', ${n % 7})`,
  );
  return `
insert into countries values ('FR', 'France'), ('TR', 'Türkiye'), ('US', 'United States');
insert into artists (name, country_code, mentor_id, born, style, fame) values
  ('Ann', 'FR', null, '1900-01-31', 'oil', 9.50),
  ('Bob', null, 1, null, 'ink', 3),
  ('Cem', 'TR', 1, '1955-12-01', 'clay', 7.25),
  ('Dee, "D"', 'FR', 3, '1980-02-29', null, 1);
insert into rooms values ('north', 1, 'Hall', 120.5), ('north', 2, null, 40), ('south', 1, 'Cellar (old)', 99.9);
insert into works (title, artist_id, restorer_id, wing, room_no, price, year, tags, meta, note, inventory) values
  ('Alpha ships', 1, 2, 'north', 1, 10.50, 1921, ${someLabels(['sea', 'old'])}, '{"a": {"b": [1, 2.5, "x"]}, "n": 7, "s": "t", "z": null}', '{"k": 1}', 'A-1'),
  ('Beta ship', 1, null, 'north', 2, 20, 1930, ${someLabels(['sea'])}, '{"a": {"b": []}, "n": 12, "s": "u"}', null, 'B-2'),
  ('Gamma', 2, 3, 'south', 1, null, null, ${someLabels([])}, '"text"', '[1, 2]', 'G*3'),
  ('Delta rays', 3, null, null, null, 5.25, 1999, null, null, null, null),
  ('Épsilon "quoted", etc.', 3, 1, 'north', 1, 10.50, 2001, ${someLabels(['wood'])}, '[{"n": 1}, {"n": 2}]', 'null', 'E(5)');
insert into work_details values (1, 12.5, 'canvas'), (3, null, 'paper');
insert into themes values (1, 'water'), (2, 'war'), (3, 'light');
insert into work_themes values (1, 1), (1, 2), (2, 1), (5, 3);
insert into museums values (1, 'Louvre', 'Paris'), (2, 'Pera', 'İstanbul'), (3, 'Met', 'New York');
insert into loans (work_id, from_id, to_id, fee) values (1, 1, 2, 1000), (1, 2, 3, 12.5), (2, 3, null, null);
insert into visits (visitor, wing, room_no, paid, guided) values
  (default, 'north', 1, 10, true), ('00000000-0000-0000-0000-0000000000ff', 'north', 1, 7.5, false), (default, 'south', 1, null, null);
insert into notes values ('first', 1), ('second', 2), ('second', 2), (null, null);
insert into journal (author, method, entry) values ('u1', 'POST', 'opened');
insert into numbers values ${numbers.join(', ')};
insert into measures values ('2023-05-01', 1, 1.5), ('2023-05-01', 2, -0.25), ('2024-05-01', 1, 1e20);
insert into ${quote('we ird')} values (1, 'p', 's', 3, 'smile'), (2, null, 'a"b\\\\c', null, '☺');
insert into ${stock}.stores values (1, 'Attic');
insert into ${stock}.items values (1, 'frame', 5, 1), (2, 'glass', 0, null);
`;
}

export function museumSql(words: Words, stock: string): string {
  return `${words.begin}\n${tables(words, stock)}${rows(words, stock)}${kindsSql(words)}`;
}

/** Tables that cases write to, each before those that refer to it. */
export const writable = (stock: string): readonly string[] => [
  'countries', 'artists', 'rooms', 'works', 'work_details', 'themes', 'work_themes', 'museums', 'loans', 'visits',
  'notes', 'journal', 'measures', 'we ird', 'kinds', 'numbers', `${stock}.stores`, `${stock}.items`,
]; // biome-ignore format: a list
