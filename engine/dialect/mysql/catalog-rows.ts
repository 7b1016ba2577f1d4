/** Asks information_schema: all rows that a catalog is built of. */
import { createHash } from 'node:crypto';
import { refuseSchema } from '../../catalog/schemas.ts';
import { Problem } from '../../problem/problem.ts';
import type { Parameter, Transaction } from '../dialect.ts';
import { ownSchema } from './own-schema.ts';
import * as queries from './queries.ts';
import { type Server, serverOf } from './server.ts';
import { schemasNamedIn } from './views.ts';

export type Row = readonly (string | null)[];

export interface CatalogRows {
  readonly server: Server;
  /** As the server writes them. */
  readonly schemas: readonly string[];
  /** The one that the project calls `public`; undefined: it does not. */
  readonly own: string | undefined;
  readonly relations: readonly Row[];
  readonly columns: readonly Row[];
  readonly checks: readonly Row[];
  readonly indexes: readonly Row[];
  readonly foreignKeys: readonly Row[];
  /** Of other schemas too, where views lead there. */
  readonly views: readonly Row[];
  /** Tables that keep what is written to them when the rest is undone; of other schemas too. */
  readonly lasting: readonly Row[];
  readonly triggers: readonly Row[];
  readonly routines: readonly Row[];
  readonly parameters: readonly Row[];
  /** Schema and name of a relation as the server lists them: a foreign key may have another case. */
  readonly names: (schema: string, name: string) => readonly [schema: string, name: string];
}

export async function readAll(
  transaction: Transaction,
  wanted: readonly string[] | undefined,
): Promise<CatalogRows> {
  const place = await find(transaction, wanted);
  const { server, schemas, own, anyCase, run, ask } = place;
  // Else the statistics of up to a day ago are given.
  if (server.engine === 'mysql') await run(queries.freshStatistics, []);
  const relations = await ask(queries.relations);
  const views = await readViews(place);
  return {
    server,
    schemas,
    own,
    relations,
    columns: await ask(queries.columns(server.engine)),
    checks: server.engine === 'mariadb' ? await ask(queries.checks) : [],
    indexes: await ask(queries.indexes),
    foreignKeys: await ask(queries.foreignKeys),
    views: views.rows,
    lasting: await run(queries.forSchemas(queries.lasting, views.schemas), views.schemas),
    triggers: await ask(queries.triggers),
    routines: await ask(queries.routines),
    parameters: await ask(queries.parameters),
    names: anyCase ? namesOf(relations) : (schema, name) => [schema, name],
  };
}

/** A text that is another one when any of those rows is; the estimates of rows apart, which DDL does not change. */
export async function hashAll(
  transaction: Transaction,
  wanted: readonly string[] | undefined,
): Promise<string> {
  const place = await find(transaction, wanted);
  const { server, schemas, own, run } = place;
  const hashed = schemas.map(() => queries.hashes(server.engine)).join(' UNION ALL ');
  const parameters = schemas.flatMap((schema) => queries.hashed(server.engine).map(() => schema));
  const sums = await run(hashed, parameters);
  const hash = createHash('sha256');
  for (const part of [[server.engine, server.version, own], schemas, sums, (await readViews(place)).rows])
    hash.update(`${JSON.stringify(part)}\n`);
  return hash.digest('hex');
}

type Run = (text: string, parameters: readonly Parameter[]) => Promise<readonly Row[]>;

/** The server, and the databases of it that are asked for. */
interface Place {
  readonly server: Server;
  readonly schemas: readonly string[];
  readonly own: string | undefined;
  /** Names that differ in case alone are one. */
  readonly anyCase: boolean;
  readonly run: Run;
  readonly ask: (query: queries.OfSchema) => Promise<readonly Row[]>;
}

async function find(transaction: Transaction, wanted: readonly string[] = [ownSchema]): Promise<Place> {
  const run: Run = async (text, parameters) =>
    (await transaction.run({ text, name: undefined }, parameters)).rows;
  const [[version, current, caseMode] = []] = await run(queries.server, []);
  const server = serverOf(version ?? '');
  const anyCase = caseMode !== '0';
  const named = wanted.map((name) => (name === ownSchema ? (current ?? null) : name));
  const schemas = await resolve(run, named, anyCase);
  const own = wanted.indexOf(ownSchema);
  return {
    server,
    schemas,
    own: own < 0 ? undefined : schemas[own],
    anyCase,
    run,
    ask: (query) => run(queries.forSchemas(query, schemas), schemas),
  };
}

/** @throws {Problem} NS400 no database was named, or one that cannot be served */
async function resolve(
  run: Run,
  wanted: readonly (string | null)[],
  anyCase: boolean,
): Promise<readonly string[]> {
  const schemas: string[] = [];
  for (const name of wanted) {
    if (name === null)
      throw new Problem('NS400', {
        message: 'The connection URL names no database.',
        hint: 'end it with /database, or list schemas under the database in the YAML',
      });
    const refusal = refuseSchema(name) ?? systemSchema(name);
    if (refusal !== undefined) throw new Problem('NS400', refusal);
    const [found] = anyCase ? await run(queries.schemata, [name]) : [];
    const exact = found?.[0] ?? name;
    if (schemas.includes(exact)) throw new Problem('NS400', namedTwice(exact));
    schemas.push(exact);
  }
  return schemas;
}

function namedTwice(name: string): { readonly message: string; readonly hint: string } {
  return {
    message: `The schemas name the database "${name}" twice.`,
    hint: `"${ownSchema}" is the database of the URL; write that, or its name`,
  };
}

const system: ReadonlySet<string> = new Set(['mysql', 'information_schema', 'performance_schema', 'sys']);

function systemSchema(name: string): { readonly message: string; readonly hint: string } | undefined {
  if (!system.has(name.toLowerCase())) return undefined;
  return {
    message: `The schema "${name}" belongs to the database itself and cannot be served.`,
    hint: 'name a database of your own',
  };
}

/** The views of the schemas, and of those that they read from: what lies beneath may ask who is calling. */
/** @returns also the schemas that they lead to, those asked for among them */
async function readViews({
  run,
  schemas,
}: Place): Promise<{ readonly rows: readonly Row[]; readonly schemas: readonly string[] }> {
  const seen = new Set(schemas);
  const found: Row[] = [];
  let next = schemas;
  while (next.length > 0) {
    const rows = await run(queries.forSchemas(queries.views, next), next);
    found.push(...rows);
    const named = new Set(rows.flatMap(([, , definition]) => [...schemasNamedIn(definition ?? '')]));
    next = [...named].filter((name) => !seen.has(name) && !system.has(name.toLowerCase()));
    for (const name of next) seen.add(name);
  }
  return { rows: found, schemas: [...seen] };
}

function namesOf(relations: readonly Row[]): CatalogRows['names'] {
  const key = (schema: string, name: string) => JSON.stringify([schema.toLowerCase(), name.toLowerCase()]);
  const known = new Map(relations.map((row) => [key(row[0]!, row[1]!), [row[0]!, row[1]!] as const]));
  return (schema, name) => known.get(key(schema, name)) ?? [schema, name];
}
