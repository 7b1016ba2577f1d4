/** Objects to insert, with what is nested in them → the steps that write them, each row after those that it hangs on. Pure. */
import type { Step } from '../execute/executor.ts';
import type { ConflictRequest, LinkRequest, YieldRequest } from '../query/request.ts';
import { Bare } from './bare.ts';
import { buildConflict } from './conflict.ts';
import { listOf } from './filter.ts';
import type { ModelColumn, ModelEdge, ModelTable } from './model.ts';
import { beyondLimit, invalid } from './refusal.ts';
import { common, type RootContext } from './slots.ts';

/** Sets of columns that the objects of one level may give; each is a statement. */
const maxColumnSets = 50;
/** Statements of one root field. */
const maxSteps = 200;

type Row = Readonly<Record<string, unknown>>;
type Write = Extract<Step, { kind: 'write' }>;
type Insert = Extract<Write['request'], { kind: 'insert' }>;

/** Where an object has come to stand. */
interface Placed {
  readonly step: number;
  readonly row: number;
}

/** Rows of one statement, while more may be added. */
interface Draft {
  readonly context: RootContext;
  readonly columns: readonly string[];
  readonly conflict: ConflictRequest | undefined;
  readonly rows: Row[];
  readonly links: readonly { readonly link: LinkRequest; readonly step: number; readonly rows: number[] }[];
  readonly yields: YieldRequest[];
  needsAll: boolean;
}

/** What objects with the same names have in common. */
interface Shape {
  readonly columns: readonly ModelColumn[];
  readonly before: readonly ModelEdge[];
  readonly after: readonly ModelEdge[];
}

/** Objects of one level that are written alike. */
interface Batch {
  readonly objects: readonly unknown[];
  /** Of the object at an index, for messages. */
  readonly pathOf: (index: number) => string;
  readonly conflict: ConflictRequest | undefined;
  /** Rows that these hang on, one for each object. */
  readonly parent: { readonly link: LinkRequest; readonly placed: readonly Placed[] } | undefined;
  readonly level: number;
}

export class InsertTree {
  readonly #drafts: Draft[] = [];
  readonly #placed: readonly Placed[];
  #nested = false;

  /** @param context of the root field: its values also hold what the root's own statements need */
  constructor(
    objects: readonly unknown[],
    at: string,
    conflict: ConflictRequest | undefined,
    context: RootContext,
  ) {
    const pathOf = (index: number) => `${context.path}.args.${at}${at === 'objects' ? `[${index}]` : ''}`;
    this.#placed = this.#insert({ objects, pathOf, conflict, parent: undefined, level: 0 }, context);
  }

  /** Several statements, whose rows are to be read back when they are all written. */
  get isSpread(): boolean {
    return this.#drafts.length > 1;
  }

  /** Rows that hang on others. */
  get isNested(): boolean {
    return this.#nested;
  }

  /** Steps of the objects themselves, not of what is nested in them. */
  get roots(): readonly number[] {
    return [...new Set(this.#placed.map(({ step }) => step))].sort((one, other) => one - other);
  }

  /** The keys of the objects' rows, in the order of the objects; of rows that were left out, none. */
  keys(): Extract<Step, { kind: 'reread' }>['keys'] {
    const entries = new Map(this.roots.map((step) => [step, this.#yield(step, 'key')]));
    // Where an existing row may be left as it is, rows have no certain place.
    const certain = this.roots.every((step) => writesAll(this.#drafts[step]!.conflict));
    if (!certain) return [...entries].map(([step, entry]) => ({ step, yield: entry }));
    return this.#placed.map(({ step, row }) => ({ step, yield: entries.get(step)!, row }));
  }

  /** @param returning what the objects' own statements answer with */
  steps(returning: Insert['returning'], shape: Insert['shape']): readonly Write[] {
    const roots = new Set(this.roots);
    return this.#drafts.map(({ context, columns, conflict, rows, links, yields, needsAll }, index): Write => {
      const request: Insert = {
        kind: 'insert',
        ...common(context),
        returning: roots.has(index) ? returning : [],
        shape: roots.has(index) ? shape : 'list',
        columns,
        values: [...context.values, rows],
        rows: context.values.length,
        ...(conflict === undefined ? null : { conflict }),
        ...(links.length === 0 ? null : { links: links.map(({ link }) => link) }),
        ...(yields.length === 0 ? null : { yields }),
      };
      return {
        kind: 'write',
        request,
        ...(links.length === 0
          ? null
          : {
              fills: links.map(({ link, step, rows: from }) => ({
                step,
                yield: this.#yield(step, otherEnd(link)),
                rows: from,
              })),
            }),
        ...(needsAll ? { needsAll } : null),
      };
    });
  }

  /** Index of the entry, which is added where it is not there yet. */
  #yield(step: number, wanted: YieldRequest): number {
    const { yields } = this.#drafts[step]!;
    const text = JSON.stringify(wanted);
    const known = yields.findIndex((one) => JSON.stringify(one) === text);
    return known >= 0 ? known : yields.push(wanted) - 1;
  }

  #insert(batch: Batch, context: RootContext): readonly Placed[] {
    const { objects, pathOf, level } = batch;
    if (level > context.role.model.depth)
      throw beyondLimit(
        pathOf(0),
        `the objects nest deeper than ${context.role.model.depth} levels of relationships`,
      );
    const shapes = new Map<string, Shape>();
    const shaped = objects.map((object, index) => shapeOf(object, pathOf(index), context, shapes));
    const before = this.#nestedRows('before', shaped, batch, context, undefined);
    const placed = this.#place(shaped, before, batch, context);
    this.#nestedRows('after', shaped, batch, context, placed);
    return placed;
  }

  /** Inserts what is nested in the objects by each relationship of one kind. */
  #nestedRows(
    order: 'before' | 'after',
    shaped: readonly Shape[],
    { objects, pathOf, level }: Batch,
    context: RootContext,
    parents: readonly Placed[] | undefined,
  ): ReadonlyMap<ModelEdge, readonly (Placed | undefined)[]> {
    const edges = new Set(shaped.flatMap((shape) => shape[order]));
    return new Map(
      [...edges].map((edge) => {
        const far = context.role.tables.get(edge.to)!;
        const link: LinkRequest = { table: context.table.name, relationship: edge.name, side: 'far' };
        const children = shaped.flatMap((shape, index) =>
          shape[order].includes(edge)
            ? nestedIn(objects[index] as Row, edge, index, `${pathOf(index)}.${edge.graphql}`)
            : [],
        );
        const places: (Placed | undefined)[] = objects.map(() => undefined);
        this.#nested ||= children.length > 0;
        for (const group of byConflict(children)) {
          const inner: RootContext = contextOf(far, group[0]!.path, context);
          const conflict = buildConflict(group[0]!.conflict, `${group[0]!.path}.on_conflict`, inner);
          const placed = this.#insert(
            {
              objects: group.map(({ data }) => data),
              pathOf: (index) => group[index]!.path,
              conflict,
              parent: parents && { link, placed: group.map(({ index }) => parents[index]!) },
              level: level + 1,
            },
            inner,
          );
          for (const [at, { index }] of group.entries()) places[index] = placed[at];
        }
        return [edge, places] as const;
      }),
    );
  }

  /** Puts each object into a statement with those that give the same columns and hang on rows of the same statements. */
  #place(
    shaped: readonly Shape[],
    before: ReadonlyMap<ModelEdge, readonly (Placed | undefined)[]>,
    { objects, conflict, parent, level, pathOf }: Batch,
    context: RootContext,
  ): readonly Placed[] {
    const drafts = new Map<string, number>();
    const numbers = new Map<Shape, number>();
    const repeated = level > 0 && conflict !== undefined ? new Repeated(conflict.columns ?? []) : undefined;
    return shaped.map((shape, index): Placed => {
      const row = rowOf(objects[index] as Row, shape.columns);
      const hangsOn = [
        ...shape.before.map((edge) => ({
          link: { table: context.table.name, relationship: edge.name, side: 'near' } as const,
          on: before.get(edge)![index]!,
        })),
        ...(parent === undefined ? [] : [{ link: parent.link, on: parent.placed[index]! }]),
      ];
      const known = repeated?.find(row, hangsOn);
      if (known?.placed !== undefined) return known.placed;
      const number = numbers.get(shape) ?? numbers.size;
      numbers.set(shape, number);
      const key = `${number} ${hangsOn.map(({ on }) => on.step).join()} ${known?.round ?? 0}`;
      let step = drafts.get(key);
      if (step === undefined) {
        step = this.#open(shape, conflict, hangsOn, context, pathOf(index));
        drafts.set(key, step);
        if (drafts.size > maxColumnSets && hangsOn.length === 0)
          throw beyondLimit(
            `${context.path}.args.objects`,
            `the objects give more than ${maxColumnSets} different sets of columns; give each the same ones`,
          );
      }
      const draft = this.#drafts[step]!;
      for (const [at, { on }] of hangsOn.entries()) draft.links[at]!.rows.push(on.row);
      const placed = { step, row: draft.rows.push(row) - 1 };
      known?.place(placed);
      return placed;
    });
  }

  #open(
    shape: Shape,
    conflict: ConflictRequest | undefined,
    hangsOn: readonly { readonly link: LinkRequest; readonly on: Placed }[],
    context: RootContext,
    path: string,
  ): number {
    if (this.#drafts.length === maxSteps)
      throw beyondLimit(
        path,
        `the objects need more than ${maxSteps} statements; give those of one level the same fields`,
      );
    for (const { link, on } of hangsOn) {
      this.#yield(on.step, otherEnd(link));
      this.#drafts[on.step]!.needsAll = true;
    }
    const columns = shape.columns.map(({ name }) => name);
    const links = hangsOn.map(({ link, on }) => ({ link, step: on.step, rows: [] }));
    return (
      this.#drafts.push({ context, columns, conflict, rows: [], links, yields: [], needsAll: false }) - 1
    );
  }
}

/** One statement cannot meet a row twice: equal objects are written once, others of the same key one after the other. */
class Repeated {
  readonly #columns: readonly string[];
  readonly #seen = new Map<string, { round: number; readonly places: Map<string, Placed> }>();

  constructor(columns: readonly string[]) {
    this.#columns = columns;
  }

  find(row: Row, hangsOn: readonly { readonly on: Placed }[]) {
    const target = JSON.stringify(this.#columns.map((column) => row[column] ?? null));
    const whole = JSON.stringify([row, hangsOn.map(({ on }) => on)]);
    const seen = this.#seen.get(target);
    const entry = seen ?? { round: -1, places: new Map<string, Placed>() };
    if (seen === undefined) this.#seen.set(target, entry);
    const placed = entry.places.get(whole);
    if (placed === undefined) entry.round += 1;
    return { placed, round: entry.round, place: (at: Placed) => void entry.places.set(whole, at) };
  }
}

/** Whether each row is written, or the request fails. */
function writesAll(conflict: ConflictRequest | undefined): boolean {
  return conflict === undefined || (conflict.action === 'merge' && conflict.where === undefined);
}

/** The same link from the other row's side. */
function otherEnd(link: LinkRequest): LinkRequest {
  return { ...link, side: link.side === 'near' ? 'far' : 'near' };
}

interface Child {
  readonly index: number;
  readonly data: unknown;
  readonly conflict: unknown;
  readonly path: string;
}

/** The objects nested in the one at `index`. */
function nestedIn(given: Row, edge: ModelEdge, index: number, path: string): readonly Child[] {
  const { data, on_conflict: conflict } = given[edge.graphql] as Row;
  if (edge.kind === 'one') return [{ index, data, conflict, path: `${path}.data` }];
  return listOf(data).map((one, at) => ({ index, data: one, conflict, path: `${path}.data[${at}]` }));
}

function byConflict(children: readonly Child[]): Iterable<readonly Child[]> {
  const groups = new Map<string, Child[]>();
  for (const child of children) {
    const key = JSON.stringify(child.conflict ?? null);
    const group = groups.get(key) ?? [];
    groups.set(key, group);
    group.push(child);
  }
  return groups.values();
}

function contextOf(table: ModelTable, path: string, context: RootContext): RootContext {
  const values: unknown[] = [];
  return { ...context, table, path, values, slot: (value) => values.push(value) - 1 };
}

/** The columns are looked up once for each set of names, not for each of a hundred thousand rows. */
function shapeOf(object: unknown, path: string, { table }: RootContext, shapes: Map<string, Shape>): Shape {
  if (object === null || object === undefined)
    throw invalid(path, `unexpected null value for an object of "${table.graphql}"`);
  const given = object as Row;
  const edges = table.edges.filter(
    (edge) => edge.nesting !== undefined && given[edge.graphql] !== undefined && given[edge.graphql] !== null,
  );
  // No comma is in a name of GraphQL.
  const names = `${Object.keys(given).join()} ${edges.map((edge) => edge.graphql).join()}`;
  const known = shapes.get(names);
  if (known !== undefined) return known;
  const columns = columnsIn(given, table.insertable);
  // Objects that name the same columns in another order are of one shape: both lists are in the table's order. No object is
  // looked up under two blanks.
  const key = `${columns.map((column) => column.graphql).join()}  ${edges.map((edge) => edge.graphql).join()}`;
  const shape = shapes.get(key) ?? {
    columns,
    before: edges.filter(({ nesting }) => nesting === 'before'),
    after: edges.filter(({ nesting }) => nesting === 'after'),
  };
  shapes.set(key, shape).set(names, shape);
  return shape;
}

/** In the table's order, so that equal sets of columns are one shape. */
export function columnsIn(given: Row, columns: readonly ModelColumn[]): readonly ModelColumn[] {
  return columns.filter(({ graphql }) => given[graphql] !== undefined);
}

/** The row under API names. */
export function rowOf(given: Row, columns: readonly ModelColumn[]): Row {
  const row = new Bare();
  for (const column of columns) {
    const item = given[column.graphql];
    row[column.name] = column.list && item !== null ? listOf(item) : item;
  }
  return row;
}
