/** The rows of a database as they were at the start: told whether they still are, and put back between writes. */
import { type Admin, openAdmin } from '../servers/identity.ts';

export interface Kept {
  /** Puts back every row and every sequence. Gives the rows as they were before, one text, the same for equal rows. */
  settle(): Promise<string>;
  close(): Promise<void>;
}

/** @param tables each before those that refer to it */
export async function keepRows(url: string, tables: readonly string[]): Promise<Kept> {
  const admin = await openAdmin(url);
  const columns = new Map<string, string>();
  for (const table of tables) columns.set(table, await columnsOf(admin, table));
  const copies = tables.map(
    (table, at) => `create table kept.t${at} as select row_number() over () as kept_no, * from ${table};`,
  );
  await admin.query(`create schema kept; ${copies.join('\n')}`);
  const states = tables.map(
    (table) => `(select string_agg(t::text, E'\\n' order by t::text) from ${table} t)`,
  );
  const deletes = tables.toReversed().map((table) => `delete from ${table};`);
  const inserts = tables.map(
    (table, at) =>
      `insert into ${table} (${columns.get(table)}) overriding system value ` +
      `select ${columns.get(table)} from kept.t${at} order by kept_no;`,
  );
  const sequences = await sequencesOf(admin);
  await admin.query(
    `create function kept.state() returns text language sql as $$ select concat_ws(E'\\f', ${states.join(',\n')}) $$;
    create table kept.start as select kept.state() as state;
    create function kept.settle() returns text language plpgsql as $$
      declare found text := kept.state();
      begin
        if found <> (select state from kept.start) then ${[...deletes, ...inserts].join('\n')} end if;
        ${sequences}
        return found;
      end $$`,
  );
  return {
    settle: async () => String((await admin.query('select kept.settle() as state'))[0]?.state),
    close: () => admin.close(),
  };
}

/** A generated column takes no value. */
async function columnsOf(admin: Admin, table: string): Promise<string> {
  const rows = await admin.query(
    `select string_agg(quote_ident(attname), ', ' order by attnum) as names from pg_attribute
    where attrelid = $1::regclass and attnum > 0 and not attisdropped and attgenerated = ''`,
    [table],
  );
  return String(rows[0]?.names);
}

async function sequencesOf(admin: Admin): Promise<string> {
  const rows = await admin.query(
    `select format('perform setval(%L, %s, %L);', format('%I.%I', schemaname, sequencename),
      coalesce(last_value, start_value), last_value is not null) as text from pg_sequences`,
  );
  return rows.map(({ text }) => text).join('\n');
}
