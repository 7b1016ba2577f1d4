create table reviews (
  id bigint generated always as identity primary key,
  book_id integer not null references books (id) on delete cascade,
  customer_id bigint not null references customers (id),
  rating smallint not null check (rating between 1 and 5),
  title text not null check (char_length(title) <= 120),
  body text,
  approved boolean not null default false,
  moderator_note text,
  created_at timestamptz not null default now(),
  edited_at timestamptz,
  unique (book_id, customer_id)
);
create index reviews_customer_id on reviews (customer_id);
comment on table reviews is 'What customers say about books they ordered.';
comment on column reviews.rating is 'Stars, 1 to 5.';
comment on column reviews.approved is 'Read by staff and shown to everyone.';

create view book_ratings as
  select book_id, count(*) as reviews, round(avg(rating), 2) as stars, max(created_at) as latest
  from reviews
  where approved
  group by book_id;
comment on view book_ratings is 'Approved reviews of each book, counted.';
comment on column book_ratings.stars is 'Average rating, two decimals.';
