/** Reads a database's catalog with eight queries over pg_catalog, whatever its size. Postgres 12 to 18, and PGlite. */
import type {
  Capabilities,
  Catalog,
  Column,
  ForeignKey,
  Index,
  Key,
  Relation,
  RelationKind,
} from '../../catalog/catalog.ts';
import { relationKey } from '../../catalog/catalog.ts';
import { fingerprint } from '../../catalog/fingerprint.ts';
import { bytewise } from '../../catalog/order.ts';
import { roundEstimate } from '../../catalog/row-estimate.ts';
import { refuseSchema } from '../../catalog/schemas.ts';
import { Problem } from '../../problem/problem.ts';
import type { Pool, Transaction } from '../dialect.ts';
import * as queries from './queries.ts';
import { buildRoutines } from './routines.ts';
import { defaultSchemas } from './session.ts';
import { type TypeRow, typeOf } from './types.ts';

const oldest = 12;

const capabilities: Capabilities = Object.freeze({
  returning: true,
  lateral: true,
  arrays: true,
  ranges: true,
  fullText: true,
  transactionalDdl: true,
});

type Row = readonly (string | null)[];

/** @throws {Problem} NS503 unreachable, NS501 the server is too old, NS400 a schema that cannot be served */
export async function introspect(pool: Pool, schemas: readonly string[] = defaultSchemas): Promise<Catalog> {
  for (const schema of schemas) {
    const refusal = refuseSchema(schema);
    if (refusal !== undefined) throw new Problem('NS400', refusal);
  }
  const rows = await pool.transaction((transaction) => readAll(transaction, schemas), { readOnly: true });
  const types = new Map(rows.types.map((row) => [row[0]!, typeRow(row)]));
  const facts = {
    engine: 'postgres',
    version: rows.version,
    capabilities,
    schemas: Object.freeze([...schemas]),
    relations: buildRelations(rows, types),
    routines: buildRoutines(rows.routines, types),
  };
  return Object.freeze({ ...facts, fingerprint: fingerprint(facts) });
}

interface CatalogRows {
  readonly version: string;
  readonly relations: readonly Row[];
  readonly columns: readonly Row[];
  readonly types: readonly Row[];
  readonly constraints: readonly Row[];
  readonly indexes: readonly Row[];
  readonly asking: readonly Row[];
  readonly routines: readonly Row[];
}

async function readAll(transaction: Transaction, schemas: readonly string[]): Promise<CatalogRows> {
  const ask = async (text: string) => (await transaction.run({ text, name: undefined }, [schemas])).rows;
  const number = Number((await transaction.run({ text: queries.version, name: undefined }, [])).rows[0]?.[0]);
  const version = Math.floor(number / 10_000);
  if (version < oldest)
    throw new Problem('NS501', {
      message: `PostgreSQL ${version} is too old.`,
      hint: `use version ${oldest} or newer`,
    });
  return {
    version: String(version),
    relations: await ask(queries.relations),
    columns: await ask(queries.columns),
    types: await ask(queries.types),
    constraints: await ask(queries.constraints),
    indexes: await ask(queries.indexes),
    asking: await ask(queries.asking),
    routines: await ask(queries.routines),
  };
}

function buildRelations(
  rows: CatalogRows,
  types: ReadonlyMap<string, TypeRow>,
): ReadonlyMap<string, Relation> {
  const columns = Map.groupBy(rows.columns, (row) => row[0]!);
  const constraints = Map.groupBy(rows.constraints, (row) => row[0]!);
  const indexes = Map.groupBy(rows.indexes, (row) => row[0]!);
  const asking = new Set(rows.asking.map(([oid]) => oid!));
  const relations = new Map<string, Relation>();
  for (const row of rows.relations) {
    const oid = row[0]!;
    const relation = buildRelation(
      row,
      columnsOf(columns.get(oid) ?? [], types),
      constraints.get(oid) ?? [],
      indexes.get(oid) ?? [],
      asking.has(oid),
    );
    relations.set(relationKey(relation.schema, relation.name), Object.freeze(relation));
  }
  return relations;
}

const kinds: ReadonlyMap<string, RelationKind> = new Map<string, RelationKind>([
  ['r', 'table'],
  ['p', 'partitioned'],
  ['v', 'view'],
  ['m', 'materialized-view'],
  ['f', 'foreign'],
]);

// Bits of pg_relation_is_updatable: one for each CmdType.
const updates = 1 << 2;
const inserts = 1 << 3;
const deletes = 1 << 4;

function buildRelation(
  row: Row,
  columns: ReadonlyMap<string, Column>,
  constraints: readonly Row[],
  indexRows: readonly Row[],
  asksSession: boolean,
): Relation {
  const [, schema, name, kind, comment, tuples, rowSecurity, events, triggers] = row;
  const writable = Number(events);
  const primary = constraints.find((constraint) => constraint[1] === 'p');
  return {
    schema: schema!,
    name: name!,
    kind: kinds.get(kind!)!,
    comment: comment!,
    columns,
    primaryKey: primary === undefined ? null : keyOf(primary[2], primary[3]),
    uniques: sorted(indexRows.filter(provesUnique).map((index) => keyOf(index[1], index[6]))),
    foreignKeys: sorted(constraints.filter((constraint) => constraint[1] === 'f').map(foreignKey)),
    indexes: sorted(indexRows.map(indexOf)),
    insertable: (writable & inserts) !== 0,
    updatable: (writable & updates) !== 0,
    deletable: (writable & deletes) !== 0,
    rowSecurity: rowSecurity === 't',
    triggers: triggers === 't',
    asksSession,
    rowEstimate: roundEstimate(tuples),
  };
}

function keyOf(name: string | null | undefined, columns: string | null | undefined): Key {
  return { name: name!, columns: JSON.parse(columns ?? '[]') as string[] };
}

function foreignKey(row: Row): ForeignKey {
  const [, , name, columns, schema, relation, targets] = row;
  return {
    ...keyOf(name, columns),
    target: { schema: schema!, relation: relation!, columns: JSON.parse(targets ?? '[]') as string[] },
  };
}

/** The primary key has its own place. */
function provesUnique([, , , unique, partial, primary]: Row): boolean {
  return unique === 't' && partial === 'f' && primary === 'f';
}

function indexOf([, name, method, unique, partial, , columns]: Row): Index {
  return { ...keyOf(name, columns), unique: unique === 't', method: method!, partial: partial === 't' };
}

function sorted<T extends Key>(keys: readonly T[]): readonly T[] {
  return [...keys].sort((a, b) => bytewise(a.name, b.name));
}

function typeRow(row: Row): TypeRow {
  const [oid, schema, name, kind, category, element, base, baseText, notNull, value, labels] = row;
  return {
    oid: oid!,
    schema: schema!,
    name: name!,
    kind: kind!,
    category: category!,
    element: element!,
    base: base!,
    baseText: baseText!,
    notNull: notNull === 't',
    default: value!,
    labels: labels == null ? null : (JSON.parse(labels) as string[]),
  };
}

function columnsOf(rows: readonly Row[], types: ReadonlyMap<string, TypeRow>): ReadonlyMap<string, Column> {
  const columns = new Map<string, Column>();
  for (const row of rows) {
    const [, name, typeOid, typeText, notNull, expression, identity, generated, comment, ...marks] = row;
    const [writable, computed, nondeterministic] = marks;
    const facts = typeOf(types, typeOid!, typeText!);
    // DDL went on between two queries: the poll after it reads again.
    if (facts === undefined) continue;
    columns.set(name!, {
      name: name!,
      type: facts.type,
      nullable: notNull === 'f' && !facts.notNull,
      default: generated === '' ? (expression ?? facts.default) : null,
      identity: identityKinds.get(identity!) ?? null,
      generated: generated !== '' || writable === 'f',
      comment: comment!,
      ...(computed === 't' ? { computed: true } : {}),
      ...(nondeterministic === 't' ? { nondeterministic: true } : {}),
    });
  }
  return columns;
}

const identityKinds = new Map<string, 'always' | 'by default'>([
  ['a', 'always'],
  ['d', 'by default'],
]);
