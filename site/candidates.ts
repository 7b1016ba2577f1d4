/**
 * What might be asked of a table as an example of each operation that its role is granted, the likeliest to succeed
 * first: with values of rows that the role is known to read, else with values made by type. Pure.
 */
import type { Column, Edge, Table, World, WorldTable } from '../engine/index.ts';
import { type Ask, type Filter, fieldName, type Json, type OperationKind, type Row } from './ask.ts';
import type { Documents } from './documents.ts';
import { isPlain, madeUp, newValues, valuesOf } from './sample-value.ts';

export interface Known {
  readonly world: World;
  /** Rows that the role reads, by the table; none where none are known. */
  readonly rows: (table: Table) => readonly Row[];
  readonly documents: Documents;
}

const mostColumns = 4;
/** What people call the column by which a row is recognized. */
const recognizable = /^(title|name|label)$/i;

const nothing: Omit<Ask, 'kind' | 'target' | 'profile'> = {
  select: [],
  filters: [],
  order: [],
  limit: null,
  key: [],
  body: null,
  graphql: null,
};

export function candidatesFor(seen: WorldTable, known: Known): ReadonlyMap<OperationKind, readonly Ask[]> {
  const found = new Map<OperationKind, readonly Ask[]>();
  const add = (kind: OperationKind, asks: readonly Ask[]) => {
    if (asks.length > 0) found.set(kind, asks);
  };
  const subject = new Subject(seen, known);
  if (seen.select !== undefined && seen.columns.size > 0) {
    add('list', subject.lists());
    add('embed', subject.embeds());
    add('one', subject.ones());
    if (seen.select.aggregate) add('aggregate', subject.aggregates());
  }
  if (seen.insert !== undefined && seen.table.relation.insertable) add('insert', subject.inserts());
  if (seen.update !== undefined && seen.table.relation.updatable) add('update', subject.updates());
  if (seen.delete !== undefined && seen.table.relation.deletable) add('delete', subject.deletes());
  return found;
}

/** One table of a role, and what is known of its rows. */
class Subject {
  readonly #seen: WorldTable;
  readonly #known: Known;
  readonly #rows: readonly Row[];
  readonly #readable: readonly Column[];

  constructor(seen: WorldTable, known: Known) {
    this.#seen = seen;
    this.#known = known;
    this.#rows = known.rows(seen.table);
    this.#readable = [...seen.columns.values()];
  }

  lists(): readonly Ask[] {
    const columns = telling(this.#seen);
    const filters = this.#filters();
    const wide = filters.length === 0 ? [[]] : filters.map((filter) => [filter]);
    return wide.map((some) => {
      const shown = union(
        columns,
        some.map(({ column }) => this.#seen.columns.get(column)!),
      );
      const by = shown.find((column) => column.name === some[0]?.column && some[0]?.operator === 'gte');
      const order = [
        ...(by === undefined ? [] : [{ column: by.name, descending: true }]),
        ...this.#key()
          .filter((column) => column !== by)
          .map((column) => ({ column: column.name, descending: false })),
      ];
      return this.#ask('list', {
        select: shown.map((column) => fieldName(column.name)),
        filters: some,
        order,
        limit: 10,
        graphql: this.#known.documents.list(this.#seen.table, {
          columns: shown,
          filters: some,
          order,
          limit: 10,
        }),
      });
    });
  }

  embeds(): readonly Ask[] {
    const columns = telling(this.#seen).slice(0, 3);
    const order = this.#key().map((column) => ({ column: column.name, descending: false }));
    return edgesOf(this.#seen).flatMap((edge) => {
      const far = this.#farColumns(edge);
      if (far.length === 0) return [];
      const embedded = `${fieldName(edge.name)}(${far.map((column) => fieldName(column.name)).join(',')})`;
      const what = { columns, filters: [], order, limit: 5, edge, far };
      return [
        this.#ask('embed', {
          select: [...columns.map((column) => fieldName(column.name)), embedded],
          order,
          limit: 5,
          graphql: this.#known.documents.list(this.#seen.table, what),
        }),
      ];
    });
  }

  ones(): readonly Ask[] {
    const columns = telling(this.#seen);
    return this.#keys().map((key) =>
      this.#ask('one', {
        select: columns.map((column) => fieldName(column.name)),
        key,
        graphql: this.#known.documents.one(this.#seen.table, key, columns),
      }),
    );
  }

  aggregates(): readonly Ask[] {
    const groups = this.#readable.filter(
      (column) =>
        (column.type.family === 'enum' ||
          column.type.family === 'boolean' ||
          column.type.family === 'string') &&
        !isUnique(column, this.#seen.table) &&
        !recognizable.test(column.name),
    );
    const few = groups.filter((column) => {
      const count = valuesOf(column, this.#rows).length;
      return column.type.family !== 'string' || (count > 1 && count * 2 <= this.#rows.length);
    });
    const graphql = this.#known.documents.count(this.#seen.table);
    return [
      ...few
        .slice(0, 2)
        .map((column) => this.#ask('aggregate', { select: [fieldName(column.name), 'count()'], graphql })),
      this.#ask('aggregate', { select: ['count()'], graphql }),
    ];
  }

  inserts(): readonly Ask[] {
    const { insert, table } = this.#seen;
    const columns = [...insert!.columns].filter((column) => isWritten(column) && !insert!.set.has(column));
    const required = columns.filter(
      ({ source, nullable }) => !nullable && source.default === null && source.identity === null,
    );
    const wanted = union(
      required,
      columns.filter((column) => required.length < 3 && isTelling(column)).slice(0, 3 - required.length),
    );
    // What the database fills by itself is left to it, unless nothing else can be said.
    const written = (wanted.length === 0 ? columns.slice(0, 1) : wanted).toSorted(
      (a, b) => columns.indexOf(a) - columns.indexOf(b),
    );
    const bodies = combinations(written.map((column) => [column.name, this.#choices(column)]));
    const returned = this.#returned(written);
    return bodies.map((body) =>
      this.#ask('insert', {
        body,
        select: returned.map((column) => fieldName(column.name)),
        graphql: this.#known.documents.insert(table, body, returned),
      }),
    );
  }

  updates(): readonly Ask[] {
    const { update, table } = this.#seen;
    const writable = [...update!.columns].filter(
      (column) => isWritten(column) && !update!.set.has(column) && !table.key.includes(column),
    );
    const columns = writable.toSorted((a, b) => changeRank(a, table) - changeRank(b, table)).slice(0, 4);
    return columns.flatMap((column) =>
      this.#keys()
        .slice(0, 8)
        .flatMap((key, index) => {
          const own = this.#rows[index]?.[column.name];
          const others = valuesOf(column, this.#rows).filter(
            (value) => JSON.stringify(value) !== JSON.stringify(own),
          );
          const made =
            column.type.family === 'string' || isUnique(column, table)
              ? newValues(column, valuesOf(column, this.#rows))
              : [];
          const values = [
            ...(isUnique(column, table) ? [] : others.slice(0, 1)),
            ...made.slice(0, 1),
            ...(column.type.labels ?? []).slice(0, 6),
          ];
          return (
            values.length === 0 ? newValues(column, valuesOf(column, this.#rows)).slice(0, 2) : values
          ).map((value) => {
            const body = { [column.name]: value };
            const returned = this.#returned([column]);
            return this.#ask('update', {
              filters: equal(key),
              body,
              select: returned.map((one) => fieldName(one.name)),
              graphql: this.#known.documents.update(table, key, body, returned),
            });
          });
        }),
    );
  }

  deletes(): readonly Ask[] {
    const returned = this.#returned(telling(this.#seen).slice(0, 2));
    // The last rows are those that least hangs on.
    return this.#keys()
      .toReversed()
      .map((key) =>
        this.#ask('delete', {
          filters: equal(key),
          select: returned.map((column) => fieldName(column.name)),
          graphql: this.#known.documents.delete(this.#seen.table, key, returned),
        }),
      );
  }

  #ask(kind: OperationKind, rest: Partial<Ask>): Ask {
    const { table } = this.#seen;
    const profile = table.name === table.rest ? null : table.profile;
    return { ...nothing, kind, target: table.rest, profile, ...rest };
  }

  /** The key, where the role reads all of it. */
  #key(): readonly Column[] {
    const { table, columns } = this.#seen;
    return table.key.every((column) => columns.has(column.name)) ? table.key : [];
  }

  /** Keys of the rows that are known, else one that is made. */
  #keys(): readonly Ask['key'][] {
    const columns = this.#key();
    if (columns.length === 0) return [];
    const found = this.#rows.flatMap((row) => {
      const key = columns.map((column) => ({ column: column.name, value: row[column.name] }));
      return key.every(({ value }) => isPlain(value)) ? [key as unknown as Ask['key']] : [];
    });
    if (found.length > 0) return found;
    const made = columns.map((column) => ({ column: column.name, value: madeUp(column.type) }));
    return made.every(({ value }) => isPlain(value)) ? [made as unknown as Ask['key']] : [];
  }

  /** Conditions that some known row meets and not all of them do, where that can be had. */
  #filters(): readonly Filter[] {
    const { table } = this.#seen;
    const linking = new Set(table.relation.foreignKeys.flatMap((key) => key.columns));
    const rest = this.#readable.filter(
      (column) => !table.key.includes(column) && !linking.has(column.column),
    );
    const of = (families: readonly string[], operator: Filter['operator']) =>
      rest
        .filter((column) => families.includes(column.type.family))
        .flatMap((column): readonly Filter[] => {
          const values = valuesOf(column, this.#rows).filter(isPlain);
          const value = values.length > 0 ? middle(values) : madeUp(column.type);
          return isPlain(value) ? [{ column: column.name, operator, value }] : [];
        });
    const all = [
      ...of(['enum', 'boolean'], 'eq'),
      ...of(['decimal', 'integer', 'float'], 'gte'),
      ...of(['date', 'timestamp'], 'gte'),
      ...of(['string', 'uuid'], 'eq'),
    ];
    if (this.#rows.length < 2) return all.slice(0, 2);
    // A condition that all rows meet tells little.
    return [
      ...all.filter((one) => valuesOf(this.#seen.columns.get(one.column)!, this.#rows).length > 1),
      ...all,
    ].slice(0, 4);
  }

  #farColumns(edge: Edge): readonly Column[] {
    const far = this.#known.world.tables.get(edge.to.name);
    if (far?.select === undefined) return [];
    const linking = new Set(edge.pairs.map((pair) => pair.far));
    const rest = telling(far).filter((column) => !linking.has(column));
    const named = rest.filter((column) => recognizable.test(column.name));
    return (named.length > 0 ? named : rest.length > 0 ? rest : telling(far)).slice(0, 2);
  }

  /** What a write shows of its row: its key, and what was written. Nothing, where the role reads nothing. */
  #returned(written: readonly Column[]): readonly Column[] {
    const { columns, select } = this.#seen;
    if (select === undefined) return [];
    const shown = union(
      this.#key(),
      written.filter((column) => columns.has(column.name)),
    );
    return shown.length > 0 ? shown.slice(0, 6) : this.#readable.slice(0, 1);
  }

  /** Values for a new row, the likeliest first. */
  #choices(column: Column): readonly Json[] {
    const { table } = this.#seen;
    const key = table.relation.foreignKeys.find(({ columns }) => columns.includes(column.column));
    const own = valuesOf(column, this.#rows);
    if (key !== undefined) {
      const far = [...this.#known.world.tables.values()].find(
        ({ table: { relation } }) =>
          relation.schema === key.target.schema && relation.name === key.target.relation,
      );
      const there = far?.table.byDatabaseName.get(key.target.columns[key.columns.indexOf(column.column)]!);
      const linked =
        far === undefined || there === undefined ? [] : valuesOf(there, this.#known.rows(far.table));
      const all = [...new Set([...linked, ...own])];
      return all.length > 0 ? all : [madeUp(column.type)];
    }
    if (isUnique(column, table)) {
      const fresh = newValues(column, own);
      return fresh.length > 0 ? fresh : [madeUp(column.type)];
    }
    const inKey = table.key.includes(column);
    const fresh = inKey ? newValues(column, own) : [];
    const all = [...fresh, ...own, ...(column.type.labels ?? [])];
    return all.length > 0 ? all : [madeUp(column.type)];
  }
}

const most = 24;

/** Bodies of the first choices, then with one other choice, then with two. */
function combinations(choices: readonly (readonly [string, readonly Json[]])[]): readonly Row[] {
  const bodies: Row[] = [];
  const bodyOf = (picks: readonly number[]): Row =>
    Object.fromEntries(choices.map(([name, values], at) => [name, values[picks[at] ?? 0] ?? values[0]!]));
  const first = choices.map(() => 0);
  bodies.push(bodyOf(first));
  const widest = Math.max(1, ...choices.map(([, values]) => values.length));
  for (let pick = 1; pick < widest; pick++)
    for (let at = 0; at < choices.length; at++)
      if (pick < choices[at]![1].length) bodies.push(bodyOf(first.with(at, pick)));
  for (let pick = 1; pick < widest; pick++) bodies.push(bodyOf(first.map(() => pick)));
  for (let one = 0; one < choices.length; one++)
    for (let other = 0; other < one; other++)
      for (let pick = 1; pick < Math.min(8, widest); pick++)
        for (let second = 1; second < Math.min(8, widest); second++)
          bodies.push(bodyOf(first.with(one, pick).with(other, second)));
  const distinct = new Map(bodies.map((body) => [JSON.stringify(body), body]));
  return [...distinct.values()].slice(0, most);
}

function equal(key: Ask['key']): readonly Filter[] {
  return key.map((part) => ({ ...part, operator: 'eq' }));
}

function isWritten({ source, type }: Column): boolean {
  return !source.generated && source.identity !== 'always' && type.lookup !== true;
}

function isUnique({ column }: Column, { relation }: Table): boolean {
  const keys = [...relation.uniques, ...(relation.primaryKey === null ? [] : [relation.primaryKey])];
  return keys.some(({ columns }) => columns.length === 1 && columns[0] === column);
}

function isTelling({ type }: Column): boolean {
  return !['json', 'binary', 'composite', 'array', 'range', 'other'].includes(type.family);
}

/** What people change: a state, a number, a text; a reference seldom. */
function changeRank(column: Column, { relation }: Table): number {
  if (relation.foreignKeys.some((key) => key.columns.includes(column.column))) return 6;
  const order = ['decimal', 'integer', 'enum', 'boolean', 'float', 'string', 'date', 'timestamp'];
  const at = order.indexOf(column.type.family);
  return at < 0 ? 7 : recognizable.test(column.name) ? 4.5 : at * 0.5;
}

function middle<T>(values: readonly T[]): T {
  const sorted = values.toSorted((a, b) => (a < b ? -1 : a > b ? 1 : 0));
  return sorted[Math.floor(sorted.length / 2)]!;
}

function union(one: readonly Column[], other: readonly Column[]): readonly Column[] {
  return [...new Set([...one, ...other])];
}

/** The key and the columns that say most to a reader. */
function telling(seen: WorldTable): readonly Column[] {
  const rank = (column: Column): number => {
    if (seen.table.key.includes(column) || recognizable.test(column.name)) return 0;
    if (seen.table.relation.foreignKeys.some((key) => key.columns.includes(column.column))) return 3;
    return isTelling(column) ? (column.nullable ? 2 : 1) : 4;
  };
  return [...seen.columns.values()]
    .map((column, index) => ({ column, index }))
    .sort((a, b) => rank(a.column) - rank(b.column) || a.index - b.index)
    .slice(0, mostColumns)
    .sort((a, b) => a.index - b.index)
    .map(({ column }) => column);
}

/** A relationship to one is the easier read; any other will do. */
function edgesOf(seen: WorldTable): readonly Edge[] {
  const rank = (edge: Edge) => (edge.to === seen.table ? 2 : 0) + (edge.kind === 'one' ? 0 : 1);
  return [...seen.edges.values()]
    .filter((edge) => edge.routine === undefined)
    .toSorted((a, b) => rank(a) - rank(b))
    .slice(0, 4);
}
