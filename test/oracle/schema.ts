/** Arbitrary schemas: tables with columns of the portable types, foreign keys, a junction; and the relationships they give. */
import { words } from '../portable-sql.ts';
import type { TestEngine } from '../servers/identity.ts';
import type { Draw } from './tape.ts';

export type Type = 'int' | 'text' | 'bool' | 'date' | 'decimal' | 'json';
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };
export type Row = Readonly<Record<string, Json>>;
/** Rows of each table. */
export type State = ReadonlyMap<string, readonly Row[]>;

export interface Column {
  readonly name: string;
  readonly type: Type;
  readonly nullable: boolean;
  /** No role ever sees it. */
  readonly hidden: boolean;
  /** The table whose `id` it refers to. */
  readonly refersTo: string | undefined;
}

export interface Edge {
  readonly name: string;
  readonly from: string;
  readonly to: string;
  readonly many: boolean;
  /** Of this table and of the far one; through a junction none. */
  readonly near: string;
  readonly far: string;
  readonly through: { readonly table: string; readonly near: string; readonly far: string } | undefined;
  /** Named in YAML, and how it is written there. */
  readonly declared: Readonly<Record<string, Json>> | undefined;
}

export interface Table {
  readonly name: string;
  readonly key: readonly string[];
  readonly columns: readonly Column[];
  readonly edges: readonly Edge[];
}

export type Schema = ReadonlyMap<string, Table>;

/** Few values, so that conditions meet rows and rows are alike. */
export const valuesOf: Readonly<Record<Type, readonly Json[]>> = {
  int: [1, 2, 3, 0, -1, 7],
  text: ['u1', 'u2', 'a', 'A', 'ab', 'a_b', '', '7', '%'],
  bool: [true, false],
  date: ['2024-01-01', '2024-02-29', '1999-12-31'],
  decimal: [0, 1.5, 1.25, 10, -2.5],
  json: [{ a: 1 }, { a: 1, b: 'x' }, { b: 'x' }, { c: { a: 1 } }, {}],
};

export function columnOf(table: Table, name: string): Column | undefined {
  return table.columns.find((column) => column.name === name);
}

const names = ['alpha', 'beta', 'gamma'];
const plain: readonly (readonly [string, Type])[] = [
  ['owner', 'text'],
  ['num', 'int'],
  ['flag', 'bool'],
  ['price', 'decimal'],
  ['day', 'date'],
  ['note', 'text'],
  ['size', 'int'],
  ['meta', 'json'],
];

type Draft = Omit<Table, 'edges'>;

export function drawSchema(draw: Draw): Schema {
  const tables: Draft[] = names.slice(0, 2 + draw.int(2)).map((name, index) => {
    const own = plain.filter(([of], at) => at === 0 || draw.chance(of === 'meta' ? 30 : 55));
    const hidden = draw.chance(30) ? draw.pick(own)[0] : undefined;
    const columns = own.map(
      ([of, type]): Column => ({
        name: of,
        type,
        nullable: of === hidden || !draw.chance(25),
        hidden: of === hidden,
        refersTo: undefined,
      }),
    );
    return { name, key: ['id'], columns: [idColumn, ...columns, ...foreignKeys(draw, index)] };
  });
  if (draw.chance(50)) tables.push(junction(tables[0]!.name, tables[1]!.name));
  return withEdges(tables, draw);
}

const idColumn: Column = { name: 'id', type: 'int', nullable: false, hidden: false, refersTo: undefined };

function foreignKeys(draw: Draw, index: number): Column[] {
  const keys: Column[] = [];
  for (const to of names.slice(0, index))
    if (keys.length === 0 || draw.chance(50)) keys.push(reference(`${to}_id`, to, draw.chance(60)));
  if (index > 0 && draw.chance(30)) keys.push(reference('other_id', names[0]!, true));
  return keys;
}

function reference(name: string, refersTo: string, nullable: boolean): Column {
  return { name, type: 'int', nullable, hidden: false, refersTo };
}

function junction(one: string, other: string): Draft {
  const key = [`${one}_id`, `${other}_id`];
  const columns = [reference(key[0]!, one, false), reference(key[1]!, other, false)];
  const weight: Column = { name: 'weight', type: 'int', nullable: true, hidden: false, refersTo: undefined };
  return { name: 'links', key, columns: [...columns, weight] };
}

/**
 * Relationships as the language names them: to one, to many, many to many, each in the order of table and constraint; the
 * first candidate that no column, declared relationship or earlier key of the table has. A key that YAML names loses its own.
 */
function withEdges(tables: readonly Draft[], draw: Draw): Schema {
  const keys = tables
    .flatMap((table) =>
      table.columns.filter(({ refersTo }) => refersTo !== undefined).map((column) => ({ table, column })),
    )
    .sort((a, b) => order(constraint(a.table.name, a.column), constraint(b.table.name, b.column)));
  const edges: Edge[] = [];
  const taken = (table: string, name: string) =>
    edges.some((edge) => edge.from === table && edge.name === name) ||
    tables.find((one) => one.name === table)!.columns.some((column) => column.name === name);
  const add = (edge: Omit<Edge, 'name' | 'declared'>, candidates: readonly string[]) => {
    const name = candidates.find((candidate) => !taken(edge.from, candidate));
    if (name !== undefined) edges.push({ ...edge, name, declared: undefined });
  };
  const renamed = { one: new Set<Column>(), many: new Set<Column>() };
  for (const { table, column } of keys) {
    const to = column.refersTo!;
    if (draw.chance(20)) {
      renamed.one.add(column);
      const declared = { column: column.name, to: `${to}.id` };
      edges.push({ ...toOne(table.name, column), name: `of_${column.name}`, declared });
    }
    if (draw.chance(20)) {
      renamed.many.add(column);
      const declared = { from: `${table.name}.${column.name}` };
      edges.push({ ...toMany(table.name, column), name: `all_${table.name}_${column.name}`, declared });
    }
  }
  for (const { table, column } of keys)
    if (!renamed.one.has(column))
      add(toOne(table.name, column), [
        column.name.replace(/_id$/, ''),
        column.refersTo!,
        `${column.refersTo}_by_${column.name}`,
      ]);
  for (const { table, column } of keys)
    if (!renamed.many.has(column))
      add(toMany(table.name, column), [table.name, `${table.name}_by_${column.name}`]);
  for (const { name, key } of tables.filter((table) => table.key.length === 2)) {
    const [one, other] = keys.filter(({ table, column }) => table.name === name && key.includes(column.name));
    for (const [near, far] of [
      [one!.column, other!.column],
      [other!.column, one!.column],
    ] as const) {
      const through = { table: name, near: near.name, far: far.name };
      const edge = { from: near.refersTo!, to: far.refersTo!, many: true, near: 'id', far: 'id', through };
      add(edge, [far.refersTo!, `${far.refersTo}_by_${name}`]);
    }
  }
  return new Map(
    tables.map((table) => [table.name, { ...table, edges: edges.filter(({ from }) => from === table.name) }]),
  );
}

function toOne(from: string, { name, refersTo }: Column): Omit<Edge, 'name' | 'declared'> {
  return { from, to: refersTo!, many: false, near: name, far: 'id', through: undefined };
}

function toMany(to: string, { name, refersTo }: Column): Omit<Edge, 'name' | 'declared'> {
  return { from: refersTo!, to, many: true, near: 'id', far: name, through: undefined };
}

const constraint = (table: string, { name }: Column) => `${table} ${table}_${name}_fk`;

export const order = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);

/** Rows that hold the constraints. Values are few, so that many are alike. */
export function drawRows(draw: Draw, schema: Schema): State {
  const state = new Map<string, readonly Row[]>();
  for (const table of schema.values()) {
    const length = 3 + draw.int(6);
    const rows = new Map<string, Row>();
    for (let index = 0; index < length; index += 1) {
      const row = Object.fromEntries(
        table.columns.map((column) => [
          column.name,
          column.name === 'id' ? index + 1 : drawCell(draw, column, state),
        ]),
      );
      rows.set(JSON.stringify(table.key.map((name) => row[name])), row);
    }
    state.set(table.name, [...rows.values()]);
  }
  return state;
}

/** A value of a column, of a row that is there where it refers to one. */
export function drawCell(draw: Draw, column: Column, state: State): Json {
  if (column.nullable && draw.chance(25)) return null;
  if (column.refersTo === undefined) return draw.pick(valuesOf[column.type]);
  return draw.pick(state.get(column.refersTo)!.map(({ id }) => id!));
}

export function ddl(schema: Schema, engine: TestEngine): string {
  const { begin, name: text, json } = words[engine];
  const types = { int: 'int', text, bool: 'boolean', date: 'date', decimal: 'decimal(8, 2)', json };
  const tables = [...schema.values()].map((table) => {
    const columns = table.columns.map(
      ({ name, type, nullable }) => `${name} ${types[type]}${nullable ? '' : ' not null'}`,
    );
    const keys = table.columns
      .filter(({ refersTo }) => refersTo !== undefined)
      .map(
        ({ name, refersTo }) =>
          `constraint ${table.name}_${name}_fk foreign key (${name}) references ${refersTo} (id)`,
      );
    return `create table ${table.name} (${[...columns, `primary key (${table.key.join(', ')})`, ...keys].join(', ')});`;
  });
  return `${begin}\n${tables.join('\n')}\n`;
}

/** All rows anew. */
export function fill(schema: Schema, state: State): string {
  const tables = [...schema.values()];
  const empty = [...tables].reverse().map(({ name }) => `delete from ${name};`);
  const full = tables.flatMap(({ name, columns }) => {
    const rows = state.get(name)!;
    if (rows.length === 0) return [];
    const values = rows.map((row) => `(${columns.map((column) => literal(row[column.name]!)).join(', ')})`);
    return [
      `insert into ${name} (${columns.map((column) => column.name).join(', ')}) values ${values.join(', ')};`,
    ];
  });
  return [...empty, ...full].join('\n');
}

export function literal(value: Json): string {
  if (typeof value === 'string') return `'${value.replaceAll("'", "''")}'`;
  if (typeof value === 'object' && value !== null) return `'${JSON.stringify(value)}'`;
  return String(value);
}
