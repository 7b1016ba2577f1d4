/** What each role really reads and writes, by the requests of a client to the engine: no look at any grant. */
import Fastify, { type FastifyInstance } from 'fastify';
import type { Verb } from '../../../schema/project.ts';
import { token } from '../../../test/project.ts';
import type { Api, Table } from '../../api/api.ts';
import type { Principal } from '../../auth/principal.ts';
import { createExecutor } from '../../execute/executor.ts';
import { Problem } from '../../problem/problem.ts';
import { restPlugin } from '../../rest/plugin.ts';
import { problemBody } from '../../revision/failure.ts';
import type { Finding } from '../change.ts';
import type { ShopSide } from './shop.fixture.ts';

/** Role → table → everything that was read or written, each as a text. */
export type Powers = ReadonlyMap<string, ReadonlyMap<string, ReadonlySet<string>>>;

/** Bodies to be tried, by table; of columns by their names in the database. A row that is inserted has the id of its body. */
export type Trials = Readonly<
  Record<string, { readonly insert: readonly Row[]; readonly update: readonly Row[] }>
>;
type Row = Readonly<Record<string, unknown>>;

/** What a table or a column of the head was called in the base, where that is another name. */
export type Earlier = Readonly<Record<string, string>>;

/** Who asks, under each role: by the claims. Default: such that match rows, and none. */
const usual: readonly Principal['claims'][] = [{ sub: '7', email: '8' }, {}];

/** @param isAsked of a table by its name: another is known to be as it was */
export async function powersOf(
  side: ShopSide,
  trials: Trials,
  earlier: Earlier = {},
  isAsked: (table: string) => boolean = () => true,
  claims: readonly Principal['claims'][] = usual,
): Promise<Powers> {
  const { api, pool } = side;
  // Whoever may write at all tries it without leaving a trace.
  const open: Api = {
    ...api,
    limits: { ...api.limits, dryRun: new Set(api.roles.keys()), unfilteredWrites: true },
  };
  const app = await serve(open, createExecutor(open, new Map([['main', pool]])));
  const powers = new Map<string, Map<string, Set<string>>>();
  for (const role of api.roles.keys()) {
    const world = new Map<string, Set<string>>();
    for (const table of api.tables.values()) {
      if (!isAsked(table.name)) continue;
      const found = new Set<string>();
      for (const [index, one] of claims.entries()) {
        const as: As = { side, ask: (...request) => app.ask(token(role, one), ...request), earlier };
        // That a verb without a grant is refused is held elsewhere, and most are without one.
        const verbs = api.granted(role, table.name);
        for (const power of [...(await read(as, table)), ...(await write(as, verbs, table, trials))])
          found.add(`${index} ${power}`);
      }
      world.set(earlier[table.name] ?? table.name, found);
    }
    powers.set(role, world);
  }
  await app.close();
  return powers;
}

interface As {
  readonly side: ShopSide;
  readonly ask: (
    method: string,
    path: string,
    asked?: { readonly body?: Row; readonly keeps?: true },
  ) => Promise<Answer>;
  readonly earlier: Earlier;
}

/** Each cell that is not null; a limit cuts lists and hides nothing, and is above what there is. */
async function read({ ask, earlier }: As, table: Table): Promise<readonly string[]> {
  const columns = ['*', ...table.computed.keys()];
  const cells: string[] = [];
  for (const name of columns) {
    const { status, body } = await ask('GET', `/${table.rest}?select=${name === '*' ? name : `id,${name}`}`);
    if (status !== 200) continue;
    for (const row of body as Row[])
      for (const [key, value] of Object.entries(row)) {
        const column = table.columns.get(key)?.column ?? key;
        if (value !== null)
          cells.push(`read ${row.id ?? '?'} ${earlier[column] ?? column} ${JSON.stringify(value)}`);
      }
  }
  return cells;
}

async function write(
  { side, ask, earlier }: As,
  verbs: ReadonlySet<Verb>,
  table: Table,
  trials: Trials,
): Promise<readonly string[]> {
  const { insert, update } = trials[earlier[table.name] ?? table.name] ?? { insert: [], update: [] };
  const { name } = table.relation;
  const done: string[] = [];
  for (const body of verbs.has('insert') ? insert : []) {
    const { status } = await ask('POST', `/${table.rest}`, {
      body: named(body, table, earlier),
      keeps: true,
    });
    if (status !== 201) continue;
    const [row] = await side.query(`SELECT * FROM ${name} WHERE id = ${body.id}`);
    await side.query(`DELETE FROM ${name} WHERE id = ${body.id}`);
    done.push(`insert ${cells(row!, insert, earlier)}`);
  }
  if (verbs.has('update')) done.push(...(await updates({ side, ask, earlier }, table, update)));
  if (!verbs.has('delete')) return done;
  const { status, count } = await ask('DELETE', `/${table.rest}`);
  if (status < 300) for (let row = 0; row < count; row++) done.push(`delete ${row}`);
  return done;
}

/** Each row that is another one, as it is then. */
async function updates(
  { side, ask, earlier }: As,
  table: Table,
  bodies: readonly Row[],
): Promise<readonly string[]> {
  const was = await rowsOf(side, table);
  const done: string[] = [];
  for (const body of bodies) {
    const asked = { body: named(body, table, earlier), keeps: true } as const;
    const { status, count } = await ask('PATCH', `/${table.rest}`, asked);
    if (status >= 300 || count === 0) continue;
    for (const [id, row] of await rowsOf(side, table))
      if (JSON.stringify(row) !== JSON.stringify(was.get(id)))
        done.push(`update ${id} ${cells(row, bodies, earlier)}`);
    await restore(side, table);
  }
  return done;
}

/** What was written counts, whoever chose it, of the columns that are tried. */
function cells(row: Row, trials: readonly Row[], earlier: Earlier): string {
  const tried = Object.entries(row)
    .map(([column, value]) => [earlier[column] ?? column, value] as const)
    .filter(([column]) => trials.some((one) => Object.hasOwn(one, column)));
  return JSON.stringify(Object.fromEntries(tried.sort()));
}

/** Tables whose rows are kept beside them. */
const kept = new WeakMap<ShopSide['query'], Set<string>>();

async function rowsOf(
  { query }: ShopSide,
  { relation: { name } }: Table,
): Promise<ReadonlyMap<unknown, Row>> {
  const known = kept.get(query) ?? new Set();
  kept.set(query, known);
  if (!known.has(name)) await query(`CREATE TABLE ${name}_kept AS SELECT * FROM ${name}`);
  known.add(name);
  const rows = await query(`SELECT * FROM ${name} ORDER BY id`);
  return new Map(rows.map((row) => [row.id, row]));
}

async function restore({ query }: ShopSide, { relation }: Table): Promise<void> {
  const columns = [...relation.columns.keys()].filter((name) => name !== 'id');
  const of = (name: string) =>
    `${name} = (SELECT k.${name} FROM ${relation.name}_kept k WHERE k.id = ${relation.name}.id)`;
  await query(`UPDATE ${relation.name} SET ${columns.map(of).join(', ')}`);
}

function named(body: Row, table: Table, earlier: Earlier): Row {
  const now = new Map(Object.entries(earlier).map(([name, before]) => [before, name]));
  return Object.fromEntries(
    Object.entries(body).map(([column, value]) => [
      table.byDatabaseName.get(now.get(column) ?? column)?.name ?? column,
      value,
    ]),
  );
}

interface Answer {
  readonly status: number;
  readonly body: unknown;
  readonly count: number;
}

/** Reads alone: the ids of a list. */
export async function serveReads(api: Api, executor: ReturnType<typeof createExecutor>) {
  const { ask, close } = await serve(api, executor);
  return {
    close,
    ids: async (caller: Principal, path: string): Promise<readonly unknown[]> => {
      const { status, body } = await ask(caller, 'GET', path);
      if (status !== 200) throw new Error(`${status} ${JSON.stringify(body)}`);
      return (body as Row[]).map(({ id }) => id);
    },
  };
}

interface Served {
  readonly ask: (
    caller: Principal,
    method: string,
    path: string,
    asked?: { readonly body?: Row; readonly keeps?: true },
  ) => Promise<Answer>;
  readonly close: () => Promise<unknown>;
}

async function serve(api: Api, executor: ReturnType<typeof createExecutor>): Promise<Served> {
  const app: FastifyInstance = Fastify();
  let caller: Principal;
  app.decorateRequest('principal', null as unknown as Principal);
  app.addHook('onRequest', (request, _reply, done) => {
    request.principal = caller;
    done();
  });
  app.setErrorHandler((error, _request, reply) => {
    if (!(error instanceof Problem)) throw error;
    return reply.code(error.status).send(problemBody(error));
  });
  await app.register(restPlugin, { api, executor, basePath: '/shop' });
  await app.ready();
  return {
    close: () => app.close(),
    ask: async (principal, method, path, { body, keeps } = {}) => {
      caller = principal;
      const answer = await app.inject({
        method: method as 'GET',
        url: `/rest/v1${path}`,
        headers: {
          ...(method === 'GET'
            ? {}
            : { prefer: `${keeps ? '' : 'tx=rollback, '}count=exact, return=minimal` }),
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        },
        ...(body === undefined ? {} : { payload: JSON.stringify(body) }),
      });
      const range = String(answer.headers['content-range'] ?? '');
      return {
        status: answer.statusCode,
        body: answer.body === '' ? undefined : JSON.parse(answer.body),
        count: Number(/\/(\d+)$/.exec(range)?.[1] ?? 0),
      };
    },
  };
}

/** Role, table and what was gained, or lost, that no finding tells. */
export function untold(
  before: Powers,
  after: Powers,
  findings: readonly Finding[],
  { api }: ShopSide,
  earlier: Earlier = {},
): readonly string[] {
  const silent: string[] = [];
  const heads = new Map([...api.tables.values()].map((table) => [earlier[table.name] ?? table.name, table]));
  for (const [role, world] of after)
    for (const [name, can] of world) {
      const table = heads.get(name)!;
      const could = before.get(role)?.get(name) ?? new Set<string>();
      const told = findings.filter((one) => one.roles.includes(role) && one.subject.table === table.name);
      const gained = [...can].filter((one) => !could.has(one));
      const lost = [...could].filter((one) => !can.has(one) && isStillThere(one, table, earlier));
      if (gained.length > 0 && !told.some(({ gain }) => gain))
        silent.push(`${role} gains ${name}: ${gained[0]}`);
      if (lost.length > 0 && !told.some(({ level }) => level === 'breaking'))
        silent.push(`${role} loses ${name}: ${lost[0]}`);
    }
  return silent;
}

/** The API diff tells of what is gone for everybody. */
function isStillThere(power: string, table: Table, earlier: Earlier): boolean {
  const now = new Map(Object.entries(earlier).map(([name, before]) => [before, name]));
  const [, verb, , name] = /^\d (\S+) (\S+)(?: (\S+))?/.exec(power)!;
  const columns = verb === 'read' ? [name!] : [...power.matchAll(/"(\w+)":/g)].map(([, column]) => column!);
  return columns.every((column) => {
    const one = table.byDatabaseName.get(now.get(column) ?? column) ?? table.computed.get(column);
    return one !== undefined && !one.hidden;
  });
}
