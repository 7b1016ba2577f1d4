/** A database as it stands, kept in another one beside it, and brought back in place. For its owner, alone in it. */
import type { Memory } from '../copies.ts';
import type { Pool } from '../dialect.ts';
import type { Connection } from './connection.ts';
import { quoted } from './notation.ts';

/** What scripts are run on: one session, a statement at a time, in the protocol that takes every statement. */
export type Session = Pick<Connection, 'script'>;

const tables = `
SELECT TABLE_NAME FROM information_schema.TABLES
 WHERE TABLE_SCHEMA = DATABASE() AND TABLE_TYPE = 'BASE TABLE' ORDER BY TABLE_NAME`;

/** Those that can be written; what others are computed from is among them. */
const columns = `
SELECT COLUMN_NAME FROM information_schema.COLUMNS
 WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = ? AND COALESCE(GENERATION_EXPRESSION, '') = ''
 ORDER BY ORDINAL_POSITION`;

const inserting = `
SELECT TRIGGER_NAME FROM information_schema.TRIGGERS
 WHERE TRIGGER_SCHEMA = DATABASE() AND EVENT_OBJECT_TABLE = ? AND EVENT_MANIPULATION = 'INSERT'
 ORDER BY ACTION_TIMING, ACTION_ORDER`;

interface KeptTable {
  readonly name: string;
  readonly kept: string;
  readonly columns: string;
  /** Fire when rows are put back, and are away meanwhile. */
  readonly triggers: readonly Trigger[];
}

interface Trigger {
  readonly name: string;
  readonly create: string;
  readonly sqlMode: string;
}

/** Of a table: what is in it, and the number that comes next. */
interface Signature {
  readonly checksum: string;
  readonly next: string | undefined;
}

/**
 * Copies every table of the session's database into `kept`, an empty database.
 *
 * @param session stays open as long as the memory is used
 */
export async function memoryIn(session: Session, kept: string): Promise<Memory> {
  await pin(session);
  const { rows } = await session.script(tables);
  const all: KeptTable[] = [];
  for (const [name] of rows) all.push(await keep(session, name!, kept));
  const signatures = await sign(session, all);
  return {
    async restore() {
      const now = await sign(session, all);
      const touched = all.filter(({ name }) => now.get(name)!.checksum !== signatures.get(name)!.checksum);
      for (const table of touched) await putBack(session, table);
      for (const { name } of all) {
        const { next } = signatures.get(name)!;
        const moved = touched.some((table) => table.name === name) || now.get(name)!.next !== next;
        if (next !== undefined && moved)
          await session.script(`ALTER TABLE ${quoted(name)} AUTO_INCREMENT = ${next}`);
      }
    },
  };
}

/** Only servers that make databases are asked for copies; the embedded one is none of these. */
export function remember(_pool: Pool): Promise<Memory> {
  return Promise.reject(new Error('A database of this engine is remembered with its copies.'));
}

/** No key is checked, and a zero in a numbered column stays one. */
async function pin(session: Session): Promise<void> {
  await session.script('SET SESSION foreign_key_checks = 0');
  await session.script("SET SESSION sql_mode = CONCAT_WS(',', @@sql_mode, 'NO_AUTO_VALUE_ON_ZERO')");
}

async function keep(session: Session, name: string, kept: string): Promise<KeptTable> {
  const own = await session.script(columns.replace('?', text(name)));
  const listed = own.rows.map(([column]) => quoted(column!)).join(', ');
  const place = `${quoted(kept)}.${quoted(name)}`;
  await session.script(`CREATE TABLE ${place} AS SELECT ${listed} FROM ${quoted(name)}`);
  const { rows } = await session.script(inserting.replace('?', text(name)));
  const triggers: Trigger[] = [];
  for (const [trigger] of rows) {
    const { rows: shown } = await session.script(`SHOW CREATE TRIGGER ${quoted(trigger!)}`);
    const [, sqlMode, create] = shown[0]!;
    triggers.push({ name: trigger!, sqlMode: sqlMode!, create: create! });
  }
  return { name, kept: place, columns: listed, triggers };
}

/** Reads every row: what a server keeps of a table's changes by itself is not to be relied on. */
async function sign(session: Session, all: readonly KeptTable[]): Promise<ReadonlyMap<string, Signature>> {
  const found = new Map<string, Signature>();
  for (const { name } of all) {
    const checked = await session.script(`CHECKSUM TABLE ${quoted(name)}`);
    const shown = await session.script(`SHOW CREATE TABLE ${quoted(name)}`);
    const next = /^\).*?\bAUTO_INCREMENT=(\d+)/m.exec(shown.rows[0]![1]!)?.[1];
    const numbered = /^ {2}`.*\bAUTO_INCREMENT\b/im.test(shown.rows[0]![1]!);
    found.set(name, { checksum: checked.rows[0]![1] ?? '', next: next ?? (numbered ? '1' : undefined) });
  }
  return found;
}

/** In the order in which they were read: the rows of a table without a key lie as they were written. */
async function putBack(session: Session, { name, kept, columns, triggers }: KeptTable): Promise<void> {
  const table = quoted(name);
  for (const trigger of triggers) await session.script(`DROP TRIGGER ${quoted(trigger.name)}`);
  await session.script(`TRUNCATE TABLE ${table}`);
  await session.script(`INSERT INTO ${table} (${columns}) SELECT ${columns} FROM ${kept}`);
  if (triggers.length === 0) return;
  const { rows } = await session.script('SELECT @@sql_mode');
  for (const { create, sqlMode } of triggers) {
    await session.script(`SET SESSION sql_mode = ${text(sqlMode)}`);
    await session.script(create);
  }
  await session.script(`SET SESSION sql_mode = ${text(rows[0]![0]!)}`);
}

/** Names of the catalog as literals; sessions of the engine take a backslash for what it is in none of its modes. */
function text(value: string): string {
  return value === '' ? "''" : `CONVERT(X'${Buffer.from(value).toString('hex')}' USING utf8mb4)`;
}
