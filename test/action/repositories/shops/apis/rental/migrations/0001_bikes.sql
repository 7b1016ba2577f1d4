create table bikes (
  id integer generated always as identity primary key,
  name text not null,
  price numeric(8, 2)
);
