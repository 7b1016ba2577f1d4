/** Arbitrary changes: inserts of one row and of many, upserts, updates, deletes, and what of them shall come back. */
import { always, type Predicate } from './predicate.ts';
import { type Asker, absent, drawFilter, drawLevel, type Level, type Surface } from './question.ts';
import type { TableReach, Writing } from './reach.ts';
import { drawCell, type Row, type State, type Table } from './schema.ts';
import type { Draw } from './tape.ts';

interface Common {
  readonly table: Table;
  /** Columns of written rows and what is embedded in them; absent: nothing comes back. */
  readonly returning: Level | undefined;
}

export type Change =
  | (Common & {
      readonly kind: 'insert';
      /** All with the same columns. */
      readonly rows: readonly Row[];
      readonly single: boolean;
      /** What becomes of rows whose key is there: they are changed, or left as they are. */
      readonly conflict: 'merge' | 'ignore' | undefined;
    })
  | (Common & { readonly kind: 'update'; readonly where: Predicate; readonly row: Row })
  | (Common & { readonly kind: 'delete'; readonly where: Predicate });

export function drawChange(draw: Draw, asker: Asker, state: State): Change {
  const kind = draw.pick(['insert', 'update', 'delete', 'upsert', 'update'] as const);
  const verb = kind === 'upsert' ? 'insert' : kind;
  const { schema, reach } = asker;
  const able = [...schema.values()].filter(({ name }) => reach.get(name)?.[verb] !== undefined);
  const table = draw.pick(able.length === 0 || draw.chance(5) ? [...schema.values()] : able);
  const own = reach.get(table.name);
  const returning = own?.select === undefined ? draw.chance(10) : draw.chance(65);
  const common: Common = { table, returning: returning ? drawReturning(draw, table, asker) : undefined };
  switch (kind) {
    case 'insert':
    case 'upsert':
      return { ...common, kind: 'insert', ...drawBody(draw, kind, own, table, state, asker.surface) };
    case 'update':
      return {
        ...common,
        kind,
        where: drawReached(draw, table, asker),
        row: drawUpdate(draw, own, table, state),
      };
    case 'delete':
      return { ...common, kind, where: drawReached(draw, table, asker) };
    default:
      return kind satisfies never;
  }
}

function drawReturning(draw: Draw, table: Table, asker: Asker): Level {
  const level = drawLevel(draw, table, asker, draw.chance(30) ? 1 : 0);
  const plain = level.embeds.filter(({ of }) => of.kind === 'rows' && !of.inner);
  const bare = plain.map((embed) => {
    if (embed.of.kind !== 'rows') return embed;
    const { where, order, limit, offset } = {
      where: undefined,
      order: [],
      limit: undefined,
      offset: undefined,
    };
    return { ...embed, of: { ...embed.of, level: { ...embed.of.level, where, order, limit, offset } } };
  });
  return { ...level, embeds: bare, where: undefined, order: [], limit: undefined, offset: undefined };
}

/** All rows only where GraphQL says so on purpose. */
function drawReached(draw: Draw, table: Table, asker: Asker): Predicate {
  const where = asker.surface === 'graphql' && draw.chance(15) ? always : drawFilter(draw, table, asker);
  const isEmpty = where.kind === 'and' && where.of.length === 0;
  if (!isEmpty || asker.surface === 'graphql') return where;
  return { kind: 'null', column: table.columns[0]!, is: false };
}

function drawBody(
  draw: Draw,
  kind: 'insert' | 'upsert',
  own: TableReach | undefined,
  table: Table,
  state: State,
  surface: Surface,
): { rows: readonly Row[]; single: boolean; conflict: 'merge' | 'ignore' | undefined } {
  const conflict = kind === 'insert' ? undefined : draw.chance(75) ? 'merge' : 'ignore';
  const both = conflict === 'merge' ? own?.update?.columns : undefined;
  const names = drawNames(draw, own?.insert, table, 75).filter(
    (name) => both === undefined || both.has(name) || table.key.includes(name) || draw.chance(5),
  );
  const length = draw.chance(40) ? 1 : 2 + draw.int(3);
  const rows = new Map<string, Row>();
  for (let index = 0; index < length; index += 1) {
    const key = drawKey(draw, table, state, kind === 'insert' ? 8 : 60, index);
    const row = Object.fromEntries(
      names.map((name) => [name, key[name] ?? drawValue(draw, table, name, state)]),
    );
    rows.set(JSON.stringify(table.key.map((name) => key[name])), row);
  }
  const all = [...rows.values()];
  const single = all.length === 1 && draw.chance(50);
  // In GraphQL `update_columns: []` leaves rows as they are.
  const changes = surface === 'rest' || names.some((name) => !table.key.includes(name));
  return { rows: all, single, conflict: conflict === 'merge' && !changes ? 'ignore' : conflict };
}

/** @param percent how often it is the key of a row that is there */
function drawKey(draw: Draw, table: Table, state: State, percent: number, index: number): Row {
  const there = state.get(table.name)!;
  if (there.length > 0 && draw.chance(percent)) {
    const row = draw.pick(there);
    return Object.fromEntries(table.key.map((name) => [name, row[name]!]));
  }
  if (table.key.length === 1) return { id: 50 + index };
  return Object.fromEntries(
    table.key.map((name) => [name, drawCell(draw, table.columns.find((one) => one.name === name)!, state)]),
  );
}

/** What the grant names, the key always; now and then a column that it does not name. */
function drawNames(draw: Draw, writing: Writing | undefined, table: Table, percent: number): string[] {
  const granted = table.columns.filter(({ name }) => writing?.columns.has(name) ?? true);
  const names = granted
    .filter(({ name, nullable }) => draw.chance(table.key.includes(name) || !nullable ? 97 : percent))
    .map(({ name }) => name);
  if (draw.chance(6)) names.push(draw.pick([...table.columns, absent]).name);
  return [...new Set(names.length === 0 ? ['id'] : names)];
}

function drawValue(draw: Draw, table: Table, name: string, state: State): Row[string] {
  const column = table.columns.find((one) => one.name === name);
  if (column === undefined) return 1;
  if (draw.chance(3)) return null;
  if (column.refersTo !== undefined && draw.chance(6)) return 99;
  return drawCell(draw, column, state);
}

function drawUpdate(draw: Draw, own: TableReach | undefined, table: Table, state: State): Row {
  const granted = table.columns.filter(
    ({ name }) => (own?.update?.columns.has(name) ?? true) && (!table.key.includes(name) || draw.chance(8)),
  );
  const names = draw.few(granted, 1 + draw.int(3)).map(({ name }) => name);
  if (names.length === 0 || draw.chance(6)) names.push(draw.pick([...table.columns, absent]).name);
  return Object.fromEntries([...new Set(names)].map((name) => [name, drawValue(draw, table, name, state)]));
}
