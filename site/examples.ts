/** The examples of one role's pages: what it may do with each table and function, in every language, with what it gives. */
import { type Api, type Callable, isNamed, type Table, type World } from '../engine/index.ts';
import { type Ask, fieldName, type Json, type OperationKind, type Row, wireOf } from './ask.ts';
import { candidatesFor, type Known } from './candidates.ts';
import { type Documents, documentsOf } from './documents.ts';
import { type Given, type Rehearsal, settle } from './rehearsal.ts';
import { madeUp } from './sample-value.ts';
import { type Place, type Snippet, snippetsOf } from './snippet.ts';

export interface Example {
  readonly kind: OperationKind;
  /** What is done: `One row by its key`. */
  readonly title: string;
  readonly snippets: readonly Snippet[];
  readonly gives: {
    /** Of REST; GraphQL answers 200. */
    readonly status: number;
    /** `a list of objects with id and title`. */
    readonly shape: string;
    /** JSON text of the answer, of a list its first two rows; null: it was not tried, and its values are made up. */
    readonly answer: string | null;
  };
}

export interface RoleExamples {
  /** Claims of the token that the answers were given to; null: none beside the role. */
  readonly claims: Row | null;
  readonly tables: ReadonlyMap<string, readonly Example[]>;
  readonly functions: ReadonlyMap<string, readonly Example[]>;
  /** The first requests of a newcomer. */
  readonly start: readonly Example[];
}

export interface ExampleOptions {
  readonly place: Omit<Place, 'token'>;
  /** Default: nothing is tried, and values are made by type. */
  readonly rehearsal?: Rehearsal;
}

const titles: Readonly<Record<OperationKind, string>> = {
  list: 'A list: filtered, in order, a page of it',
  embed: 'With related rows',
  one: 'One row by its key',
  aggregate: 'Counted',
  insert: 'Insert a row',
  update: 'Update a row',
  delete: 'Delete a row',
  call: 'Call it',
};

/** The most rows of a table that examples take values from. */
const mostRows = 12;

/** Everything is of the role's own world, and of rows that it reads. */
export async function examplesFor(api: Api, role: string, options: ExampleOptions): Promise<RoleExamples> {
  const world = api.world(role);
  const { rehearsal } = options;
  const place: Place = { ...options.place, token: api.anonymous !== role };
  const rows = await rowsOf(world, rehearsal);
  const documents = documentsOf(api, role);
  const known: Known = { world, rows: (table) => rows.get(table) ?? [], documents };
  const tables = new Map<string, readonly Example[]>();
  for (const seen of world.tables.values()) {
    const examples: Example[] = [];
    for (const asks of candidatesFor(seen, known).values()) {
      const settled = await settle(asks, role, rehearsal);
      if (settled !== undefined) examples.push(exampleOf(settled.ask, settled.given, place));
    }
    tables.set(seen.table.name, examples);
  }
  const functions = new Map<string, readonly Example[]>();
  for (const callable of world.functions.values()) {
    const settled = await settle(callsOf(callable, known, documents), role, rehearsal);
    functions.set(callable.name, settled === undefined ? [] : [exampleOf(settled.ask, settled.given, place)]);
  }
  const claims = place.token ? (rehearsal?.claimsOf(role) ?? {}) : {};
  return {
    claims: Object.keys(claims).length === 0 ? null : claims,
    tables,
    functions,
    start: startOf(world, tables),
  };
}

async function rowsOf(
  world: World,
  rehearsal: Rehearsal | undefined,
): Promise<ReadonlyMap<Table, readonly Row[]>> {
  const found = new Map<Table, readonly Row[]>();
  if (rehearsal === undefined) return found;
  for (const { table, columns, select } of world.tables.values()) {
    if (select === undefined || columns.size === 0 || rehearsal.spent?.()) continue;
    const key = table.key.filter((column) => columns.has(column.name));
    const { status, body } = await rehearsal.ask(
      world.role,
      wireOf({
        kind: 'list',
        target: table.rest,
        profile: table.name === table.rest ? null : table.profile,
        select: [...columns.keys()].map(fieldName),
        filters: [],
        order: key.map((column) => ({ column: column.name, descending: false })),
        limit: mostRows,
        key: [],
        body: null,
        graphql: null,
      }),
    );
    if (status === 200) found.set(table, JSON.parse(body) as readonly Row[]);
  }
  return found;
}

function callsOf(callable: Callable, known: Known, documents: Documents): readonly Ask[] {
  return callable.overloads.filter(isNamed).flatMap((overload) => {
    const given = overload.routine.arguments.filter(({ optional }) => !optional);
    const { result } = overload;
    const columns = result.kind === 'rows' ? [...result.table.columns.values()] : [];
    const shown =
      result.kind === 'rows' && result.exposed
        ? [...(known.world.tables.get(result.table.name)?.columns.values() ?? [])].slice(0, 4)
        : columns.slice(0, 4);
    return argumentsFor(given, shown.length === 0 ? [] : known.rows((result as { table: Table }).table)).map(
      (body): Ask => ({
        kind: 'call',
        target: callable.rest,
        profile: callable.name === callable.rest ? null : callable.profile,
        select: [],
        filters: [],
        order: [],
        limit: null,
        key: [],
        body,
        graphql: documents.call(callable.name, body, shown),
      }),
    );
  });
}

type Argument = Callable['overloads'][number]['routine']['arguments'][number];

/** Words of the rows that it gives, for arguments of text; numbers from one up; else what the type takes. */
function argumentsFor(given: readonly Argument[], rows: readonly Row[]): readonly Row[] {
  const words = rows
    .flatMap((row) => Object.values(row))
    .filter((value): value is string => typeof value === 'string' && /^\p{L}{3,} \p{L}{2,}/u.test(value))
    .map((value) => value.split(' ').find((word) => word.length > 3) ?? value)
    .slice(0, 5);
  const tries = [0, 1, 2, 3, 4];
  const bodies = tries.map((at) =>
    Object.fromEntries(
      given.map(({ name, type }): [string, Json] => {
        if (type.family === 'string' && words.length > 0) return [name!, words[at % words.length]!];
        if (type.family === 'integer') return [name!, at + 1];
        if (type.family === 'enum') return [name!, type.labels![at % type.labels!.length]!];
        return [name!, madeUp(type)];
      }),
    ),
  );
  return [...new Map(bodies.map((body) => [JSON.stringify(body), body])).values()];
}

function exampleOf(ask: Ask, given: Given, place: Place): Example {
  const answer =
    given.body === undefined
      ? null
      : JSON.stringify(Array.isArray(given.body) ? given.body.slice(0, 2) : given.body, null, 2);
  return {
    kind: ask.kind,
    title: titles[ask.kind],
    snippets: snippetsOf(ask, place),
    gives: { status: given.status, shape: shapeOf(ask, given), answer: given.tried ? answer : null },
  };
}

function shapeOf(ask: Ask, { body, status, tried }: Given): string {
  const names = Array.isArray(body) ? namesOf(body[0]) : namesOf(body);
  const fields = ask.kind === 'call' ? names : names.length > 0 ? names : ask.select.map(bare);
  const of = fields.length === 0 ? '' : ` with ${fields.join(', ')}`;
  if (status === 204 || (tried && body === undefined) || (ask.kind === 'insert' && ask.select.length === 0))
    return 'nothing';
  switch (ask.kind) {
    case 'one':
      return `an object${of}`;
    case 'insert':
    case 'update':
    case 'delete':
      return `a list of the one row${of}`;
    case 'call':
      return fields.length === 0
        ? 'what the function gives'
        : Array.isArray(body)
          ? `a list of objects${of}`
          : `an object${of}`;
    case 'list':
    case 'embed':
    case 'aggregate':
      return `a list of objects${of}`;
    default:
      return ask.kind satisfies never;
  }
}

function namesOf(value: Json | undefined): readonly string[] {
  return value !== null && typeof value === 'object' && !Array.isArray(value) ? Object.keys(value) : [];
}

/** `author(name)` answers as `author`, `count()` as `count`. */
function bare(field: string): string {
  if (field.startsWith('"')) return field.replace(/^"((?:[^"\\]|\\.)*)".*$/, '$1').replace(/\\(.)/g, '$1');
  return field.replace(/\(.*$/, '');
}

/** A list of a table that has much to show, and a row of it by its key. */
function startOf(world: World, tables: RoleExamples['tables']): readonly Example[] {
  const interest = (name: string): number => {
    const seen = world.tables.get(name)!;
    const list = tables.get(name)!.find(({ kind }) => kind === 'list');
    if (list === undefined) return -1;
    return (list.gives.answer === '[]' ? 0 : 100) + seen.edges.size * 10 + Math.min(seen.columns.size, 9);
  };
  const [best] = [...tables.keys()].toSorted((a, b) => interest(b) - interest(a));
  if (best === undefined) return [];
  return tables.get(best)!.filter(({ kind }) => kind === 'list' || kind === 'embed');
}
