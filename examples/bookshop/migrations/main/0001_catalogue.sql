create table publishers (
  id integer generated always as identity primary key,
  name text not null unique,
  city text not null,
  country text not null check (country ~ '^[A-Z]{2}$'),
  founded smallint check (founded between 1400 and 2100),
  contact_email text
);
comment on table publishers is 'Houses whose books we carry.';
comment on column publishers.country is 'ISO 3166-1 alpha-2.';
comment on column publishers.contact_email is 'Of their sales desk; for staff.';

create table authors (
  id integer generated always as identity primary key,
  name text not null,
  country text check (country ~ '^[A-Z]{2}$'),
  born_on date,
  biography text
);
create index authors_name on authors (name);
comment on table authors is 'People who wrote the books.';
comment on column authors.country is 'Where the author lives, ISO 3166-1 alpha-2.';

create table books (
  id integer generated always as identity primary key,
  isbn text not null unique check (isbn ~ '^97[89][0-9]{10}$'),
  title text not null check (btrim(title) <> ''),
  subtitle text,
  author_id integer not null references authors (id),
  publisher_id integer references publishers (id) on delete set null,
  sequel_of_id integer references books (id) check (sequel_of_id <> id),
  language text not null default 'en' check (language ~ '^[a-z]{2}$'),
  pages integer check (pages > 0),
  price numeric(8, 2) not null check (price >= 0),
  cost numeric(8, 2) not null default 0 check (cost >= 0),
  stock integer not null default 0 check (stock >= 0),
  published boolean not null default false,
  published_on date,
  details jsonb not null default '{}',
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  check (not published or published_on is not null)
);
create index books_author_id on books (author_id);
create index books_publisher_id on books (publisher_id);
create index books_sequel_of_id on books (sequel_of_id);
comment on table books is 'What we sell: one row for each edition.';
comment on column books.isbn is 'ISBN-13, digits only.';
comment on column books.language is 'ISO 639-1.';
comment on column books.price is 'In euro, taxes included.';
comment on column books.cost is 'What we pay for a copy, in euro.';
comment on column books.stock is 'Copies on our shelves.';
comment on column books.published is 'Shown in the shop.';
comment on column books.details is 'Binding, size in millimetres, translator, awards: what not every book has.';

create table tags (
  id integer generated always as identity primary key,
  slug text not null unique check (slug ~ '^[a-z][a-z-]*$'),
  name text not null
);
comment on table tags is 'Subjects and moods to browse by.';

create table book_tags (
  book_id integer not null references books (id) on delete cascade,
  tag_id integer not null references tags (id) on delete cascade,
  primary key (book_id, tag_id)
);
create index book_tags_tag_id on book_tags (tag_id);
comment on table book_tags is 'Which book carries which tag.';
