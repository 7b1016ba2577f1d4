/** Arbitrary questions: lists with what is embedded in them, rows by key, aggregates and groups. They may ask for too much. */
import { always, drawPredicate, type Extent, type Predicate } from './predicate.ts';
import { edgesOf, type Reach } from './reach.ts';
import type { Column, Edge, Schema, Table, Type } from './schema.ts';
import type { Draw } from './tape.ts';

export type Surface = 'rest' | 'graphql';

export interface Order {
  readonly column: string;
  readonly direction: 'asc' | 'desc';
  readonly nulls: 'first' | 'last' | null;
}

export interface Level {
  readonly table: Table;
  /** Names, of columns that may not be there. */
  readonly columns: readonly string[];
  readonly embeds: readonly Embed[];
  readonly where: Predicate | undefined;
  readonly order: readonly Order[];
  readonly limit: number | undefined;
  readonly offset: number | undefined;
}

export interface Embed {
  readonly alias: string;
  readonly edge: Edge;
  readonly of:
    | { readonly kind: 'rows'; readonly level: Level; readonly inner: boolean }
    /** GraphQL's `<relationship>_aggregate`. */
    | { readonly kind: 'summary'; readonly summary: Summary };
}

export interface Summary {
  readonly table: Table;
  readonly where: Predicate | undefined;
  readonly functions: readonly Term[];
}

export interface Term {
  readonly alias: string;
  readonly function: 'count' | 'sum' | 'avg' | 'min' | 'max';
  readonly column: string | undefined;
  readonly distinct: boolean;
}

export type Question =
  | { readonly kind: 'list'; readonly level: Level; readonly count: boolean }
  | { readonly kind: 'one'; readonly level: Level; readonly id: number }
  /** Groups by columns; none: one group of all rows. */
  | { readonly kind: 'groups'; readonly summary: Summary; readonly by: readonly string[] }
  /** GraphQL's `<table>_aggregate`, with the rows under `nodes`. */
  | { readonly kind: 'summary'; readonly summary: Summary; readonly nodes: Level };

/** Who asks what of which world. */
export interface Asker {
  readonly schema: Schema;
  readonly reach: Reach;
  readonly surface: Surface;
}

/** What is no column of any table. */
export const absent: Column = {
  name: 'nothing',
  type: 'int',
  nullable: true,
  hidden: true,
  refersTo: undefined,
};

/** Mostly what the role may read; now and then whatever there is, and what there is not. */
export function columnsFor(draw: Draw, table: Table, { reach }: Asker): readonly Column[] {
  if (draw.chance(4)) return [...table.columns, absent];
  const select = reach.get(table.name)?.select;
  const shown = table.columns.filter(({ name }) => select?.columns.has(name));
  // Cells that are shown in some rows only are what is easily told by mistake.
  const partly = shown.filter(({ name }) =>
    select?.parts.some(({ columns }) => columns.get(name) !== always),
  );
  if (partly.length > 0 && draw.chance(35)) return partly;
  return shown.length === 0 ? table.columns : shown;
}

/** In REST the name of a table is a relationship too, where one leads there: whose own names are those is not asked. */
export function edgesFor(draw: Draw, table: Table, { reach, schema, surface }: Asker): readonly Edge[] {
  if (draw.chance(4)) return table.edges.filter(({ name }) => surface === 'graphql' || !schema.has(name));
  return edgesOf(table.name, reach);
}

export function tableFor(draw: Draw, { schema, reach }: Asker): Table {
  const shown = [...schema.values()].filter(({ name }) => reach.get(name)?.select !== undefined);
  return draw.pick(shown.length === 0 || draw.chance(5) ? [...schema.values()] : shown);
}

export function drawFilter(draw: Draw, table: Table, asker: Asker): Predicate {
  const { surface, reach, schema } = asker;
  const extent: Extent = {
    schema,
    columns: (one) => columnsFor(draw, one, asker),
    // REST asks of related rows through what it embeds.
    edges: (one) => (surface === 'rest' ? [] : edgesFor(draw, one, asker)),
    policy: false,
    keys: surface === 'graphql',
    counts: ({ to }) => reach.get(to)?.select?.aggregate !== undefined || draw.chance(5),
  };
  return drawPredicate(draw, table, extent, surface === 'rest' ? 0 : 2);
}

export function drawQuestion(draw: Draw, asker: Asker): Question {
  const table = tableFor(draw, asker);
  const kind = draw.int(100);
  const level = drawLevel(draw, table, asker, 2);
  if (kind >= 65) {
    const summary = drawSummary(draw, table, asker);
    if (asker.surface === 'graphql' && kind < 85) {
      const nodes = {
        ...level,
        embeds: [],
        where: undefined,
        order: [],
        limit: undefined,
        offset: undefined,
      };
      return { kind: 'summary', summary, nodes };
    }
    const by = columnsFor(draw, table, asker).filter(({ type }) => type !== 'json');
    return { kind: 'groups', summary, by: draw.few(by, draw.int(3)).map(({ name }) => name) };
  }
  if (kind >= 55 && table.key.length === 1) {
    const bare = { ...level, where: undefined, order: [], limit: undefined, offset: undefined };
    return { kind: 'one', level: bare, id: 1 + draw.int(9) };
  }
  const count = asker.surface === 'rest' && draw.chance(30);
  return { kind: 'list', level: count ? { ...level, offset: undefined } : level, count };
}

export function drawLevel(draw: Draw, table: Table, asker: Asker, deep: number): Level {
  const columns = columnsFor(draw, table, asker);
  const chosen = draw.few(columns, 1 + draw.int(4)).map(({ name }) => name);
  const where = draw.chance(60) ? drawFilter(draw, table, asker) : undefined;
  const order = drawOrder(draw, table, asker);
  const limit = draw.chance(30) ? 1 + draw.int(5) : undefined;
  const offset = draw.chance(20) ? draw.int(3) : undefined;
  const edges = deep > 0 && draw.chance(60) ? draw.few(edgesFor(draw, table, asker), 1 + draw.int(2)) : [];
  const embeds = edges.map((edge, index) => drawEmbed(draw, edge, `e${index}`, asker, deep));
  return { table, columns: chosen, embeds, where, order, limit, offset };
}

function drawEmbed(draw: Draw, edge: Edge, alias: string, asker: Asker, deep: number): Embed {
  const far = asker.schema.get(edge.to)!;
  const aggregates = asker.reach.get(edge.to)?.select?.aggregate !== undefined || draw.chance(5);
  if (asker.surface === 'graphql' && edge.many && aggregates && draw.chance(25))
    return { alias, edge, of: { kind: 'summary', summary: drawSummary(draw, far, asker) } };
  const level = drawLevel(draw, far, asker, deep - 1);
  const inner = asker.surface === 'rest' && draw.chance(25);
  // Whether rows that are skipped count as being there is nobody's business here.
  const offset = inner ? undefined : level.offset;
  if (edge.many) return { alias, edge, of: { kind: 'rows', level: { ...level, offset }, inner } };
  const where = asker.surface === 'rest' ? level.where : undefined;
  const one = { ...level, where, order: [], limit: undefined, offset: undefined };
  return { alias, edge, of: { kind: 'rows', level: one, inner } };
}

/** The key ends it, mostly, so that there is one right order. */
function drawOrder(draw: Draw, table: Table, asker: Asker): readonly Order[] {
  const columns = columnsFor(draw, table, asker).filter(({ type }) => type !== 'json');
  const order = draw.few(columns, draw.int(3)).map(
    ({ name }): Order => ({
      column: name,
      direction: draw.pick(['asc', 'desc'] as const),
      nulls: draw.pick([null, 'first', 'last'] as const),
    }),
  );
  const readable = asker.reach.get(table.name)?.select?.columns;
  const key = draw.chance(80)
    ? table.key.filter((name) => readable?.has(name) && order.every(({ column }) => column !== name))
    : [];
  return [...order, ...key.map((column): Order => ({ column, direction: 'asc', nulls: null }))];
}

const functionsOf: Readonly<Record<Type, readonly Term['function'][]>> = {
  int: ['sum', 'avg', 'min', 'max', 'count'],
  decimal: ['sum', 'avg', 'min', 'max', 'count'],
  text: ['min', 'max', 'count'],
  date: ['min', 'max', 'count'],
  bool: ['count'],
  json: [],
};

export function drawSummary(draw: Draw, table: Table, asker: Asker): Summary {
  const where = draw.chance(45) ? drawFilter(draw, table, asker) : undefined;
  const columns = columnsFor(draw, table, asker).filter(({ type }) => type !== 'json');
  const functions: Term[] = [];
  const length = draw.int(4);
  for (let index = 0; index < length && columns.length > 0; index += 1) {
    const column = draw.pick(columns);
    const name = draw.pick(functionsOf[column.type]);
    const distinct = asker.surface === 'graphql' && name === 'count' && draw.chance(40);
    functions.push({ alias: `f${index}`, function: name, column: column.name, distinct });
  }
  const rows: Term = { alias: 'n', function: 'count', column: undefined, distinct: false };
  return { table, where, functions: [rows, ...functions] };
}
