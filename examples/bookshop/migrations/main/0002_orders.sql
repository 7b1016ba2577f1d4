create type order_status as enum ('placed', 'paid', 'packed', 'shipped', 'delivered', 'cancelled');
comment on type order_status is 'The way of an order.';

create table customers (
  id bigint generated always as identity primary key,
  name text not null,
  email text not null unique check (email like '%_@_%'),
  city text,
  country text check (country ~ '^[A-Z]{2}$'),
  born_on date,
  points bigint not null default 0 check (points >= 0),
  internal_note text,
  joined_at timestamptz not null default now()
);
comment on table customers is 'People with an account.';
comment on column customers.points is 'Loyalty points: one for each euro spent.';
comment on column customers.internal_note is 'What the desk should know. Never leaves the shop.';

create table orders (
  id bigint generated always as identity primary key,
  customer_id bigint not null references customers (id),
  status order_status not null default 'placed',
  note text,
  placed_at timestamptz not null default now(),
  shipped_at timestamptz,
  check (shipped_at >= placed_at)
);
create index orders_customer_id on orders (customer_id);
comment on table orders is 'What customers ordered, with its way to them.';
comment on column orders.note is 'A wish of the customer, such as gift wrapping.';

create table order_lines (
  order_id bigint not null references orders (id) on delete cascade,
  line_no smallint not null check (line_no > 0),
  book_id integer not null references books (id),
  quantity integer not null default 1 check (quantity between 1 and 99),
  unit_price numeric(8, 2) not null check (unit_price >= 0),
  amount numeric(10, 2) generated always as (quantity * unit_price) stored,
  primary key (order_id, line_no)
);
create index order_lines_book_id on order_lines (book_id);
comment on table order_lines is 'The books of an order.';
comment on column order_lines.unit_price is 'The price of the book when it was ordered.';

-- A line takes its price from the book unless one is given.
create function order_lines_take_price() returns trigger language plpgsql as $$
begin
  if new.unit_price is null then
    select price into new.unit_price from books where id = new.book_id;
  end if;
  return new;
end
$$;
create trigger order_lines_take_price before insert on order_lines
  for each row execute function order_lines_take_price();
