create schema inventory;

create table inventory.warehouses (
  code text primary key check (code ~ '^[A-Z]{3}$'),
  name text not null,
  city text not null,
  open_since date
);
comment on table inventory.warehouses is 'Where things are.';

create type inventory.unit as enum ('piece', 'box', 'metre', 'kilogram');

create table inventory.items (
  sku text primary key,
  name text not null,
  unit inventory.unit not null default 'piece',
  weight_kg numeric(9, 3) check (weight_kg > 0),
  purchase_price numeric(12, 4),
  discontinued boolean not null default false,
  replaced_by_sku text references inventory.items (sku)
);
comment on table inventory.items is 'What is kept in stock.';
comment on column inventory.items.purchase_price is 'Last price paid, in euro.';
comment on column inventory.items.replaced_by_sku is 'The item to offer when this one is gone.';

create table inventory.stock (
  warehouse_code text not null references inventory.warehouses (code),
  item_sku text not null references inventory.items (sku),
  quantity numeric(12, 3) not null default 0 check (quantity >= 0),
  minimum numeric(12, 3) not null default 0 check (minimum >= 0),
  counted_on date,
  primary key (warehouse_code, item_sku)
);
create index stock_item_sku on inventory.stock (item_sku);
comment on table inventory.stock is 'How much of an item a warehouse has.';
comment on column inventory.stock.minimum is 'Order more below this.';
