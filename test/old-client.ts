/** Requests that a client of an Api sends, made from the Api alone: whatever each role may read, write and call, by both surfaces. */
import type { Api, Column, Overload, World, WorldTable } from '../engine/api/api.ts';
import { limitsOf } from '../engine/api/limits.ts';
import { isWritable } from '../engine/api/writable.ts';
import type { Routine, Type } from '../engine/catalog/catalog.ts';
import { isRequired } from '../engine/catalog/drift-column.ts';
import { uniquesOf } from '../engine/catalog/unique-keys.ts';
import type { InjectedRequest } from '../engine/revision/revision.ts';
import type { Project } from '../schema/project.ts';
import { graphqlRequests } from './old-graphql-client.ts';

export interface OldRequest {
  /** For messages. */
  readonly title: string;
  /** Undefined: without a token. */
  readonly role: string | undefined;
  readonly request: InjectedRequest;
  /** All columns were asked for: there may be more. */
  readonly open?: boolean;
  /** Of what the role itself may: asked whoever has asked it. */
  readonly own?: boolean;
  /** It takes every row away. */
  readonly last?: boolean;
}

export type Row = Readonly<Record<string, unknown>>;
/** Rows of a table that are there, with all of its columns by their API names. */
export type Rows = (table: string) => readonly Row[];

export const json = { 'content-type': 'application/json' };

/**
 * Reads first, then calls and writes, what empties tables at the end; the same list for the same Api and rows. What several
 * roles would ask in the same words is asked by the first: what a role may is not compared here.
 */
export function requestsOf(project: Project, api: Api, rows: Rows): readonly OldRequest[] {
  const { anonymous } = api;
  const roles = [...api.roles.keys()].filter((role) => role !== anonymous);
  const asked = new Set<string>();
  const all = [undefined, ...roles].flatMap((role) => {
    const name = role ?? anonymous;
    if (name === undefined) return [];
    const own = requestsAs(name, project, api, rows).filter((one) => isNew(one, asked));
    return own.map((one): OldRequest => ({ ...one, role, title: `${role ?? 'nobody'}: ${one.title}` }));
  });
  const probe = all[0] === undefined || anonymous === undefined ? [] : [{ ...all[0], role: anonymous }];
  const order = (one: OldRequest) => (one.last ? 2 : isRead(one) ? 0 : 1);
  return [...all, ...probe].sort((a, b) => order(a) - order(b));
}

function isNew(one: Asked, asked: Set<string>): boolean {
  const key = JSON.stringify(one.request);
  if (!one.own && isRead(one) && asked.has(key)) return false;
  asked.add(key);
  return true;
}

export function isRead({ request: { method, body } }: Pick<OldRequest, 'request'>): boolean {
  return method === 'GET' || (method === 'POST' && /"query":"(?:query|\{)/.test(String(body)));
}

function requestsAs(role: string, project: Project, api: Api, rows: Rows): readonly Asked[] {
  const world = api.world(role);
  return [
    ...[...world.tables.values()].flatMap((known) =>
      tableRequests(known, world, api, rows(known.table.name)),
    ),
    ...[...world.functions.values()].flatMap((callable) =>
      callable.overloads.flatMap((overload) => callRequests(callable.rest, overload)),
    ),
    ...graphqlRequests(api, role, rows),
    ...projectRequests(project, api, role, world),
  ];
}

type Asked = Omit<OldRequest, 'role'>;

function get(
  title: string,
  url: string,
  headers: Readonly<Record<string, string>> = {},
  open = false,
): Asked {
  return { title: `${title} ${url}`, request: { method: 'GET', url, headers }, open };
}

function send(
  method: 'POST' | 'PATCH' | 'PUT' | 'DELETE',
  url: string,
  body?: unknown,
  prefer = 'return=representation',
): Asked {
  const headers = { ...json, prefer };
  const sent = body === undefined ? {} : { body: JSON.stringify(body) };
  return {
    title: `${method} ${url} ${sent.body ?? ''} ${prefer}`,
    request: { method, url, headers, ...sent },
  };
}

function tableRequests(known: WorldTable, world: World, api: Api, rows: readonly Row[]): readonly Asked[] {
  const profile: Readonly<Record<string, string>> =
    known.table.profile === 'public'
      ? {}
      : { 'accept-profile': known.table.profile, 'content-profile': known.table.profile };
  const url = `/rest/v1/${encodeURIComponent(known.table.rest)}`;
  const asked = [
    ...(known.columns.size === 0 ? [] : readRequests(url, known, world, rows)),
    ...writeRequests(url, known, rows),
    ...(api.limits.unfilteredWrites && known.delete !== undefined ? [empty(url)] : []),
  ];
  return asked.map((one) => ({
    ...one,
    request: { ...one.request, headers: { ...one.request.headers, ...profile } },
  }));
}

function empty(url: string): Asked {
  return { ...send('DELETE', url), last: true };
}

const plain: ReadonlySet<string> = new Set([
  'boolean', 'integer', 'decimal', 'float', 'string', 'uuid', 'date', 'time', 'timestamp', 'enum',
]); // biome-ignore format: a list

function readRequests(url: string, known: WorldTable, world: World, rows: readonly Row[]): readonly Asked[] {
  const columns = [...known.columns.values(), ...known.computed.values()];
  const names = columns.map(({ name }) => q(name)).join(',');
  const least = q(columns[0]!.name);
  const order = known.table.key.every((column) => known.columns.has(column.name)) ? keyOrder(known) : '';
  return [
    get('all', `${url}?select=${names}${order}`),
    get('any', `${url}?select=*${order}`, {}, true),
    get('counted', `${url}?select=${least}&limit=1${order}`, { prefer: 'count=exact' }),
    get('streamed', `${url}?select=${names}${order}`, { accept: 'application/x-ndjson' }),
    ...columnRequests(`${url}?select=${least}`, columns, rows),
    ...[...known.edges.values()].flatMap((edge) => {
      const far = [...world.tables.get(edge.to.name)!.columns.keys()].map(q).join(',');
      const by = (text: string) => get('embed', `${url}?select=${least},${text}(${far})${order}`);
      const constraint =
        edge.constraint === undefined ? [] : [by(`${q(edge.to.rest)}!${q(edge.constraint)}`)];
      return [by(q(edge.name)), by(q(edge.to.rest)), ...constraint];
    }),
    ...keyed(known, rows).map((key) => get('by key', `${url}/${key}?select=${names}`)),
    ...(known.select?.aggregate === true ? [get('aggregate', `${url}?select=count()`)] : []),
  ];
}

function keyOrder({ table: { key } }: WorldTable): string {
  return key.length === 0 ? '' : `&order=${key.map(({ name }) => q(name)).join(',')}`;
}

/** Each column in a filter and in an order. */
function columnRequests(url: string, columns: readonly Column[], rows: readonly Row[]): readonly Asked[] {
  const some = columns.filter(({ type }) => plain.has(type.family));
  const filters = (operator: string) =>
    some.flatMap((column) =>
      (column.type.labels ?? samples(column, rows)).map(
        (value) => `${q(column.name)}.${operator}.${quoted(value)}`,
      ),
    );
  const nulls = columns.map(({ name }) => `${q(name)}.is.null`);
  return [
    get('where', `${url}&or=(${filters('eq').join(',')})&order=${some.map(({ name }) => q(name)).join(',')}`),
    get(
      'from',
      `${url}&or=(${filters('gte').join(',')})&order=${some.map(({ name }) => `${q(name)}.desc`).join(',')}`,
    ),
    ...some
      .filter(({ type }) => type.family === 'enum')
      .map(({ name }) => get('order', `${url}&order=${q(name)}`)),
    get('null', `${url}&or=(${nulls.join(',')})`),
    ...columns
      .filter(({ searchable }) => searchable)
      .map(({ name }) => get('search', `${url}&${q(name)}=fts.alpha`)),
  ];
}

function quoted(value: unknown): string {
  return encodeURIComponent(`"${String(value).replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`);
}

function samples({ name }: Column, rows: readonly Row[]): readonly unknown[] {
  return rows
    .map((row) => row[name])
    .filter((value) => value !== null && value !== undefined)
    .slice(0, 1);
}

/** As a path has it. */
function keyed({ table: { key }, columns }: WorldTable, rows: readonly Row[]): readonly string[] {
  if (key.length === 0 || rows.length === 0 || key.some(({ name }) => !columns.has(name))) return [];
  const parts = rows.map((row) => key.map(({ name }) => encodeURIComponent(String(row[name]))));
  // One by which the order of the columns is seen.
  return [(parts.find((one) => new Set(one).size === one.length) ?? parts[0]!).join(',')];
}

function writeRequests(url: string, known: WorldTable, rows: readonly Row[]): readonly Asked[] {
  const { table, insert, update } = known;
  const read = [...known.columns.values()];
  const prefer = read.length === 0 ? 'return=minimal' : 'return=representation';
  const answer = read.length === 0 ? '' : `?select=${read.map(({ name }) => q(name)).join(',')}`;
  const inserted = insert === undefined ? [] : [...insert.columns].filter(isWritable);
  const updated = update === undefined ? [] : [...update.columns].filter(isWritable);
  const where = keyWhere(known, rows);
  const minimal = newRow(
    inserted.filter(({ source }) => isRequired(source)),
    known,
    rows,
    1,
  );
  const keys = uniquesOf(table.relation).filter(({ columns }) =>
    columns.every((column) => known.known.has(table.byDatabaseName.get(column)?.name ?? '')),
  );
  return [
    ...(insert === undefined
      ? []
      : [
          send('POST', url + answer, minimal, prefer),
          send('POST', url + answer, newRow(inserted, known, rows, 2), prefer),
          send('POST', url + answer, { ...newRow(inserted, known, rows, 3), ...nulls(inserted) }, prefer),
          ...(['most', 'least'] as const).map((which, at) =>
            send(
              'POST',
              url + answer,
              { ...newRow(inserted, known, rows, 4 + at), ...ends(which, inserted, known) },
              prefer,
            ),
          ),

          ...keys.map(({ columns }, at) => {
            const names = columns.map((column) => table.byDatabaseName.get(column)!.name);
            const target = `${answer === '' ? '?' : `${answer}&`}on_conflict=${names.map(q).join(',')}`;
            return send(
              'POST',
              url + target,
              newRow(inserted, known, rows, 50 + at),
              `${prefer},resolution=merge-duplicates`,
            );
          }),
        ]),
    ...[firsts(updated, rows), nulls(updated), ...labelled(updated)]
      .filter((row) => Object.keys(row).length > 0)
      .map((row) => send('PATCH', `${url}?${where}${answer.replace('?', '&')}`, row, prefer)),
    ...(known.delete === undefined
      ? []
      : [send('DELETE', `${url}?${nowhere(known)}`, undefined, 'return=minimal')]),
  ];
}

function nulls(columns: readonly Column[]): Row {
  return Object.fromEntries(columns.filter(({ nullable }) => nullable).map(({ name }) => [name, null]));
}

function firsts(columns: readonly Column[], rows: readonly Row[]): Row {
  return Object.fromEntries(
    columns.flatMap((column) => samples(column, rows).map((value) => [column.name, value])),
  );
}

function labelled(columns: readonly Column[]): readonly Row[] {
  return columns.flatMap(({ name, type }) => (type.labels ?? []).map((label) => ({ [name]: label })));
}

/** A filter that no row passes. */
function nowhere({ columns }: WorldTable): string {
  const [first] = [...columns.keys()];
  return `${q(first ?? 'id')}=is.null&${q(first ?? 'id')}=not.is.null`;
}

function keyWhere({ table: { key }, columns }: WorldTable, rows: readonly Row[]): string {
  const [column] = key.length > 0 ? key : [...columns.values()];
  const value = rows[0]?.[column?.name ?? ''];
  return `${q(column?.name ?? 'id')}=eq.${encodeURIComponent(String(value ?? 1))}`;
}

/** Values of a row that is there, with others where they must be new. */
export function newRow(
  columns: readonly Column[],
  { table }: WorldTable,
  rows: readonly Row[],
  seed: number,
): Row {
  const foreign = new Set(table.relation.foreignKeys.flatMap((key) => key.columns));
  const unique = new Set(uniquesOf(table.relation).flatMap((key) => key.columns));
  return Object.fromEntries(
    columns.map((column) => {
      const sample = rows.find((row) => row[column.name] !== null && row[column.name] !== undefined)?.[
        column.name
      ];
      const isNew = sample === undefined || (unique.has(column.column) && !foreign.has(column.column));
      return [column.name, isNew ? made(column.type, seed) : sample];
    }),
  );
}

/** The largest and longest values of columns that are no keys, or the smallest. */
function ends(which: 'most' | 'least', columns: readonly Column[], { table }: WorldTable): Row {
  const keys = [...uniquesOf(table.relation), ...table.relation.foreignKeys].flatMap((key) => key.columns);
  const free = columns.filter(({ column }) => !keys.includes(column));
  return Object.fromEntries(
    free.flatMap(({ name, type }) => {
      const value = endOf(which, type);
      return value === undefined ? [] : [[name, value]];
    }),
  );
}

function endOf(which: 'most' | 'least', { family, modifiers, bits = 32, unsigned }: Type): unknown {
  const [length, scale = 0] = modifiers.replace(/[()]/g, '').split(',').map(Number) as [number, number?];
  if (family === 'string') return which === 'most' ? 'x'.repeat(length > 0 ? length : 66_000) : '';
  if (family === 'decimal') return which === 'most' ? 10 ** (length - scale) - 1 : undefined;
  if (family !== 'integer' || bits > 32) return undefined;
  const most = 2 ** (unsigned ? bits : bits - 1) - 1;
  return which === 'most' ? most : unsigned ? 0 : -most - 1;
}

/** Some value of a type. */
export function made(type: Type, seed: number): unknown {
  switch (type.family) {
    case 'boolean':
      return true;
    case 'integer':
    case 'decimal':
    case 'float':
      return type.bits === 8 ? seed : 9000 + seed;
    case 'enum':
      return type.labels?.[0] ?? 'a';
    case 'uuid':
      return `00000000-0000-4000-8000-${String(seed).padStart(12, '0')}`;
    case 'date':
      return '2024-01-02';
    case 'time':
      return '10:00:00';
    case 'timestamp':
      return '2024-01-02T10:00:00';
    case 'json':
      return { a: seed };
    case 'array':
      return [made(type.element!, seed)];
    default:
      return `n${seed}`;
  }
}

function callRequests(rest: string, { routine, result }: Overload): readonly Asked[] {
  if (routine.arguments.some(({ name, type }) => name === null || type.family === 'composite')) return [];
  const url = `/rest/v1/rpc/${encodeURIComponent(rest)}`;
  const given = [argumentsOf(routine, false), argumentsOf(routine, true)];
  const columns =
    result.kind === 'rows' ? [...result.table.columns.values()].filter(({ hidden }) => !hidden) : [];
  const select = columns.length === 0 ? '' : `select=${columns.map(({ name }) => q(name)).join(',')}`;
  return given.flatMap((body) => {
    const query = Object.entries(body).map(
      ([name, value]) => `${q(name)}=${encodeURIComponent(String(value))}`,
    );
    const reading =
      routine.volatility === 'volatile'
        ? []
        : [get('call', `${url}?${[...query, select].filter(Boolean).join('&')}`)];
    return [send('POST', select === '' ? url : `${url}?${select}`, body), ...reading];
  });
}

export function argumentsOf({ arguments: all }: Routine, whole: boolean): Row {
  return Object.fromEntries(
    all
      .filter(({ optional }) => whole || !optional)
      .map(({ name, type }) => [name!, type.labels?.at(-1) ?? smallOf(type)]),
  );
}

function smallOf(type: Type): unknown {
  return type.family === 'integer' || type.family === 'decimal'
    ? 1
    : type.family === 'string'
      ? 'a'
      : made(type, 1);
}

function projectRequests(project: Project, api: Api, role: string, world: World): readonly Asked[] {
  const [first] = [...world.tables.values()].filter(({ columns }) => columns.size > 0);
  if (first === undefined) return [];
  const url = `/rest/v1/${encodeURIComponent(first.table.rest)}?select=${q([...first.columns.keys()][0]!)}&limit=1`;
  const origins = project.cors.origins.map((origin) => (origin === '*' ? 'https://page.example' : origin));
  return [
    ...origins.map((origin) => get(`from ${origin}`, url, { origin })),
    ...(api.limits.dryRun.has(role) && first.update !== undefined
      ? [...first.update.columns]
          .filter(isWritable)
          .slice(0, 1)
          .map(({ name }) =>
            send('PATCH', `${url.replace(/\?.*/, '')}?${q(name)}=is.null`, { [name]: null }, 'tx=rollback'),
          )
      : []),
    ...limitRequests(api, role, url, first, world).map((one) => ({ ...one, own: true })),
  ];
}

/** As much as is allowed. */
function limitRequests(
  api: Api,
  role: string,
  url: string,
  first: WorldTable,
  world: World,
): readonly Asked[] {
  const { depth } = limitsOf(api, role);
  const chain: string[] = [];
  let at = first;
  while (chain.length < Math.min(depth, 10)) {
    const edge = [...at.edges.values()].find(({ routine }) => routine === undefined);
    if (edge === undefined) break;
    chain.push(q(edge.name));
    at = world.tables.get(edge.to.name)!;
  }
  const last = q([...at.columns.keys()][0]!);
  const nested = chain.reduceRight((inner, name) => `${name}(${inner})`, last);
  const large = api.limits.body > 65_536 ? [] : [{ query: 'query Q { __typename }', variables: { pad: '' } }];
  return [
    ...(chain.length === depth ? [get('deep', url.replace(/select=[^&]*/, `select=${nested}`))] : []),
    ...large.map((body): Asked => {
      const room = api.limits.body - JSON.stringify(body).length;
      const text = JSON.stringify({ ...body, variables: { pad: 'x'.repeat(room) } });
      return {
        title: 'a large body',
        request: { method: 'POST', url: '/graphql/v1', headers: json, body: text },
      };
    }),
  ];
}

/** A name in a URL of REST. */
export function q(name: string): string {
  return encodeURIComponent(
    /^[\w$]+$/.test(name) ? name : `"${name.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`,
  );
}
