/** The rows of the portable museum as text that is the same for equal rows on every engine, and put back between writes. */

import { words } from '../../portable-sql.ts';
import { type Admin, openAdmin, type TestEngine } from '../../servers/identity.ts';
import type { Kept } from '../kept.ts';

interface Table {
  /** As SQL writes it. */
  readonly sql: string;
  readonly copy: string;
  readonly columns: readonly Column[];
  /** The next number that the database counts up to; undefined: it counts none. */
  readonly counter: Counter | undefined;
}

interface Column {
  readonly sql: string;
  /** Type as information_schema has it. */
  readonly type: string;
  readonly generated: boolean;
}

interface Counter {
  readonly column: string;
  readonly next: string;
}

/** @param tables names (`items`, `stock.items`), each before those that refer to it */
export async function keepPortable(
  url: string,
  engine: TestEngine,
  tables: readonly string[],
): Promise<Kept> {
  const admin = await openAdmin(url);
  const own = decodeURIComponent(new URL(url).pathname.slice(1));
  await admin.query(
    engine === 'postgres'
      ? "set timezone = 'UTC'; set extra_float_digits = 1; create schema kept"
      : "set time_zone = '+00:00'; set foreign_key_checks = 0",
  );
  if (engine === 'mysql') await admin.query('set information_schema_stats_expiry = 0');
  const known: Table[] = [];
  for (const [at, name] of tables.entries()) known.push(await readTable(admin, engine, own, name, at));
  for (const { copy, sql } of known) await admin.query(`create table ${copy} as select * from ${sql}`);
  const read = known.map((table, at) => lines(engine, table, at)).join(' union all ');
  const state = async () =>
    (await admin.query(read))
      .map((row) => told(row, known))
      .sort()
      .join('\n');
  const start = await state();
  return {
    settle: async () => {
      const found = await state();
      if (found !== start)
        await admin.query(
          known
            .map(({ sql }) => `delete from ${sql};`)
            .toReversed()
            .join('\n'),
        );
      if (found !== start) await admin.query(known.map(restore).join('\n'));
      await count(admin, engine, own, tables, known);
      return found;
    },
    close: () => admin.close(),
  };
}

function restore({ sql, copy, columns }: Table): string {
  const names = columns.filter(({ generated }) => !generated).map(({ sql }) => sql);
  return `insert into ${sql} (${names.join(', ')}) ${copy.startsWith('kept.') ? 'overriding system value ' : ''}select ${names.join(', ')} from ${copy};`;
}

async function readTable(
  admin: Admin,
  engine: TestEngine,
  own: string,
  name: string,
  at: number,
): Promise<Table> {
  const { quote } = words[engine];
  const [schema, table] = placeOf(engine, own, name);
  const isPostgres = engine === 'postgres';
  const rows = await admin.query(
    isPostgres
      ? `select column_name as name, udt_name as type, is_generated = 'ALWAYS' as made, is_identity = 'YES' as counted
        from information_schema.columns where table_schema = $1 and table_name = $2 order by ordinal_position`
      : `select column_name as name, if(column_type like 'tinyint(1)%', 'bool', data_type) as type,
        generation_expression <> '' as made, extra like '%auto_increment%' as counted
        from information_schema.columns where table_schema = ? and table_name = ? order by ordinal_position`,
    [schema, table],
  );
  const columns = rows.map((row) => ({
    sql: quote(String(row.name)),
    type: String(row.type),
    generated: Boolean(Number(row.made)),
  }));
  const counted = rows.find((row) => Boolean(Number(row.counted)));
  return {
    sql: `${quote(schema)}.${quote(table)}`,
    copy: isPostgres ? `kept.t${at}` : `kept_t${at}`,
    columns,
    counter:
      counted === undefined
        ? undefined
        : {
            column: quote(String(counted.name)),
            next: await nextOf(admin, engine, schema, table, String(counted.name)),
          },
  };
}

function placeOf(engine: TestEngine, own: string, name: string): readonly [string, string] {
  const dot = name.indexOf('.');
  if (dot > 0) return [name.slice(0, dot), name.slice(dot + 1)];
  return [engine === 'postgres' ? 'public' : own, name];
}

async function nextOf(
  admin: Admin,
  engine: TestEngine,
  schema: string,
  table: string,
  column: string,
): Promise<string> {
  const [row] =
    engine === 'postgres'
      ? await admin.query('select nextval(pg_get_serial_sequence($1, $2)) as next', [
          `"${schema}"."${table}"`,
          column,
        ])
      : await admin.query(
          'select auto_increment as next from information_schema.tables where table_schema = ? and table_name = ?',
          [schema, table],
        );
  return String(row?.next);
}

/** Sets back what counts up. Where that is a change of the table it is done only where something was counted. */
async function count(
  admin: Admin,
  engine: TestEngine,
  own: string,
  names: readonly string[],
  known: readonly Table[],
): Promise<void> {
  const counting = known.flatMap(({ sql, counter }, at) =>
    counter === undefined ? [] : [{ sql, counter, at }],
  );
  if (engine === 'postgres') {
    const parts = counting.map(
      ({ sql, counter }) =>
        `setval(pg_get_serial_sequence('${sql}', '${counter.column.slice(1, -1)}'), ${counter.next}, false)`,
    );
    await admin.query(`select ${parts.join(', ')}`);
    return;
  }
  const now = await admin.query(
    `select concat(table_name) as name, auto_increment as next from information_schema.tables
    where table_schema = ? and auto_increment is not null`,
    [own],
  );
  const next = new Map(now.map((row) => [String(row.name), String(row.next)]));
  const moved = counting.filter(({ counter, at }) => next.get(names[at]!) !== counter.next);
  for (const { sql, counter } of moved)
    await admin.query(`alter table ${sql} auto_increment = ${counter.next}`);
}

const nothing = '\u0001';
const between = '\u0002';

/** Every row as its table's number and one text of all columns. */
function lines(engine: TestEngine, { sql, columns }: Table, at: number): string {
  const cells = columns.map((column) => `coalesce(${textOf(engine, column)}, '${nothing}')`);
  return engine === 'postgres'
    ? `select ${at} as t, concat_ws('${between}', ${cells.join(', ')}) as line from ${sql}`
    : `select ${at} as t, cast(concat_ws('${between}', ${cells.join(', ')}) as char character set utf8mb4) collate utf8mb4_bin as line from ${sql}`;
}

function textOf(engine: TestEngine, { sql, type }: Column): string {
  if (engine === 'postgres') return `${sql}::text`;
  if (type === 'blob') return `concat('\\\\x', lower(hex(${sql})))`;
  if (type === 'bit') return `lpad(bin(${sql} + 0), 4, '0')`;
  if (type === 'set') return `concat('{', ${sql}, '}')`;
  return `convert(cast(${sql} as char) using utf8mb4)`;
}

/** One text for equal values, however an engine writes them. */
function told(row: Readonly<Record<string, unknown>>, known: readonly Table[]): string {
  const { sql, columns } = known[Number(row.t)]!;
  const cells = String(row.line).split(between);
  const name = sql.replace(/["`]/g, '').split('.').at(-1);
  return `${name}: ${cells.map((cell, at) => (cell === nothing ? 'null' : plain(cell, columns[at]!.type))).join(' | ')}`;
}

function plain(cell: string, type: string): string {
  switch (type) {
    case 'bool':
      return String(['t', 'true', '1'].includes(cell));
    case 'json':
    case 'jsonb':
    case 'longtext':
      return sorted(JSON.parse(cell));
    case 'float4':
    case 'float8':
    case 'float':
    case 'double':
      return String(Number(cell));
    case 'bpchar':
      return cell.trimEnd();
    case 'time':
    case 'timestamp':
    case 'timestamptz':
    case 'datetime':
      return cell
        .replace(/\+00$/, '')
        .replace(/\.?0*$/, (end) => (end.startsWith('.') ? '' : end))
        .replace(/(\.\d*?)0+$/, '$1');
    default:
      return cell;
  }
}

function sorted(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(sorted).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const entries = Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1));
  return `{${entries.map(([key, part]) => `${JSON.stringify(key)}:${sorted(part)}`).join(',')}}`;
}
