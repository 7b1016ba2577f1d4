/** A database as it stands, kept in a schema of its own, and brought back in place. For a superuser alone in it. */
import type { IdentityColumn, Memory } from '../copies.ts';
import type { Pool, Statement, Transaction } from '../dialect.ts';
import { unnamed } from './journal.ts';
import { quoted } from './notation.ts';

const keptSchema = 'novastack_kept';

/** Ordinary tables of users, with the columns that can be written back, and those whose keys lead to them. */
const tablesKept = `
SELECT c.oid::text, n.nspname, c.relname,
       coalesce((SELECT json_agg(a.attname ORDER BY a.attnum) FROM pg_catalog.pg_attribute a
                  WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''), '[]'),
       coalesce((SELECT json_agg(DISTINCT k.conrelid::text) FROM pg_catalog.pg_constraint k
                  WHERE k.contype = 'f' AND k.confrelid = c.oid), '[]')
  FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
 WHERE c.relkind = 'r' AND c.relpersistence <> 't' AND n.nspname !~ '^pg_'
   AND n.nspname NOT IN ('information_schema', 'novastack', '${keptSchema}')
 ORDER BY c.oid`;

const sequencesKept = `
SELECT n.nspname, c.relname
  FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
 WHERE c.relkind = 'S' AND c.relpersistence <> 't' AND n.nspname !~ '^pg_'
 ORDER BY c.oid`;

interface KeptTable {
  readonly oid: string;
  readonly name: string;
  readonly kept: string;
  readonly columns: string;
  /** Tables with a foreign key to it. */
  readonly referrers: readonly string[];
}

/** Where a sequence stands: its last value, and whether that was given out. */
type Standing = readonly (string | null)[];

/** Makes the copies in the schema `novastack_kept`, which no project lists. */
export async function remember(pool: Pool): Promise<Memory> {
  const tables = (await pool.run(unnamed(tablesKept), [])).rows.map(keptTable);
  const { rows } = await pool.run(unnamed(sequencesKept), []);
  const sequences = rows.map(([schema, name]) => `${quoted(schema!)}.${quoted(name!)}`);
  await pool.transaction(async (transaction) => {
    await transaction.run(unnamed(`CREATE SCHEMA ${keptSchema}`), []);
    for (const { kept, columns, name } of tables)
      await transaction.run(unnamed(`CREATE TABLE ${kept} AS SELECT ${columns} FROM ONLY ${name}`), []);
  });
  const signatures = new Map(await sign(pool, tables));
  const standings = await standingsOf(pool, sequences);

  return {
    async restore() {
      const now = new Map(await sign(pool, tables));
      const touched = tables.filter(({ oid }) => now.get(oid) !== signatures.get(oid));
      const moved = await moves(pool, sequences, standings);
      const emptied = withReferrers(touched, tables);
      await pool.transaction(async (transaction) => {
        if (emptied.length > 0) await putBack(transaction, emptied);
        for (const statement of moved) await transaction.run(statement, []);
      });
      for (const [oid, signature] of await sign(pool, emptied)) signatures.set(oid, signature);
    },
  };
}

function keptTable([oid, schema, name, columns, referrers]: readonly (string | null)[]): KeptTable {
  return {
    oid: oid!,
    name: `${quoted(schema!)}.${quoted(name!)}`,
    kept: `${keptSchema}.${quoted(`t${oid}`)}`,
    columns: (JSON.parse(columns!) as readonly string[]).map(quoted).join(', '),
    referrers: JSON.parse(referrers!) as readonly string[],
  };
}

/** Which versions of which rows are there: any write changes it, and no value is read. */
async function sign(pool: Pool, tables: readonly KeptTable[]): Promise<readonly [string, string][]> {
  if (tables.length === 0) return [];
  const texts = tables.map(
    ({ oid, name }) =>
      `SELECT '${oid}', md5(coalesce(string_agg(ctid::text || xmin::text, ',' ORDER BY ctid), '')) FROM ONLY ${name}`,
  );
  const { rows } = await pool.run(unnamed(texts.join(' UNION ALL ')), []);
  return rows.map(([oid, signature]) => [oid!, signature!]);
}

async function standingsOf(pool: Pool, sequences: readonly string[]): Promise<readonly Standing[]> {
  if (sequences.length === 0) return [];
  const texts = sequences.map(
    (name, index) => `SELECT ${index} AS n, last_value::text, is_called::text FROM ${name}`,
  );
  const { rows } = await pool.run(unnamed(`${texts.join(' UNION ALL ')} ORDER BY n`), []);
  return rows;
}

async function moves(
  pool: Pool,
  sequences: readonly string[],
  before: readonly Standing[],
): Promise<readonly Statement[]> {
  const now = await standingsOf(pool, sequences);
  return sequences.flatMap((name, index) => {
    const [, value, called] = before[index]!;
    if (now[index]![1] === value && now[index]![2] === called) return [];
    const literal = `'${name.replaceAll("'", "''")}'`;
    return [unnamed(`SELECT pg_catalog.setval(${literal}, ${value}, ${called})`)];
  });
}

/** TRUNCATE takes all tables whose keys lead to one that is emptied, whatever they hold. */
function withReferrers(touched: readonly KeptTable[], tables: readonly KeptTable[]): readonly KeptTable[] {
  const byOid = new Map(tables.map((table) => [table.oid, table]));
  const found = new Set(touched);
  for (const { referrers } of found)
    for (const oid of referrers) if (byOid.has(oid)) found.add(byOid.get(oid)!);
  return [...found];
}

/** As a replica does it: no trigger fires and no key is checked. Emptied as a whole, so that rows lie in their order. */
async function putBack(transaction: Transaction, tables: readonly KeptTable[]): Promise<void> {
  await transaction.run(unnamed('SET LOCAL session_replication_role = replica'), []);
  await transaction.run(unnamed(`TRUNCATE ONLY ${tables.map(({ name }) => name).join(', ONLY ')}`), []);
  for (const { name, columns, kept } of tables) {
    if (columns === '') continue;
    const rows = `SELECT ${columns} FROM ${kept} ORDER BY ctid`;
    await transaction.run(unnamed(`INSERT INTO ${name} (${columns}) OVERRIDING SYSTEM VALUE ${rows}`), []);
  }
}

/** Statements after which identity columns take values as `form` says. Pure. */
export function identities(
  columns: readonly IdentityColumn[],
  form: 'always' | 'by default',
): readonly Statement[] {
  return columns.map(({ schema, relation, column }) => {
    const table = `${quoted(schema)}.${quoted(relation)}`;
    return unnamed(
      `ALTER TABLE ${table} ALTER COLUMN ${quoted(column)} SET GENERATED ${form === 'always' ? 'ALWAYS' : 'BY DEFAULT'}`,
    );
  });
}
