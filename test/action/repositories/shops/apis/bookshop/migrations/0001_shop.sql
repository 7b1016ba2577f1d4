create type order_status as enum ('open', 'paid', 'sent');

create table authors (
  id integer generated always as identity primary key,
  name text not null,
  country text
);

create table books (
  id integer generated always as identity primary key,
  isbn text not null unique,
  title text not null,
  price numeric(8, 2) not null,
  author_id integer not null references authors,
  published boolean not null default false
);

create table customers (
  id bigint generated always as identity primary key,
  name text not null,
  email text not null unique,
  born_on date
);

create table orders (
  id bigint generated always as identity primary key,
  customer_id bigint not null references customers,
  book_id integer not null references books,
  status order_status not null default 'open',
  placed_at timestamptz not null default now()
);
