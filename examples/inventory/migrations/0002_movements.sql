create table inventory.movements (
  id bigint generated always as identity primary key,
  warehouse_code text not null,
  item_sku text not null,
  change numeric(12, 3) not null check (change <> 0),
  reason text not null,
  moved_at timestamptz(6) not null default now(),
  foreign key (warehouse_code, item_sku) references inventory.stock (warehouse_code, item_sku)
);
create index movements_stock on inventory.movements (warehouse_code, item_sku, moved_at);
comment on table inventory.movements is 'Every change of a stock, with its reason. Rows are added, never changed.';
