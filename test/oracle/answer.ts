/** What the answer to a question must be: the refusal, or the rows and cells, where rows that are alike may change places. */

import type { Claims } from './claims.ts';
import { ClaimUnfit } from './claims.ts';
import { always, type Predicate } from './predicate.ts';
import type { Embed, Level, Order, Question, Summary, Surface, Term } from './question.ts';
import { edgesOf, type Reach, type TableReach } from './reach.ts';
import type { Edge, Json, Row, State, Table } from './schema.ts';
import { mayRefuse, type Sight, sightOf } from './sight.ts';
import { compareValues, holds } from './truth.ts';

export type Expected =
  | { readonly kind: 'value'; readonly value: Json }
  /** A number that is computed with as many digits as the database likes. */
  | { readonly kind: 'about'; readonly value: number }
  | { readonly kind: 'object'; readonly fields: ReadonlyMap<string, Expected> }
  /** Groups of rows that are alike in the order, and which part of the whole list is asked for. */
  | {
      readonly kind: 'list';
      readonly ties: readonly (readonly Expected[])[];
      readonly offset: number;
      readonly length: number;
    };

const nothing: ReadonlySet<string> = new Set();

export interface Refusal {
  readonly kind: 'refused';
  /** Codes that say why; one of them must be the answer's. */
  readonly codes: ReadonlySet<string>;
}

export interface Answer {
  readonly kind: 'answered';
  readonly body: Expected;
  /** Of all rows, where it was asked for. */
  readonly total: number | undefined;
  /** Codes with which it may be refused all the same, since the language leaves it open. */
  readonly orElse: ReadonlySet<string>;
}

export type Code =
  | 'PGRST205'
  | '42703'
  | 'PGRST200'
  | '42501'
  | 'PGRST123'
  | 'NS302'
  | 'NS404'
  | 'PGRST204'
  | '23502'
  | '23503'
  | '23505';

export interface Caller {
  readonly reach: Reach;
  readonly claims: Claims;
  readonly state: State;
  /** Most rows of a list. */
  readonly rows: number;
  readonly surface: Surface;
}

/** Why a question cannot be answered, whatever the rows are. */
export class Reasons {
  readonly codes = new Set<Code>();
  readonly #reach: Reach;

  constructor(reach: Reach) {
    this.#reach = reach;
  }

  /** Undefined where there is no such table for the caller, or none to read. */
  table({ name }: Table): TableReach | undefined {
    const found = this.#reach.get(name);
    if (found === undefined) this.codes.add('PGRST205');
    else if (found.select === undefined) this.codes.add('42501');
    return found;
  }

  column(table: Table, name: string): void {
    if (!this.#reach.get(table.name)?.select?.columns.has(name)) this.codes.add('42703');
  }

  /** A key that the caller cannot read is no way to a row: the URL names no column of it. */
  key({ name, key }: Table): void {
    if (!key.every((one) => this.#reach.get(name)?.select?.columns.has(one))) this.codes.add('42501');
  }

  edge(edge: Edge): void {
    if (!edgesOf(edge.from, this.#reach).some((one) => one.name === edge.name)) this.codes.add('PGRST200');
  }

  aggregates(table: Table): void {
    if (this.#reach.get(table.name)?.select?.aggregate !== undefined) return;
    this.codes.add('42501');
    this.codes.add('PGRST123');
  }

  filter(predicate: Predicate | undefined, table: Table, schema: (name: string) => Table): void {
    if (predicate === undefined) return;
    switch (predicate.kind) {
      case 'and':
      case 'or':
        for (const part of predicate.of) this.filter(part, table, schema);
        return;
      case 'not':
        this.filter(predicate.of, table, schema);
        return;
      case 'related':
      case 'count':
        this.edge(predicate.edge);
        if (predicate.kind === 'count') this.aggregates(schema(predicate.edge.to));
        this.filter(predicate.where, schema(predicate.edge.to), schema);
        return;
      case 'exists':
        throw new Error('A caller cannot ask this.');
      case 'columns':
        this.column(table, predicate.other.name);
        this.column(table, predicate.column.name);
        return;
      default:
        this.column(table, predicate.column.name);
    }
  }

  level(level: Level, schema: (name: string) => Table): void {
    const { table } = level;
    for (const name of level.columns) this.column(table, name);
    for (const { column } of level.order) this.column(table, column);
    this.filter(level.where, table, schema);
    for (const { edge, of } of level.embeds) {
      this.edge(edge);
      if (of.kind === 'rows') this.level(of.level, schema);
      else this.summary(of.summary, schema);
    }
  }

  summary({ table, where, functions }: Summary, schema: (name: string) => Table): void {
    this.filter(where, table, schema);
    this.aggregates(table);
    for (const { column } of functions) if (column !== undefined) this.column(table, column);
  }
}

/** Every table that is looked at, so that claims are read even where no row comes of it. */
export function tablesOf(question: Question): ReadonlySet<string> {
  const tables = new Set<string>();
  const ofFilter = (predicate: Predicate | undefined): void => {
    if (predicate === undefined) return;
    if (predicate.kind === 'and' || predicate.kind === 'or') predicate.of.forEach(ofFilter);
    if (predicate.kind === 'not') ofFilter(predicate.of);
    if (predicate.kind !== 'related' && predicate.kind !== 'count') return;
    ofEdge(predicate.edge);
    ofFilter(predicate.where);
  };
  const ofEdge = ({ to, through }: Edge) => {
    tables.add(to);
    if (through !== undefined) tables.add(through.table);
  };
  const ofLevel = ({ table, where, embeds }: Level): void => {
    tables.add(table.name);
    ofFilter(where);
    for (const { edge, of } of embeds) {
      ofEdge(edge);
      if (of.kind === 'rows') ofLevel(of.level);
      else ofFilter(of.summary.where);
    }
  };
  if (question.kind === 'list' || question.kind === 'one') ofLevel(question.level);
  else {
    tables.add(question.summary.table.name);
    ofFilter(question.summary.where);
    if (question.kind === 'summary') ofLevel(question.nodes);
  }
  return tables;
}

export function answerTo(
  question: Question,
  { reach, claims, state, rows, surface }: Caller,
  schema: (name: string) => Table,
): Answer | Refusal {
  const reasons = new Reasons(reach);
  const { table } = question.kind === 'list' || question.kind === 'one' ? question.level : question.summary;
  if (reasons.table(table)?.select !== undefined) {
    if (question.kind === 'list' || question.kind === 'one') reasons.level(question.level, schema);
    else {
      // The number of rows and nothing else is what `select` itself tells.
      if (question.kind !== 'groups' || surface === 'graphql' || !isCountAlone(question))
        reasons.summary(question.summary, schema);
      else reasons.filter(question.summary.where, table, schema);
      if (question.kind === 'groups') for (const name of question.by) reasons.column(table, name);
      if (question.kind === 'summary') reasons.level(question.nodes, schema);
    }
    if (question.kind === 'one') reasons.key(table);
  }
  const sight = sightOf(reach, state, claims);
  try {
    for (const name of tablesOf(question)) sight.rows(name);
  } catch (error) {
    if (!(error instanceof ClaimUnfit)) throw error;
    reasons.codes.add('NS302');
  }
  if (reasons.codes.size > 0) return { kind: 'refused', codes: reasons.codes };
  const open = [...tablesOf(question)].some((name) => mayRefuse(name, reach, claims));
  const answer = new Teller(sight, rows, surface).answer(question);
  if (!open) return answer;
  return answer.kind === 'refused'
    ? { kind: 'refused', codes: new Set([...answer.codes, 'NS302']) }
    : { ...answer, orElse: new Set(['NS302']) };
}

function isCountAlone({ summary, by }: Extract<Question, { kind: 'groups' }>): boolean {
  return by.length === 0 && summary.functions.length === 1;
}

/** Tells what one caller is shown. */
export class Teller {
  readonly #sight: Sight;
  readonly #rows: number;
  readonly #surface: Surface;

  constructor(sight: Sight, rows: number, surface: Surface) {
    this.#sight = sight;
    this.#rows = rows;
    this.#surface = surface;
  }

  answer(question: Question): Answer | Refusal {
    switch (question.kind) {
      case 'list': {
        const { level, count } = question;
        const all = this.#sight.rows(level.table.name);
        const total = count ? this.#passing(level, all).length : undefined;
        return { kind: 'answered', body: this.list(level, all), total, orElse: nothing };
      }
      case 'one': {
        const { level, id } = question;
        const row = this.#sight.rows(level.table.name).find((one) => one.id === id);
        if (row === undefined || this.#passing(level, [row]).length === 0)
          return { kind: 'refused', codes: new Set(['NS404']) };
        return { kind: 'answered', body: this.object(level, row), total: undefined, orElse: nothing };
      }
      case 'groups': {
        return { kind: 'answered', body: this.#groups(question), total: undefined, orElse: nothing };
      }
      case 'summary': {
        const { summary, nodes } = question;
        const rows = this.#matching(summary);
        const fields = new Map([
          ['aggregate', this.#told(summary, rows)],
          ['nodes', this.list(nodes, rows)],
        ]);
        return { kind: 'answered', body: { kind: 'object', fields }, total: undefined, orElse: nothing };
      }
      default:
        return question satisfies never;
    }
  }

  list(level: Level, candidates: readonly Row[]): Expected {
    const rows = this.#passing(level, candidates);
    const ties = tied(rows, level.order).map((alike) => alike.map((row) => this.object(level, row)));
    const limit = this.#cut(level.table, level.limit);
    return window(ties, rows.length, level.offset ?? 0, limit);
  }

  #cut(table: Table, limit: number | undefined): number {
    const granted = this.#sight.reach.get(table.name)!.select!.limit;
    return Math.min(limit ?? this.#rows, granted ?? this.#rows, this.#rows);
  }

  #passing({ where, embeds }: Level, candidates: readonly Row[]): readonly Row[] {
    return candidates.filter(
      (row) => holds(where ?? always, row, this.#sight) && embeds.every((embed) => this.#isThere(embed, row)),
    );
  }

  /** Of `!inner`: some row, whichever part of them is asked for. */
  #isThere({ edge, of }: Embed, row: Row): boolean {
    if (of.kind !== 'rows' || !of.inner) return true;
    return this.#passing(of.level, this.#sight.follow(edge, row)).length > 0;
  }

  object(level: Level, row: Row): Expected {
    const fields = new Map<string, Expected>();
    for (const name of level.columns) fields.set(name, { kind: 'value', value: row[name] ?? null });
    for (const embed of level.embeds) fields.set(embed.alias, this.#embedded(embed, row));
    return { kind: 'object', fields };
  }

  #embedded({ edge, of }: Embed, row: Row): Expected {
    const far = this.#sight.follow(edge, row);
    if (of.kind === 'summary') {
      const rows = far.filter((one) => holds(of.summary.where ?? always, one, this.#sight));
      return { kind: 'object', fields: new Map([['aggregate', this.#told(of.summary, rows)]]) };
    }
    if (edge.many) return this.list(of.level, far);
    const [one] = this.#passing(of.level, far);
    return one === undefined ? { kind: 'value', value: null } : this.object(of.level, one);
  }

  /** Of too few rows nothing is told. */
  #told({ table, functions: terms }: Summary, rows: readonly Row[]): Expected {
    return rows.length < this.#sight.least(table.name)
      ? { kind: 'value', value: null }
      : functions(terms, rows);
  }

  #matching({ table, where }: Summary): readonly Row[] {
    return this.#sight.rows(table.name).filter((row) => holds(where ?? always, row, this.#sight));
  }

  #groups(question: Extract<Question, { kind: 'groups' }>): Expected {
    const { summary, by } = question;
    const groups = new Map<string, Row[]>();
    if (by.length === 0) groups.set('[]', []);
    for (const row of this.#matching(summary)) {
      const key = JSON.stringify(by.map((name) => row[name]));
      groups.set(key, [...(groups.get(key) ?? []), row]);
    }
    // The number of rows and nothing else is the length of the list; a group of GraphQL is an aggregate all the same.
    const isLength = this.#surface === 'rest' && isCountAlone(question);
    const least = isLength ? 0 : this.#sight.least(summary.table.name);
    const told = [...groups].filter(([, rows]) => rows.length >= least);
    const all = told.map(([key, rows]): Expected => {
      const cells = (JSON.parse(key) as Json[]).map(
        (value, index) => [by[index]!, { kind: 'value', value }] as const,
      );
      const { fields } = functions(summary.functions, rows) as Extract<Expected, { kind: 'object' }>;
      return { kind: 'object', fields: new Map<string, Expected>([...cells, ...fields]) };
    });
    return window([all], all.length, 0, this.#cut(summary.table, undefined));
  }
}

export function window(
  ties: readonly (readonly Expected[])[],
  rows: number,
  offset: number,
  limit: number,
): Expected {
  return { kind: 'list', ties, offset, length: Math.max(0, Math.min(rows - offset, limit)) };
}

/** Groups of rows that the order does not tell apart, in its order. Nulls are last where it rises, and first where it falls. */
function tied(rows: readonly Row[], order: readonly Order[]): readonly (readonly Row[])[] {
  const compare = (a: Row, b: Row): number => {
    for (const { column, direction, nulls } of order) {
      const [one, other] = [a[column] ?? null, b[column] ?? null];
      if (one === other) continue;
      const last = nulls === null ? direction === 'asc' : nulls === 'last';
      if (one === null) return last ? 1 : -1;
      if (other === null) return last ? -1 : 1;
      return compareValues(one, other) * (direction === 'asc' ? 1 : -1);
    }
    return 0;
  };
  const groups: Row[][] = [];
  for (const row of [...rows].sort(compare)) {
    const before = groups.at(-1);
    if (before !== undefined && compare(before[0]!, row) === 0) before.push(row);
    else groups.push([row]);
  }
  return groups;
}

function functions(terms: readonly Term[], rows: readonly Row[]): Expected {
  return { kind: 'object', fields: new Map(terms.map((term) => [term.alias, functionOf(term, rows)])) };
}

function functionOf({ function: name, column, distinct }: Term, rows: readonly Row[]): Expected {
  if (column === undefined) return { kind: 'value', value: rows.length };
  const values = rows.map((row) => row[column] ?? null).filter((value) => value !== null);
  const number = (value: number): Expected => ({ kind: 'about', value });
  if (name === 'count') return number(distinct ? new Set(values).size : values.length);
  if (values.length === 0) return { kind: 'value', value: null };
  // In hundredths, so that sums are exact.
  const sum = values.reduce<number>((total, value) => total + Math.round(Number(value) * 100), 0) / 100;
  switch (name) {
    case 'sum':
      return number(sum);
    case 'avg':
      return number(sum / values.length);
    case 'min':
    case 'max': {
      const sorted = [...values].sort(compareValues);
      return { kind: 'value', value: sorted.at(name === 'min' ? 0 : -1)! };
    }
    default:
      return name satisfies never;
  }
}
